"""What every request of a program passes: bounded size, token, rate, and the memory of what was answered before.

An Idempotency-Key makes a POST safe to repeat: what it did and the answer are written in one transaction, and the same
request again is given that answer. A refusal did nothing and is not kept, so the key may be used again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from adamas.office.api import conditions, limits, problems, secrets, tokens
from adamas.office.api.errors import Conflict, TooLong
from adamas.office.api.models import Answered
from adamas.office.issuing.moves import working
from adamas.office.people.access import Access, declare_module
from adamas.office.web import site

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 11 * 1024 * 1024
KEPT_SECONDS = 7 * 86_400
_View = Callable[..., HttpResponse]
declare_module(__name__, Access("token"))


class _RefusedError(Exception):
    """Carries a refusal out of the transaction, so that nothing of it stays."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def guard(view: _View) -> _View:
    """Puts the door before an operation of the API."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = _pass(view, request, *args, **kwargs)
        except Exception as error:
            answer = problems.of(error)
        if answer.status_code == 405 and answer["Content-Type"] != problems.KIND:
            allowed = {"Allow": answer.headers.get("Allow", "")}
            answer = problems.problem(
                405, "api.method", f"{request.method} is not done here.", headers=allowed
            )
        if request.method == "GET":
            answer = conditions.read(request, answer)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        return answer

    guarded.__module__ = __name__
    return guarded


def _pass(view: _View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    caller = tokens.caller_of(request)
    limits.allow(f"client-{caller.client.pk}")
    request.caller = caller  # type: ignore[attr-defined]
    body = _bounded(request)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None

    def act() -> HttpResponse:
        refusal = conditions.hold(request, lambda asked: view(asked, *args, **kwargs))
        return refusal or view(request, *args, **kwargs)

    if key is None:
        matched = "If-Match" in request.headers and request.method != "GET"
        return _whole(act) if matched else act()
    if not 0 < len(key) <= 200 or not all("!" <= letter <= "~" for letter in key):
        raise Conflict("api.key", "An Idempotency-Key has 1 to 200 visible ASCII characters.", where=_WHERE)
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    digest = hashlib.sha256(asked + (body if body is not None else _form(request))).digest()
    return _whole(lambda: _once(caller, key, digest, act))


def _whole(act: Callable[[], HttpResponse]) -> HttpResponse:
    """In one transaction, of which nothing stays if it is refused."""

    def held() -> HttpResponse:
        answer = act()
        if answer.status_code >= 400:
            raise _RefusedError(answer)
        return answer

    try:
        with working():
            return held()
    except _RefusedError as refused:
        return refused.answer


_WHERE = "Idempotency-Key"


def _once(caller: tokens.Caller, key: str, digest: bytes, act: Callable[[], HttpResponse]) -> HttpResponse:
    before = Answered.objects.filter(client=caller.client, key=key).first()
    if before is not None:
        if bytes(before.digest) != digest:
            raise Conflict(
                "api.key-reused",
                "This Idempotency-Key came with another request before.",
                where=_WHERE,
                advice="Take a new key for a new request.",
            )
        again = HttpResponse(
            secrets.unsealed(bytes(before.body)), status=before.status, content_type=before.kind
        )
        again["Idempotent-Replayed"] = "true"
        return again
    answer = act()
    if answer.status_code >= 400:
        return answer
    Answered.objects.create(
        client=caller.client,
        key=key,
        digest=digest,
        status=answer.status_code,
        body=secrets.sealed(answer.content),
        kind=answer["Content-Type"],
        at=site.office().now(),
    )
    return answer


def _bounded(request: HttpRequest) -> bytes | None:
    """The body, if it is not a form with files; those are bounded by what they say of themselves. Raises TooLong."""
    multipart = request.content_type == "multipart/form-data"
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > (MAX_UPLOAD if multipart else MAX_BODY):
        raise TooLong("api.long", "The body is longer than is taken here.", where="body")
    if multipart:
        return None
    try:
        return request.body
    except UnreadablePostError as error:
        raise TooLong("api.cut-off", "The body was cut off on its way.", where="body") from error


def _form(request: HttpRequest) -> bytes:
    digest = hashlib.sha256()
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            digest.update(repr((name, file.name, content.digest())).encode())
    return digest.digest()


def forget() -> None:
    """Takes away answers that are older than a week; called now and then."""
    Answered.objects.filter(at__lt=site.office().now() - KEPT_SECONDS).delete()
