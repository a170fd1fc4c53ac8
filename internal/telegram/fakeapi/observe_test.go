package fakeapi

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	l := newLab(t, Options{})
	events, cancel := l.Subscribe()
	l.sent(l.Send(ada, ada.Chat(), "hello"))
	l.updates("offset", "1001")
	l.ok(l.call("sendChatAction", "chat_id", "101", "action", "typing"))
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a", "reply_markup", `{"inline_keyboard":[[{"text":"b","callback_data":"c"}]]}`))
	l.sent(l.Press(ada, ada.Chat(), 0, "b"))
	l.ok(l.call("answerCallbackQuery", "callback_query_id", l.Presses(ada)[0].ID))
	l.ok(l.call("editMessageText", "chat_id", "101", "message_id", "2", "text", "z"))
	l.ok(l.call("deleteMessage", "chat_id", "101", "message_id", "2"))
	cancel()
	cancel()
	var got []EventKind
	var last, calls int64
	for e := range events {
		got = append(got, e.Kind)
		if e.Seq <= last {
			t.Errorf("event %d after %d", e.Seq, last)
		}
		last = e.Seq
		switch {
		case e.Kind == CallBegun && (e.Call.Done || e.Call.Number != calls+1):
			t.Errorf("begun: %+v after %d calls", e.Call, calls)
		case e.Kind == CallEnded && (!e.Call.Done || e.Call.Code != 200 || e.Call.Number != calls+1):
			t.Errorf("ended: %+v after %d calls", e.Call, calls)
		case e.Kind == CallEnded:
			calls++
		}
		if e.Message != nil && e.Message.Seq != e.Seq {
			t.Errorf("%s: the message has Seq %d, want %d", e.Kind, e.Message.Seq, e.Seq)
		}
	}
	want := []EventKind{MessageNew, UpdateQueued, UpdateConfirmed, CallBegun, Action, CallEnded, CallBegun, MessageNew, CallEnded,
		Pressed, UpdateQueued, CallBegun, Answered, CallEnded, CallBegun, MessageEdited, CallEnded, CallBegun, MessageDeleted, CallEnded}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("events (-got +want):\n%s", d)
	}
}

func TestSlowSubscriberIsDropped(t *testing.T) {
	l := newLab(t, Options{})
	events, cancel := l.Subscribe()
	defer cancel()
	for range eventsPerReader {
		l.sent(l.Send(ada, ada.Chat(), "hello")) // two events each
	}
	n := 0
	for range events {
		n++
	}
	if n != eventsPerReader {
		t.Errorf("%d events before the end, want %d", n, eventsPerReader)
	}
}

func TestCalls(t *testing.T) {
	l := newLab(t, Options{KeepCalls: 5})
	for range 30 {
		l.call("sendMessage", "chat_id", "101", "text", "a")
	}
	l.call("getMe")
	calls := l.Calls("")
	if n := len(calls); n < 5 || n > 10 {
		t.Errorf("%d calls are kept", n)
	}
	c := calls[len(calls)-2]
	if c.Method != "sendMessage" || c.Params.Get("text") != "a" || c.Code != 200 || !c.Done || !c.At.Equal(l.clock.now()) {
		t.Errorf("call %+v", c)
	}
	for _, values := range c.Params {
		if strings.Contains(values[0], l.Token()) {
			t.Error("the token is among the parameters")
		}
	}
	if len(l.Calls("getMe")) != 1 || len(l.Calls("getUpdates")) != 0 {
		t.Error("calls are not told apart by method")
	}
}

func TestWaitMessageAfterAnAction(t *testing.T) {
	l := newLab(t, Options{})
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "same"))
	s := l.sent(l.Send(ada, ada.Chat(), "again"))
	go l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "same")
	m, err := l.WaitMessage(l.ctx, ada.Chat(), func(m Message) bool { return m.Seq > s.Seq })
	if err != nil || m.MessageID != 3 {
		t.Errorf("got message %d (%v), want 3", m.MessageID, err)
	}
}

func TestWaitInVain(t *testing.T) {
	l := newLab(t, Options{})
	l.call("sendMessage", "chat_id", "101")
	l.Send(9, 9, "x")
	ctx, cancel := context.WithCancel(l.ctx)
	cancel()
	_, err := l.WaitMessage(ctx, ada.Chat(), func(Message) bool { return true })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"sendMessage: 400 Bad Request: message text is empty", "problem: Send: fakeapi: no such user", "0 updates pending"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

func TestChats(t *testing.T) {
	l := newLab(t, Options{})
	var got []string
	for _, c := range l.Chats() {
		got = append(got, c.Type+" "+c.Title+c.FirstName)
	}
	if d := cmp.Diff(got, []string{"channel Sample channel", "group Sample group", "private Ada", "private Bo"}); d != "" {
		t.Errorf("chats (-got +want):\n%s", d)
	}
}

// Everything at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	l := newLab(t, Options{Limits: TelegramLimits()})
	events, cancel := l.Subscribe()
	var wg sync.WaitGroup
	for _, work := range []func(){
		func() { l.do(l.ctx, "sendMessage", "chat_id", "101", "text", "<b>a</b>", "parse_mode", "HTML") },
		func() { l.do(l.ctx, "editMessageText", "chat_id", "101", "message_id", "1", "text", "b") },
		func() { l.do(l.ctx, "getUpdates", "offset", "1001", "timeout", "1") },
		func() { l.Send(ada, ada.Chat(), "/find") },
		func() { l.AddUser(User{ID: ada, FirstName: "Ada"}) },
		func() { l.Block(bo); l.Unblock(bo) },
		func() { l.Redeliver(1); l.Raw(`{"update_id":{id}}`) },
		func() { l.Fault(Fault{Method: "sendMessage", Kind: Truncated}); l.Release(); l.ClearFaults() },
		func() {
			for _, m := range l.Messages(ada.Chat()) {
				_ = m.HTML()
			}
			l.Calls("")
			l.Problems()
			l.Menu(ada, ada.Chat())
			l.Presses(0)
		},
		func() { l.SetHook(nil); l.SetLimits(TelegramLimits()) },
	} {
		wg.Go(func() {
			for range 20 {
				work()
			}
		})
	}
	wg.Wait()
	cancel()
	for e := range events {
		if e.Message != nil {
			_ = e.Message.HTML()
		}
	}
}
