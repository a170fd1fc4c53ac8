package command_test

import (
	"strings"
	"testing"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/command"
)

func TestStartFollowsItsPayloadsAndSignsNothing(t *testing.T) {
	inEachLanguage(t, "start", func(h *harness, p *person) {
		h.open(petition("register", nil))
		h.part("without a payload")
		p.say("/start").hasLabels(p.label(render.LabelLookUp), p.label(render.LabelPetition), p.label(render.LabelDigests), p.label(render.LabelMyData),
			"English", "Українська", "Русский")
		p.wants("Example Group", "https://example.org/contact")
		welcome := p.shown()

		h.part("payloads")
		p.say("/start find").answered(p.said.FindPrompt())
		p.say("/start p_register").wants("Example Group", "Sample Assembly <Committee>")
		p.hasLabels(p.label(render.LabelSign), p.label(render.LabelShare), p.label(render.LabelCheckCount))
		p.say("/start v_register").wants("rollcall verify")
		p.say("/start subscribe").answered(p.said.AskRhythm(nil))
		p.say("/start p_nothing").answered(p.said.UnknownPetition())
		p.say("/start v_nothing").answered(p.said.UnknownPetition())

		h.part("payloads that mean nothing")
		for _, payload := range []string{"other", "p_", "v_", "p_UPPER", "x_register", "find_", strings.Repeat("Z", 64), "p_" + strings.Repeat("a", 62)} {
			p.say("/start " + payload)
			if p.shown() != welcome {
				h.t.Errorf("/start %s gives\n%s\nwant the words of /start", payload, p.shown())
			}
		}

		h.part("buttons")
		p.say("/start").pressLabel(render.LabelLookUp).answered(p.said.FindPrompt())
		p.say("/start").pressLabel(render.LabelPetition).wants("Sample Assembly")
		p.say("/start").pressLabel(render.LabelDigests).answered(p.said.AskRhythm(nil))
		p.say("/start").pressLabel(render.LabelMyData).answered(p.said.NothingKept())

		if got := h.tally("register"); got != (rollcall.Tally{}) {
			h.t.Errorf("the figures are %+v, want none: links and pages sign nothing", got)
		}
	})
}

func TestStartSaysThatNoOperatorIsNamed(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *command.Settings) { s.Operator, s.Contact = "", "" })
	p := h.user("Ann", familyID, "en")
	p.say("/start").answered(p.said.Start("", ""))
}

func TestLanguageChoiceHoldsForAllLaterAnswers(t *testing.T) {
	inEachLanguage(t, "language", func(h *harness, p *person) {
		h.open(petition("register", nil))
		h.part("by /lang and a button")
		p.say("/lang").answered(p.said.ChooseLanguage()).hasLabels("English", "Українська", "Русский")
		for _, l := range rollcall.Languages {
			in := render.For(l)
			p.press(in.Label(render.LanguageLabel(l))).answered(in.LanguageSet())
			p.say("/find").answered(in.FindPrompt())
			p.say("/petition").wants(petition("", nil).Title[l])
			p.say("/lang").answered(in.ChooseLanguage())
		}
		h.part("by /lang and a code")
		for _, code := range []string{"uk", "ru", "en", "UK", "ru-RU"} {
			l, _ := rollcall.ParseLanguage(code)
			p.say("/lang " + code).answered(render.For(l).LanguageSet())
			p.say("/withdraw nothing").answered(render.For(l).UnknownPetition())
		}
		p.say("/lang tlh").answered(render.For(rollcall.Russian).ChooseLanguage())
		h.part("by the buttons of /start, which stay in place")
		p.say("/start")
		for _, l := range rollcall.Languages {
			in := render.For(l)
			p.press(in.Label(render.LanguageLabel(l))).answered(in.Start("Example Group", "https://example.org/contact"))
			if !p.got[0].edited {
				h.t.Errorf("a new message came, want the one with the button changed")
			}
			p.say("/digest").answered(in.NoDigestYet())
		}
		h.part("what is kept of it")
		p.say("/mydata").wants("Русский")
	})
}

func TestTelegramsLanguageIsTakenWhereNoneWasChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, tt := range []struct {
		id   rollcall.UserID
		code string
		want rollcall.Language
	}{
		{7310000101, "uk", rollcall.Ukrainian},
		{7310000102, "ru-RU", rollcall.Russian},
		{7310000103, "en-GB", rollcall.English},
		{7310000104, "pl", rollcall.English}, // the bot's default
		{7310000105, "", rollcall.English},
	} {
		h.user("Ann", tt.id, tt.code).say("/find").answered(render.For(tt.want).FindPrompt())
	}
}
