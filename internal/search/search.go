// Package search finds the person that a query means: it reads the query, asks
// an index for candidates, scores them, decides how sure it is, and says why.
//
// A wrong person shown as found is a cruelty, so there are four verdicts rather
// than a list: [Match] is for a name that is listed as it was asked for, in
// whichever script, language and romanisation, or with a slip where the rest
// leaves no doubt; [Near] is for a slip of spelling, or a birth year that
// contradicts, to be offered as a question; [None]; and [TooVague] for a query
// to which the roster gives no answer at all.
//
// A search goes in two circles, and ends at the first that brings a match:
//
//  1. The name as it is spelled: people who bear two of its parts, in any
//     spelling that package names takes for the same. One look into the index.
//  2. Slips: each part is also taken for the words of the roster, and for the
//     known given names, that are near it.
//
// A query that looks so is also read as if it was typed with another keyboard
// layout than was meant.
//
// The package knows no database: what it needs of one is [Index].
package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// An Index holds the [names.Entry] of every person. It must be safe for
// concurrent use where the [Searcher] is used so.
type Index interface {
	// Bearers returns, for each key in the order given, the people that bear it
	// by ascending id, at most limit each; nil where nobody. It may name people
	// who may not be shown, and people who do not bear the key.
	Bearers(ctx context.Context, keys []names.Key, limit int) ([][]rollcall.PersonID, error)
	// Words returns, for each key in the order given, the words of entries that
	// have it among their names.NearKeys, at most limit each.
	Words(ctx context.Context, keys []names.Key, limit int) ([][]string, error)
	// People returns those of the ids that were born so and may be shown if a claim
	// about them is live, each once, in any order.
	People(ctx context.Context, ids []rollcall.PersonID, born rollcall.Years) ([]rollcall.Person, error)
	// Live returns those of the ids about whom a claim is live.
	Live(ctx context.Context, ids []rollcall.PersonID) ([]rollcall.PersonID, error)
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

// Bounds of the work on one query.
const (
	maxBearers    = 2000 // people taken of one key
	maxWords      = 3000 // words taken of one near key
	maxSlipsOf    = 24   // words that one part is taken to be a slip of
	maxCandidates = 150  // people scored in one circle
	maxNamesakes  = 1000 // people who all bear the name as it is spelled, of whom the year tells…
	maxAlike      = 120  // …or of whom nothing does
	maxByPart     = 3000 // people scored where only one part tells them from others
	maxLooked     = 8    // parts of a query by which people are looked for
)

// weightOfSlip is what a slip takes off a candidate, by its distance, as the
// logarithm of how rare a pair of parts is gives to one.
const weightOfSlip = 2

// maxCalls is the most calls of [Index] that the search for one query makes, for
// each way to read it: six in the first circle and seven in the second, and more
// where words before the name may be a part of it.
const maxCalls = 15

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
	res, err := s.find(ctx, q, max(limit, DefaultLimit))
	if err != nil {
		return Result{}, err
	}
	slices.SortFunc(res.Hits, byScore)
	res.Hits = res.Hits[:min(limit, len(res.Hits))]
	return res, nil
}

