package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/translog"
)

// A restored database knows nothing of what was done since the copy was made. What
// it would do again by itself is therefore settled in it, before it is put into
// place: messages that were owed then are unknown, of which owners are asked as of
// any other; what was due until now is skipped; posts are not looked for by
// comparing any more, since messages may be in the chats whose ids are not known;
// and entries that a keeper has withheld since are hidden.

// restoredReason is why a delivery is unknown, and an occurrence skipped.
const restoredReason = "restored"

// Errors of [Restore]. Nothing is changed then.
var (
	ErrInUse     = rollcall.E(rollcall.Conflict, "another program has the database open: end that first")
	ErrSameFile  = rollcall.E(rollcall.Conflict, "that is the database itself")
	ErrNeedsKeys = rollcall.E(rollcall.Unavailable, "the secret file of the copy is not there: put it back first")
)

// ErrLogsShorter is returned by [Restore] where a petition's log has leaves that the
// copy does not have.
var ErrLogsShorter = rollcall.E(rollcall.Conflict, "a petition's log would lose leaves, which contradicts every checkpoint that was published of them")

// A Fate is what a restoring has done to the petitions' logs.
type Fate byte

// The fates.
const (
	LogsWhole   Fate = iota // the copy has all that the former database had
	LogsShorter             // leaves were lost
	LogsUnknown             // the former database could not be read, or there was none
)

// A LostLog is a petition whose log in the copy is no continuation of the present.
type LostLog struct {
	Petition string
	Had, Has int64 // leaves, in the present database and in the copy; equal or more where it is another history
}

// A Restored says what was restored, and what became of the former database.
type Restored struct {
	Copy
	Kept       string // where the former database is; "" where there was none
	Unreadable error  // why the former one could not be compared; nil where it was, or was not there
	Lost       []LostLog
	Hidden     []string // public ids: withheld in the former database, shown in the copy, and hidden now
	Unknown    int64    // messages that were owed in the copy, and may have been sent since
}

// RestoreOptions say how a database is restored.
type RestoreOptions struct {
	Keys  *secret.Keys // nil where there is no secret file
	Now   func() time.Time
	Force bool // also where logs lose leaves
}

// Restore puts a copy that [Backup] has made in the place of the database to, which
// is kept beside it as to.before-restore-TIME, or makes it where there is none. The
// copy itself is only read, and checked by [CheckCopy] before anything is done. What
// stands at to is at any moment the former database or the whole new one. The caller
// holds the lock of a running bot.
//
// Returns what [CheckCopy] returns, [ErrWrongSecret], and the errors above;
// [ErrLogsShorter] with the logs in Lost.
func Restore(ctx context.Context, from, to string, o RestoreOptions) (r Restored, err error) {
	lock, err := TakeLock(to + ".import.lock")
	if errors.Is(err, ErrLocked) {
		return r, ErrInUse
	}
	if err != nil {
		return r, err
	}
	defer lock.Release()
	if same(from, to) {
		return r, ErrSameFile
	}
	if wal, err := os.Stat(from + "-wal"); err == nil && wal.Size() > 0 {
		return r, errPartInWAL
	}
	tmp, err := newCopy(filepath.Dir(to))
	if err != nil {
		return r, err
	}
	defer removeDatabase(tmp)
	if err := copyFile(from, tmp); err != nil {
		return r, err
	}
	if r.Copy, err = CheckCopy(ctx, tmp, o.Now); err != nil {
		return r, err
	}
	withheld, err := r.compare(ctx, tmp, to, o)
	if err != nil {
		return r, err
	}
	fate := LogsWhole
	switch _, err := os.Lstat(to); {
	case len(r.Lost) > 0 && !o.Force:
		return r, ErrLogsShorter
	case len(r.Lost) > 0:
		fate = LogsShorter
	case err != nil || r.Unreadable != nil:
		fate = LogsUnknown
	}
	now := o.Now().UTC().Truncate(time.Second)
	if err := r.mend(ctx, tmp, withheld, fate, now); err != nil {
		return r, fmt.Errorf("settle what the copy would do again: %w", err)
	}
	if err := syncFile(tmp); err != nil {
		return r, err
	}
	if err := r.setAside(ctx, to, now); err != nil {
		return r, err
	}
	if err := os.Rename(tmp, to); err != nil {
		return r, err
	}
	return r, syncFile(filepath.Dir(to))
}

