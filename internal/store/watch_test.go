package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// maxWatches is the limit of the tests.
const maxWatches = 3

func watch(t testing.TB, db *DB, user rollcall.UserID, person rollcall.PersonID) {
	t.Helper()
	update(t, db, func(tx *Tx) error { return tx.Watch(user, person, rollcall.English, maxWatches) })
}

// told tells watchers of the news, and returns whom of what. Each gets a message
// for each entry.
func told(t testing.TB, db *DB) map[rollcall.UserID][]rollcall.PersonID {
	t.Helper()
	n, err := db.News(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[rollcall.UserID][]rollcall.PersonID{}
	update(t, db, func(tx *Tx) error {
		_, err := tx.TellWatchers(n, func(w Watcher) (posts []Post) {
			got[w.User] = w.People
			for range w.People {
				posts = append(posts, Post{HTML: "news in " + string(w.Language), Buttons: "[]", Protect: true})
			}
			return posts
		})
		return err
	})
	return got
}

// personID is the entry of a public id.
func personID(t testing.TB, db *DB, publicID string) (id rollcall.PersonID) {
	t.Helper()
	if err := db.row(t.Context(), `SELECT id FROM people WHERE public_id = ?`, []any{publicID}, &id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWatch(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990), row("C", "Прикладенко Лев", 1991),
		row("D", "Уявна Ганна", 1992))
	a, b, c, d := personID(t, db, "A"), personID(t, db, "B"), personID(t, db, "C"), personID(t, db, "D")
	for _, id := range []rollcall.PersonID{c, a, a, b} {
		watch(t, db, 1, id)
	}
	err := db.Update(t.Context(), func(tx *Tx) error { return tx.Watch(1, d, rollcall.English, maxWatches) })
	if !errors.Is(err, ErrTooManyWatches) {
		t.Errorf("over the limit: got %v, want ErrTooManyWatches", err)
	}
	watch(t, db, 1, a) // one that is there is not over the limit
	execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE public_id IN ('B', 'D')`)
	for _, id := range []rollcall.PersonID{d, 0, 99} {
		wantCode(t, db.Update(t.Context(), func(tx *Tx) error { return tx.Watch(2, id, rollcall.English, maxWatches) }), rollcall.NotFound)
	}
	if kept(t, db, 2).Known {
		t.Error("a refused watch has made a peer")
	}
	got, err := db.Watches(t.Context(), 1)
	want := []WatchedEntry{
		{Person: rollcall.Person{ID: a, PublicID: "A", FullName: "Зразкова Олена", BirthYear: 1980}, Shown: true},
		{Person: rollcall.Person{ID: b}},
		{Person: rollcall.Person{ID: c, PublicID: "C", FullName: "Прикладенко Лев", BirthYear: 1991}, Shown: true},
	}
	if diff := cmp.Diff(got, want); diff != "" || err != nil {
		t.Errorf("the list (%v) (-got +want):\n%s", err, diff)
	}
	for range 2 {
		update(t, db, func(tx *Tx) error { return tx.Unwatch(1, b) })
	}
	update(t, db, func(tx *Tx) error { return tx.Unwatch(2, a) }) // an account that is unknown
	for id, want := range map[rollcall.PersonID]bool{a: true, b: false, c: true, d: false} {
		if got, err := db.Watched(t.Context(), 1, id); got != want || err != nil {
			t.Errorf("entry %d is watched: got %t (%v), want %t", id, got, err, want)
		}
		if got, err := db.Watched(t.Context(), 2, id); got || err != nil {
			t.Errorf("another account watches entry %d (%v)", id, err)
		}
	}
}

func TestWhatIsNews(t *testing.T) {
	base := row("A", "Зразкова Олена Петрівна", 1980)
	other := row("B", "Вигаденко Іван", 1990)
	claimed := with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" })
	renamed := with(base, func(r *rollcall.RosterRow) { r.FullName = "Зразкова Олена Павлівна" })
	for _, c := range []struct {
		name string
		do   func(t *testing.T, db *DB)
		want bool
	}{
		{"a claim of another source", func(t *testing.T, db *DB) { importRows(t, db, false, claimed) }, true},
		{"a claim of another day", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Claim.Date = day(4, 1) }))
		}, true},
		{"another full name", func(t *testing.T, db *DB) { importRows(t, db, false, renamed) }, true},
		{"another birth year", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.BirthYear = 1981 }))
		}, true},
		{"no birth year any more", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.BirthYear = 0 }))
		}, true},
		{"another name, folded before anybody looked", func(t *testing.T, db *DB) {
			importRows(t, db, false, renamed)
			fold(t, db)
		}, true},
		{"another name, and then a renewal", func(t *testing.T, db *DB) {
			importRows(t, db, false, renamed)
			importRows(t, db, false, renamed)
		}, true},
		{"a claim among many renewals of a full file", func(t *testing.T, db *DB) { importRows(t, db, true, base, claimed, other) }, true},

		{"the same again", func(t *testing.T, db *DB) { importRows(t, db, false, base) }, false},
		{"a later expiry", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Expires = rollcall.Date{Year: 2029, Month: 1, Day: 1} }))
		}, false},
		{"another spelling beside", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.AltNames = []string{"Zrazkova Olena"} }))
		}, false},
		{"somebody else", func(t *testing.T, db *DB) { importRows(t, db, false, row("C", "Уявна Ганна", 1992)) }, false},
		{"a claim that has expired", func(t *testing.T, db *DB) {
			importRows(t, db, false, with(claimed, func(r *rollcall.RosterRow) { r.Expires = day(6, 1) }))
		}, false},
		{"gone from a full file", func(t *testing.T, db *DB) { importRows(t, db, true, other) }, false},
		{"gone and back", func(t *testing.T, db *DB) {
			importRows(t, db, true, other)
			importRows(t, db, true, base, other)
		}, false},
		{"a claim on one who is hidden", func(t *testing.T, db *DB) {
			execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE public_id = 'A'`)
			importRows(t, db, false, claimed)
		}, false},
		{"a claim that is staged only", func(t *testing.T, db *DB) { add(t, begin(t, db, false), claimed) }, false},
		{"a claim that is discarded", func(t *testing.T, db *DB) {
			b := begin(t, db, false)
			add(t, b, claimed)
			if err := b.Discard(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"nothing", func(*testing.T, *DB) {}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, clock := openTest(t)
			importRows(t, db, false, base, other)
			id := personID(t, db, "A")
			watch(t, db, 1, id)
			watch(t, db, 2, personID(t, db, "B"))
			if got := told(t, db); len(got) > 0 {
				t.Fatalf("an entry's first appearance is told of: %v", got)
			}
			clock.set(noon.Add(time.Hour))
			c.do(t, db)
			want := map[rollcall.UserID][]rollcall.PersonID{}
			if c.want {
				want[1] = []rollcall.PersonID{id}
			}
			if diff := cmp.Diff(told(t, db), want); diff != "" {
				t.Errorf("told (-got +want):\n%s", diff)
			}
			if got := told(t, db); len(got) > 0 {
				t.Errorf("told twice: %v", got)
			}
			before := export(t, db)
			fold(t, db)
			if diff := cmp.Diff(export(t, db), before); diff != "" {
				t.Errorf("folding has changed the roster (-got +want):\n%s", diff)
			}
			if got := query(t, db, `SELECT count(*) FROM person_changes c JOIN batches b ON b.id = c.batch_id WHERE published_at IS NOT NULL`); got[0] != "0" {
				t.Errorf("%s changes are not folded in, though all has been told", got[0])
			}
		})
	}
}

