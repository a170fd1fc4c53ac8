package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/command"
)

// words are what people write in their languages.
type words struct {
	birthday, born, age, noise, son string
}

// The people meant are those of one year, 1990: Прикладенко is found by each.
var wordsOf = map[rollcall.Language]words{
	rollcall.English: {"Prykladenko Mariia March 12, 1990", "Maria Prykladenko, born 12/03/1990", "Prykladenko Maria, 36 years old",
		"Please help, we are looking for our daughter Prykladenko Mariia", "Mariia Prykladenko my daughter"},
	rollcall.Ukrainian: {"Прикладенко Марія 12 березня 1990", "Марія Прикладенко, 12.03.1990 р.н.", "Прикладенко Марія, 36 років",
		"Шукаю доньку, допоможіть знайти: Прикладенко Марія", "доньку Прикладенко Марія"},
	rollcall.Russian: {"Прикладенко Мария 12 марта 1990 года", "Мария Прикладенко, 12.03.1990 г.р.", "Прикладенко Мария, 36 лет",
		"Помогите найти, ищу дочь Прикладенко Мария", "дочь Прикладенко Мария"},
}

const mariaID = "EX-001"

func TestFindUnderstandsWhatFamiliesWrite(t *testing.T) {
	inEachLanguage(t, "find", func(h *harness, p *person) {
		card := func() *person {
			h.t.Helper()
			return p.wants("Прикладенко Марія Зразківна", mariaID).protected()
		}
		h.part("the command alone")
		p.say("/find").answered(p.said.FindPrompt())

		h.part("a name at once, with the command and without")
		p.say("/find Прикладенко Марія")
		card()
		withCommand := p.shown()
		p.say("Прикладенко Марія")
		card()
		if p.shown() != withCommand {
			h.t.Errorf("plain text gives\n%s\nwant the answer of /find:\n%s", p.shown(), withCommand)
		}
		p.say("/FIND@rollcall_test_bot марія прикладенко")
		card()
		p.say("Прикладенко М.")
		card()
		p.say("Прикладенко 1990")
		card()

		h.part("in other words")
		w := wordsOf[p.lang]
		for _, text := range []string{w.birthday, w.born, w.age, w.noise, w.son} {
			p.say(text)
			card()
		}

		h.part("one part, then the given name")
		p.say("/find Прикладенко").answered(p.said.OnePartPrompt())
		h.pass(10 * time.Minute)
		p.say("Марія")
		card()
		p.say("Марія").answered(p.said.OnePartPrompt()) // what was answered is forgotten
		h.pass(11 * time.Minute)

		h.part("one part, then the year")
		p.say("Прикладенко")
		p.say("1990")
		card()

		h.part("one part, and the rest too late")
		p.say("Прикладенко").answered(p.said.OnePartPrompt())
		h.pass(10*time.Minute + time.Second)
		p.say("1990").answered(p.said.FindPrompt())
		p.say("Прикладенко").answered(p.said.OnePartPrompt())
		h.pass(10*time.Minute + time.Second)
		p.say("Марія").answered(p.said.OnePartPrompt())
		p.say("Прикладенко") // the ten minutes are those of the last message
		card()

		h.part("a slip of spelling")
		p.say("Преклоденко Марія").answered(p.said.DidYouMean([]string{"Прикладенко Марія Зразківна"})).protected().
			hasLabels("Прикладенко Марія Зразківна").wantsNot("1990", "Бюро", "Bureau", mariaID)
		p.press("Прикладенко Марія Зразківна")
		card()
		if !p.got[0].edited {
			h.t.Error("the card came as a new message, want it in place of the question")
		}
		h.part("another birth year")
		p.say("Прикладенко Марія 1950").answered(p.said.DidYouMean([]string{"Прикладенко Марія Зразківна"})).wantsNot("1990")

		h.part("several entries")
		p.say("Вигаданко Іван").answered(p.said.Choose()).protected().
			hasLabels("Вигаданко Іван Уявович, 1985", "Вигаданко Іван Казкович, 1992").
			wantsNot("Зразковий", "EX-00")
		p.press("Вигаданко Іван Казкович, 1992").wants("EX-003").protected().wantsNot("Уявович", "EX-002")
		p.say("Вигаданко Іван 1985").wants("EX-002")

		h.part("too many entries")
		p.say("Багатенко Олег").answered(p.said.AddDetail()).hasLabels().wantsNot("1980", "EX-02")
		p.say("Багатенко Олег 1982").wants("EX-022")

		h.part("a birth year that the roster does not know")
		p.say("Lukian Marianenko").wants("EX-005", "Мар'яненко-Зразко Лук'ян")
		p.say("Мар’яненко-Зразко Лук’ян 1977").wants("EX-005")

		h.part("other alphabets")
		p.say("Primerov Petr 1975").wants("EX-012")
		p.say("Семплтон Аліс")
		p.say("ALICE SAMPLETON").wants("EX-013")
	})
}

