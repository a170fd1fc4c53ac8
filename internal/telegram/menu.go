package telegram

import (
	"context"
	"errors"
	"slices"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
)

// A menuCommand is the Bot API's BotCommand.
type menuCommand struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

func (g Registry) menu(p *render.Phrases, role Role, groups bool) []menuCommand {
	var list []menuCommand
	for _, c := range g.Commands {
		if c.Hidden || c.Access > role || groups && !c.Groups {
			continue
		}
		list = append(list, menuCommand{c.Name, p.CommandDescription(c.Name)})
	}
	return list
}

// present gives every language its command menu and says what the bot is, and
// tries until that is done, refused, or the context ends.
func (b *Bot) present(ctx context.Context) {
	for pause := minPollPause; ; pause = min(2*pause, maxPollPause) {
		err := b.trySetMenus(ctx)
		if err == nil {
			err = b.tryDescribe(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		b.log.Warn("command menus and description could not be set", "error", err)
		var e *Error
		if !errors.As(err, &e) || e.Refusal != NotRefused || !sleep(ctx, max(pause, e.RetryAfter)) {
			return
		}
	}
}

// trySetMenus sets the menus for private chats and for groups (setMyCommands).
// The default language's goes without a code, for all other languages.
func (b *Bot) trySetMenus(ctx context.Context) error {
	for _, scope := range []struct {
		kind   string
		groups bool
	}{{"default", false}, {"all_private_chats", false}, {"all_group_chats", true}} {
		for _, l := range append([]rollcall.Language{""}, rollcall.Languages...) {
			speak := l
			if l == "" {
				speak = b.router.fallback
			}
			p := Params{}.json("commands", b.router.registry.menu(render.For(speak), Anyone, scope.groups))
			p.json("scope", map[string]string{"type": scope.kind})
			if l != "" {
				p["language_code"] = string(l)
			}
			if _, err := b.client.Call(ctx, "setMyCommands", p); err != nil {
				return err
			}
		}
	}
	return nil
}

// tryDescribe says what the bot is, in an empty chat and on its profile, where
// nobody has said it before: what the operator has told BotFather stays, and so
// does what an earlier release said, since the two cannot be told apart.
func (b *Bot) tryDescribe(ctx context.Context) error {
	var said struct {
		Description string `json:"description"`
	}
	if err := b.client.ask(ctx, "getMyDescription", Params{}, &said); err != nil || said.Description != "" {
		return err
	}
	for _, l := range append(slices.Clone(rollcall.Languages), "") { // the default's description comes last: it says that all is there
		speak := l
		if l == "" {
			speak = b.router.fallback
		}
		long, short := render.For(speak).About()
		for _, c := range []struct{ method, param, text string }{
			{"setMyShortDescription", "short_description", short}, {"setMyDescription", "description", long}} {
			p := Params{c.param: c.text}
			if l != "" {
				p["language_code"] = string(l)
			}
			if _, err := b.client.Call(ctx, c.method, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// setKeeperMenu gives an editor or owner the longer menu in the chat with the
// bot. Telegram takes a chat's menu only once the chat exists, so it is set when
// the keeper writes.
func (b *Bot) setKeeperMenu(ctx context.Context, chat rollcall.ChatID, role Role, l rollcall.Language) error {
	p := Params{}.json("commands", b.router.registry.menu(render.For(l), role, false))
	p.json("scope", map[string]any{"type": "chat", "chat_id": chat})
	_, err := b.client.Call(ctx, "setMyCommands", p)
	return err
}
