package render

import (
	"time"

	"rollcall/internal/rollcall"
)

// AskWhatIsWrong asks for a line about an entry that is said to be wrong, within
// the ten minutes for which it is waited.
func (p *Phrases) AskWhatIsWrong() HTML { return p.html("wrong.ask") }

// WrongLimit answers an account that has reported as many entries as it may in a
// day.
func (p *Phrases) WrongLimit(max int) HTML { return p.plural("wrong.limit", max) }

// A QueueItem is an entry that waits for a keeper's check.
type QueueItem struct {
	Person  rollcall.Person
	Claims  []rollcall.Claim // may be empty
	Hidden  bool             // until the check is done
	Reports []QueuedReport   // empty for an entry that the mark of a take-down keeps back
	Place   int              // in the queue, from 1
	Length  int              // of the queue
	Zone    *time.Location
}

// A QueuedReport is what somebody says is wrong.
type QueuedReport struct {
	Text string
	At   time.Time
}

// QueueItem shows an entry to a keeper, with what there is to judge by and what
// the buttons do.
func (p *Phrases) QueueItem(q QueueItem) HTML {
	year := p.html("card.no_year")
	if q.Person.BirthYear != 0 {
		year = p.html("card.year", arg{"Year", p.year(q.Person.BirthYear)})
	}
	said := make([]HTML, len(q.Claims))
	for i, c := range q.Claims {
		said[i] = p.claim(c)
	}
	var why []HTML
	for _, r := range q.Reports {
		why = append(why, p.html("queue.report", arg{"Time", p.Time(r.At.In(location(q.Zone)))}, arg{"Text", r.Text}))
	}
	reasons := lines(p.plural("queue.reports", len(q.Reports)), bullets(why))
	if len(q.Reports) == 0 {
		reasons = p.html("queue.mark")
	}
	state := p.html("queue.shown")
	if q.Hidden {
		state = p.html("queue.hidden")
	}
	return paragraphs(
		p.html("queue.place", arg{"Place", q.Place}, arg{"Length", q.Length}),
		lines(p.html("card.name", arg{"Name", q.Person.FullName}), year, p.html("card.id", arg{"ID", q.Person.PublicID})),
		lines(said...), reasons,
		lines(state, p.html("queue.help", arg{"Right", p.Label(LabelRight)}, arg{"Hide", p.Label(LabelHide)}, arg{"Correct", p.Label(LabelCorrect)})))
}

// QueueEmpty says that nothing waits for a check.
func (p *Phrases) QueueEmpty() HTML { return p.html("queue.empty") }

// FoundRight confirms to a keeper that an entry was found right.
func (p *Phrases) FoundRight() HTML { return p.html("queue.right") }

// QueueHidden confirms to a keeper that a queued entry is hidden.
func (p *Phrases) QueueHidden() HTML { return p.html("queue.put_away") }
