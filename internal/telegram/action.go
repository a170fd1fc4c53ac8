package telegram

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

// An Action is one thing to do at Telegram's end in answer to an update. It is
// plain data: an answer that is owed outlives the process that made it.
type Action struct {
	Kind     ActionKind         `json:"kind"`
	Chat     rollcall.ChatID    `json:"chat,omitempty"`
	Message  rollcall.MessageID `json:"message,omitempty"`  // to edit or delete
	ReplyTo  rollcall.MessageID `json:"reply_to,omitempty"` // the message of the chat that this one answers; without it where that is gone
	Query    string             `json:"query,omitempty"`    // the press to answer
	Text     render.HTML        `json:"text,omitempty"`     // a toast's is plain
	Buttons  [][]render.Button  `json:"buttons,omitempty"`
	Protect  bool               `json:"protect,omitempty"`
	Silent   bool               `json:"silent,omitempty"`  // without a sound
	Expires  time.Duration      `json:"expires,omitempty"` // the message is deleted so long after it was sent; 0 for never
	Photo    []byte             `json:"photo,omitempty"`   // PNG
	FileID   string             `json:"file_id,omitempty"` // a photo that Telegram has
	Document []byte             `json:"document,omitempty"`
	Name     string             `json:"name,omitempty"` // of the document
}

// An ActionKind says which method of the Bot API an action calls.
type ActionKind string

// The kinds.
const (
	ActSay      ActionKind = "say"      // sendMessage
	ActEdit     ActionKind = "edit"     // editMessageText; sendMessage where the message cannot be edited
	ActButtons  ActionKind = "buttons"  // editMessageReplyMarkup
	ActToast    ActionKind = "toast"    // answerCallbackQuery
	ActPhoto    ActionKind = "photo"    // sendPhoto
	ActDocument ActionKind = "document" // sendDocument
	ActDelete   ActionKind = "delete"   // deleteMessage
	ActCompare  ActionKind = "compare"  // editMessageText or editMessageCaption: see [Sender.Compare]
)

// Delete deletes a message. That it is gone already is no error worth a try more.
func Delete(c rollcall.ChatID, id rollcall.MessageID) Action {
	return Action{Kind: ActDelete, Chat: c, Message: id}
}

// Say sends a message.
func Say(c rollcall.ChatID, m render.Message) Action {
	return Action{Kind: ActSay, Chat: c, Text: m.Text, Buttons: m.Buttons, Protect: m.Protect}
}

// Photo sends a picture, by its bytes or by the id that Telegram gave it, with
// the message as its caption.
func Photo(c rollcall.ChatID, png []byte, fileID string, m render.Message) Action {
	return Action{Kind: ActPhoto, Chat: c, Photo: png, FileID: fileID, Text: m.Text, Buttons: m.Buttons, Protect: m.Protect}
}

// SendDocument sends a file.
func SendDocument(c rollcall.ChatID, name string, content []byte, m render.Message) Action {
	return Action{Kind: ActDocument, Chat: c, Document: content, Name: name, Text: m.Text, Buttons: m.Buttons, Protect: m.Protect}
}

// PostAction makes a post's action from its frozen parts.
func PostAction(c rollcall.ChatID, png []byte, fileID string, m render.Message) Action {
	if png != nil || fileID != "" {
		return Photo(c, png, fileID, m)
	}
	return Say(c, m)
}

// split makes several messages of one whose text is over the limit. The buttons
// stand under the last.
func (a Action) split() []Action {
	limit := render.MaxTextUTF16
	switch a.Kind {
	case ActPhoto, ActDocument:
		limit = render.MaxCaptionUTF16
	case ActToast, ActButtons, ActDelete:
		return []Action{a}
	}
	if len(a.Text) <= limit { // bytes, of which UTF-16 has never more units
		return []Action{a}
	}
	pieces := render.Split(a.Text, limit)
	if len(pieces) < 2 {
		return []Action{a}
	}
	out := make([]Action, len(pieces))
	for i, p := range pieces {
		out[i] = Action{Kind: ActSay, Chat: a.Chat, Text: p, Protect: a.Protect, Silent: a.Silent}
	}
	first := a
	first.Text, first.Buttons = pieces[0], nil
	out[0] = first
	out[len(out)-1].Buttons = a.Buttons
	return out
}

