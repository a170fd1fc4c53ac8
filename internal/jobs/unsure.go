package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// What Telegram may not have got. A post in a channel whose answer was lost is
// looked for by editing the messages that may be it with its own content: "message
// is not modified" (Bot API, editMessageText and editMessageCaption) proves that one
// of them is it, and a message of anybody else's cannot be edited. That some
// messages are not it proves nothing, since others may stand between, so that the
// owners are asked then, and where the edit is not safe: where the bot may edit what
// others have posted, in a group, in which the bot's answers are not in the ledger,
// and where another post of the same kind is in doubt.

// A Comparison is what an edit with a post's own content says of a message.
type Comparison int

// The comparisons.
const (
	Other   Comparison = iota // it is not the post, or is not there
	Same                      // it is the post
	Changed                   // it was another message of the bot's, and is changed
)

// Chats tells of the bot's standing in chats, and compares messages there. Errors
// are as a [Sender]'s.
type Chats interface {
	// Standing asks Telegram what the bot is in a channel or group.
	Standing(ctx context.Context, chat rollcall.ChatID) (store.Standing, error)
	// Compare edits a message with a post's own content, as a message of the chat
	// by its pace.
	Compare(ctx context.Context, chat rollcall.ChatID, m rollcall.MessageID, p store.Post) (Comparison, error)
}

// Owners are who is asked and told in private, where the bot may write to them.
type Owners struct {
	IDs      []rollcall.UserID
	Language rollcall.Language // of one who has chosen none

	// AnswerData makes the callback data of the buttons by which the owner
	// settles a doubt.
	AnswerData func(rollcall.UserID, int64, store.DoubtOutcome) string
}

const (
	doubts = 2 * time.Second // how often what is in doubt is looked at

	busyWait   = 2 * time.Second  // while another post is on its way
	unclear    = 15 * time.Second // after an answer that says nothing
	nobodyHere = time.Minute      // while no owner can be asked
	someDoubts = 50               // looked at in one go
)

// chatLocks let one call at a time into a chat that changes what is in it, from
// the call to its mark in the ledger.
type chatLocks struct {
	mu sync.Mutex
	of map[rollcall.ChatID]*sync.Mutex
}

