package jobs

import (
	"context"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// What keepers are told in private without having asked. It is entered in the
// ledger with the mark that it was told, in one transaction, so that a crash tells
// nobody twice and leaves nobody out.

// tellOfHalts is [Runner.TellOfHalts] as a job.
func (r *Runner) tellOfHalts(ctx context.Context) {
	r.failed(ctx, "the owners could not be told of a petition that is halted", r.TellOfHalts(ctx))
}

// TellOfHalts tells each owner once of each petition whose log does not add up,
// and anew when it has added up meanwhile. One who has never written to the bot is
// told after having done so.
func (r *Runner) TellOfHalts(ctx context.Context) error {
	halted, err := r.DB.HaltsToTell(ctx, r.Owners.IDs)
	if err != nil {
		return err
	}
	for _, slug := range halted {
		told := 0
		err := r.DB.Update(ctx, func(tx *store.Tx) (err error) {
			told, err = tx.TellOfHalt(slug, r.Owners.IDs, r.Owners.Language, func(_ rollcall.UserID, l rollcall.Language) store.Post {
				return store.Post{HTML: string(render.For(l).PetitionHalted(slug)), Buttons: digest.EncodeButtons(nil)}
			})
			return err
		})
		if err != nil {
			return err
		}
		if told > 0 {
			r.Log.Info("owners are told of a petition that is halted", "petition", slug, "owners", told)
			nudge(r.wakePrivate)
		}
	}
	return nil
}

// tellOfQueueEvery is how often an editor is told at most that something waits for
// a check.
const tellOfQueueEvery = time.Hour

// tellOfQueue is [Runner.TellOfQueue] as a job.
func (r *Runner) tellOfQueue(ctx context.Context) {
	r.failed(ctx, "the editors could not be told of what waits for a check", r.TellOfQueue(ctx))
}

// TellOfQueue tells each editor of what has come into the queue, in a message that
// names nobody: at once, and then at most once an hour for all of it. While the bot
// is frozen it tells nothing, since that would be sent only later.
func (r *Runner) TellOfQueue(ctx context.Context) error {
	if err := r.thawed(ctx); err != nil {
		return err
	}
	if any, err := r.DB.QueueToTell(ctx, r.Editors, tellOfQueueEvery); err != nil || !any {
		return err
	}
	told := 0
	err := r.DB.Update(ctx, func(tx *store.Tx) (err error) {
		told, err = tx.TellOfQueue(r.Editors, tellOfQueueEvery, r.Owners.Language, func(l rollcall.Language, q store.QueueSize) store.Post {
			return store.Post{HTML: string(render.For(l).QueueNews(q.Waiting, q.Hidden)), Buttons: digest.EncodeButtons(nil)}
		})
		return err
	})
	if told > 0 {
		nudge(r.wakePrivate)
	}
	return err
}
