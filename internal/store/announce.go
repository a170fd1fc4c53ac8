package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// An Announcement is what an owner sends to all subscribers.
type Announcement struct {
	ID       int64
	Owner    rollcall.UserID // who follows it; 0 where the account was erased
	Language rollcall.Language
	Message  rollcall.MessageID // that shows its progress; 0 for none
	State    AnnouncementState
	Progress rollcall.AnnouncementProgress
}

// An AnnouncementState is where an announcement stands.
type AnnouncementState string

// The states of an announcement.
const (
	AnnouncementRunning AnnouncementState = "running" // messages are owed, or its end has not been told
	AnnouncementStopped AnnouncementState = "stopped" // what was owed then is not sent
	AnnouncementDone    AnnouncementState = "done"
)

// stoppedReason is why a delivery is dead that an owner stopped.
const stoppedReason = "stopped by an owner"

// Announce owes the post in its language to every account with a running
// subscription, and returns the announcement's id and how many these are; where
// there are none, nothing is entered. Returns a Conflict error while another
// announcement runs. notBefore says until when messages wait for the end of quiet
// hours in a zone; it is asked once for each that occur. by is written to the audit,
// without the text.
func (tx *Tx) Announce(owner rollcall.UserID, l rollcall.Language, progress rollcall.MessageID, posts map[rollcall.Language]Post,
	notBefore func(q rollcall.QuietHours, zone string) time.Time, by Actor) (id int64, n int, err error) {
	var running int
	if err := tx.row(`SELECT count(*) FROM announcements WHERE state = 'running'`, nil, &running); err != nil {
		return 0, 0, err
	}
	if running > 0 {
		return 0, 0, rollcall.E(rollcall.Conflict, "an announcement is being sent")
	}
	if err := tx.row(`SELECT count(*) FROM subscriptions WHERE ended_reason IS NULL`, nil, &n); err != nil || n == 0 {
		return 0, 0, err
	}
	peer, err := tx.peerID(owner)
	if err != nil {
		return 0, 0, err
	}
	var message any
	if progress != 0 {
		message = progress
	}
	if id, err = tx.insert(`INSERT INTO announcements (peer_id, language, state, message_id, created_at) VALUES (?, ?, 'running', ?, ?)`,
		peer, string(l), message, tx.Now.Unix()); err != nil {
		return 0, 0, err
	}
	// An account with several subscriptions hears it once.
	const of = `ended_reason IS NULL AND id = (SELECT min(id) FROM subscriptions WHERE peer_id = s.peer_id AND ended_reason IS NULL)`
	type group struct {
		from, until any
		zone        string
		wait        int64
	}
	var groups []group
	if err := tx.each(`SELECT DISTINCT quiet_from, quiet_until, zone FROM subscriptions s WHERE `+of, nil, func(rows *sql.Rows) error {
		var from, until sql.NullString
		var g group
		if err := rows.Scan(&from, &until, &g.zone); err != nil {
			return err
		}
		var q rollcall.QuietHours
		q.From, _ = rollcall.ParseClockTime(from.String)
		q.Until, _ = rollcall.ParseClockTime(until.String)
		g.from, g.until = quietText(q)
		if at := notBefore(q, g.zone); at.After(tx.Now) {
			g.wait = at.Unix()
		}
		groups = append(groups, g)
		return nil
	}); err != nil {
		return 0, 0, err
	}
	entered := int64(0)
	for _, l := range rollcall.Languages {
		post, err := tx.addPost(posts[l])
		if err != nil {
			return 0, 0, err
		}
		before := entered
		for _, g := range groups {
			n, err := tx.exec(`INSERT INTO deliveries (post_id, announcement_id, peer_id, part, state, silent, not_before, created_at)
				SELECT ?, ?, peer_id, 0, 'pending', silent, ?, ? FROM subscriptions s WHERE `+of+` AND language = ? AND zone = ? AND quiet_from IS ? AND quiet_until IS ?
				ORDER BY id`, post, id, g.wait, tx.Now.Unix(), string(l), g.zone, g.from, g.until)
			if err != nil {
				return 0, 0, err
			}
			entered += n
		}
		if entered == before {
			if _, err := tx.exec(`DELETE FROM posts WHERE id = ?`, post); err != nil {
				return 0, 0, err
			}
		}
	}
	return id, int(entered), tx.audit(by, "announce", fmt.Sprint(id), fmt.Sprintf("to %d subscribers", entered))
}

