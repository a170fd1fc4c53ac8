package command

import (
	"context"
	"slices"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// Limits keep the roster from being copied by asking. Days are those of UTC, and a
// week is seven of them, today the last. Editors and owners have none.
//
// Two things count. A lookup is a query that the roster is searched for; one that
// finds only entries that the account watches is free, and so is a button. An
// entry is shown when the account learns that it is listed: by a card, by the
// warning before one, by its name in a choice or under "Did you mean". A name with
// a year is what a copier wants, so that one who never opens a card pays as much
// as one who does; a card after a choice costs nothing more. Shown again within
// the week, or watched, it counts no second time.
//
// Whether a limit is reached is decided before the roster is searched, by counts
// alone. So neither the words nor the time that they take tell whether anybody of
// the name is listed.
type Limits struct {
	PerDay          int     // lookups of an account in a day
	DistinctPerWeek int     // different entries shown to an account in a week
	RosterPercent   float64 // of the roster's people, shown to all accounts together in a day; past it only full matches, up to twice as many
	RosterFloor     int     // the least number of people that the percentage stands for
}

// budget is how many of so many people may be shown in a day before only full
// matches are answered.
func (l Limits) budget(people int) int {
	return max(l.RosterFloor, int(l.RosterPercent*float64(people)/100))
}

// Past the roster's budget an account has latePerAccount a day, of which a person
// shown takes one and a lookup that finds nobody lateMiss. What is left of the
// roster then is for families who know whom they seek, and who are many. A copier
// who has names and guesses years is soon done; one who has the years as well
// looks like a family, and only needs more accounts.
const (
	latePerAccount = 12
	lateMiss       = 2
)

// An allowance is how a lookup may be answered.
type allowance struct {
	reached render.Limit // NoLimit where it may be; FullOnly where only a full match may be
	until   time.Time    // when that ends
	room    int          // entries that may still be shown and count
}

// closed reports that nothing may be answered.
func (a allowance) closed() bool { return a.reached != render.NoLimit && a.reached != render.FullOnly }

// allow says what is left of an account's and everybody's share.
func (l Limits) allow(u store.Usage, budget int) allowance {
	switch {
	case u.Lookups >= l.PerDay:
		return allowance{reached: render.DayLimit, until: u.DayEnds}
	case u.People >= l.DistinctPerWeek:
		return allowance{reached: render.WeekLimit, until: u.PeopleFall}
	case u.Roster >= 2*budget, u.Roster >= budget && u.Late >= latePerAccount:
		return allowance{reached: render.RosterLimit, until: u.DayEnds}
	}
	room := min(l.DistinctPerWeek-u.People, 2*budget-u.Roster)
	if u.Roster >= budget {
		return allowance{reached: render.FullOnly, until: u.DayEnds, room: min(room, latePerAccount-u.Late)}
	}
	return allowance{room: room}
}

// unlimited is the allowance of keepers.
var unlimited = allowance{room: 1 << 30}

// allowance is what the account may ask now; searches says that it is by a query.
// An update that was counted before is not refused for what it has itself drawn.
func (h *Handlers) allowance(ctx context.Context, r *telegram.Request, searches bool) (a allowance, budget int, err error) {
	if r.Role >= telegram.Editor {
		return unlimited, 0, nil
	}
	people, err := h.DB.RosterSize(ctx)
	if err != nil {
		return a, 0, err
	}
	budget = h.Limits.budget(people)
	u, err := h.DB.Usage(ctx, r.From)
	if !searches {
		u.Lookups = 0
	}
	if r.Again {
		u.Lookups, u.People, u.Late = 0, 0, 0
	}
	if a = h.Limits.allow(u, budget); r.Again && a.reached == render.RosterLimit {
		a.reached = render.FullOnly
	}
	return a, budget, err
}

// limit says which limit is reached.
func (h *Handlers) limit(r *telegram.Request, a allowance) render.Message {
	return message(r.Say.LimitReached(a.reached, a.until.In(h.zone()), h.Contact))
}

func (h *Handlers) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// An offer is what an answer shows.
type offer struct {
	message render.Message
	people  []rollcall.PersonID // that it names
	hits    []search.Hit        // of a search, by which these were found
	full    bool                // each is a full match
	nothing bool                // there is nothing to show
}

// charged answers with the offer once it is counted, in the update's own
// transaction. searched says that the roster was searched for it. The answer is
// not kept, since it may name a person.
func (h *Handlers) charged(r *telegram.Request, o offer, budget int, searched bool) telegram.Answer {
	if r.Role >= telegram.Editor {
		return withReasons(r, r.Replace(o.message), o.hits)
	}
	return telegram.Answer{Remade: true, Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		if searched && !r.Again {
			watched, err := tx.WatchesAll(r.From, o.people)
			if err != nil {
				return nil, err
			}
			if !watched {
				if err := tx.CountLookup(r.From); err != nil {
					return nil, err
				}
			}
		}
		if o.full && len(o.people) == 0 && !r.Again {
			if err := tx.CountLate(r.From, lateMiss); err != nil {
				return nil, err
			}
		}
		due, err := tx.Unpaid(r.From, o.people)
		if err != nil {
			return nil, err
		}
		a, err := h.pay(tx, r, due, o.full, budget)
		if err != nil {
			return nil, err
		}
		if a.reached != render.NoLimit {
			return []telegram.Action{telegram.Say(r.Chat, h.limit(r, a))}, nil
		}
		return []telegram.Action{r.Replacing(o.message)}, nil
	}}
}

