// @ts-check
/** Starts the service worker where the browser has one and trusts this address; the page needs none. */

const isThere = "serviceWorker" in navigator && window.isSecureContext;

export function startWorker() {
  if (isThere) navigator.serviceWorker.register("/sw.js").catch(() => {}); // an untrusted certificate
}

/** @param {string} reader who looks: pages kept for somebody else are thrown away */
export function keepPage(reader) {
  if (!isThere) return;
  void navigator.serviceWorker.ready.then(({ active }) =>
    active?.postMessage({ reader, page: location.pathname }),
  );
}
