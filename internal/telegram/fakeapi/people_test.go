package fakeapi

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

func TestSendAsUser(t *testing.T) {
	l := newLab(t, Options{})
	s := l.sent(l.Send(bo, bo.Chat(), "/start p_sample"))
	got := l.updates()[0]
	if got.ID != s.UpdateID || got.Message.MessageID != s.MessageID || got.Message.From.LanguageCode != "en-GB" || got.Message.Chat.ID != bo.Chat() {
		t.Errorf("got %+v", got.Message)
	}
	if d := cmp.Diff(got.Message.Entities, []Entity{{Type: "bot_command", Length: 6}}); d != "" {
		t.Errorf("entities (-got +want):\n%s", d)
	}
	l.ok(l.call("sendMessage", "chat_id", "102", "text", "now I may")) // the message was a start
	l.noProblems()
}

func TestPrivacyInGroups(t *testing.T) {
	l := newLab(t, Options{})
	own := l.ok(l.call("sendMessage", "chat_id", name(group), "text", "a")).message(t)
	bot := "@" + l.Bot().Username
	for _, c := range []struct {
		name, text string
		told       bool
	}{
		{"talk", "hello", false},
		{"command", "/find", true},
		{"command for the bot", "/find" + bot, true},
		{"command for another", "/find@other_bot", false},
		{"a name only", bot + " hello", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := l.Send(ada, group, c.text)
			if err != nil || s.UpdateID != 0 != c.told {
				t.Errorf("update %d (%v), want one: %t", s.UpdateID, err, c.told)
			}
		})
	}
	if s := l.sent(l.Reply(ada, group, own.MessageID, "hello")); s.UpdateID == 0 {
		t.Error("no update for a reply to the bot")
	}
	l.sent(l.SetMember(group, l.Bot().ID, Member{Status: "administrator"}))
	if s := l.sent(l.Send(ada, group, "hello")); s.UpdateID == 0 {
		t.Error("no update for an administrator")
	}
	l.sent(l.SetMember(group, l.Bot().ID, Member{Status: "left"}))
	if s := l.sent(l.Send(ada, group, "/find")); s.UpdateID != 0 {
		t.Error("an update though the bot has left")
	}
}

func TestMedia(t *testing.T) {
	l := newLab(t, Options{})
	l.sent(l.SendPhoto(ada, ada.Chat(), samplePNG(t, 3, 2), "/add"))
	l.sent(l.SendDocument(ada, ada.Chat(), "../r.csv", []byte("a"), ""))
	l.sent(l.SendSticker(ada, ada.Chat(), "🙂"))
	got := l.updates()
	if m := got[0].Message; len(m.Photo) != 1 || m.Caption != "/add" || m.CaptionEntities[0].Type != "bot_command" {
		t.Errorf("photo %+v", m)
	}
	if m := got[1].Message; m.Document == nil || m.Document.FileName != "r.csv" {
		t.Errorf("document %+v", m)
	}
	if m := got[2].Message; m.Sticker == nil || m.Sticker.Emoji != "🙂" {
		t.Errorf("sticker %+v", m)
	}
}

func TestEditAndDeleteAsUser(t *testing.T) {
	l := newLab(t, Options{})
	s := l.sent(l.Send(ada, ada.Chat(), "one"))
	l.sent(l.Edit(ada, ada.Chat(), s.MessageID, "two"))
	if got := l.updates(); len(got) != 2 || got[0].Message.Text != "one" || got[1].Edited.Text != "two" || got[1].Edited.EditDate == 0 {
		t.Errorf("got %+v", got)
	}
	if err := l.Delete(ada.Chat(), s.MessageID); err != nil {
		t.Error(err)
	}
	if _, err := l.Edit(ada, ada.Chat(), s.MessageID, "three"); !errors.Is(err, ErrNoMessage) {
		t.Errorf("editing a deleted message: %v", err)
	}
}

