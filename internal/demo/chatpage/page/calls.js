// The drawer with what the bot called. The token's secret never reaches the page.

import { h, icon, tongue } from "./dom.js";
import { t, language } from "./phrases.js";
import { state, on } from "./state.js";

// Calls fills a drawer at the side of the page. It opens and closes as a dialog
// that leaves the page usable.
export class Calls {
  constructor() {
    this.list = h("ol", { class: "call-list" });
    this.title = h("h2", { id: "calls-head" });
    this.where = h("p", { class: "detail" });
    this.shut = h("button", { type: "button", class: "icon-button", click: () => this.close() }, icon("close"));
    this.drawer = h("dialog", { class: "drawer", "aria-labelledby": "calls-head", keydown: (e) => e.key === "Escape" && this.close() },
      h("div", { class: "head" }, this.title, this.shut), this.where, this.list);
    document.body.append(this.drawer);
    on("call", (c) => this.drawer.open && this.put(c));
    on("hello", () => this.drawer.open && this.fill());
  }

  open() {
    if (this.drawer.open) return this.close();
    this.title.textContent = t("calls");
    this.shut.setAttribute("aria-label", t("close"));
    this.where.textContent = state.url;
    this.drawer.show();
    this.back = document.activeElement;
    this.fill();
    this.shut.focus();
  }

  close() {
    this.drawer.close();
    document.getElementById("show-calls")?.focus({ preventScroll: true });
  }

  fill() {
    this.list.replaceChildren();
    if (state.calls.size === 0) this.list.append(h("li", { class: "hint" }, t("no_calls")));
    for (const c of state.calls.values()) this.put(c);
  }

  put(c) {
    this.list.querySelector(".hint")?.remove();
    const state_ = !c.ended ? ["waits", t("call_waits")] : !c.code || c.fault === "lost" || c.fault === "cut" ? ["broken", t("call_broken")] : [c.code < 400 ? "good" : "bad", String(c.code)];
    const at = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(c.at);
    const rows = Object.entries(c.params).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, h("pre", { lang: tongue(value, language()) }, pretty(value)))));
    const made = h("li", { "data-number": c.number },
      h("details", {},
        h("summary", {}, h("code", {}, c.method), h("span", { class: `pill ${state_[0]}` }, state_[1]), h("time", { datetime: new Date(c.at).toISOString() }, at)),
        c.description && h("p", { class: "detail", lang: "en" }, c.description),
        h("dl", {}, rows, (c.files ?? []).map((f) => h("div", {}, h("dt", {}, f), h("dd", {}, "⬚"))))));
    const old = this.list.querySelector(`[data-number="${c.number}"]`);
    if (!old) {
      this.list.prepend(made);
      while (this.list.children.length > 200) this.list.lastChild.remove();
      return;
    }
    made.firstChild.open = old.firstChild.open;
    const within = old.contains(document.activeElement);
    old.replaceWith(made);
    if (within) made.querySelector("summary").focus({ preventScroll: true });
  }
}

// pretty lays out a value that is JSON.
function pretty(value) {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
