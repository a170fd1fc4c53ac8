package main

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// A person of the invented roster.
type person struct {
	people       people
	female       bool
	given        *given
	father       *given // nil where none is listed; for the English a middle name
	surname      int32  // of roster.surnames
	second       int32  // the second half of a double-barrelled surname, else -1
	year         int    // of birth; 0 where none is listed
	written      form   // in which letters the roster has it
	latin        *scheme
	surnameFirst bool
	fixed        string // the whole name of one that stands for a real-life pair, else ""
}

// A roster is a set of invented people; person i has the public id of id(i).
type roster struct {
	half     half
	surnames []surname
	people   []person
}

// Shares of the roster, in percent.
const (
	shareUkrainian  = 50
	shareRussian    = 35 // the rest is English
	shareFather     = 88 // of the Ukrainians and Russians
	shareMiddle     = 25 // of the English
	shareDouble     = 3
	shareYear       = 93
	shareOtherForm  = 12 // of the Ukrainians in Russian forms, and the other way round
	shareRomanised  = 8  // of the Ukrainians and Russians
	shareGivenFirst = 15 // of the Ukrainians and Russians
	shareEnglish    = 50 // of the English in Latin letters; the others in Ukrainian and Russian ones
)

// Years of birth.
const (
	firstYear = 1946
	lastYear  = 2007
)

// The surnames come as by Pitman and Yor: the next person bears a new one with a
// chance of (theta + sigma·K) / (n + theta), where K surnames serve n people,
// and else one that is there, each the likelier the more people have it. The
// number of surnames grows as n^sigma, and their frequencies as by Zipf: these
// give some 40,000 at 100,000 people and 300,000 at 1,000,000.
const (
	sigma = 0.875
	theta = 8
)

// newRoster invents n people of the half. The same arguments give the same
// roster.
func newRoster(h half, seed uint64, n int) *roster {
	r := newRNG(seed, "roster")
	ro := &roster{half: h, people: make([]person, 0, n)}
	var pools [peoples]pool
	draw := newDrawer(h)
	known := map[[2]string]int32{}
	for range n {
		p := person{second: -1}
		switch x := r.below(100); {
		case x < shareUkrainian:
			p.people = ukrainian
		case x < shareUkrainian+shareRussian:
			p.people = russian
		default:
			p.people = english
		}
		p.female = r.percent(42)
		p.given = draw.given(r, p.people, p.female)
		switch {
		case p.people != english && r.percent(shareFather):
			p.father = draw.given(r, p.people, false)
		case p.people == english && r.percent(shareMiddle):
			for p.father == nil || p.father == p.given {
				p.father = draw.given(r, p.people, p.female)
			}
		}
		p.surname = ro.drawSurname(r, &pools[p.people], known, p.people)
		if r.percent(shareDouble) {
			if s := ro.drawSurname(r, &pools[p.people], known, p.people); s != p.surname {
				p.second = s
			}
		}
		if r.percent(shareYear) {
			p.year = firstYear + r.below(lastYear-firstYear+1)
		}
		p.written, p.latin = writtenForm(r, p.people)
		p.surnameFirst = p.people != english && !r.percent(shareGivenFirst)
		ro.people = append(ro.people, p)
	}
	return ro
}

func writtenForm(r *rng, p people) (form, *scheme) {
	if p == english {
		switch {
		case r.percent(shareEnglish):
			return inLatin, nil
		case r.percent(50):
			return inRussian, nil
		}
		return inUkrainian, nil
	}
	own, other := p.form(), inRussian
	if p == russian {
		other = inUkrainian
	}
	switch x := r.below(100); {
	case x < shareOtherForm:
		return other, nil
	case x < shareOtherForm+shareRomanised:
		if p == ukrainian {
			return own, kmu2010
		}
		return own, icaoRussian
	}
	return own, nil
}

