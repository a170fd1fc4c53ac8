package store

import (
	"errors"
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
