package command_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/command"
)

const channelLink = "https://t.me/example_channel"

func linked(s *command.Settings) { s.ChannelLink = channelLink }

// subscription is the account's, as it is stored.
func (p *person) subscription() (store.Subscription, bool) {
	p.h.t.Helper()
	s, err := p.h.db.Subscription(context.Background(), p.id, "daily")
	if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
		p.h.t.Fatal(err)
	}
	return s, err == nil
}

// subscribed checks what is stored of the account's subscription, without its times.
func (p *person) subscribed(edition, quiet string, silent bool) *person {
	p.h.t.Helper()
	s, ok := p.subscription()
	if got := s.Edition.String() + " " + s.Quiet.String(); !ok || got != edition+" "+string(p.lang)+" "+quiet || s.Silent != silent || s.Ended != "" {
		p.h.t.Errorf("subscribed: %t, to %q, without a sound: %t, ended: %q; want %s %s %q, %t", ok, got, s.Silent, s.Ended, edition, p.lang, quiet, silent)
	}
	return p
}

// info is what a person who subscribed is told.
func info(t testing.TB, edition, quiet string, silent bool) render.SubscriptionInfo {
	t.Helper()
	e, err := rollcall.ParseEdition(edition + " en")
	if err != nil {
		t.Fatal(err)
	}
	q, ok := rollcall.ParseQuietHours(quiet)
	if !ok {
		t.Fatal(quiet)
	}
	return render.SubscriptionInfo{Edition: e, Quiet: q, Silent: silent}
}

func inZone(t testing.TB, at time.Time, zone string) time.Time {
	t.Helper()
	loc, err := rollcall.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.In(loc)
}

// planSubscribers plans what has come due for subscribers. It is brought to them
// with the news.
func (h *harness) planSubscribers() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.runner.PlanEditions(ctx, h.digests[0], h.clock.now()); err != nil {
		h.t.Fatal(err)
	}
}

