package translog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/rollcall"
)

var after = closes.Add(time.Hour)

func TestAGoodBundleHolds(t *testing.T) {
	b, earlier := sample(t)
	var done int64
	got, err := Verify(t.Context(), b.files(), Options{Earlier: earlier, Key: b.signer.Key(), Now: after, Progress: func(d, total int64) { done = d }})
	if err != nil {
		t.Fatal(err)
	}
	root, err := Root(19, b.nodes)
	if err != nil {
		t.Fatal(err)
	}
	want := Result{Key: b.signer.Key(), Petition: petition(), Text: b.text, Size: 19, Root: root, Checkpoints: 4,
		Tally: rollcall.Tally{Signed: 10, Withdrawn: 2, Voided: 1}, Voided: map[Reason]int{Burst: 1}, Closed: true, Earlier: 12}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b Key) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("want to got:\n%s", diff)
	}
	if want := int64(len(b.files()[LeavesFile].Data)); done != want {
		t.Errorf("progress ended at %d of %d bytes", done, want)
	}
	if _, err := Verify(t.Context(), earlier, Options{Now: opens.Add(time.Hour)}); err != nil {
		t.Error("the earlier bundle:", err)
	}
	// A checkpoint from a digest is enough to compare with.
	digest := fstest.MapFS{CheckpointFile: earlier[CheckpointFile]}
	if r, err := Verify(t.Context(), b.files(), Options{Earlier: digest}); err != nil || r.Earlier != 12 {
		t.Errorf("with the checkpoint of a digest: %d leaves, %v", r.Earlier, err)
	}
	// The same bundle is an earlier one of itself.
	if _, err := Verify(t.Context(), b.files(), Options{Earlier: b.files()}); err != nil {
		t.Error("with itself:", err)
	}
	// An open log whose closing is past lacks its close leaf, which is no fault.
	if r, err := Verify(t.Context(), earlier, Options{Now: after}); err != nil || !r.Overdue || r.Closed {
		t.Errorf("overdue: %+v, %v", r, err)
	}
}

// A cheat is something that a keeper does to a log, and by what a reader catches
// it.
type cheat struct {
	name string
	// do returns the published files of a keeper who cheats.
	do func(b *book, f fstest.MapFS) fstest.MapFS
	o  func(b *book, earlier fstest.MapFS) Options
	// The first thing wrong: code, file, line and leaf.
	code Code
	file string
	line int
	leaf int64
}

// with changes a file.
func with(f fstest.MapFS, name string, change func(string) string) fstest.MapFS {
	f = maps.Clone(f)
	f[name] = &fstest.MapFile{Data: []byte(change(string(f[name].Data)))}
	return f
}

// lines changes a file's lines.
func lines(f fstest.MapFS, name string, change func([]string) []string) fstest.MapFS {
	return with(f, name, func(s string) string {
		return strings.Join(change(strings.Split(strings.TrimSuffix(s, "\n"), "\n")), "\n") + "\n"
	})
}

func alone(*book, fstest.MapFS) Options { return Options{Now: after} }

func withEarlier(_ *book, earlier fstest.MapFS) Options {
	return Options{Earlier: earlier, Now: after}
}

// without drops a leaf, and mends the indexes of those after it.
func without(l []string, i int) []string {
	l = slices.Delete(l, i, i+1)
	for j, line := range l {
		leaf, err := ParseLeaf([]byte(line))
		if err == nil && leaf.Index > int64(i) {
			leaf.Index--
			l[j] = leaf.String()
		}
	}
	return l
}

// otherText is the petition with another text.
func otherText() []byte {
	p := petition()
	p.Text[rollcall.English] = "We ask for something else."
	return p.CanonicalJSON()
}

