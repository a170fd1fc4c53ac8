package courier

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram/command"
	"rollcall/internal/telegram/fakeapi"
)

const keeperID rollcall.UserID = 7310000088

// A newsroom is runner, courier, sender and Telegram together, with a daily digest
// for a channel and an owner who has written to the bot. Its clock stands still.
type newsroom struct {
	t      *testing.T
	api    *fakeapi.Server
	db     *store.DB
	runner *jobs.Runner
	day    time.Time

	mu  sync.Mutex
	now time.Time
}

func (n *newsroom) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *newsroom) set(t time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = t
}

func newNewsroom(t *testing.T, chat rollcall.ChatID) *newsroom {
	t.Helper()
	s, p := newCourier(t)
	s.AddUser(fakeapi.User{ID: keeperID, FirstName: "Kay", Started: true})
	keys, err := secret.New([32]byte{5})
	if err != nil {
		t.Fatal(err)
	}
	n := &newsroom{t: t, api: s, now: time.Date(2026, 3, 1, 8, 59, 0, 0, time.UTC), day: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	n.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), store.Options{Now: n.clock, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.db.Close() })
	if err := n.db.Update(t.Context(), func(tx *store.Tx) error { return tx.KnowPeer(keeperID) }); err != nil {
		t.Fatal(err)
	}
	if err := n.db.OpenPetition(t.Context(), rollcall.Petition{Slug: "sample", Opens: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Closes: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		Organiser: "Example Group", Addressee: "Sample Office", Title: map[rollcall.Language]string{"en": "A sample request"}, Text: map[rollcall.Language]string{"en": "We ask."}}, store.Shell); err != nil {
		t.Fatal(err)
	}
	when, err := schedule.Parse("0 9 * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	n.runner = jobs.New(jobs.Options{DB: n.db, Sender: p, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: n.clock,
		Digests: []jobs.Digest{{Spec: digest.Spec{Name: "daily", Chat: chat, Language: rollcall.English, Zone: time.UTC, Chart: true, Username: s.Bot().Username},
			Schedule: when, CatchUp: time.Hour}},
		Chats: p,
		Owners: jobs.Owners{IDs: []rollcall.UserID{keeperID}, Language: rollcall.English, AnswerData: func(u rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
			return command.UnsureData(keys, u, doubt, says)
		}}})
	n.plan(n.clock())
	return n
}

func (n *newsroom) plan(at time.Time) {
	n.t.Helper()
	n.set(at)
	if err := n.runner.Plan(n.t.Context(), n.runner.Digests[0], at); err != nil {
		n.t.Fatal(err)
	}
}

