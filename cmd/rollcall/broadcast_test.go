package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
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

// A digest goes to many subscribers through Telegram's limits, each call taking as
// long as one over a network, while other people look somebody up. Every subscriber
// gets it once, nothing is over the limits, and everybody is answered. The figures
// are in the log of the test: of ten thousand with ROLLCALL_LONG=1.
func TestABroadcastKeepsTheLimitsAndAnswersGoFirst(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector is on, and it is the program as it runs that is measured")
	}
	t.Parallel()
	subscribers := 240
	if os.Getenv("ROLLCALL_LONG") == "1" {
		subscribers = 10_000
	}
	const (
		latency  = 100 * time.Millisecond
		askers   = 60
		askEvery = 500 * time.Millisecond
	)
	first, asker := rollcall.UserID(7_200_100_000), rollcall.UserID(7_200_900_000)
	api := fakeapi.Run(t, fakeapi.Options{Limits: fakeapi.TelegramLimits(), Hook: func(method string, _ url.Values) {
		if method != "getUpdates" {
			time.Sleep(latency) // the network's, not the test's
		}
	}})
	for i := range subscribers {
		api.AddUser(fakeapi.User{ID: first + rollcall.UserID(i), FirstName: "Reader", LanguageCode: "uk", Started: true})
	}
	for i := range askers {
		api.AddUser(fakeapi.User{ID: asker + rollcall.UserID(i), FirstName: "Family", LanguageCode: "uk"})
	}
	dir := t.TempDir()
	writeFile(t, dir, "rollcall.yaml", "digests:\n  - {name: daily, schedule: \"0 9 * * *\", timezone: Europe/Kyiv, chat: -1001234567890, language: uk, chart: true, catch_up: 6h}\n")
	writeFile(t, dir, "roster.csv", "id,full_name,birth_year,status,status_date,source\nEX-1,Вигаданко Іван Уявович,1985,missing,2026-02-01,Зразковий реєстр\n")
	before, due := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 7, 0, 1, 0, time.UTC)
	if out, err := process(api, dir, due, "import", "roster.csv").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	subscribe(t, filepath.Join(dir, "db.sqlite"), before, first, subscribers, rollcall.Ukrainian)

	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(subscribers)*50*time.Millisecond+time.Minute)
	defer cancel()
	cmd := process(api, dir, due, "serve")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	var mu sync.Mutex
	var asking sync.WaitGroup
	over := make(chan struct{})
	asking.Go(func() {
		tick := time.NewTicker(askEvery)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			id := asker + rollcall.UserID(i%askers)
			began := time.Now()
			sent, err := api.Send(id, id.Chat(), "/find Вигаданко Іван")
			if err != nil {
				t.Error(err)
				return
			}
			asking.Go(func() {
				if _, err := api.WaitMessage(ctx, id.Chat(), func(m fakeapi.Message) bool { return m.From != nil && m.From.IsBot && m.Seq > sent.Seq }); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(began))
			})
		}
	})
	last := first + rollcall.UserID(subscribers-1)
	_, err := api.WaitMessage(ctx, last.Chat(), func(fakeapi.Message) bool { return true })
	close(over)
	asking.Wait()
	if err == nil {
		err = api.WaitIdle(ctx)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, talk.String())
	}
	var from, until time.Time
	messages := len(took)
	for i := range subscribers {
		id := first + rollcall.UserID(i)
		got := api.Own(id.Chat())
		if len(got) != 1 || strings.Contains(got[0].Body(), "Вигаданко") {
			t.Errorf("subscriber %d got %d messages, want one digest without a name", i, len(got))
			continue
		}
		at := time.Unix(got[0].Date, 0)
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(until) {
			until = at
		}
		messages++
	}
	if n := api.TooMany(); n > 0 {
		t.Errorf("%d messages were over the limits", n)
	}
	if p := api.Problems(); len(p) > 0 {
		t.Errorf("Problems() = %q", p)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the bot: %v\n%s", err, talk.String())
	}
	if len(took) == 0 {
		t.Fatal("nobody asked")
	}
	slices.Sort(took)
	seconds := until.Sub(from).Seconds() + 1 // instants are whole seconds
	t.Logf("%d subscribers and %d lookups: %.1f messages a second; lookups answered with p50 %v, p95 %v, the last %v; %v of processor time",
		subscribers, len(took), float64(messages)/seconds, took[len(took)/2].Round(time.Millisecond), took[len(took)*95/100].Round(time.Millisecond),
		took[len(took)-1].Round(time.Millisecond), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Round(10*time.Millisecond))
}

// subscribe gives accounts a subscription each, in turn in the languages.
func subscribe(t *testing.T, path string, now time.Time, first rollcall.UserID, n int, languages ...rollcall.Language) {
	t.Helper()
	keys, err := secret.Open(path + ".secret")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), path, store.Options{Now: func() time.Time { return now }, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := store.Subscription{Digest: "daily", Edition: rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "Europe/Kyiv"}}
	if err := db.Update(t.Context(), func(tx *store.Tx) error {
		for i := range n {
			s.Language = languages[i%len(languages)]
			if err := tx.Subscribe(first+rollcall.UserID(i), s); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
