// Which witnesses must have cosigned before a checkpoint is believed (C2SP tlog-policy).

import { Fault, hex, utf8 } from "./bytes.js";
import { parseKey, witnessKey } from "./note.js";

const MAX_SIZE = 1_000_000;
const NONE = "none";
const FORBIDDEN = /[^\t\n\x20-\x7e\u0080-\u{10ffff}]/u;
const SUPPORTED_LOG_KEYS = [1, 2, 4, 5, 6];

/** Reads a policy; names must be defined above where they are used. */
export async function parse(text) {
  if (utf8(text).length > MAX_SIZE) throw new Fault("policy.size");
  const policy = { witnesses: new Map(), groups: new Map(), quorum: null };
  const taken = { grouped: new Set(), logs: new Set(), keys: new Set() };
  let number = 0;
  for (const line of text.split("\n")) {
    const where = `line ${++number}`;
    if (FORBIDDEN.test(line)) throw new Fault("policy.octet", where);
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (!words.length || words[0].startsWith("#")) continue;
    const read = READERS[words[0]];
    if (!read || !Object.hasOwn(READERS, words[0])) throw new Fault("policy.line", where);
    await read(policy, taken, words.slice(1), where);
  }
  if (policy.quorum === null) throw new Fault("policy.quorum");
  return policy;
}

function define(policy, name, where) {
  if (name === NONE) throw new Fault("policy.name", where);
  if (policy.witnesses.has(name) || policy.groups.has(name)) throw new Fault("policy.duplicate", where);
}

function known(policy, name, where) {
  if (!policy.witnesses.has(name) && !policy.groups.has(name)) throw new Fault("policy.unknown-name", where);
}

function once(set, key, where) {
  if (set.has(key)) throw new Fault("policy.duplicate", where);
  set.add(key);
}

const READERS = {
  async log(_policy, taken, words, where) {
    if (words.length < 1 || words.length > 2) throw new Fault("policy.line", where);
    const key = await parseKey(words[0]);
    if (!SUPPORTED_LOG_KEYS.includes(key.type)) throw new Fault("policy.key", where);
    once(taken.logs, hex(key.key), where);
  },
  async witness(policy, taken, words, where) {
    if (words.length < 2 || words.length > 3) throw new Fault("policy.line", where);
    define(policy, words[0], where);
    const key = await witnessKey(words[1]);
    once(taken.keys, hex(key.key), where);
    policy.witnesses.set(words[0], key);
  },
  group(policy, taken, words, where) {
    if (words.length < 3) throw new Fault("policy.line", where);
    const [name, rule, ...members] = words;
    define(policy, name, where);
    for (const member of members) {
      known(policy, member, where);
      once(taken.grouped, member, where);
    }
    let threshold = { all: members.length, any: 1 }[rule];
    if (threshold === undefined && /^[1-9][0-9]{0,8}$/.test(rule)) threshold = Number(rule);
    if (!(threshold <= members.length)) throw new Fault("policy.threshold", where);
    policy.groups.set(name, { threshold, members });
  },
  quorum(policy, _taken, words, where) {
    if (words.length !== 1) throw new Fault("policy.line", where);
    if (policy.quorum !== null) throw new Fault("policy.quorum", where);
    if (words[0] !== NONE) known(policy, words[0], where);
    policy.quorum = words[0];
  },
};

/** What follows if these witnesses have cosigned: each group, and the lowest groups for want of which it fails. */
export function evaluate(policy, verified) {
  const state = new Map([...policy.witnesses.keys()].map((name) => [name, verified.has(name)]));
  for (const [name, group] of policy.groups)
    state.set(name, group.members.filter((member) => state.get(member)).length >= group.threshold);
  const lacking = (name) => {
    const group = policy.groups.get(name);
    if (!group || !group.members.some((member) => policy.groups.has(member))) return [name];
    return group.members.filter((member) => !state.get(member)).flatMap(lacking);
  };
  const satisfied = policy.quorum === NONE || state.get(policy.quorum);
  return {
    groups: Object.fromEntries([...policy.groups.keys()].map((name) => [name, state.get(name)])),
    missing: satisfied ? [] : lacking(policy.quorum),
  };
}
