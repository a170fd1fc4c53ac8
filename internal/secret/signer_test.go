package secret

import (
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/rollcall"
)

func TestASignerTagIsRememberedForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, err := New([32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		const id = rollcall.UserID(7_000_000_001)
		first, err := k.SignerTag(t.Context(), "register", id)
		if err != nil {
			t.Fatal(err)
		}
		known := func(slug string, id rollcall.UserID) bool {
			tag, ok := k.signers.get(slug, id, time.Now())
			if ok && tag != first {
				t.Error("it is another tag")
			}
			return ok
		}
		if !known("register", id) || known("other", id) || known("register", id+1) {
			t.Error("the tag of one account on one petition is not the one that is remembered")
		}
		time.Sleep(SignerTagsKept - time.Second)
		if !known("register", id) {
			t.Error("it is forgotten before ten minutes")
		}
		time.Sleep(time.Second)
		if known("register", id) {
			t.Error("it is remembered for longer than ten minutes")
		}
		if again, err := k.SignerTag(t.Context(), "register", id); again != first || err != nil {
			t.Errorf("made anew it is %x (%v), want %x", again, err, first)
		}
		k.ForgetSigner(id)
		if known("register", id) {
			t.Error("it is remembered though it was to be forgotten")
		}
	})
}

func TestSignerTagsTakeBoundedMemory(t *testing.T) {
	s, now := &signerTags{}, time.Unix(1, 0)
	for i := range 3 * maxSignerTagsKept {
		s.keep("register", rollcall.UserID(i), Tag{}, now)
		if n := len(s.new) + len(s.old); n > maxSignerTagsKept {
			t.Fatalf("%d are remembered", n)
		}
	}
	if _, ok := s.get("register", 3*maxSignerTagsKept-1, now); !ok {
		t.Error("the last one is forgotten")
	}
}
