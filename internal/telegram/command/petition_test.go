package command_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/fakeapi"
)

func TestSigningAndWithdrawing(t *testing.T) {
	inEachLanguage(t, "petition", func(h *harness, p *person) {
		text := "We ask.\n" + strings.Repeat("An invented line of the petition's text & <no> more.\n", 150)
		h.open(petition("register", func(p *rollcall.Petition) {
			for l := range p.Text {
				p.Text[l] = text
			}
		}))
		title := petition("", nil).Title[p.lang]
		latest, retention := 24*time.Hour, 720*time.Hour
		is := func(want rollcall.Tally, signed bool) {
			h.t.Helper()
			if got := h.tally("register"); got != want {
				h.t.Errorf("the figures are %+v, want %+v", got, want)
			}
			if got := h.signed("register", p.id); got != signed {
				h.t.Errorf("the signature stands: %t, want %t", got, signed)
			}
		}

		h.part("the page, whose text is longer than a message")
		p.say("/petition")
		if len(p.got) < 2 {
			h.t.Fatalf("%d messages came, want several", len(p.got))
		}
		if got := strings.Count(p.text(), "An invented line of the petition's text & <no> more."); got != 150 {
			h.t.Errorf("%d lines of the text came, want 150", got)
		}
		for i, m := range p.got[:len(p.got)-1] {
			if len(m.Labels()) > 0 {
				h.t.Errorf("message %d has buttons, want them under the last alone", i+1)
			}
		}
		p.hasLabels(p.label(render.LabelSign), p.label(render.LabelShare), p.label(render.LabelCheckCount))
		share, _ := p.got[len(p.got)-1].Button(p.label(render.LabelShare))
		checkShare(h.t, share.URL, p.said.ShareText(title))

		h.part("consent, and No")
		p.pressLabel(render.LabelSign).answered(p.said.Consent(title, retention)).hasLabels(p.label(render.LabelAgreeAndSign), p.label(render.LabelNo))
		is(rollcall.Tally{}, false)
		p.pressLabel(render.LabelNo).answered(p.said.SigningDeclined()).hasLabels()
		is(rollcall.Tally{}, false)

		h.part("consent, and yes")
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(latest)).toasted(p.said.Recorded(latest)).hasLabels(p.label(render.LabelWithdraw))
		if !p.got[0].edited {
			h.t.Error("a new message came, want it in place of the consent")
		}
		is(rollcall.Tally{Signed: 1}, true)

		h.part("again")
		p.say("/sign").answered(p.said.AlreadySigned()).hasLabels(p.label(render.LabelReceipt), p.label(render.LabelWithdraw))
		p.say("/sign register").answered(p.said.AlreadySigned())
		p.say("/rounds").forge("v1:agree:register").toasted(p.said.AlreadySigned()).answered(p.said.AlreadySigned()).hasLabels(p.label(render.LabelReceipt), p.label(render.LabelWithdraw))
		is(rollcall.Tally{Signed: 1}, true)

		h.part("the count")
		p.say("/start v_register").answered(h.checkCount(p, title, rollcall.Tally{Signed: 1})).
			hasLabels(p.label(render.LabelLogFiles))

		h.part("withdrawal, and No")
		p.say("/withdraw").answered(p.said.ConfirmWithdraw(title)).hasLabels(p.label(render.LabelYesWithdraw), p.label(render.LabelNo))
		is(rollcall.Tally{Signed: 1}, true)
		p.pressLabel(render.LabelNo).answered(p.said.WithdrawDeclined()).hasLabels()
		is(rollcall.Tally{Signed: 1}, true)

		h.part("withdrawal, by the button under the signature")
		p.say("/sign").pressLabel(render.LabelWithdraw).answered(p.said.ConfirmWithdraw(title))
		p.pressLabel(render.LabelYesWithdraw).answered(p.said.Withdrawn(latest)).toasted(p.said.Withdrawn(latest))
		is(rollcall.Tally{Signed: 1, Withdrawn: 1}, false)

		h.part("again")
		p.say("/withdraw").answered(p.said.NotSigned())
		p.say("/rounds").forge("v1:withdrawn:register").answered(p.said.NotSigned()).toasted(p.said.NotSigned())
		is(rollcall.Tally{Signed: 1, Withdrawn: 1}, false)

		h.part("signed once more")
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(latest))
		is(rollcall.Tally{Signed: 2, Withdrawn: 1}, true)
		p.say("/petition")
		p.pressLabel(render.LabelCheckCount).answered(h.checkCount(p, title, rollcall.Tally{Signed: 2, Withdrawn: 1}))
		if err := h.db.CheckTallies(context.Background()); err != nil {
			h.t.Error(err)
		}
	})
}

