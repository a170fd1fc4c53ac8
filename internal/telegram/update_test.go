package telegram

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

func TestAnUpdateIsReadByItself(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		id        int64
		ok        bool
		chat      rollcall.ChatID
	}{
		{"message", `{"update_id":5,"message":{"message_id":1,"chat":{"id":-3,"type":"group"},"text":"x"}}`, 5, true, -3},
		{"press", `{"update_id":5,"callback_query":{"id":"9","from":{"id":8},"message":{"message_id":1,"chat":{"id":-3}},"data":"v1:x"}}`, 5, true, -3},
		{"press without message", `{"update_id":5,"callback_query":{"id":"9","from":{"id":8},"data":"v1:x"}}`, 5, true, 8},
		{"member", `{"update_id":5,"my_chat_member":{"chat":{"id":7},"from":{"id":7},"new_chat_member":{"status":"kicked"}}}`, 5, true, 7},
		{"a kind that is not known", `{"update_id":5,"poll_answer":{"anything":[1,2,3]}}`, 5, true, 0},
		{"a new field of any form", `{"update_id":5,"message":{"message_id":1,"chat":{"id":3},"new_thing":{"a":[null]},"photo":[{"x":1}]}}`, 5, true, 3},
		{"null in place of an object", `{"update_id":5,"message":null}`, 5, true, 0},
		{"a field of another type", `{"update_id":5,"message":{"message_id":"one","chat":{"id":3}}}`, 5, false, 0},
		{"a list in place of an object", `{"update_id":5,"message":[]}`, 5, false, 0},
		{"an id out of range", `{"update_id":5,"message":{"message_id":1,"chat":{"id":99999999999999999999}}}`, 5, false, 0},
		{"no id", `{"message":{"message_id":1,"chat":{"id":3}}}`, 0, true, 3},
		{"an id of another type", `{"update_id":"5","message":{}}`, 0, false, 0},
		{"no object", `"update"`, 0, false, 0},
		{"null", `null`, 0, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := decodeUpdate(json.RawMessage(c.raw))
			if u.ID != c.id || (err == nil) != c.ok || u.chatKey() != c.chat {
				t.Errorf("got id %d, chat %d, %v; want id %d, chat %d, ok %t", u.ID, u.chatKey(), err, c.id, c.chat, c.ok)
			}
		})
	}
}

func TestTheErrorOfAnUpdateDoesNotQuoteIt(t *testing.T) {
	for _, raw := range []string{
		`{"update_id":5,"message":{"message_id":1,"chat":{"id":"canary"},"text":"canary"}}`,
		`{"update_id":"canary"}`,
		`canary`,
	} {
		_, err := decodeUpdate(json.RawMessage(raw))
		if err == nil || strings.Contains(forms(err), "canary") {
			t.Errorf("%s: got %v", raw, err)
		}
	}
}

func TestTheMarkTellsUpdatesOfOneIDApart(t *testing.T) {
	keys := testKeys(t)
	mark := func(raw string) string {
		u, err := decodeUpdate(json.RawMessage(raw))
		if err != nil {
			t.Fatal(err)
		}
		m := u.mark(keys)
		return string(m[:])
	}
	seen := map[string]string{}
	for _, raw := range []string{
		`{"update_id":5,"message":{"message_id":1,"date":10,"chat":{"id":3}}}`,
		`{"update_id":5,"message":{"message_id":2,"date":10,"chat":{"id":3}}}`,
		`{"update_id":5,"message":{"message_id":1,"date":11,"chat":{"id":3}}}`,
		`{"update_id":5,"message":{"message_id":1,"date":10,"chat":{"id":4}}}`,
		`{"update_id":5,"callback_query":{"id":"9","from":{"id":8}}}`,
		`{"update_id":5,"callback_query":{"id":"10","from":{"id":8}}}`,
		`{"update_id":5,"my_chat_member":{"date":10,"chat":{"id":7}}}`,
		`{"update_id":5,"my_chat_member":{"date":11,"chat":{"id":7}}}`,
	} {
		m := mark(raw)
		if other, ok := seen[m]; ok {
			t.Errorf("%s and %s have one mark", raw, other)
		}
		seen[m] = raw
		// What Telegram may change before it gives the update again.
		again := strings.Replace(strings.Replace(raw, `"date":10`, `"date":10,"reply_markup":{}`, 1), `"from":{"id":8}`, `"from":{"id":8,"first_name":"New"}`, 1)
		if mark(again) != m {
			t.Errorf("%s: another mark when it comes again", raw)
		}
	}
}

func testKeys(tb testing.TB) *secret.Keys {
	tb.Helper()
	keys, err := secret.New([32]byte{31: 7})
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func FuzzDecodeUpdate(f *testing.F) {
	for _, raw := range []string{
		`{"update_id":5,"message":{"message_id":1,"chat":{"id":3,"type":"private"},"from":{"id":3},"text":"/find x","entities":[{"type":"bot_command","offset":0,"length":5}]}}`,
		`{"update_id":5,"callback_query":{"id":"9","from":{"id":8},"data":"v1:x"}}`,
		`{"update_id":-1}`, `{"update_id":1e3}`, `{"update_id":5,"UPDATE_ID":6}`, `{}`, `[]`, `null`, ``, `{"update_id":5,"message":{`,
	} {
		f.Add([]byte(raw))
	}
	keys := testKeys(f)
	rt := NewRouter(textOnly(echo("any")), RouterOptions{Username: "rollcall_test_bot", Keys: keys})
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := decodeUpdate(raw)
		if err != nil {
			// What cannot be read is not half read.
			if u.Message != nil || u.Callback != nil || u.Member != nil {
				t.Error("an update with an error has content")
			}
			return
		}
		u.chatKey()
		u.mark(keys)
		if u.Message != nil {
			rt.routeMessage(u.Message, &Request{}, Anyone)
		}
		if u.Callback != nil {
			rt.routePress(u.Callback, &Request{Press: &Press{}})
		}
	})
}

func FuzzLeadingCommand(f *testing.F) {
	f.Add("/find Коваленко", 0, 5)
	f.Add("/find@rollcall_test_bot 🙂 x", 0, 23)
	f.Add("🙂 /find", 3, 5)
	f.Add("🙂", 0, 1)
	f.Add("/", 0, 1)
	f.Add("/x", 0, -1)
	f.Add("/x", 0, 1<<40)
	f.Add("/@", 0, 2)
	f.Fuzz(func(t *testing.T, text string, offset, length int) {
		m := &message{Text: text, Entities: []entity{{Type: "bot_command", Offset: offset, Length: length}}}
		command, args, _, is := leadingCommand(m, "rollcall_test_bot")
		if !is {
			if command != "" || args != "" {
				t.Errorf("no command, and yet %q %q", command, args)
			}
			return
		}
		if offset != 0 || length > len(utf16.Encode([]rune(text))) {
			t.Error("an entity elsewhere made a command")
		}
		if command != strings.ToLower(command) || strings.Contains(command, "@") {
			t.Errorf("the command is %q", command)
		}
		if args != strings.TrimSpace(args) {
			t.Errorf("the arguments are %q", args)
		}
	})
}
