// Making elements. Text only ever becomes text nodes: nothing here, and nothing
// on the page, parses HTML.

// h makes an element. Attributes that are true are set empty, those that are
// false, null or undefined are left out, and a function is a listener.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((c) => c != null && c !== false));
  return element;
}

const shapes = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-5 16-3-6z M12 14l8-10",
  attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.5 17a1.7 1.7 0 0 1-2.4-2.4L14 7.5",
  slash: "M15 4L9 20",
  out: "M8 16L17 7 M9 7h8v8",
  file: "M6 3h8l4 4v14H6z M14 3v4h4",
  lock: "M7 11V8a5 5 0 0 1 10 0v3 M5 11h14v9H5z",
  down: "M12 5v13 M6 12l6 6 6-6",
  close: "M6 6l12 12 M18 6L6 18",
  calls: "M4 7h13 M13 3l4 4-4 4 M20 17H7 M11 13l-4 4 4 4",
  digest: "M5 20V11 M10 20V5 M15 20v-7 M20 20V8",
  silent: "M6 16V11a6 6 0 0 1 9-5 M18 12v4l2 2H8 M4 4l16 16",
};

// icon draws one of the page's own shapes; it says nothing to a screen reader.
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [k, v] of Object.entries({ viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", class: "icon" })) svg.setAttribute(k, v);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

// colour is the class of one of six colours that follows from an id.
export const colour = (id) => `c${Math.abs(id) % 6}`;

// avatar is a disc with the first letters of a name; of a place that is no person
// (a bot, a group, a channel) it has corners.
export function avatar(name, id, place = false) {
  const letters = name.split(/\s+/).slice(0, 2).map((w) => [...w][0] ?? "").join("");
  return h("span", { class: `avatar ${place ? "place" : colour(id)}`, "aria-hidden": "true" }, letters);
}

// tongue guesses the language that a text is read out in: by its script, and by
// the letters that only one of the two Cyrillic alphabets has; else it is own.
export function tongue(text, own) {
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const cyrillic = text.match(/\p{Script=Cyrillic}/gu)?.length ?? 0;
  if (latin + cyrillic === 0) return own;
  if (latin > cyrillic) return "en";
  const ukrainian = text.match(/[ґєії]/gi)?.length ?? 0;
  const russian = text.match(/[ыэъё]/gi)?.length ?? 0;
  if (ukrainian !== russian) return ukrainian > russian ? "uk" : "ru";
  return own === "en" ? "uk" : own;
}
