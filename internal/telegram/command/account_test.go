package command_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

func TestTheLatestDigestIsShownAsItWasPosted(t *testing.T) {
	inEachLanguage(t, "digest", func(h *harness, p *person) {
		h.part("before one was posted")
		p.say("/digest").answered(p.said.NoDigestYet())

		h.open(petition("register", nil))
		p.say("/sign").pressLabel(render.LabelAgreeAndSign)
		h.sequence()
		h.postDigest()
		posted := h.api.Own(channelID)
		if len(posted) == 0 {
			h.t.Fatal("nothing was posted")
		}
		h.part("after")
		p.say("/digest").hasLabels("Look up a person", "Sign the petition", "Check the count")
		if got, want := p.text(), posted[0].Body(); len(posted) != 1 || got != want {
			h.t.Errorf("the digest is\n%s\nwant it as posted:\n%s", got, want)
		}
		if len(p.got) != 1 || len(p.got[0].Photo) == 0 || p.got[0].Photo[0].FileID != posted[0].Photo[0].FileID {
			h.t.Error("the chart is not the one that was posted")
		}
		for _, r := range sampleRows {
			p.wantsNot(r.FullName, r.PublicID+" ")
		}
		p.wantsNot("has died", p.said.StatusLabel(rollcall.Deceased))

		h.part("it does not change with what comes after it")
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw)
		p.say("/digest").wants(posted[0].Body())
		h.sequence()
		h.pass(24 * time.Hour)
		h.postDigest()
		posted = h.api.Own(channelID)
		p.say("/digest").wants(posted[len(posted)-1].Body(), "No 2")
	})
}

func TestADigestWithoutAConfiguredOneIsNoneYet(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *settings) { s.Digests = nil })
	p := h.user("Ann", familyID, "en")
	p.say("/digest").answered(p.said.NoDigestYet())
	h.user("Eve", editorID, "en").say("/preview").answered(p.said.NoDigestYet())
}

func TestRoundsShowContradictionsAndAddNothingUp(t *testing.T) {
	inEachLanguage(t, "rounds", func(h *harness, p *person) {
		h.part("none")
		p.say("/rounds").answered(p.said.NoRounds())
		h.figure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 1200, AtLeast: true, Date: day(time.June, 2), Source: "Sample Bureau", SourceURL: "https://example.org/r"})
		h.figure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 1001, Date: day(time.June, 4), Source: "Зразковий <Центр>"})
		h.figure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideB, Stage: rollcall.CarriedOut, Count: 3, Date: day(time.June, 9), Source: "Sample Bureau"})
		h.figure("Second <round>", rollcall.RoundFigure{Side: rollcall.SideB, Stage: rollcall.Stalled, Count: 21, Date: day(time.June, 10), Source: "Sample Bureau"})
		h.part("sources that contradict each other")
		p.say("/rounds")
		plain := strings.NewReplacer(",", "", "\u00a0", "").Replace(p.text())
		for _, figure := range []string{"1200", "1001"} {
			if !strings.Contains(plain, figure) {
				h.t.Errorf("the figure %s is missing:\n%s", figure, p.text())
			}
		}
		for _, sum := range []string{"2201", "2204", "1204", "1004", "1100"} {
			if strings.Contains(plain, sum) {
				h.t.Errorf("%s is shown, which no source has stated:\n%s", sum, p.text())
			}
		}
		p.wants("Northland", "Southland <&>", "Second <round>", "Зразковий <Центр>")
		if strings.Index(p.text(), "Зразковий <Центр>") > strings.Index(p.text(), "Sample Bureau") && strings.Index(p.text(), "Second") > strings.Index(p.text(), "Зразковий") {
			h.t.Errorf("the later figure does not come first:\n%s", p.text())
		}
	})
}

