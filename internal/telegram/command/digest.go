package command

import (
	"context"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
)

// digest shows the latest digest of the main channel, as it was posted.
func (b *Bot) digest(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(b.Digests) == 0 {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	posts, err := b.DB.LatestPosts(ctx, b.Digests[0].Name, b.Digests[0].Chat)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	var a telegram.Answer
	for _, p := range posts {
		rows, err := digest.DecodeButtons(p.Buttons)
		if err != nil {
			return telegram.Answer{}, err
		}
		a.Actions = append(a.Actions, telegram.PostAction(r.Chat, p.Chart, p.FileID, render.Message{Text: render.HTML(p.HTML), Buttons: rows}))
	}
	return a, nil
}

func (b *Bot) pressDigest(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.digest(ctx, r)
}

// rounds shows who stated which figure of an exchange round, and when.
func (b *Bot) rounds(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	rounds, err := b.DB.Rounds(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	if len(rounds) == 0 {
		return r.Reply(message(r.Say.NoRounds())), nil
	}
	return r.Reply(message(r.Say.Rounds(rounds, b.Sides))), nil
}

// preview shows an editor the next main digest as it would be now.
func (b *Bot) preview(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(b.Digests) == 0 {
		return r.Reply(message(r.Say.NoDigestYet())), nil
	}
	posts, err := digest.Preview(ctx, b.DB, b.Digests[0], r.Now.Truncate(time.Second))
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
