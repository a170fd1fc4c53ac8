// Package chatpage is a web page in which one reader plays the people who talk
// to a bot, against the stand-in of Telegram in package fakeapi.
//
// The page holds no state that matters: whatever it shows comes from the server
// by one stream of server-sent events, in which each message bears the number of
// its last change. A browser that was asleep, reloaded or cut off names the last
// number that it has and gets what came later, so it never has to guess. The
// assets are plain files, embedded as they are; nothing is built, and nothing is
// fetched from elsewhere, which the Content-Security-Policy also says.
//
// Whoever reaches the page can act as each of the people, so it answers requests
// for its own host name only and none that another site's page makes (DNS
// rebinding, cross-site requests).
//
// Left out: accounts, more than one bot, editing and deleting one's own messages,
// stickers and voice. It is for rehearsal, and says so.
package chatpage

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// A Person is somebody whom the reader can play.
type Person struct {
	fakeapi.User
	Role string // "editor", "owner", or "" for anyone
}

// An Idea is something to type, with what it shows.
type Idea struct {
	Text  string `json:"text"`
	Shows string `json:"shows"`
}

// A File is one that the reader may send to the bot without having it.
type File struct {
	Name  string
	Data  []byte
	Shows map[rollcall.Language]string // what it shows
}

// Options are what a page shows; API, People, Group and Channel are needed.
type Options struct {
	API     *fakeapi.Server
	People  []Person
	Group   fakeapi.Chat
	Channel fakeapi.Chat

	Ideas map[rollcall.Language][]Idea
	Files []File

	// NextDigest posts the channel's digest at once. The page has no button for
	// it when nil.
	NextDigest func(context.Context) error

	// Listen is the address that the page is served at, host:port; it says which
	// Host headers are its own.
	Listen string

	Log *slog.Logger
}

// A Page serves the page and its stream. It is safe for concurrent use.
type Page struct {
	Options
	epoch string // of this server: numbers of another mean nothing
	own   hosts
	mux   *http.ServeMux

	mu      sync.Mutex
	fault   string        // the one last put in order
	changed chan struct{} // closed and replaced when a fault is put in order or taken back
	closed  chan struct{} // by Close
}

// New makes a page.
func New(o Options) *Page {
	p := &Page{Options: o, epoch: rand.Text()[:8], own: ownHosts(o.Listen), changed: make(chan struct{}), closed: make(chan struct{})}
	p.mux = http.NewServeMux()
	p.mux.Handle("GET /", assets())
	p.mux.HandleFunc("GET /events", p.events)
	p.mux.HandleFunc("GET /files/{id}", p.file)
	p.mux.HandleFunc("POST /say", p.say)
	p.mux.HandleFunc("POST /press", p.press)
	p.mux.HandleFunc("POST /upload", p.upload)
	p.mux.HandleFunc("POST /samples/{name}", p.sendSample)
	p.mux.HandleFunc("POST /digest", p.digest)
	p.mux.HandleFunc("POST /fault", p.playFault)
	return p
}

// Close ends all streams, so that an [http.Server] can shut down. It may be
// called once.
func (p *Page) Close() { close(p.closed) }

// ServeHTTP answers a browser.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.own.asked(r) {
		http.Error(w, "This page answers only under its own address and only to itself.", http.StatusForbidden)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	p.mux.ServeHTTP(w, r)
}

// shown are the chats that the page shows.
func (p *Page) shown() []rollcall.ChatID {
	ids := []rollcall.ChatID{p.Group.ID, p.Channel.ID}
	for _, person := range p.People {
		ids = append(ids, person.ID.Chat())
	}
	return ids
}

func (p *Page) shows(chat rollcall.ChatID) bool { return slices.Contains(p.shown(), chat) }

func (p *Page) plays(id rollcall.UserID) bool {
	return slices.ContainsFunc(p.People, func(person Person) bool { return person.ID == id })
}

// heartbeat is how often a stream says something when nothing happens, so that a
// browser can tell a quiet stream from a dead one.
const heartbeat = 10 * time.Second
