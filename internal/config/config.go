// Package config loads what the keeper sets: one YAML file, a few environment
// variables over it, defaults under it. It checks every value and tells all
// faults at once, each with its key and, where it came from the file, its line.
//
// The bot token is never read from the YAML file, which tends to be copied into
// tickets and repositories; it comes from the environment or from a file of its
// own, and is kept in a [Secret]. Faults name keys, never values.
//
// Left out on purpose: reloading while the program runs, several files, and
// variables inside of values. The package is read in cmd, which hands each
// other package the few values that it needs; none of them imports this one.
// [LoadPetition] reads the one other YAML file there is, a petition's.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"rollcall/internal/rollcall"
)

// DefaultFile is the file that is read from the working directory, if it is
// there, when none is named.
const DefaultFile = "rollcall.yaml"

// maxFileBytes is the most that is read of a configuration or petition file.
const maxFileBytes = 1 << 20

// The environment variables. An empty one counts as not set.
const (
	EnvConfig     = "ROLLCALL_CONFIG"      // the configuration file
	EnvToken      = "ROLLCALL_TOKEN"       // the bot token
	EnvTokenFile  = "ROLLCALL_TOKEN_FILE"  // over token_file
	EnvAPIURL     = "ROLLCALL_API_URL"     // over api_url
	EnvDB         = "ROLLCALL_DB"          // over database
	EnvOwners     = "ROLLCALL_OWNERS"      // over owners; ids with commas between
	EnvEditors    = "ROLLCALL_EDITORS"     // over editors; ids with commas between
	EnvSecretFile = "ROLLCALL_SECRET_FILE" // over secret_file
	EnvHTTP       = "ROLLCALL_HTTP"        // over http
	EnvLog        = "ROLLCALL_LOG"         // over log
)

// A Config is the whole configuration, complete and checked, as [Load] returns
// it. Relative paths are relative to the working directory. The value is not
// safe for use while a Set method runs; otherwise it is only read.
type Config struct {
	// DefaultLanguage is spoken where a user's Telegram language is none of
	// the bot's: en, uk or ru. Default en.
	DefaultLanguage rollcall.Language `yaml:"default_language"`

	// Operator is who runs this bot.
	Operator Operator `yaml:"operator"`

	// Owners are the Telegram ids of the accounts that keep everything.
	// Default none. ROLLCALL_OWNERS replaces the list.
	Owners []rollcall.UserID `yaml:"owners"`

	// Editors are the Telegram ids of the accounts that keep the roster.
	// Default none. ROLLCALL_EDITORS replaces the list.
	Editors []rollcall.UserID `yaml:"editors"`

	// Database is the SQLite file. Default rollcall.db. ROLLCALL_DB overrides
	// it.
	Database string `yaml:"database"`

	// SecretFile holds the key material, beside the database and not in it; it
	// is made with mode 0600 at first need. Default the database's path with
	// ".secret" after it. ROLLCALL_SECRET_FILE overrides it.
	SecretFile string `yaml:"secret_file"`

	// TokenFile names a file that holds the bot token and nothing else, with
	// mode 0600; a newline at its end is dropped. Default none.
	// ROLLCALL_TOKEN_FILE overrides it, ROLLCALL_TOKEN goes before both. See
	// [Config.RequireToken].
	TokenFile string `yaml:"token_file"`

	// APIURL is the Bot API server, http or https, without a slash at its end.
	// Default https://api.telegram.org. ROLLCALL_API_URL overrides it.
	APIURL string `yaml:"api_url"`

	// HTTP is the address on which health and metrics are served, host:port;
	// off when empty. Default off. ROLLCALL_HTTP overrides it.
	HTTP string `yaml:"http"`

	// Log is the least level that is logged: debug, info, warn or error.
	// Default info. ROLLCALL_LOG overrides it. See [Config.LogLevel].
	Log string `yaml:"log"`

	// Lookup bounds what may be asked of the roster.
	Lookup Lookup `yaml:"lookup"`

	// Petition says how signatures are batched and kept.
	Petition Petition `yaml:"petition"`

	// TracingLinks are the official tracing services that each card points to,
	// 1 to 5 of them. Default the ICRC's Family Links.
	TracingLinks []Link `yaml:"tracing_links"`

	// Digests are the scheduled summaries. Default none.
	Digests []Digest `yaml:"digests"`

	// Sides are the names of the two sides of an exchange round.
	Sides Sides `yaml:"sides"`

	// Telegram bounds the traffic with the Bot API.
	Telegram Telegram `yaml:"telegram"`

	file    string            // that was read; "" for none
	lines   map[string]int    // of the keys that the file sets
	sources map[string]string // of the keys that something else than the file sets

	besideDatabase bool // SecretFile follows from Database

	token       Secret
	tokenSource string // where the token comes from; "" for nowhere
	tokenErr    error
}

