package render

import (
	"bufio"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/cases"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"rollcall/internal/rollcall"
)

// A phrase is an entry of a catalogue as written: its forms, by their CLDR
// names; one that is not plural has the form "" only.
type phrase map[string]string

func readCatalog(t testing.TB, l rollcall.Language) map[string]phrase {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("catalog", string(l)+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	catalog := make(map[string]phrase)
	for k, v := range raw {
		switch v := v.(type) {
		case string:
			catalog[k] = phrase{"": v}
		case map[string]any:
			catalog[k] = phrase{}
			for form, text := range v {
				s, ok := text.(string)
				if !ok {
					t.Fatalf("%s: %s: %s is a %T, want text", l, k, form, text)
				}
				catalog[k][form] = s
			}
		default:
			t.Fatalf("%s: %s is a %T, want text or plural forms", l, k, v)
		}
	}
	return catalog
}

// formsOf returns the plural forms that whole numbers take in a language.
func formsOf(l rollcall.Language) []string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two",
		plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	forms := map[string]bool{}
	for n := range 1001 {
		forms[names[plural.Cardinal.MatchPlural(language.MustParse(string(l)), n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(forms))
}

var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

func placeholders(text string) []string {
	set := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		set[m[1]] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func TestCatalogsAgree(t *testing.T) {
	english := readCatalog(t, rollcall.English)
	keys := slices.Sorted(maps.Keys(english))
	for _, l := range rollcall.Languages {
		catalog := readCatalog(t, l)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(catalog)), keys); diff != "" {
			t.Errorf("%s: keys differ from those of English (-got +want):\n%s", l, diff)
		}
		want := formsOf(l)
		for k, ph := range catalog {
			e, ok := english[k]
			if !ok {
				continue
			}
			_, got := ph[""]
			if _, want := e[""]; got != want {
				t.Errorf("%s: %s: plain is %v, in English %v", l, k, got, want)
			}
			if forms := slices.Sorted(maps.Keys(ph)); !got && !slices.Equal(forms, want) {
				t.Errorf("%s: %s has the plural forms %v, want %v", l, k, forms, want)
			}
			for form, text := range ph {
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s: %s %s is empty or has white space around it", l, k, form)
				}
				for _, e := range e {
					if got, want := placeholders(text), placeholders(e); !slices.Equal(got, want) {
						t.Errorf("%s: %s %s has the placeholders %v, English %v", l, k, form, got, want)
					}
				}
				if err := checkMarkup(HTML(placeholder.ReplaceAllString(text, "x"))); err != nil {
					t.Errorf("%s: %s %s: %v", l, k, form, err)
				}
				if _, err := (parser{}).Parse(text, "", ""); err != nil {
					t.Errorf("%s: %s %s: %v", l, k, form, err)
				}
			}
		}
	}
}

// uses reads this package's code and returns, for each key, the names of the
// values that are given where it is used, and whether it is used as a plural.
// It reports code by which a key or markup could come from elsewhere.
func uses(t *testing.T) (args map[string][]string, plurals map[string]bool) {
	t.Helper()
	args, plurals = map[string][]string{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := gotoken.NewFileSet()
	literal := func(e ast.Expr) (string, bool) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != gotoken.STRING {
			return "", false
		}
		s, err := strconv.Unquote(lit.Value)
		return s, err == nil
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				var elem ast.Expr
				switch typ := n.Type.(type) {
				case *ast.MapType:
					elem = typ.Value
				case *ast.ArrayType:
					elem = typ.Elt
				}
				if id, ok := elem.(*ast.Ident); !ok || id.Name != "key" {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						e = kv.Value
					}
					k, ok := literal(e)
					if !ok {
						t.Errorf("%s: a table of keys holds what is not a literal", fset.Position(e.Pos()))
					}
					args[k] = nil
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "HTML" && name != "html.go" && name != "phrases.go" {
					t.Errorf("%s: conversion to HTML; use Escape or a phrase", fset.Position(n.Pos()))
				}
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "key" {
					t.Errorf("%s: conversion to key; keys are literals", fset.Position(n.Pos()))
				}
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "html" && sel.Sel.Name != "plural" && sel.Sel.Name != "text" {
					return true
				}
				k, ok := literal(n.Args[0])
				if !ok {
					if len(n.Args) > 1 {
						t.Errorf("%s: a key out of a table takes no values", fset.Position(n.Pos()))
					}
					return true
				}
				names := map[string]bool{}
				rest := n.Args[1:]
				if sel.Sel.Name == "plural" {
					plurals[k] = true
					names["Count"] = true
					rest = rest[1:]
				}
				for _, a := range rest {
					lit, ok := a.(*ast.CompositeLit)
					if !ok || len(lit.Elts) != 2 {
						t.Errorf("%s: want arg{name, value}", fset.Position(a.Pos()))
						continue
					}
					s, _ := literal(lit.Elts[0])
					names[s] = true
				}
				got := slices.Sorted(maps.Keys(names))
				if before, ok := args[k]; ok && !slices.Equal(before, got) {
					t.Errorf("%s: %s is given %v here and %v elsewhere", fset.Position(n.Pos()), k, got, before)
				}
				args[k] = got
			}
			return true
		})
	}
	return args, plurals
}

