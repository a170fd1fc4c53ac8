package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/translog"
)

// DefaultOrigin begins the names of logs where [Options] has no Origin.
const DefaultOrigin = "rollcall.example.org"

// errNoSigningKey is what becomes of a petition where the database is open without the
// secret file.
var errNoSigningKey = rollcall.E(rollcall.Unavailable, "the secret file is needed to keep a petition's log")

// ErrBrokenLog is wrapped by the errors of a log that does not add up. The texts
// name places in the log, and nobody.
var ErrBrokenLog = errors.New("the petition's log does not add up")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBrokenLog}, args...)...)
}

// logSigner signs the checkpoints of the log with that name.
func (db *DB) logSigner(origin string) (*translog.Signer, error) {
	if db.keys == nil {
		return nil, errNoSigningKey
	}
	return translog.NewSigner(origin, db.keys.LogSeed())
}

// readHashes reads nodes of a log one by one: there are some dozens to a batch.
func readHashes(indexes []int64, read func(number int64, dest *[]byte) error) ([]translog.Hash, error) {
	hashes := make([]translog.Hash, len(indexes))
	for i, number := range indexes {
		var h []byte
		err := read(number, &h)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			return nil, broken("node %d of its tree is not there", number)
		}
		if err != nil {
			return nil, err
		}
		if len(h) != len(hashes[i]) {
			return nil, broken("node %d of its tree has %d bytes", number, len(h))
		}
		hashes[i] = translog.Hash(h)
	}
	return hashes, nil
}

const selectHash = `SELECT hash FROM log_hashes WHERE petition = ? AND number = ?`

func (tx *Tx) logHashes(slug string) translog.HashReader {
	return translog.HashReaderFunc(func(indexes []int64) ([]translog.Hash, error) {
		return readHashes(indexes, func(number int64, dest *[]byte) error {
			return tx.row(selectHash, []any{slug, number}, dest)
		})
	})
}

// LogHashes reads the nodes of a petition's log, for proofs. Nodes do not change,
// so that whatever is below a checkpoint's size can be read at any time.
func (db *DB) LogHashes(ctx context.Context, slug string) translog.HashReader {
	return translog.HashReaderFunc(func(indexes []int64) ([]translog.Hash, error) {
		return readHashes(indexes, func(number int64, dest *[]byte) error {
			return db.row(ctx, selectHash, []any{slug, number}, dest)
		})
	})
}

// A LogHead is where a petition's log stands.
type LogHead struct {
	Key        translog.Key
	Checkpoint translog.Checkpoint // the last one; its signature is not checked by reading it
	Closed     bool                // the close leaf is in the log
	Halted     string              // what does not add up; "" where all does
}

const selectHead = `SELECT p.log_key, p.log_size, p.log_closed, coalesce(p.halted, ''), coalesce(c.size, 0), coalesce(c.root, x''), coalesce(c.note, x'')
	FROM petitions p LEFT JOIN checkpoints c ON c.petition = p.slug AND c.size = (SELECT max(size) FROM checkpoints WHERE petition = p.slug)
	WHERE p.slug = ?`

func scanHead(scan func(...any) error) (h LogHead, size int64, err error) {
	var key string
	var root []byte
	if err := scan(&key, &size, &h.Closed, &h.Halted, &h.Checkpoint.Size, &root, &h.Checkpoint.Note); err != nil {
		return h, 0, err
	}
	if h.Key, err = translog.ParseKey(key); err != nil {
		return h, 0, broken("its key cannot be read")
	}
	h.Checkpoint.Origin = h.Key.Origin()
	if len(root) != len(h.Checkpoint.Root) {
		return h, 0, broken("it has no checkpoint")
	}
	h.Checkpoint.Root = translog.Hash(root)
	return h, size, nil
}

