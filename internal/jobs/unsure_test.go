package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// An inRoom is a message in a room.
type inRoom struct {
	own  bool
	post store.Post // of an own one
}

// A room is a channel as Telegram has it: ids go up by one, whoever posts. An own
// message can be edited; whether another's can is the bot's right to.
type room struct {
	standing store.Standing
	messages []inRoom // the first has the id 1
	compared []rollcall.MessageID
	changed  int   // own messages that an edit has changed
	fail     error // of the next comparison
	lose     bool  // the answer of the next post
	asked    int   // for the standing
}

func newRoom() *room {
	return &room{standing: store.Standing{Chat: channel, Type: "channel", Status: "administrator", Post: true}}
}

// others post in between.
func (r *room) others(n int) { r.messages = append(r.messages, make([]inRoom, n)...) }

func (r *room) own() (n int) {
	for _, m := range r.messages {
		if m.own {
			n++
		}
	}
	return n
}

func (r *room) Post(_ context.Context, _ rollcall.ChatID, p store.Post) (rollcall.MessageID, string, error) {
	r.messages = append(r.messages, inRoom{true, p})
	if r.lose {
		r.lose = false
		return 0, "", errDoubt
	}
	return rollcall.MessageID(len(r.messages)), "", nil
}

func (r *room) Standing(_ context.Context, chat rollcall.ChatID) (store.Standing, error) {
	r.asked++
	s := r.standing
	s.Chat = chat
	return s, nil
}

func (r *room) Compare(_ context.Context, _ rollcall.ChatID, m rollcall.MessageID, p store.Post) (Comparison, error) {
	if err := r.fail; err != nil {
		r.fail = nil
		return 0, err
	}
	r.compared = append(r.compared, m)
	if int(m) > len(r.messages) || !r.messages[m-1].own {
		return Other, nil
	}
	is := &r.messages[m-1].post
	if picture := len(p.Chart) > 0; picture != (len(is.Chart) > 0) {
		return Other, nil // no text to edit, or no caption
	}
	if is.HTML == p.HTML && is.Buttons == p.Buttons {
		return Same, nil
	}
	is.HTML, is.Buttons = p.HTML, p.Buttons
	r.changed++
	return Changed, nil
}

const (
	firstOwner  rollcall.UserID = 7100000004
	secondOwner rollcall.UserID = 7100000005
)

// inRoomWith makes a desk whose channel is the room, with owners of whom the
// first can be written to.
func newDeskIn(t *testing.T, r *room, digests ...Digest) *desk {
	t.Helper()
	d := newDesk(t, at("2026-03-01 09:00:00"), digests...)
	d.into(r)
	if err := d.DB.Update(d.ctx, func(tx *store.Tx) error { return tx.KnowPeer(firstOwner) }); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) into(r *room) {
	d.sender.try, d.Chats = r.Post, r
	d.Owners = Owners{IDs: []rollcall.UserID{firstOwner, secondOwner}, Language: rollcall.English,
		AnswerData: func(_ rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
			return fmt.Sprint(doubt, " ", says)
		}}
}

// look lets a minute pass, and takes the next step with what is in doubt.
func (d *desk) look() {
	d.t.Helper()
	d.clock.move(time.Minute)
	if err := d.SettleDoubts(d.ctx); err != nil {
		d.t.Fatal(err)
	}
}

// states are those of the posts in chats, and questions how many owners are asked.
func (d *desk) states() (list []store.DeliveryState) {
	d.t.Helper()
	for _, x := range d.deliveries() {
		if x.Chat != 0 {
			list = append(list, x.State)
		}
	}
	return list
}

func (d *desk) questions() (n int) {
	d.t.Helper()
	if err := d.ledger.QueryRowContext(d.ctx, `SELECT count(*) FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.peer_id IS NOT NULL AND p.buttons LIKE '%It is there%Send again%'`).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// messageOf is the id that the ledger has for the last post.
func (d *desk) messageOf(i int) rollcall.MessageID { return d.deliveries()[i].Message }

// known, then lost with others in between: found, by as many comparisons as it
// takes, and nobody is asked.
func TestALostPostIsFound(t *testing.T) {
	picture := store.Post{HTML: "words", Buttons: "[]", Chart: []byte("png")}
	for _, c := range []struct {
		name     string
		before   int // messages of others between the one that is known and the post
		after    int
		lost     store.Post
		compared int
	}{
		{"the next message", 0, 0, text("lost"), 1},
		{"others before and after", 3, 4, text("lost"), 4},
		{"the twentieth", 19, 0, text("lost"), 20},
		{"a picture", 2, 0, picture, 3},
		{"a picture without a text", 2, 0, store.Post{Buttons: "[]", Chart: []byte("png")}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom()
			d := newDeskIn(t, r)
			r.others(7)
			d.owe("a", channel, text("known"))
			d.deliverAll()
			r.others(c.before)
			r.lose = true
			d.owe("b", channel, c.lost)
			d.deliverAll()
			want := rollcall.MessageID(len(r.messages))
			r.others(c.after)
			same(t, "before the look", d.states(), []store.DeliveryState{store.Sent, store.Unsure})
			d.look()
			same(t, "the ledger", d.states(), []store.DeliveryState{store.Sent, store.Sent})
			if got := d.messageOf(1); got != want || r.changed > 0 || len(r.compared) != c.compared {
				t.Errorf("it is message %d by %d comparisons, %d changed, want %d by %d", got, len(r.compared), r.changed, want, c.compared)
			}
			for range 3 {
				d.look()
				d.deliverAll()
			}
			if r.own() != 2 || d.questions() != 0 {
				t.Errorf("%d own messages and %d questions, want 2 and none", r.own(), d.questions())
			}
		})
	}
}

