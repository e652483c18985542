// Whether a payload has the fields that its type asks for (docs/formats/statements.md).

import { characters, compare, isInteger } from "./bytes.js";
import { COUNTRIES, MAX_HIDDEN, TYPES } from "./scheme.js";

const isBytes = (value) => value instanceof Uint8Array;
const isDigest = (value) => isBytes(value) && value.length === 32;
const inRange = (value, max) => value >= 0 && value <= (max > Number.MAX_SAFE_INTEGER ? 2n ** 63n - 1n : max);
const COUNTRY = new Set(COUNTRIES.split(" "));

function isDay(value) {
  if (typeof value !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) || value < "0001") return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === value;
}

// each gives the code of what is wrong, or null
const TESTS = {
  text(value, max, pattern) {
    if (typeof value !== "string") return "shape.kind";
    if (!value) return "shape.short";
    if (characters(value) > max) return "shape.long";
    return pattern && !new RegExp(pattern).test(value) ? "shape.pattern" : null;
  },
  choice: (value, choices) => (choices.includes(value) ? null : "shape.choice"),
  uint(value, max) {
    if (!isInteger(value)) return "shape.kind";
    return inRange(value, max) ? null : "shape.range";
  },
  timestamp: (value, max) => (isInteger(value) && inRange(value, max) ? null : "shape.range"),
  boolean: (value) => (typeof value === "boolean" ? null : "shape.kind"),
  date: (value) => (isDay(value) ? null : "shape.date"),
  country: (value) => (COUNTRY.has(value) ? null : "shape.country"),
  octets(value, min, max) {
    if (!isBytes(value)) return "shape.kind";
    return value.length >= min && value.length <= max ? null : "shape.size";
  },
  list(value, kind, min, max) {
    if (!Array.isArray(value)) return "shape.kind";
    if (value.length < min || value.length > max) return "shape.count";
    return firstFault(value, kind);
  },
  map(value, kind, max) {
    if (!(value instanceof Map)) return "shape.kind";
    return value.size > max ? "shape.count" : firstFault(value.values(), kind);
  },
  record(value, fields) {
    if (!(value instanceof Map)) return "shape.kind";
    for (const [name, kind, required] of fields) {
      const fault = value.has(name) ? test(kind, value.get(name)) : required ? "shape.missing" : null;
      if (fault) return fault;
    }
    return null;
  },
};

const test = ([name, ...limits], value) => TESTS[name](value, ...limits);

function firstFault(values, kind) {
  for (const value of values) {
    const fault = test(kind, value);
    if (fault) return fault;
  }
  return null;
}

function sortedDigests(hidden) {
  if (!Array.isArray(hidden) || hidden.length > MAX_HIDDEN || !hidden.every(isDigest)) return false;
  return hidden.every((digest, n) => n === 0 || compare(hidden[n - 1], digest) < 0);
}

export const typeOf = (name) => (Object.hasOwn(TYPES, name) ? TYPES[name] : null);

/** Everything wrong with a payload as a statement of the type: [{field, code}]. */
export function check(type, payload) {
  const faults = [];
  const add = (field, code) => faults.push({ field, code });
  for (const [name, kind, required] of type.fields) {
    const code = payload.has(name) ? test(kind, payload.get(name)) : required ? "shape.missing" : null;
    if (code) add(name, code);
  }
  const refs = payload.get("refs") ?? new Map();
  for (const name of type.refs ?? []) if (!refs.has(name)) add(`refs.${name}`, "shape.missing");
  for (const [name, value] of refs) if (!isDigest(value)) add(`refs.${name}`, "shape.size");
  const sealed = payload.get("sealed") ?? new Map();
  for (const name of type.sealed ?? []) if (!sealed.has(name)) add(`sealed.${name}`, "shape.sealed");
  for (const [name, value] of sealed) if (!isDigest(value)) add(`sealed.${name}`, "shape.sealed");
  const hidden = payload.get("hidden") ?? null;
  if (hidden !== null && !sortedDigests(hidden)) add("hidden", "shape.hidden");
  return faults;
}
