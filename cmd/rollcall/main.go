// Command rollcall is a Telegram bot for the keepers of a roster of people and
// of a petition about them.
//
// This package is the verb table, the flags and the wiring: one file for each
// verb, with its help beside its code. Results go to stdout, talk to stderr.
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 input with bad rows.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"rollcall/internal/config"
	"rollcall/internal/rosterio"
	"rollcall/internal/schedule"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitBadRows = 3
)

// verbs is the table of verbs, in the order of the help.
type verbs struct {
	Serve       serveCmd       `cmd:"" help:"Run the bot."`
	Demo        demoCmd        `cmd:"" help:"Rehearse: the same bot and invented people, on a page."`
	Import      importCmd      `cmd:"" help:"Read a roster file into the database, all or nothing."`
	Export      exportCmd      `cmd:"" help:"Write out what the database holds."`
	Find        findCmd        `cmd:"" help:"Look up a name as the bot does, without limits."`
	Takedown    takedownCmd    `cmd:"" help:"Take an entry down for good."`
	Hide        hideCmd        `cmd:"" help:"Hide an entry for now."`
	Show        showCmd        `cmd:"" help:"Show an entry again."`
	Petition    petitionCmd    `cmd:"" help:"Keep petitions."`
	Digest      digestCmd      `cmd:"" help:"See and send digests."`
	Verify      verifyCmd      `cmd:"" help:"Check a published log, offline and without a database."`
	Stats       statsCmd       `cmd:"" help:"Show what the database holds, as figures."`
	Audit       auditCmd       `cmd:"" help:"List what keepers did."`
	Backup      backupCmd      `cmd:"" help:"Copy the database into a new file, checked."`
	Restore     restoreCmd     `cmd:"" help:"Put a copy in the place of the database."`
	Doctor      doctorCmd      `cmd:"" help:"Check what is set up, with a hint on each fault."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running bot whether it is well; for containers."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// An app is what a verb runs in.
type app struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
}

func main() {
	// A second signal ends the program at once: crashing is always allowed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	syscall.Umask(0o077)
	if os.Getenv("GOGC") == "" {
		// The heap is a few megabytes: collecting it at every doubling costs a
		// tenth of the time under load, and saves next to nothing.
		debug.SetGCPercent(300)
	}
	a := &app{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now}
	os.Exit(a.run(os.Args[1:]))
}

// A usageError is a fault of the command line: exit 2.
type usageError struct{ error }

// exited carries kong's wish to end, after --help, out of its parser.
type exited int

// run runs one command line and returns its exit code.
func (a *app) run(args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	var v verbs
	parser, err := kong.New(&v,
		kong.Name("rollcall"),
		kong.Description("A Telegram bot for the keepers of a roster of people and of a petition about them. It repeats dated statements by named sources, side by side, and takes no side."),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.UsageOnError())
	if err != nil {
		return a.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		var pe *kong.ParseError
		if errors.As(err, &pe) {
			k = pe.Context
		}
		return a.misused(k, err)
	}
	if err := k.Run(a); err != nil {
		var usage usageError
		if errors.As(err, &usage) {
			return a.misused(k, err)
		}
		return a.fail(err)
	}
	return exitDone
}

// misused tells what is wrong with the command line, and where the help is. k
// is what of it was understood, or nil.
func (a *app) misused(k *kong.Context, err error) int {
	verb := "rollcall"
	if k != nil && k.Selected() != nil {
		verb = k.Selected().FullPath()
	}
	fmt.Fprintf(a.stderr, "rollcall: %v\nSee: %s --help\n", err, verb)
	return exitUsage
}

// fail tells what happened, and chooses the exit code.
func (a *app) fail(err error) int {
	if errors.Is(err, rosterio.ErrBadRows) {
		return exitBadRows // the rows were told one by one
	}
	fmt.Fprintf(a.stderr, "rollcall: %v\n", err)
	return exitFailed
}

// say is talk: it goes to stderr.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }

// common are the flags of every verb that works with a database.
type common struct {
	DB     string `name:"db" placeholder:"FILE" help:"The database (default rollcall.db, or as configured)."`
	Config string `name:"config" placeholder:"FILE" help:"The configuration (default rollcall.yaml, where it is there)."`
}

// load reads the configuration.
func (c common) load(a *app) (*config.Config, error) {
	cfg, err := config.Load(c.Config, a.getenv)
	if err != nil {
		return nil, err
	}
	if err := cfg.CheckSchedules(func(spec string, zone *time.Location) error {
		_, err := schedule.Parse(spec, zone)
		return err
	}); err != nil {
		return nil, err
	}
	cfg.SetDatabase(c.DB)
	return cfg, nil
}

// open reads the configuration and opens the database without key material:
// enough for all that touches no account.
func (c common) open(a *app) (*config.Config, *store.DB, error) {
	cfg, err := c.load(a)
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(a.ctx, cfg.Database, store.Options{Now: a.now})
	return cfg, db, err
}

// openForImport is open with the keys, where there is a secret file: marks of
// entries that were taken down are compared under them. Without one there are no
// such marks.
func (c common) openForImport(a *app) (*store.DB, error) {
	cfg, err := c.load(a)
	if err != nil {
		return nil, err
	}
	keys, err := secret.Read(cfg.SecretFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return store.Open(a.ctx, cfg.Database, store.Options{Now: a.now, Keys: keys})
}

// openWithKeys is open with the secret file, which is made at first need. Buttons that
// were bound before the database was restored are not bound by these keys.
func openWithKeys(a *app, cfg *config.Config) (*store.DB, *secret.Keys, error) {
	keys, err := secret.Open(cfg.SecretFile)
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(a.ctx, cfg.Database, store.Options{Now: a.now, Keys: keys, Origin: cfg.Petition.Origin, HoldAbove: cfg.Petition.HoldAbove})
	if err != nil {
		return nil, nil, err
	}
	restored, _, _, err := db.Restoring(a.ctx)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, keys.Rebound(restored), nil
}
