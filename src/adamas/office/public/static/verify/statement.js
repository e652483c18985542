// A statement: one typed, signed fact as COSE_Sign1 (docs/formats/statement.md). Reading is strict.

import { Fault, base32, characters, compare, concat, isInteger, startsWith } from "./bytes.js";
import * as cbor from "./cbor.js";
import * as ed25519 from "./ed25519.js";
import { leafHash } from "./merkle.js";

export const CONTENT_TYPE = "application/vnd.adamas+cbor";
export const VERSION = 1;
const MAX_NAME = 120;
const MAX_TIME = 2 ** 40 - 1;
const MAX_HEADER = 1_000;
const [ALG, CRIT, CONTENT, KID, CLAIMS] = [1, 2, 3, 4, 15];
const [ISS, SUB, IAT] = [1, 2, 6];
const ENVELOPE = Uint8Array.of(0xd2, 0x84); // tag 18, array of four
const USUAL_HEAD = concat(Uint8Array.of(0xa4, 0x01, 0x27, 0x03), cbor.encode(CONTENT_TYPE), Uint8Array.of(0x04, 0x48));
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

const isMap = (value) => value instanceof Map;
const isBytes = (value) => value instanceof Uint8Array;
const isDigest = (value) => isBytes(value) && value.length === 32;

const sameKeys = (map, keys) => map.size === keys.length && keys.every((key) => map.has(key));

function envelope(raw) {
  if (!startsWith(raw, ENVELOPE)) {
    try {
      cbor.decode(raw, { labels: true, tags: [18] });
    } catch (error) {
      if (error.code !== "cbor.tag") throw error;
    }
    throw new Fault("cose.not-sign1");
  }
  const [head, unprotected, payload, signature] = cbor.decode(raw.subarray(1), { labels: true, maxDepth: 4 });
  if (!isBytes(head)) throw new Fault("cose.not-sign1");
  if (!isMap(unprotected) || unprotected.size) throw new Fault("cose.unprotected");
  if (!isBytes(payload)) throw new Fault("cose.payload");
  if (!isBytes(signature) || signature.length !== 64) throw new Fault("cose.signature");
  return { head, payload, signature };
}

function readHeader(head) {
  const usual = startsWith(head, USUAL_HEAD);
  const maxSize = MAX_HEADER + (usual ? USUAL_HEAD.length + 9 : 0);
  const header = cbor.decode(head, { labels: true, maxSize });
  if (!isMap(header)) throw new Fault("cose.header");
  if (header.has(CRIT)) throw new Fault("cose.critical");
  if (!sameKeys(header, [ALG, CONTENT, KID, CLAIMS])) throw new Fault("cose.header");
  if (header.get(ALG) !== -8 && header.get(ALG) !== -19) throw new Fault("cose.alg");
  if (header.get(CONTENT) !== CONTENT_TYPE) throw new Fault("cose.content-type");
  const kid = header.get(KID);
  if (!isBytes(kid) || kid.length !== 8) throw new Fault("cose.kid");
  const claims = header.get(CLAIMS);
  if (!isMap(claims) || !sameKeys(claims, [ISS, SUB, IAT])) throw new Fault("cose.claims");
  const [issuer, subject, issuedAt] = [ISS, SUB, IAT].map((label) => claims.get(label));
  for (const text of [issuer, subject])
    if (typeof text !== "string" || !text || characters(text) > MAX_NAME || UNPRINTABLE.test(text))
      throw new Fault("cose.claims");
  if (!Number.isInteger(issuedAt) || issuedAt < 0 || issuedAt > MAX_TIME) throw new Fault("cose.claims", "iat");
  return { kid, issuer, subject, issuedAt };
}

function checkPayload(payload) {
  if (!isMap(payload)) throw new Fault("cose.payload");
  const version = payload.get("v");
  if (!isInteger(version) || version < 1) throw new Fault("statement.version", "v");
  const type = payload.get("type");
  if (typeof type !== "string" || !type || characters(type) > MAX_NAME) throw new Fault("statement.type", "type");
  for (const name of ["refs", "sealed"]) {
    const given = payload.get(name);
    if (payload.has(name) && !(isMap(given) && [...given.values()].every(isDigest))) throw new Fault(`statement.${name}`, name);
  }
  const hidden = payload.get("hidden");
  const sorted = (list) => list.every((digest, n) => n === 0 || compare(list[n - 1], digest) < 0);
  if (payload.has("hidden") && !(Array.isArray(hidden) && hidden.every(isDigest) && sorted(hidden)))
    throw new Fault("statement.hidden", "hidden");
}

/** The statement that `raw` is; throws the Fault of the first thing wrong. Verifies no signature. */
export async function parse(raw) {
  if (raw.length > cbor.MAX_SIZE) throw new Fault("cbor.size");
  const { head, payload: body, signature } = envelope(raw);
  const header = readHeader(head);
  const payload = cbor.decode(body);
  checkPayload(payload);
  const id = await leafHash(raw);
  return {
    raw, id, textId: base32(id), ...header, payload, head, body, signature,
    type: payload.get("type"),
    version: payload.get("v"),
    refs: payload.get("refs") ?? new Map(),
    hidden: payload.get("hidden") ?? [],
    sealed: payload.get("sealed") ?? new Map(),
  };
}

/** The Sig_structure of RFC 9052 section 4.4. */
export const toBeSigned = (head, payload) =>
  cbor.encode(["Signature1", head, new Uint8Array(0), payload]);

/** Whether the key signed exactly these bytes. Says nothing of the key's validity. */
export const verify = (statement, key) =>
  ed25519.verify(key, toBeSigned(statement.head, statement.body), statement.signature);

