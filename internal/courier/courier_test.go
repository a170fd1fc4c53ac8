package courier

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/chart"
	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/fakeapi"
)

const (
	newsID   rollcall.ChatID = -1001234567890
	circleID rollcall.ChatID = -501
	readerID rollcall.UserID = 7310000077
)

// newCourier is the real one on a stand-in of Telegram.
func newCourier(t *testing.T) (*fakeapi.Server, Courier) {
	t.Helper()
	s := fakeapi.Run(t, fakeapi.Options{})
	s.AddChat(fakeapi.Chat{ID: newsID, Type: "channel", Title: "Sample channel"})
	s.AddChat(fakeapi.Chat{ID: circleID, Type: "group", Title: "Sample circle"})
	s.AddUser(fakeapi.User{ID: readerID, FirstName: "Ann"})
	if _, err := s.Send(readerID, readerID.Chat(), "/start"); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	client, err := telegram.NewClient(t.Context(), s.URL(), s.Token())
	if err != nil {
		t.Fatal(err)
	}
	sender := telegram.NewSender(client, telegram.Limits{}, log)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		sender.Close(ctx)
	})
	return s, New(client, sender)
}

// What the ledger is told of a failed post must be what Telegram did: "not done"
// for one that arrived would send it twice.
func TestTheCourierTellsWhatHappened(t *testing.T) {
	words := store.Post{HTML: "<b>Words</b>", Buttons: "[]"}
	for _, c := range []struct {
		name    string
		fault   fakeapi.Fault
		prepare func(*fakeapi.Server)
		post    store.Post
		chat    rollcall.ChatID
		want    *jobs.OutcomeError // nil: it went well
		arrived int
		second  bool // look at the second try: the first goes into a connection that has just been closed
	}{
		{name: "well", post: words, chat: newsID, arrived: 1},
		{name: "asked to wait", fault: fakeapi.Fault{Kind: fakeapi.Flood, RetryAfter: 7 * time.Second}, post: words, chat: newsID,
			want: &jobs.OutcomeError{NotDone: true, RetryAfter: 7 * time.Second}},
		{name: "a bad request", fault: fakeapi.Fault{Kind: fakeapi.Status, Code: 400}, post: words, chat: newsID,
			want: &jobs.OutcomeError{NotDone: true, Final: true}},
		{name: "kicked", prepare: func(s *fakeapi.Server) {
			s.SetMember(newsID, s.Bot().ID, fakeapi.Member{Status: "kicked"})
		}, post: words, chat: newsID, want: &jobs.OutcomeError{NotDone: true, Final: true, NoRight: true}},
		{name: "no right to post", prepare: func(s *fakeapi.Server) {
			s.SetMember(newsID, s.Bot().ID, fakeapi.Member{Status: "administrator"})
		}, post: words, chat: newsID, want: &jobs.OutcomeError{NotDone: true, Final: true, NoRight: true}},
		{name: "protected, to an account", post: store.Post{HTML: "Words", Buttons: "[]", Protect: true}, chat: readerID.Chat(), arrived: 1},
		{name: "blocked", prepare: func(s *fakeapi.Server) {
			if _, err := s.Block(readerID); err != nil {
				panic(err)
			}
		}, post: words, chat: readerID.Chat(), want: &jobs.OutcomeError{NotDone: true, Final: true, Gone: true}},
		{name: "a deleted account", prepare: func(s *fakeapi.Server) {
			if err := s.Deactivate(readerID); err != nil {
				panic(err)
			}
		}, post: words, chat: readerID.Chat(), want: &jobs.OutcomeError{NotDone: true, Final: true, Gone: true}},
		{name: "an account that never wrote", post: words, chat: 7310000099, want: &jobs.OutcomeError{NotDone: true, Final: true, Gone: true}},
		{name: "no such chat", post: words, chat: -1009999999999, want: &jobs.OutcomeError{NotDone: true, Final: true, NoRight: true}},
		{name: "markup that Telegram does not take", post: store.Post{HTML: "<b>Words", Buttons: "[]"}, chat: newsID, want: &jobs.OutcomeError{NotDone: true, Final: true}},
		{name: "buttons that are none", post: store.Post{HTML: "Words", Buttons: "{"}, chat: newsID, want: &jobs.OutcomeError{NotDone: true, Final: true}},
		{name: "an error within", fault: fakeapi.Fault{Kind: fakeapi.Status, Code: 500}, post: words, chat: newsID, want: &jobs.OutcomeError{}},
		{name: "a gateway's page", fault: fakeapi.Fault{Kind: fakeapi.HTML502}, post: words, chat: newsID, want: &jobs.OutcomeError{}},
		{name: "reset before it was read", fault: fakeapi.Fault{Kind: fakeapi.Reset}, post: words, chat: newsID, want: &jobs.OutcomeError{}},
		{name: "half an answer", fault: fakeapi.Fault{Kind: fakeapi.Truncated}, post: words, chat: newsID, want: &jobs.OutcomeError{}, arrived: 1},
		{name: "an answer cut off", fault: fakeapi.Fault{Kind: fakeapi.Cut}, post: words, chat: newsID, want: &jobs.OutcomeError{}, arrived: 1},
		{name: "no answer", fault: fakeapi.Fault{Kind: fakeapi.Lost}, post: words, chat: newsID, want: &jobs.OutcomeError{}, arrived: 1},
		{name: "nobody there", prepare: (*fakeapi.Server).Close, post: words, chat: newsID, want: &jobs.OutcomeError{NotDone: true}, second: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, p := newCourier(t)
			if c.fault.Kind != "" {
				c.fault.Method = "sendMessage"
				s.Fault(c.fault)
			}
			if c.prepare != nil {
				c.prepare(s)
			}
			if c.second {
				p.Post(t.Context(), c.chat, c.post, unclaimed)
			}
			id, _, err := p.Post(t.Context(), c.chat, c.post, unclaimed)
			if n := len(s.Own(c.chat)); n != c.arrived {
				t.Fatalf("%d messages arrived, want %d", n, c.arrived)
			}
			if c.want == nil {
				if err != nil || id != s.Own(c.chat)[0].MessageID {
					t.Errorf("got %d, %v, want the message's id", id, err)
				}
				if got := s.Own(c.chat)[0].Protected; got != c.post.Protect {
					t.Errorf("it is protected: %t, want %t", got, c.post.Protect)
				}
				return
			}
			var got *jobs.OutcomeError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an OutcomeError", err)
			}
			if d := cmp.Diff(got, c.want, cmpopts.IgnoreFields(jobs.OutcomeError{}, "Err")); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
			if strings.Contains(err.Error(), "Words") || strings.Contains(err.Error(), s.Token()) || strings.Contains(err.Error(), "100") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestTheCourierFollowsAGroup(t *testing.T) {
	s, p := newCourier(t)
	to, err := s.Migrate(circleID)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Post(t.Context(), circleID, store.Post{HTML: "Words", Buttons: "[]"}, unclaimed)
	var got *jobs.OutcomeError
	if !errors.As(err, &got) || !got.NotDone || got.Final || got.MigrateTo != to {
		t.Errorf("got %+v, want not done, and the new id", got)
	}
}

// An answer stands under the post that it answers; where that was deleted it goes
// without.
func TestTheCourierAnswersAPost(t *testing.T) {
	s, p := newCourier(t)
	id, _, err := p.Post(t.Context(), newsID, store.Post{HTML: "Words", Buttons: "[]"}, unclaimed)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		to   rollcall.MessageID
		want bool
	}{{id, true}, {id + 100, false}, {0, false}} {
		if _, _, err := p.Post(t.Context(), newsID, store.Post{HTML: "An answer", Buttons: "[]", ReplyTo: c.to}, unclaimed); err != nil {
			t.Fatal(err)
		}
		own := s.Own(newsID)
		if got := own[len(own)-1].ReplyTo; (got != nil) != c.want || c.want && got.MessageID != c.to {
			t.Errorf("to %d: it answers %+v", c.to, got)
		}
	}
	if p := s.Problems(); len(p) > 0 {
		t.Errorf("problems: %q", p)
	}
}

// A post that waits for its turn when the program ends has not been begun.
func TestAPostThatWaitedForItsTurnIsNotDone(t *testing.T) {
	_, p := newCourier(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := p.Post(ctx, newsID, store.Post{HTML: "Words", Buttons: "[]"}, unclaimed)
	var got *jobs.OutcomeError
	if !errors.As(err, &got) || !got.NotDone || got.Final {
		t.Errorf("got %v, want not done", err)
	}
}

// Runner, poster, sender and Telegram together. The clock goes on by a second at
// each look, so that nothing is waited for in earnest.
func TestDigestsArriveOnceThroughEverythingThatFails(t *testing.T) {
	s, p := newCourier(t)
	now := time.Date(2026, 3, 1, 8, 59, 0, 0, time.UTC)
	tick := make(chan struct{}, 1) // holds the clock
	clock := func() time.Time {
		tick <- struct{}{}
		defer func() { <-tick }()
		now = now.Add(time.Second)
		return now
	}
	keys, err := secret.New([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), store.Options{Now: clock, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.OpenPetition(t.Context(), rollcall.Petition{Slug: "sample", Opens: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Closes: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		Organiser: "Example Group", Addressee: "Sample Office", Title: map[rollcall.Language]string{"en": "A sample request"}, Text: map[rollcall.Language]string{"en": "We ask."}}, store.Shell); err != nil {
		t.Fatal(err)
	}
	when, err := schedule.Parse("0 9 * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	g := jobs.Digest{Spec: digest.Spec{Name: "daily", Chat: newsID, Language: rollcall.English, Zone: time.UTC, Chart: true, Username: s.Bot().Username}, Schedule: when, CatchUp: time.Hour}
	r := jobs.New(jobs.Options{DB: db, Sender: p, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: clock})
	day := time.Date(2026, 3, 1, 8, 59, 0, 0, time.UTC)
	plan := func(at time.Time) {
		t.Helper()
		if err := r.Plan(t.Context(), g, at); err != nil {
			t.Fatal(err)
		}
	}
	plan(day)
	day = day.Add(time.Minute)
	for _, c := range []struct {
		name    string
		fault   fakeapi.Fault
		want    store.DeliveryState
		arrived int
	}{
		{"well", fakeapi.Fault{}, store.Sent, 1},
		{"asked to wait, then well", fakeapi.Fault{Kind: fakeapi.Flood}, store.Sent, 1},
		{"the answer is lost", fakeapi.Fault{Kind: fakeapi.Lost}, store.Unsure, 1},
		{"nothing is known, and it did not arrive", fakeapi.Fault{Kind: fakeapi.Reset}, store.Unsure, 0},
		{"refused", fakeapi.Fault{Kind: fakeapi.Status, Code: 400}, store.Dead, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(s.Own(newsID))
			if c.fault.Kind != "" {
				c.fault.Method = "sendPhoto"
				s.Fault(c.fault)
			}
			plan(day)
			day = day.AddDate(0, 0, 1)
			for range 2 {
				if err := r.Deliver(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			arrived := s.Own(newsID)[before:]
			if len(arrived) != c.arrived {
				t.Fatalf("%d messages arrived, want %d", len(arrived), c.arrived)
			}
			for _, m := range arrived {
				if len(m.Photo) == 0 || m.Photo[len(m.Photo)-1].Width != chart.Width || !strings.Contains(m.Caption, "A sample request") {
					t.Errorf("it is no picture of the chart's size with the text: %+v", m)
				}
				p := render.For(rollcall.English)
				if d := cmp.Diff(m.Labels(), []string{p.Label(render.LabelLookUp), p.Label(render.LabelSignThePetition), p.Label(render.LabelCheckCount)}); d != "" {
					t.Errorf("buttons (-got +want):\n%s", d)
				}
			}
			past, err := db.Occurrences(t.Context(), "daily", 1)
			if err != nil {
				t.Fatal(err)
			}
			if n := past[0].Deliveries[c.want]; n != 1 {
				t.Errorf("the ledger has %v, want one %s", past[0].Deliveries, c.want)
			}
			posts, err := db.LatestPosts(t.Context(), "daily", newsID)
			if err != nil {
				t.Fatal(err)
			}
			if sent := c.want == store.Sent; sent != (posts[0].FileID != "") {
				t.Errorf("the picture's id at Telegram is %q, and the post is %s", posts[0].FileID, c.want)
			}
		})
	}
	if p := s.Problems(); len(p) > 0 {
		t.Errorf("problems: %q", p)
	}
}

// unclaimed is the claim of what is in no ledger.
func unclaimed() error { return nil }