// LogHead returns where the petition's log stands, or a NotFound error.
func (db *DB) LogHead(ctx context.Context, slug string) (LogHead, error) {
	h, _, err := scanHead(func(dest ...any) error {
		return petitionNotFound(slug, db.row(ctx, selectHead, []any{slug}, dest...))
	})
	return h, err
}

// A Waiting is what is not in a petition's log yet.
type Waiting struct {
	Signatures int // held ones not counted
	Held       int // came in a burst
	Removals   int // withdrawals, and voids of what is in the log
}

// Waiting counts what waits, or returns a NotFound error.
func (db *DB) Waiting(ctx context.Context, slug string) (w Waiting, err error) {
	err = petitionNotFound(slug, db.row(ctx, `SELECT
			(SELECT count(*) FROM signatures WHERE petition = slug AND waiting_since IS NOT NULL AND held = 0),
			(SELECT count(*) FROM signatures WHERE petition = slug AND waiting_since IS NOT NULL AND held = 1),
			(SELECT count(*) FROM removals WHERE petition = slug)
		FROM petitions WHERE slug = ?`, []any{slug}, &w.Signatures, &w.Held, &w.Removals))
	return w, err
}

// HeldSignatures counts what is held on all petitions.
func (db *DB) HeldSignatures(ctx context.Context) (n int, err error) {
	err = db.row(ctx, `SELECT count(*) FROM signatures WHERE held = 1`, nil, &n)
	return n, err
}

// A SignatureLeaf is where a signature stands in the log.
type SignatureLeaf struct {
	Index  int64 // 0 while it waits
	Salt   translog.Salt
	Voided bool // the keeper removes it, or has removed it
}

// SignatureLeaf finds the signer's signature, for a receipt. Returns a NotFound
// error where none stands.
func (db *DB) SignatureLeaf(ctx context.Context, slug string, signer secret.Tag) (l SignatureLeaf, err error) {
	var sealed []byte
	err = db.row(ctx, `SELECT coalesce(leaf_index, 0), sealed_salt, void_reason IS NOT NULL FROM signatures WHERE petition = ? AND signer_tag = ?`,
		[]any{slug, signer[:]}, &l.Index, &sealed, &l.Voided)
	if err != nil {
		return l, err
	}
	if db.keys == nil {
		return l, errNoSigningKey
	}
	salt, err := db.keys.Unseal(saltUse, sealed)
	if err == nil && len(salt) != len(l.Salt) {
		err = errors.New("unseal: not a salt")
	}
	if err != nil {
		return SignatureLeaf{}, fmt.Errorf("salt of a signature: %w", err)
	}
	l.Salt = translog.Salt(salt)
	return l, nil
}

// logPage is how many rows are read at once: a reader is given back between, so
// that the WAL can be emptied while a long log is read.
const logPage = 5000

// Leaves gives the first size leaves of a petition's log.
func (db *DB) Leaves(ctx context.Context, slug string, size int64) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for from := int64(0); from < size; {
			page := make([]string, 0, min(logPage, size-from))
			err := db.each(ctx, `SELECT leaf FROM log_leaves WHERE petition = ? AND number >= ? AND number < ? ORDER BY number`,
				[]any{slug, from, min(from+logPage, size)}, func(rows *sql.Rows) error {
					var leaf string
					err := rows.Scan(&leaf)
					page = append(page, leaf)
					return err
				})
			if err == nil && int64(len(page)) < min(logPage, size-from) {
				err = broken("of the leaves %d to %d only %d are there", from, min(from+logPage, size)-1, len(page))
			}
			if err != nil {
				yield("", err)
				return
			}
			for _, leaf := range page {
				if !yield(leaf, nil) {
					return
				}
			}
			from += int64(len(page))
		}
	}
}

