// Inclusion in the Merkle tree of RFC 9162 section 2.1, SHA-256.

import { Fault, equal, sha256 } from "./bytes.js";

const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

/** The hash of one entry as a leaf: also the id of a statement. */
export const leafHash = (entry) => sha256(LEAF, entry);

const nodeHash = (left, right) => sha256(NODE, left, right);

const bitLength = (number) => (number === 0n ? 0 : number.toString(2).length);

const ones = (number) => [...number.toString(2)].filter((bit) => bit === "1").length;

/** Refuses unless `path` leads from `leaf` at `index` to `root` in a tree of `size` leaves. */
export async function verifyInclusion(index, size, leaf, path, root) {
  let place = BigInt(index);
  if (place < 0n || place >= size) throw new Fault("proof.index");
  const inner = bitLength(place ^ (size - 1n));
  if (path.length !== inner + ones(place >> BigInt(inner))) throw new Fault("proof.length");
  let node = leaf;
  for (const [n, sibling] of path.entries()) {
    const right = n >= inner || place & 1n;
    node = right ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    place >>= 1n;
  }
  if (!equal(node, root)) throw new Fault("proof.root");
}
