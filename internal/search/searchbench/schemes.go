package main

import (
	"strings"
	"unicode/utf8"
)

// A scheme is a way of writing Cyrillic letters in Latin ones, or in those of a
// neighbour. It knows lower-case letters only; write makes the capital.
type scheme struct {
	name    string
	from    form
	letters map[string]string // of one letter or of several, the longest first
	first   map[string]string // at the beginning of a word
	open    map[string]string // at the beginning, and after a vowel, a sign or an apostrophe
	ends    []string          // endings of words and what they are, in turn
	longest int               // letters of the longest key
}

// newScheme reads the table: keys and values in turn, parted by spaces, with "-"
// for a letter that is left out. base gives what the table does not.
func newScheme(name string, from form, base *scheme, letters, first, open, ends string) *scheme {
	s := &scheme{name: name, from: from, letters: map[string]string{}, first: map[string]string{}, open: map[string]string{}}
	if base != nil {
		for to, table := range map[*map[string]string]map[string]string{&s.letters: base.letters, &s.first: base.first, &s.open: base.open} {
			for k, v := range table {
				(*to)[k] = v
			}
		}
		s.ends = base.ends
	}
	fill := func(m map[string]string, table string) {
		words := strings.Fields(table)
		for i := 0; i < len(words); i += 2 {
			m[words[i]] = strings.TrimPrefix(words[i+1], "-")
		}
	}
	fill(s.letters, letters)
	fill(s.first, first)
	fill(s.open, open)
	if ends != "" {
		s.ends = strings.Fields(ends)
	}
	for k := range s.letters {
		s.longest = max(s.longest, utf8.RuneCountInString(k))
	}
	return s
}

// write writes a name part in the scheme, each half of a double one for itself.
func (s *scheme) write(text string) string {
	halves := strings.Split(text, "-")
	for i, h := range halves {
		halves[i] = title(s.word(strings.ToLower(h)))
	}
	return strings.Join(halves, "-")
}

func (s *scheme) word(word string) string {
	tail := ""
	for i := 0; i+1 < len(s.ends); i += 2 {
		if bare, ok := strings.CutSuffix(word, s.ends[i]); ok && bare != "" {
			word, tail = bare, s.ends[i+1]
			break
		}
	}
	runes := []rune(word)
	var b strings.Builder
	for i := 0; i < len(runes); {
		if i == 0 || isVowel(runes[i-1]) || strings.ContainsRune("ьъ'", runes[i-1]) {
			if v, ok := s.first[string(runes[i])]; ok && i == 0 {
				b.WriteString(v)
				i++
				continue
			}
			if v, ok := s.open[string(runes[i])]; ok {
				b.WriteString(v)
				i++
				continue
			}
		}
		took := 0
		for n := min(s.longest, len(runes)-i); n > 0 && took == 0; n-- {
			if v, ok := s.letters[string(runes[i:i+n])]; ok {
				b.WriteString(v)
				took = n
			}
		}
		if took == 0 {
			b.WriteRune(runes[i])
			took = 1
		}
		i += took
	}
	return b.String() + tail
}

// What most tables have in common.
const common = "а a б b в v г g д d е e ж zh з z к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch "

// Ukrainian.
var (
	// Resolution 55 of the Cabinet of Ministers of Ukraine of 2010-01-27.
	kmu2010 = newScheme("KMU 2010", inUkrainian, nil, common+"г h ґ g є ie и y і i ї i й i ь - ' - ю iu я ia зг zgh", "є ye ї yi й y ю yu я ya", "", "")
	// The passports by resolution 858 of 2007: no difference of г and ґ, none of ї, й and і.
	passport2007 = newScheme("passport of 2007", inUkrainian, kmu2010, "г g зг zg", "є ie ї i й i ю iu я ia", "", "")
	// The passports of 2004: as English readers expect.
	passport2004 = newScheme("passport of 2004", inUkrainian, kmu2010, "зг zh й y ї i", "є ie ї i ю iu я ia", "", "")
	// The passports of the nineties, after French habit: Iouri, Choumylo.
	passport1994 = newScheme("passport of 1994", inUkrainian, kmu2010, "г g ге gue ги guy гі gui гє guie ж j у ou ч tch ш ch щ chtch й i ї i ю iou зг zg",
		"є ie ї i й i ю iou я ia", "", "")
	// ICAO Doc 9303-3, section 6.
	icaoUkrainian = newScheme("ICAO 9303, Ukrainian", inUkrainian, kmu2010, "зг zh", "є ie ї i й i ю iu я ia", "", "")
	// BGN/PCGN 1965.
	bgnUkrainian = newScheme("BGN/PCGN 1965", inUkrainian, kmu2010, "є ye ї yi й y ь ’ ' ” ю yu я ya зг z·h кг k·h сг s·h цг ts·h", "", "", "")
	// ISO 9:1995.
	isoUkrainian = newScheme("ISO 9, Ukrainian", inUkrainian, kmu2010, "г g ґ g̀ є ê ж ž и i і ì ї ï й j х h ц c ч č ш š щ ŝ ь ʹ ' ’ ю û я â зг zg",
		"є ê ї ï й j ю û я â", "", "")
	scholarlyUkrainian = newScheme("scholarly, Ukrainian", inUkrainian, kmu2010, "є je ж ž ї ji й j х x ц c ч č ш š щ šč ь ′ ' - ю ju я ja зг zh",
		"є je ї ji й j ю ju я ja", "", "")
)

