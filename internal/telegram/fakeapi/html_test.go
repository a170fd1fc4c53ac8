package fakeapi

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func TestParseHTML(t *testing.T) {
	known := func(id rollcall.UserID) *User {
		if id == 7 {
			return &User{ID: 7}
		}
		return nil
	}
	for _, c := range []struct {
		name, src, text string
		entities        []Entity
	}{
		{"plain", "plain", "plain", nil},
		{"offsets count UTF-16 units", "🕊ї <b>😀</b>!", "🕊ї 😀!", []Entity{{Type: "bold", Offset: 4, Length: 2}}},
		{"synonyms", "<strong>a</strong><em>b</em><ins>c</ins><strike>d</strike><del>e</del>", "abcde", []Entity{
			{Type: "bold", Length: 1}, {Type: "italic", Offset: 1, Length: 1}, {Type: "underline", Offset: 2, Length: 1},
			{Type: "strikethrough", Offset: 3, Length: 1}, {Type: "strikethrough", Offset: 4, Length: 1}}},
		{"nested, outer first", "<b>a<i>b</i></b>", "ab", []Entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1}}},
		{"references", "&lt;&gt;&amp;&quot;&#1110;&#x456;&lt", "<>&\"іі<", nil},
		{"unknown references stay", "&nbsp;&laquo;&#0;&#12345678;&", "&nbsp;&laquo;&#0;&#12345678;&", nil},
		{"link", `<a href="https://example.org/?a=1&amp;b=2">x</a>`, "x", []Entity{{Type: "text_link", Length: 1, URL: "https://example.org/?a=1&b=2"}}},
		{"link with its text as address", "<a>example.org</a>", "example.org", []Entity{{Type: "text_link", Length: 11, URL: "http://example.org/"}}},
		{"bad link is dropped", `<a href="javascript:x">x</a>`, "x", nil},
		{"mention by id", `<a href="tg://user?id=7">x</a><a href="tg://user?id=8">y</a>`, "xy", []Entity{{Type: "text_mention", Length: 1, User: &User{ID: 7}}}},
		{"code with a language", `<pre><code class="language-go">x</code></pre>`, "x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		{"the other way round", `<code class="language-go"><pre>x</pre></code>`, "x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		{"code in a longer pre", `<pre><code class="language-go">x</code>y</pre>`, "xy", []Entity{{Type: "pre", Length: 2}, {Type: "code", Length: 1}}},
		{"spoilers", `<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>`, "ab", []Entity{{Type: "spoiler", Length: 1}, {Type: "spoiler", Offset: 1, Length: 1}}},
		{"blockquotes", `<blockquote>a</blockquote><blockquote expandable>b</blockquote>`, "ab", []Entity{{Type: "blockquote", Length: 1}, {Type: "expandable_blockquote", Offset: 1, Length: 1}}},
		{"empty tags vanish", "<b></b>x", "x", nil},
		{"any case, short end", "<B>x</>", "x", []Entity{{Type: "bold", Length: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, entities, err := parseHTML(c.src, known)
			if err != nil {
				t.Fatal(err)
			}
			if text != c.text {
				t.Errorf("text %q, want %q", text, c.text)
			}
			if d := cmp.Diff(entities, c.entities); d != "" {
				t.Errorf("entities (-got +want):\n%s", d)
			}
		})
	}
}

// The texts are those of tdlib's own tests (test/message_entities.cpp).
func TestParseHTMLFaults(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"unclosed", "<b>x", `Can't find end tag corresponding to start tag "b"`},
		{"unknown tag", "а<br>", `Unsupported start tag "br" at byte offset 2`},
		{"a bare less-than", "1 <2", `Unclosed start tag at byte offset 2`},
		{"a bare less-than before a tag", "1 < 2 <b>x</b>", `Unsupported start tag "" at byte offset 2`},
		{"crossed", "<b><i>x</b></i>", `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`},
		{"end only", "x</b>", `Unexpected end tag at byte offset 1`},
		{"unclosed end", "<b>x</b ", `Unclosed end tag at byte offset 4`},
		{"no name", "<i =a>", `Empty attribute name in the tag "i" at byte offset 0`},
		{"no value", "<i a = ", `Unclosed start tag "i" at byte offset 0`},
		{"bad token", "<i a=b,>", `Unexpected end of name token at byte offset 5`},
		{"open quote", `<a href="x>y</a>`, `Unclosed start tag at byte offset 0`},
		{"span without class", "<span>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"surrogate", "&#xD800;", "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"},
		{"emoji without id", "<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := parseHTML(c.src, nil)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestTidyMovesEntities(t *testing.T) {
	text, entities := tidy(" \n\ra\tb\u202e ", []Entity{{Type: "bold", Offset: 0, Length: 4}, {Type: "italic", Offset: 7, Length: 1}})
	if want := "a b"; text != want {
		t.Errorf("text %q, want %q", text, want)
	}
	if d := cmp.Diff(entities, []Entity{{Type: "bold", Offset: 0, Length: 1}}); d != "" {
		t.Errorf("entities (-got +want):\n%s", d)
	}
}

func TestFindEntities(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Entity
	}{
		{"command", "/find Ї", []Entity{{Type: "bot_command", Length: 5}}},
		{"command for a bot", "😀 /find@some_bot x", []Entity{{Type: "bot_command", Offset: 3, Length: 14}}},
		{"not in a path", "a/b /x/y http", nil},
		{"address without the full stop", "see https://example.org/a.", []Entity{{Type: "url", Offset: 4, Length: 21}}},
		{"name", "@some_bot", []Entity{{Type: "mention", Length: 9}}},
		{"not a mail address", "a@example.org", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(findEntities(c.text, nil), c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
}

func FuzzParseHTML(f *testing.F) {
	for _, src := range []string{
		"<b>a<i>b</i></b>", "&lt;&#x1F600;", `<a href="http://example.org/?q=&quot;">x</a>`, "<pre><code class='language-x'>y</code></pre>",
		"<blockquote expandable>z", "</", "<", "&#", "<tg-spoiler>😀</tg-spoiler> /cmd", "<a>t.me/x</a>", "<i a", "\x00<b>\x00</b>", "https://example.org",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !utf8.ValidString(src) {
			return
		}
		text, entities, err := parseHTML(src, nil)
		if err != nil {
			if text != "" || entities != nil {
				t.Fatal("an error came with a result")
			}
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q gives invalid UTF-8", src)
		}
		text, entities = tidy(text, entities)
		total := utf16Len(text)
		for _, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > total {
				t.Fatalf("%q: entity %+v lies outside of %q", src, e, text)
			}
		}
		findEntities(text, entities)

		// What is shown must read back as the same.
		html := renderHTML(text, entities)
		again, back, err := parseHTML(html, nil)
		if err != nil {
			t.Fatalf("%q is rendered as %q: %v", src, html, err)
		}
		if again, back = tidy(again, back); again != text {
			t.Fatalf("%q reads back as %q, want %q", html, again, text)
		}
		if d := cmp.Diff(kinds(back), kinds(entities)); d != "" {
			t.Fatalf("%q: entities (-got +want):\n%s", html, d)
		}
	})
}

// kinds lists what must survive rendering; an address may be normalised again.
func kinds(list []Entity) map[Entity]int {
	m := map[Entity]int{}
	for _, e := range list {
		e.URL = strings.ToLower(e.Type)
		m[e]++
	}
	return m
}
