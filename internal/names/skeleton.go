package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// Inside the package a folded part is a row of symbols: the skeleton's letters
// a b c d e f g i k l m n o p r s t u v z, where c is ц and g is г as well as
// х; Z, S and C for ж, ш or щ, and ч, written zh, sh and ch in the skeleton;
// digits; and the few letters of other scripts that no table knows, as they are.
//
// A part becomes symbols in three steps, of which the last makes the skeleton
// idempotent. Letters: lower case, look-alikes resolved, all else dropped.
// Letters of other scripts are romanised here. Reading: each letter, or Latin
// pair with h, becomes symbols by a table that maps the skeleton's own letters and pairs to themselves; h stands in the
// skeleton in those three pairs only. Joining: a pair such as t+s or i+e is one
// symbol, again and again until no pair can be joined.
type symbolBuf = [48]rune

// Skeleton folds one name part of either script into its Latin skeleton: no
// case, apostrophes, soft and hard signs, hyphens, dots, diacritics or doubled
// letters; look-alike letters of the other script within a word read as the
// word's own; iotated vowels and the romanised consonants brought to one
// spelling each; letters of other scripts romanised. It is empty where the part holds neither letter nor digit, and
// idempotent: the skeleton of a skeleton is the same.
func Skeleton(part string) string {
	var buf symbolBuf
	return spell(symbols(buf[:0], part))
}

// Variants returns the distinct skeletons that a part can have, the one of
// [Skeleton] first. There are more than one, at most five, only where Latin
// letters have several readings: ch is ч to an English reader, х to a Polish or
// German one and ш to a French one; c is ц or к, j is й, ж or a soft sign, x is кс
// or х, cz is ч or ц, ou and oo are у, ee is і, gu is г, a German z is ц. In a word
// with the figures 4 and 6 they are read as ч and ш.
func Variants(part string) []string {
	var lbuf, sbuf symbolBuf
	l := letters(lbuf[:0], part)
	first := spell(read(sbuf[:0], l, english))
	if !ambiguous(l) {
		return []string{first}
	}
	v := []string{first}
	for _, h := range readings[1:] {
		v = appendNew(v, spell(read(sbuf[:0], l, h)))
	}
	return v
}

// Rough is a coarser key than the skeleton, for near misses: its consonants,
// with those joined that are confused by ear (b and p, v and f, d and t, g and
// k, and all sibilants), after an "a" where it begins with a vowel. A part
// with fewer than two consonants keeps its vowels, since too many would share
// the rest.
func Rough(part string) string {
	var buf, rbuf symbolBuf
	return string(rough(rbuf[:0], symbols(buf[:0], part)))
}

// A habit is a way to read Latin letters.
type habit uint8

const (
	english     habit = iota // ch is ч; the habit of Skeleton
	continental              // ch and x are х, as in Polish, German and scholarly use
	french                   // ch is ш, tch ч, j ж, ou у, gu г before e and i, a last ine ін
	hardC                    // c is к unless before e, i, y
	unmarked                 // what systems and writers without marks do; see [readUnmarked]
)

// readings are the habits that [Variants] reads with.
var readings = [...]habit{english, continental, french, hardC, unmarked}

func symbols(dst []rune, part string) []rune {
	var buf symbolBuf
	return read(dst, letters(buf[:0], part), english)
}

// letters appends the lower-case letters and digits of the part.
func letters(dst []rune, part string) []rune {
	var cyrillic, latin, other bool
	for _, r := range part {
		switch {
		case isCyrillic(r):
			// A letter that stays as it is makes no word Cyrillic, or the
			// skeleton would be read in another way than the part.
			cyrillic = cyrillic || table[lower(r)] != (code{})
		case isLatin(r):
			latin = true
		case r >= 0x300 && !isApostrophe(r):
			other = true
		}
	}
	if other && !norm.NFC.IsNormalString(part) {
		return letters(dst, norm.NFC.String(part))
	}
	var like map[rune]rune
	if cyrillic && latin {
		like = lookAlikes(part)
	}
	dot := false
	for _, r := range part {
		if dot = dot && r|0x20 == 'h'; dot {
			r = 'ħ' // the middle dot of BGN/PCGN keeps a pair apart: z·h is зг
		}
		if dot = r == '·'; dot {
			continue
		}
		if r < 0x80 {
			if l := like[r]; l != 0 {
				dst = append(dst, l)
			} else if 'A' <= r && r <= 'Z' {
				dst = append(dst, r+0x20)
			} else if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				dst = append(dst, r)
			}
			continue
		}
		if isApostrophe(r) {
			continue
		}
		if l := like[r]; l != 0 {
			r = l
		}
		dst = appendLetter(dst, r, 0)
	}
	return dst
}

