package translog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"rollcall/internal/rollcall"
)

// MaxLeaf bounds the bytes of a leaf, without its line feed.
const MaxLeaf = 200

// maxNumber bounds every number of a leaf, so that a page's script, whose
// numbers are float64, reads the same.
const maxNumber = 1<<53 - 1

// A Kind is the first word of a leaf. It is also the leaf's version: a leaf of
// another meaning gets another word, at which older readers stop.
type Kind string

// The kinds.
const (
	Open     Kind = "open"     // first, and once
	Sign     Kind = "sign"     // one signature
	Withdraw Kind = "withdraw" // its account takes a signature back
	Void     Kind = "void"     // the keeper removes a signature
	Tally    Kind = "tally"    // ends each batch
	Close    Kind = "close"    // no signature is taken after it
)

// A Reason says why the keeper removed a signature.
type Reason string

// The reasons. The list is closed: whatever else is not a leaf.
const (
	Burst     Reason = "burst"     // one of many that came faster than people sign
	Automated Reason = "automated" // bears other marks of a program
	Repeated  Reason = "duplicate" // one of several accounts of one person, as the keeper holds
	Organiser Reason = "organiser" // the petition's organiser asked for it
	Order     Reason = "order"     // a court or an authority ordered it
	Test      Reason = "test"      // the keeper's own trial
)

// Reasons lists them.
var Reasons = []Reason{Burst, Automated, Repeated, Organiser, Order, Test}

// A Leaf is one entry of a petition's log. Which fields count depends on Kind.
type Leaf struct {
	Kind Kind
	Slug string

	Text       [32]byte       // open: SHA-256 of petition.json
	Closes     time.Time      // open: to the second, UTC
	Commitment [32]byte       // sign: see [Commitment]
	Index      int64          // withdraw, void: of the sign leaf, from 0
	Reason     Reason         // void
	Tally      rollcall.Tally // tally
	Net        int            // close
}

// String returns the leaf's one encoding, an ASCII line without its end. It is
// what is hashed.
func (l Leaf) String() string { return string(l.append(nil)) }

func (l *Leaf) append(b []byte) []byte {
	b = append(b, l.Kind...)
	b = append(append(b, ' '), l.Slug...)
	switch l.Kind {
	case Open:
		b = hex.AppendEncode(append(b, ' '), l.Text[:])
		b = l.Closes.UTC().AppendFormat(append(b, ' '), time.RFC3339)
	case Sign:
		b = hex.AppendEncode(append(b, ' '), l.Commitment[:])
	case Withdraw:
		b = strconv.AppendInt(append(b, ' '), l.Index, 10)
	case Void:
		b = strconv.AppendInt(append(b, ' '), l.Index, 10)
		b = append(append(b, ' '), l.Reason...)
	case Tally:
		b = strconv.AppendInt(append(b, ' '), int64(l.Tally.Signed), 10)
		b = strconv.AppendInt(append(b, ' '), int64(l.Tally.Withdrawn), 10)
		b = strconv.AppendInt(append(b, ' '), int64(l.Tally.Voided), 10)
		b = strconv.AppendInt(append(b, ' '), int64(l.Tally.Net()), 10)
	case Close:
		b = strconv.AppendInt(append(b, ' '), int64(l.Net), 10)
	}
	return b
}

// ParseLeaf reads a leaf, without its line feed. What is not byte for byte the
// encoding of what it means is an [Error] with [ErrMalformed].
func ParseLeaf(line []byte) (Leaf, error) {
	var l Leaf
	if err := l.parse(line); err != nil {
		return Leaf{}, err
	}
	return l, nil
}

