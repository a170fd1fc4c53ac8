package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
)

func TestCard(t *testing.T) {
	db, _ := openTest(t)
	a := with(row("A", "Зразкова Олена Петрівна", 1980), func(r *rollcall.RosterRow) {
		r.AltNames, r.Note, r.SourceURL = []string{"Zrazkova Olena", "Вигадана Олена"}, "a note", "https://example.org/a"
	})
	later := with(a, func(r *rollcall.RosterRow) {
		r.Date, r.Status, r.Source = day(4, 1), rollcall.Returned, "Sample Office"
	})
	disagreeing := with(a, func(r *rollcall.RosterRow) {
		r.Date, r.Status, r.Source = day(4, 1), rollcall.Deceased, "Another Register"
	})
	expired := with(a, func(r *rollcall.RosterRow) { r.Source, r.Expires = "Old Register", rollcall.DateOf(noon).AddDays(-1) })
	importRows(t, db, false, a, expired, later, disagreeing)
	got, err := db.Card(t.Context(), idOf(t, db, "A"))
	if err != nil {
		t.Fatal(err)
	}
	want := Card{Person: a.Person, Claims: []rollcall.Claim{disagreeing.Claim, later.Claim, a.Claim}}
	want.ID = idOf(t, db, "A")
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Absent, hidden, expired, taken down, staged and unknown answer with the same
// words, and are found by no name and counted in no figure.
func TestWhoIsNotShownCannotBeToldApart(t *testing.T) {
	today := rollcall.DateOf(noon)
	for name, hide := range map[string]func(t *testing.T, db *DB, b rollcall.RosterRow){
		"expired": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			b.Expires = today.AddDays(-1)
			importRows(t, db, false, b)
		},
		"expired, folded": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			b.Expires = today.AddDays(-1)
			importRows(t, db, false, b)
			fold(t, db)
		},
		"absent": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			importRows(t, db, true, row("A", "Інша Олена", 0))
		},
		"absent, folded": func(t *testing.T, db *DB, b rollcall.RosterRow) { importRows(t, db, true); fold(t, db) },
		"hidden": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			execute(t, db, `UPDATE people SET withheld = 'hidden'`)
		},
		"in review": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			execute(t, db, `UPDATE people SET withheld = 'review'`)
		},
		"taken down": func(t *testing.T, db *DB, b rollcall.RosterRow) {
			execute(t, db, `UPDATE people SET withheld = 'takedown'`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			b := row("B", "Вигаденко Іван Петрович", 1990)
			importRows(t, db, false, row("A", "Інша Олена", 0), b)
			id := idOf(t, db, "B")
			if _, err := db.Card(t.Context(), id); err != nil {
				t.Fatal("before:", err)
			}
			hide(t, db, b)
			staged := begin(t, db, false)
			add(t, staged, row("STAGED", "Вигаденко Петро Іванович", 1990))
			_, unknown := db.Card(t.Context(), 12345)
			for who, id := range map[string]rollcall.PersonID{"this one": id, "a staged one": idOf(t, db, "STAGED")} {
				got, err := db.Card(t.Context(), id)
				if err == nil || err.Error() != unknown.Error() || rollcall.CodeOf(err) != rollcall.NotFound {
					t.Errorf("%s: got %v, want %v as for an unknown one", who, err, unknown)
				}
				if diff := cmp.Diff(got, Card{}); diff != "" {
					t.Errorf("%s: (-got +want):\n%s", who, diff)
				}
			}
			if got := ids(find(t, db, b.FullName)); len(got) > 0 {
				t.Errorf("found %q", got)
			}
			_, total, err := db.StatusFigures(t.Context())
			if err != nil || total > 1 {
				t.Errorf("%d people are counted (%v)", total, err)
			}
		})
	}
}

// An entry that expires between two looks of one answer is not shown without
// claims.
func TestCardAtMidnight(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2027, 1, 1, 23, 59, 59, 0, time.UTC)
	tick := time.Duration(0)
	db := openAt(t, filepath.Join(t.TempDir(), "test.db"), Options{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(tick)
		return now
	}})
	importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980)) // to be shown until that day's end
	id := idOf(t, db, "A")
	mu.Lock()
	tick = 2 * time.Second
	now = now.Add(-tick)
	mu.Unlock()
	if card, err := db.Card(t.Context(), id); err == nil && len(card.Claims) == 0 {
		t.Error("got a card without claims")
	}
}

