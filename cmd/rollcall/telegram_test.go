package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

// people are those who write to the bot in the scripts; each Telegram speaks
// another language.
var people = map[string]fakeapi.User{
	"carol": {ID: 7100000001, FirstName: "Carolcanary", LanguageCode: "en"},
	"olena": {ID: 7100000002, FirstName: "Olenacanary", LanguageCode: "uk"},
	"pavel": {ID: 7100000003, FirstName: "Pavelcanary", LanguageCode: "ru-RU"},
	"edna":  {ID: 7100000004, FirstName: "Ednacanary", LanguageCode: "en"}, // the owner, where a script makes her so
}

// places are the chats that are not private.
var places = map[string]fakeapi.Chat{
	"news":   {ID: -1001234567890, Type: "channel", Title: "Sample channel"},
	"circle": {ID: -501, Type: "group", Title: "Sample circle"},
}

// stageWait is how long a script waits for what the bot is to do.
const stageWait = 20 * time.Second

// A stage is where a script's people meet the bot.
type stage struct {
	server     *fakeapi.Server
	seen       map[string]int64 // of each chat: what stands before is not looked at any more
	last       fakeapi.Message  // that was waited for
	terminated time.Time
	late       atomic.Int64 // nanoseconds by which Telegram's clock is behind
}

// stageCommand is the script command telegram:
//
//	telegram start                  opens a stand-in of Telegram and gives the
//	                                program its address and the token
//	telegram listens                waits until the bot polls and has nothing to do
//	telegram say WHO TEXT...        somebody writes to the bot, in private
//	telegram group WHO TEXT...      … or in the group circle
//	telegram press WHO LABEL        somebody presses the newest button of that label
//	telegram toast WHO PATTERN      waits for the answer to the newest press, and fits it
//	telegram wants WHERE PATTERN... waits for a message of the bot to a person or in
//	                                a chat, later than what was waited for before,
//	                                that fits all the patterns; it becomes stdout
//	telegram finds WHERE PATTERN... … the same, with all that was sent before, too
//	telegram buttons LABEL...       that message has exactly these buttons
//	telegram photo, telegram nophoto  that message is a picture with a caption, or none
//	telegram count WHERE N          the bot has sent so many messages there, in all
//	telegram fault METHOD KIND [N]  the next N calls fail so: a fakeapi.Kind, or a status
//	                                such as status401; N of -1 is for ever
//	telegram calm                   no call fails any more, nor hangs
//	telegram called METHOD N        waits until a method was called so often
//	telegram kicked WHERE           the bot may no longer post there
//	telegram rights WHERE RIGHT...  the bot is an administrator there, with these rights
//	                                alone: post, edit, delete
//	telegram webhook URL            updates go to an address, and not to a poll
//	telegram late DURATION          the clock of Telegram is behind by so much, or before by
//	                                a negative one
func stageCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value("stage").(*stage)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: telegram VERB [ARG...]")
	}
	verb, args := args[0], args[1:]
	if s.server == nil && verb != "start" {
		ts.Fatalf("telegram start comes first")
	}
	ctx, cancel := context.WithTimeout(context.Background(), stageWait)
	defer cancel()
	need := func(n int) {
		if len(args) < n {
			ts.Fatalf("telegram %s needs %d arguments", verb, n)
		}
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		ts.Check(err)
		return n
	}
	switch verb {
	case "start":
		s.start(ts)
	case "listens":
		ts.Check(s.server.WaitIdle(ctx))
	case "say", "group":
		need(2)
		who, in := s.person(ts, args[0]), s.chat(ts, args[0])
		if verb == "group" {
			in = places["circle"].ID
		}
		sent, err := s.server.Send(who, in, strings.Join(args[1:], " "))
		ts.Check(err)
		if verb == "say" {
			s.seen[args[0]] = sent.Seq
		}
	case "press":
		need(2)
		sent, err := s.server.Press(s.person(ts, args[0]), s.chat(ts, args[0]), 0, strings.Join(args[1:], " "))
		ts.Check(err)
		s.seen[args[0]] = sent.Seq
	case "toast":
		need(2)
		s.toast(ctx, ts, s.person(ts, args[0]), strings.Join(args[1:], " "))
	case "wants", "finds":
		need(2)
		if verb == "finds" {
			s.seen[args[0]] = 0
		}
		s.wants(ctx, ts, args[0], args[1:])
	case "buttons":
		if got := s.last.Labels(); !slices.Equal(got, args) {
			ts.Fatalf("the buttons are %q, want %q", got, args)
		}
	case "photo", "nophoto":
		if got := len(s.last.Photo) > 0; got != (verb == "photo") {
			ts.Fatalf("the message is a photo: %t", got)
		}
	case "count":
		need(2)
		if got := len(s.server.Own(s.chat(ts, args[0]))); got != number(args[1]) {
			ts.Fatalf("%d messages of the bot, want %s", got, args[1])
		}
	case "fault":
		need(2)
		f := fakeapi.Fault{Method: args[0], Kind: fakeapi.Kind(args[1])}
		if code, ok := strings.CutPrefix(args[1], "status"); ok {
			f.Kind, f.Code = fakeapi.Status, number(code)
		}
		if len(args) > 2 {
			f.Times = number(args[2])
		}
		s.server.Fault(f)
	case "calm":
		s.server.ClearFaults()
		s.server.Release()
	case "called":
		need(2)
		ts.Check(s.server.Wait(ctx, func(f *fakeapi.Server) bool { return len(f.Calls(args[0])) >= number(args[1]) }))
	case "kicked":
		need(1)
		_, err := s.server.SetMember(s.chat(ts, args[0]), s.server.Bot().ID, fakeapi.Member{Status: "kicked"})
		ts.Check(err)
	case "rights":
		need(1)
		has := func(right string) bool { return slices.Contains(args[1:], right) }
		_, err := s.server.SetMember(s.chat(ts, args[0]), s.server.Bot().ID,
			fakeapi.Member{Status: "administrator", CanPost: has("post"), CanEdit: has("edit"), CanDelete: has("delete")})
		ts.Check(err)
	case "webhook":
		need(1)
		s.server.SetWebhook(args[0])
	case "late":
		need(1)
		by, err := time.ParseDuration(args[0])
		ts.Check(err)
		s.late.Store(int64(by))
	default:
		ts.Fatalf("telegram knows no %s", verb)
	}
}

