package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/config"
	"rollcall/internal/courier"
	"rollcall/internal/digest"
	"rollcall/internal/health"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
)

type serveCmd struct{ common }

func (serveCmd) Help() string {
	return `Polls Telegram, answers people, and posts the digests. The token comes from ROLLCALL_TOKEN or
ROLLCALL_TOKEN_FILE. SIGTERM ends it within five seconds.

Example: ROLLCALL_TOKEN_FILE=token rollcall serve --config rollcall.yaml`
}

func (c *serveCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	token, err := cfg.RequireToken()
	if err != nil {
		return err
	}
	return serve(a, cfg, token.Reveal(), func(*service) {})
}

// lockFile is what a running serve holds.
func lockFile(cfg *config.Config) string { return cfg.Database + ".serve.lock" }

// errRunning is what the second bot on a database is told.
var errRunning = errors.New("another rollcall serve runs on this database: stop that one first")

// serve runs the bot until the app's context ends. It calls started once, before
// the first poll.
func serve(a *app, cfg *config.Config, token string, started func(*service)) error {
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: cfg.LogLevel()}))
	lock, err := store.TakeLock(lockFile(cfg))
	if errors.Is(err, store.ErrLocked) {
		return errRunning
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	db, keys, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := checkLogs(a.ctx, db, log); err != nil {
		return err
	}
	client, err := connect(a.ctx, cfg, token, log)
	if err != nil || client == nil {
		return err
	}
	if err := db.Update(a.ctx, func(tx *store.Tx) error { return tx.SetUsername(client.Username) }); err != nil {
		return err
	}
	s := newService(a, cfg, db, keys, client, log)
	log.Info("started", "version", versionText(), "bot", client.Username, "digests", len(cfg.Digests))
	started(s)
	err = s.run(a.ctx)
	log.Info("stopped")
	return err
}

// connect asks Telegram who the bot is, again and again while it cannot be
// reached. It returns no client and no error when the context ends first.
func connect(ctx context.Context, cfg *config.Config, token string, log *slog.Logger) (*telegram.Client, error) {
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		client, err := telegram.NewClient(ctx, cfg.APIURL, token)
		switch {
		case err == nil:
			return client, nil
		case ctx.Err() != nil:
			return nil, nil
		case telegram.Refused(err, telegram.BadToken):
			return nil, errBadToken
		}
		log.Warn("Telegram cannot be reached", "error", err, "wait", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, nil
		}
	}
}

var errBadToken = errors.New("the token is not accepted by Telegram: check ROLLCALL_TOKEN or ROLLCALL_TOKEN_FILE, or ask @BotFather for a new one")

// A service is the running bot with everything wired.
type service struct {
	cfg    *config.Config
	db     *store.DB
	log    *slog.Logger
	bot    *telegram.Bot
	sender *telegram.Sender
	runner *jobs.Runner
}

func newService(a *app, cfg *config.Config, db *store.DB, keys *secret.Keys, client *telegram.Client, log *slog.Logger) *service {
	t := cfg.Telegram
	sender := telegram.NewSender(client, limits(cfg), log)
	post := courier.New(client, sender)
	digests := plannedDigests(cfg, client.Username)
	registry := command.Registry(&command.Handlers{
		Settings: settings(cfg, client.Username, digests),
		DB:       db, Keys: keys, Search: search.New(db), Log: log, Fetcher: client,
	})
	router := telegram.NewRouter(registry, telegram.RouterOptions{Username: client.Username, Owners: cfg.Owners, Editors: cfg.Editors,
		DefaultLanguage: cfg.DefaultLanguage, DB: db, Keys: keys, Log: log, Now: a.now})
	return &service{
		cfg: cfg, db: db, log: log, sender: sender,
		bot: telegram.NewBot(client, router, sender, db, log, telegram.Options{Workers: t.Workers, PollTimeout: t.PollTimeout}),
		runner: jobs.New(jobs.Options{DB: db, Sender: post, Log: log, Now: a.now, Digests: digests, Sequencing: sequencing(cfg),
			Chats: post, Owners: owners(cfg, keys), Editors: toldOfQueue(cfg),
			Deleter: post, Editor: post, AnnouncementButtons: command.AnnouncementButtons,
			OpenData: func(user rollcall.UserID, id rollcall.PersonID) string { return command.OpenData(keys, user, id) }}),
	}
}

// run polls, plans and delivers until the context ends, then lets what is under
// way come to its end.
func (s *service) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	grace, cancel := context.WithCancel(context.Background())
	defer cancel()
	context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })
	if s.cfg.HTTP != "" {
		l, err := net.Listen("tcp", s.cfg.HTTP)
		if err != nil {
			return fmt.Errorf("listen for health: %w", err)
		}
		g.Go(func() error { return health.Serve(ctx, l, s.health()) })
	}
	g.Go(func() error { return s.bot.Run(ctx) })
	g.Go(func() error { return s.runner.Run(ctx) })
	err := g.Wait()
	s.sender.Close(grace)
	if telegram.Refused(err, telegram.BadToken) {
		return errBadToken
	}
	return err
}

