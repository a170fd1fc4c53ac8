package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// backupOf copies a database beside it, and returns the copy's path.
func backupOf(t *testing.T, db *DB, name string) string {
	t.Helper()
	to := filepath.Join(filepath.Dir(db.Path()), name)
	if _, err := Backup(t.Context(), db.Path(), to, db.now); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestABackupIsOneMomentOfTheDatabase(t *testing.T) {
	db, _ := openTest(t)
	seed(t, db)
	dir := t.TempDir()
	to := filepath.Join(dir, "copy.db")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // others write meanwhile
		defer close(stopped)
		for i := int64(1000); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := db.Update(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(`INSERT INTO suppressions (mark, person_id, created_at) VALUES (zeroblob(32), ?, 0)`, i)
				return err
			}); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	c, err := Backup(t.Context(), db.Path(), to, db.now)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(to)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 || info.Size() != c.Bytes || c.Schema != schemas(t) || c.Logs != 1 || c.Leaves < 5 || !c.At.Equal(noon) {
		t.Errorf("made with mode %v and %d bytes is %+v", info.Mode(), info.Size(), c)
	}
	if got := listed(t, dir); !cmp.Equal(got, []string{"copy.db"}) {
		t.Errorf("the folder has %q", got)
	}
	copied := openAt(t, to, Options{Now: db.now, Keys: testKeys(t, 1)})
	except := []string{"meta", "suppressions"}
	if diff := cmp.Diff(dump(t, copied, except...), dump(t, db, except...)); diff != "" {
		t.Errorf("the copy (-got +want):\n%s", diff)
	}
}

func TestBackupRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, db *DB, to string)
		want  error // or
		code  rollcall.Code
	}{
		"a file that is there":  {spoil: func(t *testing.T, _ *DB, to string) { write(t, to, "a file") }, want: ErrCopyExists},
		"a stray -wal":          {spoil: func(t *testing.T, _ *DB, to string) { write(t, to+"-wal", "a file") }, want: ErrCopyExists},
		"a stray -journal":      {spoil: func(t *testing.T, _ *DB, to string) { write(t, to+"-journal", "a file") }, want: ErrCopyExists},
		"a link that leads off": {spoil: func(t *testing.T, _ *DB, to string) { link(t, "nowhere", to) }, want: ErrCopyExists},
		"a log that does not add up": {spoil: func(t *testing.T, db *DB, _ string) {
			execute(t, db, `UPDATE log_leaves SET leaf = leaf || ' ' WHERE number = 2`)
		}, want: ErrBrokenLog},
		"a row without the one that it refers to": {spoil: func(t *testing.T, db *DB, _ string) {
			behind(t, db, `INSERT INTO watches (peer_id, person_id, language, version, created_at) VALUES (999, 999, 'en', 0, 0)`)
		}, code: rollcall.Invalid},
		"a later schema": {spoil: func(t *testing.T, db *DB, _ string) { behind(t, db, `PRAGMA user_version = 9999`) }, want: ErrNewer},
		"an empty file":  {spoil: func(t *testing.T, db *DB, _ string) { behind(t, db, `PRAGMA user_version = 0`) }, code: rollcall.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			openPetition(t, db, petition("sample"))
			sign(t, db, "sample", signer(1))
			sequence(t, db)
			dir := t.TempDir()
			to := filepath.Join(dir, "copy.db")
			c.spoil(t, db, to)
			before := listed(t, dir)
			_, err := Backup(t.Context(), db.Path(), to, db.now)
			if c.want != nil && !errors.Is(err, c.want) || c.want == nil && rollcall.CodeOf(err) != c.code {
				t.Errorf("got %v, want %v %v", err, c.want, c.code)
			}
			if diff := cmp.Diff(listed(t, dir), before); diff != "" {
				t.Errorf("the folder (-got +want):\n%s", diff)
			}
		})
	}
}

func TestBackupOfNothing(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from.db"), filepath.Join(dir, "to.db")
	if _, err := Backup(t.Context(), from, to, clockAt(noon).Now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no file: %v", err)
	}
	write(t, from, "no database, but long enough to be taken for one by whoever does not look")
	if _, err := Backup(t.Context(), from, to, clockAt(noon).Now); rollcall.CodeOf(err) != rollcall.Invalid {
		t.Errorf("of another file: %v", err)
	}
	if got := listed(t, dir); !cmp.Equal(got, []string{"from.db"}) {
		t.Errorf("the folder has %q", got)
	}
}

// A copy can be made of a database that nobody has open, and leaves it as it was.
func TestABackupOfAClosedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{Now: clockAt(noon).Now, Keys: testKeys(t, 1)})
	seed(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := files(t, path)
	to := backupOf(t, db, "copy.db")
	if got := listed(t, filepath.Dir(path)); !cmp.Equal(got, []string{"copy.db", "test.db", "test.db.import.lock"}) {
		t.Errorf("the folder has %q", got)
	}
	if string(files(t, path)) != string(before) {
		t.Error("the database has changed")
	}
	if _, err := CheckCopy(t.Context(), to, db.now); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// behind changes the database by a connection of its own, which enforces nothing.
func behind(t *testing.T, db *DB, query string) {
	t.Helper()
	plain, err := openPlain(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// A crash leaves a copy without a name; the next backup takes it away, and leaves
// alone what another one may be writing.
func TestABackupTakesAwayWhatACrashHasLeft(t *testing.T) {
	db, c := openTest(t)
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{copyPrefix + "old": 2 * leftAfter, copyPrefix + "old-wal": 2 * leftAfter, copyPrefix + "new": 0, "another": 2 * leftAfter} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("names"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Backup(t.Context(), db.path, filepath.Join(dir, "copy"), c.Now); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{copyPrefix + "new", "another", "copy"}; !slices.Equal(names, want) {
		t.Errorf("there are %q, want %q", names, want)
	}
}
