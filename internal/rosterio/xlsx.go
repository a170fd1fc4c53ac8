package rosterio

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"rollcall/internal/rollcall"
)

// This file reads SpreadsheetML (ECMA-376 Part 1, section 18) as far as a
// roster needs it. It is not excelize, because the row iterator of that package
// takes a broken sheet for the end of the sheet, so that a damaged file would
// read as a shorter roster; because it does not tell a date from a number
// without loading the whole sheet; and because it holds all parts of the file in
// memory or, with people's names in them, in temporary files.

// oleMagic begins a Compound File Binary ([MS-CFB] 2.2): workbooks of old, and
// new ones under a password.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

const (
	maxToken   = 4 * MaxRowSize // bytes from one XML token to the next
	maxDepth   = 64             // elements within each other
	maxColumns = 16384          // columns of a sheet (ECMA-376 18.3.1.13)
	maxStrings = 20_000_000     // texts that the cells share
	maxSmall   = 16 << 20       // bytes unpacked of a part that describes the workbook
)

// xlsxSource reads the first sheet of a workbook.
type xlsxSource struct {
	f       *file
	sheet   *xmlPart
	shared  *stringTable
	styles  []cellStyle
	epoch   rollcall.Date // day of serial number 0, for 1904 workbooks
	head    header
	started bool // the header has been read
	row     int  // number of the row that was read last
	cells   []xlsxCell
}

// A cellStyle is what a cell's number format means for its value.
type cellStyle struct {
	date bool
	pad  int // least number of digits, where the format is of zeros only
}

// An xlsxCell is a cell that holds something.
type xlsxCell struct {
	place int // from 0
	kind  cellKind
	text  string
	style cellStyle
}

type cellKind int

const (
	textCell cellKind = iota
	numberCell
	boolCell
	errorCell
	dateCell    // ISO 8601 in the file
	longCell    // a shared text over MaxRowSize
	unknownCell // a formula of which no value is stored
)

func newXLSX(f *file, r io.ReaderAt) (*xlsxSource, error) {
	var magic [8]byte
	if n, err := r.ReadAt(magic[:], 0); err != nil && err != io.EOF {
		return nil, f.wrap(err)
	} else if string(magic[:n]) == oleMagic {
		return nil, f.fault(ErrEncrypted, 0, "is under a password or an old binary workbook (.xls); save it as .xlsx without a password")
	} else if string(magic[:2]) != "PK" {
		return nil, f.fault(ErrFormat, 0, "is not an XLSX workbook (not a zip file)")
	}
	zr, err := zip.NewReader(r, f.total)
	if err != nil {
		return nil, f.fault(ErrFormat, 0, "is not an XLSX workbook (a damaged or cut-off zip file)")
	}
	x := &xlsxSource{f: f}
	if err := x.open(zr); err != nil {
		x.close()
		return nil, x.explain(err)
	}
	return x, nil
}

// errPart says that a part of the workbook is not there.
var errPart = errors.New("no such part")

// errDamaged says that a part does not hold what the format asks.
var errDamaged = errors.New("damaged")

// explain makes of whatever went wrong within the archive a fault of the file.
func (x *xlsxSource) explain(err error) error {
	var fault *FileError
	if errors.As(err, &fault) {
		return err
	}
	line := 0
	if x.started {
		line = x.row
	}
	var reading *fs.PathError
	switch {
	case errors.Is(err, errPart):
		return x.f.fault(ErrFormat, 0, "is not an XLSX workbook with a sheet of cells")
	case errors.As(err, &reading):
		return x.f.wrap(err)
	}
	// What remains is what the zip, deflate and XML decoders find fault with.
	return x.f.fault(ErrFormat, line, "is a damaged workbook; it cannot be read from here on")
}

