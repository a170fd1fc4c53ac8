package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

func edition(t testing.TB, text string) rollcall.Edition {
	t.Helper()
	e, err := rollcall.ParseEdition(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const kyivAtNine = "daily 09:00 Europe/Kyiv uk"

// subscribe has accounts subscribe to an edition of the digest "daily".
func (d *desk) subscribe(text string, quiet string, users ...rollcall.UserID) {
	d.t.Helper()
	q, ok := rollcall.ParseQuietHours(quiet)
	if !ok {
		d.t.Fatal(quiet)
	}
	err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		for _, u := range users {
			if err := tx.Subscribe(u, store.Subscription{Digest: "daily", Edition: edition(d.t, text), Quiet: q, Silent: quiet != ""}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) unsubscribe(user rollcall.UserID) {
	d.t.Helper()
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.Unsubscribe(user); return err }); err != nil {
		d.t.Fatal(err)
	}
}

// planEditionsAt plans the digest's editions at a time of day in Kyiv, and brings
// what is due to their subscribers.
func (d *desk) planEditionsAt(g Digest, now string) {
	d.t.Helper()
	d.clock.set(at(now))
	if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
		d.t.Fatal(err)
	}
	if err := d.DeliverPrivate(d.ctx); err != nil {
		d.t.Fatal(err)
	}
}

// got is what has arrived since the last call, as "chat: first line".
func (d *desk) got() (list []string) {
	d.sender.mu.Lock()
	defer d.sender.mu.Unlock()
	for _, a := range d.sender.arrived {
		title, _, _ := strings.Cut(a.post.HTML, "\n")
		list = append(list, fmt.Sprint(a.chat, ": ", title))
	}
	d.sender.arrived = nil
	slices.Sort(list)
	return list
}

func TestSubscribersGetTheDigestAtTheirTimeAndInTheirLanguage(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-06-14 12:00:00"), g)
	d.subscribe(kyivAtNine, "", 71, 72)
	d.subscribe("daily 09:00 Europe/Warsaw en", "", 73) // an hour later
	d.subscribe("weekly 09:00 Europe/Kyiv ru", "", 74)  // the 15th is a Monday
	for _, step := range []struct {
		now  string
		want []string
	}{
		{"2026-06-14 23:59:00", nil},
		{"2026-06-15 08:59:59", nil},
		{"2026-06-15 09:00:00", []string{
			"71: <b>Дайджест № 1, станом на 15 червня 2026, 09:00 (Europe/Kyiv)</b>",
			"72: <b>Дайджест № 1, станом на 15 червня 2026, 09:00 (Europe/Kyiv)</b>",
			"74: <b>Дайджест № 1, по состоянию на 15 июня 2026, 09:00 (Europe/Kyiv)</b>"}},
		{"2026-06-15 09:00:30", nil},
		{"2026-06-15 10:00:00", []string{"73: <b>Digest No 1, as of 15 June 2026, 09:00 (Europe/Warsaw)</b>"}},
		{"2026-06-16 09:00:00", []string{
			"71: <b>Дайджест № 2, 15–16 червня 2026, 09:00 (Europe/Kyiv)</b>",
			"72: <b>Дайджест № 2, 15–16 червня 2026, 09:00 (Europe/Kyiv)</b>"}},
	} {
		d.planEditionsAt(g, step.now)
		same(t, step.now, d.got(), step.want)
	}
	if _, err := d.DB.LastOccurrence(d.ctx, "daily", store.InChat(channel)); rollcall.CodeOf(err) != rollcall.NotFound {
		t.Errorf("the channel's digest was planned with those of subscribers (%v)", err)
	}
}

// Each step plans by several programs at once, of which some have just started.
func TestAnEditionIsEnteredOnceOverRestartsAndPlanners(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	d.subscribe(kyivAtNine, "", 71, 72)
	for day := range 3 {
		d.clock.set(at("2026-03-01 09:00:00").AddDate(0, 0, day))
		old := d.Runner
		d.open(g)
		var wg sync.WaitGroup
		for _, r := range []*Runner{old, d.Runner, old, d.Runner} {
			wg.Go(func() {
				if err := r.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	d.restart()
	// A clock that is set back, and then right again.
	for _, now := range []string{"2026-03-01 07:00:00", "2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-03 09:30:00"} {
		d.clock.set(at(now))
		if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "the ledger", d.occurrences("daily"), []occurrence{
		{Key: "2026-03-01T09:00", At: "2026-03-01T07:00:00Z", Number: 1, State: store.Posted, Delivered: 2},
		{Key: "2026-03-02T09:00", At: "2026-03-02T07:00:00Z", From: "2026-03-01T07:00:00Z", Number: 2, State: store.Posted, Delivered: 2},
		{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: "2026-03-02T07:00:00Z", Number: 3, State: store.Posted, Delivered: 2},
	})
}

func TestEditionsAreCaughtUpWithByOneLatePost(t *testing.T) {
	for _, c := range []struct {
		name, now, reason string
		late              bool
	}{
		{"in time", "2026-03-03 09:00:00", "", false},
		{"late", "2026-03-03 09:01:01", "", true},
		{"one for three", "2026-03-05 10:00:00", "", true},
		{"too late", "2026-03-05 15:00:01", "3 missed, the last 6h0m1s ago, more than catch_up (6h0m0s)", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "daily", "0 20 * * *")
			d := newDesk(t, at("2026-03-01 12:00:00"), g)
			d.subscribe(kyivAtNine, "", 71)
			d.planEditionsAt(g, "2026-03-02 09:00:00")
			d.got()
			d.restart()
			d.planEditionsAt(g, c.now)
			all := d.occurrences("daily")
			if len(all) != 2 || !strings.Contains(all[1].Reason, c.reason) {
				t.Fatalf("the ledger is %+v, want two rows, of which the second says %q", all, c.reason)
			}
			said := d.sender.seen()
			if c.reason != "" {
				if len(said) != 0 || all[1].State != store.Skipped {
					t.Errorf("it is %s, and %d messages came", all[1].State, len(said))
				}
				return
			}
			if len(said) != 1 {
				t.Fatalf("%d messages came, want 1", len(said))
			}
			if late := strings.Contains(said[0].post.HTML, "запізненням"); late != c.late {
				t.Errorf("says that it is late: %t, want %t", late, c.late)
			}
		})
	}
}

func TestANewSubscriberGetsNothingOfBefore(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-03-01 09:30:00"), g)
	d.subscribe(kyivAtNine, "", 71) // half an hour after today's
	d.planEditionsAt(g, "2026-03-01 10:00:00")
	same(t, "on the first day", d.got(), []string(nil))

	d.planEditionsAt(g, "2026-03-02 09:00:00")
	d.clock.set(at("2026-03-02 09:00:00")) // at the instant: the next one is the first
	d.subscribe(kyivAtNine, "", 72)
	d.planEditionsAt(g, "2026-03-02 09:10:00")
	same(t, "on the second", d.got(), []string{"71: <b>Дайджест № 1, станом на 2 березня 2026, 09:00 (Europe/Kyiv)</b>"})

	// The edition has nobody for two days, and then somebody new: what was missed
	// meanwhile was missed by nobody.
	d.unsubscribe(71)
	d.unsubscribe(72)
	d.planEditionsAt(g, "2026-03-04 09:00:00")
	d.clock.set(at("2026-03-04 12:00:00"))
	d.subscribe(kyivAtNine, "", 73)
	d.planEditionsAt(g, "2026-03-04 12:01:00")
	same(t, "nobody", d.got(), []string(nil))
	d.planEditionsAt(g, "2026-03-05 09:00:00")
	same(t, "then", d.got(), []string{"73: <b>Дайджест № 2, станом на 5 березня 2026, 09:00 (Europe/Kyiv)</b>"})

	// After a downtime the late post is for those who were there before it alone.
	d.clock.set(at("2026-03-06 09:05:00"))
	d.subscribe(kyivAtNine, "", 74)
	d.planEditionsAt(g, "2026-03-06 09:06:00")
	same(t, "late", d.got(), []string{"73: <b>Дайджест № 3, 5–6 березня 2026, 09:00 (Europe/Kyiv)</b>"})

	// Who comes back after a block is new again.
	d.clock.set(at("2026-03-06 10:00:00"))
	for _, act := range []func(tx *store.Tx) error{
		func(tx *store.Tx) error { return tx.EndPeer(73, store.Blocked) },
		func(tx *store.Tx) error { return tx.EndPeer(74, store.Blocked) },
	} {
		if err := d.DB.Update(d.ctx, act); err != nil {
			t.Fatal(err)
		}
	}
	d.planEditionsAt(g, "2026-03-07 09:00:00")
	d.clock.set(at("2026-03-07 09:30:00"))
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.RevivePeer(73); return err }); err != nil {
		t.Fatal(err)
	}
	d.planEditionsAt(g, "2026-03-07 10:00:00")
	same(t, "revived", d.got(), []string(nil))
	d.planEditionsAt(g, "2026-03-08 09:00:00")
	if got := d.got(); len(got) != 1 || !strings.HasPrefix(got[0], "73: ") {
		t.Errorf("on the day after come %q", got)
	}
}

func TestQuietHoursPutADigestOff(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-03-28 12:00:00"), g)
	const late = "daily 23:00 Europe/Kyiv en"
	d.subscribe(late, "22:00-08:00", 71)
	d.subscribe(late, "23:30-07:00", 72)
	d.subscribe(late, "", 73)
	for _, step := range []struct {
		now  string
		want []rollcall.ChatID
	}{
		{"2026-03-28 23:00:00", []rollcall.ChatID{72, 73}},
		{"2026-03-29 07:59:59", nil}, // of the night that has an hour less
		{"2026-03-29 08:00:00", []rollcall.ChatID{71}},
		{"2026-03-29 23:00:00", []rollcall.ChatID{72, 73}},
	} {
		d.planEditionsAt(g, step.now)
		var got []rollcall.ChatID
		for _, a := range d.sender.seen() {
			got = append(got, a.chat)
			if want := a.chat != 73; a.post.Silent != want {
				t.Errorf("%s: the message to %d is silent: %t, want %t", step.now, a.chat, a.post.Silent, want)
			}
		}
		d.got()
		slices.Sort(got)
		same(t, step.now, got, step.want)
	}
	// What is late by now goes by the hour at which it is sent: after a downtime,
	// also that of the night before, which was put off to the morning.
	for _, step := range []struct {
		now  string
		want []rollcall.ChatID
	}{
		{"2026-03-31 00:30:00", []rollcall.ChatID{73}},
		{"2026-03-31 06:59:59", nil},
		{"2026-03-31 07:00:00", []rollcall.ChatID{72}},
		{"2026-03-31 08:00:00", []rollcall.ChatID{71, 71}},
	} {
		d.restart()
		d.planEditionsAt(g, step.now)
		var got []rollcall.ChatID
		for _, a := range d.sender.seen() {
			got = append(got, a.chat)
		}
		d.got()
		same(t, step.now, got, step.want)
	}
}

// The days on which Kyiv puts its clocks forward, from 03:00 to 04:00, and back,
// from 04:00 to 03:00, each planned through minute by minute.
func TestSubscribersOverClockChanges(t *testing.T) {
	for _, c := range []struct{ day, at string }{
		{"2026-03-29", "2026-03-29T01:00:00Z"},
		{"2026-10-25", "2026-10-25T00:30:00Z"},
	} {
		g := makeDigest(t, "daily", "0 20 * * *")
		d := newDesk(t, at(c.day+" 00:00:00"), g)
		d.subscribe("daily 03:30 Europe/Kyiv uk", "", 71)
		for range 12 * 60 {
			d.clock.move(time.Minute)
			if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
				t.Fatal(err)
			}
		}
		same(t, c.day, d.occurrences("daily"), []occurrence{{Key: c.day + "T03:30", At: c.at, Number: 1, State: store.Posted, Delivered: 1}})
	}
}

