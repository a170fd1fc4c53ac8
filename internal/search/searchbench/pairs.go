package main

import "strings"

// A pair is a word as a roster lists it and as somebody asks for it, each as a
// published standard writes it. The words are places, given names and ordinary
// words, most of them the standards' own examples of letters; none is a person.
type pair struct {
	source        string // the standard or habit that gives the query's spelling
	listed, asked string
}

// pairs is written down by hand. A line: the source, a colon, and the pairs,
// each with "=".
var pairs = mustPairs(`
KMU 2010: Алушта=Alushta Борщагівка=Borshchahivka Вишгород=Vyshhorod Гадяч=Hadiach Згорани=Zghorany Ґалаґан=Galagan Дон=Don Рівне=Rivne
KMU 2010: Єнакієве=Yenakiieve Короп'є=Koropie Житомир=Zhytomyr Закарпаття=Zakarpattia Медвин=Medvyn Іршава=Irshava Їжакевич=Yizhakevych
KMU 2010: Кадиївка=Kadyivka Мар'їне=Marine Йосипівка=Yosypivka Стрий=Stryi Київ=Kyiv Лебедин=Lebedyn Миколаїв=Mykolaiv Ніжин=Nizhyn
KMU 2010: Полтава=Poltava Ромни=Romny Суми=Sumy Тетерів=Teteriv Ужгород=Uzhhorod Фастів=Fastiv Харків=Kharkiv Чернівці=Chernivtsi
KMU 2010: Шостка=Shostka Гоща=Hoshcha Русь=Rus Крюківка=Kriukivka Яготин=Yahotyn Ічня=Ichnia Знам'янка=Znamianka Розгон=Rozghon
KMU 2010: Біла-Церква=Bila-Tserkva Щербухи=Shcherbukhy Костянтин=Kostiantyn
Passport 2007: Гадяч=Gadiach Згорани=Zgorany Знам'янка=Znamianka Їжакевич=Izhakevych Єнакієве=Ienakiieve Яготин=Iagotyn Юрківка=Iurkivka Йосипівка=Iosypivka
Passport 1994: Шумилів=Choumyliv Чернівці=Tchernivtsi Щорс=Chtchors Жмеринка=Jmerynka Юрківка=Iourkivka Гнатівка=Gnativka Рубанівка=Roubanivka
ICAO 9303: Щигры=Shchigry Ельня=Elnia Подъячево=Podieiachevo Юхнов=Iukhnov Ямполь=Iampol Цимла=Tsimla Хвалынск=Khvalynsk Электросталь=Elektrostal
ICAO 9303: Королёв=Korolev Жуковка=Zhukovka Чухлома=Chukhloma Шадринск=Shadrinsk Майкоп=Maikop Бийск=Biisk
Order 310 of 1997: Юхнов=Yukhnov Ямполь=Yampol Майкоп=Maykop Алексинск=Alexinsk Зырянка=Zyryanka Устьевск=Ustyevsk
GOST R 52535.1: Цимла=Tcimla Цветково=Tcvetkovo Юрьевец=Iurevetc Донецк=Donetck
BGN/PCGN ru: Ельня=Yel’nya Щигры=Shchigry Подъездной=Pod”yezdnoy Королёв=Korolëv Елец=Yelets Юрьевец=Yur’yevets Тюмень=Tyumen’ Хвалынск=Khvalynsk Электросталь=Elektrostal’
BGN/PCGN ru: Подольск=Podol’sk Кызыл=Kyzyl Раевка=Rayevka
BGN/PCGN uk: Гадяч=Hadyach Їжакевич=Yizhakevych Єнакієве=Yenakiyeve Юрківка=Yurkivka Знам'янка=Znam”yanka Львівка=L’vivka Згорани=Z·horany Стрий=Stryy Кадиївка=Kadyyivka
ISO 9: Щигры=Ŝigry Юхнов=Ûhnov Ямполь=Âmpolʹ Жуковка=Žukovka Чухлома=Čuhloma Цимла=Cimla Электросталь=Èlektrostalʹ Харків=Harkìv Їжакевич=Ïžakevič Єнакієве=Ênakìêve
ISO 9: Подъячево=Podʺâčevo Королёв=Korolëv
Scholarly: Щигры=Ščigry Юхнов=Juxnov Ямполь=Jampol′ Жуковка=Žukovka Чухлома=Čuxloma Харків=Xarkiv Їжакевич=Jižakevyč Єнакієве=Jenakijeve Хвалынск=Chvalynsk
ISO/R 9:1968: Хвалынск=Hvalynsk Харків=Charkiv Щигры=Ščigry Гадяч=Hadjač
GOST 7.79 B: Щигры=Shhigry Цимла=Cimla Королёв=Korolyov Ельня=El'nya Электросталь=E'lektrostal' Кызыл=Ky'zy'l Подъячево=Pod''yachevo Юхнов=Yuxnov
ALA-LC: Щигры=Shchigry Юхнов=I͡Ukhnov Ямполь=I͡Ampolʹ Цимла=T͡Simla Майкоп=Maĭkop Кадиївка=Kadyïvka Єнакієве=I͡Enakii͡eve
DSTU 9112: Гадяч=Ghadjach Щербухи=Shherbukhy Їжакевич=Jizhakevych Ґалаґан=Galagan Юрківка=Jurkivka
Informal: Щигры=Schigry Юхнов=Juhnov Чухлома=Chuhloma Харків=Harkiv Жуковка=Jukovka Хвалынск=Hvalinsk Гадяч=Gadyach Щербухи=Scherbuhi Яготин=Yagotin Житомир=Zhitomir
Informal: Вовчанськ=Vovchansk Шостка=6ostka Чухлома=4uhloma Тетерів=Teteriw Ужгород=Uzhgorod Стрий=Striy
Polish: Харків=Charków Чернівці=Czerniowce Житомир=Żytomierz Вінниця=Winnica Щербухи=Szczerbuchy Луцьк=Łuck Львів=Lwów Шостка=Szostka Жуковка=Żukowka Хвалынск=Chwałyńsk
German: Харків=Charkiw Чернівці=Tscherniwzi Житомир=Schytomyr Щербухи=Schtscherbuchy Юрківка=Jurkiwka Вінниця=Winnyzja Щигры=Schtschigry Жуковка=Schukowka Чухлома=Tschuchloma
French: Чернівці=Tchernivtsi Житомир=Jytomyr Щербухи=Chtcherboukhy Юрківка=Iourkivka Жуковка=Joukovka Чухлома=Tchoukhloma Пушкарь=Pouchkar Щигры=Chtchigry
Ukrainian-Russian: Харків=Харьков Миколаїв=Николаев Львів=Львов Чернігів=Чернигов Луцьк=Луцк Вишгород=Вышгород Королёв=Корольов Ельня=Єльня Щигры=Щигри Юрьевец=Юр'євець Подъячево=Під'ячево
Ukrainian-Russian: Знам'янка=Знаменка Кадиївка=Кадиевка Лебедин=Лебедин Медвин=Медвин Хвалынск=Хвалинськ
given KMU 2010: Євген=Yevhen Сергій=Serhii Юрій=Yurii Олексій=Oleksii Ганна=Hanna Наталія=Nataliia Юлія=Yuliia Зінаїда=Zinaida Ілля=Illia Йосип=Yosyp В'ячеслав=Viacheslav Ярослав=Yaroslav Любов=Liubov
given other: Євген=Evgeny Сергій=Sergey Юрій=Yuri Олексій=Alexey Ганна=Anna Наталія=Natalya Юлія=Julia Ілля=Ilya Йосип=Joseph В'ячеслав=Vyacheslav Григорій=Grigory Дмитро=Dmitri Микола=Nikolay Андрій=Andrey
given passports: Сергій=Serguii Геннадій=Guennadii Юрій=Iurii Наталья=Nataliia Дмитрий=Dmitrii Евгений=Evgenii Игорь=Igor Семён=Semen Фёдор=Fedor Артём=Artem Илья=Ilia Ксения=Kseniia
given uk-ru: Микола=Николай Олена=Елена Дмитро=Дмитрий Ганна=Анна Пилип=Филипп Йосип=Иосиф Юхим=Ефим Марко=Марк Катерина=Екатерина Оксана=Ксения Надія=Надежда Світлана=Светлана Охрім=Ефрем Лаврін=Лаврентий
`)