func (x *xlsxSource) open(zr *zip.Reader) error {
	parts := make(map[string]*zip.File)
	for _, p := range zr.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(p.Name, `\`, "/"), "/"))
		if _, ok := parts[name]; !ok {
			parts[name] = p
		}
	}
	book := "xl/workbook.xml"
	rels, err := x.relations(parts, "_rels/.rels")
	if err != nil && !errors.Is(err, errPart) {
		return err
	}
	for _, rel := range rels {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			book = rel.target
		}
	}
	sheets, err := x.workbook(parts, book)
	if err != nil {
		return err
	}
	dir, base := path.Split(book)
	if rels, err = x.relations(parts, dir+"_rels/"+base+".rels"); err != nil {
		return err
	}
	var sheet, shared, styles string
	for _, rel := range rels {
		switch kind := rel.kind[strings.LastIndexByte(rel.kind, '/')+1:]; kind {
		case "sharedStrings":
			shared = rel.target
		case "styles":
			styles = rel.target
		}
	}
	for _, id := range sheets {
		for _, rel := range rels {
			if sheet == "" && rel.id == id && strings.HasSuffix(rel.kind, "/worksheet") {
				sheet = rel.target
			}
		}
	}
	if sheet == "" {
		return errPart
	}
	x.shared = &stringTable{}
	if shared != "" {
		if err := x.sharedStrings(parts, shared); err != nil {
			return err
		}
	}
	if styles != "" {
		if err := x.numberFormats(parts, styles); err != nil {
			return err
		}
	}
	if x.sheet, err = x.openPart(parts, sheet, MaxUnzipped); err != nil {
		return err
	}
	return x.readHeader()
}

func (x *xlsxSource) readHeader() error {
	for {
		err := x.readRow()
		if err == errEnd {
			return x.f.fault(ErrNoRows, 0, "holds nothing on its first sheet")
		}
		if err != nil {
			return err
		}
		if len(x.cells) > 0 {
			break
		}
	}
	names := make([]string, x.cells[len(x.cells)-1].place+1)
	known := 0
	for _, c := range x.cells {
		names[c.place] = c.text
		if _, ok := columnOf(c.text); ok {
			known++
		}
	}
	if known == 0 {
		return x.f.fault(ErrFormat, x.row, problemNoHeader+strings.Join(columnNames[:], ", "))
	}
	x.head = newHeader(x.row, names)
	x.started = true
	return nil
}

func (x *xlsxSource) header() *header { return &x.head }

func (x *xlsxSource) progress() (done, total int64) {
	return x.sheet.read, x.sheet.size
}

func (x *xlsxSource) close() error {
	if x.sheet == nil {
		return nil
	}
	return x.sheet.Close()
}

func (x *xlsxSource) next(rec *record) error {
	for {
		if err := x.readRow(); err != nil {
			if err == errEnd {
				return err
			}
			return x.explain(err)
		}
		if len(x.cells) > 0 {
			break
		}
	}
	rec.reset(x.row)
	size := 0
	for _, c := range x.cells {
		size += len(c.text)
		if size > MaxRowSize || c.kind == longCell {
			rec.fail(rowColumn, problemLong)
			return nil
		}
	}
	for _, c := range x.cells {
		col := noColumn
		if c.place < len(x.head.columns) {
			col = x.head.columns[c.place]
		}
		text, problem := x.value(c, col)
		if problem != "" && col >= 0 {
			rec.failAt(col, problem)
		}
		rec.set(&x.head, c.place, text)
	}
	return nil
}

// value gives the text that stands for a cell in a column.
func (x *xlsxSource) value(c xlsxCell, col column) (text, problem string) {
	day := col == colStatusDate || col == colExpires
	switch c.kind {
	case errorCell:
		return "", "holds a spreadsheet's error value"
	case boolCell:
		return "", "holds a truth value and not a text"
	case unknownCell:
		return "", "holds a formula without a stored value; open the workbook and save it again"
	case dateCell:
		if !day {
			return c.text, ""
		}
		date, _, _ := strings.Cut(c.text, "T")
		return date, ""
	case numberCell:
		switch {
		case day && !c.style.date:
			return "", "holds a number that is not formatted as a date; format the column as a date, or write YYYY-MM-DD as text"
		case c.style.date && col == colBirthYear:
			return "", "is formatted as a date; write the year as a number"
		case c.style.date:
			d, ok := x.serialDate(c.text)
			if !ok {
				return "", "holds a number that is no date"
			}
			return d.String(), ""
		}
		text = wholeNumber(c.text)
		if n := c.style.pad - len(text); n > 0 && col == colID && !strings.ContainsAny(text, "-.eE") {
			text = strings.Repeat("0", n) + text
		}
		return text, ""
	}
	return c.text, ""
}

// serialDate turns the number that stands for a day into that day (ECMA-376
// 18.17.4.1). The 1900 system counts a 29 February 1900, which never was, as 60.
func (x *xlsxSource) serialDate(s string) (rollcall.Date, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f < 2_958_466) {
		return rollcall.Date{}, false
	}
	n := int(f)
	if !x.epoch.IsZero() {
		return x.epoch.AddDays(n), true
	}
	switch {
	case n == 0 || n == 60:
		return rollcall.Date{}, false
	case n < 60:
		n++
	}
	return rollcall.Date{Year: 1899, Month: 12, Day: 30}.AddDays(n), true
}

// readRow reads the next row element into x.row and x.cells.
func (x *xlsxSource) readRow() error {
	x.cells = x.cells[:0]
	for {
		tok, err := x.sheet.token()
		if err == io.EOF {
			return errEnd
		}
		if err != nil {
			return err
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			continue
		}
		row := x.row + 1
		if s := attr(start, "r"); s != "" {
			if row, err = strconv.Atoi(s); err != nil || row <= x.row {
				return errDamaged
			}
		}
		x.row = row
		return x.readCells()
	}
}

func (x *xlsxSource) readCells() error {
	place := -1
	for {
		tok, err := x.sheet.token()
		if err != nil {
			return noEOF(err)
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := x.sheet.skip(); err != nil {
					return err
				}
				continue
			}
			at := place + 1
			if ref := attr(t, "r"); ref != "" {
				if at = placeOf(ref); at <= place {
					return errDamaged
				}
			}
			if at >= maxColumns {
				return errDamaged
			}
			place = at
			if err := x.readCell(t, place); err != nil {
				return err
			}
		}
	}
}

// readCell reads a cell element and keeps the cell if it holds something.
func (x *xlsxSource) readCell(start xml.StartElement, place int) error {
	c := xlsxCell{place: place}
	kind := attr(start, "t")
	if s := attr(start, "s"); s != "" {
		i, err := strconv.Atoi(s)
		if err != nil || i < 0 {
			return errDamaged
		}
		if i < len(x.styles) {
			c.style = x.styles[i]
		}
	}
	value, stored, formula := "", false, false
	for {
		tok, err := x.sheet.token()
		if err != nil {
			return noEOF(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				value, err = x.sheet.text()
				stored = true
			case "is":
				value, err = x.sheet.richText()
			case "f":
				formula = true
				err = x.sheet.skip()
			default:
				err = x.sheet.skip()
			}
			if err != nil {
				return err
			}
			continue
		case xml.EndElement:
		default:
			continue
		}
		break
	}
	switch kind {
	case "s":
		if value == "" {
			break
		}
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || i < 0 || i >= x.shared.len() {
			return errDamaged
		}
		if c.text = x.shared.at(i); len(c.text) > MaxRowSize {
			c.kind = longCell
		}
	case "str", "inlineStr":
		c.text = unescape(value)
	case "b":
		c.kind, c.text = boolCell, value
	case "e":
		c.kind, c.text = errorCell, value
	case "d":
		c.kind, c.text = dateCell, value
	default:
		c.kind, c.text = numberCell, strings.TrimSpace(value)
	}
	if c.text == "" {
		if stored || !formula {
			return nil
		}
		c.kind = unknownCell
	}
	x.cells = append(x.cells, c)
	return nil
}

// placeOf returns the column of a cell reference such as BC23, from 0, and -1
// for what is none.
func placeOf(ref string) int {
	n := 0
	for i := range len(ref) {
		switch c := ref[i]; {
		case c >= 'A' && c <= 'Z':
			n = n*26 + int(c-'A') + 1
		case c >= '0' && c <= '9' && i > 0:
			return n - 1
		default:
			return -1
		}
		if n > maxColumns {
			return maxColumns
		}
	}
	return -1
}

// A relation ties a part to another.
type relation struct{ id, kind, target string }

func (x *xlsxSource) relations(parts map[string]*zip.File, name string) ([]relation, error) {
	var rels []relation
	dir := path.Dir(path.Dir(name)) // the folder of the part that the relations are of
	err := x.elements(parts, name, func(e xml.StartElement) {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return
		}
		target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		rels = append(rels, relation{attr(e, "Id"), attr(e, "Type"), strings.TrimPrefix(path.Clean(target), "/")})
	})
	return rels, err
}

// workbook returns the relation ids of the sheets, in their order.
func (x *xlsxSource) workbook(parts map[string]*zip.File, name string) (sheets []string, err error) {
	err = x.elements(parts, name, func(e xml.StartElement) {
		switch e.Name.Local {
		case "workbookPr":
			if v := attr(e, "date1904"); v == "1" || v == "true" {
				x.epoch = rollcall.Date{Year: 1904, Month: 1, Day: 1}
			}
		case "sheet":
			for _, a := range e.Attr {
				if a.Name.Local == "id" {
					sheets = append(sheets, a.Value)
				}
			}
		}
	})
	return sheets, err
}

// numberFormats learns which cell styles are dates.
func (x *xlsxSource) numberFormats(parts map[string]*zip.File, name string) error {
	codes := make(map[string]string)
	inCells := false
	return x.elements(parts, name, func(e xml.StartElement) {
		switch e.Name.Local {
		case "numFmt":
			codes[attr(e, "numFmtId")] = attr(e, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := attr(e, "numFmtId")
				x.styles = append(x.styles, styleOf(id, codes[id]))
			}
		}
	})
}

var zeros = regexp.MustCompile(`^0{2,40}$`)

// A format code's literals, colours, conditions and locales, of which the
// letters say nothing about dates. Elapsed times such as [h] fall under them:
// they are durations.
var formatNoise = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[[^\]]*\]`)

// styleOf tells from a number format (ECMA-376 18.8.30, 18.8.31) what it means:
// its number, or its code where the workbook defines one.
func styleOf(id, code string) cellStyle {
	if code == "" {
		n, _ := strconv.Atoi(id)
		// 14 to 17 and 22 hold a day; 27 to 36 and 50 to 58 do in the East Asian
		// locales; 18 to 21 and 45 to 47 are times of day.
		return cellStyle{date: n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58}
	}
	if zeros.MatchString(code) {
		return cellStyle{pad: len(code)}
	}
	first, _, _ := strings.Cut(formatNoise.ReplaceAllString(code, ""), ";")
	first = strings.ToLower(first)
	return cellStyle{date: !strings.Contains(first, "general") && strings.ContainsAny(first, "yd")}
}

func (x *xlsxSource) sharedStrings(parts map[string]*zip.File, name string) error {
	return x.walk(parts, name, MaxUnzipped, func(p *xmlPart, start xml.StartElement) error {
		if start.Name.Local != "si" {
			return nil
		}
		s, err := p.richText()
		if err != nil {
			return err
		}
		if !x.shared.add(unescape(s)) {
			return x.f.fault(ErrTooLarge, 0, fmt.Sprintf("holds more than %d MB of text; save it as .csv, or split it", MaxStrings>>20))
		}
		return nil
	})
}

// elements calls f for each element of a small part.
func (x *xlsxSource) elements(parts map[string]*zip.File, name string, f func(xml.StartElement)) error {
	return x.walk(parts, name, maxSmall, func(_ *xmlPart, start xml.StartElement) error {
		f(start)
		return nil
	})
}

// walk calls f for each element of a part of at most limit bytes; f may read on to the
// element's end.
func (x *xlsxSource) walk(parts map[string]*zip.File, name string, limit uint64, f func(*xmlPart, xml.StartElement) error) error {
	p, err := x.openPart(parts, name, limit)
	if err != nil {
		return err
	}
	defer p.Close()
	for {
		tok, err := p.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := tok.(xml.StartElement); ok {
			if err := f(p, start); err != nil {
				return err
			}
		}
	}
}

// A stringTable holds the texts that a workbook's cells share.
type stringTable struct {
	data []byte
	ends []uint32
}

// add reports whether there was room.
func (t *stringTable) add(s string) bool {
	if len(s) > MaxRowSize {
		s = s[:MaxRowSize+1] // stays too long for a row
	}
	if len(t.data)+len(s) > MaxStrings || len(t.ends) == maxStrings {
		return false
	}
	t.data = append(t.data, s...)
	t.ends = append(t.ends, uint32(len(t.data)))
	return true
}

func (t *stringTable) len() int { return len(t.ends) }

func (t *stringTable) at(i int) string {
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.data[from:t.ends[i]])
}