// While the bot is frozen nothing is planned; what was missed is caught up with as
// after a downtime.
func TestAFrozenBotPlansNothingForSubscribers(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	d.subscribe(kyivAtNine, "", 71)
	update := func(fn func(*store.Tx) error) {
		t.Helper()
		if err := d.DB.Update(d.ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx *store.Tx) error { return tx.Freeze(store.Shell) })
	d.clock.set(at("2026-03-01 09:00:00"))
	if err := d.PlanEditions(d.ctx, g, d.clock.now()); rollcall.CodeOf(err) != rollcall.Conflict {
		t.Errorf("frozen: %v, want a conflict", err)
	}
	same(t, "frozen", d.occurrences("daily"), []occurrence(nil))
	update(func(tx *store.Tx) error { _, err := tx.Unfreeze(store.Shell); return err })
	d.planEditionsAt(g, "2026-03-01 10:00:00")
	if got := d.sender.seen(); len(got) != 1 || !strings.Contains(got[0].post.HTML, "запізненням") {
		t.Errorf("after that come %+v, want one late post", got)
	}
}

func TestAnUnchangedDigestIsSkippedForSubscribersToo(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	g.SkipUnchanged = true
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	d.subscribe(kyivAtNine, "", 71)
	d.planEditionsAt(g, "2026-03-01 09:00:00")
	d.planEditionsAt(g, "2026-03-02 09:00:00")
	same(t, "the ledger", d.occurrences("daily"), []occurrence{
		{Key: "2026-03-01T09:00", At: "2026-03-01T07:00:00Z", Number: 1, State: store.Posted, Delivered: 1},
		{Key: "2026-03-02T09:00", At: "2026-03-02T07:00:00Z", From: "2026-03-01T07:00:00Z", State: store.Skipped, Reason: "nothing has changed"},
	})
}

