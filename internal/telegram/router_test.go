package telegram

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// sampleRegistry answers by name, so that a test sees which handler it was.
func sampleRegistry() Registry {
	press := func(name string) Handler {
		return func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Actions: []Action{r.Toast("toast"), Say(r.Chat, plainly("%s %q private=%t", name, r.Press.Args, r.Private()))}}, nil
		}
	}
	return Registry{
		Commands: []Command{
			{Name: "start", Handle: echo("start")},
			{Name: "find", Handle: echo("find")},
			{Name: "petition", Groups: true, Handle: echo("petition")},
			{Name: "mydata", Hidden: true, Handle: echo("mydata")},
			{Name: "import", Access: Editor, Handle: echo("import")},
			{Name: "stats", Access: Owner, Groups: true, Handle: echo("stats")},
		},
		Buttons: []Button{
			{Action: "look", Handle: press("look")},
			{Action: "keep", Access: Editor, Handle: press("keep")},
			{Action: "card", Bound: true, Handle: press("card")},
		},
		Text: echo("text"), Photo: echo("photo"), Other: echo("other"), InGroup: echo("in group"), Unknown: echo("unknown"),
		OldPress: func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Actions: []Action{r.Toast("old press")}}, nil
		},
		Document: func(_ context.Context, r *Request) (Answer, error) {
			return r.Reply(plainly("document %s of %d bytes [%s]", r.Document.Name, r.Document.Size, r.Args)), nil
		},
	}
}