func TestStatusFigures(t *testing.T) {
	db, _ := openTest(t)
	claims := func(id string, statuses ...rollcall.Status) (rows []rollcall.RosterRow) {
		for i, s := range statuses {
			rows = append(rows, with(row(id, "Зразкова Олена Петрівна", 1980), func(r *rollcall.RosterRow) { r.Status, r.Source = s, fmt.Sprintf("Source %d", i) }))
		}
		return rows
	}
	expired := claims("F", rollcall.Returned)
	expired[0].Expires = rollcall.DateOf(noon).AddDays(-1)
	importRows(t, db, false, slices.Concat(
		claims("A", rollcall.Missing),
		claims("B", rollcall.Missing, rollcall.Missing, rollcall.ReportedHeld), // two sources agree, one does not
		claims("C", rollcall.Deceased),
		claims("D", rollcall.Deceased, rollcall.Missing),
		claims("E", rollcall.Deceased, rollcall.Deceased),
		expired)...)
	got, total, err := db.StatusFigures(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[rollcall.Status]int{rollcall.Missing: 3, rollcall.ReportedHeld: 1, rollcall.Deceased: 3}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if total != 3 { // without C and E, of whom nothing else is said
		t.Errorf("got %d in total, want 3", total)
	}
}

func TestStats(t *testing.T) {
	db, c := openTest(t)
	c.set(noon.Add(-25 * time.Hour))
	record(t, db, 1, Handled, nil)
	expired := with(row("C", "Третя Олена", 0), func(r *rollcall.RosterRow) { r.Source, r.Expires = "Old Register", rollcall.DateOf(noon).AddDays(-1) })
	importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980), row("B", "Вигаденко Іван Петрович", 1990), expired)
	c.set(noon)
	execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE public_id = 'B'`)
	record(t, db, 2, Handled, nil)
	update(t, db, func(tx *Tx) error { return tx.SetLanguage(5, rollcall.Ukrainian) })
	b := begin(t, db, false)
	add(t, b, row("STAGED", "Вигаденко Петро Іванович", 1990))
	got, err := db.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{People: 1, Withheld: 1, Claims: 2, Sources: 2, Peers: 1, Deliveries: map[string]int{}, LastImport: noon.Add(-25 * time.Hour), Updates: 1}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	lines := map[string]string{}
	for _, f := range got.Lines() {
		lines[f.Name] = f.Value
	}
	for name, want := range map[string]string{"people shown": "1", "live claims": "2", "last import": "2026-06-14T11:00:00Z", "deliveries dead": "0"} {
		if lines[name] != want {
			t.Errorf("%s: got %q, want %q", name, lines[name], want)
		}
	}
}

// People is what a look at every single entry would find.
func TestPeopleAsByBruteForce(t *testing.T) {
	db, _ := openTest(t)
	today := rollcall.DateOf(noon)
	var rows []rollcall.RosterRow
	n := 0
	for r := range sample.Rows(7, 700, today) {
		if n++; n%11 == 0 {
			r.Expires = today.AddDays(-1)
		}
		rows = append(rows, r)
	}
	importRows(t, db, false, rows...)
	importRows(t, db, true, rows[:600]...)
	execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE id % 13 = 0`)
	fold(t, db)
	staged := begin(t, db, false)
	defer discard(t, staged)
	for r := range sample.Rows(8, 100, today) {
		r.PublicID = "STAGED-" + r.PublicID
		add(t, staged, r)
	}

	// Every entry that may be shown, with its keys.
	type entry struct {
		rollcall.Person
		keys map[names.Key]bool
	}
	var all []entry
	var vocabulary []names.Key
	byName := map[string]rollcall.PersonID{}
	for _, r := range export(t, db) {
		if r.Expires.Compare(today) < 0 {
			continue
		}
		p := r.Person
		p.ID = idOf(t, db, p.PublicID)
		if p.ID%13 == 0 || byName[p.PublicID] != 0 {
			continue
		}
		byName[p.PublicID] = p.ID
		e := entry{p, map[names.Key]bool{}}
		for _, k := range names.Keys(p.FullName, p.AltNames) {
			e.keys[k] = true
			vocabulary = append(vocabulary, k)
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int { return int(a.ID - b.ID) })
	if len(all) < 100 {
		t.Fatalf("only %d entries are shown", len(all))
	}
	vocabulary = append(vocabulary, "nobody", "~nbd") // some keys are borne by many, and two by nobody
	key := rapid.SampledFrom(vocabulary)

	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		l := names.Lookup{
			UnknownYear: rapid.Bool().Draw(rt, "unknown year"),
			Limit:       rapid.SampledFrom([]int{0, 1, 2, 5, 1000}).Draw(rt, "limit"),
		}
		// Some keys of an entry, so that more than one group is borne by someone.
		whose := rapid.SampledFrom(all).Draw(rt, "whose")
		own := names.Keys(whose.FullName, whose.AltNames)
		for range rapid.IntRange(0, maxGroups).Draw(rt, "groups") {
			g := rapid.SliceOfN(key, 0, 6).Draw(rt, "group")
			if len(g) == 0 || rapid.IntRange(0, 3).Draw(rt, "own") > 0 {
				g = append(g, rapid.SampledFrom(own).Draw(rt, "own key"))
			}
			l.Groups = append(l.Groups, g)
		}
		if rapid.Bool().Draw(rt, "with years") {
			born := whose.BirthYear
			if born == 0 {
				born = 1980
			}
			l.YearFrom = born + rapid.IntRange(-2, 1).Draw(rt, "from")
			l.YearTo = l.YearFrom + rapid.IntRange(0, 3).Draw(rt, "years")
		}
		given := fmt.Sprint(l)
		var want []rollcall.Person
		for _, e := range all {
			fits := len(l.Groups) > 0
			for _, g := range l.Groups {
				fits = fits && slices.ContainsFunc(g, func(k names.Key) bool { return e.keys[k] })
			}
			if l.YearFrom != 0 && !(e.BirthYear >= l.YearFrom && e.BirthYear <= l.YearTo) && !(l.UnknownYear && e.BirthYear == 0) {
				fits = false
			}
			if fits && len(want) < l.Limit {
				want = append(want, e.Person)
			}
		}
		got, err := db.People(t.Context(), l)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			rt.Fatalf("%s (-got +want):\n%s", given, diff)
		}
		if fmt.Sprint(l) != given {
			rt.Fatalf("the lookup was changed: %v, was %s", l, given)
		}
		found += len(got)
	})
	if found == 0 {
		t.Error("nothing was ever found")
	}
}

