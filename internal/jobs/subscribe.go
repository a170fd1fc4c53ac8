package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
)

// planEditions is [Runner.PlanEditions] for the main digest, as a job.
func (r *Runner) planEditions(ctx context.Context) {
	if len(r.Digests) == 0 || ctx.Err() != nil {
		return
	}
	r.failed(ctx, "a digest for subscribers could not be planned", r.PlanEditions(ctx, r.Digests[0], r.Now().UTC()), "digest", r.Digests[0].Name)
}

// followMain has subscribers get the digest that is the main one now. Which it is
// changes with the configuration, and so with a start, alone.
func (r *Runner) followMain(ctx context.Context) {
	if len(r.Digests) == 0 || ctx.Err() != nil {
		return
	}
	main := r.Digests[0].Name
	var moved int64
	err := r.DB.Update(ctx, func(tx *store.Tx) (err error) {
		moved, err = tx.FollowMain(main)
		return err
	})
	r.failed(ctx, "subscribers could not be given the main digest", err, "digest", main)
	if err == nil && moved > 0 {
		r.Log.Warn("the first digest of the configuration is another one than before; subscribers get it from now on", "digest", main, "subscribers", moved)
	}
}

// PlanEditions enters what has come due by now of the digest's editions, by the
// rules of [Runner.Plan]; an edition that fails holds up no other. An edition is
// due from when the first of its present subscribers came, so that nobody gets a
// digest of an instant before that. One that had nobody for some instants begins anew,
// without a period and a change: those since a digest of months ago, which none of its
// subscribers got, would mean nothing to them. Its numbers go on. Returns a Conflict error, and enters nothing,
// while the bot is frozen.
func (r *Runner) PlanEditions(ctx context.Context, d Digest, now time.Time) error {
	if err := r.thawed(ctx); err != nil {
		return err
	}
	editions, err := r.DB.Editions(ctx, d.Name)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range editions {
		if err := r.planEdition(ctx, d, e, now); err != nil {
			errs = append(errs, fmt.Errorf("edition %s: %w", e.Edition, err))
		}
	}
	nudge(r.wakePrivate)
	return errors.Join(errs...)
}

func (r *Runner) planEdition(ctx context.Context, d Digest, e store.RunningEdition, now time.Time) error {
	since := e.Since
	last, err := r.DB.LastOccurrence(ctx, d.Name, store.Audience{Edition: e.String()})
	if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
		return err
	}
	if err == nil && last.PlannedAt.After(since) {
		since = last.PlannedAt
	}
	when, err := schedule.ForEdition(e.Edition)
	if err != nil {
		return err
	}
	span, ok := when.Span(since, now)
	if !ok {
		return nil
	}
	zone, err := rollcall.LoadZone(e.Zone)
	if err != nil {
		return err
	}
	o := store.Occurrence{Digest: d.Name, Key: span.Last.Key, PlannedAt: span.Last.At}
	var posts []store.Post
	if o.Reason = tooLate(span, now, d.CatchUp); o.Reason != "" {
		o.State = store.Skipped
	} else {
		d.Spec = d.ForEdition(e.Edition, zone)
		anew, err := r.beginsAnew(ctx, d, e, when)
		if err != nil {
			return err
		}
		if o, posts, err = r.compose(ctx, d, o, late(span, now), anew); err != nil {
			return err
		}
	}
	var subscribers int
	err = r.DB.Update(ctx, func(tx *store.Tx) (err error) {
		subscribers, err = tx.PlanEdition(o, e.Edition, posts, func(q rollcall.QuietHours) time.Time { return schedule.AfterQuiet(now, q, zone) })
		return err
	})
	if rollcall.CodeOf(err) == rollcall.Conflict {
		return nil // it is in the ledger
	}
	if err == nil {
		r.Log.Info("digest for subscribers", "digest", d.Name, "edition", e.String(), "occurrence", o.Key, "state", o.State, "reason", o.Reason, "subscribers", subscribers)
	}
	return err
}

// beginsAnew reports whether the edition's next digest compares itself with none
// before: its present subscribers all came after the instant that followed its last
// one. Who came before that instant has a period as all others.
func (r *Runner) beginsAnew(ctx context.Context, d Digest, e store.RunningEdition, when *schedule.Schedule) (bool, error) {
	last, err := r.DB.LastPosted(ctx, d.Name, d.Audience())
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return false, nil // it is the first
	}
	if err != nil {
		return false, err
	}
	next, ok := when.Next(last.PlannedAt)
	return ok && !e.Since.Before(next.At), nil
}
