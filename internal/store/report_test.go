package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// report is [Tx.Report] of an entry by its public id, with a limit of two a day.
func report(t testing.TB, db *DB, user rollcall.UserID, publicID, text string) (hidden bool, err error) {
	t.Helper()
	id := idOf(t, db, publicID)
	err = db.Update(t.Context(), func(tx *Tx) (err error) { hidden, err = tx.Report(user, id, text, 2); return err })
	return hidden, err
}

func mustReport(t testing.TB, db *DB, user rollcall.UserID, publicID, text string) (hidden bool) {
	t.Helper()
	hidden, err := report(t, db, user, publicID, text)
	if err != nil {
		t.Fatal(err)
	}
	return hidden
}

// queued are the public ids of those that wait, in their order.
func queued(t testing.TB, db *DB) []string {
	t.Helper()
	list, err := db.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, id := range list {
		q, err := db.QueuedEntry(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, q.PublicID)
	}
	return out
}

func TestASecondAccountWithinADayHides(t *testing.T) {
	for name, c := range map[string]struct {
		second rollcall.UserID
		after  time.Duration
		want   bool
	}{
		"another account":                   {6, time.Hour, true},
		"another account just within a day": {6, 24*time.Hour - time.Second, true},
		"another account a day later":       {6, 24 * time.Hour, false},
		"the same account":                  {5, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := openTest(t)
			importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
			if mustReport(t, db, 5, "A", "first") || withheld(t, db, "A") != "" {
				t.Error("one account alone has hidden an entry")
			}
			clock.set(noon.Add(c.after))
			if got := mustReport(t, db, c.second, "A", "second"); got != c.want {
				t.Errorf("hidden = %t, want %t", got, c.want)
			}
			want := map[bool]string{true: "review"}[c.want]
			if got := withheld(t, db, "A"); got != want {
				t.Errorf("the entry is withheld as %q, want %q", got, want)
			}
			if got := ids(find(t, db, "Зразкова Олена")); (len(got) == 0) != c.want {
				t.Errorf("found are %q", got)
			}
			if diff := cmp.Diff(queued(t, db), []string{"A"}); diff != "" {
				t.Errorf("the queue (-got +want):\n%s", diff)
			}
		})
	}
}

