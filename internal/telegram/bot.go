// Package telegram is the bot's edge to Telegram, and the only importer of
// go-telegram-bot-api.
//
// An update takes this road: [Bot.Run] polls a batch and decodes each update by
// itself; the updates of one chat are handled in their order, those of
// different chats side by side; the [Router] finds the handler, which reads and
// renders; what it changes is committed in one transaction with the update's
// id; then the [Sender] sends the answer. The ids of updates that changed
// nothing are recorded together at the end of the batch. The next poll, which
// confirms the batch to Telegram, waits for all of that, and for a moment for the
// answers.
//
// So nothing is lost and nothing acts twice. After a crash Telegram gives the
// unconfirmed updates again; one that is known is not handled again, and what it
// still owes is sent from where it was kept, sealed, with its commit. The answer
// to a lookup and to an update without effects is not kept, since it may name a
// person: such an update is handled once more, and counts once (see
// [Answer.Remade]).
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
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// Options say how a bot polls.
type Options struct {
	Workers     int           // handlers that run at once; how many commits are waited for is not bounded by it
	PollTimeout time.Duration // of one long poll; Telegram allows 50 s at most
}

const (
	answerGrace  = time.Second            // how long the next poll waits for answers that are kept nowhere
	keptGrace    = 200 * time.Millisecond // how long it waits for those that are kept
	idleReset    = 6 * 24 * time.Hour     // after that Telegram may choose new ids (Bot API, Update)
	minPollPause = 500 * time.Millisecond // after a failed poll
	maxPollPause = 30 * time.Second
	// confirmTimeout bounds the last call, at the end.
	confirmTimeout = time.Second
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

	// underway holds the ids of updates whose answers are being sent, or were and
	// the ledger does not say so yet: they are not handled again meanwhile.
	underway sync.Map

	slots chan struct{} // holds one for each handler that runs

	running context.Context // Run's; work that outlasts an update ends with it
	laterMu sync.Mutex      // one such work at a time

	keepersMu sync.Mutex
	keepers   map[rollcall.UserID]rollcall.Language // whose menu was set, and in which language
}

// NewBot puts a bot together. The sender is the caller's to close, after Run
// has returned.
func NewBot(c *Client, r *Router, s *Sender, db *store.DB, log *slog.Logger, o Options) *Bot {
	b := &Bot{client: c, router: r, sender: s, db: db, log: log, opts: o,
		slots: make(chan struct{}, max(o.Workers, 1)), keepers: map[rollcall.UserID]rollcall.Language{}}
	s.expiring = b.expire
	return b
}

// expire has a message deleted in its time, over restarts. A crash in the moment
// between its arrival and this leaves it to the person.
func (b *Bot) expire(a Action, id rollcall.MessageID) {
	b.db.Soon(func(tx *store.Tx) error { return tx.DeleteLater(a.Chat, id, tx.Now.Add(a.Expires)) })
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
	b.running = ctx
	if err := b.dropWebhook(ctx); Refused(err, BadToken) {
		return err
	}
	if err := b.sendOwed(ctx); err != nil {
		return err
	}
	go b.present(ctx)
	return b.poll(ctx)
}

// dropWebhook takes off a webhook that was set before. What waits is kept.
func (b *Bot) dropWebhook(ctx context.Context) error {
	_, err := b.client.Call(ctx, "deleteWebhook", Params{})
	if err != nil && ctx.Err() == nil && !Refused(err, BadToken) {
		b.log.Warn("deleteWebhook failed", "error", err)
	}
	return err
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
		b.underway.Store(o.UpdateID, true)
		b.sender.Answer(actions, func(all bool) {
			if all {
				b.noteAnswered(o.UpdateID)
			}
		})
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
			case Refused(err, WebhookSet):
				b.log.Warn("a webhook is taken off, since it keeps updates from a poll")
				_ = b.dropWebhook(ctx) // which has logged why; the next poll tells
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
		next, answered, err := b.batch(ctx, raw)
		if err != nil {
			return err
		}
		if next == 0 {
			// Nothing in it could be confirmed: do not ask for it at full speed.
			sleep(ctx, maxPollPause)
			continue
		}
		offset = next
		if ctx.Err() != nil && answered {
			b.confirm(ctx, offset)
		}
	}
	return nil
}

// confirm tells Telegram, at the end, that the last batch is done with, which
// the next poll would have told. Where that fails, or some answer is not out,
// the batch comes again at the next start.
func (b *Bot) confirm(ctx context.Context, offset int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
	defer cancel()
	if _, err := b.client.Poll(ctx, offset, 0); err != nil {
		b.log.Warn("the last updates could not be confirmed", "error", err)
	}
}

// An arrival is an update on its way through a batch.
type arrival struct {
	update
	mark  store.UpdateMark
	known store.UpdateState // "" for one that is new

	sending bool // it came again before its answer was out

	mu       sync.Mutex
	state    store.UpdateState // what is to be recorded; "" when that has been done
	effects  bool              // they were committed, and the update with them
	answered bool              // nothing more is owed
	recorded bool
}

