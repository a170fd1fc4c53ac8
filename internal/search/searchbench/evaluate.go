package main

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/search"
)

// Figures are how the queries of one class were answered, as shares from 0 to 1.
type figures struct {
	Class      string
	Kind       string // where these are of one kind of the class only
	Queries    int
	First      float64 // the right person first
	Five       float64 // among the first five
	Match      float64 // called a match, whoever came first
	FirstMatch float64 // the right person first, and called a match
	Near       float64 // called near
	WrongMatch float64 // somebody else first, and called a match
}

// Latency of one query at a time.
type latency struct{ P50, P90, P99 time.Duration }

// A result is a whole run. As JSON, durations are in nanoseconds.
type result struct {
	Engine   string
	Half     string
	Seed     uint64
	People   int
	Surnames int // different ones
	Classes  []figures
	Overall  figures // of all queries for people that are listed, the classes with as much weight as they have queries
	Listed   latency // of the class exact
	Noisy    latency // of all other classes
	Start    time.Duration
	Resident int64         // bytes
	Import   time.Duration // of the whole file, with indexing; 0 where the database was there already
	Invent   time.Duration // of the roster
}

// A failure is a query that was not answered with the right person first; of
// absent people, one that was called a match.
type failure struct {
	query  query
	answer answer
}

// evaluate counts. The answers are those of the queries in turn. The classes come
// in the order of classNames, each followed by its kinds.
func evaluate(ro *roster, queries []query, m measurement) (classes []figures, overall figures, failures []failure) {
	by := map[[2]string]*figures{}
	figuresOf := func(class, kind string) *figures {
		key := [2]string{class, kind}
		if by[key] == nil {
			by[key] = &figures{Class: class, Kind: kind}
		}
		return by[key]
	}
	overall.Class = "overall"
	for i, q := range queries {
		counted := []*figures{figuresOf(q.Class, "")}
		if q.Kind != "" {
			counted = append(counted, figuresOf(q.Class, q.Kind))
		}
		if q.Want != nobody {
			counted = append(counted, &overall)
		}
		a := m.Answers[i]
		at := slices.IndexFunc(a.IDs, func(id string) bool { return q.right(ro, number(id)) })
		match := a.Verdict == search.Match
		for _, c := range counted {
			c.Queries++
			c.First += count(at == 0)
			c.Five += count(0 <= at && at < 5)
			c.Match += count(match)
			c.FirstMatch += count(match && at == 0)
			c.Near += count(a.Verdict == search.Near)
			c.WrongMatch += count(match && at != 0)
		}
		if q.Want != nobody && at != 0 || q.Want == nobody && match {
			failures = append(failures, failure{q, a})
		}
	}
	for _, f := range by {
		f.share()
		classes = append(classes, *f)
	}
	names := classNames()
	slices.SortFunc(classes, func(a, b figures) int {
		return cmp.Or(cmp.Compare(slices.Index(names, a.Class), slices.Index(names, b.Class)), cmp.Compare(a.Kind, b.Kind))
	})
	overall.share()
	return classes, overall, failures
}

func count(b bool) float64 { return float64(index(b)) }

// share turns counts into shares.
func (f *figures) share() {
	if f.Queries == 0 {
		return
	}
	for _, v := range []*float64{&f.First, &f.Five, &f.Match, &f.FirstMatch, &f.Near, &f.WrongMatch} {
		*v /= float64(f.Queries)
	}
}

// class returns the figures of a class, zero where it was not asked.
func (r *result) class(name string) figures {
	for _, f := range r.Classes {
		if f.Class == name && f.Kind == "" {
			return f
		}
	}
	return figures{Class: name}
}

// latencies are those of the queries as listed and of the others.
func latencies(queries []query, m measurement) (listed, noisy latency) {
	var a, b []time.Duration
	for i, q := range queries {
		if q.Class == "exact" {
			a = append(a, m.Took[i])
		} else {
			b = append(b, m.Took[i])
		}
	}
	return percentiles(a), percentiles(b)
}

func percentiles(d []time.Duration) latency {
	if len(d) == 0 {
		return latency{}
	}
	slices.Sort(d)
	at := func(p int) time.Duration { return d[(len(d)-1)*p/100] }
	return latency{at(50), at(90), at(99)}
}
