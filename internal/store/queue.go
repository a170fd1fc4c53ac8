package store

import (
	"context"
	"database/sql"

	"rollcall/internal/rollcall"
)

// A QueuedEntry is one that waits for a keeper's check, with all that there is to
// judge by.
type QueuedEntry struct {
	KeptEntry
	Claims  []rollcall.Claim // that are valid now, newest first
	Reports []Report         // oldest first; of an entry in review none where a mark holds it
}

// Queue returns the published entries that wait for a check: those of which
// somebody says that they are wrong, the oldest report first, and then those in
// review by a mark.
func (db *DB) Queue(ctx context.Context) ([]rollcall.PersonID, error) {
	var list []rollcall.PersonID
	err := db.each(ctx, `SELECT p.id FROM (SELECT id FROM people WHERE withheld = 'review' UNION SELECT person_id FROM reports) q
		JOIN people p ON p.id = q.id JOIN batches b ON b.id = p.batch_id AND b.published_at IS NOT NULL
		LEFT JOIN (SELECT person_id, min(created_at) AS first FROM reports GROUP BY person_id) r ON r.person_id = p.id
		ORDER BY r.first IS NULL, r.first, p.id`, nil, func(rows *sql.Rows) error {
		var id rollcall.PersonID
		err := rows.Scan(&id)
		list = append(list, id)
		return err
	})
	return list, err
}

// QueuedEntry returns what there is to judge an entry by, whether it waits or not.
// Returns [ErrNoEntry] where there is none.
func (db *DB) QueuedEntry(ctx context.Context, id rollcall.PersonID) (q QueuedEntry, err error) {
	q.KeptEntry, err = readKept(db.rower(ctx), db.today(), `WHERE v.id = ?`, id)
	if err != nil {
		return q, err
	}
	if q.Claims, err = db.LiveClaims(ctx, id); err != nil {
		return q, err
	}
	err = db.each(ctx, `SELECT text, created_at FROM reports WHERE person_id = ? ORDER BY created_at, reporter_tag`, []any{id}, func(rows *sql.Rows) error {
		var r Report
		var at int64
		err := rows.Scan(&r.Text, &at)
		r.At = instant(at)
		q.Reports = append(q.Reports, r)
		return err
	})
	return q, err
}

// FindRight settles what is said of an entry by finding it right: a review ends,
// by which wishes that were made meanwhile are met, and the reports are deleted. Until the entry changes, the
// accounts that made them cannot hide it by new ones.
//
// Returns [ErrNoEntry], and [ErrAlready] for an entry that waits for no check.
func (tx *Tx) FindRight(id rollcall.PersonID, by Actor) (KeptEntry, error) {
	e, err := tx.keptEntryByID(id)
	if err != nil {
		return e, err
	}
	var reports int
	if err := tx.row(`SELECT count(*) FROM reports WHERE person_id = ?`, []any{id}, &reports); err != nil {
		return e, err
	}
	if e.Withheld != rollcall.InReview && reports == 0 {
		return e, ErrAlready
	}
	if e.Withheld == rollcall.InReview {
		if err := tx.setWithheld(id, ""); err != nil {
			return e, err
		}
		if err := tx.publishShown(id); err != nil {
			return e, err
		}
	}
	if err := tx.answerReports(id); err != nil {
		return e, err
	}
	if err := tx.settleReports(id); err != nil {
		return e, err
	}
	if err := tx.audit(by, "right", e.PublicID, ""); err != nil {
		return e, err
	}
	return tx.keptEntryByID(id)
}
