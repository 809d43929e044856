import assert from "node:assert/strict";
import { test } from "node:test";

import { Ages, level, readingAge } from "../../static/js/live/ages.js";
import { pause } from "../../static/js/live/backoff.js";
import { freshness } from "../../static/js/live/words.js";

test("levels end at three and ten seconds", () => {
  assert.equal(level(0), "live");
  assert.equal(level(2_999), "live");
  assert.equal(level(3_000), "late");
  assert.equal(level(10_000), "late");
  assert.equal(level(10_001), "stale");
  assert.equal(level(null), "stale");
});

test("the age of the chassis goes on while the server is silent", () => {
  const ages = new Ages();
  assert.equal(ages.chassisAge(0), null);
  ages.heard(1_000);
  ages.told({ server_time: "2026-01-01T00:00:10Z", chassis_age_ms: 400 }, 1_000);
  assert.equal(ages.browserAge(3_500), 2_500);
  assert.equal(ages.chassisAge(3_500), 2_900);
});

test("the server's clock is followed, not this machine's", () => {
  const ages = new Ages();
  assert.equal(ages.serverNow(0), null);
  ages.told({ server_time: "2026-01-01T00:00:10Z" }, 500);
  assert.equal(ages.serverNow(1_500), Date.parse("2026-01-01T00:00:11Z"));
  assert.equal(readingAge("2026-01-01T00:00:07Z", ages.serverNow(1_500)), 4_000);
  assert.equal(readingAge(null, 0), null);
});

test("readings of the chassis are news of it", () => {
  const ages = new Ages();
  ages.told({ server_time: "2026-01-01T00:00:10Z", chassis_age_ms: 2_500 }, 0);
  ages.chassisHeard("2026-01-01T00:00:10.900Z", 1_000);
  assert.equal(ages.chassisAge(1_000), 100);
});

test("a chassis that was never heard has no age", () => {
  const ages = new Ages();
  ages.told({ server_time: "2026-01-01T00:00:10Z", chassis_age_ms: null }, 0);
  assert.equal(ages.chassisAge(60_000), null);
});

test("the page is as fresh as its older half", () => {
  assert.equal(freshness("open", 500, 500, "").level, "live");
  assert.equal(freshness("open", 500, 500, "").message, "");
  assert.equal(freshness("open", 500, 4_000, "").level, "late");
  assert.equal(freshness("open", 4_000, 500, "").level, "late");
  assert.equal(freshness("open", 500, 12_000, "").level, "stale");
  assert.equal(freshness("waiting", 12_000, 4_000, "").level, "stale");
  assert.equal(freshness("open", 500, null, "").level, "live");
});

test("the sentence names who is silent and for how long", () => {
  assert.match(freshness("open", 500, 42_000, "").message, /chassis was last heard 42 s ago/);
  assert.match(
    freshness("waiting", 12_000, 500, "").message,
    /server was last heard 12 s ago.*again/,
  );
  assert.match(freshness("waiting", 300_000, 500, "").message, /5 min ago/);
  assert.equal(freshness("checking", 500, 500, "").message, "Checking…");
  assert.match(freshness("polling", 2_000, 500, "").message, /every 5 s/);
  assert.equal(freshness("polling", 2_000, 500, "").polling, true);
  assert.match(freshness("polling", 12_000, 500, "").message, /12 s ago/);
});

test("when nothing more will come the page is stale and says why", () => {
  const now = freshness("closed", 100, 100, "You are signed out.");
  assert.equal(now.level, "stale");
  assert.equal(now.message, "You are signed out.");
});

test("pauses have full jitter and end at thirty seconds", () => {
  assert.equal(pause(0, 0.999), 999);
  assert.equal(pause(3, 0.5), 4_000);
  assert.equal(pause(50, 1), 30_000);
  assert.equal(pause(50, 0), 200);
});
