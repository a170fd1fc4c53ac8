package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/names"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// openData is what the buttons of these tests bear: who may press them, and what
// they open.
func openData(user rollcall.UserID, id rollcall.PersonID) string { return fmt.Sprint(user, " ", id) }

var errGone = &OutcomeError{NotDone: true, Final: true, Gone: true, Err: errors.New("blocked")}

// publish imports one claim of the source on each of n invented people, the same
// n each time.
func (d *desk) publish(source string, n int) {
	d.t.Helper()
	b, err := d.DB.BeginBatch(d.ctx, false)
	if err != nil {
		d.t.Fatal(err)
	}
	var rows []rollcall.RosterRow
	for i := range n {
		rows = append(rows, rollcall.RosterRow{Person: rollcall.Person{PublicID: fmt.Sprint("EX-", i), FullName: fmt.Sprint("Прикладенко Марія ", i), BirthYear: 1990},
			Claim: rollcall.Claim{Status: rollcall.Missing, Date: rollcall.Date{Year: 1999, Month: 12, Day: 1}, Source: source,
				Expires: rollcall.Date{Year: 2030, Month: 1, Day: 1}}})
	}
	if _, err := b.Add(d.ctx, rows); err != nil {
		d.t.Fatal(err)
	}
	if _, err := b.Publish(d.ctx, store.Shell); err != nil {
		d.t.Fatal(err)
	}
}

