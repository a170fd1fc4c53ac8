package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

// A figure that is there is shown before it is replaced, and one that was entered in
// error is withdrawn by a button.
func TestAFigureIsCorrectedAndWithdrawn(t *testing.T) {
	inEachLanguage(t, "correction", func(h *harness, p *person) {
		const title = "Round of June 2026"
		of := func(n int, source string) rollcall.RoundFigure {
			return rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: n, Date: day(time.June, 15), Source: source}
		}
		h.figure(title, of(10, "Sample <Bureau>"))
		h.figure(title, of(30, "Зразковий реєстр"))
		e := h.user("Eve", editorID, string(p.lang))
		cancel, back := e.label(render.LabelCancel), e.label(render.LabelBack)
		sides := map[rollcall.Side]string{rollcall.SideA: "Northland"}
		begin := func() *person {
			return e.say("/round").press(title).press("Northland").press(e.said.StageLabel(rollcall.Agreed))
		}

		h.part("replaced")
		begin().answered(e.said.AskFigureOrWithdraw()).
			hasLabels(e.said.WithdrawLabel(of(10, "Sample <Bureau>")), e.said.WithdrawLabel(of(30, "Зразковий реєстр")), back, cancel)
		e.say("12").press(e.label(render.LabelExactly)).say("Sample <Bureau>").press(e.label(render.LabelSkip)).press(e.label(render.LabelToday)).
			answered(e.said.ConfirmReplacing(title, of(10, "Sample <Bureau>"), of(12, "Sample <Bureau>"), sides)).hasLabels(e.label(render.LabelSave), back, cancel)
		e.press(e.label(render.LabelSave)).answered(e.said.FigureSaved())

		h.part("the same again")
		begin().say("12").press(e.label(render.LabelExactly)).say("Sample <Bureau>").press(e.label(render.LabelSkip)).press(e.label(render.LabelToday)).
			answered(e.said.ConfirmReplacing(title, of(12, "Sample <Bureau>"), of(12, "Sample <Bureau>"), sides))
		e.press(e.label(render.LabelSave)).answered(e.said.FigureSaved())

		h.part("withdrawn")
		gone := of(30, "Зразковий реєстр")
		begin().say("withdraw 0").wants(render.Plain(e.said.FormBad()))
		e.press(e.said.WithdrawLabel(gone)).answered(e.said.ConfirmWithdrawing(title, gone, sides)).hasLabels(e.label(render.LabelYesWithdraw), back, cancel)
		e.press(back).answered(e.said.AskFigureOrWithdraw())
		e.press(e.said.WithdrawLabel(gone)).press(e.label(render.LabelYesWithdraw)).answered(e.said.FigureWithdrawn())
		if diff := cmp.Diff(h.rounds(), []rollcall.Round{{ID: 1, Title: title, Figures: []rollcall.RoundFigure{of(12, "Sample <Bureau>")}}}); diff != "" {
			h.t.Errorf("the rounds (-got +want):\n%s", diff)
		}
		p.say("/rounds").wants("12", "Sample <Bureau>").wantsNot("Зразковий реєстр")

		h.part("two editors at once")
		begin()
		other := h.user("Ed", ownerID, string(p.lang))
		last := other.said.WithdrawLabel(of(12, "Sample <Bureau>"))
		other.say("/round").press(title).press("Northland").press(other.said.StageLabel(rollcall.Agreed)).press(last).press(other.label(render.LabelYesWithdraw))
		e.press(last).press(e.label(render.LabelYesWithdraw)).answered(e.said.FigureGone())
		p.say("/rounds").wants(title).wantsNot("Sample <Bureau>")

		list, err := h.db.Corrections(context.Background(), 0)
		if err != nil || len(list) != 3 || list[0].Was.Count != 10 || list[0].Now.Count != 12 || !list[1].Withdrawn || !list[2].Withdrawn {
			h.t.Errorf("the corrections are %+v (%v)", list, err)
		}
		if diff := cmp.Diff(h.audited(), []string{"editor|round|" + title + "|", "editor|round|" + title + "|",
			"editor|round-withdraw|" + title + "|", "owner|round-withdraw|" + title + "|"}); diff != "" {
			h.t.Errorf("the audit (-got +want):\n%s", diff)
		}
	})
}
