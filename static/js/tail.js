// @ts-check
/**
 * The newest page of events follows what happens: at its top new events appear by themselves; whoever reads further
 * down, or stands in the list, is told how many wait.
 */

import { field, need, setAttr, setText, show } from "./dom.js";
import { say } from "./events.js";
import { countNew } from "./live/tail.js";
import { localiseTimes } from "./times.js";

const PACE_MS = 1_000;
const POLL_MS = 15_000; // while no socket tells

const bar = need(document, "[data-tail]");
const button = need(bar, "button");
const list = () => need(document, "[data-tail-list]");
const idsOf = (/** @type {Element} */ rows) => [...rows.querySelectorAll("li")].map(({ id }) => id);

/** @type {HTMLElement | null} */
let waiting = null;
let isLost = false;
let timer = 0;

/** Whether the list may move: its top is in view, and nobody is in it. */
function mayMove() {
  const isAtTop = list().getBoundingClientRect().top >= 0;
  return isAtTop && !list().matches(":focus-within") && !list().querySelector("details[open]");
}

async function look() {
  timer = 0;
  const answer = await fetch(bar.dataset.tail ?? "", { headers: { Accept: "text/html" } }).catch(
    () => null,
  );
  if (!answer?.ok || answer.redirected) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = document.importNode(need(parsed, "[data-tail-list]"), true);
  const count = countNew(idsOf(list()), idsOf(rows));
  // A swap that goes on without an event changes its row alone.
  waiting = idsOf(rows).join() === idsOf(list()).join() ? null : rows;
  if (waiting && mayMove()) take();
  else paint(count);
}

/** @param {number} count of the events that wait */
function paint(count) {
  const words = count === 1 ? "1 new" : `${count} new`;
  setText(field(button, "count"), words);
  if (count > 0 && button.hidden) say(`${words} at the top`);
  show(button, count > 0);
  const alone = isLost ? "Not live: looks every 15 seconds." : "New events appear by themselves.";
  setText(field(bar, "word"), count > 0 ? "Paused while you read." : alone);
}

/** Show what waits; rows that stay are the same elements, so that nothing flickers. */
function take() {
  if (!waiting) return;
  const count = countNew(idsOf(list()), idsOf(waiting));
  const old = new Map([...list().children].map((row) => [row.id, row]));
  const wasEmpty = old.size === 0;
  const rows = [...waiting.children].map((row) => old.get(row.id) ?? row);
  const isNew = (/** @type {Element} */ row) => !wasEmpty && count > 0 && !old.has(row.id);
  for (const row of rows) if (isNew(row)) row.classList.add("new");
  localiseTimes(waiting);
  setAttr(document.querySelector("a[data-older]"), "href", `?${waiting.dataset.older}`);
  list().replaceChildren(...rows);
  show(document.querySelector("[data-no-events]"), false);
  if (count > 0) say(`${count} new`);
  waiting = null;
  paint(0);
}

function soon() {
  if (timer === 0 && !document.hidden) timer = window.setTimeout(look, PACE_MS);
}

document.addEventListener("site:moved", soon);
document.addEventListener("visibilitychange", soon);
document.addEventListener("site:lost", (event) => {
  isLost = /** @type {CustomEvent<boolean>} */ (event).detail;
  if (!waiting) paint(0);
});
document.addEventListener("scroll", () => waiting && mayMove() && take(), { passive: true });
button.addEventListener("click", () => {
  for (const one of list().querySelectorAll("details[open]")) one.removeAttribute("open");
  take();
  need(document, ".event-page").scrollIntoView(); // the bar itself is always in view
  need(list(), "a").focus({ preventScroll: true });
});
setInterval(() => isLost && soon(), POLL_MS);
show(bar, true);
