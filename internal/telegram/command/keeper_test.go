package command_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/command"
	"rollcall/internal/telegram/fakeapi"
)

type settings = command.Settings

const goodRoster = `id,full_name,alt_names,birth_year,status,status_date,source,source_url,note
NEW-1,Новенко Орися Файлівна,,1995,missing,2026-06-01,Зразковий реєстр,,not to be shown
NEW-1,Новенко Орися Файлівна,,1995,reported_held,2026-06-10,Sample Bureau,https://example.org/n,
EX-002,Вигаданко Іван Уявович,,1985,missing,2026-04-03,Зразковий реєстр,,
,Прикладенко Марія Зразківна,,1990,returned,2026-06-14,Sample Bureau,,
,Новенко Орися Файлівна,,1950,missing,2026-06-01,Зразковий реєстр,,
`

func TestKeepersUploadRosters(t *testing.T) {
	inEachLanguage(t, "import", func(h *harness, p *person) {
		e := h.user("Eve", editorID, string(p.lang))
		h.part("help")
		e.say("/import").answered(e.said.ImportHelp())

		report := func() *person {
			h.t.Helper()
			if len(e.got) != 2 || e.got[0].Body() != render.Plain(e.said.ImportBegun()) {
				h.t.Fatalf("the answer is\n%s\nwant that the file is being read, and a report", e.text())
			}
			e.got = e.got[1:]
			return e
		}
		h.part("a good file")
		p.say("Новенко Орися").answered(p.said.NothingFound([]render.Link{{Label: "ICRC Family Links", URL: "https://familylinks.icrc.org"}}))
		e.send("roster.csv", []byte(goodRoster))
		report().answered(e.said.ImportReport(render.ImportReport{Rows: 5, NewPeople: 2, NewClaims: 4, Renewed: 1, PossibleTwins: 1}))
		p.say("Новенко Орися 1995").wants("NEW-1", "Sample Bureau").wantsNot("not to be shown")
		p.say("Прикладенко Марія").wants(p.said.StatusLabel(rollcall.Returned))
		h.part("the same file again")
		e.send("ROSTER.CSV", []byte(goodRoster))
		report().wants("5")
		h.part("as JSON Lines, with a byte order mark")
		e.send("roster.jsonl", []byte("\ufeff"+`{"id":"NEW-2","full_name":"Новенко Яків","birth_year":1960,"status":"missing","status_date":"2026-06-01","source":"Зразковий реєстр"}`))
		report()
		p.say("Новенко Яків").wants("NEW-2")

		h.part("files that are refused")
		stored := h.stats()
		for _, f := range []struct {
			note, name string
			content    []byte
			want       []string
		}{
			{"bad rows", "bad.csv", []byte("full_name,status,status_date,source\nПоганенко Рядок,gone,2026-06-01,S\nПоганенко Рядок,missing,2027-01-01,S\n,missing,2026-06-01,S\nПоганенко Добрий,missing,2026-06-01,S\n"),
				[]string{"bad.csv:2: status:", "bad.csv:3: status_date:", "bad.csv:4: full_name:"}},
			{"more bad rows than fit", "many.csv", []byte("full_name,status,status_date,source\n" + strings.Repeat("Поганенко Рядок,gone,2026-06-01,S\n", 40)), []string{"many.csv:16: status:"}},
			{"an unknown column", "column.csv", []byte("full_name,status,status_date,source,phone\nПоганенко Добрий,missing,2026-06-01,S,1\n"), []string{"column.csv:1: phone:"}},
			{"another encoding", "windows.csv", append([]byte("full_name,status,status_date,source\n"), 0xcf, 0xee, 0xe3, ',', 'm', '\n'), []string{"windows.csv:2:", "UTF-8"}},
			{"UTF-16", "utf16.csv", []byte("\xff\xfef\x00u\x00l\x00l\x00"), []string{"utf16.csv:", "UTF-16"}},
			{"a zip bomb", "bomb.xlsx", zipBomb(), []string{"bomb.xlsx: "}},
			{"no workbook", "text.xlsx", []byte("full_name,status"), []string{"text.xlsx: "}},
			{"an empty file", "empty.csv", []byte("\n"), []string{"empty.csv"}},
			{"markup in the file's name", "<b>&.csv", []byte("\n"), []string{"<b>&.csv"}},
		} {
			h.part(f.note)
			e.send(f.name, f.content)
			report().wants(f.want...).wantsNot("Поганенко")
			if len(e.got) != 1 {
				h.t.Errorf("%s: the refusal came in %d messages", f.note, len(e.got))
			}
		}
		if diff := cmp.Diff(h.stats(), stored); diff != "" {
			h.t.Errorf("a refused file has changed the roster (-got +want):\n%s", diff)
		}

		h.part("files that are not fetched")
		calls := h.calls("getFile")
		e.send("roster.pdf", []byte("%PDF")).answered(e.said.ImportHelp())
		e.send("roster", []byte("full_name")).answered(e.said.ImportHelp())
		e.send("big.csv", make([]byte, 20<<20+1)).answered(e.said.ImportHelp())
		e.act("(photo)", photo(e)).answered(e.said.PhotoDeclined())
		p.send("roster.csv", []byte(goodRoster)).answered(p.said.NotUnderstood())
		if got := h.calls("getFile"); got != calls {
			h.t.Errorf("%d files were fetched, want none", got-calls)
		}
	})
}