// appendLetter appends r in lower case where the table knows it, else what is
// left of its compatibility decomposition without marks, and else what the table
// of another script has for it.
func appendLetter(dst []rune, r rune, depth int) []rune {
	r = lower(r)
	if int(r) < len(table) && table[r] != (code{}) {
		return append(dst, r)
	}
	if depth < 4 {
		if d := norm.NFKD.PropertiesString(string(r)).Decomposition(); len(d) > 0 {
			for len(d) > 0 {
				p, n := utf8.DecodeRune(d)
				dst = appendLetter(dst, p, depth+1)
				d = d[n:]
			}
			return dst
		}
	}
	if isApostrophe(r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return dst
	}
	latin := unidecode.Unidecode(string(r))
	if latin == "" {
		return append(dst, r)
	}
	for i := range len(latin) {
		if c := latin[i] | 0x20; 'a' <= c && c <= 'z' {
			dst = append(dst, rune(c))
		}
	}
	return dst
}

// lower is unicode.ToLower, with a short way for the letters of most names.
func lower(r rune) rune {
	switch {
	case 'а' <= r && r <= 'џ':
		return r
	case 'А' <= r && r <= 'Я':
		return r + 0x20
	}
	return unicode.ToLower(r)
}

// Letters of one script that look like letters of the other. Case matters: В
// looks like B, and в like nothing.
var toCyrillic, toLatin = func() (c, l map[rune]rune) {
	const latin = "AaBCcEeHIiKkMmOoPpTXxYyÏïËë"
	const cyrillic = "АаВСсЕеНІіКкМмОоРрТХхУуЇїЁё"
	c, l = map[rune]rune{}, map[rune]rune{}
	lower := []rune(strings.ToLower(cyrillic))
	lowerLatin := []rune(strings.ToLower(latin))
	cs := []rune(cyrillic)
	for i, r := range []rune(latin) {
		c[r] = lower[i]
		l[cs[i]] = lowerLatin[i]
	}
	return c, l
}()

// lookAlikes decides which script a mixed word is written in, and returns what
// the other one's look-alikes stand for. The letters that have no look-alike
// decide by their number, then all letters do, then Cyrillic is chosen.
func lookAlikes(part string) map[rune]rune {
	own, all := 0, 0 // above zero: Cyrillic
	for _, r := range part {
		switch {
		case isCyrillic(r):
			all++
			if toLatin[r] == 0 {
				own++
			}
		case isLatin(r):
			all--
			if toCyrillic[r] == 0 {
				own--
			}
		}
	}
	if own > 0 || own == 0 && all >= 0 {
		return toCyrillic
	}
	return toLatin
}

// ambiguous reports whether the habits can differ on the letters.
func ambiguous(l []rune) bool {
	at := func(i int) rune {
		if i < len(l) {
			return l[i]
		}
		return 0
	}
	for i, r := range l {
		switch r {
		case 'c', 'j', 'x', 'ć', 'ą', 'ę':
			return true
		case 'o':
			if n := at(i + 1); n == 'u' || n == 'o' {
				return true
			}
		case 'e':
			if n := at(i + 1); n == 'e' || n == 'h' {
				return true
			}
		case 'g':
			if n := at(i + 2); at(i+1) == 'u' && (n == 'e' || n == 'i' || n == 'é') {
				return true
			}
		case 'i':
			if at(i+1) == 'n' && at(i+2) == 'e' && i+3 == len(l) || at(i+1) == 'e' && at(i+2) == 'i' {
				return true
			}
		case '4', '6':
			if len(l) > 1 {
				return true
			}
		}
	}
	return false
}

