package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"slices"
	"time"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// A WishID names a wish to be told when somebody who was asked for is listed.
type WishID int64

// Errors of [Tx.Wish], of the code Conflict.
var (
	ErrTooManyToday  = rollcall.E(rollcall.Conflict, "the account made as many wishes today as it may")
	ErrRosterChanged = rollcall.E(rollcall.Conflict, "the roster was published anew since it was searched")
)

// keepWishes is how long a wish waits.
const keepWishes = 365 * 24 * time.Hour

// A NewWish is the wish of an account to be told when somebody is listed whom it
// asked for and was shown nothing of.
type NewWish struct {
	// Marks are those of the name, by [secret.Keys.WishMark]; an entry that has one
	// of them meets the wish. The name itself is not kept.
	Marks    []secret.Tag
	Version  int64             // of the roster that was searched, by [DB.RosterVersion]
	Language rollcall.Language // that is spoken to the account where it has chosen none
	Max      int               // watches and wishes that the account may have
	PerDay   int               // wishes that it may make in a day of UTC
}

// Wish keeps the wish, making the account's peer where there is none. One that is
// there already is no second one, and counts for nothing. Returns
// [ErrTooManyWatches], [ErrTooManyToday] or, where somebody may have been listed
// since the roster was searched and would never be told of, [ErrRosterChanged];
// nothing is written then.
//
// How many wishes an account made today is counted under the tag of the limits of
// lookups, so that ending or erasing them gives no new ones.
func (tx *Tx) Wish(user rollcall.UserID, w NewWish) error {
	h := sha256.New()
	for _, m := range w.Marks {
		h.Write(m[:])
	}
	all := h.Sum(nil)
	tag := tx.db.keys.PeerTag(user)
	same, err := tx.exec(`UPDATE wishes SET language = ? WHERE marks = ? AND peer_id = (SELECT id FROM peers WHERE tag = ?)`, string(w.Language), all, tag[:])
	if err != nil || same > 0 {
		return err
	}
	var version int64
	var kept, today int
	s := tx.db.span(user, tx.Now)
	if err := tx.row(`SELECT (SELECT version FROM roster), `+watchesAndWishes+`,
			coalesce((SELECT wishes FROM lookup_accounts WHERE asker_tag = ?2 AND day = ?3), 0)`,
		[]any{tag[:], s.tag[:], s.day}, &version, &kept, &today); err != nil {
		return err
	}
	switch {
	case kept >= w.Max:
		return ErrTooManyWatches
	case today >= w.PerDay:
		return ErrTooManyToday
	case version != w.Version:
		return ErrRosterChanged
	}
	peer, err := tx.peerID(user)
	if err != nil {
		return err
	}
	id, err := tx.insert(`INSERT INTO wishes (peer_id, marks, language, version, created_at) VALUES (?, ?, ?, ?, ?)`,
		peer, all, string(w.Language), version, tx.Now.Unix())
	if err != nil {
		return err
	}
	for _, m := range w.Marks {
		if _, err := tx.exec(`INSERT INTO wish_marks (mark, wish_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, m[:], id); err != nil {
			return err
		}
	}
	_, err = tx.exec(`INSERT INTO lookup_accounts (asker_tag, day, wishes) VALUES (?, ?, 1)
		ON CONFLICT (asker_tag, day) DO UPDATE SET wishes = wishes + 1`, s.tag[:], s.day)
	return err
}

// watchesAndWishes counts those of the account whose tag is the first parameter.
const watchesAndWishes = `(SELECT count(*) FROM watches w JOIN peers p ON p.id = w.peer_id WHERE p.tag = ?1)
	+ (SELECT count(*) FROM wishes w JOIN peers p ON p.id = w.peer_id WHERE p.tag = ?1)`

// Unwish ends a wish of the account. It is no error where there is none.
func (tx *Tx) Unwish(user rollcall.UserID, id WishID) error {
	tag := tx.db.keys.PeerTag(user)
	_, err := tx.exec(`DELETE FROM wishes WHERE id = ? AND peer_id = (SELECT id FROM peers WHERE tag = ?)`, id, tag[:])
	return err
}

// A Wish is one that an account has: all that is known of whom it means is when
// they were asked for.
type Wish struct {
	ID WishID
	At time.Time
}

// Wishes returns what the account wishes, the oldest first.
func (db *DB) Wishes(ctx context.Context, user rollcall.UserID) ([]Wish, error) {
	tag := db.keys.PeerTag(user)
	var list []Wish
	err := db.each(ctx, `SELECT w.id, w.created_at FROM wishes w JOIN peers p ON p.id = w.peer_id WHERE p.tag = ? ORDER BY w.created_at, w.id`,
		[]any{tag[:]}, func(rows *sql.Rows) error {
			var w Wish
			var at int64
			err := rows.Scan(&w.ID, &at)
			w.At = instant(at)
			list = append(list, w)
			return err
		})
	return list, err
}

// RosterVersion rises with every publication.
func (db *DB) RosterVersion(ctx context.Context) (version int64, err error) {
	err = db.row(ctx, `SELECT version FROM roster`, nil, &version)
	return version, err
}

// PruneWishes ends the wishes that have waited for a year.
func (db *DB) PruneWishes(ctx context.Context) error {
	for n := int64(1); n > 0; {
		err := db.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.exec(`DELETE FROM wishes WHERE id IN (SELECT id FROM wishes WHERE created_at < ? LIMIT 1000)`, tx.Now.Add(-keepWishes).Unix())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A meeting is an entry that meets a wish, with the version of the roster that
// the publication made by which it does.
type meeting struct {
	person  rollcall.PersonID
	version int64
}

// A markStart is the first bytes of a mark: enough to leave out nearly all that are
// not wished for, and a quarter of the memory.
type markStart [8]byte

// meetings returns the shown entries that some wish is met by and that the batches,
// with the versions that they made, may have brought into sight: by a claim, by a
// change of the entry, by the renewal of a claim that had expired or by the end of
// what kept the entry back. Without any
// wish it asks one question. With some it goes through the entries that the batches
// wrote about, in chunks and outside any transaction: the writer waits for none of
// it. The claims have no index of their batches, so that all of them are read once.
func (db *DB) meetings(ctx context.Context, versions map[int64]int64) (map[WishID][]meeting, error) {
	wished := map[markStart]struct{}{}
	err := db.each(ctx, `SELECT mark FROM wish_marks`, nil, func(rows *sql.Rows) error {
		var mark sql.RawBytes
		err := rows.Scan(&mark)
		wished[markStart(mark[:8])] = struct{}{}
		return err
	})
	if err != nil || len(wished) == 0 {
		return nil, err
	}
	var batches []rollcall.PersonID // for idList
	wrote := map[int64]*bitset{}
	for id := range versions {
		batches = append(batches, rollcall.PersonID(id))
		wrote[id] = &bitset{}
	}
	var last int64 // person
	err = db.each(ctx, `WITH among (id) AS (SELECT value FROM json_each(?1))
		SELECT person_id, batch_id FROM claims WHERE batch_id IN among
		UNION ALL SELECT person_id, batch_id FROM person_changes WHERE batch_id IN among AND absent = 0
		UNION ALL SELECT r.person_id, r.batch_id FROM claim_renewals r JOIN claims c USING (person_id, source_id, status_date, status)
			WHERE r.batch_id IN among AND c.expires < ?2
		UNION ALL SELECT shows, id FROM batches WHERE id IN among AND shows IS NOT NULL`, []any{idList(batches), db.today()}, func(rows *sql.Rows) error {
		var person, batch int64
		err := rows.Scan(&person, &batch)
		if wrote[batch] != nil {
			wrote[batch].set(person)
			last = max(last, person)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	met := map[WishID][]meeting{}
	chunk := make([]meeting, 0, ChunkRows)
	for id := int64(0); id <= last; id++ {
		m := meeting{person: rollcall.PersonID(id)}
		for batch, people := range wrote {
			if people.has(id) {
				m.version = max(m.version, versions[batch])
			}
		}
		if m.version > 0 {
			chunk = append(chunk, m)
		}
		if len(chunk) == ChunkRows || id == last {
			if err := db.meet(ctx, chunk, wished, met); err != nil {
				return nil, err
			}
			chunk = chunk[:0]
		}
	}
	return met, nil
}

// meet adds to met which wishes the entries of the chunk meet, if they are shown.
func (db *DB) meet(ctx context.Context, chunk []meeting, wished map[markStart]struct{}, met map[WishID][]meeting) error {
	ids := make([]rollcall.PersonID, len(chunk))
	for i, m := range chunk {
		ids[i] = m.person
	}
	marks := map[rollcall.PersonID][]secret.Tag{} // that may be wished for
	err := db.each(ctx, `SELECT v.id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM json_each(?) e CROSS JOIN published_people v ON v.id = e.value WHERE `+shown, []any{idList(ids), db.today()}, func(rows *sql.Rows) error {
		var p rollcall.Person
		var alts string
		if err := rows.Scan(&p.ID, &p.FullName, &alts, &p.BirthYear); err != nil {
			return err
		}
		for _, text := range names.Listed(p.FullName, splitNames(alts), p.BirthYear) {
			mark := db.keys.WishMark(text)
			if _, ok := wished[markStart(mark[:8])]; ok {
				marks[p.ID] = append(marks[p.ID], mark)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range chunk {
		for _, mark := range marks[m.person] {
			err := db.each(ctx, `SELECT wish_id FROM wish_marks WHERE mark = ?`, []any{mark[:]}, func(rows *sql.Rows) error {
				var id WishID
				err := rows.Scan(&id)
				if !slices.Contains(met[id], m) {
					met[id] = append(met[id], m)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// A MetWish is one that entries met which were published after it was made.
type MetWish struct {
	At     time.Time
	People []rollcall.PersonID // by ascending id
}

// grant ends the wish where one of the entries was published after it was made,
// and returns what its account is to be told. ok is false where there is nothing.
func (tx *Tx) grant(id WishID, met []meeting) (peer wishPeer, w MetWish, ok bool, err error) {
	var at, version int64
	err = tx.row(`SELECT w.peer_id, p.sealed_id, coalesce(p.language, w.language), w.created_at, w.version
		FROM wishes w JOIN peers p ON p.id = w.peer_id WHERE w.id = ?`, []any{id}, &peer.id, &peer.sealed, &peer.language, &at, &version)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return peer, w, false, nil
	}
	if err != nil {
		return peer, w, false, err
	}
	for _, m := range met {
		if m.version > version {
			w.People = append(w.People, m.person)
		}
	}
	if len(w.People) == 0 {
		return peer, w, false, nil
	}
	w.At = instant(at)
	_, err = tx.exec(`DELETE FROM wishes WHERE id = ?`, id)
	return peer, w, err == nil, err
}

// A wishPeer is the account that a wish is of.
type wishPeer struct {
	id       int64
	sealed   []byte
	language rollcall.Language
}
