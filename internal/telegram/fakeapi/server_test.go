package fakeapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddresses(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct {
		name, path string
		code       int
		body       string
	}{
		{"wrong token", "/bot1:x/getMe", 401, `{"description":"Unauthorized","error_code":401,"ok":false}`},
		{"wrong token of a file", "/file/bot1:x/photos/file_1.jpg", 401, `{"description":"Unauthorized","error_code":401,"ok":false}`},
		{"unknown method", "/bot" + l.Token() + "/sendEverything", 404, `{"description":"Not Found","error_code":404,"ok":false}`},
		{"no method", "/", 404, `{"description":"Not Found","error_code":404,"ok":false}`},
		{"unknown file", "/file/bot" + l.Token() + "/photos/file_1.jpg", 404, `{"description":"Not Found","error_code":404,"ok":false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			l.ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
			if w.Code != c.code || w.Body.String() != c.body {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, c.code, c.body)
			}
		})
	}
}

func TestDefaultToken(t *testing.T) {
	if !regexp.MustCompile(`^\d{8,10}:[A-Za-z0-9_-]{35}$`).MatchString(DefaultToken) {
		t.Errorf("%q has not the shape of a token", DefaultToken)
	}
}

func TestGetMe(t *testing.T) {
	l := newLab(t, Options{})
	var me User
	if err := json.Unmarshal(l.ok(l.call("getme")).Result, &me); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(me, l.Bot()); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	if me.ID != 4200000001 || !me.IsBot {
		t.Errorf("the bot is %+v", me)
	}
}

func TestEncodings(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct{ name, kind, body string }{
		{"form", "application/x-www-form-urlencoded", "chat_id=101&text=%D0%97%D1%80%D0%B0%D0%B7%D0%BE%D0%BA&reply_markup=%7B%22inline_keyboard%22%3A%5B%5B%7B%22text%22%3A%22a%22%2C%22callback_data%22%3A%22b%22%7D%5D%5D%7D"},
		{"multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n101\r\n--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nЗразок\r\n--b\r\nContent-Disposition: form-data; name=\"reply_markup\"\r\n\r\n{\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":\"b\"}]]}\r\n--b--\r\n"},
		{"JSON", "application/json; charset=utf-8", `{"chat_id":101,"text":"Зразок","parse_mode":null,"reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := read(http.Post(l.methodURL("sendMessage"), c.kind, strings.NewReader(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			m := a.message(t)
			if m.Text != "Зразок" || m.Chat.ID != ada.Chat() || m.ReplyMarkup == nil {
				t.Errorf("got %+v", m)
			}
		})
	}
	l.noProblems()
}

func TestProblems(t *testing.T) {
	l := newLab(t, Options{})
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a", "txet", "b", "disable_notification", "maybe",
		"link_preview_options", `{"disabled":true}`,
		"reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"b","url":"https://t.me/rollcall_test_bot?start=a.b"}]]}`))
	l.ok(l.upload("sendDocument", "thumb", "x.txt", []byte("x"), "chat_id", "101", "document", l.sentDocument()))
	got := l.Problems()
	for _, want := range []string{
		"sendMessage: unknown parameter txet",
		"sendMessage: disable_notification is no boolean",
		"sendMessage: link_preview_options: unknown field disabled",
		"sendMessage: a button has more than one action, of which Telegram takes one",
		"sendMessage: the parameter of a deep link must be 1 to 64 of A-Z a-z 0-9 _ -",
		"sendDocument: nothing refers to the upload thumb",
	} {
		found := false
		for _, p := range got {
			found = found || p == want
		}
		if !found {
			t.Errorf("no problem %q in %q", want, got)
		}
	}
	if len(got) != 6 {
		t.Errorf("%d problems: %q", len(got), got)
	}
}

// sentDocument returns the file_id of a document that Ada has sent.
func (l *lab) sentDocument() string {
	l.t.Helper()
	s := l.sent(l.SendDocument(ada, ada.Chat(), "roster.csv", []byte("id,full_name\n"), ""))
	for _, m := range l.Messages(ada.Chat()) {
		if m.MessageID == s.MessageID {
			return m.Document.FileID
		}
	}
	l.t.Fatal("no document")
	return ""
}

func TestDeprecatedNamesAreKnown(t *testing.T) {
	l := newLab(t, Options{})
	s := l.sent(l.Send(ada, ada.Chat(), "hello"))
	m := l.ok(l.call("sendMessage", "chat_id", "101", "text", "a", "disable_web_page_preview", "true", "reply_to_message_id", "1")).message(t)
	if string(m.LinkPreview) != `{"is_disabled":true}` || m.ReplyTo == nil || m.ReplyTo.MessageID != s.MessageID {
		t.Errorf("got %+v", m)
	}
	l.noProblems()
}

func TestCloseTwiceEndsEverything(t *testing.T) {
	s := New(Options{})
	if s.URL() != "" {
		t.Errorf("URL %q before Start", s.URL())
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	events, cancel := s.Subscribe()
	s.Close()
	s.Close()
	if _, open := <-events; open {
		t.Error("the subscription goes on after Close")
	}
	cancel()
	if _, err := http.Get(s.URL()); err == nil {
		t.Error("the server listens after Close")
	}
}
