package rollcall

// A Round is one exchange round as it is spoken of. It bears no figure of its
// own: only named sources give figures.
type Round struct {
	ID      int64
	Title   string // neutral, set by an editor, such as "Round of June 2026"
	Figures []RoundFigure
}

// A Stage is how far a source says that a round has come.
type Stage string

// The stages.
const (
	Proposed   Stage = "proposed"
	Agreed     Stage = "agreed"
	CarriedOut Stage = "carried_out"
	Stalled    Stage = "stalled"
	Cancelled  Stage = "cancelled"
)

// Stages lists them in the order in which a round may pass through them.
var Stages = []Stage{Proposed, Agreed, CarriedOut, Stalled, Cancelled}

// A Side is one of the two sides of a round; what each is called is set by the
// owner.
type Side string

// The sides.
const (
	SideA Side = "a"
	SideB Side = "b"
)

// A RoundFigure is a number that a named source gave for a round. Figures of
// several sources are shown beside each other and never added up.
type RoundFigure struct {
	Side      Side
	Stage     Stage
	Count     int
	AtLeast   bool // the source said "at least"
	Date      Date
	Source    string
	SourceURL string // may be empty
}
