package store

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// drawn is the account's usage, without the instants.
func drawn(t testing.TB, db *DB, user rollcall.UserID) [4]int {
	t.Helper()
	u, err := db.Usage(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return [4]int{u.Lookups, u.Late, u.People, u.Roster}
}

// show shows the people to the account as the commands do, and returns how many of
// them counted.
func show(t testing.TB, db *DB, user rollcall.UserID, late bool, people ...rollcall.PersonID) (counted int) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		due, err := tx.Unpaid(user, people)
		if err != nil {
			return err
		}
		counted = len(due)
		if late {
			if err := tx.CountLate(user, len(due)); err != nil {
				return err
			}
		}
		return tx.CountShown(user, due)
	})
	return counted
}

func lookUp(t testing.TB, db *DB, user rollcall.UserID) {
	t.Helper()
	update(t, db, func(tx *Tx) error { return tx.CountLookup(user) })
}

const aDay = 24 * time.Hour

// midnight begins a day that is the fifth of its span of seven.
var midnight = startOf(dayOf(noon)/week*week + 4)

func TestLookupsCountForADay(t *testing.T) {
	db, clock := openTest(t)
	clock.set(midnight.Add(aDay - time.Second))
	if got, want := drawn(t, db, 1), ([4]int{}); got != want {
		t.Errorf("at first %v, want %v", got, want)
	}
	for range 3 {
		lookUp(t, db, 1)
	}
	lookUp(t, db, 2)
	if got, want := drawn(t, db, 1), ([4]int{3}); got != want {
		t.Errorf("after three lookups %v, want %v", got, want)
	}
	if u, _ := db.Usage(t.Context(), 1); !u.DayEnds.Equal(midnight.Add(aDay)) || !u.PeopleFall.IsZero() {
		t.Errorf("the day ends %s, and people fall %s", u.DayEnds, u.PeopleFall)
	}
	clock.set(midnight.Add(aDay))
	if got, want := drawn(t, db, 1), ([4]int{}); got != want {
		t.Errorf("at midnight %v, want %v", got, want)
	}
	if kept(t, db, 1).Known {
		t.Error("looking up has made a peer")
	}
}

// The week slides by days: an entry counts on the day on which it was first shown
// and on the six after it, whichever span of tags they belong to.
func TestAnEntryCountsForSevenDays(t *testing.T) {
	for first := range week {
		t.Run(fmt.Sprint("day ", first), func(t *testing.T) {
			db, clock := openTest(t)
			start := midnight.Add(time.Duration(first) * aDay)
			clock.set(start)
			if got := show(t, db, 1, false, 11, 12); got != 2 {
				t.Fatalf("%d counted, want 2", got)
			}
			for day := range week {
				clock.set(start.Add(time.Duration(day)*aDay + 23*time.Hour))
				if got := show(t, db, 1, false, 11); got != 0 {
					t.Errorf("on day %d it counted again", day)
				}
				if day == 2 {
					show(t, db, 1, false, 13)
				}
				u, err := db.Usage(t.Context(), 1)
				if want := map[bool]int{false: 2, true: 3}[day >= 2]; u.People != want || err != nil {
					t.Errorf("on day %d there are %d people, %v; want %d", day, u.People, err, want)
				}
				if want := start.Add(week * aDay); !u.PeopleFall.Equal(want) {
					t.Errorf("on day %d they fall %s, want %s", day, u.PeopleFall, want)
				}
			}
			clock.set(start.Add(week * aDay))
			if got := drawn(t, db, 1)[2]; got != 1 {
				t.Errorf("after a week %d people, want the one of the third day", got)
			}
			if got := show(t, db, 1, false, 11, 13); got != 1 {
				t.Errorf("%d counted after a week, want 1", got)
			}
		})
	}
}

