package command

import (
	"context"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// maxQueryRunes is longer than any name with its year and a sentence around it.
const maxQueryRunes = 400

// find looks up the name behind the command.
func (b *Bot) find(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if r.Args == "" {
		return r.Reply(message(r.Say.FindPrompt())), nil
	}
	return b.lookup(ctx, r, r.Args)
}

// text takes plain text in private as a lookup.
func (b *Bot) text(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.lookup(ctx, r, r.Args)
}

func (b *Bot) askName(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.FindPrompt())), nil
}

func (b *Bot) lookup(ctx context.Context, r *telegram.Request, text string) (telegram.Answer, error) {
	if utf8.RuneCountInString(text) > maxQueryRunes {
		return r.Reply(message(r.Say.TooLong())), nil
	}
	q := search.ParseQuery(text, r.Now)
	if q.Vague() {
		q = b.waiting.join(r.From, q, r.Now)
	}
	switch {
	case len(q.Parts) == 0:
		return r.Reply(message(r.Say.FindPrompt())), nil
	case b.RequireYear && q.YearFrom == 0 && !q.Vague():
		b.waiting.keep(r.From, q, r.Now)
		return r.Reply(message(r.Say.NeedYearPrompt())), nil
	case q.Vague(), q.YearFrom == 0 && len(q.Parts) < b.MinParts, len(q.Parts) < b.MinParts-1:
		b.waiting.keep(r.From, q, r.Now)
		return r.Reply(message(r.Say.OnePartPrompt())), nil
	}
	b.waiting.forget(r.From)
	res, err := b.Search.Find(ctx, q, search.Options{Limit: b.MaxResults + 1})
	if err != nil {
		return telegram.Answer{}, err
	}
	switch {
	case res.Verdict == search.Match && len(res.Hits) > b.MaxResults:
		return r.Reply(message(r.Say.AddDetail())), nil
	case res.Verdict == search.Match && len(res.Hits) == 1:
		return b.card(ctx, r, res.Hits[0].Person.ID, false)
	case res.Verdict == search.Match:
		return r.Reply(b.choice(r, r.Say.Choose(), res.Hits)), nil
	case res.Verdict == search.Near && len(res.Hits) > 0:
		return r.Reply(b.didYouMean(r, res.Hits[:min(len(res.Hits), b.MaxResults)])), nil
	}
	return r.Reply(b.nothing(r)), nil
}

// choice offers entries by name and birth year, and tells nothing else.
func (b *Bot) choice(r *telegram.Request, text render.HTML, hits []search.Hit) render.Message {
	var rows [][]render.Button
	for _, h := range hits {
		rows = append(rows, row(b.personButton(r, r.Say.ChoiceLabel(h.Person), "card", h.Person.ID)))
	}
	m := message(text, rows...)
	m.Protect = true
	return m
}

// didYouMean offers spellings, without years and without claims.
func (b *Bot) didYouMean(r *telegram.Request, hits []search.Hit) render.Message {
	var spelled []string
	var rows [][]render.Button
	for _, h := range hits {
		name := rollcall.Person{FullName: h.Person.FullName}
		rows = append(rows, row(b.personButton(r, r.Say.ChoiceLabel(name), "card", h.Person.ID)))
		if !slices.Contains(spelled, h.Person.FullName) {
			spelled = append(spelled, h.Person.FullName)
		}
	}
	m := message(r.Say.DidYouMean(spelled), rows...)
	m.Protect = true
	return m
}

// nothing is the one answer for who is absent, hidden, expired or taken down.
func (b *Bot) nothing(r *telegram.Request) render.Message {
	return message(r.Say.NothingFound(b.Tracing))
}

// card shows an entry. One with a live claim of a death says first that it
// holds a hard statement, unless it was asked to be shown.
func (b *Bot) card(ctx context.Context, r *telegram.Request, id rollcall.PersonID, asked bool) (telegram.Answer, error) {
	c, err := b.DB.Card(ctx, id)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Replace(b.nothing(r)), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return r.Replace(b.cardMessage(r, c, asked)), nil
}

func (b *Bot) cardMessage(r *telegram.Request, c store.Card, asked bool) render.Message {
	hard := slices.ContainsFunc(c.Claims, func(c rollcall.Claim) bool { return c.Status == rollcall.Deceased })
	if hard && !asked {
		m := message(r.Say.HardStatement(b.Tracing),
			row(b.personButton(r, r.Say.Label(render.LabelShowIt), "show", c.ID)),
			row(b.tracingButton(r)))
		m.Protect = true
		return m
	}
	m := message(r.Say.Card(c.Person, c.Claims, b.Tracing), row(b.tracingButton(r)))
	m.Protect = true
	return m
}

// tracingButton opens the one tracing service, or lists them where there are
// several.
func (b *Bot) tracingButton(r *telegram.Request) render.Button {
	if len(b.Tracing) == 1 {
		return render.Button{Label: r.Say.Label(render.LabelTracing), URL: b.Tracing[0].URL}
	}
	return button(r, render.LabelTracing, "tracing")
}

func (b *Bot) pressCard(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.card(ctx, r, pressedPerson(r), false)
}

func (b *Bot) pressShow(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.card(ctx, r, pressedPerson(r), true)
}

func (b *Bot) pressTracing(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.Tracing(b.Tracing))), nil
}

// dialogs remember, in memory and for ten minutes, what an account has said of
// a name that was not enough, so that it may answer "and the given name?" with
// the given name alone.
type dialogs struct {
	mu   sync.Mutex
	said map[rollcall.UserID]said
}

type said struct {
	query search.Query
	at    time.Time
}

const (
	dialogTTL  = 10 * time.Minute
	maxDialogs = 10_000
)

func newDialogs() *dialogs { return &dialogs{said: map[rollcall.UserID]said{}} }

// join adds what was said before to a query that is not enough by itself.
func (d *dialogs) join(user rollcall.UserID, q search.Query, now time.Time) search.Query {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.said[user]
	if !ok || now.Sub(s.at) > dialogTTL || len(q.Parts) == 0 && q.YearFrom == 0 {
		return q
	}
	q.Parts = slices.Concat(s.query.Parts, q.Parts)
	q.Maybe = slices.Concat(s.query.Maybe, q.Maybe)
	if q.YearFrom == 0 {
		q.YearFrom, q.YearTo = s.query.YearFrom, s.query.YearTo
	}
	return q
}

func (d *dialogs) keep(user rollcall.UserID, q search.Query, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.said) >= maxDialogs {
		for id, s := range d.said {
			if now.Sub(s.at) > dialogTTL {
				delete(d.said, id)
			}
		}
	}
	if len(d.said) >= maxDialogs { // a flood: better forget all than grow
		clear(d.said)
	}
	d.said[user] = said{q, now}
}

func (d *dialogs) forget(user rollcall.UserID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.said, user)
}