// pay counts the people as shown to the account; each is one that counts, and full
// says that each is a full match. A limit is reached, and nothing is counted, where
// there is no room for them: others may have used it up since the roster was
// searched.
func (h *Handlers) pay(tx *store.Tx, r *telegram.Request, due []rollcall.PersonID, full bool, budget int) (allowance, error) {
	if len(due) == 0 {
		return allowance{}, nil
	}
	u, err := tx.Usage(r.From)
	if err != nil {
		return allowance{}, err
	}
	u.Lookups = 0 // the lookup itself has been allowed
	switch a := h.Limits.allow(u, budget); {
	case a.closed(), a.reached == render.FullOnly && !full:
		return a, nil
	case len(due) > a.room:
		return allowance{reached: render.RosterLimit, until: u.DayEnds}, nil
	}
	if u.Roster >= budget {
		if err := tx.CountLate(r.From, len(due)); err != nil {
			return allowance{}, err
		}
	}
	if err := tx.CountShown(r.From, due); err != nil {
		return allowance{}, err
	}
	h.warn(u.Roster, u.Roster+len(due), budget)
	return allowance{}, nil
}

// warn tells the operator when the roster's budget of the day comes to its end.
func (h *Handlers) warn(before, after, budget int) {
	switch {
	case before < budget && after >= budget:
		h.Log.Warn("as much of the roster was shown today as its budget allows: only full matches are answered until midnight UTC", "people", budget)
	case before < 2*budget && after >= 2*budget:
		h.Log.Warn("twice the roster's budget was shown today: lookups rest until midnight UTC", "people", 2*budget)
	}
}

// opening asks what it takes to show the account that entry now: due says that it
// counts, budget is the roster's for the day, and refused is the answer where what
// counts is used up.
func (h *Handlers) opening(ctx context.Context, r *telegram.Request, id rollcall.PersonID) (due bool, budget int, refused *render.Message, err error) {
	a, budget, err := h.allowance(ctx, r, false)
	if err != nil || r.Role >= telegram.Editor {
		return false, budget, nil, err
	}
	unpaid, err := h.DB.Unpaid(ctx, r.From, []rollcall.PersonID{id})
	due = len(unpaid) > 0
	if due && a.reached != render.NoLimit {
		m := h.limit(r, a)
		refused = &m
	}
	return due, budget, refused, err
}

// fits leaves out of the hits what there is no room for. Of a match nobody is
// named then, as where too many entries fit: ok is false. Entries that are free
// need no room.
func (h *Handlers) fits(ctx context.Context, r *telegram.Request, res search.Result, room int) (hits []search.Hit, ok bool, err error) {
	if len(res.Hits) <= room {
		return res.Hits, true, nil
	}
	due, err := h.DB.Unpaid(ctx, r.From, people(res.Hits))
	if err != nil || len(due) <= room {
		return res.Hits, true, err
	}
	if res.Verdict == search.Match {
		return nil, false, nil
	}
	over := due[max(room, 0):]
	return slices.DeleteFunc(slices.Clone(res.Hits), func(h search.Hit) bool { return slices.Contains(over, h.Person.ID) }), true, nil
}

func people(hits []search.Hit) (ids []rollcall.PersonID) {
	for _, h := range hits {
		ids = append(ids, h.Person.ID)
	}
	return ids
}