// Checkpoints gives the signed notes of a petition's checkpoints up to that size,
// the oldest first.
func (db *DB) Checkpoints(ctx context.Context, slug string, size int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for from := int64(0); ; {
			var page [][]byte
			err := db.each(ctx, `SELECT size, note FROM checkpoints WHERE petition = ? AND size > ? AND size <= ? ORDER BY size LIMIT ?`,
				[]any{slug, from, size, logPage}, func(rows *sql.Rows) error {
					var note []byte
					err := rows.Scan(&from, &note)
					page = append(page, note)
					return err
				})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, note := range page {
				if !yield(note, nil) {
					return
				}
			}
			if len(page) < logPage {
				return
			}
		}
	}
}

// CheckLogHeads finds out whether the end of each log is as it was signed: that as
// many leaves and nodes are there as the last checkpoint says, that the nodes give
// its root, that its signature is the log's key's, which is the secret file's, and
// that the figures are those of the last tally. That takes a few dozen reads, however
// long a log is; [DB.AuditLog] reads all. Where it is not so, nothing more is signed
// or appended until a later check finds it in order; withdrawals are taken. It
// returns what is wrong, by petition.
func (db *DB) CheckLogHeads(ctx context.Context) (faults map[string]error, err error) {
	petitions, err := db.Petitions(ctx)
	if err != nil {
		return nil, err
	}
	faults = map[string]error{}
	for _, p := range petitions {
		// Within a transaction, so that no batch of another process comes between.
		err := db.Update(ctx, func(tx *Tx) error {
			bad := tx.checkLogHead(p.Slug)
			if bad != nil && !errors.Is(bad, ErrBrokenLog) {
				return bad
			}
			if bad != nil {
				faults[p.Slug] = bad
			}
			return tx.halt(p.Slug, bad)
		})
		if err != nil {
			return nil, err
		}
	}
	return faults, nil
}

// selectExtent says at one moment how long the log is by each of its tables.
const selectExtent = `SELECT log_size, (SELECT coalesce(max(number), -1) + 1 FROM log_leaves WHERE petition = slug),
	(SELECT coalesce(max(number), -1) + 1 FROM log_hashes WHERE petition = slug),
	(SELECT coalesce(max(size), 0) FROM checkpoints WHERE petition = slug) FROM petitions WHERE slug = ?`

func checkExtent(scan func(...any) error) error {
	var size, leaves, hashes, signed int64
	if err := scan(&size, &leaves, &hashes, &signed); err != nil {
		return err
	}
	if signed != size {
		return broken("the last checkpoint is of %d leaves, and the log has %d", signed, size)
	}
	if leaves != size || hashes != translog.HashCount(size) {
		return broken("%d leaves and %d nodes are there, not %d and %d", leaves, hashes, size, translog.HashCount(size))
	}
	return nil
}

