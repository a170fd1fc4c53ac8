package rollcall

import "time"

// A Correction is a change of what had been entered as a source's statement of a
// round: another count, or "at least" for an exact one, for the same side, stage,
// source and day; or that the statement was withdrawn as entered in error. A
// statement of another day is none, but the source's next word. Nor is a change of
// how many people are listed, which is news, or of a petition's figures, which
// change by signatures alone.
type Correction struct {
	ID    int64
	Round string // its title
	Was   RoundFigure
	// Now is the statement as it is; its Count and AtLeast mean nothing with
	// Withdrawn.
	Now       RoundFigure
	Withdrawn bool
	At        time.Time
}

// Visible reports whether a reader of digests would see the change: of two figures
// below [SmallFigure] both are shown as "<5".
func (c Correction) Visible() bool {
	hidden := func(f RoundFigure) bool { return f.Count > 0 && f.Count < SmallFigure }
	if c.Withdrawn || c.Was.AtLeast != c.Now.AtLeast {
		return true
	}
	return c.Was.Count != c.Now.Count && !(hidden(c.Was) && hidden(c.Now))
}

// SameStatement reports whether two figures are one source's for one side, stage and
// day.
func (f RoundFigure) SameStatement(g RoundFigure) bool {
	return f.Side == g.Side && f.Stage == g.Stage && f.Date == g.Date && f.Source == g.Source
}
