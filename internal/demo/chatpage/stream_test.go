package chatpage

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// id is how the stream numbers a message.
func (l *lab) id(seq int64) string { return fmt.Sprintf("%s.%d", l.page.epoch, seq) }

// inOrder checks that messages come in the order of their last changes, none
// twice, each under its id.
func (l *lab) inOrder(all []heard, ids []string) {
	l.Helper()
	last := int64(0)
	for i, m := range all {
		if m.Seq <= last {
			l.Errorf("message %d of the stream bears number %d after %d", i, m.Seq, last)
		}
		last = m.Seq
		if ids[i] != l.id(m.Seq) {
			l.Errorf("message %d of the stream: got id %q, want %q", i, ids[i], l.id(m.Seq))
		}
	}
}

// brief is a message in short: whatever a resumed stream has to tell.
func brief(all []heard) (lines []string) {
	for _, m := range all {
		line := fmt.Sprintf("%d: %s", m.Chat.ID, m.Text)
		if m.Edits > 0 {
			line += fmt.Sprintf(", edited %d times", m.Edits)
		}
		if m.Deleted {
			line += ", deleted"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestHello(t *testing.T) {
	ideas := map[rollcall.Language][]Idea{rollcall.English: {{"/find Sample", "a search"}}}
	shows := map[rollcall.Language]string{rollcall.English: "invented people"}
	l := newLab(t, fakeapi.Options{}, func(o *Options) {
		o.Ideas = ideas
		o.Files = []File{{Name: "sample.csv", Data: []byte("name\nMary Sample\n"), Shows: shows}}
	}, nil)
	l.called("setMyDescription", "description", "About the bot.")
	l.called("setMyDescription", "description", "Про бота.", "language_code", "uk")
	l.called("setMyCommands", "commands", `[{"command":"find","description":"find a person"}]`)

	got := l.listen("").hello
	id, _, _ := strings.Cut(l.api.Token(), ":")
	find := []fakeapi.Command{{Command: "find", Description: "find a person"}}
	want := helloEvent{
		menusEvent: menusEvent{
			Menus: map[string][]fakeapi.Command{"101:101": find, "101:-201": find, "102:102": find, "102:-201": find},
			About: map[string]string{"en": "About the bot.", "uk": "Про бота."},
		},
		Epoch: l.page.epoch, Bot: l.api.Bot(), URL: l.api.URL() + "/bot" + id + ":••••••/",
		People: []personView{{mary, "Mary Sample", "en", ""}, {olena, "Олена", "uk", "editor"}},
		Group:  groupChat, Channel: channelChat, Ideas: ideas, Files: []fileView{{"sample.csv", shows}},
		Limits: map[string]int{"file": 25 << 20},
	}
	calls := got.Calls
	got.Calls = nil
	if d := cmp.Diff(got, want, cmp.AllowUnexported(helloEvent{})); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	var methods []string
	for _, c := range calls {
		methods = append(methods, c.Method)
		if !c.Ended || c.Code != http.StatusOK || c.At == 0 {
			t.Errorf("call %d: got %+v, want one that went well", c.Number, c)
		}
	}
	if d := cmp.Diff(methods, []string{"setMyDescription", "setMyDescription", "setMyCommands"}); d != "" {
		t.Errorf("calls (-got +want):\n%s", d)
	}
}

func TestHelloTellsOfTheLatestCalls(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	const more = 5
	for range keepCalls + more {
		l.called("getMe")
	}
	calls := l.listen("").hello.Calls
	if len(calls) != keepCalls || calls[0].Number != more+1 || calls[len(calls)-1].Number != keepCalls+more {
		t.Errorf("got %d calls from number %d, want the last %d", len(calls), calls[0].Number, keepCalls)
	}
}

func TestMessagesInOrder(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	l.says(mary, mary.Chat(), "one")
	l.says(olena, group, "two")
	l.botSays(channel, "three", "")
	l.botSays(mary.Chat(), "four", "")
	l.says(olena, olena.Chat(), "five")
	s := l.listen("")
	l.says(mary, group, "six")
	l.botSays(olena.Chat(), "seven", "")
	got, ids := s.messages()
	l.inOrder(got, ids)
	want := []string{"101: one", "-201: two", "-202: three", "101: four", "102: five", "-201: six", "102: seven"}
	if d := cmp.Diff(brief(got), want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	if got[3].Own != true || got[0].Own != false {
		t.Error("whose a message is, the bot's or a person's, is told wrongly")
	}
}

// A browser gets what changed after the number that it names, in the header that
// a browser sets or in the address, and all where it names another program's.
func TestResume(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	l.says(mary, mary.Chat(), "stays")
	mine := l.says(mary, mary.Chat(), "to be changed")
	gone := l.says(olena, group, "to be deleted")
	its := l.botSays(channel, "the bot's", "")
	before := l.says(olena, olena.Chat(), "the last before")

	if err := l.api.Delete(group, gone.MessageID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.api.Edit(mary, mary.Chat(), mine.MessageID, "changed"); err != nil {
		t.Fatal(err)
	}
	l.says(mary, group, "new")
	for i := range 2 {
		l.called("editMessageText", "chat_id", strconv.FormatInt(int64(channel), 10), "message_id", strconv.FormatInt(int64(its), 10), "text", fmt.Sprintf("edit %d", i+1))
	}
	later := []string{"-201: to be deleted, deleted", "101: changed, edited 1 times", "-201: new", "-202: edit 2, edited 2 times"}
	all := append([]string{"101: stays", "102: the last before"}, later...)
	known, old := l.id(before.Seq), "zzzzzzzz."+strconv.FormatInt(before.Seq, 10)
	for _, c := range []struct {
		name, path, header string
		want               []string
	}{
		{"for the first time", "/events", "", all},
		{"an empty number", "/events?since=", "", all},
		{"by the header", "/events", known, later},
		{"by the address", "/events?since=" + known, "", later},
		{"by both: the header is newer", "/events?since=" + l.id(1), known, later},
		{"all is known", "/events", l.id(l.last(channel).Seq), nil},
		{"another program's number", "/events", old, all},
		{"another program's number in the address", "/events?since=" + old, "", all},
		{"no epoch", "/events", strconv.FormatInt(before.Seq, 10), all},
		{"no number", "/events", l.page.epoch + ".", all},
		{"no such number", "/events", l.page.epoch + ".99999999999999999999", all},
		{"below zero", "/events", l.page.epoch + ".-1", all},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			header := []string{}
			if c.header != "" {
				header = []string{"Last-Event-ID", c.header}
			}
			s := l.listenTo(c.path, header...)
			defer s.leave()
			got, ids := s.messages()
			l.inOrder(got, ids)
			lines := brief(got)
			// Those before this case have each left a message at the end.
			var kept []string
			for _, line := range lines {
				if line != "101: the end" {
					kept = append(kept, line)
				}
			}
			if d := cmp.Diff(kept, c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
}

// A meddler does something each time a stream has told of a kind of event.
type meddler struct {
	http.ResponseWriter
	kind string
	act  func()
}

func (m meddler) Unwrap() http.ResponseWriter { return m.ResponseWriter }

func (m meddler) Write(b []byte) (int, error) {
	n, err := m.ResponseWriter.Write(b)
	if strings.Contains(string(b), "event: "+m.kind+"\n") {
		m.act()
	}
	return n, err
}

// What happens while a browser is told of the past is told once, in its order:
// a stream that is cut off at any point can be resumed from its last number.
func TestWhatHappensMeanwhile(t *testing.T) {
	var l *lab
	l = newLab(t, fakeapi.Options{}, nil, func(page http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page.ServeHTTP(meddler{w, "hello", func() {
				for i, in := range []rollcall.ChatID{olena.Chat(), group, olena.Chat()} {
					if _, err := l.api.Send(olena, in, fmt.Sprintf("meanwhile %d", i)); err != nil {
						t.Error(err)
					}
				}
			}}, r)
		})
	})
	first := l.says(olena, group, "before")
	if _, err := l.api.Edit(olena, group, first.MessageID, "before, changed"); err != nil {
		t.Fatal(err)
	}
	got, ids := l.listen("").messages()
	l.inOrder(got, ids)
	want := []string{"-201: before, changed, edited 1 times", "102: meanwhile 0", "-201: meanwhile 1", "102: meanwhile 2"}
	if d := cmp.Diff(brief(got), want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
}

func TestOtherChatsAreNotTold(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	elsewhere := func() {
		l.says(stranger, stranger.Chat(), "a stranger's")
		mine := l.says(mary, foreign, "mary elsewhere")
		l.botSays(stranger.Chat(), "to a stranger", "")
		if _, err := l.api.Edit(mary, foreign, mine.MessageID, "mary elsewhere, changed"); err != nil {
			t.Fatal(err)
		}
		if err := l.api.Delete(foreign, mine.MessageID); err != nil {
			t.Fatal(err)
		}
		l.called("sendChatAction", "chat_id", "103", "action", "typing")
	}
	elsewhere()
	s := l.listen("")
	elsewhere()
	l.called("sendChatAction", "chat_id", "101", "action", "upload_document")
	var typing chatEvent
	for {
		e := s.next("message", "typing")
		if e.Name == "message" {
			t.Fatalf("told of %s", e.Data)
		}
		if e.decode(t, &typing); typing.Chat == mary.Chat() {
			break
		}
		t.Errorf("told of typing in %d", typing.Chat)
	}
	if got, _ := s.messages(); len(got) > 0 {
		t.Errorf("told of %v", brief(got))
	}
}

func TestEventKinds(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	its := l.botSays(mary.Chat(), "Choose", `{"inline_keyboard":[[{"text":"One","callback_data":"v1:one"}]]}`)
	s := l.listen("")

	l.done("/press", map[string]any{"from": mary, "chat": mary, "message": its, "data": "v1:one"})
	var press pressEvent
	s.into("press", &press)
	if press.ID == "" {
		t.Error("the press has no id")
	}
	pressed := pressEvent{ID: press.ID, User: mary, Chat: mary.Chat(), Message: its, Data: "v1:one"}
	if d := cmp.Diff(press, pressed); d != "" {
		t.Errorf("press (-got +want):\n%s", d)
	}

	link := "https://t.me/" + l.api.Bot().Username + "?start=p_sample"
	l.called("answerCallbackQuery", "callback_query_id", press.ID, "text", "Noted", "show_alert", "true", "url", link)
	var answer pressEvent
	s.into("answer", &answer)
	pressed.Text, pressed.Alert, pressed.URL = "Noted", true, link
	if d := cmp.Diff(answer, pressed); d != "" {
		t.Errorf("answer (-got +want):\n%s", d)
	}

	l.called("sendChatAction", "chat_id", "-201", "action", "typing")
	var typing chatEvent
	s.into("typing", &typing)
	if d := cmp.Diff(typing, chatEvent{group, "typing"}); d != "" {
		t.Errorf("typing (-got +want):\n%s", d)
	}

	l.called("setMyCommands", "commands", `[{"command":"start","description":"begin"}]`, "scope", `{"type":"chat","chat_id":102}`)
	var menus menusEvent
	s.into("menus", &menus)
	if got := menus.Menus["102:102"]; len(got) != 1 || got[0].Command != "start" || len(menus.Menus["101:101"]) > 0 {
		t.Errorf("menus: got %v, want one for 102:102 alone", menus.Menus)
	}
	l.called("setMyDescription", "description", "About the bot.")
	s.into("menus", &menus)
	if d := cmp.Diff(menus.About, map[string]string{"en": "About the bot.", "uk": "About the bot."}); d != "" {
		t.Errorf("about (-got +want):\n%s", d)
	}

	l.done("/fault", map[string]string{"name": "down"})
	var fault faultEvent
	if s.into("fault", &fault); fault.Name != "down" {
		t.Errorf("fault: got %q, want %q", fault.Name, "down")
	}
	l.done("/fault", map[string]string{"name": ""})
	if s.into("fault", &fault); fault.Name != "" {
		t.Errorf("fault: got %q, want none", fault.Name)
	}
}

// A call is told of twice: when it is made and when it has ended.
func TestCalls(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	s := l.listen("")
	text := strings.Repeat("я", maxParamRunes) + "more"
	if code, _, err := l.bot("sendMessage", "chat_id", "101", "text", text); err != nil || code != http.StatusOK {
		t.Fatalf("got %d (%v)", code, err)
	}
	if code, _, err := l.bot("sendMessage", "chat_id", "999", "text", "to nobody"); err != nil || code != http.StatusBadRequest {
		t.Fatalf("got %d (%v), want a refusal", code, err)
	}
	if _, _, err := l.bot("getUpdates"); err != nil { // is not told: a poll is no call
		t.Fatal(err)
	}
	l.called("getMe")
	short := map[string]string{"chat_id": "101", "text": strings.Repeat("я", maxParamRunes) + "…"}
	to999 := map[string]string{"chat_id": "999", "text": "to nobody"}
	for _, want := range []callEvent{
		{Number: 1, Method: "sendMessage", Params: short},
		{Number: 1, Method: "sendMessage", Params: short, Ended: true, Code: http.StatusOK},
		{Number: 2, Method: "sendMessage", Params: to999},
		{Number: 2, Method: "sendMessage", Params: to999, Ended: true, Code: http.StatusBadRequest, Description: "Bad Request: chat not found"},
		{Number: 3, Method: "getMe", Params: map[string]string{}},
		{Number: 3, Method: "getMe", Params: map[string]string{}, Ended: true, Code: http.StatusOK},
	} {
		var got callEvent
		s.into("call", &got)
		if got.At == 0 {
			t.Error("a call without a time")
		}
		got.At = 0
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
	}
}

func TestTwoStreamsTellTheSame(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	l.says(mary, mary.Chat(), "before")
	a, b := l.listen(""), l.listen("")
	if d := cmp.Diff(a.hello, b.hello, cmp.AllowUnexported(helloEvent{})); d != "" {
		t.Errorf("hello (-one +other):\n%s", d)
	}
	l.says(mary, mary.Chat(), "/start")
	its := l.botSays(group, "Choose", `{"inline_keyboard":[[{"text":"One","callback_data":"v1:one"}]]}`)
	l.done("/press", map[string]any{"from": olena, "chat": group, "message": its, "data": "v1:one"})
	l.called("sendChatAction", "chat_id", "102", "action", "typing")
	l.called("setMyDescription", "description", "About the bot.")
	end := l.id(l.says(olena, group, "after").Seq)
	until := func(s *listener) (all []event) {
		for {
			e := s.next()
			if all = append(all, e); e.ID == end {
				return all
			}
		}
	}
	got, want := until(a), until(b)
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("(-one +other):\n%s", d)
	}
	if len(got) < 10 {
		t.Errorf("%d events only", len(got))
	}
}

func TestStreamsEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*lab)
	}{
		{"when the page is closed", func(l *lab) { l.close() }},
		{"when the stand-in is closed", func(l *lab) { l.api.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, fakeapi.Options{}, nil, nil)
			a, b := l.listen(""), l.listen("")
			c.end(l)
			a.ends()
			b.ends()
			l.listen("").ends() // one that comes late is told what there is, and ends too
		})
	}
}

// A browser that has gone leaves nothing behind: the handler returns.
func TestABrowserLeaves(t *testing.T) {
	gone := make(chan struct{})
	l := newLab(t, fakeapi.Options{}, nil, func(page http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page.ServeHTTP(w, r)
			close(gone)
		})
	})
	l.listen("").leave()
	select {
	case <-gone:
	case <-l.ctx.Done():
		t.Error("the stream goes on without its browser")
	}
}

// The token stands in every call's address, and in nothing that a browser gets:
// each answer and line of these tests is searched for it. This one takes care
// that there is something to find.
func TestTheTokenIsNotTold(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	res, err := http.Get(l.api.URL() + "/bot" + l.api.Token() + "/getMe")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	l.says(mary, mary.Chat(), "a file")
	if _, err := l.api.SendDocument(mary, mary.Chat(), "sample.csv", []byte("name\n"), ""); err != nil {
		t.Fatal(err)
	}
	var f struct {
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(l.called("getFile", "file_id", l.last(mary.Chat()).Document.FileID), &f); err != nil {
		t.Fatal(err)
	}
	s := l.listen("")
	res, err = http.Get(l.api.URL() + "/file/bot" + l.api.Token() + "/" + f.Path)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	var c callEvent
	if s.into("call", &c); c.Method != "file" {
		t.Errorf("got a call of %q, want the download", c.Method)
	}
	s.messages()
	if len(secret) < 30 || strings.Contains(s.hello.URL, secret) || !strings.Contains(s.hello.URL, "••••") {
		t.Errorf("the address %q does not mask the token", s.hello.URL)
	}
}
