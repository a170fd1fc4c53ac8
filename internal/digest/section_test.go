package digest

import (
	"encoding/json"
	"strings"
	"testing"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// has makes a spec of some sections, with a chart.
func has(sections ...rollcall.Section) Spec {
	s := spec()
	s.Sections, s.Chart = sections, true
	return s
}

const (
	people     = rollcall.PeopleSection
	rounds     = rollcall.RoundsSection
	petition   = rollcall.PetitionSection
	correcting = rollcall.CorrectionsSection
)

// full is a desk with something in each section, of which the first digest, with all
// of them, is posted, and a day on something else.
func full(t *testing.T) *desk {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.importRows(person("1", "missing"))
	d.state(stating(10))
	d.open("sample", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A sample request")
	d.sign("sample", 1, 2)
	d.post(has(), d.now)
	d.now = d.now.AddDate(0, 0, 1)
	d.importRows(append(person("2", "missing"), person("3", "returned")...))
	d.state(stating(12))
	d.sign("sample", 3)
	return d
}

// Each section brings its own, and nothing of it is there without the section: not in
// the text, the buttons or the chart, and not in what is kept.
func TestOnlyTheSectionsOfADigestAreGatheredAndSaid(t *testing.T) {
	marks := map[string]rollcall.Section{"People listed": people, "missing": people, "Exchange rounds": rounds, "12 people": rounds,
		"Petition: A sample request": petition, "New: 1, ": petition, "Checkpoint: ": petition, "Correction of 2 March": correcting}
	keys := map[string]rollcall.Section{"people": people, "petitions": petition, "goals": petition, "stated": rounds}
	order := []string{"Digest No 2, 1–2 March 2026", "People listed", "Exchange rounds", "Petition: ", "Correction of"}
	for _, s := range []rollcall.Sections{nil, rollcall.AllSections, {people}, {rounds}, {petition}, {correcting}, {petition, people},
		{correcting, rounds}, {people, petition, correcting}, {rounds, petition, people}} {
		t.Run(s.String(), func(t *testing.T) {
			d := full(t)
			spec := has(s...)
			p, before, err := Next(d.ctx, d.DB, spec, d.now)
			d.must(err)
			said, figures, err := Gather(d.ctx, d.DB, spec, p, before)
			d.must(err)
			posts, err := Posts(spec, said)
			d.must(err)
			text := render.Plain(render.HTML(posts[len(posts)-1].HTML))
			for mark, part := range marks {
				want := s.Has(part)
				if part == correcting {
					want = s.Has(rounds) && s.Has(correcting)
				}
				if mark == "12 people" {
					want = s.Has(rounds)
				}
				if strings.Contains(text, mark) != want {
					t.Errorf("says %q: %t, want %t\n%s", mark, !want, want, text)
				}
			}
			at := -1
			for _, heading := range order {
				if i := strings.Index(text, heading); i >= 0 && i < at {
					t.Errorf("%q is not in its place:\n%s", heading, text)
				} else if i >= 0 {
					at = i
				}
			}
			if nothing := strings.Contains(text, "nothing to tell"); nothing != (s.String() == "corrections") {
				t.Errorf("says that there is nothing to tell: %t\n%s", nothing, text)
			}
			if got := posts[0].Chart != nil; got != s.Has(petition) {
				t.Errorf("has a chart: %t", got)
			}
			buttons := 1
			if s.Has(petition) {
				buttons = 3
			}
			same(t, "buttons", len(links(t, posts[len(posts)-1])), buttons)

			var kept map[string]json.RawMessage
			b, err := json.Marshal(figures)
			d.must(err)
			d.must(json.Unmarshal(b, &kept))
			for key, part := range keys {
				if got := string(kept[key]) != "null"; got != s.Has(part) {
					t.Errorf("keeps %s: %t: %s", key, got, b)
				}
			}
		})
	}
}

// A keeper changes the sections from digest to digest: what is compared is what was
// said.
func TestSectionsThatChange(t *testing.T) {
	d := full(t)
	if got, _ := d.gather(has(people)); !got.PriorSeen || got.TotalWas != 1 || len(got.Corrections) != 0 {
		t.Errorf("people alone: compared %t with %d, and %d corrections; want true, 1, 0", got.PriorSeen, got.TotalWas, len(got.Corrections))
	}
	d.post(has(people), d.now)

	d.now = d.now.AddDate(0, 0, 1)
	d.withdrawFigure(stating(12))
	d.sign("sample", 4, 5)
	got, _ := d.post(has(), d.now)
	same(t, "people before", []any{got.PriorSeen, got.TotalWas}, []any{true, 3})
	same(t, "corrections of what the digest before did not state", len(got.Corrections), 0)
	same(t, "the petition's change is known", !got.Petitions[0].SinceUnknown, false)
	text := render.Plain(render.For(rollcall.English).Digest(got, nil))
	if strings.Contains(text, "New:") || strings.Contains(text, "Pace:") || !strings.Contains(text, "5 counted") {
		t.Errorf("signatures of the whole time as those of a day:\n%s", text)
	}

	d.now = d.now.AddDate(0, 0, 1)
	d.sign("sample", 6)
	got, _ = d.post(has(petition), d.now)
	same(t, "the next change", []any{got.Petitions[0].SinceUnknown, got.Petitions[0].Since}, []any{false, rollcall.Tally{Signed: 1}})
	d.now = d.now.AddDate(0, 0, 1)
	got, _ = d.gather(has(people, petition))
	same(t, "people are compared", got.PriorSeen, false)
}

// With skip_unchanged only that counts which is said.
func TestWhatIsNotSaidIsNoChange(t *testing.T) {
	list := func(d *desk) { d.importRows(person("9", "missing")) }
	state := func(d *desk) { d.state(stating(30)) }
	sign := func(d *desk) { d.sign("sample", 9) }
	nothing := func(*desk) {}
	for _, c := range []struct {
		name   string
		before Spec
		do     func(*desk)
		after  Spec
		want   bool
	}{
		{"nothing", has(), nothing, has(), true},
		{"the same sections in another order", has(petition, people), nothing, has(people, petition), true},
		{"people, said", has(people), list, has(people), false},
		{"people, not said", has(rounds, petition, correcting), list, has(rounds, petition, correcting), true},
		{"rounds, said", has(rounds), state, has(rounds), false},
		{"rounds, not said", has(people, petition, correcting), state, has(people, petition, correcting), true},
		{"a petition, said", has(petition), sign, has(petition), false},
		{"a petition, not said", has(people, rounds), sign, has(people, rounds), true},
		{"a section goes", has(), nothing, has(people), true},
		{"a section goes, and it changes", has(), sign, has(people), true},
		{"a section goes, and another changes", has(), list, has(people), false},
		{"a section comes", has(people), nothing, has(people, petition), false},
		{"corrections come", has(people, rounds), nothing, has(people, rounds, correcting), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := full(t)
			d.post(c.before, d.now)
			d.now = d.now.AddDate(0, 0, 1)
			c.do(d)
			_, was, err := Next(d.ctx, d.DB, c.after, d.now) // read back from the ledger
			d.must(err)
			_, now := d.gather(c.after)
			same(t, "unchanged", was.Same(now), c.want)
		})
	}
}

// An edition has the sections of its digest, and the petition's buttons with them.
func TestAnEditionHasTheSectionsOfItsDigest(t *testing.T) {
	d := full(t)
	for _, l := range rollcall.Languages {
		s := has(people).ForEdition(rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "UTC", Language: l}, spec().Zone)
		var posts []store.Post
		posts, err := Preview(d.ctx, d.DB, s, d.now)
		d.must(err)
		if len(posts) != 1 || posts[0].Chart != nil || len(links(t, posts[0])) != 1 {
			t.Errorf("%s: %d posts, a chart: %t", l, len(posts), posts[0].Chart != nil)
		}
		if n := strings.Count(posts[0].HTML, "<b>"); n != 2 {
			t.Errorf("%s: want the title and one heading:\n%s", l, posts[0].HTML)
		}
	}
}