// stats are the figures of people and of claims.
func (h *harness) stats() [2]int {
	h.t.Helper()
	s, err := h.db.Stats(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return [2]int{s.People, s.Claims}
}

// zipBomb makes a small workbook whose sheet is of many megabytes.
var zipBomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + strings.Repeat(" ", 24<<20) + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			panic(err) // a buffer takes all
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
})

func TestKeepersSeeFiguresAndThePreview(t *testing.T) {
	inEachLanguage(t, "keepers", func(h *harness, p *person) {
		h.open(petition("register", nil))
		e, o := h.user("Eve", editorID, string(p.lang)), h.user("Olga", ownerID, string(p.lang))
		h.part("the next digest, before there was one")
		e.say("/preview").wants("No 1").hasLabels("Look up a person", "Sign the petition", "Check the count")
		if len(e.got) != 1 || len(e.got[0].Photo) != 1 {
			h.t.Error("the preview has no chart")
		}
		preview := e.text()
		if got := h.api.Own(channelID); len(got) > 0 {
			h.t.Error("the preview was posted")
		}
		p.say("/digest").answered(p.said.NoDigestYet())
		h.postDigest()
		if got := h.api.Own(channelID)[0].Body(); got != preview {
			h.t.Errorf("the digest is\n%s\nwant it as in the preview:\n%s", got, preview)
		}
		h.pass(24 * time.Hour)
		o.say("/preview").wants("No 2")
		h.part("figures")
		p.say("/lang " + string(p.lang))
		o.say("/stats").wants("people shown: 15", "people withheld: 1", "peers: 3", "deliveries sent: 1")
	})
}

func TestHelpAndMenuListWhatOnesRoleMayUse(t *testing.T) {
	inEachLanguage(t, "help", func(h *harness, p *person) {
		for _, tt := range []struct {
			who  *person
			want []string
		}{
			{p, nil},
			{h.user("Eve", editorID, string(p.lang)), []string{"import", "add", "edit", "claim", "round", "hide", "show", "takedown", "queue", "preview"}},
			{h.user("Olga", ownerID, string(p.lang)), []string{"import", "add", "edit", "claim", "round", "hide", "show", "takedown", "queue", "preview", "stats", "announce", "freeze", "unfreeze"}},
		} {
			h.part("help of " + tt.who.name)
			tt.who.say("/help")
			var listed []string
			for line := range strings.Lines(tt.who.text()) {
				if name, _, ok := strings.Cut(line, " — "); ok && strings.HasPrefix(name, "/") {
					listed = append(listed, name[1:])
				}
			}
			want := append([]string{"start", "find", "watches", "petition", "sign", "withdraw", "receipt", "subscribe", "unsubscribe", "digest", "rounds", "privacy", "mydata", "erase", "lang", "help"}, tt.want...)
			if diff := cmp.Diff(listed, want); diff != "" {
				h.t.Errorf("the help of %s differs (-got +want):\n%s", tt.who.name, diff)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			if err := h.api.Wait(ctx, func(s *fakeapi.Server) bool {
				var menu []string
				for _, c := range s.Menu(tt.who.id, tt.who.chat) {
					menu = append(menu, c.Command)
				}
				return cmp.Equal(menu, want)
			}); err != nil {
				h.t.Errorf("the menu of %s never became that of the help: %v", tt.who.name, err)
			}
			cancel()
			g := tt.who.in(groupID)
			g.say("/help").wantsNot("/import", "/preview", "/stats").hasLabels(p.label(render.LabelContinueInPrivate))
		}
	})
}

// access is who may use what, as DESIGN has it; what is not named here is
// nobody's.
var access = map[string]telegram.Role{
	"start": telegram.Anyone, "find": telegram.Anyone, "watches": telegram.Anyone, "petition": telegram.Anyone, "sign": telegram.Anyone, "withdraw": telegram.Anyone, "receipt": telegram.Anyone,
	"subscribe": telegram.Anyone, "unsubscribe": telegram.Anyone, "digest": telegram.Anyone, "rounds": telegram.Anyone, "privacy": telegram.Anyone, "mydata": telegram.Anyone, "erase": telegram.Anyone,
	"lang": telegram.Anyone, "help": telegram.Anyone,
	"import": telegram.Editor, "add": telegram.Editor, "edit": telegram.Editor, "claim": telegram.Editor, "round": telegram.Editor,
	"hide": telegram.Editor, "show": telegram.Editor, "takedown": telegram.Editor, "queue": telegram.Editor, "preview": telegram.Editor,
	"stats": telegram.Owner, "announce": telegram.Owner, "freeze": telegram.Owner, "unfreeze": telegram.Owner,
}

var roles = map[telegram.Role]rollcall.UserID{telegram.Anyone: familyID, telegram.Editor: editorID, telegram.Owner: ownerID}

func TestEveryCommandAnswersItsRolesAndNoOther(t *testing.T) {
	for role, id := range roles {
		t.Run(role.String(), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			p := h.user("Ann", id, string(rollcall.Languages[role])) // each in another language
			p.say("/nothing").answered(p.said.UnknownCommand())
			unknown := p.shown()
			for _, c := range h.registry.Commands {
				needs, known := access[c.Name]
				if !known {
					t.Errorf("/%s is not in the table of this test", c.Name)
					continue
				}
				for _, text := range []string{"/" + c.Name, "/" + c.Name + "@rollcall_test_bot", "/" + strings.ToUpper(c.Name)} {
					p.say(text)
					if len(p.got) == 0 {
						t.Errorf("%s got no answer", text)
					}
					if allowed := p.shown() != unknown; allowed != (role >= needs) {
						t.Errorf("%s is allowed: %t, want %t:\n%s", text, allowed, role >= needs, p.shown())
					}
				}
			}
			for name := range access {
				if !hasCommand(h, name) {
					t.Errorf("/%s is not there", name)
				}
			}
			// Those of a later day are unknown to everyone.
			for _, name := range []string{"signers", "voters"} {
				if p.say("/" + name); p.shown() != unknown {
					t.Errorf("/%s is answered by\n%s", name, p.shown())
				}
			}
		})
	}
}

