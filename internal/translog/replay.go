package translog

import (
	"hash/maphash"
	"math/bits"
	"time"

	"rollcall/internal/rollcall"
)

// A Standing is what has become of a leaf.
type Standing uint8

// The standings.
const (
	NoSignature Standing = iota // the leaf is none, or not there
	Counted
	Withdrawn
	Voided
)

// A Replay adds up a log leaf by leaf, and refuses the first leaf that cannot
// stand where it stands. It holds no leaf: some 21 bytes for each signature. The
// zero value is an empty log. After an error it is of no more use.
//
//	log   = batch batch ...
//	batch = one or more of open, sign, withdraw, void, close, and then a tally
//
// open is the first leaf and is there once. A commitment stands in one sign leaf.
// withdraw and void name an earlier sign leaf that counts. A tally gives the
// figures of all leaves before it. close comes once, is followed by the tally of
// its batch, and no sign leaf stands after it; a signature can be withdrawn or
// voided after it too.
type Replay struct {
	size     int64
	open     Leaf
	tally    rollcall.Tally
	voided   map[Reason]int
	batch    int64 // leaves since the last tally
	last     Kind
	closed   int64 // index of the close leaf, 0 for none
	firstOne int64 // index of the first sign leaf, 0 for none
	standing []uint8
	seen     prefixes
}

// expect prepares for so many signatures, so that nothing has to grow.
func (r *Replay) expect(n int64) {
	r.standing = make([]uint8, 0, n/4+64)
	r.seen.grow(uint64(n))
}

// Add takes the next leaf. An error is an [Error] with [ErrState],
// [ErrDuplicate] or [ErrTally] and the leaf's index.
func (r *Replay) Add(l Leaf) error {
	if err := r.add(&l); err != nil {
		return err
	}
	return nil
}

func (r *Replay) add(l *Leaf) *Error {
	at := r.size
	bad := func(format string, args ...any) *Error { return fault(ErrState, format, args...).of(at) }
	switch {
	case at == 0 && l.Kind != Open:
		return bad("a log begins with open, not with %s", l.Kind)
	case at > 0 && l.Kind == Open:
		return bad("open stands once, at the beginning")
	case at > 0 && l.Slug != r.open.Slug:
		return bad("it is of the petition %s, and the log is of %s", l.Slug, r.open.Slug)
	case r.last == Close && l.Kind != Tally:
		return bad("close is followed by the tally of its batch, not by %s", l.Kind)
	}
	switch l.Kind {
	case Open:
		r.open = *l
	case Sign:
		if r.closed > 0 {
			return bad("a signature after close, which is leaf %d", r.closed)
		}
		if !r.seen.add(l.Commitment) {
			return fault(ErrDuplicate, "%x", l.Commitment[:]).of(at)
		}
		if r.firstOne == 0 {
			r.firstOne = at
		}
		r.tally.Signed++
		r.set(at, Counted)
	case Withdraw, Void:
		switch r.Standing(l.Index) {
		case NoSignature:
			return bad("%s of leaf %d, which is no signature before it", l.Kind, l.Index)
		case Withdrawn:
			return bad("%s of leaf %d, which is withdrawn already", l.Kind, l.Index)
		case Voided:
			return bad("%s of leaf %d, which is voided already", l.Kind, l.Index)
		}
		if l.Kind == Withdraw {
			r.tally.Withdrawn++
			r.set(l.Index, Withdrawn)
			break
		}
		r.tally.Voided++
		r.set(l.Index, Voided)
		if r.voided == nil {
			r.voided = map[Reason]int{}
		}
		r.voided[l.Reason]++
	case Tally:
		if r.batch == 0 {
			return bad("a tally of no leaf: the leaf before is a tally too")
		}
		if l.Tally != r.tally {
			return fault(ErrTally, "it says %d signed, %d withdrawn, %d voided; the leaves before give %d, %d, %d",
				l.Tally.Signed, l.Tally.Withdrawn, l.Tally.Voided, r.tally.Signed, r.tally.Withdrawn, r.tally.Voided).of(at)
		}
		r.batch = -1
	case Close:
		if r.closed > 0 {
			return bad("closed already, by leaf %d", r.closed)
		}
		if l.Net != r.tally.Net() {
			return fault(ErrTally, "it says %d; the leaves before give %d", l.Net, r.tally.Net()).of(at)
		}
		r.closed = at
	default:
		return bad("%q is no kind of leaf", l.Kind)
	}
	r.batch++
	r.size++
	r.last = l.Kind
	return nil
}

func (r *Replay) set(leaf int64, s Standing) {
	for int64(len(r.standing)) <= leaf/4 {
		r.standing = append(r.standing, 0)
	}
	shift := leaf % 4 * 2
	r.standing[leaf/4] = r.standing[leaf/4]&^(3<<shift) | uint8(s)<<shift
}

// Standing returns what has become of a leaf.
func (r *Replay) Standing(leaf int64) Standing {
	if leaf < 0 || leaf/4 >= int64(len(r.standing)) {
		return NoSignature
	}
	return Standing(r.standing[leaf/4] >> (leaf % 4 * 2) & 3)
}

// Size returns the number of leaves.
func (r *Replay) Size() int64 { return r.size }

// Tally returns the figures.
func (r *Replay) Tally() rollcall.Tally { return r.tally }

// Closed reports whether there is a close leaf.
func (r *Replay) Closed() bool { return r.closed > 0 }

// Closes returns the closing instant of the open leaf.
func (r *Replay) Closes() time.Time { return r.open.Closes }

// AtBatchEnd reports whether the last leaf ends a batch, so that a checkpoint may
// stand here.
func (r *Replay) AtBatchEnd() bool { return r.last == Tally }

// prefixes is a set of digests by their first 16 bytes, open addressing in one
// piece of memory. Equal digests are always met as equal. Two that differ and
// begin alike are no hashes: who writes them has his own log refused.
type prefixes struct {
	seed  maphash.Seed // so that nobody can choose digests that fall together
	slots [][16]byte   // all zero: free
	used  uint64
	zero  bool
}

func (p *prefixes) add(digest [32]byte) (added bool) {
	key := [16]byte(digest[:])
	if key == [16]byte{} {
		added, p.zero = !p.zero, true
		return added
	}
	if p.used*5 >= uint64(len(p.slots))*4 {
		p.grow(p.used * 2)
	}
	if !p.put(key) {
		return false
	}
	p.used++
	return true
}

func (p *prefixes) put(key [16]byte) bool {
	n := uint64(len(p.slots))
	i, _ := bits.Mul64(maphash.Bytes(p.seed, key[:]), n)
	for {
		switch p.slots[i] {
		case key:
			return false
		case [16]byte{}:
			p.slots[i] = key
			return true
		}
		if i++; i == n {
			i = 0
		}
	}
}

func (p *prefixes) grow(n uint64) {
	old := p.slots
	if old == nil {
		p.seed = maphash.MakeSeed()
	}
	p.slots = make([][16]byte, n+n/4+64)
	for _, key := range old {
		if key != [16]byte{} {
			p.put(key)
		}
	}
}
