package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rollcall/internal/browsertest"
	"rollcall/internal/demo"
	"rollcall/internal/rollcall"
)

// Whom the tests play, as they stand in the page's address.
const (
	mary  = "#/7200000001/"
	olena = "#/7200000002/"
	pavel = "#/7200000003/"
	iryna = "#/7200000004/" // the editor
	sam   = "#/7200000005/" // the owner
)

// idea returns what the demo suggests to type, of a kind.
func idea(t testing.TB, l rollcall.Language, k demo.Kind) string {
	t.Helper()
	for _, s := range (demo.World{}).Suggestions(l) {
		if s.Kind == k {
			return s.Text
		}
	}
	t.Fatalf("no suggestion is %s", k)
	return ""
}

// begin presses Start, as somebody whose language is English.
func (p *tab) begin() {
	p.t.Helper()
	p.press("Start")
	p.wait("the greeting", said("This bot is run by"))
}

func TestDemoFind(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.wait("what the bot is, before the first word", `document.querySelector("#main .intro")?.innerText.length > 60`)
	p.begin()
	p.shot("start")

	// A suggestion is put where one writes, and not sent.
	text := idea(t, rollcall.English, demo.Romanised)
	eval[chromedp.Void](p, fmt.Sprintf(`[...document.querySelectorAll(".ideas button")].find(b => b.innerText.includes(%q)).click()`, text))
	p.wait("the suggestion in the composer", fmt.Sprintf(`document.querySelector("#main textarea").value === %q`, text))
	p.key("Enter", 13)
	p.wait("the card", said("According to"))
	p.wait("the warning", said("Nobody may ask you for money"))
	if n := eval[int](p, `[...document.querySelectorAll("#main .message")].at(-1).innerText.match(/According to/g).length`); n != 3 {
		t.Errorf("the card has %d statements, want 3", n)
	}
	p.wait("the mark of what cannot be forwarded", `[...document.querySelectorAll("#main .message")].at(-1).querySelector("[title='cannot be forwarded']")`)
	p.shot("card")

	p.write(idea(t, rollcall.English, demo.Namesakes))
	p.wait("a choice", said("Which of these?"))
	p.shot("choice")
	eval[chromedp.Void](p, `[...document.querySelectorAll("#main .message")].at(-1).querySelector(".keyboard button").click()`)
	p.wait("the card of the one who was chosen", `[...document.querySelectorAll("#main .message")].some(m => m.innerText.includes("John Placeholder") && m.innerText.includes("According to"))`)

	p.write(idea(t, rollcall.English, demo.Misspelt))
	p.wait("the question", said("Did you mean"))

	p.write(idea(t, rollcall.English, demo.Death))
	p.wait("the warning", said("holds a hard statement"))
	p.press("Show it")
	p.wait("the statement", said("has died"))

	p.write(idea(t, rollcall.English, demo.Nobody))
	p.wait("nothing", said("There is nothing I can show"))
}

// A watch: the entry is watched, an editor imports a file with a new statement
// on it, and a message comes that names nobody.
func TestDemoWatch(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.begin()
	p.write(idea(t, rollcall.English, demo.Romanised))
	p.press("Watch")
	p.wait("word of it", `document.querySelector("#toasts").innerText.includes("will not name")`)
	p.wait("the button to end it", `[...document.querySelectorAll("#main .keyboard button")].some(b => b.innerText === "Stop")`)
	p.shot("watch")

	q := openTab(t, url, iryna+"bot", desk)
	q.press("Start")
	q.wait("the greeting", said("Example Group"))
	good, data := demo.World{Seed: 1, Now: time.Now()}.RosterFile()
	q.upload(good, data)
	q.wait("the import", said("11"))

	p.wait("the news", said("There is news on an entry that you watch"))
	if text := eval[string](p, `[...document.querySelectorAll("#main .message")].at(-1).innerText`); strings.Contains(text, "Прикладненко") {
		t.Errorf("the news name somebody: %q", text)
	}
	p.press("Open it")
	p.wait("the card with a fourth statement", `[...document.querySelectorAll("#main .message")].at(-1).innerText.match(/According to/g)?.length === 4`)
	p.shot("news")
}

