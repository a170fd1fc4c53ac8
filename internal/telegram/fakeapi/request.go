package fakeapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const maxBody = 64 << 20 // bytes of a request; Telegram takes files of 50 MB

// request is one call as it was sent, whatever the encoding of its body.
type request struct {
	method *method
	params url.Values // one value each
	files  map[string]upload
}

type upload struct {
	name string
	data []byte
}

// readRequest collects parameters from the query and from a form, multipart or
// JSON body.
func readRequest(m *method, w http.ResponseWriter, r *http.Request) (*request, error) {
	req := &request{m, url.Values{}, map[string]upload{}}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	req.add(query)
	if r.ContentLength == 0 {
		return req, nil
	}
	kind, attrs, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		req.add(values)
	case "multipart/form-data":
		return req, req.readMultipart(multipart.NewReader(r.Body, attrs["boundary"]))
	case "application/json":
		return req, req.readJSON(r.Body)
	default:
		return nil, errors.New("unknown type of body")
	}
	return req, nil
}

func (r *request) add(values url.Values) {
	for name, list := range values {
		if len(list) > 0 {
			r.params.Set(name, list[len(list)-1])
		}
	}
}

func (r *request) readMultipart(m *multipart.Reader) error {
	for {
		part, err := m.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() == "" {
			r.params.Set(part.FormName(), string(data))
		} else {
			r.files[part.FormName()] = upload{part.FileName(), data}
		}
	}
}

// readJSON takes strings as they are and everything else as its JSON text,
// which is what the other two encodings carry.
func (r *request) readJSON(body io.Reader) error {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&fields); err != nil {
		return err
	}
	for name, raw := range fields {
		if bytes.Equal(raw, []byte("null")) {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		r.params.Set(name, text)
	}
	return nil
}

func (r *request) text(name string) string { return r.params.Get(name) }

func (r *request) int(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(r.text(name)), 10, 64)
	return n
}

func (r *request) flag(name string) bool {
	switch strings.ToLower(r.text(name)) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// decode reads a JSON parameter; given is false when it is absent or empty.
func (r *request) decode(name string, v any) (given bool, err error) {
	text := r.text(name)
	if text == "" {
		return false, nil
	}
	return true, json.Unmarshal([]byte(text), v)
}

// inspect notes what Telegram would silently ignore. Values stay out of the
// notes.
func (s *Server) inspect(r *request) {
	for name, values := range r.params {
		kind, known := r.method.params[name]
		value := values[0]
		switch {
		case !known:
			s.problem(r.method.name + ": unknown parameter " + name)
		case value == "":
		case kind == "int":
			if _, err := strconv.ParseInt(value, 10, 64); err != nil {
				s.problem(r.method.name + ": " + name + " is no integer")
			}
		case kind == "bool":
			if !slices.Contains([]string{"true", "false", "yes", "no", "1", "0"}, strings.ToLower(value)) {
				s.problem(r.method.name + ": " + name + " is no boolean")
			}
		case kind == "json":
			if !json.Valid([]byte(value)) {
				s.problem(r.method.name + ": " + name + " is no JSON")
			}
		}
	}
	for name := range r.files {
		_, known := r.method.params[name]
		for _, values := range r.params {
			known = known || values[0] == "attach://"+name
		}
		if !known {
			s.problem(r.method.name + ": nothing refers to the upload " + name)
		}
	}
}

// foreignKeys notes the keys of a JSON object that are not among the known.
func (s *Server) foreignKeys(r *request, where string, raw []byte, known ...string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return
	}
	for key := range fields {
		if !slices.Contains(known, key) {
			s.problem(r.method.name + ": " + where + ": unknown field " + key)
		}
	}
}

// apiError is an answer with "ok": false.
type apiError struct {
	code       int
	text       string
	retryAfter int // seconds
	migrateTo  int64
}

var (
	unauthorized = &apiError{code: http.StatusUnauthorized, text: "Unauthorized"}
	notFound     = &apiError{code: http.StatusNotFound, text: "Not Found"}
)

func badRequest(format string, args ...any) *apiError {
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) *apiError {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func retryAfter(seconds int) *apiError {
	return &apiError{code: http.StatusTooManyRequests, text: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retryAfter: seconds}
}

// body returns the status and the JSON of the answer; for nil only the status.
func (e *apiError) body() (int, []byte) {
	if e == nil {
		return http.StatusOK, nil
	}
	answer := map[string]any{"ok": false, "error_code": e.code, "description": e.text}
	if e.retryAfter != 0 {
		answer["parameters"] = map[string]any{"retry_after": e.retryAfter}
	}
	if e.migrateTo != 0 {
		answer["parameters"] = map[string]any{"migrate_to_chat_id": e.migrateTo}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return e.code, body
}

func (e *apiError) write(w http.ResponseWriter) {
	code, body := e.body()
	writeJSON(w, code, body)
}

func writeJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	w.Write(body)
}

func copyValues(v url.Values) url.Values {
	c := make(url.Values, len(v))
	for name, list := range v {
		c[name] = slices.Clone(list)
	}
	return c
}
