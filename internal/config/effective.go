package config

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// A Setting is one value that holds, and where it comes from.
type Setting struct {
	Key    string // such as "lookup.max_results" or "digests[0].chat"
	Value  string // as it could stand in the file; secrets and ids are masked
	Source string // "default", "file", a variable such as "ROLLCALL_DB", or a flag such as "--db"
}

// Effective returns every value in the order of the struct, the token last.
// Ids of accounts are given as a count, and a digest's private chat, which is
// an account's id, is masked, as are a password in an address and a token that
// has slipped into another value's place.
func (c *Config) Effective() []Setting {
	var list []Setting
	c.walk(reflect.ValueOf(c).Elem(), "", func(key, value string) {
		list = append(list, Setting{key, value, c.source(key)})
	})
	token := Setting{"token", "none", "default"}
	if c.tokenSource != "" {
		token.Source = c.tokenSource
		token.Value = mask
		if c.tokenErr != nil {
			token.Value = "unusable"
		}
	}
	return append(list, token)
}

// source says where the value of a key comes from.
func (c *Config) source(key string) string {
	switch {
	case c.sources[key] != "":
		return c.sources[key]
	case c.lines[key] > 0:
		return "file"
	}
	return "default"
}

// walk calls emit for every single value within v.
func (c *Config) walk(v reflect.Value, key string, emit func(key, value string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i, name := range fieldKeys(v.Type()) {
			if name != "" {
				c.walk(v.Field(i), join(key, name), emit)
			}
		}
	case reflect.Slice:
		if _, ids := v.Interface().([]rollcall.UserID); ids {
			emit(key, count(v.Len(), "account"))
			return
		}
		if s, ok := v.Interface().(rollcall.Sections); ok && len(s) > 0 {
			emit(key, "["+s.String()+"]")
			return
		}
		if v.Len() == 0 {
			emit(key, "[]")
		}
		for i := range v.Len() {
			c.walk(v.Index(i), fmt.Sprintf("%s[%d]", key, i), emit)
		}
	default:
		emit(key, text(v.Interface()))
	}
}

func text(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return shortDuration(v)
	case rollcall.ChatID:
		if v.Private() {
			return mask
		}
		return fmt.Sprint(int64(v))
	case string:
		return shownText(v)
	}
	return fmt.Sprint(v)
}

// shownText returns a value of the file or the environment on one line and
// without secrets.
func shownText(s string) string {
	if tokenInText.MatchString(s) {
		return mask
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		u.User = url.User("xxxxx") // as in url.URL.Redacted, but for the name, too
		s = u.String()
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, s)
}

// shortDuration is [time.Duration.String] without parts that are zero: 24h
// rather than 24h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
