package chatpage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// speech is the body of POST /say.
func speech(from rollcall.UserID, chat rollcall.ChatID, text string) string {
	return fmt.Sprintf(`{"from":%d,"chat":%d,"text":"%s"}`, from, chat, text)
}

func TestSay(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	for _, c := range []struct {
		name, body string
		chat       rollcall.ChatID
		want       string
	}{
		{"in private", speech(mary, mary.Chat(), "/start p_sample"), mary.Chat(), "/start p_sample"},
		{"in the group", speech(olena, group, "/find"), group, "/find"},
		{"with blanks around", speech(mary, mary.Chat(), `  Зразок\n`), mary.Chat(), "Зразок"},
		{"no UTF-8", speech(mary, mary.Chat(), "a\xffb"), mary.Chat(), "a\ufffdb"},
		{"half of a surrogate pair", speech(mary, mary.Chat(), `a\ud83db`), mary.Chat(), "a\ufffdb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			a := l.do(http.MethodPost, "/say", strings.NewReader(c.body), "Content-Type", "application/json; charset=utf-8")
			if a.code != http.StatusOK || a.body != "{}\n" || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("got %d %q", a.code, a.body)
			}
			if m := l.last(c.chat); m.Text != c.want || m.Own {
				t.Errorf("got %q, want %q", m.Text, c.want)
			}
		})
	}
}

func TestSayRefused(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	const asJSON = "application/json"
	for _, c := range []struct {
		name, kind, body string
		status           int
		code             string
	}{
		{"nobody", asJSON, speech(nobody, mary.Chat(), "x"), 404, "not_there"},
		{"somebody who is not played", asJSON, speech(stranger, group, "x"), 404, "not_there"},
		{"the bot", asJSON, speech(l.api.Bot().ID, mary.Chat(), "x"), 404, "not_there"},
		{"a chat that is not shown", asJSON, speech(mary, foreign, "x"), 404, "not_there"},
		{"a stranger's private chat", asJSON, speech(mary, stranger.Chat(), "x"), 404, "not_there"},
		{"another's private chat", asJSON, speech(mary, olena.Chat(), "x"), 403, "cannot"},
		{"a channel", asJSON, speech(mary, channel, "x"), 403, "cannot"},
		{"nothing", asJSON, speech(mary, mary.Chat(), ""), 400, "empty"},
		{"blank", asJSON, speech(mary, mary.Chat(), ` \n\t`), 400, "empty"},
		{"invisible", asJSON, speech(mary, mary.Chat(), "\u200b"), 400, "empty"},
		{"no JSON", asJSON, "text", 400, "unreadable"},
		{"other JSON", asJSON, `["x"]`, 400, "unreadable"},
		{"two values", asJSON, speech(mary, mary.Chat(), "x") + "{}", 400, "unreadable"},
		{"a number too large", asJSON, `{"from":99999999999999999999}`, 400, "unreadable"},
		{"empty JSON", asJSON, "{}", 404, "not_there"},
		{"null", asJSON, "null", 404, "not_there"},
		{"too long", asJSON, speech(mary, mary.Chat(), strings.Repeat("x", maxSayBytes)), 413, "too_long"},
		{"too long and no JSON", asJSON, strings.Repeat(" ", maxSayBytes+1), 413, "too_long"},
		// What a form of another site can send, too.
		{"text", "text/plain", speech(mary, mary.Chat(), "x"), 415, "unreadable"},
		{"a form", "application/x-www-form-urlencoded", speech(mary, mary.Chat(), "x"), 415, "unreadable"},
		{"no type", "", speech(mary, mary.Chat(), "x"), 415, "unreadable"},
		{"no such type", "application/", speech(mary, mary.Chat(), "x"), 415, "unreadable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			l.refused(l.do(http.MethodPost, "/say", strings.NewReader(c.body), "Content-Type", c.kind), c.status, c.code)
			if all := l.everything(); len(all) > 0 {
				t.Errorf("%d messages were sent", len(all))
			}
		})
	}
}

func TestSayInPieces(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	text := strings.Repeat("Оленка й 😀 sample\n", 10_000/18)
	l.done("/say", map[string]any{"from": mary, "chat": group, "text": text})
	var words []string
	all := l.api.Messages(group)
	for _, m := range all {
		if units(m.Text) > maxTextUTF16 {
			t.Errorf("a message of %d UTF-16 units", units(m.Text))
		}
		words = append(words, strings.Fields(m.Text)...)
	}
	if len(all) < 2 {
		t.Errorf("%d messages, want several", len(all))
	}
	if d := cmp.Diff(words, strings.Fields(text)); d != "" {
		t.Errorf("words (-got +want):\n%s", d)
	}
}

