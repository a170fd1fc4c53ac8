package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

const (
	crashWaiting fate = "the program ends while it waits for its turn"
	gone         fate = "the reader has blocked the bot"
)

var privateFates = slices.Concat(fates, []fate{confirmed, confirmed, confirmed, confirmed, crashWaiting})

// A reader is a subscriber as the test knows it.
type reader struct {
	user    rollcall.UserID
	edition string
	quiet   string
	since   time.Time // from when instants are owed
	ended   bool      // the subscription, by a block
	blocks  bool      // what is sent is refused
}

// owed is one digest for one reader, by its edition and the instant's key there.
type owed struct {
	user         rollcall.UserID
	edition, key string
}

// Eight days of a digest for readers in many editions: daily and weekly, in zones that
// put their clocks forward in it or do not, in three languages, with quiet hours. One
// blocks the bot and is found out by a message, another while messages wait, both come
// back; one moves to another edition. Messages meet every fate, the program crashes
// and stands still. What each reader must be owed is worked out here from the clock;
// each of it is in the ledger, and how it ended there is what became of it.
func TestSoakEveryReaderIsAccountedForAndNoneGetsADigestTwice(t *testing.T) {
	race.Skip(t)
	seeds := 1
	if os.Getenv("ROLLCALL_LONG") == "1" {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { soakPrivate(t, uint64(seed)) })
	}
}

