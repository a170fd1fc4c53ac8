package command

import (
	"context"
	"strings"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// start says who runs the bot, or follows a deep link. A link never signs. Either
// lets the digests of one who had blocked the bot come again.
func (h *Handlers) start(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	a, err := h.started(ctx, r)
	if err != nil {
		return a, err
	}
	return h.resume(ctx, r, a)
}

func (h *Handlers) started(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	payload, _, _ := strings.Cut(r.Args, " ")
	kind, slug, _ := strings.Cut(payload, "_")
	switch {
	case payload == "find":
		return r.Reply(message(r.Say.FindPrompt())), nil
	case payload == "watches":
		return h.watches(ctx, r)
	case payload == "subscribe":
		return h.beginSubscription(ctx, r, "")
	case kind == "p" && rollcall.ValidSlug(slug):
		return h.showPetition(ctx, r, slug)
	case kind == "v" && rollcall.ValidSlug(slug):
		return h.showCheck(ctx, r, slug)
	}
	return r.Reply(h.welcome(r)), nil
}

func (h *Handlers) welcome(r *telegram.Request) render.Message {
	return message(r.Say.Start(h.Operator, h.Contact),
		row(button(r, render.LabelLookUp, "find")),
		row(button(r, render.LabelPetition, "petition"), button(r, render.LabelDigests, "digest")),
		row(button(r, render.LabelMyData, "mydata")),
		languageButtons(r, "start"))
}

// languageButtons offer each language by its own name. back says what is shown
// after the choice.
func languageButtons(r *telegram.Request, back string) []render.Button {
	var buttons []render.Button
	for _, l := range rollcall.Languages {
		buttons = append(buttons, button(r, render.LanguageLabel(l), "lang", string(l), back))
	}
	return buttons
}

// lang offers the languages, or takes one that is named.
func (h *Handlers) lang(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	if l, ok := rollcall.ParseLanguage(r.Args); ok {
		return h.setLanguage(r, l, ""), nil
	}
	return r.Reply(message(r.Say.ChooseLanguage(), languageButtons(r, "lang"))), nil
}

func (h *Handlers) pressLang(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if len(r.Press.Args) != 2 {
		return h.oldPress(ctx, r)
	}
	l, ok := rollcall.ParseLanguage(r.Press.Args[0])
	if !ok {
		return h.oldPress(ctx, r)
	}
	return h.setLanguage(r, l, r.Press.Args[1]), nil
}

func (h *Handlers) setLanguage(r *telegram.Request, l rollcall.Language, back string) telegram.Answer {
	in := *r
	in.Language, in.Say = l, render.For(l)
	m := message(in.Say.LanguageSet())
	if back == "start" {
		m = h.welcome(&in)
	}
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return []telegram.Action{in.Replacing(m)}, tx.SetLanguage(r.From, l)
	}}
}

// help lists what the asker may use.
func (h *Handlers) help(g telegram.Registry) telegram.Handler {
	return func(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
		if !r.Private() {
			// A group need not know who keeps the roster, and no name belongs there.
			return r.Reply(message(r.Say.Help(g.HelpFor(r.Say, telegram.Anyone)), row(h.privateButton(r)))), nil
		}
		return r.Reply(message(r.Say.Help(g.HelpFor(r.Say, r.Role)))), nil
	}
}

// unknown answers a command that is not there, and in the same words one that
// is not for this account.
func (h *Handlers) unknown(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.UnknownCommand())), nil
}

func (h *Handlers) photo(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.PhotoDeclined())), nil
}

func (h *Handlers) other(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.NotUnderstood())), nil
}

// oldPress answers a button of a former version, a forged one and one of
// somebody else's alike.
func (h *Handlers) oldPress(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return telegram.Answer{Actions: []telegram.Action{r.Toast(r.Say.OldButton())}}, nil
}

// inGroup leads into the private chat: what is asked and signed is nobody else's
// to read.
func (h *Handlers) inGroup(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.OnlyInPrivate(), row(h.privateButton(r)))), nil
}

// privateButton opens the private chat: after a lookup with the question for a
// name, after /watches with what is watched, after /subscribe with its question,
// else with the start page.
func (h *Handlers) privateButton(r *telegram.Request) render.Button {
	payload := "start"
	if r.Command == "find" || r.Command == "watches" || r.Command == "subscribe" {
		payload = r.Command
	}
	return render.Button{Label: r.Say.Label(render.LabelContinueInPrivate), URL: digest.DeepLink(h.Username, payload)}
}
