package translog

import (
	"fmt"
	"strings"
)

// A Code is the kind of a fault, for errors.Is: each [Error] wraps one. The page
// of the bundle names the same.
type Code string

// The codes.
const (
	ErrMissing   Code = "missing"   // a file of the bundle is not there
	ErrMalformed Code = "malformed" // bytes that the protocol would not write
	ErrText      Code = "text"      // petition.json is not what was frozen at opening
	ErrKey       Code = "key"       // the log's key is not the expected one
	ErrSignature Code = "signature" // a checkpoint that the log's key has not signed
	ErrOrder     Code = "order"     // a checkpoint that is not larger than the one before
	ErrDuplicate Code = "duplicate" // a commitment that an earlier leaf has
	ErrState     Code = "state"     // a leaf that cannot stand after those before it
	ErrTally     Code = "tally"     // figures that are not the replay of the leaves before them
	ErrBatch     Code = "batch"     // a checkpoint that is not at the end of a batch
	ErrRoot      Code = "root"      // leaves that do not hash to what a checkpoint signs
	ErrTruncated Code = "truncated" // fewer leaves than the last checkpoint signs
	ErrUnsigned  Code = "unsigned"  // leaves after the last checkpoint
	ErrForked    Code = "forked"    // not a continuation of what was published earlier
	ErrEarly     Code = "early"     // closed before its closing, or signed before its opening
	ErrReceipt   Code = "receipt"   // a receipt that this log or this account does not bear out
)

var meanings = map[Code]string{
	ErrMissing:   "it is missing",
	ErrMalformed: "it is not in the form of the protocol",
	ErrText:      "the text is not the one that was frozen at opening",
	ErrKey:       "the log's key is not the expected one",
	ErrSignature: "the log's key has not signed this checkpoint",
	ErrOrder:     "the checkpoint does not extend the one before",
	ErrDuplicate: "the commitment stands in the log already",
	ErrState:     "the leaf cannot stand here",
	ErrTally:     "the figures are not what the leaves before add up to",
	ErrBatch:     "the checkpoint is not at the end of a batch",
	ErrRoot:      "the leaves are not those that the checkpoint signs",
	ErrTruncated: "leaves are missing that the checkpoint signs",
	ErrUnsigned:  "no checkpoint signs the leaves from here on",
	ErrForked:    "this log does not continue the earlier one",
	ErrEarly:     "it was done before its time",
	ErrReceipt:   "the receipt does not hold",
}

func (c Code) Error() string { return meanings[c] }

// An Error is the first thing wrong with a log, and where. It holds no account's
// id.
type Error struct {
	Code   Code
	File   string // of the bundle, as petition.json; "" where there is none
	Line   int    // from 1; 0 where it is about the whole file
	Leaf   int64  // index from 0; -1 where it is about no leaf
	Detail string // what was found, and what was to be expected
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
		}
		b.WriteString(": ")
	}
	if e.Leaf >= 0 {
		fmt.Fprintf(&b, "leaf %d: ", e.Leaf)
	}
	b.WriteString(e.Code.Error())
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Code }

// fault makes an error that is about no place yet.
func fault(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Leaf: -1, Detail: fmt.Sprintf(format, args...)}
}

// at returns the error with a place.
func (e *Error) at(file string, line int) *Error {
	e.File, e.Line = file, line
	return e
}

// of returns the error with the leaf that it is about.
func (e *Error) of(leaf int64) *Error {
	e.Leaf = leaf
	return e
}
