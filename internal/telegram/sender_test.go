package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// A mailer is a sender whose answers are followed.
type mailer struct {
	*Sender
	l *lab
}

func (l *lab) mailer(limits Limits) *mailer {
	m := &mailer{NewSender(l.client, limits, l.log), l}
	l.closers = append(l.closers, func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		m.Close(ctx)
	})
	return m
}

// sending is an answer on its way.
type sending struct {
	calls atomic.Int64 // of done
	all   atomic.Bool
	ended chan struct{}
	at    time.Time // when it ended
}

func (m *mailer) send(actions ...Action) *sending {
	s := &sending{ended: make(chan struct{})}
	m.Answer(actions, func(all bool) {
		s.all.Store(all)
		s.at = time.Now()
		if s.calls.Add(1) == 1 {
			close(s.ended)
		}
	})
	return s
}

// wait waits for the answer's end and checks that it was told of it once.
func (m *mailer) wait(s *sending, all bool) {
	m.l.t.Helper()
	m.l.until("the answer's end", s.ended)
	synctest.Wait()
	if n := s.calls.Load(); n != 1 || s.all.Load() != all {
		m.l.t.Errorf("done was called %d times with %t, want once with %t", n, s.all.Load(), all)
	}
}

func say(u rollcall.UserID, text string) Action { return Say(u.Chat(), plainly("%s", text)) }

func TestAnswersKeepTheirOrderThroughFaults(t *testing.T) {
	for _, kind := range []fakeapi.Kind{fakeapi.Flood, fakeapi.HTML502, fakeapi.Status, fakeapi.Reset, fakeapi.Hang, fakeapi.Lost, fakeapi.Truncated, fakeapi.Cut} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				var want []string
				var all []*sending
				for _, after := range []int{0, 1, 2, 9, 17} { // of calls that go well
					l.Fault(fakeapi.Fault{Method: "sendMessage", Chat: ada.Chat(), Kind: kind, After: after})
				}
				for i := range 20 {
					text := fmt.Sprint("message ", i)
					want = append(want, text)
					all = append(all, m.send(say(ada, text)))
				}
				for _, s := range all {
					m.wait(s, true)
				}
				// Where the fault came after the call, the answer is there twice:
				// that does no harm.
				got := l.texts(ada.Chat())
				twice := len(got) - 20
				if d := cmp.Diff(slices.Compact(got), want); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
				if done := kind == fakeapi.Lost || kind == fakeapi.Truncated || kind == fakeapi.Cut; twice != map[bool]int{true: 5}[done] {
					t.Errorf("%d messages are there twice", twice)
				}
			})
		})
	}
}

func TestOneSlowChatHoldsUpNoOther(t *testing.T) {
	for _, f := range []fakeapi.Fault{
		{Kind: fakeapi.Flood, RetryAfter: time.Minute},
		{Kind: fakeapi.Slow},
		{Kind: fakeapi.Hang},
		{Kind: fakeapi.HTML502, Times: fakeapi.Forever},
	} {
		t.Run(string(f.Kind), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{PerSecond: 25, PrivatePerSecond: 1, PrivateBurst: 10, GroupPerMinute: 19})
				f.Method, f.Chat = "sendMessage", ada.Chat()
				l.Fault(f)
				for i := range 20 {
					m.send(say(ada, fmt.Sprint(i)))
				}
				synctest.Wait()
				at := time.Now()
				m.wait(m.send(say(bo, "hello")), true)
				if took := time.Since(at); took > 200*time.Millisecond {
					t.Errorf("another chat waited for %s", took)
				}
			})
		})
	}
}

func TestAChatsRetryAfterIsObeyed(t *testing.T) {
	for _, kind := range []string{"answer", "post"} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Flood, RetryAfter: 35 * time.Second})
				if kind == "post" {
					_, _, err := m.Post(l.ctx, say(ada, "post"))
					var e *Error
					if !errors.As(err, &e) || e.RetryAfter != 35*time.Second || e.Effect != NotDone {
						t.Fatalf("got %+v", err)
					}
				}
				m.wait(m.send(say(ada, "hello")), true)
				calls := l.Calls("sendMessage")
				if len(calls) != 2 {
					t.Fatalf("%d calls, want 2", len(calls))
				}
				if gap := calls[1].At.Sub(calls[0].At); gap < 35*time.Second || gap > 36*time.Second {
					t.Errorf("the next call came after %s, want 35 s and a little", gap)
				}
			})
		})
	}
}

