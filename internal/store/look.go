package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// ErrReadOnly is returned by [DB.Update] of a database that [OpenReadOnly] has
// opened.
var ErrReadOnly = errors.New("the database is open for reading only")

// A glance is how a database is open for reading only.
type glance struct {
	immutable bool
	size      int64
	changed   time.Time
}

// OpenReadOnly opens a file to look at it, also beside a process that writes to
// it. It makes no file and leaves none behind, brings no schema up to date, and
// ties no secret file to the database: methods that read may fail until
// [DB.Schema] says that the schema is the newest. Of the options only Now counts.
// Returns an error for which errors.Is with fs.ErrNotExist holds where there is
// no file.
//
// A database in WAL mode that nobody has open can be read without making a -wal
// and a -shm file beside it only by telling SQLite that it does not change
// ("immutable"). Whether that has held is what [DB.Disturbed] says. These files
// would be left behind, and would belong to whoever looked, which for root means
// that the bot could no longer open its database.
func OpenReadOnly(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open the database: %s is not a file", path)
	}
	l := &glance{size: info.Size(), changed: info.ModTime()}
	how := "mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		l.immutable = true
		how += "&immutable=1"
	}
	db := &DB{path: path, now: o.Now, index: names.Index, looking: l, closed: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	dsn := fmt.Sprintf("file:%s?%s&_pragma=busy_timeout(%d)&_pragma=query_only(1)&_pragma=temp_store(2)&_pragma=cache_size(-8000)",
		(&url.URL{Path: path}).EscapedPath(), how, busyTimeout.Milliseconds())
	if db.read, err = sql.Open("sqlite", dsn); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.read.SetMaxOpenConns(readers)
	if _, _, err := db.Schema(ctx); err != nil {
		db.read.Close()
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return db, nil
}

// Disturbed reports whether another process has begun to write to a database
// that was taken for one that nobody has open: what was read of it may not fit
// together, and should be read once more after opening it anew. It is never so
// for a database that was open elsewhere before.
func (db *DB) Disturbed() bool {
	l := db.looking
	if l == nil || !l.immutable {
		return false
	}
	info, err := os.Stat(db.path)
	if err != nil || info.Size() != l.size || !info.ModTime().Equal(l.changed) {
		return true
	}
	_, err = os.Stat(db.path + "-wal")
	return err == nil
}

// Schema returns the version of the database's schema, 0 for an empty file, and
// the newest that the program knows.
func (db *DB) Schema(ctx context.Context) (version, newest int, err error) {
	steps, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	return version, len(steps), mapError(db.read.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version))
}

// QuickCheck lets SQLite look through the whole file (PRAGMA quick_check), which
// takes about a second for some hundred megabytes. It returns an Invalid error
// that tells the first fault and how many there are; SQLite's words name pages,
// tables and row numbers, never values.
func (db *DB) QuickCheck(ctx context.Context) error { return db.pragmaCheck(ctx, "PRAGMA quick_check") }

// pragmaCheck is [DB.QuickCheck] by that pragma.
func (db *DB) pragmaCheck(ctx context.Context, pragma string) error {
	var first string
	n := 0
	err := db.eachOnce(ctx, pragma, nil, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		if s != "ok" {
			if n++; n == 1 {
				first, _, _ = strings.Cut(strings.TrimPrefix(s, "*** in database main ***\n"), "\n")
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	switch n {
	case 0:
		return nil
	case 1:
		return rollcall.E(rollcall.Invalid, first)
	}
	return rollcall.E(rollcall.Invalid, fmt.Sprintf("%s, and %d faults more", first, n-1))
}

// CheckSecret compares keys with those that the database was made with, and
// changes nothing. Returns [ErrWrongSecret] for others, and a NotFound error
// where the database is tied to none yet; keys may be nil in order to ask for
// that alone.
func (db *DB) CheckSecret(ctx context.Context, keys *secret.Keys) error {
	var check []byte
	if err := db.row(ctx, `SELECT value FROM meta WHERE key = 'secret_check'`, nil, &check); err != nil {
		return err
	}
	if keys != nil && string(check) != string(keys.Check()) {
		return ErrWrongSecret
	}
	return nil
}
