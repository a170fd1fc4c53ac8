package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-analyze/charts"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/race"
	"rollcall/internal/rollcall"
)

var firstDay = rollcall.Date{Year: 2026, Month: time.September, Day: 24}

// daily returns n consecutive days with the counts that f gives.
func daily(n int, f func(i int) int) []rollcall.DayCount {
	days := make([]rollcall.DayCount, n)
	for i := range days {
		days[i] = rollcall.DayCount{Date: firstDay.AddDays(i), Count: f(i)}
	}
	return days
}

func constant(n int) func(int) int { return func(int) int { return n } }

func invented(days []rollcall.DayCount, goal int) Spec {
	return Spec{
		Title:    "Вигадане звернення № 7: ґанок, їжак, ёлка",
		Subtitle: "24.09 – 22.11.2026",
		Axis:     "підписи, усього",
		GoalText: "Мета",
		Empty:    "Підписів ще немає",
		Days:     days,
		Goal:     goal,
	}
}

func draw(t testing.TB, spec Spec) image.Image {
	t.Helper()
	b, err := Signatures(spec)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, b)
}

func decode(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// count returns how many pixels of a part of the picture satisfy f.
func count(img image.Image, part image.Rectangle, f func(color.NRGBA) bool) int {
	n := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if f(color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)) {
				n++
			}
		}
	}
	return n
}

func is(c charts.Color) func(color.NRGBA) bool {
	return func(p color.NRGBA) bool { return p.R == c.R && p.G == c.G && p.B == c.B }
}

func light(p color.NRGBA) bool { return p.R > 200 && p.G > 200 && p.B > 200 && p.A == 255 }

func TestSignatures(t *testing.T) {
	tests := []struct {
		name   string
		spec   Spec
		curve  bool // the line is drawn
		dashed bool // the goal is drawn
	}{
		{"no days", invented(nil, 100), false, false},
		{"no words", Spec{Days: daily(3, constant(4))}, true, false},
		{"one day", invented(daily(1, constant(12)), 25), true, true},
		{"all zeros", invented(daily(14, constant(0)), 0), true, false},
		{"all zeros with a goal", invented(daily(14, constant(0)), 1000), true, false},
		{"two months", invented(daily(60, constant(61)), 5000), true, true},
		{"goal passed", invented(daily(60, constant(61)), 1000), true, true},
		{"goal far off", invented(daily(60, constant(1)), 1000), true, false},
		{"400 days", invented(daily(400, constant(250)), 0), true, false},
		{"a million a day", invented(daily(30, constant(1_000_000)), 0), true, false},
		{"three days in a century", invented([]rollcall.DayCount{
			{Date: firstDay, Count: 1}, {Date: firstDay.AddDays(20000), Count: 1}, {Date: firstDay.AddDays(36524), Count: 1},
		}, 0), true, false},
		{"nothing but numbers that are too great", invented(daily(9, constant(math.MaxInt)), 0), true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img := draw(t, tt.spec)
			if got, want := img.Bounds(), image.Rect(0, 0, Width, Height); got != want {
				t.Fatalf("bounds: got %v, want %v", got, want)
			}
			if got := count(img, img.Bounds(), light); got < Width*Height*80/100 {
				t.Errorf("light background: got %d pixels of %d, want at least 80 %%", got, Width*Height)
			}
			for _, edge := range []image.Rectangle{image.Rect(0, 0, Width, 20), image.Rect(0, Height-20, Width, Height), image.Rect(0, 0, 20, Height), image.Rect(Width-20, 0, Width, Height)} {
				if got, want := count(img, edge, is(paper)), edge.Dx()*edge.Dy(); got != want {
					t.Errorf("margin %v: got %d blank pixels, want %d", edge, got, want)
				}
			}
			head := count(img, image.Rect(margin, 0, Width, titleTop+12), is(ink))
			if (head > 100) != (tt.spec.Title != "") {
				t.Errorf("title: got %d pixels of ink", head)
			}
			plot := image.Rect(margin, titleTop, Width, plotBottom+lineWidth)
			if got := count(img, plot, is(line)); (got > 500) != tt.curve {
				t.Errorf("curve: got %d pixels, want one: %v", got, tt.curve)
			}
			if got := dashes(img); got != tt.dashed {
				t.Errorf("goal: got %v, want %v", got, tt.dashed)
			}
		})
	}
}