// Of more groups than are joined, the rarest count.
func TestPeopleOfManyGroups(t *testing.T) {
	db, _ := openTest(t)
	const name = "Зразкова Олена Петрівна Ганна Марія Вигадана"
	importRows(t, db, false, row("A", name, 1980), row("B", "Олена Петрівна Ганна Марія", 1980), row("C", "Вигадана Олена", 1980))
	var groups [][]names.Key
	for _, part := range names.Parts(name) {
		groups = append(groups, names.ExactKeys(part))
	}
	got, err := db.People(t.Context(), names.Lookup{Groups: groups, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids(got), []string{"A"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// What is remembered of how common a name is holds until the next publication.
func TestPeopleFindsWhoWasJustPublished(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{Now: db.now})
	l := names.Lookup{Groups: [][]names.Key{names.ExactKeys("Вигаденко"), names.ExactKeys("Іван")}, Limit: 10}
	want := []string{}
	for _, id := range []string{"A", "B", "C"} {
		importRows(t, db, false, row("OTHER-"+id, "Зразкова Іван", 1980)) // bears one of the names
		for _, db := range []*DB{db, other} {
			got, err := db.People(t.Context(), l)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids(got), want); diff != "" {
				t.Errorf("before %s (-got +want):\n%s", id, diff)
			}
		}
		importRows(t, db, false, row(id, "Вигаденко Іван", 1980))
		want = append(want, id)
	}
}

func TestFrequency(t *testing.T) {
	db, _ := openTest(t)
	for i := range 10 {
		importRows(t, db, false, row(fmt.Sprint(i), fmt.Sprintf("Зразкова-%d Олена", i), 1980))
	}
	for _, tt := range []struct {
		name      string
		key       names.Key
		max, want int
	}{
		{"all", names.ExactKey("Олена"), 100, 10},
		{"up to a bound", names.ExactKey("Олена"), 4, 4},
		{"nobody", "nobody", 100, 0},
	} {
		got, err := db.Frequency(t.Context(), tt.key, tt.max)
		if err != nil || got != tt.want {
			t.Errorf("%s: got %d (%v), want %d", tt.name, got, err, tt.want)
		}
	}
}

// Names come from people: nothing in one is more than a name.
func TestNamesAreNotReadAsSQL(t *testing.T) {
	db, _ := openTest(t)
	const name = `Зразкова'); DROP TABLE people; -- "Олена" % _ ?1 \`
	importRows(t, db, false, with(row("A", name, 1980), func(r *rollcall.RosterRow) { r.AltNames, r.Source, r.Note = []string{name}, name, name }))
	got := export(t, db)
	if len(got) != 1 || got[0].FullName != name || got[0].Source != name || got[0].Note != name {
		t.Errorf("got %v", got)
	}
	if _, err := db.People(t.Context(), names.Lookup{Groups: [][]names.Key{{`' OR 1=1 --`, "%"}}, Limit: 10}); err != nil {
		t.Error(err)
	}
}

// What Export tells is of one instant, whatever is published meanwhile.
func TestExportSeesOneState(t *testing.T) {
	db, _ := openTest(t)
	var rows []rollcall.RosterRow
	for i := range 50 {
		rows = append(rows, row(fmt.Sprintf("%03d", i), fmt.Sprintf("Зразкова-%d Олена", i), 1980))
	}
	importRows(t, db, false, rows...)
	n := 0
	err := db.Export(t.Context(), func(r rollcall.RosterRow) error {
		if n++; n == 1 {
			for i := range rows {
				rows[i].BirthYear = 1999
			}
			importRows(t, db, true, rows[:10]...)
			fold(t, db)
		}
		if r.BirthYear != 1980 {
			t.Errorf("%s is of another state", r.PublicID)
		}
		return nil
	})
	if err != nil || n != 50 {
		t.Errorf("got %d rows (%v), want 50", n, err)
	}
}

func TestRounds(t *testing.T) {
	db, c := openTest(t)
	figure := func(count int, source string, d rollcall.Date) rollcall.RoundFigure {
		return rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: count, AtLeast: true, Date: d, Source: source, SourceURL: "https://example.org/1"}
	}
	say := func(title string, f rollcall.RoundFigure) {
		t.Helper()
		update(t, db, func(tx *Tx) error { return tx.AddRoundFigure(title, f, Shell) })
	}
	say("Round of May 2026", figure(10, "Example Register", day(5, 1)))
	say("Round of May 2026", figure(12, "Sample Office", day(5, 1)))
	say("Round of May 2026", figure(11, "Example Register", day(5, 2)))
	say("Round of May 2026", figure(15, "Example Register", day(5, 1))) // corrected
	c.set(noon.Add(time.Hour))
	say("Round of June 2026", figure(0, "Example Register", day(6, 1)))
	got, err := db.Rounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []rollcall.Round{
		{ID: 2, Title: "Round of June 2026", Figures: []rollcall.RoundFigure{figure(0, "Example Register", day(6, 1))}},
		{ID: 1, Title: "Round of May 2026", Figures: []rollcall.RoundFigure{
			figure(11, "Example Register", day(5, 2)), figure(15, "Example Register", day(5, 1)), figure(12, "Sample Office", day(5, 1))}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for name, f := range map[string]rollcall.RoundFigure{
		"negative":   figure(-1, "Example Register", day(6, 1)),
		"no source":  figure(1, "", day(6, 1)),
		"no date":    figure(1, "Example Register", rollcall.Date{}),
		"other side": {Side: "c", Stage: rollcall.Agreed, Date: day(6, 1), Source: "Example Register"},
	} {
		err := db.Update(t.Context(), func(tx *Tx) error { return tx.AddRoundFigure("Round of July 2026", f, Shell) })
		if rollcall.CodeOf(err) != rollcall.Invalid {
			t.Errorf("%s: got %v, want an invalid value", name, err)
		}
	}
	if again, err := db.Rounds(t.Context()); err != nil || len(again) != 2 {
		t.Errorf("a refused figure made a round: %v (%v)", again, err)
	}
}
