package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
	"unicode"

	"rollcall/internal/config"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

type doctorCmd struct {
	common
	Offline   bool `help:"Ask Telegram nothing."`
	Effective bool `help:"First show every value of the configuration, masked, and where it comes from."`
}

func (doctorCmd) Help() string {
	return `Checks the configuration, the token, the bot's rights in each digest's chat, zones and next firings,
the database with its secret file, the disk and the health address; under what is not in order stands
what to do. It changes nothing, makes no file, and may run beside a running serve. Run it as the account
that runs the bot, with the same environment. It fails where a check has failed; warnings do not count.

Example: ROLLCALL_TOKEN_FILE=token rollcall doctor --config rollcall.yaml`
}

func (c *doctorCmd) Run(a *app) error {
	d := &doctor{a: a, offline: c.Offline, volume: volumeOf}
	cfg, faults := config.Examine(c.Config, a.getenv)
	if cfg != nil {
		cfg.SetDatabase(c.DB)
	}
	d.cfg = cfg
	if c.Effective && cfg != nil {
		if err := showEffective(a.stdout, cfg); err != nil {
			return err
		}
	}
	d.examine(faults)
	if n := d.seen[failed]; n > 0 {
		return fmt.Errorf("%s: see the lines that begin with fail", plural(n, "check has failed", "checks have failed"))
	}
	return nil
}

