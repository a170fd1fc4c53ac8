// One chat as one of the people sees it: its head, its messages, and under them
// what can be done there.

import { h, icon, avatar } from "./dom.js";
import { t, language } from "./phrases.js";
import { state, ordered, messages, on, seen, titleOf, address, person } from "./state.js";
import { press, say, Refusal } from "./stream.js";
import { item } from "./message.js";
import { composer } from "./composer.js";
import { toast, ask, show } from "./notices.js";

const typingFor = 6000;
const settling = 1000;
const answerPatience = 15_000;

// A Chat fills a pane; one beside another (beside) has no way back. Its callbacks:
// look() when the reader has seen the end of it, heal() to end a fault.
export class Chat {
  constructor(pane, callbacks, { beside = false } = {}) {
    this.pane = pane;
    this.callbacks = callbacks;
    this.beside = beside;
    this.who = this.chat = 0;
    on("message", (m) => m.chat.id === this.chat && this.update(m));
    on("typing", (e) => e.chat === this.chat && this.typing());
    on("answer", (e) => e.user === this.who && e.chat === this.chat && this.answered(e));
    on("fault", () => this.fault());
    document.addEventListener("visibilitychange", () => this.look());
  }

  // show shows the place of somebody's (bot, group or channel); payload is what a
  // deep link wants to start.
  show(who, place, payload) {
    const chat = { bot: who, group: state.group.id, channel: state.channel.id }[place];
    this.payload = payload;
    this.place = place;
    this.who = who;
    this.chat = chat;
    this.build();
  }

  build() {
    const title = titleOf(this.chat);
    this.pane.setAttribute("aria-label", t("chat_with", title));
    this.status = h("p", { class: "status" }, t(this.place));
    this.strip = h("div", { class: "strip", role: "status" });
    const head = h("header", { class: "head" },
      !this.beside && h("a", { class: "icon-button back", href: address(this.who), "aria-label": t("back"), title: t("back") }, icon("back")),
      avatar(title, 0, true),
      h("div", {}, h("h2", { tabindex: "-1" }, title), this.status));
    this.list = h("ol", { class: "messages" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("messages_in", title), tabindex: "0" }, this.list);
    this.down = h("button", { type: "button", class: "icon-button to-latest", "aria-label": t("latest"), title: t("latest"), hidden: true, click: () => this.toEnd(true) }, icon("down"));
    this.log.addEventListener("scroll", () => { this.down.hidden = this.atEnd(); this.look(); }, { passive: true });
    this.foot = h("footer", { class: "foot", id: this.beside ? null : "composer" });
    this.pane.replaceChildren(head, this.strip, h("div", { class: "scroller" }, this.log, this.down), this.foot);
    this.fill();
    this.bottom();
    this.fault();
    this.toEnd();
    this.look();
    // Only what comes from now on is read out, not what is there already.
    const log = this.log;
    setTimeout(() => log.setAttribute("aria-live", "polite"), settling);
  }

  fill() {
    this.list.replaceChildren();
    for (const m of ordered(this.chat)) this.put(m);
    this.intro();
  }

  // intro is what an empty chat with the bot shows.
  intro() {
    this.list.querySelector(".intro")?.remove();
    if (this.place !== "bot" || messages(this.chat).size > 0) return;
    const about = state.about[person(this.who)?.language] ?? "";
    this.list.append(h("li", { class: "intro" }, h("h3", {}, t("what_is_it")), about.split("\n").filter(Boolean).map((line) => h("p", { lang: person(this.who)?.language }, line))));
  }

  put(m) {
    const context = {
      who: this.who, chat: this.chat, group: this.place === "group",
      send: this.place === "channel" ? null : (text) => this.send(text),
      press: (message, button, element) => this.press(message, button, element),
      leave: (url) => ask(t("leave"), url, t("open"), () => open(url, "_blank", "noopener,noreferrer")),
      enlarge: (img) => show(img),
    };
    const made = item(m, context);
    const old = this.list.querySelector(`[data-id="${m.message_id}"]`);
    if (old) {
      // The reader may stand on a button that goes: stay near it.
      const within = old.contains(document.activeElement);
      const nth = within ? [...old.querySelectorAll(".keyboard .button")].indexOf(document.activeElement) : -1;
      old.replaceWith(made);
      if (within) (made.querySelectorAll(".keyboard .button")[Math.max(0, nth)] ?? made).focus({ preventScroll: true });
      this.join(made);
      return;
    }
    const after = [...this.list.querySelectorAll("[data-id]")].findLast((li) => Number(li.dataset.id) < m.message_id);
    if (after) after.after(made);
    else this.list.prepend(made);
    this.day(made, m);
    this.join(made);
  }

