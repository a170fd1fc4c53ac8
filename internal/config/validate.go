package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked alike on every machine
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// override puts the environment over what the file said.
func (c *Config) override(errs *faults, getenv func(string) string) {
	text := func(env, key string, field *string) {
		if v := getenv(env); v != "" {
			*field = v
			c.sources[key] = env
		}
	}
	text(EnvDB, "database", &c.Database)
	text(EnvSecretFile, "secret_file", &c.SecretFile)
	text(EnvTokenFile, "token_file", &c.TokenFile)
	text(EnvAPIURL, "api_url", &c.APIURL)
	text(EnvHTTP, "http", &c.HTTP)
	text(EnvLog, "log", &c.Log)

	ids := func(env, key string, field *[]rollcall.UserID) {
		v := getenv(env)
		if v == "" {
			return
		}
		c.sources[key] = env
		*field = nil
		for i, part := range strings.Split(v, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			id, err := strconv.ParseInt(part, 10, 64)
			if err != nil {
				errs.add(&KeyError{Key: env, Problem: fmt.Sprintf("entry %d is no id; numeric ids with commas between are expected, not account names", i+1)})
				continue
			}
			*field = append(*field, rollcall.UserID(id))
		}
	}
	ids(EnvOwners, "owners", &c.Owners)
	ids(EnvEditors, "editors", &c.Editors)
}

// complete fills in what depends on other values.
func (c *Config) complete() {
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	c.besideDatabase = c.SecretFile == ""
	if c.besideDatabase {
		c.SecretFile = c.Database + ".secret"
	}
	for i := range c.Digests {
		d := &c.Digests[i]
		if d.Language == "" {
			d.Language = c.DefaultLanguage
		}
		key := fmt.Sprintf("digests[%d]", i)
		if d.Sections == nil && c.lines[key+".sections"] == 0 {
			d.Sections = slices.Clone(rollcall.AllSections)
		}
		if !d.Sections.Has(rollcall.PetitionSection) && c.lines[key+".chart"] == 0 {
			d.Chart = false
		}
	}
}

// maxUserID bounds Telegram's user ids: at most 52 significant bits (Bot API,
// "User").
const maxUserID = 1<<52 - 1

