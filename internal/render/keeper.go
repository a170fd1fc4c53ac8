package render

// ImportHelp says how a roster file is sent.
func (p *Phrases) ImportHelp() HTML { return p.html("import.help") }

// ImportBegun answers a roster file at once; its report follows.
func (p *Phrases) ImportBegun() HTML { return p.html("import.begun") }

// An ImportReport counts what an import did.
type ImportReport struct {
	Rows          int
	NewPeople     int
	ChangedPeople int // entries whose names or year are now others
	NewClaims     int
	Renewed       int // claims that were stored already
	Hidden        int // entries hidden because the file, a full one, lacks them
	PossibleTwins int // new entries with the name of another
	Held          int // entries held for review, by the mark of one that was taken down
	TakenDown     int // entries of the file that stay taken down
}

// ImportReport tells an editor what an import did.
func (p *Phrases) ImportReport(r ImportReport) HTML {
	return p.html("import.report", arg{"Rows", r.Rows}, arg{"New", r.NewPeople}, arg{"Changed", r.ChangedPeople}, arg{"Claims", r.NewClaims},
		arg{"Renewed", r.Renewed}, arg{"Hidden", r.Hidden}, arg{"Twins", r.PossibleTwins},
		arg{"Review", r.Held}, arg{"Down", r.TakenDown})
}

// ImportBusy answers a roster file that came while another was being imported.
func (p *Phrases) ImportBusy() HTML { return p.html("import.busy") }

// ImportRefused tells an editor why a file was refused: the first faults, as
// package rosterio words them, and how many more there are.
func (p *Phrases) ImportRefused(faults []string, more int) HTML {
	list := make([]HTML, len(faults))
	for i, f := range faults {
		list[i] = inline(f)
	}
	text := paragraphs(p.html("import.refused"), bullets(list))
	if more > 0 {
		text = lines(text, p.plural("import.more", more))
	}
	return text
}

// A StatLine is one figure for the owner: what it is, and its value as it is to
// be shown.
type StatLine struct{ Label, Value string }

// Stats shows figures to the owner.
func (p *Phrases) Stats(figures []StatLine) HTML {
	list := make([]HTML, len(figures))
	for i, f := range figures {
		list[i] = p.html("stats.line", arg{"Label", f.Label}, arg{"Value", f.Value})
	}
	return lines(p.html("stats.head"), lines(list...))
}
