package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/store"
)

type importCmd struct {
	common
	File   string `arg:"" placeholder:"FILE" help:"The roster: .csv, .jsonl or .xlsx."`
	DryRun bool   `help:"Check everything and store nothing."`
	Full   bool   `help:"The file is the whole roster: entries that it does not have are hidden."`
	Format string `enum:",csv,jsonl,xlsx" default:"" placeholder:"FORMAT" help:"csv, jsonl or xlsx (default by the file's name)."`
}

func (importCmd) Help() string {
	return `All or nothing: with one bad row nothing of the file is stored, every fault is told as
FILE:LINE: COLUMN: what is wrong, and the exit code is 3. The bot may run meanwhile.

Example: rollcall import --dry-run roster.csv`
}

func (c *importCmd) Run(a *app) error {
	db, err := c.openForImport(a)
	if err != nil {
		return err
	}
	defer db.Close()
	format := rosterio.Format(c.Format)
	if format == "" {
		if format, err = rosterio.FormatOf(c.File); err != nil {
			return usageError{err}
		}
	}
	r, err := rosterio.OpenReader(c.File, format, rollcall.DateOf(a.now().UTC()))
	if err != nil {
		return badFile(a, err)
	}
	defer r.Close()
	rep, err := rosterio.Import(a.ctx, db, r, store.Shell, rosterio.ImportOptions{Full: c.Full, DryRun: c.DryRun, Progress: a.progress("import")})
	for _, e := range rep.Faults {
		a.say("%v", e)
	}
	if rep.MoreFaults > 0 {
		a.say("and %d more", rep.MoreFaults)
	}
	if errors.Is(err, rosterio.ErrBadRows) {
		a.say("rollcall: %v", err)
		return err
	}
	if err != nil {
		return badFile(a, err)
	}
	for _, e := range rep.Lookalikes {
		a.say("%v", e)
	}
	if rep.MoreLookalikes > 0 {
		a.say("and %d more possible duplicates", rep.MoreLookalikes)
	}
	for _, e := range rep.HeldRows {
		a.say("%v", e)
	}
	if rep.MoreHeld > 0 {
		a.say("and %d more that are held for review", rep.MoreHeld)
	}
	if !c.DryRun {
		if err := db.Fold(a.ctx); err != nil {
			a.say("rollcall: imported; the clean-up after it will be done by the bot: %v", err)
		}
	}
	verb := "imported"
	if c.DryRun {
		verb = "dry run, nothing stored"
	}
	fmt.Fprintf(a.stdout, "%s: %d rows, %d new people, %d changed, %d new claims, %d renewed, %d hidden, %d possible duplicates",
		verb, rep.Rows, rep.People, rep.PeopleChanged, rep.Claims, rep.Renewed, rep.Hidden, rep.BatchSummary.Lookalikes)
	if rep.Held > 0 {
		fmt.Fprintf(a.stdout, ", %d held for review", rep.Held)
	}
	if rep.TakenDown > 0 {
		fmt.Fprintf(a.stdout, ", %d stay taken down", rep.TakenDown)
	}
	fmt.Fprintln(a.stdout)
	return nil
}

// badFile tells the faults of a file as a whole, such as its encoding, like
// those of its rows.
func badFile(a *app, err error) error {
	var f *rosterio.FileError
	if errors.As(err, &f) {
		a.say("%v", err)
		return rosterio.ErrBadRows
	}
	return err
}

// progress draws a bar on a terminal, and nothing elsewhere.
func (a *app) progress(what string) func(done, total int64, rows int) {
	f, ok := a.stderr.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64, rows int) {
		if bar == nil {
			if total <= 0 {
				total = -1
			}
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what),
				progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(done)
	}
}
