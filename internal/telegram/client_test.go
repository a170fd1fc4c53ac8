package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/telegram/fakeapi"
)

// samplePNG is a picture that the server takes.
var samplePNG = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

// realClient is a client over real sockets.
func realClient(t *testing.T, s *fakeapi.Server) *Client {
	t.Helper()
	c, err := NewClient(t.Context(), s.URL(), s.Token())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.over.(*http.Transport).CloseIdleConnections)
	return c
}

// ways are the ways to make a call. All meet the same faults and must tell them
// alike.
var ways = []struct {
	name, method string
	call         func(ctx context.Context, c *Client) error
}{
	{"call", "sendMessage", func(ctx context.Context, c *Client) error {
		_, err := c.Call(ctx, "sendMessage", Params{"text": "hello"}.num("chat_id", int64(ada)))
		return err
	}},
	{"upload", "sendPhoto", func(ctx context.Context, c *Client) error {
		_, err := c.Upload(ctx, "sendPhoto", Params{}.num("chat_id", int64(ada)), File{"photo", "chart.png", samplePNG})
		return err
	}},
	{"poll", "getUpdates", func(ctx context.Context, c *Client) error {
		_, err := c.Poll(ctx, 0, 0)
		return err
	}},
}

// forms are all the ways in which an error, or anything, may get into a log.
func forms(v any) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n%q\n", v, v, v, v, v)
	for err, ok := v.(error); ok && err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n", err, err, err)
	}
	if j, err := json.Marshal(v); err == nil {
		b.Write(j)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", "value", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Error("failed", "value", v)
	return b.String()
}

func checkNoToken(t *testing.T, token string, v any) {
	t.Helper()
	_, secret, _ := strings.Cut(token, ":")
	for _, part := range []string{secret, secret[:12], url.QueryEscape(token), "/bot"} {
		if strings.Contains(forms(v), part) {
			t.Errorf("the token, or the address with it, is in what is printed: %s", forms(v))
			return
		}
	}
}

func TestFaultsAreClassifiedAndNeverNameTheToken(t *testing.T) {
	const retry = 7 * time.Second
	for _, c := range []struct {
		name  string
		fault fakeapi.Fault
		want  Error
	}{
		{"500 in JSON", fakeapi.Fault{Kind: fakeapi.Status}, Error{Code: 500, Effect: MaybeDone}},
		{"a gateway's page", fakeapi.Fault{Kind: fakeapi.HTML502}, Error{Code: 502, Effect: MaybeDone}},
		{"too many", fakeapi.Fault{Kind: fakeapi.Flood, RetryAfter: retry}, Error{Code: 429, RetryAfter: retry}},
		{"reset", fakeapi.Fault{Kind: fakeapi.Reset}, Error{Effect: MaybeDone}},
		{"done and reset", fakeapi.Fault{Kind: fakeapi.Lost}, Error{Effect: MaybeDone}},
		{"truncated", fakeapi.Fault{Kind: fakeapi.Truncated}, Error{Effect: MaybeDone}},
		{"cut in the body", fakeapi.Fault{Kind: fakeapi.Cut}, Error{Effect: MaybeDone}},
		{"unauthorized", fakeapi.Fault{Kind: fakeapi.Status, Code: 401}, Error{Code: 401, Refusal: BadToken}},
		{"not found", fakeapi.Fault{Kind: fakeapi.Status, Code: 404}, Error{Code: 404, Refusal: BadToken}},
		{"blocked", fakeapi.Fault{Kind: fakeapi.Status, Code: 403, Description: "Forbidden: bot was blocked by the user"}, Error{Code: 403, Refusal: Blocked}},
		{"markup", fakeapi.Fault{Kind: fakeapi.Status, Code: 400, Description: "Bad Request: can't parse entities: Unclosed start tag"}, Error{Code: 400, Refusal: BadMarkup}},
		{"conflict", fakeapi.Fault{Kind: fakeapi.Status, Code: 409, Description: "Conflict: terminated by other getUpdates request"}, Error{Code: 409, Refusal: OtherInstance}},
		{"webhook", fakeapi.Fault{Kind: fakeapi.Status, Code: 409, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}, Error{Code: 409, Refusal: WebhookSet}},
		{"other", fakeapi.Fault{Kind: fakeapi.Status, Code: 400, Description: "Bad Request: something new"}, Error{Code: 400, Refusal: RefusedOtherwise}},
	} {
		for _, w := range ways {
			t.Run(c.name+"/"+w.name, func(t *testing.T) {
				t.Parallel()
				s := fakeapi.Run(t, fakeapi.Options{})
				s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", Started: true})
				client := realClient(t, s)
				f := c.fault
				f.Method, f.Times = w.method, fakeapi.Forever
				s.Fault(f)
				before := len(s.Calls(w.method))
				err := w.call(t.Context(), client)
				var got *Error
				if !errors.As(err, &got) {
					t.Fatalf("the error is a %T", err)
				}
				want := c.want
				want.Method = w.method
				if d := cmp.Diff(*got, want, cmpopts.IgnoreUnexported(Error{})); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
				if n := len(s.Calls(w.method)) - before; n != 1 {
					t.Errorf("the call was made %d times: nothing but the sender may repeat it", n)
				}
				checkNoToken(t, s.Token(), err)
			})
		}
	}
}

