package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
)

// plan enters what has come due of a digest since the ledger's last occurrence.
func (r *Runner) plan(ctx context.Context, d Digest) {
	if ctx.Err() != nil {
		return
	}
	err := r.thawed(ctx)
	if err == nil {
		err = r.Plan(ctx, d, r.Now().UTC())
	}
	r.failed(ctx, "a digest could not be planned", err, "digest", d.Name)
	nudge(r.wake)
}

// Plan enters what has come due of the digest by now. A digest new to the
// ledger starts at its next instant. Of several missed occurrences the last
// stands for all, if it is at most CatchUp old; else it is entered as skipped,
// with the reason.
func (r *Runner) Plan(ctx context.Context, d Digest, now time.Time) error {
	last, err := r.DB.LastOccurrence(ctx, d.Name, store.InChat(d.Chat))
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.enter(ctx, store.Occurrence{Digest: d.Name, Key: "start", Audience: store.InChat(d.Chat), PlannedAt: now, State: store.Baseline}, nil)
	}
	if err != nil {
		return err
	}
	span, ok := d.Schedule.Span(last.PlannedAt, now)
	if !ok {
		return nil
	}
	o := store.Occurrence{Digest: d.Name, Key: span.Last.Key, Audience: store.InChat(d.Chat), PlannedAt: span.Last.At}
	if o.Reason = tooLate(span, now, d.CatchUp); o.Reason != "" {
		o.State = store.Skipped
		return r.enter(ctx, o, nil)
	}
	return r.post(ctx, d, o, late(span, now))
}

// tooLate says why nothing is posted for what was missed, or "" where something is.
func tooLate(span schedule.Span, now time.Time, catchUp time.Duration) (reason string) {
	late := now.Sub(span.Last.At)
	if late <= catchUp {
		return ""
	}
	return fmt.Sprintf("the program was not running; %d missed, the last %s ago, more than catch_up (%s)", span.Count, late.Round(time.Second), catchUp)
}

// late reports whether a post says that it comes late.
func late(span schedule.Span, now time.Time) bool {
	return span.Count > 1 || now.Sub(span.Last.At) > time.Minute
}

// SendNow enters and so posts a digest at once, outside its schedule. It is
// delivered by whoever runs the bot; at once where that is this runner. It is sent
// also where nothing has changed. Returns a Conflict error, and enters nothing,
// while the bot is frozen.
func (r *Runner) SendNow(ctx context.Context, d Digest, now time.Time) error {
	defer nudge(r.wake)
	if err := r.thawed(ctx); err != nil {
		return err
	}
	d.SkipUnchanged = false
	now = now.UTC()
	key := "by hand " + now.Format(time.RFC3339Nano)
	return r.post(ctx, d, store.Occurrence{Digest: d.Name, Key: key, Audience: store.InChat(d.Chat), PlannedAt: now.Truncate(time.Second)}, false)
}

// post gathers the figures, makes the posts, and enters both with the
// occurrence.
func (r *Runner) post(ctx context.Context, d Digest, o store.Occurrence, late bool) error {
	o, posts, err := r.compose(ctx, d, o, late, false)
	if err != nil {
		return err
	}
	return r.enter(ctx, o, posts)
}

// compose gathers the figures of an occurrence and makes its posts; there are none
// where it is skipped. anew has it compare itself with none before, as the first does,
// under the number that comes next.
func (r *Runner) compose(ctx context.Context, d Digest, o store.Occurrence, late, anew bool) (store.Occurrence, []store.Post, error) {
	p, before, err := digest.Next(ctx, r.DB, d.Spec, o.PlannedAt)
	if err != nil {
		return o, nil, err
	}
	p.Late = late
	if anew {
		p.From, before = time.Time{}, nil
	}
	if d.Sections.Has(rollcall.PeopleSection) {
		r.keepFigures(ctx)
	}
	said, figures, err := digest.Gather(ctx, r.DB, d.Spec, p, before)
	if err != nil {
		return o, nil, err
	}
	if o.Figures, err = json.Marshal(figures); err != nil {
		return o, nil, err
	}
	o.CoversFrom = p.From
	if d.SkipUnchanged && before != nil && before.Same(figures) {
		o.State, o.Reason = store.Skipped, "nothing has changed"
		return o, nil, nil
	}
	posts, err := digest.Posts(d.Spec, said)
	if err != nil {
		r.Log.Error("a chart could not be drawn; the digest goes without", "digest", d.Name, "error", err)
	}
	o.State, o.Number = store.Posted, p.Number
	return o, posts, nil
}

func (r *Runner) enter(ctx context.Context, o store.Occurrence, posts []store.Post) error {
	err := r.DB.Update(ctx, func(tx *store.Tx) error { return tx.Plan(o, posts) })
	if rollcall.CodeOf(err) == rollcall.Conflict {
		return nil // it is in the ledger
	}
	if err == nil && o.State != store.Baseline {
		r.Log.Info("digest", "digest", o.Digest, "occurrence", o.Key, "state", o.State, "reason", o.Reason)
	}
	return err
}

// postMilestones enters the posts for milestones that were reached: one in each
// chat that gets a digest which tells of petitions, in the digest's language.
func (r *Runner) postMilestones(ctx context.Context) {
	err := func() error {
		reached, err := r.DB.MilestonesToPost(ctx)
		if err != nil || len(reached) == 0 {
			return err
		}
		for _, m := range reached {
			p, err := r.DB.Petition(ctx, m.Petition)
			if err != nil {
				return err
			}
			posts := map[rollcall.ChatID]store.Post{}
			for _, d := range r.Digests {
				if _, ok := posts[d.Chat]; ok || !d.Sections.Has(rollcall.PetitionSection) {
					continue
				}
				say := render.For(d.Language)
				figures := []rollcall.PetitionFigures{{Slug: p.Slug, State: p.State(r.Now())}}
				posts[d.Chat] = store.Post{
					HTML:    string(say.MilestoneReached(rollcall.In(p.Title, d.Language), m.Count, p.Tally.Net())),
					Buttons: digest.EncodeButtons(digest.Buttons(say, d.Username, figures)),
				}
			}
			if err := r.DB.Update(ctx, func(tx *store.Tx) error { return tx.PostMilestone(m, posts) }); err != nil {
				return err
			}
		}
		nudge(r.wake)
		return nil
	}()
	if err != nil && ctx.Err() == nil {
		r.Log.Error("a milestone could not be posted", "error", err)
	}
}
