package digest

import (
	"context"
	"slices"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// stated lists what the rounds state.
func stated(rounds []rollcall.Round) (all []Stated) {
	for _, r := range rounds {
		for _, f := range r.Figures {
			all = append(all, Stated{Round: r.Title, Side: f.Side, Stage: f.Stage, Date: f.Date, Source: f.Source, URL: f.SourceURL, Count: f.Count, AtLeast: f.AtLeast})
		}
	}
	return all
}

// bare leaves the addresses out, which are no part of a statement.
func bare(all []Stated) []Stated {
	all = slices.Clone(all)
	for i := range all {
		all[i].URL = ""
	}
	return all
}

func (s Stated) figure() rollcall.RoundFigure {
	return rollcall.RoundFigure{Side: s.Side, Stage: s.Stage, Date: s.Date, Source: s.Source, SourceURL: s.URL, Count: s.Count, AtLeast: s.AtLeast}
}

// States reports whether a digest with these figures states what the correction
// corrects, and was made before it.
func (f Figures) States(c rollcall.Correction) bool {
	return f.Corrections < c.ID && slices.ContainsFunc(f.Stated, func(s Stated) bool {
		return s.Round == c.Round && s.figure().SameStatement(c.Was)
	})
}

// corrections compares two digests: what the first stated and the second states
// otherwise, or not at all, in the order in which it was corrected. to is when a
// change is dated of which nothing is noted.
func corrections(ctx context.Context, db *store.DB, before, now Figures, to time.Time) (all []rollcall.Correction, err error) {
	noted, err := db.Corrections(ctx, before.Corrections)
	if err != nil {
		return nil, err
	}
	for _, was := range before.Stated {
		c := rollcall.Correction{Round: was.Round, Was: was.figure(), Withdrawn: true, At: to}
		c.Now = c.Was
		for _, is := range now.Stated {
			if is.Round == was.Round && is.figure().SameStatement(c.Was) {
				c.Now, c.Withdrawn = is.figure(), false
			}
		}
		if !c.Visible() {
			continue
		}
		for _, n := range noted {
			if n.ID <= now.Corrections && n.Round == c.Round && n.Was.SameStatement(c.Was) {
				c.ID, c.At = n.ID, n.At // the last
			}
		}
		if !c.Withdrawn {
			c.Was.SourceURL = c.Now.SourceURL
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b rollcall.Correction) int { return a.At.Compare(b.At) })
	return all, nil
}
