package telegram

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strings"
	"time"
	"unicode/utf16"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

// A Role is what an account may do here. Each role may do what the ones before
// it may.
type Role int

// The roles.
const (
	Anyone Role = iota
	Editor      // keeps the roster
	Owner       // keeps everything
)

func (r Role) String() string { return [...]string{"anyone", "editor", "owner"}[r] }

// A Handler answers one request. It reads, computes and renders; what it wants
// to change it leaves to [Answer.Effect]. An error becomes one plain sentence
// with a reference number, and its cause goes to the log under that number.
type Handler func(ctx context.Context, r *Request) (Answer, error)

// An Answer is what a handler decided.
type Answer struct {
	// Actions are sent after the commit.
	Actions []Action
	// Effect, where not nil, is run in the transaction that records the update,
	// so that both are committed or neither. Its actions, which may depend on
	// what it found, follow Actions.
	Effect func(*store.Tx) ([]Action, error)
	// Remade says that what is answered with an Effect names a person and is not
	// kept until it was sent. Where it was not, the update is handled again, with
	// [Request.Again], and its Effect is run again: it must count nothing then
	// that it counted before.
	Remade bool
	// Later, where not nil, is run beside the polling once the answer is out, one
	// at a time. What it returns is then sent. It is lost when the program ends.
	Later func(context.Context) []Action
}

// Reply answers with one message in the request's chat.
func (r *Request) Reply(m render.Message) Answer { return Answer{Actions: []Action{Say(r.Chat, m)}} }

// Replace puts the message in the place of the one whose button was pressed, or
// replies where there is none that can be changed.
func (r *Request) Replace(m render.Message) Answer { return Answer{Actions: []Action{r.Replacing(m)}} }

// Replacing is [Request.Replace] as an action.
func (r *Request) Replacing(m render.Message) Action {
	a := Say(r.Chat, m)
	if r.Press != nil && r.Press.Message != 0 {
		a.Kind, a.Message = ActEdit, r.Press.Message
	}
	return a
}

// Rebutton puts other buttons under the message whose button was pressed, and
// leaves its text as it is. ok is false where that message cannot be changed.
func (r *Request) Rebutton(rows [][]render.Button) (a Action, ok bool) {
	if r.Press == nil || r.Press.Message == 0 {
		return Action{}, false
	}
	return Action{Kind: ActButtons, Chat: r.Chat, Message: r.Press.Message, Buttons: rows}, true
}

// Toast answers the press itself with a few words.
func (r *Request) Toast(text render.HTML) Action {
	return Action{Kind: ActToast, Query: r.Press.ID, Text: toastText(text)}
}

// A Request is one update as handlers see it.
type Request struct {
	UpdateID int64
	Chat     rollcall.ChatID
	From     rollcall.UserID
	Role     Role
	Language rollcall.Language
	Say      *render.Phrases // in that language
	Now      time.Time
	Again    bool // the effect of its [Answer.Remade] answer is committed, and the answer may not have been sent

	Command  string    // without its slash; "" where there is none
	Args     string    // what stands behind the command; the whole text where there is no command
	Document *Document // a file that was sent; nil else
	Press    *Press    // a button that was pressed; nil else

	// Standing is the bot's new one in Chat, where Telegram tells of a change; nil
	// else. In a private chat its Post says that the account has not blocked the
	// bot, and From is the account; elsewhere From is 0.
	Standing *store.Standing
}

// Private reports whether the request came from a private chat.
func (r *Request) Private() bool { return r.Chat.Private() }

// A Document is a file that somebody sent; it has not been fetched.
type Document struct {
	FileID string
	Name   string
	Size   int64 // bytes; 0 where Telegram does not say
}

// A Press is a button that was pressed.
type Press struct {
	ID      string
	Message rollcall.MessageID // that bears the button; 0 where it is too old to be changed
	Args    []string           // of the button's data
}

// A Command is one entry of the registry, from which the router, the command
// menus and the help are made.
type Command struct {
	Name   string
	Access Role
	Groups bool // answered in groups as well; elsewhere a group gets a button into the private chat
	Hidden bool // works, and stands in no menu
	Handle Handler
}

// A Button is an action that buttons call.
type Button struct {
	Action string
	Access Role
	Bound  bool // taken only with the presser's own mark: see [BoundCallbackData]
	Handle Handler
}