// watch has the account watch the first n people.
func (d *desk) watch(user rollcall.UserID, l rollcall.Language, n int) {
	d.t.Helper()
	err := d.DB.Update(d.ctx, func(tx *store.Tx) error {
		for i := range n {
			if err := tx.Watch(user, rollcall.PersonID(i+1), l, 50); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// tell brings the news that there are to everybody.
func (d *desk) tell() {
	d.t.Helper()
	if err := errors.Join(d.TellWatchers(d.ctx), d.DeliverPrivate(d.ctx)); err != nil {
		d.t.Fatal(err)
	}
}

// watched is a desk with 5 people, told of, an hour ago.
func watched(t *testing.T) *desk {
	d := newDesk(t, at("2026-03-01 08:00:00"))
	d.publish("Sample Bureau", 5)
	return d
}

func TestWatchersAreToldInTheirLanguageAndWithoutAName(t *testing.T) {
	d := watched(t)
	for i, l := range rollcall.Languages {
		d.watch(rollcall.UserID(71+i), l, i+1) // one, two and three entries
	}
	d.watch(80, rollcall.Ukrainian, 4)
	d.watch(81, rollcall.Russian, 5)
	d.tell()
	if got := d.sender.seen(); len(got) > 0 {
		t.Fatalf("watchers are told of what they have just seen: %+v", got)
	}
	d.clock.move(time.Hour)
	d.publish("Sample Office", 5)
	d.tell()
	got := map[rollcall.ChatID][]string{}
	for _, a := range d.sender.seen() {
		got[a.chat] = append(got[a.chat], a.post.HTML)
		if !a.post.Protect {
			t.Errorf("a push to %d is not protected, and so would the card in its place be", a.chat)
		}
		if strings.Contains(a.post.HTML+a.post.Buttons, "Прикладенко") || strings.Contains(a.post.Buttons, "EX-") {
			t.Errorf("a push names the person: %s %s", a.post.HTML, a.post.Buttons)
		}
	}
	en, uk, ru := render.For(rollcall.English), render.For(rollcall.Ukrainian), render.For(rollcall.Russian)
	same(t, "pushes", got, map[rollcall.ChatID][]string{
		71: {string(en.WatchNews())},
		72: slices.Repeat([]string{string(uk.WatchNews())}, 2),
		73: slices.Repeat([]string{string(ru.WatchNews())}, 3),
		80: {string(uk.WatchNewsOnMany(4))},
		81: {string(ru.WatchNewsOnMany(5))},
	})
	for i, a := range d.sender.seen()[3:6] { // of account 73
		if want := fmt.Sprintf(`"73 %d"`, i+1); !strings.Contains(a.post.Buttons, want) || !strings.Contains(a.post.Buttons, ru.Label(render.LabelOpenIt)) {
			t.Errorf("push %d has the buttons %s, want one that opens %s", i, a.post.Buttons, want)
		}
	}
}

func TestNewsAreEnteredOnceOverRestartsAndRunners(t *testing.T) {
	d := watched(t)
	d.watch(71, rollcall.English, 1)
	d.tell()
	for i := range 3 {
		d.clock.move(time.Hour)
		d.publish(fmt.Sprint("Sample Office ", i), 1)
		old := d.Runner
		d.open()
		var wg sync.WaitGroup
		for _, r := range []*Runner{old, d.Runner, old, d.Runner} {
			wg.Go(func() {
				if err := r.TellWatchers(d.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		d.restart()
	}
	d.tell()
	if got := d.sender.seen(); len(got) != 3 {
		t.Errorf("%d pushes arrived, want 3", len(got))
	}
}

func TestSettlementOfAPush(t *testing.T) {
	for _, c := range []struct {
		name     string
		err      error
		state    store.DeliveryState
		watching int // entries that the account then watches
		again    int // tries in the day after
	}{
		{"confirmed", nil, store.Sent, 1, 0},
		{"asked to wait", errFlood, store.Pending, 1, 1},
		{"surely not sent", errNot, store.Pending, 1, 1},
		{"refused for good", errFinal, store.Dead, 1, 0},
		{"blocked", errGone, store.Dead, 0, 0},
		{"in doubt", errDoubt, store.Unsure, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := watched(t)
			d.watch(71, rollcall.English, 1)
			d.clock.move(time.Hour)
			d.publish("Sample Office", 1)
			var during map[string]int
			d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
				during, _ = d.DB.DeliveryStates(d.ctx) // as committed
				if c.err != nil {
					return 0, "", c.err
				}
				return d.sender.accept(chat, p)
			}
			d.tell()
			same(t, "during the call", during, map[string]int{"sending": 1})
			states, err := d.DB.DeliveryStates(d.ctx)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "after it", states, map[string]int{string(c.state): 1})
			kept, err := d.DB.Kept(d.ctx, 71)
			if err != nil || len(kept.Watches) != c.watching {
				t.Errorf("%d entries are watched (%v), want %d", len(kept.Watches), err, c.watching)
			}
			d.sender.try = nil
			before := len(d.sender.seen())
			d.restart()
			d.clock.move(24 * time.Hour)
			d.tell()
			if again := len(d.sender.seen()) - before; again != c.again {
				t.Errorf("tried again %d times, want %d", again, c.again)
			}
		})
	}
}

// A run that ended in the middle of the call leaves a mark and never a second
// push.
func TestAnAbandonedPushIsNeverSentAgain(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.publish("Sample Bureau", 1)
		d.watch(71, rollcall.English, 1)
		time.Sleep(time.Hour)
		d.publish("Sample Office", 1)
		if err := d.TellWatchers(d.ctx); err != nil {
			d.t.Fatal(err)
		}
		if _, ok, err := d.claimNext(true); !ok || err != nil {
			d.t.Fatalf("claim: %t, %v", ok, err)
		}
		d.restart()
		stop := d.start()
		time.Sleep(time.Hour)
		stop()
		states, err := d.DB.DeliveryStates(d.ctx)
		if err != nil || len(d.sender.seen()) > 0 {
			d.t.Fatalf("it was sent again (%v)", err)
		}
		same(d.t, "the ledger", states, map[string]int{"unknown": 1})
	})
}

// A thousand watchers are told within a minute though each message takes a while,
// and the digest that comes due meanwhile does not wait for them.
func TestAThousandWatchersAreToldWithinAMinute(t *testing.T) {
	const watchers = 1000
	inBubble(t, func(d *desk) {
		d.publish("Sample Bureau", 1)
		for user := range rollcall.UserID(watchers) {
			d.watch(7000+user, rollcall.English, 1)
		}
		var mu sync.Mutex
		var published, last, posted time.Time
		got := map[rollcall.ChatID]int{}
		d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			time.Sleep(150 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if chat == channel {
				posted = time.Now()
			} else {
				got[chat]++
				last = time.Now()
			}
			return d.sender.accept(chat, p)
		}
		stop := d.start()
		time.Sleep(time.Hour + time.Second)
		published = time.Now()
		d.publish("Sample Office", 1)
		time.Sleep(news + time.Second)
		owed := time.Now()
		d.owe("a", channel, text("digest"))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		stop()
		for chat, n := range got {
			if n != 1 {
				d.t.Fatalf("%d pushes arrived in %d, want 1", n, chat)
			}
		}
		if took := last.Sub(published); len(got) != watchers || took > time.Minute {
			d.t.Errorf("%d were told within %s, want all %d within a minute", len(got), took, watchers)
		}
		if wait := posted.Sub(owed); wait > look+time.Second {
			d.t.Errorf("the digest waited for %s", wait)
		}
		d.t.Logf("the last of %d was told after %s", watchers, last.Sub(published))
	})
}

func TestOneAccountThatWaitsHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.publish("Sample Bureau", 1)
		for user := range rollcall.UserID(5) {
			d.watch(71+user, rollcall.English, 1)
		}
		time.Sleep(time.Hour)
		d.publish("Sample Office", 1)
		d.sender.try = func(ctx context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
			if chat == 71 {
				<-ctx.Done()
				return 0, "", errDoubt
			}
			return d.sender.accept(chat, p)
		}
		stop := d.start()
		time.Sleep(news)
		synctest.Wait()
		if got := len(d.sender.seen()); got != 4 {
			d.t.Errorf("%d others were told, want 4", got)
		}
		stop()
	})
}