// Whoever begins to watch after a change has read it.
func TestAWatchIsToldOnlyOfWhatComesAfterIt(t *testing.T) {
	db, clock := openTest(t)
	base := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, base)
	id := personID(t, db, "A")
	watch(t, db, 1, id)
	clock.set(noon.Add(time.Hour))
	importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
	clock.set(noon.Add(-2 * time.Hour)) // whatever the clock says, and another program's
	watch(t, db, 2, id)
	watch(t, db, 1, id) // again: it has been watching since before
	if diff := cmp.Diff(told(t, db), map[rollcall.UserID][]rollcall.PersonID{1: {id}}); diff != "" {
		t.Errorf("told (-got +want):\n%s", diff)
	}
}

// An import may be staged while an edit is published before it.
func TestBatchesAreToldOfInWhateverOrderTheyArePublished(t *testing.T) {
	db, clock := openTest(t)
	base := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, base)
	id := personID(t, db, "A")
	watch(t, db, 1, id)
	told(t, db)
	clock.set(noon.Add(time.Hour))
	b := begin(t, db, false)
	add(t, b, with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
	update(t, db, func(tx *Tx) error {
		edit, err := tx.insert(`INSERT INTO batches (kind, started_at, first_person) VALUES ('edit', 0, 100)`)
		if err != nil {
			return err
		}
		return tx.publishBatch(edit)
	})
	if got := told(t, db); len(got) > 0 {
		t.Errorf("told of what is staged: %v", got)
	}
	publish(t, b)
	if diff := cmp.Diff(told(t, db), map[rollcall.UserID][]rollcall.PersonID{1: {id}}); diff != "" {
		t.Errorf("told (-got +want):\n%s", diff)
	}
}

