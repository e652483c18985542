"""What goes wrong on purpose. Each fault says beforehand by which codes an auditor must name it.

The doors refuse nearly all of it; so the operator of an office cheats: it signs with its own keys and writes straight
into its own log, past the rules (:func:`smuggle`). Two faults go through the door, since a door must let them in: an
arrival that found fewer carats, and silence where a confirmation is due.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from adamas.demo.desk import Desk
from adamas.demo.places import CANDIDATE, EXPORTER, FICTIONAL, IMPORTER, REGISTRY, seconds
from adamas.demo.world import World
from adamas.scheme.statements import IssueCommand, ReceiveCommand, RevokeCommand, ValidateCommand
from adamas.scheme.values import Carats, Parcel, UsdCents, day_of, ordinal

SERIAL = 9_000_000
"""Numbers from here on belong to the planted faults."""
DAY = 86_400
LATER = 3_600
"""Seconds after the lawful acts of the day at which the false ones claim to be made."""
Item = tuple[str, str, int, dict[str, Any]]
"""What is smuggled: who signs, subject, claimed time (seconds since 1970), payload."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted fault: its name, where it lies, the codes by which it must be found, and what the door had said.

    ``index`` is its entry in the log ``log`` (None for a silence, and for faults outside a log).
    """

    name: str
    log: str
    subject: str
    codes: tuple[str, ...]
    index: int | None = None
    door: str = ""


def number(serial: int, code: str = EXPORTER) -> str:
    """A number that the year does not use."""
    return f"{code}{SERIAL + serial:07d}"


def smuggle(office: Any, items: list[Item], forge: bool = False) -> list[int]:
    """Signs and logs statements without asking the rules, as a cheating operator can; their places in the log.

    With ``forge`` one bit of each signature is turned round.
    """
    from django.db import connections, transaction

    from adamas.ledger import statement as statements
    from adamas.ledger.entries import EntryLog
    from adamas.office.batch import lock
    from adamas.office.log.fold import read
    from adamas.office.log.knowledge import OWN

    raws = []
    for holder, subject, at, payload in items:
        signer = office.signer(holder)
        raw = statements.sign(signer, issuer=holder, subject=subject, issued_at=at, payload=payload).raw
        raws.append(raw[:-1] + bytes([raw[-1] ^ 1]) if forge else raw)
    with office.changing(), transaction.atomic(using=office.alias):
        with connections[office.alias].cursor() as cursor:
            lock(cursor, connections[office.alias].vendor)
            office.knowledge.refresh()
            state = office.knowledge.logs[OWN]
            first = EntryLog(OWN).append(cursor, raws)
        office.projector.project(state, read(raws, first))
    return list(range(first, first + len(raws)))


def smuggle_issue(office: Any, command: IssueCommand, at: int, forge: bool = False) -> list[int]:
    """Smuggles a certificate that is complete but for the rule that it breaks."""
    from adamas.ledger import hidden
    from adamas.office import curve
    from adamas.scheme import statements as scheme

    (carats, carats_point), (value, value_point) = curve.seal([command.carats, command.value])
    pairs = scheme.issued_hidden(command, (carats.m, carats.r), (value.m, value.r))
    payload = scheme.issued_payload(
        command,
        sealed={"carats": carats_point, "value": value_point},
        hidden=[hidden.hide(name, content).digest for name, content in pairs],
    )
    return smuggle(office, [(office.authority(command.number[:2]), command.number, at, payload)], forge)


def smuggle_receipt(office: Any, command: ReceiveCommand, at: int) -> list[int]:
    """Smuggles a confirmation that agrees exactly with the certificate."""
    from adamas.scheme import statements as scheme

    record = office.records([command.number])[command.number]
    payload = scheme.received_payload(
        command,
        record.issued_id,
        agrees="exact",
        sealed={"carats": record.sealed_carats, "value": record.sealed_value},
    )
    return smuggle(office, [(office.authority(command.at), command.number, at, payload)])


def example(
    serial: int, day: str, *, code: str = EXPORTER, to: str = IMPORTER, valid: int = 60
) -> IssueCommand:
    """A lawful certificate of the demo, issued on ``day``."""
    return IssueCommand(
        number=number(serial, code),
        to=to,
        origin=(code,),
        parcels=(Parcel("710231", Carats(12_345 + serial), UsdCents(4_567_800 + serial)),),
        issued=day,
        expires=day_of(ordinal(day) + valid),
        exporter=f"SYNTHETIC exporter, {code}",
        importer=f"SYNTHETIC importer, {to}",
        officer="is-1",
        approver="ap-2",
        seals=(f"{code}-{serial}",),
    )


def arrival(issued: IssueCommand, day: str, *, missing: int = 0) -> ReceiveCommand:
    """The confirmation of a certificate's shipment, ``missing`` hundredths of a carat short."""
    carats = Carats(issued.carats - missing)
    return ReceiveCommand(
        issued.number, issued.to, day, len(issued.parcels), carats, issued.value, "intact", "im-1"
    )


