package chatpage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// The events of the stream, by the name under which they are sent:
//
//	hello     helloEvent: who and what there is, first of all
//	message   messageEvent: a message as it was after a change, in the order of the changes
//	typing    chatEvent: the bot says that it is busy in a chat
//	press     pressEvent: somebody pressed a button
//	answer    pressEvent: the bot answered a press
//	call      callEvent: the bot called a method, or got its answer
//	menus     menusEvent
//	fault     faultEvent
//	beat      nothing, to show that all is well
//
// The id of a message is the epoch, a dot and the message's number (server-sent
// events: HTML Living Standard 9.2).

type helloEvent struct {
	menusEvent
	Epoch   string                       `json:"epoch"`
	Bot     fakeapi.User                 `json:"bot"`
	URL     string                       `json:"url"` // of the Bot API, with the token masked
	People  []personView                 `json:"people"`
	Group   fakeapi.Chat                 `json:"group"`
	Channel fakeapi.Chat                 `json:"channel"`
	Ideas   map[rollcall.Language][]Idea `json:"ideas"`
	Files   []fileView                   `json:"files"`
	Digest  bool                         `json:"digest"` // there is a button for the next one
	Fault   faultEvent                   `json:"fault"`
	Calls   []callEvent                  `json:"calls"`
	Limits  map[string]int               `json:"limits"`
}

type personView struct {
	ID       rollcall.UserID `json:"id"`
	Name     string          `json:"name"`
	Language string          `json:"language"`
	Role     string          `json:"role"`
}

type fileView struct {
	Name  string                       `json:"name"`
	Shows map[rollcall.Language]string `json:"shows"`
}

type messageEvent struct {
	fakeapi.Message
	Own     bool  `json:"own"`
	Deleted bool  `json:"deleted"`
	Edits   int   `json:"edits"`
	Silent  bool  `json:"silent"`
	Seq     int64 `json:"seq"`
}

type chatEvent struct {
	Chat   rollcall.ChatID `json:"chat"`
	Action string          `json:"action"`
}

type pressEvent struct {
	ID      string             `json:"id"`
	User    rollcall.UserID    `json:"user"`
	Chat    rollcall.ChatID    `json:"chat"`
	Message rollcall.MessageID `json:"message"`
	Data    string             `json:"data"`
	Text    string             `json:"text"`
	Alert   bool               `json:"alert"`
	URL     string             `json:"url"`
}

// menusEvent is what the bot has set of its appearance. Menus are the commands
// that each person sees in private and in the group, under the ids of both with a
// colon between; about is what an empty chat shows, by language.
type menusEvent struct {
	Menus map[string][]fakeapi.Command `json:"menus"`
	About map[string]string            `json:"about"`
}

type callEvent struct {
	Number      int64             `json:"number"`
	Method      string            `json:"method"`
	Params      map[string]string `json:"params"`
	Files       []string          `json:"files"`
	At          int64             `json:"at"` // Unix milliseconds
	Ended       bool              `json:"ended"`
	Code        int               `json:"code"`
	Description string            `json:"description"`
	Fault       fakeapi.Kind      `json:"fault"`
}

type faultEvent struct {
	Name string `json:"name"` // "" for none; see faults
}

const (
	keepCalls     = 100  // that a page which connects is told of
	maxParamRunes = 2000 // of a parameter that is shown
)

// events is the stream.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	s := stream{w: w, rc: http.NewResponseController(w), epoch: p.epoch}
	happens, cancel := p.API.Subscribe() // before looking, so that nothing falls between
	defer cancel()
	fault, _ := p.faultNow()
	s.send("hello", 0, p.hello(fault))
	past := p.since(p.resume(r))
	var e fakeapi.Event
	var meanwhile bool
	select {
	case e, meanwhile = <-happens:
	default:
	}
	for _, m := range past {
		if !meanwhile || m.Seq < e.Seq { // those from there on come by themselves
			s.send("message", m.Seq, view(m))
		}
	}
	if meanwhile {
		p.tell(&s, e)
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		now, changed := p.faultNow()
		if now != fault {
			fault = now
			s.send("fault", 0, faultEvent{now})
		}
		if !s.flush() {
			return
		}
		select {
		case e, open := <-happens:
			if !open {
				return // too far behind, or over: the browser comes again
			}
			p.tell(&s, e)
		case <-changed:
		case <-beat.C:
			s.send("beat", 0, struct{}{})
		case <-r.Context().Done():
			return
		case <-p.closed:
			return
		}
	}
}

