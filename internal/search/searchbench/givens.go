package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed givens.txt
var givensText string

// A given is a given name with its forms. A form that there is not is empty.
type given struct {
	in      [forms]string   // as the three languages write it
	other   [3]string       // Polish, German and French
	shorts  [forms][]string // short forms and diminutives
	father  [forms][2]string
	female  bool
	english bool
	half    half
	weight  float64 // how usual; of its list
}

// A form is the language in whose letters a name is written.
type form uint8

const (
	inUkrainian form = iota
	inRussian
	inLatin // English; for a Ukrainian or a Russian, the equivalent name
	forms
)

// A half is one of the two sets that given names and surname stems are dealt
// into, so that what was tuned on the one is reported on the other.
type half uint8

const (
	tune half = iota
	report
	halves
)

func (h half) String() string { return [halves]string{"tune", "report"}[h] }

// givens are all given names, the most usual first within each list.
var givens = mustGivens(givensText)

// mustGivens reads the list and deals the names into halves. Names that share a
// form go together; where a name has forms of both halves, it keeps those of its
// own half only, and a name whose full form the other half has is left out.
func mustGivens(text string) []*given {
	var all []*given
	owner := map[string]half{}
	var total [2][2][halves]float64 // by list and half
	female, english, rank := false, false, 0
	for n, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			female, english, rank = strings.Contains(line, "female"), strings.Contains(line, "english"), 0
			continue
		}
		g := parseGiven(line)
		if g == nil {
			panic(fmt.Sprintf("givens.txt:%d: a column is missing", n+1))
		}
		rank++
		g.female, g.english, g.weight = female, english, 1/float64(rank+2)
		list := &total[index(female)][index(english)]
		if list[report] < list[tune] {
			g.half = report
		}
		for _, f := range append(g.full(), g.allShorts()...) {
			if h, ok := owner[f]; ok {
				g.half = h
				break
			}
		}
		clash := func(f string) bool { h, ok := owner[f]; return ok && h != g.half }
		if slices.ContainsFunc(g.full(), clash) {
			continue
		}
		for f := range g.shorts {
			g.shorts[f] = slices.DeleteFunc(g.shorts[f], clash)
		}
		for _, f := range append(g.full(), g.allShorts()...) {
			owner[f] = g.half
		}
		list[g.half] += g.weight
		all = append(all, g)
	}
	return all
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

func parseGiven(line string) *given {
	columns := strings.Split(line, "|")
	if len(columns) < 5 {
		return nil
	}
	cyrillic, latin := strings.Fields(columns[0]), strings.Fields(columns[1])
	if len(cyrillic) != 2 || len(latin) != 4 {
		return nil
	}
	for i, l := range latin {
		if l == "-" {
			latin[i] = ""
		}
	}
	g := &given{in: [forms]string{cyrillic[0], cyrillic[1], latin[0]}, other: [3]string(latin[1:])}
	for f := range forms {
		g.shorts[f] = strings.Fields(columns[2+int(f)])
	}
	if len(columns) > 5 {
		p := strings.Fields(columns[5])
		if len(p) != 4 {
			return nil
		}
		g.father[inUkrainian], g.father[inRussian] = [2]string{p[0], p[1]}, [2]string{p[2], p[3]}
	} else {
		g.father[inUkrainian], g.father[inRussian] = patronymicsUkrainian(g.in[inUkrainian]), patronymicsRussian(g.in[inRussian])
	}
	return g
}

// full returns the full forms, without those of English, Polish, German and
// French for a Slavic name: those are shared by names of both halves.
func (g *given) full() []string {
	list := []string{g.in[inUkrainian], g.in[inRussian]}
	if g.english {
		list = append(list, g.in[inLatin])
	}
	return list
}

func (g *given) allShorts() []string {
	return slices.Concat(g.shorts[inUkrainian], g.shorts[inRussian], g.shorts[inLatin])
}

// patronymicsUkrainian makes those of a son and a daughter, by the Ukrainian
// orthography of 2019, section 32. Names in -а are irregular and stand in the
// list.
func patronymicsUkrainian(father string) [2]string {
	stem := strings.TrimSuffix(father, "о")
	if s, ok := strings.CutSuffix(father, "й"); ok {
		return [2]string{s + "йович", s + "ївна"}
	}
	stem = strings.TrimSuffix(stem, "ь")
	return [2]string{stem + "ович", stem + "івна"}
}

// patronymicsRussian makes those of a son and a daughter. The и of -ий becomes a
// soft sign but after two consonants. Names in -а are irregular and stand in the
// list.
func patronymicsRussian(father string) [2]string {
	runes := []rune(father)
	n := len(runes)
	switch {
	case strings.HasSuffix(father, "ий"):
		if n > 4 && !isVowel(runes[n-3]) && !isVowel(runes[n-4]) {
			return [2]string{string(runes[:n-1]) + "евич", string(runes[:n-1]) + "евна"}
		}
		return [2]string{string(runes[:n-2]) + "ьевич", string(runes[:n-2]) + "ьевна"}
	case runes[n-1] == 'й', runes[n-1] == 'ь':
		return [2]string{string(runes[:n-1]) + "евич", string(runes[:n-1]) + "евна"}
	}
	return [2]string{father + "ович", father + "овна"}
}
