package render

import (
	"strconv"
	"time"

	"rollcall/internal/rollcall"
)

var monthKeys = [...]key{
	"month.january", "month.february", "month.march", "month.april", "month.may", "month.june",
	"month.july", "month.august", "month.september", "month.october", "month.november", "month.december",
}

// date writes a day in full: "24 November 2026". All languages of the bot have
// this order.
func (p *Phrases) date(d rollcall.Date) string {
	return strconv.Itoa(d.Day) + " " + p.months[d.Month] + " " + strconv.Itoa(d.Year)
}

// Time writes an instant in its own location, to the minute: "24 November 2026,
// 18:00 (Europe/Kyiv)".
func (p *Phrases) Time(t time.Time) string {
	return p.date(rollcall.DateOf(t)) + ", " + t.Format("15:04") + " (" + zone(t) + ")"
}

// location returns loc, or UTC where none is given.
func location(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}

// zone returns the IANA name of t's location, or the abbreviation where it has
// no such name.
func zone(t time.Time) string {
	switch name := t.Location().String(); name {
	case "", "Local":
		return t.Format("MST")
	default:
		return name
	}
}

// period writes the span of a digest in loc. Whole days are days alone; a span that
// begins and ends at the same time of day has that once: "21–22 November 2026,
// 09:00 (Europe/Kyiv)"; any other has both times. A zero from means "everything up
// to then".
func (p *Phrases) period(from, to time.Time, loc *time.Location) string {
	to = to.In(loc)
	if from.IsZero() {
		return p.text("digest.as_of", arg{"Time", p.Time(to)})
	}
	from = from.In(loc)
	clock := "15:04"
	if subDay(from, to) && (from.Second() != 0 || to.Second() != 0) {
		clock = time.TimeOnly
	}
	first, last := rollcall.DateOf(from), rollcall.DateOf(to)
	var span string
	switch {
	case dayStart(from) && dayStart(to) && from.Before(to):
		span = p.days(first, last.AddDays(-1)) // the end is the first instant after the period
	case first == last:
		span = p.date(first) + ", " + from.Format(clock) + "–" + to.Format(clock)
	case !subDay(from, to) && from.Format(clock) == to.Format(clock):
		span = p.days(first, last) + ", " + to.Format(clock)
	default:
		span = p.dateBefore(first, last) + ", " + from.Format(clock) + " – " + p.date(last) + ", " + to.Format(clock)
	}
	return span + " (" + zone(to) + ")"
}

// dayStart reports whether t is the first instant of a day of its location, which
// is not midnight where a clock change skips that.
func dayStart(t time.Time) bool { return rollcall.DateOf(t).In(t.Location()).Equal(t) }

// dateBefore writes a day beside a later one, without a year that is the same.
func (p *Phrases) dateBefore(d, later rollcall.Date) string {
	if d.Year != later.Year {
		return p.date(d)
	}
	return strconv.Itoa(d.Day) + " " + p.months[d.Month]
}

// subDay reports whether the span is shorter than a day of its location, which
// has 23 to 25 hours.
func subDay(from, to time.Time) bool { return to.Before(from.AddDate(0, 0, 1)) }

// days writes a range of days without repeating what both ends share.
func (p *Phrases) days(a, b rollcall.Date) string {
	switch {
	case a == b:
		return p.date(a)
	case a.Year != b.Year:
		return p.date(a) + " – " + p.date(b)
	case a.Month != b.Month:
		return p.dateBefore(a, b) + " – " + p.date(b)
	}
	return strconv.Itoa(a.Day) + "–" + p.date(b)
}

const day = 24 * time.Hour

// duration writes a length of time in its largest fitting unit, rounded up, in
// the accusative where the language has one: whole days from two days on, then
// hours, minutes and seconds.
func (p *Phrases) duration(d time.Duration) HTML {
	in := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d >= 2*day:
		return p.plural("unit.days", in(day))
	case d >= 2*time.Hour || d == time.Hour:
		return p.plural("unit.hours", in(time.Hour))
	case d >= 2*time.Minute || d == time.Minute:
		return p.plural("unit.minutes", in(time.Minute))
	}
	return p.plural("unit.seconds", max(in(time.Second), 0))
}
