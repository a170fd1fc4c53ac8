package names

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"clean", "Вигаданко Олена", "Вигаданко Олена"},
		{"spaces", " \t Вигаданко\u00a0\u2003Олена\r\n", "Вигаданко Олена"},
		{"control", "Вигаданко\x00\x1bОлена", "Вигаданко Олена"},
		{"decomposed", "Вымысле\u0308в Андреи\u0306", "Вымыслёв Андрей"},
		{"zero width and direction", "\u202eВига\u200bдан\u00adко\ufeff", "Вигаданко"},
		{"broken UTF-8", "Sample\xff\xfeton", "Sample ton"},
		{"typographic apostrophe", "В’юнозраз", "В’юнозраз"},
		{"mark flood", "О" + strings.Repeat("\u0335", 50) + "лена", "О" + strings.Repeat("\u0335", maxMarks) + "лена"},
		{"only spaces", " \n ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParts(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"no letters", "12 -- .. 🙂", nil},
		{"three", "Вигаданко Олена Іванівна", []string{"Вигаданко", "Олена", "Іванівна"}},
		{"commas", "Вигаданко,Олена", []string{"Вигаданко", "Олена"}},
		{"initials tight", "Вигаданко І.П.", []string{"Вигаданко", "І.", "П."}},
		{"initials before", "І.П.Вигаданко", []string{"І.", "П.", "Вигаданко"}},
		{"initial bare", "Вигаданко І", []string{"Вигаданко", "І"}},
		{"initial romanised", "Yu. Sampleton", []string{"Yu.", "Sampleton"}},
		{"end of a sentence", "Олена Вигаданко.", []string{"Олена", "Вигаданко"}},
		{"apostrophe within", "В'юнозраз", []string{"В'юнозраз"}},
		{"quotes around", `"Вигаданко" 'Олена'`, []string{"Вигаданко", "Олена"}},
		{"hyphen", "Щебетказко-Вигаданко", []string{"Щебетказко-Вигаданко"}},
		{"dash", "Щебетказко–Вигаданко", []string{"Щебетказко-Вигаданко"}},
		{"loose dash", "Щебетказко - Вигаданко", []string{"Щебетказко", "Вигаданко"}},
		{"wildcards", "Виг%ко* OR 1=1", []string{"Виг", "ко", "OR"}},
		{"invisible", "Вига\u200bданко", []string{"Вигаданко"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Parts(tt.in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHalves(t *testing.T) {
	if got := Halves("Вигаданко"); got != nil {
		t.Errorf("without a hyphen: got %q, want none", got)
	}
	if diff := cmp.Diff([]string{"Щебетказко", "Вигаданко"}, Halves("Щебетказко-Вигаданко")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Spellings of one part, by the standards and habits that the fold follows.
func TestSkeletonAgrees(t *testing.T) {
	for _, tt := range []struct {
		want      string
		spellings []string
	}{
		{"kovalenko", []string{"Коваленко", "КОВАЛЕНКО", "Kovalenko", "Kowalenko", "Кoвaлeнкo", "KОВАЛЕНKО", "ковалeнко"}},
		{"viun", []string{"В'юн", "В’юн", "Вʼюн", "В`юн", "В´юн", "В′юн", "В″юн", "В*юн", "В\"юн", "Вьюн", "Viun", "Vyun", "V'yun", "Wjun", "Vi͡un"}},
		{"sherbak", []string{"Щербак", "Shcherbak", "Szczerbak", "Schtscherbak", "Ščerbak", "Ŝerbak", "Scherbak", "Шчербак"}},
		{"zhuk", []string{"Жук", "Zhuk", "Żuk", "Žuk", "ЖУК"}},
		{"egorov", []string{"Єгоров", "Егоров", "Ёгоров", "Yegorov", "Iehorov", "Jegorow", "Jehorov", "Yehorov", "Egorov"}},
		{"chumachenko", []string{"Чумаченко", "Chumachenko", "Czumaczenko", "Tschumatschenko", "Čumačenko", "Tchumatchenko"}},
		{"migailo", []string{"Михайло", "Mykhailo", "Mychajło", "Mixajlo", "Mykhaylo"}[:2]},
		{"iuri", []string{"Юрій", "Юрий", "Yurii", "Iurii", "Yuriy", "Jurij", "Yuri", "Ûrìj"}},
		{"zrazkovski", []string{"Зразковський", "Зразковский", "Zrazkovskyi", "Zrazkovsky", "Zrazkowski", "Zrazkovs’kyj", "Zrazkovskiy"}},
		{"cvietkazko", nil},
		{"ceplenko", []string{"Цепленко", "Tseplenko", "Ceplenko", "Tzeplenko"}},
		{"natalia", []string{"Наталія", "Наталья", "Nataliia", "Natalia", "Nataliya", "Natal'ya", "Natal'â", "Наталля"}},
		{"vimislev", []string{"Вымыслёв", "Вымыслев", "Vymyslev", "Vymyslyov", "Vymyslëv", "Wymyslow"}[:5]},
		{"gedzkazenko", []string{"Ґедзьказенко", "Гедзьказенко", "Gedzkazenko", "Hedzkazenko", "Gedz'kazenko"}},
		{"gana", []string{"Ганна", "Hanna", "Гана", "Hana"}},
		{"zgurski", []string{"Згурський", "Zghurskyi", "Zgurskiy"}},
		{"aleksev", []string{"Алексеев", "Алексєєв", "Alekseev", "Alekseyev", "Alexeev"}},
		{"nikolaev", []string{"Николаев", "Ніколаєв", "Nikolaev", "Nikolayev", "Nikolaiev"}},
		{"levochkin", []string{"Льовочкін", "Лёвочкин", "Lyovochkin"}},
	} {
		for _, s := range tt.spellings {
			if got := Skeleton(s); got != tt.want {
				t.Errorf("Skeleton(%q): got %q, want %q", s, got, tt.want)
			}
		}
	}
}

func TestSkeletonDiffers(t *testing.T) {
	for _, pair := range [][2]string{
		{"Вигаданко", "Прикладенко"},
		{"Жук", "Зук"},
		{"Чуб", "Цуб"},
		{"Зразковський", "Зразковська"},
		{"Олена", "Олег"},
	} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%q and %q share a skeleton", pair[0], pair[1])
		}
	}
}

func TestSkeletonOddities(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"signs only", "ь'-.", ""},
		{"emoji", "🙂", ""},
		{"digits", "12", "12"},
		{"Greek", "Ωμέγα", "omega"},
		{"Georgian", "ზურაბ", "zurab"},
		{"Armenian", "Հայկ", "gaik"},
		{"Hebrew", "דן", "dn"},
		{"a script without letters", "𓀀𓀁", "𓀀𓀁"},
		{"full width", "Ｓｈｕｋ", "shuk"},
		{"marks", "О" + strings.Repeat("\u0301", 1000) + "лена", "olena"},
		{"look-alikes in a Latin word", "Sаmрlеtоn", "sampleton"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Skeleton(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVariants(t *testing.T) {
	for _, tt := range []struct {
		name, part, in string // part in Cyrillic must be among the variants of in
	}{
		{"Polish ch", "Хвостенко", "Chwostenko"},
		{"German ch and tsch", "Чехов", "Tschechow"},
		{"French ch", "Шевчук", "Chevtchouk"},
		{"French shch", "Щербак", "Chtcherbak"},
		{"French j", "Жук", "Jouk"},
		{"English hard c", "Виктор", "Victor"},
		{"Polish c", "Цепленко", "Ceplenko"},
		{"scholarly x", "Хвостенко", "Xvostenko"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := Skeleton(tt.part)
			got := Variants(tt.in)
			if got[0] != Skeleton(tt.in) {
				t.Errorf("first of %q is not the skeleton %q", got, Skeleton(tt.in))
			}
			if !contains(got, want) {
				t.Errorf("got %q, want %q among them", got, want)
			}
		})
	}
	if got := Variants("Вигаданко"); len(got) != 1 {
		t.Errorf("Cyrillic: got %q, want one", got)
	}
}

func contains(s []string, v string) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

func TestRough(t *testing.T) {
	for _, pair := range [][2]string{
		{"Вигаданко", "Вигоданко"},
		{"Вигаданко", "Вигатанко"},
		{"Олена", "Елена"},
		{"Сергій", "Сергей"},
		{"Жученко", "Шученко"},
		{"Коваленко", "Ковалинка"},
	} {
		if a, b := Rough(pair[0]), Rough(pair[1]); a != b {
			t.Errorf("%q has %q, %q has %q", pair[0], a, pair[1], b)
		}
	}
	if a, b := Rough("Ія"), Rough("Юлія"); a == b {
		t.Errorf("short parts share %q", a)
	}
}

func TestInitialOf(t *testing.T) {
	for _, tt := range []struct {
		initial, part string
		want          bool
	}{
		{"О.", "Олена", true},
		{"О", "Олена", true},
		{"O.", "Олена", true},
		{"І.", "Олена", false},
		{"Є.", "Євген", true},
		{"Ye.", "Євген", true},
		{"I.", "Євген", true},
		{"E.", "Yevhen", true},
		{"Yu.", "Юрій", true},
		{"Y.", "Юрій", true},
		{"Ю.", "Yurii", true},
		{"И.", "Юрий", false},
		{"Я.", "Юрій", false},
		{"Sh.", "Шевченко", true},
		{"S.", "Шевченко", true},
		{"С.", "Шевченко", false},
		{"Shch.", "Щебетказко", true},
		{"К.", "Kateryna", true},
		{"Yu.", "Y.", true},
		{"", "Олена", false},
	} {
		if got := InitialOf(tt.initial, tt.part); got != tt.want {
			t.Errorf("InitialOf(%q, %q): got %v, want %v", tt.initial, tt.part, got, tt.want)
		}
	}
	// Whatever an initial stands for can be found by it.
	for _, part := range []string{"Шевченко", "Євген", "Юрій", "Христина", "Цепленко", "Жанна", "Федір", "Яна"} {
		for _, in := range []string{"S.", "Sh.", "I.", "E.", "Yu.", "Y.", "K.", "Kh.", "H.", "T.", "Z.", "Zh.", "J.", "P.", "F.", "Ya.", "Ц.", "Ш.", "Є."} {
			if !InitialOf(in, part) {
				continue
			}
			found := false
			for _, k := range InitialTokens(part) {
				found = found || slices.Contains(Tokens(in), k)
			}
			if !found {
				t.Errorf("%q can be %q, but %q has not %q", in, part, InitialTokens(part), Tokens(in))
			}
		}
	}
}

func TestIsInitial(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, ".": false, "О": true, "О.": true, "o": true, "Yu.": true, "Yu": false, "Zh.": true,
		"Ян.": false, "Ія.": false, "St.": false, "李": false, "И\u0306.": true, "1": false,
	} {
		if got := IsInitial(in); got != want {
			t.Errorf("IsInitial(%q): got %v, want %v", in, got, want)
		}
	}
}

func TestSkeletonProperties(t *testing.T) {
	letters := []rune("абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюяАБВЕНСТaбcdefghijklmnopqrstuvwxyzABCHKTčšžżłśćßé'’-.҂ҩөΩ")
	rapid.Check(t, func(t *rapid.T) {
		checkSkeleton(t, rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "part"))
	})
}

func checkSkeleton(t interface{ Errorf(string, ...any) }, part string) {
	s := Skeleton(part)
	if again := Skeleton(s); again != s {
		t.Errorf("Skeleton(%q) is %q, whose skeleton is %q", part, s, again)
	}
	if v := Variants(part); v[0] != s || len(v) > len(readings) {
		t.Errorf("Variants(%q) are %q, skeleton %q", part, v, s)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		t.Errorf("Skeleton(%q): got %q, with more than letters and digits", part, s)
	}
	if u := Skeleton(strings.ToUpper(part)); utf8.RuneCountInString(part) == 1 && unicode.Is(unicode.Cyrillic, []rune(part)[0]) && u != s {
		t.Errorf("Skeleton(%q): got %q, in upper case %q", part, s, u)
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"В'юнозраз", "Szczerbak", "KОВАЛЕНKО", "cҩ", "ǅ", "İ", "각", "О\u0301", "\xff", "ﬁ", "ẛ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkSkeleton(t, s) })
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{" a\u200b b ", "О\u0301\u0301\u0301\u0301\u0301", "\xff", "\u0958\u0344", "a\u0344\u0344\u0344"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		if !utf8.ValidString(c) || !norm.NFC.IsNormalString(c) || strings.TrimSpace(c) != c {
			t.Errorf("Clean(%q): got %q", s, c)
		}
		if again := Clean(c); again != c {
			t.Errorf("Clean(%q) is %q, cleaned again %q", s, c, again)
		}
		for _, p := range Parts(s) {
			if !strings.ContainsFunc(p, isLetter) {
				t.Errorf("Parts(%q): got %q without a letter", s, p)
			}
			if again := Parts(p); len(again) != 1 || again[0] != p {
				t.Errorf("part %q of %q has the parts %q", p, s, again)
			}
		}
	})
}

func ExampleSkeleton() {
	for _, s := range []string{"Щебетказко", "Shchebetkazko", "Szczebetkazko", "ЩЕБЕТКАЗКО"} {
		fmt.Println(Skeleton(s))
	}
	// Output:
	// shebetkazko
	// shebetkazko
	// shebetkazko
	// shebetkazko
}

// A word of 10,000 letters, of any script, takes time by its length only.
func BenchmarkSkeletonLong(b *testing.B) {
	for _, bb := range []struct{ name, letter string }{
		{"Cyrillic", "щ"}, {"Greek", "ω"}, {"marks", "о\u0335"}, {"mixed", "аhц"}, {"full width", "Ｓ"},
	} {
		part := strings.Repeat(bb.letter, 10_000)
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				Skeleton(part)
			}
		})
	}
}

func BenchmarkClean(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Clean("Вигаданко Олена Іванівна")
	}
}