// checkShare checks an address that opens Telegram's "share" window.
func checkShare(t testing.TB, address, text string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := u.Query().Get("url"), "https://t.me/rollcall_test_bot?start=p_register"; got != want {
		t.Errorf("the link that is shared is %q, want %q", got, want)
	}
	if got := u.Query().Get("text"); got != text {
		t.Errorf("the text that is shared is %q, want %q", got, text)
	}
	if strings.Contains(address, "+") {
		t.Errorf("%q holds a plus sign, which Telegram for iOS shows as it is", address)
	}
}

func TestPetitionsThatAreNotOpen(t *testing.T) {
	inEachLanguage(t, "petition-states", func(h *harness, p *person) {
		h.part("none")
		for _, c := range []string{"/petition", "/sign", "/withdraw", "/petition nothing", "/sign nothing", "/withdraw nothing", "/petition DROP TABLE", "/sign REGISTER"} {
			want := p.said.NoPetition()
			if strings.Contains(c, " ") {
				want = p.said.UnknownPetition()
			}
			p.say(c).answered(want).hasLabels()
		}

		h.part("not yet open")
		later := petition("register", func(p *rollcall.Petition) {
			p.Opens, p.Closes = noon.Add(time.Hour), noon.AddDate(0, 0, 1)
		})
		h.open(later)
		p.say("/petition").wants(p.said.Time(later.Opens.In(kyiv)), p.said.Time(later.Closes.In(kyiv)))
		p.hasLabels(p.label(render.LabelShare), p.label(render.LabelCheckCount))
		for _, c := range []string{"/sign", "/sign register"} {
			p.say(c).answered(p.said.NotYetOpen(later.Opens.In(kyiv))).hasLabels()
		}
		p.forge("v1:agree:register").toasted(p.said.NotYetOpen(later.Opens.In(kyiv)))

		h.part("open from its very second")
		h.pass(time.Hour - time.Second)
		p.forge("v1:agree:register").toasted(p.said.NotYetOpen(later.Opens.In(kyiv)))
		h.pass(time.Second)
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(24 * time.Hour))

		h.part("closed from its very second, which stops a consent under way too")
		q := h.user("Bob", strangerID, string(p.lang))
		q.say("/sign")
		h.pass(23*time.Hour - time.Second)
		q.say("/sign register").answered(q.said.Consent(later.Title[p.lang], 720*time.Hour))
		h.pass(time.Second)
		q.pressLabel(render.LabelAgreeAndSign).answered(q.said.PetitionClosed()).toasted(q.said.PetitionClosed())
		if h.signed("register", q.id) {
			h.t.Error("a signature was taken after the closing")
		}
		p.say("/sign").answered(p.said.PetitionClosed()).hasLabels()
		h.sequence()
		p.say("/petition").hasLabels(p.label(render.LabelShare), p.label(render.LabelCheckCount))
		h.part("and yet a signature can be withdrawn")
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw).answered(p.said.Withdrawn(24 * time.Hour))

		h.part("closed early")
		h.open(petition("early", func(p *rollcall.Petition) {
			retitled("Closed early", "Закрита достроково", "Закрыта досрочно")(p)
			p.Opens, p.Closes = noon, noon.AddDate(0, 1, 0)
		}))
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(24 * time.Hour))
		q.say("/sign")
		h.close("early")
		q.pressLabel(render.LabelAgreeAndSign).answered(q.said.PetitionClosed())
		p.say("/petition early").hasLabels(p.label(render.LabelShare), p.label(render.LabelCheckCount))
		p.say("/sign early").answered(p.said.PetitionClosed())
		p.say("/withdraw early").pressLabel(render.LabelYesWithdraw).answered(p.said.Withdrawn(24 * time.Hour))
	})
}

// The page says the present goal, and what it was; the owner's figures say it too.
func TestTheGoalThatIsShownIsThePresentOne(t *testing.T) {
	inEachLanguage(t, "petition-goal", func(h *harness, p *person) {
		h.open(petition("register", nil))
		first := petition("register", nil).Goal
		show := func(want rollcall.Goal) {
			h.t.Helper()
			rec, err := h.db.Petition(context.Background(), "register")
			if err != nil {
				h.t.Fatal(err)
			}
			p.say("/petition").answered(p.said.PetitionPage(render.PetitionPage{Petition: petition("register", nil), Goal: want,
				State: rollcall.Open, Tally: rec.Tally, Zone: kyiv}))
		}
		raise := func(to int) {
			h.t.Helper()
			if err := h.db.Update(context.Background(), func(tx *store.Tx) error {
				_, err := tx.RaiseGoal("register", to, store.Shell)
				return err
			}); err != nil {
				h.t.Fatal(err)
			}
		}
		show(rollcall.Goal{Count: first, First: first, Was: first})
		raise(first * 2)
		show(rollcall.Goal{Count: first * 2, First: first, Was: first, RaisedAt: noon})
		h.pass(time.Hour)
		raise(first * 5)
		show(rollcall.Goal{Count: first * 5, First: first, Was: first * 2, RaisedAt: noon.Add(time.Hour)})
	})
}

