package rosterio

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/names"
	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
	"rollcall/internal/store"
)

func now() time.Time { return today.In(time.UTC).Add(12 * time.Hour) }

func openStore(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	o.Now = now
	db, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // fails where the test has closed it
	return db
}

func importBytes(db *store.DB, data []byte, format Format, o ImportOptions) (ImportReport, error) {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "f", format, today)
	if err != nil {
		return ImportReport{}, err
	}
	defer r.Close()
	return Import(context.Background(), db, r, store.Shell, o)
}

func importRows(t testing.TB, db *store.DB, o ImportOptions, rows ...rollcall.RosterRow) ImportReport {
	t.Helper()
	rep, err := importBytes(db, write(t, JSONL, rows...), JSONL, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func exported(t testing.TB, db *store.DB) []rollcall.RosterRow {
	t.Helper()
	var rows []rollcall.RosterRow
	if err := db.Export(context.Background(), func(r rollcall.RosterRow) error { rows = append(rows, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows
}

// held is what a database is seen to hold.
type held struct {
	Rows   []rollcall.RosterRow
	Stats  store.Stats
	Status map[rollcall.Status]int
}

func hold(t testing.TB, db *store.DB) (h held) {
	t.Helper()
	var err error
	h.Rows = exported(t, db)
	if h.Stats, err = db.Stats(context.Background()); err != nil {
		t.Fatal(err)
	}
	if h.Status, _, err = db.StatusFigures(context.Background()); err != nil {
		t.Fatal(err)
	}
	return h
}

// wantNoTrace closes the database and fails the test where a text stands in any
// of its files.
func wantNoTrace(t *testing.T, db *store.DB, texts ...string) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(db.Path() + "*")
	if err != nil || len(found) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				t.Errorf("%s holds %q", filepath.Base(path), text)
			}
		}
	}
}

func sampleRows(seed uint64, n int) []rollcall.RosterRow {
	return slices.Collect(sample.Rows(seed, n, today))
}

const canary = "Канарейко-Вигадана"

func TestAllFaultsOfAFileAreTold(t *testing.T) {
	db := openStore(t, store.Options{})
	importRows(t, db, ImportOptions{}, sampleRows(1, 50)...)
	before := hold(t, db)
	data := csvHead +
		"A,Вигаденко Іван Петрович,,1980,missing,2026-01-01,Example Register,,,\n" + // 2
		"B," + canary + ",,1850,gone,2031-01-01,,,,\n" + // 3: four faults
		"A,Вигаденко Іван Петрович,,1980,missing,2026-01-01,Example Register,,,\n" + // 4: the store's to find
		"C,,,,missing,2026-01-01,Example Register,,,\n" + // 5
		"A,Вигаденко Іван Петрович,,1981,returned,2026-01-01," + canary + " Register,,,\n" + // 6: the store's
		"D," + canary + " Олена,,1980,missing,2026-01-01,Example Register,,,\n" // 7: sound
	rep, err := importBytes(db, []byte(data), CSV, ImportOptions{})
	if !errors.Is(err, ErrBadRows) || rollcall.CodeOf(err) != rollcall.Invalid {
		t.Errorf("got %v, want ErrBadRows", err)
	}
	var got []string
	for _, e := range rep.Faults {
		got = append(got, fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Column))
		if strings.Contains(e.Error(), canary) {
			t.Errorf("a fault tells a name")
		}
	}
	want := []string{"f:3: birth_year", "f:3: status", "f:3: status_date", "f:3: source", "f:4: status", "f:5: full_name", "f:6: birth_year"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("faults (-got +want):\n%s", diff)
	}
	if rep.Rows != 6 || rep.MoreFaults != 0 {
		t.Errorf("got %d rows and %d faults more, want 6 and none", rep.Rows, rep.MoreFaults)
	}
	if diff := cmp.Diff(hold(t, db), before); diff != "" {
		t.Errorf("something was stored (-got +want):\n%s", diff)
	}
	wantNoTrace(t, db, canary)
}

