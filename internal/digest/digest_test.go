package digest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/sample"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

const channel rollcall.ChatID = -1001234567890

// desk is a database whose clock stands still until it is set.
type desk struct {
	*store.DB
	t   *testing.T
	ctx context.Context
	now time.Time
}

func instant(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		panic(err)
	}
	return t
}

func newDesk(t *testing.T, now string) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), now: instant(now)}
	keys, err := secret.New([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(d.ctx, filepath.Join(t.TempDir(), "rollcall.db"), store.Options{Now: func() time.Time { return d.now }, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d.DB = db
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) importRows(rows []rollcall.RosterRow) {
	d.t.Helper()
	b, err := d.BeginBatch(d.ctx, false)
	d.must(err)
	for len(rows) > 0 {
		n := min(len(rows), store.ChunkRows)
		results, err := b.Add(d.ctx, rows[:n])
		d.must(err)
		for i, r := range results {
			if r.Problem != nil {
				d.t.Fatalf("row %d: %v", i, r.Problem)
			}
		}
		rows = rows[n:]
	}
	_, err = b.Publish(d.ctx, store.Shell)
	d.must(err)
}

// person makes rows about one person, a claim for each status, by sources of
// their own. A status with "~" before it has expired.
func person(id string, statuses ...string) (rows []rollcall.RosterRow) {
	for i, s := range statuses {
		expires := rollcall.Date{Year: 2030, Month: 1, Day: 1}
		if rest, ok := strings.CutPrefix(s, "~"); ok {
			s, expires = rest, rollcall.Date{Year: 2025, Month: 12, Day: 31}
		}
		rows = append(rows, rollcall.RosterRow{Person: rollcall.Person{PublicID: id, FullName: "Testenko Person " + id},
			Claim: rollcall.Claim{Status: rollcall.Status(s), Date: rollcall.Date{Year: 2025, Month: 6, Day: 1 + i}, Source: fmt.Sprint("Source ", i), Expires: expires}})
	}
	return rows
}

func (d *desk) open(slug, opens, closes string, title string) {
	d.t.Helper()
	d.must(d.OpenPetition(d.ctx, rollcall.Petition{Slug: slug, Opens: instant(opens), Closes: instant(closes), Goal: 10, Organiser: "Example Group",
		Addressee: "Sample Office", Title: map[rollcall.Language]string{"en": title}, Text: map[rollcall.Language]string{"en": "We ask."}}, store.Shell))
}

func (d *desk) sign(slug string, accounts ...byte) {
	d.t.Helper()
	d.must(d.Update(d.ctx, func(tx *store.Tx) error {
		for _, a := range accounts {
			if out, err := tx.Sign(slug, 1, secret.Tag{a}); err != nil || out != store.Recorded {
				return fmt.Errorf("account %d: outcome %d: %w", a, out, err)
			}
		}
		return nil
	}))
	d.sequence()
}

// sequence appends all that waits to the petitions' logs.
func (d *desk) sequence() {
	d.t.Helper()
	_, err := d.Sequence(d.ctx, store.Batching{Min: 1, Look: true})
	d.must(err)
}

func (d *desk) withdraw(slug string, account byte) {
	d.t.Helper()
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.Withdraw(slug, secret.Tag{account}); return err }))
	d.sequence()
}

func spec() Spec {
	return Spec{Name: "daily", Chat: channel, Language: rollcall.English, Zone: time.UTC, Username: "sample_bot"}
}

// gather is what the next digest would say.
func (d *desk) gather(s Spec) (rollcall.Digest, Figures) {
	d.t.Helper()
	p, before, err := Next(d.ctx, d.DB, s, d.now)
	d.must(err)
	said, figures, err := Gather(d.ctx, d.DB, s, p, before)
	d.must(err)
	return said, figures
}

