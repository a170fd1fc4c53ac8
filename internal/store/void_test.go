package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/translog"
)

func void(t testing.TB, db *DB, slug string, r VoidRule, why translog.Reason) (n int) {
	t.Helper()
	counted, err := db.CountVoidable(t.Context(), slug, r)
	if err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) (err error) { n, err = tx.Void(slug, r, why, Shell); return err })
	if n != counted {
		t.Errorf("%d were voided, and %d announced", n, counted)
	}
	return n
}

func TestVoidingIsPublic(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	for i := range 5 {
		sign(t, db, "sample", signer(i))
	}
	sequence(t, db) // leaves 2 to 6
	withdraw(t, db, "sample", mustLeaf(t, db, 3))
	rule := VoidRule{Leaves: []LeafRange{{2, 4}, {6, 6}}}
	if got := void(t, db, "sample", rule, translog.Automated); got != 3 { // 3 is being withdrawn
		t.Errorf("%d were voided, want 3", got)
	}
	if got := void(t, db, "sample", rule, translog.Burst); got != 0 {
		t.Errorf("%d were voided a second time", got)
	}
	if got := count(t, db, "sample"); got != (rollcall.Tally{Signed: 5}) {
		t.Errorf("%+v is shown before the voids are in the log", got)
	}
	if err := db.CheckTallies(t.Context()); err != nil {
		t.Error(err)
	}
	voided := mustLeaf(t, db, 2)
	if got := sign(t, db, "sample", voided); got != SignedAndVoided {
		t.Errorf("a press of its account gives %d", got)
	}
	if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 5, Withdrawn: 1, Voided: 3}) {
		t.Errorf("%+v is counted", got)
	}
	var voids []string
	for _, line := range leaves(t, db, "sample") {
		if strings.HasPrefix(line, "void") {
			voids = append(voids, line)
		}
	}
	slices.Sort(voids)
	if diff := cmp.Diff(voids, []string{"void sample 2 automated", "void sample 4 automated", "void sample 6 automated"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	// Its account may take it back, which leaves no second leaf, and sign again.
	if got := withdraw(t, db, "sample", voided); got != WithdrawnVoided {
		t.Errorf("a withdrawal gives %d", got)
	}
	if got := sign(t, db, "sample", voided); got != Recorded {
		t.Errorf("signing again gives %d", got)
	}
	if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 6, Withdrawn: 1, Voided: 3}) {
		t.Errorf("%+v is counted", got)
	}
	if diff := cmp.Diff(query(t, db, `SELECT object, reason FROM audit WHERE action = 'petition void'`), []string{"sample|automated: 3 by 2-4 6"}); diff != "" {
		t.Errorf("the audit (-got +want):\n%s", diff)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
	if _, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{}); err != nil {
		t.Error(err)
	}
}

// mustLeaf is the tag of whose signature has the leaf.
func mustLeaf(t testing.TB, db *DB, leaf int64) (tag [32]byte) {
	t.Helper()
	copy(tag[:], unhex(t, query(t, db, `SELECT hex(signer_tag) FROM signatures WHERE leaf_index = ?`, leaf)[0]))
	return tag
}

func TestVoidingOfWhatIsNotThere(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	_, err := db.CountVoidable(t.Context(), "nope", VoidRule{Held: true})
	wantCode(t, err, rollcall.NotFound)
	for slug, want := range map[string]rollcall.Code{"nope": rollcall.NotFound, "sample": rollcall.Invalid} {
		wantCode(t, db.Update(t.Context(), func(tx *Tx) error { _, err := tx.Void(slug, VoidRule{Held: true}, "nosuch", Shell); return err }), want)
	}
	wantCode(t, db.Update(t.Context(), func(tx *Tx) error { _, err := tx.ReleaseHeld("nope", Shell); return err }), rollcall.NotFound)
	if got := void(t, db, "sample", VoidRule{Held: true, Leaves: []LeafRange{{1, 100}}}, translog.Test); got != 0 {
		t.Errorf("%d were voided", got)
	}
	if got := query(t, db, `SELECT count(*) FROM audit WHERE action <> 'petition open'`); got[0] != "0" {
		t.Error("nothing was done, and it is in the audit")
	}
}

// burst opens a petition that holds, and presses once for each second of the
// slice's index, so many times as it says. It returns how many were held.
func burst(t testing.TB, db *DB, c *clock, from int, perSecond []int) (pressed, held int) {
	t.Helper()
	began := c.Now()
	before := query(t, db, `SELECT count(*) FROM signatures WHERE held = 1`)[0]
	for second, n := range perSecond {
		c.set(began.Add(time.Duration(second) * time.Second))
		update(t, db, func(tx *Tx) error {
			for range n {
				if out, err := tx.Sign("sample", 1, scattered(from+pressed)); err != nil || out != Recorded {
					t.Errorf("press %d: %d (%v)", pressed, out, err)
				}
				pressed++
			}
			return nil
		})
	}
	after := query(t, db, `SELECT count(*) FROM signatures WHERE held = 1`)[0]
	var a, b int
	fmt.Sscan(before, &b)
	fmt.Sscan(after, &a)
	return pressed, a - b
}

