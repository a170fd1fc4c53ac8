package chatpage

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// bare is a text without its white space.
func bare(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

func TestSplit(t *testing.T) {
	const limit = maxTextUTF16
	a := strings.Repeat
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"blank", " \n\t\u00a0 ", nil},
		{"short", "  /find Sample\n", []string{"/find Sample"}},
		{"lines are kept", "one\n\n  two", []string{"one\n\n  two"}},
		{"as long as one may be", a("x", limit), []string{a("x", limit)}},
		{"longer by a letter", a("x", limit+1), []string{a("x", limit), "x"}},
		{"at a space", a("x", 4000) + " " + a("y", 200), []string{a("x", 4000), a("y", 200)}},
		{"at a line break rather than a space", a("x", 3000) + "\n" + a("y", 500) + " " + a("z", 1000), []string{a("x", 3000), a("y", 500) + " " + a("z", 1000)}},
		{"a break so early that it would waste the message", "x\n" + a("y", limit), []string{"x\n" + a("y", limit-2), "yy"}},
		{"blanks between go", a("x", limit) + a(" ", 10_000) + "y", []string{a("x", limit), "y"}},
		{"two bytes a letter", a("я", limit+1), []string{a("я", limit), "я"}},
		{"two units a letter", a("😀", limit/2+1), []string{a("😀", limit/2), "😀"}},
		{"a letter of two units does not fit", "x" + a("😀", limit/2), []string{"x" + a("😀", limit/2-1), "😀"}},
		{"no UTF-8", "a\xffb\xc3", []string{"a\ufffdb\ufffd"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(split(c.text), c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
}

// A long text of words comes apart between them.
func TestSplitKeepsWords(t *testing.T) {
	text := strings.Repeat("Оленка й 😀 sample\nwords ", 1000)
	pieces := split(text)
	if d := cmp.Diff(strings.Fields(strings.Join(pieces, " ")), strings.Fields(text)); d != "" {
		t.Errorf("words (-got +want):\n%s", d)
	}
	if most := units(text)/(maxTextUTF16/2) + 1; len(pieces) > most {
		t.Errorf("%d pieces, want %d at the most", len(pieces), most)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", " \n", "/find Sample", "a\xff😀\u2028b", "рядок\nще один"} {
		for _, times := range []uint16{1, 700, 4096} {
			f.Add(s, times)
		}
	}
	f.Fuzz(func(t *testing.T, s string, times uint16) {
		text := strings.Repeat(s, min(int(times), 40_000/max(1, len(s))+1))
		pieces := split(text)
		for i, p := range pieces {
			switch {
			case strings.TrimSpace(p) == "":
				t.Errorf("piece %d is blank: %q", i, p)
			case units(p) > maxTextUTF16:
				t.Errorf("piece %d has %d UTF-16 units", i, units(p))
			case !utf8.ValidString(p):
				t.Errorf("piece %d holds half of a letter", i)
			}
		}
		// Letters and their order are kept, so none was cut in two.
		if got, want := bare(strings.Join(pieces, "")), bare(strings.ToValidUTF8(text, "\uFFFD")); got != want {
			t.Errorf("got %d bytes of letters, want %d", len(got), len(want))
		}
	})
}
