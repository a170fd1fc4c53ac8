package command

import (
	"context"

	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// A freeze stops what could do harm when something has gone wrong with the roster
// or the bot: nobody but keepers looks anybody up, nobody signs, and nothing is
// sent that nobody has asked for. What people may always do stays: to withdraw, to
// end watches and subscriptions, to see and to erase what is kept of them.

// frozenCommands and frozenButtons answer with one sentence while the bot is frozen.
var (
	frozenCommands = map[string]bool{"find": true, "sign": true, "digest": true}
	frozenButtons  = map[string]bool{"find": true, "card": true, "show": true, "watch": true, "tellme": true, "wrong": true, "sign": true, "agree": true, "digest": true}
)

// unlessFrozen keeps a handler from being used while the bot is frozen, but by
// those who keep the roster.
func (h *Handlers) unlessFrozen(handle telegram.Handler) telegram.Handler {
	return func(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
		if r.Role >= telegram.Editor {
			return handle(ctx, r)
		}
		since, err := h.DB.Frozen(ctx)
		if err != nil {
			return telegram.Answer{}, err
		}
		if !since.IsZero() {
			return r.Reply(message(r.Say.Frozen(h.Contact, h.Tracing))), nil
		}
		return handle(ctx, r)
	}
}

// freeze stops the bot at once; an owner says why elsewhere.
func (h *Handlers) freeze(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return r.Reply(message(r.Say.FrozenNow())).Actions, tx.Freeze(h.actor(r))
	}}, nil
}

func (h *Handlers) unfreeze(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		ended, err := tx.Unfreeze(h.actor(r))
		if err != nil {
			return nil, err
		}
		if !ended {
			return r.Reply(message(r.Say.NotFrozen())).Actions, nil
		}
		return r.Reply(message(r.Say.Unfrozen())).Actions, nil
	}}, nil
}
