package command_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/names"
	"rollcall/internal/race"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
)

// defaults are the limits of a configuration that sets none.
var defaults = command.Limits{PerDay: 30, DistinctPerWeek: 40, RosterPercent: 3, RosterFloor: 200}

// rosterPeople is the size of the roster that is scraped.
const rosterPeople = 10_000

// A desk asks the handlers and commits what they answer, as the bot does, without
// Telegram between them: thirty thousand lookups take seconds.
type desk struct {
	t        testing.TB
	db       *store.DB
	registry telegram.Registry
	clock    *clock
	people   []rollcall.Person // of the roster, without ids

	mu    sync.Mutex
	today map[rollcall.PersonID]bool                     // shown to anybody since midnight
	seen  map[rollcall.UserID]map[rollcall.PersonID]bool // shown to the account
}

// scraped makes the roster that is scraped, once: the file of its database, and its
// people, without ids, followed by as many more who are not in it.
var scraped = sync.OnceValues(func() (file []byte, people []rollcall.Person) {
	dir, err := os.MkdirTemp("", "scraped")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "rollcall.db")
	db, err := store.Open(ctx, path, store.Options{Now: func() time.Time { return noon }})
	if err != nil {
		panic(err)
	}
	b, err := db.BeginBatch(ctx, false)
	if err != nil {
		panic(err)
	}
	var rows []rollcall.RosterRow
	for row := range sample.Rows(7, 4*rosterPeople, rollcall.DateOf(noon)) {
		if n := len(people); n == 0 || people[n-1].PublicID != row.PublicID || row.PublicID == "" {
			if n == 2*rosterPeople {
				break
			}
			people = append(people, row.Person)
		}
		if len(people) <= rosterPeople {
			rows = append(rows, row)
		}
	}
	for some := range slices.Chunk(rows, 500) {
		if _, err := b.Add(ctx, some); err != nil {
			panic(err)
		}
	}
	if _, err := b.Publish(ctx, store.Shell); err != nil {
		panic(err)
	}
	if err := db.Close(); err != nil {
		panic(err)
	}
	if file, err = os.ReadFile(path); err != nil {
		panic(err)
	}
	return file, people
})

