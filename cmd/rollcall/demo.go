package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/config"
	"rollcall/internal/demo"
	"rollcall/internal/demo/chatpage"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

type demoCmd struct {
	Listen   string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where the chat page is served (default ${default})."`
	DB       string `name:"db" placeholder:"FILE" help:"Keep the database there (default: a temporary one, removed at the end)."`
	Config   string `name:"config" placeholder:"FILE" help:"Rehearse with this configuration. Accounts and token in it are not used."`
	Roster   string `placeholder:"FILE" help:"Rehearse with this roster instead of the invented one."`
	Petition string `placeholder:"FILE" help:"Rehearse with this petition instead of the invented one."`
	Seed     uint64 `default:"1" placeholder:"N" help:"Another number invents other people (default ${default})."`
}

func (demoCmd) Help() string {
	return `The real bot and a real database, against a stand-in of Telegram inside the program, and a page on
which you play the people who write to it. No token, no network, nothing to install. It is for
rehearsal: whoever reaches the page can act as each of the people, so keep it on the loopback.

Example: rollcall demo

Example: rollcall demo --roster roster.csv --petition petition.yaml --config rollcall.yaml`
}

// The cast of the demo. Nobody in it exists.
var (
	demoPeople = []chatpage.Person{
		{User: fakeapi.User{ID: 7200000001, FirstName: "Mary", LastName: "Sample", LanguageCode: "en"}},
		{User: fakeapi.User{ID: 7200000002, FirstName: "Олена", LastName: "Прикладенко", LanguageCode: "uk"}},
		{User: fakeapi.User{ID: 7200000003, FirstName: "Павел", LastName: "Примеров", LanguageCode: "ru"}},
		{User: fakeapi.User{ID: 7200000004, FirstName: "Ірина", LastName: "Зразкова", LanguageCode: "uk"}, Role: "editor"},
		{User: fakeapi.User{ID: 7200000005, FirstName: "Sam", LastName: "Example", LanguageCode: "en"}, Role: "owner"},
	}
	demoBot     = fakeapi.User{FirstName: "Rollcall", Username: "rollcall_demo_bot"}
	demoGroup   = fakeapi.Chat{ID: -1002000000001, Type: "supergroup", Title: "Example families"}
	demoChannel = fakeapi.Chat{ID: -1002000000002, Type: "channel", Title: "Rollcall example channel", Username: "rollcall_demo_channel"}
)

// demoConfig is what the demo is configured with where no file is named.
var demoConfig = fmt.Sprintf(`operator: {name: "Example Group", contact: "https://example.org/contact"}
log: warn
petition: {batch_every: 5s, batch_min: 1, batch_latest: 1m}
digests:
  - {name: channel, schedule: "@every 1m", timezone: UTC, chat: %d, language: en, chart: true, catch_up: 1m}
`, demoChannel.ID)

