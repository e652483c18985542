// Byte strings, and the three ways in which people write them; SHA-256; the one kind of error used here.

/** What is wrong with something that was read: a stable code (docs/errors.md) and the place. */
export class Fault extends Error {
  constructor(code, where = "", values = {}) {
    super(where ? `${code} (${where})` : code);
    this.code = code;
    this.where = where;
    this.values = values;
  }
}

export const utf8 = (text) => new TextEncoder().encode(text);

/** Strict UTF-8; null for anything else. A byte order mark is kept as a character. */
export function fromUtf8(data) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return null;
  }
}

export const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(text) {
  if (text.length % 2 || /[^0-9a-f]/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, n) => parseInt(text.slice(2 * n, 2 * n + 2), 16));
}

/** Below zero, zero or above, as the bytes sort. */
export function compare(one, other) {
  const shorter = Math.min(one.length, other.length);
  for (let n = 0; n < shorter; n++) if (one[n] !== other[n]) return one[n] - other[n];
  return one.length - other.length;
}

export const equal = (one, other) => one.length === other.length && compare(one, other) === 0;

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const startsWith = (data, head) => data.length >= head.length && head.every((byte, n) => data[n] === byte);

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", parts.length === 1 ? parts[0] : concat(...parts)));
}

/** A whole number of 64 bits, big-endian. */
export function uint64(number) {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(number));
  return data;
}

/** A BigInt as a number where no digit is lost. */
export const small = (big) =>
  big <= BigInt(Number.MAX_SAFE_INTEGER) && big >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(big) : big;

export const isInteger = (value) => typeof value === "bigint" || Number.isInteger(value);

/** How many characters (not UTF-16 units) a text has. */
export const characters = (text) => {
  let count = 0;
  for (const _ of text) count++; // eslint-disable-line no-unused-vars
  return count;
};

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** Base32 without padding, small letters. */
export function base32(data) {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of data) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += LETTERS[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits ? text + LETTERS[(held << (5 - bits)) & 31] : text;
}

/** The bytes that base32 without padding writes (either case); null if it is not the one way to write them. */
export function fromBase32(text) {
  const letters = text.toLowerCase();
  const data = new Uint8Array(Math.floor((letters.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return base32(data) === letters ? data : null;
}

export function base64(data) {
  let text = "";
  for (let n = 0; n < data.length; n += 8192) text += String.fromCharCode(...data.subarray(n, n + 8192));
  return btoa(text);
}

/** Standard base64 with padding in its one form; null for anything else. */
export function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  let raw;
  try {
    raw = atob(text);
  } catch {
    return null;
  }
  const data = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  return base64(data) === text ? data : null;
}
