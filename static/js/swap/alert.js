// @ts-check
/**
 * Turns the card into an alert with the words that the socket brought, before the card itself was fetched. What the
 * server has not said yet goes: lamp, time, buttons of the step before.
 * @import { Swap } from "../views.js"
 */

import { need, setAttr, setIcon, setText } from "../dom.js";
import { runsOf } from "./rules.js";

const OF_THE_STEP_BEFORE = ["#twin", "#lines", "#ends-by", "#until", "#swap-whys"];

/**
 * @param {HTMLElement} screen
 * @param {Swap} brief
 */
export function paintAlert(screen, brief) {
  const card = need(screen, "#now");
  for (const part of OF_THE_STEP_BEFORE) screen.querySelector(part)?.remove();
  screen.querySelector("#deeds")?.replaceChildren();
  for (const button of screen.querySelectorAll(".deed button"))
    setAttr(button, "aria-disabled", "true");
  Object.assign(screen.dataset, {
    key: brief.key,
    tone: brief.tone,
    step: String(brief.step),
    stop: "yes",
  });
  setAttr(card, "role", "alert");
  if (brief.tone === "stop") setText(card.querySelector(".step"), "Stop");
  setIcon(card, brief.icon);
  const title = need(card, "h1");
  setText(title, brief.words);
  card.querySelector("#lead")?.remove();
  card.querySelector("#sub")?.remove();
  title.after(...["lead", "sub"].flatMap((name) => sentenceOf(name, brief)));
}

/**
 * @param {string} name
 * @param {Swap} brief
 */
function sentenceOf(name, brief) {
  const sentence = name === "lead" ? brief.lead : brief.sub;
  if (!sentence) return [];
  const line = document.createElement("p");
  line.id = line.className = name;
  for (const { text, isStrong } of runsOf(sentence)) {
    if (!isStrong) line.append(text);
    else line.append(Object.assign(document.createElement("b"), { textContent: text }));
  }
  return [line];
}
