// Package rollcall_test holds what is true of the whole tree: which package may
// know which, and what no file may hold. It is about the sources, not about what
// they do.
package rollcall_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says of each package which others it may import, from the bottom up.
// Paths are relative to internal/. A package that is not built yet may stand
// here; one that is not here may not be built.
var layers = map[string][]string{
	// Domain: the standard library only.
	"rollcall": {},
	// Text and time.
	"names":    {},
	"schedule": {"rollcall"},
	"secret":   {"rollcall"},
	// Adapters and pure tools.
	"chart":    {"rollcall"},
	"render":   {"rollcall"},
	"translog": {"rollcall"}, // never store: a third party verifies with exported files alone
	"store":    {"rollcall", "names", "secret", "translog"},
	"config":   {"rollcall"},
	"health":   {},
	// Use cases.
	"digest":   {"rollcall", "store", "render", "chart", "translog"},
	"rosterio": {"rollcall", "store"},
	"search":   {"rollcall", "names"},
	// Edges: they do not import each other.
	"jobs":             {"rollcall", "schedule", "store", "render", "digest"},
	"telegram":         {"rollcall", "secret", "store", "render"},
	"courier":          {"rollcall", "store", "render", "digest", "jobs", "telegram"}, // fits the one edge to the other
	"telegram/command": {"rollcall", "secret", "store", "render", "digest", "rosterio", "search", "schedule", "translog", "telegram"},
	// Stand-ins and invented data.
	"telegram/fakeapi":   {"rollcall"},
	"sample":             {"rollcall"},
	"sample/makeroster":  {"rollcall", "rosterio", "sample"},
	"search/searchbench": {"rollcall", "rosterio", "store", "search"}, // never names: its tables are another's than what it measures
	"demo":               {"rollcall", "store", "sample"},
	"demo/chatpage":      {"rollcall", "telegram/fakeapi"},
	"browsertest":        {},
	"race":               {},
}

// onlyFor says who alone may import what.
var onlyFor = []struct {
	path  string // of a package, ours or another's, and all below it
	users []string
	tests bool // holds for test files too
}{
	{"rollcall/internal/config", []string{"cmd/rollcall"}, false},
	{"rollcall/internal/health", []string{"cmd/rollcall"}, false},
	{"rollcall/internal/courier", []string{"cmd/rollcall"}, false},
	{"rollcall/internal/jobs", []string{"cmd/rollcall", "internal/courier"}, false},
	{"rollcall/internal/telegram", []string{"cmd/rollcall", "internal/courier", "internal/telegram/command"}, false},
	{"rollcall/internal/telegram/fakeapi", []string{"cmd/rollcall", "internal/demo/chatpage"}, false},
	{"rollcall/internal/sample", []string{"cmd/rollcall", "internal/sample/makeroster", "internal/demo"}, false},
	{"rollcall/internal/demo", []string{"cmd/rollcall"}, false}, // what is invented has no way into a real bot
	{"rollcall/internal/browsertest", []string{}, false},
	{"rollcall/internal/race", []string{}, false},

	{"github.com/alecthomas/kong", []string{"cmd/rollcall"}, false},
	{"github.com/mattn/go-isatty", []string{"cmd/rollcall"}, false},
	{"github.com/schollz/progressbar/v3", []string{"cmd/rollcall"}, false},
	{"github.com/go-telegram-bot-api/telegram-bot-api/v5", []string{"internal/telegram"}, true},
	{"modernc.org/sqlite", []string{"internal/store", "internal/search/searchbench"}, true}, // a test that reads a file of the store's has the driver by it
	{"database/sql", []string{"internal/store", "internal/search/searchbench"}, false},
	{"github.com/nicksnyder/go-i18n/v2", []string{"internal/render"}, true},
	{"github.com/goccy/go-yaml", []string{"internal/config", "internal/render"}, false},
	{"github.com/go-analyze/charts", []string{"internal/chart"}, false},
	{"github.com/prometheus/client_golang", []string{"internal/health"}, false},
	{"github.com/robfig/cron/v3", []string{"internal/schedule", "internal/jobs"}, false},
	{"github.com/xuri/excelize/v2", []string{}, false}, // writes the workbooks of rosterio's tests
	{"golang.org/x/crypto", []string{"internal/secret"}, false},
	{"golang.org/x/mod", []string{"internal/translog"}, false},
	{"filippo.io/torchwood", []string{"internal/translog"}, true},
	{"golang.org/x/sync", []string{"cmd/rollcall", "internal/telegram"}, false},
	{"golang.org/x/time", []string{"internal/telegram"}, false},
	{"golang.org/x/text", []string{"internal/chart", "internal/names", "internal/render", "internal/rosterio"}, false},
	{"github.com/chromedp", []string{"internal/browsertest"}, false}, // drives the browser of the pages' tests
	{"github.com/mozillazg/go-unidecode", []string{"internal/names"}, true},
	{"github.com/google/go-cmp", []string{}, false},
	{"github.com/rogpeppe/go-internal", []string{}, false},
	{"pgregory.net/rapid", []string{}, false},
	{"testing", []string{"internal/browsertest", "internal/race"}, false},
}

