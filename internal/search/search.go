// Package search finds the person that a query means: it reads the query, asks
// an index for candidates, scores them, decides how sure it is, and says why.
//
// A wrong person shown as found is a cruelty, so there are four verdicts rather
// than a list: [Match] is for a name that is listed as it was asked for, in
// whichever script and romanisation; [Near] is for a slip of spelling, or a
// birth year that contradicts, to be offered as a question; [None]; and
// [TooVague] for a query to which the roster gives no answer at all.
//
// The package knows no database: candidates come through [Index], which the
// store implements. An index call is the dear part of a search. A name spelled
// as listed takes one; a misspelt or absent one at most maxCalls, and a few
// more counts of a key.
//
// Left out: equivalents of given names and diminutives, a wrong keyboard
// layout, weights for rarity, and more than one slip within the consonants of
// one part of a two-part name (the vowels are free).
package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// A Lookup asks an [Index] for people. It is declared below this package, so
// that a store need not import its user.
type Lookup = names.Lookup

// An Index holds the keys of package names for every person that may be shown.
// It must be safe for concurrent use where the [Searcher] is used so.
type Index interface {
	// People returns the visible people that fit, at most l.Limit, by ascending
	// ID. There is at least one group, and no group is empty.
	People(ctx context.Context, l Lookup) ([]rollcall.Person, error)
	// Frequency counts the people that bear the key, up to max.
	Frequency(ctx context.Context, k names.Key, max int) (int, error)
}

// A Verdict says what may be done with the hits.
type Verdict string

// The verdicts. With None and TooVague there are no hits.
const (
	Match    Verdict = "match"     // may be shown as found
	Near     Verdict = "near"      // may be offered as a question
	None     Verdict = "none"      // nobody
	TooVague Verdict = "too_vague" // not looked up: a single name part without a year, or initials only
)

// The bands of scores. Every Match scores at least MinMatch, every Near from
// MinNear to MaxNear.
const (
	MinMatch = 0.80
	MaxNear  = 0.70
	MinNear  = 0.30
)

// Limits of the candidates that one index call may bring. A query that fits
// more people needs a detail more, so that a cut loses nobody who could be
// told from the rest.
const (
	maxCandidates = 200
	maxByInitial  = 1000 // where initials are left to be compared here
	// One part may contradict only where this few people fit the others.
	maxForgiven = 20
)

// maxTried is how many parts of a query are tried as the misspelt one.
const maxTried = 4

// maxCalls is the most calls of [Index.People] that one Find makes: three exact
// ones, two wider, and two for each part tried.
const maxCalls = 5 + 2*maxTried

// DefaultLimit is how many hits are returned where [Options] name no limit.
const DefaultLimit = 10

// Options of [Searcher.Find].
type Options struct {
	Limit int // most hits to return; zero means DefaultLimit
}

// A Result is the answer to a query.
type Result struct {
	Verdict Verdict
	// Hits are the people found, all of the one verdict, by descending score
	// and then by ascending id.
	Hits []Hit
}

// A Searcher answers queries from an index. It has no state of its own, and is
// as safe for concurrent use as its index.
type Searcher struct{ index Index }

// New returns a Searcher over the index.
func New(index Index) *Searcher { return &Searcher{index} }

// Find looks for the person that q means. An error is the index's own, wrapped;
// it holds nothing of the query.
func (s *Searcher) Find(ctx context.Context, q Query, opts Options) (Result, error) {
	limit := opts.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	f := &finding{index: s.index}

	// Words before the name that are usually noise may be a surname. Where the
	// roster lists someone so, that is who is meant.
	if len(q.Maybe) > 0 {
		whole := q
		whole.Parts = slices.Concat(q.Maybe, q.Parts)
		if len(whole.Parts) <= MaxParts && !whole.Vague() {
			f.read(whole)
			if err := f.exact(ctx); err != nil {
				return Result{}, err
			}
		}
	}
	if len(f.hits) == 0 {
		if q.Vague() {
			return Result{Verdict: TooVague}, nil
		}
		f.read(q)
		if err := f.exact(ctx); err != nil {
			return Result{}, err
		}
	}
	verdict := Match
	if len(f.hits) == 0 {
		verdict = Near
		if err := f.near(ctx); err != nil {
			return Result{}, err
		}
	}
	if len(f.hits) == 0 {
		return Result{Verdict: None}, nil
	}
	slices.SortFunc(f.hits, byScore)
	return Result{verdict, f.hits[:min(limit, len(f.hits))]}, nil
}

