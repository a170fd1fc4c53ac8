package render

import (
	"strconv"

	"rollcall/internal/rollcall"
)

// FormBad stands before the same question where an answer cannot be taken.
func (p *Phrases) FormBad() HTML { return p.html("form.bad") }

// FormOver answers a button of questions that wait for no answer any more.
func (p *Phrases) FormOver() HTML { return p.html("form.over") }

// FormGivenUp answers the button "Cancel" under a question.
func (p *Phrases) FormGivenUp() HTML { return p.html("form.given_up") }

// AskSource asks who states what is to be entered.
func (p *Phrases) AskSource() HTML { return p.html("ask.source") }

// AskSourceURL asks where it can be read.
func (p *Phrases) AskSourceURL() HTML { return p.html("ask.source_url") }

// AskDate asks for the day of a statement.
func (p *Phrases) AskDate() HTML { return p.html("ask.date") }

// AskStatus asks what a source says of a person.
func (p *Phrases) AskStatus() HTML { return p.html("ask.status") }

// AskFullName asks for an entry's full name.
func (p *Phrases) AskFullName() HTML { return p.html("ask.full_name") }

// AskBirthYear asks for an entry's year of birth.
func (p *Phrases) AskBirthYear() HTML { return p.html("ask.birth_year") }

// EditHelp says how an entry is corrected.
func (p *Phrases) EditHelp() HTML { return p.html("edit.help") }

// ClaimHelp says how a statement is added to an entry.
func (p *Phrases) ClaimHelp() HTML { return p.html("claim.help") }

// AskWhatToCorrect asks a keeper what of an entry is to be corrected.
func (p *Phrases) AskWhatToCorrect(person rollcall.Person) HTML {
	return p.html("edit.what", arg{"Entry", p.keptEntry(person)})
}

// ConfirmCorrection shows a keeper an entry as it is and as it will be.
func (p *Phrases) ConfirmCorrection(from, to rollcall.Person) HTML {
	text := p.html("edit.confirm", arg{"Entry", p.keptEntry(from)})
	if from.FullName != to.FullName {
		text = lines(text, p.html("edit.name", arg{"From", from.FullName}, arg{"To", to.FullName}))
	}
	if from.BirthYear != to.BirthYear {
		text = lines(text, p.html("edit.year", arg{"From", p.year(from.BirthYear)}, arg{"To", p.year(to.BirthYear)}))
	}
	return text
}

// year writes a year of birth, also one that is not known.
func (p *Phrases) year(y int) HTML {
	if y == 0 {
		return p.html("edit.no_year")
	}
	return Escape(strconv.Itoa(y))
}

// Corrected confirms a correction to a keeper.
func (p *Phrases) Corrected(person rollcall.Person) HTML {
	return lines(p.html("edit.done", arg{"Entry", p.keptEntry(person)}), p.html("edit.file"))
}

// EntryInReview tells a keeper that what was written is kept back, since it has
// the name and birth year of an entry that was taken down.
func (p *Phrases) EntryInReview() HTML { return p.html("edit.in_review") }

// ConfirmEntry shows a keeper a new entry as its readers will see it.
func (p *Phrases) ConfirmEntry(person rollcall.Person, c rollcall.Claim) HTML {
	return paragraphs(p.html("add.confirm"), p.Card(person, []rollcall.Claim{c}, nil))
}

// EntryAdded confirms a new entry to a keeper.
func (p *Phrases) EntryAdded(person rollcall.Person) HTML {
	return lines(p.html("add.done", arg{"Entry", p.keptEntry(person)}), p.html("edit.file"))
}

// ConfirmClaim shows a keeper a new statement as its readers will see it.
func (p *Phrases) ConfirmClaim(person rollcall.Person, c rollcall.Claim) HTML {
	return lines(p.html("claim.confirm", arg{"Entry", p.keptEntry(person)}), p.claim(c))
}

// ClaimAdded confirms a statement to a keeper; renewed says that it was there and
// is valid for longer now.
func (p *Phrases) ClaimAdded(person rollcall.Person, renewed bool) HTML {
	if renewed {
		return p.html("claim.renewed", arg{"Entry", p.keptEntry(person)})
	}
	return p.html("claim.done", arg{"Entry", p.keptEntry(person)})
}

// ImportRunning answers a keeper's statement that a file which is being read brings
// too.
func (p *Phrases) ImportRunning() HTML { return p.html("claim.import_running") }

// AskRound asks which exchange round a figure is of.
func (p *Phrases) AskRound() HTML { return p.html("round.ask_title") }

// AskSide asks which side a figure is of.
func (p *Phrases) AskSide() HTML { return p.html("round.ask_side") }

// AskStage asks how far the round had come by the figure.
func (p *Phrases) AskStage() HTML { return p.html("round.ask_stage") }

// AskFigure asks for a figure.
func (p *Phrases) AskFigure() HTML { return p.html("round.ask_figure") }

// AskAtLeast asks whether the source said "at least".
func (p *Phrases) AskAtLeast() HTML { return p.html("round.ask_at_least") }

// SideLabel names a side on a button, as plain text. sides are the owner's names.
func (p *Phrases) SideLabel(s rollcall.Side, sides map[rollcall.Side]string) string {
	return Plain(Truncate(p.side(s, sides), maxChoiceUTF16))
}

// StageLabel names a stage on a button, as plain text.
func (p *Phrases) StageLabel(s rollcall.Stage) string { return p.text(stageKeys[s]) }

// ConfirmFigure shows a keeper a figure of a round as its readers will see it.
func (p *Phrases) ConfirmFigure(title string, f rollcall.RoundFigure, sides map[rollcall.Side]string) HTML {
	return paragraphs(p.html("round.confirm"), p.oneFigure(title, f, sides))
}

// FigureSaved confirms a figure of a round to a keeper.
func (p *Phrases) FigureSaved() HTML { return p.html("round.saved") }

// RoundLabel is a round's title on a button, as plain text.
func (p *Phrases) RoundLabel(title string) string {
	return Plain(Truncate(inline(title), maxChoiceUTF16))
}
