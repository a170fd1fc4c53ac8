package render

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		name, in string
		block    HTML // by Escape
		inline   HTML
	}{
		{"plain", "Прикладенко Марія", "Прикладенко Марія", "Прикладенко Марія"},
		{"markup", `<b>"A" & B</b>`, "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;", "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;"},
		{"entity", "&lt;", "&amp;lt;", "&amp;lt;"},
		{"template", "{{.Name}} %s", "{{.Name}} %s", "{{.Name}} %s"},
		{"line breaks", "a\r\nb\rc\u2028d\te", "a\nb\nc\nd\te", "a b c d e"},
		{"control characters", "a\x00b\x1b[31mc\u009b", "ab[31mc", "ab[31mc"},
		{"bidirectional controls", "a\u202eb\u2066c\u200f", "abc", "abc"},
		{"right to left", "אבג", "אבג", "\u2068אבג\u2069"},
		{"broken UTF-8", "a\xffb", "a\ufffdb", "a\ufffdb"},
		{"emoji", "👍🏽", "👍🏽", "👍🏽"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Escape(c.in); got != c.block {
				t.Errorf("Escape: got %q, want %q", got, c.block)
			}
			if got := inline(c.in); got != c.inline {
				t.Errorf("inline: got %q, want %q", got, c.inline)
			}
		})
	}
}

func TestValuesAreEscapedInPhrases(t *testing.T) {
	hostile := "<b>\n\u202e{{.Date}} %d &amp; \"x\""
	want := "&lt;b&gt; {{.Date}} %d &amp;amp; &quot;x&quot;"
	p := For("en")
	if got := string(p.html("card.claim", arg{"Source", hostile}, arg{"Date", hostile}, arg{"Status", HTML("<i>s</i>")})); got != "According to "+want+", dated "+want+": <i>s</i>" {
		t.Errorf("got %q", got)
	}
	if got, want := p.text("petition.share", arg{"Title", hostile}), `Petition: “<b> {{.Date}} %d &amp; "x"”. Please read it and decide for yourself.`; got != want {
		t.Errorf("as plain text: got %q, want %q", got, want)
	}
}

