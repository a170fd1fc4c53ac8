// Package sample invents people and claims for tests, benchmarks, the demo and
// the example file.
//
// Nobody in it exists: every surname is built from a word for something made
// up ("vyhadka", "primer", "sample") and a real ending, so that no reader can
// take one for a person, while spelling, cases and genders are as hard as in a
// real roster. Given names are ordinary ones. The same seed gives the same rows
// on every machine and in every release of Go, since the generator is its own.
//
// Left out: how often names and statuses occur in life. The shares here are
// chosen so that each hard case turns up within a few hundred rows.
package sample

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// Rows yields n rows, which are n claims about some 0.7 n people; the rows of
// one person follow each other. It holds a few people at a time, whatever n is,
// and can be ranged over again for the same rows.
//
// Statements are dated within the three years before today, claims expire at
// the end of the fourth year after it. Every row satisfies
// [rollcall.RosterRow.Validate], and no claim comes twice. Among the people are
// some of one full name: of different years, and a few of the same year and
// different ids. About one in thirty has no id, and then one claim only. Rows
// share no memory that the generator writes to again.
func Rows(seed uint64, n int, today rollcall.Date) iter.Seq[rollcall.RosterRow] {
	return func(yield func(rollcall.RosterRow) bool) {
		g := newGenerator(seed, today)
		for number, left := 1, n; left > 0; number++ {
			person, tongue := g.person(number)
			for _, c := range g.claims(person, tongue) {
				if left == 0 {
					return
				}
				left--
				if !yield(rollcall.RosterRow{Person: person, Claim: c}) {
					return
				}
			}
		}
	}
}

// rng is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014).
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// intn returns a number from 0 to n-1.
func (r *rng) intn(n int) int { return int((r.next() >> 32) * uint64(n) >> 32) }

// chance is true in percent of 100 cases.
func (r *rng) chance(percent int) bool { return r.intn(100) < percent }

func pick[T any](r *rng, from []T) T { return from[r.intn(len(from))] }

// recentPeople is how many people are remembered so that others may get their
// names.
const recentPeople = 64

type recent struct {
	person rollcall.Person
	tongue rollcall.Language
}

type generator struct {
	rng
	today   rollcall.Date
	expires rollcall.Date
	days    []rollcall.Date // the days before today, the latest first
	recent  []recent
	buf     []byte
	out     []rollcall.Claim
}

// statementDays is how far back statements go.
const statementDays = 3 * 365

func newGenerator(seed uint64, today rollcall.Date) *generator {
	g := &generator{rng: rng(seed), today: today, expires: rollcall.Date{Year: today.Year + 4, Month: time.December, Day: 31}}
	g.days = make([]rollcall.Date, statementDays)
	for i := range g.days {
		g.days[i] = today.AddDays(-1 - i)
	}
	return g
}

func (g *generator) person(number int) (rollcall.Person, rollcall.Language) {
	var p rollcall.Person
	var tongue rollcall.Language
	if !g.chance(3) {
		p.PublicID = publicID(number)
	}
	if len(g.recent) > 0 && g.chance(4) {
		like := pick(&g.rng, g.recent)
		tongue = like.tongue
		p.FullName = like.person.FullName
		p.AltNames = append([]string(nil), like.person.AltNames...)
		p.BirthYear = like.person.BirthYear
		if p.PublicID == "" {
			p.PublicID = publicID(number) // could not be told from the other
		}
		if p.BirthYear == 0 || !g.chance(15) {
			p.BirthYear = g.year()
		}
	} else {
		if !g.chance(8) {
			p.BirthYear = g.year()
		}
		switch k := g.intn(100); {
		case k < 50:
			tongue = rollcall.Ukrainian
		case k < 85:
			tongue = rollcall.Russian
		default:
			tongue = rollcall.English
		}
		g.name(&p, tongue)
	}
	if len(g.recent) < recentPeople {
		g.recent = append(g.recent, recent{p, tongue})
	} else {
		g.recent[g.intn(recentPeople)] = recent{p, tongue}
	}
	return p, tongue
}

// publicID is EX- and six digits, or more where six do not do.
func publicID(number int) string {
	s := strconv.Itoa(number)
	return "EX-" + "000000"[:max(0, 6-len(s))] + s
}

func (g *generator) year() int { return 1946 + (g.intn(62)+g.intn(62))/2 }

