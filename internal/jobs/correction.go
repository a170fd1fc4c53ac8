package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// correctionSettles is how long a correction is looked at: a digest that was made
// just before it may be entered just after, and its post is to be answered too.
const correctionSettles = time.Minute

// tellCorrections is [Runner.TellCorrections] as a job.
func (r *Runner) tellCorrections(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	if err := r.TellCorrections(ctx, r.Now()); err != nil && ctx.Err() == nil {
		r.Log.Error("a correction could not be told", "error", err)
	}
}

// TellCorrections answers posts that state what was corrected since. In each channel
// or group it is the latest one of the digests that go there, once: the answer and
// the mark that it is owed are one transaction. A post that is still to be sent is
// waited for; one of which it is not known whether it arrived is corrected by a post
// of its own; one that was refused needs no correction. Nothing is told of a change
// that a reader could not have seen, nor by a digest whose sections have no
// corrections.
func (r *Runner) TellCorrections(ctx context.Context, now time.Time) error {
	list, err := r.DB.CorrectionsToTell(ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		waits := false
		if c.Visible() {
			if waits, err = r.tellCorrection(ctx, c, now); err != nil {
				return fmt.Errorf("correction %d: %w", c.ID, err)
			}
		}
		if waits || c.Visible() && now.Sub(c.At) <= correctionSettles {
			continue
		}
		if err := r.DB.Update(ctx, func(tx *store.Tx) error { return tx.CorrectionTold(c.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// tellCorrection reports whether a post has to be waited for.
func (r *Runner) tellCorrection(ctx context.Context, c rollcall.Correction, now time.Time) (waits bool, err error) {
	type post struct {
		digest Digest
		store.Occurrence
	}
	latest := map[rollcall.ChatID]post{}
	var chats []rollcall.ChatID // of the map, in the order of the configuration
	for _, d := range r.Digests {
		if !d.Sections.Has(rollcall.CorrectionsSection) {
			continue
		}
		o, err := r.DB.LastPosted(ctx, d.Name, store.InChat(d.Chat))
		if rollcall.CodeOf(err) == rollcall.NotFound {
			continue
		}
		if err != nil {
			return false, err
		}
		var f digest.Figures
		if err := json.Unmarshal(o.Figures, &f); err != nil {
			return false, fmt.Errorf("read the figures of digest %s: %w", d.Name, err)
		}
		if !f.States(c) {
			continue
		}
		other, ok := latest[d.Chat]
		if !ok {
			chats = append(chats, d.Chat)
		}
		if !ok || o.PlannedAt.After(other.PlannedAt) {
			latest[d.Chat] = post{d, o}
		}
	}
	for _, chat := range chats {
		p := latest[chat]
		s, err := r.DB.StatementOf(ctx, p.ID)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			continue
		}
		if err != nil {
			return false, err
		}
		switch s.State {
		case store.Dead:
			continue
		case store.Pending, store.Sending:
			waits = true
			continue
		}
		say := render.For(p.digest.Language)
		reply := store.Post{HTML: string(say.Correction(c, p.digest.Sides, now.In(p.digest.Zone))), Buttons: digest.EncodeButtons(nil)}
		if err := r.DB.Update(ctx, func(tx *store.Tx) error { return tx.ReplyToStatement(c.ID, s, reply) }); err != nil {
			return false, err
		}
		nudge(r.wake)
	}
	return waits, nil
}

// withReply adds to a post the message that it answers. Only posts to channels and
// groups do. Where that cannot be read the post goes without.
func (r *Runner) withReply(ctx context.Context, d store.Delivery) store.Post {
	p := d.Post
	if d.Peer != 0 {
		return p
	}
	var err error
	if p.ReplyTo, err = r.DB.ReplyTo(ctx, p.ID); err != nil {
		r.Log.Error("what a post answers could not be read", "delivery", d.ID, "error", err)
	}
	return p
}
