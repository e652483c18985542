"""The names in a credential: contexts of others by address, and our own for what they have no word for.

Our context is one file, the same in every office that runs this edition, so a credential states its digest
(``relatedResource``, VC data model 2.0, section 5.3) and a verifier may keep it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

VC = "https://www.w3.org/ns/credentials/v2"
UNTP_DCC = "https://test.uncefact.org/vocabulary/untp/dcc/working/"
"""The UNTP conformity credential as of 13 November 2025; the address is fixed by the schema below."""
UNTP_SCHEMA = (
    "https://raw.githubusercontent.com/uncefact/spec-untp/af6cd474186957ad2e8d20bff84f86236e013b2a"
    "/data-models/untp-dcc/artefacts/untp-dcc-schema.json"
)
UNTP_SCHEMA_SRI = "sha384-g9l1TCabyXYQUmBWoOTmakUntcRmlTZfkuydGrE5w3BJ+TZL9ILCpPffu6Cb4y+k"
"""Digest of the schema's bytes (Subresource Integrity); a test compares it with the shared copy."""
DID = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")
SCHEME = "https://www.kimberleyprocess.com/"
CERTIFICATION_INFO = "https://ref.gs1.org/voc/certificationInfo"
"""GS1 link type of a certificate and what proves it."""
OWN_PATH = "/vc/context/v1"
_OWN = "urn:adamas:credential:v1#"
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_DATE = "http://www.w3.org/2001/XMLSchema#date"


def _terms(*plain: str, **typed: str) -> dict[str, Any]:
    return {
        "@protected": True,
        "id": "@id",
        "type": "@type",
        **{name: f"{_OWN}{name}" for name in plain},
        **{name: {"@id": f"{_OWN}{name}", "@type": kind} for name, kind in typed.items()},
    }


def _listed(name: str, **more: Any) -> dict[str, Any]:
    return {"@id": f"{_OWN}{name}", "@container": "@list", **more}


_CERTIFICATE = {
    **_terms(
        *("number", "exportingParticipant", "importingParticipant", "hsCode", "technical"),
        *("exporter", "importer", "carats", "value", "sealNumber"),
        parcelCount=_INTEGER,
        dateOfIssue=_DATE,
        dateOfExpiry=_DATE,
        dateOfValidation=_DATE,
        synthetic="http://www.w3.org/2001/XMLSchema#boolean",
    ),
    "countryOfOrigin": _listed("countryOfOrigin"),
    "shareOfOrigin": _listed("shareOfOrigin", **{"@type": _INTEGER}),
    "parcel": _listed("parcel", **{"@context": _terms("hsCode", "carats", "value")}),
}
_ENTRY = _terms(
    *("statement", "logOrigin", "rootHash", "bundle", "bundleDigest"), logIndex=_INTEGER, treeSize=_INTEGER
)
CONTEXT: dict[str, Any] = {
    "@context": {
        "@version": 1.1,
        "@protected": True,
        "kimberleyCertificate": {"@id": f"{_OWN}kimberleyCertificate", "@type": "@id"},
        "KimberleyProcessCertificate": {
            "@id": f"{_OWN}KimberleyProcessCertificate",
            "@context": _CERTIFICATE,
        },
        "TransparencyLogEntry": {"@id": f"{_OWN}TransparencyLogEntry", "@context": _ENTRY},
    }
}
CONTEXT_BYTES = json.dumps(CONTEXT, indent=1).encode()


def integrity(data: bytes) -> str:
    """The digest of a resource as Subresource Integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()
