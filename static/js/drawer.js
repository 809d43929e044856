// @ts-check
/**
 * The drawer beside the front view: opens at a bay, closes, and keeps the address in step. Never modal.
 */

import { allBays, bayOf } from "./bays.js";
import { setAttr, show } from "./dom.js";

const ROOM_FOR_DRAWER = "(min-width: 75rem)";

export class Drawer {
  /**
   * @param {HTMLElement} element
   * @param {(n: number) => void} fill paints slot n into the drawer
   */
  constructor(element, fill) {
    this.element = element;
    this.fill = fill;
    document.querySelector(".bays")?.addEventListener("click", (event) => this.press(event));
    element.querySelector("[data-close]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {Event} event */
  press(event) {
    const bay = event.target instanceof Element ? event.target.closest("button[data-bay]") : null;
    if (!(bay instanceof HTMLElement)) return;
    event.preventDefault();
    const n = Number(bay.dataset.bay);
    // On a narrow screen there is no room for a drawer: the slot has a page of its own.
    if (!matchMedia(ROOM_FOR_DRAWER).matches) location.assign(`${location.pathname}s/${n}/`);
    else if (bay.ariaPressed === "true") this.close();
    else this.open(n);
  }

  /** @param {number} n */
  open(n) {
    this.fill(n);
    show(this.element, true);
    for (const bay of allBays()) setAttr(bay, "aria-pressed", String(bay === bayOf(n)));
    const link = this.element.querySelector("[data-slot-link]");
    setAttr(link, "href", (link?.getAttribute("href") ?? "").replace(/\/s\/\d+\//, `/s/${n}/`));
    history.replaceState(null, "", `?slot=${n}`);
  }

  close() {
    if (!this.isOpen) return;
    const open = allBays().find((bay) => bay.ariaPressed === "true");
    const hadFocus = this.element.contains(document.activeElement);
    show(this.element, false);
    setAttr(open, "aria-pressed", "false");
    if (hadFocus) open?.focus();
    history.replaceState(null, "", location.pathname);
  }
}
