package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"rollcall/internal/rollcall"
)

// A copy of the database is one file, made by VACUUM INTO from one moment of it
// while others write. It holds no page of what was deleted. It is checked before it
// gets its name, so that what bears the name can be restored: nothing is left of one
// that a crash interrupts but a file whose name begins with copyPrefix.
const copyPrefix = ".rollcall-copy-"

// ErrCopyExists is returned by [Backup] where the target, or a file that SQLite
// would take for a part of it, is there already.
var ErrCopyExists = rollcall.E(rollcall.Conflict, "the file is there already, and nothing is overwritten: choose another name")

var errPartInWAL = rollcall.E(rollcall.Invalid, "a part of it is in a -wal file beside it: it is no copy that rollcall backup has made")

// A Copy is what was found in order in a copy of the database.
type Copy struct {
	Bytes  int64
	Schema int
	At     time.Time // when it was made; zero where another program made it
	Logs   int       // petitions' logs, each read wholly
	Leaves int64     // of all of them
}

// Backup copies the database from, which others may have open, to a new file with
// mode 0600, and checks the copy by [CheckCopy]. It brings no schema up to date. When
// it returns without an error the copy is on the disk. Returns [ErrCopyExists], an
// error for which errors.Is with fs.ErrNotExist holds where there is no database, and
// what [CheckCopy] returns; no copy is left then.
func Backup(ctx context.Context, from, to string, now func() time.Time) (c Copy, err error) {
	if err := vacant(to); err != nil {
		return c, err
	}
	if _, err := os.Stat(from); err != nil {
		return c, fmt.Errorf("open the database: %w", err)
	}
	tmp, err := newCopy(filepath.Dir(to))
	if err != nil {
		return c, err
	}
	defer removeDatabase(tmp)
	if err := vacuumInto(ctx, from, tmp, now()); err != nil {
		return c, fmt.Errorf("copy the database: %w", err)
	}
	if c, err = CheckCopy(ctx, tmp, now); err != nil {
		return c, err
	}
	if err := syncFile(tmp); err != nil {
		return c, err
	}
	// A link, unlike a renaming, never takes the place of a file.
	if err := os.Link(tmp, to); errors.Is(err, fs.ErrExist) {
		return c, ErrCopyExists
	} else if err != nil { // a file system without links
		if err := vacant(to); err != nil {
			return c, err
		}
		if err := os.Rename(tmp, to); err != nil {
			return c, err
		}
	}
	return c, syncFile(filepath.Dir(to))
}

