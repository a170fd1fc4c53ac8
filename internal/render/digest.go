package render

import (
	"math"
	"strconv"
	"time"

	"rollcall/internal/rollcall"
)

// less is how a figure is shown that is too small to be published.
const less HTML = "&lt;5"

// Digest shows a digest. It names nobody, and holds no figure of the deceased;
// figures and changes of people below [rollcall.SmallFigure] are shown as "<5". Of a
// part that its sections leave out it says nothing; where nothing else is there to be
// told, it says so.
func (p *Phrases) Digest(d rollcall.Digest, sides map[rollcall.Side]string) HTML {
	parts := []HTML{p.digestHead(d)}
	if d.Sections.Has(rollcall.PeopleSection) {
		parts = append(parts, p.digestPeople(d))
	}
	if len(d.Rounds) > 0 {
		list := []HTML{p.html("digest.rounds")}
		for _, r := range d.Rounds {
			list = append(list, p.round(r, sides, true))
		}
		parts = append(parts, lines(list...))
	}
	for _, f := range d.Petitions {
		parts = append(parts, p.digestPetition(d, f))
	}
	if len(d.Corrections) > 0 {
		list := make([]HTML, len(d.Corrections))
		for i, c := range d.Corrections {
			list[i] = p.Correction(c, sides, d.To.In(location(d.Zone)))
		}
		parts = append(parts, lines(list...))
	}
	if len(parts) == 1 {
		parts = append(parts, p.html("digest.nothing"))
	}
	return paragraphs(parts...)
}

// DigestTitle is the title of a digest as plain text, with its number and its
// period in its zone: "Digest No 47, 16–22 November 2026 (Europe/Kyiv)".
func (p *Phrases) DigestTitle(d rollcall.Digest) string {
	return p.text("digest.title", arg{"Number", d.Number}, arg{"Period", p.period(d.From, d.To, location(d.Zone))})
}

func (p *Phrases) digestHead(d rollcall.Digest) HTML {
	title := p.html("digest.head", arg{"Title", p.DigestTitle(d)})
	if d.Late {
		return lines(title, p.html("digest.late"))
	}
	return title
}

var figureKeys = map[rollcall.Status]key{
	rollcall.Missing:         "figure.missing",
	rollcall.ReportedHeld:    "figure.reported_held",
	rollcall.ConfirmedHeld:   "figure.confirmed_held",
	rollcall.Returned:        "figure.returned",
	rollcall.SaidNotIncluded: "figure.said_not_included",
	rollcall.Unknown:         "figure.unknown",
}

func (p *Phrases) digestPeople(d rollcall.Digest) HTML {
	total := p.html("digest.total",
		arg{"Figure", p.people(d.Total)}, arg{"Change", p.change(d.Total, d.TotalWas, d.PriorSeen)})
	var list []HTML
	for _, f := range d.People {
		// The map has no word for the deceased: what is not in it is not shown.
		k, ok := figureKeys[f.Status]
		if !ok {
			continue
		}
		list = append(list, p.html("digest.figure",
			arg{"Status", p.html(k)}, arg{"Figure", p.people(f.Count)}, arg{"Change", p.change(f.Count, f.Was, d.PriorSeen)}))
	}
	if len(list) == 0 {
		return total
	}
	return lines(total, p.html("digest.by_status"), bullets(list))
}

func small(n int) bool { return n > 0 && n < rollcall.SmallFigure }

// people writes a number of people, or "<5".
func (p *Phrases) people(n int) HTML {
	if small(n) {
		return less
	}
	return inline(p.number(n))
}

// change writes, in brackets, by how much a number of people has changed; ""
// without an earlier one. An exact change between two figures of which one is
// hidden would reveal it, and is hidden too.
func (p *Phrases) change(now, was int, seen bool) HTML {
	n := now - was
	switch {
	case !seen:
		return ""
	case n == 0:
		return " " + p.html("change.none")
	case small(n), small(-n):
		return " " + p.html("change.small")
	case small(now), small(was):
		return " " + p.html("change.hidden")
	case n > 0:
		return " (+" + inline(p.number(n)) + ")"
	}
	return " (" + inline(p.number(n)) + ")"
}

