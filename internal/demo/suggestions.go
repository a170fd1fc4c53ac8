package demo

import "rollcall/internal/rollcall"

// A Suggestion is something for a newcomer to type.
type Suggestion struct {
	Text  string // what to type
	Shows string // what is to be seen then, in the language asked for
	Kind  Kind
	// IDs are the public ids of the people who are found, or offered where the
	// kind is [Misspelt]; none for [Nobody].
	IDs []string
}

// A Kind says what a [Suggestion] is an example of.
type Kind string

// The kinds; each language has every one.
const (
	Exact     Kind = "exact"     // as it is listed
	Romanised Kind = "romanised" // in Latin letters, listed in Cyrillic
	Loose     Kind = "loose"     // without the hyphen and the apostrophe
	Misspelt  Kind = "misspelt"  // only asked about: "Did you mean"
	Namesakes Kind = "namesakes" // a choice
	Death     Kind = "death"     // a hard statement, announced before it is shown
	Nobody    Kind = "nobody"
)

// Suggestions returns what a newcomer may type, in the order in which it is
// best tried, with words in the given language; English in any other. The first
// one finds [Disputed]. Each language has a name as listed in either script. The
// slice is the caller's own.
func (w World) Suggestions(l rollcall.Language) []Suggestion {
	cyrillic := func(shows string) Suggestion {
		return Suggestion{"Прикладненко Тарас Богданович", shows, Exact, []string{Disputed}}
	}
	latin := func(shows string) Suggestion {
		return Suggestion{"Oliver Examplewright 1984", shows, Exact, []string{Latin}}
	}
	romanised := func(shows string) Suggestion {
		return Suggestion{"Taras Prykladnenko", shows, Romanised, []string{Disputed}}
	}
	switch l {
	case rollcall.Ukrainian:
		return []Suggestion{
			cyrillic("ім'я так, як у списку: три джерела, що не згодні між собою"),
			latin("ім'я, записане латиницею, з роком народження"),
			romanised("та сама людина, латиницею"),
			{"Вигадяненко Казкова Маряна", "без дефіса й апострофа", Loose, []string{Hyphenated}},
			{"Прикланденко Тарас", "описка: бот перепитає", Misspelt, []string{Disputed}},
			{"Зразкова Марія", "двоє з одним ім'ям: можна обрати", Namesakes, []string{ElderNamesake, YoungerNamesake}},
			{"Небиличенко Остап", "тяжка звістка: бот спершу попередить", Death, []string{Hard}},
			{"Немаєтакий Пилип", "нікого: так бот відповідає завжди, коли показати нічого", Nobody, nil},
		}
	case rollcall.Russian:
		return []Suggestion{
			cyrillic("имя так, как в списке: три источника, которые расходятся"),
			latin("имя, записанное латиницей, с годом рождения"),
			romanised("тот же человек, латиницей"),
			{"Вигадяненко Казкова Марьяна", "без дефиса и апострофа, по-русски", Loose, []string{Hyphenated}},
			{"Вымышленинков Федор", "описка: бот переспросит", Misspelt, []string{Russian}},
			{"Зразкова Мария", "двое с одним именем: можно выбрать", Namesakes, []string{ElderNamesake, YoungerNamesake}},
			{"Небыличенко Остап", "тяжёлая весть: бот сначала предупредит", Death, []string{Hard}},
			{"Нетаковский Филипп", "никого: так бот отвечает всегда, когда показать нечего", Nobody, nil},
		}
	}
	return []Suggestion{
		romanised("three sources that disagree, about somebody listed in Cyrillic"),
		latin("a name as it is listed, with the birth year"),
		cyrillic("the first person again, as listed"),
		{"Vyhadianenko Kazkova Mariana", "romanised, without the hyphen and the apostrophe", Loose, []string{Hyphenated}},
		{"Oliver Exampelwright", "a slip of spelling: the bot asks back", Misspelt, []string{Latin}},
		{"John Placeholder", "two people of one name: a choice", Namesakes, []string{ElderLatinNamesake, YoungerLatinNamesake}},
		{"Ostap Nebylychenko", "a hard statement: the bot warns first", Death, []string{Hard}},
		{"Philip Notlisted", "nobody: the answer whenever there is nothing to show", Nobody, nil},
	}
}
