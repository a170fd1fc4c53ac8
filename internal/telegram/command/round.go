package command

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// offeredRounds is how many rounds stand on buttons, the newest first.
const offeredRounds = 6

// maxFigure is more people than any round can be of.
const maxFigure = 1_000_000

// round adds a source's figure to an exchange round, step by step.
func (h *Handlers) round(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	known, err := h.DB.Rounds(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.beginForm(r, h.roundForm(known[:min(len(known), offeredRounds)]), values{}), nil
}

func (h *Handlers) roundForm(known []rollcall.Round) *form {
	return &form{access: telegram.Editor,
		fields: []field{
			{name: "round",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskRound() },
				options: func(r *telegram.Request, _ values) (list []option) {
					for _, k := range known {
						list = append(list, option{r.Say.RoundLabel(k.Title), k.Title})
					}
					return list
				},
				read: func(_ *telegram.Request, text string) (string, bool) {
					title, ok := line(text)
					return title, ok && title != "" && utf8.RuneCountInString(title) <= rollcall.MaxSource
				}},
			{name: "side",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskSide() },
				options: func(r *telegram.Request, _ values) (list []option) {
					for _, s := range []rollcall.Side{rollcall.SideA, rollcall.SideB} {
						list = append(list, option{r.Say.SideLabel(s, h.Sides), string(s)})
					}
					return list
				}},
			{name: "stage",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskStage() },
				options: func(r *telegram.Request, _ values) (list []option) {
					for _, s := range rollcall.Stages {
						list = append(list, option{r.Say.StageLabel(s), string(s)})
					}
					return list
				}},
			{name: "figure",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskFigure() },
				read: func(_ *telegram.Request, text string) (string, bool) {
					n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
					return strconv.FormatUint(n, 10), err == nil && n <= maxFigure
				}},
			{name: "at_least",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskAtLeast() },
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelExactly), ""}, {r.Say.Label(render.LabelAtLeast), "yes"}}
				}},
			askSource(), askSourceURL(), askDate(),
			confirm(func(r *telegram.Request, v values) render.HTML {
				return r.Say.ConfirmFigure(v["round"], v.figure(), h.Sides)
			}),
		},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
				return r.Say.FigureSaved(), tx.AddRoundFigure(v["round"], v.figure(), h.actor(r))
			}), nil
		},
	}
}

// figure is the figure of a round that was asked for.
func (v values) figure() rollcall.RoundFigure {
	n, _ := strconv.Atoi(v["figure"])
	return rollcall.RoundFigure{Side: rollcall.Side(v["side"]), Stage: rollcall.Stage(v["stage"]), Count: n, AtLeast: v["at_least"] == "yes",
		Date: v.date(), Source: v["source"], SourceURL: v["source_url"]}
}
