// One message.

import { h, icon, avatar, colour, tongue } from "./dom.js";
import { t, language } from "./phrases.js";
import { state, address } from "./state.js";

const tags = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// formatted turns a text with its entities into nodes. Offsets count UTF-16 code
// units, as JavaScript's strings do. Entities nest and do not overlap otherwise.
export function formatted(text, entities, context) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, list) => {
    const nodes = [];
    let at = from;
    for (let i = 0; i < list.length; ) {
      const entity = list[i];
      const end = Math.min(entity.offset + entity.length, to);
      let next = i + 1;
      while (next < list.length && list[next].offset < end) next++;
      if (entity.offset >= at) {
        if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
        nodes.push(wrap(entity, text.slice(entity.offset, end), build(entity.offset, end, list.slice(i + 1, next)), context));
        at = end;
      }
      i = next;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return build(0, text.length, sorted);
}

function wrap(entity, text, children, context) {
  switch (entity.type) {
    case "text_link":
      return link(entity.url, children, context);
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`, children, context);
    case "mention":
      return link(`https://t.me/${text.slice(1)}`, children, context);
    case "bot_command":
      return context.send
        ? h("button", { type: "button", class: "command", click: () => context.send(text) }, children)
        : h("span", { class: "command" }, children);
    case "spoiler": {
      const hidden = h("button", { type: "button", class: "spoiler", "aria-label": t("show_hidden") }, h("span", { "aria-hidden": "true" }, "▒".repeat(Math.min(12, text.length))));
      hidden.addEventListener("click", () => hidden.replaceWith(h("span", {}, children)));
      return hidden;
    }
    default:
      return tags[entity.type] ? h(tags[entity.type], {}, children) : h("span", {}, children);
  }
}

// deepLink returns what a link of the bot's starts, or nothing where it is another
// link: https://t.me/BOT?start=PAYLOAD.
export function deepLink(url) {
  try {
    const u = new URL(url);
    if (u.hostname !== "t.me" && u.hostname !== "telegram.me") return null;
    if (u.pathname.slice(1).toLowerCase() !== state.bot.username.toLowerCase()) return null;
    return { payload: u.searchParams.get("start") ?? "" };
  } catch {
    return null;
  }
}

// link follows the bot's own links in the page, and asks before any other.
function link(url, children, context, attributes = {}) {
  const own = deepLink(url);
  if (own) return h("a", { ...attributes, href: address(context.who, "bot", own.payload) }, children);
  if (!/^(https?|mailto|tg):/i.test(url)) return h("span", attributes, children);
  return h("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer", click: (e) => { e.preventDefault(); context.leave(url); } }, children);
}

const time = (seconds) => new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);

// size writes a number of bytes.
export function size(bytes) {
  const [n, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}

const senderOf = (m) => m.sender_chat?.title ?? [m.from?.first_name, m.from?.last_name].filter(Boolean).join(" ");

// item makes a message as an item of a chat's list. context says who looks (who),
// where (chat), and what a reader's acts do: send, press, leave, enlarge.
export function item(m, context) {
  const mine = !m.own && m.from?.id === context.who;
  const li = h("li", { class: `message ${mine ? "mine" : "theirs"}`, "data-id": m.message_id, "data-sender": m.from?.id ?? m.chat.id, tabindex: "-1" });
  if (m.deleted) {
    li.classList.add("deleted");
    li.append(h("p", {}, t("deleted")));
    return li;
  }
  const bubble = h("div", { class: "bubble" });
  const sender = senderOf(m);
  if (!mine) {
    if (context.group) {
      li.append(avatar(sender, m.from?.id ?? 0, m.own));
      bubble.append(h("p", { class: `sender ${colour(m.from?.id ?? 0)}`, lang: tongue(sender, language()) }, sender));
    } else bubble.append(h("p", { class: "unseen", lang: tongue(sender, language()) }, sender));
  } else bubble.append(h("p", { class: "unseen", lang: tongue(sender, language()) }, sender));
  if (m.reply_to_message) {
    bubble.append(h("blockquote", { class: "quoted", lang: tongue(m.reply_to_message.text ?? "", language()) }, h("b", {}, senderOf(m.reply_to_message)), " ", (m.reply_to_message.text ?? m.reply_to_message.caption ?? t("picture")).slice(0, 80)));
  }
  if (m.photo?.length) bubble.append(photo(m, context));
  if (m.document) bubble.append(document_(m.document));
  if (m.sticker) bubble.append(h("p", { class: "sticker" }, m.sticker.emoji || "▢"));
  const text = m.text ?? m.caption ?? "";
  if (text) bubble.append(h("div", { class: "text", dir: "auto", lang: tongue(text, language()) }, formatted(text, m.text ? m.entities : m.caption_entities, context)));
  bubble.append(h("p", { class: "meta" },
    m.has_protected_content && h("span", { title: t("protected") }, icon("lock"), h("span", { class: "unseen" }, t("protected"))),
    m.silent && h("span", { title: t("silent") }, icon("silent"), h("span", { class: "unseen" }, t("silent"))),
    m.edit_date ? h("span", {}, t("edited")) : null,
    h("time", { datetime: new Date(m.date * 1000).toISOString() }, time(m.date))));
  const body = h("div", { class: "body" }, bubble);
  if (m.reply_markup?.inline_keyboard?.length) body.append(keyboard(m, context));
  li.append(body);
  return li;
}

function photo(m, context) {
  const largest = m.photo.reduce((a, b) => (b.width > a.width ? b : a));
  const words = (m.caption ?? "").split("\n")[0] || t("picture");
  const img = h("img", { src: `files/${largest.file_id}`, alt: words, width: largest.width || 640, height: largest.height || 360 });
  return h("button", { type: "button", class: "photo", title: t("enlarge"), click: () => context.enlarge(img) }, img);
}

function document_(d) {
  return h("a", { class: "document", href: `files/${d.file_id}`, download: d.file_name || "file", title: t("save") },
    h("span", { class: "disc" }, icon("file")),
    h("span", {}, h("b", {}, d.file_name || "file"), h("small", {}, size(d.file_size))));
}

function keyboard(m, context) {
  return h("div", { class: "keyboard" }, m.reply_markup.inline_keyboard.map((row) =>
    h("div", { class: "row" }, row.map((b) => {
      if (b.url) {
        const away = !deepLink(b.url);
        return link(b.url, [b.text, away && icon("out"), away && h("span", { class: "unseen", lang: language() }, ` (${t("opens_elsewhere")})`)], context, { class: "button", lang: tongue(b.text, language()) });
      }
      const button = h("button", { type: "button", class: "button", lang: tongue(b.text, language()), "data-data": b.callback_data ?? "", click: () => context.press(m, b, button) }, b.text);
      if ([...state.presses.values()].some((p) => p.user === context.who && p.chat === m.chat.id && p.message === m.message_id && p.data === b.callback_data)) {
        button.setAttribute("aria-busy", "true");
      }
      return button;
    }))));
}
