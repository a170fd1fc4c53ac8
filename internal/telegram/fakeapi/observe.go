package fakeapi

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

const (
	keepProblems    = 1000
	keepPolls       = 100
	eventsPerReader = 4096
)

// A Call is one call of the bot. The token is in none of its fields.
type Call struct {
	Number      int64  // of the calls of this server, getUpdates aside, from 1
	Method      string // as the API spells it; "file" for a download, with the parameter "path"
	Params      url.Values
	Files       []string  // names of the parts that were uploaded
	At          time.Time // by the server's clock
	Code        int       // HTTP status of the answer; 0 while there is none, and where there never is one
	Description string    // of an error
	Fault       Kind      // the fault that was played, "" for none
	Done        bool      // the method was carried out, or properly refused
}

// An EventKind says what happened.
type EventKind string

// The kinds of event, with the fields of [Event] that they fill beside Seq,
// Kind and At.
const (
	MessageNew      EventKind = "message"   // Chat, Message; of the bot and of people alike
	MessageEdited   EventKind = "edited"    // Chat, Message
	MessageDeleted  EventKind = "deleted"   // Chat, Message
	Action          EventKind = "action"    // Chat, Text: a chat action such as "typing"
	Pressed         EventKind = "pressed"   // Chat, User, Press
	Answered        EventKind = "answered"  // Chat, User, Press
	UpdateQueued    EventKind = "queued"    // UpdateID
	UpdateConfirmed EventKind = "confirmed" // UpdateID
	CallBegun       EventKind = "call"      // Call, Text: the method; getUpdates aside
	CallEnded       EventKind = "called"    // Call; its answer has been written, or never will be
	MenuChanged     EventKind = "menu"      // a command menu, or the bot's description
	MemberChanged   EventKind = "member"    // Chat, User
)

// An Event is one thing that happened, for [Server.Subscribe].
type Event struct {
	Seq      int64
	Kind     EventKind
	At       time.Time
	Chat     rollcall.ChatID
	User     rollcall.UserID
	Message  *Message
	Press    *Press
	Call     *Call // a copy
	UpdateID int64
	Text     string
}

// change wakes everything that waits.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// emit numbers an event, hands it to the subscribers and wakes what waits. A
// subscriber that does not keep up is dropped: its channel is closed.
func (s *Server) emit(e Event) int64 {
	s.seq++
	e.Seq, e.At = s.seq, s.now()
	for c := range s.subscribers {
		select {
		case c <- e:
		default:
			close(c)
			delete(s.subscribers, c)
		}
	}
	s.change()
	return e.Seq
}

// Subscribe returns a stream of all that happens from now on, and a function
// that ends it, which may be called again. The channel is closed then, on
// Close, and when its reader is more than 4096 events behind; such a reader
// subscribes anew and looks at [Server.Messages].
func (s *Server) Subscribe() (events <-chan Event, cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan Event, eventsPerReader)
	if s.isClosed {
		close(c)
		return c, func() {}
	}
	s.subscribers[c] = struct{}{}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, open := s.subscribers[c]; open {
			delete(s.subscribers, c)
			close(c)
		}
	}
}

// begin records a call.
func (s *Server) begin(r *request) *Call {
	c := &Call{Method: r.method.name, Params: copyValues(r.params), At: s.now()}
	for name := range r.files {
		c.Files = append(c.Files, name)
	}
	slices.Sort(c.Files)
	if c.Method == "getUpdates" {
		s.polls = keepLast(append(s.polls, c), keepPolls)
		s.change()
		return c
	}
	s.inFlight++
	s.record(c)
	return c
}

// record remembers a call that is not getUpdates, and tells of its begin.
func (s *Server) record(c *Call) {
	s.nCalls++
	c.Number = s.nCalls
	s.calls = keepLast(append(s.calls, c), s.options.KeepCalls)
	shown := *c
	s.emit(Event{Kind: CallBegun, Call: &shown, Text: c.Method})
}

