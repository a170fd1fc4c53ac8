package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// A rush is many accounts that agree and sign, one after the other, with the consent
// text on their screens.
type rush struct {
	t        *testing.T
	api      *fakeapi.Server
	dir      string
	accounts int
	bot      *exec.Cmd
	talk     bytes.Buffer

	mu     sync.Mutex
	toasts map[string]time.Time          // when a press was answered, by its id
	edits  map[rollcall.ChatID]time.Time // when a consent text became what came of it
	edited int
}

const (
	rushPerSecond = 33 // the largest peak known of any petition
	rushLatency   = 100 * time.Millisecond
)

var rushNow = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Everybody who agrees is told at once and counted once, however many come in a
// minute, and Telegram's limits are kept, edits counted as messages. The figures are
// in the log of the test: of ten minutes with ROLLCALL_LONG=1.
func TestNoSignatureOfARushIsLost(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector is on, and it is the program as it runs that is measured")
	}
	t.Parallel()
	lasts := time.Minute
	switch {
	case os.Getenv("ROLLCALL_LONG") == "1":
		lasts = 10 * time.Minute
	case os.Getenv("CI") == "":
		lasts = 15 * time.Second
	}
	r := newRush(t, int(lasts.Seconds())*rushPerSecond)
	ctx, cancel := context.WithTimeout(t.Context(), 3*lasts+2*time.Minute)
	defer cancel()

	// The consent texts are shown before, at no pace.
	consent := map[rollcall.UserID]rollcall.MessageID{}
	r.start(0)
	for i := range r.accounts {
		if _, err := r.api.Send(signatory(i), signatory(i).Chat(), "/sign"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range r.accounts {
		m, err := r.api.WaitMessage(ctx, signatory(i).Chat(), func(m fakeapi.Message) bool {
			_, ok := m.Button("I agree and sign")
			return ok
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, r.talk.String())
		}
		consent[signatory(i)] = m.MessageID
	}
	r.idle(ctx)
	r.stop()

	limits := fakeapi.TelegramLimits()
	limits.Edits = true
	r.api.SetLimits(limits)
	r.api.SetHook(r.called)
	r.start(29)
	type press struct {
		by rollcall.UserID
		at time.Time
	}
	pressed := map[string]press{} // by its id
	began := time.Now()
	next := time.NewTicker(time.Second / rushPerSecond)
	defer next.Stop()
	for i := range r.accounts {
		<-next.C
		id := signatory(i)
		at := time.Now()
		if _, err := r.api.Press(id, id.Chat(), consent[id], "I agree and sign"); err != nil {
			t.Fatal(err)
		}
		pressed[r.api.Presses(id)[0].ID] = press{id, at}
	}
	took := time.Since(began)
	if err := r.api.Wait(ctx, func(*fakeapi.Server) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.edits) == r.accounts
	}); err != nil {
		t.Errorf("%v: of %d consent texts %d were answered\n%s", err, r.accounts, len(r.edits), r.talk.String())
	}
	r.idle(ctx)

	// Who asks again is told so, in a rush too.
	again := signatory(r.accounts / 2)
	if _, err := r.api.Send(again, again.Chat(), "/sign"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.api.WaitMessage(ctx, again.Chat(), func(m fakeapi.Message) bool { return strings.Contains(m.Body(), "already signed") }); err != nil {
		t.Error(err)
	}
	r.idle(ctx)
	r.stop()

	var toasts, edits []time.Duration
	for id, p := range pressed {
		if at, ok := r.toasts[id]; ok {
			toasts = append(toasts, at.Sub(p.at))
		}
		if at, ok := r.edits[p.by.Chat()]; ok {
			edits = append(edits, at.Sub(p.at))
		}
	}
	if len(toasts) != r.accounts || len(edits) != r.accounts {
		t.Errorf("of %d presses %d had a toast, and %d a message", r.accounts, len(toasts), len(edits))
	}
	if r.edited != r.accounts {
		t.Errorf("%d edits for %d presses", r.edited, r.accounts)
	}
	if n := r.api.TooMany(); n > 0 {
		t.Errorf("%d messages were over the limits", n)
	}
	if p := r.api.Problems(); len(p) > 0 {
		t.Errorf("Problems() = %q", p)
	}
	r.count()
	t.Logf("%d presses in %v: answered after p50 %v, p99 %v, the last %v; the message after p50 %v, the last %v; %v of processor time",
		r.accounts, took.Round(time.Second), share(toasts, 50), share(toasts, 99), share(toasts, 100), share(edits, 50), share(edits, 100),
		(r.bot.ProcessState.UserTime() + r.bot.ProcessState.SystemTime()).Round(10*time.Millisecond))
}

