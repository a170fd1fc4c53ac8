// Package render turns domain values into message text. It is the only package
// with wording: a text that a person reads in the chat stands in catalog/, in
// each of the bot's languages, and nowhere else.
//
// Two things are made hard to forget. Every value goes into a phrase through
// one function (segments.Execute), which escapes a string unless it is [HTML];
// there is no other way, since phrases hold no logic and the package's tests
// refuse conversions to HTML elsewhere. And a value never serves as a format: it
// is copied, not parsed.
//
// The catalogues are read by go-i18n, which knows the plural rules of CLDR. Its
// text/template parser is replaced by a smaller one, which is several times
// faster and can do nothing but insert. The package is pure: no clock, no
// store, no Telegram. What is left out is choice of the language, keyboards,
// and the word lists by which a query is read.
package render

import (
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"rollcall/internal/rollcall"
)

//go:embed catalog/*.yaml
var catalogs embed.FS

// A key names a phrase of the catalogues.
type key string

// Phrases speaks one language. It is safe for concurrent use.
type Phrases struct {
	lang      rollcall.Language
	localizer *i18n.Localizer
	months    [13]string // by time.Month, as they stand after a day
}

// For returns the phrases of a language, in English for one that the bot does
// not speak. They are read once and shared.
func For(l rollcall.Language) *Phrases {
	all := load()
	if p, ok := all[l]; ok {
		return p
	}
	return all[rollcall.English]
}

// load reads the catalogues. They are part of the program, so that a broken one
// is a broken invariant.
var load = sync.OnceValue(func() map[rollcall.Language]*Phrases {
	all := make(map[rollcall.Language]*Phrases)
	for _, l := range rollcall.Languages {
		// A bundle for each language alone: a missing phrase is an error then,
		// not an English sentence.
		bundle := i18n.NewBundle(language.MustParse(string(l)))
		bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
		if _, err := bundle.LoadMessageFileFS(catalogs, "catalog/"+string(l)+".yaml"); err != nil {
			panic(fmt.Sprintf("render: read the catalogue %s: %v", l, err))
		}
		p := &Phrases{lang: l, localizer: i18n.NewLocalizer(bundle, string(l))}
		for i, k := range monthKeys {
			p.months[i+1] = p.text(k)
		}
		all[l] = p
	}
	return all
})

// Language returns the language that p speaks.
func (p *Phrases) Language() rollcall.Language { return p.lang }

// An arg is a named value for a phrase: HTML, which is inserted as it is, a
// string, which is escaped, or an int, which is written as [Phrases.number]
// writes it.
type arg struct {
	name  string
	value any
}

// values is what a phrase is executed with.
type values struct {
	phrases *Phrases
	plain   bool // the result is plain text, not markup
	args    []arg
}

// html returns a phrase as markup.
func (p *Phrases) html(k key, args ...arg) HTML {
	return HTML(p.localize(k, nil, values{phrases: p, args: args}))
}

// plural returns, as markup, the form of a phrase that fits the number n, which
// also fills {{.Count}} unless args say otherwise.
func (p *Phrases) plural(k key, n int, args ...arg) HTML {
	return HTML(p.localize(k, n, values{phrases: p, args: append(args, arg{"Count", n})}))
}

// text returns a phrase as plain text, for what knows no markup: button labels,
// command menus, charts.
func (p *Phrases) text(k key, args ...arg) string {
	return p.localize(k, nil, values{phrases: p, plain: true, args: args})
}

func (p *Phrases) localize(k key, count any, v values) string {
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{
		MessageID:      string(k),
		TemplateData:   &v,
		PluralCount:    count,
		TemplateParser: parser{},
	})
	if err != nil {
		// The tests hold each phrase against its uses: this is a broken build.
		panic(fmt.Sprintf("render: phrase %s: %v", k, err))
	}
	return s
}

// parser reads phrases: text with {{.Name}} where a value goes, and no more.
type parser struct{}

// Cacheable reports that go-i18n may keep what Parse returns.
func (parser) Cacheable() bool { return true }

// Parse implements template.Parser.
func (parser) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	var segs segments
	for src != "" {
		before, rest, found := strings.Cut(src, "{{")
		if before != "" {
			segs = append(segs, segment{text: before})
		}
		if !found {
			break
		}
		name, after, found := strings.Cut(rest, "}}")
		name, dotted := strings.CutPrefix(strings.TrimSpace(name), ".")
		if !found || !dotted || name == "" || strings.ContainsAny(name, " .|{}") {
			return nil, errors.New("only {{.Name}} is understood")
		}
		segs = append(segs, segment{name: name})
		src = after
	}
	return segs, nil
}

// A segment is literal text or the name of a value.
type segment struct{ text, name string }

type segments []segment

// Execute implements template.ParsedTemplate. It is the one way by which values
// get into phrases.
func (segs segments) Execute(data any) (string, error) {
	v := data.(*values)
	if len(segs) == 1 && segs[0].name == "" {
		return segs[0].text, nil
	}
	var b strings.Builder
	b.Grow(256)
	for _, s := range segs {
		if s.name == "" {
			b.WriteString(s.text)
			continue
		}
		value, err := v.find(s.name)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// find returns the first value of the name, fit for its place.
func (v *values) find(name string) (string, error) {
	for _, a := range v.args {
		if a.name != name {
			continue
		}
		switch value := a.value.(type) {
		case HTML:
			if v.plain {
				return Plain(value), nil
			}
			return string(value), nil
		case string:
			if v.plain {
				return inlinePlain(value), nil
			}
			return string(inline(value)), nil
		case int:
			return v.phrases.number(value), nil
		default:
			return "", fmt.Errorf("value %s has the type %T", name, value)
		}
	}
	return "", fmt.Errorf("no value %s", name)
}

// number writes n with its digits grouped as CLDR has it for the language.
func (p *Phrases) number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "\u2212", digits[1:]
	}
	separator := "\u00a0"
	if p.lang == rollcall.English {
		separator = ","
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}
