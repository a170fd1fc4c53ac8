package render

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

// When the goal would be reached is told only where it is more than a guess.
func TestOutlook(t *testing.T) {
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, kyiv)
	week := func(weeks int) time.Time { return to.AddDate(0, 0, -7*weeks) }
	base := rollcall.PetitionFigures{State: rollcall.Open, Closes: to.AddDate(1, 0, 0), Goal: 1000,
		Tally: rollcall.Tally{Signed: 910, Withdrawn: 8, Voided: 2}, Since: rollcall.Tally{Signed: 110, Withdrawn: 8, Voided: 2}} // 100 a week, 100 are missing
	const told = "At this pace the goal would be reached around 30 November"
	for _, c := range []struct {
		name   string
		from   time.Time
		change func(*rollcall.PetitionFigures)
		want   HTML
	}{
		{"a week, the goal in sight", week(1), func(*rollcall.PetitionFigures) {}, told},
		{"a week with a clock change", week(1).Add(time.Hour), func(*rollcall.PetitionFigures) {}, "At this pace the goal would be reached around 29 November"}, // 23:00
		{"over the new year", week(4), func(f *rollcall.PetitionFigures) { f.Goal = 1100 }, "At this pace the goal would be reached around 18 January 2027"},
		{"a day", to.AddDate(0, 0, -1), func(*rollcall.PetitionFigures) {}, ""},
		{"the first digest", time.Time{}, func(*rollcall.PetitionFigures) {}, ""},
		{"reached", week(1), func(f *rollcall.PetitionFigures) { f.Goal = 900 }, ""},
		{"no goal", week(1), func(f *rollcall.PetitionFigures) { f.Goal = 0 }, ""},
		{"more go than come", week(1), func(f *rollcall.PetitionFigures) { f.Since.Withdrawn = 200 }, ""},
		{"too few", week(1), func(f *rollcall.PetitionFigures) {
			f.Goal, f.Since = 901, rollcall.Tally{Signed: 12, Withdrawn: 3}
		}, ""},
		{"too far ahead", week(1), func(f *rollcall.PetitionFigures) { f.Goal = 1301 }, ""},
		{"after the closing", week(1), func(f *rollcall.PetitionFigures) { f.Closes = to.AddDate(0, 0, 6) }, ""},
		{"closed", week(1), func(f *rollcall.PetitionFigures) { f.State = rollcall.Closed }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := base
			c.change(&f)
			if got := For(rollcall.English).outlook(rollcall.Digest{From: c.from, To: to, Zone: kyiv}, f); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A correction never gives away a figure that a digest hides.
func TestCorrectionHidesSmallFigures(t *testing.T) {
	f := withCount(sampleRound.Figures[1], 3)
	for _, l := range rollcall.Languages {
		for _, c := range []rollcall.Correction{
			{Round: "R", Was: f, Now: withCount(f, 1000)}, {Round: "R", Was: withCount(f, 1000), Now: f}, {Round: "R", Was: f, Withdrawn: true},
		} {
			text := Plain(For(l).Correction(c, nil, time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)))
			if !strings.Contains(text, "<5") || strings.Contains(text, " 3 ") {
				t.Errorf("%s: %s", l, text)
			}
		}
	}
}
