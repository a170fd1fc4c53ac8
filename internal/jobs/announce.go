package jobs

import (
	"context"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// An Editor puts other content into a message of the bot's. That the message has
// it already is no error. The error is an [*OutcomeError] as that of [Sender].
type Editor interface {
	Edit(ctx context.Context, chat rollcall.ChatID, message rollcall.MessageID, p store.Post) error
}

// tellProgress is [Runner.TellProgress] as a job.
func (r *Runner) tellProgress(ctx context.Context) {
	if err := r.TellProgress(ctx); err != nil && ctx.Err() == nil {
		r.Log.Error("the progress of an announcement could not be told", "error", err)
	}
}

// TellProgress brings the message up to date that shows an owner how far an
// announcement is, and ends the announcement once its end was told. An edit may be
// repeated, so that a crash does no harm; one that is refused ends nothing but
// itself.
func (r *Runner) TellProgress(ctx context.Context) error {
	a, err := r.DB.RunningAnnouncement(ctx)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		r.told = progressTold{}
		return nil
	}
	if err != nil {
		return err
	}
	over := a.Progress.Waiting == 0
	if now := (progressTold{a.ID, a.Progress}); now != r.told || over {
		done, err := r.editProgress(ctx, a)
		if err != nil || !done {
			return err
		}
		r.told = now
	}
	if !over {
		return nil
	}
	return r.DB.Update(ctx, func(tx *store.Tx) error { return tx.AnnouncementToldDone(a.ID) })
}

// progressTold is what the owner was told last.
type progressTold struct {
	id int64
	of rollcall.AnnouncementProgress
}

// editProgress reports whether there is nothing more to try.
func (r *Runner) editProgress(ctx context.Context, a store.Announcement) (done bool, err error) {
	if a.Owner == 0 || a.Message == 0 {
		return true, nil
	}
	say := render.For(a.Language)
	p := store.Post{HTML: string(say.AnnouncementProgress(a.Progress)), Buttons: digest.EncodeButtons(r.AnnouncementButtons(say, a))}
	err = r.Editor.Edit(ctx, a.Owner.Chat(), a.Message, p)
	if err == nil || ctx.Err() != nil {
		return err == nil, nil
	}
	r.Log.Warn("the progress of an announcement was not shown", "error", err)
	o, ok := err.(*OutcomeError)
	return ok && o.Final, nil
}
