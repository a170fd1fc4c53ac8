package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/config"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/fakeapi"
)

// healthy is a disk on which nothing is wrong.
func healthy(string) (volume, error) { return volume{free: 5 << 30, writable: true}, nil }

// examined runs the checks in a folder of its own and returns what is printed.
// Telegram's clock and the machine's stand still at the same instant.
func examined(t *testing.T, file string, vol func(string) (volume, error), before func()) (out string, d *doctor) {
	t.Helper()
	t.Chdir(t.TempDir())
	now := func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }
	s := fakeapi.Run(t, fakeapi.Options{Now: now})
	for _, c := range places {
		s.AddChat(c)
	}
	env := map[string]string{config.EnvToken: s.Token(), config.EnvAPIURL: s.URL(), config.EnvOwners: "7100000004"}
	if err := os.WriteFile("rollcall.yaml", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a := &app{ctx: t.Context(), stdout: &b, stderr: &b, getenv: func(k string) string { return env[k] }, now: now}
	if before != nil {
		before()
	}
	cfg, faults := config.Examine("", a.getenv)
	d = &doctor{a: a, cfg: cfg, volume: vol}
	d.examine(faults)
	if p := s.Problems(); len(p) > 0 {
		t.Errorf("Telegram was asked oddly: %q", p)
	}
	return strings.ReplaceAll(b.String(), s.URL(), "http://api.example"), d
}

const wellSetUp = `operator: {name: Example Group, contact: "https://example.org/contact"}
digests: [{name: daily, schedule: "0 9 * * *", timezone: Europe/Kyiv, chat: -1001234567890}]
`

