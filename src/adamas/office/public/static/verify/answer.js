// Shows an answer. Everything that comes from a bundle is put in as text, never as markup.

import { isInteger } from "./bytes.js";
import { holderOf } from "./certificate.js";
import { count, country, has, say, sentence, time } from "./texts.js";

const $ = (id) => document.getElementById(id);
const PILLARS = ["government", "industry", "civil"];
const FIGURE = /^[0-9,]+\.[0-9]{2}$/;
const STILL_PROVEN = ["verify.state", "verify.number-reused"]; // problems that leave the signatures standing
const COUNTRIES = ["to", "origin"]; // fields of a certificate
const MARKS = { valid: "✓", "not valid": "✗", "cannot tell": "?" };

function element(name, { text = "", label = "", ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  for (const [key, value] of Object.entries(attributes)) if (value !== "") made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const heading = (key) => element("h3", { text: say(key) });

const list = (items, kind = "ul") => element(kind, {}, ...items.map((item) => element("li", {}, item)));

const part = (key, ...content) => (content.length ? [element("section", {}, heading(key), ...content)] : []);

function table(headings, rows) {
  const figures = headings.map((_, n) => n > 0 && rows.every((row) => FIGURE.test(row[n])));
  const head = element("tr", {}, ...headings.map((key, n) =>
    element("th", { scope: "col", text: say(key), class: figures[n] ? "number" : "" })));
  const body = rows.map((row) =>
    element("tr", {}, ...row.map((cell, n) => element(n ? "td" : "th", n ? cellOf(cell) : { scope: "row", text: cell }))),
  );
  return element("table", { class: "data" }, element("thead", {}, head), element("tbody", {}, ...body));
}

/** A cell's text; dates, codes and numbers read from the left in every language. */
const valueOf = (text) => (/^[\x20-\x7e]*$/.test(text) ? { text, dir: "ltr" } : { text });

/** The same in a column, where figures stand below one another. */
const cellOf = (text) => (FIGURE.test(text) ? { ...valueOf(text), class: "number" } : valueOf(text));

const pairs = (rows) =>
  element("table", { class: "data pairs" }, element("tbody", {}, ...rows.map(([key, value]) =>
    element("tr", {}, element("th", { scope: "row", text: say(key) }), element("td", valueOf(value))))));

function remarks(key, found) {
  if (!found.length) return [];
  const item = (one) => {
    const code = element("code", { text: one.where ? `${one.code}, ${one.where}` : one.code });
    return element("span", {}, sentence(one), " ", code);
  };
  return part(key, list(found.map(item)));
}

const hundredths = (number) =>
  `${(BigInt(number) / 100n).toLocaleString("en")}.${String(BigInt(number) % 100n).padStart(2, "0")}`;

const plain = (value) => (Array.isArray(value) ? value.map(plain).join(", ") : String(value));

function shownFields(disclosed) {
  const rows = [];
  const parties = disclosed?.get("parties");
  if (parties instanceof Map)
    for (const name of ["exporter", "importer"]) if (parties.has(name)) rows.push([name, plain(parties.get(name))]);
  const amounts = disclosed?.get("amounts");
  if (amounts instanceof Map)
    for (const name of ["carats", "value"]) if (isInteger(amounts.get(name)?.[0])) rows.push([name, hundredths(amounts.get(name)[0])]);
  const goods = disclosed?.get("goods");
  if (goods instanceof Map && goods.has("seals")) rows.push(["seals", plain(goods.get("seals"))]);
  return rows;
}

function facts(answer) {
  const { signed, content } = answer;
  if (!signed) return [];
  if (signed.type !== "certificate.issued" || !content)
    return part("facts", pairs([["type", signed.type], ["subject", signed.subject], ["issuer", signed.issuer]]));
  const rows = [["number", signed.subject], ["issuer", `${signed.issuer} (${country(holderOf(signed.issuer).participant)})`]];
  for (const name of ["to", "issued", "expires", "hs", "origin", "parcels"]) {
    const value = content.get(name);
    if (COUNTRIES.includes(name)) rows.push([name, [value].flat().map((code) => `${code} (${country(code)})`).join(", ")]);
    else if (content.has(name)) rows.push([name, plain(value)]);
  }
  if (answer.lifecycle) rows.push(["state", say(`state.${answer.lifecycle.state}`)]);
  return part("facts", pairs([...rows, ...shownFields(answer.disclosed)]), ...parcels(answer.disclosed));
}

/** Each parcel that is shown: its HS code, carats and value. */
function parcels(disclosed) {
  const goods = disclosed?.get("goods");
  const each = goods instanceof Map ? goods.get("parcels") : null;
  if (!Array.isArray(each) || !each.every((one) => one instanceof Map)) return [];
  const figure = (one, name) => (isInteger(one.get(name)) ? hundredths(one.get(name)) : "–");
  return [table(["hs", "carats", "value"], each.map((one) => [plain(one.get("hs")), figure(one, "carats"), figure(one, "value")]))];
}

/** Whether the signatures and proofs hold, and rest on a registry that this browser knows. */
const stands = ({ problems, missing }) =>
  problems.every((one) => STILL_PROVEN.includes(one.code)) && !missing.some((one) => one.code === "verify.trust");

/** What holds, as sentences; nothing of an answer whose statement fell. */
function proven(answer) {
  if (!stands(answer)) return [];
  const { signed, lifecycle, logs = [] } = answer;
  const sentences = [];
  const time_ = signed ? time(signed.claimedAt) : "";
  if (logs.length) {
    sentences.push(say("proven.signed", { issuer: signed.issuer, time: time_ }));
    for (const { origin, index, size } of logs)
      sentences.push(index === null ? say("proven.other", { origin }) : say("proven.logged", { origin, index: count(index), size: count(size) }));
  } else if (answer.keyKnown) {
    sentences.push(say("proven.signed", { issuer: signed.issuer, time: time_ }), say("proven.key", { holder: signed.issuer }));
  }
  if (lifecycle) sentences.push(say("proven.state", { day: lifecycle.asOf, state: say(`state.${lifecycle.state}`) }));
  if (answer.disclosed?.has("amounts") && answer.content?.has("sealed")) sentences.push(say("proven.opened"));
  return sentences.length ? part("proven", list(sentences)) : [];
}

function witnessed(answer) {
  const [log] = answer.logs ?? [];
  if (!log || !stands(answer)) return [];
  const groups = Object.keys(log.pillars);
  const named = groups.some((name) => PILLARS.includes(name)) ? PILLARS : groups;
  const rows = named.map((name) => {
    const seen = log.pillars[name] ?? false;
    return [has(name) ? say(name) : name, say(seen ? "yes" : "no"), seen ? time(log.witnessedAt) : "–"];
  });
  return part("witnessed", table(["pillar", "seen", "when"], rows));
}

function steps(answer) {
  const done = answer.lifecycle?.steps ?? [];
  if (!done.length) return [];
  return part("steps", table(["event", "day", "by"], done.map(([event, day, by]) => [say(`event.${event}`), day, by])));
}

function checks({ checks: done }, keyList) {
  if (!done) return [];
  const rows = Object.entries(done).map(([name, ran]) => [
    say(`checks.${name}`, { time: time(keyList?.synced) }), say(ran ? "done" : "notdone"),
  ]);
  const offline = navigator.onLine ? [] : [element("p", { text: say("offline") })];
  return part("checks", ...offline, table(["checks", "result"], rows));
}

function notProven({ notProven: keys = [], undisclosed = 0 }) {
  return keys.length ? part("notproven", list(keys.map((key) => say(`notproven.${key}`, { count: undisclosed })))) : [];
}

function details({ signed, logs = [], trusting, ownTrust }) {
  if (!signed) return [];
  const lines = [`id ${signed.id}`, `kid ${signed.kid}`, ...logs.map((log) => `${log.origin} ${log.size} ${log.root}`)];
  const rest = trusting ? [element("p", { text: say(ownTrust ? "trusting.own" : "trusting", { registry: trusting.registry }) })] : [];
  return [element("details", {}, element("summary", { text: say("details") }), ...rest, ...lines.map((line) => element("code", { class: "line", text: line })))];
}

function place(status, why, ...content) {
  const title = element("h2", { id: "verdict", class: `verdict ${status.replace(" ", "-")}`, tabindex: "-1" });
  title.append(element("span", { "aria-hidden": "true", text: MARKS[status] }), " ", say(status));
  $("said").replaceChildren(title, element("p", { class: "why", text: why }), ...content);
  $("answer").hidden = false;
  $("answer").dataset.status = status;
  $("answer").setAttribute("aria-busy", "false");
  title.focus();
}

/** The whole answer. */
export function show(answer, keyList) {
  const first = [...answer.problems, ...answer.missing][0];
  const warnings = (answer.warnings ?? []).map((key) => element("p", { class: `warning ${key}`, text: say(key) }));
  place(
    answer.status, first ? sentence(first) : say("valid.why"), ...warnings,
    ...remarks("problems", answer.problems), ...remarks("missing", answer.missing), ...facts(answer), ...proven(answer),
    ...witnessed(answer), ...steps(answer), ...checks(answer, keyList), ...notProven(answer), ...details(answer),
  );
}

/** One thing that kept the check from being made at all. */
export function showRemark(one) {
  place("cannot tell", sentence(one), element("code", { text: one.code }));
}

export function showWorking() {
  $("answer").hidden = false;
  $("answer").setAttribute("aria-busy", "true");
  delete $("answer").dataset.status;
  $("said").replaceChildren(element("p", { text: say("working") }));
}
