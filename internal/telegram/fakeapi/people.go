package fakeapi

import (
	"errors"
	"slices"
	"strings"

	"rollcall/internal/rollcall"
)

// Errors of what people do. What they refuse is also noted in
// [Server.Problems], so that a test that drops the error still sees it.
var (
	ErrNoUser    = errors.New("fakeapi: no such user")
	ErrNoChat    = errors.New("fakeapi: no such chat")
	ErrNoMessage = errors.New("fakeapi: no such message")
	ErrNoButton  = errors.New("fakeapi: no such button that can be pressed")
	ErrBlocked   = errors.New("fakeapi: the user has blocked the bot")
	ErrCannot    = errors.New("fakeapi: that cannot be done in this chat")
)

// Sent says what became of something that somebody did.
type Sent struct {
	UpdateID  int64              // 0 when the bot is not told
	MessageID rollcall.MessageID // of the message that was sent or acted on
	Seq       int64              // messages that change later have a greater one
}

// AddUser adds somebody, with a private chat of the same number, or renames
// them. It panics where the id is not positive or is the bot's.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID <= 0 || u.ID == s.me.ID {
		panic("fakeapi: AddUser: the id must be positive and not the bot's")
	}
	if old := s.users[u.ID]; old != nil {
		u.Started = u.Started || old.Started
		old.User = u
	} else {
		s.users[u.ID] = &user{User: u}
	}
	private := Chat{ID: u.ID.Chat(), Type: "private", FirstName: u.FirstName, LastName: u.LastName, Username: u.Username}
	if c := s.chats[private.ID]; c != nil {
		c.Chat = private
		return
	}
	s.chats[private.ID] = &chat{Chat: private}
}

// AddChat adds a group, supergroup or channel, or renames it. The bot is an
// administrator of a channel, with the rights to post and to delete but not to
// edit what others post, and a plain member elsewhere; [Server.SetMember]
// changes that. It panics where the id is not negative or the type is another.
func (s *Server) AddChat(c Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ID >= 0 || c.Type != "group" && c.Type != "supergroup" && c.Type != "channel" {
		panic("fakeapi: AddChat: the id must be negative, the type group, supergroup or channel")
	}
	if old := s.chats[c.ID]; old != nil {
		old.Chat = c
		return
	}
	bot := Member{Status: "member"}
	if c.Type == "channel" {
		bot = Member{Status: "administrator", CanPost: true, CanDelete: true}
	}
	s.chats[c.ID] = &chat{Chat: c, members: map[rollcall.UserID]Member{s.me.ID: bot}}
}

// refuse notes an error of a test's order to people.
func (s *Server) refuse(what string, err error) (Sent, error) {
	s.problem(what + ": " + err.Error())
	return Sent{}, err
}

// place finds who acts where. Whoever acts in a group is a member of it.
func (s *Server) place(from rollcall.UserID, in rollcall.ChatID) (*user, *chat, error) {
	u, c := s.users[from], s.chats[in]
	switch {
	case u == nil:
		return nil, nil, ErrNoUser
	case c == nil:
		return nil, nil, ErrNoChat
	case c.ID.Private() && c.ID != from.Chat(), c.Type == "channel", c.migratedTo != 0:
		return nil, nil, ErrCannot
	case c.ID.Private() && u.blocked:
		return nil, nil, ErrBlocked
	}
	if !c.ID.Private() && !c.members[from].present() {
		c.members[from] = Member{Status: "member"}
	}
	return u, c, nil
}

// say stores somebody's message and tells the bot of it.
func (s *Server) say(what string, from rollcall.UserID, in rollcall.ChatID, fill func(*chat, *Message) error) (Sent, error) {
	u, c, err := s.place(from, in)
	if err != nil {
		return s.refuse(what, err)
	}
	who := u.User
	m := &Message{From: &who}
	if err := fill(c, m); err != nil {
		return s.refuse(what, err)
	}
	if c.ID.Private() {
		u.Started = true
	}
	s.store(c, m)
	sent := Sent{MessageID: m.MessageID, Seq: m.Seq}
	if s.hears(c, m) {
		sent.UpdateID = s.push("message", m)
	}
	return sent, nil
}

