package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// keeper is an actor of the tests.
func keeper(role string) Actor { return Actor{Role: role, Tag: &secret.Tag{1, 2, 3}} }

func takeDown(t testing.TB, db *DB, publicID string) (down Takedown) {
	t.Helper()
	update(t, db, func(tx *Tx) (err error) { down, err = tx.TakeDown(publicID, "asked for", keeper("editor")); return err })
	return down
}

func showAgain(t testing.TB, db *DB, publicID string, by Actor) (e KeptEntry) {
	t.Helper()
	update(t, db, func(tx *Tx) (err error) { e, err = tx.Show(publicID, "", by); return err })
	return e
}

// withheld is what an entry is kept back for.
func withheld(t testing.TB, db *DB, publicID string) string {
	t.Helper()
	return query(t, db, `SELECT coalesce(withheld, '') FROM people WHERE public_id = ?`, publicID)[0]
}

func TestATakedownIsGoneFromEveryAnswer(t *testing.T) {
	db, _ := openTest(t)
	kept, gone := row("A", "Зразкова Олена Петрівна", 1980), row("B", "Вигаденко Іван Петрович", 1990)
	importRows(t, db, false, kept)
	without := look(t, db, "Зразкова", "Вигаденко")
	importRows(t, db, false, gone)
	with := look(t, db, "Зразкова", "Вигаденко")
	takeDown(t, db, "B")

	got := look(t, db, "Зразкова", "Вигаденко")
	// What is counted of the database itself is not told to the public.
	got.Stats, without.Stats = Stats{}, Stats{}
	if diff := cmp.Diff(got, without); diff != "" {
		t.Errorf("what readers see, against a roster without the entry (-got +want):\n%s", diff)
	}
	wantCode(t, db.Update(t.Context(), func(tx *Tx) error { return tx.Watch(5, idOf(t, db, "B"), rollcall.English, 9) }), rollcall.NotFound)

	if e := showAgain(t, db, "B", keeper("owner")); !e.Shown || e.Withheld != "" {
		t.Errorf("lifted by an owner it is %+v", e)
	}
	if diff := cmp.Diff(look(t, db, "Зразкова", "Вигаденко"), with); diff != "" {
		t.Errorf("what readers see after it is lifted (-got +want):\n%s", diff)
	}
}