// stopGrace is what answers under way are given from the moment that the bot is
// told to end, a post under way included (see package jobs): what is left of the
// five seconds that SIGTERM allows is for closing the database.
const stopGrace = 2500 * time.Millisecond

func (s *service) health() health.Sources {
	return health.Sources{
		LastPoll:   s.bot.LastPoll,
		Updates:    s.bot.Handled,
		Writable:   func(ctx context.Context) error { return s.db.Update(ctx, func(*store.Tx) error { return nil }) },
		Deliveries: s.db.DeliveryStates,
	}
}

// settings hands answers the facts of the configuration that they need.
func settings(cfg *config.Config, username string, digests []jobs.Digest) command.Settings {
	s := command.Settings{
		Username: username, Operator: cfg.Operator.Name, Contact: cfg.Operator.Contact,
		MaxResults: cfg.Lookup.MaxResults, MinParts: cfg.Lookup.MinParts, RequireYear: cfg.Lookup.RequireBirthYear,
		MaxWatches: cfg.Lookup.WatchesMax,
		Limits: command.Limits{PerDay: cfg.Lookup.PerDay, DistinctPerWeek: cfg.Lookup.DistinctPerWeek,
			RosterPercent: cfg.Lookup.RosterPercentPerDay, RosterFloor: cfg.Lookup.RosterFloorPerDay},
		Owners: cfg.Owners, Language: cfg.DefaultLanguage,
		BatchLatest: cfg.Petition.BatchLatest, Retention: cfg.Petition.Retention,
		Zone: time.UTC, Sides: sides(cfg), MessagesPerSecond: float64(cfg.Telegram.MessagesPerSecond),
	}
	for _, l := range cfg.TracingLinks {
		s.Tracing = append(s.Tracing, render.Link{Label: l.Label, URL: l.URL})
	}
	for i, d := range digests {
		if i == 0 {
			s.Zone, s.ChannelLink = d.Zone, cfg.Digests[0].Link
		}
		s.Digests = append(s.Digests, d.Spec)
	}
	return s
}

// sequencing says when signatures go into the petitions' logs.
func sequencing(cfg *config.Config) jobs.Sequencing {
	p := cfg.Petition
	return jobs.Sequencing{Every: p.BatchEvery, Min: p.BatchMin, Latest: p.BatchLatest, Retention: p.Retention}
}

// checkLogs looks at the end of each petition's log. One that does not add up takes
// no signatures; the bot runs for all else.
func checkLogs(ctx context.Context, db *store.DB, log *slog.Logger) error {
	faults, err := db.CheckLogHeads(ctx)
	for slug, fault := range faults {
		log.Error("a petition takes no signatures, since its log does not add up: see rollcall doctor", "petition", slug, "error", fault)
	}
	return err
}

// limits are the pace of what is sent.
func limits(cfg *config.Config) telegram.Limits {
	t := cfg.Telegram
	return telegram.Limits{PerSecond: float64(t.MessagesPerSecond), PrivatePerSecond: float64(t.PrivatePerSecond),
		PrivateBurst: t.PrivateBurst, GroupPerMinute: float64(t.GroupPerMinute)}
}

func sides(cfg *config.Config) map[rollcall.Side]string {
	return map[rollcall.Side]string{rollcall.SideA: cfg.Sides.A, rollcall.SideB: cfg.Sides.B}
}

// plannedDigests are the digests of a configuration whose schedules have been
// checked.
func plannedDigests(cfg *config.Config, username string) []jobs.Digest {
	var list []jobs.Digest
	for _, d := range cfg.Digests {
		when, err := schedule.Parse(d.Schedule, d.Zone)
		if err != nil {
			panic("rollcall: a checked schedule does not parse: " + err.Error())
		}
		list = append(list, jobs.Digest{
			Spec: digest.Spec{Name: d.Name, Chat: d.Chat, Language: d.Language, Zone: d.Zone, Chart: d.Chart, Sections: d.Sections,
				Sides: sides(cfg), Username: username},
			Schedule: when, SkipUnchanged: d.SkipUnchanged, CatchUp: d.CatchUp,
		})
	}
	return list
}

// toldOfQueue are whom the runner tells of what waits for a check: the editors, or
// the owners where there are none.
func toldOfQueue(cfg *config.Config) []rollcall.UserID {
	if len(cfg.Editors) == 0 {
		return cfg.Owners
	}
	return cfg.Editors
}

// owners are whom the runner asks and tells in private.
func owners(cfg *config.Config, keys *secret.Keys) jobs.Owners {
	return jobs.Owners{IDs: cfg.Owners, Language: cfg.DefaultLanguage,
		AnswerData: func(owner rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
			return command.UnsureData(keys, owner, doubt, says)
		}}
}
