package fakeapi

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// Lengths of the Bot API, in UTF-16 code units after entity parsing.
const (
	maxTextUTF16    = 4096
	maxCaptionUTF16 = 1024
	maxEntities     = 100
)

// body reads a text parameter with its parse mode or list of entities.
func (s *Server) body(r *request, param, listParam string) (string, []Entity, *apiError) {
	src := r.text(param)
	if !utf8.ValidString(src) {
		return "", nil, badRequest("strings must be encoded in UTF-8")
	}
	var text string
	var entities []Entity
	switch mode := r.text("parse_mode"); strings.ToLower(mode) {
	case "":
		text = src
		if _, err := r.decode(listParam, &entities); err != nil {
			return "", nil, badRequest("can't parse %s JSON object", listParam)
		}
		entities = s.inside(r, text, entities)
	case "html":
		var err error
		if text, entities, err = parseHTML(src, s.user); err != nil {
			return "", nil, badRequest("can't parse entities: %s", err)
		}
	default:
		s.problem(r.method.name + ": parse_mode is not played here")
		return "", nil, badRequest("unsupported parse_mode")
	}
	text, entities = tidy(text, entities)
	entities = findEntities(text, entities)
	if len(entities) > maxEntities {
		s.problem(r.method.name + ": more than 100 entities, of which Telegram drops the rest")
		entities = entities[:maxEntities]
	}
	for _, e := range entities {
		switch e.Type {
		case "text_link":
			s.checkDeepLink(r, e.URL)
		case "url":
			at := utf16Offsets(text)
			s.checkDeepLink(r, text[at[e.Offset]:at[e.Offset+e.Length]])
		}
	}
	return text, entities, nil
}

func (s *Server) user(id rollcall.UserID) *User {
	if u := s.users[id]; u != nil {
		return &u.User
	}
	return nil
}

// inside drops entities that lie outside of the text.
func (s *Server) inside(r *request, text string, list []Entity) []Entity {
	var kept []Entity
	total := utf16Len(text)
	for _, e := range list {
		if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > total {
			s.problem(r.method.name + ": an entity lies outside of the text")
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// messageText is the text of sendMessage and editMessageText.
func (s *Server) messageText(r *request) (string, []Entity, *apiError) {
	if r.text("text") == "" {
		return "", nil, badRequest("message text is empty")
	}
	text, entities, e := s.body(r, "text", "entities")
	switch {
	case e != nil:
		return "", nil, e
	case text == "":
		return "", nil, badRequest("text must be non-empty")
	case utf16Len(text) > maxTextUTF16:
		return "", nil, badRequest("message is too long")
	}
	return text, entities, nil
}

func (s *Server) caption(r *request) (string, []Entity, *apiError) {
	text, entities, e := s.body(r, "caption", "caption_entities")
	if e == nil && utf16Len(text) > maxCaptionUTF16 {
		e = badRequest("message caption is too long")
	}
	return text, entities, e
}

// invisible are characters of which alone no message can be made.
const invisible = " \n\t\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u2800\u3000\ufeff\ufffc"

// tidy cleans a text as the server does: control characters become spaces,
// line separators and directional overrides go, white space is cut off at both
// ends. Entities move along; those left without text go.
func tidy(text string, entities []Entity) (string, []Entity) {
	var b strings.Builder
	moved := make([]int, 0, len(text)+1) // new UTF-16 offset for each old one
	n := 0
	for _, r := range text {
		for range utf16.RuneLen(r) {
			moved = append(moved, n)
		}
		switch {
		case r == '\r', r >= 0x2028 && r <= 0x202e:
			continue
		case r < ' ' && r != '\n':
			r = ' '
		}
		b.WriteRune(r)
		n += utf16.RuneLen(r)
	}
	moved = append(moved, n)
	clean := b.String()
	if strings.Trim(clean, invisible) == "" {
		return "", nil
	}
	left := strings.TrimLeft(clean, " \n")
	cut := len(clean) - len(left) // spaces and line feeds: a byte is a unit
	clean = strings.TrimRight(left, " \n")
	end := utf16Len(clean)
	var kept []Entity
	for _, e := range entities {
		from := min(max(moved[e.Offset]-cut, 0), end)
		to := min(max(moved[e.Offset+e.Length]-cut, 0), end)
		if from < to {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	sortEntities(kept)
	return clean, kept
}

// findEntities adds the commands, @names and http(s) addresses that Telegram
// finds by itself, outside of code and links.
func findEntities(text string, given []Entity) []Entity {
	taken := func(offset, length int) bool {
		for _, e := range given {
			switch e.Type {
			case "code", "pre", "text_link", "text_mention", "custom_emoji":
				if offset < e.Offset+e.Length && e.Offset < offset+length {
					return true
				}
			}
		}
		return false
	}
	all := given
	units, before := 0, rune(0)
	for i := 0; i < len(text); {
		kind, size := findAt(text[i:], before)
		length := utf16Len(text[i : i+size])
		if size > 0 && !taken(units, length) {
			all = append(all, Entity{Type: kind, Offset: units, Length: length})
		}
		if size == 0 {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			length = utf16.RuneLen(r)
		}
		before, _ = utf8.DecodeLastRuneInString(text[i : i+size])
		i += size
		units += length
	}
	sortEntities(all)
	return all
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

const nameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// findAt tells which entity begins at the start of s, after the character
// before (0 for none); size is in bytes, 0 for none.
func findAt(s string, before rune) (kind string, size int) {
	switch {
	case isWord(before):
		return "", 0
	case s[0] == '/' && before != '/' && before != '<' && before != '>':
		n := span(s[1:], nameChars)
		if n < 1 || n > 64 {
			return "", 0
		}
		size = 1 + n
		if size < len(s) && s[size] == '@' {
			if m := span(s[size+1:], nameChars); m >= 3 && m <= 32 {
				size += 1 + m
			}
		}
		after, _ := utf8.DecodeRuneInString(s[size:])
		if size < len(s) && (isWord(after) || after == '/' || after == '<' || after == '>') {
			return "", 0
		}
		return "bot_command", size
	case s[0] == '@':
		n := span(s[1:], nameChars)
		after, _ := utf8.DecodeRuneInString(s[1+n:])
		if n < 3 || n > 32 || 1+n < len(s) && isWord(after) {
			return "", 0
		}
		return "mention", 1 + n
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"):
		size = strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"«»", r) })
		if size < 0 {
			size = len(s)
		}
		size = len(strings.TrimRight(s[:size], ".,;:!?)'"))
		if _, problem := checkLink(s[:size]); problem != "" {
			return "", 0
		}
		return "url", size
	}
	return "", 0
}

// checkDeepLink notes a link to the bot whose parameter Telegram does not pass
// on: 1 to 64 of A-Z a-z 0-9 _ - are allowed (Bot features, "Deep linking").
func (s *Server) checkDeepLink(r *request, link string) {
	_, rest, found := strings.Cut(strings.ToLower(link), "t.me/"+strings.ToLower(s.me.Username)+"?")
	if !found {
		return
	}
	for _, pair := range strings.Split(rest, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key != "start" && key != "startgroup" {
			continue
		}
		if len(value) > 64 || span(value, nameChars+"-") != len(value) || value == "" && key == "start" {
			s.problem(r.method.name + ": the parameter of a deep link must be 1 to 64 of A-Z a-z 0-9 _ -")
		}
	}
}
