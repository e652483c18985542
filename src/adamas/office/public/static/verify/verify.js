// Verification of one bundle with no network, step by step as docs/formats/bundle.md says.
//
// Nothing here throws for what a bundle says: what is wrong becomes a remark in `problems` (not valid), what cannot be
// told for want of something one in `missing` (cannot tell). A remark is { code, where, values }, with the codes of
// every other program of Adamas.

import { Fault, equal, hex } from "./bytes.js";
import * as bundles from "./bundle.js";
import * as certificate from "./certificate.js";
import { KeyHistory, isLedgerType, sameRoots } from "./keys.js";
import { verifyInclusion } from "./merkle.js";
import { openCheckpoint, parseKey } from "./note.js";
import { checkOpenings, reveal } from "./opening.js";
import * as policies from "./policy.js";
import { verifyRoot } from "./receipt.js";
import { check, typeOf } from "./shapes.js";
import * as statements from "./statement.js";
import { fingerprint } from "./trust.js";
import { cosignedAt } from "./witness.js";

export const [VALID, INVALID, UNKNOWN] = ["valid", "not valid", "cannot tell"];
const NO_LONGER_COUNTS = ["void", "lost", "stolen", "replaced", "refused", "seized", "expired", "overdue"];
const NOT_PROVEN = ["true", "parcel", "later", "left-out", "standing"];
const LAST_SECOND = 253_402_300_799; // the end of the year 9999
const NOBODY = { times: {}, groups: {}, missing: [], strangers: false };

export const remark = (code, values = {}, where = "") => ({ code, values, where });

const remarkOf = (error, values = {}) => {
  if (!(error instanceof Fault)) throw error;
  return remark(error.code, { ...error.values, ...values }, error.where);
};

/** The day (UTC) of a time in unix seconds, as ISO text. */
export const dayOf = (seconds) => new Date(Math.min(Number(seconds), LAST_SECOND) * 1000).toISOString().split("T")[0];

/**
 * Everything that can be said of a bundle offline. `trust` (see trust.js) fixes the registry; without it the best
 * answer is "cannot tell". `now` (unix seconds) asks for the state on that day instead of the checkpoint's.
 */
export async function verifyBundle(data, { trust = null, now = null } = {}) {
  try {
    return await new Verifier(await bundles.parse(data), trust, now).run();
  } catch (error) {
    const found = remarkOf(error);
    const answer = found.code === "bundle.newer" ? { missing: [found] } : { problems: [found] };
    return answerOf(answer);
  }
}

function answerOf({ problems = [], missing = [], ...rest }) {
  const status = problems.length ? INVALID : missing.length ? UNKNOWN : VALID;
  const exit = { [VALID]: 0, [INVALID]: 1, [UNKNOWN]: 2 }[status];
  return {
    status, exit, problems, missing, signed: null, logs: [], trusting: null, lifecycle: null, content: null,
    disclosed: new Map(), undisclosed: 0, notProven: NOT_PROVEN, ...rest,
  };
}

/** Whether this program can say what the statement means; remarks otherwise. */
export function meaningOf(st) {
  if (st.version > statements.VERSION) return { missing: [remark("verify.newer", { version: st.version })], problems: [] };
  const type = typeOf(st.type);
  if (type === null) return { missing: [remark("verify.unknown-type", { type: st.type })], problems: [] };
  return { missing: [], problems: check(type, st.payload).map(({ field, code }) => remark(`verify.${code}`, { field }, field)) };
}

/** What a genesis says, if it is one and a key that it names signed it. */
async function genesisOf(st) {
  const probe = new KeyHistory();
  await probe.apply(0, st, null);
  const key = probe.publicKey(st.kid);
  if (probe.genesis === null || key === null || !(await statements.verify(st, key))) return null;
  return probe.genesis;
}

async function witnessesOf(head, key, policy) {
  const times = {};
  const known = new Set([`${key.name}\n${key.id}`]);
  for (const [name, witness] of policy.witnesses) {
    known.add(`${witness.name}\n${witness.id}`);
    const time = await cosignedAt(witness, head.note);
    if (time !== null) times[name] = time;
  }
  const lines = head.note.signatures.map((line) => `${line.name}\n${line.id}`);
  const strangers = new Set(lines).size < lines.length || lines.some((line) => !known.has(line));
  const { groups, missing } = policies.evaluate(policy, new Set(Object.keys(times)));
  return { times, groups, missing, strangers };
}

async function checkSignature(history, index, st) {
  const key = history.publicKey(st.kid);
  if (key === null) throw new Fault("verify.unknown-key", `entry ${index}`);
  if (!(await statements.verify(st, key))) throw new Fault("verify.signature", `entry ${index}`);
}

