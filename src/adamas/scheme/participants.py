"""The register: who takes part in the scheme, who is in good standing on a day, and who may sign for whom.

A :class:`Register` is folded from registry facts, so that an office's register is a view of the registry's
log. The fold does not depend on the order of the facts: all is kept by date. Trade with a Participant is
lawful on a day if it had joined by then and no removal, suspension, self-suspension or Security Council
embargo is open (III(c), AD-INTERIM-3, AD-CESSATION); a restriction leaves it in good standing under the
conditions of the decision named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adamas.scheme.catalogue import SCHEME_TYPES
from adamas.scheme.facts import Fact
from adamas.scheme.values import CertificateNumber, holder_of
from adamas.shapes import check

FIRST_DAY = "2003-08-31"
"""The first confirmed list took effect; before it a tolerance period ran with provisional lists."""

_STOPS = {
    "un_embargo": "is under a United Nations embargo on rough diamonds",
    "suspended": "is suspended from trade under the scheme",
    "self_suspended": "has suspended its own trade under the scheme",
}
_OPEN = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether trade with a country was lawful on a day, why, by which clause, and where that is known from.

    ``conditions`` names the decision that restricts trade, if one does; ``covered_by`` the Participant to
    name instead. ``kind``: good, restricted; absent, left, covered, early (no Participant); suspended,
    self_suspended, un_embargo.
    """

    good: bool
    why: str
    clause: str
    source: str = ""
    conditions: str | None = None
    covered_by: str | None = None
    kind: str = "good"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure on a Participant; ``until`` is the first free day, or far in the future."""

    participant: str
    kind: str
    start: str
    until: str
    clause: str
    source: str
    note: str

    def open_on(self, day: str) -> bool:
        """Whether it binds on that day."""
        return self.start <= day < self.until


@dataclass(frozen=True, slots=True)
class Participation:
    """One change of a Participant's place on the list."""

    start: str
    joins: bool
    act: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A designated importing or exporting authority (IV(b))."""

    issuer: str
    participant: str
    name: str
    roles: tuple[str, ...]
    start: str
    until: str


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Serials that an authority may use (Annex I A, numbering)."""

    code: str
    digits: int
    first: int
    last: int
    start: str
    until: str

    def holds(self, number: CertificateNumber, day: str) -> bool:
        """Whether the number lies in the range and the range was open on the day."""
        return (
            self.code == number.code
            and self.digits == len(number.digits)
            and self.first <= int(number.digits) <= self.last
            and self.start <= day < self.until
        )


@dataclass(frozen=True, slots=True)
class Licence:
    """Leave to handle rough diamonds (Annex II, 9–16)."""

    organisation: str
    roles: tuple[str, ...]
    start: str
    until: str


@dataclass(frozen=True, slots=True)
class Observer:
    """Who sits at the meetings without being a Participant."""

    short: str
    name: str
    pillar: str
    start: str


