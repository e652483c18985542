"""What the lines of the audit trail mean, in words. A new act needs a line here, or tests/office/people/test_acts.py
fails.

A word is `thing.what-was-done`, of small letters; the things are the groups in which the page offers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adamas.office.people.roles import ROLES

GROUPS: Mapping[str, Promise] = MappingProxyType(
    {
        "sign": _("Signing in and out"),
        "factor": _("Second factors"),
        "recovery": _("Recovery codes"),
        "session": _("Sessions"),
        "account": _("Accounts"),
        "role": _("Roles"),
        "member": _("People"),
        "invitation": _("Invitations"),
        "organisation": _("Organisations"),
        "application": _("Applications"),
        "attachment": _("Papers of applications"),
        "sheet": _("Spreadsheets"),
        "approval": _("Approvals"),
        "certificate": _("Certificates"),
        "credential": _("Credentials"),
        "shipment": _("Shipments"),
        "notice": _("Dispatch notices"),
        "form": _("Blank forms"),
        "forms": _("Blank forms"),
        "numbers": _("Numbers set aside"),
        "arrival": _("Arrivals"),
        "question": _("Questions between authorities"),
        "aftercare": _("After issue"),
        "desk": _("Offline desk"),
        "client": _("API clients"),
        "webhook": _("Webhooks"),
        "audit": _("Audit trail"),
    }
)
"""The part of a word before its first full stop → what it is about."""

WORDS: Mapping[str, Promise] = MappingProxyType(
    {
        "sign.in": _("Signed in"),
        "sign.failed": _("A sign-in failed"),
        "sign.out": _("Signed out"),
        "sign.password": _("Changed the password"),
        "sign.password-reset": _("Set a new password by a link"),
        "factor.added": _("Added a second factor"),
        "factor.removed": _("Removed a second factor"),
        "factor.failed": _("A second factor was wrong"),
        "recovery.made": _("Made recovery codes"),
        "recovery.used": _("Used a recovery code"),
        "recovery.removed": _("Removed the recovery codes"),
        "session.ended": _("Ended sessions"),
        "account.renamed": _("Changed the own name"),
        "role.taken": _("Switched to another role"),
        "role.given": _("Gave a role"),
        "role.ended": _("Ended a role"),
        "member.dismissed": _("Dismissed a person"),
        "factor.reset": _("Removed a person's second factors"),
        "invitation.made": _("Invited a person"),
        "invitation.again": _("Sent an invitation again"),
        "invitation.withdrawn": _("Withdrew an invitation"),
        "invitation.accepted": _("Accepted an invitation"),
        "invitation.back": _("Set up the account again by an invitation"),
        "organisation.made": _("Entered an organisation"),
        "organisation.changed": _("Changed an organisation"),
        "organisation.ended": _("Ended an organisation"),
        "organisation.reopened": _("Opened an organisation again"),
        "application.begin": _("Began an application"),
        "application.save": _("Saved an application"),
        "application.say": _("Wrote a message"),
        "application.submit": _("Submitted an application"),
        "application.take": _("Took an application for review"),
        "application.ask": _("Asked the exporter for more"),
        "application.refuse": _("Refused an application"),
        "application.prepare": _("Prepared a certificate for approval"),
        "application.approve": _("Approved an application"),
        "application.confirm": _("Confirmed an application"),
        "application.reject": _("Sent a prepared certificate back to review"),
        "application.take_back": _("Took a prepared certificate back"),
        "application.issue": _("Issued the certificate of an application"),
        "application.withdraw": _("Withdrew an application"),
        "attachment.add": _("Attached a paper"),
        "attachment.remove": _("Removed a paper"),
        "attachment.read": _("Opened an exporter's paper"),
        "sheet.taken": _("Uploaded a spreadsheet"),
        "approval.failed": _("A confirmation of an approval failed"),
        "certificate.approved": _("Approved the exact statement of a certificate"),
        "certificate.confirmed": _("Confirmed the exact statement that a program signs"),
        "certificate.issued": _("Signed and issued a certificate"),
        "certificate.validated": _("Validated an export"),
        "certificate.printed": _("Printed a certificate"),
        "credential.made": _("Made a credential of a certificate"),
        "shipment.dispatched": _("Recorded that a shipment left"),
        "notice.handed-over": _("Handed a dispatch notice over"),
        "notice.mailed": _("Mailed dispatch notices"),
        "notice.downloaded": _("Downloaded dispatch notices"),
        "notice.taken": _("Took dispatch notices from another authority"),
        "notice.address": _("Changed where dispatch notices are mailed"),
        "forms.received": _("Entered blank forms"),
        "form.used": _("Used a blank form"),
        "form.spoiled": _("Wrote a blank form off as spoiled"),
        "form.missing": _("Wrote a blank form off as missing"),
        "numbers.reserved": _("Set numbers aside"),
        "arrival.suspicion": _("A scanned paper was suspicious"),
        "arrival.inspected": _("Recorded what was found in a shipment"),
        "arrival.photographed": _("Added a photograph"),
        "arrival.photograph-removed": _("Removed a photograph"),
        "arrival.received": _("Confirmed an arrival"),
        "arrival.refused": _("Refused a shipment"),
        "arrival.returned": _("Sent a shipment back"),
        "arrival.seized": _("Seized a shipment"),
        "question.opened": _("Opened a question"),
        "question.open": _("Asked further"),
        "question.answered": _("Answered a question"),
        "question.closed": _("Closed a question"),
        "aftercare.correct.written": _("Wrote a correction down"),
        "aftercare.correct.dropped": _("Laid a correction aside"),
        "aftercare.correct.signed": _("Signed a correction"),
        "aftercare.confirm.written": _("Wrote down that a correction is put on record"),
        "aftercare.confirm.dropped": _("Laid putting a correction on record aside"),
        "aftercare.confirm.signed": _("Put a correction on record"),
        "aftercare.lose.written": _("Wrote down that a certificate is lost"),
        "aftercare.lose.dropped": _("Laid a declaration of loss aside"),
        "aftercare.lose.signed": _("Declared a certificate lost"),
        "aftercare.steal.written": _("Wrote down that a certificate is stolen"),
        "aftercare.steal.dropped": _("Laid a declaration of theft aside"),
        "aftercare.steal.signed": _("Declared a certificate stolen"),
        "aftercare.void.written": _("Wrote down that a certificate is void"),
        "aftercare.void.dropped": _("Laid a declaration that a certificate is void aside"),
        "aftercare.void.signed": _("Declared a certificate void"),
        "aftercare.replace.written": _("Wrote a replacement down"),
        "aftercare.replace.dropped": _("Laid a replacement aside"),
        "aftercare.replace.signed": _("Named the replacement of a certificate"),
        "aftercare.return.written": _("Wrote a return on a technical certificate down"),
        "aftercare.return.dropped": _("Laid a return on a technical certificate aside"),
        "aftercare.return.signed": _("Sent a shipment back on a technical certificate"),
        "aftercare.forgery.written": _("Wrote a report of a forgery down"),
        "aftercare.forgery.dropped": _("Laid a report of a forgery aside"),
        "aftercare.forgery.signed": _("Reported a forgery"),
        "desk.joined": _("Took over the papers of an offline desk"),
        "client.made": _("Made an API client"),
        "client.renewed": _("Gave an API client a new secret"),
        "client.ended": _("Ended an API client"),
        "webhook.made": _("Made a webhook"),
        "webhook.renewed": _("Gave a webhook a new secret"),
        "webhook.ended": _("Ended a webhook"),
        "webhook.again": _("Had a message sent again"),
        "audit.downloaded": _("Downloaded the audit trail"),
    }
)
"""What was done → in words, as of the person whose name stands beside it."""


DETAILS: Mapping[str, Promise] = MappingProxyType(
    {
        "after": _("after"),
        "agrees": _("agrees"),
        "attempt": _("attempt"),
        "before": _("before"),
        "carats": _("0.01 carats"),
        "certificate": _("certificate"),
        "count": _("count"),
        "desk": _("offline desk"),
        "digest": _("digest"),
        "events": _("events"),
        "evidence": _("evidence"),
        "filter": _("filter"),
        "form": _("form"),
        "kind": _("kind"),
        "left": _("left"),
        "mail": _("mail"),
        "name": _("name"),
        "network": _("network"),
        "number": _("number"),
        "numbers": _("numbers"),
        "officer": _("officer"),
        "parcels": _("parcels"),
        "purpose": _("purpose"),
        "role": _("role"),
        "roles": _("roles"),
        "seals": _("seals"),
        "statement": _("statement"),
        "to": _("to"),
        "value": _("US cents"),
        "way": _("by"),
        "why": _("why"),
    }
)
"""Names of details in words; others are shown as they are written."""


_WAYS: Mapping[str, Promise] = MappingProxyType(
    {
        "password": _("Password"),
        "totp": _("Codes from an app"),
        "webauthn": _("Passkey"),
        "recovery_codes": _("Recovery codes"),
        "demonstration": _("Demonstration"),
    }
)
_LONG = 16
"""Characters of a digest that the page shows; the download has all."""


def detail(name: str, value: object) -> str:
    """The value of a detail as the page shows it; empty for one that says nothing."""
    if isinstance(value, (list, tuple)):
        return _cut(", ".join(detail(name, item) for item in value))
    if isinstance(value, dict):
        return _cut(", ".join(f"{key} {item}" for key, item in value.items()))
    if value in ("", None) or (name == "evidence" and not value):
        return ""
    text = str(value)
    if name in ("before", "after"):
        from adamas.office.issuing.lifecycle import STATES

        return str(STATES.get(text, text))
    if name in ("role", "roles"):
        return str(ROLES.get(text, text))
    if name in ("way", "kind"):
        return str(_WAYS.get(text, text))
    if name in ("digest", "statement"):
        return text if len(text) <= _LONG else f"{text[:_LONG]}…"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def words(act: str) -> str:
    """An act in words; one that is not known (of a later version) as it is written."""
    return str(WORDS.get(act, act))


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All acts in words, by group, for a list to choose from."""
    found: dict[str, list[tuple[str, str]]] = {str(GROUPS[name]): [] for name in GROUPS}
    for act, text in WORDS.items():
        group = act.partition(".")[0]
        found.setdefault(str(GROUPS.get(group, group)), []).append((act, str(text)))
    return [(group, acts) for group, acts in found.items() if acts]
