package store

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// A suppressionSet holds the marks of entries that were taken down.
type suppressionSet map[secret.Tag]bool

// suppressions returns all marks. Returns [ErrNoSecret] where there are some, and
// no keys to compare them by.
func (tx *Tx) suppressions() (suppressionSet, error) {
	set := suppressionSet{}
	err := tx.each(`SELECT mark FROM suppressions`, nil, func(rows *sql.Rows) error {
		var m []byte
		err := rows.Scan(&m)
		if len(m) == secret.TagSize {
			set[secret.Tag(m)] = true
		}
		return err
	})
	if err == nil && len(set) > 0 && tx.db.keys == nil {
		err = ErrNoSecret
	}
	return set, err
}

// hold reports whether an entry bears a name and birth year of one that was taken
// down.
func (s suppressionSet) hold(k *secret.Keys, p rollcall.Person) bool {
	if len(s) == 0 {
		return false
	}
	years := []string{noYear}
	if p.BirthYear != 0 {
		years = []string{strconv.Itoa(p.BirthYear), anyYear}
	}
	for _, name := range markedNames(p) {
		for _, y := range years {
			if s[markOf(k, name, y)] {
				return true
			}
		}
	}
	return false
}

// The years of marks that are no years. An entry with a birth year is recognised
// with that year and without one, an entry without a year with whatever year: a
// file may know more or less than the one before.
const (
	noYear  = "-"
	anyYear = "*"
)

// takedownMarks are the marks by which an entry is recognised once it is taken
// down.
func takedownMarks(k *secret.Keys, p rollcall.Person) []secret.Tag {
	years := []string{noYear, anyYear}
	if p.BirthYear != 0 {
		years = []string{strconv.Itoa(p.BirthYear), noYear}
	}
	var marks []secret.Tag
	for _, name := range markedNames(p) {
		for _, y := range years {
			marks = append(marks, markOf(k, name, y))
		}
	}
	return marks
}

func markOf(k *secret.Keys, name, year string) secret.Tag {
	return k.Mark("takedown\x00" + name + "\x00" + year)
}

// markedNames are the names of an entry as marks are made of them: the skeletons
// of their parts (see package names) in the order of the alphabet. So a name is
// the same in both scripts, in whatever order its parts stand. Another name of one
// part only is left out, since too many bear it.
//
// The marks in a database are of these very skeletons: a release that changes
// them for names in use has to make the marks anew, from the entries.
func markedNames(p rollcall.Person) []string {
	var all []string
	for i, n := range append([]string{p.FullName}, p.AltNames...) {
		var parts []string
		for _, part := range names.Parts(n) {
			if s := names.Skeleton(part); s != "" {
				parts = append(parts, s)
			}
		}
		if len(parts) == 0 || i > 0 && len(parts) == 1 {
			continue
		}
		slices.Sort(parts)
		if joined := strings.Join(parts, " "); !slices.Contains(all, joined) {
			all = append(all, joined)
		}
	}
	return all
}

// suppress enters the marks of an entry, and puts whoever bears them now into
// review: in the roster, or staged and not published.
func (tx *Tx) suppress(p rollcall.Person) (namesakes int, err error) {
	if tx.db.keys == nil {
		return 0, ErrNoSecret
	}
	own := suppressionSet{}
	for _, m := range takedownMarks(tx.db.keys, p) {
		own[m] = true
		if _, err := tx.exec(`INSERT INTO suppressions (mark, person_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			m[:], p.ID, tx.Now.Unix()); err != nil {
			return 0, err
		}
	}
	held := map[rollcall.PersonID]bool{}
	err = tx.namesakes(p, func(other rollcall.Person) {
		if own.hold(tx.db.keys, other) {
			held[other.ID] = true
		}
	})
	if err != nil {
		return 0, err
	}
	for id := range held {
		if err := tx.setWithheld(id, rollcall.InReview); err != nil {
			return 0, err
		}
		if err := tx.dropOwed(id); err != nil {
			return 0, err
		}
	}
	return len(held), nil
}

// maxNamesakes bounds how many entries are compared for each key of the index.
const maxNamesakes = 20_000

// namesakes calls compare for whoever may bear a name of an entry and is not
// withheld: whom the index has under a key of its names, and whom it does not have
// yet, such as the entries of a file that is being staged.
func (tx *Tx) namesakes(p rollcall.Person, compare func(rollcall.Person)) error {
	const query = `SELECT p.id, coalesce(c.full_name, p.full_name), coalesce(c.alt_names, p.alt_names),
			coalesce(CASE WHEN c.person_id IS NULL THEN p.birth_year ELSE c.birth_year END, 0)
		FROM people p LEFT JOIN person_changes c ON c.person_id = p.id
			AND c.batch_id = (SELECT max(batch_id) FROM person_changes WHERE person_id = p.id)
		WHERE p.withheld IS NULL AND `
	const staging = `FROM batches WHERE published_at IS NULL AND discarded_at IS NULL`
	scan := func(rows *sql.Rows) error {
		var other rollcall.Person
		var alts string
		err := rows.Scan(&other.ID, &other.FullName, &alts, &other.BirthYear)
		other.AltNames = splitNames(alts)
		compare(other)
		return err
	}
	// The index is read as it was committed; who has come since has a higher number.
	var last int64
	if err := tx.db.row(tx.ctx, `SELECT coalesce(max(id), 0) FROM people`, nil, &last); err != nil {
		return err
	}
	lists, err := tx.db.Bearers(tx.ctx, tx.db.index(p.FullName, p.AltNames).Keys, maxNamesakes)
	if err != nil {
		return err
	}
	candidates := slices.Concat(lists...)
	slices.Sort(candidates)
	for _, id := range slices.Compact(candidates) {
		if err := tx.each(query+`p.id = ?`, []any{id}, scan); err != nil {
			return err
		}
	}
	if err := tx.each(query+`p.id >= min(?1, coalesce((SELECT min(first_person) `+staging+`), ?1))`, []any{last + 1}, scan); err != nil {
		return err
	}
	return tx.each(query+`p.id IN (SELECT person_id FROM person_changes WHERE batch_id IN (SELECT id `+staging+`))`, nil, scan)
}
