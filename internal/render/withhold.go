package render

import (
	"rollcall/internal/rollcall"
)

// TakedownHelp says how an entry is taken down.
func (p *Phrases) TakedownHelp() HTML { return p.html("takedown.help") }

// HideHelp says how an entry is hidden.
func (p *Phrases) HideHelp() HTML { return p.html("hide.help") }

// ShowHelp says how an entry is shown again.
func (p *Phrases) ShowHelp() HTML { return p.html("show.help") }

// TakenDown confirms a take-down to a keeper: which entry it was, how many watches
// ended, and how many others of its name and birth year are now in review.
func (p *Phrases) TakenDown(person rollcall.Person, watches, namesakes int) HTML {
	text := p.html("takedown.done", arg{"Entry", p.keptEntry(person)})
	if watches > 0 {
		text = lines(text, p.plural("takedown.watches", watches))
	}
	if namesakes > 0 {
		text = lines(text, p.plural("takedown.namesakes", namesakes))
	}
	return text
}

// HiddenNow confirms to a keeper that an entry is hidden.
func (p *Phrases) HiddenNow(person rollcall.Person) HTML {
	return p.html("hide.done", arg{"Entry", p.keptEntry(person)})
}

// ShownAgain confirms to a keeper that nothing withholds an entry any more; shown
// says whether the public sees it.
func (p *Phrases) ShownAgain(person rollcall.Person, shown bool) HTML {
	text := p.html("show.done", arg{"Entry", p.keptEntry(person)})
	if !shown {
		text = lines(text, p.html("show.nothing_live"))
	}
	return text
}

// keptEntry names an entry to a keeper.
func (p *Phrases) keptEntry(person rollcall.Person) HTML {
	return p.html("entry.named", arg{"Name", p.ChoiceLabel(person)}, arg{"ID", person.PublicID})
}

// NoSuchEntry answers a keeper's id of no entry.
func (p *Phrases) NoSuchEntry() HTML { return p.html("entry.none") }

// EntryUnchanged answers a keeper's wish that is fulfilled already.
func (p *Phrases) EntryUnchanged() HTML { return p.html("entry.unchanged") }

// OnlyOwnersLift answers an editor who would lift a take-down.
func (p *Phrases) OnlyOwnersLift() HTML { return p.html("show.owners") }

// TextOverLimit answers a keeper's or a reporter's text of more than max
// characters.
func (p *Phrases) TextOverLimit(max int) HTML { return p.plural("entry.too_long", max) }
