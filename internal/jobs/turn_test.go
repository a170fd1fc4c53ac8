package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// oweReaders owes each of n accounts a message, without a chart and quiet hours, and
// returns the accounts.
func (d *desk) oweReaders(n int) (users []rollcall.UserID) {
	d.t.Helper()
	e := edition(d.t, kyivAtNine)
	for i := range n {
		users = append(users, rollcall.UserID(1000+i))
	}
	d.subscribe(kyivAtNine, "", users...)
	now := time.Now()
	if d.clock != nil {
		now = d.clock.now()
	}
	err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		got, err := tx.PlanEdition(store.Occurrence{Digest: "daily", Key: "owed", PlannedAt: now.Add(time.Second), State: store.Posted, Number: 1},
			e, []store.Post{text("owed")}, func(rollcall.QuietHours) time.Time { return time.Time{} })
		if err == nil && got != n {
			err = errors.New("not all are owed it")
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return users
}

// inStates is how many deliveries are in each state, as committed.
func (d *desk) inStates() map[store.DeliveryState]int {
	d.t.Helper()
	n := map[store.DeliveryState]int{}
	for _, x := range d.deliveries() {
		n[x.State]++
	}
	return n
}

// Forty messages are owed to accounts, or to channels, of which one a second may be
// sent, and each call takes 700 ms. What a kill leaves after 3.3 seconds is in a copy of the
// file: nothing is in doubt but the call under way, and what waited for its turn is
// sent by the next run.
func TestAKillCostsOnlyTheCallUnderWay(t *testing.T) {
	for _, private := range []bool{true, false} {
		t.Run(map[bool]string{true: "accounts", false: "channels"}[private], func(t *testing.T) {
			inBubble(t, func(d *desk) {
				const n = 40
				if private {
					d.oweReaders(n)
				} else {
					for i := range n {
						d.owe("a", channel-rollcall.ChatID(i), text("owed"))
					}
				}
				pace := rate.NewLimiter(1, 1)
				d.sender.turn = func(ctx context.Context, _ rollcall.ChatID) error { return pace.Wait(ctx) }
				var mu sync.Mutex
				got := map[rollcall.ChatID]int{}
				d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
					mu.Lock()
					got[chat]++
					mu.Unlock()
					time.Sleep(700 * time.Millisecond)
					return d.sender.accept(chat, p)
				}
				stop := d.start()
				time.Sleep(3300 * time.Millisecond)
				same(d.t, "at the kill", d.inStates(), map[store.DeliveryState]int{store.Sent: 3, store.Sending: 1, store.Pending: n - 4})
				copied := filepath.Join(d.t.TempDir(), "killed.db")
				for _, part := range []string{"", "-wal"} { // nothing is written in this moment
					raw, err := os.ReadFile(d.path + part)
					if err != nil {
						d.t.Fatal(err)
					}
					if err := os.WriteFile(copied+part, raw, 0o600); err != nil {
						d.t.Fatal(err)
					}
				}
				arrived := map[rollcall.ChatID]int{}
				mu.Lock()
				for chat := range got {
					arrived[chat]++
				}
				mu.Unlock()
				stop()

				next := &desk{t: d.t, ctx: d.ctx, path: copied, sender: &sender{turn: d.sender.turn}}
				next.open()
				stop = next.start()
				time.Sleep(time.Minute)
				stop()
				same(d.t, "in the end", next.inStates(), map[store.DeliveryState]int{store.Sent: n - 1, store.Unsure: 1})
				for _, a := range next.sender.seen() {
					arrived[a.chat]++
				}
				for chat, k := range arrived {
					if k != 1 {
						d.t.Errorf("%d has it %d times", chat, k)
					}
				}
				if len(arrived) != n {
					d.t.Errorf("%d have it, want all %d", len(arrived), n)
				}
			})
		})
	}
}

