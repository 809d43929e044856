import assert from "node:assert/strict";
import { test } from "node:test";

import {
  alertOf,
  hasNews,
  isDue,
  newsOf,
  pairs,
  patience,
  runsOf,
  timeLeft,
} from "../../static/js/swap/rules.js";

test("a child with an id serves only its own, wherever it moved", () => {
  assert.deepEqual(pairs(["#a", "#b"], ["#b", "#a"]), [1, 0]);
  assert.deepEqual(pairs(["#a"], ["#b"]), [-1]);
});

test("children without an id serve in their order, each once", () => {
  assert.deepEqual(pairs(["LI", "LI"], ["LI", "LI", "LI"]), [0, 1, -1]);
  assert.deepEqual(pairs(["P", "LI", "P"], ["LI", "P"]), [1, 0]);
  assert.deepEqual(pairs(["#text", "LI"], ["LI"]), [1]);
  assert.deepEqual(pairs([], []), []);
});

const shown = { version: 5, isOpen: true };

test("another version of this swap is news, another swap is not", () => {
  assert.equal(hasNews([{ swap_id: 118, version: 5 }], 118, shown), false);
  assert.equal(hasNews([{ swap_id: 118, version: 6 }], 118, shown), true);
  assert.equal(hasNews([{ id: 118, version: 6 }], 118, shown), true);
  const other = { swap_id: 119, version: 9 };
  assert.equal(hasNews([other, { swap_id: 118, version: 5 }], 118, shown), false);
});

test("a swap that is told of no longer has ended, one that is told of again goes on", () => {
  assert.equal(hasNews([], 118, shown), true);
  assert.equal(hasNews([], 118, { version: 5, isOpen: false }), false);
  assert.equal(hasNews([{ swap_id: 118, version: 5 }], 118, { version: 5, isOpen: false }), true);
});

test("a server that tells no swaps tells no news", () => {
  assert.equal(hasNews(undefined, 118, shown), false);
});

test("the step is asked for each 2 s without a socket that tells, each 10 s with one", () => {
  assert.equal(isDue({ since_ms: 1_999, isTold: false }), false);
  assert.equal(isDue({ since_ms: 2_000, isTold: false }), true);
  assert.equal(isDue({ since_ms: 9_999, isTold: true }), false);
  assert.equal(isDue({ since_ms: 10_000, isTold: true }), true);
});

test("only another step is said aloud", () => {
  const before = { key: "3", said: "Step 3 of 9. Shut down slot 7" };
  const after = { key: "4", said: "Step 4 of 9. Pull slot 7" };
  assert.equal(newsOf(before, after), "Step 4 of 9. Pull slot 7");
  assert.equal(newsOf(before, { ...before, said: "Step 3 of 9. Shut down slot 7 now" }), "");
});

test("time is counted in minutes, the last one and a half in seconds", () => {
  assert.equal(timeLeft(600_000), "10 min");
  assert.equal(timeLeft(91_000), "2 min");
  assert.equal(timeLeft(90_000), "90 s");
  assert.equal(timeLeft(400), "1 s");
  assert.equal(timeLeft(0), "");
  assert.equal(timeLeft(-5), "");
});

const wrong = { swap_id: 118, version: 6, is_alert: true, lead: "Put it back." };

test("an alert is told once, of this swap, while it is open, and only with words", () => {
  assert.equal(alertOf([{ ...wrong, swap_id: 119 }, wrong], 118, shown), wrong);
  assert.equal(alertOf([wrong], 118, { version: 6, isOpen: true }), null);
  assert.equal(alertOf([wrong], 118, { version: 7, isOpen: true }), null);
  assert.equal(alertOf([wrong], 118, { version: 5, isOpen: false }), null);
  assert.equal(alertOf([{ ...wrong, is_alert: false }], 118, shown), null);
  assert.equal(alertOf([{ ...wrong, lead: "" }], 118, shown), null);
  assert.equal(alertOf(undefined, 118, shown), null);
});

test("what stands between asterisks is strong", () => {
  const told = runsOf("Put it back in slot *6*, the one blinking *red*.");
  assert.equal(
    told.map(({ text }) => text).join(""),
    "Put it back in slot 6, the one blinking red.",
  );
  assert.deepEqual(
    told.filter(({ isStrong }) => isStrong).map(({ text }) => text),
    ["6", "red"],
  );
});

test("whoever has the swap asks at once, those who follow spread out, longest where the step shows already", () => {
  assert.equal(patience({ isHeld: true, isUrgent: true }, 0.9), 0);
  assert.equal(patience({ isHeld: true, isUrgent: false }, 0.9), 0);
  const urgent = patience({ isHeld: false, isUrgent: true }, 1);
  assert.ok(urgent < 500);
  assert.ok(patience({ isHeld: false, isUrgent: false }, 1) > urgent);
  assert.equal(patience({ isHeld: false, isUrgent: false }, 0), 0);
});
