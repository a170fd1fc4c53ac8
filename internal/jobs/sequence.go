package jobs

import (
	"context"
	"time"

	"rollcall/internal/store"
)

// A Sequencing says when what waits goes into the petitions' logs. It is looked for
// at the instants that are multiples of Every since year 1, UTC, as time.Truncate
// has them, and not when the entry comes that fills a batch: its moment would tell
// when that was.
type Sequencing struct {
	Every     time.Duration // between two looks for batches
	Min       int           // entries that make one
	Latest    time.Duration // the longest that an entry waits
	Retention time.Duration // how long signatures are kept after a petition's closing; 0: for ever
}

// tick is how often it is looked whether something is due: a petition's closing
// and the longest wait do not keep to Every.
func (s Sequencing) tick() time.Duration {
	if s.Every < 10*time.Second {
		return time.Second
	}
	return 5 * time.Second
}

// batching is what is due at now, when it was last looked at that time.
func (s Sequencing) batching(last, now time.Time) store.Batching {
	b := store.Batching{Min: s.Min, Look: now.Truncate(s.Every).After(last.Truncate(s.Every))}
	// "At the latest" is said to people: an entry is not to wait for one tick more.
	b.Latest = max(s.Latest-s.tick(), 0)
	return b
}

// sequence appends what is due, and has milestones posted that were reached by it.
func (r *Runner) sequence(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	now := r.Now()
	b := r.Sequencing.batching(r.looked, now)
	r.looked = now
	done, err := r.DB.Sequence(ctx, b)
	for _, d := range done {
		r.Log.Info("appended to a petition's log", "petition", d.Petition, "leaves", d.Size,
			"signed", d.Added.Signed, "withdrawn", d.Added.Withdrawn, "voided", d.Added.Voided, "closed", d.Closed)
	}
	if len(done) > 0 {
		r.postMilestones(ctx)
	}
	if b.Look {
		r.warnOfHeld(ctx)
	}
	r.failed(ctx, "a petition's log could not be appended to", err)
}

// warnOfHeld tells the log when more signatures are held than before.
func (r *Runner) warnOfHeld(ctx context.Context) {
	n, err := r.DB.HeldSignatures(ctx)
	if err != nil {
		r.failed(ctx, "the signatures that are held could not be counted", err)
		return
	}
	if n > r.held {
		r.Log.Warn("signatures came in a burst and are held; they count after petition.batch_latest, or by petition release, or are voided by petition void --held", "count", n)
	}
	r.held = n
}

// SequenceDue appends what is due now, for a program that posts one digest and ends.
func (r *Runner) SequenceDue(ctx context.Context) error {
	_, err := r.DB.Sequence(ctx, store.Batching{Min: r.Sequencing.Min, Look: true, Latest: r.Sequencing.Latest})
	return err
}

// forgetSignatures deletes signatures whose retention is over.
func (r *Runner) forgetSignatures(ctx context.Context) error {
	if r.Sequencing.Retention <= 0 {
		return nil
	}
	return r.DB.PruneSignatures(ctx, r.Sequencing.Retention)
}