class Planting:
    """Plants the faults, two days and one silence apart. ``planted`` fills as it goes on."""

    def __init__(self, world: World, desks: dict[str, Desk], first: str) -> None:
        self.world, self.desks = world, desks
        self.early, self.late = first, day_of(ordinal(first) + 36)
        self.planted: list[Planted] = []

    def plant(self, settle: Any) -> list[Planted]:
        """Plants all of them; ``settle`` makes every office publish and catch up with the others."""
        self._clock(self.early, 10)
        lawful = self._lawful()
        self._false_certificates(lawful)
        settle(self.desks)
        self._clock(day_of(ordinal(self.early) + 5), 10)
        self._arrivals(lawful)
        settle(self.desks)
        self._clock(self.late, 10)
        self._false_arrivals(lawful)
        settle(self.desks)
        self._clock(day_of(ordinal(self.late) + 1), 10)
        self._after_compromise()
        settle(self.desks)
        return self.planted

    def _clock(self, day: str, hour: int) -> None:
        self.now = seconds(day, hour)
        self.world.places.clock.set(self.now)

    def _lawful(self) -> dict[str, IssueCommand]:
        """Good certificates on which something bad happens later."""
        made = {
            "reused": example(1, self.early),
            "expired": example(2, self.early, valid=20),
            "carats": example(3, self.early),
            "silence": example(4, self.early, valid=30),
            "twice": example(5, self.early),
            "void": example(6, self.early),
        }
        desk = self.desks[EXPORTER]
        desk.do("act", "issue", *made.values())
        desk.do("act", "validate", *(ValidateCommand(c.number, self.early, "va-1") for c in made.values()))
        desk.do("act", "revoke", RevokeCommand(made["void"].number, self.early, "void"))
        return made

    def _issue(
        self,
        name: str,
        office: str,
        command: IssueCommand,
        *codes: str,
        at: int | None = None,
        forge: bool = False,
    ) -> None:
        desk = self.desks[office]
        door = [] if forge or at else desk.do("door", "issue", command)
        (index,) = desk.do("call", smuggle_issue, command, at or self.now + LATER, forge)
        self._note(name, office, command.number, index, codes, door)

    def _note(
        self, name: str, log: str, subject: str, index: int | None, codes: tuple[str, ...], door: Any
    ) -> None:
        said = "; ".join(f"{code}: {sentence}" for code, sentence, _, _ in door)
        self.planted.append(Planted(name, log, subject, codes, index, said))

    def _false_certificates(self, lawful: dict[str, IssueCommand]) -> None:
        day = self.early
        self._issue("forged signature", EXPORTER, example(11, day), "statement.signature", forge=True)
        again = replace(lawful["reused"], parcels=(Parcel("710231", Carats(99_999), UsdCents(9_999_999)),))
        self._issue("reused number", EXPORTER, again, "admission.number-reused")
        self._issue(
            "suspended exporter", "rest", example(12, day, code=FICTIONAL), "admission.exporter-suspended"
        )
        self._issue("certificate from a non-Participant", "rest", example(13, day, code=CANDIDATE),
                    "admission.exporter-not-participant")  # fmt: skip
        self._issue("trade with a non-Participant", EXPORTER, example(14, day, to=CANDIDATE),
                    "admission.destination-not-participant")  # fmt: skip
        one = replace(example(15, day), approver="is-1")
        self._issue("one officer issues and approves", EXPORTER, one, "admission.two-officers")
        beyond = replace(example(16, day), number=f"{EXPORTER}{SERIAL + 16:09d}")
        self._issue("number out of the authority's range", EXPORTER, beyond, "admission.number-out-of-range")
        past = day_of(ordinal(day) - 40)
        self._issue(
            "backdated entry", EXPORTER, example(17, past), "admission.backdated", at=seconds(past, 9)
        )

    def _arrivals(self, lawful: dict[str, IssueCommand]) -> None:
        """What goes through the importing office's door."""
        day = day_of(ordinal(self.early) + 5)
        numbers = [command.number for command in lawful.values()]
        notices = self.desks[EXPORTER].do("notices", {IMPORTER: ([IMPORTER], numbers)})
        good = [arrival(lawful["reused"], day), arrival(lawful["twice"], day)]
        self.desks[IMPORTER].do("arrive", [notices[IMPORTER]], good)
        short = arrival(lawful["carats"], day, missing=2_500)
        (accepted,) = self.desks[IMPORTER].do("act", "receive", short)
        self._note(
            "carats changed at arrival",
            IMPORTER,
            short.number,
            accepted.index,
            ("admission.discrepancy",),
            [],
        )
        silent = lawful["silence"].number
        self._note("unconfirmed past its date", EXPORTER, silent, None, ("admission.overdue",), [])

    def _false_arrivals(self, lawful: dict[str, IssueCommand]) -> None:
        for name, key, codes in (
            ("expired in transit", "expired", ("admission.expired",)),
            ("double confirmation", "twice", ("admission.second-confirmation",)),
            ("shipment on a void certificate", "void", ("admission.certificate-void",)),
        ):
            command = arrival(lawful[key], self.late)
            desk = self.desks[IMPORTER]
            door = desk.do("door", "receive", command)
            (index,) = desk.do("call", smuggle_receipt, command, self.now + LATER)
            self._note(name, IMPORTER, command.number, index, codes, door)

    def _after_compromise(self) -> None:
        """The registry declares a key compromised; the thief goes on signing."""
        from adamas.demo.places import PASSPHRASE
        from adamas.office.opening import open_office
        from adamas.office.registry import actions

        places = self.world.places
        kid = self.desks["rest"].do("call", kid_of_holder, "kp:ZA/authority")
        with open_office(places.home(REGISTRY), passphrase=PASSPHRASE, clock=places.clock) as registry:
            actions.compromise_key(registry, kid, self.now - DAY // 2, note="SYNTHETIC: stolen in the demo")
            registry.publish()
        self.desks["rest"].do("arrive", [], [])
        self.desks["rest"].do("call", adopt_keys)
        day = day_of(self.now // DAY)
        self._issue("key used after its compromise", "rest", example(18, day, code="ZA"), "key.compromised")


def kid_of_holder(office: Any, holder: str) -> bytes:
    """The id of a holder's key."""
    kid: bytes = office.signer(holder).kid
    return kid


def adopt_keys(office: Any) -> None:
    """Copies new key statements from the registry into the office's own log."""
    from adamas.office.registry import actions

    actions.adopt_keys(office)
