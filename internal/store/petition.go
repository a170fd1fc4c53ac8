package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// A PetitionRecord is a petition as it stands.
type PetitionRecord struct {
	rollcall.Petition
	Tally    rollcall.Tally
	ClosedAt time.Time // zero until it was closed by a keeper
}

// State returns where the petition stands, an early close counted.
func (p PetitionRecord) State(now time.Time) rollcall.PetitionState {
	if !p.ClosedAt.IsZero() {
		return rollcall.Closed
	}
	return p.Petition.State(now)
}

// OpenPetition freezes a valid petition. Returns a Conflict error where the
// slug has been used, whatever the text: a changed text is a new petition.
func (db *DB) OpenPetition(ctx context.Context, p rollcall.Petition, by Actor) error {
	sum := p.TextSHA256()
	return db.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO petitions (slug, canonical, text_sha256, opens_at, closes_at, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			p.Slug, p.CanonicalJSON(), sum[:], p.Opens.Unix(), p.Closes.Unix(), tx.Now.Unix())
		if rollcall.CodeOf(err) == rollcall.Conflict {
			return rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s was opened before; a changed text needs a slug of its own", p.Slug))
		}
		if err != nil {
			return err
		}
		return tx.audit(by, "petition open", p.Slug, "")
	})
}

// ClosePetition ends signing at once. Returns a NotFound error for an unknown
// slug and a Conflict error for a petition that is closed already.
func (db *DB) ClosePetition(ctx context.Context, slug string, by Actor) error {
	return db.Update(ctx, func(tx *Tx) error {
		p, err := tx.petition(slug)
		if err != nil {
			return err
		}
		if p.State(tx.Now) == rollcall.Closed {
			return rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s is closed already", slug))
		}
		if _, err := tx.exec(`UPDATE petitions SET closed_at = ? WHERE slug = ?`, tx.Now.Unix(), slug); err != nil {
			return err
		}
		return tx.audit(by, "petition close", slug, "")
	})
}

const selectPetition = `SELECT canonical, signed, withdrawn, voided, coalesce(closed_at, 0) FROM petitions`

func scanPetition(scan func(...any) error) (PetitionRecord, error) {
	var canonical []byte
	var r PetitionRecord
	var closed int64
	if err := scan(&canonical, &r.Tally.Signed, &r.Tally.Withdrawn, &r.Tally.Voided, &closed); err != nil {
		return r, err
	}
	if closed != 0 {
		r.ClosedAt = instant(closed)
	}
	var err error
	r.Petition, err = rollcall.ParsePetitionJSON(canonical)
	return r, err
}

// Petitions returns all petitions, the last opened first.
func (db *DB) Petitions(ctx context.Context) ([]PetitionRecord, error) {
	var all []PetitionRecord
	err := db.each(ctx, selectPetition+` ORDER BY opens_at DESC, slug`, nil, func(rows *sql.Rows) error {
		p, err := scanPetition(rows.Scan)
		all = append(all, p)
		return err
	})
	return all, err
}

// Petition returns one petition, or a NotFound error.
func (db *DB) Petition(ctx context.Context, slug string) (PetitionRecord, error) {
	return scanPetition(func(dest ...any) error {
		return petitionNotFound(slug, db.row(ctx, selectPetition+` WHERE slug = ?`, []any{slug}, dest...))
	})
}

func (tx *Tx) petition(slug string) (PetitionRecord, error) {
	return scanPetition(func(dest ...any) error {
		return petitionNotFound(slug, tx.row(selectPetition+` WHERE slug = ?`, []any{slug}, dest...))
	})
}

func petitionNotFound(slug string, err error) error {
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return rollcall.E(rollcall.NotFound, fmt.Sprintf("there is no petition %s", slug))
	}
	return err
}

// A SignOutcome says what became of a press on a petition.
type SignOutcome int

// The outcomes.
const (
	Recorded SignOutcome = iota
	AlreadySigned
	NotSigned // nothing to withdraw
	NotOpenYet
	PetitionClosed
	Withdrawn
)

// ConsentVersion numbers the consent text that is shown before signing; it
// rises when the text changes in what it says.
const ConsentVersion = 1

