package store

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

// Signatures, withdrawals and voids wait, and go into a petition's log in shuffled
// batches, so that neither the order of the leaves nor the moment at which one
// appears tells who pressed when. A batch is one transaction: leaves, tally, nodes,
// checkpoint, figures, days, milestones, and the indexes of the signatures. So there
// is no moment at which a crash leaves part of it, and the figures that are shown
// are always those of the last tally.
//
// What is shown of a signature's time afterwards is the span of its batch. Its row
// keeps none: it gets a new id in the order of the leaves, and the WAL, which holds
// the row as it was, is emptied as after an erasure.

// Batching says when what waits goes into the logs.
type Batching struct {
	// Min is how many entries make a batch.
	Min int
	// Look is whether batches of Min entries are looked for now. Without it only
	// what has waited for Latest is appended, and what closes a petition.
	Look bool
	// Latest is how long an entry waits at most. Held signatures are released
	// after it.
	Latest time.Duration
}

// A LogBatch is what was appended to one log.
type LogBatch struct {
	Petition string
	Size     int64          // leaves, afterwards
	Added    rollcall.Tally // by this batch
	Closed   bool           // with the close leaf
	more     bool           // there was more than one batch takes
}

// maxBatch is how many entries one batch takes, since everybody waits for its
// transaction.
const maxBatch = 1000

