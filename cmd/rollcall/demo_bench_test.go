package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"rollcall/internal/browsertest"
)

// BenchmarkDemoPress measures in the page how long it takes from a press of a
// button to the bot's message in the chat, over real HTTP and a durable commit.
// Each person presses a few times only, since a private chat has a burst and then
// one message a second.
//
//	go test ./cmd/rollcall -run '^$' -bench DemoPress -benchtime 25x
func BenchmarkDemoPress(b *testing.B) {
	browsertest.Start(b)
	url := startDemo(b)
	var took []float64
	for who := 0; len(took) < b.N; who++ {
		if who == len(demoPeople) {
			b.Fatalf("at most %d presses: -benchtime 25x", len(took))
		}
		p := openTab(b, url, fmt.Sprintf("#/%d/bot", demoPeople[who].ID), desk)
		p.wait("the button Start", `document.querySelector("#main .start")`)
		eval[chromedp.Void](p, `document.querySelector("#main .start").click()`)
		p.wait("the greeting", `document.querySelector("#main .keyboard button")`)
		for range min(5, b.N-len(took)) {
			took = append(took, eval[float64](p, `new Promise(done => {
				const list = document.querySelector("#main .messages"), began = performance.now();
				new MutationObserver((all, o) => {
					if (![...list.children].at(-1).matches(".theirs")) return;
					o.disconnect();
					requestAnimationFrame(() => done(performance.now() - began));
				}).observe(list, {childList: true});
				list.querySelector(".keyboard button").click(); // Look up a person: the bot asks for the name
			})`))
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms/median")
	b.ReportMetric(took[len(took)*9/10], "ms/p90")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDemoFirstPaint measures, in a browser that has nothing of the page yet,
// how long it takes from the request for the page to its first paint and to the
// chats in it.
//
//	go test ./cmd/rollcall -run '^$' -bench DemoFirstPaint -benchtime 9x
func BenchmarkDemoFirstPaint(b *testing.B) {
	browsertest.Start(b)
	url := startDemo(b)
	var paint, whole []float64
	for b.Loop() {
		p := openTab(b, url, mary+"channel", desk)
		p.wait("the digest", said("Digest No 1"))
		whole = append(whole, eval[float64](p, `performance.now()`))
		paint = append(paint, eval[float64](p, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
	}
	slices.Sort(paint)
	slices.Sort(whole)
	b.ReportMetric(paint[len(paint)/2], "ms-paint/median")
	b.ReportMetric(whole[len(whole)/2], "ms-chats/median")
	b.ReportMetric(0, "ns/op")
}