func TestSubscribing(t *testing.T) {
	inEachLanguage(t, "subscribe", func(h *harness, p *person) { // it is Monday, 15:00 in Kyiv
		back, cancel := p.label(render.LabelBack), p.label(render.LabelCancel)
		h.part("step by step, by buttons")
		p.say("/subscribe").answered(p.said.AskRhythm(nil)).hasLabels(p.label(render.LabelDaily), p.label(render.LabelWeekly), cancel)
		p.pressLabel(render.LabelDaily).answered(p.said.AskTimeOfDay()).hasLabels("07:00", "09:00", "12:00", "18:00", "20:00", "21:00", back, cancel)
		p.press("09:00").answered(p.said.AskZone())
		if got, want := p.labels()[0], p.said.ZoneLabel("Europe/Kyiv", inZone(h.t, noon, "Europe/Kyiv")); got != want || !strings.Contains(got, "15:00") {
			h.t.Errorf("the first zone is %q, want %q, which shows the time", got, want)
		}
		if got := p.labels(); len(got) != 7 || !strings.HasPrefix(got[1], "UTC") {
			h.t.Errorf("the zones are %q", got)
		}
		p.press(p.labels()[0]).answered(p.said.AskQuietHours()).hasLabels(p.label(render.LabelNoQuietHours), "22:00-08:00", "23:00-07:00", back, cancel)
		p.pressLabel(render.LabelNoQuietHours).answered(p.said.AskSound()).hasLabels(p.label(render.LabelWithSound), p.label(render.LabelSilent), back, cancel)
		if _, ok := p.subscription(); ok {
			h.t.Error("there is a subscription before the last answer")
		}
		tomorrow := time.Date(2026, time.June, 16, 6, 0, 0, 0, time.UTC)
		p.pressLabel(render.LabelWithSound).answered(p.said.Subscribed(info(h.t, "daily 09:00 Europe/Kyiv", "", false), inZone(h.t, tomorrow, "Europe/Kyiv")))
		p.subscribed("daily 09:00 Europe/Kyiv", "", false)

		h.part("again, by texts, with wrong ones among them")
		had := info(h.t, "daily 09:00 Europe/Kyiv", "", false)
		p.say("/subscribe").answered(p.said.AskRhythm(&had))
		p.say("hourly").wants(render.Plain(p.said.FormBad()))
		p.say("weekly").answered(p.said.AskTimeOfDay())
		for _, bad := range []string{"24:00", "9", "noon"} {
			p.say(bad).wants(render.Plain(p.said.FormBad()), render.Plain(p.said.AskTimeOfDay()))
		}
		p.press(back).answered(p.said.AskRhythm(&had))
		p.pressLabel(render.LabelWeekly)
		p.say("22:30").answered(p.said.AskZone())
		for _, bad := range []string{"Local", "Europe/Nowhere", "+02:00", "../../etc/passwd", "Зразкове місто"} {
			p.say(bad).wants(render.Plain(p.said.FormBad()), render.Plain(p.said.AskZone()))
		}
		p.say("варшава").answered(p.said.AskQuietHours())
		for _, bad := range []string{"22-8", "22:00", "07:00-07:00"} {
			p.say(bad).wants(render.Plain(p.said.FormBad()), render.Plain(p.said.AskQuietHours()))
		}
		p.say("22:00 – 06:30").answered(p.said.AskSound())
		// At 22:30 it is quiet: the next one comes in the morning after.
		morning := time.Date(2026, time.June, 16, 4, 30, 0, 0, time.UTC)
		p.pressLabel(render.LabelSilent).answered(p.said.Subscribed(info(h.t, "weekly 22:30 Europe/Warsaw", "22:00-06:30", true), inZone(h.t, morning, "Europe/Warsaw")))
		p.subscribed("weekly 22:30 Europe/Warsaw", "22:00-06:30", true)

		h.part("all at once: quiet hours and sound stay as they were")
		p.say("/subscribe daily 23:00 Europe/Kyiv")
		p.subscribed("daily 23:00 Europe/Kyiv", "22:00-06:30", true)
		p.say("/subscribe new york 7:15 WEEKLY").wants("07:15", "America/New_York")
		p.subscribed("weekly 07:15 America/New_York", "22:00-06:30", true)

		h.part("some of it: the rest is asked")
		p.say("/subscribe 18:00").wants("New_York", render.Plain(p.said.AskRhythm(nil)))
		p.pressLabel(render.LabelDaily).answered(p.said.AskZone())
		p.say("Київ").answered(p.said.AskQuietHours())
		p.press("23:00-07:00").pressLabel(render.LabelWithSound)
		p.subscribed("daily 18:00 Europe/Kyiv", "23:00-07:00", false)
		p.say("/subscribe daily 18:00 Nowhere").wants(render.Plain(p.said.FormBad()), render.Plain(p.said.AskZone()))
		p.press(cancel).answered(p.said.FormGivenUp())
		p.subscribed("daily 18:00 Europe/Kyiv", "23:00-07:00", false)

		h.part("a name is looked up though a question waits")
		p.say("/start").pressLabel(render.LabelDigests)
		p.say("Вигаданко Іван 1985").wants("EX-002")
		p.press(p.label(render.LabelWeekly)).answered(p.said.AskTimeOfDay())

		h.part("what is kept of it")
		p.say("/mydata").wants("18:00", "Europe/Kyiv", "23:00-07:00", p.label(render.LanguageLabel(p.lang)))

		h.part("it comes")
		h.pass(3 * time.Hour) // 18:00
		h.planSubscribers()
		p.hears().wants(p.said.DigestTitle(rollcall.Digest{Number: 1, To: h.clock.now(), Zone: inZone(h.t, noon, "Europe/Kyiv").Location()}))

		h.part("the end")
		p.say("/unsubscribe").answered(p.said.Unsubscribed())
		p.say("/unsubscribe").answered(p.said.NotSubscribed())
		h.pass(24 * time.Hour)
		h.planSubscribers()
		p.hears().silence()

		h.part("in a group")
		g := p.in(groupID)
		for _, text := range []string{"/subscribe daily 09:00 UTC", "/unsubscribe"} {
			g.say(text).answered(p.said.OnlyInPrivate()).hasLabels(p.label(render.LabelContinueInPrivate))
		}
		g.say("/subscribe")
		if b, _ := g.got[0].Button(p.label(render.LabelContinueInPrivate)); b.URL != "https://t.me/rollcall_test_bot?start=subscribe" {
			h.t.Errorf("the group's button leads to %q", b.URL)
		}
		if _, ok := p.subscription(); ok {
			h.t.Error("there is a subscription out of a group")
		}
	})
}