// find goes through the circles, each for all ways to read the query.
func (s *Searcher) find(ctx context.Context, q Query, limit int) (Result, error) {
	// Words before the name that are usually noise may be a surname. Where the
	// roster lists someone so, that is who is meant.
	if len(q.Maybe) > 0 {
		whole := q
		whole.Parts = slices.Concat(q.Maybe, q.Parts)
		if len(whole.Parts) <= MaxParts && !whole.Vague() {
			f := s.finding(whole, limit)
			if err := f.exact(ctx); err != nil {
				return Result{}, err
			}
			if hits := f.of(Match); len(hits) > 0 {
				return Result{Match, hits}, nil
			}
		}
	}
	var ways []*finding
	first := func(q Query) (bool, error) {
		f := s.finding(q, limit)
		ways = append(ways, f)
		err := f.exact(ctx)
		return len(f.of(Match)) > 0, err
	}
	if !q.Vague() {
		if found, err := first(q); err != nil || found {
			return ways[0].result(), err
		}
	}
	for _, other := range q.Retyped() {
		if found, err := first(other); err != nil || found {
			return ways[len(ways)-1].result(), err
		}
	}
	if len(ways) == 0 {
		return Result{Verdict: TooVague}, nil
	}
	best := Result{Verdict: None}
	for _, f := range ways {
		if err := f.near(ctx); err != nil {
			return Result{}, err
		}
		r := f.result()
		if best.Verdict == None || r.Verdict == Match {
			best = r
		}
		if best.Verdict == Match {
			break
		}
	}
	return best, nil
}

// A finding is the work on one query.
type finding struct {
	index    Index
	query    Query
	limit    int // hits that are wanted, of each verdict
	parts    parts
	readings [][]*part // the parts, and the parts with the hyphens taken as spaces where there are any
	hits     map[rollcall.PersonID]Hit
}

func (s *Searcher) finding(q Query, limit int) *finding {
	f := &finding{index: s.index, query: q, limit: limit, parts: parts{}, hits: map[rollcall.PersonID]Hit{}}
	// The query's own parts are no part of the cache: slips are kept in them.
	own := func(texts []string) []*part {
		all := make([]*part, len(texts))
		for i, t := range texts {
			all[i] = newPart(t)
		}
		return all
	}
	f.readings = [][]*part{own(q.Parts)}
	if apart := names.Apart(q.Parts); len(apart) > len(q.Parts) && len(apart) <= MaxParts {
		f.readings = append(f.readings, own(apart))
	}
	return f
}

// result is what has been found so far.
func (f *finding) result() Result {
	for _, v := range []Verdict{Match, Near} {
		if hits := f.of(v); len(hits) > 0 {
			return Result{v, hits}
		}
	}
	return Result{Verdict: None}
}

func (f *finding) of(v Verdict) (hits []Hit) {
	for _, h := range f.hits {
		if h.Verdict == v {
			hits = append(hits, h)
		}
	}
	if v == Near {
		hits = oneStranger(hits)
	}
	return hits
}

// looked returns the parts by which people are looked for: those of the first
// reading that are no initials, each once.
func (f *finding) looked() []*part {
	var looked []*part
	for _, p := range f.readings[0] {
		if p.initial || len(p.tokens) == 0 || len(looked) == maxLooked ||
			slices.ContainsFunc(looked, func(o *part) bool { return o.skels[0] == p.skels[0] }) {
			continue
		}
		looked = append(looked, p)
	}
	return looked
}

// exact scores the people who bear two parts of the query, or its one part.
func (f *finding) exact(ctx context.Context) error {
	return f.by(ctx, (*part).spelled, false)
}

// near scores the people who bear two parts of the query as it may have been
// meant.
func (f *finding) near(ctx context.Context) error {
	if err := f.findSlips(ctx, f.looked()); err != nil {
		return err
	}
	return f.by(ctx, (*part).meant, true)
}

// by scores the people who bear some of the tokens that are taken for the parts.
func (f *finding) by(ctx context.Context, tokens func(*part) []slip, near bool) error {
	looked := f.looked()
	if len(looked) < 2 {
		return f.byPart(ctx, looked, tokens, near)
	}
	return f.byPairs(ctx, looked, tokens, near)
}

