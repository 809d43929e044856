// @ts-check
/**
 * Paints the buttons of a slot. A button that cannot be used stays, and says why.
 * @import { Action, Slot } from "./views.js"
 */

import { field, need, setAttr, setIcon, setText, syncList } from "./dom.js";

/**
 * What keeps the reader from an action, beyond the slot itself; "" when nothing does.
 * @typedef {(action: Action) => string} Obstacle
 */

/**
 * @param {HTMLElement} panel
 * @param {Slot} slot
 * @param {Obstacle} obstacle
 */
export function paintActions(panel, slot, obstacle) {
  const actions = need(panel, '[data-part="actions"]');
  const token = actions.querySelector("[name=csrfmiddlewaretoken]");
  const path = actions.querySelector("form")?.getAttribute("action") ?? "";
  const reasons = /** @type {Map<string, string[]>} */ (new Map());
  syncList(actions, slot.actions, "action", (form, action) => {
    if (token && !form.querySelector("[name=csrfmiddlewaretoken]")) form.prepend(token.cloneNode());
    setAttr(form, "action", path.replace(/\/s\/\d+\//, `/s/${slot.n}/`));
    setAttr(form, "data-op", action.op);
    setAttr(form, "data-class", String(action.class));
    setAttr(form.querySelector("[name=op]"), "value", action.op);
    setAttr(form.querySelector("[name=seen]"), "value", String(slot.rev));
    setIcon(form, action.icon);
    setText(field(form, "label"), action.label);
    const why = (obstacle(action) || (action.enabled ? "" : action.why)).replace(/\.$/, "");
    if (why) reasons.set(why, [...(reasons.get(why) ?? []), action.label]);
    const button = form.querySelector("button");
    setAttr(button, "aria-disabled", String(why !== ""));
    setAttr(button, "aria-describedby", why ? `why-${[...reasons.keys()].indexOf(why)}` : null);
  });
  // To light all others is as possible as to locate, which comes first of all actions.
  const locate = actions.querySelector("button");
  const others = panel.querySelector(".others button");
  for (const name of ["aria-disabled", "aria-describedby"])
    setAttr(others, name, locate?.getAttribute(name) ?? null);
  paintReasons(need(panel, '[data-part="whys"]'), reasons);
}

/**
 * @param {HTMLElement} list
 * @param {Map<string, string[]>} reasons labels of the actions, by what is in their way
 */
function paintReasons(list, reasons) {
  syncList(list, [...reasons], "why", (line, [why, labels]) => {
    setAttr(line, "id", `why-${[...reasons.keys()].indexOf(why)}`);
    setText(line, `${labels.join(", ")}: ${why}.`);
  });
}
