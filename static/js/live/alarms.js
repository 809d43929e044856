// @ts-check
// Which alarms this page shows: those of the site, and of the chassis it follows, which that socket tells first. Pure.

/** @typedef {{chassis: string, chassis_name: string, slot: number, name: string, text: string, advice: string, since: string, wanted: number[], url: string}} Alarm */

export class Alarms {
  /** @type {Alarm[] | null} */
  #site = null;
  /** @type {Alarm[] | null} */
  #own = null;
  #slug;

  /** @param {string} slug of the chassis that this page follows; "" for none */
  constructor(slug) {
    this.#slug = slug.toLowerCase();
  }

  /** @param {Alarm[]} alarms all of the site, newest first */
  ofSite(alarms) {
    this.#site = alarms;
  }

  /** @param {Omit<Alarm, "chassis" | "chassis_name">[]} alarms of the chassis that this page follows */
  ofChassis(alarms) {
    this.#own = alarms.map((alarm) => ({ ...alarm, chassis: this.#slug, chassis_name: "" }));
  }

  /** What to show: the followed chassis first, each alarm once. @returns {Alarm[]} */
  get shown() {
    const site = this.#site ?? [];
    if (this.#own === null) return site;
    return [...this.#own, ...site.filter((alarm) => !this.#isOwn(keyOf(alarm)))];
  }

  /**
   * Whether anybody has told enough to say that this alarm is over; until then a line stays as the page was loaded.
   * @param {string} key
   */
  knows(key) {
    return this.#own !== null && this.#isOwn(key) ? true : this.#site !== null;
  }

  /** @param {string} key */
  #isOwn(key) {
    return key.slice(0, key.lastIndexOf("-")) === this.#slug;
  }
}

/**
 * What makes an alarm the same one when it is told again.
 * @param {Alarm} alarm
 */
export const keyOf = (alarm) => `${alarm.chassis.toLowerCase()}-${alarm.slot}`;

/**
 * What the alarm's link says: where it leads.
 * @param {Pick<Alarm, "url" | "slot">} alarm
 */
export function linkWords({ url, slot }) {
  const swap = /^\/w\/(\d+)\//.exec(url);
  return swap ? `Open swap ${swap[1]}` : `Open slot ${slot}`;
}