func TestPress(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	const board = `{"inline_keyboard":[[{"text":"One","callback_data":"v1:one"},{"text":"Away","url":"https://example.org/"}]]}`
	private := l.botSays(mary.Chat(), "in private", board)
	public := l.botSays(group, "in the group", board)
	posted := l.botSays(channel, "in the channel", board)
	elsewhere := l.botSays(stranger.Chat(), "elsewhere", board)
	bare := l.botSays(mary.Chat(), "edited", board)
	l.called("editMessageText", "chat_id", "101", "message_id", strconv.FormatInt(int64(bare), 10), "text", "no buttons")
	gone := l.botSays(mary.Chat(), "deleted", board)
	l.called("deleteMessage", "chat_id", "101", "message_id", strconv.FormatInt(int64(gone), 10))

	for _, c := range []struct {
		name   string
		from   rollcall.UserID
		chat   rollcall.ChatID
		m      rollcall.MessageID
		data   string
		status int
		code   string
	}{
		{"in private", mary, mary.Chat(), private, "v1:one", 200, ""},
		{"once more", mary, mary.Chat(), private, "v1:one", 200, ""},
		{"in the group", olena, group, public, "v1:one", 200, ""},
		{"in the channel", mary, channel, posted, "v1:one", 200, ""},
		{"other data", mary, mary.Chat(), private, "v1:two", 409, "no_button"},
		{"no data, as of a link", mary, mary.Chat(), private, "", 409, "no_button"},
		{"a link", mary, mary.Chat(), private, "Away", 409, "no_button"},
		{"the buttons are gone", mary, mary.Chat(), bare, "v1:one", 409, "no_button"},
		{"the message is gone", mary, mary.Chat(), gone, "v1:one", 409, "no_button"},
		{"there was no such message", mary, mary.Chat(), 9999, "v1:one", 409, "no_button"},
		{"no message is named", mary, mary.Chat(), 0, "v1:one", 404, "not_there"},
		{"another's private chat", olena, mary.Chat(), private, "v1:one", 403, "cannot"},
		{"a stranger's private chat", mary, stranger.Chat(), elsewhere, "v1:one", 404, "not_there"},
		{"somebody who is not played", stranger, stranger.Chat(), elsewhere, "v1:one", 404, "not_there"},
		{"nobody", nobody, mary.Chat(), private, "v1:one", 404, "not_there"},
		{"a chat that is not shown", mary, foreign, private, "v1:one", 404, "not_there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			before := len(l.api.Presses(0))
			l.refused(l.post("/press", map[string]any{"from": c.from, "chat": c.chat, "message": c.m, "data": c.data}), c.status, c.code)
			now := l.api.Presses(0)
			if c.code != "" {
				if len(now) != before {
					t.Error("refused, and pressed all the same")
				}
				return
			}
			if len(now) != before+1 {
				t.Fatalf("%d presses, want one", len(now)-before)
			}
			p := now[before]
			if p.User != c.from || p.Chat != c.chat || p.MessageID != c.m || p.Data != c.data {
				t.Errorf("got %+v", p)
			}
		})
	}
	l.refused(l.do(http.MethodPost, "/press", strings.NewReader("{}"), "Content-Type", "text/plain"), 415, "unreadable")
}

// form makes the body of an upload, and its type; a file without a name is left
// out.
func form(t *testing.T, from rollcall.UserID, chat rollcall.ChatID, name string, data []byte, caption string) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	fields := [][2]string{{"from", fmt.Sprint(from)}, {"chat", fmt.Sprint(chat)}, {"caption", caption}}
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

func (l *lab) upload(from rollcall.UserID, chat rollcall.ChatID, name string, data []byte, caption string) answer {
	l.Helper()
	body, kind := form(l.T, from, chat, name, data, caption)
	return l.do(http.MethodPost, "/upload", body, "Content-Type", kind)
}

// pictures returns one picture in each kind that a client sends as a photo.
func pictures(t *testing.T) map[string][]byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 8, 6), color.Palette{color.White})
	all := map[string][]byte{}
	for kind, encode := range map[string]func(io.Writer) error{
		"image/png":  func(w io.Writer) error { return png.Encode(w, img) },
		"image/jpeg": func(w io.Writer) error { return jpeg.Encode(w, img, nil) },
		"image/gif":  func(w io.Writer) error { return gif.Encode(w, img, nil) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		all[kind] = b.Bytes()
	}
	return all
}