func soakPrivate(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	start := at("2026-03-25 12:34:56") // Warsaw and Kyiv put their clocks forward on the 29th
	g := makeDigest(t, "daily", "0 20 * * *")
	g.Chart = true
	d := newDesk(t, start, g)
	d.openPetition("sample")

	var readers []*reader
	join := func(edition, quiet string, n int) {
		for range n {
			u := rollcall.UserID(7_400_000_000 + len(readers))
			d.subscribe(edition, quiet, u)
			readers = append(readers, &reader{user: u, edition: edition, quiet: quiet, since: start})
		}
	}
	join(kyivAtNine, "", 4)
	join("daily 07:30 Europe/Kyiv uk", "22:00-08:00", 3)
	join("daily 23:00 Europe/Kyiv en", "22:00-07:00", 3)
	join("daily 02:30 Europe/Warsaw en", "", 3) // on the 29th there is no such time
	join("weekly 09:00 Europe/Kyiv ru", "", 4)
	join("weekly 21:15 Asia/Kathmandu en", "21:00-22:00", 2)
	join("daily 18:45 Asia/Kathmandu ru", "", 3)
	join("daily 12:00 America/Los_Angeles uk", "", 3)
	found, told, mover := readers[0], readers[len(readers)-1], readers[1]

	met := map[fate]int{}
	type message struct {
		user rollcall.UserID
		post int64
	}
	fateOf := map[message]fate{} // the last of each
	arrivals, confirmations := map[message]int{}, map[message]int{}
	calm, settled := false, false
	by := map[rollcall.UserID]*reader{}
	for _, r := range readers {
		by[r.user] = r
	}
	next := confirmed
	d.sender.turn = func(context.Context, rollcall.ChatID) error {
		if next = confirmed; !calm {
			next = privateFates[rnd.IntN(len(privateFates))]
			d.clock.move(time.Duration(rnd.IntN(60)) * time.Second)
		}
		if next == crashWaiting {
			met[next]++
			panic(crash{})
		}
		return nil
	}
	d.sender.try = func(_ context.Context, chat rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
		r, f := by[rollcall.UserID(chat)], next
		if r.blocks {
			f = gone
		}
		m := message{r.user, p.ID}
		met[f]++
		fateOf[m] = f
		if r.inQuiet(t, d.clock.now()) {
			t.Errorf("a digest is sent to %d in quiet hours, at %s", r.user, d.clock.now())
		}
		switch f {
		case gone:
			r.ended = true
			return 0, "", errGone
		case flood:
			return 0, "", errFlood
		case notSent:
			return 0, "", errNot
		case refused:
			return 0, "", errFinal
		case lostRequest:
			return 0, "", errDoubt
		case crashBefore:
			panic(crash{})
		}
		arrivals[m]++
		switch f {
		case lostAnswer:
			return 0, "", errDoubt
		case crashAfter:
			panic(crash{})
		case crashSettled:
			settled = true
		}
		confirmations[m]++
		file := ""
		if p.Chart != nil {
			file = fmt.Sprint("file-", p.ID)
		}
		return rollcall.MessageID(len(confirmations)), file, nil
	}
	reopen := func() {
		d.restart()
		if _, err := d.DB.AbandonClaims(d.ctx); err != nil { // as Run does first
			t.Fatal(err)
		}
	}
	deliver := func() (crashed bool) {
		defer func() {
			if p := recover(); p != nil {
				if p != (crash{}) {
					panic(p)
				}
				crashed = true
			}
		}()
		for more := true; more && !settled; {
			var err error
			if more, err = d.deliverOnePrivate(d.ctx); err != nil {
				t.Fatal(err)
			}
		}
		crashed, settled = settled, false
		return crashed
	}
	update := func(fn func(*store.Tx) error) {
		t.Helper()
		if err := d.DB.Update(d.ctx, fn); err != nil {
			t.Fatal(err)
		}
	}

	model := newModel(t, readers, start)
	// Each is done once, after its instant and as soon as it can be; between what was
	// planned and its delivery.
	events := []struct {
		after string
		do    func() (done bool)
	}{
		{"2026-03-26 08:00:00", func() bool { found.blocks = true; return true }},
		{"2026-03-27 12:00:00", func() bool {
			if d.waiting(told) == 0 {
				return false
			}
			told.ended = true
			update(func(tx *store.Tx) error { return tx.EndPeer(told.user, store.Blocked) })
			return true
		}},
		{"2026-03-28 12:00:00", func() bool {
			mover.edition, mover.since = "daily 21:00 Asia/Tokyo en", d.clock.now()
			d.subscribe(mover.edition, "", mover.user)
			return true
		}},
		{"2026-03-29 22:00:00", func() bool {
			if !found.ended || !told.ended {
				return false
			}
			for _, r := range []*reader{found, told} {
				r.ended, r.blocks, r.since = false, false, d.clock.now()
				update(func(tx *store.Tx) error { _, err := tx.RevivePeer(r.user); return err })
			}
			return true
		}},
	}

	end := start.AddDate(0, 0, 8)
	standstills := 0
	for d.clock.now().Before(end) {
		d.clock.move(time.Duration(1+rnd.IntN(15*60)) * time.Second)
		if n := rnd.IntN(200); n == 0 {
			d.clock.move(time.Duration(rnd.IntN(24*60)) * time.Minute)
			standstills++
			reopen()
		} else if n < 4 {
			reopen()
		}
		if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
			t.Fatal(err)
		}
		model.planned(g, d.clock.now())
		for len(events) > 0 && d.clock.now().After(at(events[0].after)) && events[0].do() {
			events = events[1:]
		}
		for deliver() {
			reopen()
		}
	}
	calm = true
	for range 24 * 4 { // a retry may have been put off, and a night's rest
		d.clock.move(15 * time.Minute)
		deliver()
	}

	model.compare(d)
	states := map[store.DeliveryState]int{}
	waited := 0 // when a block was known
	last := map[rollcall.UserID]store.DeliveryState{}
	for o, rows := range d.privateDeliveries(readers) {
		if len(rows) != 1 {
			t.Errorf("%v has %d deliveries, want 1", o, len(rows))
		}
		if !model.owed[o] {
			t.Errorf("%v is in the ledger, and not owed", o)
		}
		delete(model.owed, o)
		for _, x := range rows {
			m := message{o.user, x.post}
			f, tried := fateOf[m]
			want := map[fate]store.DeliveryState{confirmed: store.Sent, crashSettled: store.Sent, refused: store.Dead, gone: store.Dead,
				lostAnswer: store.Unsure, lostRequest: store.Unsure, crashBefore: store.Unsure, crashAfter: store.Unsure}[f]
			if (!tried || f == flood || f == notSent) && (o.user == found.user || o.user == told.user) {
				want = store.Dead
				waited++
			}
			if x.state != want {
				t.Errorf("%v is %s after %q, want %s", o, x.state, f, want)
			}
			if (x.state == store.Dead || x.state == store.Unsure) && x.reason == "" {
				t.Errorf("%v is %s, and nothing says why", o, x.state)
			}
			if arrivals[m] > 1 {
				t.Errorf("%v arrived %d times", o, arrivals[m])
			}
			if n := confirmations[m]; (n == 1) != (x.state == store.Sent) || n > 1 {
				t.Errorf("%v was confirmed %d times and is %s", o, n, x.state)
			}
			states[x.state]++
			if x.latest {
				last[o.user] = x.state
			}
		}
	}
	for o := range model.owed {
		t.Errorf("%v is owed, and not in the ledger", o)
	}
	listed, err := d.DB.DeliveryStates(d.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if listed[string(store.Unsure)] != states[store.Unsure] || listed[string(store.Pending)]+listed[string(store.Sending)] != 0 {
		t.Errorf("the keeper is told of %v, want %d unknown and none that wait", listed, states[store.Unsure])
	}
	for _, r := range readers {
		missed, err := d.DB.MayHaveMissed(d.ctx, r.user)
		if err != nil || missed != (last[r.user] == store.Unsure) {
			t.Errorf("%d is told that the last digest may be missing: %t (%v), and it is %s", r.user, missed, err, last[r.user])
		}
	}
	for _, f := range append(privateFates, gone) {
		if met[f] == 0 {
			t.Errorf("the seed never met %q: it proves nothing about that", f)
		}
	}
	if len(events) > 0 || model.skipped == 0 || standstills == 0 || waited == 0 {
		t.Errorf("%d events left, %d skipped, %d standstills, %d waited when a block was known: the seed proves too little", len(events), model.skipped, standstills, waited)
	}
	t.Logf("%d occurrences, %d skipped; deliveries: %v; fates: %v", model.occurrences, model.skipped, states, met)
}