// A source is a Go file of the tree.
type source struct {
	path string // relative to the root, with slashes
	test bool
	text []byte
	file *ast.File
}

func (s source) dir() string { return path.Dir(s.path) }

// internal returns the package's path relative to internal/, or "".
func (s source) internal() string {
	rest, _ := strings.CutPrefix(s.dir(), "internal/")
	if rest == s.dir() {
		return ""
	}
	return rest
}

func (s source) imports() (all []string) {
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			panic(err) // the parser has read it
		}
		all = append(all, p)
	}
	return all
}

// sources parses every Go file of the tree, those in testdata and in hidden
// folders aside.
func sources(t *testing.T) (all []source) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		text, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(p), strings.HasSuffix(p, "_test.go"), text, f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("%d Go files were found: is the test in the root of the tree?", len(all))
	}
	return all
}

// layerFault says why a package of ours may not import another of ours, or "".
func layerFault(from, imported string) string {
	to, ok := strings.CutPrefix(imported, "rollcall/internal/")
	if !ok || strings.HasPrefix(from, "cmd/") {
		return ""
	}
	allowed, known := layers[strings.TrimPrefix(from, "internal/")]
	switch {
	case !known || from == ".":
		return "the package has no place in the table of layers: give it one"
	case !slices.Contains(allowed, to):
		return "is not below it"
	}
	return ""
}

// ownerFault says why a file may not import a package that has its users, or "".
func ownerFault(from string, test bool, imported string) string {
	best := -1 // the entry with the longest path counts
	for i, o := range onlyFor {
		if (imported == o.path || strings.HasPrefix(imported, o.path+"/")) && (best < 0 || len(o.path) > len(onlyFor[best].path)) {
			best = i
		}
	}
	if best < 0 {
		first, _, _ := strings.Cut(imported, "/")
		if strings.Contains(first, ".") {
			return "is a module without a user in the table: say who alone imports it, and why we need it in the commit"
		}
		return ""
	}
	o := onlyFor[best]
	if test && !o.tests || slices.Contains(o.users, from) {
		return ""
	}
	return "may be imported by " + strings.Join(o.users, ", ") + " only"
}

func TestImportsPointDownwards(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports() {
			if !s.test {
				if why := layerFault(s.dir(), i); why != "" {
					t.Errorf("%s imports %s: %s", s.path, i, why)
				}
			}
			if why := ownerFault(s.dir(), s.test, i); why != "" {
				t.Errorf("%s imports %s: %s", s.path, i, why)
			}
			if s.internal() == "rollcall" && !s.test && strings.Contains(strings.SplitN(i, "/", 2)[0], ".") {
				t.Errorf("%s imports %s: the domain knows the standard library only", s.path, i)
			}
			if i == "github.com/xuri/excelize/v2" && s.dir() != "internal/rosterio" {
				t.Errorf("%s imports %s: only the tests of rosterio write workbooks with it", s.path, i)
			}
		}
		if i := s.internal(); i != "" && !s.test {
			if _, ok := layers[i]; !ok {
				t.Errorf("%s: the package has no place in the table of layers: give it one", s.path)
			}
		}
	}
}

