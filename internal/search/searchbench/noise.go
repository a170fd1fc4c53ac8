package main

import (
	"strings"
	"unicode"
)

// Keyboards of phones, a row a word. Places line up well enough to tell the
// neighbours of a key.
var (
	keysUkrainian = []string{"йцукенгшщзхї", "фівапролджє", "ячсмитьбю"}
	keysRussian   = []string{"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"}
	keysLatin     = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}
)

// keyboard returns the one on which the text was typed.
func keyboard(text string) []string {
	switch {
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }):
		return keysLatin
	case strings.ContainsAny(strings.ToLower(text), "ыэъё"):
		return keysRussian
	}
	return keysUkrainian
}

// neighbour returns a letter whose key touches that of c, or 0.
func neighbour(r *rng, keys []string, c rune) rune {
	for row, line := range keys {
		letters := []rune(line)
		for at, k := range letters {
			if k != c {
				continue
			}
			var near []rune
			for _, d := range []struct{ row, at int }{{0, -1}, {0, 1}, {-1, 0}, {-1, 1}, {1, 0}, {1, -1}} {
				if y := row + d.row; 0 <= y && y < len(keys) {
					if other := []rune(keys[y]); 0 <= at+d.at && at+d.at < len(other) {
						near = append(near, other[at+d.at])
					}
				}
			}
			return pick(r, near)
		}
	}
	return 0
}

// wrongVowels are those that are taken for each other by ear.
var wrongVowels = map[rune]string{
	'а': "ое", 'о': "ау", 'е': "иіє", 'и': "еіы", 'і': "иїе", 'ї': "і", 'у': "ою", 'ю': "у", 'я': "ає", 'є': "е", 'ы': "и", 'э': "е", 'ё': "о",
	'a': "oe", 'o': "au", 'e': "ia", 'i': "ey", 'u': "o", 'y': "i",
}

// typo makes one slip of a phone's typist, which is one step of the optimal
// string alignment distance: a neighbouring key, a wrong vowel, a doubled, a
// dropped or a missed-out letter, or two letters swapped. Case stays as it is. It
// returns the text itself where the place that was drawn allows none.
func typo(r *rng, text string) string {
	runes := []rune(text)
	at := r.below(len(runes))
	if !unicode.IsLetter(runes[at]) {
		return text
	}
	first := at == 0 || !unicode.IsLetter(runes[at-1])
	last := at == len(runes)-1 || !unicode.IsLetter(runes[at+1])
	if first && !r.oneIn(3) {
		return text // slips in the first letter are the rarer
	}
	low := unicode.ToLower(runes[at])
	put := func(c rune) string {
		if c == 0 {
			return text
		}
		if unicode.IsUpper(runes[at]) {
			c = unicode.ToUpper(c)
		}
		return string(runes[:at]) + string(c) + string(runes[at+1:])
	}
	switch x := r.below(100); {
	case x < 30:
		return put(neighbour(r, keyboard(text), low))
	case x < 50:
		if v, ok := wrongVowels[low]; ok {
			return put(pick(r, []rune(v)))
		}
	case x < 65:
		return string(runes[:at+1]) + string(low) + string(runes[at+1:])
	case x < 85:
		if first && last {
			return text
		}
		return string(runes[:at]) + string(runes[at+1:])
	case !last:
		a, b := runes[at], runes[at+1]
		if unicode.IsUpper(a) && unicode.IsLower(b) {
			a, b = unicode.ToLower(a), unicode.ToUpper(b)
		}
		return string(runes[:at]) + string([]rune{b, a}) + string(runes[at+2:])
	}
	return text
}

// typos makes n slips, at the optimal string alignment distance n.
func typos(r *rng, text string, n int) string {
	for {
		t := text
		for range n {
			t = typo(r, t)
		}
		if distance(strings.ToLower(text), strings.ToLower(t)) == n {
			return t
		}
	}
}

// distance is the optimal string alignment distance: letters put in, left out or
// replaced, and neighbours swapped, no letter touched twice.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+index(x[i-1] != y[j-1]))
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}

// stripDiacritics takes the marks off letters of both scripts, as phones without
// the right keyboard do.
var stripDiacritics = strings.NewReplacer("ё", "е", "Ё", "Е", "й", "и", "Й", "И", "ї", "і", "Ї", "І", "ґ", "г", "Ґ", "Г",
	"ž", "z", "Ž", "Z", "č", "c", "Č", "C", "š", "s", "Š", "S", "ŝ", "s", "Ŝ", "S", "ï", "i", "Ï", "I", "ë", "e", "Ë", "E", "ì", "i", "Ì", "I",
	"è", "e", "È", "E", "ê", "e", "Ê", "E", "û", "u", "Û", "U", "â", "a", "Â", "A", "g̀", "g", "ʹ", "", "ʺ", "", "′", "", "″", "", "’", "",
	"ł", "l", "Ł", "L", "ń", "n", "ś", "s", "Ś", "S", "ć", "c", "Ć", "C", "ż", "z", "Ż", "Z", "é", "e", "É", "E").Replace

// apostrophes are what stands for one in what people type.
var apostrophes = []func(string) string{
	strings.NewReplacer("'", "").Replace,
	strings.NewReplacer("'", "’").Replace,
	strings.NewReplacer("'", "ʼ").Replace,
	strings.NewReplacer("'", "`").Replace,
	strings.NewReplacer("'", "\"").Replace,
	strings.NewReplacer("'", "ь").Replace,
	strings.NewReplacer("'", "ъ").Replace,
	strings.NewReplacer("'", "*").Replace,
}

// A layout is what the keys give on the keyboard that was on, in place of the
// intended one.
var (
	ukrainianOnLatin = layout("йцукенгшщзхїфівапролджєячсмитьбю'", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
	russianOnLatin   = layout("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
	latinOnUkrainian = layout("qwertyuiopasdfghjklzxcvbnm", "йцукенгшщзфівапролдячсмить")
	latinOnRussian   = layout("qwertyuiopasdfghjklzxcvbnm", "йцукенгшщзфывапролдячсмить")
)

func layout(meant, given string) func(string) string {
	keys := map[rune]rune{}
	to := []rune(given)
	for i, c := range []rune(meant) {
		keys[c] = to[i]
	}
	return func(text string) string {
		return strings.Map(func(c rune) rune {
			if k, ok := keys[unicode.ToLower(c)]; ok {
				if unicode.IsUpper(c) {
					return unicode.ToUpper(k)
				}
				return k
			}
			return c
		}, text)
	}
}

// wrongLayout returns what turns text into itself typed with the wrong layout
// on.
func wrongLayout(r *rng, text string) func(string) string {
	switch keys := keyboard(text); {
	case keys[0] == keysLatin[0] && r.percent(50):
		return latinOnRussian
	case keys[0] == keysLatin[0]:
		return latinOnUkrainian
	case keys[0] == keysRussian[0]:
		return russianOnLatin
	}
	return ukrainianOnLatin
}
