package command

import (
	"context"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
)

// digest shows the latest digest of the main channel, as it was posted, and first
// says to a subscriber whose own may not have arrived that this may be so. Where the
// channel has had none, a subscriber sees the own one.
func (h *Handlers) digest(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(h.Digests) == 0 {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	var a telegram.Answer
	posts, err := h.DB.LatestPosts(ctx, h.Digests[0].Name, h.Digests[0].Chat)
	if r.Private() {
		missed, err := h.DB.MayHaveMissed(ctx, r.From)
		if err != nil {
			return telegram.Answer{}, err
		}
		if missed {
			a = r.Reply(message(r.Say.MayHaveMissed()))
		}
	}
	if rollcall.CodeOf(err) == rollcall.NotFound && r.Private() {
		posts, err = h.DB.LatestPostsTo(ctx, r.From)
	}
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	for _, p := range posts {
		rows, err := digest.DecodeButtons(p.Buttons)
		if err != nil {
			return telegram.Answer{}, err
		}
		a.Actions = append(a.Actions, telegram.PostAction(r.Chat, p.Chart, p.FileID, render.Message{Text: render.HTML(p.HTML), Buttons: rows}))
	}
	return a, nil
}

// rounds shows who stated which figure of an exchange round, and when.
func (h *Handlers) rounds(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	rounds, err := h.DB.Rounds(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	if len(rounds) == 0 {
		return r.Reply(message(r.Say.NoRounds())), nil
	}
	return r.Reply(message(r.Say.Rounds(rounds, h.Sides))), nil
}

// preview shows an editor the next main digest as it would be now.
func (h *Handlers) preview(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(h.Digests) == 0 {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	posts, err := digest.Preview(ctx, h.DB, h.Digests[0], r.Now.Truncate(time.Second))
	if err != nil {
		return telegram.Answer{}, err
	}
	var a telegram.Answer
	for _, p := range posts {
		rows, err := digest.DecodeButtons(p.Buttons)
		if err != nil {
			return telegram.Answer{}, err
		}
		a.Actions = append(a.Actions, telegram.PostAction(r.Chat, p.Chart, "", render.Message{Text: render.HTML(p.HTML), Buttons: rows}))
	}
	return a, nil
}
