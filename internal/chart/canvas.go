package chart

import (
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/go-analyze/charts"
	"golang.org/x/text/unicode/norm"
)

// The layout, in pixels. A baseline is where letters stand.
const (
	margin       = 44
	titleSize    = 38
	titleLeading = 48
	textSize     = 27
	totalSize    = 44
	titleTop     = 62 // baseline of the first line
	plotBottom   = Height - 84
	dateBaseline = Height - 40
	lineWidth    = 5
	dotRadius    = 9
)

// maxText is how much of a text is looked at, in runes.
const maxText = 300

// A canvas is one picture in the making.
type canvas struct {
	p           *charts.Painter
	left, right int // of the plot
	top         int // of the plot
	days        int
	high        float64 // value at the top of the plot
	taken       []box   // where text stands
}

func newCanvas() *canvas {
	c := &canvas{p: charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: Width, Height: Height})}
	c.p.FilledRect(0, 0, Width, Height, paper, paper, 0)
	return c
}

func (c *canvas) draw(spec Spec, s series) {
	y := titleTop
	title := c.wrap(clean(spec.Title), titleSize, Width-2*margin, 2)
	for i, text := range title {
		if i > 0 {
			y += titleLeading
		}
		c.text(text, margin, y, titleSize, ink, alignLeft)
	}
	for _, text := range []string{spec.Subtitle, spec.Axis} {
		if text := c.fit(clean(text), textSize, Width-2*margin); text != "" {
			y += 42
			c.text(text, margin, y, textSize, muted, alignLeft)
		}
	}
	c.top = y + 34

	top := s.top()
	goal := bound(float64(spec.Goal))
	hasGoal := goal > 0 && goal <= 4*s.last()
	if hasGoal {
		top = math.Max(top, goal)
	}
	step, last := scale(top)
	// Above the last value there is room for its label, and for the goal's.
	c.high = math.Max(last, top*1.16)
	c.days = s.days
	labels := 0
	for v := 0.0; v <= last; v += step {
		labels = max(labels, c.width(group(v), textSize))
	}
	c.left = margin + labels + 16
	c.right = Width - margin - c.width(s.dateText(s.days-1), textSize)/2 // the last date ends at the margin

	// The last value stands over the end of the curve.
	total := group(s.last())
	end := charts.Point{X: c.x(s.days), Y: c.y(s.last())}
	middle := min(end.X, Width-margin-c.width(total, totalSize)/2)
	var totalBox box
	if s.days > 0 {
		totalBox = c.textBox(total, middle, end.Y-2*dotRadius-2, totalSize, alignMiddle)
	}
	for v := 0.0; v <= last; v += step {
		colour, y, to := grid, c.y(v), Width-margin
		switch {
		case v == 0:
			colour = base
		case hasGoal && y != c.y(goal) && y > c.y(goal)-textSize-12 && y < c.y(goal)+textSize+12:
			to = c.left // it would run through the goal's label
		case totalBox.top-4 < y && y < totalBox.bottom+4:
			to = totalBox.left - 12
		}
		if to > c.left {
			c.p.LineStroke([]charts.Point{{X: c.left, Y: y}, {X: to, Y: y}}, colour, 2)
		}
		c.text(group(v), c.left-16, y+textSize*36/100, textSize, muted, alignRight)
	}
	if s.days == 0 {
		if text := c.fit(clean(spec.Empty), textSize+5, c.right-c.left); text != "" {
			c.text(text, (c.left+c.right)/2, (c.top+plotBottom)/2, textSize+5, muted, alignMiddle)
		}
		return
	}
	c.dates(s)

	curve := make([]charts.Point, len(s.points))
	for i, p := range s.points {
		curve[i] = charts.Point{X: c.x(p.day), Y: c.y(p.total)}
	}
	floor := c.y(0)
	c.p.FillArea(append(append([]charts.Point{{X: curve[0].X, Y: floor}}, curve...), charts.Point{X: c.right, Y: floor}), area)
	if hasGoal {
		c.goal(clean(spec.GoalText), goal, curve, totalBox)
	}
	c.p.LineStroke(curve, line, lineWidth)
	c.p.Circle(dotRadius, end.X, end.Y, line, paper, 3)
	c.text(total, middle, end.Y-2*dotRadius-2, totalSize, line, alignMiddle)
}

// dates labels the axis of days.
func (c *canvas) dates(s series) {
	most := 6
	if s.long() {
		most = 4
	}
	for _, day := range dateMarks(s.days, most) {
		text := s.dateText(day)
		x, half := c.x(day+1), c.width(text, textSize)/2
		c.p.LineStroke([]charts.Point{{X: x, Y: plotBottom}, {X: x, Y: plotBottom + 9}}, base, 2)
		c.text(text, max(x, margin+half), dateBaseline, textSize, muted, alignMiddle)
	}
}

// goal draws the goal's line, and its label where there is room beside the
// curve and the last value.
func (c *canvas) goal(text string, goal float64, curve []charts.Point, total box) {
	y := c.y(goal)
	label := strings.TrimSpace(text + " " + group(goal))
	label = c.fit(label, textSize, (c.right-c.left)*2/3)
	from, to := c.left, Width-margin
	if total.top-4 < y && y < total.bottom+4 {
		to = total.left - 12 // the line does not run through the number
	}
	c.p.DashedLineStroke([]charts.Point{{X: from, Y: y}, {X: to, Y: y}}, muted, 3, []float64{12, 9})
	width := c.width(label, textSize)
	for _, baseline := range []int{y - 11, y + textSize + 3} {
		for x := c.left + 12; x+width <= c.right; x += 20 {
			b := c.textBox(label, x, baseline, textSize, alignLeft)
			if !b.crosses(curve) && !b.overlaps(total) && !slices.ContainsFunc(c.taken, b.overlaps) {
				c.text(label, x, baseline, textSize, muted, alignLeft)
				return
			}
		}
	}
}

