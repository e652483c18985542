// Deterministic CBOR, read strictly (RFC 8949 section 4.2.1; docs/formats/statement.md, Encoding).
//
// Integers become numbers, or BigInt beyond 2^53; byte strings Uint8Array; maps Map. Bytes are accepted only if
// encoding what they say gives the very same bytes again. Nothing is allocated for a length that is only declared.

import { Fault, compare, concat, equal, fromUtf8, isInteger, small, utf8 } from "./bytes.js";

export const MAX_SIZE = 60_000;
const MAX_DEPTH = 16;
const BIGNUM_TAGS = [2n, 3n];

/** Stands for a value that no statement may hold, until the walk names it. */
class Misfit {
  constructor(code) {
    this.code = code;
  }
}

/** A tag that the caller allows, and what it holds. */
export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

class Reader {
  constructor(data, maxDepth, labels, tags) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.at = 0;
    this.maxDepth = maxDepth;
    this.labels = labels;
    this.tags = tags;
  }

  take(size) {
    if (size > this.data.length - this.at) throw new Fault("cbor.truncated");
    this.at += Number(size);
    return this.data.subarray(this.at - Number(size), this.at);
  }

  argument(low) {
    if (low < 24) return BigInt(low);
    if (low > 27) throw new Fault(low === 31 ? "cbor.indefinite" : "cbor.malformed");
    const start = this.at;
    this.take(1 << (low - 24));
    if (low === 24) return BigInt(this.view.getUint8(start));
    if (low === 25) return BigInt(this.view.getUint16(start));
    if (low === 26) return BigInt(this.view.getUint32(start));
    return this.view.getBigUint64(start);
  }

  value(depth) {
    const head = this.take(1)[0];
    const major = head >> 5;
    const low = head & 31;
    if (major === 7) return this.plain(low);
    const argument = this.argument(low);
    if (major === 0) return small(argument);
    if (major === 1) return small(-1n - argument);
    if (major === 2) return this.take(argument).slice();
    if (major === 3) return this.text(argument);
    if (depth >= this.maxDepth) throw new Fault("cbor.depth");
    if (major === 6) return this.tagged(argument, depth);
    return major === 4 ? this.array(argument, depth) : this.map(argument, depth);
  }

  text(size) {
    const text = fromUtf8(this.take(size));
    if (text === null) throw new Fault("cbor.utf8");
    return text;
  }

  array(count, depth) {
    const items = [];
    for (let n = 0n; n < count; n++) items.push(this.value(depth + 1));
    return items;
  }

  map(count, depth) {
    const found = new Map();
    for (let n = 0n; n < count; n++) {
      const key = this.value(depth + 1);
      if (!this.labels && typeof key !== "string" && !(key instanceof Uint8Array)) throw new Fault("cbor.key-type");
      if (found.has(key)) throw new Fault("cbor.duplicate-key");
      found.set(key, this.value(depth + 1));
    }
    return found;
  }

  tagged(tag, depth) {
    const value = this.value(depth + 1);
    if (BIGNUM_TAGS.includes(tag)) throw new Fault("cbor.bignum");
    return this.tags.includes(Number(tag)) ? new Tagged(Number(tag), value) : new Misfit("cbor.tag");
  }

  plain(low) {
    if (low === 20 || low === 21) return low === 21;
    if (low === 22) return null;
    if (low === 31) throw new Fault("cbor.malformed");
    if (low > 27) throw new Fault("cbor.malformed");
    if (low > 24) {
      this.take(1 << (low - 24));
      return new Misfit("cbor.float");
    }
    if (low === 24 && this.take(1)[0] < 32) throw new Fault("cbor.simple");
    return new Misfit("cbor.simple");
  }
}

/** Refuses what a statement may not hold, and maps whose keys are not in bytewise order. */
function walk(value, labels) {
  if (value instanceof Misfit) throw new Fault(value.code);
  if (value instanceof Tagged) walk(value.value, labels);
  if (Array.isArray(value)) for (const item of value) walk(item, labels);
  if (!(value instanceof Map)) return;
  let previous = null;
  for (const key of value.keys()) {
    if (typeof key !== "string" && !(labels && isInteger(key))) throw new Fault("cbor.key-type");
    const place = encode(key);
    if (previous !== null && compare(previous, place) >= 0) throw new Fault("cbor.order", `key ${key}`);
    previous = place;
  }
  for (const item of value.values()) walk(item, labels);
}

/**
 * What `data` says, if it says it in the one allowed way. `labels` allows integer keys of maps, `tags` names the
 * tags allowed. Throws a Fault with a `cbor.*` code.
 */
export function decode(data, { maxSize = MAX_SIZE, maxDepth = MAX_DEPTH, labels = false, tags = [] } = {}) {
  if (data.length > maxSize) throw new Fault("cbor.size");
  const reader = new Reader(data, maxDepth, labels, tags);
  const value = reader.value(0);
  walk(value, labels);
  if (reader.at < data.length) throw new Fault("cbor.trailing");
  if (!equal(encode(value), data)) throw new Fault("cbor.not-shortest");
  return value;
}

function head(major, argument) {
  const number = BigInt(argument);
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  const first = major << 5;
  if (number < 24n) {
    data[0] = first | Number(number);
    return data.subarray(0, 1);
  }
  const low = number < 1n << 8n ? 24 : number < 1n << 16n ? 25 : number < 1n << 32n ? 26 : 27;
  data[0] = first | low;
  if (low === 24) view.setUint8(1, Number(number));
  else if (low === 25) view.setUint16(1, Number(number));
  else if (low === 26) view.setUint32(1, Number(number));
  else view.setBigUint64(1, number);
  return data.subarray(0, 1 + (1 << (low - 24)));
}

/** The shortest encoding; keys of maps in the order in which the Map holds them. */
export function encode(value) {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (isInteger(value)) return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  if (typeof value === "string") {
    const text = utf8(value);
    return concat(head(3, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (value instanceof Tagged) return concat(head(6, value.tag), encode(value.value));
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(encode));
  const items = [];
  for (const [key, item] of value) items.push(encode(key), encode(item));
  return concat(head(5, value.size), ...items);
}
