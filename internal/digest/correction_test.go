package digest

import (
	"strings"
	"testing"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

func stating(count int) rollcall.RoundFigure {
	return rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: count, Date: rollcall.Date{Year: 2026, Month: 2, Day: 20}, Source: "Sample Office"}
}

func (d *desk) state(f rollcall.RoundFigure) {
	d.t.Helper()
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { return tx.AddRoundFigure("A sample round", f, store.Shell) }))
}

func (d *desk) withdrawFigure(f rollcall.RoundFigure) {
	d.t.Helper()
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { return tx.WithdrawRoundFigure("A sample round", f, store.Shell) }))
}

// told are the corrections of the next digest as lines.
func (d *desk) told() (lines []string, figures Figures) {
	d.t.Helper()
	said, figures := d.gather(spec())
	text := render.Plain(render.For(rollcall.English).Digest(said, nil))
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, "Correction of ") {
			lines = append(lines, strings.TrimSpace(l))
		}
	}
	return lines, figures
}

// What was posted and changed afterwards has a dated line in the next digest, once.
func TestCorrections(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	at := func(s string) { d.now = instant("2026-03-" + s) }
	wants := func(what string, lines ...string) {
		t.Helper()
		got, _ := d.told()
		same(t, what, got, lines)
	}
	const before = ": A sample round, Agreed — Side A. According to Sample Office, dated 20 February 2026: "
	second := stating(30)
	second.Source = "Another Office"
	d.state(stating(9))
	at("01 08:00:00")
	d.state(stating(10))
	at("01 09:00:00")
	wants("corrected before the first digest")
	d.post(spec(), d.now)

	at("01 12:00:00")
	d.state(second)
	d.state(stating(10))
	wants("a second source, and the same again")
	at("01 13:00:00")
	d.state(stating(12))
	at("01 22:00:00")
	d.state(stating(14))
	at("02 09:00:00")
	wants("corrected twice: what was posted, and what is", "Correction of 1 March"+before+"14 people. Stated here before: 10 people.")
	if _, now := d.told(); now.Corrections != 3 {
		t.Errorf("the last correction is %d, want 3", now.Corrections)
	}
	d.post(spec(), d.now)
	wants("told already")

	at("02 10:00:00")
	d.state(stating(10))
	at("02 11:00:00")
	d.state(stating(14))
	wants("set right again")
	_, was, err := Next(d.ctx, d.DB, spec(), d.now)
	d.must(err)
	if _, now := d.told(); !was.Same(now) {
		t.Error("a statement that is as it was is a change")
	}
	d.withdrawFigure(second)
	at("03 09:00:00")
	wants("withdrawn", "Correction of 2 March: A sample round, Agreed — Side A. The figure stated here according to Another Office, dated 20 February 2026, is withdrawn: 30 people.")
	if _, now := d.told(); was.Same(now) {
		t.Error("a correction is no change: skip_unchanged would keep it to itself")
	}
	d.post(spec(), d.now)

	// A figure that came and was corrected between two digests was never posted.
	fresh := stating(50)
	fresh.Stage = rollcall.CarriedOut
	d.state(fresh)
	fresh.Count = 40
	d.state(fresh)
	at("04 09:00:00")
	wants("never posted")
}

// A figure that moves among those that are shown as "<5" is no correction to a reader.
func TestNoCorrectionOfWhatIsHidden(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.state(stating(2))
	d.post(spec(), d.now)
	d.now = d.now.AddDate(0, 0, 1)
	d.state(stating(3))
	got, _ := d.told()
	same(t, "corrections", len(got), 0)
	d.state(stating(5))
	got, _ = d.told()
	same(t, "corrections", len(got), 1)
}

// One person gone and another come is nothing new to a digest: the figures are equal.
func TestEqualFiguresOfOtherPeopleAreUnchanged(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.importRows(append(person("1", "missing"), person("2", "missing")...))
	_, before := d.gather(spec())
	d.importRows(person("3", "missing"))
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.Hide("1", "", store.Shell); return err }))
	if _, after := d.gather(spec()); !before.Same(after) {
		t.Errorf("got %+v, then %+v", before, after)
	}
	moved := stating(10)
	d.state(moved)
	_, before = d.gather(spec())
	moved.SourceURL = "https://example.org/r"
	d.state(moved)
	if _, after := d.gather(spec()); !before.Same(after) {
		t.Error("an address is a change")
	}
}
