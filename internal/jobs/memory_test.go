package jobs

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A digest goes to many subscribers day after day. However many that has been, the
// program holds no more of it in memory than after the first days. A million
// deliveries with ROLLCALL_LONG=1.
func TestMemoryStaysFlatOverManyDeliveries(t *testing.T) {
	subscribers, days := 400, 20
	switch {
	case os.Getenv("ROLLCALL_LONG") == "1":
		subscribers, days = 10_000, 100
	case race.Enabled:
		subscribers = 40
	}
	daily := makeDigest(t, "daily", "0 9 * * *")
	daily.CatchUp = 24 * time.Hour
	d := newDesk(t, at("2026-03-01 08:00:00"), daily)
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		for i := range subscribers {
			if err := tx.Subscribe(rollcall.UserID(7_300_000_000+i), store.Subscription{Digest: "daily",
				Edition: rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "Europe/Kyiv", Language: rollcall.Ukrainian}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// An edition new to the ledger starts at its next instant.
	if err := d.PlanEditions(d.ctx, daily, d.clock.now()); err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
		return rollcall.MessageID(sent.Add(1)), "file", nil
	}
	var heaps []uint64
	began := time.Now()
	for day := range days {
		d.clock.move(24 * time.Hour)
		if err := d.PlanEditions(d.ctx, daily, d.clock.now()); err != nil {
			t.Fatal(err)
		}
		var senders sync.WaitGroup
		for range privateSenders {
			senders.Go(func() {
				if err := d.DeliverPrivate(d.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		senders.Wait()
		d.keepHouse(d.ctx)
		if got, want := sent.Load(), int64(subscribers*(day+1)); got != want {
			t.Fatalf("after day %d %d messages were sent, want %d", day, got, want)
		}
		if (day+1)%(days/10) == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heaps = append(heaps, m.HeapAlloc>>10)
		}
	}
	var size int64
	if info, err := os.Stat(d.path); err == nil {
		size = info.Size()
	}
	t.Logf("%d deliveries in %v; heap after each tenth, KiB: %v; peak of the process %s; the database has %d KiB",
		sent.Load(), time.Since(began).Round(time.Second), heaps, peakMemory(), size>>10)
	if first, last := heaps[1], heaps[len(heaps)-1]; last > first+4<<10 {
		t.Errorf("the heap has grown from %d to %d KiB", first, last)
	}
}

// peakMemory is VmHWM of proc(5), where there is one.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return fmt.Sprintf("%d MiB", kib>>10)
		}
	}
	return "unknown"
}
