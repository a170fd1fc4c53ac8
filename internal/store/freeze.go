package store

import (
	"context"
	"encoding/binary"
	"time"
)

// Freeze keeps until [Tx.Unfreeze], over restarts, that the bot is frozen. What
// stops is for the readers of [DB.Frozen] to keep to. A second call changes
// nothing.
func (tx *Tx) Freeze(by Actor) error {
	n, err := tx.exec(`INSERT INTO meta (key, value) VALUES ('frozen', ?) ON CONFLICT DO NOTHING`, binary.BigEndian.AppendUint64(nil, uint64(tx.Now.Unix())))
	if err != nil || n == 0 {
		return err
	}
	return tx.audit(by, "freeze", "", "")
}

// Unfreeze ends it, and reports whether there was anything to end.
func (tx *Tx) Unfreeze(by Actor) (ended bool, err error) {
	n, err := tx.exec(`DELETE FROM meta WHERE key = 'frozen'`)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.audit(by, "unfreeze", "", "")
}

// Frozen returns since when the bot is frozen, or the zero time.
func (db *DB) Frozen(ctx context.Context) (since time.Time, err error) {
	return db.instantOf(ctx, "frozen")
}
