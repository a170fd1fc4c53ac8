package rollcall

import (
	"testing"
	_ "time/tzdata"
)

func TestEditionIsReadAsItIsWritten(t *testing.T) {
	for _, l := range Languages {
		for _, every := range []Rhythm{Daily, Weekly} {
			e := Edition{Every: every, At: 9*60 + 5, Zone: "Europe/Kyiv", Language: l}
			got, err := ParseEdition(e.String())
			if err != nil || got != e {
				t.Errorf("ParseEdition(%q) = %+v, %v, want %+v", e.String(), got, err, e)
			}
		}
	}
	if got, want := (Edition{Daily, 9 * 60, "Europe/Kyiv", Ukrainian}).String(), "daily 09:00 Europe/Kyiv uk"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	for _, bad := range []string{"", "daily", "hourly 09:00 UTC en", "daily 9:00 UTC en", "daily 24:00 UTC en", "daily 09:60 UTC en", "daily 09:00 Local en",
		"daily 09:00  en", "daily 09:00 Nowhere/City en", "daily 09:00 UTC de", "daily 09:00 UTC en-GB", "daily 09:00 UTC en ", "daily 09:00 ../etc en"} {
		if e, err := ParseEdition(bad); CodeOf(err) != Invalid {
			t.Errorf("ParseEdition(%q) = %+v, %v, want an error that says invalid", bad, e, err)
		}
	}
}

func TestParseClockTime(t *testing.T) {
	for text, want := range map[string]ClockTime{"00:00": 0, "9:00": 540, "09:00": 540, " 23:59 ": 1439, "7.30": 450} {
		if got, ok := ParseClockTime(text); !ok || got != want {
			t.Errorf("ParseClockTime(%q) = %v, %t, want %v", text, got, ok, want)
		}
	}
	for _, bad := range []string{"", "9", "24:00", "09:60", "-1:00", "+9:00", "009:00", "09:0", "9:000", "٠٩:٠٠", "9:00:00", "9am"} {
		if got, ok := ParseClockTime(bad); ok {
			t.Errorf("ParseClockTime(%q) = %v, want none", bad, got)
		}
	}
}

func TestQuietHours(t *testing.T) {
	for _, c := range []struct {
		text        string
		in, outside []ClockTime
	}{
		{"22:00-08:00", []ClockTime{22 * 60, 0, 7*60 + 59}, []ClockTime{8 * 60, 12 * 60, 21*60 + 59}},
		{"13:00–14:30", []ClockTime{13 * 60, 14*60 + 29}, []ClockTime{12*60 + 59, 14*60 + 30, 0}},
	} {
		q, ok := ParseQuietHours(c.text)
		if !ok {
			t.Fatalf("ParseQuietHours(%q) is none", c.text)
		}
		for _, at := range c.in {
			if !q.Holds(at) {
				t.Errorf("%s does not hold %s", q, at)
			}
		}
		for _, at := range c.outside {
			if q.Holds(at) {
				t.Errorf("%s holds %s", q, at)
			}
		}
	}
	if q, ok := ParseQuietHours(""); !ok || !q.None() || q.Holds(0) || q.String() != "" {
		t.Errorf("no quiet hours are %+v, %t", q, ok)
	}
	for _, bad := range []string{"-", "22:00", "22:00-22:00", "22:00-24:00", "22:00 08:00", "22-8"} {
		if q, ok := ParseQuietHours(bad); ok {
			t.Errorf("ParseQuietHours(%q) = %s, want none", bad, q)
		}
	}
}
