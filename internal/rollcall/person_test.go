package rollcall

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func validRow() RosterRow {
	return RosterRow{
		Person: Person{PublicID: "EX-1", FullName: "Зразкова Олена Петрівна", AltNames: []string{"Zrazkova Olena"}, BirthYear: 1980},
		Claim:  Claim{Status: Missing, Date: Date{2026, time.June, 1}, Source: "Example Register", SourceURL: "https://example.org/1", Note: "a note", Expires: Date{2026, time.January, 1}},
	}
}

func TestRosterRowValidate(t *testing.T) {
	today := Date{2026, time.June, 15}
	long := func(n int) string { return strings.Repeat("я", n) }
	for _, tt := range []struct {
		name   string
		change func(*RosterRow)
		want   []string // the columns with a fault
	}{
		{"all columns", func(*RosterRow) {}, nil},
		{"only what is required", func(r *RosterRow) {
			*r = RosterRow{Person: Person{FullName: r.FullName}, Claim: Claim{Status: r.Status, Date: r.Date, Source: r.Source}}
		}, nil},
		{"nothing", func(r *RosterRow) { *r = RosterRow{} }, []string{"full_name", "status", "status_date", "source"}},
		{"an expiry that is past", func(r *RosterRow) { r.Expires = today.AddDays(-1000) }, nil},

		{"id of all characters", func(r *RosterRow) { r.PublicID = "Az09._-" }, nil},
		{"id of 40", func(r *RosterRow) { r.PublicID = strings.Repeat("a", 40) }, nil},
		{"id of 41", func(r *RosterRow) { r.PublicID = strings.Repeat("a", 41) }, []string{"id"}},
		{"id with a blank", func(r *RosterRow) { r.PublicID = "a b" }, []string{"id"}},
		{"id with a line break at the end", func(r *RosterRow) { r.PublicID = "a\n" }, []string{"id"}},
		{"id in Cyrillic", func(r *RosterRow) { r.PublicID = "Зр-1" }, []string{"id"}},
		{"id with a slash", func(r *RosterRow) { r.PublicID = "a/b" }, []string{"id"}},

		{"name of 300", func(r *RosterRow) { r.FullName = long(300) }, nil},
		{"name of 301", func(r *RosterRow) { r.FullName = long(301) }, []string{"full_name"}},

		{"20 other names", func(r *RosterRow) { r.AltNames = make([]string, 20) }, nil},
		{"21 other names", func(r *RosterRow) { r.AltNames = make([]string, 21) }, []string{"alt_names"}},
		{"other name of 300", func(r *RosterRow) { r.AltNames = []string{"a", long(300)} }, nil},
		{"other name of 301", func(r *RosterRow) { r.AltNames = []string{"a", long(301)} }, []string{"alt_names"}},
		{"other name with a semicolon", func(r *RosterRow) { r.AltNames = []string{"a;b"} }, []string{"alt_names"}},

		{"no birth year", func(r *RosterRow) { r.BirthYear = 0 }, nil},
		{"born 1900", func(r *RosterRow) { r.BirthYear = 1900 }, nil},
		{"born 1899", func(r *RosterRow) { r.BirthYear = 1899 }, []string{"birth_year"}},
		{"born this year", func(r *RosterRow) { r.BirthYear = 2026 }, nil},
		{"born next year", func(r *RosterRow) { r.BirthYear = 2027 }, []string{"birth_year"}},
		{"born before the era", func(r *RosterRow) { r.BirthYear = -5 }, []string{"birth_year"}},

		{"no status", func(r *RosterRow) { r.Status = "" }, []string{"status"}},
		{"refused is no status", func(r *RosterRow) { r.Status = "refused" }, []string{"status"}},
		{"status in capitals", func(r *RosterRow) { r.Status = "Missing" }, []string{"status"}},

		{"dated today", func(r *RosterRow) { r.Date = today }, nil},
		{"dated tomorrow", func(r *RosterRow) { r.Date = today.AddDays(1) }, []string{"status_date"}},
		{"not dated", func(r *RosterRow) { r.Date = Date{} }, []string{"status_date"}},

		{"source of 200", func(r *RosterRow) { r.Source = long(200) }, nil},
		{"source of 201", func(r *RosterRow) { r.Source = long(201) }, []string{"source"}},
		{"no source", func(r *RosterRow) { r.Source = "" }, []string{"source"}},

		{"no address", func(r *RosterRow) { r.SourceURL = "" }, nil},
		{"http", func(r *RosterRow) { r.SourceURL = "http://example.org" }, nil},
		{"a script", func(r *RosterRow) { r.SourceURL = "javascript:alert(1)" }, []string{"source_url"}},
		{"a script with a host", func(r *RosterRow) { r.SourceURL = "javascript://example.org/%0aalert(1)" }, []string{"source_url"}},
		{"data", func(r *RosterRow) { r.SourceURL = "data:text/html,x" }, []string{"source_url"}},
		{"tg", func(r *RosterRow) { r.SourceURL = "tg://resolve?domain=example" }, []string{"source_url"}},
		{"no scheme", func(r *RosterRow) { r.SourceURL = "example.org/1" }, []string{"source_url"}},
		{"no host", func(r *RosterRow) { r.SourceURL = "https:///1" }, []string{"source_url"}},
		{"no address at all", func(r *RosterRow) { r.SourceURL = "https://exa mple.org" }, []string{"source_url"}},
		{"address of 1000 bytes", func(r *RosterRow) { r.SourceURL = "https://example.org/" + strings.Repeat("a", 980) }, nil},
		{"address of 1001 bytes", func(r *RosterRow) { r.SourceURL = "https://example.org/" + strings.Repeat("a", 981) }, []string{"source_url"}},

		{"note of 500", func(r *RosterRow) { r.Note = long(500) }, nil},
		{"note of 501", func(r *RosterRow) { r.Note = long(501) }, []string{"note"}},

		{"everything at once", func(r *RosterRow) {
			*r = RosterRow{Person{PublicID: "/", AltNames: []string{";"}, BirthYear: 1}, Claim{Status: "x", Date: today.AddDays(1), SourceURL: "x", Note: long(501)}}
		}, []string{"id", "full_name", "alt_names", "birth_year", "status", "status_date", "source", "source_url", "note"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := validRow()
			tt.change(&r)
			var got []string
			for _, e := range r.Validate(today) {
				got = append(got, e.Column)
				for _, value := range []string{r.PublicID, r.FullName, r.Source, r.SourceURL, r.Note} {
					if len(value) > 5 && strings.Contains(e.Error(), value) {
						t.Errorf("%s: the fault tells the value", e.Column)
					}
				}
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestEveryStatusIsValid(t *testing.T) {
	today := Date{2026, time.June, 15}
	seen := map[Status]bool{}
	for _, s := range Statuses {
		r := validRow()
		if r.Status = s; !s.Valid() || len(r.Validate(today)) > 0 || seen[s] {
			t.Errorf("%s is not valid, or there twice", s)
		}
		seen[s] = true
	}
	want := map[Status]bool{"missing": true, "reported_held": true, "confirmed_held": true, "returned": true, "deceased": true, "said_not_included": true, "unknown": true}
	if diff := cmp.Diff(seen, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestParseLanguage(t *testing.T) {
	for tag, want := range map[string]Language{
		"en": English, "uk": Ukrainian, "ru": Russian, "en-GB": English, "UK": Ukrainian, "ru-UA": Russian, " uk ": Ukrainian, "en-": English, "uk-Cyrl-UA": Ukrainian,
		"": "", "de": "", "ua": "", "eng": "", "english": "", "-en": "", "u": "", "uk_UA": "",
	} {
		got, ok := ParseLanguage(tag)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", tag, got, ok, want)
		}
	}
}

func TestCodeOf(t *testing.T) {
	wrapped := E(Conflict, "it is there already")
	for name, tt := range map[string]struct {
		err  error
		want Code
	}{
		"none":          {nil, ""},
		"one of ours":   {wrapped, Conflict},
		"wrapped":       {wrap{wrapped}, Conflict},
		"another error": {wrap{nil}, Internal},
	} {
		if got := CodeOf(tt.err); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

type wrap struct{ err error }

func (w wrap) Error() string { return "wrapped" }
func (w wrap) Unwrap() error { return w.err }

func TestChatOfAUserIsPrivate(t *testing.T) {
	if c := UserID(5).Chat(); c != 5 || !c.Private() {
		t.Errorf("got %d", c)
	}
	if ChatID(-1001).Private() || ChatID(0).Private() {
		t.Error("a group is private")
	}
}
