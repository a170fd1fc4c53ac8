package jobs

import (
	"context"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
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
