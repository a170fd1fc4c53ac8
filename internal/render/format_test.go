package render

import (
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"rollcall/internal/rollcall"
)

func TestNumberIsGroupedAsInCLDR(t *testing.T) {
	for _, l := range rollcall.Languages {
		printer := message.NewPrinter(language.MustParse(string(l)))
		for _, n := range []int{0, 1, 12, 999, 1000, 1204, 12345, 123456, 1234567} {
			if got, want := For(l).number(n), printer.Sprintf("%d", n); got != want {
				t.Errorf("%s: got %q, want %q", l, got, want)
			}
		}
		if got, want := For(l).number(-1204), "\u2212"+For(l).number(1204); got != want {
			t.Errorf("%s: got %q, want %q", l, got, want)
		}
	}
}

func TestPlurals(t *testing.T) {
	want := map[rollcall.Language]map[int]HTML{
		rollcall.English: {0: "0 days", 1: "1 day", 2: "2 days", 5: "5 days", 11: "11 days", 21: "21 days", 101: "101 days"},
		rollcall.Ukrainian: {0: "0 днів", 1: "1 день", 2: "2 дні", 4: "4 дні", 5: "5 днів", 11: "11 днів", 14: "14 днів",
			21: "21 день", 22: "22 дні", 25: "25 днів", 111: "111 днів", 121: "121 день"},
		rollcall.Russian: {0: "0 дней", 1: "1 день", 2: "2 дня", 4: "4 дня", 5: "5 дней", 11: "11 дней", 14: "14 дней",
			21: "21 день", 22: "22 дня", 25: "25 дней", 111: "111 дней", 121: "121 день"},
	}
	for l, cases := range want {
		for n, want := range cases {
			if got := For(l).plural("unit.days", n); got != want {
				t.Errorf("%s: got %q, want %q", l, got, want)
			}
		}
	}
	signatures := map[rollcall.Language]map[int]string{
		rollcall.Ukrainian: {1: "Зараховано 1 підпис ", 2: "Зараховано 2 підписи ", 5: "Зараховано 5 підписів ", 21: "Зараховано 21 підпис "},
		rollcall.Russian:   {1: "Засчитана 1 подпись ", 2: "Засчитаны 2 подписи ", 5: "Засчитано 5 подписей ", 21: "Засчитана 21 подпись "},
	}
	for l, cases := range signatures {
		for n, want := range cases {
			if got := string(For(l).counted(rollcall.Tally{Signed: n})); got[:len(want)] != want {
				t.Errorf("%s: got %q, want %q before the bracket", l, got, want)
			}
		}
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		l    rollcall.Language
		at   time.Time
		want string
	}{
		{"English", rollcall.English, at.In(kyiv), "24 November 2026, 18:00 (Europe/Kyiv)"},
		{"Ukrainian", rollcall.Ukrainian, at.In(kyiv), "24 листопада 2026, 18:00 (Europe/Kyiv)"},
		{"Russian", rollcall.Russian, at.In(kyiv), "24 ноября 2026, 18:00 (Europe/Kyiv)"},
		{"UTC", rollcall.English, at, "24 November 2026, 16:00 (UTC)"},
		{"fixed zone", rollcall.English, at.In(time.FixedZone("XST", 3600)), "24 November 2026, 17:00 (XST)"},
		{"summer", rollcall.English, time.Date(2026, 7, 1, 6, 5, 59, 0, time.UTC).In(kyiv), "1 July 2026, 09:05 (Europe/Kyiv)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := For(c.l).Time(c.at); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPeriod(t *testing.T) {
	in := func(s string) time.Time {
		at, err := time.ParseInLocation(time.DateTime, s, kyiv)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		name, from, to, want string
	}{
		{"week", "2026-11-16 00:00:00", "2026-11-23 00:00:00", "16–22 November 2026 (Europe/Kyiv)"},
		{"week from a morning", "2026-11-16 09:00:00", "2026-11-23 09:00:00", "16–23 November 2026, 09:00 (Europe/Kyiv)"},
		{"day", "2026-11-22 00:00:00", "2026-11-23 00:00:00", "22 November 2026 (Europe/Kyiv)"},
		{"day of 23 hours", "2026-03-29 00:00:00", "2026-03-30 00:00:00", "29 March 2026 (Europe/Kyiv)"},
		{"day of 25 hours", "2026-10-25 00:00:00", "2026-10-26 00:00:00", "25 October 2026 (Europe/Kyiv)"},
		{"two months", "2026-11-28 00:00:00", "2026-12-05 00:00:00", "28 November – 4 December 2026 (Europe/Kyiv)"},
		{"two years", "2026-12-28 00:00:00", "2027-01-04 00:00:00", "28 December 2026 – 3 January 2027 (Europe/Kyiv)"},
		{"hours", "2026-11-22 09:00:00", "2026-11-22 12:00:00", "22 November 2026, 09:00–12:00 (Europe/Kyiv)"},
		{"hours over midnight", "2026-11-22 23:00:00", "2026-11-23 01:00:00", "22 November, 23:00 – 23 November 2026, 01:00 (Europe/Kyiv)"},
		{"day from a morning", "2026-11-21 09:00:00", "2026-11-22 09:00:00", "21–22 November 2026, 09:00 (Europe/Kyiv)"},
		{"23 hours from a morning", "2026-03-28 09:00:00", "2026-03-29 09:00:00", "28–29 March 2026, 09:00 (Europe/Kyiv)"},
		{"from one sent by hand", "2026-11-19 17:31:02", "2026-11-22 09:00:00", "19 November, 17:31 – 22 November 2026, 09:00 (Europe/Kyiv)"},
		{"from midnight to a morning", "2026-12-31 00:00:00", "2027-01-01 09:00:00", "31 December 2026, 00:00 – 1 January 2027, 09:00 (Europe/Kyiv)"},
		{"seconds", "2026-11-22 09:00:10", "2026-11-22 09:00:20", "22 November 2026, 09:00:10–09:00:20 (Europe/Kyiv)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := For(rollcall.English).period(in(c.from), in(c.to), kyiv); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got, want := For(rollcall.English).period(time.Time{}, in("2026-11-24 09:00:00").UTC(), kyiv), "as of 24 November 2026, 09:00 (Europe/Kyiv)"; got != want {
		t.Errorf("first digest: got %q, want %q", got, want)
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want HTML
	}{
		{0, "0 seconds"}, {-time.Second, "0 seconds"}, {time.Second, "1 second"}, {1500 * time.Millisecond, "2 seconds"},
		{time.Minute, "1 minute"}, {90 * time.Second, "90 seconds"}, {10 * time.Minute, "10 minutes"}, {time.Hour, "1 hour"},
		{90 * time.Minute, "90 minutes"}, {24 * time.Hour, "24 hours"}, {48 * time.Hour, "2 days"}, {49 * time.Hour, "3 days"}, {720 * time.Hour, "30 days"},
	} {
		if got := For(rollcall.English).duration(c.d); got != c.want {
			t.Errorf("%v: got %q, want %q", c.d, got, c.want)
		}
	}
}
