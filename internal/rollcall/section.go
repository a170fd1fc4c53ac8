package rollcall

import (
	"slices"
	"strings"
)

// A Section is a part of a digest that a keeper may leave out.
type Section string

// The sections.
const (
	PeopleSection      Section = "people"      // how many are listed, by status
	RoundsSection      Section = "rounds"      // who stated which figure of an exchange round
	PetitionSection    Section = "petition"    // petitions, their checkpoints, buttons and chart, and milestones
	CorrectionsSection Section = "corrections" // of what the rounds of the digest stated
)

// Sections are those that a digest has, in any order. The zero value stands for
// all of them.
type Sections []Section

// AllSections lists them in the order in which a digest has them. It is not to be
// changed.
var AllSections = Sections{PeopleSection, RoundsSection, PetitionSection, CorrectionsSection}

// Has reports whether the section is among them.
func (s Sections) Has(x Section) bool { return len(s) == 0 || slices.Contains(s, x) }

// All reports whether none is left out.
func (s Sections) All() bool {
	return !slices.ContainsFunc(AllSections, func(x Section) bool { return !s.Has(x) })
}

// String writes "people, petition", in the order in which a digest has them.
func (s Sections) String() string {
	var names []string
	for _, x := range AllSections {
		if s.Has(x) {
			names = append(names, string(x))
		}
	}
	return strings.Join(names, ", ")
}
