/**
 * Keeps the worker page's shell, so that an installed app opens without a network and says so itself. Nothing else: pages
 * are asked for first and taken from here only where nobody answers, so an update is never held up; data, work and the
 * dashboard never pass through. Hashed assets have their content in their name and may come from here.
 */
export type {};

declare const self: ServiceWorkerGlobalScope;
// Not from build-hash.ts: a shared chunk would be an import, and not every browser lets a service worker have any.
declare const __BUILD_HASH__: string;

const SHELL = "/";
const SHELLS = "paritab-shell-";
const CACHE = `${SHELLS}${__BUILD_HASH__}`;

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(SHELL, { cache: "no-cache" });
  if (!page.ok) throw new Error(`service worker: expected the page, got status ${page.status}`);
  const assets = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, path]) => path!,
  );
  await Promise.all([cache.put(SHELL, page), cache.addAll([...assets, ...texts()])]);
}

/** The page's texts in its language: the page names their file as it registers this worker. */
function texts(): string[] {
  const path = new URL(self.location.href).searchParams.get("texts");
  return path?.startsWith("/assets/") ? [path] : [];
}

async function forgetOlderShells(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(SHELLS) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(forgetOlderShells()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === SHELL) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(SHELL)) ?? Response.error()));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