// A Registry is all that the bot answers to.
type Registry struct {
	Commands []Command
	Buttons  []Button
	Text     Handler // plain text in private
	Document Handler // a file in private
	Photo    Handler // a photo in private; it is not fetched
	Other    Handler // a sticker, a voice message and the like in private
	Unknown  Handler // a command that is not there, or not for this account
	OldPress Handler // a button of a former version, or somebody else's
	InGroup  Handler // a command that is answered in private only
	Member   Handler // the bot's standing in a chat has changed; nil passes over it
}

// A Router turns updates into answers.
type Router struct {
	registry Registry
	commands map[string]Command
	buttons  map[string]Button
	username string
	roles    map[rollcall.UserID]Role
	fallback rollcall.Language
	db       *store.DB
	keys     *secret.Keys
	log      *slog.Logger
	now      func() time.Time
}

// RouterOptions are the facts that routing needs.
type RouterOptions struct {
	Username        string // the bot's own
	Owners, Editors []rollcall.UserID
	DefaultLanguage rollcall.Language
	DB              *store.DB
	Keys            *secret.Keys
	Log             *slog.Logger
	Now             func() time.Time // time.Now where nil
}

// NewRouter makes a router. It panics when two commands or two buttons have the
// same name.
func NewRouter(r Registry, o RouterOptions) *Router {
	rt := &Router{registry: r, commands: map[string]Command{}, buttons: map[string]Button{}, username: o.Username,
		roles: map[rollcall.UserID]Role{}, fallback: o.DefaultLanguage, db: o.DB, keys: o.Keys, log: o.Log, now: o.Now}
	if rt.now == nil {
		rt.now = time.Now
	}
	for _, c := range r.Commands {
		if _, ok := rt.commands[c.Name]; ok {
			panic("telegram: two commands /" + c.Name)
		}
		rt.commands[c.Name] = c
	}
	for _, b := range r.Buttons {
		if _, ok := rt.buttons[b.Action]; ok {
			panic("telegram: two buttons " + b.Action)
		}
		rt.buttons[b.Action] = b
	}
	for _, id := range o.Editors {
		rt.roles[id] = Editor
	}
	for _, id := range o.Owners {
		rt.roles[id] = Owner
	}
	return rt
}

// route finds the handler of an update and fills in the request. ok is false
// for an update that is met with silence.
func (rt *Router) route(ctx context.Context, u update) (name string, h Handler, r *Request, ok bool) {
	r = &Request{UpdateID: u.ID, Now: rt.now().UTC()}
	var from user
	switch {
	case u.Message != nil:
		m := u.Message
		if m.From == nil || m.From.IsBot || m.Behalf != nil {
			return "", nil, nil, false
		}
		from, r.Chat = *m.From, m.Chat.ID
		if m.Chat.Type == "channel" {
			return "", nil, nil, false
		}
		name, h = rt.routeMessage(m, r, rt.roles[from.ID])
	case u.Callback != nil:
		from = u.Callback.From
		r.Chat = from.ID.Chat()
		r.Press = &Press{ID: u.Callback.ID}
		if m := u.Callback.Message; m != nil {
			r.Chat, r.Press.Message = m.Chat.ID, m.ID
		}
		name, h = rt.routePress(u.Callback, r)
	case u.Member != nil:
		m := u.Member
		s := Membership(m.New).Standing(m.Chat.ID, m.Chat.Type)
		r.Chat, r.Standing = m.Chat.ID, &s
		if m.Chat.ID.Private() {
			from.ID = rollcall.UserID(m.Chat.ID)
		}
		name, h = "member", rt.registry.Member
	}
	if h == nil {
		return "", nil, nil, false
	}
	r.From, r.Role = from.ID, rt.roles[from.ID]
	r.Language = rt.language(ctx, from)
	r.Say = render.For(r.Language)
	return name, h, r, true
}

