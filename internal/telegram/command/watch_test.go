package command_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
	"rollcall/internal/telegram/fakeapi"
)

// newClaim is another source's statement on an entry of the sample.
func newClaim(publicID string, source string) rollcall.RosterRow {
	for _, r := range sampleRows {
		if r.PublicID == publicID {
			r.Claim = rollcall.Claim{Status: rollcall.ReportedHeld, Date: day(time.June, 14), Source: source, Expires: afar}
			return r
		}
	}
	panic("no sample has the id " + publicID)
}

// watchCount reads how many entries an account watches.
func (h *harness) watchCount(id rollcall.UserID) int {
	h.t.Helper()
	kept, err := h.db.Kept(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(kept.Watches)
}

// hears has the news brought to everyone, and gives what came to p.
func (p *person) hears() *person {
	p.h.t.Helper()
	return p.act("(news)", p.h.news)
}

func TestAWatchFromTheCardToItsEnd(t *testing.T) {
	inEachLanguage(t, "watches", func(h *harness, p *person) {
		ctx := context.Background()
		nothing := p.said.NothingFound([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}})
		watch, stop, wrong, tracing := p.label(render.LabelWatch), p.label(render.LabelStop), p.label(render.LabelWrong), p.label(render.LabelTracing)
		maria := p.said.WatchedLabel(1, rollcall.Person{FullName: "Прикладенко Марія Зразківна", BirthYear: 1990}, true)
		alice := p.said.WatchedLabel(2, rollcall.Person{FullName: "Sampleton Alice", BirthYear: 1969}, true)
		p.hears().silence() // the sample roster is no news

		h.part("nothing is watched")
		p.say("/watches").answered(p.said.Watches(nil)).hasLabels(p.label(render.LabelLookUp))

		h.part("the button on the card")
		p.say("Прикладенко Марія").hasLabels(watch, wrong, tracing)
		card := p.text()
		old, _ := p.got[0].Button(watch)
		p.press(watch).toasted(p.said.Watching()).answered(render.Escape(card)).hasLabels(stop, wrong, tracing).protected()
		if !p.got[0].edited {
			h.t.Error("the card came anew, want its button changed")
		}
		p.forge(old.CallbackData).toasted(p.said.Watching()).silence() // again: nothing changes
		p.say("Прикладенко Марія").hasLabels(stop, wrong, tracing)
		p.press(stop).toasted(p.said.WatchStopped()).answered(render.Escape(card)).hasLabels(watch, wrong, tracing)
		p.say("/watches").answered(p.said.Watches(nil))
		p.say("Прикладенко Марія").press(watch).hasLabels(stop, wrong, tracing)
		h.pass(time.Minute)
		p.say("Sampleton Alice").press(watch).hasLabels(stop, wrong, tracing)

		h.part("the list")
		p.say("/watches").answered(p.said.Watches([]string{maria, alice})).hasLabels(maria, stop, alice, stop).protected()
		p.press(maria).answered(render.Escape(card)).hasLabels(stop, wrong, tracing).protected()
		if !p.got[0].edited {
			h.t.Error("the card came as a new message, want it in place of the list as with a choice")
		}
		p.say("/mydata").told(render.MyDataInfo{Since: noon, Language: p.lang, Watches: []render.MyDataWatch{{Entry: "EX-001", Since: noon},
			{Entry: "EX-013", Since: noon.Add(time.Minute)}}, LookupsToday: 3, ShownInWeek: 2, ShownFall: weekAfterNoon})

		h.part("news, without a name")
		h.pass(time.Hour)
		h.bring(ctx, false, newClaim("EX-001", "Another Bureau"), newClaim("EX-002", "Another Bureau"))
		p.hears().answered(p.said.WatchNews()).hasLabels(p.label(render.LabelOpenIt)).protected().
			wantsNot("Прикладенко", "Марія", "1990", mariaID, "Another Bureau")
		p.pressLabel(render.LabelOpenIt).wants("Another Bureau", mariaID).hasLabels(stop, wrong, tracing).protected()
		p.hears().silence() // once
		h.pass(time.Hour)
		h.bring(ctx, false, newClaim("EX-001", "Another Bureau")) // the same again, which renews it
		p.hears().silence()

		h.part("an entry that is not shown now")
		h.bring(ctx, false, newClaim("EX-001", "A third Bureau"))
		p.hears().answered(p.said.WatchNews())
		h.execSQL(`UPDATE people SET withheld = 'hidden' WHERE public_id = 'EX-001'`)
		p.pressLabel(render.LabelOpenIt).answered(nothing)
		h.bring(ctx, false, newClaim("EX-001", "A fourth Bureau"))
		p.hears().silence()
		hidden := p.said.WatchedLabel(1, rollcall.Person{}, false)
		p.say("/watches").answered(p.said.Watches([]string{hidden, alice})).hasLabels(hidden, stop, alice, stop).
			wantsNot("Прикладенко", "Марія", "1990", mariaID)
		p.press(hidden).answered(nothing)
		p.say("/watches").act("["+stop+"] of the first", func() (fakeapi.Sent, error) {
			return h.api.Press(p.id, p.chat, 0, p.got[0].ReplyMarkup.Rows[0][1].CallbackData)
		}).toasted(p.said.WatchStopped())
		p.answered(p.said.Watches([]string{"1" + alice[1:]})).hasLabels("1"+alice[1:], stop)
		p.press(stop).toasted(p.said.WatchStopped()).answered(p.said.Watches(nil)).hasLabels(p.label(render.LabelLookUp))
		if n := h.watchCount(p.id); n != 0 {
			h.t.Errorf("%d watches are left, want none", n)
		}
	})
}