// showEffective writes the values that hold, and an empty line.
func showEffective(out io.Writer, cfg *config.Config) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tVALUE\tFROM")
	for _, s := range cfg.Effective() {
		if s.Value == "" {
			s.Value = `""`
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, s.Value, s.Source)
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// A level is how a check came out.
type level string

const (
	passed  level = "ok"
	warned  level = "warn" // the bot runs, and something is not as it should be
	failed  level = "fail"
	skipped level = "skip" // the check needs another that has not passed, or was not wanted
)

// A finding is the outcome of one check.
type finding struct {
	level level
	check string   // its name, which others refer to
	text  string   // what was found
	more  []string // further lines
	hint  string   // what to do next; there is one for each warning and failure
}

func pass(check, format string, args ...any) finding {
	return finding{level: passed, check: check, text: fmt.Sprintf(format, args...)}
}

func warn(check, hint, format string, args ...any) finding {
	return finding{level: warned, check: check, hint: hint, text: fmt.Sprintf(format, args...)}
}

func fail(check, hint, format string, args ...any) finding {
	return finding{level: failed, check: check, hint: hint, text: fmt.Sprintf(format, args...)}
}

// skip names the check without which this one cannot be made.
func skip(check, needs string) finding {
	return finding{level: skipped, check: check, text: "needs " + needs}
}

// A doctor goes through the checks of one installation.
type doctor struct {
	a       *app
	cfg     *config.Config // nil where it cannot be read
	offline bool
	volume  func(dir string) (volume, error)

	seen    map[level]int
	running bool // a serve holds the lock
}

// tell prints findings as they come.
func (d *doctor) tell(list ...finding) {
	for _, f := range list {
		d.seen[f.level]++
		fmt.Fprintf(d.a.stdout, "%-4s  %s: %s\n", f.level, f.check, f.text)
		for _, line := range f.more {
			fmt.Fprintf(d.a.stdout, "      %s\n", line)
		}
		if f.hint != "" {
			fmt.Fprintf(d.a.stdout, "      hint: %s\n", f.hint)
		}
	}
}

// examine makes all checks and ends with a line that sums up. faults is what
// the configuration was refused for, or nil.
func (d *doctor) examine(faults error) {
	d.seen = map[level]int{}
	d.tell(d.configuration(faults), zones())
	if d.cfg == nil {
		for _, check := range []string{"owners", "operator", "tracing links", "api", "clock", "token", "webhook", "digests",
			"serve", "database", "secret file", "disk", "folder", "filesystem", "http"} {
			d.tell(skip(check, "configuration"))
		}
	} else {
		d.tell(d.people()...)
		tg := d.telegram()
		d.digests(tg)
		d.tell(d.serve())
		d.tell(d.database()...)
		d.tell(d.disk()...)
		d.tell(d.http())
	}
	fmt.Fprintf(d.a.stdout, "%d failed, %s, %d ok, %d skipped\n", d.seen[failed], plural(d.seen[warned], "warning", "warnings"), d.seen[passed], d.seen[skipped])
}

func (d *doctor) configuration(faults error) finding {
	const check = "configuration"
	if faults != nil {
		hint := "correct it; configs/rollcall.example.yaml has every key with its meaning, unit and default"
		if d.cfg == nil {
			hint = "name a file that is there and can be read by --config or " + config.EnvConfig + "; without any, rollcall.yaml is read where it is there"
		}
		lines := strings.Split(faults.Error(), "\n")
		if len(lines) == 1 {
			return fail(check, hint, "%s", lines[0])
		}
		f := fail(check, hint, "%d faults", len(lines))
		f.more = lines
		return f
	}
	if file := d.cfg.File(); file != "" {
		return pass(check, "%s", file)
	}
	return pass(check, "no file, so the environment and the defaults")
}

// zones finds out whether the data of time zones is there, by one whose offset
// nobody would guess.
func zones() finding {
	const check, name = "time zones", "Pacific/Chatham"
	zone, err := time.LoadLocation(name)
	if err == nil {
		_, winter := time.Date(2026, time.July, 1, 0, 0, 0, 0, zone).Zone()
		_, summer := time.Date(2026, time.January, 1, 0, 0, 0, 0, zone).Zone()
		if winter == (12*60+45)*60 && summer == (13*60+45)*60 {
			return pass(check, "their data is there")
		}
	}
	return fail(check, "unset ZONEINFO, or repair the machine's time zone data", "the data for %s is not there or is wrong", name)
}

// people looks at who keeps the bot and where people are sent.
func (d *doctor) people() []finding {
	var list []finding
	owners, editors := len(d.cfg.Owners), plural(len(d.cfg.Editors), "editor", "editors")
	if owners == 0 {
		list = append(list, warn("owners", "put your numeric Telegram id into owners, or into "+config.EnvOwners, "none, so that nobody may use the owner's commands; %s", editors))
	} else {
		list = append(list, pass("owners", "%s, %s", plural(owners, "owner", "owners"), editors))
	}
	switch o := d.cfg.Operator; {
	case strings.TrimSpace(o.Contact) == "":
		list = append(list, warn("operator", "set operator.contact: families are sent there", "no contact is set"))
	case strings.TrimSpace(o.Name) == "":
		list = append(list, warn("operator", "set operator.name: /start says who runs the bot", "no name is set"))
	default:
		list = append(list, pass("operator", "name and contact are set"))
	}
	if n := len(d.cfg.TracingLinks); n > 0 {
		list = append(list, pass("tracing links", "%d", n))
	} else {
		list = append(list, warn("tracing links", "remove the empty tracing_links, for the default, or name an official tracing service", "none, and each card points to one first"))
	}
	return list
}

// digests checks each digest's schedule and chat.
func (d *doctor) digests(tg *telegramChecks) {
	if len(d.cfg.Digests) == 0 {
		d.tell(pass("digests", "none is configured"))
	}
	for i, g := range d.cfg.Digests {
		check := "digest " + printable(g.Name)
		d.tell(d.firings(i, check), tg.chat(g.Chat, check+", chat", fmt.Sprintf("digests[%d].chat", i)))
	}
}

// firings tells when a digest is due next, in its own zone.
func (d *doctor) firings(i int, check string) finding {
	g := d.cfg.Digests[i]
	if g.Zone == nil {
		return skip(check, fmt.Sprintf("configuration: digests[%d].timezone is no zone", i))
	}
	when, err := schedule.Parse(g.Schedule, g.Zone)
	if err != nil {
		return fail(check, `write it as in "0 9 * * *", every day at 9:00, or "@every 6h"`, "%s", d.cfg.Fault(fmt.Sprintf("digests[%d].schedule", i), err.Error()))
	}
	var next []string
	for _, o := range when.Upcoming(d.a.now(), listAhead) {
		at, layout := o.At.In(g.Zone), "2006-01-02 15:04 -07:00"
		if at.Second() != 0 {
			layout = "2006-01-02 15:04:05 -07:00"
		}
		next = append(next, at.Format(layout))
	}
	text := fmt.Sprintf("%q in %s, next %s", g.Schedule, g.Zone, strings.Join(next, ", ")) + onlySections(g.Sections)
	switch has := g.Sections.Has; {
	case g.Chart && !has(rollcall.PetitionSection):
		return warn(check, fmt.Sprintf("remove chart from digests[%d], or add petition to its sections", i), "%s; chart is true, and there is none without the section petition", text)
	case has(rollcall.CorrectionsSection) && !has(rollcall.RoundsSection):
		return warn(check, fmt.Sprintf("remove corrections from digests[%d].sections, or add rounds", i), "%s; it corrects nothing, since it has no rounds", text)
	}
	return pass(check, "%s", text)
}

func (d *doctor) serve() finding {
	const check = "serve"
	var err error
	if d.running, err = store.Locked(lockFile(d.cfg)); err != nil {
		return warn(check, asTheBot, "whether it runs cannot be told: %v", err)
	}
	if d.running {
		return pass(check, "it runs")
	}
	return pass(check, "none runs on this database")
}

// asTheBot is the hint where something is out of reach.
const asTheBot = "run doctor as the account that runs the bot"

// underDatabase are the checks that need an open database of this schema.
var underDatabase = []string{"logs", "figures", "roster", "petitions", "deliveries"}

// database looks into the database and at its secret file. Where another
// process has begun to write meanwhile it looks once more, since what it has
// seen may not fit together.
func (d *doctor) database() []finding {
	list, disturbed := d.lookInside()
	if disturbed {
		list, _ = d.lookInside()
	}
	return list
}

func (d *doctor) lookInside() (list []finding, disturbed bool) {
	ctx, path := d.a.ctx, d.cfg.Database
	needs := func(checks ...string) {
		for _, check := range checks {
			list = append(list, skip(check, "database"))
		}
	}
	const making = "rollcall import makes it, or rollcall serve at its first start"
	db, err := store.OpenReadOnly(ctx, path, store.Options{Now: d.a.now})
	if err != nil {
		list = append(list, unopened(path, making, err))
		needs("integrity")
		needs(underDatabase...)
		return append(list, d.secretFile(nil, errors.Is(err, fs.ErrNotExist))), false
	}
	defer db.Close()
	version, newest, err := db.Schema(ctx)
	current := err == nil && version == newest
	switch {
	case err != nil:
		list = append(list, fail("database", "try again; if it stays, put back the latest copy", "%v", err))
	case version == 0:
		list = append(list, warn("database", making, "%s is empty", path))
	case version < newest:
		list = append(list, warn("database", "the next start of rollcall serve brings it up to date; keep a copy before that", "%s has the schema %d, this program's is %d", path, version, newest))
	case version > newest:
		list = append(list, fail("database", "use the release that wrote it, or a later one", "%s has the schema %d, the newest that this program knows is %d", path, version, newest))
	default:
		list = append(list, sound(path, version))
	}
	if since, err := db.Frozen(ctx); current && err == nil && !since.IsZero() {
		list = append(list, warn("freeze", "an owner ends it by /unfreeze in chat", "the bot is frozen since %s: no lookups, no signing, no digests", since.Format(time.RFC3339)))
	}
	if current {
		list = append(list, restoring(d.a.ctx, db)...)
	}
	if err := db.QuickCheck(ctx); err != nil {
		list = append(list, fail("integrity", "stop the bot, keep this file for later, and put back the latest copy", "%v", err))
	} else {
		list = append(list, pass("integrity", "SQLite's quick_check finds nothing"))
	}
	if !current {
		needs(underDatabase...)
		if version == 0 {
			return append(list, d.secretFile(nil, err == nil)), db.Disturbed()
		}
		return append(list, d.secretFile(db, false)), db.Disturbed()
	}
	list = append(list, d.logs(db))
	if err := errors.Join(db.CheckTallies(ctx), db.CheckFigures(ctx)); err != nil {
		list = append(list, fail("figures", "keep a copy of the file as it is, announce no figure, and ask the maintainers", "%s", strings.ReplaceAll(err.Error(), "\n", "; ")))
	} else {
		list = append(list, pass("figures", "the figures of signatures and of people by status equal their rows"))
	}
	list = append(list, d.roster(db), d.petitions(db), d.deliveries(db))
	list = append(list, d.subscriptions(db)...)
	list = append(list, d.secretFile(db, false))
	return list, db.Disturbed()
}

// restoring tells of a database that was restored from a copy; nothing is said of
// another.
func restoring(ctx context.Context, db *store.DB) []finding {
	const check = "restored"
	at, copied, fate, err := db.Restoring(ctx)
	if err != nil {
		return []finding{unread(check, err)}
	}
	if at.IsZero() {
		return nil
	}
	text := "at " + at.Format(time.RFC3339)
	if !copied.IsZero() {
		text += ", from a copy of " + copied.Format(time.RFC3339)
	}
	const hint = "compare with what was published before: rollcall verify DIR --earlier EARLIER shows what is contradicted; say so in public before you publish anew"
	switch fate {
	case store.LogsShorter:
		return []finding{warn(check, hint, "%s; petitions' logs lost leaves by that, which contradicts every checkpoint that was published of them", text)}
	case store.LogsUnknown:
		return []finding{warn(check, hint, "%s; whether petitions' logs lost leaves by that is not known, since there was nothing to compare with", text)}
	}
	return []finding{pass(check, "%s; no log lost a leaf by that", text)}
}

// unopened says why there is no database to look into.
func unopened(path, making string, err error) finding {
	const check = "database"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return fail(check, "make the folder, or correct database, "+config.EnvDB+" or --db; a path is relative to the working directory",
				"the folder %s is not there", filepath.Dir(path))
		}
		return warn(check, making, "%s is not there yet", path)
	case errors.Is(err, fs.ErrPermission):
		return fail(check, asTheBot, "%v", err)
	case rollcall.CodeOf(err) == rollcall.Invalid:
		return fail(check, "name the right file by database, "+config.EnvDB+" or --db; if this is the one, put back the latest copy", "%v", err)
	}
	return fail(check, "see that the file is there, belongs to the account that runs the bot, and is not locked by another program", "%v", err)
}

