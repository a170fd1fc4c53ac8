package rollcall

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of what a roster may hold about one person, in runes unless named
// otherwise.
const (
	MaxPublicID  = 40
	MaxName      = 300  // full_name, and each of the other names
	MaxAltNames  = 20   // number of other names
	MaxSource    = 200  // source
	MaxSourceURL = 1000 // source_url, bytes
	MaxNote      = 500  // note
	FirstYear    = 1900 // earliest birth year that is taken
)

// DefaultExpiryDays is how long a claim is shown after its import where the
// roster names no day itself.
const DefaultExpiryDays = 180

// A PersonID is the store's own number of an entry; it is never shown. Zero is
// no person.
type PersonID int64

// Years is a span of birth years, both ends included. The zero Years is all of
// them, and no year too.
type Years struct {
	From, To int
	Unknown  bool // no known year is one of them
}

// A Person is one entry of the roster. It has no status: see [Claim].
type Person struct {
	ID        PersonID
	PublicID  string   // the keeper's id, or one that was drawn at import
	FullName  string   // as the roster spells it
	AltNames  []string // other spellings and former names; may be empty
	BirthYear int      // 0 when not known
}

// A Claim is one dated statement about a person by one named source. What makes
// it that claim is the person, the source, the date and the status together.
type Claim struct {
	Status    Status
	Date      Date   // the day of the statement
	Source    string // who says so
	SourceURL string // where it can be read; may be empty
	Note      string // for keepers; never shown to the public; may be empty
	Expires   Date   // the last day on which it is shown
}

// Live reports whether the claim may still be shown on the given day.
func (c Claim) Live(today Date) bool { return c.Expires.Compare(today) >= 0 }

// A Status is what a source says about a person.
type Status string

// The statuses. There is none for "refused": that a side did not include
// someone is always said by a source, hence [SaidNotIncluded].
const (
	Missing         Status = "missing"
	ReportedHeld    Status = "reported_held"
	ConfirmedHeld   Status = "confirmed_held"
	Returned        Status = "returned"
	Deceased        Status = "deceased"
	SaidNotIncluded Status = "said_not_included"
	Unknown         Status = "unknown"
)

// Statuses lists them in the order in which figures are shown.
var Statuses = []Status{Missing, ReportedHeld, ConfirmedHeld, SaidNotIncluded, Returned, Deceased, Unknown}

// Valid reports whether s is one of [Statuses].
func (s Status) Valid() bool {
	for _, k := range Statuses {
		if s == k {
			return true
		}
	}
	return false
}

// A RosterRow is one row of a roster file: an entry with one claim about it.
// PublicID may be empty.
type RosterRow struct {
	Person
	Claim
}

// A FieldError says what is wrong with one column of a row. The value is left
// out on purpose: it may be a name, and errors are logged.
type FieldError struct {
	Column  string
	Problem string
}

func (e FieldError) Error() string { return e.Column + ": " + e.Problem }

var publicID = regexp.MustCompile(`^[A-Za-z0-9._-]{0,40}$`)

// Validate checks the row as the roster's format asks, with today as the last
// day that a statement may bear, and returns all that is wrong with it. Names
// and sources are expected cleaned (package names).
func (r RosterRow) Validate(today Date) []FieldError {
	return append(r.Person.Validate(today), r.Claim.Validate(today)...)
}

// A faults gathers what is wrong with a row.
type faults []FieldError

func (f *faults) add(column, format string, args ...any) {
	*f = append(*f, FieldError{column, fmt.Sprintf(format, args...)})
}

// Validate is [RosterRow.Validate] for the columns of an entry; its id may be
// empty.
func (p Person) Validate(today Date) []FieldError {
	var errs faults
	bad := errs.add
	if !publicID.MatchString(p.PublicID) {
		bad("id", "at most %d of the characters A-Z a-z 0-9 . _ - are allowed", MaxPublicID)
	}
	switch n := utf8.RuneCountInString(p.FullName); {
	case n == 0:
		bad("full_name", "is required")
	case n > MaxName:
		bad("full_name", "is longer than %d characters", MaxName)
	}
	if len(p.AltNames) > MaxAltNames {
		bad("alt_names", "holds more than %d names", MaxAltNames)
	}
	for _, n := range p.AltNames {
		if utf8.RuneCountInString(n) > MaxName {
			bad("alt_names", "holds a name longer than %d characters", MaxName)
		}
		if strings.Contains(n, ";") {
			bad("alt_names", "holds a name with a semicolon, which parts the names")
		}
	}
	if p.BirthYear != 0 && (p.BirthYear < FirstYear || p.BirthYear > today.Year) {
		bad("birth_year", "must be from %d to %d", FirstYear, today.Year)
	}
	return errs
}

// Validate is [RosterRow.Validate] for the columns of a claim. A zero expiry is
// taken.
func (c Claim) Validate(today Date) []FieldError {
	var errs faults
	bad := errs.add
	if c.Status == "" {
		bad("status", "is required")
	} else if !c.Status.Valid() {
		bad("status", "must be one of %s", statusList())
	}
	if c.Date.IsZero() {
		bad("status_date", "is required")
	} else if c.Date.Compare(today) > 0 {
		bad("status_date", "lies in the future")
	}
	switch n := utf8.RuneCountInString(c.Source); {
	case n == 0:
		bad("source", "is required")
	case n > MaxSource:
		bad("source", "is longer than %d characters", MaxSource)
	}
	if c.SourceURL != "" {
		u, err := url.Parse(c.SourceURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || len(c.SourceURL) > MaxSourceURL {
			bad("source_url", "must be an http or https address of at most %d bytes", MaxSourceURL)
		}
	}
	if utf8.RuneCountInString(c.Note) > MaxNote {
		bad("note", "is longer than %d characters", MaxNote)
	}
	return errs
}

func statusList() string {
	s := make([]string, len(Statuses))
	for i, k := range Statuses {
		s[i] = string(k)
	}
	return strings.Join(s, ", ")
}
