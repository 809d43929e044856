// @ts-check
/**
 * Buttons that are held down for 1.5 s. A shorter tap, or a key, opens their question, where the slot's number is typed.
 */

import { HOLD_MS } from "./rules.js";

/** @param {(button: HTMLButtonElement) => void} held hears which button was held long enough */
export function watchHolds(held) {
  let timer = 0;
  let swallowsClick = false;
  /** @type {HTMLButtonElement | null} */
  let holding = null;

  const end = () => {
    window.clearTimeout(timer);
    holding?.classList.remove("holding");
    holding?.form?.removeAttribute("data-keep");
    holding = null;
  };
  document.addEventListener("pointerdown", (event) => {
    const button = buttonOf(event.target);
    swallowsClick = false;
    if (!button || event.button !== 0 || button.form?.hasAttribute("data-keep")) return;
    holding = button;
    button.classList.add("holding");
    button.form?.setAttribute("data-keep", ""); // what comes from the server meanwhile must not undo the hold
    timer = window.setTimeout(() => {
      swallowsClick = true;
      end();
      held(button);
    }, HOLD_MS);
  });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, end);
  document.addEventListener("pointerout", (event) => {
    if (holding && event.target === holding) end();
  });
  document.addEventListener("visibilitychange", end);
  document.addEventListener("contextmenu", (event) => {
    if (buttonOf(event.target)) event.preventDefault(); // a long press is ours
  });
  document.addEventListener(
    "click",
    (event) => {
      if (!swallowsClick || !buttonOf(event.target)) return;
      swallowsClick = false;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
}

/** @param {EventTarget|null} target @returns {HTMLButtonElement|null} */
function buttonOf(target) {
  const button = target instanceof Element ? target.closest("button[data-hold]") : null;
  const isOn = button?.getAttribute("aria-disabled") !== "true";
  return button instanceof HTMLButtonElement && isOn ? button : null;
}
