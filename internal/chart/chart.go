// Package chart draws the signatures of a petition over time, as a PNG.
//
// A digest is read on a phone, where the picture is about a third of its size.
// So there is one thing to see: the running total as a line over a pale area, on
// one scale that starts at zero, with its last value written out. The day's own
// numbers are the slope; bars for them would need a second scale. There is no
// legend, and the few words that there are come from the caller in the reader's
// language. Numbers are grouped by spaces, as ISO 80000-1 asks, which needs no
// language.
//
// The drawing primitives and the fonts are those of go-analyze/charts. The plot
// is laid out here and not by that package's charts, whose axes show fractions
// of a signature and whose labels overlap when a title is long.
package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/go-analyze/charts"

	"rollcall/internal/rollcall"
)

// The size of every picture, in pixels.
const (
	Width  = 1000
	Height = 600
)

// A Spec says what to draw. Its texts are put on one line each, but for the
// title, which has two; what does not fit is cut with an ellipsis, and a
// character that no font has is left out. Each may be empty.
type Spec struct {
	Title    string
	Subtitle string // under the title, for example the period and the zone
	Axis     string // over the plot: what is counted
	Goal     int    // drawn as a line where it is positive and at most four times the total
	GoalText string // beside that line, before the number
	Empty    string // in the middle of the plot where Days is empty

	// Days holds the new signatures of each day, in any order. Days between the
	// first and the last that are absent count zero; a day that comes twice
	// counts the sum. To draw up to a later day, add that day with zero.
	Days []rollcall.DayCount
	// Before is the total before the first of Days, zero where they go back to
	// the beginning.
	Before int
}

// maxPoints is how many points of the line are drawn at most. With more days,
// the total is taken at every second day, every third, and so on.
const maxPoints = 400

// Signatures draws the running total. It returns a PNG of [Width] by [Height]
// pixels that the caller owns; equal input gives equal bytes under one build. An
// error means a day that is not in the years 1 to 9999, or a fault of the
// drawing package. It takes some tens of milliseconds; with the number of days
// grows only the time to sort them. It may be called concurrently.
func Signatures(spec Spec) (png []byte, err error) {
	defer func() { // a picture is not worth a process
		if r := recover(); r != nil {
			png, err = nil, fmt.Errorf("draw chart: %w", rollcall.Panicked(r))
		}
	}()
	s, err := newSeries(spec.Days, spec.Before)
	if err != nil {
		return nil, fmt.Errorf("draw chart: %w", err)
	}
	c := newCanvas()
	c.draw(spec, s)
	png, err = c.p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw chart: %w", err)
	}
	return png, nil
}

// A series is the running total over consecutive days.
type series struct {
	first  rollcall.Date
	days   int     // from the first to the last, both included; 0 when there are none
	points []point // from the start of the first day to the end of the last
}

// A point is the total at the end of a number of days.
type point struct {
	day   int // 0 is the start of the first day
	total float64
}

// most is the greatest total that is drawn. All whole numbers up to it are
// exact in a float64.
const most = 1e15

func newSeries(counts []rollcall.DayCount, before int) (series, error) {
	total := float64(before)
	if len(counts) == 0 {
		return series{points: []point{{0, bound(total)}}}, nil
	}
	type dayCount struct{ day, count int }
	sorted := make([]dayCount, len(counts))
	for i, c := range counts {
		t := c.Date.In(time.UTC)
		if c.Date.Year < 1 || c.Date.Year > 9999 || rollcall.DateOf(t) != c.Date {
			return series{}, fmt.Errorf("a count is for a day that does not exist")
		}
		sorted[i] = dayCount{int(t.Unix() / secondsPerDay), c.Count}
	}
	slices.SortFunc(sorted, func(a, b dayCount) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.count, b.count)) })
	first := sorted[0].day
	s := series{
		first: rollcall.DateOf(time.Unix(int64(first)*secondsPerDay, 0).UTC()),
		days:  sorted[len(sorted)-1].day - first + 1,
	}
	s.points = append(s.points, point{0, bound(total)})
	// Points are a stride apart, counted back from the last day.
	stride := (s.days + maxPoints - 1) / maxPoints
	for day := s.days - (s.days-1)/stride*stride; day <= s.days; day += stride {
		for len(sorted) > 0 && sorted[0].day-first < day {
			total += float64(sorted[0].count)
			sorted = sorted[1:]
		}
		s.points = append(s.points, point{day, bound(total)})
	}
	return s, nil
}

const secondsPerDay = 24 * 60 * 60

// last returns the total at the end.
func (s series) last() float64 { return s.points[len(s.points)-1].total }

// long reports whether the days span more than a year, so that a date needs its
// year.
func (s series) long() bool { return s.days > 366 }

// dateText returns the label of a day, counted from zero: "22.11", or "22.11.26"
// in a long series.
func (s series) dateText(day int) string {
	d := s.first.AddDays(day)
	text := fmt.Sprintf("%02d.%02d", d.Day, int(d.Month))
	if s.long() {
		text += fmt.Sprintf(".%02d", d.Year%100)
	}
	return text
}

// top returns the greatest total.
func (s series) top() float64 {
	return slices.MaxFunc(s.points, func(a, b point) int { return cmp.Compare(a.total, b.total) }).total
}

// bound keeps a total within what can be drawn: a total below zero is no total.
func bound(v float64) float64 { return math.Max(0, math.Min(v, most)) }

// scale returns the distance between the marks of an axis from zero to at least
// top, and the uppermost of them: a whole number of the form 1, 2 or 5 times a
// power of ten, such that there are at most four marks above zero.
func scale(top float64) (step, last float64) {
	if top <= 0 {
		return 5, 5
	}
	for unit := 1.0; ; unit *= 10 {
		for _, n := range []float64{1, 2, 5} {
			if step = n * unit; step*4 >= top {
				return step, math.Ceil(top/step) * step
			}
		}
	}
}

// dateMarks returns which days, counted from zero, bear a label: the last one
// and, where that leaves them evenly spaced, the first; at most max in all, of
// which there must be two.
func dateMarks(days, max int) []int {
	if days <= max {
		marks := make([]int, days)
		for i := range marks {
			marks[i] = i
		}
		return marks
	}
	gaps := max - 1
	for g := gaps; g >= 3 && days <= 5*max; g-- {
		if (days-1)%g == 0 {
			gaps = g
			break
		}
	}
	if days > 5*max || (days-1)%gaps == 0 {
		marks := make([]int, gaps+1) // even to within a day
		for i := range marks {
			marks[i] = i * (days - 1) / gaps
		}
		return marks
	}
	var marks []int
	for d := days - 1; d >= 0; d -= (days + max - 1) / max {
		marks = append(marks, d)
	}
	slices.Reverse(marks)
	return marks
}

// group writes a whole number with a space between groups of three digits.
// Numbers of four digits are grouped too, so that all labels of an axis look
// alike.
func group(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	var out []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ' ')
		}
		out = append(out, digits[i])
	}
	return string(out)
}

// The colours: one calm blue-green, and greys.
var (
	paper = charts.ColorRGB(0xFD, 0xFD, 0xFC)
	ink   = charts.ColorRGB(0x24, 0x2B, 0x31)
	muted = charts.ColorRGB(0x5B, 0x66, 0x70)
	grid  = charts.ColorRGB(0xE3, 0xE7, 0xE9)
	base  = charts.ColorRGB(0xA9, 0xB2, 0xB8)
	line  = charts.ColorRGB(0x1D, 0x6E, 0x82)
	area  = line.WithAlpha(0x26) // the grid shows through
)
