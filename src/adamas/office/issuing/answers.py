"""Answers that several pages give: a download that a browser only saves, and a refusal in words."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from adamas.errors import AdamasError
from adamas.office.errors import BatchRefused
from adamas.office.issuing.errors import ApplicationRefused
from adamas.office.people.models import Membership
from adamas.office.web.sentences import said
from adamas.scheme.findings import Finding


def me(request: HttpRequest) -> Membership:
    """The membership in which the person acts, on pages that ``needs`` guards."""
    return cast(Membership, getattr(request, "membership", None))


def download(data: bytes, name: str, kind: str, *, inline: bool = False) -> HttpResponse:
    """Bytes as a file. A browser saves them (unless ``inline``) and does not guess what they are."""
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = str(content_disposition_header(not inline, name))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def findings_of(error: AdamasError) -> list[Finding]:
    """Every reason of a refusal, for the list of findings on a page."""
    if isinstance(error, ApplicationRefused):
        return list(error.findings)
    if isinstance(error, BatchRefused):
        return [finding for row in error.refused for finding in row.findings]
    sentence = f"{error.sentence} {error.advice}" if error.advice else error.sentence
    return [Finding(error.code, error.clause or "", "refuse", sentence, error.where or "", "")]


def told_no(request: HttpRequest, error: AdamasError) -> None:
    """A refusal as a message on the next page."""
    for finding in findings_of(error)[:5]:
        clause = f" ({finding.clause})" if finding.clause else ""
        messages.error(request, f"{said(finding.sentence)}{clause}")