// Russian.
var (
	// ICAO Doc 9303-3, section 6; so the passports since 2014, but for ъ.
	icaoRussian = newScheme("ICAO 9303, Russian", inRussian, nil, common+"ё e и i й i ъ ie ы y ь - э e ю iu я ia", "", "", "")
	// Order 310 of the Ministry of the Interior of 1997.
	passport1997 = newScheme("passport of 1997", inRussian, icaoRussian, "й y ё e ъ - ю yu я ya ье ye ьё ye кс x", "", "", "ий y ый y")
	// GOST R 52535.1-2006.
	passport2010 = newScheme("passport of 2010", inRussian, icaoRussian, "ц tc ъ -", "", "", "")
	// BGN/PCGN 1947.
	bgnRussian = newScheme("BGN/PCGN 1947", inRussian, icaoRussian, "ё ë й y ъ ” ь ’ ю yu я ya", "", "е ye ё yë", "")
	// ISO 9:1995.
	isoRussian       = newScheme("ISO 9, Russian", inRussian, icaoRussian, "ё ë ж ž й j х h ц c ч č ш š щ ŝ ъ ʺ ь ʹ э è ю û я â", "", "", "")
	scholarlyRussian = newScheme("scholarly, Russian", inRussian, icaoRussian, "ё ë ж ž й j х x ц c ч č ш š щ šč ъ ″ ь ′ э è ю ju я ja", "", "", "")
)

// What people type without a standard in mind.
var informal = []*scheme{
	newScheme("informal 1", inUkrainian, kmu2010, "г g й y ї i щ sch ю yu я ya є ye зг zg х h", "", "", "ий y"),
	newScheme("informal 2", inUkrainian, kmu2010, "и i й i ї yi щ sch ю yu я ya є e х kh зг zg", "", "", "ий iy"),
	newScheme("informal 3", inUkrainian, kmu2010, "в w ж j й j и y ї ji ц c ю ju я ja є je х h зг zh щ shh", "", "", ""),
	newScheme("informal 4", inRussian, icaoRussian, "ё yo й y ъ - щ sch ю yu я ya х h ц c", "", "е ye", "ий iy ый iy"),
	newScheme("informal 5", inRussian, icaoRussian, "ё e ж j й j ъ - ы i щ sch ю ju я ja х h", "", "", "ий y ый y"),
	newScheme("informal 6", inRussian, icaoRussian, "ё e в w й i ъ - ц c ю u я ja кс x щ shh", "", "", ""),
}

// The neighbours' habits, by language of the reader and then of the name.
var neighbours = [3][2]*scheme{
	{ // Polish; softness is written before i only
		newScheme("Polish, Ukrainian", inUkrainian, kmu2010, `в w є ie ж ż зг zh й j ї ji л ł ль l лі li лю lu ля la ле le лє le х ch ц c ч cz ш sz щ szcz
			нь ń сь ś ць ć зь ź ь - ю iu я ia`, "є je ї ji й j ю ju я ja", "є je ї ji ю ju я ja", "ський ski цький cki зький zki ська ska цька cka ий yj"),
		newScheme("Polish, Russian", inRussian, icaoRussian, `в w е ie ё io ж ż же że ше sze че cze ще szcze це ce ле le лё lo й j л ł ль l ли li лю lu ля la
			х ch ц c ч cz ш sz щ szcz нь ń сь ś ъ - ь - ю iu я ia`, "е je ё jo ю ju я ja", "е je ё jo ю ju я ja", "ский ski цкий cki ская ska"),
	},
	{ // German, after Duden
		newScheme("German, Ukrainian", inUkrainian, kmu2010, "в w є je ж sch з s зг sh ї ji й j х ch ц z ч tsch ш sch щ schtsch ю ju я ja", "є je ї ji й j ю ju я ja", "", "ий yj"),
		newScheme("German, Russian", inRussian, icaoRussian, "в w е e ё jo ж sch з s й i х ch ц z ч tsch ш sch щ schtsch ъ - ю ju я ja", "", "е je", "ий i ый y"),
	},
	{ // French
		newScheme("French, Ukrainian", inUkrainian, kmu2010, "ж j зг zh у ou ч tch ш ch щ chtch ї ï ю iou", "є ie ї ï й i ю iou я ia", "й ï", "ин yne"),
		newScheme("French, Russian", inRussian, icaoRussian, "ё io ж j у ou ч tch ш ch щ chtch ъ - ю iou г g ге gue ги gui", "", "е ie й ï", "ин ine ий i"),
	},
}
