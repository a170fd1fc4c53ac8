// Package race tells a test whether the race detector is on. Under it the SQLite
// driver runs some ten times slower. So what computes a figure, or searches through
// bytes, on one goroutine is left to the ordinary run; what runs side by side never
// is.
package race

import "testing"

// Skip skips a test on one goroutine under the race detector.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled {
		t.Skip("the race detector is on, and this runs on one goroutine")
	}
}
