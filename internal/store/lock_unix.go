//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// A Lock is held by one process at a time and goes with it, however it ends.
type Lock struct{ f *os.File }

// TakeLock takes the lock that the file stands for, and makes the file where
// there is none. It does not wait: it returns ErrLocked while another process,
// or another holder in this one, has it.
func TakeLock(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	return &Lock{f}, nil
}

// Release gives the lock back. The file stays, since removing it would let two
// processes hold two files of one name.
func (l *Lock) Release() { l.f.Close() }

// Locked reports whether a lock is held, and makes no file. It takes the lock
// together with others who ask, and for microseconds: a [TakeLock] that falls
// into them is refused.
func Locked(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	defer f.Close()
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("lock: %w", err)
	}
	return false, nil
}