func TestAnOwnerIsAskedWhereLookingFindsNothingOrCannotBe(t *testing.T) {
	for _, c := range []struct {
		name     string
		prepare  func(d *desk, r *room) // after the first post, before the lost one
		first    bool                   // a post is known
		lost     func(d *desk, r *room)
		compared int
	}{
		{name: "it did not arrive", first: true, compared: store.MaxCompared, lost: func(_ *desk, r *room) { r.messages = r.messages[:len(r.messages)-1] }},
		{name: "beyond twenty", first: true, compared: store.MaxCompared, prepare: func(_ *desk, r *room) { r.others(20) }},
		{name: "nothing is known of the channel"},
		{name: "it may edit others' messages", first: true, prepare: func(_ *desk, r *room) { r.standing.Edit = true }},
		{name: "it is a group", first: true, prepare: func(_ *desk, r *room) {
			r.standing = store.Standing{Type: "supergroup", Status: "administrator", Post: true}
		}},
		{name: "it is no administrator any more", first: true, prepare: func(_ *desk, r *room) { r.standing.Status, r.standing.Post = "left", false }},
		{name: "Telegram refuses", first: true, prepare: func(_ *desk, r *room) { r.fail = errFinal }},
		{name: "before what came later", first: true, compared: 2, lost: func(d *desk, r *room) {
			r.messages[len(r.messages)-1] = inRoom{} // another's
			r.others(1)
			d.owe("later", channel, text("later"))
			d.deliverAll()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom()
			d := newDeskIn(t, r)
			if c.first {
				d.owe("a", channel, text("known"))
				d.deliverAll()
			}
			if c.prepare != nil {
				c.prepare(d, r)
			}
			r.lose = true
			d.owe("b", channel, text("lost"))
			d.deliverAll()
			if c.lost != nil {
				c.lost(d, r)
			}
			for range 4 {
				d.look()
				d.deliverAll()
			}
			d.restart()
			d.into(r)
			d.look()
			if len(r.compared) != c.compared || r.changed != 0 {
				t.Errorf("%d comparisons, %d changed, want %d and none: %v", len(r.compared), r.changed, c.compared, r.compared)
			}
			if n := d.questions(); n != 1 {
				t.Errorf("asked %d times, want once, over the restart", n)
			}
			if got := d.states(); !strings.Contains(fmt.Sprint(got), "unknown") {
				t.Errorf("the ledger has %v, want one unknown", got)
			}
		})
	}
}

// Two posts of one kind in doubt cannot be told apart without overwriting one of
// them; one of each kind can.
func TestPostsInDoubtThatCouldBeTakenForEachOther(t *testing.T) {
	picture := store.Post{Buttons: "[]", Chart: []byte("png")}
	for _, c := range []struct {
		name      string
		posts     []store.Post
		questions int
	}{
		{"two texts", []store.Post{text("one"), text("two")}, 2},
		{"a chart and its text", []store.Post{picture, text("two")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom()
			d := newDeskIn(t, r)
			d.owe("a", channel, text("known"))
			d.deliverAll()
			d.owe("b", channel, c.posts...)
			for range c.posts {
				r.lose = true
				d.one()
			}
			for range 3 {
				d.look()
			}
			if got := d.questions(); got != c.questions || r.changed != 0 {
				t.Errorf("%d questions, %d messages changed, want %d and none", got, r.changed, c.questions)
			}
		})
	}
}

