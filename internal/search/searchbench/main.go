// Command searchbench measures the name search on invented rosters:
//
//	go run ./internal/search/searchbench                         # the tune half, 100,000 people
//	go run ./internal/search/searchbench -half report            # what may be quoted
//	go run ./internal/search/searchbench -people 1000000 -db big.db
//	go run ./internal/search/searchbench -db big.db -people 1000000 -class short -show 20
//	go run ./internal/search/searchbench -engine fts5 -n 50      # a plain alternative, and a slow one
//
// # Two halves
//
// Given names and stems of surnames are dealt into two halves with nothing in
// common. Tune on the one, with its seed; report the other's figures, and do not
// look at its failures. Package names has tables of its own: nothing here is
// taken from it, and nothing from here belongs into it.
//
// # Roster
//
// Half of the people are Ukrainian, 35% Russian, the rest English; 12% of the
// former two are listed in the other language's forms, 8% romanised. Usual
// surnames are made of roots, the long tail of syllables, all with real endings;
// frequencies are as uneven as in life. Most have a patronymic and a year of
// birth. The people of the real-life pairs (pairs.go) are listed beside them.
//
// # Queries
//
// Each class of noise asks for people drawn at random, with -n queries: names as
// listed, romanised by each standard, with slips, initials and so on (queries.go).
// Half of the queries have the patronymic or middle name where one is listed, the
// others surname and given name; a fifth have the year of birth, and three in ten
// are in lower case. A noise that changes nothing is drawn again, and so is a slip
// that makes another listed person's name.
//
// An answer is right when the person meant comes first, or one of whom the very
// same details are listed: whose name, written as in the query before its slips,
// is the same text, and whose year of birth is the same where the query has it.
//
// Absent people come in six kinds (absent.go), in equal shares: surname and given
// name of different people, a listed person with another given name, with another
// patronymic, with another patronymic and a year more than ten years off, a
// surname two or three letters from a listed one, and names of other languages.
// No listed person could be meant by them.
//
// # Figures
//
// Queries are answered one after the other in a process that does nothing else,
// so that its memory is that of the search. The import is that of the import
// verb, from a CSV file. For the FTS5 engines whatever comes first is a match.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	half   half
	seed   uint64
	people int
	n      int // queries a class
	class  string
	engine engineKind
	db     string // kept; "" for one that is removed at the end
	show   int
	json   bool
}

// Seeds of the halves where -seed does not name one.
var seeds = [halves]uint64{20260101, 20260707}

func main() {
	var o options
	halfName := flag.String("half", "tune", "half of the names: tune or report")
	seed := flag.Uint64("seed", 0, "seed of roster and queries (default by half)")
	flag.IntVar(&o.people, "people", 100_000, "how many people the roster lists")
	flag.IntVar(&o.n, "n", 300, "queries a class")
	flag.StringVar(&o.class, "class", "", "this class only, by its kinds: "+strings.Join(classNames(), ", "))
	engineName := flag.String("engine", "rollcall", "rollcall, fts5 or fts5-romanised")
	flag.StringVar(&o.db, "db", "", "keep the database in this file, and use it again if it is there")
	flag.IntVar(&o.show, "show", 0, "print so many failures")
	flag.BoolVar(&o.json, "json", false, "print the result as JSON")
	child := flag.Bool("measure", false, "answer the queries on stdin from -db, for the benchmark itself")
	flag.Parse()
	err := func() error {
		var err error
		if o.engine, err = engineNamed(*engineName); err != nil {
			return err
		}
		ctx := context.Background()
		if *child {
			return serveMeasure(ctx, o.engine, o.db, os.Stdin, os.Stdout)
		}
		at := slices.IndexFunc([]half{tune, report}, func(h half) bool { return h.String() == *halfName })
		switch {
		case at < 0:
			return fmt.Errorf("there is no half %q", *halfName)
		case o.class != "" && !slices.Contains(classNames(), o.class):
			return fmt.Errorf("there is no class %q", o.class)
		case o.people < 1 || o.people > 2_000_000 || o.n < 1 || flag.NArg() > 0:
			return errors.New("1 to 2,000,000 people and at least one query, please; see -help")
		}
		o.half, o.seed = half(at), *seed
		if o.seed == 0 {
			o.seed = seeds[o.half]
		}
		return run(ctx, o)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "searchbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	res := &result{Engine: o.engine.name, Half: o.half.String(), Seed: o.seed, People: o.people}
	begin := time.Now()
	ro := newRoster(o.half, o.seed, o.people)
	res.Invent = time.Since(begin)
	res.Surnames = len(ro.surnames)
	queries, err := ask(ro, o)
	if err != nil {
		return err
	}
	db := o.db
	if db == "" {
		dir, err := os.MkdirTemp("", "searchbench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		db = filepath.Join(dir, "roster.db")
	}
	if res.Import, err = load(ctx, o, ro, db); err != nil {
		return err
	}
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = q.Text
	}
	m, err := measureApart(ctx, o.engine, db, texts)
	if err != nil {
		return err
	}
	var failures []failure
	res.Classes, res.Overall, failures = evaluate(ro, queries, m)
	res.Listed, res.Noisy = latencies(queries, m)
	res.Start, res.Resident = m.Start, m.Resident
	if o.json {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(res)
	}
	if o.show > 0 {
		if err := writeFailures(os.Stdout, ro, failures, o.class, o.show); err != nil {
			return err
		}
		fmt.Println()
	}
	return writeTable(os.Stdout, res, o.class != "")
}

// ask makes the queries of all classes, or of the one asked for, and adds the
// people of the pairs to the roster.
func ask(ro *roster, o options) ([]query, error) {
	paired := ro.addPairs()
	m := newMaker(ro, o.seed)
	var all []query
	for _, c := range classes {
		// Every class has a stream of its own: the queries are the same whether
		// it is asked alone or with the others.
		m.rng = newRNG(o.seed, c.name)
		if o.class != "" && o.class != c.name {
			continue
		}
		list, err := m.queries(c, o.n)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if o.class == "" || o.class == "pairs" {
		all = append(all, paired...)
	}
	if o.class == "" || o.class == "absent" {
		m.rng = newRNG(o.seed, "absent")
		list, err := m.absents(o.n)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// load makes the database, unless the file has this very roster already, and
// returns how long the import took; 0 where there was none. What a file holds is
// written beside it.
func load(ctx context.Context, o options, ro *roster, db string) (time.Duration, error) {
	holds := fmt.Sprintf("%s %s %d %d %x\n", o.engine.name, o.half, o.seed, o.people, ro.sum())
	note := db + ".roster"
	switch had, err := os.ReadFile(note); {
	case err == nil && string(had) == holds:
		return 0, nil
	case err == nil:
		return 0, fmt.Errorf("%s holds another roster (%s): name another file", db, strings.TrimSpace(string(had)))
	case !errors.Is(err, fs.ErrNotExist):
		return 0, err
	}
	if _, err := os.Stat(db); err == nil {
		return 0, fmt.Errorf("%s is there already and not of this benchmark, or half made: name another file", db)
	}
	csv := db + ".csv"
	defer os.Remove(csv)
	if err := ro.writeCSV(csv); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := o.engine.load(ctx, csv, db); err != nil {
		return 0, err
	}
	took := time.Since(begin)
	return took, os.WriteFile(note, []byte(holds), 0o644)
}
