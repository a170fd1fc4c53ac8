package store

import (
	"testing"
)

// lose claims the next post and settles it as one whose answer was lost.
func lose(t testing.TB, db *DB) Delivery {
	t.Helper()
	d, _ := claim(t, db)
	settle(t, db, d, Settlement{State: Unsure, Reason: "no answer"})
	return d
}
