package store

import (
	"context"
	"time"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// ErrTooManyReports is returned by [Tx.Report] for an account that has said of as
// many entries as it may in a day that they are wrong.
var ErrTooManyReports = rollcall.E(rollcall.Conflict, "the account has reported as many entries as it may in a day")

const (
	reportsToHide = 2              // accounts within reportDay that hide an entry
	reportDay     = 24 * time.Hour // sliding
	keepReports   = 30 * reportDay
	keepAnswered  = 365 * reportDay // that a report was answered, where the entry does not change
)

// A Report is what one account says is wrong with an entry.
type Report struct {
	Text string // as it was written
	At   time.Time
}

// Report keeps what an account says is wrong with an entry, in place of what it
// said of it before. When a second account has said so within 24 hours, the entry
// goes into review: hidden is set then. An account does not count for that whose
// report of the entry a keeper has answered, until the entry has changed since;
// what it says waits for a keeper all the same. perDay is of how many entries an
// account may say so in 24 hours.
//
// Returns a NotFound error for an entry that is not shown, whatever the reason,
// [ErrTooManyReports], and [ErrLongText] for a text that is empty or over
// [rollcall.MaxReport]; nothing is written then.
func (tx *Tx) Report(user rollcall.UserID, person rollcall.PersonID, text string, perDay int) (hidden bool, err error) {
	if n := utf8.RuneCountInString(text); n == 0 || n > rollcall.MaxReport {
		return false, ErrLongText
	}
	if err := tx.row(`SELECT v.id FROM published_people v WHERE v.id = ? AND `+shown, []any{person, tx.today()}, new(int64)); err != nil {
		return false, err
	}
	tag := tx.db.keys.ReporterTag(user)
	since := tx.Now.Add(-reportDay).Unix()
	var others, accounts int
	if err := tx.row(`SELECT count(*) FROM reports WHERE reporter_tag = ? AND person_id <> ? AND created_at > ?`,
		[]any{tag[:], person, since}, &others); err != nil {
		return false, err
	}
	if others >= perDay {
		return false, ErrTooManyReports
	}
	if _, err := tx.exec(`INSERT INTO reports (person_id, reporter_tag, text, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id, reporter_tag) DO UPDATE SET text = excluded.text, created_at = excluded.created_at`,
		person, tag[:], text, tx.Now.Unix()); err != nil {
		return false, err
	}
	if err := tx.row(`SELECT count(*) FROM reports r WHERE r.person_id = ? AND r.created_at > ? AND NOT EXISTS (
		SELECT 1 FROM answered_reports a WHERE a.person_id = r.person_id AND a.reporter_tag = r.reporter_tag)`, []any{person, since}, &accounts); err != nil {
		return false, err
	}
	if accounts < reportsToHide {
		return false, nil
	}
	if err := tx.setWithheld(person, rollcall.InReview); err != nil {
		return false, err
	}
	return true, tx.dropOwed(person)
}

// Reports counts the entries of which an account's word is kept that they are
// wrong.
func (db *DB) Reports(ctx context.Context, user rollcall.UserID) (n int, err error) {
	tag := db.keys.ReporterTag(user)
	err = db.row(ctx, `SELECT count(*) FROM reports WHERE reporter_tag = ?`, []any{tag[:]}, &n)
	return n, err
}

// AnsweredReports counts the entries of which it is kept that a keeper has found
// them right after the account's report.
func (db *DB) AnsweredReports(ctx context.Context, user rollcall.UserID) (n int, err error) {
	tag := db.keys.ReporterTag(user)
	err = db.row(ctx, `SELECT count(*) FROM answered_reports WHERE reporter_tag = ?`, []any{tag[:]}, &n)
	return n, err
}

// EraseReports deletes what an account said of entries, and that it was answered.
// What it led to stays.
func (tx *Tx) EraseReports(user rollcall.UserID) error {
	tag := tx.db.keys.ReporterTag(user)
	if _, err := tx.exec(`DELETE FROM answered_reports WHERE reporter_tag = ?`, tag[:]); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM reports WHERE reporter_tag = ?`, tag[:])
	return err
}

// answerReports keeps whose reports of an entry a keeper answers by finding it
// right. It comes before [Tx.settleReports].
func (tx *Tx) answerReports(id rollcall.PersonID) error {
	_, err := tx.exec(`INSERT INTO answered_reports (person_id, reporter_tag, answered_at)
		SELECT person_id, reporter_tag, ? FROM reports WHERE person_id = ?
		ON CONFLICT (person_id, reporter_tag) DO UPDATE SET answered_at = excluded.answered_at`, tx.Now.Unix(), id)
	return err
}

// forgetAnswers forgets the answers about entries that a batch changes, as it is
// published: by a new claim, another name or year, or by coming or going in a full
// file. A claim that is renewed changes nothing.
func (tx *Tx) forgetAnswers(batch int64) error {
	_, err := tx.exec(`DELETE FROM answered_reports AS a WHERE EXISTS (SELECT 1 FROM claims c WHERE c.person_id = a.person_id AND c.batch_id = ?1)
		OR EXISTS (SELECT 1 FROM person_changes n WHERE n.person_id = a.person_id AND n.batch_id = ?1)`, batch)
	return err
}

// settleReports deletes what was said of an entry, since a keeper has decided.
func (tx *Tx) settleReports(id rollcall.PersonID) error {
	_, err := tx.exec(`DELETE FROM reports WHERE person_id = ?`, id)
	return err
}

// PruneReports deletes the reports that nobody has settled in thirty days, and
// forgets answers after a year. An entry that reports have put into review stays
// there.
func (db *DB) PruneReports(ctx context.Context) error {
	for _, old := range []struct {
		delete string
		kept   time.Duration
	}{
		{`DELETE FROM reports WHERE (person_id, reporter_tag) IN
			(SELECT person_id, reporter_tag FROM reports WHERE created_at < ? LIMIT 1000)`, keepReports},
		{`DELETE FROM answered_reports WHERE (person_id, reporter_tag) IN
			(SELECT person_id, reporter_tag FROM answered_reports WHERE answered_at < ? LIMIT 1000)`, keepAnswered},
	} {
		for n := int64(1); n > 0; {
			err := db.Update(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(old.delete, tx.Now.Add(-old.kept).Unix())
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
