package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/translog"
)

type petitionVoidCmd struct {
	common
	Slug   string   `arg:"" placeholder:"SLUG" help:"Which petition."`
	Held   bool     `help:"Those that are held since they came in a burst."`
	Leaves []string `placeholder:"FROM-TO" help:"Those of these leaves of the log, such as 120-180; may be repeated."`
	Reason string   `required:"" placeholder:"CODE" help:"Why, for the public log: burst, automated, duplicate, organiser, order or test."`
	Yes    bool     `help:"Do not ask."`
}

func (petitionVoidCmd) Help() string {
	return `A leaf for each is appended to the log, with the reason; nothing is removed in silence, and nothing
comes back. It says how many there are, and asks. Nothing is known of a signature but its leaf and
whether it is held: what came honestly with a burst would be voided with it. An account whose
signature was voided is told so when it comes, and can sign again only after it has withdrawn.

Example: rollcall petition void sample --held --reason burst

Example: rollcall petition void sample --leaves 120-180 --reason automated`
}

func (c *petitionVoidCmd) Run(a *app) error {
	rule, err := c.rule()
	if err != nil {
		return usageError{err}
	}
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	db, _, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	n, err := db.CountVoidable(a.ctx, c.Slug, rule)
	if err != nil {
		return err
	}
	if n == 0 {
		return rollcall.E(rollcall.NotFound, "nothing is changed: no signature that stands is meant by that")
	}
	signatures := plural(n, "signature", "signatures")
	if !c.Yes {
		sure, err := a.confirm(fmt.Sprintf("%s of %s will be voided in public for good, as %q. Go on?", signatures, c.Slug, c.Reason))
		if err != nil {
			return err
		}
		if !sure {
			return errNotSure
		}
	}
	err = db.Update(a.ctx, func(tx *store.Tx) error {
		n, err = tx.Void(c.Slug, rule, translog.Reason(c.Reason), store.Shell)
		return err
	})
	if err != nil {
		return err
	}
	a.say("the running bot appends them to the log, within %s at the latest", cfg.Petition.BatchLatest)
	fmt.Fprintf(a.stdout, "%s\t%d voided\t%s\n", c.Slug, n, c.Reason)
	return nil
}

// reasons lists the codes, for the help.
func reasons() string {
	var list []string
	for _, r := range translog.Reasons {
		list = append(list, string(r))
	}
	return strings.Join(list, ", ")
}

func (c *petitionVoidCmd) rule() (store.VoidRule, error) {
	r := store.VoidRule{Held: c.Held}
	known := false
	for _, reason := range translog.Reasons {
		known = known || string(reason) == c.Reason
	}
	if !known {
		return r, fmt.Errorf("--reason: %q is none of %s", c.Reason, reasons())
	}
	for _, text := range c.Leaves {
		from, to, found := strings.Cut(text, "-")
		if !found {
			to = from
		}
		var l store.LeafRange
		var err1, err2 error
		l.From, err1 = strconv.ParseInt(from, 10, 64)
		l.To, err2 = strconv.ParseInt(to, 10, 64)
		if err1 != nil || err2 != nil || l.From < 1 || l.To < l.From {
			return r, fmt.Errorf("--leaves: %q is no range of leaves such as 120-180", text)
		}
		r.Leaves = append(r.Leaves, l)
	}
	if !r.Held && len(r.Leaves) == 0 {
		return r, fmt.Errorf("say which signatures: --held or --leaves FROM-TO")
	}
	return r, nil
}

var errNotSure = errors.New("nothing is changed")

// terminal returns the terminal on which questions are answered, or nil.
func (a *app) terminal() *os.File {
	in, ok := a.stdin.(*os.File)
	if !ok || !isatty.IsTerminal(in.Fd()) {
		return nil
	}
	return in
}

// confirm asks on the terminal. Where there is none it is an error that says what
// to do.
func (a *app) confirm(question string) (bool, error) {
	if a.terminal() == nil {
		return false, fmt.Errorf("%s --yes says so", question)
	}
	return a.confirmOnTerminal(question)
}

// confirmOnTerminal asks on the terminal. Where there is none nobody can be asked,
// and the command line is taken at its word.
func (a *app) confirmOnTerminal(question string) (bool, error) {
	in := a.terminal()
	if in == nil {
		return true, nil
	}
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

type petitionReleaseCmd struct {
	common
	Slug string `arg:"" placeholder:"SLUG" help:"Which petition."`
}

func (petitionReleaseCmd) Help() string {
	return `They count with the next batch. Left alone, they count when they have waited for
petition.batch_latest.

Example: rollcall petition release sample`
}

func (c *petitionReleaseCmd) Run(a *app) error {
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	err = db.Update(a.ctx, func(tx *store.Tx) (err error) {
		n, err = tx.ReleaseHeld(c.Slug, store.Shell)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\t%d released\n", c.Slug, n)
	return nil
}

type petitionPublishCmd struct {
	common
	Slug string `arg:"" placeholder:"SLUG" help:"Which petition."`
	Dir  string `arg:"" placeholder:"DIR" help:"The folder; it is made where it is not there."`
}

func (petitionPublishCmd) Help() string {
	return `The folder holds the text, every leaf, every checkpoint and the key, and a page that checks them in a
browser without a network. Nothing in it names a signer. What is there already must be an earlier
state of the same log. rollcall verify checks it.

Example: rollcall petition publish sample ./log`
}

func (c *petitionPublishCmd) Run(a *app) error {
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := db.Petition(a.ctx, c.Slug)
	if err != nil {
		return err
	}
	head, err := db.LogHead(a.ctx, c.Slug)
	if err != nil {
		return err
	}
	size := head.Checkpoint.Size
	res, err := translog.Write(a.ctx, c.Dir, translog.Bundle{Petition: p.CanonicalJSON(), Key: head.Key,
		Leaves: db.Leaves(a.ctx, c.Slug, size), Checkpoints: db.Checkpoints(a.ctx, c.Slug, size)})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\t%d leaves\t%d counted\t%s\n", c.Dir, res.Size, res.Tally.Net(), res.Key)
	return nil
}