func TestWatchesAreLimited(t *testing.T) {
	inEachLanguage(t, "watch-limit", func(h *harness, p *person) {
		p.say("Прикладенко Марія").pressLabel(render.LabelWatch)
		p.say("Sampleton Alice").pressLabel(render.LabelWatch)
		p.say("Вигаданко Іван 1985").pressLabel(render.LabelWatch).answered(p.said.WatchLimit(2)).hasLabels()
		if n := h.watchCount(p.id); n != 2 {
			h.t.Errorf("%d entries are watched, want 2", n)
		}
		p.say("/watches").pressLabel(render.LabelStop)
		p.say("Вигаданко Іван 1985").pressLabel(render.LabelWatch).toasted(p.said.Watching())
	}, func(s *command.Settings) { s.MaxWatches = 2 })
}

func TestNoWatchBeginsOnAnEntryThatIsNotShown(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say(nobodyName)
	want := p.text()
	id := h.find("EX-002")
	for what, query := range map[string]string{
		"hidden":     `UPDATE people SET withheld = 'hidden' WHERE public_id = 'EX-002'`,
		"taken down": `UPDATE people SET withheld = 'takedown' WHERE public_id = 'EX-002'`,
		"absent":     `UPDATE people SET withheld = NULL, absent = 1 WHERE public_id = 'EX-002'`,
		"expired":    `UPDATE claims SET expires = '2026-06-14' WHERE person_id = (SELECT id FROM people WHERE public_id = 'EX-002')`,
	} {
		h.execSQL(`UPDATE people SET withheld = NULL, absent = 0 WHERE public_id = 'EX-002'`)
		if what != "expired" {
			h.execSQL(`UPDATE claims SET expires = '2030-12-31' WHERE person_id = (SELECT id FROM people WHERE public_id = 'EX-002')`)
		}
		p.say("Вигаданко Іван 1985")
		h.execSQL(query)
		if p.press("Watch"); p.text() != want || !p.got[0].edited {
			t.Errorf("the answer for one who is %s is\n%s\nwant in place of the card\n%s", what, p.text(), want)
		}
		h.execSQL(`UPDATE people SET withheld = NULL, absent = 0 WHERE public_id = 'EX-002'`)
		h.execSQL(`UPDATE claims SET expires = '2030-12-31' WHERE person_id = (SELECT id FROM people WHERE public_id = 'EX-002')`)
	}
	for _, number := range []int64{0, -1, int64(id) + 1000} {
		p.forge(telegram.BoundCallbackData(h.keys, p.id, "watch", fmt.Sprint(number)))
	}
	if n := h.watchCount(p.id); n != 0 {
		t.Errorf("%d watches began", n)
	}
	p.say("/mydata").told(render.MyDataInfo{LookupsToday: 5, ShownInWeek: 1, ShownFall: weekAfterNoon})
}

