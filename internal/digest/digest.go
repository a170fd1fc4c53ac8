// Package digest gathers the figures of a period and freezes them as posts.
//
// What a digest says is made once per occurrence and kept; nothing of it is
// computed again when it is sent, sent late, or asked for. It holds figures of
// people and never a name, and no figure of the deceased.
//
// What was posted and is otherwise now is corrected: see [rollcall.Correction] for
// what that is. A digest keeps what it stated of rounds, and the next one for the
// same audience compares: a statement that is another or gone has a line "Correction
// of 18 November: …", one that came and went between the two has none, and neither
// has one whose change a reader could not have seen. So the line follows from two
// digests alone, whatever happened between them. In the channel the post itself is
// answered at once, by package jobs.
//
// A keeper may leave sections out. These are neither gathered nor kept, so that the
// next digest compares itself with what the one before said and with nothing else: a
// part that comes new has no change beside it, and a part that goes is not told of as
// withdrawn. Corrections need the rounds that they correct.
package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/chart"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// A Spec is what a digest is by its configuration.
type Spec struct {
	Name     string
	Chat     rollcall.ChatID
	Language rollcall.Language
	Zone     *time.Location
	Chart    bool              // with the petition's section only
	Sections rollcall.Sections // none: all
	Sides    map[rollcall.Side]string
	Username string // the bot's, for deep links

	// Edition is set in the place of Chat for subscribers: the name of theirs
	// (rollcall.Edition).
	Edition string
}

// Audience is whom the digest is for.
func (s Spec) Audience() store.Audience { return store.Audience{Chat: s.Chat, Edition: s.Edition} }

// ForEdition is the digest as subscribers of an edition get it. zone is the
// edition's, loaded.
func (s Spec) ForEdition(e rollcall.Edition, zone *time.Location) Spec {
	s.Chat, s.Edition, s.Language, s.Zone = 0, e.String(), e.Language, zone
	return s
}

// Figures are what the next digest compares itself with; they are kept with the
// occurrence. Those of the deceased are not among them: a digest that comes
// though nothing in it has changed would tell of one. Nor is what its sections left
// out.
type Figures struct {
	Sections  rollcall.Sections         `json:"sections,omitempty"`
	People    map[rollcall.Status]int   `json:"people"`
	Total     int                       `json:"total"`
	Petitions map[string]rollcall.Tally `json:"petitions"`
	Goals     map[string]int            `json:"goals"`  // of petitions
	Closed    []string                  `json:"closed"` // petitions, which need not be told of again
	Stated    []Stated                  `json:"stated"` // of rounds, by sources

	// Corrections is the id of the last correction that Stated contains, 0 for none.
	Corrections int64 `json:"corrections"`
}

// Stated is what a digest states of a round.
type Stated struct {
	Round   string         `json:"round"`
	Side    rollcall.Side  `json:"side"`
	Stage   rollcall.Stage `json:"stage"`
	Date    rollcall.Date  `json:"date"`
	Source  string         `json:"source"`
	URL     string         `json:"url,omitempty"`
	Count   int            `json:"count"`
	AtLeast bool           `json:"at_least,omitempty"`
}

// Same reports whether a digest with the figures g has nothing new to tell after one
// with f: not a figure of people or of a petition or its goal, not what a source is said to
// have stated, and no petition was closed. Only what g's sections say counts; one that f's
// did not say is new. Where one person came and another went there is nothing new to
// tell; and a statement that was corrected and set right again is the same.
func (f Figures) Same(g Figures) bool {
	for _, part := range rollcall.AllSections {
		switch {
		case !g.Sections.Has(part) || part == rollcall.CorrectionsSection:
		case !f.Sections.Has(part),
			part == rollcall.PeopleSection && !(f.Total == g.Total && maps.Equal(f.People, g.People)),
			part == rollcall.RoundsSection && !slices.Equal(bare(f.Stated), bare(g.Stated)),
			part == rollcall.PetitionSection && !(maps.Equal(f.Petitions, g.Petitions) && maps.Equal(f.Goals, g.Goals) && slices.Equal(f.Closed, g.Closed)):
			return false
		}
	}
	return true
}

// A Period is what one digest is about.
type Period struct {
	Number   int
	From, To time.Time // From is zero for the first
	Late     bool
}

// chartDays is how far back the chart goes.
const chartDays = 60