func TestDemoSign(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, olena+"channel", desk)
	p.wait("the digest", saidIn("#main", "Digest No 1"))
	p.shot("channel")

	// The channel's button is a deep link: it leads to the bot and signs nothing.
	p.press("Sign the petition")
	p.wait("the end of the channel, beside it", `(l => l && l.scrollHeight - l.scrollTop - l.clientHeight < 60)(document.querySelector("#beside .log"))`)
	p.wait("the bot's chat", `document.querySelector("#main .head h2").innerText === "Rollcall" && location.hash.includes("/bot/start/p_")`)
	p.shot("deep-link")
	p.press("Start")
	p.wait("the petition, in the signer's language", said("Мета:"))
	p.wait("an address without the payload", `location.hash === "`+olena+`bot"`)
	p.press("Підписати")
	p.wait("the consent", said("політичн"))
	p.shot("consent")
	p.press("Погоджуюся і підписую")
	p.wait("the record", said("Записано"))
	p.wait("the milestone, in the channel beside", saidIn("#beside", "1,200"))
	p.shot("signed")

	p.write("/withdraw")
	p.press("Так, відкликати")
	p.wait("the withdrawal", said("Відкликано"))
}

func TestDemoDigest(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, sam+"bot", desk)
	p.wait("the first digest", saidIn("#beside", "Digest No 1"))
	eval[chromedp.Void](p, `document.querySelector("#next-digest").click()`)
	p.wait("word of it", `document.querySelector("#toasts").innerText.includes("on its way")`)
	p.wait("the next digest", saidIn("#beside", "Digest No 2"))
	p.wait("its chart", `[...document.querySelectorAll("#beside .photo img")].at(-1)?.naturalWidth >= 800`)
	eval[chromedp.Void](p, `[...document.querySelectorAll("#beside .photo")].at(-1).click()`)
	p.wait("the chart, large", `document.querySelector("dialog.picture")?.open`)
	p.shot("chart")
	p.key("Escape", 27)
	p.wait("the page again", `!document.querySelector("dialog.picture")`)
	if alt := eval[string](p, `document.querySelector("#beside .photo img").alt`); alt == "" {
		t.Error("the chart has no words for those who cannot see it")
	}
}

func TestDemoUpload(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, iryna+"bot", desk)
	p.press("Start")
	p.wait("the greeting", said("Example Group"))

	w := demo.World{Seed: 1, Now: time.Now()}
	bad, data := w.BadRosterFile()
	p.upload(bad, data)
	p.wait("the faults", said(bad+":4"))
	p.shot("faults")

	good, _ := w.RosterFile()
	eval[chromedp.Void](p, fmt.Sprintf(`[...document.querySelectorAll(".ideas button")].find(b => b.innerText.includes(%q)).click()`, good))
	p.wait("what would change", said("11"))
	p.shot("import")

	large := filepath.Join(t.TempDir(), "large.csv")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 26<<20); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#main input[type=file]"), []string{large}))
	p.wait("the refusal of a file over the limit", `document.querySelector("#toasts").innerText.includes("25 MB")`)

	p.upload("<img src=x onerror=alert(1)>.csv", []byte("id,full_name\n"))
	p.wait("the file's name as it is", said("<img src=x onerror=alert(1)>.csv"))
	p.upload("page.html", []byte("<script>alert(1)</script>"))
	p.wait("an answer to a file that is no roster", said("page.html"))
}

// upload sends a file of this name from the reader's device.
func (p *tab) upload(name string, data []byte) {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.wait("a place to write", `document.querySelector("#main input[type=file]")`)
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#main input[type=file]"), []string{path}))
}

func TestDemoFaults(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.begin()

	p.fault("down")
	p.wait("word of the outage", `document.querySelector("#main .strip").innerText.includes("Telegram is down")`)
	p.write("Oliver Examplewright")
	p.wait("what was written", said("Oliver Examplewright"))
	p.shot("down")
	p.press("All well again")
	p.wait("the end of the outage", `document.querySelector("#main .strip").innerText === ""`)
	p.wait("the answer, once it is back", said("According to"))

	// The answer to a message is lost: it is sent, the bot cannot know, and an
	// answer to a person is sent again.
	p.fault("lost")
	p.write("Ostap Nebylychenko")
	p.wait("the answer", said("holds a hard statement"))

	p.fault("limited")
	p.write("John Placeholder")
	p.wait("the answer, after Telegram's wait", said("Which of these?"))
	p.wait("good days by themselves", `document.querySelector("#fault").value === ""`)

	eval[chromedp.Void](p, `document.querySelector("#show-calls").click()`)
	p.wait("the calls", `document.querySelectorAll(".call-list li").length > 5`)
	p.wait("a refusal among them", `[...document.querySelectorAll(".call-list .pill")].some(p => p.innerText === "429")`)
	if text := eval[string](p, `document.querySelector(".drawer").innerText + [...document.querySelectorAll(".drawer pre")].map(p => p.textContent).join()`); strings.Contains(text, "AAfakeapi") {
		t.Error("the token is shown")
	}
	p.shot("calls")
}

