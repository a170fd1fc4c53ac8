package rosterio

import (
	"bytes"
	"io"
)

// windowSize holds the longest row and enough beyond it to read in large pieces.
const windowSize = 4 * MaxRowSize

// A window is the part of a text file that is looked at: bytes() is what has
// been read and not yet passed. It never grows.
type window struct {
	r      io.Reader
	buf    []byte
	lo, hi int
	read   int64 // bytes taken from r
	limit  int64 // bytes that r may give
	line   int   // number of the line at which bytes() begins
	err    error // why more() has no more: io.EOF, errLimit, or a fault of r
}

// errLimit marks a file of unknown size that turned out over the limit.
var errLimit = &FileError{Kind: ErrTooLarge}

func newWindow(r io.Reader, limit int64) *window {
	return &window{r: r, buf: make([]byte, windowSize), limit: limit, line: 1}
}

func (w *window) bytes() []byte { return w.buf[w.lo:w.hi] }

// more reads on and reports whether bytes() has grown. Offsets into bytes()
// stay valid, slices of it do not.
func (w *window) more() bool {
	if w.hi-w.lo == len(w.buf) {
		return false
	}
	if w.hi == len(w.buf) {
		w.hi = copy(w.buf, w.buf[w.lo:w.hi])
		w.lo = 0
	}
	for tries := 0; w.err == nil && tries < 100; tries++ {
		n, err := w.r.Read(w.buf[w.hi:])
		w.hi += n
		w.read += int64(n)
		w.err = err
		if w.read > w.limit {
			w.err = errLimit
			return false
		}
		if n > 0 {
			return true
		}
	}
	if w.err == nil {
		w.err = io.ErrNoProgress
	}
	return false
}

// fault returns what kept the file from being read to its end, or nil.
func (w *window) fault() error {
	if w.err == io.EOF {
		return nil
	}
	return w.err
}

// fill reads until bytes() has n bytes or the file ends.
func (w *window) fill(n int) {
	for w.hi-w.lo < n && w.more() {
	}
}

// pass moves on by n bytes and counts their lines.
func (w *window) pass(n int) {
	w.line += bytes.Count(w.buf[w.lo:w.lo+n], []byte{'\n'})
	w.lo += n
}

// passLine moves beyond the next line break, however far it is.
func (w *window) passLine() {
	for {
		if i := bytes.IndexByte(w.bytes(), '\n'); i >= 0 {
			w.pass(i + 1)
			return
		}
		w.lo = w.hi
		if !w.more() {
			return
		}
	}
}

// nextLine returns the size of the line at which bytes() begins, its line break
// included. For one that does not end within [MaxRowSize] it returns the size
// that was looked at, which is more.
func (w *window) nextLine() (n int) {
	for {
		b := w.bytes()
		if i := bytes.IndexByte(b[n:], '\n'); i >= 0 {
			return n + i + 1
		}
		if n = len(b); n > MaxRowSize+2 || !w.more() {
			return n
		}
	}
}

// done is the number of bytes that have been passed.
func (w *window) done() int64 { return w.read - int64(w.hi-w.lo) }
