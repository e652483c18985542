"""What an officer of the certification desk can do. Each act is one batch of typed commands
(scheme.statements).

Every function takes the office, then commands (one or many), and returns which rows were logged and which
refused. Unless ``skip_bad`` is set, one bad row keeps the whole act out of the log (BatchRefused lists all of
them). ``authority`` names who signs, when it is not the Participant's usual one. Acts that come from files of
many rows can be tried first: with ``check`` every row is judged and nothing is logged. All are safe to ask again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as replace_
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from adamas.ledger import cbor, hidden
from adamas.ledger.hidden import Disclosure
from adamas.office import curve
from adamas.office.batch import BatchResult, Draft, Made, run
from adamas.office.certification import private
from adamas.office.certification.prepared import Prepared
from adamas.office.errors import BatchRefused, PreparedError
from adamas.scheme import statements as scheme
from adamas.scheme.arrival import compare
from adamas.scheme.certificates import CertificateRecord, issuing_participant
from adamas.scheme.findings import Finding
from adamas.scheme.statements import (
    CorrectCommand,
    Declared,
    DispatchCommand,
    ForgeryCommand,
    IssueCommand,
    ReceiveCommand,
    RefuseCommand,
    ReplaceCommand,
    ReturnCommand,
    RevokeCommand,
    SeizeCommand,
    ValidateCommand,
)

if TYPE_CHECKING:
    from adamas.office.opening import Office

_C = TypeVar("_C", bound=Any)
_Payload = Mapping[str, Any]
_Make = Callable[[CertificateRecord | None], Made]


def issue(
    office: Office,
    commands: Sequence[IssueCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
    check: bool = False,
) -> BatchResult:
    """Issues certificates (II(a), Annex I A): seals carats and value, hides parties and parcels, keeps the
    openings.
    """
    sealed = curve.Sealed([quantity for c in commands for quantity in (c.carats, c.value)])
    replaced = _issued_ids(office, [c.replaces for c in commands if c.replaces])
    drafts = [
        _draft(
            "issue", row, command, _issue(office, row, command.declared, command, authority, sealed, replaced)
        )
        for row, command in enumerate(commands)
    ]
    return run(office, "issue", drafts, skip_bad=skip_bad, check=check)


def prepare_issue(
    office: Office,
    command: IssueCommand,
    *,
    people: tuple[str, str, str] | None = None,
    authority: str | None = None,
) -> Prepared:
    """Makes a certificate ready: everything is fixed, every rule is asked, nothing is signed or logged.

    ``people`` are applicant, approver and signer, where the office knows them: three are asked for. Raises
    BatchRefused with every reason.
    """
    sealed = curve.Sealed([command.carats, command.value])
    replaced = _issued_ids(office, [command.replaces] if command.replaces else [])
    kept: list[Made] = []

    def make(record: CertificateRecord | None) -> Made:
        made = _issue(
            office, 0, replace_(command.declared, people=people), command, authority, sealed, replaced
        )(record)
        kept.append(made)
        return made

    draft = _draft("prepare", 0, command, make)
    result = run(office, "prepare", [draft], check=True)
    if result.refused:
        raise BatchRefused(list(result.refused), 1)
    (made,) = kept
    payload = cbor.encode({"v": 1, **made.payload})
    return Prepared(made.issuer, command.number, payload, made.disclosures, result.accepted[0].findings)


def issue_prepared(
    office: Office,
    prepared: Prepared,
    approved: bytes,
    *,
    people: tuple[str, str, str] | None = None,
) -> BatchResult:
    """Signs and logs exactly the payload whose digest was approved; every rule is asked again, as of today.

    The same one twice gives one statement. Raises PreparedError ``prepared.not-approved`` if the digest is of another
    payload, or one of ``prepared.*`` if it is damaged; BatchRefused if a rule speaks against it by now (the number was
    used meanwhile, a Participant was suspended, …).
    """
    if not hmac.compare_digest(prepared.digest, approved):
        raise PreparedError(
            "prepared.not-approved",
            f"What was approved for {prepared.number} is not what stands here: it was changed after it was shown.",
            where="digest",
            clause="IV(a)",
            advice="Let the approving officer look at it again.",
        )
    declared = prepared.declared(people)
    digest = hashlib.sha256(b"issue-prepared " + approved).digest()

    def make(_: CertificateRecord | None) -> Made:
        return Made(prepared.issuer, prepared.content, prepared.disclosures, declared)

    return run(office, "issue", [Draft(0, prepared.number, digest, make)])


def validate(
    office: Office,
    commands: Sequence[ValidateCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
    check: bool = False,
) -> BatchResult:
    """Records that the exporting authority checked and sealed the shipments (III(a))."""
    return _exporter(office, "validate", commands, scheme.validated_payload, authority, skip_bad, check)


def dispatch(
    office: Office,
    commands: Sequence[DispatchCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
    check: bool = False,
) -> BatchResult:
    """Records that the shipments left (Annex II, 19)."""
    return _exporter(office, "dispatch", commands, scheme.dispatched_payload, authority, skip_bad, check)


def receive(
    office: Office,
    commands: Sequence[ReceiveCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
    check: bool = False,
) -> BatchResult:
    """Confirms imports (III(b), bullet 2) beside what was declared, which the exporting office told in a
    notice.

    A parcel that holds exactly what was declared repeats the certificate's own commitments, so that anyone
    sees it.
    """
    held = private.of(office.alias, [c.number for c in commands], ("amounts",))
    drafts = [
        _draft("receive", row, command, _receipt(office, command, authority, held.get(command.number, [])))
        for row, command in enumerate(commands)
    ]
    return run(office, "receive", drafts, skip_bad=skip_bad, check=check)


def refuse(
    office: Office, commands: Sequence[RefuseCommand], *, authority: str | None = None, skip_bad: bool = False
) -> BatchResult:
    """Records that shipments were not admitted."""
    return _plain(office, "refuse", commands, scheme.refused_payload, lambda c, _: c.at, authority, skip_bad)


def return_(
    office: Office, commands: Sequence[ReturnCommand], *, authority: str | None = None, skip_bad: bool = False
) -> BatchResult:
    """Records that shipments go back; signed by the importing authority, or by the exporting one that took
    them back.
    """

    def who(command: ReturnCommand, record: CertificateRecord) -> str:
        return record.to if record.to in office.config.participants else issuing_participant(command.number)

    return _plain(office, "return", commands, scheme.returned_payload, who, authority, skip_bad)


def seize(
    office: Office, commands: Sequence[SeizeCommand], *, authority: str | None = None, skip_bad: bool = False
) -> BatchResult:
    """Records that an authority took shipments (IV(d))."""
    return _plain(office, "seize", commands, scheme.seized_payload, lambda c, _: c.at, authority, skip_bad)


def revoke(
    office: Office,
    commands: Sequence[RevokeCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
    check: bool = False,
) -> BatchResult:
    """Declares certificates lost, stolen or void (``why``)."""
    return _exporter(office, "revoke", commands, scheme.revoked_payload, authority, skip_bad, check)


def replace(
    office: Office,
    commands: Sequence[ReplaceCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
) -> BatchResult:
    """Names the certificates that take the place of others (AD-KPC-AMEND; V(f)); the new ones are issued
    first.
    """
    new = _issued_ids(office, [c.by for c in commands])

    def payload(command: ReplaceCommand, certificate: bytes) -> _Payload:
        return scheme.replaced_payload(command, certificate, new.get(command.by))

    return _exporter(office, "replace", commands, payload, authority, skip_bad)


def correct(
    office: Office,
    commands: Sequence[CorrectCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
) -> BatchResult:
    """States the right data; it counts once the importing authority confirms it (AD-KPC-AMEND)."""
    return _exporter(office, "correct", commands, scheme.corrected_payload, authority, skip_bad)


def confirm_correction(
    office: Office,
    number: str,
    confirmed: str,
    *,
    correction: bytes | None = None,
    authority: str | None = None,
) -> BatchResult:
    """Puts a correction on record at the importing authority; the latest one that waits, if none is named."""

    def make(record: CertificateRecord | None) -> Made:
        wanted = correction or (record.pending[-1][0] if record and record.pending else None)
        issuer = authority or office.authority(
            record.to if record and record.to else issuing_participant(number)
        )
        if record is None or record.issued_id is None:
            return Made(issuer, {}, findings=(_unknown(number, "number"),))
        if wanted is None:
            sentence = f"No correction of certificate {number} waits for confirmation."
            clause = "AD-KPC-AMEND"
            waits = Finding("admission.no-correction", clause, "refuse", sentence, "correction", number)
            return Made(issuer, {}, findings=(waits,))
        return Made(issuer, scheme.confirmed_payload(confirmed, record.issued_id, wanted))

    return run(
        office, "confirm", [Draft(0, number, _digest("confirm", [number, confirmed, correction]), make)]
    )


def report_forgery(
    office: Office,
    commands: Sequence[ForgeryCommand],
    *,
    authority: str | None = None,
    skip_bad: bool = False,
) -> BatchResult:
    """Records forged papers that were seen; there may be no true certificate of that number."""

    def make(command: ForgeryCommand, record: CertificateRecord | None) -> Made:
        payload = scheme.forgery_payload(command, record.issued_id if record else None)
        return Made(authority or office.authority(command.at), payload)

    drafts = [_draft("forgery", row, c, partial(make, c)) for row, c in enumerate(commands)]
    return run(office, "forgery", drafts, skip_bad=skip_bad)


def _issue(
    office: Office,
    row: int,
    declared: Declared,
    command: IssueCommand,
    authority: str | None,
    sealed: curve.Sealed,
    replaced: Mapping[str, bytes],
) -> _Make:
    def make(_: CertificateRecord | None) -> Made:
        (carats, carats_point), (value, value_point) = sealed.take(2 * row), sealed.take(2 * row + 1)
        pairs = scheme.issued_hidden(command, (carats.m, carats.r), (value.m, value.r))
        shown = tuple(hidden.hide(name, content) for name, content in pairs)
        payload = scheme.issued_payload(
            command,
            sealed={"carats": carats_point, "value": value_point},
            hidden=[disclosure.digest for disclosure in shown],
            replaces=replaced.get(command.replaces) if command.replaces else None,
        )
        known = not command.replaces or command.replaces in replaced
        findings = () if known else (_unknown(str(command.replaces), "replaces"),)
        issuer = authority or office.authority(issuing_participant(command.number))
        return Made(issuer, payload, shown, declared, findings)

    return make


def _exporter(
    office: Office,
    action: str,
    commands: Sequence[_C],
    payload: Callable[[_C, bytes], _Payload],
    authority: str | None,
    skip_bad: bool,
    check: bool = False,
) -> BatchResult:
    def who(command: _C, _: CertificateRecord) -> str:
        return issuing_participant(command.number)

    return _plain(office, action, commands, payload, who, authority, skip_bad, check)


def _plain(
    office: Office,
    action: str,
    commands: Sequence[_C],
    payload: Callable[[_C, bytes], _Payload],
    who: Callable[[_C, CertificateRecord], str],
    authority: str | None,
    skip_bad: bool,
    check: bool = False,
) -> BatchResult:
    """An act whose payload needs nothing but the command and the certificate that it is about."""

    def make(command: _C, record: CertificateRecord | None) -> Made:
        found = record or CertificateRecord(command.number)
        issuer = authority or office.authority(who(command, found))
        if found.issued_id is None:
            return Made(issuer, {}, findings=(_unknown(command.number, "number"),))
        return Made(issuer, payload(command, found.issued_id))

    drafts = [_draft(action, row, command, partial(make, command)) for row, command in enumerate(commands)]
    return run(office, action, drafts, skip_bad=skip_bad, check=check)


def _receipt(
    office: Office, command: ReceiveCommand, authority: str | None, held: Sequence[tuple[bytes, Disclosure]]
) -> _Make:
    issuer = authority or office.authority(command.at)

    def make(record: CertificateRecord | None) -> Made:
        if record is None or record.issued_id is None:
            return Made(issuer, {}, findings=(_unknown(command.number, "number"),))
        declared = _declared(record, held)
        if declared is None:
            return Made(issuer, {}, findings=(_no_notice(command.number),))
        carats, value = declared
        agrees = compare(
            carats=carats,
            value=value,
            parcels=record.parcels,
            found_carats=command.carats,
            found_value=command.value,
            found_parcels=command.parcels,
        )
        shown: tuple[Disclosure, ...] = ()
        if (command.carats, command.value) == declared and record.sealed_carats and record.sealed_value:
            points = {"carats": record.sealed_carats, "value": record.sealed_value}
        else:
            (c_opening, c_point), (v_opening, v_point) = curve.seal([command.carats, command.value])
            points = {"carats": c_point, "value": v_point}
            pairs = scheme.received_hidden((c_opening.m, c_opening.r), (v_opening.m, v_opening.r))
            shown = tuple(hidden.hide(name, content) for name, content in pairs)
        payload = scheme.received_payload(
            command, record.issued_id, agrees=agrees, sealed=points, hidden=[d.digest for d in shown]
        )
        known = Declared(carats, value, found_carats=command.carats, found_value=command.value)
        return Made(issuer, payload, shown, known)

    return make


def _declared(record: CertificateRecord, held: Sequence[tuple[bytes, Disclosure]]) -> tuple[int, int] | None:
    """Declared carats and value, from the disclosure of the statement whose commitments count now."""
    counts = (record.corrections or (record.issued_id,))[-1]
    for statement, disclosure in held:
        if statement in (counts, record.issued_id):
            opening = private.openings([disclosure])[0]
            return opening["carats"].m, opening["value"].m
    return None


def _issued_ids(office: Office, numbers: Sequence[str]) -> dict[str, bytes]:
    records = office.records(numbers) if numbers else {}
    return {number: record.issued_id for number, record in records.items() if record.issued_id}


def _draft(action: str, row: int, command: Any, make: _Make) -> Draft:
    return Draft(row, command.number, _digest(action, command), make)


def _unknown(number: str, field: str) -> Finding:
    sentence = (
        f"No certificate {number} is known here: it is not in this office's log nor in one that it follows."
    )
    return Finding("admission.unknown-certificate", "III(b), bullet 1", "refuse", sentence, field, number)


def _no_notice(number: str) -> Finding:
    sentence = f"The declared quantities of {number} are not known here: import the notice of the exporting authority."
    return Finding(
        "admission.no-notice", "III(b), bullet 2; Annex II, 19", "refuse", sentence, "number", number
    )


def _digest(action: str, command: Any) -> bytes:
    """Names a command by its content, so that asking again is seen. Commands are frozen and print all they hold."""
    return hashlib.sha256(f"{action} {command!r}".encode()).digest()