func mustPairs(text string) (list []pair) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		source, words, ok := strings.Cut(line, ": ")
		if !ok {
			panic("pairs.go: a line has no source")
		}
		for _, w := range strings.Fields(words) {
			listed, asked, ok := strings.Cut(w, "=")
			if !ok {
				panic("pairs.go: no pair: " + w)
			}
			if listed != asked {
				list = append(list, pair{source, listed, asked})
			}
		}
	}
	return list
}

// half deals the pairs by what is listed, so that no word is in both halves; a
// given name goes where the list of given names has it.
func (p pair) half() half {
	for _, g := range givens {
		if p.listed == g.in[inUkrainian] || p.listed == g.in[inRussian] {
			return g.half
		}
	}
	return stemHalf(p.listed)
}

// addPairs adds a person to the roster for every word of its half's pairs, and
// returns the queries for them. Each word is completed to a full name by an
// invented surname or a given name of the half, in the letters of the word.
func (ro *roster) addPairs() (list []query) {
	r := newRNG(1, "pairs")
	men := newDrawer(ro.half).lists[0][0]
	known := map[string]int{}        // the person of a listed name
	completed := map[string]string{} // the other part of a word's name
	for _, p := range pairs {
		if p.half() != ro.half {
			continue
		}
		given := strings.HasPrefix(p.source, "given ")
		other, ok := completed[p.listed]
		if !ok && given {
			other = unisexSurname(r, ro.half)
		} else if !ok {
			other = men[len(completed)%min(20, len(men))].in[inUkrainian]
		}
		completed[p.listed] = other
		listed, asked := p.listed+" "+other, p.asked+" "+other
		if keyboard(p.asked)[0] == keysLatin[0] {
			asked = p.asked + " " + kmu2010.write(other)
		}
		if given {
			listed, asked = swapWords(listed), swapWords(asked)
		}
		want, ok := known[listed]
		if !ok {
			want = len(ro.people)
			known[listed] = want
			ro.people = append(ro.people, person{fixed: listed, second: -1})
		}
		list = append(list, query{Class: "pairs", Kind: p.source, Text: asked, Want: want})
	}
	return list
}

// unisexSurname is one that men and women bear alike, without an apostrophe.
func unisexSurname(r *rng, h half) string {
	for {
		s := newSurname(r, h, ukrainian, 0).in[inUkrainian]
		if s[0] == s[1] && !strings.Contains(s[0], "'") {
			return s[0]
		}
	}
}

func swapWords(text string) string {
	a, b, _ := strings.Cut(text, " ")
	return b + " " + a
}
