// Package browsertest gives tests a Chromium to open pages in. A package's tests
// share one process of it.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// names are what Chromium is called by those who package it.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

// one is the process that all tests share.
var one struct {
	sync.Once
	ctx context.Context
	err error
}

// Start returns the context of a running Chromium, from which each test takes tabs
// with a profile of their own (chromedp.WithNewBrowserContext). It skips the test
// where no Chromium is installed, with -short, and with ROLLCALL_BROWSER=off; with
// ROLLCALL_BROWSER=required, as in CI, a Chromium that is absent fails it.
func Start(t testing.TB) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests do not run with -short")
	}
	want := os.Getenv("ROLLCALL_BROWSER")
	if want == "off" {
		t.Skip("ROLLCALL_BROWSER=off: the browser tests are skipped")
	}
	path := find()
	if path == "" {
		if want == "required" {
			t.Fatal("there is no Chromium, and ROLLCALL_BROWSER=required asks for it")
		}
		t.Skip("no Chromium is installed (Debian: apt-get install chromium): the browser tests are skipped")
	}
	one.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
		alloc, _ := chromedp.NewExecAllocator(context.Background(), options...) // it ends with the process
		one.ctx, _ = chromedp.NewContext(alloc)
		one.err = chromedp.Do(one.ctx)
	})
	if one.err != nil {
		t.Fatalf("start the browser: %v", one.err)
	}
	return one.ctx
}

// find returns the path of a Chromium, or nothing.
func find() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
