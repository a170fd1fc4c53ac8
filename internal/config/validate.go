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

func (c *Config) validate(errs *faults) {
	bad := func(key, format string, args ...any) {
		errs.add(c.Fault(key, fmt.Sprintf(format, args...)))
	}
	between := func(key string, v, low, high int) {
		if v < low || v > high {
			bad(key, "must be from %d to %d", low, high)
		}
	}
	positive := func(key string, v time.Duration) {
		if v <= 0 {
			bad(key, "must be longer than zero, such as 90s, 10m or 24h")
		}
	}
	language := func(key string, l rollcall.Language) {
		if !knownLanguage(l) {
			bad(key, "must be one of the languages %s", languages())
		}
	}
	length := func(key, s string, low, high int) {
		switch n := utf8.RuneCountInString(s); {
		case n < low:
			bad(key, "is required")
		case n > high:
			bad(key, "is longer than %d characters", high)
		}
	}
	file := func(key, path string) {
		switch {
		case path == "":
			bad(key, "is required")
		case strings.HasPrefix(path, ":") || strings.HasPrefix(path, "file:") || strings.ContainsAny(path, "?\n\x00"):
			bad(key, "must be the path of a file")
		}
	}
	// No fault here prints the address: it may hold a password.
	web := func(key, s string) {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(s) > rollcall.MaxSourceURL {
			bad(key, "must be an http or https address of at most %d bytes", rollcall.MaxSourceURL)
		}
	}

	language("default_language", c.DefaultLanguage)
	length("operator.name", c.Operator.Name, 0, 200)
	length("operator.contact", c.Operator.Contact, 0, 300)

	for _, list := range []struct {
		key string
		ids []rollcall.UserID
	}{{"owners", c.Owners}, {"editors", c.Editors}} {
		for i, id := range list.ids {
			key := list.key
			if c.sources[key] == "" {
				key = fmt.Sprintf("%s[%d]", key, i)
			}
			if id <= 0 || id > maxUserID {
				bad(key, "must be the numeric id of a Telegram account, which is positive")
			}
		}
	}

	file("database", c.Database)
	file("secret_file", c.SecretFile)
	if c.Database == c.SecretFile && c.Database != "" {
		bad("secret_file", "must be another file than the database")
	}

	web("api_url", c.APIURL)
	if u, err := url.Parse(c.APIURL); err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		bad("api_url", "must hold no account, query or fragment")
	}
	if c.HTTP != "" {
		_, port, err := net.SplitHostPort(c.HTTP)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 {
			bad("http", "must be host:port, such as 127.0.0.1:8081, or empty")
		}
	}
	if _, ok := levels[c.Log]; !ok {
		bad("log", "must be one of debug, info, warn, error")
	}

	const many = 1_000_000_000
	l := c.Lookup
	between("lookup.max_results", l.MaxResults, 1, 10)
	between("lookup.min_parts", l.MinParts, 2, 3)
	between("lookup.watches_max", l.WatchesMax, 1, 50)
	between("lookup.per_day", l.PerDay, 1, many)
	between("lookup.distinct_per_week", l.DistinctPerWeek, 1, many)
	if l.RosterPercentPerDay <= 0 || l.RosterPercentPerDay > 100 {
		bad("lookup.roster_percent_per_day", "must be over 0 and at most 100")
	}
	between("lookup.roster_floor_per_day", l.RosterFloorPerDay, 1, many)

	p := c.Petition
	if !originName.MatchString(p.Origin) || len(p.Origin) > maxOrigin {
		bad("petition.origin", "must be a name in the form of a URL without scheme, such as rollcall.example.org, of at most %d bytes", maxOrigin)
	}
	positive("petition.batch_every", p.BatchEvery)
	between("petition.batch_min", p.BatchMin, 1, many)
	positive("petition.batch_latest", p.BatchLatest)
	if p.HoldAbove < 0 || p.HoldAbove > 1e6 {
		bad("petition.hold_above", "must be from 0, for never, to 1000000")
	}
	positive("petition.retention", p.Retention)

	if n := len(c.TracingLinks); n < 1 || n > 5 {
		bad("tracing_links", "must hold 1 to 5 links: a card always points to an official tracing service")
	}
	for i, link := range c.TracingLinks {
		key := fmt.Sprintf("tracing_links[%d]", i)
		length(key+".label", strings.TrimSpace(link.Label), 1, 64)
		web(key+".url", link.URL)
	}

	names := make(map[string]bool)
	for i := range c.Digests {
		d := &c.Digests[i]
		key := fmt.Sprintf("digests[%d]", i)
		switch {
		case !digestName.MatchString(d.Name):
			bad(key+".name", "1 to 32 of the characters a-z 0-9 - are needed")
		case names[d.Name]:
			bad(key+".name", "is the name of an earlier digest too")
		}
		names[d.Name] = true
		if strings.TrimSpace(d.Schedule) == "" {
			bad(key+".schedule", `is required, such as "0 9 * * *" or "@every 6h"`)
		}
		if zone, err := loadZone(d.Timezone); err != nil {
			bad(key+".timezone", "must be the IANA name of a time zone, such as UTC or Europe/Kyiv")
		} else {
			d.Zone = zone
		}
		if d.Chat == 0 {
			bad(key+".chat", "is required: the id of the chat, which is negative for a channel")
		}
		if d.Link != "" {
			web(key+".link", d.Link)
		}
		language(key+".language", d.Language)
		if len(d.Sections) == 0 {
			bad(key+".sections", "must hold at least one of %s; without the key a digest has them all", rollcall.AllSections)
		}
		for j, s := range d.Sections {
			switch {
			case !slices.Contains(rollcall.AllSections, s):
				bad(fmt.Sprintf("%s.sections[%d]", key, j), "must be one of %s", rollcall.AllSections)
			case slices.Contains(d.Sections[:j], s):
				bad(fmt.Sprintf("%s.sections[%d]", key, j), "is in the list twice")
			}
		}
		positive(key+".catch_up", d.CatchUp)
	}

	length("sides.a", strings.TrimSpace(c.Sides.A), 1, 60)
	length("sides.b", strings.TrimSpace(c.Sides.B), 1, 60)
	if c.Sides.A == c.Sides.B {
		bad("sides.b", "must differ from sides.a")
	}

	t := c.Telegram
	between("telegram.messages_per_second", t.MessagesPerSecond, 0, 1000)
	between("telegram.private_burst", t.PrivateBurst, 1, 1000)
	between("telegram.private_per_second", t.PrivatePerSecond, 1, 1000)
	between("telegram.group_per_minute", t.GroupPerMinute, 1, 60_000)
	between("telegram.workers", t.Workers, 1, 256)
	if t.PollTimeout < time.Second || t.PollTimeout > 10*time.Minute || t.PollTimeout%time.Second != 0 {
		bad("telegram.poll_timeout", "must be whole seconds, from 1s to 10m")
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

func knownLanguage(l rollcall.Language) bool {
	for _, k := range rollcall.Languages {
		if k == l {
			return true
		}
	}
	return false
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