// Nobody waits for an hour for an answer.
func TestAnAnswerThatWouldComeTooLateIsGivenUp(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Flood, RetryAfter: time.Hour})
		at := time.Now()
		first, second := m.send(say(ada, "first")), m.send(say(ada, "second"))
		m.wait(first, true)
		m.wait(second, true)
		if took := time.Since(at); took != 0 || len(l.Calls("sendMessage")) != 1 {
			t.Errorf("after %s and %d calls", took, len(l.Calls("sendMessage")))
		}
		if n := len(l.book.lines("given up")); n != 2 {
			t.Errorf("%d lines in the log", n)
		}
		time.Sleep(time.Hour + time.Second)
		m.wait(m.send(say(ada, "third")), true)
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"third"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
	})
}

func TestAnAnswerIsGivenUpInTheEnd(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		l.Fault(fakeapi.Fault{Method: "sendMessage", Chat: ada.Chat(), Kind: fakeapi.HTML502, Times: fakeapi.Forever})
		at := time.Now()
		m.wait(m.send(say(ada, "hello")), true)
		calls := l.Calls("sendMessage")
		if n := len(calls); n != answerTries {
			t.Errorf("%d calls, want %d", n, answerTries)
		}
		for i := 1; i < len(calls); i++ {
			if gap := calls[i].At.Sub(calls[i-1].At); gap < firstBackoff || gap > maxBackoff {
				t.Errorf("%s between two tries", gap)
			}
		}
		if took := time.Since(at); took > answerDeadline {
			t.Errorf("it took %s", took)
		}
		if n := len(l.book.lines("given up")); n != 1 {
			t.Errorf("%d lines in the log", n)
		}
	})
}

func TestRefusals(t *testing.T) {
	refused := func(code int, description string) func(*lab) {
		return func(l *lab) {
			l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Status, Code: code, Description: description, Times: fakeapi.Forever})
		}
	}
	for _, c := range []struct {
		name   string
		to     rollcall.ChatID
		happen func(*lab)
		logged bool
	}{
		{"blocked", ada.Chat(), func(l *lab) { l.Block(ada) }, false},
		{"account deleted", ada.Chat(), func(l *lab) { l.Deactivate(ada) }, false},
		{"never wrote", 7100000009, func(l *lab) { l.AddUser(fakeapi.User{ID: 7100000009, FirstName: "New"}) }, false},
		{"unknown chat", 7100000010, func(*lab) {}, true},
		{"thrown out of the group", group, func(l *lab) { l.SetMember(group, l.Bot().ID, fakeapi.Member{Status: "kicked"}) }, true},
		{"too long all the same", ada.Chat(), refused(400, "Bad Request: message is too long"), true},
		{"something new", ada.Chat(), refused(400, "Bad Request: something new"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				c.happen(l)
				at := time.Now()
				m.wait(m.send(Say(c.to, plainly("canary"))), true)
				if n := len(l.Calls("sendMessage")); n != 1 || time.Since(at) != 0 {
					t.Errorf("%d calls in %s, want one", n, time.Since(at))
				}
				if logged := l.book.String() != ""; logged != c.logged {
					t.Errorf("the log says %q", l.book)
				}
				if strings.Contains(l.book.String(), "canary") {
					t.Error("the text is in the log")
				}
				m.wait(m.send(say(bo, "next")), true)
			})
		})
	}
}

func TestAnAnswerFollowsAGroup(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		to, err := l.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		m.wait(m.send(Say(group, plainly("hello"))), true)
		if d := cmp.Diff(l.texts(to), []string{"hello"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		_, _, err = m.Post(l.ctx, Say(group, plainly("post")))
		var e *Error
		if !errors.As(err, &e) || e.MigrateTo != to || e.Effect != NotDone {
			t.Errorf("a post: got %+v", err)
		}
	})
}