// TestTheSameWordsForAllWhoAreNotShown: nobody may learn from the answer whether
// an entry is absent, hidden, expired or taken down.
func TestTheSameWordsForAllWhoAreNotShown(t *testing.T) {
	inEachLanguage(t, "nothing", func(h *harness, p *person) {
		p.say(nobodyName).answered(p.said.NothingFound([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}}))
		want := p.shown()
		for _, who := range []struct {
			why, name string
			year      int
		}{
			{"not in the last full file", absentName, 1982},
			{"expired", expiredName, 1980},
			{"withheld by a keeper", withheldName, 1981},
		} {
			h.part(who.why)
			words := strings.Fields(who.name)
			short := strings.Join(words[:2], " ")
			for _, query := range []string{who.name, short, fmt.Sprint(who.name, " ", who.year), fmt.Sprint(words[0], " ", who.year),
				"/find " + who.name, strings.Replace(short, "енко", "енка", 1), fmt.Sprint(who.name, " ", who.year-30)} {
				if p.say(query); p.shown() != want {
					h.t.Errorf("the answer to a query for one who is %s is\n%s\nwant\n%s", who.why, p.shown(), want)
				}
			}
		}
	})
}

func TestACardGoneMeanwhileSaysNothingOfIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say(nobodyName)
	want := p.text()
	p.say("Вигаданко Іван")
	h.execSQL(`UPDATE people SET withheld = 'takedown' WHERE public_id IN ('EX-002', 'EX-004')`)
	p.press("Вигаданко Іван Уявович, 1985").wants(want).wantsNot("Вигаданко", "EX-002")
	h.execSQL(`UPDATE people SET withheld = NULL WHERE public_id = 'EX-004'`)
	p.say("Скорботенко Андрій")
	h.execSQL(`UPDATE people SET withheld = 'takedown' WHERE public_id = 'EX-004'`)
	p.press("Show it").wants(want).wantsNot("Скорботенко", "EX-004")
}

func TestAClaimIsShownUpToTheDayOfItsExpiry(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	h.execSQL(`UPDATE claims SET expires = '2026-06-15' WHERE person_id IN (SELECT id FROM people WHERE public_id = 'EX-013')`)
	p.say("Sampleton Alice").wants("EX-013")
	h.pass(12*time.Hour - time.Second)
	p.say("Sampleton Alice").wants("EX-013")
	h.pass(time.Second)
	p.say("Sampleton Alice").wantsNot("EX-013", "Alice")
}