async function fold(entries, witnessedAt) {
  const history = new KeyHistory();
  for (const [index, st] of entries) {
    if (index) await checkSignature(history, index, st);
    await history.apply(index, st, witnessedAt);
  }
  return history;
}

/** The key history of a bundled log, every signature verified. */
async function historyOf(entries, origin, witnessedAt) {
  const acts = entries.filter(([, st]) => isLedgerType(st.type));
  const begun = acts.length && acts[0][0] === 0 ? await genesisOf(acts[0][1]) : null;
  if (begun === null || begun.origin !== origin) throw new Fault("verify.genesis");
  const history = await fold(acts, witnessedAt);
  const others = entries.filter(([, st]) => !isLedgerType(st.type));
  // an act of the registry waits for its endorsements: then all are folded, in order
  if (others.some(([, st]) => history.keys.get(hex(st.kid))?.purpose === "root")) return fold(entries, witnessedAt);
  for (const [index, st] of others) await checkSignature(history, index, st);
  return history;
}

class Verifier {
  constructor(bundle, trust, now) {
    this.bundle = bundle;
    this.trust = trust;
    this.now = now;
    this.problems = [];
    this.missing = [];
    this.trusting = null;
  }

  async run() {
    const registry = await this.registry();
    const policy = await this.policy(registry);
    const parts = [];
    for (const [number, log] of this.bundle.logs.entries()) {
      try {
        parts.push(await this.log(log, number, policy));
      } catch (error) {
        this.problems.push(remarkOf(error, { log: number + 1 }));
      }
    }
    if (parts.length < this.bundle.logs.length) return answerOf({ problems: this.problems });
    await this.anchor(registry, parts);
    const [index, st] = parts[0].entries[this.bundle.statement];
    const { signed, good } = this.signed(parts[0], index, st);
    const disclosed = await this.disclosed(st);
    const lifecycle = good ? this.lifecycle(parts, st) : null;
    const undisclosed = Math.max(st.hidden.length - this.bundle.disclosures.length, 0);
    const notProven = [...NOT_PROVEN];
    if (undisclosed) notProven.push("hidden");
    if (st.sealed.size && !disclosed.has("amounts")) notProven.push("sealed");
    if (lifecycle && parts.length === 1 && ["issued", "validated", "shipped"].includes(lifecycle.state))
      notProven.push("destination");
    return answerOf({
      problems: this.problems, missing: this.missing, signed, logs: parts.map((part) => part.logged),
      trusting: this.trusting, lifecycle, content: good ? st.payload : null, disclosed, undisclosed, notProven,
    });
  }

  async registry() {
    if (this.bundle.registry === null) return null;
    try {
      const genesis = await genesisOf(await statements.parse(this.bundle.registry));
      if (genesis !== null && genesis.registry === null) return genesis;
      this.problems.push(remark("verify.registry"));
    } catch (error) {
      this.problems.push(remarkOf(error));
    }
    return null;
  }

  async policy(registry) {
    let text = this.bundle.policy;
    if (this.trust?.policy != null) text = this.trust.policy;
    else if (registry?.policy) {
      if (text && text !== registry.policy) this.problems.push(remark("verify.policy", {}, "policy"));
      text = registry.policy;
    } else if (text) this.missing.push(remark("verify.policy", {}, "vouched"));
    if (!text) {
      this.missing.push(remark("verify.policy", {}, "none"));
      return null;
    }
    try {
      return await policies.parse(text);
    } catch (error) {
      this.problems.push(remarkOf(error));
      return null;
    }
  }

  async log(log, number, policy) {
    const key = await parseKey(log.vkey);
    const head = await openCheckpoint(log.checkpoint, key);
    await verifyRoot(log.receipt, head.origin, head.root, key.key);
    const seen = policy === null ? NOBODY : await witnessesOf(head, key, policy);
    // nothing unread stays in a bundle, unless the verifier brings a policy of his own
    if (seen.strangers && this.trust?.policy == null) throw new Fault("verify.cosignature");
    const entries = [];
    for (const entry of log.entries) {
      const st = await statements.parse(entry.raw);
      await verifyInclusion(entry.index, head.size, st.id, entry.path, head.root);
      entries.push([entry.index, st]);
    }
    const stated = Object.values(seen.times).filter(Boolean);
    const witnessedAt = stated.length ? Math.max(...stated) : null;
    const counted = seen.missing.length ? null : witnessedAt;
    const history = await historyOf(entries, head.origin, counted);
    if (seen.missing.length) this.missing.push(remark("verify.witness", { origin: head.origin, groups: seen.missing }));
    const logged = {
      origin: head.origin, index: number === 0 ? entries[this.bundle.statement][0] : null, size: head.size,
      root: hex(head.root), pillars: seen.groups, missing: seen.missing, times: seen.times, witnessedAt,
    };
    return { key, history, counted, logged, entries };
  }

