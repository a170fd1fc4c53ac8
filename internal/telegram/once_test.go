package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// counted counts how often a handler is run.
func counted(n *atomic.Int64, h Handler) Handler {
	return func(ctx context.Context, r *Request) (Answer, error) {
		n.Add(1)
		return h(ctx, r)
	}
}

func signing(_ context.Context, r *Request) (Answer, error) { return signs(r), nil }

// holdPolls makes every poll but the next few hang before it confirms anything.
func (l *lab) holdPolls(after int) (free func()) {
	return l.Fault(fakeapi.Fault{Method: "getUpdates", Kind: fakeapi.Hang, Times: fakeapi.Forever, After: after})
}

func (l *lab) hasPolls(n int) {
	l.t.Helper()
	l.wait("a poll", func(s *fakeapi.Server) bool { return len(s.Calls("getUpdates")) >= n })
}

// Killed after the commit, before the answer: the effect is there once, and the
// answer that it owes is sent at the next start, once.
func TestAnEffectsAnswerIsSentOnceAfterACrash(t *testing.T) {
	for _, confirmed := range []bool{false, true} {
		t.Run(fmt.Sprint("confirmed ", confirmed), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				if err := openPetition(l.ctx, l.db); err != nil {
					t.Fatal(err)
				}
				l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Hang})
				var runs atomic.Int64
				r := l.start(textOnly(counted(&runs, signing)))
				id := l.says(ada, "x").UpdateID
				l.wait("the answer under way", func(s *fakeapi.Server) bool { return len(s.Calls("sendMessage")) == 1 })
				if confirmed {
					l.wait("the confirmation", func(s *fakeapi.Server) bool { return s.Pending() == 0 })
				}
				r.crash()
				if got := l.Pending(); got != map[bool]int{false: 1, true: 0}[confirmed] {
					t.Fatalf("%d updates pending", got)
				}
				if !l.signed(id) || l.state(id) != store.Handled {
					t.Fatalf("after the crash: signed %t, %q", l.signed(id), l.state(id))
				}
				l.start(textOnly(counted(&runs, signing)))
				l.idle()
				if d := cmp.Diff(l.texts(ada.Chat()), []string{"recorded: x"}); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
				if l.state(id) != store.Answered || runs.Load() != 1 {
					t.Errorf("in the end %q, and %d runs of the handler", l.state(id), runs.Load())
				}
				if owed, err := l.db.OwedAnswers(l.ctx); err != nil || len(owed) != 0 {
					t.Errorf("%d answers are owed, %v", len(owed), err)
				}
			})
		})
	}
}

// Killed after the answer, before the confirmation: the update comes again and is
// answered no second time.
func TestAnAnsweredUpdateThatComesAgainIsLeftAlone(t *testing.T) {
	for name, h := range map[string]Handler{"with an effect": signing, "without": echo("text")} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				if err := openPetition(l.ctx, l.db); err != nil {
					t.Fatal(err)
				}
				var runs atomic.Int64
				id := l.says(ada, "x").UpdateID
				free := l.holdPolls(1)
				r := l.start(textOnly(counted(&runs, h)))
				l.hasPolls(2)
				r.crash()
				free()
				if l.Pending() != 1 || l.state(id) != store.Answered {
					t.Fatalf("after the crash: %d pending, %q", l.Pending(), l.state(id))
				}
				l.start(textOnly(counted(&runs, h)))
				l.idle()
				if n := len(l.texts(ada.Chat())); n != 1 || runs.Load() != 1 {
					t.Errorf("%d answers by %d runs, want one", n, runs.Load())
				}
			})
		})
	}
}

// An answer without an effect may name a person and is not kept: the update is
// handled once more.
func TestAnUpdateWithoutEffectIsHandledAgainWhenItsAnswerWasNotSent(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Hang})
		var runs atomic.Int64
		r := l.start(textOnly(counted(&runs, echo("text"))))
		id := l.says(ada, "canary").UpdateID
		l.wait("the answer under way", func(s *fakeapi.Server) bool { return len(s.Calls("sendMessage")) == 1 })
		r.crash()
		if owed, err := l.db.OwedAnswers(l.ctx); err != nil || len(owed) != 0 {
			t.Errorf("%d answers are kept, %v", len(owed), err)
		}
		l.start(textOnly(counted(&runs, echo("text"))))
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"text [canary] anyone en"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if l.state(id) != store.Answered || runs.Load() != 2 {
			t.Errorf("in the end %q, and %d runs of the handler", l.state(id), runs.Load())
		}
	})
}

