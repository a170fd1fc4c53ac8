package names

import "strings"

// Stem brings together the spellings of one surname that its bearers have by
// sex, country and case: Зразковський, Зразковська, Зразковская, Zrazkowska and
// Зразковскому; Прикладов, Прикладова, Прикладів, Prikladoff; Вимислін and
// Вимисліна; Білий, Біла, Белая. It works on a skeleton and gives a skeleton, and
// is idempotent. What Ukrainian leaves alone stays in the nominative: Вигаданко,
// also from its case Вигаданка, and Шевчук, also from Шевчука.
//
// The stem is coarse by intent, as several endings are cases of one surname and
// the nominative of another (Сокола, Соколо, Сокол). It is to be compared with
// stems, beside the whole surname, and says nothing of given names. Less than
// three letters are never left; vowels that come and go within the stem (Заєць,
// Зайця) are not followed, save those of -ець.
func Stem(skeleton string) string {
	s := skeleton
	for {
		t := cutSurname(s)
		if t == s {
			break
		}
		s = t
	}
	if strings.HasSuffix(s, "nk") { // -енко, -анко
		s += "o"
	}
	return s
}

// Endings of adjectives in all cases, longest first, with what is no ending last.
var adjective = []string{"ogo", "omu", "oiu", "uiu", "aia", "ei", "ia", "im", "ig", "oi", "om", "a", "e", "i", "u", ""}

// Endings of what is no adjective of -ський, -ов or -ін: nouns, and adjectives
// such as Білий without the cases that end as given names do.
var noun = []string{"ogo", "omu", "oiu", "uiu", "aia", "oi", "ia", "iu", "a", "e", "i", "o", "u"}

// cutSurname takes one ending off, or brings it to the form that stands for all.
func cutSurname(s string) string {
	if s == "" {
		return s
	}
	last := s[len(s)-1]
	// The dative of nouns, before it is taken for an adjective of -ов.
	for _, e := range [...]string{"nkovi", "chukovi"} {
		if base, ok := strings.CutSuffix(s, e); ok && len(base) >= 2 {
			return base + strings.TrimSuffix(e, "ovi")
		}
	}
	for _, a := range adjective {
		if a != "" && a[len(a)-1] != last {
			continue
		}
		base, ok := strings.CutSuffix(s, a)
		if !ok || len(base) < 4 {
			continue
		}
		stem, end := base[:len(base)-2], base[len(base)-2:]
		switch end {
		case "sk", "ck", "zk", "in":
			return base
		case "ov", "ev", "of", "ef":
			return stem + "ov"
		case "iv":
			if a == "" {
				return stem + "ov"
			}
		}
	}
	for _, e := range [...]string{"kom", "chem"} {
		if base, ok := strings.CutSuffix(s, e); ok && len(base) >= 4 {
			return base + e[:len(e)-2]
		}
	}
	for _, e := range noun {
		if e[len(e)-1] != last {
			continue
		}
		base, ok := strings.CutSuffix(s, e)
		if !ok || len(base) < 3 || isVowel(rune(base[len(base)-1])) {
			continue
		}
		if n := len(base); (e == "ia" || e == "iu") && base[n-1] == 'c' && !isVowel(rune(base[n-2])) {
			return base[:n-1] + "ec" // Кравець, Кравця
		}
		return base
	}
	return s
}
