package rollcall

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Date
		ok   bool
	}{
		{"2026-06-15", Date{2026, time.June, 15}, true},
		{"2024-02-29", Date{2024, time.February, 29}, true},
		{"2000-02-29", Date{2000, time.February, 29}, true},
		{"1900-01-01", Date{1900, time.January, 1}, true},
		{"2023-02-29", Date{}, false},
		{"1900-02-29", Date{}, false},
		{"2026-04-31", Date{}, false},
		{"2026-13-01", Date{}, false},
		{"2026-00-10", Date{}, false},
		{"2026-01-00", Date{}, false},
		{"2026-6-15", Date{}, false},
		{"15.06.2026", Date{}, false},
		{"2026-06-15T00:00:00Z", Date{}, false},
		{" 2026-06-15", Date{}, false},
		{"2026-06-15 ", Date{}, false},
		{"٢٠٢٦-06-15", Date{}, false},
		{"", Date{}, false},
	} {
		got, err := ParseDate(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q: got %v (%v), want %v, %v", tt.in, got, err, tt.want, tt.ok)
		}
	}
}

func TestDateOfIsTheDayInItsZone(t *testing.T) {
	kathmandu := time.FixedZone("", 5*3600+45*60)
	instant := time.Date(2026, time.June, 15, 23, 30, 0, 0, time.UTC)
	if got, want := DateOf(instant), (Date{2026, time.June, 15}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := DateOf(instant.In(kathmandu)), (Date{2026, time.June, 16}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestZeroDate(t *testing.T) {
	var zero Date
	if !zero.IsZero() || zero.String() != "" {
		t.Errorf("got %v, %q", zero.IsZero(), zero)
	}
	first := Date{1, time.January, 1}
	if first.IsZero() || zero.Compare(first) != -1 || first.Compare(zero) != 1 || zero.Compare(zero) != 0 {
		t.Error("it is not before every day")
	}
}

func anyDate() *rapid.Generator[Date] {
	return rapid.Custom(func(t *rapid.T) Date {
		return DateOf(time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "seconds"), 0).UTC()) // years 1 to 9999
	})
}

func TestDateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := anyDate().Draw(t, "d"), anyDate().Draw(t, "e")
		if got, err := ParseDate(d.String()); got != d || err != nil {
			t.Fatalf("read back: %v (%v)", got, err)
		}
		if got := d.Compare(e); got != -e.Compare(d) || got != strings.Compare(d.String(), e.String()) || (got == 0) != (d == e) {
			t.Fatalf("Compare: %d", got)
		}
		n := rapid.IntRange(-4000, 4000).Draw(t, "n")
		f := d.AddDays(n)
		if f.AddDays(-n) != d || d.AddDays(0) != d {
			t.Fatalf("%d days on and back: %v", n, f.AddDays(-n))
		}
		if got := int(f.In(time.UTC).Sub(d.In(time.UTC)).Hours()); got != 24*n {
			t.Fatalf("%d days are %d hours", n, got)
		}
		if n > 0 && f.Compare(d) != 1 {
			t.Fatalf("%d days later is not later", n)
		}
		type object struct{ D, Zero Date }
		b, err := json.Marshal(object{D: d})
		if err != nil {
			t.Fatal(err)
		}
		back := object{Zero: e}
		if err := json.Unmarshal(b, &back); err != nil || back != (object{D: d}) {
			t.Fatalf("as JSON: got %v (%v) by way of %s", back, err, b)
		}
	})
	var d Date
	if err := json.Unmarshal([]byte(`"2026-02-30"`), &d); err == nil {
		t.Error("a day that does not exist is read from JSON")
	}
}

func TestClaimIsLiveToTheEndOfItsLastDay(t *testing.T) {
	last := Date{2026, time.June, 15}
	for day, want := range map[Date]bool{last.AddDays(-1): true, last: true, last.AddDays(1): false} {
		if got := (Claim{Expires: last}).Live(day); got != want {
			t.Errorf("%v: got %v, want %v", day, got, want)
		}
	}
}
