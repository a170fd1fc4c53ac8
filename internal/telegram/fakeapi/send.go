package fakeapi

import (
	"encoding/json"
	"strings"

	"rollcall/internal/rollcall"
)

// send finishes a message of the bot: what all send methods have in common.
func (s *Server) send(r *request, m *Message) (any, *apiError) {
	keyboard, board, e := s.markup(r)
	if e != nil {
		return nil, e
	}
	c, e := s.chatOf(r, toWrite)
	if e != nil {
		return nil, e
	}
	if r.int("message_thread_id") != 0 {
		return nil, badRequest("message thread not found")
	}
	if m.ReplyTo, e = s.replyTo(r, c); e != nil {
		return nil, e
	}
	if e := s.admit(c); e != nil {
		return nil, e
	}
	m.ReplyMarkup, m.ChatBoard = keyboard, board
	m.Protected = r.flag("protect_content")
	m.Silent = r.flag("disable_notification")
	m.Own = true
	if c.Type == "channel" {
		sender := c.Chat
		m.SenderChat = &sender
	} else {
		me := s.me
		m.From = &me
	}
	s.store(c, m)
	return *m, nil
}

// store puts a new message into a chat, forgetting the oldest.
func (s *Server) store(c *chat, m *Message) {
	c.nextID++
	m.MessageID, m.Chat, m.Date = c.nextID, c.Chat, s.now().Unix()
	c.messages = append(c.messages, m)
	if over := len(c.messages) - s.options.KeepMessages; over > 0 {
		c.messages = append([]*Message(nil), c.messages[over:]...)
	}
	s.touch(MessageNew, c, m)
}

// touch tells everybody that a message changed.
func (s *Server) touch(kind EventKind, c *chat, m *Message) {
	m.Seq = s.seq + 1
	shown := *m
	s.emit(Event{Kind: kind, Chat: c.ID, Message: &shown})
}

// replyTo finds the message that reply_parameters, or its former self
// reply_to_message_id, names.
func (s *Server) replyTo(r *request, c *chat) (*Message, *apiError) {
	p := struct {
		MessageID int64           `json:"message_id"`
		ChatID    json.RawMessage `json:"chat_id"`
		Lenient   bool            `json:"allow_sending_without_reply"`
	}{MessageID: r.int("reply_to_message_id"), Lenient: r.flag("allow_sending_without_reply")}
	given, err := r.decode("reply_parameters", &p)
	if err != nil {
		return nil, badRequest("can't parse reply parameters JSON object")
	}
	if given {
		s.foreignKeys(r, "reply_parameters", []byte(r.text("reply_parameters")), "message_id", "chat_id",
			"allow_sending_without_reply", "quote", "quote_parse_mode", "quote_entities", "quote_position")
	}
	if p.MessageID == 0 {
		return nil, nil
	}
	if len(p.ChatID) > 0 {
		var e *apiError
		if c, e = s.enter(strings.Trim(string(p.ChatID), `"`), toRead); e != nil {
			return nil, e
		}
	}
	m := c.message(rollcall.MessageID(p.MessageID))
	if m == nil || m.Deleted {
		if p.Lenient {
			return nil, nil
		}
		return nil, badRequest("message to be replied not found")
	}
	return quoted(m), nil
}

// quoted is a message as it appears in a reply or under a pressed button.
func quoted(m *Message) *Message {
	q := *m
	q.ReplyTo = nil
	return &q
}

// linkPreview reads link_preview_options, or its former self.
func (s *Server) linkPreview(r *request) (json.RawMessage, *apiError) {
	text := r.text("link_preview_options")
	if text == "" {
		if r.flag("disable_web_page_preview") {
			return json.RawMessage(`{"is_disabled":true}`), nil
		}
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil, badRequest("can't parse link preview options JSON object")
	}
	s.foreignKeys(r, "link_preview_options", []byte(text), "is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text")
	sorted, err := json.Marshal(fields) // so that two of them can be compared
	if err != nil {
		panic(err) // it has just been decoded
	}
	return sorted, nil
}

func (s *Server) sendMessage(r *request) (any, *apiError) {
	m := &Message{}
	var e *apiError
	if m.Text, m.Entities, e = s.messageText(r); e != nil {
		return nil, e
	}
	if m.LinkPreview, e = s.linkPreview(r); e != nil {
		return nil, e
	}
	return s.send(r, m)
}

func (s *Server) sendPhoto(r *request) (any, *apiError) {
	return s.sendFile(r, "photo")
}

func (s *Server) sendDocument(r *request) (any, *apiError) {
	return s.sendFile(r, "document")
}

func (s *Server) sendFile(r *request, kind string) (any, *apiError) {
	m := &Message{}
	var e *apiError
	if m.Caption, m.CaptionEntities, e = s.caption(r); e != nil {
		return nil, e
	}
	f, e := s.inputFile(r, kind)
	if e != nil {
		return nil, e
	}
	if kind == "photo" {
		m.Photo = f.sizes()
	} else {
		m.Document = f.document()
	}
	return s.send(r, m)
}
