package fakeapi

import (
	"strconv"
	"strings"

	"rollcall/internal/rollcall"
)

type user struct {
	User
	blocked, deactivated bool
}

type chat struct {
	Chat
	members    map[rollcall.UserID]Member // the bot included
	messages   []*Message                 // oldest first
	nextID     rollcall.MessageID
	migratedTo rollcall.ChatID
	allowance  allowance
}

func (c *chat) message(id rollcall.MessageID) *Message {
	for i := len(c.messages) - 1; i >= 0; i-- {
		if m := c.messages[i]; m.MessageID == id {
			return m
		}
	}
	return nil
}

// lookup finds a chat by the text of a chat_id, an id or @name.
func (s *Server) lookup(id string) *chat {
	if name, ok := strings.CutPrefix(id, "@"); ok {
		for _, c := range s.chats {
			if !c.ID.Private() && c.Username != "" && strings.EqualFold(c.Username, name) {
				return c
			}
		}
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
	if err != nil {
		return nil
	}
	return s.chats[rollcall.ChatID(n)]
}

// access is what a call wants of a chat.
type access int

const (
	toRead access = iota
	toEdit
	toWrite
)

// chatOf finds the chat of a call and checks what the bot may do there.
func (s *Server) chatOf(r *request, need access) (*chat, *apiError) {
	id := r.text("chat_id")
	if id == "" {
		return nil, badRequest("chat_id is empty")
	}
	return s.enter(id, need)
}

func (s *Server) enter(id string, need access) (*chat, *apiError) {
	c := s.lookup(id)
	if c == nil {
		return nil, badRequest("chat not found")
	}
	if c.ID.Private() {
		u := s.users[rollcall.UserID(c.ID)]
		switch {
		case need == toRead && !u.Started:
			return nil, badRequest("chat not found")
		case need == toRead:
		case u.deactivated:
			return nil, forbidden("user is deactivated")
		case u.IsBot:
			return nil, forbidden("bot can't send messages to bots")
		case !u.Started:
			return nil, forbidden("bot can't initiate conversation with a user")
		case u.blocked && need == toWrite:
			return nil, forbidden("bot was blocked by the user")
		}
		return c, nil
	}
	me := c.members[s.me.ID]
	switch {
	case c.migratedTo != 0 && need == toWrite:
		e := badRequest("group chat was upgraded to a supergroup chat")
		e.migrateTo = int64(c.migratedTo)
		return nil, e
	case me.Status == "kicked":
		return nil, forbidden("bot was kicked from the " + c.Type + " chat")
	case !me.present() && (need != toRead || c.Username == ""):
		return nil, forbidden("bot is not a member of the " + c.Type + " chat")
	case c.Type == "channel" && need == toWrite && !(me.Status == "creator" || me.admin() && me.CanPost):
		return nil, badRequest("need administrator rights in the channel chat")
	}
	return c, nil
}

// memberObject is a ChatMember of the API.
func memberObject(c *chat, u User, m Member) map[string]any {
	if m.Status == "" {
		m.Status = "left"
	}
	o := map[string]any{"user": u, "status": m.Status}
	switch m.Status {
	case "creator":
		o["is_anonymous"] = false
	case "administrator":
		o["can_be_edited"], o["is_anonymous"], o["can_manage_chat"] = false, false, true
		o["can_delete_messages"] = m.CanDelete
		for _, right := range []string{"can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"} {
			o[right] = false
		}
		if c.Type == "channel" {
			o["can_post_messages"], o["can_edit_messages"] = m.CanPost, m.CanEdit
		} else {
			o["can_pin_messages"] = false
		}
	case "kicked":
		o["until_date"] = 0
	}
	return o
}

func (s *Server) getChat(r *request) (any, *apiError) {
	c, e := s.chatOf(r, toRead)
	if e != nil {
		return nil, e
	}
	return struct {
		Chat
		AccentColorID    int `json:"accent_color_id"`
		MaxReactionCount int `json:"max_reaction_count"`
	}{c.Chat, 0, 11}, nil
}

func (s *Server) getChatMember(r *request) (any, *apiError) {
	c, e := s.chatOf(r, toRead)
	if e != nil {
		return nil, e
	}
	id := rollcall.UserID(r.int("user_id"))
	if id <= 0 {
		return nil, badRequest("invalid user_id specified")
	}
	if id == s.me.ID {
		if c.ID.Private() {
			return memberObject(c, s.me, Member{Status: "member"}), nil
		}
		return memberObject(c, s.me, c.members[id]), nil
	}
	u := s.users[id]
	switch {
	case u == nil:
		return nil, badRequest("PARTICIPANT_ID_INVALID")
	case c.Type == "channel" && !c.members[s.me.ID].admin():
		return nil, badRequest("CHAT_ADMIN_REQUIRED")
	case c.ID == id.Chat():
		return memberObject(c, u.User, Member{Status: "member"}), nil
	}
	return memberObject(c, u.User, c.members[id]), nil
}

func (s *Server) sendChatAction(r *request) (any, *apiError) {
	switch r.text("action") {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note":
	default:
		return nil, badRequest("wrong parameter action in request")
	}
	c, e := s.chatOf(r, toWrite)
	if e != nil {
		return nil, e
	}
	s.emit(Event{Kind: Action, Chat: c.ID, Text: r.text("action")})
	return true, nil
}
