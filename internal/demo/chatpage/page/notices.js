// What appears over the page for a moment: toasts, questions, pictures.

import { h, icon } from "./dom.js";
import { t } from "./phrases.js";

const toastFor = 4500;

// toast says something that passes. A screen reader reads it out.
export function toast(text) {
  const box = document.getElementById("toasts");
  const note = h("p", { class: "toast" }, text);
  box.append(note);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => note.remove(), toastFor + 40 * text.length);
}

function dialog(kind, ...content) {
  const box = h("dialog", { class: kind }, ...content);
  const back = document.activeElement;
  box.addEventListener("close", () => { box.remove(); back?.focus?.({ preventScroll: true }); });
  box.addEventListener("click", (e) => e.target === box && box.close());
  document.body.append(box);
  box.showModal();
  return box;
}

// alert is the bot's answer to a press that has to be closed.
export function alert(text) {
  const box = dialog("alert", h("p", {}, text), h("div", { class: "row" }, h("button", { type: "button", class: "primary", click: () => box.close() }, t("ok"))));
  box.setAttribute("aria-label", text.slice(0, 80));
}

// ask asks before something is done.
export function ask(question, detail, yes, then) {
  const box = dialog("alert", h("h2", {}, question), h("p", { class: "detail" }, detail),
    h("div", { class: "row" },
      h("button", { type: "button", click: () => box.close() }, t("cancel")),
      h("button", { type: "button", class: "primary", click: () => { box.close(); then(); } }, yes)));
  box.setAttribute("aria-label", question);
}

// show shows a picture as large as it goes.
export function show(img) {
  const box = dialog("picture",
    h("img", { src: img.src, alt: img.alt, width: img.width, height: img.height }),
    h("button", { type: "button", class: "icon-button", "aria-label": t("close"), click: () => box.close() }, icon("close")));
  box.setAttribute("aria-label", img.alt);
}
