package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// crowd adds n people who have started the bot.
func (l *lab) crowd(n int) []rollcall.UserID {
	var ids []rollcall.UserID
	for i := range n {
		id := rollcall.UserID(7100000100 + i)
		l.AddUser(fakeapi.User{ID: id, FirstName: "Somebody", Started: true})
		ids = append(ids, id)
	}
	return ids
}

// offsets are those of the polls so far; "" for none.
func (l *lab) offsets() []string {
	var list []string
	for _, c := range l.Calls("getUpdates") {
		list = append(list, c.Params.Get("offset"))
	}
	return list
}

func (r *run) checkEnded(want error) {
	r.l.t.Helper()
	select {
	case err := <-r.ended:
		r.ended <- err
		if !errors.Is(err, want) {
			r.l.t.Errorf("Run returned %v, want %v", err, want)
		}
	case <-time.After(patience):
		r.l.t.Fatal("Run goes on")
	}
}

func TestThePollNamesTheKindsThatItWants(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(textOnly(echo("text")))
		l.idle()
		if got, want := l.Calls("getUpdates")[0].Params.Get("allowed_updates"), `["message","callback_query","my_chat_member"]`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestChatsAreHandledSideBySide(t *testing.T) {
	for _, workers := range []int{1, 3, 8} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				people := l.crowd(3 * workers)
				var mu sync.Mutex
				in, most := 0, 0
				full, open := make(chan struct{}), make(chan struct{})
				var once sync.Once
				h := func(_ context.Context, r *Request) (Answer, error) {
					mu.Lock()
					in++
					most = max(most, in)
					if in == workers {
						once.Do(func() { close(full) })
					}
					mu.Unlock()
					<-open
					mu.Lock()
					in--
					mu.Unlock()
					return r.Reply(plainly("done")), nil
				}
				for _, u := range people { // one batch
					l.says(u, "x")
				}
				l.startWith(textOnly(h), Options{Workers: workers, PollTimeout: 50 * time.Second}, Limits{})
				l.until(fmt.Sprint(workers, " handlers at once"), full)
				synctest.Wait() // whoever else would come in is in now
				mu.Lock()
				if in != workers {
					t.Errorf("%d handlers at once, want %d", in, workers)
				}
				mu.Unlock()
				close(open)
				l.idle()
				if most > workers {
					t.Errorf("%d handlers at once, want at most %d", most, workers)
				}
				for _, u := range people {
					if n := len(l.texts(u.Chat())); n != 1 {
						t.Errorf("somebody got %d answers", n)
					}
				}
			})
		})
	}
}

func TestUpdatesOfAChatAreHandledInTheirOrder(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		const each = 20
		people := l.crowd(5)
		var mu sync.Mutex
		handled := map[rollcall.ChatID][]string{}
		within := map[rollcall.ChatID]int{}
		h := func(_ context.Context, r *Request) (Answer, error) {
			mu.Lock()
			handled[r.Chat] = append(handled[r.Chat], r.Args)
			within[r.Chat]++
			if within[r.Chat] > 1 {
				t.Error("two updates of one chat at once")
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				within[r.Chat]--
			}()
			// Each chat takes another time for each update.
			time.Sleep(time.Duration(int64(r.From)%7*int64(len(r.Args))) * time.Millisecond)
			return r.Reply(plainly("%s", r.Args)), nil
		}
		var want []string
		for i := range each {
			want = append(want, strconv.Itoa(i*i*i))
			for _, u := range people {
				l.says(u, want[i])
			}
		}
		l.start(textOnly(h))
		l.idle()
		for _, u := range people {
			if d := cmp.Diff(handled[u.Chat()], want); d != "" {
				t.Errorf("handled (-got +want):\n%s", d)
			}
			if d := cmp.Diff(l.texts(u.Chat()), want); d != "" {
				t.Errorf("answered (-got +want):\n%s", d)
			}
		}
	})
}

