package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A Chat is what the bot may know of a chat before it sends anything there.
type Chat struct {
	ID    rollcall.ChatID
	Type  string // "private", "group", "supergroup" or "channel" (Bot API, "ChatFullInfo")
	Title string // as its keepers wrote it, characters that a terminal would obey included; "" for a private chat
}

// Chat asks Telegram about a chat (getChat). Returns an error for which
// [Refused] with [ChatGone] holds where the bot knows no such chat, which is
// also so for a private channel that it is not in, and with [NoRights] where it
// was removed.
func (c *Client) Chat(ctx context.Context, id rollcall.ChatID) (Chat, error) {
	var a struct {
		ID    rollcall.ChatID `json:"id"`
		Type  string          `json:"type"`
		Title string          `json:"title"`
	}
	if err := c.ask(ctx, "getChat", Params{}.num("chat_id", int64(id)), &a); err != nil {
		return Chat{}, err
	}
	return Chat(a), nil
}

// A Membership is the bot's standing in a chat (Bot API, "ChatMember").
type Membership struct {
	Status string // "creator", "administrator", "member", "restricted", "left" or "kicked"
	Post   bool   // an administrator of a channel may post there: can_post_messages
	Edit   bool   // … and edit what others have posted: can_edit_messages
	Send   bool   // a restricted member of a supergroup may send messages: can_send_messages
}

// MaySend reports whether the bot may send messages to a chat of the given
// type. A right that a whole group has lost, for its members, is not in a
// membership.
func (m Membership) MaySend(chatType string) bool {
	switch m.Status {
	case "creator":
		return true
	case "administrator":
		return chatType != "channel" || m.Post
	case "member":
		return chatType != "channel"
	case "restricted":
		return m.Send
	}
	return false
}

// Membership asks Telegram for the bot's own standing in a chat
// (getChatMember). It fails as [Client.Chat] does.
func (c *Client) Membership(ctx context.Context, id rollcall.ChatID) (Membership, error) {
	var a chatMember
	if err := c.ask(ctx, "getChatMember", Params{}.num("chat_id", int64(id)).num("user_id", int64(c.ID)), &a); err != nil {
		return Membership{}, err
	}
	return Membership(a), nil
}

// Standing is what the bot is in a group or channel, as the store keeps it. A
// creator may edit what others have posted.
func (m Membership) Standing(c rollcall.ChatID, chatType string) store.Standing {
	return store.Standing{Chat: c, Type: chatType, Status: m.Status, Post: m.MaySend(chatType), Edit: m.Edit || m.Status == "creator"}
}

// Standing asks Telegram what the bot is in a group or channel. It fails as
// [Client.Chat] does.
func (c *Client) Standing(ctx context.Context, id rollcall.ChatID) (store.Standing, error) {
	chat, err := c.Chat(ctx, id)
	if err != nil {
		return store.Standing{}, err
	}
	m, err := c.Membership(ctx, id)
	if err != nil {
		return store.Standing{}, err
	}
	return m.Standing(id, chat.Type), nil
}

// HasWebhook reports whether Telegram sends the bot's updates to an address
// (getWebhookInfo), which keeps them from a poll. The address is not told: it
// tends to hold a secret.
func (c *Client) HasWebhook(ctx context.Context) (bool, error) {
	var a struct {
		URL string `json:"url"`
	}
	err := c.ask(ctx, "getWebhookInfo", Params{}, &a)
	return a.URL != "", err
}

// ask makes a call that changes nothing and decodes its result, an object.
func (c *Client) ask(ctx context.Context, method string, p Params, into any) error {
	raw, err := c.Call(ctx, method, p)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return &Error{Method: method, cause: errors.New("the result is not of the Bot API's form")}
	}
	return nil
}

// Reach asks the Bot API server for its front page, without a token. It returns
// no error where anything there speaks HTTP, whatever it answers, and the time
// that it gives as its own (RFC 9110, "Date", whole seconds); zero where it
// gives none. A redirect is not followed. Errors are of net/http, and hold the
// address.
func Reach(ctx context.Context, api string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimRight(api, "/")+"/", nil)
	if err != nil {
		return time.Time{}, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	defer t.CloseIdleConnections()
	res, err := t.RoundTrip(req)
	if err != nil {
		return time.Time{}, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	at, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil
	}
	return at.UTC(), nil
}
