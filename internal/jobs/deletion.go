package jobs

import (
	"context"
	"errors"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A Deleter deletes a message of the bot's. That the message is gone is no error.
// The error is an [*OutcomeError] as that of [Sender].
type Deleter interface {
	Delete(ctx context.Context, chat rollcall.ChatID, message rollcall.MessageID) error
}

// deletionsAtOnce bounds one round, so that the messages of a rush of receipts do
// not hold up what else is owed.
const deletionsAtOnce = 20

// deleteExpired is [Runner.DeleteExpired] as a job.
func (r *Runner) deleteExpired(ctx context.Context) {
	r.failed(ctx, "messages could not be deleted", r.DeleteExpired(ctx))
}

// DeleteExpired deletes the messages whose time has come. A deletion may be
// repeated, so that a crash does no harm; what Telegram refuses for good is let go.
func (r *Runner) DeleteExpired(ctx context.Context) error {
	due, err := r.DB.DueDeletions(ctx, deletionsAtOnce)
	if err != nil {
		return err
	}
	for _, d := range due {
		err := r.Deleter.Delete(ctx, d.Chat, d.Message)
		if ctx.Err() != nil {
			return nil
		}
		var o *OutcomeError
		wait := time.Minute
		if errors.As(err, &o) {
			wait = max(wait, o.RetryAfter+time.Second)
		}
		again := r.Now().Add(wait)
		if err := r.DB.Update(ctx, func(tx *store.Tx) error {
			if err == nil || o != nil && o.Final {
				return tx.Deleted(d.ID)
			}
			return tx.DeletionFailed(d.ID, again)
		}); err != nil {
			return err
		}
	}
	return nil
}
