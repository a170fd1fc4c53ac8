package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func correct(t testing.TB, db *DB, publicID, name string, year int) KeptEntry {
	t.Helper()
	var e KeptEntry
	update(t, db, func(tx *Tx) (err error) {
		e, err = tx.Correct(idOf(t, db, publicID), name, year, keeper("editor"))
		return err
	})
	return e
}

func TestACorrectionIsSeenFoundAndHeardOf(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.AltNames = []string{"Zrazkova Olena"} }))
	watch(t, db, 5, idOf(t, db, "A"))
	told(t, db)
	clock.set(noon.Add(time.Hour))
	if e := correct(t, db, "A", "Вигаденко Олена", 1981); !e.Shown || e.FullName != "Вигаденко Олена" || e.BirthYear != 1981 {
		t.Errorf("it tells of %+v", e)
	}
	check := func(when string) {
		t.Helper()
		card, err := db.Card(t.Context(), idOf(t, db, "A"))
		if err != nil || card.FullName != "Вигаденко Олена" || card.BirthYear != 1981 || !cmp.Equal(card.AltNames, []string{"Zrazkova Olena"}) {
			t.Errorf("%s the card is of %+v (%v)", when, card.Person, err)
		}
		if got := ids(find(t, db, "Вигаденко")); !cmp.Equal(got, []string{"A"}) {
			t.Errorf("%s the new name finds %q", when, got)
		}
	}
	check("at once")
	if got := told(t, db); !cmp.Equal(got, map[rollcall.UserID][]rollcall.PersonID{5: {idOf(t, db, "A")}}) {
		t.Errorf("told are %v, want the watcher", got)
	}
	fold(t, db)
	check("when it is folded in")
	if got := query(t, db, `SELECT kind, published_at IS NOT NULL, told FROM batches ORDER BY id DESC LIMIT 1`); got[0] != "edit|1|1" {
		t.Errorf("its batch is %q", got)
	}
	if got := query(t, db, `SELECT action, object, reason FROM audit ORDER BY id DESC LIMIT 1`); got[0] != "edit|A|" {
		t.Errorf("the audit ends with %q", got)
	}
	if diff := indexDiff(t, db); diff != "" {
		t.Errorf("the index differs from one made anew:\n%s", diff)
	}
	// The file says otherwise, and is taken.
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	if card, err := db.Card(t.Context(), idOf(t, db, "A")); err != nil || card.FullName != "Зразкова Олена" {
		t.Errorf("after the next file the card is of %+v (%v)", card.Person, err)
	}
}

func TestCorrectionsThatAreNone(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	for _, c := range []struct {
		id   rollcall.PersonID
		name string
		err  error
	}{{idOf(t, db, "A"), "Зразкова Олена", ErrAlready}, {99, "Зразкова Олена", ErrNoEntry}} {
		err := db.Update(t.Context(), func(tx *Tx) error { _, err := tx.Correct(c.id, c.name, 1980, Shell); return err })
		if !errors.Is(err, c.err) {
			t.Errorf("got %v, want %v", err, c.err)
		}
	}
	if got := query(t, db, `SELECT count(*) FROM batches WHERE kind = 'edit'`); got[0] != "0" {
		t.Errorf("%s batches were made", got)
	}
}

// Nobody who was taken down comes back by an edit either.
func TestEditsAreHeldByMarks(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980), row("B", "Зразкова Олена", 1980))
	takeDown(t, db, "A")
	if e := correct(t, db, "B", "Зразкова Олена Петрівна", 1980); e.Withheld != rollcall.InReview || e.Shown {
		t.Errorf("a correction leads to %+v, want it in review", e)
	}
	update(t, db, func(tx *Tx) error {
		e, err := tx.AddEntry(with(row("", "Zrazkova Olena Petrivna", 0), func(r *rollcall.RosterRow) {}), keeper("editor"))
		if e.Withheld != rollcall.InReview || e.Shown {
			t.Errorf("a new entry is %+v, want it in review", e)
		}
		return err
	})
	update(t, db, func(tx *Tx) error { _, err := tx.FindRight(idOf(t, db, "B"), keeper("editor")); return err })
	if e := correct(t, db, "B", "Зразкова Олена Петрівна", 0); e.Withheld != "" {
		t.Errorf("one that was found right goes into review again with the next correction: %+v", e)
	}
}

