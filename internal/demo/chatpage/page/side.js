// The left side: whom the reader plays, that person's chats, things to try, and
// the tools of the rehearsal.

import { h, icon, avatar, tongue } from "./dom.js";
import { t, languages, language } from "./phrases.js";
import { state, on, ordered, unread, titleOf, chatOf, address, route, person, taste } from "./state.js";
import { play, nextDigest, sendSample, Refusal } from "./stream.js";
import { toast } from "./notices.js";

const places = ["bot", "group", "channel"];

// Side fills the left pane. Its callbacks: write(text) puts a text where the
// reader writes; calls() opens the list of calls; restyle() and respeak() follow
// a change of taste.
export class Side {
  constructor(pane, callbacks) {
    this.pane = pane;
    this.callbacks = callbacks;
    this.brand = pane.querySelector(".brand");
    on("message", () => this.soon());
    on("fault", () => this.tools && (this.faults.value = state.fault));
  }

  // soon draws the chats anew once, however many messages come at a time.
  soon() {
    this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.chats?.replaceWith((this.chats = this.chatList())); });
  }

  build() {
    this.at = route();
    document.getElementById("rehearsal").textContent = t("rehearsal");
    document.getElementById("skip").textContent = t("skip");
    this.chats = this.chatList();
    this.tools = this.toolBox();
    this.pane.replaceChildren(h("div", { class: "side-scroll" }, this.brand, this.people(), this.chats, this.ideas(), this.tastes()), this.tools);
    this.pane.querySelector(".people [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  people() {
    return h("nav", { class: "people", "aria-labelledby": "people-head" },
      h("h2", { id: "people-head" }, t("people")),
      h("ul", {}, state.people.map((p) =>
        h("li", {}, h("a", { href: address(p.id, this.at.listed ? "" : this.at.place), "aria-current": p.id === this.at.person ? "true" : null },
          avatar(p.name, p.id),
          h("span", { class: "who" }, h("b", { lang: p.language }, p.name), h("small", {}, (languages[p.language] ?? p.language) + (p.role ? ` · ${t(p.role)}` : ""))))))));
  }

  chatList() {
    const at = route();
    return h("nav", { class: "chats", "aria-labelledby": "chats-head" },
      h("h2", { id: "chats-head" }, t("chats")),
      h("ul", {}, places.map((place) => {
        const chat = chatOf(at.person, place);
        const title = titleOf(chat);
        const last = ordered(chat).findLast((m) => !m.deleted);
        const count = unread(at.person, chat);
        const said = last ? (last.text ?? last.caption ?? last.document?.file_name ?? t("picture")).replace(/\s+/g, " ").slice(0, 90) : t(place);
        return h("li", {}, h("a", { href: address(at.person, place), "aria-current": place === at.place && !at.listed ? "page" : null },
          avatar(title, 0, true),
          h("span", { class: "who" }, h("b", {}, title), h("small", { dir: "auto", lang: tongue(said, language()) }, said)),
          count > 0 ? h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, String(count)), h("span", { class: "unseen" }, t("unread", count))) : null));
      })));
  }

  ideas() {
    const who = person(this.at.person);
    const list = state.ideas?.[who?.language] ?? [];
    const files = who?.role ? (state.files ?? []) : [];
    return h("section", { class: "ideas", "aria-labelledby": "ideas-head" },
      h("h2", { id: "ideas-head" }, t("ideas")),
      h("ul", {}, list.map((idea) => h("li", {}, h("button", { type: "button", click: () => this.callbacks.write(idea.text) },
        h("b", { lang: tongue(idea.text, who.language) }, idea.text), h("small", { lang: who.language }, idea.shows))))),
      files.length > 0 && h("h2", {}, t("files")),
      files.length > 0 && h("ul", {}, files.map((f) => h("li", {}, h("button", { type: "button", click: () => this.send(f.name) },
        h("b", {}, icon("file"), f.name), h("small", {}, f.shows[language()] ?? f.shows.en ?? ""))))));
  }

  async send(name) {
    const { person: who } = route();
    location.hash = address(who, "bot");
    await this.tried(() => sendSample(who, who, name));
  }

  // heal ends the fault that is being rehearsed.
  heal() {
    return this.tried(() => play(""));
  }

  async tried(act, then) {
    try {
      await act();
      if (then) toast(then);
    } catch (e) {
      toast(e instanceof Refusal ? t("error_" + e.code) : t("offline"));
    }
  }

  // choice is a menu with its label.
  choice(id, label, options, value, change) {
    return [
      h("label", { for: id }, label),
      Object.assign(h("select", { id, change: (e) => change(e.target.value) }, options.map(([v, words]) => h("option", { value: v }, words))), { value }),
    ];
  }

  tastes() {
    return h("section", { class: "choices", "aria-label": t("page") },
      this.choice("language", t("language"), Object.entries(languages), language(), (v) => { taste("language", v); this.callbacks.respeak(); }),
      this.choice("theme", t("theme"), ["auto", "light", "dark"].map((v) => [v, t("theme_" + v)]), taste("theme") || "auto", (v) => { taste("theme", v); this.callbacks.restyle(); }));
  }

  toolBox() {
    const box = h("section", { class: "tools", "aria-label": t("tools") },
      h("div", { class: "choices" },
        this.choice("fault", t("telegram_is"), ["", "slow", "down", "lost", "limited"].map((f) => [f, t("fault_" + f)]), state.fault, (v) => this.tried(() => play(v)))),
      state.digest && h("button", { type: "button", id: "next-digest", click: () => this.tried(nextDigest, t("digest_asked")) }, icon("digest"), t("next_digest")),
      h("button", { type: "button", id: "show-calls", click: () => this.callbacks.calls() }, icon("calls"), t("calls")));
    this.faults = box.querySelector("#fault");
    return box;
  }
}
