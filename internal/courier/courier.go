// Package courier fits package telegram to what package jobs asks for. The two edges
// do not know each other: jobs keeps a ledger and need not know how Telegram is
// spoken to, telegram need not know what is owed. What is decided here is what a
// failed call has done, since by that the ledger sends again or never does.
package courier

import (
	"context"
	"errors"

	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// A Courier is the [jobs.Sender], [jobs.Deleter], [jobs.Editor] and [jobs.Chats] of a
// bot. Its errors are [*jobs.OutcomeError]. It may be used by many at once.
type Courier struct {
	client *telegram.Client
	sender *telegram.Sender
}

// New makes a courier. What it sends goes through the sender, behind all answers and
// at its pace.
func New(c *telegram.Client, s *telegram.Sender) Courier { return Courier{c, s} }

// Post makes one try at a post, once it is claimed: see [jobs.Sender].
func (c Courier) Post(ctx context.Context, chat rollcall.ChatID, post store.Post, claim func() error) (rollcall.MessageID, string, error) {
	a, err := action(chat, post)
	if err != nil {
		return 0, "", err
	}
	id, file, err := c.sender.PostClaimed(ctx, a, claim)
	if err == nil {
		return id, file, nil
	}
	return 0, "", outcome(chat, err)
}

// Delete deletes a message of the bot's. One that is gone is as it should be.
func (c Courier) Delete(ctx context.Context, chat rollcall.ChatID, message rollcall.MessageID) error {
	_, _, err := c.sender.Post(ctx, telegram.Delete(chat, message))
	if err == nil || telegram.Refused(err, telegram.MessageGone) {
		return nil
	}
	return outcome(chat, err)
}

// Edit puts the post's text and buttons into a message of the bot's, also where it has
// them already.
func (c Courier) Edit(ctx context.Context, chat rollcall.ChatID, message rollcall.MessageID, post store.Post) error {
	a, err := action(chat, post)
	if err != nil {
		return err
	}
	_, _, err = c.sender.Post(ctx, telegram.Action{Kind: telegram.ActEdit, Chat: chat, Message: message, Text: a.Text, Buttons: a.Buttons})
	if err == nil || telegram.Refused(err, telegram.NotModified) {
		return nil
	}
	return outcome(chat, err)
}

// Standing asks Telegram what the bot is in a channel or group.
func (c Courier) Standing(ctx context.Context, chat rollcall.ChatID) (store.Standing, error) {
	s, err := c.client.Standing(ctx, chat)
	if err != nil {
		return s, outcome(chat, err)
	}
	return s, nil
}

// Compare edits a message with a post's own content: see [jobs.Chats].
func (c Courier) Compare(ctx context.Context, chat rollcall.ChatID, m rollcall.MessageID, post store.Post) (jobs.Comparison, error) {
	a, err := action(chat, post)
	if err != nil {
		return 0, err
	}
	is, err := c.sender.Compare(ctx, m, a)
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

// action is the call by which a post is made. The error is that of a post which no
// call can be made of, ever.
func action(chat rollcall.ChatID, post store.Post) (telegram.Action, error) {
	rows, err := digest.DecodeButtons(post.Buttons)
	if err != nil {
		return telegram.Action{}, &jobs.OutcomeError{NotDone: true, Final: true, Err: err}
	}
	a := telegram.PostAction(chat, post.Chart, post.FileID, render.Message{Text: render.HTML(post.HTML), Buttons: rows, Protect: post.Protect})
	a.Silent = post.Silent
	a.ReplyTo = post.ReplyTo
	return a, nil
}

// outcome says in the words of package jobs what a failed call did.
func outcome(chat rollcall.ChatID, err error) error {
	var e *telegram.Error
	if !errors.As(err, &e) { // it ended while it waited for its turn
		return &jobs.OutcomeError{NotDone: true, Err: err}
	}
	return &jobs.OutcomeError{NotDone: e.Effect == telegram.NotDone, RetryAfter: e.RetryAfter, MigrateTo: e.MigrateTo,
		Final:   e.Refusal != telegram.NotRefused && e.MigrateTo == 0,
		Gone:    chat.Private() && (e.Refusal == telegram.Blocked || e.Refusal == telegram.ChatGone),
		NoRight: !chat.Private() && (e.Refusal == telegram.NoRights || e.Refusal == telegram.Blocked || e.Refusal == telegram.ChatGone), Err: err}
}
