package rollcall

import "testing"

func TestSections(t *testing.T) {
	const all = "people, rounds, petition, corrections"
	for _, c := range []struct {
		name string
		s    Sections
		want string
		all  bool
	}{
		{"the zero value", nil, all, true},
		{"empty", Sections{}, all, true},
		{"all", AllSections, all, true},
		{"all in another order", Sections{CorrectionsSection, PetitionSection, PeopleSection, RoundsSection}, all, true},
		{"two in another order", Sections{PetitionSection, PeopleSection}, "people, petition", false},
		{"one", Sections{RoundsSection}, "rounds", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := c.s.All(); got != c.all {
				t.Errorf("all: got %t", got)
			}
		})
	}
}
