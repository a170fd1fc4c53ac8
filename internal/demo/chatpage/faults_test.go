package chatpage

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/telegram/fakeapi"
)

// play puts a fault in order.
func (l *lab) play(name string) {
	l.Helper()
	l.done("/fault", map[string]string{"name": name})
}

// told checks which fault the stream tells of next.
func (s *listener) told(want string) {
	s.Helper()
	var e faultEvent
	if s.into("fault", &e); e.Name != want {
		s.Errorf("the stream tells of the fault %q, want %q", e.Name, want)
	}
}

// well checks that the bot's calls are answered as on any day.
func (l *lab) well() {
	l.Helper()
	if down, list := l.api.Down(), l.api.Faults(); down || len(list) > 0 {
		l.Errorf("down: %t, faults in order: %v, want good days", down, list)
	}
	l.called("sendMessage", "chat_id", "101", "text", "all is well")
}

func TestFaultSlow(t *testing.T) {
	waited := make(chan time.Duration, 10)
	l := newLab(t, fakeapi.Options{Sleep: func(_ context.Context, d time.Duration) { waited <- d }}, nil, nil)
	s := l.listen("")
	l.play("slow")
	s.told("slow")
	for range 3 {
		l.called("getMe")
		if d := <-waited; d != 3*time.Second {
			t.Errorf("an answer after %s, want 3s as the page says", d)
		}
	}
	if got := l.listen("").hello.Fault.Name; got != "slow" {
		t.Errorf("a page that comes later is told of %q, want slow", got)
	}
	l.play("")
	s.told("")
	l.well()
	if len(waited) > 0 {
		t.Error("slow after all is well")
	}
}

// The answer to the next message or picture is lost, though it is sent, and none
// after it.
func TestFaultLost(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	s := l.listen("")
	l.play("lost")
	s.told("lost")
	l.called("getMe") // is no message
	if code, _, err := l.bot("sendMessage", "chat_id", "101", "text", "arrives"); err == nil {
		t.Errorf("got %d, want no answer", code)
	}
	if m := l.last(mary.Chat()); m.Text != "arrives" {
		t.Errorf("got %q, want the message whose answer was lost", m.Text)
	}
	s.told("")
	l.well()
}

func TestFaultLimited(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	s := l.listen("")
	l.play("limited")
	s.told("limited")
	for range 2 {
		if code, _, err := l.bot("sendMessage", "chat_id", "101", "text", "too much"); code != http.StatusTooManyRequests || err != nil {
			t.Errorf("got %d (%v), want %d", code, err, http.StatusTooManyRequests)
		}
	}
	s.told("") // over by itself
	if got := l.listen("").hello.Fault.Name; got != "" {
		t.Errorf("a page that comes later is told of %q, want none", got)
	}
	l.well()
}

func TestFaultDown(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	s := l.listen("")
	l.play("down")
	s.told("down")
	for range 2 {
		if code, _, err := l.bot("getMe"); err == nil {
			t.Errorf("got %d, want no connection", code)
		}
	}
	l.says(mary, mary.Chat(), "people go on writing")
	l.play("")
	s.told("")
	l.well()
}

// One fault takes the place of another.
func TestFaultReplaced(t *testing.T) {
	l := newLab(t, fakeapi.Options{Sleep: func(context.Context, time.Duration) {}}, nil, nil)
	s := l.listen("")
	for name, list := range faults {
		for other := range faults {
			if other == name {
				continue
			}
			l.play(other)
			s.told(other)
			l.play(name)
			s.told(name)
			if got, want := len(l.api.Faults()), len(list); got != want || l.api.Down() != (name == "down") {
				t.Errorf("%s after %s: %d faults in order, down: %t", name, other, got, l.api.Down())
			}
			l.play("")
			s.told("")
		}
	}
	l.well()
}

func TestFaultUnknown(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	l.play("limited")
	want := l.api.Faults()
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"no such fault", "application/json", `{"name":"storm"}`, 400},
		{"another's spelling", "application/json", `{"name":"Down"}`, 400},
		{"no name but a number", "application/json", `{"name":7}`, 400},
		{"no JSON", "application/json", `down`, 400},
		{"another type", "text/plain", `{"name":"down"}`, 415},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			l.refused(l.do(http.MethodPost, "/fault", strings.NewReader(c.body), "Content-Type", c.kind), c.status, "unreadable")
			if d := cmp.Diff(l.api.Faults(), want); d != "" || l.api.Down() {
				t.Errorf("what is in order has changed (-got +want):\n%s", d)
			}
			if got := l.listen("").hello.Fault.Name; got != "limited" {
				t.Errorf("the fault is %q, want limited", got)
			}
		})
	}
}