// fault puts a fault in order by the page's own menu.
func (p *tab) fault(name string) {
	p.t.Helper()
	p.wait("the menu of faults", `document.querySelector("#fault")`)
	eval[chromedp.Void](p, fmt.Sprintf(`(() => { const s = document.querySelector("#fault"); s.value = %q; s.dispatchEvent(new Event("change")); })()`, name))
}

func TestDemoOnAPhone(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, "", view{width: 390, height: 780, touch: true, language: "uk"})
	p.wait("the list of chats, in the reader's language", `document.querySelector("#side").innerText.includes("Що спробувати") || document.querySelector("#main .head")`)
	p.do(chromedp.Navigate(url + strings.TrimSuffix(pavel, "/")))
	p.wait("the list of chats", `document.querySelector("#side").offsetParent !== null`)
	p.shot("phone-list")
	eval[chromedp.Void](p, `document.querySelector(".chats a").click()`)
	p.wait("the chat alone", `document.querySelector("#side").offsetParent === null && document.querySelector("#main").offsetParent !== null`)
	p.press("Почати")
	p.wait("the bot, in the person's language", said("Этого бота"))
	p.write(idea(t, rollcall.Russian, demo.Exact))
	p.wait("the card", said("По данным источника"))
	p.shot("phone-card")
	if wide := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		t.Errorf("the page is %d pixels too wide", wide)
	}
	eval[chromedp.Void](p, `document.querySelector("#main .back").click()`)
	p.wait("the list again", `document.querySelector("#side").offsetParent !== null`)
	eval[chromedp.Void](p, `history.back()`)
	p.wait("the chat again", said("По данным источника"))
}

func TestDemoInTheDark(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", view{width: 1440, height: 900, dark: true})
	p.begin()
	light := `(() => { const [r, g, b] = getComputedStyle(document.querySelector("#main")).backgroundColor.match(/\d+/g).map(Number); return r + g + b > 380; })()`
	if eval[bool](p, light) {
		t.Error("the page is light where the device asks for dark")
	}
	p.shot("dark")
	eval[chromedp.Void](p, `(() => { const s = document.querySelector("#theme"); s.value = "light"; s.dispatchEvent(new Event("change")); })()`)
	p.wait("light, since the reader asked", light)
	p.do(chromedp.Reload())
	p.wait("light, after a reload", `document.querySelector("#main .message") && `+light)
}

func TestDemoByKeyboard(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.wait("the button Start, with the focus", `document.activeElement.innerText === "Start"`)
	p.key("Enter", 13)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait("the composer, with the focus", `document.activeElement.tagName === "TEXTAREA"`)

	// The command menu: down, up, escape, a choice.
	p.do(chromedp.KeyEvent("/"))
	p.wait("the commands", `document.querySelectorAll("#main .commands li").length > 5 && document.activeElement.getAttribute("aria-expanded") === "true"`)
	p.shot("commands")
	p.do(chromedp.KeyEvent("pe"))
	p.wait("fewer commands", `document.querySelectorAll("#main .commands li").length === 1`)
	p.key("ArrowDown", 40)
	p.wait("a command that is marked", `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText.includes("/petition")`)
	p.key("Escape", 27)
	p.wait("no commands", `document.querySelector("#main .commands").hidden`)
	p.do(chromedp.KeyEvent("t"))
	p.key("ArrowDown", 40)
	p.key("Enter", 13)
	p.wait("the petition", said("Goal:"))

	// To the newest button and back: shift and tab from the composer pass the
	// messages from the end.
	for range 40 {
		p.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
		if eval[bool](p, `document.activeElement.innerText === "Sign"`) {
			break
		}
	}
	p.do(chromedp.KeyEvent(" "))
	p.wait("the consent", said("I agree and sign")+` || [...document.querySelectorAll("#main .keyboard button")].some(b => b.innerText === "I agree and sign")`)
	if !eval[bool](p, `document.activeElement !== document.body`) {
		t.Error("the focus is lost after a press")
	}
	if !eval[bool](p, `matchMedia("(prefers-reduced-motion: reduce)").matches && getComputedStyle(document.activeElement).outlineStyle !== "none" || document.activeElement.matches("li.message")`) {
		t.Error("the focus cannot be seen")
	}
}

