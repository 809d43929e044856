// @ts-check
/**
 * The service worker: keeps the files of this version, the light card and the last swap page, so that a phone
 * without network can reload. The server sets BUILD in front. It answers no POST, queues nothing, and forgets pages
 * at sign-out and when somebody else signs in.
 */

const worker = /** @type {any} */ (self);
/** @type {{version: string, shell: string[], card: string}} */
const build = worker.BUILD;
const FILES = `files-${build.version}`;
const PAGES = "pages";
const READER = "/reader-of-these-pages";
const SWAP_PAGE = /^\/w\/\d+\/$/;
const DOORS = new Set(["/sign-out/", "/sign-in/", "/phone/enter/"]); // behind each, somebody else may read
const ANY = { ignoreVary: true, ignoreSearch: true };

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepFiles()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(forgetOld()));
worker.addEventListener("message", (/** @type {any} */ event) =>
  event.waitUntil(meet(event.data.reader, event.data.page)),
);
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, mode, url } = /** @type {Request} */ (event.request);
  const { origin, pathname } = new URL(url);
  if (origin !== location.origin) return;
  if (method === "POST" && DOORS.has(pathname)) event.waitUntil(caches.delete(PAGES));
  if (method !== "GET") return;
  if (build.shell.includes(pathname)) event.respondWith(fileOf(event.request));
  else if (mode === "navigate" && (SWAP_PAGE.test(pathname) || pathname === build.card))
    event.respondWith(pageOf(event.request, pathname));
});

async function keepFiles() {
  const files = await caches.open(FILES);
  await files.addAll(build.shell);
  await worker.skipWaiting();
}

async function forgetOld() {
  for (const name of await caches.keys())
    if (name.startsWith("files-") && name !== FILES) await caches.delete(name);
  await worker.clients.claim();
}

/**
 * A page says who reads it: keep it, and the light card, for this reader alone.
 * @param {string} reader
 * @param {string} page
 */
async function meet(reader, page) {
  const known = await caches.match(READER, { cacheName: PAGES });
  if (known && (await known.text()) !== reader) await caches.delete(PAGES);
  const pages = await caches.open(PAGES);
  await pages.put(READER, new Response(reader));
  await fetchPage(page, page).catch(() => null);
  if (build.card && !(await pages.match(build.card, ANY)))
    await fetchPage(build.card, build.card).catch(() => null);
}

/** @param {Request} request */
async function fileOf(request) {
  return (await caches.match(request, { cacheName: FILES, ...ANY })) ?? fetch(request);
}

/**
 * The page from the server; without network the kept one, else the light card.
 * @param {Request} request
 * @param {string} path
 */
async function pageOf(request, path) {
  try {
    return await fetchPage(request, path);
  } catch (failure) {
    const pages = await caches.open(PAGES);
    const kept = (await pages.match(path, ANY)) ?? (build.card && (await pages.match(build.card)));
    if (kept) return kept;
    throw failure;
  }
}

/**
 * @param {Request | string} request
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function fetchPage(request, path) {
  const answer = await fetch(request);
  if (leadsAway(answer)) await caches.delete(PAGES); // signed out: nothing of anybody stays
  if (!answer.ok || answer.redirected) return answer;
  const pages = await caches.open(PAGES);
  for (const kept of await pages.keys()) {
    const isOther = SWAP_PAGE.test(new URL(kept.url).pathname) && SWAP_PAGE.test(path);
    if (isOther) await pages.delete(kept, ANY); // the last one only
  }
  await pages.put(path, answer.clone());
  return answer;
}

/**
 * Whether the server sends the reader elsewhere, as it does who is signed out. The answer to a navigation does not
 * tell it by `redirected`: the browser follows that one by itself.
 * @param {Response} answer
 */
function leadsAway(answer) {
  return answer.redirected || answer.type === "opaqueredirect" || answer.status === 403;
}
