package telegram

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

func TestChat(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", Started: true})
	s.AddUser(fakeapi.User{ID: bo, FirstName: "Bo"})
	s.AddChat(fakeapi.Chat{ID: channel, Type: "channel", Title: "Sample channel"})
	s.AddChat(fakeapi.Chat{ID: group, Type: "group", Title: "Sample circle"})
	const shut rollcall.ChatID = -1007300000002
	s.AddChat(fakeapi.Chat{ID: shut, Type: "channel", Title: "Shut"})
	if _, err := s.SetMember(shut, s.Bot().ID, fakeapi.Member{Status: "kicked"}); err != nil {
		t.Fatal(err)
	}
	client := realClient(t, s)
	for name, c := range map[string]struct {
		id   rollcall.ChatID
		want Chat
		why  Refusal
	}{
		"a channel":                   {id: channel, want: Chat{channel, "channel", "Sample channel"}},
		"a group":                     {id: group, want: Chat{group, "group", "Sample circle"}},
		"a private chat has no title": {id: ada.Chat(), want: Chat{ada.Chat(), "private", ""}},
		"somebody who never wrote":    {id: bo.Chat(), why: ChatGone},
		"nothing":                     {id: -1009999999999, why: ChatGone},
		"a channel that threw it out": {id: shut, why: NoRights},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client.Chat(t.Context(), c.id)
			if c.why == NotRefused && err != nil || c.why != NotRefused && !Refused(err, c.why) {
				t.Fatalf("got error %v, want %q", err, c.why)
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
			checkNoToken(t, s.Token(), err)
		})
	}
}

func TestMembership(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddChat(fakeapi.Chat{ID: channel, Type: "channel", Title: "Sample channel"})
	s.AddChat(fakeapi.Chat{ID: group, Type: "group", Title: "Sample circle"})
	client := realClient(t, s)
	for name, c := range map[string]struct {
		in      rollcall.ChatID
		is      fakeapi.Member
		want    Membership
		maySend bool
		why     Refusal
	}{
		"may post":           {in: channel, is: fakeapi.Member{Status: "administrator", CanPost: true}, want: Membership{Status: "administrator", Post: true}, maySend: true},
		"may post and edit":  {in: channel, is: fakeapi.Member{Status: "administrator", CanPost: true, CanEdit: true}, want: Membership{Status: "administrator", Post: true, Edit: true}, maySend: true},
		"without rights":     {in: channel, is: fakeapi.Member{Status: "administrator", CanDelete: true}, want: Membership{Status: "administrator"}},
		"a channel's reader": {in: channel, is: fakeapi.Member{Status: "member"}, want: Membership{Status: "member"}},
		"a group's member":   {in: group, is: fakeapi.Member{Status: "member"}, want: Membership{Status: "member"}, maySend: true},
		"a group's keeper":   {in: group, is: fakeapi.Member{Status: "administrator"}, want: Membership{Status: "administrator"}, maySend: true},
		"thrown out":         {in: group, is: fakeapi.Member{Status: "kicked"}, why: NoRights},
		"gone":               {in: group, is: fakeapi.Member{Status: "left"}, why: NoRights},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.SetMember(c.in, s.Bot().ID, c.is); err != nil {
				t.Fatal(err)
			}
			got, err := client.Membership(t.Context(), c.in)
			if c.why == NotRefused && err != nil || c.why != NotRefused && !Refused(err, c.why) {
				t.Fatalf("got error %v, want %q", err, c.why)
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
			kind := map[rollcall.ChatID]string{channel: "channel", group: "group"}[c.in]
			if got.MaySend(kind) != c.maySend {
				t.Errorf("it may send: %t, want %t", got.MaySend(kind), c.maySend)
			}
		})
	}
	for _, send := range []bool{false, true} {
		if got := (Membership{Status: "restricted", Send: send}).MaySend("supergroup"); got != send {
			t.Errorf("restricted, with can_send_messages %t: it may send: %t", send, got)
		}
	}
}

func TestHasWebhook(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	client := realClient(t, s)
	if got, err := client.HasWebhook(t.Context()); err != nil || got {
		t.Errorf("got %t, %v, want none", got, err)
	}
	s.SetWebhook("https://hook.example.org/secret")
	if got, err := client.HasWebhook(t.Context()); err != nil || !got {
		t.Errorf("got %t, %v, want one", got, err)
	}
	if _, err := client.Poll(t.Context(), 0, 0); !Refused(err, WebhookSet) {
		t.Errorf("a poll: got %v, want it refused for the webhook", err)
	}
}

func TestAQuestionIsNotAnsweredByAnotherForm(t *testing.T) {
	client := answers(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":[]}`)
	})
	if c, err := client.Chat(t.Context(), channel); err == nil {
		t.Errorf("Chat: got %+v and no error", c)
	}
	if m, err := client.Membership(t.Context(), channel); err == nil {
		t.Errorf("Membership: got %+v and no error", m)
	}
	if _, err := client.HasWebhook(t.Context()); err == nil {
		t.Error("HasWebhook: no error")
	}
}

func TestReach(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   time.Time
	}{
		"its time":      {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", at.Format(http.TimeFormat)) }, at},
		"no such page":  {func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil; w.WriteHeader(404) }, time.Time{}},
		"a broken time": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", "noon") }, time.Time{}},
		"a redirect": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", at.Format(http.TimeFormat))
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(302)
		}, at},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			if got, err := Reach(t.Context(), s.URL); err != nil || !got.Equal(c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := Reach(t.Context(), "http://"+l.Addr().String()); err == nil {
		t.Error("nobody listens, and no error is returned")
	}
}
