package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"rollcall/internal/browsertest"
)

// browserWait is how long a test waits for something to be on the page.
const browserWait = 20 * time.Second

// startDemo runs the demo verb as a person would, until the test ends, and
// returns the address that it prints.
func startDemo(t testing.TB, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var talk lockedBuffer
	done := make(chan int, 1)
	a := &app{ctx: ctx, stdin: strings.NewReader(""), stdout: in, stderr: &talk, getenv: func(string) string { return "" }, now: time.Now}
	go func() {
		code := a.run(append([]string{"demo", "--listen", "127.0.0.1:0"}, args...))
		in.CloseWithError(fmt.Errorf("the demo ended with %d: %s", code, talk.String()))
		done <- code
	}()
	t.Cleanup(func() {
		cancel()
		go io.Copy(io.Discard, out)
		if code := <-done; code != exitDone {
			t.Errorf("the demo ended with %d: %s", code, talk.String())
		}
	})
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "http://") {
			return line
		}
	}
}

// A lockedBuffer is what a running program writes and a test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A tab is one page in the browser, with a profile of its own. What the page
// complains of fails the test.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string
}

// A view is what a page is looked at on.
type view struct {
	width, height int64
	dark          bool
	touch         bool
	language      string // of the browser; en where empty
}

var (
	desk  = view{width: 1440, height: 900}
	phone = view{width: 390, height: 780, touch: true}
)

// openTab opens the page at a place of it, such as "#/7200000001/bot".
func openTab(t testing.TB, url, place string, v view) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browsertest.Start(t), chromedp.WithNewBrowserContext())
	p := &tab{t, ctx, url}
	console := chromedp.Console(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range console {
			if err != nil {
				return
			}
			// A request that fails is what a reader is told of, and no fault.
			if m.Source != "network" && (m.IsException() || m.Type == "error" || m.Type == "warning") {
				t.Errorf("the page complained: %s", m)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-read })
	theme := "light"
	if v.dark {
		theme = "dark"
	}
	language := v.language
	if language == "" {
		language = "en"
	}
	chromedpCall(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	chromedpCall(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "rollcall-test", AcceptLanguage: language})
	chromedpCall(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: v.width, Height: v.height, DeviceScaleFactor: 1, Mobile: v.touch})
	p.do(chromedp.Navigate(url + place))
	return p
}

func chromedpCall[P, R any](p *tab, command cdp.Command[P, R], params P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		p.t.Fatal(err)
	}
}

// do does what a person does.
func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserWait)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v; %s", err, p.state())
	}
}

// eval evaluates JavaScript, awaiting promises.
func eval[T any](p *tab, script string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserWait)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%v; %s", err, p.state())
	}
	return v
}

// wait waits until a JavaScript expression is true. It looks anew with each frame.
func (p *tab) wait(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserWait)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => {
		const look = () => (`+expression+`) ? done(true) : requestAnimationFrame(look);
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("waited in vain for %s (%s): %v; %s", what, expression, err, p.state())
	}
}

// state describes the page, for the error of a test.
func (p *tab) state() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.hash + "\n" + [...document.querySelectorAll("#main .message")].slice(-4).map(m => m.innerText).join("\n--\n") + "\n== toasts: " + document.getElementById("toasts")?.innerText`))
	if err != nil {
		return "and the page does not answer: " + err.Error()
	}
	return "the page ends with:\n" + text
}

// said is a JavaScript expression: a message of the main chat, or of the place
// that a selector names, holds the text.
func said(text string) string { return saidIn("#main", text) }

func saidIn(pane, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].some(m => m.innerText.includes(%q))`, pane+" .message", text)
}

// write types into the composer and presses Enter.
func (p *tab) write(text string) {
	p.t.Helper()
	p.wait("a place to write", `document.querySelector("#main textarea")`)
	p.do(chromedp.SendKeys(chromedp.CSS("#main textarea"), text))
	p.key("Enter", 13)
}

// key presses a key that writes nothing. (SendKeys would also write a line break
// where the page has taken the key for itself.)
func (p *tab) key(name string, code int64) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		chromedpCall(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code})
	}
}

// press presses the newest button of a label in the main chat.
func (p *tab) press(label string) { p.pressIn("#main", label) }

func (p *tab) pressIn(pane, label string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(b => b.innerText.trim() === %q && b.offsetParent).at(-1)`, pane+" button, "+pane+" a", label)
	p.wait("the button "+label, find)
	eval[chromedp.Void](p, find+`.click()`)
}

// shot keeps a picture of the page for a person to look at.
func (p *tab) shot(name string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	folder := filepath.Join("..", "..", ".artifacts", "screens")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// A wire stands between the browser and the page, and can be cut.
type wire struct {
	t     testing.TB
	to    string // host:port
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// lay lays a wire to a page and returns the address at its near end.
func lay(t testing.TB, url string) (*wire, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, to: strings.Trim(strings.TrimPrefix(url, "http://"), "/"), conns: map[net.Conn]bool{}}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(near)
		}
	}()
	t.Cleanup(func() { l.Close(); w.set(true) })
	return w, "http://" + l.Addr().String() + "/"
}

func (w *wire) carry(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	w.mu.Lock()
	if w.cut {
		w.mu.Unlock()
		return
	}
	w.conns[near] = true
	w.mu.Unlock()
	go func() { io.Copy(far, near); far.Close() }()
	io.Copy(near, far)
	w.mu.Lock()
	delete(w.conns, near)
	w.mu.Unlock()
}

// set cuts the wire, and all that goes over it, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for c := range w.conns {
			c.Close()
		}
	}
}

// listen takes a port until the test ends, and returns its address.
func listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}
