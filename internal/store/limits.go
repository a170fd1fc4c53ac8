package store

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// The days of the limits of lookups are those of UTC, counted from 1970-01-01. A
// week is seven of them, today the last. Tags are made anew for each span of seven
// days (days 0 to 6, 7 to 13, and so on), so that a week is found under two of
// them at most.
const week = 7

func dayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

func startOf(day int64) time.Time { return time.Unix(day*int64(24*time.Hour/time.Second), 0).UTC() }

// Usage is what an account, and everybody together, have drawn of what the limits
// of lookups allow. See [DB.Usage].
type Usage struct {
	Lookups int // of the account, today
	Late    int // what the account drew today past the roster's budget, as [Tx.CountLate] counted it
	People  int // different people first shown to the account in the week
	Roster  int // different people shown to anybody today

	// DayEnds is the next midnight, UTC.
	DayEnds time.Time
	// PeopleFall is the midnight from which some of People no longer count; zero
	// where People is.
	PeopleFall time.Time
}

// An accountSpan is an account as the limits know it today: under the tag of the
// span that holds today and under that of the week's first day, often the same.
type accountSpan struct {
	day, since int64 // today and the week's first day
	tag, old   secret.Tag
	keys       *secret.Keys
	user       rollcall.UserID
}

func (db *DB) span(user rollcall.UserID, now time.Time) accountSpan {
	s := accountSpan{day: dayOf(now), keys: db.keys, user: user}
	s.since = s.day - week + 1
	s.tag, s.old = db.keys.LookupAccount(s.day/week, user), db.keys.LookupAccount(s.since/week, user)
	return s
}

// marks stand for the entry in the two spans.
func (s accountSpan) marks(id rollcall.PersonID) (now, old secret.Tag) {
	return s.keys.LookupShown(s.day/week, s.user, id), s.keys.LookupShown(s.since/week, s.user, id)
}

// A rowFunc is [DB.row] or [Tx.row].
type rowFunc func(query string, args []any, dest ...any) error

func (db *DB) rows(ctx context.Context) rowFunc {
	return func(query string, args []any, dest ...any) error { return db.row(ctx, query, args, dest...) }
}

// Usage returns what the account and everybody have drawn until now. It makes no
// peer and writes nothing.
func (db *DB) Usage(ctx context.Context, user rollcall.UserID) (Usage, error) {
	return usage(db.rows(ctx), db.span(user, db.now()))
}

// Usage is [DB.Usage] within the transaction.
func (tx *Tx) Usage(user rollcall.UserID) (Usage, error) {
	return usage(tx.row, tx.db.span(user, tx.Now))
}

func usage(row rowFunc, s accountSpan) (Usage, error) {
	u := Usage{DayEnds: startOf(s.day + 1)}
	var first sql.NullInt64 // day of those that count
	err := row(`WITH counting (day, people) AS (
			SELECT day, count(*) FROM lookup_marks WHERE asker_tag IN (?1, ?2) AND day >= ?4 GROUP BY day
			UNION ALL SELECT day, erased FROM lookup_accounts WHERE asker_tag IN (?1, ?2) AND day >= ?4 AND erased > 0)
		SELECT coalesce((SELECT lookups FROM lookup_accounts WHERE asker_tag = ?1 AND day = ?3), 0),
			coalesce((SELECT late FROM lookup_accounts WHERE asker_tag = ?1 AND day = ?3), 0),
			(SELECT coalesce(sum(people), 0) FROM counting), (SELECT min(day) FROM counting),
			coalesce((SELECT shown FROM roster_days WHERE day = ?3), 0)`,
		[]any{s.tag[:], s.old[:], s.day, s.since}, &u.Lookups, &u.Late, &u.People, &first, &u.Roster)
	if first.Valid {
		u.PeopleFall = startOf(first.Int64 + week)
	}
	return u, err
}

// Unpaid returns those of the people whom showing to the account would count: not
// the ones that it was shown within the week, nor the ones that it watches.
func (db *DB) Unpaid(ctx context.Context, user rollcall.UserID, people []rollcall.PersonID) ([]rollcall.PersonID, error) {
	return unpaid(db.rows(ctx), db.span(user, db.now()), people)
}

// Unpaid is [DB.Unpaid] within the transaction.
func (tx *Tx) Unpaid(user rollcall.UserID, people []rollcall.PersonID) ([]rollcall.PersonID, error) {
	return unpaid(tx.row, tx.db.span(user, tx.Now), people)
}

func unpaid(row rowFunc, s accountSpan, people []rollcall.PersonID) (list []rollcall.PersonID, err error) {
	peer := s.keys.PeerTag(s.user)
	for _, id := range people {
		now, old := s.marks(id)
		var free bool
		err := row(`SELECT EXISTS (SELECT 1 FROM lookup_marks WHERE (asker_tag = ?1 AND mark = ?2 OR asker_tag = ?3 AND mark = ?4) AND day >= ?5)
			OR EXISTS (SELECT 1 FROM watches w JOIN peers p ON p.id = w.peer_id WHERE p.tag = ?6 AND w.person_id = ?7)`,
			[]any{s.tag[:], now[:], s.old[:], old[:], s.since, peer[:], id}, &free)
		if err != nil {
			return nil, err
		}
		if !free {
			list = append(list, id)
		}
	}
	return list, nil
}

// WatchesAll reports whether the account watches each of the people; of nobody it
// does not.
func (tx *Tx) WatchesAll(user rollcall.UserID, people []rollcall.PersonID) (bool, error) {
	for _, id := range people {
		if ok, err := tx.watched(user, id); err != nil || !ok {
			return false, err
		}
	}
	return len(people) > 0, nil
}

