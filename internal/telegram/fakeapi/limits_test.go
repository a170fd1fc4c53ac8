package fakeapi

import (
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	const everySecond, everyHalf = time.Second, 500 * time.Millisecond
	for _, c := range []struct {
		name   string
		limits Limits
		chat   string
		good   int           // how many are taken at once
		retry  int           // seconds, of the next
		wait   time.Duration // until there is room for one, no less
	}{
		{"off", Limits{}, "101", 50, 0, 0},
		{"private burst", Limits{PrivateBurst: 20, PrivateEvery: everySecond}, "101", 20, 1, everySecond},
		{"private without burst", Limits{PrivateEvery: 3 * time.Second}, "101", 1, 3, 3 * time.Second},
		{"rounded up", Limits{PrivateEvery: everySecond + everyHalf}, "101", 1, 2, everySecond + everyHalf},
		{"group", Limits{GroupPerMinute: 20}, name(group), 20, 60, time.Minute},
		{"channel", Limits{GroupPerMinute: 20}, name(channel), 20, 60, time.Minute},
		{"overall", Limits{PerSecond: 30}, "101", 30, 1, everySecond},
		{"Telegram's, private", TelegramLimits(), "101", 20, 1, everySecond},
		{"Telegram's, group", TelegramLimits(), name(group), 20, 60, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Options{Limits: c.limits})
			send := func() answer { return l.call("sendMessage", "chat_id", c.chat, "text", "a") }
			for range c.good {
				l.ok(send())
			}
			if c.retry == 0 {
				return
			}
			if a := send(); a.ErrorCode != 429 || a.Parameters.RetryAfter != c.retry {
				t.Fatalf("got %+v, want 429 with %d s", a, c.retry)
			}
			l.clock.move(c.wait - time.Millisecond)
			if a := send(); a.ErrorCode != 429 || a.Parameters.RetryAfter != 1 {
				t.Errorf("a moment early: got %+v, want 429 with 1 s", a)
			}
			l.clock.move(time.Millisecond)
			l.ok(send())
			if got := l.TooMany(); got != 2 {
				t.Errorf("TooMany %d, want 2", got)
			}
		})
	}
}

func TestLimitsAreByChat(t *testing.T) {
	l := newLab(t, Options{Limits: Limits{PrivateEvery: time.Second, GroupPerMinute: 1}})
	l.sent(l.Send(bo, bo.Chat(), "/start"))
	for _, chat := range []string{"101", "102", name(group), name(channel)} {
		l.ok(l.call("sendMessage", "chat_id", chat, "text", "a"))
	}
	l.ok(l.call("editMessageText", "chat_id", "101", "message_id", "1", "text", "edits do not count"))
	l.ok(l.call("sendChatAction", "chat_id", "101", "action", "typing"))
	l.SetLimits(Limits{PrivateEvery: time.Second, Edits: true})
	if a := l.call("editMessageText", "chat_id", "101", "message_id", "1", "text", "unless told so"); a.ErrorCode != 429 {
		t.Errorf("got %+v, want 429", a)
	}
	l.SetLimits(Limits{})
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
}
