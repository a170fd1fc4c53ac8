package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/names"
)

// A part is a name part made ready to be compared.
type part struct {
	text    string
	initial bool
	skels   []string      // names.Variants; nil for an initial
	stems   []string      // of each skeleton
	tokens  []names.Token // of names.Tokens
	given   []names.Form
	fathers []string // families of a patronymic
	female  bool     // of a patronymic
	halves  []*part

	// Of a part of the query, once slips are looked for: what it may be a slip
	// of, by its tokens, and how far off.
	slips []slip
}

// A slip is a token that the part may stand for; one of distance 0 is its own.
type slip struct {
	token    names.Token
	word     string // skeleton
	distance float64
}

func newPart(text string) *part {
	p := &part{text: text, initial: names.IsInitial(text), tokens: names.Tokens(text)}
	if p.initial {
		return p
	}
	p.skels = names.Variants(text)
	for _, s := range p.skels {
		p.stems = append(p.stems, names.Stem(s))
		p.given = append(p.given, names.Given(s)...)
		if fathers, female, ok := names.Patronymic(s); ok {
			for _, f := range fathers {
				if !slices.Contains(p.fathers, f) {
					p.fathers = append(p.fathers, f)
				}
			}
			p.female = female
		}
	}
	for i, h := range names.Halves(text) {
		if i == maxHalves {
			break
		}
		p.halves = append(p.halves, newPart(h))
	}
	return p
}

// maxHalves is how many halves of a hyphenated part are compared. No name has
// more.
const maxHalves = 4

// spelled returns the tokens of the part and of its halves.
func (p *part) spelled() []slip {
	var all []slip
	for _, t := range p.tokens {
		all = append(all, slip{token: t})
	}
	for _, h := range p.halves {
		for _, t := range h.tokens {
			if !slices.Contains(p.tokens, t) {
				all = append(all, slip{token: t})
			}
		}
	}
	return all
}

// meant returns what is spelled and what it may be a slip of, each token once.
func (p *part) meant() []slip {
	all := p.spelled()
	for _, s := range p.slips {
		if !slices.ContainsFunc(all, func(o slip) bool { return o.token == s.token }) {
			all = append(all, s)
		}
	}
	return all
}

// words returns the skeletons of the part and of its halves.
func (p *part) words() []string {
	if len(p.halves) == 0 {
		return p.skels
	}
	words := slices.Clone(p.skels)
	for _, h := range p.halves {
		words = append(words, h.skels...)
	}
	return words
}

// parts keeps the parts of the candidates of one search: given names and
// patronymics come again and again.
type parts map[string]*part

func (ps parts) of(text string) *part {
	p, ok := ps[text]
	if !ok {
		p = newPart(text)
		ps[text] = p
	}
	return p
}

func (ps parts) all(texts []string) []*part {
	all := make([]*part, len(texts))
	for i, t := range texts {
		all[i] = ps.of(t)
	}
	return all
}

// A role is what a part of a name is in it, as far as that shows.
type role uint8

const (
	surname role = iota // or whatever is neither of the others
	given
	patronymic
)

func (p *part) role() role {
	switch {
	case len(p.given) > 0:
		return given
	case len(p.fathers) > 0:
		return patronymic
	}
	return surname
}

// slipsByLength is how far two skeletons may be apart, by their mean length in
// bytes, to be taken for one name with a slip; see names.Slips.
var slipsByLength = [...]float64{3: 0.5, 4: 1, 5: 1.5, 6: 2, 7: 2.2, 8: 2.5}

const maxSlips = 3

func slipsAllowed(a, b string) float64 {
	n := (len(a) + len(b) + 1) / 2
	if n < len(slipsByLength) {
		return slipsByLength[n]
	}
	return maxSlips
}

// A fit is how well a part of the query and one of a name go together.
type fit struct {
	why      Why
	distance float64
	quality  float64 // 0 to 1
	half     int     // the half of the name's part that is meant, or -1 for all of it
	doubtful bool    // of a slip: what was typed is a name too
}

var nofit = fit{why: Contradicts, half: -1}

// Qualities of fits.
const (
	qualitySame         = 1
	qualityExact        = 0.97
	qualityReading      = 0.93 // by a less usual reading of Latin letters
	qualityEquivalent   = 0.92
	qualityShort        = 0.82
	qualityAlike        = 0.06 // times the share of the letters that a short form begins with
	qualityEnding       = 0.88
	qualityInitial      = 0.70
	qualityOtherInitial = 0.64 // by another letter, as S for Sh
	qualityHalf         = 0.95 // times that of the half
	qualitySlip         = 0.88 // less qualityPerSlip times the distance
	qualityPerSlip      = 0.16
	penaltyFormSlip     = 0.03 // of a slip in another form of the name
	penaltyShortSlip    = 0.14 // of one in a short form
	qualityOtherHalf    = 0.72
	qualityOtherSex     = 0.55
)