func every(seconds, n, in int) []int {
	all := make([]int, seconds)
	for i := range all {
		if i%in == 0 {
			all[i] = n
		}
	}
	return all
}

func openHolding(t testing.TB) (*DB, *clock) {
	t.Helper()
	c := clockAt(noon)
	db := openAt(t, t.TempDir()+"/test.db", Options{Now: c.Now, Keys: testKeys(t, 1), HoldAbove: 10})
	openPetition(t, db, withPetition(petition("sample"), func(p *rollcall.Petition) { p.Closes = noon.AddDate(0, 2, 0) }))
	return db, c
}

func TestABurstIsHeldAndNothingIsLost(t *testing.T) {
	race.Skip(t)
	for _, tt := range []struct {
		name      string
		perSecond []int
		min, max  float64 // of them held
	}{
		{"10,000 taps in ten minutes", every(600, 17, 1), 0.95, 1},
		{"10,000 taps in half an hour", every(1800, 11, 2), 0.93, 1},
		{"33 a second for ten minutes", every(600, 33, 1), 0.97, 1},
		{"a few accounts at once", []int{40}, 0, 0},
		{"one each ten seconds, for hours", every(4*3600, 1, 10), 0, 0},
		{"a viral hour: 2,000", every(3600, 5, 9), 0.4, 0.6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, c := openHolding(t)
			pressed, held := burst(t, db, c, 0, tt.perSecond)
			share := float64(held) / float64(pressed)
			t.Logf("of %d presses %d are held: %.1f %%", pressed, held, 100*share)
			if share < tt.min || share > tt.max {
				t.Errorf("%.3f are held, want %.2f to %.2f", share, tt.min, tt.max)
			}
			due(t, db, Batching{Min: 1, Look: true, Latest: day24})
			if got := count(t, db, "sample"); got.Signed != pressed-held {
				t.Errorf("%+v is counted of %d, of which %d are held", got, pressed, held)
			}
			// What was held counts after the longest wait, without anybody's doing.
			c.set(c.Now().Add(day24))
			due(t, db, Batching{Min: 1, Look: true, Latest: day24})
			if got := count(t, db, "sample"); got != (rollcall.Tally{Signed: pressed}) {
				t.Errorf("%+v is counted a day later, want all %d", got, pressed)
			}
		})
	}
}

// What is usual for a petition is not held.
func TestThePaceFollowsThePetition(t *testing.T) {
	db, c := openHolding(t)
	// Six days with 14,400 signatures each, ten a minute.
	for day := range 6 {
		execute(t, db, `INSERT INTO petition_days (petition, day, signed) VALUES ('sample', ?, 14400)`, noon.AddDate(0, 0, day).Format(time.DateOnly))
	}
	c.set(noon.AddDate(0, 0, 6))
	if _, held := burst(t, db, c, 0, every(600, 1, 1)); held != 0 { // 60 a minute
		t.Errorf("%d are held", held)
	}
	// And with the days it is forgotten.
	c.set(noon.AddDate(0, 0, 20))
	if _, held := burst(t, db, c, 10_000, every(600, 1, 1)); held < 150 {
		t.Errorf("%d are held, want most of those over 400", held)
	}
}

// After a burst the next signatures are not held for its length.
func TestHonestSignaturesAfterABurst(t *testing.T) {
	db, c := openHolding(t)
	if pressed, held := burst(t, db, c, 0, every(60, 100, 1)); held < pressed*9/10 {
		t.Fatalf("of %d presses %d are held", pressed, held)
	}
	c.set(c.Now().Add(30 * time.Minute))
	if pressed, held := burst(t, db, c, 50_000, every(600, 1, 10)); held != 0 {
		t.Errorf("half an hour later %d of %d are held", held, pressed)
	}
}