// A finding is the work on one query.
type finding struct {
	index    Index
	query    Query
	readings [][]part // the parts, and the parts with the hyphens taken as spaces where there are any
	hits     []Hit    // of one verdict
	seen     map[rollcall.PersonID]bool
	counts   map[names.Key]int
}

func (f *finding) read(q Query) {
	f.query = q
	f.readings = [][]part{partsOf(q.Parts)}
	apart := names.Apart(q.Parts)
	if len(apart) > len(q.Parts) && len(apart) <= MaxParts {
		f.readings = append(f.readings, partsOf(apart))
	}
}

// lookup asks the index, with the query's years where years is set. The limit
// rises where initials thin out what comes back.
func (f *finding) lookup(ctx context.Context, groups [][]names.Key, years bool, limit int) ([]rollcall.Person, error) {
	l := Lookup{Groups: groups, Limit: limit}
	if years && f.query.YearFrom != 0 {
		l.YearFrom, l.YearTo = f.query.YearFrom, f.query.YearTo
		l.UnknownYear = len(f.query.Parts) >= 2
	}
	people, err := f.index.People(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("look up candidates: %w", err)
	}
	return people, nil
}

// most is the limit for lookups that name every part.
func (f *finding) most() int {
	if slices.ContainsFunc(f.readings[0], func(p part) bool { return p.initial }) {
		return maxByInitial
	}
	return maxCandidates
}

// groups returns a group for each part that is not an initial, made by keys.
// The parts that have no key at all are left out too, and those that repeat
// another one: that each takes a part of its own is for the score to see.
func (f *finding) groups(keys func(i int, p part) []names.Key) [][]names.Key {
	var groups [][]names.Key
	var seen []string
	for i, p := range f.readings[0] {
		if p.initial || slices.Contains(seen, p.skels[0]) {
			continue
		}
		if g := keys(i, p); len(g) > 0 {
			groups = append(groups, g)
			seen = append(seen, p.skels[0])
		}
	}
	return groups
}

// exact collects the matches. Most queries are answered by one look into the
// index, at the keys of their parts together; these bring everybody with such a
// name, but for names so long that they have no such keys. Where they bring
// nobody, the keys of each part are looked at.
func (f *finding) exact(ctx context.Context) error {
	if len(f.readings) == 1 && !slices.ContainsFunc(f.readings[0], func(p part) bool { return p.initial }) {
		parts := make([][]names.Key, len(f.readings[0]))
		for i, p := range f.readings[0] {
			parts[i] = p.ownKeys()
		}
		if keys, ok := names.TogetherKeys(parts); ok {
			if err := f.match(ctx, [][]names.Key{keys}); err != nil || len(f.hits) > 0 {
				return err
			}
		}
	}
	return f.match(ctx, f.groups(func(_ int, p part) []names.Key { return p.exactKeys() }))
}

// match collects the matches among the people that bear the keys.
func (f *finding) match(ctx context.Context, groups [][]names.Key) error {
	if len(groups) == 0 {
		return nil
	}
	people, err := f.lookup(ctx, groups, true, f.most())
	if err != nil {
		return err
	}
	for _, p := range people {
		if h, ok := f.score(p, false); ok && h.Verdict == Match {
			f.hits = append(f.hits, h)
		}
	}
	return nil
}

// goodEnough is the score of a near hit that ends the search for a better one.
const goodEnough = 0.55