func TestTheOffsetWaitsForTheCommitsOfTheWholeBatch(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		open := make(chan struct{})
		h := func(_ context.Context, r *Request) (Answer, error) {
			if r.From == bo {
				<-open
			}
			return signs(r), nil
		}
		first := l.says(ada, "a").UpdateID
		slow := l.says(bo, "b").UpdateID
		last := l.says(ada, "c").UpdateID
		l.start(textOnly(h))
		l.wait("the others' answers", func(s *fakeapi.Server) bool { return len(s.Own(ada.Chat())) == 2 })
		synctest.Wait()
		if d := cmp.Diff(l.offsets(), []string{""}); d != "" {
			t.Errorf("offsets with an update under way (-got +want):\n%s", d)
		}
		if !l.signed(first) || !l.signed(last) || l.signed(slow) || l.Confirmed() != 0 {
			t.Error("the effects are not as far as they should be")
		}
		close(open)
		l.idle()
		if d := cmp.Diff(l.offsets(), []string{"", fmt.Sprint(last + 1)}); d != "" {
			t.Errorf("offsets (-got +want):\n%s", d)
		}
		if !l.signed(slow) {
			t.Error("the slow one's effect is not there")
		}
	})
}

func TestAnUpdateThatCannotBeReadIsSetAside(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		before := l.says(ada, "before").UpdateID
		broken := l.Raw(`{"update_id":{id},"message":{"message_id":"canary","chat":{"id":7100000001}}}`)
		after := l.says(ada, "after").UpdateID
		r := l.start(textOnly(echo("text")))
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"text [before] anyone en", "text [after] anyone en"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		for id, want := range map[int64]store.UpdateState{before: store.Answered, broken: store.Undecodable, after: store.Answered} {
			if got := l.state(id); got != want {
				t.Errorf("update %d is %q, want %q", id, got, want)
			}
		}
		if n := len(l.book.lines("set aside")); n != 1 || strings.Contains(l.book.String(), "canary") {
			t.Errorf("%d lines say so, want 1 without the content", n)
		}
		if d := cmp.Diff(l.offsets(), []string{"", fmt.Sprint(after + 1)}); d != "" {
			t.Errorf("offsets (-got +want):\n%s", d)
		}
		if r.Handled() != 3 {
			t.Errorf("%d updates counted, want 3", r.Handled())
		}
	})
}

func TestAnUpdateWithoutAnIDIsPassedOver(t *testing.T) {
	for name, raw := range map[string]string{
		"a message": `{"message":{"message_id":1,"date":1,"chat":{"id":7100000001,"type":"private"},"from":{"id":7100000001},"text":"canary"}}`,
		"no object": `"canary"`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				l.says(ada, "before")
				l.Raw(raw)
				l.says(ada, "after")
				l.start(textOnly(echo("text")))
				l.idle()
				if d := cmp.Diff(l.texts(ada.Chat()), []string{"text [before] anyone en", "text [after] anyone en"}); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
			})
		})
	}
}

func TestABatchThatCannotBeConfirmedIsNotAskedForAtFullSpeed(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Raw(`{"message":{}}`)
		l.start(textOnly(echo("text")))
		time.Sleep(10 * maxPollPause)
		if n := len(l.Calls("getUpdates")); n < 5 || n > 12 {
			t.Errorf("%d polls in ten pauses", n)
		}
	})
}

func TestAKindThatWasNotAskedForIsConfirmedInSilence(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		id := l.Raw(`{"update_id":{id},"message_reaction":{"anything":[1]}}`)
		l.start(textOnly(echo("text")))
		l.idle()
		if l.Pending() != 0 || l.state(id) != store.Answered {
			t.Errorf("%d pending, state %q", l.Pending(), l.state(id))
		}
	})
}

func TestTheContextEndsThePollAtOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		r := l.start(textOnly(echo("text")))
		l.idle()
		at := time.Now()
		r.cancel()
		r.checkEnded(nil)
		if took := time.Since(at); took != 0 {
			t.Errorf("it took %s", took)
		}
	})
}

