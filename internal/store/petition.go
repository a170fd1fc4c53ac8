package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/translog"
)

// A PetitionRecord is a petition as it stands.
type PetitionRecord struct {
	rollcall.Petition
	Goal     rollcall.Goal  // the present one, in the place of the frozen Petition.Goal
	Tally    rollcall.Tally // the log's
	ClosedAt time.Time      // zero until it was closed by a keeper
	Halted   string         // what does not add up in its log, so that nothing is signed; "" where all does

	// Checkpoint is the log's last, as it is signed: its last leaf is Tally.
	Checkpoint string
}

// State returns where the petition stands, an early close counted.
func (p PetitionRecord) State(now time.Time) rollcall.PetitionState {
	if !p.ClosedAt.IsZero() {
		return rollcall.Closed
	}
	return p.Petition.State(now)
}

// OpenPetition freezes a valid petition and begins its log, under the origin of
// [Options], with the first checkpoint. Returns a Conflict error where the slug has
// been used, whatever the text: a changed text is a new petition; and an Unavailable
// error where the database is open without keys.
func (db *DB) OpenPetition(ctx context.Context, p rollcall.Petition, by Actor) error {
	sum := p.TextSHA256()
	signer, err := db.logSigner(translog.Origin(db.origin, p.Slug))
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO petitions (slug, canonical, text_sha256, opens_at, closes_at, created_at, log_key) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			p.Slug, p.CanonicalJSON(), sum[:], p.Opens.Unix(), p.Closes.Unix(), tx.Now.Unix(), signer.Key().String())
		if rollcall.CodeOf(err) == rollcall.Conflict {
			return rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s was opened before; a changed text needs a slug of its own", p.Slug))
		}
		if err != nil {
			return err
		}
		begins := []translog.Leaf{{Kind: translog.Open, Text: sum, Closes: p.Closes}, {Kind: translog.Tally}}
		if _, err := tx.appendLeaves(p.Slug, signer.Key(), 0, begins, tx.logHashes(p.Slug)); err != nil {
			return err
		}
		return tx.audit(by, "petition open", p.Slug, "")
	})
}

