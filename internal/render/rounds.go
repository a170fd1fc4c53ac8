package render

import (
	"slices"

	"rollcall/internal/rollcall"
)

var stageKeys = map[rollcall.Stage]key{
	rollcall.Proposed:   "stage.proposed",
	rollcall.Agreed:     "stage.agreed",
	rollcall.CarriedOut: "stage.carried_out",
	rollcall.Stalled:    "stage.stalled",
	rollcall.Cancelled:  "stage.cancelled",
}

// Rounds shows which source stated which figure when. Figures that differ stand
// side by side, newest first, and nothing is added up; a side without a figure
// at a stage at which the other has one is marked. sides are the owner's names
// of the sides; one that is missing has a neutral name.
func (p *Phrases) Rounds(rounds []rollcall.Round, sides map[rollcall.Side]string) HTML {
	if len(rounds) == 0 {
		return p.NoRounds()
	}
	list := []HTML{p.html("rounds.intro")}
	for _, r := range rounds {
		list = append(list, p.round(r, sides, false))
	}
	return paragraphs(list...)
}

// NoRounds says that no round is noted.
func (p *Phrases) NoRounds() HTML { return p.html("rounds.none") }

// round shows one round; with hide, small figures of people are hidden as a
// digest asks.
func (p *Phrases) round(r rollcall.Round, sides map[rollcall.Side]string, hide bool) HTML {
	list := []HTML{p.html("round.title", arg{"Title", r.Title})}
	for _, stage := range rollcall.Stages {
		at := func(s rollcall.Side) []rollcall.RoundFigure {
			var figures []rollcall.RoundFigure
			for _, f := range r.Figures {
				if f.Stage == stage && f.Side == s {
					figures = append(figures, f)
				}
			}
			slices.SortStableFunc(figures, func(a, b rollcall.RoundFigure) int { return b.Date.Compare(a.Date) })
			return figures
		}
		a, b := at(rollcall.SideA), at(rollcall.SideB)
		if len(a)+len(b) == 0 {
			continue
		}
		list = append(list, p.roundSide(stage, p.side(rollcall.SideA, sides), a, hide))
		list = append(list, p.roundSide(stage, p.side(rollcall.SideB, sides), b, hide))
	}
	if len(list) == 1 {
		list = append(list, p.html("round.no_figures"))
	}
	return lines(list...)
}

func (p *Phrases) roundSide(stage rollcall.Stage, side HTML, figures []rollcall.RoundFigure, hide bool) HTML {
	items := make([]HTML, 0, len(figures))
	for _, f := range figures {
		items = append(items, p.html("round.figure",
			arg{"Source", link(f.Source, f.SourceURL)}, arg{"Date", p.date(f.Date)}, arg{"Figure", p.roundFigure(f, hide)}))
	}
	if len(items) == 0 {
		items = append(items, p.html("round.gap"))
	}
	return lines(p.html("round.side", arg{"Stage", p.html(stageKeys[stage])}, arg{"Side", side}), bullets(items))
}

func (p *Phrases) side(s rollcall.Side, sides map[rollcall.Side]string) HTML {
	if name := sides[s]; name != "" {
		return inline(name)
	}
	if s == rollcall.SideA {
		return p.html("side.a")
	}
	return p.html("side.b")
}

func (p *Phrases) roundFigure(f rollcall.RoundFigure, hide bool) HTML {
	n, shown := f.Count, inline(p.number(f.Count))
	if hide && small(n) {
		// "<5" takes the form of many in each language.
		n, shown = rollcall.SmallFigure, less
	}
	if f.AtLeast {
		return p.plural("round.at_least", n, arg{"Count", shown})
	}
	return p.plural("round.people", n, arg{"Count", shown})
}
