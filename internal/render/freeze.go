package render

// Frozen answers whatever is stopped while the bot is frozen, in the same words
// whoever is asked for. contact may be empty.
func (p *Phrases) Frozen(contact string, tracing []Link) HTML {
	return paragraphs(p.html("freeze.on"), p.limitContact(contact), p.tracing(tracing))
}

// FrozenNow tells an owner what a freeze has stopped, and how it ends.
func (p *Phrases) FrozenNow() HTML { return p.html("freeze.now") }

// Unfrozen tells an owner that the freeze is over.
func (p *Phrases) Unfrozen() HTML { return p.html("freeze.over") }

// NotFrozen answers an owner who would end a freeze that is none.
func (p *Phrases) NotFrozen() HTML { return p.html("freeze.none") }
