package fakeapi

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ids(list []gotUpdate) []int64 {
	var out []int64
	for _, u := range list {
		out = append(out, u.ID)
	}
	return out
}

func TestOffsetConfirms(t *testing.T) {
	l := newLab(t, Options{})
	for range 3 {
		l.sent(l.Send(ada, ada.Chat(), "hello"))
	}
	for _, c := range []struct {
		name      string
		pairs     []string
		want      []int64
		confirmed int
	}{
		{"all", nil, []int64{1000, 1001, 1002}, 0},
		{"nothing is confirmed without an offset", []string{"limit", "2"}, []int64{1000, 1001}, 0},
		{"the first", []string{"offset", "1001"}, []int64{1001, 1002}, 1},
		{"an offset that was never given confirms nothing", []string{"offset", "5000"}, []int64{1001, 1002}, 1},
		{"from the end", []string{"offset", "-1"}, []int64{1002}, 2},
		{"the last", []string{"offset", "1003"}, nil, 3},
	} {
		if d := cmp.Diff(ids(l.updates(c.pairs...)), c.want); d != "" {
			t.Errorf("%s: updates (-got +want):\n%s", c.name, d)
		}
		if got := l.Confirmed(); got != c.confirmed {
			t.Errorf("%s: %d confirmed, want %d", c.name, got, c.confirmed)
		}
	}
	if l.Pending() != 0 {
		t.Errorf("%d pending", l.Pending())
	}
}

// poll starts a long poll and returns its answer later; it waits until the
// server holds it.
func (l *lab) poll(pairs ...string) <-chan answer {
	l.t.Helper()
	before := len(l.Calls("getUpdates"))
	c := make(chan answer, 1)
	go func() {
		a, err := l.do(l.ctx, "getUpdates", append([]string{"timeout", "50"}, pairs...)...)
		if err != nil {
			a.Description = err.Error()
		}
		c <- a
	}()
	l.await(func(s *Server) bool { return len(s.Calls("getUpdates")) > before && s.Polling() })
	return c
}

func (l *lab) await(cond func(*Server) bool) {
	l.t.Helper()
	if err := l.Wait(l.ctx, cond); err != nil {
		l.t.Fatal(err)
	}
}

func TestLongPollIsWoken(t *testing.T) {
	l := newLab(t, Options{})
	c := l.poll()
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	var list []gotUpdate
	decode(t, <-c, &list)
	if len(list) != 1 || list[0].Message.Text != "hello" {
		t.Errorf("got %+v", list)
	}
	if l.Polling() {
		t.Error("a poll still waits")
	}
}

