package telegram

import (
	"context"
	"errors"

	"rollcall/internal/rollcall"
)

// A Likeness is what an edit of a message with the content of a post says of it.
type Likeness int

// The likenesses.
const (
	Unlike    Likeness = iota // it is not there, another's, or of another kind: Telegram has refused the edit
	Alike                     // it has just this content
	Rewritten                 // it was the bot's own and has the content now
)

// Compare edits a message with the content of a post, made by [PostAction]: the
// text, or the caption of a picture, and the buttons. "Message is not modified"
// says that the message has that content. Where the bot has no right to edit
// what others have posted, and no other message of its own can have the id,
// nothing can be changed by it. It waits for its turn as a post does, and makes
// one try. An error says that nothing is known.
func (s *Sender) Compare(ctx context.Context, m rollcall.MessageID, post Action) (Likeness, error) {
	post.Kind, post.Message = ActCompare, m
	_, _, err := s.Post(ctx, post)
	switch {
	case err == nil:
		return Rewritten, nil
	case Refused(err, NotModified):
		return Alike, nil
	case Refused(err, MessageGone):
		return Unlike, nil
	}
	return 0, err
}

// compare makes the edit. A picture without a caption is edited as one with an
// empty caption, and not by its buttons alone, which every kind of message has:
// only a picture's edit can then succeed.
func (c *Client) compare(ctx context.Context, a Action, p Params) error {
	p.num("message_id", int64(a.Message))
	method := "editMessageText"
	if a.Photo != nil || a.FileID != "" {
		method = "editMessageCaption"
		if a.Text != "" {
			p["caption"], p["parse_mode"] = string(a.Text), "HTML"
		}
	} else {
		p["text"], p["parse_mode"] = string(a.Text), "HTML"
		p["link_preview_options"] = `{"is_disabled":true}`
	}
	_, err := c.Call(ctx, method, p)
	var e *Error
	if errors.As(err, &e) && e.Refusal == NoRights {
		// "not enough rights to edit the message", of a message that others posted:
		// whether the bot may still do anything in the chat was asked before.
		e.Refusal = MessageGone
	}
	return err
}
