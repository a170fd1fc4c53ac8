package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// Invented people and places. The numbers are such that they stand out in a log.
const (
	ada    rollcall.UserID = 7100000001
	bo     rollcall.UserID = 7100000002
	editor rollcall.UserID = 7100000003
	owner  rollcall.UserID = 7100000004

	group   rollcall.ChatID = -7200000001
	channel rollcall.ChatID = -1007300000001
)

// patience is how long a test waits for what must come. In a bubble it is
// virtual time, and costs nothing.
const patience = time.Hour

// pipes is a network within the process. Unlike sockets, its connections block
// in the way that testing/synctest knows, so that a client, a server and all
// their time-outs run in virtual time.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})} }

var errRefusedHere = errors.New("nobody listens")

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.dialled <- far:
		return near, nil
	case <-p.closed:
		return nil, errRefusedHere
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// logBook is a log that can be searched.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines returns the records that hold the text, decoded.
func (l *logBook) lines(part string) []map[string]any {
	var found []map[string]any
	for _, line := range strings.Split(l.String(), "\n") {
		if strings.Contains(line, part) {
			var m map[string]any
			if err := json.Unmarshal([]byte(line), &m); err == nil {
				found = append(found, m)
			}
		}
	}
	return found
}

// A lab is a server with people, a store, and a client of the server.
type lab struct {
	*fakeapi.Server
	t      *testing.T
	ctx    context.Context
	net    *pipes
	client *Client
	book   *logBook
	log    *slog.Logger
	keys   *secret.Keys
	path   string
	db     *store.DB
	runs   []*run

	fallback rollcall.Language // the bot's own

	closers []func()
}

// bubble runs a test in virtual time: nothing in it waits for the real clock,
// and what blocks for ever fails at once. At its end it checks that the log
// tells nothing about anybody and that the server was asked nothing odd.
func bubble(t *testing.T, o fakeapi.Options, test func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 365*24*time.Hour)
		defer cancel()
		keys, err := secret.New([32]byte{31: 7})
		if err != nil {
			t.Fatal(err)
		}
		l := &lab{Server: fakeapi.New(o), t: t, ctx: ctx, net: newPipes(), book: &logBook{}, keys: keys,
			fallback: rollcall.English, path: filepath.Join(t.TempDir(), "rollcall.db")}
		l.log = slog.New(slog.NewJSONHandler(l.book, &slog.HandlerOptions{Level: slog.LevelDebug}))
		web := &http.Server{Handler: l.Server}
		served := make(chan struct{})
		go func() { defer close(served); web.Serve(l.net) }()
		over := &http.Transport{DialContext: l.net.dial, MaxIdleConnsPerHost: maxCalls + 1}
		defer func() {
			for _, r := range l.runs {
				r.stop()
			}
			for _, f := range l.closers {
				f()
			}
			l.Server.Close()
			over.CloseIdleConnections()
			web.Close()
			<-served
			if l.db != nil {
				l.db.Close()
			}
		}()
		l.people()
		if l.client, err = newClient(ctx, over, "http://telegram.example", l.Token()); err != nil {
			t.Fatal(err)
		}
		l.open()
		test(l)
		l.checkLog()
		for _, p := range l.Problems() {
			t.Errorf("the server notes: %s", p)
		}
	})
}

func (l *lab) people() {
	l.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", LanguageCode: "en", Started: true})
	l.AddUser(fakeapi.User{ID: bo, FirstName: "Bo", LanguageCode: "uk", Started: true})
	l.AddUser(fakeapi.User{ID: editor, FirstName: "Edit", LanguageCode: "en", Started: true})
	l.AddUser(fakeapi.User{ID: owner, FirstName: "Owen", LanguageCode: "en", Started: true})
	l.AddChat(fakeapi.Chat{ID: group, Type: "group", Title: "Sample group"})
	l.AddChat(fakeapi.Chat{ID: channel, Type: "channel", Title: "Sample channel"})
}

// open opens the store, anew after a crash.
func (l *lab) open() {
	l.t.Helper()
	db, err := store.Open(l.ctx, l.path, store.Options{Keys: l.keys})
	if err != nil {
		l.t.Fatal(err)
	}
	l.db = db
}

func (l *lab) checkLog() {
	l.t.Helper()
	text := l.book.String()
	for _, secret := range []string{l.Token(), "/bot42", "telegram.example", "7100000", "7200000", "7300000", "Ada"} {
		if strings.Contains(text, secret) {
			l.t.Errorf("the log tells %q", secret)
		}
	}
}

// A run is a bot at work.
type run struct {
	*Bot
	l      *lab
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
	err    error
}

// start runs a bot with the registry.
func (l *lab) start(g Registry) *run {
	l.t.Helper()
	return l.startWith(g, Options{Workers: 8, PollTimeout: 50 * time.Second}, Limits{})
}