func TestDemoRecovers(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	line, near := lay(t, url)
	p := openTab(t, near, mary+"bot", desk)
	q := openTab(t, url, mary+"bot", desk) // another tab, of the same person
	p.begin()
	q.wait("the greeting, in the other tab too", said("This bot is run by"))

	// A text that was not sent outlives a reload.
	p.do(chromedp.SendKeys(chromedp.CSS("#main textarea"), "half a"), chromedp.Reload())
	p.wait("the text and the chat after a reload", `document.querySelector("#main textarea")?.value === "half a" && `+said("This bot is run by"))

	// The connection goes; meanwhile the other tab writes; it comes back.
	line.set(true)
	p.wait("word of it", `document.querySelector("#offline")`)
	p.write("lost")
	p.wait("the text that could not be sent", `document.querySelector("#main textarea").value.includes("lost")`)
	q.write("Oliver Examplewright")
	q.wait("the card", said("According to"))
	line.set(false)
	p.wait("what was missed", said("According to"))
	if n := eval[int](p, `new Set([...document.querySelectorAll("#main .message")].map(m => m.dataset.id)).size - document.querySelectorAll("#main .message").length`); n != 0 {
		t.Errorf("%d messages stand twice", -n)
	}

	// Back and forward follow the chats.
	eval[chromedp.Void](p, `document.querySelectorAll(".chats a")[1].click()`)
	p.wait("the group", `document.querySelector("#main .head h2").innerText === "Example families"`)
	eval[chromedp.Void](p, `history.back()`)
	p.wait("the bot", said("According to"))
	eval[chromedp.Void](p, `history.forward()`)
	p.wait("the group again", `document.querySelector("#main .head h2").innerText === "Example families"`)

	// In the group the bot gives nobody's card, and a button into private.
	p.write("/find@rollcall_demo_bot Oliver Examplewright")
	p.press("Continue in private")
	p.wait("the bot", `document.querySelector("#main .head h2").innerText === "Rollcall"`)
	p.shot("from-group")
}

func TestDemoTakesTextsAsTheyAre(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	p := openTab(t, url, mary+"bot", desk)
	p.begin()
	const html = `<b>bold</b> & <script>alert(1)</script> <img src=x onerror=alert(2)>`
	p.write(html)
	p.wait("the text, letter for letter", said(html))
	if n := eval[int](p, `document.querySelectorAll("#main .text b, #main .text script, #main .text img").length`); n != 0 {
		t.Errorf("%d elements came from a text", n)
	}
	// 10,000 characters are pasted: three messages, as a client makes of them.
	eval[chromedp.Void](p, `(() => { const t = document.querySelector("#main textarea"); t.value = "слово ".repeat(1667); t.dispatchEvent(new Event("input")); t.form.requestSubmit(); })()`)
	p.wait("the text in pieces", `[...document.querySelectorAll("#main .mine .text")].filter(m => m.innerText.startsWith("слово")).length === 3`)
	p.wait("an answer to each", `[...document.querySelectorAll("#main .theirs")].length >= 5`)
}

// The page speaks each language whole.
func TestDemoSpeaksThreeLanguages(t *testing.T) {
	browsertest.Start(t)
	url := startDemo(t)
	for _, language := range []string{"en", "uk", "ru"} {
		t.Run(language, func(t *testing.T) {
			p := openTab(t, url, iryna+"bot", view{width: 1440, height: 900, language: language})
			p.wait("the page", `document.querySelector(".tools")`)
			if got := eval[string](p, `document.documentElement.lang`); got != language {
				t.Errorf("the page is in %q", got)
			}
			missing := eval[[]string](p, `import("/phrases.js").then(m => Object.keys(m.phrases.en).filter(k => typeof m.phrases.`+language+`[k] !== typeof m.phrases.en[k]))`)
			if len(missing) > 0 {
				t.Errorf("phrases that are missing: %v", missing)
			}
			p.shot("language-" + language)
		})
	}
}
