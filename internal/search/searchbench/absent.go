package main

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of absent people, in equal shares. For each it is made sure that the
// roster lists nobody whom the query could mean.
const (
	notTogether     = "surname and given name of different people"
	otherGiven      = "a listed person with another given name"
	otherPatronymic = "a listed person with another patronymic"
	otherYear       = "a listed person with another patronymic and year"
	nearSurname     = "a surname near a listed one"
	foreignName     = "a name of other languages"
)

var absentKinds = []string{notTogether, otherGiven, otherPatronymic, otherYear, nearSurname, foreignName}

// coarse is a rough key of a Cyrillic surname: spellings that two languages or
// two sexes give to one surname have the same. That names which differ may have
// the same, too, costs a few absent names that could have been asked.
func coarse(surname string) string {
	var b strings.Builder
	var last rune
	for _, c := range strings.ToLower(surname) {
		switch c {
		case 'і', 'ї', 'й', 'ы':
			c = 'и'
		case 'є', 'э', 'ё':
			c = 'е'
		case 'я':
			c = 'а'
		case 'ю':
			c = 'у'
		case 'ґ':
			c = 'г'
		case 'ь', 'ъ', '\'':
			continue
		}
		if c != last {
			b.WriteRune(c)
		}
		last = c
	}
	return strings.TrimRight(b.String(), "аеиоу")
}

// alike returns the listed people whose surname, or a half of it, and given name
// may be meant by these.
func (m *maker) alike(surname string, g *given) (list []*person) {
	for _, key := range append(strings.Split(surname, "-"), surname) {
		for _, i := range m.fold[coarse(key)] {
			if p := &m.ro.people[i]; p.given.sharesForm(g) {
				list = append(list, p)
			}
		}
	}
	return list
}

// absents makes n queries for absent people, the kinds in turn.
func (m *maker) absents(n int) ([]query, error) {
	var list []query
	for range tries {
		if len(list) == n {
			return list, nil
		}
		kind := absentKinds[len(list)%len(absentKinds)]
		q, ok := m.absent(kind)
		if !ok {
			continue
		}
		q.Class, q.Kind, q.Want = "absent", kind, nobody
		m.finish(&q)
		list = append(list, q)
	}
	return nil, fmt.Errorf("the roster is too dense for %d queries of absent people", n)
}

func (m *maker) absent(kind string) (query, bool) {
	r := m.rng
	base := &m.ro.people[r.below(len(m.ro.people))]
	if base.fixed != "" || base.people == english && (kind == otherPatronymic || kind == otherYear) {
		return query{}, false
	}
	p := *base // the person who is not there
	surname := m.ro.surnameIn(&p, inUkrainian, 0)
	q := query{as: m.parts(&p)}
	switch kind {
	case foreignName:
		return query{Text: pick(r, foreignSurnames) + " " + pick(r, foreignGivens)}, true
	case notTogether, otherGiven:
		p.given = m.draw.given(r, p.people, p.female)
		if kind == notTogether && p.father != nil {
			p.father = m.draw.given(r, p.people, false)
		}
		if len(m.alike(surname, p.given)) > 0 {
			return query{}, false
		}
	case otherPatronymic, otherYear:
		if p.father == nil {
			return query{}, false
		}
		p.father = m.draw.given(r, p.people, false)
		q.as.middle = true
		if kind == otherYear {
			p.year = firstYear + r.below(lastYear-firstYear+1)
			q.year = p.year
		}
		for _, x := range m.alike(surname, p.given) {
			if x.father == nil || x.people == english || x.father.sharesForm(p.father) ||
				kind == otherYear && (x.year == 0 || max(x.year, p.year)-min(x.year, p.year) <= 10) {
				return query{}, false
			}
		}
	case nearSurname:
		return m.nearSurname(&p, q)
	}
	if p.year != 0 && kind != otherPatronymic && q.year == 0 && r.percent(yearShare) {
		q.year = p.year
	}
	m.romaniseSome(&p, &q)
	q.Text = m.ro.write(&p, q.as)
	return q, true
}

// nearSurname changes two or three letters of the surname, so that it is none of
// the roster's, and gives it one of the commonest given names.
func (m *maker) nearSurname(p *person, q query) (query, bool) {
	r := m.rng
	if p.written == inLatin || p.second >= 0 {
		return query{}, false
	}
	own := m.ro.surnameIn(p, p.written, 0)
	if len([]rune(own)) < 6 {
		return query{}, false
	}
	other := title(strings.ToLower(typos(r, own, 2+r.below(2))))
	if len(m.fold[coarse(other)]) > 0 || distance(coarse(own), coarse(other)) < 2 {
		return query{}, false
	}
	list := m.draw.lists[index(p.female)][index(p.people == english)]
	p.given = list[r.below(min(5, len(list)))]
	q.as.form, q.as.scheme = p.written, nil
	q.as.middle = q.as.middle && p.people != english
	q.Text = strings.Replace(m.ro.write(p, q.as), own, other, 1)
	return q, true
}

// romaniseSome writes a fifth of the absent people's names in Latin letters.
func (m *maker) romaniseSome(p *person, q *query) {
	i := slices.IndexFunc(informal, func(s *scheme) bool { return s.from == p.nativeForm() })
	if p.people != english && m.rng.percent(20) {
		q.as.form, q.as.scheme = p.nativeForm(), informal[i+m.rng.below(3)]
	}
}

// Names of languages that the rosters do not have, in both scripts.
var (
	foreignSurnames = strings.Fields(`Yılmazoğlu Demirkaya Karabulutlu Íñiguez Fuentealba Villarreyes Okonjwa Adebayemi Nakamuro Takahisa Nguyentran
		Phamviet Bergstrand Halvorsrud Lindqvister Kowaczewicz Szentmihály Kecskemeti Papadoukas Stavrinidis Ionescaru Dumitraşcu
		Kapooran Chaudhrani Haddadine Mansourabi Ferreirinha Guimarosa Bianchetto Montanariello Vandersloot Hoekemaat
		Йилмазоглу Демиркая Накамуро Такахиса Нгуєнтран Бергстранд Хальворсруд Пападукас Ставринидис Монтанариелло Гимароза Адебайеми`)
	foreignGivens = strings.Fields(`Mehmet Ayşe Hüseyin Xóchitl Joaquín Consuelo Chukwuemeka Ngozi Hiroshi Sakura Thuy Quang Åsa Sigurd Torbjørn Zsófia Gergely
		Spyridon Despoina Călin Rajesh Priyanka Abdelkader Fatoumata Thiago Giuseppina Wouter Мехмет Айше Хироси Сакура Сигурд Спиридон Раджеш Приянка`)
)
