package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// shown is the condition under which the public may be told of an entry v: it
// is in the roster, no keeper withholds it, and a claim about it is live. Its
// one argument is today.
const shown = `v.absent = 0 AND v.withheld IS NULL AND EXISTS
	(SELECT 1 FROM published_claims c WHERE c.person_id = v.id AND c.expires >= ?)`

// A Card is an entry with its live claims, newest first.
type Card struct {
	rollcall.Person
	Claims []rollcall.Claim
}

// Card returns a shown entry. Returns a NotFound error for one that is absent,
// hidden, expired or taken down, without telling these apart.
func (db *DB) Card(ctx context.Context, id rollcall.PersonID) (Card, error) {
	var c Card
	var alts string
	err := db.row(ctx, `SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM published_people v WHERE v.id = ? AND `+shown, []any{id, db.today()},
		&c.ID, &c.PublicID, &c.FullName, &alts, &c.BirthYear)
	if err != nil {
		return Card{}, err
	}
	c.AltNames = splitNames(alts)
	if c.Claims, err = db.LiveClaims(ctx, id); err == nil && len(c.Claims) == 0 {
		err = errNoRow // the last one has expired between the two looks
	}
	if err != nil {
		return Card{}, err
	}
	return c, nil
}

// LiveClaims returns the claims about an entry that may still be shown, newest
// first. It does not ask whether the entry may: see [DB.Card].
func (db *DB) LiveClaims(ctx context.Context, id rollcall.PersonID) ([]rollcall.Claim, error) {
	var claims []rollcall.Claim
	err := db.each(ctx, `SELECT s.name, c.status_date, c.status, c.source_url, c.note, c.expires
		FROM published_claims c JOIN sources s ON s.id = c.source_id WHERE c.person_id = ? AND c.expires >= ?
		ORDER BY c.status_date DESC, s.name, c.status`, []any{id, db.today()}, func(rows *sql.Rows) error {
		c, err := scanClaim(rows)
		claims = append(claims, c)
		return err
	})
	return claims, err
}

func scanClaim(rows *sql.Rows, before ...any) (c rollcall.Claim, err error) {
	var date, status, expires string
	if err = rows.Scan(append(before, &c.Source, &date, &status, &c.SourceURL, &c.Note, &expires)...); err != nil {
		return c, err
	}
	c.Status = rollcall.Status(status)
	if c.Date, err = rollcall.ParseDate(date); err != nil {
		return c, err
	}
	c.Expires, err = rollcall.ParseDate(expires)
	return c, err
}

// People implements search.Index.
func (db *DB) People(ctx context.Context, l names.Lookup) ([]rollcall.Person, error) {
	if len(l.Groups) == 0 || l.Limit <= 0 {
		return nil, nil
	}
	groups, err := db.rarestFirst(ctx, l.Groups)
	if err != nil || groups == nil {
		return nil, err
	}
	var q strings.Builder
	var args []any
	in := func(keys []names.Key) {
		q.WriteString("(" + places(len(keys)) + ")")
		for _, k := range keys {
			args = append(args, keyHash(string(k)))
		}
	}
	// CROSS JOIN keeps SQLite to the order given: from the rarest key outwards.
	q.WriteString(`SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM published_people v WHERE v.id IN (SELECT k0.person_id FROM name_keys k0`)
	for i := range groups[1:] {
		n := string(rune('1' + i))
		q.WriteString(" CROSS JOIN name_keys k" + n + " ON k" + n + ".person_id = k0.person_id AND k" + n + ".key_hash IN ")
		in(groups[i+1])
	}
	q.WriteString(" WHERE k0.key_hash IN ")
	in(groups[0])
	q.WriteString(") AND " + shown)
	args = append(args, db.today())
	if l.YearFrom != 0 {
		q.WriteString(" AND (v.birth_year BETWEEN ? AND ?")
		if l.UnknownYear {
			q.WriteString(" OR v.birth_year IS NULL")
		}
		q.WriteString(")")
		args = append(args, l.YearFrom, l.YearTo)
	}
	q.WriteString(" ORDER BY v.id LIMIT ?")
	args = append(args, l.Limit)

	// The statements for one group and for a few keys a group are of few forms, and
	// kept; the others, for misspelt names, would be too many to keep.
	each := db.each
	if len(groups) > 1 && slices.ContainsFunc(groups, func(g []names.Key) bool { return len(g) > 4 }) {
		each = db.eachOnce
	}
	var people []rollcall.Person
	err = each(ctx, q.String(), args, func(rows *sql.Rows) error {
		var p rollcall.Person
		var alts string
		err := rows.Scan(&p.ID, &p.PublicID, &p.FullName, &alts, &p.BirthYear)
		p.AltNames = splitNames(alts)
		people = append(people, p)
		return err
	})
	return people, err
}

