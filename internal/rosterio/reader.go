package rosterio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/rollcall"
)

// A Reader reads a roster file row by row. It is not safe for concurrent use.
type Reader struct {
	f        *file
	src      source
	today    rollcall.Date
	rec      record
	rows     int
	maxRows  int
	preamble []RowError // faults of the header, not yet returned
	missing  columnSet  // required columns that the header lacks
	err      error      // sticky
}

// A source reads one format.
type source interface {
	header() *header // nil for a format without one
	next(*record) error
	progress() (done, total int64)
	close() error
}

// errEnd is a source's word for the end of the file.
var errEnd = errors.New("end")

// A file is what all sources know of the file that they read.
type file struct {
	name   string
	total  int64 // size in bytes; 0 when it is not known
	closer io.Closer
}

func (f *file) fault(kind error, line int, problem string) error {
	return &FileError{File: f.name, Line: line, Problem: problem, Kind: kind}
}

// wrap gives a fault of the reading itself the file's name; nil stays nil.
func (f *file) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrTooLarge):
		return f.tooLarge()
	}
	return fmt.Errorf("read %s: %w", f.name, err)
}

func (f *file) tooLarge() error {
	return f.fault(ErrTooLarge, 0, fmt.Sprintf("is larger than %d MB; split it", MaxFileSize>>20))
}

func (f *file) close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// OpenReader opens a roster file. path is also the name in errors. today is the
// last day that a statement may bear. What is not a regular file, such as a
// pipe, can be read as CSV or JSON Lines.
//
// A file that cannot be read as a roster at all gives a [*FileError], here or
// from [Reader.Next].
func OpenReader(path string, format Format, today rollcall.Date) (*Reader, error) {
	osFile, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(osFile, path, format, today)
	if err != nil {
		osFile.Close()
		return nil, err
	}
	r.f.closer = osFile
	return r, nil
}

func openFile(osFile *os.File, path string, format Format, today rollcall.Date) (*Reader, error) {
	info, err := osFile.Stat()
	if err != nil {
		return nil, err
	}
	f := &file{name: path}
	switch {
	case info.IsDir():
		return nil, f.fault(ErrFormat, 0, "is a folder and not a file")
	case info.Mode().IsRegular():
		return NewReader(osFile, info.Size(), path, format, today)
	case format == XLSX:
		return nil, f.fault(ErrFormat, 0, "is not a regular file, which a workbook must be")
	}
	return newTextReader(osFile, f, format, today)
}

// NewReader is [OpenReader] for a file of size bytes that is at hand otherwise;
// name is its name in errors. The caller keeps r open until after Close.
func NewReader(r io.ReaderAt, size int64, name string, format Format, today rollcall.Date) (*Reader, error) {
	f := &file{name: name, total: size}
	switch {
	case size > MaxFileSize:
		return nil, f.tooLarge()
	case size == 0:
		return nil, f.fault(ErrNoRows, 0, "is empty")
	case format == XLSX:
		src, err := newXLSX(f, r)
		if err != nil {
			return nil, err
		}
		return newReader(f, src, today), nil
	}
	return newTextReader(io.NewSectionReader(r, 0, size), f, format, today)
}

func newTextReader(r io.Reader, f *file, format Format, today rollcall.Date) (*Reader, error) {
	w := newWindow(r, MaxFileSize)
	w.fill(sniffSize)
	if err := f.wrap(w.fault()); err != nil {
		return nil, err
	}
	if problem, kind := notText(w.bytes()[:min(len(w.bytes()), sniffSize)]); kind != nil {
		return nil, f.fault(kind, 0, problem)
	}
	if strings.HasPrefix(string(w.bytes()[:min(len(w.bytes()), 3)]), "\ufeff") {
		w.pass(3)
	}
	var src source
	var err error
	switch format {
	case CSV:
		src, err = newCSV(f, w)
	case JSONL:
		src, err = newJSONL(f, w)
	default:
		err = f.fault(ErrFormat, 0, "cannot be read as that format; the formats are csv, jsonl and xlsx")
	}
	if err != nil {
		return nil, err
	}
	return newReader(f, src, today), nil
}

func newReader(f *file, src source, today rollcall.Date) *Reader {
	r := &Reader{f: f, src: src, today: today, maxRows: MaxRows}
	if h := src.header(); h != nil {
		r.missing = h.missing
		for _, e := range h.faults {
			r.preamble = append(r.preamble, r.rowError(h.line, e))
		}
		r.rec.line = h.line
	}
	return r
}

