// Package names turns spellings of personal names into comparable tokens. A
// family types a name in whichever alphabet is at hand, as a passport, a Polish
// form or a news site spelled it; the roster spells it in its own way. Both are
// folded here into one Latin skeleton, so that equal people have equal keys.
//
// The skeleton is lossy by intent: г, ґ, х, g, h and kh are one letter in it,
// as are и, і, ї, й, ы, or ш and щ, because the published romanisations mix
// them. How each of those meets the skeleton stands in romanisations.go. Where
// one Latin spelling can mean several letters (ch, c, j, x, ou), [Variants] gives
// the few readings. Letters of other scripts (Greek, Armenian, Georgian, Hebrew,
// Arabic) are romanised by a general table, which has no vowels where the script
// writes none.
//
// Beside the skeletons stands what they cannot tell: [Given] knows which given
// names are forms of one (Олена, Елена, Helen, Лена), [Patronymic] which name a
// patronymic is made of, [Stem] which surnames differ in their ending only, and
// [Retyped] how a text reads in another keyboard layout. All of them take
// skeletons, so that one table serves every spelling.
//
// Everything is a pure function, safe for concurrent use. The tables of given
// names are made at first use, which takes some ten milliseconds.
package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks in a row Clean leaves on a letter. No
// name in use needs more, and a flood of them breaks the line it is shown in.
const maxMarks = 4

// Clean makes a name fit to be stored and shown: valid UTF-8 in Normalization
// Form C (UAX #15), format characters (category Cf, such as zero-width joiners
// and direction marks) removed, every run of control characters and white space
// made one space, at most four combining marks in a row, no space at either
// end. It is idempotent. The length is left for the caller to limit.
func Clean(s string) string {
	if clean(s) {
		return s
	}
	s = scrub(s)
	// Composition can change the number of marks, so that a second round may
	// have something to cut. It settles at once save for contrived input.
	for range 4 {
		t := scrub(norm.NFC.String(s))
		if t == s {
			break
		}
		s = t
	}
	return s
}

// clean reports whether s is plainly clean already: single spaces, and runes
// that neither compose nor need a look at their category.
func clean(s string) bool {
	space := true // a space here would be at the start, or the second of a run
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case r < 0x21, 0x7f <= r && r <= 0xa0, r == 0xad, 0x300 <= r && r < 0x400, 0x483 <= r && r <= 0x489, r >= 0x530 && r != '’':
			return false
		}
		space = false
	}
	return !space || s == ""
}

