package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/translog"
)

const day24 = 24 * time.Hour

// count is the petition's figures as they are shown, with what waits left waiting.
func count(t testing.TB, db *DB, slug string) rollcall.Tally {
	t.Helper()
	p, err := db.Petition(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return p.Tally
}

// leaves are the lines of the petition's log.
func leaves(t testing.TB, db *DB, slug string) (lines []string) {
	t.Helper()
	head, err := db.LogHead(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	for line, err := range db.Leaves(context.Background(), slug, head.Checkpoint.Size) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// kindsOf are the kinds of a log's leaves.
func kindsOf(lines []string) string {
	var kinds []string
	for _, line := range lines {
		kind, _, _ := strings.Cut(line, " ")
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, " ")
}

// bundle is the petition's log as it is published.
func bundle(t testing.TB, db *DB, slug string) fs.FS {
	t.Helper()
	ctx := context.Background()
	p, err := db.Petition(ctx, slug)
	if err != nil {
		t.Fatal(err)
	}
	head, err := db.LogHead(ctx, slug)
	if err != nil {
		t.Fatal(err)
	}
	var notes bytes.Buffer
	for note, err := range db.Checkpoints(ctx, slug, head.Checkpoint.Size) {
		if err != nil {
			t.Fatal(err)
		}
		notes.Write(note)
	}
	files := fstest.MapFS{}
	for name, content := range map[string][]byte{
		translog.PetitionFile: p.CanonicalJSON(), translog.KeyFile: []byte(head.Key.String() + "\n"), translog.PageFile: translog.Page,
		translog.LeavesFile: []byte(strings.Join(leaves(t, db, slug), "\n") + "\n"), translog.CheckpointsFile: notes.Bytes(),
		translog.CheckpointFile: head.Checkpoint.Note,
	} {
		files[name] = &fstest.MapFile{Data: content}
	}
	return files
}

func due(t testing.TB, db *DB, b Batching) []LogBatch {
	t.Helper()
	done, err := db.Sequence(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestOpeningBeginsTheLog(t *testing.T) {
	db, _ := openTest(t)
	p := petition("sample")
	openPetition(t, db, p)
	want := []string{fmt.Sprintf("open sample %s %s", rollcall.Hex(p.TextSHA256()), p.Closes.Format(time.RFC3339)), "tally sample 0 0 0 0"}
	if diff := cmp.Diff(leaves(t, db, "sample"), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	head, err := db.LogHead(t.Context(), "sample")
	if err != nil || head.Key.Origin() != "rollcall.example.org/sample" || head.Checkpoint.Size != 2 {
		t.Errorf("the head is %+v (%v)", head, err)
	}
	if _, err := translog.OpenCheckpoint(head.Key, head.Checkpoint.Note); err != nil {
		t.Error(err)
	}
	if _, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{}); err != nil {
		t.Error(err)
	}

	other := openAt(t, filepath.Join(t.TempDir(), "other.db"), Options{Now: db.now, Keys: db.keys, Origin: "log.example.net/x"})
	openPetition(t, other, p)
	if head, err := other.LogHead(t.Context(), "sample"); err != nil || head.Key.Origin() != "log.example.net/x/sample" {
		t.Errorf("with an origin of its own it is %s (%v)", head.Key, err)
	}
	// An origin that is configured otherwise later changes no log that is open.
	again := openAt(t, db.path, Options{Now: db.now, Keys: db.keys, Origin: "changed.example.net"})
	sign(t, again, "sample", signer(1))
	if got := tally(t, again, "sample"); got.Signed != 1 {
		t.Errorf("%+v is counted", got)
	}
	if _, err := translog.Verify(t.Context(), bundle(t, again, "sample"), translog.Options{Key: head.Key}); err != nil {
		t.Error(err)
	}
}

func TestNoLogIsBegunWithoutKeys(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "test.db"), Options{Now: clockAt(noon).Now})
	wantCode(t, db.OpenPetition(t.Context(), petition("sample"), Shell), rollcall.Unavailable)
	wantCode(t, db.ClosePetition(t.Context(), "sample", Shell), rollcall.Unavailable)
	if got := query(t, db, `SELECT count(*) FROM petitions`); got[0] != "0" {
		t.Error("a petition is there without a log")
	}
}

func TestASignatureWaitsUntilItIsSequenced(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	for i := range 3 {
		if got := sign(t, db, "sample", signer(i)); got != Recorded {
			t.Fatalf("got %d", got)
		}
	}
	if got := count(t, db, "sample"); got != (rollcall.Tally{}) {
		t.Errorf("%+v is shown before it is in the log", got)
	}
	if got := sign(t, db, "sample", signer(0)); got != AlreadySigned {
		t.Errorf("a second time gives %d", got)
	}
	if w, err := db.Waiting(t.Context(), "sample"); err != nil || w != (Waiting{Signatures: 3}) {
		t.Errorf("what waits is %+v (%v)", w, err)
	}
	// One that waits leaves no trace when it is withdrawn.
	if got := withdraw(t, db, "sample", signer(1)); got != WithdrawnUncounted {
		t.Errorf("got %d", got)
	}
	if got := withdraw(t, db, "sample", signer(1)); got != NotSigned {
		t.Errorf("got %d", got)
	}
	done := due(t, db, Batching{Min: 1, Look: true, Latest: day24})
	if diff := cmp.Diff(done, []LogBatch{{Petition: "sample", Size: 5, Added: rollcall.Tally{Signed: 2}}}, cmp.AllowUnexported(LogBatch{})); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got := count(t, db, "sample"); got != (rollcall.Tally{Signed: 2}) {
		t.Errorf("%+v is shown", got)
	}
	if got := query(t, db, `SELECT count(*) FROM signatures WHERE waiting_since IS NOT NULL OR commitment IS NOT NULL`); got[0] != "0" {
		t.Error("a time stays with a leaf")
	}
	// One that is in the log is taken back by a leaf, and its row is gone at once.
	if got := withdraw(t, db, "sample", signer(0)); got != Withdrawn {
		t.Errorf("got %d", got)
	}
	if got := count(t, db, "sample"); got != (rollcall.Tally{Signed: 2}) {
		t.Errorf("%+v is shown before the withdrawal is in the log", got)
	}
	if got := query(t, db, `SELECT count(*) FROM signatures`); got[0] != "1" {
		t.Errorf("%s rows are left, want the other one's", got[0])
	}
	// Signing again is a new signature.
	if got := sign(t, db, "sample", signer(0)); got != Recorded {
		t.Errorf("got %d", got)
	}
	if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 3, Withdrawn: 1}) {
		t.Errorf("%+v is counted", got)
	}
	if got := kindsOf(leaves(t, db, "sample")); got != "open tally sign sign tally sign withdraw tally" && got != "open tally sign sign tally withdraw sign tally" {
		t.Errorf("the log is %s", got)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
}

// The leaf is the account's: its receipt proves it, and nobody else's id does.
func TestTheCommitmentIsTheAccounts(t *testing.T) {
	db, _ := openTest(t)
	p := petition("sample")
	openPetition(t, db, p)
	for i := range 5 {
		update(t, db, func(tx *Tx) error { _, err := tx.Sign("sample", rollcall.UserID(1000+i), signer(i)); return err })
	}
	sequence(t, db)
	head, err := db.LogHead(t.Context(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	places := map[int64]bool{}
	for i := range 5 {
		leaf, err := db.SignatureLeaf(t.Context(), "sample", signer(i))
		if err != nil || leaf.Index < 2 || leaf.Voided {
			t.Fatalf("the signature is at %d (%v)", leaf.Index, err)
		}
		places[leaf.Index] = true
		r, err := translog.NewReceipt("sample", p.TextSHA256(), leaf.Salt, leaf.Index, head.Checkpoint, db.LogHashes(t.Context(), "sample"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Check(head.Key, rollcall.UserID(1000+i)); err != nil {
			t.Errorf("account %d: %v", i, err)
		}
		if _, err := r.Check(head.Key, rollcall.UserID(1001+i)); !errors.Is(err, translog.ErrReceipt) {
			t.Errorf("the receipt of account %d is good for another: %v", i, err)
		}
	}
	if len(places) != 5 {
		t.Errorf("five signatures have the leaves %v", slices.Collect(maps.Keys(places)))
	}
	_, err = db.SignatureLeaf(t.Context(), "sample", signer(9))
	wantCode(t, err, rollcall.NotFound)
}

// Whoever has the database, its WAL and the log, and no secret file, has nothing by
// which an id could be told that he knows.
func TestNoIDCanBeTriedAgainstTheLog(t *testing.T) {
	race.Skip(t)
	db, _ := openTest(t)
	p := petition("sample")
	openPetition(t, db, p)
	const first, n = 7_310_000_000, 12
	for i := range n {
		update(t, db, func(tx *Tx) error { _, err := tx.Sign("sample", rollcall.UserID(first+i), scattered(i)); return err })
		if i == n/2 {
			sequence(t, db)
		}
	}
	withdraw(t, db, "sample", scattered(0))
	known := map[[32]byte]bool{} // in the log, or waiting
	for _, line := range leaves(t, db, "sample") {
		if leaf, err := translog.ParseLeaf([]byte(line)); err == nil && leaf.Kind == translog.Sign {
			known[leaf.Commitment] = true
		}
	}
	for _, c := range query(t, db, `SELECT hex(commitment) FROM signatures WHERE commitment IS NOT NULL`) {
		known[[32]byte(unhex(t, c))] = true
	}
	if len(known) != n {
		t.Fatalf("%d commitments are known, want %d", len(known), n)
	}
	// Each 32 bytes of the files may be a salt.
	found := func(in []byte) (ids int) {
		tried := map[translog.Salt]bool{}
		for at := 0; at+32 <= len(in); at++ {
			salt := translog.Salt(in[at : at+32])
			if tried[salt] {
				continue
			}
			tried[salt] = true
			for i := range n {
				if known[translog.Commitment("sample", p.TextSHA256(), rollcall.UserID(first+i), salt)] {
					ids++
				}
			}
		}
		return ids
	}
	if got := found(files(t, db.path)); got != 0 {
		t.Errorf("%d of %d ids were found", got, n)
	}
	leaf, err := db.SignatureLeaf(t.Context(), "sample", scattered(3))
	if err != nil || found(append([]byte("shows that it can be found "), leaf.Salt[:]...)) != 1 {
		t.Errorf("with a salt no id is found (%v)", err)
	}
}

func TestWhenABatchIsDue(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signers int
		waited  time.Duration
		b       Batching
		want    bool
	}{
		{"nothing waits", 0, 0, Batching{Min: 1, Look: true, Latest: day24}, false},
		{"too few", 4, time.Hour, Batching{Min: 5, Look: true, Latest: day24}, false},
		{"enough", 5, 0, Batching{Min: 5, Look: true, Latest: day24}, true},
		{"enough, between two looks", 5, time.Hour, Batching{Min: 5, Latest: day24}, false},
		{"too few, a second before the latest", 1, day24 - time.Second, Batching{Min: 5, Look: true, Latest: day24}, false},
		{"too few, at the latest", 1, day24, Batching{Min: 5, Latest: day24}, true},
	} {
		for _, what := range []string{"signatures", "withdrawals"} {
			t.Run(tt.name+", "+what, func(t *testing.T) {
				db, c := openTest(t)
				openPetition(t, db, withPetition(petition("sample"), func(p *rollcall.Petition) { p.Closes = noon.AddDate(0, 1, 0) }))
				for i := range tt.signers {
					sign(t, db, "sample", signer(i))
				}
				if what == "withdrawals" {
					sequence(t, db)
					for i := range tt.signers {
						withdraw(t, db, "sample", signer(i))
					}
				}
				c.set(noon.Add(tt.waited))
				if got := due(t, db, tt.b); (len(got) == 1) != tt.want {
					t.Errorf("got %+v, want a batch: %t", got, tt.want)
				}
			})
		}
	}
}

func TestTheOrderOfTheLeavesIsOneOfChance(t *testing.T) {
	const n = 60
	inOrder := 0
	for range 3 {
		db, _ := openTest(t)
		openPetition(t, db, petition("sample"))
		for i := range n {
			sign(t, db, "sample", signer(i))
		}
		sequence(t, db)
		// The tags of these signers are in the order of signing.
		at := query(t, db, `SELECT leaf_index FROM signatures ORDER BY signer_tag`)
		if slices.IsSortedFunc(at, func(a, b string) int { return len(a) - len(b) }) && slices.IsSorted(at) {
			inOrder++
		}
		if got := query(t, db, `SELECT leaf_index FROM signatures ORDER BY id`); !slices.Equal(got, query(t, db, `SELECT leaf_index FROM signatures ORDER BY leaf_index`)) {
			t.Errorf("the ids tell another order than the leaves: %q", got)
		}
	}
	if inOrder > 0 {
		t.Error("the leaves are in the order of signing")
	}
}

func TestALongQueueGoesInSeveralBatches(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	update(t, db, func(tx *Tx) error {
		for i := range 2*maxBatch + 1 {
			if _, err := tx.Sign("sample", 1, scattered(i)); err != nil {
				return err
			}
		}
		return nil
	})
	var signed []int
	for _, b := range due(t, db, Batching{Min: 1, Look: true}) {
		signed = append(signed, b.Added.Signed)
	}
	if diff := cmp.Diff(signed, []int{maxBatch, maxBatch, 1}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
}

func TestClosing(t *testing.T) {
	for name, closing := range map[string]func(*testing.T, *DB, *clock){
		"by hand": func(t *testing.T, db *DB, c *clock) {
			if err := db.ClosePetition(t.Context(), "sample", Shell); err != nil {
				t.Fatal(err)
			}
		},
		"at its instant": func(t *testing.T, db *DB, c *clock) {
			c.set(noon.Add(time.Hour))
			if got := due(t, db, Batching{Min: 100, Latest: day24}); len(got) != 1 || !got[0].Closed {
				t.Errorf("got %+v, want the closing", got)
			}
		},
		"by hand, and a crash between": func(t *testing.T, db *DB, c *clock) {
			execute(t, db, `UPDATE petitions SET closed_at = ? WHERE slug = 'sample'`, noon.Unix())
			if got := due(t, db, Batching{Min: 100, Latest: day24}); len(got) != 1 || !got[0].Closed {
				t.Errorf("got %+v, want the closing", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, c := openTest(t)
			openPetition(t, db, petition("sample"))
			for i := range 4 {
				sign(t, db, "sample", signer(i))
				if i == 1 {
					sequence(t, db)
				}
			}
			withdraw(t, db, "sample", signer(0))
			execute(t, db, `UPDATE signatures SET held = 1 WHERE signer_tag = (SELECT max(signer_tag) FROM signatures)`) // it closes with the rest
			closing(t, db, c)
			lines := leaves(t, db, "sample")
			if got := lines[len(lines)-2:]; !slices.Equal(got, []string{"close sample 3", "tally sample 4 1 0 3"}) {
				t.Errorf("it ends with %q", got)
			}
			if got := sign(t, db, "sample", signer(7)); got != PetitionClosed {
				t.Errorf("a press after the closing gives %d", got)
			}
			if got := due(t, db, Batching{Min: 1, Look: true}); len(got) != 0 {
				t.Errorf("it is closed twice: %+v", got)
			}
			// The clock is set back: what is closed stays so.
			c.set(noon)
			if got := sign(t, db, "sample", signer(7)); got != PetitionClosed {
				t.Errorf("a press after the closing gives %d", got)
			}
			c.set(noon.Add(3 * time.Hour))
			if got := withdraw(t, db, "sample", signer(1)); got != Withdrawn {
				t.Errorf("a withdrawal after the closing gives %d", got)
			}
			if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 4, Withdrawn: 2}) {
				t.Errorf("%+v is counted", got)
			}
			res, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{})
			if err != nil || !res.Closed || res.Tally.Net() != 2 {
				t.Errorf("the log says %+v (%v)", res, err)
			}
			if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
				t.Error(err)
			}
		})
	}
}

// A clock that was set back leaves nothing behind at the closing.
func TestClosingAfterTheClockWasSetBack(t *testing.T) {
	db, c := openTest(t)
	openPetition(t, db, petition("sample"))
	sign(t, db, "sample", signer(1))
	sign(t, db, "sample", signer(2))
	execute(t, db, `UPDATE signatures SET held = 1`)
	c.set(noon.Add(-10 * time.Minute))
	if err := db.ClosePetition(t.Context(), "sample", Shell); err != nil {
		t.Fatal(err)
	}
	lines := leaves(t, db, "sample")
	if got := kindsOf(lines); got != "open tally sign sign close tally" {
		t.Errorf("the log is %s", got)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
}

// A batch is there wholly or not at all, wherever it is cut off.
func TestABatchIsOneTransaction(t *testing.T) {
	for _, table := range []string{"log_leaves", "log_hashes", "checkpoints", "petition_days", "milestones"} {
		t.Run(table, func(t *testing.T) {
			db, _ := openTest(t)
			openPetition(t, db, petition("sample"))
			for i := range 3 {
				sign(t, db, "sample", signer(i))
			}
			before := dump(t, db)
			execute(t, db, `CREATE TRIGGER fails BEFORE INSERT ON `+table+` BEGIN SELECT raise(ABORT, 'as a disk does'); END`)
			if _, err := db.Sequence(t.Context(), Batching{Min: 1, Look: true}); err == nil {
				t.Fatal("it has not failed")
			}
			execute(t, db, `DROP TRIGGER fails`)
			if diff := cmp.Diff(dump(t, db), before); diff != "" {
				t.Errorf("something is left of it (-got +want):\n%s", diff)
			}
			if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 3}) {
				t.Errorf("%+v is counted afterwards", got)
			}
		})
	}
}

// Several processes sign, withdraw and sequence at once.
func TestSigningAndSequencingSideBySide(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{Now: db.now, Keys: db.keys})
	openPetition(t, db, petition("sample"))
	const accounts = 120
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var sequencers sync.WaitGroup
	for _, d := range []*DB{db, other} {
		sequencers.Go(func() {
			for {
				if _, err := d.Sequence(context.Background(), Batching{Min: 3, Look: true}); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i := range accounts {
		wg.Go(func() {
			d := db
			if i%2 == 0 {
				d = other
			}
			for _, press := range []func(*Tx) (SignOutcome, error){
				func(tx *Tx) (SignOutcome, error) { return tx.Sign("sample", 1, signer(i)) },
				func(tx *Tx) (SignOutcome, error) { return tx.Sign("sample", 1, signer(i)) },
				func(tx *Tx) (SignOutcome, error) {
					if i%3 != 0 {
						return 0, nil
					}
					return tx.Withdraw("sample", signer(i))
				},
			} {
				if err := d.Update(context.Background(), func(tx *Tx) error { _, err := press(tx); return err }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	sequencers.Wait()
	if got := tally(t, db, "sample"); got.Net() != accounts*2/3 {
		t.Errorf("%+v is counted, want %d net", got, accounts*2/3)
	}
	if err := errors.Join(db.CheckTallies(t.Context()), audited(db, "sample")); err != nil {
		t.Error(err)
	}
	if _, err := translog.Verify(t.Context(), bundle(t, db, "sample"), translog.Options{}); err != nil {
		t.Error(err)
	}
}

// A log that somebody has changed takes no signatures, and says why.
func TestATamperedLogIsHalted(t *testing.T) {
	for name, tt := range map[string]struct {
		tamper string
		head   bool // the end alone shows it
	}{
		"the last leaf is changed":      {`UPDATE log_leaves SET leaf = 'tally sample 9 0 0 9' WHERE petition = 'sample' AND number = 9`, true},
		"a leaf is changed":             {`UPDATE log_leaves SET leaf = replace(leaf, 'a', 'b') WHERE petition = 'sample' AND number = 3`, false},
		"two leaves change places":      {`UPDATE log_leaves SET leaf = (SELECT leaf FROM log_leaves l WHERE l.petition = 'sample' AND l.number = 7 - log_leaves.number) WHERE petition = 'sample' AND number IN (3, 4)`, false},
		"the last leaf is gone":         {`DELETE FROM log_leaves WHERE petition = 'sample' AND number = 9`, true},
		"a leaf is gone":                {`DELETE FROM log_leaves WHERE petition = 'sample' AND number = 4`, false},
		"a leaf is added":               {`INSERT INTO log_leaves VALUES ('sample', 10, 'sign sample 00')`, true},
		"a node of the edge is changed": {`UPDATE log_hashes SET hash = zeroblob(32) WHERE petition = 'sample' AND number = 17`, true},
		"a node is changed":             {`UPDATE log_hashes SET hash = zeroblob(32) WHERE petition = 'sample' AND number = 1`, false},
		"a node is gone":                {`DELETE FROM log_hashes WHERE petition = 'sample' AND number = (SELECT max(number) FROM log_hashes WHERE petition = 'sample')`, true},
		"the last checkpoint is gone":   {`DELETE FROM checkpoints WHERE petition = 'sample' AND size = 10`, true},
		"an old checkpoint is changed":  {`UPDATE checkpoints SET note = cast(replace(note, 'sample', 'simple') AS BLOB) WHERE petition = 'sample' AND size = 2`, false},
		"its note is changed":           {`UPDATE checkpoints SET note = cast(replace(note, char(10) || '10' || char(10), char(10) || '11' || char(10)) AS BLOB) WHERE petition = 'sample' AND size = 10`, true},
		"its root is changed":           {`UPDATE checkpoints SET root = zeroblob(32) WHERE petition = 'sample' AND size = 10`, true},
		"the size is less":              {`UPDATE petitions SET log_size = 7 WHERE slug = 'sample'`, true},
		"the key is another":            {`UPDATE petitions SET log_key = (SELECT log_key FROM petitions WHERE slug = 'other') WHERE slug = 'sample'`, true},
		"a figure is more":              {`UPDATE petitions SET signed = signed + 1 WHERE slug = 'sample'`, true},
		"the text is another":           {`UPDATE petitions SET canonical = cast(replace(canonical, 'A sample text', 'Another text') AS BLOB) WHERE slug = 'sample'`, false},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			openPetition(t, db, petition("sample"))
			openPetition(t, db, petition("other"))
			for i := range 4 {
				sign(t, db, "sample", signer(i))
				if i == 1 {
					sequence(t, db)
				}
			}
			sequence(t, db)
			sign(t, db, "sample", signer(4))
			sequence(t, db)
			if lines := leaves(t, db, "sample"); len(lines) != 10 {
				t.Fatalf("there are %d leaves: %q", len(lines), lines)
			}
			if faults, err := db.CheckLogHeads(t.Context()); len(faults) != 0 || err != nil || audited(db, "sample") != nil {
				t.Fatalf("before: %v, %v, %v", faults, err, audited(db, "sample"))
			}
			execute(t, db, tt.tamper)
			if err := audited(db, "sample"); !errors.Is(err, ErrBrokenLog) {
				t.Errorf("the audit says %v", err)
			}
			faults, err := db.CheckLogHeads(t.Context())
			if err != nil || (len(faults) == 1) != tt.head || tt.head && !errors.Is(faults["sample"], ErrBrokenLog) {
				t.Fatalf("the check of the head says %v (%v), want it to show: %t", faults, err, tt.head)
			}
			if !tt.head {
				return
			}
			p, err := db.Petition(t.Context(), "sample")
			if err != nil || p.Halted == "" || strings.Contains(p.Halted, ErrBrokenLog.Error()) {
				t.Errorf("it is halted for %q (%v)", p.Halted, err)
			}
			if got := sign(t, db, "sample", signer(8)); got != SigningHalted {
				t.Errorf("a press gives %d", got)
			}
			if got := sign(t, db, "sample", signer(1)); got != AlreadySigned {
				t.Errorf("a second press gives %d", got)
			}
			if got := withdraw(t, db, "sample", signer(1)); got != WithdrawnHalted {
				t.Errorf("a withdrawal gives %d", got)
			}
			if got := sign(t, db, "other", signer(1)); got != Recorded {
				t.Errorf("on the other petition a press gives %d", got)
			}
			if got := due(t, db, Batching{Min: 1, Look: true}); len(got) != 1 || got[0].Petition != "other" {
				t.Errorf("appended was %+v, want the other petition's", got)
			}
		})
	}
}

// Without the check at the start a batch finds it, and one that has been put right
// goes on.
func TestABatchFindsABrokenHeadAndARepairEndsIt(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	sign(t, db, "sample", signer(1))
	hash := query(t, db, `SELECT hex(hash) FROM log_hashes WHERE petition = 'sample' AND number = 2`)[0]
	execute(t, db, `UPDATE log_hashes SET hash = zeroblob(32) WHERE petition = 'sample' AND number = 2`)
	if _, err := db.Sequence(t.Context(), Batching{Min: 1, Look: true}); !errors.Is(err, ErrBrokenLog) {
		t.Fatalf("got %v", err)
	}
	if got := sign(t, db, "sample", signer(2)); got != SigningHalted {
		t.Errorf("a press gives %d", got)
	}
	if got := due(t, db, Batching{Min: 1, Look: true}); len(got) != 0 {
		t.Errorf("appended was %+v", got)
	}
	execute(t, db, `UPDATE log_hashes SET hash = ? WHERE petition = 'sample' AND number = 2`, unhex(t, hash))
	if faults, err := db.CheckLogHeads(t.Context()); err != nil || len(faults) != 0 {
		t.Fatalf("after the repair: %v, %v", faults, err)
	}
	if got := sign(t, db, "sample", signer(2)); got != Recorded {
		t.Errorf("a press gives %d", got)
	}
	if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 2}) {
		t.Errorf("%+v is counted", got)
	}
}

// After any walk of signing, withdrawing, voiding, holding, crashing and restarting
// the count that is shown is the replay of the leaves, and, once nothing waits, the
// model's; whoever checks the published log finds nothing wrong, and it extends what
// was published before.
func TestTheCountIsAlwaysTheReplayOfTheLeaves(t *testing.T) {
	race.Skip(t)
	dir := t.TempDir()
	keys := testKeys(t, 1)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		path := filepath.Join(dir, fmt.Sprint(runs))
		c := clockAt(noon)
		open := func() *DB {
			db, err := Open(context.Background(), path, Options{Now: c.Now, Keys: keys})
			if err != nil {
				rt.Fatal(err)
			}
			return db
		}
		db := open()
		defer func() { db.Close(); os.Remove(path) }()
		openPetition(t, db, withPetition(petition("sample"), func(p *rollcall.Petition) {
			p.Closes = noon.AddDate(0, 0, 3)
			p.Milestones = []int{1, 2, 3, 4, 5}
		}))
		stands, voided := map[int]bool{}, map[int]bool{}
		var earlier fs.FS
		replayed := func() {
			var r translog.Replay
			for _, line := range leaves(t, db, "sample") {
				leaf, err := translog.ParseLeaf([]byte(line))
				if err == nil {
					err = r.Add(leaf)
				}
				if err != nil {
					rt.Fatal(err)
				}
			}
			if got := count(t, db, "sample"); got != r.Tally() {
				rt.Fatalf("%+v is shown, and the leaves give %+v", got, r.Tally())
			}
			if err := db.CheckTallies(context.Background()); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			who := rapid.IntRange(1, 6).Draw(rt, "who")
			p, err := db.Petition(context.Background(), "sample")
			if err != nil {
				rt.Fatal(err)
			}
			over := p.State(c.Now()) == rollcall.Closed
			switch rapid.SampledFrom([]string{"sign", "sign", "sign", "withdraw", "erase", "void", "hold", "void held", "release", "batch", "batch", "wait", "crash", "close", "publish"}).Draw(rt, "what") {
			case "sign":
				want := Recorded
				switch {
				case over:
					want = PetitionClosed
				case voided[who]:
					want = SignedAndVoided
				case stands[who]:
					want = AlreadySigned
				default:
					stands[who] = true
				}
				if got := sign(t, db, "sample", signer(who)); got != want {
					rt.Fatalf("sign gives %d, want %d", got, want)
				}
			case "withdraw":
				want := NotSigned
				if stands[who] || voided[who] {
					tag := signer(who)
					waits := query(t, db, `SELECT count(*) FROM signatures WHERE signer_tag = ? AND leaf_index IS NULL`, tag[:])[0] == "1"
					switch {
					case waits:
						want = WithdrawnUncounted
					case voided[who]:
						want = WithdrawnVoided
					default:
						want = Withdrawn
					}
				}
				delete(stands, who)
				delete(voided, who)
				if got := withdraw(t, db, "sample", signer(who)); got != want {
					rt.Fatalf("withdraw gives %d, want %d", got, want)
				}
			case "erase":
				delete(stands, who)
				delete(voided, who)
				update(t, db, func(tx *Tx) error {
					_, err := tx.EraseSignatures(map[string]secret.Tag{"sample": signer(who)})
					return err
				})
			case "hold":
				tag := signer(who)
				execute(t, db, `UPDATE signatures SET held = 1 WHERE signer_tag = ? AND leaf_index IS NULL`, tag[:])
			case "void", "void held":
				tag := signer(who)
				rule := VoidRule{Held: true}
				if l, err := db.SignatureLeaf(context.Background(), "sample", tag); err == nil && l.Index > 0 {
					rule = VoidRule{Leaves: []LeafRange{{l.Index, l.Index + 1}}}
				}
				for i := range 7 {
					tag := signer(i)
					held := len(query(t, db, `SELECT 1 FROM signatures WHERE signer_tag = ? AND held = 1`, tag[:])) > 0
					l, err := db.SignatureLeaf(context.Background(), "sample", tag)
					if err == nil && !l.Voided && (rule.Held && held || len(rule.Leaves) > 0 && l.Index >= rule.Leaves[0].From && l.Index <= rule.Leaves[0].To) {
						voided[i] = true
						delete(stands, i)
					}
				}
				update(t, db, func(tx *Tx) error { _, err := tx.Void("sample", rule, translog.Burst, Shell); return err })
			case "release":
				update(t, db, func(tx *Tx) error { _, err := tx.ReleaseHeld("sample", Shell); return err })
			case "batch":
				due(t, db, Batching{Min: rapid.IntRange(1, 3).Draw(rt, "min"), Look: true, Latest: day24})
			case "wait":
				c.set(c.Now().Add(5 * time.Hour))
			case "crash":
				// The files as they are at this moment are what a crash leaves.
				crashed := path + "-crashed"
				for _, suffix := range []string{"", "-wal"} {
					b, err := os.ReadFile(path + suffix)
					if err != nil && !errors.Is(err, fs.ErrNotExist) {
						rt.Fatal(err)
					}
					if err := os.WriteFile(crashed+suffix, b, 0o600); err != nil {
						rt.Fatal(err)
					}
				}
				db.Close()
				os.Remove(path)
				path = crashed
				db = open()
				if faults, err := db.CheckLogHeads(context.Background()); err != nil || len(faults) > 0 {
					rt.Fatal("a false alarm:", faults, err)
				}
			case "close":
				if !over && rapid.IntRange(0, 3).Draw(rt, "really") == 0 {
					if err := db.ClosePetition(context.Background(), "sample", Shell); err != nil {
						rt.Fatal(err)
					}
				}
			case "publish":
				now := bundle(t, db, "sample")
				if _, err := translog.Verify(context.Background(), now, translog.Options{Earlier: earlier}); err != nil {
					rt.Fatal("a false alarm:", err)
				}
				earlier = now
			}
			replayed()
		}
		c.set(c.Now().Add(2 * day24)) // what is held goes too
		due(t, db, Batching{Min: 1, Look: true, Latest: day24})
		replayed()
		if got := count(t, db, "sample").Net(); got != len(stands) {
			rt.Fatalf("%d is counted in the end, want %d", got, len(stands))
		}
		if err := audited(db, "sample"); err != nil {
			rt.Fatal(err)
		}
		if _, err := translog.Verify(context.Background(), bundle(t, db, "sample"), translog.Options{Earlier: earlier}); err != nil {
			rt.Fatal("a false alarm:", err)
		}
	})
}

// BenchmarkSequence appends what waits, in batches of maxBatch.
func BenchmarkSequence(b *testing.B) {
	db, _ := openTest(b)
	openPetition(b, db, petition("sample"))
	n := 0
	for b.Loop() {
		b.StopTimer()
		update(b, db, func(tx *Tx) error {
			for range maxBatch {
				n++
				if _, err := tx.Sign("sample", 1, scattered(n)); err != nil {
					return err
				}
			}
			return nil
		})
		b.StartTimer()
		due(b, db, Batching{Min: 1, Look: true})
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "leaves/s")
}

// BenchmarkAudit checks a log wholly, as doctor does.
func BenchmarkAudit(b *testing.B) {
	const signatures = 50_000
	db, _ := openTest(b)
	openPetition(b, db, petition("sample"))
	for from := 0; from < signatures; from += maxBatch {
		update(b, db, func(tx *Tx) error {
			for i := range maxBatch {
				if _, err := tx.Sign("sample", 1, scattered(from+i)); err != nil {
					return err
				}
			}
			return nil
		})
		due(b, db, Batching{Min: 1, Look: true})
	}
	for b.Loop() {
		if err := audited(db, "sample"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*signatures/b.Elapsed().Seconds(), "leaves/s")
}
