package search

import (
	"slices"

	"rollcall/internal/names"
)

// Full reports whether the query says as much as one who knows the person can: a
// surname and a given name, with the birth year or the patronymic. Initials say
// nothing here, and Maybe counts.
func (q Query) Full() bool {
	return enough(slices.DeleteFunc(slices.Concat(q.Maybe, q.Parts), names.IsInitial), q.YearFrom != 0)
}

// Full returns the result without the hits of which the query does not name as
// much as [Query.Full] asks for. What is left are matches; without any, the
// verdict is None.
func (r Result) Full() Result {
	if r.Verdict != Match {
		return Result{Verdict: None}
	}
	hits := slices.DeleteFunc(slices.Clone(r.Hits), func(h Hit) bool { return !h.full() })
	if len(hits) == 0 {
		return Result{Verdict: None}
	}
	return Result{Match, hits}
}

func (h Hit) full() bool {
	var parts []string
	for _, m := range h.Matched {
		if m.Why <= Half {
			parts = append(parts, m.Name)
		}
	}
	return enough(parts, h.Year == YearAgrees)
}

// enough asks for three parts, or for two and the year. A given name with a
// patronymic is less than a surname with a given name: many of one year bear both.
func enough(parts []string, year bool) bool {
	return len(parts) >= 3 || len(parts) == 2 && year && !slices.ContainsFunc(parts, isPatronymic)
}

// A surname that looks like a patronymic is taken for one: then three parts are
// asked for.
func isPatronymic(part string) bool {
	return slices.ContainsFunc(names.Variants(part), func(skeleton string) bool {
		_, _, ok := names.Patronymic(skeleton)
		return ok
	})
}