// post enters the next digest as posted, as package jobs does, and returns it.
// planned is when it was due.
func (d *desk) post(s Spec, planned time.Time) (rollcall.Digest, []store.Post) {
	d.t.Helper()
	p, before, err := Next(d.ctx, d.DB, s, planned)
	d.must(err)
	said, figures, err := Gather(d.ctx, d.DB, s, p, before)
	d.must(err)
	posts, err := Posts(s, said)
	d.must(err)
	kept, err := json.Marshal(figures)
	d.must(err)
	o := store.Occurrence{Digest: s.Name, Key: planned.Format(time.RFC3339), Audience: store.InChat(s.Chat), PlannedAt: planned, CoversFrom: p.From, Number: p.Number, State: store.Posted, Figures: kept}
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { return tx.Plan(o, posts) }))
	return said, posts
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if d := cmp.Diff(got, want, zones); d != "" {
		t.Errorf("%s (-got +want):\n%s", what, d)
	}
}

func figures(missing, reported, confirmed, notIncluded, returned, unknown int) map[rollcall.Status]int {
	return map[rollcall.Status]int{rollcall.Missing: missing, rollcall.ReportedHeld: reported, rollcall.ConfirmedHeld: confirmed,
		rollcall.SaidNotIncluded: notIncluded, rollcall.Returned: returned, rollcall.Unknown: unknown}
}

func counts(d rollcall.Digest) (now, was map[rollcall.Status]int) {
	now, was = map[rollcall.Status]int{}, map[rollcall.Status]int{}
	for _, f := range d.People {
		now[f.Status], was[f.Status] = f.Count, f.Was
	}
	return now, was
}

// The figures of two digests, against what was counted by hand beside the rows.
func TestFiguresAndChanges(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	var rows []rollcall.RosterRow
	for _, r := range [][]rollcall.RosterRow{
		person("1", "missing"),
		person("2", "missing", "reported_held"), // sources differ: counted under both, once in all
		person("3", "missing", "missing"),       // two sources say the same: once
		person("4", "reported_held", "~missing"),
		person("5", "confirmed_held"),
		person("6", "returned", "said_not_included"),
		person("7", "unknown"),
		person("8", "~missing"),             // expired: not at all
		person("9", "deceased"),             // not at all
		person("10", "deceased", "missing"), // as missing
	} {
		rows = append(rows, r...)
	}
	d.importRows(rows)
	d.open("sample", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A sample request")
	d.sign("sample", 1, 2, 3, 4)
	d.withdraw("sample", 4)

	first, _ := d.post(spec(), d.now)
	now, _ := counts(first)
	same(t, "people by status", now, figures(4, 2, 1, 1, 1, 1))
	same(t, "the rest of the first", []any{first.Number, first.From.IsZero(), first.PriorSeen, first.Total}, []any{1, true, false, 8})
	same(t, "the petition", first.Petitions[0].Tally, rollcall.Tally{Signed: 4, Withdrawn: 1})
	same(t, "the petition since the beginning", first.Petitions[0].Since, rollcall.Tally{Signed: 4, Withdrawn: 1})

	d.now = d.now.AddDate(0, 0, 1)
	d.importRows(append(person("1", "missing", "confirmed_held"), person("11", "missing")...))
	d.sign("sample", 5, 6)
	d.withdraw("sample", 1)
	d.must(d.Update(d.ctx, func(tx *store.Tx) error {
		return tx.AddRoundFigure("A sample round", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 30,
			Date: rollcall.Date{Year: 2026, Month: 3, Day: 1}, Source: "Sample Office"}, store.Shell)
	}))
	second, kept := d.gather(spec())
	now, was := counts(second)
	same(t, "people by status", now, figures(5, 2, 2, 1, 1, 1))
	same(t, "people by status before", was, figures(4, 2, 1, 1, 1, 1))
	same(t, "the rest of the second", []any{second.Number, second.From, second.To, second.PriorSeen, second.Total, second.TotalWas},
		[]any{2, instant("2026-03-01 09:00:00"), d.now, true, 9, 8})
	same(t, "the petition", second.Petitions[0].Tally, rollcall.Tally{Signed: 6, Withdrawn: 2})
	same(t, "the petition since the first", second.Petitions[0].Since, rollcall.Tally{Signed: 2, Withdrawn: 1})
	same(t, "rounds", []int{len(second.Rounds), len(second.Rounds[0].Figures), len(kept.Stated)}, []int{1, 1, 1})
}

