"""Errors as problem details (RFC 9457): one form for everything that is refused, from a typing error to an outage."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from adamas.errors import AdamasError
from adamas.office.api.errors import ApiError, Invalid, TooMany
from adamas.office.issuing.answers import findings_of
from adamas.office.web.sentences import said

log = logging.getLogger("api")
KIND = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not authorised",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too long",
    415: "Unsupported media type",
    422: "Not done",
    429: "Too many requests",
    500: "A fault of ours",
    503: "Not available now",
}
_OF_EXIT = {2: 409, 64: 400, 70: 500, 74: 503, 75: 503}
_OF_CODE = {
    "issuing.unknown": 404,
    "issuing.role": 403,
    "arrival.role": 403,
    "arrival.dismissed": 403,
    "question.role": 403,
    "credential.unknown": 404,
    "credential.not-ours": 404,
    "credential.state": 409,
    "printing.unknown": 404,
    "printing.not-ours": 404,
    "printing.state": 409,
    "printing.not-held": 409,
}
RETRY_SECONDS = 10


class Reason(Schema):
    """One thing that is wrong: a stable code, a sentence, the field, and the source of the rule."""

    code: str
    sentence: str
    field: str = ""
    clause: str = ""
    severity: str = "refuse"
    subject: str = ""


class Problem(Schema):
    """RFC 9457. ``code`` is stable; ``errors`` lists every reason, each with its field and clause."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    clause: str = ""
    advice: str = ""
    errors: list[Reason] = Field(default_factory=list)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    clause: str = "",
    advice: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """An answer that tells one problem, in the language of the request's Accept-Language (English without one)."""
    body = {
        "type": f"urn:adamas:error:{code}",
        "title": TITLES.get(status, "Not done"),
        "status": status,
        "detail": said(detail),
        "code": code,
        "clause": clause,
        "advice": said(advice),
        "errors": [{**one, "sentence": said(one["sentence"])} for one in errors or ()],
    }
    raw = json.dumps(body, ensure_ascii=False).encode()
    return HttpResponse(raw, status=status, content_type=KIND, headers=headers)


def of(error: BaseException) -> HttpResponse:
    """The problem that an exception is. What is no refusal of ours is logged, and told without details."""
    from adamas.office.serving import faults

    away = faults.of(error)
    if away is not None:
        wait = {"Retry-After": str(RETRY_SECONDS)}
        return problem(503, away.code, away.sentence, advice=away.advice or "", headers=wait)
    if isinstance(error, AdamasError):
        return _ours(error)
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, Http404):
        return problem(404, "api.not-found", "There is no such thing, or it is not yours to see.")
    if isinstance(error, PermissionDenied):
        return problem(403, "api.forbidden", "Your client may not do this.")
    if isinstance(error, AuthenticationError):
        return problem(401, "api.token", "A bearer token is needed.", headers=CHALLENGE)
    if isinstance(error, RequestDataTooBig):
        return problem(413, "api.long", "The body is longer than is taken here.")
    if isinstance(error, HttpError):
        return problem(error.status_code, "api.unreadable", str(error))
    log.error("A request of a program failed.", exc_info=error)
    return problem(
        500, "api.fault", "Something failed on our side. Nothing was half done.", advice="Try again."
    )


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="adamas"'}


def _ours(error: AdamasError) -> HttpResponse:
    status = error.status if isinstance(error, ApiError) else _OF_CODE.get(error.code)
    status = status or _OF_EXIT.get(error.exit_code, 422)
    reasons = [
        {
            "code": found.code,
            "sentence": found.sentence,
            "field": found.field,
            "clause": found.clause,
            "severity": found.severity,
            "subject": found.subject,
        }
        for found in (error.findings if isinstance(error, Invalid) else findings_of(error))
    ]
    headers = (
        CHALLENGE
        if status == 401
        else {"Retry-After": str(error.wait)}
        if isinstance(error, TooMany)
        else None
    )
    return problem(
        status,
        error.code,
        error.sentence,
        clause=error.clause or "",
        advice=error.advice or "",
        errors=reasons,
        headers=headers,
    )


def _invalid(error: ValidationError) -> HttpResponse:
    reasons = []
    for one in error.errors[:200]:
        place = [str(part) for part in one.get("loc", ())]
        reasons.append(
            {
                "code": f"api.{one.get('type', 'value')}",
                "sentence": str(one.get("msg", "This cannot be read.")),
                "field": ".".join(place[1:] or place)[:200],
                "clause": "",
                "severity": "refuse",
                "subject": "",
            }
        )
    detail = f"{reasons[0]['field']}: {reasons[0]['sentence']}" if reasons else "The request cannot be read."
    return problem(422, "api.invalid", detail, errors=reasons)


def handler(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """For django-ninja."""
    return of(error if isinstance(error, Exception) else error())
