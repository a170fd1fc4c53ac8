package telegram

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram/fakeapi"
)

// names are the commands of a menu.
func names(menu []fakeapi.Command) []string {
	var list []string
	for _, c := range menu {
		list = append(list, c.Command)
	}
	return list
}

func TestMenusAreOfTheReadersLanguageAndPlace(t *testing.T) {
	for _, fallback := range rollcall.Languages {
		t.Run(string(fallback), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				l.fallback = fallback
				l.start(sampleRegistry())
				l.idle()
				for i, c := range []struct {
					code string
					want rollcall.Language
				}{{"en", rollcall.English}, {"uk", rollcall.Ukrainian}, {"ru", rollcall.Russian}, {"pt-br", fallback}, {"", fallback}} {
					u := fakeapi.User{ID: rollcall.UserID(7100000200 + i), FirstName: "Reader", LanguageCode: c.code, Started: true}
					l.AddUser(u)
					say := render.For(c.want)
					command := func(name string) fakeapi.Command {
						return fakeapi.Command{Command: name, Description: say.CommandDescription(name)}
					}
					if d := cmp.Diff(l.Menu(u.ID, u.ID.Chat()), []fakeapi.Command{command("start"), command("find"), command("petition")}); d != "" {
						t.Errorf("%q in private (-got +want):\n%s", c.code, d)
					}
					if d := cmp.Diff(l.Menu(u.ID, group), []fakeapi.Command{command("petition")}); d != "" {
						t.Errorf("%q in a group (-got +want):\n%s", c.code, d)
					}
				}
			})
		})
	}
}

func TestTheBotSaysWhatItIsUnlessTheOperatorHas(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.fallback = rollcall.Ukrainian
		l.start(sampleRegistry())
		l.idle()
		for code, want := range map[string]rollcall.Language{"en": "en", "uk": "uk", "ru": "ru", "": "uk"} {
			long, short := render.For(want).About()
			if got := l.Profile("description", code); got != long {
				t.Errorf("description in %q: got %q, want %q", code, got, long)
			}
			if got := l.Profile("short_description", code); got != short {
				t.Errorf("short description in %q: got %q, want %q", code, got, short)
			}
		}
	})
	bubble(t, fakeapi.Options{}, func(l *lab) {
		said := httptest.NewRequest("GET", "/bot"+l.Token()+"/setMyDescription?description=as+the+operator+says", nil)
		l.ServeHTTP(httptest.NewRecorder(), said)
		l.start(sampleRegistry())
		l.idle()
		if got := l.Profile("description", "en") + l.Profile("description", ""); got != "as the operator says" {
			t.Errorf("the operator's words became %q", got)
		}
	})
}

// A start that was cut short is made good by the next.
func TestADescriptionIsCompletedByALaterStart(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.Fault(fakeapi.Fault{Method: "setMyShortDescription", Kind: fakeapi.Status, Code: 400, After: 3})
		l.fallback = rollcall.English
		l.start(sampleRegistry())
		l.idle()
		if got := l.Profile("description", ""); got != "" {
			t.Errorf("without the short description there is %q, which the next start takes for the whole", got)
		}
	})
}

func TestAKeepersMenuIsSetWhenTheyWrite(t *testing.T) {
	bubble(t, fakeapi.Options{}, func(l *lab) {
		l.start(sampleRegistry())
		l.idle()
		stranger := []string{"start", "find", "petition"}
		if d := cmp.Diff(names(l.Menu(editor, editor.Chat())), stranger); d != "" {
			t.Errorf("before (-got +want):\n%s", d)
		}
		for _, u := range []rollcall.UserID{ada, editor, owner} {
			l.says(u, "hello")
		}
		if _, err := l.Send(owner, group, "/petition"); err != nil {
			t.Fatal(err)
		}
		l.idle()
		for u, want := range map[rollcall.UserID][]string{ada: stranger, editor: append(stranger[:3:3], "import"), owner: append(stranger[:3:3], "import", "stats")} {
			if d := cmp.Diff(names(l.Menu(u, u.Chat())), want); d != "" {
				t.Errorf("in private (-got +want):\n%s", d)
			}
		}
		if d := cmp.Diff(names(l.Menu(owner, group)), []string{"petition"}); d != "" {
			t.Errorf("in a group, where anybody can see it (-got +want):\n%s", d)
		}
		n := len(l.Calls("setMyCommands"))
		l.says(owner, "again")
		l.idle()
		if more := len(l.Calls("setMyCommands")) - n; more != 0 {
			t.Errorf("%d more calls for one whose menu is set", more)
		}
		if err := l.db.Update(l.ctx, func(tx *store.Tx) error { return tx.SetLanguage(owner, rollcall.Ukrainian) }); err != nil {
			t.Fatal(err)
		}
		l.says(owner, "in another language")
		l.idle()
		if got, want := l.Menu(owner, owner.Chat())[0].Description, render.For(rollcall.Ukrainian).CommandDescription("start"); got != want {
			t.Errorf("after a change of language: %q, want %q", got, want)
		}
	})
}