func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("%s is not a file", from))
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// compare checks that the secret file is the copy's, and finds what the present
// database has that the copy does not: leaves of logs, and withheld entries, whose
// ids it returns.
func (r *Restored) compare(ctx context.Context, copied, present string, o RestoreOptions) (withheld []string, err error) {
	c, err := OpenReadOnly(ctx, copied, Options{Now: o.Now})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	switch err := c.CheckSecret(ctx, o.Keys); {
	case rollcall.CodeOf(err) == rollcall.NotFound: // it is tied to none
	case err != nil:
		return nil, err
	case o.Keys == nil:
		return nil, ErrNeedsKeys
	}
	if _, err := os.Stat(present); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	err = func() error {
		p, err := OpenReadOnly(ctx, present, Options{Now: o.Now})
		if err != nil {
			return err
		}
		defer p.Close()
		if version, newest, err := p.Schema(ctx); err != nil || version == 0 || version > newest {
			return errors.Join(err, fmt.Errorf("its schema is %d", version))
		}
		if r.Lost, err = lostLogs(ctx, p, c); err != nil {
			return err
		}
		return p.each(ctx, `SELECT public_id FROM people WHERE withheld IS NOT NULL ORDER BY public_id`, nil, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			withheld = append(withheld, id)
			return err
		})
	}()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.Unreadable = err
	return withheld, nil
}

// lostLogs compares the present logs with those of a copy.
func lostLogs(ctx context.Context, present, copied *DB) (lost []LostLog, err error) {
	petitions, err := present.Petitions(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range petitions {
		had, err := present.LogHead(ctx, p.Slug)
		if err != nil {
			return nil, err
		}
		l := LostLog{Petition: p.Slug, Had: had.Checkpoint.Size}
		has, err := copied.LogHead(ctx, p.Slug)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			lost = append(lost, l)
			continue
		}
		if err != nil {
			return nil, err
		}
		l.Has = has.Checkpoint.Size
		if l.Has >= l.Had && has.Key.String() == had.Key.String() {
			root, err := translog.Root(l.Had, copied.LogHashes(ctx, p.Slug))
			if err != nil {
				return nil, err
			}
			if root == had.Checkpoint.Root {
				continue
			}
		}
		lost = append(lost, l)
	}
	return lost, nil
}

