package rosterio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rollcall/internal/rollcall"
)

var today = rollcall.Date{Year: 2026, Month: 11, Day: 1}

const csvHead = "id,full_name,alt_names,birth_year,status,status_date,source,source_url,note,expires\n"

// readAll reads to the end and returns rows, row errors as printed, and the
// error that ended it unless that is io.EOF.
func readAll(r *Reader) (rows []rollcall.RosterRow, problems []string, err error) {
	for {
		row, errs, err := r.Next()
		if err == io.EOF {
			return rows, problems, nil
		}
		if err != nil {
			return rows, problems, err
		}
		for _, e := range errs {
			problems = append(problems, e.Error())
		}
		if len(errs) == 0 {
			rows = append(rows, row)
		}
	}
}

func readBytes(t testing.TB, data []byte, format Format) (rows []rollcall.RosterRow, problems []string, err error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "f", format, today)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	return readAll(r)
}

func person(name string) rollcall.RosterRow {
	return rollcall.RosterRow{
		Person: rollcall.Person{FullName: name},
		Claim:  rollcall.Claim{Status: rollcall.Missing, Date: rollcall.Date{Year: 2024, Month: 5, Day: 6}, Source: "Example Register"},
	}
}

func TestReadCSV(t *testing.T) {
	full := person("Вигаденко Іван")
	full.PublicID = "EX-1"
	full.AltNames = []string{"Vyhadenko Ivan", "Выгаденко Иван"}
	full.BirthYear = 1984
	full.SourceURL = "https://example.org/1"
	full.Note = `an "example", invented`
	full.Expires = rollcall.Date{Year: 2030, Month: 12, Day: 31}
	plain := person("Зразкова Ганна")
	const min = "full_name,status,status_date,source\n"
	const row = "Зразкова Ганна,missing,2024-05-06,Example Register\n"
	for _, tt := range []struct {
		name, in string
		rows     []rollcall.RosterRow
		problems []string
	}{
		{"all columns", csvHead + `EX-1,Вигаденко Іван,"Vyhadenko Ivan; Выгаденко Иван;",1984,missing,2024-05-06,Example Register,https://example.org/1,"an ""example"", invented",2030-12-31` + "\n",
			[]rollcall.RosterRow{full}, nil},
		{"only the required ones", min + row, []rollcall.RosterRow{plain}, nil},
		{"no line break at the end", min + strings.TrimSpace(row), []rollcall.RosterRow{plain}, nil},
		{"byte order mark, CRLF and blank lines", "\ufeff\r\n" + strings.ReplaceAll(min+"\n"+row+"\n\n"+row, "\n", "\r\n"), []rollcall.RosterRow{plain, plain}, nil},
		{"semicolons", strings.ReplaceAll(min+row, ",", ";"), []rollcall.RosterRow{plain}, nil},
		{"header in capitals, spaced and quoted", "\"FULL_NAME\" , Status,status_date ,SOURCE\n" + row,
			nil, []string{}},
		{"header in capitals and spaced", "FULL_NAME , Status,status_date ,\"SOURCE\"\n" + row, []rollcall.RosterRow{plain}, nil},
		{"cells are cleaned", min + "  Зразкова \u200b \t Ган\u00adна\u200f,missing,2024-05-06,\"Example\nRegister\"\n", []rollcall.RosterRow{plain}, nil},
		{"decomposed letters are composed", min + "Чи\u0306,missing,2024-05-06,Example Register\n", []rollcall.RosterRow{person("Чй")}, nil},
		{"other names equal to the name or each other fall away", "full_name,alt_names,status,status_date,source\n" +
			"Зразкова Ганна,; Зразкова Ганна ;;,missing,2024-05-06,Example Register\n", []rollcall.RosterRow{plain}, nil},
		{"neutralised cells", min + "'=Зразок,missing,2024-05-06,Example Register\n'Зразок,missing,2024-05-06,Example Register\n''@Зразок,missing,2024-05-06,Example Register\n",
			[]rollcall.RosterRow{person("=Зразок"), person("'Зразок"), person("'@Зразок")}, nil},
		{"blank rows of a spreadsheet", min + row + ",,,\n, , ,\n" + row, []rollcall.RosterRow{plain, plain}, nil},
		{"columns without a name", "full_name,,status,status_date,source,\n" + "Зразкова Ганна,,missing,2024-05-06,Example Register,\n" +
			"Зразкова Ганна,x,missing,2024-05-06,Example Register,\n", []rollcall.RosterRow{plain},
			[]string{"f:3: column 2: holds something, but the header has no name there"}},
		{"line of a row after cells of several lines", "full_name,status,status_date,source,note\n" +
			"Зразкова Ганна,missing,2024-05-06,Example Register,\"a\nb\r\nc\"\n" +
			"Зразкова Ганна,lost,2024-05-06,Example Register,\"a\n\"\n",
			[]rollcall.RosterRow{withNote(plain, "a b c")},
			[]string{"f:5: status: must be one of missing, reported_held, confirmed_held, said_not_included, returned, deceased, unknown"}},
		{"faults of values, all of a row", csvHead + "a b,,,84,x,2024-13-01,,ftp://example.org,\x00,soon\n", nil,
			[]string{
				"f:2: id: at most 40 of the characters A-Z a-z 0-9 . _ - are allowed",
				"f:2: full_name: is required",
				"f:2: birth_year: must be a whole year such as 1984",
				"f:2: status: must be one of missing, reported_held, confirmed_held, said_not_included, returned, deceased, unknown",
				"f:2: status_date: must be a day such as 2026-01-31 (YYYY-MM-DD)",
				"f:2: source: is required",
				"f:2: source_url: must be an http or https address of at most 1000 bytes",
				"f:2: note: holds a control character",
				"f:2: expires: must be a day such as 2026-01-31 (YYYY-MM-DD)",
			}},
		{"birth year out of range, day to come", csvHead + ",Зразкова Ганна,,1899,missing,2026-11-02,Example Register,,,\n,Зразкова Ганна,,2027,missing,2026-11-01,Example Register,,,\n,Зразкова Ганна,,0,missing,2026-11-01,Example Register,,,\n", nil,
			[]string{
				"f:2: birth_year: must be from 1900 to 2026",
				"f:2: status_date: lies in the future",
				"f:3: birth_year: must be from 1900 to 2026",
				"f:4: birth_year: must be a whole year such as 1984",
			}},
		{"too many and too few cells", min + "a,b\n" + row + "a,b,c,d,e\n", []rollcall.RosterRow{plain},
			[]string{"f:2: row: holds 2 cells, but the header 4", "f:4: row: holds 5 cells, but the header 4"}},
		{"half a row at the end", min + row + "Зразк", []rollcall.RosterRow{plain},
			[]string{"f:3: row: is cut off: the file ends here; is it complete?"}},
		{"quotes in the wrong places", min + "Зразкова \"Ганна\",missing,2024-05-06,x\n" + row + "\"Зразкова\" Ганна,missing,2024-05-06,x\n" + row,
			[]rollcall.RosterRow{plain, plain},
			[]string{"f:2: row: " + problemBare, "f:4: row: " + problemAfter}},
		{"an open quote costs its own row only", min + "\"Зразкова Ганна,missing,2024-05-06,x\n" + row + row, []rollcall.RosterRow{plain, plain},
			[]string{"f:2: row: " + problemOpenEnd}},
		{"an open quote before another quoted cell", min + "\"Зразкова Ганна,missing,2024-05-06,x\n" + "\"Зразкова Ганна\",missing,2024-05-06,Example Register\n",
			[]rollcall.RosterRow{plain}, []string{"f:2: row: " + problemAfter}},
		{"an open quote far from the end", min + row + "\"Зразкова Ганна,missing,2024-05-06,x\n" + strings.Repeat(row, 2000), repeat(plain, 2001),
			[]string{"f:3: row: " + problemOpen}},
		{"a long row", min + strings.Repeat("x", 3<<20) + "\n" + row, []rollcall.RosterRow{plain}, []string{"f:2: row: is longer than 64 KB"}},
		{"a long quoted row", min + "\"" + strings.Repeat("x", 3<<20) + "\"\n" + row, []rollcall.RosterRow{plain}, []string{"f:2: row: " + problemOpen}},
		{"a row of 64 KB and one of a byte more", min + pad(plain, 64<<10) + "\n" + pad(plain, 64<<10+1) + "\n", nil,
			[]string{"f:2: source: is longer than 200 characters", "f:3: row: is longer than 64 KB"}},
		{"unknown, doubled and missing columns, and rows still checked", "full_name,rank,FULL_NAME,status,status_date\nЗразкова Ганна,x,y,missing,2024-99-99\n", nil,
			[]string{
				"f:1: rank: is not a known column; the columns are id, full_name, alt_names, birth_year, status, status_date, source, source_url, note, expires",
				"f:1: FULL_NAME: stands twice in the header",
				"f:1: source: is a required column and missing",
				"f:2: status_date: must be a day such as 2026-01-31 (YYYY-MM-DD)",
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "header in capitals, spaced and quoted" {
				_, _, err := readBytes(t, []byte(tt.in), CSV)
				if !errors.Is(err, ErrFormat) {
					t.Errorf("error %v, want ErrFormat: a blank after a closing quote is no CSV", err)
				}
				return
			}
			rows, problems, err := readBytes(t, []byte(tt.in), CSV)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rows, tt.rows); diff != "" {
				t.Errorf("rows (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(problems, tt.problems); diff != "" {
				t.Errorf("problems (-got +want):\n%s", diff)
			}
		})
	}
}