// cheats are what Verify must catch: each as an edit of the files, and as the
// work of a keeper who signs the changed log anew, so that it is consistent in
// itself and only what was published earlier tells.
var cheats = []cheat{
	{"drop a leaf", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { return slices.Delete(l, 3, 4) })
	}, alone, ErrTally, LeavesFile, 6, 5},
	{"drop a leaf and mend the tallies", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { return figures(slices.Delete(l, 8, 9)) })
	}, alone, ErrBatch, CheckpointsFile, 6, 11},
	{"drop a leaf and sign anew", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(without(l, 8)) }).files()
	}, withEarlier, ErrForked, CheckpointsFile, 6, -1},
	{"drop a leaf and sign anew, against a digest", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(without(l, 8)) }).files()
	}, func(b *book, earlier fstest.MapFS) Options {
		return Options{Earlier: fstest.MapFS{CheckpointFile: earlier[CheckpointFile]}}
	}, ErrForked, LeavesFile, 12, -1},
	{"duplicate a leaf", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { return slices.Insert(l, 4, l[3]) })
	}, alone, ErrDuplicate, LeavesFile, 5, 4},
	{"duplicate a leaf and sign anew", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(slices.Insert(l, 14, l[3])) }).files()
	}, alone, ErrDuplicate, LeavesFile, 15, 14},
	{"rewrite a leaf", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { l[3] = l[3][:12] + digest[:60]; return l })
	}, alone, ErrMalformed, LeavesFile, 4, 3},
	{"rewrite a commitment", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { l[8] = "sign sample " + digest; return l })
	}, alone, ErrRoot, CheckpointsFile, 6, -1},
	{"rewrite a commitment and sign anew", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[8] = "sign sample " + digest; return l }).files()
	}, func(b *book, earlier fstest.MapFS) Options {
		earlier = maps.Clone(earlier)
		delete(earlier, CheckpointsFile)
		return Options{Earlier: earlier}
	}, ErrForked, LeavesFile, 9, 8},
	{"rewrite a reason", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, LeavesFile, func(s string) string { return strings.Replace(s, "4 burst", "4 order", 1) })
	}, alone, ErrRoot, CheckpointsFile, 11, -1},
	{"reorder leaves", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { l[1], l[2] = l[2], l[1]; return l })
	}, alone, ErrRoot, CheckpointsFile, 1, -1},
	{"reorder leaves and sign anew", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[1], l[2] = l[2], l[1]; return l }).files()
	}, withEarlier, ErrForked, CheckpointsFile, 1, -1},
	{"void silently", func(b *book, f fstest.MapFS) fstest.MapFS {
		// The figures say one voided more, and no leaf does.
		return b.forge(func(l []string) []string {
			l[11] = Leaf{Kind: Tally, Slug: "sample", Tally: rollcall.Tally{Signed: 8, Withdrawn: 1, Voided: 1}}.String()
			return l
		}).files()
	}, alone, ErrTally, LeavesFile, 12, 11},
	{"void silently, by dropping the signature of a past batch", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string {
			return figures(append(slices.Delete(l[:12], 5, 6), "sign sample "+digest, "tally sample 0 0 0 0"))
		}).files()
	}, withEarlier, ErrForked, CheckpointsFile, 1, -1},
	{"void what is voided", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(append(l, l[14], l[18])) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"void no signature", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(append(l, "void sample 6 order", l[18])) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"void a signature to come", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[14] = "void sample 400 burst"; return l }).files()
	}, alone, ErrState, LeavesFile, 15, 14},
	{"withdraw what is voided", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(append(l, "withdraw sample 4", l[18])) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"fork the history", func(b *book, f fstest.MapFS) fstest.MapFS {
		c := newBook(b.t)
		c.sign(101, 102, 103, 104, 105)
		c.end()
		c.sign(206, 207, 208)
		c.withdraw(2)
		c.end()
		c.sign(109)
		c.end()
		return c.files()
	}, withEarlier, ErrForked, CheckpointsFile, 6, -1},
	{"fork the history and hide the old checkpoints", func(b *book, f fstest.MapFS) fstest.MapFS {
		c := newBook(b.t)
		c.sign(301)
		c.end()
		c.sign(302)
		c.end()
		return c.files()
	}, withEarlier, ErrForked, CheckpointsFile, 1, -1},
	{"leave a checkpoint out", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, CheckpointsFile, func(l []string) []string { return l[5:] })
	}, withEarlier, ErrForked, CheckpointsFile, 1, -1},
	{"go back", func(b *book, f fstest.MapFS) fstest.MapFS {
		c := b.forge(func(l []string) []string { return l[:7] })
		return c.files()
	}, withEarlier, ErrForked, CheckpointsFile, 5, -1},
	{"tell a wrong tally", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string {
			l[6] = Leaf{Kind: Tally, Slug: "sample", Tally: rollcall.Tally{Signed: 6}}.String()
			return l
		}).files()
	}, alone, ErrTally, LeavesFile, 7, 6},
	{"tell a wrong net", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[6] = "tally sample 5 0 0 6"; return l }).files()
	}, alone, ErrTally, LeavesFile, 7, 6},
	{"tell a wrong end", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[15] = "close sample 9"; return l }).files()
	}, alone, ErrTally, LeavesFile, 16, 15},
	{"close early", func(b *book, f fstest.MapFS) fstest.MapFS { return f },
		func(b *book, _ fstest.MapFS) Options { return Options{Now: closes.Add(-time.Second)} }, ErrEarly, LeavesFile, 16, 15},
	{"open early", func(b *book, f fstest.MapFS) fstest.MapFS { return f },
		func(b *book, _ fstest.MapFS) Options { return Options{Now: opens.Add(-time.Second)} }, ErrEarly, LeavesFile, 2, 1},
	{"sign after closing", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(append(l, "sign sample "+digest, l[18])) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"close twice", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return append(l, "close sample 7", l[18]) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"sign between close and tally", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return figures(slices.Insert(l, 16, "withdraw sample 1")) }).files()
	}, alone, ErrState, LeavesFile, 17, 16},
	{"open twice", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return append(l, l[0], l[18]) }).files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"begin without a text", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { return l[1:] }).files()
	}, alone, ErrState, LeavesFile, 1, 0},
	{"mix two petitions", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string { l[7] = "sign other " + digest; return l }).files()
	}, alone, ErrState, LeavesFile, 8, 7},
	{"change the text", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, PetitionFile, func(string) string { return string(otherText()) })
	}, alone, ErrText, LeavesFile, 1, 0},
	{"change the text and sign anew", func(b *book, f fstest.MapFS) fstest.MapFS {
		sum := sha256.Sum256(otherText())
		forged := b.forge(func(l []string) []string {
			l[0] = Leaf{Kind: Open, Slug: "sample", Text: sum, Closes: closes}.String()
			return l
		}).files()
		return with(forged, PetitionFile, func(string) string { return string(otherText()) })
	}, func(b *book, earlier fstest.MapFS) Options {
		earlier = maps.Clone(earlier)
		delete(earlier, CheckpointsFile)
		return Options{Earlier: earlier}
	}, ErrForked, PetitionFile, 1, -1},
	{"change the closing", func(b *book, f fstest.MapFS) fstest.MapFS {
		return b.forge(func(l []string) []string {
			l[0] = Leaf{Kind: Open, Slug: "sample", Text: b.text, Closes: closes.Add(-time.Hour)}.String()
			return l
		}).files()
	}, alone, ErrText, LeavesFile, 1, 0},
	{"write the text twice", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, PetitionFile, func(s string) string { return strings.Replace(s, `"goal":1000`, `"goal":1,"goal":1000`, 1) })
	}, alone, ErrMalformed, PetitionFile, 1, -1},
	{"swap the key", func(b *book, f fstest.MapFS) fstest.MapFS {
		b.signer = signer(b.t, 2)
		return b.forge(func(l []string) []string { return l }).files()
	}, func(b *book, _ fstest.MapFS) Options { return Options{Key: signer(b.t, 1).Key()} }, ErrKey, KeyFile, 1, -1},
	{"swap the key, against an earlier bundle", func(b *book, f fstest.MapFS) fstest.MapFS {
		b.signer = signer(b.t, 2)
		return b.forge(func(l []string) []string { return l }).files()
	}, withEarlier, ErrKey, KeyFile, 1, -1},
	{"swap the key, against a digest", func(b *book, f fstest.MapFS) fstest.MapFS {
		b.signer = signer(b.t, 2)
		return b.forge(func(l []string) []string { return l }).files()
	}, func(b *book, earlier fstest.MapFS) Options {
		return Options{Earlier: fstest.MapFS{CheckpointFile: earlier[CheckpointFile]}}
	}, ErrSignature, "earlier " + CheckpointFile, 1, -1},
	{"swap the key in its file alone", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, KeyFile, func(string) string { return signer(b.t, 2).Key().String() + "\n" })
	}, alone, ErrSignature, CheckpointsFile, 1, -1},
	{"give another petition's key", func(b *book, f fstest.MapFS) fstest.MapFS {
		s, err := NewSigner(Origin("rollcall.example.org", "other"), [32]byte{1})
		if err != nil {
			b.t.Fatal(err)
		}
		return with(f, KeyFile, func(string) string { return s.Key().String() + "\n" })
	}, alone, ErrKey, KeyFile, 1, -1},
	{"replay a checkpoint as the last", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, CheckpointFile, func(string) string { return string(b.checkpoints[1]) })
	}, alone, ErrOrder, CheckpointFile, 1, -1},
	{"replay a checkpoint in the list", func(b *book, f fstest.MapFS) fstest.MapFS {
		f = with(f, CheckpointsFile, func(s string) string { return s + string(b.checkpoints[1]) })
		return with(f, CheckpointFile, func(string) string { return string(b.checkpoints[1]) })
	}, alone, ErrOrder, CheckpointsFile, 21, -1},
	{"replay another petition's checkpoint", func(b *book, f fstest.MapFS) fstest.MapFS {
		s, err := NewSigner(Origin("rollcall.example.org", "other"), [32]byte{1})
		if err != nil {
			b.t.Fatal(err)
		}
		c, err := s.Checkpoint(40, Hash{})
		if err != nil {
			b.t.Fatal(err)
		}
		return with(f, CheckpointsFile, func(str string) string { return str + string(c.Note) })
	}, alone, ErrSignature, CheckpointsFile, 21, -1},
	{"sign no checkpoint at the end of a batch", func(b *book, f fstest.MapFS) fstest.MapFS {
		b.sign(111)
		b.checkpoint()
		return b.files()
	}, alone, ErrState, LeavesFile, 20, 19},
	{"sign in the middle of a batch", func(b *book, f fstest.MapFS) fstest.MapFS {
		b.withdraw(1)
		b.checkpoint()
		return b.files()
	}, alone, ErrBatch, CheckpointsFile, 21, 19},
	{"sign a larger root", func(b *book, f fstest.MapFS) fstest.MapFS {
		c, err := b.signer.Checkpoint(1<<40, Hash{})
		if err != nil {
			b.t.Fatal(err)
		}
		b.checkpoints = append(b.checkpoints, c.Note)
		return b.files()
	}, alone, ErrTruncated, LeavesFile, 20, 19},
	{"truncate the leaves", func(b *book, f fstest.MapFS) fstest.MapFS {
		return lines(f, LeavesFile, func(l []string) []string { return l[:17] })
	}, alone, ErrTruncated, LeavesFile, 18, 17},
	{"truncate the last leaf", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, LeavesFile, func(s string) string { return s[:len(s)-1] })
	}, alone, ErrTruncated, LeavesFile, 19, 18},
	{"truncate all leaves", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, LeavesFile, func(string) string { return "" })
	}, alone, ErrTruncated, LeavesFile, 1, 0},
	{"truncate the checkpoints", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, CheckpointsFile, func(s string) string { return s[:len(s)-1] })
	}, alone, ErrMalformed, CheckpointsFile, 20, -1},
	{"truncate all checkpoints", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, CheckpointsFile, func(string) string { return "" })
	}, alone, ErrMalformed, CheckpointsFile, 1, -1},
	{"add leaves that nothing signs", func(b *book, f fstest.MapFS) fstest.MapFS {
		return with(f, LeavesFile, func(s string) string { return s + "withdraw sample 1\n" })
	}, alone, ErrUnsigned, LeavesFile, 20, 19},
	{"leave the leaves out", func(b *book, f fstest.MapFS) fstest.MapFS {
		f = maps.Clone(f)
		delete(f, LeavesFile)
		return f
	}, alone, ErrMissing, LeavesFile, 0, -1},
	{"leave the key out", func(b *book, f fstest.MapFS) fstest.MapFS {
		f = maps.Clone(f)
		delete(f, KeyFile)
		return f
	}, alone, ErrMissing, KeyFile, 0, -1},
}

