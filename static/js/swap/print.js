// @ts-check
/** The receipt's print button: only a script can print, so only a script shows it. */

const button = document.querySelector("[data-print]");
button?.removeAttribute("hidden");
button?.addEventListener("click", () => window.print());
