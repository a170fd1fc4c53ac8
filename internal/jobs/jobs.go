// Package jobs posts digests and milestones to channels and tells watchers of
// news: it plans what is due and delivers what is owed.
//
// robfig/cron only wakes it. What is due follows from the schedule and the
// ledger, in which each occurrence of a digest is entered once, with its posts,
// by one transaction; whoever enters it second is refused. A delivery is claimed
// in the ledger before the call to Telegram and settled after it, so that a
// crash between the two leaves a mark and never a second post. It is claimed when
// its turn has come, and not while it waits for that: the mark is then left on what
// was really under way, and on nothing else.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
)

// A Digest is one to be planned.
type Digest struct {
	digest.Spec
	Schedule      *schedule.Schedule
	SkipUnchanged bool
	CatchUp       time.Duration
}

// A Sender makes one try to post a message. It waits until the chat may be sent
// something, then calls claim, once, and makes the call right after that. Where claim
// returns an error, or the context ends before, it makes no call. The error is to be an
// [*OutcomeError] where more is known than that it is not clear what happened.
type Sender interface {
	Post(ctx context.Context, chat rollcall.ChatID, p store.Post, claim func() error) (rollcall.MessageID, string, error)
}

// An OutcomeError says what a failed try did.
type OutcomeError struct {
	NotDone    bool            // nothing was posted
	RetryAfter time.Duration   // how long Telegram asks to wait
	MigrateTo  rollcall.ChatID // the group's new id
	Final      bool            // no later try would be taken
	Gone       bool            // with Final: the account has blocked the bot or is deleted
	NoRight    bool            // with Final: the bot may not write in the channel or group
	Err        error
}

func (e *OutcomeError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *OutcomeError) Unwrap() error { return e.Err }

// Options are the runner's surroundings.
type Options struct {
	DB      *store.DB
	Sender  Sender
	Log     *slog.Logger
	Now     func() time.Time // time.Now where nil
	Digests []Digest

	// Sequencing says when signatures, withdrawals and voids go into the petitions'
	// logs; they wait for ever where Every is zero.
	Sequencing Sequencing

	// OpenData makes the callback data of a button that opens an entry, for the
	// one account alone. Watchers are told of news where it is not nil.
	OpenData func(rollcall.UserID, rollcall.PersonID) string

	// Deleter deletes what was to be read for some time only, where it is not nil.
	Deleter Deleter

	// Editor shows owners the progress of their announcements, with these buttons,
	// where it is not nil.
	Editor              Editor
	AnnouncementButtons func(*render.Phrases, store.Announcement) [][]render.Button

	// Chats, where it is not nil, serves to find out what became of posts in
	// doubt, and whether the bot may write in the digests' chats.
	Chats  Chats
	Owners Owners

	// Editors are told in private of what waits for a check.
	Editors []rollcall.UserID
}

// A Runner plans and delivers.
type Runner struct {
	Options
	wake        chan struct{} // something may be due for a channel or group
	wakePrivate chan struct{} // something may be due for an account
	busy        busyPeers
	told        progressTold // of the announcement that is being sent
	inChat      chatLocks
	nobodyToAsk map[int64]bool // the doubts of which the log says so
	looked      time.Time      // when batches were last looked for
	held        int            // signatures, as the log was told
}

// New makes a runner.
func New(o Options) *Runner {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Runner{Options: o, wake: make(chan struct{}, 1), wakePrivate: make(chan struct{}, 1), nobodyToAsk: map[int64]bool{}}
}

// housekeeping is how often what is old is cleared away; corrections, milestones,
// news, progress, deletions, halts and the queue are how often these are looked for.
const (
	housekeeping = time.Hour
	corrections  = 5 * time.Second
	milestones   = 5 * time.Second
	news         = 5 * time.Second
	progress     = 5 * time.Second
	deletions    = 15 * time.Second
	halts        = 15 * time.Second
	queue        = 15 * time.Second
)

