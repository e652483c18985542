"""What officers look at before they act: checklist, previous dealings, who may approve. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from adamas.office.certification import prepared as preparing
from adamas.office.certification.models import Certificate
from adamas.office.certification.prepared import Prepared
from adamas.office.issuing import applying, checklist, numbers
from adamas.office.issuing.drafts import command_of
from adamas.office.issuing.errors import IssuingError
from adamas.office.issuing.models import Application
from adamas.office.people.models import Membership
from adamas.office.people.programs import is_program
from adamas.office.web import site
from adamas.scheme.findings import Finding


@dataclass(frozen=True, slots=True)
class Dealings:
    """Previous dealings of an exporter."""

    counts: dict[str, int]
    last: list[Application]
    trouble: list[Certificate]


def review(application: Application) -> list[checklist.Item]:
    """The checklist of an application as it stands: of what was prepared, else with the number it would be given."""
    number = application.number or numbers.peek(application.participant)
    entered: dict[str, Any] = {}
    if (ready := prepared_of(application)) is not None:
        content = ready.content
        entered = {"issued": content["issued"], "expires": content["expires"]}
        entered["seals"] = tuple(ready.shown["goods"]["seals"])
    command = command_of(application, number=number or f"{application.participant}0000000", **entered)
    return checklist.items(command) if command else []


def approvers(membership: Membership, application: Application) -> list[Membership]:
    """Who may approve what this officer prepares: approving officers who are neither the officer nor the applicant."""
    found = Membership.objects.filter(
        organisation=membership.organisation, role="approving", active=True, user__is_active=True
    ).select_related("user")
    away = {membership.user_id, application.applicant_id, application.author_id}
    return [
        other for other in found if other.user_id not in away and other.officer and not is_program(other.user)
    ]


def approver_of(membership: Membership, application: Application, officer: str) -> Membership:
    """The officer of that id who may approve. Raises IssuingError ``issuing.approver``."""
    for other in approvers(membership, application):
        if other.officer == officer:
            return other
    raise IssuingError(
        "issuing.approver",
        "Choose another officer to approve: not yourself and not the applicant.",
        where="approver",
        clause="II(b); IV(a)",
    )


def confirmed(application: Application) -> bool:
    """Whether an issuing officer confirmed, beside the approving one, the exact statement that a program is to sign."""
    if not application.digest:
        return False
    digest = bytes(application.digest).hex()
    found = application.steps.filter(act="confirm", text=digest).select_related("by")
    return any(step.by_id != application.approver_id and not is_program(step.by) for step in found)


def next_of(application: Application) -> str:
    """The number that would be given to an application now."""
    return application.number or numbers.peek(application.participant)


def errors_of(application: Application) -> list[Finding]:
    """What cannot be read in an application."""
    return list(applying.read(application.cells, site.today().isoformat()).errors)


def dealings(application: Application) -> Dealings:
    """What this exporter did before with the authority: counts by state, the last, and trouble."""
    others = Application.objects.filter(
        organisation=application.organisation_id, participant=application.participant, submitted__isnull=False
    ).exclude(pk=application.pk)
    counts = dict(others.values_list("state").annotate(n=Count("id")).order_by())
    last = list(others.defer("cells", "prepared").order_by("-id")[:8])
    numbers_ = list(others.exclude(number="").order_by("-id").values_list("number", flat=True)[:400])
    trouble = Certificate.objects.filter(number__in=numbers_).filter(
        Q(findings__gt=0) | Q(agrees="discrepancy") | Q(state__in=("refused", "seized", "void"))
    )
    return Dealings(counts, last, list(trouble.order_by("-issued")[:8]))


def prepared_of(application: Application) -> Prepared | None:
    """What was prepared for an application."""
    return preparing.parse(bytes(application.prepared)) if application.prepared else None
