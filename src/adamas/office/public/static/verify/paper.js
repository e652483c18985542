// What a code on paper says by itself: a statement without proof, checked against the list of keys held here.

import { Fault, fromBase32, fromHex, hex } from "./bytes.js";
import { holderOf, issuingParticipant } from "./certificate.js";
import { kidOf, speaksFor } from "./keys.js";
import * as statements from "./statement.js";
import { INVALID, UNKNOWN, VALID, dayOf, meaningOf, remark } from "./verify.js";

const NUMBER = /^[A-Z]{2}[0-9]{5,10}$/;
const LETTERS = /^[A-Z2-7]{100,100000}$/;

/**
 * What somebody typed, pasted or scanned: { raw } of a statement, { number } of a certificate, or null. What stands
 * before a “#” is the address of a page like this one.
 */
export function readInput(text) {
  const said = text.trim().split("#").pop().toUpperCase();
  const number = said.replace(/[\s-]/g, "");
  if (NUMBER.test(number)) return { number };
  const letters = said.replace(/\s/g, "");
  if (!LETTERS.test(letters)) return null;
  const raw = fromBase32(letters);
  if (raw === null) throw new Fault("paper.unreadable");
  return { raw };
}

/** The key of the list with this short name; null if there is none, or the list is wrong about it. */
async function keyOf(list, kid) {
  const row = list?.keys.find((one) => one.kid === hex(kid));
  const key = row ? fromHex(row.key) : null;
  return key && key.length === 32 && (await kidOf(key)) === row.kid ? { ...row, bytes: key } : null;
}

function remarksOnKey(row, st) {
  const [problems, missing] = [[], []];
  if (!speaksFor(st.issuer, row.holder)) problems.push(remark("key.not-holder", { holder: row.holder, issuer: st.issuer }));
  if (row.purpose !== "statement" && row.purpose !== "root") problems.push(remark("key.purpose", { purpose: row.purpose }));
  if (row.until !== null && st.issuedAt > row.until) problems.push(remark("key.retired"));
  if (row.compromised_since !== null) missing.push(remark("key.doubtful", { since: row.compromised_since }));
  return { problems, missing };
}

/**
 * Everything that can be said of a statement alone on the day of `now` (unix seconds). At best “cannot tell”: whether
 * it was logged and witnessed, and what became of it since, no paper can show.
 */
export async function verifyPaper(raw, list, now) {
  const answer = { status: UNKNOWN, problems: [], missing: [], signed: null, content: null, keyKnown: false };
  const finish = () => ({ ...answer, status: answer.problems.length ? INVALID : answer.missing.length ? UNKNOWN : VALID });
  let st;
  try {
    st = await statements.parse(raw);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // a code that ends in the middle was more likely read in part than forged
    if (error.code === "cbor.truncated") answer.missing.push(remark("paper.unreadable"));
    else answer.problems.push(remark(error.code, error.values, error.where));
    return finish();
  }
  answer.signed = { id: st.textId, type: st.type, issuer: st.issuer, subject: st.subject, claimedAt: st.issuedAt, kid: hex(st.kid) };
  const meaning = meaningOf(st);
  answer.problems.push(...meaning.problems);
  answer.missing.push(...meaning.missing);
  const row = await keyOf(list, st.kid);
  if (row === null) answer.missing.push(remark(list ? "key.unknown" : "paper.no-keys"));
  else if (!(await statements.verify(st, row.bytes))) answer.problems.push(remark("statement.signature"));
  else {
    answer.keyKnown = true;
    const said = remarksOnKey(row, st);
    answer.problems.push(...said.problems);
    answer.missing.push(...said.missing);
  }
  if (!meaning.problems.length && !meaning.missing.length) answer.content = st.payload;
  if (st.type === "certificate.issued" && answer.content) {
    if (!NUMBER.test(st.subject) || holderOf(st.issuer).participant !== issuingParticipant(st.subject))
      answer.problems.push(remark("admission.wrong-authority", { issuer: st.issuer }));
    const day = dayOf(now);
    if (day > st.payload.get("expires"))
      answer.problems.push(remark("verify.state", { number: st.subject, state: "expired", day }));
  }
  answer.missing.push(remark("paper.unlogged"));
  return finish();
}

/** The answer on a paper together with that on the bundle which the office has for its number. */
export function joined(paper, bundle) {
  // what became of the certificate the bundle knows better than the date on the paper
  const problems = paper.problems.filter((one) => one.code !== "verify.state");
  if (bundle.signed && paper.signed && bundle.signed.id !== paper.signed.id) problems.push(remark("paper.other-statement"));
  const known = new Set(problems.map((one) => one.code));
  problems.push(...bundle.problems.filter((one) => !known.has(one.code)));
  const status = problems.length ? INVALID : bundle.status;
  return { ...bundle, content: bundle.content ?? paper.content, signed: bundle.signed ?? paper.signed, problems, status };
}

