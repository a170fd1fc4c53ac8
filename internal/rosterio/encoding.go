package rosterio

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// sniffSize is how much of a file's start is looked at to tell what it is.
const sniffSize = 4 << 10

// notText says what a file's start shows it to be, if not text in UTF-8.
func notText(head []byte) (problem string, kind error) {
	const resave = "; save the file as UTF-8"
	for _, m := range []struct {
		magic, problem string
		kind           error
	}{
		{"\xff\xfe\x00\x00", "is in UTF-32 LE" + resave, ErrEncoding},
		{"\x00\x00\xfe\xff", "is in UTF-32 BE" + resave, ErrEncoding},
		{"\xff\xfe", "is in UTF-16 LE" + resave, ErrEncoding},
		{"\xfe\xff", "is in UTF-16 BE" + resave, ErrEncoding},
		{"PK\x03\x04", "is a zip file, perhaps an XLSX workbook; name it .xlsx or say --format xlsx", ErrFormat},
		{oleMagic, "is an old binary workbook; save it as .xlsx or .csv", ErrFormat},
		{"\x1f\x8b", "is packed by gzip; unpack it first", ErrFormat},
		{"%PDF-", "is a PDF document and not a roster", ErrFormat},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.problem, m.kind
		}
	}
	// Without a byte order mark UTF-16 shows by the NULs of the ASCII letters
	// that every header and every JSON object begins with.
	if len(head) > 64 {
		head = head[:64]
	}
	var nul [2]int
	for i, b := range head[:len(head)&^1] {
		if b == 0 {
			nul[i&1]++
		}
	}
	switch pairs := len(head) / 2; {
	case pairs < 2:
	case nul[1]*3 >= pairs && nul[0] == 0:
		return "looks like UTF-16 LE" + resave, ErrEncoding
	case nul[0]*3 >= pairs && nul[1] == 0:
		return "looks like UTF-16 BE" + resave, ErrEncoding
	}
	return "", nil
}

// firstInvalid returns the offset of the first byte that is not UTF-8, or -1.
func firstInvalid(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// encodingProblem says what a text that is not UTF-8 looks like.
func encodingProblem(sample []byte) string {
	if name := guessEncoding(sample); name != "" {
		return "is not UTF-8, and looks like " + name + "; save the file as UTF-8"
	}
	return "is not UTF-8 (a damaged character, or an encoding that could not be told); save the file as UTF-8"
}

// guessEncoding names the one-byte encoding that the sample looks like, or
// returns "" when none stands out or the sample is UTF-8 with single faults.
//
// Each candidate gives every byte over 0x7f a meaning. Letters that are common
// in Russian and Ukrainian speak for it, signs among letters and a capital
// after a small letter against it.
func guessEncoding(sample []byte) string {
	wide, bad := 0, 0
	for i := 0; i < len(sample); {
		r, n := utf8.DecodeRune(sample[i:])
		if n > 1 {
			wide++
		} else if r == utf8.RuneError && i+utf8.UTFMax < len(sample) { // a cut at the end is no fault
			bad++
		}
		i += n
	}
	if wide > bad {
		return ""
	}
	best, second, name := 0, 0, ""
	for _, c := range []struct {
		name string
		cm   *charmap.Charmap
	}{
		{"Windows-1251", charmap.Windows1251},
		{"KOI8-U", charmap.KOI8U},
		{"KOI8-R", charmap.KOI8R},
		{"ISO-8859-5", charmap.ISO8859_5},
		{"IBM866 (DOS)", charmap.CodePage866},
		{"Windows-1252 or ISO-8859-1", charmap.Windows1252},
	} {
		switch s := letterScore(c.cm, sample); {
		case s > best:
			best, second, name = s, best, c.name
		case s > second && c.cm != charmap.KOI8R: // alike but for a few letters
			second = s
		}
	}
	if best < minScore || best*4 < second*5 && name != "KOI8-R" {
		return ""
	}
	return name
}

// minScore is what two common letters give: less is no ground for a guess.
const minScore = 6

func letterScore(cm *charmap.Charmap, sample []byte) int {
	score := 0
	prev := ' '
	for _, b := range sample {
		r := cm.DecodeByte(b)
		if b >= 0x80 {
			switch cyrillic := unicode.Is(unicode.Cyrillic, r); {
			case !unicode.IsLetter(r):
				if unicode.IsLetter(prev) && r != '’' && r != '»' && r != 0xa0 {
					score -= 3
				}
			case cyrillic && unicode.Is(unicode.Latin, prev):
				score -= 2
			case unicode.IsUpper(r) && unicode.IsLower(prev):
				score -= 4
			case cyrillic:
				switch unicode.ToLower(r) {
				case 'о', 'а', 'и', 'е', 'н', 'і', 'т', 'в', 'р', 'с', 'л', 'к':
					score += 3
				case 'ъ', 'щ', 'э', 'ф', 'ђ', 'ѓ', 'љ', 'њ', 'ќ', 'џ', 'ј', 'ѕ':
					score -= 2
				default:
					score++
				}
			case prev >= 0x80 && unicode.IsLetter(prev): // Latin letters with marks come singly
				score -= 2
			case unicode.IsLetter(prev):
				score += 2
			}
		}
		prev = r
	}
	return score
}
