package render

import (
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

func BenchmarkCard(b *testing.B) {
	p := For(rollcall.Ukrainian)
	person := rollcall.Person{PublicID: "EX-17", FullName: "Прикладенко Марія Зразківна", BirthYear: 1990}
	claims := []rollcall.Claim{
		{Status: rollcall.ReportedHeld, Source: "Джерело А", SourceURL: "https://example.org/a", Date: rollcall.Date{Year: 2026, Month: time.May, Day: 3}},
		{Status: rollcall.Missing, Source: "Джерело Б", Date: rollcall.Date{Year: 2026, Month: time.June, Day: 3}},
	}
	links := []Link{{"ICRC Family Links", "https://familylinks.icrc.org"}}
	b.ReportAllocs()
	for b.Loop() {
		p.Card(person, claims, links)
	}
}