// A thousand subscribers to a digest with a chart, and a watcher of whom there are
// news in the middle of it, with answers that take 150 ms: the chart is uploaded
// once, nobody gets a digest twice, and the watcher does not wait for its end.
func TestAThousandSubscribersDoNotHoldUpAWatcher(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		g := makeDigest(t, "daily", "0 20 * * *")
		g.Chart = true
		d := &desk{t: t, ctx: t.Context(), path: t.TempDir() + "/rollcall.db", sender: &sender{}}
		d.open(g)
		d.openPetition("sample")
		d.publish("Sample Bureau", 1)
		d.watch(7, rollcall.English, 1)
		var users []rollcall.UserID
		for i := range n {
			users = append(users, rollcall.UserID(1000+i))
		}
		d.subscribe("daily 01:00 UTC en", "", users...)
		var mu sync.Mutex
		var told, last time.Time
		uploads, got := 0, map[rollcall.ChatID]int{}
		d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			time.Sleep(150 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if p.Chart != nil {
				uploads++
			}
			if chat == 7 {
				told = time.Now()
			} else {
				got[chat]++
				last = time.Now()
			}
			return d.sender.accept(chat, p)
		}
		stop := d.start()
		time.Sleep(time.Hour + 2*time.Second)
		published := time.Now()
		d.publish("Sample Office", 1)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		stop()
		for chat, k := range got {
			if k != 1 {
				t.Fatalf("%d messages arrived in %d, want 1", k, chat)
			}
		}
		if len(got) != n || uploads != 1 {
			t.Errorf("%d got the digest, with %d uploads; want all %d, with one", len(got), uploads, n)
		}
		took := last.Sub(published.Add(-2 * time.Second))
		if perSecond := n / took.Seconds(); perSecond < 29 {
			t.Errorf("%.0f messages a second, want at least the 29 that Telegram allows", perSecond)
		}
		if wait := told.Sub(published); told.After(last) || wait > news+time.Second {
			t.Errorf("the watcher was told after %s, the last subscriber after %s", wait, took)
		}
		t.Logf("%d subscribers in %s, a watcher in %s", n, took, told.Sub(published))
	})
}