// inQuiet reports whether the instant is within the reader's quiet hours.
func (r *reader) inQuiet(t *testing.T, now time.Time) bool {
	if r.quiet == "" {
		return false
	}
	local := now.In(zoneOf(t, r.edition)).Format("15:04")
	from, until := r.quiet[:5], r.quiet[6:]
	if from < until {
		return from <= local && local < until
	}
	return from <= local || local < until
}

func zoneOf(t *testing.T, text string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(edition(t, text).Zone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A model works out, apart from the packages schedule and store, which occurrences the
// ledger must hold of each edition, and for whom.
type model struct {
	t           *testing.T
	readers     []*reader
	start       time.Time
	due         map[string][]time.Time // instants of an editionfrom a day before the start on
	last        map[string]time.Time   // of an edition's last row
	rows        map[string][]string
	owed        map[owed]bool
	occurrences int
	skipped     int
}

func newModel(t *testing.T, readers []*reader, start time.Time) *model {
	return &model{t: t, readers: readers, start: start, due: map[string][]time.Time{}, last: map[string]time.Time{}, rows: map[string][]string{}, owed: map[owed]bool{}}
}

// instants are those of an edition: minute by minute, the first of each of its days at
// which its clock shows the time or a later one.
func (m *model) instants(text string) []time.Time {
	if m.due[text] == nil {
		e, zone, done := edition(m.t, text), zoneOf(m.t, text), ""
		for now := m.start.Truncate(time.Minute).AddDate(0, 0, -2); now.Before(m.start.AddDate(0, 0, 16)); now = now.Add(time.Minute) {
			local := now.In(zone)
			day := local.Format(time.DateOnly)
			if day == done || local.Format("15:04") < e.At.String() {
				continue
			}
			if first := done == ""; !first && (e.Every == rollcall.Daily || local.Weekday() == time.Monday) {
				m.due[text] = append(m.due[text], now)
			}
			done = day
		}
	}
	return m.due[text]
}

// planned says that the editions were planned at an instant.
func (m *model) planned(g Digest, now time.Time) {
	for _, text := range m.editions() {
		var running []*reader
		since := now
		for _, r := range m.readers {
			if r.edition == text && !r.ended {
				running = append(running, r)
				if r.since.Before(since) {
					since = r.since
				}
			}
		}
		if m.last[text].After(since) {
			since = m.last[text]
		}
		var at time.Time
		for _, x := range m.instants(text) {
			if x.After(since) && !x.After(now) {
				at = x
			}
		}
		if at.IsZero() || len(running) == 0 {
			continue
		}
		key := at.In(zoneOf(m.t, text)).Format(time.DateOnly) + "T" + edition(m.t, text).At.String()
		m.last[text] = at
		m.occurrences++
		if now.Sub(at) > g.CatchUp {
			m.skipped++
			m.rows[text] = append(m.rows[text], key+" skipped, with a reason")
			continue
		}
		n := 0
		for _, r := range running {
			if r.since.Before(at) {
				m.owed[owed{r.user, text, key}] = true
				n++
			}
		}
		m.rows[text] = append(m.rows[text], fmt.Sprintf("%s posted to %d", key, n))
	}
}

func (m *model) editions() (list []string) {
	for _, r := range m.readers {
		if !slices.Contains(list, r.edition) {
			list = append(list, r.edition)
		}
	}
	return list
}

// compare compares the ledger's occurrences with the model's.
func (m *model) compare(d *desk) {
	m.t.Helper()
	got := map[string][]string{}
	rows, err := d.ledger.Query(`SELECT edition, key, state, reason, (SELECT count(*) FROM deliveries x WHERE x.occurrence_id = o.id)
		FROM occurrences o ORDER BY planned_at, id`)
	if err != nil {
		m.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var edition, key, state, reason string
		var n int
		if err := rows.Scan(&edition, &key, &state, &reason, &n); err != nil {
			m.t.Fatal(err)
		}
		row := fmt.Sprintf("%s %s to %d", key, state, n)
		if state == string(store.Skipped) && reason != "" && n == 0 {
			row = key + " skipped, with a reason"
		}
		got[edition] = append(got[edition], row)
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	same(m.t, "occurrences by edition", got, m.rows)
}

// waiting is how many messages wait for a reader.
func (d *desk) waiting(r *reader) (n int) {
	d.t.Helper()
	tag := d.keys.PeerTag(r.user)
	if err := d.ledger.QueryRow(`SELECT count(*) FROM peers p JOIN deliveries d ON d.peer_id = p.id WHERE p.tag = ? AND d.state = 'pending'`, tag[:]).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// privateDelivery is a row of the ledger.
type privateDelivery struct {
	post   int64
	state  store.DeliveryState
	reason string
	latest bool // of its reader
}

// privateDeliveries are those of digests for the readers.
func (d *desk) privateDeliveries(readers []*reader) map[owed][]privateDelivery {
	d.t.Helper()
	all := map[owed][]privateDelivery{}
	for _, r := range readers {
		tag := d.keys.PeerTag(r.user)
		rows, err := d.ledger.Query(`SELECT o.edition, o.key, d.post_id, d.state, d.reason, d.occurrence_id = (SELECT max(e.occurrence_id) FROM deliveries e WHERE e.peer_id = p.id)
			FROM peers p JOIN deliveries d ON d.peer_id = p.id JOIN occurrences o ON o.id = d.occurrence_id WHERE p.tag = ?`, tag[:])
		if err != nil {
			d.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			o := owed{user: r.user}
			var x privateDelivery
			if err := rows.Scan(&o.edition, &o.key, &x.post, &x.state, &x.reason, &x.latest); err != nil {
				d.t.Fatal(err)
			}
			all[o] = append(all[o], x)
		}
		if err := rows.Err(); err != nil {
			d.t.Fatal(err)
		}
	}
	return all
}
