package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/demo"
	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
)

// A Tuesday afternoon.
var now = time.Date(2026, time.November, 24, 15, 4, 5, 600_000_000, time.UTC)

var world = demo.World{Seed: 1, Now: now}

// open opens an empty database whose clock stands at the given instant.
func open(t testing.TB, at time.Time) *store.DB {
	t.Helper()
	keys, err := secret.New([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "demo.db"), store.Options{Now: func() time.Time { return at }, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func fill(t testing.TB, w demo.World) *store.DB {
	t.Helper()
	db := open(t, w.Now)
	if err := w.Fill(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

// instants at which a world must do: the last seconds of a day have a whole day
// behind them, the first ones none, and not every year has the same days.
var instants = []struct {
	name string
	at   time.Time
}{
	{"in the afternoon", now},
	{"in another zone", now.In(time.FixedZone("", -11*3600))},
	{"at midnight", time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)},
	{"a second later", time.Date(2027, time.January, 1, 0, 0, 1, 0, time.UTC)},
	{"a second before midnight", time.Date(2028, time.February, 29, 23, 59, 59, 0, time.UTC)},
}

func TestFill(t *testing.T) {
	for i, tt := range instants {
		t.Run(tt.name, func(t *testing.T) {
			w := demo.World{Seed: uint64(i), Now: tt.at}
			db := fill(t, w)
			if got, err := db.Stats(t.Context()); err != nil || got.People != demo.People || got.Peers != 0 || got.Updates != 0 {
				t.Errorf("got %+v (%v), want %d people and no account", got, err, demo.People)
			}
			if err := db.CheckTallies(t.Context()); err != nil {
				t.Error(err)
			}

			p, err := db.Petition(t.Context(), demo.Slug)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p.Petition, w.Petition()); diff != "" {
				t.Errorf("the petition (-got +want):\n%s", diff)
			}
			if got := p.State(tt.at); got != rollcall.Open {
				t.Errorf("the petition's state is %v, want open", got)
			}
			if got := p.Tally; got.Net() != demo.Signatures || got.Withdrawn < 30 || got.Voided != 0 {
				t.Errorf("the tally is %+v, want %d net and some withdrawn", got, demo.Signatures)
			}
			if late, err := db.MilestonesToPost(t.Context()); err != nil || len(late) != 0 {
				t.Errorf("milestones to be posted late: %v (%v)", late, err)
			}

			rounds, err := db.Rounds(t.Context())
			if err != nil || len(rounds) != 2 {
				t.Fatalf("got %d rounds (%v), want 2", len(rounds), err)
			}
			want := w.Rounds()
			if rounds[0].Title != want[1].Title || rounds[1].Title != want[0].Title {
				t.Errorf("got %s and %s, want the later one first", rounds[0].Title, rounds[1].Title)
			}
			for i, r := range rounds {
				if got, want := len(r.Figures), len(want[1-i].Figures); got != want {
					t.Errorf("%s has %d figures, want %d", r.Title, got, want)
				}
			}
		})
	}
}

// A visitor's signature is the one that reaches a milestone.
func TestNextSignatureReachesAMilestone(t *testing.T) {
	db := fill(t, world)
	if err := db.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.Sign(demo.Slug, 1, [32]byte{1}); return err }); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Sequence(t.Context(), store.Batching{Min: 1, Look: true}); err != nil {
		t.Fatal(err)
	}
	got, err := db.MilestonesToPost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, []store.Milestone{{Petition: demo.Slug, Count: demo.Signatures + 1}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestFillAddsToNoKeepersFiles(t *testing.T) {
	db := fill(t, world)
	if err := world.Fill(t.Context(), db); err != nil {
		t.Errorf("where roster and petition are there: %v", err)
	}
	if s, err := db.Stats(t.Context()); err != nil || s.People != demo.People {
		t.Errorf("got %d people (%v), want %d", s.People, err, demo.People)
	}

}

func TestFillWantsADatabaseOnWhichNoBotHasWorked(t *testing.T) {
	used := open(t, now)
	if err := used.Update(t.Context(), func(tx *store.Tx) error { return tx.RecordUpdate(1, store.UpdateMark{}, store.Answered, nil) }); err != nil {
		t.Fatal(err)
	}
	if got := rollcall.CodeOf(world.Fill(t.Context(), used)); got != rollcall.Conflict {
		t.Errorf("where a bot has worked: got %q, want a conflict", got)
	}

	early := open(t, now.Add(-time.Second))
	if got := rollcall.CodeOf(world.Fill(t.Context(), early)); got != rollcall.Invalid {
		t.Errorf("where the clock stands before the world's: got %q, want invalid", got)
	}
}

func TestFillEndsWithItsContext(t *testing.T) {
	db := open(t, now)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := world.Fill(ctx, db); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// exported returns the roster and the petition's days as another database would
// have them.
func exported(t *testing.T, w demo.World) (rows []rollcall.RosterRow, days []rollcall.DayCount) {
	t.Helper()
	db := fill(t, w)
	if err := db.Export(t.Context(), func(r rollcall.RosterRow) error { rows = append(rows, r); return nil }); err != nil {
		t.Fatal(err)
	}
	days, err := db.PetitionDays(t.Context(), demo.Slug, rollcall.Date{})
	if err != nil {
		t.Fatal(err)
	}
	return rows, days
}

func TestSameSeedSameWorld(t *testing.T) {
	rows, days := exported(t, world)
	again, daysAgain := exported(t, demo.World{Seed: world.Seed, Now: now.In(time.FixedZone("", 5*3600+45*60))})
	if diff := cmp.Diff(again, rows); diff != "" {
		t.Errorf("the roster differs (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(daysAgain, days); diff != "" {
		t.Errorf("the days differ (-got +want):\n%s", diff)
	}
	other := demo.World{Seed: world.Seed + 1, Now: now}
	otherRows, otherDays := exported(t, other)
	if cmp.Equal(otherRows, rows) {
		t.Error("another seed gives the same roster")
	}
	if cmp.Equal(otherDays, days) {
		t.Error("another seed gives the same days")
	}
	if other.Petition().TextSHA256() != world.Petition().TextSHA256() {
		t.Error("another seed gives another petition")
	}
}

func TestRoster(t *testing.T) {
	today := rollcall.DateOf(now)
	people := map[string]rollcall.Person{}
	claims := map[string][]rollcall.Claim{}
	last := ""
	for row := range world.Roster() {
		if errs := row.Validate(today); len(errs) > 0 {
			t.Errorf("%s: %v", row.PublicID, errs)
		}
		if row.PublicID == "" {
			t.Error("a row has no id")
		}
		if !row.Live(today.AddDays(180)) {
			t.Errorf("%s: shown until %v only", row.PublicID, row.Expires)
		}
		for _, s := range append([]string{row.FullName, row.Source}, row.AltNames...) {
			if c, ok := rosterio.Clean(s); !ok || c != s {
				t.Errorf("%s: %q is not clean", row.PublicID, s)
			}
		}
		if was, ok := people[row.PublicID]; ok && (row.PublicID != last || was.FullName != row.FullName || was.BirthYear != row.BirthYear) {
			t.Errorf("%s stands for two people", row.PublicID)
		}
		last = row.PublicID
		people[row.PublicID] = row.Person
		claims[row.PublicID] = append(claims[row.PublicID], row.Claim)
	}
	if got := len(people); got != demo.People {
		t.Errorf("%d people, want %d", got, demo.People)
	}
	disagree := 0
	for _, cs := range claims {
		if slices.ContainsFunc(cs, func(c rollcall.Claim) bool { return c.Status != cs[0].Status }) {
			disagree++
		}
	}
	if disagree < 40 {
		t.Errorf("sources disagree over %d people, want 40 at least", disagree)
	}

	// What others rely on.
	for id, want := range map[string][]rollcall.Status{
		demo.Disputed:  {rollcall.Missing, rollcall.ReportedHeld, rollcall.SaidNotIncluded},
		demo.Hard:      {rollcall.Missing, rollcall.Deceased},
		demo.Home:      {rollcall.ReportedHeld, rollcall.Returned, rollcall.Returned},
		demo.Confirmed: {rollcall.ConfirmedHeld, rollcall.SaidNotIncluded},
	} {
		var got []rollcall.Status
		sources := map[string]bool{}
		for _, c := range claims[id] {
			got = append(got, c.Status)
			sources[c.Source] = true
		}
		if diff := cmp.Diff(got, want); diff != "" || len(sources) != len(want) {
			t.Errorf("%s, by %d sources (-got +want):\n%s", id, len(sources), diff)
		}
	}
	for _, pair := range [][2]string{{demo.ElderNamesake, demo.YoungerNamesake}, {demo.ElderLatinNamesake, demo.YoungerLatinNamesake}} {
		elder, younger := people[pair[0]], people[pair[1]]
		if elder.FullName != younger.FullName || elder.BirthYear >= younger.BirthYear {
			t.Errorf("%v are no namesakes of two years", pair)
		}
	}
	if name := people[demo.Hyphenated].FullName; !strings.Contains(name, "-") || !strings.Contains(name, "'") {
		t.Errorf("got %s, want a hyphen and an apostrophe", name)
	}
	if p := people[demo.Yearless]; p.FullName == "" || p.BirthYear != 0 {
		t.Errorf("got %v, want no birth year", p)
	}
}

// Every suggestion finds whom it names and nobody else, whatever the seed: no one
// of the rest of the roster bears the name of a fixed person.
func TestSuggestions(t *testing.T) {
	for seed := range uint64(4) {
		db := fill(t, demo.World{Seed: seed, Now: now})
		searcher := search.New(db)
		for _, l := range rollcall.Languages {
			kinds := map[demo.Kind]int{}
			scripts := map[bool]bool{} // of the exact ones
			for i, s := range (demo.World{}).Suggestions(l) {
				kinds[s.Kind]++
				if s.Shows == "" {
					t.Errorf("%s: nothing is said of %q", l, s.Text)
				}
				if s.Kind == demo.Exact {
					scripts[s.Text[0] < 0x80] = true
				}
				want := search.Match
				switch s.Kind {
				case demo.Misspelt:
					want = search.Near
				case demo.Nobody:
					want = search.None
				}
				res, err := searcher.Find(t.Context(), search.ParseQuery(s.Text, now), search.Options{})
				if err != nil {
					t.Fatal(err)
				}
				var ids []string
				for _, h := range res.Hits {
					ids = append(ids, h.Person.PublicID)
				}
				slices.Sort(ids)
				if res.Verdict != want || !slices.Equal(ids, s.IDs) {
					t.Errorf("seed %d, %s, %q: got %s %v, want %s %v", seed, l, s.Text, res.Verdict, ids, want, s.IDs)
				}
				if n := len(s.IDs); (s.Kind == demo.Namesakes) != (n == 2) || (s.Kind == demo.Nobody) != (n == 0) {
					t.Errorf("%s, %q: %d people for an example of %s", l, s.Text, n, s.Kind)
				}
				if i == 0 && !slices.Equal(s.IDs, []string{demo.Disputed}) {
					t.Errorf("%s: the first finds %v, want %s", l, s.IDs, demo.Disputed)
				}
				if s.Kind == demo.Death && !slices.Equal(s.IDs, []string{demo.Hard}) {
					t.Errorf("%s: the death is of %v", l, s.IDs)
				}
			}
			for _, k := range []demo.Kind{demo.Exact, demo.Romanised, demo.Loose, demo.Misspelt, demo.Namesakes, demo.Death, demo.Nobody} {
				if kinds[k] == 0 {
					t.Errorf("%s has no example of %s", l, k)
				}
			}
			if len(scripts) != 2 {
				t.Errorf("%s has exact names of one script only", l)
			}
		}
	}
}

func TestPetition(t *testing.T) {
	for _, tt := range instants {
		t.Run(tt.name, func(t *testing.T) {
			p := demo.World{Now: tt.at}.Petition()
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
			for name, d := range map[string]time.Duration{"opened before": tt.at.Sub(p.Opens), "closes after": p.Closes.Sub(tt.at)} {
				if days := d.Hours() / 24; days < 29 || days > 31 {
					t.Errorf("%s: %.1f days, want about 30", name, days)
				}
			}
			if len(p.Text) != len(rollcall.Languages) {
				t.Errorf("the text is in %d languages", len(p.Text))
			}
			if !slices.Contains(p.Milestones, demo.Signatures+1) {
				t.Error("the next signature reaches no milestone")
			}
		})
	}
}

// The course must look like one of a petition: the figures are of the sums of
// weeks, so that the noise of a day does not decide.
func TestCourseIsBelievable(t *testing.T) {
	for seed := range uint64(5) {
		_, days := exported(t, demo.World{Seed: seed, Now: now})
		if len(days) != 31 {
			t.Fatalf("seed %d: signed on %d days, want 31", seed, len(days))
		}
		sum := func(from, to int) (n int) {
			for _, d := range days[from:to] {
				n += d.Count
			}
			return n
		}
		first, ebb, second, late := sum(0, 7), sum(8, 15), sum(16, 23), sum(23, 30)
		if !(first > second && second > 3*ebb/2 && second > 2*late && ebb > 50 && late > 50) {
			t.Errorf("seed %d: weeks of %d, %d, %d and %d; want a rush, an ebb, a second wave, an ebb", seed, first, ebb, second, late)
		}
		for _, d := range days {
			if d.Count < 0 {
				t.Errorf("seed %d: more withdrawn than signed on a day", seed)
			}
		}
	}
}

func TestRounds(t *testing.T) {
	today := rollcall.DateOf(now)
	for _, r := range world.Rounds() {
		type at struct {
			side  rollcall.Side
			stage rollcall.Stage
		}
		counts := map[at]map[int]bool{}
		sources := map[string]bool{}
		for _, f := range r.Figures {
			if f.Date.Compare(today) > 0 || !slices.Contains(rollcall.Stages, f.Stage) || f.Count <= 0 {
				t.Errorf("%s: a bad figure: %+v", r.Title, f)
			}
			k := at{f.Side, f.Stage}
			if counts[k] == nil {
				counts[k] = map[int]bool{}
			}
			counts[k][f.Count] = true
			sources[f.Source] = true
		}
		disagree, gaps := 0, 0
		for _, stage := range rollcall.Stages {
			a, b := counts[at{rollcall.SideA, stage}], counts[at{rollcall.SideB, stage}]
			if len(a) > 1 || len(b) > 1 {
				disagree++
			}
			if (len(a) == 0) != (len(b) == 0) {
				gaps++
			}
		}
		if len(sources) != 3 || disagree == 0 || gaps == 0 {
			t.Errorf("%s: %d sources, %d stages with a disagreement, %d gaps", r.Title, len(sources), disagree, gaps)
		}
	}
}

// send imports a file as a keeper does.
func send(t *testing.T, db *store.DB, name string, data []byte) (rosterio.ImportReport, error) {
	t.Helper()
	format, err := rosterio.FormatOf(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rosterio.NewReader(bytes.NewReader(data), int64(len(data)), name, format, rollcall.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return rosterio.Import(t.Context(), db, r, store.Shell, rosterio.ImportOptions{})
}

func TestRosterFile(t *testing.T) {
	db := fill(t, world)
	name, data := world.RosterFile()
	rep, err := send(t, db, name, data)
	if err != nil {
		t.Fatal(err, rep.Faults)
	}
	if diff := cmp.Diff(rep, rosterio.ImportReport{Rows: 12, BatchSummary: store.BatchSummary{People: 11, Claims: 12}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	first := world.Suggestions(rollcall.English)[0]
	res, err := search.New(db).Find(t.Context(), search.ParseQuery(first.Text, now), search.Options{})
	if err != nil || len(res.Hits) != 1 {
		t.Fatalf("got %v (%v)", res, err)
	}
	claims, err := db.LiveClaims(t.Context(), res.Hits[0].Person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if yesterday := rollcall.DateOf(now).AddDays(-1); len(claims) != 4 || claims[0].Date != yesterday {
		t.Errorf("got %+v, want a fourth claim, of yesterday, first", claims)
	}
	rep, err = send(t, db, name, data)
	if diff := cmp.Diff(rep, rosterio.ImportReport{Rows: 12, BatchSummary: store.BatchSummary{Renewed: 12}}); err != nil || diff != "" {
		t.Errorf("a second time (-got +want), %v:\n%s", err, diff)
	}
}

func TestBadRosterFile(t *testing.T) {
	db := fill(t, world)
	before, err := db.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name, data := world.BadRosterFile()
	rep, err := send(t, db, name, data)
	if !errors.Is(err, rosterio.ErrBadRows) {
		t.Fatalf("got %v, want %v", err, rosterio.ErrBadRows)
	}
	var got []string
	for _, f := range rep.Faults {
		got = append(got, fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Column))
	}
	if diff := cmp.Diff(got, []string{name + ":4: status", name + ":7: status_date", name + ":10: source"}); diff != "" {
		t.Errorf("the faults (-got +want):\n%s", diff)
	}
	after, err := db.Stats(t.Context())
	if diff := cmp.Diff(after, before); err != nil || diff != "" {
		t.Errorf("something was stored (-got +want), %v:\n%s", err, diff)
	}
}

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		fill(b, world)
	}
}