// byPairs scores the people who bear a token of each of two parts, those who
// bear more pairs, and rarer ones, first.
func (f *finding) byPairs(ctx context.Context, looked []*part, tokens func(*part) []slip, near bool) error {
	sets := make([][]slip, len(looked))
	for i, p := range looked {
		sets[i] = tokens(p)
	}
	type pair struct {
		parts    uint64 // a bit for each two parts
		distance float64
	}
	var keys []names.Key
	var pairs []pair // of each key
	for i := range sets {
		for j := i + 1; j < len(sets); j++ {
			parts := uint64(1) << (i*maxLooked + j)
			for _, t := range sets[i] {
				for _, u := range sets[j] {
					keys, pairs = append(keys, names.PairKey(t.token, u.token)), append(pairs, pair{parts, t.distance + u.distance})
				}
			}
			// The roster may have an initial only.
			for _, x := range [...]struct {
				full []slip
				p    *part
			}{{sets[i], looked[j]}, {sets[j], looked[i]}} {
				for _, t := range x.full {
					if t.token.Given() || t.token.Patronymic() {
						continue // a surname is not listed by its initial
					}
					for _, u := range names.InitialTokens(x.p.text) {
						keys, pairs = append(keys, names.PairKey(t.token, u)), append(pairs, pair{parts, t.distance})
					}
				}
			}
		}
	}
	lists, err := f.index.Bearers(ctx, keys, maxBearers)
	if err != nil {
		return fmt.Errorf("look up candidates: %w", err)
	}
	type found struct {
		pairs  uint64
		weight float64
	}
	all := map[rollcall.PersonID]found{}
	for i, list := range lists {
		w := math.Log(2*maxBearers) - math.Log(float64(len(list)+1)) - weightOfSlip*pairs[i].distance
		for _, id := range list {
			x := all[id]
			if x.pairs&pairs[i].parts == 0 {
				x.pairs |= pairs[i].parts
				x.weight += w
			}
			all[id] = x
		}
	}
	// Who has all that is spelled bears most pairs; in the first circle no others
	// are looked at. One pair of three may be a given name and a patronymic, which
	// many have.
	most := 0
	for _, x := range all {
		most = max(most, bits.OnesCount64(x.pairs))
	}
	ids := make([]rollcall.PersonID, 0, len(all))
	for id, x := range all {
		if near || bits.OnesCount64(x.pairs) == most {
			ids = append(ids, id)
		}
	}
	limit := maxAlike
	switch {
	case near, most == 1 && len(looked) > 2:
		limit = maxCandidates
	case f.query.YearFrom != 0:
		limit = maxNamesakes
	}
	if len(ids) > limit {
		slices.SortFunc(ids, func(a, b rollcall.PersonID) int {
			x, y := all[a], all[b]
			return cmp.Or(bits.OnesCount64(y.pairs)-bits.OnesCount64(x.pairs), cmp.Compare(y.weight, x.weight), cmp.Compare(a, b))
		})
		ids = ids[:limit]
	}
	return f.score(ctx, ids, near)
}

// byPart scores the people who bear a token of the one part by which people
// can be looked for. Its other parts are initials, or it has a year. People whose
// given name has one of the initials come first, and where they are found no
// others are looked at.
func (f *finding) byPart(ctx context.Context, looked []*part, tokens func(*part) []slip, near bool) error {
	if len(looked) == 0 {
		return nil
	}
	var keys []names.Key
	for _, t := range tokens(looked[0]) {
		for _, p := range f.readings[0] {
			if !p.initial {
				continue
			}
			for _, u := range slices.Concat(p.tokens, names.LetterTokens(p.text)) {
				keys = append(keys, names.PairKey(t.token, u))
			}
		}
	}
	if len(keys) > 0 {
		if err := f.byKeys(ctx, keys, near); err != nil || len(f.hits) > 0 {
			return err
		}
		if near {
			return nil
		}
	}
	keys = keys[:0]
	for _, t := range tokens(looked[0]) {
		keys = append(keys, names.PartKey(t.token))
	}
	return f.byKeys(ctx, keys, near)
}

