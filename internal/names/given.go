package names

import (
	_ "embed"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed given_male.txt
var givenMale string

//go:embed given_female.txt
var givenFemale string

// A Form says which given name a spelling is a form of. The forms of one name
// in all languages, with its short forms and diminutives, are a family: Микола,
// Николай, Nicholas, Коля.
type Form struct {
	Family string // id of the family, such as "mikola"; distinct for each sex
	Short  bool   // a short form or a diminutive; one of these has often many families
	Female bool   // a woman's name
	Case   bool   // an oblique case of a full form
}

// Given returns the families in which the skeleton of a name part is a form, the
// ones of which it is a full form first. It is nil where the part is no given
// name that is known. The oblique cases of Ukrainian and Russian full forms
// (Олени, Олену, Сергія, Сергею) count as the full form where the spelling is not
// itself a name: Олександра is a woman's name, not a man's genitive.
//
// A part in Latin letters may be known by another of its [Variants] only. The
// result may be shared and must not be changed.
func Given(skeleton string) []Form {
	t := given()
	if f := t.forms[skeleton]; f != nil {
		return f
	}
	return t.oblique(skeleton)
}

// GivenForms yields the skeletons of all forms of given names, each once, in
// order of bytes. The oblique cases are not among them.
func GivenForms() iter.Seq[string] { return slices.Values(sortedForms()) }

var sortedForms = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(given().forms)) })

// givenTable is made of the two files once, at first use.
type givenTable struct {
	forms   map[string][]Form
	fathers map[string][]string // families of men by what a patronymic leaves of the name
}

var given = sync.OnceValue(newGivenTable)

func newGivenTable() *givenTable {
	t := &givenTable{
		forms:   make(map[string][]Form, 12_000),
		fathers: make(map[string][]string, 4_000),
	}
	t.read(givenMale, false)
	t.read(givenFemale, true)
	for s, f := range t.forms {
		if len(f) > 1 {
			slices.SortStableFunc(f, fullFirst)
		}
		t.forms[s] = slices.Clip(f)
	}
	return t
}

func fullFirst(a, b Form) int {
	switch {
	case a.Short == b.Short:
		return 0
	case a.Short:
		return 1
	}
	return -1
}

// read adds the families of a file; given_male.txt says how its lines are made.
func (t *givenTable) read(file string, female bool) {
	for line := range strings.Lines(file) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		id, rest, ok := strings.Cut(line, ": ")
		if !ok {
			panic(fmt.Sprintf("names: line %q of the given names has no id", line))
		}
		full, rest, _ := strings.Cut(rest, "|")
		short, patronymics, _ := strings.Cut(rest, "|")
		f := Form{Family: id, Female: female}
		for name := range strings.FieldsSeq(full) {
			s := Skeleton(name)
			t.forms[s] = addForm(t.forms[s], f)
			if !female {
				t.addFather(strings.TrimRight(s, "aeiou"), id)
			}
		}
		f.Short = true
		for name := range strings.FieldsSeq(short) {
			s := Skeleton(name)
			t.forms[s] = addForm(t.forms[s], f)
		}
		for name := range strings.FieldsSeq(patronymics) {
			if stem, _, kind := cutPatronymic(Skeleton(name)); kind != noPatronymic {
				t.addFather(stem, id)
			}
		}
	}
}

func (t *givenTable) addFather(stem, family string) {
	if len(stem) >= 2 {
		t.fathers[stem] = appendNew(t.fathers[stem], family)
	}
}

// addForm adds a form unless its family is there; a full form stays full.
func addForm(forms []Form, f Form) []Form {
	for i, g := range forms {
		if g.Family == f.Family && g.Female == f.Female {
			forms[i].Short = g.Short && f.Short
			return forms
		}
	}
	return append(forms, f)
}

// declensions has the endings of the oblique cases, in skeletons, each with the
// endings of the nominative that it can stand for; "-" is none. The singular of
// both languages is there, without the vocative.
var declensions = []struct{ ending, nominatives string }{
	{"ovi", "- o"}, {"evi", "- i"}, {"oiu", "a"}, {"eiu", "ia"},
	{"iu", "- i ia"}, {"ia", "- i"}, {"ei", "ia"}, {"oi", "a"}, {"om", "- o"}, {"em", "- i ei"},
	{"a", "- o"}, {"u", "- o a"}, {"i", "- a ia i"}, {"e", "a ia"},
}

// oblique returns the full forms of which the skeleton may be a case.
func (t *givenTable) oblique(skeleton string) (found []Form) {
	var buf [64]byte
	for _, d := range declensions {
		stem, ok := strings.CutSuffix(skeleton, d.ending)
		if !ok || len(stem) < 2 {
			continue
		}
		for n := range strings.FieldsSeq(d.nominatives) {
			b := append(buf[:0], stem...)
			if n != "-" {
				b = append(b, n...)
			}
			if string(b) == skeleton {
				continue
			}
			for _, f := range t.forms[string(b)] {
				if !f.Short {
					f.Case = true
					found = addForm(found, f)
				}
			}
		}
	}
	return found
}
