package command

import (
	"context"
	"errors"
	"strings"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// takedown takes an entry down for good.
func (h *Handlers) takedown(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	id, reason := idAndReason(r.Args)
	if id == "" || reason == "" {
		return r.Reply(message(r.Say.TakedownHelp())), nil
	}
	return h.onEntry(r, func(tx *store.Tx) (render.HTML, error) {
		t, err := tx.TakeDown(id, reason, h.actor(r))
		return r.Say.TakenDown(t.Person, t.Watches, t.Namesakes), err
	}), nil
}

// hide hides an entry for now.
func (h *Handlers) hide(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	id, reason := idAndReason(r.Args)
	if id == "" {
		return r.Reply(message(r.Say.HideHelp())), nil
	}
	return h.onEntry(r, func(tx *store.Tx) (render.HTML, error) {
		e, err := tx.Hide(id, reason, h.actor(r))
		return r.Say.HiddenNow(e.Person), err
	}), nil
}

// show lifts what withholds an entry.
func (h *Handlers) show(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	id, reason := idAndReason(r.Args)
	if id == "" {
		return r.Reply(message(r.Say.ShowHelp())), nil
	}
	return h.onEntry(r, func(tx *store.Tx) (render.HTML, error) {
		e, err := tx.Show(id, reason, h.actor(r))
		return r.Say.ShownAgain(e.Person, e.Shown), err
	}), nil
}

// idAndReason parts what stands behind a keeper's command.
func idAndReason(args string) (id, reason string) {
	id, reason, _ = strings.Cut(strings.Join(strings.Fields(args), " "), " ")
	return id, reason
}

// onEntry answers with what a keeper's change to an entry makes known, or with
// why there is none.
func (h *Handlers) onEntry(r *telegram.Request, change func(*store.Tx) (render.HTML, error)) telegram.Answer {
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		text, err := change(tx)
		if refusal, ok := h.refusal(r, err); ok {
			text, err = refusal, nil
		}
		m := message(text)
		m.Protect = true
		return []telegram.Action{telegram.Say(r.Chat, m)}, err
	}}
}

// refusal words the store's refusal of a keeper's change.
func (h *Handlers) refusal(r *telegram.Request, err error) (text render.HTML, ok bool) {
	switch {
	case errors.Is(err, store.ErrNoEntry):
		return r.Say.NoSuchEntry(), true
	case errors.Is(err, store.ErrAlready):
		return r.Say.EntryUnchanged(), true
	case errors.Is(err, store.ErrTakenDown):
		return r.Say.OnlyOwnersLift(), true
	case errors.Is(err, store.ErrImportRunning):
		return r.Say.ImportRunning(), true
	case errors.Is(err, store.ErrLongText):
		return r.Say.TextOverLimit(rollcall.MaxReason), true
	}
	return "", false
}