func (r *Reader) rowError(line int, e rollcall.FieldError) RowError {
	return RowError{File: r.f.name, Line: line, Column: e.Column, Problem: e.Problem}
}

// Next returns the next row, or io.EOF after the last.
//
// A row with faults comes with all of them and is not to be used; the next call
// goes on with the row after it. Where the header has faults, the first call
// returns these, and no row; where it lacks a required column, only rows with
// further faults are returned. Any other error is final: a [*FileError] where
// the file is at fault, else a fault of the reading.
//
// The row is checked by [rollcall.RosterRow.Validate], its texts are cleaned by
// [Clean], and it belongs to the caller. Expires is the zero Date where the
// file gives no day.
func (r *Reader) Next() (rollcall.RosterRow, []RowError, error) {
	if r.err != nil {
		return rollcall.RosterRow{}, nil, r.err
	}
	if errs := r.preamble; errs != nil {
		r.preamble = nil
		return rollcall.RosterRow{}, errs, nil
	}
	for {
		row, errs, err := r.next()
		if err != nil {
			r.err = err
			return rollcall.RosterRow{}, nil, err
		}
		if len(errs) > 0 {
			return rollcall.RosterRow{}, errs, nil
		}
		if r.missing == 0 {
			return row, nil, nil
		}
	}
}

func (r *Reader) next() (rollcall.RosterRow, []RowError, error) {
	var none rollcall.RosterRow
	switch err := r.src.next(&r.rec); {
	case err == errEnd && r.rows == 0:
		return none, nil, r.f.fault(ErrNoRows, 0, "holds no rows")
	case err == errEnd:
		return none, nil, io.EOF
	case err != nil:
		return none, nil, err
	case r.rows == r.maxRows:
		return none, nil, r.f.fault(ErrTooLarge, r.rec.line, fmt.Sprintf("holds more than %d rows; split it", r.maxRows))
	}
	r.rows++
	row, faults := r.rec.row(r.today, r.missing)
	if len(faults) == 0 {
		return row, nil, nil
	}
	errs := make([]RowError, len(faults))
	for i, e := range faults {
		errs[i] = r.rowError(r.rec.line, e)
	}
	return none, errs, nil
}

// Line returns where the row that Next returned last begins: its line, or its
// row in the sheet, from 1. Before the first row it is the header's.
func (r *Reader) Line() int { return r.rec.line }

// Progress returns how far the reading has come, in bytes: of the file, or of a
// workbook's first sheet, unpacked. total is 0 when it is not known.
func (r *Reader) Progress() (done, total int64) { return r.src.progress() }

// Close closes what OpenReader opened.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = os.ErrClosed
	}
	return errors.Join(r.src.close(), r.f.close())
}

// A header tells which column each cell of a row belongs to.
type header struct {
	line    int
	columns []column // by place; noColumn or unknownColumn where there is none
	faults  []rollcall.FieldError
	missing columnSet // required columns that are not there
}

const (
	noColumn      column = -1 // has no name: its cells must be empty
	unknownColumn column = -2 // reported by the header, its cells are passed over
)

func newHeader(line int, names []string) header {
	h := header{line: line, columns: make([]column, len(names))}
	var seen columnSet
	for i, name := range names {
		c, ok := columnOf(name)
		switch {
		case strings.TrimSpace(name) == "":
			c = noColumn
		case !ok:
			c = unknownColumn
			h.faults = append(h.faults, rollcall.FieldError{Column: printable(name),
				Problem: "is not a known column; the columns are " + strings.Join(columnNames[:], ", ")})
		case seen.has(c):
			c = unknownColumn
			h.faults = append(h.faults, rollcall.FieldError{Column: printable(name), Problem: "stands twice in the header"})
		default:
			seen.add(c)
		}
		h.columns[i] = c
	}
	for _, c := range required {
		if !seen.has(c) {
			h.missing.add(c)
			h.faults = append(h.faults, rollcall.FieldError{Column: columnNames[c], Problem: "is a required column and missing"})
		}
	}
	return h
}

// printable makes the name of an unknown column fit for a message of one line.
func printable(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.TrimSpace(name))
	if r := []rune(name); len(r) > MaxColumnLabel {
		name = string(r[:MaxColumnLabel]) + "…"
	}
	if name == "" {
		return "?"
	}
	return name
}

// MaxColumnLabel is how many runes of an unknown column's name a [RowError]
// shows.
const MaxColumnLabel = 40

