package command

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// announce sends an owner's text to all subscribers, once it was shown how that
// looks and how many they are. While one is being sent it shows how far that is.
func (h *Handlers) announce(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	running, err := h.DB.RunningAnnouncement(ctx)
	if err == nil {
		return r.Reply(announcementProgress(r.Say, running)), nil
	}
	if rollcall.CodeOf(err) != rollcall.NotFound {
		return telegram.Answer{}, err
	}
	n, err := h.DB.Subscribers(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	if n == 0 {
		return r.Reply(message(r.Say.NoSubscribers())), nil
	}
	if utf8.RuneCountInString(r.Args) > rollcall.MaxAnnouncement {
		return r.Reply(message(r.Say.AnnouncementTooLong())), nil
	}
	return h.beginForm(r, h.announceForm(n), values{"text": r.Args}), nil
}

func (h *Handlers) announceForm(subscribers int) *form {
	var takes time.Duration
	if h.MessagesPerSecond > 0 {
		takes = time.Duration(float64(subscribers) / h.MessagesPerSecond * float64(time.Second))
	}
	return &form{access: telegram.Owner,
		fields: []field{
			{name: "text",
				when: func(v values) bool { return v["text"] == "" },
				ask:  func(r *telegram.Request, _ values) render.HTML { return r.Say.AskAnnouncement() },
				read: func(_ *telegram.Request, text string) (string, bool) {
					text = strings.TrimSpace(text)
					return text, text != "" && utf8.RuneCountInString(text) <= rollcall.MaxAnnouncement
				}},
			{name: "send",
				ask: func(r *telegram.Request, v values) render.HTML {
					return r.Say.ConfirmAnnouncement(v["text"], h.Operator, subscribers, takes)
				},
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelSendIt), "yes"}}
				}},
		},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			posts := map[rollcall.Language]store.Post{}
			for _, l := range rollcall.Languages {
				posts[l] = store.Post{HTML: string(render.For(l).Announcement(v["text"], h.Operator)), Buttons: digest.EncodeButtons(nil)}
			}
			var shown rollcall.MessageID
			if r.Press != nil {
				shown = r.Press.Message
			}
			return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
				id, n, err := tx.Announce(r.From, r.Language, shown, posts, afterQuiet(r.Now), h.actor(r))
				switch {
				case rollcall.CodeOf(err) == rollcall.Conflict:
					return []telegram.Action{r.Replacing(message(r.Say.FormOver()))}, nil
				case err != nil:
					return nil, err
				case n == 0:
					return []telegram.Action{r.Replacing(message(r.Say.NoSubscribers()))}, nil
				}
				a := store.Announcement{ID: id, State: store.AnnouncementRunning, Progress: rollcall.AnnouncementProgress{Waiting: n}}
				return []telegram.Action{r.Replacing(announcementProgress(r.Say, a))}, nil
			}}, nil
		},
	}
}

// afterQuiet says until when a message of now waits for the end of quiet hours. In a
// zone that is not known any more there are none.
func afterQuiet(now time.Time) func(rollcall.QuietHours, string) time.Time {
	return func(q rollcall.QuietHours, zone string) time.Time {
		z, err := rollcall.LoadZone(zone)
		if err != nil {
			return now
		}
		return schedule.AfterQuiet(now, q, z)
	}
}

// announcementProgress says how far an announcement is, with the button that stops
// it while there is something to stop.
func announcementProgress(say *render.Phrases, a store.Announcement) render.Message {
	return render.Message{Text: say.AnnouncementProgress(a.Progress), Buttons: AnnouncementButtons(say, a)}
}

// AnnouncementButtons stand under an announcement's progress. They are for package
// jobs as well, which keeps that message up to date.
func AnnouncementButtons(say *render.Phrases, a store.Announcement) [][]render.Button {
	if a.State != store.AnnouncementRunning || a.Progress.Waiting == 0 {
		return nil
	}
	return [][]render.Button{{{Label: say.Label(render.LabelStop), Data: telegram.CallbackData("halt", strconv.FormatInt(a.ID, 36))}}}
}

// pressHalt stops an announcement.
func (h *Handlers) pressHalt(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	var id int64
	if len(r.Press.Args) == 1 {
		id, _ = strconv.ParseInt(r.Press.Args[0], 36, 64)
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		p, err := tx.StopAnnouncement(id, h.actor(r))
		switch rollcall.CodeOf(err) {
		case rollcall.NotFound, rollcall.Conflict:
			return []telegram.Action{r.Replacing(message(r.Say.AnnouncementOver()))}, nil
		}
		if err != nil {
			return nil, err
		}
		return []telegram.Action{r.Replacing(message(r.Say.AnnouncementProgress(p)))}, nil
	}}, nil
}
