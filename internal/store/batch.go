package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// ErrLocked is returned by [TakeLock] while somebody else holds the lock.
var ErrLocked = errors.New("another process holds the lock")

// ErrImportRunning is returned by [DB.BeginBatch] while another import runs.
var ErrImportRunning = rollcall.E(rollcall.Unavailable, "another import is running: wait until it has ended")

// ChunkRows is how many rows are staged in one transaction. The bot's own
// writing waits for one chunk at most.
const ChunkRows = 500

// chunkPause is left between two chunks, so that other processes get their
// turn; see [DB.begin].
const chunkPause = 3 * time.Millisecond

// mergePatience is how long the merging of edits in the search index may hold the
// import lock.
const mergePatience = 500 * time.Millisecond

// A Batch stages a roster file. Nothing of it is seen before [Batch.Publish],
// which is one short transaction. What a crash leaves of a batch is removed
// when the next one begins. A Batch is for one goroutine.
type Batch struct {
	db      *DB
	id      int64
	full    bool
	lock    *Lock
	touched bitset                            // people that a row of this batch is about
	sources map[string]int64                  // name to id
	byName  map[names.Key][]rollcall.PersonID // whose names are among the postings
	live    []segment                         // of the index, when first asked for
	staged  []segment                         // of the index, of people
	named   []named                           // not indexed yet
	hold    []rollcall.PersonID               // older entries that publication puts into review

	// What index makes, beside the staging; to be waited for.
	indexing sync.WaitGroup
	posted   []posting           // of the index, not written yet
	words    map[string]struct{} // of the index, not written yet
	added    int                 // rows since then
	summary  BatchSummary
}

// BatchSummary counts what a batch does to the roster.
type BatchSummary struct {
	People        int // new entries
	PeopleChanged int // entries whose names or year are now others, or that are back
	Claims        int // new claims
	Renewed       int // claims that were there before
	Hidden        int // entries that a full import no longer has
	Lookalikes    int // new entries that bear the name of another one
	Held          int // entries held for review, since one of their name and birth year was taken down
	TakenDown     int // entries of the file that are taken down, and stay so
}

// A RowResult says what became of a row.
type RowResult struct {
	// Lookalike is set where the row made a new entry though another has the
	// same full name: a possible duplicate, for a keeper to look at.
	Lookalike bool
	// Held is set where the entry is held for review, since one of its name and
	// birth year was taken down.
	Held bool
	// Problem is set where the row contradicts another row of the same file.
	// The batch must then be discarded.
	Problem *rollcall.FieldError
}

// BeginBatch starts staging. With full, entries that no row is about are hidden
// when the batch is published. Returns [ErrImportRunning] while another batch
// is being staged by anyone.
func (db *DB) BeginBatch(ctx context.Context, full bool) (*Batch, error) {
	lock, err := TakeLock(db.path + ".import.lock")
	for range mergePatience / openPause { // edits may be merging
		if !errors.Is(err, ErrLocked) || ctx.Err() != nil {
			break
		}
		pause(ctx, openPause)
		lock, err = TakeLock(db.path + ".import.lock")
	}
	if errors.Is(err, ErrLocked) {
		return nil, ErrImportRunning
	}
	if err != nil {
		return nil, err
	}
	b := &Batch{db: db, full: full, lock: lock, sources: map[string]int64{}, byName: map[names.Key][]rollcall.PersonID{}, words: map[string]struct{}{}}
	if err := b.begin(ctx); err != nil {
		lock.Release()
		return nil, err
	}
	return b, nil
}

