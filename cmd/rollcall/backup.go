package main

import (
	"errors"
	"fmt"
	"io/fs"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

type backupCmd struct {
	common
	File string `arg:"" placeholder:"FILE" help:"The copy; nothing is overwritten."`
}

func (backupCmd) Help() string {
	return `Copies one moment of the database into one file that only this account can read, checks the copy
wholly, the petitions' logs too, and only then gives it its name. The bot may run meanwhile. The secret
file is not in the copy. People who have erased their data since are in it until it is deleted: how
long that is, is for you to say and to keep.

Example: rollcall backup copies/2026-03-01.db`
}

func (c *backupCmd) Run(a *app) error {
	cfg, err := c.load(a)
	if err != nil {
		return err
	}
	copied, err := store.Backup(a.ctx, cfg.Database, c.File, a.now)
	switch {
	case errors.Is(err, store.ErrBrokenLog):
		return fmt.Errorf("nothing is kept as %s, since a log does not add up: %w; to keep the database as it is, stop the bot and copy it together with its -wal file; see rollcall doctor", c.File, err)
	case rollcall.CodeOf(err) == rollcall.Invalid:
		return fmt.Errorf("nothing is kept as %s: %w; see rollcall doctor", c.File, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: name the database by --db, or as configured, and a folder that is there", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(a.stdout, "%s\t%d bytes\tschema %d\t%s in %s\n", c.File, copied.Bytes, copied.Schema,
		plural(int(copied.Leaves), "leaf", "leaves"), plural(copied.Logs, "log", "logs"))
	a.say("the secret file %s is not in it: keep a copy of that too, and elsewhere; without it no signature can be recognised and nobody written to", cfg.SecretFile)
	a.say("who erases their data stays in this copy until you delete it")
	return nil
}