func TestAHundredFaultsAreToldAndTheOthersCounted(t *testing.T) {
	for _, tt := range []struct{ bad, told, more int }{{99, 99, 0}, {100, 100, 0}, {101, 100, 1}, {1700, 100, 1600}} {
		for _, kind := range []string{"the reader's", "the store's"} {
			t.Run(fmt.Sprintf("%d, %s", tt.bad, kind), func(t *testing.T) {
				db := openStore(t, store.Options{})
				var b strings.Builder
				b.WriteString(csvHead)
				row := "A,Вигаденко Іван Петрович,,1980,missing,2026-01-01,Example Register,,,\n"
				b.WriteString(row)
				for range tt.bad {
					if kind == "the reader's" {
						b.WriteString(strings.Replace(row, "missing", "gone", 1))
					} else {
						b.WriteString(row) // the same claim
					}
				}
				rep, err := importBytes(db, []byte(b.String()), CSV, ImportOptions{})
				if !errors.Is(err, ErrBadRows) {
					t.Errorf("got %v, want ErrBadRows", err)
				}
				if len(rep.Faults) != tt.told || rep.MoreFaults != tt.more || rep.Rows != tt.bad+1 {
					t.Errorf("got %d faults, %d more, %d rows; want %d, %d, %d", len(rep.Faults), rep.MoreFaults, rep.Rows, tt.told, tt.more, tt.bad+1)
				}
				for i, e := range rep.Faults {
					if e.Line != i+3 {
						t.Fatalf("fault %d is of line %d, want %d", i, e.Line, i+3)
					}
				}
				if got := exported(t, db); len(got) > 0 {
					t.Errorf("%d rows were stored", len(got))
				}
			})
		}
	}
}

// One fault anywhere, of whatever kind, and nothing of the file is stored: not
// its names, nor its sources, nor the changes to entries that are there.
func TestNothingIsStoredAfterAnyFault(t *testing.T) {
	base := sampleRows(2, 40)
	head := slices.Clone(base[:20])
	for i := range head {
		head[i].FullName += " " + canary
		head[i].Source = canary + " Register"
		head[i].BirthYear = 1970
	}
	for i := range store.ChunkRows + 20 {
		r := person(fmt.Sprintf("%s-%d Іван", canary, i))
		r.PublicID, r.Note = fmt.Sprintf("CANARY-%d", i), canary
		head = append(head, r)
	}
	sound := string(write(t, JSONL, head...))
	row := func(text string) string { return sound + text + "\n" }
	valid := `{"id":"X","full_name":"` + canary + `","status":"missing","status_date":"2026-01-01","source":"Example Register"}`
	for name, tt := range map[string]struct {
		data string
		want error
	}{
		"a bad row at the end":          {row(`{"full_name":"x"}`), ErrBadRows},
		"a bad row at the beginning":    {"{}\n" + sound, ErrBadRows},
		"an unknown column":             {row(strings.Replace(valid, `"id"`, `"phone":"1","id"`, 1)), ErrBadRows},
		"no JSON":                       {row("{"), ErrBadRows},
		"a claim twice":                 {row(valid + "\n" + valid), ErrBadRows},
		"two years for one person":      {row(strings.Replace(valid, `"status"`, `"birth_year":1980,"status"`, 1) + "\n" + strings.Replace(strings.Replace(valid, `"status"`, `"birth_year":1981,"status"`, 1), "missing", "returned", 1)), ErrBadRows},
		"another encoding further down": {row("\xff\xfe"), nil},
		"a row that is too long":        {row(`{"full_name":"` + strings.Repeat("x", MaxRowSize) + `"}`), nil},
	} {
		for _, o := range []ImportOptions{{}, {Full: true, DryRun: true}} {
			t.Run(fmt.Sprintf("%s/%+v", name, o), func(t *testing.T) {
				db := openStore(t, store.Options{})
				importRows(t, db, ImportOptions{}, base...)
				before := hold(t, db)
				_, err := importBytes(db, []byte(tt.data), JSONL, o)
				if fault := (*FileError)(nil); !errors.Is(err, ErrBadRows) && (tt.want != nil || !errors.As(err, &fault)) {
					t.Errorf("got %v, want the file's faults", err)
				}
				if diff := cmp.Diff(hold(t, db), before); diff != "" {
					t.Errorf("(-got +want):\n%s", diff)
				}
				wantNoTrace(t, db, canary)
			})
		}
	}
}