func scrub(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space, marks := false, 0
	for i, r := range s {
		switch {
		case r == utf8.RuneError && invalidAt(s, i), unicode.IsSpace(r), unicode.IsControl(r):
			space = true
			marks = 0
			continue
		case unicode.Is(unicode.Cf, r):
			continue
		case unicode.IsMark(r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// invalidAt tells a broken byte from a replacement character that was typed.
func invalidAt(s string, i int) bool {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n == 1
}

// Parts splits a name into its parts, in order. Spaces, commas and all other
// punctuation part them, and what holds no letter is dropped.
//
//   - An apostrophe of any kind within a part stays in it, as does the middle
//     dot of BGN/PCGN ("Z·hurskyy").
//   - Initials are parts of their own and keep their dot: "І.П." gives "І." and
//     "П.", and "Yu." is kept apart from a name "Yu" by it. See [IsInitial].
//   - A hyphenated part stays whole, with "-" for any kind of hyphen or dash;
//     [Halves] takes it apart.
func Parts(name string) []string {
	var parts []string
	var buf [64]byte
	cur := buf[:0]
	letters := 0
	flush := func(dot bool) {
		for len(cur) > 0 { // apostrophes and hyphens count only within a part
			r, n := utf8.DecodeLastRune(cur)
			if r != '-' && !isApostrophe(r) {
				break
			}
			cur = cur[:len(cur)-n]
		}
		if letters > 0 {
			p := string(cur)
			if dot && letters <= 4 && IsInitial(p+".") {
				p += "."
			}
			if parts == nil {
				parts = make([]string, 0, 4)
			}
			parts = append(parts, p)
		}
		cur, letters = cur[:0], 0
	}
	for _, r := range name {
		switch {
		case isApostrophe(r): // before the letters: some are of category Lm
			if len(cur) > 0 {
				cur = utf8.AppendRune(cur, r)
			}
		case isLetter(r):
			letters++
			cur = utf8.AppendRune(cur, r)
		case unicode.IsDigit(r):
			cur = utf8.AppendRune(cur, r)
		case unicode.IsMark(r):
			if len(cur) > 0 {
				cur = utf8.AppendRune(cur, r)
			}
		case isHyphen(r):
			if len(cur) > 0 && cur[len(cur)-1] != '-' {
				cur = append(cur, '-')
			}
		case unicode.Is(unicode.Cf, r):
			// Invisible, and hence within the part.
		default:
			flush(r == '.')
		}
	}
	flush(false)
	return parts
}

// Halves returns what stands between the hyphens of a part as [Parts] gives it,
// or nil where there is no hyphen.
func Halves(part string) []string {
	if strings.IndexByte(part, '-') < 0 {
		return nil
	}
	var halves []string
	for h := range strings.SplitSeq(part, "-") {
		if strings.ContainsFunc(h, isLetter) {
			halves = append(halves, h)
		}
	}
	return halves
}

// IsInitial reports whether a part is an initial: a single letter of an
// alphabet, with or without a dot, or a romanised one of several letters with
// its dot ("Zh.", "Yu.", "Shch.").
func IsInitial(part string) bool {
	body, dot := strings.CutSuffix(part, ".")
	n, latin := 0, true
	for _, r := range body {
		if unicode.IsMark(r) {
			continue
		}
		if !unicode.In(r, unicode.Cyrillic, unicode.Latin, unicode.Greek, unicode.Armenian, unicode.Georgian) {
			return false
		}
		latin = latin && isLatin(r)
		n++
	}
	if n <= 1 {
		return n == 1
	}
	if !dot || !latin || n > 4 {
		return false
	}
	var buf symbolBuf
	s := symbols(buf[:0], body)
	return len(s) == 1 || len(s) == 2 && s[0] == 'i' && (s[1] == 'u' || s[1] == 'a')
}

// InitialOf reports whether the initial can stand for the part: "Є." and "Ye."
// for Євген, and the Latin "S." for Шевченко too. An initial can stand for
// another that its letter allows.
func InitialOf(initial, part string) bool {
	var abuf, bbuf symbolBuf
	a, b := symbols(abuf[:0], initial), symbols(bbuf[:0], part)
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	if len(a) > len(b) {
		return len(b) == 1 && IsInitial(part) && a[0] == b[0]
	}
	first, _ := utf8.DecodeRuneInString(initial)
	if !isLatin(first) {
		if len(a) == 1 && a[0] == 'i' && len(b) > 1 {
			// И and І are not the initials of Юрій and Яна.
			return b[0] == 'i' && b[1] != 'u' && b[1] != 'a'
		}
		return string(a) == string(b[:len(a)])
	}
	if string(a) == string(b[:len(a)]) {
		return true
	}
	if len(a) > 1 {
		return false
	}
	for _, r := range shortened(b[0]) {
		if r == a[0] {
			return true
		}
	}
	return false
}

// shortened returns the symbols to which a Latin initial may shorten the
// symbol: S for Sh, K for Kh, T for Ts, I for Ie, and C for what Latin
// languages spell so.
func shortened(symbol rune) string {
	switch symbol {
	case 'S':
		return "s"
	case 'Z':
		return "zi"
	case 'C', 'k':
		return "c"
	case 'g':
		return "k"
	case 'c':
		return "t"
	case 'f':
		return "p"
	case 'e':
		return "i"
	}
	return ""
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '‛', 'ʼ', 'ʻ', 'ʽ', 'ʹ', 'ʺ', 'ˈ', '`', '´', '′', '″', '"', '“', '”', '*', '＇', 'ꞌ', 'Ꞌ', '·':
		return true
	}
	return false
}

func isHyphen(r rune) bool {
	return r == '-' || '\u2010' <= r && r <= '\u2015' || r == '\u2212' || r == '\ufe63' || r == '\uff0d'
}

func isLetter(r rune) bool {
	if r < 0x80 {
		return 'a' <= r|0x20 && r|0x20 <= 'z'
	}
	return isCyrillic(r) || unicode.IsLetter(r)
}

func isCyrillic(r rune) bool {
	return 0x400 <= r && r < 0x530 && r != 0x482 && (r < 0x483 || r > 0x489)
}

func isLatin(r rune) bool {
	return 'a' <= r|0x20 && r|0x20 <= 'z' || 0xc0 <= r && r < 0x250 && r != 0xd7 && r != 0xf7 || 0x1e00 <= r && r < 0x1f00
}
