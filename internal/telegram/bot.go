// Package telegram is the bot's edge to Telegram, and the only importer of
// go-telegram-bot-api.
//
// An update takes this road: [Bot.Run] polls a batch and decodes each update by
// itself; the updates of one chat are handled in their order, those of
// different chats side by side; the [Router] finds the handler, which reads and
// renders; what it changes is committed in one transaction with the update's
// id; then the [Sender] sends the answer. The next poll, which confirms the
// batch to Telegram, waits for the commits of the whole batch, and for a moment
// for its answers.
//
// So nothing is lost and nothing acts twice. After a crash Telegram gives the
// unconfirmed updates again; one whose id is known is not handled again, and
// what it still owes is sent from where it was kept, sealed, with its commit.
// The answer to an update without effects is not kept, since it may name a
// person: such an update is handled once more.
//
// There is no use of the library's own loop: it confirms updates before they are
// handled, drops all of a batch for one that it cannot decode, and cannot be
// stopped in time.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// Options say how a bot polls.
type Options struct {
	Workers     int           // chats whose updates are handled at once
	PollTimeout time.Duration // of one long poll; Telegram allows 50 s at most
}

const (
	answerGrace  = time.Second            // how long the next poll waits for the batch's answers
	idleReset    = 6 * 24 * time.Hour     // after that Telegram may choose new ids (Bot API, Update)
	minPollPause = 500 * time.Millisecond // after a failed poll
	maxPollPause = 30 * time.Second
	closeGrace   = 3 * time.Second // for answers under way at the end
)

// A Bot polls, handles and answers.
type Bot struct {
	client *Client
	router *Router
	sender *Sender
	db     *store.DB
	log    *slog.Logger
	opts   Options

	lastPoll atomic.Int64 // Unix nanoseconds of the last poll that was answered; 0 before
	handled  atomic.Int64 // updates, for the metrics

	underway sync.Map // ids of updates whose answers are being sent

	keepersMu sync.Mutex
	keepers   map[rollcall.UserID]rollcall.Language // whose menu was set, and in which language
}

// NewBot puts a bot together. The sender is the caller's to close, after Run
// has returned.
func NewBot(c *Client, r *Router, s *Sender, db *store.DB, log *slog.Logger, o Options) *Bot {
	return &Bot{client: c, router: r, sender: s, db: db, log: log, opts: o, keepers: map[rollcall.UserID]rollcall.Language{}}
}

// LastPoll is when Telegram last answered a poll; the zero time before the first.
func (b *Bot) LastPoll() time.Time {
	n := b.lastPoll.Load()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// Handled counts the updates since the start.
func (b *Bot) Handled() int64 { return b.handled.Load() }

// Run polls until the context ends, which is no error. It returns an error for
// which [Refused] with [BadToken] holds when Telegram no longer takes the token,
// and the store's when it cannot be written to.
func (b *Bot) Run(ctx context.Context) error {
	// A webhook that was set before would keep updates from a poll.
	if _, err := b.client.Call(ctx, "deleteWebhook", Params{}); err != nil {
		if Refused(err, BadToken) {
			return err
		}
		b.log.Warn("deleteWebhook failed", "error", err)
	}
	if err := b.sendOwed(ctx); err != nil {
		return err
	}
	go func() {
		if err := b.setMenus(ctx); err != nil && ctx.Err() == nil {
			b.log.Warn("the command menus could not be set", "error", err)
		}
	}()
	return b.poll(ctx)
}

// sendOwed sends the answers that a former run committed and may not have sent.
func (b *Bot) sendOwed(ctx context.Context) error {
	owed, err := b.db.OwedAnswers(ctx)
	if err != nil {
		return fmt.Errorf("read the answers that are owed: %w", err)
	}
	for _, o := range owed {
		var actions []Action
		if err := json.Unmarshal(o.Answer, &actions); err != nil {
			return fmt.Errorf("read the answers that are owed: %w", err)
		}
		b.answer(o.UpdateID, actions)
	}
	return nil
}

func (b *Bot) poll(ctx context.Context) error {
	var offset int64
	lastUpdate := time.Now()
	pause := minPollPause
	conflict := false
	for ctx.Err() == nil {
		if time.Since(lastUpdate) > idleReset {
			offset = 0
		}
		raw, err := b.client.Poll(ctx, offset, b.opts.PollTimeout)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			if Refused(err, BadToken) {
				return err
			}
			wait := pause
			var e *Error
			switch {
			case Refused(err, OtherInstance):
				// Both would see some of the updates: the keeper has to end one.
				if !conflict {
					b.log.Error("another instance of this bot is running with the same token: stop one of the two", "error", err)
				}
				conflict = true
			case errors.As(err, &e) && e.RetryAfter > 0:
				wait = e.RetryAfter + 200*time.Millisecond
				b.log.Warn("Telegram asks to wait with polling", "wait", wait)
			default:
				b.log.Warn("a poll failed", "error", err, "wait", wait)
			}
			pause = min(2*pause, maxPollPause)
			sleep(ctx, wait+rand.N(wait/4+1))
			continue
		}
		pause, conflict = minPollPause, false
		b.lastPoll.Store(time.Now().UnixNano())
		if len(raw) == 0 {
			continue
		}
		lastUpdate = time.Now()
		next, err := b.batch(ctx, raw)
		if err != nil {
			return err
		}
		if next == 0 {
			// Nothing in it could be confirmed: do not ask for it at full speed.
			sleep(ctx, maxPollPause)
			continue
		}
		offset = next
	}
	return nil
}

