package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

const petitionYAML = `slug: s
opens: 2026-01-01T02:00:00+02:00
closes: "2026-02-01T00:00:00Z"
goal: 10
milestones: [1, 5]
organiser: Example Group
addressee: |
  Sample Office
title:
  en: A sample
  uk: Зразок
text:
  en: |
    One line.

    Another one.
  uk: Текст.
`

func TestLoadPetition(t *testing.T) {
	want := rollcall.Petition{
		Slug:       "s",
		Opens:      time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Closes:     time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		Goal:       10,
		Milestones: []int{1, 5},
		Organiser:  "Example Group",
		Addressee:  "Sample Office",
		Title:      map[rollcall.Language]string{"en": "A sample", "uk": "Зразок"},
		Text:       map[rollcall.Language]string{"en": "One line.\n\nAnother one.", "uk": "Текст."},
	}
	for name, content := range map[string]string{
		"as it is":             petitionYAML,
		"with carriage return": strings.ReplaceAll(petitionYAML, "\n", "\r\n"),
		"with byte order mark": "\ufeff" + petitionYAML,
		"milliseconds":         strings.Replace(petitionYAML, "00:00:00Z", "00:00:00.000Z", 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := LoadPetition(write(t, "petition.yaml", content, 0o644))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("LoadPetition (-got +want):\n%s", diff)
			}
			if got.Opens.Location() != time.UTC {
				t.Errorf("opens is in %s, want UTC", got.Opens.Location())
			}
		})
	}
}

func TestExamplePetition(t *testing.T) {
	p, err := LoadPetition(examplePetition)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Slug, "sample"; got != want {
		t.Errorf("got slug %q, want %q", got, want)
	}
	if got, want := p.State(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)), rollcall.Open; got != want {
		t.Errorf("got state %d in June 2026, want %d", got, want)
	}
	for _, l := range rollcall.Languages {
		if p.Title[l] == "" || p.Text[l] == "" {
			t.Errorf("the sample says nothing in %s", l)
		}
	}
}

func TestPetitionFaults(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(petitionYAML, old) {
			t.Fatalf("the petition has no %q", old)
		}
		return strings.Replace(petitionYAML, old, new, 1)
	}
	for name, tt := range map[string]struct {
		content string
		want    []string
	}{
		"empty":               {"", []string{"FILE: slug: 1 to 32", "FILE: opens: is required", "FILE: title: is required"}},
		"slug":                {edit("slug: s", "slug: A_b"), []string{"FILE:1: slug: 1 to 32"}},
		"unknown key":         {petitionYAML + "signers: 5\n", []string{"FILE:18: signers: unknown key"}},
		"no instant":          {edit("2026-01-01T02:00:00+02:00", "2026-01-01"), []string{"FILE:2: opens: must be an instant in the form"}},
		"no zone":             {edit("2026-01-01T02:00:00+02:00", "2026-01-01T02:00:00"), []string{"FILE:2: opens: must be an instant in the form"}},
		"finer than seconds":  {edit("02:00:00+", "02:00:00.5+"), []string{"FILE:2: opens: must be to the second"}},
		"before the epoch":    {edit("2026-01-01T02", "1026-01-01T02"), []string{"FILE:2: opens: must be from 1970"}},
		"closes before":       {edit("2026-02-01", "2025-02-01"), []string{"FILE:3: closes: must be later than opens"}},
		"milestones":          {edit("[1, 5]", "[5, 1]"), []string{"FILE:5: milestones: must be positive and ascending"}},
		"goal":                {edit("goal: 10", "goal: ten"), []string{"FILE:4: goal: must be a whole number"}},
		"unknown language":    {edit("en: A sample", "xx: A sample"), []string{"FILE:9: title: \"xx\" is none of the languages"}},
		"text without title":  {edit("  uk: Зразок\n", ""), []string{"FILE:9: title.uk: is missing"}},
		"empty text":          {edit("Текст.", `"  "`), []string{"FILE:17: text.uk: is empty"}},
		"title no map":        {edit("title:\n  en: A sample\n  uk: Зразок\n", "title: A sample\n"), []string{"FILE:9: title: must be a mapping by language"}},
		"language twice":      {edit("uk: Зразок", "en: Another"), []string{"FILE:11: title.en: is given twice, first on line 10"}},
		"several":             {edit("slug: s", "slug: A_b\ngoal: x"), []string{"FILE:2: goal: must be a whole number", "FILE:5: goal: is given twice"}},
		"text is a list":      {edit("uk: Текст.", "uk: [Текст.]"), []string{"FILE:17: text.uk: must be text"}},
		"title is too long":   {edit("A sample", strings.Repeat("x", rollcall.MaxPetitionTitle+1)), []string{"FILE:10: title.en: is longer than"}},
		"larger than allowed": {petitionYAML + "# " + strings.Repeat("x", maxFileBytes), []string{"FILE: is larger than"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, "petition.yaml", tt.content, 0o644)
			p, err := LoadPetition(file)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if want = strings.ReplaceAll(want, "FILE:", file+":"); !strings.Contains(err.Error(), want) {
					t.Errorf("got error\n%v\nwant one with %q", err, want)
				}
			}
			if diff := cmp.Diff(p, rollcall.Petition{}); diff != "" {
				t.Errorf("got a petition with the error:\n%s", diff)
			}
		})
	}
}

func TestLoadPetitionAbsent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent.yaml")
	_, err := LoadPetition(path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want fs.ErrNotExist with the path", err)
	}
}

// Whatever is taken as a petition is valid, and its canonical form reads back
// as the same.
func FuzzLoadPetition(f *testing.F) {
	src, err := os.ReadFile(examplePetition)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	for _, s := range []string{"", petitionYAML, "title: {en: a}", "opens: 2026-13-01T00:00:00Z", "text: |\n x", "milestones: [1, 2, x]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := parsePetition("petition.yaml", src)
		if err != nil {
			if err.Error() == "" {
				t.Error("the error says nothing")
			}
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("took a petition that is not valid: %v", err)
		}
		back, err := rollcall.ParsePetitionJSON(p.CanonicalJSON())
		if err != nil {
			t.Fatal(err)
		}
		if back.TextSHA256() != p.TextSHA256() {
			t.Error("the canonical form does not read back as the same petition")
		}
	})
}
