package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// nine is the edition of most tests.
var nine = rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "Europe/Kyiv", Language: rollcall.Ukrainian}

func sub(e rollcall.Edition) Subscription { return Subscription{Digest: "daily", Edition: e} }

func mustSubscribe(t testing.TB, db *DB, s Subscription, users ...rollcall.UserID) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		for _, u := range users {
			if err := tx.Subscribe(u, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// subscribers are n accounts from 1000 on.
func subscribers(n int) (users []rollcall.UserID) {
	for i := range n {
		users = append(users, rollcall.UserID(1000+i))
	}
	return users
}

// charted is a digest whose text stands under a chart.
func charted() []Post { return []Post{{HTML: "digest", Buttons: "[]", Chart: []byte("png")}} }

// inTwo is a digest whose text is too long for that.
func inTwo() []Post {
	return []Post{{Buttons: "[]", Chart: []byte("png")}, {HTML: "digest", Buttons: "[]"}}
}

func noQuiet(rollcall.QuietHours) time.Time { return time.Time{} }

// planEdition enters today's digest of an edition for its subscribers, an hour
// after these came, and returns how many they are.
func planEdition(t testing.TB, db *DB, clock *clock, key string, posts []Post) int {
	t.Helper()
	clock.set(clock.Now().Add(time.Hour))
	n := 0
	update(t, db, func(tx *Tx) (err error) {
		n, err = tx.PlanEdition(Occurrence{Digest: "daily", Key: key, PlannedAt: clock.Now(), Number: 1, State: Posted}, nine, posts, noQuiet)
		return err
	})
	return n
}

func TestASubscriptionIsReplacedEndedAndRevived(t *testing.T) {
	db, clock := openTest(t)
	if _, err := db.Subscription(t.Context(), 7, "daily"); rollcall.CodeOf(err) != rollcall.NotFound {
		t.Errorf("before: %v, want not found", err)
	}
	wantIt := func(when string, want Subscription, since time.Time) {
		t.Helper()
		got, err := db.Subscription(t.Context(), 7, "daily")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", when, diff)
		}
		all, err := db.Editions(t.Context(), "daily")
		if err != nil {
			t.Fatal(err)
		}
		var running []RunningEdition
		if want.Ended == "" {
			running = []RunningEdition{{want.Edition, 1, since}}
		}
		if diff := cmp.Diff(all, running); diff != "" {
			t.Errorf("%s, editions (-got +want):\n%s", when, diff)
		}
	}
	s := sub(nine)
	mustSubscribe(t, db, s, 7)
	s.Since = noon
	wantIt("new", s, noon)

	clock.set(noon.Add(time.Hour))
	s.Quiet, s.Silent = rollcall.QuietHours{From: 22 * 60, Until: 8 * 60}, true
	mustSubscribe(t, db, s, 7)
	wantIt("with quiet hours: what is owed of the edition stays so", s, noon)

	clock.set(noon.Add(2 * time.Hour))
	s.At, s.Every = 20*60+30, rollcall.Weekly
	mustSubscribe(t, db, s, 7)
	wantIt("another edition", s, noon.Add(2*time.Hour))

	clock.set(noon.Add(3 * time.Hour))
	setLanguage(t, db, 7, rollcall.Russian)
	s.Language = rollcall.Russian
	wantIt("another language", s, noon.Add(3*time.Hour))
	setLanguage(t, db, 7, rollcall.Russian)

	clock.set(noon.Add(4 * time.Hour))
	update(t, db, func(tx *Tx) error { return tx.EndPeer(7, Blocked) })
	s.Ended = Blocked
	wantIt("blocked", s, time.Time{})
	for i, want := range []bool{true, false} {
		update(t, db, func(tx *Tx) error {
			revived, err := tx.RevivePeer(7)
			if revived != want {
				t.Errorf("revival %d: %t, want %t", i, revived, want)
			}
			return err
		})
	}
	s.Ended = ""
	wantIt("revived", s, noon.Add(4*time.Hour))

	for i, want := range []bool{true, false} {
		update(t, db, func(tx *Tx) error {
			was, err := tx.Unsubscribe(7)
			if was != want {
				t.Errorf("end %d: %t, want %t", i, was, want)
			}
			return err
		})
	}
	update(t, db, func(tx *Tx) error {
		if revived, err := tx.RevivePeer(7); revived || err != nil {
			t.Errorf("an end of one's own is revived (%v)", err)
		}
		return tx.EndPeer(8, Blocked) // of whom nothing is kept
	})
	if k := kept(t, db, 8); k.Known {
		t.Error("the end of a stranger made a peer")
	}
	for _, bad := range []rollcall.Edition{{}, {Every: rollcall.Daily, Zone: "Local", Language: "en"}, {Every: "hourly", Zone: "UTC", Language: "en"}} {
		wantCode(t, db.Update(t.Context(), func(tx *Tx) error { return tx.Subscribe(9, sub(bad)) }), rollcall.Invalid)
	}
}

func TestAnEditionGoesToThoseWhoSubscribedBefore(t *testing.T) {
	db, clock := openTest(t)
	night := rollcall.QuietHours{From: 22 * 60, Until: 8 * 60}
	silent, quiet, other := sub(nine), sub(nine), sub(nine)
	silent.Silent, quiet.Quiet, other.At = true, night, 10*60
	mustSubscribe(t, db, sub(nine), 1)
	mustSubscribe(t, db, silent, 2)
	mustSubscribe(t, db, quiet, 3)
	mustSubscribe(t, db, other, 4)
	mustSubscribe(t, db, sub(nine), 5)
	update(t, db, func(tx *Tx) error { return tx.EndPeer(5, Blocked) })
	weekly := sub(nine)
	weekly.Digest = "weekly"
	mustSubscribe(t, db, weekly, 6)
	planned := noon.Add(time.Hour)
	clock.set(planned)
	mustSubscribe(t, db, sub(nine), 7) // at the instant itself
	o := Occurrence{Digest: "daily", Key: "2026-06-15T09:00", PlannedAt: planned, Number: 1, State: Posted}
	var asked []rollcall.QuietHours
	enter := func(tx *Tx) error {
		n, err := tx.PlanEdition(o, nine, inTwo(), func(q rollcall.QuietHours) time.Time {
			asked = append(asked, q)
			if q.None() {
				return planned
			}
			return planned.Add(3 * time.Hour)
		})
		if err == nil && n != 3 {
			t.Errorf("%d subscribers, want 3", n)
		}
		return err
	}
	update(t, db, enter)
	if !slices.Contains(asked, night) || !slices.Contains(asked, rollcall.QuietHours{}) {
		t.Errorf("asked for %v", asked)
	}
	before := dump(t, db)
	wantCode(t, db.Update(t.Context(), enter), rollcall.Conflict)
	if diff := cmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("the second planner changed (-got +want):\n%s", diff)
	}
	if got := query(t, db, `SELECT chat_id, edition, number FROM occurrences`); !slices.Equal(got, []string{"0|daily 09:00 Europe/Kyiv uk|1"}) {
		t.Errorf("occurrences: %v", got)
	}
	if got := query(t, db, `SELECT count(*) FROM posts`); got[0] != "2" {
		t.Errorf("%s posts, want 2 that all share", got[0])
	}
	later := fmt.Sprint(planned.Add(3 * time.Hour).Unix())
	want := []string{"1|0|0|0|0", "2|0|1|1|0", "3|0|0|1|" + later, "1|1|0|2|0", "2|1|1|2|0", "3|1|0|2|" + later}
	if got := query(t, db, `SELECT peer_id, part, silent, held, not_before FROM deliveries ORDER BY part, peer_id`); !slices.Equal(got, want) {
		t.Errorf("deliveries are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Nobody is left: nothing is entered, not even a post.
	for u := range rollcall.UserID(9) {
		update(t, db, func(tx *Tx) error { return tx.ErasePeer(u) })
	}
	o.Key = "2026-06-16T09:00"
	update(t, db, func(tx *Tx) error {
		if n, err := tx.PlanEdition(o, nine, inTwo(), noQuiet); n != 0 || err != nil {
			t.Errorf("%d subscribers, %v", n, err)
		}
		return nil
	})
	if got := query(t, db, `SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM deliveries), (SELECT count(*) FROM occurrences)`); got[0] != "0|0|1" {
		t.Errorf("posts, deliveries and occurrences left: %s", got[0])
	}
}

// claimAll claims what can be claimed now.
func claimAll(t testing.TB, db *DB) (ds []Delivery) {
	t.Helper()
	for {
		d, ok := claimPrivate(t, db)
		if !ok {
			return ds
		}
		ds = append(ds, d)
	}
}

func TestAChartIsUploadedByOneAtATime(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(t *testing.T, db *DB, clock *clock, d Delivery) // of the upload under way
		next int                                                  // how many can be claimed then
		file bool
	}{
		{"sent", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Sent, Message: 1, FileID: "file"})
		}, 4, true},
		{"sent without a file", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Sent, Message: 1})
		}, 1, false},
		{"in doubt", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Unsure, Reason: "x"})
		}, 1, false},
		{"refused", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Dead, Reason: "x"})
		}, 1, false},
		{"blocked", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Dead, Reason: "x", Gone: true})
		}, 1, false},
		{"to be tried later", func(t *testing.T, db *DB, clock *clock, d Delivery) {
			settle(t, db, d, Settlement{State: Pending, NotBefore: clock.Now().Add(time.Hour)})
		}, 1, false},
		{"to be tried later, and the next in turn has blocked the bot", func(t *testing.T, db *DB, clock *clock, d Delivery) {
			update(t, db, func(tx *Tx) error { return tx.EndPeer(1001, Blocked) })
			settle(t, db, d, Settlement{State: Pending, NotBefore: clock.Now().Add(time.Hour)})
		}, 1, false},
		{"erased", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			update(t, db, func(tx *Tx) error { return tx.ErasePeer(rollcall.UserID(d.Chat)) })
		}, 1, false},
		{"erased, and sent", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			update(t, db, func(tx *Tx) error { return tx.ErasePeer(rollcall.UserID(d.Chat)) })
			settle(t, db, d, Settlement{State: Sent, Message: 1, FileID: "file"})
		}, 4, true},
		{"the program ended", func(t *testing.T, db *DB, _ *clock, d Delivery) {
			if n, err := db.AbandonClaims(t.Context()); n != 1 || err != nil {
				t.Errorf("%d abandoned, %v", n, err)
			}
		}, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, clock := openTest(t)
			mustSubscribe(t, db, sub(nine), subscribers(5)...)
			if n := planEdition(t, db, clock, "a", charted()); n != 5 {
				t.Fatalf("%d subscribers", n)
			}
			first := claimAll(t, db)
			if len(first) != 1 || first[0].Chart == nil || first[0].FileID != "" {
				t.Fatalf("%d are under way before the chart is uploaded, want the one that uploads it: %+v", len(first), first)
			}
			c.end(t, db, clock, first[0])
			next := claimAll(t, db)
			if len(next) != c.next {
				t.Fatalf("%d can be claimed then, want %d", len(next), c.next)
			}
			for _, d := range next {
				if got := d.FileID != ""; got != c.file || (d.Chart == nil) != c.file {
					t.Errorf("a delivery has the file %q and %d bytes", d.FileID, len(d.Chart))
				}
				if d.ID == first[0].ID {
					t.Error("the one that was put off is claimed at once")
				}
			}
			// In the end everybody has got it, or it is known why not.
			for range 20 {
				for _, d := range next {
					settle(t, db, d, Settlement{State: Sent, Message: 1, FileID: "file"})
				}
				clock.set(clock.Now().Add(time.Hour))
				next = claimAll(t, db)
			}
			if got := query(t, db, `SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')`); got[0] != "0" {
				t.Errorf("%s deliveries wait for ever", got[0])
			}
		})
	}
}

