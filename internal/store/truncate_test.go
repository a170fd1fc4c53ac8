package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// walSize is the length of the WAL; 0 where there is none.
func walSize(t testing.TB, db *DB) int64 {
	t.Helper()
	s, err := os.Stat(db.path + "-wal")
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.Size()
}

// A kept account is what the database holds of one, as bytes to look for.
type keptAccount struct {
	user  rollcall.UserID
	signs secret.Tag
	bytes map[string][]byte
}

// keepAccounts makes accounts of which everything is kept: a peer with a language
// and a watch, a message that is owed, a signature, and marks of the limits.
func keepAccounts(t testing.TB, db *DB, n int) []keptAccount {
	t.Helper()
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	openPetition(t, db, petition("sample"))
	accounts := make([]keptAccount, n)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range accounts {
		accounts[i] = keptAccount{user: rollcall.UserID(rnd.Int64N(1 << 50)), signs: scattered(i)}
	}
	for from := 0; from < n; from += 100 {
		update(t, db, func(tx *Tx) error {
			for _, a := range accounts[from:min(from+100, n)] {
				if err := tx.SetLanguage(a.user, rollcall.Ukrainian); err != nil {
					return err
				}
				if err := tx.Watch(a.user, 1, rollcall.Ukrainian, 20); err != nil {
					return err
				}
				if _, err := tx.Sign("sample", 1, a.signs); err != nil {
					return err
				}
				if err := tx.CountShown(a.user, []rollcall.PersonID{1}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for i, a := range accounts {
		peer, mark := db.keys.PeerTag(a.user), db.keys.LookupShown(dayOf(noon)/week, a.user, 1)
		accounts[i].bytes = map[string][]byte{
			"the peer's tag": peer[:], "the signature's tag": a.signs[:], "the mark of whom it was shown": mark[:],
			"the sealed id": unhex(t, query(t, db, `SELECT sealed_id FROM peers WHERE tag = ?`, peer[:])[0]),
			"the salt":      unhex(t, query(t, db, `SELECT sealed_salt FROM signatures WHERE signer_tag = ?`, a.signs[:])[0]),
		}
	}
	return accounts
}

// eraseAccount deletes what /erase deletes, in one transaction.
func eraseAccount(t testing.TB, db *DB, a keptAccount) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		if _, err := tx.EraseSignatures(map[string]secret.Tag{"sample": a.signs}); err != nil {
			return err
		}
		if err := tx.EraseLookups(a.user); err != nil {
			return err
		}
		return tx.ErasePeer(a.user)
	})
}

// Pages are split and merged as rows come and go, in no order: no copy of a value
// may be left in the free space of one, and of the sealed id no piece. (SQLite may
// leave a piece of a tag that it has moved to another page before, until something
// is written over it.)
func TestNoByteOfAnErasedAccountIsLeft(t *testing.T) {
	race.Skip(t)
	db, _ := openTest(t)
	accounts := keepAccounts(t, db, 1500)
	checkpoint(t, db)
	before := files(t, db.path)
	gone := accounts[:400]
	for _, a := range gone {
		for what, b := range a.bytes {
			wantThere(t, before, what, b)
		}
		eraseAccount(t, db, a)
	}
	checkpoint(t, db)
	after := files(t, db.path)
	for _, a := range gone {
		wantGone(t, after, "the sealed id", a.bytes["the sealed id"])
		for what, b := range a.bytes {
			if bytes.Contains(after, b) {
				t.Errorf("%s is still in the files", what)
			}
		}
	}
	for _, a := range accounts[400:410] {
		for what, b := range a.bytes {
			wantThere(t, after, "of another account, "+what, b)
		}
	}
}

func TestTheWALIsEmptiedSoonAfterAnErasure(t *testing.T) {
	dir := t.TempDir()
	for name, erase := range map[string]func(*testing.T, *DB, keptAccount){
		"everything": func(t *testing.T, db *DB, a keptAccount) { eraseAccount(t, db, a) },
		"a peer": func(t *testing.T, db *DB, a keptAccount) {
			update(t, db, func(tx *Tx) error { return tx.ErasePeer(a.user) })
		},
		"a signature": func(t *testing.T, db *DB, a keptAccount) { withdraw(t, db, "sample", a.signs) },
		"marks": func(t *testing.T, db *DB, a keptAccount) {
			update(t, db, func(tx *Tx) error { return tx.EraseLookups(a.user) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := openAt(t, filepath.Join(dir, name+".db"), Options{Keys: testKeys(t, 1), Now: clockAt(noon).Now})
				a := keepAccounts(t, db, 3)[0]
				if walSize(t, db) == 0 {
					t.Fatal("the WAL is empty before: nothing is shown")
				}
				time.Sleep(time.Hour)
				if walSize(t, db) == 0 {
					t.Error("the WAL was emptied without an erasure")
				}
				erase(t, db, a)
				time.Sleep(truncateAfter + time.Millisecond)
				if n := walSize(t, db); n != 0 {
					t.Errorf("the WAL has %d bytes after %s", n, truncateAfter)
				}
				update(t, db, note("after it"))
				if got := notes(t, db); len(got) != 1 {
					t.Errorf("notes are %q", got)
				}
			})
		})
	}
}

func TestAnErasureWaitsForReadersWithoutHoldingUpWriters(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{Keys: testKeys(t, 1), Now: clockAt(noon).Now})
		a := keepAccounts(t, db, 3)[0]
		reader, err := sql.Open("sqlite", dsn(db.path, "")) // as another process
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		tx, err := reader.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM peers`).Scan(&n); err != nil || n != 3 {
			t.Fatalf("%d peers (%v)", n, err)
		}
		eraseAccount(t, db, a)
		for i := range 20 {
			time.Sleep(3 * truncateAfter)
			update(t, db, note(fmt.Sprint(i)))
		}
		if walSize(t, db) == 0 {
			t.Error("the WAL is emptied under a reader")
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(truncateRetry + time.Millisecond)
		if n := walSize(t, db); n != 0 {
			t.Errorf("the WAL has %d bytes, a minute after the reader ended", n)
		}
		for what, b := range a.bytes {
			wantGone(t, files(t, db.path), what, b)
		}
	})
}

// A process that ends between an erasure and the truncation leaves it to the next
// one.
func TestAWALThatWasLeftIsEmptied(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		first := openAt(t, filepath.Join(dir, "first.db"), Options{Keys: testKeys(t, 1), Now: clockAt(noon).Now})
		a := keepAccounts(t, first, 3)[0]
		eraseAccount(t, first, a)
		for _, suffix := range []string{"", "-wal"} { // as a crash leaves them
			b, err := os.ReadFile(first.path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "second.db"+suffix), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		second := filepath.Join(dir, "second.db")
		wantThere(t, files(t, second), "the peer's tag", a.bytes["the peer's tag"])
		db := openAt(t, second, Options{Keys: testKeys(t, 1), Now: clockAt(noon).Now})
		time.Sleep(truncateAfter + time.Millisecond)
		if n := walSize(t, db); n != 0 {
			t.Errorf("the WAL has %d bytes", n)
		}
		for what, b := range a.bytes {
			wantGone(t, files(t, second), what, b)
		}
	})
}
