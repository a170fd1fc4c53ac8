package command_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
)

const contact = "https://example.org/contact"

// limited sets limits; those that are zero are ample.
func limited(l command.Limits) option {
	return func(s *command.Settings) {
		if l.PerDay > 0 {
			s.Limits.PerDay = l.PerDay
		}
		if l.DistinctPerWeek > 0 {
			s.Limits.DistinctPerWeek = l.DistinctPerWeek
		}
		if l.RosterFloor > 0 {
			s.Limits.RosterFloor = l.RosterFloor
		}
	}
}

// drawn is what the account has drawn, as the store counts it.
func (h *harness) drawn(p *person) store.Usage {
	h.t.Helper()
	u, err := h.db.Usage(context.Background(), p.id)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// wantDrawn checks the account's lookups of the day and people of the week.
func (p *person) wantDrawn(lookups, people int) *person {
	p.h.t.Helper()
	if u := p.h.drawn(p); u.Lookups != lookups || u.People != people {
		p.h.t.Errorf("%s has drawn %d lookups and %d people, want %d and %d", p.name, u.Lookups, u.People, lookups, people)
	}
	return p
}

// reaches checks that the last answer says only that the limit is reached.
func (p *person) reaches(l render.Limit, until time.Time) *person {
	p.h.t.Helper()
	return p.answered(p.said.LimitReached(l, until.In(kyiv), contact)).hasLabels()
}

var tomorrow = time.Date(2026, time.June, 16, 0, 0, 0, 0, time.UTC)

// the queries for one who is listed and for those who are not shown.
var anyoneQueries = []string{"Sampleton Alice", "Sampelton Alice 1984", nobodyName, expiredName, absentName + " 1982", withheldName}

func TestAnAccountHasItsLookupsOfTheDay(t *testing.T) {
	inEachLanguage(t, "limit-day", func(h *harness, p *person) {
		h.part("what finds nobody, too many, or is not enough")
		p.say("Прикладенко").wantDrawn(0, 0)
		p.say("Прикладенко Марія").wantDrawn(1, 1).pressLabel(render.LabelWatch)
		p.say(nobodyName).wantDrawn(2, 1)
		p.say("Багатенко Олег").answered(p.said.AddDetail()).wantDrawn(3, 1)
		h.part("an entry that is watched, by its name and by the list")
		p.say("Прикладенко Марія").wants(mariaID).wantDrawn(3, 1)
		p.say("Вигаданко Іван 1985").wantDrawn(4, 2)
		h.part("the limit, whoever is asked for")
		for _, query := range anyoneQueries {
			p.say(query).reaches(render.DayLimit, tomorrow)
		}
		p.wantDrawn(4, 2)
		h.part("what is watched stays open, and so does a card's own button")
		p.say("/watches").press("1. Прикладенко Марія Зразківна, 1990").wants(mariaID)
		h.part("another account, and the next day")
		h.user("Bob", strangerID, string(p.lang)).say("Sampleton Alice").wants("EX-013")
		h.pass(12*time.Hour - time.Second)
		p.say("Sampleton Alice").reaches(render.DayLimit, tomorrow)
		h.pass(time.Second)
		p.say("Sampleton Alice").wants("EX-013").wantDrawn(1, 3)
	}, limited(command.Limits{PerDay: 4}))
}

func TestAnAccountIsShownSoManyPeopleInAWeek(t *testing.T) {
	inEachLanguage(t, "limit-week", func(h *harness, p *person) {
		h.part("names in a choice count, and the card after it does not")
		p.say("Вигаданко Іван").wantDrawn(1, 2)
		p.press("Вигаданко Іван Казкович, 1992").wants("EX-003").wantDrawn(1, 2)
		h.part("the warning before a hard statement counts, and the statement does not")
		p.say("Скорботенко Андрій").wantDrawn(2, 3)
		p.pressLabel(render.LabelShowIt).wants("EX-004").wantDrawn(2, 3)
		h.part("a name under the question counts")
		p.say("Преклоденко Марія").wantDrawn(3, 4)
		h.part("what was shown is free")
		p.say("Прикладенко Марія").wants(mariaID).wantDrawn(4, 4)
		h.part("no choice of two where one more may be shown, and one of it")
		h.bring(context.Background(), false, claim("EX-041", "Двійненко Ада", 1981, rollcall.Missing, day(time.May, 1), "Sample Bureau", ""),
			claim("EX-042", "Двійненко Ада", 1982, rollcall.Missing, day(time.May, 1), "Sample Bureau", ""))
		p.say("Двійненко Ада").answered(p.said.AddDetail()).hasLabels().wantDrawn(5, 4)
		p.say("Двуйнонко Ада").wantDrawn(6, 5)
		if got := p.labels(); len(got) != 1 {
			h.t.Errorf("%q are offered, want one", got)
		}
		h.part("the limit, whoever is asked for")
		ends := noon.Truncate(24*time.Hour).AddDate(0, 0, 7)
		for _, query := range anyoneQueries {
			p.say(query).reaches(render.WeekLimit, ends)
		}
		h.part("days later, and a week later")
		h.pass(6 * 24 * time.Hour)
		p.say("Sampleton Alice").reaches(render.WeekLimit, ends)
		h.pass(24 * time.Hour)
		p.say("Sampleton Alice").wants("EX-013").wantDrawn(1, 1)
	}, limited(command.Limits{DistinctPerWeek: 5}))
}

func TestPastTheRostersBudgetFullMatchesAreAnswered(t *testing.T) {
	inEachLanguage(t, "limit-roster", func(h *harness, p *person) {
		for i, name := range []string{"Sampleton Alice", "Прикладенко Марія", "Вигаданко Іван 1992"} {
			h.user("Bob", strangerID+rollcall.UserID(100+i), "en").say(name)
		}
		if got := h.drawn(p).Roster; got != 3 {
			h.t.Fatalf("%d people were shown, want 3", got)
		}
		h.part("less than a surname, a given name and a year or a patronymic")
		for _, query := range []string{"Скорботенко Андрій", "Скорботенко 1979", "Скорботенко А. 1979", "Андрій Вигадович 1979", nobodyName[:len("Ніхтоненко Остап")],
			"Андрій 1979", "Sampleton Alice"} {
			p.say(query).reaches(render.FullOnly, tomorrow)
		}
		p.wantDrawn(0, 0)
		h.part("what is missing, in the next message")
		p.say("Скорботенко Андрій").reaches(render.FullOnly, tomorrow)
		p.say("1979").hasLabels(p.label(render.LabelShowIt), p.label(render.LabelTracing)).wantDrawn(1, 1)
		h.part("a patronymic in place of the year, in another script")
		p.say("Sampleton Alice 1984")
		p.say("Vyhadanko Ivan Uiavovych").wants("EX-002")
		h.part("a slip, another year, and those who are not shown, in the same words")
		nothing := p.said.NothingInFull([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}}, tomorrow.In(kyiv), contact)
		q := h.user("Eve", strangerID, string(p.lang))
		for _, query := range []string{"Вигибамко Іван Уявович", "Вигаданко Іван 1950", nobodyName} {
			p.say(query).answered(nothing)
		}
		for _, query := range []string{expiredName, absentName + " 1982", withheldName, "Мар'яненко-Зразко Лук'ян 1977"} {
			q.say(query).answered(nothing)
		}
		h.part("an account that guesses is done before the others")
		for range 2 {
			q.say(nobodyName)
		}
		q.say("Скорботенко Андрій 1979").reaches(render.RosterLimit, tomorrow)
		h.part("up to twice the budget")
		h.user("Bob", strangerID+1, "en").say("Вигаданко Іван Уявович").wants("EX-002") // is no one more
		for i := range 3 {
			h.user("Bob", strangerID+rollcall.UserID(2+i), "en").say(fmt.Sprint("Багатенко Олег ", 1980+i))
		}
		if got := h.drawn(p).Roster; got != 6 {
			h.t.Errorf("%d people were shown, want 6", got)
		}
		for i, query := range append([]string{"Прикладенко Марія Зразківна"}, anyoneQueries...) {
			h.user("Ann", strangerID+rollcall.UserID(200+i), string(p.lang)).say(query).reaches(render.RosterLimit, tomorrow)
		}
		h.part("the next day")
		h.pass(12 * time.Hour)
		p.say("Прикладенко Марія").wants(mariaID)
	}, limited(command.Limits{RosterFloor: 3}))
}

