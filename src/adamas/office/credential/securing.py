"""A credential secured with the authority's key, as “Securing VCs using JOSE and COSE” says (W3C, 15 May 2025).

    application/vc+cose    18([{1: -8, 3: "application/vc", 4: kid, 16: "application/vc+cose"}, {}, document, sig])
    application/vc+jwt     {"alg": "EdDSA", "cty": "vc", "kid": kid, "typ": "vc+jwt"} . document . signature
    application/vc+sd-jwt  the same with "typ": "vc+sd-jwt" and digests in the place of hidden claims, ~ disclosure …

``kid`` is the DID URL of the key. None of these can be taken for a statement: a statement's header has another content
type and no label 16, and is refused with any other (docs/formats/statement.md).
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from adamas.ledger import cbor
from adamas.ledger.keys import Signer
from adamas.office.credential.content import HiddenContent
from adamas.office.credential.controller import base64url

COSE = "application/vc+cose"
JWT = "application/vc+jwt"
SD_JWT = "application/vc+sd-jwt"
PLAIN = "application/vc"
_ALG, _CONTENT, _KID, _TYP = 1, 3, 4, 16
_EDDSA = -8
_SALT_LABEL = b"adamas/vc/sd/1"


def encoded(document: dict[str, Any]) -> bytes:
    """The document as it is signed: JSON in UTF-8, in the order in which it was built."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def cose(signer: Signer, method: str, document: dict[str, Any]) -> bytes:
    """COSE_Sign1 around the document (RFC 9052; typ by RFC 9596)."""
    header = {_ALG: _EDDSA, _CONTENT: PLAIN, _KID: method.encode(), _TYP: COSE}
    protected, payload = cbor.encode(header), encoded(document)
    signature = signer.sign(cbor.encode(["Signature1", protected, b"", payload]))
    return b"\xd2" + cbor.encode([protected, {}, payload, signature])


def jwt(signer: Signer, method: str, document: dict[str, Any], *, typ: str = "vc+jwt") -> str:
    """A JWS in compact form around the document (RFC 7515)."""
    header = {"alg": "EdDSA", "cty": "vc", "kid": method, "typ": typ}
    signed = f"{base64url(encoded(header))}.{base64url(encoded(document))}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def sd_jwt(signer: Signer, method: str, document: dict[str, Any], hidden: HiddenContent) -> str:
    """An SD-JWT (RFC 9901) whose holder shows of the hidden claims which it wants, by leaving out disclosures.

    Each claim's salt is derived from that of the disclosure in the statement: equal for every export, so that one
    certificate has one SD-JWT, and known to nobody who does not have the disclosure.
    """
    document = copy.deepcopy(document)
    disclosures = []
    for group, name, value in hidden.claims():
        salt = hashlib.sha256(_SALT_LABEL + hidden.salts[group] + name.encode()).digest()[:16]
        disclosures.append(base64url(encoded_array([base64url(salt), name, value])))
    digests = sorted(base64url(hashlib.sha256(text.encode()).digest()) for text in disclosures)
    document["credentialSubject"]["kimberleyCertificate"]["_sd"] = digests
    document["_sd_alg"] = "sha-256"
    return "~".join((jwt(signer, method, document, typ="vc+sd-jwt"), *disclosures, ""))


def encoded_array(value: list[Any]) -> bytes:
    """A disclosure's array as it is hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
