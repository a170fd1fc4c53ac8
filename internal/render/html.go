package render

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// HTML is trusted markup in Telegram's HTML parse mode (Bot API, "HTML style").
// Values from data become HTML through [Escape] or as arguments of a phrase,
// never by conversion.
type HTML string

// Limits of the Bot API, in UTF-16 units of the text after its markup is
// parsed.
const (
	MaxTextUTF16    = 4096 // sendMessage, text
	MaxCaptionUTF16 = 1024 // sendPhoto and others, caption
)

// A Button is one key under a message. Label is plain text; exactly one of Data
// and URL is set.
type Button struct {
	Label string
	Data  string // callback data, at most 64 bytes
	URL   string
}

// A Message is what is sent: text, rows of buttons, and whether it may be
// forwarded and saved (Protect is the Bot API's protect_content).
type Message struct {
	Text    HTML
	Buttons [][]Button
	Protect bool
}

// Escape makes markup of outside text. Line breaks and tabs are kept; other
// control characters and the bidirectional controls of UAX #9, with which text
// could reorder its line, are left out; broken UTF-8 becomes U+FFFD.
func Escape(s string) HTML { return HTML(clean(s, true, false)) }

// inline makes markup of a value that stands within a line: as [Escape], with
// line breaks and tabs turned into spaces, so that a value cannot forge a line,
// and right-to-left text isolated, so that it cannot move its neighbours.
func inline(s string) HTML { return HTML(clean(s, true, true)) }

// inlinePlain is inline for text without markup, such as a button's label.
func inlinePlain(s string) string { return clean(s, false, true) }

const (
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

// clean is the one place where outside text is made fit for a message.
func clean(s string, escape, oneLine bool) string {
	if strings.IndexFunc(s, special) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	isolate := oneLine && strings.IndexFunc(s, rightToLeft) >= 0
	if isolate {
		b.WriteRune(firstStrongIsolate)
	}
	for i, r := range s {
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			// The line feed that follows stands for both.
		case (lineBreak(r) || r == '\t') && oneLine:
			b.WriteByte(' ')
		case lineBreak(r):
			b.WriteByte('\n')
		case r == '\t':
			b.WriteByte('\t')
		case unicode.IsControl(r), bidiControl(r):
		case escape && r == '<':
			b.WriteString("&lt;")
		case escape && r == '>':
			b.WriteString("&gt;")
		case escape && r == '&':
			b.WriteString("&amp;")
		case escape && r == '"':
			b.WriteString("&quot;")
		default:
			b.WriteRune(r)
		}
	}
	if isolate {
		b.WriteRune(popIsolate)
	}
	return b.String()
}

// special reports whether clean may change or mind r. U+FFFD is what a range
// over broken UTF-8 gives.
func special(r rune) bool {
	switch {
	case r >= 0xa0 && r < 0x590:
		return false
	case r >= ' ' && r < 0x7f:
		return r == '<' || r == '>' || r == '&' || r == '"'
	}
	return r == utf8.RuneError || unicode.IsControl(r) || lineBreak(r) || bidiControl(r) || rightToLeft(r)
}

// lineBreak reports whether r ends a line by UAX #14 (classes BK, CR, LF, NL).
func lineBreak(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// bidiControl reports whether r has the property Bidi_Control (UAX #9).
func bidiControl(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// rightToLeft reports whether r is a strong right-to-left character or an
// Arabic number, the controls aside.
func rightToLeft(r rune) bool {
	if r < 0x590 || bidiControl(r) {
		return false
	}
	var buf [utf8.UTFMax]byte
	p, _ := bidi.Lookup(buf[:utf8.EncodeRune(buf[:], r)])
	switch p.Class() {
	case bidi.R, bidi.AL, bidi.AN:
		return true
	}
	return false
}

// link makes a link of a label, or the label alone where the address is not an
// http or https one.
func link(label, address string) HTML {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return inline(label)
	}
	return `<a href="` + Escape(address) + `">` + inline(label) + `</a>`
}

// paragraphs joins what is not empty with blank lines between.
func paragraphs(parts ...HTML) HTML { return join("\n\n", parts) }

// lines joins what is not empty with line breaks between.
func lines(parts ...HTML) HTML { return join("\n", parts) }

// bullets makes a list, one item a line.
func bullets(items []HTML) HTML {
	if len(items) == 0 {
		return ""
	}
	return "• " + join("\n• ", items)
}

func join(sep HTML, parts []HTML) HTML {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(string(sep))
		}
		b.WriteString(string(p))
	}
	return HTML(b.String())
}

