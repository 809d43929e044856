// @ts-check
/**
 * A page that follows one chassis: keeps the views as last seen and hands them to the painters.
 * @import { Chassis, ChassisPart, EventLine, Level, Power, Reading, Slot } from "./views.js"
 */

import { paintActions } from "./actions.js";
import { paintReading, paintSlot, sortRows } from "./bays.js";
import { paintChassis, paintPower, paintVersion } from "./chassis.js";
import { command, sendFromForms } from "./commands.js";
import { need, show } from "./dom.js";
import { Drawer } from "./drawer.js";
import { addEvents, paintEvents, tellChange } from "./events.js";
import { keepFresh } from "./fragments.js";
import { obstacle, paintLevel } from "./freshness.js";
import { listenToKeys } from "./keys.js";
import { follow } from "./live/connection.js";
import { chooseSlot, rehearse } from "./rehearsal.js";
import { loadRecent, paintPanel } from "./slot.js";

const TICK_MS = 1000; // ages count in seconds
const UNDO_MS = 10_000; // as long as the server offers it
const RECENT_MS = 10_000; // trend and link move a few pixels in that time
const first = /** @type {Chassis} */ (
  JSON.parse(document.getElementById("chassis-view")?.textContent ?? "{}")
);
const slots = new Map(first.slots.map((slot) => [slot.n, slot]));
const panel = need(document, "[data-panel]");
const rehearsal = /** @type {HTMLElement|null} */ (document.querySelector("[data-rehearsal]"));
const history = /** @type {HTMLElement|null} */ (document.querySelector("[data-history]"));
const order = (document.querySelector("[data-order]")?.getAttribute("data-order") ?? "").split(" ");
const place = /** @type {HTMLElement|null} */ (document.querySelector("[data-drawer]"));
const drawer = place ? new Drawer(place, fillDrawer) : null;

const shown = () => Number(panel.dataset.n);
const isPanelOpen = () => !drawer || drawer.isOpen;

/** @param {number} n */
function fillDrawer(n) {
  const slot = slots.get(n);
  if (!slot) return;
  paintPanel(panel, slot, obstacle);
  show(need(panel, '[data-part="refusal"]'), false);
  void loadRecent(panel);
  if (rehearsal) chooseSlot(rehearsal, n);
}

/** @param {Slot} slot */
function see(slot) {
  tellChange(slots.get(slot.n), slot);
  slots.set(slot.n, slot);
  paintSlot(slot);
  if (slot.n === shown()) paintPanel(panel, slot, obstacle);
}

/**
 * @template T
 * @param {string} name
 * @param {(detail: T) => void} handle
 */
const on = (name, handle) =>
  document.addEventListener(name, (event) => handle(/** @type {CustomEvent<T>} */ (event).detail));

/** @param {{chassis: Chassis, events: EventLine[]}} snap */
function takeSnap(snap) {
  snap.chassis.slots.forEach(see);
  paintChassis(snap.chassis);
  paintVersion(snap.chassis.seq);
  sortRows([...slots.values()], order);
  if (history) paintEvents(history, [...snap.events].reverse());
}

/** @param {{seq: number, slots: Slot[], chassis: ChassisPart, events: EventLine[]}} delta */
function takeDelta(delta) {
  delta.slots.forEach(see);
  paintChassis(delta.chassis);
  paintVersion(delta.seq);
  sortRows([...slots.values()], order);
  if (history) addEvents(history, delta.events);
  const own = delta.events.filter((event) => event.slot === shown());
  if (own.length > 0 && isPanelOpen()) addEvents(panel, own);
}

/** @param {{slots: Reading[], power: Power}} told */
function takeReadings(told) {
  for (const reading of told.slots) {
    const slot = slots.get(reading.n);
    if (slot) Object.assign(slot, reading);
    const places = `[data-bay="${reading.n}"], [data-row="${reading.n}"]`;
    for (const element of document.querySelectorAll(places)) paintReading(element, reading);
  }
  paintPower(told.power);
}

/** @param {Level} level */
function takeLevel(level) {
  const slot = slots.get(shown());
  if (paintLevel(level) && slot) paintActions(panel, slot, obstacle);
}

/** The slot that a key means: the focused bay, else the open one, else none (0). */
function focusedOrOpen() {
  const focused = document.activeElement?.getAttribute("data-bay");
  return focused ? Number(focused) : isPanelOpen() ? shown() : 0;
}

/** Lead to the swap of the open slot; that page asks before anything is done. */
function startSwap() {
  const link = panel.querySelector("[data-swap]");
  if (isPanelOpen() && link instanceof HTMLAnchorElement) link.click();
}

/** @type {import("./commands.js").Rack} */
const rack = { slot: (n) => slots.get(n), obstacle, repaint: see };

const bars = /** @type {HTMLElement|null} */ (document.querySelector("[data-budget]"));
if (bars) {
  const changed = keepFresh(bars, bars.dataset.budget ?? "");
  for (const name of ["live:snap", "live:delta"]) document.addEventListener(name, changed);
}
const health = /** @type {HTMLElement|null} */ (document.querySelector("[data-link-health]"));
if (health) {
  const look = keepFresh(health, health.dataset.linkHealth ?? "");
  // Not while nobody can see it: a page that is left open would ask for ever.
  setInterval(() => {
    if (!document.hidden && health.getBoundingClientRect().top < innerHeight) look();
  }, RECENT_MS);
}
on("live:snap", takeSnap);
on("live:delta", takeDelta);
on("live:tele", takeReadings);
on("live:level", takeLevel);
sendFromForms(rack);
if (rehearsal) rehearse(rehearsal);
if (drawer) {
  listenToKeys({
    close: () => drawer.close(),
    locate: (n) => void command(rack, n, slots.get(n)?.actions[0]?.op ?? ""),
    swap: startSwap,
    current: focusedOrOpen,
  });
}
const undo = /** @type {HTMLElement|null} */ (document.querySelector("[data-undo]"));
setTimeout(() => show(undo, undo?.matches(":focus-within") ?? false), UNDO_MS);
const following = follow({ slug: first.slug });
document.querySelector("[data-try-now]")?.addEventListener("click", () => following.refresh());
setInterval(() => takeLevel(following.state()), TICK_MS);
setInterval(() => {
  if (isPanelOpen() && !document.hidden) void loadRecent(panel);
}, RECENT_MS);
