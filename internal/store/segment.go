package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"math/bits"
	"slices"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// A segment is a part of the search index that was written at once and is never
// changed: what a batch has brought, or several such merged. It is staged until
// its batch is published, then live; where its pages have gone into a merged
// one, or its batch was discarded, it is dead, and its pages are removed.
//
// Whoever writes segments of more than one transaction holds the import lock, so
// that what is staged or dead when the lock is taken was left by a crash. The
// ids of entries that a merge keeps may be of names that an entry had before:
// candidates are compared by their names of today.
type segment struct {
	id   int64
	kind kind
	bits int
	size int64 // bytes of its pages
}

// pageID is where the page stands in name_pages.
func (s segment) pageID(page int64) int64 { return s.id<<pageIDBits + page }

// endID is past the last page of the segment.
func (s segment) endID() int64 { return (s.id + 1) << pageIDBits }

const (
	pageIDBits  = 24
	maxPageBits = 20
	// pageFill is the size that pages are planned for: some are fuller by
	// chance, and a leaf of SQLite takes 4061 bytes.
	pageFill = 2400
	// pagesPerTx is how many pages are written or removed in one transaction.
	pagesPerTx = 64
)

func bitsFor(size int64) int {
	return min(maxPageBits, bits.Len64(uint64(size/pageFill)))
}

// A posting is a person under a key.
type posting struct {
	key    cutKey
	person int64
}

// A listing is a word under a near key.
type listing struct {
	key  cutKey
	word string
}

// peopleBuckets sorts the postings and yields them as buckets.
func peopleBuckets(all []posting) iter.Seq[bucket] {
	slices.SortFunc(all, func(a, b posting) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.person, b.person))
	})
	return func(yield func(bucket) bool) {
		var ids []int64
		for i := 0; i < len(all); {
			key := all[i].key
			ids = ids[:0]
			for ; i < len(all) && all[i].key == key; i++ {
				if n := len(ids); n == 0 || ids[n-1] != all[i].person {
					ids = append(ids, all[i].person)
				}
			}
			if !yield(peopleBucket(key, ids)) {
				return
			}
		}
	}
}

// wordBuckets yields the buckets under which the words are listed.
func wordBuckets(words iter.Seq[string]) iter.Seq[bucket] {
	var all []listing
	for w := range words {
		for _, k := range names.NearKeys(w) {
			all = append(all, listing{cut(k), w})
		}
	}
	slices.SortFunc(all, func(a, b listing) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.word, b.word))
	})
	return func(yield func(bucket) bool) {
		var words []string
		for i := 0; i < len(all); {
			key := all[i].key
			words = words[:0]
			for ; i < len(all) && all[i].key == key; i++ {
				if n := len(words); n == 0 || words[n-1] != all[i].word {
					words = append(words, all[i].word)
				}
			}
			if !yield(wordsBucket(key, words)) {
				return
			}
		}
	}
}

// A numberedPage is a page with its number within the segment.
type numberedPage struct {
	number int64
	blob   []byte
}

// pages packs buckets, which ascend by key, into the pages of a segment of
// 1<<bits pages.
func pages(all iter.Seq[bucket], bits int) iter.Seq[numberedPage] {
	return func(yield func(numberedPage) bool) {
		var p numberedPage
		for r := range all {
			if n := r.key.page(bits); n != p.number {
				if len(p.blob) > 0 && !yield(p) {
					return
				}
				p = numberedPage{n, make([]byte, 0, pageFill*5/4)}
			}
			p.blob = appendBucket(p.blob, r)
		}
		if len(p.blob) > 0 {
			yield(p)
		}
	}
}

