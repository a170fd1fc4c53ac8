package fakeapi

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSendMessage(t *testing.T) {
	l := newLab(t, Options{})
	m := l.ok(l.call("sendMessage", "chat_id", "101", "parse_mode", "HTML", "text", " <b>Зразок</b> &lt;1&gt; /find ",
		"protect_content", "true", "disable_notification", "true", "link_preview_options", `{"is_disabled":true}`,
		"reply_markup", `{"inline_keyboard":[[{"text":"Watch","callback_data":"v1:w"}],[{"text":"Help","url":"https://example.org/help"}]]}`)).message(t)
	if want := "Зразок <1> /find"; m.Text != want {
		t.Errorf("text %q, want %q", m.Text, want)
	}
	if d := cmp.Diff(m.Entities, []Entity{{Type: "bold", Length: 6}, {Type: "bot_command", Offset: 11, Length: 5}}); d != "" {
		t.Errorf("entities (-got +want):\n%s", d)
	}
	if m.Date != l.clock.now().Unix() || !m.Protected || m.From.ID != l.Bot().ID || m.Chat.Type != "private" {
		t.Errorf("got %+v", m)
	}
	own := l.Own(ada.Chat())
	if len(own) != 1 || !own[0].Own || !own[0].Silent || own[0].Body() != m.Text {
		t.Fatalf("messages %+v", own)
	}
	if d := cmp.Diff(own[0].Labels(), []string{"Watch", "Help"}); d != "" {
		t.Errorf("labels (-got +want):\n%s", d)
	}
	if got, want := own[0].HTML(), "<b>Зразок</b> &lt;1&gt; /find"; got != want {
		t.Errorf("HTML %q, want %q", got, want)
	}
	l.noProblems()
}

func TestSendFaults(t *testing.T) {
	l := newLab(t, Options{})
	l.AddUser(User{ID: 103, FirstName: "Cy", Started: true})
	l.sent(l.Block(103))
	l.AddUser(User{ID: 104, FirstName: "Di", Started: true})
	if err := l.Deactivate(104); err != nil {
		t.Fatal(err)
	}
	l.AddChat(Chat{ID: -502, Type: "group", Title: "Left"})
	l.sent(l.SetMember(-502, l.Bot().ID, Member{Status: "kicked"}))
	l.AddChat(Chat{ID: -1003, Type: "channel", Title: "Mute"})
	l.sent(l.SetMember(-1003, l.Bot().ID, Member{Status: "administrator"}))
	button := func(b string) string { return `{"inline_keyboard":[[` + b + `]]}` }
	for _, c := range []struct {
		name  string
		pairs []string
		code  int
		text  string
	}{
		{"no chat_id", []string{"text", "a"}, 400, "Bad Request: chat_id is empty"},
		{"unknown chat", []string{"chat_id", "999", "text", "a"}, 400, "Bad Request: chat not found"},
		{"no number", []string{"chat_id", "ada", "text", "a"}, 400, "Bad Request: chat not found"},
		{"never started", []string{"chat_id", "102", "text", "a"}, 403, "Forbidden: bot can't initiate conversation with a user"},
		{"blocked", []string{"chat_id", "103", "text", "a"}, 403, "Forbidden: bot was blocked by the user"},
		{"deactivated", []string{"chat_id", "104", "text", "a"}, 403, "Forbidden: user is deactivated"},
		{"kicked", []string{"chat_id", "-502", "text", "a"}, 403, "Forbidden: bot was kicked from the group chat"},
		{"no right to post", []string{"chat_id", "-1003", "text", "a"}, 400, "Bad Request: need administrator rights in the channel chat"},
		{"empty", []string{"chat_id", "101"}, 400, "Bad Request: message text is empty"},
		{"blank", []string{"chat_id", "101", "text", " \n\u200b"}, 400, "Bad Request: text must be non-empty"},
		{"empty after parsing", []string{"chat_id", "101", "text", "<b></b>", "parse_mode", "HTML"}, 400, "Bad Request: text must be non-empty"},
		{"long", []string{"chat_id", "101", "text", strings.Repeat("😀", 2048) + "x"}, 400, "Bad Request: message is too long"},
		{"bad markup", []string{"chat_id", "101", "text", "<b>x", "parse_mode", "HTML"}, 400, `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"bad UTF-8", []string{"chat_id", "101", "text", "\xff"}, 400, "Bad Request: strings must be encoded in UTF-8"},
		{"no topic", []string{"chat_id", "101", "text", "a", "message_thread_id", "3"}, 400, "Bad Request: message thread not found"},
		{"reply to nothing", []string{"chat_id", "101", "text", "a", "reply_parameters", `{"message_id":77}`}, 400, "Bad Request: message to be replied not found"},
		{"data of 65 bytes", []string{"chat_id", "101", "text", "a", "reply_markup", button(`{"text":"a","callback_data":"` + strings.Repeat("ї", 32) + `x"}`)}, 400, "Bad Request: BUTTON_DATA_INVALID"},
		{"no action", []string{"chat_id", "101", "text", "a", "reply_markup", button(`{"text":"a"}`)}, 400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"empty data", []string{"chat_id", "101", "text", "a", "reply_markup", button(`{"text":"a","callback_data":""}`)}, 400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"no label", []string{"chat_id", "101", "text", "a", "reply_markup", button(`{"text":"","callback_data":"a"}`)}, 400, "Bad Request: inline keyboard button text must be non-empty"},
		{"bad address", []string{"chat_id", "101", "text", "a", "reply_markup", button(`{"text":"a","url":"nowhere"}`)}, 400, "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"},
		{"no JSON", []string{"chat_id", "101", "text", "a", "reply_markup", "{"}, 400, "Bad Request: can't parse reply keyboard markup JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.t = t
			l.refused(l.call("sendMessage", c.pairs...), c.code, c.text)
		})
	}
	l.t = t
	if own := l.Own(ada.Chat()); len(own) != 0 {
		t.Errorf("%d messages were sent", len(own))
	}
}

func TestLongestMessage(t *testing.T) {
	l := newLab(t, Options{})
	l.ok(l.call("sendMessage", "chat_id", "101", "parse_mode", "HTML", "text", "<b>"+strings.Repeat("&amp;", 4096)+"</b>",
		"reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"`+strings.Repeat("ї", 32)+`"}]]}`))
	l.noProblems()
}

