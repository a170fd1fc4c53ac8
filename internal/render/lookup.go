package render

import (
	"slices"
	"strconv"

	"rollcall/internal/rollcall"
)

// A Link is a labelled http or https address. One with another address shows
// as its label alone.
type Link struct{ Label, URL string }

func bulletLinks(links []Link) HTML {
	list := make([]HTML, len(links))
	for i, l := range links {
		list[i] = link(l.Label, l.URL)
	}
	return bullets(list)
}

// Start says who runs the bot, how to reach them, and what it is not. Either
// value may be empty: then it says that it is not given.
func (p *Phrases) Start(operator, contact string) HTML {
	return paragraphs(p.operator(operator, contact), p.html("start.what"))
}

// operator says who runs the bot and how to reach them.
func (p *Phrases) operator(name, contact string) HTML {
	who, where := p.html("operator.unnamed"), p.html("contact.none")
	if name != "" {
		who = p.html("operator.named", arg{"Operator", name})
	}
	if contact != "" {
		where = p.html("contact.given", arg{"Contact", contact})
	}
	return who + " " + where
}

// FindPrompt asks whom to look for, with an invented example.
func (p *Phrases) FindPrompt() HTML { return p.html("find.prompt") }

// OnePartPrompt answers a single name part: it asks for another within the ten
// minutes for which the first is remembered.
func (p *Phrases) OnePartPrompt() HTML { return p.html("find.one_part") }

// NeedYearPrompt answers a lookup without a birth year where the keeper asks for
// one: it asks for it within the ten minutes for which the rest is remembered.
func (p *Phrases) NeedYearPrompt() HTML { return p.html("find.need_year") }

// NothingFound is the one answer for who is absent, hidden, expired or taken
// down.
func (p *Phrases) NothingFound(tracing []Link) HTML {
	return paragraphs(p.html("find.nothing"), p.tracing(tracing))
}

// Tracing points to the official tracing services.
func (p *Phrases) Tracing(tracing []Link) HTML {
	return lines(p.html("tracing.about"), bulletLinks(tracing))
}

func (p *Phrases) tracing(links []Link) HTML {
	if len(links) == 0 {
		return ""
	}
	return lines(p.html("tracing.services"), bulletLinks(links))
}

// AddDetail answers a query that too many entries fit. It shows no names.
func (p *Phrases) AddDetail() HTML { return p.html("find.add_detail") }

// Choose stands above buttons with several entries.
func (p *Phrases) Choose() HTML { return p.html("find.choose") }

// maxChoiceUTF16 keeps the birth year of a choice visible on a narrow screen.
const maxChoiceUTF16 = 50

// ChoiceLabel returns the plain text of a button that stands for an entry: name
// and birth year.
func (p *Phrases) ChoiceLabel(person rollcall.Person) string {
	name := Plain(Truncate(inline(person.FullName), maxChoiceUTF16))
	if person.BirthYear == 0 {
		return name
	}
	return name + ", " + strconv.Itoa(person.BirthYear)
}

// DidYouMean offers other spellings. That a name is offered says nothing of
// anyone.
func (p *Phrases) DidYouMean(names []string) HTML {
	list := make([]HTML, len(names))
	for i, n := range names {
		list[i] = inline(n)
	}
	return lines(p.html("find.did_you_mean"), bullets(list))
}

// Card shows an entry and what sources say about it, newest first, with the
// tracing services before them. claims must not be empty; they may come in any
// order, and claims of one day keep theirs.
func (p *Phrases) Card(person rollcall.Person, claims []rollcall.Claim, tracing []Link) HTML {
	year := p.html("card.no_year")
	if person.BirthYear != 0 {
		year = p.html("card.year", arg{"Year", strconv.Itoa(person.BirthYear)})
	}
	head := lines(p.html("card.name", arg{"Name", person.FullName}), year)
	if person.PublicID != "" {
		head = lines(head, p.html("card.id", arg{"ID", person.PublicID}))
	}
	var first HTML
	if len(tracing) > 0 {
		list := make([]HTML, len(tracing))
		for i, l := range tracing {
			list[i] = link(l.Label, l.URL)
		}
		first = p.html("card.tracing", arg{"Services", join(", ", list)})
	}
	claims = slices.Clone(claims)
	slices.SortStableFunc(claims, func(a, b rollcall.Claim) int { return b.Date.Compare(a.Date) })
	said := make([]HTML, len(claims))
	for i, c := range claims {
		said[i] = p.claim(c)
	}
	return paragraphs(head, first, lines(said...), lines(p.html("card.not_checked"), p.html("card.no_money")))
}

