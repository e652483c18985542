// The texts of this page, a catalogue for each language; English where a catalogue lacks one.

import { keepLanguage, lastLanguage } from "./kept.js";

const LANGUAGES = ["en", "fr", "pt", "ru", "ar", "zh"];
let texts = {};
let spoken = "en";

const codeOf = (tag) => LANGUAGES.find((one) => tag.toLowerCase().split("-")[0] === one) ?? "en";

const catalogue = async (code) => (await fetch(new URL(`./texts/${code}.json`, import.meta.url))).json();

/** Loads the language of the page; without a line, that in which the page was last read. */
export async function language() {
  const root = document.documentElement;
  const kept = lastLanguage();
  spoken = codeOf(!navigator.onLine && kept ? kept : root.lang);
  if (navigator.onLine) keepLanguage(spoken);
  texts = spoken === "en" ? await catalogue("en") : { ...(await catalogue("en")), ...(await catalogue(spoken)) };
}

/** The text of a key with its places filled. */
export const say = (key, values = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => (name in values ? isolated(String(values[name])) : place));

/** A value in a sentence; dates, codes and numbers keep their direction in one that reads from the right. */
const isolated = (value) => (spoken === "ar" && /^[\x20-\x7e]+$/.test(value) ? `\u2066${value}\u2069` : value);

export const has = (key) => Object.hasOwn(texts, key);

/** The sentence for a code: its own, else that of the words before its last dot. */
export function sentence({ code, values = {} }) {
  const parts = code.split(".");
  while (parts.length && !has(`code.${parts.join(".")}`)) parts.pop();
  const shown = { ...values };
  if (shown.state) shown.state = say(`state.${shown.state}`);
  if (Array.isArray(shown.groups)) shown.groups = shown.groups.map((name) => (has(name) ? say(name) : name)).join(", ");
  return say(parts.length ? `code.${parts.join(".")}` : "code.other", shown);
}

/** Puts the language's texts where the page has them, and its direction. */
export function translatePage() {
  const root = document.documentElement;
  if (codeOf(root.lang) !== spoken) root.lang = spoken;
  root.dir = spoken === "ar" ? "rtl" : "ltr";
  document.title = say("title");
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = say(place.dataset.text);
}

/** Numbers and times as people of this language write them; days stay ISO. */
export const count = (number) => BigInt(number).toLocaleString(spoken);

export const time = (seconds) => (seconds ? new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC" : "–");

/** The name of a country in this language; its code where the browser knows none. */
export function country(code) {
  try {
    return new Intl.DisplayNames([spoken], { type: "region" }).of(code);
  } catch {
    return code;
  }
}
