// Package rosterio reads and writes roster files: CSV, JSON Lines and (reading
// only) XLSX workbooks.
//
// A roster comes from the hands of people and from the tools of others, so the
// reader names the file, line and column of whatever is wrong and goes on to
// the next row: a keeper should see all faults at once. It holds one row at a
// time. What it never does is guess: another encoding is named and refused, not
// converted, a formula is not evaluated, and a number is not taken for a date.
//
// No error text holds a cell's value, since it may be a name and errors are
// shown and logged.
//
// The readers and writers know nothing of whether two rows are about one person,
// or whether a claim is known already: only the store can tell.
package rosterio

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Limits of a roster file.
const (
	MaxFileSize  = 200 << 20 // bytes of a file, as it is stored
	MaxRows      = 2_000_000 // rows of a file, the header not counted
	MaxRowSize   = 64 << 10  // bytes of a row; for a workbook, of its cells' text
	MaxUnzipped  = 1 << 30   // bytes of a workbook's first sheet, unpacked
	MaxStrings   = 256 << 20 // bytes of the texts that a workbook's cells share
	MaxZipRatio  = 200       // unpacked to packed size of a part over zipRatioFrom
	zipRatioFrom = 8 << 20   // bytes unpacked
)

// A Format is a kind of roster file.
type Format string

// The formats. XLSX can be read only.
const (
	CSV   Format = "csv"
	JSONL Format = "jsonl"
	XLSX  Format = "xlsx"
)

// Kinds of fault that concern a file as a whole. A [FileError] wraps one.
var (
	ErrFormat    = errors.New("rosterio: not a file of this format")
	ErrEncoding  = errors.New("rosterio: not UTF-8")
	ErrEncrypted = errors.New("rosterio: a protected or old binary workbook")
	ErrTooLarge  = errors.New("rosterio: over a limit")
	ErrNoRows    = errors.New("rosterio: no rows")
)

// A FileError is a fault of a file as a whole, after which it cannot be read
// on. Its Kind, one of the errors above, is found by errors.Is.
type FileError struct {
	File    string // as the user gave it
	Line    int    // where the fault is; 0 when it is not at a line
	Problem string
	Kind    error
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
}

func (e *FileError) Unwrap() error { return e.Kind }

// A RowError is a fault of one row, after which the next row can be read. It
// holds no cell's value.
type RowError struct {
	File    string // as the user gave it
	Line    int    // line at which the row begins; for a workbook, the sheet's row; from 1
	Column  string // "row" where the fault is not in one column
	Problem string
}

func (e RowError) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Column, e.Problem)
}

// FormatOf tells the format from a file's name. A name that ends neither in
// .csv nor .jsonl nor .xlsx, in whatever case, gives an error that wraps
// [ErrFormat].
func FormatOf(fileName string) (Format, error) {
	switch f := Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(fileName)), ".")); f {
	case CSV, JSONL, XLSX:
		return f, nil
	}
	return "", &FileError{File: fileName, Kind: ErrFormat,
		Problem: "the name ends neither in .csv nor .jsonl nor .xlsx; say the format by --format"}
}

// column numbers the columns in the order in which they are written.
type column int

const (
	colID column = iota
	colFullName
	colAltNames
	colBirthYear
	colStatus
	colStatusDate
	colSource
	colSourceURL
	colNote
	colExpires
	numColumns
)

var columnNames = [numColumns]string{"id", "full_name", "alt_names", "birth_year", "status",
	"status_date", "source", "source_url", "note", "expires"}

var required = []column{colFullName, colStatus, colStatusDate, colSource}

// rowColumn stands in [RowError] for the row as a whole.
const rowColumn = "row"

// Columns returns the names of the columns in the order in which they are
// written.
func Columns() []string { return append([]string(nil), columnNames[:]...) }

// columnOf finds a column by its name in a header, in whatever case and with
// blanks around it.
func columnOf(name string) (column, bool) {
	name = strings.TrimSpace(name)
	for c, n := range columnNames {
		if strings.EqualFold(n, name) {
			return column(c), true
		}
	}
	return 0, false
}

// columnSet is a set of columns as bits.
type columnSet uint16

func (s columnSet) has(c column) bool { return s&(1<<c) != 0 }
func (s *columnSet) add(c column)     { *s |= 1 << c }

// A cell that begins with any number of apostrophes and then one of these is
// what a spreadsheet program may take for a formula, or what neutralising makes
// of one.
const formulaStart = "=+-@\t\r"

func looksLikeFormula(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\'' {
			return strings.IndexByte(formulaStart, s[i]) >= 0
		}
	}
	return false
}

// neutralise puts an apostrophe before a cell that a spreadsheet program would
// take for a formula, and also before one that looks as if it had been
// neutralised already, so that [restore] gives back every cell as it was.
func neutralise(s string) string {
	if looksLikeFormula(s) {
		return "'" + s
	}
	return s
}

// restore undoes [neutralise].
func restore(s string) string {
	if len(s) > 1 && s[0] == '\'' && looksLikeFormula(s[1:]) {
		return s[1:]
	}
	return s
}
