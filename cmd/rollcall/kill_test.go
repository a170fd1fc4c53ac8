package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"context"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

const (
	killReaders = 100
	killOwner   = rollcall.UserID(7_200_000_001)
	killChannel = rollcall.ChatID(-1001234567890)
)

// A killed is the bot as a process of its own that is ended by kill -9 over and
// over, while its clock runs through some weeks, and a stand-in of Telegram that
// refuses, fails, and loses answers.
type killed struct {
	t   *testing.T
	api *fakeapi.Server
	dir string
	rnd *rand.Rand

	mu     sync.Mutex
	calm   bool
	faults map[string]int
}

// A digest is due each day for a channel and for a hundred subscribers in three
// languages, who get it at the pace that is the default, so that most of what is owed
// waits for its turn when the program is killed. Whatever is killed, each occurrence is in the ledger, the channel has
// each digest once, no subscriber has one twice, and of each that a subscriber may
// not have got the ledger says that it is not known.
func TestDigestsAreSeenOnceThoughTheProgramIsKilled(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector is on, and it is the program as it runs that is killed")
	}
	t.Parallel()
	kills, occurrences := 50, 6
	if os.Getenv("ROLLCALL_LONG") == "1" {
		kills, occurrences = 500, 30
	}
	k := newKilled(t)
	start := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC) // in Kyiv the clock is put forward on the 29th
	k.prepare(start)
	k.calm = false
	step := time.Duration(occurrences) * 24 * time.Hour / time.Duration(kills)
	seen := map[int64]delivered{}
	for i := range kills {
		k.life(start.Add(time.Duration(i+1)*step), time.Duration(k.rnd.IntN(700))*time.Millisecond)
		k.read(seen)
	}
	k.calm = true
	end := start.Add(time.Duration(kills+1) * step)
	k.settle(end, seen)
	k.account(seen, occurrences, kills)
}

func newKilled(t *testing.T) *killed {
	k := &killed{t: t, dir: t.TempDir(), rnd: rand.New(rand.NewPCG(6, 47)), calm: true, faults: map[string]int{}}
	k.api = fakeapi.Run(t, fakeapi.Options{Hook: k.fail})
	for i := range killReaders {
		k.api.AddUser(fakeapi.User{ID: reader(i), FirstName: "Reader", LanguageCode: string(rollcall.Languages[i%3]), Started: true})
	}
	k.api.AddUser(fakeapi.User{ID: killOwner, FirstName: "Owner", LanguageCode: "en"})
	k.api.AddChat(fakeapi.Chat{ID: killChannel, Type: "channel", Title: "A channel"})
	if _, err := k.api.SetMember(killChannel, k.api.Bot().ID, fakeapi.Member{Status: "administrator", CanPost: true}); err != nil {
		t.Fatal(err)
	}
	writeFile(t, k.dir, "rollcall.yaml", fmt.Sprintf(`owners: [%d]
digests:
  - {name: daily, schedule: "0 9 * * *", timezone: Europe/Kyiv, chat: %d, language: en, chart: true, catch_up: 23h}
`, killOwner, killChannel))
	writeFile(t, k.dir, "petition.yaml", samplePetition)
	cmd := k.command(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), "petition", "open", "petition.yaml")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return k
}

func reader(i int) rollcall.UserID { return rollcall.UserID(7_200_001_000 + i) }

// command is the program with its clock at an instant, from which it goes on. It
// does not tell of each fault.
func (k *killed) command(now time.Time, args ...string) *exec.Cmd {
	cmd := process(k.api, k.dir, now, args...)
	cmd.Env = append(cmd.Env, "ROLLCALL_LOG=error")
	return cmd
}

// fail is what a network does to 4 of 100 messages.
func (k *killed) fail(method string, _ url.Values) {
	if !strings.HasPrefix(method, "send") && !strings.HasPrefix(method, "edit") {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.calm {
		return
	}
	var f fakeapi.Fault
	switch n := k.rnd.IntN(100); {
	case n < 1:
		f = fakeapi.Fault{Kind: fakeapi.Flood}
	case n < 2:
		f = fakeapi.Fault{Kind: fakeapi.HTML502}
	case n < 4:
		f = fakeapi.Fault{Kind: fakeapi.Lost}
	default:
		return
	}
	f.Method = method
	k.faults[string(f.Kind)]++
	k.api.Fault(f)
}

// life starts the bot and kills it so long after its first message, or half a
// second later than that where it has nothing to send.
func (k *killed) life(now time.Time, lasts time.Duration) {
	k.t.Helper()
	cmd := k.command(now, "serve")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	events, stop := k.api.Subscribe()
	defer stop()
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	over := time.After(lasts + 500*time.Millisecond)
	first := true
wait:
	for {
		select {
		case e := <-events:
			if first && e.Kind == fakeapi.CallBegun && strings.HasPrefix(e.Text, "send") {
				first, over = false, time.After(lasts)
			}
		case <-over:
			break wait
		}
	}
	cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		k.t.Fatalf("the bot ended by itself: %v\n%s", err, talk.String())
	}
}

