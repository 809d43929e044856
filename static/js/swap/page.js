// @ts-check
/**
 * The page of one swap: follows the chassis, asks for the step when it changed, sends what is tapped.
 * @import { Level, Slot, Swap } from "../views.js"
 */

import { paintSlot } from "../bays.js";
import { field, need, setAttr, setText, show } from "../dom.js";
import { paintLevel } from "../freshness.js";
import { follow } from "../live/connection.js";
import { press, sendFromForms } from "./deeds.js";
import { watchHolds } from "./hold.js";
import { paintOffline } from "./offline.js";
import { alertOf, hasNews, isDue, OFFLINE_WORDS, patience, RENEW_MS, timeLeft } from "./rules.js";
import { Screen } from "./screen.js";
import { raiseAlarm, watchSenses } from "./senses.js";
import { keepPage, startWorker } from "./worker.js";

const TICK_MS = 1_000;
const id = Number(document.body.dataset.swap);
const slug = document.body.dataset.slug ?? "";
const screen = new Screen(`/w/${id}/stage/`, reached);
const following = follow({ slug });
const desk = {
  screen,
  obstacle: () => (isOff ? OFFLINE_WORDS : ""),
  unreached: () => reached(false),
};

let isOff = false;
let owesNews = false; // out of reach for a while: the next answer tells what happened
let heard = new Date(screen.read("at")); // when the server last answered; a kept page is older than its loading
let keptKey = "";
let alarmCount = 0;
let tellsSwaps = false; // whether the socket's messages carry swaps at all
let asked_ms = performance.now();
let waits = 0; // the timer of a question that is put off
let waitsUntil_ms = 0;
let hadAlert = screen.read("stop") === "yes";

/**
 * What a message of the chassis carries for this page.
 * @typedef {{slots?: Slot[], swaps?: Swap[], alarms?: {text: string}[]}} Part
 */

/** @param {import("./screen.js").Wish} [wish] */
function look(wish) {
  clearTimeout(waits);
  waits = 0;
  asked_ms = performance.now();
  void screen.load(owesNews ? { isWhole: true, asksNews: true } : wish);
}

/**
 * Ask for the card in a moment; a question that is due earlier stands.
 * @param {boolean} isUrgent whether another card is there, of which nothing shows yet
 */
function lookSoon(isUrgent) {
  const page = { isHeld: screen.read("held") === "yes", isUrgent };
  const due_ms = performance.now() + patience(page, Math.random());
  if (waits && due_ms >= waitsUntil_ms) return;
  clearTimeout(waits);
  waitsUntil_ms = due_ms;
  waits = window.setTimeout(look, due_ms - performance.now());
}

/**
 * @param {boolean} isThere whether the server answered
 * @param {boolean} [wasAsked] whether it was asked what happened meanwhile
 */
function reached(isThere, wasAsked = false) {
  // An answer on its way when the network went does not settle what will be missed.
  if (!isThere) owesNews = true;
  else if (wasAsked) owesNews = false;
  if (isThere) heard = new Date();
  if (isThere === !isOff) return;
  isOff = !isThere;
  paintOffline(isOff, heard); // the screen that just came says which buttons work again
  takeLevel(following.state());
}

/** @param {Part} part */
function take(part) {
  for (const slot of part.slots ?? []) paintSlot(slot);
  if (part.swaps) tellsSwaps = true;
  const isOpen = screen.read("open") === "yes";
  heedAlert(alertOf(part.swaps, id, { version: screen.told, isOpen }));
  if (part.alarms) heedAlarms(part.alarms);
  const own = (part.slots ?? []).some((slot) => mayBe(slot.n));
  const isUrgent = hasNews(part.swaps, id, { version: screen.told, isOpen });
  if (isUrgent || own || hasNews(part.swaps, id, { version: screen.version, isOpen }))
    lookSoon(isUrgent);
}

/** @param {Swap | null} brief what calls for a person: said at once, its card with the buttons follows */
function heedAlert(brief) {
  if (!brief) return;
  screen.tellAlert(brief);
  if (!hadAlert && alarmCount === 0) raiseAlarm();
  hadAlert = true;
  foldBanners();
}

/**
 * Whether a slot may be the swap's; while the person is asked which one it is, the screen does not know either.
 * @param {number} n
 */
function mayBe(n) {
  const slot = screen.read("slot");
  return slot === "" || Number(slot) === n;
}

