package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

type restoreCmd struct {
	common
	File  string `arg:"" placeholder:"FILE" help:"A copy that rollcall backup has made."`
	Force bool   `help:"Also where a petition's log loses leaves that may have been published."`
}

func (restoreCmd) Help() string {
	return `The copy is checked as by rollcall backup, and has to belong to the secret file that is in place. Stop
the bot first, and run this as the account that runs it. The present database is kept beside the new
one as FILE.before-restore-TIME.

What was done since the copy was made is undone: signatures and withdrawals, watches, subscriptions,
imports, take-downs and erasures. Entries that were withheld since are hidden, where the present
database can be read; take them down again by rollcall audit of the kept one. Nothing that was due
until now is posted, and what was owed to somebody when the copy was made is unknown, as after a lost
answer. What can come twice: a digest's number, a milestone that is reached anew, news of what is
imported anew. Buttons that name an entry, under messages from before the restoring, do nothing
any more: people look up anew.

A petition's log that gets shorter contradicts the checkpoints that were published: rollcall verify
--earlier shows that to everybody. It is refused without --force.

Example: rollcall restore copies/2026-03-01.db`
}

func (c *restoreCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	lock, err := store.TakeLock(lockFile(cfg))
	if errors.Is(err, store.ErrLocked) {
		return errors.New("nothing is changed: rollcall serve runs on this database: stop it first")
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	keys, err := secret.Read(cfg.SecretFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r, err := store.Restore(a.ctx, c.File, cfg.Database, store.RestoreOptions{Keys: keys, Now: a.now, Force: c.Force})
	for _, l := range r.Lost {
		a.say("petition %s: its log has %s now, and %d in the copy", l.Petition, plural(int(l.Had), "leaf", "leaves"), l.Has)
	}
	switch {
	case errors.Is(err, store.ErrLogsShorter):
		return fmt.Errorf("nothing is changed: %w, as rollcall verify --earlier shows to everybody; restore a later copy, or say --force", err)
	case errors.Is(err, store.ErrWrongSecret), errors.Is(err, store.ErrNeedsKeys):
		return fmt.Errorf("nothing is changed: %w (%s, or as named by secret_file)", err, cfg.SecretFile)
	case errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrBrokenLog), rollcall.CodeOf(err) == rollcall.Invalid:
		return fmt.Errorf("nothing is changed: %s cannot be restored: %w", c.File, err)
	case err != nil:
		return fmt.Errorf("nothing is restored: %w", err)
	}
	of := ""
	if !r.At.IsZero() {
		of = r.At.Format(time.RFC3339)
	}
	fmt.Fprintf(a.stdout, "%s\t%s\t%s\t%s in %s\n", cfg.Database, c.File, of, plural(int(r.Leaves), "leaf", "leaves"), plural(r.Logs, "log", "logs"))
	if r.Kept != "" {
		a.say("the former database is kept as %s; delete it in time, since it holds what people have erased", r.Kept)
	}
	switch {
	case len(r.Lost) > 0:
		a.say("logs have lost leaves: checkpoints that were published of these are contradicted, and rollcall verify --earlier shows it to everybody; say so in public before you publish anew")
	case r.Unreadable != nil:
		a.say("the former database could not be read (%v): if logs were published after the copy was made, rollcall verify --earlier shows that they are contradicted; and entries that were withheld since are shown again", r.Unreadable)
	case r.Kept == "":
		a.say("there was no database to compare with: if logs were published after the copy was made, rollcall verify --earlier shows that they are contradicted; and entries that were withheld since are shown again")
	}
	if len(r.Hidden) > 0 {
		a.say("withheld since, and hidden now: %s; take down again what was taken down (rollcall audit --db %s has the reasons)", strings.Join(r.Hidden, " "), r.Kept)
	}
	if r.Unknown > 0 {
		a.say("%s owed when the copy was made may have been sent since, and will not be sent by itself: see rollcall digest list", plural(int(r.Unknown), "message that was", "messages that were"))
	}
	a.say("what people and keepers did since the copy was made is undone, withdrawals and erasures too: see rollcall restore --help")
	return nil
}
