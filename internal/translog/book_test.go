package translog

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rollcall/internal/rollcall"
)

const origin = "rollcall.example.org/sample"

var (
	opens  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	closes = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
)

func petition() rollcall.Petition {
	return rollcall.Petition{Slug: "sample", Opens: opens, Closes: closes, Goal: 1000, Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[rollcall.Language]string{rollcall.English: "A sample request", rollcall.Ukrainian: "Зразкове прохання"},
		Text:  map[rollcall.Language]string{rollcall.English: "We ask <this> & that.\u2028", rollcall.Ukrainian: "Просимо."}}
}

// A book is a keeper's log in memory, honest by what it is told to do.
type book struct {
	t           testing.TB
	signer      *Signer
	petition    []byte
	text        [32]byte
	leaves      []string
	checkpoints [][]byte
	nodes       Hashes
	accounts    map[int64]rollcall.UserID // of the sign leaves
}

func signer(t testing.TB, seed byte) *Signer {
	t.Helper()
	s, err := NewSigner(origin, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newBook opens the petition's log, without a tally yet.
func newBook(t testing.TB) *book {
	p := petition()
	b := &book{t: t, signer: signer(t, 1), petition: p.CanonicalJSON(), text: p.TextSHA256(), accounts: map[int64]rollcall.UserID{}}
	b.add(Leaf{Kind: Open, Slug: p.Slug, Text: b.text, Closes: p.Closes})
	return b
}

func salt(id rollcall.UserID) (s Salt) {
	binary.BigEndian.PutUint64(s[7:], uint64(id)*0x9e3779b97f4a7c15)
	return s
}

// add appends any leaf.
func (b *book) add(l Leaf) int64 { return b.addLine(l.String()) }

func (b *book) addLine(line string) int64 {
	b.t.Helper()
	n := int64(len(b.leaves))
	if err := b.nodes.Append(n, line); err != nil {
		b.t.Fatal(err)
	}
	b.leaves = append(b.leaves, line)
	return n
}

func (b *book) sign(ids ...rollcall.UserID) (first int64) {
	first = int64(len(b.leaves))
	for _, id := range ids {
		b.accounts[b.add(Leaf{Kind: Sign, Slug: "sample", Commitment: Commitment("sample", b.text, id, salt(id))})] = id
	}
	return first
}

func (b *book) withdraw(leaf int64) { b.add(Leaf{Kind: Withdraw, Slug: "sample", Index: leaf}) }

func (b *book) void(leaf int64, r Reason) {
	b.add(Leaf{Kind: Void, Slug: "sample", Index: leaf, Reason: r})
}

func (b *book) close() { b.add(Leaf{Kind: Close, Slug: "sample", Net: b.tally().Net()}) }

// tally adds up what the leaves say by their words alone, so that it does not
// lean on what it tests.
func (b *book) tally() (t rollcall.Tally) {
	for _, l := range b.leaves {
		switch word, _, _ := strings.Cut(l, " "); word {
		case "sign":
			t.Signed++
		case "withdraw":
			t.Withdrawn++
		case "void":
			t.Voided++
		}
	}
	return t
}

// end ends the batch: tally and checkpoint.
func (b *book) end() {
	b.add(Leaf{Kind: Tally, Slug: "sample", Tally: b.tally()})
	b.checkpoint()
}

func (b *book) checkpoint() Checkpoint {
	b.t.Helper()
	n := int64(len(b.leaves))
	root, err := Root(n, b.nodes)
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := b.signer.Checkpoint(n, root)
	if err != nil {
		b.t.Fatal(err)
	}
	b.checkpoints = append(b.checkpoints, c.Note)
	return c
}

// receipt makes one for a leaf, from the last checkpoint.
func (b *book) receipt(leaf int64) []byte {
	b.t.Helper()
	c, err := OpenCheckpoint(b.signer.Key(), b.checkpoints[len(b.checkpoints)-1])
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := NewReceipt("sample", b.text, salt(b.accounts[leaf]), leaf, c, b.nodes)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Format()
}

// files are the bundle.
func (b *book) files() fstest.MapFS {
	m := fstest.MapFS{}
	put := func(name string, text []byte) { m[name] = &fstest.MapFile{Data: text} }
	put(PetitionFile, b.petition)
	put(LeavesFile, []byte(strings.Join(b.leaves, "\n")+"\n"))
	put(CheckpointsFile, bytes.Join(b.checkpoints, nil))
	put(CheckpointFile, b.checkpoints[len(b.checkpoints)-1])
	put(KeyFile, []byte(b.signer.Key().String()+"\n"))
	put(PageFile, Page)
	return m
}

// forge makes the log anew from changed leaves, with a checkpoint after each
// tally: all that a keeper can do who has the key, and more than one who edits
// files.
func (b *book) forge(change func(leaves []string) []string) *book {
	f := &book{t: b.t, signer: b.signer, petition: b.petition, text: b.text, accounts: b.accounts}
	for _, l := range change(slices.Clone(b.leaves)) {
		f.addLine(l)
		if strings.HasPrefix(l, "tally ") {
			f.checkpoint()
		}
	}
	return f
}

// figures puts the right figures into every tally and close of leaves that were
// changed.
func figures(leaves []string) []string {
	var t rollcall.Tally
	for i, l := range leaves {
		switch word, _, _ := strings.Cut(l, " "); word {
		case "sign":
			t.Signed++
		case "withdraw":
			t.Withdrawn++
		case "void":
			t.Voided++
		case "tally":
			leaves[i] = Leaf{Kind: Tally, Slug: "sample", Tally: t}.String()
		case "close":
			leaves[i] = Leaf{Kind: Close, Slug: "sample", Net: t.Net()}.String()
		}
	}
	return leaves
}

// sample is a log of three batches, in 18 leaves, and the bundle that was
// published after the second:
//
//	0 open, 1-5 sign, 6 tally
//	7-9 sign, 10 withdraw 2, 11 tally
//	12 sign, 13 sign, 14 void 4, 15 close, 16 tally, 17 withdraw 13, 18 tally
func sample(t testing.TB) (b *book, earlier fstest.MapFS) {
	b = newBook(t)
	b.sign(101, 102, 103, 104, 105)
	b.end()
	b.sign(106, 107, 108)
	b.withdraw(2)
	b.end()
	earlier = b.files()
	b.sign(109, 110)
	b.void(4, Burst)
	b.close()
	b.end()
	b.withdraw(13)
	b.end()
	return b, earlier
}
