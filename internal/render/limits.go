package render

import "time"

// A Limit is one that a lookup can meet.
type Limit int

// The limits.
const (
	NoLimit     Limit = iota
	DayLimit          // the account's lookups of the day
	WeekLimit         // the different people whom the account was shown in a week
	RosterLimit       // what everybody together may be shown in a day
	FullOnly          // most of that: only a full name with a birth year or a patronymic is answered
)

// LimitReached answers a lookup that meets a limit: when that ends, in until's
// location, and who helps until then; contact may be empty. It is the same whether
// or not anybody of the name is listed.
func (p *Phrases) LimitReached(l Limit, until time.Time, contact string) HTML {
	var what HTML
	switch l {
	case DayLimit:
		what = p.html("limit.day", arg{"Time", p.Time(until)})
	case WeekLimit:
		what = p.html("limit.week", arg{"Time", p.Time(until)})
	case RosterLimit:
		what = p.html("limit.roster", arg{"Time", p.Time(until)})
	case FullOnly:
		what = p.html("limit.full_only", arg{"Time", p.Time(until)})
	}
	return paragraphs(what, p.html("limit.why"), p.limitContact(contact))
}

// NothingInFull answers a lookup while only full matches are shown: for nobody,
// and alike for somebody who would be offered at another time.
func (p *Phrases) NothingInFull(tracing []Link, until time.Time, contact string) HTML {
	return paragraphs(p.html("find.nothing"), p.html("limit.full_now", arg{"Time", p.Time(until)}), p.limitContact(contact), p.tracing(tracing))
}

func (p *Phrases) limitContact(contact string) HTML {
	if contact == "" {
		return ""
	}
	return p.html("limit.contact", arg{"Contact", contact})
}
