package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

func TestAuditTellsWhoDidWhatSince(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	clock.set(noon.Add(time.Hour))
	takeDown(t, db, "A")
	clock.set(noon.Add(2 * time.Hour))
	showAgain(t, db, "A", Shell)
	update(t, db, func(tx *Tx) error {
		return tx.AddRoundFigure("Round of June 2026", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 10,
			Date: day(5, 1), Source: "Sample Office"}, keeper("owner"))
	})
	all := []AuditEntry{
		{noon, "shell", nil, "import", "", ""},
		{noon.Add(time.Hour), "editor", &secret.Tag{1, 2, 3}, "takedown", "A", "asked for"},
		{noon.Add(2 * time.Hour), "shell", nil, "show", "A", ""},
		{noon.Add(2 * time.Hour), "owner", &secret.Tag{1, 2, 3}, "round", "Round of June 2026", ""},
	}
	for _, c := range []struct {
		name  string
		since time.Time
		want  []AuditEntry
	}{
		{"all", time.Time{}, all},
		{"since the take-down", noon.Add(time.Hour), all[1:]},
		{"a second later", noon.Add(time.Hour + time.Second), all[2:]},
		{"nothing yet", noon.Add(3 * time.Hour), nil},
	} {
		var got []AuditEntry
		err := db.Audit(t.Context(), c.since, func(e AuditEntry) error { got = append(got, e); return nil })
		if diff := cmp.Diff(got, c.want); diff != "" || err != nil {
			t.Errorf("%s (%v) (-got +want):\n%s", c.name, err, diff)
		}
	}
}
