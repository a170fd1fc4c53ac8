package fakeapi

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // photos may be GIF,
	_ "image/jpeg" // JPEG
	_ "image/png"  // or PNG
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Sizes in bytes (Bot API, "Sending files" and getFile).
const (
	maxPhotoBytes    = 10 << 20
	maxUploadBytes   = 50 << 20
	maxDownloadBytes = 20 << 20
)

type file struct {
	id, unique, path string
	name, mime       string
	photo            bool
	data             []byte
	width, height    int
}

// fileStore keeps the newest files within a budget of bytes.
type fileStore struct {
	budget int
	size   int
	count  int
	byID   map[string]*file
	order  []*file
}

func (st *fileStore) add(name string, data []byte, photo bool) *file {
	st.count++
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	ext := path.Ext(name)
	f := &file{name: name, photo: photo, data: bytes.Clone(data)}
	f.id = fmt.Sprintf("BQACAgIAAxkDAAI%08dEmu", st.count)
	f.unique = fmt.Sprintf("AgAD%08d", st.count)
	folder := "documents"
	if photo {
		f.id = fmt.Sprintf("AgACAgIAAxkDAAI%08dEmu", st.count)
		folder, ext = "photos", ".jpg"
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
			f.width, f.height = cfg.Width, cfg.Height
		}
	}
	f.path = fmt.Sprintf("%s/file_%d%s", folder, st.count, ext)
	if f.mime, _, _ = strings.Cut(mime.TypeByExtension(ext), ";"); f.mime == "" {
		f.mime, _, _ = strings.Cut(http.DetectContentType(data), ";")
	}
	st.byID[f.id] = f
	st.order = append(st.order, f)
	for st.size += len(data); st.size > st.budget && len(st.order) > 1; {
		old := st.order[0]
		st.order = st.order[1:]
		st.size -= len(old.data)
		delete(st.byID, old.id)
	}
	return f
}

func (f *file) document() *Document {
	return &Document{FileName: f.name, MimeType: f.mime, FileID: f.id, FileUniqueID: f.unique, FileSize: len(f.data)}
}

// sizes lists the photo in one size only: its own.
func (f *file) sizes() []PhotoSize {
	return []PhotoSize{{FileID: f.id, FileUniqueID: f.unique, FileSize: len(f.data), Width: f.width, Height: f.height}}
}

// inputFile reads an InputFile: an upload under the parameter's name, one that
// attach:// names, or a file_id.
func (s *Server) inputFile(r *request, param string) (*file, *apiError) {
	value, part, photo := r.text(param), param, param == "photo"
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		value, part = "", name
	}
	if value != "" {
		f := s.files.byID[value]
		switch {
		case f == nil && strings.Contains(value, "://"):
			return nil, badRequest("failed to get HTTP URL content")
		case f == nil:
			return nil, badRequest("wrong file identifier/HTTP URL specified")
		case f.photo && !photo:
			return nil, badRequest("can't use file of type Photo as Document")
		case !f.photo && photo:
			return nil, badRequest("can't use file of type Document as Photo")
		}
		return f, nil
	}
	up, ok := r.files[part]
	if !ok {
		return nil, badRequest("there is no %s in the request", param)
	}
	switch n := len(up.data); {
	case n == 0:
		return nil, badRequest("file must be non-empty")
	case n > maxUploadBytes:
		return nil, &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
	case photo && n > maxPhotoBytes:
		return nil, badRequest("file of size %d bytes is too big for a photo; the maximum size is %d bytes", n, maxPhotoBytes)
	}
	if photo {
		cfg, _, err := image.DecodeConfig(bytes.NewReader(up.data))
		switch {
		case err != nil:
			return nil, badRequest("IMAGE_PROCESS_FAILED")
		case cfg.Width+cfg.Height > 10000 || cfg.Width > 20*cfg.Height || cfg.Height > 20*cfg.Width:
			return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
		}
	}
	return s.files.add(up.name, up.data, photo), nil
}

func (s *Server) getFile(r *request) (any, *apiError) {
	f := s.files.byID[r.text("file_id")]
	switch {
	case r.text("file_id") == "":
		return nil, badRequest("file_id not specified")
	case f == nil:
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	case len(f.data) > maxDownloadBytes:
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": len(f.data), "file_path": f.path}, nil
}

// serveFile answers a download, which is recorded as a call of "file".
func (s *Server) serveFile(w http.ResponseWriter, path string) {
	s.mu.Lock()
	var found *file
	for _, f := range s.files.order {
		if f.path == path {
			found = f
		}
	}
	c := &Call{Method: "file", Params: url.Values{"path": {path}}, At: s.now(), Code: http.StatusOK, Done: true}
	if found == nil {
		c.Code, c.Description = http.StatusNotFound, "Not Found"
	}
	s.record(c)
	shown := *c
	s.emit(Event{Kind: CallEnded, Call: &shown})
	s.mu.Unlock()
	if found == nil {
		notFound.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(found.data)
}

// File returns the name and the bytes of a file that the bot or somebody sent,
// by the file_id in the message; ok is false once it is forgotten
// (Options.KeepFileBytes).
func (s *Server) File(id string) (name string, data []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files.byID[id]
	if f == nil {
		return "", nil, false
	}
	return f.name, bytes.Clone(f.data), true
}