func TestLinkTakesWebAddressesOnly(t *testing.T) {
	for _, c := range []struct {
		name, address string
		want          HTML
	}{
		{"https", "https://example.org/?a=1&b=2", `<a href="https://example.org/?a=1&amp;b=2">L &amp; M</a>`},
		{"quote", `https://example.org/"onclick`, `<a href="https://example.org/&quot;onclick">L &amp; M</a>`},
		{"none", "", "L &amp; M"},
		{"script", "javascript:alert(1)", "L &amp; M"},
		{"Telegram", "tg://user?id=1", "L &amp; M"},
		{"no host", "https:///x", "L &amp; M"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := link("L & M", c.address); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		name string
		in   HTML
		want string
	}{
		{"tags and entities", `<b>a</b> <a href="https://x/?a>b">l</a> &lt;&amp;&quot;&gt;`, `a l <&">`},
		{"numbers", "&#1103;&#x1F44D;", "я👍"},
		{"what Telegram does not know", "&nbsp; &#0; &#xD800; & a < b", "&nbsp; &#0; &#xD800; & a < b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Plain(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    HTML
		limit int
		want  []HTML
	}{
		{"empty", "", 10, nil},
		{"only tags", "<b></b>", 10, nil},
		{"fits", "<b>abc</b>", 3, []HTML{"<b>abc</b>"}},
		{"at line ends", "one two\nthree four", 10, []HTML{"one two\n", "three four"}},
		{"at the last line end", "a\nb\nc", 4, []HTML{"a\nb\n", "c"}},
		{"at spaces", "one two three", 8, []HTML{"one two ", "three"}},
		{"between characters", "abcdefg", 3, []HTML{"abc", "def", "g"}},
		{"not at a non-breaking space", "a 1\u00a0204", 5, []HTML{"a ", "1\u00a0204"}},
		{"tags are opened again", "<b>one <i>two\nthree</i></b> x", 8, []HTML{"<b>one <i>two\n</i></b>", "<b><i>three</i></b> x"}},
		{"links keep their address", `<a href="https://x">ab cd</a>`, 3, []HTML{`<a href="https://x">ab </a>`, `<a href="https://x">cd</a>`}},
		{"entities are whole", "&lt;&amp;&gt;", 2, []HTML{"&lt;&amp;", "&gt;"}},
		{"surrogate pairs are whole", "a👍b", 2, []HTML{"a", "👍", "b"}},
		{"limit too small", "👍👍", 1, []HTML{"👍", "👍"}},
		{"blank pieces are left out", "ab\n\n\n\ncd", 2, []HTML{"ab", "cd"}},
		{"broken markup is mended", "<b>a</i> & b", 100, []HTML{"<b>a &amp; b</b>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(Split(c.in, c.limit), c.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    HTML
		limit int
		want  HTML
	}{
		{"fits", "<b>abc</b>", 3, "<b>abc</b>"},
		{"cut", "abcdef", 4, "abc…"},
		{"at a space", "abc def ghi", 9, "abc def…"},
		{"within tags", "<b>abc <i>def</i></b>", 6, "<b>abc…</b>"},
		{"keeps half", "a bcdefghijkl", 8, "a bcdef…"},
		{"surrogate pair", "👍👍", 2, "…"},
		{"one", "abc", 1, "…"},
		{"nothing fits", "abc", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Truncate(c.in, c.limit); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// markup draws well-formed markup.
func markup(t *rapid.T, depth int) HTML {
	var h HTML
	for range rapid.IntRange(0, 5).Draw(t, "parts") {
		if depth == 0 || rapid.Bool().Draw(t, "leaf") {
			h += Escape(rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("ab \n<>&\"👍я\u00a0")), rapid.Rune())).Draw(t, "text"))
			continue
		}
		tag := rapid.SampledFrom([]string{"b", "i", "code", "blockquote", "a"}).Draw(t, "tag")
		open := HTML("<" + tag + ">")
		if tag == "a" {
			open = `<a href="https://example.org/?a&gt;b">`
		}
		h += open + markup(t, depth-1) + HTML("</"+tag+">")
	}
	return h
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// checkPieces holds pieces against what Split promises of h.
func checkPieces(t interface{ Fatalf(string, ...any) }, h HTML, limit int, pieces []HTML) {
	var all strings.Builder
	for _, piece := range pieces {
		text := Plain(piece)
		if n := len(utf16.Encode([]rune(text))); n > max(limit, 2) || n != UTF16Len(text) {
			t.Fatalf("a piece has %d units (UTF16Len says %d), want at most %d", n, UTF16Len(text), limit)
		}
		if strings.TrimSpace(text) == "" {
			t.Fatalf("the piece %q is blank", piece)
		}
		if !utf8.ValidString(string(piece)) {
			t.Fatalf("the piece %q is not UTF-8", piece)
		}
		all.WriteString(text)
	}
	if got, want := withoutSpace(all.String()), withoutSpace(Plain(h)); got != want {
		t.Fatalf("the pieces hold %q, want %q", got, want)
	}
}

func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := markup(t, 3)
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		if err := checkMarkup(h); err != nil {
			t.Fatalf("the generator is wrong: %v", err)
		}
		pieces := Split(h, limit)
		checkPieces(t, h, limit, pieces)
		for _, piece := range pieces {
			if err := checkMarkup(piece); err != nil {
				t.Fatalf("the piece %q: %v", piece, err)
			}
		}
	})
}

func TestTruncateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := markup(t, 3)
		limit := rapid.IntRange(-1, 40).Draw(t, "limit")
		got := Truncate(h, limit)
		if err := checkMarkup(got); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		text := Plain(got)
		if UTF16Len(text) > max(limit, 0) {
			t.Fatalf("%q has %d units, want at most %d", got, UTF16Len(text), limit)
		}
		if kept, cut := strings.CutSuffix(text, "…"); cut && text != Plain(h) && !strings.HasPrefix(Plain(h), kept) {
			t.Fatalf("%q does not begin %q", kept, Plain(h))
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("<a href=\"x\">\u202e&\r\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for name, got := range map[string]HTML{"Escape": Escape(s), "inline": inline(s)} {
			if err := checkMarkup(got); err != nil || strings.ContainsAny(string(got), `<>"`) {
				t.Fatalf("%s: %q: %v", name, got, err)
			}
			if strings.ContainsFunc(Plain(got), func(r rune) bool {
				return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= '\u202a' && r <= '\u202e' || name == "inline" && r == '\n'
			}) {
				t.Fatalf("%s: %q holds a control character", name, got)
			}
		}
		if got := Escape(Plain(Escape(s))); got != Escape(s) {
			t.Fatalf("escaping again what is visible gives %q, want %q", got, Escape(s))
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(`<b>one <i>two</b> & <a href="x>y">three</a> &lt; &#128077;`, 5)
	f.Add("<a \xff>0", 9)
	f.Add("</b><pre><code class=\"x\">a\n", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit %= 100
		checkPieces(t, HTML(s), limit, Split(HTML(s), limit))
		if got := Truncate(HTML(s), limit); UTF16Len(Plain(got)) > max(limit, 0) {
			t.Fatalf("Truncate gives %d units, want at most %d", UTF16Len(Plain(got)), limit)
		}
	})
}
