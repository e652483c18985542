"""Run by test_other_cose.py in a process of its own: reads messages with other people's COSE libraries alone.

    python other_cose.py FOLDER_OF_THE_LIBRARIES < cases.json > verdicts.json

Nothing of Adamas may be imported here (the last line checks it): cwt and pycose read the envelope with cbor2
5, and the path of a receipt is folded with hashlib as RFC 9162 section 2.1.3.2 says.
"""

import hashlib
import json
import sys

sys.path.insert(0, sys.argv[1])

import cbor2
from cwt import COSE, COSEKey
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage

OKP, EDDSA, CRV_ED25519 = 1, -8, 6


def by_cwt(raw, key, kid, root=None):
    """cwt: strict about the key's id, its use and algorithm."""
    cose_key = COSEKey.new({1: OKP, 2: kid, 3: EDDSA, -1: CRV_ED25519, -2: key, 4: [2]})
    protected, _, payload = COSE.new(verify_kid=True).decode_with_headers(
        raw, [cose_key], detached_payload=root
    )
    return {
        "alg": protected[1],
        "kid": protected[4].hex(),
        "claims": _claims(protected[15]),
        "type": protected.get(3),
        "payload": payload.hex(),
    }


def by_pycose(raw, key, kid, root=None):
    """pycose: keeps labels that it does not know as numbers."""
    message = CoseMessage.decode(raw)
    message.key = OKPKey(crv=Ed25519, x=key)
    if not message.verify_signature(detached_payload=root):
        raise ValueError("the signature does not hold")
    header = message.phdr
    return {
        "alg": header[Algorithm].identifier,
        "kid": header[KID].hex(),
        "claims": _claims(header[15]),
        "type": header.get(ContentType),
        "payload": (root if message.payload is None else message.payload).hex(),
    }


def _claims(claims):
    return {str(label): value for label, value in claims.items()}


def root_of(receipt, leaf):
    """The root that a receipt's inclusion proof leads to (RFC 9942: 396 → -1 → [size, index, path])."""
    (proof,) = cbor2.loads(receipt).value[1][396][-1]
    size, index, path = cbor2.loads(proof)
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ValueError("the path is too short")
    return node


def judge(case):
    raw, key, kid = (bytes.fromhex(case[name]) for name in ("raw", "key", "kid"))
    found = {}
    for name, library in (("cwt", by_cwt), ("pycose", by_pycose)):
        try:
            root = root_of(raw, bytes.fromhex(case["leaf"])) if "leaf" in case else None
            found[name] = library(raw, key, kid, root)
        except Exception as error:  # whatever a library raises is its refusal
            found[name] = {"refused": f"{type(error).__name__}: {error}"}
    return found


if __name__ == "__main__":
    verdicts = {name: judge(case) for name, case in json.load(sys.stdin).items()}
    assert cbor2.__file__.startswith(sys.argv[1])
    assert not [name for name in sys.modules if name.startswith("adamas")]
    json.dump(verdicts, sys.stdout)
