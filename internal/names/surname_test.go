package names

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStem(t *testing.T) {
	for want, parts := range map[string]string{
		"zrazkovsk": "Зразковський Зразковська Зразковский Зразковская Zrazkovsky Zrazkovska Zrazkovskaya Zrazkovskyi Zrazkovskyj Zrazkovskii Zrazkowski Zrazkowska Зразковського Зразковському Зразковським Зразковської Зразковську Зразковскую Зразковской",
		"vigadnick": "Вигадницький Вигадницька Вигадницкая Wyhadnycki Wyhadnycka Vyhadnytska Vyhadnytskyi",
		"prikladov": "Прикладов Прикладова Прикладів Прикладев Прикладева Prikladoff Prikladov Prykladiv Прикладову Прикладовой Прикладової Прикладовій Прикладовым Прикладовим",
		"kazkalov":  "Казкальов Казкальова Kazkalov Kazkalova Kazkaliov Казкалёв Казкалів",
		"vimislin":  "Вимислін Вимисліна Вымыслин Вымыслина Vymyslin Vymyslina Вимисліну Вимисліної Вымыслиным",
		"vigadanko": "Вигаданко Vyhadanko Вигаданка Вигаданку Вигаданкові Вигаданком",
		"vigadchuk": "Вигадчук Вигадчука Вигадчуку Вигадчукові Вигадчуком Wyhadczuk",
		"chorn":     "Чорний Чорна Чорного Чорному Чорної",
		"bel":       "Белый Белая Белого Белой",
		"skazonik":  "Сказонік Сказоніка Сказоніку Сказоником",
		"vigadar":   "Вигадар Вигадаря Вигадарю",
		"kazkovec":  "Казковець Казковця Казковцю Kazkovets",
	} {
		for _, p := range strings.Fields(parts) {
			if got := Stem(Skeleton(p)); got != want {
				t.Errorf("%s: got %q, want %q", p, got, want)
			}
		}
	}
	for _, pair := range [][2]string{
		{"Вигаданко", "Вигадан"}, {"Прикладов", "Приклад"}, {"Зразковський", "Зразков"}, {"Казкін", "Казко"}, {"Вигадюк", "Вигаденко"},
	} {
		if a, b := Stem(Skeleton(pair[0])), Stem(Skeleton(pair[1])); a == b {
			t.Errorf("%s and %s share the stem %q", pair[0], pair[1], a)
		}
	}
	for _, short := range []string{"", "Ли", "Ко", "Ян", "Ів"} {
		if s := Skeleton(short); Stem(s) != s {
			t.Errorf("%q is too short for an ending: got %q", s, Stem(s))
		}
	}
}

func TestStemProperties(t *testing.T) {
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("aeiouksvncfgmhprtl")), 0, 14, -1)
	for _, g := range []*rapid.Generator[string]{letters, rapid.String()} {
		rapid.Check(t, func(t *rapid.T) {
			s := Skeleton(g.Draw(t, "part"))
			stem := Stem(s)
			if again := Stem(stem); again != stem {
				t.Errorf("Stem(%q) is %q, whose stem is %q", s, stem, again)
			}
		})
	}
}

func ExampleStem() {
	for _, name := range []string{"Зразковський", "Zrazkowska", "Зразковской"} {
		fmt.Println(Stem(Skeleton(name)))
	}
	// Output:
	// zrazkovsk
	// zrazkovsk
	// zrazkovsk
}

func BenchmarkStem(b *testing.B) {
	for _, s := range []string{"zrazkovskaia", "vigadanko"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Stem(s)
			}
		})
	}
}
