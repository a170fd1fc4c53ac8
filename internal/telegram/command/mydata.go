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

// myData tells all that is kept about the account, its signatures included, and
// sends the same as a file. Both may be forwarded, and so name no listed person:
// a watched entry stands there by its public id. The names are under /watches, in
// a message that may not.
func (h *Handlers) myData(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	info, err := h.kept(ctx, r)
	if err != nil {
		return telegram.Answer{}, err
	}
	a := r.Reply(message(r.Say.MyData(info)))
	if !info.Nothing() {
		a.Actions = append(a.Actions, telegram.SendDocument(r.Chat, render.MyDataFileName, r.Say.MyDataFile(info), message(r.Say.MyDataFileCaption())))
	}
	return a, nil
}

// kept gathers what is kept about the account.
func (h *Handlers) kept(ctx context.Context, r *telegram.Request) (render.MyDataInfo, error) {
	kept, err := h.DB.Kept(ctx, r.From)
	if err != nil {
		return render.MyDataInfo{}, err
	}
	drawn, err := h.DB.Usage(ctx, r.From)
	if err != nil {
		return render.MyDataInfo{}, err
	}
	info := render.MyDataInfo{At: r.Now, Since: kept.Since, Language: kept.Language, Acts: kept.Acts,
		LookupsToday: drawn.Lookups, LateToday: drawn.Late, ShownInWeek: drawn.People, ShownFall: drawn.PeopleFall}
	for _, w := range kept.Watches {
		info.Watches = append(info.Watches, render.MyDataWatch{Entry: w.PublicID, Since: w.Since})
	}
	info.Wishes = kept.Wishes
	if info.Reports, err = h.DB.Reports(ctx, r.From); err != nil {
		return render.MyDataInfo{}, err
	}
	if info.Answered, err = h.DB.AnsweredReports(ctx, r.From); err != nil {
		return render.MyDataInfo{}, err
	}
	for _, s := range kept.Subscriptions {
		info.Subscriptions = append(info.Subscriptions, render.MyDataSubscription{Digest: s.Digest, Every: s.Every, At: s.At, Zone: s.Zone, Language: s.Language,
			QuietFrom: s.QuietFrom, QuietUntil: s.QuietUntil, Silent: s.Silent, Ended: s.Ended, Since: s.Since})
	}
	for _, m := range kept.Messages {
		info.Messages = append(info.Messages, render.MyDataMessage{State: string(m.State), Since: m.Since})
	}
	petitions, err := h.DB.Petitions(ctx)
	if err != nil {
		return render.MyDataInfo{}, err
	}
	for _, p := range petitions {
		tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return render.MyDataInfo{}, err
		}
		consent, err := h.DB.SignedUnder(ctx, p.Slug, tag)
		if err != nil {
			return render.MyDataInfo{}, err
		}
		if consent > 0 {
			info.Signatures = append(info.Signatures, render.MyDataSignature{Petition: p.Slug, Title: title(r, p), Consent: consent})
		}
	}
	return info, nil
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
	h.asked.forget(r.From)
	h.forms.forget(r.From)
	h.Keys.ForgetSigner(r.From)
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
		if err := tx.EraseReports(r.From); err != nil {
			return nil, err
		}
		return []telegram.Action{r.Replacing(message(r.Say.Erased()))}, nil
	}}, nil
}

func (h *Handlers) pressStay(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.EraseDeclined())), nil
}
