package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// nobody is whom a query for an absent person means.
const nobody = -1

// A query is what is asked, with who is meant by it.
type query struct {
	Class string
	Kind  string // of the class, where it has kinds: a standard, a sort of absence
	Text  string
	Want  int // number of the person meant, or nobody

	as   writing
	year int // asked for; 0 where none is
}

// right reports whether person i is what was asked for: the one meant, or one of
// whom the very same details are listed, so that the query says nothing to tell
// them by.
func (q *query) right(ro *roster, i int) bool {
	switch {
	case q.Want == nobody || i < 0 || i >= len(ro.people):
		return false
	case i == q.Want:
		return true
	case ro.people[q.Want].fixed != "" || ro.people[i].fixed != "" || q.year != 0 && ro.people[i].year != q.year:
		return false
	}
	asked := ro.write(&ro.people[q.Want], q.as)
	as := q.as
	if as.half == 0 {
		return ro.write(&ro.people[i], as) == asked
	}
	for as.half = 1; as.half <= 2; as.half++ {
		if ro.write(&ro.people[i], as) == asked {
			return true
		}
	}
	return false
}

// A class is a kind of noise. It makes a query for the person, or says that
// there is none to be made, because the person's name gives no cause for it.
type class struct {
	name  string
	about string
	parts bool // the noise is in which parts there are, and in which order
	make  func(m *maker, p *person) (query, bool)
}

// yearShare is how many of a hundred queries of most classes name the year of
// birth, where it is listed.
const yearShare = 20

// middleShare is how many of a hundred queries have all parts that are listed,
// where the class leaves that open; the others have surname and given name.
const middleShare = 50

// classes are all classes of noise, without the pairs and the absent names.
var classes = []class{
	{"exact", "as listed", false, func(m *maker, p *person) (query, bool) {
		q := query{as: p.asListed()}
		return m.plain(p, q)
	}},
	{"kmu-2010", "Ukrainian, resolution 55 of 2010", false, romanised(kmu2010)},
	{"passport-uk", "Ukrainian passports before 2010", false, romanised(passport2007, passport2004, passport1994)},
	{"passport-ru", "Russian passports of 1997, 2006 and 2014, ICAO 9303", false, romanised(passport1997, passport2010, icaoRussian)},
	{"icao-uk", "ICAO 9303 of Ukrainian names", false, romanised(icaoUkrainian)},
	{"bgn-uk", "BGN/PCGN 1965", false, romanised(bgnUkrainian)},
	{"bgn-ru", "BGN/PCGN 1947", false, romanised(bgnRussian)},
	{"iso-9", "ISO 9:1995", false, romanised(isoUkrainian, isoRussian)},
	{"scholarly", "the scholars' romanisation", false, romanised(scholarlyUkrainian, scholarlyRussian)},
	{"informal", "romanised by ear", false, romanised(informal...)},
	{"uk-ru", "the other language's form of the name", false, otherLanguage},
	{"typo-1", "one slip", false, slips(1)},
	{"typo-2", "two slips", false, slips(2)},
	{"swapped", "given name and surname swapped", true, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		q.as.givenFirst = !q.as.givenFirst
		return m.plain(p, q)
	}},
	{"initials", "surname and initials", false, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		q.as.given, q.as.givenFirst = asInitial, m.rng.percent(40)
		return m.plain(p, q)
	}},
	{"no-patronymic", "surname and given name of those with more", true, func(m *maker, p *person) (query, bool) {
		q := query{as: p.asListed()}
		q.as.middle = false
		return m.plain(p, q)
	}},
	{"apostrophe", "another sign for the apostrophe, or none", false, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		q.as.rewrite = pick(m.rng, apostrophes)
		return m.plain(p, q)
	}},
	{"diacritics", "letters without their marks", false, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		if s := scholarlyOf(p); s != nil && m.rng.percent(40) {
			q.as.form, q.as.scheme = s.from, s
			q.Kind = s.name
		}
		plain := m.ro.write(p, q.as)
		q.as.rewrite = stripDiacritics
		if stripDiacritics(plain) == plain {
			return query{}, false
		}
		return m.plain(p, q)
	}},
	{"half", "one half of a double-barrelled surname", true, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		q.as.half = 1 + m.rng.below(2)
		if p.second < 0 {
			return query{}, false
		}
		return m.plain(p, q)
	}},
	{"short", "a short form or a diminutive of the given name", false, func(m *maker, p *person) (query, bool) {
		return m.short(p, p.asListed(), "")
	}},
	{"layout", "typed with the wrong layout on", false, func(m *maker, p *person) (query, bool) {
		q := query{as: m.parts(p)}
		q.as.rewrite = wrongLayout(m.rng, m.ro.write(p, q.as))
		return m.plain(p, q)
	}},
	{"surname-year", "surname and year of birth", true, func(m *maker, p *person) (query, bool) {
		q := query{as: p.asListed(), year: p.year}
		q.as.given, q.as.middle = asNothing, false
		if p.year == 0 {
			return query{}, false
		}
		return m.plain(p, q)
	}},
	{"foreign", "Polish, German, French and English habits", false, func(m *maker, p *person) (query, bool) {
		if p.people == english {
			return query{}, false
		}
		to := m.rng.below(4)
		q := query{as: m.parts(p), Kind: [4]string{"Polish", "German", "French", "English"}[to]}
		q.as.form, q.as.foreign = p.nativeForm(), to
		q.as.middle = q.as.middle && m.rng.percent(40)
		if to < 3 {
			q.as.scheme = neighbours[to][p.people]
		} else {
			q.as.scheme = [2]*scheme{kmu2010, icaoRussian}[p.people]
		}
		if to == 3 || m.rng.percent(35) {
			q.as.given = asForeign
			if p.given.foreign(to) == "" {
				return query{}, false
			}
		}
		return m.plain(p, q)
	}},
	{"combined", "two or three of these at once", false, combined},
}

