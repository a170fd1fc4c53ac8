package fakeapi

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// htmlTags maps the tags of the HTML parse mode to types of entity (Bot API,
// "HTML style"). tg-time is left out.
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}

// utf16Len counts UTF-16 code units, Telegram's measure of a text.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// utf16Offsets returns, for each UTF-16 offset up to and including the end, the
// byte offset of the rune that it falls into.
func utf16Offsets(s string) []int {
	offsets := make([]int, 0, len(s)+1)
	for i, r := range s {
		for range utf16.RuneLen(r) {
			offsets = append(offsets, i)
		}
	}
	return append(offsets, len(s))
}

// isSpace is tdlib's is_space for what can stand in a tag.
func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == '\v' }

// markupError is a fault of marked-up text in Telegram's words.
type markupError string

func (e markupError) Error() string { return string(e) }

func malformed(format string, args ...any) error { return markupError(fmt.Sprintf(format, args...)) }

// htmlParser reads marked-up text as tdlib's parse_html does (td/telegram/
// MessageEntity.cpp); its error texts are the same, byte offsets included.
type htmlParser struct {
	src      string
	pos      int
	out      []byte
	units    int // UTF-16 length of out
	open     []htmlTag
	entities []Entity
}

type htmlTag struct {
	name    string
	attrs   map[string]string
	at      int // byte offset of "<" in src
	outAt   int // byte offset in out
	unitsAt int // UTF-16 offset in out

	// of a <code class="language-x"> with which a <pre> begins
	codeLanguage string
	codeLength   int
}