// An Operator is the group or person who answers for the bot.
type Operator struct {
	// Name is shown by /start; at most 200 characters. Default none.
	Name string `yaml:"name"`

	// Contact is how people reach the operator, an address on the web, a mail
	// address or an @account; at most 300 characters. Default none.
	Contact string `yaml:"contact"`
}

// A Lookup bounds what may be asked of the roster.
type Lookup struct {
	// MaxResults is the most people named in one answer, 1 to 10; where more
	// fit, none is named and a detail is asked for. Default 3.
	MaxResults int `yaml:"max_results"`

	// MinParts is how many name parts are needed, 2 or 3; a surname with a
	// birth year counts as two. Default 2.
	MinParts int `yaml:"min_parts"`

	// RequireBirthYear asks for a birth year in each lookup. Default false.
	RequireBirthYear bool `yaml:"require_birth_year"`

	// WatchesMax is how many people an account may watch or wait to be told of,
	// 1 to 50 together: they are listed with two buttons each, and Telegram takes
	// 100. Default 20.
	WatchesMax int `yaml:"watches_max"`

	// PerDay is how many lookups an account has a day. Default 30.
	PerDay int `yaml:"per_day"`

	// DistinctPerWeek is how many different people an account may be shown in
	// seven days. Default 40.
	DistinctPerWeek int `yaml:"distinct_per_week"`

	// RosterPercentPerDay is how much of the roster may be shown to all
	// accounts together in a day, in percent of its people, over 0 and at most
	// 100; past it only full matches are answered, up to twice as many.
	// Default 3.
	RosterPercentPerDay float64 `yaml:"roster_percent_per_day"`

	// RosterFloorPerDay is the least number of people that
	// RosterPercentPerDay stands for, so that a small roster can be asked.
	// Default 200.
	RosterFloorPerDay int `yaml:"roster_floor_per_day"`
}

// A Petition says how signatures are batched and kept.
type Petition struct {
	// Origin begins the origin line of each petition's log, ORIGIN/SLUG (C2SP
	// tlog-checkpoint): a name of the operator's own, in the form of a URL
	// without scheme. It must not change once a petition is open. Default
	// rollcall.example.org.
	Origin string `yaml:"origin"`

	// BatchEvery is how often waiting signatures are appended to the log, when
	// there are at least BatchMin. Default 10m.
	BatchEvery time.Duration `yaml:"batch_every"`

	// BatchMin is how many waiting entries make a batch, at least 1: one that
	// is appended alone can be told by its time. Default 5.
	BatchMin int `yaml:"batch_min"`

	// BatchLatest is how long an entry waits at most, when no batch comes
	// together. Default 24h.
	BatchLatest time.Duration `yaml:"batch_latest"`

	// HoldAbove is how many signatures a minute come without being held, in the
	// middle of half an hour; a petition that had more in the last week, ten times
	// that. What comes faster waits until a keeper releases or voids it, or for
	// BatchLatest. 0 holds none. Default 10.
	HoldAbove float64 `yaml:"hold_above"`

	// Retention is how long after a petition's closing the link between
	// account and signature is kept, for withdrawals. Default 720h (30 days).
	Retention time.Duration `yaml:"retention"`
}

// A Link is a button that leads to the web.
type Link struct {
	// Label is the button's text, 1 to 64 characters. Required.
	Label string `yaml:"label"`

	// URL is where it leads, http or https. Required.
	URL string `yaml:"url"`
}

