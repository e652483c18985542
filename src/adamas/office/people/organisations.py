"""An authority's administrator founds the organisations of its Participant: exporters, importers, customs.

An organisation is never deleted: one that ended lets nobody work in it, keeps its papers and its trail, and can be
opened again.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from adamas.office.people import audit, officers
from adamas.office.people.errors import PeopleError
from adamas.office.people.models import Membership, Organisation

FOUNDED = ("exporter", "importer", "customs")
"""Kinds of organisations that an authority founds."""


def founded_by(membership: Membership, organisation: Organisation) -> bool:
    """Whether the acting administrator is of the authority that founds and ends this organisation."""
    own = membership.organisation
    return (
        membership.role == "administrator"
        and own.kind == "authority"
        and bool(own.participant)
        and organisation.participant == own.participant
        and organisation.kind in FOUNDED
    )


def make(membership: Membership, kind: str, name: str, licence: str = "") -> Organisation:
    """Founds an organisation of one's own Participant. Raises PeopleError."""
    officers.not_offline()
    own = membership.organisation
    made = Organisation(kind=kind, participant=own.participant, name=_named(name), licence=licence.strip())
    if not founded_by(membership, made):
        raise PeopleError(
            "people.not-yours",
            _("An authority's administrator makes exporters, importers and customs of its own Participant."),
        )
    with transaction.atomic():
        officers.locked(own.pk)
        _free(made)
        made.slug = free_slug(made.name)
        made.save()
        audit.record(
            membership, "organisation.made", made.slug, name=made.name, kind=kind, licence=made.licence
        )
    return made


def change(membership: Membership, organisation: Organisation, name: str, licence: str) -> None:
    """Renames an organisation or changes its licence; an authority may rename itself. Raises PeopleError."""
    _may(membership, organisation, itself=True)
    with transaction.atomic():
        officers.locked(membership.organisation_id)
        before = {"name": organisation.name, "licence": organisation.licence}
        organisation.name, organisation.licence = _named(name), licence.strip()
        _free(organisation)
        organisation.save(update_fields=["name", "licence"])
        after = {"name": organisation.name, "licence": organisation.licence}
        audit.record(membership, "organisation.changed", organisation.slug, before=before, after=after)


def end(membership: Membership, organisation: Organisation) -> None:
    """Ends an organisation: from the next request on nobody works in it. Raises PeopleError."""
    _may(membership, organisation)
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(active=False)
        audit.record(membership, "organisation.ended", organisation.slug, name=organisation.name)


def reopen(membership: Membership, organisation: Organisation) -> None:
    """Opens an organisation that ended, with the people whom it had. Raises PeopleError."""
    _may(membership, organisation)
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(active=True)
        audit.record(membership, "organisation.reopened", organisation.slug, name=organisation.name)


def check_open(organisation: Organisation) -> None:
    """Raises PeopleError ``people.organisation-ended``."""
    if not organisation.active:
        raise PeopleError(
            "people.organisation-ended",
            _("This organisation has ended, so nobody is invited to it."),
            advice=_("Its authority can open it again."),
        )


def free_slug(name: str) -> str:
    """A short name for addresses that no organisation has yet."""
    stem = slugify(name)[:48].strip("-") or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number = 1
    while (found := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return found


def _may(membership: Membership, organisation: Organisation, *, itself: bool = False) -> None:
    officers.not_offline()
    own = membership.role == "administrator" and organisation.pk == membership.organisation_id
    if not founded_by(membership, organisation) and not (itself and own and organisation.kind == "authority"):
        raise PeopleError("people.not-yours", _("This organisation is not yours to change."))


def _named(name: str) -> str:
    text = " ".join(name.split())[:200]
    if not text:
        raise PeopleError("people.organisation-name", _("An organisation needs a name."), where="name")
    return text


def _free(organisation: Organisation) -> None:
    same = Organisation.objects.filter(
        participant=organisation.participant, kind=organisation.kind, name__iexact=organisation.name
    )
    if same.exclude(pk=organisation.pk).exists():
        raise PeopleError(
            "people.organisation-name", _("There is an organisation of this name already."), where="name"
        )