// Run plans and delivers until the context ends, which is no error, and returns
// when the delivery under way has been settled. Only one process may run it on a
// database.
func (r *Runner) Run(ctx context.Context) error {
	n, err := r.DB.AbandonClaims(ctx)
	if err != nil {
		return fmt.Errorf("look for abandoned deliveries: %w", err)
	}
	if n > 0 {
		r.Log.Warn("deliveries of a former run may or may not have arrived; they are not sent again", "count", n)
	}
	// SkipIfStillRunning stands outside recovered: the other way round a job
	// never runs again after one panic.
	logger := cronLog{r.Log}
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger),
		cron.WithChain(cron.SkipIfStillRunning(logger), recovered(r.Log)))
	for _, d := range r.Digests {
		c.Schedule(d.Schedule.Cron(), cron.FuncJob(func() { r.plan(ctx, d) }))
	}
	if r.Sequencing.Every > 0 {
		r.looked = r.Now()
		c.Schedule(cron.Every(r.Sequencing.tick()), cron.FuncJob(func() { r.sequence(ctx) }))
		r.sequence(ctx)
	}
	everyMinute, err := schedule.Parse("* * * * *", time.UTC)
	if err != nil {
		return err
	}
	c.Schedule(everyMinute.Cron(), cron.FuncJob(func() { r.planEditions(ctx) }))
	c.Schedule(cron.Every(corrections), cron.FuncJob(func() { r.tellCorrections(ctx) }))
	c.Schedule(cron.Every(milestones), cron.FuncJob(func() { r.postMilestones(ctx) }))
	if r.OpenData != nil {
		c.Schedule(cron.Every(news), cron.FuncJob(func() { r.tellWatchers(ctx) }))
		r.tellWatchers(ctx)
	}
	if r.Deleter != nil {
		c.Schedule(cron.Every(deletions), cron.FuncJob(func() { r.deleteExpired(ctx) }))
	}
	if r.Editor != nil {
		c.Schedule(cron.Every(progress), cron.FuncJob(func() { r.tellProgress(ctx) }))
	}
	if len(r.Owners.IDs) > 0 {
		c.Schedule(cron.Every(halts), cron.FuncJob(func() { r.tellOfHalts(ctx) }))
		r.tellOfHalts(ctx)
	}
	if len(r.Editors) > 0 {
		c.Schedule(cron.Every(queue), cron.FuncJob(func() { r.tellOfQueue(ctx) }))
	}
	var asking sync.WaitGroup
	defer asking.Wait()
	if r.Chats != nil {
		c.Schedule(cron.Every(doubts), cron.FuncJob(func() { r.settleDoubts(ctx) }))
		asking.Go(func() { r.CheckChats(ctx) })
	}
	c.Schedule(cron.Every(housekeeping), cron.FuncJob(func() { r.keepHouse(ctx) }))
	for _, d := range r.Digests {
		r.plan(ctx, d)
	}
	r.followMain(ctx)
	r.planEditions(ctx)
	r.keepHouse(ctx)
	c.Start()
	defer func() { <-c.Stop().Done() }()
	var private sync.WaitGroup
	defer private.Wait()
	for i := range privateSenders {
		private.Go(func() { r.deliverPrivate(ctx, i == 0) })
	}
	return r.deliver(ctx)
}

func (r *Runner) keepHouse(ctx context.Context) {
	if err := errors.Join(r.DB.PruneUpdates(ctx), r.DB.PrunePrivate(ctx), r.DB.PruneLookups(ctx), r.DB.PruneWishes(ctx), r.DB.PruneReports(ctx), r.DB.PruneDeletions(ctx), r.forgetSignatures(ctx), r.DB.Fold(ctx)); err != nil && ctx.Err() == nil {
		r.Log.Error("housekeeping failed", "error", err)
	}
}

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

// errFrozen says that an owner has frozen the bot: nothing is planned then, and
// nothing is sent that nobody asked for.
var errFrozen = rollcall.E(rollcall.Conflict, "the bot is frozen: an owner ends that by /unfreeze")

// thawed returns errFrozen while the bot is frozen.
func (r *Runner) thawed(ctx context.Context) error {
	since, err := r.DB.Frozen(ctx)
	if err == nil && !since.IsZero() {
		return errFrozen
	}
	return err
}

// failed logs what ended a round of work, unless that is as it should be.
func (r *Runner) failed(ctx context.Context, what string, err error, more ...any) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, errFrozen) {
		r.Log.Error(what, append(more, "error", err)...)
	}
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

// nudge makes whoever waits for it look at the ledger now.
func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// look is how often the ledger is looked at for what another process entered.
const look = 2 * time.Second