func TestKeepersAreNotLimited(t *testing.T) {
	t.Parallel()
	for _, id := range []rollcall.UserID{editorID, ownerID} {
		h := newHarness(t, limited(command.Limits{PerDay: 1, DistinctPerWeek: 1, RosterFloor: 1}))
		h.user("Bob", strangerID, "en").say("Sampleton Alice")
		p := h.user("Eve", id, "en")
		p.say("Прикладенко Марія").wants(mariaID)
		p.say("Вигаданко Іван").hasLabels("Вигаданко Іван Уявович, 1985", "Вигаданко Іван Казкович, 1992")
		p.press("Вигаданко Іван Уявович, 1985").wants("EX-002").press("Watch")
		p.say("Примеров Пётр").wants("EX-012").wantDrawn(0, 0)
		if got := h.drawn(p).Roster; got != 1 {
			t.Errorf("%d people count, want the one of somebody else", got)
		}
	}
}

// Erasing deletes what says whom an account was shown, and gives no new allowance:
// else it would be a scraper's first command.
func TestErasingIsNoWayAroundTheLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t, limited(command.Limits{PerDay: 3, DistinctPerWeek: 2}))
	p := h.user("Ann", familyID, "en")
	p.say("Прикладенко Марія")
	p.say(nobodyName)
	p.say("/erase").press("Yes, erase")
	p.wantDrawn(2, 1)
	p.say("Прикладенко Марія").wants(mariaID).wantDrawn(3, 2) // whom it was is forgotten
	p.say("/erase").press("Yes, erase")
	p.say("Sampleton Alice").reaches(render.DayLimit, tomorrow)
	h.pass(12 * time.Hour)
	p.say("Sampleton Alice").reaches(render.WeekLimit, tomorrow.AddDate(0, 0, 6))
	h.pass(6 * 24 * time.Hour)
	p.say("Sampleton Alice").wants("EX-013")
}

