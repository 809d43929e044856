// @ts-check
/**
 * The question before a guarded command: a native dialog with the focus on Cancel.
 * The gravest ones want the button held for 1.5 s, or the slot's number typed.
 * @import { Ask } from "./views.js"
 */

import { field, need, setText, show } from "./dom.js";

const HOLD_MS = 1500;

/** Whether the person said yes, and why where that is asked.
 * @typedef {{yes: boolean, reason: string}} Answer
 */

/**
 * @param {Ask} words
 * @param {number} n
 * @param {string} name
 * @param {boolean} mustHold
 * @returns {Promise<Answer>}
 */
export function ask(words, n, name, mustHold) {
  const dialog = /** @type {HTMLDialogElement} */ (need(document, '[data-dialog="ask"]'));
  const who = name ? `slot ${n}, ${name}` : `slot ${n}`;
  const fill = /** @param {string} text */ (text) =>
    text.replaceAll("{who}", who).replaceAll("{n}", String(n));
  setText(need(dialog, "#ask-title"), fill(words.question));
  setText(need(dialog, "#ask-text"), fill(words.consequence));
  setText(field(dialog, "verb"), (mustHold ? "Hold: " : "") + fill(words.verb));
  const typed = /** @type {HTMLInputElement} */ (need(dialog, "[name=confirm]"));
  typed.value = "";
  show(need(dialog, '[data-part="typed"]'), mustHold);
  const yes = /** @type {HTMLButtonElement} */ (need(dialog, "[data-yes]"));
  yes.classList.toggle("danger", mustHold);
  yes.classList.toggle("primary", !mustHold);
  const reason = prepareReason(dialog, words.reason);
  const end = new AbortController();
  return new Promise((resolve) => {
    const finish = /** @param {boolean} answer */ (answer) => {
      end.abort();
      if (dialog.open) dialog.close();
      resolve({ yes: answer, reason: reason.value.trim() });
    };
    dialog.addEventListener("close", () => finish(dialog.returnValue === "yes"), {
      signal: end.signal,
    });
    if (words.reason) insist(yes, reason, end.signal);
    if (mustHold) guard(yes, typed, String(n), finish, end.signal);
    dialog.returnValue = "cancel";
    dialog.showModal();
    need(dialog, "[data-cancel]").focus();
  });
}

/**
 * Show the line for the reason, or hide it.
 * @param {HTMLElement} dialog
 * @param {string} label
 */
function prepareReason(dialog, label) {
  const line = /** @type {HTMLInputElement} */ (need(dialog, "[name=reason]"));
  line.value = "";
  setText(field(dialog, "reason"), label);
  show(need(dialog, '[data-part="reason"]'), label !== "");
  return line;
}

/**
 * Let `yes` through only with a reason.
 * @param {HTMLButtonElement} yes
 * @param {HTMLInputElement} reason
 * @param {AbortSignal} signal
 */
function insist(yes, reason, signal) {
  const form = /** @type {HTMLFormElement} */ (yes.form);
  form.addEventListener(
    "submit",
    (event) => {
      const isCancel = event.submitter !== yes && document.activeElement !== reason;
      if (isCancel) return;
      event.preventDefault();
      const dialog = /** @type {HTMLDialogElement} */ (form.closest("dialog"));
      if (reason.value.trim()) dialog.close("yes");
      else reason.focus();
    },
    { signal },
  );
}

/**
 * Let `yes` through only when held long enough, or when the number is typed.
 * @param {HTMLButtonElement} yes
 * @param {HTMLInputElement} typed
 * @param {string} number
 * @param {(answer: boolean) => void} finish
 * @param {AbortSignal} signal
 */
function guard(yes, typed, number, finish, signal) {
  let timer = 0;
  const release = () => {
    window.clearTimeout(timer);
    yes.classList.remove("holding");
  };
  yes.addEventListener(
    "pointerdown",
    () => {
      yes.classList.add("holding");
      timer = window.setTimeout(() => finish(true), HOLD_MS);
    },
    { signal },
  );
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "blur"])
    yes.addEventListener(kind, release, { signal });
  signal.addEventListener("abort", release);
  const form = /** @type {HTMLFormElement} */ (yes.form);
  form.addEventListener(
    "submit",
    (event) => {
      const isYes =
        event.submitter === yes || (event.submitter !== yes && document.activeElement === typed);
      if (!isYes) return;
      event.preventDefault();
      if (typed.value.trim() === number) finish(true);
      else typed.focus();
    },
    { signal },
  );
}
