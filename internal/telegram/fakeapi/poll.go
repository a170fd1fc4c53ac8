package fakeapi

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	firstUpdateID = 1000
	maxPoll       = 50 * time.Second // the server's LONG_POLL_MAX_TIMEOUT
	maxBatch      = 100
	keepConfirmed = 1000
)

// updateKinds are those that the server can make, and whether a bot gets them
// without asking (getUpdates, allowed_updates).
var updateKinds = map[string]bool{
	"message": true, "edited_message": true, "channel_post": true, "edited_channel_post": true,
	"callback_query": true, "my_chat_member": true, "chat_member": false,
	"inline_query": true, "chosen_inline_result": true, "chat_join_request": true,
	"message_reaction": false, "message_reaction_count": false,
}

type update struct {
	id   int64
	raw  []byte
	held bool // taken back after a confirmation: not confirmed again before it is given out
}

// queue holds the updates that wait for the bot, oldest first, and the last of
// those that it has confirmed.
type queue struct {
	next       int64
	pending    []*update
	confirmed  []*update
	nConfirmed int
	allowed    []string      // nil: those of updateKinds that come without asking
	poll       chan struct{} // of the waiting poll, closed by the next one; nil when none waits
}

// push queues an update and returns its id, 0 when the bot did not ask for its
// kind.
func (s *Server) push(kind string, object any) int64 {
	q := &s.updates
	if q.allowed == nil && !updateKinds[kind] || q.allowed != nil && !slices.Contains(q.allowed, kind) {
		return 0
	}
	data, err := json.Marshal(object)
	if err != nil {
		panic(err) // every update is of our own types
	}
	raw := append([]byte(`{"update_id":`), strconv.FormatInt(q.next, 10)...)
	raw = append(append(append(raw, `,"`+kind+`":`...), data...), '}')
	return s.queueRaw(q.next, raw)
}

func (s *Server) queueRaw(id int64, raw []byte) int64 {
	q := &s.updates
	q.pending = append(q.pending, &update{id: id, raw: raw})
	q.next = max(q.next, id+1)
	s.emit(Event{Kind: UpdateQueued, UpdateID: id})
	return id
}

// confirmBelow takes the updates before the offset off the queue. An offset
// beyond the newest id confirms nothing, as with the real server.
func (s *Server) confirmBelow(offset int64) {
	q := &s.updates
	if offset > q.next {
		return
	}
	var left []*update
	for _, u := range q.pending {
		if u.id >= offset || u.held {
			left = append(left, u)
			continue
		}
		q.confirmed = append(q.confirmed, u)
		q.nConfirmed++
		s.emit(Event{Kind: UpdateConfirmed, UpdateID: u.id})
	}
	q.pending = left
	if over := len(q.confirmed) - keepConfirmed; over > 0 {
		q.confirmed = slices.Clone(q.confirmed[over:])
	}
}

// take gives out the first updates as a JSON array.
func (q *queue) take(limit int) verbatim {
	batch := verbatim("[")
	for i, u := range q.pending[:min(limit, len(q.pending))] {
		u.held = false
		if i > 0 {
			batch = append(batch, ',')
		}
		batch = append(batch, u.raw...)
	}
	return append(batch, ']')
}

// getUpdates answers a poll. The lock is given away while it waits.
func (s *Server) getUpdates(ctx context.Context, r *request) (any, *apiError) {
	q := &s.updates
	if s.webhook != "" {
		return nil, &apiError{code: 409, text: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	s.allow(r)
	limit := int(r.int("limit"))
	if limit < 1 || limit > maxBatch {
		limit = maxBatch
	}
	timeout := min(max(time.Duration(r.int("timeout"))*time.Second, 0), maxPoll)
	if q.poll != nil {
		close(q.poll)
		q.poll = nil
	}
	switch offset := r.int("offset"); {
	case offset > 0:
		s.confirmBelow(offset)
	case offset < 0: // start from the last updates, forget those before
		if n := len(q.pending) + int(offset); n > 0 && n < len(q.pending) {
			s.confirmBelow(q.pending[n].id)
		}
	}
	if len(q.pending) > 0 || timeout == 0 {
		return q.take(limit), nil
	}
	mine := make(chan struct{})
	q.poll = mine
	s.change()
	defer func() {
		if q.poll == mine {
			q.poll = nil
		}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		changed := s.changed
		s.mu.Unlock()
		over, aborted := false, false
		select {
		case <-changed:
		case <-mine:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-s.closed:
			over = true
		}
		select {
		case <-mine:
			aborted = true
		default:
		}
		s.mu.Lock()
		switch {
		case aborted:
			return nil, &apiError{code: 409, text: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		case s.down, over && ctx.Err() != nil:
			return verbatim("[]"), nil
		case over || len(q.pending) > 0:
			return q.take(limit), nil
		}
	}
}

// allow remembers allowed_updates: absent changes nothing, an empty list brings
// back the default.
func (s *Server) allow(r *request) {
	var kinds []string
	given, err := r.decode("allowed_updates", &kinds)
	if !given || err != nil {
		return
	}
	for _, k := range kinds {
		if _, known := updateKinds[k]; !known {
			s.problem("getUpdates: allowed_updates: unknown kind " + k)
		}
	}
	s.updates.allowed = kinds
	if len(kinds) == 0 {
		s.updates.allowed = nil
	}
}

// Pending returns how many updates wait for the bot or were given to it and
// not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates.pending)
}

// Confirmed returns how many updates the bot has confirmed, less those that
// Redeliver took back.
func (s *Server) Confirmed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates.nConfirmed
}

// Polling reports whether a poll waits for updates.
func (s *Server) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates.poll != nil
}

// Redeliver takes back the last n confirmations, as if they had been lost: those
// updates are given out again, also to a poll that waits. It returns how many
// there were; at most the last 1000 are remembered.
func (s *Server) Redeliver(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.updates
	n = min(n, len(q.confirmed))
	from := len(q.confirmed) - n
	back := slices.Clone(q.confirmed[from:])
	for _, u := range back {
		u.held = true
	}
	q.confirmed = q.confirmed[:from]
	q.nConfirmed -= n
	q.pending = append(back, q.pending...)
	s.change()
	return n
}

// SetNextUpdateID makes the next update bear the id, which may be lower than
// those before: after a week without updates Telegram goes on from a random
// one. It returns false, and does nothing, while updates are pending. What was
// confirmed before cannot be redelivered any more.
func (s *Server) SetNextUpdateID(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.updates.pending) > 0 {
		return false
	}
	s.updates.next, s.updates.confirmed = id, nil
	return true
}

// Raw queues an update as it is, also one that cannot be decoded; every "{id}"
// in it is replaced by the next update id. allowed_updates does not apply. It
// returns the id, which is the text's own update_id where it has one.
func (s *Server) Raw(text string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	text = strings.ReplaceAll(text, "{id}", strconv.FormatInt(s.updates.next, 10))
	var own struct {
		ID int64 `json:"update_id"`
	}
	id := s.updates.next
	if json.Unmarshal([]byte(text), &own) == nil && own.ID != 0 {
		id = own.ID
	}
	return s.queueRaw(id, []byte(text))
}
