// The connection over a browser made of fakes: its clock, its sockets and its network are ours.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { follow } from "../../static/js/live/connection.js";

const SNAP = { type: "snap", seq: 5, chassis: { slug: "demo" }, events: [] };
const BEAT = { type: "beat", seq: 5, server_time: "2026-01-01T00:00:00Z", chassis_age_ms: 100 };
let clock_ms = 0;
let sockets = [];
let heard = [];
let went = [];
let snapshots = [];
let connection;

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  readyState = FakeSocket.CONNECTING;
  sent = [];
  constructor(url) {
    this.url = url;
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text).type);
  }
  close() {
    this.readyState = 3;
  }
  say(...messages) {
    this.readyState = FakeSocket.OPEN;
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }
  end(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

class FakePage extends EventTarget {
  visibilityState = "visible";
  hidden = false;
  dispatchEvent(event) {
    if (event.type.startsWith("live:")) heard.push(event);
    return super.dispatchEvent(event);
  }
}

/** Let time pass, timers fire and promises settle. */
async function pass(ms) {
  for (let left = ms; left > 0; left -= 100) {
    clock_ms += Math.min(left, 100);
    mock.timers.tick(Math.min(left, 100));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

const told = (kind) => heard.filter((event) => event.type === `live:${kind}`);
const level = () => told("level").at(-1).detail;
const newest = () => sockets.at(-1);

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => clock_ms);
  mock.method(Math, "random", () => 0.5);
  [clock_ms, sockets, heard, went, snapshots] = [0, [], [], [], []];
  const page = new EventTarget();
  Object.assign(globalThis, {
    WebSocket: FakeSocket,
    document: new FakePage(),
    addEventListener: page.addEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    location: {
      protocol: "https:",
      host: "rack.example",
      pathname: "/c/demo/",
      search: "",
      assign: (url) => went.push(url),
      reload: () => went.push("reload"),
    },
    fetch: async (url) => {
      snapshots.push(url);
      return { ok: true, status: 200, json: async () => ({ ...SNAP, ...BEAT, type: undefined }) };
    },
  });
  AbortSignal.timeout = () => undefined; // its timer would outlive the test
  connection = follow({ slug: "demo" });
});

afterEach(() => {
  connection.close();
  mock.timers.reset();
  mock.restoreAll();
});

test("a page that was just loaded is live, then tells what it hears", async () => {
  assert.equal(newest().url, "wss://rack.example/ws/chassis/demo/");
  await pass(1_000);
  assert.deepEqual([level().level, level().state], ["live", "connecting"]);
  newest().say({ type: "hello", epoch: "a", seq: 5, server_time: BEAT.server_time }, SNAP);
  assert.equal(told("snap").length, 1);
  assert.deepEqual([level().level, level().state, level().message], ["live", "open", ""]);
  newest().say({ type: "delta", prev: 5, seq: 6, slots: [{ n: 7 }], chassis: {}, events: [] });
  assert.deepEqual(told("delta")[0].detail.slots, [{ n: 7 }]);
});

test("each beat is answered", () => {
  newest().say(SNAP, BEAT, BEAT);
  assert.deepEqual(newest().sent, ["beat", "beat"]);
});

test("a gap asks for a snapshot and says that the page is being checked", () => {
  newest().say(SNAP, { type: "delta", prev: 8, seq: 9, slots: [], chassis: {}, events: [] });
  assert.deepEqual(newest().sent, ["snap?"]);
  assert.equal(level().state, "checking");
  newest().say({ ...SNAP, seq: 9 });
  assert.equal(level().state, "open");
});

test("a silent connection is given up and made anew", async () => {
  newest().say(SNAP);
  await pass(3_500);
  assert.equal(level().level, "late");
  await pass(4_500);
  await pass(1_000);
  assert.equal(sockets.length, 2);
  await pass(3_000);
  assert.equal(level().level, "stale");
  assert.match(level().message, /server was last heard 12 s ago/);
});

test("a lost connection comes back after a pause with jitter", async () => {
  newest().say(SNAP);
  newest().end(1012);
  assert.equal(sockets.length, 1);
  assert.equal(level().state, "waiting");
  await pass(500);
  assert.equal(sockets.length, 2);
  newest().say(SNAP);
  assert.equal(level().state, "open");
});

test("coming online, or into sight, tries at once", async () => {
  newest().end(1006);
  globalThis.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
  newest().say(SNAP);
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(newest().sent, ["snap?"]);
  assert.equal(level().state, "checking");
  await pass(4_000); // no answer: this socket slept through something
  assert.equal(sockets.length, 3);
});

test("where sockets are blocked the page polls, and says so, until one opens", async () => {
  newest().end(1006);
  await pass(600);
  newest().end(1006);
  await pass(200);
  assert.deepEqual(snapshots, ["/c/demo/snapshot/"]);
  assert.equal(told("snap").length, 1);
  assert.equal(level().polling, true);
  assert.match(level().message, /Polling every 5 s/);
  await pass(5_000);
  assert.equal(snapshots.length, 2);
  newest().say(SNAP);
  assert.equal(level().polling, false);
  await pass(2_000);
  newest().say(BEAT);
  await pass(4_000);
  assert.equal(snapshots.length, 2);
});

test("who is signed out while polling signs in again", async () => {
  globalThis.fetch = async () => ({ ok: false, status: 401 });
  newest().end(1006);
  await pass(600);
  newest().end(1006);
  await pass(200);
  assert.deepEqual(went, ["/sign-in/?next=%2Fc%2Fdemo%2F"]);
});

for (const [code, where, words] of [
  [4401, ["/sign-in/?next=%2Fc%2Fdemo%2F"], /signed out/],
  [4403, [], /role/],
  [4404, [], /does not exist/],
  [4409, ["reload"], /access changed/],
]) {
  test(`close code ${code} ends it`, async () => {
    newest().say(SNAP);
    newest().end(code);
    assert.deepEqual([level().level, level().state], ["stale", "closed"]);
    assert.match(level().message, words);
    await pass(60_000);
    assert.equal(sockets.length, 1);
    assert.deepEqual(went, where);
  });
}