// A pool is the surnames of one people as they are borne.
type pool struct {
	kinds   int     // different ones
	bearers []int32 // the surname of each person in turn
	count   map[int32]int
}

func (ro *roster) drawSurname(r *rng, p *pool, known map[[2]string]int32, of people) int32 {
	if p.count == nil {
		p.count = map[int32]int{}
	}
	n := float64(len(p.bearers))
	s := int32(-1)
	if r.float()*(n+theta) < theta+sigma*float64(p.kinds) {
		for range 20 { // past that, the half has few left
			made := newSurname(r, ro.half, of, p.kinds)
			key := [2]string{made.in[inUkrainian][0], made.in[inRussian][0]}
			if at, ok := known[key]; ok {
				s = at
				continue
			}
			s = int32(len(ro.surnames))
			known[key] = s
			ro.surnames = append(ro.surnames, made)
			break
		}
	} else {
		for {
			s = pick(r, p.bearers)
			if r.float()*float64(p.count[s]) >= sigma {
				break
			}
		}
	}
	if p.count[s] == 0 {
		p.kinds++
	}
	p.count[s]++
	p.bearers = append(p.bearers, s)
	return s
}

// A drawer draws given names of a half by how usual they are.
type drawer struct {
	lists [2][2][]*given // female, english
	sums  [2][2][]float64
}

func newDrawer(h half) *drawer {
	d := &drawer{}
	for _, g := range givens {
		if g.half != h {
			continue
		}
		f, e := index(g.female), index(g.english)
		sum := g.weight
		if s := d.sums[f][e]; len(s) > 0 {
			sum += s[len(s)-1]
		}
		d.lists[f][e] = append(d.lists[f][e], g)
		d.sums[f][e] = append(d.sums[f][e], sum)
	}
	return d
}

func (d *drawer) given(r *rng, p people, female bool) *given {
	f, e := index(female), index(p == english)
	sums := d.sums[f][e]
	at, _ := slices.BinarySearch(sums, r.float()*sums[len(sums)-1])
	return d.lists[f][e][min(at, len(sums)-1)]
}

// nativeForm is the language of the person's own names.
func (p *person) nativeForm() form { return p.people.form() }

// surnameIn returns the surname in the form, a double-barrelled one whole (0), or
// its first (1) or second half (2).
func (ro *roster) surnameIn(p *person, f form, half int) string {
	sex := index(p.female)
	first := ro.surnames[p.surname].in[f][sex]
	switch {
	case p.second < 0 || half == 1:
		return first
	case half == 2:
		return ro.surnames[p.second].in[f][sex]
	}
	return first + "-" + ro.surnames[p.second].in[f][sex]
}

// middleIn returns the patronymic, or the middle name of the English, or "".
func (p *person) middleIn(f form) string {
	switch {
	case p.father == nil:
		return ""
	case p.people == english:
		return p.father.in[f]
	}
	return p.father.father[f][index(p.female)]
}

// listed returns the name as the roster has it.
func (ro *roster) listed(p *person) string {
	if p.fixed != "" {
		return p.fixed
	}
	return ro.write(p, p.asListed())
}

// sum tells rosters apart: it depends on every fiftieth person, and on how many
// there are.
func (ro *roster) sum() uint64 {
	h := fnv.New64a()
	for i := 0; i < len(ro.people); i += 50 {
		fmt.Fprintln(h, ro.listed(&ro.people[i]), ro.people[i].year)
	}
	fmt.Fprintln(h, len(ro.people))
	return h.Sum64()
}

// id is the public id of person i.
func id(i int) string {
	const digits = "0123456789"
	var b [9]byte
	b[0] = 'p'
	for at := len(b) - 1; at > 0; at-- {
		b[at] = digits[i%10]
		i /= 10
	}
	return string(b[:])
}

// number is the person of a public id.
func number(id string) int {
	n := 0
	for _, c := range strings.TrimPrefix(id, "p") {
		n = 10*n + int(c-'0')
	}
	return n
}
