package translog

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"rollcall/internal/browsertest"
	"rollcall/internal/rollcall"
)

// A tab has the page open, from its file.
type tab struct {
	t   testing.TB
	ctx context.Context
}

func openPage(t testing.TB) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browsertest.Start(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first action
		t.Fatal(err)
	}
	return &tab{t, ctx}
}

// load opens the page anew. now is where its clock stands.
func (p *tab) load(now time.Time) {
	p.t.Helper()
	path, err := filepath.Abs("index.html")
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.Navigate("file://" + filepath.ToSlash(path)))
	pageEval[bool](p, fmt.Sprintf("Date.now = () => %d, true", now.UnixMilli()))
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

func pageEval[T any](p *tab, script string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// choose puts a folder's files into a place of the page.
func (p *tab) choose(id string, files fs.FS) {
	p.t.Helper()
	dir := p.t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		p.t.Fatal(err)
	}
	p.chooseFolder(id, dir)
}

func (p *tab) chooseFolder(id, dir string) {
	p.t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		p.t.Fatal(err)
	}
	var paths []string
	for _, e := range entries {
		if e.Name() != PageFile {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#"+id), paths))
}

// A finding is what the page says of a log.
type finding struct {
	State, Code, File, Line, Leaf, Net, Size, Root, Took string
}

// finding waits for the page's answer.
func (p *tab) finding() finding {
	p.t.Helper()
	return pageEval[finding](p, `new Promise(done => {
		const look = () => {
			const d = document.getElementById("result").dataset;
			d.state ? done({State: d.state, Code: d.code ?? "", File: d.file ?? "", Line: d.line ?? "", Leaf: d.leaf ?? "", Net: d.net ?? "", Size: d.size ?? "", Root: d.root ?? "", Took: d.took ?? ""}) : setTimeout(look, 5);
		};
		look();
	})`)
}

func (p *tab) says() string {
	p.t.Helper()
	return pageEval[string](p, `document.getElementById("result").innerText`)
}

// verifyInPage checks files as Verify would, and gives the error that Verify
// should give.
func (p *tab) verifyInPage(files fs.FS, o Options) finding {
	p.t.Helper()
	now := o.Now
	if now.IsZero() {
		now = after
	}
	p.load(now)
	if o.Earlier != nil {
		p.choose("earlier", o.Earlier)
	}
	if o.Receipt != nil {
		p.choose("receipt", fstest.MapFS{"sample.tlog-proof": {Data: o.Receipt}})
	}
	set := func(id, value string) {
		pageEval[string](p, fmt.Sprintf("document.getElementById(%q).value = %q", id, value))
	}
	if o.Key.text != "" {
		set("key", o.Key.text)
	}
	if o.ID != 0 {
		set("id", fmt.Sprint(o.ID))
	}
	p.choose("files", files)
	return p.finding()
}

// The page says of every log what Verify says: that it holds, with the same
// figures, or the same first fault at the same place.
func TestThePageSaysWhatVerifySays(t *testing.T) {
	p := openPage(t)
	compare := func(name string, files fs.FS, o Options) {
		t.Helper()
		if o.Now.IsZero() {
			o.Now = after
		}
		got := p.verifyInPage(files, o)
		got.Took = ""
		r, err := Verify(t.Context(), files, o)
		want := finding{State: "holds", Net: fmt.Sprint(r.Tally.Net()), Size: fmt.Sprint(r.Size), Root: r.Root.String()}
		var e *Error
		if errors.As(err, &e) {
			want = finding{State: "fails", Code: string(e.Code), File: e.File, Line: fmt.Sprint(e.Line), Leaf: fmt.Sprint(e.Leaf)}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %v; Verify to the page:\n%s\n%s", name, err, diff, p.says())
		}
	}
	b, earlier := sample(t)
	compare("a good log", b.files(), Options{})
	compare("against an earlier one", b.files(), Options{Earlier: earlier, Key: b.signer.Key()})
	compare("against a digest", b.files(), Options{Earlier: fstest.MapFS{CheckpointFile: earlier[CheckpointFile]}})
	compare("an open one", earlier, Options{Now: opens.Add(time.Hour)})
	for _, c := range cheats {
		b, earlier := sample(t)
		o := c.o(b, earlier)
		compare(c.name, c.do(b, b.files()), o)
	}
	fork := newBook(t)
	fork.sign(104, 101)
	fork.end()
	for leaf, id := range map[int64]rollcall.UserID{1: 101, 2: 102, 4: 104, 5: 105, 12: 109, 13: 110} {
		compare(fmt.Sprintf("the receipt of leaf %d", leaf), b.files(), Options{Receipt: b.receipt(leaf), ID: id})
	}
	compare("one receipt for two accounts", b.files(), Options{Receipt: b.receipt(1), ID: 102})
	compare("a receipt of later", earlier, Options{Receipt: b.receipt(1), ID: 101})
	compare("a receipt of a fork", b.files(), Options{Receipt: fork.receipt(2), ID: 101})
	compare("a receipt that is none", b.files(), Options{Receipt: []byte("c2sp.org/tlog-proof@v1\n\n"), ID: 101})
	for name, text := range map[string]string{"a leaf of two megabytes": strings.Repeat("a", 2<<20), "no ASCII": "sign sample é\n", "no line feed at all": "open"} {
		compare(name, with(b.files(), LeavesFile, func(string) string { return text }), Options{})
	}
	for name, change := range map[string]func(string) string{
		"upper-case key hash": func(s string) string {
			parts := strings.SplitN(s, "+", 3)
			return parts[0] + "+" + strings.ToUpper(parts[1]) + "+" + parts[2]
		},
		"a name for a terminal": func(string) string {
			private := ed25519.NewKeyFromSeed(make([]byte, 32))
			text, err := note.NewEd25519VerifierKey("a\x1b[2J/sample", private.Public().(ed25519.PublicKey))
			if err != nil {
				t.Fatal(err)
			}
			return text + "\n"
		},
		"two keys":  func(s string) string { return s + s },
		"no key":    func(string) string { return "" },
		"no ending": func(s string) string { return strings.TrimSpace(s) },
	} {
		compare(name, with(b.files(), KeyFile, change), Options{})
	}
	for name, change := range map[string]func(string) string{
		"spaces":        func(s string) string { return s + " " },
		"no JSON":       func(string) string { return "{" },
		"no object":     func(string) string { return "null" },
		"bad milestone": func(s string) string { return strings.Replace(s, `"milestones":[]`, `"milestones":[0]`, 1) },
		"one key more":  func(s string) string { return strings.Replace(s, `"goal"`, `"goad":1,"goal"`, 1) },
		"empty text":    func(s string) string { return strings.Replace(s, "Просимо.", "  ", 1) },
		"no UTF-8":      func(s string) string { return strings.Replace(s, "We ask", "We \xff", 1) },
	} {
		compare("petition: "+name, with(b.files(), PetitionFile, change), Options{})
	}
	// The base64 of a signature has two bits that mean nothing.
	compare("another base64", with(b.files(), CheckpointsFile, func(s string) string {
		i := strings.Index(s, "=\n\n— ")
		end := i + 5 + strings.Index(s[i+5:], "\n")
		line := s[:end]
		digits := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		last := strings.IndexByte(digits, line[len(line)-2])
		return line[:len(line)-2] + string(digits[last+1]) + s[end-1:]
	}), Options{})
}

// Where the browser has no Ed25519 the page does not say that the log holds.
func TestThePageWithoutEd25519(t *testing.T) {
	p := openPage(t)
	b, _ := sample(t)
	for what, script := range map[string]string{
		"no Ed25519": `crypto.subtle.importKey = () => Promise.reject(new DOMException("", "NotSupportedError")), true`,
		"no subtle":  `Object.defineProperty(crypto, "subtle", {value: undefined}), true`,
	} {
		p.load(after)
		pageEval[bool](p, script)
		p.choose("files", b.files())
		f := p.finding()
		if f.State != "partial" || f.Size != "19" {
			t.Errorf("%s: %+v", what, f)
		}
		if s := p.says(); !strings.Contains(s, "cannot check Ed25519") || strings.Contains(s, "The log holds") {
			t.Errorf("%s: it says %s", what, s)
		}
		// What hashes tell is told all the same.
		p.load(after)
		pageEval[bool](p, script)
		p.choose("files", with(b.files(), LeavesFile, func(s string) string { return strings.Replace(s, "burst", "order", 1) }))
		if f := p.finding(); f.State != "fails" || f.Code != "root" {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

// The hash is the browser's own, at each length around the ends of blocks.
func TestThePagesHash(t *testing.T) {
	p := openPage(t)
	p.load(after)
	if bad := pageEval[string](p, `(async () => {
		for (let n = 0; n < 260; n++) {
			const b = crypto.getRandomValues(new Uint8Array(n));
			if (!equal(sha256(b), new Uint8Array(await crypto.subtle.digest("SHA-256", b)))) return "of " + n + " bytes";
		}
		return "";
	})()`); bad != "" {
		t.Error("another hash", bad)
	}
}

// Files are dropped, and the page talks in the reader's language.
func TestThePageTakesWhatIsDropped(t *testing.T) {
	p := openPage(t)
	p.load(after)
	b, _ := sample(t)
	var script strings.Builder
	for name, f := range b.files() {
		fmt.Fprintf(&script, "d.items.add(new File([Uint8Array.from(atob(%q), c => c.charCodeAt(0))], %q));", base64.StdEncoding.EncodeToString(f.Data), name)
	}
	pageEval[bool](p, "{ const d = new DataTransfer(); "+script.String()+
		`document.getElementById("dropFiles").dispatchEvent(new DragEvent("drop", {dataTransfer: d, bubbles: true, cancelable: true})) } true`)
	if f := p.finding(); f.State != "holds" || f.Net != "7" {
		t.Errorf("dropped: %+v: %s", f, p.says())
	}
	for lang, words := range map[string][]string{
		"uk": {"Журнал сходиться.", "Вилучено розпорядником", "зашвидко для людей: 1", "Зразкове прохання", "Просимо."},
		"ru": {"Журнал сходится.", "слишком быстро для людей: 1", "A sample request"},
		"en": {"The log holds.", "too fast for people: 1", "We ask <this> & that."},
	} {
		pageEval[bool](p, fmt.Sprintf("document.querySelector('#languages [lang=%s]').click(), true", lang))
		s := p.says()
		for _, w := range words {
			if !strings.Contains(s, w) {
				t.Errorf("%s: %q is not in\n%s", lang, w, s)
			}
		}
		if got := pageEval[string](p, "document.documentElement.lang"); got != lang {
			t.Errorf("the page's language is %s, want %s", got, lang)
		}
	}
}

// How long the page takes for a log of a hundred thousand leaves, from the files
// to its answer.
func BenchmarkPage100k(b *testing.B) {
	dir := b.TempDir()
	bigLog(b, dir, 100_000, false)
	p := openPage(b)
	var took time.Duration
	for b.Loop() {
		p.load(opens.Add(time.Hour))
		p.chooseFolder("files", dir)
		f := p.finding()
		if f.State != "holds" {
			b.Fatalf("%+v: %s", f, p.says())
		}
		d, err := time.ParseDuration(f.Took + "ms")
		if err != nil {
			b.Fatal(err)
		}
		took += d
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/audit")
}
