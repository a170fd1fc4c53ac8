package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func TestCorrections(t *testing.T) {
	db, c := openTest(t)
	const title = "Round of May 2026"
	figure := func(count int, atLeast bool) rollcall.RoundFigure {
		return rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: count, AtLeast: atLeast, Date: day(5, 1), Source: "Example Register", SourceURL: "https://example.org/1"}
	}
	say := func(f rollcall.RoundFigure) {
		t.Helper()
		update(t, db, func(tx *Tx) error { return tx.AddRoundFigure(title, f, Shell) })
	}
	say(figure(10, false))
	say(figure(10, false)) // the same again
	moved := figure(10, false)
	moved.SourceURL = "https://example.org/2"
	say(moved) // a better address
	other := figure(30, false)
	other.Date = day(5, 2)
	say(other) // the source's next word
	if got, err := db.Corrections(t.Context(), 0); err != nil || len(got) != 0 {
		t.Fatalf("what is no correction: %+v (%v)", got, err)
	}
	if _, last, err := db.RoundsCorrected(t.Context()); err != nil || last != 0 {
		t.Errorf("the last correction: %d (%v)", last, err)
	}

	c.set(noon.Add(time.Hour))
	say(figure(12, false))
	c.set(noon.Add(2 * time.Hour))
	say(figure(12, true))
	withdraw := func(f rollcall.RoundFigure) error {
		return db.Update(t.Context(), func(tx *Tx) error { return tx.WithdrawRoundFigure(title, f, Shell) })
	}
	gone := figure(1, false)
	gone.Date = day(5, 3)
	if err := withdraw(gone); !errors.Is(err, ErrNoFigure) {
		t.Errorf("a figure that was never there: %v", err)
	}
	if err := withdraw(figure(12, true)); err != nil {
		t.Fatal(err)
	}
	say(figure(7, false)) // entered anew, with nothing to correct

	same := func(what string, got []rollcall.Correction, err error, want []rollcall.Correction) {
		t.Helper()
		if diff := cmp.Diff(got, want); diff != "" || err != nil {
			t.Errorf("%s (%v) (-got +want):\n%s", what, err, diff)
		}
	}
	empty := figure(0, false)
	want := []rollcall.Correction{
		{ID: 1, Round: title, Was: figure(10, false), Now: figure(12, false), At: noon.Add(time.Hour)},
		{ID: 2, Round: title, Was: figure(12, false), Now: figure(12, true), At: noon.Add(2 * time.Hour)},
		{ID: 3, Round: title, Was: figure(12, true), Now: empty, Withdrawn: true, At: noon.Add(2 * time.Hour)},
	}
	got, err := db.Corrections(t.Context(), 0)
	same("all", got, err, want)
	got, err = db.Corrections(t.Context(), 1)
	same("after the first", got, err, want[1:])
	update(t, db, func(tx *Tx) error { return tx.CorrectionTold(2) })
	got, err = db.CorrectionsToTell(t.Context())
	same("to tell", got, err, []rollcall.Correction{want[0], want[2]})

	rounds, last, err := db.RoundsCorrected(t.Context())
	if err != nil || last != 3 {
		t.Errorf("the last correction: %d (%v)", last, err)
	}
	if diff := cmp.Diff(rounds, []rollcall.Round{{ID: 1, Title: title, Figures: []rollcall.RoundFigure{other, figure(7, false)}}}); diff != "" {
		t.Errorf("the rounds (-got +want):\n%s", diff)
	}
}

// A source of which nothing is left but a withdrawn figure outlives a batch that is
// discarded.
func TestDiscardKeepsTheSourceOfACorrection(t *testing.T) {
	db, _ := openTest(t)
	f := rollcall.RoundFigure{Side: rollcall.SideB, Stage: rollcall.Agreed, Count: 10, Date: day(5, 1), Source: "Example Register"}
	update(t, db, func(tx *Tx) error { return tx.AddRoundFigure("May", f, Shell) })
	b := begin(t, db, false)
	add(t, b, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.Source = f.Source }))
	update(t, db, func(tx *Tx) error { return tx.WithdrawRoundFigure("May", f, Shell) })
	if err := b.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Corrections(t.Context(), 0); err != nil || len(got) != 1 || got[0].Was.Source != f.Source {
		t.Errorf("got %+v (%v)", got, err)
	}
}

func TestReplyToStatement(t *testing.T) {
	db, c := openTest(t)
	f := rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 10, Date: day(5, 1), Source: "Example Register"}
	update(t, db, func(tx *Tx) error { return tx.AddRoundFigure("May", f, Shell) })
	plan(t, db, occurrence(1), posts("chart", "text")...)
	for _, id := range []rollcall.MessageID{11, 12} {
		d, ok, err := claimToChat(t.Context(), db)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := db.Settle(t.Context(), d, Settlement{State: Sent, Message: id}); err != nil {
			t.Fatal(err)
		}
	}
	last, err := db.LastPosted(t.Context(), occurrence(1).Digest, occurrence(1).Audience)
	if err != nil {
		t.Fatal(err)
	}
	s, err := db.StatementOf(t.Context(), last.ID)
	if want := (Statement{last.ID, occurrence(1).Chat, Sent, 12}); err != nil || s != want {
		t.Fatalf("got %+v (%v), want %+v", s, err, want)
	}
	f.Count = 12
	update(t, db, func(tx *Tx) error { return tx.AddRoundFigure("May", f, Shell) })
	c.set(noon.Add(time.Minute))
	for range 2 { // the second changes nothing
		update(t, db, func(tx *Tx) error { return tx.ReplyToStatement(1, s, Post{HTML: "a correction", Buttons: "[]"}) })
	}
	d, ok, err := claimToChat(t.Context(), db)
	if err != nil || !ok || d.HTML != "a correction" || d.Chat != s.Chat {
		t.Fatalf("got %+v %v (%v)", d, ok, err)
	}
	if to, err := db.ReplyTo(t.Context(), d.Post.ID); err != nil || to != 12 {
		t.Errorf("it answers %d (%v), want 12", to, err)
	}
	if d, ok, err := claimToChat(t.Context(), db); err != nil || ok {
		t.Errorf("a second reply: %+v (%v)", d, err)
	}
}
