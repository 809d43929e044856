// @ts-check
// What a swap's page decides without looking at the page: no DOM, no clock, no network. Pure.

/** How long a guarded button is held down. */
export const HOLD_MS = 1500;
/** How often the step is asked for while no socket tells of changes. */
export const POLL_MS = 2_000;
/** How often it is asked for all the same: leases and countdowns move without an event. */
export const LOOK_AGAIN_MS = 10_000;
/** How often the holder's page says that it is still there. */
export const RENEW_MS = 30_000;
/** Over how long the pages of those who follow spread their questions; the latter when they show the step already. */
const SPREAD_MS = 300;
const SHOWN_SPREAD_MS = 2_000;

export const OFFLINE_WORDS =
  "Offline. The lights still guide you: blue steady = pull, white slow = insert, red = stop. Buttons wait until the server is heard again; nothing is sent later.";
export const NO_ANSWER =
  "The server did not answer. Nothing is known of this; look at the slot before you try again.";

/**
 * Which child that is there serves as which wanted one; -1: none, it has to be made.
 * Children with an id ("#id") serve only their own; others the first of their kind that is left.
 * @param {string[]} there keys of the children that are there
 * @param {string[]} wanted
 * @returns {number[]} for each wanted child the index of the one that serves
 */
export function pairs(there, wanted) {
  const free = new Map(there.map((key, index) => [index, key]));
  return wanted.map((key) => {
    for (const [index, other] of free) {
      if (other !== key) continue;
      free.delete(index);
      return index;
    }
    return -1;
  });
}

/**
 * Whether the socket tells of this swap, and of a version that the page does not show yet.
 * A swap that is told of no longer has ended or was parked: that is news too.
 * @param {{id?: number, swap_id?: number, version: number}[] | undefined} briefs undefined: the server tells none
 * @param {number} id
 * @param {{version: number, isOpen: boolean}} shown
 * @returns {boolean}
 */
export function hasNews(briefs, id, shown) {
  if (!briefs) return false;
  const brief = briefs.find((one) => (one.swap_id ?? one.id) === id);
  if (!brief) return shown.isOpen;
  return brief.version !== shown.version || !shown.isOpen;
}

/**
 * The brief of this swap where it calls for a person with words that the page does not show yet; else null.
 * @template {{swap_id: number, version: number, is_alert: boolean, lead: string}} T
 * @param {T[] | undefined} briefs
 * @param {number} id
 * @param {{version: number, isOpen: boolean}} shown
 * @returns {T | null}
 */
export function alertOf(briefs, id, shown) {
  const brief = briefs?.find((one) => one.swap_id === id);
  if (!brief || !shown.isOpen || brief.version <= shown.version) return null;
  return brief.is_alert && brief.lead ? brief : null;
}

/**
 * A sentence with *asterisks* in pieces, every second one strong.
 * @param {string} sentence
 * @returns {{text: string, isStrong: boolean}[]}
 */
export function runsOf(sentence) {
  const pieces = sentence.split("*").map((text, index) => ({ text, isStrong: index % 2 === 1 }));
  return pieces.filter(({ text }) => text);
}

/**
 * How long to wait before asking for the card, so that fifty pages do not ask in the same moment. Whoever has the
 * swap waits for nothing; a card whose words are there already, or of which only the lamp is another, is in no hurry.
 * @param {{isHeld: boolean, isUrgent: boolean}} page
 * @param {number} chance from 0 to 1
 */
export function patience(page, chance) {
  return page.isHeld ? 0 : chance * (page.isUrgent ? SPREAD_MS : SHOWN_SPREAD_MS);
}

/**
 * Whether it is time to ask for the step.
 * @param {{since_ms: number, isTold: boolean}} now `isTold`: an open socket tells of changes
 * @returns {boolean}
 */
export function isDue({ since_ms, isTold }) {
  return since_ms >= (isTold ? LOOK_AGAIN_MS : POLL_MS);
}

/**
 * What is said aloud when another step shows; "" when it is the same.
 * @param {{key: string, said: string}} before
 * @param {{key: string, said: string}} after
 */
export function newsOf(before, after) {
  return before.key === after.key ? "" : after.said;
}

/**
 * How much time is left, as people count it: "4 min", "50 s", "" when it is over.
 * @param {number} left_ms
 */
export function timeLeft(left_ms) {
  if (left_ms <= 0) return "";
  const seconds = Math.ceil(left_ms / 1000);
  return seconds > 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
}