func TestTheRosterCountsEachEntryOnceADay(t *testing.T) {
	db, clock := openTest(t)
	show(t, db, 1, false, 11, 12)
	show(t, db, 2, false, 12, 13)
	show(t, db, 3, true, 13)
	if got, want := drawn(t, db, 3), ([4]int{0, 1, 1, 3}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	show(t, db, 3, true, 13) // again, and free
	if got, want := drawn(t, db, 3), ([4]int{0, 1, 1, 3}); got != want {
		t.Errorf("after the same again %v, want %v", got, want)
	}
	clock.set(noon.Add(aDay))
	if got, want := drawn(t, db, 3), ([4]int{0, 0, 1, 0}); got != want {
		t.Errorf("on the next day %v, want %v", got, want)
	}
}

func TestWatchedEntriesAreFree(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	a, b := personID(t, db, "A"), personID(t, db, "B")
	watch(t, db, 1, a)
	got, err := db.Unpaid(t.Context(), 1, []rollcall.PersonID{a, b})
	if diff := cmp.Diff(got, []rollcall.PersonID{b}); diff != "" || err != nil {
		t.Errorf("what counts (%v) (-got +want):\n%s", err, diff)
	}
	for _, c := range []struct {
		people []rollcall.PersonID
		want   bool
	}{{nil, false}, {[]rollcall.PersonID{a}, true}, {[]rollcall.PersonID{a, b}, false}} {
		update(t, db, func(tx *Tx) error {
			if got, err := tx.WatchesAll(1, c.people); got != c.want || err != nil {
				t.Errorf("WatchesAll(%v) = %t, %v; want %t", c.people, got, err, c.want)
			}
			return nil
		})
	}
	update(t, db, func(tx *Tx) error { return tx.Unwatch(1, a) })
	if got := show(t, db, 1, false, a); got != 1 {
		t.Error("an entry that is no longer watched is free")
	}
}

// Erasing deletes the marks, and leaves as much drawn as there was.
func TestErasingGivesNoNewAllowance(t *testing.T) {
	db, clock := openTest(t)
	clock.set(midnight)
	lookUp(t, db, 1)
	show(t, db, 1, false, 11, 12)
	clock.set(midnight.Add(3 * aDay)) // another span of tags
	lookUp(t, db, 1)
	show(t, db, 1, true, 13)
	show(t, db, 2, false, 11)
	before := drawn(t, db, 1)
	if want := [4]int{1, 1, 3, 2}; before != want {
		t.Fatalf("before %v, want %v", before, want)
	}
	for range 2 {
		update(t, db, func(tx *Tx) error { return tx.EraseLookups(1) })
		if got := drawn(t, db, 1); got != before {
			t.Errorf("after erasing %v, want %v", got, before)
		}
	}
	if got := query(t, db, `SELECT count(*) FROM lookup_marks`); got[0] != "1" {
		t.Errorf("%s marks are left, want the other account's", got[0])
	}
	if got := show(t, db, 1, false, 11); got != 1 {
		t.Error("an entry whose mark was erased is still known")
	}
	update(t, db, func(tx *Tx) error { return tx.EraseLookups(1) })
	if got := drawn(t, db, 1)[2]; got != 4 {
		t.Errorf("%d people after one more and erasing again, want 4", got)
	}
	clock.set(midnight.Add(week * aDay))
	if got := drawn(t, db, 1)[2]; got != 2 {
		t.Errorf("%d people once those of the first day no longer count, want 2", got)
	}
}

func TestLimitsHoldOverARestart(t *testing.T) {
	db, clock := openTest(t)
	lookUp(t, db, 1)
	show(t, db, 1, true, 11)
	before := drawn(t, db, 1)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, db.Path(), Options{Now: clock.Now, Keys: testKeys(t, 1)})
	if got := drawn(t, db, 1); got != before {
		t.Errorf("after a restart %v, want %v", got, before)
	}
	if got := show(t, db, 1, false, 11); got != 0 {
		t.Error("what was shown counts again")
	}
}

