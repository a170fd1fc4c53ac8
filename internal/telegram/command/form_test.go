package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

func TestARoundIsEnteredStepByStep(t *testing.T) {
	inEachLanguage(t, "round", func(h *harness, p *person) {
		e := h.user("Eve", editorID, string(p.lang))
		cancel, back := e.label(render.LabelCancel), e.label(render.LabelBack)
		h.part("a new round")
		e.say("/round").answered(e.said.AskRound()).hasLabels(cancel).protected()
		e.say("Round of <June> 2026").answered(e.said.AskSide()).hasLabels("Northland", "Southland <&>", back, cancel)
		e.say("Northland").wants(render.Plain(e.said.FormBad()))
		e.press("Northland").answered(e.said.AskStage())
		e.press(back).answered(e.said.AskSide())
		e.press("Southland <&>").answered(e.said.AskStage())
		e.press(e.said.StageLabel(rollcall.CarriedOut)).answered(e.said.AskFigure())
		for _, bad := range []string{"багато", "-5", "1.5", "1000001", "", "٣٣"} {
			if bad != "" {
				e.say(bad).wants(render.Plain(e.said.FormBad()))
			}
		}
		e.say("120").answered(e.said.AskAtLeast()).hasLabels(e.label(render.LabelExactly), e.label(render.LabelAtLeast), back, cancel)
		e.press(e.label(render.LabelAtLeast)).answered(e.said.AskSource())
		e.say("Sample\nBureau").answered(e.said.AskSourceURL()).hasLabels(e.label(render.LabelSkip), back, cancel)
		e.say("javascript:alert(1)").wants(render.Plain(e.said.FormBad()))
		e.say("https://example.org/r").answered(e.said.AskDate()).hasLabels(e.label(render.LabelToday), back, cancel)
		e.say("2026-06-16").wants(render.Plain(e.said.FormBad())) // tomorrow
		e.say("16.06.2026").wants(render.Plain(e.said.FormBad()))
		f := rollcall.RoundFigure{Side: rollcall.SideB, Stage: rollcall.CarriedOut, Count: 120, AtLeast: true, Date: day(time.June, 9),
			Source: "Sample Bureau", SourceURL: "https://example.org/r"}
		e.say("2026-06-09").answered(e.said.ConfirmFigure("Round of <June> 2026", f, map[rollcall.Side]string{rollcall.SideB: "Southland <&>"})).
			hasLabels(e.label(render.LabelSave), back, cancel)
		if got := h.rounds(); len(got) != 0 {
			h.t.Errorf("before the end there is %+v", got)
		}
		e.press(e.label(render.LabelSave)).answered(e.said.FigureSaved())

		h.part("the same round again")
		e.say("/round").hasLabels("Round of <June> 2026", cancel)
		e.press("Round of <June> 2026").press("Northland").press(e.said.StageLabel(rollcall.Agreed)).say("1200")
		e.press(e.label(render.LabelExactly)).say("Зразковий реєстр").press(e.label(render.LabelSkip)).press(e.label(render.LabelToday)).press(e.label(render.LabelSave))
		want := []rollcall.Round{{ID: 1, Title: "Round of <June> 2026", Figures: []rollcall.RoundFigure{
			{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 1200, Date: day(time.June, 15), Source: "Зразковий реєстр"}, f}}}
		if diff := cmp.Diff(h.rounds(), want); diff != "" {
			h.t.Errorf("the rounds (-got +want):\n%s", diff)
		}
		p.say("/rounds").wants("120", "Southland <&>", "Sample Bureau")

		h.part("a way out")
		e.say("/round").press(cancel).answered(e.said.FormGivenUp())
		e.say("Вигаданко Іван 1985").wants("EX-002") // and no answer
		e.say("/round").press("Round of <June> 2026")
		old := e.newest()
		e.say("/round")
		b, _ := h.message(e, old).Button("Northland")
		e.forge(b.CallbackData).answered(e.said.FormOver())
		if diff := cmp.Diff(h.audited(), []string{"editor|round|Round of <June> 2026|", "editor|round|Round of <June> 2026|"}); diff != "" {
			h.t.Errorf("the audit (-got +want):\n%s", diff)
		}
	})
}

