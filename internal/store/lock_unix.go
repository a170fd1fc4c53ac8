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