// Sign records one account's signature. Whatever the outcome, a second call
// with the same tag changes nothing. Returns a NotFound error for an unknown
// slug.
func (tx *Tx) Sign(slug string, signer secret.Tag) (SignOutcome, error) {
	p, err := tx.petition(slug)
	if err != nil {
		return 0, err
	}
	switch p.State(tx.Now) {
	case rollcall.Upcoming:
		return NotOpenYet, nil
	case rollcall.Closed:
		return PetitionClosed, nil
	}
	var salt [32]byte
	rand.Read(salt[:])
	n, err := tx.exec(`INSERT INTO signatures (petition, signer_tag, salt, consent_version) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		slug, signer[:], salt[:], ConsentVersion)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return AlreadySigned, nil
	}
	return Recorded, tx.record(p, rollcall.Tally{Signed: 1})
}

// Withdraw takes one account's signature back; tag and salt are deleted with
// it, and the WAL is emptied soon after the commit. It is possible at any time, also after the petition has closed.
func (tx *Tx) Withdraw(slug string, signer secret.Tag) (SignOutcome, error) {
	p, err := tx.petition(slug)
	if err != nil {
		return 0, err
	}
	n, err := tx.exec(`DELETE FROM signatures WHERE petition = ? AND signer_tag = ?`, slug, signer[:])
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return NotSigned, nil
	}
	tx.erased()
	return Withdrawn, tx.record(p, rollcall.Tally{Withdrawn: 1})
}

// EraseSignatures withdraws the account's signatures on all petitions. The tags
// must have been made for the slugs that they stand under.
func (tx *Tx) EraseSignatures(tags map[string]secret.Tag) (n int, err error) {
	for slug, tag := range tags {
		out, err := tx.Withdraw(slug, tag)
		if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
			return n, err
		}
		if out == Withdrawn {
			n++
		}
	}
	return n, nil
}

// record is the one place through which everything that is counted goes, within
// the transaction that signs, withdraws or voids: it keeps the figures, the days
// and the milestones. The petition's log is appended to here.
func (tx *Tx) record(p PetitionRecord, d rollcall.Tally) error {
	if _, err := tx.exec(`UPDATE petitions SET signed = signed + ?, withdrawn = withdrawn + ?, voided = voided + ? WHERE slug = ?`,
		d.Signed, d.Withdrawn, d.Voided, p.Slug); err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO petition_days (petition, day, signed, withdrawn, voided) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (petition, day) DO UPDATE SET signed = signed + excluded.signed,
			withdrawn = withdrawn + excluded.withdrawn, voided = voided + excluded.voided`,
		p.Slug, tx.Now.Format(time.DateOnly), d.Signed, d.Withdrawn, d.Voided); err != nil {
		return err
	}
	net := p.Tally.Net() + d.Net()
	for _, m := range p.Milestones {
		if net < m {
			break
		}
		if p.Tally.Net() >= m {
			continue // reached before; if it was by an account that withdrew, the row is there
		}
		if _, err := tx.exec(`INSERT INTO milestones (petition, count, reached_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			p.Slug, m, tx.Now.Unix()); err != nil {
			return err
		}
	}
	return nil
}

// HasSigned reports whether the signer's signature stands.
func (db *DB) HasSigned(ctx context.Context, slug string, signer secret.Tag) (bool, error) {
	var n int
	err := db.row(ctx, `SELECT count(*) FROM signatures WHERE petition = ? AND signer_tag = ?`, []any{slug, signer[:]}, &n)
	return n > 0, err
}

// PetitionDays returns what was signed on each UTC day since from, less what
// was withdrawn and voided on it; days without any are left out.
func (db *DB) PetitionDays(ctx context.Context, slug string, from rollcall.Date) ([]rollcall.DayCount, error) {
	var days []rollcall.DayCount
	err := db.each(ctx, `SELECT day, signed - withdrawn - voided FROM petition_days WHERE petition = ? AND day >= ? ORDER BY day`,
		[]any{slug, from.String()}, func(rows *sql.Rows) error {
			var day string
			var d rollcall.DayCount
			if err := rows.Scan(&day, &d.Count); err != nil {
				return err
			}
			var err error
			d.Date, err = rollcall.ParseDate(day)
			days = append(days, d)
			return err
		})
	return days, err
}

// CheckTallies proves that the figures that are kept equal the rows that they
// stand for. It returns an error that names the first petition for which they
// do not.
func (db *DB) CheckTallies(ctx context.Context) error {
	var bad string
	err := db.row(ctx, `SELECT slug FROM petitions p WHERE
			signed - withdrawn - voided <> (SELECT count(*) FROM signatures WHERE petition = p.slug)
			OR (signed, withdrawn, voided) IS NOT (SELECT coalesce(sum(signed), 0), coalesce(sum(withdrawn), 0), coalesce(sum(voided), 0)
				FROM petition_days WHERE petition = p.slug)
		ORDER BY slug LIMIT 1`, nil, &bad)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return rollcall.E(rollcall.Internal, fmt.Sprintf("the figures of petition %s do not equal its rows", bad))
}