func TestAHardStatementIsAnnouncedFirst(t *testing.T) {
	inEachLanguage(t, "hard", func(h *harness, p *person) {
		status := p.said.StatusLabel(rollcall.Deceased)
		p.say("Скорботенко Андрій").protected().wantsNot(status, "Скорботенко", "1979", "EX-004", p.said.StatusLabel(rollcall.Missing))
		p.hasLabels(p.label(render.LabelShowIt), p.label(render.LabelTracing))
		if b, _ := p.got[0].Button(p.label(render.LabelTracing)); strings.TrimSuffix(b.URL, "/") != "https://familylinks.icrc.org" {
			h.t.Errorf("the button leads to %q", b.URL)
		}
		p.pressLabel(render.LabelShowIt).protected().wants("Скорботенко Андрій Вигадович", "EX-004", status, "Sample Bureau")
		if !p.got[0].edited {
			h.t.Error("the card came as a new message, want it in place of the warning")
		}
		h.part("by a choice or a question, it is announced too")
		p.say("Скарботинко Андрій")
		p.press("Скорботенко Андрій Вигадович").protected().wantsNot(status, "EX-004")
		p.pressLabel(render.LabelShowIt).protected().wants(status)
		h.part("once the statement has expired, the card is as any other")
		h.execSQL(`UPDATE claims SET expires = '2026-06-14' WHERE status = 'deceased'`)
		p.say("Скорботенко Андрій").protected().wants("EX-004").wantsNot(status)
	})
}

func TestACardShowsSourcesSideBySide(t *testing.T) {
	inEachLanguage(t, "card", func(h *harness, p *person) {
		h.part("several statements, newest first; two sources that disagree")
		p.say("Прикладенко Марія").protected().hasLabels(p.label(render.LabelWatch), p.label(render.LabelWrong), p.label(render.LabelTracing))
		p.wants(p.said.StatusLabel(rollcall.ConfirmedHeld), p.said.StatusLabel(rollcall.SaidNotIncluded))
		text, at := p.text(), -1
		for _, s := range []rollcall.Status{rollcall.SaidNotIncluded, rollcall.ConfirmedHeld, rollcall.ReportedHeld, rollcall.Missing} {
			i := strings.Index(text, ": "+p.said.StatusLabel(s))
			if i <= at {
				h.t.Errorf("%s stands at %d, want it after the newer ones at %d:\n%s", s, i, at, text)
			}
			at = i
		}
		p.wantsNot("note for keepers")
		if html := p.got[0].HTML(); !strings.Contains(html, `<a href="https://example.org/s?a=1&amp;b=2">Sample Bureau</a>`) {
			h.t.Errorf("the source is no link:\n%s", html)
		}
		h.part("no birth year")
		p.say("Lukian Marianenko").wants("EX-005")
		h.part("markup in the roster")
		p.say("Розмітко Олекса").wants(`Розмітко <b>Олекса</b> & "Ко" *_[я](tg://user?id=1)`, `<i>Бюро & "Син"</i>`)
		for _, e := range p.got[0].Entities {
			if e.Type == "italic" || e.Type == "text_mention" || e.Type == "text_link" && strings.HasPrefix(e.URL, "tg:") {
				h.t.Errorf("the roster's text was taken for markup: %+v", e)
			}
		}
		h.part("control characters and directions in the roster")
		p.say("Кутенко Анна").wants("EX-007").wantsNot("\u202e", "\u2066", "\u0007", "\u2028", `\u202e`)
		h.part("emoji in the roster")
		p.say("Емоджук Іванна").wants("🕊️")
	})
}

func TestACardOverTheLimitComesInSeveralProtectedMessages(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	for name, ask := range map[string]func(){
		"by name":     func() { p.say("Довгенко Павло") },
		"by a button": func() { p.say("Довгинко Павло").press("Довгенко Павло Списович") },
	} {
		ask()
		if len(p.got) < 2 {
			t.Fatalf("%s: %d messages came, want several", name, len(p.got))
		}
		p.protected()
		for i := range 40 {
			if !strings.Contains(p.text(), fmt.Sprintf("Sample Bureau No %02d ", i)) {
				t.Errorf("%s: statement %d is missing", name, i)
			}
		}
		for i, m := range p.got {
			if last := i == len(p.got)-1; (len(m.Labels()) > 0) != last {
				t.Errorf("%s: message %d of %d has the buttons %q", name, i+1, len(p.got), m.Labels())
			}
			if n := render.UTF16Len(m.Body()); n > render.MaxTextUTF16 {
				t.Errorf("%s: message %d has %d UTF-16 units", name, i+1, n)
			}
		}
	}
}

