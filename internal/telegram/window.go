package telegram

import (
	"context"
	"sync"
	"time"
)

// A window keeps more than a number of messages from reaching Telegram within one
// second, which a pace alone cannot: what was sent evenly may arrive in a bunch,
// when the network or the machine stands still for a moment.
//
// A message reaches Telegram at some moment between its call and the answer. The
// shortest round trip that was seen is the time that every call takes, so that this
// moment is uncertain by what a call takes longer than that. A place is held from the
// call until a second after the answer, less the shortest round trip: then whatever
// falls within one second holds a place in the same moment, and there are no more
// places than messages allowed.
type window struct {
	places chan struct{} // a token for each place held; nil for no window

	mu       sync.Mutex
	shortest [2]time.Duration // of this span and the one before it; 0 for none
	began    time.Time        // of this span
	seen     int              // calls
}

const (
	// windowMargin is for the fastest way out and the fastest way back, which need
	// not have been those of one call.
	windowMargin = 10 * time.Millisecond
	// windowSpan is how long a shortest round trip is believed, and half of how long
	// it is remembered: the way to Telegram may change.
	windowSpan = 30 * time.Second
	// windowSeen is how many calls tell enough to go by them.
	windowSeen = 20
)

// newWindow makes one for n messages a second; 0 for no window.
func newWindow(n int) *window {
	if n <= 0 {
		return &window{}
	}
	return &window{places: make(chan struct{}, n)}
}

// enter waits for a place. leave is to be called when the answer is there, with the
// instant at which the call began; with the zero time where none was made, which
// frees the place at once.
func (w *window) enter(ctx context.Context) (leave func(began time.Time), err error) {
	if w.places == nil {
		return func(time.Time) {}, nil
	}
	select {
	case w.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func(began time.Time) {
		if began.IsZero() {
			<-w.places
			return
		}
		time.AfterFunc(w.hold(time.Since(began)), func() { <-w.places })
	}, nil
}

// hold notes how long a call took and returns how long its place is held on.
func (w *window) hold(took time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := time.Now(); now.Sub(w.began) > windowSpan {
		w.shortest = [2]time.Duration{0, w.shortest[0]}
		w.began = now
	}
	if w.shortest[0] == 0 || took < w.shortest[0] {
		w.shortest[0] = max(took, 1)
	}
	if w.seen++; w.seen < windowSeen {
		return time.Second
	}
	shortest := w.shortest[0]
	if before := w.shortest[1]; before > 0 {
		shortest = min(shortest, before)
	}
	return max(time.Second-shortest+windowMargin, 0)
}
