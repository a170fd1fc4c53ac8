package config

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// A petitionFile is a petition as its file spells it.
type petitionFile struct {
	Slug       string                       `yaml:"slug"`
	Opens      string                       `yaml:"opens"`
	Closes     string                       `yaml:"closes"`
	Goal       int                          `yaml:"goal"`
	Milestones []int                        `yaml:"milestones"`
	Organiser  string                       `yaml:"organiser"`
	Addressee  string                       `yaml:"addressee"`
	Title      map[rollcall.Language]string `yaml:"title"`
	Text       map[rollcall.Language]string `yaml:"text"`
}

// LoadPetition reads a petition from a YAML file of at most 1 MB, as strictly
// as [Load] reads the configuration, and checks it by its own rules
// ([rollcall.Petition.Validate]). Instants are RFC 3339 to the second, plain or
// quoted, in any zone; they are returned in UTC. White space around texts is
// dropped, so that it does not matter how the YAML ends them.
//
// An error tells every fault as "FILE:LINE: key: what is wrong"; each is a
// [*KeyError] in its tree. Where the file does not exist it is
// [fs.ErrNotExist].
func LoadPetition(path string) (rollcall.Petition, error) {
	src, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rollcall.Petition{}, &KeyError{File: path, Problem: "does not exist", err: fs.ErrNotExist}
	}
	if err != nil {
		return rollcall.Petition{}, err
	}
	return parsePetition(path, src)
}

func parsePetition(path string, src []byte) (rollcall.Petition, error) {
	var f petitionFile
	d := decodeFile(path, src, &f)
	p := rollcall.Petition{
		Slug:       f.Slug,
		Opens:      d.instant("opens", f.Opens),
		Closes:     d.instant("closes", f.Closes),
		Goal:       f.Goal,
		Milestones: f.Milestones,
		Organiser:  strings.TrimSpace(f.Organiser),
		Addressee:  strings.TrimSpace(f.Addressee),
		Title:      trimmed(f.Title),
		Text:       trimmed(f.Text),
	}
	// What could not be read is a zero value by now, and would be reported as
	// missing.
	if len(d.told) > 0 {
		return rollcall.Petition{}, d.err()
	}
	if err := p.Validate(); err != nil {
		list := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			list = joined.Unwrap()
		}
		for _, err := range list {
			key, problem, ok := strings.Cut(err.Error(), ": ")
			if !ok {
				key, problem = "", err.Error()
			}
			d.fault(d.line(key), key, "%s", problem)
		}
		return rollcall.Petition{}, d.err()
	}
	return p, nil
}

// instant reads RFC 3339 to the second; an empty text is the zero instant.
func (d *decoder) instant(key, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		d.fault(d.line(key), key, "must be an instant in the form 2026-01-31T09:00:00Z (RFC 3339)")
	case t.Nanosecond() != 0:
		d.fault(d.line(key), key, "must be to the second")
	case t.UTC().Year() < 1970 || t.UTC().Year() > 9999:
		d.fault(d.line(key), key, "must be from 1970 to 9999")
	}
	return t.UTC()
}

// trimmed returns the map without white space around its texts; nil stays nil.
func trimmed(m map[rollcall.Language]string) map[rollcall.Language]string {
	for l, s := range m {
		m[l] = strings.TrimSpace(s)
	}
	return m
}
