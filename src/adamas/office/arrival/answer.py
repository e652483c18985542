"""The answer at the parcel: good, or what is wrong, in one sentence each; with what was declared, and what next.

Everything is looked at as of today by the office's clock. What comes from a followed log is as old as our copy of it,
and the answer says how old. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from adamas.ledger import statement as statements
from adamas.ledger.statement import Statement
from adamas.office.arrival.scanning import Scanned
from adamas.office.certification import private
from adamas.office.certification.models import Certificate
from adamas.office.log import pillars
from adamas.office.log.knowledge import OWN
from adamas.office.log.models import Fact as FactRow
from adamas.office.log.models import Log
from adamas.office.web.countries import country_name
from adamas.office.web.sentences import said
from adamas.scheme.certificates import CertificateRecord, status
from adamas.scheme.lifecycle import TRANSITIONS, State
from adamas.scheme.values import split_number

if TYPE_CHECKING:
    from adamas.office.opening import Office

GOOD, BAD, UNSURE, NOTE = "good", "bad", "unsure", "note"
DAY = 86_400
OLD = 2 * DAY
"""Knowledge of a followed log that is older than this makes an answer unsure: a paper may have been declared lost."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say: ``severity`` is bad, unsure or note; ``code`` is stable; ``advice`` says what to do."""

    code: str
    severity: str
    sentence: str
    advice: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the certificate declares in private: parties, parcels, seals; carats in 0.01 ct, value in US cents."""

    exporter: str
    importer: str
    parcels: tuple[dict[str, Any], ...]
    seals: tuple[str, ...]
    carats: int
    value: int


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is said of one certificate at this desk. ``declared`` only for the two Participants of the journey.

    ``events`` are the moves that the life of a certificate allows now (receive, refuse, return, seize).
    ``seconds`` is the age of what is known of its issuer's log; 0 for the own one, None if never witnessed.
    """

    number: str
    verdict: str
    remarks: tuple[Remark, ...]
    record: CertificateRecord | None = None
    state: str = State.ABSENT.value
    declared: Shown | None = None
    events: frozenset[str] = frozenset()
    origin: str = ""
    seconds: int | None = None
    suspicious: bool = False

    @property
    def known(self) -> bool:
        """Whether a certificate of that number is known here."""
        return self.record is not None and self.record.issued_id is not None

    @property
    def first(self) -> Remark | None:
        """What decides the verdict; None if all is good."""
        return next((remark for remark in self.remarks if remark.severity == self.verdict), None)

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        if self.first is not None:
            return self.first.sentence
        if any(remark.code == "paper-not-seen" for remark in self.remarks):
            return _("Good: the certificate of this number is in order; the paper was not looked at.")
        return _("Good: the certificate is genuine and the shipment may be inspected.")

    @property
    def advice(self) -> str:
        """What to do about the headline."""
        if self.first is not None:
            return self.first.advice
        return _("Count the parcels, weigh them, look at the seals, and record what you found.")

    @property
    def others(self) -> tuple[Remark, ...]:
        """Everything said after the headline."""
        return tuple(remark for remark in self.remarks if remark is not self.first)


def answer(office: Office, scanned: Scanned, here: str, today: str) -> Answer:
    """Judges what was scanned, at the desk of Participant ``here``, on a day."""
    number = scanned.number
    record = office.records([number]).get(number)
    known = record is not None and record.issued_id is not None
    remarks = list(_paper(office, scanned, record))
    suspicious = any(remark.code.startswith("paper.") and remark.severity == BAD for remark in remarks)
    view = Certificate.objects.using(office.alias).filter(number=number).first()
    log = _log_of(office, number, view)
    seconds = _age(office, log)
    state = State.ABSENT
    if record is None or not known:
        remarks += _unknown(number, log, seconds, record)
    else:
        state = status(record, today)
        remarks += _state(record, state, today)
        remarks += _journey(office, record, here, today)
        remarks += _keys(office, number)
        remarks += _witnesses(office, view, seconds)
    if record is not None and record.forgeries:
        remarks.append(
            Remark(
                "forgery",
                UNSURE,
                _("Forged papers with this number were reported: %(n)d.") % {"n": record.forgeries},
                _("Compare the code, the seals and the weights with care before you accept the paper."),
                "Annex I A, security",
            )
        )
    severities = {remark.severity for remark in remarks}
    verdict = BAD if BAD in severities else UNSURE if UNSURE in severities else GOOD
    mine = record is not None and here in (record.to, record.participant)
    return Answer(
        number,
        verdict,
        tuple(sorted(remarks, key=lambda remark: (BAD, UNSURE, NOTE).index(remark.severity))),
        record,
        state.value,
        declared(office, record) if record is not None and mine else None,
        _events(record),
        log.origin if log else "",
        seconds,
        suspicious,
    )


