package names

// Slips weighs how far two skeletons are apart: the least sum of the weights of
// edits that make one of the other, where an edit adds, drops or changes one
// letter or swaps two neighbours, and no stretch is edited twice (optimal string
// alignment, the restricted Damerau-Levenshtein distance). A letter changed,
// added or dropped weighs 1, and less where ear, script or inflection mix
// letters up; zh, sh and ch are letters. It gives up early and returns more than
// max where the sum is more.
//
//   - vowels: a changed one weighs 0.5, o for a or e for i 0.35; an added or
//     dropped one 0.7, i 0.5
//   - consonants that are confused by ear (see [Rough]): 0.5
//   - two neighbours swapped: 0.8
func Slips(a, b string, max float64) float64 {
	if a == b {
		return 0
	}
	var abuf, bbuf symbolBuf
	return slips(despell(abuf[:0], a), despell(bbuf[:0], b), max)
}

// despell is the inverse of spell.
func despell(dst []rune, skeleton string) []rune {
	for _, r := range skeleton {
		if r == 'h' && len(dst) > 0 {
			switch dst[len(dst)-1] {
			case 'z':
				dst[len(dst)-1] = 'Z'
				continue
			case 's':
				dst[len(dst)-1] = 'S'
				continue
			case 'c':
				dst[len(dst)-1] = 'C'
				continue
			}
		}
		dst = append(dst, r)
	}
	return dst
}

// Weights of edits, in hundredths.
const (
	weightSwap       = 80
	weightVowel      = 50
	weightNearVowel  = 35
	weightConfused   = 50
	weightMoreVowel  = 70
	weightMoreI      = 50
	weightOther      = 100
	leastMore        = weightMoreI // of a letter more or less
	maxSlipsInWeight = 100 * 40
)

// weights has the weights of a changed symbol, and, in row 0, of one more, by
// the low bits of the symbols. Row 31 is that of symbols of other scripts.
var weights = func() (w [32][32]uint8) {
	const symbols = "abcdefgiklmnoprstuvzZSC"
	for i := range w {
		for j := range w[i] {
			if i != j || i == 31 {
				w[i][j] = weightOther
			}
		}
	}
	for _, a := range symbols {
		for _, b := range symbols {
			w[low(a)][low(b)] = uint8(change(a, b))
		}
		w[0][low(a)] = uint8(more(a))
	}
	return w
}()

// low is the place of a symbol in weights.
func low(r rune) uint8 {
	switch {
	case 'a' <= r && r <= 'z':
		return uint8(r - 'a' + 1)
	case r == 'Z':
		return 27
	case r == 'S':
		return 28
	case r == 'C':
		return 29
	}
	return 31
}

func change(a, b rune) int {
	switch {
	case a == b:
		return 0
	case isVowel(a) && isVowel(b):
		if a == 'o' && b == 'a' || a == 'a' && b == 'o' || a == 'e' && b == 'i' || a == 'i' && b == 'e' {
			return weightNearVowel
		}
		return weightVowel
	case !isVowel(a) && !isVowel(b) && confused(a) == confused(b):
		return weightConfused
	}
	return weightOther
}

func more(r rune) int {
	switch {
	case r == 'i':
		return weightMoreI
	case isVowel(r):
		return weightMoreVowel
	}
	return weightOther
}

func slips(a, b []rune, max float64) float64 {
	limit := min(int(max*100+0.5), maxSlipsInWeight)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if (len(b)-len(a))*leastMore > limit {
		return over(limit)
	}
	// The letters of a, and three rows of the table of prefixes: the one before
	// the last is what a swap comes from.
	var lbuf [24]uint8
	lows := lbuf[:0]
	for _, r := range a {
		lows = append(lows, low(r))
	}
	var buf [3 * 24]int
	rows := buf[:]
	w := len(a) + 1
	if 3*w > len(rows) {
		rows = make([]int, 3*w)
	}
	before, last, row := rows[:w], rows[w:2*w], rows[2*w:3*w]
	last[0] = 0
	for j, q := range lows {
		last[j+1] = last[j] + int(weights[0][q])
	}
	best, prev := 0, rune(0) // least of the last row, and its letter
	for _, r := range b {
		lastBest := best
		lr := low(r)
		change, add := &weights[lr], int(weights[0][lr])
		row[0] = last[0] + add
		best = row[0]
		for j, q := range lows {
			c := int(change[q])
			if lr == 31 && a[j] == r {
				c = 0
			}
			d := min(last[j+1]+add, row[j]+int(weights[0][q]), last[j]+c)
			if j > 0 && prev == a[j] && r == a[j-1] {
				d = min(d, before[j-1]+weightSwap)
			}
			row[j+1] = d
			best = min(best, d)
		}
		// A swap reaches over one row, so two in a row must be past the limit.
		if best > limit && lastBest > limit {
			return over(limit)
		}
		before, last, row = last, row, before
		prev = r
	}
	if d := last[len(a)]; d <= limit {
		return float64(d) / 100
	}
	return over(limit)
}

func over(limit int) float64 { return float64(limit+1) / 100 }