// remade signs, as an effect that can be seen, and answers with what is not to be
// kept.
func remade(_ context.Context, r *Request) (Answer, error) {
	a := signs(r)
	sign := a.Effect
	a.Remade = true
	a.Effect = func(tx *store.Tx) ([]Action, error) {
		if r.Again {
			return []Action{Say(r.Chat, render.Message{Text: "again: " + render.Escape(r.Args)})}, nil
		}
		return sign(tx)
	}
	return a, nil
}

// The answer of an effect may name a person, too: the effect is there once, its
// answer is not kept, and is made again.
func TestARemadeAnswerIsNotKeptAndItsEffectActsOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Hang})
		var runs atomic.Int64
		r := l.start(textOnly(counted(&runs, remade)))
		id := l.says(ada, "canary").UpdateID
		l.wait("the answer under way", func(s *fakeapi.Server) bool { return len(s.Calls("sendMessage")) == 1 })
		r.crash()
		if owed, err := l.db.OwedAnswers(l.ctx); err != nil || len(owed) != 0 {
			t.Errorf("%d answers are kept, %v", len(owed), err)
		}
		if !l.signed(id) || l.state(id) != store.Counted {
			t.Fatalf("after the crash: signed %t, %q", l.signed(id), l.state(id))
		}
		l.start(textOnly(counted(&runs, remade)))
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"again: canary"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if l.state(id) != store.Answered || runs.Load() != 2 {
			t.Errorf("in the end %q, and %d runs of the handler", l.state(id), runs.Load())
		}
	})
}

func TestAnUpdateThatComesAgainWhileItsAnswerIsUnderWayIsLeftAlone(t *testing.T) {
	for name, h := range map[string]Handler{"with an effect": signing, "without": echo("text")} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				if err := openPetition(l.ctx, l.db); err != nil {
					t.Fatal(err)
				}
				l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow})
				var runs atomic.Int64
				l.start(textOnly(counted(&runs, h)))
				id := l.says(ada, "x").UpdateID
				l.wait("the confirmation", func(s *fakeapi.Server) bool { return s.Confirmed() == 1 })
				for range 2 {
					if l.Redeliver(1) != 1 {
						t.Fatal("nothing to give again")
					}
					l.wait("another confirmation", func(s *fakeapi.Server) bool { return s.Confirmed() == 1 })
				}
				l.Release()
				l.idle()
				if n := len(l.texts(ada.Chat())); n != 1 || runs.Load() != 1 || l.state(id) != store.Answered {
					t.Errorf("%d answers by %d runs, in the end %q", n, runs.Load(), l.state(id))
				}
				l.Redeliver(1)
				l.idle()
				if n := len(l.texts(ada.Chat())); n != 1 || runs.Load() != 1 {
					t.Errorf("after yet another time: %d answers by %d runs", n, runs.Load())
				}
			})
		})
	}
}

// An answer may get out between the look at the store and the turn of its
// update in the batch. A handler that were run again would see its own effect.
func TestAnAnswerThatGetsOutWithinABatchIsNotGivenTwice(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		var runs atomic.Int64
		open := make(chan struct{})
		var blocking atomic.Bool
		h := func(ctx context.Context, r *Request) (Answer, error) {
			if r.Args == "first" {
				if blocking.Load() {
					<-open
				}
				return r.Reply(plainly("first")), nil
			}
			if runs.Add(1); l.signed(r.UpdateID) {
				return r.Reply(plainly("you did that")), nil
			}
			return signs(r), nil
		}
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Hang})
		l.says(ada, "first")
		id := l.says(ada, "second").UpdateID
		free := l.holdPolls(1)
		r := l.start(textOnly(h))
		l.hasPolls(2)
		r.crash()
		free()

		blocking.Store(true)
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow})
		l.start(textOnly(h))
		synctest.Wait() // the owed answer is under way, and the batch stands at its first update
		if got := l.state(id); got != store.Handled {
			t.Fatalf("it is %q", got)
		}
		l.Release()
		synctest.Wait()
		if got := l.state(id); got != store.Answered {
			t.Fatalf("it is %q", got)
		}
		close(open)
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"recorded: second", "first"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if runs.Load() != 1 {
			t.Errorf("%d runs", runs.Load())
		}
	})
}