func TestOddQueriesAreAnsweredAndNotObeyed(t *testing.T) {
	inEachLanguage(t, "odd", func(h *harness, p *person) {
		nothing := p.said.NothingFound([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}})
		for _, tt := range []struct {
			name, text string
			want       render.HTML
		}{
			{"digits only", "1234567890", p.said.FindPrompt()},
			{"a year alone", "1990", p.said.FindPrompt()},
			{"emoji alone", "🕊️🙏😢", p.said.FindPrompt()},
			{"punctuation", "%%% *** ???", p.said.FindPrompt()},
			{"initials", "П. М.", p.said.OnePartPrompt()},
			{"markup", `<b>Ніхтоненко</b> <a href="tg://user?id=1">Остап</a> </pre>`, nothing},
			{"Markdown", "*Ніхтоненко* _Остап_ [x](https://example.org)", nothing},
			{"a wildcard", "Прикла* Мар*", nothing},
			{"SQL", "Ніхтоненко' OR 1=1; DROP TABLE people; --", nothing},
			{"a query language", "Ніхтоненко AND name:*", nothing},
			{"a template", "{{.Ніхтоненко}} {{.Остап}}", nothing},
			{"directions", "\u202eНіхтоненко\u202c \u2066Остап\u2069", nothing},
			{"control characters", "Ніхтоненко\u0001\u001f\u007f Остап\u0085", nothing},
			{"400 characters", strings.Repeat("ы", 195) + " " + strings.Repeat("э", 204), nothing},
			{"401 characters", strings.Repeat("ы", 195) + " " + strings.Repeat("э", 205), p.said.TooLong()},
			{"4096 characters", strings.Repeat("Ніхто ", 682) + "Ніхт", p.said.TooLong()},
			{"2048 emoji", strings.Repeat("😢", 2048), p.said.TooLong()},
			{"a long query by the command", "/find " + strings.Repeat("Ніхто ", 200), p.said.TooLong()},
		} {
			h.part(tt.name)
			p.say(tt.text).answered(tt.want)
		}
		h.part("odd characters around a name that is listed")
		for _, text := range []string{"🙏 Прикладенко 🕊️ Марія ❤", "<Прикладенко> & </Марія>", "Прикладенко\nМарія\n1990", "«Прикладенко», (Марія)!",
			"Прикладенко\u200b\u202e Марія\u2069", "Пpиклaдeнко Мaрія"} {
			if p.say(text).wants(mariaID); h.t.Failed() {
				h.t.Fatalf("by %q", text)
			}
		}
		h.part("what is no text")
		calls := h.calls("getFile")
		p.act("(sticker)", sticker(p)).answered(p.said.NotUnderstood())
		p.act("(photo)", photo(p)).answered(p.said.PhotoDeclined())
		p.send("roster.csv", []byte("full_name\nНіхтоненко Остап")).answered(p.said.NotUnderstood())
		if got := h.calls("getFile") + h.calls("file"); got != calls {
			h.t.Error("a stranger's file was fetched")
		}
		h.part("commands that there are not")
		p.say("/nothing").answered(p.said.UnknownCommand())
		p.say("/nothing Прикладенко Марія").answered(p.said.UnknownCommand())
		p.say("/import").answered(p.said.UnknownCommand())
		p.say("/find@another_bot Прикладенко Марія").silence()
	})
}

