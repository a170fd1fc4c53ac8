package fakeapi

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"rollcall/internal/rollcall"
)

// DefaultToken is the token of a server that was given none. It has the shape
// of a real one and belongs to nobody.
const DefaultToken = "4200000001:AAfakeapi-not-a-real-token-00000000"

// Options are the choices of a server; the zero value is a good start.
type Options struct {
	Token string // the only one that is accepted; DefaultToken when empty
	Bot   User   // the zero fields get an id from the token, "Rollcall" and "rollcall_test_bot"

	Limits Limits // how much may be sent; the zero value limits nothing

	// Now is the clock for message dates and limits; time.Now when nil. The
	// timeout of a long poll runs on the real clock all the same.
	Now func() time.Time

	// Sleep waits for d or until ctx ends; [Slow] answers are held by it. When
	// nil it waits on the real clock.
	Sleep func(ctx context.Context, d time.Duration)

	// Hook is called before each call is looked at, on the goroutine of its
	// request and with no lock held, so it may block or end the bot. params is
	// its own copy. Nil for none.
	Hook func(method string, params url.Values)

	// CallbackTTL is how long a press can be answered; 0 means for ever.
	CallbackTTL time.Duration

	KeepMessages  int // messages remembered for each chat; 500 when 0
	KeepCalls     int // calls remembered; 2000 when 0
	KeepPresses   int // presses remembered, and so such as can be answered; 1000 when 0
	KeepFileBytes int // bytes of file contents remembered in all; 64 MiB when 0
}

// A Server is the stand-in. It is safe for concurrent use.
type Server struct {
	options Options
	me      User

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever anything changes
	hold     chan struct{} // closed by Release
	closed   chan struct{}
	isClosed bool
	down     bool
	web      *http.Server
	url      string
	seq      int64
	inFlight int // calls that are not getUpdates

	users map[rollcall.UserID]*user
	chats map[rollcall.ChatID]*chat

	updates queue
	presses pressBook
	files   fileStore
	menus   map[menuKey][]Command
	profile map[string]string // "description.uk"
	webhook string            // "" for none
	limits  Limits
	sent    window // of all chats
	tooMany int
	faults  []*fault

	calls       []*Call
	nCalls      int64
	polls       []*Call
	problems    []string
	subscribers map[chan Event]struct{}
}