// read appends the symbols of the letters, joined.
func read(dst, l []rune, h habit) []rune {
	at := func(i int) rune {
		if i < len(l) {
			return l[i]
		}
		return 0
	}
	german := h == continental && isGerman(l)
	for i := 0; i < len(l); i++ {
		r, next := l[i], at(i+1)
		switch h {
		case continental:
			if r == 't' && next == 's' && at(i+2) == 'c' && at(i+3) == 'h' {
				dst = push(dst, 'C')
				i += 3
				continue
			}
			if r == 's' && next == 'c' && at(i+2) == 'h' {
				dst = push(dst, 'S')
				i += 2
				continue
			}
			if r == 'z' && german {
				dst = push(dst, 'c')
				continue
			}
			switch r {
			case 'x':
				dst = push(dst, 'g')
				continue
			case 'ć': // ць; the table has the South Slavic ч
				dst = push(dst, 'c')
				continue
			case 'ą', 'ę': // nasal vowels of Polish: Dąb, Дуб or Домб
				dst = push(dst, rune(table[r][0]))
				if r == 'ą' {
					dst[len(dst)-1] = 'o'
				}
				if next == 'b' || next == 'p' {
					dst = push(dst, 'm')
				} else {
					dst = push(dst, 'n')
				}
				continue
			}
		case french:
			if r == 'g' && next == 'u' && (at(i+2) == 'e' || at(i+2) == 'i' || at(i+2) == 'é') {
				dst = push(dst, 'g')
				i++
				continue
			}
			if r == 'e' && i+1 == len(l) && i > 2 && l[i-1] == 'n' && l[i-2] == 'i' {
				continue
			}
			if r == 't' && next == 'c' && at(i+2) == 'h' {
				dst = push(dst, 'C')
				i += 2
				continue
			}
			if r == 'o' && next == 'u' {
				dst = push(dst, 'u')
				i++
				continue
			}
			if r == 'j' {
				dst = push(dst, 'Z')
				continue
			}
		case hardC:
			if r == 'c' && next != 'h' && next != 'e' && next != 'i' && next != 'y' && next != 'z' {
				dst = push(dst, 'k')
				continue
			}
		case unmarked:
			if symbol, n := readUnmarked(l, i); n > 0 {
				if symbol != 0 {
					dst = push(dst, symbol)
				}
				i += n - 1
				continue
			}
		}
		if next == 'h' {
			pair := rune(0)
			switch r {
			case 'z':
				pair = 'Z'
			case 's':
				pair = 'S'
			case 'k':
				pair = 'g'
			case 'p':
				pair = 'f'
			case 't':
				pair = 't'
			case 'c':
				pair = [...]rune{english: 'C', continental: 'g', french: 'S', hardC: 'C', unmarked: 'C'}[h]
			}
			if pair != 0 {
				dst = push(dst, pair)
				i++
				if r == 's' && at(i+1) == 'h' { // shh is щ in GOST 7.79-2000 B
					i++
				}
				continue
			}
		}
		if int(r) >= len(table) || table[r] == (code{}) {
			dst = push(dst, r)
			continue
		}
		if r == 'ь' && next == 'о' { // ьо is the Ukrainian spelling of ё
			dst = push(dst, 'i')
			continue
		}
		c := table[r]
		if c[0] != silent {
			dst = push(dst, rune(c[0]))
		}
		if c[1] != 0 {
			dst = push(dst, rune(c[1]))
		}
	}
	return dst
}

// isGerman reports whether the letters have the sch of German and nothing that
// only Polish writes.
func isGerman(l []rune) bool {
	sch := false
	for i := 0; i+1 < len(l); i++ {
		switch {
		case l[i+1] == 'z' && (l[i] == 's' || l[i] == 'c' || l[i] == 'r' || l[i] == 'd'):
			return false
		case l[i] == 's' && l[i+1] == 'c' && i+2 < len(l) && l[i+2] == 'h':
			sch = true
		}
	}
	return sch
}

// readUnmarked reads what stands at i as the systems and writers do that have
// neither marks nor signs, and returns its symbol, or 0 for none, and how many
// letters it has. n is 0 where such a writer has nothing of his own.
//
//   - x is х and cz is ц, by GOST 7.79-2000 B
//   - eh before a consonant is э, by GOST 16876-71 table 2
//   - j after a consonant and before none of the vowels is ь, by DSTU 9112:2021
//   - ie before ia, iu and ie is ъ, by ICAO Doc 9303
//   - oo is у and ee is і, in English spellings by ear
//   - 4 is ч and 6 is ш, in informal writing
func readUnmarked(l []rune, i int) (symbol rune, n int) {
	at := func(i int) rune {
		if 0 <= i && i < len(l) {
			return l[i]
		}
		return 0
	}
	next := at(i + 1)
	switch l[i] {
	case 'x':
		return 'g', 1
	case 'c':
		if next == 'z' {
			return 'c', 2
		}
	case 'e':
		if next == 'h' && !isVowel(at(i+2)) {
			return 'e', 2
		}
		if next == 'e' {
			return 'i', 2
		}
	case 'j':
		if i > 0 && !isVowel(at(i-1)) && at(i-1) != 'y' && !isVowel(next) {
			return 0, 1
		}
	case 'i':
		if i > 0 && next == 'e' && at(i+2) == 'i' && isVowel(at(i+3)) {
			return 0, 2
		}
	case 'o':
		if next == 'o' {
			return 'u', 2
		}
	case '4':
		if len(l) > 1 {
			return 'C', 1
		}
	case '6':
		if len(l) > 1 {
			return 'S', 1
		}
	}
	return 0, 0
}