// dialled is a client whose connections are made by dial; its getMe was
// answered by a server.
func dialled(t *testing.T, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *Client {
	t.Helper()
	s := fakeapi.Run(t, fakeapi.Options{})
	c := realClient(t, s)
	over := &http.Transport{DialContext: dial}
	t.Cleanup(over.CloseIdleConnections)
	c.over = over
	return c
}

func TestNothingIsDoneWhenTheRequestNeverLeft(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}},
		{"no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "telegram.example", IsNotFound: true}}},
		{"no route", errors.New("no route to host")},
	} {
		for _, w := range ways {
			t.Run(c.name+"/"+w.name, func(t *testing.T) {
				client := dialled(t, func(context.Context, string, string) (net.Conn, error) { return nil, c.err })
				err := w.call(t.Context(), client)
				var got *Error
				if !errors.As(err, &got) || got.Effect != NotDone || got.Code != 0 || got.Refusal != NotRefused {
					t.Errorf("got %+v", err)
				}
				if !errors.Is(err, c.err) {
					t.Errorf("the cause is not told: %v", err)
				}
				checkNoToken(t, client.token, err)
			})
		}
	}
}

func TestARefusedConnectionOnARealSocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = NewClient(t.Context(), "http://"+l.Addr().String(), fakeapi.DefaultToken)
	var got *Error
	if !errors.As(err, &got) || got.Effect != NotDone {
		t.Errorf("got %+v", err)
	}
	checkNoToken(t, fakeapi.DefaultToken, err)
}

// answers is a server that answers getMe well and everything else by h.
func answers(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	good := fakeapi.New(fakeapi.Options{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/getMe") {
			good.ServeHTTP(w, r)
			return
		}
		h(w, r)
	}))
	t.Cleanup(s.Close)
	c, err := NewClient(t.Context(), s.URL, good.Token())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.over.(*http.Transport).CloseIdleConnections)
	return c
}

