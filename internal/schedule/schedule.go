// Package schedule says at which instants a digest is due.
//
// The notation is that of robfig/cron's standard parser, and that parser reads
// it. When a schedule fires is worked out here, because robfig/cron walks the
// calendar on the local clock: it drops a time that a clock change skips, fires
// a repeated one twice, and loses a whole day where midnight itself is skipped.
//
// Here a calendar schedule names readings of a wall clock, and an occurrence is
// due at the first instant at which the zone's clock has reached its reading.
// Three rules follow from that one:
//   - A reading that a clock change skips is due at the first instant after the
//     gap, and no day is lost.
//   - A reading that a clock change repeats is due once, the first time.
//   - Readings that come due at one and the same instant (every quarter of an
//     hour within a skipped hour, and the gap's end itself) are one occurrence.
//     It bears the key of the earliest of them, whoever asks and whenever.
//
// "@every D" has no clock: it is due at the UTC instants that are multiples of
// D since the Unix epoch, so that a restart does not move it.
//
// The package keeps no state and reads no clock. What has been posted, how late
// is too late, and quiet hours are the business of package jobs. It knows the
// years 1 to 9999. Zone data is the caller's: the program embeds time/tzdata.
package schedule

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/robfig/cron/v3"

	"rollcall/internal/rollcall"
)

// MaxSpec is the longest specification that is taken, in runes.
const MaxSpec = 64

// A Schedule is a parsed specification together with the zone in which it is
// read. It is immutable and safe for concurrent use. Only [Parse] makes one.
type Schedule struct {
	spec  string
	every int64    // seconds; 0 for a calendar schedule
	cal   calendar // meaningful where every is 0
	clock clock
}

// An Occurrence is one planned instant of a schedule.
type Occurrence struct {
	// Key names the occurrence among all those of its schedule. Keys sort as
	// their instants do. A calendar schedule's is the local date and time that
	// the specification asks for, "2026-03-29T03:30", even where a clock change
	// moves At; that of "@every" is At in RFC 3339.
	Key string
	At  time.Time // UTC
}

// A Span is a run of occurrences without a hole.
type Span struct {
	First, Last Occurrence
	Count       int // at least 1
}

// Parse reads what cron.ParseStandard takes: five fields (minute, hour, day of
// month, month, day of week) or a descriptor such as "@daily" or "@every 90m".
// As there, a specification that restricts both days fires on either. A nil
// zone means UTC; "@every" does not depend on it.
//
// The error is a [rollcall.Error] with code [rollcall.Invalid]. Beyond the
// parser's own, there is one for a zone within the specification, for more than
// [MaxSpec] runes, for a period that is not a whole number of seconds or below
// one, and for a specification that never fires.
func Parse(spec string, zone *time.Location) (*Schedule, error) {
	if zone == nil {
		zone = time.UTC
	}
	if n := utf8.RuneCountInString(spec); n > MaxSpec {
		return nil, invalid("a schedule has at most %d characters, this one has %d", MaxSpec, n)
	}
	if strings.TrimSpace(spec) == "" {
		return nil, invalid(`a schedule is needed, for example "0 9 * * *" or "@daily"`)
	}
	if strings.Contains(strings.ToUpper(spec), "TZ=") {
		return nil, invalid("schedule %q: the time zone does not belong here, it is given by itself", spec)
	}
	parsed, err := parseStandard(spec)
	if err != nil {
		return nil, invalid(`schedule %q: %s (five fields are expected: minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-6 from Sunday; or for example "@daily")`, spec, printable(err.Error()))
	}
	s := &Schedule{spec: spec, clock: clock{zone}}
	switch p := parsed.(type) {
	case *cron.SpecSchedule:
		s.cal = newCalendar(p)
		if !s.cal.fires() {
			return nil, invalid("schedule %q never fires: no day has such a date and time", spec)
		}
	case cron.ConstantDelaySchedule:
		// The parser rounds the period in silence, so it is read once more.
		d, err := time.ParseDuration(strings.TrimPrefix(spec, "@every "))
		if err != nil {
			return nil, invalid("schedule %q: the period is not a duration such as 90m", spec)
		}
		if d < time.Second || d%time.Second != 0 {
			return nil, invalid("schedule %q: the period must be a whole number of seconds, and at least one", spec)
		}
		s.every = int64(d / time.Second)
	default:
		return nil, invalid("schedule %q is of an unknown kind", spec)
	}
	return s, nil
}

// parseStandard is cron.ParseStandard with its panics made errors.
func parseStandard(spec string) (s cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			s, err = nil, fmt.Errorf("cannot be read")
		}
	}()
	return cron.ParseStandard(spec)
}