// batch handles one poll's updates and returns the offset that confirms them, and
// whether all of them are answered. It is not cut short by the context: what has
// begun is committed.
//
// The next poll confirms the batch, so it waits for the answers that a crash would
// lose. For one that is kept with its update it waits only as long as an answer takes
// that has its turn at once, so that its mark is one commit with the others: in a rush
// the pace makes messages wait, and who presses meanwhile is to be told sooner.
func (b *Bot) batch(ctx context.Context, raw []json.RawMessage) (next int64, answered bool, err error) {
	running := ctx
	ctx = context.WithoutCancel(ctx)
	arrivals, first, last := b.arrive(raw)
	if last == 0 {
		return 0, false, nil
	}
	// In this order: an answer that gets out between the two is found in one of
	// them.
	for _, a := range arrivals {
		_, a.sending = b.underway.Load(a.ID)
	}
	known, err := b.db.KnownUpdates(ctx, first, last)
	if err != nil {
		return 0, false, fmt.Errorf("look for known updates: %w", err)
	}
	var order []rollcall.ChatID
	byChat := map[rollcall.ChatID][]*arrival{}
	for _, a := range arrivals {
		if k, ok := known[a.ID]; ok && k.Mark == a.mark {
			a.known = k.State
		}
		key := a.chatKey()
		if _, ok := byChat[key]; !ok {
			order = append(order, key)
		}
		byChat[key] = append(byChat[key], a)
	}
	var answers, kept sync.WaitGroup
	var g errgroup.Group
	for _, key := range order {
		g.Go(func() error {
			for _, a := range byChat[key] {
				if err := b.one(ctx, a, &answers, &kept); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return 0, false, err
	}
	wait(&answers, answerGrace)
	grace := keptGrace
	if running.Err() != nil {
		grace = answerGrace // there is no next poll
	}
	wait(&kept, grace)
	answered, err = b.record(ctx, arrivals)
	return last + 1, answered, err
}

// arrive decodes the updates of a poll, each by itself. One that cannot be is
// set aside by its id. One without an id could not be known when it came again,
// and is passed over.
func (b *Bot) arrive(raw []json.RawMessage) (arrivals []*arrival, first, last int64) {
	for _, r := range raw {
		u, err := decodeUpdate(r)
		if u.ID == 0 {
			b.log.Warn("an update without an id is passed over", "bytes", len(r))
			continue
		}
		a := &arrival{update: u, mark: u.mark(b.router.keys)}
		if err != nil {
			b.log.Warn("an update is set aside", "update_id", u.ID, "error", err)
			a.mark, a.state = markOf(b.router.keys, string(r)), store.Undecodable
		}
		arrivals = append(arrivals, a)
		if first == 0 || u.ID < first {
			first = u.ID
		}
		last = max(last, u.ID)
	}
	return arrivals, first, last
}

// record notes the whole batch by one transaction: the ids of what had no
// effects, and which answers are out; all tells whether each is.
func (b *Bot) record(ctx context.Context, arrivals []*arrival) (all bool, err error) {
	noted := make([]bool, len(arrivals)) // as answered
	err = b.db.Update(ctx, func(tx *store.Tx) error {
		for i, a := range arrivals {
			a.mu.Lock()
			state, effects, answered := a.state, a.effects, a.answered
			a.mu.Unlock()
			var err error
			switch {
			case effects && answered:
				err = tx.UpdateAnswered(a.ID)
			case state == store.Handled && answered:
				err = tx.RecordUpdate(a.ID, a.mark, store.Answered, nil)
			case state != "":
				err = tx.RecordUpdate(a.ID, a.mark, state, nil)
			}
			if err != nil {
				return err
			}
			noted[i] = answered
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("record the updates: %w", err)
	}
	all = true
	for i, a := range arrivals {
		a.mu.Lock()
		a.recorded = true
		switch {
		case noted[i]:
			b.underway.Delete(a.ID)
		case a.answered: // meanwhile
			b.noteAnswered(a.ID)
		default:
			all = false
		}
		a.mu.Unlock()
	}
	return all, nil
}

// noteAnswered notes a late answer with the next commit.
func (b *Bot) noteAnswered(id int64) {
	b.db.UpdateAnswered(id, func() { b.underway.Delete(id) })
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

// one handles one update. Effects are committed together with its id before
// anything is answered; an update without them is recorded with its batch. The
// error is the store's.
//
// What it answers is under way when it returns: in the group kept where a crash
// loses nothing of it, else in answers.
func (b *Bot) one(ctx context.Context, a *arrival, answers, kept *sync.WaitGroup) error {
	b.handled.Add(1)
	switch {
	case a.state == store.Undecodable, a.known == store.Answered, a.known == store.Failed, a.known == store.Undecodable:
		a.answered = true
		return nil
	}
	if a.sending {
		return nil
	}
	if m := a.Message; m != nil && m.MigrateTo != 0 {
		if err := b.db.MigrateChat(ctx, m.Chat.ID, m.MigrateTo); err != nil {
			return fmt.Errorf("follow a group: %w", err)
		}
	}
	if err := b.knowKeeper(ctx, a.update); err != nil {
		return err
	}
	began := time.Now()
	b.slots <- struct{}{}
	name, r, answer, state := b.router.handle(ctx, a.update, a.known == store.Counted)
	<-b.slots // whoever waits for the commit holds nobody up, and many share one
	if a.known == store.Handled && answer.Effect != nil && !answer.Remade {
		return nil // its effects are done, and what it owed was sent at the start
	}
	actions, effects := answer.Actions, answer.Effect != nil
	if effects {
		var err error
		if actions, err = b.commit(ctx, a, answer); rollcall.CodeOf(err) == rollcall.Unavailable {
			return fmt.Errorf("commit an update: %w", err)
		} else if err != nil {
			// The handler's own effect failed, and nothing of it remains. Say so,
			// and do not try it again for ever.
			actions, effects, state = b.router.failed(name, r, err).Actions, false, store.Failed
		}
	}
	a.mu.Lock()
	if a.effects = effects; !effects {
		a.state = state
	}
	a.mu.Unlock()
	if a.Callback != nil {
		actions = withToast(a.Callback.ID, actions)
	}
	if name != "" {
		b.log.Debug("update", "update_id", a.ID, "handler", name, "state", state, "took", time.Since(began).Round(time.Microsecond))
		b.keeperMenu(ctx, r)
	}
	if len(actions) == 0 {
		a.answered = true
		return nil
	}
	if effects && !answer.Remade {
		answers = kept
	}
	answers.Add(1)
	b.underway.Store(a.ID, true)
	b.sender.Answer(actions, func(all bool) {
		a.mu.Lock()
		if a.answered = all; all && a.recorded {
			b.noteAnswered(a.ID)
		}
		a.mu.Unlock()
		answers.Done()
		if answer.Later != nil {
			go b.later(answer.Later)
		}
	})
	return nil
}

// knowKeeper keeps that an owner or editor who writes in private can be written to:
// owners are asked what Telegram does not tell, and editors are told of the queue.
func (b *Bot) knowKeeper(ctx context.Context, u update) error {
	var from user
	switch {
	case u.Message != nil && u.Message.From != nil && u.Message.Chat.Type == "private":
		from = *u.Message.From
	case u.Callback != nil && u.Callback.Message != nil && u.Callback.Message.Chat.ID.Private():
		from = u.Callback.From
	}
	if from.ID == 0 || b.router.roles[from.ID] < Editor {
		return nil
	}
	known, err := b.db.KnowsPeer(ctx, from.ID)
	if err != nil || known {
		return err
	}
	if err := b.db.Update(ctx, func(tx *store.Tx) error { return tx.KnowPeer(from.ID) }); err != nil {
		return fmt.Errorf("keep how a keeper is reached: %w", err)
	}
	return nil
}

// later runs work that outlasts its update and sends what comes of it.
func (b *Bot) later(work func(context.Context) []Action) {
	b.laterMu.Lock()
	defer b.laterMu.Unlock()
	if b.running.Err() != nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("work beside the polling failed", "error", rollcall.Panicked(p))
		}
	}()
	b.sender.Answer(work(b.running), func(bool) {})
}

// commit runs the effect and records the update in one transaction. What it
// owes is kept with it until that was sent.
func (b *Bot) commit(ctx context.Context, a *arrival, answer Answer) (actions []Action, err error) {
	err = b.db.Update(ctx, func(tx *store.Tx) error {
		more, err := answer.Effect(tx)
		if err != nil {
			return err
		}
		actions = append(answer.Actions[:len(answer.Actions):len(answer.Actions)], more...)
		if answer.Remade {
			return tx.RecordUpdate(a.ID, a.mark, store.Counted, nil)
		}
		kept, err := json.Marshal(lasting(actions))
		if err != nil {
			return err
		}
		return tx.RecordUpdate(a.ID, a.mark, store.Handled, kept)
	})
	return actions, err
}

// lasting are the actions that are still of use at the next start. The answer to
// a press is not: it was out first of all, or nobody waits for it any more.
func lasting(actions []Action) []Action {
	return slices.DeleteFunc(slices.Clone(actions), func(a Action) bool { return a.Kind == ActToast })
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

// keeperMenu sets an editor's or owner's menu when that person first writes in
// private, and again after a change of language.
func (b *Bot) keeperMenu(ctx context.Context, r *Request) {
	if r.Role == Anyone || !r.Private() || r.Standing != nil {
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
			b.keepersMu.Lock()
			delete(b.keepers, r.From) // it is tried again with the next message
			b.keepersMu.Unlock()
		}
	}()
}