// resume returns the number of the last message that the browser has.
func (p *Page) resume(r *http.Request) int64 {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("since")
	}
	epoch, number, _ := strings.Cut(last, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if epoch != p.epoch || err != nil {
		return 0
	}
	return n
}

// since returns the messages that changed later, in the order of their changes.
func (p *Page) since(seq int64) []fakeapi.Message {
	var all []fakeapi.Message
	for _, chat := range p.shown() {
		for _, m := range p.API.Messages(chat) {
			if m.Seq > seq {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b fakeapi.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}

// tell passes on what concerns the page.
func (p *Page) tell(s *stream, e fakeapi.Event) {
	switch e.Kind {
	case fakeapi.MessageNew, fakeapi.MessageEdited, fakeapi.MessageDeleted:
		if p.shows(e.Chat) {
			s.send("message", e.Message.Seq, view(*e.Message))
		}
	case fakeapi.Action:
		if p.shows(e.Chat) {
			s.send("typing", 0, chatEvent{e.Chat, e.Text})
		}
	case fakeapi.Pressed, fakeapi.Answered:
		name := "press"
		if e.Kind == fakeapi.Answered {
			name = "answer"
		}
		b := e.Press
		s.send(name, 0, pressEvent{b.ID, b.User, b.Chat, b.MessageID, b.Data, b.Text, b.Alert, b.URL})
	case fakeapi.CallBegun, fakeapi.CallEnded:
		s.send("call", 0, callView(*e.Call, e.Kind == fakeapi.CallEnded))
	case fakeapi.MenuChanged:
		s.send("menus", 0, p.menus())
	}
}

func view(m fakeapi.Message) messageEvent {
	return messageEvent{m, m.Own, m.Deleted, m.Edits, m.Silent, m.Seq}
}

func callView(c fakeapi.Call, ended bool) callEvent {
	v := callEvent{Number: c.Number, Method: c.Method, Params: map[string]string{}, Files: c.Files, At: c.At.UnixMilli(),
		Ended: ended, Code: c.Code, Description: c.Description, Fault: c.Fault}
	for name, values := range c.Params {
		text := []rune(strings.Join(values, ", "))
		if len(text) > maxParamRunes {
			text = append(text[:maxParamRunes], '…')
		}
		v.Params[name] = string(text)
	}
	return v
}

func (p *Page) hello(fault string) helloEvent {
	e := helloEvent{Epoch: p.epoch, Bot: p.API.Bot(), URL: maskedURL(p.API), Group: p.Group, Channel: p.Channel,
		menusEvent: p.menus(), Ideas: p.Ideas, Digest: p.NextDigest != nil, Fault: faultEvent{fault},
		Limits: map[string]int{"file": maxFileBytes}}
	for _, person := range p.People {
		e.People = append(e.People, personView{person.ID, strings.TrimSpace(person.FirstName + " " + person.LastName), person.LanguageCode, person.Role})
	}
	for _, f := range p.Files {
		e.Files = append(e.Files, fileView{f.Name, f.Shows})
	}
	calls := p.API.Calls("")
	for _, c := range calls[max(0, len(calls)-keepCalls):] {
		e.Calls = append(e.Calls, callView(c, c.Code != 0 || c.Fault != ""))
	}
	return e
}

// maskedURL is where the bot's methods are, without the token's secret.
func maskedURL(api *fakeapi.Server) string {
	id, _, _ := strings.Cut(api.Token(), ":")
	return api.URL() + "/bot" + id + ":••••••/"
}

func (p *Page) menus() menusEvent {
	e := menusEvent{map[string][]fakeapi.Command{}, map[string]string{}}
	for _, person := range p.People {
		for _, chat := range []rollcall.ChatID{person.ID.Chat(), p.Group.ID} {
			e.Menus[fmt.Sprintf("%d:%d", person.ID, chat)] = p.API.Menu(person.ID, chat)
		}
		language := person.LanguageCode
		if e.About[language] = p.API.Profile("description", language); e.About[language] == "" {
			e.About[language] = p.API.Profile("description", "")
		}
	}
	return e
}

// A stream writes events. The first error ends it.
type stream struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	epoch string
	err   error
}

// send writes an event; id 0 gives it none.
func (s *stream) send(name string, id int64, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // every event is of our own types
	}
	if id != 0 {
		s.printf("id: %s.%d\n", s.epoch, id)
	}
	s.printf("event: %s\ndata: %s\n\n", name, raw)
}

func (s *stream) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

// flush reports whether the browser still listens.
func (s *stream) flush() bool {
	if s.err == nil {
		s.err = s.rc.Flush()
	}
	return s.err == nil
}
