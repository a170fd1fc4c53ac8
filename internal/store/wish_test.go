package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// newWish is the wish of somebody who has just asked for the name.
func newWish(t testing.TB, db *DB, name string, year int) NewWish {
	t.Helper()
	w := NewWish{Language: rollcall.English, Max: maxWatches, PerDay: 10}
	for _, text := range names.Asked(names.Parts(name), year, year) {
		w.Marks = append(w.Marks, db.keys.WishMark(text))
	}
	if len(w.Marks) == 0 {
		t.Fatalf("%s is too little to be asked for", name)
	}
	var err error
	if w.Version, err = db.RosterVersion(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func wish(t testing.TB, db *DB, user rollcall.UserID, name string, year int) {
	t.Helper()
	w := newWish(t, db, name, year)
	update(t, db, func(tx *Tx) error { return tx.Wish(user, w) })
}

// granted tells of the news, and returns which entries met the wishes of whom.
func granted(t testing.TB, db *DB) map[rollcall.UserID][][]rollcall.PersonID {
	t.Helper()
	n, err := db.News(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[rollcall.UserID][][]rollcall.PersonID{}
	update(t, db, func(tx *Tx) error {
		_, err := tx.TellWatchers(n, func(w Watcher) (posts []Post) {
			for _, m := range w.Wishes {
				got[w.User] = append(got[w.User], m.People)
				posts = append(posts, Post{HTML: "news in " + string(w.Language), Buttons: "[]", Protect: true})
			}
			return posts
		})
		return err
	})
	return got
}

func TestWhatMeetsAWish(t *testing.T) {
	other := row("B", "Вигаденко Іван", 1990)
	olena := row("A", "Зразкова Олена Петрівна", 1980)
	expired := with(olena, func(r *rollcall.RosterRow) { r.Expires = day(6, 1) })
	for _, c := range []struct {
		name   string
		before func(t *testing.T, db *DB) // the wish
		do     func(t *testing.T, db *DB)
		want   bool
	}{
		{name: "a new entry", do: func(t *testing.T, db *DB) { importRows(t, db, false, olena) }, want: true},
		{name: "a new entry in another spelling", do: func(t *testing.T, db *DB) {
			importRows(t, db, false, row("A", "Zrazkova Elena", 1980))
		}, want: true},
		{name: "another spelling of an entry", before: func(t *testing.T, db *DB) { importRows(t, db, false, row("A", "Зразкоба Олена", 1980)) },
			do: func(t *testing.T, db *DB) {
				importRows(t, db, false, with(row("A", "Зразкоба Олена", 1980), func(r *rollcall.RosterRow) { r.AltNames = []string{"Зразкова Олена"} }))
			}, want: true},
		{name: "another name of an entry, after an attempt to fold it in",
			before: func(t *testing.T, db *DB) { importRows(t, db, false, row("A", "Зразкоба Олена", 1980)) },
			do: func(t *testing.T, db *DB) {
				importRows(t, db, false, olena)
				fold(t, db)
			}, want: true},
		{name: "a claim on an entry that had expired", before: func(t *testing.T, db *DB) { importRows(t, db, false, expired) },
			do: func(t *testing.T, db *DB) {
				importRows(t, db, false, with(olena, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
			}, want: true},
		{name: "a renewal of a claim that had expired, after an attempt to fold it in",
			before: func(t *testing.T, db *DB) { importRows(t, db, false, expired) },
			do: func(t *testing.T, db *DB) {
				importRows(t, db, false, olena)
				fold(t, db)
			}, want: true},
		{name: "back in a full file", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			importRows(t, db, true, other)
		}, do: func(t *testing.T, db *DB) { importRows(t, db, true, other, olena) }, want: true},
		{name: "an edit", before: func(t *testing.T, db *DB) { importRows(t, db, false, expired) }, do: func(t *testing.T, db *DB) {
			id := personID(t, db, "A")
			update(t, db, func(tx *Tx) error {
				edit, err := tx.insert(`INSERT INTO batches (kind, started_at, first_person) VALUES ('edit', 0, 100)`)
				if err != nil {
					return err
				}
				source, err := tx.sourceID("Sample Office")
				if err != nil {
					return err
				}
				if _, err := tx.exec(`INSERT INTO claims (person_id, source_id, status_date, status, source_url, note, expires, batch_id)
					VALUES (?, ?, '2026-05-01', 'missing', '', '', '2030-01-01', ?)`, id, source, edit); err != nil {
					return err
				}
				return tx.publishBatch(edit)
			})
		}, want: true},
		{name: "shown again, who was hidden", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
		}, do: func(t *testing.T, db *DB) { showAgain(t, db, "A", keeper("editor")) }, want: true},
		{name: "a take-down that is lifted", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			takeDown(t, db, "A")
		}, do: func(t *testing.T, db *DB) { showAgain(t, db, "A", keeper("owner")) }, want: true},
		{name: "found right, who was in review", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			mustReport(t, db, 5, "A", "first")
			mustReport(t, db, 6, "A", "second")
		}, do: func(t *testing.T, db *DB) {
			update(t, db, func(tx *Tx) error { _, err := tx.FindRight(personID(t, db, "A"), Shell); return err })
		}, want: true},
		{name: "shown again amid an import that gives another name", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, row("A", "Зразкоба Олена", 1980))
			update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
		}, do: func(t *testing.T, db *DB) {
			b := begin(t, db, false)
			add(t, b, olena)
			showAgain(t, db, "A", Shell)
			if _, err := b.Publish(t.Context(), Shell); err != nil {
				t.Fatal(err)
			}
		}, want: true},

		{name: "shown again, whose claims have expired", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, expired)
			update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
		}, do: func(t *testing.T, db *DB) { showAgain(t, db, "A", Shell) }},
		{name: "another one found right", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			update(t, db, func(tx *Tx) error { _, err := tx.Hide("A", "", Shell); return err })
			mustReport(t, db, 5, "B", "first")
		}, do: func(t *testing.T, db *DB) {
			update(t, db, func(tx *Tx) error { _, err := tx.FindRight(personID(t, db, "B"), Shell); return err })
		}},
		{name: "nothing", do: func(*testing.T, *DB) {}},
		{name: "another name", do: func(t *testing.T, db *DB) { importRows(t, db, false, row("A", "Зразкова Марія", 1980)) }},
		{name: "another birth year", do: func(t *testing.T, db *DB) { importRows(t, db, false, row("A", "Зразкова Олена", 1981)) }},
		{name: "one whose claims have expired", do: func(t *testing.T, db *DB) { importRows(t, db, false, expired) }},
		{name: "a claim on one who is hidden", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			execute(t, db, `UPDATE people SET withheld = 'hidden'`)
		}, do: func(t *testing.T, db *DB) {
			importRows(t, db, false, with(olena, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
		}},
		{name: "a claim on one who is taken down", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			execute(t, db, `UPDATE people SET withheld = 'takedown'`)
		}, do: func(t *testing.T, db *DB) {
			importRows(t, db, false, with(olena, func(r *rollcall.RosterRow) { r.Source = "Sample Office" }))
		}},
		{name: "one who is staged only", do: func(t *testing.T, db *DB) { add(t, begin(t, db, false), olena) }},
		{name: "gone from a full file", before: func(t *testing.T, db *DB) {
			importRows(t, db, false, olena)
			execute(t, db, `UPDATE people SET absent = 0`)
		}, do: func(t *testing.T, db *DB) { importRows(t, db, true, other) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, clock := openTest(t)
			importRows(t, db, false, other)
			if c.before != nil {
				c.before(t, db)
			}
			wish(t, db, 1, "Зразкова Олена", 1980)
			wish(t, db, 2, "Уявна Ганна", 0)
			if got := granted(t, db); len(got) > 0 {
				t.Fatalf("a wish is met by what was there before it: %v", got)
			}
			clock.set(noon.Add(time.Hour))
			c.do(t, db)
			want := map[rollcall.UserID][][]rollcall.PersonID{}
			if c.want {
				want[1] = [][]rollcall.PersonID{{personID(t, db, "A")}}
			}
			if diff := cmp.Diff(granted(t, db), want); diff != "" {
				t.Errorf("told (-got +want):\n%s", diff)
			}
			if got := granted(t, db); len(got) > 0 {
				t.Errorf("told twice: %v", got)
			}
			for user, left := range map[rollcall.UserID]bool{1: !c.want, 2: true} {
				if got, err := db.Wishes(t.Context(), user); (len(got) == 1) != left || err != nil {
					t.Errorf("account %d has the wishes %v (%v), want one: %t", user, got, err, left)
				}
			}
			fold(t, db)
			if got := query(t, db, `SELECT (SELECT count(*) FROM claim_renewals) + (SELECT count(*) FROM person_changes c JOIN batches b ON b.id = c.batch_id
				WHERE published_at IS NOT NULL)`); got[0] != "0" {
				t.Errorf("%s changes are not folded in, though all has been told", got[0])
			}
		})
	}
}

