import assert from "node:assert/strict";
import { test } from "node:test";

import { Alarms, keyOf, linkWords } from "../../static/js/live/alarms.js";

const own = (slot) => ({ slot, text: `That was slot ${slot}.`, url: `/c/a12/s/${slot}/` });
const of = (chassis, slot) => ({ ...own(slot), chassis, chassis_name: `Chassis ${chassis}` });
const keys = (alarms) => alarms.shown.map(keyOf);

test("a page that follows no chassis shows every alarm of the site", () => {
  const alarms = new Alarms("");
  alarms.ofSite([of("a12", 6), of("b07", 3)]);
  assert.deepEqual(keys(alarms), ["a12-6", "b07-3"]);
  alarms.ofSite([]);
  assert.deepEqual(keys(alarms), []);
});

test("of its own chassis a page believes that chassis's socket alone", () => {
  const alarms = new Alarms("A12");
  alarms.ofSite([of("b07", 3), of("a12", 6)]);
  assert.deepEqual(keys(alarms), ["b07-3", "a12-6"]); // nothing else is known yet
  alarms.ofChassis([own(6)]);
  assert.deepEqual(keys(alarms), ["a12-6", "b07-3"]);
  alarms.ofChassis([]);
  assert.deepEqual(keys(alarms), ["b07-3"]); // the site's word on it is older
});

test("lines of which nobody has told stay as the page was loaded", () => {
  const alarms = new Alarms("a-12");
  assert.deepEqual([alarms.knows("a-12-6"), alarms.knows("b07-3")], [false, false]);
  alarms.ofChassis([]);
  assert.deepEqual([alarms.knows("a-12-6"), alarms.knows("b07-3")], [true, false]);
  alarms.ofSite([]);
  assert.deepEqual([alarms.knows("a-12-6"), alarms.knows("b07-3")], [true, true]);
});

test("an alarm keeps its key when its words change", () => {
  assert.equal(keyOf({ ...of("A12", 6), text: "x" }), keyOf(of("a12", 6)));
});

test("the link says where it leads", () => {
  assert.equal(linkWords(own(6)), "Open slot 6");
  assert.equal(linkWords({ slot: 6, url: "/w/118/" }), "Open swap 118");
});