// UTF16Len returns the length of s in UTF-16 units, the measure of the Bot API.
func UTF16Len(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// Plain returns the visible text of h: without tags, and with its entities
// decoded.
func Plain(h HTML) string {
	if !strings.ContainsAny(string(h), "<>&") {
		return string(h)
	}
	var b strings.Builder
	b.Grow(len(h))
	for len(h) > 0 {
		var t token
		t, h = next(h)
		if t.kind == visible {
			b.WriteRune(t.r)
		}
	}
	return b.String()
}

// A token is a tag or one visible character of markup.
type token struct {
	kind tokenKind
	raw  HTML   // as written; for a visible character, as it must be written
	name string // of a tag
	r    rune   // of a visible character
}

type tokenKind int

const (
	visible tokenKind = iota
	openTag
	closeTag
)

// next takes the first token off h, which must not be empty. What is neither a
// tag nor an entity counts as text, so that next never fails. Entities are the
// four names that Telegram knows, and numbers.
func next(h HTML) (token, HTML) {
	switch h[0] {
	case '<':
		if t, rest, ok := tag(h); ok {
			return t, rest
		}
		return token{kind: visible, raw: "&lt;", r: '<'}, h[1:]
	case '&':
		if end := strings.IndexByte(string(h[:min(len(h), 12)]), ';'); end > 0 {
			if r, ok := entity(string(h[1:end])); ok {
				return token{kind: visible, raw: h[:end+1], r: r}, h[end+1:]
			}
		}
		return token{kind: visible, raw: "&amp;", r: '&'}, h[1:]
	case '>':
		return token{kind: visible, raw: "&gt;", r: '>'}, h[1:]
	}
	r, n := utf8.DecodeRuneInString(string(h))
	if r == utf8.RuneError && n == 1 {
		return token{kind: visible, raw: "\ufffd", r: r}, h[1:]
	}
	return token{kind: visible, raw: h[:n], r: r}, h[n:]
}

// tag reads a tag at the start of h; a ">" within double quotes belongs to it.
func tag(h HTML) (token, HTML, bool) {
	t := token{kind: openTag}
	i := 1
	if i < len(h) && h[i] == '/' {
		t.kind = closeTag
		i++
	}
	start := i
	for i < len(h) && (h[i] >= 'a' && h[i] <= 'z' || i > start && h[i] == '-') {
		i++
	}
	if i == start || i == len(h) || h[i] != '>' && h[i] != ' ' {
		return t, h, false
	}
	t.name = string(h[start:i])
	quoted := false
	for ; i < len(h); i++ {
		switch {
		case h[i] == '"':
			quoted = !quoted
		case h[i] == '>' && !quoted:
			t.raw = h[:i+1]
			return t, h[i+1:], utf8.ValidString(string(t.raw))
		}
	}
	return t, h, false
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if d, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = d, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > unicode.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// A writer puts tokens together again. Tags are opened only when something
// visible follows, so that no empty element arises, and what is open at the end
// is closed.
type writer struct {
	b    strings.Builder
	open []token // the elements around the present place
	done int     // how many of them are written
}

func (w *writer) put(t token) {
	switch t.kind {
	case visible:
		for ; w.done < len(w.open); w.done++ {
			w.b.WriteString(string(w.open[w.done].raw))
		}
		w.b.WriteString(string(t.raw))
	case openTag:
		w.open = append(w.open, t)
	case closeTag:
		// A closing tag ends the elements within its own too; one that fits
		// nothing is left out.
		for i := len(w.open) - 1; i >= 0; i-- {
			if w.open[i].name == t.name {
				w.closeDownTo(i)
				w.open = w.open[:i]
				return
			}
		}
	}
}

func (w *writer) closeDownTo(n int) {
	for ; w.done > n; w.done-- {
		w.b.WriteString("</" + w.open[w.done-1].name + ">")
	}
}

// take ends the piece and returns it; what was open is opened again in the next.
func (w *writer) take() HTML {
	w.closeDownTo(0)
	h := HTML(w.b.String())
	w.b.Reset()
	return h
}

// Split cuts h into pieces whose visible text has at most limit UTF-16 units
// each; a limit below 2, the width of the widest character, counts as 2. It cuts
// after line ends, where a piece has none after spaces, else between
// characters; never within a tag, an entity or a surrogate pair. Tags that are
// open at a cut are closed and opened again. The visible texts of the pieces
// make up that of h, except that a piece of white space alone, which Telegram
// would refuse, is left out.
func Split(h HTML, limit int) []HTML {
	limit = max(limit, 2)
	var tokens []token
	total := 0
	for rest := h; len(rest) > 0; {
		var t token
		t, rest = next(rest)
		tokens = append(tokens, t)
		if t.kind == visible {
			total += width(t.r)
		}
	}
	if total == 0 {
		return nil
	}
	var pieces []HTML
	var w writer
	for len(tokens) > 0 {
		n := cut(tokens, limit, 0)
		blank := true
		for _, t := range tokens[:n] {
			blank = blank && (t.kind != visible || unicode.IsSpace(t.r))
			w.put(t)
		}
		tokens = tokens[n:]
		if piece := w.take(); !blank {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// cut returns how many of the tokens make the next piece of at most limit units.
// A cut after a line end or a space is taken only where the piece then has at
// least least units.
func cut(tokens []token, limit, least int) int {
	length, line, space := 0, 0, 0
	for i, t := range tokens {
		if t.kind != visible {
			continue
		}
		length += width(t.r)
		if length > limit {
			switch {
			case line > 0:
				return line
			case space > 0:
				return space
			}
			return i
		}
		if length < least {
			continue
		}
		switch {
		case t.r == '\n':
			line = i + 1
		case unicode.IsSpace(t.r) && t.r != '\u00a0' && t.r != '\u202f':
			space = i + 1
		}
	}
	return len(tokens)
}

// Truncate returns h where its visible text has at most limit UTF-16 units, and
// else as much of it as fits with "…" at the end, cut as [Split] does but
// keeping at least half of limit. The result is "" for a limit below 1.
func Truncate(h HTML, limit int) HTML {
	if UTF16Len(Plain(h)) <= limit {
		return h
	}
	if limit < 1 {
		return ""
	}
	var tokens []token
	for rest := h; len(rest) > 0; {
		var t token
		t, rest = next(rest)
		tokens = append(tokens, t)
	}
	tokens = tokens[:cut(tokens, limit-1, limit/2)]
	last := len(tokens)
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].kind == visible && !unicode.IsSpace(tokens[i].r) {
			break
		}
		if tokens[i].kind == visible {
			last = i
		}
	}
	var w writer
	for _, t := range tokens[:last] {
		w.put(t)
	}
	w.put(token{kind: visible, raw: "…", r: '…'})
	return w.take()
}
