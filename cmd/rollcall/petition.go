package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"rollcall/internal/config"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

type petitionCmd struct {
	Open  petitionOpenCmd  `cmd:"" help:"Freeze a petition's text and open it at its instant."`
	Close petitionCloseCmd `cmd:"" help:"End signing at once, before its time."`
	List  petitionListCmd  `cmd:"" help:"List the petitions with their figures."`
	Goal  petitionGoalCmd  `cmd:"" help:"Raise a petition's goal."`

	Void    petitionVoidCmd    `cmd:"" help:"Remove signatures, each in public and with a reason."`
	Release petitionReleaseCmd `cmd:"" help:"Let held signatures count."`
	Publish petitionPublishCmd `cmd:"" help:"Write a petition's public log into a folder."`
}

type petitionOpenCmd struct {
	common
	File string `arg:"" placeholder:"FILE" help:"The petition, in YAML."`
}

func (petitionOpenCmd) Help() string {
	return `The whole petition is frozen by the SHA-256 of its canonical form. A changed text is a new
petition, with a slug of its own.

Example: rollcall petition open petition.yaml`
}

func (c *petitionOpenCmd) Run(a *app) error {
	p, err := config.LoadPetition(c.File)
	if err != nil {
		return err
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
	if !p.Closes.After(a.now()) {
		return fmt.Errorf("%s: closes: lies in the past: nobody could sign", c.File)
	}
	if err := db.OpenPetition(a.ctx, p, store.Shell); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\t%s\topens %s\tcloses %s\n", p.Slug, rollcall.Hex(p.TextSHA256()), p.Opens.Format(time.RFC3339), p.Closes.Format(time.RFC3339))
	return nil
}

type petitionCloseCmd struct {
	common
	Slug string `arg:"" placeholder:"SLUG" help:"Which."`
	Yes  bool   `help:"Do not ask on a terminal."`
}

func (petitionCloseCmd) Help() string {
	return `What waits is counted, held signatures too, and the log is closed: that is public and cannot be
undone. A petition closes at its own instant by itself, so this is always before its time. Until that
instant rollcall verify, and the page in the log's folder, say of the published log that it was closed
before its time, as a fault: a log cannot tell a good reason from a bad one. So say where the petition
is made known why it was closed. The petition's page says "Closed early" and when. It warns of that
first, and asks on a terminal.

Example: rollcall petition close sample`
}

// warnOfEarlyClose says what readers will see.
func (a *app) warnOfEarlyClose(p store.PetitionRecord) {
	closes := p.Closes.Format(time.RFC3339)
	a.say(`petition %s was frozen to close at %s, and will be closed now, before its time. Readers see that:
- its page says "Closed early", with the time;
- until %s, rollcall verify says of the published log, as a fault (exit 1),
  "it was done before its time: it is closed, and was to close at %s";
  the page in the log's folder says it too.
Say where the petition is made known why it was closed. To let it close by itself, do nothing.`, p.Slug, closes, closes, closes)
}

func (c *petitionCloseCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	db, _, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := db.Petition(a.ctx, c.Slug)
	if err != nil {
		return err
	}
	if p.State(a.now()) != rollcall.Closed { // which is refused below
		a.warnOfEarlyClose(p)
		if !c.Yes {
			sure, err := a.confirmOnTerminal(fmt.Sprintf("%s will be closed in public for good. Go on?", c.Slug))
			if err != nil {
				return err
			}
			if !sure {
				return errNotSure
			}
		}
	}
	if err := db.ClosePetition(a.ctx, c.Slug, store.Shell); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\tclosed\n", c.Slug)
	return nil
}

type petitionGoalCmd struct {
	common
	Slug string `arg:"" placeholder:"SLUG" help:"Which."`
	Goal int    `arg:"" name:"n" placeholder:"N" help:"The new goal, in signatures; above the present one."`
	Yes  bool   `help:"Do not ask on a terminal."`
}

func (petitionGoalCmd) Help() string {
	return `The petition's page, digests, charts and lists have the new goal from then on; the page says when
it was raised and from what, and the next digest says from what. It is never lowered, so this cannot
be undone: another goal needs a new petition. The frozen text keeps the first goal, so that the
petition.json of the published log says that one for good, and verify holds as before.

Example: rollcall petition goal sample 50000`
}

func (c *petitionGoalCmd) Run(a *app) error {
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := db.Petition(a.ctx, c.Slug)
	if err != nil {
		return err
	}
	if err := p.Raisable(c.Goal, a.now()); err != nil {
		return err
	}
	if !c.Yes {
		sure, err := a.confirmOnTerminal(fmt.Sprintf("The goal of %s will be %d instead of %d, in public and for good. Go on?", c.Slug, c.Goal, p.Goal.Count))
		if err != nil {
			return err
		}
		if !sure {
			return errNotSure
		}
	}
	var g rollcall.Goal
	err = db.Update(a.ctx, func(tx *store.Tx) (err error) {
		g, err = tx.RaiseGoal(c.Slug, c.Goal, store.Shell)
		return err
	})
	if err != nil {
		return err
	}
	a.say("the published log goes on saying the first goal, %d: it is part of the frozen text", g.First)
	fmt.Fprintf(a.stdout, "%s\t%d\traised from %d\n", c.Slug, g.Count, g.Was)
	return nil
}

type petitionListCmd struct{ common }

func (petitionListCmd) Help() string { return "Example: rollcall petition list" }

func (c *petitionListCmd) Run(a *app) error {
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := db.Petitions(a.ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		a.say("there is no petition yet: rollcall petition open FILE")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SLUG\tSTATE\tCOUNTED\tSIGNED\tWITHDRAWN\tVOIDED\tGOAL\tOPENS\tCLOSES")
	for _, p := range all {
		state := [...]string{"upcoming", "open", "closed"}[p.State(a.now())]
		waiting, err := db.Waiting(a.ctx, p.Slug)
		if err != nil {
			return err
		}
		if n := waiting.Signatures + waiting.Removals; n+waiting.Held > 0 {
			a.say("petition %s: %d wait for the next batch, %d are held", p.Slug, n, waiting.Held)
		}
		if p.Halted != "" {
			a.say("petition %s takes no signatures, since its log does not add up: %s", p.Slug, p.Halted)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", p.Slug, state, p.Tally.Net(), p.Tally.Signed, p.Tally.Withdrawn, p.Tally.Voided,
			p.Goal.Count, p.Opens.Format(time.RFC3339), p.Closes.Format(time.RFC3339))
	}
	return w.Flush()
}

type statsCmd struct{ common }

func (statsCmd) Help() string { return "Example: rollcall stats" }

func (c *statsCmd) Run(a *app) error {
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := db.Stats(a.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range s.Lines() {
		fmt.Fprintf(w, "%s\t%s\n", f.Name, f.Value)
	}
	petitions, err := db.Petitions(a.ctx)
	if err != nil {
		return err
	}
	for _, p := range petitions {
		f := p.Figure()
		fmt.Fprintf(w, "%s\t%s\n", f.Name, f.Value)
	}
	return w.Flush()
}
