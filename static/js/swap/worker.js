// @ts-check
/** Starts the service worker where the browser has one and trusts this address; the page needs none. */

/** @param {string} reader who looks: pages kept for somebody else are thrown away */
export function startWorker(reader) {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  void navigator.serviceWorker
    .register("/sw.js")
    .then(() => navigator.serviceWorker.ready)
    .then((ready) => ready.active?.postMessage({ reader, page: location.pathname }))
    .catch(() => {}); // an untrusted certificate, or storage switched off: all works without
}
