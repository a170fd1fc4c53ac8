package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"rollcall/internal/rollcall"
)

// Time-outs of calls. Telegram holds a call near a limit for some seconds
// before it answers, so that a short one would turn successes into doubts.
const (
	sendTimeout  = 30 * time.Second
	pollSlack    = 15 * time.Second // beyond the long poll's own time-out
	startTimeout = 20 * time.Second
	maxAnswer    = 16 << 20 // bytes of one answer that are read
)

// A Client calls the Bot API through go-telegram-bot-api, which it keeps from
// doing what it does by default: to put the token into errors, to wait for
// ever, to lose the status of an answer that is not JSON, and to ignore
// contexts. All calls go through [transport]. There is no http.Client in it,
// which puts URLs into errors and follows redirects: these would carry the
// token, in the address and in the Referer, to wherever they point.
type Client struct {
	bot      *tgbotapi.BotAPI
	over     http.RoundTripper
	api      string // base URL without a slash at its end
	token    string
	ID       rollcall.UserID // the bot's own
	Username string          // without @
}

// quiet drops what the library would print; it prints URLs, and so the token.
type quiet struct{}

func (quiet) Println(...any)        {}
func (quiet) Printf(string, ...any) {}

// silence sets the logger once: it is a variable of the library's, without a
// lock.
var silence = sync.OnceValue(func() error { return tgbotapi.SetLogger(quiet{}) })

// NewClient asks Telegram who the bot is (getMe). api is the server's address,
// such as https://api.telegram.org. Returns an error for which [Refused] with
// [BadToken] holds when the token is not accepted.
func NewClient(ctx context.Context, api, token string) (*Client, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = maxCalls + 1
	return newClient(ctx, t, api, token)
}

func newClient(ctx context.Context, over http.RoundTripper, api, token string) (*Client, error) {
	if err := silence(); err != nil {
		return nil, err
	}
	c := &Client{over: over, api: strings.TrimRight(api, "/"), token: token}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	bot, err := tgbotapi.NewBotAPIWithClient(token, c.api+"/bot%s/%s", transport{ctx, c, "getMe"})
	if err != nil {
		return nil, c.wrap("getMe", err)
	}
	c.bot, c.ID, c.Username = bot, rollcall.UserID(bot.Self.ID), bot.Self.UserName
	return c, nil
}

// Format prints a client without its token, whatever the verb.
func (c Client) Format(w fmt.State, _ rune) { fmt.Fprint(w, "telegram.Client") }

// on returns the library's value with the context bound in. It is a copy: the
// library keeps no state between calls but its client.
func (c *Client) on(ctx context.Context, method string) *tgbotapi.BotAPI {
	b := *c.bot
	b.Client = transport{ctx, c, method}
	return &b
}

// Call makes one call and returns its result. The error is an *[Error].
func (c *Client) Call(ctx context.Context, method string, p Params) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return c.call(ctx, method, p)
}

func (c *Client) call(ctx context.Context, method string, p Params) (json.RawMessage, error) {
	r, err := c.on(ctx, method).MakeRequest(method, tgbotapi.Params(p))
	if err != nil {
		return nil, c.wrap(method, err)
	}
	return r.Result, nil
}

// A File is uploaded with a call. The bytes are read anew at each try.
type File struct {
	Field string // the parameter's name: photo, document
	Name  string
	Bytes []byte
}

// Upload makes one call that carries a file.
func (c *Client) Upload(ctx context.Context, method string, p Params, f File) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*sendTimeout)
	defer cancel()
	r, err := c.on(ctx, method).UploadFiles(method, tgbotapi.Params(p),
		[]tgbotapi.RequestFile{{Name: f.Field, Data: tgbotapi.FileBytes{Name: f.Name, Bytes: f.Bytes}}})
	if err != nil {
		return nil, c.wrap(method, err)
	}
	return r.Result, nil
}

// Poll makes one long poll (getUpdates). offset is 0 or one more than the last
// update that is done with; that call confirms all before it.
func (c *Client) Poll(ctx context.Context, offset int64, timeout time.Duration) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout+pollSlack)
	defer cancel()
	p := Params{}.num("limit", 100).num("timeout", int64(timeout/time.Second))
	if offset != 0 {
		p.num("offset", offset)
	}
	p["allowed_updates"] = allowedUpdates
	raw, err := c.call(ctx, "getUpdates", p)
	if err != nil {
		return nil, err
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(raw, &updates); err != nil {
		return nil, &Error{Method: "getUpdates", Effect: NotDone, cause: errors.New("the result is not a list")}
	}
	return updates, nil
}

