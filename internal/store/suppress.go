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
