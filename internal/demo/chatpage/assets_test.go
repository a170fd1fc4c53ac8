package chatpage

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// embedded returns the page's files by their names.
func embedded(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(page, "page", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(page, p)
		all[strings.TrimPrefix(p, "page/")] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// modules returns the page's JavaScript.
func modules(t *testing.T) map[string]string {
	t.Helper()
	all := embedded(t)
	maps.DeleteFunc(all, func(name, _ string) bool { return path.Ext(name) != ".js" })
	return all
}

// found returns the first group of each match of a pattern.
func found(pattern, text string) (all []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestAssetsAreServed(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	tags := map[string]bool{}
	for name, want := range embedded(t) {
		t.Run(name, func(t *testing.T) {
			l := l.in(t)
			a := l.get("/" + name)
			if a.code != http.StatusOK || a.body != want {
				t.Fatalf("got %d and %d bytes, want %d and %d", a.code, len(a.body), http.StatusOK, len(want))
			}
			kind := map[string]string{
				".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
				".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
			}[path.Ext(name)]
			if got := a.header.Get("Content-Type"); got != kind || kind == "" {
				t.Errorf("type: got %q, want %q", got, kind)
			}
			if got := a.header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("Cache-Control: got %q, want that a browser asks again", got)
			}
			tag := a.header.Get("ETag")
			if !regexp.MustCompile(`^"[0-9a-f]+"$`).MatchString(tag) || tags[tag] {
				t.Errorf("ETag: got %q, want a strong one of its own", tag)
			}
			tags[tag] = true
			if a := l.get("/"+name, "If-None-Match", tag); a.code != http.StatusNotModified || a.body != "" {
				t.Errorf("asked again: got %d and %d bytes, want %d and none", a.code, len(a.body), http.StatusNotModified)
			}
			if a := l.get("/"+name, "If-None-Match", `"0000"`); a.code != http.StatusOK {
				t.Errorf("asked again with another's tag: got %d, want %d", a.code, http.StatusOK)
			}
		})
	}
	if a := l.get("/"); a.body != embedded(t)["index.html"] || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Error("the root is not index.html")
	}
}

func TestWhatIsNoAsset(t *testing.T) {
	l := newLab(t, fakeapi.Options{}, nil, nil)
	for _, c := range []struct{ name, path string }{
		{"nothing", "/nothing.js"},
		{"the sources", "/chatpage.go"},
		{"a way up", "/..%2fchatpage.go"},
		{"a way up with a backslash", "/..%5cchatpage.go"},
		{"the folder", "/page"},
		{"the folder's file", "/page/index.html"},
		{"a zero byte", "/app.js%00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.in(t)
			if a := l.get(c.path); a.code != http.StatusNotFound {
				t.Errorf("got %d, want %d", a.code, http.StatusNotFound)
			}
		})
	}
	if a := l.do(http.MethodPost, "/app.js", nil); a.code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want %d", a.code, http.StatusMethodNotAllowed)
	}
}

// What the page is made of leads from index.html to each file, and to none that
// is not there.
func TestAssetsAreWhole(t *testing.T) {
	all := embedded(t)
	reached := map[string]bool{}
	var follow func(name, from string)
	follow = func(name, from string) {
		text, ok := all[name]
		if !ok {
			t.Errorf("%s names %s, which is not there", from, name)
		}
		if !ok || reached[name] {
			return
		}
		reached[name] = true
		var names []string
		switch path.Ext(name) {
		case ".html":
			names = found(`\s(?:src|href)="([^"#][^"]*)"`, text)
		case ".js":
			names = append(found(`(?m)^import\b[^"]*"([^"]*)";$`, text), found(`\b(?:import|Worker)\(\s*"([^"]*)"`, text)...)
			for _, n := range names {
				if !strings.HasPrefix(n, "./") {
					t.Errorf("%s imports %q, which is no file beside it", name, n)
				}
			}
		case ".css":
			names = append(found(`url\(\s*["']?([^"')]+)`, text), found(`@import\s+["']([^"']+)`, text)...)
		}
		for _, n := range names {
			follow(path.Clean(n), name)
		}
	}
	follow("index.html", "a browser")
	if d := cmp.Diff(slices.Sorted(maps.Keys(reached)), slices.Sorted(maps.Keys(all))); d != "" {
		t.Errorf("what index.html leads to (-got +embedded):\n%s", d)
	}
}

