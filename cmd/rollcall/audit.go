package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"rollcall/internal/store"
)

type auditCmd struct {
	common
	Since string `placeholder:"WHEN" help:"From then on: a day, as 2026-03-01, or a span until now, as 72h (default: all)."`
}

func (auditCmd) Help() string {
	return `What keepers did, the newest last: time (UTC), role, actor, action, object and reason, parted by
tabs. The actor is the beginning of a keyed tag of the account: the same for the same keeper, and of
no use without the secret file; "-" is the shell.

Example: rollcall audit --since 72h`
}

func (c *auditCmd) Run(a *app) error {
	var since time.Time
	if c.Since != "" {
		day, err := time.Parse(time.DateOnly, c.Since)
		if span, e := time.ParseDuration(c.Since); e == nil && span >= 0 {
			day, err = a.now().Add(-span), nil
		}
		if err != nil {
			return usageError{errors.New("--since: a day such as 2026-03-01 is needed, or a span such as 72h")}
		}
		since = day
	}
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Audit(a.ctx, since, func(e store.AuditEntry) error {
		actor := "-"
		if e.Actor != nil {
			actor = hex.EncodeToString(e.Actor[:8])
		}
		_, err := fmt.Fprintf(a.stdout, "%s\t%s\t%s\t%s\t%s\t%s\n", e.At.Format(time.RFC3339), e.Role, actor, e.Action, oneCell(e.Object), oneCell(e.Reason))
		return err
	})
}

// oneCell keeps a text that a keeper wrote within its column and line.
func oneCell(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == ' ' }), " ")
}