// The keeper gives the main digest another name, puts another first, and goes back,
// each time by a restart, before, at and after the subscribers' time. Each gets one
// digest a day, whatever it is called.
func TestSubscribersFollowTheMainDigestAndGetNoneTwice(t *testing.T) {
	daily, renamed := makeDigest(t, "daily", "0 20 * * *"), makeDigest(t, "figures", "0 20 * * *")
	second := makeDigest(t, "second", "0 20 * * *")
	second.Sections = rollcall.Sections{rollcall.RoundsSection}
	d := newDesk(t, at("2026-03-01 12:00:00"), daily)
	d.subscribe(kyivAtNine, "", 71, 72)
	total := 0
	for _, step := range []struct {
		now     string
		digests []Digest
		want    int // messages
	}{
		{"2026-03-02 08:59:59", []Digest{renamed}, 0},
		{"2026-03-02 09:00:00", []Digest{renamed}, 2},
		{"2026-03-02 09:00:00", []Digest{daily, renamed}, 0},
		{"2026-03-02 10:00:00", []Digest{renamed, daily}, 0},
		{"2026-03-03 09:00:30", []Digest{renamed, daily}, 2},
		{"2026-03-03 09:01:00", []Digest{second, renamed}, 0},
		{"2026-03-03 08:30:00", []Digest{daily}, 0}, // the clock is set back
		{"2026-03-03 09:00:00", []Digest{daily}, 0},
		{"2026-03-03 09:02:00", []Digest{second}, 0},
		{"2026-03-04 09:00:00", []Digest{second}, 2},
		{"2026-03-04 09:00:00", nil, 0},
		{"2026-03-05 08:00:00", []Digest{daily}, 0},
		{"2026-03-05 09:00:00", []Digest{daily}, 2},
	} {
		d.clock.set(at(step.now))
		d.open(step.digests...)
		d.followMain(d.ctx)
		for range 2 {
			d.planEditions(d.ctx)
		}
		if err := d.DeliverPrivate(d.ctx); err != nil {
			t.Fatal(err)
		}
		got := d.got()
		total += len(got)
		if len(got) != step.want || len(got) == 2 && got[0][:3] == got[1][:3] {
			t.Errorf("%s: got %q, want %d messages to different accounts", step.now, got, step.want)
		}
	}
	same(t, "in all", total, 8)
}

