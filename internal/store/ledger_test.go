package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

const channel rollcall.ChatID = -1001

// occurrence is the n-th of a daily digest.
func occurrence(n int) Occurrence {
	return Occurrence{Digest: "daily", Key: fmt.Sprintf("2026-06-%02dT09:00", n), Audience: InChat(channel), PlannedAt: noon.AddDate(0, 0, n),
		Number: n, State: Posted, Figures: []byte(`{"n":1}`)}
}

func posts(texts ...string) (all []Post) {
	for _, s := range texts {
		all = append(all, Post{HTML: s, Buttons: "[]"})
	}
	return all
}

func plan(t testing.TB, db *DB, o Occurrence, posts ...Post) {
	t.Helper()
	update(t, db, func(tx *Tx) error { return tx.Plan(o, posts) })
}

// claimToChat claims what is due next in a channel or group, and claimToPeer to an
// account.
func claimToChat(ctx context.Context, db *DB) (Delivery, bool, error) {
	return claimDue(ctx, db, db.NextDelivery)
}

func claimToPeer(ctx context.Context, db *DB) (Delivery, bool, error) {
	return claimDue(ctx, db, func(ctx context.Context) (Delivery, bool, error) { return db.NextPrivate(ctx) })
}

func claimDue(ctx context.Context, db *DB, next func(context.Context) (Delivery, bool, error)) (Delivery, bool, error) {
	for {
		d, ok, err := next(ctx)
		if err != nil || !ok {
			return d, ok, err
		}
		// Another claim may have been quicker: the next one is as good.
		if ok, err := db.Claim(ctx, d); err != nil || ok {
			return d, ok, err
		}
	}
}

// claim claims the next delivery and returns its text, "" where none is due.
func claim(t testing.TB, db *DB) (Delivery, string) {
	t.Helper()
	d, ok, err := claimToChat(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return d, ""
	}
	return d, d.HTML
}

func settle(t testing.TB, db *DB, d Delivery, s Settlement) {
	t.Helper()
	if err := db.Settle(context.Background(), d, s); err != nil {
		t.Fatal(err)
	}
}

