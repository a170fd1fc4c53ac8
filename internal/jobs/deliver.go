package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A Sender makes one try to post a message. It waits until the chat may be sent
// something, then calls claim, once, and makes the call right after that. Where claim
// returns an error, or the context ends before, it makes no call. The error is to be an
// [*OutcomeError] where more is known than that it is not clear what happened.
type Sender interface {
	Post(ctx context.Context, chat rollcall.ChatID, p store.Post, claim func() error) (rollcall.MessageID, string, error)
}

// An OutcomeError says what a failed try did.
type OutcomeError struct {
	NotDone    bool            // nothing was posted
	RetryAfter time.Duration   // how long Telegram asks to wait
	MigrateTo  rollcall.ChatID // the group's new id
	Final      bool            // no later try would be taken
	Gone       bool            // with Final: the account has blocked the bot or is deleted
	NoRight    bool            // with Final: the bot may not write in the channel or group
	Err        error
}

func (e *OutcomeError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *OutcomeError) Unwrap() error { return e.Err }

// look is how often the ledger is looked at for what another process entered.
const look = 2 * time.Second

// deliver sends what channels and groups are owed, one message after the other,
// until the context ends.
func (r *Runner) deliver(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			more, err := r.deliverOne(ctx)
			if err != nil || !more {
				r.failed(ctx, "the ledger failed", err)
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Deliver sends what channels and groups are owed now and returns when nothing
// more is due. It is for a program that posts one digest and ends; only one
// process may deliver.
func (r *Runner) Deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		more, err := r.deliverOne(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		at, ok, err := r.DB.NextDeliveryDue(ctx)
		if err != nil || !ok {
			return err
		}
		t := time.NewTimer(max(at.Sub(r.Now()), 100*time.Millisecond))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
	return ctx.Err()
}

// deliverOne brings one delivery to a channel or group to the next step. more is
// false when none was due.
func (r *Runner) deliverOne(ctx context.Context) (more bool, err error) {
	if err := r.thawed(ctx); err != nil {
		return false, err
	}
	d, ok, err := r.DB.NextDelivery(ctx)
	if err != nil || !ok {
		return false, err
	}
	return true, r.send(ctx, d)
}

// errNotOwed says that a delivery was not claimed, since it is not to be sent any
// more, or not now.
var errNotOwed = errors.New("it is not owed any more, or not now")

// send makes one try at a delivery that is due, and settles it. It is no error where
// it was not to be sent any more when its turn had come.
func (r *Runner) send(ctx context.Context, d store.Delivery) error {
	if d.Peer == 0 {
		defer r.inChat.lock(d.Chat)()
	}
	var begun atomic.Bool // the turn has come
	var claimed error = errNotOwed
	claim := func() error {
		begun.Store(true)
		claimed = r.claim(ctx, d)
		return claimed
	}
	sending, cancel := withGrace(ctx, sendGrace, begun.Load)
	message, file, err := r.Sender.Post(sending, d.Chat, r.withReply(sending, d), claim)
	cancel()
	if !begun.Load() && ctx.Err() == nil {
		claim() // it failed before its turn had come: that is settled as any failure
	}
	if claimed != nil {
		if errors.Is(claimed, errNotOwed) || ctx.Err() != nil {
			return nil
		}
		return claimed
	}
	s := r.settlement(d, message, file, err)
	// What is known is written down, also at the end.
	ctx = context.WithoutCancel(ctx)
	var o *OutcomeError
	if errors.As(err, &o) && o.MigrateTo != 0 && d.Peer == 0 {
		if err := r.DB.MigrateChat(ctx, d.Chat, o.MigrateTo); err != nil {
			return err
		}
	}
	if errors.As(err, &o) && o.Final && o.NoRight && d.Peer == 0 {
		if err := r.noteRefused(ctx, d.Chat); err != nil {
			return err
		}
	}
	if s.State != store.Sent {
		r.Log.Warn("a post was not confirmed", "delivery", d.ID, "state", s.State, "attempt", d.Attempts, "error", err)
	}
	return r.DB.Settle(ctx, d, s)
}

// claim claims a delivery whose turn has come. Once the program is told to end
// nothing is begun any more, and what has come into its reader's quiet hours while it
// waited is put off.
func (r *Runner) claim(ctx context.Context, d store.Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // it is claimed or not, and not given up midway
	var ok bool
	var err error
	if at := r.afterQuiet(d); at.IsZero() {
		ok, err = r.DB.Claim(ctx, d)
	} else {
		err = r.DB.PutOff(ctx, d, at)
	}
	if err == nil && !ok {
		err = errNotOwed
	}
	return err
}

// sendGrace is what a call under way is given when the program is told to end:
// one that is cut off leaves a doubt.
const sendGrace = 2 * time.Second

// withGrace returns a context that ends some time after its parent does, or at once
// where nothing has begun by then.
func withGrace(parent context.Context, d time.Duration, begun func() bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		if !begun() {
			cancel()
			return
		}
		time.AfterFunc(d, cancel)
	})
	return ctx, func() { stop(); cancel() }
}

// maxAttempts is how often a post is tried that surely did not arrive.
const maxAttempts = 20

func (r *Runner) settlement(d store.Delivery, message rollcall.MessageID, file string, err error) store.Settlement {
	if err == nil {
		return store.Settlement{State: store.Sent, Message: message, FileID: file}
	}
	var o *OutcomeError
	switch {
	case !errors.As(err, &o) || !o.NotDone:
		return store.Settlement{State: store.Unsure, Reason: "no answer that can be trusted: " + err.Error()}
	case o.Final || d.Attempts >= maxAttempts:
		return store.Settlement{State: store.Dead, Reason: err.Error(), Gone: o.Gone}
	case o.MigrateTo != 0:
		return store.Settlement{State: store.Pending}
	}
	wait := o.RetryAfter + time.Second
	if o.RetryAfter == 0 {
		wait = min(time.Second<<min(d.Attempts, 10), 5*time.Minute)
	}
	return store.Settlement{State: store.Pending, NotBefore: r.Now().Add(wait)}
}
