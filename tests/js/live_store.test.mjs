import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../static/js/live/store.js";

const HELLO = {
  type: "hello",
  protocol: 1,
  epoch: "a",
  seq: 5,
  server_time: "2026-01-01T00:00:00Z",
};
const snap = (seq) => ({ type: "snap", seq, chassis: { slug: "demo", seq }, events: [] });
const delta = (prev, seq, slots = [{ n: 7, face: "off" }]) => ({
  type: "delta",
  prev,
  seq,
  slots,
  chassis: { summary: [] },
  events: [],
});

function storeAt(seq) {
  const store = new Store();
  store.apply(HELLO);
  store.apply(snap(seq));
  return store;
}

test("a snapshot is the whole truth", () => {
  const store = new Store();
  assert.equal(store.apply(HELLO).kind, "none");
  assert.equal(store.isWhole, false);
  const outcome = store.apply(snap(5));
  assert.equal(outcome.kind, "snap");
  assert.deepEqual(outcome.detail, { chassis: { slug: "demo", seq: 5 }, events: [] });
  assert.equal(store.isWhole, true);
  assert.equal(store.seq, 5);
});

test("a delta that follows is applied and hands on what changed", () => {
  const store = storeAt(5);
  const outcome = store.apply(delta(5, 6));
  assert.equal(outcome.kind, "delta");
  assert.deepEqual(outcome.detail.slots, [{ n: 7, face: "off" }]);
  assert.equal(store.seq, 6);
});

test("a delta may jump over revisions that changed nothing here", () => {
  const store = storeAt(5);
  assert.equal(store.apply(delta(5, 9)).kind, "delta");
  assert.equal(store.seq, 9);
});

test("a change without a revision is applied", () => {
  const store = storeAt(5);
  assert.equal(store.apply(delta(5, 5)).kind, "delta");
  assert.equal(store.seq, 5);
});

test("a delta older than the snapshot is dropped", () => {
  const store = storeAt(5);
  assert.deepEqual(store.apply(delta(3, 4)), { kind: "none", needSnapshot: false });
  assert.equal(store.seq, 5);
});

test("a gap asks for a snapshot once, and nothing fits until it comes", () => {
  const store = storeAt(5);
  assert.deepEqual(store.apply(delta(6, 7)), { kind: "none", needSnapshot: true });
  assert.equal(store.isWhole, false);
  assert.deepEqual(store.apply(delta(7, 8)), { kind: "none", needSnapshot: false });
  assert.equal(store.apply({ type: "tele", slots: [] }).kind, "none");
  assert.equal(store.apply(snap(8)).kind, "snap");
  assert.equal(store.apply(delta(8, 9)).kind, "delta");
});

test("a beat ahead of us tells of a lost delta", () => {
  const store = storeAt(5);
  assert.equal(store.apply({ type: "beat", seq: 5 }).needSnapshot, false);
  assert.equal(store.apply({ type: "beat", seq: 6 }).needSnapshot, true);
});

test("another hub counts anew: its lower snapshot is taken", () => {
  const store = storeAt(500);
  store.apply({ ...HELLO, epoch: "b", seq: 3 });
  assert.equal(store.apply(delta(500, 501)).kind, "none");
  assert.equal(store.apply(snap(3)).kind, "snap");
  assert.equal(store.seq, 3);
});

test("doubt keeps everything out until a snapshot", () => {
  const store = storeAt(5);
  store.doubt();
  assert.equal(store.apply(delta(5, 6)).kind, "none");
  assert.equal(store.apply(snap(6)).kind, "snap");
});

test("messages of a newer server are ignored", () => {
  const store = storeAt(5);
  assert.deepEqual(store.apply({ type: "aurora" }), { kind: "none", needSnapshot: false });
});