func TestWhatIsWrittenFindsItsHandler(t *testing.T) {
	private := func(u rollcall.UserID, text string) func(*lab) rollcall.ChatID {
		return func(l *lab) rollcall.ChatID { l.Send(u, u.Chat(), text); return u.Chat() }
	}
	inGroup := func(u rollcall.UserID, text string) func(*lab) rollcall.ChatID {
		return func(l *lab) rollcall.ChatID { l.Send(u, group, text); return group }
	}
	// raw is a message that the stand-in's people cannot send.
	raw := func(c rollcall.ChatID, kind, from, more string) func(*lab) rollcall.ChatID {
		return func(l *lab) rollcall.ChatID {
			l.Raw(fmt.Sprintf(`{"update_id":{id},"message":{"message_id":77,"date":1,"chat":{"id":%d,"type":%q},%s%s}}`, c, kind, from, more))
			return c
		}
	}
	const find = `"text":"/petition","entities":[{"type":"bot_command","offset":0,"length":9}]`
	fromAda := fmt.Sprintf(`"from":{"id":%d,"is_bot":false,"language_code":"en"},`, ada)
	for _, c := range []struct {
		name string
		act  func(*lab) rollcall.ChatID
		want string // "" for silence
	}{
		{"command", private(ada, "/find"), "find [] anyone en"},
		{"command with arguments", private(ada, "/find  Іваненко Ганна 1984 "), "find [Іваненко Ганна 1984] anyone en"},
		{"command with emoji behind it", private(ada, "/find 🙂 👨‍👩‍👧 x"), "find [🙂 👨‍👩‍👧 x] anyone en"},
		{"command with lines behind it", private(ada, "/find\none\ntwo"), "find [one\ntwo] anyone en"},
		{"command in another case", private(ada, "/FiNd x"), "find [x] anyone en"},
		{"command to this bot", private(ada, "/find@rollcall_test_bot x"), "find [x] anyone en"},
		{"command to this bot, in another case", private(ada, "/find@ROLLCALL_Test_Bot x"), "find [x] anyone en"},
		{"command to another bot", private(ada, "/find@other_bot x"), ""},
		{"deep link", private(ada, "/start p_sample"), "start [p_sample] anyone en"},
		{"command within a text is text", private(ada, "please /find x"), "text [please /find x] anyone en"},
		{"command behind an emoji is text", private(ada, "🙂 /find x"), "text [🙂 /find x] anyone en"},
		{"a second command is an argument", private(ada, "/find /start"), "find [/start] anyone en"},
		{"hidden command works", private(ada, "/mydata"), "mydata [] anyone en"},
		{"unknown command", private(ada, "/nosuch x"), "unknown [x] anyone en"},
		{"command in letters that no command has", private(ada, "/найти x"), "text [/найти x] anyone en"},
		{"text", private(ada, "Іваненко"), "text [Іваненко] anyone en"},
		{"text in another language", private(bo, "Іваненко"), "text [Іваненко] anyone uk"},

		{"editor's command by an editor", private(editor, "/import"), "import [] editor en"},
		{"editor's command by an owner", private(owner, "/import"), "import [] owner en"},
		{"editor's command by anyone", private(ada, "/import"), "unknown [] anyone en"},
		{"owner's command by an owner", private(owner, "/stats"), "stats [] owner en"},
		{"owner's command by an editor", private(editor, "/stats"), "unknown [] editor en"},

		{"in a group: command for groups", inGroup(ada, "/petition x"), "petition [x] anyone en"},
		{"in a group: addressed", inGroup(ada, "/petition@rollcall_test_bot"), "petition [] anyone en"},
		{"in a group: private command", inGroup(ada, "/find x"), "in group [x] anyone en"},
		{"in a group: to another bot", inGroup(ada, "/petition@other_bot"), ""},
		{"in a group: unknown command may be anybody's", inGroup(ada, "/nosuch"), ""},
		{"in a group: command above one's role", inGroup(ada, "/stats"), ""},
		{"in a group: keeper's command by its keeper", inGroup(owner, "/stats"), "stats [] owner en"},
		{"in a group: text", inGroup(ada, "hello"), ""},
		{"in a group: text that the bot gets as an administrator",
			raw(group, "group", fromAda, `"text":"Іваненко"`), ""},
		{"in a group: photo", raw(group, "group", fromAda, `"photo":[{"file_id":"x"}]`), ""},
		{"in a group: somebody joined", raw(group, "group", fromAda, `"new_chat_members":[{"id":1}]`), ""},
		{"in a group: anonymous administrator", raw(group, "supergroup", `"from":{"id":1087968824,"is_bot":true},"sender_chat":{"id":-7200000001,"type":"supergroup"},`, find), ""},
		{"in a group: a channel's post is passed on", raw(group, "supergroup", `"from":{"id":777000,"is_bot":false},"sender_chat":{"id":-1007300000001,"type":"channel"},`, find), ""},
		{"in a group: a bot", raw(group, "group", `"from":{"id":5,"is_bot":true},`, find), ""},
		{"in a group: nobody", raw(group, "group", ``, find), ""},
		{"in a channel", raw(channel, "channel", fromAda, find), ""},

		{"sticker", func(l *lab) rollcall.ChatID { l.SendSticker(ada, ada.Chat(), "🙂"); return ada.Chat() }, "other [] anyone en"},
		{"photo", func(l *lab) rollcall.ChatID { l.SendPhoto(ada, ada.Chat(), samplePNG, ""); return ada.Chat() }, "photo [] anyone en"},
		{"photo with a command as its caption", func(l *lab) rollcall.ChatID {
			l.SendPhoto(ada, ada.Chat(), samplePNG, "/find x")
			return ada.Chat()
		}, "photo [] anyone en"},
		{"document", func(l *lab) rollcall.ChatID {
			l.SendDocument(ada, ada.Chat(), "roster.csv", []byte("12345"), "/import dry")
			return ada.Chat()
		}, "document roster.csv of 5 bytes [/import dry]"},

		{"an entity beyond the text", raw(ada.Chat(), "private", fromAda, `"text":"/find","entities":[{"type":"bot_command","offset":0,"length":50}]`), "text [/find] anyone en"},
		{"an entity of negative length", raw(ada.Chat(), "private", fromAda, `"text":"/find","entities":[{"type":"bot_command","offset":0,"length":-5}]`), "text [/find] anyone en"},
		{"an entity that cuts a character", raw(ada.Chat(), "private", fromAda, `"text":"/🙂","entities":[{"type":"bot_command","offset":0,"length":2}]`), "unknown [\ufffd] anyone en"},
		{"another entity at the start", raw(ada.Chat(), "private", fromAda, `"text":"/find x","entities":[{"type":"bold","offset":0,"length":7}]`), "text [/find x] anyone en"},

		{"edited message", func(l *lab) rollcall.ChatID {
			l.Raw(fmt.Sprintf(`{"update_id":{id},"edited_message":{"message_id":77,"chat":{"id":%d,"type":"private"},%s%s}}`, ada, fromAda, find))
			return ada.Chat()
		}, ""},
		{"channel post", func(l *lab) rollcall.ChatID {
			l.Raw(fmt.Sprintf(`{"update_id":{id},"channel_post":{"message_id":77,"chat":{"id":%d,"type":"channel"},%s}}`, channel, find))
			return channel
		}, ""},
		{"a block", func(l *lab) rollcall.ChatID { l.Block(bo); l.Unblock(bo); return bo.Chat() }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, fakeapi.Options{}, func(l *lab) {
				l.start(sampleRegistry())
				l.idle()
				id := c.act(l)
				l.idle()
				var want []string
				if c.want != "" {
					want = []string{c.want}
				}
				if d := cmp.Diff(l.texts(id), want); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
				if l.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", l.Pending())
				}
			})
		})
	}
}

