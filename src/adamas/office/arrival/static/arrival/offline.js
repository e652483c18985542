// The arrival desk without a line: what was scanned beside the state that was last fetched, whose age is always shown.
// The state stands in this browser's own database; it is public data about one Participant's arrivals.

import { readInput } from "../verify/paper.js";
import { hasCamera, scanCamera, scanPicture } from "../verify/scan.js";
import * as statements from "../verify/statement.js";

const $ = (id) => document.getElementById(id);
const ADDRESS = document.body.dataset.manifest;
const [NAME, STORE, KEY] = ["adamas-arrival", "state", "manifest"];
let state = null;

const text = (code, values = {}) =>
  (document.querySelector(`#texts [data-code="${code}"]`)?.textContent ?? code).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function held(mode, work) {
  const opened = await database();
  return new Promise((resolve, reject) => {
    const asked = work(opened.transaction(STORE, mode).objectStore(STORE));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }).finally(() => opened.close());
}

async function fetchState() {
  const answer = await fetch(ADDRESS, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const found = await answer.json();
  // whatever another membership left in this browser goes with it: there is one state, and it is replaced whole
  await held("readwrite", (store) => store.put(found, KEY));
  state = found;
}

function age(seconds) {
  if (seconds < 7200) return text("minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return text("hours", { n: Math.floor(seconds / 3600) });
  return text("days", { n: Math.floor(seconds / 86400) });
}

function showAge() {
  if (state === null) {
    $("age").textContent = text("none");
    return;
  }
  const seconds = Math.max(0, Math.floor(Date.now() / 1000) - state.made);
  $("age").textContent = text("age", { age: age(seconds), n: state.certificates.length, participant: state.participant });
  $("age").className = seconds > 86400 ? "warn" : "soft";
}

/** [how bad, code, values] of what was scanned, by the state held here and today's date. */
function judge(number, identity) {
  const row = state.certificates.find((one) => one[0] === number);
  if (row === undefined) return ["bad", "unknown", { number }];
  const [, where, id, issued, expires, parcels, forgeries, by] = row;
  const values = { number, issued, expires, parcels, by, n: forgeries };
  if (identity !== null && identity !== id) return ["bad", "other", values];
  if (where === "issued") return ["bad", "not-validated", values];
  if (!["validated", "shipped"].includes(where)) return ["bad", where, values];
  if (new Date().toISOString().slice(0, 10) > expires) return ["bad", "expired", values];
  if (forgeries) return ["warn", "forgery", values];
  return identity === null ? ["warn", "number-only", values] : ["good", "good", values];
}

function say(level, sentence) {
  $("verdict").className = `verdict ${level}`;
  $("verdict").textContent = sentence;
  $("verdict").hidden = false;
  showAge();
}

async function look(input) {
  if (state === null) return say("bad", text("none"));
  let read = null;
  try {
    read = readInput(input);
    if (read?.raw) {
      const st = await statements.parse(read.raw);
      read = { number: st.subject, id: st.textId };
    }
  } catch {
    read = null;
  }
  if (read === null) return say("bad", text("unread"));
  const [level, code, values] = judge(read.number, read.id ?? null);
  return say(level, text(code, values));
}

$("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  look($("text").value);
  $("text").select();
});

$("picture").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    await look(await scanPicture(file));
  } catch {
    say("bad", text("unread"));
  }
});

if (hasCamera()) {
  $("camera").hidden = false;
  $("camera").addEventListener("click", async () => {
    $("video").hidden = false;
    try {
      await scanCamera($("video"), (found) => {
        $("video").hidden = true;
        look(found);
      });
    } catch {
      $("video").hidden = true;
      say("bad", text("no-camera"));
    }
  });
}

state = (await held("readonly", (store) => store.get(KEY)).catch(() => null)) ?? null;
showAge();
navigator.serviceWorker?.register(document.body.dataset.worker, { scope: document.body.dataset.page }).catch(() => null);
await fetchState().catch(() => null);
showAge();
