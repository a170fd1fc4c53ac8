package store

import (
	"context"
	"database/sql"

	"rollcall/internal/rollcall"
)

// untoldOf counts the peer of a tag where it has not been told of a petition's halt.
const untoldOf = `SELECT count(*) FROM petitions p JOIN peers r ON r.tag = ?
	WHERE p.slug = ? AND p.halted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM halt_notices n WHERE n.petition = p.slug AND n.peer_id = r.id)`

// HaltsToTell returns the petitions, by slug, that are halted and of which one of
// the accounts that can be written to has not been told.
func (db *DB) HaltsToTell(ctx context.Context, users []rollcall.UserID) ([]string, error) {
	var halted, untold []string
	err := db.each(ctx, `SELECT slug FROM petitions WHERE halted IS NOT NULL ORDER BY slug`, nil, func(rows *sql.Rows) error {
		var slug string
		err := rows.Scan(&slug)
		halted = append(halted, slug)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, slug := range halted {
		for _, user := range users {
			tag := db.keys.PeerTag(user)
			var n int
			if err := db.row(ctx, untoldOf, []any{tag[:], slug}, &n); err != nil {
				return nil, err
			}
			if n > 0 {
				untold = append(untold, slug)
				break
			}
		}
	}
	return untold, nil
}

// TellOfHalt owes the post that make returns to each of the accounts that can be
// written to and has not been told of the petition's halt, and returns how many
// these are: none where the petition is not halted. An account that was erased
// since, and writes to the bot again, is told again. l is spoken to one that has
// chosen no language.
func (tx *Tx) TellOfHalt(slug string, users []rollcall.UserID, l rollcall.Language, make func(rollcall.UserID, rollcall.Language) Post) (told int, err error) {
	for _, user := range users {
		tag := tx.db.keys.PeerTag(user)
		var n int
		if err := tx.row(untoldOf, []any{tag[:], slug}, &n); err != nil {
			return told, err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.TellPeers([]rollcall.UserID{user}, l, make); err != nil {
			return told, err
		}
		if _, err := tx.exec(`INSERT INTO halt_notices (petition, peer_id, told_at) SELECT ?, id, ? FROM peers WHERE tag = ?`,
			slug, tx.Now.Unix(), tag[:]); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}