func TestAWishIsToldOfSeveralEntriesAndInTheOrderOfWishes(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Вигаденко Іван", 1990))
	wish(t, db, 1, "Уявна Ганна", 0)
	clock.set(noon.Add(time.Minute))
	wish(t, db, 1, "Зразкова Олена", 0)
	wish(t, db, 2, "Zrazkova Helen", 0)
	importRows(t, db, false, row("B", "Зразкова Олена", 1980), row("C", "Зразкова Олена", 1981), row("D", "Уявна Ганна Львівна", 1992))
	b, c, d := personID(t, db, "B"), personID(t, db, "C"), personID(t, db, "D")
	want := map[rollcall.UserID][][]rollcall.PersonID{1: {{d}, {b, c}}, 2: {{b, c}}}
	if diff := cmp.Diff(granted(t, db), want); diff != "" {
		t.Errorf("told (-got +want):\n%s", diff)
	}
}

func TestAWishIsRefused(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	watch(t, db, 1, personID(t, db, "A"))
	try := func(user rollcall.UserID, w NewWish) error {
		return db.Update(t.Context(), func(tx *Tx) error { return tx.Wish(user, w) })
	}
	wish(t, db, 1, "Уявна Ганна", 0)
	wish(t, db, 1, "Уявна Ганна", 0) // the same
	wish(t, db, 1, "Уявна Марія", 0)
	if err := try(1, newWish(t, db, "Уявна Дарина", 0)); !errors.Is(err, ErrTooManyWatches) {
		t.Errorf("with a watch and two wishes of three: got %v, want ErrTooManyWatches", err)
	}
	if err := try(1, newWish(t, db, "Уявна Марія", 0)); err != nil {
		t.Errorf("a wish that is there already is refused: %v", err)
	}
	importRows(t, db, false, row("B", "Вигаденко Іван", 1990))
	id := personID(t, db, "B")
	if err := db.Update(t.Context(), func(tx *Tx) error { return tx.Watch(1, id, rollcall.English, maxWatches) }); !errors.Is(err, ErrTooManyWatches) {
		t.Errorf("a watch beside them: got %v, want ErrTooManyWatches", err)
	}

	old := newWish(t, db, "Прикладенко Лев", 0)
	importRows(t, db, false, row("C", "Прикладенко Лев", 1991))
	if err := try(2, old); !errors.Is(err, ErrRosterChanged) {
		t.Errorf("after a publication: got %v, want ErrRosterChanged", err)
	}
	if kept(t, db, 2).Known {
		t.Error("a refused wish has made a peer")
	}

	few := func(name string) NewWish {
		w := newWish(t, db, name, 0)
		w.PerDay = 2
		return w
	}
	for _, name := range []string{"Уявна Ганна", "Уявна Марія"} {
		if err := try(3, few(name)); err != nil {
			t.Fatal(err)
		}
	}
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(3) })
	if err := try(3, few("Уявна Дарина")); !errors.Is(err, ErrTooManyToday) {
		t.Errorf("a third one, the account being erased meanwhile: got %v, want ErrTooManyToday", err)
	}
	clock.set(noon.Add(24 * time.Hour))
	if err := try(3, few("Уявна Дарина")); err != nil {
		t.Errorf("on the next day: %v", err)
	}
}