// push appends a symbol, joining it with the last one for as long as the two
// make one. No two neighbours of the result can be joined.
func push(dst []rune, x rune) []rune {
	for len(dst) > 0 {
		y := join(dst[len(dst)-1], x)
		if y == 0 {
			break
		}
		dst, x = dst[:len(dst)-1], y
	}
	return append(dst, x)
}

// join returns the one symbol that two neighbours make, or 0.
func join(a, b rune) rune {
	if a == b {
		return a
	}
	switch a {
	case 'i':
		if b == 'e' || b == 'o' { // ye, ie, є are е; yo, io, йо are ё, which is е
			return 'e'
		}
	case 't':
		switch b {
		case 's', 'z', 'c':
			return 'c'
		case 'C':
			return 'C'
		}
	case 'c':
		if b == 'z' || b == 'C' { // Polish cz; the end of German tsch
			return 'C'
		}
	case 's':
		if b == 'z' || b == 'C' { // Polish sz; German sch, and сч, which sounds as щ
			return 'S'
		}
	case 'S':
		if b == 'C' { // shch, szcz, šč, schtsch
			return 'S'
		}
	}
	return 0
}

// spell writes symbols as the skeleton shows them.
func spell(s []rune) string {
	var buf [64]byte
	b := buf[:0]
	for _, r := range s {
		switch r {
		case 'Z':
			b = append(b, "zh"...)
		case 'S':
			b = append(b, "sh"...)
		case 'C':
			b = append(b, "ch"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

// rough appends the rough key of the symbols; see [Rough].
func rough(dst, s []rune) []rune {
	consonants := 0
	for _, r := range s {
		if !isVowel(r) {
			consonants++
		}
	}
	prev := rune(0)
	for i, r := range s {
		if isVowel(r) {
			switch {
			case consonants < 2:
				dst = append(dst, r)
			case i == 0:
				dst = append(dst, 'a')
			}
			prev = 0
			continue
		}
		if r = confused(r); r != prev {
			dst = append(dst, r)
		}
		prev = r
	}
	return dst
}

func isVowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}

// confused returns the one symbol that stands for all consonants that are
// confused with r.
func confused(r rune) rune {
	switch r {
	case 'b':
		return 'p'
	case 'f':
		return 'v'
	case 'd':
		return 't'
	case 'g':
		return 'k'
	case 'z', 'c', 'Z', 'S', 'C':
		return 's'
	}
	return r
}

// A code is the one or two symbols of a letter; the zero code is that of no
// known letter.
type code [2]byte

const silent = '-'

// table gives the symbols of lower-case letters and digits.
var table = func() (t [0x530]code) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = code{c}
	}
	set := func(letters, symbols string) {
		for _, r := range letters {
			copy(t[r][:], symbols)
		}
	}
	for _, r := range "abcdefgiklmnoprstuvz" {
		set(string(r), string(r))
	}
	set("hhğġģĥħ", "g")
	set("jyıĳ", "i")
	set("q", "k")
	set("w", "v")
	set("x", "ks")
	// Latin letters whose mark matters. â and û are я and ю in ISO 9:1995; the
	// marks of other letters are dropped below.
	set("žżǯ", "Z")
	set("šşŝș", "S")
	set("čçćĉ", "C")
	set("û", "iu")
	set("â", "ia")
	set("ß", "s")
	set("æœ", "e")
	set("ł", "l")
	set("đð", "d")
	set("ø", "o")
	set("þŧ", "t")
	set("ə", "a") // Azeri
	set("ĵ", "-") // the soft sign of DSTU 9112:2021 A
	for r := rune(0xc0); r < 0x250; r++ {
		if d := norm.NFD.PropertiesString(string(r)).Decomposition(); len(d) > 0 && t[r] == (code{}) && unicode.IsLower(r) && d[0] < 0x80 {
			t[r] = t[d[0]]
		}
	}
	// Cyrillic: Ukrainian, Russian, Belarusian, pre-reform and South Slavic
	// letters, and those of Turkic languages that occur in names.
	for pair := range strings.FieldsSeq("аa бb вv гg ґg дd еe єe ёe эe жZ зz иi іi їi йi ыi кk лl мm нn оo пp рr сs тt уu фf хg цc чC шS щS юiu яia ъ- ь- " +
		"ўv ѓg ѕz јi љl њn ћC ќk џdZ ђdZ ѣe ѳf ѵi ѫu ѧia ѐe ѝi ғg қk ҡk ңn ҥn үu ұu һg ҳg әa ӓa өo ӧo ҷC ҽC җZ ӂZ ҙz ҫs ӣi ӯu") {
		r, n := utf8.DecodeRuneInString(pair)
		copy(t[r][:], pair[n:])
	}
	return t
}()
