package telegram

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Calls whose ways there and back take now and then much longer than mostly reach
// Telegram never in a bunch, and the window costs little of the pace.
func TestNoMoreReachTelegramInASecondThanAllowed(t *testing.T) {
	const allowed, messages, perSecond = 30, 3000, 29
	for name, c := range map[string]struct {
		out, back, hitch time.Duration
		atLeast          float64 // messages a second
	}{
		"a quick network":                       {2 * time.Millisecond, 2 * time.Millisecond, 0, 28.5},
		"a slow one":                            {90 * time.Millisecond, 60 * time.Millisecond, 0, 28.5},
		"one that stands still now and then":    {40 * time.Millisecond, 40 * time.Millisecond, 700 * time.Millisecond, 15},
		"a quick one that hitches a little":     {5 * time.Millisecond, 5 * time.Millisecond, 80 * time.Millisecond, 26},
		"one whose answers take most of a call": {time.Millisecond, 300 * time.Millisecond, 100 * time.Millisecond, 24},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(1, 2))
				w := newWindow(allowed)
				var mu sync.Mutex
				var arrived []time.Time
				var calls sync.WaitGroup
				late := func() time.Duration {
					mu.Lock()
					defer mu.Unlock()
					d := time.Duration(rnd.Int64N(int64(time.Millisecond)))
					if c.hitch > 0 && rnd.IntN(20) == 0 {
						d += time.Duration(rnd.Int64N(int64(c.hitch)))
					}
					return d
				}
				began := time.Now()
				pace := time.NewTicker(time.Second / perSecond)
				defer pace.Stop()
				for range messages {
					<-pace.C
					leave, err := w.enter(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					calls.Go(func() {
						called := time.Now()
						time.Sleep(c.out + late())
						mu.Lock()
						arrived = append(arrived, time.Now())
						mu.Unlock()
						time.Sleep(c.back + late())
						leave(called)
					})
				}
				calls.Wait()
				took := time.Since(began)
				synctest.Wait()
				slices.SortFunc(arrived, time.Time.Compare)
				for i := allowed; i < len(arrived); i++ {
					if d := arrived[i].Sub(arrived[i-allowed]); d < time.Second {
						t.Fatalf("%d messages arrive within %v", allowed+1, d)
					}
				}
				if got := messages / took.Seconds(); got < c.atLeast {
					t.Errorf("%.1f messages a second, want %.1f", got, c.atLeast)
				}
				time.Sleep(2 * time.Second) // until all places are free
			})
		})
	}
}

func TestNoWindowHoldsNothingUp(t *testing.T) {
	w := newWindow(0)
	for range 1000 {
		leave, err := w.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave(time.Now())
	}
}

func TestAPlaceWithoutACallIsFreeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(1)
		began := time.Now()
		for range 100 {
			leave, err := w.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leave(time.Time{})
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
	})
}
