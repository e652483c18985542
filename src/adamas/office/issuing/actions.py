"""What people can do at the issuing desk; the only writers of its tables, and of what it signs. Doors call these.

Each act takes the membership that acts, checks the application's state by the table (lifecycle), and leaves a trace.
The exporter's acts are in :mod:`adamas.office.issuing.drafts`; officers' acts are here. Applicant, approver and signer
are three people: the rule is the scheme's (admission.three-people), asked when a certificate is prepared and issued.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from django.db import transaction

from adamas.ledger.statement import text_id
from adamas.office.batch import BatchResult
from adamas.office.certification import actions as certification
from adamas.office.certification.models import Certificate
from adamas.office.certification.prepared import Prepared
from adamas.office.errors import PreparedError
from adamas.office.issuing import lifecycle, notices, numbers, prices, signals, stock
from adamas.office.issuing.drafts import (
    against,
    attach,
    begin,
    command_of,
    detach,
    rejected,
    save,
    say,
    submit,
    take_sheet,
    withdraw,
)
from adamas.office.issuing.errors import IssuingError, Moved
from adamas.office.issuing.looking import (
    Dealings,
    approver_of,
    approvers,
    confirmed,
    dealings,
    errors_of,
    next_of,
    prepared_of,
    review,
)
from adamas.office.issuing.models import Application, FormUse, Reservation
from adamas.office.issuing.moves import changing, move, possible, trace, working
from adamas.office.people import audit
from adamas.office.people.models import Membership
from adamas.office.people.programs import is_program
from adamas.office.web import site
from adamas.scheme.statements import DispatchCommand, IssueCommand, ValidateCommand

__all__ = [
    "Dealings",
    "against",
    "approve",
    "approver_of",
    "approvers",
    "ask",
    "attach",
    "begin",
    "command_of",
    "confirm",
    "confirmed",
    "dealings",
    "detach",
    "dispatch",
    "errors_of",
    "issue",
    "next_of",
    "prepare",
    "prepared_of",
    "print_on",
    "refuse",
    "reject",
    "rejected",
    "reserve",
    "review",
    "save",
    "say",
    "submit",
    "take",
    "take_back",
    "take_sheet",
    "validate",
    "withdraw",
]
MAX_AT_ONCE = 500
CLAUSE = "II(b); IV(a)"


def take(membership: Membership, application: Application) -> None:
    """An officer takes an application into review."""
    with changing(application) as fresh:
        move(fresh, "take", membership)
        fresh.officer = membership.user


def ask(membership: Membership, application: Application, text: str) -> None:
    """Sends an application back to the exporter with a question."""
    _said(text)
    with changing(application) as fresh:
        move(fresh, "ask", membership, text)


def refuse(membership: Membership, application: Application, why: str) -> None:
    """Refuses an application for good, with the reason, which the exporter reads."""
    _said(why)
    with changing(application) as fresh:
        move(fresh, "refuse", membership, why)


def prepare(
    membership: Membership,
    application: Application,
    *,
    approver: Membership,
    issued: str,
    expires: str,
    seals: Sequence[str],
    number: str = "",
) -> Prepared:
    """Makes the certificate ready: number, days, seals, who approves. Nothing is signed.

    ``number`` is the next of the range if it is empty. Raises BatchRefused with every reason of the rules, Moved,
    IssuingError; then no number was taken.
    """
    if not membership.officer:
        raise IssuingError(
            "issuing.no-officer-id",
            "You have no officer id (such as is-1), which certificates show instead of names.",
            advice="Ask your administrator for one.",
        )
    with changing(application) as fresh:
        approver_of(membership, fresh, approver.officer)
        possible(fresh, "prepare", membership)
        fresh.number = _number(fresh, number)
        command = command_of(
            fresh,
            number=fresh.number,
            issued=issued,
            expires=expires,
            seals=tuple(seals),
            officer=membership.officer,
            approver=approver.officer,
        )
        if command is None:
            raise Moved("issuing.unreadable", "The application has errors by now.", advice="Send it back.")
        fresh.officer, fresh.approver = membership.user, approver.user
        ready = _prepare(fresh, command)
        fresh.prepared, fresh.digest = ready.raw(), ready.digest
        fresh.approved = fresh.approved_at = None
        move(fresh, "prepare", membership)
    return ready


def approve(
    membership: Membership, application: Application, digest: bytes, *, evidence: int | None = None
) -> None:
    """A second officer approves exactly the statement that was shown: ``digest`` is what the page showed.

    ``evidence`` is the key of what the second factor confirmed (people.approval); doors for people ask for it.

    Raises PreparedError ``prepared.not-approved`` if another statement stands there by now; Moved, IssuingError.
    """
    _person(membership)
    with changing(application) as fresh:
        ready = prepared_of(fresh)
        move(fresh, "approve", membership)
        if fresh.approver_id != membership.user_id:
            raise IssuingError(
                "issuing.approver",
                "The certificate names another approving officer.",
                where="approver",
                clause="II(b); IV(a)",
                advice="Reject it, so that it is prepared again with you as approver.",
            )
        _same(ready, digest).declared(_people(fresh))
        fresh.approved, fresh.approved_at = digest, site.office().now()
        audit.record(
            membership, "certificate.approved", fresh.number, digest=digest.hex(), evidence=evidence or 0
        )


def confirm(
    membership: Membership, application: Application, digest: bytes, *, evidence: int | None = None
) -> None:
    """An issuing officer confirms the exact statement that a program prepared and is to sign (see :func:`issue`).

    ``digest`` is what the page showed, ``evidence`` as in :func:`approve`. Confirming twice changes nothing. Raises
    PreparedError if another statement stands there by now; Moved, IssuingError.
    """
    _person(membership)
    with changing(application) as fresh:
        possible(fresh, "confirm", membership)
        if not is_program(fresh.officer):
            raise IssuingError(
                "issuing.signer",
                "A person prepared this certificate and signs it; nothing is to be confirmed.",
                where="officer",
                clause=CLAUSE,
            )
        if membership.user_id in (fresh.approver_id, fresh.applicant_id, fresh.author_id):
            raise IssuingError(
                "issuing.two-persons",
                "You are the applicant or the approving officer: another issuing officer confirms it.",
                where="officer",
                clause=CLAUSE,
            )
        _same(prepared_of(fresh), digest).declared(_people(fresh))
        if confirmed(fresh):
            return
        trace(fresh, "confirm", membership, digest.hex())
        audit.record(
            membership, "certificate.confirmed", fresh.number, digest=digest.hex(), evidence=evidence or 0
        )
        signals.moved.send(sender=Application, application=fresh, act="confirm")


def reject(membership: Membership, application: Application, why: str) -> None:
    """The approving officer sends what was prepared back to review, with the reason."""
    _said(why)
    with changing(application) as fresh:
        move(fresh, "reject", membership, why)
        fresh.prepared = fresh.digest = None


def take_back(membership: Membership, application: Application) -> None:
    """The issuing officer takes back what was prepared; an approval of it counts no more."""
    with changing(application) as fresh:
        move(fresh, "take_back", membership)
        fresh.prepared = fresh.digest = fresh.approved = fresh.approved_at = None


def issue(
    membership: Membership, application: Application, *, digest: bytes | None = None
) -> BatchResult | None:
    """Signs and logs what was approved. The same again gives the same statement, and None.

    A program signs only what two persons stand for: the approving officer, and an issuing officer who confirmed it.
    ``digest`` is what a program read, if a program signs. Raises PreparedError if what stands there is not that, or not
    what was approved; BatchRefused if a rule speaks against it by
    now; Moved, IssuingError.
    """
    with changing(application) as fresh:
        if fresh.state == lifecycle.ISSUED:
            return None
        move(fresh, "issue", membership)
        ready = prepared_of(fresh)
        if ready is None or fresh.approved is None:
            raise Moved("issuing.moved", "Nothing is approved here.", advice="Load the page again.")
        if fresh.officer_id != membership.user_id:
            raise IssuingError(
                "issuing.signer",
                "The certificate names another issuing officer.",
                where="officer",
                clause="IV(a)",
                advice="Take it back, and prepare it yourself.",
            )
        if digest is not None:
            _same(ready, digest)
        if is_program(membership.user) and not confirmed(fresh):
            raise IssuingError(
                "issuing.two-persons",
                "A program signs only what two persons confirmed; an issuing officer is still to confirm this.",
                where="officer",
                clause=CLAUSE,
                advice="Have an issuing officer open the application and confirm the certificate.",
            )
        result = certification.issue_prepared(
            site.office(), ready, bytes(fresh.approved), people=_people(fresh, membership)
        )
        fresh.statement = result.ids[0]
        prices.note([fresh.number])
        notices.open_for([fresh.number], membership)
        audit.record(
            membership, "certificate.issued", fresh.number, statement=text_id(result.ids[0]), to=fresh.to
        )
        signals.issued.send(sender=Application, numbers=[fresh.number])
    return result


def validate(membership: Membership, numbers_: Sequence[str], *, day: str) -> BatchResult:
    """Customs, or an officer of the authority, checked and sealed shipments; rows that rules refuse are told.

    Raises IssuingError for too many at once or without an officer id; other Participants' numbers are not found.
    """
    wanted = _own(membership, numbers_)
    with working():
        commands = [ValidateCommand(number, day, membership.officer) for number in wanted]
        result = certification.validate(site.office(), commands, skip_bad=True)
        done = [row.subject for row in result.accepted]
        for row in result.accepted:
            audit.record(membership, "certificate.validated", row.subject, statement=row.text_id)
        notices.send(done, membership)
        if done:
            signals.validated.send(sender=Application, numbers=done)
    return result


def dispatch(membership: Membership, numbers_: Sequence[str], *, day: str) -> BatchResult:
    """Records that validated shipments left (Annex II, 19)."""
    wanted = _own(membership, numbers_)
    with working():
        result = certification.dispatch(
            site.office(), [DispatchCommand(number, day) for number in wanted], skip_bad=True
        )
        for row in result.accepted:
            audit.record(membership, "shipment.dispatched", row.subject, statement=row.text_id)
        done = [row.subject for row in result.accepted]
        if done:
            signals.dispatched.send(sender=Application, numbers=done)
    return result


def reserve(membership: Membership, count: int, purpose: str) -> Reservation:
    """Sets numbers of the Participant's ranges aside, and leaves a trace."""
    with site.office().changing(), transaction.atomic():
        made = numbers.reserve(
            membership.organisation.participant, count, purpose=purpose, by=membership.user.email
        )
        first, last = numbers.ends_of(made)
        audit.record(membership, "numbers.reserved", f"{first}–{last}", purpose=made.purpose)
    return made