// parse reads a leaf into l, which may hold another leaf that was read: most of a
// log has the slug of the one before. After an error l is of no use.
func (l *Leaf) parse(line []byte) *Error {
	if len(line) > MaxLeaf {
		return fault(ErrMalformed, "it is longer than %d bytes", MaxLeaf)
	}
	var fields [7][]byte
	n, rest := 0, line
	for more := true; more; n++ {
		if n == len(fields) {
			return fault(ErrMalformed, "it has too many fields")
		}
		fields[n], rest, more = bytes.Cut(rest, []byte{' '})
	}
	slug := l.Slug
	*l = Leaf{}
	want := 0
	switch Kind(fields[0]) {
	case Sign:
		l.Kind, want = Sign, 3
	case Withdraw:
		l.Kind, want = Withdraw, 3
	case Close:
		l.Kind, want = Close, 3
	case Open:
		l.Kind, want = Open, 4
	case Void:
		l.Kind, want = Void, 4
	case Tally:
		l.Kind, want = Tally, 6
	default:
		return fault(ErrMalformed, "%q is no kind of leaf; a newer version of this program may know it", clip(fields[0]))
	}
	if n != want {
		return fault(ErrMalformed, "%s has %d fields, not %d", l.Kind, want, n)
	}
	if slug == "" || slug != string(fields[1]) {
		if slug = string(fields[1]); !rollcall.ValidSlug(slug) {
			return fault(ErrMalformed, "%q is no slug", clip(fields[1]))
		}
	}
	l.Slug = slug
	var bad *Error
	digest := func(f []byte) (sum [32]byte) {
		if len(f) != 64 {
			bad = fault(ErrMalformed, "%q is not 64 hexadecimal digits", clip(f))
		} else if _, err := hex.Decode(sum[:], f); err != nil {
			bad = fault(ErrMalformed, "%q is not 64 hexadecimal digits", clip(f))
		}
		return sum
	}
	number := func(f []byte) int64 {
		v, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil || v < 0 || v > maxNumber {
			bad = fault(ErrMalformed, "%q is no whole number from 0 to %d", clip(f), int64(maxNumber))
		}
		return v
	}
	var net int64
	switch l.Kind {
	case Open:
		l.Text = digest(fields[2])
		t, err := time.Parse(time.RFC3339, string(fields[3]))
		if err != nil {
			bad = fault(ErrMalformed, "%q is no instant as 2026-01-31T09:00:00Z", clip(fields[3]))
		}
		l.Closes = t.UTC()
	case Sign:
		l.Commitment = digest(fields[2])
	case Withdraw:
		l.Index = number(fields[2])
	case Void:
		l.Index = number(fields[2])
		l.Reason = Reason(fields[3])
		if !slices.Contains(Reasons, l.Reason) {
			bad = fault(ErrMalformed, "%q is no reason", clip(fields[3]))
		}
	case Tally:
		l.Tally = rollcall.Tally{Signed: int(number(fields[2])), Withdrawn: int(number(fields[3])), Voided: int(number(fields[4]))}
		net = number(fields[5])
	case Close:
		l.Net = int(number(fields[2]))
	}
	if bad != nil {
		return bad
	}
	if l.Kind == Tally && net != int64(l.Tally.Net()) {
		return fault(ErrTally, "%d signed less %d withdrawn less %d voided is not %d", l.Tally.Signed, l.Tally.Withdrawn, l.Tally.Voided, net)
	}
	var room [MaxLeaf + 32]byte
	if !bytes.Equal(l.append(room[:0]), line) {
		return fault(ErrMalformed, "it is not in the one form that it may have")
	}
	return nil
}

// clip keeps what a hostile file holds from filling the screen.
func clip(b []byte) string { return string(b[:min(len(b), 80)]) }

// A Salt makes a commitment one that cannot be guessed, although ids can.
type Salt [32]byte

// String masks: with the salt and the public log, ids can be tried.
func (Salt) String() string { return "[secret]" }

// GoString masks.
func (Salt) GoString() string { return "[secret]" }

// Commitment is what the log holds of a signature: the SHA-256 of
// "rollcall/sig/v1", a zero byte, the slug, a zero byte, the SHA-256 of
// petition.json, the account's id as 8 bytes, big-endian, and the salt.
//
// The salt keeps others from finding the account by trying ids. The id keeps the
// keeper from handing one leaf's receipt to two accounts.
func Commitment(slug string, text [32]byte, id rollcall.UserID, salt Salt) [32]byte {
	b := make([]byte, 0, 128)
	b = append(b, "rollcall/sig/v1"...)
	b = append(append(b, 0), slug...)
	b = append(append(b, 0), text[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	b = append(b, salt[:]...)
	return sha256.Sum256(b)
}
