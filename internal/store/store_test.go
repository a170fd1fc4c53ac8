package store

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// childEnv makes the test binary a process of another kind; see [children].
const childEnv = "ROLLCALL_STORE_TEST_CHILD"

// children are what another process does to a database in these tests. Each
// says one line on its standard output when it has got there, and then waits to
// be killed or for its standard input to end.
var children = map[string]func(path string, say func(string)) error{
	"open": func(path string, say func(string)) error {
		say("ready")
		if _, err := io.Copy(io.Discard, os.Stdin); err != nil { // its end is the word to go
			return err
		}
		db, err := Open(context.Background(), path, Options{})
		if err != nil {
			return err
		}
		return db.Close()
	},
	"lock": func(path string, say func(string)) error {
		if _, err := TakeLock(path); err != nil {
			return err
		}
		say("ready")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	},
	"stage": func(path string, say func(string)) error {
		db, err := Open(context.Background(), path, Options{Now: clockAt(noon).Now})
		if err != nil {
			return err
		}
		b, err := db.BeginBatch(context.Background(), false)
		if err != nil {
			return err
		}
		if _, err := b.Add(context.Background(), interruptedRows()); err != nil {
			return err
		}
		if err := b.stageIndex(context.Background()); err != nil {
			return err
		}
		say("ready")
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	},
}

func TestMain(m *testing.M) {
	if kind := os.Getenv(childEnv); kind != "" {
		if err := children[kind](os.Args[1], func(s string) { fmt.Println(s) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A child is another process with the same database.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr bytes.Buffer
}

// startChild starts one of [children] and returns when it has said that it is
// ready.
func startChild(t *testing.T, kind, path string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], path)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+kind)
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the other process said %q (%v): %s", line, err, c.stderr.String())
	}
	return c
}

// kill ends the process as kill -9 does and waits until it is gone.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
}

// noon is the present of most tests.
var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)

// A clock stands still until it is told otherwise.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func clockAt(t time.Time) *clock { return &clock{t: t} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func testKeys(t testing.TB, seed byte) *secret.Keys {
	t.Helper()
	keys, err := secret.New([32]byte{seed, 1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// openAt opens a file and closes it at the end of the test.
func openAt(t testing.TB, path string, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // fails where the test has closed it
	return db
}

// openTest makes a database of its own for the test, with its clock at noon.
func openTest(t testing.TB) (*DB, *clock) {
	t.Helper()
	c := clockAt(noon)
	return openAt(t, filepath.Join(t.TempDir(), "test.db"), Options{Now: c.Now, Keys: testKeys(t, 1)}), c
}

// update is [DB.Update] for what must not fail.
func update(t testing.TB, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// execute runs SQL that no method of the store would run.
func execute(t testing.TB, db *DB, query string, args ...any) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		_, err := tx.exec(query, args...)
		return err
	})
}