// parseHTML returns the plain text and its entities, outer ones first. users
// resolves tg://user links and may be nil.
func parseHTML(src string, users func(rollcall.UserID) *User) (string, []Entity, error) {
	p := &htmlParser{src: strings.ReplaceAll(src, "\x00", " ")}
	for p.pos < len(p.src) {
		var err error
		switch rest := p.src[p.pos:]; {
		case strings.HasPrefix(rest, "</"):
			err = p.endTag(users)
		case rest[0] == '<':
			err = p.startTag()
		default:
			p.character()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, malformed("Can't find end tag corresponding to start tag \"%s\"", p.open[n-1].name)
	}
	if !utf8.Valid(p.out) {
		return "", nil, malformed("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units")
	}
	sortEntities(p.entities)
	return string(p.out), p.entities, nil
}

// character copies one character, or what a reference stands for.
func (p *htmlParser) character() {
	if b, size := reference(p.src[p.pos:]); size > 0 {
		p.out = append(p.out, b...)
		p.units += utf16Len(string(b))
		p.pos += size
		return
	}
	r, size := utf8.DecodeRuneInString(p.src[p.pos:])
	p.out = append(p.out, p.src[p.pos:p.pos+size]...)
	p.units += utf16.RuneLen(r)
	p.pos += size
}

// reference decodes the character reference at the start of s, or returns size
// 0. Only four names are known; the semicolon may be missing. A number that is
// a surrogate gives bytes that are not valid UTF-8.
func reference(s string) (b []byte, size int) {
	if len(s) < 2 || s[0] != '&' {
		return nil, 0
	}
	end, code := 0, uint64(0)
	if s[1] == '#' {
		digits, base, class := 2, 10, "0123456789"
		if len(s) > 2 && s[2] == 'x' {
			digits, base, class = 3, 16, "0123456789abcdefABCDEF"
		}
		end = digits + span(s[digits:], class)
		n, err := strconv.ParseUint(s[digits:end], base, 32)
		if err != nil || n == 0 || n >= 0x10ffff || end >= 10 {
			return nil, 0
		}
		code = n
	} else {
		end = 1 + span(s[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		switch s[1:end] {
		case "lt":
			code = '<'
		case "gt":
			code = '>'
		case "amp":
			code = '&'
		case "quot":
			code = '"'
		default:
			return nil, 0
		}
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	if code >= 0xd800 && code <= 0xdfff {
		return []byte{0xed, byte(0x80 | code>>6&0x3f), byte(0x80 | code&0x3f)}, end
	}
	return utf8.AppendRune(nil, rune(code)), end
}

// span returns how many bytes at the start of s are in class.
func span(s, class string) int {
	for i := range len(s) {
		if strings.IndexByte(class, s[i]) < 0 {
			return i
		}
	}
	return len(s)
}

// peek returns the next byte, 0 at the end.
func (p *htmlParser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *htmlParser) spaces() {
	for isSpace(p.peek()) {
		p.pos++
	}
}

// until returns the text up to the first byte that stop accepts, or the end.
func (p *htmlParser) until(stop func(byte) bool) string {
	from := p.pos
	for p.pos < len(p.src) && !stop(p.src[p.pos]) {
		p.pos++
	}
	return p.src[from:p.pos]
}

func tagNameEnd(b byte) bool { return isSpace(b) || b == '>' }

func (p *htmlParser) startTag() error {
	t := htmlTag{at: p.pos, outAt: len(p.out), unitsAt: p.units, attrs: map[string]string{}}
	p.pos++
	t.name = strings.ToLower(p.until(tagNameEnd))
	if p.pos == len(p.src) {
		return malformed("Unclosed start tag at byte offset %d", t.at)
	}
	if htmlTags[t.name] == "" {
		return malformed("Unsupported start tag \"%s\" at byte offset %d", t.name, t.at)
	}
	for {
		p.spaces()
		switch p.peek() {
		case 0:
			return malformed("Unclosed start tag \"%s\" at byte offset %d", t.name, t.at)
		case '>':
			p.pos++
			if t.name == "span" && t.attrs["class"] != "tg-spoiler" {
				return malformed("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", t.at)
			}
			p.open = append(p.open, t)
			return nil
		}
		if err := p.attribute(&t); err != nil {
			return err
		}
	}
}

// attribute reads name, or name = value. A bare name counts as an empty value.
func (p *htmlParser) attribute(t *htmlTag) error {
	name := p.until(func(b byte) bool { return isSpace(b) || strings.IndexByte(`=>/"'`, b) >= 0 })
	if name == "" {
		return malformed("Empty attribute name in the tag \"%s\" at byte offset %d", t.name, t.at)
	}
	p.spaces()
	if p.peek() != '=' {
		t.attrs[name] = ""
		return nil
	}
	p.pos++
	p.spaces()
	quote := p.peek()
	switch {
	case quote == 0:
		return malformed("Unclosed start tag \"%s\" at byte offset %d", t.name, t.at)
	case quote != '"' && quote != '\'':
		from := p.pos
		value := p.until(func(b byte) bool {
			return b >= utf8.RuneSelf || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", rune(b))
		})
		if p.pos == len(p.src) || !tagNameEnd(p.peek()) {
			return malformed("Unexpected end of name token at byte offset %d", from)
		}
		t.attrs[name] = strings.ToLower(value)
		return nil
	}
	p.pos++
	raw := p.until(func(b byte) bool { return b == quote })
	if p.pos == len(p.src) {
		return malformed("Unclosed start tag at byte offset %d", t.at)
	}
	p.pos++
	if p.pos == len(p.src) {
		return malformed("Unclosed start tag at byte offset %d", t.at)
	}
	var value []byte
	for raw != "" {
		b, size := reference(raw)
		if size == 0 {
			b, size = []byte{raw[0]}, 1
		}
		value, raw = append(value, b...), raw[size:]
	}
	t.attrs[name] = string(value)
	return nil
}

func (p *htmlParser) endTag(users func(rollcall.UserID) *User) error {
	at := p.pos
	if len(p.open) == 0 {
		return malformed("Unexpected end tag at byte offset %d", at)
	}
	p.pos += 2
	name := strings.ToLower(p.until(tagNameEnd))
	p.spaces()
	if p.peek() != '>' {
		return malformed("Unclosed end tag at byte offset %d", at)
	}
	p.pos++
	t := p.open[len(p.open)-1]
	if name != "" && name != t.name {
		return malformed("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", at, t.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units > t.unitsAt {
		return p.close(t, users)
	}
	return nil
}

// close adds the entity of a tag that holds text.
func (p *htmlParser) close(t htmlTag, users func(rollcall.UserID) *User) error {
	e := Entity{Type: htmlTags[t.name], Offset: t.unitsAt, Length: p.units - t.unitsAt}
	switch t.name {
	case "a":
		href := t.attrs["href"]
		if href == "" {
			href = string(p.out[t.outAt:])
		}
		if id, isUser := userLink(href); isUser {
			if users == nil || users(id) == nil {
				return nil // somebody the bot has not met: Telegram drops the mention
			}
			e.Type, e.User = "text_mention", users(id)
			break
		}
		link, problem := checkLink(href)
		if problem != "" {
			return nil // Telegram drops a link that is none, and keeps the text
		}
		e.URL = link
	case "blockquote":
		if _, ok := t.attrs["expandable"]; ok {
			e.Type = "expandable_blockquote"
		}
	case "tg-emoji":
		if n, err := strconv.ParseInt(t.attrs["emoji-id"], 10, 64); err != nil || n == 0 {
			return malformed("Invalid custom emoji identifier specified")
		}
		e.CustomEmojiID = t.attrs["emoji-id"]
	case "pre", "code":
		if p.joinCode(t, e) {
			return nil
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

// joinCode makes one entity of <pre><code class="language-x">, and of the two
// tags the other way round. It reports whether e needs no entity of its own.
func (p *htmlParser) joinCode(t htmlTag, e Entity) bool {
	var last *Entity
	if n := len(p.entities); n > 0 && p.entities[n-1].Offset == e.Offset && p.entities[n-1].Length == e.Length {
		last = &p.entities[n-1]
	}
	if t.name == "pre" {
		if last == nil || last.Type != "code" || t.codeLength != e.Length {
			return false
		}
		last.Type, last.Language = "pre", t.codeLanguage
		return true
	}
	language, ok := strings.CutPrefix(t.attrs["class"], "language-")
	if !ok {
		return false
	}
	if last != nil && last.Type == "pre" {
		last.Language = language
		return true
	}
	if n := len(p.open); n > 0 && p.open[n-1].name == "pre" && p.open[n-1].unitsAt == t.unitsAt {
		p.open[n-1].codeLanguage, p.open[n-1].codeLength = language, e.Length
	}
	return false
}

// enclosure orders entities with equal bounds from the outside in.
var enclosure = map[string]int{
	"blockquote": 0, "expandable_blockquote": 0, "pre": 1, "code": 2, "text_link": 3, "text_mention": 3,
	"bold": 5, "italic": 6, "underline": 7, "strikethrough": 8, "spoiler": 9, "custom_emoji": 10,
}

func sortEntities(list []Entity) {
	slices.SortStableFunc(list, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length), cmp.Compare(enclosure[a.Type], enclosure[b.Type]))
	})
}

func userLink(link string) (rollcall.UserID, bool) {
	u, err := url.Parse(link)
	if err != nil || !strings.EqualFold(u.Scheme, "tg") || u.Host != "user" {
		return 0, false
	}
	id, err := strconv.ParseInt(u.Query().Get("id"), 10, 64)
	return rollcall.UserID(id), err == nil && id > 0
}

// checkLink normalises a link as Telegram does; problem is its complaint.
func checkLink(link string) (checked, problem string) {
	link = strings.TrimSpace(link)
	if !utf8.ValidString(link) {
		return "", "Wrong HTTP URL"
	}
	if rest, ok := cutPrefixFold(link, "tg://"); ok {
		if rest == "" || strings.ContainsAny(rest, " \n<>") {
			return "", "Wrong tg URL"
		}
		return "tg://" + rest, ""
	}
	if !strings.Contains(link, "://") {
		link = "http://" + link
	}
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return "", "Wrong HTTP URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "", "Unsupported URL protocol"
	case u.Hostname() == "":
		return "", "URL host is empty"
	case !strings.Contains(u.Hostname(), ".") && !strings.Contains(u.Hostname(), ":") || strings.ContainsAny(u.Host, " \n<>\"'"):
		return "", "Wrong HTTP URL"
	}
	u.Host = strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), ""
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// renderHTML is the reverse of parseHTML for entities that nest.
func renderHTML(text string, entities []Entity) string {
	at := utf16Offsets(text)
	entities = slices.Clone(entities)
	sortEntities(entities)
	type mark struct {
		end  int
		text string
	}
	var b strings.Builder
	var open []mark
	from := 0
	flush := func(to int) {
		for n := len(open); n > 0 && open[n-1].end <= to; n = len(open) {
			b.WriteString(html.EscapeString(text[at[from]:at[open[n-1].end]]))
			b.WriteString(open[n-1].text)
			from, open = open[n-1].end, open[:n-1]
		}
		b.WriteString(html.EscapeString(text[at[from]:at[to]]))
		from = to
	}
	for _, e := range entities {
		start, end := tagsOf(e, text, at)
		if start == "" || e.Offset < from || e.Offset+e.Length >= len(at) {
			continue
		}
		flush(e.Offset)
		if n := len(open); n > 0 && open[n-1].end < e.Offset+e.Length {
			continue // crosses the border of another one
		}
		b.WriteString(start)
		open = append(open, mark{e.Offset + e.Length, end})
	}
	flush(len(at) - 1)
	return b.String()
}

func tagsOf(e Entity, text string, at []int) (start, end string) {
	link := func(href string) (string, string) {
		return `<a href="` + html.EscapeString(href) + `">`, "</a>"
	}
	switch e.Type {
	case "bold":
		return "<b>", "</b>"
	case "italic":
		return "<i>", "</i>"
	case "underline":
		return "<u>", "</u>"
	case "strikethrough":
		return "<s>", "</s>"
	case "spoiler":
		return "<tg-spoiler>", "</tg-spoiler>"
	case "code":
		return "<code>", "</code>"
	case "pre":
		if e.Language != "" {
			return `<pre><code class="language-` + html.EscapeString(e.Language) + `">`, "</code></pre>"
		}
		return "<pre>", "</pre>"
	case "blockquote":
		return "<blockquote>", "</blockquote>"
	case "expandable_blockquote":
		return "<blockquote expandable>", "</blockquote>"
	case "text_link":
		return link(e.URL)
	case "text_mention":
		return link("tg://user?id=" + strconv.FormatInt(int64(e.User.ID), 10))
	case "url":
		if e.Offset+e.Length < len(at) {
			return link(text[at[e.Offset]:at[e.Offset+e.Length]])
		}
	}
	return "", ""
}