func TestMenusAreTriedUntilTheyAreSet(t *testing.T) {
	for _, f := range []fakeapi.Fault{{Kind: fakeapi.HTML502, Times: 5}, {Kind: fakeapi.Flood, RetryAfter: time.Minute, Times: 2}, {Kind: fakeapi.Reset, After: 7}} {
		t.Run(string(f.Kind), func(t *testing.T) {
			bubble(t, fakeapi.Options{}, func(l *lab) {
				f.Method = "setMyCommands"
				l.Fault(f)
				l.start(sampleRegistry())
				l.wait("the menus", func(s *fakeapi.Server) bool { // those for groups come last
					m := s.Menu(bo, group)
					return len(m) == 1 && m[0].Description == render.For(rollcall.Ukrainian).CommandDescription("petition")
				})
				l.idle()
				if d := cmp.Diff(names(l.Menu(bo, bo.Chat())), []string{"start", "find", "petition"}); d != "" {
					t.Errorf("(-got +want):\n%s", d)
				}
			})
		})
	}
	t.Run("refused", func(t *testing.T) {
		bubble(t, fakeapi.Options{}, func(l *lab) {
			l.Fault(fakeapi.Fault{Method: "setMyCommands", Kind: fakeapi.Status, Code: 400, Times: fakeapi.Forever})
			l.start(sampleRegistry())
			time.Sleep(time.Hour)
			if n := len(l.Calls("setMyCommands")); n != 1 {
				t.Errorf("%d calls for what will always be refused", n)
			}
		})
	})
	t.Run("a keeper's", func(t *testing.T) {
		bubble(t, fakeapi.Options{}, func(l *lab) {
			l.start(sampleRegistry())
			l.idle()
			l.Fault(fakeapi.Fault{Method: "setMyCommands", Kind: fakeapi.HTML502})
			l.says(editor, "x")
			l.idle()
			l.says(editor, "y")
			l.idle()
			if d := cmp.Diff(names(l.Menu(editor, editor.Chat())), []string{"start", "find", "petition", "import"}); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	})
}

// CheckMenus checks the menus that a registry makes by the Bot API's rules
// (BotCommand) and against the help. It is called with the program's own
// registry, which this package cannot import.
func CheckMenus(t *testing.T, g Registry) {
	name := regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	for _, l := range rollcall.Languages {
		say := render.For(l)
		for _, role := range []Role{Anyone, Editor, Owner} {
			var help []menuCommand
			for _, line := range g.HelpFor(say, role) {
				help = append(help, menuCommand{line.Command, line.Description})
			}
			menu := g.menu(say, role, false)
			if d := cmp.Diff(menu, help); d != "" {
				t.Errorf("%s, %s: the menu and the help differ (-menu +help):\n%s", l, role, d)
			}
			if len(menu) == 0 || len(menu) > 100 {
				t.Errorf("%s, %s: %d commands", l, role, len(menu))
			}
			text := string(say.Help(g.HelpFor(say, role)))
			for _, c := range menu {
				if !name.MatchString(c.Command) {
					t.Errorf("/%s cannot be a command", c.Command)
				}
				if n := utf8.RuneCountInString(strings.TrimSpace(c.Description)); n == 0 || n > 256 {
					t.Errorf("%s: /%s is described by %d characters", l, c.Command, n)
				}
				if !strings.Contains(text, fmt.Sprintf("/%s — ", c.Command)) {
					t.Errorf("%s, %s: the help does not tell of /%s", l, role, c.Command)
				}
			}
		}
	}
	for _, c := range g.Commands {
		if c.Handle == nil {
			t.Errorf("/%s has no handler", c.Name)
		}
		if !name.MatchString(c.Name) {
			t.Errorf("/%s cannot be a command", c.Name)
		}
	}
	for _, b := range g.Buttons {
		if b.Handle == nil {
			t.Errorf("the button %s has no handler", b.Action)
		}
		CallbackData(b.Action) // panics for one that cannot be read back
	}
	for what, h := range map[string]Handler{"text": g.Text, "document": g.Document, "photo": g.Photo, "other": g.Other, "unknown": g.Unknown, "old press": g.OldPress, "in group": g.InGroup} {
		if h == nil {
			t.Errorf("there is no handler for %s", what)
		}
	}
}
