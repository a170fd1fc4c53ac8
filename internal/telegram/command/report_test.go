package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

const secondID rollcall.UserID = 7310000077 // of another family

func TestWhatIsSaidToBeWrongGoesToTheQueue(t *testing.T) {
	inEachLanguage(t, "wrong", func(h *harness, p *person) {
		_, _ = h.news()
		q, e := h.user("Bob", secondID, string(p.lang)), h.user("Eve", editorID, string(p.lang))
		noted := p.said.WrongNoted("https://example.org/contact")
		p.say(nobodyName)
		nothing := p.text()
		e.say("/queue").answered(e.said.QueueEmpty())

		h.part("one account says so")
		p.say("Sampleton Alice").pressLabel(render.LabelWatch).pressLabel(render.LabelWrong)
		p.answered(p.said.AskWhatIsWrong()).hasLabels(p.label(render.LabelCancel))
		p.say(strings.Repeat("ї", rollcall.MaxReport+1)).wants(render.Plain(p.said.FormBad())).hasLabels(p.label(render.LabelCancel))
		p.say("The year is <1968>,\nnot 1969").answered(noted)
		p.say("/mydata").told(render.MyDataInfo{Since: noon, Reports: 1, Language: p.lang, Watches: []render.MyDataWatch{{Entry: "EX-013", Since: noon}},
			LookupsToday: 2, ShownInWeek: 1, ShownFall: weekAfterNoon})
		q.say("Sampleton Alice").wants("EX-013")
		e.say("/queue").protected().wants("EX-013", "The year is <1968>, not 1969", "Sample Bureau").
			hasLabels(e.label(render.LabelRight), e.label(render.LabelHide), e.label(render.LabelCorrect))

		h.part("a second account within a day hides the entry")
		q.pressLabel(render.LabelWrong).say("It is another person").answered(noted)
		if p.say("Sampleton Alice"); p.text() != nothing {
			h.t.Errorf("the answer is\n%s\nwant it as for nobody", p.text())
		}
		q.pressLabel(render.LabelWrong).wants(nothing)
		p.say("/watches").hasLabels(p.said.WatchedLabel(1, rollcall.Person{}, false), p.label(render.LabelStop))

		h.part("it is found right")
		e.say("/queue").wants("EX-013", "It is another person").pressLabel(render.LabelRight).
			toasted(e.said.FoundRight()).answered(e.said.QueueEmpty())
		p.say("Sampleton Alice").wants("EX-013")
		p.say("/mydata").told(render.MyDataInfo{Since: noon, Answered: 1, Language: p.lang, Watches: []render.MyDataWatch{{Entry: "EX-013", Since: noon}},
			LookupsToday: 3, ShownInWeek: 1, ShownFall: weekAfterNoon})

		h.part("several wait; one is hidden, one is corrected")
		p.say("Примеров Пётр").pressLabel(render.LabelWrong).say("перше зауваження")
		h.pass(time.Minute)
		p.say("Sampleton Alice").pressLabel(render.LabelWrong).say("друге зауваження")
		q.say("Sampleton Alice").pressLabel(render.LabelWrong).say("третє зауваження")
		e.say("/queue").wants("EX-012").
			hasLabels(e.label(render.LabelRight), e.label(render.LabelHide), e.label(render.LabelCorrect), e.label(render.LabelNext))
		e.pressLabel(render.LabelNext).wants("EX-013", "друге зауваження", "третє зауваження")
		e.pressLabel(render.LabelNext).wants("EX-012")
		e.pressLabel(render.LabelHide).toasted(e.said.QueueHidden()).wants("EX-013")
		e.pressLabel(render.LabelCorrect).hasLabels(e.label(render.LabelFullName), e.label(render.LabelBirthYear), e.label(render.LabelCancel))
		e.pressLabel(render.LabelBirthYear).say("1986 or so").wants(render.Plain(e.said.FormBad()))
		e.say("1968").answered(e.said.ConfirmCorrection(rollcall.Person{PublicID: "EX-013", FullName: "Sampleton Alice", BirthYear: 1969},
			rollcall.Person{FullName: "Sampleton Alice", BirthYear: 1968}))
		h.pass(time.Minute)
		e.pressLabel(render.LabelSave).answered(e.said.Corrected(rollcall.Person{PublicID: "EX-013", FullName: "Sampleton Alice", BirthYear: 1968}))
		e.say("/queue").answered(e.said.QueueEmpty())
		p.say("Sampleton Alice").wants("1968")
		if p.say("Примеров Пётр"); p.text() != nothing {
			h.t.Errorf("the answer is\n%s\nwant it as for nobody", p.text())
		}
		p.hears().answered(p.said.WatchNews()) // of the correction

		h.part("it is too much for a day")
		for _, name := range []string{"Прикладенко Марія", "Вигаданко Іван 1985", "Вигаданко Іван 1992", "Емоджук Іванна", "Мар'яненко-Зразко Лук'ян"} {
			p.say(name).pressLabel(render.LabelWrong).say("Рік не той").answered(noted)
		}
		p.say("Розмітко Олекса").pressLabel(render.LabelWrong).say("Рік не той").answered(p.said.WrongLimit(5))

		want := []string{"editor|right|EX-013|", "editor|hide|EX-012|", "editor|edit|EX-013|"}
		if diff := cmp.Diff(h.audited(), want); diff != "" {
			h.t.Errorf("the audit (-got +want):\n%s", diff)
		}
	})
}

func TestErasingDeletesReports(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p, e := h.user("Ann", familyID, "en"), h.user("Eve", editorID, "en")
	p.say("Sampleton Alice").press("This is wrong").say("a line about it")
	p.say("/erase").press("Yes, erase")
	if n, err := h.db.Reports(context.Background(), p.id); n != 0 || err != nil {
		t.Errorf("%d reports are kept (%v), want none", n, err)
	}
	e.say("/queue").answered(e.said.QueueEmpty())
}

// A mark of a take-down puts an entry into the queue, too.
func TestWhatAMarkKeepsBackIsInTheQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p, e := h.user("Ann", familyID, "en"), h.user("Eve", editorID, "en")
	e.say("/takedown EX-013 asked for")
	again := newClaim("EX-013", "Sample Bureau")
	again.PublicID, again.FullName, again.BirthYear = "NEW-1", "Alice Sampleton", 0
	h.bring(context.Background(), false, again)
	e.say("/queue").wants("NEW-1", "an entry that was taken down").press("Right").answered(e.said.QueueEmpty())
	p.say("Sampleton Alice").wants("NEW-1")
	e.say("/edit NEW-1").press("Full name").say("Sampleton Beatrice").press("Save")
	e.say("/edit NEW-1").press("Year of birth").say("1969").press("Save")
	e.say("/edit NEW-1").press("Full name").say("Sampleton Alice").press("Save").wants("not shown before a check")
	e.say("/queue").wants("NEW-1")
}

// Two editors may look at one entry.
func TestTheQueueIsSettledOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p, e, o := h.user("Ann", familyID, "en"), h.user("Eve", editorID, "en"), h.user("Olga", ownerID, "en")
	p.say("Sampleton Alice").press("This is wrong").say("a line about it")
	e.say("/queue")
	o.say("/queue").press("Hide").toasted(o.said.QueueHidden())
	e.press("Right").toasted(e.said.EntryUnchanged()).answered(e.said.QueueEmpty())
	if p.say("Sampleton Alice"); strings.Contains(p.text(), "EX-013") {
		t.Error("what one has hidden another has shown")
	}
}
