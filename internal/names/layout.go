package names

import (
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The letters of the keys that give letters in one of the layouts, without and
// with Shift, key by key: US QWERTY; Ukrainian (Windows KBDUR and the enhanced
// KBDUR1, which has ґ on the key of the backslash); Russian ЙЦУКЕН (KBDRU).
const (
	keysQwerty    = "`qwertyuiop[]\\asdfghjkl;'zxcvbnm,." + "~QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>"
	keysUkrainian = "'йцукенгшщзхїґфівапролджєячсмитьбю" + "ʼЙЦУКЕНГШЩЗХЇҐФІВАПРОЛДЖЄЯЧСМИТЬБЮ"
	keysRussian   = "ёйцукенгшщзхъ\\фывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
)

// A layout says for each letter or sign what the same key gives in another one.
type layout map[rune]rune

var toUkrainian, toRussian, fromCyrillic = func() (uk, ru, latin layout) {
	uk, ru, latin = layout{}, layout{}, layout{}
	ukrainian, russian := []rune(keysUkrainian), []rune(keysRussian)
	for i, q := range []rune(keysQwerty) {
		uk[q], ru[q] = ukrainian[i], russian[i]
		for _, c := range []rune{russian[i], ukrainian[i]} {
			if isCyrillic(c) {
				latin[c] = q
			}
		}
	}
	return uk, ru, latin
}()

// Retyped returns how the text would read if it was typed with the other
// keyboard layout than was meant: "Dbuflfyrj" for Вигаданко, "Іфьздуещт" for
// Sampleton. Best first and distinct: where a word in Latin letters reads
// otherwise on the Ukrainian and the Russian layout, both, Ukrainian first; then
// the same with commas, semicolons and full stops at the ends of words as the
// letters of their keys (Ujke, is Голуб). There are at most four. It is nil where
// no word changes: those that mix the scripts, and those without a letter, stay
// as they are.
//
// It takes a whole query, before [Parts] parts it at signs that were meant as
// letters. Whether the text is better read so is for the caller to find out, by
// what is found or by [LooksMistyped]. Ukrainian and Russian layouts taken for
// each other need nothing: the skeleton does not tell і from ы nor є from э.
func Retyped(text string) []string {
	var all []string
	for _, signs := range []bool{false, true} {
		for _, cyrillic := range []layout{toUkrainian, toRussian} {
			if t := retype(text, cyrillic, signs); t != text {
				all = appendNew(all, t)
			}
		}
	}
	return all
}

// retype puts each word into the other layout. With signs the punctuation at the
// end of a word, and after an initial, is letters.
func retype(text string, cyrillic layout, signs bool) string {
	var b strings.Builder
	for len(text) > 0 {
		n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
		if n < 0 {
			n = len(text)
		}
		b.WriteString(text[:n])
		text = text[n:]
		n = strings.IndexFunc(text, unicode.IsSpace)
		if n < 0 {
			n = len(text)
		}
		retypeWord(&b, text[:n], cyrillic, signs)
		text = text[n:]
	}
	return b.String()
}

func retypeWord(b *strings.Builder, word string, cyrillic layout, signs bool) {
	var isC, isL bool
	for _, r := range word {
		// The right Alt key gives ґ in many layouts, whatever is meant.
		isC = isC || isCyrillic(r) && r != 'ґ' && r != 'Ґ'
		isL = isL || isLatin(r)
	}
	keys := cyrillic
	switch {
	case isC == isL:
		b.WriteString(word)
		return
	case isC:
		keys, signs = fromCyrillic, true
	}
	run := 0 // letters since the last sign
	for i, r := range word {
		to, ok := keys[r]
		if punctuation := strings.ContainsRune(",.;:", r); !ok || punctuation && !signs && (run == 1 || strings.Trim(word[i:], ",.;:") == "") {
			b.WriteRune(r)
			run = 0
			continue
		}
		b.WriteRune(to)
		run++
	}
}

// LooksMistyped reports whether the letters of a word follow each other more as
// in a name when it is read in the other keyboard layout; see [Retyped]. The
// measure is how usual its pairs of letters are in given names. A word of fewer
// than four letters, and one that both readings suit, does not look mistyped.
func LooksMistyped(word string) bool {
	if utf8.RuneCountInString(word) < 4 {
		return false
	}
	own := likelihood(Skeleton(word))
	for _, t := range Retyped(word) {
		if likelihood(Skeleton(t)) > own+mistypedMargin {
			return true
		}
	}
	return false
}

// mistypedMargin is by how much, in bits a letter, another reading must be more
// likely. With it no name of the tests that is typed rightly looks mistyped.
const mistypedMargin = 0.5

// pairs has the logarithms to base 2 of how likely a letter follows another in
// the skeletons of given names. Row and column 0 are the ends of a word, 27 is
// whatever is no small Latin letter.
var pairs = sync.OnceValue(func() *[28][28]float64 {
	var p [28][28]float64
	for name := range GivenForms() {
		eachPair(name, func(a, b int) { p[a][b]++ })
	}
	for a := range p {
		sum := 0.0
		for b := range p[a] {
			p[a][b]++ // nothing is impossible
			sum += p[a][b]
		}
		for b := range p[a] {
			p[a][b] = math.Log2(p[a][b] / sum)
		}
	}
	return &p
})

// likelihood is the mean over the pairs of letters, in bits, and never above 0.
func likelihood(skeleton string) float64 {
	p := pairs()
	sum, n := 0.0, 0
	eachPair(skeleton, func(a, b int) {
		sum += p[a][b]
		n++
	})
	return sum / float64(n)
}

// eachPair yields the pairs of letters, those with the ends of the word too.
func eachPair(skeleton string, yield func(a, b int)) {
	last := 0
	var buf symbolBuf
	for _, r := range symbols(buf[:0], skeleton) {
		switch r { // zh, sh and ch are one letter each, as those that no skeleton has
		case 'Z':
			r = 'j'
		case 'S':
			r = 'w'
		case 'C':
			r = 'q'
		}
		i := 27
		if 'a' <= r && r <= 'z' {
			i = int(r-'a') + 1
		}
		yield(last, i)
		last = i
	}
	yield(last, 0)
}
