// What witnesses say of a checkpoint (C2SP tlog-cosignature), with Ed25519 and with ML-DSA-44 (FIPS 204).

import { Fault, concat, uint64, utf8 } from "./bytes.js";
import * as ed25519 from "./ed25519.js";
import { COSIGNATURE, MAX_TREE, parseCheckpoint } from "./note.js";

const [TIME_SIZE, ED25519_SIZE, ML_DSA_SIZE] = [8, 64, 2420];
const LABEL = "subtree/v1\n\0";

export async function mlDsaByWebCrypto(key, message, signature) {
  const loaded = await crypto.subtle.importKey("raw-public", key, { name: "ML-DSA-44" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ML-DSA-44" }, loaded, signature, message);
}

export async function mlDsaByNoble(key, message, signature) {
  const { verify } = await import("./vendor/ml-dsa-44.js");
  try {
    return verify(key, message, signature);
  } catch {
    return false;
  }
}

async function mlDsaHolds(key, message, signature) {
  try {
    return await mlDsaByWebCrypto(key, message, signature);
  } catch {
    return mlDsaByNoble(key, message, signature); // a browser that does not know the algorithm yet
  }
}

function short(text) {
  const data = utf8(text);
  if (data.length < 1 || data.length > 255) throw new Fault("cosignature.name");
  return concat(Uint8Array.of(data.length), data);
}

async function holds(key, text, signature) {
  const size = signature.length - TIME_SIZE;
  if (size !== (key.type === COSIGNATURE ? ED25519_SIZE : ML_DSA_SIZE)) return null;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > MAX_TREE) return null;
  const bare = signature.subarray(TIME_SIZE);
  try {
    const head = parseCheckpoint(text);
    if (key.type === COSIGNATURE) {
      const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
      return (await ed25519.verify(key.key, message, bare)) ? Number(time) : null;
    }
    const message = concat(
      utf8(LABEL), short(key.name), uint64(time), short(head.origin), uint64(0), uint64(head.size), head.root,
    );
    return (await mlDsaHolds(key.key, message, bare)) ? Number(time) : null;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** The time (unix seconds, 0 if none is stated) of this witness's cosignature in a note; null if there is none. */
export async function cosignedAt(key, note) {
  const line = note.signatures.find((one) => one.name === key.name && one.id === key.id);
  if (!line) return null;
  const time = await holds(key, note.text, line.signature);
  if (time === null) throw new Fault("cosignature.bad", `key ${key.name}`);
  return time;
}
