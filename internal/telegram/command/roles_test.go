package command_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
)

// wording is what an answer looks like to its reader, whoever that is: the calls
// that made it, but for the chat.
func (p *person) wording() string {
	p.h.t.Helper()
	var b strings.Builder
	calls := p.h.api.Calls("sendMessage")
	for _, c := range calls[len(calls)-len(p.got):] {
		params := c.Params
		params.Del("chat_id")
		fmt.Fprintln(&b, params.Encode())
	}
	return b.String()
}

// groupAnswers says which commands are answered in a group itself; the others lead
// into the private chat.
var groupAnswers = map[string]bool{"petition": true, "digest": true, "rounds": true, "privacy": true, "help": true}

// In a group, too, the registry decides, and a command that is not for an account
// is met as an unknown one is: with silence, since it may be anybody's.
func TestInAGroupEveryCommandAnswersItsRolesAndNoOther(t *testing.T) {
	for role, id := range roles {
		t.Run(role.String(), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.open(petition("register", nil))
			p := h.user("Ann", id, "en").in(groupID)
			p.say("/nothing").silence()
			for _, c := range h.registry.Commands {
				needs, known := access[c.Name]
				if !known {
					t.Errorf("/%s is not in the table of roles", c.Name)
				}
				p.say("/" + c.Name)
				led := len(p.got) == 1 && p.got[0].Body() == render.Plain(p.said.OnlyInPrivate())
				switch {
				case role < needs:
					if p.silence(); len(p.toasts) > 0 {
						t.Errorf("/%s was answered by %q", c.Name, p.toasts)
					}
				case groupAnswers[c.Name] == led || len(p.got) == 0:
					t.Errorf("/%s is answered in the group itself: %t, want %t:\n%s", c.Name, !led, groupAnswers[c.Name], p.shown())
				case led:
					p.hasLabels(p.label(render.LabelContinueInPrivate))
				}
				for _, r := range sampleRows {
					p.wantsNot(r.FullName)
				}
			}
		})
	}
}

// Keepers are named in the configuration, and what they were shown stays in their
// chats. One who is no keeper any more has the commands and the buttons of anyone;
// an editor who was an owner those of an editor.
func TestWhoHasLostARoleIsMetAsOneWhoNeverHadIt(t *testing.T) {
	for _, tt := range []struct {
		name    string
		owners  []rollcall.UserID
		editors []rollcall.UserID
		id      rollcall.UserID
		role    telegram.Role
	}{
		{"an editor, now anyone", []rollcall.UserID{ownerID}, nil, editorID, telegram.Anyone},
		{"an owner, now anyone", nil, []rollcall.UserID{editorID}, ownerID, telegram.Anyone},
		{"an owner, now an editor", nil, []rollcall.UserID{ownerID}, ownerID, telegram.Editor},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := keptBy(t, tt.owners, tt.editors)
			p, before := h.user("Eve", tt.id, "en"), h.stats()
			p.say("/nothing 1").answered(p.said.UnknownCommand()).hasLabels()
			unknown, checked := p.wording(), 0
			for _, c := range h.registry.Commands {
				if c.Access <= tt.role {
					continue
				}
				checked++
				for _, args := range []string{"", " 1", " EX-001 a reason", "@rollcall_test_bot"} {
					p.say("/" + c.Name + args)
					if diff := cmp.Diff(p.wording(), unknown); diff != "" {
						t.Errorf("/%s%s is not answered as an unknown command is (-got +want):\n%s", c.Name, args, diff)
					}
				}
			}
			if checked == 0 {
				t.Error("there is no command that the role may not use: nothing is shown")
			}
			// A button as it was made for the account while it had the role.
			person := fmt.Sprintf("%x", int64(h.find("EX-001")))
			for _, b := range h.registry.Buttons {
				if b.Access <= tt.role {
					continue
				}
				for _, data := range []string{
					telegram.BoundCallbackData(h.keys, tt.id, b.Action, person), telegram.BoundCallbackData(h.keys, tt.id, b.Action),
					telegram.CallbackData(b.Action), telegram.CallbackData(b.Action, "1"), telegram.CallbackData(b.Action, "1", "1", "0"),
				} {
					p.forge(data).toasted(p.said.OldButton()).silence()
				}
			}
			// A file that an editor may send.
			if tt.role < telegram.Editor {
				p.send("roster.csv", []byte(goodRoster)).answered(p.said.NotUnderstood()).hasLabels()
			}
			if after := h.stats(); after != before {
				t.Errorf("the roster went from %v to %v", before, after)
			}
			told, err := h.db.Kept(context.Background(), tt.id)
			if err != nil || told.Acts != 0 {
				t.Errorf("%d acts of a keeper are noted (%v), want none", told.Acts, err)
			}
		})
	}
}