func TestTheChannelsOwnLinkComesFirst(t *testing.T) {
	t.Parallel()
	h := newHarness(t, linked)
	for _, l := range rollcall.Languages {
		p := h.user("Ann", familyID+rollcall.UserID(len(h.api.Chats())), string(l))
		for _, text := range []string{"/subscribe", "/subscribe daily 09:00 UTC", "/start subscribe"} {
			p.say(text)
			if len(p.got) != 2 || p.got[0].Body() != render.Plain(p.said.ChannelLink(channelLink)) || !strings.Contains(p.got[0].Body(), channelLink) {
				t.Errorf("%s is answered by %d messages, want the link and then the rest:\n%s", text, len(p.got), p.text())
			}
		}
		p.say("/start").pressLabel(render.LabelDigests).wants(channelLink)
	}
}

func TestWithoutADigestThereIsNothingToSubscribeTo(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *command.Settings) { s.Digests = nil })
	p := h.user("Ann", familyID, "uk")
	p.say("/subscribe").answered(p.said.NoSubscription())
	p.say("/subscribe daily 09:00 UTC").answered(p.said.NoSubscription())
	p.say("/start").pressLabel(render.LabelDigests).answered(p.said.NoSubscription())
	p.say("/unsubscribe").answered(p.said.NotSubscribed())
}

func TestWhoBlockedTheBotGetsDigestsAgainAfterStart(t *testing.T) {
	inEachLanguage(t, "resume", func(h *harness, p *person) {
		p.say("/subscribe daily 16:00 Europe/Kyiv")
		h.part("blocked")
		if _, err := h.api.Block(p.id); err != nil {
			h.t.Fatal(err)
		}
		h.settle()
		h.pass(time.Hour)
		h.planSubscribers()
		p.hears().silence()
		if s, _ := p.subscription(); s.Ended != store.Blocked {
			h.t.Errorf("the subscription ended for %q, want %q", s.Ended, store.Blocked)
		}
		h.pass(24 * time.Hour)
		h.planSubscribers() // nobody
		h.part("back, by /start alone")
		if _, err := h.api.Unblock(p.id); err != nil {
			h.t.Fatal(err)
		}
		h.settle()
		p.say("/mydata").wants("/start")
		p.say("/start").wants("Example Group", render.Plain(p.said.Resumed(info(h.t, "daily 16:00 Europe/Kyiv", "", false))))
		p.subscribed("daily 16:00 Europe/Kyiv", "", false)
		p.say("/start").wantsNot(render.Plain(p.said.Resumed(info(h.t, "daily 16:00 Europe/Kyiv", "", false))))
		h.planSubscribers()
		p.hears().silence() // what was due in between is not owed
		h.pass(24 * time.Hour)
		h.planSubscribers()
		if p.hears(); len(p.got) != 1 {
			h.t.Errorf("%d messages came on the day after, want the digest:\n%s", len(p.got), p.text())
		}

		h.part("back by a link")
		h.block(p)
		p.say("/start find").wants(render.Plain(p.said.FindPrompt()), render.Plain(p.said.Resumed(info(h.t, "daily 16:00 Europe/Kyiv", "", false))))
	})
}

// block ends what the account gets, as an update about its block does.
func (h *harness) block(p *person) {
	h.t.Helper()
	if err := h.db.Update(context.Background(), func(tx *store.Tx) error { return tx.EndPeer(p.id, store.Blocked) }); err != nil {
		h.t.Fatal(err)
	}
}