// New makes a server that listens nowhere: use it as an [http.Handler], or
// call [Server.Start].
func New(o Options) *Server {
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.KeepMessages <= 0 {
		o.KeepMessages = 500
	}
	if o.KeepCalls <= 0 {
		o.KeepCalls = 2000
	}
	if o.KeepPresses <= 0 {
		o.KeepPresses = 1000
	}
	if o.KeepFileBytes <= 0 {
		o.KeepFileBytes = 64 << 20
	}
	me := o.Bot
	me.IsBot = true
	if me.ID == 0 {
		digits, _, _ := strings.Cut(o.Token, ":")
		id, _ := strconv.ParseInt(digits, 10, 64)
		me.ID = rollcall.UserID(max(id, 1))
	}
	if me.FirstName == "" {
		me.FirstName = "Rollcall"
	}
	if me.Username == "" {
		me.Username = "rollcall_test_bot"
	}
	return &Server{
		options:     o,
		me:          me,
		changed:     make(chan struct{}),
		hold:        make(chan struct{}),
		closed:      make(chan struct{}),
		users:       map[rollcall.UserID]*user{},
		chats:       map[rollcall.ChatID]*chat{},
		updates:     queue{next: firstUpdateID},
		menus:       map[menuKey][]Command{},
		profile:     map[string]string{},
		limits:      o.Limits,
		subscribers: map[chan Event]struct{}{},
		files:       fileStore{budget: o.KeepFileBytes, byID: map[string]*file{}},
		presses:     pressBook{keep: o.KeepPresses, byID: map[string]*Press{}},
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// A TB is the part of testing.TB that [Run] needs. The package does not import
// testing, because the demo verb links it.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Run makes a server, starts it, and closes it at the end of the test.
func Run(tb TB, o Options) *Server {
	tb.Helper()
	s := New(o)
	if err := s.Start(); err != nil {
		tb.Fatalf("start fakeapi: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start listens on a free port of 127.0.0.1 until Close.
func (s *Server) Start() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.mu.Lock()
	s.web, s.url = web, "http://"+l.Addr().String()
	s.mu.Unlock()
	go web.Serve(l)
	return nil
}

// URL returns the root of the server, without a slash at its end, or "" before
// Start. Methods are at URL/bot<token>/<method>, files at
// URL/file/bot<token>/<path>.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Token returns the token that the server accepts.
func (s *Server) Token() string { return s.options.Token }

// Bot returns the bot's account.
func (s *Server) Bot() User { return s.me }

// Close stops listening, cuts all connections, and ends polls, hanging calls
// and subscriptions. It may be called again.
func (s *Server) Close() {
	s.mu.Lock()
	if s.isClosed {
		s.mu.Unlock()
		return
	}
	s.isClosed = true
	close(s.closed)
	for c := range s.subscribers {
		close(c)
	}
	clear(s.subscribers)
	web := s.web
	s.mu.Unlock()
	if web != nil {
		web.Close()
	}
}

func (s *Server) now() time.Time { return s.options.Now() }

// method is what stands behind a name of the API. params lists the parameters
// that it knows, each with its type after a colon where it is not a string.
type method struct {
	name   string
	run    func(*Server, *request) (any, *apiError)
	params map[string]string
}

var methods = map[string]*method{}

func init() {
	const (
		send    = "chat_id message_thread_id:int disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id reply_parameters:json reply_to_message_id:int allow_sending_without_reply:bool reply_markup:json "
		caption = "caption parse_mode caption_entities:json "
		edit    = "chat_id message_id:int reply_markup:json "
		preview = "link_preview_options:json disable_web_page_preview:bool "
		menu    = "scope:json language_code "
	)
	for _, m := range []struct {
		name   string
		run    func(*Server, *request) (any, *apiError)
		params string
	}{
		{"getMe", (*Server).getMe, ""},
		{"getUpdates", nil, "offset:int limit:int timeout:int allowed_updates:json"},
		{"deleteWebhook", (*Server).deleteWebhook, "drop_pending_updates:bool"},
		{"getWebhookInfo", (*Server).getWebhookInfo, ""},
		{"setMyCommands", (*Server).setMyCommands, menu + "commands:json"},
		{"getMyCommands", (*Server).getMyCommands, menu},
		{"deleteMyCommands", (*Server).deleteMyCommands, menu},
		{"getMyDescription", (*Server).getMyDescription, "language_code"},
		{"setMyDescription", (*Server).setMyDescription, "description language_code"},
		{"setMyShortDescription", (*Server).setMyShortDescription, "short_description language_code"},
		{"sendMessage", (*Server).sendMessage, send + preview + "text parse_mode entities:json"},
		{"sendPhoto", (*Server).sendPhoto, send + caption + "photo show_caption_above_media:bool has_spoiler:bool"},
		{"sendDocument", (*Server).sendDocument, send + caption + "document thumbnail disable_content_type_detection:bool"},
		{"editMessageText", (*Server).editMessageText, edit + preview + "text parse_mode entities:json"},
		{"editMessageCaption", (*Server).editMessageCaption, edit + caption + "show_caption_above_media:bool"},
		{"editMessageReplyMarkup", (*Server).editMessageReplyMarkup, edit},
		{"deleteMessage", (*Server).deleteMessage, "chat_id message_id:int"},
		{"answerCallbackQuery", (*Server).answerCallbackQuery, "callback_query_id text show_alert:bool url cache_time:int"},
		{"sendChatAction", (*Server).sendChatAction, "chat_id message_thread_id:int action"},
		{"getChat", (*Server).getChat, "chat_id"},
		{"getChatMember", (*Server).getChatMember, "chat_id user_id:int"},
		{"getFile", (*Server).getFile, "file_id"},
	} {
		known := map[string]string{}
		for _, p := range strings.Fields(m.params) {
			name, kind, _ := strings.Cut(p, ":")
			known[name] = kind
		}
		methods[strings.ToLower(m.name)] = &method{m.name, m.run, known}
	}
}

// ServeHTTP answers the bot. Its Date is by the server's own clock.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Down() {
		reset(w)
		return
	}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		token, path, _ := strings.Cut(rest, "/")
		if token != s.options.Token {
			unauthorized.write(w)
			return
		}
		s.serveFile(w, path)
		return
	}
	rest, isBot := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, hasName := strings.Cut(rest, "/")
	if !isBot || !hasName {
		notFound.write(w)
		return
	}
	if token != s.options.Token {
		unauthorized.write(w)
		return
	}
	m := methods[strings.ToLower(name)]
	if m == nil {
		s.mu.Lock()
		s.problem("unknown method " + name)
		s.mu.Unlock()
		notFound.write(w)
		return
	}
	req, err := readRequest(m, w, r)
	if err != nil {
		badRequest("can't parse request").write(w)
		return
	}
	s.serve(w, r, req)
}

// serve takes a call through hook, faults, execution and answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, req *request) {
	ctx := r.Context()
	name := req.method.name
	s.mu.Lock()
	hook := s.options.Hook
	call := s.begin(req)
	s.mu.Unlock()
	defer s.end(call)

	if hook != nil {
		hook(name, copyValues(req.params))
	}
	s.mu.Lock()
	f := s.takeFault(req)
	if f != nil {
		call.Fault = f.Kind
	}
	hold := s.hold
	if f != nil && !f.Kind.done() {
		call.Code = f.code()
		s.change()
		s.mu.Unlock()
		s.fail(ctx, w, f, hold)
		return
	}
	s.inspect(req)
	call.Done = true
	var result any
	var e *apiError
	if name == "getUpdates" {
		result, e = s.getUpdates(ctx, req)
	} else {
		result, e = req.method.run(s, req)
	}
	call.Code = http.StatusOK
	if e != nil {
		call.Code, call.Description = e.code, e.text
	}
	s.change()
	s.mu.Unlock()

	code, body := e.body()
	if e == nil {
		body = okBody(result)
	}
	switch {
	case s.Down():
		reset(w)
	case f != nil:
		s.spoil(ctx, w, f, hold, code, body)
	default:
		writeJSON(w, code, body)
	}
}

// verbatim is a result that is JSON already, or is meant to look like it.
type verbatim []byte

func okBody(result any) []byte {
	raw, ok := result.(verbatim)
	if !ok {
		var err error
		if raw, err = json.Marshal(result); err != nil {
			panic(err) // every result is of our own types
		}
	}
	return append(append([]byte(`{"ok":true,"result":`), raw...), '}')
}

func (s *Server) getMe(*request) (any, *apiError) {
	return map[string]any{
		"id": s.me.ID, "is_bot": true, "first_name": s.me.FirstName, "username": s.me.Username,
		"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
	}, nil
}

func (s *Server) deleteWebhook(r *request) (any, *apiError) {
	if r.flag("drop_pending_updates") {
		s.confirmBelow(s.updates.next)
	}
	s.webhook = ""
	return true, nil
}

// SetWebhook makes the server answer as if updates went to that address, as a
// program that used the bot before may have left it: polls are refused until
// deleteWebhook is called. Nothing is sent to the address.
func (s *Server) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = url
}

func (s *Server) getWebhookInfo(*request) (any, *apiError) {
	return map[string]any{"url": s.webhook, "has_custom_certificate": false, "pending_update_count": len(s.updates.pending)}, nil
}
