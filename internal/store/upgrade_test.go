package store

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

var updateSaved = flag.Bool("update", false, "save a database of the newest schema under testdata, for later releases to open")

// schemas is the number of the newest schema.
func schemas(t testing.TB) int {
	t.Helper()
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	return len(files)
}

func savedName(schema int) string {
	return filepath.Join("testdata", fmt.Sprintf("schema%04d.db.gz", schema))
}

// seed fills a database with some of everything that a release can write, all
// of it invented.
func seed(t testing.TB, db *DB) {
	t.Helper()
	importRows(t, db, false, savedRows()...)
	// A change and a renewal that are not folded in, as a release may leave them.
	renewed := savedRows()[0]
	renewed.BirthYear, renewed.Note = 1981, "renewed"
	importRows(t, db, false, renewed)
	openPetition(t, db, petition("sample"))
	for i := range 3 {
		sign(t, db, "sample", signer(i))
	}
	sequence(t, db)
	withdraw(t, db, "sample", signer(0))
	sequence(t, db)
	sign(t, db, "sample", signer(3)) // and one that waits
	withdraw(t, db, "sample", signer(1))
	update(t, db, func(tx *Tx) error { _, err := tx.RaiseGoal("sample", 5000, Shell); return err })
	setLanguage(t, db, 5, rollcall.Ukrainian)
	subscribe(t, db, 5)
	record(t, db, 1, Handled, []byte("an answer"))
	lookUp(t, db, 6)
	show(t, db, 6, true, personID(t, db, "A"))
	plan(t, db, occurrence(1), posts("chart", "text")...)
	lose(t, db)
	update(t, db, func(tx *Tx) error {
		_, err := tx.NoteStanding(Standing{Chat: channel, Type: "channel", Status: "administrator", Post: true}, true)
		return err
	})
	importRows(t, db, false, row("C", "Прикладенко Лев Зразкович", 1960))
	takeDown(t, db, "C")
	mustReport(t, db, 5, "A", "a line about it")
	update(t, db, func(tx *Tx) error { _, err := tx.FindRight(idOf(t, db, "A"), Shell); return err })
	mustReport(t, db, 5, "A", "a line about it")
	update(t, db, func(tx *Tx) error {
		if err := tx.SetUsername("example_bot"); err != nil {
			return err
		}
		f := rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 8, Date: day(5, 1), Source: "Sample Office"}
		if err := tx.AddRoundFigure("Round of June 2026", f, Shell); err != nil {
			return err
		}
		f.Count = 10
		if err := tx.AddRoundFigure("Round of June 2026", f, Shell); err != nil {
			return err
		}
		return tx.ReplyToStatement(1, Statement{Occurrence: 1, Chat: occurrence(1).Chat, Message: 12}, posts("a correction")[0])
	})
	if err := db.KeepFigures(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func savedRows() []rollcall.RosterRow {
	return []rollcall.RosterRow{
		row("A", "Зразкова Олена Петрівна", 1980),
		with(row("B", "Вигаденко Іван Петрович", 1990), func(r *rollcall.RosterRow) { r.AltNames = []string{"Vyhadenko Ivan"} }),
		with(row("B", "Вигаденко Іван Петрович", 1990), func(r *rollcall.RosterRow) {
			r.AltNames, r.Status, r.Source = []string{"Vyhadenko Ivan"}, rollcall.ReportedHeld, "Sample Office"
		}),
	}
}

// A database of every release opens, with all that is in it, and has then the
// schema that a new one has.
func TestSavedDatabasesOpen(t *testing.T) {
	keys := testKeys(t, 1)
	newest := schemas(t)
	if *updateSaved {
		save(t, savedName(newest), keys)
	}
	reference, _ := openTest(t)
	for schema := 1; schema <= newest; schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) {
			packed, err := os.ReadFile(savedName(schema))
			if err != nil {
				t.Fatalf("%v: run this test with -update at the release that has this schema", err)
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "test.db")
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			db := openAt(t, path, Options{Now: clockAt(noon).Now, Keys: keys})

			const structure = `SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`
			if diff := cmp.Diff(query(t, db, structure), query(t, reference, structure)); diff != "" {
				t.Errorf("the schema, which a migration that was changed after its release makes differ (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(query(t, db, "PRAGMA user_version"), []string{fmt.Sprint(newest)}); diff != "" {
				t.Errorf("the version (-got +want):\n%s", diff)
			}
			if got := query(t, db, "PRAGMA foreign_key_check"); len(got) > 0 {
				t.Errorf("broken references: %q", got)
			}
			wantSeed(t, db)
			fold(t, db)
			wantSeed(t, db)
			importRows(t, db, true, savedRows()...)
		})
	}
}