// A card that was read before a hard statement came does not show it by a press
// on Watch.
func TestWatchingShowsNoHardStatementUnannounced(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("Sampleton Alice")
	hard := newClaim("EX-013", "Another Bureau")
	hard.Status = rollcall.Deceased
	h.bring(context.Background(), false, hard)
	p.press("Watch").wantsNot("has died", "Another Bureau").hasLabels("Stop", "This is wrong", "Official tracing")
	h.pass(time.Hour)
	hard.Source = "A third Bureau"
	h.bring(context.Background(), false, hard)
	p.hears().answered(p.said.WatchNews())
	p.press("Open it").wantsNot("has died", "EX-013", "Sampleton").hasLabels("Show it", "Official tracing")
	p.press("Show it").wants("has died").hasLabels("Stop", "This is wrong", "Official tracing")
}

func TestNewsOnManyEntriesAreOneMessage(t *testing.T) {
	inEachLanguage(t, "news", func(h *harness, p *person) {
		_, _ = h.news()
		watched := []string{"EX-001", "EX-002", "EX-003", "EX-012"}
		for _, name := range []string{"Прикладенко Марія", "Вигаданко Іван 1985", "Вигаданко Іван 1992", "Примеров Пётр"} {
			p.say(name).pressLabel(render.LabelWatch)
		}
		q := h.user("Bob", strangerID, "uk")
		q.say("Прикладенко Марія").pressLabel(render.LabelWatch)
		h.pass(time.Hour)
		var rows []rollcall.RosterRow
		for _, id := range watched {
			rows = append(rows, newClaim(id, "Another Bureau"))
		}
		h.part("three")
		h.bring(context.Background(), false, rows[:3]...)
		p.hears().hasLabels(p.label(render.LabelOpenIt), p.label(render.LabelOpenIt), p.label(render.LabelOpenIt))
		for i := range rows {
			rows[i].Source = "A third Bureau"
		}
		h.pass(time.Hour)
		h.part("four")
		h.bring(context.Background(), false, rows...)
		p.hears().answered(p.said.WatchNewsOnMany(4)).hasLabels()
		own := h.api.Own(q.chat)
		if last := own[len(own)-1]; last.Body() != render.Plain(q.said.WatchNews()) {
			h.t.Errorf("the other watcher was told\n%s\nwant it in its own language", last.Body())
		}
		for _, m := range own[1:] {
			if b, ok := m.Button(q.label(render.LabelOpenIt)); ok {
				if p.forge(b.CallbackData); len(p.toasts) != 1 || p.toasts[0] != render.Plain(p.said.OldButton()) {
					h.t.Errorf("another's push was opened: %s", p.shown())
				}
			}
		}
	})
}

func TestAPushIsInTheLanguageThatWasChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, _ = h.news()
	p := h.user("Ann", familyID, "uk")
	p.say("Прикладенко Марія").pressLabel(render.LabelWatch)
	p.say("/lang en")
	h.pass(time.Hour)
	h.bring(context.Background(), false, newClaim("EX-001", "Another Bureau"))
	p.hears().answered(render.For(rollcall.English).WatchNews())
}

