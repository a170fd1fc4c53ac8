package schedule

import (
	"math/bits"
	"time"

	"github.com/robfig/cron/v3"
)

// A calendar is the set of readings, in whole minutes, that a five-field
// specification names. Bit n of a field stands for the value n.
type calendar struct {
	minutes, hours, doms, months, dows uint64
	either                             bool // a day of month or a day of week is enough
}

// star is the bit by which robfig/cron marks a field that held "*" or "?".
const star = 1 << 63

func newCalendar(s *cron.SpecSchedule) calendar {
	return calendar{
		minutes: s.Minute &^ star,
		hours:   s.Hour &^ star,
		doms:    s.Dom &^ star,
		months:  s.Month &^ star,
		dows:    s.Dow &^ star,
		either:  (s.Dom|s.Dow)&star == 0,
	}
}

const (
	minutesPerDay = 24 * 60
	// A 29 February is followed by another within eight years, and no other
	// day of the year keeps one waiting for longer.
	maxWait = 8*366 + 1
	// The Gregorian calendar repeats, days of the week included.
	cycle = 146097 // days in 400 years
)

// fires reports whether the calendar holds any reading at all.
func (c calendar) fires() bool {
	_, ok := c.dayFrom(0, 1)
	return ok && c.perDay() > 0
}

// perDay is the number of readings on a day that matches.
func (c calendar) perDay() int { return bits.OnesCount64(c.hours) * bits.OnesCount64(c.minutes) }

// next returns the first reading later than r, within the known years.
func (c calendar) next(r time.Time) (time.Time, bool) {
	day, minute := split(r)
	if c.matches(day) {
		if m, ok := c.minuteAfter(minute); ok {
			return join(day, m)
		}
	}
	day, ok := c.dayFrom(day+1, 1)
	if !ok {
		return time.Time{}, false
	}
	m, _ := c.minuteAfter(-1)
	return join(day, m)
}

// last returns the last reading that is not later than r, within the known
// years.
func (c calendar) last(r time.Time) (time.Time, bool) {
	day, minute := split(r)
	if c.matches(day) {
		if m, ok := c.minuteUpTo(minute); ok {
			return join(day, m)
		}
	}
	day, ok := c.dayFrom(day-1, -1)
	if !ok {
		return time.Time{}, false
	}
	m, _ := c.minuteUpTo(minutesPerDay - 1)
	return join(day, m)
}

// count returns the number of readings in (after, until].
func (c calendar) count(after, until time.Time) int {
	day, minute := split(after)
	end, endMinute := split(until)
	if end < day || end == day && endMinute <= minute {
		return 0
	}
	n := 0
	if c.matches(end) {
		n += c.countUpTo(endMinute)
	}
	if c.matches(day) {
		n -= c.countUpTo(minute)
	}
	days := 0 // that match, in [day, end)
	if cycles := (end - day) / cycle; cycles > 0 {
		for d := day; d < day+cycle; d++ {
			if c.matches(d) {
				days++
			}
		}
		days *= int(cycles)
		day += cycles * cycle
	}
	for ; day < end; day++ {
		if c.matches(day) {
			days++
		}
	}
	return n + days*c.perDay()
}

// matches reports whether a day, counted from 1970-01-01, is one of the
// calendar's.
func (c calendar) matches(day int64) bool {
	t := time.Unix(day*24*60*60, 0).UTC()
	_, month, dom := t.Date()
	if c.months>>month&1 == 0 {
		return false
	}
	byMonth, byWeek := c.doms>>dom&1 == 1, c.dows>>t.Weekday()&1 == 1
	if c.either {
		return byMonth || byWeek
	}
	return byMonth && byWeek
}

// dayFrom returns the day nearest to the given one that matches, itself
// included, going forwards (step 1) or backwards (step -1).
func (c calendar) dayFrom(day, step int64) (int64, bool) {
	for range maxWait {
		if c.matches(day) {
			return day, true
		}
		day += step
	}
	return 0, false
}

// minuteAfter returns the first minute of a matching day that is later than the
// given one.
func (c calendar) minuteAfter(minute int) (int, bool) {
	minute++
	hour := minute / 60
	if m := c.minutes >> (minute % 60); c.hours>>hour&1 == 1 && m != 0 {
		return minute + bits.TrailingZeros64(m), true
	}
	if h := c.hours >> (hour + 1); h != 0 && c.minutes != 0 {
		return (hour+1+bits.TrailingZeros64(h))*60 + bits.TrailingZeros64(c.minutes), true
	}
	return 0, false
}

// minuteUpTo returns the last minute of a matching day that is not later than
// the given one.
func (c calendar) minuteUpTo(minute int) (int, bool) {
	hour := minute / 60
	if m := c.minutes & upTo(minute%60); c.hours>>hour&1 == 1 && m != 0 {
		return hour*60 + bits.Len64(m) - 1, true
	}
	if h := c.hours & (1<<hour - 1); h != 0 && c.minutes != 0 {
		return (bits.Len64(h)-1)*60 + bits.Len64(c.minutes) - 1, true
	}
	return 0, false
}

// countUpTo returns the number of readings of a matching day that are not later
// than the minute.
func (c calendar) countUpTo(minute int) int {
	hour := minute / 60
	n := bits.OnesCount64(c.hours&(1<<hour-1)) * bits.OnesCount64(c.minutes)
	if c.hours>>hour&1 == 1 {
		n += bits.OnesCount64(c.minutes & upTo(minute%60))
	}
	return n
}

// upTo returns the bits from 0 to n; n is below 63.
func upTo(n int) uint64 { return 1<<(n+1) - 1 }

// split returns the day of a reading, counted from 1970-01-01, and the minute
// within it, rounded down.
func split(r time.Time) (day int64, minute int) {
	m := floorDiv(r.Unix(), 60)
	day = floorDiv(m, minutesPerDay)
	return day, int(m - day*minutesPerDay)
}

// join is the reverse of split; ok is false outside the known years.
func join(day int64, minute int) (r time.Time, ok bool) {
	r = time.Unix((day*minutesPerDay+int64(minute))*60, 0).UTC()
	return r, known(r)
}
