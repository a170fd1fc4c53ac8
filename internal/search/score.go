package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// A Hit is a person with the reasons for showing them.
type Hit struct {
	Person  rollcall.Person
	Score   float64 // 0 to 1; see MinMatch, MaxNear and MinNear
	Verdict Verdict // Match or Near
	Name    string  // the one of the person's names that fits best
	Matched []Matched
	Year    YearFit

	stranger bool // the surname of the query contradicts
	middle   bool // the first given name of the entry is not the one that was asked for
	listed   int  // parts of the name, with the halves that were not named
}

// Matched tells what one part of the query fits in the hit's name.
type Matched struct {
	Query    string // part of the query
	Name     string // part of the name, or a half of one; empty for Contradicts and NotListed
	Why      Why
	Distance float64 // for Typo: how far apart the spellings are; see names.Slips

	quality float64
	role    role
	place   int // of the name's part
	doubt   bool
}

// Why says how a part of the query fits a part of a name, best first.
type Why int

// The ways to fit.
const (
	SameSpelling Why = iota // letter for letter, but for case and apostrophes
	Exact                   // the same skeleton: another script or romanisation
	Equivalent              // the same name in another language
	ShortForm               // a short form of the name, or the name of a short form
	OtherEnding             // the same surname with another ending
	Half                    // one half of a hyphenated part
	Initial                 // an initial, on either side
	NotListed               // a patronymic, where the roster gives none
	Typo                    // a slip or two
	Contradicts             // nothing
)

// YearFit says how the birth years agree.
type YearFit int

// The ways to agree.
const (
	YearNotAsked YearFit = iota
	YearAgrees
	YearUnknown     // the roster has none
	YearContradicts // never with Match
)

// Explain says in English why the person was found, for keepers. It holds names
// and must not be logged.
func (h Hit) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %.3f", h.Verdict, h.Score)
	if h.Name != h.Person.FullName {
		fmt.Fprintf(&b, " as %q, another name of the entry", h.Name)
	}
	sep := ": "
	for _, m := range h.Matched {
		b.WriteString(sep)
		sep = "; "
		switch m.Why {
		case SameSpelling:
			fmt.Fprintf(&b, "%q is spelled so", m.Query)
		case Exact:
			fmt.Fprintf(&b, "%q is %q in another spelling", m.Query, m.Name)
		case Equivalent:
			fmt.Fprintf(&b, "%q is %q in another language", m.Query, m.Name)
		case ShortForm:
			fmt.Fprintf(&b, "%q and %q are forms of one name", m.Query, m.Name)
		case OtherEnding:
			fmt.Fprintf(&b, "%q is %q with another ending", m.Query, m.Name)
		case Half:
			fmt.Fprintf(&b, "%q and %q share a part of a hyphenated name", m.Query, m.Name)
		case Initial:
			fmt.Fprintf(&b, "%q and %q fit as an initial", m.Query, m.Name)
		case NotListed:
			fmt.Fprintf(&b, "the roster has no patronymic beside %q", m.Query)
		case Typo:
			fmt.Fprintf(&b, "%q is near %q (distance %.2f)", m.Query, m.Name, m.Distance)
		case Contradicts:
			fmt.Fprintf(&b, "%q is not in the name", m.Query)
		}
	}
	switch h.Year {
	case YearAgrees:
		b.WriteString(sep + "the birth year agrees")
	case YearUnknown:
		b.WriteString(sep + "the roster has no birth year")
	case YearContradicts:
		b.WriteString(sep + "the birth year is another")
	}
	return b.String()
}

// hit returns the best hit over the person's names and the query's readings, or
// false where they do not fit.
func (f *finding) hit(p rollcall.Person, near bool) (best Hit, ok bool) {
	year, gap := yearFit(f.query, p.BirthYear)
	for i := -1; i < len(p.AltNames); i++ {
		name := p.FullName
		if i >= 0 {
			name = p.AltNames[i]
		}
		listed := f.parts.all(names.Parts(name))
		for _, asked := range f.readings {
			h := align(asked, listed, near)
			h.Person, h.Name, h.Year = p, name, year
			if !h.decide(len(f.query.Parts), gap) {
				continue
			}
			if !ok || h.Score > best.Score {
				best, ok = h, true
			}
		}
	}
	return best, ok
}

