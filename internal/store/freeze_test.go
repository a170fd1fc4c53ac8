package store

import (
	"testing"
	"time"
)

func TestAFreezeLastsUntilItIsEnded(t *testing.T) {
	db, _ := openTest(t)
	is := func(want time.Time) {
		t.Helper()
		if got, err := db.Frozen(t.Context()); !got.Equal(want) || err != nil {
			t.Errorf("frozen since %v (%v), want %v", got, err, want)
		}
	}
	is(time.Time{})
	update(t, db, func(tx *Tx) error { return tx.Freeze(Shell) })
	var since time.Time
	update(t, db, func(tx *Tx) error { since = tx.Now; return tx.Freeze(Shell) })
	is(since)
	for _, want := range []bool{true, false} {
		update(t, db, func(tx *Tx) error {
			if ended, err := tx.Unfreeze(Shell); ended != want || err != nil {
				t.Errorf("ended: %t (%v), want %t", ended, err, want)
			}
			return nil
		})
		is(time.Time{})
	}
	var acts []string
	if err := db.Audit(t.Context(), time.Time{}, func(e AuditEntry) error { acts = append(acts, e.Action); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(acts) != 2 || acts[0] != "freeze" || acts[1] != "unfreeze" {
		t.Errorf("the audit has %q", acts)
	}
}
