package command

import (
	"context"
	"errors"
	"slices"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// queue shows a keeper the first entry that waits for a check. What has come into
// the queue by then is told to the keeper in no message of its own.
func (h *Handlers) queue(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	version, err := h.DB.QueueVersion(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	m, err := h.queued(ctx, r, 0, 0)
	if err != nil {
		return telegram.Answer{}, err
	}
	return telegram.Answer{Remade: true, Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return []telegram.Action{telegram.Say(r.Chat, m)}, tx.SawQueue(r.From, version)
	}}, nil
}

// queued shows the entry behind another one in the queue, or the first one where
// that is not in it; the entry left counts as settled.
func (h *Handlers) queued(ctx context.Context, r *telegram.Request, behind, left rollcall.PersonID) (render.Message, error) {
	list, err := h.DB.Queue(ctx)
	if err != nil {
		return render.Message{}, err
	}
	place := slices.Index(list, behind) + 1
	if i := slices.Index(list, left); i >= 0 {
		list = slices.Delete(list, i, i+1)
		place = i
	}
	if len(list) == 0 {
		return message(r.Say.QueueEmpty()), nil
	}
	place %= len(list)
	q, err := h.DB.QueuedEntry(ctx, list[place])
	if err != nil {
		return render.Message{}, err
	}
	item := render.QueueItem{Person: q.Person, Claims: q.Claims, Hidden: q.Withheld != "", Place: place + 1, Length: len(list), Zone: h.Zone}
	for _, rep := range q.Reports {
		item.Reports = append(item.Reports, render.QueuedReport{Text: rep.Text, At: rep.At})
	}
	act := func(l render.Label, action string) render.Button {
		return h.personButton(r, r.Say.Label(l), action, q.ID)
	}
	rows := [][]render.Button{
		row(act(render.LabelRight, "right"), act(render.LabelHide, "putaway")),
		row(act(render.LabelCorrect, "correct")),
	}
	if len(list) > 1 {
		rows[1] = append(rows[1], act(render.LabelNext, "next"))
	}
	m := message(render.Truncate(r.Say.QueueItem(item), render.MaxTextUTF16), rows...)
	m.Protect = true
	return m, nil
}

// pressNext leaves an entry for later.
func (h *Handlers) pressNext(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	m, err := h.queued(ctx, r, pressedPerson(r), 0)
	return r.Replace(m), err
}

// pressRight finds an entry right, and shows the next one.
func (h *Handlers) pressRight(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	return h.settle(ctx, r, id, r.Say.FoundRight(), func(tx *store.Tx) error {
		_, err := tx.FindRight(id, h.actor(r))
		return err
	})
}

// pressPutAway hides an entry, and shows the next one.
func (h *Handlers) pressPutAway(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	q, err := h.DB.QueuedEntry(ctx, id)
	if errors.Is(err, store.ErrNoEntry) {
		return r.Reply(message(r.Say.NoSuchEntry())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.settle(ctx, r, id, r.Say.QueueHidden(), func(tx *store.Tx) error {
		_, err := tx.Hide(q.PublicID, "", h.actor(r))
		return err
	})
}

// settle changes an entry of the queue and shows the next one in its place.
// Somebody else may have settled it since.
func (h *Handlers) settle(ctx context.Context, r *telegram.Request, id rollcall.PersonID, say render.HTML, change func(*store.Tx) error) (telegram.Answer, error) {
	next, err := h.queued(ctx, r, 0, id)
	if err != nil {
		return telegram.Answer{}, err
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		err := change(tx)
		if refusal, ok := h.refusal(r, err); ok {
			say, err = refusal, nil
		}
		return []telegram.Action{r.Toast(say), r.Replacing(next)}, err
	}}, nil
}
