package sample

import (
	"strings"

	"rollcall/internal/rollcall"
)

// A tongue is what names of one language are made of. Indexes [0] are male,
// [1] female.
type tongue struct {
	stems         []string // end in a consonant
	prefixes      []string // first halves of double surnames
	joint         string   // between two stems
	middles       []string // syllables that make a stem longer; end in a consonant
	endings       [][2]string
	given         [2][]string
	patronymic    [2][]string
	romanisations []func(string) string
	notes         []string
}

// A source is an invented register; its address lies in a domain that is
// reserved for examples (RFC 2606).
type source struct{ name, url string }

var sources = []source{
	{"Example Register North", "https://example.org/north/"},
	{"Зразковий реєстр", "https://example.org/zrazok/"},
	{"Пример-бюро розыска", "https://example.org/primer/"},
	{"Sample Tracing Desk", "https://example.org/desk/"},
	{"Вигадана служба пошуку", "https://example.org/vyhadka/"},
	{"Образцовый список", "https://example.org/obrazets/"},
	{"Example Register South", "https://example.org/south/"},
	{"Приклад-довідка", "https://example.org/dovidka/"},
	{"Вымышленный архив", "https://example.org/vymysel/"},
	{"Placeholder Families' Circle", "https://example.org/circle/"},
	{"Умовне бюро «Взірець»", "https://example.org/vzirets/"},
}