// Sequence appends what is due to the log of each petition. The error joins what
// went wrong with each; one whose log does not add up is halted and left alone (see
// [DB.CheckLogHeads]), and its error wraps [ErrBrokenLog].
func (db *DB) Sequence(ctx context.Context, b Batching) (done []LogBatch, err error) {
	type candidate struct {
		slug string
		all  bool // closing
	}
	var list []candidate
	now := db.now().UTC().Unix()
	overdue := now - int64(b.Latest/time.Second)
	minimum := b.Min
	if !b.Look {
		minimum = math.MaxInt
	}
	query := `SELECT slug, closing FROM (SELECT slug, log_closed = 0 AND (closed_at IS NOT NULL OR closes_at <= ?) AS closing,
			(SELECT count(*) FROM signatures WHERE petition = slug AND waiting_since IS NOT NULL AND (held = 0 OR void_reason IS NOT NULL)) +
			(SELECT count(*) FROM removals WHERE petition = slug) AS waiting,
			min(coalesce((SELECT min(waiting_since) FROM signatures WHERE petition = slug AND waiting_since IS NOT NULL), ?),
				coalesce((SELECT min(waiting_since) FROM removals WHERE petition = slug), ?)) AS oldest
		FROM petitions WHERE halted IS NULL) WHERE closing OR waiting >= ? OR oldest <= ? ORDER BY slug`
	err = db.each(ctx, query, []any{now, now + 1, now + 1, minimum, overdue}, func(rows *sql.Rows) error {
		var c candidate
		err := rows.Scan(&c.slug, &c.all)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, c := range list {
		batches, err := db.sequence(ctx, c.slug, b.Latest)
		done = append(done, batches...)
		if err != nil {
			faults = append(faults, err)
		}
	}
	return done, errors.Join(faults...)
}

// sequence appends all that waits in one petition but what is held, batch by batch.
func (db *DB) sequence(ctx context.Context, slug string, latest time.Duration) (done []LogBatch, err error) {
	for {
		var b LogBatch
		var ok bool
		err := db.Update(ctx, func(tx *Tx) (err error) {
			b, ok, err = tx.Sequence(slug, latest)
			return err
		})
		if errors.Is(err, ErrBrokenLog) {
			err = errors.Join(fmt.Errorf("petition %s: %w", slug, err),
				db.Update(ctx, func(tx *Tx) error { return tx.halt(slug, err) }))
		}
		if err != nil || !ok {
			return done, err
		}
		done = append(done, b)
		if !b.more {
			return done, nil
		}
	}
}

// A waitingLeaf is an entry that waits.
type waitingLeaf struct {
	leaf translog.Leaf
	id   int64 // of the row in signatures; 0 for a removal
	void translog.Reason
	at   int64 // its index, once it has one
}

// Sequence appends one batch of what waits to the petition's log, and closes the
// log where the petition is over and nothing more waits. Signatures that are held
// stay, unless they have waited for latest, were voided, or the petition is over. ok
// is false where there was nothing to append. Returns a NotFound error for an unknown
// slug, a Conflict error for a log that is halted, and an error that wraps
// [ErrBrokenLog] where the log is found not to add up; nothing is appended then.
func (tx *Tx) Sequence(slug string, latest time.Duration) (b LogBatch, ok bool, err error) {
	p, err := tx.petition(slug)
	if err != nil {
		return b, false, err
	}
	h, size, err := scanHead(func(dest ...any) error { return tx.row(selectHead, []any{slug}, dest...) })
	if err != nil {
		return b, false, err
	}
	if h.Halted != "" {
		return b, false, rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s: nothing is appended, since its log does not add up: %s", slug, h.Halted))
	}
	over := p.State(tx.Now) == rollcall.Closed
	entries, more, err := tx.waiting(slug, latest, over)
	if err != nil {
		return b, false, err
	}
	closing := over && !h.Closed && !more
	if len(entries) == 0 && !closing {
		return b, false, nil
	}

	hashes := tx.logHashes(slug)
	root, err := translog.Root(size, hashes)
	if err != nil {
		return b, false, err
	}
	if h.Checkpoint.Size != size || h.Checkpoint.Root != root {
		return b, false, broken("its %d leaves do not hash to the last checkpoint", size)
	}
	b = LogBatch{Petition: slug, Closed: closing, more: more}
	leaves := shuffled(entries, size, &b.Added)
	after := plus(p.Tally, b.Added)
	if closing {
		leaves = append(leaves, translog.Leaf{Kind: translog.Close, Net: after.Net()})
	}
	leaves = append(leaves, translog.Leaf{Kind: translog.Tally, Tally: after})
	if b.Size, err = tx.appendLeaves(slug, h.Key, size, leaves, hashes); err != nil {
		return b, false, err
	}
	if err := tx.sequenced(slug, entries); err != nil {
		return b, false, err
	}
	if closing {
		if _, err := tx.exec(`UPDATE petitions SET log_closed = 1 WHERE slug = ?`, slug); err != nil {
			return b, false, err
		}
	}
	tx.erased()
	return b, true, tx.record(p, b.Added)
}

// waiting reads the entries of the next batch: the oldest, so that none waits for
// ever. more says that others are left.
func (tx *Tx) waiting(slug string, latest time.Duration, over bool) (entries []waitingLeaf, more bool, err error) {
	released := tx.Now.Unix() - int64(latest/time.Second)
	if over {
		released = math.MaxInt64 // also what came before the clock was set back
	}
	err = tx.each(`SELECT leaf_index, kind, reason FROM removals WHERE petition = ? ORDER BY waiting_since LIMIT ?`, []any{slug, maxBatch + 1}, func(rows *sql.Rows) error {
		var e waitingLeaf
		err := rows.Scan(&e.leaf.Index, &e.leaf.Kind, &e.leaf.Reason)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	err = tx.each(`SELECT id, commitment, coalesce(void_reason, '') FROM signatures
		WHERE petition = ? AND waiting_since IS NOT NULL AND (held = 0 OR waiting_since <= ? OR void_reason IS NOT NULL)
		ORDER BY waiting_since LIMIT ?`, []any{slug, released, maxBatch + 1 - min(len(entries), maxBatch)}, func(rows *sql.Rows) error {
		e := waitingLeaf{leaf: translog.Leaf{Kind: translog.Sign}}
		var c []byte
		err := rows.Scan(&e.id, &c, &e.void)
		if err == nil {
			e.leaf.Commitment = [32]byte(c)
		}
		entries = append(entries, e)
		return err
	})
	if len(entries) > maxBatch {
		entries, more = entries[:maxBatch], true
	}
	return entries, more, err
}

// shuffled puts the entries in an order of chance, notes which leaf each signature
// becomes, and adds them up. The voids of signatures that the keeper has removed
// before they were in the log follow all others.
func shuffled(entries []waitingLeaf, size int64, sum *rollcall.Tally) (leaves []translog.Leaf) {
	var seed [32]byte
	crand.Read(seed[:])
	chance := rand.New(rand.NewChaCha8(seed))
	chance.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	var voids []translog.Leaf
	for i := range entries {
		e := &entries[i]
		e.at = size + int64(len(leaves))
		leaves = append(leaves, e.leaf)
		switch e.leaf.Kind {
		case translog.Sign:
			sum.Signed++
		case translog.Withdraw:
			sum.Withdrawn++
		case translog.Void:
			sum.Voided++
		}
		if e.void != "" {
			voids = append(voids, translog.Leaf{Kind: translog.Void, Index: e.at, Reason: e.void})
			sum.Voided++
		}
	}
	return append(leaves, voids...)
}

func plus(a, b rollcall.Tally) rollcall.Tally {
	return rollcall.Tally{Signed: a.Signed + b.Signed, Withdrawn: a.Withdrawn + b.Withdrawn, Voided: a.Voided + b.Voided}
}

// appendLeaves writes leaves, nodes and a checkpoint after the size leaves that the
// log has, and returns its new size. The log is another's by then where it does not
// have that size: then a Conflict error is returned.
func (tx *Tx) appendLeaves(slug string, key translog.Key, size int64, leaves []translog.Leaf, hashes translog.HashReader) (int64, error) {
	signer, err := tx.db.logSigner(key.Origin())
	if err != nil {
		return 0, err
	}
	if signer.Key().String() != key.String() {
		return 0, broken("its key is not the secret file's")
	}
	lines := make([]string, len(leaves))
	for i, l := range leaves {
		l.Slug = slug
		lines[i] = l.String()
	}
	added, root, err := translog.Append(size, lines, hashes)
	if err != nil {
		return 0, err
	}
	for i, line := range lines {
		if _, err := tx.exec(`INSERT INTO log_leaves (petition, number, leaf) VALUES (?, ?, ?)`, slug, size+int64(i), line); err != nil {
			return 0, err
		}
	}
	for i, h := range added {
		if _, err := tx.exec(`INSERT INTO log_hashes (petition, number, hash) VALUES (?, ?, ?)`, slug, translog.HashCount(size)+int64(i), h[:]); err != nil {
			return 0, err
		}
	}
	after := size + int64(len(lines))
	c, err := signer.Checkpoint(after, root)
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(`INSERT INTO checkpoints (petition, size, root, note) VALUES (?, ?, ?, ?)`, slug, after, root[:], c.Note); err != nil {
		return 0, err
	}
	n, err := tx.exec(`UPDATE petitions SET log_size = ? WHERE slug = ? AND log_size = ?`, after, slug, size)
	if err == nil && n == 0 {
		err = rollcall.E(rollcall.Conflict, fmt.Sprintf("the log of petition %s has grown meanwhile", slug))
	}
	return after, err
}

// sequenced gives signatures the places of their leaves, and ids in that order, and
// drops what has waited.
func (tx *Tx) sequenced(slug string, entries []waitingLeaf) error {
	var last int64
	if err := tx.row(`SELECT coalesce(max(id), 0) FROM signatures`, nil, &last); err != nil {
		return err
	}
	for _, e := range entries {
		var err error
		if e.id == 0 {
			_, err = tx.exec(`DELETE FROM removals WHERE petition = ? AND leaf_index = ?`, slug, e.leaf.Index)
		} else {
			last++
			_, err = tx.exec(`UPDATE signatures SET id = ?, leaf_index = ?, commitment = NULL, waiting_since = NULL, held = 0 WHERE id = ?`, last, e.at, e.id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
