package fakeapi

import (
	"math"
	"time"
)

// Limits say how many messages may be sent. A zero field limits nothing.
type Limits struct {
	PerSecond      int           // in all chats together, in any second
	PrivateBurst   int           // at once to one person; then one
	PrivateEvery   time.Duration // in each of these spans
	GroupPerMinute int           // to one group or channel, in any minute
	Edits          bool          // edits count too
}

// TelegramLimits returns what Telegram's FAQ names: 30 a second in all, one a
// second to a person after a burst, which is guessed, and 20 a minute to a
// group; it is said to hold for channels too.
func TelegramLimits() Limits {
	return Limits{PerSecond: 30, PrivateBurst: 20, PrivateEvery: time.Second, GroupPerMinute: 20}
}

// SetLimits replaces the limits from now on.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l
}

// TooMany returns how many calls the limits refused with 429. Those of a
// [Fault] do not count.
func (s *Server) TooMany() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooMany
}

// window counts events of the last span.
type window []time.Time

// wait returns how long it takes until another event fits.
func (w *window) wait(now time.Time, limit int, span time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	for len(*w) > 0 && now.Sub((*w)[0]) >= span {
		*w = (*w)[1:]
	}
	if len(*w) < limit {
		return 0
	}
	return span - now.Sub((*w)[len(*w)-limit])
}

func (w *window) add(now time.Time) { *w = append(*w, now) }

// allowance is what one chat may still get.
type allowance struct {
	recent window // groups and channels
	// spent is when the whole burst of a private chat will be there again; each
	// message moves it on by PrivateEvery.
	spent time.Time
}

func (a *allowance) wait(now time.Time, private bool, l Limits) time.Duration {
	if !private {
		return a.recent.wait(now, l.GroupPerMinute, time.Minute)
	}
	if l.PrivateEvery <= 0 {
		return 0
	}
	if a.spent.Before(now) {
		return 0
	}
	burst := time.Duration(max(l.PrivateBurst, 1)) * l.PrivateEvery
	return max(0, a.spent.Sub(now)+l.PrivateEvery-burst)
}

func (a *allowance) add(now time.Time, private bool, l Limits) {
	if !private {
		a.recent.add(now)
		return
	}
	if a.spent.Before(now) {
		a.spent = now
	}
	a.spent = a.spent.Add(l.PrivateEvery)
}

// admit takes one message from the limits, or says how long to wait.
func (s *Server) admit(c *chat) *apiError {
	now, private := s.now(), c.ID.Private()
	wait := max(
		s.sent.wait(now, s.limits.PerSecond, time.Second),
		c.allowance.wait(now, private, s.limits))
	if wait > 0 {
		s.tooMany++
		return retryAfter(int(math.Ceil(wait.Seconds())))
	}
	if s.limits.PerSecond > 0 {
		s.sent.add(now)
	}
	if private || s.limits.GroupPerMinute > 0 {
		c.allowance.add(now, private, s.limits)
	}
	return nil
}
