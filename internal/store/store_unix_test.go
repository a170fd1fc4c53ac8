//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Whatever the umask, nobody else can read the files: names and sealed ids
// stand in the WAL as they do in the database.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	was := syscall.Umask(0)
	defer syscall.Umask(was)
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980)) // takes the import's lock
	lock, err := TakeLock(db.path + ".serve.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	for _, suffix := range []string{"", "-wal", "-shm", ".import.lock", ".serve.lock"} {
		info, err := os.Stat(db.path + suffix)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(db.path)+suffix, got)
		}
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(db.path), "*"))
	if err != nil || len(found) != 5 {
		t.Errorf("got the files %q (%v), want five", found, err)
	}
}