// mend settles in the copy what it would do again, and notes that it was restored.
func (r *Restored) mend(ctx context.Context, path string, withheld []string, fate Fate, now time.Time) (err error) {
	db, err := openPlain(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return mapError(err)
	}
	defer tx.Rollback()
	exec := func(query string, args ...any) int64 {
		if err != nil {
			return 0
		}
		var res sql.Result
		if res, err = tx.ExecContext(ctx, query, args...); err != nil {
			err = mapError(err)
			return 0
		}
		n, _ := res.RowsAffected()
		return n
	}
	// Whether a post is in its chat is for the owners to say: the chats may hold
	// messages of which nothing is known here.
	exec(`UPDATE doubts SET stage = 'asking', not_before = 0 WHERE stage = 'looking'`)
	exec(`INSERT INTO doubts (delivery_id, after_id, tried_at, stage, not_before)
		SELECT id, 0, created_at, 'asking', 0 FROM deliveries WHERE state IN ('pending', 'sending') AND chat_id IS NOT NULL ORDER BY id ON CONFLICT DO NOTHING`)
	exec(`INSERT INTO chats (id, type, status, can_post, can_edit, since, no_looking) SELECT DISTINCT chat_id, '', '', 1, 0, ?, 1 FROM deliveries WHERE chat_id < 0
		ON CONFLICT (id) DO UPDATE SET no_looking = 1`, now.Unix())
	exec(`UPDATE chats SET no_looking = 1`)
	r.Unknown = exec(`UPDATE deliveries SET state = 'unknown', held = 0, reason = ? WHERE state IN ('pending', 'sending')`, restoredReason)
	exec(`UPDATE announcements SET state = 'stopped', ended_at = ? WHERE state = 'running'`, now.Unix())
	exec(`UPDATE milestones SET posted = 1`)
	exec(`UPDATE corrections SET told = 1`)
	exec(`INSERT INTO occurrences (digest, key, chat_id, edition, planned_at, number, state, reason, figures)
		SELECT digest, ?, chat_id, edition, ?, 0, 'skipped', ?, '{}' FROM occurrences GROUP BY digest, chat_id, edition HAVING max(planned_at) < ?`,
		"restored "+now.Format(time.RFC3339), now.Unix(), restoredReason, now.Unix())
	for _, id := range withheld {
		if exec(`UPDATE people SET withheld = 'hidden' WHERE public_id = ? AND withheld IS NULL`, id) > 0 {
			r.Hidden = append(r.Hidden, id)
		}
	}
	exec(`INSERT INTO audit (at, role, action, object, reason) VALUES (?, 'shell', 'restore', '', '')`, now.Unix())
	const keep = `INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	exec(keep, "restored_at", binary.BigEndian.AppendUint64(nil, uint64(now.Unix())))
	exec(keep, "restored_logs", []byte{byte(fate)})
	if err != nil {
		return err
	}
	return mapError(tx.Commit())
}

// setAside gives the former database a second name, and leaves nothing at to that
// SQLite would read with the new one. What was written last is in the database file
// then, unless that cannot be read.
func (r *Restored) setAside(ctx context.Context, to string, now time.Time) error {
	kept := ""
	if _, err := os.Lstat(to); err == nil {
		if r.Unreadable == nil {
			if err := closeWAL(ctx, to); err != nil {
				return err
			}
		}
		kept = to + ".before-restore-" + now.Format("20060102T150405Z")
		if err := vacant(kept); err != nil {
			return err
		}
		if err := os.Link(to, kept); err != nil {
			return fmt.Errorf("keep the present database: %w", err)
		}
		if err := os.Chmod(kept, 0o600); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, part := range besideDatabase {
		var err error
		if kept == "" || part == "-shm" {
			err = os.Remove(to + part)
		} else {
			err = os.Rename(to+part, kept+part)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	r.Kept = kept
	return nil
}

// closeWAL writes a database's WAL into it and ends it, which SQLite lets nobody do
// while another connection is open.
func closeWAL(ctx context.Context, path string) (err error) {
	db, err := openPlain(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const brief = `PRAGMA busy_timeout = 2000`
	if _, err := db.ExecContext(ctx, brief); err != nil {
		return mapError(err)
	}
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode = delete`).Scan(&mode)
	if busy(err) || err == nil && mode != "delete" {
		return ErrInUse
	}
	return mapError(err)
}

// Restoring returns when the database was restored from a copy, of when that copy
// is, and what became of the petitions' logs; at is zero where it never was.
func (db *DB) Restoring(ctx context.Context) (at, copied time.Time, fate Fate, err error) {
	if at, err = db.instantOf(ctx, "restored_at"); err != nil || at.IsZero() {
		return at, copied, fate, err
	}
	var b []byte
	if err := db.row(ctx, `SELECT value FROM meta WHERE key = 'restored_logs'`, nil, &b); err != nil {
		return at, copied, fate, err
	}
	if len(b) == 1 {
		fate = Fate(b[0])
	}
	copied, err = db.instantOf(ctx, "copied_at")
	return at, copied, fate, err
}
