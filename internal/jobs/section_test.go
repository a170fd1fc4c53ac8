package jobs

import (
	"strings"
	"testing"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A chat whose digests do not tell of petitions gets no milestones. Of two digests in
// one chat, the first that does gives the language.
func TestMilestonesGoWhereADigestTellsOfPetitions(t *testing.T) {
	people, petition, elsewhere := makeDigest(t, "people", "0 9 * * *"), makeDigest(t, "petition", "0 9 * * 1"), makeDigest(t, "elsewhere", "0 9 * * *")
	people.Sections = rollcall.Sections{rollcall.PeopleSection, rollcall.RoundsSection, rollcall.CorrectionsSection}
	petition.Sections, petition.Language = rollcall.Sections{rollcall.PetitionSection}, rollcall.Ukrainian
	elsewhere.Chat, elsewhere.Sections = other, people.Sections
	d := newDesk(t, at("2026-03-01 08:00:00"), people, petition, elsewhere)
	d.openPetition("sample", 1, 2)
	d.sign("sample", 1)
	d.postMilestones(d.ctx)
	d.deliverAll()
	got := d.sender.seen()
	if len(got) != 1 || got[0].chat != channel || !strings.Contains(got[0].post.HTML, "Зразкове прохання") {
		t.Errorf("got %+v, want one in the channel, in the language of its digest with petitions", got)
	}
	// Told or not, it is done with: a section that comes later brings up no old ones.
	people.Sections, petition.Sections, elsewhere.Sections = nil, nil, nil
	d.open(people, petition, elsewhere)
	d.postMilestones(d.ctx)
	same(t, "messages owed after the sections have changed", len(d.deliveries()), 1)
}

// What a channel's post stated is corrected there, by a digest that has corrections.
func TestCorrectionsFollowTheSections(t *testing.T) {
	only := func(s ...rollcall.Section) rollcall.Sections { return s }
	const people, rounds, correcting = rollcall.PeopleSection, rollcall.RoundsSection, rollcall.CorrectionsSection
	for _, c := range []struct {
		name          string
		posted, after rollcall.Sections // of the digest, before and after a restart
		reply, line   bool              // to the post, and in the digest after it
	}{
		{"all", nil, nil, true, true},
		{"rounds and corrections", only(rounds, correcting), only(rounds, correcting), true, true},
		{"no rounds", only(people, correcting), only(people, correcting), false, false},
		{"no corrections", only(rounds), only(rounds), false, false},
		{"rounds come", only(people, correcting), nil, false, false},
		{"corrections come", only(rounds), nil, true, true},
		{"corrections go", nil, only(people, rounds), false, false},
		{"rounds go, and what was posted stands", nil, only(people, correcting), true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := makeDigest(t, "daily", "0 9 * * *")
			g.Sections = c.posted
			d := newDesk(t, at("2026-02-28 09:30:00"), g)
			d.plan(g)
			d.state(10)
			d.clock.set(at("2026-03-01 09:00:00"))
			d.plan(g)
			d.deliverAll()
			g.Sections = c.after
			d.open(g)
			d.state(12)
			d.tellNow()
			d.deliverAll()
			same(t, "replies", len(d.replies()) > 0, c.reply)
			d.clock.set(at("2026-03-02 09:00:00"))
			d.plan(g)
			d.deliverAll()
			all := d.sender.seen()
			same(t, "a line", strings.Contains(all[len(all)-1].post.HTML, "Stated here before: 10 people."), c.line)
			d.tellNow()
			same(t, "to be told", d.untold(), 0)
		})
	}
}

// A post is made when its occurrence is entered: sections that change before it is
// sent change the next one.
func TestSectionsThatChangeLeaveWhatIsEnteredAsItIs(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-02-28 09:30:00"), g)
	d.plan(g)
	d.state(10)
	d.openPetition("sample")
	d.subscribe("daily 09:00 Europe/Kyiv en", "", 71)
	d.clock.set(at("2026-03-01 09:00:00"))
	d.plan(g)
	if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
		t.Fatal(err)
	}
	g.Sections = rollcall.Sections{rollcall.RoundsSection}
	d.open(g)
	deliver := func() (texts []string) {
		d.deliverAll()
		if err := d.DeliverPrivate(d.ctx); err != nil {
			t.Fatal(err)
		}
		d.sender.mu.Lock()
		defer d.sender.mu.Unlock()
		for _, a := range d.sender.arrived {
			texts = append(texts, a.post.HTML)
		}
		d.sender.arrived = nil
		return texts
	}
	check := func(when string, texts []string, whole bool) {
		t.Helper()
		if len(texts) != 2 {
			t.Fatalf("%s: %d messages, want the channel's and the subscriber's", when, len(texts))
		}
		for _, text := range texts {
			for part, want := range map[string]bool{"People listed": whole, "Petition: ": whole, "A sample round": true} {
				if strings.Contains(text, part) != want {
					t.Errorf("%s: says %q: %t\n%s", when, part, !want, text)
				}
			}
		}
	}
	check("entered before", deliver(), true)
	d.clock.set(at("2026-03-02 09:00:00"))
	d.plan(g)
	if err := d.PlanEditions(d.ctx, g, d.clock.now()); err != nil {
		t.Fatal(err)
	}
	check("entered after", deliver(), false)
}

// An occurrence is skipped where nothing has changed of what it would say, whatever
// else has.
func TestSkipUnchangedLooksAtTheSectionsAlone(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	g.SkipUnchanged, g.Sections = true, rollcall.Sections{rollcall.PeopleSection}
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	d.openPetition("sample")
	for i, now := range []string{"2026-03-01 08:00:00", "2026-03-01 09:00:00", "2026-03-02 09:00:00"} {
		d.clock.set(at(now))
		d.plan(g)
		d.sign("sample", byte(i+1))
		d.state(10 + i)
	}
	g.Sections = nil // all of them: what was not said before is new
	d.clock.set(at("2026-03-03 09:00:00"))
	d.plan(g)
	var states []store.OccurrenceState
	for _, o := range d.occurrences("daily")[1:] {
		states = append(states, o.State)
	}
	same(t, "the ledger", states, []store.OccurrenceState{store.Posted, store.Skipped, store.Posted})
}
