package store

import (
	"context"
	"database/sql"

	"rollcall/internal/rollcall"
)

// shown is the condition under which the public may be told of an entry v: it
// is in the roster, no keeper withholds it, and a claim about it is live. Its
// one argument is today.
const shown = onRoster + ` AND EXISTS (SELECT 1 FROM published_claims c WHERE c.person_id = v.id AND c.expires >= ?)`

// onRoster is the first half of shown.
const onRoster = `v.absent = 0 AND v.withheld IS NULL`

// A Card is an entry with its live claims, newest first.
type Card struct {
	rollcall.Person
	Claims []rollcall.Claim
}

// Card returns a shown entry. Returns a NotFound error for one that is absent,
// hidden, expired or taken down, without telling these apart.
func (db *DB) Card(ctx context.Context, id rollcall.PersonID) (Card, error) {
	var c Card
	var alts string
	err := db.row(ctx, `SELECT v.id, v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0)
		FROM published_people v WHERE v.id = ? AND `+shown, []any{id, db.today()},
		&c.ID, &c.PublicID, &c.FullName, &alts, &c.BirthYear)
	if err != nil {
		return Card{}, err
	}
	c.AltNames = splitNames(alts)
	if c.Claims, err = db.LiveClaims(ctx, id); err == nil && len(c.Claims) == 0 {
		err = errNoRow // the last one has expired between the two looks
	}
	if err != nil {
		return Card{}, err
	}
	return c, nil
}

// LiveClaims returns the claims about an entry that may still be shown, newest
// first. It does not ask whether the entry may: see [DB.Card].
func (db *DB) LiveClaims(ctx context.Context, id rollcall.PersonID) ([]rollcall.Claim, error) {
	var claims []rollcall.Claim
	err := db.each(ctx, `SELECT s.name, c.status_date, c.status, c.source_url, c.note, c.expires
		FROM published_claims c JOIN sources s ON s.id = c.source_id WHERE c.person_id = ? AND c.expires >= ?
		ORDER BY c.status_date DESC, s.name, c.status`, []any{id, db.today()}, func(rows *sql.Rows) error {
		c, err := scanClaim(rows)
		claims = append(claims, c)
		return err
	})
	return claims, err
}

func scanClaim(rows *sql.Rows, before ...any) (c rollcall.Claim, err error) {
	var date, status, expires string
	if err = rows.Scan(append(before, &c.Source, &date, &status, &c.SourceURL, &c.Note, &expires)...); err != nil {
		return c, err
	}
	c.Status = rollcall.Status(status)
	if c.Date, err = rollcall.ParseDate(date); err != nil {
		return c, err
	}
	c.Expires, err = rollcall.ParseDate(expires)
	return c, err
}

// Export calls fn for every claim of every entry that is not withheld and not
// missing from the last full import, expired ones included, in the order of the
// public ids. It sees one state of the roster throughout.
func (db *DB) Export(ctx context.Context, fn func(rollcall.RosterRow) error) error {
	return db.each(ctx, `SELECT v.public_id, v.full_name, v.alt_names, coalesce(v.birth_year, 0),
			s.name, c.status_date, c.status, c.source_url, c.note, c.expires
		FROM published_people v JOIN published_claims c ON c.person_id = v.id JOIN sources s ON s.id = c.source_id
		WHERE v.absent = 0 AND v.withheld IS NULL
		ORDER BY v.public_id, c.status_date, s.name, c.status`, nil, func(rows *sql.Rows) error {
		var r rollcall.RosterRow
		var alts string
		c, err := scanClaim(rows, &r.PublicID, &r.FullName, &alts, &r.BirthYear)
		if err != nil {
			return err
		}
		r.Claim, r.AltNames = c, splitNames(alts)
		return fn(r)
	})
}
