package command

import (
	"context"
	"net/url"
	"strings"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// petition shows the petition that is named, the only open one, or a choice.
func (h *Handlers) petition(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.withPetition(ctx, r, r.Args, "petition", func(p store.PetitionRecord) (telegram.Answer, error) {
		return h.petitionPage(r, p), nil
	})
}

func (h *Handlers) pressPetition(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(r.Press.Args) == 0 {
		return h.petition(ctx, r)
	}
	return h.showPetition(ctx, r, pressedSlug(r))
}

func (h *Handlers) showPetition(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	p, err := h.DB.Petition(ctx, slug)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Reply(message(r.Say.UnknownPetition())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.petitionPage(r, p), nil
}

// withPetition finds the petition that a command is about. Without a slug it is
// the only open one, else the only one that there is to tell of; with several
// the person chooses, and action is what the choice does.
func (h *Handlers) withPetition(ctx context.Context, r *telegram.Request, slug, action string, do func(store.PetitionRecord) (telegram.Answer, error)) (telegram.Answer, error) {
	if slug != "" {
		p, err := h.DB.Petition(ctx, slug)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			return r.Reply(message(r.Say.UnknownPetition())), nil
		}
		if err != nil {
			return telegram.Answer{}, err
		}
		return do(p)
	}
	all, err := h.DB.Petitions(ctx)
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
	return h.choosePetition(r, open, action), nil
}

// choosePetition offers petitions by their titles; action is what the choice
// does.
func (h *Handlers) choosePetition(r *telegram.Request, among []store.PetitionRecord, action string) telegram.Answer {
	var rows [][]render.Button
	for _, p := range among[:min(len(among), maxChoices)] {
		rows = append(rows, row(render.Button{Label: title(r, p), Data: telegram.CallbackData(action, p.Slug)}))
	}
	return r.Reply(message(r.Say.ChoosePetition(), rows...))
}

// maxChoices bounds a choice of petitions; the latest come first.
const maxChoices = 10

func title(r *telegram.Request, p store.PetitionRecord) string {
	return rollcall.In(p.Title, r.Language)
}

func (h *Handlers) petitionPage(r *telegram.Request, p store.PetitionRecord) telegram.Answer {
	state := p.State(r.Now)
	text := r.Say.PetitionPage(render.PetitionPage{Petition: p.Petition, Goal: p.Goal, State: state, Tally: p.Tally, ClosedEarly: p.ClosedAt, Zone: h.Zone})
	link := digest.DeepLink(h.Username, "p_"+p.Slug)
	share := "https://t.me/share/url?url=" + queryEscape(link) + "&text=" + queryEscape(r.Say.ShareText(title(r, p)))
	sign := button(r, render.LabelSign, "sign", p.Slug)
	check := button(r, render.LabelCheckCount, "check", p.Slug)
	if !r.Private() {
		// Whoever presses in a group would show it.
		sign = render.Button{Label: sign.Label, URL: link}
		check = render.Button{Label: check.Label, URL: digest.DeepLink(h.Username, "v_"+p.Slug)}
	}
	var first []render.Button
	if state == rollcall.Open {
		first = row(sign)
	}
	return r.Reply(message(text, first,
		row(render.Button{Label: r.Say.Label(render.LabelShare), URL: share}, check)))
}

// queryEscape is url.QueryEscape with spaces as %20: of an address like that
// Telegram for iOS shows a plus sign as it is.
func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (h *Handlers) pressCheck(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.showCheck(ctx, r, pressedSlug(r))
}

// showCheck says what the figure is made of, and what it proves and does not.
func (h *Handlers) showCheck(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	return h.withPetition(ctx, r, slug, "check", func(p store.PetitionRecord) (telegram.Answer, error) {
		head, err := h.DB.LogHead(ctx, p.Slug)
		if err != nil {
			return telegram.Answer{}, err
		}
		return r.Reply(message(r.Say.CheckCount(title(r, p), p.Tally, string(head.Checkpoint.Note), head.Key.String()),
			row(button(r, render.LabelLogFiles, "files", p.Slug)))), nil
	})
}

// sign asks for consent. Nothing is signed before the answer to that.
func (h *Handlers) sign(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.withPetition(ctx, r, r.Args, "sign", func(p store.PetitionRecord) (telegram.Answer, error) {
		return h.askConsent(ctx, r, p)
	})
}

func (h *Handlers) pressSign(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.withPetition(ctx, r, pressedSlug(r), "sign", func(p store.PetitionRecord) (telegram.Answer, error) {
		return h.askConsent(ctx, r, p)
	})
}

func (h *Handlers) askConsent(ctx context.Context, r *telegram.Request, p store.PetitionRecord) (telegram.Answer, error) {
	if out, ok := notOpen(p, r); ok {
		return r.Reply(message(h.signText(r, p, out))), nil
	}
	tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	mine, err := h.DB.SignatureLeaf(ctx, p.Slug, tag)
	out := store.AlreadySigned
	switch {
	case err == nil && mine.Voided:
		out = store.SignedAndVoided
	case err == nil:
	case rollcall.CodeOf(err) != rollcall.NotFound:
		return telegram.Answer{}, err
	case p.Halted != "":
		out = store.SigningHalted
	default:
		return h.consent(r, p), nil
	}
	return r.Reply(h.signed(r, p, out)), nil
}

func (h *Handlers) consent(r *telegram.Request, p store.PetitionRecord) telegram.Answer {
	return r.Reply(message(r.Say.Consent(title(r, p), h.Retention),
		row(button(r, render.LabelAgreeAndSign, "agree", p.Slug)),
		row(button(r, render.LabelNo, "decline", p.Slug))))
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
func (h *Handlers) signText(r *telegram.Request, p store.PetitionRecord, out store.SignOutcome) render.HTML {
	switch out {
	case store.Recorded:
		return r.Say.Recorded(h.BatchLatest)
	case store.AlreadySigned:
		return r.Say.AlreadySigned()
	case store.NotSigned:
		return r.Say.NotSigned()
	case store.NotOpenYet:
		return r.Say.NotYetOpen(p.Opens.In(h.Zone))
	case store.Withdrawn:
		return r.Say.Withdrawn(h.BatchLatest)
	case store.WithdrawnUncounted:
		return r.Say.WithdrawnUncounted()
	case store.WithdrawnHalted:
		return r.Say.WithdrawnHalted()
	case store.WithdrawnVoided:
		return r.Say.WithdrawnVoided()
	case store.SignedAndVoided:
		return r.Say.SignatureVoided()
	case store.SigningHalted:
		return r.Say.SigningHalted()
	}
	return r.Say.PetitionClosed()
}

// signed is the message for what became of a press; where a signature stands, it
// can be taken back there.
func (h *Handlers) signed(r *telegram.Request, p store.PetitionRecord, out store.SignOutcome) render.Message {
	text := h.signText(r, p, out)
	switch out {
	case store.AlreadySigned:
		return message(text, row(button(r, render.LabelReceipt, "receipt", p.Slug)), row(button(r, render.LabelWithdraw, "withdraw", p.Slug)))
	case store.Recorded, store.SignedAndVoided:
		return message(text, row(button(r, render.LabelWithdraw, "withdraw", p.Slug)))
	}
	return message(text)
}

func (h *Handlers) pressAgree(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.change(ctx, r, func(tx *store.Tx, slug string, tag secret.Tag) (store.SignOutcome, error) {
		return tx.Sign(slug, r.From, tag)
	})
}

func (h *Handlers) pressWithdrawYes(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.change(ctx, r, (*store.Tx).Withdraw)
}

// change signs or withdraws: the account's tag is made before the transaction,
// since that takes milliseconds, and the answer depends on what the transaction
// found.
func (h *Handlers) change(ctx context.Context, r *telegram.Request, do func(*store.Tx, string, secret.Tag) (store.SignOutcome, error)) (telegram.Answer, error) {
	p, err := h.DB.Petition(ctx, pressedSlug(r))
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return h.oldPress(ctx, r)
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
	if err != nil {
		return telegram.Answer{}, err
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		out, err := do(tx, p.Slug, tag)
		if err != nil {
			return nil, err
		}
		return []telegram.Action{r.Toast(h.signText(r, p, out)), r.Replacing(h.signed(r, p, out))}, nil
	}}, nil
}

func (h *Handlers) pressDecline(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.SigningDeclined())), nil
}

