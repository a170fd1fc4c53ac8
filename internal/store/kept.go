package store

import (
	"context"
	"database/sql"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// Kept is all that is kept about an account, but for its signatures, which are
// found by [DB.SignedUnder], and for what the limits count: see [DB.Usage].
type Kept struct {
	Known         bool              // there is a peer
	Since         time.Time         // when the peer was made
	Language      rollcall.Language // that it chose or, else, in which it last asked to watch or to be told; may be ""
	Watches       []KeptWatch       // the oldest first
	Wishes        []time.Time       // since when the account wishes to be told of somebody; the oldest first
	Subscriptions []KeptSubscription
	Messages      []KeptMessage // the oldest first
	Acts          int           // of the account as a keeper, in the audit; they stay when it is erased
}

// A KeptWatch is a watch by the public id of its entry, whether or not that is
// shown now: the account was told the id when it was.
type KeptWatch struct {
	PublicID string
	Since    time.Time
}

// A KeptSubscription is a wish for digests in private.
type KeptSubscription struct {
	Digest, Every         string
	At, Zone              string // local time, and the name of its IANA zone
	Language              rollcall.Language
	QuietFrom, QuietUntil string // local times; "" without quiet hours
	Silent                bool
	Ended                 string // why it has ended; "" while it runs
	Since                 time.Time
}

// A KeptMessage is one that is owed to the account, or was sent to it in the last
// days, of those that are no answers.
type KeptMessage struct {
	State DeliveryState
	Since time.Time
}

// Kept returns what is kept about the account. It is the zero Kept for one of
// which nothing is.
func (db *DB) Kept(ctx context.Context, user rollcall.UserID) (Kept, error) {
	var k Kept
	tag := db.keys.PeerTag(user)
	if err := db.row(ctx, `SELECT count(*) FROM audit WHERE actor_tag = ?`, []any{tag[:]}, &k.Acts); err != nil {
		return Kept{}, err
	}
	var peer, since int64
	err := db.row(ctx, `SELECT id, created_at, coalesce(language, (SELECT w.language FROM
			(SELECT peer_id, language, created_at FROM watches UNION ALL SELECT peer_id, language, created_at FROM wishes) w
			WHERE w.peer_id = p.id ORDER BY w.created_at DESC LIMIT 1), '')
		FROM peers p WHERE tag = ?`, []any{tag[:]}, &peer, &since, &k.Language)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return k, nil
	}
	if err != nil {
		return Kept{}, err
	}
	k.Known, k.Since = true, instant(since)
	args := []any{peer}
	err = db.each(ctx, `SELECT e.public_id, w.created_at FROM watches w JOIN people e ON e.id = w.person_id WHERE w.peer_id = ?
		ORDER BY w.created_at, w.person_id`, args, func(rows *sql.Rows) error {
		var w KeptWatch
		var at int64
		err := rows.Scan(&w.PublicID, &at)
		w.Since = instant(at)
		k.Watches = append(k.Watches, w)
		return err
	})
	if err != nil {
		return Kept{}, err
	}
	err = db.each(ctx, `SELECT created_at FROM wishes WHERE peer_id = ? ORDER BY created_at, id`, args, func(rows *sql.Rows) error {
		var at int64
		err := rows.Scan(&at)
		k.Wishes = append(k.Wishes, instant(at))
		return err
	})
	if err != nil {
		return Kept{}, err
	}
	err = db.each(ctx, `SELECT digest, every, at, zone, language, coalesce(quiet_from, ''), coalesce(quiet_until, ''), silent, coalesce(ended_reason, ''), created_at
		FROM subscriptions WHERE peer_id = ? ORDER BY id`, args, func(rows *sql.Rows) error {
		var s KeptSubscription
		var at int64
		err := rows.Scan(&s.Digest, &s.Every, &s.At, &s.Zone, &s.Language, &s.QuietFrom, &s.QuietUntil, &s.Silent, &s.Ended, &at)
		s.Since = instant(at)
		k.Subscriptions = append(k.Subscriptions, s)
		return err
	})
	if err != nil {
		return Kept{}, err
	}
	err = db.each(ctx, `SELECT state, created_at FROM deliveries WHERE peer_id = ? ORDER BY id`, args, func(rows *sql.Rows) error {
		var m KeptMessage
		var at int64
		err := rows.Scan(&m.State, &at)
		m.Since = instant(at)
		k.Messages = append(k.Messages, m)
		return err
	})
	return k, err
}

// SignedUnder returns the version of the consent text under which the signer's
// signature on the petition was given, or 0 where none stands.
func (db *DB) SignedUnder(ctx context.Context, slug string, signer secret.Tag) (consentVersion int, err error) {
	err = db.row(ctx, `SELECT coalesce(max(consent_version), 0) FROM signatures WHERE petition = ? AND signer_tag = ?`, []any{slug, signer[:]}, &consentVersion)
	return consentVersion, err
}
