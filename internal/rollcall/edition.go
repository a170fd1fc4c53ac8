package rollcall

import (
	"fmt"
	"strings"
	"time"
)

// A Rhythm says how often a subscriber gets the digest.
type Rhythm string

// The rhythms.
const (
	Daily  Rhythm = "daily"
	Weekly Rhythm = "weekly" // on Mondays
)

// A ClockTime is a reading of a wall clock, in minutes after midnight.
type ClockTime int

// String writes "09:00".
func (c ClockTime) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// ParseClockTime reads "09:00", "9:00" and "9.00", from 00:00 to 23:59.
func ParseClockTime(text string) (c ClockTime, ok bool) {
	hour, minute, found := strings.Cut(strings.Replace(strings.TrimSpace(text), ".", ":", 1), ":")
	if !found || len(hour) < 1 || len(hour) > 2 || len(minute) != 2 {
		return 0, false
	}
	h, m := 0, 0
	for _, d := range hour {
		if d < '0' || d > '9' {
			return 0, false
		}
		h = 10*h + int(d-'0')
	}
	for _, d := range minute {
		if d < '0' || d > '9' {
			return 0, false
		}
		m = 10*m + int(d-'0')
	}
	return ClockTime(60*h + m), h < 24 && m < 60
}

// QuietHours are the hours of each day in which nothing is sent, from the one
// reading up to the other; they may go over midnight. From and Until are the same
// where there are none, as in the zero value.
type QuietHours struct{ From, Until ClockTime }

// None reports whether there are no quiet hours.
func (q QuietHours) None() bool { return q.From == q.Until }

// Holds reports whether a reading of the clock is within them.
func (q QuietHours) Holds(c ClockTime) bool {
	if q.From <= q.Until {
		return q.From <= c && c < q.Until
	}
	return q.From <= c || c < q.Until
}

// String writes "22:00-08:00", and "" where there are none.
func (q QuietHours) String() string {
	if q.None() {
		return ""
	}
	return q.From.String() + "-" + q.Until.String()
}

// ParseQuietHours reads two readings of the clock with a hyphen or a dash between
// them, which must differ, and "" for none.
func ParseQuietHours(text string) (q QuietHours, ok bool) {
	if strings.TrimSpace(text) == "" {
		return QuietHours{}, true
	}
	from, until, found := strings.Cut(strings.NewReplacer("–", "-", "—", "-").Replace(text), "-")
	if !found {
		return QuietHours{}, false
	}
	var a, b bool
	q.From, a = ParseClockTime(from)
	q.Until, b = ParseClockTime(until)
	if !a || !b || q.None() {
		return QuietHours{}, false
	}
	return q, true
}

// An Edition is what all subscribers have in common who get a digest at the same
// time and in the same words. It is comparable.
type Edition struct {
	Every    Rhythm
	At       ClockTime
	Zone     string // IANA name
	Language Language
}

// String writes "daily 09:00 Europe/Kyiv uk", which is the edition's name in the
// ledger.
func (e Edition) String() string {
	return string(e.Every) + " " + e.At.String() + " " + e.Zone + " " + string(e.Language)
}

// ParseEdition reads what String writes. The error is [Invalid].
func ParseEdition(text string) (Edition, error) {
	part := strings.Split(text, " ")
	if len(part) != 4 {
		return Edition{}, E(Invalid, fmt.Sprintf("%q is no edition, such as daily 09:00 Europe/Kyiv uk", text))
	}
	at, _ := ParseClockTime(part[1])
	e := Edition{Every: Rhythm(part[0]), At: at, Zone: part[2], Language: Language(part[3])}
	if e.String() != text {
		return Edition{}, E(Invalid, fmt.Sprintf("%q is no edition: its time is not written as 09:00", text))
	}
	return e, e.Validate()
}

// Validate returns an [Invalid] error for an edition that cannot be.
func (e Edition) Validate() error {
	l, spoken := ParseLanguage(string(e.Language))
	switch {
	case e.Every != Daily && e.Every != Weekly:
		return E(Invalid, fmt.Sprintf("a digest comes daily or weekly, not %q", e.Every))
	case e.At < 0 || e.At >= 24*60:
		return E(Invalid, "a day has no such time")
	case !spoken || l != e.Language:
		return E(Invalid, fmt.Sprintf("%q is none of the bot's languages", e.Language))
	}
	_, err := LoadZone(e.Zone)
	return err
}

// LoadZone is [time.LoadLocation] without the machine's own zone and without an
// empty name, both of which would mean something else elsewhere. The error is
// [Invalid].
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || strings.ContainsAny(name, " \t\n") {
		return nil, E(Invalid, fmt.Sprintf("%q names no time zone", name))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, E(Invalid, fmt.Sprintf("%q names no time zone", name))
	}
	return loc, nil
}
