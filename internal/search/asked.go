package search

import (
	"slices"

	"rollcall/internal/names"
)

// maxAsked is how many texts are kept of a query.
const maxAsked = 24

// Asked returns the texts of names.Asked for every way to read the query: with and
// without the words before the name that may be a part of it, and as if it was
// typed with another keyboard layout. The likelier ones come first, at most 24;
// nil where the query says too little.
func (q Query) Asked() []string {
	readings := []Query{q}
	if len(q.Maybe) > 0 {
		whole := q
		whole.Parts = slices.Concat(q.Maybe, q.Parts)
		readings = append(readings, whole)
	}
	var texts []string
	for _, r := range append(readings, q.Retyped()...) {
		for _, t := range names.Asked(r.Parts, r.YearFrom, r.YearTo) {
			if !slices.Contains(texts, t) && len(texts) < maxAsked {
				texts = append(texts, t)
			}
		}
	}
	return texts
}
