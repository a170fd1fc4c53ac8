package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

// bundle DIR BATCHES [KEY] publishes the log of a petition of the slug sample,
// which closes at 2026-06-01T00:00:00Z. Its first batch is three signatures, the
// second a fourth and the withdrawal of leaf 2, the third the void of leaf 3, the
// fourth closes it; so many batches are published, under a key made from a number
// (default 1). Beside DIR it writes DIR.receipt, of leaf 1, which is the account
// 7300000001.
func bundle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: bundle DIR BATCHES [KEY]")
	}
	batches, err := strconv.Atoi(args[1])
	ts.Check(err)
	seed := 1
	if len(args) == 3 {
		seed, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	receipt := publish(tester{ts}, ts.MkAbs(args[0]), batches, byte(seed))
	ts.Check(os.WriteFile(ts.MkAbs(args[0])+".receipt", receipt, 0o600))
}

// A fataler is a test, or what a script's command makes of one.
type fataler interface{ Fatal(...any) }

type tester struct{ ts *testscript.TestScript }

func (t tester) Fatal(args ...any) { t.ts.Fatalf("%s", fmt.Sprint(args...)) }

// publish publishes the log of the script command bundle, and returns the receipt.
func publish(t fataler, dir string, batches int, seed byte) (receipt []byte) {
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	p := rollcall.Petition{Slug: "sample", Opens: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Closes: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[rollcall.Language]string{rollcall.English: "A sample request"}, Text: map[rollcall.Language]string{rollcall.English: "We ask."}}
	signer, err := translog.NewSigner(translog.Origin("rollcall.example.org", p.Slug), [32]byte{seed})
	check(err)
	salt := func(i int) translog.Salt { return translog.Salt{1: byte(i)} }
	sign := func(i int) translog.Leaf {
		return translog.Leaf{Kind: translog.Sign, Slug: p.Slug, Commitment: translog.Commitment(p.Slug, p.TextSHA256(), rollcall.UserID(7300000000+i), salt(i))}
	}
	tally := func(signed, withdrawn, voided int) translog.Leaf {
		return translog.Leaf{Kind: translog.Tally, Slug: p.Slug, Tally: rollcall.Tally{Signed: signed, Withdrawn: withdrawn, Voided: voided}}
	}
	all := [][]translog.Leaf{
		{{Kind: translog.Open, Slug: p.Slug, Text: p.TextSHA256(), Closes: p.Closes}, sign(1), sign(2), sign(3), tally(3, 0, 0)},
		{sign(4), {Kind: translog.Withdraw, Slug: p.Slug, Index: 2}, tally(4, 1, 0)},
		{{Kind: translog.Void, Slug: p.Slug, Index: 3, Reason: translog.Burst}, tally(4, 1, 1)},
		{{Kind: translog.Close, Slug: p.Slug, Net: 2}, tally(4, 1, 1)},
	}
	var leaves []string
	var nodes translog.Hashes
	var checkpoints [][]byte
	var last translog.Checkpoint
	for _, batch := range all[:batches] {
		var texts []string
		for _, l := range batch {
			texts = append(texts, l.String())
		}
		added, root, err := translog.Append(int64(len(leaves)), texts, nodes)
		check(err)
		leaves, nodes = append(leaves, texts...), append(nodes, added...)
		last, err = signer.Checkpoint(int64(len(leaves)), root)
		check(err)
		checkpoints = append(checkpoints, last.Note)
	}
	_, err = translog.Write(context.Background(), dir, translog.Bundle{Petition: p.CanonicalJSON(), Key: signer.Key(), Leaves: each(leaves), Checkpoints: each(checkpoints)})
	check(err)
	r, err := translog.NewReceipt(p.Slug, p.TextSHA256(), salt(1), 1, last, nodes)
	check(err)
	return r.Format()
}

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// edit FILE OLD NEW puts NEW in the place of the one OLD that the file holds.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%s holds %q %d times", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}

// cutline FILE NUMBER takes a line out of a file.
func cutline(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cutline FILE NUMBER")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	all := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	if n < 1 || n > len(all) {
		ts.Fatalf("%s has no line %d", args[0], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(slices.Delete(all, n-1, n), "")), 0o600))
}

// copydir FROM TO copies the files of a folder.
func copydir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copydir FROM TO")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(filepath.Clean(ts.MkAbs(args[0])))))
}