// prepare has everybody subscribe, and the owner write to the bot, so that it may
// write to the owner.
func (k *killed) prepare(now time.Time) {
	k.t.Helper()
	subscribe(k.t, filepath.Join(k.dir, "db.sqlite"), now, reader(0), killReaders, rollcall.Languages...)
	cmd := k.command(now, "serve")
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := k.api.Send(killOwner, killOwner.Chat(), "/lang")
	if err == nil {
		_, err = k.api.WaitMessage(ctx, killOwner.Chat(), func(m fakeapi.Message) bool { return m.From != nil && m.From.IsBot })
	}
	if err == nil {
		_, err = k.api.Press(killOwner, killOwner.Chat(), 0, "English")
	}
	if err == nil {
		err = k.api.WaitIdle(ctx)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
}

// delivered is how a delivery of a digest stands.
type delivered struct {
	edition string // "" for the channel
	number  int
	state   string
}

// read notes how the deliveries stand; old ones are cleared away in time.
func (k *killed) read(seen map[int64]delivered) (owed int) {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.dir, "db.sqlite")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT d.id, o.edition, o.number, d.state FROM deliveries d JOIN occurrences o ON o.id = d.occurrence_id`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var d delivered
		if err := rows.Scan(&id, &d.edition, &d.number, &d.state); err != nil {
			k.t.Fatal(err)
		}
		if d.state == "pending" || d.state == "sending" {
			owed++
		}
		seen[id] = d
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	return owed
}

var digestNumber = regexp.MustCompile(`(?:No|№)\s?(\d+)`)

// number reads a digest's number; 0 for any other message.
func number(text string) int {
	if m := digestNumber.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// arrived counts the digests of a chat by their numbers.
func (k *killed) arrived(chat rollcall.ChatID) map[int]int {
	n := map[int]int{}
	for _, m := range k.api.Own(chat) {
		if i := number(m.Body()); i > 0 && len(m.Photo) > 0 {
			n[i]++
		}
	}
	return n
}

// settle lets the bot run, without faults, until nothing is owed and the owner has
// answered what was asked: by a look at the channel.
func (k *killed) settle(now time.Time, seen map[int64]delivered) {
	k.t.Helper()
	cmd := k.command(now, "serve")
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	pressed := map[rollcall.MessageID]bool{}
	look := time.NewTicker(300 * time.Millisecond) // at the ledger, which is another process's
	defer look.Stop()
	for deadline := time.Now().Add(2 * time.Minute); ; <-look.C {
		owed := k.read(seen)
		for _, d := range seen {
			if d.edition == "" && d.state == "unknown" {
				owed++
			}
		}
		if owed == 0 {
			break
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("%d deliveries are still owed, or in doubt in the channel", owed)
		}
		there := k.arrived(killChannel)
		for _, m := range k.api.Own(killOwner.Chat()) {
			labels := strings.Join(m.Labels(), "|")
			if !strings.Contains(labels, "Send again") || pressed[m.MessageID] {
				continue
			}
			pressed[m.MessageID] = true
			answer := "Send again"
			if there[number(m.Body())] > 0 {
				answer = "It is there"
			}
			if _, err := k.api.Press(killOwner, killOwner.Chat(), m.MessageID, answer); err != nil {
				k.t.Fatal(err)
			}
			k.faults["the owner: "+answer]++
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
}

// account holds what the ledger says against what arrived.
func (k *killed) account(seen map[int64]delivered, occurrences, kills int) {
	k.t.Helper()
	type key struct {
		edition string
		number  int
	}
	states := map[key]map[string]int{}
	total := map[string]int{}
	for _, d := range seen {
		at := key{d.edition, d.number}
		if states[at] == nil {
			states[at] = map[string]int{}
		}
		states[at][d.state]++
		if d.edition != "" {
			total[d.state]++
		}
	}
	channel := k.arrived(killChannel)
	for n := 1; n <= occurrences; n++ {
		if channel[n] != 1 {
			k.t.Errorf("the channel has digest %d %d times", n, channel[n])
		}
	}
	arrivals := map[key]int{}
	editions := map[rollcall.Language]int{}
	got, twice := 0, 0
	for i := range killReaders {
		l := rollcall.Languages[i%3]
		editions[l]++
		for n, times := range k.arrived(reader(i).Chat()) {
			arrivals[key{"daily 09:00 Europe/Kyiv " + string(l), n}] += times
			got++
			if times > 1 {
				twice++
				k.t.Errorf("reader %d got digest %d %d times", i, n, times)
			}
		}
	}
	for l, readers := range editions {
		for n := 1; n <= occurrences; n++ {
			at := key{"daily 09:00 Europe/Kyiv " + string(l), n}
			s, a := states[at], arrivals[at]
			if s["sent"]+s["unknown"] != readers {
				k.t.Errorf("%v: the ledger has %v, want %d deliveries", at, s, readers)
			}
			if a < s["sent"] || a > s["sent"]+s["unknown"] {
				k.t.Errorf("%v: %d arrived, though the ledger has %v", at, a, s)
			}
		}
	}
	k.t.Logf("%d kills; %d occurrences for the channel and %d subscribers; played: %v; the channel has each once; of %d private deliveries %d are confirmed, %d unknown (of these %d arrived), %d arrived twice",
		kills, occurrences, killReaders, k.faults, occurrences*killReaders, total["sent"], total["unknown"], got-total["sent"], twice)
}
