package command

import (
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

func TestLookupsAreForgottenAndBounded(t *testing.T) {
	l := &lookups{}
	l.add(1, asked{key: "a", at: noon})
	l.add(2, asked{key: "b", at: noon.Add(dialogTTL + 2*time.Minute)})
	if _, ok := l.of[1]; ok {
		t.Error("a lookup is in memory for longer than is told")
	}
	for _, key := range []string{"c", "d", "e", "f"} {
		l.add(2, asked{key: key, at: noon.Add(dialogTTL + 3*time.Minute)})
	}
	if n := len(l.of[2].value); n != lookupsEach {
		t.Errorf("%d lookups are remembered of an account, want %d", n, lookupsEach)
	}
	at := noon.Add(dialogTTL + 3*time.Minute)
	for key, want := range map[string]bool{"b": false, "c": true, "f": true, "": false} {
		if _, ok := l.find(2, key, at); ok != want {
			t.Errorf("the lookup %q is found: %t, want %t", key, ok, want)
		}
	}
	if _, ok := l.find(1, "c", at); ok {
		t.Error("another account's lookup is found")
	}
	for i := range maxDialogs + 10 {
		l.add(rollcall.UserID(i), asked{key: "x", at: at})
		if len(l.of) > maxDialogs {
			t.Fatalf("%d accounts are remembered, want at most %d", len(l.of), maxDialogs)
		}
	}
}
