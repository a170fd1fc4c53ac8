package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// every calls fn with each verb's words, such as "petition open".
func every(t *testing.T, fn func(words string)) {
	t.Helper()
	parser, err := kong.New(&verbs{}, kong.Name("rollcall"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range parser.Model.Leaves(false) {
		n++
		fn(strings.TrimPrefix(v.FullPath(), "rollcall "))
	}
	if n < 10 {
		t.Fatalf("%d verbs were found", n)
	}
}

// run runs a command line in this process, in a folder of its own.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, talk bytes.Buffer
	a := &app{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &out, stderr: &talk, getenv: func(string) string { return "" }, now: time.Now}
	code = a.run(args)
	return code, out.String(), talk.String()
}

func TestEveryVerbHasHelpWithAnExample(t *testing.T) {
	every(t, func(words string) {
		t.Run(words, func(t *testing.T) {
			code, stdout, stderr := run(t, append(strings.Fields(words), "--help")...)
			if code != exitDone || stderr != "" {
				t.Errorf("it exits with %d and says %q, want 0 and nothing", code, stderr)
			}
			_, example, ok := strings.Cut(stdout, "Example: ")
			if !ok || !strings.Contains(example, "rollcall "+words) {
				t.Errorf("the help has no example of rollcall %s:\n%s", words, stdout)
			}
			files, err := os.ReadDir(".")
			if err != nil || len(files) > 0 {
				t.Errorf("asking for help has made %v (%v)", files, err)
			}
		})
	})
}

func TestEveryVerbRefusesAnUnknownFlag(t *testing.T) {
	every(t, func(words string) {
		t.Run(words, func(t *testing.T) {
			code, stdout, stderr := run(t, append(strings.Fields(words), "--nosuch")...)
			if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "rollcall: ") || !strings.HasSuffix(stderr, "\nSee: rollcall "+words+" --help\n") {
				t.Errorf("it exits with %d and says %q, want 2 and the way to the help", code, stderr)
			}
		})
	})
}

// Every verb that works with a database or the configuration takes --db and
// --config.
func TestEveryVerbTakesDatabaseAndConfiguration(t *testing.T) {
	without := map[string]bool{"version": true, "verify": true}
	every(t, func(words string) {
		_, help, _ := run(t, append(strings.Fields(words), "--help")...)
		for _, flag := range []string{"--db=FILE", "--config=FILE"} {
			if strings.Contains(help, flag) == without[words] {
				t.Errorf("%s: %s is in the help: %t", words, flag, !without[words])
			}
		}
	})
}

func TestAFileIsReplacedAsAWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	err := replaceFile(path, func(w io.Writer) error {
		io.WriteString(w, "ne")
		return full
	})
	if got, _ := os.ReadFile(path); !errors.Is(err, full) || string(got) != "old" {
		t.Errorf("after a failure (%v) the file holds %q, want what it was", err, got)
	}
	if err := replaceFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if got, _ := os.ReadFile(path); err != nil || string(got) != "new" || info.Mode().Perm() != 0o600 {
		t.Errorf("the file holds %q with mode %v (%v), want the new text for its owner alone", got, info.Mode(), err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("%d files are left, want one", len(files))
	}
}
