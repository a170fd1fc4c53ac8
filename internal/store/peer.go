package store

import (
	"context"

	"rollcall/internal/rollcall"
)

// peerID returns the account's peer, making it where there is none. Only what
// must be written to later, or must be remembered of an account, makes a peer;
// a lookup and a signature do not.
func (tx *Tx) peerID(user rollcall.UserID) (id int64, err error) {
	tag := tx.db.keys.PeerTag(user)
	if _, err := tx.exec(`INSERT INTO peers (tag, sealed_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		tag[:], tx.db.keys.SealPeer(user), tx.Now.Unix()); err != nil {
		return 0, err
	}
	err = tx.row(`SELECT id FROM peers WHERE tag = ?`, []any{tag[:]}, &id)
	return id, err
}

// Language returns the language that the account chose, or "" where it chose
// none.
func (db *DB) Language(ctx context.Context, user rollcall.UserID) (rollcall.Language, error) {
	tag := db.keys.PeerTag(user)
	var l string
	err := db.row(ctx, `SELECT coalesce(language, '') FROM peers WHERE tag = ?`, []any{tag[:]}, &l)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return "", nil
	}
	return rollcall.Language(l), err
}

// SetLanguage keeps the account's choice.
func (tx *Tx) SetLanguage(user rollcall.UserID, l rollcall.Language) error {
	id, err := tx.peerID(user)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE peers SET language = ? WHERE id = ?`, string(l), id)
	return err
}

// Kept is what is kept about an account, signatures aside.
type Kept struct {
	Known         bool // there is a peer
	Language      rollcall.Language
	Watches       int
	Subscriptions int
}

// Kept returns what is kept about the account as a peer.
func (db *DB) Kept(ctx context.Context, user rollcall.UserID) (Kept, error) {
	tag := db.keys.PeerTag(user)
	k := Kept{Known: true}
	var l string
	err := db.row(ctx, `SELECT coalesce(language, ''), (SELECT count(*) FROM watches WHERE peer_id = p.id),
		(SELECT count(*) FROM subscriptions WHERE peer_id = p.id) FROM peers p WHERE tag = ?`, []any{tag[:]},
		&l, &k.Watches, &k.Subscriptions)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return Kept{}, nil
	}
	k.Language = rollcall.Language(l)
	return k, err
}

// ErasePeer deletes the account's peer and all that hangs on it. Its rows are
// overwritten (secure_delete).
func (tx *Tx) ErasePeer(user rollcall.UserID) error {
	tag := tx.db.keys.PeerTag(user)
	_, err := tx.exec(`DELETE FROM peers WHERE tag = ?`, tag[:])
	return err
}