func TestHeldSignaturesAreReleasedOrVoided(t *testing.T) {
	db, c := openHolding(t)
	pressed, held := burst(t, db, c, 0, []int{400})
	if held != 100 {
		t.Fatalf("of %d presses %d are held, want those over half an hour's worth", pressed, held)
	}
	if s, err := db.Stats(t.Context()); err != nil || s.SignaturesWaiting != 300 || s.SignaturesHeld != 100 {
		t.Errorf("%d wait and %d are held by the statistics (%v)", s.SignaturesWaiting, s.SignaturesHeld, err)
	}
	if n, err := db.HeldSignatures(t.Context()); n != 100 || err != nil {
		t.Errorf("%d are held (%v)", n, err)
	}
	if got := sign(t, db, "sample", scattered(399)); got != AlreadySigned {
		t.Errorf("a second press of one that is held gives %d", got)
	}
	if got := withdraw(t, db, "sample", scattered(399)); got != WithdrawnUncounted {
		t.Errorf("its withdrawal gives %d", got)
	}
	due(t, db, Batching{Min: 1, Look: true, Latest: day24})
	if w, err := db.Waiting(t.Context(), "sample"); err != nil || w != (Waiting{Held: 99}) {
		t.Errorf("what waits is %+v (%v)", w, err)
	}
	if got := void(t, db, "sample", VoidRule{Held: true}, translog.Burst); got != 99 {
		t.Errorf("%d were voided", got)
	}
	due(t, db, Batching{Min: 1, Look: true, Latest: day24})
	if got := count(t, db, "sample"); got != (rollcall.Tally{Signed: 399, Voided: 99}) {
		t.Errorf("%+v is counted", got)
	}
	if _, held := burst(t, db, c, 1000, []int{50}); held != 50 {
		t.Errorf("%d are held, want all of 50", held)
	}
	var n int
	update(t, db, func(tx *Tx) (err error) { n, err = tx.ReleaseHeld("sample", Shell); return err })
	due(t, db, Batching{Min: 1, Look: true, Latest: day24})
	if got := count(t, db, "sample"); n != 50 || got != (rollcall.Tally{Signed: 449, Voided: 99}) {
		t.Errorf("%d were released, and %+v is counted", n, got)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
	if _, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{}); err != nil {
		t.Error(err)
	}
}

func TestSignaturesGoAfterTheirRetention(t *testing.T) {
	db, c := openTest(t)
	openPetition(t, db, petition("sample"))
	openPetition(t, db, withPetition(petition("open"), func(p *rollcall.Petition) { p.Closes = noon.AddDate(1, 0, 0) }))
	update(t, db, func(tx *Tx) error {
		for i := range forgetChunk + 5 {
			if _, err := tx.Sign("sample", 1, scattered(i)); err != nil {
				return err
			}
		}
		_, err := tx.Sign("open", 1, signer(1))
		return err
	})
	sequence(t, db)
	void(t, db, "sample", VoidRule{Leaves: []LeafRange{{2, 2}}}, translog.Test)
	const retention = 720 * time.Hour
	c.set(noon.Add(time.Hour)) // the closing
	sequence(t, db)
	want := rollcall.Tally{Signed: forgetChunk + 5, Voided: 1}
	leaf := query(t, db, `SELECT hex(signer_tag), hex(sealed_salt) FROM signatures WHERE petition = 'sample' AND leaf_index = 900`)[0]
	tag, salt, _ := strings.Cut(leaf, "|")
	c.set(noon.Add(time.Hour + retention - time.Second))
	if err := db.PruneSignatures(t.Context(), retention); err != nil {
		t.Fatal(err)
	}
	if got := query(t, db, `SELECT count(*) FROM signatures WHERE petition = 'sample'`); got[0] != fmt.Sprint(forgetChunk+5) {
		t.Errorf("%s are left a second before", got[0])
	}
	checkpoint(t, db)
	wantThere(t, files(t, db.path), "a salt", unhex(t, salt))
	c.set(noon.Add(time.Hour + retention))
	for range 2 {
		if err := db.PruneSignatures(t.Context(), retention); err != nil {
			t.Fatal(err)
		}
	}
	if got := query(t, db, `SELECT petition FROM signatures`); !slices.Equal(got, []string{"open"}) {
		t.Errorf("%d signatures are left", len(got))
	}
	checkpoint(t, db)
	wantGone(t, files(t, db.path), "a salt", unhex(t, salt))
	if tag := unhex(t, tag); strings.Contains(string(files(t, db.path)), string(tag)) {
		t.Error("a tag is left")
	}
	if got := withdraw(t, db, "sample", scattered(900)); got != NotSigned {
		t.Errorf("a withdrawal gives %d", got)
	}
	_, err := db.CountVoidable(t.Context(), "sample", VoidRule{Held: true})
	wantCode(t, err, rollcall.Conflict)
	if got := tally(t, db, "sample"); got != want {
		t.Errorf("%+v is counted, want %+v", got, want)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
	if res, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{}); err != nil || res.Tally != want {
		t.Errorf("the published log says %+v (%v)", res.Tally, err)
	}
	if faults, err := db.CheckLogHeads(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
}
