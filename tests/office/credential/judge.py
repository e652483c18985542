"""Run by the tests in a process of its own: reads credentials with other people's COSE libraries, nothing of Adamas.

python judge.py FOLDER_OF_THE_LIBRARIES < cases.json > verdicts.json      cases: {name: {"raw", "key"}} in hex
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from cwt import COSE, COSEKey
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage


def by_cwt(raw, key):
    message = CoseMessage.decode(raw)
    cose_key = COSEKey.new({1: 1, 2: message.phdr[KID], 3: -8, -1: 6, -2: key, 4: [2]})
    protected, _, payload = COSE.new(verify_kid=True).decode_with_headers(raw, [cose_key])
    return {
        "alg": protected[1],
        "type": protected[3],
        "kid": protected[4].decode(),
        "typ": protected[16],
        "payload": payload.decode(),
    }


def by_pycose(raw, key):
    message = CoseMessage.decode(raw)
    message.key = OKPKey(crv=Ed25519, x=key)
    if not message.verify_signature():
        raise ValueError("the signature does not hold")
    header = message.phdr
    return {
        "alg": header[Algorithm].identifier,
        "type": header[ContentType],
        "kid": header[KID].decode(),
        "typ": header[16],
        "payload": message.payload.decode(),
    }


def judge(case):
    found = {}
    for name, library in (("cwt", by_cwt), ("pycose", by_pycose)):
        try:
            found[name] = library(bytes.fromhex(case["raw"]), bytes.fromhex(case["key"]))
        except Exception as error:
            found[name] = {"refused": f"{type(error).__name__}: {error}"}
    return found


json.dump({name: judge(case) for name, case in json.load(sys.stdin).items()}, sys.stdout)
assert not [name for name in sys.modules if name.partition(".")[0] == "adamas"]
