package command

import (
	"rollcall/internal/render"
	"rollcall/internal/search"
	"rollcall/internal/telegram"
)

// withReasons tells a keeper, in a message after the answer, why the search has
// found what it shows.
func withReasons(r *telegram.Request, a telegram.Answer, hits []search.Hit) telegram.Answer {
	if len(hits) == 0 {
		return a
	}
	why := make([][]render.Reason, len(hits))
	for i, hit := range hits {
		why[i] = reasons(hit)
	}
	m := message(r.Say.Why(why...))
	m.Protect = true
	a.Actions = append(a.Actions, telegram.Say(r.Chat, m))
	return a
}

var reasonKinds = map[search.Why]render.ReasonKind{
	search.SameSpelling: render.ReasonSame,
	search.Exact:        render.ReasonScript,
	search.Equivalent:   render.ReasonLanguage,
	search.ShortForm:    render.ReasonShort,
	search.OtherEnding:  render.ReasonEnding,
	search.Half:         render.ReasonHalf,
	search.Initial:      render.ReasonInitial,
	search.NotListed:    render.ReasonNotListed,
	search.Typo:         render.ReasonSlip,
	search.Contradicts:  render.ReasonContradicts,
}

func reasons(hit search.Hit) []render.Reason {
	var all []render.Reason
	for _, m := range hit.Matched {
		all = append(all, render.Reason{Kind: reasonKinds[m.Why], Asked: m.Query, Listed: m.Name})
	}
	switch hit.Year {
	case search.YearAgrees:
		all = append(all, render.Reason{Kind: render.ReasonYear})
	case search.YearUnknown:
		all = append(all, render.Reason{Kind: render.ReasonNoYear})
	case search.YearContradicts:
		all = append(all, render.Reason{Kind: render.ReasonOtherYear})
	}
	return all
}