// The runner sees to it at its start.
func TestTheRunnerHasSubscribersFollowTheMainDigest(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.subscribe(time.Now().UTC().Add(2*time.Minute).Format("daily 15:04 UTC en"), "", 71)
		d.Digests = []Digest{makeDigest(t, "figures", "@every 240h")}
		stop := d.start()
		time.Sleep(3 * time.Minute)
		stop()
		if got := d.got(); len(got) != 1 || !strings.HasPrefix(got[0], "71: <b>Digest No 1, ") {
			t.Errorf("got %q, want one digest", got)
		}
	})
}

// An edition that had nobody for a while begins anew for whoever comes then: without a
// period and changes. One that had somebody at each instant goes on, whoever that was.
func TestAnEditionThatHadNobodyBeginsAnew(t *testing.T) {
	const left, came = "2026-03-02 10:00:00", " 12:00:00"
	for _, c := range []struct {
		name      string
		days      int    // between the last digest and the next subscriber
		stays     bool   // the first subscriber
		unchanged bool   // with skip_unchanged, and the instant after the last digest skipped
		at        string // when it is planned
		want      string // the title's end, "" for no message
		change    bool   // the text has one
	}{
		{"nobody for months", 90, false, false, "2026-06-01 09:00:00", "№ 2, станом на 1 червня 2026, 09:00 (Europe/Kyiv)", false},
		{"nobody for an instant", 1, false, false, "2026-03-04 09:00:00", "№ 2, станом на 4 березня 2026, 09:00 (Europe/Kyiv)", false},
		{"somebody else at each instant", 0, false, false, "2026-03-03 09:00:00", "№ 2, 2–3 березня 2026, 09:00 (Europe/Kyiv)", true},
		{"one stays, and the program was not running", 90, true, false, "2026-06-01 09:00:00", "№ 2, 2 березня – 1 червня 2026, 09:00 (Europe/Kyiv)", true},
		{"nobody left who got one, and the program was not running", 0, false, false, "2026-03-09 09:00:00", "№ 2, 2–9 березня 2026, 09:00 (Europe/Kyiv)", true},
		{"nothing to tell since", 0, false, true, "2026-03-04 09:00:00", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "daily", "0 20 * * *")
			g.SkipUnchanged = c.unchanged
			d := newDesk(t, at("2026-03-01 12:00:00"), g)
			d.subscribe(kyivAtNine, "", 71)
			d.planEditionsAt(g, "2026-03-02 09:00:00")
			same(t, "the first", len(d.got()), 1)
			d.clock.set(at(left))
			if !c.stays {
				d.unsubscribe(71)
			}
			d.clock.set(at("2026-03-02"+came).AddDate(0, 0, c.days))
			d.subscribe(kyivAtNine, "", 72)
			if c.unchanged {
				d.planEditionsAt(g, "2026-03-03 09:00:00")
			}
			d.planEditionsAt(g, c.at)
			var to []rollcall.UserID
			for _, a := range d.sender.seen() {
				to = append(to, rollcall.UserID(a.chat))
				title, rest, _ := strings.Cut(a.post.HTML, "\n")
				if !strings.HasSuffix(title, c.want+"</b>") {
					t.Errorf("got %q, want %q", title, c.want)
				}
				if got := strings.Contains(rest, "без змін"); got != c.change {
					t.Errorf("tells of a change: %t\n%s", got, rest)
				}
			}
			want := []rollcall.UserID{72}
			if c.stays {
				want = []rollcall.UserID{71, 72}
			}
			if c.want == "" {
				want = nil
			}
			same(t, "got by", to, want)
			all := d.occurrences("daily")
			if last := all[len(all)-1]; c.want != "" && (last.From == "") != !c.change {
				t.Errorf("the ledger has the period from %q", last.From)
			}
		})
	}
}
