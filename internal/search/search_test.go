package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// memory is an Index over people in memory, and counts its calls.
type memory struct {
	people []rollcall.Person // by ascending ID
	byKey  map[names.Key][]rollcall.PersonID
	words  map[names.Key][]string
	calls  int
	err    error
}

func newMemory(people []rollcall.Person) *memory {
	m := &memory{people: people, byKey: map[names.Key][]rollcall.PersonID{}, words: map[names.Key][]string{}}
	for _, p := range people {
		e := names.Index(p.FullName, p.AltNames)
		for _, k := range e.Keys {
			m.byKey[k] = append(m.byKey[k], p.ID)
		}
		for _, w := range e.Words {
			for _, k := range names.NearKeys(w) {
				if !slices.Contains(m.words[k], w) {
					m.words[k] = append(m.words[k], w)
				}
			}
		}
	}
	return m
}

func (m *memory) Bearers(ctx context.Context, keys []names.Key, limit int) ([][]rollcall.PersonID, error) {
	return lookUp(m, m.byKey, keys, limit)
}

func (m *memory) Words(ctx context.Context, keys []names.Key, limit int) ([][]string, error) {
	return lookUp(m, m.words, keys, limit)
}

func lookUp[T any](m *memory, index map[names.Key][]T, keys []names.Key, limit int) ([][]T, error) {
	m.calls++
	if limit <= 0 {
		return nil, errors.New("a lookup without limit")
	}
	lists := make([][]T, len(keys))
	for i, k := range keys {
		lists[i] = index[k][:min(limit, len(index[k]))]
	}
	return lists, m.err
}

func (m *memory) People(ctx context.Context, ids []rollcall.PersonID, born rollcall.Years) ([]rollcall.Person, error) {
	m.calls++
	if !slices.IsSorted(ids) {
		ids = slices.Sorted(slices.Values(ids))
	}
	var people []rollcall.Person
	for _, id := range ids {
		if i, ok := slices.BinarySearchFunc(m.people, id, func(p rollcall.Person, id rollcall.PersonID) int { return int(p.ID - id) }); ok &&
			(born.To == 0 || born.From <= m.people[i].BirthYear && m.people[i].BirthYear <= born.To || born.Unknown && m.people[i].BirthYear == 0) {
			people = append(people, m.people[i])
		}
	}
	return people, m.err
}

func (m *memory) Live(ctx context.Context, ids []rollcall.PersonID) ([]rollcall.PersonID, error) {
	m.calls++
	return ids, m.err
}