// newDesk opens a desk at midnight over a roster of rosterPeople. change, where not
// "", is SQL that changes it first.
func newDesk(t testing.TB, limits command.Limits, change string) *desk {
	t.Helper()
	race.Skip(t)
	file, people := scraped()
	h := &harness{t: t, path: filepath.Join(t.TempDir(), "rollcall.db")}
	if err := os.WriteFile(h.path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if change != "" {
		h.execSQL(change)
	}
	d := &desk{t: t, people: people[:rosterPeople], clock: &clock{at: noon.Truncate(24 * time.Hour)},
		seen: map[rollcall.UserID]map[rollcall.PersonID]bool{}}
	keys, err := secret.New([32]byte{31: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d.db, err = store.Open(context.Background(), h.path, store.Options{Now: d.clock.now, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	d.registry = command.Registry(&command.Handlers{DB: d.db, Keys: keys, Search: search.New(d.db), Log: slog.New(slog.DiscardHandler),
		Settings: command.Settings{MaxResults: 3, MinParts: 2, MaxWatches: 20, Limits: limits}})
	d.dawn(0)
	return d
}

// dawn goes on to midnight, so many days later.
func (d *desk) dawn(days int) {
	d.clock.advance(d.clock.now().Truncate(24*time.Hour).AddDate(0, 0, days).Sub(d.clock.now()))
	d.today = map[rollcall.PersonID]bool{}
}

// ask writes a text to the bot and returns whom the answer shows, by the buttons
// that name people.
func (d *desk) ask(user rollcall.UserID, text string) []rollcall.PersonID {
	d.t.Helper()
	return d.do(d.registry.Text, user, text)
}

func (d *desk) do(handle telegram.Handler, user rollcall.UserID, text string) (people []rollcall.PersonID) {
	d.t.Helper()
	r := &telegram.Request{Chat: user.Chat(), From: user, Language: rollcall.English, Say: render.For(rollcall.English), Now: d.clock.now(), Args: text}
	a, err := handle(context.Background(), r)
	actions := a.Actions
	if err == nil && a.Effect != nil {
		err = d.db.Update(context.Background(), func(tx *store.Tx) error {
			more, err := a.Effect(tx)
			actions = append(actions, more...)
			return err
		})
	}
	if err != nil {
		d.t.Error(err)
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen[user] == nil {
		d.seen[user] = map[rollcall.PersonID]bool{}
	}
	for _, action := range actions {
		for _, row := range action.Buttons {
			for _, b := range row {
				if f := strings.Split(b.Data, ":"); len(f) == 4 && f[1] != "tellme" { // version, action, entry, mark
					n, err := strconv.ParseInt(f[2], 36, 64)
					if err != nil {
						d.t.Errorf("button %q names no entry: %v", b.Label, err)
					}
					id := rollcall.PersonID(n)
					people = append(people, id)
					d.today[id], d.seen[user][id] = true, true
				}
			}
		}
	}
	return people
}

// erase erases the account.
func (d *desk) erase(user rollcall.UserID) {
	d.t.Helper()
	for _, b := range d.registry.Buttons {
		if b.Action == "erase" {
			d.do(b.Handle, user, "")
		}
	}
}

// short is a name without its patronymic, as many know it.
func short(p rollcall.Person) string {
	parts := names.Parts(p.FullName)
	return strings.Join(parts[:min(2, len(parts))], " ")
}

// whole is a name with its birth year, as a family knows it.
func whole(p rollcall.Person) string {
	if p.BirthYear == 0 {
		return p.FullName
	}
	return p.FullName + " " + strconv.Itoa(p.BirthYear)
}

// One account that knows every name and year of the roster, by choices, slips and
// full names alike, and erases itself every night.
func TestOneAccountSeesLittleOfTheRosterInAWeek(t *testing.T) {
	d := newDesk(t, defaults, "")
	const scraper = rollcall.UserID(7310001000)
	next := 0
	for range 7 {
		for i := range 2 * defaults.PerDay {
			p := d.people[next]
			text := whole(p)
			switch i % 3 {
			case 1:
				text = short(p)
			case 2:
				text = short(p) + " 1900" // another year is a question
			}
			d.ask(scraper, text)
			next++
		}
		d.erase(scraper)
		d.dawn(1)
	}
	n := len(d.seen[scraper])
	t.Logf("one account sees %d of %d people in a week, %.1f %%", n, rosterPeople, 100*float64(n)/rosterPeople)
	if n == 0 || n > defaults.DistinctPerWeek || n > rosterPeople*2/100 {
		t.Errorf("it sees %d, want at most %d, and some", n, defaults.DistinctPerWeek)
	}
}

// givesUp is how many lookups in a row that show nobody make a scraper's account
// stop for the day. Past the roster's budget it is refused after fewer.
const givesUp = 8

// A thousand accounts ask from midnight on, a part of them each hour, side by side,
// while every hour, and in the day's last minute, a family asks that has not asked
// before. What nobody is shown to is dear to search, so that fewer accounts guess
// years where the slow form of the test is not asked for.
func TestAThousandAccountsSeeLittleAndFamiliesAreAnswered(t *testing.T) {
	const accounts = 1000
	budget := rosterPeople * int(defaults.RosterPercent) / 100
	person := func(d *desk, account, n int) rollcall.Person {
		return d.people[(account*defaults.PerDay+n)%rosterPeople]
	}
	for _, c := range []struct {
		who      string
		accounts int                                  // in the quick form
		query    func(d *desk, account, n int) string // that the account makes in its n-th lookup
		families bool                                 // whether they are answered, to the last minute
	}{
		{"know names", accounts, func(d *desk, account, n int) string { return short(person(d, account, n)) }, true},
		{"know names and guess years", accounts / 8, func(d *desk, account, n int) string {
			return short(person(d, account, n)) + " " + strconv.Itoa(1965+(account+n)%25)
		}, true},
		{"know names and years", accounts, func(d *desk, account, n int) string { return whole(person(d, account, n)) }, false},
	} {
		t.Run(c.who, func(t *testing.T) {
			if long() {
				c.accounts = accounts
			}
			d := newDesk(t, defaults, "")
			families, answered, last := 0, 0, false
			family := func() {
				p := d.people[rosterPeople-1-families*7]
				families++
				if last = len(d.ask(rollcall.UserID(7310900000+families), whole(p))) > 0; last {
					answered++
				}
			}
			const hours = 24
			for hour := range hours {
				var asking sync.WaitGroup
				lines := make(chan int)
				for range 16 {
					asking.Go(func() {
						for account := range lines {
							for n, idle := 0, 0; n < defaults.PerDay && idle < givesUp; n++ {
								idle++
								if len(d.ask(rollcall.UserID(7310100000+account), c.query(d, account, n))) > 0 {
									idle = 0
								}
							}
						}
					})
				}
				for account := hour * c.accounts / hours; account < (hour+1)*c.accounts/hours; account++ {
					lines <- account
				}
				close(lines)
				asking.Wait()
				d.clock.advance(59 * time.Minute)
				family()
				if hour < hours-1 {
					d.clock.advance(time.Minute)
				}
			}
			n := len(d.today)
			most := 0
			for _, seen := range d.seen {
				most = max(most, len(seen))
			}
			t.Logf("%d accounts who %s see %d of %d people in a day, of a budget of %d and twice that; none sees more than %d; %d of %d families are answered",
				c.accounts, c.who, n, rosterPeople, budget, most, answered, families)
			if n > 2*budget || n < budget {
				t.Errorf("%d people were shown, want %d to %d", n, budget, 2*budget)
			}
			if c.families && (answered != families || !last) {
				t.Errorf("%d of %d families were answered, the last of them %t", answered, families, last)
			}
		})
	}
}

// BenchmarkNothingToShow is the handling of a lookup that shows nobody, by why that
// is. The times must tell as little as the words do: "spread/%" is by how much the
// median of the slowest of the four is over that of the fastest. Nobody of the roster
// may be shown, so that nobody is offered in place of another: the names of the sample
// are near each other.
func BenchmarkNothingToShow(b *testing.B) {
	ample := command.Limits{PerDay: 1 << 20, DistinctPerWeek: 1 << 20, RosterFloor: 1 << 20}
	d := newDesk(b, ample, `UPDATE people SET withheld = 'hidden' WHERE id % 3 = 1;
		UPDATE people SET withheld = 'takedown' WHERE id % 3 = 2;
		UPDATE claims SET expires = '2026-01-01' WHERE person_id % 3 = 0`)
	_, all := scraped()
	listed := map[string]bool{}
	for _, p := range d.people {
		listed[p.FullName] = true
	}
	absent := slices.DeleteFunc(slices.Clone(all[rosterPeople:]), func(p rollcall.Person) bool { return listed[p.FullName] })
	kinds := []struct {
		name   string
		people []rollcall.Person
		took   []time.Duration
	}{{name: "expired"}, {name: "hidden"}, {name: "taken-down"}, {name: "absent", people: absent}}
	for i := range d.people { // ids follow the order of the file
		k := (i + 1) % 3
		kinds[k].people = append(kinds[k].people, d.people[i])
	}
	n := 0
	for b.Loop() {
		for k := range kinds {
			kind := &kinds[k]
			p := kind.people[n%len(kind.people)]
			began := time.Now()
			shown := d.ask(rollcall.UserID(7310200000), whole(p))
			kind.took = append(kind.took, time.Since(began))
			if len(shown) != 0 {
				b.Fatalf("a lookup of somebody who is %s shows %d people", kind.name, len(shown))
			}
		}
		n++
	}
	var medians []time.Duration
	for _, kind := range kinds {
		slices.Sort(kind.took)
		m := kind.took[len(kind.took)/2]
		medians = append(medians, m)
		b.ReportMetric(float64(m.Microseconds()), kind.name+"-µs")
	}
	b.ReportMetric(100*float64(slices.Max(medians)-slices.Min(medians))/float64(slices.Min(medians)), "spread/%")
}