// Nothing is fetched from elsewhere. The addresses that stand in the files are
// the name of the SVG namespace, Telegram's own for links, and the scheme that an
// address in a message lacks.
func TestNoOtherHost(t *testing.T) {
	address := regexp.MustCompile("(?i)(?:\\b(?:https?|wss?|ftp):)//[^\\s\"'`)]*|[\"'`(]//[a-z0-9][^\\s\"'`)]*")
	allowed := regexp.MustCompile(`^(http://www\.w3\.org/2000/svg|https://t\.me/.*|https://\$\{text\})$`)
	for name, text := range embedded(t) {
		for _, a := range address.FindAllString(text, -1) {
			if !allowed.MatchString(a) {
				t.Errorf("%s names %s", name, a)
			}
		}
	}
}

// The policy forbids inline scripts and styles, so none may stand there; and
// nothing parses what people write as HTML.
func TestNothingInline(t *testing.T) {
	all := embedded(t)
	for _, script := range regexp.MustCompile(`(?s)<script.*?</script>`).FindAllString(all["index.html"], -1) {
		if !regexp.MustCompile(`^<script [^>]*\bsrc="[^"]+"[^>]*></script>$`).MatchString(script) {
			t.Errorf("index.html holds an inline script: %s", script)
		}
	}
	for _, c := range []struct{ name, kind, pattern string }{
		{"style element", ".html", `(?i)<style`},
		{"style attribute", ".html", `(?i)\sstyle\s*=`},
		{"listener", ".html", `(?i)\son[a-z]+\s*=`},
		{"script address", ".html", `(?i)javascript:`},
		{"script in a picture", ".svg", `(?i)<script|\son[a-z]+\s*=|style`},
		{"style attribute that is made", ".js", `\bstyle: ?["'\x60][^"'\x60]*:|setAttribute\("style"|\.cssText`},
		{"HTML that is parsed", ".js", `innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc`},
		{"text that is run", ".js", `\beval\(|new Function|javascript:`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, text := range all {
				if m := regexp.MustCompile(c.pattern).FindString(text); path.Ext(name) == c.kind && m != "" {
					t.Errorf("%s holds %q", name, m)
				}
			}
		})
	}
}

// phrasesOf reads phrases.js: of each language its keys, with what each is, a
// text or a function.
func phrasesOf(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	language := ""
	for line := range strings.Lines(embedded(t)["phrases.js"]) {
		if m := regexp.MustCompile(`^  ([a-z]{2}): \{\n$`).FindStringSubmatch(line); m != nil {
			language = m[1]
			all[language] = map[string]string{}
		}
		if line == "};\n" {
			break
		}
		m := regexp.MustCompile(`^    ([a-z_]+): (\(\w+(?:, \w+)*\) =>|"[^"]).*,\n$`).FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "    ") {
				t.Errorf("a phrase that this test cannot read: %s", line)
			}
			continue
		}
		if _, twice := all[language][m[1]]; twice {
			t.Errorf("%s: %s stands twice", language, m[1])
		}
		kind := "text"
		if m[2][0] == '(' {
			kind = m[2]
		}
		all[language][m[1]] = kind
	}
	return all
}

