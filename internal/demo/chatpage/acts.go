package chatpage

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"rollcall/internal/rollcall"
	"rollcall/internal/telegram/fakeapi"
)

const (
	// maxTextUTF16 is the longest message that a client sends, in UTF-16 code
	// units; it makes several of a longer text.
	maxTextUTF16 = 4096
	// maxSayBytes is the longest text that the page takes at once.
	maxSayBytes = 256 << 10
	// maxFileBytes is the largest file that the page takes: more than the 20 MB
	// that a bot may fetch (Bot API, getFile), so that this refusal can be seen.
	maxFileBytes = 25 << 20
)

// read decodes the JSON of a request, or answers that it cannot.
func (p *Page) read(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "unreadable")
		return false
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSayBytes))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, "too_long")
		return false
	}
	if err != nil || json.Unmarshal(raw, into) != nil {
		refuse(w, http.StatusBadRequest, "unreadable")
		return false
	}
	return true
}

// refuse answers with one of the codes for which the page has a phrase.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": code})
}

// done answers that something was done.
func done(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, "{}\n")
}

// settle answers for what somebody did.
func settle(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		done(w)
	case errors.Is(err, fakeapi.ErrNoButton):
		refuse(w, http.StatusConflict, "no_button")
	case errors.Is(err, fakeapi.ErrCannot):
		refuse(w, http.StatusForbidden, "cannot")
	case errors.Is(err, fakeapi.ErrNoUser), errors.Is(err, fakeapi.ErrNoChat), errors.Is(err, fakeapi.ErrNoMessage), errors.Is(err, fakeapi.ErrBlocked):
		refuse(w, http.StatusNotFound, "not_there")
	default: // a text in which there is nothing to see
		refuse(w, http.StatusBadRequest, "empty")
	}
}

// say sends a text as somebody, in several messages where it is too long for one.
func (p *Page) say(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From rollcall.UserID `json:"from"`
		Chat rollcall.ChatID `json:"chat"`
		Text string          `json:"text"`
	}
	if !p.read(w, r, &in) {
		return
	}
	if !p.plays(in.From) || !p.shows(in.Chat) {
		refuse(w, http.StatusNotFound, "not_there")
		return
	}
	pieces := split(in.Text)
	if len(pieces) == 0 {
		refuse(w, http.StatusBadRequest, "empty")
		return
	}
	for _, piece := range pieces {
		if _, err := p.API.Send(in.From, in.Chat, piece); err != nil {
			settle(w, err)
			return
		}
	}
	done(w)
}

// split parts a text into messages as a client does: at the last line break or
// space that fits, else in the middle of a word, and drops what is blank.
func split(text string) []string {
	var pieces []string
	for text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")); text != ""; text = strings.TrimSpace(text) {
		n, at, units := 0, 0, 0
		for i, c := range text {
			if units += utf16.RuneLen(c); units > maxTextUTF16 {
				break
			}
			n = i + utf8.RuneLen(c)
			if c == '\n' || c == ' ' && (at == 0 || text[at-1] != '\n') {
				at = i + 1
			}
		}
		if n < len(text) && at > n/2 {
			n = at
		}
		if piece := strings.TrimSpace(text[:n]); piece != "" {
			pieces = append(pieces, piece)
		}
		text = text[n:]
	}
	return pieces
}

// press presses a button of a message, which is named by its callback data.
func (p *Page) press(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From    rollcall.UserID    `json:"from"`
		Chat    rollcall.ChatID    `json:"chat"`
		Message rollcall.MessageID `json:"message"`
		Data    string             `json:"data"`
	}
	if !p.read(w, r, &in) {
		return
	}
	if !p.plays(in.From) || !p.shows(in.Chat) || in.Message == 0 {
		refuse(w, http.StatusNotFound, "not_there")
		return
	}
	_, err := p.API.Press(in.From, in.Chat, in.Message, in.Data)
	settle(w, err)
}

// upload sends a file as somebody: a picture as a photo, as clients do.
func (p *Page) upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFileBytes+64<<10)
	err := r.ParseMultipartForm(maxFileBytes)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	defer r.MultipartForm.RemoveAll()
	from, chat := formIDs(r)
	f, head, err := r.FormFile("file")
	if err != nil {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	p.sendFile(w, from, chat, head.Filename, data, r.FormValue("caption"))
}

// sendSample sends one of the page's own files as somebody.
func (p *Page) sendSample(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From rollcall.UserID `json:"from"`
		Chat rollcall.ChatID `json:"chat"`
	}
	if !p.read(w, r, &in) {
		return
	}
	i := slices.IndexFunc(p.Files, func(f File) bool { return f.Name == r.PathValue("name") })
	if i < 0 {
		refuse(w, http.StatusNotFound, "not_there")
		return
	}
	p.sendFile(w, in.From, in.Chat, p.Files[i].Name, p.Files[i].Data, "")
}

func formIDs(r *http.Request) (rollcall.UserID, rollcall.ChatID) {
	from, _ := strconv.ParseInt(r.FormValue("from"), 10, 64) // 0 is nobody
	chat, _ := strconv.ParseInt(r.FormValue("chat"), 10, 64)
	return rollcall.UserID(from), rollcall.ChatID(chat)
}

func (p *Page) sendFile(w http.ResponseWriter, from rollcall.UserID, chat rollcall.ChatID, name string, data []byte, caption string) {
	if !p.plays(from) || !p.shows(chat) {
		refuse(w, http.StatusNotFound, "not_there")
		return
	}
	switch {
	case len(data) == 0:
		refuse(w, http.StatusBadRequest, "empty_file")
		return
	case len(data) > maxFileBytes:
		refuse(w, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	var err error
	if picture(data) {
		_, err = p.API.SendPhoto(from, chat, data, caption)
	} else {
		_, err = p.API.SendDocument(from, chat, name, data, caption)
	}
	settle(w, err)
}

// picture reports whether a browser shows the bytes as a picture of a kind that
// it cannot take for anything else.
func picture(data []byte) bool {
	switch http.DetectContentType(data) {
	case "image/png", "image/jpeg", "image/gif":
		return true
	}
	return false
}

// file hands out a file of a message: a picture to be shown, anything else to be
// saved, since a file may hold a page with a script.
func (p *Page) file(w http.ResponseWriter, r *http.Request) {
	name, data, ok := p.API.File(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	if picture(data) {
		h.Set("Content-Type", http.DetectContentType(data))
	} else {
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	h.Set("Cache-Control", "private, max-age=3600")
	w.Write(data)
}

// digest posts the channel's digest.
func (p *Page) digest(w http.ResponseWriter, r *http.Request) {
	if p.NextDigest == nil {
		refuse(w, http.StatusNotFound, "not_there")
		return
	}
	if err := p.NextDigest(r.Context()); err != nil {
		p.Log.Error("the digest was not posted", "error", err)
		refuse(w, http.StatusInternalServerError, "no_digest")
		return
	}
	done(w)
}