// sound tells of a database that can be worked with.
func sound(path string, version int) finding {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return warn("database", "chmod 600 "+path, "%s can be read by others (mode %04o)", path, info.Mode().Perm())
	}
	return pass("database", "%s, schema %d", path, version)
}

// unread is a check that the database did not let be made.
func unread(check string, err error) finding {
	return fail(check, "see what the checks before this one say of the database", "%v", err)
}

func (d *doctor) roster(db *store.DB) finding {
	const check = "roster"
	s, err := db.Stats(d.a.ctx)
	switch {
	case err != nil:
		return unread(check, err)
	case s.People > 0:
		return pass(check, "%s shown, %d withheld", plural(s.People, "person", "people"), s.Withheld)
	case s.LastImport.IsZero():
		return warn(check, "rollcall import FILE", "it is empty")
	}
	return warn(check, "what was imported has expired or is withheld: import a newer file", "nobody is shown, %d withheld", s.Withheld)
}

// logs reads every petition's log wholly.
func (d *doctor) logs(db *store.DB) finding {
	const check = "logs"
	const hint = "keep a copy of the file as it is, announce no figure, compare with what was published (rollcall verify), and ask the maintainers"
	all, err := db.Petitions(d.a.ctx)
	if err != nil {
		return unread(check, err)
	}
	var leaves int64
	for _, p := range all {
		audit, err := db.AuditLog(d.a.ctx, p.Slug)
		if errors.Is(err, store.ErrBrokenLog) {
			return fail(check, hint, "petition %s: %v", p.Slug, err)
		}
		if err != nil {
			return unread(check, err)
		}
		if p.Halted != "" {
			return warn(check, "restart rollcall serve: it looks again at its start", "petition %s takes no signatures, and its log adds up", p.Slug)
		}
		leaves += audit.Leaves
	}
	return pass(check, "%s in %s, hashed anew and added up", plural(int(leaves), "leaf", "leaves"), plural(len(all), "log", "logs"))
}

