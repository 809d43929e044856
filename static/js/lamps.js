// @ts-check
/**
 * Paints the lamps as the firmware reports them, small on a bay or big with their words.
 * A lamp whose pattern changes blinks five times at 1 Hz (CSS); then its ring, icon and word go on saying so.
 * @import { Lamp, Lamps } from "./views.js"
 */

import { setAttr, setText } from "./dom.js";

const PATTERNS = /** @type {Record<string, string>} */ ({
  on: "steady",
  slow: "blinking slowly",
  fast: "blinking fast",
  short: "short blinks",
  long: "long blinks",
  pfa: "blinking",
});

/**
 * @param {ParentNode} root
 * @param {Lamps|null} lamps null: not known
 */
export function paintLamps(root, lamps) {
  for (const lamp of root.querySelectorAll("[data-lamp]")) {
    const told = lamps?.[nameOf(lamp, "data-lamp")];
    paintLamp(lamp, told?.colour ?? "unknown", told?.pattern ?? "unknown");
  }
  for (const word of root.querySelectorAll("[data-light]")) {
    setText(word, lampWords(lamps?.[nameOf(word, "data-light")]));
  }
}

/**
 * @param {Element} element
 * @param {string} attribute
 */
const nameOf = (element, attribute) =>
  /** @type {"status"|"hotswap"|"locate"} */ (element.getAttribute(attribute));

/**
 * @param {Element} lamp
 * @param {string} colour
 * @param {string} pattern
 */
function paintLamp(lamp, colour, pattern) {
  const before = `${lamp.getAttribute("data-colour")} ${lamp.getAttribute("data-pattern")}`;
  if (before === `${colour} ${pattern}`) return;
  setAttr(lamp, "data-colour", colour);
  setAttr(lamp, "data-pattern", pattern);
  // The same animation on the same element would not start again.
  lamp.replaceWith(lamp.cloneNode(true));
}

/**
 * What one lamp does, in words: "green, steady".
 * @param {Lamp|undefined} lamp
 */
export function lampWords(lamp) {
  if (!lamp) return "not known";
  if (lamp.pattern === "none") return "no such lamp on this board";
  if (lamp.colour === "off" || lamp.pattern === "off") return "off";
  return `${lamp.colour}, ${PATTERNS[lamp.pattern] ?? lamp.pattern}`;
}
