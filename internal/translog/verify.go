package translog

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"rollcall/internal/rollcall"
)

// The files of a bundle.
const (
	PetitionFile    = "petition.json"
	LeavesFile      = "leaves.txt"
	CheckpointFile  = "checkpoint.txt"
	CheckpointsFile = "checkpoints.txt"
	KeyFile         = "key.txt"
	PageFile        = "index.html"
)

// maxPetition bounds petition.json, maxCheckpoints the number of checkpoints:
// one a minute for ten years.
const (
	maxPetition    = 4 << 20
	maxCheckpoints = 5_300_000
)

// Options are what a reader knows of a log beforehand.
type Options struct {
	// Earlier is what was published before, or nil: a bundle, or of its files at
	// least checkpoint.txt, such as the checkpoint of a digest. What is in it is
	// compared.
	Earlier fs.FS
	// Key is the expected key, or the zero value.
	Key Key
	// Receipt is a receipt, or nil, and ID the account that it is to hold for.
	Receipt []byte
	ID      rollcall.UserID
	// Now is the reader's clock. With the zero value nothing is compared with the
	// petition's instants.
	Now time.Time
	// Progress is called now and then with the bytes of leaves.txt that are done,
	// and with all of them, or is nil.
	Progress func(done, total int64)
}

// A Result is what a log that holds says.
type Result struct {
	Key         Key
	Petition    rollcall.Petition
	Text        [32]byte // SHA-256 of petition.json
	Size        int64
	Root        Hash
	Checkpoints int
	Tally       rollcall.Tally
	Voided      map[Reason]int
	Closed      bool // there is a close leaf
	// Overdue: the closing instant is past, and the log has no close leaf.
	Overdue bool
	// Earlier is the size of the earlier log that this one extends, 0 without one.
	Earlier int64
	// Receipt is what has become of the receipt's signature, and ReceiptLeaf its
	// index; NoSignature without a receipt.
	Receipt     Standing
	ReceiptLeaf int64
	Page        PageState
}

// A PageState is what index.html is. It proves nothing about a log: a page that a
// keeper has changed says what he likes.
type PageState int

// The states.
const (
	OurPage     PageState = iota // it is this program's own
	ForeignPage                  // of another version of this program, or changed
	NoPage
)

// Verify checks a bundle: the text and its frozen digest; that each checkpoint is
// signed by the one key and larger than the one before; that the leaves are
// possible, each tally is the replay of the leaves before it, and the leaves hash
// to every checkpoint, each at the end of a batch; that it extends what was
// published earlier; that it was not closed before its closing; and that the
// receipt holds for the account. leaves.txt is read once, in the memory of some 21
// bytes a signature.
//
// An error is an [Error] for the first thing wrong, an error of reading a file,
// or ctx's.
func Verify(ctx context.Context, dir fs.FS, o Options) (Result, error) {
	v := verifier{ctx: ctx, dir: dir, o: o}
	err := v.run()
	if err != nil {
		return Result{}, err
	}
	return v.res, nil
}

type verifier struct {
	ctx context.Context
	dir fs.FS
	o   Options
	res Result

	checkpoints []mark
	earlier     []mark // the last of the earlier log, and the receipt's
	receipt     Receipt
}

// A mark is a root that the first size leaves must have.
type mark struct {
	size int64
	root Hash
	line int32 // in checkpoints.txt
}

func (v *verifier) run() error {
	if err := v.petition(); err != nil {
		return err
	}
	if err := v.key(); err != nil {
		return err
	}
	last, err := v.readCheckpoints()
	if err != nil {
		return err
	}
	b, err := read(v.dir, CheckpointFile, maxCheckpoint)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, last) {
		if _, bad := openCheckpoint(v.res.Key, b); bad != nil {
			return bad.at(CheckpointFile, 1)
		}
		return fault(ErrOrder, "it is not the last of %s", CheckpointsFile).at(CheckpointFile, 1)
	}
	switch page, err := read(v.dir, PageFile, maxPetition); {
	case errors.Is(err, ErrMissing):
		v.res.Page = NoPage
	case err != nil && !errors.Is(err, ErrMalformed):
		return err
	case !bytes.Equal(page, Page):
		v.res.Page = ForeignPage
	}
	earlier, err := v.openEarlier()
	if err != nil {
		return err
	}
	if earlier != nil {
		defer earlier.Close()
	}
	if err := v.openReceipt(); err != nil {
		return err
	}
	return v.leaves(earlier)
}