func TestDryRunTellsTheSameAndStoresNothing(t *testing.T) {
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprintf("full=%v", full), func(t *testing.T) {
			db := openStore(t, store.Options{})
			all := sampleRows(3, 1500)
			importRows(t, db, ImportOptions{}, all[:1000]...)
			file := slices.Clone(all[500:]) // half of it known, half not
			for i := range file {
				if i%7 == 0 && file[i].PublicID != "" && (i == 0 || file[i-1].PublicID != file[i].PublicID) {
					file[i].AltNames = append(slices.Clone(file[i].AltNames), canary)
				}
			}
			for i := range 3 { // possible duplicates
				r := all[i]
				r.PublicID, r.BirthYear, r.Source = "", 0, canary+" Register"
				file = append(file, r)
			}
			data := write(t, CSV, file...)
			before := hold(t, db)
			dry, err := importBytes(db, data, CSV, ImportOptions{Full: full, DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(hold(t, db), before); diff != "" {
				t.Errorf("the dry run stored something (-got +want):\n%s", diff)
			}
			rep, err := importBytes(db, data, CSV, ImportOptions{Full: full})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(dry, rep); diff != "" {
				t.Errorf("the dry run's report (-got +want the import's):\n%s", diff)
			}
			s := rep.BatchSummary
			if s.People == 0 || s.PeopleChanged == 0 || s.Claims == 0 || s.Renewed == 0 || s.Lookalikes == 0 || len(rep.Lookalikes) != s.Lookalikes ||
				(s.Hidden > 0) != full || rep.Rows != len(file) {
				t.Errorf("got %+v of %d rows, want some of everything", s, rep.Rows)
			}
		})
	}
	db := openStore(t, store.Options{})
	r := person(canary)
	r.Source = canary
	importRows(t, db, ImportOptions{DryRun: true, Full: true}, r)
	wantNoTrace(t, db, canary)
}

