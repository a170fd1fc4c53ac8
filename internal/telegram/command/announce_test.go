package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

// deliverPrivate brings accounts what they are owed.
func (h *harness) deliverPrivate() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.runner.DeliverPrivate(ctx); err != nil {
		h.t.Fatal(err)
	}
	h.settle()
}

func TestAnAnnouncementIsShownFirstAndThenFollowed(t *testing.T) {
	inEachLanguage(t, "announce", func(h *harness, p *person) {
		o := h.user("Olena", ownerID, string(p.lang))
		h.part("nobody to tell")
		o.say("/announce We move on Monday").answered(o.said.NoSubscribers())
		p.say("/subscribe daily 09:00 UTC")

		h.part("step by step, and a way out")
		o.say("/announce").answered(o.said.AskAnnouncement()).hasLabels(o.label(render.LabelCancel))
		o.say(strings.Repeat("ж", rollcall.MaxAnnouncement+1)).wants(render.Plain(o.said.FormBad()))
		o.say("We move on <Monday>.").answered(o.said.ConfirmAnnouncement("We move on <Monday>.", "Example Group", 1, time.Minute)).
			hasLabels(o.label(render.LabelSendIt), o.label(render.LabelBack), o.label(render.LabelCancel))
		o.press(o.label(render.LabelCancel)).answered(o.said.FormGivenUp())
		if _, err := h.db.RunningAnnouncement(context.Background()); rollcall.CodeOf(err) != rollcall.NotFound {
			h.t.Errorf("what was not confirmed runs: %v", err)
		}

		h.part("sent")
		o.say("/announce We move\non <Monday>.")
		o.press(o.label(render.LabelSendIt)).answered(o.said.AnnouncementProgress(rollcall.AnnouncementProgress{Waiting: 1})).
			hasLabels(o.label(render.LabelStop))
		o.say("/announce Another").answered(o.said.AnnouncementProgress(rollcall.AnnouncementProgress{Waiting: 1}))
		h.deliverPrivate()
		said := h.api.Own(p.chat)
		if got, want := said[len(said)-1].Body(), render.Plain(p.said.Announcement("We move\non <Monday>.", "Example Group")); got != want {
			h.t.Errorf("the subscriber reads\n%s\nwant\n%s", got, want)
		}
		if err := h.runner.TellProgress(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		h.settle()
		own := h.api.Own(o.chat)
		shown := map[string]bool{}
		for _, m := range own {
			shown[m.Body()] = true
		}
		if end := render.Plain(o.said.AnnouncementProgress(rollcall.AnnouncementProgress{Sent: 1})); !shown[end] {
			h.t.Errorf("no message of the owner's shows the end\n%s", end)
		}

		h.part("stopped")
		o.say("/announce Once more").press(o.label(render.LabelSendIt))
		o.press(o.label(render.LabelStop)).answered(o.said.AnnouncementProgress(rollcall.AnnouncementProgress{Stopped: 1})).hasLabels()
		before := len(h.api.Own(p.chat))
		h.deliverPrivate()
		if n := len(h.api.Own(p.chat)); n != before {
			h.t.Error("what was stopped is sent")
		}
	})
}

func TestAnAnnouncementOfTooManyCharactersIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	o := h.user("Olena", ownerID, "en")
	o.say("/subscribe daily 09:00 UTC")
	o.say("/announce " + strings.Repeat("x", rollcall.MaxAnnouncement+1)).answered(o.said.AnnouncementTooLong())
}
