package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func setLanguage(t testing.TB, db *DB, user rollcall.UserID, l rollcall.Language) {
	t.Helper()
	update(t, db, func(tx *Tx) error { return tx.SetLanguage(user, l) })
}

func kept(t testing.TB, db *DB, user rollcall.UserID) Kept {
	t.Helper()
	k, err := db.Kept(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// subscribe adds what hangs on a peer.
func subscribe(t testing.TB, db *DB, user rollcall.UserID) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		id, err := tx.peerID(user)
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO subscriptions (peer_id, digest, every, at, zone, language, created_at) VALUES (?, 'daily', 'daily', '09:00', 'UTC', 'en', 0)`, id); err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO watches (peer_id, person_id, language, version, created_at) SELECT ?, id, 'en', 0, 0 FROM people`, id); err != nil {
			return err
		}
		post, err := tx.insert(`INSERT INTO posts (html, buttons, created_at) VALUES ('x', '[]', 0)`)
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO deliveries (post_id, peer_id, part, state, created_at) VALUES (?, ?, 0, 'pending', 0)`, post, id)
		return err
	})
}

func TestLanguageIsKeptPerAccount(t *testing.T) {
	db, _ := openTest(t)
	for user := range rollcall.UserID(3) {
		if l, err := db.Language(t.Context(), user); l != "" || err != nil {
			t.Errorf("before: got %q, %v", l, err)
		}
		if diff := cmp.Diff(kept(t, db, user), Kept{}); diff != "" {
			t.Errorf("before (-got +want):\n%s", diff)
		}
	}
	setLanguage(t, db, 1, rollcall.Ukrainian)
	setLanguage(t, db, 2, rollcall.Russian)
	setLanguage(t, db, 1, rollcall.English)
	for user, want := range map[rollcall.UserID]rollcall.Language{0: "", 1: rollcall.English, 2: rollcall.Russian} {
		if l, err := db.Language(t.Context(), user); l != want || err != nil {
			t.Errorf("%d: got %q (%v), want %q", user, l, err, want)
		}
	}
	if got := query(t, db, `SELECT count(*) FROM peers`); got[0] != "2" {
		t.Errorf("got %s peers, want 2: asking makes none", got[0])
	}
	err := db.Update(t.Context(), func(tx *Tx) error { return tx.SetLanguage(3, "xx") })
	wantCode(t, err, rollcall.Invalid)
	if kept(t, db, 3).Known {
		t.Error("a refused language left a peer")
	}
}

// What was read before a choice is not remembered after it.
func TestLanguageReadBesideAChoiceIsNotRemembered(t *testing.T) {
	db, _ := openTest(t)
	setLanguage(t, db, 1, rollcall.Ukrainian)
	_, ok, at := db.languages.get(1) // a reader begins…
	if ok {
		t.Fatal("remembered before it was read")
	}
	setLanguage(t, db, 1, rollcall.Russian)     // …the account chooses…
	db.languages.put(1, rollcall.Ukrainian, at) // …and the reader ends
	if got, err := db.Language(t.Context(), 1); got != rollcall.Russian || err != nil {
		t.Errorf("got %q (%v), want the last choice", got, err)
	}
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(1) })
	if got, err := db.Language(t.Context(), 1); got != "" || err != nil {
		t.Errorf("got %q (%v) of an erased account", got, err)
	}
}

func TestErasedPeerTakesAllWithIt(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980), row("B", "Вигаденко Іван", 1990))
	for user := range rollcall.UserID(2) {
		setLanguage(t, db, user, rollcall.Ukrainian)
		subscribe(t, db, user)
	}
	began := time.Unix(0, 0).UTC()
	want := Kept{Known: true, Since: noon, Language: rollcall.Ukrainian,
		Watches:       []KeptWatch{{"A", began}, {"B", began}},
		Subscriptions: []KeptSubscription{{Digest: "daily", Every: "daily", At: "09:00", Zone: "UTC", Language: rollcall.English, Since: began}},
		Messages:      []KeptMessage{{Pending, began}}}
	if diff := cmp.Diff(kept(t, db, 0), want); diff != "" {
		t.Errorf("before (-got +want):\n%s", diff)
	}
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(0) })
	if diff := cmp.Diff(kept(t, db, 0), Kept{}); diff != "" {
		t.Errorf("the erased one (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(kept(t, db, 1), want); diff != "" {
		t.Errorf("the other one (-got +want):\n%s", diff)
	}
	for _, table := range []string{"peers", "subscriptions", "deliveries"} {
		if got := query(t, db, `SELECT count(*) FROM `+table); got[0] != "1" {
			t.Errorf("%s: got %s rows, want the other one's", table, got[0])
		}
	}
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(0) }) // again, and of one unknown
}

// What a keeper did stays, and the keeper is told how much that is.
func TestAKeepersActsAreCountedAndStay(t *testing.T) {
	db, _ := openTest(t)
	keeper, other := db.keys.PeerTag(1), db.keys.PeerTag(2)
	for _, by := range []Actor{{"editor", &keeper}, {"owner", &keeper}, {"editor", &other}, Shell} {
		update(t, db, func(tx *Tx) error { return tx.audit(by, "try", "nothing", "") })
	}
	setLanguage(t, db, 1, rollcall.English)
	update(t, db, func(tx *Tx) error { return tx.ErasePeer(1) })
	for user, want := range map[rollcall.UserID]Kept{0: {}, 1: {Acts: 2}, 2: {Acts: 1}} {
		if diff := cmp.Diff(kept(t, db, user), want); diff != "" {
			t.Errorf("%d (-got +want):\n%s", user, diff)
		}
	}
}

// No account's id stands in the files in the clear, in whatever form a number is
// stored.
func TestAccountIDsAreSealed(t *testing.T) {
	db, _ := openTest(t)
	const user rollcall.UserID = 5_123_456_789_012
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	setLanguage(t, db, user, rollcall.Ukrainian)
	subscribe(t, db, user)
	openPetition(t, db, petition("sample"))
	tag, err := db.keys.SignerTag(t.Context(), "sample", user)
	if err != nil {
		t.Fatal(err)
	}
	sign(t, db, "sample", tag)
	record(t, db, 1, Handled, fmt.Appendf(nil, `{"chat":%d}`, user))
	all := files(t, db.path)
	big := binary.BigEndian.AppendUint64(nil, uint64(user))
	for name, form := range map[string][]byte{
		"as SQLite stores it": big[2:], // a 6-byte integer
		"in digits":           fmt.Append(nil, int64(user)),
		"little-endian":       binary.LittleEndian.AppendUint64(nil, uint64(user))[:6],
	} {
		if bytes.Contains(all, form) {
			t.Errorf("the id is in the files %s", name)
		}
	}
	sealed := unhex(t, query(t, db, `SELECT sealed_id FROM peers`)[0])
	if got, err := db.keys.UnsealPeer(sealed); err != nil || got != user {
		t.Errorf("got %d (%v), want it back", got, err)
	}
}

// Nothing of an erased account is left in the files: rows are overwritten, and
// what the WAL holds of them goes with the next checkpoint.
func TestErasedPeerIsOverwritten(t *testing.T) {
	db, _ := openTest(t)
	importRows(t, db, false, row("A", "Зразкова Олена", 1980))
	const n = 2000
	for from := rollcall.UserID(0); from < n; from += 100 {
		update(t, db, func(tx *Tx) error {
			for user := from; user < from+100; user++ {
				if err := tx.SetLanguage(user*7919, rollcall.Ukrainian); err != nil {
					return err
				}
			}
			return nil
		})
	}
	type canary struct {
		user        rollcall.UserID
		tag, sealed []byte
	}
	var canaries []canary
	for _, i := range []rollcall.UserID{0, 1, 500, 999, 1000, 1500, 1998, 1999} {
		user := i * 7919
		subscribe(t, db, user)
		tag := db.keys.PeerTag(user)
		c := canary{user: user, tag: tag[:], sealed: unhex(t, query(t, db, `SELECT sealed_id FROM peers WHERE tag = ?`, tag[:])[0])}
		canaries = append(canaries, c)
	}
	checkpoint(t, db)
	before := files(t, db.path)
	for _, c := range canaries {
		wantThere(t, before, "the tag", c.tag)
		wantThere(t, before, "the sealed id", c.sealed)
		update(t, db, func(tx *Tx) error { return tx.ErasePeer(c.user) })
	}
	checkpoint(t, db)
	after := files(t, db.path)
	for _, c := range canaries {
		wantGone(t, after, "the tag", c.tag)
		wantGone(t, after, "the sealed id", c.sealed)
	}
	if got := query(t, db, `SELECT count(*) FROM peers`); got[0] != fmt.Sprint(n-len(canaries)) {
		t.Errorf("got %s peers left", got[0])
	}
}

func TestTagsBelongToTheirSecret(t *testing.T) {
	db, _ := openTest(t)
	setLanguage(t, db, 5, rollcall.Ukrainian)
	without := openAt(t, db.path, Options{Now: db.now}) // as a verb of the shell
	if got := query(t, without, `SELECT count(*) FROM peers`); got[0] != "1" {
		t.Errorf("got %s peers, want 1", got[0])
	}
	err := without.Update(t.Context(), func(tx *Tx) error { return tx.SetLanguage(6, rollcall.English) })
	if err == nil {
		t.Error("a peer can be made without keys")
	}
}

func TestUsername(t *testing.T) {
	db, _ := openTest(t)
	if got, err := db.Username(t.Context()); got != "" || err != nil {
		t.Errorf("before: got %q, %v", got, err)
	}
	for _, name := range []string{"example_bot", "other_example_bot"} {
		update(t, db, func(tx *Tx) error { return tx.SetUsername(name) })
		if got, err := db.Username(t.Context()); got != name || err != nil {
			t.Errorf("got %q (%v), want %q", got, err, name)
		}
	}
}

// Errors are logged, and so hold no value of what failed.
func TestErrorsHoldNoValues(t *testing.T) {
	db, _ := openTest(t)
	const canary = "Канарейко Вигадана"
	importRows(t, db, false, row("A", canary, 1980))
	for name, fn := range map[string]func(*Tx) error{
		"a conflict": func(tx *Tx) error {
			_, err := tx.insert(`INSERT INTO people (public_id, full_name, alt_names, batch_id) VALUES ('A', ?, '', 1)`, canary)
			return err
		},
		"a check": func(tx *Tx) error {
			_, err := tx.exec(`UPDATE people SET withheld = ?`, canary)
			return err
		},
		"a type": func(tx *Tx) error {
			_, err := tx.exec(`UPDATE people SET birth_year = ?`, canary)
			return err
		},
	} {
		err := db.Update(t.Context(), fn)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, want an error without the value", name, err)
		}
	}
}
