package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"rollcall/internal/secret"
)

// An Actor is who writes: the shell of the machine, an editor or an owner.
type Actor struct {
	Role string      // "shell", "editor" or "owner"
	Tag  *secret.Tag // the keeper's peer tag; nil in the shell
}

// owns reports whether the actor may do what an owner may. Whoever has the shell
// has the file itself.
func (a Actor) owns() bool { return a.Role == "owner" || a.Role == "shell" }

// Shell is whoever runs the program's verbs on its machine.
var Shell = Actor{Role: "shell"}

// audit notes one act of a keeper, within the transaction that does it.
func (tx *Tx) audit(by Actor, action, object, reason string) error {
	var tag any
	if by.Tag != nil {
		tag = by.Tag[:]
	}
	_, err := tx.exec(`INSERT INTO audit (at, role, actor_tag, action, object, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		tx.Now.Unix(), by.Role, tag, action, object, reason)
	return err
}

// An AuditEntry is one act of a keeper.
type AuditEntry struct {
	At     time.Time
	Role   string
	Actor  *secret.Tag // a peer tag; nil for the shell
	Action string
	Object string // such as an entry's public id or a petition's slug; may be empty
	Reason string // as the keeper gave it; may be empty
}

// Audit calls fn for what keepers did since an instant, the newest last.
func (db *DB) Audit(ctx context.Context, since time.Time, fn func(AuditEntry) error) error {
	return db.each(ctx, `SELECT at, role, actor_tag, action, object, reason FROM audit WHERE at >= ? ORDER BY at, id`, []any{since.Unix()}, func(rows *sql.Rows) error {
		var e AuditEntry
		var at int64
		var tag []byte
		if err := rows.Scan(&at, &e.Role, &tag, &e.Action, &e.Object, &e.Reason); err != nil {
			return err
		}
		e.At = instant(at)
		if len(tag) == secret.TagSize {
			t := secret.Tag(tag)
			e.Actor = &t
		}
		return fn(e)
	})
}

// Stats are the figures of `stats`, each counted when it is asked for.
type Stats struct {
	People        int // entries with at least one live claim that are not withheld
	Withheld      int
	Claims        int // live ones
	Sources       int // that a claim names, live or not
	Peers         int
	Watches       int
	Wishes        int // to be told when somebody is listed, not met so far
	Subscriptions int // that run
	Deliveries    map[string]int
	LastImport    time.Time // zero where there was none
	Updates       int       // in the last day
	LookupsToday  int       // that count for the limits, since midnight UTC
	ShownToday    int       // different people shown by them: what the roster's budget counts

	SignaturesWaiting int // to be appended to the petitions' logs, and withdrawals and voids; not those held
	SignaturesHeld    int // since they came in a burst
	PetitionsHalted   int // whose log does not add up
}

// Stats counts what the database holds.
func (db *DB) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	var imported int64
	day := db.now().UTC().Add(-24 * time.Hour).Unix()
	for _, q := range []struct {
		query string
		args  []any
		dest  any
	}{
		{`SELECT count(*) FROM published_people v WHERE v.absent = 0 AND v.withheld IS NULL
			AND EXISTS (SELECT 1 FROM published_claims c WHERE c.person_id = v.id AND c.expires >= ?)`, []any{db.today()}, &s.People},
		{`SELECT count(*) FROM people WHERE withheld IS NOT NULL`, nil, &s.Withheld},
		{`SELECT count(*) FROM published_claims WHERE expires >= ?`, []any{db.today()}, &s.Claims},
		{`SELECT count(DISTINCT source_id) FROM published_claims`, nil, &s.Sources},
		{`SELECT count(*) FROM peers`, nil, &s.Peers},
		{`SELECT count(*) FROM watches`, nil, &s.Watches},
		{`SELECT count(*) FROM wishes`, nil, &s.Wishes},
		{`SELECT count(*) FROM subscriptions WHERE ended_reason IS NULL`, nil, &s.Subscriptions},
		{`SELECT coalesce(max(published_at), 0) FROM batches WHERE kind = 'import'`, nil, &imported},
		{`SELECT count(*) FROM updates WHERE received_at >= ?`, []any{day}, &s.Updates},
		{`SELECT coalesce(sum(lookups), 0) FROM lookup_accounts WHERE day = ?`, []any{dayOf(db.now())}, &s.LookupsToday},
		{`SELECT coalesce(sum(shown), 0) FROM roster_days WHERE day = ?`, []any{dayOf(db.now())}, &s.ShownToday},
		{`SELECT (SELECT count(*) FROM signatures WHERE waiting_since IS NOT NULL AND held = 0) + (SELECT count(*) FROM removals)`, nil, &s.SignaturesWaiting},
		{`SELECT count(*) FROM signatures WHERE held = 1`, nil, &s.SignaturesHeld},
		{`SELECT count(*) FROM petitions WHERE halted IS NOT NULL`, nil, &s.PetitionsHalted},
	} {
		if err := db.row(ctx, q.query, q.args, q.dest); err != nil {
			return s, err
		}
	}
	if imported > 0 {
		s.LastImport = instant(imported)
	}
	var err error
	s.Deliveries, err = db.DeliveryStates(ctx)
	return s, err
}

// A Figure is one line of the statistics.
type Figure struct {
	Name  string
	Value string
}

// Lines are the figures in the order in which they are shown. What passes, or asks
// for a keeper, is there only where there is any.
func (s Stats) Lines() []Figure {
	imported := "never"
	if !s.LastImport.IsZero() {
		imported = s.LastImport.Format(time.RFC3339)
	}
	n := strconv.Itoa
	lines := []Figure{
		{"people shown", n(s.People)},
		{"people withheld", n(s.Withheld)},
		{"live claims", n(s.Claims)},
		{"sources", n(s.Sources)},
		{"last import", imported},
		{"peers", n(s.Peers)},
		{"watches", n(s.Watches)},
		{"standing wishes", n(s.Wishes)},
		{"subscriptions", n(s.Subscriptions)},
		{"deliveries pending", n(s.Deliveries[string(Pending)] + s.Deliveries[string(Sending)])},
		{"deliveries sent", n(s.Deliveries[string(Sent)])},
		{"deliveries dead", n(s.Deliveries[string(Dead)])},
		{"deliveries unknown", n(s.Deliveries[string(Unsure)])},
		{"updates in 24 hours", n(s.Updates)},
		{"lookups today", n(s.LookupsToday)},
		{"people shown today", n(s.ShownToday)},
	}
	for _, f := range []struct {
		name string
		n    int
	}{{"signatures waiting", s.SignaturesWaiting}, {"signatures held", s.SignaturesHeld}, {"petitions halted", s.PetitionsHalted}} {
		if f.n > 0 {
			lines = append(lines, Figure{f.name, n(f.n)})
		}
	}
	return lines
}

// Figure is the petition's line of the statistics, with its present goal where it
// has one.
func (p PetitionRecord) Figure() Figure {
	value := fmt.Sprintf("%d counted (%d signed, %d withdrawn, %d voided)", p.Tally.Net(), p.Tally.Signed, p.Tally.Withdrawn, p.Tally.Voided)
	if p.Goal.Count > 0 {
		value += fmt.Sprintf(", goal %d", p.Goal.Count)
	}
	return Figure{"petition " + p.Slug, value}
}

// DeliveryStates counts the ledger's messages by state.
func (db *DB) DeliveryStates(ctx context.Context) (map[string]int, error) {
	return db.countStates(ctx, `SELECT state, count(*) FROM deliveries GROUP BY state`)
}

// PostStates counts those that go to channels and groups.
func (db *DB) PostStates(ctx context.Context) (map[string]int, error) {
	return db.countStates(ctx, `SELECT state, count(*) FROM deliveries WHERE chat_id IS NOT NULL GROUP BY state`)
}

func (db *DB) countStates(ctx context.Context, query string) (map[string]int, error) {
	states := map[string]int{}
	err := db.each(ctx, query, nil, func(rows *sql.Rows) error {
		var state string
		var n int
		err := rows.Scan(&state, &n)
		states[state] = n
		return err
	})
	return states, err
}
