// What a verifier trusts: the id of the registry's genesis, and if one likes the logs and the witnesses.

import { Fault, base32, fromBase32 } from "./bytes.js";

/** Reads a trust file, or the 52 letters alone (blanks allowed). */
export function parse(text) {
  const whole = text.trim();
  const document = whole.startsWith("{") ? fromJson(whole) : { registry: whole.replace(/\s+/g, "") };
  const registry = typeof document.registry === "string" ? fromBase32(document.registry) : null;
  if (registry === null || registry.length !== 32) throw new Fault("trust.malformed");
  return { registry, logs: document.logs ?? [], policy: document.policy ?? null };
}

function fromJson(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Fault("trust.malformed");
  }
  const logs = document.logs ?? [];
  const right =
    document.format === "adamas-trust" && document.v === 1 &&
    Array.isArray(logs) && logs.every((key) => typeof key === "string") &&
    (document.policy ?? "").constructor === String;
  if (!right) throw new Fault("trust.malformed");
  return document;
}

/** A registry's id in groups of four letters, as one reads it aloud. */
export const fingerprint = (registry) => base32(registry).replace(/(.{4})(?=.)/g, "$1 ");
