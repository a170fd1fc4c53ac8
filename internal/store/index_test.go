package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// pairOf is the key of two parts of a name.
func pairOf(a, b string) names.Key {
	return names.PairKey(names.Tokens(a)[0], names.Tokens(b)[0])
}

func TestBearers(t *testing.T) {
	db, _ := openTest(t)
	for i := range 10 {
		importRows(t, db, false, row(fmt.Sprint(i), fmt.Sprintf("Зразкова Олена %dна", i), 1980))
	}
	both, nobody := pairOf("Зразкова", "Олена"), pairOf("Зразкова", "Богдан")
	for _, tt := range []struct {
		name  string
		keys  []names.Key
		limit int
		want  []int
	}{
		{"all", []names.Key{both}, 100, []int{10}},
		{"up to a limit", []names.Key{both}, 4, []int{4}},
		{"nobody", []names.Key{nobody}, 100, []int{0}},
		{"in the order of the keys", []names.Key{nobody, both, nobody, both}, 100, []int{0, 10, 0, 10}},
		{"no keys", nil, 100, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lists, err := db.Bearers(t.Context(), tt.keys, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(lists) != len(tt.want) {
				t.Fatalf("got %d lists, want %d", len(lists), len(tt.want))
			}
			for i, l := range lists {
				if len(l) != tt.want[i] || !slices.IsSorted(l) {
					t.Errorf("list %d: got %v, want %d people", i, l, tt.want[i])
				}
			}
		})
	}
}

// What another process publishes or merges is seen at once.
func TestIndexOfAnotherProcess(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{Now: db.now})
	for i := range 20 {
		want := 0
		for _, db := range []*DB{db, other} {
			importRows(t, db, false, row(fmt.Sprint(i, want), "Зразкова Олена", 1980))
			want++
		}
		for _, db := range []*DB{db, other} {
			lists, err := db.Bearers(t.Context(), []names.Key{pairOf("Зразкова", "Олена")}, 1000)
			if err != nil || len(lists[0]) != 2*(i+1) {
				t.Fatalf("got %d people (%v), want %d", len(lists[0]), err, 2*(i+1))
			}
		}
	}
}

// Segments stay few, however many files come.
func TestSegmentsStayFew(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, func() (rows []rollcall.RosterRow) {
		for i := range 400 {
			rows = append(rows, row(fmt.Sprint("BIG-", i), fmt.Sprintf("Вигаданко-%d Іван Петрович", i), 1980))
		}
		return rows
	}()...)
	for i := range 30 {
		importRows(t, db, false, row(fmt.Sprint(i), "Зразкова Олена", 1980))
		for _, k := range []kind{kindPeople, kindWords} {
			live, err := db.segmentsOf(t.Context(), k, `state = 'live'`)
			if err != nil {
				t.Fatal(err)
			}
			if len(live) > 5 {
				t.Fatalf("%d segments of %s after %d small files", len(live), k, i+1)
			}
		}
	}
	if got := query(t, db, `SELECT count(*) FROM name_segments WHERE state <> 'live'`); got[0] != "0" {
		t.Errorf("%s segments are neither live nor gone", got[0])
	}
	if got := query(t, db, `SELECT count(*) FROM name_pages WHERE id >> 24 NOT IN (SELECT id FROM name_segments)`); got[0] != "0" {
		t.Errorf("%s pages are of no segment", got[0])
	}
	if missing := indexDiff(t, db); missing != "" {
		t.Errorf("the index lacks:\n%s", missing)
	}
}

// Nobody vanishes for a reader while segments are merged under it.
func TestReadersDuringMerges(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("FIRST", "Зразкова Олена", 1980))
	key := []names.Key{pairOf("Зразкова", "Олена")}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for last := 0; ; {
				lists, err := db.Bearers(context.Background(), key, 1000)
				if err != nil {
					t.Error(err)
					return
				}
				if len(lists[0]) < last || len(lists[0]) == 0 {
					t.Errorf("%d people after %d", len(lists[0]), last)
					return
				}
				last = len(lists[0])
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 25 {
		importRows(t, db, false, row(fmt.Sprint(i), "Зразкова Олена", 1980))
	}
	close(done)
	wg.Wait()
}

// A keeper's edit leads to the entry at once, and the merge keeps it.
func TestIndexEntry(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	id := idOf(t, db, "A")
	look := func(when string) {
		t.Helper()
		lists, err := db.Bearers(t.Context(), []names.Key{pairOf("Вигаданко", "Олена"), pairOf("Зразкова", "Олена")}, 10)
		if err != nil {
			t.Fatal(err)
		}
		words, err := db.Words(t.Context(), names.NearKeys(names.Skeleton("Вигаданко")), 10)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(lists[0], []rollcall.PersonID{id}) || !slices.Equal(lists[1], []rollcall.PersonID{id}) || !slices.Contains(words[0], names.Skeleton("Вигаданко")) {
			t.Errorf("%s: got %v and %v", when, lists, words[0])
		}
	}
	update(t, db, func(tx *Tx) error { return tx.indexEntry(1, id, "Вигаданко Олена", nil) })
	look("before the merge")
	if err := db.mergeAside(t.Context()); err != nil {
		t.Fatal(err)
	}
	look("after it")
}

// While an import runs, nobody else merges.
func TestMergeLeavesAnImportAlone(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	b := begin(t, db, false)
	add(t, b, row("B", "Зразкова Ольга", 1980))
	stagePostings(t, b)
	before := dump(t, db)
	if err := db.mergeAside(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	publish(t, b)
	if missing := indexDiff(t, db); missing != "" {
		t.Errorf("the index lacks:\n%s", missing)
	}
}
