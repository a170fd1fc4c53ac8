package render

// PetitionHalted tells an owner that a petition's log does not add up, what follows
// from it, and what to do.
func (p *Phrases) PetitionHalted(slug string) HTML {
	return paragraphs(p.html("halted.head", arg{"Petition", slug}), p.html("halted.means"), p.html("halted.do"))
}