// A record is a row as a source found it: texts by column, not yet looked into.
type record struct {
	line   int
	cells  [numColumns]string
	alts   []string // other names that the file gives one by one, instead of the cell
	faults []rollcall.FieldError
	bad    columnSet // columns with a fault
	broken bool      // there is no telling what the cells are
}

func (rec *record) reset(line int) {
	*rec = record{line: line, alts: rec.alts[:0], faults: rec.faults[:0]}
}

// fail notes a fault of the row as a whole, or of a place without a column.
func (rec *record) fail(column, problem string) {
	rec.faults = append(rec.faults, rollcall.FieldError{Column: column, Problem: problem})
	rec.broken = rec.broken || column == rowColumn
}

// failAt notes a fault of one column.
func (rec *record) failAt(c column, problem string) {
	if rec.bad.has(c) {
		return
	}
	rec.bad.add(c)
	rec.faults = append(rec.faults, rollcall.FieldError{Column: columnNames[c], Problem: problem})
}

// set takes the text of the row's cell at place i, neutralised or not.
func (rec *record) set(h *header, i int, text string) {
	c := noColumn
	if i < len(h.columns) {
		c = h.columns[i]
	}
	switch {
	case c >= 0:
		rec.cells[c] = restore(text)
	case c == noColumn && strings.TrimSpace(text) != "":
		rec.fail(fmt.Sprintf("column %d", i+1), "holds something, but the header has no name there")
	}
}

// row makes the row, or returns all that is wrong with it in the order of the
// columns. Faults of the columns in missing are the header's already.
func (rec *record) row(today rollcall.Date, missing columnSet) (rollcall.RosterRow, []rollcall.FieldError) {
	if rec.broken {
		return rollcall.RosterRow{}, rec.faults
	}
	for c := range rec.cells {
		var problem string
		if rec.cells[c], problem = clean(rec.cells[c]); problem != "" {
			rec.failAt(column(c), problem)
		}
	}
	var row rollcall.RosterRow
	row.PublicID = rec.cells[colID]
	row.FullName = rec.cells[colFullName]
	row.AltNames = rec.altNames()
	if s := rec.cells[colBirthYear]; s != "" {
		year, ok := parseYear(s)
		if !ok {
			rec.failAt(colBirthYear, "must be a whole year such as 1984")
		}
		row.BirthYear = year
	}
	row.Status = rollcall.Status(rec.cells[colStatus])
	row.Date = rec.date(colStatusDate)
	row.Source = rec.cells[colSource]
	row.SourceURL = rec.cells[colSourceURL]
	row.Note = rec.cells[colNote]
	row.Expires = rec.date(colExpires)

	bad := rec.bad
	for _, e := range row.Validate(today) {
		if c, ok := columnOf(e.Column); !ok || !bad.has(c) && !missing.has(c) {
			rec.faults = append(rec.faults, e)
		}
	}
	if len(rec.faults) > 1 {
		slices.SortStableFunc(rec.faults, func(a, b rollcall.FieldError) int { return place(a) - place(b) })
	}
	return row, rec.faults
}

func place(e rollcall.FieldError) int {
	if c, ok := columnOf(e.Column); ok {
		return int(c)
	}
	return int(numColumns)
}

// altNames returns the other names without empty ones, without the full name,
// and each once. It is nil when there are none.
func (rec *record) altNames() []string {
	var names []string
	add := func(name string) {
		if name != "" && name != rec.cells[colFullName] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range rec.alts {
		name, problem := clean(name)
		if problem != "" {
			rec.failAt(colAltNames, problem)
		}
		add(name)
		if len(names) > rollcall.MaxAltNames {
			break // Validate refuses it, however many there are
		}
	}
	if cell := rec.cells[colAltNames]; cell != "" {
		for name := range strings.SplitSeq(cell, ";") {
			add(strings.TrimSpace(name))
			if len(names) > rollcall.MaxAltNames {
				break
			}
		}
	}
	return names
}

func (rec *record) date(c column) rollcall.Date {
	s := rec.cells[c]
	if s == "" {
		return rollcall.Date{}
	}
	d, err := rollcall.ParseDate(s)
	if err != nil {
		rec.failAt(c, "must be a day such as 2026-01-31 (YYYY-MM-DD)")
	}
	return d
}

// parseYear reads a year of four digits. Validate knows which may be.
func parseYear(s string) (int, bool) {
	if len(s) != 4 {
		return 0, false
	}
	year := 0
	for _, b := range []byte(s) {
		if b < '0' || b > '9' {
			return 0, false
		}
		year = year*10 + int(b-'0')
	}
	return year, year != 0
}
