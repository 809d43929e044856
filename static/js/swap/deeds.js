// @ts-check
/**
 * Sends what a button says. "Asked" is painted in the very handler of the tap; all else waits for the server.
 * Nothing is kept to be sent later.
 * @import { Screen } from "./screen.js"
 */

import { need } from "../dom.js";
import { say } from "../events.js";
import { NO_ANSWER } from "./rules.js";
import { refuse } from "./screen.js";

const GIVE_UP_MS = 15_000;

/**
 * @typedef {{screen: Screen, obstacle: () => string, unreached: () => void}} Desk
 *   `obstacle`: why nothing may be sent now; `unreached`: the server did not answer
 */

/** @param {Desk} desk */
export function sendFromForms(desk) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isDeed = form instanceof HTMLFormElement && form.matches("form.deed, form.scan");
    const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
    if (!isDeed) return;
    event.preventDefault();
    press(desk, form, button, {});
  });
  // No submit button: Enter in the field would press the first one.
  document.addEventListener("click", (event) => {
    const back = event.target instanceof Element && event.target.closest("[data-cancel]");
    if (back) back.closest("dialog")?.close();
  });
}

/**
 * Do what the button says, or say why not, or ask first.
 * @param {Desk} desk
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement|null} button
 * @param {Record<string, string>} more values beside those of the form
 */
export function press(desk, form, button, more) {
  const why = desk.obstacle() || reasonOf(button);
  if (why) {
    refuse(why);
    return;
  }
  if (form.hasAttribute("data-keep")) return; // asked already
  const question = form.dataset.asks && document.getElementById(form.dataset.asks);
  if (question instanceof HTMLDialogElement && !("confirm" in more)) {
    question.showModal();
    const first = question.querySelector("input:not([type=hidden])");
    (first instanceof HTMLElement ? first : need(question, "[data-cancel]")).focus();
    return;
  }
  void send(desk, form, button, more);
}

/** @param {HTMLButtonElement|null} button */
function reasonOf(button) {
  if (button?.getAttribute("aria-disabled") !== "true") return "";
  return document.getElementById("swap-whys")?.textContent?.trim() || "This is not possible now.";
}

/**
 * @param {Desk} desk
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement|null} button
 * @param {Record<string, string>} more
 */
async function send(desk, form, button, more) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  refuse("");
  form.setAttribute("data-keep", "");
  button?.setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(GIVE_UP_MS),
  }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  form.removeAttribute("data-keep");
  button?.removeAttribute("aria-busy");
  if (!answer) desk.unreached();
  if (answer?.ok) {
    form.closest("dialog")?.close();
    if (form.matches(".scan")) form.remove();
    else clearText(form);
    say("Done.");
  } else {
    refuse(said?.error ?? NO_ANSWER);
  }
  if (answer) await desk.screen.load({ isWhole: true });
}

/** @param {HTMLFormElement} form a message that was sent is not sent again */
function clearText(form) {
  for (const input of form.querySelectorAll("input[type=text]"))
    if (input instanceof HTMLInputElement) input.value = "";
}
