package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

func (d *desk) one() (more bool) {
	d.t.Helper()
	more, err := d.deliverOne(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return more
}

func TestADeliveryIsClaimedBeforeTheCall(t *testing.T) {
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", channel, text("one"))
	var during []delivery
	d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
		during = d.deliveries() // as committed: read through another connection
		return d.sender.accept(chat, p)
	}
	d.one()
	same(t, "during the call", during, []delivery{{Post: 1, Chat: channel, State: store.Sending, Attempts: 1}})
	same(t, "after it", d.deliveries(), []delivery{{Post: 1, Chat: channel, State: store.Sent, Attempts: 1, Message: 1}})
}

func TestSettlement(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want delivery
	}{
		{"confirmed", nil, delivery{State: store.Sent, Message: 77, FileID: "a-file"}},
		{"asked to wait", errFlood, delivery{State: store.Pending, NotBefore: "2026-03-01T07:00:31Z"}},
		{"surely not sent", errNot, delivery{State: store.Pending, NotBefore: "2026-03-01T07:00:02Z"}},
		{"refused for good", errFinal, delivery{State: store.Dead, Reason: "no right to post"}},
		{"asked to wait, and refused for good", &OutcomeError{NotDone: true, Final: true, RetryAfter: time.Hour, Err: errors.New("no")}, delivery{State: store.Dead, Reason: "no"}},
		{"no answer", errDoubt, delivery{State: store.Unsure, Reason: "no answer that can be trusted: no answer came"}},
		{"no answer, and it says to wait", &OutcomeError{RetryAfter: time.Second, Err: errors.New("x")}, delivery{State: store.Unsure, Reason: "no answer that can be trusted: x"}},
		{"an error that says nothing", errors.New("broken"), delivery{State: store.Unsure, Reason: "no answer that can be trusted: broken"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, at("2026-03-01 09:00:00"))
			d.owe("a", channel, store.Post{HTML: "one", Buttons: "[]", Chart: []byte("png")})
			d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
				if c.err != nil {
					return 0, "", c.err
				}
				return 77, "a-file", nil
			}
			d.one()
			c.want.Post, c.want.Chat, c.want.Attempts = 1, channel, 1
			same(t, "the ledger", d.deliveries(), []delivery{c.want})

			// What comes of it later: only what surely is not there is tried again.
			d.sender.try = nil
			d.restart()
			d.clock.move(24 * time.Hour)
			d.deliverAll()
			again := len(d.sender.seen())
			if want := map[bool]int{true: 1}[c.want.State == store.Pending]; again != want {
				t.Errorf("tried again %d times, want %d", again, want)
			}
		})
	}
}

func TestNothingIsTriedBeforeItsInstant(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		waits []time.Duration // one after each try
	}{
		{"asked to wait", errFlood, []time.Duration{31 * time.Second, 31 * time.Second}},
		{"surely not sent", errNot, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
			64 * time.Second, 128 * time.Second, 256 * time.Second, 5 * time.Minute, 5 * time.Minute}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, at("2026-03-01 09:00:00"))
			d.owe("a", channel, text("one"))
			d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
				return 0, "", c.err
			}
			for i, wait := range c.waits {
				if !d.one() {
					t.Fatalf("try %d: nothing is due", i+1)
				}
				d.clock.move(wait - time.Second)
				if d.one() {
					t.Fatalf("try %d came a second too early", i+2)
				}
				d.clock.move(time.Second)
			}
		})
	}
}

func TestAPostIsGivenUpAfterTwentyTries(t *testing.T) {
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", channel, text("one"))
	tries := 0
	d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
		tries++
		return 0, "", errNot
	}
	for range 50 {
		d.deliverAll()
		d.clock.move(10 * time.Minute)
	}
	same(t, "the ledger", d.deliveries(), []delivery{{Post: 1, Chat: channel, State: store.Dead, Attempts: 20, Reason: "did not leave"}})
	if tries != 20 {
		t.Errorf("tried %d times, want 20", tries)
	}
}

func TestTheTextWaitsForItsChart(t *testing.T) {
	chart, words := store.Post{Buttons: "[]", Chart: []byte("png")}, text("words")
	for _, c := range []struct {
		name  string
		first error // the outcome of the chart's first try
		want  []int64
	}{
		{"confirmed", nil, []int64{1, 2}},
		{"asked to wait", errFlood, []int64{1, 1, 2}},
		{"surely not sent", errNot, []int64{1, 1, 2}},
		{"dead", errFinal, []int64{1, 2}},
		{"in doubt", errDoubt, []int64{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, at("2026-03-01 09:00:00"))
			d.owe("a", channel, chart, words)
			var order []int64
			d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
				order = append(order, p.ID)
				if len(order) == 1 && c.first != nil {
					return 0, "", c.first
				}
				return d.sender.accept(chat, p)
			}
			for range 3 {
				d.deliverAll()
				d.clock.move(time.Minute)
			}
			same(t, "posts tried", order, c.want)
		})
	}
}

