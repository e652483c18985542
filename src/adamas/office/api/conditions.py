"""Conditional requests (RFC 9110, section 13) and the packing of answers, for slow lines.

A tag is strong: it is a digest of the very bytes, and the packed form of the same bytes has a tag of its own. What is
read may be kept by the program, and by nobody on the way; it is asked for anew each time, at the cost of a 304.
Answers to GET alone are packed: they hold no secret, and no stranger can make a program ask for them (BREACH).
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from adamas.office.api.errors import Changed
from adamas.office.web.packing import MIN_BYTES, TEXTS, wants_gzip

_PACKED = '-gzip"'


def tag(body: bytes) -> str:
    """The strong entity tag of an answer's bytes."""
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:18]).decode()}"'


def read(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The answer to a GET with its tag, packed where that is wanted; 304 without a body if the program has it."""
    if answer.status_code != 200 or answer.streaming:
        return answer
    own = tag(answer.content)
    patch_vary_headers(answer, ["Authorization", "Accept-Encoding"])
    if any(one in ("*", own) for one in _tags(request, "If-None-Match", weak=True)):
        unchanged = HttpResponseNotModified(
            headers={"ETag": own, "Vary": answer["Vary"], "Cache-Control": "private, no-cache"}
        )
        unchanged.cookies = answer.cookies
        return unchanged
    answer["Cache-Control"] = "private, no-cache"
    answer["ETag"] = own
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind in TEXTS and len(answer.content) >= MIN_BYTES and wants_gzip(request):
        answer.content = gzip.compress(answer.content, 6, mtime=0)
        answer["Content-Encoding"] = "gzip"
        answer["ETag"] = own[:-1] + _PACKED
    return answer


def hold(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse | None:
    """Compares ``If-Match`` with what a GET of the same address gives now.

    Gives the refusal of that GET, if it is one. Raises Changed (412) if another tag stands there, or nothing at all.
    """
    wanted = _tags(request, "If-Match", weak=False)
    if request.method == "GET" or "If-Match" not in request.headers:
        return None
    asked = copy.copy(request)
    asked.method = "GET"
    now = view(asked)
    if now.status_code in (404, 405):
        raise Changed("Nothing can be read at this address that could be compared with If-Match.")
    if now.status_code != 200:
        return now
    if "*" not in wanted and tag(now.content) not in wanted:
        raise Changed("It was changed since you read it.")
    return None


def _tags(request: HttpRequest, header: str, *, weak: bool) -> list[str]:
    """The tags of a header, of packed forms too; weak ones count only where they may."""
    found = []
    for part in request.headers.get(header, "")[:4_000].split(","):
        one = part.strip()
        if one.startswith("W/"):
            if not weak:
                continue
            one = one[2:]
        found.append(one[: -len(_PACKED)] + '"' if one.endswith(_PACKED) else one)
    return found
