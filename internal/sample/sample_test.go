package sample_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/sample"
)

var update = flag.Bool("update", false, "rewrite configs/roster.example.csv")

var today = rollcall.Date{Year: 2026, Month: 11, Day: 1}

const (
	exampleFile = "../../configs/roster.example.csv"
	exampleSeed = 1
	exampleRows = 1000
)

// The example file is what the generator gives, and the reader takes it.
func TestExampleFile(t *testing.T) {
	var b bytes.Buffer
	w, err := rosterio.NewWriter(&b, rosterio.CSV)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Collect(sample.Rows(exampleSeed, exampleRows, today))
	for _, row := range want {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(exampleFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, b.Bytes()) {
		t.Errorf("%s differs from what the generator gives; rewrite it by -update", exampleFile)
	}
	r, err := rosterio.OpenReader(exampleFile, rosterio.CSV, today)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []rollcall.RosterRow
	for {
		row, errs, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range errs {
			t.Error(e)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("what was read (-got +want):\n%s", diff)
	}
}

func TestRows(t *testing.T) {
	const n = 50_000
	type claim struct {
		id, name, source string
		year             int
		date             rollcall.Date
		status           rollcall.Status
	}
	claims := make(map[claim]bool)
	names := make(map[string]string) // by id
	years := make(map[string]map[int]int)
	statuses := make(map[rollcall.Status]int)
	people, rows, count := 0, 0, make(map[string]int)
	var prev rollcall.RosterRow
	for row := range sample.Rows(7, n, today) {
		rows++
		if errs := row.Validate(today); len(errs) > 0 {
			t.Fatalf("row %d: %v", rows, errs)
		}
		for _, s := range append([]string{row.FullName, row.Source, row.Note}, row.AltNames...) {
			if c, ok := rosterio.Clean(s); !ok || c != s {
				t.Errorf("row %d: %q is not clean", rows, s)
			}
		}
		if slices.Contains(row.AltNames, row.FullName) {
			t.Errorf("row %d: a name is its own other name", rows)
		}
		if row.Date.Compare(today) >= 0 || row.Expires.String() != "2030-12-31" {
			t.Errorf("row %d: dated %v, expires %v", rows, row.Date, row.Expires)
		}
		c := claim{row.PublicID, row.FullName, row.Source, row.BirthYear, row.Date, row.Status}
		if claims[c] {
			t.Errorf("row %d: a claim comes twice", rows)
		}
		claims[c] = true
		statuses[row.Status]++
		same := row.PublicID != "" && row.PublicID == prev.PublicID
		if same {
			if prev.Source == row.Source {
				t.Errorf("row %d: one source twice about a person", rows)
			}
			if prev.Status != row.Status {
				count["sources disagree"]++
			}
			if prev.Status == rollcall.ReportedHeld && row.Status == rollcall.SaidNotIncluded {
				count["said not included after reported held"]++
			}
		} else {
			people++
			if row.PublicID == "" {
				count["no id"]++
			} else if _, ok := names[row.PublicID]; ok {
				t.Errorf("row %d: an id of two people", rows)
			}
			names[row.PublicID] = row.FullName
			if years[row.FullName] == nil {
				years[row.FullName] = make(map[int]int)
			}
			years[row.FullName][row.BirthYear]++
		}
		for what, is := range map[string]bool{
			"no birth year":          row.BirthYear == 0,
			"note":                   row.Note != "",
			"source_url":             row.SourceURL != "",
			"other names":            len(row.AltNames) > 0,
			"two other names":        len(row.AltNames) > 1,
			"hyphen":                 strings.Contains(row.FullName, "-"),
			"apostrophe '":           strings.Contains(row.FullName, "'"),
			"apostrophe ’":           strings.Contains(row.FullName, "’"),
			"apostrophe ʼ":           strings.Contains(row.FullName, "ʼ"),
			"ё":                      strings.Contains(row.FullName, "ё"),
			"ґ":                      strings.ContainsAny(row.FullName, "ґҐ"),
			"ї":                      strings.ContainsAny(row.FullName, "їЇ"),
			"ь":                      strings.Contains(row.FullName, "ь"),
			"doubled letters":        strings.Contains(row.FullName, "нн"),
			"female Ukrainian":       strings.HasSuffix(row.FullName, "івна"),
			"male Ukrainian":         strings.HasSuffix(row.FullName, "йович"),
			"female Russian":         strings.HasSuffix(row.FullName, "евна"),
			"Latin full name":        unicode.Is(unicode.Latin, []rune(row.FullName)[0]),
			"surname of a woman":     strings.Contains(row.FullName, "ська "),
			"no patronymic":          strings.Count(row.FullName, " ") == 1,
			"Latin beside Cyrillic":  len(row.AltNames) > 0 && !unicode.Is(unicode.Latin, []rune(row.FullName)[0]) && unicode.Is(unicode.Latin, []rune(row.AltNames[0])[0]),
			"scholarly romanisation": len(row.AltNames) > 0 && strings.ContainsAny(row.AltNames[0], "čšžČŠŽ"),
			"live claim of a death":  row.Status == rollcall.Deceased && row.Live(today),
		} {
			if is {
				count[what]++
			}
		}
		prev = row
	}
	if rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}
	if share := people * 100 / rows; share < 65 || share > 75 {
		t.Errorf("%d people in %d rows, want about 70%%", people, rows)
	}
	for _, byYear := range years {
		if len(byYear) > 1 {
			count["one name, several years"]++
		}
		for _, n := range byYear {
			if n > 1 {
				count["one name and year, several people"]++
			}
		}
	}
	for _, what := range []string{"sources disagree", "said not included after reported held", "no id", "no birth year", "note", "source_url", "other names", "two other names",
		"hyphen", "apostrophe '", "apostrophe ’", "apostrophe ʼ", "ё", "ґ", "ї", "ь", "doubled letters", "female Ukrainian", "male Ukrainian", "female Russian",
		"Latin full name", "surname of a woman", "no patronymic", "Latin beside Cyrillic", "scholarly romanisation", "live claim of a death",
		"one name, several years", "one name and year, several people"} {
		if count[what] < n/1000 {
			t.Errorf("%s: %d times in %d rows, want %d at least", what, count[what], n, n/1000)
		}
	}
	for _, s := range rollcall.Statuses {
		if statuses[s] == 0 {
			t.Errorf("no claim has the status %s", s)
		}
	}
}

func TestRowsAgain(t *testing.T) {
	rows := sample.Rows(3, 500, today)
	a, b := slices.Collect(rows), slices.Collect(rows)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("a second pass differs:\n%s", diff)
	}
	if diff := cmp.Diff(a[:100], slices.Collect(sample.Rows(3, 100, today))); diff != "" {
		t.Errorf("fewer rows are not the beginning of more:\n%s", diff)
	}
	if cmp.Equal(a, slices.Collect(sample.Rows(4, 500, today))) {
		t.Error("another seed gives the same rows")
	}
	for range sample.Rows(3, 0, today) {
		t.Error("no rows were asked for")
	}
	for range rows {
		break // a range may stop early
	}
}

// A roster of the largest size has enough surnames to try an index on.
func TestSurnames(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows")
	}
	parts := make(map[string]struct{})
	for row := range sample.Rows(1, 1_000_000, today) {
		for part := range strings.SplitSeq(row.FullName, " ") {
			parts[part] = struct{}{}
		}
	}
	if len(parts) < 100_000 {
		t.Errorf("%d distinct parts of names in a million rows, want 100000", len(parts))
	}
}

func BenchmarkRows(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for range sample.Rows(1, b.N, today) {
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
