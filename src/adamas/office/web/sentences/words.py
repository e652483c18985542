"""Words of the scheme that stand inside sentences, or alone in a table: states, acts, roles, what a seal looked like.

Each has the context of what it says, since one English word often says two things (“refused” of a shipment, “open” of a
question).
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

_WORDS: dict[str, str | Promise] = {
    "absent": pgettext_lazy("state of a certificate", "absent"),
    "issued": pgettext_lazy("state of a certificate", "issued"),
    "validated": pgettext_lazy("state of a certificate", "validated"),
    "shipped": pgettext_lazy("state of a certificate", "shipped"),
    "received": pgettext_lazy("state of a certificate", "received"),
    "refused": pgettext_lazy("state of a certificate", "refused"),
    "returned": pgettext_lazy("state of a certificate", "returned"),
    "seized": pgettext_lazy("state of a certificate", "seized"),
    "lost": pgettext_lazy("state of a certificate", "lost"),
    "stolen": pgettext_lazy("state of a certificate", "stolen"),
    "void": pgettext_lazy("state of a certificate", "void"),
    "replaced": pgettext_lazy("state of a certificate", "replaced"),
    "expired": pgettext_lazy("state of a certificate", "expired"),
    "overdue": pgettext_lazy("state of a certificate", "overdue"),
    "issue": pgettext_lazy("act on a certificate", "issue"),
    "validate": pgettext_lazy("act on a certificate", "validate"),
    "dispatch": pgettext_lazy("act on a certificate", "dispatch"),
    "receive": pgettext_lazy("act on a certificate", "receive"),
    "refuse": pgettext_lazy("act on a certificate", "refuse"),
    "return": pgettext_lazy("act on a certificate", "return"),
    "seize": pgettext_lazy("act on a certificate", "seize"),
    "lose": pgettext_lazy("act on a certificate", "declare lost"),
    "steal": pgettext_lazy("act on a certificate", "declare stolen"),
    "replace": pgettext_lazy("act on a certificate", "replace"),
    "correct": pgettext_lazy("act on a certificate", "correct"),
    "confirm": pgettext_lazy("act on a certificate", "confirm"),
    "report": pgettext_lazy("act on a certificate", "report as forged"),
    "exporting": pgettext_lazy("kind of authority", "exporting"),
    "importing": pgettext_lazy("kind of authority", "importing"),
    "importing or exporting": pgettext_lazy("kind of authority", "importing or exporting"),
    "exporter": pgettext_lazy("party or role", "exporter"),
    "importer": pgettext_lazy("party or role", "importer"),
    "issuing": pgettext_lazy("party or role", "issuing officer"),
    "approving": pgettext_lazy("party or role", "approving officer"),
    "carats": pgettext_lazy("declared of a parcel", "carats"),
    "value": pgettext_lazy("declared of a parcel", "value"),
    "number": pgettext_lazy("declared of a parcel", "number"),
    "HS code": pgettext_lazy("declared of a parcel", "HS code"),
    "intact": pgettext_lazy("seals on arrival", "intact"),
    "broken": pgettext_lazy("seals on arrival", "broken"),
    "missing": pgettext_lazy("seals on arrival", "missing"),
    "exact": pgettext_lazy("what was found", "exactly as declared"),
    "tolerance": pgettext_lazy("what was found", "within tolerance"),
    "discrepancy": pgettext_lazy("what was found", "a discrepancy"),
    "used": pgettext_lazy("end of a blank form", "used"),
    "spoiled": pgettext_lazy("end of a blank form", "spoiled"),
    "valid": pgettext_lazy("standing of a statement", "valid"),
    "doubtful": pgettext_lazy("standing of a statement", "doubtful"),
    "invalid": pgettext_lazy("standing of a statement", "invalid"),
    "pending": pgettext_lazy("standing of a statement", "pending"),
    "newer": pgettext_lazy("standing of a statement", "newer"),
    "unknown": pgettext_lazy("standing of a statement", "unknown"),
    "unreadable": pgettext_lazy("standing of a statement", "unreadable"),
    "column": pgettext_lazy("part of a sheet", "column"),
    "name": pgettext_lazy("part of a sheet", "name"),
}


def word(text: str) -> str | None:
    """The word in the language of the reader; None if it is none of ours."""
    found = _WORDS.get(text)
    return None if found is None else str(found)