func (l *lab) startWith(g Registry, o Options, limits Limits) *run {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.ctx)
	sender := NewSender(l.client, limits, l.log)
	router := NewRouter(g, RouterOptions{Username: l.client.Username, Owners: []rollcall.UserID{owner}, Editors: []rollcall.UserID{editor},
		DefaultLanguage: l.fallback, DB: l.db, Keys: l.keys, Log: l.log})
	r := &run{Bot: NewBot(l.client, router, sender, l.db, l.log, o), l: l, cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- r.Run(ctx) }()
	l.runs = append(l.runs, r)
	return r
}

// stop ends the bot as a signal does, and returns what Run returned.
func (r *run) stop() error { return r.end(closeTime) }

// crash ends the bot with nothing that was under way brought to its end, and
// opens the store anew. What was committed is there, and nothing else.
func (r *run) crash() {
	r.l.t.Helper()
	r.end(0)
	if err := r.l.db.Close(); err != nil {
		r.l.t.Error(err)
	}
	r.l.Release() // what hangs at the server's end was lost with the process
	r.l.open()
}

const closeTime = 5 * time.Second

func (r *run) end(grace time.Duration) error {
	r.once.Do(func() {
		r.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if grace == 0 {
			r.sender.Close(ctx)
			r.err = <-r.ended
			return
		}
		r.err = <-r.ended
		r.sender.Close(ctx)
	})
	return r.err
}

// within is a context for one wait.
func (l *lab) within() context.Context {
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	l.t.Cleanup(cancel)
	return ctx
}

func (l *lab) idle() {
	l.t.Helper()
	if err := l.WaitIdle(l.within()); err != nil {
		l.t.Fatal(err)
	}
	synctest.Wait()
}

func (l *lab) wait(what string, cond func(*fakeapi.Server) bool) {
	l.t.Helper()
	if err := l.Wait(l.within(), cond); err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
}

// until waits for a channel to be closed.
func (l *lab) until(what string, c <-chan struct{}) {
	l.t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		l.t.Fatalf("waited in vain: %s", what)
	}
}

// says makes somebody write in private.
func (l *lab) says(u rollcall.UserID, text string) fakeapi.Sent {
	l.t.Helper()
	sent, err := l.Send(u, u.Chat(), text)
	if err != nil {
		l.t.Fatal(err)
	}
	return sent
}

// texts are the bot's messages in a chat, as people see them.
func (l *lab) texts(c rollcall.ChatID) []string {
	var list []string
	for _, m := range l.Own(c) {
		list = append(list, m.Body())
	}
	return list
}

// state is what the store knows of an update, after all that it was told has
// been committed.
func (l *lab) state(id int64) store.UpdateState {
	l.t.Helper()
	if err := l.db.Update(l.ctx, func(*store.Tx) error { return nil }); err != nil {
		l.t.Fatal(err)
	}
	known, err := l.db.KnownUpdates(l.ctx, id, id)
	if err != nil {
		l.t.Fatal(err)
	}
	return known[id].State
}

// echo answers with the handler's name and what it was asked.
func echo(name string) Handler {
	return func(_ context.Context, r *Request) (Answer, error) {
		return r.Reply(plainly("%s [%s] %s %s", name, r.Args, r.Role, r.Language)), nil
	}
}

func plainly(format string, args ...any) render.Message {
	return render.Message{Text: render.Escape(fmt.Sprintf(format, args...))}
}

// textOnly is a registry in which every message in private goes to h.
func textOnly(h Handler) Registry {
	return Registry{Text: h, Unknown: h, Other: h, Photo: h, Document: h, OldPress: h, InGroup: h}
}

// signs is a handler with an effect that the store can be asked for: the update
// signs a petition under a tag of its own. Done twice, the second says so.
func signs(r *Request) Answer {
	return Answer{Effect: func(tx *store.Tx) ([]Action, error) {
		out, err := tx.Sign(samplePetition, 1, tagOf(r.UpdateID))
		if err != nil {
			return nil, err
		}
		text := "recorded"
		if out != store.Recorded {
			text = "done twice"
		}
		return []Action{Say(r.Chat, plainly("%s: %s", text, r.Args))}, nil
	}}
}

func tagOf(update int64) secret.Tag {
	var tag secret.Tag
	copy(tag[:], fmt.Sprint(update))
	return tag
}

const samplePetition = "sample"

// openPetition opens what [signs] signs.
func openPetition(ctx context.Context, db *store.DB) error {
	now := time.Now().UTC().Truncate(time.Second)
	return db.OpenPetition(ctx, rollcall.Petition{Slug: samplePetition, Opens: now.Add(-time.Hour), Closes: now.Add(10000 * time.Hour),
		Organiser: "Example Group", Addressee: "Example Office",
		Title: map[rollcall.Language]string{"en": "A sample"}, Text: map[rollcall.Language]string{"en": "A text."}}, store.Shell)
}

// signed reports whether the update's effect is there.
func (l *lab) signed(update int64) bool {
	l.t.Helper()
	yes, err := l.db.HasSigned(l.ctx, samplePetition, tagOf(update))
	if err != nil {
		l.t.Fatal(err)
	}
	return yes
}