func TestPollEndsWithItsClient(t *testing.T) {
	l := newLab(t, Options{})
	ctx, cancel := context.WithCancel(l.ctx)
	done := make(chan error, 1)
	go func() {
		_, err := l.do(ctx, "getUpdates", "timeout", "50")
		done <- err
	}()
	l.await((*Server).Polling)
	cancel()
	if err := <-done; err == nil {
		t.Error("an answer came after all")
	}
	l.await(func(s *Server) bool { return !s.Polling() })
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	if got := l.updates(); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestShortTimeoutEndsEmpty(t *testing.T) {
	l := newLab(t, Options{})
	if got := l.updates("timeout", "1"); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSecondPollEndsTheFirst(t *testing.T) {
	l := newLab(t, Options{})
	first := l.poll()
	second := make(chan answer, 1)
	go func() {
		a, _ := l.do(l.ctx, "getUpdates", "timeout", "50")
		second <- a
	}()
	l.refused(<-first, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	l.await((*Server).Polling)
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	l.ok(<-second)
}

func TestAllowedUpdates(t *testing.T) {
	l := newLab(t, Options{})
	l.updates("allowed_updates", `["callback_query"]`)
	if s := l.sent(l.Send(ada, ada.Chat(), "hello")); s.UpdateID != 0 {
		t.Errorf("update %d of a kind that is not allowed", s.UpdateID)
	}
	l.updates() // absent: as before
	if s := l.sent(l.Send(ada, ada.Chat(), "hello")); s.UpdateID != 0 {
		t.Errorf("update %d after a poll without the parameter", s.UpdateID)
	}
	l.updates("allowed_updates", `[]`)
	if s := l.sent(l.Send(ada, ada.Chat(), "hello")); s.UpdateID == 0 {
		t.Error("no update after an empty list")
	}
	l.noProblems()
	l.updates("allowed_updates", `["telepathy"]`)
	if d := cmp.Diff(l.Problems(), []string{"getUpdates: allowed_updates: unknown kind telepathy"}); d != "" {
		t.Errorf("problems (-got +want):\n%s", d)
	}
}

func TestRedeliver(t *testing.T) {
	l := newLab(t, Options{})
	for range 3 {
		l.sent(l.Send(ada, ada.Chat(), "hello"))
	}
	l.updates("offset", "1003")
	if n := l.Redeliver(2); n != 2 {
		t.Fatalf("took back %d, want 2", n)
	}
	if d := cmp.Diff(ids(l.updates("offset", "1003")), []int64{1001, 1002}); d != "" {
		t.Errorf("given out again (-got +want):\n%s", d)
	}
	c := l.poll("offset", "1003")
	if l.Confirmed() != 3 {
		t.Errorf("%d confirmed, want 3", l.Confirmed())
	}
	if n := l.Redeliver(9); n != 3 {
		t.Errorf("took back %d, want 3", n)
	}
	var list []gotUpdate
	decode(t, <-c, &list)
	if d := cmp.Diff(ids(list), []int64{1000, 1001, 1002}); d != "" {
		t.Errorf("given to the open poll (-got +want):\n%s", d)
	}
}

func TestNextUpdateID(t *testing.T) {
	l := newLab(t, Options{})
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	if l.SetNextUpdateID(5) {
		t.Error("the id was changed under a pending update")
	}
	l.updates("offset", "1001")
	if !l.SetNextUpdateID(5) {
		t.Error("the id was not changed")
	}
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	if d := cmp.Diff(ids(l.updates("offset", "1001")), []int64{5}); d != "" {
		t.Errorf("with the offset of before (-got +want):\n%s", d)
	}
}

func TestRawUpdates(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct {
		text string
		want int64
	}{
		{`{"update_id":{id},"message":"not an object"}`, 1000},
		{`{"update_id":2000,"message":{ "text":"a<b" }}`, 2000},
		{`{"update_id":{id}}`, 2001},
	} {
		if id := l.Raw(c.text); id != c.want {
			t.Errorf("%s: id %d, want %d", c.text, id, c.want)
		}
	}
	got := string(l.ok(l.call("getUpdates")).Result)
	if want := `[{"update_id":1000,"message":"not an object"},{"update_id":2000,"message":{ "text":"a<b" }},{"update_id":2001}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.updates("offset", "2002")
	l.Raw(`{"update_id":`)
	a, err := l.do(l.ctx, "getUpdates")
	if err == nil {
		t.Errorf("a broken update was decoded: %+v", a)
	}
}

func TestDeleteWebhookDropsPending(t *testing.T) {
	l := newLab(t, Options{})
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	l.ok(l.call("deleteWebhook"))
	if l.Pending() != 1 {
		t.Errorf("%d pending, want 1", l.Pending())
	}
	l.ok(l.call("deleteWebhook", "drop_pending_updates", "true"))
	if l.Pending() != 0 {
		t.Errorf("%d pending, want 0", l.Pending())
	}
	var info map[string]json.RawMessage
	decode(t, l.call("getWebhookInfo"), &info)
	if string(info["url"]) != `""` {
		t.Errorf("webhook info %s", info)
	}
}

func TestAWebhookKeepsUpdatesFromAPoll(t *testing.T) {
	l := newLab(t, Options{})
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	l.SetWebhook("https://hook.example.org/")
	l.refused(l.call("getUpdates"), 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	l.ok(l.call("deleteWebhook"))
	if got := l.updates(); len(got) != 1 {
		t.Errorf("%d updates after deleteWebhook, want 1", len(got))
	}
}

func TestWaitIdle(t *testing.T) {
	l := newLab(t, Options{})
	s := l.sent(l.Send(ada, ada.Chat(), "hello"))
	idle := make(chan error, 1)
	go func() { idle <- l.WaitIdle(l.ctx) }()
	l.updates()
	l.poll("offset", name(s.UpdateID+1))
	if err := <-idle; err != nil {
		t.Error(err)
	}
}
