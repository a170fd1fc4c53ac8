package telegram

import (
	"context"
	"sync"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// What an edit with a post's own content says, against a server that follows the
// Bot API's texts.
func TestCompare(t *testing.T) {
	buttons := [][]render.Button{{{Label: "Look up", URL: "https://t.me/rollcall_test_bot?start=find"}}}
	words := render.Message{Text: "<b>A &amp; digest</b>\nhttps://example.org", Buttons: buttons}
	chart := samplePNG
	for _, c := range []struct {
		name  string
		there Action // in the channel; the zero Action for another's post
		post  Action
		want  Likeness
	}{
		{"the same text", Say(channel, words), Say(channel, words), Alike},
		{"the same picture", Photo(channel, chart, "", words), Photo(channel, chart, "", words), Alike},
		{"the same picture by its id", Photo(channel, chart, "", words), Photo(channel, nil, "of the same picture", words), Alike},
		{"a picture alone", Photo(channel, chart, "", render.Message{}), Photo(channel, chart, "", render.Message{}), Alike},
		{"protected", Say(channel, render.Message{Text: "x", Protect: true}), Say(channel, render.Message{Text: "x", Protect: true}), Alike},
		{"another's", Action{}, Say(channel, words), Unlike},
		{"another's, and a picture", Action{}, Photo(channel, chart, "", words), Unlike},
		{"a text for a picture", Say(channel, words), Photo(channel, chart, "", words), Unlike},
		{"a text for a picture alone", Say(channel, words), Photo(channel, chart, "", render.Message{}), Unlike},
		{"a picture for a text", Photo(channel, chart, "", words), Say(channel, words), Unlike},
		{"another text of the bot's", Say(channel, render.Message{Text: "Other"}), Say(channel, words), Rewritten},
		{"other buttons", Say(channel, render.Message{Text: words.Text}), Say(channel, words), Rewritten},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				s := l.mailer(Limits{})
				var id rollcall.MessageID
				if c.there.Kind == "" {
					sent, err := l.ChannelPost(channel, "Of another administrator")
					if err != nil {
						l.t.Fatal(err)
					}
					id = sent.MessageID
				} else {
					var err error
					if id, _, err = s.Post(l.ctx, c.there); err != nil {
						l.t.Fatal(err)
					}
				}
				if got, err := s.Compare(l.ctx, id, c.post); err != nil || got != c.want {
					l.t.Errorf("got %d, %v, want %d", got, err, c.want)
				}
				if got, err := s.Compare(l.ctx, id+1, c.post); err != nil || got != Unlike {
					l.t.Errorf("a message that is not there: got %d, %v, want unlike", got, err)
				}
			})
		})
	}
}

func TestACompareThatSaysNothingIsAnError(t *testing.T) {
	for name, f := range map[string]fakeapi.Fault{
		"asked to wait": {Kind: fakeapi.Flood, RetryAfter: time.Second}, "within": {Kind: fakeapi.Status, Code: 500},
		"lost": {Kind: fakeapi.Lost}, "cut": {Kind: fakeapi.Cut}, "reset": {Kind: fakeapi.Reset},
		"another refusal": {Kind: fakeapi.Status, Code: 400},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				s := l.mailer(Limits{})
				post := Say(channel, render.Message{Text: "Words"})
				id, _, err := s.Post(l.ctx, post)
				if err != nil {
					l.t.Fatal(err)
				}
				f.Method = "editMessageText"
				l.Fault(f)
				if got, err := s.Compare(l.ctx, id, post); err == nil {
					l.t.Errorf("got %d, want an error", got)
				}
				if got, err := s.Compare(l.ctx, id, post); err != nil || got != Alike {
					l.t.Errorf("the next time: got %d, %v, want alike", got, err)
				}
			})
		})
	}
}

// Comparing is paced as posting is.
func TestComparingKeepsTheChatsPace(t *testing.T) {
	bubble(t, fakeapi.Options{Limits: fakeapi.Limits{GroupPerMinute: 20, Edits: true}}, func(l *lab) {
		s := l.mailer(Limits{PerSecond: 29, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
		began := time.Now()
		for id := range rollcall.MessageID(40) {
			if _, err := s.Compare(l.ctx, id+1, Say(channel, render.Message{Text: "Words"})); err != nil {
				l.t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 2*time.Minute || l.TooMany() > 0 {
			l.t.Errorf("40 edits took %s, with %d refused, want two minutes and none", took, l.TooMany())
		}
	})
}

// A keeper who writes in private is one who can be written to.
func TestAKeeperWhoWritesIsKnown(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		r := l.start(textOnly(func(_ context.Context, r *Request) (Answer, error) { return r.Reply(plainly("hello")), nil }))
		knows := func(u rollcall.UserID) bool {
			l.t.Helper()
			known, err := l.db.KnowsPeer(l.ctx, u)
			if err != nil {
				l.t.Fatal(err)
			}
			return known
		}
		for _, u := range []rollcall.UserID{ada, editor, owner} {
			if knows(u) {
				l.t.Errorf("%d is known before it wrote", u)
			}
			if _, err := l.Send(u, u.Chat(), "hello"); err != nil {
				l.t.Fatal(err)
			}
		}
		if _, err := l.Send(owner, group, "/hello"); err != nil {
			l.t.Fatal(err)
		}
		l.idle()
		if knows(ada) || !knows(editor) || !knows(owner) {
			l.t.Errorf("known: anyone %t, the editor %t, the owner %t; want the keepers alone", knows(ada), knows(editor), knows(owner))
		}
		r.stop()
	})
}

// A change of the bot's standing reaches the registry's handler, and what fails in
// it is told nobody.
func TestTheBotsStandingIsRouted(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		var mu sync.Mutex // two chats are served side by side
		var got []store.Standing
		var from []rollcall.UserID
		g := textOnly(nil)
		g.Member = func(_ context.Context, r *Request) (Answer, error) {
			mu.Lock()
			defer mu.Unlock()
			got, from = append(got, *r.Standing), append(from, r.From)
			if len(got) == 2 {
				panic("broken")
			}
			return Answer{}, nil
		}
		r := l.start(g)
		if _, err := l.SetMember(channel, l.Bot().ID, fakeapi.Member{Status: "administrator", CanPost: true, CanEdit: true}); err != nil {
			l.t.Fatal(err)
		}
		l.idle()
		if _, err := l.SetMember(channel, l.Bot().ID, fakeapi.Member{Status: "administrator"}); err != nil {
			l.t.Fatal(err)
		}
		if _, err := l.Block(ada); err != nil {
			l.t.Fatal(err)
		}
		l.idle()
		r.stop()
		want := map[rollcall.ChatID]store.Standing{
			channel:    {Chat: channel, Type: "channel", Status: "administrator"},
			ada.Chat(): {Chat: ada.Chat(), Type: "private", Status: "kicked"},
		}
		if len(got) != 3 || got[0] != (store.Standing{Chat: channel, Type: "channel", Status: "administrator", Post: true, Edit: true}) {
			l.t.Fatalf("got %+v", got)
		}
		for i := 1; i < 3; i++ {
			if got[i] != want[got[i].Chat] {
				l.t.Errorf("got %+v, want %+v", got[i], want[got[i].Chat])
			}
			if who := map[rollcall.ChatID]rollcall.UserID{ada.Chat(): ada}[got[i].Chat]; from[i] != who {
				l.t.Errorf("from %d, want %d", from[i], who)
			}
		}
		if n := len(l.Own(channel)) + len(l.Own(ada.Chat())); n != 0 {
			l.t.Errorf("%d messages were sent, want none", n)
		}
	})
}
