package render

// PetitionHalted tells an owner that a petition's log does not add up, what follows
// from it, and what to do.
func (p *Phrases) PetitionHalted(slug string) HTML {
	return paragraphs(p.html("halted.head", arg{"Petition", slug}), p.html("halted.means"), p.html("halted.do"))
}

// QueueNews is the push text for an editor: how many entries wait for a check, and
// how many of these are not shown until then. It names nobody.
func (p *Phrases) QueueNews(waiting, hidden int) HTML {
	text := p.plural("queue.news", waiting)
	if hidden > 0 {
		text = lines(text, p.html("queue.news_hidden", arg{"Hidden", hidden}))
	}
	return text
}