// align gives each part of the query a distinct part of the name, the best
// fitting pairs first.
func align(asked, listed []*part, near bool) Hit {
	type pair struct {
		q, n int
		fit
	}
	var buf [16]pair
	pairs := buf[:0]
	for q := range asked {
		for n := range listed {
			if f := compare(asked[q], listed[n], near); f.why != Contradicts {
				pairs = append(pairs, pair{q, n, f})
				if f.half >= 0 {
					// Equal halves ("Жук-Жук") can be named one after the other.
					for i := f.half + 1; i < len(listed[n].halves); i++ {
						if g := compareWhole(asked[q], listed[n].halves[i], false); g.why <= Exact {
							f.half = i
							pairs = append(pairs, pair{q, n, f})
						}
					}
				}
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.quality > b.quality:
			return -1
		case a.quality < b.quality:
			return 1
		}
		return 0
	})
	h := Hit{Matched: make([]Matched, len(asked)), listed: len(listed)}
	for q := range asked {
		h.Matched[q] = Matched{Query: asked[q].text, Why: Contradicts, role: asked[q].role()}
	}
	taken := make([]bool, len(listed))          // in whole or in part
	halves := make([]map[int]bool, len(listed)) // which, where in part
	for _, p := range pairs {
		if h.Matched[p.q].Why != Contradicts {
			continue
		}
		if p.half < 0 {
			if taken[p.n] {
				continue
			}
		} else {
			if taken[p.n] && (halves[p.n] == nil || halves[p.n][p.half]) {
				continue
			}
			if halves[p.n] == nil {
				halves[p.n] = map[int]bool{}
			}
			halves[p.n][p.half] = true
		}
		taken[p.n] = true
		h.Matched[p.q] = Matched{Query: asked[p.q].text, Name: listed[p.n].text, Why: p.why, Distance: p.distance,
			quality: p.quality, role: listed[p.n].role(), place: p.n, doubt: p.doubtful}
	}
	for n := range listed {
		if named := len(halves[n]); named > 0 {
			h.listed += len(listed[n].halves) - named
		}
		if !taken[n] && listed[n].role() == given && !listed[n].initial {
			h.middle = h.middle || slices.ContainsFunc(h.Matched, func(m Matched) bool { return m.Why != Contradicts && m.role == given && m.place > n })
		}
	}
	// A patronymic that the roster does not give contradicts nothing.
	lacks := true
	for n := range listed {
		if !taken[n] && listed[n].initial || listed[n].role() == patronymic {
			lacks = false
		}
	}
	if lacks {
		for q := range asked {
			if h.Matched[q].Why == Contradicts && asked[q].role() == patronymic {
				h.Matched[q].Why = NotListed
				h.Matched[q].quality = qualityNotListed
				break
			}
		}
	}
	return h
}

const qualityNotListed = 0.60

// Weights of parts by their role. Few people share a surname.
var weights = [...]float64{surname: 2, given: 1.2, patronymic: 1}

const (
	maxShownSlip = 1.5  // in one part of a Match…
	shownSlip    = 0.15 // …and for each letter of the part
	minMeanNear  = 0.62
	minMeanSlip  = 0.50
)