func TestPossibleDuplicatesAreReportedByLine(t *testing.T) {
	db := openStore(t, store.Options{})
	a := person("Вигаденко Іван Петрович")
	a.PublicID = "A"
	again := a
	again.PublicID, again.Source = "", "Sample Office" // no year: not told to be the same
	rep, err := importBytes(db, write(t, CSV, a, person("Зразкова Олена"), again), CSV, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range rep.Lookalikes {
		got = append(got, e.Error())
	}
	if diff := cmp.Diff(got, []string{"f:4: full_name: another entry has this name: a possible duplicate"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Export then import changes nothing, and a new database made of the file is
// exported as the same file.
func TestExportThenImportChangesNothing(t *testing.T) {
	db, again := openStore(t, store.Options{}), openStore(t, store.Options{})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		rows := sampleRows(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 15).Draw(rt, "rows"))
		for i := range rows {
			if rows[i].PublicID != "" { // people of its own
				rows[i].PublicID = fmt.Sprintf("%d-%s", run, rows[i].PublicID)
			}
			switch rapid.IntRange(0, 9).Draw(rt, "row") {
			case 0:
				rows[i].Expires = today.AddDays(-1)
			case 1:
				rows[i].Expires = rollcall.Date{}
			case 2:
				rows[i].FullName = rapid.SampledFrom([]string{"=1+1", "'@x", "- Вигадана", `"a";b,c`, "-", "+380", "'"}).Draw(rt, "name")
				rows[i].FullName = strings.ReplaceAll(rows[i].FullName, ";", "")
			case 3:
				rows[i].Note = text(1, 60).Draw(rt, "note")
			}
		}
		load := func(db *store.DB, data []byte, format Format, full bool) ImportReport {
			rep, err := importBytes(db, data, format, ImportOptions{Full: full})
			if err != nil {
				rt.Fatalf("%v: %v", err, rep.Faults)
			}
			return rep
		}
		load(db, write(t, JSONL, rows...), JSONL, true) // what other runs left is hidden
		if rapid.Bool().Draw(rt, "fold") {
			if err := db.Fold(context.Background()); err != nil {
				rt.Fatal(err)
			}
		}
		format := rapid.SampledFrom([]Format{CSV, JSONL}).Draw(rt, "format")
		before := exported(t, db)
		file := write(t, format, before...)
		rep := load(db, file, format, rapid.Bool().Draw(rt, "full"))
		if diff := cmp.Diff(rep, ImportReport{BatchSummary: store.BatchSummary{Renewed: len(before)}, Rows: len(before)}); diff != "" {
			rt.Fatalf("report (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(exported(t, db), before); diff != "" {
			rt.Fatalf("(-got +want):\n%s", diff)
		}
		load(again, file, format, true)
		if diff := cmp.Diff(string(write(t, format, exported(t, again)...)), string(file)); diff != "" {
			rt.Fatalf("the file of another database (-got +want):\n%s", diff)
		}
	})
}

func TestCancelledImportLeavesNothing(t *testing.T) {
	rows := sampleRows(4, 3000)
	for i := range rows {
		rows[i].Note, rows[i].Source = canary, canary
	}
	for name, at := range map[string]int{"before the first row": 0, "after a chunk": 1, "after some": 3, "with the last row": 6} {
		t.Run(name, func(t *testing.T) {
			db := openStore(t, store.Options{})
			importRows(t, db, ImportOptions{}, sampleRows(4, 100)...)
			before := hold(t, db)
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			step := func(int64, int64, int) {
				if calls++; calls == at {
					cancel()
				}
			}
			if at == 0 {
				cancel()
			}
			data := write(t, JSONL, rows...)
			r, err := NewReader(bytes.NewReader(data), int64(len(data)), "f", JSONL, today)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Import(ctx, db, r, store.Shell, ImportOptions{Full: true, Progress: step})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want context.Canceled", err)
			}
			if diff := cmp.Diff(hold(t, db), before); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			wantNoTrace(t, db, canary)
		})
	}
}

func TestImportIsRefusedWhileAnotherRuns(t *testing.T) {
	db := openStore(t, store.Options{})
	b, err := db.BeginBatch(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	data := write(t, JSONL, sampleRows(1, 10)...)
	if _, err := importBytes(db, data, JSONL, ImportOptions{}); !errors.Is(err, store.ErrImportRunning) {
		t.Errorf("got %v, want ErrImportRunning", err)
	}
	if err := b.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := importBytes(db, data, JSONL, ImportOptions{}); err != nil {
		t.Error(err)
	}
}

func TestProgressIsTold(t *testing.T) {
	db := openStore(t, store.Options{})
	var last, size int64
	rows := 0
	data := write(t, CSV, sampleRows(5, 1234)...)
	rep, err := importBytes(db, data, CSV, ImportOptions{Progress: func(done, total int64, n int) {
		if done < last || done > total || n < rows {
			t.Errorf("progress goes from %d to %d of %d", last, done, total)
		}
		last, size, rows = done, total, n
	}})
	if err != nil || rows != rep.Rows || last != size || size != int64(len(data)) {
		t.Errorf("got %d of %d bytes and %d rows at the end (%v), want all", last, size, rows, err)
	}
}

// What is stored is what the file said: the rows of a person in the order in
// which the export tells them, with drawn ids where there was none.
func TestImportStoresWhatTheFileSays(t *testing.T) {
	for _, format := range []Format{CSV, JSONL} {
		t.Run(string(format), func(t *testing.T) {
			db := openStore(t, store.Options{})
			rows := sampleRows(6, 800)
			rep, err := importBytes(db, write(t, format, rows...), format, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			key := func(r rollcall.RosterRow) string {
				if strings.HasPrefix(r.PublicID, "r-") {
					r.PublicID = ""
				}
				if len(r.AltNames) == 0 {
					r.AltNames = nil
				}
				return fmt.Sprintf("%+v", r)
			}
			count := func(rows []rollcall.RosterRow) map[string]int {
				m := map[string]int{}
				for _, r := range rows {
					m[key(r)]++
				}
				return m
			}
			got, want := count(exported(t, db)), count(rows)
			if !maps.Equal(got, want) {
				t.Errorf("(-got +want):\n%s", cmp.Diff(got, want))
			}
			if rep.Claims != len(rows) || rep.Rows != len(rows) {
				t.Errorf("got %d claims of %d rows, want %d", rep.Claims, rep.Rows, len(rows))
			}
		})
	}
}

func noIndex(string, []string) names.Entry { return names.Entry{} }

// A roster of a million rows takes no more memory than the container has.
// ROLLCALL_LONG=1 imports the million; the ordinary run is of twenty thousand.
func TestLargeImportIsWithinItsMemory(t *testing.T) {
	race.Skip(t)
	n := 20_000
	if os.Getenv("ROLLCALL_LONG") != "" {
		n = 1_000_000
	}
	const limit = 512 << 20
	path := filepath.Join(t.TempDir(), "roster.csv")
	writeSample(t, path, n)
	db := openStore(t, store.Options{Index: noIndex})
	debug.FreeOSMemory()
	resetPeak()
	began := time.Now()
	r, err := OpenReader(path, CSV, today)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rep, err := Import(t.Context(), db, r, store.Shell, ImportOptions{Full: true})
	took := time.Since(began)
	if err != nil || rep.Claims != n {
		t.Fatalf("got %d claims (%v), want %d", rep.Claims, err, n)
	}
	peak, ok := peakMemory()
	if !ok {
		t.Skip("this system does not tell the memory of a process")
	}
	t.Logf("%d rows in %.1f s (%.0f rows/s), at most %d MiB resident", n, took.Seconds(), float64(n)/took.Seconds(), peak>>20)
	if peak > limit {
		t.Errorf("took %d MiB, want at most %d", peak>>20, limit>>20)
	}
}

func writeSample(t testing.TB, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	w, err := NewWriter(buf, CSV)
	if err != nil {
		t.Fatal(err)
	}
	for r := range sample.Rows(7, n, today) {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), buf.Flush()); err != nil {
		t.Fatal(err)
	}
}

// resetPeak sets the peak of the resident memory to what is resident now, where
// the system can (proc(5), /proc/pid/clear_refs).
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMemory returns VmHWM of proc(5), in bytes.
func peakMemory() (int64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10, true
		}
	}
	return 0, false
}

