// @ts-check
/**
 * Paints what belongs to the whole chassis: summary, warnings, power, link.
 * @import { ChassisPart, Power } from "./views.js"
 */

import { field, setAttr, setIcon, setText, syncList } from "./dom.js";
import { setTime } from "./times.js";

/** @param {ChassisPart} part */
export function paintChassis(part) {
  const summary = document.querySelector("[data-summary]");
  if (summary) {
    syncList(summary, part.summary, "chip", (chip, { key, icon, word, count }) => {
      setAttr(chip, "data-face", key);
      setIcon(chip, icon);
      const text = chip.querySelector(":scope > span");
      setText(text, `${count} ${word.toLowerCase()}`);
    });
  }
  const warnings = document.querySelector("[data-warnings]");
  if (warnings) {
    syncList(warnings, part.warnings, "warning", (banner, warning) =>
      setText(banner.querySelector("p"), warning.text),
    );
  }
  paintPower(part.power);
  paintLink(part.link);
}

/** @param {Power} power */
export function paintPower(power) {
  const card = document.querySelector("[data-chassis-card]");
  if (!card) return;
  const used = power.used_w === null ? "not known" : `${power.used_w.toFixed(1)} W`;
  setText(field(card, "power"), used);
}

/** @param {ChassisPart["link"]} link */
function paintLink(link) {
  const card = document.querySelector("[data-chassis-card]");
  if (!card) return;
  setText(field(card, "link"), link.up ? "Up" : "Down");
  const since = field(card, "link-since")?.querySelector("time");
  if (since && link.since) setTime(since, link.since);
}
