package translog

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A Hash is a node of the tree, RFC 6962 section 2.1. Its String is base64.
type Hash = tlog.Hash

// A HashReader gives nodes by their storage index, see
// [golang.org/x/mod/sumdb/tlog.StoredHashIndex]. Whoever keeps a log implements
// it over a table of index and hash.
type HashReader = tlog.HashReader

// A HashReaderFunc is a [HashReader].
type HashReaderFunc = tlog.HashReaderFunc

// HashCount returns how many nodes are stored of a log of n leaves; their
// indexes are those below it.
func HashCount(n int64) int64 { return tlog.StoredHashCount(n) }

// LeafHash returns the hash of a leaf.
func LeafHash(leaf string) Hash { return tlog.RecordHash([]byte(leaf)) }

// Root returns the root of the first n leaves.
func Root(n int64, r HashReader) (Hash, error) {
	h, err := tlog.TreeHash(n, r)
	if err != nil {
		return Hash{}, fmt.Errorf("hash of the first %d leaves: %w", n, err)
	}
	return h, nil
}

// Append returns the nodes that leaves add to a log of n leaves, in the order of
// their indexes, which begin at HashCount(n), and the root afterwards. r needs to
// have the nodes of the first n only, and nothing is stored.
func Append(n int64, leaves []string, r HashReader) (added []Hash, root Hash, err error) {
	base := HashCount(n)
	both := HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		hashes := make([]Hash, len(indexes))
		var old, at []int64
		for i, x := range indexes {
			switch {
			case x < base:
				old, at = append(old, x), append(at, int64(i))
			case x-base < int64(len(added)):
				hashes[i] = added[x-base]
			default:
				return nil, fmt.Errorf("there is no node %d yet", x)
			}
		}
		if len(old) == 0 {
			return hashes, nil
		}
		found, err := r.ReadHashes(old)
		if err != nil {
			return nil, err
		}
		if len(found) != len(old) {
			return nil, fmt.Errorf("%d nodes were read instead of %d", len(found), len(old))
		}
		for i, h := range found {
			hashes[at[i]] = h
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		h, err := tlog.StoredHashes(n+int64(i), []byte(leaf), both)
		if err != nil {
			return nil, Hash{}, fmt.Errorf("append leaf %d: %w", n+int64(i), err)
		}
		added = append(added, h...)
	}
	root, err = Root(n+int64(len(leaves)), both)
	if err != nil {
		return nil, Hash{}, err
	}
	return added, root, nil
}

// Hashes are all nodes of a log, in memory: 64 bytes a leaf. It is a
// [HashReader].
type Hashes []Hash

// Append adds a leaf to a log of n leaves.
func (h *Hashes) Append(n int64, leaf string) error {
	added, err := tlog.StoredHashes(n, []byte(leaf), *h)
	if err != nil {
		return fmt.Errorf("append leaf %d: %w", n, err)
	}
	*h = append(*h, added...)
	return nil
}

// ReadHashes implements [HashReader].
func (h Hashes) ReadHashes(indexes []int64) ([]Hash, error) {
	found := make([]Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(h)) {
			return nil, fmt.Errorf("there is no node %d", x)
		}
		found[i] = h[x]
	}
	return found, nil
}

// An edge is the right edge of a growing tree: for each level the newest node
// that is complete. It is all that appending and the root need, so that a log is
// hashed in the memory of one path.
type edge struct {
	n     int64
	nodes [64]Hash
}

func (e *edge) append(leaf []byte) {
	h := tlog.RecordHash(leaf)
	level := 0
	for n := e.n; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(e.nodes[level], h)
		level++
	}
	e.nodes[level] = h
	e.n++
}

// root joins the complete subtrees from the smallest, as RFC 6962 parts a tree
// from the largest.
func (e *edge) root() Hash {
	if e.n == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(uint64(e.n))
	h := e.nodes[level]
	for level++; e.n>>level > 0; level++ {
		if e.n>>level&1 == 1 {
			h = tlog.NodeHash(e.nodes[level], h)
		}
	}
	return h
}

// An Inclusion proves that a leaf is in a tree, from the leaf's sibling upwards,
// RFC 6962 section 2.1.1.
type Inclusion = tlog.RecordProof

// ProveInclusion proves that the leaf is among the first n.
func ProveInclusion(n, leaf int64, r HashReader) (Inclusion, error) {
	p, err := tlog.ProveRecord(n, leaf, r)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", leaf, n, err)
	}
	return p, nil
}

// CheckInclusion checks that the tree of n leaves with the root has the leaf at
// the index.
func CheckInclusion(p Inclusion, n int64, root Hash, index int64, leaf Hash) error {
	if err := tlog.CheckRecord(p, n, root, index, leaf); err != nil {
		return fmt.Errorf("leaf %d of %d: %w", index, n, err)
	}
	return nil
}

// A Consistency proves that a tree extends a smaller one, RFC 6962 section 2.1.2.
type Consistency = tlog.TreeProof

// ProveConsistency proves that the first n leaves begin with the first old. old
// must be at least 1.
func ProveConsistency(n, old int64, r HashReader) (Consistency, error) {
	p, err := tlog.ProveTree(n, old, r)
	if err != nil {
		return nil, fmt.Errorf("prove that %d leaves extend %d: %w", n, old, err)
	}
	return p, nil
}

// CheckConsistency checks that the tree of n leaves with the root extends the one
// of old leaves with its root.
func CheckConsistency(p Consistency, n int64, root Hash, old int64, oldRoot Hash) error {
	if err := tlog.CheckTree(p, n, root, old, oldRoot); err != nil {
		return fmt.Errorf("%d leaves after %d: %w", n, old, err)
	}
	return nil
}
