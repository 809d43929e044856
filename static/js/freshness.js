// @ts-check
/**
 * How fresh the page is: the chip in the header, the banner, and what may not be sent from an old picture.
 * @import { Action, Level } from "./views.js"
 */

import { field, setAttr, setIcon, setText, show } from "./dom.js";
import { alert, say } from "./events.js";
import { ageWords } from "./times.js";

const WORDS = { live: "Live", late: "Late", stale: "Not live" };
const ICONS = { live: "run", late: "clock", stale: "clock" };
const STALE_REASON = "Power commands wait until the page is live again";

/** @type {Level} */
let now = {
  level: "stale",
  state: "connecting",
  browser_age_ms: null,
  chassis_age_ms: null,
  polling: false,
  message: "",
};

/** Whether the picture is too old to act on. */
const isOld = () => now.level === "stale" || now.state === "checking" || now.state === "connecting";

/**
 * What the page's age, or the reader's role, has against an action; "" is nothing.
 * @param {Pick<Action, "op" | "class">} action
 * @returns {string}
 */
export function obstacle(action) {
  const isLocate = action.op.startsWith("locate");
  const mayIt = isLocate ? document.body.dataset.locate : document.body.dataset.command;
  if (mayIt === "elsewhere") return "Not at one of your sites";
  if (mayIt !== "yes") return `Needs the role ${isLocate ? "technician" : "operator"}`;
  return action.class >= 2 && isOld() ? STALE_REASON : "";
}

/**
 * @param {Level} level
 * @returns {boolean} whether what may be sent has changed
 */
export function paintLevel(level) {
  const wasOld = isOld();
  const before = document.body.dataset.level;
  now = level;
  const shown = level.state === "connecting" && before === "checking" ? "checking" : level.level;
  setAttr(document.body, "data-level", shown);
  paintChip(level, shown);
  paintBanner(level, shown === "stale");
  if (before !== shown) tell(before, shown, level);
  return wasOld !== isOld();
}

/**
 * @param {Level} level
 * @param {string} shown
 */
function paintChip(level, shown) {
  if (level.chassis_age_ms !== null) {
    setText(
      document.querySelector('[data-f="heard"]'),
      `${ageWords(level.chassis_age_ms / 1000)} ago`,
    );
  }
  const chip = document.querySelector("[data-fresh]");
  if (!chip) return;
  setAttr(chip, "data-level", shown);
  const isChecking = shown === "checking" || level.state === "checking";
  setIcon(chip, isChecking ? "clock" : ICONS[level.level]);
  const isPolled = level.polling && level.level !== "stale";
  const word = isPolled ? "Polling every 5 s" : WORDS[level.level];
  setText(field(chip, "word"), isChecking ? "Checking…" : word);
  setText(field(chip, "age"), age(level));
}

/** @param {Level} level */
function age(level) {
  const known = [level.browser_age_ms, level.chassis_age_ms].filter((ms) => ms !== null);
  if (known.length === 0) return "";
  const oldest = Math.max(...known) / 1000;
  return level.level === "live" && oldest < 10
    ? `${oldest.toFixed(1)} s ago`
    : `${ageWords(oldest)} ago`;
}

/**
 * @param {Level} level
 * @param {boolean} isShown
 */
function paintBanner(level, isShown) {
  const banner = document.querySelector('[data-banner="connection"]');
  if (!banner) return;
  show(banner, isShown);
  setText(field(banner, "what"), whatIsOld(level));
  setText(
    field(banner, "meaning"),
    `What you see is old. ${STALE_REASON}. The lamps on the rack still work.`,
  );
}

/**
 * Which of the two ways is silent: browser to server, or server to chassis.
 * @param {Level} level
 */
function whatIsOld({ browser_age_ms, chassis_age_ms, message }) {
  const isChassis = chassis_age_ms !== null && chassis_age_ms > (browser_age_ms ?? 0);
  if (isChassis) return `The chassis was last heard ${ageWords(chassis_age_ms / 1000)} ago.`;
  return message || "Connection lost.";
}

/**
 * @param {string|undefined} before
 * @param {string} shown
 * @param {Level} level
 */
function tell(before, shown, level) {
  if (shown === "stale") alert(`${whatIsOld(level)} ${STALE_REASON}.`);
  else if (shown === "live" && before === "stale") say("The page is live again.");
}
