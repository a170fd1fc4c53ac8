package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/rollcall"
)

const (
	example         = "../../configs/rollcall.example.yaml"
	examplePetition = "../../configs/petition.example.yaml"
)

// canary stands for a real token in tests that look for leaks.
const canary = "1234567:CANARY-canary_0123456789"

// env makes a getenv of pairs of names and values.
func env(pairs ...string) func(string) string {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

// write puts content into a file of the test's own and returns its path.
func write(t testing.TB, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

// same compares what is configured, without where it came from.
var same = []cmp.Option{
	cmpopts.IgnoreUnexported(Config{}),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	cmpopts.EquateEmpty(),
}

func TestEmptyFileIsDefault(t *testing.T) {
	for name, content := range map[string]string{
		"empty":           "",
		"comments only":   "# nothing\n\n# at all\n",
		"document marker": "---\n",
		"byte order mark": "\ufeff# nothing\n",
		"null":            "~\n",
		"empty mapping":   "{}\n",
		"keys of nothing": "operator:\nlookup:\ndigests:\nowners:\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(write(t, "rollcall.yaml", content, 0o644), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, Default(), same...); diff != "" {
				t.Errorf("Load of a file without values (-got +want):\n%s", diff)
			}
		})
	}
}

func TestExampleIsDefault(t *testing.T) {
	got, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Operator = Operator{Name: "Example Group", Contact: "https://example.org/contact"}
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	want.Digests = []Digest{{
		Name: "daily", Schedule: "0 9 * * *", Timezone: "Europe/Kyiv", Zone: kyiv, Chat: -1001234567890,
		Language: rollcall.Ukrainian, Sections: rollcall.AllSections, Chart: true, CatchUp: 6 * time.Hour,
	}}
	if diff := cmp.Diff(got, want, same...); diff != "" {
		t.Errorf("Load(%s) (-got +want):\n%s", example, diff)
	}
}

// The other direction, that the example holds no key which the struct lacks, is
// TestExampleIsDefault: such a key is an error.
func TestExampleHoldsEveryKey(t *testing.T) {
	c, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	var look func(typ reflect.Type, key string)
	look = func(typ reflect.Type, key string) {
		if key != "" && c.lines[key] == 0 {
			missing = append(missing, key)
		}
		switch typ.Kind() {
		case reflect.Struct:
			for i, name := range fieldKeys(typ) {
				if name != "" {
					look(typ.Field(i).Type, join(key, name))
				} else if f := typ.Field(i); f.IsExported() && f.Tag.Get("yaml") != "-" {
					t.Errorf("%s.%s has no yaml key", typ, f.Name)
				}
			}
		case reflect.Slice:
			if typ.Elem().Kind() == reflect.Struct {
				look(typ.Elem(), key+"[0]")
			}
		}
	}
	look(reflect.TypeFor[Config](), "")
	if missing != nil {
		t.Errorf("%s lacks the keys %s", example, strings.Join(missing, ", "))
	}
}

// Where the example says "Default: X" above a key, the key's value is X.
func TestExampleSaysItsDefaults(t *testing.T) {
	src, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`^ *# Default: (.*)$`)
	key := regexp.MustCompile(`^[ -]*([a-z_]+): *(.*)$`)
	def, n := "", 0
	for i, line := range strings.Split(string(src), "\n") {
		if m := said.FindStringSubmatch(line); m != nil {
			def = m[1]
			continue
		}
		if m := key.FindStringSubmatch(line); m != nil && def != "" {
			if got := m[2]; strings.Trim(got, `"`) != strings.Trim(def, `"`) {
				t.Errorf("%s:%d: %s is %s, but its default is said to be %s", example, i+1, m[1], got, def)
			}
			n++
		}
		def = ""
	}
	if n < 25 {
		t.Errorf("found %d stated defaults, want 25 and more", n)
	}
}

