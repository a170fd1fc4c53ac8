package render

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rollcall/internal/rollcall"
)

func TestChange(t *testing.T) {
	for _, c := range []struct {
		name     string
		now, was int
		seen     bool
		want     HTML
	}{
		{"nothing to compare with", 10, 0, false, ""},
		{"none", 10, 10, true, " (no change)"},
		{"more", 1300, 100, true, " (+1,200)"},
		{"fewer", 10, 20, true, " (−10)"},
		{"few more", 12, 10, true, " (change &lt;5)"},
		{"few fewer", 10, 14, true, " (change &lt;5)"},
		{"five", 15, 10, true, " (+5)"},
		{"from nothing", 5, 0, true, " (+5)"},
		{"would show what it was", 20, 3, true, " (change not shown)"},
		{"would show what it is", 3, 20, true, " (change not shown)"},
		{"from few to nothing", 0, 4, true, " (change &lt;5)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := For(rollcall.English).change(c.now, c.was, c.seen); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestDigestHidesSmallFigures reads the people's part of a digest back.
func TestDigestHidesSmallFigures(t *testing.T) {
	line := regexp.MustCompile(`^• (.*): (\S+)(?: \((.*)\))?$`)
	rapid.Check(t, func(t *rapid.T) {
		d := rollcall.Digest{Number: 2, From: sampleDigest.From, To: sampleDigest.To, PriorSeen: true, Total: 100, TotalWas: 100}
		figures := rapid.IntRange(0, 12)
		for _, s := range rollcall.Statuses {
			d.People = append(d.People, rollcall.StatusFigure{Status: s, Count: figures.Draw(t, "count"), Was: figures.Draw(t, "was")})
		}
		text := Plain(For(rollcall.English).Digest(d, nil))
		if strings.Contains(text, "died") || strings.Contains(text, "deceased") {
			t.Fatalf("the digest speaks of the deceased:\n%s", text)
		}
		i := 0
		for l := range strings.Lines(text) {
			m := line.FindStringSubmatch(strings.TrimSpace(l))
			if m == nil {
				continue
			}
			if d.People[i].Status == rollcall.Deceased {
				i++
			}
			f := d.People[i]
			i++
			if digits := regexp.MustCompile(`^[+−]?[1-4]$`); digits.MatchString(m[2]) || digits.MatchString(m[3]) {
				t.Fatalf("a small figure is shown: %q", l)
			}
			if (small(f.Count) || small(f.Was)) && regexp.MustCompile(`^[+−]`).MatchString(m[3]) {
				t.Fatalf("the change gives away a small figure: %q for %+v", l, f)
			}
		}
		if i != len(rollcall.Statuses) {
			t.Fatalf("%d statuses are shown, want all but the deceased:\n%s", i, text)
		}
	})
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		n, goal int
		want    HTML
	}{
		{0, 100, "0"}, {1, 1000, "&lt;1"}, {10, 1000, "1"}, {999, 1000, "99"}, {1000, 1000, "100"}, {1500, 1000, "150"}, {57, 100, "57"}, {29, 100, "29"},
	} {
		if got := share(c.n, c.goal); got != c.want {
			t.Errorf("%d of %d: got %q, want %q", c.n, c.goal, got, c.want)
		}
	}
}

func TestRoundsAddNothingUp(t *testing.T) {
	text := Plain(For(rollcall.English).Rounds([]rollcall.Round{sampleRound}, sampleSides))
	for _, sum := range []string{"2,200", "1,221", "1,224", "24"} {
		if strings.Contains(text, " "+sum+" ") {
			t.Errorf("the sum %s is shown:\n%s", sum, text)
		}
	}
	if strings.Count(text, "no source has stated a figure") != 1 {
		t.Errorf("want one gap marked:\n%s", text)
	}
}

func TestCardOrdersClaims(t *testing.T) {
	claims := []rollcall.Claim{
		{Status: rollcall.Missing, Date: rollcall.Date{Year: 2025, Month: time.March, Day: 1}, Source: "Older"},
		{Status: rollcall.Returned, Date: rollcall.Date{Year: 2026, Month: time.March, Day: 1}, Source: "First of the day"},
		{Status: rollcall.Unknown, Date: rollcall.Date{Year: 2026, Month: time.March, Day: 1}, Source: "Second of the day"},
	}
	text := Plain(For(rollcall.English).Card(samplePerson, claims, nil))
	first, second, older := strings.Index(text, "First"), strings.Index(text, "Second"), strings.Index(text, "Older")
	if first < 0 || first > second || second > older {
		t.Errorf("claims are not newest first:\n%s", text)
	}
	if claims[0].Source != "Older" {
		t.Error("Card has reordered its caller's claims")
	}
}

func TestPhrasesAreSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		for _, l := range append([]rollcall.Language{"xx"}, rollcall.Languages...) {
			wg.Go(func() {
				want := For(l).Digest(sampleDigest, nil)
				for range 5 {
					if got := For(l).Digest(sampleDigest, nil); got != want {
						t.Errorf("%s: two renderings differ", l)
					}
				}
			})
		}
	}
	wg.Wait()
	if For("xx").Language() != rollcall.English {
		t.Error("an unknown language is not answered in English")
	}
}