func (d *doctor) petitions(db *store.DB) finding {
	const check = "petitions"
	all, err := db.Petitions(d.a.ctx)
	if err != nil {
		return unread(check, err)
	}
	open, held := 0, ""
	for _, p := range all {
		if p.State(d.a.now()) == rollcall.Open {
			open++
		}
		w, err := db.Waiting(d.a.ctx, p.Slug)
		if err != nil {
			return unread(check, err)
		}
		if w.Held > 0 {
			held += fmt.Sprintf("; %s of %s held since they came in a burst", plural(w.Held, "signature", "signatures"), p.Slug)
		}
	}
	if held != "" {
		return warn(check, "rollcall petition release SLUG, or rollcall petition void SLUG --held --reason burst; left alone, they count after petition.batch_latest",
			"%d, of which %d open%s", len(all), open, held)
	}
	return pass(check, "%d, of which %d open", len(all), open)
}

// deliveries looks at the posts. What went to accounts is left out: that somebody
// has blocked the bot is in order, and no keeper's to mend.
func (d *doctor) deliveries(db *store.DB) finding {
	const check = "deliveries"
	n, err := db.PostStates(d.a.ctx)
	if err != nil {
		return unread(check, err)
	}
	lost, dead := n[string(store.Unsure)], n[string(store.Dead)]
	text := fmt.Sprintf("%d sent, %d waiting, %d unknown, %d dead", n[string(store.Sent)], n[string(store.Pending)]+n[string(store.Sending)], lost, dead)
	doubts, err := db.OpenDoubts(d.a.ctx)
	if err != nil {
		return unread(check, err)
	}
	switch {
	case doubts[store.Asked] > 0:
		return warn(check, "an owner is to press one of the two buttons under the bot's question in private; rollcall digest list tells which posts these are", "%s", text)
	case doubts[store.Asking] > 0:
		return warn(check, "an owner is to write /start to the bot in private, so that it can ask whether the posts are in their chats", "%s", text)
	}
	if lost+dead > 0 {
		return warn(check, "rollcall digest list tells why; see what is in the chat, and send one now by rollcall digest send NAME", "%s", text)
	}
	return pass(check, "%s", text)
}

