package command_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"testing"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
	"rollcall/internal/translog"
)

// checkCount is what a reader is told of the count and its log as it stands.
func (h *harness) checkCount(p *person, title string, t rollcall.Tally) render.HTML {
	h.t.Helper()
	head, err := h.db.LogHead(context.Background(), "register")
	if err != nil {
		h.t.Fatal(err)
	}
	return p.said.CheckCount(title, t, string(head.Checkpoint.Note), head.Key.String())
}

func TestAReceiptProvesTheSignatureAndIsDeleted(t *testing.T) {
	inEachLanguage(t, "receipt", func(h *harness, p *person) {
		h.open(petition("register", nil))
		h.part("nothing to prove yet")
		p.say("/receipt").answered(p.said.NotSigned())
		h.part("a receipt")
		p.say("/sign").pressLabel(render.LabelAgreeAndSign)
		h.sequence()
		p.say("/receipt")
		if len(p.got) != 1 || p.got[0].Document == nil {
			h.t.Fatalf("got %s, want a file", p.shown())
		}
		p.hasLabels(p.label(render.LabelDeleteNow))
		head, err := h.db.LogHead(context.Background(), "register")
		if err != nil {
			h.t.Fatal(err)
		}
		_, content, ok := h.api.File(p.got[0].Document.FileID)
		if !ok {
			h.t.Fatal("the file is not there")
		}
		receipt, err := translog.ParseReceipt(content)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := receipt.Check(head.Key, p.id); err != nil {
			h.t.Errorf("the receipt proves nothing: %v", err)
		}
		if _, err := receipt.Check(head.Key, p.id+1); err == nil {
			h.t.Error("the receipt fits another account too")
		}
		h.part("deleted at once")
		first := p.newest()
		p.pressLabel(render.LabelDeleteNow)
		h.settle()
		for _, m := range h.api.Own(p.chat) {
			if m.MessageID == first {
				h.t.Error("it is still there")
			}
		}
		h.part("deleted after an hour")
		p.say("/receipt register")
		second := p.newest()
		h.pass(time.Hour + time.Minute)
		if err := h.runner.DeleteExpired(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		for _, m := range h.api.Own(p.chat) {
			if m.MessageID == second {
				h.t.Error("it is still there after an hour")
			}
		}
	})
}

func TestTheFilesToCheckHoldTheLog(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	p := h.user("Ann", familyID, "en")
	p.say("/sign").pressLabel(render.LabelAgreeAndSign)
	h.sequence()
	p.say("/start v_register").pressLabel(render.LabelLogFiles)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := h.api.WaitMessage(ctx, p.chat, func(m fakeapi.Message) bool { return m.Document != nil })
	if err != nil {
		t.Fatal(err)
	}
	_, content, _ := h.api.File(m.Document.FileID)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := fs.Sub(z, "register")
	if err != nil {
		t.Fatal(err)
	}
	res, err := translog.Verify(t.Context(), dir, translog.Options{})
	if err != nil || res.Tally.Net() != 1 {
		t.Errorf("the files hold %+v (%v), want one signature", res, err)
	}
}
