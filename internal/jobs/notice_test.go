package jobs

import (
	"errors"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

const laterOwner rollcall.UserID = 7100000006

// keepers makes a desk with owners of whom the first two can be written to, the
// second in Ukrainian.
func (d *desk) keepers() {
	d.t.Helper()
	d.Owners = Owners{IDs: []rollcall.UserID{firstOwner, secondOwner, laterOwner}, Language: rollcall.English}
	d.change(func(tx *store.Tx) error {
		if err := tx.KnowPeer(firstOwner); err != nil {
			return err
		}
		return tx.SetLanguage(secondOwner, rollcall.Ukrainian)
	})
}

func (d *desk) change(fn func(*store.Tx) error) {
	d.t.Helper()
	if err := d.DB.Update(d.ctx, fn); err != nil {
		d.t.Fatal(err)
	}
}

// told delivers what accounts are owed, and returns what each has got by that.
func (d *desk) told() map[rollcall.UserID][]string {
	d.t.Helper()
	before := len(d.sender.seen())
	if err := d.DeliverPrivate(d.ctx); err != nil && !errors.Is(err, errFrozen) {
		d.t.Fatal(err)
	}
	got := map[rollcall.UserID][]string{}
	for _, a := range d.sender.seen()[before:] {
		got[rollcall.UserID(a.chat)] = append(got[rollcall.UserID(a.chat)], a.post.HTML)
	}
	return got
}

func TestEachOwnerIsToldOnceOfEachHalt(t *testing.T) {
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.openPetition("sample")
	d.openPetition("other")
	d.keepers()
	halted := func(l rollcall.Language, slug string) []string {
		return []string{string(render.For(l).PetitionHalted(slug))}
	}
	tell := func(step string, want map[rollcall.UserID][]string) {
		t.Helper()
		d.clock.move(time.Minute)
		if err := d.TellOfHalts(d.ctx); err != nil {
			t.Fatal(err)
		}
		same(t, step, d.told(), want)
	}
	none := map[rollcall.UserID][]string{}
	check := func() {
		t.Helper()
		if _, err := d.DB.CheckLogHeads(d.ctx); err != nil {
			t.Fatal(err)
		}
	}
	const restore = `UPDATE petitions SET signed = 0 WHERE slug = `

	check()
	tell("all adds up", none)
	d.tamper(`UPDATE petitions SET signed = 1 WHERE slug = 'sample'`)
	check()
	both := map[rollcall.UserID][]string{firstOwner: halted(rollcall.English, "sample"), secondOwner: halted(rollcall.Ukrainian, "sample")}
	tell("it does not add up", both)
	tell("later", none)
	owners := d.Owners
	d.restart()
	d.Owners = owners
	check() // as at each start
	tell("after a restart", none)
	d.tamper(`UPDATE petitions SET signed = 2 WHERE slug = 'sample'`)
	check()
	tell("still not", none)

	d.change(func(tx *store.Tx) error { return tx.KnowPeer(laterOwner) })
	tell("an owner has come", map[rollcall.UserID][]string{laterOwner: halted(rollcall.English, "sample")})

	d.tamper(restore + `'sample'`)
	check()
	tell("it adds up again", none)
	d.change(func(tx *store.Tx) error { return tx.ErasePeer(laterOwner) })
	d.tamper(`UPDATE petitions SET signed = 1`)
	check()
	tell("both do not", map[rollcall.UserID][]string{
		firstOwner:  append(halted(rollcall.English, "other"), halted(rollcall.English, "sample")...),
		secondOwner: append(halted(rollcall.Ukrainian, "other"), halted(rollcall.Ukrainian, "sample")...)})
	tell("later", none)
}

func TestTheRunnerTellsOfHalts(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.openPetition("sample")
		d.keepers()
		stop := d.start()
		d.tamper(`UPDATE petitions SET halted = 'a fault' WHERE slug = 'sample'`)
		time.Sleep(time.Minute)
		stop()
		n := 0
		for _, a := range d.sender.seen() {
			if a.chat == firstOwner.Chat() {
				n++
			}
		}
		if n != 1 {
			t.Errorf("an owner has got %d messages, want 1", n)
		}
	})
}

// report has an account say that an entry is wrong.
func (d *desk) report(user rollcall.UserID, person rollcall.PersonID) {
	d.t.Helper()
	d.change(func(tx *store.Tx) error { _, err := tx.Report(user, person, "a line about it", 9); return err })
}

