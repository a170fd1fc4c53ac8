package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSecondTakeLockIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.lock")
	lock, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TakeLock(path); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
	other, err := TakeLock(path + "2")
	if err != nil {
		t.Fatalf("a lock of another name: %v", err)
	}
	other.Release()
	lock.Release()
	again, err := TakeLock(path)
	if err != nil {
		t.Fatalf("after Release: %v", err)
	}
	again.Release()
}

func TestLockedAsksAndMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.lock")
	held := func(want bool) {
		t.Helper()
		if got, err := Locked(path); err != nil || got != want {
			t.Errorf("got %t, %v, want %t", got, err, want)
		}
	}
	held(false)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("asking has made the file (%v)", err)
	}
	lock, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	held(true)
	held(true)
	lock.Release()
	held(false)
	again, err := TakeLock(path)
	if err != nil {
		t.Fatalf("after asking: %v", err)
	}
	again.Release()
}

func TestLockInAFolderThatIsNotThere(t *testing.T) {
	_, err := TakeLock(filepath.Join(t.TempDir(), "nowhere", "test.lock"))
	if err == nil || errors.Is(err, ErrLocked) {
		t.Fatalf("got %v, want another error than ErrLocked", err)
	}
}

func TestLockGoesWithItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.lock")
	c := startChild(t, "lock", path)
	if _, err := TakeLock(path); !errors.Is(err, ErrLocked) {
		t.Fatalf("while the other process lives: got %v, want ErrLocked", err)
	}
	c.kill(t)
	lock, err := TakeLock(path)
	if err != nil {
		t.Fatalf("after its death: %v", err)
	}
	lock.Release()
}