// Gather reads the figures as they stand, of the spec's sections alone. before are
// those of the digest before this one, nil for the first.
func Gather(ctx context.Context, db *store.DB, s Spec, p Period, before *Figures) (rollcall.Digest, Figures, error) {
	d := rollcall.Digest{Name: s.Name, Number: p.Number, From: p.From, To: p.To, Zone: s.Zone, Late: p.Late, Sections: s.Sections}
	now := Figures{Sections: s.Sections}
	for _, part := range []struct {
		section rollcall.Section
		gather  func(context.Context, *store.DB, Spec, *Figures, *rollcall.Digest, *Figures) error
	}{{rollcall.PeopleSection, gatherPeople}, {rollcall.RoundsSection, gatherRounds}, {rollcall.PetitionSection, gatherPetitions}} {
		if !s.Sections.Has(part.section) {
			continue
		}
		if err := part.gather(ctx, db, s, before, &d, &now); err != nil {
			return rollcall.Digest{}, Figures{}, fmt.Errorf("gather digest %s: %w", s.Name, err)
		}
	}
	return d, now, nil
}

// told reports whether a digest with these figures, nil for none, had the section.
func (f *Figures) told(part rollcall.Section) bool { return f != nil && f.Sections.Has(part) }

func gatherPeople(ctx context.Context, db *store.DB, _ Spec, before *Figures, d *rollcall.Digest, now *Figures) (err error) {
	if now.People, now.Total, err = db.StatusFigures(ctx); err != nil {
		return err
	}
	delete(now.People, rollcall.Deceased)
	d.Total = now.Total
	if d.PriorSeen = before.told(rollcall.PeopleSection); d.PriorSeen {
		d.TotalWas = before.Total
	}
	for _, st := range rollcall.Statuses {
		if st == rollcall.Deceased {
			continue
		}
		f := rollcall.StatusFigure{Status: st, Count: now.People[st]}
		if d.PriorSeen {
			f.Was = before.People[st]
		}
		d.People = append(d.People, f)
	}
	return nil
}

func gatherRounds(ctx context.Context, db *store.DB, s Spec, before *Figures, d *rollcall.Digest, now *Figures) (err error) {
	if d.Rounds, now.Corrections, err = db.RoundsCorrected(ctx); err != nil {
		return err
	}
	now.Stated = stated(d.Rounds)
	if before.told(rollcall.RoundsSection) && s.Sections.Has(rollcall.CorrectionsSection) {
		d.Corrections, err = corrections(ctx, db, *before, *now, d.To)
	}
	return err
}

func gatherPetitions(ctx context.Context, db *store.DB, s Spec, before *Figures, d *rollcall.Digest, now *Figures) error {
	petitions, err := db.Petitions(ctx)
	if err != nil {
		return err
	}
	seen := before.told(rollcall.PetitionSection)
	now.Petitions, now.Goals = map[string]rollcall.Tally{}, map[string]int{}
	for _, rec := range petitions {
		now.Petitions[rec.Slug] = rec.Tally
		now.Goals[rec.Slug] = rec.Goal.Count
		state := rec.State(d.To)
		told := false
		if state == rollcall.Closed {
			// It is told of once more, in the first digest that finds it closed.
			told = seen && slices.Contains(before.Closed, rec.Slug)
			now.Closed = append(now.Closed, rec.Slug)
		}
		if state == rollcall.Upcoming || told {
			continue
		}
		f := rollcall.PetitionFigures{Slug: rec.Slug, Title: rec.Title, State: state, Closes: rec.Closes, Goal: rec.Goal.Count, Tally: rec.Tally, Since: rec.Tally,
			Checkpoint: strings.TrimSuffix(rec.Checkpoint, "\n"), SinceUnknown: before != nil && !seen}
		if seen {
			if goal := before.Goals[rec.Slug]; goal < rec.Goal.Count {
				f.GoalWas = goal
			}
			was := before.Petitions[rec.Slug]
			f.Since.Signed -= was.Signed
			f.Since.Withdrawn -= was.Withdrawn
			f.Since.Voided -= was.Voided
		}
		if d.Petitions == nil && s.Chart {
			if d.Signed, err = db.PetitionDays(ctx, rec.Slug, rollcall.DateOf(d.To.UTC()).AddDays(-chartDays)); err != nil {
				return err
			}
		}
		d.Petitions = append(d.Petitions, f)
	}
	return nil
}

