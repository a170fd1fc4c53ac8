package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func TestBackdate(t *testing.T) {
	db, _ := openTest(t)
	p := petition("sample")
	p.Opens = noon.AddDate(0, 0, -10)
	openPetition(t, db, p)
	update(t, db, func(tx *Tx) error {
		for n, at := range []time.Time{
			noon.AddDate(0, 0, -9),
			noon.AddDate(0, 0, -3).Add(999 * time.Millisecond).In(time.FixedZone("", 14*3600)),
			noon.AddDate(0, 0, -3),
			noon,
		} {
			if err := tx.Backdate(at); err != nil {
				return err
			}
			if out, err := tx.Sign("sample", 1, signer(n)); err != nil || out != Recorded {
				t.Errorf("signature %d: got %d (%v), want recorded", n, out, err)
			}
			if _, ok, err := tx.Sequence("sample", 24*time.Hour); err != nil || !ok {
				t.Errorf("signature %d: not in the log (%v)", n, err)
			}
		}
		if err := tx.Backdate(p.Opens.Add(-1)); err != nil {
			return err
		}
		if out, err := tx.Sign("sample", 1, signer(9)); err != nil || out != NotOpenYet {
			t.Errorf("before the opening: got %d (%v)", out, err)
		}
		return nil
	})
	update(t, db, func(tx *Tx) error {
		if !tx.Now.Equal(noon) {
			t.Errorf("the next piece of work is at %v, want the clock's %v", tx.Now, noon)
		}
		return nil
	})
	got, err := db.PetitionDays(t.Context(), "sample", rollcall.Date{})
	if err != nil {
		t.Fatal(err)
	}
	today := rollcall.DateOf(noon)
	if diff := cmp.Diff(got, []rollcall.DayCount{{Date: today.AddDays(-9), Count: 1}, {Date: today.AddDays(-3), Count: 2}, {Date: today, Count: 1}}); diff != "" {
		t.Errorf("the days (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(query(t, db, `SELECT count, datetime(reached_at, 'unixepoch') FROM milestones`),
		[]string{"2|2026-06-12 12:00:00", "3|2026-06-12 12:00:00"}); diff != "" {
		t.Errorf("the milestones (-got +want):\n%s", diff)
	}
	if err := db.CheckTallies(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBackdateIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   time.Time
		use  func(*testing.T, *DB)
		want rollcall.Code
	}{
		{"into the future", noon.Add(time.Second), func(*testing.T, *DB) {}, rollcall.Invalid},
		{"where an account has written", noon.Add(-time.Hour), func(t *testing.T, db *DB) { setLanguage(t, db, 5, rollcall.Russian) }, rollcall.Conflict},
		{"where an update was handled", noon.Add(-time.Hour), func(t *testing.T, db *DB) { record(t, db, 1, Handled, nil) }, rollcall.Conflict},
		{"where a digest was posted", noon.Add(-time.Hour), func(t *testing.T, db *DB) { plan(t, db, occurrence(1), posts("text")...) }, rollcall.Conflict},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := openTest(t)
			tt.use(t, db)
			update(t, db, func(tx *Tx) error {
				if got := rollcall.CodeOf(tx.Backdate(tt.at)); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				if !tx.Now.Equal(noon) {
					t.Errorf("the work is now at %v, want %v", tx.Now, noon)
				}
				return nil
			})
		})
	}
}