// While one chat has to wait, others need not.
func TestAPostThatWaitsHoldsUpNoOtherChat(t *testing.T) {
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", channel, text("one"))
	d.owe("a", -1002222222222, text("two"))
	d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
		if chat == channel {
			return 0, "", errFlood
		}
		return d.sender.accept(chat, p)
	}
	d.deliverAll()
	if got := d.sender.seen(); len(got) != 1 || got[0].post.HTML != "two" {
		t.Errorf("arrived: %+v, want the other chat's", got)
	}
}

// An uploaded chart is not uploaded again, and its bytes are not kept.
func TestTheChartIsKeptByItsFileID(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	g.Chart = true
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.openPetition("sample")
	d.plan(g)
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	before, err := d.DB.LatestPosts(d.ctx, "daily", channel)
	if err != nil || len(before) != 1 || len(before[0].Chart) == 0 {
		t.Fatalf("before it was sent: %d posts (%v), want one with a chart", len(before), err)
	}
	d.deliverAll()
	after, err := d.DB.LatestPosts(d.ctx, "daily", channel)
	if err != nil || len(after) != 1 || after[0].Chart != nil || after[0].FileID != "file-1" || after[0].HTML != before[0].HTML {
		t.Errorf("after it was sent: %d bytes of chart, file %q (%v), want none and file-1", len(after[0].Chart), after[0].FileID, err)
	}
}

func TestAMigratedGroupIsFollowed(t *testing.T) {
	const group, super rollcall.ChatID = -501, -1001900000000
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", group, text("one"), text("two"))
	var tried []rollcall.ChatID
	d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
		tried = append(tried, chat)
		if chat == group {
			return 0, "", &OutcomeError{NotDone: true, MigrateTo: super, Err: errors.New("moved")}
		}
		return d.sender.accept(chat, p)
	}
	d.deliverAll() // at once: there is nothing to wait for
	same(t, "chats tried", tried, []rollcall.ChatID{group, super, super})
	// The configuration still names the old one.
	d.restart()
	d.owe("b", group, text("three"))
	d.deliverAll()
	same(t, "chats tried later", tried[3:], []rollcall.ChatID{super})
	var words []string
	for _, a := range d.sender.seen() {
		words = append(words, a.post.HTML)
	}
	same(t, "arrived", words, []string{"one", "two", "three"})
}

func TestMilestonesAreToldOnceInEachChat(t *testing.T) {
	const other rollcall.ChatID = -1002222222222
	daily, weekly, elsewhere := makeDigest(t, "daily", "0 9 * * *"), makeDigest(t, "weekly", "0 9 * * 1"), makeDigest(t, "elsewhere", "0 9 * * *")
	weekly.Language = rollcall.Ukrainian // the first digest of a chat gives the language
	elsewhere.Chat, elsewhere.Language = other, rollcall.Ukrainian
	d := newDesk(t, at("2026-03-01 08:00:00"), daily, weekly, elsewhere)
	d.openPetition("sample", 2, 3)
	d.sign("sample", 1)
	d.postMilestones(d.ctx)
	if got := d.deliveries(); len(got) != 0 {
		t.Fatalf("below the milestone %d messages are owed", len(got))
	}
	d.sign("sample", 2)
	for range 2 {
		d.postMilestones(d.ctx)
		d.restart()
	}
	// Withdrawn and signed anew: the milestone has been told.
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		if _, err := tx.Withdraw("sample", [32]byte{2}); err != nil {
			return err
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d.sequenceAll()
	d.sign("sample", 3)
	d.postMilestones(d.ctx)
	d.deliverAll()
	told := map[rollcall.ChatID][]string{}
	for _, a := range d.sender.seen() {
		told[a.chat] = append(told[a.chat], a.post.HTML)
		if !strings.Contains(a.post.Buttons, "p_sample") {
			t.Errorf("the buttons lead to no petition: %s", a.post.Buttons)
		}
	}
	if len(told[channel]) != 1 || !strings.Contains(told[channel][0], "has reached 2 signatures") || !strings.Contains(told[channel][0], "A sample request") {
		t.Errorf("the channel was told %q, want once of 2 signatures", told[channel])
	}
	if len(told[other]) != 1 || !strings.Contains(told[other][0], "Зразкове прохання") {
		t.Errorf("the other chat was told %q, want once in its language", told[other])
	}
	d.sign("sample", 4)
	d.postMilestones(d.ctx)
	if n := len(d.deliveries()); n != 4 {
		t.Errorf("after the next milestone %d messages were owed in all, want 4", n)
	}
}
