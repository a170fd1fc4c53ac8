package main

import (
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/browsertest"
	"rollcall/internal/demo"
	"rollcall/internal/rollcall"
)

// accessibilityScript looks a page through; what it holds to stands in it.
//
//go:embed testdata/accessibility.js
var accessibilityScript string

// A barrier is something on a page that keeps somebody out.
type barrier struct {
	Rule  string `json:"rule"`  // as axe-core names it
	Where string `json:"where"` // the element, as a selector would
	What  string `json:"what"`
}

// accessible looks the page through as it stands, and fails with each barrier.
func (p *tab) accessible(what string) {
	p.t.Helper()
	for _, f := range append(p.findings(), p.unnamed()...) {
		p.t.Errorf("%s: %s: %s: %s", what, f.Rule, f.Where, f.What)
	}
}

// findings are those of the script. The page is taken to have the focus of the
// browser, as it has before a reader.
func (p *tab) findings() []barrier {
	p.t.Helper()
	chromedpCall(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return eval[[]barrier](p, accessibilityScript)
}

// needName are the roles, as the browser computes them, that mean nothing without
// a name.
var needName = []string{"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch", "slider", "spinbutton",
	"listbox", "option", "menuitem", "tab", "treeitem", "dialog", "alertdialog", "image", "log", "region", "navigation", "complementary", "main"}

// unnamed asks the browser for what it tells a screen reader: whether all that
// needs a name has one there, and the live regions are there. Behind a modal
// dialog nothing is.
func (p *tab) unnamed() []barrier {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	var found []barrier
	var roles []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := axText(n.Role)
		roles = append(roles, role)
		focusable := slices.ContainsFunc(n.Properties, func(q *accessibility.Property) bool {
			return q.Name == accessibility.PropertyNameFocusable && string(q.Value.Value) == "true"
		})
		if axText(n.Name) == "" && (slices.Contains(needName, role) || focusable && role == "list") {
			found = append(found, barrier{"name-in-tree", role, "the browser has no name for it"})
		}
	}
	for _, role := range eval[[]string](p, `document.querySelector(":modal") ? [] : [...new Set([...document.querySelectorAll("[role=log], [role=status], [role=alert]")].filter(e => e.checkVisibility()).map(e => e.getAttribute("role")))]`) {
		if !slices.Contains(roles, role) {
			found = append(found, barrier{"live-region", role, "the browser tells a screen reader of no such region"})
		}
	}
	return found
}

