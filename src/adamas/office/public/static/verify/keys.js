// The life of keys, read from the log itself (docs/formats/statement.md, Validity at the place in the log).

import { equal, hex, sha256 } from "./bytes.js";
import { keyFault } from "./ed25519.js";
import { check, typeOf } from "./shapes.js";

const KEY_TYPES = ["key.enrolled", "key.retired", "key.compromised"];
const LEDGER_TYPES = [...KEY_TYPES, "log.genesis", "act.endorsed", "witness.enrolled"];
const VALID = { status: "valid", code: "key.valid" };
const invalid = (code, values = {}) => ({ status: "invalid", code, values });

export const isLedgerType = (type) => LEDGER_TYPES.includes(type);

/** The short name of a key in a statement's header, in hexadecimal. */
export const kidOf = async (key) => hex((await sha256(key)).subarray(0, 8));

/** Whether `issuer` is `holder`, or a name below it. */
export const speaksFor = (issuer, holder) => issuer === holder || issuer.startsWith(`${holder}/`);

/** The keys of one log up to the last entry applied; signatures are verified by the caller. */
export class KeyHistory {
  constructor() {
    this.genesis = null;
    this.keys = new Map(); // kid → the key's life; indices are places in the log
    this.roots = new Set(); // holders of roots
    this.waiting = new Map(); // id of an act → { act, roots: holder → kid }
    this.done = new Set();
  }

  publicKey(kid) {
    return this.keys.get(hex(kid))?.key ?? null;
  }

  /** Whether the key that signed was its holder's at `index`; `witnessedAt` in unix seconds or null. */
  judge(st, index, witnessedAt) {
    const key = this.keys.get(hex(st.kid));
    if (!key) return invalid("key.unknown", { kid: hex(st.kid) });
    if (!speaksFor(st.issuer, key.holder)) return invalid("key.not-holder", { holder: key.holder, issuer: st.issuer });
    if (index <= key.enrolled && !(index === 0 && st.type === "log.genesis"))
      return invalid("key.not-yet", { entry: key.enrolled });
    if (key.purpose === "genesis" && index > 0) return invalid("key.genesis-only");
    if (key.purpose === "log" || (key.purpose === "recovery" && !KEY_TYPES.includes(st.type)))
      return invalid("key.purpose", { purpose: key.purpose });
    if (key.retired !== null && index > key.retired) return invalid("key.retired", { entry: key.retired });
    if (key.compromised !== null && index > key.compromised)
      return invalid("key.compromised", { entry: key.compromised });
    const since = this.doubt(key);
    if (since !== null && (witnessedAt === null || witnessedAt > since))
      return { status: "doubtful", code: "key.doubtful", values: { since } };
    return VALID;
  }

  /** The time after which what `key` signed is doubtful: its own loss, or that of a key that brought it. */
  doubt(key) {
    let doubt = key.since;
    const parentOf = (one) => (one.enrolledBy === null ? null : this.keys.get(one.enrolledBy));
    for (let child = key, parent = parentOf(key); parent; child = parent, parent = parentOf(parent)) {
      const lost = parent.since;
      if (lost !== null && child.enrolledAt > lost && (doubt === null || lost < doubt)) doubt = lost;
    }
    return doubt;
  }

  usable(kid) {
    const key = this.keys.get(kid);
    return key.retired === null && key.compromised === null;
  }

  /** Takes in the entry at `index`. What changes nothing although it meant to is left out, as the rules say. */
  async apply(index, st, witnessedAt) {
    if (index === 0 || this.genesis === null) return this.begin(index, st);
    const key = this.keys.get(hex(st.kid));
    const rooted = key?.purpose === "root";
    if ((!rooted && !isLedgerType(st.type)) || st.type === "log.genesis") return;
    if (this.judge(st, index, witnessedAt).status === "invalid") return;
    if (isLedgerType(st.type) && check(typeOf(st.type), st.payload).length) return;
    if (st.type === "act.endorsed") return rooted ? this.endorse(index, st, witnessedAt) : undefined;
    if (rooted) return this.act(index, st, witnessedAt);
    if (KEY_TYPES.includes(st.type)) return this.change(index, st, key, witnessedAt);
  }

  async begin(index, st) {
    if (index !== 0 || st.type !== "log.genesis" || this.genesis !== null) return;
    if (check(typeOf("log.genesis"), st.payload).length) return;
    const roots = [];
    for (const root of st.payload.get("roots"))
      roots.push({ key: root.get("key"), holder: root.get("holder"), pillar: root.get("pillar"), kid: await kidOf(root.get("key")) });
    const [operator, own, threshold] = ["operator", "key", "threshold"].map((name) => st.payload.get(name));
    const distinct = (name) => new Set(roots.map((root) => root[name])).size === roots.length;
    if (!distinct("kid") || !distinct("holder") || threshold < 1 || threshold > roots.length) return;
    const ownKid = own ? await kidOf(own) : null;
    if ([...roots.map((root) => root.key), ...(own ? [own] : [])].some((key) => keyFault(key))) return;
    const signers = new Map(own ? [[ownKid, operator]] : []);
    for (const root of roots) signers.set(root.kid, root.holder);
    if (signers.get(hex(st.kid)) !== st.issuer) return;
    this.genesis = {
      id: st.id, origin: st.subject, operator, roots, threshold,
      policy: st.payload.get("policy") ?? "",
      registry: st.refs.get("registry") ?? null,
    };
    for (const root of roots) {
      this.keys.set(root.kid, life(root.key, root.holder, "root", 0, st.issuedAt));
      this.roots.add(root.holder);
    }
    if (own && !this.keys.has(ownKid)) this.keys.set(ownKid, life(own, operator, "genesis", 0, st.issuedAt));
  }