// dashes reports whether some row of the picture is dashed in the goal's grey.
func dashes(img image.Image) bool {
	for y := range Height {
		if n := count(img, image.Rect(0, y, Width, y+1), is(muted)); n > Width/4 {
			return true
		}
	}
	return false
}

// The curve of an even growth runs from the lower left to the upper right.
func TestCurveRises(t *testing.T) {
	img := draw(t, invented(daily(60, constant(50)), 0))
	top := func(x int) int {
		for y := titleTop + titleLeading; y < plotBottom+lineWidth; y++ {
			if is(line)(color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)) {
				return y
			}
		}
		return Height
	}
	last := Height
	for x := 200; x <= 800; x += 100 {
		y := top(x)
		if y >= last {
			t.Errorf("at x = %d: got y = %d, want it above %d", x, y, last)
		}
		last = y
	}
}

func TestSignaturesIsDeterministic(t *testing.T) {
	days := daily(90, func(i int) int { return i * i % 37 })
	a, err := Signatures(invented(days, 900))
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(days)-1; i < j; i, j = i+1, j-1 {
		days[i], days[j] = days[j], days[i]
	}
	b, err := Signatures(invented(days, 900))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the same days in another order give another picture")
	}
	if days[0].Date == firstDay {
		t.Error("the caller's days were sorted")
	}
}

func TestSignaturesRefuses(t *testing.T) {
	for name, d := range map[string]rollcall.Date{
		"no date":     {},
		"29 February": {Year: 2026, Month: 2, Day: 29},
		"year 10000":  {Year: 10000, Month: 1, Day: 1},
		"far year":    {Year: math.MaxInt, Month: 1, Day: 1},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Signatures(Spec{Days: []rollcall.DayCount{{Date: d, Count: 1}}}); err == nil {
				t.Error("got no error")
			}
		})
	}
}

// alphabet holds every letter that a title may need, and the signs of both
// languages.
const alphabet = "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюяАБВГҐДЕЄЁЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ№«»„“’ʼ–—…0123456789"

func TestEveryLetterHasItsGlyph(t *testing.T) {
	// Each is drawn by itself, the box of a missing glyph and a blank before them.
	runes := append([]rune{'\U0010FFFF', ' '}, []rune(alphabet)...)
	const pitch, perRow = 64, Width/64 - 1
	cell := func(i int) (x, y int) { return 20 + i%perRow*pitch, 60 + i/perRow*pitch }
	c := newCanvas()
	for i, r := range runes {
		x, y := cell(i)
		c.text(string(r), x, y, titleSize, ink, alignLeft)
	}
	b, err := c.p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	img := decode(t, b)
	seen := map[string]rune{}
	for i, r := range runes {
		x, y := cell(i)
		var pixels []byte
		for dy := -46; dy < 16; dy++ {
			for dx := -4; dx < 58; dx++ {
				v, _, _, _ := img.At(x+dx, y+dy).RGBA()
				pixels = append(pixels, byte(v>>8))
			}
		}
		if other, ok := seen[string(pixels)]; ok && !lookAlike(r, other) {
			t.Errorf("%q is drawn like %q", r, other)
		}
		seen[string(pixels)] = r
		if got, want := hasGlyph(r), r != '\U0010FFFF'; got != want {
			t.Errorf("hasGlyph(%q): got %v, want %v", r, got, want)
		}
	}
}

// lookAlike tells the characters that one shape stands for in most fonts.
func lookAlike(a, b rune) bool { return (a == '’' || a == 'ʼ') && (b == '’' || b == 'ʼ') }

