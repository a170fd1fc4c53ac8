package demo

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"rollcall/internal/rollcall"
)

// fileHeader has the columns of the roster files.
var fileHeader = []string{"id", "full_name", "alt_names", "birth_year", "status", "status_date", "source"}

// Columns of the roster files by their place in fileHeader.
const (
	statusColumn = 4
	dateColumn   = 5
	sourceColumn = 6
)

var filePeople = []struct {
	person rollcall.Person
	statement
}{
	{rollcall.Person{PublicID: "DEMO-21", FullName: "Казкаренчук Уляна Романівна", BirthYear: 1982}, statement{70, rollcall.Missing, search}},
	{rollcall.Person{PublicID: "DEMO-22", FullName: "Уявнопримірний Назар Ігорович", BirthYear: 1994}, statement{31, rollcall.ReportedHeld, circle}},
	{rollcall.Person{PublicID: "DEMO-23", FullName: "Шаблонниченко Леся Павлівна", AltNames: []string{"Shablonnychenko Lesia"}, BirthYear: 1971}, statement{58, rollcall.Missing, search}},
	{rollcall.Person{PublicID: "DEMO-24", FullName: "П'єсногадка Лук'ян Якович"}, statement{44, rollcall.Unknown, circle}},
	{rollcall.Person{PublicID: "DEMO-25", FullName: "Выдумкинская Алёна Семёновна", BirthYear: 1989}, statement{90, rollcall.Missing, archive}},
	{rollcall.Person{PublicID: "DEMO-26", FullName: "Небывалошников Кирилл Петрович", BirthYear: 1977}, statement{26, rollcall.ReportedHeld, inquiry}},
	{rollcall.Person{PublicID: "DEMO-27", FullName: "Черновикович Зоя Ильинична", AltNames: []string{"Chernovikovich Zoya", "Черновікович Зоя"}, BirthYear: 1965}, statement{110, rollcall.Missing, inquiry}},
	{rollcall.Person{PublicID: "DEMO-28", FullName: "Alice Fabricatedwood", BirthYear: 1996}, statement{19, rollcall.Missing, desk}},
	{rollcall.Person{PublicID: "DEMO-29", FullName: "Siân Make-Believable", BirthYear: 1980}, statement{37, rollcall.ConfirmedHeld, tracing}},
	{rollcall.Person{PublicID: "DEMO-30", FullName: "Robert Specimenwright", BirthYear: 1991}, statement{22, rollcall.Returned, register}},
	{rollcall.Person{PublicID: "DEMO-31", FullName: "Emily Talltaleworthy"}, statement{15, rollcall.Missing, desk}},
}

// RosterFile returns a small roster file as a keeper may send it to the bot: eleven
// people who are not in the world, and one claim more about [Disputed], by a
// source that has not spoken of him and dated the day before Now, so that
// whoever watches him hears of it.
func (w World) RosterFile() (name string, data []byte) {
	return "demo-roster.csv", encode(w.fileRows())
}

// BadRosterFile returns the same with three faults, one in each of three rows: an
// unknown status, a day that no calendar has, and no source.
func (w World) BadRosterFile() (name string, data []byte) {
	rows := w.fileRows()
	rows[2][statusColumn] = "lost"
	rows[5][dateColumn] = strconv.Itoa(w.today().Year-1) + "-02-30"
	rows[8][sourceColumn] = ""
	return "demo-roster-faults.csv", encode(rows)
}

func (w World) fileRows() [][]string {
	row := func(p rollcall.Person, s statement) []string {
		year := ""
		if p.BirthYear != 0 {
			year = strconv.Itoa(p.BirthYear)
		}
		return []string{p.PublicID, p.FullName, strings.Join(p.AltNames, ";"), year,
			string(s.status), w.today().AddDays(-s.daysAgo).String(), s.source}
	}
	rows := [][]string{row(fixedPeople[0].person, statement{1, rollcall.ReportedHeld, desk})}
	for _, f := range filePeople {
		rows = append(rows, row(f.person, f.statement))
	}
	return rows
}

func encode(rows [][]string) []byte {
	var b bytes.Buffer
	// Neither call fails: a buffer takes all, and the comma is a valid delimiter.
	c := csv.NewWriter(&b)
	_ = c.Write(fileHeader)
	_ = c.WriteAll(rows)
	return b.Bytes()
}
