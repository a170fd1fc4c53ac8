package store

import (
	"context"
	"database/sql"
	"time"
)

// forgetChunk is how many signatures are deleted in one transaction.
const forgetChunk = 2000

// PruneSignatures deletes the signatures of petitions that have been closed for
// longer than the retention, and so tags and salts; the WAL is emptied soon after.
// The log stays, and with it the count and whatever proves it, but nobody can withdraw
// or get a receipt any more. It waits for the log to be closed, or to be found not to
// add up: what was promised to people holds then too.
func (db *DB) PruneSignatures(ctx context.Context, retention time.Duration) error {
	var over []string
	err := db.each(ctx, `SELECT slug FROM petitions WHERE (forgotten_at IS NULL OR EXISTS (SELECT 1 FROM signatures WHERE petition = slug)) AND (log_closed = 1 OR halted IS NOT NULL)
			AND coalesce(closed_at, closes_at) + ? <= ?`,
		[]any{int64(retention / time.Second), db.now().UTC().Unix()}, func(rows *sql.Rows) error {
			var slug string
			err := rows.Scan(&slug)
			over = append(over, slug)
			return err
		})
	if err != nil {
		return err
	}
	for _, slug := range over {
		for done := false; !done; {
			err := db.Update(ctx, func(tx *Tx) error {
				n, err := tx.exec(`DELETE FROM signatures WHERE id IN (SELECT id FROM signatures WHERE petition = ? LIMIT ?)`, slug, forgetChunk)
				if err != nil {
					return err
				}
				done = n < forgetChunk
				tx.erased()
				_, err = tx.exec(`UPDATE petitions SET forgotten_at = coalesce(forgotten_at, ?) WHERE slug = ?`, tx.Now.Unix(), slug)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
