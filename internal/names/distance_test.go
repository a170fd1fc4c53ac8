package names

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		want       float64
	}{
		{"equal", "koval", "koval", 0},
		{"a vowel for another", "koval", "kuval", 0.5},
		{"a for o", "koval", "kaval", 0.35},
		{"i for e", "kerilo", "kirilo", 0.35},
		{"a consonant confused by ear", "koval", "kofal", 0.5},
		{"another consonant", "koval", "koral", 1},
		{"a vowel for a consonant", "koval", "koaal", 1},
		{"a consonant more", "koval", "kovral", 1},
		{"a vowel more", "koval", "kovaol", 0.7},
		{"an i less", "vasiliev", "vasilev", 0.5},
		{"swapped", "koval", "kovla", 0.8},
		{"swapped at the start", "koval", "okval", 0.8},
		{"sh is one letter, near s", "shuba", "suba", 0.5},
		{"sh for ch, by ear", "shuba", "chuba", 0.5},
		{"two slips", "zrazkov", "srazkof", 1},
		{"nothing and a word", "", "oko", 0.7 + 1 + 0.7},
		{"other scripts", "漢字", "漢", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Slips(tt.a, tt.b, 10); math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// plain is the weighted distance by its definition, without bounds.
func plain(a, b []rune) float64 {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 && j == 0 {
				continue
			}
			d[i][j] = math.MaxInt
			if i > 0 {
				d[i][j] = d[i-1][j] + more(a[i-1])
			}
			if j > 0 {
				d[i][j] = min(d[i][j], d[i][j-1]+more(b[j-1]))
			}
			if i > 0 && j > 0 {
				d[i][j] = min(d[i][j], d[i-1][j-1]+change(a[i-1], b[j-1]))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+weightSwap)
			}
		}
	}
	return float64(d[len(a)][len(b)]) / 100
}

func TestSlipsProperties(t *testing.T) {
	word := rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]rune("aeioukvlnszhtc")), 0, 9).Draw(t, "word"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		max := rapid.Float64Range(0, 6).Draw(t, "max")
		want := plain(despell(nil, a), despell(nil, b))
		got := Slips(a, b, max)
		switch {
		case math.Abs(want-max) < 0.006: // within the rounding of max
		case want < max && math.Abs(got-want) > 1e-9:
			t.Errorf("%q and %q within %v: got %v, want %v", a, b, max, got, want)
		case want > max && got <= max:
			t.Errorf("%q and %q within %v: got %v, though they are %v apart", a, b, max, got, want)
		}
		if back := Slips(b, a, max); back != got {
			t.Errorf("%q and %q: %v one way and %v the other", a, b, got, back)
		}
	})
}

// Words at one slip share a near key, so that the index brings one for the other.
func TestNearKeysMeet(t *testing.T) {
	const letters = "aouvdsklprmn" // none of which are joined, and no two consonants of which are confused
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SliceOfN(rapid.SampledFrom([]rune(letters)), 4, 14).Draw(t, "word")
		i := rapid.IntRange(0, len(word)-1).Draw(t, "at")
		other := rapid.SampledFrom([]rune(letters)).Draw(t, "letter")
		slipped := slices.Clone(word)
		switch rapid.SampledFrom([]string{"change", "drop", "add", "swap"}).Draw(t, "slip") {
		case "change":
			slipped[i] = other
		case "drop":
			slipped = slices.Delete(slipped, i, i+1)
		case "add":
			slipped = slices.Insert(slipped, i, other)
		case "swap":
			if i+1 < len(slipped) {
				slipped[i], slipped[i+1] = slipped[i+1], slipped[i]
			}
		}
		a, b := Skeleton(string(word)), Skeleton(string(slipped))
		// Folding can make more of a slip than one letter.
		if plain(despell(nil, a), despell(nil, b)) > 1 || min(len(a), len(b)) < 3 {
			return
		}
		ak, bk := NearKeys(a), NearKeys(b)
		if !slices.ContainsFunc(ak, func(k Key) bool { return slices.Contains(bk, k) }) {
			t.Errorf("%q and %q share no key", a, b)
		}
	})
}

func BenchmarkSlips(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Slips("shchebetkazenko", "shchibetkasenka", 3)
		Slips("shchebetkazenko", "vigadanko", 3)
	}
}
