// What the page knows. All of it comes from the stream, except for whom the
// reader plays and where they are, which stand in the address (see route), and
// for what is a matter of taste, which the browser keeps.

export const state = {
  epoch: "", // of the program that runs; another one's numbers mean nothing
  last: "", // the last number that was seen, as the stream gives it
  bot: null,
  url: "",
  people: [],
  group: null,
  channel: null,
  menus: {},
  about: {},
  ideas: {},
  files: [],
  digest: false,
  fault: "",
  limits: { file: 0 },
  calls: new Map(), // number -> call
  chats: new Map(), // chat id -> Map of message id -> message
  presses: new Map(), // press id -> press that waits for its answer
  read: new Map(), // "person:chat" -> number of the last change that was seen
};

const keepCalls = 200;

const listeners = new Map();

// on calls back after a kind of thing has changed.
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, []);
  listeners.get(kind).push(listener);
}

function tell(kind, value) {
  for (const listener of listeners.get(kind) ?? []) listener(value);
}

// changed says that something has changed that is not of the stream.
export const changed = tell;

// take takes an event of the stream into account.
export function take(kind, data) {
  switch (kind) {
    case "hello":
      hello(data);
      break;
    case "message":
      message(data);
      break;
    case "call":
      state.calls.set(data.number, data);
      for (const number of state.calls.keys()) {
        if (state.calls.size <= keepCalls) break;
        state.calls.delete(number);
      }
      tell("call", data);
      break;
    case "menus":
      state.menus = data.menus;
      state.about = data.about;
      tell("menus");
      break;
    case "fault":
      state.fault = data.name;
      tell("fault");
      break;
    case "press":
      state.presses.set(data.id, data);
      tell("press", data);
      break;
    case "answer":
      state.presses.delete(data.id);
      tell("answer", data);
      break;
    default:
      tell(kind, data);
  }
}

function hello(data) {
  const another = data.epoch !== state.epoch;
  if (another) {
    state.chats.clear();
    state.read.clear();
    state.presses.clear();
    state.last = "";
  }
  const { calls, fault, menus, about, ...rest } = data;
  Object.assign(state, rest, { fault: fault.name, menus, about, calls: new Map((calls ?? []).map((c) => [c.number, c])) });
  tell("hello", another);
}

function message(m) {
  const chat = messages(m.chat.id);
  const old = chat.get(m.message_id);
  if (old && old.seq >= m.seq) return; // heard before
  chat.set(m.message_id, m);
  tell("message", m);
}

// messages returns a chat's messages by their ids.
export function messages(chat) {
  if (!state.chats.has(chat)) state.chats.set(chat, new Map());
  return state.chats.get(chat);
}

// ordered returns a chat's messages, oldest first, those that were deleted too.
export const ordered = (chat) => [...messages(chat).values()].sort((a, b) => a.message_id - b.message_id);

export const person = (id) => state.people.find((p) => p.id === id);

// chatOf returns the id of a place of somebody's.
export function chatOf(who, place) {
  return { bot: who, group: state.group?.id, channel: state.channel?.id }[place];
}

// titleOf returns what a chat is called.
export function titleOf(chat) {
  if (chat === state.group?.id) return state.group.title;
  if (chat === state.channel?.id) return state.channel.title;
  return state.bot?.first_name ?? "";
}

// Where the reader is ------------------------------------------------------------

// The address is #/PERSON, the list of chats, or #/PERSON/PLACE, one of them, or
// #/PERSON/bot/start/PAYLOAD, where a deep link leads. PLACE is bot, group or
// channel. Back and forward, several tabs and bookmarks follow from it.
export function route() {
  const [, who, place, verb, payload] = location.hash.split("/");
  const id = Number(who);
  return {
    person: person(id) ? id : state.people[0]?.id,
    place: ["bot", "group", "channel"].includes(place) ? place : "bot",
    listed: !place, // the list of chats is what a phone shows
    payload: place === "bot" && verb === "start" && /^[A-Za-z0-9_-]{1,64}$/.test(payload ?? "") ? payload : "",
  };
}

export const address = (who, place, payload) => `#/${who}` + (place ? `/${place}` : "") + (payload ? `/start/${payload}` : "");

// Unread -------------------------------------------------------------------------

const readKey = (who, chat) => `${who}:${chat}`;

// seen notes that somebody has seen all of a chat so far.
export function seen(who, chat) {
  const last = Math.max(0, ...[...messages(chat).values()].map((m) => m.seq));
  state.read.set(readKey(who, chat), last);
}

// unread counts what came to somebody in a chat since they last looked.
export function unread(who, chat) {
  const last = state.read.get(readKey(who, chat)) ?? 0;
  return ordered(chat).filter((m) => m.seq > last && !m.deleted && !m.edits && m.from?.id !== who).length;
}

// Taste --------------------------------------------------------------------------

// taste reads or sets what the browser is to remember. Where it may not remember
// anything, it is forgotten with the page.
export function taste(name, value) {
  try {
    if (value !== undefined) localStorage.setItem("rollcall." + name, value);
    return localStorage.getItem("rollcall." + name) ?? "";
  } catch {
    return value ?? "";
  }
}

// draft reads or sets the text that was not sent yet, of one tab.
export function draft(chat, who, text) {
  const key = `rollcall.draft.${state.epoch}.${who}.${chat}`;
  try {
    if (text === "") sessionStorage.removeItem(key);
    else if (text !== undefined) sessionStorage.setItem(key, text);
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return text ?? "";
  }
}
