package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

type verifyCmd struct {
	Dir     string `arg:"" placeholder:"DIR" help:"The bundle, as petition publish wrote it."`
	Earlier string `placeholder:"DIR" help:"A copy from before, or a folder with a digest's checkpoint as checkpoint.txt: the log must continue it."`
	Key     string `placeholder:"VKEY" help:"The log's key as you have it from elsewhere, in the form of key.txt."`
	Receipt string `placeholder:"FILE" help:"A receipt: is that signature in the log?"`
	ID      int64  `name:"id" placeholder:"ID" help:"The Telegram id of the account that the receipt is for."`
}

func (verifyCmd) Help() string {
	return `Needs no database, no configuration and no network. Every leaf, tally, signature and checkpoint is
checked; the first thing wrong is named with its file and line, and the exit code is 1. The bundle's
own key and text prove little by themselves: give --key or --earlier, so that a log made anew shows.
A log that was closed early shows until the petition's closing, and by the clock of this computer.

Example: rollcall verify bundle --earlier last-week`
}

func (c *verifyCmd) Run(a *app) error {
	o := translog.Options{Now: a.now()}
	var err error
	if (c.Receipt != "") != (c.ID != 0) {
		return usageError{errors.New("--receipt and --id go together")}
	}
	if c.Receipt != "" {
		if c.ID < 0 {
			return usageError{errors.New("--id: an account's id is a positive number")}
		}
		o.ID = rollcall.UserID(c.ID)
	}
	if c.Key != "" {
		if o.Key, err = translog.ParseKey(c.Key); err != nil {
			return usageError{fmt.Errorf("--key: %w", err)}
		}
	}
	if err := isFolder(c.Dir); err != nil {
		return err
	}
	if c.Earlier != "" {
		if err := isFolder(c.Earlier); err != nil {
			return err
		}
		o.Earlier = os.DirFS(c.Earlier)
	}
	if c.Receipt != "" {
		if o.Receipt, err = readReceipt(c.Receipt); err != nil {
			return err
		}
	}
	if p := a.progress("verify"); p != nil {
		o.Progress = func(done, total int64) { p(done, total, 0) }
	}
	r, err := translog.Verify(a.ctx, os.DirFS(c.Dir), o)
	if err != nil {
		return c.placed(err)
	}
	return c.show(a, r)
}

func isFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: does not exist", path)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: is not a folder; a bundle is one", path)
	}
	return nil
}

func readReceipt(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: does not exist", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return translog.ReadReceipt(f)
}

// placed names the files as the command line does.
func (c *verifyCmd) placed(err error) error {
	var e *translog.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", c.Dir, err)
	}
	shown := *e
	switch name, earlier := strings.CutPrefix(e.File, translog.InEarlier); {
	case earlier:
		shown.File = filepath.Join(c.Earlier, name)
	case e.File == translog.ReceiptFile:
		shown.File = c.Receipt
	default:
		shown.File = filepath.Join(c.Dir, e.File)
	}
	return &shown
}

func (c *verifyCmd) show(a *app, r translog.Result) error {
	state := "open"
	switch {
	case r.Closed:
		state = "closed"
	case r.Overdue:
		state = "its closing is not in this bundle"
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	line("holds", "%s: %d leaves, %d checkpoints", r.Key.Origin(), r.Size, r.Checkpoints)
	line("counted", "%d accounts, not checked people: %d signed, %d withdrawn, %d voided", r.Tally.Net(), r.Tally.Signed, r.Tally.Withdrawn, r.Tally.Voided)
	for _, reason := range translog.Reasons {
		if n := r.Voided[reason]; n > 0 {
			line("voided", "%d %s", n, reason)
		}
	}
	line("closes", "%s, %s", r.Petition.Closes.Format(time.RFC3339), state)
	line("text", "%s", rollcall.Hex(r.Text))
	line("root", "%s", r.Root)
	line("key", "%s", r.Key)
	if r.Earlier > 0 {
		line("earlier", "it continues the %d leaves of %s", r.Earlier, c.Earlier)
	}
	switch r.Receipt {
	case translog.Counted:
		line("receipt", "leaf %d, counted", r.ReceiptLeaf)
	case translog.Withdrawn:
		line("receipt", "leaf %d, withdrawn since: it is not counted", r.ReceiptLeaf)
	case translog.Voided:
		line("receipt", "leaf %d, voided by the keeper: it is not counted", r.ReceiptLeaf)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c.Key == "" && c.Earlier == "" {
		a.say("The key is the bundle's own. A log that was made anew shows only against a key or a bundle that you have from elsewhere: --key, --earlier.")
	}
	if r.Page == translog.ForeignPage {
		a.say("index.html is not this program's: it is of another version, or was changed. It does not belong to what was checked.")
	}
	return nil
}
