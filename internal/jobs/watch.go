package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
)

// maxPushes is how many entries one look at the news tells an account of by a
// message each. Of more, one message says how many they are.
const maxPushes = 3

// tellWatchers is [Runner.TellWatchers] as a job.
func (r *Runner) tellWatchers(ctx context.Context) {
	if err := r.TellWatchers(ctx); err != nil && ctx.Err() == nil {
		r.Log.Error("watchers could not be told", "error", err)
	}
}

// TellWatchers enters what watchers, and those whose wishes are met, are owed for the
// batches that were published since the last look. Entering and marking the batches is one transaction, so
// that a crash tells nobody twice and leaves nobody out.
func (r *Runner) TellWatchers(ctx context.Context) error {
	n, err := r.DB.News(ctx)
	if err != nil || n.Batches() == 0 {
		return err
	}
	var messages int
	err = r.DB.Update(ctx, func(tx *store.Tx) (err error) {
		messages, err = tx.TellWatchers(n, r.pushes)
		return err
	})
	if rollcall.CodeOf(err) == rollcall.Conflict {
		return nil // somebody has told them
	}
	if err != nil || messages == 0 {
		return err
	}
	r.Log.Info("watchers are told of news", "batches", n.Batches(), "messages", messages)
	nudge(r.wakePrivate)
	return nil
}

// pushes are the messages for one watcher. They name nobody, and are protected
// like the card that takes their place when the button is pressed.
func (r *Runner) pushes(w store.Watcher) []store.Post {
	say := render.For(w.Language)
	var posts []store.Post
	watched := w.People
	if n := len(watched); n > maxPushes {
		posts = append(posts, store.Post{HTML: string(say.WatchNewsOnMany(n)), Buttons: digest.EncodeButtons(nil), Protect: true})
		watched = nil
	}
	for _, id := range watched {
		open := render.Button{Label: say.Label(render.LabelOpenIt), Data: r.OpenData(w.User, id)}
		posts = append(posts, store.Post{HTML: string(say.WatchNews()), Buttons: digest.EncodeButtons([][]render.Button{{open}}), Protect: true, Person: id})
	}
	for _, wish := range w.Wishes {
		posts = append(posts, r.wishPushes(say, w.User, wish)...)
	}
	return posts
}

// wishPushes are the messages for a wish that is met: one for each entry, since the
// card takes the message's place. Of more entries than a lookup could tell apart
// they offer none.
func (r *Runner) wishPushes(say *render.Phrases, user rollcall.UserID, wish store.MetWish) (posts []store.Post) {
	at := wish.At.In(r.zone())
	if len(wish.People) > maxPushes {
		return []store.Post{{HTML: string(say.WishNewsOnMany(at)), Buttons: digest.EncodeButtons(nil), Protect: true}}
	}
	for _, id := range wish.People {
		open := render.Button{Label: say.Label(render.LabelOpenIt), Data: r.OpenData(user, id)}
		posts = append(posts, store.Post{HTML: string(say.WishNews(at)), Buttons: digest.EncodeButtons([][]render.Button{{open}}), Protect: true})
	}
	return posts
}

// zone is that of the main digest, in which people are told dates.
func (r *Runner) zone() *time.Location {
	if len(r.Digests) == 0 || r.Digests[0].Zone == nil {
		return time.UTC
	}
	return r.Digests[0].Zone
}

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
