package jobs

import (
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
	if err := d.DeliverPrivate(d.ctx); err != nil {
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