// subscriptions counts who gets digests in private; nothing is said where nobody
// ever did.
func (d *doctor) subscriptions(db *store.DB) []finding {
	const check = "subscriptions"
	main := ""
	if len(d.cfg.Digests) > 0 {
		main = d.cfg.Digests[0].Name
	}
	f, err := db.SubscriptionFigures(d.a.ctx, main)
	switch {
	case err != nil:
		return []finding{unread(check, err)}
	case f.Running+f.Ended == 0:
		return nil
	case f.Elsewhere > 0:
		return []finding{warn(check, "name the former one first again, or start rollcall serve anew: from then on they get the first one", "%d of %d subscribed to another digest than the one that is first in the configuration", f.Elsewhere, f.Running)}
	}
	return []finding{pass(check, "%d, and %d of accounts that have blocked the bot", f.Running, f.Ended)}
}

// secretFile looks at the key material; db is nil where there is no database to
// compare it with, and fresh says that this is so because none was made yet.
func (d *doctor) secretFile(db *store.DB, fresh bool) finding {
	const check = "secret file"
	path := d.cfg.SecretFile
	keys, err := secret.Read(path)
	var tie error = rollcall.E(rollcall.NotFound, "there is no database")
	if db != nil {
		tie = db.CheckSecret(d.a.ctx, keys)
	}
	untied := rollcall.CodeOf(tie) == rollcall.NotFound
	switch {
	case errors.Is(err, fs.ErrNotExist) && tie == nil:
		return fail(check, "put back the copy that was kept of it: without it no signature can be recognised", "%s is not there, and the database was made with one", path)
	case errors.Is(err, fs.ErrNotExist) && db == nil && !fresh:
		return finding{level: skipped, check: check, text: path + " is not there; whether it is wanted needs database"}
	case errors.Is(err, fs.ErrNotExist) && untied:
		return pass(check, "%s is not there yet; rollcall serve makes it at its first start", path)
	case errors.Is(err, secret.ErrExposed):
		return fail(check, "chmod 600 "+path, "%s can be read by others", path)
	case errors.Is(err, fs.ErrPermission):
		return fail(check, asTheBot, "%v", err)
	case err != nil:
		return fail(check, "put back the copy that was kept of it", "%v", err)
	case errors.Is(tie, store.ErrWrongSecret):
		return fail(check, "put back the secret file that was beside this database, or name it by secret_file or "+config.EnvSecretFile, "%s belongs to another database", path)
	case db == nil:
		return pass(check, "%s is yours alone; nothing to compare it with", path)
	case untied:
		return pass(check, "%s is yours alone; the database is not tied to any yet", path)
	case tie != nil:
		return unread(check, tie)
	}
	return pass(check, "%s is yours alone and belongs to the database", path)
}