func (rt *Router) routeMessage(m *message, r *Request, role Role) (string, Handler) {
	private := m.Chat.Type == "private"
	command, args, addressed, is := leadingCommand(m, rt.username)
	switch {
	case is && !addressed:
		return "", nil // for another bot
	case is:
		r.Command, r.Args = command, args
		c, known := rt.commands[command]
		switch {
		case !known || role < c.Access:
			if !private {
				return "", nil // it may be anybody's
			}
			return "unknown", rt.registry.Unknown
		case !private && !c.Groups:
			return "group", rt.registry.InGroup
		}
		return c.Name, c.Handle
	case !private:
		return "", nil
	case m.Photo != nil:
		return "photo", rt.registry.Photo
	case m.Document != nil:
		r.Document = &Document{FileID: m.Document.FileID, Name: m.Document.Name, Size: m.Document.Size}
		r.Args = m.Caption
		return "document", rt.registry.Document
	case m.Text != "":
		r.Args = m.Text
		return "text", rt.registry.Text
	}
	return "other", rt.registry.Other
}

func (rt *Router) routePress(q *callbackQuery, r *Request) (string, Handler) {
	p, ok := parseCallback(rt.keys, q.From.ID, q.Data)
	b, known := rt.buttons[p.action]
	if !ok || !known || rt.roles[q.From.ID] < b.Access || b.Bound && !p.bound {
		return "old press", rt.registry.OldPress
	}
	r.Press.Args = p.args
	return "press " + b.Action, b.Handle
}

// leadingCommand reads the bot_command entity at the start of a message. is is
// false where there is none. addressed is false for a command that names
// another bot. Entities count UTF-16 units (Bot API, MessageEntity).
func leadingCommand(m *message, username string) (command, args string, addressed, is bool) {
	for _, e := range m.Entities {
		if e.Type != "bot_command" || e.Offset != 0 || e.Length < 2 {
			continue
		}
		units := utf16.Encode([]rune(m.Text))
		if e.Length > len(units) {
			return "", "", false, false
		}
		word := string(utf16.Decode(units[:e.Length]))
		args = strings.TrimSpace(string(utf16.Decode(units[e.Length:])))
		name, to, named := strings.Cut(strings.TrimPrefix(word, "/"), "@")
		return strings.ToLower(name), args, !named || strings.EqualFold(to, username), true
	}
	return "", "", false, false
}

// language is what the account chose, else what its Telegram speaks, else the
// bot's own. A choice that cannot be read is passed over: an answer in the
// second-best language is better than none.
func (rt *Router) language(ctx context.Context, from user) rollcall.Language {
	l, err := rt.db.Language(ctx, from.ID)
	if err != nil {
		rt.log.Warn("an account's language cannot be read", "error", err)
	}
	if l != "" {
		return l
	}
	if l, ok := rollcall.ParseLanguage(from.Language); ok {
		return l
	}
	return rt.fallback
}

// handle runs the handler and turns what goes wrong in it into an answer. The
// state is Failed then: the update is recorded, and not tried again. again says
// that the update's effect is committed.
func (rt *Router) handle(ctx context.Context, u update, again bool) (name string, r *Request, a Answer, state store.UpdateState) {
	name, h, r, ok := rt.route(ctx, u)
	if !ok {
		return "", nil, Answer{}, store.Answered
	}
	r.Again = again
	a, err := guarded(ctx, h, r)
	if err != nil {
		return name, r, rt.failed(name, r, err), store.Failed
	}
	return name, r, a, store.Handled
}

// failed logs the cause under a reference that the person is given. Nobody waits
// for an answer to a change of the bot's standing.
func (rt *Router) failed(name string, r *Request, err error) Answer {
	ref := Reference()
	rt.log.Error("a handler failed", "update_id", r.UpdateID, "handler", name, "reference", ref, "code", rollcall.CodeOf(err), "error", err)
	if r.Standing != nil {
		return Answer{}
	}
	return Answer{Actions: []Action{Say(r.Chat, render.Message{Text: r.Say.Error(ref)})}}
}

func guarded(ctx context.Context, h Handler, r *Request) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = rollcall.Panicked(p)
		}
	}()
	return h(ctx, r)
}

// Reference draws a number by which a person can be helped.
func Reference() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// HelpFor lists the commands that the role may use.
func (g Registry) HelpFor(p *render.Phrases, role Role) []render.HelpLine {
	var lines []render.HelpLine
	for _, c := range g.Commands {
		if !c.Hidden && c.Access <= role {
			lines = append(lines, render.HelpLine{Command: c.Name, Description: p.CommandDescription(c.Name)})
		}
	}
	return lines
}