func TestStrangeAnswersAreFaults(t *testing.T) {
	raw := func(code int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   Error
	}{
		{"an empty answer", raw(200, "text/plain", ""), Error{Effect: MaybeDone}},
		{"a portal's page", raw(200, "text/html", "<html>please log in</html>"), Error{Effect: MaybeDone}},
		{"another program's JSON", raw(200, "application/json", `{"status":"up"}`), Error{Effect: MaybeDone}},
		{"another program's 404", raw(404, "application/json", `{"message":"no such page"}`), Error{Code: 404, Effect: MaybeDone}},
		{"a page that is not there", raw(404, "text/html", "<html>404</html>"), Error{Code: 404, Effect: MaybeDone}},
		{"null", raw(200, "application/json", "null"), Error{Effect: MaybeDone}},
		{"a list", raw(200, "application/json", "[]"), Error{Effect: MaybeDone}},
		{"ok of another type", raw(200, "application/json", `{"ok":"true","result":[]}`), Error{Effect: MaybeDone}},
		{"a field of another type", raw(200, "application/json", `{"ok":true,"result":[],"parameters":5}`), Error{Effect: MaybeDone}},
		{"refused without a code", raw(400, "application/json", `{"ok":false,"description":"Bad Request: chat not found"}`), Error{Code: 400, Refusal: ChatGone}},
		{"429 without a wait", raw(429, "application/json", `{"ok":false,"error_code":429,"description":"Too Many Requests"}`), Error{Code: 429, RetryAfter: time.Second}},
		{"a group that moved", raw(400, "application/json", `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1009}}`),
			Error{Code: 400, Refusal: RefusedOtherwise, MigrateTo: -1009}},
		{"a body without end", func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range maxAnswer>>20 + 4 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, Error{Effect: MaybeDone}},
	} {
		for _, w := range ways {
			t.Run(c.name+"/"+w.name, func(t *testing.T) {
				client := answers(t, c.answer)
				err := w.call(t.Context(), client)
				var got *Error
				if !errors.As(err, &got) {
					t.Fatalf("got %v", err)
				}
				want := c.want
				want.Method = w.method
				if d := cmp.Diff(*got, want, cmpopts.IgnoreUnexported(Error{})); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
				checkNoToken(t, client.token, err)
			})
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	visits := make(chan string, 100)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits <- r.URL.Path + " " + r.Referer()
		io.WriteString(w, `{"ok":true,"result":[]}`)
	}))
	defer elsewhere.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		for name, where := range map[string]func(*http.Request) string{
			"elsewhere":     func(*http.Request) string { return elsewhere.URL + "/" },
			"with its path": func(r *http.Request) string { return elsewhere.URL + r.URL.Path },
			"to nonsense":   func(r *http.Request) string { return "http://[" + r.URL.Path },
			"round and round": func(r *http.Request) string {
				return r.URL.Path
			},
		} {
			for _, w := range ways {
				t.Run(fmt.Sprint(code, "/", name, "/", w.name), func(t *testing.T) {
					client := answers(t, func(w http.ResponseWriter, r *http.Request) {
						io.Copy(io.Discard, r.Body)
						w.Header().Set("Location", where(r))
						w.WriteHeader(code)
					})
					err := w.call(t.Context(), client)
					var got *Error
					if !errors.As(err, &got) || got.Code != code || got.Effect != MaybeDone {
						t.Errorf("got %+v", err)
					}
					checkNoToken(t, client.token, err)
				})
			}
		}
	}
	if len(visits) > 0 {
		t.Errorf("the token went elsewhere, %d times: %s", len(visits), <-visits)
	}
}

// A server that speaks no HTTP may give back what it was sent.
func TestAnEchoOfTheRequestIsNotPrinted(t *testing.T) {
	near, far := net.Pipe()
	go func() {
		b := make([]byte, 4096)
		n, _ := far.Read(b)
		far.Write(b[:n])
		far.Close()
	}()
	client := dialled(t, func(context.Context, string, string) (net.Conn, error) { return near, nil })
	_, err := client.Call(t.Context(), "sendMessage", Params{})
	var e *Error
	if !errors.As(err, &e) || e.Effect != MaybeDone {
		t.Errorf("got %+v", err)
	}
	checkNoToken(t, client.token, err)
}

func TestATokenThatNoAddressCanHoldIsNotPrinted(t *testing.T) {
	for name, token := range map[string]string{
		"line break": "4200000001:AAcanary-with-a-break-\n000000000000",
		"control":    "4200000001:AAcanary-with-a-bell-\a0000000000000",
		"percent":    "4200000001:AAcanary-with-percent-%zz-000000000",
	} {
		t.Run(name, func(t *testing.T) {
			s := fakeapi.Run(t, fakeapi.Options{})
			_, err := NewClient(t.Context(), s.URL(), token)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if strings.Contains(forms(err), "AAcanary") {
				t.Errorf("the token is in the error: %v", err)
			}
		})
	}
}

