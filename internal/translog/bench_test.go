package translog

import (
	"bufio"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

const million = 1_000_000

// bigLog writes a bundle of n leaves or a few more, in batches of a thousand with
// a withdrawal and a void in each, and returns its nodes where they are asked for.
func bigLog(b testing.TB, dir string, n int, keep bool) (nodes Hashes, last Checkpoint) {
	p := petition()
	s := signer(b, 1)
	create := func(name string) (*bufio.Writer, func()) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriter(f)
		return w, func() {
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	}
	leaves, done := create(LeavesFile)
	defer done()
	checkpoints, done2 := create(CheckpointsFile)
	defer done2()
	var e edge
	add := func(l Leaf) {
		line := l.append(nil)
		e.append(line)
		if keep {
			if err := nodes.Append(e.n-1, string(line)); err != nil {
				b.Fatal(err)
			}
		}
		leaves.Write(append(line, '\n'))
	}
	add(Leaf{Kind: Open, Slug: p.Slug, Text: p.TextSHA256(), Closes: p.Closes})
	var t rollcall.Tally
	for e.n < int64(n) {
		first := e.n
		for range 997 {
			var c [32]byte
			binary.BigEndian.PutUint64(c[:], uint64(e.n)*0x9e3779b97f4a7c15)
			add(Leaf{Kind: Sign, Slug: p.Slug, Commitment: c})
			t.Signed++
		}
		add(Leaf{Kind: Withdraw, Slug: p.Slug, Index: first})
		add(Leaf{Kind: Void, Slug: p.Slug, Index: first + 1, Reason: Burst})
		t.Withdrawn++
		t.Voided++
		add(Leaf{Kind: Tally, Slug: p.Slug, Tally: t})
		var err error
		if last, err = s.Checkpoint(e.n, e.root()); err != nil {
			b.Fatal(err)
		}
		checkpoints.Write(last.Note)
	}
	for name, text := range map[string]string{PetitionFile: string(p.CanonicalJSON()), KeyFile: s.Key().String() + "\n", CheckpointFile: string(last.Note), PageFile: string(Page)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return nodes, last
}

// A whole audit of a million leaves: the time, and by how much the heap grows.
func BenchmarkVerifyMillion(b *testing.B) {
	dir := b.TempDir()
	bigLog(b, dir, million, false)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	for b.Loop() {
		r, err := Verify(b.Context(), os.DirFS(dir), Options{Progress: func(done, total int64) {
			if done%(1<<22) < 1<<18 {
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), now.HeapInuse))
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		if r.Size < million || r.Tally.Voided != r.Checkpoints {
			b.Fatalf("it was another log: %+v", r)
		}
	}
	b.ReportMetric(float64(peak.Load()-min(peak.Load(), before.HeapInuse))/(1<<20), "MiB")
}

// A receipt from a log of a million leaves: its size, the proof's, and how long
// it takes to make and to check one.
func BenchmarkReceiptMillion(b *testing.B) {
	nodes, last := bigLog(b, b.TempDir(), million, true)
	p := petition()
	key := signer(b, 1).Key()
	make1 := func(b *testing.B) Receipt {
		r, err := NewReceipt(p.Slug, p.TextSHA256(), Salt{}, million/2+5, last, nodes)
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	b.Run("make", func(b *testing.B) {
		var r Receipt
		for b.Loop() {
			r = make1(b)
		}
		b.ReportMetric(float64(len(r.Format())), "B/receipt")
		b.ReportMetric(float64(len(r.Inclusion)), "hashes")
	})
	b.Run("check", func(b *testing.B) {
		r := make1(b)
		root, leaf := last.Root, nodes[leafNode(r.Index)]
		for b.Loop() {
			c, err := OpenCheckpoint(key, r.Checkpoint)
			if err != nil {
				b.Fatal(err)
			}
			if err := CheckInclusion(r.Inclusion, c.Size, root, r.Index, leaf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func leafNode(n int64) int64 { return HashCount(n) }

// A longer log takes no more memory than its signatures' 21 bytes each: what is
// allocated in all must stay far below the file.
func TestVerifyIsFlat(t *testing.T) {
	dir := t.TempDir()
	const n = 100_000
	bigLog(t, dir, n, false)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	if _, err := Verify(t.Context(), os.DirFS(dir), Options{Now: closes}); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	info, err := os.Stat(filepath.Join(dir, LeavesFile))
	if err != nil {
		t.Fatal(err)
	}
	perLeaf := (after.TotalAlloc - before.TotalAlloc) / n
	t.Logf("%d leaves, %d bytes: %v, %d bytes allocated a leaf", n, info.Size(), took, perLeaf)
	if perLeaf > 60 {
		t.Errorf("%d bytes are allocated a leaf", perLeaf)
	}
}
