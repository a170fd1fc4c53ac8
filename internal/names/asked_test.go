package names

import (
	"slices"
	"strings"
	"testing"
)

// asked reads a name and, behind a comma, one year or two.
func asked(t *testing.T, query string) []string {
	t.Helper()
	name, years, _ := strings.Cut(query, ",")
	from, to := 0, 0
	for i, y := range strings.Fields(years) {
		n := 0
		for _, d := range y {
			n = 10*n + int(d-'0')
		}
		if i == 0 {
			from = n
		}
		to = n
	}
	return Asked(Parts(name), from, to)
}

func TestWhoIsAskedForMeetsWhoIsListed(t *testing.T) {
	type entry struct {
		name string
		alts []string
		year int
	}
	olena := entry{"Прикладенко Олена Зразківна", nil, 1990}
	plain := entry{"Прикладенко Олена", nil, 0}
	double := entry{"Коваленко-Зразкова Ганна Петрівна", nil, 1985}
	for _, c := range []struct {
		query string
		entry entry
		want  bool
	}{
		{"Прикладенко Олена", olena, true},
		{"олена ПРИКЛАДЕНКО", olena, true},
		{"Prykladenko Olena", olena, true},
		{"Prikladenko Elena", olena, true},
		{"Прикладенко Елена", olena, true},
		{"Прикладенко Лена", olena, true},
		{"Прикладенко Олена, 1990", olena, true},
		{"Прикладенко Олена, 1989 1990", olena, true},
		{"Прикладенко Олена Зразківна", olena, true},
		{"Прикладенко, 1990", olena, true},
		{"Прикладенко О., 1990", olena, true},
		{"Прикладенко Олена, 1990", plain, true},
		{"Прикладенко Олена Петрівна", plain, true},
		{"Коваленко-Зразкова Ганна", double, true},
		{"Коваленко Ганна", double, true},
		{"Зразкова Анна", double, true},
		{"Kovalenko Hanna Petrivna, 1985", double, true},
		{"Sampleton Alice", entry{"Семплтон Аліса", []string{"Sampleton Alice"}, 0}, true},
		{"Павлович Іван Петрович", entry{"Павлович Іван Петрович", nil, 0}, true},
		{"Мартин Іван", entry{"Мартин Іван", nil, 0}, true},

		{"Прикладенко Олена, 1991", olena, false},
		{"Прикладенко Олена, 1988 1989", olena, false},
		{"Прикладенко Марія", olena, false},
		{"Зразкова Олена", olena, false},
		{"Олена Зразківна", olena, false}, // no surname
		{"Прикладенко, 1990", plain, false},
		{"Прикладенко, 1991", olena, false},
		{"Прикладенко М., 1990", olena, false},
		{"Коваленко Ганна Іванівна", double, false},
		{"Коваленко-Інша Ганна", double, false},
		{"Коваленко Зразкова", entry{"Коваленко-Зразкова Ганна", nil, 0}, false}, // halves of one part
		{"Вигаданко Іван Петрович", entry{"Казкенко Іван Петрович", nil, 0}, false},
	} {
		a, l := asked(t, c.query), Listed(c.entry.name, c.entry.alts, c.entry.year)
		got := slices.ContainsFunc(a, func(s string) bool { return slices.Contains(l, s) })
		if got != c.want {
			t.Errorf("%s meets %v: %t, want %t\nasked  %q\nlisted %q", c.query, c.entry, got, c.want, a, l)
		}
	}
}

func TestTooLittleIsNotAskedFor(t *testing.T) {
	for _, query := range []string{"", "Прикладенко", "Прикладенко О.", "О. П.", "О. П., 1990", "..., 1990", ", 1990", "Олена, 1990"} {
		if got := asked(t, query); len(got) > 0 {
			t.Errorf("%q is asked for by %q, want nothing", query, got)
		}
	}
}

func FuzzAskedMeetsItself(f *testing.F) {
	f.Add("Прикладенко Олена Зразківна", 1990)
	f.Add("Smith-Example Jean Marc", 0)
	f.Add("Ab Xo Cj Ou Ch X", 1950)
	f.Fuzz(func(t *testing.T, name string, year int) {
		if year < 0 || year > 9999 {
			return
		}
		parts := Parts(name)
		if len(parts) > 4 || len(name) > 100 {
			return // of longer names, texts beyond the bounds are left out
		}
		a, l := Asked(parts, year, year), Listed(name, nil, year)
		if len(a) > maxAsked || len(l) > maxListed {
			t.Fatalf("%d and %d texts", len(a), len(l))
		}
		if len(a) > 0 && len(l) < maxListed && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(l, s) }) {
			for _, p := range parts {
				if tokens := Tokens(p); IsInitial(p) || len(tokens) > 0 && tokens[0].Given() {
					return // of a name without a surname or a given name, less is listed than is asked for
				}
			}
			t.Errorf("%q, %d does not meet itself:\nasked  %q\nlisted %q", name, year, a, l)
		}
	})
}

func BenchmarkListed(b *testing.B) {
	for b.Loop() {
		Listed("Прикладенко Олена Зразківна", []string{"Prykladenko Olena"}, 1990)
	}
}