// post plans the next day's digest, makes it arrive as the fault lets it, and
// returns how many messages did.
func (n *newsroom) post(f fakeapi.Fault) int {
	n.t.Helper()
	chat := n.runner.Digests[0].Chat
	before := len(n.api.Own(chat))
	n.plan(n.day)
	n.day = n.day.AddDate(0, 0, 1)
	if f.Kind != "" {
		f.Method, f.Chat = "*", chat
		defer n.api.Fault(f)()
	}
	if err := n.runner.Deliver(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
	return len(n.api.Own(chat)) - before
}

// look takes the next step with what is in doubt, and tells the owner.
func (n *newsroom) look() {
	n.t.Helper()
	n.set(n.clock().Add(time.Minute))
	if err := n.runner.SettleDoubts(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
	if err := n.runner.DeliverPrivate(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
}

func (n *newsroom) last() store.PlannedPost {
	n.t.Helper()
	past, err := n.db.Occurrences(n.t.Context(), "daily", 1)
	if err != nil || len(past) != 1 {
		n.t.Fatalf("%d occurrences (%v)", len(past), err)
	}
	return past[0]
}

// wants has the last digest be in a state, and its doubt in a stage; "" for none.
func (n *newsroom) wants(state store.DeliveryState, doubt store.DoubtStage) {
	n.t.Helper()
	if p := n.last(); p.Deliveries[state] == 0 || p.Doubt.Stage != doubt {
		n.t.Errorf("the digest's messages are %v, and its doubt is %q, want %s and %q", p.Deliveries, p.Doubt.Stage, state, doubt)
	}
}

// A digest whose answer was lost is found by the bot where it may not edit what
// others post, and nothing is sent again or asked.
func TestALostDigestIsFoundInItsChannel(t *testing.T) {
	for _, kind := range []fakeapi.Kind{fakeapi.Lost, fakeapi.Cut, fakeapi.Truncated} {
		for _, others := range []int{0, 3} {
			for name, text := range map[string]bool{"a chart with its text": false, "a text alone": true} {
				t.Run(fmt.Sprint(kind, " ", others, " ", name), func(t *testing.T) {
					n := newNewsroom(t, newsID)
					if text {
						n.runner.Digests[0].Chart = false
					}
					n.post(fakeapi.Fault{})
					for i := range others {
						if _, err := n.api.ChannelPost(newsID, fmt.Sprint("Of another administrator ", i)); err != nil {
							t.Fatal(err)
						}
					}
					if got := n.post(fakeapi.Fault{Kind: kind}); got != 1 {
						t.Fatalf("%d messages arrived, want 1", got)
					}
					n.wants(store.Unsure, store.Looking)
					n.look()
					n.wants(store.Sent, "")
					own := n.api.Own(newsID)
					for _, m := range own {
						if m.Edits != 0 {
							t.Errorf("message %d was changed", m.MessageID)
						}
					}
					if got := n.post(fakeapi.Fault{}); got != 1 || len(own) != 2 {
						t.Errorf("%d messages, and then %d more, want 2 and 1", len(own), got)
					}
					if told := n.api.Own(keeperID.Chat()); len(told) != 0 {
						t.Errorf("the owner is told %q", told[0].Body())
					}
					if p := n.api.Problems(); len(p) > 0 {
						t.Errorf("problems: %q", p)
					}
				})
			}
		}
	}
}

func TestTheOwnerIsAskedOfALostDigest(t *testing.T) {
	for name, c := range map[string]struct {
		chat  rollcall.ChatID
		is    *fakeapi.Member
		fault fakeapi.Kind
	}{
		"may edit":      {newsID, &fakeapi.Member{Status: "administrator", CanPost: true, CanEdit: true}, fakeapi.Lost},
		"never arrived": {newsID, nil, fakeapi.Reset},
		"a group":       {circleID, nil, fakeapi.Lost},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNewsroom(t, c.chat)
			n.post(fakeapi.Fault{})
			if c.is != nil {
				if _, err := n.api.SetMember(c.chat, n.api.Bot().ID, *c.is); err != nil {
					t.Fatal(err)
				}
			}
			n.post(fakeapi.Fault{Kind: c.fault})
			for range 3 {
				n.look()
			}
			n.wants(store.Unsure, store.Asked)
			told := n.api.Own(keeperID.Chat())
			say := render.For(rollcall.English)
			if len(told) != 1 || fmt.Sprint(told[0].Labels()) != fmt.Sprint([]string{say.Label(render.LabelItIsThere), say.Label(render.LabelSendAgain)}) ||
				!strings.Contains(told[0].Body(), "Digest No 2") {
				t.Fatalf("the owner is told %d times: %+v", len(told), told)
			}
			if p := n.api.Problems(); len(p) > 0 {
				t.Errorf("problems: %q", p)
			}
		})
	}
}

// A group that moved is followed by all that is kept about it, though the
// configuration names its former id.
func TestAMovedGroupKeepsItsDigestAndItsRights(t *testing.T) {
	n := newNewsroom(t, circleID)
	n.runner.CheckChats(t.Context())
	n.post(fakeapi.Fault{})
	to, err := n.api.Migrate(circleID)
	if err != nil {
		t.Fatal(err)
	}
	n.post(fakeapi.Fault{})
	n.wants(store.Sent, "")
	if got := len(n.api.Own(to)); got != 1 || n.last().Number != 2 {
		t.Errorf("%d messages in the new group, and the number is %d, want 1 and 2", got, n.last().Number)
	}
	n.runner.CheckChats(t.Context())
	if now, err := n.db.CurrentChat(t.Context(), circleID); err != nil || now != to {
		t.Errorf("the group is %d (%v), want %d", now, err, to)
	}
	// The answer of the next one is lost, and the owner has it sent again.
	before := len(n.api.Own(to))
	n.api.Fault(fakeapi.Fault{Method: "*", Chat: to, Kind: fakeapi.Reset})
	n.post(fakeapi.Fault{})
	for range 2 {
		n.look()
	}
	n.wants(store.Unsure, store.Asked)
	for range 2 {
		if err := n.db.Update(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.AnswerDoubt(1, store.Again)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := n.runner.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n.wants(store.Sent, "")
	if got := len(n.api.Own(to)) - before; got != 1 {
		t.Errorf("%d messages came, want 1", got)
	}
}