// An effect that owes nothing owes nothing after a crash either.
func TestAnEffectWithoutAnswerIsDoneOnce(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		var effects atomic.Int64
		h := func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Effect: func(tx *store.Tx) ([]Action, error) {
				effects.Add(1)
				_, err := tx.Sign(samplePetition, 1, tagOf(r.UpdateID))
				return nil, err
			}}, nil
		}
		l.start(textOnly(h))
		id := l.says(ada, "x").UpdateID
		l.idle()
		if got := l.state(id); got != store.Answered || !l.signed(id) {
			t.Errorf("it is %q, signed %t", got, l.signed(id))
		}
		l.Redeliver(1)
		l.idle()
		if effects.Load() != 1 {
			t.Errorf("%d effects", effects.Load())
		}
	})
}

func TestAFailureIsAnsweredWithAReferenceAndNotTriedAgain(t *testing.T) {
	cause := errors.New("canary: the disk is on fire")
	for name, h := range map[string]Handler{
		"an error":            func(context.Context, *Request) (Answer, error) { return Answer{}, cause },
		"a panic":             func(context.Context, *Request) (Answer, error) { panic(cause) },
		"an error of effects": func(context.Context, *Request) (Answer, error) { return Answer{Effect: failWith(cause)}, nil },
		"a panic of effects": func(context.Context, *Request) (Answer, error) {
			return Answer{Effect: func(*store.Tx) ([]Action, error) { panic(cause) }}, nil
		},
		"an error of effects, beside actions": func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Actions: []Action{Say(r.Chat, plainly("done!"))}, Effect: failWith(cause)}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				var runs atomic.Int64
				l.start(textOnly(counted(&runs, h)))
				id := l.says(ada, "x").UpdateID
				l.idle()
				lines := l.book.lines("a handler failed")
				if len(lines) != 1 {
					t.Fatalf("%d lines in the log", len(lines))
				}
				line := lines[0]
				ref, _ := line["reference"].(string)
				if len(ref) < 8 || line["update_id"] != float64(id) || line["level"] != "ERROR" {
					t.Errorf("the log says %v", line)
				}
				// An error's text is ours; a panic's may hold anything.
				said := fmt.Sprint(line["error"])
				if panics := strings.HasPrefix(name, "a panic"); strings.Contains(said, "canary") == panics ||
					panics && (!strings.Contains(said, "*errors.errorString") || !strings.Contains(said, "(once_test.go:")) {
					t.Errorf("the log says of the cause: %s", said)
				}
				texts := l.texts(ada.Chat())
				if len(texts) != 1 || !strings.Contains(texts[0], ref) || strings.Contains(texts[0], "canary") || strings.Contains(texts[0], "done!") {
					t.Errorf("the answer is %q, the reference %s", texts, ref)
				}
				if got := l.state(id); got != store.Failed {
					t.Errorf("it is %q", got)
				}
				l.Redeliver(1)
				l.idle()
				if runs.Load() != 1 || len(l.texts(ada.Chat())) != 1 {
					t.Errorf("%d runs, %d answers", runs.Load(), len(l.texts(ada.Chat())))
				}
				// The bot goes on.
				l.says(bo, "y")
				l.idle()
				if len(l.texts(bo.Chat())) != 1 {
					t.Error("the next update is not answered")
				}
			})
		})
	}
}

func failWith(err error) func(*store.Tx) ([]Action, error) {
	return func(*store.Tx) ([]Action, error) { return nil, err }
}