// A Digest is a scheduled summary for one chat.
type Digest struct {
	// Name is what the ledger and the verbs call the digest, 1 to 32 of a-z
	// 0-9 -, unique. Another name is another digest. Required.
	Name string `yaml:"name"`

	// Schedule is when it is due, in the five fields of cron or as a
	// descriptor such as @daily or "@every 6h". Required. It is checked by
	// [Config.CheckSchedules].
	Schedule string `yaml:"schedule"`

	// Timezone is the zone of the schedule and of the period shown, by its
	// IANA name. Default UTC.
	Timezone string `yaml:"timezone"`

	// Chat is the id of the channel, group or private chat it is posted to;
	// channels have negative ones. Required.
	Chat rollcall.ChatID `yaml:"chat"`

	// Link is where anyone can read it, the address of the channel on t.me;
	// /subscribe tells it first. Default none.
	Link string `yaml:"link"`

	// Language is what it is written in. Default default_language's value.
	Language rollcall.Language `yaml:"language"`

	// Sections are the parts that it has, in any order. Default all:
	// [rollcall.AllSections].
	Sections rollcall.Sections `yaml:"sections"`

	// Chart adds a picture of signatures over time, to a digest with the section
	// petition. Default true, and false without that section.
	Chart bool `yaml:"chart"`

	// SkipUnchanged leaves an occurrence out when nothing has changed, of what
	// its sections say, since the last one. Default false.
	SkipUnchanged bool `yaml:"skip_unchanged"`

	// CatchUp is how old the last missed occurrence may be, after a downtime,
	// to be posted late. Default 6h.
	CatchUp time.Duration `yaml:"catch_up"`

	// Zone is Timezone, loaded.
	Zone *time.Location `yaml:"-"`
}

func (d *Digest) setDefaults() {
	*d = Digest{Timezone: "UTC", Chart: true, CatchUp: 6 * time.Hour}
}

// Sides are the names of the two sides of an exchange round, as they are shown
// in every language; 1 to 60 characters each.
type Sides struct {
	// A is the first side's name. Default "Side A".
	A string `yaml:"a"`

	// B is the second side's name. Default "Side B".
	B string `yaml:"b"`
}

// Telegram bounds the traffic with the Bot API. The defaults stay just under
// the limits that Telegram's Bots FAQ names ("My bot is hitting limits").
type Telegram struct {
	// MessagesPerSecond is the most messages a second, over all chats, 0 to
	// 1000. 0 turns all pacing off, for a Bot API server of one's own or a
	// load test. Default 29.
	MessagesPerSecond int `yaml:"messages_per_second"`

	// PrivateBurst is how many messages may go to one private chat at once, as
	// when a person presses through a conversation. Default 10.
	PrivateBurst int `yaml:"private_burst"`

	// PrivatePerSecond is the most messages a second to one private chat, in
	// the long run. Default 1.
	PrivatePerSecond int `yaml:"private_per_second"`

	// GroupPerMinute is the most messages a minute to one group or channel.
	// Default 19.
	GroupPerMinute int `yaml:"group_per_minute"`

	// Workers is how many chats are answered side by side, 1 to 256. Default
	// 8.
	Workers int `yaml:"workers"`

	// PollTimeout is how long one getUpdates call waits for updates, in whole
	// seconds up to 10m. Default 50s.
	PollTimeout time.Duration `yaml:"poll_timeout"`
}

// Default returns the configuration of an empty file and an empty environment.
// It has no token.
func Default() *Config {
	return &Config{
		DefaultLanguage: rollcall.English,
		Database:        "rollcall.db",
		SecretFile:      "rollcall.db.secret",
		APIURL:          "https://api.telegram.org",
		Log:             "info",
		Lookup: Lookup{
			MaxResults: 3, MinParts: 2, WatchesMax: 20, PerDay: 30, DistinctPerWeek: 40,
			RosterPercentPerDay: 3, RosterFloorPerDay: 200,
		},
		Petition: Petition{
			Origin: "rollcall.example.org", BatchEvery: 10 * time.Minute, BatchMin: 5,
			BatchLatest: 24 * time.Hour, HoldAbove: 10, Retention: 720 * time.Hour,
		},
		TracingLinks: []Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}},
		Sides:        Sides{A: "Side A", B: "Side B"},
		Telegram: Telegram{
			MessagesPerSecond: 29, PrivateBurst: 10, PrivatePerSecond: 1, GroupPerMinute: 19,
			Workers: 8, PollTimeout: 50 * time.Second,
		},
		besideDatabase: true,
		lines:          map[string]int{},
		sources:        map[string]string{},
	}
}

