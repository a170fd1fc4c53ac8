package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// fate is what becomes of one try to post.
type fate string

const (
	confirmed    fate = "confirmed"
	flood        fate = "asked to wait"
	notSent      fate = "surely not sent"
	refused      fate = "refused for good"
	lostAnswer   fate = "arrived, and the answer was lost"
	lostRequest  fate = "did not arrive, and nobody knows"
	crashBefore  fate = "the program ends before the call"
	crashAfter   fate = "the program ends after the call"
	crashSettled fate = "the program ends once it was settled"
)

var fates = []fate{confirmed, confirmed, confirmed, confirmed, flood, flood, notSent, notSent, refused, lostAnswer, lostRequest, crashBefore, crashAfter, crashSettled}

// crash is what a sender panics with in place of kill -9.
type crash struct{}

// A week of two digests by a virtual clock. Posts meet every fate, the program
// is started anew, crashes, and stands still for up to a day and a half. What
// the ledger must hold in the end is worked out here from the clock alone.
func TestSoakEveryOccurrenceIsAccountedForAndNoneIsSentTwice(t *testing.T) {
	race.Skip(t)
	seeds := 1
	if os.Getenv("ROLLCALL_LONG") == "1" {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { soak(t, uint64(seed)) })
	}
}

func soak(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	// The week in which Kyiv puts its clocks forward.
	start := at("2026-03-25 12:34:56")
	daily, hourly := makeDigest(t, "daily", "0 9 * * *"), makeDigest(t, "hourly", "@every 1h")
	hourly.CatchUp = 90 * time.Minute
	d := newDesk(t, start, daily, hourly)

	met := map[fate]int{}            // how often each fate was met
	fateOf := map[int64]fate{}       // the last of each post
	arrivals := map[int64]int{}      // of each post
	confirmations := map[int64]int{} // of each post
	calm, settled := false, false
	d.sender.try = func(_ context.Context, _ rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
		f := confirmed
		if !calm {
			f = fates[rnd.IntN(len(fates))]
		}
		met[f]++
		fateOf[p.ID] = f
		switch f {
		case flood:
			return 0, "", errFlood
		case notSent:
			return 0, "", errNot
		case refused:
			return 0, "", errFinal
		case lostRequest:
			return 0, "", errDoubt
		case crashBefore:
			panic(crash{})
		}
		arrivals[p.ID]++
		switch f {
		case lostAnswer:
			return 0, "", errDoubt
		case crashAfter:
			panic(crash{})
		case crashSettled:
			settled = true
		}
		confirmations[p.ID]++
		return rollcall.MessageID(p.ID), "", nil
	}
	reopen := func() {
		d.restart()
		if _, err := d.DB.AbandonClaims(d.ctx); err != nil { // as Run does first
			t.Fatal(err)
		}
	}
	deliver := func() (crashed bool) {
		defer func() {
			if r := recover(); r != nil {
				if r != (crash{}) {
					panic(r)
				}
				crashed = true
			}
		}()
		for !settled && d.one() {
		}
		crashed, settled = settled, false
		return crashed
	}

	model := map[string]*expectation{"daily": {digest: daily, last: start, next: nextNine}, "hourly": {digest: hourly, last: start, next: nextHour}}
	for _, g := range d.Digests {
		d.plan(g)
	}
	end := start.AddDate(0, 0, 7)
	for d.clock.now().Before(end) {
		d.clock.move(time.Duration(1+rnd.IntN(20*60)) * time.Second)
		switch rnd.IntN(60) {
		case 0: // downtime
			d.clock.move(time.Duration(rnd.IntN(36*60)) * time.Minute)
			reopen()
		case 1, 2:
			reopen()
		}
		for _, g := range d.Digests {
			d.plan(g)
			model[g.Name].planned(d.clock.now())
		}
		for deliver() {
			reopen()
		}
	}
	calm = true
	for range 30 {
		d.clock.move(5*time.Minute + time.Second)
		deliver()
	}

	for name, m := range model {
		var got []string
		number, before := 0, ""
		for _, o := range d.occurrences(name)[1:] {
			got = append(got, o.Key+" "+string(o.State))
			if o.State != store.Posted {
				continue
			}
			if number++; o.Number != number || o.Delivered != 1 {
				t.Errorf("%s %s: number %d with %d messages, want %d with 1", name, o.Key, o.Number, o.Delivered, number)
			}
			if o.From != before {
				t.Errorf("%s %s covers from %q, want from %q, where the one before ended", name, o.Key, o.From, before)
			}
			before = o.At
		}
		same(t, name, got, m.want)
	}
	for _, x := range d.deliveries() {
		f := fateOf[x.Post]
		if arrivals[x.Post] > 1 {
			t.Errorf("post %d arrived %d times (%s, %s)", x.Post, arrivals[x.Post], x.State, f)
		}
		want := map[fate]store.DeliveryState{confirmed: store.Sent, crashSettled: store.Sent, refused: store.Dead,
			lostAnswer: store.Unsure, lostRequest: store.Unsure, crashBefore: store.Unsure, crashAfter: store.Unsure}[f]
		if x.State != want {
			t.Errorf("post %d is %s after %q, want %s", x.Post, x.State, f, want)
		}
		if n := confirmations[x.Post]; (n == 1) != (x.State == store.Sent) || n > 1 {
			t.Errorf("post %d was confirmed %d times and is %s", x.Post, n, x.State)
		}
	}
	for _, f := range fates {
		if met[f] == 0 {
			t.Errorf("the seed never met %q: it proves nothing about that", f)
		}
	}
}

// An expectation works out, apart from package schedule, what a ledger must
// hold.
type expectation struct {
	digest Digest
	last   time.Time // of the last row
	next   func(after time.Time) (key string, at time.Time)
	want   []string
}

// planned says that the digest was planned at an instant: of all that came due
// since the last row, the last has a row.
func (e *expectation) planned(now time.Time) {
	key, last := "", time.Time{}
	for {
		k, at := e.next(e.last)
		if at.After(now) {
			break
		}
		key, last, e.last = k, at, at
	}
	if key == "" {
		return
	}
	state := store.Posted
	if now.Sub(last) > e.digest.CatchUp {
		state = store.Skipped
	}
	e.want = append(e.want, key+" "+string(state))
}

func nextHour(after time.Time) (string, time.Time) {
	at := after.Truncate(time.Hour).Add(time.Hour)
	return at.Format(time.RFC3339), at
}

func nextNine(after time.Time) (string, time.Time) {
	y, m, day := after.In(kyiv).Date()
	for {
		if at := time.Date(y, m, day, 9, 0, 0, 0, kyiv); at.After(after) {
			return at.Format("2006-01-02T15:04"), at
		}
		day++
	}
}

// The ledger that cannot be written stops the delivery before the call, not
// after it.
func TestNothingIsSentThatCannotBeClaimed(t *testing.T) {
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", channel, text("one"))
	if err := d.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.deliverOne(d.ctx); err == nil {
		t.Error("got no error")
	}
	if n := len(d.sender.seen()); n != 0 {
		t.Errorf("%d posts were sent", n)
	}
}