func TestEdits(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		edit := func(id rollcall.MessageID, text string) Action {
			a := say(ada, text)
			a.Kind, a.Message = ActEdit, id
			return a
		}
		check := func(what string, want ...string) {
			t.Helper()
			if d := cmp.Diff(l.texts(ada.Chat()), want); d != "" {
				t.Errorf("%s (-got +want):\n%s", what, d)
			}
		}
		m.wait(m.send(say(ada, "first")), true)
		id := l.Own(ada.Chat())[0].MessageID

		m.wait(m.send(edit(id, "changed")), true)
		check("an edit", "changed")

		before := len(l.Calls(""))
		m.wait(m.send(edit(id, "changed")), true)
		check("an edit that changes nothing", "changed")
		if n := len(l.Calls("")) - before; n != 1 || l.book.String() != "" {
			t.Errorf("an edit that changes nothing: %d calls, and in the log %q", n, l.book)
		}

		m.wait(m.send(edit(999, "not there")), true)
		check("an edit of no message", "changed", "not there")

		if err := l.Delete(ada.Chat(), id); err != nil {
			t.Fatal(err)
		}
		m.wait(m.send(edit(id, "instead")), true)
		check("an edit of a deleted message", "not there", "instead")

		theirs := l.says(ada, "theirs").MessageID
		m.wait(m.send(edit(theirs, "mine")), true)
		check("an edit of somebody else's message", "not there", "instead", "mine")

		if _, err := l.SendPhoto(ada, ada.Chat(), samplePNG, ""); err != nil {
			t.Fatal(err)
		}
		m.wait(m.send(Photo(ada.Chat(), samplePNG, "", plainly("a chart"))), true)
		photo := l.Own(ada.Chat())[3].MessageID
		m.wait(m.send(edit(photo, "beside the chart")), true)
		check("an edit of a photo", "not there", "instead", "mine", "a chart", "beside the chart")
		if l.book.String() != "" {
			t.Errorf("the log says %q", l.book)
		}
	})
}

func TestARefusedMarkupIsSentAsPlainText(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		bad := Action{Kind: ActSay, Chat: ada.Chat(), Text: "<b>1 &lt; 2 &amp; <u>canary</b>", Buttons: [][]render.Button{{{Label: "x", Data: "v1:x"}}}}
		m.wait(m.send(bad), true)
		own := l.Own(ada.Chat())
		if len(own) != 1 || own[0].Text != "1 < 2 & canary" || len(own[0].Labels()) != 1 {
			t.Errorf("got %q", l.texts(ada.Chat()))
		}
		if n := len(l.book.lines("markup")); n != 1 || strings.Contains(l.book.String(), "canary") {
			t.Errorf("the log says %q", l.book)
		}
		// What is plain already is not tried for ever.
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Status, Code: 400, Description: "Bad Request: can't parse entities", Times: fakeapi.Forever})
		before := len(l.Calls("sendMessage"))
		m.wait(m.send(say(ada, "plain")), true)
		if n := len(l.Calls("sendMessage")) - before; n != 1 {
			t.Errorf("%d calls for a plain text", n)
		}
	})
}

func TestALongTextIsSplitAndNeverRefused(t *testing.T) {
	var b strings.Builder
	for i := range 900 {
		fmt.Fprintf(&b, "Line %d 🙂 of &lt;something&gt;\n", i)
		if i%20 == 0 {
			b.WriteString("<b>and more\nand <i>more</i></b>\n")
		}
	}
	long := render.HTML(b.String())
	buttons := [][]render.Button{{{Label: "yes", Data: "v1:yes"}, {Label: "web", URL: "https://example.org/"}}}
	for _, c := range []struct {
		name   string
		action Action
	}{
		{"message", Action{Kind: ActSay, Chat: ada.Chat(), Text: long, Buttons: buttons, Protect: true}},
		{"photo", Action{Kind: ActPhoto, Chat: ada.Chat(), Photo: samplePNG, Text: long, Buttons: buttons, Protect: true}},
		{"document", Action{Kind: ActDocument, Chat: ada.Chat(), Document: []byte("x"), Name: "x.txt", Text: long, Buttons: buttons, Protect: true}},
		{"edit", Action{Kind: ActEdit, Chat: ada.Chat(), Message: 1, Text: long, Buttons: buttons, Protect: true}},
		{"one word", Action{Kind: ActSay, Chat: ada.Chat(), Text: render.HTML(strings.Repeat("🙂", 5000)), Buttons: buttons, Protect: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				m.wait(m.send(say(ada, "to be edited")), true)
				before := len(l.Calls(""))
				m.wait(m.send(c.action), true)
				for _, call := range l.Calls("")[before:] {
					if call.Code != 200 {
						t.Errorf("%s was answered %d %s", call.Method, call.Code, call.Description)
					}
				}
				own := l.Own(ada.Chat())
				if c.action.Kind != ActEdit {
					own = own[1:]
				}
				var text strings.Builder
				for i, msg := range own {
					text.WriteString(msg.Body() + "\n")
					if last := i == len(own)-1; (len(msg.Labels()) == 2) != last {
						t.Errorf("message %d of %d bears %d buttons", i+1, len(own), len(msg.Labels()))
					}
					if !msg.Protected && (c.action.Kind != ActEdit || i > 0) {
						t.Errorf("message %d is not protected", i+1)
					}
				}
				if got, want := strings.Join(strings.Fields(text.String()), ""), strings.Join(strings.Fields(render.Plain(c.action.Text)), ""); got != want {
					t.Errorf("%d characters arrived of %d", len(got), len(want))
				}
				if len(own) < 2 || (c.action.Kind == ActPhoto) != (own[0].Photo != nil) || (c.action.Kind == ActDocument) != (own[0].Document != nil) {
					t.Errorf("%d messages", len(own))
				}
			})
		})
	}
}

