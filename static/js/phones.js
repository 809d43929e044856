// @ts-check
/**
 * Keeps the two pages of a phone's sign-in up to date: looks each second and shows the page anew when something
 * has changed. Without it both pages have a link to look again.
 */

const LOOK_MS = 1000;

let isLeaving = false; // a form was sent: another page now would take its request back

/**
 * What is half typed is not taken away; sending it tells how things stand.
 * @param {HTMLElement} part
 */
const isTyping = (part) =>
  [...part.querySelectorAll("input[type=text]")].some(
    (input) => input instanceof HTMLInputElement && input.value !== "",
  );

/** @param {HTMLElement} part */
async function look(part) {
  const { poll = "", state, show = "" } = part.dataset;
  try {
    const answer = await fetch(poll, { headers: { Accept: "application/json" } });
    const isOut = answer.status === 401 || answer.redirected;
    const hasChanged = isOut || (answer.ok && (await answer.json()).state !== state);
    if (hasChanged && !isLeaving && !isTyping(part)) return location.replace(show);
  } catch {
    // Out of reach: the next look may do better.
  }
  setTimeout(() => look(part), LOOK_MS);
}

/** @param {HTMLElement} text */
function countDown(text) {
  const end = performance.now() + 1000 * Number(text.dataset.left);
  const timer = setInterval(() => {
    const left_s = Math.ceil((end - performance.now()) / 1000);
    if (left_s > 0) {
      text.textContent = `Good for ${left_s} s.`;
      return;
    }
    clearInterval(timer);
    text.textContent = "This QR code is over: show a new one.";
    text.closest("section")?.querySelector("img")?.remove();
  }, LOOK_MS);
}

document.addEventListener("submit", () => {
  isLeaving = true;
});
addEventListener("pageshow", () => {
  isLeaving = false; // also where the browser brings a left page back
});
for (const part of document.querySelectorAll("[data-poll]")) {
  if (part instanceof HTMLElement) look(part);
}
for (const text of document.querySelectorAll("[data-left]")) {
  if (text instanceof HTMLElement) countDown(text);
}
for (const form of document.querySelectorAll("form[data-go]")) {
  if (form instanceof HTMLFormElement) form.requestSubmit();
}
