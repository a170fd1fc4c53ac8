package rosterio

import (
	"bytes"
	"fmt"
	"strings"
)

// csvSource reads CSV as RFC 4180 has it, with a comma or a semicolon between
// the cells. It is not encoding/csv because that reads on to the end of the
// file for a quote that is never closed.
type csvSource struct {
	*window
	f     *file
	comma byte
	head  header
	cells []span // of the row that scan read
}

// A span is a cell within a row's bytes, without the quotes around it.
type span struct {
	from, to int
	quotes   bool // holds quotes that are written twice
}

const (
	problemLong     = "is longer than 64 KB"
	problemOpen     = "a quote is opened in this row and not closed within 64 KB"
	problemOpenEnd  = "a quote is opened in this row and not closed until the file ends"
	problemBare     = "has a quote inside a cell that does not begin with one; put the whole cell in quotes and write each inner quote twice"
	problemAfter    = "has text after a closing quote; a quote inside a quoted cell is written twice"
	problemCut      = "is cut off: the file ends here; is it complete?"
	problemNoHeader = "the first row is not a header: it holds none of the columns "
)

func newCSV(f *file, w *window) (*csvSource, error) {
	c := &csvSource{window: w, f: f, comma: ','}
	w.fill(MaxRowSize + 3)
	if err := f.wrap(w.fault()); err != nil {
		return nil, err
	}
	for { // blank lines before the header
		n := w.nextLine()
		if n == 0 || len(bytes.TrimSpace(w.bytes()[:n])) > 0 {
			break
		}
		w.pass(n)
	}
	if len(w.bytes()) == 0 {
		return nil, f.fault(ErrNoRows, 0, "is empty")
	}
	n := w.nextLine()
	first := bytes.TrimRight(w.bytes()[:n], "\r\n")
	if bytes.IndexByte(first, '\r') >= 0 {
		return nil, f.fault(ErrFormat, w.line, "has lines that end in CR alone; save it with LF or CRLF")
	}
	if i := firstInvalid(first); i >= 0 {
		return nil, f.fault(ErrEncoding, w.line, encodingProblem(w.bytes()))
	}
	c.comma = separator(first)
	line := w.line
	size, problem := c.scan()
	if problem != "" {
		return nil, f.fault(ErrFormat, line, "the header "+problem)
	}
	if err := f.wrap(w.fault()); err != nil {
		return nil, err
	}
	row := string(w.bytes()[:size])
	names := make([]string, len(c.cells))
	for i, s := range c.cells {
		names[i] = s.of(row)
	}
	w.pass(size)
	known := 0
	for _, n := range names {
		if _, ok := columnOf(n); ok {
			known++
		}
	}
	if known == 0 {
		if bytes.IndexByte(first, '\t') >= 0 {
			return nil, f.fault(ErrFormat, line, "has tabs between the cells; save it with commas or semicolons")
		}
		return nil, f.fault(ErrFormat, line, problemNoHeader+strings.Join(columnNames[:], ", "))
	}
	c.head = newHeader(line, names)
	return c, nil
}

// separator tells which of the two separators parts the known names better, and
// takes the comma where both are as good.
func separator(header []byte) byte {
	known := func(sep string) (n int) {
		for name := range strings.SplitSeq(string(header), sep) {
			if _, ok := columnOf(strings.Trim(strings.TrimSpace(name), `"`)); ok {
				n++
			}
		}
		return n
	}
	if known(";") > known(",") {
		return ';'
	}
	return ','
}

// of returns the cell's text, given the bytes of its row as a string.
func (s span) of(row string) string {
	t := row[s.from:s.to]
	if s.quotes {
		t = strings.ReplaceAll(t, `""`, `"`)
	}
	return t
}

