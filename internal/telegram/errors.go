package telegram

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// An Effect says what a failed call may have done at Telegram's end.
type Effect int

// The effects.
const (
	// NotDone: nothing was done. The request never left, or Telegram refused it.
	NotDone Effect = iota
	// MaybeDone: the request left and no answer came that can be trusted, so
	// that a message may or may not be in the chat.
	MaybeDone
)

// An Error is a failed call of the Bot API. It is made anew from what came
// back, and holds neither the token, which stands in every URL of the API, nor
// anything of what was sent.
type Error struct {
	Method     string
	Effect     Effect
	Code       int             // Telegram's error_code, or the HTTP status of an answer without one; 0 where there was no answer
	RetryAfter time.Duration   // how long Telegram asks to wait; 0 where it does not
	MigrateTo  rollcall.ChatID // the group's new id; 0 where it has not moved
	Refusal    Refusal
	cause      error // for errors.Is; its text is fit for a log
}

// A Refusal names why Telegram refused a call, as far as code needs to know.
type Refusal string

// The refusals that are told apart.
const (
	NotRefused       Refusal = ""
	Blocked          Refusal = "the account has blocked the bot, never wrote to it, or is deleted"
	NoRights         Refusal = "the bot has no right to do this in the chat"
	ChatGone         Refusal = "the chat was not found"
	NotModified      Refusal = "the message is the same already"
	MessageGone      Refusal = "the message is not there or cannot be changed"
	QueryTooOld      Refusal = "the press is too old to be answered"
	BadMarkup        Refusal = "the text's markup cannot be parsed"
	TooLong          Refusal = "the text is too long"
	OtherInstance    Refusal = "another instance of this bot is polling"
	WebhookSet       Refusal = "a webhook is set, which keeps updates from a poll"
	BadToken         Refusal = "the token is not accepted"
	FileTooBig       Refusal = "the file is too big"
	RefusedOtherwise Refusal = "another reason"
)

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	b.WriteString(": ")
	switch {
	case e.Refusal != NotRefused:
		fmt.Fprintf(&b, "refused with %d: %s", e.Code, e.Refusal)
	case e.Code != 0:
		fmt.Fprintf(&b, "status %d", e.Code)
	case e.cause != nil:
		b.WriteString(e.cause.Error())
	default:
		b.WriteString("failed")
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (wait %s)", e.RetryAfter)
	}
	return b.String()
}

// Unwrap gives the cause, such as context.Canceled.
func (e *Error) Unwrap() error { return e.cause }

// Refused reports whether err is a refusal for the given reason.
func Refused(err error, r Refusal) bool {
	var e *Error
	return errors.As(err, &e) && e.Refusal == r
}

// refusals are looked for in Telegram's descriptions, lower-cased, in this
// order. The descriptions themselves go nowhere: some quote the message. They
// were read in the sources of tdlib/telegram-bot-api (Client.cpp) and tdlib/td.
var refusals = []struct {
	part string
	is   Refusal
}{
	{"bot was blocked", Blocked},
	{"user is deactivated", Blocked},
	{"can't initiate conversation", Blocked},
	{"bot can't send messages to bots", Blocked},
	{"not enough rights", NoRights},
	{"need administrator rights", NoRights},
	{"have no rights", NoRights},
	{"bot is not a member", NoRights},
	{"bot was kicked", NoRights},
	{"chat_write_forbidden", NoRights},
	{"chat_admin_required", NoRights},
	{"chat not found", ChatGone},
	{"group chat was deactivated", ChatGone},
	{"group is deleted", ChatGone},
	{"message is not modified", NotModified},
	{"message to edit not found", MessageGone},
	{"message can't be edited", MessageGone},
	{"message to delete not found", MessageGone},
	{"message can't be deleted", MessageGone},
	{"message_id_invalid", MessageGone},
	{"there is no text in the message to edit", MessageGone},
	{"there is no caption in the message to edit", MessageGone},
	{"query is too old", QueryTooOld},
	{"query_id_invalid", QueryTooOld},
	{"can't parse entities", BadMarkup},
	{"message is too long", TooLong},
	{"caption is too long", TooLong},
	{"message_too_long", TooLong},
	{"webhook is active", WebhookSet},
	{"file is too big", FileTooBig},
}

// refusal reads an answer of the Bot API with ok false.
func refusal(code int, description string) Refusal {
	switch code {
	case 401, 404: // a token of the wrong form is "Not Found"
		return BadToken
	}
	d := strings.ToLower(description)
	for _, r := range refusals {
		if strings.Contains(d, r.part) {
			return r.is
		}
	}
	switch code {
	case 403:
		return Blocked
	case 409:
		return OtherInstance
	}
	return RefusedOtherwise
}
