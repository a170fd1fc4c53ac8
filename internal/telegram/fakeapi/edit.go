package fakeapi

import (
	"reflect"
	"time"

	"rollcall/internal/rollcall"
)

// deletable is how long a message can be deleted where the bot has no right to
// delete any (Bot API deleteMessage).
const deletable = 48 * time.Hour

// target finds the message that an edit method names.
func (s *Server) target(r *request) (*chat, *Message, *apiError) {
	if r.int("message_id") == 0 {
		return nil, nil, badRequest("message identifier is not specified")
	}
	c, e := s.chatOf(r, toEdit)
	if e != nil {
		return nil, nil, e
	}
	m := c.message(rollcall.MessageID(r.int("message_id")))
	switch {
	case m == nil || m.Deleted:
		return nil, nil, badRequest("message to edit not found")
	case !m.Own && !(c.Type == "channel" && c.members[s.me.ID].CanEdit), m.ChatBoard != nil, m.MigrateTo != 0, m.MigrateFrom != 0:
		return nil, nil, badRequest("message can't be edited")
	}
	return c, m, nil
}

// edit gives a message new content where it differs from the old.
func (s *Server) edit(r *request, change func(*Message) *apiError) (any, *apiError) {
	keyboard, board, e := s.markup(r)
	if e != nil {
		return nil, e
	}
	if board != nil {
		return nil, badRequest("inline keyboard expected")
	}
	c, m, e := s.target(r)
	if e != nil {
		return nil, e
	}
	edited := *m
	edited.ReplyMarkup = keyboard
	if e := change(&edited); e != nil {
		return nil, e
	}
	if reflect.DeepEqual(edited, *m) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if s.limits.Edits {
		if e := s.admit(c); e != nil {
			return nil, e
		}
	}
	edited.EditDate = s.now().Unix()
	edited.Edits++
	*m = edited
	s.touch(MessageEdited, c, m)
	return *m, nil
}

func (s *Server) editMessageText(r *request) (any, *apiError) {
	text, entities, e := s.messageText(r)
	if e != nil {
		return nil, e
	}
	preview, e := s.linkPreview(r)
	if e != nil {
		return nil, e
	}
	return s.edit(r, func(m *Message) *apiError {
		if m.Text == "" {
			return badRequest("there is no text in the message to edit")
		}
		m.Text, m.Entities, m.LinkPreview = text, entities, preview
		return nil
	})
}

func (s *Server) editMessageCaption(r *request) (any, *apiError) {
	text, entities, e := s.caption(r)
	if e != nil {
		return nil, e
	}
	return s.edit(r, func(m *Message) *apiError {
		if m.Photo == nil && m.Document == nil {
			return badRequest("there is no caption in the message to edit")
		}
		m.Caption, m.CaptionEntities = text, entities
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(r *request) (any, *apiError) {
	return s.edit(r, func(*Message) *apiError { return nil })
}

func (s *Server) deleteMessage(r *request) (any, *apiError) {
	if r.int("message_id") == 0 {
		return nil, badRequest("message identifier is not specified")
	}
	c, e := s.chatOf(r, toEdit)
	if e != nil {
		return nil, e
	}
	m := c.message(rollcall.MessageID(r.int("message_id")))
	if m == nil || m.Deleted {
		return nil, badRequest("message to delete not found")
	}
	me := c.members[s.me.ID]
	old := s.now().Sub(time.Unix(m.Date, 0)) > deletable
	mayAny := me.Status == "creator" || me.admin() && me.CanDelete
	if !mayAny && (old || !m.Own && !c.ID.Private()) {
		return nil, badRequest("message can't be deleted")
	}
	s.remove(c, m)
	return true, nil
}

func (s *Server) remove(c *chat, m *Message) {
	m.Deleted = true
	s.touch(MessageDeleted, c, m)
}
