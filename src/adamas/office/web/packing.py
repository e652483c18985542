"""Answers packed by gzip for slow lines: those alone that are the same for every stranger.

A page of somebody who is signed in is not packed: its length would tell, letter by letter, what is on it to one who
can have words of his own put beside it (BREACH). What may be kept by caches on the way holds nothing of the kind, and
that is what is packed here. Files of /static and /v are packed beforehand (serving.statics, public.verify_files).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence

TEXTS = frozenset(
    {
        "text/html",
        "text/plain",
        "text/csv",
        "application/json",
        "application/atom+xml",
        "application/geo+json",
        "application/ld+json",
        "application/did+json",
    }
)
MIN_BYTES = 860
"""Less than this goes in one packet anyway."""
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<q>[0-9.]+))?\s*(?:,|$)")


def wants_gzip(request: HttpRequest) -> bool:
    """Whether the one who asks can unpack it."""
    match = _GZIP.search(request.headers.get("Accept-Encoding", "").lower())
    return match is not None and (match["q"] is None or any(digit in "123456789" for digit in match["q"]))


class Packed:
    """Packs public answers. Their tag becomes a weak one, since it was made of the bytes before."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Passes on, and packs what came."""
        answer = self._next(request)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        public = "public" in answer.headers.get("Cache-Control", "")
        if not public or kind not in TEXTS or answer.status_code != 200 or _done(answer):
            return answer
        patch_vary_headers(answer, ["Accept-Encoding"])
        if not wants_gzip(request) or (not answer.streaming and len(answer.content) < MIN_BYTES):
            return answer
        if answer.streaming:
            answer.streaming_content = compress_sequence(answer.streaming_content)
            del answer.headers["Content-Length"]
        elif isinstance(answer, HttpResponse):
            answer.content = gzip.compress(answer.content, 6, mtime=0)
            answer.headers["Content-Length"] = str(len(answer.content))
        answer.headers["Content-Encoding"] = "gzip"
        own = answer.headers.get("ETag", "")
        if own.startswith('"'):
            answer.headers["ETag"] = f"W/{own}"
        return answer


def _done(answer: Any) -> bool:
    """Packed before, a part of a whole, or with a cookie, which is somebody's own."""
    return bool(answer.has_header("Content-Encoding") or answer.has_header("Content-Range") or answer.cookies)