func newRush(t *testing.T, accounts int) *rush {
	r := &rush{t: t, dir: t.TempDir(), accounts: accounts, toasts: map[string]time.Time{}, edits: map[rollcall.ChatID]time.Time{}}
	r.api = fakeapi.Run(t, fakeapi.Options{KeepPresses: accounts})
	for i := range accounts {
		r.api.AddUser(fakeapi.User{ID: signatory(i), FirstName: "Signatory", LanguageCode: "en"})
	}
	writeFile(t, r.dir, "petition.yaml", samplePetition)
	if out, err := process(r.api, r.dir, rushNow, "petition", "open", "petition.yaml").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return r
}

func signatory(i int) rollcall.UserID { return rollcall.UserID(7_200_300_000 + i) }

// called notes when Telegram learns of an answer: after the way there.
func (r *rush) called(method string, params url.Values) {
	if method == "getUpdates" {
		return
	}
	time.Sleep(rushLatency) // the network's, not the test's
	r.mu.Lock()
	defer r.mu.Unlock()
	switch method {
	case "answerCallbackQuery":
		r.toasts[params.Get("callback_query_id")] = time.Now()
	case "editMessageText":
		var chat rollcall.ChatID
		fmt.Sscan(params.Get("chat_id"), &chat)
		r.edits[chat] = time.Now()
		r.edited++
	}
}

// start runs the bot with so many messages a second; 0 for no pace. It holds no
// signature of the rush for its speed.
func (r *rush) start(pace int) {
	r.t.Helper()
	writeFile(r.t, r.dir, "rollcall.yaml", fmt.Sprintf("petition: {hold_above: 0, batch_every: 30s, batch_min: 1}\ntelegram: {messages_per_second: %d}\n", pace))
	r.bot = process(r.api, r.dir, rushNow, "serve")
	r.bot.Stderr = &r.talk
	if err := r.bot.Start(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rush) stop() {
	r.t.Helper()
	r.bot.Process.Signal(syscall.SIGTERM)
	if err := r.bot.Wait(); err != nil {
		r.t.Fatalf("the bot: %v\n%s", err, r.talk.String())
	}
}

func (r *rush) idle(ctx context.Context) {
	r.t.Helper()
	if err := r.api.WaitIdle(ctx); err != nil {
		r.t.Fatalf("%v\n%s", err, r.talk.String())
	}
}

// count has what still waits counted, and compares the log with the presses.
func (r *rush) count() {
	r.t.Helper()
	path := filepath.Join(r.dir, "db.sqlite")
	keys, err := secret.Open(path + ".secret")
	if err != nil {
		r.t.Fatal(err)
	}
	db, err := store.Open(r.t.Context(), path, store.Options{Now: func() time.Time { return rushNow.Add(time.Hour) }, Keys: keys})
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Sequence(r.t.Context(), store.Batching{Min: 1, Look: true, Latest: time.Hour}); err != nil {
		r.t.Error(err)
	}
	p, err := db.Petition(r.t.Context(), "register")
	if err != nil {
		r.t.Fatal(err)
	}
	if want := (rollcall.Tally{Signed: r.accounts}); p.Tally != want {
		r.t.Errorf("%+v is counted, want %+v", p.Tally, want)
	}
	if _, err := db.AuditLog(r.t.Context(), "register"); err != nil {
		r.t.Error(err)
	}
}

// share is how long at most so many of a hundred took.
func share(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)*percent/100, len(took)-1)].Round(time.Millisecond)
}
