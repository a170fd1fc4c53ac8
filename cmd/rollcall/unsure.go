package main

import (
	"context"

	"rollcall/internal/config"
	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
)

// chats fits telegram to what jobs asks of channels and groups.
type chats struct {
	client *telegram.Client
	sender *telegram.Sender
}

func (c chats) Standing(ctx context.Context, chat rollcall.ChatID) (store.Standing, error) {
	s, err := c.client.Standing(ctx, chat)
	if err != nil {
		return s, outcome(chat, err)
	}
	return s, nil
}

func (c chats) Compare(ctx context.Context, chat rollcall.ChatID, m rollcall.MessageID, p store.Post) (jobs.Comparison, error) {
	rows, err := digest.DecodeButtons(p.Buttons)
	if err != nil {
		return 0, &jobs.OutcomeError{NotDone: true, Final: true, Err: err}
	}
	is, err := c.sender.Compare(ctx, m, telegram.PostAction(chat, p.Chart, p.FileID, render.Message{Text: render.HTML(p.HTML), Buttons: rows}))
	if err != nil {
		return 0, outcome(chat, err)
	}
	switch is {
	case telegram.Alike:
		return jobs.Same, nil
	case telegram.Rewritten:
		return jobs.Changed, nil
	}
	return jobs.Other, nil
}

// toldOfQueue are whom the runner tells of what waits for a check: the editors, or
// the owners where there are none.
func toldOfQueue(cfg *config.Config) []rollcall.UserID {
	if len(cfg.Editors) == 0 {
		return cfg.Owners
	}
	return cfg.Editors
}

// owners are whom the runner asks and tells in private.
func owners(cfg *config.Config, keys *secret.Keys) jobs.Owners {
	return jobs.Owners{IDs: cfg.Owners, Language: cfg.DefaultLanguage,
		AnswerData: func(owner rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
			return command.UnsureData(keys, owner, doubt, says)
		}}
}