// classNames lists all classes in the order of the table.
func classNames() (names []string) {
	for _, c := range classes {
		names = append(names, c.name)
	}
	return append(names, "pairs", "absent")
}

func romanised(schemes ...*scheme) func(*maker, *person) (query, bool) {
	return func(m *maker, p *person) (query, bool) {
		s := pick(m.rng, schemes)
		if p.people == english || s.from != p.nativeForm() {
			return query{}, false
		}
		q := query{as: m.parts(p), Kind: s.name}
		q.as.form, q.as.scheme = s.from, s
		return m.plain(p, q)
	}
}

func scholarlyOf(p *person) *scheme {
	if p.people == english {
		return nil
	}
	return [2]*scheme{scholarlyUkrainian, scholarlyRussian}[p.people]
}

func otherLanguage(m *maker, p *person) (query, bool) {
	if p.latin != nil || p.written == inLatin {
		return query{}, false
	}
	q := query{as: m.parts(p)}
	q.as.form = inUkrainian + inRussian - p.written
	return m.plain(p, q)
}

func slips(n int) func(*maker, *person) (query, bool) {
	return func(m *maker, p *person) (query, bool) {
		q, ok := m.plain(p, query{as: m.parts(p)})
		if !ok {
			return query{}, false
		}
		return m.slipped(q, n)
	}
}

// combined makes two or three noises at once.
func combined(m *maker, p *person) (query, bool) {
	slavic := p.people != english
	by := m.rng.below(8)
	q := query{as: m.parts(p), Kind: [8]string{"informal, slip", "short, informal", "other language, swapped", "other language, slip",
		"short, swapped, words before", "initials, romanised", "layout, no patronymic, swapped", "informal, swapped, no patronymic"}[by]}
	habit := pick(m.rng, informal)
	romanise := func() bool {
		q.as.form, q.as.scheme = habit.from, habit
		return slavic && habit.from == p.nativeForm()
	}
	other := func() bool {
		q.as.form = inUkrainian + inRussian - p.written
		return p.latin == nil && p.written != inLatin
	}
	swap := func() { q.as.givenFirst = !q.as.givenFirst }
	switch by {
	case 0:
		if !romanise() {
			return query{}, false
		}
		q, ok := m.plain(p, q)
		if !ok {
			return query{}, false
		}
		return m.slipped(q, 1)
	case 1:
		if !romanise() {
			return query{}, false
		}
		return m.short(p, q.as, q.Kind)
	case 2:
		if !other() {
			return query{}, false
		}
		swap()
	case 3:
		if !other() {
			return query{}, false
		}
		q, ok := m.plain(p, q)
		if !ok {
			return query{}, false
		}
		return m.slipped(q, 1)
	case 4:
		swap()
		q, ok := m.short(p, q.as, q.Kind)
		q.Text = pick(m.rng, []string{"шукаю ", "ищу ", "looking for ", "допоможіть знайти ", "помогите найти "}) + q.Text
		return q, ok
	case 5:
		if !romanise() {
			return query{}, false
		}
		q.as.given = asInitial
	case 6:
		swap()
		q.as.middle = false
		q.as.rewrite = wrongLayout(m.rng, m.ro.write(p, q.as))
	case 7:
		if !romanise() {
			return query{}, false
		}
		swap()
		q.as.middle = false
	}
	return m.plain(p, q)
}