func TestATakedownEndsWatchesAndWhatIsOwed(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	a, b := personID(t, db, "A"), personID(t, db, "B")
	for _, user := range []rollcall.UserID{5, 6} {
		watch(t, db, user, a)
		watch(t, db, user, b)
	}
	clock.set(clock.Now().Add(1e9))
	news := func(source string) {
		t.Helper()
		change := func(r *rollcall.RosterRow) { r.Source = source }
		importRows(t, db, false, with(row("A", "Зразкова Олена", 1980), change), with(row("B", "Вигаденко Іван", 1990), change))
		n, err := db.News(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		update(t, db, func(tx *Tx) error {
			_, err := tx.TellWatchers(n, func(w Watcher) (posts []Post) {
				for _, id := range w.People {
					posts = append(posts, Post{HTML: "news", Buttons: "[]", Person: id})
				}
				return posts
			})
			return err
		})
	}
	owed := func() []string { return query(t, db, `SELECT person_id, count(*) FROM posts GROUP BY 1 ORDER BY 1`) }
	news("First Bureau")
	if diff := cmp.Diff(owed(), []string{"1|2", "2|2"}); diff != "" {
		t.Fatalf("owed before (-got +want):\n%s", diff)
	}
	if down := takeDown(t, db, "A"); down.Watches != 2 || down.Shown {
		t.Errorf("the take-down says %+v, want two watches ended", down)
	}
	if diff := cmp.Diff(owed(), []string{"2|2"}); diff != "" {
		t.Errorf("owed after the take-down (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(query(t, db, `SELECT person_id, count(*) FROM watches GROUP BY 1`), []string{"2|2"}); diff != "" {
		t.Errorf("watches (-got +want):\n%s", diff)
	}

	// What is hidden for now keeps its watches, and is not told of meanwhile.
	update(t, db, func(tx *Tx) error { _, err := tx.Hide("B", "", keeper("editor")); return err })
	if diff := cmp.Diff(owed(), []string{}); diff != "" {
		t.Errorf("owed after hiding (-got +want):\n%s", diff)
	}
	news("Second Bureau")
	if diff := cmp.Diff(owed(), []string{}); diff != "" {
		t.Errorf("owed of what is hidden (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(query(t, db, `SELECT count(*) FROM watches`), []string{"2"}); diff != "" {
		t.Errorf("watches of what is hidden (-got +want):\n%s", diff)
	}
}

// An entry may be hidden between the look at the news and the telling.
func TestNewsOfWhatIsHiddenMeanwhileAreNotTold(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	watch(t, db, 5, personID(t, db, "A"))
	clock.set(clock.Now().Add(1e9))
	importRows(t, db, false, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.Source = "First Bureau" }))
	n, err := db.News(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
	update(t, db, func(tx *Tx) error {
		messages, err := tx.TellWatchers(n, func(Watcher) []Post { return []Post{{HTML: "news", Buttons: "[]"}} })
		if messages != 0 {
			t.Errorf("%d messages are owed, want none", messages)
		}
		return err
	})
}

func TestWhoMayKeepAnEntryBack(t *testing.T) {
	editor, owner := keeper("editor"), keeper("owner")
	type act func(*Tx) (KeptEntry, error)
	down := func(reason string, by Actor) act {
		return func(tx *Tx) (KeptEntry, error) { d, err := tx.TakeDown("A", reason, by); return d.KeptEntry, err }
	}
	hide := func(by Actor) act { return func(tx *Tx) (KeptEntry, error) { return tx.Hide("A", "why", by) } }
	lift := func(by Actor) act { return func(tx *Tx) (KeptEntry, error) { return tx.Show("A", "", by) } }
	long := strings.Repeat("ї", rollcall.MaxReason+1)
	for name, c := range map[string]struct {
		before rollcall.Withholding
		do     act
		want   rollcall.Withholding
		err    error
	}{
		"hide":                               {"", hide(editor), rollcall.Hidden, nil},
		"hide what is in review":             {rollcall.InReview, hide(editor), rollcall.Hidden, nil},
		"hide twice":                         {rollcall.Hidden, hide(editor), rollcall.Hidden, ErrAlready},
		"hiding does not weaken a take-down": {rollcall.TakenDown, hide(owner), rollcall.TakenDown, ErrAlready},
		"show":                               {rollcall.Hidden, lift(editor), "", nil},
		"show what is in review":             {rollcall.InReview, lift(editor), "", nil},
		"show what is shown":                 {"", lift(owner), "", ErrAlready},
		"an editor lifts no take-down":       {rollcall.TakenDown, lift(editor), rollcall.TakenDown, ErrTakenDown},
		"an owner does":                      {rollcall.TakenDown, lift(owner), "", nil},
		"the shell does":                     {rollcall.TakenDown, lift(Shell), "", nil},
		"take down":                          {"", down("asked for", editor), rollcall.TakenDown, nil},
		"take down what is hidden":           {rollcall.Hidden, down("asked for", editor), rollcall.TakenDown, nil},
		"take down twice":                    {rollcall.TakenDown, down("asked for", owner), rollcall.TakenDown, ErrAlready},
		"a take-down without a reason":       {"", down("", owner), "", ErrNoReason},
		"a reason that is too long":          {"", down(long, owner), "", ErrLongText},
		"a reason that just fits":            {"", down(long[len("ї"):], owner), rollcall.TakenDown, nil},
		"no such entry":                      {"", func(tx *Tx) (KeptEntry, error) { return tx.Hide("B", "", editor) }, "", ErrNoEntry},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, row("A", "Зразкова Олена", 1980))
			execute(t, db, `UPDATE people SET withheld = nullif(?, '')`, string(c.before))
			audited := query(t, db, `SELECT count(*) FROM audit`)
			var e KeptEntry
			err := db.Update(t.Context(), func(tx *Tx) (err error) { e, err = c.do(tx); return err })
			if !errors.Is(err, c.err) {
				t.Errorf("got the error %v, want %v", err, c.err)
			}
			if err == nil && (e.PublicID != "A" || e.Withheld != c.want || e.Shown != (c.want == "")) {
				t.Errorf("it tells of %+v", e)
			}
			if got := withheld(t, db, "A"); got != string(c.want) {
				t.Errorf("the entry is withheld as %q, want %q", got, c.want)
			}
			if got := query(t, db, `SELECT count(*) FROM audit`); cmp.Equal(got, audited) != (err != nil) {
				t.Errorf("the audit holds %v rows, before %v, with the error %v", got, audited, err)
			}
		})
	}
}

