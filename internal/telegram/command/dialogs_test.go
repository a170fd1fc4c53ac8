package command

import (
	"fmt"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/search"
)

var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)

func TestDialogsAreForgottenAfterTenMinutes(t *testing.T) {
	d := &dialogs{}
	d.keep(1, search.Query{Parts: []string{"Прикладенко"}}, noon)
	d.keep(2, search.Query{Parts: []string{"Вигаданко"}}, noon.Add(dialogTTL))
	d.keep(3, search.Query{Parts: []string{"Багатенко"}}, noon.Add(dialogTTL+2*time.Minute))
	if _, ok := d.of[1]; ok {
		t.Error("a name is in memory for longer than is told")
	}
	if len(d.of) != 2 {
		t.Errorf("%d accounts are remembered, want the 2 of the last ten minutes", len(d.of))
	}
}

func TestDialogsAreBoundedUnderAFlood(t *testing.T) {
	d := &dialogs{}
	for i := range maxDialogs + 10 {
		d.keep(rollcall.UserID(i), search.Query{Parts: []string{"А."}}, noon)
		if len(d.of) > maxDialogs {
			t.Fatalf("%d accounts are remembered, want at most %d", len(d.of), maxDialogs)
		}
	}
	if _, ok := d.of[maxDialogs+9]; !ok {
		t.Error("the last one was not remembered")
	}
}

// TestADialogOfOneAccountDoesNotGrow: an account may send initials for ever.
func TestADialogOfOneAccountDoesNotGrow(t *testing.T) {
	d := &dialogs{}
	for i := range 1000 {
		q := search.ParseQuery(fmt.Sprintf("Син %c.", 'А'+rune(i%30)), noon)
		q = d.join(1, q, noon)
		if n := len(q.Parts) + len(q.Maybe); n > 2*search.MaxParts {
			t.Fatalf("after %d messages the query has %d parts", i+1, n)
		}
		d.keep(1, q, noon)
	}
}
