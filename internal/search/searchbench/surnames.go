package main

import (
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A surname in the forms of a man and of a woman.
type surname struct {
	stem string // what no surname of the other half has
	in   [forms][2]string
}

// A people is whose names a person bears.
type people uint8

const (
	ukrainian people = iota
	russian
	english
	peoples
)

func (p people) form() form { return form(p) }

// stemHalf deals the stems of surnames into halves.
func stemHalf(stem string) half {
	h := fnv.New32a()
	h.Write([]byte(stem))
	s := h.Sum32()
	return half((s ^ s>>15 ^ s>>7) & 1)
}

// Roots of Ukrainian surnames: trades, beasts, plants, things, baptismal names
// and what somebody was said to be like. Each ends in a consonant.
var rootsUkrainian = strings.Fields(`
вигад приклад зразк бондар гончар кравч ткач кушнір чабан гайд пасічн рибал стельм лимар ковал мельн скляр
баран борсук ведмед вовч воробц голуб горобц жур зайч їжак кабан козл комар кролик курк лебед лелек лисиц
орл перепел півн сиволап синиц сокол сорок тетер чиж чайк щук барвін берез бур'ян буряк верб верес вишн
гарбуз гвозд горіх гречк груш дуб калин капуст квіт кедр клен конопл крив'ян лопух лоз мак малин морозк огірк
пирог петрушк полин пшен реп'ях ріп'ях рож сливк сосн терн тополь цибул часник черемш чорниц ячмен
балакл бандур барабаш бараниц білоус біл'як блакит борщ бочар булав бублик в'юн в'язов галушк ганж гарм
гетьман глушк гнатів головач голодн горб грабл громов ґалаган ґонт ґудз ґрунт дем'ян деркач дзюб довгал дяч
жит забіл заверух зав'ял задорожн залізн замот запорожн засух здоровег зуб іванч ільн кавун казанц калит
карп кисіл кияниц клим кобз ковбас колес коляд корж кост кочерг кошов кривонос криштал крут кулиш куниц
лагод ласкав легк лук'ян любар ляш максимч мар'ян марч мороз москал м'ят назар недобит недолуг нестер носач
окунь олійн омельч онищ остап очерет павленк п'ят'як палам панас паст перебийн переяслав пил'ав письм повх
погребн покотил потап приход прокоп пугач пустовіт радч рев'як різн рогат ромашк рубан руденк рум'ян савч
салогуб самбор сем'ян сидор силант скиб скоробагат слобод смол солов'ян сорочин стеф сухомл тарас тимош
ткачук товст трегуб тучап ушкал федорч ференц хазар харч химч холодн хом хоруж цапк цимбал чап чередн черпак
чорновол чумак шаблий шапк шарап шахрай шевч шелест шинкар шкляр штефан шул щерб юрч юхим явор ягн якимч ярем яц`)

// Roots of Russian surnames.
var rootsRussian = strings.Fields(`
выдум образц пример абрам аверьян агап аксён алфёр анисим арбуз афанас баклан барсук беляк берёз бобр богат
болдыр борон брагин брус булат бурлак бык вавил варлам васил вахруш вдов вереск ветр виноград вишн волк вороб
ворон воскрес вяз гаврил галк гарас глад глаз голов голуб гончар горбун горохов гороховск гребен гриб грозн гус дан
дегтяр демид добр докуч долг дорон дроб дроздов дубров дьяк евстиг елис ерём ермил ерш ефрем жар жданов журав
завьял зайц зверь зерн зим злоб зол зорьк зуб зыр игнать изот ильюш ион кабан казарин калаш калин каравай карас
карп кирьян кисел клещ клим ключ князь кобыл козыр колобк колес комар конюх копыл корабл корн коротк космач
костыл котельн кошел кравц красильн кривош круглик крут крыл кудр кузьм кукушк кулик куприян куроч лаврент
лапт лебед левш лист лихач лобан логин лопат лос лукьян лыс люб макар малаф мамонт маркел масл медвед мель
мерз мещер мин мирон мохн мох муравь мыльн набок наум нежд немир нефёд нечай никан никит новос овёч овчин
оглобл озер окул онуфр орех осётр осин остроум павлин пант парф пастух пахом первуш перш песк пестр печн пирог плот
подъяч поздн поляк попел постн потап прох пряничн пуст пушкар пчёл пятк рагоз рек реп ржан рог родь рож
рудак русак рыб рыж ряб саблин савель самсон сапожн сафрон свир седель селив семён сер сидор сизов синиц скворц
скоробогат слепн смирн снегир соболь сол сомов сорок софрон спирид старик степн стрел сур сухар сыр съезж тарас твёрд
терех тимоф тих токар трав трифон труб тур тюрь уваров улан устин ухват ушак фад федось феоктист фил фом
фрол хват хлебн хлын хмел холод хомяк хорош храм цар цвет цыплят чекан чепур черемис черн чиж чудин шаб шар
шелков шерст шестер шил ширяй шмел шульг шур щавель щегол щерб щук юдин юшк ягод языч яр ярц яхонт`)

// joint is how an ending meets a stem.
type joint uint8

const (
	plain  joint = iota
	soft         // begins with a vowel that softens: an apostrophe after a lip sound, a hard vowel after a hissing one
	skyi         // -ський, which swallows the stem's last sound
	softOv       // -ов that is -ев after a soft, a hissing sound or ц
)

// An ending of a surname in the forms of a man and a woman, Ukrainian and
// Russian, with how usual it is.
type ending struct {
	in     [2][2]string
	joint  joint
	weight int
}

var endingsUkrainian = []ending{
	{[2][2]string{{"енко", "енко"}, {"енко", "енко"}}, plain, 22},
	{[2][2]string{{"ук", "ук"}, {"ук", "ук"}}, plain, 9},
	{[2][2]string{{"юк", "юк"}, {"юк", "юк"}}, soft, 8},
	{[2][2]string{{"чук", "чук"}, {"чук", "чук"}}, plain, 8},
	{[2][2]string{{"ський", "ська"}, {"ский", "ская"}}, skyi, 14},
	{[2][2]string{{"івський", "івська"}, {"овский", "овская"}}, plain, 5},
	{[2][2]string{{"инський", "инська"}, {"инский", "инская"}}, plain, 4},
	{[2][2]string{{"ів", "ів"}, {"ив", "ив"}}, plain, 5},
	{[2][2]string{{"ишин", "ишин"}, {"ишин", "ишина"}}, plain, 4},
	{[2][2]string{{"ко", "ко"}, {"ко", "ко"}}, plain, 7},
	{[2][2]string{{"ий", "а"}, {"ый", "ая"}}, plain, 5},
	{[2][2]string{{"ин", "ина"}, {"ин", "ина"}}, plain, 4},
	{[2][2]string{{"ак", "ак"}, {"ак", "ак"}}, plain, 4},
	{[2][2]string{{"як", "як"}, {"як", "як"}}, soft, 5},
	{[2][2]string{{"ець", "ець"}, {"ец", "ец"}}, plain, 4},
	{[2][2]string{{"ик", "ик"}, {"ик", "ик"}}, plain, 4},
	{[2][2]string{{"ило", "ило"}, {"ило", "ило"}}, plain, 2},
	{[2][2]string{{"ах", "ах"}, {"ах", "ах"}}, plain, 1},
	{[2][2]string{{"уха", "уха"}, {"уха", "уха"}}, plain, 1},
	{[2][2]string{{"ач", "ач"}, {"ач", "ач"}}, plain, 2},
	{[2][2]string{{"ай", "ай"}, {"ай", "ай"}}, plain, 2},
	{[2][2]string{{"ович", "ович"}, {"ович", "ович"}}, plain, 3},
	{[2][2]string{{"ов", "ова"}, {"ов", "ова"}}, plain, 5},
	{[2][2]string{{"ба", "ба"}, {"ба", "ба"}}, plain, 1},
	{[2][2]string{{"еня", "еня"}, {"еня", "еня"}}, plain, 1},
	{[2][2]string{{"", ""}, {"", ""}}, plain, 2},
}

var endingsRussian = []ending{
	{[2][2]string{{"ов", "ова"}, {"ов", "ова"}}, softOv, 38},
	{[2][2]string{{"ін", "іна"}, {"ин", "ина"}}, plain, 18},
	{[2][2]string{{"ський", "ська"}, {"ский", "ская"}}, skyi, 9},
	{[2][2]string{{"кін", "кіна"}, {"кин", "кина"}}, plain, 8},
	{[2][2]string{{"ников", "никова"}, {"ников", "никова"}}, plain, 6},
	{[2][2]string{{"енков", "енкова"}, {"енков", "енкова"}}, plain, 3},
	{[2][2]string{{"іщев", "іщева"}, {"ищев", "ищева"}}, plain, 3},
	{[2][2]string{{"ушкін", "ушкіна"}, {"ушкин", "ушкина"}}, plain, 3},
	{[2][2]string{{"іхін", "іхіна"}, {"ихин", "ихина"}}, plain, 2},
	{[2][2]string{{"цев", "цева"}, {"цев", "цева"}}, plain, 3},
	{[2][2]string{{"анов", "анова"}, {"анов", "анова"}}, plain, 3},
	{[2][2]string{{"ой", "ая"}, {"ой", "ая"}}, plain, 2},
	{[2][2]string{{"их", "их"}, {"ых", "ых"}}, plain, 2},
	{[2][2]string{{"ун", "ун"}, {"ун", "ун"}}, plain, 1},
	{[2][2]string{{"ак", "ак"}, {"ак", "ак"}}, plain, 2},
}

// The blocks of English surnames: Latin, Ukrainian and Russian letters.
var (
	frontsEnglish = blocks(`Ash/Еш/Эш Barn/Барн/Барн Beck/Бек/Бек Bram/Брем/Брэм Brook/Брук/Брук Burn/Берн/Берн Cald/Колд/Колд
		Carl/Карл/Карл Chap/Чеп/Чэп Clay/Клей/Клей Cole/Коул/Коул Crab/Креб/Крэб Cran/Крен/Крэн Dar/Дар/Дар Dun/Дан/Дан East/Іст/Ист
		Elm/Елм/Элм Fair/Фер/Фэр Farn/Фарн/Фарн Fen/Фен/Фен Gold/Голд/Голд Green/Грін/Грин Had/Гед/Хэд Hal/Гел/Хэл Ham/Гем/Хэм
		Hart/Гарт/Харт Haw/Го/Хо Hazel/Гейзел/Хейзел Hill/Гілл/Хилл Hol/Гол/Хол Holt/Голт/Холт Hunt/Гант/Хант Kings/Кінгс/Кингс
		Lang/Ленг/Лэнг Led/Лед/Лед Lin/Лін/Лин Long/Лонг/Лонг Mar/Мар/Мар May/Мей/Мэй Mill/Мілл/Милл Moor/Мур/Мур New/Нью/Нью
		North/Норт/Норт Oak/Оук/Оук Old/Олд/Олд Pem/Пем/Пем Pick/Пік/Пик Pren/Прен/Прен Quin/Квін/Куин Rad/Ред/Рэд Rain/Рейн/Рейн
		Red/Ред/Ред Rock/Рок/Рок Row/Роу/Роу Sand/Сенд/Сэнд Shel/Шел/Шел Sher/Шер/Шер Silver/Сілвер/Силвер Smith/Сміт/Смит
		South/Саут/Саут Stan/Стен/Стэн Stock/Сток/Сток Stone/Стоун/Стоун Strat/Стрет/Стрэт Sum/Сам/Сам Swan/Свон/Суон
		Thorn/Торн/Торн Tren/Трен/Трен Under/Андер/Андер Wake/Вейк/Уэйк Wal/Вол/Уол War/Вор/Уор Wat/Вот/Уот Way/Вей/Уэй
		Wel/Вел/Уэл West/Вест/Уэст Whit/Віт/Уит Wil/Віл/Уил Win/Він/Уин Wood/Вуд/Вуд Wyn/Він/Уин York/Йорк/Йорк Young/Янг/Янг`)
	middlesEnglish = blocks(`// er/ер/ер ing/інг/инг en/ен/ен el/ел/ел le/л/л`)
	endsEnglish    = blocks(`ford/форд/форд ton/тон/тон well/велл/уэлл man/мен/мен worth/ворт/уорт by/бі/би ley/лі/ли wood/вуд/вуд
		field/філд/филд brook/брук/брук ham/гем/хэм stead/стед/стед son/сон/сон house/гаус/хаус bridge/брідж/бридж land/ленд/лэнд
		more/мор/мор gate/гейт/гейт hurst/герст/херст combe/ком/ком bury/бері/бери croft/крофт/крофт thorpe/торп/торп wick/вік/уик
		bourne/борн/борн smith/сміт/смит er/ер/ер s/с/с shaw/шо/шо lock/лок/лок den/ден/ден port/порт/порт kirk/керк/керк
		dale/дейл/дейл stone/стоун/стоун ridge/рідж/ридж mead/мід/мид away/евей/эвей low/лоу/лоу hill/гілл/хилл`)
	prefixesEnglish = blocks(`Mac/Мак/Мак O'/О'/О' Fitz/Фіц/Фиц Van/Ван/Ван`)
)

// A block is a piece of an English surname in Latin, Ukrainian and Russian
// letters.
type block [3]string

func blocks(text string) (list []block) {
	for _, b := range strings.Fields(text) {
		list = append(list, block(strings.SplitN(b, "/", 3)))
	}
	return list
}

// The syllables of the long tail.
var (
	onsetsUkrainian = strings.Fields("б бл бр в вл г гл гр д др дж ж з зв зд зл к кв кл кр л м мл н п пл пр р с ск сл см сп ст т тв тр х хв хл ц ч ш шк шл щ ґ")
	nucleiUkrainian = strings.Fields("а а а е е и и о о о у у я ю і і ї є")
	codasUkrainian  = strings.Fields("б в г д ж з к к л л м н н п р р с т т х ц ч ш нч рч лк ст шк ль рд нт")
	onsetsRussian   = strings.Fields("б бл бр в вл г гл гр д др ж з зв зл к кв кл кр л м мл н п пл пр р с ск сл см сп ст т тв тр х хв хл ц ч ш щ")
	nucleiRussian   = strings.Fields("а а а е е и и о о о у у ы ы я ю ё")
	codasRussian    = strings.Fields("б в г д ж з к к л л м н н п р р с т т х ц ч ш нч рч лк ст шк рд нт")
)

// tailStem makes a stem of two syllables, now and then of three.
func tailStem(r *rng, p people) string {
	onsets, nuclei, codas := onsetsUkrainian, nucleiUkrainian, codasUkrainian
	if p == russian {
		onsets, nuclei, codas = onsetsRussian, nucleiRussian, codasRussian
	}
	var b strings.Builder
	for range 2 + index(r.oneIn(4)) {
		onset := pick(r, onsets)
		nucleus := pick(r, nuclei)
		last, _ := utf8.DecodeLastRuneInString(onset)
		switch {
		case b.Len() > 0 && r.oneIn(40) && p == ukrainian:
			// Now and then a syllable with an apostrophe.
			onset, nucleus = pick(r, []string{"б", "п", "в", "м", "р"})+"'", pick(r, []string{"я", "ю", "є"})
		case (nucleus == "ї" || nucleus == "є") && p == ukrainian:
			nucleus = "і"
		case strings.ContainsRune("гкхжчшщцґ", last):
			nucleus = strings.NewReplacer("я", "а", "ю", "у", "ы", "и", "ё", "о").Replace(nucleus)
		case strings.ContainsRune("бпвмф", last) && p == ukrainian:
			nucleus = strings.NewReplacer("я", "а", "ю", "у").Replace(nucleus)
		}
		b.WriteString(onset + nucleus)
	}
	b.WriteString(pick(r, codas))
	return b.String()
}

// newSurname makes one of the half's surnames. Those of roots come the likelier
// the fewer there are already, so that they are the usual ones.
func newSurname(r *rng, h half, p people, made int) surname {
	if p == english {
		return newEnglish(r, h)
	}
	roots, endings := rootsUkrainian, endingsUkrainian
	if p == russian {
		roots, endings = rootsRussian, endingsRussian
	}
	for {
		stem := ""
		switch n := r.below(3000 + made); {
		case n < 2500:
			stem = pick(r, roots)
		case n < 3000:
			stem = pick(r, []string{"біло", "криво", "чорно", "пере", "за", "не"}) + pick(r, roots)
			if p == russian {
				stem = strings.NewReplacer("біло", "бело", "чорно", "черно").Replace(stem)
			}
		default:
			stem = tailStem(r, p)
		}
		if stemHalf(stem) != h {
			continue
		}
		return build(stem, endings[weighted(r, endings)], p)
	}
}

func weighted(r *rng, list []ending) int {
	total := 0
	for _, e := range list {
		total += e.weight
	}
	n := r.below(total)
	for i, e := range list {
		if n -= e.weight; n < 0 {
			return i
		}
	}
	panic("the weights have changed")
}

// build joins stem and ending, in Ukrainian and in Russian letters and
// romanised.
func build(stem string, e ending, p people) surname {
	s := surname{stem: stem}
	stems := [2]string{stem, ukrainianToRussian(stem)}
	if p == russian {
		stems = [2]string{russianToUkrainian(stem), stem}
	}
	for f := range stems {
		for sex := range 2 {
			s.in[f][sex] = title(join(stems[f], e.in[f][sex], e.joint, form(f)))
		}
	}
	return s
}

const (
	hissing = "жчшщ"
	lips    = "бпвмфр"
)

func join(stem, end string, j joint, f form) string {
	last, n := utf8.DecodeLastRuneInString(stem)
	bare := stem[:len(stem)-n]
	if last == 'ь' && j == soft {
		stem = bare
	}
	switch j {
	case soft:
		switch {
		case strings.ContainsRune(hissing+"гкх", last):
			end = strings.NewReplacer("ю", "у", "я", "а").Replace(end)
		case strings.ContainsRune(lips, last) && f == inUkrainian:
			end = "'" + end
		case strings.ContainsRune(lips, last):
			end = "ь" + end
		}
	case skyi:
		if last == 'л' || last == 'ь' {
			return strings.TrimSuffix(stem, "ь") + "ь" + end
		}
		if f == inRussian {
			if strings.ContainsRune("кчц", last) {
				return bare + "ц" + strings.TrimPrefix(end, "с")
			}
			return stem + end
		}
		switch {
		case strings.ContainsRune("гжз", last):
			return bare + "з" + strings.TrimPrefix(end, "с")
		case strings.ContainsRune("кчц", last):
			return bare + "ц" + strings.TrimPrefix(end, "с")
		case strings.ContainsRune("хшс", last):
			return bare + end
		}
	case softOv:
		if strings.ContainsRune(hissing+"ць", last) {
			e := "е"
			if f == inUkrainian && last == 'ь' {
				e = "є"
			}
			end = e + strings.TrimPrefix(end, "о")
		}
	}
	if last == 'ь' && j == plain && end != "" && isVowel([]rune(end)[0]) {
		stem = bare
	}
	return stem + end
}

func newEnglish(r *rng, h half) surname {
	front := pick(r, frontsEnglish)
	for stemHalf(front[0]) != h {
		front = pick(r, frontsEnglish)
	}
	parts := []block{front, pick(r, middlesEnglish), pick(r, endsEnglish)}
	if r.oneIn(2) {
		parts[1] = block{}
	}
	if r.oneIn(12) {
		parts = append([]block{pick(r, prefixesEnglish)}, parts...)
	}
	s := surname{stem: front[0]}
	for sex := range 2 {
		for f, column := range map[form]int{inLatin: 0, inUkrainian: 1, inRussian: 2} {
			text := ""
			for i, b := range parts {
				piece := b[column]
				if i > 0 && len(parts) == 3 {
					piece = strings.ToLower(piece)
				}
				text += piece
			}
			s.in[f][sex] = text
		}
	}
	return s
}

// ukrainianToRussian writes the stem of a surname as Russian documents of
// Ukraine's people do: letter for letter, и as ы.
func ukrainianToRussian(stem string) string {
	runes := []rune(stem)
	var b strings.Builder
	for i, c := range runes {
		prev := rune(0)
		if i > 0 {
			prev = runes[i-1]
		}
		switch c {
		case 'и':
			if i == 0 || strings.ContainsRune("гкхжчшщ", prev) {
				b.WriteRune('и')
			} else {
				b.WriteRune('ы')
			}
		case 'і', 'ї':
			if prev == '\'' {
				b.WriteRune('ь')
			}
			b.WriteRune('и')
		case 'є':
			if prev == '\'' {
				b.WriteRune('ь')
			}
			b.WriteRune('е')
		case 'ю', 'я':
			if prev == '\'' {
				b.WriteRune('ь')
			}
			b.WriteRune(c)
		case 'ґ':
			b.WriteRune('г')
		case '\'':
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// russianToUkrainian writes the stem of a surname by the rules of the Ukrainian
// orthography of 2019 for Russian names (section 144): ы as и, и as і but after a
// hissing sound, ё as йо or ьо, the hard sign as an apostrophe.
func russianToUkrainian(stem string) string {
	runes := []rune(stem)
	var b strings.Builder
	for i, c := range runes {
		prev := rune(0)
		if i > 0 {
			prev = runes[i-1]
		}
		open := i == 0 || isVowel(prev) || prev == 'ь' || prev == 'ъ'
		switch c {
		case 'ы':
			b.WriteRune('и')
		case 'и':
			if strings.ContainsRune(hissing+"ц", prev) {
				b.WriteRune('и')
			} else {
				b.WriteRune('і')
			}
		case 'э':
			b.WriteRune('е')
		case 'е':
			if open {
				b.WriteRune('є')
			} else {
				b.WriteRune('е')
			}
		case 'ё':
			switch {
			case strings.ContainsRune(hissing, prev):
				b.WriteRune('о')
			case open:
				b.WriteString("йо")
			default:
				b.WriteString("ьо")
			}
		case 'ъ':
			b.WriteRune('\'')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func isVowel(r rune) bool {
	return strings.ContainsRune("аеиіоуєїюяыэёaeiouy", unicode.ToLower(r))
}

// title makes the first letter a capital one, in each half of a double name.
func title(s string) string {
	var b strings.Builder
	up := true
	for _, c := range s {
		if up {
			c = unicode.ToUpper(c)
		}
		up = c == '-'
		b.WriteRune(c)
	}
	return b.String()
}
