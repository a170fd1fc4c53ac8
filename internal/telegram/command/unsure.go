package command

import (
	"context"
	"strconv"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// unsureAction is called by the buttons of the question whether a post is in its
// chat.
const unsureAction = "unsure"

// unsureAnswers are the ways in which an owner settles it, by their letter in the
// button's data.
var unsureAnswers = map[string]store.DoubtOutcome{"t": store.There, "a": store.Again}

// UnsureData is the data of a button by which the owner settles a doubt, for
// package jobs, which asks.
func UnsureData(k *secret.Keys, owner rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
	return telegram.BoundCallbackData(k, owner, unsureAction, strconv.FormatInt(doubt, 36), string(says[:1]))
}

// pressUnsure settles a doubt, once.
func (h *Handlers) pressUnsure(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(r.Press.Args) != 2 {
		return h.oldPress(ctx, r)
	}
	doubt, err := strconv.ParseInt(r.Press.Args[0], 36, 64)
	says, ok := unsureAnswers[r.Press.Args[1]]
	if err != nil || !ok {
		return h.oldPress(ctx, r)
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		is, before, err := tx.AnswerDoubt(doubt, says)
		switch {
		case rollcall.CodeOf(err) == rollcall.NotFound:
			return []telegram.Action{r.Toast(r.Say.OldButton())}, nil
		case err != nil:
			return nil, err
		}
		said := r.Say.UnsureSettled(is == store.Again, before)
		return []telegram.Action{r.Toast(said), r.Replacing(message(said))}, nil
	}}, nil
}

// member keeps the bot's new standing in a chat. Owners are told where it has
// come into, since they want the id for the configuration, and of rights that
// are missing or too many; not that it has left a chat that gets no digest. An
// account that blocks the bot gets nothing more until it comes back.
func (h *Handlers) member(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	s := *r.Standing
	if r.Private() {
		if s.Post { // what has ended begins anew with /start, which says so
			return telegram.Answer{}, nil
		}
		return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
			return nil, tx.EndPeer(r.From, store.Blocked)
		}}, nil
	}
	posted, err := h.posted(ctx, s.Chat)
	if err != nil {
		return telegram.Answer{}, err
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		n, err := tx.NoteStanding(s, true)
		gone := s.Status == "left" || s.Status == "kicked"
		if err != nil || !n.Any() || gone && !posted {
			return nil, err
		}
		_, err = tx.TellPeers(h.Owners, h.Language, func(_ rollcall.UserID, l rollcall.Language) store.Post {
			return store.Post{HTML: string(standingText(render.For(l), n, s)), Buttons: digest.EncodeButtons(nil)}
		})
		return nil, err
	}}, nil
}

// posted reports whether a digest is for the chat.
func (h *Handlers) posted(ctx context.Context, chat rollcall.ChatID) (bool, error) {
	for _, d := range h.Digests {
		now, err := h.DB.CurrentChat(ctx, d.Chat)
		if err != nil {
			return false, err
		}
		if chat == now || chat == d.Chat {
			return true, nil
		}
	}
	return false, nil
}

func standingText(say *render.Phrases, n store.StandingNews, s store.Standing) render.HTML {
	return say.ChatStanding(render.ChatStanding{Chat: s.Chat, Channel: s.Type == "channel", Added: n.Added, MayPost: s.Post,
		Lost: n.Lost, Regained: n.Regained, MayEdit: n.MayEdit})
}