func TestPhrasesMatchCode(t *testing.T) {
	catalog := readCatalog(t, rollcall.English)
	args, plurals := uses(t)
	for k := range catalog {
		if _, ok := args[k]; !ok {
			t.Errorf("%s is in the catalogues, but no code uses it", k)
		}
	}
	for k, given := range args {
		ph, ok := catalog[k]
		if !ok {
			t.Errorf("%s is used, but not in the catalogues", k)
			continue
		}
		_, plain := ph[""]
		if plain == plurals[k] {
			t.Errorf("%s: used as a plural is %v, but the catalogue's is %v", k, plurals[k], !plain)
		}
		for _, text := range ph {
			if want := placeholders(text); !slices.Equal(given, want) {
				t.Errorf("%s is given %v, but its placeholders are %v", k, given, want)
			}
		}
	}
}

func TestNoLoadedWords(t *testing.T) {
	f, err := os.Open("testdata/loaded_words.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fold := cases.Fold()
	var stems []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if s := strings.TrimSpace(sc.Text()); s != "" && s[0] != '#' {
			stems = append(stems, fold.String(s))
		}
	}
	if len(stems) < 50 {
		t.Fatalf("only %d words are read", len(stems))
	}
	loaded := func(text string) (found []string) {
		for _, word := range regexp.MustCompile(`[\p{L}’']+`).FindAllString(fold.String(text), -1) {
			for _, stem := range stems {
				if strings.HasPrefix(word, stem) {
					found = append(found, word)
				}
			}
		}
		return found
	}
	if got := loaded("The HEROES, окупанти и Враги"); len(got) != 3 {
		t.Errorf("the test finds %v in a loaded sentence, want three words", got)
	}
	for _, l := range rollcall.Languages {
		for k, ph := range readCatalog(t, l) {
			for _, text := range ph {
				if got := loaded(text); got != nil {
					t.Errorf("%s: %s holds the loaded words %v", l, k, got)
				}
			}
		}
	}
}

// TestNothingIsAsserted holds the words for what may have happened to a person
// within the status labels, which stand after source and date only.
func TestNothingIsAsserted(t *testing.T) {
	asserting := regexp.MustCompile(`(?i)\b(is|are|was|were|has been|have been) (held|missing|dead|deceased|captured|returned|confirmed)\b|` +
		`\b(held|died|deceased|captured)\b|утриму|удержив|полон|плен[аеу]?\b|помер|умер|загинул|погиб|безвісти|без вести`)
	for _, l := range rollcall.Languages {
		for k, ph := range readCatalog(t, l) {
			if strings.HasPrefix(k, "status.") || strings.HasPrefix(k, "figure.") {
				continue
			}
			for _, text := range ph {
				if got := asserting.FindString(text); got != "" {
					t.Errorf("%s: %s says %q, which only a source may", l, k, got)
				}
			}
		}
	}
	attributed := map[rollcall.Language]string{rollcall.English: "According to ", rollcall.Ukrainian: "За даними джерела ", rollcall.Russian: "По данным источника "}
	for _, l := range rollcall.Languages {
		p := For(l)
		for _, s := range rollcall.Statuses {
			card := Plain(p.Card(samplePerson, []rollcall.Claim{{Status: s, Date: sampleDate, Source: "S"}}, nil))
			for line := range strings.Lines(card) {
				if strings.Contains(line, p.StatusLabel(s)) && !strings.HasPrefix(line, attributed[l]) {
					t.Errorf("%s: the line %q is not attributed", l, line)
				}
			}
			if strings.Count(card, p.StatusLabel(s)) != 1 {
				t.Errorf("%s: a card shows the status %s %d times, want once", l, s, strings.Count(card, p.StatusLabel(s)))
			}
		}
	}
}

