package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"

	"rollcall/internal/rollcall"
)

// How many people are listed with which status takes a look at every live claim:
// about half a second for 100,000 people. Every digest of a morning asks, and
// the answer is the same until the roster, what is withheld, or the day changes. So
// it is kept, in one row, with the state for which it holds.

// A rosterState says for what a count of people holds.
type rosterState struct {
	version, withheld int64
	day               string
}

// statusFigures are how many people have each status by a live claim, and how many
// there are but those of whom nothing else is said than that they are deceased.
type statusFigures struct {
	ByStatus map[rollcall.Status]int `json:"by_status"`
	Total    int                     `json:"total"`
}

// StatusFigures counts, for each status, the shown people of whom a live claim
// has it, and all shown people but those of whom nothing else is said than that
// they are deceased: no figure of these may follow from the others.
//
// It answers at once where [DB.KeepFigures] has kept the figures of the present
// state of the roster; else it counts, and writes nothing. It never holds up a
// writer.
func (db *DB) StatusFigures(ctx context.Context) (byStatus map[rollcall.Status]int, total int, err error) {
	_, f, kept, err := db.keptFigures(ctx)
	if err == nil && !kept {
		_, f, err = db.countPeople(ctx)
	}
	return f.ByStatus, f.Total, err
}

// KeepFigures sees to it that [DB.StatusFigures] answers at once until the roster
// changes or the day ends. It counts outside of any transaction, where nobody has
// for this state, and one caller at a time.
func (db *DB) KeepFigures(ctx context.Context) error {
	db.counting.Lock()
	defer db.counting.Unlock()
	if _, _, kept, err := db.keptFigures(ctx); err != nil || kept {
		return err
	}
	at, f, err := db.countPeople(ctx)
	if err != nil {
		return err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`DELETE FROM status_figures`); err != nil {
			return err
		}
		_, err := tx.exec(`INSERT INTO status_figures (version, withheld_version, day, figures) VALUES (?, ?, ?, ?)`, at.version, at.withheld, at.day, string(b))
		return err
	})
}

// CheckFigures proves the kept figures equal to a count of the claims. Such as are
// of an earlier state of the roster are used for nothing, and not looked at. It
// returns an Internal error where they differ.
func (db *DB) CheckFigures(ctx context.Context) error {
	at, kept, ok, err := db.keptFigures(ctx)
	if err != nil || !ok {
		return err
	}
	now, counted, err := db.countPeople(ctx)
	if err != nil {
		return err
	}
	if now == at && (kept.Total != counted.Total || !maps.Equal(kept.ByStatus, counted.ByStatus)) {
		return rollcall.E(rollcall.Internal, "the kept figures of people by status do not equal the claims")
	}
	return nil
}

// keptFigures returns what is kept for the present state; ok is false where nothing is.
func (db *DB) keptFigures(ctx context.Context) (at rosterState, f statusFigures, ok bool, err error) {
	at.day = db.today()
	var text string
	err = db.row(ctx, `SELECT r.version, r.withheld_version, f.figures FROM roster r
		JOIN status_figures f ON f.version = r.version AND f.withheld_version = r.withheld_version
		WHERE f.day = ?`, []any{at.day}, &at.version, &at.withheld, &text)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return at, f, false, nil
	}
	if err != nil {
		return at, f, false, err
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return at, f, false, fmt.Errorf("read the kept figures of people: %w", err)
	}
	return at, f, true, nil
}

// countPeople counts by the claims. It is one statement, so that what it counts and
// the state that it names are of one moment. While nothing is to be folded in, it
// reads the base rows alone.
func (db *DB) countPeople(ctx context.Context) (at rosterState, f statusFigures, err error) {
	at.day = db.today()
	f.ByStatus = map[rollcall.Status]int{}
	sets := "" // a bit for each status
	for i, status := range rollcall.Statuses {
		if i > 0 {
			sets += " | "
		}
		// A status is one of the program's own words, not outside text.
		sets += fmt.Sprintf("max(%d * (c.status = '%s'))", 1<<i, status)
	}
	const unfolded = `(EXISTS (SELECT 1 FROM person_changes) OR EXISTS (SELECT 1 FROM claim_renewals))`
	const unseen = `(SELECT id FROM batches WHERE published_at IS NULL)`
	err = db.each(ctx, `SELECT r.version, r.withheld_version, coalesce(g.said, 0), coalesce(g.people, 0) FROM roster r LEFT JOIN (
			SELECT said, count(*) AS people FROM (
				SELECT `+sets+` AS said FROM claims c CROSS JOIN people v ON v.id = c.person_id
				WHERE NOT `+unfolded+` AND c.expires >= ?1 AND `+onRoster+`
					AND c.batch_id NOT IN `+unseen+` AND v.batch_id NOT IN `+unseen+`
				GROUP BY c.person_id
				UNION ALL
				SELECT `+sets+` FROM published_claims c CROSS JOIN published_people v ON v.id = c.person_id
				WHERE `+unfolded+` AND c.expires >= ?1 AND `+onRoster+`
				GROUP BY c.person_id)
			GROUP BY said) g`, []any{at.day}, func(rows *sql.Rows) error {
		var set, n int
		if err := rows.Scan(&at.version, &at.withheld, &set, &n); err != nil {
			return err
		}
		for i, status := range rollcall.Statuses {
			if set&(1<<i) != 0 {
				f.ByStatus[status] += n
			}
			if set == 1<<i && status == rollcall.Deceased {
				return nil
			}
		}
		f.Total += n
		return nil
	})
	return at, f, err
}