// Roster entries that a keeper or a full import has hidden count nowhere.
func TestHiddenPeopleAreNotCounted(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.importRows(append(person("1", "missing"), person("2", "missing")...))
	b, err := d.BeginBatch(d.ctx, true)
	d.must(err)
	_, err = b.Add(d.ctx, person("2", "missing"))
	d.must(err)
	_, err = b.Publish(d.ctx, store.Shell)
	d.must(err)
	said, _ := d.gather(spec())
	now, _ := counts(said)
	same(t, "figures", []int{now[rollcall.Missing], said.Total}, []int{1, 1})
}

// Two rosters that differ in nothing but who is said to have died give the same
// digest, word for word, and by a comparison of the two nothing has changed.
func TestNothingOfADigestFollowsFromTheDeceased(t *testing.T) {
	var said [2]rollcall.Digest
	var kept [2]Figures
	var posts [2][]store.Post
	for i := range 2 {
		d := newDesk(t, "2026-03-01 09:00:00")
		d.importRows(append(person("1", "missing"), person("2", "returned")...))
		if i == 1 {
			d.importRows(append(append(person("3", "deceased"), person("4", "deceased")...), person("1", "missing", "deceased")...))
		}
		said[i], kept[i] = d.gather(spec())
		var err error
		posts[i], err = Posts(spec(), said[i])
		d.must(err)
	}
	same(t, "digests", said[1], said[0])
	same(t, "posts", posts[1], posts[0])
	if !kept[0].Same(kept[1]) {
		t.Error("what the next one compares with differs: it would be posted with nothing new in it")
	}
	for _, f := range said[1].People {
		if f.Status == rollcall.Deceased {
			t.Error("there is a figure of the deceased")
		}
	}
}

func TestNoNameIsInAnyPost(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	var rows []rollcall.RosterRow
	for r := range sample.Rows(7, 1000, rollcall.DateOf(d.now)) {
		rows = append(rows, r)
	}
	d.importRows(rows)
	d.open("sample", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "Of a list")
	d.sign("sample", 1, 2, 3)
	d.must(d.Update(d.ctx, func(tx *store.Tx) error {
		return tx.AddRoundFigure("March", rollcall.RoundFigure{Side: rollcall.SideA, Stage: rollcall.Agreed, Count: 30,
			Date: rollcall.Date{Year: 2026, Month: 3, Day: 1}, Source: "An office"}, store.Shell)
	}))
	for _, l := range rollcall.Languages {
		s := spec()
		s.Name, s.Language, s.Chart = "daily-"+string(l), l, true
		_, posts := d.post(s, d.now)
		var all strings.Builder
		for _, p := range posts {
			all.WriteString(strings.ToLower(render.Plain(render.HTML(p.HTML)) + p.Buttons))
		}
		text := all.String()
		if !strings.Contains(text, "p_sample") {
			t.Fatalf("%s: no digest with a petition: %s", l, text)
		}
		for _, r := range rows {
			for _, name := range append([]string{r.FullName}, r.AltNames...) {
				for _, part := range strings.Fields(name) {
					if len([]rune(part)) > 3 && strings.Contains(text, strings.ToLower(part)) {
						t.Errorf("%s: a name of row %s is in the digest", l, r.PublicID)
					}
				}
			}
		}
	}
}

// padded makes a digest whose text is of so many UTF-16 units.
func padded(t *testing.T, units int) rollcall.Digest {
	t.Helper()
	d := rollcall.Digest{Name: "daily", Number: 1, To: instant("2026-03-01 09:00:00"), Zone: time.UTC,
		Petitions: []rollcall.PetitionFigures{{Slug: "sample", State: rollcall.Open, Closes: instant("2027-01-01 00:00:00"), Tally: rollcall.Tally{Signed: 3}}},
		Signed:    []rollcall.DayCount{{Date: rollcall.Date{Year: 2026, Month: 2, Day: 20}, Count: 3}}}
	length := func(title string) int {
		d.Petitions[0].Title = map[rollcall.Language]string{"en": title}
		return render.UTF16Len(render.Plain(render.For("en").Digest(d, nil)))
	}
	if n := length(strings.Repeat("ї", units-length("")-1) + "x"); n != units {
		t.Fatalf("the text has %d units, want %d", n, units)
	}
	return d
}