func TestAnEntryIsAddedWithItsClaim(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	r := row("B", "Вигаденко Іван", 1990)
	r.Expires = rollcall.Date{}
	update(t, db, func(tx *Tx) error {
		e, err := tx.AddEntry(r, keeper("editor"))
		if !e.Shown || e.PublicID != "B" {
			t.Errorf("it tells of %+v", e)
		}
		return err
	})
	r.Expires = rollcall.DateOf(noon).AddDays(rollcall.DefaultExpiryDays)
	if diff := cmp.Diff(export(t, db)[1:], []rollcall.RosterRow{r}); diff != "" {
		t.Errorf("the roster (-got +want):\n%s", diff)
	}
	if got := ids(find(t, db, "Вигаденко")); !cmp.Equal(got, []string{"B"}) {
		t.Errorf("its name finds %q", got)
	}
	err := db.Update(t.Context(), func(tx *Tx) error { _, err := tx.AddEntry(row("A", "Уявна Ганна", 1970), Shell); return err })
	if !errors.Is(err, ErrIDTaken) || len(export(t, db)) != 2 {
		t.Errorf("an id that is taken: got %v and %d rows", err, len(export(t, db)))
	}
	update(t, db, func(tx *Tx) error {
		e, err := tx.AddEntry(row("", "Уявна Ганна", 1970), Shell)
		if len(e.PublicID) < 10 {
			t.Errorf("the drawn id is %q", e.PublicID)
		}
		return err
	})
	if diff := indexDiff(t, db); diff != "" {
		t.Errorf("the index differs from one made anew:\n%s", diff)
	}
}

func TestAClaimIsAddedRenewedAndHeardOf(t *testing.T) {
	db, clock := openTest(t)
	r := row("A", "Зразкова Олена", 1980)
	importRows(t, db, false, r)
	watch(t, db, 5, idOf(t, db, "A"))
	told(t, db)
	clock.set(noon.Add(time.Hour))
	put := func(c rollcall.Claim) (renewed bool) {
		t.Helper()
		update(t, db, func(tx *Tx) (err error) {
			_, renewed, err = tx.AddClaim(idOf(t, db, "A"), c, keeper("editor"))
			return err
		})
		return renewed
	}
	if !put(r.Claim) || len(told(t, db)) != 0 {
		t.Error("a claim that was there is no renewal, or is news")
	}
	c := r.Claim
	c.Source = "Sample Office"
	if put(c) || len(told(t, db)) != 1 {
		t.Error("a new claim is a renewal, or is no news")
	}
	if claims, err := db.LiveClaims(t.Context(), idOf(t, db, "A")); err != nil || len(claims) != 2 {
		t.Errorf("live are %v (%v), want two", claims, err)
	}
	if err := db.Update(t.Context(), func(tx *Tx) error { _, _, err := tx.AddClaim(99, c, Shell); return err }); !errors.Is(err, ErrNoEntry) {
		t.Errorf("a claim on nobody: got %v, want ErrNoEntry", err)
	}

	// The same claim in a file that may be discarded yet.
	staged := begin(t, db, false)
	c.Source = "Third Office"
	s := r
	s.Claim = c
	add(t, staged, s)
	if err := db.Update(t.Context(), func(tx *Tx) error { _, _, err := tx.AddClaim(idOf(t, db, "A"), c, Shell); return err }); !errors.Is(err, ErrImportRunning) {
		t.Errorf("a claim that is staged: got %v, want ErrImportRunning", err)
	}
	discard(t, staged)
	if put(c) {
		t.Error("after that it is no new claim")
	}
}

// An edit beside a file that is staged is seen at once, and outlasts a file that is
// discarded.
func TestEditsBesideAnImport(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	b := begin(t, db, false)
	add(t, b, row("A", "Уявна Олена", 1980), row("B", "Уявна Ганна", 1970))
	correct(t, db, "A", "Вигаденко Олена", 1980)
	update(t, db, func(tx *Tx) error {
		_, err := tx.AddEntry(row("C", "Прикладенко Лев", 1960), Shell)
		return err
	})
	discard(t, b)
	for _, folded := range []bool{false, true} {
		var names []string
		for _, r := range export(t, db) {
			names = append(names, r.FullName)
		}
		if diff := cmp.Diff(names, []string{"Вигаденко Олена", "Прикладенко Лев"}); diff != "" {
			t.Errorf("folded %t: (-got +want):\n%s", folded, diff)
		}
		fold(t, db)
	}
	if diff := indexDiff(t, db); diff != "" {
		t.Errorf("the index differs from one made anew:\n%s", diff)
	}
}
