// The page: puts its parts together and follows the address.

import { state, on, route, address, taste } from "./state.js";
import { connect, online } from "./stream.js";
import { speak, t, languages } from "./phrases.js";
import { h } from "./dom.js";
import { Chat } from "./chat.js";
import { Side } from "./side.js";
import { Calls } from "./calls.js";
import { alert, toast } from "./notices.js";

const callbacks = { look: () => side.soon(), heal: () => side.heal() };
const main = new Chat(document.getElementById("main"), callbacks);
const beside = new Chat(document.getElementById("beside"), callbacks, { beside: true });
const calls = new Calls();
const side = new Side(document.getElementById("side"), {
  write(text) {
    const { person: who } = route();
    if (route().place !== "bot" || route().listed) location.hash = address(who, "bot");
    // The address changes later; the text has to wait for its place.
    setTimeout(() => main.writer ? main.writer.fill(text) : main.send(text), 0);
  },
  calls: () => calls.open(),
  restyle,
  respeak: draw,
});

// The channel stands beside the chat where there is room.
const wide = matchMedia("(min-width: 1180px)");
const phone = matchMedia("(max-width: 719px)");

function restyle() {
  const theme = taste("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

// spoken is the language of the page: the reader's choice, else the browser's.
function spoken() {
  const wanted = [taste("language"), ...(navigator.languages ?? [])].map((l) => l.split("-")[0]);
  return wanted.find((l) => languages[l]) ?? "en";
}

function draw() {
  speak(spoken());
  if (!state.bot) return;
  const at = route();
  const layout = document.getElementById("layout"); // a pane that is not shown cannot be scrolled to its end
  layout.classList.toggle("listed", at.listed);
  layout.classList.toggle("alone", at.place === "channel");
  side.build();
  main.writer = null;
  main.show(at.person, at.place, at.payload);
  if (wide.matches && at.place !== "channel") beside.show(at.person, "channel", "");
}

// follow draws what the address names, and puts the reader there.
function follow() {
  draw();
  const at = route();
  if (phone.matches) {
    if (at.listed) document.querySelector(`.people [aria-current]`)?.focus({ preventScroll: true });
    else document.querySelector("#main h2")?.focus({ preventScroll: true });
  } else if (!document.activeElement || document.activeElement === document.body) main.focus();
}

addEventListener("hashchange", follow);
wide.addEventListener("change", draw);

on("hello", (another) => {
  if (!another && document.querySelector("#main .messages")) return; // the same program: nothing is lost
  draw();
  if (!phone.matches) main.focus();
});
on("menus", () => main.chat && main.intro());
on("answer", (press) => {
  const { person: who } = route();
  if (press.user !== who) return;
  if (press.url) location.hash = address(who, "bot", new URL(press.url).searchParams.get("start") ?? "");
  if (press.text && press.alert) alert(press.text);
  else if (press.text) toast(press.text);
});
on("online", () => {
  document.getElementById("offline")?.remove();
  if (!online && state.bot) document.body.append(h("p", { id: "offline", class: "offline", role: "status" }, t("offline")));
});

// The skip link goes to the place to write without changing the address.
document.getElementById("skip").addEventListener("click", (e) => { e.preventDefault(); main.focus(); });

restyle();
speak(spoken());
connect();