func deliveryStates(t testing.TB, db *DB) map[string]int {
	t.Helper()
	states, err := db.DeliveryStates(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return states
}

func TestOccurrenceIsPlannedOnce(t *testing.T) {
	db, _ := openTest(t)
	plan(t, db, occurrence(1), posts("a", "b")...)
	before := dump(t, db)
	again := occurrence(1)
	again.PlannedAt, again.State, again.Number = again.PlannedAt.Add(time.Hour), Skipped, 9
	for name, o := range map[string]Occurrence{"the same": occurrence(1), "another instant and state": again} {
		err := db.Update(t.Context(), func(tx *Tx) error { return tx.Plan(o, posts("c")) })
		if rollcall.CodeOf(err) != rollcall.Conflict {
			t.Errorf("%s: got %v, want a conflict", name, err)
		}
	}
	if diff := cmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("something was added (-got +want):\n%s", diff)
	}
	for name, change := range map[string]func(*Occurrence){
		"another key":    func(o *Occurrence) { o.Key = "2026-06-01T10:00" },
		"another chat":   func(o *Occurrence) { o.Chat = -1002 },
		"another digest": func(o *Occurrence) { o.Digest = "weekly" },
	} {
		o := occurrence(1)
		change(&o)
		if err := db.Update(t.Context(), func(tx *Tx) error { return tx.Plan(o, posts("d")) }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoPlannersEnterOneOccurrence(t *testing.T) {
	a, _ := openTest(t)
	b := openAt(t, a.path, Options{Now: a.now})
	var mu sync.Mutex
	conflicts := 0
	var wg sync.WaitGroup
	for _, db := range []*DB{a, b} {
		for n := range 20 {
			wg.Go(func() {
				err := db.Update(context.Background(), func(tx *Tx) error { return tx.Plan(occurrence(n+1), posts("x", "y")) })
				mu.Lock()
				defer mu.Unlock()
				switch {
				case rollcall.CodeOf(err) == rollcall.Conflict:
					conflicts++
				case err != nil:
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if conflicts != 20 {
		t.Errorf("got %d conflicts, want 20", conflicts)
	}
	if diff := cmp.Diff(deliveryStates(t, a), map[string]int{"pending": 40}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestLastOccurrence(t *testing.T) {
	db, _ := openTest(t)
	for name, last := range map[string]func(context.Context, string, Audience) (Occurrence, error){"LastOccurrence": db.LastOccurrence, "LastPosted": db.LastPosted} {
		if _, err := last(t.Context(), "daily", InChat(channel)); rollcall.CodeOf(err) != rollcall.NotFound {
			t.Errorf("%s of a new digest: got %v, want not found", name, err)
		}
	}
	baseline := Occurrence{Digest: "daily", Key: "start", Audience: InChat(channel), PlannedAt: noon, State: Baseline}
	posted, skipped := occurrence(1), occurrence(3)
	posted.CoversFrom = noon
	skipped.State, skipped.Reason, skipped.Number, skipped.Figures = Skipped, "nothing has changed", 0, nil
	elsewhere := occurrence(9)
	elsewhere.Chat = -1002
	plan(t, db, skipped) // entered first, planned last
	plan(t, db, baseline)
	plan(t, db, posted, posts("a")...)
	plan(t, db, elsewhere)
	skipped.ID, posted.ID = 1, 3
	skipped.Figures = []byte("{}")
	got, err := db.LastOccurrence(t.Context(), "daily", InChat(channel))
	if diff := cmp.Diff(got, skipped); diff != "" || err != nil {
		t.Errorf("the last (%v) (-got +want):\n%s", err, diff)
	}
	got, err = db.LastPosted(t.Context(), "daily", InChat(channel))
	if diff := cmp.Diff(got, posted); diff != "" || err != nil {
		t.Errorf("the last that was posted (%v) (-got +want):\n%s", err, diff)
	}
}

func TestDeliveriesAreClaimedInOrderAndPartsWait(t *testing.T) {
	db, c := openTest(t)
	plan(t, db, occurrence(1), Post{HTML: "chart 1", Buttons: "[1]", Chart: []byte("png")}, Post{HTML: "text 1", Buttons: "[2]"})
	plan(t, db, occurrence(2), posts("chart 2", "text 2")...)

	first, text := claim(t, db)
	want := Delivery{ID: first.ID, Chat: channel, Attempts: 1, Post: Post{ID: first.Post.ID, HTML: "chart 1", Buttons: "[1]", Chart: []byte("png")}}
	if diff := cmp.Diff(first, want); diff != "" || text == "" {
		t.Fatalf("the first (-got +want):\n%s", diff)
	}
	second, text := claim(t, db)
	if text != "chart 2" { // "text 1" waits for its chart
		t.Errorf("got %q, want the other occurrence's first part", text)
	}
	if _, text := claim(t, db); text != "" {
		t.Errorf("got %q, want nothing while both first parts are being sent", text)
	}

	settle(t, db, first, Settlement{State: Pending, NotBefore: noon.Add(10 * time.Second)})
	if _, text := claim(t, db); text != "" {
		t.Errorf("got %q, want nothing before the wait is over", text)
	}
	if at, ok, err := db.NextDeliveryDue(t.Context()); err != nil || !ok || at.After(noon) {
		t.Errorf("the next is due at %v, %v (%v), want at once: second parts are pending", at, ok, err)
	}
	settle(t, db, second, Settlement{State: Sent, Message: 7})
	if _, text := claim(t, db); text != "text 2" {
		t.Errorf("got %q, want the second part after the first", text)
	}
	c.set(noon.Add(10 * time.Second))
	first, text = claim(t, db)
	if text != "chart 1" || first.Attempts != 2 {
		t.Errorf("got %q, attempt %d, want the chart's second", text, first.Attempts)
	}
	settle(t, db, first, Settlement{State: Dead, Reason: "refused"})
	if _, text := claim(t, db); text != "text 1" { // of use without its chart
		t.Errorf("got %q, want the text", text)
	}
	if _, text := claim(t, db); text != "" {
		t.Errorf("got %q, want nothing more", text)
	}
}

func TestDeliveryIsClaimedOnce(t *testing.T) {
	a, _ := openTest(t)
	b := openAt(t, a.path, Options{Now: a.now})
	for n := range 20 {
		plan(t, a, occurrence(n+1), posts("x")...)
	}
	var mu sync.Mutex
	claimed := map[int64]int{}
	var wg sync.WaitGroup
	for _, db := range []*DB{a, b, a, b} {
		wg.Go(func() {
			for {
				d, ok, err := claimToChat(context.Background(), db)
				if err != nil {
					t.Error(err)
				}
				if !ok {
					return
				}
				mu.Lock()
				claimed[d.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range claimed {
		if n != 1 {
			t.Errorf("delivery %d was claimed %d times", id, n)
		}
	}
	if len(claimed) != 20 {
		t.Errorf("got %d, want 20", len(claimed))
	}
}

// A delivery that was read is claimed only while it is still as it was read.
func TestWhatHasChangedIsNotClaimed(t *testing.T) {
	const user rollcall.UserID = 1000
	act := func(t *testing.T, db *DB, fn func(*Tx) error) { t.Helper(); update(t, db, fn) }
	for _, c := range []struct {
		name    string
		private bool
		change  func(t *testing.T, db *DB, clock *clock, d Delivery)
		ok      bool
		states  map[string]int // then
	}{
		{"nothing has changed", true, func(*testing.T, *DB, *clock, Delivery) {}, true, map[string]int{"sending": 1, "pending": 1}},
		{"nothing has changed in a channel", false, func(*testing.T, *DB, *clock, Delivery) {}, true, map[string]int{"sending": 1}},
		{"claimed by another", true, func(t *testing.T, db *DB, _ *clock, d Delivery) { claimPrivate(t, db) }, false, map[string]int{"sending": 1, "pending": 1}},
		{"claimed by another in a channel", false, func(t *testing.T, db *DB, _ *clock, d Delivery) { claim(t, db) }, false, map[string]int{"sending": 1}},
		{"sent by another", false, func(t *testing.T, db *DB, _ *clock, d Delivery) {
			x, _ := claim(t, db)
			settle(t, db, x, Settlement{State: Sent, Message: 1})
		}, false, map[string]int{"sent": 1}},
		{"tried by another", false, func(t *testing.T, db *DB, _ *clock, d Delivery) {
			x, _ := claim(t, db)
			settle(t, db, x, Settlement{State: Pending})
		}, false, map[string]int{"pending": 1}},
		{"put off", true, func(t *testing.T, db *DB, clock *clock, d Delivery) {
			if err := db.PutOff(t.Context(), d, clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, false, map[string]int{"pending": 2}},
		{"another is under way to the account", true, func(t *testing.T, db *DB, _ *clock, d Delivery) {
			act(t, db, func(tx *Tx) error {
				_, err := tx.exec(`UPDATE deliveries SET state = 'sending' WHERE id <> ?`, d.ID)
				return err
			})
		}, false, map[string]int{"sending": 1, "pending": 1}},
		{"frozen", true, func(t *testing.T, db *DB, _ *clock, _ Delivery) {
			act(t, db, func(tx *Tx) error { return tx.Freeze(Shell) })
		}, false, map[string]int{"pending": 2}},
		{"blocked", true, func(t *testing.T, db *DB, _ *clock, _ Delivery) {
			act(t, db, func(tx *Tx) error { return tx.EndPeer(user, Blocked) })
		}, false, map[string]int{"dead": 2}},
		{"unsubscribed", true, func(t *testing.T, db *DB, _ *clock, _ Delivery) {
			act(t, db, func(tx *Tx) error { _, err := tx.Unsubscribe(user); return err })
		}, false, map[string]int{}},
		{"erased", true, func(t *testing.T, db *DB, _ *clock, _ Delivery) {
			act(t, db, func(tx *Tx) error { return tx.ErasePeer(user) })
		}, false, map[string]int{}},
		{"the group has moved", false, func(t *testing.T, db *DB, _ *clock, d Delivery) {
			if err := db.MigrateChat(t.Context(), d.Chat, d.Chat-1); err != nil {
				t.Fatal(err)
			}
		}, false, map[string]int{"pending": 1}},
		{"the clock was set back", true, func(_ *testing.T, _ *DB, clock *clock, _ Delivery) { clock.set(noon.AddDate(-1, 0, 0)) }, false, map[string]int{"pending": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, clock := openTest(t)
			var d Delivery
			var ok bool
			var err error
			if c.private {
				mustSubscribe(t, db, sub(nine), user)
				planEdition(t, db, clock, "a", posts("one", "two"))
				update(t, db, func(tx *Tx) error {
					_, err := tx.exec(`UPDATE deliveries SET held = 0, not_before = ?`, noon.Unix())
					return err
				})
				d, ok, err = db.NextPrivate(t.Context())
			} else {
				plan(t, db, occurrence(1), posts("one")...)
				d, ok, err = db.NextDelivery(t.Context())
			}
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			c.change(t, db, clock, d)
			if ok, err := db.Claim(t.Context(), d); ok != c.ok || err != nil {
				t.Errorf("claimed: %t (%v), want %t", ok, err, c.ok)
			}
			if diff := cmp.Diff(deliveryStates(t, db), c.states); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// Accounts to which the caller has something to bring are passed over.
func TestBusyAccountsArePassedOver(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), subscribers(3)...)
	planEdition(t, db, clock, "a", posts("one"))
	var busy []int64
	seen := map[rollcall.ChatID]bool{}
	for {
		d, ok, err := db.NextPrivate(t.Context(), busy...)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		busy = append(busy, d.Peer)
		seen[d.Chat] = true
	}
	if len(seen) != 3 || len(busy) != 3 {
		t.Errorf("got %v of %d, want each of 3 once", seen, len(busy))
	}
}

// Of a post with a chart the next delivery uploads it when that of the first is put
// off, which has not been tried by that.
func TestPutOff(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), subscribers(2)...)
	planEdition(t, db, clock, "a", charted())
	first, ok, err := db.NextPrivate(t.Context())
	if err != nil || !ok || first.Chart == nil {
		t.Fatal(ok, err)
	}
	if d, ok, err := db.NextPrivate(t.Context(), first.Peer); ok || err != nil {
		t.Fatalf("two would upload the chart: %+v (%v)", d, err)
	}
	later := clock.Now().Add(time.Hour)
	if err := db.PutOff(t.Context(), first, later); err != nil {
		t.Fatal(err)
	}
	second, _ := claimPrivate(t, db)
	if second.Chart == nil || second.Chat == first.Chat {
		t.Fatalf("the next one is %+v, want the other with the chart", second)
	}
	settle(t, db, second, Settlement{State: Sent, Message: 1, FileID: "file"})
	if _, ok := claimPrivate(t, db); ok {
		t.Error("it is due at once")
	}
	clock.set(later)
	if d, ok := claimPrivate(t, db); !ok || d.ID != first.ID || d.Attempts != 1 || d.FileID != "file" {
		t.Errorf("an hour later: %+v, want the first try of the first", d)
	}
}

func TestSettle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		s      Settlement
		again  bool // it is sent again, at once
		row    string
		posted string
	}{
		{"sent", Settlement{State: Sent, Message: 42}, false, "sent|42|0|", "x706e67|NULL"},
		{"sent with an uploaded chart", Settlement{State: Sent, Message: 42, FileID: "file"}, false, "sent|42|0|", "NULL|file"},
		{"to be sent again", Settlement{State: Pending}, true, "pending|NULL|0|", "x706e67|NULL"},
		{"to be sent later", Settlement{State: Pending, NotBefore: noon.Add(time.Minute)}, false, fmt.Sprintf("pending|NULL|%d|", noon.Add(time.Minute).Unix()), "x706e67|NULL"},
		{"dead", Settlement{State: Dead, Reason: "the chat is gone"}, false, "dead|NULL|0|the chat is gone", "x706e67|NULL"},
		{"not known", Settlement{State: Unsure, Reason: "no answer"}, false, "unknown|NULL|0|no answer", "x706e67|NULL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := openTest(t)
			plan(t, db, occurrence(1), Post{HTML: "a", Buttons: "[]", Chart: []byte("png")})
			d, _ := claim(t, db)
			settle(t, db, d, tt.s)
			if diff := cmp.Diff(query(t, db, `SELECT state, message_id, not_before, reason FROM deliveries`), []string{tt.row}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(query(t, db, `SELECT chart, file_id FROM posts`), []string{tt.posted}); diff != "" {
				t.Errorf("the post (-got +want):\n%s", diff)
			}
			if _, text := claim(t, db); (text != "") != tt.again {
				t.Errorf("claimed again: %q, want %v", text, tt.again)
			}
			at, ok, err := db.NextDeliveryDue(t.Context())
			if want := tt.s.State == Pending && !tt.again; err != nil || ok != want || ok && !at.Equal(tt.s.NotBefore) {
				t.Errorf("the next is due at %v, %v (%v), want %v", at, ok, err, want)
			}
		})
	}
}

func TestClaimsOfAFormerRunAreAbandoned(t *testing.T) {
	db, _ := openTest(t)
	for n := range 3 {
		plan(t, db, occurrence(n+1), posts(fmt.Sprint(n))...)
	}
	claim(t, db)
	claim(t, db)
	again := openAt(t, db.path, Options{Now: db.now})
	for _, want := range []int64{2, 0} {
		if n, err := again.AbandonClaims(t.Context()); err != nil || n != want {
			t.Errorf("got %d (%v), want %d", n, err, want)
		}
	}
	if diff := cmp.Diff(deliveryStates(t, again), map[string]int{"pending": 1, "unknown": 2}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, text := claim(t, again); text != "2" {
		t.Errorf("got %q, want the one that was not being sent", text)
	}
	if _, text := claim(t, again); text != "" {
		t.Errorf("%q is sent again blindly", text)
	}
	list, err := again.Occurrences(t.Context(), "daily", 10)
	if err != nil || len(list) != 3 || list[2].Deliveries[Unsure] != 1 || list[2].Problem == "" || list[0].Problem != "" {
		t.Errorf("got %+v (%v), want the problem told", list, err)
	}
}

func TestMigratedGroupIsFollowed(t *testing.T) {
	db, _ := openTest(t)
	const then, now rollcall.ChatID = -2001, -2002
	chats := func() []string { return query(t, db, `SELECT chat_id, state FROM deliveries ORDER BY id`) }
	plan(t, db, occurrence(1), posts("sent")...)
	d, _ := claim(t, db)
	settle(t, db, d, Settlement{State: Sent, Message: 1})
	plan(t, db, occurrence(2), posts("sending")...)
	claim(t, db)
	plan(t, db, occurrence(3), posts("pending")...)
	migrate := func(from, to rollcall.ChatID) {
		t.Helper()
		if err := db.MigrateChat(t.Context(), from, to); err != nil {
			t.Fatal(err)
		}
	}
	migrate(channel, then)
	if diff := cmp.Diff(chats(), []string{"-1001|sent", "-2001|sending", "-2001|pending"}); diff != "" {
		t.Errorf("what is owed (-got +want):\n%s", diff)
	}
	plan(t, db, occurrence(4), posts("the configuration names the old id")...)
	migrate(channel, then) // told twice
	migrate(then, now)     // and on
	plan(t, db, occurrence(5), posts("still the old id")...)
	want := []string{"-1001|sent", "-2002|sending", "-2002|pending", "-2002|pending", "-2002|pending"}
	if diff := cmp.Diff(chats(), want); diff != "" {
		t.Errorf("after another move (-got +want):\n%s", diff)
	}
	if o, err := db.LastPosted(t.Context(), "daily", InChat(channel)); err != nil || o.Number != 5 {
		t.Errorf("got %+v (%v): the ledger goes by the configured id", o, err)
	}
	err := db.Update(t.Context(), func(tx *Tx) error { return tx.Plan(occurrence(5), nil) })
	wantCode(t, err, rollcall.Conflict)
}

func TestMilestoneIsPostedOnce(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	sign(t, db, "sample", signer(1))
	sign(t, db, "sample", signer(2))
	sequence(t, db)
	m := Milestone{Petition: "sample", Count: 2}
	got, err := db.MilestonesToPost(t.Context())
	if diff := cmp.Diff(got, []Milestone{m}); diff != "" || err != nil {
		t.Fatalf("%v (-got +want):\n%s", err, diff)
	}
	to := map[rollcall.ChatID]Post{-1001: {HTML: "a", Buttons: "[]"}, -1002: {HTML: "b", Buttons: "[]"}}
	for range 2 {
		update(t, db, func(tx *Tx) error { return tx.PostMilestone(m, to) })
	}
	update(t, db, func(tx *Tx) error { return tx.PostMilestone(Milestone{"sample", 3}, to) }) // not reached
	if diff := cmp.Diff(query(t, db, `SELECT d.chat_id, p.html, d.state FROM deliveries d JOIN posts p ON p.id = d.post_id ORDER BY 2`),
		[]string{"-1001|a|pending", "-1002|b|pending"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got, err := db.MilestonesToPost(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("got %v (%v), want none", got, err)
	}
	if _, text := claim(t, db); text == "" {
		t.Error("a milestone's post is not claimed")
	}
}

func TestLatestPosts(t *testing.T) {
	db, _ := openTest(t)
	_, err := db.LatestPosts(t.Context(), "daily", channel)
	wantCode(t, err, rollcall.NotFound)
	plan(t, db, occurrence(1), posts("old chart", "old text")...)
	plan(t, db, occurrence(2), Post{HTML: "chart", Buttons: "[1]", Chart: []byte("png")}, Post{HTML: "text", Buttons: "[2]"})
	skipped := occurrence(3)
	skipped.State = Skipped
	plan(t, db, skipped)
	got, err := db.LatestPosts(t.Context(), "daily", channel)
	want := []Post{{ID: 3, HTML: "chart", Buttons: "[1]", Chart: []byte("png")}, {ID: 4, HTML: "text", Buttons: "[2]"}}
	if diff := cmp.Diff(got, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestOccurrencesAreListedNewestFirst(t *testing.T) {
	db, _ := openTest(t)
	plan(t, db, Occurrence{Digest: "daily", Key: "start", Audience: InChat(channel), PlannedAt: noon, State: Baseline})
	for n := range 4 {
		plan(t, db, occurrence(n+1), posts("a", "b")...)
	}
	d, _ := claim(t, db)
	settle(t, db, d, Settlement{State: Sent, Message: 1})
	got, err := db.Occurrences(t.Context(), "daily", 10)
	if err != nil || len(got) != 4 {
		t.Fatalf("got %d (%v), want 4", len(got), err)
	}
	for i, p := range got {
		want := map[DeliveryState]int{Pending: 2}
		if p.Number == 1 {
			want = map[DeliveryState]int{Sent: 1, Pending: 1}
		}
		if diff := cmp.Diff(p.Deliveries, want); diff != "" || p.Number != 4-i {
			t.Errorf("place %d: number %d (-got +want):\n%s", i, p.Number, diff)
		}
	}
	if got, err := db.Occurrences(t.Context(), "daily", 2); err != nil || len(got) != 2 {
		t.Errorf("got %d (%v), want 2", len(got), err)
	}
}