// An xmlPart reads the XML of one part of the archive. What a hostile part can
// make it hold is bounded: in size, in depth, and from one token to the next.
type xmlPart struct {
	rc    io.ReadCloser
	br    *bufio.Reader
	dec   *xml.Decoder
	size  int64 // unpacked, as the archive says; it holds to that
	read  int64
	since int // bytes since the last token
	depth int
}

var errToken = fmt.Errorf("%w: an endless token", errDamaged)

func (x *xlsxSource) openPart(parts map[string]*zip.File, name string, limit uint64) (*xmlPart, error) {
	z, ok := parts[strings.ToLower(name)]
	if !ok {
		return nil, errPart
	}
	if z.Flags&1 != 0 {
		return nil, x.f.fault(ErrEncrypted, 0, "is under a password; save it without one")
	}
	if n := z.UncompressedSize64; n > limit || n > zipRatioFrom && n/MaxZipRatio > z.CompressedSize64 {
		return nil, x.f.fault(ErrTooLarge, 0, "unpacks to far more than a roster can be; save it as .csv, or split it")
	}
	rc, err := z.Open()
	if err != nil {
		return nil, err
	}
	p := &xmlPart{rc: rc, br: bufio.NewReaderSize(rc, 32<<10), size: int64(z.UncompressedSize64)}
	p.dec = xml.NewDecoder(p)
	return p, nil
}