// vacant returns ErrCopyExists where there is a file of that name, or one that
// SQLite would read as a part of it.
func vacant(path string) error {
	for _, part := range append([]string{""}, besideDatabase...) {
		if _, err := os.Lstat(path + part); err == nil {
			return fmt.Errorf("%s: %w", path+part, ErrCopyExists)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// besideDatabase are the endings of the files that SQLite keeps beside a database.
var besideDatabase = []string{"-wal", "-shm", "-journal"}

// leftAfter is how long a copy without a name is left alone that nothing is written to:
// then whoever made it has crashed.
const leftAfter = time.Hour

// newCopy makes an empty file with mode 0600 for a copy that has no name yet. Copies
// that crashes have left in the folder go: each holds all of a database, and nobody
// would look for it.
func newCopy(dir string) (string, error) {
	left, _ := filepath.Glob(filepath.Join(dir, copyPrefix+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > leftAfter {
			os.Remove(path)
		}
	}
	f, err := os.CreateTemp(dir, copyPrefix+"*")
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// removeDatabase removes a file and what SQLite keeps beside it.
func removeDatabase(path string) {
	os.Remove(path)
	for _, part := range besideDatabase {
		os.Remove(path + part)
	}
}

// syncFile waits until a file, or the names in a folder, are on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// openPlain opens a database that is there for a few statements, and changes
// nothing by that.
func openPlain(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?mode=rw&_pragma=busy_timeout(%d)&_pragma=temp_store(2)&_pragma=secure_delete(1)&_pragma=synchronous(2)",
		(&url.URL{Path: path}).EscapedPath(), busyTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// vacuumInto copies a database into an empty file, and notes there when.
func vacuumInto(ctx context.Context, from, to string, now time.Time) (err error) {
	src, err := openPlain(from)
	if err != nil {
		return err
	}
	defer src.Close()
	var version int
	if err := src.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return mapError(err)
	}
	if version == 0 {
		return rollcall.E(rollcall.Invalid, "there is nothing in it: is this the database?")
	}
	if _, err := src.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return mapError(err)
	}
	dst, err := openPlain(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	_, err = dst.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('copied_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		binary.BigEndian.AppendUint64(nil, uint64(now.Unix())))
	return mapError(err)
}

// CheckCopy reads a copy wholly, and changes nothing: SQLite's integrity_check and
// foreign_key_check, and each petition's log by [DB.AuditLog]. It needs no secret
// file, so that whose the copy is remains for [DB.CheckSecret].
//
// Returns [ErrNewer] for a copy that a later release has written, an Invalid error
// for what is no sound database of this program, and an error that wraps
// [ErrBrokenLog], with the petition, for a log that does not add up.
func CheckCopy(ctx context.Context, path string, now func() time.Time) (c Copy, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return c, errPartInWAL
	}
	db, err := OpenReadOnly(ctx, path, Options{Now: now})
	if err != nil {
		return c, err
	}
	defer db.Close()
	c.Bytes = info.Size()
	var newest int
	if c.Schema, newest, err = db.Schema(ctx); err != nil {
		return c, err
	}
	switch {
	case c.Schema == 0:
		return c, rollcall.E(rollcall.Invalid, "it is no database of this program")
	case c.Schema > newest:
		return c, fmt.Errorf("%w (its schema is %d, the newest known here is %d)", ErrNewer, c.Schema, newest)
	}
	if err := db.pragmaCheck(ctx, "PRAGMA integrity_check"); err != nil {
		return c, err
	}
	if err := db.foreignKeyCheck(ctx); err != nil {
		return c, err
	}
	if c.At, err = db.instantOf(ctx, "copied_at"); err != nil {
		return c, err
	}
	if c.Schema < newest { // what is in its logs is for the release that knows its schema
		return c, nil
	}
	petitions, err := db.Petitions(ctx)
	if err != nil {
		return c, err
	}
	for _, p := range petitions {
		audit, err := db.AuditLog(ctx, p.Slug)
		if err != nil {
			return c, fmt.Errorf("petition %s: %w", p.Slug, err)
		}
		c.Logs++
		c.Leaves += audit.Leaves
	}
	return c, nil
}

// foreignKeyCheck returns an Invalid error where rows refer to others that are not
// there.
func (db *DB) foreignKeyCheck(ctx context.Context) error {
	n, first := 0, ""
	err := db.eachOnce(ctx, "PRAGMA foreign_key_check", nil, func(rows *sql.Rows) error {
		var table, parent string
		var row sql.NullInt64
		var key int
		err := rows.Scan(&table, &row, &parent, &key)
		if n++; n == 1 {
			first = fmt.Sprintf("a row of %s refers to one of %s that is not there", table, parent)
		}
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	if n > 1 {
		first = fmt.Sprintf("%s, and %d faults more", first, n-1)
	}
	return rollcall.E(rollcall.Invalid, first)
}

// instantOf returns an instant that is kept under the key in meta, or the zero time.
func (db *DB) instantOf(ctx context.Context, key string) (time.Time, error) {
	var at []byte
	err := db.row(ctx, `SELECT value FROM meta WHERE key = ?`, []any{key}, &at)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return time.Time{}, nil
	}
	if err != nil || len(at) != 8 {
		return time.Time{}, err
	}
	return instant(int64(binary.BigEndian.Uint64(at))), nil
}
