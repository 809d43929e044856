// @ts-check
/**
 * The part of the page that the server draws: fetches it, morphs it in, and tells what became of it.
 * One request at a time; a wish that comes meanwhile is served right after.
 * @import { Swap } from "../views.js"
 */

import { field, need, setText } from "../dom.js";
import { alert, say } from "../events.js";
import { localiseTimes } from "../times.js";
import { paintAlert } from "./alert.js";
import { morph } from "./morph.js";
import { newsOf } from "./rules.js";

const GIVE_UP_MS = 8_000;

/**
 * `isWhole`: even if nothing changed. `asksNews`: also what happened since the newest entry shown.
 * @typedef {{isWhole?: boolean, asksNews?: boolean}} Wish
 */

export class Screen {
  #etag = "";
  /** @type {Wish | null} */
  #next = null;
  #isBusy = false;
  #told = 0; // the version of the alert that shows already, without its card
  #url;
  #took;

  /**
   * @param {string} url
   * @param {(reached: boolean, isTold: boolean) => void} took hears after each try whether the server answered,
   *   and whether it was asked what happened meanwhile
   */
  constructor(url, took) {
    this.#url = url;
    this.#took = took;
  }

  get element() {
    return need(document, "#screen");
  }

  /** @param {string} name a data-attribute of the screen */
  read(name) {
    return this.element.dataset[name] ?? "";
  }

  get version() {
    return Number(this.read("version"));
  }

  /** The version of what shows: of the card, or of an alert whose card has yet to come. */
  get told() {
    return Math.max(this.version, this.#told);
  }

  /** @param {Swap} brief an alert of this swap, newer than what shows */
  tellAlert(brief) {
    const before = this.#said();
    this.#told = brief.version;
    const hadFocus = this.element.contains(document.activeElement);
    paintAlert(this.element, brief);
    if (hadFocus && document.activeElement === document.body) need(document, "#now-title").focus();
    const news = newsOf(before, this.#said());
    if (news) alert(news);
  }

  /** @param {Wish} [wish] */
  async load(wish = {}) {
    if (this.#isBusy) {
      this.#next = { ...this.#next, ...wish };
      return;
    }
    this.#isBusy = true;
    const reached = await this.#fetch(wish).catch(() => false);
    this.#isBusy = false;
    const next = this.#next;
    this.#next = null;
    this.#took(reached, wish.asksNews === true);
    if (next && reached) await this.load(next);
  }

  /** @param {Wish} wish @returns {Promise<boolean>} */
  async #fetch({ isWhole = false, asksNews = false }) {
    const headers = /** @type {Record<string, string>} */ ({ Accept: "text/html" });
    if (!isWhole && this.#etag) headers["If-None-Match"] = this.#etag;
    const answer = await fetch(this.#url + (asksNews ? `?since=${this.read("entry")}` : ""), {
      headers,
      cache: "no-store",
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    if (answer.redirected || answer.status === 401) {
      location.reload(); // signed out: the page itself leads to the way in
      return true;
    }
    if (answer.status === 304) return true;
    if (!answer.ok) return false;
    this.#etag = answer.headers.get("ETag") ?? "";
    this.#replace(await answer.text());
    return true;
  }

  /** @param {string} html */
  #replace(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html").querySelector("#screen");
    if (!(parsed instanceof HTMLElement)) return;
    if (Number(parsed.dataset.version) < this.#told) {
      this.#etag = ""; // on its way when the alert was told: the question after it has the card
      return;
    }
    const fresh = document.importNode(parsed, true);
    localiseTimes(fresh);
    // What happened meanwhile stays until it is read, whatever the screen shows next.
    const told = fresh.querySelector("#meanwhile");
    if (told) need(document, "[data-news]").replaceChildren(told);
    const before = this.#said();
    const focused = document.activeElement;
    const hadFocus = this.element.contains(focused);
    morph(this.element, fresh);
    if (hadFocus && !focused?.isConnected) need(document, "#now-title").focus();
    const after = this.#said();
    if (after.key !== before.key) this.#closeMore();
    const news = newsOf(before, after);
    if (news) (this.read("stop") === "yes" ? alert : say)(news);
    document.dispatchEvent(new CustomEvent("swap:shown"));
  }

  /** Another step has other buttons; whoever stands in the menu keeps it. */
  #closeMore() {
    const more = this.element.querySelector("#more");
    if (!more?.contains(document.activeElement)) more?.removeAttribute("open");
  }

  #said() {
    const parts = [".step", "h1", ".lead"].map(
      (part) => this.element.querySelector(`.now ${part}`)?.textContent?.trim() ?? "",
    );
    return { key: this.read("key"), said: parts.filter(Boolean).join(". ") };
  }
}

/** @param {string} sentence "" takes it away */
export function refuse(sentence) {
  const there = document.querySelector("[data-refusal]");
  const text = there && field(there, "refusal");
  setText(text, sentence);
  there?.toggleAttribute("hidden", !sentence);
  if (sentence) there?.scrollIntoView({ block: "nearest" });
}