// Invented people.
var roster = []rollcall.Person{
	{ID: 1, FullName: "Вигаданко Олена Іванівна", BirthYear: 1985},
	{ID: 2, FullName: "Вигаданко Олег Іванович", BirthYear: 1990},
	{ID: 3, FullName: "Прикладенко Сергій Петрович", AltNames: []string{"Прикладенко Сергей Петрович", "Prykladenko Serhii"}, BirthYear: 1978},
	{ID: 4, FullName: "Зразковська Марія", BirthYear: 0},
	{ID: 5, FullName: "В'юнозраз Юрій Олегович", BirthYear: 1999},
	{ID: 6, FullName: "Щебетказко-Вигаданко Ганна Павлівна", BirthYear: 1970},
	{ID: 7, FullName: "Ґедзьказенко Остап Тарасович", BirthYear: 1966},
	{ID: 8, FullName: "Вымыслёв Андрей Николаевич", BirthYear: 1982},
	{ID: 9, FullName: "Примеров И.П.", BirthYear: 1975},
	{ID: 10, FullName: "Sampleton Peter James", BirthYear: 1969},
	{ID: 11, FullName: "Син Олег Петрович", BirthYear: 1988},
	{ID: 12, FullName: "Хвостаказко Чеслав Цезарович", BirthYear: 1991},
	{ID: 13, FullName: "Жукозраз-Жукозраз Яна", BirthYear: 1993},
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		verdict     Verdict
		ids         []rollcall.PersonID
	}{
		{"as listed", "Вигаданко Олена Іванівна", Match, ids(1)},
		{"any order", "олена вигаданко", Match, ids(1)},
		{"Latin, KMU 2010", "Vyhadanko Olena Ivanivna", Match, ids(1)},
		{"Latin, Russian habit", "Vigadanko Olena", Match, ids(1)},
		{"Polish", "Wyhadanko Olena", Match, ids(1)},
		{"look-alikes", "Bигaдaнкo Oлeнa", Match, ids(1)},
		{"with the year", "Вигаданко Олена 1985", Match, ids(1)},
		{"with the date", "шукаю маму Вигаданко Олена 12.03.1985 р.н.", Match, ids(1)},
		{"surname and year", "Вигаданко 1990", Match, ids(2)},
		{"surname and age", "Вигаданко, 35 років", Match, ids(2)},
		{"surname and initial", "Вигаданко О.", Match, ids(1, 2)},
		{"surname and initials", "Вигаданко О.І.", Match, ids(1, 2)},
		{"surname, initial, year", "O. Vyhadanko 1985", Match, ids(1)},
		{"other name", "Прикладенко Сергей", Match, ids(3)},
		{"apostrophe typographic", "В’юнозраз Юрій", Match, ids(5)},
		{"apostrophe left out", "Вюнозраз Юрій", Match, ids(5)},
		{"apostrophe, Latin", "Viunozraz Yurii", Match, ids(5)},
		{"year unknown", "Зразковська Марія 1980", Match, ids(4)},
		{"female ending, Latin", "Zrazkovska Mariya", Match, ids(4)},
		{"half of a hyphen", "Щебетказко Ганна", Match, ids(6)},
		{"other half of a hyphen", "Вигаданко Ганна", Match, ids(6)},
		{"both halves", "Щебетказко-Вигаданко Ганна", Match, ids(6)},
		{"halves apart", "Щебетказко Вигаданко Ганна", Match, ids(6)},
		{"halves swapped", "Вигаданко-Щебетказко Ганна", Match, ids(6)},
		{"hyphenated, Polish", "Szczebetkazko Hanna", Match, ids(6)},
		{"equal halves", "Жукозраз Жукозраз Яна", Match, ids(13)},
		{"г for ґ", "Гедзьказенко Остап", Match, ids(7)},
		{"е for ё", "Вымыслев Андрей", Match, ids(8)},
		{"Russian, Latin", "Vymyslyov Andrey Nikolaevich", Match, ids(8)},
		{"initials in the roster", "Примеров Иван Петрович", Match, ids(9)},
		{"English", "looking for Peter Sampleton", Match, ids(10)},
		{"English in Cyrillic", "Самплетон Петер", Match, ids(10)},
		{"Polish ch and cz", "Chwostakazko Czesław", Match, ids(12)},
		{"French ch", "Khvostakazko Tcheslav", Match, ids(12)},
		{"noise that is a surname", "Син Олег Петрович", Match, ids(11)},
		{"noise that may be a surname", "Син Олег", Match, ids(11)},

		{"a vowel wrong", "Вигоданко Олена", Near, ids(1)},
		{"a consonant wrong", "Вигабанко Олена", Near, ids(1)},
		{"a consonant left out", "Вигадако Олена", Near, ids(1)},
		{"two swapped", "Вигаданок Олена", Near, ids(1)},
		{"a slip, surname and year", "Прикледенко 1978", Near, ids(3)},
		{"a slip and an initial", "Прикледенко С.", Near, ids(3)},
		{"two slips in a long name", "Прикладинка Сергій", Near, ids(3)},
		{"given name in another language", "Вигаданко Елена", Match, ids(1)},
		{"another year", "Вигаданко Олена 1986", Near, ids(1)},
		{"another patronymic", "Вигаданко Олена Тарасівна", Near, ids(1)},
		{"another given name", "Ґедзьказенко Гліб Тарасович", Near, ids(7)},
		{"a half that is not listed", "Зразковська-Примерова Марія", Near, ids(4)},

		{"another layout", "Dbuflfyrj Jktyf", Match, ids(1)},
		{"another layout, with a slip", "Dbujlfyrj Jktyf 1985", Match, ids(1)},
		{"a slip, with the year", "Вигоданко Олена 1985", Match, ids(1)},
		{"a slip, with the patronymic", "Вигадако Олена Іванівна", Match, ids(1)},
		{"a diminutive", "Вигаданко Оленка", Match, ids(1)},
		{"a diminutive, Latin", "Prykladenko Seriozha", Match, ids(3)},
		{"another language throughout", "Прикладенко Сергей Петрович", Match, ids(3)},
		{"an English form", "Вигаданко Helen", Match, ids(1)},
		{"a case", "шукаю Вигаданко Олену", Match, ids(1)},
		{"the other sex's ending", "Зразковський Марія", Match, ids(4)},

		{"absent", "Неіснуйко Роман Андрійович", None, nil},
		{"absent, Latin", "Nobodyson John", None, nil},
		{"absent surname with listed given name", "Неіснуйко Олена", None, nil},
		{"absent given name with listed surname", "Вигаданко Богдан", None, nil},
		{"surname with another year", "Вигаданко 1950", None, nil},
		{"surname whose year is unknown", "Зразковська 1980", None, nil},
		{"wrong initial", "Вигаданко Т.", None, nil},
		{"two contradict", "Вигаданко Богдан Тарасович", None, nil},
		{"part twice", "Прикладенко Прикладенко", None, nil},
		{"SQL", "Вигаданко' OR 1=1 --", None, nil},
		{"repeated", strings.Repeat("Вигаданко ", 60), None, nil},
		{"other script", "示例 名字", None, nil},

		{"one part", "Вигаданко", TooVague, nil},
		{"one part with noise", "син Вигаданко", TooVague, nil},
		{"initials", "В. О.", TooVague, nil},
		{"empty", "", TooVague, nil},
		{"emoji", "🙏🙏🙏", TooVague, nil},
		{"wildcard", "%", TooVague, nil},
		{"long", strings.Repeat("щ", 10_000), TooVague, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory(roster)
			got, err := New(m).Find(t.Context(), ParseQuery(tt.query, now), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != tt.verdict {
				t.Errorf("got verdict %s, want %s", got.Verdict, tt.verdict)
			}
			var found []rollcall.PersonID
			for _, h := range got.Hits {
				found = append(found, h.Person.ID)
				if h.Verdict != got.Verdict {
					t.Errorf("hit %d is %s within %s", h.Person.ID, h.Verdict, got.Verdict)
				}
				if ok := h.Verdict == Match && h.Score >= MinMatch && h.Score <= 1 || h.Verdict == Near && h.Score >= MinNear && h.Score <= MaxNear; !ok {
					t.Errorf("%s scores %v", h.Verdict, h.Score)
				}
			}
			slices.Sort(found)
			if diff := cmp.Diff(tt.ids, found); diff != "" {
				t.Errorf("people: -want +got:\n%s", diff)
				for _, h := range got.Hits {
					t.Log(h.Explain())
				}
			}
			if most := mostCalls(tt.query); m.calls > most {
				t.Errorf("got %d calls, at most %d wanted", m.calls, most)
			}
		})
	}
}

