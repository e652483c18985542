"""The acts after issue as one table: what each is called, on which side it is done, by which roles, by which clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

CORRECT, CONFIRM, LOSE, STEAL, VOID = "correct", "confirm", "lose", "steal", "void"
REPLACE, RETURN, FORGERY = "replace", "return", "forgery"
EXPORTER, IMPORTER, EITHER, ANY = "exporter", "importer", "either", "any"


class Kind(NamedTuple):
    """One act. ``side`` is the end of the journey that signs; ``event`` its name in the table of the lifecycle."""

    title: Any
    says: Any
    side: str
    roles: frozenset[str]
    event: str
    clause: str
    destructive: bool


_ISSUING = frozenset({"issuing"})
_IMPORTING = frozenset({"importing"})
KINDS: Mapping[str, Kind] = {
    CORRECT: Kind(
        _("Propose a correction"),
        _("The right data are stated; they count once the importing authority has put them on record too."),
        EXPORTER,
        _ISSUING,
        "correct",
        "AD-KPC-AMEND",
        False,
    ),
    CONFIRM: Kind(
        _("Put a correction on record"),
        _("The correction counts from now on, at both authorities."),
        IMPORTER,
        _IMPORTING,
        "confirm",
        "AD-KPC-AMEND",
        False,
    ),
    LOSE: Kind(
        _("Declare it lost"),
        _("No shipment may travel on it any more, wherever the paper turns up."),
        EXPORTER,
        _ISSUING,
        "lose",
        "V(f)",
        True,
    ),
    STEAL: Kind(
        _("Declare it stolen"),
        _("No shipment may travel on it any more, wherever the paper turns up."),
        EXPORTER,
        _ISSUING,
        "steal",
        "V(f)",
        True,
    ),
    VOID: Kind(
        _("Declare it void"),
        _("The certificate is withdrawn: no shipment may travel on it any more."),
        EXPORTER,
        _ISSUING,
        "void",
        "AD-KPC-AMEND",
        True,
    ),
    REPLACE: Kind(
        _("Name its replacement"),
        _("Another certificate takes its place; this one never counts again."),
        EXPORTER,
        _ISSUING,
        "replace",
        "AD-KPC-AMEND; V(f)",
        True,
    ),
    RETURN: Kind(
        _("Send it back on a technical certificate"),
        _("The shipment goes back to the exporting Participant on the technical certificate named."),
        EITHER,
        _ISSUING | _IMPORTING,
        "return",
        "AD-TECHCERT",
        True,
    ),
    FORGERY: Kind(
        _("Report a forgery"),
        _("Every verification of this number warns of a forged paper from now on."),
        ANY,
        frozenset({"issuing", "importing", "customs"}),
        "report",
        "Annex I A, security; V(f)",
        True,
    ),
}
"""Word in the address → act."""
ROLES = ("issuing", "approving", "importing", "customs")
"""Who sees this desk; approving officers look on."""
EXPORTING_ROLES = frozenset({"issuing", "approving"})
"""Roles that stand on the exporting side of a certificate."""
EVENT_WHY = {LOSE: "lost", STEAL: "stolen", VOID: "void"}
"""Kind → the reason that the statement ``certificate.revoked`` names."""
