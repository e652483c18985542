"""The API as a whole: its operations by group, its handling of errors, and the document that describes it."""

from __future__ import annotations

import json
from functools import lru_cache

from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

import adamas
from adamas.office.api import problems
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
DESCRIPTION = """\
Everything that the desks of an office do, for programs: single-window systems of customs, exporters' own systems.

**Access.** OAuth 2 client credentials at `/api/oauth/token`; an administrator of your organisation makes the client.
Every request carries `Authorization: Bearer …`. A client acts for one organisation, in the roles and scopes given to
it; what belongs to others is *not found*. `/.well-known/oauth-authorization-server` describes the doors (RFC 8414); a
token is ended at `/api/oauth/revoke` (RFC 7009).

**Approving** is not done here. A program may review, prepare a certificate and read its digest; an approving officer
approves it and an issuing officer confirms it on a page, each by a second factor over this digest; then the program may
sign. What only one person stands for is not signed by a program.

**Repeating.** A POST with an `Idempotency-Key` may be sent again: it is done once, and the answer comes again with
`Idempotent-Replayed: true`. A refusal did nothing, and the key may be used again.

**Errors** are problem details (RFC 9457); `code` is stable, `errors` lists every reason with its clause.

**Slow lines.** Every GET has an `ETag`; with `If-None-Match` what has not changed is a 304 without a body. `If-Match`
on a change refuses it with 412 if somebody changed the object since it was read. Answers are packed by gzip for those
who can unpack it.

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
    from adamas.office.api import describing

    return json.dumps(
        describing.whole(api.get_openapi_schema(path_prefix=PREFIX)), ensure_ascii=False
    ).encode()
