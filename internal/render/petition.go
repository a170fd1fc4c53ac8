package render

import (
	"strconv"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// A PetitionPage is what the page of a petition shows.
type PetitionPage struct {
	Petition rollcall.Petition
	Goal     rollcall.Goal
	State    rollcall.PetitionState
	Tally    rollcall.Tally // the log's
	// ClosedEarly is when the keeper closed the petition before its time; zero
	// when that has not happened.
	ClosedEarly time.Time
	Zone        *time.Location // in which instants are shown; nil means UTC
}

// PetitionPage shows a petition with its full text; the page may be longer than
// one message.
func (p *Phrases) PetitionPage(v PetitionPage) HTML {
	loc := location(v.Zone)
	opens, closes := p.Time(v.Petition.Opens.In(loc)), p.Time(v.Petition.Closes.In(loc))
	var figures []HTML
	switch {
	case v.State == rollcall.Upcoming:
		figures = append(figures, p.html("petition.opens", arg{"Time", opens}))
	default:
		figures = append(figures, p.counted(v.Tally))
	}
	figures = append(figures, p.goal(v.Goal, loc))
	switch {
	case !v.ClosedEarly.IsZero():
		figures = append(figures, p.html("petition.closed_early", arg{"Time", p.Time(v.ClosedEarly.In(loc))}))
	case v.State == rollcall.Closed:
		figures = append(figures, p.html("petition.closed_at", arg{"Time", closes}))
	default:
		figures = append(figures, p.html("petition.closes", arg{"Time", closes}))
	}
	return paragraphs(
		p.html("petition.title", arg{"Title", rollcall.In(v.Petition.Title, p.lang)}),
		p.html("petition.parties", arg{"Organiser", v.Petition.Organiser}, arg{"Addressee", v.Petition.Addressee}),
		Escape(rollcall.In(v.Petition.Text, p.lang)),
		lines(figures...),
	)
}

// goal writes how many signatures are asked for, and what that was before; "" where
// there is no goal.
func (p *Phrases) goal(g rollcall.Goal, loc *time.Location) HTML {
	raised := p.date(rollcall.DateOf(g.RaisedAt.In(loc)))
	switch {
	case g.Count == 0:
		return ""
	case g.RaisedAt.IsZero():
		return p.html("petition.goal", arg{"Goal", g.Count})
	case g.Was == 0:
		return p.html("petition.goal_set", arg{"Goal", g.Count}, arg{"Date", raised})
	case g.Was == g.First || g.First == 0:
		return p.html("petition.goal_raised", arg{"Goal", g.Count}, arg{"Was", g.Was}, arg{"Date", raised})
	}
	return p.html("petition.goal_raised_again", arg{"Goal", g.Count}, arg{"Was", g.Was}, arg{"First", g.First}, arg{"Date", raised})
}

// counted writes the figure of a petition with what it counts.
func (p *Phrases) counted(t rollcall.Tally) HTML { return p.plural("petition.counted", t.Net()) }

// ChoosePetition stands above buttons with several petitions.
func (p *Phrases) ChoosePetition() HTML { return p.html("petition.choose") }

// NoPetition says that no petition is open.
func (p *Phrases) NoPetition() HTML { return p.html("petition.none") }

// UnknownPetition answers the name of a petition that there is not.
func (p *Phrases) UnknownPetition() HTML { return p.html("petition.unknown") }

// NotYetOpen says when signing begins, in the location of opens.
func (p *Phrases) NotYetOpen(opens time.Time) HTML {
	return p.html("petition.not_yet_open", arg{"Time", p.Time(opens)})
}

// PetitionClosed says that signing has ended.
func (p *Phrases) PetitionClosed() HTML { return p.html("petition.closed") }

// Consent asks for the consent without which nothing is signed; retention is
// how long after closing the mark of a signature is kept.
func (p *Phrases) Consent(title string, retention time.Duration) HTML {
	return p.html("sign.consent", arg{"Title", title}, arg{"Retention", p.duration(retention)})
}

// Recorded confirms a signature that will be counted within latest.
func (p *Phrases) Recorded(latest time.Duration) HTML {
	return p.html("sign.recorded", arg{"Latest", p.duration(latest)})
}

// AlreadySigned answers a second signature of one account.
func (p *Phrases) AlreadySigned() HTML { return p.html("sign.already") }

// SignatureVoided tells an account that the keeper has removed its signature.
func (p *Phrases) SignatureVoided() HTML { return p.html("sign.voided") }

// SigningHalted says that nothing is signed, since the petition's log does not add
// up.
func (p *Phrases) SigningHalted() HTML { return p.html("sign.halted") }

// SigningDeclined answers the button "No" under the consent.
func (p *Phrases) SigningDeclined() HTML { return p.html("sign.declined") }

// NotSigned answers a withdrawal, or the wish for a receipt, without a
// signature.
func (p *Phrases) NotSigned() HTML { return p.html("sign.not_signed") }

// ConfirmWithdraw asks whether a signature is to be taken back.
func (p *Phrases) ConfirmWithdraw(title string) HTML {
	return p.html("withdraw.confirm", arg{"Title", title})
}

// Withdrawn confirms a withdrawal that will show in the count within latest.
func (p *Phrases) Withdrawn(latest time.Duration) HTML {
	return p.html("withdraw.done", arg{"Latest", p.duration(latest)})
}

// WithdrawnUncounted confirms the withdrawal of a signature that was not in the
// log so far: the count has never had it.
func (p *Phrases) WithdrawnUncounted() HTML { return p.html("withdraw.done_uncounted") }

// WithdrawnHalted confirms the withdrawal of a signature that is in a log which does
// not add up, so that nothing is appended to it now.
func (p *Phrases) WithdrawnHalted() HTML { return p.html("withdraw.done_halted") }

// WithdrawnVoided confirms the withdrawal of a signature that the keeper has
// removed before.
func (p *Phrases) WithdrawnVoided() HTML { return p.html("withdraw.done_voided") }

// WithdrawDeclined answers the button "No" under ConfirmWithdraw.
func (p *Phrases) WithdrawDeclined() HTML { return p.html("withdraw.declined") }

// CheckCount shows what the figure is made of, how it is checked, and what that
// proves and does not. checkpoint is the log's last signed head as it is published,
// key the text by which its signature is checked.
func (p *Phrases) CheckCount(title string, t rollcall.Tally, checkpoint, key string) HTML {
	return paragraphs(
		lines(p.html("petition.title", arg{"Title", title}), p.html("check.tally",
			arg{"Signed", t.Signed}, arg{"Withdrawn", t.Withdrawn}, arg{"Voided", t.Voided}), p.counted(t)),
		p.html("check.proves"),
		p.html("check.how", arg{"Files", p.Label(LabelLogFiles)}),
		lines(p.html("check.checkpoint"), "<pre>"+Escape(strings.TrimSuffix(checkpoint, "\n"))+"</pre>"),
		p.html("check.key", arg{"Key", Escape(key)}),
		p.html("check.proves_not"),
	)
}

// LogBeingMade is the toast of a press for the files of a log.
func (p *Phrases) LogBeingMade() HTML { return p.html("check.being_made") }

// LogFiles stands under the files of a log.
func (p *Phrases) LogFiles() HTML { return p.html("check.files") }

// LogTooLong says that a log's files are too large for a chat. contact may be
// empty.
func (p *Phrases) LogTooLong(contact string) HTML {
	text := p.html("check.too_long")
	if contact != "" {
		text = lines(text, Escape(contact))
	}
	return text
}

// Receipt stands under a receipt: for whose account it is, at which leaf of the log
// the signature stands, what it reveals, and when it goes.
func (p *Phrases) Receipt(title string, id rollcall.UserID, leaf int64, voided bool) HTML {
	text := lines(p.html("petition.title", arg{"Title", title}),
		p.html("receipt.for", arg{"ID", strconv.FormatInt(int64(id), 10)}, arg{"Leaf", strconv.FormatInt(leaf, 10)}))
	if voided {
		text = lines(text, p.html("receipt.voided"))
	}
	return paragraphs(text, p.html("receipt.secret"), p.html("receipt.check"), p.html("receipt.goes"))
}

// ReceiptNotYet answers the wish for a receipt of a signature that will be in the
// log within latest.
func (p *Phrases) ReceiptNotYet(latest time.Duration) HTML {
	return p.html("receipt.not_yet", arg{"Latest", p.duration(latest)})
}

// Discarded is the toast when a message was deleted.
func (p *Phrases) Discarded() HTML { return p.html("receipt.discarded") }

// ShareText is what a person sends to others, as plain text. It names no
// sharer.
func (p *Phrases) ShareText(title string) string {
	return p.text("petition.share", arg{"Title", title})
}

// MilestoneReached announces that the count of a petition reached a milestone.
func (p *Phrases) MilestoneReached(title string, milestone, count int) HTML {
	return lines(
		p.html("petition.title", arg{"Title", title}),
		p.plural("petition.milestone", milestone),
		p.plural("petition.counted", count),
	)
}