func TestChannelByName(t *testing.T) {
	l := newLab(t, Options{})
	m := l.ok(l.call("sendMessage", "chat_id", "@Sample_Channel", "text", "a")).message(t)
	if m.From != nil || m.SenderChat == nil || m.SenderChat.ID != channel {
		t.Errorf("got %+v", m)
	}
}

func TestFiles(t *testing.T) {
	l := newLab(t, Options{})
	data := samplePNG(t, 40, 30)
	first := l.ok(l.upload("sendPhoto", "photo", "chart.png", data, "chat_id", name(channel), "caption", "<i>x</i>", "parse_mode", "HTML")).message(t)
	if len(first.Photo) != 1 || first.Photo[0].Width != 40 || first.Photo[0].Height != 30 || first.Photo[0].FileSize != len(data) {
		t.Fatalf("photo %+v", first.Photo)
	}
	id := first.Photo[0].FileID
	again := l.ok(l.call("sendPhoto", "chat_id", "101", "photo", id)).message(t)
	if d := cmp.Diff(again.Photo, first.Photo); d != "" {
		t.Errorf("sent again by file_id (-got +want):\n%s", d)
	}
	l.refused(l.call("sendDocument", "chat_id", "101", "document", id), 400, "Bad Request: can't use file of type Photo as Document")
	doc := l.ok(l.upload("sendDocument", "file0", "receipt.txt", []byte("receipt"), "chat_id", "101", "document", "attach://file0")).message(t)
	if doc.Document.FileName != "receipt.txt" || doc.Document.FileSize != 7 {
		t.Errorf("document %+v", doc.Document)
	}
	if name, got, ok := l.File(doc.Document.FileID); !ok || name != "receipt.txt" || string(got) != "receipt" {
		t.Errorf("File gave %q %q %t", name, got, ok)
	}

	var f struct {
		Path string `json:"file_path"`
	}
	decode(t, l.ok(l.call("getFile", "file_id", id)), &f)
	resp, err := http.Get(l.URL() + "/file/bot" + l.Token() + "/" + f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, data) {
		t.Errorf("downloaded %d bytes (%v), want %d", len(got), err, len(data))
	}
	if n := len(l.Calls("file")); n != 1 {
		t.Errorf("%d downloads, want 1", n)
	}
	l.noProblems()
}

