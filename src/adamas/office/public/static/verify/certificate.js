// Where a certificate stands: the facts of all logs folded in one order (docs/scheme/lifecycle.md).

import { compare, equal, hex } from "./bytes.js";
import * as scheme from "./scheme.js";

const INTERNAL_REFS = ["certificate", "validation", "dispatch", "correction", "receipt"];
const SIGNING_ROLES = ["authority", "customs"];
const RANK = { valid: 0, doubtful: 1, invalid: 2 };
const ENDED = ["void", "replaced", "lost", "stolen", "returned"];
const MOVES = ["issued", "validated", "shipped"];
const DAY = 86_400_000;

export const isCertificateType = (type) => scheme.CERTIFICATE_TYPES.includes(type);

/** The Participant that a number's first two letters name. */
export const issuingParticipant = (number) =>
  Object.hasOwn(scheme.FORMER_CODES, number.slice(0, 2)) ? scheme.FORMER_CODES[number.slice(0, 2)] : number.slice(0, 2);

/** `kp:BW/authority/x` → Participant and role; two empty texts for anything else. */
export function holderOf(issuer) {
  if (!issuer.startsWith("kp:")) return { participant: "", role: "" };
  const [participant, role = ""] = issuer.slice(3).split("/");
  return { participant, role };
}

const byTime = (one, other) => one.at - other.at || compare(one.id, other.id);

const rank = (fact) => [RANK[fact.standing], fact.origin, fact.index];

function better(one, other) {
  const [a, b] = [rank(one), rank(other)];
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return a[n] < b[n];
  return false;
}

/** Facts in the order in which they count, and those that wait for one that is not there. */
function inOrder(facts) {
  const distinct = new Map();
  for (const fact of facts) {
    const held = distinct.get(hex(fact.id));
    if (!held || better(fact, held)) distinct.set(hex(fact.id), fact);
  }
  let waiting = [...distinct.values()].sort(byTime);
  const ordered = [];
  const known = new Set();
  const ready = (fact) => [...fact.refs].every(([name, id]) => !INTERNAL_REFS.includes(name) || known.has(hex(id)));
  for (;;) {
    const next = waiting.findIndex(ready);
    if (next < 0) return { ordered, waiting };
    const [fact] = waiting.splice(next, 1);
    ordered.push(fact);
    known.add(hex(fact.id));
  }
}

function eventOf(fact) {
  const event = Object.hasOwn(scheme.EVENT_OF_TYPE, fact.type) ? scheme.EVENT_OF_TYPE[fact.type] : null;
  if (event !== "void") return event;
  const why = fact.payload.get("why");
  return typeof why === "string" && Object.hasOwn(scheme.EVENT_OF_WHY, why) ? scheme.EVENT_OF_WHY[why] : "void";
}

function mayNot(record, who, holder) {
  const own = issuingParticipant(record.number);
  if (!SIGNING_ROLES.includes(holder.role)) return true;
  if (who === "exporter") return holder.participant !== own;
  if (!record.to) return false;
  if (who === "importer") return holder.participant !== record.to;
  return who === "either" && holder.participant !== record.to && holder.participant !== own;
}

/** The code of why a fact may not move this record, or null. */
function objection(record, fact, event) {
  if (mayNot(record, scheme.WHO[event], holderOf(fact.issuer))) return "admission.wrong-authority";
  if (event === "issue") return record.issuedId === null || equal(record.issuedId, fact.id) ? null : "admission.number-reused";
  const reference = event === "report" ? undefined : fact.refs.get("certificate");
  if (reference && record.issuedId !== null && !equal(reference, record.issuedId)) return "admission.other-certificate";
  if (Object.hasOwn(scheme.TRANSITIONS, `${record.state} ${event}`)) return null;
  if (event === "receive" && record.state === "received") return "admission.second-confirmation";
  if (["validate", "dispatch", "receive", "correct", "confirm"].includes(event) && ENDED.includes(record.state))
    return "admission.certificate-void";
  if (["receive", "dispatch", "refuse"].includes(event) && record.state === "issued") return "admission.not-validated";
  return "admission.illegal-move";
}

function apply(record, fact) {
  const event = eventOf(fact);
  if (event === null) return;
  const before = record.state;
  const day = fact.payload.get(scheme.DAY_FIELD[event]) ?? "";
  const step = { event, day, issuer: fact.issuer, before, after: before, legal: false };
  record.steps.push(step);
  if (fact.standing === "invalid" || typeof day !== "string") return;
  const code = objection(record, fact, event);
  if (code) {
    record.findings.push(code);
    return;
  }
  if (event === "issue") {
    record.to = fact.payload.get("to");
    record.expires = fact.payload.get("expires");
    record.issuedId = fact.id;
  }
  record.state = scheme.TRANSITIONS[`${before} ${event}`];
  step.after = record.state;
  step.legal = true;
  if (event === "correct") record.pending.push(fact);
  if (event === "confirm") correct(record, fact.refs.get("correction"));
  if (event === "report") record.forgeries++;
}

/** A correction counts once the importing authority has put it on record too. */
function correct(record, wanted) {
  const found = record.pending.filter((one) => equal(one.id, wanted));
  for (const one of found) if (one.payload.has("expires")) record.expires = one.payload.get("expires");
  record.pending = record.pending.filter((one) => !found.includes(one));
}

/** What the facts about one number add up to, in whatever order they are given. */
export function recordOf(facts) {
  const { ordered, waiting } = inOrder(facts);
  const number = [...ordered, ...waiting][0]?.subject ?? "";
  const record = {
    number, state: "absent", to: "", expires: "", issuedId: null, forgeries: 0, steps: [], findings: [], pending: [],
    waiting: waiting.length,
  };
  for (const fact of ordered) apply(record, fact);
  return record;
}

/** The state on a day (ISO text), with what only the calendar says. */
export function status(record, today) {
  if (!MOVES.includes(record.state) || today <= record.expires) return record.state;
  const due = Date.parse(record.expires) + scheme.CONFIRMATION_DAYS * DAY;
  const expected = record.state !== "issued" && record.expires;
  return expected && Date.parse(today) > due ? "overdue" : "expired";
}
