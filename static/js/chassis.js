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

/**
 * What is asked of the whole chassis is asked on what the page shows now.
 * @param {number} seq
 */
export function paintVersion(seq) {
  for (const seen of document.querySelectorAll("[data-chassis-command] [name=seen]"))
    setAttr(seen, "value", String(seq));
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
  const why = field(card, "lamps-why");
  if (!why || document.body.hasAttribute("data-recorded")) return;
  setAttr(why.previousElementSibling, "aria-disabled", String(!link.up));
  setText(why, link.up ? "" : "The chassis does not answer.");
}