@dataclass
class Register:
    """The state of the registry. ``apply`` takes one effective registry fact; facts of other rooms are
    ignored."""

    names: dict[str, str] = field(default_factory=dict)
    producers: set[str] = field(default_factory=set)
    spells: dict[str, list[Participation]] = field(default_factory=dict)
    measures: dict[str, dict[str, Measure]] = field(default_factory=dict)
    lifted: dict[tuple[str, str], str] = field(default_factory=dict)
    covered: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    authorities: dict[str, Authority] = field(default_factory=dict)
    ranges: dict[str, list[NumberRange]] = field(default_factory=dict)
    licences: dict[str, list[Licence]] = field(default_factory=dict)
    licence_ends: dict[str, str] = field(default_factory=dict)
    observers: dict[str, Observer] = field(default_factory=dict)
    sites: dict[str, dict[str, Any]] = field(default_factory=dict)
    rulebooks: dict[str, bytes] = field(default_factory=dict)
    _seen: set[bytes] = field(default_factory=set)
    _standings: dict[tuple[str, str], Standing] = field(default_factory=dict, repr=False, compare=False)
    _issuers: dict[str, Authority | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_history(cls, *, authorities: bool = False) -> Register:
        """The real register up to 2025, folded from the packaged facts; with a standard authority each if
        asked."""
        from adamas.scheme.history import authority_acts, registry_acts

        register = cls()
        for index, act in enumerate(registry_acts()):
            register.apply(act.as_fact(index))
        if authorities:
            for code in register.codes():
                for index, act in enumerate(authority_acts(code)):
                    register.apply(act.as_fact(index))
        return register

    def apply(self, fact: Fact) -> None:
        """Take one fact in.

        A fact that came before changes nothing, nor does one whose key was invalid, whose payload has not
        the shape of its type, or whose issuer may not say it: the registry's roots speak of Participants, an
        authority of the organisations and sites of its own Participant. (That enough roots endorsed an act
        is the ledger's to count.)
        """
        handler = _HANDLERS.get(fact.type)
        if handler is None or fact.id in self._seen or fact.standing == "invalid" or not _may_say(fact):
            return
        shape = SCHEME_TYPES.get(fact.type)
        if shape is None or check(shape, fact.payload):
            return
        self._seen.add(fact.id)
        self._standings.clear()
        self._issuers.clear()
        handler(self, fact.subject, fact.payload)

    def codes(self) -> list[str]:
        """Every code that was ever admitted, sorted."""
        return sorted(self.spells)

    def participants_on(self, day: str) -> list[str]:
        """Codes on the list that day, in whatever standing; entities that only meet the requirements left
        out."""
        found = ((code, self._spell(code, day)) for code in self.codes())
        return [code for code, spell in found if spell is not None and spell.joins and spell.act != "entity"]

    def covering(self, country: str, day: str) -> str | None:
        """The Participant under which a country's trade falls that day, if it is not one itself."""
        for by, start, until in self.covered.get(country, ()):
            if start <= day < until:
                return by
        return None

    def covers(self, participant: str, day: str) -> list[str]:
        """Countries covered by a Participant that day, sorted."""
        return sorted(
            country
            for country, spans in self.covered.items()
            for by, start, until in spans
            if by == participant and start <= day < until
        )

    def standing(self, country: str, day: str) -> Standing:
        """Whether trade with the country was lawful on the day (``YYYY-MM-DD``), with sentence, clause and
        source."""
        key = (country, day)
        found = self._standings.get(key)
        if found is None:
            if len(self._standings) > 200_000:
                self._standings.clear()
            found = self._standings[key] = self._standing(country, day)
        return found

    def _spell(self, country: str, day: str) -> Participation | None:
        last = None
        for spell in self.spells.get(country, ()):
            if spell.start > day:
                break
            last = spell
        return last

    def _standing(self, country: str, day: str) -> Standing:
        name = self.names.get(country, country)
        if day < FIRST_DAY:
            why = f"The first confirmed list of Participants took effect on {FIRST_DAY}, after {day}."
            return Standing(False, why, "III(c)", kind="early")
        measures = self.open_measures(country, day)
        for measure in measures:
            if measure.kind in _STOPS:
                until = "" if measure.until == _OPEN else f" until {measure.until}"
                why = f"{name} {_STOPS[measure.kind]} since {measure.start}{until}."
                return Standing(False, why, f"III(c); {measure.clause}", measure.source, kind=measure.kind)
        spell = self._spell(country, day)
        if spell is None or not spell.joins:
            return self._outside(country, name, day, spell)
        conditions = measures[0].clause if measures else None
        verb = "meets the requirements" if spell.act == "entity" else "has taken part"
        why = f"{name} {verb} since {spell.start}" + (
            f", under the conditions of {conditions}." if conditions else "."
        )
        return Standing(
            True, why, "III(a)", spell.source, conditions, kind="restricted" if conditions else "good"
        )

    def _outside(self, country: str, name: str, day: str, spell: Participation | None) -> Standing:
        by = self.covering(country, day)
        if by is not None:
            why = f"{name} trades under {self.names.get(by, by)}: name {by} instead."
            clause = "Section I, regional economic integration organisation"
            return Standing(False, why, clause, covered_by=by, kind="covered")
        if spell is None:
            return Standing(False, f"{name} is not a Participant on {day}.", "III(c)", kind="absent")
        why = f"{name} is off the list since {spell.start}."
        return Standing(False, why, "III(c); AD-INTERIM-3", spell.source, kind="left")

    def open_measures(self, country: str, day: str) -> list[Measure]:
        """Measures that bind a Participant on a day, those that stop trade first."""
        found = [
            _ended(measure, self.lifted.get((country, name)))
            for name, measure in sorted(self.measures.get(country, {}).items())
        ]
        return sorted(
            (measure for measure in found if measure.open_on(day)),
            key=lambda measure: (measure.kind == "restricted", measure.start, measure.kind),
        )

    def authority(self, issuer: str) -> Authority | None:
        """The designated authority that an issuer is, or belongs to (``kp:XX/authority/office`` →
        ``kp:XX/authority``)."""
        if issuer in self._issuers:
            return self._issuers[issuer]
        name = issuer
        while name not in self.authorities and "/" in name:
            name = name.rpartition("/")[0]
        found = self._issuers[issuer] = self.authorities.get(name)
        return found

    def number_ranges(self, issuer: str) -> list[NumberRange]:
        """Ranges of the designated authority that the issuer is, or belongs to."""
        holder = self.authority(issuer)
        return self.ranges.get(holder.issuer, []) if holder else []

    def licensed(self, organisation: str, role: str, day: str) -> bool:
        """Whether an organisation held a licence for a role on a day."""
        end = self.licence_ends.get(organisation, _OPEN)
        return day < end and any(
            role in licence.roles and licence.start <= day < licence.until
            for licence in self.licences.get(organisation, ())
        )

    def rulebook_on(self, day: str) -> bytes | None:
        """Digest of the rulebook in force on a day."""
        days = [start for start in self.rulebooks if start <= day]
        return self.rulebooks[max(days)] if days else None


def _may_say(fact: Fact) -> bool:
    holder = holder_of(fact.issuer)
    if fact.type in _OF_AUTHORITIES:
        own = fact.subject.removeprefix("kp:").partition("/")[0]
        return holder.participant == own and holder.role == "authority"
    return holder.participant == "registry"


def _ended(measure: Measure, lifted: str | None) -> Measure:
    if lifted is None or lifted >= measure.until:
        return measure
    return Measure(
        measure.participant, measure.kind, measure.start, lifted, measure.clause, measure.source, measure.note
    )


def _admitted(register: Register, subject: str, payload: Any) -> None:
    register.names.setdefault(subject, payload["name"])
    if payload.get("producer"):
        register.producers.add(subject)
    _joined(register, subject, payload, True, payload["act"])


def _left(register: Register, subject: str, payload: Any) -> None:
    _joined(register, subject, payload, False, payload["why"])


def _joined(register: Register, subject: str, payload: Any, joins: bool, act: str) -> None:
    spells = register.spells.setdefault(subject, [])
    spells.append(
        Participation(payload["from"], joins, act, payload.get("source", ""), payload.get("note", ""))
    )
    spells.sort(key=lambda spell: (spell.start, spell.joins, spell.act))


def _covered(register: Register, subject: str, payload: Any) -> None:
    spans = register.covered.setdefault(subject, [])
    spans.append((payload["by"], payload["from"], payload.get("until", _OPEN)))
    spans.sort()


def _imposed(register: Register, subject: str, payload: Any) -> None:
    register.measures.setdefault(subject, {})[payload["measure"]] = Measure(
        subject,
        payload["kind"],
        payload["from"],
        payload.get("until", _OPEN),
        payload["clause"],
        payload.get("source", ""),
        payload.get("note", ""),
    )


def _lifted(register: Register, subject: str, payload: Any) -> None:
    key = (subject, payload["measure"])
    register.lifted[key] = min(payload["from"], register.lifted.get(key, _OPEN))


def _designated(register: Register, subject: str, payload: Any) -> None:
    register.authorities[subject] = Authority(
        subject,
        payload["participant"],
        payload["name"],
        tuple(payload["roles"]),
        payload["from"],
        payload.get("until", _OPEN),
    )


def _assigned(register: Register, subject: str, payload: Any) -> None:
    ranges = register.ranges.setdefault(subject, [])
    ranges.append(
        NumberRange(
            payload["code"],
            payload["digits"],
            payload["first"],
            payload["last"],
            payload["from"],
            payload.get("until", _OPEN),
        )
    )
    ranges.sort(key=lambda span: (span.code, span.digits, span.first, span.last, span.start))


def _licensed(register: Register, subject: str, payload: Any) -> None:
    licences = register.licences.setdefault(subject, [])
    licences.append(Licence(subject, tuple(payload["roles"]), payload["from"], payload.get("until", _OPEN)))
    licences.sort(key=lambda licence: (licence.start, licence.roles))


def _licence_ended(register: Register, subject: str, payload: Any) -> None:
    register.licence_ends[subject] = min(payload["from"], register.licence_ends.get(subject, _OPEN))


def _observer(register: Register, subject: str, payload: Any) -> None:
    register.observers[subject] = Observer(subject, payload["name"], payload["pillar"], payload["from"])


def _site(register: Register, subject: str, payload: Any) -> None:
    register.sites[subject] = dict(payload)


def _rulebook(register: Register, _: str, payload: Any) -> None:
    register.rulebooks[payload["from"]] = payload["digest"]


_OF_AUTHORITIES = frozenset({"organisation.licensed", "licence.ended", "site.registered"})
_HANDLERS = {
    "participant.admitted": _admitted,
    "participant.left": _left,
    "territory.covered": _covered,
    "measure.imposed": _imposed,
    "measure.lifted": _lifted,
    "authority.designated": _designated,
    "range.assigned": _assigned,
    "organisation.licensed": _licensed,
    "licence.ended": _licence_ended,
    "observer.invited": _observer,
    "site.registered": _site,
    "rulebook.adopted": _rulebook,
}