func TestTwoOpenPetitionsAreAChoice(t *testing.T) {
	inEachLanguage(t, "petition-choice", func(h *harness, p *person) {
		h.open(petition("register", nil))
		h.open(petition("square", func(p *rollcall.Petition) {
			retitled("Name a square & a street", "Назвати площу & вулицю", "Назвать площадь & улицу")(p)
			p.Opens = p.Opens.Add(time.Hour)
		}))
		h.open(petition("over", func(p *rollcall.Petition) {
			retitled("Over", "Минула", "Прошедшая")(p)
			p.Closes = noon.Add(-time.Hour)
		}))
		first, second := petition("", nil).Title[p.lang], map[rollcall.Language]string{rollcall.English: "Name a square & a street",
			rollcall.Ukrainian: "Назвати площу & вулицю", rollcall.Russian: "Назвать площадь & улицу"}[p.lang]
		for _, c := range []string{"/petition", "/sign", "/withdraw"} {
			p.say(c).answered(p.said.ChoosePetition()).hasLabels(second, first)
		}
		p.say("/petition").press(first).wants(first).wantsNot(second)
		p.pressLabel(render.LabelSign).pressLabel(render.LabelAgreeAndSign)
		p.say("/sign").press(second).answered(p.said.Consent(second, 720*time.Hour)).pressLabel(render.LabelAgreeAndSign)
		if !h.signed("register", p.id) || !h.signed("square", p.id) || h.signed("over", p.id) {
			h.t.Error("not the petitions chosen were signed")
		}
		p.say("/mydata").wants(first, second)
		h.part("a withdrawal chooses among those that were signed")
		h.close("square")
		p.say("/withdraw").answered(p.said.ChoosePetition()).hasLabels(second, first)
		p.press(second).answered(p.said.ConfirmWithdraw(second)).pressLabel(render.LabelYesWithdraw).answered(p.said.Withdrawn(24 * time.Hour))
		p.say("/withdraw").answered(p.said.ConfirmWithdraw(first))
		if h.signed("square", p.id) || !h.signed("register", p.id) {
			h.t.Error("not the petition chosen was withdrawn from")
		}
	})
}

// TestASignatureOnAClosedPetitionIsFoundByWithdraw: while another petition is
// open, the slug of the closed one is nothing that a person would know.
func TestASignatureOnAClosedPetitionIsFoundByWithdraw(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	h.open(petition("register", nil))
	p.say("/sign").press("I agree and sign")
	h.close("register")
	h.open(petition("square", retitled("Name a square", "Назвати площу", "Назвать площадь")))
	p.say("/withdraw").answered(p.said.ConfirmWithdraw("Open the sample register"))
	p.press("Yes, withdraw")
	if h.signed("register", p.id) {
		t.Error("the signature still stands")
	}
}

func TestAGroupGetsLinksIntoThePrivateChat(t *testing.T) {
	inEachLanguage(t, "group", func(h *harness, p *person) {
		h.open(petition("register", nil))
		h.figure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 7, Date: day(time.June, 1), Source: "Sample Bureau"})
		g := p.in(groupID)
		h.part("lookups and what is personal")
		for _, c := range []string{"/find Прикладенко Марія", "/find", "/find@rollcall_test_bot Прикладенко Марія", "/start", "/start p_register", "/sign", "/withdraw",
			"/mydata", "/erase", "/lang", "/lang uk", "/watches"} {
			g.say(c).answered(p.said.OnlyInPrivate()).hasLabels(p.label(render.LabelContinueInPrivate)).wantsNot("EX-001", "Зразківна")
			want := "https://t.me/rollcall_test_bot?start=start"
			if strings.HasPrefix(c, "/find") {
				want = "https://t.me/rollcall_test_bot?start=find"
			}
			if c == "/watches" {
				want = "https://t.me/rollcall_test_bot?start=watches"
			}
			if b, _ := g.got[0].Button(p.label(render.LabelContinueInPrivate)); b.URL != want {
				h.t.Errorf("%s: the button leads to %q, want %q", c, b.URL, want)
			}
		}
		h.part("the petition")
		g.say("/petition").hasLabels(p.label(render.LabelSign), p.label(render.LabelShare), p.label(render.LabelCheckCount))
		for label, want := range map[render.Label]string{render.LabelSign: "https://t.me/rollcall_test_bot?start=p_register",
			render.LabelCheckCount: "https://t.me/rollcall_test_bot?start=v_register"} {
			b, _ := g.got[0].Button(p.label(label))
			if b.URL != want || b.CallbackData != "" {
				h.t.Errorf("the button %q has address %q and data %q, want the address %q", b.Text, b.URL, b.CallbackData, want)
			}
		}
		h.open(petition("square", retitled("Name a square", "Назвати площу", "Назвать площадь")))
		g.say("/petition").answered(p.said.ChoosePetition())
		g.press(petition("", nil).Title[p.lang])
		if b, _ := g.got[0].Button(p.label(render.LabelSign)); b.URL != "https://t.me/rollcall_test_bot?start=p_register" {
			h.t.Errorf("after the choice the button leads to %q", b.URL)
		}
		h.part("what anybody may read")
		g.say("/rounds").wants("Sample Bureau")
		g.say("/privacy").wants("Example Group")
		g.say("/help").wants("/find")
		g.say("/digest").answered(p.said.NoDigestYet())
		h.part("silence")
		for _, text := range []string{"Прикладенко Марія", "/petition@another_bot", "/nothing", "/import", "/stats", "/nothing@rollcall_test_bot"} {
			g.say(text).silence()
		}
		g.act("(sticker)", sticker(g)).silence()
		g.act("(photo)", photo(g)).silence()
		g.send("roster.csv", []byte("full_name\n")).silence()
	})
}