func TestWhatNoLongerCountsIsDeleted(t *testing.T) {
	db, clock := openTest(t)
	rows := func() (n []string) {
		for _, table := range []string{"lookup_accounts", "lookup_marks", "roster_marks", "roster_days"} {
			n = append(n, query(t, db, `SELECT count(*) FROM `+table)...)
		}
		return n
	}
	clock.set(midnight)
	for user := range rollcall.UserID(3) {
		lookUp(t, db, user)
		show(t, db, user, false, 11, 12)
	}
	show(t, db, 0, true, 13)
	update(t, db, func(tx *Tx) error { return tx.EraseLookups(0) })
	for _, step := range []struct {
		day  int
		want []string
	}{
		{0, []string{"3", "4", "3", "1"}},
		{1, []string{"1", "4", "0", "0"}}, // the count of what was erased
		{6, []string{"1", "4", "0", "0"}},
		{7, []string{"0", "0", "0", "0"}},
	} {
		clock.set(midnight.Add(time.Duration(step.day) * aDay))
		before := drawn(t, db, 0)
		if err := db.PruneLookups(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows(), step.want); diff != "" {
			t.Errorf("rows on day %d (-got +want):\n%s", step.day, diff)
		}
		if got := drawn(t, db, 0); got != before {
			t.Errorf("on day %d pruning has changed what is drawn from %v to %v", step.day, before, got)
		}
		if step.day == 1 {
			if got := query(t, db, `SELECT lookups + late FROM lookup_accounts`); got[0] != "0" {
				t.Error("yesterday's lookups are still kept")
			}
		}
	}
}

// Neither the account nor the entry is in the file, and rows of two accounts, or
// of two spans, have nothing in common.
func TestMarksNameNobody(t *testing.T) {
	db, clock := openTest(t)
	const a, b = rollcall.UserID(7310000011), rollcall.UserID(7310000022)
	for _, at := range []time.Time{midnight, midnight.Add(week * aDay)} {
		clock.set(at)
		for _, user := range []rollcall.UserID{a, b} {
			setLanguage(t, db, user, rollcall.English)
			lookUp(t, db, user)
			show(t, db, user, false, 11)
		}
	}
	seen := map[string]bool{}
	for _, tag := range query(t, db, `SELECT hex(asker_tag) FROM lookup_accounts UNION ALL SELECT hex(mark) FROM lookup_marks
		UNION ALL SELECT hex(mark) FROM roster_marks UNION ALL SELECT hex(tag) FROM peers`) {
		if seen[tag] {
			t.Error("two rows can be joined by their tag")
		}
		seen[tag] = true
	}
	if len(seen) != 4+4+2+2 {
		t.Errorf("%d tags, want 12", len(seen))
	}
	content := files(t, db.Path())
	for _, id := range []rollcall.UserID{a, b} {
		if bytes.Contains(content, fmt.Append(nil, int64(id))) {
			t.Error("an account's id is in the file")
		}
	}
}

func TestRosterSizeCountsWhoMayBeShown(t *testing.T) {
	db, clock := openTest(t)
	size := func(want int, why string) {
		t.Helper()
		if got, err := db.RosterSize(t.Context()); got != want || err != nil {
			t.Errorf("%s: got %d, %v; want %d", why, got, err, want)
		}
	}
	size(0, "an empty roster")
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990),
		with(row("C", "Прикладенко Лев", 1991), func(r *rollcall.RosterRow) { r.Expires = rollcall.DateOf(noon) }))
	size(3, "after an import")
	importRows(t, db, false, row("D", "Уявна Ганна", 1992))
	size(3, "at once after another")
	clock.set(noon.Add(recountAfter))
	size(4, "ten minutes later")
	execute(t, db, `UPDATE people SET withheld = 'hidden' WHERE public_id = 'A'`)
	size(4, "without another version")
	clock.set(noon.Add(aDay))
	size(2, "on the next day, one hidden and one expired")
}

// BenchmarkUsage is what a lookup asks before it searches, in a busy week.
func BenchmarkUsage(b *testing.B) {
	db, _ := openTest(b)
	for user := range rollcall.UserID(1000) {
		update(b, db, func(tx *Tx) error {
			var people []rollcall.PersonID
			for i := range rollcall.PersonID(40) {
				people = append(people, i+40*rollcall.PersonID(user))
			}
			return tx.CountShown(user, people)
		})
	}
	for b.Loop() {
		if _, err := db.Usage(b.Context(), 7); err != nil {
			b.Fatal(err)
		}
	}
}