func TestNewsAreToldOnceByTwoWhoLook(t *testing.T) {
	db, clock := openTest(t)
	base := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, base)
	watch(t, db, 1, personID(t, db, "A"))
	clock.set(noon.Add(time.Hour))
	importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
	n, err := db.News(t.Context())
	if err != nil || n.Batches() != 2 {
		t.Fatalf("%d batches (%v), want 2", n.Batches(), err)
	}
	told(t, db)
	before := dump(t, db)
	err = db.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.TellWatchers(n, func(Watcher) []Post { return posts("twice") })
		return err
	})
	wantCode(t, err, rollcall.Conflict)
	if diff := cmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("something was added (-got +want):\n%s", diff)
	}
}

// tell has n accounts, from 1000 on, watch one entry, and owes each a message.
func tell(t testing.TB, db *DB, clock *clock, n int) {
	t.Helper()
	base := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, base)
	id := personID(t, db, "A")
	update(t, db, func(tx *Tx) error {
		for user := range n {
			if err := tx.Watch(rollcall.UserID(1000+user), id, rollcall.Languages[user%3], maxWatches); err != nil {
				return err
			}
		}
		return nil
	})
	clock.set(clock.Now().Add(time.Hour))
	importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
	if got := told(t, db); len(got) != n {
		t.Fatalf("%d accounts are told, want %d", len(got), n)
	}
}

// claimPrivate claims the next delivery to an account.
func claimPrivate(t testing.TB, db *DB) (Delivery, bool) {
	t.Helper()
	d, ok, err := claimToPeer(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return d, ok
}

func TestPrivateDeliveries(t *testing.T) {
	db, clock := openTest(t)
	tell(t, db, clock, 4)
	if _, text := claim(t, db); text != "" {
		t.Errorf("%q is taken for a channel's", text)
	}
	var ds []Delivery
	for {
		d, ok := claimPrivate(t, db)
		if !ok {
			break
		}
		ds = append(ds, d)
	}
	if len(ds) != 4 {
		t.Fatalf("%d were claimed, want 4", len(ds))
	}
	for i, d := range ds {
		want := Delivery{ID: d.ID, Chat: rollcall.ChatID(1000 + i), Attempts: 1, Peer: d.Peer,
			Post: Post{ID: d.Post.ID, HTML: "news in " + string(rollcall.Languages[i%3]), Buttons: "[]", Protect: true}}
		if diff := cmp.Diff(d, want); diff != "" || d.Peer == 0 {
			t.Errorf("delivery %d (-got +want):\n%s", i, diff)
		}
	}
	settle(t, db, ds[0], Settlement{State: Sent, Message: 7})
	settle(t, db, ds[1], Settlement{State: Pending, NotBefore: clock.Now().Add(time.Minute)})
	settle(t, db, ds[2], Settlement{State: Dead, Reason: "blocked", Gone: true})
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(1003) })
	settle(t, db, ds[3], Settlement{State: Sent, Message: 8}) // erased while it was being sent
	if diff := cmp.Diff(deliveryStates(t, db), map[string]int{"sent": 1, "pending": 1, "dead": 1}); diff != "" {
		t.Errorf("states (-got +want):\n%s", diff)
	}
	if _, ok := claimPrivate(t, db); ok {
		t.Error("one is claimed before its time")
	}
	clock.set(clock.Now().Add(time.Minute))
	if d, ok := claimPrivate(t, db); !ok || d.ID != ds[1].ID || d.Attempts != 2 {
		t.Errorf("got %+v, want the second try of the one that waited", d)
	}
	if got := query(t, db, `SELECT count(*) FROM posts`); got[0] != "3" {
		t.Errorf("%s posts are kept, want the erased account's gone", got[0])
	}
	for user, want := range map[rollcall.UserID]int{1000: 1, 1001: 1, 1002: 0, 1003: 0} {
		if got := len(kept(t, db, user).Watches); got != want {
			t.Errorf("account %d has %d watches, want %d", user, got, want)
		}
	}
}

func TestAnAccountThatIsGoneIsOwedNothing(t *testing.T) {
	db, clock := openTest(t)
	rows := []rollcall.RosterRow{row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990)}
	importRows(t, db, false, rows...)
	for _, user := range []rollcall.UserID{1, 2} {
		watch(t, db, user, personID(t, db, "A"))
		watch(t, db, user, personID(t, db, "B"))
	}
	clock.set(noon.Add(time.Hour))
	for i := range rows {
		rows[i].Source = "Sample Office"
	}
	importRows(t, db, false, rows...)
	told(t, db)
	d, _ := claimPrivate(t, db)
	settle(t, db, d, Settlement{State: Dead, Reason: "deleted", Gone: true})
	if diff := cmp.Diff(deliveryStates(t, db), map[string]int{"dead": 2, "pending": 2}); diff != "" {
		t.Errorf("states (-got +want):\n%s", diff)
	}
	if states := deliveryStates(t, db); states[string(Dead)] == 0 {
		t.Errorf("got %v, want dead messages", states)
	}
	if states, err := db.PostStates(t.Context()); err != nil || len(states) != 0 {
		t.Errorf("got %v (%v) in channels and groups, want nothing", states, err)
	}
}

