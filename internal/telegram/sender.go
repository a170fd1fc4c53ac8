package telegram

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rollcall/internal/rollcall"
)

// Limits pace what is sent, a little under what Telegram allows (Bot FAQ: 30
// messages a second in all, one a second in a chat, 20 a minute in a group or
// channel).
type Limits struct {
	PerSecond        float64 // messages in all; 0 paces nothing, for a server of one's own
	PrivatePerSecond float64
	PrivateBurst     int     // messages at once in a private chat; 0 counts as 1
	GroupPerMinute   float64 // in a group or channel
}

const (
	maxCalls = 32 // calls under way at once

	answerTries    = 8
	answerDeadline = 10 * time.Minute // after that nobody waits for the answer any more
	toastDeadline  = 15 * time.Second // Telegram shows no later answer to a press
	firstBackoff   = 300 * time.Millisecond
	maxBackoff     = 30 * time.Second

	groupBurst = 2 // messages at once in a group or channel

	laneIdle = 2 * time.Minute // how long the pace of a quiet chat is remembered
)

// A Sender brings actions to Telegram: in order within a chat, side by side
// across chats, paced by [Limits], and obeying retry_after.
//
// An answer to a person is tried again also when it is not known whether it
// arrived. The person waits, and reading an answer twice does no harm. What a
// broadcast owes goes through [Sender.Post] instead, which tries once and
// reports.
type Sender struct {
	client *Client
	limits Limits
	log    *slog.Logger
	gate   *gate

	// expiring is told of each message that is to be deleted later; nil for nobody.
	expiring func(Action, rollcall.MessageID)

	mu     sync.Mutex
	lanes  map[rollcall.ChatID]*lane
	closed bool
	wg     sync.WaitGroup
	ctx    context.Context // ends when the sender is closed
	stop   context.CancelFunc
}

// NewSender makes a sender. Close it.
func NewSender(c *Client, l Limits, log *slog.Logger) *Sender {
	ctx, stop := context.WithCancel(context.Background())
	return &Sender{client: c, limits: l, log: log, gate: newGate(l.PerSecond),
		lanes: map[rollcall.ChatID]*lane{}, ctx: ctx, stop: stop}
}

// A lane is the queue of one chat.
type lane struct {
	one     chan struct{} // holds a token for the call of the lane that is next or under way
	wanted  chan struct{} // closed while an answer waits for one
	pace    *rate.Limiter
	queue   []queued
	running bool
	until   time.Time // retry_after: nothing is sent before
	used    time.Time
}

type queued struct {
	action Action
	born   time.Time
	done   func(ok bool)
}

// Answer hands over the actions of one answer and returns at once. done is
// called when all have been brought to an end; all tells whether each was
// accepted or refused for good. Actions that were not when the sender closed
// call done with false.
func (s *Sender) Answer(actions []Action, done func(all bool)) {
	var list []Action
	for _, a := range actions {
		list = append(list, a.split()...)
	}
	if len(list) == 0 {
		done(true)
		return
	}
	var mu sync.Mutex
	left, all := len(list), true
	one := func(ok bool) {
		mu.Lock()
		defer mu.Unlock()
		all = all && ok
		if left--; left == 0 {
			done(all)
		}
	}
	for _, a := range list {
		s.enqueue(queued{a, time.Now(), one})
	}
}

func (s *Sender) enqueue(q queued) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go q.done(false)
		return
	}
	if q.action.Kind == ActToast { // not counted by any limit, and wanted at once
		s.wg.Go(func() { q.done(s.deliver(q, nil)) })
		return
	}
	l := s.lane(q.action.Chat)
	l.queue = append(l.queue, q)
	if !l.running {
		l.running = true
		s.wg.Go(func() { s.drain(l) })
	}
}

