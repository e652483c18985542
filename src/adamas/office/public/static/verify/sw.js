// Keeps /v working without a line. /v/sw.js puts VERSION and FILES (addresses of this page's files) before this text;
// VERSION is a hash of their contents, so a change of any of them makes a new copy and drops the old one.

/* global VERSION, FILES */

const CACHE = `adamas-verify-${VERSION}`;
const LISTS = "adamas-verify-lists";
const PAGE = "/v";
const KEYS = "/v/keys.json";
const PATIENCE = 3_000; // ms to wait for a slow line before what is held is shown

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request);
  if (answer) event.respondWith(answer);
});

async function install() {
  const cache = await caches.open(CACHE);
  // the page is kept as a stranger sees it, with nobody's name on it
  const requests = FILES.map((file) => new Request(file, { cache: "reload", credentials: "omit" }));
  await cache.addAll([...requests, new Request(PAGE, { cache: "reload", credentials: "omit" })]);
  await renew(KEYS).catch(() => null);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys())
    if (name.startsWith("adamas-verify-") && name !== CACHE && name !== LISTS) await caches.delete(name);
  await self.clients.claim();
}

function answerTo(request) {
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return null;
  // no address that is fetched here has anything after a “#”, or anything that the page did not ask for
  if (request.mode === "navigate") return address.pathname === PAGE ? page(request) : null;
  if (address.pathname === KEYS) return keys();
  if (FILES.includes(address.pathname)) return file(address.pathname, request);
  return address.pathname.includes("/verify/vendor/") ? file(address.pathname, request) : null;
}

const late = () => new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE));

async function page(request) {
  try {
    return await Promise.race([fetch(request), late()]);
  } catch {
    return (await caches.match(PAGE, { ignoreVary: true })) ?? Response.error();
  }
}

async function renew(address) {
  const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  await (await caches.open(LISTS)).put(address, answer.clone());
  return answer;
}

async function keys() {
  try {
    return await Promise.race([renew(KEYS), late()]);
  } catch {
    return (await caches.match(KEYS, { ignoreVary: true })) ?? Response.error();
  }
}

/** One of this page's files; the scanner's are kept once they were used. */
async function file(path, request) {
  const held = await caches.match(path, { ignoreVary: true });
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(path, answer.clone());
  return answer;
}
