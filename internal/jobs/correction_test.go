package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

func (d *desk) state(count int) {
	d.t.Helper()
	f := rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: count, Date: rollcall.Date{Year: 2026, Month: 2, Day: 20}, Source: "Sample Office"}
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { return tx.AddRoundFigure("A sample round", f, store.Shell) }); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) tellNow() {
	d.t.Helper()
	if err := d.TellCorrections(d.ctx, d.clock.now()); err != nil {
		d.t.Fatal(err)
	}
}

// A reply is a correction that arrived.
type reply struct {
	Chat rollcall.ChatID
	To   rollcall.MessageID
	Text string
}

func (d *desk) replies() (all []reply) {
	for _, a := range d.sender.seen() {
		if strings.HasPrefix(a.post.HTML, "Correction") || strings.HasPrefix(a.post.HTML, "Виправлення") || a.post.ReplyTo != 0 {
			all = append(all, reply{a.chat, a.post.ReplyTo, a.post.HTML})
		}
	}
	return all
}

func (d *desk) untold() int {
	d.t.Helper()
	list, err := d.DB.CorrectionsToTell(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(list)
}

const other rollcall.ChatID = -1001234567891

// A post that states what was corrected since is answered once in its channel, in the
// channel's language, whatever restarts come between.
func TestAPostIsAnsweredWithItsCorrection(t *testing.T) {
	a, b, weekly := makeDigest(t, "daily", "0 9 * * *"), makeDigest(t, "second", "0 9 * * *"), makeDigest(t, "weekly", "0 9 * * 0")
	b.Chat, b.Language = other, rollcall.Ukrainian
	d := newDesk(t, at("2026-02-28 09:30:00"), a, b, weekly)
	all := func(when string) {
		d.clock.set(at(when))
		for _, g := range d.Digests {
			d.plan(g)
		}
	}
	all("2026-02-28 09:30:00")
	d.state(10)
	all("2026-03-01 09:00:00") // a Sunday: the weekly one goes into the same channel
	d.deliverAll()
	d.tellNow()
	same(t, "before any correction", d.replies(), []reply(nil))

	d.clock.set(at("2026-03-01 12:00:00"))
	d.state(12)
	for range 3 {
		d.tellNow()
		d.restart()
		d.deliverAll()
		d.clock.move(50 * time.Second)
	}
	const en = "Correction of 1 March: A sample round, Agreed — Side A. According to Sample Office, dated 20 February 2026: "
	const uk = "Виправлення від 1 березня: A sample round, Погоджено — Сторона А. За даними джерела «Sample Office» від 20 лютого 2026: "
	want := []reply{{channel, 1, en + "12 people. Stated here before: 10 people."}, {other, 2, uk + "12 осіб. Раніше тут було зазначено: 10 осіб."}}
	same(t, "the replies", d.replies(), want)
	if n := d.untold(); n != 0 {
		t.Errorf("%d corrections are still to be told", n)
	}

	// The digest after it bears the line, and is not answered.
	all("2026-03-02 09:00:00")
	d.deliverAll()
	d.tellNow()
	same(t, "answered in all", len(d.replies()), 2)
	last := d.sender.seen()
	if text := last[len(last)-1].post.HTML; !strings.Contains(text, "12 осіб. Раніше тут було зазначено: 10 осіб.") {
		t.Errorf("the next digest has no line: %s", text)
	}
}

// What stands of the post decides what the correction is.
func TestCorrectionsOfPostsThatDidNotArrive(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		first int // messages at once, and their replies
		after int
		to    rollcall.MessageID
	}{
		{"it may be there: a post of its own", errDoubt, 1, 1, 0},
		{"it was refused: nothing", errFinal, 0, 0, 0},
		{"it is still to be sent: when it is", errFlood, 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "daily", "0 9 * * *")
			d := newDesk(t, at("2026-02-28 09:30:00"), g)
			d.plan(g)
			d.state(10)
			d.clock.set(at("2026-03-01 09:00:00"))
			d.plan(g)
			d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
				return 0, "", c.err
			}
			d.one()
			d.sender.try = nil
			d.state(12)
			d.tellNow()
			if c.first > 0 {
				d.deliverAll()
			}
			same(t, "at once", len(d.replies()), c.first)
			d.clock.move(2 * time.Minute)
			d.tellNow()
			d.deliverAll() // the post, where it was to be sent
			d.tellNow()
			d.deliverAll()
			got := d.replies()
			same(t, "afterwards", len(got), c.after)
			for _, r := range got {
				same(t, "answers", r.To, c.to)
			}
			if n := d.untold(); n != 0 {
				t.Errorf("%d corrections are still to be told", n)
			}
		})
	}
}

// A digest that was made just before a correction and is entered just after states
// the old figure, and is answered too.
func TestADigestUnderWayIsAnswered(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-02-28 09:30:00"), g)
	d.plan(g)
	d.state(10)
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	d.deliverAll()
	first, err := d.DB.LastPosted(d.ctx, g.Name, store.InChat(g.Chat))
	if err != nil {
		t.Fatal(err)
	}
	d.state(12)
	d.tellNow()
	d.deliverAll()
	late := store.Occurrence{Digest: g.Name, Key: "late", Audience: first.Audience, PlannedAt: first.PlannedAt.Add(time.Second), Number: 2, State: store.Posted, Figures: first.Figures}
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { return tx.Plan(late, []store.Post{text("made before, entered after")}) }); err != nil {
		t.Fatal(err)
	}
	d.deliverAll()
	d.clock.move(30 * time.Second)
	d.tellNow()
	d.deliverAll()
	var to []rollcall.MessageID
	for _, r := range d.replies() {
		to = append(to, r.To)
	}
	same(t, "answered", to, []rollcall.MessageID{1, 3})
}

func TestNoReplyToWhatNobodyCouldSee(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-02-28 09:30:00"), g)
	d.plan(g)
	d.state(3)
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	d.deliverAll()
	d.state(2)
	d.tellNow()
	d.deliverAll()
	same(t, "replies", d.replies(), []reply(nil))
	same(t, "to be told", d.untold(), 0)
}

// The runner looks by itself, within a minute.
func TestTheRunnerTellsCorrections(t *testing.T) {
	inBubble(t, func(d *desk) {
		g := makeDigest(t, "daily", "@every 24h")
		d.Digests = []Digest{g}
		d.state(10)
		if err := d.SendNow(d.ctx, g, d.Now()); err != nil {
			t.Fatal(err)
		}
		stop := d.start()
		time.Sleep(10 * time.Second)
		d.state(12)
		time.Sleep(50 * time.Second)
		stop()
		got := d.replies()
		if len(got) != 1 || got[0].To != 1 {
			t.Errorf("got %+v, want one reply to the first message", got)
		}
	})
}
