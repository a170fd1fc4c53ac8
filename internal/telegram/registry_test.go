package telegram_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
	"rollcall/internal/telegram/fakeapi"
)

func TestTheProgramsMenus(t *testing.T) {
	telegram.CheckMenus(t, command.Registry(&command.Handlers{}))
}

// With the program's own words: a stranger must not learn from the answer that a
// keeper's command is there.
func TestTheProgramAnswersKeepersCommandsLikeUnknownOnes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	const ada rollcall.UserID = 7100000001
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", LanguageCode: "uk", Started: true})
	keys, err := secret.New([32]byte{31: 7})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "rollcall.db"), store.Options{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	client, err := telegram.NewClient(ctx, s.URL(), s.Token())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	registry := command.Registry(&command.Handlers{DB: db, Keys: keys, Search: search.New(db), Log: log})
	sender := telegram.NewSender(client, telegram.Limits{}, log)
	defer sender.Close(ctx)
	router := telegram.NewRouter(registry, telegram.RouterOptions{Username: client.Username, DefaultLanguage: rollcall.English, DB: db, Keys: keys, Log: log})
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- telegram.NewBot(client, router, sender, db, log, telegram.Options{Workers: 8, PollTimeout: 50 * time.Second}).Run(run)
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	ask := func(text string) string {
		t.Helper()
		before := len(s.Calls("sendMessage"))
		if _, err := s.Send(ada, ada.Chat(), text); err != nil {
			t.Fatal(err)
		}
		if err := s.Wait(ctx, func(s *fakeapi.Server) bool { return s.Pending() == 0 && len(s.Calls("sendMessage")) > before }); err != nil {
			t.Fatal(err)
		}
		return s.Calls("sendMessage")[before].Params.Encode()
	}
	want := ask("/nosuch 1")
	for _, c := range registry.Commands {
		if c.Access == telegram.Anyone {
			continue
		}
		if got := ask("/" + c.Name + " 1"); got != want {
			t.Errorf("/%s is answered\n%s\nand an unknown command\n%s", c.Name, got, want)
		}
	}
}
