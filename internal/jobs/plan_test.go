package jobs

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/store"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("%s (-got +want):\n%s", what, d)
	}
}

func TestANewDigestStartsAtItsNextInstant(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-03-01 12:00:00")) // well within catch_up of today's
	d.plan(g)
	d.clock.set(at("2026-03-02 08:59:59"))
	d.plan(g)
	start := occurrence{Key: "start", At: "2026-03-01T10:00:00Z", State: store.Baseline}
	same(t, "before its instant", d.occurrences("daily"), []occurrence{start})
	d.clock.set(at("2026-03-02 09:00:00"))
	d.plan(g)
	same(t, "at its instant", d.occurrences("daily"), []occurrence{start,
		{Key: "2026-03-02T09:00", At: "2026-03-02T07:00:00Z", Number: 1, State: store.Posted, Delivered: 1}})
}

// Each step plans by two programs at once, of which one has just been started.
func TestAnOccurrenceIsEnteredOnceOverRestartsAndPlanners(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.plan(g)
	for day := range 3 {
		d.clock.set(at("2026-03-01 09:00:00").AddDate(0, 0, day))
		old := d.Runner
		d.open()
		var wg sync.WaitGroup
		for _, r := range []*Runner{old, d.Runner, old, d.Runner} {
			wg.Go(func() {
				if err := r.Plan(d.ctx, g, d.clock.now()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	d.restart()
	d.plan(g)
	var got []string
	for _, o := range d.occurrences("daily")[1:] {
		got = append(got, o.Key)
		if o.Delivered != 1 {
			t.Errorf("%s: %d messages are owed, want 1", o.Key, o.Delivered)
		}
	}
	same(t, "occurrences", got, []string{"2026-03-01T09:00", "2026-03-02T09:00", "2026-03-03T09:00"})
}

func TestCatchUp(t *testing.T) {
	const first = "2026-03-02T07:00:00Z" // was posted in time
	for _, c := range []struct {
		name   string
		now    string
		want   occurrence // the last
		late   bool
		reason string // part of
	}{
		{"in time", "2026-03-03 09:00:00", occurrence{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: first, Number: 2, State: store.Posted}, false, ""},
		{"within the minute", "2026-03-03 09:01:00", occurrence{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: first, Number: 2, State: store.Posted}, false, ""},
		{"late", "2026-03-03 09:01:01", occurrence{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: first, Number: 2, State: store.Posted}, true, ""},
		{"as late as may be", "2026-03-03 15:00:00", occurrence{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: first, Number: 2, State: store.Posted}, true, ""},
		{"too late", "2026-03-03 15:00:01", occurrence{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", State: store.Skipped}, false, "1 missed, the last 6h0m1s ago, more than catch_up (6h0m0s)"},
		{"one for three", "2026-03-05 10:00:00", occurrence{Key: "2026-03-05T09:00", At: "2026-03-05T07:00:00Z", From: first, Number: 2, State: store.Posted}, true, ""},
		{"three in time for the last", "2026-03-05 09:00:00", occurrence{Key: "2026-03-05T09:00", At: "2026-03-05T07:00:00Z", From: first, Number: 2, State: store.Posted}, true, ""},
		{"three, too late", "2026-03-05 23:00:00", occurrence{Key: "2026-03-05T09:00", At: "2026-03-05T07:00:00Z", State: store.Skipped}, false, "3 missed, the last 14h0m0s ago"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "daily", "0 9 * * *")
			d := newDesk(t, at("2026-03-02 08:00:00"))
			d.plan(g)
			d.clock.set(at("2026-03-02 09:00:00"))
			d.plan(g)
			d.deliverAll()
			d.restart()
			d.clock.set(at(c.now))
			d.plan(g)
			all := d.occurrences("daily")
			if len(all) != 3 {
				t.Fatalf("the ledger has %d rows, want 3: %+v", len(all), all)
			}
			got := all[2]
			if !strings.Contains(got.Reason, c.reason) || (got.Reason == "") != (c.reason == "") {
				t.Errorf("the reason is %q, want %q in it", got.Reason, c.reason)
			}
			got.Reason = ""
			if c.want.State == store.Posted {
				c.want.Delivered = 1
			}
			same(t, "the last occurrence", got, c.want)
			if c.want.State != store.Posted {
				return
			}
			d.deliverAll()
			said := d.sender.seen()
			if late := strings.Contains(said[len(said)-1].post.HTML, "comes late"); late != c.late {
				t.Errorf("says that it is late: %t, want %t", late, c.late)
			}
		})
	}
}

// What was skipped is in the period of the next digest, and takes no number.
func TestTheNextDigestCoversWhatWasSkipped(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-03-02 08:00:00"))
	for _, now := range []string{"2026-03-02 08:00:00", "2026-03-02 09:00:00", "2026-03-03 20:00:00", "2026-03-04 09:00:00"} {
		d.clock.set(at(now))
		d.plan(g)
	}
	all := d.occurrences("daily")
	same(t, "the last", all[len(all)-1], occurrence{Key: "2026-03-04T09:00", At: "2026-03-04T07:00:00Z",
		From: "2026-03-02T07:00:00Z", Number: 2, State: store.Posted, Delivered: 1})
	if all[2].State != store.Skipped {
		t.Errorf("the one before is %s, want skipped", all[2].State)
	}
}

func TestSkipUnchanged(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	g.SkipUnchanged = true
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.openPetition("sample")
	for _, step := range []struct {
		now  string
		sign byte
	}{{"2026-03-01 08:00:00", 0}, {"2026-03-01 09:00:00", 0}, {"2026-03-02 09:00:00", 0}, {"2026-03-03 09:00:00", 1}, {"2026-03-04 09:00:00", 0}} {
		d.clock.set(at(step.now))
		if step.sign != 0 {
			d.sign("sample", step.sign)
		}
		d.plan(g)
	}
	same(t, "the ledger", d.occurrences("daily")[1:], []occurrence{
		{Key: "2026-03-01T09:00", At: "2026-03-01T07:00:00Z", Number: 1, State: store.Posted, Delivered: 1},
		{Key: "2026-03-02T09:00", At: "2026-03-02T07:00:00Z", From: "2026-03-01T07:00:00Z", State: store.Skipped, Reason: "nothing has changed"},
		{Key: "2026-03-03T09:00", At: "2026-03-03T07:00:00Z", From: "2026-03-01T07:00:00Z", Number: 2, State: store.Posted, Delivered: 1},
		{Key: "2026-03-04T09:00", At: "2026-03-04T07:00:00Z", From: "2026-03-03T07:00:00Z", State: store.Skipped, Reason: "nothing has changed"},
	})
}

// The days on which Kyiv puts its clocks forward, from 03:00 to 04:00, and back,
// from 04:00 to 03:00, each planned through in steps of five minutes.
func TestClockChanges(t *testing.T) {
	type firing struct{ Key, At string }
	for _, c := range []struct {
		name, spec, from, until string
		want                    []firing
	}{
		{"a skipped time comes at the end of the gap", "30 3 * * *", "2026-03-29 00:00:00", "2026-03-29 23:00:00",
			[]firing{{"2026-03-29T03:30", "2026-03-29T01:00:00Z"}}},
		{"a repeated time comes once, the first time", "30 3 * * *", "2026-10-25 00:00:00", "2026-10-25 23:00:00",
			[]firing{{"2026-10-25T03:30", "2026-10-25T00:30:00Z"}}},
		{"nine o'clock of the shorter day", "0 9 * * *", "2026-03-29 00:00:00", "2026-03-29 23:00:00",
			[]firing{{"2026-03-29T09:00", "2026-03-29T06:00:00Z"}}},
		{"nine o'clock of the longer day", "0 9 * * *", "2026-10-25 00:00:00", "2026-10-25 23:00:00",
			[]firing{{"2026-10-25T09:00", "2026-10-25T07:00:00Z"}}},
		{"a period knows no clock", "@every 2h", "2026-10-25 00:30:00", "2026-10-25 07:00:00",
			[]firing{{"2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z"}, {"2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z"},
				{"2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"}, {"2026-10-25T04:00:00Z", "2026-10-25T04:00:00Z"}}},
		{"three readings in the gap are one", "*/20 3 * * *", "2026-03-29 00:00:00", "2026-03-29 23:00:00",
			[]firing{{"2026-03-29T03:00", "2026-03-29T01:00:00Z"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "d", c.spec)
			d := newDesk(t, at(c.from))
			for !d.clock.now().After(at(c.until)) {
				d.plan(g)
				d.clock.move(5 * time.Minute)
			}
			var got []firing
			for _, o := range d.occurrences("d")[1:] {
				got = append(got, firing{o.Key, o.At})
				if o.State != store.Posted || o.Delivered != 1 {
					t.Errorf("%s: %s with %d messages, want one posted", o.Key, o.State, o.Delivered)
				}
			}
			same(t, "firings", got, c.want)
		})
	}
}

func TestAClockThatIsSetBackDoublesNothing(t *testing.T) {
	for _, spec := range []string{"0 9 * * *", "@every 1h"} {
		t.Run(spec, func(t *testing.T) {
			g := makeDigest(t, "d", spec)
			d := newDesk(t, at("2026-03-01 08:30:00"))
			d.plan(g)
			d.clock.set(at("2026-03-01 09:00:00"))
			d.plan(g)
			before := d.occurrences("d")
			if len(before) != 2 {
				t.Fatalf("the ledger has %d rows, want 2", len(before))
			}
			// Back by two hours and a day, through the same instants once more.
			for _, back := range []string{"2026-03-01 07:00:00", "2026-02-28 08:00:00"} {
				d.clock.set(at(back))
				d.restart()
				for !d.clock.now().After(at("2026-03-01 09:30:00")) {
					d.plan(g)
					d.clock.move(30 * time.Minute)
				}
			}
			same(t, "the ledger", d.occurrences("d"), before)
			d.clock.set(at("2026-03-02 09:00:00"))
			d.plan(g)
			if n := len(d.occurrences("d")); n != 3 {
				t.Errorf("after that the ledger has %d rows, want 3", n)
			}
		})
	}
}

func TestAPeriodIsNotMovedByRestarts(t *testing.T) {
	g := makeDigest(t, "d", "@every 1h")
	d := newDesk(t, at("2026-03-01 08:17:03"))
	for range 7 {
		d.plan(g)
		d.clock.move(29*time.Minute + 7*time.Second)
		d.restart()
	}
	var got []string
	for _, o := range d.occurrences("d")[1:] {
		got = append(got, o.Key)
	}
	same(t, "keys", got, []string{"2026-03-01T07:00:00Z", "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z"})
}

func TestADigestByHandLeavesTheScheduleAlone(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.plan(g)
	d.clock.set(at("2026-03-01 08:30:00"))
	if err := d.SendNow(d.ctx, g, d.clock.now()); err != nil {
		t.Fatal(err)
	}
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	same(t, "the ledger", d.occurrences("daily")[1:], []occurrence{
		{Key: "by hand 2026-03-01T06:30:00Z", At: "2026-03-01T06:30:00Z", Number: 1, State: store.Posted, Delivered: 1},
		{Key: "2026-03-01T09:00", At: "2026-03-01T07:00:00Z", From: "2026-03-01T06:30:00Z", Number: 2, State: store.Posted, Delivered: 1},
	})
	d.deliverAll()
	for _, a := range d.sender.seen() {
		if strings.Contains(a.post.HTML, "comes late") {
			t.Error("a digest in time says that it is late")
		}
	}
}

// Two digests by hand within a second are two, and each says so.
func TestDigestsByHandAreNotTakenForOne(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	g.SkipUnchanged = true // which who asks for it by hand does not mean
	d := newDesk(t, at("2026-03-01 08:00:00"))
	for range 2 {
		if err := d.SendNow(d.ctx, g, d.clock.now()); err != nil {
			t.Fatal(err)
		}
		d.clock.move(300 * time.Millisecond)
	}
	var got []int
	for _, o := range d.occurrences("daily") {
		got = append(got, o.Number)
	}
	same(t, "numbers", got, []int{1, 2})
}

// One digest name in two chats is two ledgers.
func TestEachChatHasItsOwnOccurrences(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	other := g
	other.Chat = -1009999999999
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.plan(g)
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	d.plan(other) // is new to that chat
	d.clock.set(at("2026-03-02 09:00:00"))
	d.plan(g)
	d.plan(other)
	d.deliverAll()
	n := map[string]int{}
	for _, a := range d.sender.seen() {
		if a.chat == channel {
			n["first"]++
		} else {
			n["other"]++
		}
	}
	same(t, "posts", n, map[string]int{"first": 2, "other": 1})
}