  // day puts a line before the first message of a day.
  day(li, m) {
    const key = new Date(m.date * 1000).toDateString();
    li.dataset.day = key;
    const before = this.neighbour(li, -1);
    if (before?.dataset.day === key) return;
    const words = key === new Date().toDateString() ? t("today") : new Intl.DateTimeFormat(language(), { day: "numeric", month: "long" }).format(m.date * 1000);
    li.before(h("li", { class: "day" }, h("span", {}, words)));
  }

  // join draws the messages of one sender together.
  join(li) {
    const before = this.neighbour(li, -1);
    const after = this.neighbour(li, 1);
    const same = (a, b) => a && b && a.dataset.sender === b.dataset.sender && a.dataset.day === b.dataset.day;
    li.dataset.day ??= before?.dataset.day ?? "";
    li.classList.toggle("joined", Boolean(same(before, li)));
    after?.classList.toggle("joined", Boolean(same(li, after)));
  }

  neighbour(li, step) {
    for (let n = li; (n = step < 0 ? n.previousElementSibling : n.nextElementSibling); ) if (n.dataset.id) return n;
    return null;
  }

  update(m) {
    const end = this.atEnd();
    if (m.own) this.still();
    this.intro();
    const first = messages(this.chat).size === 1;
    this.put(m);
    if (first) { // the button Start has done its work
      const within = this.foot.contains(document.activeElement);
      this.bottom();
      if (within) this.focus();
    }
    const mine = m.from?.id === this.who && !m.own;
    if (end || mine) this.toEnd();
    else this.down.hidden = false;
    this.look();
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
  }

  toEnd(gently) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: gently && !calm ? "smooth" : "instant" });
    this.down.hidden = true;
  }

  // look notes that the reader sees the end of the chat.
  look() {
    if (!this.chat || document.hidden || this.pane.offsetParent === null || !this.atEnd()) return;
    seen(this.who, this.chat);
    this.callbacks.look();
  }

  typing() {
    this.status.textContent = t("typing");
    this.status.classList.add("busy");
    clearTimeout(this.typed);
    this.typed = setTimeout(() => this.still(), typingFor);
  }

  still() {
    clearTimeout(this.typed);
    this.status.textContent = t(this.place);
    this.status.classList.remove("busy");
  }

  fault() {
    if (!this.strip) return;
    this.strip.replaceChildren(...(state.fault && !this.beside ? [h("span", {}, t("rehearsed", t("fault_" + state.fault))), h("button", { type: "button", class: "link", click: () => this.callbacks.heal() }, t("well_again"))] : []));
  }

  // bottom is the place to write, or what stands in its stead.
  bottom() {
    if (this.place === "channel") {
      this.foot.replaceChildren(h("p", { class: "hint" }, t("read_only")));
      return;
    }
    const fresh = this.place === "bot" && messages(this.chat).size === 0;
    if (fresh || this.payload) {
      const start = h("button", { type: "button", class: "start", click: () => this.start() }, t("start"));
      this.foot.replaceChildren(...(this.payload ? [h("p", { class: "hint" }, t("start_with"))] : []), start);
      if (this.payload) start.focus({ preventScroll: true });
      return;
    }
    this.writer = composer({ who: this.who, chat: this.chat, place: this.place, title: titleOf(this.chat) });
    this.foot.replaceChildren(this.writer.element);
    if (this.place === "group") this.foot.append(h("p", { class: "hint" }, t("group_hint")));
  }

  async start() {
    const payload = this.payload;
    this.payload = "";
    if (!(await this.send(payload ? `/start ${payload}` : "/start"))) {
      this.payload = payload;
      return;
    }
    if (!payload) return; // the first message brings the place to write
    history.replaceState(null, "", address(this.who, "bot"));
    this.bottom();
    this.focus();
  }

  // focus goes to where the reader writes.
  focus() {
    this.pane.querySelector("textarea, .start")?.focus({ preventScroll: true });
  }

  async send(text) {
    try {
      await say(this.who, this.chat, text);
      return true;
    } catch (e) {
      toast(e instanceof Refusal ? t("error_" + e.code) : t("failed"));
      return false;
    }
  }

  async press(m, button, element) {
    if (element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    setTimeout(() => {
      if (!element.isConnected || element.getAttribute("aria-busy") !== "true") return;
      element.removeAttribute("aria-busy");
      toast(t("no_answer"));
    }, answerPatience);
    try {
      await press(this.who, this.chat, m.message_id, button.callback_data);
    } catch (e) {
      element.removeAttribute("aria-busy");
      toast(e instanceof Refusal ? t("error_" + e.code) : t("failed"));
    }
  }

  answered(e) {
    for (const button of this.list.querySelectorAll(`[data-id="${e.message}"] [aria-busy]`)) {
      if (button.dataset.data === e.data) button.removeAttribute("aria-busy");
    }
  }
}