func withNote(r rollcall.RosterRow, note string) rollcall.RosterRow {
	r.Note = note
	return r
}

func repeat(r rollcall.RosterRow, n int) []rollcall.RosterRow {
	rows := make([]rollcall.RosterRow, n)
	for i := range rows {
		rows[i] = r
	}
	return rows
}

// pad returns the row in CSV with a source that fills it up to size bytes.
func pad(r rollcall.RosterRow, size int) string {
	s := r.FullName + ",missing,2024-05-06,"
	return s + strings.Repeat("x", size-len(s))
}

func TestReadJSONL(t *testing.T) {
	full := person("Вигаденко Іван")
	full.PublicID = "12"
	full.AltNames = []string{"A", "B"}
	full.BirthYear = 1984
	plain := person("Зразкова Ганна")
	const row = `{"full_name":"Зразкова Ганна","status":"missing","status_date":"2024-05-06","source":"Example Register"}` + "\n"
	for _, tt := range []struct {
		name, in string
		rows     []rollcall.RosterRow
		problems []string
	}{
		{"required keys", row, []rollcall.RosterRow{plain}, nil},
		{"mark, CRLF, blank lines, no end", "\ufeff\r\n" + strings.ReplaceAll(row, "\n", "\r\n") + "\n" + strings.TrimSpace(row), []rollcall.RosterRow{plain, plain}, nil},
		{"array, number, null and escapes", `{ "id" : 12, "alt_names": ["A", "B","A", ""] ,"birth_year":1984,"note":null,` +
			`"full_name":"\u0412игаденко\tІван", "status":"missing","status_date":"2024-05-06","source":"Example Register"}` + "\n", []rollcall.RosterRow{full}, nil},
		{"string of names, numeric string", `{"id":"12","alt_names":"A;B;","birth_year":"1984","full_name":"Вигаденко Іван","status":"missing","status_date":"2024-05-06","source":"Example Register"}`,
			[]rollcall.RosterRow{full}, nil},
		{"a year in another form", strings.Replace(row, "{", `{"birth_year":1.984e3,`, 1) + strings.Replace(row, "{", `{"birth_year":1984.5,`, 1), []rollcall.RosterRow{func() rollcall.RosterRow {
			r := plain
			r.BirthYear = 1984
			return r
		}()}, []string{"f:2: birth_year: must be a whole year such as 1984"}},
		{"nothing is neutralised", `{"full_name":"'=x","status":"missing","status_date":"2024-05-06","source":"Example Register"}`, []rollcall.RosterRow{person("'=x")}, nil},
		{"unknown and doubled keys, wrong kinds", row + `{"full_name":{"a":["}",1]},"rank":[1,{"x":2}],"note":"a","NOTE":"b","status":true,"status_date":20240506,"source":["x"],"alt_names":[1,"x"],"birth_year":false}` + "\n" + row,
			[]rollcall.RosterRow{plain, plain}, []string{
				"f:2: full_name: must be a string",
				"f:2: alt_names: must be an array of strings, or one string with semicolons",
				"f:2: birth_year: must be a whole year such as 1984",
				"f:2: status: must be a string",
				"f:2: status_date: must be a string",
				"f:2: source: must be a string",
				"f:2: note: stands twice in the object",
				"f:2: rank: is not a known key",
			}},
		{"broken lines", `{"full_name":x}` + "\n" + `{"full_name":"x"` + "\n" + `[]` + "\n" + `"x"` + "\n" + row + `{"full_n`, []rollcall.RosterRow{plain}, []string{
			"f:1: row: is not JSON: see its byte 14",
			"f:2: row: is not JSON: the object does not end on its line",
			"f:3: row: is JSON, but not an object",
			"f:4: row: is JSON, but not an object",
			"f:6: row: is cut off: the file ends here; is it complete?",
		}},
		{"half a character and a control character", strings.Replace(row, "Зразкова", `\ud800`, 1) + strings.Replace(row, "Ганна", `\u0007`, 1), nil, []string{
			"f:1: full_name: " + problemDamaged, "f:2: full_name: " + problemControl,
		}},
		{"a name with a semicolon in an array", strings.Replace(row, "{", `{"alt_names":["a;b"],`, 1), nil,
			[]string{"f:1: alt_names: holds a name with a semicolon, which parts the names"}},
		{"a long line", `{"full_name":"` + strings.Repeat("x", 1<<20) + `"}` + "\n" + row, []rollcall.RosterRow{plain}, []string{"f:1: row: is longer than 64 KB"}},
		{"empty object", "{}\n", nil, []string{"f:1: full_name: is required", "f:1: status: is required", "f:1: status_date: is required", "f:1: source: is required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, problems, err := readBytes(t, []byte(tt.in), JSONL)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rows, tt.rows); diff != "" {
				t.Errorf("rows (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(problems, tt.problems); diff != "" {
				t.Errorf("problems (-got +want):\n%s", diff)
			}
		})
	}
}