// query returns the rows as text, the columns parted by "|", blobs in
// hexadecimal.
func query(t testing.TB, db *DB, q string, args ...any) []string {
	t.Helper()
	lines := []string{}
	err := db.eachOnce(context.Background(), q, args, func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		line := make([]string, len(columns))
		for i, v := range values {
			switch v := (*v.(*any)).(type) {
			case []byte:
				line[i] = fmt.Sprintf("x%x", v)
			case nil:
				line[i] = "NULL"
			default:
				line[i] = fmt.Sprint(v)
			}
		}
		lines = append(lines, strings.Join(line, "|"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// dump returns all rows of all tables but those named.
func dump(t testing.TB, db *DB, except ...string) map[string][]string {
	t.Helper()
	tables := map[string][]string{}
	for _, name := range query(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		if slices.Contains(except, name) {
			continue
		}
		rows := query(t, db, `SELECT * FROM "`+name+`"`)
		slices.Sort(rows)
		tables[name] = rows
	}
	return tables
}

// files returns the bytes of all files that belong to the database.
func files(t testing.TB, path string) []byte {
	t.Helper()
	var all []byte
	found, err := filepath.Glob(path + "*")
	if err != nil || len(found) == 0 {
		t.Fatal("no files", err)
	}
	for _, f := range found {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// checkpoint brings everything from the WAL into the database and empties it.
func checkpoint(t testing.TB, db *DB) {
	t.Helper()
	other, err := sql.Open("sqlite", dsn(db.path, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var busy, log, done int
	if err := other.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil || busy != 0 {
		t.Fatalf("checkpoint: busy %d, %v", busy, err)
	}
}

// wantCode fails the test unless the error has the code.
func wantCode(t testing.TB, err error, want rollcall.Code) {
	t.Helper()
	if got := rollcall.CodeOf(err); got != want {
		t.Fatalf("got %q (%v), want the code %q", got, err, want)
	}
}

func TestPragmasHoldOnEveryConnection(t *testing.T) {
	db, _ := openTest(t)
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2"}
	got := func(name string, row func(query string, dest ...any) error) string {
		t.Helper()
		var s string
		if err := row("PRAGMA "+name, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, want := range want {
		update(t, db, func(tx *Tx) error {
			if got := got(name, func(q string, dest ...any) error { return tx.row(q, nil, dest...) }); got != want {
				t.Errorf("the writer: PRAGMA %s is %s, want %s", name, got, want)
			}
			return nil
		})
	}
	// All at the same time, so that each is a connection of its own.
	want["busy_timeout"], want["query_only"] = "20000", "1"
	for i := range readers {
		conn, err := db.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for name, want := range want {
			row := func(q string, dest ...any) error { return conn.QueryRowContext(t.Context(), q).Scan(dest...) }
			if got := got(name, row); got != want {
				t.Errorf("reader %d: PRAGMA %s is %s, want %s", i, name, got, want)
			}
		}
		if _, err := conn.ExecContext(t.Context(), "DELETE FROM meta"); err == nil {
			t.Errorf("reader %d can write", i)
		}
	}
}

// A database that was closed is one file, so that it can be copied.
func TestCloseLeavesOneFile(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{})
	for _, db := range []*DB{db, other} {
		importRows(t, db, false, row("A", "Зразкова Олена", 1980))
		notes(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(db.path + "*")
	if diff := cmp.Diff(found, []string{db.path, db.path + ".import.lock"}); diff != "" || err != nil {
		t.Errorf("files (%v) (-got +want):\n%s", err, diff)
	}
}

func TestForeignKeysAreEnforced(t *testing.T) {
	db, _ := openTest(t)
	err := db.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO watches (peer_id, person_id, language, version, created_at) VALUES (1, 1, 'en', 0, 0)`)
		return err
	})
	wantCode(t, err, rollcall.Invalid)
}

func TestTablesAreStrict(t *testing.T) {
	db, _ := openTest(t)
	tables := query(t, db, `SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'`)
	if len(tables) < 20 {
		t.Fatalf("got %d tables, want them all", len(tables))
	}
	for _, table := range tables {
		if name, strict, _ := strings.Cut(table, "|"); strict != "1" {
			t.Errorf("%s is not STRICT", name)
		}
	}
}

// The schema has no room for what must not be kept, and none for an account's id
// in the clear.
func TestSchemaHasNoColumnForWhatIsNotKept(t *testing.T) {
	db, _ := openTest(t)
	forbidden := regexp.MustCompile(`(?i)(^|_)(photos?|pictures?|images?|avatar|address|place|location|detention|prison|camp|` +
		`units?|rank|brigade|phones?|tel|health|medical|wounds?|relatives?|kin|family|mother|father|wife|birthday|birth_date|` +
		`user|user_?id|user_?name|telegram(_?id)?|tg(_?id)?|account(_?id)?|first_name|last_name)(_|$)`)
	for _, bad := range []string{"photo", "photo_file_id", "home_address", "place", "unit", "rank", "phone", "health", "relative_name", "user_id", "telegram_id", "username"} {
		if !forbidden.MatchString(bad) {
			t.Fatalf("%s would not be found", bad)
		}
	}
	columns := query(t, db, `SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c WHERE t.schema = 'main'`)
	if len(columns) < 100 {
		t.Fatalf("got %d columns, want them all", len(columns))
	}
	for _, c := range columns {
		if _, column, _ := strings.Cut(c, "|"); forbidden.MatchString(column) {
			t.Errorf("there is a column %s", strings.Replace(c, "|", ".", 1))
		}
	}
}

// A chat id in the clear is a channel's or a group's, which are negative (Bot
// API, "Chat"); a private chat's is its user's id.
func TestOnlyLedgerTablesHoldChatIDs(t *testing.T) {
	db, _ := openTest(t)
	got := query(t, db, `SELECT t.name FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND c.name LIKE '%chat%' ORDER BY 1`)
	if diff := cmp.Diff(got, []string{"deliveries", "occurrences"}); diff != "" {
		t.Errorf("tables with a chat's id (-got +want):\n%s", diff)
	}
}

// A claim without source, date and status does not exist.
func TestIncompleteClaimIsRefused(t *testing.T) {
	db, _ := openTest(t)
	got := query(t, db, `SELECT name FROM pragma_table_info('claims') WHERE "notnull" = 0`)
	if diff := cmp.Diff(got, []string{}); diff != "" {
		t.Errorf("columns of claims that may be NULL (-got +want):\n%s", diff)
	}
	importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980))
	before := dump(t, db)
	type values map[string]any
	for name, change := range map[string]values{
		"no person":            {"person_id": nil},
		"unknown person":       {"person_id": 99},
		"no source":            {"source_id": nil},
		"no date":              {"status_date": nil},
		"empty date":           {"status_date": ""},
		"date of another form": {"status_date": "1.2.2025"},
		"no status":            {"status": nil},
		"empty status":         {"status": ""},
		"unknown status":       {"status": "refused"},
		"no expiry":            {"expires": nil},
		"empty expiry":         {"expires": ""},
		"no batch":             {"batch_id": nil},
		"text for a number":    {"batch_id": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			v := values{"person_id": 1, "source_id": 1, "status_date": "2025-02-01", "status": "missing", "expires": "2030-01-01", "batch_id": 1}
			for k, x := range change {
				v[k] = x
			}
			err := db.Update(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(`INSERT INTO claims (person_id, source_id, status_date, status, source_url, note, expires, batch_id)
					VALUES (?, ?, ?, ?, '', '', ?, ?)`, v["person_id"], v["source_id"], v["status_date"], v["status"], v["expires"], v["batch_id"])
				return err
			})
			wantCode(t, err, rollcall.Invalid)
		})
	}
	for name, change := range map[string]func(*rollcall.RosterRow){
		"row without source": func(r *rollcall.RosterRow) { r.Source = "" },
		"row without date":   func(r *rollcall.RosterRow) { r.Date = rollcall.Date{} },
		"row without status": func(r *rollcall.RosterRow) { r.Status = "" },
		"row without name":   func(r *rollcall.RosterRow) { r.FullName, r.PublicID = "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			r := row("A", "Зразкова Олена Петрівна", 1980)
			r.Date = r.Date.AddDays(1)
			change(&r)
			b := begin(t, db, false)
			_, err := b.Add(t.Context(), []rollcall.RosterRow{r})
			wantCode(t, err, rollcall.Invalid)
			if err := b.Discard(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	delete(before, "batches")
	if diff := cmp.Diff(dump(t, db, "batches"), before); diff != "" {
		t.Errorf("what was refused left something behind (-got +want):\n%s", diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	text := strings.Repeat("this is no database at all. ", 200)
	if err := os.WriteFile(garbage, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a folder that is not there": filepath.Join(dir, "nowhere", "test.db"),
		"a folder as the file":       dir,
		"a file of another kind":     garbage,
		"memory":                     ":memory:",
	} {
		t.Run(name, func(t *testing.T) {
			db, err := Open(t.Context(), path, Options{})
			if err == nil {
				db.Close()
				t.Fatal("it opens")
			}
		})
	}
	got, err := os.ReadFile(garbage)
	if err != nil || string(got) != text {
		t.Errorf("the file of another kind was changed (%v)", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestNewerDatabaseIsRefusedAndUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{Keys: testKeys(t, 1)})
	conn, err := sql.Open("sqlite", dsn(path, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	before := files(t, path)
	for name, keys := range map[string]*secret.Keys{"without keys": nil, "with its keys": testKeys(t, 1), "with other keys": testKeys(t, 2)} {
		_, err := Open(t.Context(), path, Options{Keys: keys})
		if !errors.Is(err, ErrNewer) {
			t.Errorf("%s: got %v, want ErrNewer", name, err)
		}
		if !bytes.Equal(files(t, path), before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestWrongSecretIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	// A verb that needs no keys may come first; the first keys are the right ones.
	for _, step := range []struct {
		name string
		keys *secret.Keys
		want error
	}{
		{"no keys", nil, nil},
		{"the first keys", testKeys(t, 1), nil},
		{"others", testKeys(t, 2), ErrWrongSecret},
		{"the first again", testKeys(t, 1), nil},
		{"no keys again", nil, nil},
		{"others again", testKeys(t, 2), ErrWrongSecret},
	} {
		db, err := Open(t.Context(), path, Options{Keys: step.keys})
		if !errors.Is(err, step.want) {
			t.Fatalf("%s: got %v, want %v", step.name, err, step.want)
		}
		if err == nil {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestMigrationsFromAnEmptyFileByManyAtOnce(t *testing.T) {
	reference, _ := openTest(t)
	schema := func(db *DB) []string {
		return query(t, db, `SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`)
	}
	check := func(t *testing.T, path string) {
		t.Helper()
		db := openAt(t, path, Options{})
		if diff := cmp.Diff(schema(db), schema(reference)); diff != "" {
			t.Errorf("the schema (-got +want):\n%s", diff)
		}
		got, want := query(t, db, "PRAGMA user_version"), query(t, reference, "PRAGMA user_version")
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("the version (-got +want):\n%s", diff)
		}
	}
	t.Run("goroutines", func(t *testing.T) {
		for range 10 {
			path := filepath.Join(t.TempDir(), "test.db")
			var wg sync.WaitGroup
			start := make(chan struct{})
			for range 8 {
				wg.Go(func() {
					<-start
					db, err := Open(context.Background(), path, Options{Keys: testKeys(t, 1)})
					if err != nil {
						t.Error(err)
						return
					}
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			wg.Wait()
			check(t, path)
		}
	})
	t.Run("processes", func(t *testing.T) {
		for range 3 {
			path := filepath.Join(t.TempDir(), "test.db")
			var all []*child
			for range 4 {
				all = append(all, startChild(t, "open", path))
			}
			for _, c := range all {
				c.stdin.Close()
			}
			for _, c := range all {
				if err := c.cmd.Wait(); err != nil {
					t.Errorf("%v: %s", err, c.stderr.String())
				}
			}
			check(t, path)
		}
	})
}
