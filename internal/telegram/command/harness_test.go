package command_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/courier"
	"rollcall/internal/digest"
	"rollcall/internal/jobs"
	"rollcall/internal/names"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
	"rollcall/internal/telegram/fakeapi"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// long reports whether the slow form of a test was asked for.
func long() bool { return os.Getenv("ROLLCALL_LONG") == "1" }

// The accounts of the tests. Their ids are long, so that they are not found in
// a log by chance.
const (
	familyID   rollcall.UserID = 7310000011
	strangerID rollcall.UserID = 7310000022
	editorID   rollcall.UserID = 7310000033
	ownerID    rollcall.UserID = 7310000044

	groupID   rollcall.ChatID = -1007310000055
	channelID rollcall.ChatID = -1007310000066
)

// noon is when the tests begin.
var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)

// weekAfterNoon is from when what was shown at noon no longer counts.
var weekAfterNoon = time.Date(2026, time.June, 22, 0, 0, 0, 0, time.UTC)

// patience is how long a test waits for what has to happen.
const patience = 2 * time.Minute

// A clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A logBuffer keeps all that is logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A harness is the bot as `rollcall serve` wires it, against a stand-in of
// Telegram, with a clock of the test's and the sample roster.
type harness struct {
	t        testing.TB
	api      *fakeapi.Server
	path     string // of the database
	db       *store.DB
	keys     *secret.Keys
	clock    *clock
	log      *logBuffer
	digests  []jobs.Digest
	runner   *jobs.Runner
	registry telegram.Registry

	mu    sync.Mutex
	texts []string // all that people wrote, and the names of their files

	script strings.Builder
	wrote  map[string]string // answers in the script, and what they were to
}

// An option changes the settings of a harness.
type option func(*command.Settings)

// newHarness starts the bot. At the end of the test it is stopped, and what
// holds for every conversation is checked: see harness.check.
func newHarness(t testing.TB, options ...option) *harness {
	t.Helper()
	return keptBy(t, []rollcall.UserID{ownerID}, []rollcall.UserID{editorID}, options...)
}

// keptBy is newHarness with other keepers.
func keptBy(t testing.TB, owners, editors []rollcall.UserID, options ...option) *harness {
	t.Helper()
	h := &harness{t: t, clock: &clock{at: noon}, log: &logBuffer{}, path: filepath.Join(t.TempDir(), "rollcall.db"),
		wrote: map[string]string{}}
	h.api = fakeapi.Run(t, fakeapi.Options{Now: h.clock.now})
	h.api.AddUser(fakeapi.User{ID: familyID, FirstName: "Family"})
	h.api.AddChat(fakeapi.Chat{ID: groupID, Type: "supergroup", Title: "A group"})
	h.api.AddChat(fakeapi.Chat{ID: channelID, Type: "channel", Title: "A channel"})

	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	var err error
	if h.keys, err = secret.New([32]byte{31: 1}); err != nil {
		t.Fatal(err)
	}
	if h.db, err = store.Open(ctx, h.path, store.Options{Now: h.clock.now, Keys: h.keys}); err != nil {
		t.Fatal(err)
	}
	h.fill(ctx)

	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client, err := telegram.NewClient(ctx, h.api.URL(), h.api.Token())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.db.Update(ctx, func(tx *store.Tx) error { return tx.SetUsername(client.Username) }); err != nil {
		t.Fatal(err)
	}
	sides := map[rollcall.Side]string{rollcall.SideA: "Northland", rollcall.SideB: "Southland <&>"}
	h.digests = []jobs.Digest{{Spec: digest.Spec{Name: "daily", Chat: channelID, Language: rollcall.English, Zone: kyiv, Chart: true,
		Sides: sides, Username: client.Username}}}
	settings := command.Settings{
		Username: client.Username, Operator: "Example Group", Contact: "https://example.org/contact",
		MaxResults: 3, MinParts: 2, MaxWatches: 20, Limits: ample, BatchLatest: 24 * time.Hour, Retention: 720 * time.Hour,
		Tracing: []render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}},
		Zone:    kyiv, Sides: sides, Digests: []digest.Spec{h.digests[0].Spec},
		Owners: owners, Language: rollcall.English,
	}
	for _, o := range options {
		o(&settings)
	}
	sender := telegram.NewSender(client, telegram.Limits{}, log)
	h.registry = command.Registry(&command.Handlers{Settings: settings, DB: h.db, Keys: h.keys, Search: search.New(h.db), Log: log,
		Fetcher: client})
	router := telegram.NewRouter(h.registry, telegram.RouterOptions{Username: client.Username, Owners: owners,
		Editors: editors, DefaultLanguage: rollcall.English, DB: h.db, Keys: h.keys, Log: log, Now: h.clock.now})
	bot := telegram.NewBot(client, router, sender, h.db, log, telegram.Options{Workers: 8, PollTimeout: 20 * time.Second})
	post := courier.New(client, sender)
	h.runner = jobs.New(jobs.Options{DB: h.db, Sender: post, Log: log, Now: h.clock.now, Digests: h.digests,
		Chats: post, Owners: jobs.Owners{IDs: owners, Language: rollcall.English,
			AnswerData: func(owner rollcall.UserID, doubt int64, says store.DoubtOutcome) string {
				return command.UnsureData(h.keys, owner, doubt, says)
			}},
		Deleter: post, Editor: post, AnnouncementButtons: command.AnnouncementButtons,
		OpenData: func(user rollcall.UserID, id rollcall.PersonID) string { return command.OpenData(h.keys, user, id) }})
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx) }()

	t.Cleanup(func() {
		if !t.Failed() {
			h.check()
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the bot ended with an error: %v", err)
		}
		grace, done := context.WithTimeout(context.Background(), 2*time.Second)
		defer done()
		sender.Close(grace)
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
		if !t.Failed() {
			h.checkFile()
		}
	})
	return h
}

