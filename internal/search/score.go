package search

import (
	"fmt"
	"slices"
	"strings"

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

	missing int // parts of the query that contradict
}

// Matched tells what one part of the query fits in the hit's name.
type Matched struct {
	Query    string // part of the query
	Name     string // part of the name, or a half of one; empty for Contradicts
	Why      Why
	Distance int // number of slips between the skeletons; for OtherSpelling and Typo
}

// Why says how a part of the query fits a part of a name, best first.
type Why int

// The ways to fit.
const (
	SameSpelling  Why = iota // letter for letter, but for case and apostrophes
	Exact                    // the same skeleton: another script or romanisation
	Half                     // one half of a hyphenated part
	Initial                  // an initial, on either side
	OtherSpelling            // the same consonants by ear
	Typo                     // a slip or two
	Contradicts              // nothing
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
		case Half:
			fmt.Fprintf(&b, "%q and %q share a part of a hyphenated name", m.Query, m.Name)
		case Initial:
			fmt.Fprintf(&b, "%q and %q fit as an initial", m.Query, m.Name)
		case OtherSpelling:
			fmt.Fprintf(&b, "%q is near %q by ear (distance %d)", m.Query, m.Name, m.Distance)
		case Typo:
			fmt.Fprintf(&b, "%q is near %q (distance %d)", m.Query, m.Name, m.Distance)
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

// A part is a name part made ready to be compared.
type part struct {
	text    string
	initial bool
	skels   []string // names.Variants
	halves  []part
}

func partsOf(texts []string) []part {
	parts := make([]part, len(texts))
	for i, t := range texts {
		parts[i] = partOf(t)
	}
	return parts
}

func partOf(text string) part {
	p := part{text: text, initial: names.IsInitial(text), skels: names.Variants(text)}
	for _, h := range names.Halves(text) {
		p.halves = append(p.halves, partOf(h))
	}
	return p
}

// ownKeys are those of the part and of its halves.
func (p part) ownKeys() []names.Key {
	keys := names.ExactKeys(p.text)
	for _, h := range p.halves {
		keys = append(keys, names.ExactKeys(h.text)...)
	}
	return keys
}

// exactKeys are those that an entry bears one of if the part matches it: its
// own, and those of the initial that may stand for it.
func (p part) exactKeys() []names.Key {
	return append(p.ownKeys(), names.InitialKeys(p.text)...)
}

// wideKeys adds the rough keys.
func (p part) wideKeys() []names.Key {
	keys := append(p.exactKeys(), names.RoughKeys(p.text)...)
	for _, h := range p.halves {
		keys = append(keys, names.RoughKeys(h.text)...)
	}
	return keys
}

// Lengths of skeletons, in bytes, from which one and two slips are forgiven.
const (
	minOneSlip  = 4
	minTwoSlips = 8
)

func slips(a, b string) int {
	switch n := min(len(a), len(b)); {
	case n < minOneSlip:
		return 0
	case n < minTwoSlips:
		return 1
	}
	return 2
}

func (p part) mayHoldTypo() bool { return len(p.skels[0]) >= minOneSlip }

// maxByEar is the most edits between two parts with one rough key that are
// still taken for one name.
const maxByEar = 3

// A fit is how well a part of the query and one of a name go together.
type fit struct {
	why      Why
	distance int
	quality  float64 // 0 to 1
	half     int     // the half of the name's part that is meant, or -1 for all of it
}

var nofit = fit{why: Contradicts, half: -1}

// compare compares a part of the query with one of a name; near allows for
// slips.
func compare(q, n part, near bool) fit {
	if q.initial || n.initial {
		if q.initial && names.InitialOf(q.text, n.text) || n.initial && names.InitialOf(n.text, q.text) {
			return fit{Initial, 0, 0.70, -1}
		}
		return nofit
	}
	best := compareWhole(q, n, near)
	if best.why <= Exact {
		return best
	}
	for i, h := range n.halves {
		if f := compareWhole(q, h, near); f.quality*0.95 > best.quality {
			best = fit{f.why, f.distance, f.quality * 0.95, i}
			if f.why <= Exact {
				best.why = Half
			}
		}
	}
	if near && best.why > Initial {
		// The query names both halves, and the roster one: a married name, or
		// somebody else's.
		for _, h := range q.halves {
			if f := compareWhole(h, n, false); f.why <= Exact && best.quality < 0.75 {
				best = fit{OtherSpelling, 0, 0.75, -1}
			}
		}
	}
	return best
}

func compareWhole(q, n part, near bool) fit {
	for _, a := range q.skels {
		if a != "" && slices.Contains(n.skels, a) {
			if sameSpelling(q.text, n.text) {
				return fit{SameSpelling, 0, 1, -1}
			}
			if a != q.skels[0] || a != n.skels[0] { // by a less usual reading of Latin letters
				return fit{Exact, 0, 0.90, -1}
			}
			return fit{Exact, 0, 0.95, -1}
		}
	}
	best := nofit
	if !near {
		return best
	}
	for _, a := range q.skels {
		for _, b := range n.skels {
			most := slips(a, b)
			if most == 0 {
				continue
			}
			f := nofit
			// Distance first: it is the cheaper of the two to rule out.
			d := names.Distance(a, b, maxByEar)
			switch {
			case d > maxByEar:
				continue
			case len(names.Rough(a)) >= 2 && names.Rough(a) == names.Rough(b):
				f = fit{OtherSpelling, d, 0.90 - 0.10*float64(d), -1}
			case d <= most:
				f = fit{Typo, d, 0.90 - 0.20*float64(d), -1}
			}
			if f.quality > best.quality {
				best = f
			}
		}
	}
	return best
}

// sameSpelling compares parts of one skeleton letter for letter, whatever the
// case and the apostrophes.
func sameSpelling(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("'’‘ʼʹʺ`´′″\"*", r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.EqualFold(letters(a), letters(b))
}

// score returns the best hit over the person's names and the query's readings,
// or false where they do not fit.
func (f *finding) score(p rollcall.Person, near bool) (best Hit, ok bool) {
	year, gap := yearFit(f.query, p.BirthYear)
	for i := -1; i < len(p.AltNames); i++ {
		name := p.FullName
		if i >= 0 {
			name = p.AltNames[i]
		}
		listed := partsOf(names.Parts(name))
		for _, asked := range f.readings {
			h := align(asked, listed, near)
			h.Person, h.Name, h.Year = p, name, year
			if !h.decide(len(f.query.Parts), len(listed), gap) {
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
// fitting pairs first. Its Score is the mean quality, for decide to go on from.
func align(asked, listed []part, near bool) Hit {
	type pair struct {
		q, n int
		fit
	}
	var pairs []pair
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
	h := Hit{Matched: make([]Matched, len(asked))}
	for q := range asked {
		h.Matched[q] = Matched{Query: asked[q].text, Why: Contradicts}
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
		h.Matched[p.q] = Matched{asked[p.q].text, listed[p.n].text, p.why, p.distance}
		h.Score += p.quality
	}
	h.Score /= float64(len(asked))
	return h
}

// decide gives the verdict and the score, or false where it is neither a match
// nor near. partsAsked is how many parts the query has before any hyphen is
// taken apart.
//
// In both bands the score rises with the quality of the pairs, with the share
// of the listed name that was named, and with the birth year.
func (h *Hit) decide(partsAsked, partsListed, gap int) bool {
	asked := len(h.Matched)
	var exact, near, missing int
	for _, m := range h.Matched {
		switch m.Why {
		case SameSpelling, Exact, Half:
			exact++
		case OtherSpelling, Typo:
			near++
		case Contradicts:
			missing++
		}
	}
	h.missing = missing
	if h.Year == YearUnknown && partsAsked < 2 {
		return false
	}
	quality := h.Score
	switch {
	case missing == 0 && near == 0 && exact >= 1 && h.Year != YearContradicts:
		h.Verdict = Match
	case missing == 0 && near == 0 && exact >= 1 && partsAsked >= 2: // another year
		h.Verdict = Near
	case h.Year == YearContradicts:
		return false
	case missing == 0 && exact+near >= 1:
		// Where no part is right, each must be nearly so.
		if exact == 0 && asked > 1 && quality < 0.65 {
			return false
		}
		h.Verdict = Near
	case missing == 1 && asked >= 3 && exact >= 2 && near == 0:
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
	covered := min(1, float64(asked-missing)/float64(max(1, partsListed)))
	x := 0.60*quality + 0.25*covered + 0.15*year
	if h.Verdict == Match {
		h.Score = MinMatch + (1-MinMatch)*x
		return true
	}
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
