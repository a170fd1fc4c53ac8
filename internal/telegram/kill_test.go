package telegram

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// TestMain lets the test binary serve as the bot that [TestEffectsAreThereOnceAfterKills]
// kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("ROLLCALL_TEST_CHILD"); path != "" {
		fmt.Fprintln(os.Stderr, childBot(path, os.Getenv("ROLLCALL_TEST_API")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func childKeys() (*secret.Keys, error) { return secret.New([32]byte{31: 9}) }

// childBot runs until it is killed, or until its parent is gone.
func childBot(path, api string) error {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	ctx := context.Background()
	keys, err := childKeys()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, path, store.Options{Keys: keys})
	if err != nil {
		return err
	}
	client, err := NewClient(ctx, api, fakeapi.DefaultToken)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h := func(_ context.Context, r *Request) (Answer, error) {
		if strings.HasPrefix(r.Args, "read") {
			return r.Reply(plainly("read: %s", r.Args)), nil
		}
		return signs(r), nil
	}
	router := NewRouter(textOnly(h), RouterOptions{Username: client.Username, DefaultLanguage: rollcall.English, DB: db, Keys: keys, Log: log})
	return NewBot(client, router, NewSender(client, Limits{}, log), db, log, Options{Workers: 8, PollTimeout: 50 * time.Second}).Run(ctx)
}

// A killer ends a child at a chosen call.
type killer struct {
	api *fakeapi.Server

	mu     sync.Mutex
	method string
	left   int  // calls of the method, that one included; 0 for none
	before bool // the call is not carried out
	child  *exec.Cmd
	ended  chan struct{}
}

func (k *killer) hook(method string, p url.Values) {
	k.mu.Lock()
	defer k.mu.Unlock()
	// A poll without an offset confirms nothing.
	if k.left == 0 || method != k.method || method == "getUpdates" && p.Get("offset") == "" {
		return
	}
	if k.left--; k.left > 0 {
		return
	}
	if k.before {
		k.api.Fault(fakeapi.Fault{Method: "*", Kind: fakeapi.Reset, Times: fakeapi.Forever})
		k.api.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Reset, Times: fakeapi.Forever})
	}
	k.child.Process.Kill()
	<-k.ended
}

// launch starts a child that is to be killed as given.
func (k *killer) launch(t *testing.T, db, method string, left int, before bool) (stderr *bytes.Buffer, stdin io.Closer) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ROLLCALL_TEST_CHILD="+db, "ROLLCALL_TEST_API="+k.api.URL())
	stderr = &bytes.Buffer{}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.method, k.left, k.before, k.child, k.ended = method, left, before, cmd, make(chan struct{})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func(ended chan struct{}) {
		cmd.Wait()
		close(ended)
	}(k.ended)
	return stderr, stdin
}

// A bot is killed again and again between its commits and their confirmation.
// Each effect is there, none was done twice, and everybody has an answer.
func TestEffectsAreThereOnceAfterKills(t *testing.T) {
	t.Parallel()
	kills, people, each := 20, 10, 3
	if os.Getenv("ROLLCALL_LONG") != "" {
		kills = 200
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(kills)*5*time.Second)
	defer cancel()
	path := filepath.Join(t.TempDir(), "rollcall.db")
	keys, err := childKeys()
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, path, store.Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	if err := openPetition(ctx, db); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	k := &killer{}
	k.api = fakeapi.Run(t, fakeapi.Options{KeepMessages: 100_000, Hook: k.hook})
	for i := range people {
		k.api.AddUser(fakeapi.User{ID: rollcall.UserID(7100000100 + i), FirstName: "Somebody", Started: true})
	}
	type asked struct {
		update int64
		chat   rollcall.ChatID
		text   string // of the answer
	}
	var all []asked
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	write := func() {
		for range each {
			for i := range people {
				u := rollcall.UserID(7100000100 + i)
				text, answer := fmt.Sprint("effect ", len(all)), "recorded: effect "
				if len(all)%3 == 0 {
					text, answer = fmt.Sprint("read ", len(all)), "read: read "
				}
				sent, err := k.api.Send(u, u.Chat(), text)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, asked{sent.UpdateID, u.Chat(), answer + fmt.Sprint(len(all))})
			}
		}
	}
	for range kills {
		write()
		method, left := "sendMessage", 1+rng.IntN(people*each*2/3)
		if rng.IntN(4) == 0 {
			method, left = "getUpdates", 1
		}
		stderr, stdin := k.launch(t, path, method, left, rng.IntN(2) == 0)
		select {
		case <-k.ended:
		case <-ctx.Done():
			stdin.Close()
			t.Fatalf("no %s for the kill: %s", method, stderr)
		}
		stdin.Close()
		k.mu.Lock()
		if k.left > 0 {
			t.Errorf("the bot ended by itself: %s", stderr)
		}
		k.mu.Unlock()
		checkNoToken(t, fakeapi.DefaultToken, stderr.String())
		k.api.ClearFaults()
	}
	write()
	stderr, stdin := k.launch(t, path, "", 0, false)
	if err := k.api.WaitIdle(ctx); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	k.child.Process.Kill()
	<-k.ended
	stdin.Close()

	if db, err = store.Open(ctx, path, store.Options{Keys: keys}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts := map[rollcall.ChatID]map[string]int{}
	for i := range people {
		chat := rollcall.ChatID(7100000100 + i)
		texts[chat] = map[string]int{}
		for _, m := range k.api.Own(chat) {
			if strings.HasPrefix(m.Text, "done twice") {
				t.Errorf("an effect was done twice: %s", m.Text)
			}
			texts[chat][m.Text]++
		}
	}
	again := 0
	for _, a := range all {
		n := texts[a.chat][a.text]
		if n == 0 {
			t.Errorf("nothing was answered to update %d: %s", a.update, a.text)
		}
		again += n - 1
		if strings.HasPrefix(a.text, "recorded") {
			if yes, err := db.HasSigned(ctx, samplePetition, tagOf(a.update)); err != nil || !yes {
				t.Errorf("the effect of update %d is not there, %v", a.update, err)
			}
		}
	}
	known, err := db.KnownUpdates(ctx, all[0].update, all[len(all)-1].update)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if got := known[a.update].State; got != store.Answered {
			t.Errorf("update %d is %q in the end", a.update, got)
		}
	}
	if owed, err := db.OwedAnswers(ctx); err != nil || len(owed) > 0 {
		t.Errorf("%d answers are owed in the end, %v", len(owed), err)
	}
	// A kill between an answer and its mark lets it be given once more; at most
	// those of one batch.
	if most := kills * (people*each + people); again > most {
		t.Errorf("%d answers were given again, want at most %d", again, most)
	}
	t.Logf("%d updates, %d kills, %d answers given again", len(all), kills, again)
}