func (s *Server) end(c *Call) {
	if c.Method == "getUpdates" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	shown := *c
	s.emit(Event{Kind: CallEnded, Call: &shown})
}

// keepLast forgets the oldest once there are twice as many as to be kept.
func keepLast[T any](list []T, n int) []T {
	if len(list) >= 2*n {
		return slices.Clone(list[len(list)-n:])
	}
	return list
}

// Calls returns the calls of a method, oldest first, or of all methods but
// getUpdates when the name is empty. The last 2000 (Options.KeepCalls) are
// remembered, of getUpdates the last 100.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.calls
	if method == "getUpdates" {
		list = s.polls
	}
	var found []Call
	for _, c := range list {
		if method == "" || c.Method == method {
			found = append(found, *c)
		}
	}
	return found
}

func (s *Server) problem(text string) {
	if len(s.problems) < keepProblems {
		s.problems = append(s.problems, text)
	}
}

// Problems returns what Telegram would have ignored without a word: unknown or
// ill-typed parameters and fields, buttons with several actions, malformed deep
// links; and what a test asked of people that they cannot do. A text names
// methods and parameters, never values. At most 1000 are kept.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Messages returns the messages of a chat as they are now, oldest first, those
// of people and of the bot, with the deleted ones marked. The last 500
// (Options.KeepMessages) are remembered.
func (s *Server) Messages(id rollcall.ChatID) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		return nil
	}
	list := make([]Message, len(c.messages))
	for i, m := range c.messages {
		list[i] = *m
	}
	return list
}

// Own returns those of [Server.Messages] that the bot sent and that are not
// deleted.
func (s *Server) Own(id rollcall.ChatID) []Message {
	return slices.DeleteFunc(s.Messages(id), func(m Message) bool { return !m.Own || m.Deleted })
}

// Chats returns all chats, private ones included, by id.
func (s *Server) Chats() []Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Chat
	for _, c := range s.chats {
		list = append(list, c.Chat)
	}
	slices.SortFunc(list, func(a, b Chat) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Wait returns nil as soon as cond holds, or the context's error with the
// bot's last calls. cond is called without a lock, now and after each change,
// so it may ask the server anything.
func (s *Server) Wait(ctx context.Context, cond func(*Server) bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond(s) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("fakeapi: waited in vain: %w%s", ctx.Err(), s.report())
		}
	}
}

// WaitMessage returns the oldest message of the bot in a chat that is not
// deleted and for which cond holds, as soon as there is one. To look only at
// what came after an action, compare [Message.Seq] with its [Sent.Seq].
func (s *Server) WaitMessage(ctx context.Context, chat rollcall.ChatID, cond func(Message) bool) (Message, error) {
	var found Message
	err := s.Wait(ctx, func(s *Server) bool {
		own := s.Own(chat)
		i := slices.IndexFunc(own, cond)
		if i < 0 {
			return false
		}
		found = own[i]
		return true
	})
	return found, err
}

// WaitIdle returns nil as soon as every update is confirmed, a poll waits and no
// other call is under way. A bot that sends from a queue of its own may still
// have something to say.
func (s *Server) WaitIdle(ctx context.Context) error {
	return s.Wait(ctx, func(s *Server) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.updates.pending) == 0 && s.updates.poll != nil && s.inFlight == 0
	})
}

// report describes the end of what happened, for the error of a wait.
func (s *Server) report() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d updates pending, polling %t, %d problems", len(s.updates.pending), s.updates.poll != nil, len(s.problems))
	for _, c := range s.calls[max(0, len(s.calls)-8):] {
		fmt.Fprintf(&b, "\n%s: %d %s", c.Method, c.Code, c.Description)
		if c.Fault != "" {
			fmt.Fprintf(&b, " (fault: %s)", c.Fault)
		}
	}
	for _, p := range s.problems[max(0, len(s.problems)-4):] {
		fmt.Fprintf(&b, "\nproblem: %s", p)
	}
	return b.String()
}