func TestBlockingTheBotEndsTheWatches(t *testing.T) {
	for what, leave := range map[string]func(h *harness, id rollcall.UserID) error{
		"blocked": func(h *harness, id rollcall.UserID) error { _, err := h.api.Block(id); return err },
		"deleted": func(h *harness, id rollcall.UserID) error { return h.api.Deactivate(id) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			_, _ = h.news()
			p, q := h.user("Ann", familyID, "en"), h.user("Bob", strangerID, "en")
			for _, name := range []string{"Прикладенко Марія", "Sampleton Alice", "Вигаданко Іван 1985"} {
				p.say(name).press("Watch")
				q.say(name).press("Watch")
			}
			if err := leave(h, p.id); err != nil {
				t.Fatal(err)
			}
			h.settle()
			// Telegram tells of a block; of a deleted account, when one writes to it.
			want := map[string]int{"blocked": 2, "deleted": 3}[what]
			h.pass(time.Hour)
			h.bring(context.Background(), false, newClaim("EX-001", "Another Bureau"), newClaim("EX-013", "Another Bureau"))
			tries := h.calls("sendMessage")
			q.hears().hasLabels("Open it", "Open it")
			if got := h.calls("sendMessage") - tries; got != want {
				t.Errorf("%d messages were tried, want %d: the other's two, and one where it is found out so", got, want)
			}
			if a, b := h.watchCount(p.id), h.watchCount(q.id); a != 0 || b != 3 {
				t.Errorf("%d and %d watches are left, want 0 and 3", a, b)
			}
		})
	}
}

// A push whose answer was lost may have arrived, and is not sent again.
func TestAPushInDoubtIsNotDoubled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, _ = h.news()
	p := h.user("Ann", familyID, "en")
	p.say("Прикладенко Марія").press("Watch")
	h.pass(time.Hour)
	h.bring(context.Background(), false, newClaim("EX-001", "Another Bureau"))
	h.api.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Lost})
	p.hears().answered(p.said.WatchNews())
	for range 3 {
		h.pass(time.Hour)
		p.hears().silence()
	}
	states, err := h.db.DeliveryStates(context.Background())
	if err != nil || states["unknown"] != 1 {
		t.Errorf("the ledger holds %v (%v), want one unknown", states, err)
	}
}

func TestEraseEndsWatchesAndWhatIsOwedForThem(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, _ = h.news()
	p := h.user("Ann", familyID, "en")
	p.say("Прикладенко Марія").press("Watch")
	h.pass(time.Hour)
	h.bring(context.Background(), false, newClaim("EX-001", "Another Bureau"))
	if err := h.runner.TellWatchers(context.Background()); err != nil {
		t.Fatal(err)
	}
	p.say("/erase").press("Yes, erase")
	p.hears().silence()
	p.say("/watches").answered(p.said.Watches(nil))
	p.say("/mydata").told(render.MyDataInfo{LookupsToday: 1, ShownInWeek: 1, ShownFall: weekAfterNoon})
	if p.say("Прикладенко Марія"); !strings.Contains(strings.Join(p.labels(), " "), "Watch") {
		t.Errorf("the card has the buttons %q, want Watch", p.labels())
	}
}

func TestTheWatchesOpenByADeepLink(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("Sampleton Alice").press("Watch")
	p.say("/start watches").hasLabels("1. Sampleton Alice, 1969", "Stop")
}

// The card may have been deleted by whoever pressed its button.
func TestAWatchBeginsThoughTheCardIsGone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	p.say("Sampleton Alice")
	card := p.newest()
	b, _ := p.got[0].Button("Watch")
	if err := h.api.Delete(p.chat, card); err != nil {
		t.Fatal(err)
	}
	p.act("(press on a deleted card)", func() (fakeapi.Sent, error) { return h.api.Forge(p.id, p.chat, card, b.CallbackData) }).
		toasted(p.said.Watching()).silence()
	if n := h.watchCount(p.id); n != 1 {
		t.Errorf("%d entries are watched, want 1", n)
	}
}
