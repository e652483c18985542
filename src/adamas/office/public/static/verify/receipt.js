// The log's COSE signature over a root, as a receipt without proofs (RFC 9942).

import { Fault, equal } from "./bytes.js";
import * as cbor from "./cbor.js";
import * as ed25519 from "./ed25519.js";
import { toBeSigned } from "./statement.js";

const [ALG, CRIT, CLAIMS, VDS, PROOFS] = [1, 2, 15, 395, 396];
const isMap = (value) => value instanceof Map;
const isBytes = (value) => value instanceof Uint8Array;

function read(data) {
  try {
    return cbor.decode(data, { labels: true });
  } catch (error) {
    throw error instanceof Fault ? new Fault("receipt.structure", error.code) : error;
  }
}

/** Refuses unless the receipt is that log's signature over that root, with no proof in it. */
export async function verifyRoot(data, origin, root, key) {
  const parts = data[0] === 0xd2 ? read(data.subarray(1)) : null; // tag 18
  if (!Array.isArray(parts) || parts.length !== 4) throw new Fault("receipt.structure");
  const [head, unprotected, payload, signature] = parts;
  if (!isBytes(head) || !isMap(unprotected) || !isBytes(signature)) throw new Fault("receipt.structure");
  if (payload !== null && !(isBytes(payload) && payload.length === 32)) throw new Fault("receipt.payload");
  const header = read(head);
  if (!isMap(header)) throw new Fault("receipt.structure");
  const alg = header.get(ALG);
  if (!Number.isInteger(alg) && typeof alg !== "bigint") throw new Fault("receipt.algorithm");
  if (header.get(VDS) !== 1) throw new Fault("receipt.vds");
  if (header.has(CRIT) || [...header.keys()].some((label) => unprotected.has(label))) throw new Fault("receipt.structure");
  const proofs = unprotected.get(PROOFS);
  if (proofs !== undefined && !isMap(proofs)) throw new Fault("receipt.proof");
  const claims = header.get(CLAIMS);
  const signed =
    (alg === -8 || alg === -19) &&
    isMap(claims) &&
    claims.get(1) === origin &&
    !(proofs?.has(-1) || proofs?.has(-2)) &&
    (payload === null || equal(payload, root)) &&
    (await ed25519.verify(key, toBeSigned(head, root), signature));
  if (!signed) throw new Fault("verify.receipt");
}
