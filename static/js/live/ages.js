// @ts-check
// How old is what the page shows? Three ages: browser to server, server to chassis, and each reading.
// Pure: `now_ms` is a monotonic clock's, so that a wrong or jumping wall clock makes nothing look fresh.

export const LATE_MS = 3_000;
export const STALE_MS = 10_000;

/** @typedef {"live" | "late" | "stale"} Level */

/**
 * Return the level of an age; one that is not known is stale.
 * @param {number | null} age_ms
 * @returns {Level}
 */
export function level(age_ms) {
  if (age_ms === null || age_ms > STALE_MS) return "stale";
  return age_ms < LATE_MS ? "live" : "late";
}

/**
 * Return the age of a reading; null when it has no time.
 * @param {string | null} reading_at ISO time of the server
 * @param {number | null} server_now_ms the server's time now, from Ages.serverNow
 * @returns {number | null}
 */
export function readingAge(reading_at, server_now_ms) {
  if (reading_at === null || server_now_ms === null) return null;
  return Math.max(0, server_now_ms - Date.parse(reading_at));
}

export class Ages {
  /** @type {number | null} */
  #heard_ms = null;
  /** @type {{server_ms: number, at_ms: number} | null} */
  #clock = null;
  /** @type {{age_ms: number, at_ms: number} | null} */
  #chassis = null;

  /**
   * Note that the server said something.
   * @param {number} now_ms
   */
  heard(now_ms) {
    this.#heard_ms = now_ms;
  }

  /**
   * Take the server's time, and how long ago it heard the chassis (null: never).
   * @param {{server_time: string, chassis_age_ms?: number | null}} told
   * @param {number} now_ms
   */
  told({ server_time, chassis_age_ms }, now_ms) {
    this.#clock = { server_ms: Date.parse(server_time), at_ms: now_ms };
    if (chassis_age_ms === undefined) return;
    this.#chassis = chassis_age_ms === null ? null : { age_ms: chassis_age_ms, at_ms: now_ms };
  }

  /**
   * Note that the server passed on news of the chassis, taken at server time `at`.
   * @param {string} at
   * @param {number} now_ms
   */
  chassisHeard(at, now_ms) {
    const age_ms = readingAge(at, this.serverNow(now_ms));
    if (age_ms !== null) this.#chassis = { age_ms, at_ms: now_ms };
  }

  /** @param {number} now_ms @returns {number | null} */
  browserAge(now_ms) {
    return this.#heard_ms === null ? null : now_ms - this.#heard_ms;
  }

  /** @param {number} now_ms @returns {number | null} */
  chassisAge(now_ms) {
    return this.#chassis && this.#chassis.age_ms + now_ms - this.#chassis.at_ms;
  }

  /** @param {number} now_ms @returns {number | null} the server's wall clock, in ms since 1970 */
  serverNow(now_ms) {
    return this.#clock && this.#clock.server_ms + now_ms - this.#clock.at_ms;
  }
}