// The table itself must forbid what the layers are for.
func TestTheTableOfLayersIsSound(t *testing.T) {
	for _, c := range []struct{ from, imported, why string }{
		{"internal/jobs", "rollcall/internal/telegram", "edges do not import each other"},
		{"internal/telegram", "rollcall/internal/jobs", "edges do not import each other"},
		{"internal/telegram", "rollcall/internal/telegram/command", "commands know the edge, not the other way round"},
		{"internal/jobs", "rollcall/internal/telegram/fakeapi", "the stand-in is for tests and the demo"},
		{"internal/store", "rollcall/internal/render", "adapters do not know each other"},
		{"internal/translog", "rollcall/internal/store", "a third party verifies without a database"},
		{"internal/search", "rollcall/internal/store", "search runs without a database"},
		{"internal/rollcall", "rollcall/internal/names", "the domain knows nobody"},
		{"internal/render", "rollcall/internal/config", "the configuration is read in cmd"},
		{"internal/unheardof", "rollcall/internal/rollcall", "a new package needs its place"},
	} {
		if layerFault(c.from, c.imported) == "" && ownerFault(c.from, false, c.imported) == "" {
			t.Errorf("%s may import %s, but %s", c.from, c.imported, c.why)
		}
	}
	for _, c := range []struct{ from, imported string }{
		{"internal/jobs", "github.com/go-telegram-bot-api/telegram-bot-api/v5"},
		{"internal/telegram/command", "github.com/go-telegram-bot-api/telegram-bot-api/v5"},
		{"internal/digest", "modernc.org/sqlite/lib"},
		{"internal/digest", "database/sql"},
		{"internal/telegram/command", "rollcall/internal/demo"},
		{"internal/rosterio", "rollcall/internal/sample"},
		{"internal/telegram", "github.com/nicksnyder/go-i18n/v2/i18n"},
		{"internal/rosterio", "github.com/xuri/excelize/v2"},
		{"cmd/rollcall", "testing"},
		{"cmd/rollcall", "example.org/some/module"},
	} {
		if ownerFault(c.from, false, c.imported) == "" {
			t.Errorf("%s may import %s", c.from, c.imported)
		}
	}
	if layerFault("internal/telegram/command", "rollcall/internal/telegram") != "" || ownerFault("internal/telegram/command", false, "rollcall/internal/telegram") != "" {
		t.Error("a command may not import telegram")
	}
	// Whoever stands higher may not be reached from below by a detour.
	var reach func(from string, seen map[string]bool)
	reach = func(from string, seen map[string]bool) {
		for _, to := range layers[from] {
			if !seen[to] {
				seen[to] = true
				reach(to, seen)
			}
		}
	}
	for p := range layers {
		seen := map[string]bool{}
		reach(p, seen)
		if seen[p] {
			t.Errorf("%s reaches itself", p)
		}
		for to := range seen {
			if _, ok := layers[to]; !ok {
				t.Errorf("%s may import %s, which is not in the table", p, to)
			}
		}
	}
}

// literals calls fn with each string of the code, import paths and field tags
// aside.
func literals(s source, fn func(text string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if text, err := strconv.Unquote(n.Value); err == nil {
					fn(text)
				}
			}
		}
		return true
	})
}

var sql = regexp.MustCompile(`\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s|CREATE\s+(TABLE|INDEX|VIEW)\s|PRAGMA\s)`)

func TestSQLIsInTheStoreOnly(t *testing.T) {
	found := false
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		literals(s, func(text string) {
			if !sql.MatchString(text) {
				return
			}
			// The benchmark of the search compares it with plain SQLite.
			if s.dir() != "internal/store" && s.dir() != "internal/search/searchbench" {
				t.Errorf("%s holds SQL", s.path)
			}
			found = true
		})
	}
	if !found {
		t.Error("no SQL was found anywhere: the pattern no longer fits")
	}
}

var cyrillicWord = regexp.MustCompile(`\p{Cyrillic}{3}`)

// What people read in the chat is in three languages, and two of them are
// written in Cyrillic: a text in a package of the bot that is not render shows.
func TestWordingIsInRenderOnly(t *testing.T) {
	for _, s := range sources(t) {
		switch s.internal() {
		case "telegram", "telegram/command", "jobs", "digest", "store", "health", "config":
		default:
			continue
		}
		if s.test {
			continue
		}
		literals(s, func(text string) {
			if cyrillicWord.MatchString(text) {
				t.Errorf("%s holds wording", s.path)
			}
		})
	}
}

