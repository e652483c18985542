// Signed notes, verifier keys and checkpoints (C2SP signed-note, tlog-checkpoint).

import { Fault, equal, fromBase64, fromHex, fromUtf8, hex, sha256, utf8 } from "./bytes.js";
import * as ed25519 from "./ed25519.js";

export const ED25519 = 1;
export const COSIGNATURE = 4;
export const ML_DSA_44 = 6;
const KEY_SIZES = { [ED25519]: 32, [COSIGNATURE]: 32, [ML_DSA_44]: 1312 };
const [ECDSA, TREE_HEAD] = [2, 5];
const MAX_SIZE = 1_000_000;
const MAX_SIGNATURES = 100;
export const MAX_TREE = 2n ** 63n - 1n;
const PREFIX = "— ";
// what Unicode counts as white space, and the plus sign that parts a key's words
const NOT_IN_NAMES = /[\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

function checkName(name) {
  if (!name || NOT_IN_NAMES.test(name)) throw new Fault("note.name");
}

function base64Of(text) {
  const data = fromBase64(text);
  if (data === null) throw new Fault("note.base64");
  return data;
}

async function prescribedId(name, type, key) {
  if (type === ECDSA) return (await sha256(key)).subarray(0, 4);
  if (type === TREE_HEAD) key = await sha256(key);
  else if (!(type in KEY_SIZES)) return null;
  return (await sha256(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, 4);
}

async function makeKey(name, type, key, stated) {
  const size = KEY_SIZES[type];
  if (type === 0 || type === 3 || (size && key.length !== size)) throw new Fault("note.vkey", `key ${name}`);
  const id = await prescribedId(name, type, key);
  // a cosigner's id is computed, as C2SP tells clients to do; elsewhere a wrong one refuses the key
  const trusted = id !== null && (type === COSIGNATURE || type === ML_DSA_44) ? id : stated;
  if (id !== null && !equal(id, trusted)) throw new Fault("note.key-id", `key ${name}`);
  return { name, type, key, id: hex(trusted) };
}

/** Reads `name+id+base64(type, key)`. */
export async function parseKey(vkey) {
  const first = vkey.indexOf("+");
  const second = vkey.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw new Fault("note.vkey");
  const name = vkey.slice(0, first);
  checkName(name);
  const id = vkey.slice(first + 1, second);
  if (!/^[0-9a-f]{8}$/.test(id)) throw new Fault("note.key-id", `key ${name}`);
  const material = base64Of(vkey.slice(second + 1));
  if (material.length < 2) throw new Fault("note.vkey", `key ${name}`);
  return makeKey(name, material[0], material.slice(1), fromHex(id));
}

/** A witness's key: a plain Ed25519 key (type 1) is read as the cosignature key over the same bytes. */
export async function witnessKey(vkey) {
  const key = await parseKey(vkey);
  if (key.type === ED25519) return makeKey(key.name, COSIGNATURE, key.key, new Uint8Array(4));
  if (key.type !== COSIGNATURE && key.type !== ML_DSA_44) throw new Fault("cosignature.type", `key ${key.name}`);
  return key;
}

function parseLine(line) {
  if (!line.startsWith(PREFIX)) throw new Fault("note.signature-line");
  const space = line.indexOf(" ", PREFIX.length);
  if (space < 0) throw new Fault("note.signature-line");
  const name = line.slice(PREFIX.length, space);
  checkName(name);
  const data = base64Of(line.slice(space + 1));
  if (data.length < 5) throw new Fault("note.signature-line", `key ${name}`);
  return { name, id: hex(data.subarray(0, 4)), signature: data.slice(4) };
}

/** The text of a note and its signature lines; verifies nothing. */
export function parse(data) {
  if (data.length > MAX_SIZE) throw new Fault("note.size");
  const whole = fromUtf8(data);
  if (whole === null) throw new Fault("note.utf8");
  if (CONTROL.test(whole)) throw new Fault("note.control");
  const cut = whole.lastIndexOf("\n\n");
  if (cut < 0) throw new Fault("note.structure");
  const [text, block] = [whole.slice(0, cut + 1), whole.slice(cut + 2)];
  if (!block.endsWith("\n")) throw new Fault("note.structure");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new Fault("note.too-many-signatures");
  return { text, signatures: lines.map(parseLine) };
}

/** The text of a checkpoint: origin, size (BigInt), root. */
export function parseCheckpoint(text) {
  const lines = text.slice(0, -1).split("\n");
  if (lines.length < 3) throw new Fault("checkpoint.lines");
  const [origin, size, encoded, ...extensions] = lines;
  if (!origin) throw new Fault("checkpoint.origin");
  const root = fromBase64(encoded);
  if (root === null || root.length !== 32) throw new Fault("checkpoint.root");
  if (!extensions.every(Boolean)) throw new Fault("checkpoint.extension");
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size) || BigInt(size) > MAX_TREE) throw new Fault("checkpoint.size");
  return { origin, size: BigInt(size), root };
}

/** A checkpoint that the log with this key signed, and its note. */
export async function openCheckpoint(data, key) {
  const note = parse(data);
  const own = note.signatures.find((one) => one.name === key.name && one.id === key.id);
  if (!own) throw new Fault("note.unverified", `key ${key.name}`);
  if (key.type !== ED25519 || !(await ed25519.verify(key.key, utf8(note.text), own.signature)))
    throw new Fault("note.bad-signature", `key ${key.name}`);
  const head = parseCheckpoint(note.text);
  if (head.origin !== key.name) throw new Fault("checkpoint.origin", head.origin);
  return { ...head, note };
}