// A stranger who tries a keeper's command must not learn that there is one.
func TestACommandAboveOnesRoleIsAnsweredLikeAnUnknownOne(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(sampleRegistry())
		for _, text := range []string{"/nosuch x", "/import x", "/stats x"} {
			l.says(ada, text)
			l.idle()
		}
		var calls []string
		for _, c := range l.Calls("sendMessage") {
			calls = append(calls, c.Params.Encode())
		}
		if len(calls) != 3 || calls[0] != calls[1] || calls[1] != calls[2] {
			t.Errorf("the answers differ: %q", calls)
		}
	})
}

func TestPresses(t *testing.T) {
	keys := testKeys(t)
	for _, c := range []struct {
		name  string
		by    rollcall.UserID
		in    rollcall.ChatID
		data  string
		toast string
		want  string // "" for no message
	}{
		{"a button", ada, ada.Chat(), "v1:look", "toast", `look [] private=true`},
		{"with arguments", ada, ada.Chat(), "v1:look:a:b", "toast", `look ["a" "b"] private=true`},
		{"in a group", ada, group, "v1:look", "toast", `look [] private=false`},
		{"bound, by its account", ada, ada.Chat(), BoundCallbackData(keys, ada, "card", "1z"), "toast", `card ["1z"] private=true`},
		{"bound, by another account", bo, bo.Chat(), BoundCallbackData(keys, ada, "card", "1z"), "old press", ""},
		{"bound, without a mark", ada, ada.Chat(), "v1:card:1z", "old press", ""},
		{"bound, with another's argument", ada, ada.Chat(), strings.Replace(BoundCallbackData(keys, ada, "card", "1z"), "1z", "20", 1), "old press", ""},
		{"keeper's button by its keeper", editor, editor.Chat(), "v1:keep", "toast", `keep [] private=true`},
		{"keeper's button by anyone", ada, ada.Chat(), "v1:keep", "old press", ""},
		{"unknown action", ada, ada.Chat(), "v1:nosuch", "old press", ""},
		{"former version", ada, ada.Chat(), "v0:look", "old press", ""},
		{"later version", ada, ada.Chat(), "v2:look", "old press", ""},
		{"another program's data", ada, ada.Chat(), `{"a":1}`, "old press", ""},
		{"no data", ada, ada.Chat(), "", "old press", ""},
		{"oversized", ada, ada.Chat(), "v1:look:" + strings.Repeat("x", 1000), "old press", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, fakeapi.Options{}, func(l *lab) {
				l.start(sampleRegistry())
				l.idle()
				if _, err := l.Forge(c.by, c.in, 1, c.data); err != nil {
					t.Fatal(err)
				}
				l.idle()
				p := l.Presses(c.by)
				if len(p) != 1 || !p[0].Answered || p[0].Text != c.toast {
					t.Errorf("the press was answered %+v, want %q", p, c.toast)
				}
				var want []string
				if c.want != "" {
					want = []string{c.want}
				}
				if d := cmp.Diff(l.texts(c.in), want); d != "" {
					t.Errorf("messages (-got +want):\n%s", d)
				}
			})
		})
	}
}

