package search

import "strings"

// The words of queries that are no names, in Ukrainian, Russian and English,
// lower-case, with ' for an apostrophe and е for ё. A word that is also a usual
// name of a person belongs in none of these lists.

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// talkWords are dropped wherever they stand.
var talkWords = wordSet(`
	шукаю шукаємо шукає розшукую розшукуємо розшукується знайти знайдіть знайдіться пошук розшук допоможіть підкажіть скажіть
	чи відомо щось про хто знає бачив будь ласка прошу треба хочу дізнатися інформація інформацію даних дані мені нам
	мій моя моє мої мого моєї мою моєму моїй наш наша нашого нашу нашої його її їх
	звати звуть зовуть ім'я імені прізвище прізвища по-батькові піб зник зникла зниклий зниклого зниклу безвісти вісти
	полон полонений полоненого полоні військовополонений військовополоненого військовослужбовець військового
	народився народилася народилась людина людину
	ищу ищем ищет разыскиваю разыскиваем разыскивается найти найдите поиск розыск помогите подскажите скажите
	есть известно что-то кто знает видел пожалуйста прошу нужно надо хочу узнать информация информацию данные мне
	мой мое мои моего моей моему нашей нашу нашего его
	зовут имя имени фамилия фамилии отчество фио пропал пропала пропавший пропавшего пропавшую без вести
	плен пленный пленного плену военнопленный военнопленного
	родился родилась человек человека
	find search looking look for please help locate missing seeking seek about information info the my our his her
	name named called who is am are we want to know person prisoner captive lookup
`)

// kinWords are dropped where talk leads up to them, or where they are in lower
// case beside a name in capitals. Some are surnames as well.
var kinWords = wordSet(`
	син сина сину синок синочок дочка дочку доньку донька брат брата братик сестра сестру сестричка мама маму мати матір тато тата батько батька
	чоловік чоловіка дружина дружину дід діда дідусь бабуся бабусю дядько дядька тітка тітку племінник племінника онук онука кум кума друг друга
	хлопець хлопця родич родича двоюрідний двоюрідного зять зятя
	сын сына сынок дочь дочери дочку мать папа папу отец отца муж мужа жена жену дед деда дедушка бабушка бабушку дядя дядю
	тетя тетю племянник племянника внук внука сестренка парень парня родственник родственника двоюродный двоюродного
	son daughter brother sister mother mom mum father dad husband wife grandfather grandmother uncle aunt nephew niece cousin friend
	relative grandson boyfriend fiance
`)

// smallWords are single letters that are words beside talk, and initials
// elsewhere.
var smallWords = wordSet(`я є і й и у в з с о а i a`)

// months by their names and the abbreviations in use; see wordDate for when
// they count.
var months = wordSet(`
	січень січня січ лютий лютого лют березень березня бер квітень квітня кві квіт травень травня тра трав червень червня чер черв
	липень липня лип серпень серпня сер серп вересень вересня вер верес жовтень жовтня жов жовт листопад листопада лис грудень грудня гру груд
	январь января янв февраль февраля фев февр март марта мар апрель апреля апр май мая июнь июня июн июль июля июл
	август августа авг сентябрь сентября сен сент октябрь октября окт ноябрь ноября ноя нояб декабрь декабря дек
	january jan february feb march mar april apr may june jun july jul august aug september sep sept october oct november nov december dec
`)

// dayEndings follow the number of a day.
var dayEndings = wordSet(`st nd rd th of го е`)

// bornWords come before a year of birth.
var bornWords = wordSet(`
	born birth dob yob year нар народж народився народилася народилась народження рік року род рожд родился родилась рождения год года
`)

// afterYear are words after a year; single letters in lower case only.
var afterYear = wordSet(`
	р рн рік року роки народження нар г гр год года году рождения рожд р.н г.р born birth
`)

// ageWords come after an age in years, ageAdjectives begin words that do, and
// agePrefixes come before one.
var (
	ageWords      = wordSet(`років роки рік року р рр лет год года годик годиков years year yrs yr yo y y.o`)
	ageAdjectives = []string{"річн", "літн", "летн", "year-old", "years-old"}
	agePrefixes   = wordSet(`age aged вік віком віку возраст возрастом возраста`)
)