func TestWhatACallSays(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		msg := render.Message{Text: "<b>bold</b>", Protect: true, Buttons: [][]render.Button{{{Label: "a", Data: "v1:a"}}, {{Label: "b", URL: "https://example.org/"}}}}
		edit := Say(ada.Chat(), msg)
		edit.Kind, edit.Message = ActEdit, 1
		m.wait(m.send(Say(ada.Chat(), msg)), true)
		msg.Text = "<i>new</i>"
		edit.Text = msg.Text
		m.wait(m.send(edit), true)
		m.wait(m.send(Photo(ada.Chat(), samplePNG, "", render.Message{})), true)
		m.wait(m.send(SendDocument(ada.Chat(), "x.txt", []byte("x"), render.Message{Text: "c"})), true)
		silent := Say(ada.Chat(), render.Message{Text: "hush"})
		silent.Silent = true
		m.wait(m.send(silent), true)
		edit.Text, edit.Silent = "hush", true // an edit never sounds
		m.wait(m.send(edit), true)
		chat := fmt.Sprint(int64(ada))
		const keyboard = `{"inline_keyboard":[[{"text":"a","callback_data":"v1:a"}],[{"text":"b","url":"https://example.org/"}]]}`
		var got []url.Values
		for _, c := range l.Calls("") {
			if c.Method != "getMe" {
				got = append(got, c.Params)
			}
		}
		want := []url.Values{
			{"chat_id": {chat}, "text": {"<b>bold</b>"}, "parse_mode": {"HTML"}, "protect_content": {"true"}, "link_preview_options": {`{"is_disabled":true}`}, "reply_markup": {keyboard}},
			{"chat_id": {chat}, "message_id": {"1"}, "text": {"<i>new</i>"}, "parse_mode": {"HTML"}, "link_preview_options": {`{"is_disabled":true}`}, "reply_markup": {keyboard}},
			{"chat_id": {chat}},
			{"chat_id": {chat}, "caption": {"c"}, "parse_mode": {"HTML"}},
			{"chat_id": {chat}, "text": {"hush"}, "parse_mode": {"HTML"}, "disable_notification": {"true"}, "link_preview_options": {`{"is_disabled":true}`}},
			{"chat_id": {chat}, "message_id": {"1"}, "text": {"hush"}, "parse_mode": {"HTML"}, "link_preview_options": {`{"is_disabled":true}`}, "reply_markup": {keyboard}},
		}
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
	})
}

func TestToasts(t *testing.T) {
	press := func(l *lab) Action {
		if _, err := l.Forge(ada, ada.Chat(), 1, "v1:x"); err != nil {
			l.t.Fatal(err)
		}
		p := l.Presses(ada)
		return Action{Kind: ActToast, Query: p[len(p)-1].ID, Text: "toast"}
	}
	t.Run("too old", func(t *testing.T) {
		bubble(t, fakeapi.Options{CallbackTTL: 15 * time.Second}, func(l *lab) {
			m := l.mailer(Limits{})
			a := press(l)
			time.Sleep(time.Minute)
			m.wait(m.send(a), true)
			if n := len(l.Calls("answerCallbackQuery")); n != 1 || l.book.String() != "" {
				t.Errorf("%d calls, and in the log %q", n, l.book)
			}
		})
	})
	t.Run("tried again while it can be seen", func(t *testing.T) {
		bubble(t, fakeapi.Options{}, func(l *lab) {
			m := l.mailer(Limits{})
			l.Fault(fakeapi.Fault{Method: "answerCallbackQuery", Kind: fakeapi.Flood, RetryAfter: 2 * time.Second})
			l.Fault(fakeapi.Fault{Method: "answerCallbackQuery", Kind: fakeapi.HTML502})
			m.wait(m.send(press(l)), true)
			if p := l.Presses(ada)[0]; p.Text != "toast" {
				t.Errorf("got %+v", p)
			}
		})
	})
	t.Run("given up when it cannot be seen any more", func(t *testing.T) {
		bubble(t, fakeapi.Options{}, func(l *lab) {
			m := l.mailer(Limits{})
			l.Fault(fakeapi.Fault{Method: "answerCallbackQuery", Kind: fakeapi.Flood, RetryAfter: time.Minute, Times: fakeapi.Forever})
			at := time.Now()
			m.wait(m.send(press(l)), true)
			if took := time.Since(at); took != 0 {
				t.Errorf("given up after %s", took)
			}
		})
	})
	t.Run("not held up by its chat nor by the pace", func(t *testing.T) {
		bubble(t, fakeapi.Options{}, func(l *lab) {
			m := l.mailer(Limits{PerSecond: 1, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 1})
			for i := range 50 {
				m.send(say(ada, fmt.Sprint(i)))
				m.send(say(bo, fmt.Sprint(i)))
			}
			at := time.Now()
			m.wait(m.send(press(l)), true)
			if took := time.Since(at); took != 0 || !l.Presses(ada)[0].Answered {
				t.Errorf("it took %s", took)
			}
		})
	})
}