// name gives the person a full name and, to some, other spellings.
func (g *generator) name(p *rollcall.Person, tongue rollcall.Language) {
	female := g.chance(40)
	l := tongues[tongue]
	given := pick(&g.rng, l.given[sex(female)])
	b := g.buf[:0]
	if tongue == rollcall.English {
		b = append(append(b, given...), ' ')
		if g.chance(15) {
			b = append(append(b, pick(&g.rng, l.given[sex(female)])...), ' ')
		}
		b = g.surname(b, l, female)
		p.FullName = string(b)
		g.buf = b
		if g.chance(6) { // turned round, as registers do
			i := strings.LastIndexByte(p.FullName, ' ')
			p.AltNames = []string{p.FullName[i+1:] + " " + p.FullName[:i]}
		}
		return
	}
	b = g.surname(b, l, female)
	surname := len(b)
	b = append(append(b, ' '), given...)
	if !g.chance(10) {
		b = append(append(b, ' '), pick(&g.rng, l.patronymic[sex(female)])...)
	}
	p.FullName = string(b)
	g.buf = b
	if g.chance(30) {
		systems := l.romanisations
		first := g.intn(len(systems))
		p.AltNames = []string{systems[first](p.FullName)}
		if g.chance(40) {
			second := systems[(first+1)%len(systems)](p.FullName)
			if second != p.AltNames[0] {
				p.AltNames = append(p.AltNames, second)
			}
		}
	}
	if female && g.chance(6) { // a former surname
		former := g.surname(g.buf[:0], l, true)
		p.AltNames = append(p.AltNames, string(former)+p.FullName[surname:])
		g.buf = former
	}
}

func sex(female bool) int {
	if female {
		return 1
	}
	return 0
}

// surname appends an invented surname, in a few cases a double one.
func (g *generator) surname(b []byte, l *tongue, female bool) []byte {
	if len(l.prefixes) > 0 && g.chance(2) {
		b = append(append(b, pick(&g.rng, l.prefixes)...), '-')
	}
	b = g.simpleSurname(b, l, female)
	if g.chance(3) {
		b = g.simpleSurname(append(b, '-'), l, female)
	}
	return b
}

func (g *generator) simpleSurname(b []byte, l *tongue, female bool) []byte {
	from := len(b)
	b = append(b, pick(&g.rng, l.stems)...)
	switch k := g.intn(100); {
	case k < 45:
	case k < 70: // two stems, such as Sample-o-fable
		b = append(b, l.joint...)
		second := pick(&g.rng, l.stems)
		b = append(b, lowered[second]...)
	case k < 85:
		b = append(b, pick(&g.rng, l.middles)...)
	default:
		b = append(b, pick(&g.rng, l.middles)...)
		b = append(b, pick(&g.rng, l.middles)...)
	}
	b = append(b, pick(&g.rng, l.endings)[sex(female)]...)
	if strings.IndexByte(string(b[from:]), '\'') >= 0 { // apostrophes come in three characters
		switch g.intn(4) {
		case 0:
			b = append(b[:from], strings.ReplaceAll(string(b[from:]), "'", "’")...)
		case 1:
			b = append(b[:from], strings.ReplaceAll(string(b[from:]), "'", "ʼ")...)
		}
	}
	return b
}

// claims returns one to four claims of different sources about a person, the
// earliest first. The slice is reused.
func (g *generator) claims(p rollcall.Person, tongue rollcall.Language) []rollcall.Claim {
	n := 1
	if p.PublicID != "" {
		switch k := g.intn(1000); {
		case k < 690:
		case k < 905:
			n = 2
		case k < 968:
			n = 3
		default:
			n = 4
		}
	}
	g.out = g.out[:0]
	age := statementDays - 1 - g.intn(statementDays/3)
	first := g.intn(len(sources))
	for i := range n {
		s := &sources[(first+i*5)%len(sources)] // 5 and the number of sources have no divisor in common
		c := rollcall.Claim{Status: g.status(), Date: g.days[age], Source: s.name, Expires: g.expires}
		if i > 0 {
			switch prior := g.out[i-1].Status; {
			case prior == rollcall.ReportedHeld && g.chance(35):
				c.Status = rollcall.SaidNotIncluded
			case g.chance(40):
				c.Status = prior // the sources agree
			}
		}
		if p.PublicID != "" && g.chance(25) {
			c.SourceURL = s.url + p.PublicID
		}
		if g.chance(5) {
			c.Note = pick(&g.rng, tongues[tongue].notes)
		}
		g.out = append(g.out, c)
		age -= g.intn(age/2 + 1)
	}
	return g.out
}

func (g *generator) status() rollcall.Status {
	switch k := g.intn(1000); {
	case k < 420:
		return rollcall.Missing
	case k < 690:
		return rollcall.ReportedHeld
	case k < 810:
		return rollcall.ConfirmedHeld
	case k < 860:
		return rollcall.SaidNotIncluded
	case k < 940:
		return rollcall.Returned
	case k < 948:
		return rollcall.Deceased
	}
	return rollcall.Unknown
}
