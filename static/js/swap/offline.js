// @ts-check
/** What the page says and forbids while the server is out of reach. The last step stays on screen as it was. */

import { field, setAttr, setText, show } from "../dom.js";
import { OFFLINE_WORDS } from "./rules.js";

/**
 * @param {boolean} isOff
 */
export function paintOffline(isOff) {
  setAttr(document.body, "data-off", isOff ? "yes" : null);
  const banner = document.querySelector("[data-offline]");
  if (!banner) return;
  setText(field(banner, "offline"), OFFLINE_WORDS);
  show(banner, isOff);
  if (!isOff) return; // the screen that comes with the answer says which buttons work
  for (const button of document.querySelectorAll(".deed button, .scan button")) {
    setAttr(button, "aria-disabled", "true");
    setAttr(button, "aria-describedby", "offline-text");
  }
}