func TestTheClientPrintsNoToken(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	c := realClient(t, s)
	checkNoToken(t, s.Token(), c)
	checkNoToken(t, s.Token(), *c)
	checkNoToken(t, s.Token(), struct{ C *Client }{c})
	checkNoToken(t, s.Token(), struct{ C Client }{*c})
}

func TestATokenThatIsNotAcceptedIsTold(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	for name, token := range map[string]string{"another": "4200000002:AAanother-token-000000000000000000", "empty": ""} {
		_, err := NewClient(t.Context(), s.URL(), token)
		if !Refused(err, BadToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWhoTheBotIs(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	c, err := NewClient(t.Context(), s.URL()+"/", s.Token()) // a slash too many does no harm
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != s.Bot().ID || c.Username != s.Bot().Username {
		t.Errorf("got %d %s, want %d %s", c.ID, c.Username, s.Bot().ID, s.Bot().Username)
	}
}

func TestTheContextEndsAHangingCallAtOnce(t *testing.T) {
	for _, w := range ways {
		for _, kind := range []fakeapi.Kind{fakeapi.Hang, fakeapi.Slow} {
			t.Run(w.name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				s := fakeapi.Run(t, fakeapi.Options{})
				s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", Started: true})
				client := realClient(t, s)
				s.Fault(fakeapi.Fault{Method: w.method, Kind: kind})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- w.call(ctx, client) }()
				wait, stop := context.WithTimeout(t.Context(), 2*time.Minute)
				defer stop()
				if err := s.Wait(wait, func(s *fakeapi.Server) bool {
					calls := s.Calls(w.method)
					return len(calls) == 1 && calls[0].Fault == kind
				}); err != nil {
					t.Fatal(err)
				}
				cancel()
				select {
				case err := <-ended:
					var e *Error
					if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Effect != MaybeDone {
						t.Errorf("got %+v", err)
					}
					checkNoToken(t, s.Token(), err)
				case <-wait.Done():
					t.Fatal("the call goes on")
				}
			})
		}
	}
}

func TestTheContextEndsALongPollAtOnce(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	client := realClient(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := client.Poll(ctx, 0, 50*time.Second)
		ended <- err
	}()
	wait, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	if err := s.Wait(wait, (*fakeapi.Server).Polling); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-wait.Done():
		t.Fatal("the poll goes on")
	}
}

