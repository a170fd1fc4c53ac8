package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// What the README shows of the verbs is what the program says.
func TestReadmeListsTheVerbs(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(readme), "<!-- verbs -->\n```\n")
	shown, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatal("README.md has no fenced block after <!-- verbs -->")
	}
	var out bytes.Buffer
	a := &app{ctx: t.Context(), stdout: &out, stderr: &out, getenv: func(string) string { return "" }}
	if code := a.run([]string{"--help"}); code != exitDone {
		t.Fatalf("--help exits with %d", code)
	}
	_, commands, _ := strings.Cut(out.String(), "Commands:\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	var want strings.Builder
	for line := range strings.Lines(commands + "\n") {
		want.WriteString(strings.TrimPrefix(line, "  "))
	}
	if shown != want.String() {
		t.Errorf("README.md shows\n%s\nand --help\n%s", shown, want.String())
	}
}