// mostCalls bounds the calls for a query by the ways to read it.
func mostCalls(text string) int { return maxCalls * (1 + len(ParseQuery(text, now).Retyped())) }

func ids(n ...rollcall.PersonID) []rollcall.PersonID { return n }

func TestFindCalls(t *testing.T) {
	for _, tt := range []struct {
		query string
		calls int
	}{
		{"Вигаданко Олена Іванівна", 3},
		{"Vyhadanko Olena", 3},
		{"Вигаданко 1985", 3},
		{"Вигаданко", 0},
		{"Вигоданко Олена", 5},
		{"Неіснуйко Роман", 3},
	} {
		m := newMemory(roster)
		if _, err := New(m).Find(t.Context(), ParseQuery(tt.query, now), Options{}); err != nil {
			t.Fatal(err)
		}
		if m.calls != tt.calls {
			t.Errorf("%q: got %d calls, want %d", tt.query, m.calls, tt.calls)
		}
	}
}

func TestFindRanks(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		people      []string // best first
	}{
		{"more of the name is named", "Вигаданко Олена", []string{"Вигаданко Олена", "Вигаданко Олена Іванівна"}},
		{"the same script", "Вигаданко Олена", []string{"Вигаданко Олена", "Vyhadanko Olena"}},
		{"a name before an initial", "Вигаданко Олена", []string{"Вигаданко Олена", "Вигаданко О."}},
		{"a vowel before a consonant", "Вигаданко Олена", []string{"Вигоданко Олена", "Вигаманко Олена"}},
		{"one part wrong before two", "Вигаданко Олена", []string{"Вигоданко Олена", "Вигоданко Елена"}},
		{"ties by id", "Вигаданко Олена", []string{"Вигаданко Олена", "Вигаданко Олена"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// Ids descend, so that only the score can put them in order.
			var people []rollcall.Person
			for i, n := range slices.Backward(tt.people) {
				people = append(people, rollcall.Person{ID: rollcall.PersonID(len(tt.people) - i), FullName: n})
			}
			got, err := New(newMemory(people)).Find(t.Context(), ParseQuery(tt.query, now), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, h := range got.Hits {
				found = append(found, h.Person.FullName)
			}
			if got.Verdict == Near && len(found) == 1 { // the search ended at the better one
				found = append(found, tt.people[1])
			}
			if diff := cmp.Diff(tt.people, found); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if tt.name == "ties by id" && got.Hits[0].Person.ID != 1 {
				t.Errorf("got id %d first, want 1", got.Hits[0].Person.ID)
			}
		})
	}
}

