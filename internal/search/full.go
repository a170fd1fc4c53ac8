package search

import (
	"slices"
	"strings"

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
	return len(parts) >= 3 || len(parts) == 2 && year && !slices.ContainsFunc(parts, patronymic)
}

// patronymicEndings are those of East Slavic patronymics in both scripts. A surname
// that ends so is taken for one: then three parts are asked for.
var patronymicEndings = []string{
	"ович", "евич", "євич", "овна", "евна", "івна", "ївна", "ична",
	"ovych", "ovich", "evych", "evich", "ovna", "evna", "ivna", "ichna", "ychna",
}

func patronymic(part string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(patronymicEndings, func(e string) bool { return strings.HasSuffix(part, e) })
}