func TestEveryCheatIsCaught(t *testing.T) {
	for _, c := range cheats {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			b, earlier := sample(t)
			o := c.o(b, earlier)
			f := c.do(b, b.files())
			_, err := Verify(t.Context(), f, o)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("it is not caught: %v", err)
			}
			want := Error{c.code, c.file, c.line, c.leaf, e.Detail}
			if diff := cmp.Diff(want, *e); diff != "" {
				t.Errorf("%v; want to got:\n%s", err, diff)
			}
			if !errors.Is(err, c.code) {
				t.Errorf("%v is not %q", err, string(c.code))
			}
		})
	}
}

// What only an earlier bundle tells must be consistent without it: else the test
// above would show less than it says.
func TestAForgedLogIsConsistentInItself(t *testing.T) {
	for _, c := range cheats {
		if c.code != ErrForked || !strings.Contains(c.name, "anew") && !strings.Contains(c.name, "fork") && !strings.Contains(c.name, "go back") && !strings.Contains(c.name, "past batch") {
			continue
		}
		b, _ := sample(t)
		if _, err := Verify(t.Context(), c.do(b, b.files()), Options{Now: after}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestReceipts(t *testing.T) {
	b, earlier := sample(t)
	files := b.files()
	old := b.forge(func(l []string) []string { return l[:12] }) // as it was earlier
	fork := newBook(t)
	fork.sign(104, 101)
	fork.end()
	for _, c := range []struct {
		name    string
		dir     fs.FS
		receipt []byte
		id      rollcall.UserID
		want    Standing
		code    Code
	}{
		{"counted", files, b.receipt(1), 101, Counted, ""},
		{"an old receipt", files, old.receipt(1), 101, Counted, ""},
		{"withdrawn", files, old.receipt(2), 102, Withdrawn, ""},
		{"withdrawn after closing", files, b.receipt(13), 110, Withdrawn, ""},
		{"voided", files, old.receipt(4), 104, Voided, ""},
		{"one receipt for two accounts", files, b.receipt(1), 102, NoSignature, ErrReceipt},
		{"newer than the bundle", earlier, b.receipt(1), 101, NoSignature, ErrReceipt},
		{"of a fork", files, fork.receipt(2), 101, NoSignature, ErrForked},
		{"a changed salt", files, bytes.Replace(b.receipt(1), []byte("extra cm9s"), []byte("extra cm9t"), 1), 101, NoSignature, ErrMalformed},
		{"no receipt at all", files, []byte("a receipt"), 101, NoSignature, ErrMalformed},
	} {
		r, err := Verify(t.Context(), c.dir, Options{Receipt: c.receipt, ID: c.id})
		if c.code == "" && err != nil || c.code != "" && !errors.Is(err, c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
		if r.Receipt != c.want {
			t.Errorf("%s: standing %d, want %d", c.name, r.Receipt, c.want)
		}
		if err != nil && strings.Contains(err.Error(), fmt.Sprint(c.id)) {
			t.Errorf("%s: the error names the account: %v", c.name, err)
		}
	}
	// A receipt holds by itself too.
	r, err := ParseReceipt(b.receipt(1))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := r.Check(b.signer.Key(), 101); err != nil || c.Size != 19 {
		t.Errorf("by itself: of %d leaves, %v", c.Size, err)
	}
	if _, err := r.Check(signer(t, 2).Key(), 101); !errors.Is(err, ErrSignature) {
		t.Errorf("with another key: %v", err)
	}
	other := r
	other.Text[0]++
	if _, err := other.Check(b.signer.Key(), 101); !errors.Is(err, ErrReceipt) {
		t.Errorf("for another text: %v", err)
	}
}

func TestThePageIsNoEvidence(t *testing.T) {
	b, _ := sample(t)
	f := with(b.files(), PageFile, func(string) string { return "<p>all is well" })
	if r, err := Verify(t.Context(), f, Options{}); err != nil || r.Page != ForeignPage {
		t.Errorf("another page: %d, %v", r.Page, err)
	}
	delete(f, PageFile)
	if r, err := Verify(t.Context(), f, Options{}); err != nil || r.Page != NoPage {
		t.Errorf("no page: %d, %v", r.Page, err)
	}
}

func TestVerifyStops(t *testing.T) {
	b := newBook(t)
	for id := range rollcall.UserID(5000) {
		b.sign(id + 1)
	}
	b.end()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, b.files(), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Any bit of any file but the page: what flips it is caught.
func TestAnyFlippedBitIsCaught(t *testing.T) {
	b, _ := sample(t)
	files := b.files()
	receipt := b.receipt(1)
	names := []string{PetitionFile, LeavesFile, CheckpointFile, CheckpointsFile, KeyFile, "receipt"}
	flip := func(t interface{ Errorf(string, ...any) }, name string, bit int) {
		o := Options{Receipt: receipt, ID: 101}
		f := maps.Clone(files)
		if name == "receipt" {
			o.Receipt = bytes.Clone(receipt)
			o.Receipt[bit/8] ^= 1 << (bit % 8)
		} else {
			changed := bytes.Clone(files[name].Data)
			changed[bit/8] ^= 1 << (bit % 8)
			f[name] = &fstest.MapFile{Data: changed}
		}
		var e *Error
		if _, err := Verify(context.Background(), f, o); !errors.As(err, &e) {
			t.Errorf("%s, bit %d of byte %d flipped: %v", name, bit%8, bit/8, err)
		}
	}
	bits := func(name string) int {
		if name == "receipt" {
			return len(receipt) * 8
		}
		return len(files[name].Data) * 8
	}
	for _, name := range []string{KeyFile, CheckpointFile} {
		for bit := range bits(name) {
			flip(t, name, bit)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "file")
		flip(t, name, rapid.IntRange(0, bits(name)-1).Draw(t, "bit"))
	})
}

// Whatever honest people and keepers do, there is no false alarm, and the figures
// are the plain model's.
func TestHonestLogsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBook(t)
		var live []int64
		var want rollcall.Tally
		next := rollcall.UserID(1)
		var earlier []fstest.MapFS
		take := func() int64 {
			i := rapid.IntRange(0, len(live)-1).Draw(rt, "which")
			leaf := live[i]
			live = slices.Delete(live, i, i+1)
			return leaf
		}
		closed := false
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			n := len(b.leaves)
			for range rapid.IntRange(1, 6).Draw(rt, "leaves") {
				switch op := rapid.IntRange(0, 4).Draw(rt, "what"); {
				case op < 3 && !closed:
					live = append(live, b.sign(next))
					next++
					want.Signed++
				case op == 3 && len(live) > 0:
					b.withdraw(take())
					want.Withdrawn++
				case op == 4 && len(live) > 0:
					b.void(take(), rapid.SampledFrom(Reasons).Draw(rt, "reason"))
					want.Voided++
				}
			}
			if !closed && rapid.IntRange(0, 9).Draw(rt, "closes") == 0 {
				b.close()
				closed = true
			}
			if len(b.leaves) > n || len(b.checkpoints) == 0 {
				b.end()
				earlier = append(earlier, b.files())
			}
		}
		files := b.files()
		for i, e := range earlier {
			r, err := Verify(context.Background(), files, Options{Earlier: e, Key: b.signer.Key(), Now: after})
			if err != nil {
				rt.Fatalf("after %d batches: %v", i+1, err)
			}
			if r.Tally != want || r.Closed != closed || r.Size != int64(len(b.leaves)) {
				rt.Fatalf("got %+v, closed %t; want %+v, %t", r.Tally, r.Closed, want, closed)
			}
		}
		for _, leaf := range live {
			r, err := Verify(context.Background(), files, Options{Receipt: b.receipt(leaf), ID: b.accounts[leaf]})
			if err != nil || r.Receipt != Counted {
				rt.Fatalf("receipt of leaf %d: %d, %v", leaf, r.Receipt, err)
			}
		}
	})
}
