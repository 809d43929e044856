// @ts-check
/**
 * Parts of a page that the server renders anew: fetched when the chassis changes, at most once a second.
 */

import { localiseTimes } from "./times.js";

const PACE_MS = 1000;

/**
 * Keep `place` as the server would render it now; not while a person is in it.
 * @param {HTMLElement} place
 * @param {string} url of the fragment: the new children of `place`
 * @returns {() => void} what to call when something has changed
 */
export function keepFresh(place, url) {
  let timer = 0;
  const load = async () => {
    timer = 0;
    if (place.matches(":focus-within")) {
      later();
      return;
    }
    const answer = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (place.matches(":focus-within")) return;
    place.replaceChildren(...fresh.body.childNodes);
    localiseTimes(place);
  };
  const later = () => {
    if (timer === 0) timer = window.setTimeout(load, PACE_MS);
  };
  return later;
}