// halt notes what does not add up in a log, or that all does, which ends the halt:
// of a later one the owners are told anew.
func (tx *Tx) halt(slug string, bad error) error {
	var why any
	if bad != nil {
		why = strings.TrimPrefix(bad.Error(), ErrBrokenLog.Error()+": ")
	}
	if _, err := tx.exec(`UPDATE petitions SET halted = ? WHERE slug = ? AND halted IS NOT ?`, why, slug, why); err != nil || bad != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM halt_notices WHERE petition = ?`, slug)
	return err
}

func (tx *Tx) checkLogHead(slug string) error {
	h, size, err := scanHead(func(dest ...any) error { return tx.row(selectHead, []any{slug}, dest...) })
	if err != nil {
		return err
	}
	signed, err := translog.OpenCheckpoint(h.Key, h.Checkpoint.Note)
	if err != nil {
		return broken("the last checkpoint: %v", err)
	}
	if tx.db.keys != nil {
		signer, err := tx.db.logSigner(h.Key.Origin())
		if err != nil {
			return err
		}
		if signer.Key().String() != h.Key.String() {
			return broken("its key is not the secret file's")
		}
	}
	if err := checkExtent(func(dest ...any) error { return tx.row(selectExtent, []any{slug}, dest...) }); err != nil {
		return err
	}
	root, err := translog.Root(size, tx.logHashes(slug))
	if err != nil {
		return err
	}
	if signed.Size != size || signed.Root != root || h.Checkpoint.Root != root {
		return broken("its %d leaves do not hash to the last checkpoint", size)
	}
	return tx.checkLastTally(slug, size)
}

// checkLastTally compares the figures with the last leaf, and the leaf with its
// node: the cheapest change to a log is to its last line.
func (tx *Tx) checkLastTally(slug string, size int64) error {
	p, err := tx.petition(slug)
	if err != nil {
		return err
	}
	var line string
	if err := tx.row(`SELECT leaf FROM log_leaves WHERE petition = ? AND number = ?`, []any{slug, size - 1}, &line); err != nil {
		return err
	}
	leaf, err := translog.ParseLeaf([]byte(line))
	if err != nil || leaf.Kind != translog.Tally {
		return broken("leaf %d is no tally", size-1)
	}
	// A leaf's own node comes first of those that it adds.
	h, err := tx.logHashes(slug).ReadHashes([]int64{translog.HashCount(size - 1)})
	if err != nil {
		return err
	}
	if h[0] != translog.LeafHash(line) {
		return broken("leaf %d is not the one that was signed", size-1)
	}
	if leaf.Tally != p.Tally {
		return broken("the figures that are kept are not those of its last tally")
	}
	return nil
}

// An Audit is what [DB.AuditLog] has found in order.
type Audit struct {
	Leaves      int64
	Checkpoints int
	Tally       rollcall.Tally
	Closed      bool
}

// AuditLog reads a petition's whole log: every leaf is parsed, added up and hashed
// anew, and compared with every node, every checkpoint with its signature, the
// frozen text, the figures that are kept, and the signatures that stand. It needs
// no secret file, and takes some 85 bytes of memory a leaf. A fault is an error
// that wraps [ErrBrokenLog].
func (db *DB) AuditLog(ctx context.Context, slug string) (Audit, error) {
	p, err := db.Petition(ctx, slug)
	if err != nil {
		return Audit{}, err
	}
	h, err := db.LogHead(ctx, slug)
	if err != nil {
		return Audit{}, err
	}
	if err := checkExtent(func(dest ...any) error { return db.row(ctx, selectExtent, []any{slug}, dest...) }); err != nil {
		return Audit{}, err
	}
	size := h.Checkpoint.Size
	var replay translog.Replay
	var tree translog.Hashes
	nodes := db.nodes(ctx, slug, translog.HashCount(size))
	next, stop := iter.Pull2(nodes)
	defer stop()
	nextNote, stopNotes := iter.Pull2(db.Checkpoints(ctx, slug, size))
	defer stopNotes()
	a := Audit{}
	var due translog.Checkpoint
	take := func() error {
		note, err, ok := nextNote()
		if !ok || err != nil {
			due = translog.Checkpoint{}
			return err
		}
		a.Checkpoints++
		if due, err = translog.OpenCheckpoint(h.Key, note); err != nil {
			return broken("checkpoint %d: %v", a.Checkpoints, err)
		}
		if due.Size <= replay.Size() && replay.Size() > 0 {
			return broken("checkpoint %d is of %d leaves, and stands after one of %d", a.Checkpoints, due.Size, replay.Size())
		}
		return nil
	}
	if err := take(); err != nil {
		return Audit{}, err
	}
	for line, err := range db.Leaves(ctx, slug, size) {
		if err != nil {
			return Audit{}, err
		}
		leaf, err := translog.ParseLeaf([]byte(line))
		if err == nil {
			err = replay.Add(leaf)
		}
		if err != nil {
			return Audit{}, broken("leaf %d: %v", replay.Size(), err)
		}
		if leaf.Kind == translog.Open && (leaf.Text != p.TextSHA256() || !leaf.Closes.Equal(p.Closes) || leaf.Slug != p.Slug) {
			return Audit{}, broken("the text that is shown is not the one that was frozen at opening")
		}
		had := len(tree)
		if err := tree.Append(replay.Size()-1, line); err != nil {
			return Audit{}, err
		}
		for i, want := range tree[had:] {
			got, err, ok := next()
			if err != nil {
				return Audit{}, err
			}
			if !ok || got != want {
				return Audit{}, broken("node %d of its tree is not what leaf %d makes it", had+i, replay.Size()-1)
			}
		}
		if due.Size == replay.Size() {
			root, err := translog.Root(due.Size, tree)
			if err != nil {
				return Audit{}, err
			}
			if root != due.Root || !replay.AtBatchEnd() {
				return Audit{}, broken("the first %d leaves are not those that their checkpoint signs", due.Size)
			}
			if due.Size == size {
				continue
			}
			if err := take(); err != nil {
				return Audit{}, err
			}
		}
	}
	a.Leaves, a.Tally, a.Closed = replay.Size(), replay.Tally(), replay.Closed()
	if due.Size != size || due.Root != h.Checkpoint.Root {
		return Audit{}, broken("the last checkpoint is not the last that is signed")
	}
	// A batch may have come since the head was read: then the figures are newer.
	if now, err := db.LogHead(ctx, slug); err != nil || now.Checkpoint.Size != size {
		return a, err
	}
	if a.Tally != p.Tally {
		return Audit{}, broken("the figures that are kept are not what the leaves add up to")
	}
	if a.Closed != h.Closed {
		return Audit{}, broken("whether it is closed is kept otherwise than in the log")
	}
	return a, db.auditSignatures(ctx, slug, &replay)
}

// auditSignatures compares the signatures that stand with what has become of their
// leaves.
func (db *DB) auditSignatures(ctx context.Context, slug string, replay *translog.Replay) error {
	removed := map[int64]bool{}
	err := db.each(ctx, `SELECT leaf_index FROM removals WHERE petition = ?`, []any{slug}, func(rows *sql.Rows) error {
		var at int64
		err := rows.Scan(&at)
		removed[at] = true
		if err == nil && replay.Standing(at) != translog.Counted {
			return broken("leaf %d waits to be taken back, and does not count", at)
		}
		return err
	})
	if err != nil {
		return err
	}
	return db.each(ctx, `SELECT leaf_index, void_reason IS NOT NULL FROM signatures WHERE petition = ? AND leaf_index IS NOT NULL`, []any{slug}, func(rows *sql.Rows) error {
		var at int64
		var voided bool
		if err := rows.Scan(&at, &voided); err != nil {
			return err
		}
		want := translog.Counted
		if voided && !removed[at] {
			want = translog.Voided
		}
		if replay.Standing(at) != want {
			return broken("a signature is kept for leaf %d, which is none that stands", at)
		}
		return nil
	})
}

// nodes gives the first n nodes of a log's tree.
func (db *DB) nodes(ctx context.Context, slug string, n int64) iter.Seq2[translog.Hash, error] {
	return func(yield func(translog.Hash, error) bool) {
		for from := int64(0); from < n; from += logPage {
			page := make([]translog.Hash, 0, logPage)
			err := db.each(ctx, `SELECT hash FROM log_hashes WHERE petition = ? AND number >= ? AND number < ? ORDER BY number`,
				[]any{slug, from, min(from+logPage, n)}, func(rows *sql.Rows) error {
					var h []byte
					err := rows.Scan(&h)
					if err == nil {
						page = append(page, translog.Hash(h))
					}
					return err
				})
			if err == nil && int64(len(page)) < min(logPage, n-from) {
				err = broken("of the nodes %d to %d of its tree only %d are there", from, min(from+logPage, n)-1, len(page))
			}
			if err != nil {
				yield(translog.Hash{}, err)
				return
			}
			for _, h := range page {
				if !yield(h, nil) {
					return
				}
			}
		}
	}
}
