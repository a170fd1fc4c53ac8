package schedule

import (
	"iter"
	"time"
)

// A clock is the wall clock of a zone. What it shows, a reading, is a time.Time
// in UTC that stands for no instant: readings form a line without gaps or folds,
// on which the calendar is plain arithmetic.
type clock struct{ zone *time.Location }

// spread is longer than any two offsets of one zone differ by: those in use have
// always been within 16 hours of UTC.
const spread = 48 * time.Hour

// shows returns the reading at an instant.
func (c clock) shows(t time.Time) time.Time {
	_, offset := t.In(c.zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// reached returns the latest reading that the clock has shown up to and
// including an instant. It differs from shows where the clock has been put back.
func (c clock) reached(t time.Time) time.Time {
	latest := c.shows(t)
	start, _ := t.In(c.zone).ZoneBounds()
	for !start.IsZero() && start.After(t.Add(-spread)) {
		before := start.Add(-1)
		if r := c.shows(before); r.After(latest) {
			latest = r
		}
		start, _ = before.In(c.zone).ZoneBounds()
	}
	return latest
}

// reach returns the first instant at which the clock shows the reading or one
// past it. It never decreases, and reach(r) <= t holds exactly where
// r <= reached(t) does.
func (c clock) reach(reading time.Time) time.Time {
	_, offset := reading.In(c.zone).Zone()
	t := reading.Add(-time.Duration(offset)*time.Second - spread)
	for {
		_, offset := t.In(c.zone).Zone()
		end := c.end(t)
		at := reading.Add(-time.Duration(offset) * time.Second)
		if at.Before(t) {
			at = t // the change at t has put the clock past the reading
		}
		if end.IsZero() || at.Before(end) {
			return at.UTC()
		}
		t = end
	}
}

// changes yields the instants in (after, until] at which the zone's offset may
// change.
func (c clock) changes(after, until time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for t := after; ; {
			end := c.end(t)
			if end.IsZero() || end.After(until) || !yield(end) {
				return
			}
			t = end
		}
	}
}

// end returns an instant after t up to which the offset stays what it is at t,
// or zero where it stays so for ever. Past the last change that its table holds,
// Time.ZoneBounds takes every year for one of 365 days, and on 31 December of a
// leap year (2040 is the first in many zones) names an end that lies in the
// past. There, it is the end of the year.
func (c clock) end(t time.Time) time.Time {
	_, end := t.In(c.zone).ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		const day = 24 * time.Hour
		return t.Truncate(day).Add(day)
	}
	return end
}
