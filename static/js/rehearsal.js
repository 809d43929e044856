// @ts-check
/**
 * The Rehearsal panel without leaving the page: sends the line, shows the simulator's answer.
 */

import { need, setText } from "./dom.js";

/** @param {HTMLElement} panel */
export function rehearse(panel) {
  const form = /** @type {HTMLFormElement} */ (need(panel, "form"));
  const answer = need(panel, "[data-answer]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = new FormData(form, event.submitter);
    const line = String(values.get("line")).replace("{slot}", String(values.get("slot")));
    const response = await fetch(form.action, {
      method: "POST",
      body: values,
      headers: { Accept: "application/json" },
    }).catch(() => null);
    const said = await response?.json().catch(() => null);
    setText(
      answer,
      said?.ok ? `${line}: done` : `${line}: ${said?.error ?? "the server did not answer"}`,
    );
  });
}

/**
 * Rehearse at the slot that was just opened.
 * @param {HTMLElement} panel
 * @param {number} n
 */
export function chooseSlot(panel, n) {
  const choice = panel.querySelector(`input[value="${n}"]`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
}