// An entry that is shown again may have nothing to be shown.
func TestShownAgainWithoutALiveClaim(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, with(row("A", "Зразкова Олена", 1980), func(r *rollcall.RosterRow) { r.Expires = day(6, 14) }))
	update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
	if e := showAgain(t, db, "A", Shell); e.Shown || e.Withheld != "" {
		t.Errorf("got %+v, want an entry that nothing withholds and that is not shown", e)
	}
}

// A re-import of an entry that was taken down, also under another id, in the other
// script, with its parts in another order, with less and with more known.
func TestAReimportIsHeld(t *testing.T) {
	original := with(row("A", "Вигаденко Іван Петрович", 1990), func(r *rollcall.RosterRow) { r.AltNames = []string{"Vyhadenko John", "Іван"} })
	unknown := with(original, func(r *rollcall.RosterRow) { r.BirthYear = 0 })
	for name, c := range map[string]struct {
		original, again rollcall.RosterRow
		held            bool
	}{
		"under another id":            {original, row("B", "Вигаденко Іван Петрович", 1990), true},
		"without an id":               {original, row("", "Вигаденко Іван", 1990), false}, // fewer parts: another name
		"in the other script":         {original, row("B", "Vyhadenko Ivan Petrovych", 1990), true},
		"in another order":            {original, row("B", "Іван Петрович Вигаденко", 1990), true},
		"in capitals":                 {original, row("B", "ВИГАДЕНКО ІВАН ПЕТРОВИЧ", 1990), true},
		"without the year":            {original, row("B", "Вигаденко Іван Петрович", 0), true},
		"by another name":             {original, row("B", "Вигаденко Джон", 1990), false},
		"by the other name":           {original, row("B", "John Vyhadenko", 1990), true},
		"as the other name of a row":  {original, with(row("B", "Зразків Іван", 1990), func(r *rollcall.RosterRow) { r.AltNames = []string{"Vyhadenko John"} }), true},
		"by the given name alone":     {original, row("B", "Іван", 1990), false},
		"of another year":             {original, row("B", "Вигаденко Іван Петрович", 1991), false},
		"of another person":           {original, row("B", "Зразків Іван Петрович", 1990), false},
		"with a year, without before": {unknown, row("B", "Вигаденко Іван Петрович", 1990), true},
		"without a year in either":    {unknown, row("B", "Вигаденко Іван Петрович", 0), true},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			importRows(t, db, false, c.original)
			takeDown(t, db, "A")
			results := []RowResult{}
			b := begin(t, db, false)
			results = append(results, add(t, b, c.again, row("C", "Уявна Ганна", 1970))...)
			s := publish(t, b)
			want := BatchSummary{People: 2, Claims: 2}
			if c.held {
				want.Held = 1
			}
			s.Lookalikes = 0
			if s != want || results[0].Held != c.held || results[1].Held {
				t.Errorf("the import says %+v and %+v, want %+v", s, results, want)
			}
			var shown []string
			for _, r := range export(t, db) {
				shown = append(shown, r.FullName)
			}
			if got := len(shown) == 1; got != c.held {
				t.Errorf("shown are %q, want the entry held: %v", shown, c.held)
			}
		})
	}
}

