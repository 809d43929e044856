// @ts-check
/**
 * The shapes that the server sends (docs/live-protocol.md). Types only.
 *
 * @typedef {{colour: string, pattern: string}} Lamp
 * @typedef {{status: Lamp, hotswap: Lamp, locate: Lamp, layer: string}} Lamps
 * @typedef {{op: string, label: string, icon: string, enabled: boolean, why: string, class: number}} Action
 * @typedef {{key: string, icon: string, word: string, until: string|null}} Flag
 * @typedef {{label: string, planned: string, asked: string, seen: string}} Row
 * @typedef {{id: number, word: string, at: string, wait: string}} Pending
 * @typedef {{n: number, temp_c: number|null, w: number|null, v: number|null, a: number|null, reading_at: string|null}} Reading
 * @typedef {Reading & {state: string, face: string, word: string, icon: string, detail: string, advice: string,
 *   name: string, since: string, rev: number, temp_limit_c: number, lamps: Lamps|null, flags: Flag[],
 *   own: boolean, locate: {by: string, until: string}|null,
 *   swap: {id: number, step: number, word: string, holder: string}|null, pending: Pending|null, actions: Action[], seen: {label: string, value: string}[], rows: Row[]}} Slot
 * @typedef {{used_w: number|null, budget_w: number|null}} Power
 * @typedef {{state: string, message: string, since: string|null, up: boolean}} LinkView
 * @typedef {{link: LinkView, warnings: {key: string, text: string}[],
 *   summary: {key: string, icon: string, word: string, count: number}[], power: Power,
 *   alarms: AlarmView[], swaps: Swap[]}} ChassisPart
 * @typedef {{slot: number, name: string, text: string, advice: string, since: string, wanted: number[], url: string}} AlarmView
 * @typedef {{swap_id: number, slot: number, step: number, step_word: string, branch: string, holder: string,
 *   state: string, tone: string, words: string, is_alert: boolean, version: number, key: string, icon: string,
 *   lead: string, sub: string}} Swap
 * @typedef {ChassisPart & {slug: string, name: string, seq: number, simulated: boolean, recorded: boolean, slots: Slot[]}} Chassis
 * @typedef {{id: string, at: string, slot: number|null, icon: string, text: string, who: string}} EventLine
 * @typedef {{level: "live"|"late"|"stale", state: string, browser_age_ms: number|null, chassis_age_ms: number|null,
 *   polling: boolean, message: string}} Level
 * @typedef {{guard: number, role: string, question: string, consequence: string, verb: string,
 *   reason: string, own: string}} Ask
 */

export {};