func TestAnsweredReportersHideNothingUntilTheEntryChanges(t *testing.T) {
	olena := row("A", "Зразкова Олена", 1980)
	right := func(t *testing.T, db *DB) {
		update(t, db, func(tx *Tx) error { _, err := tx.FindRight(idOf(t, db, "A"), keeper("editor")); return err })
	}
	for name, c := range map[string]struct {
		answer func(t *testing.T, db *DB) // right where nil
		since  func(t *testing.T, db *DB)
		others bool // two other accounts report
		erase  bool
		want   bool
	}{
		"the same two accounts":               {},
		"the same two, after it was shown":    {answer: func(t *testing.T, db *DB) { showAgain(t, db, "A", keeper("editor")) }},
		"the same two, a file brings nothing": {since: func(t *testing.T, db *DB) { importRows(t, db, false, olena) }},
		"the same two, a claim on another entry": {since: func(t *testing.T, db *DB) {
			importRows(t, db, false, row("B", "Вигаденко Іван", 1990))
		}},
		"the same two, a new claim is staged": {since: func(t *testing.T, db *DB) {
			add(t, begin(t, db, false), with(olena, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
		}},
		"the same two, found right twice": {answer: func(t *testing.T, db *DB) {
			right(t, db)
			mustReport(t, db, 5, "A", "again")
			right(t, db)
		}},
		"two other accounts":               {others: true, want: true},
		"the same two, one of them erased": {erase: true},
		"the same two, a new claim by a file": {since: func(t *testing.T, db *DB) {
			importRows(t, db, false, with(olena, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
		}, want: true},
		"the same two, another name by a file": {since: func(t *testing.T, db *DB) {
			importRows(t, db, false, row("A", "Зразкова Олена Петрівна", 1980))
		}, want: true},
		"the same two, a new claim by a keeper": {since: func(t *testing.T, db *DB) {
			update(t, db, func(tx *Tx) error {
				claim := olena.Claim
				claim.Source = "Sample Office"
				_, _, err := tx.AddClaim(idOf(t, db, "A"), claim, keeper("editor"))
				return err
			})
		}, want: true},
		"the same two, another year by a keeper": {since: func(t *testing.T, db *DB) {
			update(t, db, func(tx *Tx) error {
				_, err := tx.Correct(idOf(t, db, "A"), olena.FullName, 1981, keeper("editor"))
				return err
			})
		}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, olena)
			mustReport(t, db, 5, "A", "first")
			if !mustReport(t, db, 6, "A", "second") {
				t.Fatal("two accounts hide nothing")
			}
			if c.answer == nil {
				c.answer = right
			}
			c.answer(t, db)
			if c.since != nil {
				c.since(t, db)
			}
			if c.erase {
				update(t, db, func(tx *Tx) error { return tx.EraseReports(5) })
			}
			one, two := rollcall.UserID(5), rollcall.UserID(6)
			if c.others {
				one, two = 7, 8
			}
			mustReport(t, db, one, "A", "third")
			if got := mustReport(t, db, two, "A", "fourth"); got != c.want {
				t.Errorf("hidden = %t, want %t", got, c.want)
			}
			if diff := cmp.Diff(queued(t, db), []string{"A"}); diff != "" {
				t.Errorf("the queue (-got +want):\n%s", diff)
			}
			if c.want || c.erase {
				return
			}
			if mustReport(t, db, 7, "A", "a third account") {
				t.Error("one account that was not answered has hidden it")
			}
			if !mustReport(t, db, 8, "A", "a fourth account") {
				t.Error("two accounts that were not answered do not hide it")
			}
		})
	}
}

func TestAnswersAgeOutAndAreErased(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	mustReport(t, db, 5, "A", "first")
	mustReport(t, db, 6, "A", "second")
	update(t, db, func(tx *Tx) error { _, err := tx.FindRight(idOf(t, db, "A"), keeper("editor")); return err })
	left := func() string { return query(t, db, `SELECT count(*) FROM answered_reports`)[0] }
	answered := func(user rollcall.UserID, want int) {
		t.Helper()
		if n, err := db.AnsweredReports(t.Context(), user); n != want || err != nil {
			t.Errorf("of account %d are kept %d answers (%v), want %d", user, n, err, want)
		}
	}
	answered(5, 1)
	update(t, db, func(tx *Tx) error { return tx.EraseReports(5) })
	answered(5, 0)
	answered(6, 1)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{365 * 24 * time.Hour, "1"}, {365*24*time.Hour + time.Second, "0"}} {
		clock.set(noon.Add(c.after))
		if err := db.PruneReports(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := left(); got != c.want {
			t.Errorf("after %s %s are left, want %s", c.after, got, c.want)
		}
	}
}

func TestReportsHaveTheirLimits(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990), row("C", "Уявна Ганна", 1991),
		with(row("X", "Минулець Петро", 1970), func(r *rollcall.RosterRow) { r.Expires = day(6, 14) }))
	for what, text := range map[string]string{"an empty text": "", "a text that is too long": strings.Repeat("ї", rollcall.MaxReport+1)} {
		if _, err := report(t, db, 5, "A", text); !errors.Is(err, ErrLongText) {
			t.Errorf("%s: got %v, want ErrLongText", what, err)
		}
	}
	for _, id := range []string{"X"} {
		_, err := report(t, db, 5, id, "text")
		wantCode(t, err, rollcall.NotFound)
	}
	mustReport(t, db, 5, "A", strings.Repeat("ї", rollcall.MaxReport))
	mustReport(t, db, 5, "B", "text")
	if _, err := report(t, db, 5, "C", "text"); !errors.Is(err, ErrTooManyReports) {
		t.Errorf("the third entry in a day: got %v, want ErrTooManyReports", err)
	}
	mustReport(t, db, 5, "A", "the same entry, in other words")
	mustReport(t, db, 6, "C", "another account")
	clock.set(noon.Add(24 * time.Hour))
	mustReport(t, db, 5, "C", "a day later")
	if got := query(t, db, `SELECT p.public_id, r.text FROM reports r JOIN people p ON p.id = r.person_id ORDER BY 1, 2`); !cmp.Equal(got,
		[]string{"A|the same entry, in other words", "B|text", "C|a day later", "C|another account"}) {
		t.Errorf("kept are %q", got)
	}
}

// What a keeper decides settles the reports.
func TestKeepersSettleReports(t *testing.T) {
	for name, c := range map[string]struct {
		settle func(*Tx, rollcall.PersonID) error
		want   string
	}{
		"right": {func(tx *Tx, id rollcall.PersonID) error { _, err := tx.FindRight(id, keeper("editor")); return err }, ""},
		"hide":  {func(tx *Tx, id rollcall.PersonID) error { _, err := tx.Hide("A", "", keeper("editor")); return err }, "hidden"},
		"show":  {func(tx *Tx, id rollcall.PersonID) error { _, err := tx.Show("A", "", keeper("editor")); return err }, ""},
		"take down": {func(tx *Tx, id rollcall.PersonID) error {
			_, err := tx.TakeDown("A", "why", keeper("editor"))
			return err
		}, "takedown"},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
			mustReport(t, db, 5, "A", "first")
			mustReport(t, db, 6, "A", "second")
			mustReport(t, db, 5, "B", "another entry")
			update(t, db, func(tx *Tx) error { return c.settle(tx, idOf(t, db, "A")) })
			if got := withheld(t, db, "A"); got != c.want {
				t.Errorf("it is withheld as %q, want %q", got, c.want)
			}
			if got := query(t, db, `SELECT text FROM reports`); !cmp.Equal(got, []string{"another entry"}) {
				t.Errorf("kept are %q, want those of the other entry", got)
			}
			if got := query(t, db, `SELECT role, object FROM audit ORDER BY id DESC LIMIT 1`); got[0] != "editor|A" {
				t.Errorf("the audit ends with %q", got)
			}
		})
	}
}