// Load returns the configuration of the file at path, with getenv's variables
// over it and the defaults under it. An empty path means what ROLLCALL_CONFIG
// names, else rollcall.yaml in the working directory if it is there, else no
// file. A nil getenv is an empty environment; cmd passes os.Getenv.
//
// An error tells every fault, a line each; each is a [*KeyError] in its tree,
// save where the file cannot be read. What is wrong with the token is told by
// [Config.RequireToken] only, since most verbs do not need one; what is wrong
// with a digest's schedule, by [Config.CheckSchedules].
func Load(path string, getenv func(string) string) (*Config, error) {
	c, err := Examine(path, getenv)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Examine is [Load] for who wants to go on after a fault: beside the error it
// returns what could be understood, with the defaults for the rest, and with
// values in it that were not found good. A digest whose zone is not known has a
// nil Zone. The configuration is nil where the file cannot be read as a whole,
// since then even the database may be another one.
func Examine(path string, getenv func(string) string) (*Config, error) {
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	c := Default()
	c.SecretFile = ""
	var errs faults

	src, err := c.open(path, getenv)
	if err != nil {
		return nil, err
	}
	d := decodeFile(c.file, src, c)
	c.lines = d.lines
	errs = d.faults
	if d.unread {
		return nil, errs.err()
	}

	c.override(&errs, getenv)
	c.complete()
	c.validate(&errs)
	c.loadToken(getenv)
	return c, errs.err()
}

// open finds and reads the file, and notes its name.
func (c *Config) open(path string, getenv func(string) string) ([]byte, error) {
	by := "--config"
	if path == "" {
		path, by = getenv(EnvConfig), EnvConfig
	}
	if path == "" {
		src, err := readFile(DefaultFile)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		c.file = DefaultFile
		return src, err
	}
	c.file = path
	src, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the configuration file %s (from %s) does not exist", path, by)
	}
	return src, err
}

// readFile returns a file's content, or an error that names the file.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFileBytes {
		return nil, &KeyError{File: path, Problem: fmt.Sprintf("is larger than %d bytes", maxFileBytes)}
	}
	return b, nil
}

// File returns the path of the file that was read, as it was named; "" for
// none.
func (c *Config) File() string { return c.file }

// SetDatabase makes path the database, as the flag --db does, and moves the
// secret file with it unless that was set by itself. An empty path changes
// nothing.
func (c *Config) SetDatabase(path string) {
	if path == "" {
		return
	}
	c.Database = path
	c.sources["database"] = "--db"
	if c.besideDatabase {
		c.SecretFile = path + ".secret"
	}
}

// Digest returns the digest of that name; ok is false where there is none.
func (c *Config) Digest(name string) (d Digest, ok bool) {
	for _, d := range c.Digests {
		if d.Name == name {
			return d, true
		}
	}
	return Digest{}, false
}

// CheckSchedules calls check with the schedule and the zone of each digest, and
// returns what it has against them with file, line and key, joined. It is apart
// from [Load] so that this package need not know how a schedule is read.
func (c *Config) CheckSchedules(check func(spec string, zone *time.Location) error) error {
	var errs faults
	for i, d := range c.Digests {
		if err := check(d.Schedule, d.Zone); err != nil {
			errs.add(c.Fault(fmt.Sprintf("digests[%d].schedule", i), err.Error()))
		}
	}
	return errs.err()
}

// Fault returns an error about a key, such as "digests[0].chat", that bears the
// file and line, or the variable or flag, that the value comes from.
func (c *Config) Fault(key, problem string) *KeyError {
	if s := c.sources[key]; s != "" {
		return &KeyError{Key: s, Problem: problem}
	}
	d := decoder{lines: c.lines}
	line := d.line(key)
	e := &KeyError{Line: line, Key: key, Problem: problem}
	if line > 0 {
		e.File = c.file
	}
	return e
}
