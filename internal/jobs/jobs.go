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
	"errors"
	"fmt"
	"log/slog"
	"sync"
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

// nudge makes whoever waits for it look at the ledger now.
func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
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