  async anchor(registry, parts) {
    const named = new Map();
    for (const part of parts) {
      const genesis = part.history.genesis;
      const root = genesis.registry ?? genesis.id;
      named.set(hex(root), root);
      if (registry && !sameRoots(genesis, registry)) this.problems.push(remark("verify.roots", { origin: genesis.origin }));
      await this.logKey(part.key);
    }
    if (named.size > 1) this.problems.push(remark("verify.registry", {}, "different"));
    const [root] = named.values();
    if (registry && !equal(registry.id, root)) this.problems.push(remark("verify.registry", {}, "other"));
    this.trusting = { registry: fingerprint(root), known: false };
    if (this.trust === null) this.missing.push(remark("verify.trust", { registry: fingerprint(root) }, "none"));
    else if (!equal(this.trust.registry, root)) this.problems.push(remark("verify.trust", { registry: fingerprint(root) }));
    else {
      this.trusting.known = true;
      if (!registry && parts.some((part) => part.history.genesis.registry)) this.missing.push(remark("verify.registry", {}, "absent"));
    }
  }

  async logKey(key) {
    const given = this.trust?.logs ?? [];
    if (!given.length) return;
    for (const vkey of given) {
      const one = await parseKey(vkey);
      if (one.name === key.name && one.type === key.type && equal(one.key, key.key)) return;
    }
    this.problems.push(remark("verify.log-key", { origin: key.name }));
  }

  signed(part, index, st) {
    const verdict = part.history.judge(st, index, part.counted);
    const said = remark(verdict.code, verdict.values);
    if (verdict.status === "invalid") this.problems.push(said);
    if (verdict.status === "doubtful") this.missing.push(said);
    const wanting = part.history.wanting(st);
    if (wanting !== null) this.missing.push(remark("verify.pending", { wanting }));
    const { problems, missing } = meaningOf(st);
    this.problems.push(...problems);
    this.missing.push(...missing);
    const signed = {
      id: st.textId, type: st.type, issuer: st.issuer, subject: st.subject, claimedAt: st.issuedAt, kid: hex(st.kid),
      key: verdict.code,
    };
    return { signed, good: !problems.length && !missing.length && verdict.status !== "invalid" };
  }

  async disclosed(st) {
    try {
      const shown = await reveal(st, this.bundle.disclosures);
      if (shown.has("amounts") && st.sealed.size) checkOpenings(shown.get("amounts"), st.sealed);
      return shown;
    } catch (error) {
      this.problems.push(remarkOf(error));
      return new Map();
    }
  }

  lifecycle(parts, main) {
    if (!certificate.isCertificateType(main.type)) return null;
    const facts = [];
    for (const part of parts)
      for (const [index, st] of part.entries) {
        const { problems, missing } = meaningOf(st);
        if (st.subject !== main.subject || !certificate.isCertificateType(st.type) || problems.length || missing.length) continue;
        const verdict = part.history.judge(st, index, part.counted);
        // whoever makes a bundle leaves such statements out
        if (verdict.status === "invalid") this.missing.push(remark(verdict.code, verdict.values, `${st.type}, ${part.logged.origin}`));
        facts.push({
          id: st.id, type: st.type, issuer: st.issuer, subject: st.subject, at: st.issuedAt, payload: st.payload,
          refs: st.refs, origin: part.logged.origin, index, standing: verdict.status,
        });
      }
    const record = certificate.recordOf(facts);
    const day = dayOf(this.now ?? (parts[0].logged.witnessedAt || main.issuedAt));
    const state = certificate.status(record, day);
    if (main.type === "certificate.issued" && !(record.issuedId && equal(record.issuedId, main.id)))
      this.problems.push(remark("verify.number-reused", { number: main.subject }));
    if (NO_LONGER_COUNTS.includes(state)) this.problems.push(remark("verify.state", { number: main.subject, state, day }));
    const steps = record.steps.filter((step) => step.legal).map(({ event, day: when, issuer }) => [event, when, issuer]);
    return {
      number: main.subject, state, asOf: day, steps, waiting: record.waiting, findings: record.findings,
      expires: record.expires, forgeries: record.forgeries, issuedId: record.issuedId,
    };
  }
}
