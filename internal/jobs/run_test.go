package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// inBubble runs a test with time that passes by itself when everybody waits: a
// retry after half a minute costs nothing.
func inBubble(t *testing.T, test func(*desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, ctx: t.Context(), path: t.TempDir() + "/rollcall.db", sender: &sender{}}
		d.open()
		test(d)
	})
}

// start runs the runner, and returns a function that ends it and gives how long
// it took to end.
func (d *desk) start() (stop func() time.Duration) {
	ctx, cancel := context.WithCancel(d.ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return func() time.Duration {
		began := time.Now()
		cancel()
		if err := <-ended; err != nil {
			d.t.Errorf("Run: %v", err)
		}
		return time.Since(began)
	}
}

func TestAnAbandonedClaimIsNeverSentAgain(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.owe("a", channel, text("in doubt"), text("waits"))
		// A run that ended in the middle of the call: claimed and not settled.
		if _, ok, err := d.claimNext(false); !ok || err != nil {
			d.t.Fatalf("claim: %t, %v", ok, err)
		}
		d.restart()
		stop := d.start()
		time.Sleep(time.Hour)
		stop()
		got := d.deliveries()
		same(d.t, "the ledger", got, []delivery{
			{Post: 1, Chat: channel, State: store.Unsure, Attempts: 1, Reason: "the program ended while this was being sent"},
			{Post: 2, Chat: channel, State: store.Sent, Attempts: 1, Message: 1}})
	})
}

func TestThePostUnderWayIsFinishedAtTheEnd(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.owe("a", channel, text("under way"), text("waits"))
		begun := make(chan struct{})
		d.sender.try = func(ctx context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			close(begun)
			select {
			case <-time.After(2 * time.Second):
				return d.sender.accept(chat, p)
			case <-ctx.Done():
				return 0, "", errDoubt
			}
		}
		stop := d.start()
		<-begun
		took := stop()
		if took > sendGrace {
			d.t.Errorf("it took %s to end, want at most %s", took, sendGrace)
		}
		same(d.t, "the ledger", d.deliveries(), []delivery{
			{Post: 1, Chat: channel, State: store.Sent, Attempts: 1, Message: 1},
			{Post: 2, Chat: channel, State: store.Pending}}) // nothing is begun any more
	})
}

func TestAPostThatHangsIsCutOffAndInDoubt(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.owe("a", channel, text("hangs"))
		begun := make(chan struct{})
		d.sender.try = func(ctx context.Context, _ rollcall.ChatID, _ store.Post) (rollcall.MessageID, string, error) {
			close(begun)
			<-ctx.Done()
			return 0, "", &OutcomeError{Err: ctx.Err()}
		}
		stop := d.start()
		<-begun
		if took := stop(); took != sendGrace {
			d.t.Errorf("it took %s to end, want %s", took, sendGrace)
		}
		same(d.t, "the ledger", d.deliveries(), []delivery{{Post: 1, Chat: channel, State: store.Unsure, Attempts: 1,
			Reason: "no answer that can be trusted: context canceled"}})
	})
}

// Deliver is for a program that posts one digest and ends.
func TestDeliverReturnsWhenNothingIsDue(t *testing.T) {
	for _, c := range []struct {
		name     string
		outcomes []error // of the tries, then nil
		want     store.DeliveryState
		least    time.Duration // how long it takes
		most     time.Duration
	}{
		{"confirmed", nil, store.Sent, 0, 0},
		{"twice asked to wait", []error{errFlood, errFlood}, store.Sent, 60 * time.Second, 65 * time.Second},
		{"surely not sent", []error{errNot, errNot, errNot}, store.Sent, 14 * time.Second, 18 * time.Second},
		{"refused for good", []error{errFinal}, store.Dead, 0, 0},
		{"in doubt", []error{errDoubt}, store.Unsure, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(d *desk) {
				d.owe("a", channel, text("one"))
				tries := 0
				d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
					if tries++; tries <= len(c.outcomes) {
						return 0, "", c.outcomes[tries-1]
					}
					return d.sender.accept(chat, p)
				}
				began := time.Now()
				if err := d.Deliver(d.ctx); err != nil {
					d.t.Fatal(err)
				}
				if took := time.Since(began); took < c.least || took > c.most {
					d.t.Errorf("it took %s, want %s to %s", took, c.least, c.most)
				}
				if got := d.deliveries(); got[0].State != c.want {
					d.t.Errorf("it is %s, want %s", got[0].State, c.want)
				}
			})
		})
	}
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.owe("a", channel, text("one"))
		d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
			return 0, "", &OutcomeError{NotDone: true, RetryAfter: time.Hour, Err: errors.New("wait")}
		}
		ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
		defer cancel()
		if err := d.Deliver(ctx); !errors.Is(err, context.DeadlineExceeded) {
			d.t.Errorf("got %v, want the context's error", err)
		}
	})
}