func TestFileErrors(t *testing.T) {
	const cyrillic = csvHead +
		",Вигаденко Іван Петрович,,1984,missing,2024-05-06,Зразковий реєстр,,,\n" +
		",Примерова Анна Сергеевна,,1984,missing,2024-05-06,Пример-бюро,,,\n"
	const latin = csvHead + ",Ann Sample,,1984,missing,2024-05-06,Café Señor Müller Register,,,\n"
	enc := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, tt := range []struct {
		name, in string
		format   Format
		kind     error
		want     string
	}{
		{"empty", "", CSV, ErrNoRows, "f: is empty"},
		{"only a mark", "\ufeff", CSV, ErrNoRows, "f: is empty"},
		{"blank lines only", "\n\r\n", CSV, ErrNoRows, "f: is empty"},
		{"header only", csvHead, CSV, ErrNoRows, "f: holds no rows"},
		{"no JSON", "\n\n", JSONL, ErrNoRows, "f: is empty"},
		{"no header", "Вигаденко Іван,missing\n", CSV, ErrFormat, "f:1: " + problemNoHeader + strings.TrimSpace(strings.ReplaceAll(csvHead, ",", ", "))},
		{"tabs", strings.ReplaceAll(csvHead, ",", "\t"), CSV, ErrFormat, "f:1: has tabs between the cells; save it with commas or semicolons"},
		{"carriage returns", strings.ReplaceAll(cyrillic, "\n", "\r"), CSV, ErrFormat, "f:1: has lines that end in CR alone; save it with LF or CRLF"},
		{"JSON array", "[\n{}]", JSONL, ErrFormat, "f:1: is a JSON array; JSON Lines has one object on each line and nothing around them"},
		{"UTF-16 LE with a mark", enc(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), cyrillic), CSV, ErrEncoding, "f: is in UTF-16 LE; save the file as UTF-8"},
		{"UTF-16 BE with a mark", enc(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), cyrillic), CSV, ErrEncoding, "f: is in UTF-16 BE; save the file as UTF-8"},
		{"UTF-16 LE", enc(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), cyrillic), CSV, ErrEncoding, "f: looks like UTF-16 LE; save the file as UTF-8"},
		{"UTF-16 BE", enc(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), `{"full_name":"Зразкова"}`), JSONL, ErrEncoding, "f: looks like UTF-16 BE; save the file as UTF-8"},
		{"Windows-1251", enc(charmap.Windows1251, cyrillic), CSV, ErrEncoding, "f:2: is not UTF-8, and looks like Windows-1251; save the file as UTF-8"},
		{"KOI8-U", enc(charmap.KOI8U, cyrillic), CSV, ErrEncoding, "f:2: is not UTF-8, and looks like KOI8-U; save the file as UTF-8"},
		{"ISO-8859-5", enc(charmap.ISO8859_5, cyrillic), CSV, ErrEncoding, "f:2: is not UTF-8, and looks like ISO-8859-5; save the file as UTF-8"},
		{"Latin letters", enc(charmap.ISO8859_1, latin), CSV, ErrEncoding, "f:2: is not UTF-8, and looks like Windows-1252 or ISO-8859-1; save the file as UTF-8"},
		{"a damaged character", cyrillic + ",Вигаденко \xd0\"Іван Петрович,,1984,missing,2024-05-06,Зразковий реєстр,,,\n" + cyrillic, CSV, ErrEncoding,
			"f:4: is not UTF-8 (a damaged character, or an encoding that could not be told); save the file as UTF-8"},
		{"a bad byte on a row's second line", csvHead + ",x,,,missing,2024-05-06,\"a\n\xff\",,,\n", CSV, ErrEncoding,
			"f:3: is not UTF-8 (a damaged character, or an encoding that could not be told); save the file as UTF-8"},
		{"Windows-1251 in JSON", enc(charmap.Windows1251, "{}\n{\"full_name\":\"Примерова Анна Сергеевна\"}\n"), JSONL, ErrEncoding,
			"f:2: is not UTF-8, and looks like Windows-1251; save the file as UTF-8"},
		{"a zip as CSV", "PK\x03\x04....", CSV, ErrFormat, "f: is a zip file, perhaps an XLSX workbook; name it .xlsx or say --format xlsx"},
		{"another format", "x", Format("ods"), ErrFormat, "f: cannot be read as that format; the formats are csv, jsonl and xlsx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readBytes(t, []byte(tt.in), tt.format)
			if !errors.Is(err, tt.kind) || fmt.Sprint(err) != tt.want {
				t.Errorf("got  %v\nwant %s (%v)", err, tt.want, tt.kind)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Run("declared size", func(t *testing.T) {
		for _, f := range []Format{CSV, JSONL, XLSX} {
			_, err := NewReader(strings.NewReader(""), MaxFileSize+1, "f", f, today)
			if !errors.Is(err, ErrTooLarge) || err.Error() != "f: is larger than 200 MB; split it" {
				t.Errorf("%s: got %v, want ErrTooLarge", f, err)
			}
		}
	})
	t.Run("size found out", func(t *testing.T) {
		row := ",x,,,missing,2024-05-06,y,,,\n"
		w := newWindow(io.MultiReader(strings.NewReader(csvHead), endless(row)), 1<<20)
		f := &file{name: "f"}
		src, err := newCSV(f, w)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err = readAll(newReader(f, src, today)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("got %v, want ErrTooLarge", err)
		}
	})
	t.Run("rows", func(t *testing.T) {
		const head, row = "full_name,status,status_date,source\n", "x,missing,2024-05-06,y\n"
		for _, n := range []int{3, 4} {
			in := head + "x\n" + strings.Repeat(row, n-1) // the bad row counts as well
			r, err := NewReader(strings.NewReader(in), int64(len(in)), "f", CSV, today)
			if err != nil {
				t.Fatal(err)
			}
			if r.maxRows != MaxRows {
				t.Errorf("the limit is %d rows, want %d", r.maxRows, MaxRows)
			}
			r.maxRows = 3
			_, _, err = readAll(r)
			if want := "f:5: holds more than 3 rows; split it"; n == 3 && err != nil || n == 4 && (!errors.Is(err, ErrTooLarge) || err.Error() != want) {
				t.Errorf("%d rows: got %v, want %s over 3", n, err, want)
			}
		}
	})
}

// endless repeats s for ever.
func endless(s string) io.Reader {
	at := 0
	return readerFunc(func(p []byte) (int, error) {
		n := copy(p, s[at:])
		at = (at + n) % len(s)
		return n, nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestOpenReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roster.csv")
	data := csvHead + ",x,,,missing,2024-05-06,y,,,\n,x,,,missing,2024-05-06,,,,\n"
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(path, CSV, today)
	if err != nil {
		t.Fatal(err)
	}
	if r.Line() != 1 {
		t.Errorf("line %d before the first row, want 1", r.Line())
	}
	if _, errs, err := r.Next(); len(errs) > 0 || err != nil || r.Line() != 2 {
		t.Errorf("first row: %v, %v at line %d, want none at 2", errs, err, r.Line())
	}
	_, errs, err := r.Next()
	want := []RowError{{File: path, Line: 3, Column: "source", Problem: "is required"}}
	if diff := cmp.Diff(errs, want); diff != "" || err != nil {
		t.Errorf("second row: %v (-got +want):\n%s", err, diff)
	}
	if done, total := r.Progress(); done != int64(len(data)) || total != int64(len(data)) {
		t.Errorf("progress %d of %d, want %d of it", done, total, len(data))
	}
	for range 2 {
		if _, _, err := r.Next(); err != io.EOF {
			t.Errorf("after the end: got %v, want io.EOF", err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := OpenReader(filepath.Dir(path), CSV, today); !errors.Is(err, ErrFormat) {
		t.Errorf("a folder: got %v, want ErrFormat", err)
	}
	if _, err := OpenReader(path+"x", CSV, today); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, want os.ErrNotExist", err)
	}
	fault := errors.New("disk on fire")
	if _, err := newTextReader(readerFunc(func([]byte) (int, error) { return 0, fault }), &file{name: "f"}, CSV, today); !errors.Is(err, fault) {
		t.Errorf("a reader that fails: got %v, want its error", err)
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]Format{"a.csv": CSV, "dir.x/A.CSV": CSV, "a.b.JsonL": JSONL, "a.xlsx": XLSX, "a.json": "", "csv": "", "": "", "a.xls": ""} {
		got, err := FormatOf(name)
		if got != want || (want == "") != errors.Is(err, ErrFormat) {
			t.Errorf("FormatOf(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
}

// A reader that gives one byte at a time must make no difference.
func TestSmallReads(t *testing.T) {
	in := csvHead + ",\"x \"\"y\"\"\",,,missing,2024-05-06,\"y\",,\"\",\"\"\r\n,x,,,missing,2024-05-06,y,,,\"2030-12-31\"\r\n"
	want, problems, err := readBytes(t, []byte(in), CSV)
	if err != nil || len(problems) > 0 || len(want) != 2 {
		t.Fatal(len(want), problems, err)
	}
	r, err := newTextReader(oneByte{strings.NewReader(in)}, &file{name: "f"}, CSV, today)
	if err != nil {
		t.Fatal(err)
	}
	got, problems, err := readAll(r)
	if diff := cmp.Diff(got, want); diff != "" || len(problems) > 0 || err != nil {
		t.Errorf("%v %v (-got +want):\n%s", problems, err, diff)
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }
