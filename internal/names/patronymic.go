package names

import "strings"

// Patronymic reads the skeleton of a name part as a patronymic. families are
// those of the father's name, so that Миколайович, Николаевич, Mykolaiovych and
// Николаич are equal, and equal to the patronymic of his daughters; female tells
// the sex of the bearer. A father whose name is not known has the single family
// "?" with what the patronymic leaves of his name: "?vigad" for Вигадович and
// Вигадівна.
//
// All endings of both languages are read (-ович, -йович, -евич, -ич, -івна,
// -ївна, -овна, -евна, -ична, -инична), the colloquial -ич (Иваныч), the Turkic
// -огли and -кизи written as one word, and the oblique cases (Івановича,
// Іванівні). A surname may look the same, and ok says nothing against it:
// Петрович is both. The short -ич is read for known fathers only, since far more
// surnames end so.
//
// families may be shared and must not be changed.
func Patronymic(skeleton string) (families []string, female, ok bool) {
	stem, female, kind := cutPatronymic(skeleton)
	if kind == noPatronymic {
		return nil, false, false
	}
	if f := given().fathers[stem]; f != nil {
		return f, female, true
	}
	if kind == longPatronymic && len(stem) >= 3 {
		return []string{"?" + stem}, female, true
	}
	return nil, false, false
}

type patronymicKind uint8

const (
	noPatronymic    patronymicKind = iota
	shortPatronymic                // -ич, -ична, which many other words have
	longPatronymic
)

// Endings of patronymics in the nominative, longest first, and of their cases.
var (
	maleCases   = []string{"evi", "em", "om", "a", "u", "i", ""}
	femaleCases = []string{"oiu", "oi", "a", "i", "u", "e"}
	sonOf       = []struct {
		ending string
		kind   patronymicKind
	}{{"ovich", longPatronymic}, {"evich", longPatronymic}, {"ivich", longPatronymic}, {"ogli", longPatronymic}, {"ich", shortPatronymic}}
	daughterOf = []struct {
		ending string
		kind   patronymicKind
	}{{"ovn", longPatronymic}, {"evn", longPatronymic}, {"ivn", longPatronymic}, {"avn", shortPatronymic}, {"inichn", longPatronymic}, {"ichn", shortPatronymic}, {"aln", shortPatronymic}}
)

// cutPatronymic takes the ending off. The stem that is left has no vowels at its
// end, as is the way of [givenTable.addFather].
func cutPatronymic(s string) (stem string, female bool, kind patronymicKind) {
	for _, c := range maleCases {
		base, ok := strings.CutSuffix(s, c)
		if !ok {
			continue
		}
		for _, e := range sonOf {
			if stem, ok := strings.CutSuffix(base, e.ending); ok {
				return trimStem(stem, false, e.kind)
			}
		}
	}
	if stem, ok := strings.CutSuffix(s, "kizi"); ok {
		return trimStem(stem, true, longPatronymic)
	}
	for _, c := range femaleCases {
		base, ok := strings.CutSuffix(s, c)
		if !ok {
			continue
		}
		for _, e := range daughterOf {
			if stem, ok := strings.CutSuffix(base, e.ending); ok {
				if e.ending == "aln" { // Михална, Пална
					stem += "al"
				}
				return trimStem(stem, true, e.kind)
			}
		}
	}
	return "", false, noPatronymic
}

func trimStem(stem string, female bool, kind patronymicKind) (string, bool, patronymicKind) {
	stem = strings.TrimRight(stem, "aeiou")
	if len(stem) < 2 {
		return "", false, noPatronymic
	}
	return stem, female, kind
}