// A sentMessage is what Telegram says that it made.
type sentMessage struct {
	ID    rollcall.MessageID `json:"message_id"`
	Photo []struct {
		FileID string `json:"file_id"`
		Width  int    `json:"width"`
	} `json:"photo"`
}

// fileID returns the id of the largest size of the photo, or "".
func (m sentMessage) fileID() string {
	id, width := "", 0
	for _, p := range m.Photo {
		if p.Width >= width {
			id, width = p.FileID, p.Width
		}
	}
	return id
}

// perform makes the one call that the action stands for.
func (c *Client) perform(ctx context.Context, a Action) (m sentMessage, err error) {
	p := Params{}
	if a.Kind != ActToast {
		p.num("chat_id", int64(a.Chat))
		if len(a.Buttons) > 0 {
			p.json("reply_markup", keyboard(a.Buttons))
		}
		if a.Protect && a.Kind != ActEdit && a.Kind != ActButtons && a.Kind != ActCompare {
			p["protect_content"] = "true"
		}
		if a.Silent && a.Kind != ActEdit && a.Kind != ActButtons {
			p["disable_notification"] = "true"
		}
		if a.ReplyTo != 0 && a.Kind != ActEdit && a.Kind != ActButtons {
			p.json("reply_parameters", replyParameters{a.ReplyTo, true})
		}
	}
	text := func(key string) {
		if a.Text != "" {
			p[key], p["parse_mode"] = string(a.Text), "HTML"
		}
	}
	var raw json.RawMessage
	switch a.Kind {
	case ActSay, ActEdit:
		text("text")
		p["link_preview_options"] = `{"is_disabled":true}`
		method := "sendMessage"
		if a.Kind == ActEdit {
			method = "editMessageText"
			p.num("message_id", int64(a.Message))
		}
		raw, err = c.Call(ctx, method, p)
		if Refused(err, NotModified) {
			return sentMessage{ID: a.Message}, nil
		}
	case ActCompare:
		return m, c.compare(ctx, a, p)
	case ActButtons:
		p.num("message_id", int64(a.Message))
		_, err = c.Call(ctx, "editMessageReplyMarkup", p)
		if Refused(err, NotModified) {
			err = nil
		}
		return sentMessage{ID: a.Message}, err
	case ActDelete:
		p.num("message_id", int64(a.Message))
		_, err = c.Call(ctx, "deleteMessage", p)
		return m, err
	case ActToast:
		p["callback_query_id"] = a.Query
		if a.Text != "" {
			p["text"] = string(a.Text)
		}
		_, err = c.Call(ctx, "answerCallbackQuery", p)
		return m, err
	case ActPhoto:
		text("caption")
		if a.FileID != "" {
			p["photo"] = a.FileID
			raw, err = c.Call(ctx, "sendPhoto", p)
		} else {
			raw, err = c.Upload(ctx, "sendPhoto", p, File{Field: "photo", Name: "chart.png", Bytes: a.Photo})
		}
	case ActDocument:
		text("caption")
		raw, err = c.Upload(ctx, "sendDocument", p, File{Field: "document", Name: a.Name, Bytes: a.Document})
	}
	if err != nil {
		return m, err
	}
	// The call succeeded whatever the result looks like; editMessageText gives
	// true for some messages.
	_ = json.Unmarshal(raw, &m)
	return m, nil
}

// replyParameters are the Bot API's ReplyParameters.
type replyParameters struct {
	Message rollcall.MessageID `json:"message_id"`
	Lenient bool               `json:"allow_sending_without_reply"`
}

type inlineButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

func keyboard(rows [][]render.Button) any {
	out := make([][]inlineButton, 0, len(rows))
	for _, row := range rows {
		r := make([]inlineButton, 0, len(row))
		for _, b := range row {
			r = append(r, inlineButton{Text: b.Label, Data: b.Data, URL: b.URL})
		}
		out = append(out, r)
	}
	return map[string]any{"inline_keyboard": out}
}

// plain is the action without markup, for the case that Telegram cannot parse
// it: a plain answer is better than none.
func (a Action) plain() Action {
	a.Text = render.Escape(render.Plain(a.Text))
	return a
}

// toastText is a toast's text within the Bot API's limit of 200 characters.
func toastText(h render.HTML) render.HTML {
	s := render.Plain(h)
	if r := []rune(s); len(r) > 200 {
		s = strings.TrimSpace(string(r[:199])) + "…"
	}
	return render.HTML(s)
}
