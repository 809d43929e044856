// @ts-check
/**
 * The event list, and what is said aloud: quietly at most one sentence each 2 s, at once for what is urgent.
 * @import { EventLine, Slot } from "./views.js"
 */

import { field, fromTemplate, need, setAttr, setIcon, setText, show } from "./dom.js";
import { setTime } from "./times.js";

const SHOWN = 20;
const QUIET_MS = 2000;
const URGENT = new Set(["fault", "suspicious"]);

/**
 * Replace the list inside `root`; `events` newest first.
 * @param {ParentNode} root
 * @param {EventLine[]} events
 */
export function paintEvents(root, events) {
  const list = need(root, "[data-events]");
  const there = [...list.children].map((line) => line.getAttribute("data-id")).join();
  if (there !== events.map((event) => event.id).join())
    list.replaceChildren(...events.map((event) => lineOf(event)));
  show(root.querySelector("[data-no-events]"), events.length === 0);
}

/**
 * Put new events on top; `events` oldest first.
 * @param {ParentNode} root
 * @param {EventLine[]} events
 */
export function addEvents(root, events) {
  const list = need(root, "[data-events]");
  for (const event of events) {
    if (list.querySelector(`[data-id="${event.id}"]`)) continue;
    const line = lineOf(event);
    line.classList.add("new");
    list.prepend(line);
  }
  while (list.children.length > SHOWN) list.lastElementChild?.remove();
  show(root.querySelector("[data-no-events]"), list.children.length === 0);
}

/** @param {EventLine} event */
function lineOf(event) {
  const line = fromTemplate("event");
  line.dataset.id = event.id;
  const time = line.querySelector("time");
  if (time) setTime(time, event.at);
  // The loss of a link is told of many rows at once; it has no page of its own.
  const hasPage = !event.id.startsWith("l");
  setAttr(line.querySelector(".when"), "href", hasPage ? `/events/${event.id}/` : null);
  setIcon(line, event.icon);
  setText(field(line, "slot"), event.slot ? `Slot ${event.slot}` : "Chassis");
  setText(field(line, "text"), event.text);
  setText(field(line, "who"), event.who);
  return line;
}

let quietUntil = 0;
let timer = 0;
let waiting = "";

/** @param {string} sentence */
export function say(sentence) {
  waiting = sentence;
  if (timer) return;
  timer = window.setTimeout(
    () => {
      timer = 0;
      quietUntil = performance.now() + QUIET_MS;
      setText(document.querySelector("[data-say]"), waiting);
    },
    Math.max(0, quietUntil - performance.now()),
  );
}

/** @param {string} sentence */
export function alert(sentence) {
  setText(document.querySelector("[data-alert]"), sentence);
}

/**
 * Tell what became of a slot, when its face changed.
 * @param {Slot|undefined} before
 * @param {Slot} after
 */
export function tellChange(before, after) {
  if (!before || (before.face === after.face && before.word === after.word)) return;
  const sentence = `Slot ${after.n}: ${after.word}${after.detail ? `. ${after.detail}` : ""}`;
  if (URGENT.has(after.face)) alert(sentence);
  else say(sentence);
  setAttr(document.querySelector("[data-say]"), "data-slot", String(after.n));
}
