package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"time"

	"rollcall/internal/rollcall"
)

// sealedDeletion is the use under which the chat of a message that is to be deleted
// is sealed: it is an account's, and no peer is made for it.
const sealedDeletion = "deletion"

// keepDeletion is for how long a deletion is tried; Telegram takes none of messages
// older than 48 hours (Bot API, deleteMessage).
const keepDeletion = 47 * time.Hour

// A Deletion is a message that is to be deleted.
type Deletion struct {
	ID      int64
	Chat    rollcall.ChatID
	Message rollcall.MessageID
}

// DeleteLater has a message in a private chat deleted at an instant.
func (tx *Tx) DeleteLater(chat rollcall.ChatID, message rollcall.MessageID, at time.Time) error {
	id := binary.BigEndian.AppendUint64(nil, uint64(chat))
	id = binary.BigEndian.AppendUint64(id, uint64(message))
	_, err := tx.exec(`INSERT INTO deletions (sealed, due_at, created_at) VALUES (?, ?, ?)`, tx.db.keys.Seal(sealedDeletion, id), at.Unix(), tx.Now.Unix())
	return err
}

// DueDeletions returns up to limit messages that are to be deleted by now. One whose
// chat cannot be read is passed over.
func (db *DB) DueDeletions(ctx context.Context, limit int) ([]Deletion, error) {
	var due []Deletion
	err := db.each(ctx, `SELECT id, sealed FROM deletions WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`, []any{db.now().Unix(), limit}, func(rows *sql.Rows) error {
		var d Deletion
		var sealed []byte
		if err := rows.Scan(&d.ID, &sealed); err != nil {
			return err
		}
		b, err := db.keys.Unseal(sealedDeletion, sealed)
		if err != nil || len(b) != 16 {
			return nil
		}
		d.Chat, d.Message = rollcall.ChatID(binary.BigEndian.Uint64(b)), rollcall.MessageID(binary.BigEndian.Uint64(b[8:]))
		due = append(due, d)
		return nil
	})
	return due, err
}

// Deleted forgets a deletion that was made or cannot be.
func (tx *Tx) Deleted(id int64) error {
	tx.erased()
	_, err := tx.exec(`DELETE FROM deletions WHERE id = ?`, id)
	return err
}

// DeletionFailed has a deletion tried again at an instant.
func (tx *Tx) DeletionFailed(id int64, again time.Time) error {
	_, err := tx.exec(`UPDATE deletions SET due_at = ? WHERE id = ?`, again.Unix(), id)
	return err
}

// PruneDeletions forgets those that Telegram would not take any more.
func (db *DB) PruneDeletions(ctx context.Context) error {
	return db.Update(ctx, func(tx *Tx) error {
		n, err := tx.exec(`DELETE FROM deletions WHERE created_at < ?`, tx.Now.Add(-keepDeletion).Unix())
		if n > 0 {
			tx.erased()
		}
		return err
	})
}
