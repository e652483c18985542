// Reading a bundle (docs/formats/bundle.md, Layout). Verifies nothing but the digest that finds damage in transport.

import { Fault, equal, isInteger, sha256 } from "./bytes.js";
import * as cbor from "./cbor.js";

export const MAX_SIZE = 2_000_000;
const [FORMAT, VERSION] = ["adamas-bundle", 1];
const [MAX_LOGS, MAX_ENTRIES, MAX_DISCLOSURES, MAX_PATH, HASH] = [32, 2_000, 32, 63, 32];
const isBytes = (value) => value instanceof Uint8Array;

/** How every bundle begins: an array of four whose first is the text "adamas-bundle". */
export const MAGIC = Uint8Array.of(0x84, 0x6d, ...new TextEncoder().encode(FORMAT));

export async function parse(data) {
  const outer = read(data);
  if (!Array.isArray(outer) || outer.length !== 4 || outer[0] !== FORMAT) throw new Fault("bundle.format");
  const [, version, body, digest] = outer;
  if (!isInteger(version) || version < 1 || !isBytes(body) || !isBytes(digest)) throw new Fault("bundle.format");
  if (!equal(await sha256(body), digest)) throw new Fault("bundle.checksum");
  if (version > VERSION) throw new Fault("bundle.newer");
  return readBody(read(body));
}

function read(data) {
  if (data.length > MAX_SIZE) throw new Fault("bundle.size");
  try {
    return cbor.decode(data, { maxSize: MAX_SIZE });
  } catch (error) {
    throw error instanceof Fault ? new Fault("bundle.cbor", error.code) : error;
  }
}

function checkKeys(value, wanted, optional, where) {
  const right =
    value instanceof Map &&
    wanted.every((key) => value.has(key)) &&
    [...value.keys()].every((key) => wanted.includes(key) || optional.includes(key));
  if (!right) throw new Fault("bundle.shape", where);
}

function readBody(body) {
  checkKeys(body, ["logs", "statement", "disclosures", "policy"], ["registry"], "body");
  const [logs, statement, disclosures, policy] = ["logs", "statement", "disclosures", "policy"].map((key) => body.get(key));
  if (!Array.isArray(logs) || !Array.isArray(disclosures) || typeof policy !== "string") throw new Fault("bundle.shape", "body");
  if (logs.length < 1 || logs.length > MAX_LOGS || disclosures.length > MAX_DISCLOSURES) throw new Fault("bundle.limit");
  if (!disclosures.every(isBytes)) throw new Fault("bundle.shape", "disclosures");
  const registry = body.has("registry") ? body.get("registry") : null;
  if (body.has("registry") && !isBytes(registry)) throw new Fault("bundle.shape", "registry");
  const found = logs.map(readLog);
  if (!Number.isInteger(statement) || statement < 0 || statement >= found[0].entries.length)
    throw new Fault("bundle.shape", "statement");
  if (found.reduce((sum, log) => sum + log.entries.length, 0) > MAX_ENTRIES) throw new Fault("bundle.limit");
  return { logs: found, statement, disclosures, policy, registry };
}

function readLog(log, number) {
  const where = `logs[${number}]`;
  checkKeys(log, ["vkey", "checkpoint", "receipt", "entries"], [], where);
  const [vkey, checkpoint, receipt, entries] = ["vkey", "checkpoint", "receipt", "entries"].map((key) => log.get(key));
  if (typeof vkey !== "string" || !isBytes(checkpoint) || !isBytes(receipt) || !Array.isArray(entries) || !entries.length)
    throw new Fault("bundle.shape", where);
  let last = -1;
  const read = entries.map((entry) => {
    const right = Array.isArray(entry) && entry.length === 3 && isInteger(entry[0]) && isBytes(entry[1]) && isBytes(entry[2]);
    if (!right) throw new Fault("bundle.shape", where);
    const [index, path, raw] = entry;
    if (index <= last || index >= 2n ** 63n) throw new Fault("bundle.shape", where);
    if (path.length % HASH || path.length > MAX_PATH * HASH) throw new Fault("bundle.shape", where);
    last = index;
    const hashes = Array.from({ length: path.length / HASH }, (_, n) => path.subarray(n * HASH, (n + 1) * HASH));
    return { index, path: hashes, raw };
  });
  return { vkey, checkpoint, receipt, entries: read };
}
