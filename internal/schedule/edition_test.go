package schedule

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/rollcall"
)

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestForEdition(t *testing.T) {
	for _, c := range []struct {
		edition, after string
		want           []string
	}{
		{"daily 09:00 Europe/Kyiv uk", "2026-03-27T12:00:00Z", []string{"2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"}},
		{"daily 03:30 Europe/Kyiv uk", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}}, // skipped: after the gap
		{"daily 03:30 Europe/Kyiv uk", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}}, // repeated: once
		{"weekly 09:00 UTC en", "2026-11-16T09:00:00Z", []string{"2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z"}},
	} {
		e, err := rollcall.ParseEdition(c.edition)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ForEdition(e)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range s.Upcoming(instantOf(t, c.after), len(c.want)) {
			got = append(got, o.At.Format(time.RFC3339))
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s after %s is due at %v, want %v", c.edition, c.after, got, c.want)
		}
	}
	if _, err := ForEdition(rollcall.Edition{Every: rollcall.Daily, Zone: "Local", Language: rollcall.English}); rollcall.CodeOf(err) != rollcall.Invalid {
		t.Errorf("the machine's own zone: %v, want invalid", err)
	}
}

func TestAfterQuiet(t *testing.T) {
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ quiet, at, want string }{
		{"22:00-08:00", "2026-06-15T19:00:00Z", "2026-06-16T05:00:00Z"}, // 22:00, over midnight
		{"22:00-08:00", "2026-06-15T21:30:00Z", "2026-06-16T05:00:00Z"}, // 00:30
		{"22:00-08:00", "2026-06-15T05:00:00Z", "2026-06-15T05:00:00Z"}, // 08:00: they are over
		{"22:00-08:00", "2026-06-15T18:59:59Z", "2026-06-15T18:59:59Z"},
		{"13:00-14:30", "2026-06-15T10:00:00Z", "2026-06-15T11:30:00Z"},
		{"22:00-03:30", "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z"}, // the end is skipped: the gap's
		{"22:00-03:30", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z"}, // the end is repeated: the first
		{"22:00-03:30", "2026-10-25T01:15:00Z", "2026-10-25T01:15:00Z"}, // 03:15 once more: they are over
		{"22:00-08:00", "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"}, // over the shorter night
		{"", "2026-06-15T21:30:00Z", "2026-06-15T21:30:00Z"},
	} {
		q, ok := rollcall.ParseQuietHours(c.quiet)
		if !ok {
			t.Fatal(c.quiet)
		}
		if got := AfterQuiet(instantOf(t, c.at), q, kyiv).Format(time.RFC3339); got != c.want {
			t.Errorf("AfterQuiet(%s, %q) = %s, want %s", c.at, c.quiet, got, c.want)
		}
	}
}

func TestEveryZoneOfTheListCanBeLoaded(t *testing.T) {
	seen := map[string]bool{}
	for _, zone := range places() {
		seen[zone] = true
	}
	if len(seen) < 400 {
		t.Errorf("the list has %d zones", len(seen))
	}
	for zone := range seen {
		if _, err := rollcall.LoadZone(zone); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
		if got, ok := FindZone(zone); !ok || got != zone {
			t.Errorf("FindZone(%q) = %q, %t", zone, got, ok)
		}
	}
}

func TestFindZone(t *testing.T) {
	for text, want := range map[string]string{
		"Europe/Warsaw": "Europe/Warsaw", "europe/warsaw": "Europe/Warsaw", " warsaw ": "Europe/Warsaw", "Варшава": "Europe/Warsaw",
		"КИЇВ": "Europe/Kyiv", "Киев": "Europe/Kyiv", "kiev": "Europe/Kyiv", "львів": "Europe/Kyiv", "new york": "America/New_York", "New-York": "America/New_York",
		"Нью-Йорк": "America/New_York", "utc": "UTC", "Asia/Calcutta": "Asia/Calcutta", "Buenos Aires": "America/Argentina/Buenos_Aires",
	} {
		if got, ok := FindZone(text); !ok || got != want {
			t.Errorf("FindZone(%q) = %q, %t, want %q", text, got, ok, want)
		}
	}
	for _, bad := range []string{"", "Local", "local", "/etc/localtime", "../../etc/passwd", "Europe/", "Europe", "Nowhere", "+02:00", "UTC+2", "a/b c", strings.Repeat("a/", 60)} {
		if got, ok := FindZone(bad); ok {
			t.Errorf("FindZone(%q) = %q, want none", bad, got)
		}
	}
}
