package demo

import (
	"fmt"

	"rollcall/internal/rollcall"
)

// The sources of figures: a body of either side, and one of neither.
const (
	coordination = "Вигадана координаційна група"
	bureau       = "Вымышленное бюро обменов"
	tracing      = "Example Tracing Office"
)

var figureURL = map[string]string{
	coordination: "https://example.org/coordination/",
	bureau:       "https://example.org/exchanges/",
	tracing:      "https://example.org/tracing/",
}

// Rounds returns the two exchange rounds, the earlier first: one that was carried
// out and one that has stalled. The sources differ over both, and each round has
// a stage at which nobody has given a figure for one of the sides.
func (w World) Rounds() []rollcall.Round {
	const a, b = rollcall.SideA, rollcall.SideB
	round := func(daysAgo int, figures ...figure) rollcall.Round {
		start := w.today().AddDays(-daysAgo)
		r := rollcall.Round{Title: fmt.Sprintf("Example round %04d-%02d", start.Year, int(start.Month))}
		for _, f := range figures {
			r.Figures = append(r.Figures, rollcall.RoundFigure{Side: f.side, Stage: f.stage, Count: f.count, AtLeast: f.atLeast,
				Date: start.AddDays(f.day), Source: f.source, SourceURL: figureURL[f.source]})
		}
		return r
	}
	return []rollcall.Round{
		round(97,
			figure{0, a, rollcall.Proposed, 200, false, coordination},
			figure{2, a, rollcall.Proposed, 150, true, bureau},
			figure{9, a, rollcall.Agreed, 160, false, coordination},
			figure{9, a, rollcall.Agreed, 157, false, bureau},
			figure{9, b, rollcall.Agreed, 160, false, coordination},
			figure{11, b, rollcall.Agreed, 155, true, tracing},
			figure{17, a, rollcall.CarriedOut, 158, false, coordination},
			figure{17, b, rollcall.CarriedOut, 157, false, bureau},
			figure{18, a, rollcall.CarriedOut, 150, true, tracing},
			figure{18, b, rollcall.CarriedOut, 150, true, tracing},
		),
		round(24,
			figure{0, a, rollcall.Proposed, 300, true, coordination},
			figure{1, b, rollcall.Proposed, 250, false, bureau},
			figure{3, b, rollcall.Proposed, 280, false, coordination},
			figure{13, a, rollcall.Agreed, 205, false, coordination},
			figure{15, a, rollcall.Agreed, 190, true, tracing},
			figure{20, b, rollcall.Stalled, 205, false, bureau},
			figure{21, b, rollcall.Stalled, 190, true, tracing},
		),
	}
}

// A figure is a round's figure on a day of the round, the first being 0.
type figure struct {
	day     int
	side    rollcall.Side
	stage   rollcall.Stage
	count   int
	atLeast bool
	source  string
}
