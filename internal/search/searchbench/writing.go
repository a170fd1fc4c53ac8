package main

import (
	"strings"
	"unicode/utf8"
)

// A writing is a way to write a person's name. Two people of whom the same
// writing gives the same text cannot be told apart by it.
type writing struct {
	form       form    // the language of the name
	scheme     *scheme // romanises it; nil leaves it in the form's letters
	middle     bool    // with the patronymic or the middle name
	givenFirst bool
	given      givenStyle
	short      string // with asShort: this one, for those who have it
	foreign    int    // with asForeign: 0 Polish, 1 German, 2 French, 3 English
	half       int    // of a double-barrelled surname: 0 both, else the first or the second
	rewrite    func(string) string
}

// A givenStyle says what stands for the given name.
type givenStyle uint8

const (
	asGiven   givenStyle = iota
	asInitial            // so the patronymic, too
	asShort
	asForeign // the equivalent in another language
	asNothing // a surname alone
)

// asListed is the writing that gives the name as the roster has it.
func (p *person) asListed() writing {
	return writing{form: p.written, scheme: p.latin, middle: p.father != nil, givenFirst: !p.surnameFirst}
}

// write writes the person's name.
func (ro *roster) write(p *person, w writing) string {
	in := func(word string) string {
		if w.scheme != nil {
			return w.scheme.write(word)
		}
		return word
	}
	surname := in(ro.surnameIn(p, w.form, w.half))
	var words []string
	switch w.given {
	case asGiven:
		words = append(words, in(p.given.in[w.form]))
	case asInitial:
		words = append(words, initial(in(p.given.in[w.form])))
	case asShort:
		name := p.given.in[w.form]
		if p.given.hasShort(w.short) {
			name = w.short
		}
		words = append(words, in(name))
	case asForeign:
		words = append(words, p.given.foreign(w.foreign))
	}
	if middle := p.middleIn(w.form); w.middle && middle != "" {
		if w.given == asInitial {
			words = append(words, initial(in(middle)))
		} else {
			words = append(words, in(middle))
		}
	}
	if w.givenFirst {
		words = append(words, surname)
	} else {
		words = append([]string{surname}, words...)
	}
	text := strings.Join(words, " ")
	if w.rewrite != nil {
		text = w.rewrite(text)
	}
	return text
}

func initial(word string) string {
	_, n := utf8.DecodeRuneInString(word)
	return word[:n] + "."
}

func (g *given) hasShort(short string) bool {
	for _, list := range g.shorts {
		for _, s := range list {
			if s == short {
				return true
			}
		}
	}
	return false
}

// foreign is the equivalent in the language of writing.foreign, or "".
func (g *given) foreign(language int) string {
	if language == 3 {
		return g.in[inLatin]
	}
	return g.other[language]
}

// sharesForm reports whether some form of the two names is the same word, so
// that one may be meant by the other.
func (g *given) sharesForm(other *given) bool {
	if g == other {
		return true
	}
	forms := g.every()
	for _, f := range other.every() {
		for _, mine := range forms {
			if f == mine && f != "" {
				return true
			}
		}
	}
	return false
}

func (g *given) every() []string {
	list := append(g.allShorts(), g.in[:]...)
	return append(list, g.other[:]...)
}