func TestBlock(t *testing.T) {
	l := newLab(t, Options{})
	l.sent(l.Block(ada))
	l.refused(l.call("sendMessage", "chat_id", "101", "text", "a"), 403, "Forbidden: bot was blocked by the user")
	if _, err := l.Send(ada, ada.Chat(), "hello"); !errors.Is(err, ErrBlocked) {
		t.Errorf("a blocker writes: %v", err)
	}
	if s := l.sent(l.Block(ada)); s.UpdateID != 0 {
		t.Error("blocking twice makes an update")
	}
	l.sent(l.Unblock(ada))
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
	var statuses []string
	for _, u := range l.updates() {
		var m struct {
			New struct{ Status string } `json:"new_chat_member"`
		}
		decode(t, answer{Result: u.Member}, &m)
		statuses = append(statuses, m.New.Status)
	}
	if d := cmp.Diff(statuses, []string{"kicked", "member"}); d != "" {
		t.Errorf("statuses (-got +want):\n%s", d)
	}
}

func TestPress(t *testing.T) {
	l := newLab(t, Options{})
	const board = `{"inline_keyboard":[[{"text":"Yes","callback_data":"v1:yes"},{"text":"More","url":"https://example.org"}]]}`
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "older", "reply_markup", board))
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "newer", "reply_markup", board))
	byLabel := l.sent(l.Press(ada, ada.Chat(), 0, "Yes"))
	byData := l.sent(l.Press(ada, ada.Chat(), 1, "v1:yes"))
	if byLabel.MessageID != 2 || byData.MessageID != 1 {
		t.Errorf("pressed on %d and %d, want 2 and 1", byLabel.MessageID, byData.MessageID)
	}
	var q struct {
		ID      string
		From    User
		Data    string
		Message Message
	}
	decode(t, answer{Result: l.updates()[0].Query}, &q)
	if q.From.ID != ada || q.Data != "v1:yes" || q.Message.Text != "newer" {
		t.Errorf("query %+v", q)
	}
	if n := l.Unanswered(); n != 2 {
		t.Errorf("%d unanswered, want 2", n)
	}
	const old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	l.refused(l.call("answerCallbackQuery", "callback_query_id", "1"), 400, old)
	long := make([]rune, 201)
	for i := range long {
		long[i] = 'ї'
	}
	l.refused(l.call("answerCallbackQuery", "callback_query_id", q.ID, "text", string(long)), 400, "Bad Request: MESSAGE_TOO_LONG")
	l.refused(l.call("answerCallbackQuery", "callback_query_id", q.ID, "url", "https://example.org"), 400, "Bad Request: URL_INVALID")
	l.ok(l.call("answerCallbackQuery", "callback_query_id", q.ID, "text", string(long[1:]), "show_alert", "true"))
	l.refused(l.call("answerCallbackQuery", "callback_query_id", q.ID), 400, old)
	if p := l.Presses(ada); len(p) != 2 || !p[0].Answered || !p[0].Alert || p[0].Text != string(long[1:]) || p[1].Answered {
		t.Errorf("presses %+v", p)
	}
	for _, label := range []string{"More", "No"} {
		if _, err := l.Press(ada, ada.Chat(), 0, label); !errors.Is(err, ErrNoButton) {
			t.Errorf("pressing %s: %v", label, err)
		}
	}
	if d := cmp.Diff(l.Problems(), []string{"Press: " + ErrNoButton.Error(), "Press: " + ErrNoButton.Error()}); d != "" {
		t.Errorf("problems (-got +want):\n%s", d)
	}
}

func TestPressesAreRemembered(t *testing.T) {
	for _, c := range []struct{ keep, presses, want int }{{0, 1001, 1000}, {3, 4, 3}, {2000, 1001, 1001}} {
		l := newLab(t, Options{KeepPresses: c.keep})
		for i := range c.presses {
			l.sent(l.Forge(ada, ada.Chat(), rollcall.MessageID(i), "v1:yes"))
		}
		p := l.Presses(ada)
		if len(p) != c.want || p[len(p)-1].MessageID != rollcall.MessageID(c.presses-1) {
			t.Errorf("KeepPresses %d: of %d presses %d are remembered, want the last %d", c.keep, c.presses, len(p), c.want)
		}
	}
}

