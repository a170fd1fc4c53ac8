package command_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

var kyiv = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		panic(err)
	}
	return loc
}()

func day(month time.Month, d int) rollcall.Date {
	return rollcall.Date{Year: 2026, Month: month, Day: d}
}

// afar is a day by which no claim of the tests has expired.
var afar = rollcall.Date{Year: 2030, Month: time.December, Day: 31}

func claim(id, name string, year int, s rollcall.Status, date rollcall.Date, source, url string) rollcall.RosterRow {
	return rollcall.RosterRow{Person: rollcall.Person{PublicID: id, FullName: name, BirthYear: year},
		Claim: rollcall.Claim{Status: s, Date: date, Source: source, SourceURL: url, Note: "note for keepers: not to be shown", Expires: afar}}
}

// The entries that a lookup must not show.
const (
	expiredName  = "Минулець Петро Строкович"
	absentName   = "Відсутенко Софія Файлівна"
	withheldName = "Прихованко Лев Тайнович"
	nobodyName   = "Ніхтоненко Остап Нульович"
)

// sampleRows is the roster of the tests. Everybody in it is invented.
var sampleRows = func() []rollcall.RosterRow {
	rows := []rollcall.RosterRow{
		// One entry with several statements, of which two disagree.
		claim("EX-001", "Прикладенко Марія Зразківна", 1990, rollcall.Missing, day(time.March, 1), "Зразковий реєстр", ""),
		claim("EX-001", "Прикладенко Марія Зразківна", 1990, rollcall.ReportedHeld, day(time.May, 10), "Sample Bureau", "https://example.org/s?a=1&b=2"),
		claim("EX-001", "Прикладенко Марія Зразківна", 1990, rollcall.ConfirmedHeld, day(time.June, 2), "Sample Bureau", "https://example.org/s?a=1&b=2"),
		claim("EX-001", "Прикладенко Марія Зразківна", 1990, rollcall.SaidNotIncluded, day(time.June, 9), "Вигадана служба", "https://example.org/v"),
		// A choice of two.
		claim("EX-002", "Вигаданко Іван Уявович", 1985, rollcall.Missing, day(time.April, 3), "Зразковий реєстр", ""),
		claim("EX-003", "Вигаданко Іван Казкович", 1992, rollcall.Returned, day(time.April, 4), "Зразковий реєстр", ""),
		// One with a hard statement.
		claim("EX-004", "Скорботенко Андрій Вигадович", 1979, rollcall.Missing, day(time.January, 7), "Зразковий реєстр", ""),
		claim("EX-004", "Скорботенко Андрій Вигадович", 1979, rollcall.Deceased, day(time.May, 20), "Sample Bureau", ""),
		// One without a birth year, with other spellings.
		claim("EX-005", "Мар'яненко-Зразко Лук'ян", 0, rollcall.Unknown, day(time.February, 1), "Зразковий реєстр", ""),
		// Markup, controls and directions in what a roster says.
		claim("EX-006", `Розмітко <b>Олекса</b> & "Ко" *_[я](tg://user?id=1)`, 1988, rollcall.Missing, day(time.March, 3), `<i>Бюро & "Син"</i>`, "https://example.org/?q=<b>&x=\"1\""),
		claim("EX-007", "Кутенко \u202eАнна\u2066\u0007\u2028Рядківна", 1991, rollcall.Missing, day(time.March, 4), "مصدر مخترع \u202e1", ""),
		claim("EX-008", "Емоджук Іванна 🕊️", 1993, rollcall.Missing, day(time.March, 5), "Sample 🕊️ Bureau", ""),
		// Those who are not shown.
		claim("EX-009", expiredName, 1980, rollcall.Missing, day(time.January, 2), "Зразковий реєстр", ""),
		claim("EX-010", withheldName, 1981, rollcall.Missing, day(time.January, 3), "Зразковий реєстр", ""),
		// A Russian and an English spelling.
		claim("EX-012", "Примеров Пётр Выдумович", 1975, rollcall.ReportedHeld, day(time.March, 6), "Образцовый реестр", ""),
		claim("EX-013", "Sampleton Alice", 1969, rollcall.Missing, day(time.March, 7), "Sample Bureau", ""),
	}
	for i := range rows {
		switch rows[i].PublicID {
		case "EX-005":
			rows[i].AltNames = []string{"Lukian Marianenko-Zrazko"}
		case "EX-009":
			rows[i].Expires = day(time.June, 14)
		}
	}
	// More than are shown at once.
	for i := range 4 {
		rows = append(rows, claim(fmt.Sprintf("EX-02%d", i), "Багатенко Олег", 1980+i, rollcall.Missing, day(time.March, 10+i), "Зразковий реєстр", ""))
	}
	// A card over the limit of one message.
	for i := range 40 {
		rows = append(rows, claim("EX-030", "Довгенко Павло Списович", 1970, rollcall.Missing, day(time.January, 1).AddDays(i),
			fmt.Sprintf("Sample Bureau No %02d %s", i, strings.Repeat("ß", 100)), ""))
	}
	return rows
}()