func TestDoctorInOrder(t *testing.T) {
	out, _ := examined(t, wellSetUp, healthy, func() {
		db, err := store.Open(t.Context(), "rollcall.db", store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	const want = `ok    configuration: rollcall.yaml
ok    time zones: their data is there
ok    owners: 1 owner, 0 editors
ok    operator: name and contact are set
ok    tracing links: 1
ok    api: http://api.example answers
ok    clock: the same as Telegram's
ok    token: @rollcall_test_bot
ok    webhook: none is set
ok    digest daily: "0 9 * * *" in Europe/Kyiv, next 2026-03-02 09:00 +02:00, 2026-03-03 09:00 +02:00, 2026-03-04 09:00 +02:00
ok    digest daily, chat: channel "Sample channel" (-1001234567890), the bot may post
ok    serve: none runs on this database
ok    database: rollcall.db, schema N
ok    integrity: SQLite's quick_check finds nothing
ok    logs: 0 leaves in 0 logs, hashed anew and added up
ok    figures: the figures of signatures and of people by status equal their rows
warn  roster: it is empty
      hint: rollcall import FILE
ok    petitions: 0, of which 0 open
ok    deliveries: 0 sent, 0 waiting, 0 unknown, 0 dead
ok    secret file: rollcall.db.secret is not there yet; rollcall serve makes it at its first start
ok    disk: 5.0 GiB free, the database has N
ok    folder: . can be written
ok    filesystem: of this machine
ok    http: off
0 failed, 1 warning, 23 ok, 0 skipped
`
	var got strings.Builder
	for line := range strings.Lines(out) {
		for _, cut := range []string{"schema ", "the database has "} {
			if head, _, ok := strings.Cut(line, cut); ok {
				line = head + cut + "N\n"
			}
		}
		got.WriteString(line)
	}
	if d := cmp.Diff(got.String(), want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
}

// Whatever is wrong, each check is made or says what it needs, each warning and
// failure has its hint, and the sum is right.
func TestDoctorGoesThroughAllChecks(t *testing.T) {
	checks := []string{"configuration", "time zones", "owners", "operator", "tracing links", "api", "clock", "token", "webhook",
		"serve", "database", "integrity", "logs", "figures", "roster", "petitions", "deliveries", "secret file", "disk", "folder", "filesystem", "http"}
	broken := func(string) (volume, error) { return volume{}, errors.New("input/output error") }
	for name, c := range map[string]struct {
		file   string
		vol    func(string) (volume, error)
		before func()
		fails  bool
	}{
		"in order":                  {file: wellSetUp, vol: healthy},
		"an unknown key":            {file: "nosuch: 1\n", vol: healthy, fails: true},
		"values that fail":          {file: "http: nowhere\napi_url: nowhere\ntracing_links: []\ndatabase: ''\n", vol: healthy, fails: true},
		"no folder":                 {file: "database: nowhere/x.db\n", vol: volumeOf, fails: true},
		"a broken disk":             {file: wellSetUp, vol: broken, fails: true},
		"another system":            {file: wellSetUp, vol: func(string) (volume, error) { return volume{}, errors.ErrUnsupported }},
		"a full disk":               {file: wellSetUp, vol: func(string) (volume, error) { return volume{writable: true}, nil }, fails: true},
		"a folder for a db":         {file: "database: .\n", vol: healthy, fails: true},
		"a digest without anything": {file: "digests: [{}]\n", vol: healthy, fails: true},
		"an odd secret file": {file: wellSetUp, vol: healthy, fails: true, before: func() {
			if err := os.WriteFile("rollcall.db.secret", []byte("nothing"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			out, d := examined(t, c.file, c.vol, c.before)
			if got := d.seen[failed] > 0; got != c.fails {
				t.Errorf("something failed: %t, want %t", got, c.fails)
			}
			lines := strings.Split(out, "\n")
			n := map[level]int{}
			told := map[string]bool{}
			for i, line := range lines {
				if strings.HasPrefix(line, " ") || i >= len(lines)-2 {
					continue
				}
				l := level(strings.TrimSpace(line[:4]))
				n[l]++
				check, text, _ := strings.Cut(line[6:], ": ")
				told[check] = true
				if strings.TrimSpace(text) == "" {
					t.Errorf("nothing is said in %q", line)
				}
				hinted := false
				for _, below := range lines[i+1:] {
					if !strings.HasPrefix(below, " ") {
						break
					}
					hinted = hinted || strings.HasPrefix(below, "      hint: ")
				}
				if want := l == warned || l == failed; hinted != want {
					t.Errorf("%q has a hint: %t, want %t", line, hinted, want)
				}
			}
			for _, check := range checks {
				if !told[check] {
					t.Errorf("nothing is told of %s", check)
				}
			}
			sum := fmt.Sprintf("%d failed, %s, %d ok, %d skipped", n[failed], plural(n[warned], "warning", "warnings"), n[passed], n[skipped])
			if got := lines[len(lines)-2]; got != sum {
				t.Errorf("got %q, want %q", got, sum)
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func TestSpace(t *testing.T) {
	const mb, gb = 1 << 20, 1 << 30
	for name, c := range map[string]struct {
		free, size uint64
		want       level
	}{
		"nothing left":               {0, 0, failed},
		"just too little":            {100*mb - 1, 0, failed},
		"just enough":                {100 * mb, 0, passed},
		"too little for a copy":      {2*gb - 1, gb, warned},
		"enough for a copy":          {2 * gb, gb, passed},
		"too little, for any reason": {99 * mb, gb, failed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := space(c.free, c.size); got.level != c.want {
				t.Errorf("got %s (%s), want %s", got.level, got.text, c.want)
			}
		})
	}
}

func TestFilesystem(t *testing.T) {
	for name, c := range map[string]struct {
		v    volume
		want level
	}{
		"a disk":         {volume{}, passed},
		"a network":      {volume{network: true, kind: "NFS"}, failed},
		"nobody can say": {volume{kind: "FUSE"}, skipped},
	} {
		t.Run(name, func(t *testing.T) {
			if got := filesystem(c.v); got.level != c.want {
				t.Errorf("got %s, want %s", got.level, c.want)
			}
		})
	}
	if folder("x", volume{}).level != failed || folder("x", volume{writable: true}).level != passed {
		t.Error("a folder that cannot be written passes, or one that can does not")
	}
}

func TestVolumeOf(t *testing.T) {
	dir := t.TempDir()
	v, err := volumeOf(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system is not asked")
	}
	if err != nil || v.free == 0 || !v.writable {
		t.Errorf("got %+v, %v of a fresh folder", v, err)
	}
	if _, err := volumeOf(dir + "/nowhere"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v of a folder that is not there, want one that is fs.ErrNotExist", err)
	}
	if os.Getuid() == 0 {
		return // may write anywhere
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if v, err := volumeOf(dir); err != nil || v.writable {
		t.Errorf("got %+v, %v of a folder of mode 500", v, err)
	}
}

func TestClockFinding(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) // stands for any instant of that second
	for name, c := range map[string]struct {
		before, after time.Duration // of the question, from at
		want          level
		text          string
	}{
		"the same":           {0, 0, passed, "the same as"},
		"within the second":  {900 * time.Millisecond, 990 * time.Millisecond, passed, "the same as"},
		"a slow answer":      {-40 * time.Second, time.Second, passed, "the same as"},
		"a little ahead":     {3 * time.Second, 4 * time.Second, passed, "2s ahead of"},
		"ahead":              {31 * time.Second, 32 * time.Second, warned, "30s ahead of"},
		"behind":             {-50 * time.Second, -40 * time.Second, warned, "40s behind"},
		"hours ahead":        {3 * time.Hour, 3 * time.Hour, failed, "2h59m59s ahead of"},
		"ten minutes behind": {-10 * time.Minute, -10 * time.Minute, failed, "10m0s behind"},
	} {
		t.Run(name, func(t *testing.T) {
			got := clockFinding(at.Add(c.before), at.Add(c.after), at)
			if got.level != c.want || !strings.HasPrefix(got.text, c.text) {
				t.Errorf("got %s: %s, want %s: %s", got.level, got.text, c.want, c.text)
			}
		})
	}
}

func TestChatFinding(t *testing.T) {
	const channel, person rollcall.ChatID = -1001234567890, 7100000004
	may := telegram.Membership{Status: "administrator", Post: true}
	refused := func(r telegram.Refusal) chatAnswer {
		return chatAnswer{err: &telegram.Error{Method: "getChat", Code: 400, Refusal: r}}
	}
	for name, c := range map[string]struct {
		id   rollcall.ChatID
		a    chatAnswer
		want level
		text string
		hint string
	}{
		"a channel":                   {channel, chatAnswer{chat: telegram.Chat{Type: "channel", Title: "News"}, is: may}, passed, `channel "News" (-1001234567890)`, ""},
		"a title that plays":          {channel, chatAnswer{chat: telegram.Chat{Type: "channel", Title: "A\x1b[2J\n\u202eb"}, is: may}, passed, `channel "A[2Jb"`, ""},
		"a long title":                {channel, chatAnswer{chat: telegram.Chat{Type: "channel", Title: strings.Repeat("я", 300)}, is: may}, passed, `channel "` + strings.Repeat("я", 79) + `…"`, ""},
		"may edit":                    {channel, chatAnswer{chat: telegram.Chat{Type: "channel"}, is: telegram.Membership{Status: "administrator", Post: true, Edit: true}}, warned, "", "take away the right to edit"},
		"may not post":                {channel, chatAnswer{chat: telegram.Chat{Type: "channel"}, is: telegram.Membership{Status: "administrator", Edit: true}}, failed, "", "give the right to post messages"},
		"a reader":                    {channel, chatAnswer{chat: telegram.Chat{Type: "channel"}, is: telegram.Membership{Status: "member"}}, failed, "", "give the right to post messages"},
		"a group":                     {-501, chatAnswer{chat: telegram.Chat{Type: "group"}, is: telegram.Membership{Status: "member"}}, passed, "", ""},
		"a group with rights to edit": {-501, chatAnswer{chat: telegram.Chat{Type: "supergroup"}, is: telegram.Membership{Status: "administrator", Edit: true}}, passed, "", ""},
		"a muted member":              {-501, chatAnswer{chat: telegram.Chat{Type: "supergroup"}, is: telegram.Membership{Status: "restricted"}}, failed, "", "let it send messages"},
		"left a public one":           {-501, chatAnswer{chat: telegram.Chat{Type: "supergroup"}, is: telegram.Membership{Status: "left"}}, failed, "", "add @bot to the group"},
		"not found":                   {channel, refused(telegram.ChatGone), failed, "-1001234567890 is not found", "begins with -100"},
		"thrown out":                  {channel, refused(telegram.NoRights), failed, "the bot is not in -1001234567890", "add @bot there again"},
		"never wrote":                 {person, refused(telegram.ChatGone), failed, "the bot knows no such private chat", "/start"},
		"blocked":                     {person, refused(telegram.Blocked), failed, "the bot is not in the private chat", ""},
		"a person":                    {person, chatAnswer{chat: telegram.Chat{Type: "private"}}, passed, "a private chat", ""},
		"no answer":                   {channel, chatAnswer{err: &telegram.Error{Method: "getChat", Code: 502}}, failed, "getChat: status 502", "try again"},
	} {
		t.Run(name, func(t *testing.T) {
			got := chatFinding("chat", "digests[0].chat", "bot", c.id, c.a)
			if got.level != c.want || !strings.HasPrefix(got.text, c.text) || !strings.Contains(got.hint, c.hint) {
				t.Errorf("got %+v, want %s: %s, with %q in the hint", got, c.want, c.text, c.hint)
			}
			if strings.Contains(got.text+got.hint, fmt.Sprint(int64(person))) {
				t.Errorf("the id of a person is told: %+v", got)
			}
		})
	}
}

func TestOnLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:8081": true, "127.8.8.8:80": true, "[::1]:8081": true, "localhost:8081": true,
		":8081": false, "0.0.0.0:8081": false, "[::]:8081": false, "192.0.2.1:8081": false, "bot.example:8081": false, "8081": false,
	} {
		if got := onLoopback(addr); got != want {
			t.Errorf("%s: got %t, want %t", addr, got, want)
		}
	}
}