// A volume is what a folder lies on.
type volume struct {
	free     uint64 // bytes that this account may still fill
	writable bool   // this account may make files in the folder
	network  bool   // the file system is another machine's
	kind     string // its name, where network or where network cannot be told; else ""
}

// minFree is too little for a day's work; the -wal file alone may take some
// dozens of megabytes.
const minFree = 100 << 20

func (d *doctor) disk() []finding {
	dir := filepath.Dir(d.cfg.Database)
	v, err := d.volume(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		why := "a way to ask this system"
		return []finding{skip("disk", why), skip("folder", why), skip("filesystem", why)}
	case errors.Is(err, fs.ErrNotExist):
		return []finding{skip("disk", "database: its folder is not there"), skip("folder", "database: it is not there"), skip("filesystem", "database: its folder is not there")}
	case err != nil:
		return []finding{fail("disk", asTheBot, "%s: %v", dir, err), skip("folder", "disk"), skip("filesystem", "disk")}
	}
	var size uint64
	for _, path := range []string{d.cfg.Database, d.cfg.Database + "-wal"} {
		if info, err := os.Stat(path); err == nil {
			size += uint64(info.Size())
		}
	}
	return []finding{space(v.free, size), folder(dir, v), filesystem(v)}
}

// space judges what is left beside a database of that size, in bytes.
func space(free, size uint64) finding {
	const check = "disk"
	switch {
	case free < minFree:
		return fail(check, "make room: without it the database cannot be written", "%s free, and %s are the least", bytesText(free), bytesText(minFree))
	case free < 2*size:
		return warn(check, "make room: a large import, or rollcall backup, needs it", "%s free, less than twice the database's %s", bytesText(free), bytesText(size))
	}
	return pass(check, "%s free, the database has %s", bytesText(free), bytesText(size))
}

func folder(dir string, v volume) finding {
	if !v.writable {
		return fail("folder", "give it to the account that runs the bot (and "+asTheBot+"): SQLite makes files beside the database", "%s cannot be written by this account", dir)
	}
	return pass("folder", "%s can be written", dir)
}

func filesystem(v volume) finding {
	const check = "filesystem"
	switch {
	case v.network:
		return fail(check, "move the database to a disk of this machine: SQLite's write-ahead log does not work over a network, and can be damaged", "the database is on %s", v.kind)
	case v.kind != "":
		return finding{level: skipped, check: check, text: "whether " + v.kind + " is another machine's cannot be told"}
	}
	return pass(check, "of this machine")
}

// bytesText gives bytes in a unit that can be read.
func bytesText(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", (n+1023)>>10)
}

// http looks at the address of health and metrics: the running serve answers
// there, or nobody listens.
func (d *doctor) http() finding {
	const check = "http"
	addr := d.cfg.HTTP
	if addr == "" {
		return pass(check, "off")
	}
	const other = "choose another address by http or " + config.EnvHTTP
	l, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		l.Close()
		if d.running {
			return warn(check, "restart rollcall serve with this configuration, or run doctor with the environment that it has", "the running serve does not listen on %s", addr)
		}
	case !errors.Is(err, syscall.EADDRINUSE):
		return fail(check, other, "nobody can listen on %s: %v", addr, reason(err))
	case !d.running:
		return fail(check, other+", or end the program that listens there", "%s is in use by another program", addr)
	default:
		said, ready, err := askReady(d.a.ctx, addr)
		if err != nil {
			return fail(check, other+", or end the program that listens there", "%s is in use, and not by an answering rollcall serve", addr)
		}
		if !ready {
			return warn(check, "wait a minute; if it stays, see what rollcall serve logs", "the running serve is not ready: %s", printable(said))
		}
	}
	if !onLoopback(addr) {
		return warn(check, "use 127.0.0.1 in place of the host, unless a container or a firewall shields it", "others can reach %s", addr)
	}
	if d.running {
		return pass(check, "the running serve is ready on %s", addr)
	}
	return pass(check, "%s is free", addr)
}

// onLoopback reports whether a host:port can be reached from this machine only.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// reason is an error of package net without what it was about.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// maxShown is the longest text of others that is shown, in runes.
const maxShown = 80

// printable returns text of others as one short line that no terminal obeys.
func printable(text string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text))
	if len(r) > maxShown {
		r = append(r[:maxShown-1:maxShown-1], '…')
	}
	return string(r)
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
