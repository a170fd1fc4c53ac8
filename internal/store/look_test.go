package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// lookAt opens the file for reading only.
func lookAt(t *testing.T, path string) *DB {
	t.Helper()
	db, err := OpenReadOnly(t.Context(), path, Options{Now: clockAt(noon).Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// listed returns the names of what is in a folder.
func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestOpenReadOnlyLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{Now: clockAt(noon).Now, Keys: testKeys(t, 1)})
	openPetition(t, db, petition("a"))
	sign(t, db, "a", signer(1))
	sequence(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		look := lookAt(t, path)
		all, err := look.Petitions(t.Context())
		if err != nil || len(all) != 1 || all[0].Tally.Net() != 1 {
			t.Errorf("got %v, %v, want the petition with one signature", all, err)
		}
		if err := errors.Join(look.QuickCheck(t.Context()), look.CheckTallies(t.Context()), audited(look, "a")); err != nil {
			t.Error(err)
		}
		if err := look.Update(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrReadOnly) {
			t.Errorf("Update: got %v, want ErrReadOnly", err)
		}
		if look.Disturbed() {
			t.Error("it counts as disturbed, and nobody has written")
		}
		if err := look.Close(); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !slices.Equal(before, after) {
		t.Errorf("the file has changed (%v)", err)
	}
	if got := listed(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("beside the database there is something new: %v", got)
	}
}

func TestOpenReadOnlyBesideAWriter(t *testing.T) {
	db, _ := openTest(t)
	look := lookAt(t, db.Path())
	openPetition(t, db, petition("a"))
	for i := range 3 {
		sign(t, db, "a", signer(i))
		sequence(t, db)
		if got := tally(t, look, "a").Net(); got != i+1 {
			t.Errorf("got %d signatures, want %d", got, i+1)
		}
	}
	if look.Disturbed() {
		t.Error("it counts as disturbed, and the writer was there before")
	}
	if err := look.Close(); err != nil {
		t.Fatal(err)
	}
	sign(t, db, "a", signer(9))
	if got := tally(t, db, "a").Net(); got != 4 {
		t.Errorf("got %d signatures after the look, want 4", got)
	}
}

func TestDisturbedByAWriterThatCameLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := openAt(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	for name, stays := range map[string]bool{"it is there": true, "it has come and gone": false} {
		t.Run(name, func(t *testing.T) {
			look := lookAt(t, path)
			db := openAt(t, path, Options{})
			update(t, db, func(tx *Tx) error { return tx.SetUsername(name) })
			if !stays {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if !look.Disturbed() {
				t.Error("it does not count as disturbed")
			}
			if err := db.Close(); stays && err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOpenReadOnlyRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReadOnly(t.Context(), filepath.Join(dir, "none.db"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v, want one that is fs.ErrNotExist", err)
	}
	if _, err := OpenReadOnly(t.Context(), dir, Options{}); err == nil {
		t.Error("a folder is taken for a database")
	}
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("This is no database, and longer than the head of one: a hundred characters are what is looked at."), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := OpenReadOnly(t.Context(), text, Options{})
	wantCode(t, err, rollcall.Invalid)
	if got := listed(t, dir); len(got) != 1 {
		t.Errorf("something was made: %v", got)
	}
}

func TestSchemaOfAnEmptyAndOfANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	look := lookAt(t, path)
	version, newest, err := look.Schema(t.Context())
	if err != nil || version != 0 || newest < 1 {
		t.Errorf("an empty file: got %d of %d, %v, want 0", version, newest, err)
	}
	if err := look.Close(); err != nil {
		t.Fatal(err)
	}
	db := openAt(t, path, Options{})
	if got, newest, err := db.Schema(t.Context()); err != nil || got != newest {
		t.Errorf("a new database: got %d of %d, %v", got, newest, err)
	}
}

func TestQuickCheckTellsTheFirstFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{Keys: testKeys(t, 1)})
	for i := range 200 {
		openPetition(t, db, petition("p"+string(rune('a'+i%26))+string(rune('a'+i/26))))
	}
	if err := db.QuickCheck(t.Context()); err != nil {
		t.Fatal("before:", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := len(b) - 12*page; i < len(b); i++ {
		b[i] = 0xee
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	err = lookAt(t, path).QuickCheck(t.Context())
	wantCode(t, err, rollcall.Invalid)
}

func TestCheckSecret(t *testing.T) {
	mine, err := secret.New([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := secret.New([32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := openAt(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	untied := lookAt(t, path)
	wantCode(t, untied.CheckSecret(t.Context(), mine), rollcall.NotFound)
	if err := untied.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openAt(t, path, Options{Keys: mine}).Close(); err != nil {
		t.Fatal(err)
	}
	tied := lookAt(t, path)
	if err := tied.CheckSecret(t.Context(), mine); err != nil {
		t.Errorf("its own secret: %v", err)
	}
	if err := tied.CheckSecret(t.Context(), nil); err != nil {
		t.Errorf("whether it is tied: %v", err)
	}
	if err := tied.CheckSecret(t.Context(), other); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("another secret: got %v, want ErrWrongSecret", err)
	}
}
