package store

import "rollcall/internal/rollcall"

// ErrIDTaken is returned by [Tx.AddEntry] for an id that another entry bears,
// which a file that is being staged may have brought.
var ErrIDTaken = rollcall.E(rollcall.Conflict, "another entry has this id")

// What a keeper writes in chat is a batch of its own, of the kind "edit", which is
// made and published within one transaction. So readers, watchers and the folding
// know of one way in which the roster changes. Values are expected valid
// ([rollcall.RosterRow.Validate]).
//
// A roster file that has the entry sets its names and year again to what the file
// says.

// Correct gives an entry another full name or birth year. Its other names stay. What
// was said of it is settled by that, and a review ends, since a keeper has looked at
// it. But an entry that now bears the name and year of one that was taken down goes
// into review, and one that still does stays there. Watchers hear of it.
//
// Returns [ErrNoEntry], and [ErrAlready] where nothing would change.
func (tx *Tx) Correct(id rollcall.PersonID, fullName string, birthYear int, by Actor) (KeptEntry, error) {
	e, err := tx.keptEntryByID(id)
	if err != nil {
		return e, err
	}
	to := e.Person
	to.FullName, to.BirthYear = fullName, birthYear
	if to.FullName == e.FullName && to.BirthYear == e.BirthYear {
		return e, ErrAlready
	}
	batch, err := tx.beginEdit()
	if err != nil {
		return e, err
	}
	if _, err := tx.exec(`INSERT INTO person_changes (person_id, batch_id, full_name, alt_names, birth_year, absent)
		SELECT v.id, ?, ?, v.alt_names, ?, v.absent FROM published_people v WHERE v.id = ?`,
		batch, to.FullName, nullYear(to.BirthYear), id); err != nil {
		return e, err
	}
	if err := tx.indexEntry(batch, id, to.FullName, to.AltNames); err != nil {
		return e, err
	}
	marks, err := tx.suppressions()
	if err != nil {
		return e, err
	}
	held := marks.hold(tx.db.keys, to)
	switch {
	case e.Withheld == "" && held && !marks.hold(tx.db.keys, e.Person):
		err = tx.setWithheld(id, rollcall.InReview)
	case e.Withheld == rollcall.InReview && !held:
		err = tx.setWithheld(id, "")
	}
	if err != nil {
		return e, err
	}
	if err := tx.settleReports(id); err != nil {
		return e, err
	}
	return tx.publishEdit(batch, id, "edit", by)
}

// AddEntry makes an entry with its first claim, under an id of its own where the
// row bears none. A claim without an expiry gets [rollcall.DefaultExpiryDays] from
// today. An entry that bears the name and year of one that was taken down goes into
// review. Returns [ErrIDTaken].
func (tx *Tx) AddEntry(r rollcall.RosterRow, by Actor) (KeptEntry, error) {
	if r.PublicID == "" {
		r.PublicID = newPublicID()
	}
	batch, err := tx.beginEdit()
	if err != nil {
		return KeptEntry{}, err
	}
	marks, err := tx.suppressions()
	if err != nil {
		return KeptEntry{}, err
	}
	withheld := rollcall.Withholding("")
	if marks.hold(tx.db.keys, r.Person) {
		withheld = rollcall.InReview
	}
	id, err := tx.insert(`INSERT INTO people (public_id, full_name, alt_names, birth_year, withheld, batch_id) VALUES (?, ?, ?, ?, nullif(?, ''), ?)`,
		r.PublicID, r.FullName, joinNames(r.AltNames), nullYear(r.BirthYear), string(withheld), batch)
	if rollcall.CodeOf(err) == rollcall.Conflict {
		err = ErrIDTaken
	}
	if err != nil {
		return KeptEntry{}, err
	}
	r.ID = rollcall.PersonID(id)
	if err := tx.indexEntry(batch, r.ID, r.FullName, r.AltNames); err != nil {
		return KeptEntry{}, err
	}
	if _, err := tx.putClaim(batch, r.ID, r.Claim); err != nil {
		return KeptEntry{}, err
	}
	return tx.publishEdit(batch, r.ID, "add", by)
}

// AddClaim adds a source's statement to an entry, or renews one that is there. A
// claim without an expiry gets [rollcall.DefaultExpiryDays] from today. Watchers
// hear of a new one. Returns [ErrNoEntry], and [ErrImportRunning] where a file that
// is being staged brings the same claim.
func (tx *Tx) AddClaim(id rollcall.PersonID, c rollcall.Claim, by Actor) (e KeptEntry, renewed bool, err error) {
	if e, err = tx.keptEntryByID(id); err != nil {
		return e, false, err
	}
	batch, err := tx.beginEdit()
	if err != nil {
		return e, false, err
	}
	added, err := tx.putClaim(batch, id, c)
	if err != nil {
		return e, false, err
	}
	e, err = tx.publishEdit(batch, id, "claim", by)
	return e, !added, err
}

// beginEdit makes the batch of an edit.
func (tx *Tx) beginEdit() (int64, error) {
	return tx.insert(`INSERT INTO batches (kind, started_at, first_person)
		SELECT 'edit', ?, coalesce(max(id), 0) + 1 FROM people`, tx.Now.Unix())
}

func (tx *Tx) publishEdit(batch int64, id rollcall.PersonID, action string, by Actor) (KeptEntry, error) {
	if err := tx.publishBatch(batch); err != nil {
		return KeptEntry{}, err
	}
	e, err := tx.keptEntryByID(id)
	if err != nil {
		return e, err
	}
	return e, tx.audit(by, action, e.PublicID, "")
}

// publishShown publishes a batch that writes nothing of an entry, and by which the
// entry is shown again: a wish that was made while it was kept back is met by that.
// It is no news to watchers, who know the entry as it is.
func (tx *Tx) publishShown(id rollcall.PersonID) error {
	batch, err := tx.beginEdit()
	if err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE batches SET shows = ? WHERE id = ?`, id, batch); err != nil {
		return err
	}
	return tx.publishBatch(batch)
}

// putClaim writes a claim of an edit; added is false where it was there and is
// renewed.
func (tx *Tx) putClaim(batch int64, id rollcall.PersonID, c rollcall.Claim) (added bool, err error) {
	if c.Expires.IsZero() {
		c.Expires = rollcall.DateOf(tx.Now).AddDays(rollcall.DefaultExpiryDays)
	}
	source, err := tx.sourceID(c.Source)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`INSERT INTO claims (person_id, source_id, status_date, status, source_url, note, expires, batch_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, source, c.Date.String(), string(c.Status), c.SourceURL, c.Note, c.Expires.String(), batch)
	if err != nil || n == 1 {
		return n == 1, err
	}
	var staged bool
	if err := tx.row(`SELECT b.published_at IS NULL FROM claims c JOIN batches b ON b.id = c.batch_id
		WHERE c.person_id = ? AND c.source_id = ? AND c.status_date = ? AND c.status = ?`,
		[]any{id, source, c.Date.String(), string(c.Status)}, &staged); err != nil {
		return false, err
	}
	if staged { // and may be discarded yet
		return false, ErrImportRunning
	}
	_, err = tx.exec(`INSERT INTO claim_renewals (person_id, source_id, status_date, status, batch_id, source_url, note, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, source, c.Date.String(), string(c.Status), batch, c.SourceURL, c.Note, c.Expires.String())
	return false, err
}