func TestABatchThatHasBegunIsBroughtToItsEnd(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		begun, open := make(chan struct{}), make(chan struct{})
		var once sync.Once
		h := func(ctx context.Context, r *Request) (Answer, error) {
			once.Do(func() { close(begun) })
			<-open
			if err := ctx.Err(); err != nil {
				return Answer{}, err
			}
			return signs(r), nil
		}
		var ids []int64
		for _, text := range []string{"a", "b", "c"} {
			ids = append(ids, l.says(ada, text).UpdateID)
		}
		r := l.start(textOnly(h))
		l.until("a handler", begun)
		r.cancel()
		synctest.Wait()
		select {
		case <-r.ended:
			t.Fatal("Run left its batch")
		default:
		}
		close(open)
		r.checkEnded(nil)
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		for _, id := range ids {
			if !l.signed(id) || l.state(id) != store.Answered {
				t.Errorf("update %d: signed %t, %q", id, l.signed(id), l.state(id))
			}
		}
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"recorded: a", "recorded: b", "recorded: c"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if l.Confirmed() != len(ids) {
			t.Errorf("%d updates are confirmed at the end, want %d", l.Confirmed(), len(ids))
		}
	})
}

func TestATokenThatIsTakenBackEndsTheBot(t *testing.T) {
	for _, c := range []struct {
		name, method string
		code         int
	}{{"at the start", "deleteWebhook", 401}, {"later", "getUpdates", 401}, {"not found", "getUpdates", 404}} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				l.Fault(fakeapi.Fault{Method: c.method, Kind: fakeapi.Status, Code: c.code, Times: fakeapi.Forever})
				r := l.start(textOnly(echo("text")))
				select {
				case err := <-r.ended:
					r.ended <- err
					if !Refused(err, BadToken) {
						t.Errorf("Run returned %v", err)
					}
				case <-time.After(patience):
					t.Fatal("Run goes on")
				}
			})
		})
	}
}

func TestASecondInstanceIsToldOfOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		const conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
		l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Status, Code: 409, Description: conflict, Times: 10})
		l.start(textOnly(echo("text")))
		l.says(ada, "x")
		l.idle()
		if n := len(l.book.lines("another instance")); n != 1 {
			t.Errorf("%d lines, want 1", n)
		}
		if len(l.texts(ada.Chat())) != 1 {
			t.Error("the bot did not go on")
		}
		// A conflict of its own is told again.
		l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Status, Code: 409, Description: conflict, Times: 3})
		l.says(ada, "y")
		l.idle()
		l.says(ada, "z")
		l.wait("the fault", func(s *fakeapi.Server) bool { return len(s.Own(ada.Chat())) == 3 })
		l.idle()
		if n := len(l.book.lines("another instance")); n != 2 {
			t.Errorf("%d lines, want 2", n)
		}
	})
}

func TestAWebhookIsTakenOffAlsoLater(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "deleteWebhook", Kind: fakeapi.Reset})
		remove := l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Status, Code: 409, Times: fakeapi.Forever,
			Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"})
		l.says(ada, "x")
		l.start(textOnly(echo("text")))
		l.wait("another deleteWebhook", func(s *fakeapi.Server) bool { return len(s.Calls("deleteWebhook")) == 2 })
		remove()
		l.idle()
		if len(l.texts(ada.Chat())) != 1 {
			t.Error("the bot did not go on")
		}
		if p := l.Calls("deleteWebhook")[0].Params; p.Get("drop_pending_updates") != "" {
			t.Error("what waits is thrown away")
		}
	})
}