// lane returns the chat's lane; the lock is held.
func (s *Sender) lane(c rollcall.ChatID) *lane {
	now := time.Now()
	l, ok := s.lanes[c]
	if !ok {
		if len(s.lanes) > 1000 {
			for id, old := range s.lanes {
				if !old.running && len(old.queue) == 0 && now.Sub(old.used) > laneIdle && now.After(old.until) {
					delete(s.lanes, id)
				}
			}
		}
		l = &lane{one: make(chan struct{}, 1), wanted: make(chan struct{}), pace: s.pace(c)}
		s.lanes[c] = l
	}
	l.used = now
	return l
}

func (s *Sender) pace(c rollcall.ChatID) *rate.Limiter {
	switch {
	case s.limits.PerSecond == 0:
		return rate.NewLimiter(rate.Inf, 1)
	case c.Private():
		return rate.NewLimiter(rate.Limit(s.limits.PrivatePerSecond), max(s.limits.PrivateBurst, 1))
	}
	// Spread evenly, but for a short burst: a digest may be two messages. What
	// the burst takes is not given again within the minute.
	n := s.limits.GroupPerMinute
	return rate.NewLimiter(rate.Limit(max(n-groupBurst, n/2)/60), groupBurst)
}

// drain sends what the lane holds, one after the other.
func (s *Sender) drain(l *lane) {
	for {
		s.mu.Lock()
		if len(l.queue) == 0 {
			l.running, l.used = false, time.Now()
			s.mu.Unlock()
			return
		}
		q := l.queue[0]
		l.queue[0] = queued{}
		l.queue = l.queue[1:]
		s.mu.Unlock()
		q.done(s.deliver(q, l))
	}
}

// deliver tries until the action is done with, and reports whether it is: false
// only when the sender was closed meanwhile. l is nil for a toast.
func (s *Sender) deliver(q queued, l *lane) bool {
	deadline := q.born.Add(answerDeadline)
	if q.action.Kind == ActToast {
		deadline = q.born.Add(toastDeadline)
	}
	backoff := firstBackoff
	for try := 1; ; try++ {
		if l != nil && s.pausedUntil(l).After(deadline) {
			s.log.Warn("an answer was given up: Telegram asks to wait for longer than anybody would", "kind", q.action.Kind)
			return true
		}
		m, err := s.once(s.ctx, q.action, l, true, nil)
		if err == nil {
			if q.action.Expires > 0 && s.expiring != nil {
				s.expiring(q.action, m.ID)
			}
			return true
		}
		if s.ctx.Err() != nil {
			return false
		}
		var e *Error
		wait := backoff
		switch {
		case !errors.As(err, &e):
			return true
		case e.RetryAfter > 0:
			wait = 0 // the lane's own pause
			if l == nil {
				wait = e.RetryAfter
			}
		case e.MigrateTo != 0:
			q.action.Chat, wait = e.MigrateTo, 0
		case e.Refusal == MessageGone && q.action.Kind == ActEdit:
			q.action.Kind, q.action.Message, wait = ActSay, 0, 0
		case e.Refusal == BadMarkup:
			s.log.Error("a text's markup was refused", "kind", q.action.Kind)
			if plain := q.action.plain(); plain.Text != q.action.Text {
				q.action, wait = plain, 0
			} else {
				return true
			}
		case e.Refusal == QueryTooOld, e.Refusal == Blocked, e.Refusal == MessageGone:
			return true // as happens; nobody is left to be told
		case e.Refusal != NotRefused:
			s.log.Error("an answer was refused", "kind", q.action.Kind, "error", err)
			return true
		default:
			backoff = min(2*backoff, maxBackoff)
		}
		if try == answerTries || time.Now().Add(wait).After(deadline) {
			s.log.Warn("an answer was given up", "kind", q.action.Kind, "tries", try, "error", err)
			return true
		}
		if !sleep(s.ctx, wait) {
			return false
		}
	}
}

