"""Numbers that customs type or scan before they validate: a number, or the whole code that a hand scanner gives.

A code carries the paper's own statement. It must be the one that is logged under its number: a paper that carries
another one is not validated.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from adamas.errors import AdamasError
from adamas.office.arrival.scanning import Scanned, read_text
from adamas.office.certification.models import Certificate
from adamas.scheme.findings import Finding

CLAUSE = "Annex I A, security; V(f)"
_SHOWN = 60


def numbers(typed: str) -> tuple[list[str], list[Finding]]:
    """The numbers in what was typed and scanned, each once, and what is wrong with the rest."""
    found: dict[str, Scanned] = {}
    wrong: list[Finding] = []
    for word in typed.replace(",", " ").replace(";", " ").split():
        try:
            read = read_text(word)
        except AdamasError as error:
            wrong.append(
                Finding(error.code, error.clause or "", "refuse", error.sentence, "typed", word[:_SHOWN])
            )
            continue
        if read.number not in found or read.statement is not None:
            found[read.number] = read
    for other in _others(list(found.values())):
        del found[other]
        sentence = _(
            "Suspicion of forgery: the paper carries another statement than the one logged under %(number)s."
        ) % {"number": other}
        wrong.append(Finding("paper.other", CLAUSE, "refuse", sentence, "typed", other))
    return list(found), wrong


def _others(read: Sequence[Scanned]) -> list[str]:
    """Numbers whose paper carries another statement than the log."""
    carried = {item.number: item.statement for item in read if item.statement is not None}
    views = Certificate.objects.filter(number__in=list(carried), issued_id__isnull=False)
    logged = {view.number: bytes(view.issued_id or b"") for view in views}
    return [
        number
        for number, statement in carried.items()
        if statement is not None and logged.get(number, statement.id) != statement.id
    ]
