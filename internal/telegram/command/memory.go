package command

import (
	"sync"
	"time"

	"rollcall/internal/rollcall"
)

const (
	dialogTTL  = 10 * time.Minute
	maxDialogs = 10_000
)

// A memory remembers one thing of each account for ten minutes, and in memory
// alone: what is said on the way to something is not to be stored. The zero memory
// is empty, and may be used by several goroutines. Whoever reads and then keeps
// relies on the account's messages coming in order, as those of one chat do.
type memory[T any] struct {
	mu     sync.Mutex
	of     map[rollcall.UserID]remembered[T]
	pruned time.Time // when what is over was last looked for
}

type remembered[T any] struct {
	value T
	at    time.Time
}

// get returns what is remembered of the account.
func (m *memory[T]) get(user rollcall.UserID, now time.Time) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.of[user]
	if !ok || now.Sub(r.at) > dialogTTL {
		var none T
		return none, false
	}
	return r.value, true
}

// keep remembers v for ten minutes from now, in the place of what was remembered.
func (m *memory[T]) keep(user rollcall.UserID, v T, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.pruned) > time.Minute {
		for id, r := range m.of {
			if now.Sub(r.at) > dialogTTL {
				delete(m.of, id)
			}
		}
		m.pruned = now
	}
	if m.of == nil || len(m.of) >= maxDialogs { // a flood: better forget all than grow
		m.of = map[rollcall.UserID]remembered[T]{}
	}
	m.of[user] = remembered[T]{v, now}
}

func (m *memory[T]) forget(user rollcall.UserID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of, user)
}
