package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// writeTable writes the result for people: a line a class, and where kinds is
// set a line for each of its kinds, and then what is compared from release to
// release.
func writeTable(out io.Writer, r *result, kinds bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "class\tqueries\tfirst\tin five\tmatch\tfirst and match\twrong match\tnear\t\n")
	for _, f := range append(r.Classes, r.Overall) {
		if f.Kind != "" && !kinds {
			continue
		}
		first, five, both, wrong := percent(f.First), percent(f.Five), percent(f.FirstMatch), percent(f.WrongMatch)
		if f.Class == "absent" {
			first, five, both = "", "", ""
		}
		name := f.Class
		if f.Kind != "" {
			name = f.Kind
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, f.Queries, first, five, percent(f.Match), both, wrong, percent(f.Near))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what, figure string) { fmt.Fprintf(w, "%s\t%s\n", what, figure) }
	row("engine, names, seed", fmt.Sprintf("%s, %s, %d", r.Engine, r.Half, r.Seed))
	row("people, surnames", fmt.Sprintf("%d, %d", r.People, r.Surnames))
	row("roster invented in", short(r.Invent))
	row("right person first, overall", percent(r.Overall.First))
	row("among the first five, overall", percent(r.Overall.Five))
	row("first and called a match, overall", percent(r.Overall.FirstMatch))
	asked := func(class, what string, share func(figures) float64) {
		if f := r.class(class); f.Queries > 0 {
			row(what, percent(share(f)))
		}
	}
	first := func(f figures) float64 { return f.First }
	asked("exact", "as listed, first", first)
	asked("typo-1", "one slip, first", first)
	asked("combined", "combined, first", first)
	asked("pairs", "real-life pairs, first", first)
	asked("absent", "absent called match", func(f figures) float64 { return f.Match })
	asked("absent", "absent called near", func(f figures) float64 { return f.Near })
	if r.Listed.P50 > 0 {
		row("latency as listed, p50 p90 p99", r.Listed.String())
	}
	if r.Noisy.P50 > 0 {
		row("latency of the rest, p50 p90 p99", r.Noisy.String())
	}
	row("start to the first answer", short(r.Start))
	row("memory after the run", fmt.Sprintf("%.0f MiB", float64(r.Resident)/(1<<20)))
	if r.Import > 0 {
		row("import with indexing", short(r.Import))
	} else {
		row("import with indexing", "not measured, the database was there")
	}
	return w.Flush()
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

func (l latency) String() string {
	return short(l.P50) + "  " + short(l.P90) + "  " + short(l.P99)
}

// short rounds to three digits or so.
func short(d time.Duration) string {
	for unit := time.Second; unit >= time.Microsecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// writeFailures writes up to n failures of the class, or of all classes where
// it is empty. They hold invented names only.
func writeFailures(out io.Writer, ro *roster, list []failure, class string, n int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "class\tkind\tquery\tmeant\tcame first\tscore\tverdict\n")
	for _, f := range list {
		if n == 0 {
			break
		}
		if class != "" && f.query.Class != class {
			continue
		}
		n--
		meant, first := "nobody", "nobody"
		if f.query.Want != nobody {
			meant = ro.describe(f.query.Want)
		}
		if len(f.answer.IDs) > 0 {
			first = ro.describe(number(f.answer.IDs[0]))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.3f\t%s\n", f.query.Class, f.query.Kind, f.query.Text, meant, first, f.answer.Score, f.answer.Verdict)
	}
	return w.Flush()
}

func (ro *roster) describe(i int) string {
	if i >= len(ro.people) {
		return "another roster's person"
	}
	p := &ro.people[i]
	if p.year == 0 {
		return ro.listed(p)
	}
	return fmt.Sprintf("%s, %d", ro.listed(p), p.year)
}