func TestUploadDocument(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	const script = "<!doctype html><script>alert(1)</script>"
	for _, c := range []struct {
		name, file, data, want string // want is the name that it is saved under
	}{
		{"table", "roster.csv", "name\nMary Sample\n", "roster.csv"},
		{"page with a script", "sample.html", script, "sample.html"},
		{"page that is said to be a picture", "sample.png", script, "sample.png"},
		{"SVG, which may hold a script", "sample.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "sample.svg"},
		{"other letters", "Зразок списку.csv", "name\n", "Зразок списку.csv"},
		{"quotes and semicolons", `a "b"; c.csv`, "name\n", `a "b"; c.csv`},
		{"a path", "../../etc/sample.csv", "name\n", "sample.csv"},
		{"one byte", "one.txt", "1", "one.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			if a := l.upload(mary, mary.Chat(), c.file, []byte(c.data), "a caption"); a.code != http.StatusOK {
				t.Fatalf("got %d %s", a.code, a.body)
			}
			m := l.last(mary.Chat())
			if m.Document == nil || len(m.Photo) > 0 || m.Document.FileName != c.want || m.Document.FileSize != len(c.data) || m.Caption != "a caption" || m.From.ID != mary {
				t.Fatalf("got %+v, want a document named %q", m, c.want)
			}
			a := l.get("/files/" + m.Document.FileID)
			if a.code != http.StatusOK || a.body != c.data {
				t.Errorf("the file: got %d and %d bytes, want %d and %d", a.code, len(a.body), http.StatusOK, len(c.data))
			}
			if got := a.header.Get("Content-Type"); got != "application/octet-stream" {
				t.Errorf("type: got %q, want one that no browser shows", got)
			}
			if got := a.header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("X-Content-Type-Options: got %q, want nosniff", got)
			}
			how, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
			if err != nil || how != "attachment" || params["filename"] != c.want {
				t.Errorf("disposition: got %s of %q (%v), want an attachment named %q", how, params["filename"], err, c.want)
			}
		})
	}
}

func TestUploadPicture(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	for kind, data := range pictures(t) {
		t.Run(kind, func(t *testing.T) {
			l := l.in(t)
			if a := l.upload(olena, group, "sample.bin", data, ""); a.code != http.StatusOK {
				t.Fatalf("got %d %s", a.code, a.body)
			}
			m := l.last(group)
			if len(m.Photo) == 0 || m.Document != nil || m.Photo[0].Width != 8 || m.Photo[0].Height != 6 {
				t.Fatalf("got %+v, want a photo of 8 by 6", m)
			}
			a := l.get("/files/" + m.Photo[0].FileID)
			if a.code != http.StatusOK || a.body != string(data) || a.header.Get("Content-Type") != kind || a.header.Get("Content-Disposition") != "" {
				t.Errorf("the file: got %d, %d bytes, %v", a.code, len(a.body), a.header)
			}
		})
	}
}

func TestUploadRefused(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	data := []byte("name\n")
	for _, c := range []struct {
		name   string
		from   rollcall.UserID
		chat   rollcall.ChatID
		file   string
		data   []byte
		status int
		code   string
	}{
		{"empty", mary, mary.Chat(), "empty.csv", nil, 400, "empty_file"},
		{"no file", mary, mary.Chat(), "", nil, 400, "unreadable"},
		{"nobody", nobody, mary.Chat(), "sample.csv", data, 404, "not_there"},
		{"somebody who is not played", stranger, stranger.Chat(), "sample.csv", data, 404, "not_there"},
		{"a chat that is not shown", mary, foreign, "sample.csv", data, 404, "not_there"},
		{"another's private chat", mary, olena.Chat(), "sample.csv", data, 403, "cannot"},
		{"another's private chat, a picture", mary, olena.Chat(), "sample.png", pictures(t)["image/png"], 403, "cannot"},
		{"the channel", olena, channel, "sample.csv", data, 403, "cannot"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			l.refused(l.upload(c.from, c.chat, c.file, c.data, ""), c.status, c.code)
		})
	}
	whole, kind := form(t, mary, mary.Chat(), "sample.csv", data, "")
	for _, c := range []struct{ name, kind, body string }{
		{"no form", "application/json", "{}"},
		{"no boundary", "multipart/form-data", whole.String()},
		{"cut off", kind, whole.String()[:whole.Len()-20]},
		{"ids that are no numbers", kind, strings.ReplaceAll(whole.String(), "\r\n101\r\n", "\r\none\r\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			status, code := http.StatusBadRequest, "unreadable"
			if c.name == "ids that are no numbers" {
				status, code = http.StatusNotFound, "not_there" // they name nobody
			}
			l.refused(l.do(http.MethodPost, "/upload", strings.NewReader(c.body), "Content-Type", c.kind), status, code)
		})
	}
	if all := l.everything(); len(all) > 0 {
		t.Errorf("%d messages were sent", len(all))
	}
}

