package telegram

import (
	"encoding/json"
	"fmt"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

// allowedUpdates names the kinds of update that are asked for; Telegram sends
// no others (Bot API, getUpdates).
const allowedUpdates = `["message","callback_query","my_chat_member"]`

// The types below are the parts of the Bot API's that are read. They are our
// own, since the library's end at a former version of the API and a field of a
// new form there would lose the whole update.
type (
	update struct {
		ID       int64          `json:"update_id"`
		Message  *message       `json:"message"`
		Callback *callbackQuery `json:"callback_query"`
		Member   *memberUpdated `json:"my_chat_member"`
	}

	message struct {
		ID        rollcall.MessageID `json:"message_id"`
		Date      int64              `json:"date"` // Unix seconds; 0 for a message that can no longer be read
		Chat      chat               `json:"chat"`
		From      *user              `json:"from"`
		Behalf    *chat              `json:"sender_chat"` // a group or channel that speaks in From's stead
		Text      string             `json:"text"`
		Entities  []entity           `json:"entities"`
		Caption   string             `json:"caption"`
		Photo     json.RawMessage    `json:"photo"`
		Document  *document          `json:"document"`
		MigrateTo rollcall.ChatID    `json:"migrate_to_chat_id"`
	}

	chat struct {
		ID   rollcall.ChatID `json:"id"`
		Type string          `json:"type"` // private, group, supergroup or channel
	}

	user struct {
		ID       rollcall.UserID `json:"id"`
		IsBot    bool            `json:"is_bot"`
		Language string          `json:"language_code"`
	}

	entity struct {
		Type   string `json:"type"`
		Offset int    `json:"offset"` // UTF-16 units
		Length int    `json:"length"` // UTF-16 units
	}

	document struct {
		FileID string `json:"file_id"`
		Name   string `json:"file_name"`
		Size   int64  `json:"file_size"`
	}

	callbackQuery struct {
		ID      string   `json:"id"`
		From    user     `json:"from"`
		Message *message `json:"message"` // absent, or without content, when too old
		Data    string   `json:"data"`
	}

	// A change of the bot's own membership.
	memberUpdated struct {
		Date int64      `json:"date"`
		Chat chat       `json:"chat"`
		New  chatMember `json:"new_chat_member"`
	}

	// What is read of the Bot API's ChatMember, whose fields depend on its status.
	chatMember struct {
		Status string `json:"status"`
		Post   bool   `json:"can_post_messages"`
		Edit   bool   `json:"can_edit_messages"`
		Send   bool   `json:"can_send_messages"`
	}
)

// decodeUpdate reads one update by itself. The id is read first: when the rest
// cannot be, the update can still be set aside by it. An update without an id
// has the id 0.
func decodeUpdate(raw json.RawMessage) (update, error) {
	var u update
	var head struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return u, fmt.Errorf("update without a readable id of %d bytes", len(raw))
	}
	u.ID = head.ID
	if err := json.Unmarshal(raw, &u); err != nil {
		// The decoder's text may quote the value.
		return update{ID: head.ID}, fmt.Errorf("update of %d bytes cannot be decoded", len(raw))
	}
	return u, nil
}

// chatKey is what updates are put in order by: those of one chat are handled
// one after the other.
func (u update) chatKey() rollcall.ChatID {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.Callback != nil && u.Callback.Message != nil:
		return u.Callback.Message.Chat.ID
	case u.Callback != nil:
		return u.Callback.From.ID.Chat()
	case u.Member != nil:
		return u.Member.Chat.ID
	}
	return 0
}

// mark tells the update from another one that bears its id. It is made of what
// Telegram does not change when it gives an update again.
func (u update) mark(k *secret.Keys) store.UpdateMark {
	var b strings.Builder
	switch {
	case u.Message != nil:
		fmt.Fprintf(&b, "message %d %d %d", u.Message.Chat.ID, u.Message.ID, u.Message.Date)
	case u.Callback != nil:
		fmt.Fprintf(&b, "callback %s", u.Callback.ID)
	case u.Member != nil:
		fmt.Fprintf(&b, "member %d %d", u.Member.Chat.ID, u.Member.Date)
	}
	return markOf(k, b.String())
}

func markOf(k *secret.Keys, text string) store.UpdateMark {
	tag := k.Mark("update\x00" + text)
	return store.UpdateMark(tag[:8])
}
