// @ts-check
// The way around blocked websockets: fetch the same snapshot every five seconds.

const PERIOD_MS = 5_000;
const GIVE_UP_MS = 8_000;

export class Polling {
  /** @type {number | undefined} */
  #timer = undefined;
  #url;
  #took;
  #signedOut;

  /**
   * @param {string} url
   * @param {(snapshot: Record<string, any>) => void} took hears each snapshot
   * @param {() => void} signedOut hears that the session is over
   */
  constructor(url, took, signedOut) {
    this.#url = url;
    this.#took = took;
    this.#signedOut = signedOut;
  }

  get isOn() {
    return this.#timer !== undefined;
  }

  /** Begin, at once. */
  start() {
    if (this.isOn) return;
    this.#timer = setInterval(() => this.#poll(), PERIOD_MS);
    this.#poll();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #poll() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.#url, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(GIVE_UP_MS),
      });
      if (!this.isOn) return; // a socket opened meanwhile
      if (answer.status === 401) this.#signedOut();
      else if (answer.ok) this.#took(await answer.json());
    } catch {
      // No network, or no answer in time: the ages on the page tell, and the next poll is due soon.
    }
  }
}
