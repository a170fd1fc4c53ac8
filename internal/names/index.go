package names

import (
	"slices"
	"strings"
	"sync"
)

// An Entry is what the index holds of one person.
type Entry struct {
	// Keys are distinct: a [PairKey] for every two parts of each name; one for
	// each surname with the letters of each given name ([LetterTokens]); and a
	// [PartKey] for every part that is no known given name, or for every part
	// where there are only such.
	Keys []Key
	// Words are the distinct skeletons that a slip may be near. Known given
	// names are left out: see [GivenForms].
	Words []string
}

// Limits of an entry. A longer name is found by its first parts.
const (
	maxIndexed  = 6   // parts of a name, halves counted
	maxPairKeys = 120 // of all names of an entry
)

// Index returns the entry of a person of these names.
func Index(fullName string, altNames []string) Entry {
	e := Entry{Keys: make([]Key, 0, 8), Words: make([]string, 0, 4)}
	var known []Token
	known = e.add(fullName, known)
	for _, n := range altNames {
		known = e.add(n, known)
	}
	return e
}

// An indexed is a part, or a half of one, of a name in the index.
type indexed struct {
	tokens  []Token
	letters []Token // of a given name
	whole   int     // the part that it is, or is a half of
	half    bool
}

// add enters a name. Of a Latin spelling that can be read in several ways only
// the readings in known are taken, where there are any: another spelling of the
// entry has told which was meant.
func (e *Entry) add(name string, known []Token) []Token {
	parts := Parts(name)
	list := make([]indexed, 0, maxIndexed)
	given := true // whether all parts are known given names or initials
	enter := func(text string, whole int, half bool) {
		if len(list) == maxIndexed {
			return
		}
		t := Tokens(text)
		if len(t) > 1 {
			if k := intersect(t, known); len(k) > 0 {
				t = k
			}
		}
		if len(t) == 0 {
			return
		}
		p := indexed{tokens: t, whole: whole, half: half}
		if t[0].Given() {
			p.letters = LetterTokens(text)
		}
		list = append(list, p)
		if IsInitial(text) {
			return
		}
		given = given && t[0].Given()
		if w := Skeleton(text); len(Given(w)) == 0 {
			e.Words = appendNew(e.Words, w)
		}
	}
	for i, p := range parts {
		enter(p, i, false)
		for _, h := range Halves(p) {
			enter(h, i, true)
		}
	}
	pair := func(a, b []Token) {
		for _, t := range a {
			for _, u := range b {
				if len(e.Keys) < maxPairKeys {
					e.Keys = appendNew(e.Keys, PairKey(t, u))
				}
			}
		}
	}
	for i, a := range list {
		for _, t := range a.tokens {
			known = appendNew(known, t)
			if !strings.HasPrefix(string(t), initialToken) && (given || !t.Given()) {
				e.Keys = appendNew(e.Keys, PartKey(t))
			}
		}
		for _, b := range list[i+1:] {
			if a.whole == b.whole && !(a.half && b.half) {
				continue // a part and its own half
			}
			pair(a.tokens, b.tokens)
			if !a.tokens[0].Patronymic() {
				pair(a.tokens, b.letters)
			}
			if !b.tokens[0].Patronymic() {
				pair(b.tokens, a.letters)
			}
		}
	}
	return known
}

func intersect(a, b []Token) []Token {
	var both []Token
	for _, t := range a {
		for _, u := range b {
			if t == u {
				both = append(both, t)
				break
			}
		}
	}
	return both
}

// How many consonants a word must have, or may have, for [NearKeys] to leave out
// letters. Fewer than leaveOne would leave too little, and more words under a
// key than can be compared.
const (
	leaveLetter = 4 // or fewer: each letter
	leaveOne    = 3 // or more: each consonant
	leaveTwo    = 6 // or more: each two consonants
	leaveMost   = 9 // or more: no two
)

// NearKeys returns the keys of a word's neighbourhood, under which the index
// lists the word: its rough key (see [Rough]), and that with each one left out
// of its consonants, or each two of many; for a short word also the skeleton,
// and the skeleton with each one letter left out. Two words that differ by one
// slip share a key, and so do most that differ by a slip and any number of
// vowels, or by two slips in a long word.
func NearKeys(word string) []Key {
	var buf, rbuf symbolBuf
	s := despell(buf[:0], word)
	r := rough(rbuf[:0], s)
	if len(r) == 0 {
		return nil
	}
	consonants := 0
	for _, c := range s {
		if !isVowel(c) {
			consonants++
		}
	}
	keys := make([]Key, 0, 32)
	keys = append(keys, HashKey("~"+string(r)))
	var wbuf symbolBuf
	without := wbuf[:0]
	if consonants >= leaveOne {
		for i := range r {
			without = append(append(without[:0], r[:i]...), r[i+1:]...)
			keys = appendNew(keys, HashKey("~"+string(without)))
		}
	}
	if leaveTwo <= consonants && consonants < leaveMost {
		for i := range r {
			for j := i + 1; j < len(r); j++ {
				without = append(append(append(without[:0], r[:i]...), r[i+1:j]...), r[j+1:]...)
				keys = appendNew(keys, HashKey("~"+string(without)))
			}
		}
	}
	if consonants <= leaveLetter {
		keys = appendNew(keys, HashKey("-"+string(s)))
		if len(s) > 2 {
			for i := range s {
				without = append(append(without[:0], s[:i]...), s[i+1:]...)
				keys = appendNew(keys, HashKey("-"+string(without)))
			}
		}
	}
	return keys
}

// NearGiven returns the skeletons of known given names that share one of the
// keys of [NearKeys] with the word, sorted.
func NearGiven(word string) []string {
	index := nearGiven()
	var near []string
	for _, k := range NearKeys(word) {
		near = append(near, index[k]...)
	}
	slices.Sort(near)
	return slices.Compact(near)
}

var nearGiven = sync.OnceValue(func() map[Key][]string {
	index := map[Key][]string{}
	for form := range GivenForms() {
		for _, k := range NearKeys(form) {
			index[k] = append(index[k], form)
		}
	}
	return index
})

// Apart takes the hyphens of the parts as spaces.
func Apart(parts []string) []string {
	var apart []string
	for _, p := range parts {
		if h := Halves(p); len(h) > 0 {
			apart = append(apart, h...)
		} else {
			apart = append(apart, p)
		}
	}
	return apart
}