// ReadByte makes the decoder take its bytes one by one, so that they can be
// counted.
func (p *xmlPart) ReadByte() (byte, error) {
	if p.since++; p.since > maxToken {
		return 0, errToken
	}
	c, err := p.br.ReadByte()
	if err == nil {
		p.read++
	}
	return c, err
}

func (p *xmlPart) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c, err := p.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

func (p *xmlPart) Close() error { return p.rc.Close() }

// token returns the next token, valid until the call after it, and io.EOF at
// the end of a part that is well-formed and whole.
func (p *xmlPart) token() (xml.Token, error) {
	p.since = 0
	tok, err := p.dec.Token()
	switch tok.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, errDamaged
		}
	case xml.EndElement:
		p.depth--
	}
	return tok, err
}

// noEOF is for a place where a part cannot end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skip passes over the rest of the element that has just begun.
func (p *xmlPart) skip() error {
	for depth := p.depth; p.depth >= depth; {
		if _, err := p.token(); err != nil {
			return noEOF(err)
		}
	}
	return nil
}

// text returns the text of the element that has just begun, and passes over it.
// A text over [MaxRowSize] is cut to one byte more.
func (p *xmlPart) text() (string, error) {
	var text string
	for depth := p.depth; p.depth >= depth; {
		tok, err := p.token()
		if err != nil {
			return "", noEOF(err)
		}
		if t, ok := tok.(xml.CharData); ok && p.depth == depth {
			text = appendCut(text, string(t))
		}
	}
	return text, nil
}

// richText returns the text of the string item that has just begun: that of its
// runs, without phonetic hints (ECMA-376 18.4.8, 18.4.6).
func (p *xmlPart) richText() (string, error) {
	var text string
	for depth := p.depth; p.depth >= depth; {
		tok, err := p.token()
		if err != nil {
			return "", noEOF(err)
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "t":
			t, err := p.text()
			if err != nil {
				return "", err
			}
			text = appendCut(text, t)
		case start.Name.Local == "rPh":
			if err := p.skip(); err != nil {
				return "", err
			}
		}
	}
	return text, nil
}

func appendCut(a, b string) string {
	if a == "" && len(b) <= MaxRowSize {
		return b
	}
	if room := MaxRowSize + 1 - len(a); len(b) > room {
		b = b[:room]
	}
	return a + b
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

var escapes = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape undoes the escapes of ST_Xstring (ECMA-376 22.9.2.19), such as
// _x000D_, by which a workbook holds what XML cannot.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 32)
		return string(rune(n))
	})
}