func TestWhatIsKeptIsToldAndErased(t *testing.T) {
	inEachLanguage(t, "mydata", func(h *harness, p *person) {
		h.open(petition("register", nil))
		signed := []render.MyDataSignature{{Petition: "register", Title: petition("", nil).Title[p.lang], Consent: store.ConsentVersion}}
		counts := render.MyDataInfo{LookupsToday: 1, ShownInWeek: 1, ShownFall: weekAfterNoon}
		all := render.MyDataInfo{Since: noon, Language: p.lang, LookupsToday: 1, ShownInWeek: 1, ShownFall: weekAfterNoon}
		h.part("the notice")
		p.say("/privacy").wants("Example Group", "https://example.org/contact", "/mydata", "/erase", "/withdraw")
		p.say("/mydata").answered(p.said.NothingKept())
		h.part("a lookup leaves a count, and what is not enough for one leaves nothing")
		p.say("Прикладенко Марія").wants(mariaID)
		p.say("Вигаданко")
		p.say("/mydata").told(counts)
		h.part("a language and a signature")
		p.say("/lang " + string(p.lang))
		p.say("/mydata").told(all)
		p.say("/sign").pressLabel(render.LabelAgreeAndSign)
		q := h.user("Bob", strangerID, string(p.lang))
		q.say("/sign").pressLabel(render.LabelAgreeAndSign)
		all.Signatures = signed
		p.say("/mydata").told(all)
		h.part("erase, and No")
		p.say("/erase").answered(p.said.EraseConfirm()).hasLabels(p.label(render.LabelYesErase), p.label(render.LabelNo))
		p.pressLabel(render.LabelNo).answered(p.said.EraseDeclined()).hasLabels()
		p.say("/mydata").told(all)
		if !h.signed("register", p.id) {
			h.t.Error("No has erased the signature")
		}
		h.part("erase, and yes")
		before := h.tally("register").Net()
		p.say("/erase").pressLabel(render.LabelYesErase).answered(p.said.Erased()).hasLabels()
		p.say("/mydata").told(counts)
		if h.signed("register", p.id) {
			h.t.Error("the signature still stands")
		}
		if got := h.tally("register").Net(); got != before-1 {
			h.t.Errorf("the count went from %d to %d, want one less", before, got)
		}
		h.part("again, and what is another's stays")
		p.say("/erase").pressLabel(render.LabelYesErase).answered(p.said.Erased())
		if got := h.tally("register").Net(); got != before-1 {
			h.t.Errorf("the count is %d after a second time, want %d", got, before-1)
		}
		q.say("/mydata").told(render.MyDataInfo{Signatures: signed})
		h.part("the counts go by themselves")
		h.pass(12 * time.Hour)
		p.say("/mydata").told(render.MyDataInfo{ShownInWeek: 1, ShownFall: weekAfterNoon})
		h.pass(6 * 24 * time.Hour)
		p.say("/mydata").answered(p.said.NothingKept())
	})
}

func TestEraseTakesBackSignaturesOnClosedPetitionsToo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	for _, slug := range []string{"one", "two", "three"} {
		h.open(petition(slug, nil))
		p.say("/sign " + slug).press("I agree and sign")
	}
	h.close("two")
	h.pass(25 * 24 * time.Hour)
	p.say("/erase").press("Yes, erase").answered(p.said.Erased())
	for _, slug := range []string{"one", "two", "three"} {
		if h.signed(slug, p.id) || h.tally(slug).Net() != 0 {
			t.Errorf("the signature on %s still stands", slug)
		}
	}
	p.say("/mydata").answered(p.said.NothingKept())
}

func TestErasingBringsBackTelegramsLanguage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ганна", familyID, "uk")
	p.say("/lang en")
	en := render.For(rollcall.English)
	p.say("/erase").press("Yes, erase").answered(en.Erased())
	p.say("/find").answered(p.said.FindPrompt())
}

func TestEditedMessagesAndChannelPostsAreIgnored(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("/find")
	sent := h.api.Messages(p.chat)[0].MessageID
	p.act("(edit)", func() (fakeapi.Sent, error) {
		return h.api.Edit(p.id, p.chat, sent, "/find Прикладенко Марія")
	}).silence()
	c := p.in(channelID)
	c.act("(channel post)", func() (fakeapi.Sent, error) { return h.api.ChannelPost(channelID, "/petition") }).silence()
	// The same as updates that Telegram should not have sent.
	for _, raw := range []string{
		`{"update_id":{id},"edited_message":{"message_id":1,"from":{"id":7310000011,"is_bot":false},"chat":{"id":7310000011,"type":"private"},"text":"/find"}}`,
		`{"update_id":{id},"channel_post":{"message_id":1,"chat":{"id":-1007310000066,"type":"channel"},"text":"/petition","entities":[{"type":"bot_command","offset":0,"length":9}]}}`,
		`{"update_id":{id},"message":{"message_id":1,"from":{"id":1087968824,"is_bot":true},"chat":{"id":-1007310000055,"type":"supergroup"},"text":"/petition","entities":[{"type":"bot_command","offset":0,"length":9}]}}`,
	} {
		p.act("(raw)", func() (fakeapi.Sent, error) { return fakeapi.Sent{UpdateID: h.api.Raw(raw)}, nil }).silence()
	}
	for _, chat := range []rollcall.ChatID{channelID, groupID} {
		if got := h.api.Own(chat); len(got) > 0 {
			t.Errorf("the bot wrote in the chat: %q", got[0].Body())
		}
	}
}
