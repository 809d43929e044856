// @ts-check
// Which alarms this page shows: those of the site, and of the chassis it follows, which that socket tells first. Pure.

/** @typedef {{chassis: string, chassis_name: string, slot: number, name: string, text: string, advice: string, since: string, wanted: number[], url: string}} Alarm */

export class Alarms {
  /** @type {Alarm[]} */
  #site = [];
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
    if (this.#own === null) return this.#site;
    const others = this.#site.filter((alarm) => alarm.chassis.toLowerCase() !== this.#slug);
    return [...this.#own, ...others];
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