// What is no longer owed when its turn has come is not sent, and nothing of it is
// settled.
func TestWhatIsNoLongerOwedWhenItsTurnComesIsNotSent(t *testing.T) {
	const user rollcall.UserID = 1000
	for _, c := range []struct {
		name string
		act  func(d *desk, tx *store.Tx) error
		want []delivery
	}{
		{"the bot is frozen", func(_ *desk, tx *store.Tx) error { return tx.Freeze(store.Shell) }, []delivery{{Post: 1, State: store.Pending}}},
		{"unsubscribed", func(_ *desk, tx *store.Tx) error { _, err := tx.Unsubscribe(user); return err }, nil},
		{"erased", func(_ *desk, tx *store.Tx) error { return tx.ErasePeer(user) }, nil},
		{"blocked", func(_ *desk, tx *store.Tx) error { return tx.EndPeer(user, store.Blocked) }, []delivery{{Post: 1, State: store.Dead, Reason: "blocked"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, at("2026-03-01 09:00:00"))
			d.oweReaders(1)
			d.clock.move(time.Minute)
			d.sender.turn = func(context.Context, rollcall.ChatID) error {
				return d.DB.Update(d.ctx, func(tx *store.Tx) error { return c.act(d, tx) })
			}
			if more, err := d.deliverOnePrivate(d.ctx); !more || err != nil {
				t.Errorf("got %t, %v", more, err)
			}
			if n := len(d.sender.seen()); n > 0 {
				t.Errorf("%d messages were sent", n)
			}
			same(t, "the ledger", d.deliveries(), c.want)
			if more, err := d.deliverOnePrivate(d.ctx); more || err != nil && !errors.Is(err, errFrozen) {
				t.Errorf("then: %t, %v", more, err)
			}
		})
	}
}

// A wait for the turn that ends in a reader's quiet hours is one more reason to put a
// digest off; that is no try.
func TestAWaitIntoQuietHoursPutsADigestOff(t *testing.T) {
	g := makeDigest(t, "daily", "0 20 * * *")
	d := newDesk(t, at("2026-03-01 12:00:00"), g)
	d.subscribe("daily 21:59 Europe/Kyiv en", "22:00-08:00", 71)
	d.sender.turn = func(context.Context, rollcall.ChatID) error {
		d.clock.move(2 * time.Minute)
		return nil
	}
	d.planEditionsAt(g, "2026-03-01 21:59:00")
	same(t, "the ledger", d.deliveries(), []delivery{{Post: 1, State: store.Pending, NotBefore: at("2026-03-02 08:00:00").Format(time.RFC3339)}})
	d.sender.turn = nil
	d.clock.set(at("2026-03-02 08:00:00"))
	if err := d.DeliverPrivate(d.ctx); err != nil {
		t.Fatal(err)
	}
	same(t, "in the morning", d.deliveries(), []delivery{{Post: 1, State: store.Sent, Attempts: 1, Message: 1, NotBefore: ""}})
}

// A group that moves while its post waits for its turn gets it under the new id.
func TestAGroupThatMovesWhileItsPostWaits(t *testing.T) {
	const super rollcall.ChatID = -1001900000000
	d := newDesk(t, at("2026-03-01 09:00:00"))
	d.owe("a", -501, text("one"))
	d.sender.turn = func(_ context.Context, chat rollcall.ChatID) error {
		if chat == super {
			return nil
		}
		return d.DB.MigrateChat(d.ctx, chat, super)
	}
	d.deliverAll()
	same(t, "the ledger", d.deliveries(), []delivery{{Post: 1, Chat: super, State: store.Sent, Attempts: 1, Message: 1}})
}

// A try that fails before its turn is settled as any other: one that can never
// succeed is not tried for ever.
func TestAFailureBeforeTheTurnIsSettled(t *testing.T) {
	for _, c := range []struct {
		err  error
		want delivery
	}{
		{errFinal, delivery{Post: 1, Chat: channel, State: store.Dead, Attempts: 1, Reason: "no right to post"}},
		{errNot, delivery{Post: 1, Chat: channel, State: store.Pending, Attempts: 1, NotBefore: "2026-03-01T07:00:02Z"}},
	} {
		d := newDesk(t, at("2026-03-01 09:00:00"))
		d.owe("a", channel, text("one"))
		d.Sender = refusing{c.err}
		d.deliverAll()
		same(t, "the ledger", d.deliveries(), []delivery{c.want})
	}
}

// refusing fails without a look at the chat.
type refusing struct{ err error }

func (r refusing) Post(context.Context, rollcall.ChatID, store.Post, func() error) (rollcall.MessageID, string, error) {
	return 0, "", r.err
}

// Told to end, the program does not wait for turns, and leaves nothing in doubt.
func TestNothingWaitsForItsTurnAtTheEnd(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.oweReaders(20)
		d.owe("a", channel, text("one"))
		d.sender.turn = func(ctx context.Context, _ rollcall.ChatID) error {
			select {
			case <-time.After(time.Hour):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		stop := d.start()
		time.Sleep(time.Minute)
		if took := stop(); took != 0 {
			d.t.Errorf("it took %s to end", took)
		}
		same(d.t, "the ledger", d.inStates(), map[store.DeliveryState]int{store.Pending: 21})
	})
}
