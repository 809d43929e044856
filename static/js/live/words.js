// @ts-check
// How fresh the page is, in one level and one sentence. Pure.

import { level } from "./ages.js";

/** @typedef {"connecting" | "open" | "checking" | "waiting" | "polling" | "closed"} State */
/** @typedef {{level: import("./ages.js").Level, state: State, browser_age_ms: number | null, chassis_age_ms: number | null, polling: boolean, message: string}} Freshness */

/** Why nothing will come any more, by close code. @type {Record<number, string>} */
export const ENDINGS = {
  4401: "You are signed out.",
  4403: "Your role does not allow you to watch this chassis.",
  4404: "This chassis does not exist any more.",
  4409: "Your access changed; the page loads again.",
};

/**
 * Say how fresh the page is.
 * @param {State} state
 * @param {number | null} browser_age_ms
 * @param {number | null} chassis_age_ms null: the server has not said, or has never heard the chassis
 * @param {string} ending why nothing will come any more; "" while something may
 * @returns {Freshness}
 */
export function freshness(state, browser_age_ms, chassis_age_ms, ending) {
  const here = level(browser_age_ms);
  // A chassis that was never heard shows "No data" by itself; the page is no staler for it.
  const there = chassis_age_ms === null ? "live" : level(chassis_age_ms);
  const worst = here === "stale" || there === "stale" ? "stale" : here === "late" ? here : there;
  const polling = state === "polling";
  const message = ending || sentence(state, here, browser_age_ms, there, chassis_age_ms);
  return {
    level: ending ? "stale" : worst,
    state,
    browser_age_ms,
    chassis_age_ms,
    polling,
    message,
  };
}

/**
 * @param {State} state
 * @param {import("./ages.js").Level} here
 * @param {number | null} browser_age_ms
 * @param {import("./ages.js").Level} there
 * @param {number | null} chassis_age_ms
 * @returns {string}
 */
function sentence(state, here, browser_age_ms, there, chassis_age_ms) {
  if (state === "checking") return "Checking…";
  if (state === "polling" && here !== "stale")
    return "Polling every 5 s: live updates are blocked here.";
  if (here !== "live") {
    const heard =
      browser_age_ms === null
        ? "The server has not answered yet."
        : `The server was last heard ${seconds(browser_age_ms)} ago.`;
    return state === "waiting" || state === "connecting" ? `${heard} Trying again.` : heard;
  }
  if (there !== "live" && chassis_age_ms !== null) {
    return `The chassis was last heard ${seconds(chassis_age_ms)} ago.`;
  }
  return "";
}

/** @param {number} age_ms */
function seconds(age_ms) {
  const whole = Math.floor(age_ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min`;
}
