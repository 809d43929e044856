import assert from "node:assert/strict";
import { test } from "node:test";

import { countNew } from "../../static/js/live/tail.js";

test("what is not there yet is new, and a swap's row is none by itself", () => {
  assert.equal(countNew(["h2", "h1"], ["h4", "w7-h3", "h3", "h2", "h1"]), 2);
});

test("nothing is new where nothing came, also when old rows left the page", () => {
  assert.equal(countNew(["h3", "h2", "h1"], ["h3", "h2"]), 0);
});

test("a command that has ended is news beside the one that was asked", () => {
  assert.equal(countNew(["c12"], ["c12e"]), 1);
});