func (p *Phrases) claim(c rollcall.Claim) HTML {
	return p.html("card.claim",
		arg{"Source", link(c.Source, c.SourceURL)}, arg{"Date", p.date(c.Date)}, arg{"Status", p.status(c.Status)})
}

var statusKeys = map[rollcall.Status]key{
	rollcall.Missing:         "status.missing",
	rollcall.ReportedHeld:    "status.reported_held",
	rollcall.ConfirmedHeld:   "status.confirmed_held",
	rollcall.Returned:        "status.returned",
	rollcall.Deceased:        "status.deceased",
	rollcall.SaidNotIncluded: "status.said_not_included",
	rollcall.Unknown:         "status.unknown",
}

// StatusLabel returns how a source's statement about a person is worded, as
// plain text. Alone it asserts nothing: source and date belong to it.
func (p *Phrases) StatusLabel(s rollcall.Status) string { return Plain(p.status(s)) }

// status is StatusLabel as markup; a status that is not of the domain shows as
// it is.
func (p *Phrases) status(s rollcall.Status) HTML {
	k, ok := statusKeys[s]
	if !ok {
		return inline(string(s))
	}
	return p.html(k)
}

// HardStatement stands before a card that holds a [rollcall.Deceased] claim.
func (p *Phrases) HardStatement(tracing []Link) HTML {
	return paragraphs(p.html("find.hard"), p.tracing(tracing))
}

// Watching confirms a watch.
func (p *Phrases) Watching() HTML { return p.html("watch.added") }

// Watches lists the watched entries, which have buttons of the same numbers. The
// labels are plain text, from [Phrases.WatchedLabel].
func (p *Phrases) Watches(labels []string) HTML {
	if len(labels) == 0 {
		return p.html("watch.none", arg{"Watch", p.Label(LabelWatch)})
	}
	list := make([]HTML, len(labels))
	for i, l := range labels {
		list[i] = inline(l)
	}
	return lines(p.plural("watch.list", len(labels)), lines(list...))
}

// WatchedLabel is the n-th watched entry as plain text, of the list and of its
// button alike: the name and birth year or, where the entry is not shown now,
// words that name nobody.
func (p *Phrases) WatchedLabel(n int, person rollcall.Person, shown bool) string {
	what := p.text("watch.not_shown")
	if shown {
		what = p.ChoiceLabel(person)
	}
	return strconv.Itoa(n) + ". " + what
}

// WatchStopped confirms the end of a watch.
func (p *Phrases) WatchStopped() HTML { return p.html("watch.stopped") }

// WatchNews is the push text on news of a watched entry. It names nobody.
func (p *Phrases) WatchNews() HTML { return p.html("watch.news") }

// WatchNewsOnMany is the push text on news of n watched entries at once.
func (p *Phrases) WatchNewsOnMany(n int) HTML { return p.plural("watch.news_on_many", n) }

// WatchLimit answers whoever would watch or wait for one person more than the max
// that an account may.
func (p *Phrases) WatchLimit(max int) HTML { return p.html("watch.limit", arg{"Count", max}) }

// WrongNoted answers the report that an entry is wrong.
func (p *Phrases) WrongNoted(contact string) HTML {
	if contact == "" {
		return p.html("wrong.noted")
	}
	return lines(p.html("wrong.noted"), p.html("contact.given", arg{"Contact", contact}))
}

// PhotoDeclined answers a photo.
func (p *Phrases) PhotoDeclined() HTML { return p.html("chat.photo") }

// NotUnderstood answers a sticker, a voice message and whatever else is no
// text.
func (p *Phrases) NotUnderstood() HTML { return p.html("chat.not_understood") }

// TooLong answers a text that is too long for a name.
func (p *Phrases) TooLong() HTML { return p.html("chat.too_long") }

// OnlyInPrivate answers a lookup in a group.
func (p *Phrases) OnlyInPrivate() HTML { return p.html("chat.only_in_private") }

// OldButton answers a button of a former version.
func (p *Phrases) OldButton() HTML { return p.html("chat.old_button") }

// ButtonNotForYou answers a button that was made for another account.
func (p *Phrases) ButtonNotForYou() HTML { return p.html("chat.not_for_you") }

// UnknownCommand answers a command that there is not.
func (p *Phrases) UnknownCommand() HTML { return p.html("chat.unknown_command") }

// NotModified answers a button that would change nothing.
func (p *Phrases) NotModified() HTML { return p.html("chat.not_modified") }

// Error says that something failed, with the reference under which the log has
// the cause.
func (p *Phrases) Error(ref string) HTML { return p.html("chat.error", arg{"Ref", ref}) }
