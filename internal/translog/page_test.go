package translog

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the hashes in the page's policy")

var policyHash = regexp.MustCompile(`(script|style)-src 'sha256-([^']*)'`)

// The page's policy lets nothing run or load but the one script and the one style
// that stand in it.
func TestThePageIsItsPolicy(t *testing.T) {
	inside := func(tag string) []byte {
		parts := bytes.Split(Page, []byte("<"+tag+">"))
		if len(parts) != 2 {
			t.Fatalf("the page has %d times <%s>", len(parts)-1, tag)
		}
		text, _, ok := bytes.Cut(parts[1], []byte("</"+tag+">"))
		if !ok {
			t.Fatalf("<%s> has no end", tag)
		}
		return text
	}
	page := policyHash.ReplaceAllFunc(Page, func(m []byte) []byte {
		tag := string(policyHash.FindSubmatch(m)[1])
		sum := sha256.Sum256(inside(tag))
		return []byte(tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	})
	if *update {
		if err := os.WriteFile("index.html", page, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(page, Page) {
		t.Error("the hashes in the policy are of another script or style; run the test with -update")
	}
	for _, policy := range []string{"default-src 'none'; script-src 'sha256-", "base-uri 'none'; form-action 'none'"} {
		if !bytes.Contains(Page, []byte(policy)) {
			t.Errorf("the policy lacks %q", policy)
		}
	}
	for _, outside := range []string{"http:", "https://", "//www", "@import", "url(", " src=", " style=", " onclick=", "eval(", "innerHTML"} {
		if bytes.Contains(Page, []byte(outside)) {
			t.Errorf("the page holds %q", outside)
		}
	}
}

// Each code that Verify has, the page can say in each language.
func TestThePageKnowsEveryCode(t *testing.T) {
	for code := range meanings {
		if n := strings.Count(string(Page), string(code)+`: "`); n < 3 {
			t.Errorf("the page says %q in %d languages", string(code), n)
		}
	}
	for _, r := range Reasons {
		if n := strings.Count(string(Page), string(r)+`: "`); n < 3 {
			t.Errorf("the page says the reason %q in %d languages", string(r), n)
		}
	}
}
