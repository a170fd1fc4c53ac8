package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/names"
	"rollcall/internal/race"
	"rollcall/internal/rollcall"
)

func day(month, d int) rollcall.Date {
	return rollcall.Date{Year: 2026, Month: 1, Day: 1}.AddDays(30*(month-1) + d - 1)
}

// row is an invented person's row, shown at [noon].
func row(id, name string, year int) rollcall.RosterRow {
	return rollcall.RosterRow{
		Person: rollcall.Person{PublicID: id, FullName: name, BirthYear: year},
		Claim:  rollcall.Claim{Status: rollcall.Missing, Date: day(3, 1), Source: "Example Register", Expires: rollcall.Date{Year: 2027, Month: 1, Day: 1}},
	}
}

// with is the row of another claim, spelling or expiry.
func with(r rollcall.RosterRow, change func(*rollcall.RosterRow)) rollcall.RosterRow {
	change(&r)
	return r
}

func begin(t testing.TB, db *DB, full bool) *Batch {
	t.Helper()
	b, err := db.BeginBatch(context.Background(), full)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func add(t testing.TB, b *Batch, rows ...rollcall.RosterRow) []RowResult {
	t.Helper()
	var all []RowResult
	for chunk := range slices.Chunk(rows, ChunkRows) {
		results, err := b.Add(context.Background(), chunk)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, results...)
	}
	return all
}

