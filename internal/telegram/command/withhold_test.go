package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// audited is what keepers did in chat, each as role, action, object and reason.
func (h *harness) audited() []string {
	h.t.Helper()
	var list []string
	err := h.db.Audit(context.Background(), time.Time{}, func(e store.AuditEntry) error {
		if e.Role == "shell" {
			return nil
		}
		for id, role := range map[rollcall.UserID]string{editorID: "editor", ownerID: "owner"} {
			if tag := h.keys.PeerTag(id); e.Role == role && (e.Actor == nil || *e.Actor != tag) {
				h.t.Errorf("the audit has another actor for the %s", role)
			}
		}
		list = append(list, strings.Join([]string{e.Role, e.Action, e.Object, e.Reason}, "|"))
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestATakedownIsGoneFromEveryPath(t *testing.T) {
	inEachLanguage(t, "takedown", func(h *harness, p *person) {
		_, _ = h.news()
		e, o := h.user("Eve", editorID, string(p.lang)), h.user("Olga", ownerID, string(p.lang))
		p.say(nobodyName)
		nothing := p.text()

		h.part("an entry that is watched, with news on the way")
		p.say("Примеров Пётр 1975").pressLabel(render.LabelWatch)
		h.pass(time.Hour)
		h.bring(context.Background(), false, newClaim("EX-012", "Another Bureau"))
		if err := h.runner.TellWatchers(context.Background()); err != nil {
			h.t.Fatal(err)
		}

		h.part("the words of the command")
		e.say("/takedown").answered(e.said.TakedownHelp())
		e.say("/takedown EX-012").answered(e.said.TakedownHelp())
		e.say("/takedown EX-404 asked for").answered(e.said.NoSuchEntry())
		e.say("/takedown EX-012 " + strings.Repeat("ї", rollcall.MaxReason+1)).answered(e.said.TextOverLimit(rollcall.MaxReason))

		h.part("it is taken down")
		e.say("/takedown EX-012   the family\nasked for <it>").protected()
		e.answered(e.said.TakenDown(rollcall.Person{PublicID: "EX-012", FullName: "Примеров Пётр Выдумович", BirthYear: 1975}, 1, 0))
		for _, text := range []string{"Примеров Пётр 1975", "/find Primerov Petr Vydumovich"} {
			if p.say(text); p.text() != nothing {
				h.t.Errorf("the answer to %q is\n%s\nwant it as for nobody", text, p.text())
			}
		}
		if p.pressLabel(render.LabelStop).pressLabel(render.LabelWatch); p.text() != nothing || !p.got[0].edited || h.watchCount(p.id) != 0 {
			h.t.Errorf("the card's button is answered by\n%s\nwant in its place the answer for nobody", p.text())
		}
		p.hears().silence()
		p.say("/watches").answered(p.said.Watches(nil))
		e.say("/takedown EX-012 again").answered(e.said.EntryUnchanged())
		e.say("/hide EX-012").answered(e.said.EntryUnchanged())

		h.part("a file that brings it again, under another id and in the other script")
		e.send("again.csv", []byte("id,full_name,birth_year,status,status_date,source\nEX-012,Примеров Пётр Выдумович,1975,missing,2026-04-03,Sample Bureau\n"+
			"NEW-1,Primerov Petr Vydumovich,1975,missing,2026-04-03,Sample Bureau\n"))
		e.got = e.got[1:]
		e.answered(e.said.ImportReport(render.ImportReport{Rows: 2, NewPeople: 1, NewClaims: 2, Held: 1, TakenDown: 1}))
		if p.say("Primerov Petr 1975"); p.text() != nothing {
			h.t.Errorf("the answer is\n%s\nwant it as for nobody", p.text())
		}

		h.part("it is lifted")
		e.say("/show").answered(e.said.ShowHelp())
		e.say("/show EX-012").answered(e.said.OnlyOwnersLift())
		o.say("/show EX-012 it was a mistake").answered(o.said.ShownAgain(rollcall.Person{PublicID: "EX-012", FullName: "Примеров Пётр Выдумович", BirthYear: 1975}, true))
		p.say("Примеров Пётр Выдумович").wants("EX-012")

		h.part("an entry is hidden for now")
		e.say("/hide").answered(e.said.HideHelp())
		e.say("/hide EX-013").answered(e.said.HiddenNow(rollcall.Person{PublicID: "EX-013", FullName: "Sampleton Alice", BirthYear: 1969}))
		if p.say("Sampleton Alice"); p.text() != nothing {
			h.t.Errorf("the answer is\n%s\nwant it as for nobody", p.text())
		}
		e.say("/show EX-013 answered").wants("Sampleton Alice")
		p.say("Sampleton Alice").wants("EX-013")
		e.say("/show EX-013").answered(e.said.EntryUnchanged())
		e.say("/hide EX-009")
		e.say("/show EX-009").answered(e.said.ShownAgain(rollcall.Person{PublicID: "EX-009", FullName: expiredName, BirthYear: 1980}, false))

		want := []string{"editor|takedown|EX-012|the family asked for <it>", "editor|import||", "owner|show|EX-012|it was a mistake",
			"editor|hide|EX-013|", "editor|show|EX-013|answered", "editor|hide|EX-009|", "editor|show|EX-009|"}
		if diff := cmp.Diff(h.audited(), want); diff != "" {
			h.t.Errorf("the audit (-got +want):\n%s", diff)
		}
	})
}