// A petition's history may be invented as a whole, for the demo; what anybody
// has signed is dated by the clock.
func TestOnlyTheDemoBackdates(t *testing.T) {
	found := false
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Backdate" {
				if s.dir() != "internal/demo" {
					t.Errorf("%s backdates", s.path)
				}
				found = true
			}
			return true
		})
	}
	if !found {
		t.Error("nobody backdates: the method has another name, or is not needed")
	}
}

func TestEveryGoFileIsFormatted(t *testing.T) {
	for _, s := range sources(t) {
		if got, err := format.Source(s.text); err != nil || !bytes.Equal(got, s.text) {
			t.Errorf("%s is not as gofmt writes it (%v)", s.path, err)
		}
	}
}

// tracked returns the files that are in the repository or, without git, all.
func tracked(t *testing.T) (files []string) {
	t.Helper()
	out, err := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z").Output()
	if err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	err = filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "dist" || d.Name() == ".artifacts"):
			return fs.SkipDir
		case d.Type().IsRegular():
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// machinePath finds the folders of a builder's machine. The pattern is put
// together so that it does not find itself.
var machinePath = regexp.MustCompile(`(^|[^A-Za-z0-9_.~-])/(` + strings.Join([]string{"work", "root", "home", "Users"}, "|") + `)(/|\b)`)

func TestNoFileHoldsAPathOfAMachine(t *testing.T) {
	for text, want := range map[string]bool{
		"cd /" + "work/main": true, `"/` + `root/go"`: true, "/" + "home/ada/x": true, "=/" + "Users/ada": true,
		"https://example.org/home": false, "a/work/b": false, "/no-home": false, "/workbook": false, "/rooted": false,
	} {
		if got := machinePath.MatchString(text); got != want {
			t.Errorf("%q is a machine's path: %t, want %t", text, got, want)
		}
	}
	for _, p := range tracked(t) {
		b, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted in the working tree
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if bytes.IndexByte(b[:min(len(b), 8000)], 0) >= 0 {
			continue // not text
		}
		for i, line := range strings.Split(string(b), "\n") {
			if machinePath.MatchString(line) {
				t.Errorf("%s:%d holds a path of a machine", p, i+1)
			}
		}
	}
}

// picture returns the fenced block of README.md that follows the mark.
func picture(readme, mark string) (block string, ok bool) {
	_, rest, ok := strings.Cut(readme, "\n"+mark+"\n")
	if !ok {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, "```")
	if !ok {
		return "", false
	}
	_, rest, _ = strings.Cut(rest, "\n") // the fence's language
	block, _, ok = strings.Cut(rest, "\n```")
	return block, ok
}

var gap = regexp.MustCompile(`\s{2,}`)

// named returns the packages of a picture. Its columns are parted by two blanks
// or more: the layer, where a new one begins, the package, and what it is.
func named(block string) map[string]bool {
	names := map[string]bool{}
	for line := range strings.SplitSeq(block, "\n") {
		if columns := gap.Split(strings.TrimSpace(line), -1); len(columns) > 1 {
			names[strings.TrimPrefix(columns[len(columns)-2], "internal/")] = true
		}
	}
	return names
}

// README.md draws the packages in a block after a line <!-- packages -->: all
// that are under internal/, commands for development aside, and no other.
func TestREADMEDrawsThePackagesThatThereAre(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block, ok := picture(string(b), "<!-- packages -->")
	if !ok {
		t.Fatal("README.md has no fenced block after a line <!-- packages -->")
	}
	there := map[string]bool{}
	for _, s := range sources(t) {
		if i := s.internal(); i != "" && !s.test && s.file.Name.Name != "main" {
			there[i] = true
		}
	}
	there["cmd/rollcall"] = true
	drawn := named(block)
	for _, p := range slices.Sorted(maps.Keys(there)) {
		if !drawn[p] {
			t.Errorf("README.md's picture lacks %s", p)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(drawn)) {
		if !there[p] {
			t.Errorf("README.md's picture names %s, which is no package", p)
		}
	}
}
