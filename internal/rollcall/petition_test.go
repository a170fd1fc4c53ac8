package rollcall

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func validPetition() Petition {
	return Petition{
		Slug: "sample-1", Opens: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Closes: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC),
		Goal: 1000, Milestones: []int{100, 250}, Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[Language]string{English: "A sample", Ukrainian: "Зразок"},
		Text:  map[Language]string{English: "A sample text.", Ukrainian: "Текст зразка."},
	}
}

func TestPetitionValidate(t *testing.T) {
	long := func(n int) string { return strings.Repeat("я", n) }
	both := func(l Language, title, text string) func(*Petition) {
		return func(p *Petition) { p.Title[l], p.Text[l] = title, text }
	}
	for _, tt := range []struct {
		name   string
		change func(*Petition)
		want   []string // the keys with a fault
	}{
		{"sound", func(*Petition) {}, nil},
		{"only what is required", func(p *Petition) { p.Goal, p.Milestones = 0, nil }, nil},
		{"nothing", func(p *Petition) { *p = Petition{} }, []string{"slug", "opens", "closes", "organiser", "addressee", "title", "text"}},

		{"slug of 32", func(p *Petition) { p.Slug = strings.Repeat("a", 32) }, nil},
		{"slug of 33", func(p *Petition) { p.Slug = strings.Repeat("a", 33) }, []string{"slug"}},
		{"slug of all characters", func(p *Petition) { p.Slug = "az09-" }, nil},
		{"slug in capitals", func(p *Petition) { p.Slug = "Sample" }, []string{"slug"}},
		{"slug with an underscore", func(p *Petition) { p.Slug = "a_b" }, []string{"slug"}},
		{"slug with a line break", func(p *Petition) { p.Slug = "a\n" }, []string{"slug"}},

		{"closes a second later", func(p *Petition) { p.Closes = p.Opens.Add(time.Second) }, nil},
		{"closes as it opens", func(p *Petition) { p.Closes = p.Opens }, []string{"closes"}},
		{"closes before it opens", func(p *Petition) { p.Closes = p.Opens.Add(-time.Second) }, []string{"closes"}},
		{"never opens", func(p *Petition) { p.Opens = time.Time{} }, []string{"opens"}},

		{"a goal below zero", func(p *Petition) { p.Goal = -1 }, []string{"goal"}},
		{"milestones that fall", func(p *Petition) { p.Milestones = []int{2, 1} }, []string{"milestones"}},
		{"a milestone twice", func(p *Petition) { p.Milestones = []int{2, 2} }, []string{"milestones"}},
		{"a milestone of zero", func(p *Petition) { p.Milestones = []int{0, 1} }, []string{"milestones"}},

		{"organiser of 300", func(p *Petition) { p.Organiser = long(300) }, nil},
		{"organiser of 301", func(p *Petition) { p.Organiser = long(301) }, []string{"organiser"}},
		{"addressee of 301", func(p *Petition) { p.Addressee = long(301) }, []string{"addressee"}},

		{"title and text at their limits", both(Russian, long(200), long(20000)), nil},
		{"title over its limit", both(Russian, long(201), "x"), []string{"title.ru"}},
		{"text over its limit", both(Russian, "x", long(20001)), []string{"text.ru"}},
		{"blank title", both(Russian, " \n", "x"), []string{"title.ru"}},
		{"blank text", both(Russian, "x", "\t"), []string{"text.ru"}},
		{"title without text", func(p *Petition) { p.Title[Russian] = "x" }, []string{"text.ru"}},
		{"text without title", func(p *Petition) { p.Text[Russian] = "x" }, []string{"title.ru"}},
		{"a language that is not spoken", both("de", "x", "x"), []string{"title", "text"}},
		{"a region", both("en-GB", "x", "x"), []string{"title", "text"}},
		{"a language in capitals", both("EN", "x", "x"), []string{"title", "text"}},
		{"a language with a blank", both(" ru", "x", "x"), []string{"title", "text"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := validPetition()
			tt.change(&p)
			err := p.Validate()
			var got []string
			if err != nil {
				for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
					key, _, _ := strings.Cut(e.Error(), ": ")
					got = append(got, key)
				}
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestPetitionState(t *testing.T) {
	p := validPetition()
	for _, tt := range []struct {
		name string
		at   time.Time
		want PetitionState
	}{
		{"before", p.Opens.Add(-time.Nanosecond), Upcoming},
		{"at the opening", p.Opens, Open},
		{"before the closing", p.Closes.Add(-time.Nanosecond), Open},
		{"at the closing", p.Closes, Closed},
		{"at the closing, in another zone", p.Closes.In(time.FixedZone("", -3600)), Closed},
	} {
		if got := p.State(tt.at); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// The canonical form is written out here, since a log that was published rests
// on every byte of it.
func TestCanonicalJSONIsFrozen(t *testing.T) {
	p := validPetition()
	p.Opens = p.Opens.In(time.FixedZone("", 3*3600)).Add(999 * time.Millisecond)
	p.Title[English] = "<b>&'\"\\ \u2028\u2029 \\u2028 \t\n\r\b\f\x01\x1f\x7f é 😀"
	const want = `{"addressee":"Sample Office","closes":"2026-07-01T09:00:00Z","goal":1000,"milestones":[100,250],"opens":"2026-06-01T09:00:00Z",` +
		`"organiser":"Example Group","slug":"sample-1","text":{"en":"A sample text.","uk":"Текст зразка."},` +
		`"title":{"en":"<b>&'\"\\ ` + "\u2028\u2029" + ` \\u2028 \t\n\r\b\f\u0001\u001f` + "\x7f" + ` é 😀","uk":"Зразок"}}`
	if diff := cmp.Diff(string(p.CanonicalJSON()), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	p = validPetition()
	if got, want := Hex(p.TextSHA256()), fmt.Sprintf("%x", sha256.Sum256(p.CanonicalJSON())); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(Petition{Slug: "a"}.CanonicalJSON()); !strings.Contains(got, `"milestones":[]`) {
		t.Errorf("got %s, want an empty list of milestones", got)
	}
}

// jcs writes a string as RFC 8785 section 3.2.2.2 says.
func jcs(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\b\t\n\f\r", r):
			b.WriteByte('\\')
			b.WriteByte("btn_fr"[r-'\b'])
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func anyPetition() *rapid.Generator[Petition] {
	return rapid.Custom(func(t *rapid.T) Petition {
		hard := rapid.OneOf(rapid.SampledFrom([]rune("\\u2028\u2028\u2029\"<>&/\x00\x1f\x7f\t\n\r\b\fяї😀")), rapid.Rune())
		text := func(name string) string {
			return strings.ToValidUTF8(rapid.StringOf(hard).Draw(t, name), "")
		}
		instant := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, name), 0).UTC()
		}
		texts := func(name string) map[Language]string {
			m := map[Language]string{}
			for _, l := range rapid.SliceOfDistinct(rapid.SampledFrom(Languages), rapid.ID).Draw(t, name) {
				m[l] = text(name)
			}
			return m
		}
		p := Petition{
			Slug: rapid.StringMatching(`[a-z0-9-]{1,32}`).Draw(t, "slug"), Opens: instant("opens"), Closes: instant("closes"),
			Goal: rapid.IntRange(0, 1<<40).Draw(t, "goal"), Organiser: text("organiser"), Addressee: text("addressee"),
			Title: texts("title"), Text: texts("text"),
		}
		p.Milestones = rapid.SliceOfDistinct(rapid.IntRange(1, 1<<40), rapid.ID).Draw(t, "milestones")
		slices.Sort(p.Milestones)
		return p
	})
}

func TestCanonicalJSONReadsBackAndIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPetition().Draw(t, "petition")
		b := p.CanonicalJSON()
		if !json.Valid(b) {
			t.Fatalf("not JSON: %s", b)
		}
		back, err := ParsePetitionJSON(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(back, p, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read back (-got +want):\n%s", diff)
		}
		if again := back.CanonicalJSON(); !bytes.Equal(again, b) {
			t.Fatalf("written again:\n%s\n%s", again, b)
		}
		for _, m := range []map[Language]string{p.Title, p.Text} {
			for l, s := range m {
				if !bytes.Contains(b, []byte(`"`+string(l)+`":`+jcs(s))) {
					t.Fatalf("%q is not written as RFC 8785 has it:\n%s", s, b)
				}
			}
		}
		// The same instants in another zone, and fractions of a second, are the
		// same petition; anything else makes another one.
		same := p
		same.Opens = p.Opens.In(time.FixedZone("", 3600))
		if same.TextSHA256() != p.TextSHA256() {
			t.Fatal("another zone makes another digest")
		}
		for name, change := range map[string]func(*Petition){
			"slug":      func(p *Petition) { p.Slug += "x" },
			"opens":     func(p *Petition) { p.Opens = p.Opens.Add(time.Second) },
			"closes":    func(p *Petition) { p.Closes = p.Closes.Add(-time.Second) },
			"goal":      func(p *Petition) { p.Goal++ },
			"milestone": func(p *Petition) { p.Milestones = append(slices.Clone(p.Milestones), 1<<41) },
			"organiser": func(p *Petition) { p.Organiser += " " },
			"addressee": func(p *Petition) { p.Addressee += "\u2028" },
			"title":     func(p *Petition) { p.Title = map[Language]string{English: p.Title[English] + "x"} },
			"text":      func(p *Petition) { p.Text = map[Language]string{Russian: p.Text[Russian] + "\\"} },
			"swapped":   func(p *Petition) { p.Organiser, p.Addressee = p.Organiser+"a", p.Addressee+"b" },
		} {
			other := p
			change(&other)
			if other.TextSHA256() == p.TextSHA256() {
				t.Fatalf("a change of %s does not change the digest", name)
			}
		}
	})
}

func TestParsePetitionJSONRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":        "",
		"another kind":   "[]",
		"no instant":     `{"opens":"yesterday"}`,
		"text as a list": `{"text":["a"]}`,
		"cut short":      `{"slug":"a"`,
		"more after it":  `{"slug":"a"}{}`,
	} {
		if _, err := ParsePetitionJSON([]byte(s)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestInFallsBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    map[Language]string
		l    Language
		want string
	}{
		{"the language", map[Language]string{English: "a", Russian: "b"}, Russian, "b"},
		{"the first that is there", map[Language]string{Russian: "b", Ukrainian: "c"}, English, "c"},
		{"the last", map[Language]string{Russian: "b"}, English, "b"},
		{"no language", map[Language]string{English: "a", Russian: "b"}, "", "a"},
		{"nothing", nil, English, ""},
	} {
		if got := In(tt.m, tt.l); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTallyNet(t *testing.T) {
	if got := (Tally{Signed: 10, Withdrawn: 3, Voided: 2}).Net(); got != 5 {
		t.Errorf("got %d, want 5", got)
	}
}

func FuzzParsePetitionJSON(f *testing.F) {
	f.Add(validPetition().CanonicalJSON())
	f.Add([]byte(`{"opens":"2026-06-01T09:00:00.5+01:00","title":{"en":"\ud800"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePetitionJSON(data)
		if err != nil {
			return
		}
		_ = p.Validate()
		if y := p.Opens.Year(); y < 0 || y > 9999 {
			return
		}
		again, err := ParsePetitionJSON(p.CanonicalJSON())
		if err != nil || !bytes.Equal(again.CanonicalJSON(), p.CanonicalJSON()) {
			t.Errorf("the canonical form of what was read is not its own: %v", err)
		}
	})
}