func BenchmarkImport(b *testing.B) {
	const n = 20_000
	for name, index := range map[string]func(string, []string) names.Entry{
		"with the index":    nil,
		"without the index": noIndex,
	} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "roster.csv")
			writeSample(b, path, n)
			loops := 0
			for b.Loop() {
				db := openStore(b, store.Options{Index: index})
				r, err := OpenReader(path, CSV, today)
				if err != nil {
					b.Fatal(err)
				}
				rep, err := Import(context.Background(), db, r, store.Shell, ImportOptions{})
				if err != nil || rep.Claims != n {
					b.Fatal(rep.Claims, err)
				}
				r.Close()
				db.Close()
				loops++
			}
			b.ReportMetric(float64(loops*n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// A BenchmarkExport writes what it has read from the database.
func BenchmarkExport(b *testing.B) {
	const n = 20_000
	db := openStore(b, store.Options{Index: noIndex})
	importRows(b, db, ImportOptions{}, sampleRows(8, n)...)
	loops := 0
	for b.Loop() {
		w, err := NewWriter(io.Discard, CSV)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Export(context.Background(), w.Write); err != nil {
			b.Fatal(err)
		}
		loops++
	}
	b.ReportMetric(float64(loops*n)/b.Elapsed().Seconds(), "rows/s")
}
