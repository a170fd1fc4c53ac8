package rosterio

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks may follow each other. Real spellings
// need no more than four; what is over ten is meant to disturb.
const maxMarks = 10

const (
	problemControl = "holds a control character"
	problemDamaged = "holds a damaged character (U+FFFD), as a wrong conversion leaves behind"
	problemMarks   = "holds a heap of combining marks"
)

// Clean returns s as the roster keeps texts: in Normalization Form C (UAX #15),
// without white space at the ends, with one space for each run of white space
// inside (line breaks included), and without characters that cannot be seen:
// those of category Cf (zero width, joiners, bidi marks and overrides, soft
// hyphen, byte order mark, tags), except the few Arabic number signs of that
// category that print (Prepended_Concatenation_Mark), and the fillers and
// variation selectors that UAX #44 counts as Default_Ignorable_Code_Point.
//
// It returns false, and an undefined text, for a text with a control character,
// with U+FFFD or invalid UTF-8, or with more than ten combining marks on end.
// Clean of a clean text is the same text.
func Clean(s string) (string, bool) {
	s, problem := clean(s)
	return s, problem == ""
}

// clean is [Clean] that says what is wrong.
func clean(s string) (_, problem string) {
	if isClean(s) {
		return s, ""
	}
	var b strings.Builder
	b.Grow(len(s))
	space, marks := false, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case invisible(r):
			continue
		case unicode.IsControl(r):
			return "", problemControl
		case r == utf8.RuneError:
			return "", problemDamaged
		}
		if unicode.Is(unicode.M, r) && !space {
			if marks++; marks > maxMarks {
				return "", problemMarks
			}
		} else {
			marks = 0
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String()), ""
}

// isClean reports, for the characters that names are made of, that there is
// nothing to do. It may return false for a clean text.
func isClean(s string) bool {
	prev := ' '
	for _, r := range s {
		switch {
		case r == ' ':
			if prev == ' ' {
				return false
			}
		case r > ' ' && r < 0x7f:
		case r >= 0xc0 && r <= 0x17f: // Latin letters, none of which NFC changes
		case r >= 0x400 && r <= 0x482, r >= 0x48a && r <= 0x52f: // Cyrillic letters
		case r == 0x2bc, r >= 0x2010 && r <= 0x2027: // apostrophes, hyphens, dashes, quotes
		default:
			return false
		}
		prev = r
	}
	return prev != ' ' || s == ""
}

func invisible(r rune) bool {
	if r < 0xad {
		return false
	}
	if unicode.Is(unicode.Cf, r) {
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