func TestFileFaults(t *testing.T) {
	l := newLab(t, Options{})
	caption := strings.Repeat("ї", 1025)
	l.refused(l.upload("sendPhoto", "photo", "a.png", []byte("no picture"), "chat_id", "101"), 400, "Bad Request: IMAGE_PROCESS_FAILED")
	l.refused(l.upload("sendPhoto", "photo", "a.png", samplePNG(t, 1, 21), "chat_id", "101"), 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
	l.refused(l.upload("sendPhoto", "photo", "a.png", samplePNG(t, 2, 2), "chat_id", "101", "caption", caption), 400, "Bad Request: message caption is too long")
	l.refused(l.upload("sendDocument", "document", "a", nil, "chat_id", "101"), 400, "Bad Request: file must be non-empty")
	l.refused(l.call("sendDocument", "chat_id", "101"), 400, "Bad Request: there is no document in the request")
	l.refused(l.call("sendDocument", "chat_id", "101", "document", "AgAC"), 400, "Bad Request: wrong file identifier/HTTP URL specified")
	l.refused(l.call("getFile", "file_id", "AgAC"), 400, "Bad Request: wrong file_id or the file is temporarily unavailable")
}

func TestOldFilesAreForgotten(t *testing.T) {
	l := newLab(t, Options{KeepFileBytes: 10})
	first := l.ok(l.upload("sendDocument", "document", "a.txt", []byte("12345678"), "chat_id", "101")).message(t)
	l.ok(l.upload("sendDocument", "document", "b.txt", []byte("12345678"), "chat_id", "101"))
	if _, _, ok := l.File(first.Document.FileID); ok {
		t.Error("the first file is still there")
	}
}

func TestOldMessagesAreForgotten(t *testing.T) {
	l := newLab(t, Options{KeepMessages: 3})
	for range 5 {
		l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
	}
	list := l.Messages(ada.Chat())
	if len(list) != 3 || list[0].MessageID != 3 {
		t.Errorf("messages %+v", list)
	}
}

func TestEdit(t *testing.T) {
	l := newLab(t, Options{})
	const same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	const board = `{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}`
	sent := l.ok(l.call("sendMessage", "chat_id", "101", "text", "<b>one</b>", "parse_mode", "HTML", "reply_markup", board)).message(t)
	edit := []string{"chat_id", "101", "message_id", "1", "parse_mode", "HTML"}
	with := func(more ...string) []string { return append(append([]string(nil), edit...), more...) }
	l.refused(l.call("editMessageText", with("text", "<strong>one</strong> ", "reply_markup", board)...), 400, same)
	for _, c := range []struct{ name, text, board string }{
		{"formatting counts", "one", board},
		{"the keyboard counts", "one", ""},
		{"text", "two", ""},
	} {
		l.clock.move(1e9)
		m := l.ok(l.call("editMessageText", with("text", c.text, "reply_markup", c.board)...)).message(t)
		if m.Text != c.text || m.EditDate <= sent.Date {
			t.Errorf("%s: got %+v", c.name, m)
		}
	}
	m := l.Own(ada.Chat())[0]
	if m.Edits != 3 || m.ReplyMarkup != nil || m.Text != "two" {
		t.Errorf("kept %+v", m)
	}
	l.refused(l.call("editMessageReplyMarkup", "chat_id", "101", "message_id", "1"), 400, same)
	l.ok(l.call("editMessageReplyMarkup", "chat_id", "101", "message_id", "1", "reply_markup", board))
	l.refused(l.call("editMessageCaption", "chat_id", "101", "message_id", "1", "caption", "x"), 400, "Bad Request: there is no caption in the message to edit")
	l.refused(l.call("editMessageText", "chat_id", "101", "message_id", "2", "text", "x"), 400, "Bad Request: message to edit not found")
	l.refused(l.call("editMessageText", "chat_id", "101", "text", "x"), 400, "Bad Request: message identifier is not specified")
	l.sent(l.Send(ada, ada.Chat(), "mine"))
	l.refused(l.call("editMessageText", "chat_id", "101", "message_id", "2", "text", "x"), 400, "Bad Request: message can't be edited")

	photo := l.ok(l.upload("sendPhoto", "photo", "a.png", samplePNG(t, 2, 2), "chat_id", "101", "caption", "x")).message(t)
	id := name(photo.MessageID)
	l.refused(l.call("editMessageCaption", "chat_id", "101", "message_id", id, "caption", "x"), 400, same)
	l.refused(l.call("editMessageText", "chat_id", "101", "message_id", id, "text", "x"), 400, "Bad Request: there is no text in the message to edit")
	if m := l.ok(l.call("editMessageCaption", "chat_id", "101", "message_id", id, "caption", "y")).message(t); m.Caption != "y" {
		t.Errorf("caption %q", m.Caption)
	}
}

func TestEditOthersInChannel(t *testing.T) {
	l := newLab(t, Options{})
	post := l.sent(l.ChannelPost(channel, "by somebody else"))
	edit := []string{"chat_id", name(channel), "message_id", name(post.MessageID), "text", "x"}
	l.refused(l.call("editMessageText", edit...), 400, "Bad Request: message can't be edited")
	l.sent(l.SetMember(channel, l.Bot().ID, Member{Status: "administrator", CanPost: true, CanEdit: true}))
	l.ok(l.call("editMessageText", edit...))
}

func TestDelete(t *testing.T) {
	l := newLab(t, Options{})
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "a"))
	l.ok(l.call("deleteMessage", "chat_id", "101", "message_id", "1"))
	l.refused(l.call("deleteMessage", "chat_id", "101", "message_id", "1"), 400, "Bad Request: message to delete not found")
	if list := l.Messages(ada.Chat()); len(list) != 1 || !list[0].Deleted || len(l.Own(ada.Chat())) != 0 {
		t.Errorf("messages %+v", list)
	}
	l.ok(l.call("sendMessage", "chat_id", "101", "text", "old"))
	l.clock.move(deletable + 1e9)
	l.refused(l.call("deleteMessage", "chat_id", "101", "message_id", "2"), 400, "Bad Request: message can't be deleted")
	l.sent(l.Send(ada, group, "/help"))
	l.refused(l.call("deleteMessage", "chat_id", name(group), "message_id", "1"), 400, "Bad Request: message can't be deleted")
	l.ok(l.call("sendMessage", "chat_id", name(channel), "text", "a"))
	l.clock.move(deletable * 2)
	l.ok(l.call("deleteMessage", "chat_id", name(channel), "message_id", "1"))
}