func TestTheSameFileAgainStaysDown(t *testing.T) {
	db, _ := openTest(t)
	file := []rollcall.RosterRow{row("A", "Вигаденко Іван Петрович", 1990), row("C", "Уявна Ганна", 1970)}
	importRows(t, db, false, file...)
	takeDown(t, db, "A")
	noID := with(file[0], func(r *rollcall.RosterRow) { r.PublicID, r.Source = "", "Sample Office" })
	for range 2 {
		if s, want := importRows(t, db, false, append(file, noID)...), (BatchSummary{Renewed: 2, Claims: 1, TakenDown: 1}); s != want {
			want.Renewed, want.Claims = 3, 0 // the second time
			if s != want {
				t.Errorf("the import says %+v, want %+v", s, want)
			}
		}
		if got := withheld(t, db, "A"); got != "takedown" {
			t.Errorf("the entry is withheld as %q", got)
		}
	}
	if got := export(t, db); len(got) != 1 || got[0].PublicID != "C" {
		t.Errorf("shown are %v, want C alone", got)
	}
	if got := query(t, db, `SELECT count(*) FROM people`); got[0] != "2" {
		t.Errorf("there are %s entries, want 2", got[0])
	}
}

// An entry that a file gives the name of one that was taken down is held when the
// file is published, and not before.
func TestARenamedEntryIsHeldAtPublication(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Вигаденко Іван Петрович", 1990), row("B", "Вигаденко Іван", 1990))
	takeDown(t, db, "A")
	for _, published := range []bool{false, true} {
		b := begin(t, db, false)
		res := add(t, b, row("B", "Вигаденко Іван Петрович", 1990), with(row("B", "Вигаденко Іван Петрович", 1990), func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
		if !res[0].Held || res[1].Held || b.Summary().Held != 1 {
			t.Errorf("the rows are %+v, want the first one held", res)
		}
		if got := withheld(t, db, "B"); got != "" {
			t.Errorf("a staged change withholds the entry as %q", got)
		}
		if !published {
			discard(t, b)
			continue
		}
		publish(t, b)
		if got := withheld(t, db, "B"); got != "review" {
			t.Errorf("after publication it is withheld as %q", got)
		}
	}
	// A keeper has looked at it: the same file does not hold it again.
	showAgain(t, db, "B", keeper("editor"))
	if s := importRows(t, db, false, row("B", "Вигаденко Іван Петрович", 1990)); s.Held != 0 || withheld(t, db, "B") != "" {
		t.Errorf("the same file again says %+v, and withholds it as %q", s, withheld(t, db, "B"))
	}
}

// Whoever bears the name and year already goes into review with the take-down,
// staged entries included.
func TestNamesakesGoIntoReview(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Вигаденко Іван Петрович", 1990), row("B", "Vyhadenko Ivan Petrovych", 1990),
		row("C", "Вигаденко Іван Петрович", 1991), row("D", "Вигаденко Іван Петрович", 0), row("E", "Зразкова Олена", 1990))
	b := begin(t, db, false)
	add(t, b, row("S", "Вигаденко Іван Петрович", 1990), row("E", "Вигаденко Іван Петрович", 1990))
	if down := takeDown(t, db, "A"); down.Namesakes != 4 {
		t.Errorf("%d namesakes, want B, D, and S and E of the file that is staged", down.Namesakes)
	}
	add(t, b, row("T", "Вигаденко Іван Петрович", 1990))
	publish(t, b)
	want := []string{"A|takedown", "B|review", "C|", "D|review", "E|review", "S|review", "T|review"}
	if diff := cmp.Diff(query(t, db, `SELECT public_id, coalesce(withheld, '') FROM people ORDER BY 1`), want); diff != "" {
		t.Errorf("entries (-got +want):\n%s", diff)
	}
}

func TestLiftingATakedownLiftsItsMarksAlone(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Вигаденко Іван Петрович", 1990))
	takeDown(t, db, "A")
	importRows(t, db, false, row("B", "Вигаденко Іван Петрович", 1990))
	takeDown(t, db, "B")
	showAgain(t, db, "A", keeper("owner"))
	if s := importRows(t, db, false, row("C", "Вигаденко Іван Петрович", 1990)); s.Held != 1 {
		t.Errorf("with B down the import says %+v, want C held", s)
	}
	showAgain(t, db, "B", keeper("owner"))
	if s := importRows(t, db, false, row("D", "Вигаденко Іван Петрович", 1990)); s.Held != 0 {
		t.Errorf("with none down the import says %+v, want none held", s)
	}
	if got := query(t, db, `SELECT count(*) FROM suppressions`); got[0] != "0" {
		t.Errorf("%s marks are left", got[0])
	}
}

// Without the secret file no mark can be compared, and an import is refused rather
// than bring somebody back.
func TestAnImportNeedsTheSecretOnceSomebodyIsTakenDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	keyless := openAt(t, path, Options{Now: clockAt(noon).Now})
	importRows(t, keyless, false, row("A", "Вигаденко Іван", 1990))
	wantErr := keyless.Update(t.Context(), func(tx *Tx) error { _, err := tx.TakeDown("A", "asked for", Shell); return err })
	if !errors.Is(wantErr, ErrNoSecret) {
		t.Errorf("a take-down without keys: got %v, want ErrNoSecret", wantErr)
	}
	if got := withheld(t, keyless, "A"); got != "" {
		t.Errorf("it withholds as %q", got)
	}
	takeDown(t, openAt(t, path, Options{Now: clockAt(noon).Now, Keys: testKeys(t, 1)}), "A")
	b := begin(t, keyless, false)
	if _, err := b.Add(context.Background(), []rollcall.RosterRow{row("B", "Вигаденко Іван", 1990)}); !errors.Is(err, ErrNoSecret) {
		t.Errorf("an import without keys: got %v, want ErrNoSecret", err)
	}
	discard(t, b)
}

