package fakeapi

import (
	"encoding/json"
	"unicode/utf8"
)

const (
	maxCallbackData = 64  // bytes
	maxButtons      = 100 // in a keyboard
	maxRow          = 8   // buttons
	maxCopyText     = 256 // characters
)

// markup reads reply_markup: an inline keyboard, or one of the other kinds,
// which is kept as it is.
func (s *Server) markup(r *request) (*Keyboard, json.RawMessage, *apiError) {
	raw := json.RawMessage(r.text("reply_markup"))
	if len(raw) == 0 {
		return nil, nil, nil
	}
	var fields map[string]json.RawMessage
	if !json.Valid(raw) {
		return nil, nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	if json.Unmarshal(raw, &fields) != nil {
		return nil, nil, badRequest("object expected as reply markup")
	}
	rows, inline := fields["inline_keyboard"]
	if !inline {
		for _, kind := range []string{"keyboard", "remove_keyboard", "force_reply"} {
			if _, ok := fields[kind]; ok {
				return nil, raw, nil
			}
		}
		s.problem(r.method.name + ": reply_markup is of no known kind")
		return nil, nil, nil
	}
	s.foreignKeys(r, "reply_markup", raw, "inline_keyboard")
	var list [][]json.RawMessage
	if string(rows) != "null" && json.Unmarshal(rows, &list) != nil {
		return nil, nil, badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
	}
	k := &Keyboard{}
	total := 0
	for _, row := range list {
		if len(row) == 0 {
			continue
		}
		if len(row) > maxRow {
			s.problem(r.method.name + ": more than 8 buttons in a row, which Telegram spreads over several")
		}
		var buttons []Button
		for _, raw := range row {
			b, e := s.button(r, raw)
			if e != nil {
				return nil, nil, e
			}
			buttons = append(buttons, b)
		}
		total += len(buttons)
		k.Rows = append(k.Rows, buttons)
	}
	if total > maxButtons {
		return nil, nil, badRequest("reply markup is too long")
	}
	if total == 0 {
		return nil, nil, nil
	}
	return k, nil, nil
}

func (s *Server) button(r *request, raw json.RawMessage) (Button, *apiError) {
	const cannot = "can't parse inline keyboard button: "
	var b Button
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return b, badRequest(cannot + "InlineKeyboardButton must be an Object")
	}
	if json.Unmarshal(raw, &b) != nil {
		return b, badRequest(cannot + "a field is of the wrong type")
	}
	actions := 0
	for name, value := range fields {
		switch name {
		case "text", "style", "icon_custom_emoji_id":
		case "url", "callback_data", "web_app", "login_url", "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay":
			if v := string(value); v != `""` && v != "null" && v != "false" {
				actions++
			}
		case "switch_inline_query", "switch_inline_query_current_chat":
			if string(value) != "null" {
				actions++
			}
		default:
			s.problem(r.method.name + ": reply_markup: unknown field " + name)
		}
	}
	switch {
	case fields["text"] == nil:
		return b, badRequest(cannot + "Can't find field \"text\"")
	case actions == 0:
		return b, badRequest(cannot + "Text buttons are unallowed in the inline keyboard")
	case b.Text == "":
		return b, badRequest("inline keyboard button text must be non-empty")
	case len(b.CallbackData) > maxCallbackData:
		return b, badRequest("BUTTON_DATA_INVALID")
	case b.CopyText != nil && (b.CopyText.Text == "" || utf8.RuneCountInString(b.CopyText.Text) > maxCopyText):
		return b, badRequest("BUTTON_COPY_TEXT_INVALID")
	case actions > 1:
		s.problem(r.method.name + ": a button has more than one action, of which Telegram takes one")
	}
	if b.URL != "" {
		link, problem := checkLink(b.URL)
		if problem != "" {
			return b, badRequest("inline keyboard button URL '%s' is invalid: %s", b.URL, problem)
		}
		b.URL = link
		s.checkDeepLink(r, link)
	}
	return b, nil
}