func (s *stage) start(ts *testscript.TestScript) {
	start, err := time.Parse(time.RFC3339, ts.Getenv(envNow))
	ts.Check(err)
	began, err := time.Parse(time.RFC3339, ts.Getenv(envBegan))
	ts.Check(err)
	now := func() time.Time { return start.Add(time.Since(began) - time.Duration(s.late.Load())) } // as the program's own
	s.server, s.seen = fakeapi.New(fakeapi.Options{Limits: fakeapi.TelegramLimits(), Now: now}), map[string]int64{}
	ts.Check(s.server.Start())
	for _, p := range people {
		s.server.AddUser(p)
	}
	for _, c := range places {
		s.server.AddChat(c)
	}
	ts.Setenv("ROLLCALL_API_URL", s.server.URL())
	ts.Setenv("ROLLCALL_TOKEN", s.server.Token())
}

// close ends the stage, and fails where the bot did what Telegram would have
// ignored or refused.
func (s *stage) close(t testscript.T) {
	if s.server == nil {
		return
	}
	problems, waiting, tooMany := s.server.Problems(), s.server.Unanswered(), s.server.TooMany()
	s.server.Close()
	if len(problems) > 0 || waiting > 0 || tooMany > 0 {
		t.Fatal(fmt.Sprintf("problems %q, %d presses without an answer, %d messages over the limits", problems, waiting, tooMany))
	}
}

func (s *stage) person(ts *testscript.TestScript, name string) rollcall.UserID {
	p, ok := people[name]
	if !ok {
		ts.Fatalf("nobody is called %s", name)
	}
	return p.ID
}

func (s *stage) chat(ts *testscript.TestScript, name string) rollcall.ChatID {
	if c, ok := places[name]; ok {
		return c.ID
	}
	return s.person(ts, name).Chat()
}

func (s *stage) wants(ctx context.Context, ts *testscript.TestScript, where string, patterns []string) {
	var fits []*regexp.Regexp
	for _, p := range patterns {
		r, err := regexp.Compile("(?s)" + p)
		ts.Check(err)
		fits = append(fits, r)
	}
	var newest fakeapi.Message
	m, err := s.server.WaitMessage(ctx, s.chat(ts, where), func(m fakeapi.Message) bool {
		if m.Seq <= s.seen[where] {
			return false
		}
		newest = m
		return !slices.ContainsFunc(fits, func(r *regexp.Regexp) bool { return !r.MatchString(m.Body()) })
	})
	if err != nil {
		ts.Fatalf("%s got nothing that fits; the last was:\n%s\n%v", where, newest.Body(), err)
	}
	s.seen[where], s.last = m.Seq, m
	fmt.Fprintln(ts.Stdout(), m.Body())
}

// toast waits until somebody's newest press is answered, with a text that fits.
func (s *stage) toast(ctx context.Context, ts *testscript.TestScript, who rollcall.UserID, pattern string) {
	fits, err := regexp.Compile(pattern)
	ts.Check(err)
	var newest fakeapi.Press
	ts.Check(s.server.Wait(ctx, func(server *fakeapi.Server) bool {
		presses := server.Presses(who)
		if len(presses) > 0 {
			newest = presses[len(presses)-1]
		}
		return newest.Answered
	}))
	if !fits.MatchString(newest.Text) {
		ts.Fatalf("the press was answered by %q", newest.Text)
	}
}
