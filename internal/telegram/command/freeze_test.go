package command_test

import (
	"context"
	"testing"

	"rollcall/internal/render"
)

func TestAFreezeStopsLookupsSigningAndDigests(t *testing.T) {
	inEachLanguage(t, "freeze", func(h *harness, p *person) {
		h.open(petition("register", nil))
		o := h.user("Olena", ownerID, string(p.lang))
		e := h.user("Eve", editorID, string(p.lang))
		frozen := p.said.Frozen("https://example.org/contact", []render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}})

		h.part("frozen")
		p.say("/find Вигаданко Іван 1985").wants("EX-002")
		o.say("/unfreeze").answered(o.said.NotFrozen())
		o.say("/freeze").answered(o.said.FrozenNow())
		p.press(p.label(render.LabelWatch)).answered(frozen)
		for _, text := range []string{"Вигаданко Іван 1985", "/find Вигаданко Іван 1985", "Нікогоненко Ніхто 1901", "/sign", "/digest"} {
			p.say(text).answered(frozen)
		}
		if err := h.runner.SendNow(context.Background(), h.digests[0], h.clock.now()); err == nil {
			h.t.Error("a digest is sent")
		}
		if n := len(h.api.Own(channelID)); n != 0 {
			h.t.Errorf("the channel has %d messages", n)
		}

		h.part("what stays")
		e.say("Вигаданко Іван 1985").wants("EX-002")
		p.say("/withdraw").wants("")
		p.say("/mydata")
		p.say("/erase").hasLabels(p.label(render.LabelYesErase), p.label(render.LabelNo))

		h.part("over")
		o.say("/unfreeze").answered(o.said.Unfrozen())
		p.say("/find Вигаданко Іван 1985").wants("EX-002")
		h.postDigest()
		if n := len(h.api.Own(channelID)); n == 0 {
			h.t.Error("no digest is posted afterwards")
		}
	})
}