def declared(office: Office, record: CertificateRecord) -> Shown | None:
    """What the certificate's own hidden fields say, where they are held here. The caller minds whose they are."""
    held = private.of(office.alias, [record.number], ("parties", "goods", "amounts")).get(record.number, [])
    shown = {d.name: d.value for identity, d in held if identity == record.issued_id}
    try:
        parties, goods, amounts = shown["parties"], shown["goods"], shown["amounts"]
        return Shown(
            str(parties["exporter"]),
            str(parties["importer"]),
            tuple(dict(parcel) for parcel in goods["parcels"]),
            tuple(str(seal) for seal in goods["seals"]),
            int(amounts["carats"][0]),
            int(amounts["value"][0]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def _events(record: CertificateRecord | None) -> frozenset[str]:
    if record is None or record.issued_id is None:
        return frozenset()
    return frozenset(
        event for event in ("receive", "refuse", "return", "seize") if (record.state, event) in TRANSITIONS
    )


def _paper(office: Office, scanned: Scanned, record: CertificateRecord | None) -> Iterator[Remark]:
    """What the paper itself carries, beside what is logged under its number."""
    st = scanned.statement
    if st is None:
        yield Remark(
            "paper-not-seen",
            NOTE,
            _("Only the number was looked at, not the paper: a number can be copied onto a forged one."),
            _("Scan the code to check the paper too."),
        )
        return
    if record is not None and record.issued_id == st.id:
        if scanned.bundle is not None:
            yield from _bundle(office, scanned.bundle)
        return
    if record is not None and record.issued_id is not None:
        yield Remark(
            "paper.other",
            BAD,
            _(
                "Suspicion of forgery: the paper carries another statement than the one logged under %(number)s."
            )
            % {"number": scanned.number},
            _("Hold the goods and the paper, and report it; do not hand the paper back."),
            "Annex I A, security; V(f)",
        )
        return
    good = _signature(office, st)
    if good is False:
        yield Remark(
            "paper.signature",
            BAD,
            _("Suspicion of forgery: the signature in the code does not hold."),
            _("Hold the goods and the paper, and report it; do not hand the paper back."),
            "Annex I A, security; V(f)",
        )
    elif good is None:
        yield Remark(
            "paper.key",
            BAD,
            _("The code is signed with a key that no log known here has enrolled."),
            _("Hold the goods until the issuing authority has confirmed the certificate."),
            "Annex I A, security",
        )


def _signature(office: Office, st: Statement) -> bool | None:
    """Whether the statement's signature holds and its key is the issuer's; None if the key is not known."""
    for log in office.knowledge.logs.values():
        key = log.history.public_key(st.kid)
        if key is None:
            continue
        if not statements.verify(st, key):
            return False
        return log.history.judge(st, log.size).status != "invalid"
    return None


def _bundle(office: Office, bundle: bytes) -> Iterator[Remark]:
    """The proof that came with it, checked as `adamas verify` does. Its state is not asked: ours is newer."""
    from adamas.analysis.trust import Trust
    from adamas.analysis.verify import verify_bundle

    genesis = office.knowledge.logs[OWN].history.genesis
    if genesis is None:
        return
    found = verify_bundle(bundle, trust=Trust(genesis.registry or genesis.id))
    for problem in found.problems:
        if problem.code != "verify.state":
            yield Remark(f"paper.{problem.code}", BAD, problem.sentence, "", "docs/formats/bundle.md")
    for missing in found.missing:
        yield Remark(missing.code, NOTE, missing.sentence)


def _log_of(office: Office, number: str, view: Certificate | None) -> Log | None:
    """The log in which the certificate is logged; for an unknown one, where its Participant's last one was."""
    place = view.log if view is not None else None
    if place is None:
        code = split_number(number)
        place = (
            Certificate.objects.using(office.alias)
            .filter(participant=code.code if code else "", log__isnull=False)
            .order_by("-issued")
            .values_list("log", flat=True)
            .first()
        )
    return Log.objects.using(office.alias).filter(number=place).first() if place is not None else None


def _age(office: Office, log: Log | None) -> int | None:
    if log is None:
        return None
    if log.number == OWN:
        return 0
    seen = log.witnessed_at if log.policy else log.checked_at
    return None if seen is None else max(0, office.now() - seen)


def hours(seconds: int) -> str:
    """An age in words."""
    if seconds < 2 * 3_600:
        return _("%(n)d minutes") % {"n": seconds // 60}
    if seconds < 2 * DAY:
        return _("%(n)d hours") % {"n": seconds // 3_600}
    return _("%(n)d days") % {"n": seconds // DAY}


def _unknown(
    number: str, log: Log | None, seconds: int | None, record: CertificateRecord | None
) -> list[Remark]:
    if record is not None and record.waiting:
        sentence = _("Something is known of %(number)s, but its issue is not here yet.") % {"number": number}
        return [Remark("waiting", UNSURE, sentence, _follow_advice(seconds), "III(b), bullet 1")]
    if log is None:
        sentence = _(
            "No certificate %(number)s is known here, and no log is followed in which that Participant issues."
        )
        advice = _("Hold the goods. Ask your administrator to follow that authority's log.")
    elif log.number == OWN:
        sentence = _("No certificate %(number)s was issued here.")
        advice = _("Hold the goods: a number that was never issued stands on a forged paper, or was misread.")
    else:
        sentence = _("No certificate %(number)s is known here.")
        advice = _follow_advice(seconds)
    return [Remark("unknown", BAD, sentence % {"number": number}, advice, "III(b), bullet 1")]


def _follow_advice(seconds: int | None) -> str:
    if seconds is None:
        return _("Hold the goods until the issuing authority's log has been fetched and witnessed.")
    return _(
        "What is known of that authority's log is %(age)s old: hold the goods, fetch the log, and scan again."
    ) % {"age": hours(seconds)}


def _state(record: CertificateRecord, state: State, today: str) -> Iterator[Remark]:
    number = {"number": record.number}
    hold = _("Hold the goods and ask the exporting authority.")
    if state in (State.EXPIRED, State.OVERDUE):
        yield Remark(
            "expired",
            BAD,
            _("The certificate %(number)s expired on %(day)s.") % {**number, "day": record.expires},
            _(
                "Hold the goods and clear it with the exporting authority; it can set another date by a correction."
            ),
            "Annex I A, date of expiry; AD-KPC-EXPIRED",
        )
    if state is State.OVERDUE:
        yield Remark(
            "overdue", NOTE, _("Its import confirmation is overdue."), "", "III(b), bullet 2; LAW-EU-5-1"
        )
    if record.state is State.ISSUED:
        yield Remark(
            "not-validated",
            BAD,
            _("The certificate %(number)s was issued but never validated by the exporting authority.")
            % number,
            hold,
            "III(a); III(b), bullet 1",
        )
    ended = {
        State.RECEIVED: (_("The arrival of %(number)s was already confirmed, on %(day)s."), record.received),
        State.REFUSED: (_("The shipment on %(number)s was refused on %(day)s."), record.refused),
        State.RETURNED: (_("The shipment on %(number)s was sent back on %(day)s."), record.returned),
        State.SEIZED: (_("The shipment on %(number)s was seized on %(day)s."), record.seized),
        State.LOST: (_("The certificate %(number)s was declared lost on %(day)s."), record.revoked),
        State.STOLEN: (_("The certificate %(number)s was declared stolen on %(day)s."), record.revoked),
        State.VOID: (_("The certificate %(number)s was declared void on %(day)s."), record.revoked),
    }
    if record.state in ended:
        sentence, day = ended[record.state]
        advice = (
            _("A second parcel under this number is no lawful shipment: hold it and report it.")
            if record.state is State.RECEIVED
            else _("No shipment may travel on it: hold the goods.")
        )
        yield Remark(
            record.state.value, BAD, sentence % {**number, "day": day or "?"}, advice, "III(b), bullet 1"
        )
    if record.state is State.REPLACED:
        yield Remark(
            "replaced",
            BAD,
            _("The certificate %(number)s was replaced by %(by)s.")
            % {**number, "by": record.replaced_by or "?"},
            _("Ask for the paper that replaces it, and scan that one."),
            "AD-KPC-AMEND; V(f)",
        )
    if record.pending:
        yield Remark(
            "correction",
            UNSURE,
            _("A correction of this certificate waits to be confirmed by the importing authority."),
            _("See “After issue” before you compare the goods with the paper."),
            "AD-KPC-AMEND",
        )
    if record.waiting:
        yield Remark(
            "waiting",
            UNSURE,
            _("Statements about it wait for others that have not come yet: %(n)d.")
            % {"n": len(record.waiting)},
            _("Fetch the logs, and scan again."),
        )


def _journey(office: Office, record: CertificateRecord, here: str, today: str) -> Iterator[Remark]:
    if record.to != here:
        yield Remark(
            "destination",
            BAD,
            _("The certificate is for %(to)s, not for %(here)s.")
            % {"to": country_name(record.to), "here": country_name(here)},
            _("Goods in transit stay sealed; goods that end here may not be admitted on it."),
            "III(b), bullet 2; III(d)",
        )
    for code in (record.participant, here):
        standing = office.knowledge.register.standing(code, today)
        if not standing.good:
            yield Remark(
                "standing",
                BAD,
                standing.why,
                _("Hold the goods until the Participants have decided."),
                standing.clause,
            )
        elif standing.conditions:
            yield Remark("conditions", NOTE, standing.why, "", standing.conditions)


def _keys(office: Office, number: str) -> Iterator[Remark]:
    wrong = FactRow.objects.using(office.alias).filter(subject=number).exclude(standing="valid")
    for standing, kind, sentence in wrong.values_list("standing", "type", "sentence")[:20]:
        if standing == "doubtful":
            yield Remark(
                "key",
                UNSURE,
                _("The key that signed %(type)s is doubtful: %(why)s")
                % {"type": kind, "why": said(sentence)},
                _(
                    "Hold the goods until the exporting authority has confirmed the certificate in another way."
                ),
                "docs/formats, keys",
            )
        elif standing == "invalid":
            yield Remark(
                "not-counted",
                NOTE,
                _("A statement %(type)s about it does not count: %(why)s")
                % {"type": kind, "why": said(sentence)},
            )


def _witnesses(office: Office, view: Certificate | None, seconds: int | None) -> Iterator[Remark]:
    if view is None or view.log is None:
        return
    seen = pillars.witnessing_of(office, view.log)
    if seen.complete is False:
        yield Remark(
            "pillar",
            NOTE,
            _("The newest checkpoint of %(origin)s lacks these witnesses: %(missing)s.")
            % {"origin": seen.origin, "missing": ", ".join(seen.missing)},
        )
    if view.log == OWN:
        return
    if view.idx is not None and seen.of(view.idx) != "witnessed" and seen.complete is not None:
        yield Remark(
            "unwitnessed",
            UNSURE,
            _("The issue is logged, but its witnesses have not all confirmed it yet."),
            _("Fetch the log again in some minutes, or ask the exporting authority."),
        )
    if seconds is None or seconds > OLD:
        age = hours(seconds) if seconds is not None else _("of unknown age")
        yield Remark(
            "old",
            UNSURE if seconds is not None else NOTE,
            _("What is known of the exporting authority's log is %(age)s old.") % {"age": age},
            _("Fetch the log before you decide: the paper may have been declared lost meanwhile."),
        )


__all__ = ["BAD", "GOOD", "NOTE", "UNSURE", "Answer", "Remark", "Shown", "answer", "declared", "hours"]
