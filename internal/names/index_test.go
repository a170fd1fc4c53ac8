package names

import (
	"slices"
	"strings"
	"testing"
)

func TestIndex(t *testing.T) {
	for _, tt := range []struct {
		name, full string
		alts       []string
		has        []string // queries of two parts, or one, whose key the entry has
		not        []string
	}{
		{"pairs in any order and script", "Вигаданко Олена Іванівна", nil,
			[]string{"Олена Вигаданко", "Vyhadanko Ivanivna", "Olena Ivanivna", "Вигаданко"}, []string{"Олена", "Вигаданко Богдан", "Прикладенко"}},
		{"halves", "Щебетказко-Вигаданко Ганна", nil,
			[]string{"Щебетказко Ганна", "Вигаданко Ганна", "Щебетказко Вигаданко", "Щебетказко-Вигаданко Ганна", "Вигаданко"}, nil},
		{"initials", "Примеров И.П.", nil, []string{"Примеров И.", "Примеров П."}, []string{"Примеров О."}},
		{"other names", "Вигаданко Олена", []string{"Зразковська Олена"}, []string{"Зразковська Олена", "Вигаданко Олена"}, []string{"Зразковська Вигаданко"}},
		{"all readings of a Latin name", "Chvostenko Ivan", nil, []string{"Хвостенко Іван", "Чвостенко Іван"}, nil},
		{"the reading that another spelling tells", "Хвостенко Іван", []string{"Chvostenko Ivan"}, []string{"Хвостенко Іван"}, []string{"Чвостенко Іван"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := Index(tt.full, tt.alts)
			has := func(query string) bool {
				p := Parts(query)
				for _, a := range Tokens(p[0]) {
					if len(p) == 1 {
						if slices.Contains(e.Keys, PartKey(a)) {
							return true
						}
						continue
					}
					for _, b := range Tokens(p[1]) {
						if slices.Contains(e.Keys, PairKey(a, b)) {
							return true
						}
					}
				}
				return false
			}
			for _, q := range tt.has {
				if !has(q) {
					t.Errorf("%q does not lead to it", q)
				}
			}
			for _, q := range tt.not {
				if has(q) {
					t.Errorf("%q leads to it", q)
				}
			}
		})
	}
}

// A hostile name must not fill the index.
func TestIndexBounds(t *testing.T) {
	for _, name := range []string{
		strings.Repeat("Вигаданко ", 60),
		strings.Repeat("a-b-c ", 200),
		"x-" + strings.Repeat("chacha-", 100),
		strings.Repeat("ш", 10_000),
		"", " - ' ", "🙏🙏",
	} {
		e := Index(name, []string{name, name + " b"})
		if len(e.Keys) > maxPairKeys+3*4*maxIndexed || len(e.Words) > 3*maxIndexed {
			t.Errorf("%.20q: %d keys, %d words", name, len(e.Keys), len(e.Words))
		}
	}
	if e := Index("", nil); len(e.Keys)+len(e.Words) > 0 {
		t.Errorf("an empty name has %d keys and %d words", len(e.Keys), len(e.Words))
	}
}

func BenchmarkIndex(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Index("Щебетказенко Олена Іванівна", []string{"Shchebetkazenko Olena", "Щебетказенко Елена Ивановна"})
	}
}
