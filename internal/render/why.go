package render

// A Reason says why one part of a query was taken for a part of a listed name,
// or how the birth years agree.
type Reason struct {
	Kind   ReasonKind
	Asked  string // as typed; empty for the kinds of years
	Listed string // as listed, where the kind has one
}

// A ReasonKind is a kind of [Reason].
type ReasonKind string

// The kinds of reasons.
const (
	ReasonSame        ReasonKind = "same"
	ReasonScript      ReasonKind = "script"
	ReasonLanguage    ReasonKind = "language"
	ReasonShort       ReasonKind = "short"
	ReasonEnding      ReasonKind = "ending"
	ReasonHalf        ReasonKind = "half"
	ReasonInitial     ReasonKind = "initial"
	ReasonNotListed   ReasonKind = "not_listed"
	ReasonSlip        ReasonKind = "slip"
	ReasonContradicts ReasonKind = "contradicts"
	ReasonYear        ReasonKind = "year"
	ReasonNoYear      ReasonKind = "no_year"
	ReasonOtherYear   ReasonKind = "other_year"
)

// Why tells a keeper why entries were found, in a line for each.
func (p *Phrases) Why(entries ...[]Reason) HTML {
	all := make([]HTML, len(entries))
	for i, reasons := range entries {
		list := make([]HTML, len(reasons))
		for j, r := range reasons {
			list[j] = p.reason(r)
		}
		all[i] = p.html("why.all", arg{"Reasons", join("; ", list)})
	}
	return lines(all...)
}

// reason is empty for a kind that is not known.
func (p *Phrases) reason(r Reason) HTML {
	switch r.Kind {
	case ReasonSame:
		return p.html("why.same", arg{"Asked", r.Asked})
	case ReasonScript:
		return p.html("why.script", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonLanguage:
		return p.html("why.language", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonShort:
		return p.html("why.short", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonEnding:
		return p.html("why.ending", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonHalf:
		return p.html("why.half", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonInitial:
		return p.html("why.initial", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonNotListed:
		return p.html("why.not_listed", arg{"Asked", r.Asked})
	case ReasonSlip:
		return p.html("why.slip", arg{"Asked", r.Asked}, arg{"Listed", r.Listed})
	case ReasonContradicts:
		return p.html("why.contradicts", arg{"Asked", r.Asked})
	case ReasonYear:
		return p.html("why.year")
	case ReasonNoYear:
		return p.html("why.no_year")
	case ReasonOtherYear:
		return p.html("why.other_year")
	}
	return ""
}