func TestPhrasesInEachLanguage(t *testing.T) {
	all := phrasesOf(t)
	var want []string
	for _, l := range rollcall.Languages {
		want = append(want, string(l))
	}
	slices.Sort(want)
	if d := cmp.Diff(slices.Sorted(maps.Keys(all)), want); d != "" {
		t.Fatalf("languages (-got +want):\n%s", d)
	}
	if len(all["en"]) < 50 {
		t.Fatalf("%d phrases only were read", len(all["en"]))
	}
	for language, got := range all {
		// Gaps may be named as each language likes; that there are any is no taste.
		for key, kind := range got {
			if strings.Count(kind, ",") != strings.Count(all["en"][key], ",") || kind == "text" != (all["en"][key] == "text") {
				t.Errorf("%s: %s takes other gaps than in English", language, key)
			}
		}
		if d := cmp.Diff(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(all["en"]))); d != "" {
			t.Errorf("%s (-got +English):\n%s", language, d)
		}
	}
}

// Each phrase that the page asks for is there: by name, or by the name of a
// family with what the program may say, or a person be, put behind it.
func TestPhrasesThatAreAskedFor(t *testing.T) {
	phrases := phrasesOf(t)["en"]
	want := func(key, why string) {
		t.Helper()
		if phrases[key] == "" {
			t.Errorf("there is no phrase %q (%s)", key, why)
		}
	}
	families := map[string]bool{}
	for name, text := range modules(t) {
		for _, key := range found(`\bt\("([^"]+)"[,)]`, text) {
			want(key, name)
		}
		for _, family := range found(`\bt\("([^"]+)" \+`, text) {
			families[family] = true
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(families)), []string{"error_", "fault_", "theme_"}); d != "" {
		t.Errorf("families of phrases (-got +known to this test):\n%s", d)
	}

	var codes []string
	sources, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if !strings.Contains(line, "refuse(") || strings.HasPrefix(line, "func ") {
				continue
			}
			code := found(`refuse\(w, [^,]+, "([a-z_]+)"\)`, line)
			if len(code) != 1 {
				t.Errorf("%s: a refusal whose code this test cannot read: %s", name, line)
			}
			codes = append(codes, code...)
		}
	}
	if len(codes) < 10 {
		t.Fatalf("%d refusals only were read", len(codes))
	}
	for _, code := range append(codes, found(`\?\? "([a-z_]+)"`, embedded(t)["stream.js"])...) {
		want("error_"+code, "a refusal")
	}

	side := embedded(t)["side.js"]
	offered := found(`"([a-z]*)"`, strings.Join(found(`"fault",[^\[]*\[([^\]]*)\]`, side), ","))
	playable := append(slices.Collect(maps.Keys(faults)), "")
	slices.Sort(offered)
	slices.Sort(playable)
	if d := cmp.Diff(offered, playable); d != "" {
		t.Errorf("faults (-offered by the page +played by the program):\n%s", d)
	}
	for _, name := range playable {
		want("fault_"+name, "a fault")
	}
	themes := found(`"([a-z]+)"`, strings.Join(found(`\[([^\[\]]*)\]\.map\(\(v\) => \[v, t\("theme_"`, side), ","))
	if len(themes) < 2 {
		t.Error("the themes could not be read")
	}
	for _, name := range themes {
		want("theme_"+name, "a theme")
	}
	for _, key := range []string{"bot", "group", "channel", "editor", "owner"} {
		want(key, "a place or a role")
	}
}

// The page listens to each kind of event that the program sends.
func TestEventsAreHeard(t *testing.T) {
	kinds := found(`"([a-z]+)"`, strings.Join(found(`const kinds = \[([^\]]*)\]`, embedded(t)["stream.js"]), ""))
	raw, err := os.ReadFile("stream.go")
	if err != nil {
		t.Fatal(err)
	}
	sent := found(`(?m)^//\t([a-z]+)\s`, string(raw))
	for _, name := range found(`s\.send\("([a-z]+)"`, string(raw)) {
		if !slices.Contains(sent, name) {
			t.Errorf("stream.go does not explain the event %q", name)
		}
	}
	slices.Sort(kinds)
	slices.Sort(sent)
	if d := cmp.Diff(kinds, sent); d != "" {
		t.Errorf("events (-heard +sent):\n%s", d)
	}
}