// Posts makes the messages of a digest: a picture with the text as its caption,
// or the picture and then the text where that is over a caption's limit, or the
// text alone. A chart that cannot be drawn is left out; its error is returned
// beside the posts, which are complete without it.
func Posts(s Spec, d rollcall.Digest) (posts []store.Post, chartErr error) {
	say := render.For(s.Language)
	text := say.Digest(d, s.Sides)
	buttons := EncodeButtons(Buttons(say, s.Username, d.Petitions))
	var png []byte
	if s.Chart && len(d.Petitions) > 0 {
		png, chartErr = drawChart(say, d)
	}
	switch {
	case png == nil:
		text = render.Truncate(text, render.MaxTextUTF16)
		posts = []store.Post{{HTML: string(text), Buttons: buttons}}
	case render.UTF16Len(render.Plain(text)) <= render.MaxCaptionUTF16:
		posts = []store.Post{{HTML: string(text), Buttons: buttons, Chart: png}}
	default:
		text = render.Truncate(text, render.MaxTextUTF16)
		posts = []store.Post{{Chart: png, Buttons: EncodeButtons(nil)}, {HTML: string(text), Buttons: buttons}}
	}
	return posts, chartErr
}

func drawChart(say *render.Phrases, d rollcall.Digest) ([]byte, error) {
	p := d.Petitions[0]
	before := p.Tally.Net()
	for _, day := range d.Signed {
		before -= day.Count
	}
	// The days end at the digest's own, so that a quiet week shows.
	days := append(d.Signed[:len(d.Signed):len(d.Signed)], rollcall.DayCount{Date: rollcall.DateOf(d.To.UTC())})
	return chart.Signatures(chart.Spec{
		Title:    rollcall.In(p.Title, say.Language()),
		Subtitle: say.ChartTitle(),
		Goal:     p.Goal,
		GoalText: say.ChartGoal(),
		Days:     days,
		Before:   before,
	})
}

// Buttons are a digest's deep links. The petition's stand there only while one
// is open.
func Buttons(say *render.Phrases, username string, petitions []rollcall.PetitionFigures) [][]render.Button {
	rows := [][]render.Button{{{Label: say.Label(render.LabelLookUp), URL: DeepLink(username, "find")}}}
	for _, p := range petitions {
		if p.State == rollcall.Open {
			return append(rows,
				[]render.Button{{Label: say.Label(render.LabelSignThePetition), URL: DeepLink(username, "p_"+p.Slug)}},
				[]render.Button{{Label: say.Label(render.LabelCheckCount), URL: DeepLink(username, "v_"+p.Slug)}})
		}
	}
	return rows
}

// DeepLink is an address that opens the private chat with the bot and, when the
// person presses Start, sends the payload (Bot API, "Deep linking"): at most 64
// of A-Z a-z 0-9 _ -.
func DeepLink(username, payload string) string {
	return "https://t.me/" + username + "?start=" + payload
}

// EncodeButtons writes buttons as they are kept with a post.
func EncodeButtons(rows [][]render.Button) string {
	if rows == nil {
		rows = [][]render.Button{}
	}
	b, err := json.Marshal(rows)
	if err != nil {
		panic("digest: buttons are always encodable: " + err.Error())
	}
	return string(b)
}

// DecodeButtons reads what [EncodeButtons] wrote.
func DecodeButtons(s string) (rows [][]render.Button, err error) {
	if err := json.Unmarshal([]byte(s), &rows); err != nil {
		return nil, fmt.Errorf("read a post's buttons: %w", err)
	}
	return rows, nil
}

// Next is what the next digest of the spec would be if it were due now: its
// period and what it compares itself with.
func Next(ctx context.Context, db *store.DB, s Spec, now time.Time) (Period, *Figures, error) {
	p := Period{Number: 1, To: now}
	last, err := db.LastPosted(ctx, s.Name, s.Audience())
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return p, nil, nil
	}
	if err != nil {
		return p, nil, err
	}
	var before Figures
	if err := json.Unmarshal(last.Figures, &before); err != nil {
		return p, nil, fmt.Errorf("read the figures of digest %s: %w", s.Name, err)
	}
	p.Number, p.From = last.Number+1, last.PlannedAt
	return p, &before, nil
}

// Preview makes the posts that the next digest would have if it were due now.
// Nothing is written.
func Preview(ctx context.Context, db *store.DB, s Spec, now time.Time) ([]store.Post, error) {
	p, before, err := Next(ctx, db, s, now)
	if err != nil {
		return nil, err
	}
	d, _, err := Gather(ctx, db, s, p, before)
	if err != nil {
		return nil, err
	}
	return Posts(s, d)
}
