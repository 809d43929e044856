// @ts-check
/**
 * Times as people read them: every <time> in the reader's own zone. UTC stays in the title.
 */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});

/**
 * Write `iso` into a <time> element: text in the reader's zone, title in UTC.
 * @param {HTMLTimeElement} element
 * @param {string} iso
 */
export function setTime(element, iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return;
  const text = (element.dataset.form === "day" ? day : clock).format(at);
  if (element.textContent !== text) element.textContent = text;
  element.dateTime = iso;
  element.title = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * An age in words of fixed grammar: "3 s", "4 min", "2 h", "5 d".
 * @param {number} seconds
 * @returns {string}
 */
export function ageWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  if (whole < 129_600) return `${Math.round(whole / 3600)} h`;
  return `${Math.round(whole / 86_400)} d`;
}

/** @param {ParentNode} root */
export function localiseTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    if (element instanceof HTMLTimeElement) setTime(element, element.dateTime);
  }
}

localiseTimes(document);