func TestTheContextEndsAnAnswerThatStalls(t *testing.T) {
	half := make(chan struct{}, 1)
	client := answers(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"ok":true,`)
		http.NewResponseController(w).Flush()
		half <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-half; cancel() }()
	_, err := client.Call(ctx, "sendMessage", Params{})
	var e *Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Effect != MaybeDone {
		t.Errorf("got %+v", err)
	}
}

func TestEveryCallHasATimeOut(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		for _, c := range []struct {
			way  int
			want time.Duration
		}{{0, sendTimeout}, {1, 2 * sendTimeout}, {2, pollSlack}} {
			w := ways[c.way]
			l.Fault(fakeapi.Fault{Method: w.method, Kind: fakeapi.Hang})
			began := time.Now()
			err := w.call(context.Background(), l.client)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", w.name, err)
			}
			if took := time.Since(began); took != c.want {
				t.Errorf("%s: ended after %s, want %s", w.name, took, c.want)
			}
		}
	})
}

func TestALongPollIsGivenTimeForItsAnswer(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		began := time.Now()
		got, err := l.client.Poll(l.ctx, 0, 50*time.Second)
		if err != nil || len(got) != 0 || time.Since(began) != 50*time.Second {
			t.Errorf("got %d updates and %v after %s", len(got), err, time.Since(began))
		}
		params := l.Calls("getUpdates")[0].Params
		want := url.Values{"limit": {"100"}, "timeout": {"50"}, "allowed_updates": {`["message","callback_query","my_chat_member"]`}}
		if d := cmp.Diff(params, want); d != "" {
			t.Errorf("the poll's parameters (-got +want):\n%s", d)
		}
	})
}

func TestAFileIsReadAnewAtEachTry(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", Started: true})
	client := realClient(t, s)
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	f := File{"document", "log.txt", content}
	upload := func() error {
		_, err := client.Upload(t.Context(), "sendDocument", Params{}.num("chat_id", int64(ada)), f)
		return err
	}
	for _, kind := range []fakeapi.Kind{fakeapi.HTML502, fakeapi.Flood, fakeapi.Reset} {
		s.Fault(fakeapi.Fault{Method: "sendDocument", Kind: kind})
		if err := upload(); err == nil {
			t.Fatal("the fault was not met")
		}
	}
	if err := upload(); err != nil {
		t.Fatal(err)
	}
	own := s.Own(ada.Chat())
	if len(own) != 1 {
		t.Fatalf("%d messages", len(own))
	}
	name, got, _ := s.File(own[0].Document.FileID)
	if name != "log.txt" || !bytes.Equal(got, content) {
		t.Errorf("%s of %d bytes arrived, want log.txt of %d", name, len(got), len(content))
	}
}

func TestAnUploadThatIsAnsweredBeforeItIsRead(t *testing.T) {
	client := answers(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(413)
		io.WriteString(w, `{"ok":false,"error_code":413,"description":"Request Entity Too Large"}`)
	})
	_, err := client.Upload(t.Context(), "sendDocument", Params{}, File{"document", "big", make([]byte, 8<<20)})
	var e *Error
	if !errors.As(err, &e) || e.Code != 413 && e.Effect != MaybeDone {
		t.Errorf("got %+v", err)
	}
	checkNoToken(t, client.token, err)
}

func TestDownload(t *testing.T) {
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddUser(fakeapi.User{ID: ada, FirstName: "Ada", Started: true})
	client := realClient(t, s)
	if _, err := s.SendDocument(ada, ada.Chat(), "roster.csv", []byte("0123456789"), ""); err != nil {
		t.Fatal(err)
	}
	id := s.Messages(ada.Chat())[0].Document.FileID
	t.Run("within the limit", func(t *testing.T) {
		got, err := client.Download(t.Context(), id, 10)
		if err != nil || string(got) != "0123456789" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("over the limit", func(t *testing.T) {
		got, err := client.Download(t.Context(), id, 9)
		if !Refused(err, FileTooBig) || got != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := client.Download(t.Context(), "nothing", 10)
		if !Refused(err, RefusedOtherwise) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("over Telegram's limit", func(t *testing.T) {
		s.Fault(fakeapi.Fault{Method: "getFile", Kind: fakeapi.Status, Code: 400, Description: "Bad Request: file is too big"})
		if _, err := client.Download(t.Context(), id, 10); !Refused(err, FileTooBig) {
			t.Errorf("got %v", err)
		}
	})
	for name, h := range map[string]http.HandlerFunc{
		"gone": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			io.WriteString(w, "0123")
		},
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://["+r.URL.Path, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := answers(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/getFile") {
					io.WriteString(w, `{"ok":true,"result":{"file_id":"x","file_path":"documents/x"}}`)
					return
				}
				h(w, r)
			})
			got, err := client.Download(t.Context(), "x", 1000)
			if err == nil {
				t.Errorf("got %q", got)
			}
			checkNoToken(t, client.token, err)
		})
	}
	for name, path := range map[string]string{"no path": ``, "a path that is none": `"file_path":"a\u0000b%zz"`} {
		t.Run(name, func(t *testing.T) {
			client := answers(t, func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, `{"ok":true,"result":{`+path+`}}`)
			})
			_, err := client.Download(t.Context(), "x", 1000)
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("got %v", err)
			}
			checkNoToken(t, client.token, err)
		})
	}
}

// saying is a refusal in the Bot API's form.
func saying(code int, description string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		body, err := json.Marshal(map[string]any{"ok": false, "error_code": code, "description": description})
		if err != nil {
			panic(err) // strings and numbers only
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		w.Write(body)
	}
}
