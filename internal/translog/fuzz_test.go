package translog

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/fstest"
)

func FuzzLeaf(f *testing.F) {
	b, _ := sample(f)
	for _, l := range b.leaves {
		f.Add([]byte(l))
	}
	f.Add([]byte("void sample 4 because"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := ParseLeaf(line)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if got := l.String(); got != string(line) {
			t.Errorf("%q is read as %q", line, got)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	b, _ := sample(f)
	for _, c := range b.checkpoints {
		f.Add(c)
	}
	key := b.signer.Key()
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := OpenCheckpoint(key, text)
		if err != nil {
			return
		}
		again, err := b.signer.Checkpoint(c.Size, c.Root)
		if err != nil || !bytes.Equal(again.Note, text) {
			t.Errorf("%q is taken for a checkpoint", text)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add(signer(f, 1).Key().String())
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseKey(text); err == nil && (k.String() != text || Origin(k.Origin()[:len(k.Origin())-len(k.Slug())-1], k.Slug()) != k.Origin()) {
			t.Errorf("%q is read as %v", text, k)
		}
	})
}

func FuzzReceipt(f *testing.F) {
	b, _ := sample(f)
	f.Add(b.receipt(1))
	f.Add(b.receipt(13))
	key := b.signer.Key()
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := ParseReceipt(file)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Format(), file) {
			t.Errorf("%q is read as %q", file, r.Format())
		}
		if _, err := r.Check(key, 999); err == nil {
			t.Errorf("%q holds for an account that has not signed", file)
		}
	})
}

// Whatever the files hold, checking them ends with an answer, and only the files
// of the log hold.
func FuzzBundle(f *testing.F) {
	b, _ := sample(f)
	good := b.files()
	add := func(m fstest.MapFS) {
		f.Add(m[PetitionFile].Data, m[KeyFile].Data, m[CheckpointsFile].Data, m[CheckpointFile].Data, m[LeavesFile].Data)
	}
	add(good)
	for _, c := range cheats {
		b, _ := sample(f)
		if m := c.do(b, b.files()); m[LeavesFile] != nil && m[KeyFile] != nil {
			add(m)
		}
	}
	key := b.signer.Key()
	f.Fuzz(func(t *testing.T, petition, keyText, checkpoints, checkpoint, leaves []byte) {
		dir := fstest.MapFS{PetitionFile: {Data: petition}, KeyFile: {Data: keyText}, CheckpointsFile: {Data: checkpoints},
			CheckpointFile: {Data: checkpoint}, LeavesFile: {Data: leaves}}
		r, err := Verify(context.Background(), dir, Options{Key: key})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.File == "" || e.Error() == "" {
				t.Errorf("no place: %v", err)
			}
			return
		}
		// The seeds hold logs that a keeper has signed; nobody else can sign one.
		if n := bytes.Count(leaves, []byte("\n")); r.Size != int64(n) || bytes.Count(checkpoints, []byte("\n")) != 5*r.Checkpoints {
			t.Errorf("%d lines are taken for %d leaves", n, r.Size)
		}
	})
}
