"""The API as a whole: its operations by group, its handling of errors, and the document that describes it."""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from typing import Any

from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import Response

import adamas
from adamas.office.api import conf, problems
from adamas.office.api.routes import (
    amendments,
    applications,
    arrivals,
    certificates,
    credentials,
    exports,
    inspections,
    notices,
    questions,
    register,
    returns,
    review,
    sheets,
    stock,
    webhooks,
)

PREFIX = "/api/v1/"
_METHODS = ("get", "post", "put", "delete")
DESCRIPTION = """\
Everything that the desks of an office do, for programs: single-window systems of customs, exporters' own systems.

**Access.** OAuth 2 client credentials at `/api/oauth/token`; an administrator of your organisation makes the client.
Every request carries `Authorization: Bearer …`. A client acts for one organisation, in the roles and scopes given to
it; what belongs to others is *not found*.

**Approving** is not done here. A program may review, prepare a certificate and read its digest; an approving officer
approves it and an issuing officer confirms it on a page, each by a second factor over this digest; then the program may
sign. What only one person stands for is not signed by a program.

**Repeating.** A POST with an `Idempotency-Key` may be sent again: it is done once, and the answer comes again with
`Idempotent-Replayed: true`. A refusal did nothing, and the key may be used again.

**Errors** are problem details (RFC 9457); `code` is stable, `errors` lists every reason with its clause.

**Lists** come in pages: give `next` of an answer as `cursor` of the next request.

Quantities are texts: carats with at most two decimals (`"12.50"`), values in US dollars (`"5600.00"`). Days are
`2025-12-31`.
"""

api = NinjaAPI(
    title="Adamas office",
    version=adamas.__version__ if hasattr(adamas, "__version__") else "1",
    description=DESCRIPTION,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
)
for _router, _tag in (
    (certificates.router, "certificates"),
    (credentials.router, "certificates"),
    (exports.router, "export"),
    (arrivals.router, "arrival"),
    (inspections.router, "inspection"),
    (questions.router, "questions"),
    (amendments.router, "after issue"),
    (applications.router, "applications"),
    (sheets.router, "sheets"),
    (review.router, "issuing desk"),
    (stock.router, "forms and numbers"),
    (notices.router, "dispatch notices"),
    (register.router, "register and log"),
    (returns.router, "returns"),
    (webhooks.router, "webhooks"),
):
    api.add_router("", _router, tags=[_tag])
api.add_exception_handler(Exception, problems.handler)
for _kind in (ValidationError, HttpError, AuthenticationError, Http404):
    api.add_exception_handler(_kind, problems.handler)


@lru_cache(maxsize=1)
def document() -> bytes:
    """The OpenAPI 3.1 document as JSON."""
    raw = api.get_openapi_schema(path_prefix=PREFIX)
    found: dict[str, Any] = copy.deepcopy(json.loads(Response(raw).content))
    for path in found["paths"].values():
        for method in _METHODS:
            if method in path:
                _operation(method, path[method])
    found["components"]["securitySchemes"] = {
        "oauth2": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": conf.SCOPES}},
        }
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _operation(method: str, operation: dict[str, Any]) -> None:
    """Adds what the framework does not write: kinds of errors, headers, the key for repeating, the scope."""
    operation["security"] = [{"oauth2": [operation.pop("x-scope")]}]
    answers = operation["responses"]
    for status, answer in answers.items():
        if int(status) >= 400:
            answer["description"] = problems.TITLES[int(status)]
            answer["content"] = {problems.KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in ("429", "503"):
        answers[status]["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        }
    if method != "post":
        return
    operation.setdefault("parameters", []).append(
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "description": "Makes the request safe to repeat; a fresh random text for each new request.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }
    )
    for status, answer in answers.items():
        if int(status) < 400:
            answer["headers"] = {
                "Idempotent-Replayed": {
                    "schema": {"type": "string", "enum": ["true"]},
                    "description": "Present where the answer of an earlier request is given again.",
                }
            }
