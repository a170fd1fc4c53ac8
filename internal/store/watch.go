package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"rollcall/internal/rollcall"
)

// ErrTooManyWatches is returned by [Tx.Watch] and [Tx.Wish] for an account that has
// as many watches and wishes as it may.
var ErrTooManyWatches = rollcall.E(rollcall.Conflict, "the account has as many watches and wishes as it may")

// Watch keeps that the account wants to hear of news on an entry, making its
// peer where there is none. l is spoken to it later where it has chosen no
// language. Watching again changes nothing else. Returns a NotFound error for an
// entry that is not shown, whatever the reason, and [ErrTooManyWatches] where the
// account has max watches and wishes already; nothing is written then.
func (tx *Tx) Watch(user rollcall.UserID, person rollcall.PersonID, l rollcall.Language, max int) error {
	var id int64
	if err := tx.row(`SELECT v.id FROM published_people v WHERE v.id = ? AND `+shown, []any{person, tx.today()}, &id); err != nil {
		return err
	}
	tag := tx.db.keys.PeerTag(user)
	var kept int
	if err := tx.row(`SELECT `+watchesAndWishes, []any{tag[:]}, &kept); err != nil {
		return err
	}
	watched, err := tx.watched(user, person)
	if err != nil {
		return err
	}
	if !watched && kept >= max {
		return ErrTooManyWatches
	}
	peer, err := tx.peerID(user)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO watches (peer_id, person_id, language, version, created_at) VALUES (?, ?, ?, (SELECT version FROM roster), ?)
		ON CONFLICT (peer_id, person_id) DO UPDATE SET language = excluded.language`, peer, person, string(l), tx.Now.Unix())
	return err
}

// Unwatch ends a watch. It is no error where there is none.
func (tx *Tx) Unwatch(user rollcall.UserID, person rollcall.PersonID) error {
	tag := tx.db.keys.PeerTag(user)
	_, err := tx.exec(`DELETE FROM watches WHERE person_id = ? AND peer_id = (SELECT id FROM peers WHERE tag = ?)`, person, tag[:])
	return err
}

const selectWatched = `SELECT count(*) FROM watches w JOIN peers p ON p.id = w.peer_id WHERE p.tag = ? AND w.person_id = ?`

func (tx *Tx) watched(user rollcall.UserID, person rollcall.PersonID) (bool, error) {
	tag := tx.db.keys.PeerTag(user)
	var n int
	err := tx.row(selectWatched, []any{tag[:], person}, &n)
	return n > 0, err
}

// Watched reports whether the account watches the entry.
func (db *DB) Watched(ctx context.Context, user rollcall.UserID, person rollcall.PersonID) (bool, error) {
	tag := db.keys.PeerTag(user)
	var n int
	err := db.row(ctx, selectWatched, []any{tag[:], person}, &n)
	return n > 0, err
}

// A WatchedEntry is one that an account watches. Of one that is not shown now,
// only the ID is told.
type WatchedEntry struct {
	rollcall.Person // without other names
	Shown           bool
}

// Watches returns what the account watches, the oldest watch first.
func (db *DB) Watches(ctx context.Context, user rollcall.UserID) ([]WatchedEntry, error) {
	tag := db.keys.PeerTag(user)
	var list []WatchedEntry
	err := db.each(ctx, `SELECT w.person_id, coalesce(v.public_id, ''), coalesce(v.full_name, ''), coalesce(v.birth_year, 0), v.id IS NOT NULL
		FROM watches w JOIN peers p ON p.id = w.peer_id LEFT JOIN published_people v ON v.id = w.person_id AND `+shown+`
		WHERE p.tag = ? ORDER BY w.created_at, w.person_id`, []any{db.today(), tag[:]}, func(rows *sql.Rows) error {
		var e WatchedEntry
		err := rows.Scan(&e.ID, &e.PublicID, &e.FullName, &e.BirthYear, &e.Shown)
		list = append(list, e)
		return err
	})
	return list, err
}

// News are the published batches of which watchers have not been told, with the
// watched entries that they changed and the wishes that are met. Zero News are none.
type News struct {
	batches []int64
	people  map[rollcall.PersonID]int64 // to the roster's version that the latest change made
	wishes  map[WishID][]meeting
}

// Batches is how many batches the news are of.
func (n News) Batches() int { return len(n.batches) }

// News returns what watchers have not been told. News of an entry is a new claim
// that is live, or another full name or birth year than it had; a renewed claim
// is none, nor is an entry's first appearance, nor anything about an entry that
// is not shown.
//
// Of watches, it goes from these to what a batch wrote about their entries, and so
// costs as much as there are watched entries, not as the batch is large. Wishes, of
// which it cannot be told whom they mean, are met from the other side, and only
// where there are any.
func (db *DB) News(ctx context.Context) (News, error) {
	n := News{people: map[rollcall.PersonID]int64{}}
	versions := map[int64]int64{}
	err := db.each(ctx, `SELECT id, version FROM batches WHERE told = 0 AND published_at IS NOT NULL ORDER BY id`, nil, func(rows *sql.Rows) error {
		var id, version int64
		err := rows.Scan(&id, &version)
		n.batches = append(n.batches, id)
		versions[id] = version
		return err
	})
	if err != nil || len(n.batches) == 0 {
		return News{}, err
	}
	for _, batch := range n.batches {
		var changed []rollcall.PersonID
		err := db.each(ctx, `SELECT p.id FROM people p WHERE p.id IN (SELECT person_id FROM watches) AND p.batch_id <> ?1 AND (
				EXISTS (SELECT 1 FROM claims c WHERE c.person_id = p.id AND c.batch_id = ?1 AND c.expires >= ?2)
				OR EXISTS (SELECT 1 FROM person_changes n LEFT JOIN person_changes o ON o.person_id = n.person_id AND o.batch_id = (
						SELECT max(x.batch_id) FROM person_changes x JOIN batches y ON y.id = x.batch_id AND y.published_at IS NOT NULL
						WHERE x.person_id = n.person_id AND x.batch_id < n.batch_id)
					WHERE n.person_id = p.id AND n.batch_id = ?1 AND (n.full_name <> coalesce(o.full_name, p.full_name)
						OR n.birth_year IS NOT CASE WHEN o.person_id IS NULL THEN p.birth_year ELSE o.birth_year END)))`,
			[]any{batch, db.today()}, func(rows *sql.Rows) error {
				var id rollcall.PersonID
				err := rows.Scan(&id)
				changed = append(changed, id)
				return err
			})
		if err != nil {
			return News{}, err
		}
		for _, id := range changed {
			n.people[id] = max(n.people[id], versions[batch])
		}
	}
	for id := range n.people {
		err := db.row(ctx, `SELECT v.id FROM published_people v WHERE v.id = ? AND `+shown, []any{id, db.today()}, new(int64))
		switch {
		case rollcall.CodeOf(err) == rollcall.NotFound:
			delete(n.people, id)
		case err != nil:
			return News{}, err
		}
	}
	n.wishes, err = db.meetings(ctx, versions)
	return n, err
}

// A Watcher is an account with those of its watched entries that there are news
// on, the oldest watch first, and with its wishes that are met, the oldest first.
type Watcher struct {
	User     rollcall.UserID
	Language rollcall.Language // that it chose or, else, asked in
	People   []rollcall.PersonID
	Wishes   []MetWish
}

// TellWatchers enters what compose makes for each watcher of the news as owed to
// that account, and marks the batches as told; it returns how many messages these
// are. A watch or a wish that began after the change is not told of it, and a wish
// that is told of ends. Returns a Conflict
// error, and enters nothing, where somebody else has told of a batch already.
func (tx *Tx) TellWatchers(n News, compose func(Watcher) []Post) (messages int, err error) {
	for _, id := range n.batches {
		marked, err := tx.exec(`UPDATE batches SET told = 1 WHERE id = ? AND told = 0`, id)
		if err != nil {
			return 0, err
		}
		if marked == 0 {
			return 0, rollcall.E(rollcall.Conflict, "the watchers have been told")
		}
	}
	type watch struct {
		person rollcall.PersonID
		since  int64
	}
	type peer struct {
		sealed   []byte
		language rollcall.Language
		spoke    int64 // when it asked in the language
		watches  []watch
		wishes   []MetWish
	}
	peers := map[int64]*peer{}
	for _, person := range slices.Sorted(maps.Keys(n.people)) {
		err := tx.each(`SELECT w.peer_id, p.sealed_id, coalesce(p.language, w.language), w.created_at
			FROM watches w JOIN peers p ON p.id = w.peer_id JOIN people e ON e.id = w.person_id AND e.withheld IS NULL
			WHERE w.person_id = ? AND w.version < ?`, []any{person, n.people[person]}, func(rows *sql.Rows) error {
			var id, since int64
			var sealed []byte
			var l rollcall.Language
			if err := rows.Scan(&id, &sealed, &l, &since); err != nil {
				return err
			}
			p, ok := peers[id]
			if !ok {
				p = &peer{sealed: sealed}
				peers[id] = p
			}
			if since >= p.spoke {
				p.language, p.spoke = l, since
			}
			p.watches = append(p.watches, watch{person, since})
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	for _, wish := range slices.Sorted(maps.Keys(n.wishes)) {
		by, w, ok, err := tx.grant(wish, n.wishes[wish])
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		p := peers[by.id]
		if p == nil {
			p = &peer{sealed: by.sealed}
			peers[by.id] = p
		}
		if since := w.At.Unix(); since >= p.spoke {
			p.language, p.spoke = by.language, since
		}
		p.wishes = append(p.wishes, w)
	}
	for _, id := range slices.Sorted(maps.Keys(peers)) {
		p := peers[id]
		w := Watcher{Language: p.language, Wishes: p.wishes}
		if w.User, err = tx.db.keys.UnsealPeer(p.sealed); err != nil {
			continue // nobody could write to it, and the others are to hear
		}
		slices.SortFunc(p.watches, func(a, b watch) int { return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.person, b.person)) })
		for _, x := range p.watches {
			w.People = append(w.People, x.person)
		}
		for _, post := range compose(w) {
			if err := tx.oweTo(id, post); err != nil {
				return 0, err
			}
			messages++
		}
	}
	return messages, nil
}

// keepPrivate is how long it is kept that something was sent to an account: long
// enough to look into what went wrong.
const keepPrivate = 72 * time.Hour

// PrunePrivate forgets what was sent to accounts some days ago, or could not be.
func (db *DB) PrunePrivate(ctx context.Context) error {
	for n := int64(1); n > 0; {
		err := db.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.exec(`DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries
				WHERE peer_id IS NOT NULL AND state NOT IN ('pending', 'sending') AND created_at < ? LIMIT 1000)`, tx.Now.Add(-keepPrivate).Unix())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// today is [DB.today] by the clock of the transaction.
func (tx *Tx) today() string { return tx.Now.Format(time.DateOnly) }