func TestTheQueueIsInOrderAndHoldsWhatThereIsToJudgeBy(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990), row("C", "Уявна Ганна", 1991),
		row("D", "Прикладенко Лев", 1960))
	takeDown(t, db, "D")
	importRows(t, db, false, row("E", "Прикладенко Лев", 1960))
	staged := begin(t, db, false)
	add(t, staged, row("F", "Прикладенко Лев", 1960))
	mustReport(t, db, 5, "C", "one")
	clock.set(noon.Add(time.Hour))
	mustReport(t, db, 6, "B", "two")
	clock.set(noon.Add(2 * time.Hour))
	mustReport(t, db, 5, "B", "three")
	if diff := cmp.Diff(queued(t, db), []string{"C", "B", "E"}); diff != "" {
		t.Errorf("the queue (-got +want):\n%s", diff)
	}
	q, err := db.QueuedEntry(t.Context(), idOf(t, db, "B"))
	if err != nil {
		t.Fatal(err)
	}
	if q.Withheld != rollcall.InReview || q.Shown || len(q.Claims) != 1 ||
		!cmp.Equal(q.Reports, []Report{{"two", noon.Add(time.Hour)}, {"three", noon.Add(2 * time.Hour)}}) {
		t.Errorf("there is to judge by %+v", q)
	}
	discard(t, staged)

	for _, c := range []struct {
		id  string
		err error
	}{{"B", nil}, {"E", nil}, {"B", ErrAlready}, {"A", ErrAlready}, {"D", ErrAlready}} {
		err := db.Update(t.Context(), func(tx *Tx) error { _, err := tx.FindRight(idOf(t, db, c.id), keeper("editor")); return err })
		if !errors.Is(err, c.err) {
			t.Errorf("%s is found right: got %v, want %v", c.id, err, c.err)
		}
	}
	if diff := cmp.Diff(queued(t, db), []string{"C"}); diff != "" {
		t.Errorf("the queue in the end (-got +want):\n%s", diff)
	}
	if got := withheld(t, db, "D"); got != "takedown" {
		t.Errorf("finding it right has lifted a take-down to %q", got)
	}
	if err := db.Update(t.Context(), func(tx *Tx) error { _, err := tx.FindRight(999, Shell); return err }); !errors.Is(err, ErrNoEntry) {
		t.Errorf("nobody is found right: got %v, want ErrNoEntry", err)
	}
}

func TestReportsAgeOutAndAreErased(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	mustReport(t, db, 5, "A", "first")
	clock.set(noon.Add(time.Second))
	mustReport(t, db, 6, "A", "second")
	mustReport(t, db, 6, "B", "third")
	prune := func() []string {
		t.Helper()
		if err := db.PruneReports(t.Context()); err != nil {
			t.Fatal(err)
		}
		return query(t, db, `SELECT text FROM reports ORDER BY text`)
	}
	clock.set(noon.Add(30 * 24 * time.Hour))
	if got := prune(); len(got) != 3 {
		t.Errorf("at thirty days are left %q, want all", got)
	}
	clock.set(noon.Add(30*24*time.Hour + time.Second))
	if got := prune(); !cmp.Equal(got, []string{"second", "third"}) {
		t.Errorf("a second later are left %q", got)
	}
	if n, err := db.Reports(t.Context(), 6); n != 2 || err != nil {
		t.Errorf("of the account %d are kept (%v), want 2", n, err)
	}
	update(t, db, func(tx *Tx) error { return tx.EraseReports(6) })
	if n, err := db.Reports(t.Context(), 6); n != 0 || err != nil || len(prune()) != 0 {
		t.Errorf("of the account %d are kept after erasure (%v)", n, err)
	}
	if diff := cmp.Diff(queued(t, db), []string{"A"}); diff != "" {
		t.Errorf("an entry in review without reports still waits (-got +want):\n%s", diff)
	}
}

// The file alone does not tell who has reported what, or that it was a watcher.
func TestReportersAreNotPeers(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	watch(t, db, 5, idOf(t, db, "A"))
	mustReport(t, db, 5, "A", "text")
	if got := query(t, db, `SELECT count(*) FROM reports r JOIN peers p ON p.tag = r.reporter_tag`); got[0] != "0" {
		t.Error("a report is joined to a peer")
	}
	mustReport(t, db, 6, "A", "text")
	if got := query(t, db, `SELECT count(*) FROM peers`); got[0] != "1" {
		t.Error("a report has made a peer")
	}
}
