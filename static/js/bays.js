// @ts-check
/**
 * Paints bays on the front view and rows of the list below it. Only what was seen paints; "asked" is a mark beside it.
 * @import { Flag, Reading, Slot } from "./views.js"
 */

import { field, fromTemplate, setAttr, setIcon, setText, show, withUnit } from "./dom.js";
import { paintLamps } from "./lamps.js";

export { paintLamps };

const minutes = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/**
 * What a mark says: "Locating for Ana, ends 14:12".
 * @param {Flag} flag
 */
export const flagWords = ({ word, until }) =>
  until ? `${word}, ends ${minutes.format(new Date(until))}` : word;

/** @param {number} n */
export const bayOf = (n) =>
  /** @type {HTMLButtonElement|null} */ (document.getElementById(`bay-${n}`));

/** @returns {HTMLButtonElement[]} */
export const allBays = () =>
  [...document.querySelectorAll("button[data-bay]")].map(
    (bay) => /** @type {HTMLButtonElement} */ (bay),
  );

/** @param {Slot} slot */
export function paintSlot(slot) {
  const bay = bayOf(slot.n);
  if (bay) paintBay(bay, slot);
  const row = document.querySelector(`[data-row="${slot.n}"] a`);
  if (row) paintFace(row, slot);
  const strip = document.querySelector(`[data-strip="${slot.n}"]`);
  if (strip) {
    setAttr(strip, "data-face", slot.face);
    setText(field(strip, "word"), slot.word);
  }
}

/**
 * @param {HTMLElement} bay
 * @param {Slot} slot
 */
function paintBay(bay, slot) {
  paintFace(bay, slot);
  setAttr(bay, "data-pending", slot.pending ? "" : null);
  show(field(bay, "asked"), slot.pending !== null);
  paintLamps(bay, slot.lamps);
  const flags = bay.querySelector(".bay-flags");
  if (flags) paintFlags(flags, slot.flags);
}

/**
 * @param {Element} element
 * @param {Slot} slot
 */
function paintFace(element, slot) {
  setAttr(element, "data-face", slot.face);
  setIcon(element.querySelector(".face"), slot.icon);
  setText(field(element, "word"), slot.word);
  setText(field(element, "name"), slot.name);
  show(
    field(element, "drift"),
    slot.flags.some((flag) => flag.key === "drift"),
  );
  const detail = field(element, "detail");
  setText(detail, slot.detail);
  if (!detail?.classList.contains("vh")) show(detail, slot.detail !== "");
  paintReading(element, slot, slot.temp_limit_c);
}

/**
 * @param {Element} element
 * @param {Reading} reading
 * @param {number|null} limit
 */
export function paintReading(element, reading, limit = null) {
  const { temp_c, w } = reading;
  show(element.querySelector(".bay-read"), temp_c !== null || w !== null);
  setText(field(element, "temp"), withUnit(temp_c, 0, "°C"));
  setText(field(element, "watts"), withUnit(w, 1, "W"));
  show(field(element, "temp"), temp_c !== null);
  show(field(element, "watts"), w !== null);
  const bar = element.querySelector(".meter");
  show(bar, temp_c !== null);
  setAttr(
    bar?.querySelector("rect"),
    "width",
    String(Math.round(Math.max(0, Math.min(100, temp_c ?? 0)))),
  );
  if (limit !== null) setAttr(bar?.querySelector(".limit"), "d", `M${Math.round(limit)} 0V10`);
}

/**
 * @param {Element} container
 * @param {Flag[]} flags
 */
function paintFlags(container, flags) {
  const wanted = flags.map((flag) => `${flag.key} ${flagWords(flag)}`).join();
  const there = [...container.children]
    .map((mark) => `${mark.getAttribute("data-key")} ${mark.textContent?.trim()}`)
    .join();
  if (wanted === there) return;
  container.replaceChildren(
    ...flags.map((flag) => {
      const mark = fromTemplate("flag");
      mark.dataset.key = flag.key;
      setIcon(mark, flag.icon);
      setText(mark.querySelector(".vh"), flagWords(flag));
      return mark;
    }),
  );
}

/**
 * Put the rows that need somebody on top, unless a finger or the focus is on the list.
 * @param {Slot[]} slots
 * @param {string[]} order faces, worst first
 */
export function sortRows(slots, order) {
  const list = document.querySelector(".bay-list");
  if (!list || list.matches(":focus-within, :active")) return;
  const wanted = [...slots].sort(
    (a, b) => order.indexOf(a.face) - order.indexOf(b.face) || a.n - b.n,
  );
  const there = [...list.children].map((row) => Number(row.getAttribute("data-row")));
  if (wanted.every((slot, index) => slot.n === there[index])) return;
  for (const slot of wanted) {
    const row = list.querySelector(`[data-row="${slot.n}"]`);
    if (row) list.append(row);
  }
}