// compare compares a part of the query with one of a name; near allows for
// slips.
func compare(q, n *part, near bool) fit {
	if q.initial || n.initial {
		if q.initial && names.InitialOf(q.text, n.text) || n.initial && names.InitialOf(n.text, q.text) {
			f := fit{why: Initial, quality: qualityInitial, half: -1}
			if !sameLetter(q.text, n.text) {
				f.quality = qualityOtherInitial
			}
			return f
		}
		return nofit
	}
	best := compareWhole(q, n, near)
	if best.why <= Exact {
		return best
	}
	for i, h := range n.halves {
		if f := compareWhole(q, h, near); f.quality*qualityHalf > best.quality {
			f.quality, f.half = f.quality*qualityHalf, i
			best = f
			if f.why <= Exact {
				best.why = Half
			}
		}
	}
	if near && best.why > Initial {
		// The query names both halves, and the roster one: a married name, or
		// somebody else's.
		for _, h := range q.halves {
			if f := compareWhole(h, n, false); f.why <= Exact && best.quality < qualityOtherHalf {
				best = fit{why: Typo, quality: qualityOtherHalf, half: -1}
			}
		}
	}
	return best
}

func compareWhole(q, n *part, near bool) fit {
	for _, a := range q.skels {
		if a != "" && slices.Contains(n.skels, a) {
			switch {
			case sameSpelling(q.text, n.text):
				return fit{why: SameSpelling, quality: qualitySame, half: -1}
			case a != q.skels[0] || a != n.skels[0]:
				return fit{why: Exact, quality: qualityReading, half: -1}
			}
			return fit{why: Exact, quality: qualityExact, half: -1}
		}
	}
	best := nofit
	if short, ok := sameGiven(q.given, n.given); ok {
		if short {
			return fit{why: ShortForm, quality: qualityShort + qualityAlike*alike(q.skels[0], n.skels[0]), half: -1}
		}
		return fit{why: Equivalent, quality: qualityEquivalent, half: -1}
	}
	if len(q.fathers) > 0 && len(n.fathers) > 0 {
		for _, f := range q.fathers {
			if slices.Contains(n.fathers, f) {
				if q.female != n.female {
					return fit{why: OtherEnding, quality: qualityOtherSex, half: -1}
				}
				return fit{why: Equivalent, quality: qualityEquivalent, half: -1}
			}
		}
	}
	if q.role() == surname && n.role() == surname {
		for _, a := range q.stems {
			if a != "" && slices.Contains(n.stems, a) {
				best = fit{why: OtherEnding, quality: qualityEnding, half: -1}
				break
			}
		}
	}
	if !near || best.why != Contradicts {
		return best
	}
	// Two names that are both known are two names, unless one is an inflected or a
	// short form, as which a slip may pass by chance, or hardly a letter differs.
	bothKnown := len(q.given) > 0 && len(n.given) > 0 || known(q.fathers) && known(n.fathers)
	limit := float64(maxSlips)
	if bothKnown && (len(q.given) == 0 || certain(q.given) && certain(n.given)) {
		limit = maxBetweenKnown
	}
	try := func(distance, penalty float64, doubtful bool) {
		if distance <= limit {
			best = better(best, fit{Typo, distance, qualitySlip - qualityPerSlip*distance - penalty, -1, doubtful || bothKnown})
		}
	}
	// A slip in another form of the same name.
	for _, s := range q.slips {
		if (s.token.Given() || s.token.Patronymic()) && slices.Contains(n.tokens, s.token) {
			if short, ok := sameGiven(names.Given(s.word), n.given); ok && short {
				try(s.distance, penaltyShortSlip, true)
			} else {
				try(s.distance, penaltyFormSlip, false)
			}
		}
	}
	stems := q.role() == surname && n.role() == surname
	for i, a := range q.skels {
		for j, b := range n.skels {
			most := min(limit, slipsAllowed(a, b))
			if most == 0 {
				continue
			}
			if d := names.Slips(a, b, most); d <= most {
				try(d, 0, false)
			}
			if sa, sb := q.stems[i], n.stems[j]; stems && (sa != a || sb != b) {
				if most := slipsAllowed(sa, sb); most > 0 {
					if d := names.Slips(sa, sb, most); d <= most {
						try(d+otherEnding, 0, false)
					}
				}
			}
		}
	}
	return best
}

// maxBetweenKnown is how far two different names that are both known may be
// apart for one to be taken for a slip of the other.
const maxBetweenKnown = 0.7

// otherEnding is what another ending counts for, as a distance, beside a slip in
// the stem.
const otherEnding = 0.2

// certain reports whether a form among them is a full one in the nominative.
func certain(forms []names.Form) bool {
	return slices.ContainsFunc(forms, func(f names.Form) bool { return !f.Short && !f.Case })
}

func better(a, b fit) fit {
	if b.quality > a.quality {
		return b
	}
	return a
}

// alike is the share of the shorter skeleton with which both begin, from 0 to 1.
func alike(a, b string) float64 {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return float64(n) / float64(max(1, min(len(a), len(b))))
}

// sameLetter reports whether two parts begin with the same letter of the same
// script.
func sameLetter(a, b string) bool {
	x, _ := utf8.DecodeRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	return unicode.ToLower(x) == unicode.ToLower(y)
}

// sameGiven reports whether the parts can be forms of one given name, and
// whether one of the forms is a short one.
func sameGiven(a, b []names.Form) (short, ok bool) {
	short = true
	for _, x := range a {
		for _, y := range b {
			if x.Family == y.Family && x.Female == y.Female {
				ok = true
				short = short && (x.Short || y.Short)
			}
		}
	}
	return short && ok, ok
}

// known reports whether the fathers' names are known ones.
func known(fathers []string) bool {
	return len(fathers) > 0 && !strings.HasPrefix(fathers[0], "?")
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