func TestAnErrorUndoesTheEffect(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		h := func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Effect: func(tx *store.Tx) ([]Action, error) {
				if _, err := tx.Sign(samplePetition, 1, tagOf(r.UpdateID)); err != nil {
					return nil, err
				}
				switch r.Args {
				case "error":
					return nil, errors.New("after the change")
				case "panic":
					panic("after the change")
				}
				return nil, nil
			}}, nil
		}
		// All in one commit, perhaps: none may take the others with it.
		bad := l.says(ada, "error").UpdateID
		worse := l.says(bo, "panic").UpdateID
		good := l.says(editor, "good").UpdateID
		l.start(textOnly(h))
		l.idle()
		if l.signed(bad) || l.signed(worse) || !l.signed(good) {
			t.Errorf("signed: error %t, panic %t, good %t", l.signed(bad), l.signed(worse), l.signed(good))
		}
	})
}

// What was answered "recorded" is in the store at that moment, and for good.
func TestNothingIsAnsweredBeforeItsCommit(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		tags := map[string]int64{}
		l.SetHook(func(method string, p url.Values) {
			if method != "sendMessage" {
				return
			}
			mu.Lock()
			id := tags[p.Get("chat_id")]
			mu.Unlock()
			if !l.signed(id) {
				t.Errorf("update %d is answered before its effect is there", id)
			}
		})
		people := l.crowd(20)
		mu.Lock()
		for _, u := range people {
			tags[fmt.Sprint(int64(u))] = l.says(u, "x").UpdateID
		}
		mu.Unlock()
		l.start(textOnly(signing))
		l.idle()
		if n := len(l.Calls("sendMessage")); n != 20 {
			t.Errorf("%d answers", n)
		}
	})
}

// Owed answers are sealed in the file.
func TestAnOwedAnswerIsSentAsItWasMade(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		h := func(_ context.Context, r *Request) (Answer, error) {
			a := signs(r)
			a.Actions = []Action{SendDocument(r.Chat, "receipt.txt", []byte("a receipt"), plainly("receipt")), Say(r.Chat, plainly("second"))}
			return a, nil
		}
		l.Fault(fakeapi.Fault{Method: "sendDocument", Kind: fakeapi.Hang})
		r := l.start(textOnly(h))
		l.says(ada, "x")
		l.wait("the answer under way", func(s *fakeapi.Server) bool { return len(s.Calls("sendDocument")) == 1 })
		r.crash()
		l.start(textOnly(h))
		l.idle()
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"receipt", "second", "recorded: x"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if _, content, _ := l.File(l.Own(ada.Chat())[0].Document.FileID); string(content) != "a receipt" {
			t.Errorf("the file is %q", content)
		}
	})
}

// A stop in good order owes nothing.
func TestAStopGivesAnswersTheirTime(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		if err := openPetition(l.ctx, l.db); err != nil {
			t.Fatal(err)
		}
		l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow, Delay: answerGrace + closeTime/2})
		r := l.start(textOnly(signing))
		id := l.says(ada, "x").UpdateID
		l.wait("the answer under way", func(s *fakeapi.Server) bool { return len(s.Calls("sendMessage")) == 1 })
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if got := l.state(id); got != store.Answered || len(l.texts(ada.Chat())) != 1 {
			t.Errorf("it is %q, %d answers", got, len(l.texts(ada.Chat())))
		}
	})
}

func TestAPanicBesideThePollingIsLoggedWithoutItsText(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(textOnly(func(_ context.Context, r *Request) (Answer, error) {
			a := r.Reply(plainly("begun"))
			a.Later = func(context.Context) []Action { panic("canary " + r.Args) }
			return a, nil
		}))
		l.says(ada, "Прикладенко")
		l.idle()
		l.says(bo, "y") // the bot goes on
		l.idle()
		lines := l.book.lines("work beside the polling failed")
		if len(lines) != 2 || len(l.texts(bo.Chat())) != 1 {
			t.Fatalf("%d lines in the log, %d answers", len(lines), len(l.texts(bo.Chat())))
		}
		said := fmt.Sprint(lines[0])
		if !strings.Contains(said, "panic of type string") || !strings.Contains(said, "(once_test.go:") ||
			strings.Contains(said, "canary") || strings.Contains(said, "Прикладенко") {
			t.Errorf("the log says %s", said)
		}
	})
}