func hasCommand(h *harness, name string) bool {
	for _, c := range h.registry.Commands {
		if c.Name == name {
			return true
		}
	}
	return false
}

// anotherAction has for each button that names a person another one.
var anotherAction = map[string]string{"card": "show", "show": "card", "watch": "stop", "stop": "unlist", "unlist": "watch", "wrong": "watch",
	"right": "wrong", "putaway": "right", "correct": "next", "next": "card", "tellme": "wish", "wish": "unwish", "unwish": "tellme"}

func TestEveryButtonIsForItsRolesAndForItsOwnAccount(t *testing.T) {
	// The data of each button; a person's is bound to the account.
	buttons := map[string][]string{
		"find": nil, "tracing": nil, "petition": {"register"}, "check": {"register"}, "sign": {"register"}, "agree": {"register"}, "decline": {"register"},
		"withdraw": {"register"}, "withdrawn": {"register"}, "keep": {"register"}, "receipt": {"register"}, "discard": nil, "files": {"register"}, "digest": nil, "mydata": nil, "erase": nil, "stay": nil, "lang": {"en", "lang"},
		"answer": {"1", "1", "0"}, "back": {"1", "2"}, "cancel": {"1"}, "halt": {"1"},
	}
	for role, id := range roles {
		t.Run(role.String(), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.open(petition("register", nil))
			p := h.user("Ann", id, "en")
			other := strangerID
			h.user("Bob", other, "en").say("Скорботенко Андрій")
			person := fmt.Sprintf("%x", int64(h.find("EX-004"))) // below 10 the same in base 36
			p.say("/start")
			h.loseADigest()
			works := func(data string) bool {
				t.Helper()
				p.say("/rounds")
				p.forge(data)
				told := len(p.got) > 0 || strings.Contains(data, ":discard") || strings.Contains(data, ":files") // a message goes, or a file comes later
				return len(p.toasts) == 1 && p.toasts[0] != render.Plain(p.said.OldButton()) && told
			}
			for _, b := range h.registry.Buttons {
				args, known := buttons[b.Action]
				switch {
				case anotherAction[b.Action] != "":
					if !b.Bound {
						t.Errorf("the button %q names a person and is not bound to an account", b.Action)
					}
					if got := works(telegram.BoundCallbackData(h.keys, p.id, b.Action, person)); got != (role >= b.Access) {
						t.Errorf("the button %q works: %t, for one who needs to be %s: %s", b.Action, got, b.Access, p.shown())
					}
					for what, data := range map[string]string{
						"unbound":         telegram.CallbackData(b.Action, person),
						"another's":       telegram.BoundCallbackData(h.keys, other, b.Action, person),
						"another entry's": strings.Replace(telegram.BoundCallbackData(h.keys, p.id, b.Action, person), ":"+person+":", ":1:", 1),
						"another action's": strings.Replace(telegram.BoundCallbackData(h.keys, p.id, anotherAction[b.Action], person),
							":"+anotherAction[b.Action]+":", ":"+b.Action+":", 1),
						"a guess": telegram.CallbackData(b.Action, person, "AAAAAAAAAAA"),
					} {
						if works(data) {
							t.Errorf("the button %q works with data that is %s", b.Action, what)
						}
						p.toasted(p.said.OldButton()).silence()
					}
				case b.Action == "unsure": // bound, and about a post
					args := []string{"1", "t"}
					for what, data := range map[string]string{
						"unbound":        telegram.CallbackData(b.Action, args...),
						"another's":      telegram.BoundCallbackData(h.keys, other, b.Action, args...),
						"another answer": strings.Replace(telegram.BoundCallbackData(h.keys, p.id, b.Action, args...), ":t:", ":a:", 1),
						"no post's":      telegram.BoundCallbackData(h.keys, p.id, b.Action, "zz", "t"),
						"no answer":      telegram.BoundCallbackData(h.keys, p.id, b.Action, "1", "x"),
					} {
						if works(data) {
							t.Errorf("the button %q works with data that is %s", b.Action, what)
						}
						p.toasted(p.said.OldButton()).silence()
					}
					if got := works(telegram.BoundCallbackData(h.keys, p.id, b.Action, args...)); got != (role >= b.Access) {
						t.Errorf("the button %q works: %t, for one who needs to be %s: %s", b.Action, got, b.Access, p.shown())
					}
				case !known:
					t.Errorf("the button %q is not in the table of this test", b.Action)
				default:
					if got := works(telegram.CallbackData(b.Action, args...)); got != (role >= b.Access) {
						t.Errorf("the button %q works: %t, for one who needs to be %s: %s", b.Action, got, b.Access, p.shown())
					}
				}
			}
		})
	}
}

