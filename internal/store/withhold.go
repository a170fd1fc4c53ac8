package store

import (
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// What a keeper cannot do with an entry. Nothing is written then.
var (
	ErrAlready   = rollcall.E(rollcall.Conflict, "the entry is so already")
	ErrTakenDown = rollcall.E(rollcall.Forbidden, "the entry is taken down, which only an owner lifts")
	ErrNoReason  = rollcall.E(rollcall.Invalid, "a take-down needs a reason")
	ErrLongText  = rollcall.E(rollcall.Invalid, "the text is too long")
	ErrNoSecret  = rollcall.E(rollcall.Unavailable, "the secret file is needed, since entries are taken down: put it beside the database")
)

// A Takedown is what [Tx.TakeDown] did.
type Takedown struct {
	KeptEntry
	Watches   int // that it ended
	Namesakes int // other entries of the name and birth year, which are now in review
}

// TakeDown withholds an entry for good: from its commit on the entry is in no
// answer, figure or export, its watches have ended, and what was owed to its
// watchers and not sent is dropped. A mark of its names and birth year holds
// whatever bears them, in this roster and in files to come, for review. The
// entry itself is kept, so that a mistake can be undone.
//
// Reports of it are settled by that. Returns [ErrNoEntry], [ErrAlready],
// [ErrNoReason] or [ErrLongText].
func (tx *Tx) TakeDown(publicID, reason string, by Actor) (t Takedown, err error) {
	if reason == "" {
		return t, ErrNoReason
	}
	if t.KeptEntry, err = tx.withhold(publicID, rollcall.TakenDown, reason); err != nil {
		return t, err
	}
	ended, err := tx.exec(`DELETE FROM watches WHERE person_id = ?`, t.ID)
	if err != nil {
		return t, err
	}
	t.Watches = int(ended)
	if t.Namesakes, err = tx.suppress(t.Person); err != nil {
		return t, err
	}
	return t, tx.audit(by, "takedown", publicID, reason)
}

// Hide withholds an entry for now. Its watches stay; what was owed to its
// watchers and not sent is dropped. The reason may be empty.
//
// Returns [ErrNoEntry], [ErrAlready] for an entry that is hidden or taken down,
// or [ErrLongText].
func (tx *Tx) Hide(publicID, reason string, by Actor) (KeptEntry, error) {
	e, err := tx.withhold(publicID, rollcall.Hidden, reason)
	if err != nil {
		return e, err
	}
	return e, tx.audit(by, "hide", publicID, reason)
}

// withhold keeps an entry back, where it is not kept back as much already.
func (tx *Tx) withhold(publicID string, how rollcall.Withholding, reason string) (e KeptEntry, err error) {
	if utf8.RuneCountInString(reason) > rollcall.MaxReason {
		return e, ErrLongText
	}
	if e, err = tx.keptEntry(publicID); err != nil {
		return e, err
	}
	if e.Withheld == how || e.Withheld == rollcall.TakenDown {
		return e, ErrAlready
	}
	if err := tx.setWithheld(e.ID, how); err != nil {
		return e, err
	}
	e.Withheld, e.Shown = how, false
	if err := tx.settleReports(e.ID); err != nil {
		return e, err
	}
	return e, tx.dropOwed(e.ID)
}

// Show lifts what withholds an entry. A take-down is lifted by an owner or in the
// shell, and its marks go with it. A wish that was made meanwhile is met by that.
// Reports that have put it into review are answered as by [Tx.FindRight]. The reason
// may be empty.
//
// Returns [ErrNoEntry], [ErrAlready] for an entry that nothing withholds,
// [ErrTakenDown] for an editor, or [ErrLongText].
func (tx *Tx) Show(publicID, reason string, by Actor) (e KeptEntry, err error) {
	if utf8.RuneCountInString(reason) > rollcall.MaxReason {
		return e, ErrLongText
	}
	if e, err = tx.keptEntry(publicID); err != nil {
		return e, err
	}
	switch e.Withheld {
	case "":
		return e, ErrAlready
	case rollcall.TakenDown:
		if !by.owns() {
			return e, ErrTakenDown
		}
		if _, err := tx.exec(`DELETE FROM suppressions WHERE person_id = ?`, e.ID); err != nil {
			return e, err
		}
	}
	if err := tx.setWithheld(e.ID, ""); err != nil {
		return e, err
	}
	if err := tx.publishShown(e.ID); err != nil {
		return e, err
	}
	if err := tx.answerReports(e.ID); err != nil {
		return e, err
	}
	if err := tx.settleReports(e.ID); err != nil {
		return e, err
	}
	if err := tx.audit(by, "show", publicID, reason); err != nil {
		return e, err
	}
	return tx.keptEntry(publicID)
}

func (tx *Tx) setWithheld(id rollcall.PersonID, how rollcall.Withholding) error {
	_, err := tx.exec(`UPDATE people SET withheld = nullif(?, '') WHERE id = ?`, string(how), id)
	return err
}

// dropOwed drops the messages about an entry that have not been sent to its
// watchers. One that is under way cannot be called back; its button shows nothing.
func (tx *Tx) dropOwed(id rollcall.PersonID) error {
	_, err := tx.exec(`DELETE FROM deliveries WHERE state = 'pending' AND peer_id IS NOT NULL
		AND post_id IN (SELECT id FROM posts WHERE person_id = ?)`, id)
	return err
}
