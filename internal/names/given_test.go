package names

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// bears reports whether the part is a form of the family, and whether it is a
// short one.
func bears(part, family string) (ok, short bool) {
	for _, v := range Variants(part) {
		for _, f := range Given(v) {
			if f.Family == family {
				return true, f.Short
			}
		}
	}
	return false, false
}

func TestGiven(t *testing.T) {
	for _, tt := range []struct{ family, full, short string }{
		{"oleksandr", "Олександр Александр Aliaksandr Alexander Alexandre Aleksander OLEKSANDR", "Саша Сашко Олесь Шура Sasha Alex Sandy"},
		{"oleksandra", "Олександра Александра Alexandra", "Саша Леся Шура"},
		{"mikola", "Микола Николай Mykola Nikolai Мікалай Nicholas Nicolas Mikołaj Nikolaus", "Коля Миколка Kolya Nick"},
		{"olena", "Олена Елена Olena Yelena Helen Helena Hélène Алена", "Лена Оленка Lena Ленуся"},
		{"dmitro", "Дмитро Дмитрий Dmytro Dmitry Dmitrii Dymitr Зміцер", "Діма Дима Митя Dima"},
		{"vilhelm", "Вільгельм William Wilhelm Guillaume", "Bill Billy"},
		{"margarita", "Маргарита Margaret Małgorzata", "Рита Peggy Maggie Greta"},
		{"evgen", "Євген Евгений Yevhen Eugene Jewgenij", "Женя Zhenya Jenya"},
		{"evgeniia", "Євгенія Евгения Yevheniia", "Женя"},
		{"georgii", "Георгій Георгий George Heorhii Georgij", "Жора Гоша"},
		{"petro", "Петро Пётр Петр Petro Pyotr Peter Piotr Pierre", "Петя Петрик Pete"},
		{"anna", "Анна Ганна Hanna Anna Anne", "Аня Нюра Галя Ania"},
		{"iakiv", "Яків Яков Jakub James Jacques Yakiv", "Яша Jim"},
		{"agafiia", "Агафія Агафья Гафія Agatha", "Гапка"},
		{"magomed", "Магомед Muhammad Мухаммед", "Мага"},
		{"karapet", "Карапет", ""}, {"tengiz", "Тенгіз Тенгиз", ""}, {"elzara", "Ельзара Эльзара Elzara", "Зара"},
		{"golda", "Голда Golda", ""}, {"ishtvan", "Іштван István", ""},
	} {
		for kind, names := range []string{tt.full, tt.short} {
			for _, n := range strings.Fields(names) {
				if ok, short := bears(n, tt.family); !ok || short != (kind == 1) {
					t.Errorf("%s is of the family %s: got %v, short: %v", n, tt.family, ok, short)
				}
			}
		}
	}
	for _, part := range []string{"", "Вигаданко", "Шевчук", "12", "🙂"} {
		if got := Given(Skeleton(part)); got != nil {
			t.Errorf("Given(%q): got %v, want none", part, got)
		}
	}
}

func TestGivenOfManyFamilies(t *testing.T) {
	for part, want := range map[string][]string{
		"Женя":  {"evgen", "evgeniia"},
		"Валя":  {"valentin", "valentina"},
		"Слава": {"viacheslav", "iaroslav", "stanislav", "iaroslava"},
		"Стас":  {"stanislav"},
		"Льоня": {"leonid", "leontii"},
	} {
		for _, f := range want {
			if ok, short := bears(part, f); !ok || !short {
				t.Errorf("%s is short for %s: got %v, short: %v", part, f, ok, short)
			}
		}
	}
}

func TestGivenInOtherCases(t *testing.T) {
	for family, parts := range map[string]string{
		"olena":  "Олену Олени Олені Оленою Елену Елены Елене",
		"sergii": "Сергія Сергію Сергієві Сергея Сергею Сергеем",
		"dmitro": "Дмитру Дмитрові Дмитрию",
		"mikola": "Миколу Миколі Миколою Николаю",
		"maria":  "Марію Марією Марии",
		"roman":  "Романа Романові Роману Романом",
		"igor":   "Ігоря Игоря Ігореві Игорем",
	} {
		for _, p := range strings.Fields(parts) {
			if ok, short := bears(p, family); !ok || short {
				t.Errorf("%s is a case of %s: got %v, short: %v", p, family, ok, short)
			}
		}
	}
	if ok, _ := bears("Олександра", "oleksandr"); ok {
		t.Error("Олександра is a name of her own, and was taken as a case of Олександр")
	}
}

