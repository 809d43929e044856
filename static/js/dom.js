// @ts-check
/**
 * Small helpers that change texts and attributes in place, and only where something differs:
 * focus, animations and open menus live on.
 */

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function need(root, selector) {
  const found = root.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`The page lacks ${selector}.`);
}

/**
 * The element of `root` marked data-f="name", if there is one.
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement|null}
 */
export function field(root, name) {
  return root.querySelector(`[data-f="${name}"]`);
}

/**
 * @param {Element|null|undefined} element
 * @param {string} value
 */
export function setText(element, value) {
  if (element && element.textContent !== value) element.textContent = value;
}

/**
 * Set an attribute; null takes it away.
 * @param {Element|null|undefined} element
 * @param {string} name
 * @param {string|null} value
 */
export function setAttr(element, name, value) {
  if (!element || element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * @param {Element|null|undefined} element
 * @param {boolean} isShown
 */
export function show(element, isShown) {
  setAttr(element, "hidden", isShown ? null : "");
}

/**
 * Point the icon inside `root` at another symbol of the same sprite.
 * @param {ParentNode|null|undefined} root
 * @param {string} name
 */
export function setIcon(root, name) {
  const use = root?.querySelector("use");
  const sprite = use?.getAttribute("href")?.split("#")[0];
  if (use && sprite) setAttr(use, "href", `${sprite}#i-${name}`);
}

/**
 * A copy of the element inside <template data-template="name">.
 * @param {string} name
 * @returns {HTMLElement}
 */
export function fromTemplate(name) {
  const template = document.querySelector(`template[data-template="${name}"]`);
  const first = template instanceof HTMLTemplateElement ? template.content.firstElementChild : null;
  if (!first) throw new Error(`The page lacks the template ${name}.`);
  return /** @type {HTMLElement} */ (first.cloneNode(true));
}

/**
 * Make `container` hold one element per item: those there are kept and patched, others come from the template.
 * @template T
 * @param {Element} container
 * @param {T[]} items
 * @param {string} template
 * @param {(element: HTMLElement, item: T) => void} patch
 */
export function syncList(container, items, template, patch) {
  while (container.children.length > items.length) container.lastElementChild?.remove();
  items.forEach((item, index) => {
    let element = container.children[index];
    if (!element) {
      element = fromTemplate(template);
      container.append(element);
    }
    patch(/** @type {HTMLElement} */ (element), item);
  });
}

/**
 * A number as people read it; "–" is "not known".
 * @param {number|null} value
 * @param {number} digits
 * @param {string} unit
 * @returns {string}
 */
export function withUnit(value, digits, unit) {
  return value === null ? `– ${unit}` : `${value.toFixed(digits)} ${unit}`;
}
