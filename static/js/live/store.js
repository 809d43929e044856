// @ts-check
// What the page knows of one chassis, and which messages fit onto it. Pure: no DOM, no clock, no socket.

/** @typedef {Record<string, any> & {n: number}} SlotView  docs/live-protocol.md names its keys */
/** @typedef {Record<string, any>} ChassisView */
/** @typedef {{id: string, at: string, slot: number | null, icon: string, text: string, who: string}} EventLine */
/**
 * What a message does to the page. `needSnapshot`: something was missed, ask for everything.
 * @typedef {{kind: "none" | "snap" | "delta" | "tele", needSnapshot: boolean, detail?: any}} Outcome
 */

/** @type {Outcome} */
const NOTHING = Object.freeze({ kind: "none", needSnapshot: false });
/** @type {Outcome} */
const MISSED = Object.freeze({ kind: "none", needSnapshot: true });

export class Store {
  /** @type {string | null} */
  #epoch = null;
  #seq = -1;
  #hasSnapshot = false;

  /** Whether everything up to `seq` is known; false until a snapshot came and after a gap. */
  get isWhole() {
    return this.#hasSnapshot;
  }

  /** The revision up to which everything is known. */
  get seq() {
    return this.#seq;
  }

  /** Forget that all is known: until the next snapshot nothing else fits. */
  doubt() {
    this.#hasSnapshot = false;
  }

  /**
   * Take one message of the server.
   * @param {Record<string, any>} message
   * @returns {Outcome}
   */
  apply(message) {
    switch (message.type) {
      case "hello":
        return this.#greet(message);
      case "snap":
        return this.#replace(message);
      case "delta":
        return this.#hasSnapshot ? this.#change(message) : NOTHING;
      case "tele":
        return this.#hasSnapshot ? told("tele", message) : NOTHING;
      case "beat":
        // The server's beats are in line with its deltas: one that is ahead of us tells of a lost delta.
        return this.#hasSnapshot && message.seq > this.#seq ? this.#miss() : NOTHING;
      default:
        return NOTHING; // a newer server may say more
    }
  }

  /** @param {Record<string, any>} message @returns {Outcome} */
  #greet(message) {
    if (message.epoch !== this.#epoch) this.#hasSnapshot = false; // another hub counts anew
    this.#epoch = message.epoch;
    return NOTHING; // its snapshot follows unasked
  }

  /** @param {Record<string, any>} message @returns {Outcome} */
  #replace(message) {
    this.#seq = message.seq;
    this.#hasSnapshot = true;
    return told("snap", { chassis: message.chassis, events: message.events });
  }

  /** @param {Record<string, any>} message @returns {Outcome} */
  #change(message) {
    if (message.seq < this.#seq) return NOTHING; // older than the snapshot
    if (message.prev > this.#seq) return this.#miss();
    this.#seq = message.seq;
    return told("delta", {
      seq: message.seq,
      slots: message.slots,
      chassis: message.chassis,
      events: message.events,
    });
  }

  /** @returns {Outcome} */
  #miss() {
    this.#hasSnapshot = false;
    return MISSED;
  }
}

/**
 * @param {"snap" | "delta" | "tele"} kind
 * @param {any} detail
 * @returns {Outcome}
 */
function told(kind, detail) {
  return { kind, needSnapshot: false, detail };
}
