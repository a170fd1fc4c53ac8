package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/charmap"

	"rollcall/internal/telegram/fakeapi"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with, and the README's picture")

// Variables by which a script drives the program.
const (
	envNow    = "TEST_NOW"    // where the program's clock stands, RFC 3339; it goes on from there where Telegram is talked to
	envBegan  = "TEST_BEGAN"  // the full minute in which the script began, RFC 3339
	envStderr = "TEST_STDERR" // a file that gets a copy of all talk
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "rollcall" {
		// Scripts wait for each other's seconds more than they work.
		flag.Parse()
		if err := flag.Set("test.parallel", strconv.Itoa(max(6, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){"rollcall": func() { os.Exit(program()) }})
}

// program is main with a clock and with a copy of what it says.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	a := &app{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now}
	if s := os.Getenv(envNow); s != "" {
		start, err := time.Parse(time.RFC3339, s)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitFailed
		}
		began, err := time.Parse(time.RFC3339, os.Getenv(envBegan))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitFailed
		}
		a.now = func() time.Time { return start }
		if verb := strings.Join(os.Args[1:], " "); strings.HasPrefix(verb, "serve") || strings.HasPrefix(verb, "digest send") || strings.HasPrefix(verb, "doctor") {
			// Full minutes are the same by both clocks, since cron's is the real one.
			a.now = func() time.Time { return start.Add(time.Since(began)) }
		}
	}
	if s := os.Getenv(envStderr); s != "" {
		f, err := os.OpenFile(s, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitFailed
		}
		defer f.Close()
		a.stderr = io.MultiWriter(os.Stderr, f)
	}
	return a.run(os.Args[1:])
}

// TestScripts runs testdata/script, which can be read as a manual of the
// program: a script for each verb, and the main job as a story. They know the
// commands of testscript and those below.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			if cond == "long" {
				return os.Getenv("ROLLCALL_LONG") == "1", nil
			}
			return false, fmt.Errorf("no condition %s", cond)
		},
		Setup: func(env *testscript.Env) error {
			said := filepath.Join(env.WorkDir, ".said")
			env.Setenv(envStderr, said)
			env.Setenv(envNow, "2026-03-01T09:00:00Z")
			env.Setenv(envBegan, time.Now().UTC().Truncate(time.Minute).Format(time.RFC3339))
			s := &stage{}
			env.Values["stage"] = s
			env.Defer(func() { s.close(env.T()) })
			env.Defer(func() { noLeak(env.T(), said) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "fill": fill, "encode": encode, "workbook": workbook, "address": address, "get": get,
			"terminate": terminate, "within": within, "telegram": stageCommand,
			"bundle": bundle, "edit": edit, "cutline": cutline, "copydir": copydir,
		},
	})
}

// noLeak fails where something was said, in a log line or an error, that no log
// may hold: the token, an account's id, a name or a word of a question. All
// people of the scripts bear names in Cyrillic or one of the surnames below.
func noLeak(t testscript.T, said string) {
	b, err := os.ReadFile(said)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(fakeapi.DefaultToken, ":")
	secrets := []string{key, "not-a-real-token", "Exampleson", "Testenko", "Sampleova"}
	for _, p := range people {
		secrets = append(secrets, fmt.Sprint(p.ID), p.FirstName)
	}
	for line := range strings.Lines(string(b)) {
		if slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(strings.ToLower(line), strings.ToLower(s)) }) ||
			strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			t.Fatal("said what no log may hold: ", line)
		}
	}
}

// exits CODE COMMAND [ARG...] runs a command that must end with the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var e *exec.ExitError
	if errors.As(err, &e) {
		code = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("it exits with %d, want %s", code, args[0])
	}
}

// fill FILE COUNT LINE appends the line so often, with its number, from 1, in
// place of each {n}.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fill FILE COUNT LINE")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer f.Close()
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(args[2], "{n}", fmt.Sprintf("%06d", i+1)) + "\n")
	}
	_, err = f.WriteString(b.String())
	ts.Check(err)
}

// encode FROM TO writes the text of a file in Windows-1251.
func encode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: encode FROM TO")
	}
	s, err := charmap.Windows1251.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(s), 0o600))
}

// address VARIABLE sets it to an address on which nobody listens.
func address(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: address VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// get URL CODE fetches a page; its text is stdout.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: get URL CODE")
	}
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), string(body))
	if fmt.Sprint(res.StatusCode) != args[1] {
		ts.Fatalf("status %d, want %s", res.StatusCode, args[1])
	}
}

// terminate sends SIGTERM to the running `rollcall serve`; wait for it by its
// name, and then say how long that may have taken: within DURATION.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: terminate")
	}
	sent := false
	for _, c := range ts.BackgroundCmds() {
		if slices.Contains(c.Args, "serve") && c.Process.Signal(syscall.SIGTERM) == nil {
			sent = true
		}
	}
	if !sent {
		ts.Fatalf("no rollcall serve runs")
	}
	ts.Value("stage").(*stage).terminated = time.Now()
}

func within(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: within DURATION")
	}
	most, err := time.ParseDuration(args[0])
	ts.Check(err)
	if took := time.Since(ts.Value("stage").(*stage).terminated); took > most {
		ts.Fatalf("it took %s to end, want at most %s", took, most)
	}
}