// Download fetches a file that somebody sent, of at most max bytes. It returns
// an error for which [Refused] with [FileTooBig] holds for a larger one.
func (c *Client) Download(ctx context.Context, fileID string, max int64) ([]byte, error) {
	raw, err := c.Call(ctx, "getFile", Params{"file_id": fileID})
	if err != nil {
		return nil, err
	}
	var f struct {
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(raw, &f); err != nil || f.Path == "" {
		return nil, &Error{Method: "getFile", cause: errors.New("the result names no file")}
	}
	ctx, cancel := context.WithTimeout(ctx, 4*sendTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/file/bot"+c.token+"/"+f.Path, nil)
	if err != nil {
		return nil, &Error{Method: "download", cause: errors.New("the file's path is not one")}
	}
	res, err := c.over.RoundTrip(req)
	if err != nil {
		return nil, c.failure(ctx, "download", err, true)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, &Error{Method: "download", Code: res.StatusCode}
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	if err != nil {
		return nil, c.failure(ctx, "download", err, true)
	}
	if int64(len(b)) > max {
		return nil, &Error{Method: "download", Code: res.StatusCode, Refusal: FileTooBig}
	}
	return b, nil
}

// Params are a call's parameters by name, as the library wants them.
type Params map[string]string

func (p Params) num(key string, n int64) Params {
	p[key] = fmt.Sprint(n)
	return p
}

// json sets a parameter that the Bot API takes JSON-serialised. v must be
// encodable.
func (p Params) json(key string, v any) Params {
	b, err := json.Marshal(v)
	if err != nil {
		panic("telegram: a parameter is always encodable: " + err.Error())
	}
	p[key] = string(b)
	return p
}

// wrap makes an [Error] of whatever the library returned. What [transport] made
// passes as it is; anything else stems from reading an answer that began well and
// is cut off or of another form.
func (c *Client) wrap(method string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Method: method, Effect: MaybeDone, cause: errors.New("the answer is not of the Bot API's form")}
}

// A transport is the HTTPClient that the library gets for one call.
type transport struct {
	ctx    context.Context
	client *Client
	method string
}

// Do sends the request under the call's context and reads the whole answer, so
// that a connection that breaks within it is seen here. It returns an answer
// only when that is JSON with ok true; everything else becomes an [Error]. JSON
// without ok is not the Bot API's, but something's in between.
func (t transport) Do(req *http.Request) (*http.Response, error) {
	var wrote atomic.Bool
	ctx := httptrace.WithClientTrace(t.ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	res, err := t.client.over.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, t.client.failure(t.ctx, t.method, err, wrote.Load())
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, t.client.failure(t.ctx, t.method, err, true)
	}
	if bytes.HasPrefix(body, []byte(`{"ok":true`)) {
		// The library decodes it, and fails on one that is cut off: see wrap.
		res.Body = io.NopCloser(bytes.NewReader(body))
		return res, nil
	}
	var a struct {
		OK          *bool  `json:"ok"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter int             `json:"retry_after"`
			MigrateTo  rollcall.ChatID `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(body, &a); err != nil || a.OK == nil {
		e := &Error{Method: t.method, Effect: MaybeDone, Code: res.StatusCode}
		if res.StatusCode == http.StatusOK {
			e.Code, e.cause = 0, errors.New("the answer is cut off or not the Bot API's")
		}
		return nil, e
	}
	if !*a.OK {
		if a.Code == 0 {
			a.Code = res.StatusCode
		}
		e := &Error{Method: t.method, Code: a.Code, MigrateTo: a.Parameters.MigrateTo, RetryAfter: time.Duration(a.Parameters.RetryAfter) * time.Second}
		switch {
		case a.Code >= 500:
			e.Effect = MaybeDone
		case a.Code == http.StatusTooManyRequests:
			e.RetryAfter = max(e.RetryAfter, time.Second)
		default:
			e.Refusal = refusal(a.Code, a.Description)
		}
		return nil, e
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// failure makes an [Error] of a failed exchange. Some of net/http's errors quote
// what came back, which may quote the request.
func (c *Client) failure(ctx context.Context, method string, err error, wrote bool) error {
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case strings.Contains(err.Error(), c.token):
		err = errors.New("the answer is not one of HTTP")
	}
	e := &Error{Method: method, Effect: NotDone, cause: err}
	if wrote {
		e.Effect = MaybeDone
	}
	return e
}