var (
	digestName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	// A C2SP tlog-checkpoint origin, as a URL without scheme. A note's key
	// name must not hold spaces or a plus sign (C2SP signed-note).
	originName = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$`)
)

const maxOrigin = 200

// A validator checks the values of a configuration, and collects what is wrong.
type validator struct {
	*Config
	errs *faults
}

func (c *Config) validate(errs *faults) {
	v := validator{c, errs}
	v.people()
	v.files()
	v.server()
	v.lookup()
	v.petition()
	v.tracing()
	v.digests()
	v.sides()
	v.telegram()
}

func (v validator) people() {
	v.language("default_language", v.DefaultLanguage)
	v.length("operator.name", v.Operator.Name, 0, 200)
	v.length("operator.contact", v.Operator.Contact, 0, 300)

	for _, list := range []struct {
		key string
		ids []rollcall.UserID
	}{{"owners", v.Owners}, {"editors", v.Editors}} {
		for i, id := range list.ids {
			key := list.key
			if v.sources[key] == "" {
				key = fmt.Sprintf("%s[%d]", key, i)
			}
			if id <= 0 || id > maxUserID {
				v.bad(key, "must be the numeric id of a Telegram account, which is positive")
			}
		}
	}
}

func (v validator) files() {
	v.file("database", v.Database)
	v.file("secret_file", v.SecretFile)
	if v.Database == v.SecretFile && v.Database != "" {
		v.bad("secret_file", "must be another file than the database")
	}
}

func (v validator) server() {
	v.web("api_url", v.APIURL)
	if u, err := url.Parse(v.APIURL); err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		v.bad("api_url", "must hold no account, query or fragment")
	}
	if v.HTTP != "" {
		_, port, err := net.SplitHostPort(v.HTTP)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 {
			v.bad("http", "must be host:port, such as 127.0.0.1:8081, or empty")
		}
	}
	if _, ok := levels[v.Log]; !ok {
		v.bad("log", "must be one of debug, info, warn, error")
	}
}

const many = 1_000_000_000

func (v validator) lookup() {
	l := v.Lookup
	v.between("lookup.max_results", l.MaxResults, 1, 10)
	v.between("lookup.min_parts", l.MinParts, 2, 3)
	v.between("lookup.watches_max", l.WatchesMax, 1, 50)
	v.between("lookup.per_day", l.PerDay, 1, many)
	v.between("lookup.distinct_per_week", l.DistinctPerWeek, 1, many)
	if l.RosterPercentPerDay <= 0 || l.RosterPercentPerDay > 100 {
		v.bad("lookup.roster_percent_per_day", "must be over 0 and at most 100")
	}
	v.between("lookup.roster_floor_per_day", l.RosterFloorPerDay, 1, many)
}

func (v validator) petition() {
	p := v.Petition
	if !originName.MatchString(p.Origin) || len(p.Origin) > maxOrigin {
		v.bad("petition.origin", "must be a name in the form of a URL without scheme, such as rollcall.example.org, of at most %d bytes", maxOrigin)
	}
	v.positive("petition.batch_every", p.BatchEvery)
	v.between("petition.batch_min", p.BatchMin, 1, many)
	v.positive("petition.batch_latest", p.BatchLatest)
	if p.HoldAbove < 0 || p.HoldAbove > 1e6 {
		v.bad("petition.hold_above", "must be from 0, for never, to 1000000")
	}
	v.positive("petition.retention", p.Retention)
}

func (v validator) tracing() {
	if n := len(v.TracingLinks); n < 1 || n > 5 {
		v.bad("tracing_links", "must hold 1 to 5 links: a card always points to an official tracing service")
	}
	for i, link := range v.TracingLinks {
		key := fmt.Sprintf("tracing_links[%d]", i)
		v.length(key+".label", strings.TrimSpace(link.Label), 1, 64)
		v.web(key+".url", link.URL)
	}
}

func (v validator) digests() {
	names := make(map[string]bool)
	for i := range v.Digests {
		d := &v.Digests[i]
		key := fmt.Sprintf("digests[%d]", i)
		switch {
		case !digestName.MatchString(d.Name):
			v.bad(key+".name", "1 to 32 of the characters a-z 0-9 - are needed")
		case names[d.Name]:
			v.bad(key+".name", "is the name of an earlier digest too")
		}
		names[d.Name] = true
		v.digest(key, d)
	}
}

// digest checks all of a digest but its name.
func (v validator) digest(key string, d *Digest) {
	if strings.TrimSpace(d.Schedule) == "" {
		v.bad(key+".schedule", `is required, such as "0 9 * * *" or "@every 6h"`)
	}
	if zone, err := loadZone(d.Timezone); err != nil {
		v.bad(key+".timezone", "must be the IANA name of a time zone, such as UTC or Europe/Kyiv")
	} else {
		d.Zone = zone
	}
	if d.Chat == 0 {
		v.bad(key+".chat", "is required: the id of the chat, which is negative for a channel")
	}
	if d.Link != "" {
		v.web(key+".link", d.Link)
	}
	v.language(key+".language", d.Language)
	if len(d.Sections) == 0 {
		v.bad(key+".sections", "must hold at least one of %s; without the key a digest has them all", rollcall.AllSections)
	}
	for j, s := range d.Sections {
		switch {
		case !slices.Contains(rollcall.AllSections, s):
			v.bad(fmt.Sprintf("%s.sections[%d]", key, j), "must be one of %s", rollcall.AllSections)
		case slices.Contains(d.Sections[:j], s):
			v.bad(fmt.Sprintf("%s.sections[%d]", key, j), "is in the list twice")
		}
	}
	v.positive(key+".catch_up", d.CatchUp)
}

func (v validator) sides() {
	v.length("sides.a", strings.TrimSpace(v.Sides.A), 1, 60)
	v.length("sides.b", strings.TrimSpace(v.Sides.B), 1, 60)
	if v.Sides.A == v.Sides.B {
		v.bad("sides.b", "must differ from sides.a")
	}
}

func (v validator) telegram() {
	t := v.Telegram
	v.between("telegram.messages_per_second", t.MessagesPerSecond, 0, 1000)
	v.between("telegram.private_burst", t.PrivateBurst, 1, 1000)
	v.between("telegram.private_per_second", t.PrivatePerSecond, 1, 1000)
	v.between("telegram.group_per_minute", t.GroupPerMinute, 1, 60_000)
	v.between("telegram.workers", t.Workers, 1, 256)
	if t.PollTimeout < time.Second || t.PollTimeout > 10*time.Minute || t.PollTimeout%time.Second != 0 {
		v.bad("telegram.poll_timeout", "must be whole seconds, from 1s to 10m")
	}
}

func (v validator) bad(key, format string, args ...any) {
	v.errs.add(v.Fault(key, fmt.Sprintf(format, args...)))
}

func (v validator) between(key string, n, low, high int) {
	if n < low || n > high {
		v.bad(key, "must be from %d to %d", low, high)
	}
}

func (v validator) positive(key string, d time.Duration) {
	if d <= 0 {
		v.bad(key, "must be longer than zero, such as 90s, 10m or 24h")
	}
}

func (v validator) language(key string, l rollcall.Language) {
	if !slices.Contains(rollcall.Languages, l) {
		v.bad(key, "must be one of the languages %s", languages())
	}
}

func (v validator) length(key, s string, low, high int) {
	switch n := utf8.RuneCountInString(s); {
	case n < low:
		v.bad(key, "is required")
	case n > high:
		v.bad(key, "is longer than %d characters", high)
	}
}

func (v validator) file(key, path string) {
	switch {
	case path == "":
		v.bad(key, "is required")
	case strings.HasPrefix(path, ":") || strings.HasPrefix(path, "file:") || strings.ContainsAny(path, "?\n\x00"):
		v.bad(key, "must be the path of a file")
	}
}

// web checks an address. No fault prints it: it may hold a password.
func (v validator) web(key, s string) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(s) > rollcall.MaxSourceURL {
		v.bad(key, "must be an http or https address of at most %d bytes", rollcall.MaxSourceURL)
	}
}

// loadZone is [time.LoadLocation] without the machine's own zone, which would
// make a schedule mean something else elsewhere.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q names no zone", name)
	}
	return time.LoadLocation(name)
}

func languages() string {
	s := make([]string, len(rollcall.Languages))
	for i, l := range rollcall.Languages {
		s[i] = string(l)
	}
	return strings.Join(s, ", ")
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// LogLevel returns Log for package slog.
func (c *Config) LogLevel() slog.Level { return levels[c.Log] }
