package store

import (
	"context"
	"database/sql"
	"time"

	"rollcall/internal/rollcall"
)

// A Subscription is an account's wish to get a digest in private.
type Subscription struct {
	Digest string // by its name in the configuration
	rollcall.Edition
	Quiet  rollcall.QuietHours // by the clock of the edition's zone
	Silent bool
	Ended  string    // why it does not run; "" while it does
	Since  time.Time // when it was first made
}

// Blocked is why a subscription has ended whose account blocked the bot or is
// deleted.
const Blocked = "blocked"

// quietText is quiet hours as they stand in the table: nil where there are none.
func quietText(q rollcall.QuietHours) (from, until any) {
	if q.None() {
		return nil, nil
	}
	return q.From.String(), q.Until.String()
}

// Subscribe keeps the account's wish, making its peer where there is none, and
// takes the place of the one that it has for the digest, whether or not that has
// ended. No instant before now is owed to it, unless it had the edition already.
// Returns an Invalid error for an edition that cannot be.
func (tx *Tx) Subscribe(user rollcall.UserID, s Subscription) error {
	if err := s.Validate(); err != nil {
		return err
	}
	peer, err := tx.peerID(user)
	if err != nil {
		return err
	}
	from, until := quietText(s.Quiet)
	_, err = tx.exec(`INSERT INTO subscriptions AS s (peer_id, digest, every, at, zone, language, quiet_from, quiet_until, silent, runs_since, created_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
		ON CONFLICT (peer_id, digest) DO UPDATE SET every = excluded.every, at = excluded.at, zone = excluded.zone, language = excluded.language,
			quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, silent = excluded.silent, ended_reason = NULL,
			runs_since = CASE WHEN s.ended_reason IS NULL AND (s.every, s.at, s.zone, s.language) = (excluded.every, excluded.at, excluded.zone, excluded.language)
				THEN s.runs_since ELSE excluded.runs_since END`,
		peer, s.Digest, string(s.Every), s.At.String(), s.Zone, string(s.Language), from, until, s.Silent, tx.Now.Unix())
	return err
}

// Unsubscribe deletes the account's subscriptions and what it is owed of digests;
// was is false where it had none.
func (tx *Tx) Unsubscribe(user rollcall.UserID) (was bool, err error) {
	tag := tx.db.keys.PeerTag(user)
	n, err := tx.exec(`DELETE FROM subscriptions WHERE peer_id = (SELECT id FROM peers WHERE tag = ?)`, tag[:])
	if err != nil {
		return false, err
	}
	_, err = tx.exec(`DELETE FROM deliveries WHERE peer_id = (SELECT id FROM peers WHERE tag = ?) AND +occurrence_id IS NOT NULL AND state = 'pending'`, tag[:])
	return n > 0, err
}

const selectSubscription = `SELECT s.digest, s.every, s.at, s.zone, s.language, coalesce(s.quiet_from, ''), coalesce(s.quiet_until, ''), s.silent,
	coalesce(s.ended_reason, ''), s.created_at FROM subscriptions s `

func scanSubscription(scan func(...any) error) (s Subscription, err error) {
	var at, from, until string
	var since int64
	if err := scan(&s.Digest, &s.Every, &at, &s.Zone, &s.Language, &from, &until, &s.Silent, &s.Ended, &since); err != nil {
		return s, err
	}
	s.At, _ = rollcall.ParseClockTime(at)
	s.Quiet.From, _ = rollcall.ParseClockTime(from)
	s.Quiet.Until, _ = rollcall.ParseClockTime(until)
	s.Since = instant(since)
	return s, nil
}

// Subscription returns the account's subscription to the digest, also one that
// has ended, or a NotFound error.
func (db *DB) Subscription(ctx context.Context, user rollcall.UserID, digest string) (Subscription, error) {
	tag := db.keys.PeerTag(user)
	return scanSubscription(func(dest ...any) error {
		return db.row(ctx, selectSubscription+`JOIN peers p ON p.id = s.peer_id WHERE p.tag = ? AND s.digest = ?`, []any{tag[:], digest}, dest...)
	})
}

// A RunningEdition is an edition that somebody gets.
type RunningEdition struct {
	rollcall.Edition
	Subscribers int
	Since       time.Time // from when the first of these gets it
}

// Editions returns the editions of the digest with at least one subscription that
// runs, in the order of their names.
func (db *DB) Editions(ctx context.Context, digest string) ([]RunningEdition, error) {
	var all []RunningEdition
	err := db.each(ctx, `SELECT every, at, zone, language, count(*), min(runs_since) FROM subscriptions
		WHERE digest = ? AND ended_reason IS NULL GROUP BY every, at, zone, language ORDER BY every, at, zone, language`, []any{digest}, func(rows *sql.Rows) error {
		var e RunningEdition
		var at string
		var since int64
		err := rows.Scan(&e.Every, &at, &e.Zone, &e.Language, &e.Subscribers, &since)
		e.At, _ = rollcall.ParseClockTime(at)
		e.Since = instant(since)
		all = append(all, e)
		return err
	})
	return all, err
}

