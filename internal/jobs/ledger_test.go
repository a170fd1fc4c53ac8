package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the digests of these tests are read in Europe/Kyiv

	"rollcall/internal/digest"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

const channel rollcall.ChatID = -1001234567890

var kyiv = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		panic(err)
	}
	return loc
}()

// clock stands still until it is set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func (c *clock) move(d time.Duration) { c.set(c.now().Add(d)) }

// sender accepts every post, unless try says otherwise, when turn, where there is
// one, has returned.
type sender struct {
	turn func(ctx context.Context, chat rollcall.ChatID) error
	try  func(ctx context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error)

	mu      sync.Mutex
	arrived []arrival
}

// arrival is a post that came into a chat.
type arrival struct {
	chat rollcall.ChatID
	post store.Post
}

func (s *sender) Post(ctx context.Context, chat rollcall.ChatID, p store.Post, claim func() error) (rollcall.MessageID, string, error) {
	if s.turn != nil {
		if err := s.turn(ctx, chat); err != nil {
			return 0, "", &OutcomeError{NotDone: true, Err: err}
		}
	}
	if err := claim(); err != nil {
		return 0, "", &OutcomeError{NotDone: true, Err: err}
	}
	if s.try != nil {
		return s.try(ctx, chat, p)
	}
	return s.accept(chat, p)
}

func (s *sender) accept(chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived = append(s.arrived, arrival{chat, p})
	file := ""
	if p.Chart != nil {
		file = fmt.Sprint("file-", p.ID)
	}
	return rollcall.MessageID(len(s.arrived)), file, nil
}

func (s *sender) seen() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]arrival(nil), s.arrived...)
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// desk is a database with a runner on it.
type desk struct {
	*Runner
	t      *testing.T
	ctx    context.Context
	path   string
	clock  *clock // nil where the runner goes by the time of a synctest bubble
	sender *sender
	keys   *secret.Keys
	ledger *sql.DB // for looking at what no exported function tells
}

func newDesk(t *testing.T, at time.Time, digests ...Digest) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), path: filepath.Join(t.TempDir(), "rollcall.db"), clock: &clock{t: at}, sender: &sender{}}
	d.open(digests...)
	return d
}

// open makes a new runner on the desk's file, as a restart does.
func (d *desk) open(digests ...Digest) {
	d.t.Helper()
	o := Options{Sender: d.sender, Log: quiet, Digests: digests, OpenData: openData}
	if d.clock != nil {
		o.Now = d.clock.now
	}
	keys, err := secret.New([32]byte{1})
	if err != nil {
		d.t.Fatal(err)
	}
	d.keys = keys
	db, err := store.Open(d.ctx, d.path, store.Options{Now: o.Now, Keys: keys})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	o.DB = db
	d.Runner = New(o)
	if d.ledger == nil {
		if d.ledger, err = sql.Open("sqlite", "file:"+d.path+"?_pragma=query_only(1)&_pragma=busy_timeout(10000)"); err != nil {
			d.t.Fatal(err)
		}
		d.t.Cleanup(func() { d.ledger.Close() })
	}
}

// restart closes the database and opens it again with a new runner.
func (d *desk) restart() {
	d.t.Helper()
	digests := d.Digests
	if err := d.DB.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.open(digests...)
}

func (d *desk) plan(g Digest) {
	d.t.Helper()
	if err := d.Plan(d.ctx, g, d.clock.now()); err != nil {
		d.t.Fatal(err)
	}
}

