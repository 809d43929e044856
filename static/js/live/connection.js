// @ts-check
// Keeps one chassis of the page up to date and speaks in CustomEvents on document (docs/live-protocol.md).

import { Ages } from "./ages.js";
import { Polling } from "./polling.js";
import { LiveSocket } from "./socket.js";
import { Store } from "./store.js";
import { ENDINGS, freshness } from "./words.js";

const SILENT_MS = 7_000; // three beats missed: this connection is dead, whatever the kernel thinks
const CHECK_WITHIN_MS = 3_000; // after waking up a live server answers at once
const POLL_AFTER_FAILURES = 2;

class Connection {
  #store = new Store();
  #ages = new Ages();
  #ending = "";
  #said = "";
  #socket;
  #polling;
  #ticks = setInterval(() => this.#look(true), 1_000);

  /** @param {string} slug */
  constructor(slug) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const name = encodeURIComponent(slug);
    this.#socket = new LiveSocket(
      `${scheme}://${location.host}/ws/chassis/${name}/`,
      (message) => this.#hear(message),
      (code) => this.#lost(code),
    );
    this.#polling = new Polling(
      `/c/${name}/snapshot/`,
      (snapshot) => this.#hear({ ...snapshot, type: "snap" }),
      () => this.#end(4401),
    );
    this.#ages.heard(0); // the page itself came from the server, when this clock began
    this.#socket.open();
  }

  state() {
    const now_ms = performance.now();
    const [here, there] = [this.#ages.browserAge(now_ms), this.#ages.chassisAge(now_ms)];
    return freshness(this.#state(), here, there, this.#ending);
  }

  /** The server's wall clock in ms since 1970; null until it was heard. */
  serverNow() {
    return this.#ages.serverNow(performance.now());
  }

  /** Make sure that what the page shows is true: ask for everything, or connect now. */
  refresh() {
    if (this.#ending) return;
    this.#store.doubt();
    if (this.#socket.isOpen) {
      this.#socket.send({ type: "snap?" });
      this.#socket.expectWithin(CHECK_WITHIN_MS);
    } else if (!this.#socket.isConnecting) {
      this.#socket.open();
    }
    this.#look();
  }

  /** Stop for good. */
  close() {
    clearInterval(this.#ticks);
    this.#ending ||= "Closed.";
    this.#socket.close();
    this.#polling.stop();
  }

  /** @returns {import("./words.js").State} */
  #state() {
    if (this.#ending) return "closed";
    if (this.#socket.isOpen) return this.#store.isWhole ? "open" : "checking";
    if (this.#polling.isOn) return "polling";
    return this.#socket.isConnecting ? "connecting" : "waiting";
  }

  /** @param {Record<string, any>} message */
  #hear(message) {
    const now_ms = performance.now();
    this.#ages.heard(now_ms);
    if (message.server_time) this.#ages.told(/** @type {any} */ (message), now_ms);
    if (message.type === "tele") this.#ages.chassisHeard(message.at, now_ms);
    if (message.type === "beat") this.#socket.send({ type: "beat" });
    if (message.type === "error") console.warn("live:", message.message);
    const { kind, needSnapshot, detail } = this.#store.apply(message);
    if (needSnapshot) this.refresh();
    if (kind === "snap" && this.#socket.isOpen) {
      this.#socket.satisfied();
      this.#polling.stop();
    }
    if (this.#store.isWhole) this.#socket.expectWithin(SILENT_MS);
    if (kind === "none") return;
    document.dispatchEvent(new CustomEvent(`live:${kind}`, { detail }));
    this.#look();
  }

  /** @param {number} code @returns {boolean} whether to try again */
  #lost(code) {
    this.#store.doubt();
    if (code in ENDINGS) this.#end(code);
    else if (this.#socket.failures >= POLL_AFTER_FAILURES) this.#polling.start();
    this.#look();
    return !this.#ending;
  }

  /** @param {number} code */
  #end(code) {
    this.#ending = ENDINGS[code] ?? "Closed.";
    this.#look();
    this.close();
    const here = `${location.pathname}${location.search}`;
    if (code === 4401) location.assign(`/sign-in/?next=${encodeURIComponent(here)}`);
    if (code === 4409) location.reload();
  }

  /**
   * Tell the page how fresh it is: each second, since ages grow, and at once when it reads differently.
   * @param {boolean} [always]
   */
  #look(always = false) {
    const now = this.state();
    const said = `${now.level} ${now.state} ${now.message}`;
    if (said === this.#said && !always) return;
    this.#said = said;
    document.dispatchEvent(new CustomEvent("live:level", { detail: now }));
  }
}

/**
 * Follow a chassis from now on, also through sleep, lost networks and restarts of the server.
 * @param {{slug: string}} chassis
 */
export function follow({ slug }) {
  const connection = new Connection(slug);
  const wake = () => document.visibilityState === "visible" && connection.refresh();
  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", (event) => event.persisted && connection.refresh());
  addEventListener("online", () => connection.refresh());
  return connection;
}