// CountLookup counts a lookup of the account.
func (tx *Tx) CountLookup(user rollcall.UserID) error {
	return tx.draw(tx.db.span(user, tx.Now), 1, 0)
}

// CountLate counts n more as drawn by the account past the roster's budget.
func (tx *Tx) CountLate(user rollcall.UserID, n int) error {
	return tx.draw(tx.db.span(user, tx.Now), 0, n)
}

// CountShown counts the people, of whom there are none that [Tx.Unpaid] leaves
// out, as shown to the account and to everybody today. What is kept names neither
// account nor people.
func (tx *Tx) CountShown(user rollcall.UserID, people []rollcall.PersonID) error {
	s := tx.db.span(user, tx.Now)
	for _, id := range people {
		mark, _ := s.marks(id)
		// A mark of a day that no longer counts may still be there.
		if _, err := tx.exec(`INSERT INTO lookup_marks (asker_tag, mark, day) VALUES (?, ?, ?)
			ON CONFLICT (asker_tag, mark) DO UPDATE SET day = excluded.day`, s.tag[:], mark[:], s.day); err != nil {
			return err
		}
		all := tx.db.keys.LookupRoster(s.day, id)
		first, err := tx.exec(`INSERT INTO roster_marks (day, mark) VALUES (?, ?) ON CONFLICT DO NOTHING`, s.day, all[:])
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO roster_days (day, shown) VALUES (?1, ?2)
			ON CONFLICT (day) DO UPDATE SET shown = shown + ?2`, s.day, first); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) draw(s accountSpan, lookups, late int) error {
	_, err := tx.exec(`INSERT INTO lookup_accounts (asker_tag, day, lookups, late) VALUES (?, ?, ?, ?)
		ON CONFLICT (asker_tag, day) DO UPDATE SET lookups = lookups + excluded.lookups, late = late + excluded.late`,
		s.tag[:], s.day, lookups, late)
	return err
}

// EraseLookups deletes the marks of whom the account was shown. What stays is how
// many these were on each day of the week, and how many lookups there were today:
// bare numbers under a tag that is another one next week, gone as soon as they no
// longer count. Were they to go at once, whoever erases and asks again would have
// a new allowance every time, and the limits would protect nobody.
func (tx *Tx) EraseLookups(user rollcall.UserID) error {
	s := tx.db.span(user, tx.Now)
	tx.erased()
	for _, tag := range []secret.Tag{s.tag, s.old} {
		if _, err := tx.exec(`INSERT INTO lookup_accounts (asker_tag, day, erased)
			SELECT asker_tag, day, count(*) FROM lookup_marks WHERE asker_tag = ? AND day >= ? GROUP BY asker_tag, day
			ON CONFLICT (asker_tag, day) DO UPDATE SET erased = erased + excluded.erased`, tag[:], s.since); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM lookup_marks WHERE asker_tag = ?`, tag[:]); err != nil {
			return err
		}
	}
	return nil
}

// PruneLookups deletes what no longer counts for any limit.
func (db *DB) PruneLookups(ctx context.Context) error {
	today := dayOf(db.now())
	for _, q := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM lookup_marks WHERE (asker_tag, mark) IN (SELECT asker_tag, mark FROM lookup_marks WHERE day < ? LIMIT 1000)`, []any{today - week + 1}},
		{`DELETE FROM lookup_accounts WHERE (asker_tag, day) IN (SELECT asker_tag, day FROM lookup_accounts
			WHERE day < ?1 AND (erased = 0 OR day < ?2) LIMIT 1000)`, []any{today, today - week + 1}},
		{`UPDATE lookup_accounts SET lookups = 0, late = 0, wishes = 0 WHERE (asker_tag, day) IN (SELECT asker_tag, day FROM lookup_accounts
			WHERE day < ? AND (lookups > 0 OR late > 0 OR wishes > 0) LIMIT 1000)`, []any{today}},
		{`DELETE FROM roster_marks WHERE (day, mark) IN (SELECT day, mark FROM roster_marks WHERE day < ? LIMIT 1000)`, []any{today}},
		{`DELETE FROM roster_days WHERE day < ?`, []any{today}},
	} {
		for n := int64(1); n > 0; {
			err := db.Update(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(q.query, q.args...)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// A rosterSize is how many people may be shown, as last counted.
type rosterSize struct {
	mu      sync.Mutex
	version int64 // of the roster that was counted
	at      time.Time
	people  int
}

// recountAfter is how old the count may be while the roster changes: a keeper who
// makes a hundred changes in a row should not have a large roster counted as
// often.
const recountAfter = 10 * time.Minute

// RosterSize returns how many people may be shown, for limits that are a share of
// them. It is counted anew on another day and when the roster has changed, but
// then at most every ten minutes; a roster that was empty is counted every time.
func (db *DB) RosterSize(ctx context.Context) (int, error) {
	var version int64
	if err := db.row(ctx, `SELECT version FROM roster`, nil, &version); err != nil {
		return 0, err
	}
	c := &db.size
	c.mu.Lock()
	defer c.mu.Unlock()
	now := db.now()
	if c.people > 0 && dayOf(c.at) == dayOf(now) && (c.version == version || now.Sub(c.at) < recountAfter) {
		return c.people, nil
	}
	var n int
	if err := db.row(ctx, `SELECT count(*) FROM published_people v WHERE `+shown, []any{db.today()}, &n); err != nil {
		return 0, err
	}
	c.version, c.at, c.people = version, now, n
	return n, nil
}