func (p *Phrases) digestPetition(d rollcall.Digest, f rollcall.PetitionFigures) HTML {
	list := []HTML{
		p.html("digest.petition", arg{"Title", rollcall.In(f.Title, p.lang)}),
		p.counted(f.Tally),
	}
	if !f.SinceUnknown {
		list = append(list, p.html("digest.since", arg{"Signed", f.Since.Signed}, arg{"Withdrawn", f.Since.Withdrawn}, arg{"Voided", f.Since.Voided}))
	}
	switch {
	case f.Goal > 0 && f.GoalWas > 0:
		list = append(list, p.html("digest.share_raised", arg{"Share", share(f.Tally.Net(), f.Goal)}, arg{"Goal", f.Goal}, arg{"Was", f.GoalWas}))
	case f.Goal > 0:
		list = append(list, p.html("digest.share", arg{"Share", share(f.Tally.Net(), f.Goal)}, arg{"Goal", f.Goal}))
	}
	list = append(list, p.pace(d, f), p.outlook(d, f))
	switch f.State {
	case rollcall.Upcoming:
		list = append(list, p.html("digest.upcoming"))
	case rollcall.Open:
		list = append(list, p.html("petition.closes", arg{"Time", p.Time(f.Closes.In(location(d.Zone)))}))
	case rollcall.Closed:
		list = append(list, p.html("digest.closed"))
	}
	if f.Checkpoint != "" {
		list = append(list, p.html("digest.checkpoint", arg{"Checkpoint", Escape(f.Checkpoint)}))
	}
	return lines(list...)
}

// share writes n of goal in whole per cent, rounded down, so that 100 is not
// shown before it is reached.
func share(n, goal int) HTML {
	percent := n * 100 / goal
	if n > 0 && percent == 0 {
		return "&lt;1"
	}
	return inline(strconv.Itoa(percent))
}

// pace writes the new signatures of the period per day. A period of less than a
// day says too little for one, and so do one without a beginning and one of which it is not known what came within it.
func (p *Phrases) pace(d rollcall.Digest, f rollcall.PetitionFigures) HTML {
	if d.From.IsZero() || f.SinceUnknown || f.State != rollcall.Open {
		return ""
	}
	loc := location(d.Zone)
	if subDay(d.From.In(loc), d.To.In(loc)) {
		return p.html("digest.no_pace")
	}
	perDay := float64(f.Since.Signed) / (d.To.Sub(d.From).Hours() / 24)
	if perDay > 0 && perDay < 1 {
		return p.html("digest.slow_pace")
	}
	return p.plural("digest.pace", int(math.Round(perDay)))
}

// An outlook is drawn from no less than a week, since the days of one differ, and
// from no fewer signatures; and it looks no further ahead than a few times as far as
// it looks back.
const (
	outlookSpan  = 7 * day
	outlookLeast = 10
	outlookTimes = 4
)

// outlook says when the goal would be reached if signatures went on to come, and to
// go, as in the period; "" where that would be a guess, or after the closing.
func (p *Phrases) outlook(d rollcall.Digest, f rollcall.PetitionFigures) HTML {
	missing, net := f.Goal-f.Tally.Net(), f.Since.Net()
	if d.From.IsZero() || f.SinceUnknown || f.State != rollcall.Open || missing <= 0 || net < outlookLeast {
		return ""
	}
	// A week with a clock change may be an hour shorter.
	span := d.To.Sub(d.From)
	if span < outlookSpan-time.Hour || missing > outlookTimes*net {
		return ""
	}
	reached := d.To.Add(time.Duration(float64(span) * float64(missing) / float64(net)))
	if reached.After(f.Closes) {
		return ""
	}
	loc := location(d.Zone)
	return p.html("digest.outlook", arg{"Date", p.dateBefore(rollcall.DateOf(reached.In(loc)), rollcall.DateOf(d.To.In(loc)))})
}

// NoDigestYet says that there is no digest to show.
func (p *Phrases) NoDigestYet() HTML { return p.html("digest.none") }

// ChartTitle says in plain text what the chart of a petition shows.
func (p *Phrases) ChartTitle() string { return p.text("chart.title") }

// ChartGoal stands before the number of the goal on the chart.
func (p *Phrases) ChartGoal() string { return p.text("chart.goal") }
