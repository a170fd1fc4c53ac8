package command

import (
	"context"
	"errors"
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

// offeredFigures is how many figures may be withdrawn by a button, the newest first.
const offeredFigures = 5

// round adds a source's figure to an exchange round, step by step. A figure of the
// same source, side, stage and day is replaced, after it was shown; one that was
// entered in error is withdrawn by its button.
func (h *Handlers) round(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	known, err := h.DB.Rounds(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	return h.beginForm(r, h.roundForm(known), values{}), nil
}

// recorded returns the figures of the side and stage that were chosen of the round.
func recorded(known []rollcall.Round, v values) (list []rollcall.RoundFigure) {
	for _, f := range allFigures(known, v["round"]) {
		if string(f.Side) == v["side"] && string(f.Stage) == v["stage"] {
			list = append(list, f)
		}
	}
	return list[:min(len(list), offeredFigures)]
}

// withdrawing prefixes the answer by which a figure is withdrawn; its number in
// recorded follows.
const withdrawing = "withdraw "

// withdrawn is the figure that is to be withdrawn; ok is false where one is added.
func withdrawn(known []rollcall.Round, v values) (f rollcall.RoundFigure, ok bool) {
	rest, ok := strings.CutPrefix(v["figure"], withdrawing)
	if !ok {
		return f, false
	}
	i, err := strconv.Atoi(rest)
	list := recorded(known, v)
	if err != nil || i >= len(list) {
		return f, false
	}
	return list[i], true
}

func (h *Handlers) roundForm(known []rollcall.Round) *form {
	adding := func(v values) bool { _, ok := withdrawn(known, v); return !ok }
	source, address, date, save := askSource(), askSourceURL(), askDate(), confirm(func(r *telegram.Request, v values) render.HTML {
		now := v.figure()
		for _, was := range allFigures(known, v["round"]) {
			if was.SameStatement(now) {
				return r.Say.ConfirmReplacing(v["round"], was, now, h.Sides)
			}
		}
		return r.Say.ConfirmFigure(v["round"], now, h.Sides)
	})
	source.when, address.when, date.when, save.when = adding, adding, adding, adding
	return &form{access: telegram.Editor,
		fields: []field{
			{name: "round",
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskRound() },
				options: func(r *telegram.Request, _ values) (list []option) {
					for _, k := range known[:min(len(known), offeredRounds)] {
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
				ask: func(r *telegram.Request, v values) render.HTML {
					if len(recorded(known, v)) > 0 {
						return r.Say.AskFigureOrWithdraw()
					}
					return r.Say.AskFigure()
				},
				options: func(r *telegram.Request, v values) (list []option) {
					for i, f := range recorded(known, v) {
						list = append(list, option{r.Say.WithdrawLabel(f), withdrawing + strconv.Itoa(i)})
					}
					return list
				},
				read: func(_ *telegram.Request, text string) (string, bool) {
					n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
					return strconv.FormatUint(n, 10), err == nil && n <= maxFigure
				}},
			{name: "withdraw", when: func(v values) bool { return !adding(v) },
				ask: func(r *telegram.Request, v values) render.HTML {
					f, _ := withdrawn(known, v)
					return r.Say.ConfirmWithdrawing(v["round"], f, h.Sides)
				},
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelYesWithdraw), "yes"}}
				}},
			{name: "at_least", when: adding,
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskAtLeast() },
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelExactly), ""}, {r.Say.Label(render.LabelAtLeast), "yes"}}
				}},
			source, address, date, save,
		},
		finish: func(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
			if f, ok := withdrawn(known, v); ok {
				return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
					err := tx.WithdrawRoundFigure(v["round"], f, h.actor(r))
					if errors.Is(err, store.ErrNoFigure) {
						return r.Say.FigureGone(), nil
					}
					return r.Say.FigureWithdrawn(), err
				}), nil
			}
			return h.saved(r, func(tx *store.Tx) (render.HTML, error) {
				return r.Say.FigureSaved(), tx.AddRoundFigure(v["round"], v.figure(), h.actor(r))
			}), nil
		},
	}
}

// allFigures returns the figures of the round of a title; it may have none, or be new.
func allFigures(known []rollcall.Round, title string) []rollcall.RoundFigure {
	for _, k := range known {
		if k.Title == title {
			return k.Figures
		}
	}
	return nil
}

// figure is the figure of a round that was asked for.
func (v values) figure() rollcall.RoundFigure {
	n, _ := strconv.Atoi(v["figure"])
	return rollcall.RoundFigure{Side: rollcall.Side(v["side"]), Stage: rollcall.Stage(v["stage"]), Count: n, AtLeast: v["at_least"] == "yes",
		Date: v.date(), Source: v["source"], SourceURL: v["source_url"]}
}
