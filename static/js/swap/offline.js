// @ts-check
/** What the page says and forbids while the server is out of reach. The last step stays on screen as it was. */

import { field, setAttr, setText, show } from "../dom.js";
import { OFFLINE_WORDS } from "./rules.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hour12: false });

/**
 * @param {boolean} isOff
 * @param {Date} heard when the server last answered
 */
export function paintOffline(isOff, heard) {
  setAttr(document.body, "data-off", isOff ? "yes" : null);
  const banner = document.querySelector("[data-offline]");
  if (!banner) return;
  const at = Number.isNaN(heard.getTime()) ? "" : ` This was so at ${clock.format(heard)}.`;
  setText(field(banner, "offline"), OFFLINE_WORDS + at);
  show(banner, isOff);
  if (!isOff) return; // the screen that comes with the answer says which buttons work
  for (const button of document.querySelectorAll(".deed button, .scan button")) {
    setAttr(button, "aria-disabled", "true");
    setAttr(button, "aria-describedby", "offline-text");
  }
}