// deliver sends what channels and groups are owed, one message after the other,
// until the context ends.
func (r *Runner) deliver(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			more, err := r.deliverOne(ctx)
			if err != nil || !more {
				r.failed(ctx, "the ledger failed", err)
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Deliver sends what channels and groups are owed now and returns when nothing
// more is due. It is for a program that posts one digest and ends; only one
// process may deliver.
func (r *Runner) Deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		more, err := r.deliverOne(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		at, ok, err := r.DB.NextDeliveryDue(ctx)
		if err != nil || !ok {
			return err
		}
		t := time.NewTimer(max(at.Sub(r.Now()), 100*time.Millisecond))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
	return ctx.Err()
}

// deliverOne brings one delivery to a channel or group to the next step. more is
// false when none was due.
func (r *Runner) deliverOne(ctx context.Context) (more bool, err error) {
	if err := r.thawed(ctx); err != nil {
		return false, err
	}
	d, ok, err := r.DB.NextDelivery(ctx)
	if err != nil || !ok {
		return false, err
	}
	return true, r.send(ctx, d)
}

// errNotOwed says that a delivery was not claimed, since it is not to be sent any
// more, or not now.
var errNotOwed = errors.New("it is not owed any more, or not now")

// send makes one try at a delivery that is due, and settles it. It is no error where
// it was not to be sent any more when its turn had come.
func (r *Runner) send(ctx context.Context, d store.Delivery) error {
	if d.Peer == 0 {
		defer r.inChat.lock(d.Chat)()
	}
	var begun atomic.Bool // the turn has come
	var claimed error = errNotOwed
	claim := func() error {
		begun.Store(true)
		claimed = r.claim(ctx, d)
		return claimed
	}
	sending, cancel := withGrace(ctx, sendGrace, begun.Load)
	message, file, err := r.Sender.Post(sending, d.Chat, r.withReply(sending, d), claim)
	cancel()
	if !begun.Load() && ctx.Err() == nil {
		claim() // it failed before its turn had come: that is settled as any failure
	}
	if claimed != nil {
		if errors.Is(claimed, errNotOwed) || ctx.Err() != nil {
			return nil
		}
		return claimed
	}
	s := r.settlement(d, message, file, err)
	// What is known is written down, also at the end.
	ctx = context.WithoutCancel(ctx)
	var o *OutcomeError
	if errors.As(err, &o) && o.MigrateTo != 0 && d.Peer == 0 {
		if err := r.DB.MigrateChat(ctx, d.Chat, o.MigrateTo); err != nil {
			return err
		}
	}
	if errors.As(err, &o) && o.Final && o.NoRight && d.Peer == 0 {
		if err := r.noteRefused(ctx, d.Chat); err != nil {
			return err
		}
	}
	if s.State != store.Sent {
		r.Log.Warn("a post was not confirmed", "delivery", d.ID, "state", s.State, "attempt", d.Attempts, "error", err)
	}
	return r.DB.Settle(ctx, d, s)
}

// claim claims a delivery whose turn has come. Once the program is told to end
// nothing is begun any more, and what has come into its reader's quiet hours while it
// waited is put off.
func (r *Runner) claim(ctx context.Context, d store.Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // it is claimed or not, and not given up midway
	var ok bool
	var err error
	if at := r.afterQuiet(d); at.IsZero() {
		ok, err = r.DB.Claim(ctx, d)
	} else {
		err = r.DB.PutOff(ctx, d, at)
	}
	if err == nil && !ok {
		err = errNotOwed
	}
	return err
}

// sendGrace is what a call under way is given when the program is told to end:
// one that is cut off leaves a doubt.
const sendGrace = 2 * time.Second

// withGrace returns a context that ends some time after its parent does, or at once
// where nothing has begun by then.
func withGrace(parent context.Context, d time.Duration, begun func() bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		if !begun() {
			cancel()
			return
		}
		time.AfterFunc(d, cancel)
	})
	return ctx, func() { stop(); cancel() }
}

// maxAttempts is how often a post is tried that surely did not arrive.
const maxAttempts = 20

func (r *Runner) settlement(d store.Delivery, message rollcall.MessageID, file string, err error) store.Settlement {
	if err == nil {
		return store.Settlement{State: store.Sent, Message: message, FileID: file}
	}
	var o *OutcomeError
	switch {
	case !errors.As(err, &o) || !o.NotDone:
		return store.Settlement{State: store.Unsure, Reason: "no answer that can be trusted: " + err.Error()}
	case o.Final || d.Attempts >= maxAttempts:
		return store.Settlement{State: store.Dead, Reason: err.Error(), Gone: o.Gone}
	case o.MigrateTo != 0:
		return store.Settlement{State: store.Pending}
	}
	wait := o.RetryAfter + time.Second
	if o.RetryAfter == 0 {
		wait = min(time.Second<<min(d.Attempts, 10), 5*time.Minute)
	}
	return store.Settlement{State: store.Pending, NotBefore: r.Now().Add(wait)}
}

// recovered logs the panic of a job, which is then run again in its time. It
// stands in place of cron.Recover, which logs the panic's text.
func recovered(log *slog.Logger) cron.JobWrapper {
	return func(j cron.Job) cron.Job {
		return cron.FuncJob(func() {
			defer func() {
				if p := recover(); p != nil {
					log.Error("a job failed", "error", rollcall.Panicked(p))
				}
			}()
			j.Run()
		})
	}
}

// cronLog gives cron's few words to our logger.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, kv ...any) { l.log.Debug("cron: "+msg, kv...) }

func (l cronLog) Error(err error, msg string, kv ...any) {
	l.log.Error("cron: "+msg, append([]any{"error", err}, kv...)...)
}
