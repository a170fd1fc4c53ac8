// Where a reader writes: a text that grows, the bot's commands, a file.

import { h, icon } from "./dom.js";
import { t } from "./phrases.js";
import { state, draft } from "./state.js";
import { say, upload, Refusal } from "./stream.js";
import { toast } from "./notices.js";

let count = 0;

// composer makes the place to write in a chat.
export function composer({ who, chat, place, title }) {
  const menuID = `commands-${++count}`;
  const text = h("textarea", {
    rows: 1, placeholder: t("write"), "aria-label": t("write_to", title), autocomplete: "off", spellcheck: "true", enterkeyhint: "send",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": menuID, "aria-haspopup": "listbox",
  });
  const menu = h("ul", { id: menuID, class: "commands", role: "listbox", "aria-label": t("commands"), hidden: true });
  const file = h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  const attach = h("button", { type: "button", class: "icon-button", "aria-label": t("attach"), title: t("attach"), click: () => file.click() }, icon("attach"));
  const all = h("button", { type: "button", class: "icon-button", "aria-label": t("commands"), title: t("commands"), "aria-expanded": "false", click: () => toggle() }, icon("slash"));
  const sender = h("button", { type: "submit", class: "icon-button primary", "aria-label": t("send"), title: t("send") }, icon("send"));
  const form = h("form", { class: "composer" }, menu, all, text, file, attach, sender);

  let chosen = -1;
  let offered = [];
  let whole = false; // the menu was asked for, whatever is written
  let shut = false; // it was closed, until something else is written

  text.value = draft(chat, who);

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 180)}px`;
  }

  // commands are those that the bot offers this person here. In a group they name
  // the bot, since another may listen too.
  const commands = () => (state.menus[`${who}:${chat}`] ?? []).map((c) => ({ ...c, text: "/" + c.command + (place === "group" ? "@" + state.bot.username : "") }));

  function offer() {
    const typed = /^\/([a-z0-9_]*)$/i.exec(text.value);
    offered = shut ? [] : whole ? commands() : typed ? commands().filter((c) => c.command.startsWith(typed[1].toLowerCase())) : [];
    if (chosen >= offered.length) chosen = offered.length - 1;
    menu.replaceChildren(...offered.map((c, i) =>
      h("li", { role: "option", id: `${menuID}-${i}`, "aria-selected": String(i === chosen), pointerdown: (e) => e.preventDefault(), click: () => run(c) },
        h("b", {}, "/" + c.command), " ", h("span", {}, c.description))));
    const open = offered.length > 0;
    menu.hidden = !open;
    text.setAttribute("aria-expanded", String(open));
    all.setAttribute("aria-expanded", String(open));
    if (open && chosen >= 0) {
      text.setAttribute("aria-activedescendant", `${menuID}-${chosen}`);
      menu.children[chosen].scrollIntoView({ block: "nearest" });
    } else text.removeAttribute("aria-activedescendant");
  }

  function toggle() {
    whole = menu.hidden;
    shut = !whole;
    chosen = whole ? 0 : -1;
    offer();
    text.focus();
  }

  function close() {
    whole = false;
    shut = true;
    chosen = -1;
    offer();
  }

  function run(command) {
    text.value = command.text;
    close();
    submit();
  }

  async function submit() {
    const words = text.value;
    if (!words.trim()) return;
    text.value = "";
    draft(chat, who, "");
    menu.hidden || close();
    grow();
    text.focus();
    try {
      await say(who, chat, words);
    } catch (e) {
      if (!text.value) text.value = words;
      draft(chat, who, text.value);
      grow();
      toast(e instanceof Refusal ? t("error_" + e.code) : t("failed"));
    }
  }

  async function send(given) {
    if (!given) return;
    if (given.size > state.limits.file) {
      toast(t("error_too_large"));
      return;
    }
    const caption = text.value.trim();
    attach.setAttribute("aria-busy", "true");
    try {
      await upload(who, chat, given, caption);
      if (text.value.trim() === caption) text.value = "";
      draft(chat, who, text.value);
      grow();
    } catch (e) {
      toast(e instanceof Refusal ? t("error_" + e.code) : t("failed"));
    } finally {
      attach.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
  file.addEventListener("change", () => { send(file.files[0]); file.value = ""; });
  form.addEventListener("dragover", (e) => { if ([...e.dataTransfer.types].includes("Files")) { e.preventDefault(); form.classList.add("over"); } });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (e) => { e.preventDefault(); form.classList.remove("over"); send(e.dataTransfer.files[0]); });
  text.addEventListener("paste", (e) => { const f = e.clipboardData?.files?.[0]; if (f) { e.preventDefault(); send(f); } });
  text.addEventListener("input", () => { whole = shut = false; chosen = -1; draft(chat, who, text.value); grow(); offer(); });
  text.addEventListener("blur", () => setTimeout(() => document.activeElement === text || document.activeElement === all || close(), 0));
  text.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const open = !menu.hidden;
    if (open && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      e.preventDefault();
      const n = offered.length;
      chosen = chosen < 0 ? (e.key === "ArrowDown" ? 0 : n - 1) : (chosen + (e.key === "ArrowDown" ? 1 : n - 1)) % n;
      offer();
    } else if (open && e.key === "Escape") {
      e.preventDefault();
      close();
    } else if (open && e.key === "Tab" && !e.shiftKey) {
      e.preventDefault();
      text.value = offered[Math.max(0, chosen)].text + " ";
      close();
    } else if (e.key === "Enter" && !e.shiftKey) {
      e.preventDefault();
      if (open && chosen >= 0) run(offered[chosen]);
      else submit();
    }
  });

  requestAnimationFrame(grow);
  return {
    element: form,
    // fill puts a text there for the reader to send.
    fill(words) {
      text.value = words;
      draft(chat, who, words);
      grow();
      text.focus();
      text.setSelectionRange(words.length, words.length);
    },
  };
}
