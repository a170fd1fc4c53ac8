package main

import (
	"errors"
	"fmt"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// entryHelp begins the help of the verbs about one entry.
const entryHelp = `ID is the entry's id, as its card and the roster file have it.`

type takedownCmd struct {
	common
	ID     string   `arg:"" placeholder:"ID" help:"Which entry."`
	Reason []string `arg:"" placeholder:"REASON" help:"Why, for the audit; without a name."`
}

func (takedownCmd) Help() string {
	return entryHelp + ` The entry is gone at once from lookups, cards, watches, figures and
exports, also while the bot runs. A keyed mark of its names and birth year holds a re-import for
review, also under another id or in the other script.

Example: rollcall takedown EX-17 the family asked for it`
}

func (c *takedownCmd) Run(a *app) error {
	return c.write(a, func(tx *store.Tx) (store.KeptEntry, error) {
		t, err := tx.TakeDown(c.ID, strings.Join(c.Reason, " "), store.Shell)
		if err == nil && t.Namesakes > 0 {
			a.say("%d other entries of this name and birth year are held for review: /queue in chat", t.Namesakes)
		}
		return t.KeptEntry, err
	})
}

type hideCmd struct {
	common
	ID     string   `arg:"" placeholder:"ID" help:"Which entry."`
	Reason []string `arg:"" optional:"" placeholder:"REASON" help:"Why, for the audit; without a name."`
}

func (hideCmd) Help() string {
	return entryHelp + ` Its watches stay.

Example: rollcall hide EX-17 the source is asked once more`
}

func (c *hideCmd) Run(a *app) error {
	return c.write(a, func(tx *store.Tx) (store.KeptEntry, error) {
		return tx.Hide(c.ID, strings.Join(c.Reason, " "), store.Shell)
	})
}

type showCmd struct {
	common
	ID     string   `arg:"" placeholder:"ID" help:"Which entry."`
	Reason []string `arg:"" optional:"" placeholder:"REASON" help:"Why, for the audit; without a name."`
}

func (showCmd) Help() string {
	return entryHelp + ` It lifts hide, review and take-down. In chat only an owner lifts a
take-down.

Example: rollcall show EX-17`
}

func (c *showCmd) Run(a *app) error {
	return c.write(a, func(tx *store.Tx) (store.KeptEntry, error) {
		return tx.Show(c.ID, strings.Join(c.Reason, " "), store.Shell)
	})
}

// write changes an entry, and says what it is then.
func (c common) write(a *app, change func(*store.Tx) (store.KeptEntry, error)) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	db, _, err := openWithKeys(a, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	var e store.KeptEntry
	err = db.Update(a.ctx, func(tx *store.Tx) (err error) {
		e, err = change(tx)
		return err
	})
	if errors.Is(err, store.ErrAlready) {
		return errors.New("nothing is changed: " + err.Error())
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\t%s\n", e.PublicID, stateOf(e))
	return nil
}

func stateOf(e store.KeptEntry) string {
	switch e.Withheld {
	case rollcall.Hidden:
		return "hidden"
	case rollcall.InReview:
		return "in review"
	case rollcall.TakenDown:
		return "taken down"
	}
	if !e.Shown {
		return "not withheld, and not shown: no live claim, or absent from the last full import"
	}
	return "shown"
}