func TestLoadFinds(t *testing.T) {
	named := write(t, "named.yaml", "database: named.db\n", 0o644)
	other := write(t, "other.yaml", "database: other.db\n", 0o644)
	for name, tt := range map[string]struct {
		path   string
		getenv func(string) string
		local  bool
		want   string
	}{
		"nothing":                    {want: "rollcall.db"},
		"the working directory's":    {local: true, want: "local.db"},
		"the environment's":          {getenv: env(EnvConfig, other), local: true, want: "other.db"},
		"the flag's":                 {path: named, getenv: env(EnvConfig, other), local: true, want: "named.db"},
		"environment over the flag":  {path: named, getenv: env(EnvDB, "e.db"), want: "e.db"},
		"environment over no file":   {getenv: env(EnvDB, "e.db"), want: "e.db"},
		"empty variable is no value": {path: named, getenv: env(EnvDB, "", EnvConfig, ""), want: "named.db"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if tt.local {
				if err := os.WriteFile(DefaultFile, []byte("database: local.db\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c, err := Load(tt.path, tt.getenv)
			if err != nil {
				t.Fatal(err)
			}
			if c.Database != tt.want || c.SecretFile != tt.want+".secret" {
				t.Errorf("got database %q, secret file %q, want %[3]q, %[3]q.secret", c.Database, c.SecretFile, tt.want)
			}
		})
	}
}

func TestLoadWithoutFile(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent.yaml")
	for name, tt := range map[string]struct {
		path   string
		getenv func(string) string
		want   string
	}{
		"by flag":        {path: absent, want: "--config"},
		"by environment": {getenv: env(EnvConfig, absent), want: EnvConfig},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(tt.path, tt.getenv)
			if err == nil || !strings.Contains(err.Error(), absent) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that names %s and %s", err, absent, tt.want)
			}
		})
	}
	if _, err := Load(t.TempDir(), nil); err == nil {
		t.Error("Load of a directory succeeded")
	}
	big := write(t, "big.yaml", "# "+strings.Repeat("x", maxFileBytes), 0o644)
	if _, err := Load(big, nil); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("Load of a large file: got error %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	file := write(t, "rollcall.yaml", `
owners: [11, 12]
editors: [13]
database: file.db
secret_file: file.secret
api_url: https://file.example.org
http: 127.0.0.1:1
log: warn
`, 0o644)
	c, err := Load(file, env(EnvOwners, "21, 22,", EnvEditors, "23", EnvDB, "env.db", EnvSecretFile, "env.secret",
		EnvAPIURL, "http://127.0.0.1:9/", EnvHTTP, ":2", EnvLog, "debug"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Owners = []rollcall.UserID{21, 22}
	want.Editors = []rollcall.UserID{23}
	want.Database = "env.db"
	want.SecretFile = "env.secret"
	want.APIURL = "http://127.0.0.1:9"
	want.HTTP = ":2"
	want.Log = "debug"
	if diff := cmp.Diff(c, want, same...); diff != "" {
		t.Errorf("environment over file (-got +want):\n%s", diff)
	}
}

func TestSetDatabase(t *testing.T) {
	for name, tt := range map[string]struct {
		content, path, database, secret string
	}{
		"moves both":               {"", "x.db", "x.db", "x.db.secret"},
		"leaves a set secret file": {"secret_file: s\n", "x.db", "x.db", "s"},
		"empty secret file key":    {"secret_file: ''\n", "x.db", "x.db", "x.db.secret"},
		"nothing for no path":      {"database: y.db\n", "", "y.db", "y.db.secret"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load(write(t, "rollcall.yaml", tt.content, 0o644), nil)
			if err != nil {
				t.Fatal(err)
			}
			c.SetDatabase(tt.path)
			if c.Database != tt.database || c.SecretFile != tt.secret {
				t.Errorf("got %q and %q, want %q and %q", c.Database, c.SecretFile, tt.database, tt.secret)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	digest := "digests:\n  - name: daily\n    schedule: '0 9 * * *'\n    chat: -100\n"
	for name, tt := range map[string]struct {
		content string
		getenv  func(string) string
		want    []string // parts of the error's text; FILE: stands for the path
	}{
		"unknown key":               {content: "log: info\n\nlogg: info\n", want: []string{"FILE:3: logg: unknown key", "secret_file"}},
		"unknown nested key":        {content: "lookup:\n  max_results: 3\n  # more\n  max_result: 3\n", want: []string{"FILE:4: lookup.max_result: unknown key", "max_results"}},
		"unknown key in a list":     {content: digest + "    chatt: 5\n", want: []string{"FILE:5: digests[0].chatt: unknown key"}},
		"unknown key in flow style": {content: "lookup: {max_results: 3,\n  x: 1}\n", want: []string{"FILE:2: lookup.x: unknown key"}},
		"all at once":               {content: "log: loud\nx: 1\nlookup:\n  per_day: 0\n", want: []string{"FILE:2: x", "FILE:1: log: must be one of", "FILE:4: lookup.per_day: must be from 1"}},
		"key twice":                 {content: "log: info\nlog: warn\n", want: []string{"FILE:2: log: is given twice, first on line 1"}},
		"token":                     {content: "token: '" + canary + "'\n", want: []string{"FILE:1: token: the bot token does not belong", "ROLLCALL_TOKEN_FILE"}},
		"token elsewhere":           {content: "telegram:\n  bot_token: '" + canary + "'\n", want: []string{"FILE:2: telegram.bot_token: the bot token does not belong"}},
		"token as a key":            {content: canary + ": x\n", want: []string{"FILE:1: (not a plain key): unknown key"}},
		"token as the file":         {content: canary + "\n", want: []string{"FILE:1: must be a mapping"}},
		"not YAML":                  {content: "log: info\nowners: [1, 2\n", want: []string{"FILE:2: is not valid YAML"}},
		"unquoted at sign":          {content: "\ndigests:\n  - schedule: @daily\n", want: []string{"FILE:3: is not valid YAML", "reserved character"}},
		"not UTF-8":                 {content: "log: info\noperator: {name: \"\xff\"}\n", want: []string{"FILE:2: is not UTF-8"}},
		"control character":         {content: "log: info\n# \x00\n", want: []string{"FILE:2: holds a control character"}},
		"escaped control character": {content: "operator:\n  name: \"a\\u0007\"\n", want: []string{"FILE:2: operator.name: holds a control character"}},
		"two documents":             {content: "log: info\n---\nlog: info\n", want: []string{"FILE:3: holds more than one document"}},
		"alias":                     {content: "database: &x a\nhttp: *x\n", want: []string{"FILE:1: database: anchors", "FILE:2: http: anchors"}},
		"merge key":                 {content: "<<: {log: info}\n", want: []string{"FILE:1: a key must be plain"}},
		"tag":                       {content: "log: !!str info\n", want: []string{"FILE:1: log: anchors, aliases and tags"}},
		"too deep":                  {content: "x: " + strings.Repeat("[", 5000) + "\n", want: []string{"FILE:1: is nested too deeply"}},
		"too deep by dashes":        {content: strings.Repeat("- ", 5000) + "\n", want: []string{"FILE:1: is nested too deeply"}},
		"list for a mapping":        {content: "operator: [a]\n", want: []string{"FILE:1: operator: must be a mapping with the keys name, contact"}},
		"mapping for text":          {content: "log: {a: b}\n", want: []string{"FILE:1: log: must be text"}},
		"text for a list":           {content: "owners: 5\n", want: []string{"FILE:1: owners: must be a list"}},
		"list for a number":         {content: "lookup: {per_day: [1]}\n", want: []string{"FILE:1: lookup.per_day: must be a single value"}},
		"text for a number":         {content: "lookup: {per_day: many}\n", want: []string{"FILE:1: lookup.per_day: must be a whole number"}},
		"hexadecimal":               {content: "lookup: {per_day: 0x1F}\n", want: []string{"FILE:1: lookup.per_day: must be a whole number"}},
		"not a number":              {content: "lookup: {roster_percent_per_day: .nan}\n", want: []string{"FILE:1: lookup.roster_percent_per_day: must be"}},
		"infinite":                  {content: "lookup: {roster_percent_per_day: inf}\n", want: []string{"FILE:1: lookup.roster_percent_per_day: must be a number"}},
		"percent":                   {content: "lookup: {roster_percent_per_day: 101}\n", want: []string{"FILE:1: lookup.roster_percent_per_day: must be over 0"}},
		"yes for true":              {content: "lookup: {require_birth_year: yes}\n", want: []string{"FILE:1: lookup.require_birth_year: must be true or false"}},
		"duration without unit":     {content: "petition:\n  batch_every: 10\n", want: []string{"FILE:2: petition.batch_every: must be a duration with its unit"}},
		"negative duration":         {content: "petition:\n  retention: -1h\n", want: []string{"FILE:2: petition.retention: must be longer than zero"}},
		"one part":                  {content: "lookup: {min_parts: 1}\n", want: []string{"FILE:1: lookup.min_parts: must be from 2 to 3"}},
		"language":                  {content: "default_language: xx\n", want: []string{"FILE:1: default_language: must be one of the languages en, uk, ru"}},
		"owner":                     {content: "owners:\n  - 5\n  - -7\n", want: []string{"FILE:3: owners[1]: must be the numeric id"}},
		"owner's account name":      {content: "owners: [someone]\n", want: []string{"FILE:1: owners[0]: must be a whole number"}},
		"empty item":                {content: "owners:\n  - 5\n  -\n", want: []string{"owners[1]: is empty"}},
		"api url":                   {content: "api_url: ftp://x.example.org\n", want: []string{"FILE:1: api_url: must be an http"}},
		"api url with an account":   {content: "api_url: https://a:b@x.example.org\n", want: []string{"FILE:1: api_url: must hold no account"}},
		"http":                      {content: "http: localhost\n", want: []string{"FILE:1: http: must be host:port"}},
		"http port":                 {content: "http: localhost:99999\n", want: []string{"FILE:1: http: must be host:port"}},
		"database in memory":        {content: "database: ':memory:'\n", want: []string{"FILE:1: database: must be the path of a file"}},
		"one file for two":          {content: "database: a\nsecret_file: a\n", want: []string{"FILE:2: secret_file: must be another file"}},
		"origin":                    {content: "petition: {origin: 'https://x.example.org'}\n", want: []string{"FILE:1: petition.origin: must be a name"}},
		"no tracing link":           {content: "tracing_links: []\n", want: []string{"FILE:1: tracing_links: must hold 1 to 5"}},
		"tracing link":              {content: "tracing_links:\n- label: ''\n  url: 'javascript:1'\n", want: []string{"FILE:2: tracing_links[0].label: is required", "FILE:3: tracing_links[0].url: must be"}},
		"sides alike":               {content: "sides:\n  a: X\n  b: X\n", want: []string{"FILE:3: sides.b: must differ"}},
		"pacing":                    {content: "telegram: {messages_per_second: -1}\n", want: []string{"FILE:1: telegram.messages_per_second: must be from 0"}},
		"poll timeout":              {content: "telegram: {poll_timeout: 1500ms}\n", want: []string{"FILE:1: telegram.poll_timeout: must be whole seconds"}},
		"digest without anything":   {content: "log: info\ndigests:\n  - chart: false\n", want: []string{"FILE:3: digests[0].name: 1 to 32", "FILE:3: digests[0].schedule: is required", "FILE:3: digests[0].chat: is required"}},
		"digest name":               {content: strings.Replace(digest, "daily", "Daily", 1), want: []string{"FILE:2: digests[0].name: 1 to 32"}},
		"digest name twice":         {content: digest + strings.TrimPrefix(digest, "digests:\n"), want: []string{"FILE:5: digests[1].name: is the name of an earlier digest"}},
		"digest zone":               {content: digest + "    timezone: Europe/Nowhere\n", want: []string{"FILE:5: digests[0].timezone: must be the IANA name"}},
		"digest in the local zone":  {content: digest + "    timezone: Local\n", want: []string{"FILE:5: digests[0].timezone: must be the IANA name"}},
		"digest language":           {content: digest + "    language: fr\n", want: []string{"FILE:5: digests[0].language: must be one of"}},
		"digest without sections":   {content: digest + "    sections: []\n", want: []string{"FILE:5: digests[0].sections: must hold at least one of people, rounds, petition, corrections;"}},
		"digest, empty sections":    {content: digest + "    sections:\n", want: []string{"FILE:5: digests[0].sections: must hold at least one"}},
		"digest, unknown section":   {content: digest + "    sections:\n      - people\n      - persons\n", want: []string{"FILE:7: digests[0].sections[1]: must be one of people, rounds, petition, corrections"}},
		"digest, section twice":     {content: digest + "    sections: [people,\n      rounds,\n      people]\n", want: []string{"FILE:7: digests[0].sections[2]: is in the list twice"}},
		"digest, no list":           {content: digest + "    sections: people\n", want: []string{"FILE:5: digests[0].sections: must be a list"}},
		"digest catch-up":           {content: digest + "    catch_up: 0s\n", want: []string{"FILE:5: digests[0].catch_up: must be longer"}},
		"owners in environment":     {getenv: env(EnvOwners, "5,someone"), want: []string{"ROLLCALL_OWNERS: entry 2 is no id"}},
		"owner id in environment":   {getenv: env(EnvOwners, "-987654"), want: []string{"ROLLCALL_OWNERS: must be the numeric id"}},
		"level in environment":      {content: "log: info\n", getenv: env(EnvLog, "loud"), want: []string{"ROLLCALL_LOG: must be one of"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, "rollcall.yaml", tt.content, 0o644)
			_, err := Load(file, tt.getenv)
			if err == nil {
				t.Fatal("got no error")
			}
			got := err.Error()
			for _, want := range tt.want {
				if want = strings.ReplaceAll(want, "FILE:", file+":"); !strings.Contains(got, want) {
					t.Errorf("got error\n%s\nwant one with %q", got, want)
				}
			}
			for _, never := range []string{"CANARY", "987654", "someone"} {
				if strings.Contains(got, never) {
					t.Errorf("the error prints a value:\n%s", got)
				}
			}
			var kerr *KeyError
			if !errors.As(err, &kerr) {
				t.Errorf("got error of type %T, want a *KeyError within", err)
			}
		})
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	var content strings.Builder
	for i := range 50 {
		fmt.Fprintf(&content, "x%d: 1\n", i)
	}
	_, err := Load(write(t, "rollcall.yaml", content.String(), 0o644), nil)
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if got, want := lines[len(lines)-1], "and 30 more faults"; len(lines) != maxFaults+1 || got != want {
		t.Errorf("got %d lines, the last one %q, want %d and %q", len(lines), got, maxFaults+1, want)
	}
}

func TestDigestDefaults(t *testing.T) {
	c, err := Load(write(t, "rollcall.yaml", `
default_language: uk
digests:
  - {name: a, schedule: "@daily", chat: -1001}
  - {name: b, schedule: "@every 10s", chat: "5", language: ru, chart: false, skip_unchanged: true, catch_up: 1h, timezone: Asia/Kathmandu}
  - {name: some, schedule: "@daily", chat: -1001, sections: [rounds, people]}
  - {name: one, schedule: "@daily", chat: -1001, sections: [corrections], chart: true}
`, 0o644), nil)
	if err != nil {
		t.Fatal(err)
	}
	kathmandu, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	want := []Digest{
		{Name: "a", Schedule: "@daily", Chat: -1001, Language: "uk", Sections: rollcall.AllSections, Chart: true, CatchUp: 6 * time.Hour, Timezone: "UTC", Zone: time.UTC},
		{Name: "b", Schedule: "@every 10s", Chat: 5, Language: "ru", Sections: rollcall.AllSections, SkipUnchanged: true, CatchUp: time.Hour, Timezone: "Asia/Kathmandu", Zone: kathmandu},
		{Name: "some", Schedule: "@daily", Chat: -1001, Language: "uk", Sections: rollcall.Sections{"rounds", "people"}, CatchUp: 6 * time.Hour, Timezone: "UTC", Zone: time.UTC},
		{Name: "one", Schedule: "@daily", Chat: -1001, Language: "uk", Sections: rollcall.Sections{"corrections"}, Chart: true, CatchUp: 6 * time.Hour, Timezone: "UTC", Zone: time.UTC},
	}
	if diff := cmp.Diff(c.Digests, want, same...); diff != "" {
		t.Errorf("digests (-got +want):\n%s", diff)
	}
	if d, ok := c.Digest("b"); !ok || d.Chat != 5 {
		t.Errorf(`Digest("b") = chat %d, %t, want 5, true`, d.Chat, ok)
	}
	if _, ok := c.Digest("c"); ok {
		t.Error(`Digest("c") was found`)
	}
}

func TestCheckSchedules(t *testing.T) {
	file := write(t, "rollcall.yaml", `digests:
  - {name: a, schedule: "@daily", chat: -1001, timezone: Europe/Kyiv}
  - name: b
    chat: -1001
    schedule: sometimes
`, 0o644)
	c, err := Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	err = c.CheckSchedules(func(spec string, zone *time.Location) error {
		asked = append(asked, spec+" "+zone.String())
		if spec == "sometimes" {
			return errors.New("is no schedule")
		}
		return nil
	})
	if diff := cmp.Diff(asked, []string{"@daily Europe/Kyiv", "sometimes UTC"}); diff != "" {
		t.Errorf("schedules asked (-got +want):\n%s", diff)
	}
	if got, want := fmt.Sprint(err), file+":5: digests[1].schedule: is no schedule"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	if err := c.CheckSchedules(func(string, *time.Location) error { return nil }); err != nil {
		t.Errorf("got error %v for good schedules", err)
	}
}

func TestFault(t *testing.T) {
	file := write(t, "rollcall.yaml", "log: info\ndigests:\n  - {name: a, schedule: '@daily', chat: -1001}\n", 0o644)
	c, err := Load(file, env(EnvDB, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"log":                 file + ":1: log: no",
		"digests[0].chat":     file + ":3: digests[0].chat: no",
		"digests[0].catch_up": file + ":3: digests[0].catch_up: no",
		"database":            "ROLLCALL_DB: no",
		"http":                "http: no",
	} {
		if got := c.Fault(key, "no").Error(); got != want {
			t.Errorf("Fault(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestEffective(t *testing.T) {
	file := write(t, "rollcall.yaml", `
editors: [987654, 987655]
lookup: {per_day: 9}
petition: {batch_latest: 90m}
digests:
  - {name: a, schedule: "@daily", chat: 987656}
  - {name: b, schedule: "@daily", chat: -1001, sections: [petition, people]}
  - {name: c, schedule: "@daily", chat: -1001, sections: [people]}
`, 0o644)
	c, err := Load(file, env(EnvToken, canary, EnvOwners, "987657", EnvSecretFile, "s"))
	if err != nil {
		t.Fatal(err)
	}
	c.SetDatabase("x.db")
	got := make(map[string]Setting)
	all := c.Effective()
	for _, s := range all {
		got[s.Key] = s
	}
	if first, last := all[0].Key, all[len(all)-1].Key; first != "default_language" || last != "token" {
		t.Errorf("got %s first and %s last, want default_language and token", first, last)
	}
	for _, want := range []Setting{
		{"default_language", "en", "default"},
		{"owners", "1 account", "ROLLCALL_OWNERS"},
		{"editors", "2 accounts", "file"},
		{"database", "x.db", "--db"},
		{"secret_file", "s", "ROLLCALL_SECRET_FILE"},
		{"http", "", "default"},
		{"lookup.per_day", "9", "file"},
		{"lookup.roster_percent_per_day", "3", "default"},
		{"petition.batch_every", "10m", "default"},
		{"petition.batch_latest", "1h30m", "file"},
		{"petition.retention", "720h", "default"},
		{"tracing_links[0].url", "https://familylinks.icrc.org", "default"},
		{"digests[0].chat", mask, "file"},
		{"digests[1].chat", "-1001", "file"},
		{"digests[1].catch_up", "6h", "default"},
		{"digests[0].sections", "[people, rounds, petition, corrections]", "default"},
		{"digests[1].sections", "[people, petition]", "file"},
		{"digests[1].chart", "true", "default"},
		{"digests[2].chart", "false", "default"},
		{"telegram.poll_timeout", "50s", "default"},
		{"token", mask, "ROLLCALL_TOKEN"},
	} {
		if got[want.Key] != want {
			t.Errorf("got %+v, want %+v", got[want.Key], want)
		}
	}
	for _, never := range []string{"98765", "CANARY"} {
		if strings.Contains(fmt.Sprint(all), never) {
			t.Errorf("the settings print %s:\n%v", never, all)
		}
	}
	if s := Default().Effective(); s[len(s)-1] != (Setting{"token", "none", "default"}) {
		t.Errorf("got %+v without a token", s[len(s)-1])
	}
}

// What a keeper shows to others when he asks for help holds no secret that has
// slipped into a wrong place.
func TestEffectiveMasksWhatSlippedIn(t *testing.T) {
	c, err := Load("", env(EnvTokenFile, canary))
	if err != nil {
		t.Fatal(err)
	}
	c.APIURL = "http://ada:CANARY@127.0.0.1:8081"
	c.TracingLinks = []Link{{Label: "Example\nlink", URL: "https://example.org/bot" + canary}}
	got := make(map[string]string)
	for _, s := range c.Effective() {
		got[s.Key] = s.Value
	}
	for key, want := range map[string]string{
		"token_file": mask, "api_url": "http://xxxxx@127.0.0.1:8081",
		"tracing_links[0].url": mask, "tracing_links[0].label": "Example link", "token": "unusable",
	} {
		if got[key] != want {
			t.Errorf("%s: got %q, want %q", key, got[key], want)
		}
	}
}

func TestExamineGoesOnAfterAFault(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		want    []string // of the error, in order
		nothing bool     // no configuration is returned
	}{
		"no fault":      {content: "database: x.db\n"},
		"unknown key":   {content: "datebase: y.db\ndatabase: x.db\n", want: []string{"FILE:1: datebase: unknown key"}},
		"a bad value":   {content: "database: x.db\nlookup: {max_results: 99}\n", want: []string{"FILE:2: lookup.max_results: must be from 1 to 10"}},
		"an odd zone":   {content: "database: x.db\ndigests:\n  - {name: a, schedule: '@daily', timezone: Europe/Nowhere, chat: -1}\n", want: []string{"FILE:3: digests[0].timezone"}},
		"no YAML":       {content: "database: x.db\n  lookup: {\n", want: []string{"is not valid YAML"}, nothing: true},
		"two documents": {content: "database: x.db\n---\ndatabase: y.db\n", want: []string{"more than one document"}, nothing: true},
		"not text":      {content: "database: \xff\n", want: []string{"FILE:1: is not UTF-8 text"}, nothing: true},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, "rollcall.yaml", tt.content, 0o644)
			c, err := Examine(file, env(EnvToken, canary))
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("got error %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if want = strings.ReplaceAll(want, "FILE", file); !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want one with %q", err, want)
				}
			}
			if tt.nothing {
				if c != nil {
					t.Error("a configuration is returned, want none")
				}
				return
			}
			if c == nil || c.Database != "x.db" {
				t.Fatalf("got %+v, want what the file says of the database", c)
			}
			if token, err := c.RequireToken(); err != nil || token.Reveal() != canary {
				t.Errorf("the token is not read: %v", err)
			}
			if loaded, again := Load(file, nil); (loaded == nil) != (err != nil) || (again == nil) != (err == nil) {
				t.Errorf("Load returns %v and %v", loaded, again)
			}
		})
	}
}

func TestLogLevel(t *testing.T) {
	c := Default()
	for level, want := range map[string]string{"debug": "DEBUG", "info": "INFO", "warn": "WARN", "error": "ERROR"} {
		if c.Log = level; c.LogLevel().String() != want {
			t.Errorf("log level of %s: got %s, want %s", level, c.LogLevel(), want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, path := range []string{example, examplePetition} {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, s := range []string{"", "a: [", "? a\n: b", "{a: {b: c}}", "- - - x", "a: &x 1\nb: *x", "owners: [1, x]", "digests: [~]",
		"<<: *x", "tracing_links:\n- {label: a, url: 'http://x'}", "log: |\n  x\n", "%YAML 1.2\n---\n", "lookup: !!map {}", "a: \"\\x\""} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "rollcall.yaml")
	f.Fuzz(func(t *testing.T, src []byte) {
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, nil)
		if (c == nil) == (err == nil) {
			t.Fatalf("got configuration %v with error %v", c != nil, err)
		}
		if c != nil {
			c.Effective()
		}
	})
}