const (
	// maxGroups bounds the joins of one lookup; further parts of a query only
	// help to rank.
	maxGroups = 4
	// frequencyCap bounds how far a key's rows are counted to find the rarest.
	frequencyCap = 4096
	// maxCounted is the size of a group whose keys are counted one by one. A
	// larger one, of the slips of a misspelt part, is counted as a whole.
	maxCounted = 8
)

// rarestFirst orders the groups by how many people bear their keys and keeps at
// most maxGroups. Keys that nobody bears are left out; a group of such alone
// makes the result nil, since then nobody fits.
func (db *DB) rarestFirst(ctx context.Context, groups [][]names.Key) ([][]names.Key, error) {
	if len(groups) == 1 {
		return [][]names.Key{padded(groups[0])}, nil
	}
	var version int64
	if err := db.row(ctx, `SELECT version FROM roster`, nil, &version); err != nil {
		return nil, err
	}
	type counted struct {
		keys []names.Key
		n    int
	}
	cs := make([]counted, 0, len(groups))
	for _, g := range groups {
		c := counted{keys: g}
		if len(g) > maxCounted {
			var err error
			if c.n, err = db.frequency(ctx, g, frequencyCap); err != nil {
				return nil, err
			}
		} else {
			c.keys = make([]names.Key, 0, len(g))
			for _, k := range g {
				n, err := db.counts.of(version, k, func() (int, error) { return db.Frequency(ctx, k, frequencyCap) })
				if err != nil {
					return nil, err
				}
				if n > 0 {
					c.keys = append(c.keys, k)
					c.n += n
				}
			}
		}
		if c.n == 0 {
			return nil, nil
		}
		cs = append(cs, c)
	}
	slices.SortStableFunc(cs, func(a, b counted) int { return a.n - b.n })
	out := make([][]names.Key, 0, maxGroups)
	for _, c := range cs[:min(len(cs), maxGroups)] {
		out = append(out, padded(c.keys))
	}
	return out, nil
}

// padded repeats the last key until there are 1, 2, 4, 8… of them, so that few
// different statements have to be prepared. The result is a copy.
func padded(keys []names.Key) []names.Key {
	n := 1
	for n < len(keys) {
		n *= 2
	}
	out := append(make([]names.Key, 0, n), keys...)
	for len(out) < n {
		out = append(out, keys[len(keys)-1])
	}
	return out
}

// counts remember how many people bear a key, for one version of the roster:
// given names and patronymics are few, and in nearly every query. The staging of
// a batch adds keys before the version rises; until then nobody sees its people,
// so that a count from before loses nobody.
type counts struct {
	mu      sync.Mutex
	version int64
	known   map[names.Key]int
}

const maxCounts = 20_000

func (c *counts) of(version int64, k names.Key, count func() (int, error)) (int, error) {
	c.mu.Lock()
	if c.known == nil || len(c.known) >= maxCounts || c.version != version {
		c.known, c.version = map[names.Key]int{}, version
	}
	n, ok := c.known[k]
	c.mu.Unlock()
	if ok {
		return n, nil
	}
	n, err := count()
	if err == nil {
		c.mu.Lock()
		if c.version == version {
			c.known[k] = n
		}
		c.mu.Unlock()
	}
	return n, err
}

// places is a list of n parameters; n is at least 1.
func places(n int) string { return "?" + strings.Repeat(",?", n-1) }

// Frequency implements search.Index.
func (db *DB) Frequency(ctx context.Context, k names.Key, max int) (int, error) {
	return db.frequency(ctx, []names.Key{k}, max)
}