func (b *Batch) begin(ctx context.Context) error {
	// Whoever holds the lock is the only one to stage: what is staged now was
	// left by a crash.
	for {
		var left int64
		err := b.db.row(ctx, `SELECT id FROM batches WHERE published_at IS NULL AND discarded_at IS NULL ORDER BY id LIMIT 1`, nil, &left)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			break
		}
		if err != nil {
			return err
		}
		if err := b.db.discard(ctx, left); err != nil {
			return err
		}
	}
	if err := b.db.removeSegments(ctx, `state <> 'live'`); err != nil {
		return err
	}
	return b.db.Update(ctx, func(tx *Tx) (err error) {
		b.id, err = tx.insert(`INSERT INTO batches (kind, started_at, first_person)
			SELECT 'import', ?, coalesce(max(id), 0) + 1 FROM people`, tx.Now.Unix())
		return err
	})
}

// Add stages at most [ChunkRows] validated rows in one transaction. A row
// without an expiry gets [rollcall.DefaultExpiryDays] from today. The results
// are in the order of the rows.
func (b *Batch) Add(ctx context.Context, rows []rollcall.RosterRow) ([]RowResult, error) {
	results := make([]RowResult, len(rows))
	before := b.summary
	err := b.db.Update(ctx, func(tx *Tx) error {
		marks, err := tx.suppressions()
		if err != nil {
			return err
		}
		s := stager{Batch: b, tx: tx, expires: rollcall.DateOf(tx.Now).AddDays(rollcall.DefaultExpiryDays), marks: marks}
		for i := range rows {
			r, err := s.add(rows[i])
			if err != nil {
				return err
			}
			results[i] = r
		}
		return nil
	})
	if err != nil {
		b.summary, b.named = before, nil
		return nil, err
	}
	b.index()
	pause(ctx, chunkPause)
	if b.added += len(rows); b.added >= maxAdded {
		err = b.stagePostings(ctx)
	}
	return results, err
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// A stager adds one chunk within its transaction.
type stager struct {
	*Batch
	tx      *Tx
	expires rollcall.Date
	marks   suppressionSet
}

// An entry is a person's row as the batch sees it.
type entry struct {
	id       rollcall.PersonID
	batch    int64 // that made it
	change   int64 // the latest batch that changed it; 0 where there is none to be folded in
	fullName string
	altNames string
	year     int
	absent   bool
	withheld rollcall.Withholding
}

func (e entry) person() rollcall.Person {
	return rollcall.Person{ID: e.id, FullName: e.fullName, AltNames: splitNames(e.altNames), BirthYear: e.year}
}

func (s *stager) add(r rollcall.RosterRow) (res RowResult, err error) {
	e, found, err := s.find(r, &res)
	if err != nil {
		return res, err
	}
	if !found {
		if e, err = s.newPerson(r); err != nil {
			return res, err
		}
		res.Held = e.withheld == rollcall.InReview
		s.summary.People++
		if res.Lookalike {
			s.summary.Lookalikes++
		}
	} else if err = s.update(e, r, &res); err != nil || res.Problem != nil {
		return res, err
	} else if e.withheld == rollcall.TakenDown && !s.touched.has(int64(e.id)) {
		s.summary.TakenDown++
	}
	if res.Held {
		s.summary.Held++
	}
	s.touched.set(int64(e.id))
	res.Problem, err = s.claim(e.id, r.Claim)
	return res, err
}

// find looks up the entry that the row is about: by id where it bears one, else
// by full name and birth year, where exactly one entry has both and the name is
// of three parts.
func (s *stager) find(r rollcall.RosterRow, res *RowResult) (e entry, found bool, err error) {
	const query = `SELECT p.id, p.batch_id, coalesce(c.batch_id, 0), coalesce(c.full_name, p.full_name), coalesce(c.alt_names, p.alt_names),
			coalesce(CASE WHEN c.person_id IS NULL THEN p.birth_year ELSE c.birth_year END, 0), coalesce(c.absent, p.absent), coalesce(p.withheld, '')
		FROM people p LEFT JOIN person_changes c ON c.person_id = p.id
			AND c.batch_id = (SELECT max(batch_id) FROM person_changes WHERE person_id = p.id) `
	if r.PublicID != "" {
		err = s.tx.row(query+`WHERE p.public_id = ?`, []any{r.PublicID}, &e.id, &e.batch, &e.change, &e.fullName, &e.altNames, &e.year, &e.absent, &e.withheld)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			return e, false, nil
		}
		return e, err == nil, err
	}
	same := 0
	folded := foldName(r.FullName)
	var seen []rollcall.PersonID // one may be among the written keys and the others
	compare := func(rows *sql.Rows) error {
		var x entry
		if err := rows.Scan(&x.id, &x.batch, &x.change, &x.fullName, &x.altNames, &x.year, &x.absent, &x.withheld); err != nil {
			return err
		}
		if foldName(x.fullName) != folded || slices.Contains(seen, x.id) {
			return nil
		}
		seen = append(seen, x.id)
		res.Lookalike = true
		if r.BirthYear != 0 && x.year == r.BirthYear {
			same++
			e = x
		}
		return nil
	}
	key := fullNameKey(r.FullName)
	namesakes, err := s.namesakes(key)
	if err != nil {
		return e, false, err
	}
	for _, id := range append(namesakes, s.byName[key]...) {
		if err := s.tx.each(query+`WHERE p.id = ?`, []any{id}, compare); err != nil {
			return e, false, err
		}
	}
	if same == 1 && len(strings.Fields(folded)) >= 3 {
		res.Lookalike = false
		return e, true, nil
	}
	return entry{}, false, nil
}

