package sample

import (
	"strings"
	"unicode"
)

// The systems by which the other names are spelled. They are tables of their
// own, not those of package names, which are tested against what comes from
// here.

// A system maps small letters; a capital gives the mapped text with its first
// letter capital. initial holds what differs at the beginning of a word.
type system struct {
	letters map[rune]string
	initial map[rune]string
	zgh     bool // зг is zgh, to keep it apart from ж
}

func table(s string) map[rune]string {
	m := make(map[rune]string)
	for _, pair := range strings.Fields(s) {
		from, to, _ := strings.Cut(pair, ":")
		m[[]rune(from)[0]] = to
	}
	return m
}

const common = "б:b в:v д:d з:z к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f а:a "

var (
	// Resolution 55 of the Cabinet of Ministers of Ukraine, 27 January 2010.
	national = system{
		letters: table(common + `г:h ґ:g е:e є:ie ж:zh и:y і:i ї:i й:i х:kh ц:ts ч:ch ш:sh щ:shch ю:iu я:ia ь: ':`),
		initial: table(`є:ye ї:yi й:y ю:yu я:ya`),
		zgh:     true,
	}
	// ISO/R 9:1968, the scholarly system, for Ukrainian.
	scholarlyUkrainian = system{
		letters: table(common + `г:h ґ:g е:e є:je ж:ž и:y і:i ї:ji й:j х:ch ц:c ч:č ш:š щ:šč ю:ju я:ja ь:ʹ ':ʺ`),
	}
	// ALA-LC for Ukrainian, without ligatures, as library catalogues are quoted.
	alalcUkrainian = system{
		letters: table(common + `г:h ґ:g е:e є:ie ж:zh и:y і:i ї:i й:i х:kh ц:ts ч:ch ш:sh щ:shch ю:iu я:ia ь:ʹ ':`),
	}
	// ICAO Doc 9303, part 3, section 6 B, as passports spell Russian names.
	passport = system{
		letters: table(common + `г:g е:e ё:e ж:zh и:i й:i х:kh ц:ts ч:ch ш:sh щ:shch ъ:ie ы:y ь: э:e ю:iu я:ia`),
	}
	// ISO/R 9:1968 for Russian.
	scholarlyRussian = system{
		letters: table(common + `г:g е:e ё:ë ж:ž и:i й:j х:ch ц:c ч:č ш:š щ:šč ъ:ʺ ы:y ь:ʹ э:è ю:ju я:ja`),
	}
	// In the manner of BGN/PCGN 1947 for Russian: ё is yo, and е is ye only at
	// the beginning of a word.
	bgn = system{
		letters: table(common + `г:g е:e ё:yo ж:zh и:i й:y х:kh ц:ts ч:ch ш:sh щ:shch ъ:” ы:y ь:’ э:e ю:yu я:ya`),
		initial: table(`е:ye`),
	}
)

func ukrainianNational(s string) string  { return national.romanise(s) }
func ukrainianScholarly(s string) string { return scholarlyUkrainian.romanise(s) }
func ukrainianALALC(s string) string     { return alalcUkrainian.romanise(s) }
func russianPassport(s string) string    { return passport.romanise(s) }
func russianScholarly(s string) string   { return scholarlyRussian.romanise(s) }
func russianBGN(s string) string         { return bgn.romanise(s) }

func (y *system) romanise(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	prev := ' '
	for _, r := range s {
		low := unicode.ToLower(r)
		if r == '’' || r == 'ʼ' {
			low = '\''
		}
		to, ok := y.letters[low]
		if !ok {
			b.WriteRune(r)
			prev = r
			continue
		}
		if prev == ' ' || prev == '-' {
			if t, ok := y.initial[low]; ok {
				to = t
			}
		}
		if y.zgh && r == 'г' && (prev == 'з' || prev == 'З') {
			to = "gh"
		}
		if unicode.IsUpper(r) && to != "" {
			first := []rune(to)
			first[0] = unicode.ToUpper(first[0])
			to = string(first)
		}
		b.WriteString(to)
		prev = r
	}
	return b.String()
}