// decide gives the verdict and the score, or false where it is neither a match
// nor near. partsAsked is how many parts the query has before any hyphen is
// taken apart.
//
// In both bands the score rises with the quality of the pairs, with the share
// of the listed name that was named, and with the birth year.
func (h *Hit) decide(partsAsked, gap int) bool {
	asked := len(h.Matched)
	var good, unlisted, slips, doubts, missing int
	var quality, weight float64
	var worst float64 // slip, as a share of what a Match may have
	for _, m := range h.Matched {
		w := weights[m.role]
		quality += w * m.quality
		weight += w
		switch m.Why {
		case SameSpelling, Exact, Equivalent, ShortForm, OtherEnding, Half:
			good++
		case NotListed:
			unlisted++
		case Typo:
			slips++
			if m.doubt {
				doubts++
			}
			worst = max(worst, m.Distance/min(maxShownSlip, shownSlip*float64(utf8.RuneCountInString(m.Name))))
		case Contradicts:
			missing++
			if m.role == surname {
				h.stranger = true
			}
		}
	}
	quality /= weight
	quality -= h.initialsOutOfOrder() + h.givenOutOfOrder()
	if h.Year == YearUnknown && partsAsked < 2 {
		return false
	}
	fitting := good + slips
	if h.Year == YearAgrees {
		fitting++
	}
	switch {
	case h.Year == YearContradicts:
		// Another year: everything else must be right.
		if missing > 0 || unlisted > 0 || slips > 0 || good < 1 || partsAsked < 2 {
			return false
		}
		h.Verdict = Near
	case missing == 0 && unlisted == 0 && slips == 0 && good >= 1:
		h.Verdict = Match
		if h.middle && h.Year != YearAgrees {
			h.Verdict = Near
		}
	case missing == 0 && unlisted > 0 && slips == 0 && good >= 2:
		h.Verdict = Near
		if h.Year == YearAgrees {
			h.Verdict = Match
		}
	case missing == 0 && slips > 0 && doubts == 0 && !h.middle && fitting >= 3 && good >= 1 && worst <= 1 && quality >= minMeanNear:
		h.Verdict = Match
	case missing == 0 && slips == 1 && doubts == 0 && !h.middle && good >= 1 && h.slight():
		h.Verdict = Match
	case missing == 0 && good+slips >= 1:
		// Where no part is right, each must be nearly so.
		if good == 0 && asked > 1 && quality < minMeanNear || quality < minMeanSlip {
			return false
		}
		h.Verdict = Near
	case missing == 1 && asked >= 3 && good >= 2 && slips == 0:
		h.Verdict = Near
	default:
		return false
	}
	year := 0.7
	switch h.Year {
	case YearAgrees:
		year = 1
	case YearUnknown:
		year = 0.3
	case YearContradicts:
		year = 0
	}
	covered := min(1, float64(asked-missing-unlisted)/float64(max(1, h.listed)))
	if h.Verdict == Match {
		h.Score = MinMatch + (1-MinMatch)*(0.65*quality+0.20*covered+0.15*year)
		return true
	}
	x := 0.77*quality + 0.08*covered + 0.15*year
	if h.Year == YearContradicts {
		switch {
		case gap <= 1: // the year of a document, or an age that is not yet reached
			x *= 0.9
		case gap <= 2:
			x *= 0.7
		case gap <= 10:
			x *= 0.4
		default:
			x *= 0.2
		}
	}
	if missing > 0 {
		x *= 0.7
	}
	h.Score = MinNear + (MaxNear-MinNear)*x
	return true
}

// Penalties for initials.
const (
	penaltyTurned = 0.04 // a second initial or given name that stands for an earlier part than the first
	penaltyFather = 0.02 // the only initial stands for a patronymic
)

// Of a slight slip: how far apart the spellings are at most, and how many letters
// the part has at least.
const (
	slightSlip    = 0.5
	slightLetters = 7
)

// slight reports whether the slips are such as come by themselves where a long
// part goes from one script to the other, beside parts that are not short forms.
// Within one script another vowel is another name.
func (h *Hit) slight() bool {
	return !slices.ContainsFunc(h.Matched, func(m Matched) bool {
		switch m.Why {
		case Typo:
			return m.Distance > slightSlip || utf8.RuneCountInString(m.Name) < slightLetters || cyrillic(m.Query) == cyrillic(m.Name)
		case SameSpelling, Exact, Equivalent:
			return false
		}
		return true
	})
}

func cyrillic(part string) bool {
	return strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

// initialsOutOfOrder is what is taken off where the initials of a query stand
// for other parts than they would in writing: the given name comes first.
func (h *Hit) initialsOutOfOrder() float64 {
	last, n, father := -1, 0, false
	turned := false
	for _, m := range h.Matched {
		if m.Why != Initial {
			continue
		}
		n++
		father = m.role == patronymic
		turned = turned || m.place < last
		last = m.place
	}
	switch {
	case turned:
		return penaltyTurned
	case n == 1 && father && len(h.Matched) == 2:
		return penaltyFather
	}
	return 0
}

// givenOutOfOrder is what is taken off where two given names stand in another
// order than was asked for.
func (h *Hit) givenOutOfOrder() float64 {
	last := -1
	for _, m := range h.Matched {
		if m.role != given || m.Why == Contradicts || m.Why == Initial {
			continue
		}
		if m.place < last {
			return penaltyTurned
		}
		last = m.place
	}
	return 0
}

// oneStranger leaves out the hits whose surname contradicts, unless there is
// just one: a given name and a patronymic tell nobody from others.
func oneStranger(hits []Hit) []Hit {
	strangers := 0
	for _, h := range hits {
		if h.stranger {
			strangers++
		}
	}
	if strangers <= 1 {
		return hits
	}
	return slices.DeleteFunc(hits, func(h Hit) bool { return h.stranger })
}

// yearFit compares the query's years with a person's, and returns by how many
// years they miss each other.
func yearFit(q Query, year int) (YearFit, int) {
	switch {
	case q.YearFrom == 0:
		return YearNotAsked, 0
	case year == 0:
		return YearUnknown, 0
	case year < q.YearFrom:
		return YearContradicts, q.YearFrom - year
	case year > q.YearTo:
		return YearContradicts, year - q.YearTo
	}
	return YearAgrees, 0
}