var tongues = map[rollcall.Language]*tongue{
	rollcall.Ukrainian: {
		stems: strings.Fields(`Вигад Зраз Приклад Казк Химер Уяв Небил Взірц Байкослов Умовн Вдаван Удаван Шаблон Макет Ескіз
			Чернетк Замальовк Небувал Вимисл Міфн Леґенд Фантаз Ґаджет Ґудзик Дзиґар Їжакоказк Єдинор Зв'язк Пам'ятк
			П'єсн М'ятоказк Прип'ят Об'явл Віддзеркал Оповіданн Роззирк Уявленн Мальовидл Дзеркальц Казкальн Мріян Маривн Примір
			Проб Спроб Загадк Небокраїн Вигадокраїн Іграшк Ілюз`),
		prefixes: []string{"В'юн", "Їжак", "Ґава", "М'яч", "Дзиґа"},
		joint:    "о",
		middles: strings.Fields(`ал ан ар ат ач ел ен ер ид ил ин ир іл ін ір іш об ов ок ол он ор от уд ул ун ур ут ядл янк
			єльн ьон`),
		endings: [][2]string{{"енко", "енко"}, {"енко", "енко"}, {"івський", "івська"}, {"овський", "овська"}, {"чук", "чук"},
			{"ук", "ук"}, {"ець", "ець"}, {"ів", "ів"}, {"ишин", "ишин"}, {"ин", "ина"}, {"ко", "ко"}},
		given: [2][]string{
			strings.Fields(`Іван Петро Олександр Микола Андрій Сергій Юрій Василь Михайло Дмитро Олег Ігор Тарас Богдан Ярослав
				Володимир Віталій Євген Роман Степан Григорій Максим Остап Назар Матвій Ілля Геннадій Анатолій Павло Лук'ян`),
			strings.Fields(`Ганна Олена Марія Оксана Наталія Тетяна Ірина Людмила Світлана Юлія Катерина Надія Любов Віра Галина
				Лариса Дар'я Софія Мар'яна Соломія Леся Зоряна Євгенія Ольга Валентина Інна Алла Жанна Ніна Уляна`),
		},
		patronymic: [2][]string{
			strings.Fields(`Іванович Петрович Олександрович Миколайович Андрійович Сергійович Юрійович Васильович Михайлович
				Дмитрович Олегович Ігорович Тарасович Богданович Ярославович Володимирович Віталійович Євгенович Романович
				Степанович Григорович Максимович Остапович Матвійович Ілліч Геннадійович Анатолійович Павлович Лук'янович Якович`),
			strings.Fields(`Іванівна Петрівна Олександрівна Миколаївна Андріївна Сергіївна Юріївна Василівна Михайлівна
				Дмитрівна Олегівна Ігорівна Тарасівна Богданівна Ярославівна Володимирівна Віталіївна Євгенівна Романівна
				Степанівна Григорівна Максимівна Остапівна Матвіївна Іллівна Геннадіївна Анатоліївна Павлівна Лук'янівна Яківна`),
		},
		romanisations: []func(string) string{ukrainianNational, ukrainianScholarly, ukrainianALALC},
		notes:         []string{"Вигаданий запис, лише для прикладу.", "Написання уточнити; приклад примітки.", "Приклад: «родина просить перевірити рік»."},
	},
	rollcall.Russian: {
		stems: strings.Fields(`Вымысл Пример Образцовник Небыл Сказк Выдумк Шаблон Макет Эскиз Небывал Баснеслов Притч Фантаз Понарошк Условн
			Мнимовск Черновик Зарисовк Иллюз Аллегор Отраженн Подделк Рассказн Веществен Объявл Подъёмн Съёмк Самолётн
			Зелёносказк Ёлкосказк Побасёнк Звёздносказк Мечтан Мерещ Чудес Щекотк Юморин Яблокосказк Жужжалк Цветосказк Хитросказк Эталон Нарочн Загадк`),
		prefixes: []string{"Ёж", "Вьюн", "Юла"},
		joint:    "о",
		middles:  strings.Fields(`ал ан ар ат ач ел ен ер ид ил ин ир ит об ов ок ол он ор от уд ул ун ур ут ядл янк ьян ёл ыш`),
		endings: [][2]string{{"ов", "ова"}, {"ов", "ова"}, {"ёв", "ёва"}, {"ев", "ева"}, {"ин", "ина"}, {"ский", "ская"}, {"овский", "овская"},
			{"ых", "ых"}, {"енко", "енко"}, {"овец", "овец"}},
		given: [2][]string{
			strings.Fields(`Иван Пётр Александр Николай Андрей Сергей Юрий Василий Михаил Дмитрий Олег Игорь Алексей Артём Фёдор
				Владимир Виталий Евгений Роман Степан Григорий Максим Кирилл Семён Матвей Илья Геннадий Анатолий Павел Лукьян`),
			strings.Fields(`Анна Елена Мария Оксана Наталья Татьяна Ирина Людмила Светлана Юлия Екатерина Надежда Любовь Вера Галина
				Лариса Дарья София Алёна Полина Ксения Зоя Евгения Ольга Валентина Инна Алла Жанна Нина Фёкла`),
		},
		patronymic: [2][]string{
			strings.Fields(`Иванович Петрович Александрович Николаевич Андреевич Сергеевич Юрьевич Васильевич Михайлович Дмитриевич
				Олегович Игоревич Алексеевич Артёмович Фёдорович Владимирович Витальевич Евгеньевич Романович Степанович
				Григорьевич Максимович Кириллович Семёнович Матвеевич Ильич Геннадьевич Анатольевич Павлович Лукьянович`),
			strings.Fields(`Ивановна Петровна Александровна Николаевна Андреевна Сергеевна Юрьевна Васильевна Михайловна Дмитриевна
				Олеговна Игоревна Алексеевна Артёмовна Фёдоровна Владимировна Витальевна Евгеньевна Романовна Степановна
				Григорьевна Максимовна Кирилловна Семёновна Матвеевна Ильинична Геннадьевна Анатольевна Павловна Лукьяновна`),
		},
		romanisations: []func(string) string{russianPassport, russianScholarly, russianBGN},
		notes:         []string{"Вымышленная запись, только для примера.", "Уточнить написание; пример заметки.", "Пример: «в списке две записи, сверить год»."},
	},
	rollcall.English: {
		stems: strings.Fields(`Sample Example Fable Placehold Mockup Dummy Fict Fancy Pretend Whims Invent Imagin Template Specimen
			Storybook Makebeliev Fabric Nonesuch Neverwas Exemplar Draft Sketch Talltal Allegor Illusion Parabl
			Fairytal Legendr`),
		joint:   "o",
		middles: strings.Fields(`al an ar el en er ic il in ir ol on or ul um un ur ett ill owl ash`),
		endings: [][2]string{{"son", "son"}, {"ley", "ley"}, {"worth", "worth"}, {"ton", "ton"}, {"field", "field"}, {"by", "by"}, {"ham", "ham"}, {"ridge", "ridge"}},
		given: [2][]string{
			strings.Fields(`John Peter Alexander Nicholas Andrew George William Michael Daniel Oliver Thomas Robert James Matthew Luke
				Philip Stephen Gregory Simon Paul Zoë-Lee Seán René Christopher`),
			strings.Fields(`Anna Helen Mary Natalie Irene Julia Catherine Nadia Vera Laura Sophie Olga Alice Emily Charlotte Zoë
				Chloé Hannah Victoria Grace Eva Susan Margaret Siân`),
		},
		notes: []string{"Invented entry, for example only.", "Check the spelling; a sample note.", "Sample: \"two entries, compare the year\""},
	},
}

// lowered maps each stem to its form inside a word.
var lowered = func() map[string]string {
	m := make(map[string]string)
	for _, t := range tongues {
		for _, s := range t.stems {
			m[s] = strings.ToLower(s)
		}
	}
	return m
}()