func (s *stager) newPerson(r rollcall.RosterRow) (entry, error) {
	publicID := r.PublicID
	if publicID == "" {
		publicID = newPublicID()
	}
	withheld := rollcall.Withholding("")
	if s.marks.hold(s.db.keys, r.Person) {
		withheld = rollcall.InReview
	}
	id, err := s.tx.insert(`INSERT INTO people (public_id, full_name, alt_names, birth_year, withheld, batch_id) VALUES (?, ?, ?, ?, nullif(?, ''), ?)`,
		publicID, r.FullName, joinNames(r.AltNames), nullYear(r.BirthYear), string(withheld), s.id)
	if err != nil {
		return entry{}, err
	}
	s.addKeys(rollcall.PersonID(id), r.FullName, r.AltNames)
	return entry{id: rollcall.PersonID(id), batch: s.id, withheld: withheld}, nil
}

// update lets the row change the entry. The first row of a batch about an entry
// says what it is called; later ones may add spellings and a missing year, and
// may not contradict the year.
func (s *stager) update(e entry, r rollcall.RosterRow, res *RowResult) error {
	to := e
	to.fullName, to.altNames, to.year, to.absent = r.FullName, joinNames(r.AltNames), r.BirthYear, false
	if s.touched.has(int64(e.id)) {
		if r.BirthYear != 0 && e.year != 0 && r.BirthYear != e.year {
			res.Problem = &rollcall.FieldError{Column: "birth_year", Problem: "differs from an earlier row about the same person"}
			return nil
		}
		alts := splitNames(e.altNames)
		for _, n := range append([]string{r.FullName}, r.AltNames...) {
			if n != e.fullName && !slices.Contains(alts, n) {
				alts = append(alts, n)
			}
		}
		if len(alts) > rollcall.MaxAltNames {
			res.Problem = &rollcall.FieldError{Column: "alt_names", Problem: "the rows about this person spell the name in too many ways"}
			return nil
		}
		to.fullName, to.altNames = e.fullName, joinNames(alts)
		to.year = max(e.year, r.BirthYear)
	}
	if to == e { // which is not absent then
		return nil
	}
	if e.withheld == "" && s.marks.hold(s.db.keys, to.person()) && !s.marks.hold(s.db.keys, e.person()) {
		s.hold, res.Held = append(s.hold, e.id), true
	}
	if to.fullName != e.fullName || to.altNames != e.altNames {
		s.addKeys(e.id, to.fullName, splitNames(to.altNames))
	}
	if e.batch == s.id { // made by this batch, and not seen yet
		_, err := s.tx.exec(`UPDATE people SET full_name = ?, alt_names = ?, birth_year = ? WHERE id = ?`,
			to.fullName, to.altNames, nullYear(to.year), e.id)
		return err
	}
	if e.change != s.id {
		s.summary.PeopleChanged++
	}
	_, err := s.tx.exec(`INSERT INTO person_changes (person_id, batch_id, full_name, alt_names, birth_year, absent)
		VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (person_id, batch_id) DO UPDATE SET
		full_name = excluded.full_name, alt_names = excluded.alt_names, birth_year = excluded.birth_year`,
		e.id, s.id, to.fullName, to.altNames, nullYear(to.year))
	return err
}

