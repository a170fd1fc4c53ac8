package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
)

// Many small updates share a commit, and one that is alone has one of its own.
func BenchmarkUpdate(b *testing.B) {
	for _, workers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", workers), func(b *testing.B) {
			db, _ := openTest(b)
			work := make(chan int)
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for n := range work {
						if err := db.Update(context.Background(), func(tx *Tx) error { return tx.RecordUpdate(int64(n), UpdateMark{}, Answered, nil) }); err != nil {
							b.Error(err)
						}
					}
				})
			}
			n := 0
			for b.Loop() {
				work <- n
				n++
			}
			close(work)
			wg.Wait()
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

// A hundred thousand people, made once for all that only read.
func BenchmarkRoster(b *testing.B) {
	db := openAt(b, filepath.Join(b.TempDir(), "test.db"), Options{Now: clockAt(noon).Now})
	var keys []names.Key // of two parts of somebody's name
	var words []string
	people := 0
	batch := begin(b, db, false)
	chunk := make([]rollcall.RosterRow, 0, ChunkRows)
	last := ""
	for r := range sample.Rows(3, 1_000_000, rollcall.DateOf(noon)) {
		if r.PublicID == "" || r.PublicID != last {
			if people++; people > 100_000 {
				break
			}
			if last = r.PublicID; people%97 == 0 {
				parts := names.Parts(r.FullName)
				keys = append(keys, names.PairKey(names.Tokens(parts[0])[0], names.Tokens(parts[1])[0]))
				words = append(words, names.Skeleton(parts[0]))
			}
		}
		if chunk = append(chunk, r); len(chunk) == ChunkRows {
			add(b, batch, chunk...)
			chunk = chunk[:0]
		}
	}
	add(b, batch, chunk...)
	publish(b, batch)

	b.Run("Bearers", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			found, err := db.Bearers(context.Background(), keys[n%len(keys):][:1], 50)
			if err != nil || len(found[0]) == 0 {
				b.Fatal(len(found[0]), err)
			}
			n++
		}
	})
	b.Run("Bearers of 200 keys", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := db.Bearers(context.Background(), keys[:200], 50); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Words", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if _, err := db.Words(context.Background(), names.NearKeys(words[n%len(words)]), 1000); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
	b.Run("People", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			ids := make([]rollcall.PersonID, 10)
			for i := range ids {
				ids[i] = rollcall.PersonID(1 + (n+i)*7919%100_000)
			}
			if _, err := db.People(context.Background(), ids, rollcall.Years{}); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
	b.Run("Card", func(b *testing.B) {
		n := 0
		for b.Loop() {
			if _, err := db.Card(context.Background(), rollcall.PersonID(1+n*7919%100_000)); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
}
