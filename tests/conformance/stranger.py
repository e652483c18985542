"""A verifier of bundles by a stranger: written from docs/formats alone, with other people's libraries, none of ours.

    python stranger.py FOLDER_OF_THE_LIBRARIES < {"trust": "<52 letters>", "bundles": {name: hex}} > verdicts.json

cbor2 5 reads, cryptography verifies, hashlib folds; the last line checks that nothing of Adamas was imported. It
answers steps 1 to 7 of docs/formats/bundle.md but for openings (no curve arithmetic here) and for what a type allows.
"""

import base64
import hashlib
import json
import sys

sys.path.insert(0, sys.argv[1])

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTE_ED25519, COSIGNATURE, ML_DSA = 1, 4, 6


class Wrong(Exception):
    """The bundle is not valid; says the step."""


def need(truth, step):
    if not truth:
        raise Wrong(step)


def canonical(value):
    """RFC 8949 section 4.2.1: keys sorted by their encodings."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value, key=cbor2.dumps)}
    return [canonical(item) for item in value] if isinstance(value, list) else value


def decode(data):
    value = cbor2.loads(data)
    need(cbor2.dumps(canonical(value)) == data, "not deterministic")
    return value


def ed25519(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# ------------------------------------------------------------------------------------------------ statements


class Statement:
    def __init__(self, raw):
        need(raw[:2] == b"\xd2\x84", "envelope")
        self.raw, self.id = raw, hashlib.sha256(b"\x00" + raw).digest()
        self.protected, unprotected, self.body, self.signature = decode(raw[1:])
        header = decode(self.protected)
        need(unprotected == {} and set(header) == {1, 3, 4, 15} and header[1] in (-8, -19), "header")
        need(header[3] == "application/vnd.adamas+cbor" and len(header[4]) == 8, "header")
        need(set(header[15]) == {1, 2, 6}, "claims")
        self.kid, (self.iss, self.sub) = header[4], (header[15][1], header[15][2])
        self.payload = decode(self.body)
        self.type = self.payload["type"]

    def signed_by(self, key):
        message = cbor2.dumps(["Signature1", self.protected, b"", self.body])
        return hashlib.sha256(key).digest()[:8] == self.kid and ed25519(key, message, self.signature)


def root_of(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "index")
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        need(sn > 0, "path too long")
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "path too short")
    return node


# ------------------------------------------------------------------------------------ notes, witnesses, policy


def vkey(text):
    """C2SP signed-note: name, key id, type, key."""
    name, key_id, encoded = text.split("+", 2)
    data = base64.b64decode(encoded)
    need(hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() == key_id, "key id")
    return name, bytes.fromhex(key_id), data[0], data[1:]


def open_note(data):
    text, _, lines = data.decode().rpartition("\n\n")
    signatures = []
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        need(dash == "—", "signature line")
        raw = base64.b64decode(encoded)
        signatures.append((name, raw[:4], raw[4:]))
    return text + "\n", signatures


def cosigned(text, key, signature):
    """C2SP tlog-cosignature, both kinds."""
    name, _, kind, public = key
    time, signature = signature[:8], signature[8:]
    if kind == COSIGNATURE:
        return ed25519(public, f"cosignature/v1\ntime {int.from_bytes(time)}\n{text}".encode(), signature)
    origin, size, root = text.splitlines()[:3]
    message = b"subtree/v1\n\x00" + bytes([len(name.encode())]) + name.encode() + time
    message += (
        bytes([len(origin.encode())])
        + origin.encode()
        + bytes(8)
        + int(size).to_bytes(8)
        + base64.b64decode(root)
    )
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def satisfied(policy, text, signatures):
    """C2SP tlog-policy over the cosignatures of a checkpoint."""
    state = {}
    for words in filter(None, (line.split() for line in policy.splitlines())):
        if words[0] == "witness":
            key = vkey(words[2])
            found = [raw for name, key_id, raw in signatures if (name, key_id) == key[:2]]
            need(all(cosigned(text, key, raw) for raw in found) and len(found) < 2, "cosignature")
            state[words[1]] = bool(found)
        elif words[0] == "group":
            members = [state[name] for name in words[3:]]
            wanted = {"any": 1, "all": len(members)}.get(words[2]) or int(words[2])
            state[words[1]] = sum(members) >= wanted
        elif words[0] == "quorum":
            return words[1] == "none" or state[words[1]]
    raise Wrong("policy")


# --------------------------------------------------------------------------------------------------- the log


def checked(log):
    """Steps 4.1 to 4.4: checkpoint, receipt, paths. Gives the entries, and the note for the policy."""
    name, key_id, kind, key = vkey(log["vkey"])
    text, signatures = open_note(log["checkpoint"])
    origin, size, root = text.splitlines()[:3]
    size, root = int(size), base64.b64decode(root)
    own = [raw for n, i, raw in signatures if (n, i) == (name, key_id)]
    need(kind == NOTE_ED25519 and origin == name and own, "checkpoint")
    need(all(ed25519(key, text.encode(), raw) for raw in own), "checkpoint")
    protected, unprotected, payload, signature = decode(log["receipt"][1:])
    header = decode(protected)
    need(header[395] == 1 and header[15] == {1: origin} and unprotected == {} and payload is None, "receipt")
    need(ed25519(key, cbor2.dumps(["Signature1", protected, b"", root]), signature), "receipt")
    entries = []
    for index, path, raw in log["entries"]:
        st = Statement(raw)
        hashes = [path[i : i + 32] for i in range(0, len(path), 32)]
        need(root_of(index, size, st.id, hashes) == root, "path")
        entries.append((index, st))
    need(
        entries[0][0] == 0 and entries[0][1].type == "log.genesis" and entries[0][1].sub == origin, "genesis"
    )
    return entries, text, signatures


def keys_of(entries):
    """Step 4.5: every key with its holder, the entry from which it speaks and the one after which it does not."""
    genesis = entries[0][1]
    roots = {hashlib.sha256(r["key"]).digest()[:8]: r for r in genesis.payload["roots"]}
    own = genesis.payload.get("key")
    need(
        any(genesis.signed_by(key) for key in [r["key"] for r in roots.values()] + ([own] if own else [])),
        "genesis",
    )
    keys = {kid: [r["key"], r["holder"], 0, None] for kid, r in roots.items()}
    acts, agreed = {}, {}
    for index, st in entries[1:]:
        if st.kid in roots:
            need(st.signed_by(roots[st.kid]["key"]), "signature of a root")
            act = st.payload["refs"]["act"] if st.type == "act.endorsed" else st.id
            if st.type != "act.endorsed":
                acts[act] = st
            agreed.setdefault(act, set()).add(st.kid)
            if act in acts and len(agreed[act]) == genesis.payload["threshold"]:
                change(keys, index, acts[act])
        else:
            need(st.kid in keys and st.signed_by(keys[st.kid][0]), "signature")
            need(speaks(keys, index, st), "key")
            change(keys, index, st)
    return genesis, keys


def change(keys, index, st):
    if st.type == "key.enrolled":
        keys.setdefault(st.payload["kid"], [st.payload["key"], st.payload["holder"], index, None])
    elif st.type in ("key.retired", "key.compromised"):
        keys[st.payload.get("kid", bytes.fromhex(st.sub))][3] = index


def speaks(keys, index, st):
    _, holder, since, until = keys[st.kid]
    return (
        since < index
        and (until is None or index <= until)
        and (st.iss == holder or st.iss.startswith(holder + "/"))
    )


def verify(data, trust):
    """The type and subject of the statement, and what was shown. Raises Wrong."""
    name, edition, body, digest = decode(data)
    need((name, edition) == ("adamas-bundle", 1) and hashlib.sha256(body).digest() == digest, "file")
    body = decode(body)
    registry = Statement(body["registry"])
    need(registry.id == trust, "registry")
    need(any(registry.signed_by(r["key"]) for r in registry.payload["roots"]), "registry")
    policy = registry.payload["policy"]
    need(body["policy"] in ("", policy), "policy")
    for number, log in enumerate(body["logs"]):
        entries, text, signatures = checked(log)
        need(satisfied(policy, text, signatures), "witnesses")
        genesis, keys = keys_of(entries)
        need(genesis.payload["refs"]["registry"] == registry.id, "another registry")
        need(genesis.payload["roots"] == registry.payload["roots"], "other roots")
        if number == 0:
            index, main = entries[body["statement"]]
            need(main.kid in keys and main.signed_by(keys[main.kid][0]), "signature")
            need(main is genesis or speaks(keys, index, main), "key")
    shown = {}
    for raw in body["disclosures"]:
        need(hashlib.sha256(raw).digest() in main.payload.get("hidden", []), "disclosure")
        _, field, value = decode(raw)
        shown[field] = value
    return {"type": main.type, "subject": main.sub, "issuer": main.iss, "shown": sorted(shown)}


def verdict(data, trust):
    try:
        return verify(data, trust)
    except Wrong as wrong:
        return {"wrong": str(wrong)}
    except Exception as error:  # malformed in a way that a strict reader would name
        return {"wrong": f"malformed: {type(error).__name__}"}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    trust = base64.b32decode(asked["trust"].upper() + "====")
    verdicts = {name: verdict(bytes.fromhex(data), trust) for name, data in asked["bundles"].items()}
    assert cbor2.__file__.startswith(sys.argv[1])
    assert not [name for name in sys.modules if name.startswith("adamas")]
    json.dump(verdicts, sys.stdout)
