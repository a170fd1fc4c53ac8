//go:build !unix

package store

import (
	"fmt"
	"os"
)

// A Lock is held by one process at a time. On systems without flock it rests on
// the file's existence, and has to be removed by hand after a crash.
type Lock struct{ f *os.File }

// TakeLock takes the lock that the file stands for. It returns ErrLocked where
// the file exists.
func TakeLock(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return &Lock{f}, nil
}

// Release gives the lock back.
func (l *Lock) Release() {
	l.f.Close()
	os.Remove(l.f.Name())
}

// Locked reports whether a lock is held.
func Locked(path string) (bool, error) {
	_, err := os.Stat(path)
	if os.IsNotExist(err) {
		return false, nil
	}
	return err == nil, err
}
