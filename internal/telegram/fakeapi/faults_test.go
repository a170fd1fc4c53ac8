package fakeapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault Fault
		check func(*testing.T, answer, error)
		done  bool
	}{
		{"status", Fault{Kind: Status, Code: 503, Description: "Service Unavailable: later"}, func(t *testing.T, a answer, err error) {
			if a.ErrorCode != 503 || a.Description != "Service Unavailable: later" {
				t.Errorf("got %+v (%v)", a, err)
			}
		}, false},
		{"plain status", Fault{Kind: Status}, func(t *testing.T, a answer, err error) {
			if a.ErrorCode != 500 || a.Description != "Internal Server Error" {
				t.Errorf("got %+v (%v)", a, err)
			}
		}, false},
		{"flood", Fault{Kind: Flood, RetryAfter: 1500 * time.Millisecond}, func(t *testing.T, a answer, err error) {
			if a.ErrorCode != 429 || a.Parameters.RetryAfter != 2 || a.Description != "Too Many Requests: retry after 2" {
				t.Errorf("got %+v (%v)", a, err)
			}
		}, false},
		{"HTML", Fault{Kind: HTML502}, func(t *testing.T, _ answer, err error) {
			if err == nil || !strings.Contains(err.Error(), "invalid character '<'") {
				t.Errorf("got %v", err)
			}
		}, false},
		{"reset", Fault{Kind: Reset}, wantReset, false},
		{"truncated", Fault{Kind: Truncated}, func(t *testing.T, _ answer, err error) {
			if err == nil || !strings.Contains(err.Error(), "unexpected end of JSON input") {
				t.Errorf("got %v", err)
			}
		}, true},
		{"cut", Fault{Kind: Cut}, func(t *testing.T, _ answer, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v", err)
			}
		}, true},
		{"lost", Fault{Kind: Lost}, wantReset, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Options{})
			c.fault.Method = "sendMessage"
			l.Fault(c.fault)
			a, err := l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "a")
			c.check(t, a, err)
			if got := len(l.Own(ada.Chat())) == 1; got != c.done {
				t.Errorf("carried out: %t, want %t", got, c.done)
			}
			calls := l.Calls("sendMessage")
			if len(calls) != 1 || calls[0].Fault != c.fault.Kind || calls[0].Done != c.done {
				t.Errorf("calls %+v", calls)
			}
			l.ok(l.call("sendMessage", "chat_id", "101", "text", "a")) // once only
		})
	}
}

func wantReset(t *testing.T, _ answer, err error) {
	t.Helper()
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want a reset", err)
	}
}

func TestWhichCallsAFaultMeets(t *testing.T) {
	l := newLab(t, Options{})
	send := func(chat string) bool { return l.call("sendMessage", "chat_id", chat, "text", "a").ErrorCode != 500 }
	expect := func(what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: good %t, want %t", what, got, want)
		}
	}
	l.Fault(Fault{Method: "*", Kind: Status, Chat: channel, After: 1, Times: 2})
	expect("another chat", send("101"), true)
	expect("the first", send("@sample_channel"), true)
	expect("the second", send(name(channel)), false)
	expect("the third", send("@sample_channel"), false)
	expect("used up", send(name(channel)), true)

	remove := l.Fault(Fault{Method: "*", Kind: Status, Times: Forever})
	for range 3 {
		expect("for ever", send("101"), false)
	}
	l.ok(l.call("getUpdates"))
	remove()
	expect("removed", send("101"), true)

	l.Fault(Fault{Method: "getUpdates", Kind: Status})
	l.refused(l.call("getUpdates"), 500, "Internal Server Error")
	l.Fault(Fault{Method: "getMe", Kind: Status})
	if n := l.ClearFaults(); n != 1 {
		t.Errorf("cleared %d, want 1", n)
	}
	l.ok(l.call("getMe"))
}

func TestFaultsAreListedUntilTheyArePlayed(t *testing.T) {
	l := newLab(t, Options{})
	l.Fault(Fault{Method: "sendMessage", Kind: Flood, Times: 2, After: 1})
	l.Fault(Fault{Method: "getMe", Kind: Slow, Times: Forever})
	want := []Fault{{Method: "sendMessage", Kind: Flood, Times: 2, After: 1}, {Method: "getMe", Kind: Slow, Times: Forever}}
	if d := cmp.Diff(l.Faults(), want); d != "" {
		t.Errorf("in order (-got +want):\n%s", d)
	}
	l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "a")
	l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "a")
	want[0].Times, want[0].After = 1, 0
	if d := cmp.Diff(l.Faults(), want); d != "" {
		t.Errorf("after two calls (-got +want):\n%s", d)
	}
	l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "a")
	if d := cmp.Diff(l.Faults(), want[1:]); d != "" {
		t.Errorf("once played (-got +want):\n%s", d)
	}
}

