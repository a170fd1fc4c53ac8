package store

import (
	"context"
	"database/sql"
	"time"

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

// A QueueSize is how many entries wait for a check.
type QueueSize struct {
	Waiting int
	Hidden  int // of them, not shown until then
}

const selectQueueSize = `SELECT count(*), count(p.withheld) FROM (SELECT id FROM people WHERE withheld = 'review' UNION SELECT person_id FROM reports) q
	JOIN people p ON p.id = q.id JOIN batches b ON b.id = p.batch_id AND b.published_at IS NOT NULL`

// queueUnknown counts the peer of a tag where something is new in the queue that it
// does not know, and it was not told of the queue lately.
const queueUnknown = `SELECT count(*) FROM peers r LEFT JOIN queue_notices n ON n.peer_id = r.id
	WHERE r.tag = ? AND coalesce(n.version, 0) < (SELECT queue_version FROM roster) AND coalesce(n.told_at, 0) <= ?`

// QueueToTell reports whether [Tx.TellOfQueue] would tell anybody.
func (db *DB) QueueToTell(ctx context.Context, users []rollcall.UserID, every time.Duration) (bool, error) {
	var size QueueSize
	if err := db.row(ctx, selectQueueSize, nil, &size.Waiting, &size.Hidden); err != nil || size.Waiting == 0 {
		return false, err
	}
	for _, user := range users {
		tag := db.keys.PeerTag(user)
		var n int
		if err := db.row(ctx, queueUnknown, []any{tag[:], db.now().Add(-every).Unix()}, &n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// TellOfQueue owes the post that make returns to each of the accounts that can be
// written to, where something has come into the queue that the account was neither
// told of nor shown, and returns how many these are. An account is told at most
// once in every; what comes meanwhile is told of together. Nobody is told of an
// empty queue. l is spoken to one that has chosen no language.
func (tx *Tx) TellOfQueue(users []rollcall.UserID, every time.Duration, l rollcall.Language, make func(rollcall.Language, QueueSize) Post) (told int, err error) {
	var size QueueSize
	if err := tx.row(selectQueueSize, nil, &size.Waiting, &size.Hidden); err != nil || size.Waiting == 0 {
		return 0, err
	}
	for _, user := range users {
		tag := tx.db.keys.PeerTag(user)
		var n int
		if err := tx.row(queueUnknown, []any{tag[:], tx.Now.Add(-every).Unix()}, &n); err != nil {
			return told, err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.TellPeers([]rollcall.UserID{user}, l, func(_ rollcall.UserID, l rollcall.Language) Post { return make(l, size) }); err != nil {
			return told, err
		}
		if _, err := tx.exec(`INSERT INTO queue_notices (peer_id, version, told_at)
			SELECT id, (SELECT queue_version FROM roster), ? FROM peers WHERE tag = ?
			ON CONFLICT (peer_id) DO UPDATE SET version = excluded.version, told_at = excluded.told_at`, tx.Now.Unix(), tag[:]); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// QueueVersion rises with all that comes into the queue.
func (db *DB) QueueVersion(ctx context.Context) (version int64, err error) {
	err = db.row(ctx, `SELECT queue_version FROM roster`, nil, &version)
	return version, err
}

// SawQueue keeps that the account was shown the queue of that version, of which it
// needs no message any more. It does nothing for one that cannot be written to.
func (tx *Tx) SawQueue(user rollcall.UserID, version int64) error {
	tag := tx.db.keys.PeerTag(user)
	_, err := tx.exec(`INSERT INTO queue_notices (peer_id, version, told_at) SELECT id, ?, 0 FROM peers WHERE tag = ?
		ON CONFLICT (peer_id) DO UPDATE SET version = max(version, excluded.version)`, version, tag[:])
	return err
}
