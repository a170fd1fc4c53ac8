package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

// A VoidRule says which signatures a keeper removes. Nothing is known of a signature
// but its leaf and whether it is held, so that there is nothing else to choose by.
type VoidRule struct {
	Held   bool        // those that are held
	Leaves []LeafRange // those of these leaves
}

// A LeafRange is the leaves From to To, both included.
type LeafRange struct{ From, To int64 }

func (r VoidRule) String() string {
	var parts []string
	if r.Held {
		parts = append(parts, "held")
	}
	for _, l := range r.Leaves {
		if l.From == l.To {
			parts = append(parts, fmt.Sprint(l.From))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", l.From, l.To))
		}
	}
	return strings.Join(parts, " ")
}

// voidable are the rows of signatures that a keeper may still remove.
const (
	voidableHeld = ` FROM signatures WHERE petition = ? AND held = 1 AND void_reason IS NULL`
	voidableLeaf = ` FROM signatures WHERE petition = ? AND leaf_index BETWEEN ? AND ? AND void_reason IS NULL`
)

// CountVoidable returns how many signatures Void would remove now. Returns a
// NotFound error for an unknown slug, and a Conflict error where tags and salts have
// been deleted after the retention: then the count is final.
func (db *DB) CountVoidable(ctx context.Context, slug string, r VoidRule) (n int, err error) {
	if err := voidable(slug, func(dest ...any) error {
		return db.row(ctx, selectForgotten, []any{slug}, dest...)
	}); err != nil {
		return 0, err
	}
	count := func(query string, args ...any) error {
		var one int
		err := db.row(ctx, `SELECT count(*)`+query, args, &one)
		n += one
		return err
	}
	if r.Held {
		if err := count(voidableHeld, slug); err != nil {
			return 0, err
		}
	}
	for _, l := range r.Leaves {
		if err := count(voidableLeaf, slug, l.From, l.To); err != nil {
			return 0, err
		}
	}
	return n, nil
}

const selectForgotten = `SELECT forgotten_at FROM petitions WHERE slug = ?`

func voidable(slug string, scan func(...any) error) error {
	var forgotten sql.NullInt64
	if err := petitionNotFound(slug, scan(&forgotten)); err != nil {
		return err
	}
	if forgotten.Valid {
		return rollcall.E(rollcall.Conflict, fmt.Sprintf("the retention of petition %s is over: its signatures have been deleted, and its count is final", slug))
	}
	return nil
}

// Void removes the signatures of a rule; a leaf with the reason for each waits then
// to be appended to the log. A held one gets its sign leaf and its void leaf in one
// batch, so that it does not vanish. The account is not told; it cannot sign again
// unless it withdraws. Returns how many there were, and the errors of
// [DB.CountVoidable].
func (tx *Tx) Void(slug string, r VoidRule, why translog.Reason, by Actor) (n int, err error) {
	if err := voidable(slug, func(dest ...any) error { return tx.row(selectForgotten, []any{slug}, dest...) }); err != nil {
		return 0, err
	}
	if !slices.Contains(translog.Reasons, why) {
		return 0, rollcall.E(rollcall.Invalid, fmt.Sprintf("%q is no reason", why))
	}
	void := func(query string, args ...any) error {
		changed, err := tx.exec(`UPDATE signatures SET void_reason = ? WHERE id IN (SELECT id`+query+`)`, append([]any{why}, args...)...)
		n += int(changed)
		return err
	}
	if r.Held {
		if err := void(voidableHeld, slug); err != nil {
			return 0, err
		}
	}
	for _, l := range r.Leaves {
		if _, err := tx.exec(`INSERT INTO removals (petition, leaf_index, kind, reason, waiting_since) SELECT petition, leaf_index, 'void', ?, ?`+voidableLeaf,
			why, tx.Now.Unix(), slug, l.From, l.To); err != nil {
			return 0, err
		}
		if err := void(voidableLeaf, slug, l.From, l.To); err != nil {
			return 0, err
		}
	}
	if n == 0 {
		return 0, nil
	}
	return n, tx.audit(by, "petition void", slug, fmt.Sprintf("%s: %d by %s", why, n, r))
}

// ReleaseHeld lets what is held of a petition wait as any other signature does.
// Returns how many there were, and a NotFound error for an unknown slug.
func (tx *Tx) ReleaseHeld(slug string, by Actor) (n int, err error) {
	if _, err := tx.petition(slug); err != nil {
		return 0, err
	}
	changed, err := tx.exec(`UPDATE signatures SET held = 0 WHERE petition = ? AND held = 1 AND void_reason IS NULL`, slug)
	if err != nil || changed == 0 {
		return 0, err
	}
	return int(changed), tx.audit(by, "petition release", slug, fmt.Sprint(changed))
}