func TestCaptionOrTwoMessages(t *testing.T) {
	for _, c := range []struct {
		name  string
		units int
		chart bool
		want  []string // the posts: which parts they have
	}{
		{"fits a caption", 1024, true, []string{"chart text buttons"}},
		{"one unit over it", 1025, true, []string{"chart", "text buttons"}},
		{"as long as a message", 4096, true, []string{"chart", "text buttons"}},
		{"over that too", 4500, true, []string{"chart", "text buttons"}},
		{"without a chart", 1025, false, []string{"text buttons"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec()
			s.Chart = c.chart
			posts, err := Posts(s, padded(t, c.units))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range posts {
				var parts []string
				if p.Chart != nil {
					parts = append(parts, "chart")
					if _, err := png.Decode(bytes.NewReader(p.Chart)); err != nil {
						t.Errorf("the chart is no PNG: %v", err)
					}
				}
				if p.HTML != "" {
					parts = append(parts, "text")
				}
				rows, err := DecodeButtons(p.Buttons)
				if err != nil {
					t.Error(err)
				}
				if len(rows) > 0 {
					parts = append(parts, "buttons")
				}
				got = append(got, strings.Join(parts, " "))
				if n := render.UTF16Len(render.Plain(render.HTML(p.HTML))); n > render.MaxTextUTF16 || p.Chart != nil && n > render.MaxCaptionUTF16 {
					t.Errorf("a text of %d units", n)
				}
			}
			same(t, "posts", got, c.want)
		})
	}
}

func TestADigestGoesWithoutAChartThatCannotBeDrawn(t *testing.T) {
	s := spec()
	s.Chart = true
	d := padded(t, 800)
	want, err := Posts(spec(), d)
	if err != nil {
		t.Fatal(err)
	}
	d.Signed[0].Date.Year = 12000 // no chart knows that
	got, err := Posts(s, d)
	if err == nil {
		t.Error("there is no error to be logged")
	}
	same(t, "posts", got, want)
}

func TestNoPetitionNoChart(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	s := spec()
	s.Chart = true
	_, posts := d.post(s, d.now)
	if len(posts) != 1 || posts[0].Chart != nil || posts[0].HTML == "" {
		t.Errorf("got %d posts, want one of text", len(posts))
	}
}

func links(t *testing.T, p store.Post) (all []string) {
	t.Helper()
	rows, err := DecodeButtons(p.Buttons)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, b := range row {
			all = append(all, b.Label+" "+b.URL)
		}
	}
	return all
}