func (f *finding) byKeys(ctx context.Context, keys []names.Key, near bool) error {
	lists, err := f.index.Bearers(ctx, keys, maxByPart)
	if err != nil {
		return fmt.Errorf("look up candidates: %w", err)
	}
	var ids []rollcall.PersonID
	for _, l := range lists {
		if len(ids) >= maxByPart {
			break
		}
		ids = append(ids, l...)
	}
	slices.Sort(ids)
	return f.score(ctx, slices.Compact(ids), near)
}

// findSlips finds the words that each part may be a slip of, the nearest first.
func (f *finding) findSlips(ctx context.Context, looked []*part) error {
	var keys []names.Key
	ends := make([]int, len(looked))
	for i, p := range looked {
		for _, w := range p.words() {
			keys = append(keys, names.NearKeys(w)...)
		}
		ends[i] = len(keys)
	}
	lists, err := f.index.Words(ctx, keys, maxWords)
	if err != nil {
		return fmt.Errorf("look up words: %w", err)
	}
	from := 0
	for i, p := range looked {
		near := map[string]float64{}
		try := func(word string) {
			if _, ok := near[word]; ok {
				return
			}
			best := math.Inf(1)
			for _, s := range p.words() {
				if most := slipsAllowed(s, word); most > 0 {
					if d := names.Slips(s, word, most); d <= most {
						best = min(best, d)
					}
				}
			}
			near[word] = best
		}
		for _, l := range lists[from:ends[i]] {
			for _, w := range l {
				try(w)
			}
		}
		from = ends[i]
		if !certain(p.given) {
			for _, s := range p.words() {
				for _, w := range names.NearGiven(s) {
					try(w)
				}
			}
		}
		p.slips = slipsAmong(near)
	}
	return nil
}

// slipsAmong returns the nearest words, each token once.
func slipsAmong(near map[string]float64) []slip {
	var all []slip
	for w, d := range near {
		if math.IsInf(d, 1) {
			continue
		}
		for _, t := range names.WordTokens(w) {
			all = append(all, slip{t, w, d})
		}
	}
	slices.SortFunc(all, func(a, b slip) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.word, b.word), strings.Compare(string(a.token), string(b.token)))
	})
	kept := all[:0]
	for _, s := range all {
		if len(kept) == maxSlipsOf {
			break
		}
		if !slices.ContainsFunc(kept, func(k slip) bool { return k.token == s.token }) {
			kept = append(kept, s)
		}
	}
	return kept
}

// score scores the people that may be shown and keeps the hits.
func (f *finding) score(ctx context.Context, ids []rollcall.PersonID, near bool) error {
	if len(ids) == 0 {
		return nil
	}
	var born rollcall.Years
	if few := len(f.query.Parts) < 2; few || !near { // else another year may be a slip
		born = rollcall.Years{From: f.query.YearFrom, To: f.query.YearTo, Unknown: !few}
	}
	people, err := f.index.People(ctx, ids, born)
	if err != nil {
		return fmt.Errorf("look up people: %w", err)
	}
	var hits []Hit
	for _, p := range people {
		h, ok := f.hit(p, near)
		if !ok || !near && h.Verdict != Match {
			continue
		}
		if old, had := f.hits[p.ID]; !had || h.Score > old.Score {
			hits = append(hits, h)
		}
	}
	// Of the best, who may be shown; of more than that nobody asks.
	slices.SortFunc(hits, byScore)
	for shown := 0; len(hits) > 0 && shown < f.limit; {
		some := hits[:min(len(hits), f.limit+f.limit/2)]
		hits = hits[len(some):]
		ids := make([]rollcall.PersonID, len(some))
		for i, h := range some {
			ids[i] = h.Person.ID
		}
		live, err := f.index.Live(ctx, ids)
		if err != nil {
			return fmt.Errorf("look up claims: %w", err)
		}
		for _, h := range some {
			if slices.Contains(live, h.Person.ID) {
				f.hits[h.Person.ID] = h
				shown++
			}
		}
	}
	return nil
}

func byScore(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Person.ID, b.Person.ID), strings.Compare(a.Name, b.Name))
}
