package translog

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// plainRoot is RFC 6962 section 2.1, word for word.
func plainRoot(leaves []string) Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256([]byte("\x00" + leaves[0]))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		left, right := plainRoot(leaves[:k]), plainRoot(leaves[k:])
		return sha256.Sum256(fmt.Appendf(nil, "\x01%s%s", left[:], right[:]))
	}
}

func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.StringMatching(`[a-z ]{0,9}`), 1, 70).Draw(t, "leaves")
		cut := rapid.IntRange(0, len(leaves)).Draw(t, "cut")
		n := int64(len(leaves))

		var nodes Hashes
		var e edge
		var before Hash
		for i, l := range leaves {
			if i == cut {
				before = e.root()
			}
			if err := nodes.Append(int64(i), l); err != nil {
				t.Fatal(err)
			}
			e.append([]byte(l))
		}
		if cut == len(leaves) {
			before = e.root()
		}
		want := plainRoot(leaves)
		if got := e.root(); got != want {
			t.Fatalf("the edge gives %v, want %v", got, want)
		}
		if got, err := Root(n, nodes); err != nil || got != want {
			t.Fatalf("all nodes give %v, %v, want %v", got, err, want)
		}
		if int64(len(nodes)) != HashCount(n) {
			t.Fatalf("%d nodes, want %d", len(nodes), HashCount(n))
		}

		// A batch adds the same nodes, with no more read than those of before.
		old := nodes[:HashCount(int64(cut))]
		added, root, err := Append(int64(cut), leaves[cut:], old)
		if err != nil || root != want {
			t.Fatalf("a batch gives %v, %v, want %v", root, err, want)
		}
		for i, h := range added {
			if h != nodes[len(old)+i] {
				t.Fatalf("node %d of the batch differs", i)
			}
		}

		index := rapid.Int64Range(0, n-1).Draw(t, "index")
		p, err := ProveInclusion(n, index, nodes)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckInclusion(p, n, want, index, LeafHash(leaves[index])); err != nil {
			t.Fatal(err)
		}
		if CheckInclusion(p, n, want, index, LeafHash(leaves[index]+"x")) == nil {
			t.Fatal("another leaf is proved")
		}
		if cut == 0 {
			return
		}
		c, err := ProveConsistency(n, int64(cut), nodes)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckConsistency(c, n, want, int64(cut), before); err != nil {
			t.Fatal(err)
		}
		other := before
		other[0] ^= 1
		if CheckConsistency(c, n, want, int64(cut), other) == nil {
			t.Fatal("another history is proved")
		}
	})
}

func TestNodesThatAreNotThere(t *testing.T) {
	var h Hashes
	if err := h.Append(1, "b"); err == nil {
		t.Error("a leaf was appended after nothing")
	}
	if _, _, err := Append(2, []string{"c", "d"}, h); err == nil {
		t.Error("a batch was appended after nothing")
	}
	if _, err := ProveInclusion(1, 1, h); err == nil {
		t.Error("a leaf that is not there was proved")
	}
	short := HashReaderFunc(func([]int64) ([]Hash, error) { return nil, nil })
	if _, _, err := Append(1, []string{"b"}, short); err == nil {
		t.Error("a reader that gives too little is believed")
	}
}