func TestAServerThatIsDownResetsEvenTheWaitingPoll(t *testing.T) {
	l := newLab(t, Options{})
	polled := make(chan error, 1)
	go func() {
		_, err := l.do(l.ctx, "getUpdates", "timeout", "50")
		polled <- err
	}()
	if err := l.WaitIdle(l.ctx); err != nil {
		t.Fatal(err)
	}
	l.SetDown(true)
	if err := <-polled; !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("the poll ended with %v, want a reset", err)
	}
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	if _, err := l.do(l.ctx, "getMe"); err == nil {
		t.Error("a call was answered by a server that is down")
	}
	l.SetDown(false)
	if n := len(l.updates()); n != 1 {
		t.Errorf("%d updates wait once it is back, want 1", n)
	}
}

func TestHang(t *testing.T) {
	l := newLab(t, Options{})
	l.Fault(Fault{Method: "sendMessage", Kind: Hang, Times: 2})
	hanging := func(s *Server) bool {
		calls := s.Calls("sendMessage")
		return len(calls) > 0 && calls[len(calls)-1].Fault == Hang
	}
	done := make(chan error, 1)
	go func() {
		_, err := l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "a")
		done <- err
	}()
	l.await(hanging)
	l.Release()
	wantReset(t, answer{}, <-done)

	ctx, cancel := context.WithCancel(l.ctx)
	go func() {
		_, err := l.do(ctx, "sendMessage", "chat_id", "101", "text", "a")
		done <- err
	}()
	l.await(func(s *Server) bool { return len(s.Calls("sendMessage")) == 2 && hanging(s) })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(l.Own(ada.Chat())) != 0 {
		t.Error("a hanging call was carried out")
	}
}

func TestSlow(t *testing.T) {
	slept := make(chan time.Duration, 1)
	l := newLab(t, Options{Sleep: func(_ context.Context, d time.Duration) { slept <- d }})
	l.Fault(Fault{Method: "sendMessage", Kind: Slow, Delay: time.Hour})
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
	if d := <-slept; d != time.Hour {
		t.Errorf("slept %v, want 1h", d)
	}

	l.Fault(Fault{Method: "sendMessage", Kind: Slow})
	done := make(chan answer, 1)
	go func() {
		a, _ := l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "b")
		done <- a
	}()
	m, err := l.WaitMessage(l.ctx, ada.Chat(), func(m Message) bool { return m.Text == "b" }) // sent, though not answered
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	if got := l.ok(<-done).message(t); got.MessageID != m.MessageID {
		t.Errorf("answered with message %d, want %d", got.MessageID, m.MessageID)
	}
}

func TestHook(t *testing.T) {
	var l *lab
	var seen []string
	o := Options{Hook: func(method string, params url.Values) {
		if method == "sendMessage" && len(l.Own(ada.Chat())) == 0 {
			seen = append(seen, params.Get("text"))
		}
		params.Set("text", "changed")
	}}
	l = newLab(t, o)
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
	if len(seen) != 1 || seen[0] != "a" || l.Own(ada.Chat())[0].Text != "a" {
		t.Errorf("the hook saw %q before the call", seen)
	}
	l.SetHook(nil)
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "b"))
	if len(seen) != 1 {
		t.Errorf("the hook saw %q after it was taken away", seen)
	}
}

func TestFaultsWithoutHijacking(t *testing.T) {
	s := New(Options{})
	s.Fault(Fault{Method: "getMe", Kind: Reset})
	defer func() {
		if r := recover(); r != http.ErrAbortHandler {
			t.Errorf("panicked with %v, want http.ErrAbortHandler", r)
		}
	}()
	s.ServeHTTP(plainWriter{}, must(http.NewRequest(http.MethodGet, "/bot"+s.Token()+"/getMe", http.NoBody)))
}

type plainWriter struct{}

func (plainWriter) Header() http.Header         { return http.Header{} }
func (plainWriter) Write(b []byte) (int, error) { return len(b), nil }
func (plainWriter) WriteHeader(int)             {}

func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}
