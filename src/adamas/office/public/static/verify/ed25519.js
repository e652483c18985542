// One verdict on Ed25519 signatures, the same as every other program of Adamas gives (docs/formats/statement.md, Keys).
//
// The key and R are canonical encodings of points that are not of small order, S is below the group order, and the
// equation is checked without cofactor. The browser's own WebCrypto is used where it shows, on two signatures that tell
// implementations apart, that it checks so; else noble's arithmetic.

import { equal, fromHex, hex } from "./bytes.js";
import { Point } from "./vendor/ed25519.js";

const P = 2n ** 255n - 19n;
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
// y of the points whose order divides 8
const SMALL_ORDER_Y = [
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];

export function littleEndian(data) {
  let number = 0n;
  for (let n = data.length - 1; n >= 0; n--) number = (number << 8n) | BigInt(data[n]);
  return number;
}

function canonicalAndLarge(point) {
  const y = littleEndian(point) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER_Y.includes(y);
}

// keys asked about before, in hexadecimal: a bundle names the same roots many times, and one answer takes milliseconds
const judged = new Map();
const MAX_JUDGED = 5_000;

/** Null for a key that may be enrolled, else the code of what is wrong with it. */
export function keyFault(key) {
  if (key.length !== 32) return "key.length";
  const name = hex(key);
  if (!judged.has(name)) {
    if (judged.size >= MAX_JUDGED) judged.clear();
    const point = canonicalAndLarge(key) ? pointOf(key) : null;
    judged.set(name, point !== null && point.isTorsionFree() ? null : "key.bad-point");
  }
  return judged.get(name);
}

/** The point that 32 bytes encode canonically; null if they encode none. */
export function pointOf(data) {
  try {
    return Point.fromBytes(data);
  } catch {
    return null;
  }
}

export const well = (key, signature) =>
  signature.length === 64 && key.length === 32 && canonicalAndLarge(key) && canonicalAndLarge(signature.subarray(0, 32));

export async function byWebCrypto(key, message, signature) {
  if (!well(key, signature)) return false;
  try {
    const loaded = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, loaded, signature, message);
  } catch {
    return false;
  }
}

export async function byNoble(key, message, signature) {
  if (!well(key, signature)) return false;
  const s = littleEndian(signature.subarray(32));
  const a = s < ORDER ? pointOf(key) : null;
  if (a === null) return false;
  const r = signature.subarray(0, 32);
  const whole = new Uint8Array(64 + message.length);
  whole.set(r);
  whole.set(key, 32);
  whole.set(message, 64);
  const k = littleEndian(new Uint8Array(await crypto.subtle.digest("SHA-512", whole))) % ORDER;
  // R must be exactly S·B − k·A: no cofactor, so that a part of small order is never overlooked
  const left = s === 0n ? Point.ZERO : Point.BASE.multiply(s, false);
  return equal(left.subtract(k === 0n ? Point.ZERO : a.multiply(k, false)).toBytes(), r);
}

// ed25519-speccheck cases 3 (holds without cofactor) and 4 (holds only with it).
const PROBES = [
  [true, "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
    "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
    "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009"],
  [false, "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
    "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
    "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09"],
];

let chosen = null;

async function choose() {
  for (const [holds, message, key, signature] of PROBES) {
    const [m, k, s] = [message, key, signature].map(fromHex);
    if ((await byWebCrypto(k, m, s)) !== holds) return byNoble;
  }
  return byWebCrypto;
}

/** Whether `signature` is the holder's over `message`. Never throws. */
export async function verify(key, message, signature) {
  chosen ??= choose();
  return (await chosen)(key, message, signature);
}
