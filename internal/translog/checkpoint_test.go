package translog

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestACheckpointIsItsFormat(t *testing.T) {
	s := signer(t, 1)
	c, err := s.Checkpoint(2, Hash(sum()))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(c.Note), "\n")
	if len(lines) != 6 || lines[0] != origin || lines[1] != "2" || lines[2] != base64.StdEncoding.EncodeToString(c.Root[:]) ||
		lines[3] != "" || !strings.HasPrefix(lines[4], "— "+origin+" ") || lines[5] != "" {
		t.Errorf("it is\n%s", c.Note)
	}
	again, err := s.Checkpoint(2, Hash(sum()))
	if err != nil || string(again.Note) != string(c.Note) {
		t.Errorf("signed twice, it differs: %v", err)
	}
	got, err := OpenCheckpoint(s.Key(), c.Note)
	if err != nil || got.Size != 2 || got.Root != c.Root || got.Origin != origin {
		t.Errorf("read as %+v, %v", got, err)
	}
	// Whoever else reads signed notes reads it.
	v, err := note.NewVerifier(s.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(c.Note, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
}

func TestNoOtherCheckpointIsRead(t *testing.T) {
	s := signer(t, 1)
	c, err := s.Checkpoint(2, Hash(sum()))
	if err != nil {
		t.Fatal(err)
	}
	good := string(c.Note)
	body, signature, _ := strings.Cut(good, "\n\n")
	sign := func(text string) string {
		b, err := note.Sign(&note.Note{Text: text}, s.signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		text string
		code Code
	}{
		"empty":              {"", ErrMalformed},
		"no end":             {strings.TrimSuffix(good, "\n"), ErrMalformed},
		"an extension":       {sign(body + "\nmore\n"), ErrMalformed},
		"two signatures":     {good + signature, ErrMalformed},
		"a leading zero":     {sign(strings.Replace(body, "\n2\n", "\n02\n", 1) + "\n"), ErrMalformed},
		"a negative size":    {sign(strings.Replace(body, "\n2\n", "\n-2\n", 1) + "\n"), ErrMalformed},
		"a size past 2^53":   {sign(strings.Replace(body, "\n2\n", "\n9007199254740992\n", 1) + "\n"), ErrMalformed},
		"a short root":       {sign(origin + "\n2\nAAEC\n"), ErrMalformed},
		"another origin":     {sign(strings.Replace(body, "sample", "other", 1) + "\n"), ErrSignature},
		"another size":       {strings.Replace(good, "\n2\n", "\n3\n", 1), ErrSignature},
		"nobody's signature": {body + "\n\n— " + origin + " AAAAAA==\n", ErrSignature},
		"carriage returns":   {strings.ReplaceAll(good, "\n", "\r\n"), ErrMalformed},
	} {
		if _, err := OpenCheckpoint(s.Key(), []byte(c.text)); !errors.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenCheckpoint(signer(t, 2).Key(), c.Note); !errors.Is(err, ErrSignature) {
		t.Errorf("another key: %v", err)
	}
}

func TestKeys(t *testing.T) {
	k := signer(t, 1).Key()
	if k.Slug() != "sample" || k.Origin() != origin {
		t.Errorf("slug %q, origin %q", k.Slug(), k.Origin())
	}
	if again, err := ParseKey(k.String()); err != nil || again.String() != k.String() {
		t.Errorf("read again: %v, %v", again, err)
	}
	parts := strings.SplitN(k.String(), "+", 3)
	for name, text := range map[string]string{
		"empty":            "",
		"a line feed":      k.String() + "\n",
		"upper-case hash":  parts[0] + "+" + strings.ToUpper(parts[1]) + "+" + parts[2],
		"another hash":     parts[0] + "+00000000+" + parts[2],
		"another name":     "x" + k.String(),
		"no slug":          "rollcall.example.org+" + parts[1] + "+" + parts[2],
		"a line feed in":   parts[0] + "+" + parts[1] + "+" + parts[2][:8] + "\n" + parts[2][8:],
		"a private key":    "PRIVATE+KEY+" + k.String(),
		"no key":           parts[0] + "+" + parts[1] + "+",
		"other algorithms": parts[0] + "+" + parts[1] + "+B" + parts[2][1:],
	} {
		if _, err := ParseKey(text); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, origin := range []string{"", "sample", "/sample", "a b/sample", "a+b/sample", "a/Sample", "a/", "a\x1b[2J/sample", "é.example/sample", "a//sample"} {
		if _, err := NewSigner(origin, [32]byte{1}); err == nil {
			t.Errorf("a log may be called %q", origin)
		}
	}
}