// rounds are the rounds as stored.
func (h *harness) rounds() []rollcall.Round {
	h.t.Helper()
	list, err := h.db.Rounds(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// message is one of the bot's messages to a person.
func (h *harness) message(p *person, id rollcall.MessageID) message {
	h.t.Helper()
	for _, m := range h.api.Own(p.chat) {
		if m.MessageID == id {
			return message{m, false}
		}
	}
	h.t.Fatalf("there is no message %d", id)
	return message{}
}

func TestEntriesAndClaimsAreEnteredStepByStep(t *testing.T) {
	inEachLanguage(t, "entries", func(h *harness, p *person) {
		_, _ = h.news()
		e := h.user("Eve", editorID, string(p.lang))
		h.part("a new entry")
		e.say("/add").answered(e.said.AskFullName())
		e.say("Новенко   Орися\nФайлівна").answered(e.said.AskBirthYear())
		e.say("1899").wants(render.Plain(e.said.FormBad()))
		e.say("1995").answered(e.said.AskStatus())
		e.press(e.said.StatusLabel(rollcall.ReportedHeld)).answered(e.said.AskDate())
		e.press(e.label(render.LabelToday)).answered(e.said.AskSource())
		e.say("Sample <Bureau>").answered(e.said.AskSourceURL())
		e.press(e.label(render.LabelSkip)).wants("Новенко Орися Файлівна", "1995", "Sample <Bureau>")
		p.say("Новенко Орися").wantsNot("Sample")
		e.press(e.label(render.LabelSave)).wants("Новенко Орися Файлівна, 1995")
		p.say("Новенко Орися").wants("Sample <Bureau>", p.said.StatusLabel(rollcall.ReportedHeld))

		h.part("a correction")
		e.say("/edit").answered(e.said.EditHelp())
		e.say("/edit EX-404").answered(e.said.NoSuchEntry())
		e.say("/edit EX-013").answered(e.said.AskWhatToCorrect(rollcall.Person{PublicID: "EX-013", FullName: "Sampleton Alice", BirthYear: 1969}))
		e.press(e.label(render.LabelFullName)).answered(e.said.AskFullName())
		e.say("Sampleton Alicia")
		e.press(e.label(render.LabelBack)).answered(e.said.AskFullName())
		e.say("Sampleton Beatrice").press(e.label(render.LabelSave)).answered(e.said.Corrected(rollcall.Person{PublicID: "EX-013", FullName: "Sampleton Beatrice", BirthYear: 1969}))
		p.say("Sampleton Beatrice").wants("EX-013", "1969")
		e.say("/edit EX-013").press(e.label(render.LabelBirthYear)).press(e.label(render.LabelSkip)).press(e.label(render.LabelSave))
		p.say("Sampleton Beatrice").wants("EX-013").wantsNot("1969")
		e.say("/edit EX-013").press(e.label(render.LabelBirthYear)).press(e.label(render.LabelSkip)).press(e.label(render.LabelSave)).answered(e.said.EntryUnchanged())

		h.part("a statement, which watchers hear of")
		p.say("Примеров Пётр").pressLabel(render.LabelWatch)
		h.pass(time.Minute)
		e.say("/claim").answered(e.said.ClaimHelp())
		e.say("/claim EX-012").answered(e.said.AskStatus())
		e.press(e.said.StatusLabel(rollcall.Returned)).say("2026-06-14").say("Another Bureau").say("https://example.org/c")
		e.wants("Another Bureau", e.said.StatusLabel(rollcall.Returned)).press(e.label(render.LabelSave)).
			answered(e.said.ClaimAdded(rollcall.Person{PublicID: "EX-012", FullName: "Примеров Пётр Выдумович", BirthYear: 1975}, false))
		p.hears().answered(p.said.WatchNews())
		p.pressLabel(render.LabelOpenIt).wants("Another Bureau", p.said.StatusLabel(rollcall.Returned))
		e.say("/claim EX-012").press(e.said.StatusLabel(rollcall.Returned)).say("2026-06-14").say("Another Bureau").press(e.label(render.LabelSkip)).press(e.label(render.LabelSave)).
			answered(e.said.ClaimAdded(rollcall.Person{PublicID: "EX-012", FullName: "Примеров Пётр Выдумович", BirthYear: 1975}, true))
		p.hears().silence()
	})
}

func TestAFormIsOverAfterTenMinutes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	e := h.user("Eve", editorID, "en")
	e.say("/round")
	h.pass(10 * time.Minute)
	e.say("Round of June 2026").answered(e.said.AskSide()) // just in time, and ten minutes begin anew
	h.pass(10 * time.Minute)
	e.press("Northland").answered(e.said.AskStage())
	h.pass(10*time.Minute + time.Second)
	e.press("Back").answered(e.said.FormOver())
	e.say("Вигаданко Іван 1985").wants("EX-002")
}

func TestACommandLeavesAForm(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("Sampleton Alice").press("This is wrong")
	p.say("/help")
	p.say("Sampleton Alice").wants("EX-013")
	if n, err := h.db.Reports(context.Background(), p.id); n != 0 || err != nil {
		t.Errorf("%d reports are kept (%v), want none", n, err)
	}
}

// The buttons of one account's form are of no use to another, and a form asks
// nobody who may not fill it in.
func TestAFormIsForItsAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	e, p := h.user("Eve", editorID, "en"), h.user("Ann", familyID, "en")
	e.say("/round").say("Round of June 2026")
	for _, label := range []string{"Northland", "Back", "Cancel"} {
		p.say("/start")
		b, _ := h.message(e, e.newest()).Button(label)
		p.forge(b.CallbackData).answered(p.said.FormOver())
	}
	e.press("Northland").answered(e.said.AskStage())
}