func wantSeed(t *testing.T, db *DB) {
	t.Helper()
	rows := savedRows()
	rows[0].BirthYear, rows[0].Note = 1981, "renewed"
	if diff := cmp.Diff(export(t, db), rows); diff != "" {
		t.Errorf("the roster (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(ids(find(t, db, "Vyhadenko", "Зразкова")), []string{"A", "B"}); diff != "" {
		t.Errorf("found (-got +want):\n%s", diff)
	}
	p, err := db.Petition(t.Context(), "sample")
	first := petition("sample").Goal
	goal := rollcall.Goal{Count: 5000, First: first, Was: first, RaisedAt: noon}
	if diff := cmp.Diff(p, PetitionRecord{Petition: petition("sample"), Goal: goal, Tally: rollcall.Tally{Signed: 3, Withdrawn: 1}, Checkpoint: p.Checkpoint}); diff != "" || err != nil {
		t.Errorf("the petition (%v) (-got +want):\n%s", err, diff)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), db.CheckFigures(t.Context())); err != nil {
		t.Error(err)
	}
	if c, err := db.CorrectionsToTell(t.Context()); err != nil || len(c) != 1 || c[0].Was.Count != 8 || c[0].Now.Count != 10 {
		t.Errorf("the corrections: %+v (%v)", c, err)
	}
	if w, err := db.Waiting(t.Context(), "sample"); err != nil || w != (Waiting{Signatures: 1, Removals: 1}) {
		t.Errorf("what waits is %+v (%v)", w, err)
	}
	if a, err := db.AuditLog(t.Context(), "sample"); err != nil || a.Tally.Signed != 3 {
		t.Errorf("the log is %+v (%v)", a, err)
	}
	for i, want := range []bool{false, false, true, true} {
		if got, err := db.HasSigned(t.Context(), "sample", signer(i)); err != nil || got != want {
			t.Errorf("signer %d: got %v (%v), want %v", i, got, err, want)
		}
	}
	k := kept(t, db, 5)
	if diff := cmp.Diff([]any{k.Known, k.Language, len(k.Watches), len(k.Subscriptions)}, []any{true, rollcall.Ukrainian, 2, 1}); diff != "" {
		t.Errorf("the peer (-got +want):\n%s", diff)
	}
	owed, err := db.OwedAnswers(t.Context())
	if diff := cmp.Diff(owed, []OwedAnswer{{1, []byte("an answer")}}); diff != "" || err != nil {
		t.Errorf("owed answers (%v) (-got +want):\n%s", err, diff)
	}
	got, err := db.LatestPosts(t.Context(), "daily", channel)
	if err != nil || len(got) != 2 || got[0].HTML != "chart" || got[1].HTML != "text" {
		t.Errorf("the latest digest: got %v (%v)", got, err)
	}
	doubts, err := db.OpenDoubts(t.Context())
	if err != nil || doubts[Looking] != 1 {
		t.Errorf("posts in doubt: got %v (%v), want one", doubts, err)
	}
	if err := db.Update(t.Context(), func(tx *Tx) error {
		n, err := tx.NoteStanding(Standing{Chat: channel, Type: "channel", Status: "administrator", Post: true}, true)
		if n.Any() {
			t.Errorf("the standing in the channel is news: %+v", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if got := withheld(t, db, "C"); got != "takedown" {
		t.Errorf("who was taken down is withheld as %q", got)
	}
	if err := db.Update(t.Context(), func(tx *Tx) error {
		marks, err := tx.suppressions()
		if !marks.hold(db.keys, rollcall.Person{FullName: "Prykladenko Lev Zrazkovych", BirthYear: 1960}) {
			t.Error("the mark of who was taken down is not known again")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if n, err := db.Reports(t.Context(), 5); n != 1 || err != nil || !slices.Equal(queued(t, db), []string{"A"}) {
		t.Errorf("%d reports (%v), and the queue %q", n, err, queued(t, db))
	}
	rounds, err := db.Rounds(t.Context())
	if err != nil || len(rounds) != 1 || len(rounds[0].Figures) != 1 || rounds[0].Figures[0].Count != 10 {
		t.Errorf("the rounds: got %v (%v)", rounds, err)
	}
	if name, err := db.Username(t.Context()); err != nil || name != "example_bot" {
		t.Errorf("the username: got %q (%v)", name, err)
	}
	if slices.Contains(query(t, db, "PRAGMA integrity_check"), "ok") == false {
		t.Error("the file is not sound")
	}
}

// save writes a seeded database of the newest schema.
func save(t *testing.T, name string, keys *secret.Keys) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{Now: clockAt(noon).Now, Keys: keys})
	seed(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	z.ModTime = time.Time{}
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
