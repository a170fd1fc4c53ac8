package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// maxUpload is the Bot API's limit for files that a bot downloads (getFile).
const maxUpload = 20 << 20

// maxFaultsInChat keeps the refusal of a file within one message.
const maxFaultsInChat = 15

// importHelp says how a roster file is sent.
func (h *Handlers) importHelp(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return r.Reply(message(r.Say.ImportHelp())), nil
}

// document takes a roster file from an editor. Nobody else's file is fetched.
func (h *Handlers) document(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if r.Role < telegram.Editor || h.Fetcher == nil {
		return r.Reply(message(r.Say.NotUnderstood())), nil
	}
	format, err := rosterio.FormatOf(r.Document.Name)
	if err != nil || r.Document.Size > maxUpload {
		return r.Reply(message(r.Say.ImportHelp())), nil
	}
	doc, say, chat := *r.Document, r.Say, r.Chat
	by := h.actor(r)
	today := rollcall.DateOf(r.Now)
	a := r.Reply(message(r.Say.ImportBegun()))
	a.Later = func(ctx context.Context) []telegram.Action {
		return []telegram.Action{telegram.Say(chat, message(h.importFile(ctx, doc, format, today, by, say)))}
	}
	return a, nil
}

// actor is the keeper as the audit knows one.
func (h *Handlers) actor(r *telegram.Request) store.Actor {
	tag := h.Keys.PeerTag(r.From)
	return store.Actor{Role: r.Role.String(), Tag: &tag}
}

func (h *Handlers) importFile(ctx context.Context, doc telegram.Document, format rosterio.Format, today rollcall.Date, by store.Actor, say *render.Phrases) render.HTML {
	content, err := h.Fetcher.Download(ctx, doc.FileID, maxUpload)
	if telegram.Refused(err, telegram.FileTooBig) { // Telegram need not say the size before
		return say.ImportHelp()
	}
	if err != nil {
		return h.importFailed(say, err)
	}
	reader, err := rosterio.NewReader(bytes.NewReader(content), int64(len(content)), doc.Name, format, today)
	if err != nil {
		return h.importFailed(say, err)
	}
	defer reader.Close()
	rep, err := rosterio.Import(ctx, h.DB, reader, by, rosterio.ImportOptions{})
	if errors.Is(err, rosterio.ErrBadRows) {
		var faults []string
		for _, f := range rep.Faults[:min(len(rep.Faults), maxFaultsInChat)] {
			faults = append(faults, f.Error())
		}
		return render.Truncate(say.ImportRefused(faults, len(rep.Faults)-len(faults)+rep.MoreFaults), render.MaxTextUTF16)
	}
	if err != nil {
		return h.importFailed(say, err)
	}
	if err := h.DB.Fold(ctx); err != nil {
		h.Log.Warn("an import could not be folded yet", "error", err)
	}
	return say.ImportReport(render.ImportReport{Rows: rep.Rows, NewPeople: rep.People, ChangedPeople: rep.PeopleChanged, NewClaims: rep.Claims,
		Renewed: rep.Renewed, Hidden: rep.Hidden, PossibleTwins: rep.BatchSummary.Lookalikes,
		Held: rep.Held, TakenDown: rep.TakenDown})
}

// importFailed tells the fault of a file as it is, since it names no value, and
// anything else as a failure of ours.
func (h *Handlers) importFailed(say *render.Phrases, err error) render.HTML {
	var f *rosterio.FileError
	if errors.As(err, &f) {
		return say.ImportRefused([]string{f.Error()}, 0)
	}
	if errors.Is(err, store.ErrImportRunning) {
		return say.ImportBusy()
	}
	ref := telegram.Reference()
	h.Log.Error("an import failed", "reference", ref, "error", err)
	return say.Error(ref)
}

// stats shows an owner what the database holds.
func (h *Handlers) stats(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	s, err := h.DB.Stats(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	var lines []render.StatLine
	add := func(label string, value any) {
		lines = append(lines, render.StatLine{Label: label, Value: fmt.Sprint(value)})
	}
	for _, f := range s.Lines() {
		add(f.Name, f.Value)
	}
	petitions, err := h.DB.Petitions(ctx)
	if err != nil {
		return telegram.Answer{}, err
	}
	for _, p := range petitions {
		f := p.Figure()
		add(f.Name, f.Value)
	}
	return r.Reply(message(r.Say.Stats(lines))), nil
}
