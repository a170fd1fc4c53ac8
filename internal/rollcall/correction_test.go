package rollcall

import "testing"

func TestVisible(t *testing.T) {
	of := func(n int, atLeast bool) RoundFigure { return RoundFigure{Count: n, AtLeast: atLeast} }
	for _, c := range []struct {
		name string
		c    Correction
		want bool
	}{
		{"another count", Correction{Was: of(10, false), Now: of(12, false)}, true},
		{"by less than is shown of people, between figures that are", Correction{Was: of(10, false), Now: of(11, false)}, true},
		{"the same", Correction{Was: of(10, false), Now: of(10, false)}, false},
		{"at least", Correction{Was: of(10, false), Now: of(10, true)}, true},
		{"both are shown as <5", Correction{Was: of(1, false), Now: of(4, false)}, false},
		{"both, and at least", Correction{Was: of(1, false), Now: of(4, true)}, true},
		{"from nothing", Correction{Was: of(0, false), Now: of(4, false)}, true},
		{"out of the hidden", Correction{Was: of(4, false), Now: of(5, false)}, true},
		{"withdrawn", Correction{Was: of(3, false), Withdrawn: true}, true},
	} {
		if got := c.c.Visible(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
