package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parse(t testing.TB, spec, zoneName string) *schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse(spec, zone(t, zoneName))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// utc reads an instant in RFC 3339.
func utc(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// show writes occurrences as "KEY = INSTANT".
func show(list ...schedule.Occurrence) []string {
	var lines []string
	for _, o := range list {
		lines = append(lines, o.Key+" = "+o.At.Format(time.RFC3339))
	}
	return lines
}

func TestUpcoming(t *testing.T) {
	tests := []struct {
		name, spec, zone, after string
		want                    []string
	}{
		{"plain day", "0 9 * * *", "Europe/Kyiv", "2026-11-22T06:59:59Z", []string{
			"2026-11-22T09:00 = 2026-11-22T07:00:00Z",
			"2026-11-23T09:00 = 2026-11-23T07:00:00Z",
		}},
		{"strictly after", "0 9 * * *", "Europe/Kyiv", "2026-11-22T07:00:00Z", []string{
			"2026-11-23T09:00 = 2026-11-23T07:00:00Z",
		}},
		{"Kyiv skips 03:30", "30 3 * * *", "Europe/Kyiv", "2026-03-28T00:00:00Z", []string{
			"2026-03-28T03:30 = 2026-03-28T01:30:00Z",
			"2026-03-29T03:30 = 2026-03-29T01:00:00Z", // 04:00 local
			"2026-03-30T03:30 = 2026-03-30T00:30:00Z",
		}},
		{"Kyiv repeats 03:30", "30 3 * * *", "Europe/Kyiv", "2026-10-24T12:00:00Z", []string{
			"2026-10-25T03:30 = 2026-10-25T00:30:00Z",
			"2026-10-26T03:30 = 2026-10-26T01:30:00Z",
		}},
		{"asked between the two 03:30", "30 3 * * *", "Europe/Kyiv", "2026-10-25T01:10:00Z", []string{
			"2026-10-26T03:30 = 2026-10-26T01:30:00Z",
		}},
		{"Cairo skips midnight", "0 0 * * *", "Africa/Cairo", "2026-04-22T22:00:00Z", []string{
			"2026-04-24T00:00 = 2026-04-23T22:00:00Z", // 01:00 local
			"2026-04-25T00:00 = 2026-04-24T21:00:00Z",
		}},
		{"Cairo's Friday is not lost", "0 9 * * 5", "Africa/Cairo", "2026-04-17T12:00:00Z", []string{
			"2026-04-24T09:00 = 2026-04-24T06:00:00Z",
			"2026-05-01T09:00 = 2026-05-01T06:00:00Z",
		}},
		{"Santiago skips midnight", "0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", []string{
			"2026-09-06T00:00 = 2026-09-06T04:00:00Z", // 01:00 local
			"2026-09-07T00:00 = 2026-09-07T03:00:00Z",
		}},
		{"Santiago repeats 23:30", "30 23 * * *", "America/Santiago", "2026-04-04T00:00:00Z", []string{
			"2026-04-03T23:30 = 2026-04-04T02:30:00Z",
			"2026-04-04T23:30 = 2026-04-05T02:30:00Z",
			"2026-04-05T23:30 = 2026-04-06T03:30:00Z",
		}},
		{"Lord Howe skips half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T20:00:00Z", []string{
			"2026-10-04T02:15 = 2026-10-03T15:30:00Z", // 02:30 local
			"2026-10-05T02:15 = 2026-10-04T15:15:00Z",
		}},
		{"Lord Howe repeats half an hour", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{
			"2026-04-05T01:45 = 2026-04-04T14:45:00Z",
			"2026-04-06T01:45 = 2026-04-05T15:15:00Z",
		}},
		{"Apia skips a whole day", "0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", []string{
			"2011-12-29T12:00 = 2011-12-29T22:00:00Z",
			"2011-12-30T12:00 = 2011-12-30T10:00:00Z", // 31 December, 00:00 local
			"2011-12-31T12:00 = 2011-12-30T22:00:00Z",
		}},
		{"quarters across a gap", "*/15 * * * *", "Europe/Kyiv", "2026-03-29T00:30:00Z", []string{
			"2026-03-29T02:45 = 2026-03-29T00:45:00Z",
			"2026-03-29T03:00 = 2026-03-29T01:00:00Z", // with 03:15, 03:30, 03:45 and 04:00
			"2026-03-29T04:15 = 2026-03-29T01:15:00Z",
		}},
		{"quarters across a fold", "*/15 * * * *", "Europe/Kyiv", "2026-10-25T00:25:00Z", []string{
			"2026-10-25T03:30 = 2026-10-25T00:30:00Z",
			"2026-10-25T03:45 = 2026-10-25T00:45:00Z",
			"2026-10-25T04:00 = 2026-10-25T02:00:00Z",
			"2026-10-25T04:15 = 2026-10-25T02:15:00Z",
		}},
		{"first of the month or a Monday", "0 9 1 * 1", "UTC", "2026-11-25T00:00:00Z", []string{
			"2026-11-30T09:00 = 2026-11-30T09:00:00Z",
			"2026-12-01T09:00 = 2026-12-01T09:00:00Z",
			"2026-12-07T09:00 = 2026-12-07T09:00:00Z",
		}},
		{"day of month and any day of week", "0 9 13 * ?", "UTC", "2026-11-25T00:00:00Z", []string{
			"2026-12-13T09:00 = 2026-12-13T09:00:00Z",
			"2027-01-13T09:00 = 2027-01-13T09:00:00Z",
		}},
		{"29 February", "0 9 29 2 *", "Europe/Kyiv", "2026-11-22T00:00:00Z", []string{
			"2028-02-29T09:00 = 2028-02-29T07:00:00Z",
			"2032-02-29T09:00 = 2032-02-29T07:00:00Z",
		}},
		{"29 February across 2100", "0 9 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{
			"2104-02-29T09:00 = 2104-02-29T09:00:00Z",
		}},
		{"year boundary", "@yearly", "Europe/Kyiv", "2026-11-22T00:00:00Z", []string{
			"2027-01-01T00:00 = 2026-12-31T22:00:00Z",
			"2028-01-01T00:00 = 2027-12-31T22:00:00Z",
		}},
		{"weekly", "@weekly", "Europe/Kyiv", "2026-11-22T00:00:00Z", []string{
			"2026-11-29T00:00 = 2026-11-28T22:00:00Z",
		}},
		{"named days and months", "5 7 * DEC MON-WED", "UTC", "2026-11-22T00:00:00Z", []string{
			"2026-12-01T07:05 = 2026-12-01T07:05:00Z",
			"2026-12-02T07:05 = 2026-12-02T07:05:00Z",
			"2026-12-07T07:05 = 2026-12-07T07:05:00Z",
		}},
		{"last day of a leap year past the zone's table", "*/30 * * * *", "Europe/Kyiv", "2040-12-31T21:10:00Z", []string{
			"2040-12-31T23:30 = 2040-12-31T21:30:00Z",
			"2041-01-01T00:00 = 2040-12-31T22:00:00Z",
			"2041-01-01T00:30 = 2040-12-31T22:30:00Z",
		}},
		{"odd offset", "0 9 * * *", "Asia/Kathmandu", "2026-11-22T00:00:00Z", []string{
			"2026-11-22T09:00 = 2026-11-22T03:15:00Z",
		}},
		{"far past", "0 9 * * *", "UTC", "-0000", []string{
			"0001-01-02T09:00 = 0001-01-02T09:00:00Z",
		}},
		{"local mean time", "0 9 * * *", "Europe/Kyiv", "1800-01-01T00:00:00Z", []string{
			"1800-01-01T09:00 = 1800-01-01T06:57:56Z",
		}},
		{"every 10 s is aligned", "@every 10s", "Europe/Kyiv", "2026-11-22T07:00:03Z", []string{
			"2026-11-22T07:00:10Z = 2026-11-22T07:00:10Z",
			"2026-11-22T07:00:20Z = 2026-11-22T07:00:20Z",
		}},
		{"every 10 s is strictly after", "@every 10s", "UTC", "2026-11-22T07:00:10Z", []string{
			"2026-11-22T07:00:20Z = 2026-11-22T07:00:20Z",
		}},
		{"every 90 min has no fold", "@every 1h30m", "Europe/Kyiv", "2026-10-25T00:00:00Z", []string{
			"2026-10-25T01:30:00Z = 2026-10-25T01:30:00Z",
			"2026-10-25T03:00:00Z = 2026-10-25T03:00:00Z",
		}},
		{"every week starts on Thursdays", "@every 168h", "UTC", "2026-11-22T00:00:00Z", []string{
			"2026-11-26T00:00:00Z = 2026-11-26T00:00:00Z",
		}},
		{"every hour before the epoch", "@every 1h", "UTC", "1969-12-31T22:30:00Z", []string{
			"1969-12-31T23:00:00Z = 1969-12-31T23:00:00Z",
			"1970-01-01T00:00:00Z = 1970-01-01T00:00:00Z",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var after time.Time
			if tt.after != "-0000" {
				after = utc(t, tt.after)
			}
			s := parse(t, tt.spec, tt.zone)
			got := show(s.Upcoming(after, len(tt.want))...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Upcoming (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for _, spec := range []string{
		"* * * * *", "0 9 * * *", "*/15 * * * *", "0 9 1 * 1", "0 9 29 2 *", "59 23 31 12 ?", "0 9 , * 1",
		"@daily", "@midnight", "@hourly", "@weekly", "@monthly", "@yearly", "@annually",
		"@every 1s", "@every 10s", "@every 1h30m", "@every 1000ms", "@every 2562047h",
	} {
		t.Run(spec, func(t *testing.T) {
			s, err := schedule.Parse(spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			if s.String() != spec {
				t.Errorf("String: got %q, want %q", s.String(), spec)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, spec, want string }{
		{"empty", "", "a schedule is needed"},
		{"blank", "   ", "a schedule is needed"},
		{"words", "every morning", "expected exactly 5 fields"},
		{"six fields", "0 0 9 * * *", "expected exactly 5 fields"},
		{"minute 60", "60 9 * * *", "above maximum"},
		{"Sunday as 7", "0 9 * * 7", "day of week 0-6"},
		{"step 0", "*/0 * * * *", "step of range"},
		{"unknown descriptor", "@fortnightly", "unrecognized descriptor"},
		{"zone", "CRON_TZ=Europe/Kyiv 0 9 * * *", "time zone does not belong here"},
		{"zone alone, which panics in the parser", "TZ=0", "time zone does not belong here"},
		{"long", strings.Repeat("1,", 40) + " * * * *", "at most 64 characters"},
		{"30 February", "0 9 30 2 *", "never fires"},
		{"31 of short months", "0 9 31 4,6,9,11 *", "never fires"},
		{"no minute", ", * * * *", "never fires"},
		{"no hour", "* , * * *", "never fires"},
		{"no month", "* * * , *", "never fires"},
		{"no day", "* * , * *", "never fires"},
		{"every 0 s", "@every 0s", "at least one"},
		{"every -5 s", "@every -5s", "at least one"},
		{"every ms", "@every 1ms", "at least one"},
		{"every 1.5 s", "@every 1.5s", "whole number of seconds"},
		{"every nothing", "@every", "unrecognized descriptor"},
		{"every so often", "@every so often", "failed to parse duration"},
		{"control characters", "\x1b[2J * * * *", "?[2J"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := schedule.Parse(tt.spec, time.UTC)
			if err == nil {
				t.Fatalf("got %v, want an error", s)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to hold %q", err, tt.want)
			}
			if got := rollcall.CodeOf(err); got != rollcall.Invalid {
				t.Errorf("code: got %q, want %q", got, rollcall.Invalid)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		name, spec, zone, after, until string
		first, last                    string
		count                          int
	}{
		{"none", "0 9 * * *", "UTC", "2026-11-22T09:00:00Z", "2026-11-23T08:59:59Z", "", "", 0},
		{"backwards", "0 9 * * *", "UTC", "2026-11-25T09:00:00Z", "2026-11-23T08:59:59Z", "", "", 0},
		{"every, none", "@every 1h", "UTC", "2026-11-22T09:00:00Z", "2026-11-22T09:59:59Z", "", "", 0},
		{"until counts, after does not", "0 9 * * *", "UTC", "2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z",
			"2026-11-23T09:00", "2026-11-23T09:00", 1},
		{"three days down", "0 9 * * *", "Europe/Kyiv", "2026-11-19T07:00:00Z", "2026-11-22T10:00:00Z",
			"2026-11-20T09:00", "2026-11-22T09:00", 3},
		{"a gap merges", "*/15 * * * *", "Europe/Kyiv", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z",
			"2026-03-29T02:15", "2026-03-29T05:00", 8},
		{"a gap is the last", "*/15 * * * *", "Europe/Kyiv", "2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z",
			"2026-03-29T03:00", "2026-03-29T03:00", 1},
		{"a fold counts once", "*/15 * * * *", "Europe/Kyiv", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z",
			"2026-10-25T03:15", "2026-10-25T04:00", 4},
		{"within the second pass", "*/15 * * * *", "Europe/Kyiv", "2026-10-25T01:00:00Z", "2026-10-25T01:59:00Z", "", "", 0},
		{"a year of every 10 s", "@every 10s", "UTC", "2025-11-22T00:00:03Z", "2026-11-22T00:00:03Z",
			"2025-11-22T00:00:10Z", "2026-11-22T00:00:00Z", 365 * 24 * 360},
		{"a year of every minute", "* * * * *", "UTC", "2025-11-22T00:00:00Z", "2026-11-22T00:00:00Z",
			"2025-11-22T00:01", "2026-11-22T00:00", 365 * 24 * 60},
		{"a year of every minute, with a gap and a fold", "* * * * *", "Europe/Kyiv", "2025-11-22T00:00:00Z", "2026-11-22T00:00:00Z",
			"2025-11-22T02:01", "2026-11-22T02:00", 365*24*60 - 60}, // the second pass of the repeated hour,
		{"the last day of a leap year past the zone's table", "0 * * * *", "Europe/Kyiv", "2040-12-31T01:30:00Z", "2041-01-01T01:00:00Z",
			"2040-12-31T04:00", "2041-01-01T03:00", 24},
		{"since year 1", "0 0 1 1 *", "UTC", "0001-01-01T00:00:00Z", "2026-11-22T00:00:00Z",
			"0002-01-01T00:00", "2026-01-01T00:00", 2025},
		{"all days", "0 0 * * *", "UTC", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z",
			"0001-01-03T00:00", "9999-12-30T00:00", 3652056},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parse(t, tt.spec, tt.zone).Span(utc(t, tt.after), utc(t, tt.until))
			if ok != (tt.count > 0) || got.First.Key != tt.first || got.Last.Key != tt.last || got.Count != tt.count {
				t.Errorf("got %v from %q to %q (%v), want %d from %q to %q",
					got.Count, got.First.Key, got.Last.Key, ok, tt.count, tt.first, tt.last)
			}
		})
	}
}

func TestBetween(t *testing.T) {
	s := parse(t, "*/15 * * * *", "Europe/Kyiv")
	got := show(s.Between(utc(t, "2026-03-20T00:00:00Z"), utc(t, "2026-03-29T01:20:00Z"), 3)...)
	want := []string{
		"2026-03-29T02:45 = 2026-03-29T00:45:00Z",
		"2026-03-29T03:00 = 2026-03-29T01:00:00Z",
		"2026-03-29T04:15 = 2026-03-29T01:15:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the latest three (-want +got):\n%s", diff)
	}
	if got := s.Between(utc(t, "2026-03-29T01:00:00Z"), utc(t, "2026-03-29T01:14:00Z"), 3); len(got) != 0 {
		t.Errorf("got %v, want none", show(got...))
	}
}

func TestEnds(t *testing.T) {
	for _, spec := range []string{"* * * * *", "@every 1h", "0 9 29 2 *"} {
		for _, zoneName := range []string{"UTC", "Europe/Kyiv", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
			t.Run(spec+" "+zoneName, func(t *testing.T) {
				s := parse(t, spec, zoneName)
				end := time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
				last := schedule.Occurrence{At: end}
				for range 5000 {
					o, ok := s.Next(last.At)
					if !ok {
						break
					}
					if !o.At.After(last.At) || o.Key <= last.Key {
						t.Fatalf("%v follows %v", show(o), show(last))
					}
					last = o
				}
				if o, ok := s.Next(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
					t.Errorf("after the last year: got %v, want none", show(o))
				}
				if got := s.Cron().Next(last.At); !got.IsZero() {
					t.Errorf("Cron after the last year: got %v, want the zero time", got)
				}
				first := time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC)
				for _, o := range s.Between(time.Time{}, first, 5000) {
					if o.At.After(first) {
						t.Errorf("got %v, want none after %v", show(o), first)
					}
				}
			})
		}
	}
}

func TestCronTicksAtTheSameInstants(t *testing.T) {
	s := parse(t, "30 3 * * *", "Europe/Kyiv")
	var c cron.Schedule = s.Cron()
	now := utc(t, "2026-03-28T20:00:00Z").In(zone(t, "America/New_York"))
	if got, want := c.Next(now), utc(t, "2026-03-29T01:00:00Z"); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// specs draws specifications that fire at a fair rate, so that a test can walk
// through them.
func specs() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		minute := rapid.SampledFrom([]string{"0", "30", "*/15", "7,52", "*", "59"}).Draw(t, "minute")
		hour := rapid.SampledFrom([]string{"*", "0", "2", "3", "*/3", "0-4", "23", "22-23"}).Draw(t, "hour")
		dom := rapid.SampledFrom([]string{"*", "1", "*/2", "25,29", "?"}).Draw(t, "dom")
		dow := rapid.SampledFrom([]string{"*", "0", "SUN,FRI", "1-5"}).Draw(t, "dow")
		return fmt.Sprintf("%s %s %s * %s", minute, hour, dom, dow)
	})
}

var zoneNames = []string{
	"UTC", "Europe/Kyiv", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia",
	"Asia/Kathmandu", "America/St_Johns", "Pacific/Kwajalein", "Africa/Casablanca", "Antarctica/Troll",
}

// instants draws instants, many of them close to a clock change of the zone.
func instants(zone *time.Location) *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		at := time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "unix"), 0)
		if rapid.Bool().Draw(t, "at a change") {
			if _, end := at.In(zone).ZoneBounds(); !end.IsZero() {
				at = end.Add(time.Duration(rapid.IntRange(-100000, 100000).Draw(t, "seconds off")) * time.Second)
			}
		}
		return at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 999999999, -1}).Draw(t, "ns"))).UTC()
	})
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		spec := specs().Draw(t, "spec")
		if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
			spec = fmt.Sprintf("@every %dm", rapid.IntRange(1, 3000).Draw(t, "minutes"))
		}
		s, err := schedule.Parse(spec, loc)
		if err != nil {
			t.Fatal(err)
		}
		after := instants(loc).Draw(t, "after")
		until := after.Add(time.Duration(rapid.Int64Range(0, 4*24*3600).Draw(t, "span")) * time.Second)

		var all []schedule.Occurrence
		for now := after; ; {
			o, ok := s.Next(now)
			if !ok {
				t.Fatalf("no occurrence after %v", now)
			}
			if !o.At.After(now) {
				t.Fatalf("%v is not after %v", show(o), now)
			}
			if len(all) > 0 && o.Key <= all[len(all)-1].Key {
				t.Fatalf("%v follows %v", show(o), show(all[len(all)-1]))
			}
			// Any instant before it gives the same one.
			if p, _ := s.Next(o.At.Add(-1)); p != o {
				t.Fatalf("got %v just before %v", show(p), show(o))
			}
			if !strings.HasPrefix(spec, "@") {
				checkKey(t, o, loc)
			}
			if o.At.After(until) {
				break
			}
			all = append(all, o)
			now = o.At
		}

		span, ok := s.Span(after, until)
		if ok != (len(all) > 0) || span.Count != len(all) {
			t.Fatalf("Span: got %d, want %d", span.Count, len(all))
		}
		if ok && (span.First != all[0] || span.Last != all[len(all)-1]) {
			t.Fatalf("Span: got %v, want %v", show(span.First, span.Last), show(all[0], all[len(all)-1]))
		}
		if diff := cmp.Diff(show(all...), show(s.Between(after, until, len(all)+1)...)); diff != "" {
			t.Fatalf("Between (-walked +got):\n%s", diff)
		}
		if len(all) > 1 {
			if diff := cmp.Diff(show(all[1:]...), show(s.Between(after, until, len(all)-1)...)); diff != "" {
				t.Fatalf("Between, cut (-walked +got):\n%s", diff)
			}
		}
	})
}

