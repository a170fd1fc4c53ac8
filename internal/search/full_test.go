package search

import (
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

func TestFullQueries(t *testing.T) {
	for text, want := range map[string]bool{
		"Вигаденко Олена":                false,
		"Вигаденко 1990":                 false,
		"Вигаденко О. 1990":              false,
		"Вигаденко О. П.":                false,
		"Олена Петрівна 1990":            false,
		"Ivan Petrovych 1990":            false,
		"Вигаденко Петрович 1990":        false,
		"Вигаденко Олена 1990":           true,
		"Alice Sampleton, 36 years":      true,
		"Вигаденко Олена Петрівна":       true,
		"Олена Петрівна Вигаденко, 1990": true,
		"Vyhadenko Olena Petrivna":       true,
		"син Вигаденко Іван 12.03.1990":  true,
	} {
		if got := ParseQuery(text, time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)).Full(); got != want {
			t.Errorf("%q: full %t, want %t", text, got, want)
		}
	}
}

func TestFullResultsNameTheWholePerson(t *testing.T) {
	hit := func(year YearFit, why ...Why) Hit {
		h := Hit{Verdict: Match, Year: year}
		for i, w := range why {
			h.Matched = append(h.Matched, Matched{Name: []string{"Вигаденко", "Олена", "Петрівна"}[i], Why: w})
		}
		h.Person = rollcall.Person{ID: rollcall.PersonID(len(why))}
		return h
	}
	for _, c := range []struct {
		name string
		hit  Hit
		want bool
	}{
		{"two parts and the year", hit(YearAgrees, SameSpelling, Exact), true},
		{"two parts and an unknown year", hit(YearUnknown, SameSpelling, Exact), false},
		{"two parts, no year asked", hit(YearNotAsked, SameSpelling, Exact), false},
		{"three parts", hit(YearNotAsked, SameSpelling, Half, Exact), true},
		{"three parts and an unknown year", hit(YearUnknown, SameSpelling, Exact, Exact), true},
		{"an initial and the year", hit(YearAgrees, SameSpelling, Initial), false},
		{"two parts and an initial", hit(YearNotAsked, SameSpelling, Exact, Initial), false},
	} {
		got := Result{Match, []Hit{c.hit}}.Full()
		if (len(got.Hits) == 1) != c.want || (got.Verdict == Match) != c.want {
			t.Errorf("%s: %s with %d hits, want it kept: %t", c.name, got.Verdict, len(got.Hits), c.want)
		}
	}
	if got := (Result{Near, []Hit{hit(YearAgrees, SameSpelling, Exact, Exact)}}).Full(); got.Verdict != None || got.Hits != nil {
		t.Errorf("a near hit is kept: %+v", got)
	}
}
