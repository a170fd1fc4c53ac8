package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/telegram/fakeapi"
)

// process is the program in a process of its own, with its database in the folder,
// talking to that server. Its clock stands at the instant, and goes on from there.
func process(api *fakeapi.Server, dir string, now time.Time, args ...string) *exec.Cmd {
	cmd := exec.Command("rollcall", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), envNow+"="+now.Format(time.RFC3339), envBegan+"="+time.Now().UTC().Format(time.RFC3339Nano),
		"ROLLCALL_API_URL="+api.URL(), "ROLLCALL_TOKEN="+api.Token(), "ROLLCALL_DB=db.sqlite", "ROLLCALL_LOG=warn")
	return cmd
}

// writeFile puts a file that the program reads into its folder.
func writeFile(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// samplePetition is a short petition that is open for years.
const samplePetition = `slug: register
opens: 2026-01-01T00:00:00Z
closes: 2030-01-01T00:00:00Z
goal: 1000
organiser: Example Group
addressee: Sample Assembly
title: {en: Open the sample register, uk: Відкрити зразковий реєстр, ru: Открыть образцовый реестр}
text: {en: "We ask.", uk: "Просимо.", ru: "Просим."}
`
