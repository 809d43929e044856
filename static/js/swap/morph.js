// @ts-check
/**
 * Turns the elements that are there into what the server sent, in place: focus, typed text, ticks, open dialogs
 * and a button that is being held stay as they are.
 */

import { setAttr } from "../dom.js";
import { pairs } from "./rules.js";

const KEEP = "data-keep"; // set on what must not be touched for now
// What the person did to the page, not the server.
const OWN = new Map([
  ["DETAILS", ["open"]],
  ["DIALOG", ["open"]],
]);

/**
 * @param {Element} there
 * @param {Element} wanted of the same kind
 */
export function morph(there, wanted) {
  if (there.hasAttribute(KEEP)) return;
  matchAttributes(there, wanted);
  matchChildren(there, wanted);
}

/**
 * @param {Element} there
 * @param {Element} wanted
 */
function matchAttributes(there, wanted) {
  const own = OWN.get(there.tagName) ?? [];
  for (const { name } of [...there.attributes])
    if (!wanted.hasAttribute(name) && !own.includes(name)) there.removeAttribute(name);
  for (const { name, value } of wanted.attributes) setAttr(there, name, value);
}

/**
 * @param {Element} there
 * @param {Element} wanted
 */
function matchChildren(there, wanted) {
  const olds = [...there.childNodes];
  const news = [...wanted.childNodes];
  const plan = pairs(olds.map(keyOf), news.map(keyOf));
  const used = new Set(plan);
  olds.forEach((old, index) => {
    if (!used.has(index)) old.remove();
  });
  let next = there.firstChild;
  news.forEach((fresh, index) => {
    const old = olds[plan[index] ?? -1];
    if (!old) {
      there.insertBefore(document.importNode(fresh, true), next);
      return;
    }
    if (old === next) next = next.nextSibling;
    else there.insertBefore(old, next);
    matchNode(old, fresh);
  });
}

/**
 * @param {Node} old
 * @param {Node} fresh
 */
function matchNode(old, fresh) {
  if (old instanceof Element && fresh instanceof Element) morph(old, fresh);
  else if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element && node.id ? `#${node.id}` : node.nodeName;
}