// deliverAll delivers until nothing is due at this instant.
func (d *desk) deliverAll() {
	d.t.Helper()
	for {
		more, err := d.deliverOne(d.ctx)
		if err != nil {
			d.t.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// occurrence is a row of the ledger.
type occurrence struct {
	Key       string
	At        string // RFC 3339
	From      string // RFC 3339, or ""
	Number    int
	State     store.OccurrenceState
	Reason    string
	Delivered int // messages owed for it
}

func stamp(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

func (d *desk) occurrences(name string) (all []occurrence) {
	d.t.Helper()
	rows, err := d.ledger.Query(`SELECT key, planned_at, coalesce(covers_from, 0), number, state, reason,
		(SELECT count(*) FROM deliveries x WHERE x.occurrence_id = o.id) FROM occurrences o WHERE digest = ? ORDER BY planned_at, id`, name)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var o occurrence
		var at, from int64
		if err := rows.Scan(&o.Key, &at, &from, &o.Number, &o.State, &o.Reason, &o.Delivered); err != nil {
			d.t.Fatal(err)
		}
		o.At, o.From = stamp(at), stamp(from)
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// delivery is a row of the ledger.
type delivery struct {
	Post      int64
	Chat      rollcall.ChatID
	State     store.DeliveryState
	Attempts  int
	NotBefore string // RFC 3339, or ""
	Message   rollcall.MessageID
	FileID    string
	Reason    string
}

func (d *desk) deliveries() (all []delivery) {
	d.t.Helper()
	rows, err := d.ledger.Query(`SELECT d.post_id, coalesce(d.chat_id, 0), d.state, d.attempts, d.not_before, coalesce(d.message_id, 0), coalesce(p.file_id, ''), d.reason
		FROM deliveries d JOIN posts p ON p.id = d.post_id ORDER BY d.id`)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var x delivery
		var notBefore int64
		if err := rows.Scan(&x.Post, &x.Chat, &x.State, &x.Attempts, &notBefore, &x.Message, &x.FileID, &x.Reason); err != nil {
			d.t.Fatal(err)
		}
		x.NotBefore = stamp(notBefore)
		all = append(all, x)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// owe enters posts for a chat, all of one occurrence.
func (d *desk) owe(key string, chat rollcall.ChatID, posts ...store.Post) {
	d.t.Helper()
	o := store.Occurrence{Digest: "owed", Key: key, Audience: store.InChat(chat), PlannedAt: time.Unix(1, 0), State: store.Posted, Number: 1}
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { return tx.Plan(o, posts) }); err != nil {
		d.t.Fatal(err)
	}
}

// claimNext marks the next message to a channel or group, or that to an account, as being
// sent, as a run does that then ends in the middle of the call.
func (d *desk) claimNext(private bool) (store.Delivery, bool, error) {
	next := d.DB.NextDelivery
	if private {
		next = func(ctx context.Context) (store.Delivery, bool, error) { return d.DB.NextPrivate(ctx) }
	}
	x, ok, err := next(d.ctx)
	if err == nil && ok {
		ok, err = d.DB.Claim(d.ctx, x)
	}
	return x, ok, err
}

func text(s string) store.Post { return store.Post{HTML: s, Buttons: "[]"} }

// openPetition opens one that can be signed for a year from now on, openFor for a span.
func (d *desk) openPetition(slug string, milestones ...int) {
	d.t.Helper()
	d.openFor(365*24*time.Hour, slug, milestones...)
}

func (d *desk) openFor(span time.Duration, slug string, milestones ...int) {
	d.t.Helper()
	now := time.Now()
	if d.clock != nil {
		now = d.clock.now()
	}
	p := rollcall.Petition{Slug: slug, Opens: now.Truncate(time.Second).UTC(), Closes: now.Add(span).Truncate(time.Second).UTC(),
		Milestones: milestones, Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[rollcall.Language]string{"en": "A sample request", "uk": "Зразкове прохання"},
		Text:  map[rollcall.Language]string{"en": "We ask.", "uk": "Просимо."}}
	if err := d.DB.OpenPetition(d.ctx, p, store.Shell); err != nil {
		d.t.Fatal(err)
	}
}

// sign adds one account's signature.
func (d *desk) sign(slug string, account byte) {
	d.t.Helper()
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		out, err := tx.Sign(slug, 1, secret.Tag{account})
		if err == nil && out != store.Recorded {
			err = fmt.Errorf("the outcome is %d", out)
		}
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
	d.sequenceAll()
}

// sequenceAll appends all that waits to the petitions' logs.
func (d *desk) sequenceAll() {
	d.t.Helper()
	if _, err := d.DB.Sequence(d.ctx, store.Batching{Min: 1, Look: true}); err != nil {
		d.t.Fatal(err)
	}
}

func makeDigest(t testing.TB, name, spec string) Digest {
	t.Helper()
	when, err := schedule.Parse(spec, kyiv)
	if err != nil {
		t.Fatal(err)
	}
	return Digest{Spec: digest.Spec{Name: name, Chat: channel, Language: rollcall.English, Zone: kyiv, Username: "sample_bot"},
		Schedule: when, CatchUp: 6 * time.Hour}
}

// at is a time of day in Kyiv.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, kyiv)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

var (
	errDoubt = &OutcomeError{Err: errors.New("no answer came")}
	errFlood = &OutcomeError{NotDone: true, RetryAfter: 30 * time.Second, Err: errors.New("asked to wait")}
	errNot   = &OutcomeError{NotDone: true, Err: errors.New("did not leave")}
	errFinal = &OutcomeError{NotDone: true, Final: true, Err: errors.New("no right to post")}
)