// A press on a message of inline mode, or on one that is gone, comes without it.
func TestAPressWithoutAMessageIsAnsweredInPrivate(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		g := sampleRegistry()
		got := make(chan Press, 1)
		g.Buttons[0].Handle = func(_ context.Context, r *Request) (Answer, error) {
			got <- *r.Press
			return r.Replace(plainly("here it is")), nil
		}
		l.start(g)
		l.Raw(fmt.Sprintf(`{"update_id":{id},"callback_query":{"id":"77","from":{"id":%d},"chat_instance":"1","data":"v1:look:a"}}`, ada))
		l.idle()
		if d := cmp.Diff(<-got, Press{ID: "77", Args: []string{"a"}}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if d := cmp.Diff(l.texts(ada.Chat()), []string{"here it is"}); d != "" {
			t.Errorf("(-got +want):\n%s", d)
		}
		if n := len(l.Calls("answerCallbackQuery")); n != 1 {
			t.Errorf("%d answers to the press, want 1", n)
		}
	})
}

func TestAPressIsAnsweredWhateverTheHandlerDoes(t *testing.T) {
	for name, h := range map[string]Handler{
		"nothing":         func(context.Context, *Request) (Answer, error) { return Answer{}, nil },
		"a message":       echo("look"),
		"a failure":       func(context.Context, *Request) (Answer, error) { return Answer{}, fmt.Errorf("the disk is on fire") },
		"a panic":         func(context.Context, *Request) (Answer, error) { panic("the disk is on fire") },
		"a failed effect": func(context.Context, *Request) (Answer, error) { return Answer{Effect: failingEffect}, nil },
		"a toast at the end": func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Actions: []Action{Say(r.Chat, plainly("first")), r.Toast("then")}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				g := sampleRegistry()
				g.Buttons[0].Handle = h
				// The chat is held up: the press must not wait for it.
				l.Fault(fakeapi.Fault{Method: "sendMessage", Kind: fakeapi.Slow})
				l.start(g)
				if _, err := l.Forge(ada, ada.Chat(), 1, "v1:look"); err != nil {
					t.Fatal(err)
				}
				l.wait("the answer to the press", func(s *fakeapi.Server) bool { return s.Unanswered() == 0 })
				l.Release()
				l.idle()
				if n := len(l.Calls("answerCallbackQuery")); n != 1 {
					t.Errorf("%d answers to the press, want 1", n)
				}
			})
		})
	}
}

func TestTheToastComesFirst(t *testing.T) {
	say, toast := Action{Kind: ActSay}, Action{Kind: ActToast, Query: "7", Text: "x"}
	for _, c := range []struct {
		name      string
		got, want []Action
	}{
		{"none", nil, []Action{{Kind: ActToast, Query: "7"}}},
		{"no toast", []Action{say}, []Action{{Kind: ActToast, Query: "7"}, say}},
		{"first", []Action{toast, say}, []Action{toast, say}},
		{"last", []Action{say, say, toast}, []Action{toast, say, say}},
		{"between", []Action{say, toast, say}, []Action{toast, say, say}},
	} {
		if d := cmp.Diff(withToast("7", c.got), c.want); d != "" {
			t.Errorf("%s (-got +want):\n%s", c.name, d)
		}
	}
}

func TestALongToastIsCut(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		g := sampleRegistry()
		g.Buttons[0].Handle = func(_ context.Context, r *Request) (Answer, error) {
			return Answer{Actions: []Action{r.Toast("<b>Є</b> &amp; " + plainly("%s", strings.Repeat("є", 300)).Text)}}, nil
		}
		l.start(g)
		if _, err := l.Forge(ada, ada.Chat(), 1, "v1:look"); err != nil {
			t.Fatal(err)
		}
		l.idle()
		p := l.Presses(ada)[0]
		if n := len([]rune(p.Text)); !p.Answered || n > 200 || !strings.HasPrefix(p.Text, "Є & єє") || !strings.HasSuffix(p.Text, "…") {
			t.Errorf("answered %t with %d characters: %s", p.Answered, n, p.Text)
		}
	})
}

