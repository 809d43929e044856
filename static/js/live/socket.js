// @ts-check
// One websocket that comes back: opens, gives up on silence, pauses with jitter, tries again for ever.

import { pause } from "./backoff.js";

const OPEN_WITHIN_MS = 8_000;

export class LiveSocket {
  /** How many tries in a row brought no snapshot. */
  failures = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry = undefined;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience = undefined;
  #url;
  #heard;
  #ended;

  /**
   * @param {string} url
   * @param {(message: Record<string, any>) => void} heard
   * @param {(code: number) => boolean} ended hears each end with its close code; answers whether to try again
   */
  constructor(url, heard, ended) {
    this.#url = url;
    this.#heard = heard;
    this.#ended = ended;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get isConnecting() {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  /** Connect now. */
  open() {
    this.close();
    const socket = new WebSocket(this.#url);
    socket.onmessage = (event) => this.#heard(JSON.parse(event.data));
    socket.onclose = (event) => this.fail(event.code);
    this.#socket = socket;
    this.expectWithin(OPEN_WITHIN_MS);
  }

  /** Let go, without a word and without another try. */
  close() {
    clearTimeout(this.#retry);
    clearTimeout(this.#patience);
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  /** @param {{type: string}} message */
  send(message) {
    if (this.isOpen) this.#socket?.send(JSON.stringify(message));
  }

  /**
   * Give this connection up unless satisfied() or another expectation comes in time.
   * @param {number} within_ms
   */
  expectWithin(within_ms) {
    clearTimeout(this.#patience);
    if (!this.#socket) return;
    this.#patience = setTimeout(() => this.fail(1006), within_ms);
  }

  /** What was expected came: the connection is good. */
  satisfied() {
    clearTimeout(this.#patience);
    this.failures = 0;
  }

  /**
   * End this connection and, unless that makes no sense, try again after a pause.
   * @param {number} code
   */
  fail(code) {
    this.close();
    this.failures += 1;
    if (!this.#ended(code)) return;
    this.#retry = setTimeout(() => this.open(), pause(this.failures - 1, Math.random()));
  }
}
