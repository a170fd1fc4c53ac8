package command_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/command"
)

// vira is somebody who is not in the sample roster.
const viraID = "EX-101"

func vira(publicID string, year int) rollcall.RosterRow {
	return claim(publicID, "Віруненко Ольга Зразківна", year, rollcall.Missing, day(time.June, 14), "Зразкове Бюро", "")
}

// viraBy is how she is asked for: with a year, an age, a patronymic, and within a
// sentence.
var viraBy = map[rollcall.Language][]string{
	rollcall.English:   {"Virunenko Olha 1988", "Olga Virunenko, 38 years old", "Virunenko Olha Zrazkivna", "we are looking for our daughter Virunenko Olha"},
	rollcall.Ukrainian: {"Віруненко Ольга 1988", "Ольга Віруненко, 38 років", "Віруненко Ольга Зразківна", "Шукаю доньку Віруненко Ольга"},
	rollcall.Russian:   {"Вируненко Ольга 1988", "Ольга Вируненко, 38 лет", "Вируненко Ольга Зразковна", "Ищу дочь Вируненко Ольга"},
}

// wishCount reads how many wishes an account has.
func (h *harness) wishCount(id rollcall.UserID) int {
	h.t.Helper()
	kept, err := h.db.Kept(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(kept.Wishes)
}

func (p *person) nothing() render.HTML {
	return p.said.NothingFound([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}})
}

// wishes asks for somebody who is not shown, and presses the button.
func (p *person) wishes(query string) *person {
	p.h.t.Helper()
	p.say(query).answered(p.nothing()).hasLabels(p.label(render.LabelTellMe))
	return p.pressLabel(render.LabelTellMe)
}

