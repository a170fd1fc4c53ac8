package store

import (
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rollcall/internal/rollcall"
)

// errNoRow is what a query for one row gives when there is none.
var errNoRow = rollcall.E(rollcall.NotFound, "there is no such row")

// busy reports whether another process has the file locked.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// mapError gives SQLite's errors the domain's codes, by their result codes and
// in this one place. The driver's text names tables and columns, never values.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return errNoRow
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_CONSTRAINT:
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %w", rollcall.E(rollcall.Conflict, "it is there already"), err)
		}
		return fmt.Errorf("%w: %w", rollcall.E(rollcall.Invalid, "the database refuses this value"), err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", rollcall.E(rollcall.Unavailable, "another process is writing to the database"), err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", rollcall.E(rollcall.Unavailable, "the disk is full or failing"), err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", rollcall.E(rollcall.Invalid, "the file is not a sound SQLite database"), err)
	}
	return err
}
