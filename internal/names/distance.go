package names

import "unicode/utf8"

// Distance returns the number of edits between two skeletons, where an edit
// adds, drops or changes one letter or swaps two neighbours, and no stretch is
// edited twice (optimal string alignment, the restricted Damerau-Levenshtein
// distance). It gives up early and returns max+1 where there are more than max.
func Distance(a, b string, max int) int {
	if a == b {
		return 0
	}
	if max < 1 {
		return max + 1
	}
	if !ascii(a) || !ascii(b) {
		return distance([]rune(a), []rune(b), max)
	}
	return distance([]byte(a), []byte(b), max)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func distance[T byte | rune](a, b []T, max int) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > max {
		return max + 1
	}
	if len(a) == 0 {
		return len(b)
	}
	// Three rows of the table of prefixes: the one before the last is what a
	// swap comes from.
	var buf [3 * 48]int
	rows := buf[:]
	if n := 3 * (len(a) + 1); n > len(rows) {
		rows = make([]int, n)
	}
	w := len(a) + 1
	before, last, row := rows[:w], rows[w:2*w], rows[2*w:3*w]
	for j := range last {
		last[j] = j
	}
	best := 0 // least of the last row
	for i := 1; i <= len(b); i++ {
		lastBest := best
		row[0] = i
		best = i
		for j := 1; j <= len(a); j++ {
			cost := 1
			if b[i-1] == a[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && b[i-1] == a[j-2] && b[i-2] == a[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		// A swap reaches over one row, so two in a row must be past max.
		if best > max && lastBest > max {
			return max + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(a)], max+1)
}
