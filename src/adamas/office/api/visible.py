"""Which certificates a membership may see: officers those of their Participant's journeys, firms their own."""

from __future__ import annotations

from django.db import connections
from django.http import Http404

from adamas.office.certification.models import Certificate
from adamas.office.database import failures
from adamas.office.issuing.models import Application
from adamas.office.people.models import Membership
from adamas.office.web import site
from adamas.scheme.certificates import CertificateRecord

OFFICIAL = frozenset({"authority", "customs"})


def official(membership: Membership) -> bool:
    """Whether the membership is of an authority or a customs service."""
    return membership.organisation.kind in OFFICIAL and membership.role != "exporter"


def record(membership: Membership, number: str) -> CertificateRecord:
    """The record of a certificate that is the membership's to see. Raises Http404."""
    if not number.isalnum() or not number.isascii() or len(number) > 40:
        raise Http404
    found = site.office().records([number]).get(number)
    if found is None or found.issued_id is None or not mine(membership, found):
        raise Http404
    return found


def mine(membership: Membership, found: CertificateRecord) -> bool:
    """Whether a certificate is the membership's to see, private content and all."""
    if official(membership):
        return membership.organisation.participant in (found.participant, found.to)
    own = Application.objects.filter(organisation=membership.organisation_id, number=found.number)
    return own.filter(state="issued").exists()


def numbers_of(membership: Membership) -> list[str]:
    """Numbers of a firm's own certificates."""
    own = Application.objects.filter(organisation=membership.organisation_id, state="issued")
    return list(own.values_list("number", flat=True))


def statements(number: str) -> dict[bytes, bytes]:
    """Id → signed bytes of every statement about a number that is known here."""
    alias = site.office().alias
    with failures(), connections[alias].cursor() as cursor:
        cursor.execute(
            'SELECT f.id, e.raw FROM "log_fact" f JOIN "adamas_entries" e ON e.log = f.log AND e.idx = f.idx'
            " WHERE f.subject = %s",
            [number],
        )
        return {bytes(identity): bytes(raw) for identity, raw in cursor.fetchall()}


__all__ = ["Certificate", "mine", "numbers_of", "official", "record", "statements"]
