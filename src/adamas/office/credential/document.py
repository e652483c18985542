"""The credential's document: what of a certificate's public content goes where (docs/formats/credential.md)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from adamas.office.credential import status_list, vocabulary
from adamas.office.credential.content import CredentialContent
from adamas.office.credential.controller import authority_did

BUNDLE_KIND = "application/vnd.adamas.bundle"
_STATEMENT = (
    "The issuing authority states that the rough diamonds in this shipment have been handled in accordance with the "
    "provisions of the Kimberley Process Certification Scheme for rough diamonds."
)
_SCOPE = (
    "Public content of a Kimberley Process Certificate as it stands in a transparency log. Firms, carats, value and "
    "seals are not in it. The authority vouches for it; the log proves who said it and when, not that it is true."
)
_SYNTHETIC = "SYNTHETIC: no such shipment exists. "


def document_of(content: CredentialContent) -> dict[str, Any]:
    """The credential, not secured: VC data model 2.0, UNTP Digital Conformity Credential."""
    own = content.address + vocabulary.OWN_PATH
    return {
        "@context": [vocabulary.VC, vocabulary.UNTP_DCC, own],
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": f"{content.address}/statement/{content.statement_id}#credential",
        "name": f"{_mark(content)}Kimberley Process Certificate {content.number}",
        "issuer": {
            "type": ["CredentialIssuer"],
            "id": authority_did(content.address, content.participant),
            "name": content.issuer,
        },
        "validFrom": f"{content.issued}T00:00:00Z",
        "validUntil": f"{content.expires}T23:59:59Z",
        "credentialSchema": {
            "id": vocabulary.UNTP_SCHEMA,
            "type": "JsonSchema",
            "digestSRI": vocabulary.UNTP_SCHEMA_SRI,
        },
        "credentialStatus": [
            status_list.entry(content.address, content.number, purpose) for purpose in status_list.PURPOSES
        ],
        "credentialSubject": _subject(content),
        "evidence": [_evidence(content)],
        "relatedResource": [
            {
                "id": own,
                "digestSRI": vocabulary.integrity(vocabulary.CONTEXT_BYTES),
                "mediaType": "application/ld+json",
            }
        ],
    }


def _subject(content: CredentialContent) -> dict[str, Any]:
    attestation = f"{content.address}/statement/{content.statement_id}"
    return {
        "type": ["ConformityAttestation", "Attestation"],
        "id": attestation,
        "name": f"{_mark(content)}Kimberley Process Certificate {content.number}",
        "description": _mark(content) + _SCOPE,
        "assessorLevel": "3rdParty",
        "assessmentLevel": "GovtApproval",
        "attestationType": "certification",
        "issuedToParty": {
            "id": f"{content.address}/register/{content.participant}",
            "name": content.participant_name,
            "registeredId": content.participant,
            "description": "A licensed exporter of this Participant; its name is not public.",
        },
        "conformityCertificate": {
            "linkURL": f"{content.address}/v/check?number={content.number}",
            "linkName": "What is public of the certificate today, and its check",
            "linkType": vocabulary.CERTIFICATION_INFO,
        },
        "auditableEvidence": {
            "linkURL": content.place.address,
            "linkName": "The signed statement as it is logged",
            "linkType": vocabulary.CERTIFICATION_INFO,
            "hashDigest": content.place.digest.hex(),
            "hashMethod": "SHA-256",
        },
        "assessment": [_assessment(content, attestation)],
        "kimberleyCertificate": _certificate(content, attestation),
    }


def _assessment(content: CredentialContent, attestation: str) -> dict[str, Any]:
    authority = {"id": vocabulary.SCHEME, "name": "Kimberley Process"}
    return {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"{attestation}#assessment",
        "name": "Handled in accordance with the Kimberley Process Certification Scheme",
        "description": _mark(content) + _STATEMENT,
        "assessmentDate": content.issued,
        "referenceStandard": {
            "type": ["Standard"],
            "id": "https://www.kimberleyprocess.com/en/documents",
            "name": "Kimberley Process Certification Scheme, Core Document",
            "issuingParty": authority,
        },
        "conformityTopic": "governance.compliance",
        "conformance": True,
        "assessedProduct": [
            {
                "product": {
                    "id": f"{attestation}#shipment",
                    "name": f"Rough diamonds, HS {', '.join(f'{hs[:4]}.{hs[4:]}' for hs in content.hs)}",
                    "registeredId": content.number,
                }
            }
        ],
    }


def _certificate(content: CredentialContent, attestation: str) -> dict[str, Any]:
    """The public fields that UNTP has no word for."""
    found: dict[str, Any] = {
        "type": "KimberleyProcessCertificate",
        "id": f"{attestation}#certificate",
        "number": content.number,
        "exportingParticipant": content.participant,
        "importingParticipant": content.to,
        "countryOfOrigin": list(content.origin),
        "hsCode": list(content.hs),
        "parcelCount": content.parcels,
        "dateOfIssue": content.issued,
        "dateOfExpiry": content.expires,
    }
    if content.shares:
        found["shareOfOrigin"] = list(content.shares)
    if content.validated:
        found["dateOfValidation"] = content.validated
    if content.technical:
        found["technical"] = content.technical
    if content.synthetic:
        found["synthetic"] = True
    return found


def _evidence(content: CredentialContent) -> dict[str, Any]:
    place = content.place
    return {
        "type": ["TransparencyLogEntry"],
        "id": f"{content.address}/statement/{content.statement_id}",
        "name": "The statement in its log, and the proof that it is there",
        "statement": content.statement_id,
        "logOrigin": place.origin,
        "logIndex": place.index,
        "treeSize": place.size,
        "rootHash": base64.b64encode(place.root).decode(),
        "bundle": f"data:{BUNDLE_KIND};base64,{base64.b64encode(place.bundle).decode()}",
        "bundleDigest": hashlib.sha256(place.bundle).hexdigest(),
    }


def _mark(content: CredentialContent) -> str:
    """What is made up says so wherever it is read."""
    return _SYNTHETIC if content.synthetic else ""
