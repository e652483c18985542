// Hidden fields and the openings of sealed quantities (docs/formats/statement.md).

import { Fault, equal, fromHex, hex, isInteger, sha256 } from "./bytes.js";
import * as cbor from "./cbor.js";
import { ORDER, littleEndian, pointOf } from "./ed25519.js";
import { Point } from "./vendor/ed25519.js";

const [SALT_SIZE, MAX_DISCLOSURE] = [16, 16_384];
const MAX_QUANTITY = 2n ** 63n - 1n;
const H = pointOf(fromHex("56135eb7f82168400d0b05e55e1bbb739c9f2624a85d9a4e2567482c1836cb38"));

function readDisclosure(raw) {
  const value = cbor.decode(raw, { maxSize: MAX_DISCLOSURE });
  const right =
    Array.isArray(value) && value.length === 3 && value[0] instanceof Uint8Array && value[0].length === SALT_SIZE;
  if (!right || typeof value[1] !== "string") throw new Fault("hidden.malformed");
  return { name: value[1], value: value[2] };
}

/** Name → value of what is shown; each must be in the statement's `hidden`. */
export async function reveal(statement, disclosures) {
  const allowed = new Set(statement.hidden.map(hex));
  const shown = new Map();
  for (const raw of disclosures) {
    const { name, value } = readDisclosure(raw);
    if (!allowed.has(hex(await sha256(raw)))) throw new Fault("hidden.unknown-digest", name);
    if (shown.has(name)) throw new Fault("hidden.duplicate", name);
    shown.set(name, value);
  }
  return shown;
}

const times = (point, scalar) => (scalar === 0n ? Point.ZERO : point.multiply(scalar, false));

/** r·G + m·H. */
function commit(m, r) {
  if (!isInteger(m) || m < 0 || m > MAX_QUANTITY) throw new Fault("pedersen.quantity");
  const scalar = r instanceof Uint8Array && r.length === 32 ? littleEndian(r) : ORDER;
  if (scalar >= ORDER) throw new Fault("pedersen.scalar");
  return times(Point.BASE, scalar).add(times(H, BigInt(m))).toBytes();
}

/** Refuses unless the disclosed amounts open the sealed quantities. */
export function checkOpenings(amounts, sealed) {
  if (!(amounts instanceof Map)) throw new Fault("verify.opening");
  for (const [name, opening] of amounts) {
    if (!sealed.has(name) || !Array.isArray(opening) || opening.length !== 2) throw new Fault("verify.opening", name);
    if (!equal(commit(opening[0], opening[1]), sealed.get(name))) throw new Fault("verify.opening", name);
  }
}