func TestFindRanksYears(t *testing.T) {
	people := []rollcall.Person{
		{ID: 1, FullName: "Вигаданко Олена"},
		{ID: 2, FullName: "Вигаданко Олена", BirthYear: 1985},
		{ID: 3, FullName: "Вигаданко Олена", BirthYear: 1986},
	}
	got, err := New(newMemory(people)).Find(t.Context(), ParseQuery("Вигаданко Олена 1985", now), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var found []rollcall.PersonID
	for _, h := range got.Hits {
		found = append(found, h.Person.ID)
	}
	if diff := cmp.Diff(ids(2, 1), found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindLimit(t *testing.T) {
	var people []rollcall.Person
	for i := range 30 {
		people = append(people, rollcall.Person{ID: rollcall.PersonID(i + 1), FullName: "Вигаданко Олена"})
	}
	for limit, want := range map[int]int{0: DefaultLimit, 4: 4, 50: 30} {
		got, err := New(newMemory(people)).Find(t.Context(), ParseQuery("Вигаданко Олена", now), Options{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Hits) != want {
			t.Errorf("limit %d: got %d hits, want %d", limit, len(got.Hits), want)
		}
	}
}

// A given name and a patronymic that many bear must not bring up somebody with
// another surname.
func TestFindForgivesNoSurname(t *testing.T) {
	people := []rollcall.Person{{ID: 1, FullName: "Вигаданко Олена Іванівна"}}
	for i := range 10 {
		people = append(people, rollcall.Person{ID: rollcall.PersonID(2 + i), FullName: fmt.Sprintf("Прикладенко%c Олена Іванівна", 'а'+rune(i))})
	}
	got, err := New(newMemory(people)).Find(t.Context(), ParseQuery("Щебетказко Олена Іванівна", now), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != None {
		t.Errorf("got %s with %d hits, want none", got.Verdict, len(got.Hits))
	}
}

func TestFindError(t *testing.T) {
	m := newMemory(roster)
	m.err = errors.New("the disk is on fire")
	_, err := New(m).Find(t.Context(), ParseQuery("Вигаданко Олена", now), Options{})
	if !errors.Is(err, m.err) {
		t.Errorf("got %v, want it to wrap %v", err, m.err)
	}
	if err != nil && strings.Contains(err.Error(), "Вигаданко") {
		t.Error("the error holds the query")
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"Вигаданко Олена", "Жукозраз Жукозраз Яна 1993", "О. О. О. О.", "а-б-в-г Вигаданко", "сын Олег"} {
		f.Add(s)
	}
	m := newMemory(roster)
	f.Fuzz(func(t *testing.T, s string) {
		q := ParseQuery(s, now)
		m.calls = 0
		got, err := New(m).Find(t.Context(), q, Options{})
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if m.calls > mostCalls(s) {
			t.Errorf("%q: %d calls", s, m.calls)
		}
		if (len(got.Hits) > 0) != (got.Verdict == Match || got.Verdict == Near) {
			t.Errorf("%q: %s with %d hits", s, got.Verdict, len(got.Hits))
		}
	})
}

func ExampleHit_Explain() {
	index := newMemory(roster)
	q := ParseQuery("шукаю Vyhodanko Олена І. 1985", now)
	r, err := New(index).Find(context.Background(), q, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range r.Hits {
		fmt.Println(h.Explain())
	}
	// Output:
	// match 0.980: "Vyhodanko" is near "Вигаданко" (distance 0.35); "Олена" is spelled so; "І." and "Іванівна" fit as an initial; the birth year agrees
}

func BenchmarkFind(b *testing.B) {
	surnames := []string{"Вигадан", "Приклад", "Зразков", "Щебетказ", "Гедзьказ", "Вымыслов", "Примеров", "Хвостаказ"}
	middles := []string{"ен", "ов", "ик", "ач", "юк", "ал", "ур", "ем", "ис", "от"}
	givens := []string{"Олена", "Олег", "Сергій", "Марія", "Юрій", "Ганна", "Остап", "Андрій", "Петро", "Яна"}
	var people []rollcall.Person
	for i := range 20_000 {
		name := surnames[i%8] + middles[i/8%10] + middles[i/80%10] + "ко " + givens[i/800%10]
		people = append(people, rollcall.Person{ID: rollcall.PersonID(i + 1), FullName: name, BirthYear: 1950 + i/8000%50})
	}
	s := New(newMemory(people))
	for _, bb := range []struct{ name, query string }{
		{"as listed", "Вигаданенико Олена"},
		{"as listed with year", "Вигаданенико Олена 1951"},
		{"romanised", "Vyhadanenyko Olena"},
		{"vowel wrong", "Вигоданенико Олена"},
		{"consonant wrong", "Вигабаненико Олена"},
		{"absent", "Неіснуйко Богдан"},
		{"initial", "Вигаданенико О."},
		{"repeated", strings.Repeat("Вигаданенико ", 16)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Find(b.Context(), ParseQuery(bb.query, now), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