func TestCommandDescriptionsFit(t *testing.T) {
	for _, l := range rollcall.Languages {
		for name := range commandKeys {
			if got := UTF16Len(For(l).CommandDescription(name)); got == 0 || got > 100 {
				t.Errorf("%s: the description of /%s has %d characters, want 1 to 100", l, name, got)
			}
		}
		if got := For(l).CommandDescription("no such command"); got != "" {
			t.Errorf("%s: an unknown command has the description %q, want none", l, got)
		}
	}
}

func TestEnglishLabelsAreLiteral(t *testing.T) {
	want := map[Label]string{
		LabelLookUp: "Look up a person", LabelPetition: "Petition", LabelDigests: "Digests", LabelMyData: "My data",
		LabelWatch: "Watch", LabelWrong: "This is wrong", LabelTracing: "Official tracing", LabelShowIt: "Show it", LabelOpenIt: "Open it",
		LabelSign: "Sign", LabelShare: "Share", LabelCheckCount: "Check the count", LabelAgreeAndSign: "I agree and sign",
		LabelNo: "No", LabelYesWithdraw: "Yes, withdraw", LabelYesErase: "Yes, erase", LabelSignThePetition: "Sign the petition",
		LabelTellMe: "Tell me if this changes", LabelStop: "Stop", LabelDeleteNow: "Delete now", LabelReceipt: "Receipt", LabelLogFiles: "Files to check",
		LabelWithdraw: "Withdraw", LabelBack: "Back", LabelContinueInPrivate: "Continue in private",
		LabelRight: "Right", LabelHide: "Hide", LabelCorrect: "Correct", LabelNext: "Next", LabelCancel: "Cancel", LabelSave: "Save", LabelSkip: "Skip", LabelDaily: "Daily", LabelWeekly: "Weekly", LabelNoQuietHours: "No quiet hours", LabelWithSound: "With a sound", LabelSilent: "Without a sound", LabelToday: "Today",
		LabelSendIt: "Send it", LabelItIsThere: "It is there", LabelSendAgain: "Send again",
		LabelFullName: "Full name", LabelBirthYear: "Year of birth", LabelExactly: "Exactly", LabelAtLeast: "At least",
		LabelEnglish: "English", LabelUkrainian: "Українська", LabelRussian: "Русский",
	}
	got := map[Label]string{}
	for l := range labelKeys {
		got[Label(l)] = For(rollcall.English).Label(Label(l))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("labels (-got +want):\n%s", diff)
	}
}

func TestEnglishPhrasesAreLiteral(t *testing.T) {
	p := For(rollcall.English)
	for _, c := range []struct {
		name       string
		text, want string
	}{
		{"nothing found", Plain(p.NothingFound(nil)), "There is nothing I can show for these details."},
		{"add a detail", Plain(p.AddDetail()), "add a detail"},
		{"did you mean", Plain(p.DidYouMean([]string{"A"})), "Did you mean"},
		{"which of these", Plain(p.Choose()), "Which of these?"},
		{"one part", Plain(p.OnePartPrompt()), "within ten minutes"},
		{"no money", Plain(p.Card(samplePerson, sampleClaims, nil)), "Nobody may ask you for money"},
		{"claim", Plain(p.Card(samplePerson, sampleClaims, nil)), "According to Sample Bureau, dated 3 May 2026: reported held"},
		{"counted", Plain(p.PetitionPage(samplePage)), "1,204 counted (accounts, not checked people)"},
		{"counted one", Plain(p.counted(rollcall.Tally{Signed: 1})), "1 counted (accounts, not checked people)"},
		{"recorded", Plain(p.Recorded(day)), "Recorded"},
		{"already signed", Plain(p.AlreadySigned()), "already signed"},
		{"withdrawn, uncounted", Plain(p.WithdrawnUncounted()), "Withdrawn"},
		{"withdrawn, halted", Plain(p.WithdrawnHalted()), "Withdrawn"},
		{"withdrawn, voided", Plain(p.WithdrawnVoided()), "Withdrawn"},
		{"withdrawn", Plain(p.Withdrawn(day)), "Withdrawn"},
		{"error", Plain(p.Error("7F3A")), "Something went wrong here; reference 7F3A"},
		{"digest title", p.DigestTitle(sampleDigest), "No 47, 16–22 November 2026 (Europe/Kyiv)"},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.name, c.text, c.want)
		}
	}
	if !strings.HasPrefix(string(p.NothingFound(nil)), "There is nothing") || !strings.HasPrefix(string(p.DidYouMean(nil)), "Did you mean") {
		t.Error("a quoted phrase does not begin its message")
	}
}
