package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A KeyError says what is wrong with one key of a file or with one environment
// variable. Values are left out on purpose: they may be ids or secrets.
type KeyError struct {
	File    string // as it was given; "" where the value came from elsewhere
	Line    int    // 1 is the first; 0 where there is none to name
	Key     string // such as "lookup.max_results", "digests[0].chat" or "ROLLCALL_LOG"; "" for the file as a whole
	Problem string

	err error // the cause, where errors.Is is of use
}

// Unwrap returns the cause, nil where there is none.
func (e *KeyError) Unwrap() error { return e.err }

// Error returns "FILE:LINE: key: what is wrong", without the parts that are not
// known.
func (e *KeyError) Error() string {
	s := e.Problem
	if e.Key != "" {
		s = e.Key + ": " + s
	}
	switch {
	case e.File != "" && e.Line > 0:
		s = fmt.Sprintf("%s:%d: %s", e.File, e.Line, s)
	case e.File != "":
		s = e.File + ": " + s
	}
	return s
}

// maxFaults is how many faults of one file are told; then comes a count.
const maxFaults = 20

// faults gathers what is wrong with one file.
type faults struct {
	told    []error
	dropped int
}

func (f *faults) add(err error) {
	if len(f.told) >= maxFaults {
		f.dropped++
		return
	}
	f.told = append(f.told, err)
}

// err returns everything that was added, a line each, or nil.
func (f *faults) err() error {
	if f.dropped > 0 {
		return errors.Join(append(f.told[:len(f.told):len(f.told)], fmt.Errorf("and %d more faults", f.dropped))...)
	}
	return errors.Join(f.told...)
}

// A defaulter is an element of a list that has defaults of its own.
type defaulter interface{ setDefaults() }

// A decoder fills structs from one YAML document, strictly: a key that the
// struct does not have, or that is given twice, is a fault. It walks the syntax
// tree itself, where the YAML package could do so too, in order to tell all
// faults at once, each with its line and its full key and none with its value,
// and to know afterwards which keys the file has set. Anchors, aliases, merge
// keys and tags are refused: nothing here needs them.
type decoder struct {
	file  string
	lines map[string]int // key to the line on which it stands
	faults

	unread bool // the text is no YAML that could be taken apart
}

func (d *decoder) fault(line int, key, format string, args ...any) {
	d.add(&KeyError{File: d.file, Line: line, Key: key, Problem: fmt.Sprintf(format, args...)})
}

// line returns the line of the key, or of the nearest one around it that the
// file has; 0 where it has none.
func (d *decoder) line(key string) int {
	for key != "" {
		if n := d.lines[key]; n > 0 {
			return n
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			break
		}
		key = key[:cut]
	}
	return 0
}

// decodeFile reads src into the struct that dst points to. Keys that are absent
// or null leave their fields alone. An empty document is a valid one.
func decodeFile(file string, src []byte, dst any) *decoder {
	d := &decoder{file: file, lines: make(map[string]int)}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if line, problem := checkText(src); problem != "" {
		d.fault(line, "", "%s", problem)
		d.unread = true
		return d
	}
	f, err := parse(src)
	if err != nil {
		line, problem := 0, "cannot be read as YAML"
		var yerr yaml.Error
		if errors.As(err, &yerr) {
			problem = "is not valid YAML: " + yerr.GetMessage()
			if tk := yerr.GetToken(); tk != nil && tk.Position != nil {
				line = tk.Position.Line
			}
		}
		d.fault(line, "", "%s", problem)
		d.unread = true
		return d
	}
	var body ast.Node
	for _, doc := range f.Docs {
		switch {
		case doc == nil || doc.Body == nil:
			continue
		case body != nil:
			d.fault(lineOf(doc.Body), "", "holds more than one document")
			d.unread = true
			return d
		}
		switch n := doc.Body.(type) {
		case *ast.CommentGroupNode, *ast.NullNode:
		case *ast.DirectiveNode:
			d.fault(lineOf(n), "", "YAML directives are not used in this file")
			d.unread = true
			return d
		default:
			body = n
		}
	}
	if body != nil {
		d.value(body, reflect.ValueOf(dst).Elem(), "")
	}
	return d
}

// parse calls the YAML parser. A panic of it is turned into an error: the file
// may hold anything, and the parser is not ours.
func parse(src []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the YAML parser gave up")
		}
	}()
	return parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
}

// maxNesting bounds what the parser, which is recursive, is asked to descend.
const maxNesting = 500

// checkText refuses what no YAML text may hold, and nesting that could only
// exhaust the parser.
func checkText(src []byte) (line int, problem string) {
	open := 0
	for i, text := range bytes.Split(src, []byte("\n")) {
		if !utf8.Valid(text) {
			return i + 1, "is not UTF-8 text"
		}
		marks := 0
		leading := true
		for j, c := range text {
			switch {
			case c < ' ' && c != '\t' && !(c == '\r' && j == len(text)-1) || c == 0x7f:
				return i + 1, "holds a control character"
			case c == '[' || c == '{':
				open++
			case (c == ']' || c == '}') && open > 0:
				open--
			}
			switch {
			case !leading:
			case c == '-' || c == '?' || c == ':':
				if j+1 < len(text) && text[j+1] == ' ' {
					marks++
				}
			case c != ' ':
				leading = false
			}
			if open > maxNesting || marks > maxNesting {
				return i + 1, "is nested too deeply"
			}
		}
	}
	return 0, ""
}

func lineOf(n ast.Node) int {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return tk.Position.Line
	}
	return 0
}

var durationType = reflect.TypeFor[time.Duration]()