func TestAWishFromTheAnswerToItsEnd(t *testing.T) {
	inEachLanguage(t, "wish", func(h *harness, p *person) {
		ctx := context.Background()
		tellMe, open, stop := p.label(render.LabelTellMe), p.label(render.LabelOpenIt), p.label(render.LabelStop)
		asked := h.clock.now()
		label := func(n int) string { return p.said.WishLabel(n, asked.In(kyiv)) }
		_, _ = h.news() // of the sample roster

		h.part("nothing, and the wish to be told")
		p.say(viraBy[p.lang][0]).answered(p.nothing()).hasLabels(tellMe)
		button, _ := p.got[0].Button(tellMe)
		p.press(tellMe)
		if len(p.got) != 2 || !p.got[0].edited || len(p.got[0].Labels()) > 0 || p.got[1].Body() != render.Plain(p.said.WishNoted()) {
			h.t.Errorf("the press is answered by\n%s\nwant the button taken away, and %q", p.shown(), p.said.WishNoted())
		}
		p.forge(button.CallbackData) // again: it is the same wish
		if n := h.wishCount(p.id); n != 1 {
			h.t.Errorf("%d wishes are kept, want 1", n)
		}

		h.part("the list, and all that is kept")
		p.say("/watches").answered(p.said.WatchesAndWishes(nil, []string{label(1)})).hasLabels(label(1), stop).protected().wantsNot("Вірун", "Virun", "Вирун", "1988")
		p.press(label(1)).answered(p.said.WishWaiting())
		p.say("/mydata").told(render.MyDataInfo{Since: asked, Language: p.lang, Wishes: []time.Time{asked}, LookupsToday: 1})

		h.part("somebody else is listed")
		h.pass(time.Hour)
		h.bring(ctx, false, vira("EX-100", 1978))
		p.hears().silence()

		h.part("she is listed: a message without a name, once")
		h.pass(time.Hour)
		h.bring(ctx, false, vira(viraID, 1988))
		p.hears().answered(p.said.WishNews(asked.In(kyiv))).hasLabels(open).protected().wantsNot("Віруненко", "Ольга", "1988", viraID, "Бюро")
		p.press(open).wants("Віруненко Ольга Зразківна", viraID).protected()
		h.pass(time.Hour)
		h.bring(ctx, false, newClaimOn(vira(viraID, 1988), "Another Bureau"))
		p.hears().silence()
		p.say("/watches").answered(p.said.Watches(nil))
		p.say("/mydata").told(render.MyDataInfo{Since: asked, Messages: []render.MyDataMessage{{State: "sent", Since: asked.Add(2 * time.Hour)}}, LookupsToday: 1, ShownInWeek: 1, ShownFall: weekAfterNoon})

		h.part("the wish is ended from the list")
		h.execSQL(`UPDATE people SET withheld = 'hidden' WHERE full_name LIKE 'Віруненко%'`)
		asked = h.clock.now()
		for _, query := range viraBy[p.lang][1:] {
			p.wishes(query)
		}
		p.say("/watches").hasLabels(label(1), stop, label(2), stop, label(3), stop)
		for n := 2; n >= 1; n-- {
			p.press(stop).toasted(p.said.WishStopped())
			if got := h.wishCount(p.id); got != n {
				h.t.Errorf("%d wishes are left, want %d", got, n)
			}
		}

		h.part("one who is hidden is news to nobody, and one who is shown to the wish that is left")
		h.bring(ctx, false, newClaimOn(vira(viraID, 1988), "A third Bureau"))
		p.hears().silence()
		h.execSQL(`UPDATE people SET withheld = NULL WHERE public_id = '` + viraID + `'`)
		h.bring(ctx, false, newClaimOn(vira(viraID, 1988), "A fourth Bureau"))
		p.hears().answered(p.said.WishNews(asked.In(kyiv)))
		h.execSQL(`UPDATE people SET withheld = 'hidden' WHERE public_id = '` + viraID + `'`)
		p.press(open).answered(p.nothing())

		h.part("a hard statement is announced first")
		asked = h.clock.now()
		p.wishes(viraBy[p.lang][0])
		hard := vira("EX-102", 1988)
		hard.Status = rollcall.Deceased
		h.bring(ctx, false, hard)
		p.hears().press(open).wantsNot(p.said.StatusLabel(rollcall.Deceased), "EX-102").hasLabels(p.label(render.LabelShowIt), p.label(render.LabelTracing))

		h.part("several entries, and too many")
		h.pass(24 * time.Hour)
		asked = h.clock.now()
		h.execSQL(`UPDATE people SET withheld = 'hidden' WHERE full_name LIKE 'Віруненко%'`)
		p.wishes(viraBy[p.lang][3])
		h.bring(ctx, false, vira("EX-110", 1960), vira("EX-111", 1961))
		p.hears().hasLabels(open, open)
		if len(p.got) != 2 {
			h.t.Errorf("%d messages came, want one for each entry", len(p.got))
		}
		h.execSQL(`UPDATE people SET withheld = 'hidden' WHERE full_name LIKE 'Віруненко%'`)
		p.wishes(viraBy[p.lang][3])
		var many []rollcall.RosterRow
		for i := range 4 {
			many = append(many, vira(fmt.Sprint("EX-12", i), 1970+i))
		}
		h.bring(ctx, false, many...)
		p.hears().answered(p.said.WishNewsOnMany(asked.In(kyiv))).hasLabels()
	})
}

// newClaimOn is another source's statement.
func newClaimOn(r rollcall.RosterRow, source string) rollcall.RosterRow {
	r.Claim = rollcall.Claim{Status: rollcall.ReportedHeld, Date: day(time.June, 14), Source: source, Expires: afar}
	return r
}

func TestAWishThatComesTooLate(t *testing.T) {
	inEachLanguage(t, "wish-late", func(h *harness, p *person) {
		query := viraBy[p.lang][0]
		h.part("after ten minutes")
		p.say(query)
		h.pass(10*time.Minute + time.Second)
		p.pressLabel(render.LabelTellMe).answered(p.said.WishGone())
		h.part("after ten minutes less a second")
		p.say(query)
		h.pass(10*time.Minute - time.Second)
		p.pressLabel(render.LabelTellMe).wants(render.Plain(p.said.WishNoted()))
		h.part("she was listed meanwhile")
		p.say(viraBy[p.lang][3]).answered(p.nothing())
		h.bring(context.Background(), false, vira(viraID, 1988))
		p.pressLabel(render.LabelTellMe).answered(p.said.WishGone())
		p.say(viraBy[p.lang][3]).wants(viraID)
		h.part("everything was erased meanwhile")
		p.say(nobodyName)
		button, _ := p.got[0].Button(p.label(render.LabelTellMe))
		p.say("/erase").pressLabel(render.LabelYesErase)
		p.forge(button.CallbackData).answered(p.said.WishGone())
		if n := h.wishCount(p.id); n != 0 {
			h.t.Errorf("%d wishes are left, want none", n)
		}
	})
}