// Looking is put off by what says nothing, and goes on where it was.
func TestLookingGoesOnWhereItWas(t *testing.T) {
	for name, fail := range map[string]error{"asked to wait": errFlood, "no answer": errDoubt, "an error that says nothing": errors.New("broken")} {
		t.Run(name, func(t *testing.T) {
			r := newRoom()
			d := newDeskIn(t, r)
			d.owe("a", channel, text("known"))
			d.deliverAll()
			r.others(3)
			r.lose = true
			d.owe("b", channel, text("lost"))
			d.deliverAll()
			r.fail = fail
			d.look()
			same(t, "after a failure", d.states(), []store.DeliveryState{store.Sent, store.Unsure})
			if err := d.SettleDoubts(d.ctx); err != nil || len(r.compared) != 0 {
				t.Errorf("it is looked for at once again (%v): %v", err, r.compared)
			}
			d.restart()
			d.into(r)
			d.look()
			same(t, "later", d.states(), []store.DeliveryState{store.Sent, store.Sent})
			same(t, "compared", r.compared, []rollcall.MessageID{2, 3, 4, 5})
			if d.questions() != 0 {
				t.Error("an owner is asked")
			}
		})
	}
}

// Somebody else uses the bot's token, so that a message of its own is not in the
// ledger: that must not happen a second time.
func TestAChangedMessageEndsLooking(t *testing.T) {
	r := newRoom()
	d := newDeskIn(t, r)
	var log strings.Builder
	d.Log = slog.New(slog.NewTextHandler(&log, nil))
	d.owe("a", channel, text("known"))
	d.deliverAll()
	r.messages = append(r.messages, inRoom{true, text("not ours")})
	for i := range 2 {
		r.lose = true
		d.owe(fmt.Sprint(i), channel, text(fmt.Sprint("lost", i)))
		d.deliverAll()
		d.look()
		d.clock.move(time.Hour)
	}
	if r.changed != 1 || d.questions() != 2 || strings.Count(log.String(), "level=ERROR") != 1 {
		t.Errorf("%d messages were changed, %d questions, want 1 and 2; the log:\n%s", r.changed, d.questions(), log.String())
	}
}

func TestAClaimThatWasAbandonedIsLookedFor(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		t.Run(fmt.Sprint("arrived ", arrived), func(t *testing.T) {
			r := newRoom()
			d := newDeskIn(t, r)
			d.owe("a", channel, text("known"))
			d.deliverAll()
			d.owe("b", channel, text("lost"))
			x, ok, err := d.claimNext(false)
			if err != nil || !ok {
				t.Fatal(err)
			}
			if arrived {
				if _, _, err := r.Post(d.ctx, x.Chat, x.Post); err != nil {
					t.Fatal(err)
				}
			}
			d.restart()
			d.into(r)
			if _, err := d.DB.AbandonClaims(d.ctx); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				d.look()
				d.deliverAll()
			}
			want, questions := store.Sent, 0
			if !arrived {
				want, questions = store.Unsure, 1
			}
			same(t, "the ledger", d.states(), []store.DeliveryState{store.Sent, want})
			if d.questions() != questions || r.changed > 0 {
				t.Errorf("%d questions, %d changed", d.questions(), r.changed)
			}
		})
	}
}

// A post that is on its way, and not in the ledger yet, is kept out of the way of
// a comparison.
func TestNoPostIsOverwrittenThatIsOnItsWay(t *testing.T) {
	r := newRoom()
	d := newDeskIn(t, r)
	d.owe("a", channel, text("known"))
	d.deliverAll()
	r.lose = true
	d.owe("b", channel, text("lost"))
	d.deliverAll()
	r.messages = r.messages[:1] // it did not arrive
	d.owe("c", channel, text("on its way"))
	x, ok, err := d.claimNext(false)
	if err != nil || !ok {
		t.Fatal(err)
	}
	if _, _, err := r.Post(d.ctx, x.Chat, x.Post); err != nil { // and its answer is not yet in the ledger
		t.Fatal(err)
	}
	d.look()
	if len(r.compared) > 0 {
		t.Fatalf("compared with %v", r.compared)
	}
	if err := d.DB.Settle(d.ctx, x, store.Settlement{State: store.Sent, Message: 2}); err != nil {
		t.Fatal(err)
	}
	d.look()
	if len(r.compared) > 0 || d.questions() != 1 {
		t.Errorf("compared with %v, %d questions, want none and one", r.compared, d.questions())
	}
}