var errTwice = rollcall.FieldError{Column: "status", Problem: "the same claim (person, source, date and status) stands twice in this file"}

func (s *stager) claim(person rollcall.PersonID, c rollcall.Claim) (*rollcall.FieldError, error) {
	source, err := s.source(c.Source)
	if err != nil {
		return nil, err
	}
	if c.Expires.IsZero() {
		c.Expires = s.expires
	}
	n, err := s.tx.exec(`INSERT INTO claims (person_id, source_id, status_date, status, source_url, note, expires, batch_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		person, source, c.Date.String(), string(c.Status), c.SourceURL, c.Note, c.Expires.String(), s.id)
	if err != nil {
		return nil, err
	}
	if n == 1 {
		s.summary.Claims++
		return nil, nil
	}
	var batch int64
	if err := s.tx.row(`SELECT batch_id FROM claims WHERE person_id = ? AND source_id = ? AND status_date = ? AND status = ?`,
		[]any{person, source, c.Date.String(), string(c.Status)}, &batch); err != nil {
		return nil, err
	}
	if batch == s.id {
		return &errTwice, nil
	}
	n, err = s.tx.exec(`INSERT INTO claim_renewals (person_id, source_id, status_date, status, batch_id, source_url, note, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		person, source, c.Date.String(), string(c.Status), s.id, c.SourceURL, c.Note, c.Expires.String())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return &errTwice, nil
	}
	s.summary.Renewed++
	return nil, nil
}

func (s *stager) source(name string) (int64, error) {
	if id, ok := s.sources[name]; ok {
		return id, nil
	}
	id, err := s.tx.sourceID(name)
	if err == nil {
		s.sources[name] = id
	}
	return id, err
}