// StopAnnouncement ends what a running announcement still owes; what is being
// sent at this moment may still arrive. Returns a Conflict error where it runs no
// longer, and a NotFound error for an id that was never given.
func (tx *Tx) StopAnnouncement(id int64, by Actor) (rollcall.AnnouncementProgress, error) {
	a, err := tx.announcement(id)
	if err != nil {
		return rollcall.AnnouncementProgress{}, err
	}
	if a.State != AnnouncementRunning {
		return a.Progress, rollcall.E(rollcall.Conflict, "the announcement is not being sent any more")
	}
	if _, err := tx.exec(`UPDATE announcements SET state = 'stopped', ended_at = ? WHERE id = ?`, tx.Now.Unix(), id); err != nil {
		return a.Progress, err
	}
	if _, err := tx.exec(`UPDATE deliveries SET state = 'dead', held = 0, reason = ? WHERE announcement_id = ? AND state = 'pending'`, stoppedReason, id); err != nil {
		return a.Progress, err
	}
	if a, err = tx.announcement(id); err != nil {
		return a.Progress, err
	}
	return a.Progress, tx.audit(by, "announce stop", fmt.Sprint(id), "")
}

// AnnouncementToldDone notes that the end of an announcement has been told.
func (tx *Tx) AnnouncementToldDone(id int64) error {
	_, err := tx.exec(`UPDATE announcements SET state = 'done', ended_at = ? WHERE id = ? AND state = 'running'`, tx.Now.Unix(), id)
	return err
}

const selectAnnouncement = `SELECT a.id, r.sealed_id, a.language, coalesce(a.message_id, 0), a.state FROM announcements a LEFT JOIN peers r ON r.id = a.peer_id `

func scanAnnouncement(k *secret.Keys, scan func(...any) error) (a Announcement, err error) {
	var sealed []byte
	if err := scan(&a.ID, &sealed, &a.Language, &a.Message, &a.State); err != nil {
		return a, err
	}
	if sealed != nil {
		// An owner whose id cannot be read is as good as none.
		a.Owner, _ = k.UnsealPeer(sealed)
	}
	return a, nil
}

func (tx *Tx) announcement(id int64) (a Announcement, err error) {
	a, err = scanAnnouncement(tx.db.keys, func(dest ...any) error {
		return tx.row(selectAnnouncement+`WHERE a.id = ?`, []any{id}, dest...)
	})
	if err != nil {
		return a, err
	}
	return a, tx.each(countAnnouncement, []any{id}, a.count)
}

const countAnnouncement = `SELECT state, reason = '` + stoppedReason + `', count(*) FROM deliveries WHERE announcement_id = ? GROUP BY 1, 2`

func (a *Announcement) count(rows *sql.Rows) error {
	var s DeliveryState
	var stopped bool
	var n int
	if err := rows.Scan(&s, &stopped, &n); err != nil {
		return err
	}
	p := &a.Progress
	switch {
	case stopped:
		p.Stopped += n
	case s == Sent:
		p.Sent += n
	case s == Dead:
		p.Failed += n
	case s == Unsure:
		p.Unknown += n
	default:
		p.Waiting += n
	}
	return nil
}

// RunningAnnouncement returns the announcement that is being sent, or a NotFound
// error.
func (db *DB) RunningAnnouncement(ctx context.Context) (a Announcement, err error) {
	a, err = scanAnnouncement(db.keys, func(dest ...any) error {
		return db.row(ctx, selectAnnouncement+`WHERE a.state = 'running' ORDER BY a.id LIMIT 1`, nil, dest...)
	})
	if err != nil {
		return a, err
	}
	return a, db.each(ctx, countAnnouncement, []any{a.ID}, a.count)
}

// Subscribers returns how many accounts have a running subscription.
func (db *DB) Subscribers(ctx context.Context) (n int, err error) {
	err = db.row(ctx, `SELECT count(DISTINCT peer_id) FROM subscriptions WHERE ended_reason IS NULL`, nil, &n)
	return n, err
}
