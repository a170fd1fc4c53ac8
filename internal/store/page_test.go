package store

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rollcall/internal/names"
)

// What is packed into pages is found in them, and nothing else is.
func TestPagesHoldWhatWasPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		postings := map[cutKey][]int64{}
		listings := map[cutKey][]string{}
		keys := rapid.SliceOfNDistinct(rapid.Uint64(), 0, 40, cutOf).Draw(t, "keys")
		for _, k := range keys {
			ids := rapid.SliceOfNDistinct(rapid.Int64Range(0, 1<<40), 1, 6, rapid.ID).Draw(t, "ids")
			slices.Sort(ids)
			postings[cutOf(k)] = ids
			words := rapid.SliceOfNDistinct(rapid.String(), 1, 4, rapid.ID).Draw(t, "words")
			slices.Sort(words)
			listings[cutOf(k)] = words
		}
		bits := rapid.IntRange(0, 6).Draw(t, "bits")
		sorted := slices.Sorted(maps.Keys(postings))
		for _, k := range []kind{kindPeople, kindWords} {
			found := map[cutKey]bucket{}
			last := int64(-1)
			for p := range pages(func(yield func(bucket) bool) {
				for _, key := range sorted {
					b := peopleBucket(key, postings[key])
					if k == kindWords {
						b = wordsBucket(key, listings[key])
					}
					if !yield(b) {
						return
					}
				}
			}, bits) {
				if p.number <= last || p.number >= 1<<bits {
					t.Fatalf("page %d after %d, of %d", p.number, last, 1<<bits)
				}
				last = p.number
				for _, key := range sorted {
					b, err := findBucket(k, p.blob, key)
					if err != nil {
						t.Fatal(err)
					}
					if (b.count > 0) != (key.page(bits) == p.number) {
						t.Fatalf("page %d has %d values of key %x of page %d", p.number, b.count, key, key.page(bits))
					}
					if b.count > 0 {
						found[key] = b
					}
				}
				var err error
				for b := range buckets(k, p.blob, &err) {
					if !bytes.Equal(b.values, found[b.key].values) {
						t.Fatalf("key %x: the page has %x, and %x is found", b.key, b.values, found[b.key].values)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, key := range sorted {
				if k == kindPeople {
					if diff := gocmp.Diff(found[key].people(nil), postings[key]); diff != "" {
						t.Fatalf("(-got +want):\n%s", diff)
					}
				} else if diff := gocmp.Diff(found[key].words(nil), listings[key]); diff != "" {
					t.Fatalf("(-got +want):\n%s", diff)
				}
			}
		}
	})
}

func cutOf(k uint64) cutKey { return cut(names.Key(k)) }

func TestMergeSorted(t *testing.T) {
	list := rapid.SliceOfNDistinct(rapid.Int64Range(0, 20), 0, 12, rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		a, b := list.Draw(t, "a"), list.Draw(t, "b")
		slices.Sort(a)
		slices.Sort(b)
		want := slices.Concat(a, b)
		slices.Sort(want)
		want = slices.Compact(want)
		if diff := gocmp.Diff(mergeSorted(a, b), want, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// Any bytes are read as a page, or refused; none make the reader panic or say
// more than there is.
func FuzzPage(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(appendBucket(appendBucket(nil, peopleBucket(7, []int64{1, 2, 300})), peopleBucket(9, []int64{5})))
	f.Add(appendBucket(nil, wordsBucket(7, []string{"vigadanko", ""})))
	f.Add([]byte{0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, page []byte) {
		for _, k := range []kind{kindPeople, kindWords} {
			var err error
			size := 0
			for b := range buckets(k, page, &err) {
				n := 0
				if k == kindWords {
					n = len(b.words(nil))
				} else {
					n = len(b.people(nil))
				}
				if n != b.count {
					t.Errorf("%s: a bucket of %d values gives %d", k, b.count, n)
				}
				size += len(b.values)
			}
			if size > len(page) {
				t.Errorf("%s: %d bytes of values in a page of %d", k, size, len(page))
			}
			if _, e := findBucket(k, page, 7); e != nil && err == nil {
				t.Errorf("%s: a sound page is refused: %v", k, e)
			}
		}
	})
}