func TestADigestThatMayBeLostIsShownByDigest(t *testing.T) {
	inEachLanguage(t, "lost", func(h *harness, p *person) {
		h.part("the answer to the digest of an hour later is lost")
		p.say("/subscribe daily 16:00 Europe/Kyiv")
		h.pass(time.Hour)
		h.planSubscribers()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		d, ok, err := h.db.NextPrivate(ctx)
		if err == nil && ok {
			ok, err = h.db.Claim(ctx, d)
		}
		if err != nil || !ok {
			h.t.Fatal(ok, err)
		}
		if err := h.db.Settle(ctx, d, store.Settlement{State: store.Unsure, Reason: "no answer"}); err != nil {
			h.t.Fatal(err)
		}
		p.say("/digest").wants(render.Plain(p.said.MayHaveMissed()), p.said.DigestTitle(rollcall.Digest{Number: 1, To: h.clock.now(), Zone: kyiv}))
		h.postDigest()
		posted := h.api.Own(channelID)
		p.say("/digest").wants(render.Plain(p.said.MayHaveMissed()), posted[len(posted)-1].Body())
		p.in(groupID).say("/digest").wantsNot(render.Plain(p.said.MayHaveMissed()))
		h.part("the next one arrives")
		h.pass(24 * time.Hour)
		h.planSubscribers()
		p.hears()
		p.say("/digest").wantsNot(render.Plain(p.said.MayHaveMissed()))
	})
}

func TestALanguageThatIsChosenIsThatOfTheDigests(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("/subscribe daily 16:00 Europe/Kyiv")
	p.say("/lang uk")
	h.pass(time.Hour)
	h.planSubscribers()
	if p.hears(); len(p.got) != 1 {
		t.Fatalf("%d messages came, want 1:\n%s", len(p.got), p.text())
	}
	p.wants("Дайджест № 1")
}

func TestErasingEndsASubscription(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("/subscribe daily 16:00 Europe/Kyiv")
	want := render.MyDataInfo{Since: noon, Subscriptions: []render.MyDataSubscription{{Digest: "daily", Every: "daily", At: "16:00", Zone: "Europe/Kyiv",
		Language: rollcall.English, Since: noon}}}
	p.say("/mydata").told(want)
	p.say("/subscribe").press("Daily").press("09:00").say("UTC").press("22:00-08:00").press("Without a sound")
	s := &want.Subscriptions[0]
	s.At, s.Zone, s.QuietFrom, s.QuietUntil, s.Silent = "09:00", "UTC", "22:00", "08:00", true
	p.say("/mydata").told(want)
	p.say("/erase").pressLabel(render.LabelYesErase).answered(p.said.Erased())
	p.say("/mydata").answered(p.said.NothingKept())
	h.pass(24 * time.Hour)
	h.planSubscribers()
	p.hears().silence()
	if editions, err := h.db.Editions(context.Background(), "daily"); err != nil || len(editions) != 0 {
		t.Errorf("editions of an erased account: %v, %v", editions, err)
	}
}

// Five subscribers of one edition share its posts, and the chart is uploaded once.
func TestSubscribersShareAChart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	var people []*person
	for i := range 5 {
		p := h.user("Ann", 7310000200+rollcall.UserID(i), "en")
		p.say("/subscribe daily 16:00 Europe/Kyiv")
		people = append(people, p)
	}
	people[0].say("/sign").pressLabel(render.LabelAgreeAndSign)
	h.pass(time.Hour)
	h.planSubscribers()
	if _, err := h.news(); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, p := range people {
		own := h.api.Own(p.chat)
		last := own[len(own)-1]
		if len(last.Photo) == 0 {
			t.Fatalf("the last message is no photo: %s", last.Body())
		}
		files = append(files, last.Photo[0].FileID)
	}
	if slices.Sort(files); len(slices.Compact(files)) != 1 {
		t.Errorf("the charts are the files %q, want one", files)
	}
	if diff := cmp.Diff(len(h.api.Calls("sendPhoto")), 5); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
}
