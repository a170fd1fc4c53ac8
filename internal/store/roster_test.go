package store

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	for user := range rollcall.UserID(2) {
		lookUp(t, db, user)
		show(t, db, user, false, 1)
	}
	wish(t, db, 5, "Шуканенко Марія", 1975)
	wish(t, db, 5, "Шуканенко Петро", 1976)
	b := begin(t, db, false)
	add(t, b, row("STAGED", "Вигаденко Петро Іванович", 1990))
	got, err := db.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{People: 1, Withheld: 1, Claims: 2, Sources: 2, Peers: 1, Wishes: 2, Deliveries: map[string]int{}, LastImport: noon.Add(-25 * time.Hour), Updates: 1,
		LookupsToday: 2, ShownToday: 1}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	lines := map[string]string{}
	for _, f := range got.Lines() {
		lines[f.Name] = f.Value
	}
	for name, want := range map[string]string{"people shown": "1", "live claims": "2", "last import": "2026-06-14T11:00:00Z", "deliveries dead": "0",
		"standing wishes": "2", "lookups today": "2", "people shown today": "1"} {
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

	shown := map[rollcall.PersonID]rollcall.Person{}
	for _, r := range export(t, db) {
		p := r.Person
		p.ID = idOf(t, db, p.PublicID)
		if r.Expires.Compare(today) >= 0 && p.ID%13 != 0 {
			shown[p.ID] = p
		}
	}
	if len(shown) < 100 {
		t.Fatalf("only %d entries are shown", len(shown))
	}
	var everyone []rollcall.PersonID
	for id := range rollcall.PersonID(2000) {
		everyone = append(everyone, id)
	}
	got := shownOf(t, db, everyone)
	want := slices.SortedFunc(maps.Values(shown), func(a, b rollcall.Person) int { return int(a.ID - b.ID) })
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	some := []rollcall.PersonID{want[7].ID, 1 << 40, want[3].ID, -1, want[7].ID}
	few, err := db.People(t.Context(), some, rollcall.Years{})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(few, func(a, b rollcall.Person) int { return int(a.ID - b.ID) })
	if diff := cmp.Diff(few, []rollcall.Person{want[3], want[7]}); diff != "" {
		t.Errorf("of a few ids (-got +want):\n%s", diff)
	}
	born := want[3].BirthYear
	few, err = db.People(t.Context(), everyone, rollcall.Years{From: born, To: born + 1})
	if err != nil || len(few) == 0 || slices.ContainsFunc(few, func(p rollcall.Person) bool { return p.BirthYear < born || p.BirthYear > born+1 }) {
		t.Errorf("of two years: got %v (%v)", few, err)
	}
	if none, err := db.People(t.Context(), nil, rollcall.Years{}); err != nil || len(none) > 0 {
		t.Errorf("of no ids: got %v (%v)", none, err)
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
	if diff := cmp.Diff(ids(find(t, db, name)), []string{"A"}); diff != "" {
		t.Errorf("found (-got +want):\n%s", diff)
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