/** The head of the page names the slot where the screen does. */
function paintHead() {
  const slot = screen.read("slot");
  const head = need(document, ".swap-top");
  setText(field(head, "subject"), slot && `, slot ${slot}`);
  const back = /** @type {HTMLElement} */ (need(head, "[data-back]"));
  setAttr(back, "href", `${back.dataset.back}${slot && `?slot=${slot}`}`);
}

/** @param {{text: string}[]} alarms their words stand above the page already; the card follows at once */
function heedAlarms(alarms) {
  if (alarms.length > 0 && alarmCount === 0 && screen.read("stop") !== "yes") raiseAlarm();
  if (alarms.length !== alarmCount) lookSoon(false);
  alarmCount = alarms.length;
}

/** While the card says stop, the banner about this very chassis would say it twice. */
function foldBanners() {
  const isSaid = screen.read("stop") === "yes";
  for (const line of document.querySelectorAll(".alarm[data-key]"))
    show(line, !(isSaid && line.getAttribute("data-key")?.startsWith(`${slug.toLowerCase()}-`)));
}

/** @param {Level} level */
function takeLevel(level) {
  paintLevel(level);
  const chip = document.querySelector("[data-fresh]");
  if (!chip || (isTold() && !isOff)) return; // a socket may take a while to notice that the network is gone
  setAttr(chip, "data-level", isOff ? "stale" : "late");
  setText(field(chip, "word"), isOff ? "Offline" : "Asks every 2 s");
}

const isTold = () => tellsSwaps && following.state().state === "open";

function tick() {
  foldBanners();
  takeLevel(following.state());
  const until = /** @type {HTMLElement|null} */ (document.querySelector("[data-until]"));
  const now_ms = following.serverNow();
  if (until && now_ms !== null) {
    const left = timeLeft(Date.parse(until.dataset.until ?? "") - now_ms);
    setText(until, left ? `${left} left` : "Time is up");
  }
  if (document.hidden) return;
  if (isDue({ since_ms: performance.now() - asked_ms, isTold: isTold() && !isOff })) look();
}

function whenShown() {
  paintHead();
  keep();
  const hasAlert = screen.read("stop") === "yes";
  if (hasAlert && !hadAlert) raiseAlarm();
  hadAlert = hasAlert;
  foldBanners();
}

/** Have the worker keep this step, so that a reload without network shows no older one. */
function keep() {
  if (screen.read("key") === keptKey || isOff) return;
  keptKey = screen.read("key");
  keepPage(document.body.dataset.reader ?? "");
}

async function renew() {
  if (document.hidden || isOff || screen.read("held") !== "yes" || screen.read("open") !== "yes")
    return;
  const token = document.querySelector("#token [name=csrfmiddlewaretoken]");
  const body = new URLSearchParams({ do: "renew", seen: screen.read("version") });
  body.set("csrfmiddlewaretoken", token instanceof HTMLInputElement ? token.value : "");
  const answer = await fetch(`/w/${id}/do/`, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
  }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (said?.held === false) look({ isWhole: true });
}

/**
 * @template T
 * @param {string} name
 * @param {(detail: T) => void} handle
 */
const on = (name, handle) =>
  document.addEventListener(name, (event) => handle(/** @type {CustomEvent<T>} */ (event).detail));

on("live:snap", (/** @type {{chassis: Part}} */ snap) => take(snap.chassis));
on("live:delta", (/** @type {{slots: Slot[], chassis: Part}} */ delta) =>
  take({ ...delta.chassis, slots: delta.slots }),
);
on("live:level", takeLevel);
document.addEventListener("swap:shown", whenShown);
addEventListener("offline", () => reached(false));
addEventListener("online", () => look());
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-read]"))
    need(document, "[data-news]").replaceChildren();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look({ asksNews: true });
  if (!document.hidden) void renew();
});
sendFromForms(desk);
watchHolds((button) => {
  if (button.form) press(desk, button.form, button, { confirm: button.dataset.hold ?? "" });
});
watchSenses(() => screen.read("awake") === "yes");
setInterval(tick, TICK_MS);
setInterval(() => void renew(), RENEW_MS);
void renew();
startWorker();
const scan = document.querySelector("form[data-scan]");
if (scan instanceof HTMLFormElement) press(desk, scan, null, {});
look({ isWhole: true, asksNews: true });