// sourceID returns the source's row, making it where there is none.
func (tx *Tx) sourceID(name string) (id int64, err error) {
	if _, err := tx.exec(`INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
		return 0, err
	}
	err = tx.row(`SELECT id FROM sources WHERE name = ?`, []any{name}, &id)
	return id, err
}

// addKeys puts an entry to those that are to be indexed.
func (s *stager) addKeys(person rollcall.PersonID, fullName string, altNames []string) {
	s.named = append(s.named, named{person, fullName, altNames})
	k := fullNameKey(fullName)
	s.byName[k] = append(s.byName[k], person)
}

// A named is an entry that is to be indexed.
type named struct {
	person   rollcall.PersonID
	fullName string
	altNames []string
}

// index makes the postings and words of what was added, beside the staging of
// the next chunk.
func (b *Batch) index() {
	b.indexing.Wait()
	all := b.named
	b.named = nil
	b.indexing.Go(func() {
		for _, n := range all {
			e := b.db.index(n.fullName, n.altNames)
			for _, k := range e.Keys {
				b.posted = append(b.posted, posting{cut(k), int64(n.person)})
			}
			for _, w := range e.Words {
				b.words[w] = struct{}{}
			}
			b.posted = append(b.posted, posting{cut(fullNameKey(n.fullName)), int64(n.person)})
		}
	})
}

// namesakes returns the entries that the index has under the key of a full name.
func (s *stager) namesakes(k names.Key) ([]rollcall.PersonID, error) {
	if s.live == nil { // nobody else changes the segments while we hold the lock
		now, err := s.db.segmentsNow(s.tx.ctx)
		if err != nil {
			return nil, err
		}
		s.live = now.all
	}
	var people []rollcall.PersonID
	for _, among := range [...][]segment{s.live, s.staged} {
		for _, g := range among {
			if g.kind != kindPeople {
				continue
			}
			var page []byte
			err := s.tx.row(`SELECT page FROM name_pages WHERE id = ?`, []any{g.pageID(cut(k).page(g.bits))}, &page)
			if rollcall.CodeOf(err) == rollcall.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			r, err := findBucket(kindPeople, page, cut(k))
			if err != nil {
				return nil, err
			}
			for _, id := range r.people(nil) {
				people = append(people, rollcall.PersonID(id))
			}
		}
	}
	return people, nil
}

// maxAdded is how many rows are added before the postings that they make are
// written, some ten for each and 16 bytes each.
const maxAdded = 200_000

// Bytes that a posting and a listing take in a page, about.
const (
	postingSize = 8
	listingSize = 16
)

// stagePostings writes the postings that have gathered as a segment.
func (b *Batch) stagePostings(ctx context.Context) error {
	b.index()
	b.indexing.Wait()
	b.added = 0
	if len(b.posted) == 0 {
		return nil
	}
	if err := b.db.stageSegment(ctx, b.id, kindPeople, peopleBuckets(b.posted), int64(len(b.posted)*postingSize)); err != nil {
		return err
	}
	b.posted = b.posted[:0]
	clear(b.byName)
	var err error
	b.staged, err = b.db.segmentsOf(ctx, kindPeople, `state = 'staged' AND batch_id = ?`, b.id)
	return err
}

// stageIndex writes what is left of the index, and makes one segment of each
// kind.
func (b *Batch) stageIndex(ctx context.Context) error {
	if err := b.stagePostings(ctx); err != nil {
		return err
	}
	if n := len(b.words); n > 0 {
		const keysPerWord = 8
		if err := b.db.stageSegment(ctx, b.id, kindWords, wordBuckets(maps.Keys(b.words)), int64(n*keysPerWord*listingSize)); err != nil {
			return err
		}
		clear(b.words)
	}
	return b.db.mergeStaged(ctx, b.id)
}

// fullNameKey is of a kind that the search does not know.
func fullNameKey(fullName string) names.Key { return names.HashKey("!" + foldName(fullName)) }

// Publish makes the batch seen, by one short transaction. The batch must not be
// used afterwards, also when an error returns; then nothing of it is seen.
func (b *Batch) Publish(ctx context.Context, by Actor) (BatchSummary, error) {
	defer b.lock.Release()
	if err := b.publish(ctx, by); err != nil {
		return BatchSummary{}, errors.Join(err, b.db.discard(context.WithoutCancel(ctx), b.id))
	}
	// The batch is seen. Should the merging fail, the next one is tried with more.
	_ = b.db.mergeLive(ctx, math.MaxInt64)
	return b.summary, nil
}

func (b *Batch) publish(ctx context.Context, by Actor) error {
	if err := b.stageIndex(ctx); err != nil {
		return err
	}
	if b.full {
		if err := b.hideAbsent(ctx); err != nil {
			return err
		}
	}
	return b.db.Update(ctx, func(tx *Tx) error {
		if err := tx.publishBatch(b.id); err != nil {
			return err
		}
		for _, id := range b.hold {
			if _, err := tx.exec(`UPDATE people SET withheld = 'review' WHERE id = ? AND withheld IS NULL`, id); err != nil {
				return err
			}
		}
		return tx.audit(by, "import", "", "")
	})
}

// publishBatch makes a batch seen, of whatever kind, by the roster's next version.
func (tx *Tx) publishBatch(id int64) error {
	if _, err := tx.exec(`UPDATE roster SET version = version + 1`); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE batches SET published_at = ?, version = (SELECT version FROM roster) WHERE id = ?`, tx.Now.Unix(), id); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE roster SET queue_version = queue_version + 1
		WHERE EXISTS (SELECT 1 FROM people WHERE withheld = 'review' AND batch_id = ?)`, id); err != nil {
		return err
	}
	if err := tx.forgetAnswers(id); err != nil {
		return err
	}
	return tx.publishSegments(id)
}

// CountAbsent counts the entries that no row so far is about: those that
// [Batch.Publish] of a full import would hide.
func (b *Batch) CountAbsent(ctx context.Context) (n int, err error) {
	err = b.db.each(ctx, `SELECT id FROM published_people WHERE absent = 0`, nil, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		if !b.touched.has(id) {
			n++
		}
		return err
	})
	return n, err
}

// hideAbsent marks the entries that the batch is not about.
func (b *Batch) hideAbsent(ctx context.Context) error {
	last := int64(0)
	for {
		n := 0
		err := b.db.Update(ctx, func(tx *Tx) error {
			var absent []int64
			err := tx.each(`SELECT id, absent FROM published_people WHERE id > ? ORDER BY id LIMIT ?`, []any{last, ChunkRows}, func(rows *sql.Rows) error {
				var gone bool
				if err := rows.Scan(&last, &gone); err != nil {
					return err
				}
				n++
				if !gone && !b.touched.has(last) {
					absent = append(absent, last)
				}
				return nil
			})
			if err != nil {
				return err
			}
			for _, id := range absent {
				if _, err := tx.exec(`INSERT INTO person_changes (person_id, batch_id, full_name, alt_names, birth_year, absent)
					SELECT id, ?, full_name, alt_names, birth_year, 1 FROM published_people WHERE id = ?`, b.id, id); err != nil {
					return err
				}
			}
			b.summary.Hidden += len(absent)
			return nil
		})
		if err != nil || n < ChunkRows {
			return err
		}
		pause(ctx, chunkPause)
	}
}

// Summary counts what was staged so far.
func (b *Batch) Summary() BatchSummary { return b.summary }

// Discard removes what was staged, in short transactions, and ends the batch.
func (b *Batch) Discard(ctx context.Context) error {
	defer b.lock.Release()
	b.indexing.Wait()
	return b.db.discard(ctx, b.id)
}

// discard removes what a batch has staged.
func (db *DB) discard(ctx context.Context, batch int64) error {
	var first int64
	if err := db.row(ctx, `SELECT first_person FROM batches WHERE id = ? AND published_at IS NULL`, []any{batch}, &first); err != nil {
		return err
	}
	if err := db.removeSegments(ctx, `state <> 'live' AND batch_id = ?`, batch); err != nil {
		return err
	}
	// The new entries with their claims, the changes, the claims on older entries,
	// then the sources that nobody names any more; each query finds what is left,
	// so that it can be begun again.
	for _, remove := range []func(*Tx) (int64, error){
		func(tx *Tx) (int64, error) {
			return tx.exec(`DELETE FROM people WHERE id IN (SELECT id FROM people WHERE id >= ? AND batch_id = ? LIMIT ?)`, first, batch, ChunkRows)
		},
		func(tx *Tx) (int64, error) {
			return tx.exec(`DELETE FROM person_changes WHERE (person_id, batch_id) IN
				(SELECT person_id, batch_id FROM person_changes WHERE batch_id = ? LIMIT ?)`, batch, ChunkRows)
		},
		func(tx *Tx) (int64, error) {
			return tx.exec(`DELETE FROM claim_renewals WHERE (person_id, source_id, status_date, status, batch_id) IN
				(SELECT person_id, source_id, status_date, status, batch_id FROM claim_renewals WHERE batch_id = ? LIMIT ?)`, batch, ChunkRows)
		},
	} {
		for n := int64(1); n > 0; {
			if err := db.Update(ctx, func(tx *Tx) (err error) { n, err = remove(tx); return err }); err != nil {
				return err
			}
			pause(ctx, chunkPause)
		}
	}
	if err := db.discardClaims(ctx, batch); err != nil {
		return err
	}
	if err := db.discardSources(ctx); err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE batches SET discarded_at = ? WHERE id = ?`, tx.Now.Unix(), batch)
		return err
	})
}