// stageSegment writes a staged segment of the batch in short transactions. size
// is about how many bytes its buckets take.
func (db *DB) stageSegment(ctx context.Context, batch int64, k kind, all iter.Seq[bucket], size int64) error {
	s := segment{kind: k, bits: bitsFor(size)}
	err := db.Update(ctx, func(tx *Tx) (err error) {
		s.id, err = tx.newSegment(batch, s, "staged")
		return err
	})
	if err != nil {
		return err
	}
	flush := func(chunk []numberedPage) error {
		err := db.Update(ctx, func(tx *Tx) error { return tx.writePages(s, chunk) })
		pause(ctx, chunkPause)
		return err
	}
	var chunk []numberedPage
	for p := range pages(all, s.bits) {
		if chunk = append(chunk, p); len(chunk) == pagesPerTx {
			if err := flush(chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	return flush(chunk)
}

func (tx *Tx) newSegment(batch int64, s segment, state string) (int64, error) {
	return tx.insert(`INSERT INTO name_segments (batch_id, kind, bits, state) VALUES (?, ?, ?, ?)`, batch, string(s.kind), s.bits, state)
}

func (tx *Tx) writePages(s segment, chunk []numberedPage) error {
	size := 0
	for _, p := range chunk {
		if _, err := tx.exec(`INSERT INTO name_pages (id, page) VALUES (?, ?)`, s.pageID(p.number), p.blob); err != nil {
			return err
		}
		size += len(p.blob)
	}
	_, err := tx.exec(`UPDATE name_segments SET size = size + ? WHERE id = ?`, size, s.id)
	return err
}

// indexEntry enters one person into the index within the transaction, for an
// edit by a keeper. The segments are as small as they get, until they are merged.
func (tx *Tx) indexEntry(batch int64, person rollcall.PersonID, fullName string, altNames []string) error {
	e := tx.db.index(fullName, altNames)
	postings := []posting{{cut(fullNameKey(fullName)), int64(person)}}
	for _, k := range e.Keys {
		postings = append(postings, posting{cut(k), int64(person)})
	}
	for _, x := range [...]struct {
		kind kind
		all  iter.Seq[bucket]
	}{{kindPeople, peopleBuckets(postings)}, {kindWords, wordBuckets(slices.Values(e.Words))}} {
		s := segment{kind: x.kind}
		var err error
		if s.id, err = tx.newSegment(batch, s, "live"); err != nil {
			return err
		}
		if err := tx.writePages(s, slices.Collect(pages(x.all, s.bits))); err != nil {
			return err
		}
	}
	return tx.segmentsChanged()
}

// segmentsChanged tells readers that the live segments are others now.
func (tx *Tx) segmentsChanged() error {
	_, err := tx.exec(`UPDATE roster SET segments_version = segments_version + 1`)
	return err
}

// publishSegments makes what a batch has staged live.
func (tx *Tx) publishSegments(batch int64) error {
	if _, err := tx.exec(`UPDATE name_segments SET state = 'live' WHERE batch_id = ? AND state = 'staged'`, batch); err != nil {
		return err
	}
	return tx.segmentsChanged()
}

// segmentsOf returns the segments of one kind that fit the condition.
func (db *DB) segmentsOf(ctx context.Context, k kind, condition string, args ...any) ([]segment, error) {
	var all []segment
	err := db.each(ctx, `SELECT id, bits, size FROM name_segments WHERE kind = ? AND `+condition, append([]any{string(k)}, args...), func(rows *sql.Rows) error {
		s := segment{kind: k}
		err := rows.Scan(&s.id, &s.bits, &s.size)
		all = append(all, s)
		return err
	})
	return all, err
}

// mergeStaged makes one segment of each kind of those that a batch has staged.
func (db *DB) mergeStaged(ctx context.Context, batch int64) error {
	for _, k := range []kind{kindPeople, kindWords} {
		all, err := db.segmentsOf(ctx, k, `state = 'staged' AND batch_id = ?`, batch)
		if err == nil && len(all) > 1 {
			err = db.merge(ctx, batch, all)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mergeFactor is how much larger a segment must be than all smaller ones
// together to be left alone. So there are few, and each posting is written anew
// seldom.
const mergeFactor = 4

// maxMergedAside bounds, in bytes, what is merged beside imports: the segments of
// edits. So the import lock is held for a moment only.
const maxMergedAside = 1 << 20

// mergeAside merges small segments of edits, so that a lookup has to look at few.
// It does nothing while an import runs, which does it at its end. It may be
// interrupted, and begun again by any process.
func (db *DB) mergeAside(ctx context.Context) error {
	lock, err := TakeLock(db.path + ".import.lock")
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	// A dead segment may be left of a merge that was interrupted.
	if err := db.removeSegments(ctx, `state = 'dead'`); err != nil {
		return err
	}
	return db.mergeLive(ctx, maxMergedAside)
}

// mergeLive merges live segments that are together at most limit bytes, for who
// holds the import lock.
func (db *DB) mergeLive(ctx context.Context, limit int64) error {
	for _, k := range []kind{kindPeople, kindWords} {
		all, err := db.segmentsOf(ctx, k, `state = 'live'`)
		if err != nil {
			return err
		}
		slices.SortFunc(all, func(a, b segment) int { return cmp.Compare(a.size, b.size) })
		n, sum := 0, int64(0)
		for i, s := range all {
			if sum+s.size > limit || i > 0 && s.size >= mergeFactor*sum {
				break
			}
			n, sum = i+1, sum+s.size
		}
		if n < 2 {
			continue
		}
		var batch int64
		if err := db.row(ctx, `SELECT max(batch_id) FROM name_segments WHERE state = 'live'`, nil, &batch); err != nil {
			return err
		}
		if err := db.merge(ctx, batch, all[:n]); err != nil {
			return err
		}
	}
	return nil
}

// merge writes the segments of one kind and state as one, which takes their
// place in one transaction, and removes them.
func (db *DB) merge(ctx context.Context, batch int64, from []segment) error {
	var last int64
	if err := db.row(ctx, `SELECT coalesce(max(id), 0) FROM name_segments`, nil, &last); err != nil {
		return err
	}
	var size int64
	for _, s := range from {
		size += s.size
	}
	var failed error
	if err := db.stageSegment(ctx, batch, from[0].kind, db.mergedBuckets(ctx, from, &failed), size); err != nil {
		return err
	}
	if failed != nil {
		return failed // the staged segment is removed with the next batch
	}
	err := db.Update(ctx, func(tx *Tx) error {
		state := ""
		for _, s := range from {
			if err := tx.row(`SELECT state FROM name_segments WHERE id = ?`, []any{s.id}, &state); err != nil {
				return err
			}
			if _, err := tx.exec(`UPDATE name_segments SET state = 'dead' WHERE id = ?`, s.id); err != nil {
				return err
			}
		}
		if _, err := tx.exec(`UPDATE name_segments SET state = ? WHERE id > ? AND kind = ? AND state = 'staged'`, state, last, string(from[0].kind)); err != nil {
			return err
		}
		return tx.segmentsChanged()
	})
	if err != nil {
		return err
	}
	return db.removeSegments(ctx, `state = 'dead'`)
}

// mergedBuckets yields the buckets of all the segments in the order of their
// keys, joining those with one key. It ends early where something failed.
func (db *DB) mergedBuckets(ctx context.Context, from []segment, failed *error) iter.Seq[bucket] {
	return func(yield func(bucket) bool) {
		type source struct {
			next func() (bucket, bool)
			head bucket
		}
		var sources []*source
		for _, s := range from {
			next, stop := iter.Pull(db.segmentBuckets(ctx, s, failed))
			defer stop()
			if head, ok := next(); ok {
				sources = append(sources, &source{next, head})
			}
		}
		for len(sources) > 0 && *failed == nil {
			least := sources[0].head.key
			for _, s := range sources[1:] {
				least = min(least, s.head.key)
			}
			var out bucket
			live := sources[:0]
			for _, s := range sources {
				ok := true
				if s.head.key == least {
					if out.count == 0 {
						out = s.head
					} else {
						out = out.join(from[0].kind, s.head)
					}
					s.head, ok = s.next()
				}
				if ok {
					live = append(live, s)
				}
			}
			sources = live
			if !yield(out) {
				return
			}
		}
	}
}

// segmentBuckets yields the buckets of a segment in the order of their keys.
func (db *DB) segmentBuckets(ctx context.Context, s segment, failed *error) iter.Seq[bucket] {
	return func(yield func(bucket) bool) {
		for last := s.pageID(0) - 1; ; {
			var chunk [][]byte
			err := db.each(ctx, `SELECT id, page FROM name_pages WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
				[]any{last, s.endID(), pagesPerTx}, func(rows *sql.Rows) error {
					var page []byte
					err := rows.Scan(&last, &page)
					chunk = append(chunk, page)
					return err
				})
			if err != nil {
				*failed = err
				return
			}
			for _, page := range chunk {
				for r := range buckets(s.kind, page, failed) {
					if !yield(r) {
						return
					}
				}
				if *failed != nil {
					return
				}
			}
			if len(chunk) < pagesPerTx {
				return
			}
		}
	}
}

// removeSegments removes the segments that fit the condition, in short
// transactions. They must not be live.
func (db *DB) removeSegments(ctx context.Context, condition string, args ...any) error {
	for {
		var s segment
		err := db.row(ctx, `SELECT id FROM name_segments WHERE `+condition+` ORDER BY id LIMIT 1`, args, &s.id)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		for n := int64(pagesPerTx); n == pagesPerTx; {
			err := db.Update(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(`DELETE FROM name_pages WHERE id IN (SELECT id FROM name_pages WHERE id >= ? AND id < ? LIMIT ?)`,
					s.pageID(0), s.endID(), pagesPerTx)
				if err == nil && n < pagesPerTx {
					_, err = tx.exec(`DELETE FROM name_segments WHERE id = ?`, s.id)
				}
				return err
			})
			if err != nil {
				return err
			}
			pause(ctx, chunkPause)
		}
	}
}