// near collects the near misses, in wider and wider circles.
func (f *finding) near(ctx context.Context) error {
	f.seen = map[rollcall.PersonID]bool{}
	f.counts = map[names.Key]int{}
	named := f.groups(func(_ int, p part) []names.Key { return p.exactKeys() })
	if len(named) == 0 {
		return nil
	}

	// Other spellings with the same consonants.
	groups := f.groups(func(_ int, p part) []names.Key { return p.wideKeys() })
	people, err := f.lookup(ctx, groups, true, f.most())
	if err != nil {
		return err
	}
	f.add(people)

	// The name as asked for, with another birth year.
	if f.query.YearFrom != 0 && len(f.query.Parts) >= 2 {
		if people, err = f.lookup(ctx, named, false, f.most()); err != nil {
			return err
		}
		f.add(people)
	}
	if slices.ContainsFunc(f.hits, func(h Hit) bool { return h.Score >= goodEnough }) {
		return nil
	}

	// A slip within the consonants of one part, or one part that contradicts.
	for i, tried := 0, 0; i < len(f.readings[0]) && tried < maxTried; i++ {
		if f.readings[0][i].initial {
			continue
		}
		tried++
		cut := true // whether leaving the part out brings more than can be looked through
		if len(named) >= 3 {
			rest := f.groups(func(j int, p part) []names.Key {
				if j == i {
					return nil
				}
				return p.wideKeys()
			})
			if people, err = f.lookup(ctx, rest, true, maxCandidates); err != nil {
				return err
			}
			f.add(people)
			cut = len(people) >= maxCandidates
			if !cut {
				if err := f.forgive(ctx, people); err != nil {
					return err
				}
			}
		}
		if !cut {
			continue
		}
		slips := names.RoughNear(f.readings[0][i].text)
		if len(slips) == 0 || !f.readings[0][i].mayHoldTypo() {
			continue
		}
		if people, err = f.lookup(ctx, f.groups(func(j int, p part) []names.Key {
			if j == i {
				return slips
			}
			return p.wideKeys()
		}), true, f.most()); err != nil {
			return err
		}
		f.add(people)
	}
	return nil
}

// add scores people that have not been scored and keeps the near ones.
func (f *finding) add(people []rollcall.Person) {
	for _, p := range people {
		if f.seen[p.ID] {
			continue
		}
		if h, ok := f.score(p, true); ok && h.missing == 0 {
			f.seen[p.ID] = true
			f.hits = append(f.hits, h)
		}
	}
}

// forgive keeps the people whom one part of the query contradicts and who are
// told from the rest by the others: few people fit those, and the rarest part
// of the person's name is among them. A given name and a patronymic alone tell
// nobody.
func (f *finding) forgive(ctx context.Context, people []rollcall.Person) error {
	var hits []Hit
	for _, p := range people {
		if f.seen[p.ID] {
			continue
		}
		if h, ok := f.score(p, true); ok && h.missing == 1 {
			hits = append(hits, h)
		}
	}
	if len(hits) > maxForgiven {
		return nil
	}
	slices.SortFunc(hits, byScore)
	for i, h := range hits {
		if i == 3 { // counts cost index time, and the rest are no better
			break
		}
		telling, err := f.telling(ctx, h)
		if err != nil {
			return err
		}
		if telling {
			f.seen[h.Person.ID] = true
			f.hits = append(f.hits, h)
		}
	}
	return nil
}

// maxFrequency is how far a key is counted: past it, a part is common.
const maxFrequency = 5000

// telling reports whether the rarest part of the listed name, or one as rare,
// is among those that the query matched.
func (f *finding) telling(ctx context.Context, h Hit) (bool, error) {
	matched, missed := maxFrequency, maxFrequency
	for _, p := range names.Parts(h.Name) {
		if names.IsInitial(p) {
			continue
		}
		k := names.ExactKey(p)
		if k == "" {
			continue
		}
		n, ok := f.counts[k]
		if !ok {
			var err error
			if n, err = f.index.Frequency(ctx, k, maxFrequency); err != nil {
				return false, fmt.Errorf("count a key: %w", err)
			}
			f.counts[k] = n
		}
		if slices.ContainsFunc(h.Matched, func(m Matched) bool { return m.Name == p }) {
			matched = min(matched, n)
		} else {
			missed = min(missed, n)
		}
	}
	return matched < maxFrequency && matched <= missed, nil
}

func byScore(a, b Hit) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	case a.Person.ID < b.Person.ID:
		return -1
	case a.Person.ID > b.Person.ID:
		return 1
	}
	return strings.Compare(a.Name, b.Name)
}
