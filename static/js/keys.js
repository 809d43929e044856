// @ts-check
/**
 * The bays as one toolbar: one tab stop, arrows, Home, End, digits; letters that can be switched off. No key switches power.
 */

import { allBays } from "./bays.js";
import { need, show } from "./dom.js";

const STORED = "backplane.keys";
const STEPS = /** @type {Record<string, (at: number, last: number) => number>} */ ({
  ArrowRight: (at, last) => Math.min(at + 1, last),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
});

let hadG = false; // G, then the letter of where to go

/**
 * @typedef {{ close: () => void, locate: (n: number) => void, swap: () => void, current: () => number }} Doings
 */

/** @param {Doings} doings */
export function listenToKeys(doings) {
  const bays = allBays();
  rove(
    bays,
    bays.findIndex((bay) => bay.ariaPressed === "true"),
  );
  const toolbar = need(document, ".bays");
  toolbar.addEventListener("focusin", (event) =>
    rove(bays, bays.indexOf(/** @type {HTMLButtonElement} */ (event.target))),
  );
  toolbar.addEventListener("keydown", (event) => step(event, bays));
  document.addEventListener("keydown", (event) => shortcut(event, bays, doings));
  setUpDialog();
}

/**
 * Make one bay the toolbar's tab stop.
 * @param {HTMLButtonElement[]} bays
 * @param {number} index
 */
function rove(bays, index) {
  bays.forEach((bay, at) => {
    bay.tabIndex = at === Math.max(index, 0) ? 0 : -1;
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement[]} bays
 */
function step(event, bays) {
  const move = STEPS[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = bays.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  const isMirrored = getComputedStyle(need(document, ".bays")).direction === "rtl";
  const mirrored = { ArrowLeft: STEPS.ArrowRight, ArrowRight: STEPS.ArrowLeft }[event.key];
  const target = (isMirrored && mirrored ? mirrored : move)(at, bays.length - 1);
  bays[target]?.focus();
  event.preventDefault();
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement[]} bays
 * @param {Doings} doings
 */
function shortcut(event, bays, doings) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]"))
    return;
  if (
    event.target instanceof Element &&
    event.target.closest("input:not([type=radio]), select, textarea")
  )
    return;
  if (event.key === "Escape") doings.close();
  if (!areOn()) return;
  const key = event.key.toLowerCase();
  const wasG = hadG;
  hadG = key === "g";
  if (/^\d$/.test(key)) bays[(Number(key) + 9) % 10]?.focus();
  else if (key === "l") doings.locate(doings.current());
  else if (key === "s") doings.swap();
  else if (key === "e") location.assign("/events/");
  else if (key === "/" || (key === "i" && wasG)) {
    event.preventDefault();
    location.assign(key === "/" ? "/inventory/?find" : "/inventory/");
  } else if (key === "?") openDialog();
}

const areOn = () => localStorage.getItem(STORED) !== "off";

function openDialog() {
  /** @type {HTMLDialogElement} */ (need(document, '[data-dialog="keys"]')).showModal();
}

function setUpDialog() {
  const button = need(document, "[data-open-keys]");
  show(button, true);
  button.addEventListener("click", openDialog);
  const box = /** @type {HTMLInputElement} */ (need(document, "[data-keys-on]"));
  box.checked = areOn();
  box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
}