func TestWishesEnd(t *testing.T) {
	db, clock := openTest(t)
	importRows(t, db, false, row("A", "Вигаденко Іван", 1990))
	wish(t, db, 1, "Уявна Ганна", 0)
	wish(t, db, 2, "Уявна Ганна", 0)
	wish(t, db, 3, "Уявна Ганна", 0)
	list, err := db.Wishes(t.Context(), 1)
	if diff := cmp.Diff(list, []Wish{{1, noon}}); diff != "" || err != nil {
		t.Fatalf("the list (%v) (-got +want):\n%s", err, diff)
	}
	if k := kept(t, db, 1); len(k.Wishes) != 1 || k.Language != rollcall.English {
		t.Errorf("kept is %+v, want one wish and its language", k)
	}
	for range 2 {
		update(t, db, func(tx *Tx) error { return tx.Unwish(2, list[0].ID) }) // another account's
		update(t, db, func(tx *Tx) error { return tx.Unwish(1, list[0].ID) })
	}
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(2) })
	for user, want := range map[rollcall.UserID]int{1: 0, 2: 0, 3: 1} {
		if got, err := db.Wishes(t.Context(), user); len(got) != want || err != nil {
			t.Errorf("account %d has %d wishes (%v), want %d", user, len(got), err, want)
		}
	}
	clock.set(noon.Add(keepWishes))
	if err := db.PruneWishes(t.Context()); err != nil || len(kept(t, db, 3).Wishes) != 1 {
		t.Errorf("a wish of a year is gone (%v)", err)
	}
	clock.set(noon.Add(keepWishes + time.Second))
	if err := db.PruneWishes(t.Context()); err != nil || len(kept(t, db, 3).Wishes) != 0 {
		t.Errorf("a wish of more than a year is there (%v)", err)
	}
	if got := query(t, db, `SELECT count(*) FROM wish_marks`); got[0] != "0" {
		t.Errorf("%s marks are left, want none", got[0])
	}
}