// Whatever happens in a channel, no message of the bot's is ever overwritten,
// what is found is the post, and nothing is sent a second time by itself.
func TestLookingNeverOverwritesOrDoubles(t *testing.T) {
	runs := 8
	if os.Getenv("ROLLCALL_LONG") == "1" {
		runs = 300
	}
	found, left := 0, 0
	for seed := range runs {
		rnd := rand.New(rand.NewPCG(uint64(seed), 2))
		r := newRoom()
		d := newDeskIn(t, r)
		d.owe("first", channel, text("first"))
		d.deliverAll()
		for i := range 25 {
			r.others(rnd.IntN(4))
			var p store.Post
			switch p = text(fmt.Sprint("post ", i)); rnd.IntN(3) {
			case 0:
				p = store.Post{Buttons: "[]", Chart: []byte("png")}
			case 1:
				p.Chart = []byte("png")
			}
			d.owe(fmt.Sprint(i), channel, p)
			switch rnd.IntN(6) {
			case 0:
				r.lose = true
				d.deliverAll()
			case 1: // it does not arrive, and nobody knows
				d.sender.try = func(context.Context, rollcall.ChatID, store.Post) (rollcall.MessageID, string, error) {
					return 0, "", errDoubt
				}
				d.deliverAll()
				d.sender.try = r.Post
			case 2: // the program ends with the call
				if x, ok, err := d.claimNext(false); err == nil && ok && rnd.IntN(2) == 0 {
					if _, _, err := r.Post(d.ctx, x.Chat, x.Post); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := d.DB.AbandonClaims(d.ctx); err != nil {
					t.Fatal(err)
				}
			default:
				d.deliverAll()
			}
			if rnd.IntN(3) == 0 {
				r.fail = []error{errFlood, errDoubt}[rnd.IntN(2)]
			}
			if rnd.IntN(2) == 0 {
				d.look()
			}
			d.clock.move(time.Duration(rnd.IntN(20)) * time.Minute)
		}
		for range 5 {
			d.look()
		}
		if r.changed > 0 {
			t.Fatalf("seed %d: %d own messages were overwritten", seed, r.changed)
		}
		times := map[int64]int{}
		for _, m := range r.messages {
			if m.own {
				times[m.post.ID]++
			}
		}
		for _, x := range d.deliveries() {
			switch {
			case x.Chat == 0:
			case times[x.Post] > 1:
				t.Fatalf("seed %d: post %d is in the channel %d times", seed, x.Post, times[x.Post])
			case x.State == store.Sent && r.messages[x.Message-1].post.ID != x.Post:
				t.Fatalf("seed %d: post %d is said to be message %d", seed, x.Post, x.Message)
			case x.State == store.Unsure:
				left++
			}
		}
		var n int
		if err := d.ledger.QueryRowContext(d.ctx, `SELECT count(*) FROM doubts WHERE outcome = 'found'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		found += n
	}
	t.Logf("%d runs: %d posts were found, %d are left to the owners", runs, found, left)
	if found == 0 || left == 0 {
		t.Error("nothing is shown")
	}
}

func TestTheStandingInTheDigestsChatsIsAskedForAtTheStart(t *testing.T) {
	for _, c := range []struct {
		name string
		is   func(*store.Standing)
		want int // messages to the owner
	}{
		{"all is well", func(*store.Standing) {}, 0},
		{"no right to post", func(s *store.Standing) { s.Post = false }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom()
			c.is(&r.standing)
			d := newDeskIn(t, r, makeDigest(t, "daily", "0 9 * * *"), makeDigest(t, "weekly", "0 9 * * 1"))
			for range 3 {
				d.CheckChats(d.ctx)
				d.restart()
				d.into(r)
			}
			told := 0
			for _, x := range d.deliveries() {
				if x.Chat == 0 {
					told++
				}
			}
			if told != c.want || r.asked != 3 {
				t.Errorf("the owner was told %d times, and Telegram asked %d times, want %d and once at each start", told, r.asked, c.want)
			}
		})
	}
}

// The configuration names a group by its former id, and then by the new one:
// the digests go on as they were.
func TestNumbersGoOnInAMigratedGroup(t *testing.T) {
	const group, super rollcall.ChatID = -501, -1001900000000
	g := makeDigest(t, "daily", "0 9 * * *")
	g.Chat = group
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	d.plan(g)
	var numbers []int
	for i, named := range []rollcall.ChatID{group, group, super} {
		g.Chat = named
		d.clock.set(at("2026-03-01 09:00:00").AddDate(0, 0, i))
		d.plan(g)
		d.deliverAll()
		if i == 0 {
			if err := d.DB.MigrateChat(d.ctx, group, super); err != nil {
				t.Fatal(err)
			}
		}
		past, err := d.DB.Occurrences(d.ctx, "daily", 1)
		if err != nil || len(past) == 0 {
			t.Fatalf("%d occurrences (%v)", len(past), err)
		}
		numbers = append(numbers, past[0].Number)
	}
	same(t, "numbers", numbers, []int{1, 2, 3})
	var chats []rollcall.ChatID
	for _, a := range d.sender.seen() {
		chats = append(chats, a.chat)
	}
	same(t, "chats", chats, []rollcall.ChatID{group, super, super})
}
