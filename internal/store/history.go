package store

import (
	"time"

	"rollcall/internal/rollcall"
)

// Backdate makes t, to the second, the instant of what follows in this piece of
// work, in place of the clock's; it may be called again for the next thing. It
// is for histories that are invented as a whole, those of the demo, and so no
// one's real signature can be given another day by it: it returns a Conflict
// error where a bot has worked on the database (it holds an account, an update
// or a digest's occurrence), and an Invalid error where t lies after the clock's
// instant. Nothing is changed then.
func (tx *Tx) Backdate(t time.Time) error {
	t = t.UTC().Truncate(time.Second)
	if t.After(tx.db.now()) {
		return rollcall.E(rollcall.Invalid, "an invented history cannot reach into the future")
	}
	var used bool
	if err := tx.row(`SELECT EXISTS (SELECT 1 FROM peers) OR EXISTS (SELECT 1 FROM updates) OR EXISTS (SELECT 1 FROM occurrences)`,
		nil, &used); err != nil {
		return err
	}
	if used {
		return rollcall.E(rollcall.Conflict, "a bot has worked on this database: its history is real, and is not added to")
	}
	tx.Now = t
	return nil
}