// once waits for the action's turn, claims it and makes its call. l is nil for what
// no limit counts, claim for what is not claimed.
func (s *Sender) once(ctx context.Context, a Action, l *lane, urgent bool, claim func() error) (sentMessage, error) {
	leave, err := s.turn(ctx, l, urgent)
	if err != nil {
		return sentMessage{}, err
	}
	var began time.Time
	defer func() { leave(began) }()
	if claim != nil {
		if err := claim(); err != nil {
			return sentMessage{}, err
		}
	}
	began = time.Now()
	m, err := s.client.perform(ctx, a)
	var e *Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		s.log.Warn("Telegram asks to wait", "method", e.Method, "wait", e.RetryAfter)
		// A little longer than asked, since the two clocks need not agree.
		until := time.Now().Add(e.RetryAfter + 200*time.Millisecond)
		if l != nil {
			s.mu.Lock()
			l.until = until
			s.mu.Unlock()
		}
		s.gate.limited(until)
	}
	return m, err
}

// errGaveWay says that a post let an answer of its own chat go first.
var errGaveWay = errors.New("gave way")

// turn waits until a call may be made; leave tells that it has been, and when it
// began, or by the zero time that none was made. In a lane
// one call is made after the other: a message takes from the lane's pace only
// when the one before it is out, so that what waited at the gate does not come
// out closer together than the pace allows. A post that waits for others'
// answers leaves the lane to one of its own chat, and waits anew.
func (s *Sender) turn(ctx context.Context, l *lane, urgent bool) (leave func(began time.Time), err error) {
	if l == nil {
		free, err := s.gate.call(ctx)
		return func(time.Time) { free() }, err
	}
	for {
		if err := s.enter(ctx, l, urgent); err != nil {
			return nil, err
		}
		leave, err := s.pass(ctx, l, urgent)
		if err == nil {
			return func(began time.Time) { leave(began); <-l.one }, nil
		}
		<-l.one
		if err != errGaveWay {
			return nil, err
		}
	}
}