func TestPetitionButtonsOnlyWhileOneIsOpen(t *testing.T) {
	const lookUp = "Look up a person https://t.me/sample_bot?start=find"
	two := func(slug string) []string {
		return []string{lookUp, "Sign the petition https://t.me/sample_bot?start=p_" + slug, "Check the count https://t.me/sample_bot?start=v_" + slug}
	}
	for _, c := range []struct {
		name string
		do   func(*desk)
		want []string
	}{
		{"none", func(*desk) {}, []string{lookUp}},
		{"upcoming", func(d *desk) { d.open("a", "2026-04-01 00:00:00", "2027-01-01 00:00:00", "A") }, []string{lookUp}},
		{"open", func(d *desk) { d.open("a", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A") }, two("a")},
		{"over", func(d *desk) { d.open("a", "2026-02-01 00:00:00", "2026-03-01 09:00:00", "A") }, []string{lookUp}},
		{"closed by the keeper", func(d *desk) {
			d.open("a", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A")
			d.must(d.ClosePetition(d.ctx, "a", store.Shell))
		}, []string{lookUp}},
		{"a later one is over and an earlier one open", func(d *desk) {
			d.open("a", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A")
			d.open("b", "2026-02-02 00:00:00", "2026-02-20 00:00:00", "B")
		}, two("a")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, "2026-03-01 09:00:00")
			c.do(d)
			said, posts := d.post(spec(), d.now)
			if c.name == "upcoming" && len(said.Petitions) > 0 {
				t.Error("an upcoming petition is told of")
			}
			same(t, "buttons", links(t, posts[len(posts)-1]), c.want)
		})
	}
}

// Through three digests a day apart. The petition is open in the first, or not.
func TestAClosedPetitionIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		name    string
		closes  string // by its text
		keeper  string // when the keeper closes it; "" for never
		planned string // of the second digest, where that is late; made at the clock's time
		want    []int  // petitions told of in each digest
	}{
		{"stays open", "2027-01-01 00:00:00", "", "", []int{1, 1, 1}},
		{"closes between two", "2026-03-01 20:00:00", "", "", []int{1, 1, 0}},
		{"closes at the instant of one", "2026-03-02 09:00:00", "", "", []int{1, 1, 0}},
		{"was over before the first", "2026-02-25 00:00:00", "", "", []int{1, 0, 0}},
		{"the keeper closes it between two", "2027-01-01 00:00:00", "2026-03-01 20:00:00", "", []int{1, 1, 0}},
		{"the keeper closes it after a digest was due and before it is made", "2027-01-01 00:00:00", "2026-03-02 08:30:00", "2026-03-02 08:00:00", []int{1, 1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, "2026-02-20 00:00:00")
			d.open("a", "2026-02-01 00:00:00", c.closes, "A")
			var got []int
			for day := range 3 {
				now := instant("2026-03-01 09:00:00").AddDate(0, 0, day)
				if c.keeper != "" && instant(c.keeper).Before(now) && d.now.Before(instant(c.keeper)) {
					d.now = instant(c.keeper)
					d.must(d.ClosePetition(d.ctx, "a", store.Shell))
				}
				d.now = now
				planned := now
				if day == 1 && c.planned != "" {
					planned = instant(c.planned)
				}
				said, _ := d.post(spec(), planned)
				got = append(got, len(said.Petitions))
			}
			same(t, "petitions told of", got, c.want)
		})
	}
}

