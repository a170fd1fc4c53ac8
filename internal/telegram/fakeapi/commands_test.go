package fakeapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMenus(t *testing.T) {
	l := newLab(t, Options{})
	set := func(command, scope, language string) {
		t.Helper()
		l.ok(l.call("setMyCommands", "commands", `[{"command":"`+command+`","description":"x"}]`, "scope", scope, "language_code", language))
	}
	set("all", "", "")
	set("all_uk", `{"type":"default"}`, "uk")
	set("groups", `{"type":"all_group_chats"}`, "")
	shown := func() []string {
		var out []string
		for _, in := range []struct {
			u int
			c []Command
		}{{1, l.Menu(ada, ada.Chat())}, {2, l.Menu(bo, bo.Chat())}, {3, l.Menu(ada, group)}} {
			out = append(out, in.c[0].Command)
		}
		return out
	}
	if d := cmp.Diff(shown(), []string{"all_uk", "all", "groups"}); d != "" {
		t.Errorf("menus (-got +want):\n%s", d)
	}
	set("mine", `{"type":"chat","chat_id":101}`, "")
	set("admins", `{"type":"chat_administrators","chat_id":"-501"}`, "")
	l.sent(l.SetMember(group, ada, Member{Status: "administrator"}))
	if d := cmp.Diff(shown(), []string{"mine", "all", "admins"}); d != "" {
		t.Errorf("menus of narrower scopes (-got +want):\n%s", d)
	}
	l.ok(l.call("deleteMyCommands", "scope", `{"type":"chat","chat_id":101}`))
	var list []Command
	decode(t, l.ok(l.call("getMyCommands", "language_code", "uk")), &list)
	if d := cmp.Diff(list, []Command{{"all_uk", "x"}}); d != "" {
		t.Errorf("getMyCommands (-got +want):\n%s", d)
	}
	decode(t, l.ok(l.call("getMyCommands", "language_code", "ru")), &list)
	if len(list) != 0 {
		t.Errorf("getMyCommands of another language: %v", list)
	}
	if d := cmp.Diff(shown(), []string{"all_uk", "all", "admins"}); d != "" {
		t.Errorf("menus after deleteMyCommands (-got +want):\n%s", d)
	}
	l.noProblems()
}

func TestMenuFaults(t *testing.T) {
	l := newLab(t, Options{})
	one := func(command, description string) string {
		return fmt.Sprintf(`[{"command":%q,"description":%q}]`, command, description)
	}
	for _, c := range []struct{ name, commands, scope, language, want string }{
		{"none", "", "", "", `parameter "commands" is required`},
		{"no list", "{}", "", "", "can't parse commands JSON object"},
		{"no name", one("", "x"), "", "", "command must be non-empty"},
		{"upper case", one("Find", "x"), "", "", "BOT_COMMAND_INVALID"},
		{"slash", one("/find", "x"), "", "", "BOT_COMMAND_INVALID"},
		{"long name", one(strings.Repeat("a", 33), "x"), "", "", "command length must not exceed 32"},
		{"no description", one("a", " "), "", "", "command description must be non-empty"},
		{"long description", one("a", strings.Repeat("ї", 257)), "", "", "command description length must not exceed 256"},
		{"many", "[" + strings.Repeat(`{"command":"a","description":"b"},`, 100) + `{"command":"a","description":"b"}]`, "", "", "BOT_COMMANDS_TOO_MUCH"},
		{"language", one("a", "x"), "", "uk-UA", "invalid language code specified"},
		{"scope", one("a", "x"), `{"type":"here"}`, "", "can't parse BotCommandScope: Unsupported type specified"},
		{"scope without chat", one("a", "x"), `{"type":"chat"}`, "", `can't parse BotCommandScope: Can't find field "chat_id"`},
		{"unknown chat", one("a", "x"), `{"type":"chat","chat_id":9}`, "", "chat not found"},
		{"channel", one("a", "x"), `{"type":"chat","chat_id":-1001234567890}`, "", "can't change commands in channel chats"},
		{"private administrators", one("a", "x"), `{"type":"chat_administrators","chat_id":101}`, "", "can't use specified scope in private chats"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.t = t
			l.refused(l.call("setMyCommands", "commands", c.commands, "scope", c.scope, "language_code", c.language), 400, "Bad Request: "+c.want)
		})
	}
}

func TestProfile(t *testing.T) {
	l := newLab(t, Options{})
	l.ok(l.call("setMyDescription", "description", "What it does", "language_code", "en"))
	l.ok(l.call("setMyShortDescription", "short_description", "Short"))
	if got := l.Profile("description", "en") + "|" + l.Profile("short_description", ""); got != "What it does|Short" {
		t.Errorf("profile %q", got)
	}
	l.refused(l.call("setMyShortDescription", "short_description", strings.Repeat("x", 121)), 400, "Bad Request: short description is too long")
}
