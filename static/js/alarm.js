// @ts-check
/**
 * The alarm banner that every page has: alarms of the whole site, as soon as they are told.
 * @import { Alarm } from "./live/alarms.js"
 */

import { field, fromTemplate, need, setAttr, setText, show } from "./dom.js";
import { Alarms, keyOf, linkWords } from "./live/alarms.js";
import { followSite } from "./live/site.js";

const place = need(document, "[data-alarms]");
const note = need(document, "[data-alarms-lost]");
const alarms = new Alarms(document.body.dataset.slug ?? "");
// A page that follows a chassis says by itself how old it is.
const saysItsAge = document.querySelector("[data-fresh]") !== null;

/** Keep the lines that are there: a line that is drawn anew would be read aloud again. */
function paint() {
  const wanted = alarms.shown;
  const keys = new Set(wanted.map(keyOf));
  for (const line of [...place.children]) {
    const key = line.getAttribute("data-key") ?? "";
    if (!keys.has(key) && alarms.knows(key)) line.remove();
  }
  for (const alarm of wanted) {
    const there = place.querySelector(`[data-key="${CSS.escape(keyOf(alarm))}"]`);
    const line = there ?? fromTemplate("alarm");
    patch(line, alarm);
    if (!there) place.append(line);
  }
}

/**
 * @param {Element} line
 * @param {Alarm} alarm
 */
function patch(line, alarm) {
  setAttr(line, "data-key", keyOf(alarm));
  setText(field(line, "where"), alarm.chassis_name);
  show(field(line, "where"), alarm.chassis_name !== "");
  setText(field(line, "text"), alarm.text);
  setText(field(line, "advice"), alarm.advice);
  const link = line.querySelector("a");
  setAttr(link, "href", alarm.url);
  setText(link, linkWords(alarm));
  show(link, location.pathname !== alarm.url);
}

for (const name of ["live:snap", "live:delta"]) {
  document.addEventListener(name, (event) => {
    const { chassis } = /** @type {CustomEvent} */ (event).detail;
    if (!chassis?.alarms) return;
    alarms.ofChassis(chassis.alarms);
    paint();
  });
}
followSite(
  (told) => {
    alarms.ofSite(told);
    paint();
  },
  (isLost) => {
    show(note, isLost && !saysItsAge);
    document.dispatchEvent(new CustomEvent("site:lost", { detail: isLost }));
  },
  () => document.dispatchEvent(new CustomEvent("site:moved")),
);