// A button is the account's own for ever; what it opens counts again once it no
// longer does.
func TestButtonsOfFormerWeeksDoNotLeadAroundTheLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t, limited(command.Limits{DistinctPerWeek: 1}))
	p := h.user("Ann", familyID, "en")
	open := func(name string) string { return command.OpenData(h.keys, p.id, h.find(name)) }
	p.say("Прикладенко Марія").wantDrawn(1, 1)
	h.pass(7 * 24 * time.Hour)
	p.say("Sampleton Alice").wantDrawn(1, 1)
	ends := noon.Truncate(24*time.Hour).AddDate(0, 0, 14)
	for action, data := range map[string]string{"card": open("EX-001"), "show": telegram.BoundCallbackData(h.keys, p.id, "show", fmt.Sprint(int64(h.find("EX-001")))),
		"watch": telegram.BoundCallbackData(h.keys, p.id, "watch", fmt.Sprint(int64(h.find("EX-001"))))} {
		p.say("/rounds")
		if p.forge(data); p.text() != render.Plain(p.said.LimitReached(render.WeekLimit, ends.In(kyiv), contact)) {
			t.Errorf("the button %q gives\n%s", action, p.text())
		}
	}
	if n := h.watchCount(p.id); n != 0 {
		t.Errorf("%d watches began", n)
	}
	h.part("the same of one who is gone")
	h.execSQL(`UPDATE people SET withheld = 'takedown' WHERE public_id = 'EX-001'`)
	p.forge(telegram.BoundCallbackData(h.keys, p.id, "card", fmt.Sprint(int64(1)))).wants("so many different entries")
	h.execSQL(`UPDATE people SET withheld = NULL WHERE public_id = 'EX-001'`)
	h.part("a week on, they work, and count")
	h.pass(7 * 24 * time.Hour)
	p.say("/rounds").forge(open("EX-001")).wants(mariaID).wantDrawn(0, 1)
	p.say("/rounds").forge(open("EX-001")).wants(mariaID).wantDrawn(0, 1) // a press that is replayed
}

// Whoever presses another's button, or makes one up, is shown nothing, and nothing
// counts.
func TestForgedButtonsCountNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p, q := h.user("Ann", familyID, "en"), h.user("Bob", strangerID, "en")
	p.say("Вигаданко Іван")
	b, ok := p.got[0].Button("Вигаданко Іван Уявович, 1985")
	if !ok {
		t.Fatal("the choice has no such button")
	}
	q.say("/start")
	for _, data := range []string{b.CallbackData, command.OpenData(h.keys, p.id, h.find("EX-001")), "v1:card:1", "v1:card:1:AAAAAAAAAAA"} {
		q.forge(data).toasted(q.said.OldButton()).silence().wantDrawn(0, 0)
	}
	if got := h.drawn(q).Roster; got != 2 {
		t.Errorf("%d people count as shown, want the two of the choice", got)
	}
}

// An update that comes again after its count was committed counts once, and is
// answered as before, though nothing is left.
func TestARepeatedLookupCountsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, limited(command.Limits{PerDay: 1, DistinctPerWeek: 2}))
	ask := func(text string, again bool) []telegram.Action {
		t.Helper()
		r := &telegram.Request{Chat: familyID.Chat(), From: familyID, Language: rollcall.English, Say: render.For(rollcall.English),
			Now: h.clock.now(), Args: text, Again: again}
		a, err := h.registry.Text(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		actions := a.Actions
		if a.Effect != nil {
			if !a.Remade {
				t.Error("the answer to a lookup would be kept")
			}
			if err := h.db.Update(t.Context(), func(tx *store.Tx) error {
				more, err := a.Effect(tx)
				actions = append(actions, more...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		return actions
	}
	p := h.user("Ann", familyID, "en")
	first := ask("Вигаданко Іван", false)
	p.wantDrawn(1, 2)
	if diff := cmp.Diff(ask("Вигаданко Іван", true), first); diff != "" {
		t.Errorf("the answer made again differs (-got +want):\n%s", diff)
	}
	p.wantDrawn(1, 2)
	refused := ask("Вигаданко Іван", false)
	if len(refused) != 1 || refused[0].Text != p.said.LimitReached(render.DayLimit, tomorrow.In(kyiv), contact) {
		t.Errorf("another lookup is answered with %+v", refused)
	}
	p.say("/start") // the harness wants to see something handled
}