// x is where the end of a number of days lies.
func (c *canvas) x(day int) int {
	return c.left + int(math.Round(float64(c.right-c.left)*float64(day)/float64(max(c.days, 1))))
}

// y is where a value lies.
func (c *canvas) y(v float64) int {
	return plotBottom - int(math.Round(float64(plotBottom-c.top)*v/c.high))
}

// A box is a part of the picture.
type box struct{ left, top, right, bottom int }

func (b box) overlaps(o box) bool {
	return b.left < o.right+12 && o.left < b.right+12 && b.top < o.bottom+4 && o.top < b.bottom+4
}

// crosses reports whether the curve comes near the box.
func (b box) crosses(curve []charts.Point) bool {
	const near = lineWidth + 3
	for i := 1; i < len(curve); i++ {
		p, q := curve[i-1], curve[i]
		if q.X < b.left-near || p.X > b.right+near {
			continue
		}
		// The part of the segment above or below the box; the curve may be
		// steep within a few pixels.
		at := func(x int) int {
			if q.X == p.X {
				return p.Y
			}
			return p.Y + (q.Y-p.Y)*(min(max(x, p.X), q.X)-p.X)/(q.X-p.X)
		}
		high, low := at(b.left-near), at(b.right+near)
		if q.X == p.X {
			high, low = p.Y, q.Y
		}
		if min(high, low) <= b.bottom+near && max(high, low) >= b.top-near {
			return true
		}
	}
	return false
}

type align int

const (
	alignLeft align = iota
	alignMiddle
	alignRight
)

// style returns the font of a size given in pixels.
func style(size int, colour charts.Color) charts.FontStyle {
	return charts.FontStyle{
		FontSize:  float64(size) * 72 / 96, // points, at the 96 dots per inch of the painter
		FontColor: colour,
		Font:      charts.GetFont(charts.FontFamilyNotoSans), // Roboto, as it is embedded, has no Cyrillic
	}
}

func (c *canvas) text(text string, x, y, size int, colour charts.Color, a align) {
	b := c.textBox(text, x, y, size, a)
	c.taken = append(c.taken, b)
	c.p.Text(text, b.left, y, 0, style(size, colour))
}

// textBox returns the room that a text takes.
func (c *canvas) textBox(text string, x, y, size int, a align) box {
	width := c.width(text, size)
	switch a {
	case alignMiddle:
		x -= width / 2
	case alignRight:
		x -= width
	}
	return box{x, y - size*3/4, x + width, y + size/4}
}

func (c *canvas) width(text string, size int) int {
	return c.p.MeasureText(text, 0, style(size, ink)).Width()
}

// wrap breaks a text between words into at most max lines.
func (c *canvas) wrap(text string, size, width, max int) []string {
	var lines []string
	for text != "" {
		if len(lines) == max-1 {
			return append(lines, c.fit(text, size, width))
		}
		words := strings.Split(text, " ")
		n := 1
		for n < len(words) && c.width(strings.Join(words[:n+1], " "), size) <= width {
			n++
		}
		lines = append(lines, c.fit(strings.Join(words[:n], " "), size, width))
		text = strings.Join(words[n:], " ")
	}
	return lines
}

// fit cuts a text with an ellipsis where it is wider than a number of pixels.
func (c *canvas) fit(text string, size, width int) string {
	if c.width(text, size) <= width {
		return text
	}
	runes := []rune(text)
	cut := func(n int) string { return strings.TrimRight(string(runes[:n]), " ,.;:–—-«(") + "…" }
	n := sort.Search(len(runes), func(n int) bool { return c.width(cut(n), size) > width })
	if n == 0 {
		return ""
	}
	n--
	// Rather after a whole word, where one ends not far before.
	for back := n; back > max(0, n-12); back-- {
		if runes[back] == ' ' {
			return cut(back)
		}
	}
	return cut(n)
}

// clean returns a text as it can be drawn, in NFC: white space of any kind is
// one space, and what has no glyph in any font is left out, since it would show
// as an empty box. Control and direction characters have none.
func clean(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range norm.NFC.String(strings.ToValidUTF8(firstRunes(text, 4*maxText), "")) {
		switch {
		case n == maxText:
			return strings.TrimSpace(b.String())
		case unicode.IsSpace(r):
			if s := b.String(); s != "" && !strings.HasSuffix(s, " ") {
				b.WriteByte(' ')
				n++
			}
		case unicode.IsPrint(r) && hasGlyph(r):
			b.WriteRune(r)
			n++
		}
	}
	return strings.TrimSpace(b.String())
}

func hasGlyph(r rune) bool {
	// The families that the painter tries, in its order.
	for _, family := range []string{charts.FontFamilyNotoSans, charts.FontFamilyRoboto} {
		if charts.GetFont(family).Index(r) != 0 {
			return true
		}
	}
	return false
}

// firstRunes cuts a text after n runes.
func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
