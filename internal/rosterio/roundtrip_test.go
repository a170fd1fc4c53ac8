package rosterio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"rollcall/internal/rollcall"
)

func TestWriter(t *testing.T) {
	row := person("=Вигаденко \"Іван\"")
	row.AltNames = []string{"A <b> & c", "d,e"}
	row.Note = " x"
	full := person("Зразкова")
	full.PublicID, full.BirthYear, full.SourceURL = "EX-1", 1984, "https://example.org/?a=1&b=2"
	full.Expires = rollcall.Date{Year: 2030, Month: 12, Day: 31}
	for format, want := range map[Format]string{
		CSV: csvHead +
			`,"'=Вигаденко ""Іван""","A <b> & c;d,e",,missing,2024-05-06,Example Register,," x",` + "\n" +
			`EX-1,Зразкова,,1984,missing,2024-05-06,Example Register,https://example.org/?a=1&b=2,,2030-12-31` + "\n",
		JSONL: `{"id":"","full_name":"=Вигаденко \"Іван\"","alt_names":["A <b> & c","d,e"],"birth_year":null,"status":"missing","status_date":"2024-05-06","source":"Example Register","source_url":"","note":" x","expires":""}` + "\n" +
			`{"id":"EX-1","full_name":"Зразкова","alt_names":[],"birth_year":1984,"status":"missing","status_date":"2024-05-06","source":"Example Register","source_url":"https://example.org/?a=1&b=2","note":"","expires":"2030-12-31"}` + "\n",
	} {
		if diff := cmp.Diff(string(write(t, format, row, full)), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", format, diff)
		}
	}
	if _, err := NewWriter(io.Discard, XLSX); !errors.Is(err, ErrFormat) {
		t.Errorf("a workbook: got %v, want ErrFormat", err)
	}
}

type tb interface {
	Helper()
	Fatal(...any)
}

func write(t tb, format Format, rows ...rollcall.RosterRow) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rollcall.RosterRow{}); err == nil {
		t.Fatal("a write after Close succeeds")
	}
	return b.Bytes()
}

// text draws a clean text of at most max runes without a semicolon.
func text(min, max int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		alphabet := rapid.OneOf(
			rapid.SampledFrom([]rune(`абвіїєґёьяАЄҐЯ'’ʼ-=+@,"\/<>&. `+"\t\r\n\u2028\u00a0éñßłŐ漢😀\u0301\u0306\U000e0041")),
			rapid.Rune())
		s := rapid.StringOfN(alphabet, min, max, -1).Draw(t, "text")
		s, ok := Clean(strings.ReplaceAll(s, ";", ""))
		if !ok || strings.Contains(s, ";") || len([]rune(s)) < min || len([]rune(s)) > max {
			t.Skip("not a text for a roster")
		}
		return s
	})
}

func row() *rapid.Generator[rollcall.RosterRow] {
	return rapid.Custom(func(t *rapid.T) rollcall.RosterRow {
		day := func(name string) rollcall.Date {
			return rollcall.Date{Year: 2025, Month: 1, Day: 1}.AddDays(rapid.IntRange(-5000, 0).Draw(t, name))
		}
		var r rollcall.RosterRow
		r.PublicID = rapid.StringMatching(`[A-Za-z0-9._-]{0,40}`).Draw(t, "id")
		r.FullName = text(1, 40).Draw(t, "full_name")
		for _, name := range rapid.SliceOfNDistinct(text(1, 30), 0, 5, rapid.ID).Draw(t, "alt_names") {
			if name != r.FullName {
				r.AltNames = append(r.AltNames, name)
			}
		}
		if rapid.Bool().Draw(t, "has year") {
			r.BirthYear = rapid.IntRange(rollcall.FirstYear, today.Year).Draw(t, "birth_year")
		}
		r.Status = rapid.SampledFrom(rollcall.Statuses).Draw(t, "status")
		r.Date = day("status_date")
		r.Source = text(1, 40).Draw(t, "source")
		r.SourceURL = rapid.SampledFrom([]string{"", "https://example.org/?a=1,2&b=%22", "http://example.org/шлях"}).Draw(t, "source_url")
		r.Note = text(0, 60).Draw(t, "note")
		if rapid.Bool().Draw(t, "has expiry") {
			r.Expires = day("expires")
		}
		return r
	})
}

// What is written reads back as the same rows.
func TestRoundTrip(t *testing.T) {
	for _, format := range []Format{CSV, JSONL} {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := rapid.SliceOfN(row(), 1, 5).Draw(t, "rows")
				file := write(t, format, want...)
				r, err := NewReader(bytes.NewReader(file), int64(len(file)), "f", format, today)
				if err != nil {
					t.Fatal(err)
				}
				got, problems, err := readAll(r)
				if diff := cmp.Diff(got, want); diff != "" || len(problems) > 0 || err != nil {
					t.Fatalf("%v %v (-got +want):\n%s\nfile:\n%s", problems, err, diff, file)
				}
			})
		})
	}
}