func TestTitlesDiffer(t *testing.T) {
	for _, pair := range [][2]string{{"все", "всё"}, {"гніт", "ґніт"}, {"іжак", "їжак"}, {"мои", "мой"}} {
		a, err := Signatures(Spec{Title: pair[0]})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Signatures(Spec{Title: pair[1]})
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(a, b) {
			t.Errorf("%q and %q look the same", pair[0], pair[1])
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Перший список", "Перший список"},
		{"white space", "  a\t\n b\u00a0 c ", "a b c"},
		{"combining marks are composed", "и\u0306 е\u0308 і\u0308", "й ё ї"},
		{"direction and control characters", "a\u202eb\u200f\x00\x1bc", "abc"},
		{"no glyph", "a\U0001F54A\uFE0Fb 漢", "ab"},
		{"not UTF-8", "a\xffb", "ab"},
		{"too long", strings.Repeat("я", 1000), strings.Repeat("я", maxText)},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	c := newCanvas()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"one line", "Список", []string{"Список"}},
		{"two lines", "Перший список і другий", []string{"Перший список", "і другий"}},
		{"cut after a word", "Перший список і другий список, третій", []string{"Перший список", "і другий…"}},
		{"one long word", strings.Repeat("ш", 40), []string{"шшшшшшшш…"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := c.wrap(tt.text, titleSize, 300, 2)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, l := range got {
				if w := c.width(l, titleSize); w > 300 {
					t.Errorf("%q is %d pixels wide, want at most 300", l, w)
				}
			}
		})
	}
}