// The largest file that the page takes is larger than what a bot may fetch; one
// byte more is refused, and so is a body that would never end.
func TestUploadLimit(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	big := bytes.Repeat([]byte("a"), maxFileBytes+1)
	send := func(body io.Reader, kind string) answer {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/upload", body)
		r.Host = "localhost"
		r.Header.Set("Content-Type", kind)
		l.page.ServeHTTP(w, r) // without a connection, which would break off
		return answer{w.Code, w.Header(), w.Body.String()}
	}
	body, kind := form(t, mary, mary.Chat(), "big.txt", big[:maxFileBytes], "")
	if a := send(body, kind); a.code != http.StatusOK || l.last(mary.Chat()).Document.FileSize != maxFileBytes {
		t.Errorf("the largest: got %d %s", a.code, a.body)
	}
	before := len(l.everything())
	body, kind = form(t, mary, mary.Chat(), "big.txt", big, "")
	l.refused(send(body, kind), 413, "too_large")

	head, kind := form(t, mary, mary.Chat(), "big.txt", []byte("a"), "")
	start, _, _ := bytes.Cut(head.Bytes(), []byte("\r\na\r\n"))
	endless := &counted{Reader: io.MultiReader(bytes.NewReader(start), strings.NewReader("\r\n"), zeros{})}
	l.refused(send(endless, kind), 413, "too_large")
	if endless.n > maxFileBytes+1<<20 {
		t.Errorf("%d bytes were read of a body that never ends", endless.n)
	}
	if len(l.everything()) != before {
		t.Error("a file that was refused was sent")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

func TestNoSuchFile(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	for _, c := range []struct{ name, path string }{
		{"unknown", "/files/x"}, {"no name", "/files/"}, {"a path", "/files/a/b"}, {"an asset", "/files/app.js"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			if a := l.get(c.path); a.code != http.StatusNotFound {
				t.Errorf("got %d, want %d", a.code, http.StatusNotFound)
			}
		})
	}
}

func TestSamples(t *testing.T) {
	good, shown := []byte("name\nMary Sample\n"), pictures(t)["image/png"]
	l := newLab(t, fakeapi.Options{}, func(o *Options) {
		o.Files = []File{{Name: "зразок 1/2.csv", Data: good}, {Name: "sample.png", Data: shown}, {Name: "empty.csv"}}
	}, nil)
	for _, c := range []struct {
		name, file string
		from       rollcall.UserID
		chat       rollcall.ChatID
		status     int
		code       string
	}{
		{"table", "зразок 1/2.csv", olena, olena.Chat(), 200, ""},
		{"picture", "sample.png", olena, olena.Chat(), 200, ""},
		{"empty", "empty.csv", olena, olena.Chat(), 400, "empty_file"},
		{"unknown", "other.csv", olena, olena.Chat(), 404, "not_there"},
		{"a file of the page", "index.html", olena, olena.Chat(), 404, "not_there"},
		{"nobody", "sample.png", nobody, olena.Chat(), 404, "not_there"},
		{"another's private chat", "sample.png", mary, olena.Chat(), 403, "cannot"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			before := len(l.everything())
			l.refused(l.post("/samples/"+url.PathEscape(c.file), map[string]any{"from": c.from, "chat": c.chat}), c.status, c.code)
			want := before
			if c.code == "" {
				want++
			}
			if got := len(l.everything()); got != want {
				t.Errorf("%d messages, want %d", got, want)
			}
		})
	}
	all := l.api.Messages(olena.Chat())
	if len(all) != 2 || all[0].Document == nil || len(all[1].Photo) != 1 {
		t.Fatalf("got %+v, want a document and a photo", all)
	}
	if _, data, _ := l.api.File(all[0].Document.FileID); !bytes.Equal(data, good) {
		t.Errorf("the document holds %q, want %q", data, good)
	}
}

func TestDigest(t *testing.T) {
	var asked int
	var fails error
	var log bytes.Buffer
	l := newLab(t, fakeapi.Options{}, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		o.NextDigest = func(context.Context) error { asked++; return fails }
	}, nil)
	if !l.listen("").hello.Digest {
		t.Error("the page has no button for the digest")
	}
	l.done("/digest", map[string]any{})
	fails = errors.New("a sample cause")
	l.refused(l.post("/digest", map[string]any{}), 500, "no_digest")
	if asked != 2 {
		t.Errorf("asked for %d digests, want 2", asked)
	}
	if !strings.Contains(log.String(), "a sample cause") {
		t.Errorf("the log does not tell the cause: %s", log.String())
	}
	bare := newLab(t, fakeapi.Options{}, nil, nil)
	bare.refused(bare.post("/digest", map[string]any{}), 404, "not_there")
}