// TestNoAnswerAboutAPersonOrASignerInAGroup: a modified client can press what
// it likes where it likes.
func TestNoAnswerAboutAPersonOrASignerInAGroup(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	p := h.user("Ann", familyID, "en")
	p.say("/lang en")
	g := p.in(groupID)
	g.say("/petition")
	before := h.api.Own(groupID)
	id := h.find("EX-001")
	for _, action := range []string{"card", "show", "watch", "stop", "unlist"} {
		g.forge(telegram.BoundCallbackData(h.keys, p.id, action, fmt.Sprintf("%x", int64(id)))).toasted(p.said.OldButton()).silence()
	}
	for _, data := range []string{"v1:find", "v1:tracing", "v1:check:register", "v1:sign:register", "v1:agree:register", "v1:decline:register", "v1:withdraw:register",
		"v1:withdrawn:register", "v1:keep:register", "v1:digest", "v1:mydata", "v1:erase", "v1:stay", "v1:lang:uk:lang"} {
		g.forge(data).toasted(p.said.OldButton()).silence()
	}
	if diff := cmp.Diff(h.api.Own(groupID), before); diff != "" {
		t.Errorf("the group's messages have changed (-got +want):\n%s", diff)
	}
	if h.signed("register", p.id) {
		t.Error("a press in a group signed")
	}
	p.say("/mydata").wants("English")
}

// TestAFloodOfOneAccountsPressesSignsOnce presses "I agree and sign" from many
// clients of one account at once.
func TestAFloodOfOneAccountsPressesSignsOnce(t *testing.T) {
	t.Parallel()
	presses := 100
	if long() {
		presses = 1000 // the stand-in remembers no more
	}
	h := newHarness(t)
	h.open(petition("register", nil))
	p := h.user("Ann", familyID, "en")
	p.say("/sign")
	consent := p.newest()
	// The next polls wait until all have pressed, so that batches are full.
	all := make(chan struct{})
	h.api.SetHook(func(method string, _ url.Values) {
		if method == "getUpdates" {
			<-all
		}
	})
	var pressing errgroup.Group
	for range presses {
		pressing.Go(func() error {
			_, err := h.api.Forge(p.id, p.chat, consent, "v1:agree:register")
			return err
		})
	}
	if err := pressing.Wait(); err != nil {
		t.Fatal(err)
	}
	close(all)
	h.settle()
	recorded, already := 0, 0
	for _, press := range h.api.Presses(p.id) {
		switch {
		case !press.Answered:
			t.Error("a press was not answered")
		case press.Text == render.Plain(p.said.Recorded(24*time.Hour)):
			recorded++
		case press.Text == render.Plain(p.said.AlreadySigned()):
			already++
		default:
			t.Errorf("a press was answered %q", press.Text)
		}
	}
	if recorded != 1 || already != presses-1 {
		t.Errorf("of %d presses %d were answered as recorded and %d as signed before, want 1 and the rest", presses, recorded, already)
	}
	if got, want := h.tally("register"), (rollcall.Tally{Signed: 1}); got != want {
		t.Errorf("the figures are %+v, want %+v", got, want)
	}
	if err := h.db.CheckTallies(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestManyAccountsSigningAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	accounts := 10
	for i := range accounts {
		id := rollcall.UserID(7320000000 + i)
		h.api.AddUser(fakeapi.User{ID: id, FirstName: "Ann", LanguageCode: "en"})
		for range 2 {
			if _, err := h.api.Forge(id, id.Chat(), 1, "v1:agree:register"); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.settle()
	if got, want := h.tally("register"), (rollcall.Tally{Signed: accounts}); got != want {
		t.Errorf("the figures are %+v, want %+v", got, want)
	}
}
