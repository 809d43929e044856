// @ts-check
/**
 * The power page follows its chassis: budget and runs are fetched anew on each change.
 * @import { Level } from "./views.js"
 */

import { need } from "./dom.js";
import { keepFresh } from "./fragments.js";
import { paintLevel } from "./freshness.js";
import { follow } from "./live/connection.js";

const TICK_MS = 1000;
const page = need(document, "[data-power-page]");
const changed = keepFresh(need(page, "[data-power-place]"), page.dataset.part ?? "");

for (const name of ["live:snap", "live:delta", "live:tele"])
  document.addEventListener(name, changed);
document.addEventListener("live:level", (event) =>
  paintLevel(/** @type {CustomEvent<Level>} */ (event).detail),
);
const following = follow({ slug: page.dataset.slug ?? "" });
setInterval(() => paintLevel(following.state()), TICK_MS);
