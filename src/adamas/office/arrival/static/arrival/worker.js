// Keeps the arrival desk's page without a line. The server puts PAGE and FILES (addresses) before this text. It answers
// for that page and its files alone; the state it shows is kept by the page itself, not here.

/* global PAGE, FILES */

const CACHE = "adamas-arrival-1";
const PATIENCE = 3_000; // ms to wait for a slow line

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname === PAGE || FILES.includes(address.pathname)) event.respondWith(fresh(event.request));
});

async function install() {
  await Promise.allSettled([PAGE, ...FILES].map((file) => keep(new Request(file, { cache: "reload" }))));
  await self.skipWaiting();
}

/** Fetches and keeps one file; an answer that was sent elsewhere (to the sign-in page) is not it. */
async function keep(request) {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await (await caches.open(CACHE)).put(new URL(request.url).pathname, answer.clone());
  return answer;
}

async function fresh(request) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE));
  try {
    return await Promise.race([keep(request), late]);
  } catch {
    const held = await (await caches.open(CACHE)).match(new URL(request.url).pathname, { ignoreVary: true });
    return held ?? Response.error();
  }
}