// read reads a small file of a bundle.
func read(dir fs.FS, name string, most int64) ([]byte, error) {
	f, err := open(dir, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > most {
		return nil, fault(ErrMalformed, "it is longer than %d bytes", most).at(name, 0)
	}
	return b, nil
}

func open(dir fs.FS, name string) (fs.File, error) {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault(ErrMissing, "").at(name, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return f, nil
}

func (v *verifier) petition() error {
	b, err := read(v.dir, PetitionFile, maxPetition)
	if err != nil {
		return err
	}
	p, err := rollcall.ParsePetitionJSON(b)
	if err == nil {
		err = p.Validate()
	}
	if err != nil || !bytes.Equal(p.CanonicalJSON(), b) {
		return fault(ErrMalformed, "it is not the canonical JSON of a petition").at(PetitionFile, 1)
	}
	v.res.Petition, v.res.Text = p, sha256.Sum256(b)
	return nil
}

func (v *verifier) key() error {
	b, err := read(v.dir, KeyFile, maxCheckpoint)
	if err != nil {
		return err
	}
	text, ended := bytes.CutSuffix(b, []byte("\n"))
	k, bad := parseKey(string(text))
	if bad != nil || !ended {
		return fault(ErrMalformed, "one line with a verifier key is needed").at(KeyFile, 1)
	}
	switch {
	case k.Slug() != v.res.Petition.Slug:
		return fault(ErrKey, "it is for the petition %s, and the text is of %s", k.Slug(), v.res.Petition.Slug).at(KeyFile, 1)
	case v.o.Key.text != "" && v.o.Key.text != k.text:
		return fault(ErrKey, "it is %s, and %s is expected", k, v.o.Key).at(KeyFile, 1)
	}
	v.res.Key = k
	if v.o.Earlier == nil {
		return nil
	}
	was, err := read(v.o.Earlier, KeyFile, maxCheckpoint)
	if errors.Is(err, ErrMissing) {
		return nil
	}
	if err != nil {
		return inEarlier(err)
	}
	if !bytes.Equal(was, b) {
		return fault(ErrKey, "it is %s, and was %q earlier", k, clip(bytes.TrimSuffix(was, []byte("\n")))).at(KeyFile, 1)
	}
	return nil
}

// readCheckpoints reads checkpoints.txt and returns the last as it is signed.
func (v *verifier) readCheckpoints() (last []byte, err error) {
	f, err := open(v.dir, CheckpointsFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	earlier, err := openOptional(v.o.Earlier, CheckpointsFile)
	if err != nil {
		return nil, err
	}
	r := newLineReader(f)
	var was *lineReader // of the earlier ones, until they end
	if earlier != nil {
		defer earlier.Close()
		was = newLineReader(earlier)
	}
	var one []byte
	for first := 1; ; first += 5 {
		one = one[:0]
		for i := range 5 {
			line, err := r.next(maxCheckpoint)
			if err == io.EOF && i == 0 {
				if len(v.checkpoints) == 0 {
					return nil, fault(ErrMalformed, "there is no checkpoint").at(CheckpointsFile, 1)
				}
				if was != nil && was.more() {
					return nil, fault(ErrForked, "the earlier log has more checkpoints").at(CheckpointsFile, first-1)
				}
				return last, nil
			}
			if err != nil {
				return nil, place(err, CheckpointsFile, first+i, "a checkpoint has five lines, each with an end")
			}
			one = append(append(one, line...), '\n')
			if was != nil {
				before, err := was.next(maxCheckpoint)
				if err == io.EOF && i == 0 {
					was = nil
				} else if err != nil {
					return nil, inEarlier(place(err, CheckpointsFile, first+i, "a checkpoint has five lines, each with an end"))
				} else if !bytes.Equal(line, before) {
					return nil, fault(ErrForked, "it was another checkpoint earlier").at(CheckpointsFile, first)
				}
			}
		}
		c, bad := openCheckpoint(v.res.Key, one)
		if bad != nil {
			return nil, bad.at(CheckpointsFile, first)
		}
		if n := len(v.checkpoints); n > 0 && c.Size <= v.checkpoints[n-1].size {
			return nil, fault(ErrOrder, "of %d leaves, after one of %d", c.Size, v.checkpoints[n-1].size).at(CheckpointsFile, first)
		}
		if len(v.checkpoints) == maxCheckpoints {
			return nil, fault(ErrMalformed, "there are more than %d checkpoints", maxCheckpoints).at(CheckpointsFile, first)
		}
		v.checkpoints = append(v.checkpoints, mark{c.Size, c.Root, int32(first)})
		last = c.Note
		if len(v.checkpoints)%1000 == 0 && v.ctx.Err() != nil {
			return nil, v.ctx.Err()
		}
	}
}

// openEarlier reads what the earlier log signed, compares the texts, and opens
// its leaves, where it has them.
func (v *verifier) openEarlier() (io.ReadCloser, error) {
	if v.o.Earlier == nil {
		return nil, nil
	}
	b, err := read(v.o.Earlier, CheckpointFile, maxCheckpoint)
	if err != nil {
		return nil, inEarlier(err)
	}
	c, bad := openCheckpoint(v.res.Key, b)
	if bad != nil {
		return nil, inEarlier(bad.at(CheckpointFile, 1))
	}
	if text, err := read(v.o.Earlier, PetitionFile, maxPetition); err == nil {
		if sha256.Sum256(text) != v.res.Text {
			return nil, fault(ErrForked, "it was another text earlier").at(PetitionFile, 1)
		}
	} else if !errors.Is(err, ErrMissing) {
		return nil, inEarlier(err)
	}
	if size := v.checkpoints[len(v.checkpoints)-1].size; c.Size > size {
		return nil, fault(ErrForked, "it has %d leaves, and had %d earlier", size, c.Size).at(CheckpointFile, 2)
	}
	v.res.Earlier = c.Size
	v.earlier = append(v.earlier, mark{c.Size, c.Root, 0})
	return openOptional(v.o.Earlier, LeavesFile)
}

func openOptional(dir fs.FS, name string) (io.ReadCloser, error) {
	if dir == nil {
		return nil, nil
	}
	f, err := open(dir, name)
	if errors.Is(err, ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, inEarlier(err)
	}
	return f, nil
}

// InEarlier begins the name that an [Error] gives a file of Options.Earlier.
const InEarlier = "earlier "

// inEarlier tells that a fault is in the files to compare with.
func inEarlier(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File = InEarlier + e.File
		return e
	}
	return fmt.Errorf("earlier %w", err)
}

// ReceiptFile is the name that an [Error] gives a receipt.
const ReceiptFile = "receipt"

func (v *verifier) openReceipt() error {
	if v.o.Receipt == nil {
		return nil
	}
	r, bad := parseReceipt(v.o.Receipt)
	if bad != nil {
		return bad.at(ReceiptFile, 0)
	}
	size := v.checkpoints[len(v.checkpoints)-1].size
	c, bad := r.check(v.res.Key, v.o.ID)
	switch {
	case bad != nil:
		return bad.at(ReceiptFile, 0)
	case r.Text != v.res.Text:
		return fault(ErrReceipt, "it is for another text").at(ReceiptFile, 0)
	case c.Size > size:
		return fault(ErrReceipt, "it is of %d leaves, and this log has %d: take a newer bundle", c.Size, size).at(ReceiptFile, 0)
	}
	v.receipt = r
	v.earlier = append(v.earlier, mark{c.Size, c.Root, -1})
	return nil
}

// leaves reads leaves.txt.
func (v *verifier) leaves(earlier io.Reader) error {
	f, err := open(v.dir, LeavesFile)
	if err != nil {
		return err
	}
	defer f.Close()
	var total int64
	if info, err := f.Stat(); err == nil {
		total = info.Size()
	}
	last := v.checkpoints[len(v.checkpoints)-1]
	var replay Replay
	// "sign", a slug of one character, 64 digits, and the line feed.
	replay.expect(min(last.size, total/72))
	var e edge
	var leaf Leaf
	r := newLineReader(f)
	var was *lineReader
	if earlier != nil {
		was = newLineReader(earlier)
	}
	next := 0 // checkpoint
	for e.n < last.size {
		at := int(e.n + 1) // line
		line, err := r.next(MaxLeaf)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fault(ErrTruncated, "%d of %d are there", e.n, last.size).of(e.n).at(LeavesFile, at)
		}
		if err != nil {
			return placeLeaf(err, LeavesFile, e.n)
		}
		if was != nil && e.n < v.res.Earlier {
			before, err := was.next(MaxLeaf)
			if err != nil {
				if err == io.EOF || err == io.ErrUnexpectedEOF {
					err = fault(ErrTruncated, "%d of %d are there", e.n, v.res.Earlier).of(e.n).at(LeavesFile, at)
				}
				return inEarlier(placeLeaf(err, LeavesFile, e.n))
			}
			if !bytes.Equal(line, before) {
				return fault(ErrForked, "it is %q, and was %q earlier", clip(line), clip(before)).of(e.n).at(LeavesFile, at)
			}
		}
		if bad := leaf.parse(line); bad != nil {
			return bad.of(e.n).at(LeavesFile, at)
		}
		if bad := replay.add(&leaf); bad != nil {
			return bad.at(LeavesFile, at)
		}
		if leaf.Kind == Open {
			if bad := v.frozen(&leaf); bad != nil {
				return bad.of(e.n).at(LeavesFile, at)
			}
		}
		e.append(line)
		if e.n == v.checkpoints[next].size {
			if bad := v.signed(next, &e, &replay, leaf.Kind); bad != nil {
				return bad
			}
			next++
		}
		if bad := v.continues(&e, at); bad != nil {
			return bad
		}
		if e.n%4096 == 0 {
			if v.ctx.Err() != nil {
				return v.ctx.Err()
			}
			if v.o.Progress != nil {
				v.o.Progress(r.read, total)
			}
		}
	}
	if r.more() {
		return fault(ErrUnsigned, "the last checkpoint is of %d", e.n).of(e.n).at(LeavesFile, int(e.n+1))
	}
	if was != nil && was.more() {
		return fault(ErrUnsigned, "its last checkpoint is of %d", v.res.Earlier).of(v.res.Earlier).at(InEarlier+LeavesFile, int(v.res.Earlier+1))
	}
	if v.o.Progress != nil {
		v.o.Progress(total, total)
	}
	v.res.Size, v.res.Root, v.res.Checkpoints = e.n, e.root(), len(v.checkpoints)
	v.res.Tally, v.res.Voided, v.res.Closed = replay.tally, replay.voided, replay.Closed()
	if bad := v.inTime(&replay); bad != nil {
		return bad
	}
	if v.receipt.Slug != "" {
		// The proof, the root at its size, and the parse of the leaf say that the
		// sign leaf is at its index.
		v.res.Receipt, v.res.ReceiptLeaf = replay.Standing(v.receipt.Index), v.receipt.Index
	}
	return nil
}

// frozen compares the open leaf with the text of the bundle.
func (v *verifier) frozen(leaf *Leaf) *Error {
	switch p := v.res.Petition; {
	case leaf.Slug != p.Slug:
		return fault(ErrText, "the log is of the petition %s, and the text is of %s", leaf.Slug, p.Slug)
	case leaf.Text != v.res.Text:
		return fault(ErrText, "%x was frozen, and %s is %x", leaf.Text[:], PetitionFile, v.res.Text[:])
	case !leaf.Closes.Equal(p.Closes):
		return fault(ErrText, "closing at %s was frozen, and the text says %s", leaf.Closes.Format(time.RFC3339), p.Closes.Format(time.RFC3339))
	}
	return nil
}

// signed compares what was read with the checkpoint of that size, after a leaf of the
// kind last.
func (v *verifier) signed(checkpoint int, e *edge, replay *Replay, last Kind) error {
	c := v.checkpoints[checkpoint]
	if !replay.AtBatchEnd() {
		return fault(ErrBatch, "of %d leaves, of which the last is %s", c.size, last).of(e.n-1).at(CheckpointsFile, int(c.line))
	}
	if e.root() != c.root {
		from := int64(0)
		if checkpoint > 0 {
			from = v.checkpoints[checkpoint-1].size
		}
		return fault(ErrRoot, "of %d leaves: one of the leaves %d to %d is not as it was signed", c.size, from, c.size-1).at(CheckpointsFile, int(c.line))
	}
	return nil
}

// continues compares what was read with the checkpoints of that size from elsewhere.
func (v *verifier) continues(e *edge, line int) error {
	for _, m := range v.earlier {
		if e.n != m.size || e.root() == m.root {
			continue
		}
		if m.line < 0 {
			return fault(ErrForked, "its checkpoint of %d leaves is of another log under the same key", m.size).at(ReceiptFile, 0)
		}
		return fault(ErrForked, "the earlier checkpoint of %d leaves is of another log under the same key", m.size).at(LeavesFile, line)
	}
	return nil
}

// inTime compares what the leaves do with the reader's clock: they bear no time.
func (v *verifier) inTime(replay *Replay) error {
	now, p := v.o.Now, v.res.Petition
	if now.IsZero() {
		return nil
	}
	if replay.firstOne > 0 && now.Before(p.Opens) {
		return fault(ErrEarly, "it is signed, and opens at %s", p.Opens.Format(time.RFC3339)).of(replay.firstOne).at(LeavesFile, int(replay.firstOne+1))
	}
	if replay.Closed() && now.Before(p.Closes) {
		return fault(ErrEarly, "it is closed, and was to close at %s", p.Closes.Format(time.RFC3339)).of(replay.closed).at(LeavesFile, int(replay.closed+1))
	}
	v.res.Overdue = !replay.Closed() && !now.Before(p.Closes)
	return nil
}

// A lineReader reads lines that end with a line feed, and gives them without it.
// A line is good until the next call.
type lineReader struct {
	r    *bufio.Reader
	read int64
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReaderSize(r, 256<<10)} }

// more reports whether anything comes.
func (l *lineReader) more() bool {
	_, err := l.r.Peek(1)
	return err != io.EOF
}

var errLong = errors.New("the line is too long")

// next returns io.EOF at the end, io.ErrUnexpectedEOF where the last line has no
// end, and errLong for a line over most bytes.
func (l *lineReader) next(most int) ([]byte, error) {
	b, err := l.r.ReadSlice('\n')
	l.read += int64(len(b))
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case err == bufio.ErrBufferFull || len(b) > most+1:
		return nil, errLong
	case err == io.EOF:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return b[:len(b)-1], nil
}

// place makes what lineReader returns an error with a place.
func place(err error, file string, line int, what string) error {
	if err == errLong || err == io.ErrUnexpectedEOF || err == io.EOF {
		return fault(ErrMalformed, "%s", what).at(file, line)
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("read %s: %w", file, err)
}

func placeLeaf(err error, file string, leaf int64) error {
	err = place(err, file, int(leaf+1), fmt.Sprintf("it is longer than %d bytes", MaxLeaf))
	var e *Error
	if errors.As(err, &e) {
		e.Leaf = leaf
	}
	return err
}
