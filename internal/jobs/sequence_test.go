package jobs

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

func TestBatchesAreLookedForAtInstantsOfTheClock(t *testing.T) {
	s := Sequencing{Every: 10 * time.Minute, Min: 5, Latest: 24 * time.Hour}
	noon := at("2026-03-01 12:00:00")
	for _, tt := range []struct {
		last, now time.Duration // after noon
		look      bool
	}{
		{time.Second, 9*time.Minute + 59*time.Second, false},
		{9*time.Minute + 59*time.Second, 10 * time.Minute, true},
		{10 * time.Minute, 10*time.Minute + 5*time.Second, false},
		{9*time.Minute + 58*time.Second, 10*time.Minute + 3*time.Second, true},
		{time.Second, time.Hour + time.Second, true},
		{time.Minute, time.Minute, false},
		{11 * time.Minute, 9 * time.Minute, false}, // the clock was set back
	} {
		b := s.batching(noon.Add(tt.last), noon.Add(tt.now))
		if b.Look != tt.look || b.Min != 5 || b.Latest > s.Latest || b.Latest < s.Latest-5*time.Second {
			t.Errorf("from %s to %s: %+v, want a look: %t", tt.last, tt.now, b, tt.look)
		}
	}
	if got := (Sequencing{Every: time.Second, Min: 1, Latest: time.Second}).batching(noon, noon.Add(time.Second)); !got.Look || got.Latest != 0 {
		t.Errorf("each second: %+v", got)
	}
}

// press signs without anything being appended.
func (d *desk) press(accounts ...byte) {
	d.t.Helper()
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		for _, a := range accounts {
			if out, err := tx.Sign("sample", 1, secret.Tag{a}); err != nil || out != store.Recorded {
				return fmt.Errorf("account %d: outcome %d: %w", a, out, err)
			}
		}
		return nil
	}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) counted() rollcall.Tally {
	d.t.Helper()
	p, err := d.DB.Petition(d.ctx, "sample")
	if err != nil {
		d.t.Fatal(err)
	}
	return p.Tally
}

func TestTheRunnerSequences(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.Digests = []Digest{makeDigest(d.t, "yearly", "0 9 1 1 *")}
		d.Sequencing = Sequencing{Every: 10 * time.Minute, Min: 3, Latest: 30 * time.Minute, Retention: 30 * time.Minute}
		d.openFor(70*time.Minute, "sample", 3)
		stop := d.start()
		defer stop()
		began := time.Now().Truncate(10 * time.Minute) // the bubble's clock starts on one
		until := func(after time.Duration) { time.Sleep(time.Until(began.Add(after))) }
		is := func(when string, want rollcall.Tally) {
			d.t.Helper()
			if got := d.counted(); got != want {
				d.t.Errorf("%s %+v is counted, want %+v", when, got, want)
			}
		}

		until(time.Minute)
		d.press(1, 2)
		until(11 * time.Minute)
		is("with less than a batch", rollcall.Tally{})
		d.press(3)
		until(19*time.Minute + 50*time.Second)
		is("before the look", rollcall.Tally{})
		until(20*time.Minute + 10*time.Second)
		is("after the look", rollcall.Tally{Signed: 3})
		time.Sleep(10 * time.Second)
		if got := d.sender.seen(); len(got) != 1 {
			d.t.Errorf("%d messages tell of the milestone, want one", len(got))
		}

		d.press(4)
		until(50 * time.Minute)
		is("before the latest", rollcall.Tally{Signed: 3})
		until(50*time.Minute + 20*time.Second)
		is("at the latest", rollcall.Tally{Signed: 4})

		// It closes at its instant, whatever the batches.
		p, err := d.DB.Petition(d.ctx, "sample")
		if err != nil {
			d.t.Fatal(err)
		}
		time.Sleep(time.Until(p.Closes.Add(-time.Minute)))
		d.press(5)
		time.Sleep(time.Minute + 6*time.Second)
		is("after the closing", rollcall.Tally{Signed: 5})
		if head, err := d.DB.LogHead(d.ctx, "sample"); err != nil || !head.Closed {
			d.t.Errorf("the log is not closed (%v)", err)
		}

		// And the signatures go.
		time.Sleep(90 * time.Minute)
		if signed, err := d.DB.HasSigned(d.ctx, "sample", secret.Tag{1}); err != nil || signed {
			d.t.Errorf("a signature is there after the retention (%v)", err)
		}
		is("after the retention", rollcall.Tally{Signed: 5})
		if _, err := d.DB.AuditLog(d.ctx, "sample"); err != nil {
			d.t.Error(err)
		}
	})
}

// With batches each second a signature counts within two.
func TestShortBatches(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.Sequencing = Sequencing{Every: time.Second, Min: 1, Latest: 24 * time.Hour}
		d.openPetition("sample")
		stop := d.start()
		defer stop()
		for i := range 5 {
			time.Sleep(1300 * time.Millisecond)
			d.press(byte(i))
			time.Sleep(2 * time.Second)
			if got := d.counted(); got.Signed != i+1 {
				t.Fatalf("%+v is counted of %d", got, i+1)
			}
		}
	})
}

// tamper changes the database behind the program's back.
func (d *desk) tamper(query string) {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		d.t.Fatal(err)
	}
}

func TestABrokenLogStopsNothingElse(t *testing.T) {
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.Sequencing = Sequencing{Every: time.Second, Min: 1, Latest: time.Hour}
	d.openPetition("sample")
	d.openPetition("other")
	d.press(1)
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.Sign("other", 1, secret.Tag{1}); return err }); err != nil {
		t.Fatal(err)
	}
	d.tamper(`UPDATE log_hashes SET hash = zeroblob(32) WHERE petition = 'sample' AND number = 2`)
	for range 3 {
		d.clock.move(2 * time.Second)
		d.sequence(d.ctx)
	}
	if got := d.counted(); got.Signed != 0 {
		t.Errorf("%+v is counted on a log that does not add up", got)
	}
	p, err := d.DB.Petition(d.ctx, "other")
	if err != nil || p.Tally.Signed != 1 {
		t.Errorf("%+v is counted on the other (%v)", p.Tally, err)
	}
	if p, err := d.DB.Petition(d.ctx, "sample"); err != nil || p.Halted == "" {
		t.Errorf("it is halted for %q (%v)", p.Halted, err)
	}
}