// printable returns text with the characters replaced that a terminal or a log
// might obey: the parser quotes what it was given.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

func invalid(format string, args ...any) error {
	return rollcall.E(rollcall.Invalid, fmt.Sprintf(format, args...))
}

// String returns the specification as it was given.
func (s *Schedule) String() string { return s.spec }

// Next returns the first occurrence that is due strictly after the given
// instant. ok is false only past the end of the year 9999.
func (s *Schedule) Next(after time.Time) (o Occurrence, ok bool) {
	after = clamp(after)
	if s.every > 0 {
		return s.tick(floorDiv(after.Unix(), s.every) + 1)
	}
	reading, ok := s.cal.next(s.clock.reached(after))
	if !ok {
		return Occurrence{}, false
	}
	o = Occurrence{Key: reading.Format("2006-01-02T15:04"), At: s.clock.reach(reading)}
	return o, known(o.At)
}

// Span returns the occurrences that are due after the one instant and not after
// the other, in (after, until], as their first, their last and their number; ok
// is false where there is none. It does not go through them one by one: a year
// of "@every 10s" costs no more than an hour of it.
func (s *Schedule) Span(after, until time.Time) (span Span, ok bool) {
	after, until = clamp(after), clamp(until)
	first, ok := s.Next(after)
	if !ok || first.At.After(until) {
		return Span{}, false
	}
	last, _ := s.latest(until)
	span = Span{First: first, Last: last}
	if s.every > 0 {
		span.Count = int((last.At.Unix()-first.At.Unix())/s.every) + 1
		return span, true
	}
	span.Count = s.cal.count(s.clock.reached(after), s.clock.reached(until))
	// Readings that come due together are one occurrence.
	for t := range s.clock.changes(after, until) {
		if n := s.cal.count(s.clock.reached(t.Add(-1)), s.clock.reached(t)); n > 1 {
			span.Count -= n - 1
		}
	}
	return span, true
}

// Between returns the occurrences in (after, until], oldest first, and only the
// latest max of them where there are more.
func (s *Schedule) Between(after, until time.Time, max int) []Occurrence {
	after, until = clamp(after), clamp(until)
	var list []Occurrence
	for len(list) < max {
		o, ok := s.latest(until)
		if !ok || !o.At.After(after) {
			break
		}
		list = append(list, o)
		until = o.At.Add(-1)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// Upcoming returns the next n occurrences after now.
func (s *Schedule) Upcoming(now time.Time, n int) []Occurrence {
	var list []Occurrence
	for len(list) < n {
		o, ok := s.Next(now)
		if !ok {
			break
		}
		list = append(list, o)
		now = o.At
	}
	return list
}

// latest returns the last occurrence that is due at until or before.
func (s *Schedule) latest(until time.Time) (Occurrence, bool) {
	if s.every > 0 {
		return s.tick(floorDiv(until.Unix(), s.every))
	}
	reading, ok := s.cal.last(s.clock.reached(until))
	if !ok {
		return Occurrence{}, false
	}
	// Of the readings that come due with this one, the earliest gives the key.
	o, ok := s.Next(s.clock.reach(reading).Add(-1))
	return o, ok && !o.At.After(until)
}

// tick returns the nth multiple of the period since the epoch.
func (s *Schedule) tick(n int64) (Occurrence, bool) {
	at := time.Unix(n*s.every, 0).UTC()
	if !known(at) {
		return Occurrence{}, false
	}
	return Occurrence{Key: at.Format(time.RFC3339), At: at}, true
}

// Cron returns the schedule as one that robfig/cron's runner can hold: it ticks
// at exactly the instants of [Schedule.Next].
func (s *Schedule) Cron() cron.Schedule { return runner{s} }

type runner struct{ s *Schedule }

// Next fits cron.Schedule, to which the zero time says "never".
func (r runner) Next(t time.Time) time.Time {
	o, ok := r.s.Next(t)
	if !ok {
		return time.Time{}
	}
	return o.At
}

// The years that are known. A day is left at either end for the offsets.
var (
	firstKnown = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	lastKnown  = time.Date(9999, 12, 30, 23, 59, 59, 0, time.UTC)
)

func known(t time.Time) bool { return !t.Before(firstKnown) && !t.After(lastKnown) }

// clamp returns t without its monotonic reading, within the known years.
func clamp(t time.Time) time.Time {
	switch {
	case t.Before(firstKnown):
		return firstKnown
	case t.After(lastKnown):
		return lastKnown
	}
	return t.Round(0).UTC()
}

// floorDiv divides and rounds down; b must be positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
