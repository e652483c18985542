// The two things that are asked of the office: its list of keys, and the state of a number. Nothing else is sent.

import { Fault } from "./bytes.js";

const KEYS = "/v/keys.json";
const PATIENCE = 8_000; // ms

/** The list of keys, the newest or the one held; null if there is neither. */
export async function fetchKeys() {
  try {
    const answer = await fetch(KEYS, { signal: AbortSignal.timeout(PATIENCE) });
    const list = answer.ok ? await answer.json() : null;
    return list?.v === 1 && Array.isArray(list.keys) && typeof list.registry === "string" ? list : null;
  } catch {
    return null;
  }
}

/** What the office says of a number; throws a Fault `paper.offline`, `paper.busy` or `paper.unknown-number`. */
export async function fetchStatus(number) {
  let answer;
  try {
    answer = await fetch(`/v/status/${number}.json`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) return await answer.json();
  } catch {
    throw new Fault("paper.offline");
  }
  if (answer.status === 404) throw new Fault("paper.unknown-number");
  throw new Fault(answer.status === 429 ? "paper.busy" : "paper.offline");
}
