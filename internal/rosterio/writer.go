package rosterio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"rollcall/internal/rollcall"
)

// A Writer writes a roster that [Reader] reads back to the same rows. It is not
// safe for concurrent use.
type Writer struct {
	w       *bufio.Writer
	format  Format
	scratch bytes.Buffer
	err     error // sticky
}

// NewWriter returns a Writer to w, which the caller keeps and closes. For CSV
// the header is the first that is written, so that a roster without rows has
// one. The format is [CSV] or [JSONL]; any other gives [ErrFormat].
//
// CSV is in UTF-8 without a byte order mark, with commas and LF. A cell that a
// spreadsheet program would take for a formula gets an apostrophe before it,
// which Reader takes off again. JSON Lines are not opened by such programs, and
// hold each value as it is.
func NewWriter(w io.Writer, format Format) (*Writer, error) {
	if format != CSV && format != JSONL {
		return nil, fmt.Errorf("write a roster as %q: %w", format, ErrFormat)
	}
	wr := &Writer{w: bufio.NewWriterSize(w, 64<<10), format: format}
	if format == CSV {
		wr.w.WriteString(strings.Join(columnNames[:], ",") + "\n")
	}
	return wr, nil
}

// Write writes one row. It does not check it.
func (w *Writer) Write(row rollcall.RosterRow) error {
	if w.err != nil {
		return w.err
	}
	b := w.w.AvailableBuffer()
	if w.format == CSV {
		b = appendCSV(b, row)
	} else {
		b = w.appendJSON(b, row)
	}
	_, w.err = w.w.Write(b)
	return w.err
}

// Close writes what is still held back. It does not close the underlying
// writer. A Write after it is an error.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.err = w.w.Flush()
	if w.err == nil {
		w.err = errors.New("rosterio: write after Close")
		return nil
	}
	return w.err
}

func appendCSV(b []byte, row rollcall.RosterRow) []byte {
	year := ""
	if row.BirthYear != 0 {
		year = strconv.Itoa(row.BirthYear)
	}
	for c, cell := range [numColumns]string{row.PublicID, row.FullName, strings.Join(row.AltNames, ";"), year,
		string(row.Status), row.Date.String(), row.Source, row.SourceURL, row.Note, row.Expires.String()} {
		if c > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, neutralise(cell))
	}
	return append(b, '\n')
}

// appendCell quotes a cell where it must be. The semicolon counts as well,
// since other programs may take it for the separator.
func appendCell(b []byte, s string) []byte {
	if s == "" || !strings.ContainsAny(s, ",;\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

func (w *Writer) appendJSON(b []byte, row rollcall.RosterRow) []byte {
	text := func(key column, s string) {
		b = append(append(append(b, '"'), columnNames[key]...), '"', ':')
		b = w.appendString(b, s)
		b = append(b, ',')
	}
	b = append(b, '{')
	text(colID, row.PublicID)
	text(colFullName, row.FullName)
	b = append(b, `"alt_names":[`...)
	for i, name := range row.AltNames {
		if i > 0 {
			b = append(b, ',')
		}
		b = w.appendString(b, name)
	}
	b = append(b, `],"birth_year":`...)
	if row.BirthYear == 0 {
		b = append(b, "null,"...)
	} else {
		b = append(strconv.AppendInt(b, int64(row.BirthYear), 10), ',')
	}
	text(colStatus, string(row.Status))
	text(colStatusDate, row.Date.String())
	text(colSource, row.Source)
	text(colSourceURL, row.SourceURL)
	text(colNote, row.Note)
	text(colExpires, row.Expires.String())
	b[len(b)-1] = '}'
	return append(b, '\n')
}

func (w *Writer) appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			if c >= 0xd0 && c <= 0xd4 && i+1 < len(s) && s[i+1]&0xc0 == 0x80 { // Cyrillic letters need no escape
				i++
				continue
			}
			return w.appendEncoded(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func (w *Writer) appendEncoded(b []byte, s string) []byte {
	w.scratch.Reset()
	enc := json.NewEncoder(&w.scratch)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("rosterio: a string is always encodable: " + err.Error())
	}
	return append(b, bytes.TrimSuffix(w.scratch.Bytes(), []byte("\n"))...)
}