func TestLookupsNeedWhatTheConfigurationAsks(t *testing.T) {
	const one, year, prompt = "one part", "year", "prompt"
	answers := func(p *person) map[string]render.HTML {
		return map[string]render.HTML{one: p.said.OnePartPrompt(), year: p.said.NeedYearPrompt(), prompt: p.said.FindPrompt()}
	}
	for _, tt := range []struct {
		name     string
		minParts int
		year     bool
		said     [][2]string // what is written, and the answer: one of the above or a part of a card
	}{
		{"two parts, or one and the year", 2, false, [][2]string{
			{"Прикладенко", one}, {"Прикладенко Марія", mariaID}, {"Прикладенко 1990", mariaID}, {"П. 1990", one}, {"Прикладенко М", mariaID}}},
		{"three parts, or two and the year", 3, false, [][2]string{
			{"Прикладенко Марія", one}, {"Зразківна", mariaID}, {"Прикладенко 1990", one}, {"Марія", mariaID},
			{"Прикладенко Марія", one}, {"1990", mariaID}, {"Прикладенко Марія Зразківна", mariaID}, {"Прикладенко Марія 1990", mariaID},
			{"Прикладенко", one}, {"Марія", one}, {"Зразківна", mariaID}}},
		{"a year", 2, true, [][2]string{
			{"Прикладенко Марія Зразківна", year}, {"1990", mariaID}, {"Прикладенко Марія", year}, {"12.03.1990", mariaID},
			{"Прикладенко Марія 1990", mariaID}, {"Прикладенко 1990", mariaID}, {"Прикладенко", one}, {"Марія", year}, {"36 років", mariaID},
			{"1990", prompt}}},
		{"a year and three parts", 3, true, [][2]string{
			{"Прикладенко Марія", year}, {"1990", mariaID}, {"Прикладенко 1990", one}, {"Марія", mariaID}, {"Прикладенко", one}, {"1990", one}, {"Марія", mariaID}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, func(s *command.Settings) { s.MinParts, s.RequireYear = tt.minParts, tt.year })
			p := h.user("Ann", familyID, "en")
			for i, s := range tt.said {
				p.say(s[0])
				if want, ok := answers(p)[s[1]]; ok {
					p.answered(want)
				} else {
					p.wants(s[1])
				}
				if t.Failed() {
					t.Fatalf("at message %d", i+1)
				}
			}
		})
	}
}

func TestMaxResultsBoundsWhatIsNamed(t *testing.T) {
	for max, want := range map[int][]string{
		1: nil, 3: nil,
		4: {"Багатенко Олег, 1980", "Багатенко Олег, 1981", "Багатенко Олег, 1982", "Багатенко Олег, 1983"},
	} {
		h := newHarness(t, func(s *command.Settings) { s.MaxResults = max })
		p := h.user("Ann", familyID, "en")
		p.say("Багатенко Олег")
		if diff := cmp.Diff(p.labels(), want); diff != "" {
			t.Errorf("MaxResults %d: the choice differs (-got +want):\n%s", max, diff)
		}
		p.say("Багатимко Олег") // near misses are bounded too
		if got := len(p.labels()); got == 0 || got > max {
			t.Errorf("MaxResults %d: %d near misses are offered", max, got)
		}
	}
}

func TestWhatOneAccountSaidIsNotJoinedWithAnothers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	a, b := h.user("Ann", familyID, "en"), h.user("Bob", strangerID, "en")
	a.say("Прикладенко").answered(a.said.OnePartPrompt())
	b.say("Марія").answered(b.said.OnePartPrompt())
	a.say("Марія").wants(mariaID)
}

func TestEraseForgetsWhatWasSaidOfAName(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("Прикладенко")
	p.say("/erase").press("Yes, erase")
	p.say("Марія").answered(p.said.OnePartPrompt())
}

func TestSeveralTracingServicesAreListedByTheButton(t *testing.T) {
	links := []render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}, {Label: "Sample <Tracing> Office", URL: "https://example.org/t"}}
	h := newHarness(t, func(s *command.Settings) { s.Tracing = links })
	p := h.user("Ann", familyID, "en")
	p.say("Прикладенко Марія").wants("ICRC Family Links", "Sample <Tracing> Office").press("Official tracing").answered(p.said.Tracing(links))
	p.say("Скорботенко Андрій").press("Official tracing").answered(p.said.Tracing(links))
	if got := len(h.api.Own(p.chat)); got != 4 {
		t.Errorf("%d messages are in the chat, want 4: the list replaces nothing", got)
	}
}