func TestForgedAndAncientButtonsGetAKindAnswer(t *testing.T) {
	inEachLanguage(t, "forged", func(h *harness, p *person) {
		h.open(petition("register", nil))
		p.say("/start")
		before := h.api.Own(p.chat)
		for _, data := range []string{"", "v0:sign:register", "v2:sign:register", "sign:register", "v1", "v1:", "v1:nothing", "v1:agree", "v1:agree:REGISTER", "v1:agree:nothing",
			"v1:withdrawn:nothing", "v1:lang", "v1:lang:en", "v1:lang:tlh:start", "v1:card", "v1:card:1", "v1:show:1:" + strings.Repeat("A", 11),
			"v1:agree:register:more", strings.Repeat("x", 64), "v1:agree:" + strings.Repeat("a", 55), "v1:agree:' OR 1=1", "\u202e", "v1:card:-1:😢"} {
			p.forge(data).toasted(p.said.OldButton())
			if p.silence(); h.t.Failed() {
				h.t.Fatalf("by %q", data)
			}
		}
		if diff := cmp.Diff(h.api.Own(p.chat), before); diff != "" {
			h.t.Errorf("a forged press has changed messages (-got +want):\n%s", diff)
		}
		if got := h.tally("register"); got != (rollcall.Tally{}) {
			h.t.Errorf("forged presses signed: %+v", got)
		}
		h.part("a press on a message that is no more")
		p.say("/sign")
		gone := p.newest()
		if err := h.api.Delete(p.chat, gone); err != nil {
			h.t.Fatal(err)
		}
		p.act("(press on a deleted message)", func() (fakeapi.Sent, error) { return h.api.Forge(p.id, p.chat, gone, "v1:agree:register") })
		p.answered(p.said.Recorded(24 * time.Hour))
	})
}

func TestAFileThatCannotBeFetchedIsToldOf(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	e := h.user("Eve", editorID, "en")
	h.api.Fault(fakeapi.Fault{Method: "getFile", Kind: fakeapi.Status, Code: 400, Description: "Bad Request: file is too big"})
	e.send("roster.csv", []byte(goodRoster)).wants(render.Plain(e.said.ImportHelp()))
	h.api.Fault(fakeapi.Fault{Method: "getFile", Kind: fakeapi.HTML502})
	e.send("roster.csv", []byte(goodRoster))
	_, ref, ok := strings.Cut(e.text(), "reference ")
	if !ok || len(ref) < 8 || !strings.Contains(h.log.String(), "reference="+ref[:8]) {
		t.Errorf("the answer is\n%s\nwant a reference that is in the log:\n%s", e.text(), h.log)
	}
	e.send("roster.csv", []byte(goodRoster)).wants("The file is imported")
}
