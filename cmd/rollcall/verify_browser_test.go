package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"rollcall/internal/browsertest"
)

// The page of a published bundle, opened from its file, is open to those who do
// not see it, see little of it, or have no mouse: in each language, before and
// after each kind of answer, wide and narrow, by day and by night.
func TestBundlePageAccessible(t *testing.T) {
	browsertest.Start(t)
	dir := filepath.Join(t.TempDir(), "bundle")
	bad := filepath.Join(t.TempDir(), "bad")
	publish(t, dir, 4, 1)
	if err := os.CopyFS(bad, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	leaves, err := os.ReadFile(filepath.Join(bad, "leaves.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bad, "leaves.txt"), []byte(strings.Replace(string(leaves), "burst", "order", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	files := func(dir string) (all []string) {
		for _, name := range []string{"petition.json", "key.txt", "checkpoints.txt", "checkpoint.txt", "leaves.txt"} {
			all = append(all, filepath.Join(dir, name))
		}
		return all
	}
	for _, reader := range []struct {
		language, title, holds, fails string
		on                            string
		view                          view
	}{
		{"en", "Check the count", "The log holds.", "The log does not hold.", "desk", desk},
		{"uk", "Перевірити підрахунок", "Журнал сходиться.", "Журнал не сходиться.", "phone", phone},
		{"ru-RU", "Проверить подсчёт", "Журнал сходится.", "Журнал не сходится.", "narrow", narrow},
		{"de", "Check the count", "The log holds.", "The log does not hold.", "narrow", narrow},
	} {
		t.Run(reader.language+"-"+reader.on, func(t *testing.T) {
			reader.view.language = reader.language
			p := openTab(t, "file://"+filepath.ToSlash(filepath.Join(dir, "index.html")), "", reader.view)
			check := func(state string) {
				for _, theme := range []string{"light", "dark"} {
					chromedpCall(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
						{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
					p.accessible(state + ", " + theme)
				}
				p.shot("bundle-" + reader.language + "-" + reader.on + "-" + state)
			}
			answers := func(words string) {
				p.wait(words, fmt.Sprintf(`document.getElementById("result").innerText.includes(%q)`, words))
			}
			p.wait("its title in the reader's language", fmt.Sprintf(`document.title === %q`, reader.title))
			eval[bool](p, `document.querySelector("details").open = true`)
			check("empty")
			p.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), files(dir)))
			answers(reader.holds)
			check("holds")
			p.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), files(bad)))
			answers(reader.fails)
			check("fails")
		})
	}
}
