package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"sync/atomic"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// Segments are what was live at one version of the list.
type segments struct {
	version int64
	all     []segment
}

// liveSegments is the list as it was last read. A statement that reads pages
// reads the version with them, so that a list that is out of date is noticed.
type liveSegments = atomic.Pointer[segments]

// segmentsNow reads the list, in one statement.
func (db *DB) segmentsNow(ctx context.Context) (*segments, error) {
	now := &segments{}
	err := db.each(ctx, `SELECT r.segments_version, coalesce(s.id, 0), coalesce(s.kind, ''), coalesce(s.bits, 0)
		FROM roster r LEFT JOIN name_segments s ON s.state = 'live'`, nil, func(rows *sql.Rows) error {
		var s segment
		var k string
		err := rows.Scan(&now.version, &s.id, &k, &s.bits)
		if s.kind = kind(k); s.id != 0 {
			now.all = append(now.all, s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	db.segments.Store(now)
	return now, nil
}

// Bearers implements search.Index.
func (db *DB) Bearers(ctx context.Context, keys []names.Key, limit int) ([][]rollcall.PersonID, error) {
	lists := make([][]rollcall.PersonID, len(keys))
	var ids []int64
	err := db.lookUp(ctx, kindPeople, keys, func() { clear(lists) }, func(i int, r bucket) {
		ids = r.people(ids[:0])
		// The lists of several segments are few and short: insert by sorting.
		old := len(lists[i])
		lists[i] = slices.Grow(lists[i], min(limit, len(ids)))
		for _, id := range ids[:min(limit, len(ids))] {
			lists[i] = append(lists[i], rollcall.PersonID(id))
		}
		if old > 0 {
			slices.Sort(lists[i])
			lists[i] = slices.Compact(lists[i])
			lists[i] = lists[i][:min(limit, len(lists[i]))]
		}
	})
	return lists, err
}

// Words implements search.Index.
func (db *DB) Words(ctx context.Context, keys []names.Key, limit int) ([][]string, error) {
	lists := make([][]string, len(keys))
	err := db.lookUp(ctx, kindWords, keys, func() { clear(lists) }, func(i int, r bucket) {
		old := len(lists[i])
		lists[i] = r.words(lists[i])
		if old > 0 {
			slices.Sort(lists[i])
			lists[i] = slices.Compact(lists[i])
		}
		lists[i] = lists[i][:min(limit, len(lists[i]))]
	})
	return lists, err
}

// lookUp calls found with the bucket that a live segment has of keys[i]. It calls
// reset where it has to begin again.
func (db *DB) lookUp(ctx context.Context, k kind, keys []names.Key, reset func(), found func(i int, r bucket)) error {
	if len(keys) == 0 {
		return nil
	}
	live := db.segments.Load()
	for {
		var err error
		if live == nil {
			if live, err = db.segmentsNow(ctx); err != nil {
				return err
			}
		}
		version, err := db.lookUpAmong(ctx, live.all, k, keys, found)
		if err != nil || version == live.version {
			return err
		}
		live = nil
		reset()
	}
}

// A wanted is a key to be looked for in a page.
type wanted struct {
	page int64 // its id
	key  cutKey
	i    int // its place among the keys
}

// lookUpAmong looks the keys up in the segments of the kind, and returns the
// version of the list of segments that holds for what it has read: its one
// statement sees one state of the database.
func (db *DB) lookUpAmong(ctx context.Context, among []segment, k kind, keys []names.Key, found func(int, bucket)) (version int64, err error) {
	wants := make([]wanted, 0, len(keys))
	for _, s := range among {
		if s.kind != k {
			continue
		}
		for i, key := range keys {
			c := cut(key)
			wants = append(wants, wanted{s.pageID(c.page(s.bits)), c, i})
		}
	}
	slices.SortFunc(wants, func(a, b wanted) int { return int(a.page - b.page) })
	err = db.each(ctx, `SELECT 0, segments_version, NULL FROM roster
		UNION ALL SELECT id, 0, page FROM name_pages WHERE id IN (SELECT value FROM json_each(?))`, []any{pageList(wants)}, func(rows *sql.Rows) error {
		var id, v int64
		var page sql.RawBytes
		if err := rows.Scan(&id, &v, &page); err != nil {
			return err
		}
		if id == 0 {
			version = v
			return nil
		}
		return lookInto(k, id, page, wants, found)
	})
	return version, err
}

// lookInto finds what is wanted of the page.
func lookInto(k kind, id int64, page []byte, wants []wanted, found func(int, bucket)) error {
	at, _ := slices.BinarySearchFunc(wants, id, func(w wanted, id int64) int { return int(w.page - id) })
	for ; at < len(wants) && wants[at].page == id; at++ {
		r, err := findBucket(k, page, wants[at].key)
		if err != nil {
			return err
		}
		if r.count > 0 {
			found(wants[at].i, r)
		}
	}
	return nil
}

// pageList is a JSON array of the distinct pages that are wanted.
func pageList(wants []wanted) string {
	b := make([]byte, 0, 2+12*len(wants))
	b = append(b, '[')
	for i, w := range wants {
		if i > 0 && wants[i-1].page == w.page {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, w.page, 10)
	}
	return string(append(b, ']'))
}

// People implements search.Index. While no change is to be folded in, it reads
// the base rows alone, which takes half the time.
func (db *DB) People(ctx context.Context, ids []rollcall.PersonID, born rollcall.Years) ([]rollcall.Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	people := make([]rollcall.Person, 0, len(ids))
	err := db.each(ctx, `WITH wanted (id) AS (SELECT DISTINCT value FROM json_each(?1))
		SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM wanted w CROSS JOIN people v ON v.id = w.id JOIN batches b ON b.id = v.batch_id AND b.published_at IS NOT NULL
		WHERE NOT EXISTS (SELECT 1 FROM person_changes) AND `+onRoster+bornIn+`
		UNION ALL
		SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM wanted w CROSS JOIN published_people v ON v.id = w.id
		WHERE EXISTS (SELECT 1 FROM person_changes) AND `+onRoster+bornIn,
		[]any{idList(ids), born.To, born.From, born.Unknown}, func(rows *sql.Rows) error {
			var p rollcall.Person
			var alts string
			err := rows.Scan(&p.ID, &p.PublicID, &p.FullName, &alts, &p.BirthYear)
			p.AltNames = splitNames(alts)
			people = append(people, p)
			return err
		})
	return people, err
}

// bornIn keeps the birth years of a rollcall.Years, whose fields are parameters 2 to 4.
const bornIn = ` AND (?2 = 0 OR v.birth_year BETWEEN ?3 AND ?2 OR ?4 AND v.birth_year IS NULL)`

// Live implements search.Index.
func (db *DB) Live(ctx context.Context, ids []rollcall.PersonID) ([]rollcall.PersonID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	live := make([]rollcall.PersonID, 0, len(ids))
	err := db.each(ctx, `SELECT value FROM json_each(?) WHERE EXISTS
		(SELECT 1 FROM published_claims c WHERE c.person_id = value AND c.expires >= ?)`, []any{idList(ids), db.today()}, func(rows *sql.Rows) error {
		var id rollcall.PersonID
		err := rows.Scan(&id)
		live = append(live, id)
		return err
	})
	return live, err
}

// idList is a JSON array of the ids.
func idList[ID ~int64](ids []ID) string {
	b := append(make([]byte, 0, 2+8*len(ids)), '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(append(b, ']'))
}
