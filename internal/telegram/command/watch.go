package command

import (
	"context"
	"errors"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// watches lists what the account watches and wishes to be told of.
func (h *Handlers) watches(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	m, err := h.watchList(ctx, r, 0, 0)
	return r.Reply(m), err
}

// watchList has two buttons for each entry: one shows the card, as in a choice,
// and one ends the watch; and for each wish one that says what it is, and one that
// ends it. It leaves out the watch and the wish that are about to end; 0 is none.
func (h *Handlers) watchList(ctx context.Context, r *telegram.Request, without rollcall.PersonID, withoutWish store.WishID) (render.Message, error) {
	list, err := h.DB.Watches(ctx, r.From)
	if err != nil {
		return render.Message{}, err
	}
	wishes, err := h.DB.Wishes(ctx, r.From)
	if err != nil {
		return render.Message{}, err
	}
	var watched, wished []string
	var rows [][]render.Button
	for _, e := range list {
		if e.ID == without {
			continue
		}
		label := r.Say.WatchedLabel(len(rows)+1, e.Person, e.Shown)
		watched = append(watched, label)
		rows = append(rows, row(h.personButton(r, label, "card", e.ID), h.personButton(r, r.Say.Label(render.LabelStop), "unlist", e.ID)))
	}
	for _, w := range wishes {
		if w.ID == withoutWish {
			continue
		}
		label := r.Say.WishLabel(len(rows)+1, w.At.In(h.zone()))
		wished = append(wished, label)
		rows = append(rows, row(h.wishButton(r, label, "wish", w.ID), h.wishButton(r, r.Say.Label(render.LabelStop), "unwish", w.ID)))
	}
	if len(rows) == 0 {
		return message(r.Say.Watches(nil), row(button(r, render.LabelLookUp, "find"))), nil
	}
	m := message(r.Say.WatchesAndWishes(watched, wished), rows...)
	m.Protect = true
	return m, nil
}

// pressWatch begins a watch from a card, and leaves the card as it stands there:
// what has come since may be a hard statement, which is not shown unannounced.
//
// What is watched is free, and so the watch of an entry that counts is counted
// as its card would be: buttons of former weeks do not lead around the limits.
func (h *Handlers) pressWatch(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	due, budget, refused, err := h.opening(ctx, r, id)
	if err != nil {
		return telegram.Answer{}, err
	}
	if refused != nil {
		return r.Reply(*refused), nil
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		err := tx.Watch(r.From, id, r.Language, h.MaxWatches)
		switch {
		case errors.Is(err, store.ErrTooManyWatches):
			return []telegram.Action{telegram.Say(r.Chat, message(r.Say.WatchLimit(h.MaxWatches)))}, nil
		case rollcall.CodeOf(err) == rollcall.NotFound:
			return []telegram.Action{r.Replacing(h.nothing(r))}, nil
		case err != nil:
			return nil, err
		}
		if due {
			a, err := h.pay(tx, r, []rollcall.PersonID{id}, false, budget)
			if err != nil {
				return nil, err
			}
			if a.reached != render.NoLimit {
				return []telegram.Action{telegram.Say(r.Chat, h.limit(r, a))}, tx.Unwatch(r.From, id)
			}
		}
		return h.rebuttoned(r, id, true, r.Say.Watching()), nil
	}}, nil
}

// pressStop ends a watch from a card.
func (h *Handlers) pressStop(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return h.rebuttoned(r, id, false, r.Say.WatchStopped()), tx.Unwatch(r.From, id)
	}}, nil
}

// rebuttoned says how it went, and has the card's button offer the contrary.
func (h *Handlers) rebuttoned(r *telegram.Request, id rollcall.PersonID, watched bool, say render.HTML) []telegram.Action {
	actions := []telegram.Action{r.Toast(say)}
	if a, ok := r.Rebutton(h.cardButtons(r, id, watched)); ok {
		actions = append(actions, a)
	}
	return actions
}

// pressUnlist ends a watch from the list, and shows the list without it.
func (h *Handlers) pressUnlist(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	list, err := h.watchList(ctx, r, id, 0)
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return []telegram.Action{r.Toast(r.Say.WatchStopped()), r.Replacing(list)}, tx.Unwatch(r.From, id)
	}}, err
}