  pendingFor(id) {
    if (!this.waiting.has(id)) this.waiting.set(id, { act: null, roots: new Map() });
    return this.waiting.get(id);
  }

  async act(index, st, witnessedAt) {
    const id = hex(st.id);
    if (this.done.has(id)) return;
    const pending = this.pendingFor(id);
    pending.act = st;
    pending.roots.set(this.keys.get(hex(st.kid)).holder, hex(st.kid));
    await this.complete(index, id, witnessedAt);
  }

  async endorse(index, st, witnessedAt) {
    const id = hex(st.refs.get("act"));
    if (this.done.has(id)) return;
    const pending = this.pendingFor(id);
    const holder = this.keys.get(hex(st.kid)).holder;
    if (pending.roots.has(holder) && this.usable(pending.roots.get(holder))) return;
    pending.roots.set(holder, hex(st.kid));
    await this.complete(index, id, witnessedAt);
  }

  async complete(index, id, witnessedAt) {
    const pending = this.waiting.get(id);
    if (pending.act === null || this.agreed(pending, true) < this.genesis.threshold) return;
    this.waiting.delete(id);
    this.done.add(id);
    if (KEY_TYPES.includes(pending.act.type)) await this.change(index, pending.act, null, witnessedAt);
  }

  agreed(pending, usable) {
    return [...pending.roots.values()].filter((kid) => !usable || this.usable(kid)).length;
  }

  /** How many roots more this act of the registry wants; null for one that waits for none. */
  wanting(st) {
    const pending = this.waiting.get(hex(st.id));
    return pending?.act ? this.genesis.threshold - this.agreed(pending, false) : null;
  }

  /** A change of keys by the registry (`by` null) or by a holder's key. */
  async change(index, st, by, witnessedAt) {
    if (st.type === "key.enrolled") return this.enrol(index, st, by, witnessedAt);
    const key = /^[0-9a-f]{16}$/.test(st.subject) ? this.keys.get(st.subject) : undefined;
    const named = st.payload.get("kid");
    if (!key || (named && hex(named) !== st.subject)) return;
    if (by && (by.holder !== key.holder || key.purpose === "root")) return;
    if (by && key.purpose === "recovery" && by.purpose !== "recovery") return;
    if (key.purpose === "root" && this.lastRoot(st.subject)) return;
    if (st.type === "key.retired") {
      if (key.retired === null && key.compromised === null) key.retired = index;
      return;
    }
    const since = st.payload.get("since");
    key.since = key.since === null ? since : Math.min(key.since, since);
    key.compromised ??= index;
  }

  lastRoot(kid) {
    const left = [...this.keys].filter(([other, key]) => key.purpose === "root" && other !== kid && this.usable(other));
    return new Set(left.map(([, key]) => key.holder)).size < this.genesis.threshold;
  }

  async enrol(index, st, by, witnessedAt) {
    const [key, kid, holder] = ["key", "kid", "holder"].map((name) => st.payload.get(name));
    let purpose = st.payload.get("purpose");
    const short = await kidOf(key);
    if (short !== hex(kid) || st.subject !== short || keyFault(key)) return;
    const known = this.keys.get(short);
    if (known && known.purpose !== "genesis") return;
    if (by && !speaksFor(holder, by.holder)) return;
    if (by && purpose === "recovery" && by.purpose !== "recovery") return;
    if (!by && this.roots.has(holder) && purpose === "statement") purpose = "root";
    const enrolledBy = by ? hex(st.kid) : null;
    this.keys.set(short, life(key, holder, purpose, index, witnessedAt ?? st.issuedAt, enrolledBy));
  }
}

const life = (key, holder, purpose, enrolled, enrolledAt, enrolledBy = null) => ({
  key, holder, purpose, enrolled, enrolledAt, enrolledBy, retired: null, compromised: null, since: null,
});

/** Whether two genesis statements name the same roots, in the same order, and the same threshold. */
export const sameRoots = (one, other) =>
  one.threshold === other.threshold &&
  one.roots.length === other.roots.length &&
  one.roots.every((root, n) => {
    const beside = other.roots[n];
    return equal(root.key, beside.key) && root.holder === beside.holder && root.pillar === beside.pillar;
  });

