package fakeapi

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

const maxAnswerText = 200 // characters (Bot API answerCallbackQuery)

// A Press is somebody's press on an inline button, with the bot's answer.
type Press struct {
	ID        string // the callback query's
	User      rollcall.UserID
	Chat      rollcall.ChatID
	MessageID rollcall.MessageID
	Data      string

	Answered bool
	Text     string // shown to the user; may be empty
	Alert    bool   // in a box that must be closed
	URL      string

	at time.Time
}

type pressBook struct {
	keep  int
	count int
	byID  map[string]*Press
	order []*Press
}

func (b *pressBook) add(p *Press) {
	b.count++
	p.ID = strconv.Itoa(4_000_000_000_000 + b.count)
	b.byID[p.ID] = p
	b.order = append(b.order, p)
	if len(b.order) > b.keep {
		delete(b.byID, b.order[0].ID)
		b.order = b.order[1:]
	}
}

// Press makes somebody press an inline button that they see, named by its label
// or its callback data, in the message or, where that is 0, in the newest one
// that has it. Returns ErrNoButton where there is none that sends a callback.
func (s *Server) Press(from rollcall.UserID, in rollcall.ChatID, id rollcall.MessageID, labelOrData string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.presser(from, in)
	if err != nil {
		return s.refuse("Press", err)
	}
	m, b, ok := c.visibleButton(id, labelOrData)
	if !ok {
		return s.refuse("Press", ErrNoButton)
	}
	return s.press(u, c, m, m.MessageID, b.CallbackData), nil
}

// Forge sends callback data of the test's choice, whether or not any button
// bears it, as a modified client can. For a message that is not there the bot
// gets an inaccessible one.
func (s *Server) Forge(from rollcall.UserID, in rollcall.ChatID, id rollcall.MessageID, data string) (Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.presser(from, in)
	if err != nil {
		return s.refuse("Forge", err)
	}
	m := c.message(id)
	if m != nil && m.Deleted {
		m = nil
	}
	return s.press(u, c, m, id, data), nil
}

// presser is place, with channels, where readers can press.
func (s *Server) presser(from rollcall.UserID, in rollcall.ChatID) (*user, *chat, error) {
	if c := s.chats[in]; c != nil && c.Type == "channel" && s.users[from] != nil {
		return s.users[from], c, nil
	}
	return s.place(from, in)
}

func (s *Server) press(u *user, c *chat, m *Message, id rollcall.MessageID, data string) Sent {
	p := &Press{User: u.ID, Chat: c.ID, MessageID: id, Data: data, at: s.now()}
	s.presses.add(p)
	query := map[string]any{"id": p.ID, "from": u.User, "chat_instance": strconv.FormatInt(int64(c.ID)*7919, 10), "data": data}
	if m != nil {
		query["message"] = m
	} else {
		query["message"] = map[string]any{"chat": c.Chat, "message_id": id, "date": 0}
	}
	shown := *p
	seq := s.emit(Event{Kind: Pressed, Chat: c.ID, User: u.ID, Press: &shown})
	return Sent{UpdateID: s.push("callback_query", query), MessageID: id, Seq: seq}
}

func (s *Server) answerCallbackQuery(r *request) (any, *apiError) {
	p := s.presses.byID[r.text("callback_query_id")]
	link := r.text("url")
	switch {
	case utf8.RuneCountInString(r.text("text")) > maxAnswerText:
		return nil, badRequest("MESSAGE_TOO_LONG")
	case p == nil || p.Answered || s.options.CallbackTTL > 0 && s.now().Sub(p.at) > s.options.CallbackTTL:
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	case link != "" && !strings.Contains(strings.ToLower(link), "t.me/"+strings.ToLower(s.me.Username)+"?start="):
		return nil, badRequest("URL_INVALID")
	}
	p.Answered, p.Text, p.Alert, p.URL = true, r.text("text"), r.flag("show_alert"), link
	shown := *p
	s.emit(Event{Kind: Answered, Chat: p.Chat, User: p.User, Press: &shown})
	return true, nil
}

// Presses returns somebody's presses, oldest first, or everybody's where the id
// is 0. The last 1000 of all (Options.KeepPresses) are remembered.
func (s *Server) Presses(id rollcall.UserID) []Press {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Press
	for _, p := range s.presses.order {
		if id == 0 || p.User == id {
			list = append(list, *p)
		}
	}
	return list
}

// Unanswered returns how many presses wait for an answer: a client shows a
// clock on the button until it comes.
func (s *Server) Unanswered() int {
	return len(slices.DeleteFunc(s.Presses(0), func(p Press) bool { return p.Answered }))
}
