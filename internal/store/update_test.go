package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
)

// note writes a line that [notes] reads back.
func note(text string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO rounds (title, created_at) VALUES (?, 0)`, text)
		return err
	}
}

func notes(t testing.TB, db *DB) []string {
	t.Helper()
	return query(t, db, `SELECT title FROM rounds ORDER BY title`)
}

// together runs the pieces within one commit, in their order, and returns their
// errors. It must be called within a synctest bubble: that tells when a piece
// waits for the writer.
func together(t *testing.T, db *DB, pieces ...func(*Tx) error) []error {
	t.Helper()
	errs := make([]error, len(pieces))
	enter, seen := make(chan struct{}), make(chan []string)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Update(context.Background(), func(*Tx) error { <-enter; return nil }); err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	for i, p := range pieces {
		wg.Go(func() { errs[i] = db.Update(context.Background(), p) })
		synctest.Wait() // each in its turn: the writer takes them in their order
	}
	before := notes(t, db)
	wg.Go(func() {
		if err := db.Update(context.Background(), func(*Tx) error { seen <- notes(t, db); return nil }); err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	close(enter)
	if diff := cmp.Diff(<-seen, before); diff != "" {
		t.Fatalf("the pieces were not of one commit: the last sees (-got +want):\n%s", diff)
	}
	wg.Wait()
	return errs
}

func TestFailingPieceUndoesOnlyItself(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{})
		failed := errors.New("failed")
		errs := together(t, db,
			note("a"),
			func(tx *Tx) error { return errors.Join(note("b1")(tx), note("b2")(tx), failed) },
			note("c"),
			func(tx *Tx) error { // a constraint that fails half-way
				if err := note("d")(tx); err != nil {
					return err
				}
				return note("a")(tx)
			},
			func(tx *Tx) error { // sees what was committed with it, and may swallow an error
				var n int
				if err := tx.row(`SELECT count(*) FROM rounds`, nil, &n); err != nil || n != 2 {
					return fmt.Errorf("sees %d rows (%v), want 2", n, err)
				}
				if err := note("c")(tx); rollcall.CodeOf(err) != rollcall.Conflict {
					return fmt.Errorf("got %v, want a conflict", err)
				}
				return note("e")(tx)
			},
		)
		for i, want := range []bool{true, false, true, false, true} {
			if got := errs[i] == nil; got != want {
				t.Errorf("piece %d: got the error %v", i, errs[i])
			}
		}
		if !errors.Is(errs[1], failed) {
			t.Errorf("got %v, want the piece's own error", errs[1])
		}
		wantCode(t, errs[3], rollcall.Conflict)
		if diff := cmp.Diff(notes(t, db), []string{"a", "c", "e"}); diff != "" {
			t.Errorf("what remains (-got +want):\n%s", diff)
		}
	})
}

func TestPanicIsAnErrorOfItsPiece(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{})
		errs := together(t, db,
			note("a"),
			func(tx *Tx) error {
				return tx.each(`SELECT 1 UNION SELECT 2`, nil, func(*sql.Rows) error { // in the midst of a query
					_ = note("b")(tx)
					panic("broken")
				})
			},
			note("c"),
		)
		if errs[0] != nil || errs[2] != nil {
			t.Errorf("the others: %v, %v", errs[0], errs[2])
		}
		var p *rollcall.PanicError
		if !errors.As(errs[1], &p) || p.Type != "string" || !strings.Contains(p.Stack, "store.TestPanicIsAnErrorOfItsPiece") {
			t.Errorf("got %v, want the panic's type and stack", errs[1])
		}
		if strings.Contains(errs[1].Error(), "broken") {
			t.Errorf("the panic's text is told: %v", errs[1])
		}
		update(t, db, note("d"))
		if diff := cmp.Diff(notes(t, db), []string{"a", "c", "d"}); diff != "" {
			t.Errorf("what remains (-got +want):\n%s", diff)
		}
	})
}

// SQLite undoes a whole transaction by itself for some errors, such as a full
// disk. Then nobody may be told that his piece was committed, and nothing may
// be committed for whoever was told that it was not.
func TestTransactionThatSQLiteUndoesFailsForAll(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{})
		lost := errors.New("the disk is full")
		pieces := []func(*Tx) error{
			note("a"),
			func(tx *Tx) error {
				if _, err := tx.exec("ROLLBACK"); err != nil {
					return err
				}
				return lost
			},
			note("c"),
		}
		errs := make([]error, len(pieces))
		enter := make(chan struct{})
		var wg sync.WaitGroup
		for i, p := range pieces {
			wg.Go(func() {
				errs[i] = db.Update(context.Background(), func(tx *Tx) error {
					if i == 0 {
						<-enter
					}
					return p(tx)
				})
			})
			synctest.Wait()
		}
		db.Soon(note("d")) // with the next
		close(enter)
		wg.Wait()
		wantCode(t, errs[0], rollcall.Unavailable)
		if !errors.Is(errs[1], lost) {
			t.Errorf("got %v, want the piece's own error", errs[1])
		}
		if errs[2] != nil { // it came after, and had a commit of its own
			t.Errorf("the next: %v", errs[2])
		}
		if diff := cmp.Diff(notes(t, db), []string{"c", "d"}); diff != "" {
			t.Errorf("what remains (-got +want):\n%s", diff)
		}
	})
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{})
		enter := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := db.Update(context.Background(), func(*Tx) error { <-enter; return nil }); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		returned := make(chan error, 1)
		wg.Go(func() { returned <- db.Update(ctx, note("a")) })
		synctest.Wait()
		cancel()
		if err := <-returned; !errors.Is(err, context.Canceled) { // while the writer is still busy
			t.Errorf("got %v, want context.Canceled", err)
		}
		close(enter)
		wg.Wait()
		for range 100 { // now either side of the race may win
			if err := db.Update(ctx, note("b")); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want context.Canceled", err)
			}
		}
		if got := notes(t, db); len(got) != 0 {
			t.Errorf("what was cancelled was done: %q", got)
		}
	})
}

func TestCancelledInItsTurnIsFinished(t *testing.T) {
	db, _ := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Update(ctx, func(tx *Tx) error {
		cancel()
		return note("a")(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notes(t, db), []string{"a"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestUpdateIsOnTheDiskWhenItReturns(t *testing.T) {
	db, _ := openTest(t)
	update(t, db, note("a"))
	other := openAt(t, db.path, Options{})
	if diff := cmp.Diff(notes(t, other), []string{"a"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestSoonRidesOnTheNextCommit(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, filepath.Join(dir, "test.db"), Options{})
		db.Soon(note("a"))
		db.Soon(func(tx *Tx) error { return errors.Join(note("lost")(tx), errors.New("failed")) })
		db.Soon(func(*Tx) error { panic("broken") })
		db.Soon(note("b"))
		update(t, db, note("c"))
		if diff := cmp.Diff(notes(t, db), []string{"a", "b", "c"}); diff != "" {
			t.Errorf("with an update (-got +want):\n%s", diff)
		}
		db.Soon(note("d"))
		synctest.Wait()
		if diff := cmp.Diff(notes(t, db), []string{"a", "b", "c"}); diff != "" {
			t.Errorf("at once (-got +want):\n%s", diff)
		}
		time.Sleep(soonAfter) // of the bubble's clock
		synctest.Wait()
		if diff := cmp.Diff(notes(t, db), []string{"a", "b", "c", "d"}); diff != "" {
			t.Errorf("a little later (-got +want):\n%s", diff)
		}
	})
}

func TestCloseCommitsWhatIsToBeDoneSoon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for i := range 20 {
		db := openAt(t, path, Options{})
		db.Soon(note(fmt.Sprintf("%02d", i)))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		again := openAt(t, path, Options{})
		if got := len(notes(t, again)); got != i+1 {
			t.Fatalf("got %d, want %d", got, i+1)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUpdateAfterClose(t *testing.T) {
	db, _ := openTest(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := db.Update(t.Context(), func(*Tx) error { t.Error("it ran"); return nil }); !errors.Is(err, ErrClosed) {
			t.Fatalf("got %v, want ErrClosed", err)
		}
	}
}

func TestUpdateBesideCloseIsCommittedOrRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := openAt(t, path, Options{})
	var mu sync.Mutex
	done := map[string]bool{}
	first := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := 0; ; j++ {
				text := fmt.Sprintf("%d-%06d", i, j)
				err := db.Update(context.Background(), note(text))
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				done[text] = true
				mu.Unlock()
				once.Do(func() { close(first) })
			}
		})
	}
	<-first
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if diff := cmp.Diff(notes(t, openAt(t, path, Options{})), slices.Sorted(maps.Keys(done))); diff != "" {
		t.Errorf("what remains (-got +want what was said to be committed):\n%s", diff)
	}
}

func TestTwoProcessesWriteAtOnce(t *testing.T) {
	a, _ := openTest(t)
	b := openAt(t, a.path, Options{})
	update(t, a, note("0"))
	const workers, each = 4, 50
	var wg sync.WaitGroup
	for _, db := range []*DB{a, b} {
		for range workers {
			wg.Go(func() {
				for range each {
					err := db.Update(context.Background(), func(tx *Tx) error { // reads, then writes
						var n int
						if err := tx.row(`SELECT CAST(title AS INTEGER) FROM rounds`, nil, &n); err != nil {
							return err
						}
						_, err := tx.exec(`UPDATE rounds SET title = ?`, fmt.Sprint(n+1))
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if diff := cmp.Diff(notes(t, a), []string{fmt.Sprint(2 * workers * each)}); diff != "" {
		t.Errorf("updates were lost (-got +want):\n%s", diff)
	}
}

// While one process stages an import the other one's small updates succeed.
func TestImportDoesNotStarveTheOtherProcess(t *testing.T) {
	bot, _ := openTest(t)
	noIndex := func(string, []string) names.Entry { return names.Entry{} } // chunk after chunk, the quicker the worse
	shell := openAt(t, bot.path, Options{Now: bot.now, Index: noIndex})
	var imported atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		defer imported.Store(true)
		b, err := shell.BeginBatch(context.Background(), false)
		if err != nil {
			t.Error(err)
			return
		}
		chunk := make([]rollcall.RosterRow, 0, ChunkRows)
		for r := range sample.Rows(1, 20_000, rollcall.DateOf(noon)) {
			if chunk = append(chunk, r); len(chunk) == ChunkRows {
				if _, err := b.Add(context.Background(), chunk); err != nil {
					t.Error(err)
				}
				chunk = chunk[:0]
			}
		}
		if _, err := b.Publish(context.Background(), Shell); err != nil {
			t.Error(err)
		}
	})
	var slowest time.Duration
	n := 0
	for ; !imported.Load(); n++ {
		began := time.Now()
		if err := bot.Update(t.Context(), note(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(began))
	}
	wg.Wait()
	t.Logf("%d updates beside an import of 20,000 rows, the slowest in %v", n, slowest)
	if got := len(notes(t, bot)); got != n {
		t.Errorf("got %d updates, want %d", got, n)
	}
	if got := len(export(t, bot)); got != 20_000 {
		t.Errorf("got %d rows, want 20000", got)
	}
}

func TestTxNowIsTheSecond(t *testing.T) {
	db, c := openTest(t)
	c.set(noon.Add(999 * time.Millisecond).In(time.FixedZone("", 3600)))
	update(t, db, func(tx *Tx) error {
		if !tx.Now.Equal(noon) || tx.Now.Location() != time.UTC {
			t.Errorf("got %v, want %v", tx.Now, noon)
		}
		return nil
	})
}

func record(t testing.TB, db *DB, id int64, s UpdateState, answer []byte) {
	t.Helper()
	update(t, db, func(tx *Tx) error { return tx.RecordUpdate(id, UpdateMark{byte(id)}, s, answer) })
}

func known(t testing.TB, db *DB, first, last int64) map[int64]KnownUpdate {
	t.Helper()
	known, err := db.KnownUpdates(context.Background(), first, last)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func TestKnownUpdates(t *testing.T) {
	db, c := openTest(t)
	record(t, db, 10, Handled, nil)
	record(t, db, 11, Answered, nil)
	record(t, db, 12, Failed, nil)
	record(t, db, 13, Undecodable, nil)
	record(t, db, 14, Counted, nil)
	record(t, db, 15, Counted, nil)
	update(t, db, func(tx *Tx) error { return tx.UpdateAnswered(15) })
	update(t, db, func(tx *Tx) error { return tx.RecordUpdate(13, UpdateMark{99}, Handled, nil) }) // another of that id
	want := map[int64]KnownUpdate{11: {Answered, UpdateMark{11}}, 12: {Failed, UpdateMark{12}}, 13: {Handled, UpdateMark{99}},
		14: {Counted, UpdateMark{14}}, 15: {Answered, UpdateMark{15}}}
	if diff := cmp.Diff(known(t, db, 11, 20), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	// Telegram may choose the same number again after a week without updates.
	c.set(noon.Add(keepUpdates + time.Second))
	record(t, db, 12, Handled, nil)
	if diff := cmp.Diff(known(t, db, 0, 20), map[int64]KnownUpdate{12: {Handled, UpdateMark{12}}}); diff != "" {
		t.Errorf("three days later (-got +want):\n%s", diff)
	}
}

func TestFailedEffectLeavesNoUpdateRecord(t *testing.T) {
	db, _ := openTest(t)
	err := db.Update(t.Context(), func(tx *Tx) error {
		if err := tx.RecordUpdate(7, UpdateMark{}, Handled, []byte("answer")); err != nil {
			return err
		}
		return errors.New("failed")
	})
	if err == nil {
		t.Fatal("no error")
	}
	if got := known(t, db, 0, 100); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestOwedAnswersAreSealedAndGoWhenSent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	const canary = "canary: Вигадана відповідь"
	synctest.Test(t, func(t *testing.T) {
		db := openAt(t, path, Options{Now: clockAt(noon).Now, Keys: testKeys(t, 1)})
		record(t, db, 21, Handled, []byte(canary))
		record(t, db, 20, Handled, []byte("first"))
		record(t, db, 22, Handled, nil)
		record(t, db, 23, Handled, []byte{})
		record(t, db, 24, Failed, nil)
		owed, err := db.OwedAnswers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []OwedAnswer{{20, []byte("first")}, {21, []byte(canary)}, {23, nil}}
		if diff := cmp.Diff(owed, want); diff != "" {
			t.Errorf("owed (-got +want):\n%s", diff)
		}
		sealed := query(t, db, `SELECT answer FROM updates WHERE update_id = 21`)[0]
		if bytes.Contains(files(t, path), []byte(canary)) {
			t.Error("an answer stands in the file in the clear")
		}

		committed := make(chan bool, 1)
		db.UpdateAnswered(99, func() {}) // unknown
		db.UpdateAnswered(21, func() {
			owed, err := db.OwedAnswers(context.Background())
			committed <- err == nil && len(owed) == 2
		})
		if !<-committed {
			t.Error("it is said to be noted before it is committed")
		}
		if owed, err = db.OwedAnswers(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(owed, slices.Delete(want, 1, 2)); diff != "" {
			t.Errorf("after one was sent (-got +want):\n%s", diff)
		}
		if got := known(t, db, 21, 21)[21].State; got != Answered {
			t.Errorf("got %q, want answered", got)
		}
		update(t, db, func(tx *Tx) error { return errors.Join(tx.UpdateAnswered(20), tx.UpdateAnswered(24)) })
		if diff := cmp.Diff([]UpdateState{known(t, db, 20, 20)[20].State, known(t, db, 24, 24)[24].State}, []UpdateState{Answered, Failed}); diff != "" {
			t.Errorf("noted within a transaction (-got +want):\n%s", diff)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		wantGone(t, files(t, path), "the sealed answer", unhex(t, sealed))
	})
}

// An answer that was sealed under another secret is an error, not nothing.
func TestOwedAnswerThatCannotBeOpened(t *testing.T) {
	db, _ := openTest(t)
	record(t, db, 1, Handled, []byte("first"))
	execute(t, db, `UPDATE updates SET answer = zeroblob(length(answer))`)
	if owed, err := db.OwedAnswers(t.Context()); err == nil {
		t.Errorf("got %v and no error", owed)
	}
}

func TestPruneUpdates(t *testing.T) {
	db, c := openTest(t)
	update(t, db, func(tx *Tx) error {
		for id := range int64(2500) {
			if err := tx.RecordUpdate(id, UpdateMark{}, Answered, nil); err != nil {
				return err
			}
		}
		return nil
	})
	c.set(noon.Add(keepUpdates))
	record(t, db, 5000, Handled, []byte("owed"))
	if err := db.PruneUpdates(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, db, `SELECT count(*) FROM updates`); got[0] != "2501" {
		t.Errorf("within three days: got %s left, want all 2501", got[0])
	}
	c.set(noon.Add(keepUpdates + time.Second))
	if err := db.PruneUpdates(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(query(t, db, `SELECT update_id FROM updates`), []string{"5000"}); diff != "" {
		t.Errorf("after three days (-got +want):\n%s", diff)
	}
}
