package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"rollcall/internal/browsertest"
	"rollcall/internal/demo"
	"rollcall/internal/rollcall"
)

// maxPictureBytes is the most that the README's picture may weigh.
const maxPictureBytes = 120 << 10

// The README begins with a picture of the page, of invented people: this makes it
// (-update), and sees that it is there and small.
func TestDemoPicture(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "demo.png")
	if *update {
		browsertest.Start(t)
		url := startDemo(t)
		p := openTab(t, url, mary+"bot", view{width: 1280, height: 800})
		p.begin()
		p.write(idea(t, rollcall.English, demo.Romanised))
		p.wait("the card", said("According to"))
		p.wait("the digest", saidIn("#beside", "Digest No 1"))
		p.wait("its chart", `document.querySelector("#beside .photo img")?.naturalWidth > 0`)
		eval[chromedp.Void](p, `(() => { document.activeElement.blur(); document.querySelector("#beside .photo").scrollIntoView({block: "start"}); document.querySelector("#beside .log").scrollTop -= 70; })()`)
		shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		small, err := fewColours(shot)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > maxPictureBytes {
		t.Errorf("the picture weighs %d bytes, more than %d", len(data), maxPictureBytes)
	}
	if _, err := png.DecodeConfig(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
}

// fewColours encodes a picture anew with the 64 colours that it uses most.
func fewColours(data []byte) ([]byte, error) {
	src, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	used := map[color.RGBA]int{}
	b := src.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			used[color.RGBAModel.Convert(src.At(x, y)).(color.RGBA)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(used), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(used[b], used[a]), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	var palette color.Palette
	for _, c := range most[:min(64, len(most))] {
		palette = append(palette, c)
	}
	dst := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			dst.Set(x, y, src.At(x, y))
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, dst)
	return out.Bytes(), err
}
