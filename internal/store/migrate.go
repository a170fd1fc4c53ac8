package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// ErrNewer is returned by [Open] for a database that a later release has
// written: this one would not know what it must not break.
var ErrNewer = errors.New("the database was written by a later release of the program: use that one")

// migrate brings the schema to the newest version that the program knows. Each
// file migrations/NNNN_name.sql is one step and one transaction, and is never
// changed once released. PRAGMA user_version holds the number of the last step.
func migrate(ctx context.Context, conn *sql.Conn) error {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return err
	}
	// The version is read within the write lock, so that two processes that
	// start together do not both take the same step.
	for {
		more, err := step(ctx, conn, names)
		if err != nil || !more {
			return err
		}
	}
}

func step(ctx context.Context, conn *sql.Conn, names []string) (more bool, err error) {
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, mapError(err)
	}
	switch {
	case version > len(names):
		return false, fmt.Errorf("%w (its schema is %d, the newest known here is %d)", ErrNewer, version, len(names))
	case version == len(names):
		return false, nil
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, mapError(err)
	}
	defer func() {
		if err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
		}
	}()
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, mapError(err)
	}
	if version < len(names) {
		name := names[version]
		if n, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_"); n != fmt.Sprintf("%04d", version+1) {
			return false, fmt.Errorf("migration %s stands at place %d", name, version+1)
		}
		script, err := migrationFiles.ReadFile(name)
		if err != nil {
			return false, err
		}
		if _, err := conn.ExecContext(ctx, string(script)); err != nil {
			return false, fmt.Errorf("%s: %w", name, mapError(err))
		}
		if _, err := conn.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(version+1)); err != nil {
			return false, mapError(err)
		}
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return false, mapError(err)
	}
	return true, nil
}
