package command

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// reportsPerDay is of how many entries one account may say in 24 hours that they are
// wrong.
const reportsPerDay = 5

// pressWrong asks what is wrong in an entry. The answer tells no more of an entry
// that is not shown than that nothing can be.
func (h *Handlers) pressWrong(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	id := pressedPerson(r)
	_, err := h.DB.Card(ctx, id)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return r.Replace(h.nothing(r)), nil
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	h.waiting.forget(r.From)
	return h.beginForm(r, h.reportForm(id), values{}), nil
}

func (h *Handlers) reportForm(id rollcall.PersonID) *form {
	return &form{
		fields: []field{{name: "text",
			ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskWhatIsWrong() },
			read: func(_ *telegram.Request, text string) (string, bool) {
				text = strings.TrimSpace(text)
				return text, text != "" && utf8.RuneCountInString(text) <= rollcall.MaxReport
			}}},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
				m := message(r.Say.WrongNoted(h.Contact))
				_, err := tx.Report(r.From, id, v["text"], reportsPerDay)
				switch {
				case errors.Is(err, store.ErrTooManyReports):
					m = message(r.Say.WrongLimit(reportsPerDay))
				case rollcall.CodeOf(err) == rollcall.NotFound:
					m = h.nothing(r)
				case err != nil:
					return nil, err
				}
				return []telegram.Action{telegram.Say(r.Chat, m)}, nil
			}}, nil
		},
	}
}