func TestEditorsAreToldOfTheQueueAtMostOnceAnHour(t *testing.T) {
	d := newDesk(t, at("2026-03-01 08:00:00"))
	var a, b rollcall.PersonID
	d.change(func(tx *store.Tx) error {
		for i, id := range []*rollcall.PersonID{&a, &b} {
			e, err := tx.AddEntry(rollcall.RosterRow{Person: rollcall.Person{PublicID: []string{"A", "B"}[i], FullName: []string{"Зразкова Олена", "Вигаденко Іван"}[i], BirthYear: 1980},
				Claim: rollcall.Claim{Status: rollcall.Missing, Date: rollcall.DateOf(d.clock.now()), Source: "Sample Bureau"}}, store.Shell)
			if err != nil {
				return err
			}
			*id = e.ID
		}
		return nil
	})
	d.keepers()
	d.Editors = []rollcall.UserID{firstOwner, secondOwner, laterOwner}
	tell := func(step string, pass time.Duration, want map[rollcall.UserID][]string) {
		t.Helper()
		d.clock.move(pass)
		if err := d.TellOfQueue(d.ctx); err != nil && !errors.Is(err, errFrozen) {
			t.Fatal(err)
		}
		same(t, step, d.told(), want)
	}
	news := func(l rollcall.Language, waiting, hidden int) []string {
		return []string{string(render.For(l).QueueNews(waiting, hidden))}
	}
	both := func(waiting, hidden int) map[rollcall.UserID][]string {
		return map[rollcall.UserID][]string{firstOwner: news(rollcall.English, waiting, hidden), secondOwner: news(rollcall.Ukrainian, waiting, hidden)}
	}
	none := map[rollcall.UserID][]string{}
	restart := func() {
		t.Helper()
		owners, editors := d.Owners, d.Editors
		d.restart()
		d.Owners, d.Editors = owners, editors
	}
	keeper := store.Actor{Role: "editor"}

	tell("nothing waits", time.Minute, none)
	d.report(1, a)
	tell("a report", time.Minute, both(1, 0))
	restart()
	tell("nothing new after a restart", time.Minute, none)
	d.report(2, a)
	d.report(1, b)
	tell("more within the hour", 57*time.Minute, none)
	restart()
	tell("just before the hour is over", time.Minute+30*time.Second, none)
	tell("when it is over", 2*time.Minute, both(2, 1))
	tell("nothing new, hours later", 3*time.Hour, none)

	d.change(func(tx *store.Tx) error { _, err := tx.FindRight(a, keeper); return err })
	tell("one is settled", 2*time.Hour, none)
	d.report(3, b)
	version, err := d.DB.QueueVersion(d.ctx)
	if err != nil {
		t.Fatal(err)
	}
	d.report(4, a)
	d.change(func(tx *store.Tx) error { return tx.SawQueue(firstOwner, version) })
	tell("one editor saw the queue before the last report", 2*time.Hour, both(2, 1))
	d.report(5, a)
	if version, err = d.DB.QueueVersion(d.ctx); err != nil {
		t.Fatal(err)
	}
	d.change(func(tx *store.Tx) error { return tx.SawQueue(firstOwner, version) })
	tell("one editor saw all", 2*time.Hour, map[rollcall.UserID][]string{secondOwner: news(rollcall.Ukrainian, 2, 2)})

	d.change(func(tx *store.Tx) error { _, err := tx.FindRight(a, keeper); return err })
	d.report(6, a)
	d.change(func(tx *store.Tx) error {
		if _, err := tx.FindRight(a, keeper); err != nil {
			return err
		}
		_, err := tx.FindRight(b, keeper)
		return err
	})
	tell("all is settled within the hour", 2*time.Hour, none)
	d.change(func(tx *store.Tx) error { return tx.Freeze(keeper) })
	d.report(7, a)
	tell("the bot is frozen", 2*time.Hour, none)
	d.change(func(tx *store.Tx) error { _, err := tx.Unfreeze(keeper); return err })
	tell("it is thawed", time.Minute, both(1, 0))
	d.change(func(tx *store.Tx) error { return tx.KnowPeer(laterOwner) })
	tell("an editor has come", time.Minute, map[rollcall.UserID][]string{laterOwner: news(rollcall.English, 1, 0)})
}

// An entry that a file brings and the mark of a take-down keeps back is told of when
// the file is published, and not while it is read.
func TestEditorsAreToldOfWhatAFileBringsIntoReview(t *testing.T) {
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.keepers()
	d.Editors = []rollcall.UserID{firstOwner}
	row := rollcall.RosterRow{Person: rollcall.Person{PublicID: "A", FullName: "Зразкова Олена", BirthYear: 1980},
		Claim: rollcall.Claim{Status: rollcall.Missing, Date: rollcall.DateOf(d.clock.now()), Source: "Sample Bureau"}}
	d.change(func(tx *store.Tx) error {
		if _, err := tx.AddEntry(row, store.Shell); err != nil {
			return err
		}
		_, err := tx.TakeDown("A", "asked for", store.Shell)
		return err
	})
	again := row
	again.PublicID = "B"
	batch, err := d.DB.BeginBatch(d.ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := batch.Add(d.ctx, []rollcall.RosterRow{again}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		step string
		want int
	}{{"staged", 0}, {"published", 1}} {
		if c.want > 0 {
			if _, err := batch.Publish(d.ctx, store.Shell); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.TellOfQueue(d.ctx); err != nil {
			t.Fatal(err)
		}
		if got := len(d.told()[firstOwner]); got != c.want {
			t.Errorf("%s: the editor has got %d messages, want %d", c.step, got, c.want)
		}
	}
}
