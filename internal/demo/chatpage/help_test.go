package chatpage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// The cast: two whom the page plays, and a stranger whom only the stand-in knows.
const (
	mary     rollcall.UserID = 101
	olena    rollcall.UserID = 102
	stranger rollcall.UserID = 103
	nobody   rollcall.UserID = 109

	group   rollcall.ChatID = -201
	channel rollcall.ChatID = -202
	foreign rollcall.ChatID = -203 // the bot is there, the page does not show it
)

var (
	groupChat   = fakeapi.Chat{ID: group, Type: "supergroup", Title: "Example families"}
	channelChat = fakeapi.Chat{ID: channel, Type: "channel", Title: "Example channel", Username: "example_channel"}
	cast        = []Person{
		{User: fakeapi.User{ID: mary, FirstName: "Mary", LastName: "Sample", LanguageCode: "en", Started: true}},
		{User: fakeapi.User{ID: olena, FirstName: "Олена", LanguageCode: "uk", Started: true}, Role: "editor"},
	}
)

// secret is the part of the token that nobody may see.
var _, secret, _ = strings.Cut(fakeapi.DefaultToken, ":")

// A lab is a page before the stand-in, served as in the demo. Whatever it is
// answered is searched for the token.
type lab struct {
	*testing.T
	api  *fakeapi.Server
	page *Page
	web  *httptest.Server
	ctx  context.Context

	close func() // the page; may be called again
}

// newLab makes one; change may alter the options of the page, and around may
// stand between the page and the browsers. Both may be nil.
func newLab(t *testing.T, api fakeapi.Options, change func(*Options), around func(http.Handler) http.Handler) *lab {
	t.Helper()
	l := &lab{T: t, api: fakeapi.Run(t, api)}
	for _, p := range cast {
		l.api.AddUser(p.User)
	}
	l.api.AddUser(fakeapi.User{ID: stranger, FirstName: "Сторонній", LastName: "Зразок", Started: true})
	l.api.AddChat(groupChat)
	l.api.AddChat(channelChat)
	l.api.AddChat(fakeapi.Chat{ID: foreign, Type: "group", Title: "Elsewhere"})

	l.web = httptest.NewUnstartedServer(nil)
	o := Options{API: l.api, People: cast, Group: groupChat, Channel: channelChat,
		Listen: l.web.Listener.Addr().String(), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&o)
	}
	l.page = New(o)
	l.web.Config.Handler = l.page
	if around != nil {
		l.web.Config.Handler = around(l.page)
	}
	l.web.Start()
	l.close = sync.OnceFunc(l.page.Close)
	t.Cleanup(func() { l.close(); l.web.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	l.ctx = ctx
	return l
}

// in is the lab as a subtest uses it.
func (l *lab) in(t *testing.T) *lab {
	c := *l
	c.T = t
	return &c
}

// An answer is what the page answered.
type answer struct {
	code   int
	header http.Header
	body   string
}

// refusal returns the code of a refusal, "" for none.
func (a answer) refusal() string {
	var in struct {
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(a.body), &in) != nil {
		return "no JSON: " + a.body
	}
	return in.Error
}

// do makes a request. Of the header, name and value alternate.
func (l *lab) do(method, path string, body io.Reader, header ...string) answer {
	l.Helper()
	r, err := http.NewRequestWithContext(l.ctx, method, l.web.URL+path, body)
	if err != nil {
		l.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := l.web.Client().Do(r)
	if err != nil {
		l.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatalf("%s %s: %v", method, path, err)
	}
	var head strings.Builder
	res.Header.Write(&head)
	if strings.Contains(head.String()+string(raw), secret) {
		l.Errorf("%s %s: the answer holds the token", method, path)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func (l *lab) get(path string, header ...string) answer {
	l.Helper()
	return l.do(http.MethodGet, path, nil, header...)
}

// post sends a value as JSON.
func (l *lab) post(path string, value any) answer {
	l.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		l.Fatal(err)
	}
	return l.do(http.MethodPost, path, bytes.NewReader(raw), "Content-Type", "application/json")
}

// done posts what is to succeed.
func (l *lab) done(path string, value any) {
	l.Helper()
	if a := l.post(path, value); a.code != http.StatusOK {
		l.Fatalf("POST %s: got %d %s, want it done", path, a.code, a.body)
	}
}

// refused checks that something was refused as it should be.
func (l *lab) refused(a answer, status int, code string) {
	l.Helper()
	if a.code != status || a.refusal() != code {
		l.Errorf("got %d %q, want %d %q", a.code, a.refusal(), status, code)
	}
}

// bot calls a method as the bot does; name and value of the parameters alternate.
// The error is the transport's, as under a fault.
func (l *lab) bot(method string, params ...string) (code int, result json.RawMessage, err error) {
	l.Helper()
	form := url.Values{}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	r, err := http.NewRequestWithContext(l.ctx, http.MethodPost, l.api.URL()+"/bot"+l.api.Token()+"/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	var a struct {
		Result json.RawMessage `json:"result"`
	}
	err = json.NewDecoder(res.Body).Decode(&a)
	return res.StatusCode, a.Result, err
}

// called is bot for what is to succeed.
func (l *lab) called(method string, params ...string) json.RawMessage {
	l.Helper()
	code, result, err := l.bot(method, params...)
	if err != nil || code != http.StatusOK {
		l.Fatalf("%s: %d (%v)", method, code, err)
	}
	return result
}

// botSays makes the bot write, with a keyboard where one is given as JSON.
func (l *lab) botSays(chat rollcall.ChatID, text, keyboard string) rollcall.MessageID {
	l.Helper()
	params := []string{"chat_id", strconv.FormatInt(int64(chat), 10), "text", text}
	if keyboard != "" {
		params = append(params, "reply_markup", keyboard)
	}
	var m fakeapi.Message
	if err := json.Unmarshal(l.called("sendMessage", params...), &m); err != nil {
		l.Fatal(err)
	}
	return m.MessageID
}

// says makes somebody write without the page.
func (l *lab) says(from rollcall.UserID, in rollcall.ChatID, text string) fakeapi.Sent {
	l.Helper()
	s, err := l.api.Send(from, in, text)
	if err != nil {
		l.Fatal(err)
	}
	return s
}

// everything is all the messages that there are, in every chat.
func (l *lab) everything() (all []fakeapi.Message) {
	for _, c := range l.api.Chats() {
		all = append(all, l.api.Messages(c.ID)...)
	}
	return all
}

// last is the newest message of a chat.
func (l *lab) last(chat rollcall.ChatID) fakeapi.Message {
	l.Helper()
	all := l.api.Messages(chat)
	if len(all) == 0 {
		l.Fatal("the chat is empty")
	}
	return all[len(all)-1]
}

// An event is one of the stream.
type event struct{ ID, Name, Data string }

func (e event) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.Data), into); err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
}