func TestPaceNeverMeetsTelegramsLimits(t *testing.T) {
	// The values of the configuration's defaults; the common one is the
	// research's, which leaves room for connections that are not alike.
	limits := Limits{PerSecond: 25, PrivatePerSecond: 1, PrivateBurst: 10, GroupPerMinute: 19}
	for _, c := range []struct {
		name             string
		people, messages int
		groups, toGroup  int
		latency          time.Duration // of the way there, at most
		posts            bool
		least, within    time.Duration // how long all of it takes
		stall            int           // calls that hang before all go on at once; as many as the window has places
	}{
		{name: "many people, one message each", people: 300, messages: 1, least: 11 * time.Second, within: 13 * time.Second},
		{name: "many people, several messages", people: 40, messages: 15, least: 23 * time.Second, within: 26 * time.Second},
		{name: "one person, many messages", people: 1, messages: 60, least: 49 * time.Second, within: 52 * time.Second},
		{name: "groups", groups: 3, toGroup: 60, least: 190 * time.Second, within: 230 * time.Second},
		{name: "all of it, with latency", people: 60, messages: 6, groups: 3, toGroup: 30, latency: 150 * time.Millisecond, least: 90 * time.Second, within: 110 * time.Second},
		{name: "posts", people: 100, messages: 2, groups: 2, toGroup: 25, posts: true, least: 70 * time.Second, within: 100 * time.Second},
		{name: "a server that stood still", people: 200, messages: 1, stall: int(limits.PerSecond) + 1, least: 5 * time.Second, within: 40 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, fakeapi.Options{Limits: fakeapi.TelegramLimits()}, func(l *lab) {
				l.SetHook(func(method string, _ url.Values) {
					if c.latency > 0 && method == "sendMessage" {
						time.Sleep(rand.N(c.latency))
					}
				})
				m := l.mailer(limits)
				if c.stall > 0 {
					l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow, Times: c.stall})
				}
				at := time.Now()
				var work sync.WaitGroup
				send := func(a Action) {
					if c.posts {
						work.Go(func() {
							if _, _, err := m.Post(l.ctx, a); err != nil {
								t.Error(err)
							}
						})
						return
					}
					work.Add(1)
					m.Answer([]Action{a}, func(all bool) {
						if !all {
							t.Error("an answer was given up")
						}
						work.Done()
					})
				}
				for _, u := range l.crowd(c.people) {
					for i := range c.messages {
						send(say(u, fmt.Sprint(i)))
					}
				}
				for i := range c.groups {
					id := rollcall.ChatID(-7200000100 - i)
					l.AddChat(fakeapi.Chat{ID: id, Type: "supergroup", Title: "Sample"})
					for j := range c.toGroup {
						send(Say(id, plainly("%d", j)))
					}
				}
				if c.stall > 0 {
					time.Sleep(10 * time.Second) // the rest piles up
					l.Release()
				}
				work.Wait()
				took := time.Since(at)
				if l.TooMany() != 0 {
					t.Errorf("%d calls were too many", l.TooMany())
				}
				if took < c.least || took > c.within {
					t.Errorf("it took %s, want between %s and %s", took, c.least, c.within)
				}
				if n := len(l.Calls("sendMessage")); n != c.people*c.messages+c.groups*c.toGroup {
					t.Errorf("%d calls", n)
				}
			})
		})
	}
}

