package search

import (
	"slices"
	"testing"
	"time"

	"rollcall/internal/names"
)

func TestAskedReadsTheQueryInEveryWay(t *testing.T) {
	now := time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)
	listed := names.Listed("Прикладенко Марія Зразківна", nil, 1990)
	for _, text := range []string{"Прикладенко Марія", "шукаю доньку Прикладенко Марія 12.03.1990", "Prykladenko Maria, 36 years old", "Ghbrkfltyrj Vfhsz",
		"Прикладенко 1990"} {
		if asked := ParseQuery(text, now).Asked(); !slices.ContainsFunc(asked, func(s string) bool { return slices.Contains(listed, s) }) {
			t.Errorf("%q does not meet the entry: %q", text, asked)
		}
	}
	son := names.Listed("Син Іван", nil, 0)
	if asked := ParseQuery("Син Іван", now).Asked(); !slices.ContainsFunc(asked, func(s string) bool { return slices.Contains(son, s) }) {
		t.Errorf("a surname that is noise elsewhere is not asked for: %q", asked)
	}
	for _, text := range []string{"", "Прикладенко", "Марія 1990", "Прикладенко М.", "1990"} {
		if asked := ParseQuery(text, now).Asked(); len(asked) > 0 {
			t.Errorf("%q asks for %q, want nothing", text, asked)
		}
	}
}
