package command

import (
	"context"
	"net/url"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// petition shows the petition that is named, the only open one, or a choice.
func (b *Bot) petition(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.withPetition(ctx, r, r.Args, "petition", func(p store.PetitionRecord) (telegram.Answer, error) {
		return b.petitionPage(r, p), nil
	})
}

func (b *Bot) pressPetition(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(r.Press.Args) == 0 {
		return b.petition(ctx, r)
	}
	return b.showPetition(ctx, r, pressedSlug(r))
}

func (b *Bot) showPetition(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	p, err := b.DB.Petition(ctx, slug)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Reply(message(r.Say.NoPetition())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return b.petitionPage(r, p), nil
}

// withPetition finds the petition that a command is about. Without a slug it is
// the only open one, else the only one that there is to tell of; with several
// the person chooses, and action is what the choice does.
func (b *Bot) withPetition(ctx context.Context, r *telegram.Request, slug, action string, do func(store.PetitionRecord) (telegram.Answer, error)) (telegram.Answer, error) {
	if slug != "" {
		p, err := b.DB.Petition(ctx, slug)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			return r.Reply(message(r.Say.NoPetition())), nil
		}
		if err != nil {
			return telegram.Answer{}, err
		}
		return do(p)
	}
	all, err := b.DB.Petitions(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	var open []store.PetitionRecord
	for _, p := range all {
		if p.State(r.Now) == rollcall.Open {
			open = append(open, p)
		}
	}
	// A withdrawal is possible after the closing too, and a closed petition may
	// still be read.
	if len(open) == 0 && (action == "withdraw" || action == "petition") {
		open = all
	}
	switch {
	case len(open) == 1:
		return do(open[0])
	case len(open) == 0 && len(all) == 1:
		return do(all[0])
	case len(open) == 0:
		return r.Reply(message(r.Say.NoPetition())), nil
	}
	var rows [][]render.Button
	for _, p := range open[:min(len(open), maxChoices)] {
		rows = append(rows, row(render.Button{Label: title(r, p), Data: telegram.CallbackData(action, p.Slug)}))
	}
	return r.Reply(message(r.Say.ChoosePetition(), rows...)), nil
}

// maxChoices bounds a choice of petitions; the latest come first.
const maxChoices = 10

func title(r *telegram.Request, p store.PetitionRecord) string {
	return rollcall.In(p.Title, r.Language)
}

func (b *Bot) petitionPage(r *telegram.Request, p store.PetitionRecord) telegram.Answer {
	state := p.State(r.Now)
	text := r.Say.PetitionPage(render.PetitionPage{Petition: p.Petition, State: state, Tally: p.Tally, ClosedEarly: p.ClosedAt, Zone: b.Zone})
	link := digest.DeepLink(b.Username, "p_"+p.Slug)
	share := "https://t.me/share/url?url=" + url.QueryEscape(link) + "&text=" + url.QueryEscape(r.Say.ShareText(title(r, p)))
	sign := button(r, render.LabelSign, "sign", p.Slug)
	check := button(r, render.LabelCheckCount, "check", p.Slug)
	if !r.Private() {
		// Whoever presses in a group would show it.
		sign = render.Button{Label: sign.Label, URL: link}
		check = render.Button{Label: check.Label, URL: digest.DeepLink(b.Username, "v_"+p.Slug)}
	}
	var first []render.Button
	if state == rollcall.Open {
		first = row(sign)
	}
	return r.Reply(message(text, first,
		row(render.Button{Label: r.Say.Label(render.LabelShare), URL: share}, check)))
}

func (b *Bot) pressCheck(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.showCheck(ctx, r, pressedSlug(r))
}

// showCheck says what the figure is made of, and what it proves and does not.
func (b *Bot) showCheck(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	return b.withPetition(ctx, r, slug, "check", func(p store.PetitionRecord) (telegram.Answer, error) {
		return r.Reply(message(r.Say.CheckCount(title(r, p), p.Tally))), nil
	})
}

// sign asks for consent. Nothing is signed before the answer to that.
func (b *Bot) sign(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.withPetition(ctx, r, r.Args, "sign", func(p store.PetitionRecord) (telegram.Answer, error) {
		return b.askConsent(ctx, r, p)
	})
}

func (b *Bot) pressSign(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.withPetition(ctx, r, pressedSlug(r), "sign", func(p store.PetitionRecord) (telegram.Answer, error) {
		return b.askConsent(ctx, r, p)
	})
}

func (b *Bot) askConsent(ctx context.Context, r *telegram.Request, p store.PetitionRecord) (telegram.Answer, error) {
	if out, ok := notOpen(p, r); ok {
		return r.Reply(message(b.signText(r, p, out))), nil
	}
	tag, err := b.Keys.SignerTag(ctx, p.Slug, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	signed, err := b.DB.HasSigned(ctx, p.Slug, tag)
	if err != nil {
		return telegram.Answer{}, err
	}
	if signed {
		return r.Reply(message(r.Say.AlreadySigned(), row(button(r, render.LabelWithdraw, "withdraw", p.Slug)))), nil
	}
	return r.Reply(message(r.Say.Consent(title(r, p), b.Retention),
		row(button(r, render.LabelAgreeAndSign, "agree", p.Slug)),
		row(button(r, render.LabelNo, "decline", p.Slug)))), nil
}

func notOpen(p store.PetitionRecord, r *telegram.Request) (store.SignOutcome, bool) {
	switch p.State(r.Now) {
	case rollcall.Upcoming:
		return store.NotOpenYet, true
	case rollcall.Closed:
		return store.PetitionClosed, true
	}
	return 0, false
}

// signText is the phrase for what became of a press.
func (b *Bot) signText(r *telegram.Request, p store.PetitionRecord, out store.SignOutcome) render.HTML {
	switch out {
	case store.Recorded:
		return r.Say.Recorded(b.BatchLatest)
	case store.AlreadySigned:
		return r.Say.AlreadySigned()
	case store.NotSigned:
		return r.Say.NotSigned()
	case store.NotOpenYet:
		return r.Say.NotYetOpen(p.Opens.In(b.Zone))
	case store.Withdrawn:
		return r.Say.Withdrawn(b.BatchLatest)
	}
	return r.Say.PetitionClosed()
}

func (b *Bot) pressAgree(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.change(ctx, r, (*store.Tx).Sign)
}

func (b *Bot) pressWithdrawYes(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.change(ctx, r, (*store.Tx).Withdraw)
}

// change signs or withdraws: the account's tag is made before the transaction,
// since that takes milliseconds, and the answer depends on what the transaction
// found.
func (b *Bot) change(ctx context.Context, r *telegram.Request, do func(*store.Tx, string, secret.Tag) (store.SignOutcome, error)) (telegram.Answer, error) {
	p, err := b.DB.Petition(ctx, pressedSlug(r))
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return b.oldPress(ctx, r)
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	tag, err := b.Keys.SignerTag(ctx, p.Slug, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		out, err := do(tx, p.Slug, tag)
		if err != nil {
			return nil, err
		}
		text := b.signText(r, p, out)
		m := message(text)
		if out == store.Recorded {
			m = message(text, row(button(r, render.LabelWithdraw, "withdraw", p.Slug)))
		}
		return []telegram.Action{r.Toast(text), r.Replacing(m)}, nil
	}}, nil
}

func (b *Bot) pressDecline(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.SigningDeclined())), nil
}

// withdraw asks once more. It is possible at any time.
func (b *Bot) withdraw(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.askWithdraw(ctx, r, r.Args)
}

func (b *Bot) pressWithdraw(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return b.askWithdraw(ctx, r, pressedSlug(r))
}

func (b *Bot) askWithdraw(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	return b.withPetition(ctx, r, slug, "withdraw", func(p store.PetitionRecord) (telegram.Answer, error) {
		tag, err := b.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return telegram.Answer{}, err
		}
		signed, err := b.DB.HasSigned(ctx, p.Slug, tag)
		if err != nil {
			return telegram.Answer{}, err
		}
		if !signed {
			return r.Reply(message(r.Say.NotSigned())), nil
		}
		return r.Reply(message(r.Say.ConfirmWithdraw(title(r, p)),
			row(button(r, render.LabelYesWithdraw, "withdrawn", p.Slug)),
			row(button(r, render.LabelNo, "keep", p.Slug)))), nil
	})
}

func (b *Bot) pressKeep(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.WithdrawDeclined())), nil
}
