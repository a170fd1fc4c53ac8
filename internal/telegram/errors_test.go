package telegram

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The descriptions are the server's own (tdlib/telegram-bot-api, Client.cpp, and
// tdlib/td).
func TestRefusalsAreKnownByTheServersWords(t *testing.T) {
	for _, c := range []struct {
		code        int
		description string
		want        Refusal
	}{
		{401, "Unauthorized", BadToken},
		{404, "Not Found", BadToken},
		{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", OtherInstance},
		{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", WebhookSet},
		{409, "Conflict", OtherInstance},
		{403, "Forbidden: bot was blocked by the user", Blocked},
		{403, "Forbidden: user is deactivated", Blocked},
		{403, "Forbidden: bot can't initiate conversation with a user", Blocked},
		{403, "Forbidden: bot can't send messages to bots", Blocked},
		{403, "Forbidden: something new", Blocked},
		{403, "Forbidden: bot was kicked from the supergroup chat", NoRights},
		{403, "Forbidden: bot is not a member of the channel chat", NoRights},
		{400, "Bad Request: need administrator rights in the channel chat", NoRights},
		{400, "Bad Request: not enough rights to send text messages to the chat", NoRights},
		{400, "Bad Request: have no rights to send a message", NoRights},
		{400, "Bad Request: CHAT_WRITE_FORBIDDEN", NoRights},
		{400, "Bad Request: CHAT_ADMIN_REQUIRED", NoRights},
		{400, "Bad Request: chat not found", ChatGone},
		{403, "Forbidden: the group chat was deactivated", ChatGone},
		{400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", NotModified},
		{400, "Bad Request: message to edit not found", MessageGone},
		{400, "Bad Request: message can't be edited", MessageGone},
		{400, "Bad Request: MESSAGE_ID_INVALID", MessageGone},
		{400, "Bad Request: there is no text in the message to edit", MessageGone},
		{400, "Bad Request: message can't be deleted for everyone", MessageGone},
		{400, "Bad Request: query is too old and response timeout expired or query ID is invalid", QueryTooOld},
		{400, "Bad Request: QUERY_ID_INVALID", QueryTooOld},
		{400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0", BadMarkup},
		{400, "Bad Request: message is too long", TooLong},
		{400, "Bad Request: message caption is too long", TooLong},
		{400, "Bad Request: MESSAGE_TOO_LONG", TooLong},
		{400, "Bad Request: file is too big", FileTooBig},
		{400, "Bad Request: something new", RefusedOtherwise},
		{400, "", RefusedOtherwise},
	} {
		if got := refusal(c.code, c.description); got != c.want {
			t.Errorf("%d %q: got %q, want %q", c.code, c.description, got, c.want)
		}
	}
}

func TestAnErrorTellsWhatHappened(t *testing.T) {
	for _, c := range []struct {
		name string
		err  Error
		want string
	}{
		{"refused", Error{Method: "sendMessage", Code: 403, Refusal: Blocked}, "sendMessage: refused with 403: the account has blocked the bot, never wrote to it, or is deleted"},
		{"a page", Error{Method: "sendMessage", Code: 502, Effect: MaybeDone}, "sendMessage: status 502"},
		{"too many", Error{Method: "sendMessage", Code: 429, RetryAfter: 3 * time.Second}, "sendMessage: status 429 (wait 3s)"},
		{"no answer", Error{Method: "getUpdates", cause: errors.New("connection reset")}, "getUpdates: connection reset"},
		{"nothing known", Error{Method: "getUpdates"}, "getUpdates: failed"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Some of Telegram's descriptions quote the message, so none may be repeated.
func TestAnErrorDoesNotRepeatTheDescription(t *testing.T) {
	client := answers(t, saying(400, "Bad Request: can't parse entities: unexpected end of name canary-name"))
	_, err := client.Call(t.Context(), "sendMessage", Params{"text": "canary-name"})
	if !Refused(err, BadMarkup) || strings.Contains(forms(err), "canary") {
		t.Errorf("got %+v", err)
	}
}

func TestRefusedLooksThroughWrapping(t *testing.T) {
	err := fmt.Errorf("post: %w", &Error{Method: "sendMessage", Refusal: Blocked})
	if !Refused(err, Blocked) || Refused(err, ChatGone) || Refused(nil, Blocked) || Refused(errors.New("x"), NotRefused) {
		t.Error("Refused tells the wrong thing")
	}
}
