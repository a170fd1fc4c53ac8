package fakeapi

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// A Command is one line of a command menu (Bot API "BotCommand").
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// menuKey is a scope (Bot API "BotCommandScope") with a language.
type menuKey struct {
	scope    string
	chat     rollcall.ChatID
	user     rollcall.UserID
	language string
}

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageCode = regexp.MustCompile(`^([a-z]{2})?$`)
)

// Limits of the Bot API, in characters but for maxCommands.
const (
	maxCommands           = 100
	maxCommandDescription = 256
	maxDescription        = 512
	maxShortDescription   = 120
)

func (s *Server) menuKey(r *request) (menuKey, *apiError) {
	k := menuKey{scope: "default", language: r.text("language_code")}
	if !languageCode.MatchString(k.language) {
		return k, badRequest("invalid language code specified")
	}
	var scope struct {
		Type   string          `json:"type"`
		ChatID json.RawMessage `json:"chat_id"`
		UserID rollcall.UserID `json:"user_id"`
	}
	given, err := r.decode("scope", &scope)
	if err != nil {
		return k, badRequest("can't parse BotCommandScope JSON object")
	}
	if !given {
		return k, nil
	}
	s.foreignKeys(r, "scope", []byte(r.text("scope")), "type", "chat_id", "user_id")
	const cannot = "can't parse BotCommandScope: "
	switch k.scope = scope.Type; k.scope {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return k, nil
	case "chat", "chat_administrators", "chat_member":
	case "":
		return k, badRequest(cannot + `Can't find field "type"`)
	default:
		return k, badRequest(cannot + "Unsupported type specified")
	}
	if len(scope.ChatID) == 0 {
		return k, badRequest(cannot + `Can't find field "chat_id"`)
	}
	c, e := s.enter(strings.Trim(string(scope.ChatID), `"`), toRead)
	switch {
	case e != nil:
		return k, e
	case c.Type == "channel":
		return k, badRequest("can't change commands in channel chats")
	case c.ID.Private() && k.scope != "chat":
		return k, badRequest("can't use specified scope in private chats")
	case k.scope == "chat_member" && scope.UserID <= 0:
		return k, badRequest(cannot + "Invalid user_id specified")
	}
	k.chat = c.ID
	if k.scope == "chat_member" {
		k.user = scope.UserID
	}
	return k, nil
}

func (s *Server) setMyCommands(r *request) (any, *apiError) {
	var list []Command
	given, err := r.decode("commands", &list)
	switch {
	case err != nil:
		return nil, badRequest("can't parse commands JSON object")
	case !given:
		return nil, badRequest("parameter \"commands\" is required")
	case len(list) > maxCommands:
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	k, e := s.menuKey(r)
	if e != nil {
		return nil, e
	}
	for _, c := range list {
		switch {
		case c.Command == "":
			return nil, badRequest("command must be non-empty")
		case utf8.RuneCountInString(c.Command) > 32:
			return nil, badRequest("command length must not exceed 32")
		case !commandName.MatchString(c.Command):
			return nil, badRequest("BOT_COMMAND_INVALID")
		case strings.TrimSpace(c.Description) == "":
			return nil, badRequest("command description must be non-empty")
		case utf8.RuneCountInString(c.Description) > maxCommandDescription:
			return nil, badRequest("command description length must not exceed 256")
		}
	}
	s.menus[k] = list
	if len(list) == 0 {
		delete(s.menus, k)
	}
	s.emit(Event{Kind: MenuChanged})
	return true, nil
}

func (s *Server) getMyCommands(r *request) (any, *apiError) {
	k, e := s.menuKey(r)
	if e != nil {
		return nil, e
	}
	if list, ok := s.menus[k]; ok {
		return list, nil
	}
	return []Command{}, nil
}

func (s *Server) deleteMyCommands(r *request) (any, *apiError) {
	k, e := s.menuKey(r)
	if e != nil {
		return nil, e
	}
	delete(s.menus, k)
	s.emit(Event{Kind: MenuChanged})
	return true, nil
}

func (s *Server) setMyDescription(r *request) (any, *apiError) {
	return s.setProfile(r, "description", maxDescription)
}

func (s *Server) setMyShortDescription(r *request) (any, *apiError) {
	return s.setProfile(r, "short_description", maxShortDescription)
}

func (s *Server) setProfile(r *request, name string, limit int) (any, *apiError) {
	switch {
	case !languageCode.MatchString(r.text("language_code")):
		return nil, badRequest("invalid language code specified")
	case utf8.RuneCountInString(r.text(name)) > limit:
		return nil, badRequest("%s is too long", strings.ReplaceAll(name, "_", " "))
	}
	s.profile[name+"."+r.text("language_code")] = r.text(name)
	s.emit(Event{Kind: MenuChanged})
	return true, nil
}

// getMyDescription answers with that of a language, or else with that for all
// others (Bot API getMyDescription).
func (s *Server) getMyDescription(r *request) (any, *apiError) {
	language := r.text("language_code")
	if !languageCode.MatchString(language) {
		return nil, badRequest("invalid language code specified")
	}
	text := s.profile["description."+language]
	if text == "" {
		text = s.profile["description."]
	}
	return map[string]string{"description": text}, nil
}

// Profile returns what the bot set as "description" or "short_description" in a
// language, or for all others where the language is "".
func (s *Server) Profile(name, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile[name+"."+language]
}

// Menu returns the commands that a user sees in a chat: those of the narrowest
// scope that has any, in the user's language before those for all languages
// (Bot API, "Determining list of commands").
func (s *Server) Menu(id rollcall.UserID, in rollcall.ChatID) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c := s.users[id], s.chats[in]
	if u == nil || c == nil {
		return nil
	}
	admin := c.members[id].admin()
	var scopes []menuKey
	if c.ID.Private() {
		scopes = []menuKey{{scope: "chat", chat: in}, {scope: "all_private_chats"}}
	} else {
		scopes = []menuKey{{scope: "chat_member", chat: in, user: id}}
		if admin {
			scopes = append(scopes, menuKey{scope: "chat_administrators", chat: in})
		}
		scopes = append(scopes, menuKey{scope: "chat", chat: in})
		if admin {
			scopes = append(scopes, menuKey{scope: "all_chat_administrators"})
		}
		scopes = append(scopes, menuKey{scope: "all_group_chats"})
	}
	language, _, _ := strings.Cut(u.LanguageCode, "-")
	for _, k := range append(scopes, menuKey{scope: "default"}) {
		for _, k.language = range []string{language, ""} {
			if list := s.menus[k]; list != nil {
				return slices.Clone(list)
			}
		}
	}
	return nil
}