func (l *chatLocks) lock(chat rollcall.ChatID) (unlock func()) {
	l.mu.Lock()
	m, ok := l.of[chat]
	if !ok {
		if l.of == nil {
			l.of = map[rollcall.ChatID]*sync.Mutex{}
		}
		m = &sync.Mutex{}
		l.of[chat] = m
	}
	l.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// settleDoubts is [Runner.SettleDoubts] as a job.
func (r *Runner) settleDoubts(ctx context.Context) {
	if err := r.SettleDoubts(ctx); err != nil && ctx.Err() == nil {
		r.Log.Error("what is in doubt could not be looked at", "error", err)
	}
}

// SettleDoubts takes the next step with each doubt of which one is due.
func (r *Runner) SettleDoubts(ctx context.Context) error {
	due, err := r.DB.DueDoubts(ctx, someDoubts)
	if err != nil {
		return err
	}
	for _, x := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if x.Stage == store.Looking {
			if ask, err := r.lookFor(ctx, x); err != nil || !ask {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := r.askOwners(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// lookFor compares messages with the post in doubt. ask is true when that has
// found nothing, or cannot be done, and the owners are to be asked.
func (r *Runner) lookFor(ctx context.Context, x store.Doubt) (ask bool, err error) {
	c, err := r.DB.Candidate(ctx, x.ID)
	if err != nil {
		return false, err
	}
	if c == (store.Candidate{}) {
		return true, r.stopLooking(ctx, x)
	}
	s, err := r.Chats.Standing(ctx, x.Chat)
	if err != nil {
		return r.unclear(ctx, x, err)
	}
	if s.Type != "channel" || s.Status != "administrator" || !s.Post || s.Edit {
		return true, r.stopLooking(ctx, x)
	}
	for {
		more, ask, err := r.compareOne(ctx, x)
		if err != nil || !more {
			return ask, err
		}
	}
}

// compareOne compares the next message. more is true when it is not the post and
// another may be.
func (r *Runner) compareOne(ctx context.Context, x store.Doubt) (more, ask bool, err error) {
	defer r.inChat.lock(x.Chat)()
	c, err := r.DB.Candidate(ctx, x.ID)
	switch {
	case err != nil:
		return false, false, err
	case c.Busy:
		return false, false, r.putOff(ctx, x, busyWait)
	case c.Message == 0:
		return false, true, r.stopLooking(ctx, x)
	}
	comparing, cancel := withGrace(ctx, sendGrace, func() bool { return true })
	is, err := r.Chats.Compare(comparing, x.Chat, c.Message, x.Post)
	cancel()
	if err != nil {
		ask, err := r.unclear(ctx, x, err)
		return false, ask, err
	}
	ctx = context.WithoutCancel(ctx) // what is known is written down, also at the end
	switch is {
	case Same:
		r.Log.Info("a post whose answer was lost was found in its chat", "doubt", x.ID, "digest", x.Digest)
		return false, false, r.DB.Update(ctx, func(tx *store.Tx) error { return tx.FoundPost(x.ID, c.Message) })
	case Changed:
		r.Log.Error("looking for a post has changed another message of the bot's, which is not in the ledger; no post is looked for in that chat any more",
			"doubt", x.ID, "chat", x.Chat, "message", c.Message)
		return false, true, r.DB.Update(ctx, func(tx *store.Tx) error {
			if err := tx.NeverLook(x.Chat); err != nil {
				return err
			}
			return tx.StopLooking(x.ID)
		})
	}
	return ctx.Err() == nil, false, r.DB.Update(ctx, func(tx *store.Tx) error { return tx.Compared(x.ID, c.Message) })
}

// unclear puts looking off after a failed call, or ends it where a later one
// would be refused as well.
func (r *Runner) unclear(ctx context.Context, x store.Doubt, failed error) (ask bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	wait := unclear
	var o *OutcomeError
	if errors.As(failed, &o) {
		if o.Final {
			return true, r.stopLooking(ctx, x)
		}
		wait = max(wait, o.RetryAfter+time.Second)
	}
	r.Log.Warn("a post whose answer was lost could not be looked for", "doubt", x.ID, "wait", wait, "error", failed)
	return false, r.putOff(ctx, x, wait)
}

func (r *Runner) putOff(ctx context.Context, x store.Doubt, wait time.Duration) error {
	return r.DB.Update(ctx, func(tx *store.Tx) error { return tx.PutOffDoubt(x.ID, tx.Now.Add(wait)) })
}

func (r *Runner) stopLooking(ctx context.Context, x store.Doubt) error {
	return r.DB.Update(ctx, func(tx *store.Tx) error { return tx.StopLooking(x.ID) })
}

// askOwners asks in private whether the post is there. While there is nobody to
// be asked, it is tried again.
func (r *Runner) askOwners(ctx context.Context, x store.Doubt) error {
	about := r.unsurePost(x)
	asked := 0
	err := r.DB.Update(ctx, func(tx *store.Tx) (err error) {
		asked, err = tx.AskOwners(x.ID, r.Owners.IDs, r.Owners.Language, func(owner rollcall.UserID, l rollcall.Language) store.Post {
			say := render.For(l)
			return store.Post{HTML: string(say.UnsurePost(about)), Buttons: digest.EncodeButtons([][]render.Button{{
				{Label: say.Label(render.LabelItIsThere), Data: r.Owners.AnswerData(owner, x.ID, store.There)},
				{Label: say.Label(render.LabelSendAgain), Data: r.Owners.AnswerData(owner, x.ID, store.Again)},
			}})}
		})
		if err == nil && asked == 0 {
			err = tx.PutOffDoubt(x.ID, tx.Now.Add(nobodyHere))
		}
		return err
	})
	if err != nil {
		return err
	}
	if asked > 0 {
		nudge(r.wakePrivate)
		return nil
	}
	if !r.nobodyToAsk[x.ID] {
		r.nobodyToAsk[x.ID] = true
		r.Log.Warn("a post may or may not be in its chat, and no owner has written to the bot who could be asked", "doubt", x.ID, "digest", x.Digest)
	}
	return nil
}

// unsurePost is what an owner is told of the post.
func (r *Runner) unsurePost(x store.Doubt) render.UnsurePost {
	u := render.UnsurePost{Name: x.Digest, Chat: x.Chat, Picture: x.HTML == "", Text: render.HTML(x.HTML), Tried: x.Tried.In(r.zone())}
	if x.Digest != "" {
		u.Digest = rollcall.Digest{Name: x.Digest, Number: x.Number, From: x.From, To: x.To, Zone: r.zone()}
		for _, d := range r.Digests {
			if d.Name == x.Digest && d.Zone != nil {
				u.Digest.Zone = d.Zone
				u.Tried = x.Tried.In(d.Zone)
			}
		}
	}
	return u
}

// noteRefused tells the owners, once until it is regained, that the bot has no
// right to post in a chat.
func (r *Runner) noteRefused(ctx context.Context, chat rollcall.ChatID) error {
	return r.tellOwners(ctx, func(tx *store.Tx) (n store.StandingNews, s store.Standing, err error) {
		n.Lost, err = tx.NoteRefused(chat)
		return n, store.Standing{Chat: chat}, err
	})
}

// tellOwners tells the owners what is new of the bot's standing in a chat, with
// the transaction that found it.
func (r *Runner) tellOwners(ctx context.Context, note func(*store.Tx) (store.StandingNews, store.Standing, error)) error {
	told := 0
	err := r.DB.Update(ctx, func(tx *store.Tx) error {
		n, s, err := note(tx)
		if err != nil || !n.Any() {
			return err
		}
		if n.Lost {
			r.Log.Warn("the bot may not post in a chat", "chat", s.Chat)
		}
		told, err = tx.TellPeers(r.Owners.IDs, r.Owners.Language, func(_ rollcall.UserID, l rollcall.Language) store.Post {
			return store.Post{HTML: string(standingText(render.For(l), n, s)), Buttons: digest.EncodeButtons(nil)}
		})
		return err
	})
	if told > 0 {
		nudge(r.wakePrivate)
	}
	return err
}

func standingText(say *render.Phrases, n store.StandingNews, s store.Standing) render.HTML {
	return say.ChatStanding(render.ChatStanding{Chat: s.Chat, Channel: s.Type == "channel", Added: n.Added, MayPost: s.Post,
		Lost: n.Lost, Regained: n.Regained, MayEdit: n.MayEdit})
}

// Waits between two askings for the bot's standing in a chat, where the first
// was not answered.
const (
	firstAsk = 5 * time.Second
	lastAsk  = 10 * time.Minute
)

// CheckChats asks once for the bot's standing in each digest's chat, and tells
// the owners where a right is missing. It returns when all have been asked, or
// the context ends.
func (r *Runner) CheckChats(ctx context.Context) {
	seen := map[rollcall.ChatID]bool{}
	for _, d := range r.Digests {
		if d.Chat >= 0 || seen[d.Chat] {
			continue
		}
		seen[d.Chat] = true
		if err := r.checkChat(ctx, d.Chat); err != nil && ctx.Err() == nil {
			r.Log.Error("the bot's standing in a chat could not be kept", "digest", d.Name, "error", err)
		}
	}
}

func (r *Runner) checkChat(ctx context.Context, named rollcall.ChatID) error {
	for wait := firstAsk; ; wait = min(2*wait, lastAsk) {
		chat, err := r.DB.CurrentChat(ctx, named)
		if err != nil {
			return err
		}
		s, err := r.Chats.Standing(ctx, chat)
		var o *OutcomeError
		final := errors.As(err, &o) && o.Final
		switch {
		case err == nil:
			return r.tellOwners(ctx, func(tx *store.Tx) (store.StandingNews, store.Standing, error) {
				n, err := tx.NoteStanding(s, false)
				return n, s, err
			})
		case final && o.NoRight:
			return r.noteRefused(ctx, chat)
		case final:
			r.Log.Warn("Telegram does not tell the bot's standing in a chat", "chat", chat, "error", err)
			return nil
		case o != nil && o.MigrateTo != 0:
			if err := r.DB.MigrateChat(ctx, chat, o.MigrateTo); err != nil {
				return err
			}
			continue
		case o != nil:
			wait = max(wait, o.RetryAfter)
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil
		}
	}
}