// checkKey checks a calendar key against package time's own idea of the zone:
// either the clock shows it at that instant for the first time, or never.
func checkKey(t *rapid.T, o schedule.Occurrence, zone *time.Location) {
	const layout = "2006-01-02T15:04"
	shown := o.At.In(zone).Format(layout)
	if shown == o.Key {
		for earlier := 15 * time.Minute; earlier <= 25*time.Hour; earlier += 15 * time.Minute {
			if o.At.Add(-earlier).In(zone).Format(layout) == o.Key {
				t.Fatalf("%v was shown %v earlier", show(o), earlier)
			}
		}
		return
	}
	if shown < o.Key {
		t.Fatalf("%v comes when the clock shows %s", show(o), shown)
	}
	if before := o.At.Add(-1).In(zone).Format(layout); before >= o.Key {
		t.Fatalf("%v comes after the clock has shown %s", show(o), before)
	}
	reading, err := time.ParseInLocation(layout, o.Key, zone)
	if err != nil {
		t.Fatal(err)
	}
	if got := reading.Format(layout); got == o.Key {
		t.Fatalf("%v is moved to %s, though the clock shows it at %v", show(o), shown, reading)
	}
}

// Where the clock never changes, the parser's own evaluation is right.
func TestAgreesWithCronInUTC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := func(name string, low, high int) string {
			if rapid.IntRange(0, 2).Draw(t, name+" any") == 0 {
				return "*"
			}
			a := rapid.IntRange(low, high).Draw(t, name)
			b := rapid.IntRange(a, high).Draw(t, name+" to")
			return fmt.Sprintf("%d-%d/%d", a, b, rapid.IntRange(1, 5).Draw(t, name+" step"))
		}
		spec := strings.Join([]string{field("minute", 0, 59), field("hour", 0, 23), field("dom", 1, 31), field("month", 1, 12), field("dow", 0, 6)}, " ")
		theirs, err := cron.ParseStandard(spec)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(-1e9, 3e9).Draw(t, "now"), 0).UTC()
		ours, err := schedule.Parse(spec, time.UTC)
		if err != nil {
			if want := theirs.Next(now); !want.IsZero() {
				t.Fatalf("%q: refused (%v), want %v", spec, err, want)
			}
			return
		}
		for range 5 {
			want := theirs.Next(now)
			got, _ := ours.Next(now)
			if !got.At.Equal(want) {
				t.Fatalf("%q after %v: got %v, want %v", spec, now, got.At, want)
			}
			now = want
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{"0 9 * * *", "@every 10s", "@every -1ns", "TZ=0", "CRON_TZ=", "0 9 30 2 *", ", * * * *", "*/99999999999 * * * *", "1-2-3 * * * *", "@", "\x00", "@every 9223372036s"} {
		f.Add(spec)
	}
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := schedule.Parse(spec, kyiv)
		if err != nil {
			if rollcall.CodeOf(err) != rollcall.Invalid {
				t.Errorf("code of %v", err)
			}
			for _, r := range err.Error() {
				if !unicode.IsPrint(r) {
					t.Errorf("%q holds %q", err, r)
				}
			}
			return
		}
		o, ok := s.Next(now)
		if !ok || !o.At.After(now) || o.Key == "" {
			t.Errorf("%q: got %v, %v", spec, o, ok)
		}
		if span, ok := s.Span(now, o.At); !ok || span.Count != 1 || span.First != o || span.Last != o {
			t.Errorf("%q: got %+v, want %v alone", spec, span, o)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	now := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	for _, spec := range []string{"0 9 * * *", "0 9 29 2 *", "@every 10s"} {
		s := parse(b, spec, "Europe/Kyiv")
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				s.Next(now)
			}
		})
	}
}

func BenchmarkSpan(b *testing.B) {
	until := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	for _, spec := range []string{"* * * * *", "@every 10s"} {
		s := parse(b, spec, "Europe/Kyiv")
		b.Run(spec+" for a year", func(b *testing.B) {
			for b.Loop() {
				s.Span(until.AddDate(-1, 0, 0), until)
			}
		})
		b.Run(spec+" since year 1", func(b *testing.B) {
			for b.Loop() {
				s.Span(time.Time{}, until)
			}
		})
	}
}

func ExampleSchedule_Upcoming() {
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := schedule.Parse("30 3 * * *", kyiv)
	if err != nil {
		fmt.Println(err)
		return
	}
	// In the night to 29 March 2026 the clock goes from 03:00 to 04:00.
	for _, o := range s.Upcoming(time.Date(2026, 3, 28, 0, 0, 0, 0, kyiv), 2) {
		fmt.Println(o.Key, "at", o.At.In(kyiv).Format("15:04"))
	}
	// Output:
	// 2026-03-28T03:30 at 03:30
	// 2026-03-29T03:30 at 04:00
}
