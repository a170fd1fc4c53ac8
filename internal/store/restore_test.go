package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// restoring is a database of which a copy was made, with its options for Restore.
type restoring struct {
	*DB
	t     *testing.T
	clock *clock
	copy  string
	o     RestoreOptions
}

// newRestoring makes a database with a petition of one signature and an entry, and
// copies it.
func newRestoring(t *testing.T) *restoring {
	t.Helper()
	dir := t.TempDir()
	r := &restoring{t: t, clock: clockAt(noon), o: RestoreOptions{Keys: testKeys(t, 1)}}
	r.o.Now = r.clock.Now
	r.DB = openAt(t, filepath.Join(dir, "test.db"), Options{Now: r.clock.Now, Keys: r.o.Keys})
	openPetition(t, r.DB, petition("sample"))
	sign(t, r.DB, "sample", signer(1))
	sequence(t, r.DB)
	importRows(t, r.DB, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	return r
}

func (r *restoring) backup() {
	r.t.Helper()
	r.copy = backupOf(r.t, r.DB, "copy.db")
	r.clock.set(noon.Add(30 * time.Minute))
}

func (r *restoring) close() {
	r.t.Helper()
	if err := r.Close(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *restoring) restore() (Restored, error) {
	r.t.Helper()
	return Restore(r.t.Context(), r.copy, r.Path(), r.o)
}

// reopened is the restored database.
func (r *restoring) reopened() *DB {
	r.t.Helper()
	return openAt(r.t, r.Path(), Options{Now: r.clock.Now, Keys: r.o.Keys})
}

func TestRestoreSettlesWhatTheCopyWouldDoAgain(t *testing.T) {
	r := newRestoring(t)
	o := occurrence(1)
	o.PlannedAt = noon.Add(-time.Minute)
	plan(t, r.DB, o, posts("chart", "text")...)
	update(t, r.DB, func(tx *Tx) error { return tx.KnowPeer(7) })
	update(t, r.DB, func(tx *Tx) error {
		_, err := tx.TellPeers([]rollcall.UserID{7}, rollcall.English, func(rollcall.UserID, rollcall.Language) Post { return Post{HTML: "news", Buttons: "[]"} })
		return err
	})
	r.backup()
	takeDown(t, r.DB, "A")
	update(t, r.DB, func(tx *Tx) error { _, err := tx.Hide("B", "", Shell); return err })
	importRows(t, r.DB, false, row("C", "Прикладенко Лев", 1960))
	r.close()

	got, err := r.restore()
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(got.Hidden, []string{"A", "B"}) || got.Unknown != 3 || got.Lost != nil || got.Unreadable != nil || !got.At.Equal(noon) {
		t.Errorf("restored is %+v", got)
	}
	if info, err := os.Stat(r.Path()); err != nil || info.Mode() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	db := r.reopened()
	for what, c := range map[string]struct{ query, want string }{
		"messages":           {`SELECT group_concat(DISTINCT state || ' ' || reason) FROM deliveries`, "unknown restored"},
		"what owners decide": {`SELECT group_concat(DISTINCT stage) || count(*) FROM doubts`, "asking2"},
		"entries":            {`SELECT group_concat(public_id || ' ' || withheld) FROM (SELECT * FROM people ORDER BY public_id)`, "A hidden,B hidden"},
		"chats":              {`SELECT group_concat(DISTINCT no_looking) FROM chats`, "1"},
		"the audit":          {`SELECT action FROM audit ORDER BY id DESC LIMIT 1`, "restore"},
	} {
		if got := query(t, db, c.query)[0]; got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	last, err := db.LastOccurrence(t.Context(), o.Digest, o.Audience)
	if err != nil || last.State != Skipped || last.Reason != "restored" || !last.PlannedAt.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("the last occurrence is %+v (%v)", last, err)
	}
	at, copied, fate, err := db.Restoring(t.Context())
	if err != nil || !at.Equal(noon.Add(30*time.Minute)) || !copied.Equal(noon) || fate != LogsWhole {
		t.Errorf("it says restored at %s from %s, %v (%v)", at, copied, fate, err)
	}
	// The former one is whole, and opens by itself.
	former := openAt(t, got.Kept, Options{Now: r.clock.Now, Keys: r.o.Keys})
	if got := query(t, former, `SELECT count(*) FROM people`)[0]; got != "3" {
		t.Errorf("the former database has %s entries, want 3", got)
	}
	if _, err := db.CheckLogHeads(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	more := func(r *restoring) {
		sign(r.t, r.DB, "sample", signer(2))
		sequence(r.t, r.DB)
	}
	for name, c := range map[string]struct {
		before, since func(r *restoring) // the copy
		then          func(r *restoring) // after the database was closed
		want          error              // or
		code          rollcall.Code
	}{
		"a log that would lose leaves":  {since: more, want: ErrLogsShorter},
		"a petition that would be lost": {since: func(r *restoring) { openPetition(r.t, r.DB, petition("other")) }, want: ErrLogsShorter},
		"another history": {since: more, then: func(r *restoring) {
			// The copy goes on by itself, with another signature.
			other := openAt(r.t, r.copy, Options{Now: r.clock.Now, Keys: r.o.Keys})
			sign(r.t, other, "sample", signer(3))
			sign(r.t, other, "sample", signer(4))
			sequence(r.t, other)
			if err := other.Close(); err != nil {
				r.t.Fatal(err)
			}
		}, want: ErrLogsShorter},
		"another secret file": {then: func(r *restoring) { r.o.Keys = testKeys(r.t, 2) }, want: ErrWrongSecret},
		"no secret file":      {then: func(r *restoring) { r.o.Keys = nil }, want: ErrNeedsKeys},
		"a later schema":      {then: func(r *restoring) { alter(r.t, r.copy, `PRAGMA user_version = 9999`) }, want: ErrNewer},
		"a broken log":        {then: func(r *restoring) { alter(r.t, r.copy, `UPDATE log_hashes SET hash = zeroblob(32) WHERE number = 1`) }, want: ErrBrokenLog},
		"no database":         {then: func(r *restoring) { write(r.t, r.copy, strings.Repeat("words ", 2000)) }, code: rollcall.Invalid},
		"a cut file": {then: func(r *restoring) {
			if err := os.Truncate(r.copy, 8192); err != nil {
				r.t.Fatal(err)
			}
		}, code: rollcall.Invalid},
		"a copy with a -wal":      {then: func(r *restoring) { write(r.t, r.copy+"-wal", "words") }, code: rollcall.Invalid},
		"the database itself":     {then: func(r *restoring) { r.copy = r.Path() }, want: ErrSameFile},
		"a database that is open": {then: func(r *restoring) { r.reopened() }, want: ErrInUse},
		"an import that runs": {then: func(r *restoring) {
			lock, err := TakeLock(r.Path() + ".import.lock")
			if err != nil {
				r.t.Fatal(err)
			}
			r.t.Cleanup(lock.Release)
		}, want: ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRestoring(t)
			if c.before != nil {
				c.before(r)
			}
			r.backup()
			if c.since != nil {
				c.since(r)
			}
			r.close()
			had, err := os.ReadFile(r.Path())
			if err != nil {
				t.Fatal(err)
			}
			if c.then != nil {
				c.then(r)
			}
			before := listed(t, filepath.Dir(r.Path()))
			got, err := r.restore()
			if c.want != nil && !errors.Is(err, c.want) || c.want == nil && rollcall.CodeOf(err) != c.code {
				t.Errorf("got %v, want %v %v; %+v", err, c.want, c.code, got)
			}
			if diff := cmp.Diff(listed(t, filepath.Dir(r.Path())), before); diff != "" {
				t.Errorf("the folder (-got +want):\n%s", diff)
			}
			if now, err := os.ReadFile(r.Path()); c.want != ErrInUse && (err != nil || string(now) != string(had)) {
				t.Errorf("the database has changed (%v)", err)
			}
		})
	}
}

func alter(t *testing.T, path, query string) {
	t.Helper()
	db, err := openPlain(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreByForceSaysWhatIsLost(t *testing.T) {
	r := newRestoring(t)
	r.backup()
	sign(t, r.DB, "sample", signer(2))
	sequence(t, r.DB)
	r.close()
	r.o.Force = true
	got, err := r.restore()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Lost) != 1 || got.Lost[0].Petition != "sample" || got.Lost[0].Had <= got.Lost[0].Has {
		t.Errorf("lost is %+v", got.Lost)
	}
	if _, _, fate, err := r.reopened().Restoring(t.Context()); fate != LogsShorter || err != nil {
		t.Errorf("it says %v (%v)", fate, err)
	}
}

func TestRestoreOfALaterCopyLosesNothing(t *testing.T) {
	r := newRestoring(t)
	earlier := backupOf(t, r.DB, "earlier.db")
	sign(t, r.DB, "sample", signer(2))
	sequence(t, r.DB)
	r.backup()
	r.close()
	later := r.copy
	r.copy, r.o.Force = earlier, true
	if _, err := r.restore(); err != nil {
		t.Fatal(err)
	}
	r.clock.set(noon.Add(40 * time.Minute))
	r.copy, r.o.Force = later, false
	if got, err := r.restore(); err != nil || got.Lost != nil {
		t.Errorf("restored is %+v (%v)", got, err)
	}
}

// A database that cannot be read is kept as it is, with what is beside it, and none
// of that is read with the new one.
func TestRestoreInPlaceOfADamagedDatabase(t *testing.T) {
	r := newRestoring(t)
	r.backup()
	r.close()
	write(t, r.Path(), strings.Repeat("words ", 2000))
	write(t, r.Path()+"-wal", "the last words")
	write(t, r.Path()+"-shm", "words")
	got, err := r.restore()
	if err != nil {
		t.Fatal(err)
	}
	if got.Unreadable == nil {
		t.Error("it does not say that it could not compare")
	}
	for path, want := range map[string]string{got.Kept: strings.Repeat("words ", 2000), got.Kept + "-wal": "the last words"} {
		if b, err := os.ReadFile(path); string(b) != want || err != nil {
			t.Errorf("%s is not as it was (%v)", path, err)
		}
	}
	for _, part := range besideDatabase {
		if _, err := os.Stat(r.Path() + part); err == nil {
			t.Errorf("%s is left", part)
		}
	}
	if _, _, fate, err := r.reopened().Restoring(t.Context()); fate != LogsUnknown || err != nil {
		t.Errorf("it says %v (%v)", fate, err)
	}
}

func TestRestoreWhereNothingIs(t *testing.T) {
	r := newRestoring(t)
	r.backup()
	r.close()
	to := filepath.Join(t.TempDir(), "new.db")
	write(t, to+"-wal", "stale words")
	got, err := Restore(t.Context(), r.copy, to, r.o)
	if err != nil || got.Kept != "" {
		t.Fatalf("restored is %+v (%v)", got, err)
	}
	if names := listed(t, filepath.Dir(to)); !cmp.Equal(names, []string{"new.db", "new.db.import.lock"}) {
		t.Errorf("the folder has %q", names)
	}
	db := openAt(t, to, Options{Now: r.clock.Now, Keys: r.o.Keys})
	if p, err := db.Petition(t.Context(), "sample"); err != nil || p.Tally.Signed != 1 {
		t.Errorf("the petition is %+v (%v)", p.Tally, err)
	}
}
