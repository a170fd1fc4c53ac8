package search

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/rollcall"
)

var now = time.Date(2025, time.June, 15, 12, 0, 0, 0, time.UTC)

func TestParseQuery(t *testing.T) {
	name := []string{"Вигаданко", "Олена"}
	for _, tt := range []struct {
		name, in string
		want     Query
	}{
		{"empty", "", Query{}},
		{"plain", "Вигаданко Олена", Query{Parts: name}},
		{"three parts", "Вигаданко Олена Іванівна", Query{Parts: []string{"Вигаданко", "Олена", "Іванівна"}}},
		{"initials", "Вигаданко О.І.", Query{Parts: []string{"Вигаданко", "О.", "І."}}},
		{"apostrophe", "В’юнозраз Олег", Query{Parts: []string{"В’юнозраз", "Олег"}}},
		{"year", "Вигаданко Олена 1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"year first", "1985 Вигаданко Олена", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"year in brackets", "Вигаданко Олена (1985)", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"year past", "Вигаданко Олена 1899", Query{Parts: name}},
		{"year to come", "Вигаданко Олена 2026", Query{Parts: name}},
		{"this year", "Вигаданко Олена 2025", Query{Parts: name, YearFrom: 2025, YearTo: 2025}},
		{"long number", "Вигаданко Олена 19851985", Query{Parts: name}},
		{"date dots", "Вигаданко Олена 12.03.1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date spaced", "Вигаданко Олена 12. 03. 1985 р.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date ISO", "Вигаданко Олена 1985-03-12", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date slashes", "12/03/1985 Вигаданко Олена", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date short", "Вигаданко Олена 12.03.85", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date short, this century", "Вигаданко Олена 12.03.05", Query{Parts: name, YearFrom: 2005, YearTo: 2005}},
		{"date in Ukrainian", "Вигаданко Олена 12 березня 1985 року", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date in Russian", "Вигаданко Олена, 12 марта 1985 г.р.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date in English", "Вигаданко Олена 12 March 1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date in American", "Вигаданко Олена, born March 12th, 1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"date without year", "Вигаданко Олена 12 березня", Query{Parts: name}},
		{"month as a name", "Марта Вигаданко 1985", Query{Parts: []string{"Марта", "Вигаданко"}, YearFrom: 1985, YearTo: 1985}},
		{"born, Ukrainian", "Вигаданко Олена 1985 року народження", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, Ukrainian short", "Вигаданко Олена 1985 р.н.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, tight", "Вигаданко Олена,1985р.н", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, Russian short", "Вигаданко Олена 1985 г.р.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, Russian spaced", "Вигаданко Олена 1985 г. р.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, Russian", "Вигаданко Олена 1985 года рождения", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, before", "Вигаданко Олена, д.р. 12.03.1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"born, before the year", "Вигаданко Олена нар. 1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"initials after a year", "Вигаданко 1985 Н. О.", Query{Parts: []string{"Вигаданко", "Н.", "О."}, YearFrom: 1985, YearTo: 1985}},
		{"initials before a year", "Вигаданко О. Г. 1985", Query{Parts: []string{"Вигаданко", "О.", "Г."}, YearFrom: 1985, YearTo: 1985}},
		{"two years, one marked", "Вигаданко Олена зникла 2022, 1985 р.н.", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"age in Ukrainian", "Вигаданко Олена 35 років", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age in Russian", "Вигаданко Олена, 35 лет", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age in English", "Вигаданко Олена 35 years old", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age before", "Вигаданко Олена age 35", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age y.o.", "Вигаданко Олена 35 y.o.", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age adjective", "35-річна Вигаданко Олена", Query{Parts: name, YearFrom: 1989, YearTo: 1990}},
		{"age and date", "Вигаданко Олена 35 років 12.03.1985", Query{Parts: name, YearFrom: 1985, YearTo: 1985}},
		{"bare number", "Вигаданко Олена 35", Query{Parts: name}},
		{"ordinal", "2-й Вигаданко Олена", Query{Parts: name}},
		{"talk in Ukrainian", "Я шукаю мого сина Вигаданко Олена", Query{Parts: name}},
		{"talk in Russian", "ищу брата вигаданко олена", Query{Parts: []string{"вигаданко", "олена"}}},
		{"talk in English", "I am looking for my son, Вигаданко Олена", Query{Parts: name}},
		{"talk behind", "Вигаданко Олена, моя мама", Query{Parts: name}},
		{"command", "/find Вигаданко Олена", Query{Parts: name}},
		{"lower-case kin", "син Вигаданко Олена", Query{Parts: name}},
		{"kin that may be a surname", "Син Олег Петрович", Query{Maybe: []string{"Син"}, Parts: []string{"Олег", "Петрович"}}},
		{"kin without capitals", "мама вигаданко олена", Query{Maybe: []string{"мама"}, Parts: []string{"вигаданко", "олена"}}},
		{"kin within a name", "Олег Син Петрович", Query{Parts: []string{"Олег", "Син", "Петрович"}}},
		{"kin only", "Мама", Query{Parts: []string{"Мама"}}},
		{"talk only", "шукаю", Query{Parts: []string{"шукаю"}}},
		{"initial Я", "Вигаданко Я", Query{Parts: []string{"Вигаданко", "Я"}}},
		{"initial Є", "Вигаданко Є.", Query{Parts: []string{"Вигаданко", "Є."}}},
		{"quotes and emoji", "«Вигаданко» 🙏 \"Олена\"!!!", Query{Parts: name}},
		{"wildcards", "*Вигаданко* %Олена%", Query{Parts: name}},
		{"SQL", "Вигаданко'; --Олена", Query{Parts: name}},
		{"digits only", "12345 67 8", Query{}},
		{"broken UTF-8", "Вигаданко\xffОлена", Query{Parts: name}},
		{"right-to-left override", "\u202eВигаданко\u202c Олена", Query{Parts: name}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseQuery(tt.in, now), cmpopts.IgnoreFields(Query{}, "Text", "Now")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseQueryBounds(t *testing.T) {
	if got := ParseQuery(strings.Repeat("Вигаданко ", 200), now); len(got.Parts) != MaxParts {
		t.Errorf("200 parts: got %d, want %d", len(got.Parts), MaxParts)
	}
	got := ParseQuery(strings.Repeat("щ", 10_000), now)
	if len(got.Parts) != 1 || utf8.RuneCountInString(got.Parts[0]) != rollcall.MaxName {
		t.Errorf("10,000 letters: got %d parts", len(got.Parts))
	}
}

func TestRetyped(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // the parts of some reading; nil where there is none
		year       int
	}{
		{"Ukrainian meant, Latin typed", "Dbuflfyrj Jktyf", []string{"Вигаданко", "Олена"}, 0},
		{"letters on the keys of signs", "F,heveyrj 'vbkbz", []string{"Абрумунко", "эмилия"}, 0},
		{"with a year", "Dbuflfyrj Jktyf 1985", []string{"Вигаданко", "Олена"}, 1985},
		{"Latin meant, Cyrillic typed", "Ыфьздуещт Зуеук", []string{"Sampleton", "Peter"}, 0},
		{"typed rightly", "Вигаданко Олена", nil, 0},
		{"typed rightly in Latin", "Vyhadanko Olena", nil, 0},
		{"too long", strings.Repeat("Dbuflfyrj ", 40), nil, 0},
		{"nothing", "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := ParseQuery(tt.text, now).Retyped()
			if tt.want == nil && len(all) > 0 {
				t.Errorf("got %v, want none", all)
			}
			if tt.want != nil && !slices.ContainsFunc(all, func(q Query) bool { return slices.Equal(q.Parts, tt.want) && q.YearFrom == tt.year }) {
				t.Errorf("got %v, want %v", all, tt.want)
			}
		})
	}
}

func TestVague(t *testing.T) {
	for in, want := range map[string]bool{
		"":                 true,
		"Вигаданко":        true,
		"син Вигаданко":    true,
		"Вигаданко 1985":   false,
		"Вигаданко О.":     false,
		"Вигаданко Олена":  false,
		"О. І.":            true,
		"О. 1985":          true,
		"1985":             true,
		"Вигаданко 35 лет": false,
	} {
		if got := ParseQuery(in, now).Vague(); got != want {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		"Вигаданко Олена 12.03.1985", "1985 р.н.", "р.н. 1985", "12-го", "March 12, 1985", "35-year-old", "age: 35", "д.р. 1", "1.1.1.1.1",
		"я шукаю Ю.", "SELECT * FROM x", "-'’", "\xff\xfe", "12 березня,,,1985", "y/o 5 y/o", "Мати-Щебетказко О'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := ParseQuery(s, now)
		if len(q.Parts) > MaxParts || len(q.Maybe) > MaxParts {
			t.Errorf("%q: %d and %d parts", s, len(q.Parts), len(q.Maybe))
		}
		if (q.YearFrom == 0) != (q.YearTo == 0) || q.YearFrom > q.YearTo || q.YearTo > now.Year() {
			t.Errorf("%q: years %d to %d", s, q.YearFrom, q.YearTo)
		}
		if len(q.Parts) == 0 && len(q.Maybe) > 0 {
			t.Errorf("%q: %d doubtful words and no parts", s, len(q.Maybe))
		}
	})
}

func BenchmarkParseQuery(b *testing.B) {
	for _, bb := range []struct{ name, in string }{
		{"usual", "шукаю сина Вигаданко Олег Іванович 12.03.1985"},
		{"long word", strings.Repeat("щ", 10_000)},
		{"many dots", strings.Repeat("1.", 5_000)},
		{"many numbers", strings.Repeat("12 ", 3_000)},
		{"many words", strings.Repeat("сын ", 3_000)},
		{"many apostrophes", "о" + strings.Repeat("'", 10_000)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseQuery(bb.in, now)
			}
		})
	}
}
