package store

import (
	"context"
	"sync"

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
	l, ok, at := db.languages.get(user)
	if ok {
		return l, nil
	}
	tag := db.keys.PeerTag(user)
	err := db.row(ctx, `SELECT coalesce(language, '') FROM peers WHERE tag = ?`, []any{tag[:]}, &l)
	if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
		return "", err
	}
	db.languages.put(user, l, at)
	return l, nil
}

// languages remember in memory what accounts chose, since it is asked for with
// every update. Only one process writes peers.
type languages struct {
	mu      sync.Mutex
	of      map[rollcall.UserID]rollcall.Language
	changes int // rises with every choice
}

const maxLanguages = 20_000

func (c *languages) get(user rollcall.UserID) (l rollcall.Language, ok bool, changes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok = c.of[user]
	return l, ok, c.changes
}

// put remembers what was read after get, unless somebody has chosen since: what
// was read may then be what was chosen before.
func (c *languages) put(user rollcall.UserID, l rollcall.Language, changes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes != c.changes {
		return
	}
	if c.of == nil || len(c.of) >= maxLanguages {
		c.of = map[rollcall.UserID]rollcall.Language{}
	}
	c.of[user] = l
}

func (c *languages) forget(user rollcall.UserID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.of, user)
	c.changes++
}

// SetLanguage keeps the account's choice, in which its digests come from then on.
func (tx *Tx) SetLanguage(user rollcall.UserID, l rollcall.Language) error {
	id, err := tx.peerID(user)
	if err != nil {
		return err
	}
	tx.after = append(tx.after, func() { tx.db.languages.forget(user) })
	if _, err := tx.exec(`UPDATE peers SET language = ? WHERE id = ?`, string(l), id); err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE subscriptions SET language = ?1, runs_since = ?3 WHERE peer_id = ?2 AND language <> ?1`, string(l), id, tx.Now.Unix())
	return err
}

// ErasePeer deletes the account's peer and all that hangs on it. Its rows are
// overwritten (secure_delete), and the WAL is emptied soon after the commit.
func (tx *Tx) ErasePeer(user rollcall.UserID) error {
	tag := tx.db.keys.PeerTag(user)
	tx.after = append(tx.after, func() { tx.db.languages.forget(user) })
	tx.erased()
	_, err := tx.exec(`DELETE FROM peers WHERE tag = ?`, tag[:])
	return err
}