func TestNewSeries(t *testing.T) {
	at := func(day, n int) rollcall.DayCount { return rollcall.DayCount{Date: firstDay.AddDays(day), Count: n} }
	tests := []struct {
		name   string
		counts []rollcall.DayCount
		before int
		want   []point
	}{
		{"none", nil, 0, []point{{0, 0}}},
		{"none, but a total", nil, 7, []point{{0, 7}}},
		{"one", []rollcall.DayCount{at(0, 3)}, 0, []point{{0, 0}, {1, 3}}},
		{"a gap is zero", []rollcall.DayCount{at(0, 3), at(3, 2)}, 0, []point{{0, 0}, {1, 3}, {2, 3}, {3, 3}, {4, 5}}},
		{"unsorted and twice", []rollcall.DayCount{at(1, 1), at(0, 3), at(1, 4)}, 10, []point{{0, 10}, {1, 13}, {2, 18}}},
		{"withdrawals", []rollcall.DayCount{at(0, 3), at(1, -2)}, 0, []point{{0, 0}, {1, 3}, {2, 1}}},
		{"below zero", []rollcall.DayCount{at(0, -3), at(1, 5)}, 0, []point{{0, 0}, {1, 0}, {2, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := newSeries(tt.counts, tt.before)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, s.points, cmp.AllowUnexported(point{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("thinned", func(t *testing.T) {
		for _, n := range []int{399, 400, 401, 1000, 12345} {
			s, err := newSeries(daily(n, constant(2)), 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.points) > maxPoints+1 || s.days != n {
				t.Errorf("%d days: got %d points of %d days", n, len(s.points), s.days)
			}
			for _, p := range s.points {
				if p.total != float64(2*p.day) {
					t.Errorf("%d days: got %v after %d of them", n, p.total, p.day)
				}
			}
			if got := s.points[len(s.points)-1].day; got != n {
				t.Errorf("%d days: the last point is at %d", n, got)
			}
		}
	})
}

func TestScale(t *testing.T) {
	for _, tt := range []struct{ top, step, last float64 }{
		{0, 5, 5}, {1, 1, 1}, {3, 1, 3}, {4, 1, 4}, {5, 2, 6}, {25, 10, 30}, {5000, 2000, 6000}, {999_999, 500_000, 1_000_000},
		{1_000_000, 500_000, 1_000_000}, {1e15, 5e14, 1e15},
	} {
		step, last := scale(tt.top)
		if step != tt.step || last != tt.last {
			t.Errorf("scale(%v): got %v, %v, want %v, %v", tt.top, step, last, tt.step, tt.last)
		}
	}
}

func TestGroup(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999: "999", 1000: "1 000", 10000: "10 000", 1234567: "1 234 567", 1e15: "1 000 000 000 000 000"} {
		if got := group(v); got != want {
			t.Errorf("group(%v): got %q, want %q", v, got, want)
		}
	}
}

func TestDateMarks(t *testing.T) {
	for _, tt := range []struct {
		name string
		days int
		want []int
	}{
		{"none", 0, []int{}},
		{"one", 1, []int{0}},
		{"all", 6, []int{0, 1, 2, 3, 4, 5}},
		{"a week and a day, which nothing parts", 8, []int{1, 3, 5, 7}},
		{"nine days by two", 9, []int{0, 2, 4, 6, 8}},
		{"two months, even to within a day", 60, []int{0, 11, 23, 35, 47, 59}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, dateMarks(tt.days, 6)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		days, most := rapid.IntRange(1, 5000).Draw(t, "days"), rapid.IntRange(2, 6).Draw(t, "max")
		marks := dateMarks(days, most)
		if len(marks) == 0 || len(marks) > most || marks[len(marks)-1] != days-1 || marks[0] < 0 {
			t.Fatalf("got %v", marks)
		}
		for i := 2; i < len(marks); i++ {
			a, b := marks[i-1]-marks[i-2], marks[i]-marks[i-1]
			if a < 1 || b < 1 || a-b > 1 || b-a > 1 {
				t.Fatalf("uneven: %v", marks)
			}
		}
	})
}

func specs() *rapid.Generator[Spec] {
	text := rapid.OneOf(
		rapid.StringN(0, 400, -1),
		rapid.StringOfN(rapid.RuneFrom([]rune(alphabet+"        ")), 0, 250, -1),
	)
	number := rapid.OneOf(rapid.IntRange(0, 50), rapid.IntRange(-5, 5_000_000), rapid.Int())
	return rapid.Custom(func(t *rapid.T) Spec {
		days := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rollcall.DayCount {
			return rollcall.DayCount{
				Date:  firstDay.AddDays(rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(-1000, 100_000)).Draw(t, "day")),
				Count: number.Draw(t, "count"),
			}
		}), 0, 60).Draw(t, "days")
		return Spec{
			Title: text.Draw(t, "title"), Subtitle: text.Draw(t, "subtitle"), Axis: text.Draw(t, "axis"),
			GoalText: text.Draw(t, "goal text"), Empty: text.Draw(t, "empty"),
			Goal: number.Draw(t, "goal"), Before: number.Draw(t, "before"), Days: days,
		}
	})
}

// Whatever is drawn, texts stand apart from each other and inside the picture.
func TestLayoutOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := specs().Draw(t, "spec")
		s, err := newSeries(spec.Days, spec.Before)
		if err != nil {
			t.Fatal(err)
		}
		c := newCanvas()
		c.draw(spec, s)
		for i, a := range c.taken {
			if a.left < 20 || a.right > Width-20 || a.top < 20 || a.bottom > Height-20 {
				t.Errorf("text at %+v comes too near to the edge", a)
			}
			for _, b := range c.taken[:i] {
				if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
					t.Errorf("text at %+v overlaps text at %+v", a, b)
				}
			}
		}
		if c.left >= c.right || c.top >= plotBottom {
			t.Errorf("no room is left for the plot: %+v", c)
		}
	})
}

func TestSignaturesOfAnything(t *testing.T) {
	race.Skip(t)
	rapid.Check(t, func(t *rapid.T) {
		b, err := Signatures(specs().Draw(t, "spec"))
		if err != nil {
			t.Fatal(err)
		}
		if cfg, err := png.DecodeConfig(bytes.NewReader(b)); err != nil || cfg.Width != Width || cfg.Height != Height {
			t.Fatalf("got %dx%d, %v", cfg.Width, cfg.Height, err)
		}
	})
}

func BenchmarkSignatures(b *testing.B) {
	for _, bm := range []struct {
		name string
		days int
	}{{"60 days", 60}, {"400 days", 400}, {"100000 days", 100_000}} {
		spec := invented(daily(bm.days, constant(61)), 0)
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Signatures(spec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