// The file alone does not tell who was taken down: without the key no name can be
// tried against the marks.
func TestMarksAreKeyed(t *testing.T) {
	p := rollcall.Person{FullName: "Вигаденко Іван", BirthYear: 1990}
	a, b := takedownMarks(testKeys(t, 1), p), takedownMarks(testKeys(t, 2), p)
	for i := range a {
		if a[i] == b[i] {
			t.Error("a mark is the same under another key")
		}
	}
	if len(a) != 2 || a[0] == a[1] {
		t.Errorf("there are the marks %v, want one with the year and one without", a)
	}
}

// A take-down compares the names of whom the index has under the same keys, while
// others wait for its transaction. With each goes its lifting.
func BenchmarkTakeDown(b *testing.B) {
	db, _ := openTest(b)
	importRows(b, db, false, row("known", "Зразкова Олена Петрівна", 1980), row("unknown", "Вигаденко Іван Петрович", 0))
	const others = 20_000
	batch := begin(b, db, false)
	chunk := make([]rollcall.RosterRow, 0, ChunkRows)
	for i := range others {
		r := row(fmt.Sprint("P", i), fmt.Sprintf("Прикладенко%c%c Марія Зразківна", 'а'+rune(i%30), 'а'+rune(i/30%30)), 1940+i%60)
		if i%1000 == 0 {
			r.FullName = "Вигаденко Іван Семенович"
		}
		if chunk = append(chunk, r); len(chunk) == ChunkRows {
			add(b, batch, chunk...)
			chunk = chunk[:0]
		}
	}
	publish(b, batch)
	for _, id := range []string{"known", "unknown"} {
		b.Run(id+" year", func(b *testing.B) {
			for b.Loop() {
				takeDown(b, db, id)
				showAgain(b, db, id, Shell)
			}
		})
	}
}