func TestThreeLimitsPauseEverything(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits int           // chats that get a 429
		apart  time.Duration // between them
		wait   time.Duration
	}{
		{"two", 2, 0, 0},
		{"three", 3, 0, 20 * time.Second},
		{"three within ten seconds", 3, 4 * time.Second, 20 * time.Second},
		{"three, longer apart", 3, 6 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				for i, u := range l.crowd(c.limits) {
					if i > 0 {
						time.Sleep(c.apart)
					}
					l.Fault(fakeapi.Fault{Method: "sendMessage", Chat: u.Chat(), Kind: fakeapi.Flood, RetryAfter: 20 * time.Second})
					m.send(say(u, "x"))
					synctest.Wait()
				}
				at := time.Now()
				m.wait(m.send(say(ada, "hello")), true)
				if took := time.Since(at); took < c.wait || took > c.wait+time.Second {
					t.Errorf("another chat waited for %s, want %s", took, c.wait)
				}
			})
		})
	}
}

func TestAnswersGoBeforePosts(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{PerSecond: 1, PrivatePerSecond: 1, PrivateBurst: 10, GroupPerMinute: 19})
		var order []string
		var mu sync.Mutex
		l.SetHook(func(_ string, p url.Values) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, p.Get("text"))
		})
		people := l.crowd(30)
		var posts sync.WaitGroup
		for _, u := range people[:20] {
			posts.Go(func() {
				if _, _, err := m.Post(l.ctx, say(u, "post")); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		time.Sleep(3500 * time.Millisecond) // some posts are out
		var answers []*sending
		for _, u := range people[20:] {
			answers = append(answers, m.send(say(u, "answer")))
		}
		for _, s := range answers {
			m.wait(s, true)
		}
		mu.Lock()
		first := slices.Index(order, "answer")
		got := slices.Compact(slices.Clone(order[first:]))
		sent := len(order)
		mu.Unlock()
		// One post may stand at the head already.
		if d := cmp.Diff(got, []string{"answer"}); d != "" || first > 5 {
			t.Errorf("posts between the answers, or %d before them: %v", first, order)
		}
		posts.Wait()
		mu.Lock()
		defer mu.Unlock()
		if sent >= 30 || len(order) != 30 {
			t.Errorf("%d messages with the last answer, %d in the end", sent, len(order))
		}
	})
}

func TestAPostIsTriedOnce(t *testing.T) {
	for _, c := range []struct {
		kind   fakeapi.Kind
		effect Effect
	}{{fakeapi.HTML502, MaybeDone}, {fakeapi.Lost, MaybeDone}, {fakeapi.Reset, MaybeDone}, {fakeapi.Truncated, MaybeDone}, {fakeapi.Hang, MaybeDone}, {fakeapi.Flood, NotDone}} {
		t.Run(string(c.kind), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{})
				l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: c.kind})
				_, _, err := m.Post(l.ctx, Say(channel, plainly("post")))
				var e *Error
				if !errors.As(err, &e) || e.Effect != c.effect {
					t.Errorf("got %+v", err)
				}
				if n := len(l.Calls("sendMessage")); n != 1 {
					t.Errorf("%d calls", n)
				}
			})
		})
	}
}

func TestAPostThatCouldNotHaveItsTurnWasNotMade(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{PerSecond: 25, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
		for range groupBurst {
			if _, _, err := m.Post(l.ctx, Say(channel, plainly("post"))); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(l.ctx)
		ended := make(chan error)
		go func() {
			_, _, err := m.Post(ctx, Say(channel, plainly("late")))
			ended <- err
		}()
		synctest.Wait()
		cancel()
		err := <-ended
		var e *Error
		if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
			t.Errorf("got %+v: an Error would say that there was a call", err)
		}
		if n := len(l.Calls("sendMessage")); n != groupBurst {
			t.Errorf("%d calls", n)
		}
	})
}

