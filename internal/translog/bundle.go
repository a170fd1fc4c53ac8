package translog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// A Bundle is what [Write] publishes.
type Bundle struct {
	Petition    []byte // canonical JSON
	Key         Key
	Leaves      iter.Seq2[string, error] // from the first; read once
	Checkpoints iter.Seq2[[]byte, error] // as signed, oldest first; read once
	Progress    func(done, total int64)  // of the check, as Options has it, or nil
}

// Write publishes a bundle into a folder, which is made where it is not there. It
// is written beside its place and checked as a reader would, against what the
// folder held before too: what [Verify] refuses is not published, and neither is
// a log that does not continue the one that was. Then each file is put in its
// place by renaming, checkpoint.txt last; a reader who copies the files in that
// very moment may get some of before. Everybody may read the files.
//
// An error is one of writing, of the sequences, or an [Error]; then the folder is
// as it was.
func Write(ctx context.Context, dir string, b Bundle) (Result, error) {
	res, err := write(ctx, dir, b)
	if err != nil {
		return Result{}, fmt.Errorf("publish into %s: %w", dir, err)
	}
	return res, nil
}

func write(ctx context.Context, dir string, b Bundle) (res Result, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return res, err
		}
		if err := os.Chmod(dir, 0o755); err != nil { // whatever the process's mask is
			return res, err
		}
		defer os.Remove(dir) // it stays where it holds something
	}
	fresh, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(fresh)) }()

	whole := func(text []byte) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		}
	}
	var last []byte
	for _, f := range []struct {
		name string
		fill func(io.Writer) error
	}{
		{PetitionFile, whole(b.Petition)},
		{KeyFile, whole([]byte(b.Key.String() + "\n"))},
		{PageFile, whole(Page)},
		{LeavesFile, func(w io.Writer) error {
			n := 0
			for leaf, err := range b.Leaves {
				if err != nil {
					return err
				}
				if _, err := io.WriteString(w, leaf+"\n"); err != nil {
					return err
				}
				if n++; n%4096 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
			}
			return nil
		}},
		{CheckpointsFile, func(w io.Writer) error {
			for c, err := range b.Checkpoints {
				if err != nil {
					return err
				}
				if _, err := w.Write(c); err != nil {
					return err
				}
				last = append(last[:0], c...)
			}
			return nil
		}},
		{CheckpointFile, func(w io.Writer) error { return whole(last)(w) }},
	} {
		if err := writeFile(filepath.Join(fresh, f.name), f.fill); err != nil {
			return res, err
		}
	}
	o := Options{Progress: b.Progress}
	if _, err := os.Stat(filepath.Join(dir, CheckpointFile)); err == nil {
		o.Earlier = os.DirFS(dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return res, err
	}
	if res, err = Verify(ctx, os.DirFS(fresh), o); err != nil {
		return Result{}, err
	}
	for _, name := range []string{PetitionFile, KeyFile, PageFile, LeavesFile, CheckpointsFile, CheckpointFile} {
		if err := os.Rename(filepath.Join(fresh, name), filepath.Join(dir, name)); err != nil {
			return Result{}, err
		}
	}
	return res, syncFolder(dir)
}

func writeFile(path string, fill func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Chmod(0o644); err != nil { // whatever the process's mask is
		return err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
