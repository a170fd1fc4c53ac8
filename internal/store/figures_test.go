package store

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
)

// What is kept is the count of the present state, whatever changes that state: a
// publication, a keeper who withholds and shows, and the end of a day.
func TestKeptFigures(t *testing.T) {
	db, c := openTest(t)
	of := func(id string, s rollcall.Status, expires rollcall.Date) rollcall.RosterRow {
		return with(row(id, "Зразкова Олена "+id, 1980), func(r *rollcall.RosterRow) { r.Status, r.Expires = s, expires })
	}
	today := rollcall.DateOf(noon)
	importRows(t, db, false, of("A", rollcall.Missing, today), of("B", rollcall.Missing, today.AddDays(9)), of("C", rollcall.Returned, today.AddDays(9)),
		of("D", rollcall.Deceased, today.AddDays(9)))
	wants := func(what string, missing, returned, total int) {
		t.Helper()
		for _, keep := range []bool{false, true} { // counted, then kept
			if keep {
				if err := db.KeepFigures(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, _, ok, err := db.keptFigures(t.Context()); !ok || err != nil {
					t.Errorf("%s: nothing is kept (%v)", what, err)
				}
			}
			by, n, err := db.StatusFigures(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]int{by[rollcall.Missing], by[rollcall.Returned], n}, []int{missing, returned, total}); diff != "" {
				t.Errorf("%s, kept %v (-got +want):\n%s", what, keep, diff)
			}
			if err := db.CheckFigures(t.Context()); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	wants("as imported", 2, 1, 3)
	act := func(fn func(*Tx) error) {
		t.Helper()
		update(t, db, fn)
	}
	act(func(tx *Tx) error { _, err := tx.Hide("B", "", Shell); return err })
	wants("one hidden", 1, 1, 2)
	act(func(tx *Tx) error { _, err := tx.Show("B", "", Shell); return err })
	wants("shown again", 2, 1, 3)
	act(func(tx *Tx) error { _, err := tx.TakeDown("C", "asked by the family", Shell); return err })
	wants("one taken down", 2, 0, 2)
	act(func(tx *Tx) error {
		_, _, err := tx.AddClaim(idOf(t, db, "B"), rollcall.Claim{Status: rollcall.Returned, Date: today, Source: "Another Office"}, Shell)
		return err
	})
	wants("a claim added, to be folded in", 2, 1, 2)
	if err := db.Fold(t.Context()); err != nil {
		t.Fatal(err)
	}
	wants("folded", 2, 1, 2)
	c.set(noon.Add(24 * time.Hour))
	wants("the next day", 1, 1, 1)
	importRows(t, db, true, of("B", rollcall.Missing, today.AddDays(9)))
	wants("absent from a full import", 1, 1, 1)

	// What is kept wrongly is found.
	act(func(tx *Tx) error {
		_, err := tx.exec(`UPDATE status_figures SET figures = replace(figures, '"missing":1', '"missing":7')`)
		return err
	})
	if err := db.CheckFigures(t.Context()); rollcall.CodeOf(err) != rollcall.Internal {
		t.Errorf("a wrong figure is not found: %v", err)
	}
	act(func(tx *Tx) error { _, err := tx.Hide("B", "", Shell); return err })
	if err := db.CheckFigures(t.Context()); err != nil {
		t.Errorf("figures of a state that is over: %v", err)
	}
}

// Who counts does not see what is being staged, nor half of a publication.
func TestFiguresBesideAStagedImport(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	b, err := db.BeginBatch(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	add(t, b, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	total := func() int {
		t.Helper()
		_, n, err := db.StatusFigures(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := db.KeepFigures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := total(); n != 1 {
		t.Errorf("staged: got %d people, want 1", n)
	}
	if _, err := b.Publish(t.Context(), Shell); err != nil {
		t.Fatal(err)
	}
	if n := total(); n != 2 {
		t.Errorf("published: got %d people, want 2", n)
	}
}

// BenchmarkStatusFigures counts 100,000 people by status, 1,000,000 with
// ROLLCALL_LONG=1, and reads what is kept.
func BenchmarkStatusFigures(b *testing.B) {
	n := 100_000
	if os.Getenv("ROLLCALL_LONG") != "" {
		n = 1_000_000
	}
	db := openAt(b, filepath.Join(b.TempDir(), "test.db"), Options{Now: clockAt(noon).Now})
	batch := begin(b, db, false)
	chunk := make([]rollcall.RosterRow, 0, ChunkRows)
	for r := range sample.Rows(1, n, rollcall.DateOf(noon)) {
		if chunk = append(chunk, r); len(chunk) == ChunkRows {
			add(b, batch, chunk...)
			chunk = chunk[:0]
		}
	}
	add(b, batch, chunk...)
	publish(b, batch)
	ask := func(b *testing.B) {
		for b.Loop() {
			if _, total, err := db.StatusFigures(context.Background()); err != nil || total == 0 {
				b.Fatal(total, err)
			}
		}
	}
	b.Run("counted", ask)
	b.Run("counted with an edit to be folded in", func(b *testing.B) {
		update(b, db, func(tx *Tx) error {
			_, err := tx.Correct(1, "Зразкова Олена Петрівна", 1980, Shell)
			return err
		})
		ask(b)
		if err := db.Fold(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("an update while they are counted", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		var counting sync.WaitGroup
		counting.Go(func() {
			for ctx.Err() == nil {
				if _, _, err := db.StatusFigures(ctx); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
			}
		})
		longest := time.Duration(0)
		for b.Loop() {
			began := time.Now()
			update(b, db, func(tx *Tx) error { return tx.SetUsername("example_bot") })
			longest = max(longest, time.Since(began))
		}
		cancel()
		counting.Wait()
		b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
	})
	if err := db.KeepFigures(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Run("kept", ask)
}