// frequency counts the rows of the keys together, up to max.
func (db *DB) frequency(ctx context.Context, keys []names.Key, max int) (int, error) {
	args := make([]any, 0, len(keys)+1)
	for _, k := range keys {
		args = append(args, keyHash(string(k)))
	}
	query := `SELECT count(*) FROM (SELECT 1 FROM name_keys WHERE key_hash IN (` + places(len(keys)) + `) LIMIT ?)`
	args = append(args, max)
	var n int
	var err error
	if len(keys) > maxCounted { // of too many forms to be kept prepared
		err = mapError(db.read.QueryRowContext(ctx, query, args...).Scan(&n))
	} else {
		err = db.row(ctx, query, args, &n)
	}
	return n, err
}

// Export calls fn for every claim of every entry that is not withheld and not
// missing from the last full import, expired ones included, in the order of the
// public ids. It sees one state of the roster throughout.
func (db *DB) Export(ctx context.Context, fn func(rollcall.RosterRow) error) error {
	return db.each(ctx, `SELECT v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0),
			s.name, c.status_date, c.status, c.source_url, c.note, c.expires
		FROM published_people v JOIN published_claims c ON c.person_id = v.id JOIN sources s ON s.id = c.source_id
		WHERE v.absent = 0 AND v.withheld IS NULL
		ORDER BY v.public_id, c.status_date, s.name, c.status`, nil, func(rows *sql.Rows) error {
		var r rollcall.RosterRow
		var alts string
		c, err := scanClaim(rows, &r.PublicID, &r.FullName, &alts, &r.BirthYear)
		if err != nil {
			return err
		}
		r.Claim, r.AltNames = c, splitNames(alts)
		return fn(r)
	})
}

// Rounds returns the exchange rounds, newest first, each with its figures by
// date and source.
func (db *DB) Rounds(ctx context.Context) ([]rollcall.Round, error) {
	var rounds []rollcall.Round
	err := db.each(ctx, `SELECT r.id, r.title, coalesce(f.side, ''), coalesce(f.stage, ''), coalesce(f.count, 0), coalesce(f.at_least, 0),
			coalesce(f.status_date, ''), coalesce(s.name, ''), coalesce(f.source_url, '')
		FROM rounds r LEFT JOIN round_figures f ON f.round_id = r.id LEFT JOIN sources s ON s.id = f.source_id
		ORDER BY r.created_at DESC, r.id DESC, f.status_date DESC, s.name, f.side`, nil, func(rows *sql.Rows) error {
		var r rollcall.Round
		var f rollcall.RoundFigure
		var date string
		if err := rows.Scan(&r.ID, &r.Title, &f.Side, &f.Stage, &f.Count, &f.AtLeast, &date, &f.Source, &f.SourceURL); err != nil {
			return err
		}
		if n := len(rounds); n == 0 || rounds[n-1].ID != r.ID {
			rounds = append(rounds, r)
		}
		if f.Source == "" {
			return nil
		}
		var err error
		f.Date, err = rollcall.ParseDate(date)
		last := &rounds[len(rounds)-1]
		last.Figures = append(last.Figures, f)
		return err
	})
	return rounds, err
}

// AddRoundFigure records what a source said of a round, making the round where
// there is none of that title. The same source's figure for the same side,
// stage and day is replaced.
func (tx *Tx) AddRoundFigure(title string, f rollcall.RoundFigure, by Actor) error {
	if _, err := tx.exec(`INSERT INTO rounds (title, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, title, tx.Now.Unix()); err != nil {
		return err
	}
	source, err := tx.sourceID(f.Source)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO round_figures (round_id, side, stage, count, at_least, status_date, source_id, source_url)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM rounds WHERE title = ?
		ON CONFLICT (round_id, side, stage, status_date, source_id) DO UPDATE SET
			count = excluded.count, at_least = excluded.at_least, source_url = excluded.source_url`,
		string(f.Side), string(f.Stage), f.Count, f.AtLeast, f.Date.String(), source, f.SourceURL, title); err != nil {
		return err
	}
	return tx.audit(by, "round", title, "")
}