def print_on(membership: Membership, number: str, form: str) -> FormUse:
    """Books a blank form for a certificate that is about to be printed on it."""
    with working():
        return stock.book(membership, form, number)


def _person(membership: Membership) -> None:
    """A program is no officer's second pair of eyes."""
    if is_program(membership.user):
        raise IssuingError(
            "issuing.person",
            "A person approves and confirms certificates, by a second factor; a program never does.",
            clause=CLAUSE,
        )


def _same(ready: Prepared | None, digest: bytes) -> Prepared:
    """What stands there, if it is what the page showed."""
    if ready is None or not hmac.compare_digest(ready.digest, digest):
        raise PreparedError(
            "prepared.not-approved",
            "The certificate was prepared anew after you looked at it; nothing was done.",
            where="digest",
            clause="IV(a)",
            advice="Look at what stands there now.",
        )
    return ready


def _number(application: Application, typed: str) -> str:
    typed = typed.strip().upper()
    if application.number and typed in ("", application.number):
        return application.number
    return numbers.take(typed) if typed else numbers.next_number(application.participant)


def _prepare(application: Application, command: IssueCommand) -> Prepared:
    return certification.prepare_issue(site.office(), command, people=_people(application))


def _people(application: Application, signer: Membership | None = None) -> tuple[str, str, str]:
    """Who applied, approves and signs, for the rule of three people."""
    who = (
        application.applicant_id,
        application.approver_id,
        signer.user_id if signer else application.officer_id,
    )
    applicant, approver, signs = (str(key or "") for key in who)
    return applicant, approver, signs


def _own(membership: Membership, wanted: Sequence[str]) -> list[str]:
    """Those of the numbers that are certificates of the membership's Participant."""
    if len(wanted) > MAX_AT_ONCE:
        raise IssuingError("issuing.too-many", f"At most {MAX_AT_ONCE} are done at once.", where="numbers")
    if not membership.officer:
        raise IssuingError(
            "issuing.no-officer-id",
            "You have no officer id (such as va-1), which statements show instead of names.",
            advice="Ask your administrator for one.",
        )
    found = set(
        Certificate.objects.filter(
            number__in=[number for number in wanted if number.isalnum()],
            participant=membership.organisation.participant,
        ).values_list("number", flat=True)
    )
    missing = [number for number in wanted if number not in found]
    if missing:
        raise IssuingError(
            "issuing.unknown",
            f"No certificate {missing[0]} of {membership.organisation.participant} is known here.",
            where="numbers",
        )
    return list(dict.fromkeys(wanted))


def _said(text: str) -> None:
    if not text.strip():
        raise IssuingError("issuing.nothing", "Say why: the other side reads it.", where="text")
