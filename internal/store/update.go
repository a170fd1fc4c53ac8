package store

import (
	"context"
	"database/sql"
	"time"
)

// An UpdateState says how far an update has come.
type UpdateState string

// The states of an update.
const (
	Handled     UpdateState = "handled"     // its effects are committed; its answer may not have been sent
	Counted     UpdateState = "counted"     // the same, and its answer is made again where it was not sent
	Answered    UpdateState = "answered"    // nothing is owed for it
	Failed      UpdateState = "failed"      // its handler failed; it is not tried again
	Undecodable UpdateState = "undecodable" // set aside; its text is not kept, since it may say anything about anyone
)

// keepUpdates is how long an update is remembered. Telegram keeps unconfirmed
// ones for 24 hours (Bot API, "Getting updates") and chooses new ids after a
// week without any.
const keepUpdates = 72 * time.Hour

// A KnownUpdate is what is remembered of an update.
type KnownUpdate struct {
	State UpdateState
	Mark  UpdateMark
}

// An UpdateMark tells an update that comes again from another one of the same
// id: a Bot API server may choose its ids anew. It is a keyed hash, and says
// nothing of the update.
type UpdateMark [8]byte

// KnownUpdates returns what is remembered of the updates from first to last.
func (db *DB) KnownUpdates(ctx context.Context, first, last int64) (map[int64]KnownUpdate, error) {
	known := map[int64]KnownUpdate{}
	since := db.now().Add(-keepUpdates).Unix()
	err := db.each(ctx, `SELECT update_id, state, mark FROM updates WHERE update_id BETWEEN ? AND ? AND received_at >= ?`,
		[]any{first, last, since}, func(rows *sql.Rows) error {
			var id int64
			var s string
			var mark []byte
			err := rows.Scan(&id, &s, &mark)
			k := KnownUpdate{State: UpdateState(s)}
			copy(k.Mark[:], mark)
			known[id] = k
			return err
		})
	return known, err
}

// sealedAnswer is the use under which owed answers are sealed.
const sealedAnswer = "answer"

// RecordUpdate notes that an update was handled; where it has effects, within
// their transaction. answer is what is still to be sent, where it cannot be made
// again by handling the update once more; it is kept sealed until it was sent.
// Another update that had the id before is forgotten.
func (tx *Tx) RecordUpdate(id int64, mark UpdateMark, s UpdateState, answer []byte) error {
	var sealed any
	if answer != nil {
		sealed = tx.db.keys.Seal(sealedAnswer, answer)
	}
	_, err := tx.exec(`INSERT INTO updates (update_id, received_at, mark, state, answer) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (update_id) DO UPDATE SET received_at = excluded.received_at, mark = excluded.mark,
			state = excluded.state, answer = excluded.answer`,
		id, tx.Now.Unix(), mark[:], string(s), sealed)
	return err
}

// UpdateAnswered notes that nothing more is owed for an update that was handled.
func (tx *Tx) UpdateAnswered(id int64) error {
	_, err := tx.exec(`UPDATE updates SET state = 'answered', answer = NULL WHERE update_id = ? AND state IN ('handled', 'counted')`, id)
	return err
}

// UpdateAnswered notes the same with the next commit, and calls then after it.
func (db *DB) UpdateAnswered(id int64, then func()) {
	db.Soon(func(tx *Tx) error {
		tx.after = append(tx.after, then)
		return tx.UpdateAnswered(id)
	})
}

// An OwedAnswer is one that a former run committed and may not have sent.
type OwedAnswer struct {
	UpdateID int64
	Answer   []byte
}

// OwedAnswers returns the answers that are still owed, oldest first.
func (db *DB) OwedAnswers(ctx context.Context) ([]OwedAnswer, error) {
	var owed []OwedAnswer
	err := db.each(ctx, `SELECT update_id, answer FROM updates WHERE answer IS NOT NULL ORDER BY update_id`, nil, func(rows *sql.Rows) error {
		var o OwedAnswer
		var sealed []byte
		if err := rows.Scan(&o.UpdateID, &sealed); err != nil {
			return err
		}
		var err error
		o.Answer, err = db.keys.Unseal(sealedAnswer, sealed)
		owed = append(owed, o)
		return err
	})
	return owed, err
}

// PruneUpdates forgets updates that cannot come again.
func (db *DB) PruneUpdates(ctx context.Context) error {
	for n := int64(1); n > 0; {
		err := db.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.exec(`DELETE FROM updates WHERE update_id IN (SELECT update_id FROM updates WHERE received_at < ? LIMIT 1000)`,
				tx.Now.Add(-keepUpdates).Unix())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
