package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"rollcall/internal/config"
	"rollcall/internal/courier"
	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

type digestCmd struct {
	List    digestListCmd    `cmd:"" help:"What is planned, and what was sent."`
	Preview digestPreviewCmd `cmd:"" help:"How the next one would look if it were due now."`
	Send    digestSendCmd    `cmd:"" help:"Send one now."`
}

type digestListCmd struct{ common }

func (digestListCmd) Help() string {
	return `The next firings and the last posts of each digest, and of what subscribers get, by time, zone and
language, the last with how its messages stand, as long as these are kept: three days.

Example: rollcall digest list`
}

// Of each digest, list shows the next firings and the last occurrences.
const (
	listAhead  = 3
	listBehind = 5
)

func (c *digestListCmd) Run(a *app) error {
	cfg, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	if len(cfg.Digests) == 0 {
		a.say("no digest is configured: see digests in configs/rollcall.example.yaml")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DIGEST\tWHEN\tSTATE\tNO\tDETAIL")
	for i, d := range plannedDigests(cfg, "") {
		for _, o := range d.Schedule.Upcoming(a.now(), listAhead) {
			fmt.Fprintf(w, "%s\t%s\tplanned\t\t%s\n", d.Name, o.At.In(d.Zone).Format("2006-01-02 15:04:05 MST"), cfg.Digests[i].Schedule+onlySections(d.Sections))
		}
		past, err := db.Occurrences(a.ctx, d.Name, listBehind)
		if err != nil {
			return err
		}
		for _, o := range past {
			number := ""
			if o.Number > 0 {
				number = fmt.Sprint(o.Number)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.Name, o.PlannedAt.In(d.Zone).Format("2006-01-02 15:04:05 MST"), deliveryState(o), number, occurrenceDetail(o))
		}
		if i > 0 {
			continue // people subscribe to the first
		}
		editions, err := db.Editions(a.ctx, d.Name)
		if err != nil {
			return err
		}
		for _, e := range editions {
			if err := listEdition(a, db, w, d.Name, e); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

// onlySections names the sections of a digest that has not all of them.
func onlySections(s rollcall.Sections) string {
	if names := s.String(); names != "" && !s.All() {
		return "; only " + names
	}
	return ""
}

// listEdition writes one line about an edition of subscribers: its last occurrence,
// or its next where there was none.
func listEdition(a *app, db *store.DB, w io.Writer, digest string, e store.RunningEdition) error {
	zone, err := rollcall.LoadZone(e.Zone)
	if err != nil {
		return err
	}
	who := e.String() + ": " + plural(e.Subscribers, "subscriber", "subscribers")
	last, err := db.LastOfEdition(a.ctx, digest, e.String())
	if rollcall.CodeOf(err) == rollcall.NotFound {
		when, err := schedule.ForEdition(e.Edition)
		if err != nil {
			return err
		}
		for _, o := range when.Upcoming(a.now(), 1) {
			fmt.Fprintf(w, "%s\t%s\tplanned\t\t%s\n", digest, o.At.In(zone).Format("2006-01-02 15:04:05 MST"), who)
		}
		return nil
	}
	if err != nil {
		return err
	}
	state, number := string(last.State), ""
	if last.State == store.Posted {
		state, number = string(store.Sent), fmt.Sprint(last.Number)
		if last.Deliveries[store.Pending]+last.Deliveries[store.Sending] > 0 {
			state = string(store.Pending)
		}
	}
	var counts []string
	for _, s := range []store.DeliveryState{store.Sent, store.Sending, store.Pending, store.Unsure, store.Dead} {
		if n := last.Deliveries[s]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if last.Reason != "" {
		counts = append(counts, last.Reason)
	}
	if len(counts) > 0 {
		who += "; " + strings.Join(counts, ", ")
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", digest, last.PlannedAt.In(zone).Format("2006-01-02 15:04:05 MST"), state, number, who)
	return nil
}

// deliveryState sums up an occurrence: the least good state of its messages.
func deliveryState(o store.PlannedPost) string {
	if o.State != store.Posted {
		return string(o.State)
	}
	for _, s := range []store.DeliveryState{store.Dead, store.Unsure, store.Sending, store.Pending} {
		if o.Deliveries[s] > 0 {
			return string(s)
		}
	}
	return string(store.Sent)
}

func occurrenceDetail(o store.PlannedPost) string {
	if o.Reason != "" {
		return o.Reason
	}
	return o.Problem + doubtText(o.Doubt)
}

// doubtText says how far it has been found out whether a post arrived.
func doubtText(d store.Doubting) string {
	switch d.Stage {
	case store.Looking:
		return "; a running bot looks for it in the chat"
	case store.Asking:
		return "; an owner is to be asked: each must have written to the bot once"
	case store.Asked:
		return "; the owners were asked in private, " + d.Asked.UTC().Format("2006-01-02 15:04 MST")
	}
	return ""
}

type digestPreviewCmd struct {
	common
	Name  string `arg:"" placeholder:"NAME" help:"Which, by its name in the configuration."`
	Chart string `placeholder:"FILE" help:"Write the chart there, as a PNG, rather than to NAME.png in the working directory."`
}

func (digestPreviewCmd) Help() string {
	return `Prints the text and writes the chart, where the digest has one, to NAME.png in the working
directory or to another file. Nothing is sent, and the database is not changed.

Example: rollcall digest preview daily --chart chart.png`
}

func (c *digestPreviewCmd) Run(a *app) error {
	cfg, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	d, err := namedDigest(a, cfg, db, c.Name)
	if err != nil {
		return err
	}
	if !d.Sections.All() {
		a.say("this digest has only the sections %s", d.Sections)
	}
	posts, err := digest.Preview(a.ctx, db, d.Spec, a.now().UTC().Truncate(time.Second))
	if err != nil {
		return err
	}
	var png []byte
	for _, p := range posts {
		if p.Chart != nil {
			png = p.Chart
		}
		if p.HTML == "" {
			continue
		}
		fmt.Fprintln(a.stdout, render.Plain(render.HTML(p.HTML)))
		rows, err := digest.DecodeButtons(p.Buttons)
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, b := range row {
				fmt.Fprintf(a.stdout, "[%s] %s\n", b.Label, b.URL)
			}
		}
	}
	file := c.Chart
	switch {
	case png == nil && file == "":
		return nil
	case png == nil:
		return errors.New("this digest has no chart now: it is switched off, petition is not among its sections, or no petition is open")
	case file == "":
		file = d.Name + ".png" // a name of the configuration, which has no slash
	}
	if err := replaceFile(file, func(w io.Writer) error { _, err := w.Write(png); return err }); err != nil {
		return fmt.Errorf("write the chart: %w", err)
	}
	a.say("the chart is in %s", file)
	return nil
}

type digestSendCmd struct {
	common
	Name string `arg:"" placeholder:"NAME" help:"Which, by its name in the configuration."`
}

func (digestSendCmd) Help() string {
	return `Outside of its schedule, which goes on as before. A running bot sends it; where none runs, this
does, and needs the token.

Example: rollcall digest send daily`
}

func (c *digestSendCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	db, _, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	d, err := namedDigest(a, cfg, db, c.Name)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: max(cfg.LogLevel(), slog.LevelWarn)}))
	lock, err := store.TakeLock(lockFile(cfg))
	if errors.Is(err, store.ErrLocked) {
		if err := jobs.New(jobs.Options{DB: db, Log: log, Now: a.now}).SendNow(a.ctx, d, a.now()); err != nil {
			return err
		}
		return c.report(a, db, d, true)
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	token, err := cfg.RequireToken()
	if err != nil {
		return err
	}
	client, err := telegram.NewClient(a.ctx, cfg.APIURL, token.Reveal())
	if telegram.Refused(err, telegram.BadToken) {
		return errBadToken
	}
	if err != nil {
		return err
	}
	d.Username = client.Username
	sender := telegram.NewSender(client, limits(cfg), log)
	defer sender.Close(a.ctx)
	runner := jobs.New(jobs.Options{DB: db, Sender: courier.New(client, sender), Log: log, Now: a.now, Sequencing: sequencing(cfg)})
	if err := runner.SequenceDue(a.ctx); err != nil {
		log.Error("a petition's log could not be appended to", "error", err) // the digest tells what is counted
	}
	if err := runner.SendNow(a.ctx, d, a.now()); err != nil {
		return err
	}
	if err := runner.Deliver(a.ctx); err != nil {
		return err
	}
	return c.report(a, db, d, false)
}

// sendPatience is how long a running bot is given to send.
const sendPatience = 20 * time.Second

// report says how the digest just entered went.
func (c *digestSendCmd) report(a *app, db *store.DB, d jobs.Digest, wait bool) error {
	ctx, cancel := context.WithTimeout(a.ctx, sendPatience)
	defer cancel()
	for {
		past, err := db.Occurrences(a.ctx, d.Name, 1)
		if err != nil {
			return err
		}
		if len(past) == 0 {
			return errors.New("the digest is not in the ledger")
		}
		state := deliveryState(past[0])
		if wait && (state == string(store.Pending) || state == string(store.Sending)) {
			select {
			case <-time.After(200 * time.Millisecond):
				continue
			case <-ctx.Done():
				return errors.New("the digest is planned, and the running bot has not sent it yet: see rollcall digest list")
			}
		}
		fmt.Fprintf(a.stdout, "%s\tNo %d\t%s\n", d.Name, past[0].Number, strings.TrimSpace(state+" "+occurrenceDetail(past[0])))
		if state != string(store.Sent) {
			return errors.New("the digest was not confirmed by Telegram")
		}
		return nil
	}
}

// namedDigest finds a digest of the configuration. Its deep links need the bot's
// username, which the running bot leaves in the database.
func namedDigest(a *app, cfg *config.Config, db *store.DB, name string) (jobs.Digest, error) {
	username, err := db.Username(a.ctx)
	if err != nil {
		return jobs.Digest{}, err
	}
	if username == "" {
		username = "your_bot"
	}
	var names []string
	for _, d := range plannedDigests(cfg, username) {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	if len(names) == 0 {
		return jobs.Digest{}, rollcall.E(rollcall.NotFound, "no digest is configured")
	}
	return jobs.Digest{}, rollcall.E(rollcall.NotFound, fmt.Sprintf("no digest is called %q; there is %s", name, strings.Join(names, ", ")))
}
