// @ts-check
/**
 * Sends commands by POST. "Asked" is painted at once; everything else waits for what the hardware says.
 * @import { Action, Ask, Slot } from "./views.js"
 */

import { ask } from "./ask.js";
import { field, setAttr, setText, show } from "./dom.js";
import { alert, say } from "./events.js";

const HOLD_OR_TYPE = 3;

/**
 * What the rack page lends: the slots as last seen, why nothing may be sent now, and how to repaint.
 * @typedef {{
 *   slot: (n: number) => Slot | undefined,
 *   obstacle: (action: Action) => string,
 *   repaint: (slot: Slot) => void,
 * }} Rack
 */

/** @returns {Record<string, Ask>} */
const asks = () => JSON.parse(document.getElementById("asks")?.textContent ?? "{}");

/** @param {Rack} rack */
export function sendFromForms(rack) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const isOff = event.submitter?.getAttribute("aria-disabled") === "true"; // its reason stands beside it
    if (form.matches("[data-chassis-command]") && isOff) event.preventDefault();
    if (!form.matches("form.act")) return;
    event.preventDefault();
    const n = Number(/\/s\/(\d+)\//.exec(form.action)?.[1]);
    void command(rack, n, form.dataset.op ?? "");
  });
}

/**
 * Ask where the command's class wants it, then send it.
 * @param {Rack} rack
 * @param {number} n
 * @param {string} op
 */
export async function command(rack, n, op) {
  const slot = rack.slot(n);
  // To light all others is as possible as to locate, which comes first of all actions.
  const action = slot?.actions.find((one) => one.op === op) ?? slot?.actions[0];
  if (!slot || !action) return;
  const why = rack.obstacle(action) || (action.enabled ? "" : action.why);
  if (why) {
    refuse(n, `${action.label}: ${why}`);
    return;
  }
  const seen = slot.rev; // what the person saw when they pressed, not what came while they thought
  const words = wordsFor(op, slot);
  const mustType = (words?.guard ?? 0) >= HOLD_OR_TYPE;
  const said =
    words && words.guard > 0 ? await ask(words, n, slot.name, mustType) : { yes: true, reason: "" };
  if (!said.yes) return;
  const values = { op, seen: String(seen), confirm: mustType ? String(n) : "" };
  const own = words?.own && slot.own ? "1" : ""; // they were told that this program goes down with it
  await send(rack, slot, { ...values, reason: said.reason, accepts_own_slot: own });
}

/**
 * The question; on the slot that this program runs on the gravest one, its own consequence first.
 * @param {string} op
 * @param {Slot} slot
 * @returns {Ask|undefined}
 */
function wordsFor(op, slot) {
  const words = asks()[op];
  if (!words?.own || !slot.own) return words;
  return { ...words, guard: HOLD_OR_TYPE, consequence: `${words.own} ${words.consequence}` };
}

/**
 * @param {Rack} rack
 * @param {Slot} slot
 * @param {Record<string, string>} values
 */
async function send(rack, slot, values) {
  refuse(slot.n, "");
  paintAsked(slot.n);
  const answer = await post(slot.n, values).catch(() => null);
  const body = await answer?.json().catch(() => null);
  if (answer?.status === 202) {
    say(`Asked for slot ${slot.n}.`);
    return;
  }
  const now = body?.slot ?? rack.slot(slot.n);
  if (now) rack.repaint(now);
  if (answer?.status === 401 && body?.sign_in)
    location.assign(`${body.sign_in}?next=${encodeURIComponent(location.pathname)}`);
  refuse(
    slot.n,
    body?.error ??
      "The server did not answer. Nothing is known of this command; look at the slot before you try again.",
  );
}

/**
 * @param {number} n
 * @param {Record<string, string>} values
 */
function post(n, values) {
  const form = document.querySelector("form.act");
  const path = form?.getAttribute("action") ?? "";
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const body = new URLSearchParams(values);
  body.set("csrfmiddlewaretoken", token instanceof HTMLInputElement ? token.value : "");
  const url = path.replace(/\/s\/\d+\//, `/s/${n}/`);
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
}

/** @param {number} n */
function paintAsked(n) {
  const bay = document.getElementById(`bay-${n}`);
  setAttr(bay, "data-pending", "");
  show(bay && field(bay, "asked"), true);
  const panel = document.querySelector(`[data-panel][data-n="${n}"]`);
  setText(panel && field(panel, "pending"), "Asked just now");
  show(panel?.querySelector('[data-part="pending"]'), true);
}

/**
 * @param {number} n
 * @param {string} error
 */
function refuse(n, error) {
  const panel = document.querySelector(`[data-panel][data-n="${n}"]`);
  const line = panel?.querySelector('[data-part="refusal"]');
  setText(line, error);
  show(line, error !== "");
  if (!line?.checkVisibility() && error) alert(error);
}
