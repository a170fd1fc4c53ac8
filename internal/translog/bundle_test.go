package translog

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sequence[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (b *book) bundle() Bundle {
	return Bundle{Petition: b.petition, Key: b.signer.Key(), Leaves: sequence(b.leaves), Checkpoints: sequence(b.checkpoints)}
}

// held reads all that is in a folder.
func held(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func TestWrite(t *testing.T) {
	b, _ := sample(t)
	dir := filepath.Join(t.TempDir(), "made", "here")
	old := b.forge(func(l []string) []string { return l[:12] })
	if _, err := Write(t.Context(), dir, old.bundle()); err != nil {
		t.Fatal(err)
	}
	// A longer log goes over a shorter one.
	r, err := Write(t.Context(), dir, b.bundle())
	if err != nil {
		t.Fatal(err)
	}
	if r.Size != 19 || r.Earlier != 12 || r.Page != OurPage {
		t.Errorf("published %+v", r)
	}
	want := map[string]string{}
	for name, f := range b.files() {
		want[name] = string(f.Data)
	}
	if diff := cmp.Diff(want, held(t, dir)); diff != "" {
		t.Errorf("want to got:\n%s", diff)
	}
	for name := range want {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}

	// What a reader would refuse is not published, and the folder stays.
	broken := b.forge(func(l []string) []string { return l })
	broken.leaves[13] = broken.leaves[7]
	fork := newBook(t)
	fork.sign(1, 2, 3)
	fork.end()
	failing := b.bundle()
	gone := errors.New("the source is gone")
	failing.Leaves = func(yield func(string, error) bool) { _ = yield(b.leaves[0], nil) && yield("", gone) }
	for _, c := range []struct {
		name   string
		bundle Bundle
		is     error
	}{
		{"broken", broken.bundle(), ErrForked},
		{"another history", fork.bundle(), ErrForked},
		{"shorter", old.bundle(), ErrForked},
		{"a source that fails", failing, gone},
	} {
		if _, err := Write(t.Context(), dir, c.bundle); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(want, held(t, dir)); diff != "" {
			t.Errorf("%s: the folder changed, want to got:\n%s", c.name, diff)
		}
	}
	// Nor is a folder left where there was none.
	none := filepath.Join(t.TempDir(), "none")
	if _, err := Write(t.Context(), none, broken.bundle()); !errors.Is(err, ErrDuplicate) {
		t.Error(err)
	}
	if _, err := os.Stat(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was left: %v", err)
	}
}

func TestCheckpointIsTheLastLinesOfCheckpoints(t *testing.T) {
	b, _ := sample(t)
	f := b.files()
	all := bytes.SplitAfter(f[CheckpointsFile].Data, []byte("\n"))
	last := bytes.Join(slices.Clone(all[len(all)-6:]), nil)
	if !bytes.Equal(last, f[CheckpointFile].Data) {
		t.Errorf("the last five lines are\n%s", last)
	}
}