func TestWishesAreLimited(t *testing.T) {
	inEachLanguage(t, "wish-limit", func(h *harness, p *person) {
		name := func(i int) string { return fmt.Sprintf("Віруненко Ольга %d", 1950+i) }
		for i := range 5 {
			p.wishes(name(i)).wants(render.Plain(p.said.WishNoted()))
		}
		h.part("a sixth one on the day, though the others are ended")
		p.say("/watches").pressLabel(render.LabelStop)
		p.say("/erase").pressLabel(render.LabelYesErase)
		p.wishes(name(5)).answered(p.said.WishesToday(5))
		h.part("on the next day")
		h.pass(12 * time.Hour)
		for i := range 4 {
			p.wishes(name(i)).wants(render.Plain(p.said.WishNoted()))
		}
		p.say("Прикладенко Марія").pressLabel(render.LabelWatch)
		h.part("one more than the account may have")
		p.say("Sampleton Alice").pressLabel(render.LabelWatch).answered(p.said.WatchLimit(5))
		p.wishes(name(7)).answered(p.said.WatchLimit(5))
	}, func(s *command.Settings) { s.MaxWatches = 5 })
}

// A wish is no way around the limits: its message names nobody, and the card that
// it opens counts.
func TestTheCardOfAWishCounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *command.Settings) { s.Limits.DistinctPerWeek = 1 })
	_, _ = h.news()
	p := h.user("Ann", familyID, "en")
	p.wishes("Віруненко Ольга 1988")
	p.say("Прикладенко Марія").wants(mariaID)
	h.bring(context.Background(), false, vira(viraID, 1988))
	p.hears().press("Open it").wantsNot("Віруненко", viraID).wants("people")
	h.pass(7 * 24 * time.Hour)
	p.press("Open it").wants(viraID)
	p.say("/mydata").told(render.MyDataInfo{Since: noon, Messages: []render.MyDataMessage{{State: "sent", Since: noon}}, // not pruned yet
		ShownInWeek: 1, ShownFall: weekAfterNoon.AddDate(0, 0, 7)})
}

func TestTooLittleForAWishHasNoButton(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	p := h.user("Ann", familyID, "en")
	for _, query := range []string{"Ольга 1988", "Віруненко О."} {
		p.say(query).answered(p.nothing()).hasLabels()
	}
}

// Whoever is not shown, for whatever reason, is wished for in the same way; one
// whose claims had expired is news once they are renewed.
func TestAWishForOneWhoHadExpired(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, _ = h.news()
	p := h.user("Ann", familyID, "en")
	for _, name := range []string{absentName, withheldName, expiredName} {
		p.wishes(name).wants(render.Plain(p.said.WishNoted()))
	}
	for _, r := range sampleRows {
		if r.FullName == expiredName {
			r.Expires = afar
			h.bring(context.Background(), false, r)
		}
	}
	p.hears().answered(p.said.WishNews(noon.In(kyiv))).press("Open it").wants("EX-009")
	if n := h.wishCount(p.id); n != 2 {
		t.Errorf("%d wishes are left, want 2", n)
	}
}

func TestAnotherAccountsWishIsNobodysBusiness(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, _ = h.news()
	p, q := h.user("Ann", familyID, "en"), h.user("Bob", strangerID, "en")
	p.say("Віруненко Ольга 1988")
	button, _ := p.got[0].Button("Tell me if this changes")
	q.forge(button.CallbackData).toasted(q.said.OldButton()).silence()
	p.press("Tell me if this changes")
	p.say("/watches")
	for _, label := range p.labels() {
		b, _ := p.got[0].Button(label)
		q.forge(b.CallbackData).toasted(q.said.OldButton()).silence()
	}
	h.bring(context.Background(), false, vira(viraID, 1988))
	q.hears().silence()
}
