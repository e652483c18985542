"""A SYNTHETIC year of certificates, tied to the real production of that year. No certificate in it ever
existed.

What is real: the carats and the value of every producer's year, from the packaged production returns. The
first-hand certificates of each producer add up to both exactly (as if all of a year's production were
exported in that year, nothing stocked and nothing cut at home). Who was in good standing, and when, is real
too: a Participant that was not, at any time of the year, issues and receives nothing and is named in
``left_out``.

What is made up: everything about a single certificate, the corridors (coarse weights from general knowledge:
no bilateral figures are public) and the trade between centres. A trading centre sends on only what it
received before, out of named receipts, at a few per cent more; so carats add up along every path. Same seed,
same year, on every machine: only integers are drawn, and no set is walked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from adamas.scheme import arrival
from adamas.scheme.participants import Register
from adamas.scheme.returns import carats_of, production_returns
from adamas.scheme.statements import DispatchCommand, IssueCommand, ReceiveCommand, ValidateCommand
from adamas.scheme.values import Carats, Parcel, UsdCents, day_of, ordinal

LABEL = "SYNTHETIC"
DEFAULT_YEAR = 2023
DEFAULT_SEED = 20_030_831
FIRST_HAND_PER_CENT = 45
_MIN_CARATS = 2_000
_HOUR = 3_600

_Weights = tuple[tuple[str, int], ...]
_ROUTES: dict[str, _Weights] = {
    "AO": (("AE", 60), ("EU", 25), ("IN", 15)),
    "BW": (("EU", 25), ("AE", 20), ("IN", 30), ("IL", 10), ("CN", 8), ("US", 7)),
    "CA": (("EU", 50), ("IN", 30), ("BW", 12), ("AE", 8)),
    "CD": (("AE", 55), ("EU", 15), ("CN", 15), ("IN", 15)),
    "LS": (("EU", 85), ("AE", 15)),
    "NA": (("BW", 55), ("EU", 15), ("AE", 15), ("IN", 15)),
    "RU": (("AE", 45), ("IN", 40), ("CN", 10), ("EU", 5)),
    "ZA": (("BW", 30), ("EU", 20), ("AE", 25), ("IN", 15), ("IL", 10)),
    "ZW": (("AE", 75), ("IN", 15), ("CN", 10)),
}
_ROUTES_OF_OTHERS: _Weights = (("AE", 50), ("EU", 25), ("IN", 10), ("IL", 10), ("US", 3), ("CH", 2))
_CENTRES: dict[str, tuple[int, _Weights]] = {
    "AE": (34, (("IN", 60), ("EU", 15), ("CN", 10), ("IL", 8), ("US", 4), ("SG", 3))),
    "EU": (26, (("IN", 55), ("AE", 25), ("IL", 8), ("CN", 5), ("US", 4), ("VN", 3))),
    "BW": (12, (("IN", 45), ("EU", 20), ("AE", 20), ("CN", 10), ("ZA", 5))),
    "IN": (12, (("AE", 65), ("EU", 20), ("IL", 10), ("TH", 5))),
    "IL": (8, (("IN", 40), ("AE", 25), ("EU", 20), ("US", 15))),
    "CN": (4, (("IN", 40), ("AE", 40), ("VN", 10), ("TH", 10))),
    "US": (3, (("IN", 35), ("IL", 25), ("EU", 25), ("AE", 15))),
    "CH": (1, (("EU", 50), ("IL", 30), ("AE", 20))),
}
_VALIDITY = {"EU": 60, "IN": 60, "AE": 60, "RU": 45}


@dataclass(frozen=True, slots=True)
class SyntheticCertificate:
    """One made-up certificate with what happens to it. ``drawn`` names the earlier certificates its carats
    came from."""

    issue: IssueCommand
    validate: ValidateCommand
    dispatch: DispatchCommand
    receive: ReceiveCommand
    first_hand: bool
    drawn: tuple[tuple[str, int], ...]

    @property
    def participant(self) -> str:
        """Who issues it."""
        return self.issue.number[:2]


Kind = Literal["issue", "validate", "dispatch", "receive"]
Command = IssueCommand | ValidateCommand | DispatchCommand | ReceiveCommand


@dataclass(frozen=True, slots=True)
class SyntheticEvent:
    """One act of the year: when (seconds since 1970), what, whose authority acts, and the command."""

    at: int
    kind: Kind
    participant: str
    command: Command


@dataclass(frozen=True)
class SyntheticYear:
    """A year of made-up certificates, in order of issue. ``production`` is real: (0.01 ct, US cents) by
    producer."""

    year: int
    seed: int
    certificates: tuple[SyntheticCertificate, ...]
    production: dict[str, tuple[int, int]]
    left_out: tuple[str, ...]
    label: str = LABEL

    @cached_property
    def participants(self) -> tuple[str, ...]:
        """Everyone who issues or receives, sorted."""
        issuers = {certificate.participant for certificate in self.certificates}
        return tuple(sorted(issuers | {certificate.issue.to for certificate in self.certificates}))

    def events(self, *, dispatches: bool = False) -> Iterator[SyntheticEvent]:
        """Every act in order of time; the messages of departure, which the scheme only recommends, if asked
        for."""
        events: list[SyntheticEvent] = []
        for place, one in enumerate(self.certificates):
            minute = 60 * (place % 50)
            sender = one.participant
            issue, validate, receive = one.issue, one.validate, one.receive
            events.append(SyntheticEvent(_at(issue.issued, 8) + minute, "issue", sender, issue))
            events.append(SyntheticEvent(_at(validate.validated, 11) + minute, "validate", sender, validate))
            if dispatches:
                at = _at(one.dispatch.dispatched, 15) + minute
                events.append(SyntheticEvent(at, "dispatch", sender, one.dispatch))
            events.append(SyntheticEvent(_at(receive.received, 9) + minute, "receive", issue.to, receive))
        events.sort(key=lambda event: (event.at, event.command.number, event.kind))
        return iter(events)


def _at(day: str, hour: int) -> int:
    return ordinal(day) * 86_400 + hour * _HOUR


@dataclass(slots=True)
class _Consignment:
    """A shipment while the year is being made: what arrived, and what is left of it to send on."""

    sender: str
    to: str
    issued: int
    received: int
    goods: list[Parcel]
    origins: dict[str, int]
    sources: list[tuple[_Consignment, int]] = field(default_factory=list)
    left: int = 0
    number: str = ""

    @property
    def carats(self) -> int:
        return sum(parcel.carats for parcel in self.goods)

    @property
    def value(self) -> int:
        return sum(parcel.value for parcel in self.goods)


class _Draws:
    """Whole numbers from a seeded generator, and nothing else: no float can differ between machines."""

    def __init__(self, seed: int) -> None:
        self._bits = random.Random(seed).getrandbits  # noqa: S311 - a labelled synthetic year needs no secrets

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return self._bits(48) % limit

    def pick(self, weights: _Weights) -> str:
        """One name, by weight."""
        place = self.below(sum(weight for _, weight in weights))
        for name, weight in weights:
            place -= weight
            if place < 0:
                return name
        raise AssertionError("weights are whole and positive")


def apportion(total: int, weights: list[int]) -> list[int]:
    """``total`` in whole parts by weight; the parts add up to it exactly."""
    whole, before, seen, parts = sum(weights), 0, 0, []
    for weight in weights:
        seen += weight
        upto = total * seen // whole
        parts.append(upto - before)
        before = upto
    return parts


def synthetic_year(
    count: int = 20_000,
    *,
    year: int = DEFAULT_YEAR,
    seed: int = DEFAULT_SEED,
    register: Register | None = None,
) -> SyntheticYear:
    """Make ``count`` certificates (at least a few hundred) for a year with complete production returns.

    The register says who was in good standing; the real one is used unless another is given.
    """
    register = register or Register.from_history()
    draws = _Draws(seed * 10_000 + year)
    good = [code for code in register.codes() if _all_year(register, code, year)]
    everyone = carats_of((entry.as_fact() for entry in production_returns()), year)
    production = {code: both for code, both in sorted(everyone.items()) if code in good and both[1]}
    left_out = tuple(code for code in sorted(everyone) if code not in production)
    first = _first_hand(draws, production, good, year, count * FIRST_HAND_PER_CENT // 100)
    second = _between_centres(draws, first, good, year, count - len(first))
    return SyntheticYear(year, seed, _numbered(draws, [*first, *second]), production, left_out)


def _all_year(register: Register, code: str, year: int) -> bool:
    """Good standing on the first and the last day, and no measure that stops trade between."""
    days = [f"{year}-{month:02d}-{day:02d}" for month in range(1, 13) for day in (1, 15)]
    return all(register.standing(code, day).good for day in (*days, f"{year}-12-31"))


def _routes(table: _Weights, good: list[str], sender: str) -> _Weights:
    return tuple((code, weight) for code, weight in table if code in good and code != sender)


def _first_hand(
    draws: _Draws, production: dict[str, tuple[int, int]], good: list[str], year: int, count: int
) -> list[_Consignment]:
    """Producers' own exports: carats and value of each producer are shared out without rest."""
    start, days = ordinal(f"{year}-01-02"), 310
    limits = {code: max(1, carats // _MIN_CARATS) for code, (carats, _) in production.items()}
    # certificates grow with the root of the value: large producers ship larger parcels, not only more of them
    roots = {code: 1 + _root(value) for code, (_, value) in production.items()}
    found: list[_Consignment] = []
    shares = apportion(count, [roots[code] for code in production])
    for (code, (carats, value)), share in zip(production.items(), shares, strict=True):
        number = min(limits[code], max(1, share))
        weights = [100 + draws.below(900) for _ in range(number)]
        parts = apportion(carats, weights)
        worth = apportion(value, [part * (60 + draws.below(81)) for part in parts])
        routes = _routes(_ROUTES.get(code, _ROUTES_OF_OTHERS), good, code)
        industrial = (
            value < 2_000 * carats // 100
        )  # below 20 US dollars a carat: near-gem and industrial goods
        for part, price in zip(parts, worth, strict=True):
            issued = start + draws.below(days)
            goods = _parcels(draws, part, price, industrial)
            found.append(
                _Consignment(
                    code,
                    draws.pick(routes),
                    issued,
                    issued + 4 + draws.below(14),
                    goods,
                    {code: part},
                    left=part,
                )
            )
    return found


def _root(number: int) -> int:
    import math

    return math.isqrt(number)


def _parcels(draws: _Draws, carats: int, value: int, industrial: bool) -> list[Parcel]:
    number = (1, 1, 1, 2, 2, 3, 4, 6)[draws.below(8)]
    if carats < 100 * number or value < 100 * number:
        number = 1
    parts = apportion(carats, [20 + draws.below(80) for _ in range(number)])
    worth = apportion(value, [part * (70 + draws.below(61)) for part in parts])
    codes = (
        ("710231", "710221", "710221", "710210") if industrial else ("710231", "710231", "710231", "710210")
    )
    return [
        Parcel(codes[draws.below(4)], Carats(max(1, part)), UsdCents(max(1, price)))
        for part, price in zip(parts, worth, strict=True)
    ]


def _between_centres(
    draws: _Draws, first: list[_Consignment], good: list[str], year: int, count: int
) -> list[_Consignment]:
    """What trading centres send on, out of what they received at least two days before."""
    last = ordinal(f"{year}-12-08")
    stocks: dict[str, list[_Consignment]] = {}
    for consignment in first:
        if consignment.received + 2 <= last:
            stocks.setdefault(consignment.to, []).append(consignment)
    centres = [code for code in _CENTRES if code in good and stocks.get(code)]
    found: list[_Consignment] = []
    shares = apportion(count, [_CENTRES[code][0] for code in centres])
    for centre, share in zip(centres, shares, strict=True):
        stock = sorted(stocks[centre], key=lambda c: (c.received, c.sender, c.issued, c.left))
        routes = _routes(_CENTRES[centre][1], good, centre)
        made = 0
        while made < share and stock:
            lot = _drawn(draws, stock)
            if lot is None:
                stock = [consignment for consignment in stock if consignment.left >= _SMALLEST_LOT]
                continue
            found.append(_sent_on(draws, centre, draws.pick(routes), lot, last))
            made += 1
    return found


_SMALLEST_LOT = 20


def _drawn(draws: _Draws, stock: list[_Consignment]) -> list[tuple[_Consignment, int]] | None:
    """A part of one to four neighbouring receipts; None if what was looked at is used up."""
    place = draws.below(len(stock))
    lot = []
    for receipt in stock[place : place + 1 + (0, 0, 1, 2, 3)[draws.below(5)]]:
        if receipt.left >= _SMALLEST_LOT:
            part = max(_SMALLEST_LOT // 2, receipt.left * (10 + draws.below(40)) // 100)
            receipt.left -= part
            lot.append((receipt, part))
    return lot or None


def _sent_on(
    draws: _Draws, centre: str, to: str, lot: list[tuple[_Consignment, int]], last: int
) -> _Consignment:
    earliest = max(receipt.received for receipt, _ in lot) + 2
    issued = min(last, earliest + draws.below(38))
    origins: dict[str, int] = {}
    goods = []
    for receipt, part in lot:
        (origin,) = receipt.origins
        origins[origin] = origins.get(origin, 0) + part
        price = part * receipt.value * (100 + draws.below(6)) // (receipt.carats * 100)
        goods.append(Parcel(receipt.goods[0].hs, Carats(part), UsdCents(max(1, price))))
    return _Consignment(centre, to, issued, issued + 3 + draws.below(14), goods, origins, sources=lot)


def _shares(origins: dict[str, int]) -> tuple[int, ...]:
    """Whole per cent of carats by origin, or none where one would round to nothing (shares are optional)."""
    if len(origins) == 1:
        return ()
    parts = apportion(100, list(origins.values()))
    return tuple(parts) if min(parts) > 0 else ()


def _numbered(draws: _Draws, consignments: list[_Consignment]) -> tuple[SyntheticCertificate, ...]:
    """Serial numbers in order of issue, by Participant; a receipt has its number before anything drawn from
    it."""
    serials: dict[str, int] = {}
    found = []
    for one in sorted(consignments, key=lambda c: (c.issued, c.sender, c.to, c.carats, c.value)):
        serial = serials[one.sender] = serials.get(one.sender, 0) + 1
        one.number = f"{one.sender}{serial:07d}"
        found.append(_certificate(draws, one, serial))
    return tuple(found)


def _certificate(draws: _Draws, one: _Consignment, serial: int) -> SyntheticCertificate:
    number, sender = one.number, one.sender
    officer = 1 + draws.below(4)
    firm, other = 1 + draws.below(40), 1 + draws.below(60)
    validated = one.issued + draws.below(2)
    expires = max(one.issued + _VALIDITY.get(sender, 60), one.received)
    issue = IssueCommand(
        number=number,
        to=one.to,
        origin=tuple(one.origins),
        parcels=tuple(one.goods),
        issued=day_of(one.issued),
        expires=day_of(expires),
        exporter=f"{LABEL} exporter {firm}, {sender}",
        importer=f"{LABEL} importer {other}, {one.to}",
        officer=f"is-{officer}",
        approver=f"ap-{1 + (officer + draws.below(3)) % 4}",
        seals=tuple(f"{sender}-{serial:07d}-{place}" for place in range(1, 1 + len(one.goods))),
        shares=_shares(one.origins),
    )
    carats, value = issue.carats, issue.value
    if draws.below(100) < 3:  # two scales, two valuers: within tolerance, and said so
        room = min(arrival.carats_allowed(carats, len(one.goods)), carats - 1)
        carats = Carats(carats - draws.below(room + 1))
        value = UsdCents(value + value * draws.below(3) // 100)
    receive = ReceiveCommand(
        number,
        one.to,
        day_of(one.received),
        len(one.goods),
        carats,
        value,
        "intact",
        f"im-{1 + draws.below(3)}",
    )
    return SyntheticCertificate(
        issue,
        ValidateCommand(number, day_of(validated), f"va-{1 + draws.below(3)}"),
        DispatchCommand(number, day_of(validated + 1)),
        receive,
        not one.sources,
        tuple((receipt.number, part) for receipt, part in one.sources),
    )
