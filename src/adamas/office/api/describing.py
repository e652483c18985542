"""The OpenAPI document made whole: what the framework does not write is added, and every field gets its meaning."""

from __future__ import annotations

import copy
import json
from typing import Any

from ninja.responses import Response

from adamas.office.api import codes, conf, examples, glossary, problems

METHODS = ("get", "post", "put", "delete")
_TOKENS_AT = "/api/oauth/token"
DESKS = {
    "applications": "An exporter's own applications: drafts, papers, messages, submission.",
    "sheets": "Many applications at once, as a workbook.",
    "issuing desk": "Review, preparing, and signing what two persons confirmed. Nobody approves here.",
    "forms and numbers": "The account of blank forms, printing onto them, and numbers set aside.",
    "certificates": "Certificates of your journeys: record, proof, paper, credential; and the check of any.",
    "export": "Validation for export, and departure.",
    "dispatch notices": "What is on its way is announced to the importing authority.",
    "arrival": "Shipments that are expected, and the decision on them.",
    "inspection": "What was found in a shipment, before anybody decides.",
    "questions": "Questions between the two authorities of a journey.",
    "after issue": "Corrections, replacements, lost and void certificates, forgeries.",
    "register and log": "Who may trade with whom on a day, and the state of the logs.",
    "returns": "Half-yearly production returns.",
    "webhooks": "Addresses that are told what happens.",
}
"""Desk (a tag of the document) → what is done there, in the order of a certificate's life."""
_HEADERS = {
    "ETag": {
        "description": "Strong: it changes with any byte. Give it as If-None-Match or If-Match.",
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "Idempotent-Replayed": {
        "description": "Present where the answer of an earlier request is given again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
_PARAMETERS = {
    "Idempotency-Key": {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "description": "Makes the request safe to repeat; a fresh random text for each new request.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    "If-None-Match": {
        "in": "header",
        "name": "If-None-Match",
        "required": False,
        "description": "The ETag that you have: 304 without a body if it is still that.",
        "schema": {"type": "string"},  # RFC 9110: one that cannot be read is left aside
    },
    "If-Match": {
        "in": "header",
        "name": "If-Match",
        "required": False,
        "description": "The ETag that you read at this address: 412 if it is another by now.",
        "schema": {"type": "string"},
    },
}


def whole(raw: Any) -> dict[str, Any]:
    """The document of the framework, completed."""
    found: dict[str, Any] = copy.deepcopy(json.loads(Response(raw).content))
    parts = found["components"]
    parts["headers"], parts["parameters"] = _HEADERS, _PARAMETERS
    parts["responses"] = {f"E{status}": _refusal(status) for status in problems.TITLES}
    parts["securitySchemes"] = {
        "oauth2": {
            "type": "oauth2",
            "description": "Client credentials; a token counts for a quarter of an hour.",
            "flows": {"clientCredentials": {"tokenUrl": _TOKENS_AT, "scopes": conf.SCOPES}},
        }
    }
    found["x-roles-of-scope"] = {scope: list(roles) for scope, roles in conf.ROLES_OF_SCOPE.items()}
    found["x-problem-codes"] = [
        {"code": code, "status": status, "says": says} for code, (status, says) in codes.CODES.items()
    ]
    found["tags"] = [{"name": name, "description": says} for name, says in DESKS.items()]
    for path, methods in found["paths"].items():
        for method in METHODS:
            if method in methods:
                _operation(path, method, methods[method], parts["schemas"], readable="get" in methods)
    for name, schema in parts["schemas"].items():
        _schema(name, schema)
    return found


def _refusal(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": problems.TITLES[status],
        "content": {problems.KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        answer["headers"] = {"Retry-After": _header("Retry-After")}
    return answer


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _operation(
    path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any], *, readable: bool
) -> None:
    """Kinds of errors, headers, conditions, the scope, examples."""
    name = operation["operationId"]
    operation["security"] = [{"oauth2": [operation.pop("x-scope")]}]
    taken = operation.setdefault("parameters", [])
    for one in taken:
        told = glossary.meaning(name, one["name"])
        if not one.get("description") and told:
            one["description"] = told
    answers = operation["responses"]
    if method in ("put", "delete") or (method == "post" and readable and "{" in path):
        taken.append({"$ref": "#/components/parameters/If-Match"})
        answers["412"] = {}
    for status, answer in answers.items():
        if int(status) >= 400:
            answers[status] = {"$ref": f"#/components/responses/E{status}"}
        elif method == "get":
            answer["headers"] = {"ETag": _header("ETag")}
        elif method == "post":
            answer["headers"] = {"Idempotent-Replayed": _header("Idempotent-Replayed")}
    if method == "get":
        taken.append({"$ref": "#/components/parameters/If-None-Match"})
        answers["304"] = {"description": "Not changed", "headers": {"ETag": _header("ETag")}}
    if method == "post":
        taken.append({"$ref": "#/components/parameters/Idempotency-Key"})
    for content in operation.get("requestBody", {}).get("content", {}).values():
        _schema(name, content["schema"])
    operation["x-codeSamples"] = [
        {"lang": "Shell", "label": "curl", "source": examples.curl(path, method, operation, schemas)},
        {"lang": "Python", "label": "adamas.client", "source": examples.PYTHON.get(name, "")},
    ]


def _schema(owner: str, schema: dict[str, Any]) -> None:
    for name, field in schema.get("properties", {}).items():
        told = glossary.meaning(owner, name)
        if told and (not field.get("description") or f"{owner}.{name}" in glossary.FIELDS):
            field["description"] = told