// withdraw asks once more. It is possible at any time, also after the closing,
// so that without a slug the petitions that the account has signed come before
// the open ones.
func (h *Handlers) withdraw(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if r.Args != "" {
		return h.askWithdraw(ctx, r, r.Args)
	}
	signed, err := h.signedBy(ctx, r)
	switch {
	case err != nil:
		return telegram.Answer{}, err
	case len(signed) == 0:
		return h.askWithdraw(ctx, r, "")
	case len(signed) == 1:
		return h.askWithdraw(ctx, r, signed[0].Slug)
	}
	return h.choosePetition(r, signed, "withdraw"), nil
}

// signedBy returns the petitions that the account has signed. They are found by
// making its tag for each petition anew: nothing else leads to them.
func (h *Handlers) signedBy(ctx context.Context, r *telegram.Request) ([]store.PetitionRecord, error) {
	petitions, err := h.DB.Petitions(ctx)
	if err != nil {
		return nil, err
	}
	var signed []store.PetitionRecord
	for _, p := range petitions {
		tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return nil, err
		}
		ok, err := h.DB.HasSigned(ctx, p.Slug, tag)
		if err != nil {
			return nil, err
		}
		if ok {
			signed = append(signed, p)
		}
	}
	return signed, nil
}

func (h *Handlers) pressWithdraw(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.askWithdraw(ctx, r, pressedSlug(r))
}

func (h *Handlers) askWithdraw(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	return h.withPetition(ctx, r, slug, "withdraw", func(p store.PetitionRecord) (telegram.Answer, error) {
		tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return telegram.Answer{}, err
		}
		signed, err := h.DB.HasSigned(ctx, p.Slug, tag)
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

func (h *Handlers) pressKeep(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Replace(message(r.Say.WithdrawDeclined())), nil
}
