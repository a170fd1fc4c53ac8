package names

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRetyped(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"figures", "1990", nil},
		{"Ukrainian or Russian", "Dbuflfyrj", []string{"Вигаданко"}},
		{"the layouts differ", "Dbvbcksy Sdfy", []string{"Вимислін Іван", "Вимислын Ыван"}},
		{"letters on keys of signs", ":jdnjgthj ]d{", []string{"Жовтоперо ївХ", "Жовтоперо ъвХ"}},
		{"apostrophe and ґ of the enhanced layout", "D`.yjphfp \\fplrj", []string{"В'юнозраз ґаздко", "Вёюнозраз \\аздко"}},
		{"comma after a surname or б", "Ujke, Jktyf", []string{"Голу, Олена", "Голуб Олена"}},
		{"initials", "Dbuflfyrj J.G.", []string{"Вигаданко О.П.", "Вигаданко ОюПю"}},
		{"year stays", "Dbuflfyrj Jktyf 1990", []string{"Вигаданко Олена 1990"}},
		{"Latin meant", "Ыфьздуещт Зуеук", []string{"Sampleton Peter"}},
		{"Latin meant, Ukrainian layout", "Іфьздуещт", []string{"Sampleton"}},
		{"mixed script stays", "Вигaданко", nil},
		{"one word of two", "Вигаданко", []string{"Dbuflfyrj"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Retyped(tt.in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLooksMistyped(t *testing.T) {
	plain := "Вигаданко Прикладенко Зразковський Щебетказко Вимислін Казкович В'юнозраз Жук Олена Іванівна Сергеевич " +
		"Vyhadanko Prykladenko Zrazkovskyi Shchebetkazko Chwostenko Sampleton Wrightson Peter James Elizabeth Mykhailo " +
		"Тигран Вигадашвілі Прикладян Ельзара Гурбангулиев Zrazkowska Iouri Guennadi"
	for _, w := range []string{"", "Ян", "Szczebetkazko", "Schtschebetkasko"} {
		if LooksMistyped(w) {
			t.Errorf("%s looks mistyped", w)
		}
	}
	for _, w := range strings.Fields(plain) {
		if LooksMistyped(w) {
			t.Errorf("%s looks mistyped", w)
		}
		var typed []string // the same keys in the other layouts
		if isCyrillic([]rune(w)[0]) {
			typed = []string{retype(w, nil, true)}
		} else {
			typed = []string{retype(w, toUkrainian, true), retype(w, toRussian, true)}
		}
		for _, m := range typed {
			if len([]rune(m)) >= 4 && !LooksMistyped(m) {
				t.Errorf("%s, which is %s, does not look mistyped: %.2f, %.2f", m, w, likelihood(Skeleton(m)), likelihood(Skeleton(w)))
			}
		}
	}
}

func TestRetypedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("абїґюжхabqz[];',./ .")))).Draw(t, "text")
		all := Retyped(s)
		if len(all) > 4 || slices.Contains(all, s) {
			t.Errorf("Retyped(%q): got %q", s, all)
		}
		LooksMistyped(s)
	})
	word := rapid.StringMatching(`[а-щью-я]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		w := word.Draw(t, "word")
		for _, latin := range Retyped(w) {
			if isLatin([]rune(latin)[0]) && !slices.Contains(Retyped(latin), w) {
				t.Errorf("%q becomes %q, and that %q", w, latin, Retyped(latin))
			}
		}
	})
}

func BenchmarkLooksMistyped(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		LooksMistyped("Dbuflfyrj")
	}
}