func TestNobodyIsToldWhereNoButtonCanBeMade(t *testing.T) {
	inBubble(t, func(d *desk) {
		d.publish("Sample Bureau", 1)
		d.watch(71, rollcall.English, 1)
		time.Sleep(time.Hour)
		d.publish("Sample Office", 1)
		d.OpenData = nil
		stop := d.start()
		time.Sleep(time.Minute)
		stop()
		if n, err := d.DB.News(d.ctx); err != nil || n.Batches() != 2 {
			d.t.Errorf("%d batches are untold (%v), want 2", n.Batches(), err)
		}
	})
}

// wish has the account wish to be told of the i-th of the people of publish.
func (d *desk) wish(user rollcall.UserID, l rollcall.Language, i int) {
	d.t.Helper()
	version, err := d.DB.RosterVersion(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	w := store.NewWish{Version: version, Language: l, Max: 50, PerDay: 50}
	for _, text := range names.Asked(names.Parts(wishedFor(i)), 1990, 1990) {
		w.Marks = append(w.Marks, d.keys.WishMark(text))
	}
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { return tx.Wish(user, w) }); err != nil {
		d.t.Fatal(err)
	}
}

// wishedFor are distinct surnames.
func wishedFor(i int) string {
	return []string{"Уявна", "Зразкова", "Вигадана"}[i] + " Марія"
}

// list publishes entries of the i-th name.
func (d *desk) list(i, entries int) {
	d.t.Helper()
	b, err := d.DB.BeginBatch(d.ctx, false)
	if err != nil {
		d.t.Fatal(err)
	}
	var rows []rollcall.RosterRow
	for n := range entries {
		rows = append(rows, rollcall.RosterRow{Person: rollcall.Person{PublicID: fmt.Sprint("W-", i, "-", n), FullName: wishedFor(i), BirthYear: 1990},
			Claim: rollcall.Claim{Status: rollcall.Missing, Date: rollcall.Date{Year: 1999, Month: 12, Day: 1}, Source: "Sample Bureau",
				Expires: rollcall.Date{Year: 2030, Month: 1, Day: 1}}})
	}
	if _, err := b.Add(d.ctx, rows); err != nil {
		d.t.Fatal(err)
	}
	if _, err := b.Publish(d.ctx, store.Shell); err != nil {
		d.t.Fatal(err)
	}
}

func TestAWishIsToldOnceOverRestartsInItsLanguageAndWithoutAName(t *testing.T) {
	d := watched(t)
	asked := d.clock.now()
	d.wish(71, rollcall.Ukrainian, 0)
	d.wish(72, rollcall.Russian, 0)
	d.wish(72, rollcall.Russian, 1)
	d.wish(73, rollcall.English, 2)
	d.watch(73, rollcall.English, 1)
	d.tell()
	d.clock.move(time.Hour)
	d.list(0, 1)
	old := d.Runner
	d.open()
	for _, r := range []*Runner{old, d.Runner} {
		if err := r.TellWatchers(d.ctx); err != nil {
			t.Fatal(err)
		}
	}
	d.restart()
	d.list(1, 3)
	d.list(2, 4)
	d.publish("Sample Office", 1)
	d.tell()
	d.list(2, 5)
	d.tell()
	got := map[rollcall.ChatID][]string{}
	for _, a := range d.sender.seen() {
		got[a.chat] = append(got[a.chat], a.post.HTML)
		if !a.post.Protect || strings.Contains(a.post.HTML+a.post.Buttons, "Марія") || strings.Contains(a.post.Buttons, "W-") {
			t.Errorf("a push names the person, or can be forwarded: %+v", a.post)
		}
	}
	en, uk, ru := render.For(rollcall.English), render.For(rollcall.Ukrainian), render.For(rollcall.Russian)
	asked = asked.In(d.zone())
	same(t, "pushes", got, map[rollcall.ChatID][]string{
		71: {string(uk.WishNews(asked))},
		72: slices.Repeat([]string{string(ru.WishNews(asked))}, 4), // one entry, and three
		73: {string(en.WatchNews()), string(en.WishNewsOnMany(asked))},
	})
}

func TestABlockedAccountsWishesEnd(t *testing.T) {
	d := watched(t)
	d.wish(71, rollcall.English, 0)
	d.wish(71, rollcall.English, 1)
	d.clock.move(time.Hour)
	d.list(0, 1)
	d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
		return 0, "", errGone
	}
	d.tell()
	kept, err := d.DB.Kept(d.ctx, 71)
	if err != nil || len(kept.Wishes) != 0 {
		t.Errorf("%d wishes are left (%v), want none", len(kept.Wishes), err)
	}
}
