package render

import (
	"testing"

	"rollcall/internal/rollcall"
)

func TestParseRhythm(t *testing.T) {
	for text, want := range map[string]rollcall.Rhythm{"daily": rollcall.Daily, " Weekly ": rollcall.Weekly, "ЩОДНЯ": rollcall.Daily,
		"щотижня": rollcall.Weekly, "ежедневно": rollcall.Daily, "Еженедельно": rollcall.Weekly} {
		if got, ok := ParseRhythm(text); !ok || got != want {
			t.Errorf("ParseRhythm(%q) = %q, %t, want %q", text, got, ok, want)
		}
	}
	for _, bad := range []string{"", "hourly", "dail", "daily weekly", "day"} {
		if got, ok := ParseRhythm(bad); ok {
			t.Errorf("ParseRhythm(%q) = %q, want none", bad, got)
		}
	}
}
