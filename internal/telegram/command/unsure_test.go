package command_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/fakeapi"
)

// loseADigest posts a digest in the channel, whose answer is lost.
func (h *harness) loseADigest() {
	h.t.Helper()
	h.api.Fault(fakeapi.Fault{Method: "*", Chat: channelID, Kind: fakeapi.Lost})
	h.postDigest()
	if got := h.unknown(); got != 1 {
		h.t.Fatalf("%d posts are unknown, want 1", got)
	}
}

func (h *harness) unknown() int {
	h.t.Helper()
	states, err := h.db.PostStates(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return states[string(store.Unsure)]
}

// look takes the next step with what is in doubt.
func (h *harness) look() {
	h.t.Helper()
	h.clock.advance(time.Minute)
	if err := h.runner.SettleDoubts(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// mayEdit gives the bot the right to edit what others have posted, so that it asks
// and does not look.
func (h *harness) mayEdit() {
	h.t.Helper()
	if _, err := h.api.SetMember(channelID, h.api.Bot().ID, fakeapi.Member{Status: "administrator", CanPost: true, CanEdit: true}); err != nil {
		h.t.Fatal(err)
	}
	h.settle()
}

func TestAnOwnerSettlesWhatIsInDoubt(t *testing.T) {
	inEachLanguage(t, "unsure", func(h *harness, p *person) {
		h.mayEdit()
		o := h.user("Olena", ownerID, "en")
		o.say("/lang").press(o.said.Label(render.LanguageLabel(p.lang)))
		o = h.user("Olena", ownerID, string(p.lang))
		before := len(h.api.Own(channelID))

		h.part("it is there")
		h.loseADigest()
		h.look()
		o.hears().wants(chatIDText(channelID)).hasLabels(o.label(render.LabelItIsThere), o.label(render.LabelSendAgain))
		question := o.got[len(o.got)-1]
		for range 3 { // asked once
			h.look()
			o.hears().silence()
		}
		o.press(o.label(render.LabelItIsThere)).answered(o.said.UnsureSettled(false, false)).hasLabels()
		if h.unknown() != 0 {
			h.t.Error("it is still unknown")
		}
		again, _ := question.Button(o.label(render.LabelSendAgain))
		o.forge(again.CallbackData).answered(o.said.UnsureSettled(false, true))
		if err := h.runner.Deliver(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		if got := len(h.api.Own(channelID)) - before; got != 1 {
			h.t.Errorf("%d posts are in the channel, want 1", got)
		}

		h.part("send again")
		h.pass(time.Hour)
		h.loseADigest()
		h.look()
		o.hears()
		question = o.got[len(o.got)-1]
		o.press(o.label(render.LabelSendAgain)).answered(o.said.UnsureSettled(true, false))
		again, _ = question.Button(o.label(render.LabelSendAgain))
		o.forge(again.CallbackData).answered(o.said.UnsureSettled(true, true))
		there, _ := question.Button(o.label(render.LabelItIsThere))
		o.forge(there.CallbackData).toasted(o.said.UnsureSettled(true, true))
		before = len(h.api.Own(channelID))
		for range 3 {
			if err := h.runner.Deliver(context.Background()); err != nil {
				h.t.Fatal(err)
			}
		}
		if got := len(h.api.Own(channelID)) - before; got != 1 {
			h.t.Errorf("it was sent %d times, want once", got)
		}
		o.forge(again.CallbackData).toasted(o.said.UnsureSettled(true, true))
		if err := h.runner.Deliver(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		if got := len(h.api.Own(channelID)) - before; got != 1 || h.unknown() != 0 {
			h.t.Errorf("after one more press it was sent %d times, and %d posts are unknown", got, h.unknown())
		}
	})
}

func chatIDText(c rollcall.ChatID) string { return strconv.FormatInt(int64(c), 10) }

// An owner who was one when asked is none when he presses.
func TestAFormerOwnerSettlesNothing(t *testing.T) {
	t.Parallel()
	h := keptBy(t, nil, []rollcall.UserID{ownerID})
	o := h.user("Olena", ownerID, "en")
	o.say("/start")
	h.loseADigest()
	for _, says := range []string{"t", "a"} {
		o.forge(telegram.BoundCallbackData(h.keys, ownerID, "unsure", "1", says)).toasted(o.said.OldButton()).silence()
	}
	if h.unknown() != 1 {
		t.Error("it is settled")
	}
}

// While nobody can be asked the question waits, and says so in the log.
func TestTheQuestionWaitsForAnOwner(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayEdit()
	h.loseADigest()
	for range 3 {
		h.look()
	}
	if n := strings.Count(h.log.String(), "no owner has written to the bot"); n != 1 {
		t.Errorf("the log says %d times that nobody can be asked, want once", n)
	}
	o := h.user("Olena", ownerID, "uk")
	o.say("/start")
	h.look()
	o.hears().hasLabels("It is there", "Send again") // who has chosen no language is asked in the bot's own
}

func TestOwnersAreToldOfTheBotsRights(t *testing.T) {
	inEachLanguage(t, "rights", func(h *harness, p *person) {
		const guests rollcall.ChatID = -1007310000077
		o := h.user("Olena", ownerID, "en")
		o.say("/lang").press(o.said.Label(render.LanguageLabel(p.lang)))
		o = h.user("Olena", ownerID, string(p.lang))
		is := func(c rollcall.ChatID, m fakeapi.Member) *person {
			h.t.Helper()
			if _, err := h.api.SetMember(c, h.api.Bot().ID, m); err != nil {
				h.t.Fatal(err)
			}
			h.settle()
			return o.hears()
		}
		told := func(s render.ChatStanding) { h.t.Helper(); o.answered(o.said.ChatStanding(s)).hasLabels() }
		none, post, edit := fakeapi.Member{Status: "administrator"}, fakeapi.Member{Status: "administrator", CanPost: true},
			fakeapi.Member{Status: "administrator", CanPost: true, CanEdit: true}

		h.part("the digest's channel")
		is(channelID, fakeapi.Member{Status: "left"}).silence() // nothing was known of it
		is(channelID, post)
		told(render.ChatStanding{Chat: channelID, Channel: true, Added: true, MayPost: true})
		is(channelID, none)
		told(render.ChatStanding{Chat: channelID, Channel: true, Lost: true})
		is(channelID, fakeapi.Member{Status: "administrator", CanDelete: true}).silence()
		is(channelID, fakeapi.Member{Status: "kicked"}).silence()
		is(channelID, post)
		told(render.ChatStanding{Chat: channelID, Channel: true, Added: true, MayPost: true})
		is(channelID, edit)
		told(render.ChatStanding{Chat: channelID, Channel: true, MayPost: true, MayEdit: true})
		is(channelID, post).silence()
		is(channelID, none)
		told(render.ChatStanding{Chat: channelID, Channel: true, Lost: true})
		is(channelID, post)
		told(render.ChatStanding{Chat: channelID, Channel: true, MayPost: true, Regained: true})
		is(channelID, fakeapi.Member{Status: "kicked"})
		told(render.ChatStanding{Chat: channelID, Channel: true, Lost: true})

		h.part("another chat")
		h.api.AddChat(fakeapi.Chat{ID: guests, Type: "channel", Title: "Not told"})
		is(guests, fakeapi.Member{Status: "left"}).silence()
		is(guests, none)
		told(render.ChatStanding{Chat: guests, Channel: true, Added: true})
		is(guests, fakeapi.Member{Status: "left"}).silence()
		is(guests, edit)
		told(render.ChatStanding{Chat: guests, Channel: true, Added: true, MayPost: true, MayEdit: true})
		is(guests, fakeapi.Member{Status: "left"}).silence()
	})
}

// A right that was lost unseen is found out by the next post, and told once.
func TestOwnersAreToldOnceOfARefusedPost(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	o := h.user("Olena", ownerID, "en")
	o.say("/start")
	h.api.Fault(fakeapi.Fault{Method: "*", Chat: channelID, Kind: fakeapi.Status, Code: 403, Times: 3, Description: "Forbidden: bot was kicked from the channel chat"})
	for range 3 {
		h.postDigest()
		h.pass(time.Hour)
	}
	o.hears()
	if len(o.got) != 1 {
		t.Fatalf("the owner is told %d times, want once", len(o.got))
	}
	o.wants(chatIDText(channelID))
}
