package rosterio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// jsonlSource reads JSON Lines: an object of RFC 8259 on each line.
type jsonlSource struct {
	*window
	f    *file
	text string // the line
	at   int    // where in text
}

func newJSONL(f *file, w *window) (*jsonlSource, error) {
	w.fill(MaxRowSize)
	if err := f.wrap(w.fault()); err != nil {
		return nil, err
	}
	switch first := bytes.TrimSpace(w.bytes()); {
	case len(first) == 0 && w.err != nil:
		return nil, f.fault(ErrNoRows, 0, "is empty")
	case len(first) > 0 && first[0] == '[':
		return nil, f.fault(ErrFormat, 1, "is a JSON array; JSON Lines has one object on each line and nothing around them")
	}
	return &jsonlSource{window: w, f: f}, nil
}

func (j *jsonlSource) header() *header { return nil }

func (j *jsonlSource) progress() (done, total int64) { return j.done(), j.f.total }

func (j *jsonlSource) close() error { return nil }

func (j *jsonlSource) next(rec *record) error {
	for {
		n := j.nextLine()
		if err := j.f.wrap(j.fault()); err != nil {
			return err
		}
		if n == 0 {
			return errEnd
		}
		rec.reset(j.line)
		raw := j.bytes()[:n]
		line := bytes.TrimRight(raw, "\r\n")
		if len(line) > MaxRowSize {
			rec.fail(rowColumn, problemLong)
			j.passLine()
			return nil
		}
		if i := firstInvalid(line); i >= 0 {
			return j.f.fault(ErrEncoding, j.line, encodingProblem(j.bytes()))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			j.pass(n)
			continue
		}
		if !json.Valid(line) {
			rec.fail(rowColumn, syntaxProblem(line, raw[n-1] == '\n'))
			j.pass(n)
			return nil
		}
		j.text, j.at = string(line), 0
		j.pass(n)
		j.object(rec)
		return nil
	}
}

// syntaxProblem says where a line stops being JSON.
func syntaxProblem(line []byte, ended bool) string {
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(line, new(json.RawMessage)), &syntax) {
		return "is not JSON"
	}
	if syntax.Offset < int64(len(line)) {
		return fmt.Sprintf("is not JSON: see its byte %d", syntax.Offset)
	}
	if !ended {
		return problemCut
	}
	return "is not JSON: the object does not end on its line"
}

// What follows walks a line that is known to be JSON.

func (j *jsonlSource) peek() byte {
	for {
		switch c := j.text[j.at]; c {
		case ' ', '\t', '\r', '\n':
			j.at++
		default:
			return c
		}
	}
}

func (j *jsonlSource) object(rec *record) {
	if j.peek() != '{' {
		rec.fail(rowColumn, "is JSON, but not an object")
		return
	}
	var seen columnSet
	for j.at++; j.peek() != '}'; {
		if j.text[j.at] == ',' {
			j.at++
			j.peek()
		}
		key := j.string()
		j.peek()
		j.at++ // the colon
		c, ok := columnOf(key)
		switch {
		case !ok:
			rec.fail(printable(key), "is not a known key")
			j.skip()
		case seen.has(c):
			rec.failAt(c, "stands twice in the object")
			j.skip()
		default:
			seen.add(c)
			j.value(rec, c)
		}
	}
}

// value takes the value of a key, if it is of a kind that the column can have.
func (j *jsonlSource) value(rec *record, c column) {
	switch b := j.peek(); {
	case b == '"':
		rec.cells[c] = j.string()
	case b == 'n':
		j.skip()
	case (b == '-' || b >= '0' && b <= '9') && (c == colBirthYear || c == colID):
		rec.cells[c] = wholeNumber(j.skip())
	case b == '[' && c == colAltNames:
		j.at++
		for j.peek() != ']' {
			switch j.text[j.at] {
			case ',':
				j.at++
			case '"':
				rec.alts = append(rec.alts, j.string())
			default:
				rec.failAt(c, "must be an array of strings, or one string with semicolons")
				j.skip()
			}
		}
		j.at++
	default:
		j.skip()
		switch c {
		case colBirthYear:
			rec.failAt(c, "must be a whole year such as 1984")
		case colAltNames:
			rec.failAt(c, "must be an array of strings, or one string with semicolons")
		default:
			rec.failAt(c, "must be a string")
		}
	}
}

// string takes the string at j.at. A surrogate without its other half becomes
// U+FFFD, which Clean refuses.
func (j *jsonlSource) string() string {
	from := j.at
	escaped := false
	for j.at++; j.text[j.at] != '"'; j.at++ {
		if j.text[j.at] == '\\' {
			escaped = true
			j.at++
		}
	}
	j.at++
	if !escaped {
		return j.text[from+1 : j.at-1]
	}
	var s string
	if json.Unmarshal([]byte(j.text[from:j.at]), &s) != nil {
		return "\ufffd"
	}
	return s
}

// skip passes over the value at j.at, white space before it included, and
// returns its text.
func (j *jsonlSource) skip() string {
	j.peek()
	from, depth := j.at, 0
	for {
		switch j.text[j.at] {
		case '"':
			j.string()
		case '{', '[':
			depth++
			j.at++
		case '}', ']':
			depth--
			j.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			j.at++
		default: // a number, or a word
			for j.at < len(j.text) && bytes.IndexByte([]byte(",:]} \t\r\n"), j.text[j.at]) < 0 {
				j.at++
			}
		}
		if depth == 0 {
			return j.text[from:j.at]
		}
	}
}

// wholeNumber writes a number that is whole, in whatever form, as its digits.
// Any other text is returned as it is.
func wholeNumber(s string) string {
	digits := true
	for i := range len(s) {
		digits = digits && s[i] >= '0' && s[i] <= '9'
	}
	if digits {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return s
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}
