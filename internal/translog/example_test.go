package translog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

func ExampleLeaf() {
	l, err := translog.ParseLeaf([]byte("void sample 17 burst"))
	fmt.Println(l.Kind, l.Index, l.Reason, err)
	_, err = translog.ParseLeaf([]byte("void sample 017 burst"))
	fmt.Println(err)
	// Output:
	// void 17 burst <nil>
	// it is not in the form of the protocol: it is not in the one form that it may have
}

func ExampleReplay() {
	var r translog.Replay
	for _, l := range []translog.Leaf{
		{Kind: translog.Open, Slug: "sample", Closes: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		{Kind: translog.Sign, Slug: "sample", Commitment: [32]byte{1}},
		{Kind: translog.Withdraw, Slug: "sample", Index: 1},
		{Kind: translog.Withdraw, Slug: "sample", Index: 1},
	} {
		if err := r.Add(l); err != nil {
			fmt.Println(err)
		}
	}
	// Output: leaf 3: the leaf cannot stand here: withdraw of leaf 1, which is withdrawn already
}

// A petition's log from its opening to its bundle, and what a signer and a reader
// do with it.
func Example() {
	p := rollcall.Petition{Slug: "sample", Opens: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Closes: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[rollcall.Language]string{rollcall.English: "A sample request"}, Text: map[rollcall.Language]string{rollcall.English: "We ask."}}
	signer, err := translog.NewSigner(translog.Origin("rollcall.example.org", p.Slug), [32]byte{7})
	if err != nil {
		panic(err)
	}

	// The keeper appends a batch: the node table grows by added.
	salt := translog.Salt{42}
	leaves := []string{
		translog.Leaf{Kind: translog.Open, Slug: p.Slug, Text: p.TextSHA256(), Closes: p.Closes}.String(),
		translog.Leaf{Kind: translog.Sign, Slug: p.Slug, Commitment: translog.Commitment(p.Slug, p.TextSHA256(), 7200000001, salt)}.String(),
		translog.Leaf{Kind: translog.Tally, Slug: p.Slug, Tally: rollcall.Tally{Signed: 1}}.String(),
	}
	var nodes translog.Hashes
	added, root, err := translog.Append(0, leaves, nodes)
	if err != nil {
		panic(err)
	}
	nodes = append(nodes, added...)
	checkpoint, err := signer.Checkpoint(3, root)
	if err != nil {
		panic(err)
	}
	receipt, err := translog.NewReceipt(p.Slug, p.TextSHA256(), salt, 1, checkpoint, nodes)
	if err != nil {
		panic(err)
	}

	// It is published.
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "sample")
	if _, err := translog.Write(context.Background(), dir, translog.Bundle{
		Petition: p.CanonicalJSON(), Key: signer.Key(),
		Leaves: func(yield func(string, error) bool) {
			for _, l := range leaves {
				if !yield(l, nil) {
					return
				}
			}
		},
		Checkpoints: func(yield func([]byte, error) bool) { yield(checkpoint.Note, nil) },
	}); err != nil {
		panic(err)
	}

	// A signer checks it.
	r, err := translog.Verify(context.Background(), os.DirFS(dir), translog.Options{Key: signer.Key(), Receipt: receipt.Format(), ID: 7200000001})
	fmt.Println(r.Size, r.Tally.Net(), r.Receipt == translog.Counted, err)
	// Somebody else was given the same receipt.
	_, err = translog.Verify(context.Background(), os.DirFS(dir), translog.Options{Receipt: receipt.Format(), ID: 7200000002})
	fmt.Println(err)
	// Output:
	// 3 1 true <nil>
	// receipt: the receipt does not hold: it does not prove that this account's signature is leaf 1
}