// ClosePetition ends signing at once; then what waits is appended to the log, held
// signatures too, and the log is closed. A crash between leaves the latter to
// [DB.Sequence]. Returns a NotFound error for an unknown slug and a Conflict error
// for a petition that is closed already.
func (db *DB) ClosePetition(ctx context.Context, slug string, by Actor) error {
	if db.keys == nil {
		return errNoSigningKey
	}
	err := db.Update(ctx, func(tx *Tx) error {
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
	if err != nil {
		return err
	}
	_, err = db.sequence(ctx, slug, 0)
	return err
}

// RaiseGoal raises a petition's goal. The frozen text and the log keep the first
// one. Returns the goal as it stands then; a NotFound error for an unknown slug, and
// a Conflict error for a goal that is not higher than the present one or a petition
// that is closed.
func (tx *Tx) RaiseGoal(slug string, to int, by Actor) (rollcall.Goal, error) {
	p, err := tx.petition(slug)
	if err != nil {
		return rollcall.Goal{}, err
	}
	if err := p.Raisable(to, tx.Now); err != nil {
		return rollcall.Goal{}, err
	}
	if _, err := tx.exec(`INSERT INTO goals (petition, goal, raised_at) VALUES (?, ?, ?)`, slug, to, tx.Now.Unix()); err != nil {
		return rollcall.Goal{}, err
	}
	goal := rollcall.Goal{Count: to, First: p.Goal.First, Was: p.Goal.Count, RaisedAt: instant(tx.Now.Unix())}
	return goal, tx.audit(by, "petition goal", slug, fmt.Sprintf("%d to %d", goal.Was, goal.Count))
}

// Raisable returns nil where the goal can be raised so, and otherwise the Conflict
// error of [Tx.RaiseGoal].
func (p PetitionRecord) Raisable(to int, now time.Time) error {
	switch {
	case p.State(now) == rollcall.Closed:
		return rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s is closed: its goal stays %d", p.Slug, p.Goal.Count))
	case to <= 0 && p.Goal.Count == 0:
		return rollcall.E(rollcall.Conflict, fmt.Sprintf("petition %s has no goal, and a goal is above 0", p.Slug))
	case to <= p.Goal.Count:
		return rollcall.E(rollcall.Conflict, fmt.Sprintf(
			"the goal of petition %s is %d, and can only be raised; another goal needs a new petition: rollcall petition open FILE", p.Slug, p.Goal.Count))
	}
	return nil
}

const selectPetition = `SELECT canonical, signed, withdrawn, voided, coalesce(closed_at, 0), coalesce(halted, ''),
	coalesce((SELECT note FROM checkpoints WHERE petition = slug ORDER BY size DESC LIMIT 1), ''),
	coalesce((SELECT goal FROM goals WHERE petition = slug ORDER BY goal DESC LIMIT 1), 0),
	coalesce((SELECT goal FROM goals WHERE petition = slug ORDER BY goal DESC LIMIT 1 OFFSET 1), 0),
	coalesce((SELECT raised_at FROM goals WHERE petition = slug ORDER BY goal DESC LIMIT 1), 0) FROM petitions`

func scanPetition(scan func(...any) error) (PetitionRecord, error) {
	var canonical []byte
	var r PetitionRecord
	var closed, raised int64
	if err := scan(&canonical, &r.Tally.Signed, &r.Tally.Withdrawn, &r.Tally.Voided, &closed, &r.Halted, &r.Checkpoint,
		&r.Goal.Count, &r.Goal.Was, &raised); err != nil {
		return r, err
	}
	if closed != 0 {
		r.ClosedAt = instant(closed)
	}
	var err error
	if r.Petition, err = rollcall.ParsePetitionJSON(canonical); err != nil {
		return r, err
	}
	first := r.Petition.Goal
	r.Goal.First, r.Goal.Was, r.Goal.Count = first, max(first, r.Goal.Was), max(first, r.Goal.Count)
	if raised != 0 {
		r.Goal.RaisedAt = instant(raised)
	}
	return r, nil
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
	Withdrawn          // a leaf of its own waits, and the count will show it
	WithdrawnUncounted // it was not in the log, and leaves nothing there
	WithdrawnHalted    // its leaf waits until the log adds up
	WithdrawnVoided    // the keeper has removed it before: the count does not change by this
	SignedAndVoided    // the keeper removes the signature, or has removed it; it can be withdrawn
	SigningHalted      // the log does not add up
)

// ConsentVersion numbers the consent text that is shown before signing; it
// rises when the text changes in what it says.
const ConsentVersion = 1

// saltUse names what is sealed. Whoever has salt, log and text can find the account
// by trying ids: so the salt is worth nothing without the secret file.
const saltUse = "signature salt"

// Sign records one account's signature, which waits then to be appended to the
// log. Whatever the outcome, a second call with the same tag changes nothing.
// Returns a NotFound error for an unknown slug.
func (tx *Tx) Sign(slug string, user rollcall.UserID, signer secret.Tag) (SignOutcome, error) {
	var opens, closes int64
	var closed, halted bool
	var text []byte
	err := petitionNotFound(slug, tx.row(`SELECT opens_at, closes_at, closed_at IS NOT NULL OR log_closed = 1, halted IS NOT NULL, text_sha256
		FROM petitions WHERE slug = ?`, []any{slug}, &opens, &closes, &closed, &halted, &text))
	switch now := tx.Now.Unix(); {
	case err != nil:
		return 0, err
	case closed || now >= closes:
		return PetitionClosed, nil
	case now < opens:
		return NotOpenYet, nil
	}
	var void sql.NullString
	err = tx.row(`SELECT void_reason FROM signatures WHERE petition = ? AND signer_tag = ?`, []any{slug, signer[:]}, &void)
	switch {
	case err == nil && void.Valid:
		return SignedAndVoided, nil
	case err == nil:
		return AlreadySigned, nil
	case rollcall.CodeOf(err) != rollcall.NotFound:
		return 0, err
	case halted:
		return SigningHalted, nil
	}
	if tx.db.keys == nil {
		return 0, errNoSigningKey
	}
	held, err := tx.holds(slug, opens)
	if err != nil {
		return 0, err
	}
	var salt translog.Salt
	rand.Read(salt[:])
	commitment := translog.Commitment(slug, [32]byte(text), user, salt)
	_, err = tx.exec(`INSERT INTO signatures (petition, signer_tag, sealed_salt, consent_version, commitment, waiting_since, held) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		slug, signer[:], tx.db.keys.Seal(saltUse, salt[:]), ConsentVersion, commitment[:], tx.Now.Unix(), held)
	if err != nil {
		return 0, err
	}
	return Recorded, nil
}

// Withdraw takes one account's signature back; tag and salt are deleted with
// it, and the WAL is emptied soon after the commit. Of one that is in the log only
// its index waits for a leaf of its own; one that is not leaves nothing, and of one
// that the keeper has voided there is the keeper's leaf. It is possible at any time
// until the retention is over, also after the petition has closed.
func (tx *Tx) Withdraw(slug string, signer secret.Tag) (SignOutcome, error) {
	var halted bool
	if err := petitionNotFound(slug, tx.row(`SELECT halted IS NOT NULL FROM petitions WHERE slug = ?`, []any{slug}, &halted)); err != nil {
		return 0, err
	}
	var id int64
	var leaf sql.NullInt64
	var voided bool
	err := tx.row(`SELECT id, leaf_index, void_reason IS NOT NULL FROM signatures WHERE petition = ? AND signer_tag = ?`, []any{slug, signer[:]}, &id, &leaf, &voided)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return NotSigned, nil
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(`DELETE FROM signatures WHERE id = ?`, id); err != nil {
		return 0, err
	}
	tx.erased()
	switch {
	case !leaf.Valid:
		return WithdrawnUncounted, nil
	case voided: // the keeper's own leaf is there, or waits
		return WithdrawnVoided, nil
	}
	_, err = tx.exec(`INSERT INTO removals (petition, leaf_index, kind, reason, waiting_since) VALUES (?, ?, 'withdraw', '', ?)`, slug, leaf.Int64, tx.Now.Unix())
	if halted {
		return WithdrawnHalted, err
	}
	return Withdrawn, err
}

// EraseSignatures withdraws the account's signatures on all petitions. The tags
// must have been made for the slugs that they stand under.
func (tx *Tx) EraseSignatures(tags map[string]secret.Tag) (n int, err error) {
	for slug, tag := range tags {
		out, err := tx.Withdraw(slug, tag)
		if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
			return n, err
		}
		switch out {
		case Withdrawn, WithdrawnUncounted, WithdrawnHalted, WithdrawnVoided:
			n++
		}
	}
	return n, nil
}

// record is the one place through which everything that is counted goes, within
// the transaction that appends it to the log: it keeps the figures, the days and the
// milestones.
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
// stand for, as long as there are any: the signatures in the log that stand, and
// what waits to be taken back, which is counted until then. It returns an error that
// names the first petition for which they do not. What the rows say of the log is
// for [DB.AuditLog].
func (db *DB) CheckTallies(ctx context.Context) error {
	var bad string
	err := db.row(ctx, `SELECT slug FROM petitions p WHERE
			forgotten_at IS NULL AND signed - withdrawn - voided <>
				(SELECT count(*) FROM signatures WHERE petition = p.slug AND leaf_index IS NOT NULL AND void_reason IS NULL)
				+ (SELECT count(*) FROM removals WHERE petition = p.slug)
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
