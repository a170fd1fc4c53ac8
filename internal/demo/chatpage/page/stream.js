// The connection to the program: one stream in, small requests out.

import { state, take, changed } from "./state.js";

const kinds = ["hello", "message", "typing", "press", "answer", "call", "menus", "fault", "beat"];

// The program says something every ten seconds at the least; a stream that is
// silent for longer is dead, whatever the browser thinks of it.
const patience = 25_000;

// A tab that nobody sees gives its connection back: a browser has six for each
// server, and the tabs share them.
const hiddenFor = 20_000;

let source = null;
let heard = 0;
let retry = 0;
let hiding = 0;

export let online = false;

function set(value) {
  if (online === value) return;
  online = value;
  changed("online");
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function open() {
  close();
  heard = Date.now();
  const mine = (source = new EventSource(`events?since=${encodeURIComponent(state.last)}`));
  for (const kind of kinds) {
    mine.addEventListener(kind, (event) => {
      if (mine !== source) return;
      heard = Date.now();
      set(true);
      take(kind, JSON.parse(event.data));
      if (kind === "message") state.last = event.lastEventId;
    });
  }
  // Reconnecting by hand, and not as the browser would: it gives up for good
  // where the program answers with an error, and waits longer than a reader does.
  mine.onerror = () => {
    if (mine !== source) return;
    close();
    set(false);
    retry = setTimeout(open, 700 + Math.random() * 600);
  };
}

// connect opens the stream and keeps it open.
export function connect() {
  open();
  const look = () => {
    if (document.hidden) {
      hiding ||= setTimeout(close, hiddenFor);
      return;
    }
    clearTimeout(hiding);
    hiding = 0;
    if (!source || Date.now() - heard > patience) open();
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
  addEventListener("online", look);
  setInterval(look, 5000);
}

// A Refusal is the program's no; its code has a phrase ("error_" before it).
export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

async function post(path, body, headers) {
  const answer = await fetch(path, { method: "POST", body, headers, signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Refusal((await answer.json().catch(() => ({}))).error ?? "unreadable");
}

const json = (path, value) => post(path, JSON.stringify(value), { "Content-Type": "application/json" });

export const say = (from, chat, text) => json("say", { from, chat, text });
export const press = (from, chat, message, data) => json("press", { from, chat, message, data });
export const play = (name) => json("fault", { name });
export const nextDigest = () => json("digest", {});
export const sendSample = (from, chat, name) => json(`samples/${encodeURIComponent(name)}`, { from, chat });

export function upload(from, chat, file, caption) {
  const form = new FormData();
  form.append("from", from);
  form.append("chat", chat);
  form.append("caption", caption);
  form.append("file", file, file.name);
  return post("upload", form);
}
