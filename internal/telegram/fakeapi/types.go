package fakeapi

import (
	"encoding/json"

	"rollcall/internal/rollcall"
)

// A User is a person or the bot (Bot API "User").
type User struct {
	ID           rollcall.UserID `json:"id"`
	IsBot        bool            `json:"is_bot"`
	FirstName    string          `json:"first_name"`
	LastName     string          `json:"last_name,omitempty"`
	Username     string          `json:"username,omitempty"`
	LanguageCode string          `json:"language_code,omitempty"`

	// Started says that the person has written to the bot before, so that the
	// bot may write first. The first message in private sets it.
	Started bool `json:"-"`
}

// A Chat is a place where messages are (Bot API "Chat"). Type is "private",
// "group", "supergroup" or "channel".
type Chat struct {
	ID        rollcall.ChatID `json:"id"`
	Type      string          `json:"type"`
	Title     string          `json:"title,omitempty"`
	Username  string          `json:"username,omitempty"` // without @
	FirstName string          `json:"first_name,omitempty"`
	LastName  string          `json:"last_name,omitempty"`
}

// A Member is somebody's standing in a chat. Status is "creator",
// "administrator", "member", "left" or "kicked"; the rights count for an
// administrator only, CanPost and CanEdit in a channel only.
type Member struct {
	Status    string
	CanPost   bool // can_post_messages
	CanEdit   bool // can_edit_messages: the messages of others
	CanDelete bool // can_delete_messages
}

func (m Member) present() bool {
	return m.Status == "creator" || m.Status == "administrator" || m.Status == "member"
}

func (m Member) admin() bool { return m.Status == "creator" || m.Status == "administrator" }

// An Entity is a formatted part of a text (Bot API "MessageEntity"). Offset and
// Length count UTF-16 code units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

// A PhotoSize is a photo in one size.
type PhotoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int    `json:"file_size"` // bytes
	Width        int    `json:"width"`
	Height       int    `json:"height"`
}

// A Document is a file in a message.
type Document struct {
	FileName     string `json:"file_name,omitempty"`
	MimeType     string `json:"mime_type,omitempty"`
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int    `json:"file_size"` // bytes
}

// A Sticker is a sticker in a message; its file cannot be fetched.
type Sticker struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Type         string `json:"type"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	Emoji        string `json:"emoji,omitempty"`
}

// A Keyboard is an inline keyboard: rows of buttons under a message.
type Keyboard struct {
	Rows [][]Button `json:"inline_keyboard"`
}

// A Button is a button of an inline keyboard. One of the fields but Text is set.
type Button struct {
	Text              string          `json:"text"`
	URL               string          `json:"url,omitempty"`
	CallbackData      string          `json:"callback_data,omitempty"`
	SwitchInline      *string         `json:"switch_inline_query,omitempty"`
	SwitchInlineHere  *string         `json:"switch_inline_query_current_chat,omitempty"`
	SwitchInlineChose json.RawMessage `json:"switch_inline_query_chosen_chat,omitempty"`
	CopyText          *CopyText       `json:"copy_text,omitempty"`
	WebApp            json.RawMessage `json:"web_app,omitempty"`
	LoginURL          json.RawMessage `json:"login_url,omitempty"`
}

// CopyText is what a button copies to the clipboard.
type CopyText struct {
	Text string `json:"text"`
}

// A Message is a message as the bot is told of it (Bot API "Message"), with
// what only the server knows. Its slices and pointers are shared with the
// server: read them, do not change them.
type Message struct {
	MessageID       rollcall.MessageID `json:"message_id"`
	From            *User              `json:"from,omitempty"`
	SenderChat      *Chat              `json:"sender_chat,omitempty"`
	Date            int64              `json:"date"` // Unix seconds
	EditDate        int64              `json:"edit_date,omitempty"`
	Chat            Chat               `json:"chat"`
	ReplyTo         *Message           `json:"reply_to_message,omitempty"`
	Text            string             `json:"text,omitempty"`
	Entities        []Entity           `json:"entities,omitempty"`
	Caption         string             `json:"caption,omitempty"`
	CaptionEntities []Entity           `json:"caption_entities,omitempty"`
	LinkPreview     json.RawMessage    `json:"link_preview_options,omitempty"`
	Photo           []PhotoSize        `json:"photo,omitempty"`
	Document        *Document          `json:"document,omitempty"`
	Sticker         *Sticker           `json:"sticker,omitempty"`
	ReplyMarkup     *Keyboard          `json:"reply_markup,omitempty"`
	Protected       bool               `json:"has_protected_content,omitempty"`
	MigrateTo       rollcall.ChatID    `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom     rollcall.ChatID    `json:"migrate_from_chat_id,omitempty"`

	Own       bool            `json:"-"` // the bot sent it
	Deleted   bool            `json:"-"`
	Edits     int             `json:"-"` // how often it was edited
	Silent    bool            `json:"-"` // sent with disable_notification
	ChatBoard json.RawMessage `json:"-"` // a reply_markup that is no inline keyboard, as it was given
	Seq       int64           `json:"-"` // of the last change; compare with [Sent.Seq]
}

// Body returns the text, or the caption where there is a photo or document.
func (m Message) Body() string {
	if m.Text != "" {
		return m.Text
	}
	return m.Caption
}

// BodyEntities returns the entities of [Message.Body].
func (m Message) BodyEntities() []Entity {
	if m.Text != "" {
		return m.Entities
	}
	return m.CaptionEntities
}

// HTML returns the body as HTML in Telegram's own tags, every value escaped.
// Line breaks stay as they are.
func (m Message) HTML() string { return renderHTML(m.Body(), m.BodyEntities()) }

// Labels returns the texts of the inline buttons, row by row.
func (m Message) Labels() []string {
	var labels []string
	for _, b := range m.buttons() {
		labels = append(labels, b.Text)
	}
	return labels
}

// Button finds an inline button by its label or, when none has that, by its
// callback data.
func (m Message) Button(labelOrData string) (b Button, ok bool) {
	buttons := m.buttons()
	for _, b := range buttons {
		if b.Text == labelOrData {
			return b, true
		}
	}
	for _, b := range buttons {
		if b.CallbackData != "" && b.CallbackData == labelOrData {
			return b, true
		}
	}
	return Button{}, false
}

func (m Message) buttons() []Button {
	if m.ReplyMarkup == nil {
		return nil
	}
	var all []Button
	for _, row := range m.ReplyMarkup.Rows {
		all = append(all, row...)
	}
	return all
}
