"""Who signs a credential, for those who resolve it: did:web identifiers and their documents.

An office may sign for several authorities, each with keys of its own, so each authority has a document: what the key of
one signed is never taken for the other's word. The office's document names them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from adamas.ledger.keys import kid_of
from adamas.office.credential import vocabulary
from adamas.office.credential.errors import CredentialAway


def office_did(address: str) -> str:
    """did:web of an office: the host, its port after ``%3A``, and the path of its address.

    Raises CredentialAway ``credential.address`` for an office that does not say where it is reached.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme not in ("https", "http"):
        raise CredentialAway(
            "credential.address",
            "This office does not say where it is reached, so nobody could resolve who signed.",
            where="office.toml: address",
            clause="did:web; VC data model 2.0, issuer",
            advice="Set address in office.toml.",
        )
    place = f"{host}%3A{port}" if port else host
    path = [quote(part, safe="") for part in parts.path.split("/") if part]
    return ":".join(("did:web", place, *path))


def authority_did(address: str, code: str) -> str:
    """did:web of the authority of a Participant in an office: its document is /authority/<code>/did.json."""
    return f"{office_did(address)}:authority:{code}"


def method_of(did: str, public_key: bytes) -> str:
    """The DID URL of a key: its short name is that of the log (docs/formats/statement.md)."""
    return f"{did}#{kid_of(public_key).hex()}"


def authority_document(address: str, code: str, keys: Iterable[bytes]) -> dict[str, Any]:
    """The controller document of an authority, with the keys that count today."""
    did = authority_did(address, code)
    methods = [
        {
            "id": method_of(did, key),
            "type": "JsonWebKey",
            "controller": did,
            "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": base64url(key)},
        }
        for key in sorted(keys)
    ]
    return {
        "@context": list(vocabulary.DID),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def office_document(address: str, origin: str, codes: Sequence[str]) -> dict[str, Any]:
    """The office's own document: where its log is, and the documents of the authorities that it signs for."""
    did = office_did(address)
    return {
        "@context": list(vocabulary.DID),
        "id": did,
        "service": [
            {
                "id": f"{did}#log",
                "type": "TransparencyLog",
                "serviceEndpoint": {"uri": f"{address}/log/tiles", "origin": origin},
            },
            *(
                {
                    "id": f"{did}#authority-{code}",
                    "type": "IssuingAuthority",
                    "serviceEndpoint": {
                        "uri": f"{address}/authority/{code}/did.json",
                        "did": authority_did(address, code),
                    },
                }
                for code in codes
            ),
        ],
    }


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648, section 5; RFC 7515)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
