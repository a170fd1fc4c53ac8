package command

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
	"rollcall/internal/translog"
)

// receiptKept is how long a receipt stays in the chat.
const receiptKept = time.Hour

// receipt gives a signer the proof that the signature is in the log, as a file. It
// is made on demand alone, since whoever holds it can find out who signed, and it is
// deleted after an hour. It can be saved: that is what it is for.
func (h *Handlers) receipt(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	if r.Args != "" {
		return h.giveReceipt(ctx, r, r.Args)
	}
	signed, err := h.signedBy(ctx, r)
	switch {
	case err != nil:
		return telegram.Answer{}, err
	case len(signed) == 0:
		return h.giveReceipt(ctx, r, "")
	case len(signed) == 1:
		return h.giveReceipt(ctx, r, signed[0].Slug)
	}
	return h.choosePetition(r, signed, "receipt"), nil
}

func (h *Handlers) pressReceipt(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.giveReceipt(ctx, r, pressedSlug(r))
}

func (h *Handlers) giveReceipt(ctx context.Context, r *telegram.Request, slug string) (telegram.Answer, error) {
	return h.withPetition(ctx, r, slug, "receipt", func(p store.PetitionRecord) (telegram.Answer, error) {
		tag, err := h.Keys.SignerTag(ctx, p.Slug, r.From)
		if err != nil {
			return telegram.Answer{}, err
		}
		mine, err := h.DB.SignatureLeaf(ctx, p.Slug, tag)
		switch {
		case rollcall.CodeOf(err) == rollcall.NotFound:
			return r.Reply(message(r.Say.NotSigned())), nil
		case err != nil:
			return telegram.Answer{}, err
		case p.Halted != "":
			return r.Reply(message(r.Say.SigningHalted())), nil
		case mine.Index == 0:
			return r.Reply(message(r.Say.ReceiptNotYet(h.BatchLatest))), nil
		}
		head, err := h.DB.LogHead(ctx, p.Slug)
		if err != nil {
			return telegram.Answer{}, err
		}
		proof, err := translog.NewReceipt(p.Slug, p.TextSHA256(), mine.Salt, mine.Index, head.Checkpoint, h.DB.LogHashes(ctx, p.Slug))
		if err != nil {
			return telegram.Answer{}, err
		}
		text := r.Say.Receipt(title(r, p), r.From, mine.Index, mine.Voided)
		a := telegram.SendDocument(r.Chat, p.Slug+".tlog-proof", proof.Format(), message(text, row(button(r, render.LabelDeleteNow, "discard"))))
		a.Expires = receiptKept
		return telegram.Answer{Actions: []telegram.Action{a}}, nil
	})
}

// pressDiscard deletes the message whose button was pressed.
func (h *Handlers) pressDiscard(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	actions := []telegram.Action{r.Toast(r.Say.Discarded())}
	if r.Press.Message != 0 {
		actions = append(actions, telegram.Delete(r.Chat, r.Press.Message))
	}
	return telegram.Answer{Actions: actions}, nil
}

// maxBundleLeaves keeps a bundle well under the 50 MB that a bot can send (Bot API,
// sendDocument); a leaf is about 80 bytes.
const maxBundleLeaves = 300_000

// bundles remember the last bundle that was made of a petition's log: it is the same
// for everybody until the log grows, and takes a while to make.
type bundles struct {
	mu   sync.Mutex
	slug string
	size int64
	zip  []byte
}

// pressFiles sends the files of a petition's public log.
func (h *Handlers) pressFiles(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	p, err := h.DB.Petition(ctx, pressedSlug(r))
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return h.oldPress(ctx, r)
	}
	if err != nil {
		return telegram.Answer{}, err
	}
	head, err := h.DB.LogHead(ctx, p.Slug)
	if err != nil {
		return telegram.Answer{}, err
	}
	if head.Checkpoint.Size > maxBundleLeaves {
		return r.Reply(message(r.Say.LogTooLong(h.Contact))), nil
	}
	chat, say := r.Chat, r.Say
	a := telegram.Answer{Actions: []telegram.Action{r.Toast(say.LogBeingMade())}}
	a.Later = func(ctx context.Context) []telegram.Action {
		content, err := h.bundle(ctx, p, head)
		if err != nil {
			ref := telegram.Reference()
			h.Log.Error("a log's files could not be made", "petition", p.Slug, "reference", ref, "error", err)
			return []telegram.Action{telegram.Say(chat, message(say.Error(ref)))}
		}
		return []telegram.Action{telegram.SendDocument(chat, p.Slug+"-log.zip", content, message(say.LogFiles()))}
	}
	return a, nil
}

// bundle makes the files as the shell's verb publishes them, and packs them.
func (h *Handlers) bundle(ctx context.Context, p store.PetitionRecord, head store.LogHead) ([]byte, error) {
	b := h.bundles
	b.mu.Lock()
	defer b.mu.Unlock()
	size := head.Checkpoint.Size
	if b.slug == p.Slug && b.size == size {
		return b.zip, nil
	}
	dir, err := os.MkdirTemp("", "rollcall-log-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if _, err := translog.Write(ctx, filepath.Join(dir, p.Slug), translog.Bundle{Petition: p.CanonicalJSON(), Key: head.Key,
		Leaves: h.DB.Leaves(ctx, p.Slug, size), Checkpoints: h.DB.Checkpoints(ctx, p.Slug, size)}); err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	b.slug, b.size, b.zip = p.Slug, size, packed.Bytes()
	return b.zip, nil
}
