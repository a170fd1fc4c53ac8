package store

import (
	"context"
	"os"
	"time"
)

// What is deleted is overwritten in the database (secure_delete), and the WAL
// holds the pages as they were before until it is written into the database and
// emptied. SQLite does so by itself only once the WAL is long, and then writes
// over its old frames little by little. So the writing goroutine does it soon
// after each erasure, between two commits, and again until no reader and no other
// process stands in the way.
const (
	truncateAfter = time.Second // an erasure's commit; several of them share one
	truncateRetry = time.Minute // the longest pause between two attempts, which doubles from truncateAfter
)

// A truncation is the writing goroutine's wish to empty the WAL. The zero value
// wishes nothing.
type truncation struct {
	wanted bool
	pause  time.Duration    // before the next attempt
	due    <-chan time.Time // nil where none is waited for
}

// want asks for an attempt soon.
func (t *truncation) want() { t.wanted, t.pause = true, truncateAfter }

// arm starts the wait for the next attempt, where one is wanted and not waited for
// yet.
func (t *truncation) arm() {
	if t.wanted && t.due == nil {
		t.due = time.After(t.pause)
	}
}

// erased notes that the transaction deletes what is to be gone from the WAL, too.
func (tx *Tx) erased() {
	tx.after = append(tx.after, tx.db.truncation.want)
}

// truncate tries to empty the WAL (PRAGMA wal_checkpoint(TRUNCATE)), and leaves
// the wish where that cannot be done now. It does not wait for readers.
func (db *DB) truncate() {
	t := &db.truncation
	t.due = nil
	if !t.wanted {
		return
	}
	var busy, frames, done int
	err := db.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &done)
	if err == nil && busy == 0 {
		t.wanted = false
		return
	}
	t.pause = min(2*t.pause, truncateRetry)
}

// leftWAL reports whether there is a WAL that a former run, which may have
// erased something, has not emptied.
func leftWAL(path string) bool {
	s, err := os.Stat(path + "-wal")
	return err == nil && s.Size() > 0
}