// batch handles one poll's updates and returns the offset that confirms them.
// It is not cut short by the context: what has begun is committed.
func (b *Bot) batch(ctx context.Context, raw []json.RawMessage) (next int64, err error) {
	ctx = context.WithoutCancel(ctx)
	var updates []update
	var aside []int64
	first, last := int64(0), int64(0)
	for _, r := range raw {
		u, err := decodeUpdate(r)
		if err != nil {
			b.log.Warn("an update is set aside", "update_id", u.ID, "error", err)
			if u.ID == 0 {
				continue
			}
			aside = append(aside, u.ID)
		} else {
			updates = append(updates, u)
		}
		if first == 0 || u.ID < first {
			first = u.ID
		}
		last = max(last, u.ID)
	}
	if last == 0 {
		return 0, nil
	}
	known, err := b.db.UpdateStates(ctx, first, last)
	if err != nil {
		return 0, fmt.Errorf("look for known updates: %w", err)
	}
	if len(aside) > 0 {
		if err := b.db.Update(ctx, func(tx *store.Tx) error {
			for _, id := range aside {
				if err := tx.RecordUpdate(id, store.Undecodable, nil); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return 0, fmt.Errorf("set updates aside: %w", err)
		}
	}

	var order []rollcall.ChatID
	byChat := map[rollcall.ChatID][]update{}
	for _, u := range updates {
		k := u.chatKey()
		if _, ok := byChat[k]; !ok {
			order = append(order, k)
		}
		byChat[k] = append(byChat[k], u)
	}
	var answers sync.WaitGroup
	var g errgroup.Group
	g.SetLimit(max(b.opts.Workers, 1))
	for _, k := range order {
		g.Go(func() error {
			for _, u := range byChat[k] {
				if err := b.one(ctx, u, known[u.ID], &answers); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return 0, err
	}
	wait(&answers, answerGrace)
	return last + 1, nil
}

// wait waits for the group, but no longer than d.
func wait(g *sync.WaitGroup, d time.Duration) {
	done := make(chan struct{})
	go func() { g.Wait(); close(done) }()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// one handles one update: effects and id in one commit, then the answer. The
// error is the store's.
func (b *Bot) one(ctx context.Context, u update, known store.UpdateState, answers *sync.WaitGroup) error {
	b.handled.Add(1)
	switch known {
	case store.Answered, store.Failed, store.Undecodable:
		return nil
	}
	if m := u.Message; m != nil && m.MigrateTo != 0 {
		if err := b.db.MigrateChat(ctx, m.Chat.ID, m.MigrateTo); err != nil {
			return fmt.Errorf("follow a group: %w", err)
		}
	}
	if _, ok := b.underway.Load(u.ID); ok {
		return nil // it came again before its answer was out
	}
	began := time.Now()
	name, r, a, state := b.router.handle(ctx, u)
	if known == store.Handled && a.Effect != nil {
		return nil // its effects are done, and what it owed was sent at the start
	}
	actions, err := b.commit(ctx, u.ID, a, state)
	if err != nil && rollcall.CodeOf(err) == rollcall.Unavailable {
		return fmt.Errorf("commit an update: %w", err)
	}
	if err != nil {
		// The handler's own effect failed. Record that, so that it does not come
		// again for ever, and say so.
		a = b.router.failed(name, r, err)
		if actions, err = b.commit(ctx, u.ID, a, store.Failed); err != nil {
			return fmt.Errorf("commit an update: %w", err)
		}
	}
	if u.Callback != nil {
		actions = withToast(u.Callback.ID, actions)
	}
	if name != "" {
		b.log.Debug("update", "update_id", u.ID, "handler", name, "state", state, "took", time.Since(began).Round(time.Microsecond))
		b.keeperMenu(ctx, r)
	}
	if len(actions) == 0 {
		return nil
	}
	answers.Add(1)
	b.answerThen(u.ID, actions, answers.Done)
	return nil
}

// commit records the update with its effects. The actions of an effect are kept
// with it until they were sent.
func (b *Bot) commit(ctx context.Context, id int64, a Answer, state store.UpdateState) ([]Action, error) {
	actions := a.Actions
	err := b.db.Update(ctx, func(tx *store.Tx) error {
		actions = a.Actions
		var kept []byte
		if a.Effect != nil {
			more, err := a.Effect(tx)
			if err != nil {
				return err
			}
			actions = append(actions[:len(actions):len(actions)], more...)
			if kept, err = json.Marshal(actions); err != nil {
				return err
			}
		}
		return tx.RecordUpdate(id, state, kept)
	})
	return actions, err
}

// withToast makes sure that a press is answered, and first: until then the
// button shows that it is busy.
func withToast(query string, actions []Action) []Action {
	for i, a := range actions {
		if a.Kind == ActToast {
			if i > 0 {
				actions = append([]Action{a}, append(actions[:i:i], actions[i+1:]...)...)
			}
			return actions
		}
	}
	return append([]Action{{Kind: ActToast, Query: query}}, actions...)
}

func (b *Bot) answer(id int64, actions []Action) { b.answerThen(id, actions, func() {}) }

func (b *Bot) answerThen(id int64, actions []Action, done func()) {
	b.underway.Store(id, true)
	b.sender.Answer(actions, func(all bool) {
		if all {
			b.db.UpdateAnswered(id)
		}
		b.underway.Delete(id)
		done()
	})
}

// keeperMenu sets an editor's or owner's menu when that person first writes in
// private, and again after a change of language.
func (b *Bot) keeperMenu(ctx context.Context, r *Request) {
	if r.Role == Anyone || !r.Private() {
		return
	}
	b.keepersMu.Lock()
	set := b.keepers[r.From] == r.Language
	b.keepers[r.From] = r.Language
	b.keepersMu.Unlock()
	if set {
		return
	}
	go func() {
		if err := b.setKeeperMenu(ctx, r.Chat, r.Role, r.Language); err != nil {
			b.log.Warn("a keeper's command menu could not be set", "error", err)
		}
	}()
}