// A choice holds before what Telegram says, and that before the bot's own.
func TestTheLanguageOfAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name          string
		chosen        rollcall.Language
		code          string
		fallback, has rollcall.Language
	}{
		{"chosen", rollcall.Russian, "uk", rollcall.English, rollcall.Russian},
		{"Telegram's", "", "uk", rollcall.English, rollcall.Ukrainian},
		{"Telegram's, with a region", "", "en-GB", rollcall.Ukrainian, rollcall.English},
		{"Telegram's is not spoken", "", "pt-BR", rollcall.Ukrainian, rollcall.Ukrainian},
		{"Telegram says nothing", "", "", rollcall.Ukrainian, rollcall.Ukrainian},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, fakeapi.Options{}, func(l *lab) {
				rt := NewRouter(sampleRegistry(), RouterOptions{Username: "rollcall_test_bot", DefaultLanguage: c.fallback, DB: l.db, Keys: l.keys, Log: l.log})
				if c.chosen != "" {
					if err := l.db.Update(l.ctx, func(tx *store.Tx) error { return tx.SetLanguage(ada, c.chosen) }); err != nil {
						t.Fatal(err)
					}
				}
				from := &user{ID: ada, Language: c.code}
				_, _, r, ok := rt.route(l.ctx, update{ID: 1, Message: &message{Chat: chat{ada.Chat(), "private"}, From: from, Text: "x"}})
				if !ok || r.Language != c.has || r.Say.Language() != c.has {
					t.Errorf("got %q, want %q", r.Language, c.has)
				}
			})
		})
	}
}

// An answer in the second-best language is better than none.
func TestAnUnreadableChoiceOfLanguageIsPassedOver(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		rt := NewRouter(sampleRegistry(), RouterOptions{Username: "rollcall_test_bot", DefaultLanguage: rollcall.English, DB: l.db, Keys: l.keys, Log: l.log})
		ctx, cancel := context.WithCancel(l.ctx)
		cancel() // so that the store cannot be read
		_, _, r, ok := rt.route(ctx, update{ID: 1, Message: &message{Chat: chat{bo.Chat(), "private"}, From: &user{ID: bo, Language: "uk"}, Text: "x"}})
		if !ok || r.Language != rollcall.Ukrainian {
			t.Errorf("got %+v", r)
		}
	})
}

func TestTwoOfOneNamePanic(t *testing.T) {
	for name, g := range map[string]Registry{
		"commands": {Commands: []Command{{Name: "find"}, {Name: "find"}}},
		"buttons":  {Buttons: []Button{{Action: "find"}, {Action: "find"}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			NewRouter(g, RouterOptions{})
		}()
	}
}

func failingEffect(*store.Tx) ([]Action, error) { return nil, fmt.Errorf("the disk is on fire") }

// A button is checked when it is pressed, by the roles of that moment and not of
// the one in which it was made.
func TestAButtonOfALostRoleIsAnOldOne(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		var q callbackQuery
		q.From.ID = editor
		for _, c := range []struct {
			name            string
			owners, editors []rollcall.UserID
			want            string
		}{
			{"an editor", nil, []rollcall.UserID{editor}, "press keep"},
			{"an owner", []rollcall.UserID{editor}, nil, "press keep"},
			{"anyone", nil, nil, "old press"},
			{"anyone, beside other keepers", []rollcall.UserID{owner}, []rollcall.UserID{ada}, "old press"},
		} {
			rt := NewRouter(sampleRegistry(), RouterOptions{Username: "rollcall_test_bot", Owners: c.owners, Editors: c.editors,
				DefaultLanguage: rollcall.English, DB: l.db, Keys: l.keys, Log: l.log})
			for _, data := range []string{CallbackData("keep"), BoundCallbackData(l.keys, editor, "keep", "1")} {
				q.Data = data
				if got, _ := rt.routePress(&q, &Request{Press: &Press{}}); got != c.want {
					t.Errorf("%s: %s leads to %q, want %q", c.name, data, got, c.want)
				}
			}
		}
	})
}