// hears reports whether the bot is told of a message. In a group it is in
// privacy mode unless it is an administrator: it gets commands, if not addressed
// to another bot, and replies to itself.
func (s *Server) hears(c *chat, m *Message) bool {
	if c.ID.Private() {
		return true
	}
	me := c.members[s.me.ID]
	if !me.present() || me.admin() {
		return me.present()
	}
	if m.ReplyTo != nil && m.ReplyTo.Own {
		return true
	}
	at := utf16Offsets(m.Body())
	for _, e := range m.BodyEntities() {
		if e.Type != "bot_command" {
			continue
		}
		_, name, addressed := strings.Cut(m.Body()[at[e.Offset]:at[e.Offset+e.Length]], "@")
		return !addressed || strings.EqualFold(name, s.me.Username)
	}
	return false
}

// typed is a text as a client sends it.
func typed(text string) (string, []Entity) {
	text, _ = tidy(text, nil)
	return text, findEntities(text, nil)
}

var errEmpty = errors.New("fakeapi: the text is empty or longer than a client sends")

func (m *Message) setText(text string) error {
	m.Text, m.Entities = typed(text)
	if m.Text == "" || utf16Len(m.Text) > maxTextUTF16 {
		return errEmpty
	}
	return nil
}

// Send makes somebody write a text in a chat; the private chat has the number
// of the user. Commands, @names and addresses become entities. Returns
// ErrNoUser, ErrNoChat, ErrCannot (another's private chat, a channel, a group
// that has migrated) or ErrBlocked.
func (s *Server) Send(from rollcall.UserID, in rollcall.ChatID, text string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say("Send", from, in, func(_ *chat, m *Message) error { return m.setText(text) })
}

// Reply is Send in reply to a message; ErrNoMessage when there is none.
func (s *Server) Reply(from rollcall.UserID, in rollcall.ChatID, to rollcall.MessageID, text string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say("Reply", from, in, func(c *chat, m *Message) error {
		old := c.message(to)
		if old == nil || old.Deleted {
			return ErrNoMessage
		}
		m.ReplyTo = quoted(old)
		return m.setText(text)
	})
}

// SendPhoto makes somebody send a photo; data need not be a real one.
func (s *Server) SendPhoto(from rollcall.UserID, in rollcall.ChatID, data []byte, caption string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say("SendPhoto", from, in, func(_ *chat, m *Message) error {
		m.Photo = s.files.add("photo.jpg", data, true).sizes()
		m.Caption, m.CaptionEntities = typed(caption)
		return nil
	})
}

// SendDocument makes somebody send a file.
func (s *Server) SendDocument(from rollcall.UserID, in rollcall.ChatID, name string, data []byte, caption string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say("SendDocument", from, in, func(_ *chat, m *Message) error {
		m.Document = s.files.add(name, data, false).document()
		m.Caption, m.CaptionEntities = typed(caption)
		return nil
	})
}

// SendSticker makes somebody send a sticker.
func (s *Server) SendSticker(from rollcall.UserID, in rollcall.ChatID, emoji string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say("SendSticker", from, in, func(_ *chat, m *Message) error {
		m.Sticker = &Sticker{FileID: "CAACAgIAAxkBAAI", FileUniqueID: "AgADAQ", Type: "regular", Width: 512, Height: 512, Emoji: emoji}
		return nil
	})
}

// Edit makes somebody change the text of their own message.
func (s *Server) Edit(from rollcall.UserID, in rollcall.ChatID, id rollcall.MessageID, text string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, c, err := s.place(from, in)
	if err != nil {
		return s.refuse("Edit", err)
	}
	m := c.message(id)
	if m == nil || m.Deleted || m.From == nil || m.From.ID != from || m.Text == "" {
		return s.refuse("Edit", ErrNoMessage)
	}
	edited := *m
	if err := edited.setText(text); err != nil {
		return s.refuse("Edit", err)
	}
	edited.EditDate = s.now().Unix()
	edited.Edits++
	*m = edited
	s.touch(MessageEdited, c, m)
	sent := Sent{MessageID: id, Seq: m.Seq}
	if s.hears(c, m) {
		sent.UpdateID = s.push("edited_message", m)
	}
	return sent, nil
}

// Delete makes somebody delete a message, of which a bot is not told.
func (s *Server) Delete(in rollcall.ChatID, id rollcall.MessageID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[in]
	if c == nil {
		_, err := s.refuse("Delete", ErrNoChat)
		return err
	}
	m := c.message(id)
	if m == nil || m.Deleted {
		_, err := s.refuse("Delete", ErrNoMessage)
		return err
	}
	s.remove(c, m)
	return nil
}

