package rosterio

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rollcall/internal/rollcall"
)

// workbook makes a workbook by excelize with the given values from A1 on.
func workbook(t testing.TB, rows [][]any, more func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		more(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadXLSX(t *testing.T) {
	head := []any{"id", "full_name", "alt_names", "birth_year", "status", "status_date", "source", "source_url", "note", "expires"}
	full := person("Вигаденко Іван")
	full.PublicID = "12"
	full.AltNames = []string{"A", "B"}
	full.BirthYear = 1984
	full.Note = "7.5"
	full.Expires = rollcall.Date{Year: 2030, Month: 12, Day: 31}
	at := time.Date(2024, 5, 6, 18, 30, 0, 0, time.UTC)
	style := func(f *excelize.File, cell string, s excelize.Style) {
		t.Helper()
		id, err := f.NewStyle(&s)
		if err == nil {
			err = f.SetCellStyle("Sheet1", cell, cell, id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	custom := func(code string) excelize.Style { return excelize.Style{CustomNumFmt: &code} }
	for _, tt := range []struct {
		name     string
		rows     [][]any
		more     func(*excelize.File)
		want     []rollcall.RosterRow
		problems []string
	}{
		{"dates, numbers, texts", [][]any{head, {12, "Вигаденко Іван", "A;B", 1984, "missing", at, "Example Register", nil, 7.5, "2030-12-31"}}, nil,
			[]rollcall.RosterRow{full}, nil},
		{"formats that are dates and that are not", [][]any{head,
			{12, "Вигаденко Іван", "A;B", 1984, "missing", 45418, "Example Register", nil, 7.5, 47848},
			{12, "Вигаденко Іван", "A;B", 1984, "missing", 45418, "Example Register", nil, 7.5, 47848},
			{12, "Вигаденко Іван", "A;B", 30000, "missing", 45418, "Example Register", nil, 7.5, 20301231}},
			func(f *excelize.File) {
				style(f, "F2", custom(`[$-422]d" день "mmmm\,\ yyyy;@`))
				style(f, "J2", excelize.Style{NumFmt: 14})
				style(f, "F3", custom(`"day "0.00`))
				style(f, "J3", custom(`[h]:mm`))
				style(f, "D4", excelize.Style{NumFmt: 14})
			},
			[]rollcall.RosterRow{full}, []string{
				"f:3: status_date: holds a number that is not formatted as a date; format the column as a date, or write YYYY-MM-DD as text",
				"f:3: expires: holds a number that is not formatted as a date; format the column as a date, or write YYYY-MM-DD as text",
				"f:4: birth_year: is formatted as a date; write the year as a number",
				"f:4: status_date: holds a number that is not formatted as a date; format the column as a date, or write YYYY-MM-DD as text",
				"f:4: expires: holds a number that is not formatted as a date; format the column as a date, or write YYYY-MM-DD as text",
			}},
		{"an id shown with leading zeros", [][]any{{"id", "full_name", "status", "status_date", "source"}, {12, "Зразкова", "missing", at, "Example Register"}},
			func(f *excelize.File) { style(f, "A2", custom("000000")) }, []rollcall.RosterRow{func() rollcall.RosterRow {
				r := person("Зразкова")
				r.PublicID = "000012"
				return r
			}()}, nil},
		{"empty rows and cells to the right", [][]any{nil, {"full_name", "status", "status_date", "source"}, nil, {"Зразкова", "missing", at, "Example Register", nil, "x"},
			{"", "", nil, ""}, {"Зразкова", "missing", at, "Example Register"}}, nil,
			[]rollcall.RosterRow{person("Зразкова")}, []string{"f:4: column 6: holds something, but the header has no name there"}},
		{"formulas, truth values", [][]any{{"full_name", "status", "status_date", "source"}, {nil, "missing", at, "Example Register"}, {true, "missing", at, "Example Register"}},
			func(f *excelize.File) {
				if err := f.SetCellFormula("Sheet1", "A2", `="Зраз"&"кова"`); err != nil {
					t.Fatal(err)
				}
			}, nil, []string{
				"f:2: full_name: holds a formula without a stored value; open the workbook and save it again",
				"f:3: full_name: holds a truth value and not a text"}},
		{"rich text, neutralised text", [][]any{{"full_name", "status", "status_date", "source"}, {nil, "missing", at, "Example Register"}, {"'=x", "missing", at, "Example Register"}},
			func(f *excelize.File) {
				runs := []excelize.RichTextRun{{Text: "Зраз"}, {Text: "кова", Font: &excelize.Font{Bold: true}}}
				if err := f.SetCellRichText("Sheet1", "A2", runs); err != nil {
					t.Fatal(err)
				}
			}, []rollcall.RosterRow{person("Зразкова"), person("=x")}, nil},
		{"the first sheet only", [][]any{{"full_name", "status", "status_date", "source"}, {"Зразкова", "missing", at, "Example Register"}},
			func(f *excelize.File) {
				f.NewSheet("Other")
				f.SetCellStr("Other", "A1", "anything")
				f.SetActiveSheet(1)
			}, []rollcall.RosterRow{person("Зразкова")}, nil},
		{"unknown column", [][]any{{"full_name", "status", "status_date", "source", "rank"}, {"Зразкова", "missing", at, "Example Register", "x"}}, nil,
			[]rollcall.RosterRow{person("Зразкова")},
			[]string{"f:1: rank: is not a known column; the columns are id, full_name, alt_names, birth_year, status, status_date, source, source_url, note, expires"}},
		{"workbook of 1904", [][]any{{"full_name", "status", "status_date", "source"}, {"Зразкова", "missing", 43956, "Example Register"}},
			func(f *excelize.File) {
				yes := true
				if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
					t.Fatal(err)
				}
				style(f, "C2", excelize.Style{NumFmt: 14})
			}, []rollcall.RosterRow{person("Зразкова")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, problems, err := readBytes(t, workbook(t, tt.rows, tt.more), XLSX)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rows, tt.want); diff != "" {
				t.Errorf("rows (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(problems, tt.problems); diff != "" {
				t.Errorf("problems (-got +want):\n%s", diff)
			}
		})
	}
}

// sheetParts are the parts of a workbook of which the sheet's data is given.
func sheetParts(sheetData string) map[string]string {
	return map[string]string{
		"xl/workbook.xml": `<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships">` +
			`<sheets><sheet name="S" sheetId="7" r:id="rId2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId2" Type="http://x/worksheet" Target="/xl/worksheets/First.xml"/>` +
			`<Relationship Id="rId3" Type="http://x/sharedStrings" Target="strings.xml"/></Relationships>`,
		"xl/strings.xml":          `<sst><si><t>full_name</t></si><si><t>Зраз</t><rPh><t>hint</t></rPh></si></sst>`,
		"xl/worksheets/first.xml": `<worksheet><sheetData>` + sheetData,
	}
}

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const sheetHead = `<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>status</t></is></c><c t="str"><v>status_date</v></c><c t="inlineStr"><is><t>source</t></is></c></row>`

func sheetRow(name, date string) string {
	return `<row>` + name + `<c t="str"><f>1</f><v>missing</v></c>` + date + `<c t="str"><v>Example Register</v></c></row>`
}

func TestReadXLSXParts(t *testing.T) {
	const date = `<c t="d"><v>2024-05-06T00:00:00</v></c>`
	const end = `</sheetData></worksheet>`
	for _, tt := range []struct {
		name, data string
		want       []rollcall.RosterRow
		problems   []string
		err        string
	}{
		{"cells and rows without references, strict namespace, ISO dates", sheetHead + sheetRow(`<c t="s"><v>1</v></c>`, date) + end,
			[]rollcall.RosterRow{person("Зраз")}, nil, ""},
		{"escapes", sheetHead + sheetRow(`<c t="str"><v>a_x000D_b_x005F_</v></c>`, date) + sheetRow(`<c t="str"><v>a_x0007_</v></c>`, date) + end,
			[]rollcall.RosterRow{person("a b_")}, []string{"f:3: full_name: " + problemControl}, ""},
		{"error value", sheetHead + sheetRow(`<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`, date) + end, nil, []string{"f:2: full_name: holds a spreadsheet's error value"}, ""},
		{"long text", sheetHead + sheetRow(`<c t="str"><v>`+strings.Repeat("x", 70<<10)+`</v></c>`, date) + end, nil, []string{"f:2: row: is longer than 64 KB"}, ""},
		{"a 29 February that never was", sheetHead + sheetRow(`<c t="s"><v>1</v></c>`, `<c t="d"><v>1900-02-29</v></c>`) + end, nil,
			[]string{"f:2: status_date: must be a day such as 2026-01-31 (YYYY-MM-DD)"}, ""},
		{"cut off between rows", sheetHead + sheetRow(`<c t="s"><v>1</v></c>`, date), []rollcall.RosterRow{person("Зраз")}, nil, "f:2: is a damaged workbook; it cannot be read from here on"},
		{"cut off in a row", sheetHead + `<row r="2"><c><v>`, nil, nil, "f:2: is a damaged workbook; it cannot be read from here on"},
		{"rows out of order", sheetHead + `<row r="1"></row>`, nil, nil, "f:1: is a damaged workbook; it cannot be read from here on"},
		{"cells out of order", sheetHead + `<row r="2"><c r="B2"/><c r="A2"/></row>`, nil, nil, "f:2: is a damaged workbook; it cannot be read from here on"},
		{"column beyond the last", sheetHead + `<row r="2"><c r="XFE2"/></row>`, nil, nil, "f:2: is a damaged workbook; it cannot be read from here on"},
		{"no such shared text", sheetHead + `<row r="2"><c t="s"><v>2</v></c></row>`, nil, nil, "f:2: is a damaged workbook; it cannot be read from here on"},
		{"endless token", sheetHead + `<row r="2" x="` + strings.Repeat("x", 300<<10) + `"></row>` + end, nil, nil, "f:1: is a damaged workbook; it cannot be read from here on"},
		{"bottomless", sheetHead + strings.Repeat(`<a>`, 100) + end, nil, nil, "f:1: is a damaged workbook; it cannot be read from here on"},
		{"header only", sheetHead + end, nil, nil, "f: holds no rows"},
		{"nothing", end, nil, nil, "f: holds nothing on its first sheet"},
		{"no header", `<row><c><v>1</v></c></row>` + end, nil, nil, "f:1: " + problemNoHeader + strings.TrimSpace(strings.ReplaceAll(csvHead, ",", ", "))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, problems, err := readBytes(t, zipOf(t, sheetParts(tt.data)), XLSX)
			if diff := cmp.Diff(rows, tt.want); diff != "" {
				t.Errorf("rows (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(problems, tt.problems); diff != "" {
				t.Errorf("problems (-got +want):\n%s", diff)
			}
			if got := fmt.Sprint(err); err != nil && got != tt.err || err == nil && tt.err != "" {
				t.Errorf("error %v, want %s", err, tt.err)
			}
		})
	}
}

func TestXLSXFileErrors(t *testing.T) {
	good := zipOf(t, sheetParts(sheetHead+`</sheetData></worksheet>`))
	without := sheetParts("")
	delete(without, "xl/worksheets/first.xml")
	bomb := sheetParts(sheetHead + strings.Repeat(" ", 100<<20) + `</sheetData></worksheet>`)
	locked := bytes.Clone(good)
	for at := 0; ; { // set the encryption bit of each part in the central directory
		i := bytes.Index(locked[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 8
		binary.LittleEndian.PutUint16(locked[at:], binary.LittleEndian.Uint16(locked[at:])|1)
	}
	for _, tt := range []struct {
		name string
		in   []byte
		kind error
		want string
	}{
		{"no zip", []byte("full_name,status\n"), ErrFormat, "f: is not an XLSX workbook (not a zip file)"},
		{"short", []byte("P"), ErrFormat, "f: is not an XLSX workbook (not a zip file)"},
		{"half a zip", good[:len(good)/2], ErrFormat, "f: is not an XLSX workbook (a damaged or cut-off zip file)"},
		{"protected or old", []byte(oleMagic + "......"), ErrEncrypted, "f: is under a password or an old binary workbook (.xls); save it as .xlsx without a password"},
		{"protected parts", locked, ErrEncrypted, "f: is under a password; save it without one"},
		{"a zip of something else", zipOf(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), ErrFormat, "f: is not an XLSX workbook with a sheet of cells"},
		{"no sheet", zipOf(t, without), ErrFormat, "f: is not an XLSX workbook with a sheet of cells"},
		{"zip bomb", zipOf(t, bomb), ErrTooLarge, "f: unpacks to far more than a roster can be; save it as .csv, or split it"},
		{"empty", nil, ErrNoRows, "f: is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readBytes(t, tt.in, XLSX)
			if !errors.Is(err, tt.kind) || fmt.Sprint(err) != tt.want {
				t.Errorf("got  %v\nwant %s (%v)", err, tt.want, tt.kind)
			}
		})
	}
}

func TestSerialDate(t *testing.T) {
	for in, want := range map[string]string{
		"0": "", "1": "1900-01-01", "59": "1900-02-28", "60": "", "61": "1900-03-01", "45418": "2024-05-06", "45418.99": "2024-05-06",
		"2958465": "9999-12-31", "2958466": "", "-1": "", "x": "", "NaN": "", "4.5418E4": "2024-05-06",
	} {
		d, ok := (&xlsxSource{}).serialDate(in)
		if d.String() != want || ok != (want != "") {
			t.Errorf("serial %s: got %s, %v, want %q", in, d, ok, want)
		}
	}
}