func TestPollsBackOffAndRecover(t *testing.T) {
	for _, kind := range []fakeapi.Kind{fakeapi.HTML502, fakeapi.Status, fakeapi.Reset, fakeapi.Truncated, fakeapi.Cut} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				remove := l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: kind, Times: fakeapi.Forever})
				l.start(textOnly(echo("text")))
				l.says(ada, "x")
				time.Sleep(10 * time.Minute)
				calls := l.Calls("getUpdates")
				if n := len(calls); n < 15 || n > 30 {
					t.Errorf("%d polls in ten minutes", n)
				}
				for i := 1; i < len(calls); i++ {
					if gap := calls[i].At.Sub(calls[i-1].At); gap < minPollPause || gap > maxPollPause*5/4+time.Second {
						t.Errorf("%s between two polls", gap)
					}
				}
				remove()
				at := time.Now()
				l.idle()
				if took := time.Since(at); len(l.texts(ada.Chat())) != 1 || took > maxPollPause*5/4 {
					t.Errorf("%d answers after %s", len(l.texts(ada.Chat())), took)
				}
				// It starts from the shortest pause again.
				failed := len(l.Calls("getUpdates"))
				l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.HTML502, After: 0, Times: 1})
				l.says(ada, "y") // ends the poll that waits
				l.idle()
				l.says(ada, "z")
				l.idle()
				calls = l.Calls("getUpdates")[failed-1:]
				for i := 1; i < len(calls); i++ {
					if calls[i-1].Fault != "" && calls[i].At.Sub(calls[i-1].At) > minPollPause*5/4 {
						t.Errorf("the pause after a recovery is %s", calls[i].At.Sub(calls[i-1].At))
					}
				}
			})
		})
	}
}

func TestAPollObeysRetryAfter(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Flood, RetryAfter: 90 * time.Second})
		l.says(ada, "x")
		l.start(textOnly(echo("text")))
		l.idle()
		calls := l.Calls("getUpdates")
		if gap := calls[1].At.Sub(calls[0].At); gap < 90*time.Second || gap > 115*time.Second {
			t.Errorf("the next poll came after %s, want 90 s and a little", gap)
		}
	})
}

func TestAHangingPollIsGivenUp(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Hang})
		l.says(ada, "x")
		at := time.Now()
		l.start(textOnly(echo("text")))
		l.idle()
		if took := time.Since(at); len(l.texts(ada.Chat())) != 1 || took > 50*time.Second+pollSlack+time.Second {
			t.Errorf("%d answers after %s", len(l.texts(ada.Chat())), took)
		}
	})
}

// After a week without updates Telegram goes on from a random id, which may be
// lower (Bot API, Update).
func TestLowerIDsAfterAnIdleWeekAreAccepted(t *testing.T) {
	t.Parallel()
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(textOnly(echo("text")))
		l.says(ada, "before")
		l.idle()
		time.Sleep(idleReset + time.Hour)
		polls := l.offsets()
		if last := polls[len(polls)-1]; last != "" {
			t.Errorf("the poll after a week has the offset %s", last)
		}
		if !l.SetNextUpdateID(3) {
			t.Fatal("updates are pending")
		}
		l.says(ada, "after")
		l.says(ada, "and again")
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"text [before] anyone en", "text [after] anyone en", "text [and again] anyone en"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if polls = l.offsets(); polls[len(polls)-1] != "5" {
			t.Errorf("the last offset is %q, want 5", polls[len(polls)-1])
		}
	})
}

// A Bot API server that lost its state numbers anew, and no week has passed.
func TestAnotherUpdateOfAKnownIDIsHandled(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(textOnly(echo("text")))
		id := l.says(ada, "before").UpdateID
		l.idle()
		if !l.SetNextUpdateID(id) {
			t.Fatal("updates are pending")
		}
		l.says(ada, "after")
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"text [before] anyone en", "text [after] anyone en"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
	})
}