// ample are limits that a conversation of the tests does not meet; those about
// limits set their own.
var ample = command.Limits{PerDay: 1000, DistinctPerWeek: 1000, RosterPercent: 3, RosterFloor: 1000}

// postDigest posts the main digest in its channel now.
func (h *harness) postDigest() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := h.runner.SendNow(ctx, h.digests[0], h.clock.now())
	if err == nil {
		err = h.runner.Deliver(ctx)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// news has watchers told of what was published, and brings it to them.
func (h *harness) news() (fakeapi.Sent, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return fakeapi.Sent{}, errors.Join(h.runner.TellWatchers(ctx), h.runner.DeliverPrivate(ctx))
}

// settle waits until all that was asked is answered.
func (h *harness) settle() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	idle := func() {
		err := h.api.WaitIdle(ctx)
		if err == nil {
			err = h.api.Wait(ctx, func(s *fakeapi.Server) bool { return s.Unanswered() == 0 })
		}
		if err != nil {
			h.t.Fatalf("%v\nlog:\n%s", err, h.log)
		}
	}
	idle()
	// "The file is being read" is followed by a report.
	if err := h.api.Wait(ctx, func(s *fakeapi.Server) bool { return !reading(s) }); err != nil {
		h.t.Fatalf("%v\nlog:\n%s", err, h.log)
	}
	idle()
}

// reading reports whether a roster file is being imported.
func reading(s *fakeapi.Server) bool {
	for _, c := range s.Chats() {
		own := s.Own(c.ID)
		for _, l := range rollcall.Languages {
			if n := len(own); n > 0 && own[n-1].Body() == render.Plain(render.For(l).ImportBegun()) {
				return true
			}
		}
	}
	return false
}

// check holds the conversation against what every one has to keep: nothing was
// sent that Telegram would have ignored, no press was left without an answer,
// and the log says nothing about anyone.
func (h *harness) check() {
	h.t.Helper()
	h.settle()
	if p := h.api.Problems(); len(p) > 0 {
		h.t.Errorf("Problems() = %q, want none", p)
	}
	if n := h.api.Unanswered(); n != 0 {
		h.t.Errorf("%d presses were not answered", n)
	}
	h.checkLog()
}

