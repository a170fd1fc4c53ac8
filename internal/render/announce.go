package render

import (
	"time"

	"rollcall/internal/rollcall"
)

// AskAnnouncement asks an owner for the text of an announcement.
func (p *Phrases) AskAnnouncement() HTML { return p.html("announce.ask") }

// AnnouncementTooLong answers a text of more than [rollcall.MaxAnnouncement]
// characters.
func (p *Phrases) AnnouncementTooLong() HTML {
	return p.plural("announce.too_long", rollcall.MaxAnnouncement)
}

// ConfirmAnnouncement shows an owner how an announcement will look, to how many it
// goes, and how long that takes at the bot's pace; 0 where it keeps none.
func (p *Phrases) ConfirmAnnouncement(text, operator string, subscribers int, takes time.Duration) HTML {
	minutes := max(1, int((takes+time.Minute-1)/time.Minute))
	return paragraphs(lines(p.plural("announce.to", subscribers), p.plural("announce.takes", minutes), p.html("announce.looks")),
		p.Announcement(text, operator))
}

// Announcement is the message to one subscriber. operator may be empty.
func (p *Phrases) Announcement(text, operator string) HTML {
	head := p.html("announce.head")
	if operator != "" {
		head = p.html("announce.head_of", arg{"Operator", operator})
	}
	return paragraphs(head, Escape(text), p.html("announce.foot"))
}

// NoSubscribers answers an owner when there is nobody to announce anything to.
func (p *Phrases) NoSubscribers() HTML { return p.html("announce.nobody") }

// AnnouncementProgress says how far an announcement has come.
func (p *Phrases) AnnouncementProgress(g rollcall.AnnouncementProgress) HTML {
	head := p.html("announce.done")
	switch {
	case g.Stopped > 0:
		head = p.html("announce.stopped")
	case g.Waiting > 0:
		head = p.html("announce.running")
	}
	text := lines(head, p.html("announce.sent", arg{"Sent", g.Sent}, arg{"Total", g.Total()}))
	if g.Failed > 0 {
		text = lines(text, p.plural("announce.failed", g.Failed))
	}
	if g.Unknown > 0 {
		text = lines(text, p.plural("announce.unknown", g.Unknown))
	}
	if g.Stopped > 0 {
		text = lines(text, p.plural("announce.not_sent", g.Stopped))
	}
	return text
}

// AnnouncementOver answers the button that would stop one that has ended.
func (p *Phrases) AnnouncementOver() HTML { return p.html("announce.over") }