// enter waits for the lane.
func (s *Sender) enter(ctx context.Context, l *lane, urgent bool) error {
	if urgent {
		s.want(l, true)
		defer s.want(l, false)
	}
	select {
	case l.one <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// want says whether an answer waits for the lane; of these there is one at a
// time.
func (s *Sender) want(l *lane, wanted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wanted {
		close(l.wanted)
	} else {
		l.wanted = make(chan struct{})
	}
}

// pass waits for the lane's pace and pause, then for the common gate.
func (s *Sender) pass(ctx context.Context, l *lane, urgent bool) (leave func(began time.Time), err error) {
	var giveWay <-chan struct{}
	if !urgent {
		s.mu.Lock()
		giveWay = l.wanted
		s.mu.Unlock()
		select {
		case <-giveWay:
			return nil, errGaveWay
		default:
		}
	}
	if err := l.pace.Wait(ctx); err != nil {
		return nil, err
	}
	for {
		s.mu.Lock()
		wait := time.Until(l.until)
		s.mu.Unlock()
		if wait <= 0 {
			return s.gate.message(ctx, urgent, giveWay)
		}
		if !sleep(ctx, wait) {
			return nil, ctx.Err()
		}
	}
}

// pausedUntil is before when nothing is sent in the lane.
func (s *Sender) pausedUntil(l *lane) time.Time {
	s.mu.Lock()
	until := l.until
	s.mu.Unlock()
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	if s.gate.until.After(until) {
		until = s.gate.until
	}
	return until
}

// Post makes one try at a post that is owed to a chat, behind all answers. It
// waits for its turn, and never tries again by itself: the caller keeps the
// ledger. It returns the new message's id and, for a photo that was uploaded,
// the file's id.
func (s *Sender) Post(ctx context.Context, a Action) (rollcall.MessageID, string, error) {
	return s.PostClaimed(ctx, a, nil)
}

// PostClaimed is [Sender.Post] for what may be tried only once it has been claimed.
// claim is called when the turn has come, right before the call, and never where the
// context ends before that. Where it returns an error there is no call, the turn is
// spent, and that error is returned as it is. Telegram's limits count from the call,
// however long claim takes; the chat's next message waits for both.
func (s *Sender) PostClaimed(ctx context.Context, a Action, claim func() error) (rollcall.MessageID, string, error) {
	s.mu.Lock()
	l := s.lane(a.Chat)
	s.mu.Unlock()
	m, err := s.once(ctx, a, l, false, claim)
	return m.ID, m.fileID(), err
}

// Close takes nothing more, gives what is under way until ctx ends, and returns
// when all has been called back.
func (s *Sender) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	s.stop()
	<-ended
}

// A gate lets calls through: maxCalls under way at once, messages at the common
// pace, and answers before the rest.
type gate struct {
	pace  *rate.Limiter
	head  chan struct{} // holds a token for the one message that is next
	calls chan struct{} // a token for each call under way
	*window

	mu     sync.Mutex
	urgent int           // answers that wait
	calm   chan struct{} // closed when urgent falls to 0; nil while it is 0
	until  time.Time     // everything waits
	hits   []time.Time   // the latest 429s
}

// newGate makes a gate for a pace; the window is of one message more, which is
// Telegram's own limit where the pace is just under it.
func newGate(perSecond float64) *gate {
	limit, allowed := rate.Limit(perSecond), int(perSecond)+1
	if perSecond == 0 {
		limit, allowed = rate.Inf, 0
	}
	return &gate{window: newWindow(allowed), pace: rate.NewLimiter(limit, 1), head: make(chan struct{}, 1), calls: make(chan struct{}, maxCalls)}
}

// call waits for a free call. leave gives it back.
func (g *gate) call(ctx context.Context) (leave func(), err error) {
	select {
	case g.calls <- struct{}{}:
		return func() { <-g.calls }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// message waits for a message's turn, and then for a free call. Only the one at
// the head takes from the pace, so that what waited for a free call does not
// burst out when many become free. Returns errGaveWay when giveWay was closed
// while it waited for answers.
func (g *gate) message(ctx context.Context, urgent bool, giveWay <-chan struct{}) (leave func(began time.Time), err error) {
	if urgent {
		g.wish(+1)
		defer g.wish(-1)
	}
	for {
		if err := g.rest(ctx, urgent, giveWay); err != nil {
			return nil, err
		}
		select {
		case g.head <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if calm, pause := g.state(); pause > 0 || !urgent && calm != nil {
			<-g.head // things changed in the queue
			continue
		}
		leave, err = g.leaveOn(ctx)
		<-g.head
		return leave, err
	}
}

// leaveOn waits for the pace, the window and a free call.
func (g *gate) leaveOn(ctx context.Context) (leave func(began time.Time), err error) {
	if err := g.pace.Wait(ctx); err != nil {
		return nil, err
	}
	free, err := g.call(ctx)
	if err != nil {
		return nil, err
	}
	answered, err := g.enter(ctx)
	if err != nil {
		free()
		return nil, err
	}
	return func(began time.Time) { answered(began); free() }, nil
}

// wish counts an answer that waits, or no longer does.
func (g *gate) wish(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.urgent += n
	switch {
	case g.urgent == 0:
		close(g.calm)
		g.calm = nil
	case g.calm == nil:
		g.calm = make(chan struct{})
	}
}

// state returns what there is to wait for: calm is nil while no answer waits.
func (g *gate) state() (calm chan struct{}, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calm, time.Until(g.until)
}

// rest waits until nothing is paused and, for what is not urgent, no answer
// waits.
func (g *gate) rest(ctx context.Context, urgent bool, giveWay <-chan struct{}) error {
	for {
		calm, pause := g.state()
		switch {
		case pause > 0:
			if !sleep(ctx, pause) {
				return ctx.Err()
			}
		case !urgent && calm != nil:
			select {
			case <-calm:
			case <-giveWay:
				return errGaveWay
			case <-ctx.Done():
				return ctx.Err()
			}
		default:
			return ctx.Err()
		}
	}
}

// limited notes a 429. Three within ten seconds pause everything: then it is
// the bot that is limited, and not a chat.
func (g *gate) limited(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.hits = append(g.hits, now)
	if len(g.hits) > 3 {
		g.hits = g.hits[1:]
	}
	if len(g.hits) == 3 && now.Sub(g.hits[0]) < 10*time.Second && until.After(g.until) {
		g.until = until
	}
}

// sleep waits, and reports false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
