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

// edit corrects the name or the year of an entry, step by step.
func (h *Handlers) edit(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.onNamed(ctx, r, r.Say.EditHelp(), func(e store.KeptEntry) *form { return h.editForm(e.Person) })
}

// claim adds a source's statement to an entry, step by step.
func (h *Handlers) claim(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.onNamed(ctx, r, r.Say.ClaimHelp(), func(e store.KeptEntry) *form { return h.claimForm(e.Person) })
}

// onNamed begins the form of the entry whose id stands behind the command.
func (h *Handlers) onNamed(ctx context.Context, r *telegram.Request, help render.HTML, begin func(store.KeptEntry) *form) (telegram.Answer, error) {
	id := strings.TrimSpace(r.Args)
	if id == "" {
		return r.Reply(message(help)), nil
	}
	e, err := h.DB.KeptEntry(ctx, id)
	if refusal, ok := h.refusal(r, err); ok {
		return r.Reply(message(refusal)), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.beginForm(r, begin(e), values{}), nil
}

// pressCorrect corrects an entry of the queue.
func (h *Handlers) pressCorrect(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	q, err := h.DB.QueuedEntry(ctx, pressedPerson(r))
	if errors.Is(err, store.ErrNoEntry) {
		return r.Reply(message(r.Say.NoSuchEntry())), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.beginForm(r, h.editForm(q.Person), values{}), nil
}

// editForm corrects an entry. What was said of it is settled by that: a keeper has
// looked at it.
func (h *Handlers) editForm(p rollcall.Person) *form {
	chosen := func(what string) func(values) bool { return func(v values) bool { return v["what"] == what } }
	corrected := func(v values) rollcall.Person {
		to, given := p, v.person()
		if v["what"] == "full_name" {
			to.FullName = given.FullName
		} else {
			to.BirthYear = given.BirthYear
		}
		return to
	}
	return &form{access: telegram.Editor,
		fields: []field{
			{name: "what",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskWhatToCorrect(p) },
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelFullName), "full_name"}, {r.Say.Label(render.LabelBirthYear), "birth_year"}}
				}},
			askFullName(chosen("full_name")),
			askBirthYear(chosen("birth_year")),
			confirm(func(r *telegram.Request, v values) render.HTML { return r.Say.ConfirmCorrection(p, corrected(v)) }),
		},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			to := corrected(v)
			return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
				e, err := tx.Correct(p.ID, to.FullName, to.BirthYear, h.actor(r))
				if err != nil {
					return "", err
				}
				return h.inReview(r, e, r.Say.Corrected(e.Person)), nil
			}), nil
		},
	}
}

// add makes a new entry with its first statement, step by step.
func (h *Handlers) add(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	f := &form{access: telegram.Editor,
		fields: []field{askFullName(nil), askBirthYear(nil), askStatus(), askDate(), askSource(), askSourceURL(),
			confirm(func(r *telegram.Request, v values) render.HTML { return r.Say.ConfirmEntry(v.person(), v.claim()) })},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
				e, err := tx.AddEntry(rollcall.RosterRow{Person: v.person(), Claim: v.claim()}, h.actor(r))
				return h.inReview(r, e, r.Say.EntryAdded(e.Person)), err
			}), nil
		},
	}
	return h.beginForm(r, f, values{}), nil
}

func (h *Handlers) claimForm(p rollcall.Person) *form {
	return &form{access: telegram.Editor,
		fields: []field{askStatus(), askDate(), askSource(), askSourceURL(),
			confirm(func(r *telegram.Request, v values) render.HTML { return r.Say.ConfirmClaim(p, v.claim()) })},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
				e, renewed, err := tx.AddClaim(p.ID, v.claim(), h.actor(r))
				return r.Say.ClaimAdded(e.Person, renewed), err
			}), nil
		},
	}
}

// inReview adds to what is said of an entry that the mark of a take-down keeps it
// back.
func (h *Handlers) inReview(r *telegram.Request, e store.KeptEntry, text render.HTML) render.HTML {
	if e.Withheld == rollcall.InReview {
		text += "\n\n" + r.Say.EntryInReview()
	}
	return text
}

// saved is [Handlers.onEntry] at the end of a form, whose last question it stands
// in the place of. What was edited is then folded in.
func (h *Handlers) saved(r *telegram.Request, change func(*store.Tx) (render.HTML, error)) telegram.Answer {
	fold := func(ctx context.Context) []telegram.Action {
		if err := h.DB.Fold(ctx); err != nil && ctx.Err() == nil {
			h.Log.Warn("an edit could not be folded yet", "error", err)
		}
		return nil
	}
	return telegram.Answer{Later: fold, Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		text, err := change(tx)
		if refusal, ok := h.refusal(r, err); ok {
			text, err = refusal, nil
		}
		m := message(text)
		m.Protect = true
		return []telegram.Action{r.Replacing(m)}, err
	}}
}