// discardClaims goes through the claims once, and looks for those of the batch
// outside transactions: they have no index of their own.
func (db *DB) discardClaims(ctx context.Context, batch int64) error {
	type key struct {
		person, source int64
		date, status   string
	}
	var last key
	for {
		var keys []key
		err := db.each(ctx, `SELECT person_id, source_id, status_date, status FROM claims
			WHERE (person_id, source_id, status_date, status) > (?, ?, ?, ?) AND batch_id = ?
			ORDER BY person_id, source_id, status_date, status LIMIT ?`,
			[]any{last.person, last.source, last.date, last.status, batch, ChunkRows}, func(rows *sql.Rows) error {
				err := rows.Scan(&last.person, &last.source, &last.date, &last.status)
				keys = append(keys, last)
				return err
			})
		if err != nil || len(keys) == 0 {
			return err
		}
		err = db.Update(ctx, func(tx *Tx) error {
			for _, k := range keys {
				if _, err := tx.exec(`DELETE FROM claims WHERE person_id = ? AND source_id = ? AND status_date = ? AND status = ?`,
					k.person, k.source, k.date, k.status); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		pause(ctx, chunkPause)
	}
}

// discardSources removes the sources without a claim or a figure. A file whose
// columns were mixed up may have brought names as such.
func (db *DB) discardSources(ctx context.Context) error {
	const unused = ` FROM sources WHERE id NOT IN (SELECT source_id FROM claims) AND id NOT IN (SELECT source_id FROM round_figures)
		AND id NOT IN (SELECT source_id FROM corrections)`
	// Mostly there is none, and then no transaction has to read all claims.
	var n int
	if err := db.row(ctx, `SELECT count(*)`+unused, nil, &n); err != nil || n == 0 {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`DELETE` + unused)
		return err
	})
}

// Fold lays the changes and renewals of published batches into the base rows, and
// the edits in the search index together, in short transactions. Readers see the same before, between and after. It may
// be interrupted and begun again by any process.
func (db *DB) Fold(ctx context.Context) error {
	for _, fold := range []func(*Tx, int) (int64, error){(*Tx).foldPeople, (*Tx).foldClaims} {
		for n := int64(1); n > 0; {
			if err := db.Update(ctx, func(tx *Tx) (err error) { n, err = fold(tx, ChunkRows); return err }); err != nil {
				return err
			}
			if n > 0 {
				pause(ctx, chunkPause)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return db.mergeAside(ctx)
}

// foldPeople folds at most limit changes, the oldest first, and returns how many
// these were. Of entries that are watched nothing is folded while the news of
// some batch are untold: [DB.News] compares a change with what was there before.
// Nor is anything while there are wishes: of what is folded in it can no longer be
// told that a batch brought it.
func (tx *Tx) foldPeople(limit int) (int64, error) {
	type change struct {
		id, batch  int64
		name, alts string
		year       sql.NullInt64
		absent     bool
	}
	var changes []change
	err := tx.each(`SELECT c.person_id, c.batch_id, c.full_name, c.alt_names, c.birth_year, c.absent
		FROM person_changes c JOIN batches b ON b.id = c.batch_id AND b.published_at IS NOT NULL
		WHERE NOT EXISTS (SELECT 1 FROM batches WHERE told = 0 AND published_at IS NOT NULL)
			OR NOT EXISTS (SELECT 1 FROM watches w WHERE w.person_id = c.person_id) AND NOT EXISTS (SELECT 1 FROM wishes)
		ORDER BY c.batch_id, c.person_id LIMIT ?`, []any{limit}, func(rows *sql.Rows) error {
		var c change
		err := rows.Scan(&c.id, &c.batch, &c.name, &c.alts, &c.year, &c.absent)
		changes = append(changes, c)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, c := range changes {
		if _, err := tx.exec(`UPDATE people SET full_name = ?, alt_names = ?, birth_year = ?, absent = ? WHERE id = ?`,
			c.name, c.alts, c.year, c.absent, c.id); err != nil {
			return 0, err
		}
		if _, err := tx.exec(`DELETE FROM person_changes WHERE person_id = ? AND batch_id = ?`, c.id, c.batch); err != nil {
			return 0, err
		}
	}
	return int64(len(changes)), nil
}

// foldClaims folds at most limit renewals, the oldest first, and returns how
// many these were: none while there are wishes and the news of some batch are
// untold, as in foldPeople.
func (tx *Tx) foldClaims(limit int) (int64, error) {
	type key struct {
		person, source, batch int64
		date, status          string
	}
	var keys []key
	err := tx.each(`SELECT r.person_id, r.source_id, r.status_date, r.status, r.batch_id
		FROM claim_renewals r JOIN batches b ON b.id = r.batch_id AND b.published_at IS NOT NULL
		WHERE NOT EXISTS (SELECT 1 FROM batches WHERE told = 0 AND published_at IS NOT NULL) OR NOT EXISTS (SELECT 1 FROM wishes)
		ORDER BY r.batch_id LIMIT ?`, []any{limit}, func(rows *sql.Rows) error {
		var k key
		err := rows.Scan(&k.person, &k.source, &k.date, &k.status, &k.batch)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		if _, err := tx.exec(`UPDATE claims SET (source_url, note, expires) = (SELECT source_url, note, expires FROM claim_renewals
				WHERE person_id = ?1 AND source_id = ?2 AND status_date = ?3 AND status = ?4 AND batch_id = ?5)
			WHERE person_id = ?1 AND source_id = ?2 AND status_date = ?3 AND status = ?4`, k.person, k.source, k.date, k.status, k.batch); err != nil {
			return 0, err
		}
		if _, err := tx.exec(`DELETE FROM claim_renewals WHERE person_id = ? AND source_id = ? AND status_date = ? AND status = ? AND batch_id = ?`,
			k.person, k.source, k.date, k.status, k.batch); err != nil {
			return 0, err
		}
	}
	return int64(len(keys)), nil
}

// foldName makes spellings of one name equal that differ in nothing a keeper
// would mean: case, the kind of apostrophe, the dots of ё. It does not go
// further, since whoever joins two rows joins two people.
func foldName(s string) string {
	return nameFolder.Replace(strings.ToLower(s))
}

var nameFolder = strings.NewReplacer("’", "'", "ʼ", "'", "`", "'", "´", "'", "‘", "'", "ё", "е")

func joinNames(alts []string) string { return strings.Join(alts, ";") }

func splitNames(alts string) []string {
	if alts == "" {
		return nil
	}
	return strings.Split(alts, ";")
}

func nullYear(y int) any {
	if y == 0 {
		return nil
	}
	return y
}

// newPublicID draws an id for an entry that came without one: 13 characters of
// Crockford's base 32 behind "r-", 65 bits, so that ids neither meet nor can be
// counted through.
func newPublicID() string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	var b [13]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = digits[b[i]&31]
	}
	return "r-" + string(b[:])
}

// A bitset holds small non-negative numbers; the zero bitset is empty.
type bitset []uint64

func (b *bitset) set(n int64) {
	for int(n/64) >= len(*b) {
		*b = append(*b, make([]uint64, len(*b)+64)...)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bitset) has(n int64) bool {
	return int(n/64) < len(b) && b[n/64]&(1<<(n%64)) != 0
}