// Posts to ten chats wait together for a pace of one a second. Each is claimed when
// its own turn has come, with no other claim between that and its call.
func TestAPostIsClaimedWhenItsTurnHasCome(t *testing.T) {
	var mu sync.Mutex
	var order []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	bubble(t, fakeapi.Options{Hook: func(string, url.Values) { note("call") }}, func(l *lab) {
		m := l.mailer(Limits{PerSecond: 1, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
		mu.Lock()
		order = nil // what the start called
		mu.Unlock()
		ctx, cancel := context.WithCancel(l.ctx)
		var posts sync.WaitGroup
		claims, ended := 0, 0
		for i := range 10 {
			u := rollcall.UserID(7_300_000_000 + i)
			l.AddUser(fakeapi.User{ID: u, FirstName: "Reader", LanguageCode: "en", Started: true})
			posts.Go(func() {
				_, _, err := m.PostClaimed(ctx, say(u, "post"), func() error {
					note("claim")
					mu.Lock()
					defer mu.Unlock()
					claims++
					return nil
				})
				mu.Lock()
				defer mu.Unlock()
				if errors.Is(err, context.Canceled) {
					ended++
				}
			})
		}
		time.Sleep(3300 * time.Millisecond)
		synctest.Wait()
		if d := cmp.Diff(order, []string{"claim", "call", "claim", "call", "claim", "call", "claim", "call"}); d != "" {
			t.Errorf("after three seconds (-got +want):\n%s", d)
		}
		cancel()
		posts.Wait()
		if claims != 4 || ended != 6 {
			t.Errorf("%d were claimed, and %d ended before that; want 4 and 6", claims, ended)
		}
	})
}

func TestAPostThatCannotBeClaimedIsNotMade(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{PerSecond: 25, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
		withdrawn := errors.New("withdrawn")
		for range 3 {
			_, _, err := m.PostClaimed(l.ctx, Say(ada.Chat(), plainly("post")), func() error { return withdrawn })
			if err != withdrawn {
				t.Errorf("got %v, want the claim's own error", err)
			}
		}
		if n := len(l.Calls("sendMessage")); n != 0 {
			t.Errorf("%d calls", n)
		}
		if _, _, err := m.PostClaimed(l.ctx, Say(ada.Chat(), plainly("post")), func() error { return nil }); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}

// A claim that takes its time is no part of the call, from which the limits count:
// what a disk that stands still has held up does not arrive in too close a bunch.
func TestASlowClaimDoesNotTightenTheLimits(t *testing.T) {
	bubble(t, fakeapi.Options{Limits: fakeapi.TelegramLimits()}, func(l *lab) {
		m := l.mailer(Limits{PerSecond: 25, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
		began := time.Now()
		claim := func() error { // for a while slowly, then not at all, then at once
			switch since := time.Since(began); {
			case since < 8*time.Second:
				time.Sleep(time.Second)
			case since < 12*time.Second:
				time.Sleep(12*time.Second - since)
			}
			return nil
		}
		var posts sync.WaitGroup
		for i := range 400 {
			u := rollcall.UserID(7_300_000_000 + i)
			l.AddUser(fakeapi.User{ID: u, FirstName: "Reader", LanguageCode: "en", Started: true})
			posts.Go(func() {
				if _, _, err := m.PostClaimed(l.ctx, say(u, "post"), claim); err != nil {
					t.Error(err)
				}
			})
		}
		posts.Wait()
	})
}

func TestAChartIsUploadedOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		id, file, err := m.Post(l.ctx, PostAction(channel, samplePNG, "", plainly("caption")))
		if err != nil || id == 0 || file == "" {
			t.Fatalf("got message %d, file %q, %v", id, file, err)
		}
		again, file2, err := m.Post(l.ctx, PostAction(ada.Chat(), samplePNG, file, plainly("caption")))
		if err != nil || again == 0 || file2 != file {
			t.Fatalf("again: message %d, file %q, %v", again, file2, err)
		}
		calls := l.Calls("sendPhoto")
		if len(calls) != 2 || len(calls[0].Files) != 1 || len(calls[1].Files) != 0 || calls[1].Params.Get("photo") != file {
			t.Errorf("the calls: %+v", calls)
		}
		if n, _, err := m.Post(l.ctx, PostAction(channel, nil, "", plainly("text"))); err != nil || n != id+1 {
			t.Errorf("a post without a chart: message %d, %v", n, err)
		}
	})
}

func TestTheLargestSizeOfAPhotoIsKept(t *testing.T) {
	var m sentMessage
	for _, p := range []struct {
		id    string
		width int
	}{{"small", 90}, {"large", 1280}, {"medium", 320}} {
		m.Photo = append(m.Photo, struct {
			FileID string `json:"file_id"`
			Width  int    `json:"width"`
		}{p.id, p.width})
	}
	if got := m.fileID(); got != "large" {
		t.Errorf("got %q", got)
	}
}

func TestAnUploadIsTriedAgainWithAllItsBytes(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		for _, kind := range []fakeapi.Kind{fakeapi.HTML502, fakeapi.Reset, fakeapi.Flood} {
			l.Fault(fakeapi.Fault{Method: "sendDocument", Kind: kind})
		}
		content := strings.Repeat("0123456789", 30_000)
		m.wait(m.send(SendDocument(ada.Chat(), "x.txt", []byte(content), plainly("c"))), true)
		own := l.Own(ada.Chat())
		if len(own) != 1 {
			t.Fatalf("%d messages", len(own))
		}
		if _, got, _ := l.File(own[0].Document.FileID); string(got) != content {
			t.Errorf("%d bytes arrived of %d", len(got), len(content))
		}
	})
}