func TestAGroupThatMovedIsFollowed(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := l.db.Update(l.ctx, func(tx *store.Tx) error {
			return tx.Plan(store.Occurrence{Digest: "daily", Key: "1", Audience: store.InChat(group), PlannedAt: time.Now(), State: store.Posted}, []store.Post{{HTML: "x", Buttons: "[]"}})
		}); err != nil {
			t.Fatal(err)
		}
		l.start(sampleRegistry())
		l.idle()
		to, err := l.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		l.idle()
		d, ok, err := l.db.NextDelivery(l.ctx)
		if err != nil || !ok || d.Chat != to {
			t.Errorf("what is owed goes to the old chat: %t, %v", ok && d.Chat == group, err)
		}
		if n := len(l.texts(to)); n != 0 {
			t.Errorf("%d answers to a service message", n)
		}
	})
}

func TestAStoreThatCannotBeWrittenToEndsTheBot(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		r := l.start(textOnly(echo("text")))
		l.idle()
		if err := l.db.Close(); err != nil {
			t.Fatal(err)
		}
		l.says(ada, "x")
		select {
		case err := <-r.ended:
			r.ended <- err
			if err == nil {
				t.Error("Run returned no error")
			}
		case <-time.After(patience):
			t.Fatal("Run goes on")
		}
		if l.Confirmed() != 0 {
			t.Error("the update was confirmed")
		}
	})
}

func TestWhatTheMonitorsAskFor(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.HTML502})
		r := l.start(textOnly(echo("text")))
		if !r.LastPoll().IsZero() || r.Handled() != 0 {
			t.Errorf("before the first poll: %s, %d", r.LastPoll(), r.Handled())
		}
		synctest.Wait()
		if !r.LastPoll().IsZero() {
			t.Error("a failed poll counts as one")
		}
		l.says(ada, "x")
		l.idle()
		if r.LastPoll().IsZero() || r.Handled() != 1 {
			t.Errorf("after an update: %s, %d", r.LastPoll(), r.Handled())
		}
		before := r.LastPoll()
		time.Sleep(2 * time.Minute) // with nothing to do
		if since := time.Since(r.LastPoll()); since > 51*time.Second || !r.LastPoll().After(before) {
			t.Errorf("the last poll is %s old", since)
		}
	})
}

// Updates that are answered slowly do not hold up the poll for long, and hardly where
// the answer is kept.
func TestTheNextPollWaitsForAnswersOnlyAMoment(t *testing.T) {
	for _, c := range []struct {
		name  string
		h     Handler
		after time.Duration
	}{
		{"an answer that a crash would lose", echo("text"), answerGrace},
		{"an answer that is kept", signing, keptGrace},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				if err := openPetition(l.ctx, l.db); err != nil {
					t.Fatal(err)
				}
				l.Fault(fakeapi.Fault{Method: "sendMessage", Chat: ada.Chat(), Kind: fakeapi.Slow})
				l.start(textOnly(c.h))
				l.idle()
				at := time.Now()
				id := l.says(ada, "x").UpdateID
				l.wait("the next poll", func(s *fakeapi.Server) bool { return s.Pending() == 0 })
				if took := time.Since(at); took != c.after {
					t.Errorf("it came after %s, want %s", took, c.after)
				}
				l.says(bo, "y")
				l.wait("the answer to another", func(s *fakeapi.Server) bool { return len(s.Own(bo.Chat())) == 1 })
				if got := l.state(id); got != store.Handled {
					t.Errorf("the slow one is %q", got)
				}
				l.Release()
				l.idle()
				if got := l.state(id); got != store.Answered {
					t.Errorf("in the end it is %q", got)
				}
			})
		})
	}
}

func TestOffsetsOnlyRise(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(textOnly(echo("text")))
		people := l.crowd(7)
		for i := range 250 { // more than two batches
			l.says(people[i%7], fmt.Sprint(i))
		}
		l.idle()
		var got []int
		for _, o := range l.offsets() {
			n, _ := strconv.Atoi(o)
			got = append(got, n)
		}
		if !slices.IsSorted(got) {
			t.Errorf("offsets: %v", got)
		}
		n := 0
		for _, u := range people {
			n += len(l.texts(u.Chat()))
		}
		if n != 250 {
			t.Errorf("%d answers, want 250", n)
		}
	})
}
