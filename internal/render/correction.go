package render

import (
	"time"

	"rollcall/internal/rollcall"
)

// Correction tells what was stated of a round, and what stands there now. at is
// when it is told, in the reader's zone. Small figures are hidden as in a digest.
func (p *Phrases) Correction(c rollcall.Correction, sides map[rollcall.Side]string, at time.Time) HTML {
	day := p.dateBefore(rollcall.DateOf(c.At.In(at.Location())), rollcall.DateOf(at))
	stage, side, source := p.html(stageKeys[c.Was.Stage]), p.side(c.Was.Side, sides), link(c.Was.Source, c.Was.SourceURL)
	stated, was := p.date(c.Was.Date), p.roundFigure(c.Was, true)
	if c.Withdrawn {
		return p.html("correction.withdrawn", arg{"Date", day}, arg{"Round", c.Round}, arg{"Stage", stage}, arg{"Side", side},
			arg{"Source", source}, arg{"Stated", stated}, arg{"Was", was})
	}
	return p.html("correction.replaced", arg{"Date", day}, arg{"Round", c.Round}, arg{"Stage", stage}, arg{"Side", side},
		arg{"Source", source}, arg{"Stated", stated}, arg{"Was", was}, arg{"Now", p.roundFigure(c.Now, true)})
}

// AskFigureOrWithdraw asks for a figure where there are some that may be withdrawn.
func (p *Phrases) AskFigureOrWithdraw() HTML {
	return paragraphs(p.AskFigure(), p.html("round.or_withdraw"))
}

// maxWithdrawUTF16 leaves room for the figure before the source, and the day after it.
const maxWithdrawUTF16 = 24

// WithdrawLabel offers on a button to withdraw a figure, as plain text.
func (p *Phrases) WithdrawLabel(f rollcall.RoundFigure) string {
	return p.text("round.withdraw_label", arg{"Figure", p.roundFigure(f, false)}, arg{"Source", Truncate(inline(f.Source), maxWithdrawUTF16)}, arg{"Date", f.Date.String()})
}

// ConfirmReplacing shows a keeper the figure that a new one takes the place of, and
// the new one as its readers will see it.
func (p *Phrases) ConfirmReplacing(title string, was, now rollcall.RoundFigure, sides map[rollcall.Side]string) HTML {
	if was.Count == now.Count && was.AtLeast == now.AtLeast {
		return paragraphs(p.html("round.known"), p.oneFigure(title, now, sides))
	}
	return paragraphs(p.html("round.replace", arg{"Was", p.roundFigure(was, false)}), p.oneFigure(title, now, sides))
}

// ConfirmWithdrawing shows a keeper the figure that is to be withdrawn.
func (p *Phrases) ConfirmWithdrawing(title string, f rollcall.RoundFigure, sides map[rollcall.Side]string) HTML {
	return paragraphs(p.html("round.ask_withdraw"), p.oneFigure(title, f, sides))
}

// FigureWithdrawn confirms that a figure is withdrawn.
func (p *Phrases) FigureWithdrawn() HTML { return p.html("round.withdrawn") }

// FigureGone says that a figure which was to be withdrawn is there no more.
func (p *Phrases) FigureGone() HTML { return p.html("round.gone") }

// oneFigure shows a figure under its round, side and stage.
func (p *Phrases) oneFigure(title string, f rollcall.RoundFigure, sides map[rollcall.Side]string) HTML {
	return lines(p.html("round.title", arg{"Title", title}), p.roundSide(f.Stage, p.side(f.Side, sides), []rollcall.RoundFigure{f}, false))
}