// The upload is for whoever is due first, not for one whose quiet hours last.
func TestQuietHoursDoNotDelayOthers(t *testing.T) {
	db, clock := openTest(t)
	quiet := sub(nine)
	quiet.Quiet = rollcall.QuietHours{From: 1, Until: 2}
	mustSubscribe(t, db, quiet, 1000)
	mustSubscribe(t, db, sub(nine), 1001, 1002)
	clock.set(noon.Add(time.Hour))
	update(t, db, func(tx *Tx) error {
		_, err := tx.PlanEdition(Occurrence{Digest: "daily", Key: "a", PlannedAt: tx.Now, Number: 1, State: Posted}, nine, charted(), func(q rollcall.QuietHours) time.Time {
			if q.None() {
				return tx.Now
			}
			return tx.Now.Add(8 * time.Hour)
		})
		return err
	})
	d := claimAll(t, db)
	if len(d) != 1 || d[0].Chat != 1001 {
		t.Fatalf("the upload goes to %+v", d)
	}
	settle(t, db, d[0], Settlement{State: Sent, FileID: "file"})
	if d = claimAll(t, db); len(d) != 1 || d[0].Chat != 1002 {
		t.Errorf("then comes %+v", d)
	}
	clock.set(noon.Add(9*time.Hour - time.Second))
	if d = claimAll(t, db); len(d) != 0 {
		t.Errorf("within quiet hours comes %+v", d)
	}
	clock.set(noon.Add(9 * time.Hour))
	if d = claimAll(t, db); len(d) != 1 || d[0].Chat != 1000 || d[0].FileID != "file" {
		t.Errorf("after quiet hours comes %+v", d)
	}
}