func TestAWishKeepsNoName(t *testing.T) {
	db, _ := openTest(t)
	w := newWish(t, db, "Уявна Ганна", 1990)
	update(t, db, func(tx *Tx) error { return tx.Wish(1, w) })
	for _, text := range names.Asked(names.Parts("Уявна Ганна"), 1990, 1990) {
		if m := db.keys.WishMark(text); m == db.keys.Mark(text) || m == secret.Tag([]byte(fmt.Sprintf("%-32.32s", text))) {
			t.Errorf("the mark of %q is one of another use", text)
		}
	}
	if got := query(t, db, `SELECT count(*) FROM wish_marks WHERE length(mark) = 32`); got[0] != fmt.Sprint(len(w.Marks)) {
		t.Errorf("%s marks are kept, want %d", got[0], len(w.Marks))
	}
}

// The writer waits for none of what is looked at here: News reads only.
func BenchmarkNewsOf100000EntriesAndTenWishes(b *testing.B) {
	db, clock := openTest(b)
	for i := range rollcall.UserID(10) {
		wish(b, db, i+1, "Уявна Ганна", int(1950+i))
	}
	batch := begin(b, db, false)
	const people = 100_000
	for from := 0; from < people; from += ChunkRows {
		var rows []rollcall.RosterRow
		for i := range ChunkRows {
			rows = append(rows, row(fmt.Sprint("N-", from+i), fmt.Sprintf("Зразкова%c%c%c Олена Петрівна", 'а'+rune(i%20), 'а'+rune(i/20), 'а'+rune(from/ChunkRows%30)), 1930+i%70))
		}
		add(b, batch, rows...)
	}
	clock.set(noon.Add(time.Hour))
	if _, err := batch.Publish(b.Context(), Shell); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n, err := db.News(b.Context())
		if err != nil || n.Batches() != 1 || len(n.wishes) > 0 {
			b.Fatalf("%d batches, %d wishes: %v", n.Batches(), len(n.wishes), err)
		}
	}
}
