"""Statements, holders of keys and findings at arrival in words: what the pages of the desks show instead of codes."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

STATEMENTS: Mapping[str, str | Promise] = {
    "certificate.issued": _("Certificate issued"),
    "certificate.validated": _("Validated for export"),
    "shipment.dispatched": _("Left the exporting Participant"),
    "shipment.received": _("Arrival confirmed"),
    "shipment.refused": _("Shipment refused"),
    "shipment.returned": _("Shipment sent back"),
    "shipment.seized": _("Shipment seized"),
    "certificate.corrected": _("Correction proposed"),
    "correction.confirmed": _("Correction put on record"),
    "certificate.replaced": _("Replaced by another certificate"),
    "certificate.revoked": _("Declared lost, stolen or void"),
    "forgery.reported": _("Forged paper reported"),
}
_AGREES: Mapping[str, str | Promise] = {
    "exact": _("exactly as declared"),
    "within": _("within the tolerance"),
    "discrepancy": _("not as declared"),
}
_SEALS: Mapping[str, str | Promise] = {
    "intact": _("seals intact"),
    "broken": _("seals broken"),
    "missing": _("seals missing"),
}
_WAYS: Mapping[str, str | Promise] = {
    "hosted": _("handed over here"),
    "mail": _("by mail"),
    "file": _("as a file"),
}
_CODES: Mapping[str, str | Promise] = {**STATEMENTS, **_AGREES, **_SEALS, **_WAYS}


def plain(code: str) -> str:
    """A statement's type, or what an import confirmation says, in words; the code itself where there are none."""
    return str(_CODES.get(code, code))


def holder(name: str) -> str:
    """Who signed: ``kp:BW/authority`` → "Authority of Botswana"; the name itself for others."""
    from adamas.office.web.templatetags.adamas import country

    code, _slash, desk = name.removeprefix("kp:").partition("/")
    if not name.startswith("kp:") or len(code) != 2:
        return name
    if desk == "authority" or desk.startswith("authority/"):
        return translated("Authority of %(country)s") % {"country": country(code)}
    if desk == "customs" or desk.startswith("customs/"):
        return translated("Customs of %(country)s") % {"country": country(code)}
    return name
