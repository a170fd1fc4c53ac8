package command

import (
	"context"

	"rollcall/internal/render"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// privacy is the notice: what is kept, for how long, and who can see what.
func (h *Handlers) privacy(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.Privacy(render.PrivacyInfo{Operator: h.Operator, Contact: h.Contact, Retention: h.Retention}))), nil
}

// myData tells all that is kept about the account, its signatures included.
func (h *Handlers) myData(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	kept, err := h.DB.Kept(ctx, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	drawn, err := h.DB.Usage(ctx, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	info := render.MyDataInfo{Language: kept.Language, Watches: kept.Watches, Subscriptions: kept.Subscriptions,
		LookupsToday: drawn.Lookups, ShownInWeek: drawn.People}
	signed, err := h.signed(ctx, r)
	if err != nil {
		return telegram.Answer{}, err
	}
	for _, p := range signed {
		info.Signatures = append(info.Signatures, title(r, p))
	}
	return r.Reply(message(r.Say.MyData(info))), nil
}

// erase asks before it erases.
func (h *Handlers) erase(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.EraseConfirm(),
		row(button(r, render.LabelYesErase, "erase")),
		row(button(r, render.LabelNo, "stay")))), nil
}

// pressErase deletes the account's peer with all that hangs on it and the marks of
// whom it was shown, and takes back its signatures, with which tags and salts go.
// What the limits of lookups need stays as bare counts: see [store.Tx.EraseLookups].
func (h *Handlers) pressErase(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	petitions, err := h.DB.Petitions(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	tags := map[string]secret.Tag{}
	for _, p := range petitions {
		tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return telegram.Answer{}, err
		}
		tags[p.Slug] = tag
	}
	h.waiting.forget(r.From)
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		if _, err := tx.EraseSignatures(tags); err != nil {
			return nil, err
		}
		if err := tx.EraseLookups(r.From); err != nil {
			return nil, err
		}
		if err := tx.ErasePeer(r.From); err != nil {
			return nil, err
		}
		return []telegram.Action{r.Replacing(message(r.Say.Erased()))}, nil
	}}, nil
}

func (h *Handlers) pressStay(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.EraseDeclined())), nil
}