// A digest with skip_unchanged must not keep a closing to itself.
func TestAClosingIsAChange(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.open("a", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A")
	_, before := d.gather(spec())
	_, again := d.gather(spec())
	if !before.Same(again) {
		t.Error("two looks at the same state differ")
	}
	d.must(d.ClosePetition(d.ctx, "a", store.Shell))
	if _, after := d.gather(spec()); before.Same(after) {
		t.Error("nothing has changed though the petition was closed")
	}
}

// A raised goal is news; the share, and the chart's line, are of the new one.
func TestARaisedGoalIsToldOnce(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.open("a", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A")
	d.sign("a", 1, 2, 3)
	s := spec()
	s.Chart = true
	told := func() (goal, was int, chart []byte) {
		t.Helper()
		said, posts := d.post(s, d.now)
		d.now = d.now.AddDate(0, 0, 1)
		return said.Petitions[0].Goal, said.Petitions[0].GoalWas, posts[0].Chart
	}
	if goal, was, _ := told(); goal != 10 || was != 0 {
		t.Errorf("at first: a goal of %d, raised from %d", goal, was)
	}
	_, before := d.gather(s)
	d.must(d.Update(d.ctx, func(tx *store.Tx) error { _, err := tx.RaiseGoal("a", 12, store.Shell); return err }))
	said, after := d.gather(s)
	if before.Same(after) {
		t.Error("nothing has changed though the goal was raised")
	}
	drawn, err := drawChart(render.For(s.Language), said)
	d.must(err)
	said.Petitions[0].Goal = 10
	frozen, err := drawChart(render.For(s.Language), said)
	d.must(err)
	if bytes.Equal(drawn, frozen) {
		t.Error("the chart does not tell the two goals apart: nothing is shown")
	}
	goal, was, chart := told()
	if goal != 12 || was != 10 {
		t.Errorf("after: a goal of %d, raised from %d", goal, was)
	}
	if !bytes.Equal(chart, drawn) {
		t.Error("the chart has not the new goal")
	}
	if goal, was, _ := told(); goal != 12 || was != 0 {
		t.Errorf("then: a goal of %d, raised from %d", goal, was)
	}
}

func TestFiguresComeBackFromTheLedgerAsTheyWere(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.importRows(person("1", "missing"))
	d.open("a", "2026-02-01 00:00:00", "2026-02-20 00:00:00", "A")
	_, want := d.gather(spec())
	d.post(spec(), d.now)
	_, got, err := Next(d.ctx, d.DB, spec(), d.now)
	d.must(err)
	if !got.Same(want) {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}

func TestPreviewWritesNothing(t *testing.T) {
	d := newDesk(t, "2026-03-01 09:00:00")
	d.importRows(person("1", "missing"))
	d.open("sample", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "A sample request")
	d.sign("sample", 1)
	s := spec()
	s.Chart = true
	d.post(s, d.now)
	d.now = d.now.AddDate(0, 0, 1)
	// Compared are copies by VACUUM INTO, since the store empties its WAL into the
	// file when it likes.
	contents := func() []byte {
		ledger, err := sql.Open("sqlite", "file:"+d.Path()+"?_pragma=busy_timeout(10000)")
		d.must(err)
		defer ledger.Close()
		to := filepath.Join(t.TempDir(), "copy")
		_, err = ledger.ExecContext(d.ctx, "VACUUM INTO ?", to)
		d.must(err)
		b, err := os.ReadFile(to)
		d.must(err)
		return b
	}
	before := contents()
	for range 2 {
		posts, err := Preview(d.ctx, d.DB, s, d.now)
		d.must(err)
		if len(posts) != 1 || posts[0].Chart == nil || !strings.Contains(posts[0].HTML, "No 2") {
			t.Errorf("got %d posts, want one with a chart, No 2", len(posts))
		}
	}
	if !bytes.Equal(contents(), before) {
		t.Error("the database was written to")
	}
}

// The chart's line ends at the figure that the text tells, however far back the
// signatures go.
func TestTheChartStartsWhereItsDaysBegin(t *testing.T) {
	s := spec()
	s.Chart = true
	d := newDesk(t, "2026-01-01 09:00:00")
	d.open("a", "2025-12-01 00:00:00", "2027-01-01 00:00:00", "A")
	d.sign("a", 1, 2, 3)
	d.now = instant("2026-04-01 09:00:00") // more than chartDays later
	d.sign("a", 4)
	said, _ := d.gather(s)
	same(t, "days", said.Signed, []rollcall.DayCount{{Date: rollcall.Date{Year: 2026, Month: 4, Day: 1}, Count: 1}})
	same(t, "counted", said.Petitions[0].Tally.Net(), 4)
}

func TestDeepLinksAreSuch(t *testing.T) {
	got := DeepLink("sample_bot", "p_a-1")
	if got != "https://t.me/sample_bot?start=p_a-1" {
		t.Errorf("got %s", got)
	}
	longest := "p_" + strings.Repeat("a", 32)
	if len(longest) > 64 {
		t.Errorf("a payload of %d characters, Telegram takes 64", len(longest))
	}
}

// Each digest carries the checkpoint of the very count that it tells.
func TestADigestCarriesTheCheckpoint(t *testing.T) {
	d := newDesk(t, "2026-03-01 12:00:00")
	d.open("sample", "2026-02-01 00:00:00", "2027-01-01 00:00:00", "Sample request")
	for i := range byte(3) {
		d.sign("sample", i)
		said, _, err := Gather(d.ctx, d.DB, spec(), Period{To: d.now}, nil)
		d.must(err)
		head, err := d.LogHead(d.ctx, "sample")
		d.must(err)
		note := said.Petitions[0].Checkpoint + "\n"
		if note != string(head.Checkpoint.Note) {
			t.Errorf("the checkpoint is\n%s\nwant\n%s", note, head.Checkpoint.Note)
		}
		posts, err := Posts(spec(), said)
		d.must(err)
		text := ""
		for _, p := range posts {
			text += p.HTML
		}
		if !strings.Contains(text, "<code>"+html.EscapeString(said.Petitions[0].Checkpoint)+"</code>") {
			t.Errorf("the text does not have it as one piece:\n%s", text)
		}
	}
}
