package names

import (
	"slices"
	"strconv"
)

// Whoever is told when somebody is listed leaves no name behind, only marks of
// texts that [Asked] gives for the name. [Listed] gives those of an entry, and the
// entry meets the wish where the two share one. Equal texts are all that marks
// can be compared by, so that an entry has to give every text by which it may be
// asked for: with and without its birth year, with and without its patronymic.
//
// The texts are made of [Tokens]: other spellings, languages and short forms of a
// name meet, and slips do not. Whoever named a year or a patronymic is not told of
// an entry that has another one, and is told of one that has none.

// Bounds of the texts.
const (
	maxAsked      = 16 // of one reading of a query
	maxListed     = 60 // of an entry
	maxAskedYears = 3
)

// Stand for a year or a patronymic: anyText where none is asked for, noText where
// the entry has none.
const (
	anyText = "*"
	noText  = "-"
)

// Asked returns the texts of somebody who is asked for by the parts, as [Parts]
// gives them, and by a span of birth years, both ends included, or 0 and 0. The
// likelier ones come first, at most 16. A surname with a given name is enough, as
// is a single part with a year or a part with an initial and a year; for anything
// less it returns nil.
func Asked(parts []string, yearFrom, yearTo int) []string {
	name := readAsked(parts)
	var born []string
	for y := yearFrom; y != 0 && y <= yearTo && len(born) < maxAskedYears; y++ {
		born = append(born, strconv.Itoa(y))
	}
	texts := name.askedPairs(born)
	if len(texts) == 0 {
		texts = name.askedParts(born)
	}
	return texts[:min(len(texts), maxAsked)]
}

func (n askedName) askedPairs(born []string) (texts []string) {
	years := []string{anyText}
	if len(born) > 0 {
		years = append(born, noText)
	}
	for _, year := range years {
		for _, p := range n.pairs() {
			patronymics := []string{anyText}
			if len(p.patronymics) > 0 {
				patronymics = append(spelled(p.patronymics), noText)
			}
			for _, patronymic := range patronymics {
				texts = appendNew(texts, pairText(p.a, p.b, year, patronymic))
			}
		}
	}
	return texts
}

func (n askedName) askedParts(born []string) (texts []string) {
	for _, year := range born {
		for _, p := range n.named {
			if p.role() == givenRole {
				continue
			}
			for _, t := range p.tokens {
				if len(n.initials) == 0 {
					texts = appendNew(texts, partText(t, year))
				}
				for _, l := range slices.Concat(n.initials...) {
					texts = appendNew(texts, letterText(t, l, year))
				}
			}
		}
	}
	return texts
}

// Listed returns the texts of an entry of these names; birthYear is 0 where it is
// not known. They are distinct.
func Listed(fullName string, altNames []string, birthYear int) []string {
	years := []string{anyText, noText}
	if birthYear != 0 {
		years[1] = strconv.Itoa(birthYear)
	}
	var texts []string
	for _, full := range slices.Concat([]string{fullName}, altNames) {
		name := readAsked(Parts(full))
		name.halve()
		for _, p := range name.pairs() {
			patronymics := []string{anyText, noText}
			if len(p.patronymics) > 0 {
				patronymics = append(spelled(p.patronymics), anyText)
			}
			for _, year := range years {
				for _, patronymic := range patronymics {
					texts = appendNew(texts, pairText(p.a, p.b, year, patronymic))
				}
			}
		}
		if birthYear == 0 {
			continue
		}
		for _, s := range name.surnames() {
			for _, t := range s.tokens {
				texts = appendNew(texts, partText(t, years[1]))
				for _, g := range name.named {
					if g.whole == s.whole || g.role() != givenRole {
						continue
					}
					for _, l := range LetterTokens(g.text) {
						texts = appendNew(texts, letterText(t, l, years[1]))
					}
				}
			}
		}
	}
	return texts[:min(len(texts), maxListed)]
}

func spelled(tokens []Token) []string {
	texts := make([]string, len(tokens))
	for i, t := range tokens {
		texts[i] = string(t)
	}
	return texts
}

func pairText(a, b Token, year, patronymic string) string {
	if b < a {
		a, b = b, a
	}
	return "2 " + string(a) + " " + string(b) + " " + year + " " + patronymic
}

func partText(t Token, year string) string { return "1 " + string(t) + " " + year }

func letterText(t, letter Token, year string) string {
	return "i " + string(t) + " " + string(letter) + " " + year
}

// An askedPart is a part of a name, or a half of one, that is no initial.
type askedPart struct {
	text   string
	tokens []Token
	whole  int // the part that it is, or is a half of
}

type askedRole int

const (
	surnameRole askedRole = iota // a surname, or a given name that is not known
	givenRole
	patronymicRole
)

func (p askedPart) role() askedRole {
	switch {
	case p.tokens[0].Given():
		return givenRole
	case p.tokens[0].Patronymic():
		return patronymicRole
	}
	return surnameRole
}

// An askedName is a name as it is asked for or listed.
type askedName struct {
	named    []askedPart
	initials [][]Token // letter tokens of each initial
}

func readAsked(parts []string) (n askedName) {
	for i, p := range parts {
		switch t := Tokens(p); {
		case len(t) == 0 || len(n.named) == maxIndexed:
		case IsInitial(p):
			n.initials = append(n.initials, LetterTokens(p))
		default:
			n.named = append(n.named, askedPart{p, t, i})
		}
	}
	return n
}

// halve adds the halves of hyphenated parts: who is listed by a double surname is
// asked for by either half.
func (n *askedName) halve() {
	for _, p := range slices.Clone(n.named) {
		for _, h := range Halves(p.text) {
			if t := Tokens(h); len(t) > 0 && !IsInitial(h) && len(n.named) < maxIndexed {
				n.named = append(n.named, askedPart{h, t, p.whole})
			}
		}
	}
}

// surnames are the parts that can be a surname: those that are neither known given
// names nor patronymics or, where there are none, those that look like
// patronymics or, where there are none either, all.
func (n askedName) surnames() []askedPart {
	for _, r := range []askedRole{surnameRole, patronymicRole} {
		var found []askedPart
		for _, p := range n.named {
			if p.role() == r {
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return n.named
}

// An askedPair is a surname with another part that is not taken for a patronymic.
type askedPair struct {
	a, b        Token
	patronymics []Token
}

func (n askedName) pairs() (pairs []askedPair) {
	surnames := n.surnames()
	for _, s := range surnames {
		for _, g := range n.named {
			if g.whole == s.whole || g.role() == patronymicRole {
				continue
			}
			var patronymics []Token
			for _, p := range n.named {
				if p.role() == patronymicRole && p.whole != s.whole {
					for _, t := range p.tokens {
						patronymics = appendNew(patronymics, t)
					}
				}
			}
			for _, a := range s.tokens {
				for _, b := range g.tokens {
					if a == b || slices.ContainsFunc(pairs, func(p askedPair) bool {
						return p.a == b && p.b == a
					}) {
						continue
					}
					pairs = append(pairs, askedPair{a, b, patronymics})
				}
			}
		}
	}
	return pairs
}