func (c *demoCmd) Run(a *app) error {
	l, err := net.Listen("tcp", c.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: end that one, or choose another port, such as --listen 127.0.0.1:8090", c.Listen)
	case err != nil:
		return usageError{fmt.Errorf("--listen: %w", err)}
	}
	defer l.Close()
	folder, err := os.MkdirTemp("", "rollcall-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	api := fakeapi.New(fakeapi.Options{Bot: demoBot, Limits: fakeapi.TelegramLimits()})
	if err := api.Start(); err != nil {
		return err
	}
	defer api.Close()
	b, cfg, err := c.configured(a, folder, api)
	if err != nil {
		return err
	}
	channel := demoChannel
	for i, d := range cfg.Digests {
		place := fakeapi.Chat{ID: d.Chat, Type: "channel", Title: demoChannel.Title + strings.Repeat(" ·", i)}
		if i == 0 {
			place.Username = demoChannel.Username
			channel = place
		}
		api.AddChat(place)
	}
	api.AddChat(channel)
	api.AddChat(demoGroup)
	for _, p := range demoPeople {
		api.AddUser(p.User)
	}
	if err := c.fill(b, cfg); err != nil {
		return err
	}
	return c.play(b, cfg, api, channel, l)
}

// configured returns the app and the configuration of the demo: neither the
// environment nor the working directory has a say, so that nothing real is
// touched by a rehearsal.
func (c *demoCmd) configured(a *app, folder string, api *fakeapi.Server) (*app, *config.Config, error) {
	db := c.DB
	if db == "" {
		db = filepath.Join(folder, "demo.db")
	}
	var owners, editors []string
	for _, p := range demoPeople {
		switch p.Role {
		case "owner":
			owners = append(owners, strconv.FormatInt(int64(p.ID), 10))
		case "editor":
			editors = append(editors, strconv.FormatInt(int64(p.ID), 10))
		}
	}
	file := c.Config
	if file == "" {
		file = filepath.Join(folder, "rollcall.yaml")
		if err := os.WriteFile(file, []byte(demoConfig), 0o600); err != nil {
			return nil, nil, err
		}
	}
	env := map[string]string{
		config.EnvConfig: file, config.EnvToken: api.Token(), config.EnvAPIURL: api.URL(),
		config.EnvDB: db, config.EnvSecretFile: db + ".secret",
		config.EnvOwners: strings.Join(owners, ","), config.EnvEditors: strings.Join(editors, ","),
	}
	b := *a
	b.getenv = func(name string) string { return env[name] }
	cfg, err := common{}.load(&b)
	if err != nil {
		return nil, nil, err
	}
	cfg.HTTP = "" // the address is the real bot's
	for i, d := range cfg.Digests {
		if d.Chat.Private() { // an account of the real bot's
			cfg.Digests[i].Chat = demoChannel.ID
		}
	}
	return &b, cfg, nil
}

// errNotDemo is what a rehearsal says of a database with which a bot has worked.
var errNotDemo = errors.New("this database is a real bot's: a rehearsal would write to its people and its ledger; name a new file, and bring the roster by --roster")

// fill puts into a new database what there is to see.
func (c *demoCmd) fill(a *app, cfg *config.Config) error {
	db, _, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	username, err := db.Username(a.ctx)
	if err != nil {
		return err
	}
	if username != "" && username != demoBot.Username {
		return errNotDemo
	}
	if username != "" { // filled by a rehearsal before
		return nil
	}
	if c.Roster != "" {
		if err := (&importCmd{File: c.Roster}).Run(a); err != nil {
			return err
		}
	}
	if c.Petition != "" {
		if err := (&petitionOpenCmd{File: c.Petition}).Run(a); err != nil {
			return err
		}
	}
	if err := (demo.World{Seed: c.Seed, Now: a.now()}).Fill(a.ctx, db); err != nil {
		return err
	}
	return db.Update(a.ctx, func(tx *store.Tx) error { return tx.SetUsername(demoBot.Username) })
}

// firstDigestPatience is how long the page waits for the first digest.
const firstDigestPatience = 3 * time.Second

// partingGrace is what the bot is given to end before its connections are cut:
// Ctrl-C is to end the demo within a second, whatever fault is being played.
const partingGrace = 400 * time.Millisecond

// play runs the bot and serves the page until the app's context ends.
func (c *demoCmd) play(a *app, cfg *config.Config, api *fakeapi.Server, channel fakeapi.Chat, l net.Listener) error {
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	g, ctx := errgroup.WithContext(a.ctx)
	b := *a
	b.ctx = ctx
	ready := make(chan *service, 1)
	g.Go(func() error { return serve(&b, cfg, api.Token(), func(s *service) { ready <- s }) })
	var s *service
	select {
	case s = <-ready:
	case <-ctx.Done():
		return g.Wait()
	}
	o := chatpage.Options{API: api, People: demoPeople, Group: demoGroup, Channel: channel, Listen: l.Addr().String(), Log: log}
	if len(cfg.Digests) > 0 {
		o.NextDigest = func(ctx context.Context) error { return s.runner.SendNow(ctx, s.runner.Digests[0], a.now()) }
		// The channel is not to be empty when the page is opened.
		first, cancel := context.WithTimeout(ctx, firstDigestPatience)
		err := o.NextDigest(first)
		if err == nil {
			_, err = api.WaitMessage(first, channel.ID, func(fakeapi.Message) bool { return true })
		}
		cancel()
		if err != nil && ctx.Err() == nil {
			log.Warn("the first digest is late", "error", err)
		}
	}
	if err := c.explain(ctx, &o, s.db, demo.World{Seed: c.Seed, Now: a.now()}); err != nil && ctx.Err() == nil {
		log.Warn("the page has nothing to suggest", "error", err)
	}
	page := chatpage.New(o)
	web := &http.Server{Handler: page, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	g.Go(func() error {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	context.AfterFunc(ctx, func() {
		page.Close()
		web.Close()
		time.AfterFunc(partingGrace, api.Close)
	})
	c.announce(a, l)
	return g.Wait()
}

// explain adds what a newcomer may type and send, where the roster is the invented
// one and not a keeper's, of this run or of one before on the same database.
func (c *demoCmd) explain(ctx context.Context, o *chatpage.Options, db *store.DB, w demo.World) error {
	first := search.ParseQuery(w.Suggestions(rollcall.English)[0].Text, w.Now)
	found, err := search.New(db).Find(ctx, first, search.Options{Limit: 1})
	if err != nil || found.Verdict != search.Match || found.Hits[0].Person.PublicID != demo.Disputed {
		return err
	}
	o.Ideas = map[rollcall.Language][]chatpage.Idea{}
	for _, l := range rollcall.Languages {
		for _, s := range w.Suggestions(l) {
			o.Ideas[l] = append(o.Ideas[l], chatpage.Idea{Text: s.Text, Shows: s.Shows})
		}
	}
	good, data := w.RosterFile()
	bad, worse := w.BadRosterFile()
	o.Files = []chatpage.File{
		{Name: good, Data: data, Shows: map[rollcall.Language]string{
			rollcall.English:   "new people, and a new statement on an old entry",
			rollcall.Ukrainian: "нові люди й нове повідомлення про наявний запис",
			rollcall.Russian:   "новые люди и новое сообщение о прежней записи",
		}},
		{Name: bad, Data: worse, Shows: map[rollcall.Language]string{
			rollcall.English:   "the same with faults: refused as a whole, each fault named",
			rollcall.Ukrainian: "те саме з помилками: не приймається, кожну помилку названо",
			rollcall.Russian:   "то же с ошибками: не принимается, каждая ошибка названа",
		}},
	}
	return nil
}

// announce prints the address.
func (c *demoCmd) announce(a *app, l net.Listener) {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		host, port = l.Addr().String(), ""
	}
	ip := net.ParseIP(host)
	if ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	a.say("A rehearsal with an invented Telegram: open this address in a browser. Ctrl-C ends it.")
	if ip != nil && !ip.IsLoopback() {
		a.say("Whoever reaches this machine can act as each of the people on the page.")
	}
	if c.DB == "" {
		a.say("The data is in a temporary folder and goes with it; --db FILE keeps it.")
	}
	io.WriteString(a.stdout, "http://"+net.JoinHostPort(host, port)+"/\n")
}