func TestASecondPartWaitsForTheFirst(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), subscribers(3)...)
	planEdition(t, db, clock, "a", inTwo())
	var order []string
	for range 50 {
		d, ok := claimPrivate(t, db)
		if !ok {
			break
		}
		order = append(order, fmt.Sprint(d.Chat, " ", d.HTML))
		s := Settlement{State: Sent, Message: 1}
		switch {
		case len(order) == 1: // the first upload is in doubt
			s = Settlement{State: Unsure, Reason: "x"}
		case d.Chart != nil:
			s.FileID = "file"
		}
		settle(t, db, d, s)
	}
	for i, user := range subscribers(3) {
		first, second := slices.Index(order, fmt.Sprint(user, " ")), slices.Index(order, fmt.Sprint(user, " digest"))
		if first < 0 || second < first {
			t.Errorf("account %d gets its parts as %d and %d in %q", i, first, second, order)
		}
	}
	if len(order) != 6 {
		t.Errorf("%d messages, want 6: %q", len(order), order)
	}
}

func TestNewsGoBeforeDigestsAndThoseBeforeAnnouncements(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), subscribers(4)...)
	update(t, db, func(tx *Tx) error { // an announcement, before all else
		if _, err := tx.exec(`INSERT INTO announcements (id, language, state, created_at) VALUES (1, 'en', 'running', 0)`); err != nil {
			return err
		}
		post, err := tx.addPost(Post{HTML: "announcement", Buttons: "[]"})
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO deliveries (post_id, announcement_id, peer_id, part, state, created_at) SELECT ?, 1, peer_id, 0, 'pending', 0 FROM subscriptions`, post)
		return err
	})
	planEdition(t, db, clock, "a", posts("digest"))
	update(t, db, func(tx *Tx) error {
		for _, u := range subscribers(2) {
			peer, err := tx.peerID(u)
			if err != nil {
				return err
			}
			if err := tx.oweTo(peer, Post{HTML: "news", Buttons: "[]"}); err != nil {
				return err
			}
		}
		return nil
	})
	var got []string
	for {
		d, ok := claimPrivate(t, db)
		if !ok {
			break
		}
		got = append(got, d.HTML)
		settle(t, db, d, Settlement{State: Sent, Message: 1})
	}
	want := []string{"news", "news", "digest", "digest", "digest", "digest", "announcement", "announcement", "announcement", "announcement"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is owed to one account comes in order, though several senders claim.
func TestAnAccountIsWrittenToByOneSenderAtATime(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), subscribers(2)...)
	planEdition(t, db, clock, "a", posts("one"))
	planEdition(t, db, clock, "b", posts("two"))
	first := claimAll(t, db)
	if len(first) != 2 || first[0].HTML != "one" || first[1].HTML != "one" {
		t.Fatalf("under way are %+v", first)
	}
	settle(t, db, first[1], Settlement{State: Sent, Message: 1})
	if next := claimAll(t, db); len(next) != 1 || next[0].HTML != "two" || next[0].Peer != first[1].Peer {
		t.Errorf("then %+v, want the second of the account that has the first", next)
	}
}

func TestABlockedAccountsSubscriptionEnds(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), 1000, 1001)
	planEdition(t, db, clock, "a", posts("one"))
	planEdition(t, db, clock, "b", posts("two"))
	d, _ := claimPrivate(t, db)
	settle(t, db, d, Settlement{State: Dead, Reason: "Forbidden", Gone: true})
	if s, err := db.Subscription(t.Context(), rollcall.UserID(d.Chat), "daily"); err != nil || s.Ended != Blocked {
		t.Errorf("the subscription is %+v (%v)", s, err)
	}
	if s, err := db.Subscription(t.Context(), 1001, "daily"); err != nil || s.Ended != "" {
		t.Errorf("the other's is %+v (%v)", s, err)
	}
	if n := planEdition(t, db, clock, "c", posts("three")); n != 1 {
		t.Errorf("%d get the next one, want 1", n)
	}
	if diff := cmp.Diff(deliveryStates(t, db), map[string]int{"dead": 2, "pending": 3}); diff != "" {
		t.Errorf("states (-got +want):\n%s", diff)
	}
}

func TestUnsubscribedAccountsAreOwedNoDigest(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), 1000)
	planEdition(t, db, clock, "a", posts("one"))
	update(t, db, func(tx *Tx) error {
		peer, err := tx.peerID(1000)
		if err != nil {
			return err
		}
		return tx.oweTo(peer, Post{HTML: "news", Buttons: "[]"})
	})
	update(t, db, func(tx *Tx) error { _, err := tx.Unsubscribe(1000); return err })
	d := claimAll(t, db)
	if len(d) != 1 || d[0].HTML != "news" {
		t.Errorf("owed are %+v, want the news alone", d)
	}
}

func TestALostDigestIsKnown(t *testing.T) {
	db, clock := openTest(t)
	mustSubscribe(t, db, sub(nine), 1000)
	check := func(when string, missed bool, texts ...string) {
		t.Helper()
		got, err := db.MayHaveMissed(t.Context(), 1000)
		if got != missed || err != nil {
			t.Errorf("%s: %t (%v), want %t", when, got, err, missed)
		}
		list, err := db.LatestPostsTo(t.Context(), 1000)
		if len(texts) == 0 {
			wantCode(t, err, rollcall.NotFound)
			return
		}
		var html []string
		for _, p := range list {
			html = append(html, p.HTML)
		}
		if err != nil || !slices.Equal(html, texts) {
			t.Errorf("%s: the latest is %q (%v), want %q", when, html, err, texts)
		}
	}
	check("before", false)
	planEdition(t, db, clock, "a", posts("one", "two"))
	check("owed", false, "one", "two")
	d, _ := claimPrivate(t, db)
	settle(t, db, d, Settlement{State: Unsure, Reason: "x"})
	check("in doubt", true, "one", "two")
	planEdition(t, db, clock, "b", posts("three"))
	check("the next one is owed", false, "three")
}

// The claim reads by an index in which nothing stands that waits.
func TestAClaimDoesNotScan(t *testing.T) {
	db, _ := openTest(t)
	plan := strings.Join(query(t, db, `EXPLAIN QUERY PLAN `+dueToPeer, 1, 2, `[3]`), "\n")
	for _, want := range []string{"SEARCH d USING INDEX deliveries_due_to_peers (priority=? AND not_before<?)", "deliveries_under_way (peer_id=?)"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan is\n%s\nwant %s in it", plan, want)
		}
	}
	for _, bad := range []string{"SCAN d", "SCAN e", "TEMP B-TREE"} {
		if strings.Contains(plan, bad) {
			t.Errorf("the plan is\n%s\nwhich has %s", plan, bad)
		}
	}
}

// Ten thousand subscribers to one edition: the entering, a claim while all wait for
// the upload, their release by it, and a claim with its settlement.
func BenchmarkEdition(b *testing.B) {
	const n = 10_000
	for b.Loop() {
		b.StopTimer()
		db, clock := openTest(b)
		mustSubscribe(b, db, sub(nine), subscribers(n)...)
		b.StartTimer()
		lap := time.Now()
		took := func(what string, per int) {
			b.ReportMetric(float64(time.Since(lap).Microseconds())/float64(per), what)
			lap = time.Now()
		}
		if got := planEdition(b, db, clock, "a", inTwo()); got != n {
			b.Fatal(got)
		}
		took("µs/plan", 1)
		first, _ := claimPrivate(b, db)
		lap = time.Now()
		for range 100 {
			if _, ok, err := claimToPeer(context.Background(), db); ok || err != nil {
				b.Fatal(ok, err)
			}
		}
		took("µs/claim-of-none", 100)
		settle(b, db, first, Settlement{State: Sent, Message: 1, FileID: "file"})
		took("µs/release", 1)
		for range 1000 {
			d, ok := claimPrivate(b, db)
			if !ok {
				b.Fatal("none is due")
			}
			settle(b, db, d, Settlement{State: Sent, Message: 1})
		}
		took("µs/claim+settle", 1000)
	}
}

// Whoever has subscribed follows the main digest, once, and gets nothing of before.
func TestSubscriptionsFollowTheMainDigest(t *testing.T) {
	db, clock := openTest(t)
	start := clock.Now()
	named := func(digest string, e rollcall.Edition) Subscription { return Subscription{Digest: digest, Edition: e} }
	ten := nine
	ten.At = 10 * 60
	mustSubscribe(t, db, named("old", nine), 1, 2)
	mustSubscribe(t, db, named("old", ten), 3, 4, 5)
	mustSubscribe(t, db, named("older", nine), 3) // after the other: it stays
	mustSubscribe(t, db, named("main", nine), 4)  // the main one stays
	update(t, db, func(tx *Tx) error { return tx.EndPeer(5, Blocked) })

	// The ledger has an instant an hour from now, since the clock is set back after it.
	clock.set(start.Add(2 * time.Hour))
	update(t, db, func(tx *Tx) error {
		n, err := tx.PlanEdition(Occurrence{Digest: "old", Key: "k", PlannedAt: clock.Now(), Number: 1, State: Posted}, nine, charted(), noQuiet)
		if n != 2 {
			t.Errorf("%d get it under the former name, want 2", n)
		}
		return err
	})
	entered := clock.Now()
	clock.set(start.Add(time.Hour))
	for _, want := range []int64{3, 0} {
		update(t, db, func(tx *Tx) error {
			moved, err := tx.FollowMain("main")
			if moved != want {
				t.Errorf("%d are moved, want %d", moved, want)
			}
			return err
		})
	}
	for user, want := range map[rollcall.UserID]rollcall.Edition{1: nine, 2: nine, 3: nine, 4: nine, 5: ten} {
		got, err := db.Subscription(t.Context(), user, "main")
		if err != nil || got.Edition != want || (got.Ended != "") != (user == 5) || !got.Since.Equal(start) {
			t.Errorf("account %d has %+v (%v), want %s", user, got, err, want)
		}
	}
	f, err := db.SubscriptionFigures(t.Context(), "main")
	if diff := cmp.Diff(f, SubscriptionFigures{Running: 4, Ended: 1}); err != nil || diff != "" {
		t.Errorf("figures (-got +want): %v\n%s", err, diff)
	}
	for _, c := range []struct {
		at   time.Time
		want int
	}{{clock.Now(), 1}, {clock.Now().Add(time.Minute), 2}, {entered, 2}, {entered.Add(time.Second), 4}} {
		update(t, db, func(tx *Tx) error {
			n, err := tx.PlanEdition(Occurrence{Digest: "main", Key: c.at.String(), PlannedAt: c.at, Number: 1, State: Posted}, nine, charted(), noQuiet)
			if n != c.want {
				t.Errorf("%s: owed to %d, want %d", c.at.Sub(start), n, c.want)
			}
			return err
		})
	}
}

// What was owed to a subscriber before the main digest was another one keeps to the
// quiet hours of theirs.
func TestQuietHoursHoldForWhatWasOwedBefore(t *testing.T) {
	db, clock := openTest(t)
	quiet := Subscription{Digest: "old", Edition: nine, Quiet: rollcall.QuietHours{From: 22 * 60, Until: 7 * 60}}
	mustSubscribe(t, db, quiet, 1)
	clock.set(clock.Now().Add(time.Hour))
	update(t, db, func(tx *Tx) error {
		_, err := tx.PlanEdition(Occurrence{Digest: "old", Key: "k", PlannedAt: tx.Now, Number: 1, State: Posted}, nine, charted(), noQuiet)
		return err
	})
	for _, main := range []string{"old", "new"} {
		update(t, db, func(tx *Tx) error { _, err := tx.FollowMain(main); return err })
		d, ok, err := db.NextPrivate(t.Context())
		if !ok || err != nil || d.Quiet != quiet.Quiet || d.Zone != nine.Zone {
			t.Errorf("with %q as the main digest the next is %+v (%t, %v), want one with the quiet hours", main, d, ok, err)
		}
	}
}
