package command

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// wishesPerDay is how many wishes an account may make in a day. A wish that is met
// tells that somebody of the name is listed, so that wishes are a way to ask: a
// slow one, of which a family needs one or two. Making one is free, as the lookup
// before it has been counted; so is the message, which names nobody; and the card
// that its button opens counts as any other, unlike that of a watched entry, which
// was counted when the watch began.
const wishesPerDay = 5

// nothingYet is [Handlers.nothing] under a lookup, with the button by which the
// account may be told when that changes. The button is there whenever the query
// says enough, whatever the roster holds.
func (h *Handlers) nothingYet(r *telegram.Request, q search.Query, version int64) render.Message {
	m := h.nothing(r)
	texts := q.Asked()
	if len(texts) == 0 {
		return m
	}
	a := asked{version: version, at: r.Now}
	all := sha256.New()
	for _, text := range texts {
		mark := h.Keys.WishMark(text)
		all.Write(mark[:])
		a.marks = append(a.marks, mark)
	}
	a.key = base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:6])
	h.asked.add(r.From, a)
	m.Buttons = append(m.Buttons, row(render.Button{Label: r.Say.Label(render.LabelTellMe), Data: telegram.BoundCallbackData(h.Keys, r.From, "tellme", a.key)}))
	return m
}

// pressTellMe keeps the wish to be told.
func (h *Handlers) pressTellMe(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	var a asked
	ok := len(r.Press.Args) == 1
	if ok {
		a, ok = h.asked.find(r.From, r.Press.Args[0], r.Now)
	}
	if !ok {
		return r.Reply(message(r.Say.WishGone())), nil
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		say := func(text render.HTML) []telegram.Action {
			return []telegram.Action{telegram.Say(r.Chat, message(text))}
		}
		err := tx.Wish(r.From, store.NewWish{Marks: a.marks, Version: a.version, Language: r.Language, Max: h.MaxWatches, PerDay: wishesPerDay})
		switch {
		case errors.Is(err, store.ErrTooManyWatches):
			return say(r.Say.WatchLimit(h.MaxWatches)), nil
		case errors.Is(err, store.ErrTooManyToday):
			return say(r.Say.WishesToday(wishesPerDay)), nil
		case errors.Is(err, store.ErrRosterChanged):
			return say(r.Say.WishGone()), nil
		case err != nil:
			return nil, err
		}
		actions := say(r.Say.WishNoted())
		if button, ok := r.Rebutton(nil); ok {
			actions = append(actions, button)
		}
		return actions, nil
	}}, nil
}

// wishButton makes a button of the list of watches for a wish of the account.
func (h *Handlers) wishButton(r *telegram.Request, label, action string, id store.WishID) render.Button {
	return h.personButton(r, label, action, rollcall.PersonID(id))
}

// pressWish says what a wish of the list is: there is no name to show.
func (h *Handlers) pressWish(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.WishWaiting())), nil
}

// pressUnwish ends a wish from the list, and shows the list without it.
func (h *Handlers) pressUnwish(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := store.WishID(pressedPerson(r))
	list, err := h.watchList(ctx, r, 0, id)
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return []telegram.Action{r.Toast(r.Say.WishStopped()), r.Replacing(list)}, tx.Unwish(r.From, id)
	}}, err
}

// asked is a lookup that found nothing, as marks of whom it meant.
type asked struct {
	key     string // in its button's data; made of the marks, so that an answer made again has the same
	marks   []secret.Tag
	version int64 // of the roster that was searched
	at      time.Time
}

// lookups remember what accounts asked for and were shown nothing of, the oldest
// first: callback data has no room for it, and the database is to know it only once
// somebody wishes so.
type lookups struct{ memory[[]asked] }

// lookupsEach is how many lookups are remembered of an account.
const lookupsEach = 4

// add remembers one more lookup of the account.
func (l *lookups) add(user rollcall.UserID, a asked) {
	list, _ := l.get(user, a.at)
	list = append(slices.Clone(list), a)
	l.keep(user, list[max(0, len(list)-lookupsEach):], a.at)
}

// find returns the account's latest lookup of the key.
func (l *lookups) find(user rollcall.UserID, key string, now time.Time) (asked, bool) {
	list, _ := l.get(user, now)
	for _, a := range slices.Backward(list) {
		if a.key == key && now.Sub(a.at) <= dialogTTL {
			return a, true
		}
	}
	return asked{}, false
}