// SubscriptionFigures are how many subscriptions there are.
type SubscriptionFigures struct {
	Running, Ended int
	Elsewhere      int // running, and not for the main digest: see [Tx.FollowMain]
}

// SubscriptionFigures counts the subscriptions; main is the name of the one digest
// that subscribers get, "" where there is none.
func (db *DB) SubscriptionFigures(ctx context.Context, main string) (f SubscriptionFigures, err error) {
	err = db.row(ctx, `SELECT count(*) FILTER (WHERE ended_reason IS NULL), count(*) FILTER (WHERE ended_reason IS NOT NULL),
		count(*) FILTER (WHERE ended_reason IS NULL AND digest <> ?) FROM subscriptions`, []any{main}, &f.Running, &f.Ended, &f.Elsewhere)
	return f, err
}

// FollowMain has all subscriptions be for the digest of the name, the one that
// subscribers get, whichever that was when they were made; moved counts those that run.
// Their editions are as they were. Of an account that would have two, the one for that
// digest stays, else the latest. To those that are moved no instant up to now is owed,
// nor one that was not before, nor one up to the last that the ledger has under the
// former name: where the clock was set back, these may be later. Repeated, it changes
// nothing.
func (tx *Tx) FollowMain(main string) (moved int64, err error) {
	if _, err := tx.exec(`DELETE FROM subscriptions AS s WHERE digest <> ?1 AND EXISTS (SELECT 1 FROM subscriptions o
		WHERE o.peer_id = s.peer_id AND o.id <> s.id AND (o.digest = ?1 OR o.id > s.id))`, main); err != nil {
		return 0, err
	}
	if err := tx.row(`SELECT count(*) FROM subscriptions WHERE digest <> ? AND ended_reason IS NULL`, []any{main}, &moved); err != nil {
		return 0, err
	}
	_, err = tx.exec(`UPDATE subscriptions AS s SET digest = ?1, runs_since = max(runs_since, ?2, coalesce((SELECT max(o.planned_at) FROM occurrences o
			WHERE o.digest = s.digest AND o.chat_id = 0 AND o.edition = s.every || ' ' || s.at || ' ' || s.zone || ' ' || s.language), 0))
		WHERE s.digest <> ?1`, main, tx.Now.Unix())
	return moved, err
}

// PlanEdition enters an occurrence of an edition with its posts, once, and owes
// these to each of its subscribers since before the planned instant, in their
// order: all within the one transaction. notBefore says until when messages wait
// for the end of quiet hours; it is asked once for each that occur. Of a post with
// a chart one delivery goes first, and the others wait for the chart's file id.
//
// It returns how many subscribers these are; where there are none, and posts are
// given, nothing is entered. Returns a Conflict error, and enters nothing, where
// the ledger has the occurrence already.
func (tx *Tx) PlanEdition(o Occurrence, e rollcall.Edition, posts []Post, notBefore func(rollcall.QuietHours) time.Time) (subscribers int, err error) {
	o.Audience = Audience{Edition: e.String()}
	const of = `digest = ? AND every = ? AND at = ? AND zone = ? AND language = ? AND ended_reason IS NULL AND runs_since < ?`
	edition := []any{o.Digest, string(e.Every), e.At.String(), e.Zone, string(e.Language), o.PlannedAt.Unix()}
	var ranges []rollcall.QuietHours
	err = tx.each(`SELECT coalesce(quiet_from, ''), coalesce(quiet_until, ''), count(*) FROM subscriptions WHERE `+of+` GROUP BY quiet_from, quiet_until`,
		edition, func(rows *sql.Rows) error {
			var from, until string
			var n int
			err := rows.Scan(&from, &until, &n)
			var q rollcall.QuietHours
			q.From, _ = rollcall.ParseClockTime(from)
			q.Until, _ = rollcall.ParseClockTime(until)
			ranges = append(ranges, q)
			subscribers += n
			return err
		})
	if err != nil || len(posts) > 0 && subscribers == 0 {
		return 0, err
	}
	id, err := tx.addOccurrence(o)
	if err != nil {
		return 0, err
	}
	for part, p := range posts {
		post, err := tx.addPost(p)
		if err != nil {
			return 0, err
		}
		held := 0
		switch {
		case part > 0:
			held = heldForPart
		case p.Chart != nil:
			held = heldForUpload
		}
		for _, q := range ranges {
			var wait int64
			if at := notBefore(q); at.After(tx.Now) {
				wait = at.Unix()
			}
			from, until := quietText(q)
			if _, err := tx.exec(`INSERT INTO deliveries (post_id, occurrence_id, peer_id, part, silent, state, held, not_before, created_at)
				SELECT ?, ?, peer_id, ?, silent, 'pending', ?, ?, ? FROM subscriptions WHERE `+of+` AND quiet_from IS ? AND quiet_until IS ? ORDER BY id`,
				append(append([]any{post, id, part, held, wait, tx.Now.Unix()}, edition...), from, until)...); err != nil {
				return 0, err
			}
		}
		if held == heldForUpload {
			if _, err := tx.exec(`UPDATE deliveries SET held = 0 WHERE id = (SELECT id FROM deliveries WHERE post_id = ? AND held = 1 ORDER BY not_before, id LIMIT 1)`, post); err != nil {
				return 0, err
			}
		}
	}
	return subscribers, nil
}

