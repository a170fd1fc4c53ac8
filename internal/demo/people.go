package demo

import (
	"slices"

	"rollcall/internal/rollcall"
)

// The ids of the people who are in every [World], whatever its seed. Their names
// cannot come from package sample.
const (
	// Disputed is the person whom the suggestions name first: three sources
	// disagree over him, and [World.RosterFile] has a claim more. The name is
	// spelled alike in Ukrainian and Russian.
	Disputed = "DEMO-01"
	// ElderNamesake and YoungerNamesake bear one name, and have different years.
	ElderNamesake   = "DEMO-02"
	YoungerNamesake = "DEMO-03"
	// Hard has a claim of a death, after one that the person is missing.
	Hard = "DEMO-04"
	// Hyphenated has a double surname with an apostrophe.
	Hyphenated = "DEMO-05"
	// Latin is listed in English.
	Latin = "DEMO-06"
	// Russian is listed in Russian, with ё and a doubled letter.
	Russian = "DEMO-07"
	// Home is said to have returned, by two sources.
	Home = "DEMO-08"
	// ElderLatinNamesake and YoungerLatinNamesake are two of one English name.
	ElderLatinNamesake   = "DEMO-09"
	YoungerLatinNamesake = "DEMO-10"
	// Yearless has no birth year.
	Yearless = "DEMO-11"
	// Confirmed is confirmed as held by one source; a later one says not included.
	Confirmed = "DEMO-12"
)

// shownDays is how long the claims about the fixed people are shown.
const shownDays = 365

// A statement is a claim, made some days before today.
type statement struct {
	daysAgo int
	status  rollcall.Status
	source  string
}

const (
	search   = "Вигадана служба пошуку"
	register = "Example Register North"
	desk     = "Sample Tracing Desk"
	inquiry  = "Пример-бюро розыска"
	archive  = "Вымышленный архив"
	circle   = "Приклад-довідка"
)

var fixedPeople = []struct {
	person     rollcall.Person
	statements []statement // the earliest first
}{
	{rollcall.Person{PublicID: Disputed, FullName: "Прикладненко Тарас Богданович", BirthYear: 1986}, []statement{
		{420, rollcall.Missing, search}, {160, rollcall.ReportedHeld, inquiry}, {12, rollcall.SaidNotIncluded, tracing}}},
	{rollcall.Person{PublicID: ElderNamesake, FullName: "Зразкова Марія Іванівна", BirthYear: 1975}, []statement{
		{300, rollcall.Missing, circle}, {95, rollcall.ReportedHeld, register}}},
	{rollcall.Person{PublicID: YoungerNamesake, FullName: "Зразкова Марія Іванівна", BirthYear: 1990}, []statement{
		{210, rollcall.Missing, search}}},
	{rollcall.Person{PublicID: Hard, FullName: "Небиличенко Остап Матвійович", BirthYear: 1958}, []statement{
		{510, rollcall.Missing, circle}, {64, rollcall.Deceased, register}}},
	{rollcall.Person{PublicID: Hyphenated, FullName: "Вигад'яненко-Казкова Мар'яна Лук'янівна", BirthYear: 1993}, []statement{
		{140, rollcall.ReportedHeld, search}, {33, rollcall.ConfirmedHeld, tracing}}},
	{rollcall.Person{PublicID: Latin, FullName: "Oliver Examplewright", BirthYear: 1984}, []statement{
		{275, rollcall.Missing, register}, {48, rollcall.ReportedHeld, desk}}},
	{rollcall.Person{PublicID: Russian, FullName: "Вымышленников Фёдор Семёнович", AltNames: []string{"Vymyshlennikov Fedor Semenovich"}, BirthYear: 1969}, []statement{
		{330, rollcall.Missing, archive}, {120, rollcall.Unknown, inquiry}}},
	{rollcall.Person{PublicID: Home, FullName: "Образцовская Ксения Артёмовна", BirthYear: 1997}, []statement{
		{240, rollcall.ReportedHeld, inquiry}, {79, rollcall.Returned, archive}, {76, rollcall.Returned, tracing}}},
	{rollcall.Person{PublicID: ElderLatinNamesake, FullName: "John Placeholder", BirthYear: 1972}, []statement{
		{190, rollcall.Missing, desk}}},
	{rollcall.Person{PublicID: YoungerLatinNamesake, FullName: "John Placeholder", BirthYear: 1999}, []statement{
		{130, rollcall.Missing, register}, {20, rollcall.ReportedHeld, tracing}}},
	{rollcall.Person{PublicID: Yearless, FullName: "Макетниченко Юрій Ілліч", AltNames: []string{"Maketnychenko Yurii"}}, []statement{
		{88, rollcall.Unknown, circle}}},
	{rollcall.Person{PublicID: Confirmed, FullName: "Понарошечкин Артём Кириллович", BirthYear: 1988}, []statement{
		{200, rollcall.ConfirmedHeld, tracing}, {15, rollcall.SaidNotIncluded, archive}}},
}

// A fixedRow is a row, with whether it is the first about its person.
type fixedRow struct {
	rollcall.RosterRow
	first bool
}

func (w World) fixed() (rows []fixedRow) {
	today := w.today()
	for _, f := range fixedPeople {
		p := f.person
		for i, s := range f.statements {
			c := rollcall.Claim{Status: s.status, Date: today.AddDays(-s.daysAgo), Source: s.source, Expires: today.AddDays(shownDays)}
			if s.source == tracing {
				c.SourceURL = figureURL[tracing] + p.PublicID
			}
			p.AltNames = slices.Clone(f.person.AltNames)
			rows = append(rows, fixedRow{rollcall.RosterRow{Person: p, Claim: c}, i == 0})
		}
	}
	return rows
}