// secrets are the texts that belong in no log: the token, ids, names and what
// people wrote.
func (h *harness) secrets() (list []string) {
	token := h.api.Token()
	_, key, _ := strings.Cut(token, ":")
	list = append(list, token, key)
	for _, id := range []rollcall.UserID{familyID, strangerID, editorID, ownerID} {
		list = append(list, strconv.FormatInt(int64(id), 10))
	}
	for _, r := range sampleRows {
		for _, name := range append([]string{r.FullName}, r.AltNames...) {
			list = append(list, name)
			for _, part := range names.Parts(name) {
				// Shorter ones ("Лев", "Example") are part of other words.
				if utf8.RuneCountInString(part) >= 5 && !isASCII(part) {
					list = append(list, part)
				}
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, text := range h.texts {
		query, found := strings.CutPrefix(text, "/find")
		if !found && strings.HasPrefix(text, "/") {
			continue // a command's word, which is no query
		}
		for line := range strings.Lines(query) {
			if line = strings.TrimSpace(line); utf8.RuneCountInString(line) >= 4 {
				list = append(list, line)
			}
		}
	}
	return list
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }

func (h *harness) checkLog() {
	h.t.Helper()
	log := h.log.String()
	if !strings.Contains(log, "handler=") {
		h.t.Error("the log holds no handled update: the test would see no leak")
	}
	for _, s := range h.secrets() {
		if strings.Contains(log, s) {
			h.t.Errorf("the log holds %q, which is nobody's business:\n%s", s, log)
			return
		}
	}
}

// checkFile looks for user ids in the database file, as text and as SQLite
// writes an integer.
func (h *harness) checkFile() {
	h.t.Helper()
	var content []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(h.path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			h.t.Fatal(err)
		}
		content = append(content, b...)
	}
	for _, id := range []rollcall.UserID{familyID, strangerID, editorID, ownerID} {
		integer := binary.BigEndian.AppendUint64(nil, uint64(id))[2:] // six bytes: SQLite record format, serial type 5
		if bytes.Contains(content, integer) || bytes.Contains(content, strconv.AppendInt(nil, int64(id), 10)) {
			h.t.Errorf("the database holds the user id %d in the clear", id)
		}
	}
}

// A person is somebody who talks to the bot in one chat.
type person struct {
	h    *harness
	id   rollcall.UserID
	chat rollcall.ChatID
	lang rollcall.Language
	name string // in the transcript
	said *render.Phrases

	toasts []string  // that the last act was answered with
	got    []message // that the last act brought, in the order of the chat
}

// A message is one that came or was changed.
type message struct {
	fakeapi.Message
	edited bool
}

// user brings somebody into the conversation whose Telegram speaks a language.
func (h *harness) user(name string, id rollcall.UserID, language string) *person {
	h.api.AddUser(fakeapi.User{ID: id, FirstName: name, LanguageCode: language})
	l, ok := rollcall.ParseLanguage(language)
	if !ok {
		l = rollcall.English
	}
	return &person{h: h, id: id, chat: id.Chat(), lang: l, name: name, said: render.For(l)}
}

// in returns the same person in a group.
func (p *person) in(chat rollcall.ChatID) *person {
	q := *p
	q.chat, q.got, q.toasts = chat, nil, nil
	return &q
}

// label is a button's label in the person's language.
func (p *person) label(l render.Label) string { return p.said.Label(l) }

// act does something, waits until it is answered, and writes both down.
func (p *person) act(what string, do func() (fakeapi.Sent, error)) *person {
	p.h.t.Helper()
	known := map[rollcall.MessageID]int64{}
	for _, m := range p.h.api.Own(p.chat) {
		known[m.MessageID] = m.Seq
	}
	pressed := len(p.h.api.Presses(p.id))
	if _, err := do(); err != nil {
		p.h.t.Fatalf("%s: %v", what, err)
	}
	p.h.settle()
	p.got, p.toasts = nil, nil
	for _, m := range p.h.api.Own(p.chat) {
		if seq, ok := known[m.MessageID]; !ok || seq != m.Seq {
			p.got = append(p.got, message{m, ok})
		}
	}
	for _, press := range p.h.api.Presses(p.id)[pressed:] {
		p.toasts = append(p.toasts, press.Text)
	}
	p.h.write(p, what)
	return p
}

// say writes a text.
func (p *person) say(text string) *person {
	p.h.t.Helper()
	p.h.mu.Lock()
	p.h.texts = append(p.h.texts, text)
	p.h.mu.Unlock()
	return p.act(text, func() (fakeapi.Sent, error) { return p.h.api.Send(p.id, p.chat, text) })
}

// press presses the newest button with the label.
func (p *person) press(label string) *person {
	p.h.t.Helper()
	return p.act("["+label+"]", func() (fakeapi.Sent, error) { return p.h.api.Press(p.id, p.chat, 0, label) })
}

// pressLabel presses the newest button with the label in the person's language.
func (p *person) pressLabel(l render.Label) *person {
	p.h.t.Helper()
	return p.press(p.label(l))
}

// forge sends callback data as a modified client can, for the newest message of
// the bot.
func (p *person) forge(data string) *person {
	p.h.t.Helper()
	return p.act("(forged press) "+data, func() (fakeapi.Sent, error) { return p.h.api.Forge(p.id, p.chat, p.newest(), data) })
}

// newest is the bot's last message in the chat, or 0.
func (p *person) newest() rollcall.MessageID {
	own := p.h.api.Own(p.chat)
	if len(own) == 0 {
		return 0
	}
	return own[len(own)-1].MessageID
}

// send sends a file.
func (p *person) send(name string, content []byte) *person {
	p.h.t.Helper()
	p.h.mu.Lock()
	p.h.texts = append(p.h.texts, name)
	p.h.mu.Unlock()
	return p.act("(file) "+name, func() (fakeapi.Sent, error) { return p.h.api.SendDocument(p.id, p.chat, name, content, "") })
}

// text is the visible text of what the last act brought.
func (p *person) text() string {
	var parts []string
	for _, m := range p.got {
		parts = append(parts, m.Body())
	}
	return strings.Join(parts, "\n")
}

// shown is all that the last act brought, with markup, buttons and toasts.
func (p *person) shown() string {
	var b strings.Builder
	for _, m := range p.got {
		fmt.Fprintf(&b, "%t %t %s %q\n", m.edited, m.Protected, m.HTML(), m.Labels())
	}
	fmt.Fprintf(&b, "%q", p.toasts)
	return b.String()
}

// wants checks that the last answer's visible text holds each of the parts.
func (p *person) wants(parts ...string) *person {
	p.h.t.Helper()
	for _, part := range parts {
		if !strings.Contains(p.text(), part) {
			p.h.t.Errorf("the answer to %s is\n%s\nwant it to hold %q", p.name, p.text(), part)
		}
	}
	return p
}

// wantsNot checks that the last answer, buttons and toasts included, holds none
// of the parts.
func (p *person) wantsNot(parts ...string) *person {
	p.h.t.Helper()
	for _, part := range parts {
		if strings.Contains(p.shown(), part) {
			p.h.t.Errorf("the answer to %s is\n%s\nwant it not to hold %q", p.name, p.shown(), part)
		}
	}
	return p
}

// answered checks that the last answer is one message of just this text.
func (p *person) answered(want render.HTML) *person {
	p.h.t.Helper()
	if len(p.got) != 1 {
		p.h.t.Errorf("%d messages came, want 1:\n%s", len(p.got), p.text())
		return p
	}
	if diff := cmp.Diff(p.got[0].Body(), render.Plain(want)); diff != "" {
		p.h.t.Errorf("the answer differs (-got +want):\n%s", diff)
	}
	return p
}

// told checks that the last answer is all that is kept about the account, in
// words and in a file of the same, which may be passed on and so names nobody.
func (p *person) told(want render.MyDataInfo) *person {
	p.h.t.Helper()
	want.At = p.h.clock.now().UTC()
	if want.Nothing() {
		return p.answered(p.said.NothingKept())
	}
	if len(p.got) != 2 || p.got[1].Document == nil || p.got[1].Document.FileName != "mydata.json" {
		p.h.t.Errorf("%d messages came, want words and the file mydata.json:\n%s", len(p.got), p.text())
		return p
	}
	if diff := cmp.Diff(p.text(), render.Plain(p.said.MyData(want))+"\n"+render.Plain(p.said.MyDataFileCaption())); diff != "" {
		p.h.t.Errorf("the words differ (-got +want):\n%s", diff)
	}
	_, file, ok := p.h.api.File(p.got[1].Document.FileID)
	if diff := cmp.Diff(string(file), string(p.said.MyDataFile(want))); diff != "" {
		p.h.t.Errorf("the file (there: %t) differs (-got +want):\n%s", ok, diff)
	}
	for _, r := range sampleRows {
		for _, name := range append([]string{r.FullName}, r.AltNames...) {
			if text := p.shown() + string(file); strings.Contains(text, name) {
				p.h.t.Errorf("the name %s can be passed on:\n%s", name, text)
			}
		}
	}
	return p
}

// toasted checks the words with which the last press was answered.
func (p *person) toasted(want render.HTML) *person {
	p.h.t.Helper()
	if diff := cmp.Diff(p.toasts, []string{render.Plain(want)}); diff != "" {
		p.h.t.Errorf("the toast differs (-got +want):\n%s", diff)
	}
	return p
}

// silence checks that the last act brought nothing.
func (p *person) silence() *person {
	p.h.t.Helper()
	if len(p.got) > 0 {
		p.h.t.Errorf("an answer came, want none:\n%s", p.text())
	}
	return p
}

// labels are the buttons' texts under what the last act brought.
func (p *person) labels() []string {
	var all []string
	for _, m := range p.got {
		all = append(all, m.Labels()...)
	}
	return all
}

// hasLabels checks the buttons under the last answer.
func (p *person) hasLabels(want ...string) *person {
	p.h.t.Helper()
	if diff := cmp.Diff(p.labels(), want); diff != "" {
		p.h.t.Errorf("the buttons differ (-got +want):\n%s", diff)
	}
	return p
}

// protected checks that no message of the last answer can be forwarded or
// saved.
func (p *person) protected() *person {
	p.h.t.Helper()
	if len(p.got) == 0 {
		p.h.t.Error("no answer came")
	}
	for _, m := range p.got {
		if !m.Protected {
			p.h.t.Errorf("an answer about a person can be forwarded:\n%s", m.Body())
		}
	}
	return p
}

// part begins a part of the transcript.
func (h *harness) part(title string) {
	fmt.Fprintf(&h.script, "\n== %s ==\n", title)
}

// pass lets time go by.
func (h *harness) pass(d time.Duration) {
	h.clock.advance(d)
	fmt.Fprintf(&h.script, "\n(%s later)\n", d)
}

// write adds one act and its answers to the transcript. A longer answer that
// was there before is not repeated.
func (h *harness) write(p *person, what string) {
	where := ""
	if !p.chat.Private() {
		where = " in the group"
	}
	act := shorten(visible(what))
	h.script.WriteString("\n" + strings.TrimRight(p.name+where+"> "+act, " ") + "\n")
	answer := p.transcript()
	if before, ok := h.wrote[answer]; ok && strings.Count(answer, "\n") > 4 {
		fmt.Fprintf(&h.script, "  bot: (the same as to %s above)\n", before)
		return
	}
	h.wrote[answer] = act
	h.script.WriteString(answer)
}

// transcript is what the last act brought, as a reader sees it.
func (p *person) transcript() string {
	var b strings.Builder
	for _, t := range p.toasts {
		if t != "" {
			fmt.Fprintf(&b, "  (toast) %s\n", visible(t))
		}
	}
	if len(p.got) == 0 {
		b.WriteString("  (no message)\n")
	}
	for _, m := range p.got {
		var notes []string
		if m.edited {
			notes = append(notes, "in place of the message pressed")
		}
		if m.Protected {
			notes = append(notes, "protected")
		}
		if len(m.Photo) > 0 {
			notes = append(notes, fmt.Sprintf("photo %d×%d", m.Photo[0].Width, m.Photo[0].Height))
		}
		if m.Document != nil {
			notes = append(notes, "file "+m.Document.FileName)
		}
		head := "bot:"
		if len(notes) > 0 {
			head = "bot (" + strings.Join(notes, ", ") + "):"
		}
		fmt.Fprintf(&b, "  %s\n", head)
		if m.Body() != "" {
			lines := strings.Split(m.HTML(), "\n")
			for i := 0; i < len(lines); {
				same := i + 1
				for same < len(lines) && lines[same] == lines[i] {
					same++
				}
				b.WriteString(strings.TrimRight("    "+shorten(visible(lines[i])), " ") + "\n")
				if same > i+1 && lines[i] != "" {
					fmt.Fprintf(&b, "    (%d more lines like it)\n", same-i-1)
				}
				i = same
			}
		}
		if m.ReplyMarkup == nil {
			continue
		}
		for _, row := range m.ReplyMarkup.Rows {
			b.WriteString("   ")
			for _, button := range row {
				if button.URL != "" {
					fmt.Fprintf(&b, " [%s → %s]", visible(button.Text), readable(button.URL))
				} else {
					fmt.Fprintf(&b, " [%s]", visible(button.Text))
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// readable is an address as its reader sees it.
func readable(address string) string {
	if s, err := url.PathUnescape(address); err == nil {
		return s
	}
	return address
}

// visible writes characters that a reader of a transcript would not see by
// their numbers.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shorten cuts lines of which a reader would learn nothing.
func shorten(s string) string {
	const most = 400
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d characters)", string(r[:most/4]), len(r))
}

// What differs at each run: the number of a failure, the id of an entry that came
// without one, and that of a form.
var (
	reference        = regexp.MustCompile(`<code>[0-9a-f]{8}</code>`)
	drawnID          = regexp.MustCompile(`<code>r-[0-9a-z]{13}</code>`)
	rootAndSignature = regexp.MustCompile(`(?s)(<(?:code|pre)>rollcall\.example\.org/[a-z-]+\n +\d+\n).*?(</(?:code|pre)>)`)
	formData         = regexp.MustCompile(`v1:(answer|back|cancel):[0-9a-z]+`)
)

// golden compares the transcript with the file of that name.
func (h *harness) golden(name string) {
	h.t.Helper()
	got := "What people wrote and what the bot answered; rewritten by go test -update, to be read in review.\n" + h.script.String()
	got = reference.ReplaceAllString(got, "<code>(reference)</code>")
	got = rootAndSignature.ReplaceAllString(got, "$1    (root and signature)$2")
	got = drawnID.ReplaceAllString(got, "<code>(drawn)</code>")
	got = formData.ReplaceAllString(got, "v1:$1:(form)")
	file := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			h.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		h.t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(got, "\n"), strings.Split(string(want), "\n")); diff != "" {
		h.t.Errorf("the transcript %s differs (-got +want):\n%s", name, diff)
	}
}

// inEachLanguage has a conversation in each language, and compares its
// transcript with testdata/golden/NAME.LANGUAGE.txt.
func inEachLanguage(t *testing.T, name string, talk func(h *harness, p *person), options ...option) {
	t.Helper()
	for _, l := range rollcall.Languages {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, options...)
			talk(h, h.user(map[rollcall.Language]string{rollcall.English: "Ann", rollcall.Ukrainian: "Ганна", rollcall.Russian: "Анна"}[l], familyID, string(l)))
			h.settle()
			h.golden(name + "." + string(l))
		})
	}
}

// calls counts the calls of a method.
func (h *harness) calls(method string) int { return len(h.api.Calls(method)) }

// sequence appends all that waits to the petitions' logs.
func (h *harness) sequence() {
	h.t.Helper()
	if _, err := h.db.Sequence(context.Background(), store.Batching{Min: 1, Look: true, Latest: 24 * time.Hour}); err != nil {
		h.t.Fatal(err)
	}
}

// tally reads a petition's figures once nothing waits.
func (h *harness) tally(slug string) rollcall.Tally {
	h.t.Helper()
	h.sequence()
	p, err := h.db.Petition(context.Background(), slug)
	if err != nil {
		h.t.Fatal(err)
	}
	return p.Tally
}

// signed reports whether the account's signature stands.
func (h *harness) signed(slug string, id rollcall.UserID) bool {
	h.t.Helper()
	tag, err := h.keys.SignerTag(context.Background(), slug, id)
	if err != nil {
		h.t.Fatal(err)
	}
	ok, err := h.db.HasSigned(context.Background(), slug, tag)
	if err != nil {
		h.t.Fatal(err)
	}
	return ok
}

// find returns the entry with the public id.
func (h *harness) find(publicID string) rollcall.PersonID {
	h.t.Helper()
	i := slices.IndexFunc(sampleRows, func(r rollcall.RosterRow) bool { return r.PublicID == publicID })
	if i < 0 {
		h.t.Fatalf("no sample has the id %s", publicID)
	}
	res, err := search.New(h.db).Find(context.Background(), search.ParseQuery(sampleRows[i].FullName, noon), search.Options{Limit: 50})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, hit := range res.Hits {
		if hit.Person.PublicID == publicID {
			return hit.Person.ID
		}
	}
	h.t.Fatalf("the entry %s is not shown", publicID)
	return 0
}

func sticker(p *person) func() (fakeapi.Sent, error) {
	return func() (fakeapi.Sent, error) { return p.h.api.SendSticker(p.id, p.chat, "🕊️") }
}

func photo(p *person) func() (fakeapi.Sent, error) {
	return func() (fakeapi.Sent, error) {
		return p.h.api.SendPhoto(p.id, p.chat, []byte("not looked at"), "Прикладенко Марія")
	}
}