// What a delivery to an account may wait for; the schema's triggers let it go.
const (
	heldForUpload = 1 // the file id of its post's chart
	heldForPart   = 2 // the part before it
)

// EndPeer ends what would be written to the account later: its watches and wishes
// go, its subscriptions end for the reason until [Tx.RevivePeer], and what it is
// owed is dead. It is no error where nothing is kept about the account.
func (tx *Tx) EndPeer(user rollcall.UserID, reason string) error {
	tag := tx.db.keys.PeerTag(user)
	var peer int64
	err := tx.row(`SELECT id FROM peers WHERE tag = ?`, []any{tag[:]}, &peer)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.endPeer(peer, reason, reason)
}

// endPeer ends a peer; problem is why its deliveries are dead.
func (tx *Tx) endPeer(peer int64, reason, problem string) error {
	for _, end := range []string{`DELETE FROM watches WHERE peer_id = ?`, `DELETE FROM wishes WHERE peer_id = ?`} {
		if _, err := tx.exec(end, peer); err != nil {
			return err
		}
	}
	if _, err := tx.exec(`UPDATE subscriptions SET ended_reason = ? WHERE peer_id = ? AND ended_reason IS NULL`, reason, peer); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE deliveries SET state = 'dead', held = 0, reason = ? WHERE peer_id = ? AND state = 'pending'`, problem, peer)
	return err
}

// RevivePeer lets the account's subscriptions run again that have ended; revived is
// false where there are none. Instants that have passed meanwhile are not owed.
func (tx *Tx) RevivePeer(user rollcall.UserID) (revived bool, err error) {
	tag := tx.db.keys.PeerTag(user)
	n, err := tx.exec(`UPDATE subscriptions SET ended_reason = NULL, runs_since = ? WHERE ended_reason IS NOT NULL AND peer_id = (SELECT id FROM peers WHERE tag = ?)`,
		tx.Now.Unix(), tag[:])
	return n > 0, err
}

// MayHaveMissed reports whether it is not known that the account's last digest
// arrived.
func (db *DB) MayHaveMissed(ctx context.Context, user rollcall.UserID) (bool, error) {
	tag := db.keys.PeerTag(user)
	var n int
	err := db.row(ctx, `SELECT count(*) FROM deliveries d JOIN peers p ON p.id = d.peer_id WHERE p.tag = ? AND d.state = 'unknown'
		AND d.occurrence_id = (SELECT max(e.occurrence_id) FROM deliveries e WHERE e.peer_id = p.id)`, []any{tag[:]}, &n)
	return n > 0, err
}

// LatestPostsTo returns the messages of the last digest that was entered for the
// account, in their order. Returns a NotFound error where none is kept.
func (db *DB) LatestPostsTo(ctx context.Context, user rollcall.UserID) ([]Post, error) {
	tag := db.keys.PeerTag(user)
	var posts []Post
	err := db.each(ctx, `SELECT o.id, o.html, o.buttons, o.chart, coalesce(o.file_id, '') FROM peers p JOIN deliveries d ON d.peer_id = p.id JOIN posts o ON o.id = d.post_id
		WHERE p.tag = ? AND d.occurrence_id = (SELECT max(e.occurrence_id) FROM deliveries e WHERE e.peer_id = p.id) ORDER BY d.part`, []any{tag[:]}, func(rows *sql.Rows) error {
		var p Post
		err := rows.Scan(&p.ID, &p.HTML, &p.Buttons, &p.Chart, &p.FileID)
		posts = append(posts, p)
		return err
	})
	if err == nil && len(posts) == 0 {
		err = rollcall.E(rollcall.NotFound, "no digest was entered for the account")
	}
	return posts, err
}
