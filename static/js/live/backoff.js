// @ts-check
// When to try again: full jitter, so that a thousand pages do not come back in the same second. Pure.

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const LEAST_MS = 200; // a refused connection comes back at once; without this the first tries would spin

/**
 * Return the pause before try number `attempt` (0 is the first after a failure).
 * @param {number} attempt
 * @param {number} random between 0 and 1
 * @returns {number} milliseconds
 */
export function pause(attempt, random) {
  const longest_ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(LEAST_MS, random * longest_ms);
}