func TestOldPress(t *testing.T) {
	l := newLab(t, Options{CallbackTTL: 15e9})
	l.sent(l.Forge(ada, ada.Chat(), 7, "v9:?"))
	l.clock.move(16e9)
	l.refused(l.call("answerCallbackQuery", "callback_query_id", l.Presses(0)[0].ID), 400,
		"Bad Request: query is too old and response timeout expired or query ID is invalid")
	var q struct {
		Data    string
		Message map[string]any
	}
	decode(t, answer{Result: l.updates()[0].Query}, &q)
	if q.Data != "v9:?" || q.Message["date"] != 0.0 || q.Message["message_id"] != 7.0 {
		t.Errorf("query %+v", q)
	}
}

func TestMigrate(t *testing.T) {
	l := newLab(t, Options{})
	id, err := l.Migrate(group)
	if err != nil {
		t.Fatal(err)
	}
	a := l.refused(l.call("sendMessage", "chat_id", name(group), "text", "a"), 400, "Bad Request: group chat was upgraded to a supergroup chat")
	if a.Parameters.MigrateTo != id {
		t.Errorf("migrate_to_chat_id %d, want %d", a.Parameters.MigrateTo, id)
	}
	l.ok(l.call("sendMessage", "chat_id", name(id), "text", "a"))
	got := l.updates()
	if len(got) != 2 || got[0].Message.MigrateTo != id || got[1].Message.MigrateFrom != group {
		t.Errorf("updates %+v", got)
	}
	if _, err := l.Migrate(group); !errors.Is(err, ErrNoChat) {
		t.Errorf("migrating twice: %v", err)
	}
}

func TestMembers(t *testing.T) {
	l := newLab(t, Options{})
	l.updates("allowed_updates", `["chat_member","my_chat_member"]`)
	get := func(chat rollcall.ChatID, id rollcall.UserID) map[string]any {
		var m map[string]any
		decode(t, l.ok(l.call("getChatMember", "chat_id", name(chat), "user_id", name(id))), &m)
		return m
	}
	me := get(channel, l.Bot().ID)
	if me["status"] != "administrator" || me["can_post_messages"] != true || me["can_edit_messages"] != false {
		t.Errorf("the bot is %v", me)
	}
	if s := l.sent(l.SetMember(channel, ada, Member{Status: "administrator"})); s.UpdateID == 0 {
		t.Error("no chat_member update")
	}
	if m := get(channel, ada); m["status"] != "administrator" {
		t.Errorf("Ada is %v", m)
	}
	if m := get(group, bo); m["status"] != "left" {
		t.Errorf("Bo is %v", m)
	}
	l.refused(l.call("getChatMember", "chat_id", name(channel), "user_id", "5"), 400, "Bad Request: PARTICIPANT_ID_INVALID")
	l.refused(l.call("getChat", "chat_id", "102"), 400, "Bad Request: chat not found")
	var c Chat
	decode(t, l.ok(l.call("getChat", "chat_id", "@sample_channel")), &c)
	if d := cmp.Diff(c, Chat{ID: channel, Type: "channel", Title: "Sample channel", Username: "sample_channel"}); d != "" {
		t.Errorf("chat (-got +want):\n%s", d)
	}
}

func TestWhatPeopleCannotDo(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct {
		name string
		do   func() (Sent, error)
		want error
	}{
		{"stranger", func() (Sent, error) { return l.Send(9, 9, "x") }, ErrNoUser},
		{"nowhere", func() (Sent, error) { return l.Send(ada, -9, "x") }, ErrNoChat},
		{"another's chat", func() (Sent, error) { return l.Send(ada, bo.Chat(), "x") }, ErrCannot},
		{"a reader in a channel", func() (Sent, error) { return l.Send(ada, channel, "x") }, ErrCannot},
		{"nothing to say", func() (Sent, error) { return l.Send(ada, ada.Chat(), " ") }, errEmpty},
		{"reply to nothing", func() (Sent, error) { return l.Reply(ada, ada.Chat(), 5, "x") }, ErrNoMessage},
		{"post in a group", func() (Sent, error) { return l.ChannelPost(group, "x") }, ErrNoChat},
		{"member of a private chat", func() (Sent, error) { return l.SetMember(ada.Chat(), ada, Member{}) }, ErrCannot},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.do(); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if n := len(l.Problems()); n != 8 {
		t.Errorf("%d problems, want 8", n)
	}
}