// heard is a message as a stream tells of it.
type heard struct {
	ID      rollcall.MessageID `json:"message_id"`
	Chat    fakeapi.Chat       `json:"chat"`
	Text    string             `json:"text"`
	Own     bool               `json:"own"`
	Deleted bool               `json:"deleted"`
	Edits   int                `json:"edits"`
	Silent  bool               `json:"silent"`
	Seq     int64              `json:"seq"`
}

// A listener reads a stream.
type listener struct {
	*lab
	body  *bufio.Reader
	hello helloEvent
	leave context.CancelFunc
}

// listen opens a stream, with Last-Event-ID where last is not empty, and reads
// its first event, which has to be the hello.
func (l *lab) listen(last string) *listener {
	l.Helper()
	if last == "" {
		return l.listenTo("/events")
	}
	return l.listenTo("/events", "Last-Event-ID", last)
}

func (l *lab) listenTo(path string, header ...string) *listener {
	l.Helper()
	ctx, cancel := context.WithCancel(l.ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.web.URL+path, nil)
	if err != nil {
		l.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := l.web.Client().Do(r)
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { cancel(); res.Body.Close() })
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		l.Fatalf("got %d %q, want a stream of events", res.StatusCode, got)
	}
	s := &listener{lab: l, body: bufio.NewReader(res.Body), leave: cancel}
	first := s.next()
	if first.Name != "hello" {
		l.Fatalf("the first event is %q, want hello", first.Name)
	}
	if first.ID != "" {
		l.Error("the hello has an id, which would replace the browser's")
	}
	first.decode(l.T, &s.hello)
	return s
}

// read reads an event; the error is io.EOF at the end of the stream.
func (s *listener) read() (e event, err error) {
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return event{}, err
		}
		if strings.Contains(line, secret) {
			s.Error("the stream holds the token")
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "":
			return e, nil
		case "id":
			e.ID = value
		case "event":
			e.Name = value
		case "data":
			e.Data += value
		}
	}
}

// next reads an event of any of the names, or of any name where none is given,
// and passes over the others.
func (s *listener) next(names ...string) event {
	s.Helper()
	for {
		e, err := s.read()
		if err != nil {
			s.Fatalf("waited for an event of %q: %v", names, err)
		}
		if e.Name == "beat" { // of a slow machine
			continue
		}
		if len(names) == 0 || slices.Contains(names, e.Name) {
			return e
		}
	}
}

// into reads the next event of a name into a value.
func (s *listener) into(name string, value any) {
	s.Helper()
	s.next(name).decode(s.T, value)
}

// messages returns the messages up to one that somebody sends for the purpose,
// that one left out. Whatever was to come before has come then.
func (s *listener) messages() (all []heard, ids []string) {
	s.Helper()
	end := s.says(mary, mary.Chat(), "the end").Seq
	for {
		e := s.next("message")
		var m heard
		e.decode(s.T, &m)
		if m.Seq == end {
			return all, ids
		}
		all, ids = append(all, m), append(ids, e.ID)
	}
}

// ends waits for the end of the stream.
func (s *listener) ends() {
	s.Helper()
	for {
		if _, err := s.read(); err == io.EOF {
			return
		} else if err != nil {
			s.Fatalf("the stream broke off: %v", err)
		}
	}
}
