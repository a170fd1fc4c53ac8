package fakeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

// Invented people and places of the tests.
const (
	ada     rollcall.UserID = 101 // has started the bot
	bo      rollcall.UserID = 102 // has not
	group   rollcall.ChatID = -501
	channel rollcall.ChatID = -1001234567890
)

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// lab is a server with people, and a bot's client.
type lab struct {
	*Server
	t     *testing.T
	clock *clock
	ctx   context.Context
}

func newLab(t *testing.T, o Options) *lab {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	c := &clock{t: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	o.Now = c.now
	l := &lab{Run(t, o), t, c, ctx}
	l.AddUser(User{ID: ada, FirstName: "Ada", LanguageCode: "uk", Started: true})
	l.AddUser(User{ID: bo, FirstName: "Bo", LanguageCode: "en-GB"})
	l.AddChat(Chat{ID: group, Type: "group", Title: "Sample group"})
	l.AddChat(Chat{ID: channel, Type: "channel", Title: "Sample channel", Username: "sample_channel"})
	return l
}

// answer is what a call came back with.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int             `json:"retry_after"`
		MigrateTo  rollcall.ChatID `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func (a answer) message(t *testing.T) Message {
	t.Helper()
	var m Message
	if err := json.Unmarshal(a.Result, &m); err != nil {
		t.Fatalf("result %s: %v (%s)", a.Result, err, a.Description)
	}
	return m
}

// form makes parameters of name, value pairs.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func (l *lab) methodURL(method string) string {
	return l.URL() + "/bot" + l.Token() + "/" + method
}

// do calls a method and returns the transport's error too.
func (l *lab) do(ctx context.Context, method string, pairs ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.methodURL(method), strings.NewReader(form(pairs...).Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return read(http.DefaultClient.Do(req))
}

func read(resp *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	var a answer
	return a, json.Unmarshal(body, &a)
}

// call is do for calls whose answer arrives.
func (l *lab) call(method string, pairs ...string) answer {
	l.t.Helper()
	a, err := l.do(l.ctx, method, pairs...)
	if err != nil {
		l.t.Fatalf("%s: %v", method, err)
	}
	return a
}

// upload calls a method with a file in a multipart body.
func (l *lab) upload(method, part, name string, data []byte, pairs ...string) answer {
	l.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	params := form(pairs...)
	for _, key := range slices.Sorted(maps.Keys(params)) {
		w.WriteField(key, params.Get(key))
	}
	f, err := w.CreateFormFile(part, name)
	if err != nil {
		l.t.Fatal(err)
	}
	f.Write(data)
	w.Close()
	a, err := read(http.Post(l.methodURL(method), w.FormDataContentType(), &b))
	if err != nil {
		l.t.Fatalf("%s: %v", method, err)
	}
	return a
}

func (l *lab) ok(a answer) answer {
	l.t.Helper()
	if !a.OK {
		l.t.Fatalf("answered %d %s", a.ErrorCode, a.Description)
	}
	return a
}

func (l *lab) refused(a answer, code int, text string) answer {
	l.t.Helper()
	if a.OK || a.ErrorCode != code || a.Description != text {
		l.t.Errorf("answered %t %d %q, want %d %q", a.OK, a.ErrorCode, a.Description, code, text)
	}
	return a
}

func (l *lab) sent(s Sent, err error) Sent {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func (l *lab) noProblems() {
	l.t.Helper()
	if p := l.Problems(); len(p) > 0 {
		l.t.Errorf("problems: %q", p)
	}
}

type gotUpdate struct {
	ID      int64           `json:"update_id"`
	Message *Message        `json:"message"`
	Edited  *Message        `json:"edited_message"`
	Post    *Message        `json:"channel_post"`
	Query   json.RawMessage `json:"callback_query"`
	Member  json.RawMessage `json:"my_chat_member"`
	Chat    json.RawMessage `json:"chat_member"`
}

func (l *lab) updates(pairs ...string) []gotUpdate {
	l.t.Helper()
	var list []gotUpdate
	if err := json.Unmarshal(l.ok(l.call("getUpdates", pairs...)).Result, &list); err != nil {
		l.t.Fatal(err)
	}
	return list
}

func samplePNG(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// name writes an id as a parameter has it.
func name[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

func decode(t *testing.T, a answer, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Result, v); err != nil {
		t.Fatalf("%s: %v", a.Result, err)
	}
}