// absentRow was in the first file, and not in the full one after it.
var absentRow = claim("EX-011", absentName, 1982, rollcall.Missing, day(time.January, 4), "Зразковий реєстр", "")

// fill brings the sample roster into the database, by two files of which the
// second, a full one, lacks an entry, and withholds another.
func (h *harness) fill(ctx context.Context) {
	h.t.Helper()
	h.bring(ctx, false, absentRow)
	h.bring(ctx, true, sampleRows...)
	if err := h.db.Update(ctx, func(tx *store.Tx) error { _, err := tx.Hide("EX-010", "", store.Shell); return err }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) bring(ctx context.Context, full bool, rows ...rollcall.RosterRow) {
	h.t.Helper()
	b, err := h.db.BeginBatch(ctx, full)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := b.Add(ctx, rows); err != nil {
		h.t.Fatal(err)
	}
	if _, err := b.Publish(ctx, store.Shell); err != nil {
		h.t.Fatal(err)
	}
}

// execSQL changes the database behind the program's back.
func (h *harness) execSQL(query string) {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		h.t.Fatal(err)
	}
}

// petition makes a petition that is open around noon; change may change it.
func petition(slug string, change func(*rollcall.Petition)) rollcall.Petition {
	p := rollcall.Petition{
		Slug: slug, Opens: noon.AddDate(0, 0, -10), Closes: noon.AddDate(0, 0, 20), Goal: 1000,
		Organiser: "Example Group", Addressee: "Sample Assembly <Committee>",
		Title: map[rollcall.Language]string{rollcall.English: "Open the sample register", rollcall.Ukrainian: "Відкрити зразковий реєстр",
			rollcall.Russian: "Открыть образцовый реестр"},
		Text: map[rollcall.Language]string{rollcall.English: "We ask the Sample Assembly to open the register.\n\nThis text is invented & holds <no> demand.",
			rollcall.Ukrainian: "Просимо Зразкові збори відкрити реєстр.\n\nЦей текст вигаданий & не містить <вимог>.",
			rollcall.Russian:   "Просим Образцовое собрание открыть реестр.\n\nЭтот текст вымышлен & не содержит <требований>."},
	}
	if change != nil {
		change(&p)
	}
	return p
}

// retitled gives a petition another title in each language.
func retitled(en, uk, ru string) func(*rollcall.Petition) {
	return func(p *rollcall.Petition) {
		p.Title = map[rollcall.Language]string{rollcall.English: en, rollcall.Ukrainian: uk, rollcall.Russian: ru}
	}
}

// open opens a petition.
func (h *harness) open(p rollcall.Petition) {
	h.t.Helper()
	if err := p.Validate(); err != nil {
		h.t.Fatal(err)
	}
	if err := h.db.OpenPetition(context.Background(), p, store.Shell); err != nil {
		h.t.Fatal(err)
	}
}

// close closes a petition before its time.
func (h *harness) close(slug string) {
	h.t.Helper()
	if err := h.db.ClosePetition(context.Background(), slug, store.Shell); err != nil {
		h.t.Fatal(err)
	}
}

// figure records what a source said of a round.
func (h *harness) figure(title string, f rollcall.RoundFigure) {
	h.t.Helper()
	err := h.db.Update(context.Background(), func(tx *store.Tx) error { return tx.AddRoundFigure(title, f, store.Shell) })
	if err != nil {
		h.t.Fatal(err)
	}
}
