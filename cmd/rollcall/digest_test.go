package main

import (
	"testing"
	"time"

	"rollcall/internal/store"
)

// The list says of an occurrence the least good that there is of it, and what is done
// about it.
func TestWhatTheListSaysOfAnOccurrence(t *testing.T) {
	posted := store.Occurrence{State: store.Posted}
	asked := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		p             store.PlannedPost
		state, detail string
	}{
		{store.PlannedPost{Occurrence: store.Occurrence{State: store.Skipped, Reason: "too old"}}, "skipped", "too old"},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Sent: 2}}, "sent", ""},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Sent: 1, store.Pending: 1}}, "pending", ""},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Unsure: 1, store.Pending: 1}, Problem: "lost", Doubt: store.Doubting{Stage: store.Looking}},
			"unknown", "lost; a running bot looks for it in the chat"},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Unsure: 1}, Problem: "lost", Doubt: store.Doubting{Stage: store.Asking}},
			"unknown", "lost; an owner is to be asked: each must have written to the bot once"},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Unsure: 1}, Problem: "lost", Doubt: store.Doubting{Stage: store.Asked, Asked: asked}},
			"unknown", "lost; the owners were asked in private, 2026-03-01 09:00 UTC"},
		{store.PlannedPost{Occurrence: posted, Deliveries: map[store.DeliveryState]int{store.Dead: 1, store.Unsure: 1}, Problem: "refused"}, "dead", "refused"},
	} {
		if state, detail := deliveryState(c.p), occurrenceDetail(c.p); state != c.state || detail != c.detail {
			t.Errorf("of %+v it says %q, %q, want %q, %q", c.p, state, detail, c.state, c.detail)
		}
	}
}