// One unreadable id holds up nobody else.
func TestAnUnreadableAccountIsPassedOver(t *testing.T) {
	db, clock := openTest(t)
	tell(t, db, clock, 3)
	execute(t, db, `UPDATE peers SET sealed_id = x'00' WHERE id = 1`)
	var got []rollcall.ChatID
	for {
		d, ok := claimPrivate(t, db)
		if !ok {
			break
		}
		got = append(got, d.Chat)
	}
	if diff := cmp.Diff(got, []rollcall.ChatID{1001, 1002}); diff != "" {
		t.Errorf("claimed (-got +want):\n%s", diff)
	}
	if got := deliveryStates(t, db); got["dead"] != 1 {
		t.Errorf("states: %v, want one dead", got)
	}
	clock.set(clock.Now().Add(time.Hour))
	importRows(t, db, false, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.Source = "A third Office" }))
	if got := told(t, db); len(got) != 2 {
		t.Errorf("%d accounts are told, want the two others", len(got))
	}
}

func TestWhatWasSentToAccountsIsForgotten(t *testing.T) {
	db, clock := openTest(t)
	plan(t, db, occurrence(1), posts("digest")...)
	d, _ := claim(t, db)
	settle(t, db, d, Settlement{State: Sent, Message: 1})
	tell(t, db, clock, 5)
	for _, s := range []DeliveryState{Sent, Dead, Unsure} {
		d, _ := claimPrivate(t, db)
		settle(t, db, d, Settlement{State: s})
	}
	claimPrivate(t, db)
	for _, c := range []struct {
		after time.Duration
		want  map[string]int
	}{
		{keepPrivate, map[string]int{"sent": 2, "dead": 1, "unknown": 1, "sending": 1, "pending": 1}},
		{time.Second, map[string]int{"sent": 1, "sending": 1, "pending": 1}}, // the digest's, and what is not over
	} {
		clock.set(clock.Now().Add(c.after))
		if err := db.PrunePrivate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(deliveryStates(t, db), c.want); diff != "" {
			t.Errorf("after %s (-got +want):\n%s", c.after, diff)
		}
	}
	if got := query(t, db, `SELECT html FROM posts ORDER BY id`); len(got) != 3 || got[0] != "digest" {
		t.Errorf("the posts kept are %q, want the digest and two", got)
	}
}

// Watching, being told and being written to leave no account's id in the files.
func TestWatchersIDsAreSealed(t *testing.T) {
	db, clock := openTest(t)
	base := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, base)
	id := personID(t, db, "A")
	var users []rollcall.UserID
	for i := range rollcall.UserID(100) {
		users = append(users, 5_123_456_000_000+i*1_000_003)
	}
	for _, user := range users {
		watch(t, db, user, id)
	}
	clock.set(noon.Add(time.Hour))
	importRows(t, db, false, with(base, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
	told(t, db)
	states := []Settlement{{State: Sent, Message: 9}, {State: Dead, Reason: "blocked", Gone: true}, {State: Unsure}, {State: Pending}}
	for i := range users {
		d, ok := claimPrivate(t, db)
		if !ok {
			t.Fatalf("%d were claimed, want all", i)
		}
		if !slices.Contains(users, rollcall.UserID(d.Chat)) {
			t.Fatal("a claimed delivery is nobody's")
		}
		if s := states[i%4]; s.State != Pending {
			settle(t, db, d, s)
		} // the others stay claimed, as a crash leaves them
	}
	for _, user := range users[:10] {
		update(t, db, func(tx *Tx) error { return tx.Unwatch(user, id) })
	}
	for _, user := range users[90:] {
		update(t, db, func(tx *Tx) error { return tx.ErasePeer(user) })
	}
	all := files(t, db.path) // the WAL with them
	for _, user := range users {
		big := binary.BigEndian.AppendUint64(nil, uint64(user))
		for _, form := range [][]byte{big[2:], fmt.Append(nil, int64(user)), binary.LittleEndian.AppendUint64(nil, uint64(user))[:6]} {
			if bytes.Contains(all, form) {
				t.Fatalf("the id %d is in the files", user)
			}
		}
	}
}