// value decodes n into v, which key names.
func (d *decoder) value(n ast.Node, v reflect.Value, key string) {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.fault(lineOf(n), key, "anchors, aliases and tags are not used in this file")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, key)
		return
	case reflect.Map:
		d.mapping(n, v, key)
		return
	case reflect.Slice:
		d.list(n, v, key)
		return
	}
	text, ok := scalar(n)
	switch {
	case !ok && v.Kind() == reflect.String:
		d.fault(lineOf(n), key, "must be text")
	case !ok:
		d.fault(lineOf(n), key, "must be a single value")
	case v.Type() == durationType:
		dur, err := time.ParseDuration(text)
		if err != nil {
			d.fault(lineOf(n), key, "must be a duration with its unit, such as 90s, 10m or 24h")
			return
		}
		v.SetInt(int64(dur))
	case v.Kind() == reflect.String:
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			d.fault(lineOf(n), key, "holds a control character")
			return
		}
		v.SetString(text)
	case v.CanInt():
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(i) {
			d.fault(lineOf(n), key, "must be a whole number")
			return
		}
		v.SetInt(i)
	case v.CanFloat():
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f-f != 0 { // not finite
			d.fault(lineOf(n), key, "must be a number")
			return
		}
		v.SetFloat(f)
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			d.fault(lineOf(n), key, "must be true or false")
			return
		}
		v.SetBool(text == "true")
	default:
		panic("config: no decoding for a field of type " + v.Type().String())
	}
}

// scalar returns the text of a node that is one value.
func scalar(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		if n.Value == nil {
			return "", true
		}
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		if tk := n.GetToken(); tk != nil {
			return tk.Value, true
		}
	}
	return "", false
}

// An entry is one key of a mapping with its value.
type entry struct {
	key   string // with the keys around it
	name  string
	line  int
	value ast.Node
}

// entries lists what a mapping holds, and tells what cannot be a key, or is
// one twice. ok is false where n is no mapping.
func (d *decoder) entries(n ast.Node, key string) (list []entry, ok bool) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, false
	}
	seen := make(map[string]int)
	for _, mv := range values {
		if mv == nil || mv.Key == nil {
			continue
		}
		e := entry{line: lineOf(mv.Key), value: mv.Value}
		switch k := mv.Key.(type) {
		case *ast.StringNode:
			e.name = k.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			e.name = k.GetToken().Value
		default:
			d.fault(e.line, key, "a key must be plain text: anchors, aliases and merge keys are not used in this file")
			continue
		}
		e.key = join(key, shown(e.name))
		if first, again := seen[e.name]; again {
			d.fault(e.line, e.key, "is given twice, first on line %d", first)
			continue
		}
		seen[e.name] = e.line
		list = append(list, e)
	}
	return list, true
}

// join appends a key to the one around it.
func join(outer, key string) string {
	if outer == "" {
		return key
	}
	return outer + "." + key
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// shown returns a key that a person may have meant as one, or a stand-in: a
// value that slipped into a key's place is not printed.
func shown(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return "(not a plain key)"
}

func (d *decoder) structure(n ast.Node, v reflect.Value, key string) {
	list, ok := d.entries(n, key)
	if !ok {
		d.fault(lineOf(n), key, "must be a mapping with the keys %s", strings.Join(keysOf(v.Type()), ", "))
		return
	}
	fields := make(map[string]int)
	for i, name := range fieldKeys(v.Type()) {
		if name != "" {
			fields[name] = i
		}
	}
	for _, e := range list {
		i, known := fields[e.name]
		switch {
		case known:
			d.lines[e.key] = e.line
			d.value(e.value, v.Field(i), e.key)
		case strings.Contains(strings.ToLower(e.name), "token"):
			d.fault(e.line, e.key, "the bot token does not belong in this file, which is read and copied by many: put it into the environment variable ROLLCALL_TOKEN, or into a file of mode 600 named by ROLLCALL_TOKEN_FILE or by the key token_file")
		default:
			d.fault(e.line, e.key, "unknown key; the keys here are %s", strings.Join(keysOf(v.Type()), ", "))
		}
	}
}

// mapping decodes a map by language.
func (d *decoder) mapping(n ast.Node, v reflect.Value, key string) {
	list, ok := d.entries(n, key)
	if !ok {
		d.fault(lineOf(n), key, "must be a mapping by language, such as en: …")
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, e := range list {
		d.lines[e.key] = e.line
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, elem, e.key)
		m.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), elem)
	}
	v.Set(m)
}

// list decodes a sequence; what was in the slice before is replaced.
func (d *decoder) list(n ast.Node, v reflect.Value, key string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fault(lineOf(n), key, "must be a list")
		return
	}
	s := reflect.MakeSlice(v.Type(), 0, len(seq.Values))
	for i, item := range seq.Values {
		k := fmt.Sprintf("%s[%d]", key, i)
		elem := reflect.New(v.Type().Elem())
		if e, ok := elem.Interface().(defaulter); ok {
			e.setDefaults()
		}
		switch item.(type) {
		case nil, *ast.NullNode:
			d.fault(d.line(key), k, "is empty")
		default:
			d.lines[k] = itemLine(item)
			d.value(item, elem.Elem(), k)
		}
		s = reflect.Append(s, elem.Elem())
	}
	v.Set(s)
}

// itemLine is the line on which an item of a list begins. The token of a block
// mapping is the colon after its first key.
func itemLine(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && m.Values[0] != nil && m.Values[0].Key != nil {
		return min(lineOf(m), lineOf(m.Values[0].Key))
	}
	return lineOf(n)
}

// fieldKeys returns the YAML key of each field of a struct, in order; "" for a
// field that is not read from a file.
func fieldKeys(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		if key := t.Field(i).Tag.Get("yaml"); key != "-" {
			keys[i] = key
		}
	}
	return keys
}

// keysOf returns the YAML keys of a struct in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, key := range fieldKeys(t) {
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}