// What another program enters, such as `digest send`, is found without a word.
func TestTheRunnerFindsWhatAnotherProgramEntered(t *testing.T) {
	inBubble(t, func(d *desk) {
		arrived := make(chan time.Time, 1)
		d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			arrived <- time.Now()
			return d.sender.accept(chat, p)
		}
		stop := d.start()
		time.Sleep(10*time.Second + time.Millisecond)
		entered := time.Now()
		d.owe("a", channel, text("one"))
		if wait := (<-arrived).Sub(entered); wait > look {
			d.t.Errorf("it took %s, want at most %s", wait, look)
		}
		stop()
	})
}

// The whole runner over some hours: cron wakes it, each occurrence is posted
// within a second of its instant and once, restarts included, and milestones are
// found by themselves.
func TestTheRunnerPostsAtEachInstant(t *testing.T) {
	inBubble(t, func(d *desk) { // it is midnight UTC of 2000-01-01
		hours := makeDigest(t, "hours", "@every 1h")
		quarters := makeDigest(t, "quarters", "15,45 * * * *")
		quarters.Chat = -1002222222222
		d.Digests = []Digest{hours, quarters}
		d.openPetition("sample", 1)
		type arrivalAt struct {
			Chat  rollcall.ChatID
			After time.Duration
		}
		var got []arrivalAt
		began := time.Now()
		d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			got = append(got, arrivalAt{chat, time.Since(began).Truncate(time.Second)})
			return d.sender.accept(chat, p)
		}
		for range 3 {
			stop := d.start()
			time.Sleep(50 * time.Minute)
			stop()
			d.restart()
		}
		stop := d.start()
		time.Sleep(time.Second)
		d.sign("sample", 1)
		time.Sleep(milestones)
		stop()
		other := quarters.Chat
		// The milestone's two come together, in any order.
		if last := got[len(got)-2:]; last[0].Chat > last[1].Chat {
			last[0], last[1] = last[1], last[0]
		}
		same(d.t, "arrivals", got, []arrivalAt{{other, 15 * time.Minute}, {other, 45 * time.Minute}, {channel, time.Hour},
			{other, 75 * time.Minute}, {other, 105 * time.Minute}, {channel, 2 * time.Hour}, {other, 135 * time.Minute},
			{other, 150*time.Minute + milestones}, {channel, 150*time.Minute + milestones}})
	})
}

func TestAJobThatPanicsIsLoggedWithoutThePanicsText(t *testing.T) {
	var out strings.Builder
	runs := 0
	job := recovered(slog.New(slog.NewTextHandler(&out, nil)))(cron.FuncJob(func() {
		runs++
		panic("canary: Прикладенко")
	}))
	job.Run()
	job.Run()
	if said := out.String(); runs != 2 || strings.Count(said, "panic of type string") != 2 || !strings.Contains(said, "(run_test.go:") {
		t.Errorf("%d runs; the log says\n%s", runs, said)
	}
	if strings.Contains(out.String(), "canary") || strings.Contains(out.String(), "Прикладенко") {
		t.Errorf("the log tells the panic's text:\n%s", out.String())
	}
}
