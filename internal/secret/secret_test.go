package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

func keys(t testing.TB, first byte) *Keys {
	t.Helper()
	k, err := New([32]byte{first})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOpenMakesOneFileForAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.secret")
	var wg sync.WaitGroup
	checks := make([][]byte, 16)
	for i := range checks {
		wg.Go(func() {
			k, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			checks[i] = k.Check()
		})
	}
	wg.Wait()
	for _, c := range checks[1:] {
		if !bytes.Equal(c, checks[0]) {
			t.Fatal("two callers got different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left, want 1", len(entries))
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	exposed := filepath.Join(dir, "exposed")
	if err := os.WriteFile(exposed, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(exposed); !errors.Is(err, ErrExposed) {
		t.Errorf("got %v, want ErrExposed", err)
	}
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(other); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error that does not print the file", err)
	}
}

func TestTagsOfDifferentUsesDiffer(t *testing.T) {
	a, b := keys(t, 1), keys(t, 2)
	ctx := context.Background()
	const id = rollcall.UserID(7001)
	sign := func(k *Keys, slug string, id rollcall.UserID) Tag {
		tag, err := k.SignerTag(ctx, slug, id)
		if err != nil {
			t.Fatal(err)
		}
		return tag
	}
	tags := map[Tag]string{}
	for name, tag := range map[string]Tag{
		"peer":            a.PeerTag(id),
		"peer, other id":  a.PeerTag(id + 1),
		"peer, other key": b.PeerTag(id),
		"signer":          sign(a, "one", id),
		"signer, other":   sign(a, "two", id),
		"signer, id":      sign(a, "one", id+1),
		"signer, key":     sign(b, "one", id),
		"mark":            a.Mark("x"),
		"asker":           a.LookupAccount(1, id),
		"asker, span":     a.LookupAccount(2, id),
		"asker, id":       a.LookupAccount(1, id+1),
		"asker, key":      b.LookupAccount(1, id),
		"shown":           a.LookupShown(1, id, 5),
		"shown, span":     a.LookupShown(2, id, 5),
		"shown, id":       a.LookupShown(1, id+1, 5),
		"shown, entry":    a.LookupShown(1, id, 6),
		"shown, turned":   a.LookupShown(1, 5, rollcall.PersonID(id)),
		"roster":          a.LookupRoster(1, 5),
		"roster, day":     a.LookupRoster(2, 5),
		"roster, entry":   a.LookupRoster(1, 6),
	} {
		if other, ok := tags[tag]; ok {
			t.Errorf("%s and %s are the same", name, other)
		}
		tags[tag] = name
	}
	for range 2 {
		if tags[sign(a, "one", id)] != "signer" || tags[a.PeerTag(id)] != "peer" {
			t.Error("a tag is not stable")
		}
	}
	if a.CallbackMAC(id, "v1:x") == a.CallbackMAC(id+1, "v1:x") {
		t.Error("callback data is not bound to the account")
	}
}

// Buttons from before a restoring are good for nothing, and all else is as it was.
func TestButtonsAreBoundToTheRestoring(t *testing.T) {
	k := keys(t, 1)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	seen := map[[8]byte]bool{}
	for _, restored := range []time.Time{{}, at, at.Add(time.Second)} {
		b := k.Rebound(restored)
		seen[b.CallbackMAC(42, "v1:x")] = true
		if b.PeerTag(42) != k.PeerTag(42) || b.Mark("x") != k.Mark("x") {
			t.Error("another tag has changed")
		}
	}
	if !seen[k.CallbackMAC(42, "v1:x")] || len(seen) != 3 {
		t.Errorf("%d bindings of three, want those of now among them", len(seen))
	}
}

func TestSealRefusesEveryFlippedBit(t *testing.T) {
	k := keys(t, 1)
	sealed := k.SealPeer(42)
	if got, err := k.UnsealPeer(sealed); err != nil || got != 42 {
		t.Fatalf("got %d, %v", got, err)
	}
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if _, err := k.UnsealPeer(bad); err == nil {
				t.Fatalf("bit %d of byte %d can be flipped", bit, i)
			}
		}
	}
	if _, err := k.Unseal("another use", sealed); err == nil {
		t.Error("opened for another use")
	}
	if _, err := keys(t, 2).UnsealPeer(sealed); err == nil {
		t.Error("opened by another secret")
	}
}

func TestSignerTagStopsWithItsContext(t *testing.T) {
	k := keys(t, 1)
	for range MaxSignerTags {
		k.argon <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := k.SignerTag(ctx, "one", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestReadMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want one that is fs.ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file is there (%v)", err)
	}
	made, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if read, err := Read(path); err != nil || !bytes.Equal(read.Check(), made.Check()) {
		t.Errorf("what was made is not read again: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrExposed) {
		t.Errorf("got %v of a file that others can read, want ErrExposed", err)
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	k := keys(t, 1)
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(f, k); got != "[secret]" {
			t.Errorf("%s prints %q", f, got)
		}
	}
}

func BenchmarkSignerTag(b *testing.B) {
	k := keys(b, 1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := k.SignerTag(context.Background(), "one", 1); err != nil {
				b.Error(err)
			}
		}
	})
}
