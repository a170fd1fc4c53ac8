package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/search"
)

// badInput is what is typed by mistake or out of malice. None of it is a name of
// the roster.
var badInput = []struct{ name, text string }{
	{"empty", ""},
	{"one letter", "щ"},
	{"ten thousand letters", strings.Repeat("щ", 10_000)},
	{"ten thousand letters of a name", strings.Repeat("Коваленко", 1_111)},
	{"emoji", "🙏🕊️❤️‍🩹 👨‍👩‍👧"},
	{"letters of both scripts in a word", "Kоvаlеnkо Pеtrо Нikоlаеvich"},
	{"right to left", "\u202eокнелавоК\u202c אברהם كوفال"},
	{"figures", "1234567890 0987654321 11 22"},
	{"SQL", `'; DROP TABLE people; -- " OR 1=1 /* */ ?1 :a @b $c`},
	{"FTS syntax", `NEAR("a b", 5) AND col:x* OR ^y NOT "z" - +w`},
	{"wildcards", "% _ * ? Ков% Ол_на *"},
	{"two hundred words", strings.Repeat("Ковал Олена Петрівна Иван ", 50)},
	{"one part sixty times", strings.Repeat("Коваленко ", 60)},
	{"sixty short parts", strings.Repeat("Ан ", 60)},
	{"hyphens", strings.Repeat("а-", 200) + " " + strings.Repeat("-Ковал", 100)},
	{"halves of surrogates", "\xed\xa0\x80Ковал\xed\xb0\x80 \xff\xfe Олена"},
	{"a flood of marks", "К" + strings.Repeat("\u0301\u0489", 3_000) + " Олена"},
	{"invisible letters", "Ко\u200bва\u00adл\u2060 \ufeffОл\u200dена"},
	{"apostrophes", strings.Repeat("'", 500) + "д" + strings.Repeat("’", 500)},
	{"initials alone", "О. П. Р. С. Т. У."},
	{"a word in all readings of Latin letters", strings.Repeat("chouxj", 10) + " " + strings.Repeat("cjx", 20)},
}

func TestBadInputIsAnswered(t *testing.T) {
	e := badEngine(t)
	for _, tt := range badInput {
		t.Run(tt.name, func(t *testing.T) {
			a, err := e.find(t.Context(), tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if a.Verdict == search.Match && len(a.IDs) == 0 || len(a.IDs) > 10 {
				t.Errorf("%s with %d ids", a.Verdict, len(a.IDs))
			}
		})
	}
}

func BenchmarkBadInput(b *testing.B) {
	e := badEngine(b)
	for _, tt := range badInput {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := e.find(b.Context(), tt.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// badEngine searches a roster of three thousand, a hundred thousand in a
// benchmark.
func badEngine(t testing.TB) engine {
	t.Helper()
	if testing.Short() {
		t.Skip("imports a roster")
	}
	people := 3_000
	if _, ok := t.(*testing.B); ok {
		people = 100_000
	}
	dir := t.TempDir()
	csv, db := filepath.Join(dir, "roster.csv"), filepath.Join(dir, "roster.db")
	if err := newRoster(tune, seeds[tune], people).writeCSV(csv); err != nil {
		t.Fatal(err)
	}
	if err := importRoster(context.Background(), csv, db); err != nil {
		t.Fatal(err)
	}
	e, err := openRollcall(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.close() })
	return e
}
