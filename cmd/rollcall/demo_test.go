package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/store"
)

// runDemo runs the verb to its end and returns its exit code and its talk.
func runDemo(t *testing.T, args ...string) (code int, talk string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stderr lockedBuffer
	a := &app{ctx: ctx, stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr, getenv: func(string) string { return "" }, now: time.Now}
	return a.run(append([]string{"demo"}, args...)), stderr.String()
}

func TestDemoNamesTheRemedyForATakenPort(t *testing.T) {
	l := listen(t)
	code, talk := runDemo(t, "--listen", l)
	if code != exitFailed || !strings.Contains(talk, l+" is taken") || !strings.Contains(talk, "--listen 127.0.0.1:") {
		t.Errorf("exit %d: %s", code, talk)
	}
}

func TestDemoRefusesARealBotsDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "real.db")
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.SetUsername("a_real_bot") }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, talk := runDemo(t, "--listen", "127.0.0.1:0", "--db", file)
	if code != exitFailed || !strings.Contains(talk, "a real bot's") {
		t.Errorf("exit %d: %s", code, talk)
	}
}

func TestDemoRefusesAKeepersFileWithBadRows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(file, []byte("full_name,status,status_date,source\nZrazok Ostap,somewhere,2026-01-01,Example Office\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, talk := runDemo(t, "--listen", "127.0.0.1:0", "--roster", file)
	if code != exitBadRows || !strings.Contains(talk, "roster.csv:2: status:") {
		t.Errorf("exit %d: %s", code, talk)
	}
}

// A keeper's own roster and petition take the place of the invented ones, and a
// database that is kept has them the next time.
func TestDemoRehearsesWithAKeepersFiles(t *testing.T) {
	folder := t.TempDir()
	roster, petition, db := filepath.Join(folder, "roster.csv"), filepath.Join(folder, "petition.yaml"), filepath.Join(folder, "kept.db")
	const row = "Zrazok Ostap,1980,reported_held,2026-01-01,Example Office\n"
	if err := os.WriteFile(roster, []byte("full_name,birth_year,status,status_date,source\n"+row), 0o600); err != nil {
		t.Fatal(err)
	}
	const text = "slug: own\nopens: 2026-01-01T00:00:00Z\ncloses: 2090-01-01T00:00:00Z\norganiser: Example Group\naddressee: Sample Office\ntitle: {en: A sample request}\ntext: {en: Please answer.}\n"
	if err := os.WriteFile(petition, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("first", func(t *testing.T) {
		startDemo(t, "--db", db, "--roster", roster, "--petition", petition)
	})
	t.Run("again", func(t *testing.T) {
		d := talkTo(t, startDemo(t, "--db", db))
		d.say(7200000001, "/start")
		d.say(7200000001, "Zrazok Ostap 1980")
		d.wants("According to Example Office")
		d.say(7200000001, "/petition")
		d.wants("A sample request")
		if seen := d.wants(`"limits":{`); bytes.Contains(seen, []byte("Prykladnenko")) {
			t.Error("somebody is suggested who is not in the keeper's roster")
		}
	})
}

// A keeper's configuration is rehearsed with, and none of its chats and accounts
// is written to: a digest for a private chat goes to the demo's channel.
func TestDemoRehearsesWithAKeepersConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	const text = `operator: {name: "Own Group", contact: "https://example.org/own"}
owners: [7900000001]
digests:
  - {name: mine, schedule: "0 9 * * *", timezone: Europe/Kyiv, chat: 7900000001, language: uk}
  - {name: news, schedule: "0 9 * * *", timezone: Europe/Kyiv, chat: -1001234567890, language: uk}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := talkTo(t, startDemo(t, "--config", file))
	d.say(7200000001, "/start")
	if seen := d.wants("Own Group"); bytes.Contains(seen, []byte("7900000001")) {
		t.Error("the account of the configuration is on the page")
	}
	d.wants(fmt.Sprintf(`"chat":{"id":%d`, demoChannel.ID))
}

// The invented world follows from the seed.
func TestDemoSeed(t *testing.T) {
	var exports []string
	for _, seed := range []string{"7", "7", "8"} {
		db := filepath.Join(t.TempDir(), "demo.db")
		t.Run(seed, func(t *testing.T) { startDemo(t, "--db", db, "--seed", seed) })
		var out bytes.Buffer
		a := &app{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard, getenv: func(string) string { return "" }, now: time.Now}
		if code := a.run([]string{"export", "roster", "--db", db, "--format", "csv"}); code != exitDone {
			t.Fatalf("export: exit %d", code)
		}
		exports = append(exports, out.String())
	}
	if exports[0] != exports[1] {
		t.Error("one seed gave two worlds")
	}
	if exports[0] == exports[2] {
		t.Error("two seeds gave one world")
	}
}

// Whatever fault is played, the demo ends soon after it is asked to, and takes
// its folder with it.
func TestDemoEndsSoonAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, fault := range []string{"", "slow", "down", "lost", "limited"} {
		t.Run("fault "+fault, func(t *testing.T) {
			var asked time.Time
			t.Run("played", func(t *testing.T) {
				d := talkTo(t, startDemo(t))
				d.post("fault", map[string]any{"name": fault})
				d.say(7200000002, "/start")
				t.Cleanup(func() { asked = time.Now() }) // before that of startDemo, which asks
			})
			// A second is the promise, on a machine that has nothing else to do.
			if took := time.Since(asked); took > 4*time.Second {
				t.Errorf("it took %s to end", took)
			}
			left, err := filepath.Glob(filepath.Join(os.TempDir(), "rollcall-demo-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
		})
	}
}

// The environment and the working directory of a real bot have no say in a
// rehearsal.
func TestDemoKeepsAwayFromARealBot(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	if err := os.WriteFile("rollcall.yaml", []byte("api_url: https://example.org\ndatabase: real.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startDemo(t)
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != "rollcall.yaml" {
			t.Errorf("the demo made %s", f.Name())
		}
	}
}

// A demoTalk plays people without a browser.
type demoTalk struct {
	t   *testing.T
	url string
}

func talkTo(t *testing.T, url string) demoTalk { return demoTalk{t, url} }

func (d demoTalk) post(path string, body any) {
	d.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	res, err := http.Post(d.url+path, "application/json", bytes.NewReader(raw))
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		d.t.Fatalf("%s: %s %s", path, res.Status, text)
	}
}

func (d demoTalk) say(who int64, text string) {
	d.t.Helper()
	d.post("say", map[string]any{"from": who, "chat": who, "text": text})
}

// wants waits until the stream tells of a text, and returns all that it told.
func (d demoTalk) wants(text string) []byte {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), browserWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", d.url+"events", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	var seen []byte
	for part := make([]byte, 4096); ; {
		n, err := res.Body.Read(part)
		if seen = append(seen, part[:n]...); bytes.Contains(seen, []byte(text)) {
			return seen
		}
		if err != nil {
			d.t.Fatalf("waited in vain for %q: %v", text, err)
		}
	}
}