func publish(t testing.TB, b *Batch) BatchSummary {
	t.Helper()
	s, err := b.Publish(context.Background(), Shell)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func discard(t testing.TB, b *Batch) {
	t.Helper()
	if err := b.Discard(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func fold(t testing.TB, db *DB) {
	t.Helper()
	if err := db.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// importRows imports rows that have no faults.
func importRows(t testing.TB, db *DB, full bool, rows ...rollcall.RosterRow) BatchSummary {
	t.Helper()
	b := begin(t, db, full)
	for i, r := range add(t, b, rows...) {
		if r.Problem != nil {
			t.Fatalf("row %d: %v", i, r.Problem)
		}
	}
	return publish(t, b)
}

func export(t testing.TB, db *DB) []rollcall.RosterRow {
	t.Helper()
	rows := []rollcall.RosterRow{}
	if err := db.Export(context.Background(), func(r rollcall.RosterRow) error { rows = append(rows, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows
}

// idOf returns an entry's own number, published or not.
func idOf(t testing.TB, db *DB, publicID string) rollcall.PersonID {
	t.Helper()
	var id rollcall.PersonID
	if err := db.row(context.Background(), `SELECT id FROM people WHERE public_id = ?`, []any{publicID}, &id); err != nil {
		t.Fatal(err)
	}
	return id
}

// seen is all that readers are told of the roster.
type seen struct {
	Export []rollcall.RosterRow
	Cards  map[rollcall.PersonID]Card
	Found  []rollcall.Person // by any of the names
	Status map[rollcall.Status]int
	Total  int
	Stats  Stats
}

func look(t testing.TB, db *DB, names ...string) seen {
	t.Helper()
	s := seen{Export: export(t, db), Cards: map[rollcall.PersonID]Card{}}
	var last int64
	if err := db.row(context.Background(), `SELECT coalesce(max(id), 0) FROM people`, nil, &last); err != nil {
		t.Fatal(err)
	}
	for id := rollcall.PersonID(1); int64(id) <= last; id++ {
		card, err := db.Card(context.Background(), id)
		if err == nil {
			s.Cards[id] = card
		} else {
			wantCode(t, err, rollcall.NotFound)
		}
	}
	if len(names) > 0 {
		s.Found = find(t, db, names...)
	}
	var err error
	if s.Status, s.Total, err = db.StatusFigures(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.Stats, err = db.Stats(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// find returns who bears a key of any of the names.
func find(t testing.TB, db *DB, any ...string) []rollcall.Person {
	t.Helper()
	lists, err := db.Bearers(context.Background(), names.Index(any[0], any[1:]).Keys, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(lists...)
	slices.Sort(all)
	people := shownOf(t, db, slices.Compact(all))
	// The index may still lead to who had the name before.
	return slices.DeleteFunc(people, func(p rollcall.Person) bool {
		has := names.Index(p.FullName, p.AltNames).Keys
		return !slices.ContainsFunc(names.Index(any[0], any[1:]).Keys, func(k names.Key) bool { return slices.Contains(has, k) })
	})
}

// shownOf returns those of the ids that may be shown, as a search finds it out.
func shownOf(t testing.TB, db *DB, ids []rollcall.PersonID) []rollcall.Person {
	t.Helper()
	live, err := db.Live(context.Background(), ids)
	if err != nil {
		t.Fatal(err)
	}
	people, err := db.People(context.Background(), live, rollcall.Years{})
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func ids(people []rollcall.Person) []string {
	out := []string{}
	for _, p := range people {
		out = append(out, p.PublicID)
	}
	slices.Sort(out)
	return out
}

func TestNothingIsSeenBeforePublish(t *testing.T) {
	db, _ := openTest(t)
	old := row("OLD", "Зразкова Олена Петрівна", 1980)
	importRows(t, db, false, old)
	before := look(t, db, "Вигаденко", "Зразкова")

	b := begin(t, db, true)
	add(t, b,
		row("NEW", "Вигаденко Іван Петрович", 1990),
		with(old, func(r *rollcall.RosterRow) { r.BirthYear, r.Note, r.Expires = 1981, "renewed", r.Expires.AddDays(9) }),
		with(old, func(r *rollcall.RosterRow) {
			r.BirthYear, r.Status, r.Source = 1981, rollcall.Returned, "Sample Office"
		}))
	if diff := gocmp.Diff(look(t, db, "Вигаденко", "Зразкова"), before); diff != "" {
		t.Errorf("while it is staged (-got +want):\n%s", diff)
	}

	s := publish(t, b)
	if diff := gocmp.Diff(s, BatchSummary{People: 1, PeopleChanged: 1, Claims: 2, Renewed: 1}); diff != "" {
		t.Errorf("summary (-got +want):\n%s", diff)
	}
	after := look(t, db, "Вигаденко", "Зразкова")
	if diff := gocmp.Diff(ids(after.Found), []string{"NEW", "OLD"}); diff != "" {
		t.Errorf("found (-got +want):\n%s", diff)
	}
	old.BirthYear, old.Note, old.Expires = 1981, "renewed", old.Expires.AddDays(9)
	want := []rollcall.RosterRow{row("NEW", "Вигаденко Іван Петрович", 1990), old,
		with(row("OLD", "Зразкова Олена Петрівна", 1981), func(r *rollcall.RosterRow) { r.Status, r.Source = rollcall.Returned, "Sample Office" })}
	if diff := gocmp.Diff(after.Export, want); diff != "" {
		t.Errorf("export (-got +want):\n%s", diff)
	}
	if diff := gocmp.Diff(after.Cards[idOf(t, db, "OLD")].Claims, []rollcall.Claim{want[1].Claim, want[2].Claim}); diff != "" {
		t.Errorf("card (-got +want):\n%s", diff)
	}
	if diff := gocmp.Diff(after.Status, map[rollcall.Status]int{rollcall.Missing: 2, rollcall.Returned: 1}); diff != "" || after.Total != 2 {
		t.Errorf("figures: total %d (-got +want):\n%s", after.Total, diff)
	}
}

// bigBatch stages enough to take several chunks of all kinds: new people, new
// claims on older ones, changes of name and year, renewals.
func bigBatch(n int) (old, staged []rollcall.RosterRow) {
	for i := range n {
		r := row(fmt.Sprintf("OLD-%04d", i), fmt.Sprintf("Зразкова-%d Олена Петрівна", i), 1980)
		old = append(old, r)
		changed := with(r, func(r *rollcall.RosterRow) {
			r.FullName, r.AltNames, r.BirthYear, r.Note = "Вигадана Олена", []string{r.FullName}, 1990, "renewed"
		})
		staged = append(staged, changed,
			with(changed, func(r *rollcall.RosterRow) { r.Source = fmt.Sprintf("Source %d", i%7) }),
			row("", fmt.Sprintf("Новенко-%d Іван Петрович", i), 1970),
			row(fmt.Sprintf("NEW-%04d", i), fmt.Sprintf("Зразкова-%d Олена Петрівна", i), 1980))
	}
	return old, staged
}

func TestDiscardLeavesNoTrace(t *testing.T) {
	for name, half := range map[string]func(testing.TB, *Batch){
		"the index is not written":  func(testing.TB, *Batch) {},
		"the index is half written": stagePostings,
		"the index is written":      stageIndex,
	} {
		t.Run(name, func(t *testing.T) { discardLeavesNoTrace(t, half) })
	}
}

func discardLeavesNoTrace(t *testing.T, half func(testing.TB, *Batch)) {
	db, _ := openTest(t)
	old, staged := bigBatch(ChunkRows/2 + 50)
	importRows(t, db, false, old...)
	before := dump(t, db, "batches")
	b := begin(t, db, true)
	add(t, b, staged[:ChunkRows]...)
	half(t, b)
	add(t, b, staged[ChunkRows:]...)
	if gocmp.Equal(dump(t, db, "batches"), before) {
		t.Fatal("nothing was staged")
	}
	discard(t, b)
	if diff := gocmp.Diff(dump(t, db, "batches"), before); diff != "" {
		t.Errorf("(-got +want):\n%.2000s", diff)
	}
	if got := query(t, db, `SELECT count(*) FROM batches WHERE discarded_at IS NOT NULL AND published_at IS NULL`); got[0] != "1" {
		t.Errorf("got %s discarded batches, want 1", got[0])
	}
	importRows(t, db, false, staged[0]) // the next may begin
}

// A source that a staged batch brought in and somebody else has used since
// stays.
func TestDiscardKeepsSourcesThatAreUsed(t *testing.T) {
	db, _ := openTest(t)
	b := begin(t, db, false)
	add(t, b, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.Source = "Sample Office" }),
		with(row("B", "Зразкова Ольга", 1980), func(r *rollcall.RosterRow) { r.Source = "Example Office" }))
	update(t, db, func(tx *Tx) error {
		return tx.AddRoundFigure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 10,
			Date: day(5, 1), Source: "Sample Office"}, Shell)
	})
	discard(t, b)
	if diff := gocmp.Diff(query(t, db, `SELECT name FROM sources`), []string{"Sample Office"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	rounds, err := db.Rounds(t.Context())
	if err != nil || len(rounds) != 1 || len(rounds[0].Figures) != 1 {
		t.Errorf("got %v (%v), want the figure", rounds, err)
	}
}

// interruptedRows are what the process that is killed has staged.
func interruptedRows() []rollcall.RosterRow {
	return []rollcall.RosterRow{
		row("NEW", "Вигаденко Іван Петрович", 1990),
		row("OLD", "Інакша Олена Петрівна", 1981),
		with(row("OLD", "Інакша Олена Петрівна", 1981), func(r *rollcall.RosterRow) { r.Status, r.Source = rollcall.Returned, "Sample Office" }),
	}
}

func TestImportKilledInTheMiddleIsCleanedUpByTheNext(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("OLD", "Зразкова Олена Петрівна", 1980))
	before, seen := dump(t, db, "batches"), look(t, db)

	c := startChild(t, "stage", db.path)
	if got := query(t, db, `SELECT count(*) FROM people`); got[0] != "2" {
		t.Fatalf("got %s people with what is staged, want 2", got[0])
	}
	if _, err := db.BeginBatch(t.Context(), false); !errors.Is(err, ErrImportRunning) {
		t.Fatalf("beside the other process: got %v, want ErrImportRunning", err)
	}
	c.kill(t)
	if diff := gocmp.Diff(look(t, db), seen); diff != "" {
		t.Errorf("after its death (-got +want):\n%s", diff)
	}

	b := begin(t, db, false)
	if diff := gocmp.Diff(dump(t, db, "batches"), before); diff != "" {
		t.Errorf("after the next has begun (-got +want):\n%s", diff)
	}
	add(t, b, row("THEN", "Інша Олена", 1970))
	publish(t, b)
	if diff := gocmp.Diff(ids(find(t, db, "Вигаденко", "Зразкова", "Інакша", "Інша")), []string{"OLD", "THEN"}); diff != "" {
		t.Errorf("found (-got +want):\n%s", diff)
	}
}

// A clean-up that was itself interrupted is carried on.
func TestCleanUpCanBeInterrupted(t *testing.T) {
	var interrupt context.CancelFunc
	left := 0
	db := openAt(t, filepath.Join(t.TempDir(), "test.db"), Options{Now: func() time.Time { // asked by every transaction
		if left--; left == 0 {
			interrupt() // what is under way is finished, and no more begun
		}
		return noon
	}})
	old, staged := bigBatch(ChunkRows/2 + 10)
	importRows(t, db, false, old...)
	before := dump(t, db, "batches")
	b := begin(t, db, false)
	add(t, b, staged...)
	stageIndex(t, b)
	b.lock.Release() // as the end of its process would
	interrupted := 0
	for {
		var ctx context.Context
		ctx, interrupt = context.WithCancel(t.Context())
		left = interrupted + 1
		b, err := db.BeginBatch(ctx, false)
		left = 0
		interrupt()
		if err == nil {
			discard(t, b)
			break
		}
		if interrupted++; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context.Canceled", err)
		}
	}
	if interrupted < 2 {
		t.Errorf("interrupted %d times, want several", interrupted)
	}
	if diff := gocmp.Diff(dump(t, db, "batches"), before); diff != "" {
		t.Errorf("(-got +want):\n%.2000s", diff)
	}
}

func TestFullImportHidesWhoIsAbsentAndShowsWhoIsBack(t *testing.T) {
	for _, folded := range []bool{false, true} {
		t.Run(fmt.Sprintf("folded=%v", folded), func(t *testing.T) {
			db, _ := openTest(t)
			a, b := row("A", "Зразкова Олена Петрівна", 1980), row("B", "Вигаденко Іван Петрович", 1990)
			maybeFold := func() {
				if folded {
					fold(t, db)
				}
			}
			both := []string{"A", "B"}
			step := func(name string, full bool, want BatchSummary, shown []string, rows ...rollcall.RosterRow) {
				t.Helper()
				if diff := gocmp.Diff(importRows(t, db, full, rows...), want); diff != "" {
					t.Errorf("%s: summary (-got +want):\n%s", name, diff)
				}
				maybeFold()
				if diff := gocmp.Diff(ids(find(t, db, a.FullName, b.FullName)), shown); diff != "" {
					t.Errorf("%s: found (-got +want):\n%s", name, diff)
				}
				exported := []string{}
				for _, r := range export(t, db) {
					exported = append(exported, r.PublicID)
				}
				if diff := gocmp.Diff(exported, shown); diff != "" {
					t.Errorf("%s: export (-got +want):\n%s", name, diff)
				}
				if _, total, err := db.StatusFigures(t.Context()); err != nil || total != len(shown) {
					t.Errorf("%s: total %d (%v), want %d", name, total, err, len(shown))
				}
			}
			step("first", true, BatchSummary{People: 2, Claims: 2}, both, a, b)
			step("without B", true, BatchSummary{Renewed: 1, Hidden: 1}, []string{"A"}, a)
			step("still without B", true, BatchSummary{Renewed: 1}, []string{"A"}, a)
			step("not full", false, BatchSummary{Renewed: 1}, []string{"A"}, a)
			step("B is back", true, BatchSummary{Renewed: 2, PeopleChanged: 1}, both, a, b)
			step("without A, not full", false, BatchSummary{Renewed: 1}, both, b)
			step("without either", true, BatchSummary{Hidden: 2}, []string{})
			// A row without an id brings back whom it is about.
			step("A by name", false, BatchSummary{Renewed: 1, PeopleChanged: 1}, []string{"A"}, with(a, func(r *rollcall.RosterRow) { r.PublicID = "" }))
		})
	}
}

func TestHiddenByAFullImportUntilItIsPublished(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, true, row("A", "Зразкова Олена Петрівна", 1980), row("B", "Вигаденко Іван Петрович", 1990))
	b := begin(t, db, true)
	add(t, b, row("A", "Зразкова Олена Петрівна", 1980))
	n, err := b.CountAbsent(t.Context())
	if err != nil || n != 1 {
		t.Errorf("got %d (%v) who would be hidden, want 1", n, err)
	}
	before := dump(t, db)
	if diff := gocmp.Diff(ids(find(t, db, "Вигаденко")), []string{"B"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := gocmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("counting writes (-got +want):\n%s", diff)
	}
	discard(t, b)
	if diff := gocmp.Diff(ids(find(t, db, "Вигаденко")), []string{"B"}); diff != "" {
		t.Errorf("after Discard (-got +want):\n%s", diff)
	}
}

func TestSameClaimTwiceInOneFile(t *testing.T) {
	a := row("A", "Зразкова Олена Петрівна", 1980)
	for name, setup := range map[string][]rollcall.RosterRow{"a new claim": nil, "a claim that is known": {a}} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, setup...)
			b := begin(t, db, false)
			got := add(t, b, a,
				with(a, func(r *rollcall.RosterRow) { r.Note = "other note" }),
				with(a, func(r *rollcall.RosterRow) { r.PublicID = "" }), // the same person by name
				with(a, func(r *rollcall.RosterRow) { r.Status = rollcall.Returned }),
				with(a, func(r *rollcall.RosterRow) { r.Date = r.Date.AddDays(1) }),
				with(a, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }),
				with(a, func(r *rollcall.RosterRow) { r.PublicID = "B" }),
			)
			discard(t, b)
			want := []RowResult{{}, {Problem: &errTwice}, {Problem: &errTwice}, {}, {}, {}, {}}
			if diff := gocmp.Diff(got, want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
	// Two files may hold the same claim.
	db, _ := openTest(t)
	importRows(t, db, false, a)
	importRows(t, db, false, a)
}

func TestKnownClaimIsRenewed(t *testing.T) {
	a := row("A", "Зразкова Олена Петрівна", 1980)
	today := rollcall.DateOf(noon)
	for _, tt := range []struct {
		name     string
		expires  rollcall.Date
		want     rollcall.Date
		shown    bool
		comeback bool
	}{
		{name: "to a later day", expires: a.Expires.AddDays(100), want: a.Expires.AddDays(100), shown: true},
		{name: "to an earlier day", expires: today.AddDays(1), want: today.AddDays(1), shown: true},
		{name: "to today", expires: today, want: today, shown: true},
		{name: "to yesterday", expires: today.AddDays(-1), want: today.AddDays(-1)},
		{name: "by no day", want: today.AddDays(rollcall.DefaultExpiryDays), shown: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, a)
			s := importRows(t, db, false, with(a, func(r *rollcall.RosterRow) {
				r.Expires, r.Note, r.SourceURL = tt.expires, "renewed", "https://example.org/renewed"
			}))
			if diff := gocmp.Diff(s, BatchSummary{Renewed: 1}); diff != "" {
				t.Errorf("summary (-got +want):\n%s", diff)
			}
			for _, when := range []string{"before folding", "after folding"} {
				want := with(a, func(r *rollcall.RosterRow) {
					r.Expires, r.Note, r.SourceURL = tt.want, "renewed", "https://example.org/renewed"
				})
				if diff := gocmp.Diff(export(t, db), []rollcall.RosterRow{want}); diff != "" {
					t.Errorf("%s (-got +want):\n%s", when, diff)
				}
				_, err := db.Card(t.Context(), idOf(t, db, "A"))
				if got := err == nil; got != tt.shown {
					t.Errorf("%s: shown is %v, want %v", when, got, tt.shown)
				}
				fold(t, db)
			}
		})
	}
}

func TestClaimWithoutExpiryIsShownForItsDays(t *testing.T) {
	db, c := openTest(t)
	importRows(t, db, false, with(row("A", "Зразкова Олена Петрівна", 1980), func(r *rollcall.RosterRow) { r.Expires = rollcall.Date{} }))
	last := noon.AddDate(0, 0, rollcall.DefaultExpiryDays)
	for _, tt := range []struct {
		name  string
		at    func()
		shown bool
	}{
		{"at its last hour", func() { c.set(last.Add(11 * 3600e9)) }, true},
		{"a day later", func() { c.set(last.AddDate(0, 0, 1)) }, false},
	} {
		tt.at()
		_, err := db.Card(t.Context(), idOf(t, db, "A"))
		if got := err == nil; got != tt.shown {
			t.Errorf("%s: shown is %v, want %v", tt.name, got, tt.shown)
		}
	}
}

// A row without an id joins an entry only where exactly one has its full name,
// of three parts, and its year.
func TestRowWithoutIDJoins(t *testing.T) {
	olena := row("A", "Зразкова Олена Петрівна", 1980)
	other := func(r rollcall.RosterRow) rollcall.RosterRow { // another claim, without id
		r.PublicID, r.Source = "", "Sample Office"
		return r
	}
	named := func(name string, year int) rollcall.RosterRow { return other(row("", name, year)) }
	for _, tt := range []struct {
		name   string
		stored []rollcall.RosterRow
		row    rollcall.RosterRow
		want   BatchSummary
		result RowResult
	}{
		{"the same", []rollcall.RosterRow{olena}, other(olena), BatchSummary{Claims: 1}, RowResult{}},
		{"another case, apostrophe and ё", []rollcall.RosterRow{row("A", "Прим’єрова Алёна Петрівна", 1980)}, named("ПРИМ'ЄРОВА Алена Петрівна", 1980),
			BatchSummary{PeopleChanged: 1, Claims: 1}, RowResult{}},
		{"another year", []rollcall.RosterRow{olena}, named(olena.FullName, 1981), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"no year in the row", []rollcall.RosterRow{olena}, named(olena.FullName, 0), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"no year in the entry", []rollcall.RosterRow{row("A", olena.FullName, 0)}, named(olena.FullName, 1980), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"no year in either", []rollcall.RosterRow{row("A", olena.FullName, 0)}, named(olena.FullName, 0), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"two of one name and year", []rollcall.RosterRow{olena, row("B", olena.FullName, 1980)}, named(olena.FullName, 1980), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"two of one name, one of the year", []rollcall.RosterRow{olena, row("B", olena.FullName, 1981)}, named(olena.FullName, 1980), BatchSummary{Claims: 1}, RowResult{}},
		{"a name of two parts", []rollcall.RosterRow{row("A", "Зразкова Олена", 1980)}, named("Зразкова Олена", 1980), BatchSummary{People: 1, Claims: 1, Lookalikes: 1}, RowResult{Lookalike: true}},
		{"a name of four parts", []rollcall.RosterRow{row("A", "Zrazok Sample Ann Mary", 1980)}, named("Zrazok Sample Ann Mary", 1980), BatchSummary{Claims: 1}, RowResult{}},
		{"the order of the parts differs", []rollcall.RosterRow{olena}, named("Олена Петрівна Зразкова", 1980), BatchSummary{People: 1, Claims: 1}, RowResult{}},
		{"only another spelling is the same", []rollcall.RosterRow{with(olena, func(r *rollcall.RosterRow) { r.AltNames = []string{"Вигадана Олена Петрівна"} })},
			named("Вигадана Олена Петрівна", 1980), BatchSummary{People: 1, Claims: 1}, RowResult{}},
		{"another name", []rollcall.RosterRow{olena}, named("Вигадана Олена Петрівна", 1980), BatchSummary{People: 1, Claims: 1}, RowResult{}},
	} {
		for _, sameFile := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/same file=%v", tt.name, sameFile), func(t *testing.T) {
				db, _ := openTest(t)
				want, rows := tt.want, []rollcall.RosterRow{tt.row}
				if sameFile {
					rows = append(slices.Clone(tt.stored), tt.row)
					want.People += len(tt.stored)
					want.Claims += len(tt.stored)
					want.PeopleChanged = 0
				} else {
					importRows(t, db, false, tt.stored...)
				}
				b := begin(t, db, false)
				results := add(t, b, rows...)
				if diff := gocmp.Diff(results[len(results)-1], tt.result); diff != "" {
					t.Errorf("result (-got +want):\n%s", diff)
				}
				if diff := gocmp.Diff(publish(t, b), want); diff != "" {
					t.Errorf("summary (-got +want):\n%s", diff)
				}
			})
		}
	}
}

// The name that counts is the one that the entry has now, also before the
// change was folded in and within the file that brings it.
func TestRowWithoutIDJoinsByTheNewName(t *testing.T) {
	const was, is = "Зразкова Олена Петрівна", "Вигадана Олена Петрівна"
	claim := func(name string, n int) rollcall.RosterRow {
		return with(row("", name, 1980), func(r *rollcall.RosterRow) { r.Source = fmt.Sprintf("Sample Office %d", n) })
	}
	for name, between := range map[string]func(t *testing.T, db *DB){
		"before folding": func(*testing.T, *DB) {},
		"after folding":  func(t *testing.T, db *DB) { fold(t, db) },
		"hidden": func(t *testing.T, db *DB) {
			importRows(t, db, true)
			fold(t, db)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, row("A", was, 1980))
			importRows(t, db, false, row("A", is, 1980))
			between(t, db)
			importRows(t, db, false, claim(is, 1))
			importRows(t, db, false, claim(was, 2))
			var got []string
			for _, r := range export(t, db) {
				if r.Source != "Example Register" {
					got = append(got, r.Source+": "+map[bool]string{true: "A", false: "another"}[r.PublicID == "A"])
				}
			}
			slices.Sort(got)
			if diff := gocmp.Diff(got, []string{"Sample Office 1: A", "Sample Office 2: another"}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
	t.Run("in one file", func(t *testing.T) {
		db, _ := openTest(t)
		importRows(t, db, false, row("A", was, 1980))
		got := importRows(t, db, false, row("A", is, 1980), claim(is, 1), claim(was, 2))
		if diff := gocmp.Diff(got, BatchSummary{People: 1, PeopleChanged: 1, Claims: 2, Renewed: 1}); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

func TestRowsOfOneFileAboutOnePerson(t *testing.T) {
	const name = "Зразкова Олена Петрівна"
	many := make([]string, rollcall.MaxAltNames)
	for i := range many {
		many[i] = fmt.Sprintf("Zrazkova %d", i)
	}
	contradiction := &rollcall.FieldError{Column: "birth_year", Problem: "differs from an earlier row about the same person"}
	type spelling struct {
		name string
		alts []string
		year int
	}
	for _, tt := range []struct {
		name    string
		stored  *spelling
		rows    []spelling
		want    spelling
		problem *rollcall.FieldError // of the last row
		changed int
	}{
		{"one spelling", nil, []spelling{{name, nil, 1980}, {name, nil, 1980}}, spelling{name, nil, 1980}, nil, 0},
		{"another spelling is a further name", nil, []spelling{{name, []string{"a b"}, 1980}, {"Zrazkova Olena", []string{"a b", "c d"}, 1980}},
			spelling{name, []string{"a b", "Zrazkova Olena", "c d"}, 1980}, nil, 0},
		{"its own name among the others", nil, []spelling{{name, []string{"a b"}, 1980}, {"a b", []string{name}, 1980}}, spelling{name, []string{"a b"}, 1980}, nil, 0},
		{"the year comes later", nil, []spelling{{name, nil, 0}, {name, nil, 1980}}, spelling{name, nil, 1980}, nil, 0},
		{"the year is not said again", nil, []spelling{{name, nil, 1980}, {name, nil, 0}}, spelling{name, nil, 1980}, nil, 0},
		{"the years differ", nil, []spelling{{name, nil, 1980}, {name, nil, 1981}}, spelling{name, nil, 1980}, contradiction, 0},
		{"the years differ, a row between", nil, []spelling{{name, nil, 1980}, {name, nil, 0}, {name, nil, 1981}}, spelling{name, nil, 1980}, contradiction, 0},
		{"as stored", &spelling{name, []string{"a b"}, 1980}, []spelling{{name, []string{"a b"}, 1980}, {name, []string{"a b"}, 1980}}, spelling{name, []string{"a b"}, 1980}, nil, 0},
		{"the first row replaces what is stored", &spelling{name, []string{"a b"}, 1980}, []spelling{{"Вигадана Олена", nil, 1985}, {"Вигадана Олена", []string{"c d"}, 0}},
			spelling{"Вигадана Олена", []string{"c d"}, 1985}, nil, 1},
		{"the second row adds to what is stored", &spelling{name, nil, 1980}, []spelling{{name, nil, 1980}, {name, []string{"c d"}, 1980}}, spelling{name, []string{"c d"}, 1980}, nil, 1},
		{"the year is taken back", &spelling{name, nil, 1980}, []spelling{{name, nil, 0}}, spelling{name, nil, 0}, nil, 1},
		{"the years differ over what is stored", &spelling{name, nil, 1980}, []spelling{{name, nil, 1970}, {name, nil, 1980}}, spelling{name, nil, 1970}, contradiction, 1},
		{"too many spellings", nil, []spelling{{name, many, 1980}, {name, []string{"one more"}, 1980}}, spelling{name, many, 1980},
			&rollcall.FieldError{Column: "alt_names", Problem: "the rows about this person spell the name in too many ways"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := openTest(t)
			n := 0
			rowOf := func(s spelling) rollcall.RosterRow {
				n++
				return with(row("A", s.name, s.year), func(r *rollcall.RosterRow) { r.AltNames, r.Source = s.alts, fmt.Sprintf("Source %d", n) })
			}
			if tt.stored != nil {
				importRows(t, db, false, rowOf(*tt.stored))
			}
			b := begin(t, db, false)
			var results []RowResult
			for _, s := range tt.rows {
				results = append(results, add(t, b, rowOf(s))...)
			}
			for i, r := range results {
				want := RowResult{}
				if i == len(results)-1 {
					want.Problem = tt.problem
				}
				if diff := gocmp.Diff(r, want); diff != "" {
					t.Errorf("row %d (-got +want):\n%s", i, diff)
				}
			}
			if got := publish(t, b).PeopleChanged; got != tt.changed {
				t.Errorf("got %d changed, want %d", got, tt.changed)
			}
			for _, when := range []string{"before folding", "after folding"} {
				got := export(t, db)[0].Person
				if diff := gocmp.Diff(got, rollcall.Person{PublicID: "A", FullName: tt.want.name, AltNames: tt.want.alts, BirthYear: tt.want.year}); diff != "" {
					t.Errorf("%s (-got +want):\n%s", when, diff)
				}
				for _, n := range append([]string{tt.want.name}, tt.want.alts...) {
					if got := ids(find(t, db, n)); len(got) != 1 {
						t.Errorf("%s: found %q by a spelling, want the one", when, got)
					}
				}
				fold(t, db)
			}
		})
	}
}

// The drawn ids neither meet nor tell how many there are.
func TestDrawnIDs(t *testing.T) {
	db, _ := openTest(t)
	for i := range 50 {
		importRows(t, db, false, row("", fmt.Sprintf("Зразкова-%d Олена", i), 1980))
	}
	drawn := map[string]bool{}
	for _, r := range export(t, db) {
		if drawn[r.PublicID] = true; !strings.HasPrefix(r.PublicID, "r-") || len(r.Validate(rollcall.DateOf(noon))) > 0 {
			t.Errorf("misshapen id %q", r.PublicID)
		}
	}
	if len(drawn) != 50 {
		t.Errorf("got %d ids, want 50", len(drawn))
	}
}

func TestSecondImportIsRefusedWhileOneRuns(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{})
	for name, end := range map[string]func(*Batch){
		"Publish": func(b *Batch) { publish(t, b) },
		"Discard": func(b *Batch) { discard(t, b) },
	} {
		b := begin(t, db, false)
		for who, db := range map[string]*DB{"the same process": db, "another": other} {
			_, err := db.BeginBatch(t.Context(), false)
			if !errors.Is(err, ErrImportRunning) {
				t.Errorf("%s: got %v, want ErrImportRunning", who, err)
			}
			wantCode(t, err, rollcall.Unavailable)
		}
		end(b)
		b, err := other.BeginBatch(t.Context(), false)
		if err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
		discard(t, b)
	}
}

// The bot goes on writing while a file is staged, and keepers withhold entries;
// publishing takes none of it back.
func TestWritingWhileAFileIsStaged(t *testing.T) {
	db, _ := openTest(t)
	a := row("A", "Зразкова Олена Петрівна", 1980)
	importRows(t, db, false, a, row("B", "Вигаденко Іван Петрович", 1990))
	b := begin(t, db, true)
	add(t, b, a)
	execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE public_id = 'A'`)
	update(t, db, note("a"))
	add(t, b, row("B", "Вигаденко Іван Петрович", 1991))
	// An edit: a batch of its own, published with what it changes.
	update(t, db, func(tx *Tx) error {
		id, err := tx.insert(`INSERT INTO batches (kind, started_at, first_person) VALUES ('edit', ?, 1000)`, tx.Now.Unix())
		if err != nil {
			return err
		}
		if err := tx.publishBatch(id); err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO claims (person_id, source_id, status_date, status, source_url, note, expires, batch_id)
			SELECT id, 1, '2026-05-05', 'returned', '', '', '2027-01-01', ? FROM people WHERE public_id = 'B'`, id)
		return err
	})
	statuses := func() (all []string) {
		for _, r := range export(t, db) {
			all = append(all, fmt.Sprintf("%s %d %s", r.PublicID, r.BirthYear, r.Status))
		}
		return all
	}
	if diff := gocmp.Diff(statuses(), []string{"B 1990 missing", "B 1990 returned"}); diff != "" {
		t.Errorf("while staged (-got +want):\n%s", diff)
	}
	publish(t, b)
	if diff := gocmp.Diff(statuses(), []string{"B 1991 missing", "B 1991 returned"}); diff != "" {
		t.Errorf("published (-got +want):\n%s", diff)
	}
	if diff := gocmp.Diff(notes(t, db), []string{"a"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestPublishThatFailsLeavesNothing(t *testing.T) {
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprintf("full=%v", full), func(t *testing.T) {
			db, _ := openTest(t)
			old, staged := bigBatch(20)
			importRows(t, db, false, old...)
			before := dump(t, db, "batches")
			b := begin(t, db, full)
			add(t, b, staged...)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := b.Publish(ctx, Shell); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want context.Canceled", err)
			}
			if diff := gocmp.Diff(dump(t, db, "batches"), before); diff != "" {
				t.Errorf("(-got +want):\n%.2000s", diff)
			}
			discard(t, begin(t, db, false)) // the lock is free
		})
	}
}

func TestPublishIsAudited(t *testing.T) {
	db, _ := openTest(t)
	tag := testKeys(t, 1).PeerTag(5)
	b := begin(t, db, false)
	if _, err := b.Publish(t.Context(), Actor{Role: "editor", Tag: &tag}); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d|editor|x%x|import", noon.Unix(), tag)
	if diff := gocmp.Diff(query(t, db, `SELECT at, role, actor_tag, action FROM audit`), []string{want}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// A small world in which rows meet often.
func anyRow() *rapid.Generator[rollcall.RosterRow] {
	today := rollcall.DateOf(noon)
	return rapid.Custom(func(t *rapid.T) rollcall.RosterRow {
		var r rollcall.RosterRow
		r.PublicID = rapid.SampledFrom([]string{"", "A", "B", "C", "D"}).Draw(t, "id")
		r.FullName = rapid.SampledFrom([]string{"Зразкова Олена Петрівна", "ЗРАЗКОВА Олена Петрівна", "Вигадана Олена Петрівна", "Вигадана Олена"}).Draw(t, "name")
		r.AltNames = rapid.SampledFrom([][]string{nil, {"Zrazkova Olena"}, {"Vyhadana Olena", "Zrazkova Olena"}}).Draw(t, "alts")
		r.BirthYear = rapid.SampledFrom([]int{0, 1980, 1981}).Draw(t, "year")
		r.Status = rapid.SampledFrom([]rollcall.Status{rollcall.Missing, rollcall.Deceased}).Draw(t, "status")
		r.Date = rapid.SampledFrom([]rollcall.Date{day(1, 1), day(2, 1)}).Draw(t, "date")
		r.Source = rapid.SampledFrom([]string{"Example Register", "Sample Office"}).Draw(t, "source")
		r.Note = rapid.SampledFrom([]string{"", "n"}).Draw(t, "note")
		r.Expires = rapid.SampledFrom([]rollcall.Date{{}, today, today.AddDays(-1), today.AddDays(50)}).Draw(t, "expires")
		return r
	})
}

type fileOf struct {
	rows    []rollcall.RosterRow
	full    bool
	discard bool
	fold    bool
	keys    int // before this row what there is of the index is written
}

// add stages the file's rows.
func (f fileOf) add(t testing.TB, b *Batch) []RowResult {
	t.Helper()
	at := min(f.keys, len(f.rows))
	results := add(t, b, f.rows[:at]...)
	if at < len(f.rows) {
		stagePostings(t, b)
	}
	return append(results, add(t, b, f.rows[at:]...)...)
}

// stagePostings writes what there is of the index, as a large file makes the
// batch do by itself.
func stagePostings(t testing.TB, b *Batch) {
	t.Helper()
	if err := b.stagePostings(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// stageIndex writes the whole index, as Publish does.
func stageIndex(t testing.TB, b *Batch) {
	t.Helper()
	if err := b.stageIndex(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func anyFile() *rapid.Generator[fileOf] {
	return rapid.Custom(func(t *rapid.T) fileOf {
		return fileOf{rapid.SliceOfN(anyRow(), 0, 8).Draw(t, "rows"), rapid.Bool().Draw(t, "full"),
			rapid.IntRange(0, 3).Draw(t, "discard") == 0, rapid.IntRange(0, 2).Draw(t, "fold") == 0,
			rapid.IntRange(0, 8).Draw(t, "keys")}
	})
}

// emptied removes all rows, which is quicker than another file.
func emptied(t testing.TB, db *DB) {
	t.Helper()
	for _, table := range []string{"name_pages", "name_segments", "claim_renewals", "claims", "person_changes", "people", "sources", "batches", "audit"} {
		execute(t, db, "DELETE FROM "+table)
	}
}

// Readers see the same before folding, between any two steps of it, and after;
// then nothing is left to fold, and the index is that of the names. A batch that
// is discarded changes nothing at all.
func TestFoldChangesNothingThatIsSeen(t *testing.T) {
	race.Skip(t)
	bubble(t, func(t *testing.T, db *DB) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) { foldChangesNothing(t, rt, db) })
	})
}

// noDeadline keeps package rapid from asking for the test's deadline, which has
// no meaning on a bubble's clock.
type noDeadline struct{ testing.TB }

// bubble runs the test with a clock of its own, in which nobody has to wait for
// the pauses between two chunks.
func bubble(t *testing.T, fn func(*testing.T, *DB)) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		fn(t, openAt(t, path, Options{Now: clockAt(noon).Now, Keys: testKeys(t, 1)}))
	})
}

func foldChangesNothing(t *testing.T, rt *rapid.T, db *DB) {
	emptied(t, db)
	for _, f := range rapid.SliceOfN(anyFile(), 1, 5).Draw(rt, "files") {
		before := dump(t, db, "batches")
		b := begin(t, db, f.full)
		defer b.lock.Release() // where the property fails half-way
		bad := false
		for _, r := range f.add(t, b) {
			bad = bad || r.Problem != nil
		}
		if bad || f.discard {
			discard(t, b)
			if diff := gocmp.Diff(dump(t, db, "batches"), before); diff != "" {
				rt.Fatalf("after Discard (-got +want):\n%s", diff)
			}
			continue
		}
		publish(t, b)
		if !f.fold {
			continue
		}
		seen := look(t, db)
		for steps := 0; ; steps++ {
			var n int64
			limit := rapid.IntRange(1, 3).Draw(rt, "chunk")
			people := rapid.Bool().Draw(rt, "people")
			update(t, db, func(tx *Tx) (err error) {
				if people {
					n, err = tx.foldPeople(limit)
				} else {
					n, err = tx.foldClaims(limit)
				}
				return err
			})
			if diff := gocmp.Diff(look(t, db), seen); diff != "" {
				rt.Fatalf("after %d steps (-got +want):\n%s", steps+1, diff)
			}
			if n == 0 {
				break // the other kind may be left, and stay
			}
		}
	}
	seen := look(t, db)
	fold(t, db)
	if diff := gocmp.Diff(look(t, db), seen); diff != "" {
		rt.Fatalf("after the last Fold (-got +want):\n%s", diff)
	}
	if left := query(t, db, `SELECT person_id FROM person_changes UNION ALL SELECT person_id FROM claim_renewals`); len(left) > 0 {
		rt.Fatalf("%d rows are left to fold", len(left))
	}
	if diff := indexDiff(t, db); diff != "" {
		rt.Fatalf("the index lacks:\n%s", diff)
	}
}

// indexDiff tells which entries the index does not lead to by their names as they
// stand. That it leads to one by a name that it had before is no fault.
func indexDiff(t testing.TB, db *DB) string {
	t.Helper()
	var missing []string
	for _, line := range query(t, db, `SELECT id, full_name, alt_names FROM people ORDER BY id`) {
		f := strings.Split(line, "|")
		e := names.Index(f[1], splitNames(f[2]))
		lists, err := db.Bearers(context.Background(), append(e.Keys, fullNameKey(f[1])), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range lists {
			if !slices.ContainsFunc(l, func(id rollcall.PersonID) bool { return fmt.Sprint(id) == f[0] }) {
				missing = append(missing, fmt.Sprintf("%s under its key %d", line, i))
			}
		}
		for _, w := range e.Words {
			lists, err := db.Words(context.Background(), names.NearKeys(w), 1000)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range lists {
				if !slices.Contains(l, w) {
					missing = append(missing, fmt.Sprintf("the word %q under its key %d", w, i))
				}
			}
		}
	}
	return strings.Join(missing, "\n")
}

// A model of the roster, as README tells the rules of a roster file.
type modelPerson struct {
	id, name string
	alts     []string
	year     int
	absent   bool
	claims   map[modelKey]rollcall.Claim
}

type modelKey struct {
	source string
	date   rollcall.Date
	status rollcall.Status
}

type model []*modelPerson

func (m model) clone() model {
	var c model
	for _, p := range m {
		q := *p
		q.alts, q.claims = slices.Clone(p.alts), maps.Clone(p.claims)
		c = append(c, &q)
	}
	return c
}

// imported returns the model after the file, or the rows with problems.
func (m model) imported(f fileOf) (after model, s BatchSummary, results []RowResult) {
	after = m.clone()
	touched, changed := map[*modelPerson]bool{}, map[*modelPerson]bool{}
	told := map[*modelPerson]map[modelKey]bool{}
	isNew := map[*modelPerson]bool{}
	for _, r := range f.rows {
		var res RowResult
		p := after.find(r, &res)
		switch {
		case p == nil:
			p = &modelPerson{id: r.PublicID, name: r.FullName, alts: slices.Clone(r.AltNames), year: r.BirthYear, claims: map[modelKey]rollcall.Claim{}}
			after = append(after, p)
			isNew[p] = true
			s.People++
			if res.Lookalike {
				s.Lookalikes++
			}
		case !touched[p]:
			if p.absent || p.name != r.FullName || !slices.Equal(p.alts, r.AltNames) || p.year != r.BirthYear {
				changed[p] = true
			}
			p.name, p.alts, p.year, p.absent = r.FullName, slices.Clone(r.AltNames), r.BirthYear, false
		case r.BirthYear != 0 && p.year != 0 && r.BirthYear != p.year:
			res.Problem = &rollcall.FieldError{Column: "birth_year"}
		default:
			for _, n := range append([]string{r.FullName}, r.AltNames...) {
				if n != p.name && !slices.Contains(p.alts, n) {
					p.alts = append(p.alts, n)
					changed[p] = true
				}
			}
			if p.year == 0 && r.BirthYear != 0 {
				p.year = r.BirthYear
				changed[p] = true
			}
		}
		touched[p] = true
		if res.Problem == nil {
			k := modelKey{r.Source, r.Date, r.Status}
			if told[p] == nil {
				told[p] = map[modelKey]bool{}
			}
			_, known := p.claims[k]
			switch {
			case told[p][k]:
				res.Problem = &rollcall.FieldError{Column: "status"}
			case known:
				s.Renewed++
			default:
				s.Claims++
			}
			if res.Problem == nil {
				told[p][k] = true
				c := r.Claim
				if c.Expires.IsZero() {
					c.Expires = rollcall.DateOf(noon).AddDays(rollcall.DefaultExpiryDays)
				}
				p.claims[k] = c
			}
		}
		results = append(results, res)
	}
	for p := range changed {
		if !isNew[p] {
			s.PeopleChanged++
		}
	}
	if f.full {
		for _, p := range after {
			if !touched[p] && !p.absent {
				p.absent = true
				s.Hidden++
			}
		}
	}
	return after, s, results
}

func (m model) find(r rollcall.RosterRow, res *RowResult) *modelPerson {
	var same []*modelPerson
	for _, p := range m {
		if r.PublicID != "" {
			if p.id == r.PublicID {
				return p
			}
			continue
		}
		if strings.EqualFold(p.name, r.FullName) {
			res.Lookalike = true
			if r.BirthYear != 0 && p.year == r.BirthYear {
				same = append(same, p)
			}
		}
	}
	if len(same) == 1 && len(strings.Fields(r.FullName)) >= 3 {
		res.Lookalike = false
		return same[0]
	}
	return nil
}

func (m model) export() []rollcall.RosterRow {
	rows := []rollcall.RosterRow{}
	for _, p := range m {
		for _, c := range p.claims {
			if !p.absent {
				rows = append(rows, rollcall.RosterRow{Person: rollcall.Person{PublicID: p.id, FullName: p.name, AltNames: p.alts, BirthYear: p.year}, Claim: c})
			}
		}
	}
	return sorted(rows)
}

// sorted brings rows into an order of their own, drawn ids removed.
func sorted(rows []rollcall.RosterRow) []rollcall.RosterRow {
	for i := range rows {
		if strings.HasPrefix(rows[i].PublicID, "r-") {
			rows[i].PublicID = ""
		}
		if len(rows[i].AltNames) == 0 {
			rows[i].AltNames = nil
		}
	}
	slices.SortFunc(rows, func(a, b rollcall.RosterRow) int { return cmp.Compare(fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b)) })
	return rows
}

// Whatever files come, folded between or not, the roster is what the rules make
// of them.
func TestImportsFollowTheRules(t *testing.T) {
	bubble(t, func(t *testing.T, db *DB) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) { importsFollowTheRules(t, rt, db) })
	})
}

