"""The menu: which pages each role works with, most used first. Addresses are names of URL patterns."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    label: object
    url: str


_PUBLIC = ((_("Check a certificate"), "verify"), (_("Log"), "public:log"), (_("Register"), "public:register"))
_OF: dict[str, tuple[tuple[object, str], ...]] = {
    "exporter": ((_("Applications"), "issuing:mine"), (_("New application"), "issuing:new")),
    "issuing": (
        (_("Work queue"), "issuing:queue"),
        (_("Certificates"), "issuing:certificates"),
        (_("Blank stock"), "issuing:stock"),
        (_("After issue"), "aftercare:index"),
    ),
    "approving": ((_("Work queue"), "issuing:queue"), (_("Certificates"), "issuing:certificates")),
    "customs": (
        (_("Validation of export"), "issuing:validation"),
        (_("Scan"), "arrival:scan"),
        (_("Expected arrivals"), "arrival:expected"),
    ),
    "importing": (
        (_("Scan"), "arrival:scan"),
        (_("Expected arrivals"), "arrival:expected"),
        (_("Questions"), "arrival:questions"),
        (_("Confirmations due"), "arrival:due"),
        (_("After issue"), "aftercare:index"),
    ),
    "administrator": (
        (_("People"), "people:members"),
        (_("Organisations"), "people:organisations"),
        (_("Audit trail"), "people:audit"),
        (_("API clients"), "apiweb:clients"),
        (_("Webhooks"), "apiweb:webhooks"),
        (_("The API"), "apiweb:reference"),
    ),
    "auditor": (
        (_("Audit trail"), "people:audit"),
        (_("People"), "people:members"),
        (_("Certificates"), "issuing:certificates"),
    ),
}


def of(role: str | None) -> list[Entry]:
    """The menu of a role (of a visitor, for None); pages that are not installed are left out."""
    found = []
    for label, name in (*_OF.get(role or "", ()), *_PUBLIC):
        try:
            found.append(Entry(label, reverse(name)))
        except NoReverseMatch:
            continue
    return found