func TestCloseGivesWhatIsUnderWayItsTime(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow, Delay: time.Second, Times: 5})
		var all []*sending
		for i := range 4 {
			all = append(all, m.send(say(ada, fmt.Sprint(i))))
		}
		ctx, cancel := context.WithTimeout(l.ctx, 2500*time.Millisecond) // two of the four
		defer cancel()
		at := time.Now()
		m.Close(ctx)
		if took := time.Since(at); took != 2500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		late := m.send(say(ada, "late"))
		for i, s := range append(all, late) {
			m.wait(s, i < 2)
		}
	})
}

func TestCloseReturnsAtOnceWhenNothingIsUnderWay(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		m.wait(m.send(say(ada, "x")), true)
		at := time.Now()
		m.Close(l.ctx)
		m.Close(l.ctx) // again does no harm
		if took := time.Since(at); took != 0 {
			t.Errorf("it took %s", took)
		}
	})
}

// Wherever an answer waits, Close ends it and tells so once.
func TestCloseCallsEveryDoneOnce(t *testing.T) {
	for name, prepare := range map[string]func(*lab){
		"in a call": func(l *lab) { l.Fault(fakeapi.Fault{Method: "*", Kind: fakeapi.Hang, Times: fakeapi.Forever}) },
		"in a chat's wait": func(l *lab) {
			l.Fault(fakeapi.Fault{Method: "*", Kind: fakeapi.Flood, RetryAfter: 5 * time.Minute, Times: 2})
		},
		"in everybody's": func(l *lab) {
			l.Fault(fakeapi.Fault{Method: "*", Kind: fakeapi.Flood, RetryAfter: 5 * time.Minute, Times: 3})
		},
		"before a retry": func(l *lab) { l.Fault(fakeapi.Fault{Method: "*", Kind: fakeapi.HTML502, Times: fakeapi.Forever}) },
		"for the pace":   func(*lab) {},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{PerSecond: 2, PrivatePerSecond: 1, PrivateBurst: 1, GroupPerMinute: 19})
				prepare(l)
				var all []*sending
				for _, u := range l.crowd(80) {
					all = append(all, m.send(say(u, "1"), say(u, "2"), Action{Kind: ActToast, Query: "1"}))
				}
				time.Sleep(time.Second / 4)
				ctx, cancel := context.WithCancel(l.ctx)
				cancel()
				at := time.Now()
				m.Close(ctx)
				if took := time.Since(at); took != 0 {
					t.Errorf("it took %s", took)
				}
				for _, s := range all {
					m.wait(s, false)
				}
			})
		})
	}
}

func TestNothingToSendIsDoneAtOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		s := m.send()
		if s.calls.Load() != 1 || !s.all.Load() {
			t.Error("done was not called")
		}
	})
}

func TestQuietChatsAreForgotten(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		m := l.mailer(Limits{})
		for range 3 {
			for i := range 1100 {
				m.mu.Lock()
				m.lane(rollcall.ChatID(7100000100 + i))
				m.mu.Unlock()
			}
			time.Sleep(laneIdle + time.Second)
			m.mu.Lock()
			m.lane(ada.Chat())
			n := len(m.lanes)
			delete(m.lanes, ada.Chat())
			m.mu.Unlock()
			if n > 1 {
				t.Errorf("%d chats are remembered", n)
			}
		}
	})
}

// A post that gives way to all answers must not keep its own chat's waiting.
func TestAnAnswerDoesNotWaitBehindPostsOfItsChat(t *testing.T) {
	for _, posts := range []int{1, 3} {
		t.Run(fmt.Sprint(posts, " posts"), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				m := l.mailer(Limits{PerSecond: 1, PrivatePerSecond: 1, PrivateBurst: 10, GroupPerMinute: 19})
				people := l.crowd(20)
				for _, u := range people[:10] {
					m.send(say(u, "before"))
				}
				synctest.Wait()
				var posting sync.WaitGroup
				for range posts {
					posting.Go(func() {
						if _, _, err := m.Post(l.ctx, say(ada, "post")); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				time.Sleep(3 * time.Second)
				s := m.send(say(ada, "answer"))
				synctest.Wait()
				var rest []*sending
				for _, u := range people[10:] {
					rest = append(rest, m.send(say(u, "after")))
				}
				m.wait(s, true)
				for _, r := range rest {
					if r.calls.Load() > 0 {
						t.Fatal("it waited until others who asked later had their answers")
					}
				}
				for _, r := range rest {
					m.wait(r, true)
				}
				posting.Wait()
				want := append([]string{"answer"}, slices.Repeat([]string{"post"}, posts)...)
				if d := cmp.Diff(l.texts(ada.Chat()), want); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
			})
		})
	}
}
