// Package demo invents the world that `rollcall demo` shows to somebody who has
// no bot, no roster and no petition yet: 300 people with statements of sources
// that disagree, a petition with a month behind it, and two exchange rounds.
//
// Nobody in it exists. Most of the people come from package sample; twelve have
// fixed names and ids, so that a newcomer can be told what to type and a test
// what to expect. Sources, organiser and addressee are invented too and take no
// side, and the petition says itself that it is made up.
//
// All is dated around one instant and comes from one seed: the same two give the
// same world on every machine, but for the salts of the signatures, which the
// store draws. The wording here is that of files and of a petition, which is a
// keeper's and not the bot's; hence it does not stand in package render.
//
// Left out: accounts. The signatures are nobody's, so that they stand under
// random tags and not under those that Argon2id makes of an account's id. Digests
// are left out as well: they begin with the program.
package demo

import (
	"context"
	"fmt"
	"iter"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
	"rollcall/internal/store"
)

// People is how many people the roster of a [World] has.
const People = 300

// A World is one invented world. Both fields must be set.
type World struct {
	Seed uint64    // another one gives other people and another petition's history
	Now  time.Time // all is dated around it; seconds count, the zone does not
}

// now is Now as the store keeps instants.
func (w World) now() time.Time { return w.Now.UTC().Truncate(time.Second) }

// today is the day of Now in UTC.
func (w World) today() rollcall.Date { return rollcall.DateOf(w.now()) }

// Roster yields the claims about the people of the world, first those about the
// fixed ones. Every row has an id, satisfies [rollcall.RosterRow.Validate] on the
// day of Now, and is shown for half a year at least. The rows of one person
// follow each other, and are the reader's own.
func (w World) Roster() iter.Seq[rollcall.RosterRow] {
	return func(yield func(rollcall.RosterRow) bool) {
		people := 0
		for _, row := range w.fixed() {
			if row.first {
				people++
			}
			if !yield(row.RosterRow) {
				return
			}
		}
		last := ""
		number := 0
		// The rows are more than the people in them.
		for row := range sample.Rows(w.Seed, 4*People, w.today()) {
			if row.PublicID == "" || row.PublicID != last {
				if people++; people > People {
					return
				}
				number++
			}
			if last = row.PublicID; last == "" {
				// The store would draw one, another one each time.
				row.PublicID = fmt.Sprintf("EX-%06d", number)
			}
			if !yield(row) {
				return
			}
		}
	}
}

// Fill puts into a database on which no bot has worked what is not there yet:
// the roster as an import, with the rounds, unless one was imported, and the
// petition with its signatures and withdrawals on their days, unless one was
// opened. The milestones that were reached on the way count as posted, so that
// none is posted late.
//
// It returns a Conflict error for a database on which a bot has worked, and an
// Invalid error where the database's clock stands before Now. After an error the
// database holds some of the world and should be thrown away.
func (w World) Fill(ctx context.Context, db *store.DB) error {
	if err := db.Update(ctx, func(tx *store.Tx) error { return tx.Backdate(w.now()) }); err != nil {
		return err // what is invented would not be taken
	}
	s, err := db.Stats(ctx)
	if err != nil {
		return err
	}
	if s.LastImport.IsZero() {
		if err := w.fillRoster(ctx, db); err != nil {
			return fmt.Errorf("fill the invented roster: %w", err)
		}
		if err := w.fillRounds(ctx, db); err != nil {
			return fmt.Errorf("fill the invented rounds: %w", err)
		}
	}
	petitions, err := db.Petitions(ctx)
	if err != nil {
		return err
	}
	if len(petitions) == 0 {
		if err := w.fillPetition(ctx, db); err != nil {
			return fmt.Errorf("fill the invented petition: %w", err)
		}
	}
	return nil
}

func (w World) fillRoster(ctx context.Context, db *store.DB) error {
	batch, err := db.BeginBatch(ctx, false)
	if err != nil {
		return err
	}
	rows := make([]rollcall.RosterRow, 0, store.ChunkRows)
	flush := func() error {
		results, err := batch.Add(ctx, rows)
		for _, r := range results {
			if err == nil && r.Problem != nil {
				err = *r.Problem
			}
		}
		rows = rows[:0]
		return err
	}
	for row := range w.Roster() {
		if rows = append(rows, row); len(rows) == cap(rows) {
			if err = flush(); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = flush()
	}
	if err != nil {
		// Also when the context has ended: the import's lock must go.
		if e := batch.Discard(context.WithoutCancel(ctx)); e != nil {
			return fmt.Errorf("%w (and to discard it: %w)", err, e)
		}
		return err
	}
	_, err = batch.Publish(ctx, store.Shell)
	return err
}

// fillRounds records the rounds; the later one is made last, and shown first.
func (w World) fillRounds(ctx context.Context, db *store.DB) error {
	return db.Update(ctx, func(tx *store.Tx) error {
		for _, r := range w.Rounds() {
			for _, f := range r.Figures {
				if err := tx.AddRoundFigure(r.Title, f, store.Shell); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