func importsFollowTheRules(t *testing.T, rt *rapid.T, db *DB) {
	emptied(t, db)
	var m model
	for _, f := range rapid.SliceOfN(anyFile(), 1, 5).Draw(rt, "files") {
		after, summary, results := m.imported(f)
		b := begin(t, db, f.full)
		defer b.lock.Release() // where the property fails half-way
		got := f.add(t, b)
		bad := false
		for i, r := range got {
			if r.Problem != nil {
				r.Problem = &rollcall.FieldError{Column: r.Problem.Column}
				bad = true
			}
			if r.Problem != nil && results[i].Problem != nil {
				r.Lookalike = results[i].Lookalike // says nothing
			}
			if diff := gocmp.Diff(r, results[i]); diff != "" {
				rt.Fatalf("row %d (-got +want):\n%s", i, diff)
			}
		}
		if bad || f.discard {
			discard(t, b)
		} else {
			n := 0
			if f.full {
				var err error
				if n, err = b.CountAbsent(context.Background()); err != nil {
					rt.Fatal(err)
				}
			}
			if diff := gocmp.Diff(publish(t, b), summary); diff != "" || n != summary.Hidden {
				rt.Fatalf("summary, with %d that would be hidden (-got +want):\n%s", n, diff)
			}
			m = after
		}
		if f.fold {
			fold(t, db)
		}
		if diff := gocmp.Diff(sorted(export(t, db)), m.export()); diff != "" {
			rt.Fatalf("export (-got +want):\n%s", diff)
		}
	}
}
