package command_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/translog"
)

// A signature waits: what is shown is the log's count, wherever it is shown.
func TestWhatIsShownIsTheLogsCount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	p := h.user("Ann", familyID, "en")
	p.say("/sign").press("I agree and sign").answered(p.said.Recorded(24 * time.Hour))
	p.say("/petition").wants("0 counted")
	p.say("/start v_register").wants("Signed: 0", "0 counted")
	h.sequence()
	p.say("/petition").wants("1 counted")
	p.say("/withdraw").press("Yes, withdraw").answered(p.said.Withdrawn(24 * time.Hour))
	p.say("/petition").wants("1 counted")
	p.say("/mydata").answered(p.said.NothingKept())
	h.sequence()
	p.say("/petition").wants("0 counted")
	p.say("/start v_register").wants("Signed: 1", "Withdrawn: 1", "0 counted")
}

// What was never counted is not promised to leave the count: no leaf tells of it.
func TestAWithdrawalBeforeTheCountIsToldSo(t *testing.T) {
	inEachLanguage(t, "petition-uncounted", func(h *harness, p *person) {
		h.open(petition("register", nil))
		leaves := func() (all []string) {
			h.t.Helper()
			head, err := h.db.LogHead(context.Background(), "register")
			if err != nil {
				h.t.Fatal(err)
			}
			for leaf, err := range h.db.Leaves(context.Background(), "register", head.Checkpoint.Size) {
				if err != nil {
					h.t.Fatal(err)
				}
				all = append(all, leaf)
			}
			return all
		}
		before := leaves()
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(24 * time.Hour))
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw).answered(p.said.WithdrawnUncounted()).toasted(p.said.WithdrawnUncounted()).hasLabels()
		h.sequence()
		if diff := cmp.Diff(leaves(), before); diff != "" {
			h.t.Errorf("the log tells of it (-got +want):\n%s", diff)
		}
		h.part("and one that is in the count says when that will show")
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(24 * time.Hour))
		h.sequence()
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw).answered(p.said.Withdrawn(24 * time.Hour))
		if got := h.tally("register"); got != (rollcall.Tally{Signed: 1, Withdrawn: 1}) {
			h.t.Errorf("the figures are %+v", got)
		}
	})
}

func TestAVoidedSignatureIsToldToItsAccount(t *testing.T) {
	inEachLanguage(t, "petition-voided", func(h *harness, p *person) {
		h.open(petition("register", nil))
		p.say("/sign").pressLabel(render.LabelAgreeAndSign)
		h.sequence()
		if err := h.db.Update(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Void("register", store.VoidRule{Leaves: []store.LeafRange{{From: 1, To: 100}}}, translog.Automated, store.Shell)
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
		if got := h.tally("register"); got != (rollcall.Tally{Signed: 1, Voided: 1}) {
			h.t.Errorf("the figures are %+v", got)
		}
		h.part("who comes again is told")
		p.say("/sign").answered(p.said.SignatureVoided()).hasLabels(p.label(render.LabelWithdraw))
		p.say("/rounds").forge("v1:agree:register").toasted(p.said.SignatureVoided()).answered(p.said.SignatureVoided())
		h.part("and may take back what is kept, and sign anew")
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw).answered(p.said.WithdrawnVoided()).toasted(p.said.WithdrawnVoided()).hasLabels()
		p.say("/sign").pressLabel(render.LabelAgreeAndSign).answered(p.said.Recorded(24 * time.Hour))
		if got := h.tally("register"); got != (rollcall.Tally{Signed: 2, Voided: 1}) {
			h.t.Errorf("the figures are %+v", got)
		}
	})
}

func TestABrokenLogTakesNoSignatures(t *testing.T) {
	inEachLanguage(t, "petition-halted", func(h *harness, p *person) {
		h.open(petition("register", nil))
		p.say("/sign").pressLabel(render.LabelAgreeAndSign)
		h.sequence()
		q := h.user("Bob", strangerID, string(p.lang))
		q.say("/sign")
		h.execSQL(`UPDATE petitions SET signed = 7 WHERE slug = 'register'`)
		if faults, err := h.db.CheckLogHeads(context.Background()); err != nil || len(faults) != 1 {
			h.t.Fatalf("%v, %v", faults, err)
		}
		h.part("not by a consent under way, nor anew")
		q.pressLabel(render.LabelAgreeAndSign).toasted(q.said.SigningHalted()).answered(q.said.SigningHalted()).hasLabels()
		q.say("/sign").answered(q.said.SigningHalted()).hasLabels()
		if h.signed("register", q.id) {
			h.t.Error("a signature was taken")
		}
		h.part("but it can be withdrawn")
		p.say("/withdraw").pressLabel(render.LabelYesWithdraw).answered(p.said.WithdrawnHalted())
		if h.signed("register", p.id) {
			h.t.Error("the signature stands")
		}
	})
}