// Every line of the tables is well made, and every form leads to its family.
func TestGivenTables(t *testing.T) {
	for _, file := range []string{givenMale, givenFemale} {
		female := file == givenFemale
		seen := map[string]bool{}
		for line := range strings.Lines(file) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line[0] == '#' {
				continue
			}
			id, rest, _ := strings.Cut(line, ": ")
			if seen[id] || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
				t.Errorf("id %q is there twice, or not of small Latin letters", id)
			}
			seen[id] = true
			fields := strings.Split(rest, "|")
			if len(fields) > 3 || strings.TrimSpace(fields[0]) == "" {
				t.Errorf("%s: %d fields, or no full form", id, len(fields))
			}
			for i, field := range fields[:min(2, len(fields))] {
				for _, n := range strings.Fields(field) {
					if !slices.Contains(Given(Skeleton(n)), Form{Family: id, Short: i == 1, Female: female}) {
						t.Errorf("%s: %s is not found as a form of it", id, n)
					}
					if strings.ContainsFunc(n, isLatin) && strings.ContainsFunc(n, isCyrillic) {
						t.Errorf("%s: %s mixes the scripts", id, n)
					}
					if p := Parts(n); len(p) != 1 || p[0] != n {
						t.Errorf("%s: %s has the parts %q", id, n, p)
					}
				}
			}
			if len(fields) == 3 {
				for _, n := range strings.Fields(fields[2]) {
					if got, _, _ := Patronymic(Skeleton(n)); !slices.Contains(got, id) {
						t.Errorf("%s: %s is read as of %q", id, n, got)
					}
				}
			}
		}
		if len(seen) < 700 {
			t.Errorf("%d families: got fewer than the table should have", len(seen))
		}
	}
}

func TestGivenForms(t *testing.T) {
	all := slices.Collect(GivenForms())
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("the forms are not sorted and distinct")
	}
	for _, s := range all {
		if Given(s) == nil || Skeleton(s) != s {
			t.Errorf("%q is no skeleton of a form", s)
		}
	}
}

func TestPatronymic(t *testing.T) {
	for _, tt := range []struct {
		father string
		sons   string
		girls  string
	}{
		{"mikola", "Миколайович Николаевич Mykolaiovych Nikolaevich Nikolayevich Николаич Миколайовича", "Миколаївна Николаевна Mykolaivna Nikolaevna Миколаївни Николаевну"},
		{"ivan", "Іванович Иванович Ivanovych Iwanowicz Iwanowitsch Ivanovitch Иваныч Івановичу", "Іванівна Ивановна Ivanivna Іванівні Ивановной"},
		{"sergii", "Сергійович Сергеевич Serhiiovych Sergeyevich Сергеич", "Сергіївна Сергеевна Serhiivna"},
		{"illia", "Ілліч Ильич Illich", "Іллівна Ильинична Іллінічна"},
		{"kuzma", "Кузьмич Кузьмович", "Кузьмівна Кузьминична"},
		{"luka", "Лукич", "Луківна Лукинична"},
		{"mikita", "Микитович Никитич", "Микитівна Никитична"},
		{"iakiv", "Якович Яковлевич", "Яківна Яковлевна"},
		{"igor", "Ігорович Игоревич", "Ігорівна Игоревна"},
		{"iurii", "Юрійович Юрьевич Yuriiovych", "Юріївна Юрьевна"},
		{"lev", "Львович", "Львівна Львовна"},
		{"vasil", "Васильович Васильевич Василич Vasylovych", "Василівна Васильевна"},
		{"oleksandr", "Олександрович Александрович Саныч", "Олександрівна Александровна"},
		{"pavlo", "Павлович Палыч", "Павлівна Пална"},
		{"magomed", "Магомедович Магомедогли", "Магомедівна Магомедкизи"},
		{"?vigad", "Вигадович Вигадевич", "Вигадівна Вигадовна"},
	} {
		for kind, parts := range []string{tt.sons, tt.girls} {
			for _, p := range strings.Fields(parts) {
				got, female, ok := false, false, false
				for _, v := range Variants(p) {
					var f []string
					if f, female, ok = Patronymic(v); slices.Contains(f, tt.father) {
						got = true
						break
					}
				}
				if !got || !ok || female != (kind == 1) {
					t.Errorf("%s is of the family %s: got %v, female: %v, ok: %v", p, tt.father, got, female, ok)
				}
			}
		}
	}
	for _, part := range []string{"", "ich", "Вигаданко", "Кравич", "Маркевичук", "Рівна", "Ганна"} {
		if got, _, ok := Patronymic(Skeleton(part)); ok {
			t.Errorf("%q is no patronymic: got %q", part, got)
		}
	}
}

func TestPatronymicProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Skeleton(rapid.String().Draw(t, "part"))
		if f, _, ok := Patronymic(s); ok != (len(f) > 0) {
			t.Errorf("Patronymic(%q): got %q, ok: %v", s, f, ok)
		}
	})
}

func ExampleGiven() {
	for _, name := range []string{"Микола", "Николай", "Kolya", "Nicholas"} {
		fmt.Println(Given(Skeleton(name))[0])
	}
	// Output:
	// {mikola false false false}
	// {mikola false false false}
	// {mikola true false false}
	// {mikola false false false}
}

func ExamplePatronymic() {
	for _, name := range []string{"Миколайович", "Nikolaevna", "Вигадівна"} {
		fmt.Println(Patronymic(Skeleton(name)))
	}
	// Output:
	// [mikola] false true
	// [mikola] true true
	// [?vigad] true true
}

func BenchmarkGiven(b *testing.B) {
	for _, s := range []string{"mikola", "olenu", "vigadanko"} {
		b.Run(s, func(b *testing.B) {
			Given(s)
			b.ReportAllocs()
			for b.Loop() {
				Given(s)
			}
		})
	}
}

// What the first call of Given costs.
func BenchmarkGivenTable(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newGivenTable()
	}
}

func BenchmarkPatronymic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Patronymic("mikolaevich")
	}
}