// FuzzCSV and FuzzJSONL ask that any bytes are answered without a panic, that
// errors are well-formed, and that what is read can be written and read again.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		csvHead + `EX-1,Вигаденко Іван,"A;B",1984,missing,2024-05-06,Example Register,,"an ""example""",2030-12-31` + "\r\n",
		"full_name;status;status_date;source\n\"x\";missing;2024-05-06;'=y\n\"", "\ufefffull_name\n\n,,\n\"\"\"\n", "full_name\r\nx\r", "\xff\xfe", "full_name,\x00\n\xd0",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, CSV) })
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{
		`{"full_name":"x","alt_names":["a",1,[]],"birth_year":1984,"status":"missing","status_date":"2024-05-06","source":"y\u0301"}` + "\r\n",
		"{}\n{\"\\u0069d\":-0}", `{"x":{"a":[1,2,"]"]},"full_name":null,"a":true}`, "[", "{\"id\":1e400}\n", `{"":"","note":"\ud800\udc00\ud800"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, JSONL) })
}

// FuzzXLSX puts the bytes into a workbook as its sheet, and as the file itself.
func FuzzXLSX(f *testing.F) {
	for _, s := range []string{
		sheetHead + sheetRow(`<c t="s"><v>1</v></c>`, `<c s="1"><v>45418</v></c>`) + `</sheetData></worksheet>`,
		sheetHead + `<row r="5"><c r="B5" t="e"><f>x</f><v>#REF!</v></c><c r="XFD5"><v>1E3</v></c></row>`,
		`<row><c t="b"><v>1</v></c><c/><c t="s"><v>-1</v></c></row>`, `<row><c t="inlineStr"><is><r><t>full_name</t></r><rPh><t>x`,
	} {
		f.Add([]byte(s))
	}
	f.Add(zipOf(f, sheetParts(sheetHead)))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzz(t, data, XLSX)
		fuzz(t, zipOf(t, sheetParts(string(data))), XLSX)
	})
}

func fuzz(t *testing.T, data []byte, format Format) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "f", format, today)
	var rows []rollcall.RosterRow
	if err == nil {
		defer r.Close()
		line := 0
		for {
			var row rollcall.RosterRow
			var errs []RowError
			row, errs, err = r.Next()
			if err != nil {
				break
			}
			for _, e := range errs {
				if e.File != "f" || e.Line < 1 || e.Column == "" || e.Problem == "" || strings.ContainsAny(e.Error(), "\n\r\x00") {
					t.Errorf("misshapen error %q", e)
				}
			}
			if r.Line() < line {
				t.Errorf("line %d after line %d", r.Line(), line)
			}
			line = r.Line()
			if len(errs) == 0 {
				if faults := row.Validate(today); len(faults) > 0 {
					t.Errorf("a row that is not valid: %v", faults)
				}
				rows = append(rows, row)
			}
		}
		if done, total := r.Progress(); done < 0 || done > total {
			t.Errorf("progress %d of %d", done, total)
		}
	}
	if fault := (*FileError)(nil); err != io.EOF && (!errors.As(err, &fault) || fault.Kind == nil || fault.File != "f") {
		t.Errorf("error %v, want io.EOF or a FileError", err)
	}
	if len(rows) == 0 {
		return
	}
	for _, format := range []Format{CSV, JSONL} {
		got, problems, err := readBytes(t, write(t, format, rows...), format)
		if diff := cmp.Diff(got, rows); diff != "" || len(problems) > 0 || err != nil {
			t.Errorf("%s again: %v %v (-got +want):\n%s", format, problems, err, diff)
		}
	}
}

func benchRows(n int) []rollcall.RosterRow {
	rows := make([]rollcall.RosterRow, n)
	for i := range rows {
		r := person(fmt.Sprintf("Вигаденко-%d Іван Петрович", i))
		r.PublicID = fmt.Sprintf("EX-%06d", i)
		r.AltNames = []string{"Vyhadenko Ivan Petrovych"}
		r.BirthYear = 1984
		r.SourceURL = "https://example.org/" + r.PublicID
		r.Expires = rollcall.Date{Year: 2030, Month: 12, Day: 31}
		rows[i] = r
	}
	return rows
}

func BenchmarkRead(b *testing.B) {
	const n = 20000
	rows := benchRows(n)
	sheet := [][]any{}
	head := []any{}
	for _, c := range columnNames {
		head = append(head, c)
	}
	sheet = append(sheet, head)
	for _, r := range rows {
		sheet = append(sheet, []any{r.PublicID, r.FullName, r.AltNames[0], r.BirthYear, string(r.Status), r.Date.In(time.UTC), r.Source, r.SourceURL, "", r.Expires.String()})
	}
	for _, bb := range []struct {
		format Format
		file   []byte
	}{{CSV, write(b, CSV, rows...)}, {JSONL, write(b, JSONL, rows...)}, {XLSX, workbook(b, sheet, func(*excelize.File) {})}} {
		b.Run(string(bb.format), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.file)))
			for b.Loop() {
				got, problems, err := readBytes(b, bb.file, bb.format)
				if len(got) != n || len(problems) > 0 || err != nil {
					b.Fatal(len(got), problems, err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	rows := benchRows(1000)
	for _, format := range []Format{CSV, JSONL} {
		b.Run(string(format), func(b *testing.B) {
			w, err := NewWriter(io.Discard, format)
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				if err := w.Write(rows[n%len(rows)]); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
