// @ts-check
/**
 * Paints one slot in full: the drawer of the chassis page and the slot page are the same panel.
 * @import { Obstacle } from "./actions.js"
 * @import { Row, Slot } from "./views.js"
 */

import { paintActions } from "./actions.js";
import { flagWords, paintLamps } from "./bays.js";
import { field, fromTemplate, need, setAttr, setIcon, setText, show, syncList } from "./dom.js";
import { paintEvents } from "./events.js";
import { setTime } from "./times.js";

/**
 * @param {HTMLElement} panel
 * @param {Slot} slot
 * @param {Obstacle} obstacle
 */
export function paintPanel(panel, slot, obstacle) {
  setAttr(panel, "data-n", String(slot.n));
  const head = need(panel, ".panel-head");
  setAttr(head, "data-face", slot.face);
  setIcon(head, slot.icon);
  for (const name of /** @type {const} */ (["word", "name"]))
    setText(field(head, name), slot[name]);
  setText(field(head, "n"), String(slot.n));
  const since = head.querySelector("time");
  if (since) setTime(since, slot.since);
  setText(field(panel, "detail"), slot.detail);
  setText(field(panel, "advice"), slot.advice);
  show(part(panel, "cause"), slot.detail !== "" || slot.advice !== "");
  show(part(panel, "flags"), slot.flags.length > 0);
  syncList(part(panel, "flags"), slot.flags, "mark", (mark, flag) => {
    setIcon(mark, flag.icon);
    setText(mark.querySelector("span"), flagWords(flag));
  });
  paintPending(panel, slot);
  paintActions(panel, slot, obstacle);
  paintLamps(panel, slot.lamps);
  syncList(part(panel, "rows"), slot.rows, "row", paintRow);
  paintSeen(part(panel, "seen"), slot);
  paintLinks(panel, slot);
}

/**
 * The swap of the slot, or the way to start one; and the pages about this slot.
 * @param {HTMLElement} panel
 * @param {Slot} slot
 */
function paintLinks(panel, slot) {
  const link = panel.querySelector("[data-swap]");
  const start = `${link?.getAttribute("data-swap")}${String(slot.n).padStart(2, "0")}`;
  const by = slot.swap?.holder ? `, ${slot.swap.holder}` : "";
  setAttr(link, "href", slot.swap ? `/w/${slot.swap.id}/` : start);
  const others = panel.querySelector(".others");
  const path = others?.getAttribute("action") ?? "";
  setAttr(others, "action", path.replace(/\/s\/\d+\//, `/s/${slot.n}/`));
  const words = slot.swap ? `Swap ${slot.swap.id}, step ${slot.swap.step}${by}` : "Swap";
  setText(link && field(link, "swap"), words);
  for (const other of part(panel, "links").querySelectorAll("a"))
    setAttr(
      other,
      "href",
      (other.getAttribute("href") ?? "").replace(/\/s\/\d+\//, `/s/${slot.n}/`),
    );
}

/**
 * @param {HTMLElement} panel
 * @param {string} name
 */
const part = (panel, name) => need(panel, `[data-part="${name}"]`);

/**
 * @param {HTMLElement} panel
 * @param {Slot} slot
 */
function paintPending(panel, slot) {
  const wait = slot.pending?.wait ? `: ${slot.pending.wait}` : "";
  setText(field(panel, "pending"), slot.pending ? `${slot.pending.word}${wait}` : "");
  show(part(panel, "pending"), slot.pending !== null);
}

/**
 * @param {HTMLElement} line
 * @param {Row} row
 */
function paintRow(line, row) {
  [row.label, row.planned, row.asked, row.seen].forEach((value, index) => {
    setText(line.children[index], value || "–");
  });
}

/**
 * @param {HTMLElement} list
 * @param {Slot} slot
 */
function paintSeen(list, slot) {
  const values = list.querySelectorAll("dd");
  slot.seen.forEach((row, index) => {
    setText(values[index], row.value);
  });
}

/**
 * Fetch the trend and the last events of the slot in the panel.
 * @param {HTMLElement} panel
 */
export async function loadRecent(panel) {
  const n = panel.dataset.n ?? "";
  const url = (panel.dataset.recent ?? "").replace(/\/s\/\d+\//, `/s/${n}/`);
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || panel.dataset.n !== n) return;
  const recent = await answer.json();
  const drawing = part(panel, "trend").querySelector("svg");
  setAttr(drawing?.querySelector(".limit"), "d", `M0 ${recent.limit_y}H300`);
  drawing?.querySelectorAll("polyline").forEach((line) => {
    line.remove();
  });
  for (const points of recent.lines) {
    const line = fromTemplate("line").querySelector("polyline");
    if (!line) continue;
    line.setAttribute("points", points);
    drawing?.append(line);
  }
  setText(field(panel, "sentence"), recent.sentence);
  paintEvents(panel, recent.events);
}
