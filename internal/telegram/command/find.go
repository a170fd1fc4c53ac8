package command

import (
	"context"
	"slices"
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
func (h *Handlers) find(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if r.Args == "" {
		return r.Reply(message(r.Say.FindPrompt())), nil
	}
	return h.lookup(ctx, r, r.Args)
}

// text takes plain text in private as the answer that a form waits for, or else as
// a lookup.
func (h *Handlers) text(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if a, ok, err := h.answerForm(ctx, r); ok {
		return a, err
	}
	return h.lookup(ctx, r, r.Args)
}

func (h *Handlers) askName(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.FindPrompt())), nil
}

func (h *Handlers) lookup(ctx context.Context, r *telegram.Request, text string) (telegram.Answer, error) {
	if utf8.RuneCountInString(text) > maxQueryRunes {
		return r.Reply(message(r.Say.TooLong())), nil
	}
	q := search.ParseQuery(text, r.Now)
	if q.Vague() {
		q = h.waiting.join(r.From, q, r.Now)
	}
	switch {
	case len(q.Parts) == 0:
		return r.Reply(message(r.Say.FindPrompt())), nil
	case h.RequireYear && q.YearFrom == 0 && !q.Vague():
		h.waiting.keep(r.From, q, r.Now)
		return r.Reply(message(r.Say.NeedYearPrompt())), nil
	case q.Vague(), q.YearFrom == 0 && len(q.Parts) < h.MinParts, len(q.Parts) < h.MinParts-1:
		h.waiting.keep(r.From, q, r.Now)
		return r.Reply(message(r.Say.OnePartPrompt())), nil
	}
	a, budget, err := h.allowance(ctx, r, true)
	if err != nil {
		return telegram.Answer{}, err
	}
	fullOnly := a.reached == render.FullOnly
	switch {
	case a.closed():
		return r.Reply(h.limit(r, a)), nil
	case fullOnly && !q.Full():
		h.waiting.keep(r.From, q, r.Now)
		return r.Reply(h.limit(r, a)), nil
	}
	h.waiting.forget(r.From)
	// What is published while the roster is searched may not be seen by it.
	version, err := h.DB.RosterVersion(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	began := time.Now()
	res, err := h.Search.Find(ctx, q, search.Options{Limit: h.MaxResults + 1})
	if err != nil {
		return telegram.Answer{}, err
	}
	if fullOnly {
		res = res.Full()
	}
	o, err := h.offer(ctx, r, res, a)
	if o.nothing {
		o.message = h.nothingYet(r, q, version)
	}
	if len(o.people) == 0 {
		even(ctx, began)
	}
	return h.charged(r, o, budget, true), err
}

// offer is the answer to a search, within the allowance; where there is nothing to
// show, it has no message yet. While only full matches are shown there may be
// something at another time, and nobody is to be told when "that changes".
func (h *Handlers) offer(ctx context.Context, r *telegram.Request, res search.Result, a allowance) (offer, error) {
	o := offer{full: a.reached == render.FullOnly}
	if res.Verdict == search.Near {
		res.Hits = res.Hits[:min(len(res.Hits), h.MaxResults)]
	}
	if len(res.Hits) > h.MaxResults {
		o.message = message(r.Say.AddDetail())
		return o, nil
	}
	hits, ok, err := h.fits(ctx, r, res, a.room)
	if err != nil {
		return o, err
	}
	o.people, o.hits = people(hits), hits
	switch {
	case !ok:
		o.message = message(r.Say.AddDetail())
	case len(hits) == 0 && o.full:
		o.message = message(r.Say.NothingInFull(h.Tracing, a.until.In(h.zone()), h.Contact))
	case len(hits) == 0:
		o.nothing = true
	case res.Verdict == search.Near:
		o.message = h.didYouMean(r, hits)
	case len(hits) > 1:
		o.message = h.choice(r, r.Say.Choose(), hits)
	default:
		// The search has just seen that the entry may be shown.
		claims, err := h.DB.LiveClaims(ctx, hits[0].Person.ID)
		if err != nil {
			return o, err
		}
		o.message, err = h.cardMessage(ctx, r, store.Card{Person: hits[0].Person, Claims: claims}, false)
		return o, err
	}
	return o, nil
}

// choice offers entries by name and birth year, and tells nothing else.
func (h *Handlers) choice(r *telegram.Request, text render.HTML, hits []search.Hit) render.Message {
	var rows [][]render.Button
	for _, hit := range hits {
		rows = append(rows, row(h.personButton(r, r.Say.ChoiceLabel(hit.Person), "card", hit.Person.ID)))
	}
	m := message(text, rows...)
	m.Protect = true
	return m
}

// didYouMean offers spellings, without years and without claims.
func (h *Handlers) didYouMean(r *telegram.Request, hits []search.Hit) render.Message {
	var spelled []string
	var rows [][]render.Button
	for _, hit := range hits {
		name := rollcall.Person{FullName: hit.Person.FullName}
		rows = append(rows, row(h.personButton(r, r.Say.ChoiceLabel(name), "card", hit.Person.ID)))
		if !slices.Contains(spelled, hit.Person.FullName) {
			spelled = append(spelled, hit.Person.FullName)
		}
	}
	m := message(r.Say.DidYouMean(spelled), rows...)
	m.Protect = true
	return m
}

// nothing is the one answer for who is absent, hidden, expired or taken down.
func (h *Handlers) nothing(r *telegram.Request) render.Message {
	return message(r.Say.NothingFound(h.Tracing))
}

// evenStep is longer than most searches take, and too short for a person to notice.
const evenStep = 20 * time.Millisecond

// even waits until a whole number of steps has passed. Who is absent is found to be
// so sooner than who is hidden, expired or taken down, and the time of an answer
// would tell what its words do not.
func even(ctx context.Context, began time.Time) {
	t := time.NewTimer(evenStep - time.Since(began)%evenStep)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// card shows an entry. One with a live claim of a death says first that it
// holds a hard statement, unless it was asked to be shown. Its button was made for
// the account when it was shown the entry; it is of no use for more once that no
// longer counts.
func (h *Handlers) card(ctx context.Context, r *telegram.Request, id rollcall.PersonID, asked bool) (telegram.Answer, error) {
	due, budget, refused, err := h.opening(ctx, r, id)
	if err != nil {
		return telegram.Answer{}, err
	}
	if refused != nil {
		return r.Reply(*refused), nil
	}
	c, err := h.DB.Card(ctx, id)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Replace(h.nothing(r)), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	m, err := h.cardMessage(ctx, r, c, asked)
	if !due || err != nil {
		return r.Replace(m), err
	}
	return h.charged(r, offer{message: m, people: []rollcall.PersonID{id}}, budget, false), nil
}

func (h *Handlers) cardMessage(ctx context.Context, r *telegram.Request, c store.Card, asked bool) (render.Message, error) {
	hard := slices.ContainsFunc(c.Claims, func(c rollcall.Claim) bool { return c.Status == rollcall.Deceased })
	if hard && !asked {
		m := message(r.Say.HardStatement(h.Tracing),
			row(h.personButton(r, r.Say.Label(render.LabelShowIt), "show", c.ID)),
			row(h.tracingButton(r)))
		m.Protect = true
		return m, nil
	}
	watched, err := h.DB.Watched(ctx, r.From, c.ID)
	m := message(r.Say.Card(c.Person, c.Claims, h.Tracing), h.cardButtons(r, c.ID, watched)...)
	m.Protect = true
	return m, err
}

// cardButtons stand under a card; watched says whether its reader watches it.
func (h *Handlers) cardButtons(r *telegram.Request, id rollcall.PersonID, watched bool) [][]render.Button {
	watch := h.personButton(r, r.Say.Label(render.LabelWatch), "watch", id)
	if watched {
		watch = h.personButton(r, r.Say.Label(render.LabelStop), "stop", id)
	}
	wrong := h.personButton(r, r.Say.Label(render.LabelWrong), "wrong", id)
	return [][]render.Button{row(watch), row(wrong), row(h.tracingButton(r))}
}

// tracingButton opens the one tracing service, or lists them where there are
// several.
func (h *Handlers) tracingButton(r *telegram.Request) render.Button {
	if len(h.Tracing) == 1 {
		return render.Button{Label: r.Say.Label(render.LabelTracing), URL: h.Tracing[0].URL}
	}
	return button(r, render.LabelTracing, "tracing")
}

func (h *Handlers) pressCard(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.card(ctx, r, pressedPerson(r), false)
}

func (h *Handlers) pressShow(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.card(ctx, r, pressedPerson(r), true)
}

func (h *Handlers) pressTracing(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.Tracing(h.Tracing))), nil
}

// dialogs remember what an account has said of a name that was not enough, so that
// it may answer "and the given name?" with the given name alone.
type dialogs struct{ memory[search.Query] }

// join adds what was said before to a query that is not enough by itself. Where
// both are more than any name has, what was said before is let go.
func (d *dialogs) join(user rollcall.UserID, q search.Query, now time.Time) search.Query {
	said, ok := d.get(user, now)
	switch {
	case !ok, len(q.Parts) == 0 && q.YearFrom == 0,
		len(said.Parts)+len(q.Parts) > search.MaxParts, len(said.Maybe)+len(q.Maybe) > search.MaxParts:
		return q
	}
	q.Parts = slices.Concat(said.Parts, q.Parts)
	q.Maybe = slices.Concat(said.Maybe, q.Maybe)
	q.Text = said.Text + " " + q.Text
	if q.YearFrom == 0 {
		q.YearFrom, q.YearTo = said.YearFrom, said.YearTo
	}
	return q
}
