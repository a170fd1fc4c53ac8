package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
)

// privateSenders is how many messages to accounts are under way at once: each
// waits for Telegram's answer, and the pace that Telegram allows, some 30 a second,
// is to be kept also where an answer takes half a second.
const privateSenders = 16

// deliverPrivate sends what accounts are owed until the context ends. Whoever
// finds something wakes another of the senders; first looks at the ledger from
// time to time too.
func (r *Runner) deliverPrivate(ctx context.Context, first bool) {
	var ticks <-chan time.Time
	if first {
		t := time.NewTicker(look)
		defer t.Stop()
		ticks = t.C
	}
	for {
		r.failed(ctx, "the ledger failed", r.DeliverPrivate(ctx))
		select {
		case <-ctx.Done():
			return
		case <-r.wakePrivate:
		case <-ticks:
		}
	}
}

// DeliverPrivate sends what accounts are owed now, one message after the other,
// and returns when nothing more is due. Only one process may deliver.
func (r *Runner) DeliverPrivate(ctx context.Context) error {
	for ctx.Err() == nil {
		if more, err := r.deliverOnePrivate(ctx); err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

// busyPeers are the accounts to which a sender has something to bring: what an
// account is owed comes in order, one message after the other.
type busyPeers struct {
	mu sync.Mutex
	of []int64 // rows of peers
}

// take finds a delivery to an account that is not busy, which then is until it is
// given back.
func (b *busyPeers) take(find func(busy []int64) (store.Delivery, bool, error)) (store.Delivery, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, ok, err := find(b.of)
	if ok {
		b.of = append(b.of, d.Peer)
	}
	return d, ok, err
}

func (b *busyPeers) giveBack(peer int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.of, peer)
	b.of = slices.Delete(b.of, i, i+1)
}

// deliverOnePrivate brings one delivery to an account to the next step. more is
// false when none was due. A digest that has come late into its reader's quiet hours
// waits for their end, and spends no turn on that.
func (r *Runner) deliverOnePrivate(ctx context.Context) (more bool, err error) {
	if err := r.thawed(ctx); err != nil {
		return false, err
	}
	d, ok, err := r.busy.take(func(busy []int64) (store.Delivery, bool, error) { return r.DB.NextPrivate(ctx, busy...) })
	if err != nil || !ok {
		return false, err
	}
	defer r.busy.giveBack(d.Peer)
	nudge(r.wakePrivate)
	if at := r.afterQuiet(d); !at.IsZero() {
		return true, r.DB.PutOff(ctx, d, at)
	}
	return true, r.send(ctx, d)
}

// afterQuiet returns when the quiet hours end within which the delivery's reader is;
// the zero time where none are.
func (r *Runner) afterQuiet(d store.Delivery) time.Time {
	if d.Quiet.None() {
		return time.Time{}
	}
	zone, err := rollcall.LoadZone(d.Zone)
	if err != nil {
		return time.Time{}
	}
	now := r.Now()
	if at := schedule.AfterQuiet(now, d.Quiet, zone); at.After(now) {
		return at
	}
	return time.Time{}
}