// scan finds the cells of the row at which bytes() begins and returns its size,
// the line break included. A problem leaves cells without meaning, and size at
// the end of the row's first line, which is where to read on: with a quote in
// the wrong place nobody knows where the row was meant to end.
func (c *csvSource) scan() (size int, problem string) {
	c.cells = c.cells[:0]
	line := c.nextLine()
	b := c.bytes()
	if bytes.IndexByte(b[:line], '"') < 0 {
		if line > MaxRowSize+2 || len(bytes.TrimRight(b[:line], "\r\n")) > MaxRowSize {
			return line, problemLong
		}
		return line, c.split(b[:line])
	}
	i := 0
	for {
		// A cell begins at i.
		if i < len(b) && b[i] == '"' {
			s := span{from: i + 1}
			for i++; ; i += 2 {
				k := bytes.IndexByte(b[i:], '"')
				for (k < 0 || i+k+1 == len(b)) && i <= MaxRowSize && c.more() {
					b = c.bytes()
					k = bytes.IndexByte(b[i:], '"')
				}
				if k < 0 && len(b) > MaxRowSize {
					return line, problemOpen
				}
				if k < 0 {
					return line, problemOpenEnd
				}
				i += k
				if i+1 == len(b) || b[i+1] != '"' {
					break
				}
				s.quotes = true
			}
			s.to = i
			i++
			c.cells = append(c.cells, s)
		} else {
			s := span{from: i}
			for {
				for i < len(b) && b[i] != c.comma && b[i] != '\n' && b[i] != '"' {
					i++
				}
				if i < len(b) || i > MaxRowSize || !c.more() {
					break
				}
				b = c.bytes()
			}
			if i < len(b) && b[i] == '"' {
				return line, problemBare
			}
			s.to = i
			if (i == len(b) || b[i] == '\n') && s.to > s.from && b[s.to-1] == '\r' {
				s.to--
			}
			c.cells = append(c.cells, s)
		}
		if i+1 >= len(b) && i <= MaxRowSize && c.more() {
			b = c.bytes()
		}
		switch {
		case i > MaxRowSize:
			return line, problemLong
		case i >= len(b):
			return i, ""
		case b[i] == c.comma:
			i++
		case b[i] == '\n':
			return i + 1, ""
		case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
			return i + 2, ""
		case b[i] == '\r' && i+1 == len(b):
			return i + 1, ""
		default:
			return line, problemAfter
		}
	}
}

// split finds the cells of a row without quotes.
func (c *csvSource) split(row []byte) (problem string) {
	row = bytes.TrimSuffix(row, []byte("\n"))
	row = bytes.TrimSuffix(row, []byte("\r"))
	for from := 0; ; {
		k := bytes.IndexByte(row[from:], c.comma)
		if k < 0 {
			c.cells = append(c.cells, span{from: from, to: len(row)})
			return ""
		}
		c.cells = append(c.cells, span{from: from, to: from + k})
		from += k + 1
	}
}

func (c *csvSource) header() *header { return &c.head }

func (c *csvSource) next(rec *record) error {
	for {
		c.fill(1)
		if err := c.f.wrap(c.fault()); err != nil {
			return err
		}
		if len(c.bytes()) == 0 {
			return errEnd
		}
		rec.reset(c.line)
		size, problem := c.scan()
		if err := c.f.wrap(c.fault()); err != nil {
			return err
		}
		raw := c.bytes()[:size]
		if i := firstInvalid(raw); i >= 0 && size <= MaxRowSize+2 {
			line := c.line + bytes.Count(raw[:i], []byte{'\n'})
			return c.f.fault(ErrEncoding, line, encodingProblem(c.bytes()))
		}
		if problem != "" {
			rec.fail(rowColumn, problem)
			c.passLine()
			return nil
		}
		if len(c.cells) == 1 && len(bytes.TrimSpace(raw)) == 0 {
			c.pass(size)
			continue
		}
		row := string(raw)
		c.pass(size)
		if c.blank(row) {
			continue
		}
		if n := len(c.cells); n != len(c.head.columns) {
			atEnd := row[len(row)-1] != '\n'
			if n < len(c.head.columns) && atEnd {
				rec.fail(rowColumn, problemCut)
			} else {
				rec.fail(rowColumn, fmt.Sprintf("holds %d cells, but the header %d", n, len(c.head.columns)))
			}
			return nil
		}
		for i, s := range c.cells {
			rec.set(&c.head, i, s.of(row))
		}
		return nil
	}
}

// blank reports that no cell of the row holds anything: spreadsheet programs
// leave such rows behind.
func (c *csvSource) blank(row string) bool {
	for _, s := range c.cells {
		if strings.TrimSpace(row[s.from:s.to]) != "" {
			return false
		}
	}
	return true
}

func (c *csvSource) progress() (done, total int64) { return c.done(), c.f.total }

func (c *csvSource) close() error { return nil }