// axText is a value of the accessibility tree that is a string; "" of none.
func axText(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// What TestAccessibilityScript puts around a part of a page.
const (
	pageHead = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title></head><body>`
	pageTop  = `<header><h1>A page</h1></header><main>`
	pageEnd  = `</main></body></html>`
)

// Each rule finds the fault that is made for it, and nothing else does; a page
// without a fault has none.
func TestAccessibilityScript(t *testing.T) {
	browsertest.Start(t)
	part := func(html string) string { return pageHead + pageTop + html + pageEnd }
	tests := []struct {
		name, page string
		want       []string // rules, sorted
	}{
		{"nothing wrong", part(`
			<style>nav li, [role=option] { padding: 6px } .soft { color: #666 } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }</style>
			<a href="#end">To the end</a>
			<nav aria-label="Places"><ul><li><a href="/a">One</a></li><li><a href="/b">Two</a></li></ul></nav>
			<h2>Part</h2><h3>Smaller part</h3><h2>Part</h2>
			<p class="soft">Words with <a href="/c">a link</a> in them, and <span lang="uk">кілька слів тут українською мовою</span>.</p>
			<button aria-expanded="false"><svg width="24" height="24" aria-hidden="true"><path d="M0 0h9"/></svg><span class="unseen">Open</span></button>
			<label>Name <input name="n" placeholder="Somebody"></label> <label for="s">One of</label> <select id="s"><option>A</option></select>
			<input type="text" role="combobox" aria-label="Command" aria-controls="l" aria-expanded="true" aria-activedescendant="o">
			<ul role="listbox" id="l" aria-label="Commands"><li role="option" id="o" aria-selected="true">First</li><li role="option" aria-selected="false">Second</li></ul>
			<div role="log" aria-label="Talk" tabindex="0" style="height: 6em; overflow: auto"><p style="height: 20em">Talk</p></div>
			<details><summary>More</summary><dl><div><dt>A</dt><dd>B</dd></div></dl></details>
			<div role="status" aria-live="polite"></div><img alt="A curve that rises" src="data:,"><img alt="" src="data:,"><p id="end">End</p>`), nil},

		{"grey text", part(`<p style="color: #777">Words</p>`), []string{"color-contrast"}},
		{"text that opacity makes grey", part(`<div style="opacity: .5"><p style="color: #333">Words</p></div>`), []string{"color-contrast"}},
		{"text that is grey on what lies behind", part(`<div style="background: #888"><p style="color: #444; background: rgb(255 255 255 / .1)">Words</p></div>`), []string{"color-contrast"}},
		{"grey text over something that it is not in", part(`<div style="position: relative"><div style="position: absolute; inset: 0; background: #333"></div><p style="position: relative">Words</p></div>`), []string{"color-contrast"}},
		{"large text that is grey", part(`<p style="color: #767676; font-size: 24px">Words</p>`), nil},
		{"large text that is too grey", part(`<p style="color: #999; font-size: 24px">Words</p>`), []string{"color-contrast"}},
		{"a mixed colour", part(`<p style="color: color-mix(in srgb, #fff, #000 40%)">Words</p>`), []string{"color-contrast"}},
		{"text over a picture", part(`<p style="background: linear-gradient(#fff, #fff)">Words</p>`), []string{"color-contrast"}},
		{"a grey placeholder", part(`<style>::placeholder { color: #999 }</style><input aria-label="Name" placeholder="Somebody">`), []string{"color-contrast"}},
		{"text that is not in use", part(`<button disabled style="color: #aaa">Words</button>`), nil},
		{"a grey icon", part(`<button aria-label="Send" style="background: #fff; border: 0"><svg width="24" height="24" stroke="#ccc"><path d="M0 0h9"/></svg></button>`), []string{"non-text-contrast"}},
		{"a focus that shows not", part(`<button style="outline: 0">Words</button>`), []string{"focus-visible"}},
		{"a focus that shows faintly", part(`<style>button:focus { outline: 2px solid #ddd; outline-offset: 2px }</style><button>Words</button>`), []string{"focus-visible"}},
		{"a focus that a part shows", part(`<style>a { outline: 0 } a:focus span { outline: 2px solid #000 }</style><a href="/" style="display: block"><span>Words</span></a>`), nil},
		{"a link by colour alone", part(`<style>a { text-decoration: none; color: #004 }</style><p>Words <a href="/">and a link</a></p>`), []string{"link-in-text-block"}},

		{"a button without a name", part(`<button><svg width="24" height="24" aria-hidden="true"></svg></button>`), []string{"button-name"}},
		{"a link without a name", part(`<a href="/" style="display: block; height: 2em"></a>`), []string{"link-name"}},
		{"a field without a label", part(`<input>`), []string{"label"}},
		{"a menu without a label", part(`<select><option>A</option></select>`), []string{"label"}},
		{"a file without a label", part(`<input type="file">`), []string{"label"}},
		{"a dialog without a name", part(`<dialog open>Words</dialog>`), []string{"aria-dialog-name"}},
		{"a picture without words", part(`<img src="data:,">`), []string{"image-alt"}},
		{"a heading without words", part(`<h2></h2>`), []string{"empty-heading"}},
		{"a name that is not what is seen", part(`<button aria-label="Dispatch">Send</button>`), []string{"label-content-name-mismatch"}},

		{"one name for two landmarks", part(`<nav aria-label="Places"></nav><nav aria-label="Places"></nav>`), []string{"landmark-unique"}},
		{"two headers of the page", pageHead + `<header>Top</header>` + pageTop + pageEnd, []string{"landmark-unique"}},
		{"no main", pageHead + `<h1>A page</h1>`, []string{"landmark-one-main"}},
		{"two main", part(`</main><main style="display: none">`), []string{"landmark-one-main"}},
		{"no heading", pageHead + `<main>Words` + pageEnd, []string{"page-has-heading-one"}},
		{"two headings", part(`<h1>Another</h1>`), []string{"page-has-heading-one"}},
		{"a jump of headings", part(`<h3>Words</h3>`), []string{"heading-order"}},
		{"one id twice", part(`<p id="a">A</p><p id="a">B</p>`), []string{"duplicate-id"}},
		{"one access key twice", part(`<button accesskey="a">Aa</button><button accesskey="A">Ab</button>`), []string{"accesskeys"}},
		{"an order of one's own", part(`<button tabindex="2">Words</button>`), []string{"tabindex"}},
		{"a role that is none", part(`<p role="speech">Words</p>`), []string{"aria-roles"}},
		{"an attribute that is none", part(`<p aria-named="a">Words</p>`), []string{"aria-valid-attr"}},
		{"an attribute of another role", part(`<a href="/" aria-checked="true">Words</a>`), []string{"aria-allowed-attr"}},
		{"a name for what takes none", part(`<span aria-label="Three new">3</span>`), []string{"aria-allowed-attr"}},
		{"a reference to nothing", part(`<button aria-describedby="gone">Words</button>`), []string{"aria-valid-attr-value"}},
		{"a value that is none", part(`<button aria-expanded="open">Words</button>`), []string{"aria-valid-attr-value"}},
		{"an attribute that lacks", part(`<div role="checkbox" aria-label="Words" tabindex="0" style="height: 2em"></div>`), []string{"aria-required-attr"}},
		{"a role outside its parent", part(`<p role="option">Words</p>`), []string{"aria-required-parent"}},
		{"a role with strangers", part(`<div role="listbox" aria-label="Words"><p>Words</p></div>`), []string{"aria-required-children"}},
		{"a focus that is hidden", part(`<div aria-hidden="true"><button>Words</button></div>`), []string{"aria-hidden-focus"}},
		{"a hidden button that has no focus", part(`<div aria-hidden="true"><button tabindex="-1">Words</button></div>`), nil},
		{"a purpose that is none", part(`<input aria-label="Name" autocomplete="nickel">`), []string{"autocomplete-valid"}},
		{"a button in a link", part(`<a href="/" style="display: block">Words <button>Press</button></a>`), []string{"nested-interactive"}},
		{"a page that is hidden", `<!doctype html><html lang="en"><title>A page</title><body aria-hidden="true"><main>Words</main>`, []string{"aria-hidden-body", "page-has-heading-one"}},

		{"a list that says open, and is shut", part(`<input type="text" role="combobox" aria-label="Command" aria-controls="l" aria-expanded="true"><ul role="listbox" id="l" aria-label="Commands" hidden><li role="option">First</li></ul>`), []string{"combobox"}},
		{"a chosen option that is not told", part(`<input type="text" role="combobox" aria-label="Command" aria-controls="l" aria-expanded="true"><ul role="listbox" id="l" aria-label="Commands"><li role="option" aria-selected="true">First</li></ul>`), []string{"combobox"}},
		{"an option that is told, and not chosen", part(`<input type="text" role="combobox" aria-label="Command" aria-controls="l" aria-expanded="true" aria-activedescendant="o"><ul role="listbox" id="l" aria-label="Commands"><li role="option" id="o" aria-selected="false">First</li></ul>`), []string{"combobox"}},

		{"a list with strangers", part(`<ul><li>A</li><p>B</p></ul>`), []string{"list"}},
		{"an item without a list", part(`<div><li>A</li></div>`), []string{"listitem"}},
		{"items of what is no list any more", part(`<ol role="log" aria-label="Talk"><li>A</li></ol>`), []string{"listitem"}},
		{"terms with strangers", part(`<dl><dt>A</dt><p>B</p></dl>`), []string{"definition-list"}},
		{"a term without a list", part(`<dt>A</dt>`), []string{"dlitem"}},
		{"no language", `<!doctype html><html><title>A page</title><main><h1>Words</h1></main>`, []string{"html-has-lang"}},
		{"a language that is none", `<!doctype html><html lang="english"><title>A page</title><main><h1>Words</h1></main>`, []string{"html-lang-valid"}},
		{"a part's language that is none", part(`<p lang="xx-">Words</p>`), []string{"valid-lang"}},
		{"Ukrainian in an English page", part(`<p>Тут кілька слів українською, і їх не озвучено.</p>`), []string{"lang-of-parts"}},
		{"Russian in a Ukrainian part", part(`<p lang="uk">Эти слова были написаны по-русски.</p>`), []string{"lang-of-parts"}},
		{"Ukrainian in a Russian part", part(`<p lang="ru">Ці слова написано українською, а не інакше.</p>`), []string{"lang-of-parts"}},
		{"English in a Ukrainian part", part(`<p lang="uk">These words were written in English, and nobody says so.</p>`), []string{"lang-of-parts"}},
		{"a name in another script", part(`<p>Прикладенко Олена</p>`), nil},
		{"no title", `<!doctype html><html lang="en"><main><h1>Words</h1></main>`, []string{"document-title"}},
		{"a page that cannot be enlarged", `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, user-scalable=no"><title>A page</title><main><h1>Words</h1></main>`, []string{"meta-viewport"}},
		{"a page that can be enlarged a little", `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, maximum-scale=1.5"><title>A page</title><main><h1>Words</h1></main>`, []string{"meta-viewport"}},
		{"a page that reloads", `<!doctype html><html lang="en"><meta http-equiv="refresh" content="900"><title>A page</title><main><h1>Words</h1></main>`, []string{"meta-refresh"}},
		{"a link to a place that is not there", part(`<a href="#nowhere">Skip</a>`), []string{"skip-link"}},

		{"a part that only a mouse scrolls", part(`<div style="height: 6em; overflow: auto"><p style="height: 20em">Words</p></div>`), []string{"scrollable-region-focusable"}},
		{"small targets side by side", part(`<style>button { width: 18px; height: 18px; padding: 0; border: 0; background: none; display: block }</style><button>a</button><button>b</button>`), []string{"target-size"}},
		{"a small target alone", part(`<style>button { width: 18px; height: 18px; padding: 0; border: 0; background: none; display: block; margin: 1em }</style><button>a</button>`), nil},
		{"a page wider than the window", part(`<p style="width: 2000px; background: #fff">Words</p>`), []string{"reflow", "resize-text"}},
		{"words cut by a box", part(`<p style="width: 100px; overflow: hidden; white-space: nowrap">Many words that do not go in there</p>`), []string{"reflow", "resize-text"}},
		{"words that are shortened by a sign", part(`<p style="width: 100px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">Many words that do not go in there</p>`), nil},
		{"words before the window", part(`<p style="position: absolute; left: -30px">Words</p>`), []string{"reflow", "resize-text"}},
		{"words under a window that does not scroll", part(`<style>html, body { height: 100%; overflow: hidden }</style><p style="padding-top: 100vh">Words</p>`), []string{"reflow", "resize-text"}},
		{"words that twice the size does not leave room for", part(`<p style="height: 1.75rem; max-height: 28px; overflow: hidden">Words</p>`), []string{"resize-text"}},
		{"words over the top of what scrolls", part(`<div tabindex="0" role="group" aria-label="Box" style="height: 9em; overflow: auto"><p style="margin: -3em 0 20em">Words</p></div>`), []string{"reflow", "resize-text"}},
	}
	pages := map[string]string{}
	for i, tt := range tests {
		pages[fmt.Sprintf("/%d", i)] = tt.page
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, pages[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	p := openTab(t, server.URL, "/0", view{width: 800, height: 900})
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p.t = t
			p.do(chromedp.Navigate(fmt.Sprintf("%s/%d", server.URL, i)))
			got := p.findings()
			var rules []string
			for _, f := range got {
				rules = append(rules, f.Rule)
			}
			slices.Sort(rules)
			if diff := cmp.Diff(tt.want, slices.Compact(rules)); diff != "" {
				t.Errorf("rules (-want +got):\n%s%+v", diff, got)
			}
		})
	}
	p.t = t
}

// The browser's own tree is asked for names too, and for the live regions.
func TestAccessibilityTree(t *testing.T) {
	browsertest.Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, map[string]string{
			"/well":   pageHead + `<main aria-label="All"><button>Words</button><div role="log" aria-label="Talk"></div></main>`,
			"/button": pageHead + `<main aria-label="All"><button></button></main>`,
			"/log":    pageHead + `<main aria-label="All"><div aria-hidden="true"><div role="log" aria-label="Talk"></div></div></main>`,
		}[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	p := openTab(t, server.URL, "/well", desk)
	for path, want := range map[string][]barrier{
		"/well":   nil,
		"/button": {{"name-in-tree", "button", "the browser has no name for it"}},
		"/log":    {{"live-region", "log", "the browser tells a screen reader of no such region"}},
	} {
		p.do(chromedp.Navigate(server.URL + path))
		if diff := cmp.Diff(want, p.unnamed()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// narrow is the width to which WCAG 2.2, 1.4.10, wants a page to reflow.
var narrow = view{width: 320, height: 640, touch: true}

// The page of the demo is open to those who do not see it, see little of it, or
// have no mouse: in each state and language, wide and narrow, by day and by night.
func TestDemoAccessible(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	for _, reader := range []struct {
		language rollcall.Language
		at, on   string
		view     view
	}{
		{rollcall.English, mary, "desk", desk},
		{rollcall.English, mary, "phone", phone},
		{rollcall.English, mary, "narrow", narrow},
		{rollcall.Ukrainian, olena, "narrow", narrow},
		{rollcall.Russian, pavel, "desk", desk},
	} {
		name := string(reader.language) + "-" + reader.on
		t.Run(name, func(t *testing.T) {
			reader.view.language = string(reader.language)
			line, near := lay(t, url)
			s := stroll{openTab(t, near, iryna+"bot", reader.view), reader.language, name}
			s.walk(reader.at, line)
		})
	}
}

// A stroll leads through the states of the page as one of the people.
type stroll struct {
	*tab
	language rollcall.Language // of the person and of the page
	name     string            // of the pictures
}

// check looks the page through by day and by night.
func (s stroll) check(state string) {
	s.t.Helper()
	for _, theme := range []string{"light", "dark"} {
		chromedpCall(s.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		s.accessible(state + ", " + theme)
	}
	s.shot("accessible-" + s.name + "-" + state)
}

// goTo follows a link of the page's own.
func (s stroll) goTo(place, ready string) {
	s.t.Helper()
	eval[chromedp.Void](s.tab, fmt.Sprintf(`location.hash = %q`, place))
	s.wait(place, fmt.Sprintf(`location.hash === %q && (%s)`, place, ready))
}

// answered waits for the answer to what a person writes or does in the main chat.
func (s stroll) answered(act func()) {
	s.t.Helper()
	n := eval[int](s.tab, `document.querySelectorAll("#main .message").length`)
	act()
	s.wait("an answer", fmt.Sprintf(`document.querySelectorAll("#main .message").length >= %d && [...document.querySelectorAll("#main .message")].at(-1).matches(".theirs:has(.keyboard)")`, n+2))
}

func (s stroll) walk(at string, line *wire) {
	t := s.t
	s.wait("an empty chat", `document.querySelector("#main .intro")?.innerText.length > 60`)
	s.check("empty")

	const shown = `document.querySelector("#main").checkVisibility()`
	s.goTo(at+"bot", shown+` && document.querySelector("#main .start, #main textarea")`)
	if eval[bool](s.tab, `document.querySelector("#main .start") !== null`) {
		s.answered(func() { eval[chromedp.Void](s.tab, `document.querySelector("#main .start").click()`) })
	}
	s.answered(func() { s.write("/start") })
	s.check("start")
	s.answered(func() { s.write(idea(t, s.language, demo.Romanised)) })
	s.check("card")
	s.answered(func() { s.write(idea(t, s.language, demo.Namesakes)) })
	s.check("choice")
	s.answered(func() { s.write("/sign") })
	s.check("consent")

	eval[chromedp.Void](s.tab, `document.querySelector("#main .composer [aria-expanded]:not(textarea)").click()`)
	s.wait("the commands", `document.querySelectorAll("#main .commands li").length > 5 && document.querySelector("#main .commands").checkVisibility()`)
	s.check("commands")
	s.key("Escape", 27)

	eval[chromedp.Void](s.tab, `document.querySelector("#main .keyboard a[target=_blank]").click()`)
	s.wait("the question", `document.querySelector("dialog.alert")?.open`)
	s.check("question")
	s.key("Escape", 27)
	s.wait("the page again", `!document.querySelector("dialog.alert")`)

	// The bot has few alerts, and what passes is gone before one has looked: the
	// page is asked for one of each.
	words := map[rollcall.Language]string{
		rollcall.English:   "This button is older than the message that it stands under.",
		rollcall.Ukrainian: "Ця кнопка старіша за повідомлення, під яким вона стоїть.",
		rollcall.Russian:   "Эта кнопка старше сообщения, под которым она стоит.",
	}[s.language]
	eval[chromedp.Void](s.tab, fmt.Sprintf(`import("/notices.js").then(m => m.alert(%q))`, words))
	s.wait("the alert", `document.querySelector("dialog.alert")?.open`)
	s.check("alert")
	s.key("Escape", 27)
	s.wait("the page again", `!document.querySelector("dialog.alert")`)
	eval[chromedp.Void](s.tab, fmt.Sprintf(`import("/notices.js").then(m => m.toast(%q))`, words))
	s.check("toast")

	s.goTo(at+"group", shown+` && document.querySelector("#main textarea")`)
	s.answered(func() { s.write("/find@rollcall_demo_bot Oliver Examplewright") })
	s.check("group")

	s.goTo(at+"bot/start/find", `document.querySelector("#main .start")`)
	s.check("link")

	s.goTo(at+"channel", shown+` && document.querySelector("#main .photo img")?.naturalWidth > 0`)
	s.check("channel")
	eval[chromedp.Void](s.tab, `document.querySelector("#main .photo").click()`)
	s.wait("the picture", `document.querySelector("dialog.picture")?.open`)
	s.check("picture")
	s.key("Escape", 27)
	s.wait("the page again", `!document.querySelector("dialog.picture")`)

	s.goTo(strings.TrimSuffix(at, "/"), `document.querySelector("#side").checkVisibility()`)
	s.check("list")
	eval[chromedp.Void](s.tab, `document.querySelector("#show-calls").click()`)
	s.wait("the calls", `document.querySelectorAll(".call-list li").length > 5`)
	eval[chromedp.Void](s.tab, `[...document.querySelectorAll(".call-list li")].find(li => li.querySelector("dd")).querySelector("summary").click()`)
	s.wait("a call, unfolded", `document.querySelector(".call-list details[open] dd").checkVisibility()`)
	s.check("calls")
	eval[chromedp.Void](s.tab, `document.querySelector(".drawer .icon-button").click()`)

	s.goTo(at+"bot", shown)
	s.fault("slow")
	s.wait("word of it", `document.querySelector("#main .strip button")`)
	s.check("fault")
	eval[chromedp.Void](s.tab, `document.querySelector("#main .strip button").click()`)
	s.wait("the end of it", `!document.querySelector("#main .strip button")`)

	line.set(true)
	s.wait("word of it", `document.querySelector("#offline")`)
	s.check("offline")
}
