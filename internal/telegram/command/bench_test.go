package command_test

import (
	"context"
	"testing"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// BenchmarkSign is a press on "I agree and sign" of an account of its own, from
// the poll to the edited message: tag by Argon2id, durable commit, toast, edit.
func BenchmarkSign(b *testing.B) {
	h := newHarness(b)
	h.open(petition("register", nil))
	accounts := 0
	for b.Loop() {
		id := rollcall.UserID(7330000000 + accounts)
		accounts++
		h.api.AddUser(fakeapi.User{ID: id, FirstName: "Ann", LanguageCode: "en", Started: true})
		if _, err := h.api.Forge(id, id.Chat(), 1, "v1:agree:register"); err != nil {
			b.Fatal(err)
		}
		// A few hundred presses wait at any time, as in a rush.
		if err := h.api.Wait(context.Background(), func(s *fakeapi.Server) bool { return s.Unanswered() < 300 }); err != nil {
			b.Fatal(err)
		}
	}
	h.settle()
	if got, want := h.tally("register"), (rollcall.Tally{Signed: accounts}); got != want {
		b.Errorf("the figures are %+v, want %+v", got, want)
	}
	b.ReportMetric(float64(accounts)/b.Elapsed().Seconds(), "signatures/s")
}

// BenchmarkFind is a lookup of a name as listed by an account of its own, from the
// poll to the card: search, durable count, message.
func BenchmarkFind(b *testing.B) {
	h := newHarness(b)
	accounts := 0
	for b.Loop() {
		id := rollcall.UserID(7340000000 + accounts)
		accounts++
		h.api.AddUser(fakeapi.User{ID: id, FirstName: "Ann", LanguageCode: "en", Started: true})
		if _, err := h.api.Send(id, id.Chat(), "Прикладенко Марія"); err != nil {
			b.Fatal(err)
		}
		if err := h.api.Wait(context.Background(), func(s *fakeapi.Server) bool { return s.Pending() < 300 }); err != nil {
			b.Fatal(err)
		}
	}
	h.settle()
	b.ReportMetric(float64(accounts)/b.Elapsed().Seconds(), "lookups/s")
}
