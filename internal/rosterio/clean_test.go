package rosterio

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		ok             bool
	}{
		{"empty", "", "", true},
		{"clean", "В'юн-Вигаденко Ґанна", "В'юн-Вигаденко Ґанна", true},
		{"white space", " a \t\r\n b\u00a0\u2003c\u2028 ", "a b c", true},
		{"only white space", " \u00a0\n", "", true},
		{"composed", "и\u0306 е\u0308 i\u0308", "й ё ï", true},
		{"zero width and joiners", "\ufeffa\u200bb\u200cc\u200dd\u2060", "abcd", true},
		{"bidi marks and overrides", "\u202eabc\u202c \u2066x\u2069\u200e\u061c", "abc x", true},
		{"soft hyphen between letters", "При\u00adклад", "Приклад", true},
		{"tags and selectors", "a\U000e0041\ufe0f\U000e0100", "a", true},
		{"fillers", "\u3164\u115f\u034f", "", true},
		{"a joiner does not keep a mark from its letter", "и\u200d\u0306", "й", true},
		{"a space with nothing to be seen beside it", "a \u200b b", "a b", true},
		{"an Arabic number sign is seen", "\u06dd1", "\u06dd1", true},
		{"modifier apostrophe stays", "Прикладʼяненко", "Прикладʼяненко", true},
		{"control", "a\x07", "", false},
		{"NUL", "a\x00b", "", false},
		{"C1 control", "a\u0090b", "", false},
		{"replacement character", "a\ufffd", "", false},
		{"not UTF-8", "a\xff", "", false},
		{"heap of marks", "a" + strings.Repeat("\u0301", 11), "", false},
		{"marks after a space count too", "a " + strings.Repeat("\u0301", 40), "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Clean(tt.in)
			if ok != tt.ok || ok && got != tt.want {
				t.Errorf("Clean(%q) = %q, %v, want %q, %v", tt.in, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", " a  b ", "и\u0306", "\u200b\u0301", "\u037e\u1100\u1161", "a\u0344\u0344", "\ufb1d\u05b4", "\u2126\u2000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Clean(s)
		if !ok {
			return
		}
		if again, ok := Clean(got); !ok || again != got {
			t.Errorf("Clean(%q) = %q, and of that %q, %v", s, got, again, ok)
		}
		if !norm.NFC.IsNormalString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Errorf("Clean(%q) = %q is not clean", s, got)
		}
		if isClean(s) && norm.NFC.String(s) != s {
			t.Errorf("isClean(%q), but it is not in NFC", s)
		}
	})
}

func TestNeutralise(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "'": "'", "''": "''", "'a": "'a", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\ta": "'\ta", "\ra": "'\ra",
		"'=1": "''=1", "''=1": "'''=1", "a=1": "a=1",
	} {
		if got := neutralise(in); got != want {
			t.Errorf("neutralise(%q) = %q, want %q", in, got, want)
		}
		if got := restore(want); got != in {
			t.Errorf("restore(%q) = %q, want %q", want, got, in)
		}
	}
}