// A maker makes queries about one roster.
type maker struct {
	ro    *roster
	rng   *rng
	draw  *drawer
	taken map[uint64]bool    // the listed names, whole and without the patronymic, by wordsKey
	fold  map[string][]int32 // the people by the coarse key of their surname and of its halves
}

func newMaker(ro *roster, seed uint64) *maker {
	m := &maker{ro: ro, rng: newRNG(seed, "queries"), draw: newDrawer(ro.half), taken: map[uint64]bool{}, fold: map[string][]int32{}}
	for i := range ro.people {
		p := &ro.people[i]
		if p.fixed != "" {
			m.taken[wordsKey(p.fixed)] = true
			continue
		}
		w := p.asListed()
		for range 2 {
			m.taken[wordsKey(ro.write(p, w))] = true
			w.middle = false
		}
		for _, half := range []int{0, 1, 2} {
			if half == 0 || p.second >= 0 {
				key := coarse(ro.surnameIn(p, inUkrainian, half))
				m.fold[key] = append(m.fold[key], int32(i))
			}
		}
	}
	return m
}

// wordsKey is the same for the same words in whatever order and case.
func wordsKey(text string) uint64 {
	words := strings.Fields(strings.ToLower(text))
	slices.Sort(words)
	h := uint64(14695981039346656037) // FNV-1a
	for _, w := range words {
		for _, c := range []byte(w) {
			h = (h ^ uint64(c)) * 1099511628211
		}
		h = (h ^ ' ') * 1099511628211
	}
	return h
}

// parts is the writing as listed, with all parts or with two.
func (m *maker) parts(p *person) writing {
	w := p.asListed()
	w.middle = w.middle && m.rng.percent(middleShare)
	return w
}

// plain writes the query, and decides whether it has the year.
func (m *maker) plain(p *person, q query) (query, bool) {
	if p.year != 0 && q.year == 0 && m.rng.percent(yearShare) {
		q.year = p.year
	}
	q.Text = m.ro.write(p, q.as)
	return q, true
}

// short is plain with a short form of the given name, in the letters of the
// writing's form.
func (m *maker) short(p *person, w writing, kind string) (query, bool) {
	list := p.given.shorts[w.form]
	if w.form == inLatin && w.scheme == nil && p.people != english || len(list) == 0 {
		return query{}, false
	}
	w.given, w.short = asShort, pick(m.rng, list)
	w.middle = w.middle && m.rng.percent(middleShare)
	return m.plain(p, query{as: w, Kind: kind})
}

// slipped makes n slips in the query, and refuses what is then another listed
// person's name.
func (m *maker) slipped(q query, n int) (query, bool) {
	q.Text = typos(m.rng, q.Text, n)
	return q, !m.taken[wordsKey(q.Text)]
}

// tries is how many people are tried for a query of a class.
const tries = 100_000

// queries makes n queries of the class, about people drawn at random.
func (m *maker) queries(c class, n int) ([]query, error) {
	var list []query
	for range tries {
		if len(list) == n {
			return list, nil
		}
		i := m.rng.below(len(m.ro.people))
		p := &m.ro.people[i]
		if p.fixed != "" {
			continue
		}
		q, ok := c.make(m, p)
		if !ok || c.name != "exact" && m.unchanged(c, p, q) {
			continue
		}
		q.Class, q.Want = c.name, i
		m.finish(&q)
		list = append(list, q)
	}
	return nil, fmt.Errorf("the roster has too few people for %d queries of the class %s", n, c.name)
}

// unchanged reports whether the query is the listed name, or, where its class is
// not about which parts there are, those parts as they are listed.
func (m *maker) unchanged(c class, p *person, q query) bool {
	w := p.asListed()
	listed := m.ro.write(p, w)
	if q.Text == listed {
		return true
	}
	w.middle, w.givenFirst = q.as.middle, q.as.givenFirst
	return !c.parts && q.Text == m.ro.write(p, w)
}

// finish adds the year, and takes the capitals from a part of the queries.
func (m *maker) finish(q *query) {
	if m.rng.percent(30) {
		q.Text = strings.ToLower(q.Text)
	}
	if q.year != 0 {
		q.Text += " " + strconv.Itoa(q.year)
	}
}
