package store

import (
	"context"

	"rollcall/internal/rollcall"
)

// ErrNoEntry answers an id that no published entry bears.
var ErrNoEntry = rollcall.E(rollcall.NotFound, "there is no entry with this id")

// A KeptEntry is an entry as its keepers see it, whether it is shown or not.
type KeptEntry struct {
	rollcall.Person
	Withheld rollcall.Withholding
	Shown    bool // to the public; an entry that nothing withholds may be absent or expired
}

// KeptEntry returns the published entry of a keeper's id. Returns [ErrNoEntry]
// where there is none.
func (db *DB) KeptEntry(ctx context.Context, publicID string) (KeptEntry, error) {
	return readKept(db.rower(ctx), db.today(), `WHERE v.public_id = ?`, publicID)
}

func (tx *Tx) keptEntry(publicID string) (KeptEntry, error) {
	return readKept(tx.row, tx.today(), `WHERE v.public_id = ?`, publicID)
}

func (tx *Tx) keptEntryByID(id rollcall.PersonID) (KeptEntry, error) {
	return readKept(tx.row, tx.today(), `WHERE v.id = ?`, id)
}

// A rower reads one row, as [Tx.row] does.
type rower func(query string, args []any, dest ...any) error

func (db *DB) rower(ctx context.Context) rower {
	return func(query string, args []any, dest ...any) error { return db.row(ctx, query, args, dest...) }
}

func readKept(row rower, today, where string, arg any) (e KeptEntry, err error) {
	var alts string
	err = row(`SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0), coalesce(v.withheld, ''), `+shown+`
		FROM published_people v `+where, []any{today, arg}, &e.ID, &e.PublicID, &e.FullName, &alts, &e.BirthYear, &e.Withheld, &e.Shown)
	e.AltNames = splitNames(alts)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		err = ErrNoEntry
	}
	return e, err
}