// ChannelPost posts in a channel on behalf of another administrator.
func (s *Server) ChannelPost(in rollcall.ChatID, text string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[in]
	if c == nil || c.Type != "channel" {
		return s.refuse("ChannelPost", ErrNoChat)
	}
	sender := c.Chat
	m := &Message{SenderChat: &sender}
	if err := m.setText(text); err != nil {
		return s.refuse("ChannelPost", err)
	}
	s.store(c, m)
	sent := Sent{MessageID: m.MessageID, Seq: m.Seq}
	if c.members[s.me.ID].admin() {
		sent.UpdateID = s.push("channel_post", m)
	}
	return sent, nil
}

// Block makes somebody block the bot.
func (s *Server) Block(id rollcall.UserID) (Sent, error) { return s.setBlocked("Block", id, true) }

// Unblock takes Block back, which also counts as a start.
func (s *Server) Unblock(id rollcall.UserID) (Sent, error) { return s.setBlocked("Unblock", id, false) }

func (s *Server) setBlocked(what string, id rollcall.UserID, blocked bool) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return s.refuse(what, ErrNoUser)
	}
	if u.blocked == blocked {
		return Sent{Seq: s.seq}, nil
	}
	was, is := Member{Status: "member"}, Member{Status: "kicked"}
	if !blocked {
		was, is = is, was
		u.Started = true
	}
	u.blocked = blocked
	update := s.memberUpdate("my_chat_member", s.chats[id.Chat()], u.User, s.me, was, is)
	return Sent{UpdateID: update, Seq: s.seq}, nil
}

// Deactivate deletes somebody's account: whatever is sent to them is refused.
func (s *Server) Deactivate(id rollcall.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		_, err := s.refuse("Deactivate", ErrNoUser)
		return err
	}
	u.deactivated = true
	return nil
}

// SetMember changes somebody's standing in a group or channel, or the bot's own
// ([Server.Bot]), and tells the bot where it is to know.
func (s *Server) SetMember(in rollcall.ChatID, id rollcall.UserID, is Member) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[in]
	switch {
	case c == nil:
		return s.refuse("SetMember", ErrNoChat)
	case c.ID.Private():
		return s.refuse("SetMember", ErrCannot)
	}
	was := c.members[id]
	by := User{ID: 777000, FirstName: "Telegram"}
	if id == s.me.ID {
		c.members[id] = is
		update := s.memberUpdate("my_chat_member", c, by, s.me, was, is)
		return Sent{UpdateID: update, Seq: s.seq}, nil
	}
	u := s.users[id]
	if u == nil {
		return s.refuse("SetMember", ErrNoUser)
	}
	c.members[id] = is
	sent := Sent{Seq: s.seq}
	if c.members[s.me.ID].admin() {
		sent.UpdateID = s.memberUpdate("chat_member", c, by, u.User, was, is)
	}
	return sent, nil
}

func (s *Server) memberUpdate(kind string, c *chat, by, who User, was, is Member) int64 {
	s.emit(Event{Kind: MemberChanged, Chat: c.ID, User: who.ID})
	return s.push(kind, map[string]any{
		"chat": c.Chat, "from": by, "date": s.now().Unix(),
		"old_chat_member": memberObject(c, who, was), "new_chat_member": memberObject(c, who, is),
	})
}

// Migrate turns a group into a supergroup and returns its new id. What is sent
// to the old id is answered with it from now on, and both chats get Telegram's
// service message. Returns ErrNoChat where there is no group of that id.
func (s *Server) Migrate(in rollcall.ChatID) (rollcall.ChatID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[in]
	if c == nil || c.Type != "group" || c.migratedTo != 0 {
		_, err := s.refuse("Migrate", ErrNoChat)
		return 0, err
	}
	id := rollcall.ChatID(-1001900000000)
	for s.chats[id] != nil {
		id--
	}
	super := &chat{Chat: Chat{ID: id, Type: "supergroup", Title: c.Title}, members: c.members}
	s.chats[id] = super
	c.migratedTo = id
	by := User{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	old := &Message{From: &by, MigrateTo: id}
	s.store(c, old)
	s.push("message", old)
	first := &Message{From: &by, MigrateFrom: c.ID}
	s.store(super, first)
	s.push("message", first)
	return id, nil
}

// visibleButton finds the newest message with a button; id 0 means any message.
func (c *chat) visibleButton(id rollcall.MessageID, labelOrData string) (*Message, Button, bool) {
	for _, m := range slices.Backward(c.messages) {
		if m.Deleted || id != 0 && m.MessageID != id {
			continue
		}
		if b, ok := m.Button(labelOrData); ok && b.CallbackData != "" {
			return m, b, true
		}
	}
	return nil, Button{}, false
}
