package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/search"
	"rollcall/internal/store"
)

// An answer is what an engine says to a query. The numbers are of the roster.
type answer struct {
	Verdict search.Verdict
	IDs     []string // best first, at most 10
	Score   float64  // of the first
}

// An engine answers queries from a database on the disk.
type engine interface {
	find(ctx context.Context, text string) (answer, error)
	close() error
}

// A kind of engine: how its database is made from a roster file, and opened.
type engineKind struct {
	name, about string
	load        func(ctx context.Context, csv, db string) error
	open        func(ctx context.Context, db string) (engine, error)
}

var engineKinds = []engineKind{
	{"rollcall", "the program's own search", importRoster, openRollcall},
	{"fts5", "SQLite FTS5 with its trigram tokenizer, ranked by bm25", loadFTS(lower), openFTS(lower)},
	{"fts5-romanised", "the same over names and queries in Latin letters", loadFTS(latinised), openFTS(latinised)},
}

func engineNamed(name string) (engineKind, error) {
	for _, k := range engineKinds {
		if k.name == name {
			return k, nil
		}
	}
	return engineKind{}, fmt.Errorf("there is no engine %q", name)
}

// importRoster does what the import verb does.
func importRoster(ctx context.Context, csv, path string) error {
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := rosterio.OpenReader(csv, rosterio.CSV, rollcall.DateOf(time.Now().UTC()))
	if err != nil {
		return err
	}
	defer r.Close()
	rep, err := rosterio.Import(ctx, db, r, store.Shell, rosterio.ImportOptions{})
	if err != nil {
		for _, f := range rep.Faults {
			fmt.Fprintln(os.Stderr, f)
		}
		return fmt.Errorf("import the roster: %w", err)
	}
	return db.Fold(ctx)
}

type rollcallEngine struct {
	db     *store.DB
	search *search.Searcher
}

func openRollcall(ctx context.Context, path string) (engine, error) {
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return nil, err
	}
	return &rollcallEngine{db, search.New(db)}, nil
}

func (e *rollcallEngine) find(ctx context.Context, text string) (answer, error) {
	res, err := e.search.Find(ctx, search.ParseQuery(text, time.Now()), search.Options{Limit: 10})
	if err != nil {
		return answer{}, err
	}
	a := answer{Verdict: res.Verdict}
	for i, h := range res.Hits {
		if i == 0 {
			a.Score = h.Score
		}
		a.IDs = append(a.IDs, h.Person.PublicID)
	}
	return a, nil
}

func (e *rollcallEngine) close() error { return e.db.Close() }

// writeCSV writes the roster as a file for the import.
func (ro *roster) writeCSV(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := rosterio.NewWriter(f, rosterio.CSV)
	if err != nil {
		return err
	}
	today := rollcall.DateOf(time.Now().UTC())
	claim := rollcall.Claim{Status: "missing", Date: today, Source: "Example", Expires: rollcall.Date{Year: today.Year + 4, Month: time.December, Day: 31}}
	for i := range ro.people {
		p := &ro.people[i]
		row := rollcall.RosterRow{Person: rollcall.Person{PublicID: id(i), FullName: ro.listed(p), BirthYear: p.year}, Claim: claim}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Close()
}
